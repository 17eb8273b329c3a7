//! What differs between two months of a world, counted from how it was built: what a comparison of the two crawls must
//! find. Kinds and their definitions are those of `mxcensus diff`; rows and judge take no part.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::certificates::{Pki, TlsaData};
use super::counts::words;
use super::domain::{Body, Domain, Fetch, Host, Mail, Mode, Patterns, Record, Sts, Tlsa, Zone};
use super::hosts::MxHost;
use super::model::World;
use super::providers::OPERATORS;
use super::truth::{HostTruth, Truth};
use crate::LabError;
use mxcensus_rules::observation::{Dnssec, MxStatus};
use mxcensus_rules::verdict::{DaneHost, DaneVerdict, StsRecord, StsVerdict, Tlsrpt};

/// Rows of each kind, by what they are about and by aspect; an empty aspect where a kind has none.
type Rows = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// The changes from one month to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    domains: Rows,
    hosts: Rows,
    /// Adopters of MTA-STS by the operator of their policy host; the domain's own are under none.
    adopters: BTreeMap<&'static str, u64>,
    /// Hosts that several domains share, seen.
    shared: BTreeSet<Host>,
}

/// The columns of `verdicts` that do not stand for themselves.
const NOT_COMPARED: [&str; 6] =
    ["mx_status", "mx_dnssec", "sts_mode", "sts_failure_stage", "sts_failure", "dane_insecure_cause"];

/// One domain in one month.
struct Seen {
    world: World,
    domain: Domain,
    truth: Truth,
}

impl Seen {
    fn new(world: World, index: u64) -> Seen {
        let domain = world.domain(index);
        let truth = world.truth(&domain);
        Seen { world, domain, truth }
    }

    /// A valid policy under a valid record, as it reads.
    fn policy(&self) -> Option<(&Sts, Vec<String>)> {
        let sts = self.domain.sts.as_ref().filter(|_| self.domain.zone != Zone::Expired)?;
        let valid = sts.record == Record::Valid && sts.fetch == Fetch::Good && sts.body == Body::Good;
        let mut patterns = self.world.patterns(&self.domain, sts);
        patterns.sort();
        valid.then_some((sts, patterns))
    }

    fn hosts(&self) -> Vec<MxHost> {
        self.world.mx(&self.domain).into_iter().map(|(_, host)| self.world.mx_host(host, &self.domain)).collect()
    }

    fn sees_mx(&self) -> bool {
        self.domain.mail != Mail::Failing
    }
}

impl Changes {
    /// The changes of the month of `world` since the month before.
    pub(super) fn of_month(world: &World, pki: &Pki) -> Result<Changes, LabError> {
        let mut changes = Changes::default();
        let before = world.in_month(world.month.saturating_sub(1));
        before.members().filter(|&index| !world.is_member(index)).for_each(|_| changes.domain("vanished", ""));
        for index in world.members() {
            if !before.is_member(index) {
                changes.domain("appeared", "");
                continue;
            }
            let (old, new) = (Seen::new(before, index), Seen::new(*world, index));
            changes.compare(&old, &new);
            changes.compare_hosts(&old, &new, pki)?;
        }
        Ok(changes)
    }

    /// As `changes.json` has it.
    pub(super) fn to_json(&self, world: &World) -> Value {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for (kind, aspects) in self.domains.iter().chain(&self.hosts) {
            *kinds.entry(kind).or_default() += aspects.values().sum::<u64>();
        }
        json!({
            "world": { "domains": world.domains, "seed": world.seed, "adoption": world.adoption },
            "old_month": world.month.saturating_sub(1),
            "new_month": world.month,
            "kinds": kinds,
            "domain": self.domains,
            "host": self.hosts,
            "sts_adopted_by_policy_operator": self.adopters,
        })
    }

    fn domain(&mut self, kind: &'static str, aspect: &str) {
        *self.domains.entry(kind).or_default().entry(aspect.to_owned()).or_default() += 1;
    }

    fn host(&mut self, kind: &'static str, aspect: &str) {
        *self.hosts.entry(kind).or_default().entry(aspect.to_owned()).or_default() += 1;
    }

