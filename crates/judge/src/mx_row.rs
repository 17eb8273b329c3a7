//! A row of `mx_verdicts`: one MX host of one domain.

use super::Reason;
use super::address::{AddressDane, Pkix};
use super::host::{HostView, MxSecurity};
use super::rows::{DaneHost, MxVerdictRow};
use super::rules::{self, Rule, Ruled};
use super::tlsrpt_types;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name;
use mxcensus_rules::pkix::Verifier;

/// The row of a host, and the rule behind each column.
pub(crate) fn mx_row(domain: &str, host: &HostView<'_>, security: MxSecurity) -> (MxVerdictRow, Vec<Reason>) {
    let starttls = host.starttls();
    let sts = host.sts();
    let dane = host.dane(security);
    // What the chain would give is shown even where the peer's key is unproven.
    let dane_host = host.dane_host(false);
    let failure = failure(host, dane);
    let (pkix, pkix_rule) = worst_pkix(host);
    let matching = matching_record(host);
    let row = MxVerdictRow {
        domain: domain.to_owned(),
        host: host.host.to_owned(),
        preference: host.preference,
        provider: provider(host.host),
        inferred: host.inferred,
        reached: host.reached,
        decided: host.decided(),
        starttls: starttls.word,
        sts_mx_match: host.in_policy,
        sts: sts.word,
        pkix: pkix.map(|pkix| pkix.failures.first().map_or("valid", |failure| failure.word()).to_owned()),
        pkix_failures: pkix.map(|pkix| pkix.failures.clone()),
        pkix_detail: pkix.filter(|pkix| !pkix.details.is_empty()).map(|pkix| pkix.details.join("; ")),
        pkix_refused_by: union(
            host.addresses.iter().filter_map(|address| address.pkix.as_ref()).map(|pkix| &pkix.refused_by),
        ),
        dane: dane.word,
        dane_host: dane_host.word,
        tlsa_base: host.facts.tlsa.base().map(str::to_owned),
        tlsa_matched: matching,
        agility_changed: agility_changed(host),
        tlsa_mismatch_cause: mismatch_cause(host),
        dane_detail: dane_detail(host),
        dane_refused_by: union(host.dane_addresses.iter().map(|view| &view.refused_by)),
        anchors: anchors(host),
        days_left: host.addresses.iter().filter_map(|address| address.pkix.as_ref()?.days_left).min(),
        failure: failure.word,
        result_type: failure.word.map(tlsrpt_types::of_host),
    };
    let contact = host.contact.rule;
    let policy = match host.in_policy {
        None => &rules::STS_NOT_IN_FORCE,
        Some(true) => &rules::STS_MX_LISTED,
        Some(false) => &rules::STS_MX_NOT_LISTED,
    };
    let reasons = vec![
        ("preference", &rules::MX_NAMED),
        ("provider", &rules::PROVIDER),
        ("inferred", &rules::INFERRED),
        ("reached", &rules::REACHED),
        ("decided", contact),
        ("starttls", starttls.rule),
        ("sts_mx_match", policy),
        ("sts", sts.rule),
        ("pkix", pkix_rule),
        ("pkix_failures", pkix_rule),
        ("pkix_detail", pkix_rule),
        ("pkix_refused_by", &rules::REFUSED_BY),
        ("dane", dane.rule),
        ("dane_host", dane_host.rule),
        ("tlsa_base", host.facts.tlsa.state.rule),
        ("tlsa_matched", &rules::TLSA_RECORD),
        ("agility_changed", &rules::TLSA_RECORD),
        ("tlsa_mismatch_cause", &rules::TLSA_CAUSE),
        ("dane_detail", dane_host.rule),
        ("dane_refused_by", &rules::REFUSED_BY),
        ("anchors", &rules::ANCHORS),
        ("days_left", &rules::DAYS_LEFT),
        ("failure", failure.rule),
        ("result_type", &rules::RESULT_TYPES),
    ];
    (row, reasons)
}

