//! One domain in two crawls: facts in, changes out. Pure.
//!
//! Only what both crawls could judge is compared: a word that says "could not be decided" is not a state of the
//! domain, so it neither begins nor ends anything.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::change::{Change, ChangeKind};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::mta_sts::mx_pattern::MxPattern;
use mxcensus_rules::mta_sts::policy::Mode;
use mxcensus_rules::observation::{Dnssec, MxStatus};
use mxcensus_rules::verdict::{Conflict, DaneVerdict, Outcome, Protection, StsPolicy, StsRecord, StsVerdict, Tlsrpt};

/// What is compared of a row of `verdicts`. The fields are columns.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct VerdictFacts {
    pub domain: String,
    pub rank: Option<i64>,
    pub provider: Option<String>,
    pub mx_status: MxStatus,
    pub mx_dnssec: Option<Dnssec>,
    pub sts_record: StsRecord,
    pub sts_id: Option<String>,
    pub sts_policy: StsPolicy,
    pub sts_mode: Option<Mode>,
    pub sts_max_age: Option<i64>,
    pub sts_mx_patterns: Option<Vec<String>>,
    pub sts_verdict: StsVerdict,
    pub sts_failure: Option<Failure>,
    pub dane_verdict: DaneVerdict,
    pub sts_verdict_primary: StsVerdict,
    pub dane_verdict_primary: DaneVerdict,
    pub conflict: Conflict,
    pub outcome_opportunistic: Outcome,
    pub outcome_mta_sts: Outcome,
    pub outcome_dane: Outcome,
    pub outcome_dane_insecure_mx: Outcome,
    pub outcome_both: Outcome,
    pub protection_mta_sts: Protection,
    pub protection_dane: Protection,
    pub protection_both: Protection,
    pub tlsrpt: Tlsrpt,
}

/// What one crawl knows of a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainFacts {
    /// It is in the crawl's list.
    pub listed: bool,
    /// What was judged; none where a crawl that is incomplete has no row.
    pub verdict: Option<VerdictFacts>,
    /// The MX hosts by name; none where the look-up gave none.
    pub mx: Option<BTreeSet<String>>,
    /// Who runs the policy host.
    pub policy_operator: Option<String>,
}

/// A judged column and its word.
type Column = (&'static str, fn(&VerdictFacts) -> &'static str);

/// The judged columns whose changes are reported.
pub const VERDICTS: [Column; 15] = [
    ("sts_record", |facts| facts.sts_record.word()),
    ("sts_policy", |facts| facts.sts_policy.word()),
    ("sts_verdict", |facts| facts.sts_verdict.word()),
    ("dane_verdict", |facts| facts.dane_verdict.word()),
    ("sts_verdict_primary", |facts| facts.sts_verdict_primary.word()),
    ("dane_verdict_primary", |facts| facts.dane_verdict_primary.word()),
    ("conflict", |facts| facts.conflict.word()),
    ("outcome_opportunistic", |facts| facts.outcome_opportunistic.word()),
    ("outcome_mta_sts", |facts| facts.outcome_mta_sts.word()),
    ("outcome_dane", |facts| facts.outcome_dane.word()),
    ("outcome_dane_insecure_mx", |facts| facts.outcome_dane_insecure_mx.word()),
    ("outcome_both", |facts| facts.outcome_both.word()),
    ("protection_mta_sts", |facts| facts.protection_mta_sts.word()),
    ("protection_dane", |facts| facts.protection_dane.word()),
    ("protection_both", |facts| facts.protection_both.word()),
];

/// Words that say that a crawl could not tell.
const UNDECIDED: [&str; 3] = ["indeterminate", "unknown", "error"];
const NO_MAIL: &str = "no-mail";

/// The word of a column, where the crawl could decide it.
pub fn decided(column: &Column, facts: &VerdictFacts) -> Option<&'static str> {
    let word = column.1(facts);
    // `conflict` is `none` too where one of the two verdicts is not known.
    let known = column.0 != "conflict"
        || (facts.sts_verdict != StsVerdict::Indeterminate && facts.dane_verdict != DaneVerdict::Indeterminate);
    (known && !UNDECIDED.contains(&word)).then_some(word)
}

/// What kept a crawl from the MX of a domain of its list, as `changes` has it.
pub fn blindness(facts: &DomainFacts) -> Option<&'static str> {
    let Some(verdict) = &facts.verdict else { return Some("no-row") };
    match verdict.mx_status {
        MxStatus::OptedOut => Some(MxStatus::OptedOut.word()),
        // A look-up that is proven bogus was seen, and is theirs.
        MxStatus::Error if verdict.mx_dnssec != Some(Dnssec::Bogus) => Some(MxStatus::Error.word()),
        _ => None,
    }
}