    fn compare(&mut self, old: &Seen, new: &Seen) {
        let (was, is) = (&old.truth, &new.truth);
        match (old.sees_mx(), new.sees_mx()) {
            (true, false) => self.domain("sight-lost", ""),
            (false, true) => self.domain("sight-regained", ""),
            _ => {}
        }
        match (takes_mail(was), takes_mail(is)) {
            (Some(false), Some(true)) => self.domain("mail-began", ""),
            (Some(true), Some(false)) => self.domain("mail-ended", ""),
            _ => {}
        }
        for (before, after, adopted, withdrawn) in [
            (publishes_sts(was), publishes_sts(is), "sts-adopted", "sts-withdrawn"),
            (publishes_tlsa(was), publishes_tlsa(is), "dane-adopted", "dane-withdrawn"),
            (publishes_tlsrpt(was), publishes_tlsrpt(is), "tlsrpt-adopted", "tlsrpt-withdrawn"),
        ] {
            match (before, after) {
                (Some(false), Some(true)) => self.domain(adopted, ""),
                (Some(true), Some(false)) => self.domain(withdrawn, ""),
                _ => {}
            }
        }
        if publishes_sts(was) == Some(false) && publishes_sts(is) == Some(true) {
            let operator = new.domain.sts.and_then(|sts| sts.operator);
            let operator = operator.map_or("", |number| OPERATORS[usize::from(number)].domain);
            *self.adopters.entry(operator).or_default() += 1;
        }
        if takes_mail(was) == Some(true) && takes_mail(is) == Some(true) {
            match (was.mx_dnssec, is.mx_dnssec) {
                (Dnssec::Insecure, Dnssec::Secure) => self.domain("dnssec-gained", "mx_dnssec"),
                (Dnssec::Secure, Dnssec::Insecure) => self.domain("dnssec-lost", "mx_dnssec"),
                _ => {}
            }
        }
        self.compare_words(was, is);
        for (aspect, before, after) in [
            ("sts_verdict", sts_standing(was), sts_standing(is)),
            ("dane_verdict", dane_standing(was), dane_standing(is)),
        ] {
            if let Some(kind) = failure(before, after) {
                self.domain(kind, aspect);
            }
        }
        self.compare_policies(old, new);
        self.compare_mx(old, new);
    }

    fn compare_words(&mut self, was: &Truth, is: &Truth) {
        let conflict_known = |truth: &Truth| {
            truth.sts_verdict != StsVerdict::Indeterminate && truth.dane_verdict != DaneVerdict::Indeterminate
        };
        for ((column, before), (_, after)) in words(was).into_iter().zip(words(is)) {
            let (Some(before), Some(after)) = (before, after) else { continue };
            let undecided = |word: &str| matches!(word, "indeterminate" | "unknown" | "error" | "no-mail");
            if NOT_COMPARED.contains(&column) || column == "tlsrpt" || undecided(before) || undecided(after) {
                continue;
            }
            if column == "conflict" && !(conflict_known(was) && conflict_known(is)) {
                continue;
            }
            if before != after {
                self.domain("verdict-changed", column);
            }
        }
    }

    fn compare_policies(&mut self, old: &Seen, new: &Seen) {
        let (Some((before, old_patterns)), Some((after, new_patterns))) = (old.policy(), new.policy()) else { return };
        let parts = [
            ("mode", before.mode != after.mode),
            ("max_age", before.max_age != after.max_age),
            ("mx", old_patterns != new_patterns),
        ];
        let changed: Vec<&str> = parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect();
        match (changed.is_empty(), before.id == after.id) {
            (true, true) => {}
            (true, false) => self.domain("id-without-new-policy", ""),
            (false, true) => self.domain("policy-without-new-id", &changed.join(" ")),
            (false, false) => self.domain("policy-updated", &changed.join(" ")),
        }
        let strength = |mode| match mode {
            Mode::None => 0,
            Mode::Testing => 1,
            Mode::Enforce => 2,
        };
        match strength(after.mode).cmp(&strength(before.mode)) {
            std::cmp::Ordering::Less => self.domain("mode-downgraded", ""),
            std::cmp::Ordering::Greater => self.domain("mode-upgraded", ""),
            std::cmp::Ordering::Equal => {}
        }
        match after.max_age.cmp(&before.max_age) {
            std::cmp::Ordering::Less => self.domain("max-age-lowered", ""),
            std::cmp::Ordering::Greater => self.domain("max-age-raised", ""),
            std::cmp::Ordering::Equal => {}
        }
    }

