//! Whether MTA-STS holds for a domain (RFC 8461 4, 5): the first rule that fits.

use super::host::{HostContact, HostView};
use super::mail::{self, Mail};
use super::record_and_policy::StsView;
use super::rows::{StsFailureStage, StsHost, StsPolicy, StsRecord, StsVerdict};
use super::rules::{self, Ruled};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::DomainRow;

/// The verdict over the given hosts: all of a domain, or the most preferred ones.
pub(crate) fn sts_verdict(mail: Mail, sts: &StsView, hosts: &[&HostView<'_>]) -> Ruled<StsVerdict> {
    match mail {
        Mail::None => return Ruled::new(StsVerdict::NoMail, &rules::NO_MAIL),
        Mail::Bogus | Mail::Unknown => return Ruled::new(StsVerdict::Indeterminate, &rules::MX_LOOKUP_FAILED),
        Mail::Hosts => {}
    }
    match sts.deciding_record {
        StsRecord::Error | StsRecord::Unknown => {
            return Ruled::new(StsVerdict::Indeterminate, &rules::STS_TXT_LOOKUP_FAILED);
        }
        StsRecord::Absent => return Ruled::new(StsVerdict::NoPolicy, &rules::STS_NO_RECORD),
        // RFC 8461 §3.1, §3.3: a sender goes on as if there were none, unless it holds a cached policy.
        StsRecord::Multiple | StsRecord::Invalid => return Ruled::new(StsVerdict::Broken, &rules::STS_RECORD_BROKEN),
        StsRecord::Valid => {}
    }
    match sts.deciding_policy {
        StsPolicy::Unfetchable | StsPolicy::Invalid => {
            return Ruled::new(StsVerdict::Broken, &rules::STS_POLICY_BROKEN);
        }
        StsPolicy::Unknown | StsPolicy::NotAttempted => {
            return Ruled::new(StsVerdict::Indeterminate, &rules::STS_POLICY_UNKNOWN);
        }
        StsPolicy::Valid => {}
    }
    if sts.in_force().is_none() {
        return Ruled::new(StsVerdict::ModeNone, &rules::STS_MODE_NONE);
    }
    over_hosts(hosts)
}

fn over_hosts(hosts: &[&HostView<'_>]) -> Ruled<StsVerdict> {
    let words = || hosts.iter().filter_map(|host| host.sts().word);
    let passing = words().any(|word| word != StsHost::Fail);
    let failing = words().any(|word| word != StsHost::Pass);
    match (passing, failing) {
        (true, false) => Ruled::new(StsVerdict::Pass, &rules::STS_ALL_PASS),
        (true, true) => Ruled::new(StsVerdict::Partial, &rules::STS_SOME_PASS),
        (false, true) => Ruled::new(StsVerdict::Fail, &rules::STS_NONE_PASS),
        (false, false) => Ruled::new(StsVerdict::Indeterminate, &rules::STS_NOTHING_DECIDED),
    }
}

/// The first reason along the way why the verdict is not `pass`: record, fetch, policy; then over the hosts the earliest
/// step, the most preferred host first.
pub(crate) fn sts_failure(
    verdict: StsVerdict,
    domain: &DomainRow,
    sts: &StsView,
    hosts: &[&HostView<'_>],
) -> (Option<StsFailureStage>, Option<Failure>) {
    match verdict {
        StsVerdict::NoMail | StsVerdict::NoPolicy | StsVerdict::ModeNone | StsVerdict::Pass => (None, None),
        StsVerdict::Broken => sts.failure.map_or((None, None), |(stage, failure)| (Some(stage), failure)),
        StsVerdict::Partial | StsVerdict::Fail => {
            let failures = hosts.iter().filter_map(|host| {
                host.sts_failure().map(|ruled| (ruled.word.0, host.preference, host.host, ruled.word.1))
            });
            failures.min().map_or((None, None), |(stage, _, _, failure)| (Some(stage), Some(failure)))
        }
        // The MX look-up is no step of RFC 8461: its word stands without a stage.
        StsVerdict::Indeterminate if mail::read(domain) != Mail::Hosts => (None, domain.mx_error),
        StsVerdict::Indeterminate => match sts.failure {
            Some((stage, failure)) => (Some(stage), failure),
            // Nothing decided: what kept us from the certificate of the most preferred host.
            None if sts.in_force().is_some() => hosts
                .iter()
                .find_map(|host| match host.contact.word {
                    HostContact::Undecided(_, failure) => Some((Some(StsFailureStage::MxTls), Some(failure))),
                    HostContact::Decided => None,
                })
                .unwrap_or_default(),
            None => (None, None),
        },
    }
}