/// Who runs a host: its registrable domain by the Public Suffix List. An address literal has none.
pub(crate) fn provider(host: &str) -> Option<String> {
    name::registrable(host).filter(|_| name::is_host_name(host)).map(str::to_owned)
}

/// The certificate of the worst decided address. Certificate words stand in deciding order, so the first is the worst;
/// between equals the longer list says more.
fn worst_pkix<'h>(host: &'h HostView<'_>) -> (Option<&'h Pkix>, &'static Rule) {
    let worst = host.addresses.iter().filter_map(|address| address.pkix.as_ref()).min_by_key(|pkix| {
        let word = pkix.failures.first();
        (word.is_none(), word, std::cmp::Reverse(pkix.failures.len()), &pkix.failures)
    });
    let rule = match worst {
        None => &rules::PKIX_UNSEEN,
        Some(pkix) if pkix.failures.is_empty() => &rules::PKIX_VALID,
        Some(pkix) if pkix.failures.first().is_some_and(|word| word.is_undecided()) => &rules::PKIX_UNDECIDED,
        Some(_) => &rules::PKIX_INVALID,
    };
    (worst, rule)
}

/// Every verifier that refuses what some address shows.
fn union<'v>(lists: impl Iterator<Item = &'v Vec<Verifier>>) -> Vec<Verifier> {
    let mut all: Vec<Verifier> = lists.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Why the anchor of the first address that has one does not lead to its chain.
fn dane_detail(host: &HostView<'_>) -> Option<String> {
    let mut details = host.dane_addresses.iter().map(|view| &view.details);
    details.find(|details| !details.is_empty()).map(|details| details.join("; "))
}

/// The union over the addresses: each root suffices for the chain of some address.
fn anchors(host: &HostView<'_>) -> Vec<String> {
    let mut anchors: Vec<String> = host
        .addresses
        .iter()
        .filter_map(|address| address.pkix.as_ref())
        .flat_map(|pkix| pkix.anchors.iter().cloned())
        .collect();
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

/// The matching record of lowest index over the addresses.
fn matching_record(host: &HostView<'_>) -> Option<u32> {
    let records = host.dane_addresses.iter().filter_map(|view| match view.dane.word {
        AddressDane::Match { record, .. } => record,
        _ => None,
    });
    records.min()
}

fn agility_changed(host: &HostView<'_>) -> Option<bool> {
    (!host.dane_addresses.is_empty()).then(|| host.dane_addresses.iter().any(|view| view.agility_changed))
}

/// The first cause in the order of the vocabulary, the vague ones last.
fn mismatch_cause(host: &HostView<'_>) -> Option<super::rows::MismatchCause> {
    let causes = host.dane_addresses.iter().filter_map(|view| match view.dane.word {
        AddressDane::Mismatch { cause, .. } => Some(cause),
        _ => None,
    });
    causes.min()
}

/// What fails the host under the strictest mechanism in force: DANE where its TLSA is secure or the look-up failed, else a
/// valid policy of mode enforce or testing.
fn failure(host: &HostView<'_>, dane: Ruled<DaneHost>) -> Ruled<Option<Failure>> {
    match dane.word {
        DaneHost::Partial | DaneHost::Mismatch | DaneHost::NoTls | DaneHost::Unusable | DaneHost::LookupFailed => {
            Ruled::new(host.dane_failure(), dane.rule)
        }
        DaneHost::Match => Ruled::new(None, &rules::FAILURE_NONE),
        // Usable records and an undecided host: DANE is in force, and nothing is known to fail.
        DaneHost::Unknown if host.has_usable_tlsa() && dane.rule.id != rules::DANE_MX_UNKNOWN.id => {
            Ruled::new(None, &rules::FAILURE_NONE)
        }
        DaneHost::None | DaneHost::Insecure | DaneHost::Unknown => match host.sts_failure() {
            Some(failure) => Ruled::new(Some(failure.word.1), failure.rule),
            None if host.in_policy.is_some() => Ruled::new(None, &rules::FAILURE_NONE),
            None => Ruled::new(None, &rules::FAILURE_NONE_IN_FORCE),
        },
    }
}
