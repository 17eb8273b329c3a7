//! The TLSA base domain of an MX host, and what its TLSA look-ups amount to (RFC 7672 2.2.2, 2.2.3).
//!
//! Pure on one [`MxHostRow`]. Start from [`choose`]. Whether the MX RRset is secure, and whether the peer matches, is for
//! others to say.

use std::sync::Arc;

use super::words::DaneInsecureCause;
use super::{base_domain_rules as rules, usable};
use crate::failure::{Failure, Family};
use crate::observation::{Cname, DnsStatus, Dnssec, HostStatus, MxHostRow, TlsaLookup, TlsaRecord};
use crate::rule::{Rule, Ruled};

/// What a DANE sender finds before it connects, as if the MX RRset were secure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsaState {
    /// Denied, or no address to connect to: no DANE for this host.
    None,
    /// TLSA records, but the address or the TLSA RRset itself is not secure.
    Insecure(DaneInsecureCause),
    /// Failed in a way that forbids delivery; the word says whether addresses or TLSA did.
    LookupFailed(Failure),
    /// Could not be found out.
    Unknown,
    /// A secure TLSA RRset with no record that a client may use.
    Unusable,
    /// A secure TLSA RRset with something to match.
    Usable,
}

/// The base domain that counts, and its records.
#[derive(Clone, Debug)]
pub struct TlsaChoice {
    /// What the look-ups amount to, and by which rule.
    pub state: Ruled<TlsaState>,
    secure: Option<Box<SecureTlsa>>,
}

/// A secure TLSA RRset. Few hosts have one.
#[derive(Clone, Debug)]
struct SecureTlsa {
    base: Box<str>,
    records: Arc<[TlsaRecord]>,
}

impl TlsaChoice {
    /// No secure TLSA RRset, for the reason given.
    pub fn without_records(state: TlsaState, rule: &'static Rule) -> Self {
        Self { state: Ruled::new(state, rule), secure: None }
    }

    /// The TLSA base domain; only where a secure TLSA RRset sits there.
    pub fn base(&self) -> Option<&str> {
        self.secure.as_ref().map(|secure| &*secure.base)
    }

    /// The records at [`Self::base`], in the order of the answer.
    pub fn records(&self) -> Arc<[TlsaRecord]> {
        self.secure.as_ref().map(|secure| secure.records.clone()).unwrap_or_default()
    }
}

/// The owner name of a base domain's TLSA records: always port 25, whatever port a lab uses (RFC 7672 2.2.3).
pub fn owner_name(base: &str) -> String {
    format!("_25._tcp.{base}")
}

/// The server name that DANE needs beside the host's own: the base domain, where usable secure TLSA records sit at
/// another name (RFC 7672 8.1). A second endpoint row is observed under it.
pub fn other_server_name(row: &MxHostRow) -> Option<String> {
    let choice = choose(row);
    let base = choice.base().filter(|_| choice.state.word == TlsaState::Usable)?;
    (*base != *row.host).then(|| base.to_owned())
}

/// Chooses the base domain from what was looked up for a host.
pub fn choose(row: &MxHostRow) -> TlsaChoice {
    match row.host_status {
        // Nothing to connect to: nothing that DANE could say.
        HostStatus::AddressLiteral | HostStatus::InvalidName | HostStatus::Nxdomain | HostStatus::NoAddress => {
            TlsaChoice::without_records(TlsaState::None, &rules::TLSA_NO_ADDRESS)
        }
        HostStatus::OptedOut => TlsaChoice::without_records(TlsaState::Unknown, &rules::TLSA_NOT_ASKED),
        HostStatus::Error if address_is_bogus(row) => {
            TlsaChoice::without_records(TlsaState::LookupFailed(Failure::DnssecBogus), &rules::TLSA_ADDRESS_BOGUS)
        }
        HostStatus::Error => TlsaChoice::without_records(TlsaState::Unknown, &rules::TLSA_ADDRESS_FAILED),
        HostStatus::Ok => choose_among_candidates(row),
    }
}

