//! The columns of `store_verdicts`: what `mxcensus judge --stores` adds.

use super::vocabulary::{
    FAILURE, MX_TRUSTED, OUTCOME, PROTECTION, STS_FAILURE_STAGE, STS_MODE, STS_POLICY, STS_VERDICT,
};
use super::{Column, ColumnType, Table, flag, list, text, word};

/// What follows for one input domain under one trust store.
pub static STORE_VERDICTS: Table = Table {
    name: "store_verdicts",
    judged: true,
    doc: "Judged: one row per input domain and trust store, in the input's order, then by the store's name. Only where `mxcensus judge \
          --stores` compared trust stores; their roots are in `stores/`. What no store has a say in (DANE, opportunistic TLS) stands in \
          `verdicts` alone.",
    key: &["domain", "store"],
    observed_at: None,
    columns: COLUMNS,
};

static ANCHORS: ColumnType = ColumnType::List(&ColumnType::Text);

static COLUMNS: &[Column] = &[
    text("domain", "The input domain."),
    text("store", "The trust store: the name of its file in `stores/`."),
    flag(
        "policy_trusted",
        "The certificate of the policy host is valid under the store, name and dates included; null where none was seen or it cannot be told.",
    )
    .or_null(),
    word(
        "mx_trusted",
        &MX_TRUSTED,
        "The same of the MX hosts that showed a certificate; null where none did or none can be told.",
    )
    .or_null(),
    word("sts_policy", &STS_POLICY, "As in `verdicts`, under the store."),
    word("sts_mode", &STS_MODE, "As in `verdicts`, under the store.").or_null(),
    word("sts_verdict", &STS_VERDICT, "As in `verdicts`, under the store."),
    word("sts_failure_stage", &STS_FAILURE_STAGE, "As in `verdicts`, under the store.").or_null(),
    word("sts_failure", &FAILURE, "As in `verdicts`, under the store.").or_null(),
    word("outcome_mta_sts", &OUTCOME, "As in `verdicts`, under the store."),
    word("outcome_both", &OUTCOME, "As in `verdicts`, under the store."),
    word("protection_mta_sts", &PROTECTION, "As in `verdicts`, under the store."),
    word("protection_both", &PROTECTION, "As in `verdicts`, under the store."),
    list("policy_anchors", &ColumnType::Text, "As in `verdicts`: roots of the store alone."),
    list(
        "sts_mx_anchors",
        &ANCHORS,
        "For each MX host that satisfies the policy in force, fingerprints of every root of the store that validates its chain, each enough \
         on its own; equal lists once. Empty where no host does or no policy is in force.",
    ),
];