/// Every change of one domain, by kind and aspect.
pub fn compare(old: &DomainFacts, new: &DomainFacts) -> Vec<Change> {
    match (old.listed, new.listed) {
        (false, false) => return Vec::new(),
        (false, true) => return vec![Change::bare(ChangeKind::Appeared)],
        (true, false) => return vec![Change::bare(ChangeKind::Vanished)],
        (true, true) => {}
    }
    let mut changes = Vec::new();
    match (blindness(old), blindness(new)) {
        (None, Some(word)) => {
            let old = old.verdict.as_ref().map_or("", |facts| facts.mx_status.word());
            changes.push(Change::new(ChangeKind::SightLost, old, word));
        }
        (Some(word), None) => {
            let new = new.verdict.as_ref().map_or("", |facts| facts.mx_status.word());
            changes.push(Change::new(ChangeKind::SightRegained, word, new));
        }
        _ => {}
    }
    let (Some(was), Some(is)) = (&old.verdict, &new.verdict) else { return changes };
    mail(was, is, &mut changes);
    adoption(was, is, &mut changes);
    dnssec(was, is, &mut changes);
    verdicts(was, is, &mut changes);
    failures(was, is, &mut changes);
    policy(was, is, &mut changes);
    if let (Some(from), Some(to)) = (&old.policy_operator, &new.policy_operator)
        && from != to
    {
        changes.push(Change::new(ChangeKind::PolicyHostMoved, from, to));
    }
    exchangers(old, new, &mut changes);
    changes.sort_by(|a, b| (a.kind, &a.aspect).cmp(&(b.kind, &b.aspect)));
    changes
}

/// Whether the domain takes mail; none where that is not known.
fn takes_mail(facts: &VerdictFacts) -> Option<bool> {
    match facts.mx_status {
        MxStatus::Present | MxStatus::Implicit | MxStatus::NullMixed => Some(true),
        MxStatus::Null | MxStatus::None | MxStatus::Nxdomain => Some(false),
        MxStatus::Error | MxStatus::OptedOut => None,
    }
}

fn mail(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    let kind = match (takes_mail(was), takes_mail(is)) {
        (Some(false), Some(true)) => ChangeKind::MailBegan,
        (Some(true), Some(false)) => ChangeKind::MailEnded,
        _ => return,
    };
    changes.push(Change::new(kind, was.mx_status.word(), is.mx_status.word()));
}

/// Whether something is published that means to be MTA-STS.
pub fn publishes_sts(facts: &VerdictFacts) -> Option<bool> {
    match facts.sts_record {
        StsRecord::Valid | StsRecord::Multiple | StsRecord::Invalid => Some(true),
        StsRecord::Absent => Some(false),
        StsRecord::Error | StsRecord::Unknown => None,
    }
}

/// Whether some MX host has TLSA records, signed or not.
pub fn publishes_tlsa(facts: &VerdictFacts) -> Option<bool> {
    match facts.dane_verdict {
        DaneVerdict::Insecure
        | DaneVerdict::Unusable
        | DaneVerdict::Pass
        | DaneVerdict::Partial
        | DaneVerdict::Fail => Some(true),
        DaneVerdict::None => Some(false),
        // A failed look-up does not tell; a domain without mail has no MX host.
        DaneVerdict::LookupFailed | DaneVerdict::Indeterminate | DaneVerdict::NoMail => None,
    }
}

/// Whether something is published that means to be TLSRPT.
pub fn publishes_tlsrpt(facts: &VerdictFacts) -> Option<bool> {
    match facts.tlsrpt {
        Tlsrpt::Valid | Tlsrpt::Multiple | Tlsrpt::Invalid => Some(true),
        Tlsrpt::Absent => Some(false),
        Tlsrpt::Error => None,
    }
}

fn adoption(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    let mut push = |before, after, adopted, withdrawn, old: &str, new: &str| match (before, after) {
        (Some(false), Some(true)) => changes.push(Change::new(adopted, old, new)),
        (Some(true), Some(false)) => changes.push(Change::new(withdrawn, old, new)),
        _ => {}
    };
    push(
        publishes_sts(was),
        publishes_sts(is),
        ChangeKind::StsAdopted,
        ChangeKind::StsWithdrawn,
        was.sts_verdict.word(),
        is.sts_verdict.word(),
    );
    push(
        publishes_tlsa(was),
        publishes_tlsa(is),
        ChangeKind::DaneAdopted,
        ChangeKind::DaneWithdrawn,
        was.dane_verdict.word(),
        is.dane_verdict.word(),
    );
    push(
        publishes_tlsrpt(was),
        publishes_tlsrpt(is),
        ChangeKind::TlsrptAdopted,
        ChangeKind::TlsrptWithdrawn,
        was.tlsrpt.word(),
        is.tlsrpt.word(),
    );
}

