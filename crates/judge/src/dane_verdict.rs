//! Whether DANE holds for a domain (RFC 7672 2.2): the first rule that fits.

use super::host::{HostView, MxSecurity};
use super::mail::Mail;
use super::rows::{DaneHost, DaneInsecureCause, DaneVerdict};
use super::rules::{self, Ruled};
use mxcensus_rules::dane::base_domain::TlsaState;

/// The verdict over the given hosts: all of a domain, or the most preferred ones. The cause stands beside `insecure`.
pub(crate) fn dane_verdict(
    mail: Mail,
    dnssec_off: bool,
    security: MxSecurity,
    hosts: &[&HostView<'_>],
) -> (Ruled<DaneVerdict>, Option<DaneInsecureCause>) {
    let plain = |word, rule| (Ruled::new(word, rule), None);
    // (1)
    match mail {
        Mail::None => return plain(DaneVerdict::NoMail, &rules::NO_MAIL),
        Mail::Bogus => return plain(DaneVerdict::LookupFailed, &rules::MX_BOGUS),
        Mail::Unknown => return plain(DaneVerdict::Indeterminate, &rules::MX_LOOKUP_FAILED),
        Mail::Hosts if dnssec_off => return plain(DaneVerdict::Indeterminate, &rules::DNSSEC_OFF),
        Mail::Hosts if hosts.is_empty() => return plain(DaneVerdict::Indeterminate, &rules::DANE_UNKNOWN),
        Mail::Hosts => {}
    }
    let words: Vec<DaneHost> = hosts.iter().map(|host| host.dane(security).word).collect();
    let any = |wanted: &[DaneHost]| words.iter().any(|word| wanted.contains(word));
    let all = |wanted: &[DaneHost]| words.iter().all(|word| wanted.contains(word));
    // (2)
    if all(&[DaneHost::None]) {
        return plain(DaneVerdict::None, &rules::DANE_ALL_NONE);
    }
    // (3)
    if all(&[DaneHost::None, DaneHost::Insecure]) {
        let cause = insecure_cause(security, hosts);
        return (Ruled::new(DaneVerdict::Insecure, &rules::DANE_ALL_INSECURE), Some(cause));
    }
    // (4)
    if any(&[DaneHost::Match, DaneHost::Partial]) {
        let holds = hosts.iter().zip(&words).all(|(host, word)| match word {
            DaneHost::Match => true,
            DaneHost::Unknown => host.has_usable_tlsa(),
            _ => false,
        });
        return if holds {
            plain(DaneVerdict::Pass, &rules::DANE_ALL_MATCH)
        } else {
            plain(DaneVerdict::Partial, &rules::DANE_SOME_MATCH)
        };
    }
    // (5)
    if any(&[DaneHost::Mismatch, DaneHost::NoTls]) {
        return plain(DaneVerdict::Fail, &rules::DANE_FAILS);
    }
    // (6)
    if any(&[DaneHost::LookupFailed]) {
        return plain(DaneVerdict::LookupFailed, &rules::DANE_LOOKUP_FAILED);
    }
    // (7)
    if any(&[DaneHost::Unusable]) {
        return plain(DaneVerdict::Unusable, &rules::DANE_ALL_UNUSABLE);
    }
    // (8)
    plain(DaneVerdict::Indeterminate, &rules::DANE_UNKNOWN)
}

/// The first that applies of MX, address, TLSA, over all hosts.
fn insecure_cause(security: MxSecurity, hosts: &[&HostView<'_>]) -> DaneInsecureCause {
    if security == MxSecurity::NotSecure {
        return DaneInsecureCause::Mx;
    }
    let causes = hosts.iter().filter_map(|host| match host.facts.tlsa.state.word {
        TlsaState::Insecure(cause) => Some(cause),
        _ => None,
    });
    causes.min().unwrap_or(DaneInsecureCause::Tlsa)
}