/// Whether an address look-up failed by proof (RFC 7672 2.2.2: then the host is not used).
fn address_is_bogus(row: &MxHostRow) -> bool {
    [row.a_dnssec, row.aaaa_dnssec].contains(&Some(Dnssec::Bogus))
        || [row.a_error, row.aaaa_error].contains(&Some(Failure::DnssecBogus))
}

/// Whether DANE applies at the candidate names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Security {
    Secure,
    Insecure,
    Unknown,
}

fn choose_among_candidates(row: &MxHostRow) -> TlsaChoice {
    let (candidates, security) = candidates(row);
    let mut insecure = false;
    for candidate in candidates {
        match at_candidate(row, candidate, security) {
            At::Nothing(rule) if security == Security::Insecure => {
                return TlsaChoice::without_records(TlsaState::None, rule);
            }
            At::Nothing(_) => {}
            At::InsecureRecords => insecure = true,
            At::SecureRecords(lookup) => return secure(candidate, lookup),
            At::Decided(state, rule) => return TlsaChoice::without_records(state, rule),
        }
    }
    if insecure {
        TlsaChoice::without_records(TlsaState::Insecure(DaneInsecureCause::Tlsa), &rules::TLSA_INSECURE)
    } else {
        TlsaChoice::without_records(TlsaState::None, &rules::TLSA_DENIED)
    }
}

/// The candidate base domains in order, and whether DANE applies there.
fn candidates(row: &MxHostRow) -> (Vec<&str>, Security) {
    let whole = address_security(row);
    let cnames = row.cnames.as_deref().unwrap_or_default();
    let Some((first, last)) = cnames.first().zip(cnames.last()) else {
        return (vec![&row.host], whole);
    };
    // A validator that judges an answer as a whole says "secure" only when every hop is: a hop without a state of its
    // own then shares it.
    let hop = |cname: &Cname| match (cname.dnssec, whole) {
        (Some(Dnssec::Secure), _) | (None, Security::Secure) => Security::Secure,
        (Some(Dnssec::Insecure), _) => Security::Insecure,
        _ => Security::Unknown,
    };
    if whole == Security::Secure && cnames.iter().all(|cname| hop(cname) == Security::Secure) {
        // RFC 7672 §2.2.3: the fully expanded name first, then the original.
        return (vec![&last.target, &row.host], Security::Secure);
    }
    // RFC 7672 §2.2.2: not secure as a whole; a secure CNAME at the original name keeps DANE there.
    (vec![&row.host], hop(first))
}

/// The state of the address RRsets that were found. Where A and AAAA differ, one that is insecure is enough for an
/// attacker to choose the address, so DANE does not apply (RFC 7672 2.2.2 does not speak of the mixture).
fn address_security(row: &MxHostRow) -> Security {
    let found = [(row.a_status, row.a_dnssec), (row.aaaa_status, row.aaaa_dnssec)]
        .into_iter()
        .filter(|(status, _)| *status == Some(DnsStatus::Found))
        .map(|(_, dnssec)| dnssec);
    let mut security = None;
    for dnssec in found {
        match dnssec {
            Some(Dnssec::Insecure) => return Security::Insecure,
            Some(Dnssec::Secure) => security = security.or(Some(Security::Secure)),
            _ => security = Some(Security::Unknown),
        }
    }
    security.unwrap_or(Security::Unknown)
}

