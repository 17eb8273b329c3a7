//! A comparison in one screen, and as `summary.json`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde_json::{Value, json};

use super::crawl::ComparedCrawl;
use super::tally::{CountKey, Role, Tally};
use crate::change::{ChangeKind, Subject};
use crate::manifest::{Made, Tool};
use mxcensus_rules::text;
use mxcensus_rules::verdict::DaneVerdict;

/// Version of `summary.json`.
const FORMAT: u32 = 1;
/// Groups by operator that `summary.json` lists, the greatest first: what is left out is counted there.
const GROUPS: usize = 1000;
/// Groups by operator that the terminal lists.
const GROUPS_SHOWN: usize = 12;
/// A group of fewer domains may be chance; a larger one has a cause.
const GROUP_AT_LEAST: u64 = 5;
/// Verdict changes that the terminal lists.
const VERDICTS_SHOWN: usize = 10;

/// What a reader must know of one of the two crawls.
#[derive(Clone, Debug)]
struct Side {
    directory: String,
    made: Option<Made>,
    domains: u64,
    begun: Option<String>,
    ended: Option<String>,
    complete: bool,
    rules_version: String,
    trust_store: Option<String>,
    dnssec: Option<String>,
    judged_otherwise: bool,
}

impl Side {
    fn of(crawl: &ComparedCrawl) -> Self {
        let (manifest, judgement) = (&crawl.manifest, &crawl.judgement);
        let deciding = judgement.trust_stores.iter().find(|store| store.name == judgement.deciding);
        Side {
            directory: crawl.root().display().to_string(),
            made: manifest.made,
            domains: manifest.input.as_ref().map_or(crawl.judged_domains, |input| input.rows),
            begun: manifest.runs.first().map(|run| run.start.clone()),
            ended: manifest.runs.iter().rev().find_map(|run| run.end.clone()),
            complete: manifest.complete,
            rules_version: judgement.rules_version.clone(),
            trust_store: deciding.map(|store| store.sha256.clone()),
            dnssec: manifest.resolver.as_ref().map(|resolver| resolver.dnssec.clone()),
            judged_otherwise: judgement.instant.is_some() || judgement.lenient || !judgement.distrusted.is_empty(),
        }
    }

    fn json(&self) -> Value {
        json!({
            "directory": self.directory, "made": self.made, "domains": self.domains, "begun": self.begun, "ended": self.ended,
            "complete": self.complete, "rules_version": self.rules_version, "trust_store_sha256": self.trust_store,
            "dnssec": self.dnssec,
        })
    }

    fn line(&self) -> String {
        let day = |instant: &Option<String>| instant.as_deref().and_then(|text| text.get(..10)).map(str::to_owned);
        let days = match (day(&self.begun), day(&self.ended)) {
            (Some(begun), Some(ended)) if begun != ended => format!(", {begun} to {ended}"),
            (Some(day), _) | (None, Some(day)) => format!(", {day}"),
            (None, None) => String::new(),
        };
        let incomplete = if self.complete { "" } else { ", INCOMPLETE" };
        let made = self.made.map_or_else(String::new, |made| format!(", MADE DATA ({})", made.word()));
        format!("{} domains{days}{incomplete}{made}  {}", grouped(self.domains), printable(&self.directory))
    }
}

mxcensus_rules::words! {
    /// Why changes may come from how was looked, and not from what was there.
    Warning {
        /// OLD is incomplete: what it has no row for is out of sight, not gone.
        OldIncomplete = "old-incomplete",
        /// NEW is incomplete: what it has no row for is out of sight, not gone.
        NewIncomplete = "new-incomplete",
        /// The two were judged by different versions of the rules: judge both again with one mxcensus.
        RulesDiffer = "rules-differ",
        /// The two were judged against different sets of roots: judge one again with the other's trust-store.pem to see what that does.
        RootsDiffer = "roots-differ",
        /// One was judged as a what-if (an instant, a distrusted root, or leniently).
        JudgedOtherwise = "judged-otherwise",
        /// DNSSEC was validated in different ways, or by one of the two not at all.
        DnssecDiffers = "dnssec-differs",
        /// OLD began after NEW: were they given the wrong way round?
        WrongOrder = "wrong-order",
    }
}