    fn compare_mx(&mut self, old: &Seen, new: &Seen) {
        // Who fails, or does not exist, has no hosts that could be compared.
        let known = |seen: &Seen| seen.sees_mx() && takes_mail(&seen.truth) == Some(true);
        if !known(old) || !known(new) || old.domain.mail == new.domain.mail {
            return;
        }
        self.domain("mx-moved", "");
        // The policy names those that are gone and leaves out those that came.
        let is_stale = new.policy().is_some_and(|(sts, _)| {
            sts.mode != Mode::None
                && match sts.patterns {
                    Patterns::Right | Patterns::FirstOnly => sts.written_for == old.domain.mail,
                    Patterns::Former(provider) => old.domain.mail == Mail::Provider(provider),
                    Patterns::ExtraLabel | Patterns::Typo | Patterns::TopLevel => false,
                }
        });
        if is_stale {
            self.domain("policy-outdated", "");
        }
    }

    /// Hosts with TLSA records in at least one of the months, which both saw.
    fn compare_hosts(&mut self, old: &Seen, new: &Seen, pki: &Pki) -> Result<(), LabError> {
        for host in new.hosts() {
            let is_shared = matches!(host.host, Host::Shared(..));
            let Some(at_old) = old.hosts().into_iter().position(|other| other.host == host.host) else { continue };
            let before = old.hosts().swap_remove(at_old);
            if before.spec.tlsa == Tlsa::None && host.spec.tlsa == Tlsa::None
                || is_shared && !self.shared.insert(host.host)
            {
                continue;
            }
            let word = |seen: &Seen| seen.truth.hosts.iter().find(|truth| truth.host == host.name).cloned();
            if let (Some(was), Some(is)) = (word(old), word(new)) {
                let (then, now) = (pki.tlsa(&old.world, &before)?, pki.tlsa(&new.world, &host)?);
                if then.is_empty() && now.is_empty() {
                    continue; // Its name servers fail at the question, in both months.
                }
                self.compare_host((&before, &was, &then), (&host, &is, &now), &old.world, &new.world);
            }
        }
        Ok(())
    }

    fn compare_host(
        &mut self,
        (before, was, then): (&MxHost, &HostTruth, &[TlsaData]),
        (after, is, now): (&MxHost, &HostTruth, &[TlsaData]),
        old: &World,
        new: &World,
    ) {
        let fails = |host: &MxHost| host.spec.tlsa == Tlsa::Failing;
        match (then.is_empty(), now.is_empty()) {
            (true, false) if !fails(before) => self.host("tlsa-added", ""),
            (false, true) if !fails(after) => self.host("tlsa-removed", ""),
            _ => {}
        }
        if was.dane_host != is.dane_host && was.dane_host != DaneHost::Unknown && is.dane_host != DaneHost::Unknown {
            self.host("verdict-changed", "dane_host");
        }
        match (is_signed(was.dane_host), is_signed(is.dane_host)) {
            (Some(true), Some(false)) => self.host("dnssec-lost", "dane_host"),
            (Some(false), Some(true)) => self.host("dnssec-gained", "dane_host"),
            _ => {}
        }
        if let Some(kind) = failure(host_standing(was.dane_host), host_standing(is.dane_host)) {
            self.host(kind, "dane_host");
        }
        let identities = [old.identity(before.host, &before.spec), new.identity(after.host, &after.spec)];
        let renewed = identities[0] != identities[1];
        let keys = [before, after].map(|host| if host.spec.leaf.keeps_key { 1 } else { host.spec.leaf.number });
        let seen = was.pkix.is_some() && is.pkix.is_some();
        let mismatches = is.dane_host == DaneHost::Mismatch;
        if was.dane_host == DaneHost::Match && seen && !then.is_empty() && !now.is_empty() && renewed {
            let key = if keys[0] == keys[1] { "same-key" } else { "new-key" };
            let records = if then == now { "same-tlsa" } else { "new-tlsa" };
            match is.dane_host {
                DaneHost::Match => self.host("rollover-kept", &format!("{key} {records}")),
                DaneHost::Mismatch => self.host("rollover-broke", &format!("{key} {records}")),
                _ => {}
            }
        }
        let names_the_former = matches!(after.spec.tlsa, Tlsa::Spki | Tlsa::Whole | Tlsa::Pair)
            && after.spec.tlsa_of == before.spec.leaf.number;
        if mismatches && renewed && was.pkix.is_some() && names_the_former {
            self.host("tlsa-stale", "");
        }
    }
}

