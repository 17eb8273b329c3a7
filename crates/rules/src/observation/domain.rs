//! The `domains` table: what DNS says about one input domain (RFC 5321 5.1, RFC 8461 3.1, RFC 8460 3).

use serde::{Deserialize, Serialize};

use super::{Cname, DnsStatus, Dnssec, Micros, Zone};
use crate::failure::Failure;

crate::words! {
    /// What the MX look-up says about mail for the domain.
    MxStatus {
        /// MX records name at least one host.
        Present = "present",
        /// NODATA for MX, but an address: the domain itself is its MX (RFC 5321 5.1).
        Implicit = "implicit",
        /// Only `.`, whatever its preference: the domain takes no mail (RFC 7505).
        Null = "null",
        /// `.` beside others, which RFC 7505 3 forbids: the others count.
        NullMixed = "null-mixed",
        /// The domain exists and takes no mail: neither MX nor address.
        None = "none",
        /// The domain does not exist.
        Nxdomain = "nxdomain",
        /// The look-up failed.
        Error = "error",
        /// On the opt-out list: not looked at.
        OptedOut = "opted-out",
    }
}

/// One MX record as published.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Mx {
    /// Lower is tried first (RFC 5321 5.1).
    pub preference: u16,
    /// Host name, lower case, no trailing dot; `.` for the null MX; an IP literal stays one.
    pub host: String,
}

/// One row of `domains`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct DomainRow {
    pub domain: String,
    pub rank: Option<i64>,
    pub worker: String,
    pub observed_at: Micros,
    pub mx_status: MxStatus,
    pub mx_error: Option<Failure>,
    pub mx_dnssec: Option<Dnssec>,
    pub mx_ttl: Option<u32>,
    pub mx_cnames: Option<Vec<Cname>>,
    pub mx: Option<Vec<Mx>>,
    pub mx_truncated: bool,
    pub sts_txt_status: Option<DnsStatus>,
    pub sts_txt_error: Option<Failure>,
    pub sts_txt_dnssec: Option<Dnssec>,
    pub sts_txt_ttl: Option<u32>,
    pub sts_txt: Option<Vec<String>>,
    pub sts_txt_truncated: bool,
    pub sts_txt_cnames: Option<Vec<Cname>>,
    pub tlsrpt_status: Option<DnsStatus>,
    pub tlsrpt_error: Option<Failure>,
    pub tlsrpt_dnssec: Option<Dnssec>,
    pub tlsrpt_txt: Option<Vec<String>>,
    pub spf_status: Option<DnsStatus>,
    pub spf_error: Option<Failure>,
    pub spf_dnssec: Option<Dnssec>,
    pub spf_txt: Option<Vec<String>>,
    pub dmarc_status: Option<DnsStatus>,
    pub dmarc_error: Option<Failure>,
    pub dmarc_dnssec: Option<Dnssec>,
    pub dmarc_txt: Option<Vec<String>>,
    pub dmarc_org_status: Option<DnsStatus>,
    pub dmarc_org_error: Option<Failure>,
    pub dmarc_org_dnssec: Option<Dnssec>,
    pub dmarc_org_txt: Option<Vec<String>>,
    pub ns_zone: Option<String>,
    pub ns_status: Option<DnsStatus>,
    pub ns_error: Option<Failure>,
    pub ns_dnssec: Option<Dnssec>,
    pub ns: Option<Vec<String>>,
    pub ns_truncated: bool,
    pub zone_signed: Option<bool>,
    pub zone_ds: Option<bool>,
    pub dns_operator: Option<String>,
}

impl DomainRow {
    /// The row of a domain about which nothing was seen yet.
    pub fn unseen(domain: String, worker: String, observed_at: Micros) -> Self {
        Self {
            domain,
            worker,
            observed_at,
            mx_status: MxStatus::Error,
            rank: None,
            mx_error: None,
            mx_dnssec: None,
            mx_ttl: None,
            mx_cnames: None,
            mx: None,
            mx_truncated: false,
            sts_txt_status: None,
            sts_txt_error: None,
            sts_txt_dnssec: None,
            sts_txt_ttl: None,
            sts_txt: None,
            sts_txt_truncated: false,
            sts_txt_cnames: None,
            tlsrpt_status: None,
            tlsrpt_error: None,
            tlsrpt_dnssec: None,
            tlsrpt_txt: None,
            spf_status: None,
            spf_error: None,
            spf_dnssec: None,
            spf_txt: None,
            dmarc_status: None,
            dmarc_error: None,
            dmarc_dnssec: None,
            dmarc_txt: None,
            dmarc_org_status: None,
            dmarc_org_error: None,
            dmarc_org_dnssec: None,
            dmarc_org_txt: None,
            ns_zone: None,
            ns_status: None,
            ns_error: None,
            ns_dnssec: None,
            ns: None,
            ns_truncated: false,
            zone_signed: None,
            zone_ds: None,
            dns_operator: None,
        }
    }

    /// Writes down what was seen of its zone.
    pub fn set_zone(&mut self, zone: Zone) {
        let Zone { name, status, error, dnssec, ns, truncated, signed, ds, operator } = zone;
        (self.ns_zone, self.ns_status, self.ns_error, self.ns_dnssec) = (name, status, error, dnssec);
        (self.ns, self.ns_truncated, self.dns_operator) = (ns, truncated, operator);
        (self.zone_signed, self.zone_ds) = (signed, ds);
    }
}
