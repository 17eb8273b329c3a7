//! The columns of `mx_hosts`.

use super::vocabulary::{DNS_STATUS, DNSSEC, FAILURE, HOST_STATUS};
use super::{CNAME, Column, ColumnType, TLSA_LOOKUP, Table, flag, instant, int64, list, text, word};

/// Addresses, aliases and TLSA records of one MX host.
pub static MX_HOSTS: Table = Table {
    name: "mx_hosts",
    judged: false,
    doc: "Observed: one row per distinct MX host name (the domain itself for an implicit MX), with its addresses, aliases and TLSA records \
          (RFC 7672 2.2).",
    key: &["host"],
    observed_at: Some("observed_at"),
    columns: COLUMNS,
};

static COLUMNS: &[Column] = &[
    text("host", "The name as it stands in the MX record, lower case, no trailing dot."),
    text("worker", "Which of the manifest's workers made the row."),
    instant("observed_at", "When the first look-up for this host began."),
    word("host_status", &HOST_STATUS, "Whether the name names something that can be contacted."),
    list("cnames", &CNAME, "The expansion of the name, hop by hop, each with its own DNSSEC state (RFC 7672 2.2.2).").or_null(),
    word("a_status", &DNS_STATUS, "Result of the A question.").or_null(),
    word("a_error", &FAILURE, "Why the A question has no answer.").or_null(),
    word("a_dnssec", &DNSSEC, "DNSSEC state of the A answer or denial.").or_null(),
    int64("a_ttl", "Time to live of the A RRset, seconds.").or_null(),
    word("aaaa_status", &DNS_STATUS, "Result of the AAAA question.").or_null(),
    word("aaaa_error", &FAILURE, "Why the AAAA question has no answer.").or_null(),
    word("aaaa_dnssec", &DNSSEC, "DNSSEC state of the AAAA answer or denial.").or_null(),
    int64("aaaa_ttl", "Time to live of the AAAA RRset, seconds.").or_null(),
    list("addresses", &ColumnType::Text, "The addresses, both families.").or_null(),
    flag("addresses_truncated", "There were more addresses than are kept."),
    list("tlsa_lookups", &TLSA_LOOKUP, "Every TLSA name asked, in order. Asked for every host with an address, secure or not; senders are spared the question where \
          the address is insecure (RFC 7672 2.2.2), a survey wants the answer.").or_null(),
    flag("tlsa_truncated", "There were more TLSA records than are kept."),
    text("ns_zone", "The apex of the zone that holds the host name: its NS records are those below. Null where the zone cut was not found.").or_null(),
    word("ns_status", &DNS_STATUS, "Result of the question for NS records at that apex; without one, of the last question on the way to it. Null: not asked, as where it has no address.").or_null(),
    word("ns_error", &FAILURE, "Why that question has no answer.").or_null(),
    word("ns_dnssec", &DNSSEC, "DNSSEC state of that answer or denial.").or_null(),
    list("ns", &ColumnType::Text, "The name servers of the zone, sorted, each once (RFC 1035 3.3.11).").or_null(),
    flag("ns_truncated", "There were more name servers than are kept."),
    flag("zone_signed", "Whether a signature came with the NS records: beside an `insecure` state, a zone that is signed and that no chain of trust leads to. Null unless the scan validates, for only then signatures are asked for.").or_null(),
    flag("zone_ds", "Whether the parent has a DS for the zone (RFC 4034 5): true where the state is secure, asked for where the zone is signed and the state is another. Null: not known.").or_null(),
    text("dns_operator", "Who runs the name servers: the registrable domain of most of them, by the name that the table of DNS operators has for it; of several with equally many, the first by name.").or_null(),
];
