//! Protection against an attacker on the path who forges unsigned DNS and strips STARTTLS: what such an attacker can
//! obtain, not whether mail flows (RFC 8461 10, RFC 7672 1.3).

use super::host::{HostView, MxSecurity};
use super::mail::Mail;
use super::record_and_policy::StsView;
use super::rows::{Protection, StsPolicy, StsRecord};
use super::rules::{self, Ruled};
use mxcensus_rules::dane::base_domain::TlsaState;

/// The protection that MTA-STS gives.
pub(crate) fn by_mta_sts(mail: Mail, sts: &StsView) -> Ruled<Protection> {
    if let Some(decided) = without_hosts(mail) {
        return decided;
    }
    if matches!(sts.deciding_record, StsRecord::Error | StsRecord::Unknown)
        || (sts.deciding_record == StsRecord::Valid && sts.deciding_policy == StsPolicy::Unknown)
    {
        return Ruled::new(Protection::Indeterminate, &rules::PROTECTION_STS_UNKNOWN);
    }
    match sts.enforced() {
        // RFC 8461 §10.2: the first fetch trusts the network; max_age 0 makes every fetch the first.
        Some(policy) if policy.max_age_seconds > 0 => {
            Ruled::new(Protection::AfterFirstContact, &rules::PROTECTION_STS_ENFORCED)
        }
        _ => Ruled::new(Protection::Never, &rules::PROTECTION_STS_NEVER),
    }
}

/// The protection that DANE gives.
pub(crate) fn by_dane(
    mail: Mail,
    dnssec_off: bool,
    mx_truncated: bool,
    security: MxSecurity,
    hosts: &[&HostView<'_>],
) -> Ruled<Protection> {
    if let Some(decided) = without_hosts(mail) {
        return decided;
    }
    if dnssec_off {
        return Ruled::new(Protection::Indeterminate, &rules::DNSSEC_OFF);
    }
    let never = || Ruled::new(Protection::Never, &rules::PROTECTION_DANE_NEVER);
    if security == MxSecurity::NotSecure {
        return never();
    }
    let states = || hosts.iter().map(|host| host.facts.tlsa.state.word);
    // One host that lacks it is where an attacker steers the mail.
    if states().any(|state| matches!(state, TlsaState::None | TlsaState::Insecure(_) | TlsaState::Unusable)) {
        return never();
    }
    // A failed look-up could hide usable records as well as their absence.
    let known = states().all(|state| state == TlsaState::Usable);
    if known && security == MxSecurity::Secure && !mx_truncated && !hosts.is_empty() {
        Ruled::new(Protection::Always, &rules::PROTECTION_DANE_ALWAYS)
    } else {
        Ruled::new(Protection::Indeterminate, &rules::PROTECTION_DANE_UNKNOWN)
    }
}

/// The better of the two; not known where the one that is not known could be the better.
pub(crate) fn by_both(dane: Ruled<Protection>, mta_sts: Ruled<Protection>, dnssec_off: bool) -> Ruled<Protection> {
    if dnssec_off {
        return Ruled::new(Protection::Indeterminate, &rules::DNSSEC_OFF);
    }
    let rank = |protection| match protection {
        Protection::Always => 0,
        Protection::Indeterminate => 1,
        Protection::AfterFirstContact => 2,
        Protection::Never | Protection::NoMail => 3,
    };
    if rank(dane.word) <= rank(mta_sts.word) { dane } else { mta_sts }
}

fn without_hosts(mail: Mail) -> Option<Ruled<Protection>> {
    match mail {
        Mail::None => Some(Ruled::new(Protection::NoMail, &rules::NO_MAIL)),
        Mail::Bogus => Some(Ruled::new(Protection::Indeterminate, &rules::MX_BOGUS)),
        Mail::Unknown => Some(Ruled::new(Protection::Indeterminate, &rules::MX_LOOKUP_FAILED)),
        Mail::Hosts => None,
    }
}