/// What one candidate name gives.
enum At<'r> {
    /// No TLSA RRset: on to the next candidate.
    Nothing(&'static Rule),
    /// A TLSA RRset that is not secure: on to the next candidate, but remembered.
    InsecureRecords,
    /// The base domain.
    SecureRecords(&'r TlsaLookup),
    /// The search ends here.
    Decided(TlsaState, &'static Rule),
}

fn at_candidate<'r>(row: &'r MxHostRow, candidate: &str, security: Security) -> At<'r> {
    let owner = owner_name(candidate);
    let Some(lookup) = row.tlsa_lookups.iter().flatten().find(|lookup| lookup.name == owner) else {
        return match security {
            // RFC 7672 §2.2.2 spares senders the question under an insecure address.
            Security::Insecure => At::Nothing(&rules::TLSA_FAILED_UNDER_INSECURE_ADDRESS),
            _ => At::Decided(TlsaState::Unknown, &rules::TLSA_NOT_ASKED),
        };
    };
    let denied = matches!(lookup.status, DnsStatus::Nodata | DnsStatus::Nxdomain);
    match (security, lookup.status, lookup.dnssec) {
        // RFC 7672 §2.2.2: broken TLSA servers under an unsigned zone are common and must not stop mail.
        (Security::Insecure, DnsStatus::Error, _) => At::Nothing(&rules::TLSA_FAILED_UNDER_INSECURE_ADDRESS),
        (Security::Insecure, DnsStatus::Found, _) => {
            At::Decided(TlsaState::Insecure(DaneInsecureCause::Address), &rules::TLSA_ADDRESS_INSECURE)
        }
        (Security::Insecure, ..) => At::Nothing(&rules::TLSA_DENIED),
        // RFC 7672 §2.1.1: "bogus" is a failed look-up, whatever came with it.
        (_, _, Some(Dnssec::Bogus)) => {
            At::Decided(TlsaState::LookupFailed(Failure::TlsaLookupFailed), &rules::TLSA_BOGUS)
        }
        (_, DnsStatus::Error, _) => failed(lookup.error, security),
        // With DNSSEC off a denial has no state, and is one all the same.
        (_, _, Some(Dnssec::Secure | Dnssec::Insecure)) if denied => At::Nothing(&rules::TLSA_DENIED),
        (Security::Unknown, _, None) if denied => At::Nothing(&rules::TLSA_DENIED),
        (Security::Secure, _, Some(Dnssec::Secure)) => At::SecureRecords(lookup),
        (Security::Secure, _, Some(Dnssec::Insecure)) => At::InsecureRecords,
        // Insecure TLSA records are no DANE, whatever the address would have turned out to be.
        (Security::Unknown, _, Some(Dnssec::Insecure)) => At::InsecureRecords,
        _ => At::Decided(TlsaState::Unknown, &rules::TLSA_INDETERMINATE),
    }
}

/// A failed look-up at a name where DANE applies, or may apply.
///
/// RFC 7672 §2.1.2: when a query for TLSA records fails for a server that was securely identified, whether by a bogus or
/// indeterminate answer, a time-out, a malformed reply or SERVFAIL, a sender treats that server as unreachable. That the
/// address is secure says two things here: the server is securely identified, and the resolver answered about this very
/// host in the same row, so that its silence about the TLSA records is not a lack of ours.
fn failed<'r>(error: Option<Failure>, security: Security) -> At<'r> {
    let forbids = |rule| At::Decided(TlsaState::LookupFailed(Failure::TlsaLookupFailed), rule);
    match (error, security) {
        (Some(error), _) if error.family() == Family::Own => At::Decided(TlsaState::Unknown, &rules::TLSA_NOT_ASKED),
        (Some(Failure::DnssecBogus), _) => forbids(&rules::TLSA_BOGUS),
        // RFC 1035 §2.3.4: the owner name would be longer than a name can be, so nothing stands there.
        (Some(Failure::InvalidName), _) => At::Nothing(&rules::TLSA_DENIED),
        (Some(Failure::Servfail), Security::Secure) => forbids(&rules::TLSA_SERVFAIL_SIGNED),
        (Some(Failure::Refused | Failure::DnsTimeout), Security::Secure) => forbids(&rules::TLSA_NO_ANSWER_SIGNED),
        _ => At::Decided(TlsaState::Unknown, &rules::TLSA_FAILED_UNPROVEN),
    }
}

fn secure(base: &str, lookup: &TlsaLookup) -> TlsaChoice {
    let state = if lookup.records.iter().any(usable::is_usable) {
        Ruled::new(TlsaState::Usable, &rules::TLSA_USABLE)
    } else {
        // RFC 7672 §2.2: TLS is required, and nothing can be authenticated.
        Ruled::new(TlsaState::Unusable, &rules::TLSA_UNUSABLE)
    };
    let secure = SecureTlsa { base: base.into(), records: lookup.records.as_slice().into() };
    TlsaChoice { state, secure: Some(Box::new(secure)) }
}
