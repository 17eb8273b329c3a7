//! Counts over a comparison: the population, what could be compared, each kind, and each kind by operator. Pure.

use std::collections::BTreeMap;

use super::crawl::Pair;
use super::domain::{self, DomainFacts, VERDICTS, blindness, decided};
use super::host::HostSight;
use crate::change::{ChangeKind, ChangeRow, Subject};
use mxcensus_rules::name;
use mxcensus_rules::verdict::DaneHost;

/// Domains by where they were seen.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Population {
    /// In OLD's list.
    pub old: u64,
    /// In NEW's list.
    pub new: u64,
    /// In both lists.
    pub both: u64,
    /// In both lists, and both crawls saw the MX.
    pub compared: u64,
    /// In both lists, and only OLD saw the MX.
    pub unseen_in_new: u64,
    /// In both lists, and only NEW saw the MX.
    pub unseen_in_old: u64,
    /// In both lists, and neither saw the MX.
    pub unseen_in_both: u64,
    /// Hosts with TLSA records in either crawl that both looked at.
    pub hosts: u64,
}

/// What is counted together: rows of one kind, one aspect and, where those are words, one change of words.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct CountKey {
    /// What the rows are about.
    pub subject: Subject,
    /// Their kind.
    pub kind: ChangeKind,
    /// The column or part.
    pub aspect: Option<String>,
    /// Word before; none for a kind without closed words.
    pub old: Option<String>,
    /// Word after.
    pub new: Option<String>,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    /// Rows of `changes`.
    pub rows: u64,
    /// Domains that they are about.
    pub domains: u64,
}

/// In which part an operator serves its domains.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Runs the most preferred MX host.
    Provider,
    /// Runs the policy host.
    PolicyOperator,
}

impl Role {
    /// As `summary.json` has it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Provider => "provider",
            Role::PolicyOperator => "policy-operator",
        }
    }
}

/// Who stands behind a domain in both crawls; none where that is the domain itself, or where it changed: a change that
/// came with a move is no operator's doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Owners<'p> {
    /// The provider of the MX.
    pub provider: Option<&'p str>,
    /// Who runs the policy host.
    pub policy_operator: Option<&'p str>,
}

impl Pair {
    /// Who stands behind the domain.
    pub fn owners(&self) -> Owners<'_> {
        fn provider(facts: &DomainFacts) -> Option<&str> {
            facts.verdict.as_ref().and_then(|verdict| verdict.provider.as_deref())
        }
        Owners {
            provider: steady(provider(&self.old), provider(&self.new)),
            policy_operator: steady(self.old.policy_operator.as_deref(), self.new.policy_operator.as_deref()),
        }
    }
}

/// Who it is in both crawls, or in the one that knows.
fn steady<'p>(before: Option<&'p str>, after: Option<&'p str>) -> Option<&'p str> {
    match (before, after) {
        (Some(before), Some(after)) if before != after => None,
        (before, after) => after.or(before),
    }
}

/// Everything that is counted.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Domains and hosts.
    pub population: Population,
    /// Per judged column of domains, and for `dane_host` of hosts: where both crawls could decide it.
    pub comparable: BTreeMap<&'static str, u64>,
    /// Per mechanism: domains of both lists where both crawls could tell whether it is published, and how many
    /// published it in OLD and in NEW.
    pub adoption: BTreeMap<&'static str, [u64; 3]>,
    /// Rows by kind.
    pub counts: BTreeMap<CountKey, Count>,
    /// Rows by kind and operator: domains, or hosts; own infrastructure is left out. Hosts are not weighed, since several
    /// of one domain would count it as often.
    pub groups: BTreeMap<(CountKey, Role, String), u64>,
    /// Compared domains by operator.
    pub served: BTreeMap<(Role, String), u64>,
}