/// A comparison: the two crawls, what to beware of, and the counts.
#[derive(Clone, Debug)]
pub struct Summary {
    old: Side,
    new: Side,
    warnings: Vec<Warning>,
    tally: Tally,
}

impl Summary {
    /// Puts it together.
    pub(super) fn new(old: &ComparedCrawl, new: &ComparedCrawl, tally: Tally) -> Self {
        let (old, new) = (Side::of(old), Side::of(new));
        let later =
            |old: &Option<String>, new: &Option<String>| matches!((old, new), (Some(old), Some(new)) if old > new);
        let given = [
            (Warning::OldIncomplete, !old.complete),
            (Warning::NewIncomplete, !new.complete),
            (Warning::RulesDiffer, old.rules_version != new.rules_version),
            (Warning::RootsDiffer, old.trust_store != new.trust_store),
            (Warning::JudgedOtherwise, old.judged_otherwise || new.judged_otherwise),
            (Warning::DnssecDiffers, old.dnssec != new.dnssec),
            (Warning::WrongOrder, later(&old.begun, &new.begun)),
        ];
        let warnings = given.into_iter().filter(|(_, holds)| *holds).map(|(warning, _)| warning).collect();
        Summary { old, new, warnings, tally }
    }

    /// What to beware of.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The counts.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The whole as `summary.json` has it; docs/diff.md explains the fields.
    pub fn json(&self, tool: &Tool) -> Value {
        let population = &self.tally.population;
        let key_json = |key: &CountKey| json!({"subject": key.subject, "kind": key.kind, "aspect": key.aspect, "old": key.old, "new": key.new});
        let with = |mut value: Value, more: Value| {
            if let (Value::Object(map), Value::Object(more)) = (&mut value, more) {
                map.extend(more);
            }
            value
        };
        let counts = self.tally.counts.iter();
        let counts: Vec<Value> = counts
            .map(|(key, count)| with(key_json(key), json!({"rows": count.rows, "domains": count.domains})))
            .collect();
        let groups = self.groups();
        let operators: Vec<Value> = groups
            .iter()
            .take(GROUPS)
            .map(|group| {
                let what = json!({"role": group.role.word(), "operator": group.operator});
                with(with(what, key_json(group.key)), json!({"count": group.count, "of": group.of}))
            })
            .collect();
        let adoption: BTreeMap<_, _> = self
            .tally
            .adoption
            .iter()
            .map(|(mechanism, [comparable, old, new])| {
                (*mechanism, json!({"comparable": comparable, "old": old, "new": new}))
            })
            .collect();
        json!({
            "format": FORMAT,
            "tool": tool,
            "old": self.old.json(),
            "new": self.new.json(),
            "warnings": self.warnings.iter().map(|w| json!({"word": w.word(), "meaning": w.meaning()})).collect::<Vec<_>>(),
            "population": {
                "old": population.old, "new": population.new, "both": population.both, "compared": population.compared,
                "unseen_in_old": population.unseen_in_old, "unseen_in_new": population.unseen_in_new,
                "unseen_in_both": population.unseen_in_both, "hosts_with_tlsa": population.hosts,
            },
            "comparable": self.tally.comparable,
            "adoption": adoption,
            "kinds": ChangeKind::ALL.iter().map(|kind| (kind.word().to_owned(), json!(self.rows(*kind)))).collect::<serde_json::Map<_, _>>(),
            "counts": counts,
            "operators": operators,
            "operators_left_out": groups.len().saturating_sub(GROUPS),
        })
    }

    /// Rows of a kind.
    pub fn rows(&self, kind: ChangeKind) -> u64 {
        self.count(|key| key.kind == kind)
    }

    fn count(&self, wanted: impl Fn(&CountKey) -> bool) -> u64 {
        self.tally.counts.iter().filter(|(key, _)| wanted(key)).map(|(_, count)| count.rows).sum()
    }

    /// The groups by operator, the greatest first.
    fn groups(&self) -> Vec<Group<'_>> {
        let of = |role: Role, operator: &String| self.tally.served.get(&(role, operator.clone())).copied();
        let mut groups: Vec<Group<'_>> = self
            .tally
            .groups
            .iter()
            .map(|((key, role, operator), count)| Group {
                key,
                role: *role,
                operator,
                count: *count,
                of: of(*role, operator).filter(|_| key.subject == Subject::Domain),
            })
            .collect();
        groups.sort_by_key(|group| Reverse(group.count));
        groups
    }
}

