//! The columns of `domains`.

use super::vocabulary::{DNS_STATUS, DNSSEC, FAILURE, MX_STATUS};
use super::{CNAME, Column, ColumnType, Table, flag, instant, int32, int64, list, text, word};

/// What DNS says about one input domain.
pub static DOMAINS: Table = Table {
    name: "domains",
    judged: false,
    doc: "Observed: one row per distinct input domain, with what DNS says about its mail (RFC 5321 5.1), its MTA-STS and TLSRPT records \
          (RFC 8461 3.1, RFC 8460 3), its SPF and its DMARC record.",
    key: &["domain"],
    observed_at: Some("observed_at"),
    columns: COLUMNS,
};

static MX: ColumnType = ColumnType::Struct(&[
    int32("preference", "Lower is tried first (RFC 5321 5.1)."),
    text("host", "Host name as published, lower case, no trailing dot; `.` for the null MX; an IP literal stays one."),
]);

static COLUMNS: &[Column] = &[
    text("domain", "The domain as an A-label, lower case, no trailing dot (UTS 46)."),
    int64("rank", "Rank in the input list, where the list has ranks.").or_null(),
    text("worker", "Which of the manifest's workers made the row."),
    instant("observed_at", "When the first look-up for this domain began."),
    word("mx_status", &MX_STATUS, "What the MX look-up says about mail for the domain (RFC 5321 5.1, RFC 7505)."),
    word("mx_error", &FAILURE, "Why the MX look-up (or the address look-up that decides an implicit MX) failed.").or_null(),
    word("mx_dnssec", &DNSSEC, "DNSSEC state of the MX answer or of its denial.").or_null(),
    int64("mx_ttl", "Time to live of the MX RRset, seconds.").or_null(),
    list("mx_cnames", &CNAME, "Aliases on the way to the MX RRset, in order.").or_null(),
    list("mx", &MX, "The MX records, lowest preference first, then by name. After a bogus answer: what came with checking disabled, for information.").or_null(),
    flag("mx_truncated", "There were more MX records than are kept."),
    word("sts_txt_status", &DNS_STATUS, "Result of the TXT question at `_mta-sts.DOMAIN` (RFC 8461 3.1).").or_null(),
    word("sts_txt_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("sts_txt_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    int64("sts_txt_ttl", "Time to live of that RRset, seconds.").or_null(),
    list("sts_txt", &ColumnType::Text, "Every TXT record there, each one's strings joined (RFC 8461 3.1), in the order of the answer.").or_null(),
    flag("sts_txt_truncated", "There were more records, or longer ones, than are kept."),
    list("sts_txt_cnames", &CNAME, "Aliases on the way to that RRset, in order.").or_null(),
    word("tlsrpt_status", &DNS_STATUS, "Result of the TXT question at `_smtp._tls.DOMAIN` (RFC 8460 3).").or_null(),
    word("tlsrpt_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("tlsrpt_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("tlsrpt_txt", &ColumnType::Text, "Every TXT record there, each one's strings joined.").or_null(),
    word("spf_status", &DNS_STATUS, "Result of the TXT question at the domain itself (RFC 7208 3.1).").or_null(),
    word("spf_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("spf_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("spf_txt", &ColumnType::Text, "The TXT records there that begin with `v=spf1`, each one's strings joined (RFC 7208 4.5).").or_null(),
    word("dmarc_status", &DNS_STATUS, "Result of the TXT question at `_dmarc.DOMAIN` (RFC 7489 6.1).").or_null(),
    word("dmarc_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("dmarc_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("dmarc_txt", &ColumnType::Text, "Every TXT record there, each one's strings joined.").or_null(),
    word("dmarc_org_status", &DNS_STATUS, "Result of the TXT question at `_dmarc` of the organisational domain, where that differs from the domain (RFC 7489 3.2).").or_null(),
    word("dmarc_org_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("dmarc_org_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("dmarc_org_txt", &ColumnType::Text, "Every TXT record there, each one's strings joined.").or_null(),
    text("ns_zone", "The apex of the zone that holds the domain: its NS records are those below. Null where the zone cut was not found.").or_null(),
    word("ns_status", &DNS_STATUS, "Result of the question for NS records at that apex; without one, of the last question on the way to it. Null: not asked, as where the domain does not exist or its MX look-up failed without an answer.").or_null(),
    word("ns_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("ns_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("ns", &ColumnType::Text, "The name servers of the zone, sorted, each once (RFC 1035 3.3.11).").or_null(),
    flag("ns_truncated", "There were more name servers than are kept."),
    flag("zone_signed", "Whether a signature came with the NS records: beside an `insecure` state, a zone that is signed and that no chain of trust leads to. Null unless the scan validates, for only then signatures are asked for.").or_null(),
    flag("zone_ds", "Whether the parent has a DS for the zone (RFC 4034 5): true where the state is secure, asked for where the zone is signed and the state is another. Null: not known.").or_null(),
    text("dns_operator", "Who runs the name servers: the registrable domain of most of them, by the name that the table of DNS operators has for it; of several with equally many, the first by name.").or_null(),
];