impl Tally {
    /// Counts a domain of either list.
    pub fn add_domain(&mut self, domain: &str, pair: &Pair) {
        let Pair { old, new } = pair;
        self.population.old += u64::from(old.listed);
        self.population.new += u64::from(new.listed);
        if !old.listed || !new.listed {
            return;
        }
        self.population.both += 1;
        match (blindness(old), blindness(new)) {
            (None, None) => self.population.compared += 1,
            (None, Some(_)) => self.population.unseen_in_new += 1,
            (Some(_), None) => self.population.unseen_in_old += 1,
            (Some(_), Some(_)) => self.population.unseen_in_both += 1,
        }
        let (Some(was), Some(is)) = (&old.verdict, &new.verdict) else { return };
        for column in &VERDICTS {
            if decided(column, was).is_some() && decided(column, is).is_some() {
                *self.comparable.entry(column.0).or_default() += 1;
            }
        }
        let published = [
            ("mta-sts", domain::publishes_sts(was), domain::publishes_sts(is)),
            ("dane", domain::publishes_tlsa(was), domain::publishes_tlsa(is)),
            ("tlsrpt", domain::publishes_tlsrpt(was), domain::publishes_tlsrpt(is)),
        ];
        for (mechanism, before, after) in published {
            if let (Some(before), Some(after)) = (before, after) {
                let counts = self.adoption.entry(mechanism).or_default();
                counts[0] += 1;
                counts[1] += u64::from(before);
                counts[2] += u64::from(after);
            }
        }
        for (role, owner) in named(Subject::Domain, domain, &pair.owners()) {
            *self.served.entry((role, owner.to_owned())).or_default() += 1;
        }
    }

    /// Counts a host that both crawls looked at.
    pub fn add_host(&mut self, old: &HostSight, new: &HostSight) {
        self.population.hosts += 1;
        let known = |facts: &HostSight| facts.dane_host.is_some_and(|word| word != DaneHost::Unknown);
        if known(old) && known(new) {
            *self.comparable.entry("dane_host").or_default() += 1;
        }
    }

    /// Counts a row.
    pub fn add_change(&mut self, row: &ChangeRow, owners: &Owners<'_>) {
        let words = |text: &Option<String>| text.clone().filter(|_| row.kind.has_closed_words());
        let key = CountKey {
            subject: row.subject,
            kind: row.kind,
            aspect: row.aspect.clone(),
            old: words(&row.old),
            new: words(&row.new),
        };
        if row.kind.is_news() {
            // A domain that moved is news of the provider that it moved to.
            let moved = Owners { provider: row.provider.as_deref(), policy_operator: None };
            let owners = if row.kind == ChangeKind::MxMoved { &moved } else { owners };
            for (role, owner) in named(row.subject, &row.name, owners) {
                if role == Role::Provider || concerns_policy(&key) {
                    *self.groups.entry((key.clone(), role, owner.to_owned())).or_default() += 1;
                }
            }
        }
        let count = self.counts.entry(key).or_default();
        count.rows += 1;
        count.domains += row.domains;
    }
}

/// The operators of a domain's hosts that are not the owner of the domain.
fn named<'o>(subject: Subject, name: &str, owners: &Owners<'o>) -> impl Iterator<Item = (Role, &'o str)> {
    let own = (subject == Subject::Domain).then(|| name::registrable(name).unwrap_or(name).to_owned());
    let roles = [(Role::Provider, owners.provider), (Role::PolicyOperator, owners.policy_operator)];
    let known = roles.into_iter().filter_map(|(role, owner)| Some((role, owner?)));
    known.filter(move |(_, owner)| own.as_deref() != Some(*owner))
}

/// Whether the operator of the policy host can have caused it.
fn concerns_policy(key: &CountKey) -> bool {
    use ChangeKind::*;
    match key.kind {
        StsAdopted | StsWithdrawn | PolicyUpdated | PolicyWithoutNewId | IdWithoutNewPolicy | ModeDowngraded
        | ModeUpgraded | MaxAgeLowered | MaxAgeRaised | PolicyHostMoved | PolicyOutdated => true,
        VerdictChanged | FailureNew | FailureHealed | FailurePersists => {
            key.aspect.as_deref().is_some_and(|aspect| aspect.starts_with("sts_"))
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
