//! The columns of `mx_verdicts`.

use super::vocabulary::{DANE_HOST, FAILURE, MISMATCH_CAUSE, PKIX, RESULT_TYPE, STARTTLS, STS_HOST, VERIFIER};
use super::{Column, ColumnType, Table, flag, int32, int64, list, text, word};

/// What follows for one MX host of one domain.
pub static MX_VERDICTS: Table = Table {
    name: "mx_verdicts",
    judged: true,
    doc: "Judged: one row per domain and MX host, in the order of `verdicts`. A host listed twice has one row, at its lowest preference; an \
          implicit MX has one row: the domain itself, preference 0.",
    key: &["domain", "host"],
    observed_at: None,
    columns: COLUMNS,
};

static COLUMNS: &[Column] = &[
    text("domain", "The input domain."),
    text("host", "The MX host."),
    int32("preference", "Its lowest preference (RFC 5321 5.1)."),
    text("provider", "Registrable domain of the host.").or_null(),
    flag("inferred", "Rests on an endpoint that was not contacted but taken to be as a sampled one."),
    flag("reached", "An SMTP reply was read from at least one address."),
    flag("decided", "At least one address answered EHLO or HELO with 2xx."),
    word("starttls", &STARTTLS, "STARTTLS at the host, the worst decided address."),
    flag("sts_mx_match", "The host matches a pattern of the policy (RFC 8461 4.1); null where there is no policy.").or_null(),
    word("sts", &STS_HOST, "The host against the policy, over the decided addresses; null where there is no policy.").or_null(),
    word("pkix", &PKIX, "`valid` or the certificate word that decides, the worst decided address; null when no certificate was seen.").or_null(),
    list("pkix_failures", &ColumnType::Word(&FAILURE), "Every certificate word that applies; null when no certificate was seen.").or_null(),
    text("pkix_detail", "Why each of them applies: which certificate, and which extension, algorithm, constraint or date; null where none does.").or_null(),
    list("pkix_refused_by", &ColumnType::Word(&VERIFIER), "Verifiers in use that refuse the chain of some address though RFC 5280 allows it."),
    word("dane", &DANE_HOST, "The host against its TLSA records (RFC 7672 2.2, 3)."),
    word("dane_host", &DANE_HOST, "The same as if the MX RRset were secure."),
    text("tlsa_base", "The TLSA base domain that counts (RFC 7672 2.2.3).").or_null(),
    int64("tlsa_matched", "Index, from 0, of the matching record in the base domain's answer.").or_null(),
    flag("agility_changed", "Digest algorithm agility changed the answer (RFC 7671 9).").or_null(),
    word("tlsa_mismatch_cause", &MISMATCH_CAUSE, "Why no usable TLSA record matches.").or_null(),
    text("dane_detail", "Where a record names an anchor and the chain does not lead to it: why, as in `pkix_detail`.").or_null(),
    list("dane_refused_by", &ColumnType::Word(&VERIFIER), "Verifiers in use that refuse the anchor of a match (RFC 6698 8 leaves it to them)."),
    list("anchors", &ColumnType::Text, "Fingerprints of every trusted root that validates this host's chain, each enough on its own."),
    int32("days_left", "Days until its leaf expires, at the instant of the judgement; negative once it has.").or_null(),
    word("failure", &FAILURE, "What fails this host under the strictest mechanism in force: DANE where its TLSA is secure or the look-up failed, else a valid \
          policy of mode enforce or testing.").or_null(),
    word("result_type", &RESULT_TYPE, "The result type of that failure (RFC 8460 4.3).").or_null(),
];