/// One kind of change at one operator.
struct Group<'s> {
    key: &'s CountKey,
    role: Role,
    operator: &'s str,
    count: u64,
    of: Option<u64>,
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "OLD  {}", self.old.line())?;
        writeln!(f, "NEW  {}", self.new.line())?;
        for warning in &self.warnings {
            writeln!(f, "Beware: {}", warning.meaning())?;
        }
        self.write_population(f)?;
        self.write_adoption(f)?;
        self.write_failures(f)?;
        self.write_policies(f)?;
        self.write_hosts(f)?;
        self.write_verdicts(f)?;
        self.write_operators(f)
    }
}

impl Summary {
    fn write_population(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let population = &self.tally.population;
        let rows = |kind| grouped(self.rows(kind));
        writeln!(
            f,
            "\n{} domains in both lists, {} compared; {} appeared, {} vanished.",
            grouped(population.both),
            grouped(population.compared),
            rows(ChangeKind::Appeared),
            rows(ChangeKind::Vanished)
        )?;
        let unseen = [
            (population.unseen_in_new, "out of sight in NEW alone"),
            (population.unseen_in_old, "in OLD alone"),
            (population.unseen_in_both, "in both"),
        ];
        if unseen.iter().any(|(count, _)| *count > 0) {
            let parts: Vec<String> = unseen.iter().map(|(count, what)| format!("{} {what}", grouped(*count))).collect();
            writeln!(f, "Not compared: {} (opted out, look-up failed, or no row).", parts.join(", "))?;
        }
        let (began, ended) = (self.rows(ChangeKind::MailBegan), self.rows(ChangeKind::MailEnded));
        if began + ended > 0 {
            writeln!(f, "Mail: {} take it now and did not, {} no more.", grouped(began), grouped(ended))?;
        }
        Ok(())
    }

    fn write_adoption(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nPublished              OLD         NEW       begun       ended   of domains comparable")?;
        let lines = [
            ("MTA-STS", "mta-sts", ChangeKind::StsAdopted, ChangeKind::StsWithdrawn),
            ("DANE", "dane", ChangeKind::DaneAdopted, ChangeKind::DaneWithdrawn),
            ("TLSRPT", "tlsrpt", ChangeKind::TlsrptAdopted, ChangeKind::TlsrptWithdrawn),
        ];
        for (name, mechanism, begun, ended) in lines {
            let [comparable, old, new] = self.tally.adoption.get(mechanism).copied().unwrap_or_default();
            let cells = [old, new, self.rows(begun), self.rows(ended), comparable].map(grouped);
            let [old, new, begun, ended, comparable] = &cells;
            writeln!(f, "  {name:<12}{old:>12}{new:>12}{begun:>12}{ended:>12}{comparable:>14}")?;
        }
        let signed = |kind, subject| self.count(|key| key.kind == kind && key.subject == subject);
        for (what, subject) in [("MX RRsets of domains", Subject::Domain), ("hosts with TLSA", Subject::Host)] {
            let gained = signed(ChangeKind::DnssecGained, subject);
            let lost = signed(ChangeKind::DnssecLost, subject);
            if gained + lost > 0 {
                writeln!(f, "DNSSEC of {what}: {} gained it, {} lost it.", grouped(gained), grouped(lost))?;
            }
        }
        Ok(())
    }

