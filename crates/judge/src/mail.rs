//! What the MX look-up means: where mail for the domain goes (RFC 5321 5.1, RFC 7505).

use super::host::MxSecurity;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{Dnssec, DomainRow, MxStatus};

/// Where mail goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mail {
    /// To hosts: named by MX records, or the domain itself.
    Hosts,
    /// Nowhere: null MX, nothing that takes mail, or no such domain.
    None,
    /// The look-up is proven forged or broken.
    Bogus,
    /// The look-up failed without proof, or was not made.
    Unknown,
}

/// Reads the status of the MX look-up.
pub(crate) fn read(domain: &DomainRow) -> Mail {
    if domain.mx_dnssec == Some(Dnssec::Bogus) || domain.mx_error == Some(Failure::DnssecBogus) {
        return Mail::Bogus;
    }
    match domain.mx_status {
        MxStatus::Present | MxStatus::Implicit | MxStatus::NullMixed => Mail::Hosts,
        MxStatus::Null | MxStatus::None | MxStatus::Nxdomain => Mail::None,
        MxStatus::Error | MxStatus::OptedOut => Mail::Unknown,
    }
}

/// The hosts by preference and then by name, each once, at its lowest preference.
pub(crate) fn hosts(domain: &DomainRow) -> Vec<(u16, &str)> {
    if domain.mx_status == MxStatus::Implicit {
        // RFC 5321 §5.1: as if it had an MX of preference 0 that points to itself.
        return vec![(0, domain.domain.as_str())];
    }
    let mut hosts: Vec<(u16, &str)> = domain
        .mx
        .iter()
        .flatten()
        // RFC 7505 §3: `.` is no host; where it stands beside others, the others count.
        .filter(|mx| mx.host != "." && !mx.host.is_empty())
        .map(|mx| (mx.preference, mx.host.as_str()))
        .collect();
    hosts.sort_unstable();
    let mut seen = std::collections::HashSet::new();
    hosts.retain(|(_, host)| seen.insert(*host));
    hosts
}

/// Whether the MX RRset (or, for an implicit MX, its denial) is secure.
pub(crate) fn security(domain: &DomainRow) -> MxSecurity {
    match domain.mx_dnssec {
        Some(Dnssec::Secure) => MxSecurity::Secure,
        Some(Dnssec::Insecure | Dnssec::Bogus) => MxSecurity::NotSecure,
        Some(Dnssec::Indeterminate) | None => MxSecurity::Unknown,
    }
}

/// Whether the crawl ran with `--dnssec off`: an answer always has a state otherwise.
pub(crate) fn is_dnssec_off(domain: &DomainRow) -> bool {
    read(domain) == Mail::Hosts && domain.mx_dnssec.is_none()
}