/// Only between `secure` and `insecure`: bogus and indeterminate are no choice of the owner's.
fn dnssec(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    if takes_mail(was) != Some(true) || takes_mail(is) != Some(true) {
        return;
    }
    let kind = match (was.mx_dnssec, is.mx_dnssec) {
        (Some(Dnssec::Insecure), Some(Dnssec::Secure)) => ChangeKind::DnssecGained,
        (Some(Dnssec::Secure), Some(Dnssec::Insecure)) => ChangeKind::DnssecLost,
        _ => return,
    };
    let word = |state: Option<Dnssec>| state.map_or("", Dnssec::word);
    changes.push(Change::new(kind, word(was.mx_dnssec), word(is.mx_dnssec)).of("mx_dnssec"));
}

fn verdicts(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    for column in &VERDICTS {
        let (Some(old), Some(new)) = (decided(column, was), decided(column, is)) else { continue };
        // Mail that begins or ends turns every column; one row says it.
        if old != new && old != NO_MAIL && new != NO_MAIL {
            changes.push(Change::new(ChangeKind::VerdictChanged, old, new).of(column.0));
        }
    }
}

/// How a mechanism stands with a domain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// In use and right.
    Passes,
    /// In use and wrong, and the word for it.
    Fails(&'static str),
    /// Not in use, or not in force.
    Idle,
}

/// How MTA-STS stands; none where that could not be decided.
pub fn sts_standing(facts: &VerdictFacts) -> Option<Standing> {
    match facts.sts_verdict {
        StsVerdict::Pass => Some(Standing::Passes),
        StsVerdict::Broken | StsVerdict::Partial | StsVerdict::Fail => {
            Some(Standing::Fails(facts.sts_failure.map_or(facts.sts_verdict.word(), Failure::word)))
        }
        StsVerdict::NoPolicy | StsVerdict::ModeNone => Some(Standing::Idle),
        StsVerdict::Indeterminate | StsVerdict::NoMail => None,
    }
}

/// How DANE stands; none where that could not be decided.
pub fn dane_standing(facts: &VerdictFacts) -> Option<Standing> {
    match facts.dane_verdict {
        DaneVerdict::Pass => Some(Standing::Passes),
        DaneVerdict::Unusable | DaneVerdict::Partial | DaneVerdict::Fail | DaneVerdict::LookupFailed => {
            Some(Standing::Fails(facts.dane_verdict.word()))
        }
        DaneVerdict::None | DaneVerdict::Insecure => Some(Standing::Idle),
        DaneVerdict::Indeterminate | DaneVerdict::NoMail => None,
    }
}

fn failures(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    let sts = (sts_standing(was), sts_standing(is), was.sts_verdict.word(), is.sts_verdict.word());
    let dane = (dane_standing(was), dane_standing(is), was.dane_verdict.word(), is.dane_verdict.word());
    for (aspect, (before, after, old, new)) in [("sts_verdict", sts), ("dane_verdict", dane)] {
        changes.extend(failure(before, after, old, new).map(|change| change.of(aspect)));
    }
}

/// The change between two standings; `old` and `new` are the words for a standing that is not a failure.
pub fn failure(before: Option<Standing>, after: Option<Standing>, old: &str, new: &str) -> Option<Change> {
    match (before?, after?) {
        (Standing::Passes | Standing::Idle, Standing::Fails(word)) => {
            Some(Change::new(ChangeKind::FailureNew, old, word))
        }
        (Standing::Fails(word), Standing::Passes) => Some(Change::new(ChangeKind::FailureHealed, word, new)),
        (Standing::Fails(was), Standing::Fails(is)) => Some(Change::new(ChangeKind::FailurePersists, was, is)),
        // A failure that ended because the mechanism was given up is a withdrawal or a downgrade.
        (Standing::Fails(_), Standing::Idle)
        | (Standing::Passes | Standing::Idle, Standing::Passes | Standing::Idle) => None,
    }
}

/// A valid policy under a valid record, as it reads: order and repetition of mx do not count (RFC 8461 3.2).
struct PolicyFacts<'f> {
    id: &'f str,
    mode: Mode,
    max_age_seconds: i64,
    mx: BTreeSet<&'f str>,
}

