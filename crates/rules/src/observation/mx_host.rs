//! The `mx_hosts` table: addresses, aliases and TLSA records of one MX host (RFC 7672 2.2).

use serde::{Deserialize, Serialize};

use super::{Cname, DnsStatus, Dnssec, Micros, Zone};
use crate::failure::Failure;

crate::words! {
    /// Whether the MX host names something that can be contacted.
    HostStatus {
        /// It has at least one address.
        Ok = "ok",
        /// An IP address stands in the MX record (RFC 1035 3.3.9 wants a name).
        AddressLiteral = "address-literal",
        /// Not a host name.
        InvalidName = "invalid-name",
        /// The name does not exist.
        Nxdomain = "nxdomain",
        /// The name has neither A nor AAAA.
        NoAddress = "no-address",
        /// No address came and at least one look-up failed.
        Error = "error",
        /// On the opt-out list: not looked at.
        OptedOut = "opted-out",
    }
}

/// A TLSA record (RFC 6698 2.1), numbers as published, data in lower-case hex.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct TlsaRecord {
    /// Certificate usage (RFC 6698 2.1.1).
    pub usage: u8,
    /// Selector (RFC 6698 2.1.2).
    pub selector: u8,
    /// Matching type (RFC 6698 2.1.3).
    pub matching: u8,
    /// Certificate association data (RFC 6698 2.1.4), lower-case hex.
    pub data: String,
}

/// One TLSA question and its answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TlsaLookup {
    /// The owner name asked: `_25._tcp.` and a candidate base domain.
    pub name: String,
    /// What came of it.
    pub status: DnsStatus,
    /// Why there is no answer.
    pub error: Option<Failure>,
    /// State of the answer or of the denial.
    pub dnssec: Option<Dnssec>,
    /// Time to live of the RRset, seconds.
    pub ttl: Option<u32>,
    /// The records, in the order of the answer.
    pub records: Vec<TlsaRecord>,
}

/// One row of `mx_hosts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct MxHostRow {
    pub host: String,
    pub worker: String,
    pub observed_at: Micros,
    pub host_status: HostStatus,
    pub cnames: Option<Vec<Cname>>,
    pub a_status: Option<DnsStatus>,
    pub a_error: Option<Failure>,
    pub a_dnssec: Option<Dnssec>,
    pub a_ttl: Option<u32>,
    pub aaaa_status: Option<DnsStatus>,
    pub aaaa_error: Option<Failure>,
    pub aaaa_dnssec: Option<Dnssec>,
    pub aaaa_ttl: Option<u32>,
    pub addresses: Option<Vec<String>>,
    pub addresses_truncated: bool,
    pub tlsa_lookups: Option<Vec<TlsaLookup>>,
    pub tlsa_truncated: bool,
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

impl MxHostRow {
    /// The row of an MX host about which nothing was seen yet.
    pub fn unseen(host: String, worker: String, observed_at: Micros) -> Self {
        Self {
            host,
            worker,
            observed_at,
            host_status: HostStatus::Error,
            cnames: None,
            a_status: None,
            a_error: None,
            a_dnssec: None,
            a_ttl: None,
            aaaa_status: None,
            aaaa_error: None,
            aaaa_dnssec: None,
            aaaa_ttl: None,
            addresses: None,
            addresses_truncated: false,
            tlsa_lookups: None,
            tlsa_truncated: false,
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