fn takes_mail(truth: &Truth) -> Option<bool> {
    match truth.mx_status {
        MxStatus::Present | MxStatus::Implicit | MxStatus::NullMixed => Some(true),
        MxStatus::Null | MxStatus::None | MxStatus::Nxdomain => Some(false),
        MxStatus::Error | MxStatus::OptedOut => None,
    }
}

fn publishes_sts(truth: &Truth) -> Option<bool> {
    match truth.sts_record {
        StsRecord::Error | StsRecord::Unknown => None,
        record => Some(record != StsRecord::Absent),
    }
}

fn publishes_tlsa(truth: &Truth) -> Option<bool> {
    match truth.dane_verdict {
        DaneVerdict::LookupFailed | DaneVerdict::Indeterminate | DaneVerdict::NoMail => None,
        verdict => Some(verdict != DaneVerdict::None),
    }
}

fn publishes_tlsrpt(truth: &Truth) -> Option<bool> {
    match truth.tlsrpt {
        Tlsrpt::Error => None,
        tlsrpt => Some(tlsrpt != Tlsrpt::Absent),
    }
}

/// How a mechanism stands.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Passes,
    Fails,
    Idle,
}

fn sts_standing(truth: &Truth) -> Option<Standing> {
    match truth.sts_verdict {
        StsVerdict::Pass => Some(Standing::Passes),
        StsVerdict::Broken | StsVerdict::Partial | StsVerdict::Fail => Some(Standing::Fails),
        StsVerdict::NoPolicy | StsVerdict::ModeNone => Some(Standing::Idle),
        StsVerdict::Indeterminate | StsVerdict::NoMail => None,
    }
}

fn dane_standing(truth: &Truth) -> Option<Standing> {
    match truth.dane_verdict {
        DaneVerdict::Pass => Some(Standing::Passes),
        DaneVerdict::Unusable | DaneVerdict::Partial | DaneVerdict::Fail | DaneVerdict::LookupFailed => {
            Some(Standing::Fails)
        }
        DaneVerdict::None | DaneVerdict::Insecure => Some(Standing::Idle),
        DaneVerdict::Indeterminate | DaneVerdict::NoMail => None,
    }
}

fn host_standing(word: DaneHost) -> Option<Standing> {
    match word {
        DaneHost::Match => Some(Standing::Passes),
        DaneHost::None | DaneHost::Insecure => Some(Standing::Idle),
        DaneHost::Unknown => None,
        _ => Some(Standing::Fails),
    }
}

fn is_signed(word: DaneHost) -> Option<bool> {
    match word {
        DaneHost::Insecure => Some(false),
        DaneHost::None | DaneHost::LookupFailed | DaneHost::Unknown => None,
        _ => Some(true),
    }
}

fn failure(before: Option<Standing>, after: Option<Standing>) -> Option<&'static str> {
    match (before?, after?) {
        (Standing::Passes | Standing::Idle, Standing::Fails) => Some("failure-new"),
        (Standing::Fails, Standing::Passes) => Some("failure-healed"),
        (Standing::Fails, Standing::Fails) => Some("failure-persists"),
        _ => None,
    }
}
