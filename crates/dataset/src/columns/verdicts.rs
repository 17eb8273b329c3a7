//! The columns of `verdicts`.

use super::vocabulary::{
    CONFLICT, DANE_INSECURE_CAUSE, DANE_VERDICT, DNSSEC, FAILURE, MX_STATUS, OUTCOME, PROTECTION, RESULT_TYPE,
    STS_FAILURE_STAGE, STS_MODE, STS_POLICY, STS_RECORD, STS_VERDICT, TLSRPT,
};
use super::{Column, ColumnType, Table, flag, int64, list, text, word};

/// What follows for one input domain.
pub static VERDICTS: Table = Table {
    name: "verdicts",
    judged: true,
    doc: "Judged: one row per input domain, in the input's order. `nxdomain`, `null` and `none` give `no-mail` in every verdict, outcome and \
          protection; an MX look-up that failed without proof gives `indeterminate` in all of them.",
    key: &["domain"],
    observed_at: None,
    columns: COLUMNS,
};

static COLUMNS: &[Column] = &[
    text("domain", "The input domain."),
    int64("rank", "Rank in the input list, where the list has ranks.").or_null(),
    text("suffix", "Public suffix of the domain, private section included.").or_null(),
    text("provider", "Registrable domain of the most preferred MX host; of the domain itself for an implicit MX.")
        .or_null(),
    word("mx_status", &MX_STATUS, "As in `domains`."),
    word("mx_dnssec", &DNSSEC, "As in `domains`.").or_null(),
    int64("mx_count", "Distinct MX hosts; 0 for `implicit`, `null` and `none`."),
    flag("inferred", "Rests on an endpoint that was not contacted but taken to be as a sampled one."),
    word("sts_record", &STS_RECORD, "What the TXT records at `_mta-sts` amount to (RFC 8461 3.1)."),
    text("sts_id", "The id of the record that counts (RFC 8461 3.1).").or_null(),
    list("sts_record_defects", &ColumnType::Word(&FAILURE), "Every defect of the record; the first decides."),
    word("sts_record_lenient", &STS_RECORD, "`sts_record` as a tolerant reader has it."),
    word("sts_policy", &STS_POLICY, "What the policy fetch amounts to (RFC 8461 3.2, 3.3)."),
    word("sts_mode", &STS_MODE, "The policy's mode (RFC 8461 3.2).").or_null(),
    int64("sts_max_age", "The policy's max_age, seconds (RFC 8461 3.2).").or_null(),
    list("sts_mx_patterns", &ColumnType::Text, "The policy's mx patterns, in its order (RFC 8461 3.2).").or_null(),
    list("sts_policy_defects", &ColumnType::Word(&FAILURE), "Every defect of the policy; the first decides."),
    list("sts_warnings", &ColumnType::Word(&FAILURE), "What is wrong with record or policy without deciding anything."),
    word("sts_policy_lenient", &STS_POLICY, "`sts_policy` as a tolerant reader has it."),
    word("sts_verdict", &STS_VERDICT, "Whether MTA-STS holds over every MX host (RFC 8461 4, 5)."),
    word("sts_failure_stage", &STS_FAILURE_STAGE, "Where the first reason lies why the verdict is not `pass`.")
        .or_null(),
    word("sts_failure", &FAILURE, "The first reason why the verdict is not `pass`.").or_null(),
    word("dane_verdict", &DANE_VERDICT, "Whether DANE holds over every MX host (RFC 7672)."),
    word("dane_insecure_cause", &DANE_INSECURE_CAUSE, "For `insecure`: what lacks DNSSEC.").or_null(),
    word("sts_verdict_primary", &STS_VERDICT, "`sts_verdict` over the most preferred MX hosts alone."),
    word("dane_verdict_primary", &DANE_VERDICT, "`dane_verdict` over the most preferred MX hosts alone."),
    word("conflict", &CONFLICT, "DANE and MTA-STS (mode enforce or testing) contradicting each other."),
    word("outcome_opportunistic", &OUTCOME, "What a sender that verifies nothing would do (RFC 7435)."),
    word("outcome_mta_sts", &OUTCOME, "What a sender with MTA-STS alone would do, at first contact."),
    word(
        "outcome_dane",
        &OUTCOME,
        "What a sender with DANE alone would do, an insecure MX RRset meaning no DANE (RFC 7672 2.2.1).",
    ),
    word(
        "outcome_dane_insecure_mx",
        &OUTCOME,
        "The same for a sender that applies DANE even below an insecure MX RRset (RFC 7672 2.2.1, MAY), as Postfix does by default.",
    ),
    word(
        "outcome_both",
        &OUTCOME,
        "What a sender with both would do: MTA-STS must not override a failing DANE (RFC 8461 2).",
    ),
    word(
        "protection_mta_sts",
        &PROTECTION,
        "What MTA-STS protects from an attacker on the path who forges unsigned DNS and strips STARTTLS.",
    ),
    word("protection_dane", &PROTECTION, "The same for DANE: every MX host must have usable secure TLSA."),
    word("protection_both", &PROTECTION, "The better of the two."),
    text(
        "policy_pkix_detail",
        "Why the policy host's chain does not hold, as in `pkix_detail`; null where it does or none was seen.",
    )
    .or_null(),
    list(
        "policy_anchors",
        &ColumnType::Text,
        "Fingerprints of every trusted root that validates the policy host's chain, each enough on its own.",
    ),
    list("mx_anchors", &ColumnType::Text, "The same for the MX hosts: the union over the valid ones."),
    word("tlsrpt", &TLSRPT, "What the TXT records at `_smtp._tls` amount to (RFC 8460 3)."),
    list("tlsrpt_rua", &ColumnType::Text, "Where reports are wanted, as published (RFC 8460 3)."),
    list(
        "result_types",
        &ColumnType::Word(&RESULT_TYPE),
        "The result types that the domain would be reported with (RFC 8460 4.3).",
    ),
];