    fn write_failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nFailures               new      healed    persists")?;
        for (name, aspect) in [("MTA-STS", "sts_verdict"), ("DANE", "dane_verdict"), ("DANE, hosts", "dane_host")] {
            let kinds = [ChangeKind::FailureNew, ChangeKind::FailureHealed, ChangeKind::FailurePersists];
            let cells =
                kinds.map(|kind| grouped(self.count(|key| key.kind == kind && key.aspect.as_deref() == Some(aspect))));
            let [new, healed, persists] = &cells;
            writeln!(f, "  {name:<12}{new:>12}{healed:>12}{persists:>12}")?;
        }
        Ok(())
    }

    fn write_policies(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |kind| grouped(self.rows(kind));
        writeln!(
            f,
            "\nPolicies: {} changed with a new id, {} without one; {} new ids without a new policy; {} policy hosts moved.",
            rows(ChangeKind::PolicyUpdated),
            rows(ChangeKind::PolicyWithoutNewId),
            rows(ChangeKind::IdWithoutNewPolicy),
            rows(ChangeKind::PolicyHostMoved)
        )?;
        writeln!(
            f,
            "  mode {} down, {} up; max_age {} down, {} up; {} name the MX of OLD and not that of NEW.",
            rows(ChangeKind::ModeDowngraded),
            rows(ChangeKind::ModeUpgraded),
            rows(ChangeKind::MaxAgeLowered),
            rows(ChangeKind::MaxAgeRaised),
            rows(ChangeKind::PolicyOutdated)
        )?;
        let (moved, changed) = (rows(ChangeKind::MxMoved), rows(ChangeKind::MxChanged));
        writeln!(f, "MX: {moved} moved to another provider, {changed} changed hosts within one.")
    }

    fn write_hosts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |kind| grouped(self.rows(kind));
        writeln!(
            f,
            "Hosts with TLSA: {} compared; {} have it now and had not, {} no more.",
            grouped(self.tally.population.hosts),
            rows(ChangeKind::TlsaAdded),
            rows(ChangeKind::TlsaRemoved)
        )?;
        writeln!(
            f,
            "  certificate changed: TLSA still matches at {}, no more at {}; TLSA alone changed, no more at {};\n  \
             {} have TLSA that names a certificate which only OLD saw.",
            rows(ChangeKind::RolloverKept),
            rows(ChangeKind::RolloverBroke),
            rows(ChangeKind::TlsaBroke),
            rows(ChangeKind::TlsaStale)
        )
    }

    fn write_verdicts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_shown = |key: &CountKey| {
            key.kind == ChangeKind::VerdictChanged
                && matches!(key.aspect.as_deref(), Some("sts_verdict" | "dane_verdict" | "conflict" | "outcome_both"))
        };
        let mut shown: Vec<_> = self.tally.counts.iter().filter(|(key, _)| is_shown(key)).collect();
        if shown.is_empty() {
            return Ok(());
        }
        shown.sort_by_key(|(_, count)| Reverse(count.rows));
        writeln!(f, "\nVerdicts that changed:")?;
        for (key, count) in shown.iter().take(VERDICTS_SHOWN) {
            writeln!(f, "  {:>10}  {}", grouped(count.rows), described(key))?;
        }
        match shown.len().saturating_sub(VERDICTS_SHOWN) {
            0 => Ok(()),
            rarer => writeln!(f, "              and {rarer} rarer changes"),
        }
    }

    fn write_operators(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A verdict that changed is shown as what it is, a failure or an adoption; only DNSSEC that comes or goes is neither.
        let is_told = |key: &CountKey| {
            let insecure = Some(DaneVerdict::Insecure.word());
            key.kind != ChangeKind::VerdictChanged
                || key.aspect.as_deref() == Some("dane_verdict")
                    && (key.old.as_deref() == insecure || key.new.as_deref() == insecure)
        };
        let is_shown = |group: &&Group<'_>| group.count >= GROUP_AT_LEAST && is_told(group.key);
        let groups = self.groups();
        let shown: Vec<&Group<'_>> = groups.iter().filter(is_shown).take(GROUPS_SHOWN).collect();
        if shown.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nMany at one operator (domains, of those compared there; or hosts):")?;
        for group in shown {
            let role = if group.role == Role::Provider { "MX" } else { "policies" };
            let of = group.of.map_or_else(|| " hosts".to_owned(), |of| format!(" of {}", grouped(of)));
            let operator = printable(group.operator);
            writeln!(f, "  {:>10}{of:<14}  {operator} ({role}): {}", grouped(group.count), described(group.key))?;
        }
        Ok(())
    }
}

/// `kind aspect: old → new`, as far as there is any.
fn described(key: &CountKey) -> String {
    let mut out = match (&key.aspect, key.kind) {
        (Some(aspect), ChangeKind::VerdictChanged) => aspect.clone(),
        (Some(aspect), kind) => format!("{kind}, {aspect}"),
        (None, kind) => kind.to_string(),
    };
    if let (Some(old), Some(new)) = (&key.old, &key.new) {
        out.push_str(&format!(": {old} → {new}"));
    }
    printable(&out)
}

/// Names come from files that anybody can have written: nothing that a terminal would obey is printed.
fn printable(text: &str) -> String {
    text::escape(text.as_bytes())
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