impl<'f> PolicyFacts<'f> {
    fn of(facts: &'f VerdictFacts) -> Option<Self> {
        if facts.sts_record != StsRecord::Valid || facts.sts_policy != StsPolicy::Valid {
            return None;
        }
        Some(PolicyFacts {
            id: facts.sts_id.as_deref()?,
            mode: facts.sts_mode?,
            max_age_seconds: facts.sts_max_age?,
            mx: facts.sts_mx_patterns.iter().flatten().map(String::as_str).collect(),
        })
    }

    fn text(&self) -> String {
        let mut text = format!("mode={} max_age={}", self.mode, self.max_age_seconds);
        for pattern in &self.mx {
            text.push_str(" mx=");
            text.push_str(pattern);
        }
        text
    }
}

fn policy(was: &VerdictFacts, is: &VerdictFacts, changes: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (PolicyFacts::of(was), PolicyFacts::of(is)) else { return };
    let parts = [
        ("mode", old.mode != new.mode),
        ("max_age", old.max_age_seconds != new.max_age_seconds),
        ("mx", old.mx != new.mx),
    ];
    let changed: Vec<&str> = parts.iter().filter(|(_, changed)| *changed).map(|(part, _)| *part).collect();
    // RFC 8461 §3.1: the id is how a sender learns that the policy has changed.
    match (changed.is_empty(), old.id == new.id) {
        (true, true) => {}
        (true, false) => changes.push(Change::new(ChangeKind::IdWithoutNewPolicy, old.id, new.id)),
        (false, same_id) => {
            let kind = if same_id { ChangeKind::PolicyWithoutNewId } else { ChangeKind::PolicyUpdated };
            changes.push(Change::new(kind, old.text(), new.text()).of(changed.join(" ")));
        }
    }
    // RFC 8461 §5: enforce binds, testing only reports, none takes the policy back.
    let strength = |mode| match mode {
        Mode::None => 0,
        Mode::Testing => 1,
        Mode::Enforce => 2,
    };
    let step = |kind, old: &dyn std::fmt::Display, new: &dyn std::fmt::Display| {
        Change::new(kind, old.to_string(), new.to_string())
    };
    match strength(new.mode).cmp(&strength(old.mode)) {
        std::cmp::Ordering::Less => changes.push(step(ChangeKind::ModeDowngraded, &old.mode, &new.mode)),
        std::cmp::Ordering::Greater => changes.push(step(ChangeKind::ModeUpgraded, &old.mode, &new.mode)),
        std::cmp::Ordering::Equal => {}
    }
    let (before, after) = (old.max_age_seconds, new.max_age_seconds);
    match after.cmp(&before) {
        std::cmp::Ordering::Less => changes.push(step(ChangeKind::MaxAgeLowered, &before, &after)),
        std::cmp::Ordering::Greater => changes.push(step(ChangeKind::MaxAgeRaised, &before, &after)),
        std::cmp::Ordering::Equal => {}
    }
}

fn exchangers(old: &DomainFacts, new: &DomainFacts, changes: &mut Vec<Change>) {
    let (Some(was), Some(is)) = (&old.verdict, &new.verdict) else { return };
    let (Some(before), Some(after)) = (&old.mx, &new.mx) else { return };
    match (&was.provider, &is.provider) {
        (Some(from), Some(to)) if from != to => changes.push(Change::new(ChangeKind::MxMoved, from, to)),
        _ if before != after => changes.push(Change::new(ChangeKind::MxChanged, listed(before), listed(after))),
        _ => {}
    }
    changes.extend(outdated(is, before, after));
}

/// A policy that names hosts of the past: under RFC 8461 §4.1 the hosts of today fail it. Under a record that is not valid
/// nobody reads the policy (RFC 8461 §3.1), and nothing fails because of it.
fn outdated(is: &VerdictFacts, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Option<Change> {
    let policy = PolicyFacts::of(is).filter(|policy| policy.mode != Mode::None)?;
    let patterns: Vec<MxPattern> = policy.mx.iter().filter_map(|text| MxPattern::parse(text).ok()).collect();
    let named = |host: &String| patterns.iter().any(|pattern| pattern.matches(host));
    let left_out: BTreeSet<String> = after.iter().filter(|host| !named(host)).cloned().collect();
    let of_the_past: BTreeSet<String> = before.difference(after).filter(|host| named(host)).cloned().collect();
    (!left_out.is_empty() && !of_the_past.is_empty())
        .then(|| Change::new(ChangeKind::PolicyOutdated, listed(&of_the_past), listed(&left_out)))
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "domain_tests.rs"]
mod tests;
