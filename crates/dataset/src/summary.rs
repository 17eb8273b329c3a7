//! A dataset in one screen: what a person wants to know when a scan or a judgement ends.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::Path;

use serde::Deserialize;

use crate::manifest::{Made, Manifest};
use crate::{Dataset, DatasetError, Row, TableReader};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{EndpointRow, MxHostRow, MxStatus};
use mxcensus_rules::verdict::{Outcome, Protection, StsRecord, VerdictRow};

/// Counts over the rows of `verdicts`. Order of the rows does not matter.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    made: Option<Made>,
    rejected: u64,
    rejected_reasons: BTreeMap<String, u64>,
    domains: u64,
    take_mail: u64,
    no_mail: u64,
    undecided_mx: u64,
    opted_out: u64,
    inferred: u64,
    sts_records: u64,
    sts: BTreeMap<&'static str, u64>,
    sts_failures: BTreeMap<(&'static str, &'static str), u64>,
    dane: BTreeMap<&'static str, u64>,
    conflicts: BTreeMap<&'static str, u64>,
    tlsrpt: u64,
    outcomes: [BTreeMap<&'static str, u64>; 5],
    protections: [BTreeMap<&'static str, u64>; 3],
    left_out: LeftOut,
}

/// What was not looked at because a domain or an MX asked for more than a budget allows.
#[derive(Clone, Copy, Debug, Default)]
struct LeftOut {
    hosts: u64,
    hosts_in_part: u64,
    endpoints: u64,
}

/// What tells of it in a row of `mx_hosts`, and in one of `endpoints`.
#[derive(Deserialize)]
struct HostBudget {
    a_error: Option<Failure>,
    addresses_truncated: bool,
}

#[derive(Deserialize)]
struct EndpointBudget {
    error: Option<Failure>,
}

impl LeftOut {
    fn of(root: &Path) -> Result<LeftOut, DatasetError> {
        let mut left_out = LeftOut::default();
        let hosts = TableReader::open(root, MxHostRow::TABLE)?;
        for row in hosts.project::<HostBudget>() {
            let row = row?;
            left_out.hosts += u64::from(row.a_error == Some(Failure::Budget));
            left_out.hosts_in_part += u64::from(row.addresses_truncated);
        }
        for row in TableReader::open(root, EndpointRow::TABLE)?.project::<EndpointBudget>() {
            left_out.endpoints += u64::from(row?.error == Some(Failure::Budget));
        }
        Ok(left_out)
    }
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.hosts, "MX hosts were not looked up"),
            (self.hosts_in_part, "MX hosts had addresses left out"),
            (self.endpoints, "endpoints were not contacted"),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if counts.is_empty() { Ok(()) } else { writeln!(f, "Beyond our own limits: {}.", counts.join(", ")) }
    }
}

/// Reasons for rejected lines that are named.
const COMMONEST: usize = 3;

const SENDERS: [&str; 5] = ["opportunistic", "mta-sts", "dane", "dane, insecure mx", "both"];
const MECHANISMS: [&str; 3] = ["mta-sts", "dane", "both"];

impl Summary {
    /// The same with what the manifest says: whether the world was made, and what of the list was no domain.
    pub fn of_crawl(self, manifest: &Manifest) -> Self {
        let input = manifest.input.clone().unwrap_or_default();
        Summary { made: manifest.made, rejected: input.rejected, rejected_reasons: input.rejected_reasons, ..self }
    }

    /// The summary of a dataset as it was judged last.
    pub fn of(root: &Path) -> Result<Summary, DatasetError> {
        let mut summary = Summary::default();
        for row in TableReader::open(root, VerdictRow::TABLE)?.rows::<VerdictRow>() {
            summary.add(&row?);
        }
        summary.of_crawl(&Dataset::open(root)?.manifest()?).of_limits(root)
    }

    /// The same with what was left out of the dataset, which is counted from its observed rows.
    pub fn of_limits(self, root: &Path) -> Result<Summary, DatasetError> {
        Ok(Summary { left_out: LeftOut::of(root)?, ..self })
    }

    /// Counts one row.
    pub fn add(&mut self, row: &VerdictRow) {
        self.domains += 1;
        match row.mx_status {
            MxStatus::Present | MxStatus::Implicit | MxStatus::NullMixed => self.take_mail += 1,
            MxStatus::Null | MxStatus::None | MxStatus::Nxdomain => self.no_mail += 1,
            MxStatus::Error => self.undecided_mx += 1,
            MxStatus::OptedOut => self.opted_out += 1,
        }
        self.inferred += u64::from(row.inferred);
        self.sts_records +=
            u64::from(!matches!(row.sts_record, StsRecord::Absent | StsRecord::Unknown | StsRecord::Error));
        *self.sts.entry(row.sts_verdict.word()).or_default() += 1;
        if let (Some(stage), Some(failure)) = (row.sts_failure_stage, row.sts_failure) {
            *self.sts_failures.entry((stage.word(), failure.word())).or_default() += 1;
        }
        *self.dane.entry(row.dane_verdict.word()).or_default() += 1;
        *self.conflicts.entry(row.conflict.word()).or_default() += 1;
        self.tlsrpt += u64::from(row.tlsrpt == mxcensus_rules::verdict::Tlsrpt::Valid);
        let outcomes = [
            row.outcome_opportunistic,
            row.outcome_mta_sts,
            row.outcome_dane,
            row.outcome_dane_insecure_mx,
            row.outcome_both,
        ];
        for (counts, outcome) in self.outcomes.iter_mut().zip(outcomes) {
            *counts.entry(outcome.word()).or_default() += 1;
        }
        let protections = [row.protection_mta_sts, row.protection_dane, row.protection_both];
        for (counts, protection) in self.protections.iter_mut().zip(protections) {
            *counts.entry(protection.word()).or_default() += 1;
        }
    }

    /// Rows counted so far.
    pub fn domains(&self) -> u64 {
        self.domains
    }

    fn tell_rejected(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rejected == 0 {
            return Ok(());
        }
        let mut reasons: Vec<_> = self.rejected_reasons.iter().collect();
        reasons.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
        let told: Vec<String> = reasons.iter().take(COMMONEST).map(|(word, count)| format!("{word} {count}")).collect();
        let lines = if self.rejected == 1 { "line of the list is" } else { "lines of the list are" };
        write!(f, "{} {lines} no domain (input/rejected.csv)", self.rejected)?;
        if !told.is_empty() {
            write!(f, ": {}", told.join(", "))?;
        }
        writeln!(f, "{}.", if reasons.len() > COMMONEST { ", others" } else { "" })
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(made) = self.made {
            writeln!(f, "{made}\n")?;
        }
        write!(f, "{} domains: {} take mail, {} do not", self.domains, self.take_mail, self.no_mail)?;
        for (count, what) in [(self.undecided_mx, "could not be looked up"), (self.opted_out, "opted out")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        writeln!(f, ".")?;
        self.tell_rejected(f)?;
        if self.inferred > 0 {
            writeln!(f, "{} rest on a sampled endpoint.", self.inferred)?;
        }
        write!(f, "{}", self.left_out)?;
        writeln!(f)?;
        writeln!(f, "MTA-STS   {} with a record; {}", self.sts_records, listed(&self.sts))?;
        let mut failures: Vec<_> = self.sts_failures.iter().collect();
        failures.sort_by_key(|&(name, count)| (std::cmp::Reverse(count), name));
        for ((stage, failure), count) in failures.iter().take(8) {
            writeln!(f, "            {count:>6}  failed at {stage}: {failure}")?;
        }
        if failures.len() > 8 {
            writeln!(f, "            and {} rarer failures", failures.len() - 8)?;
        }
        writeln!(f, "DANE      {}", listed(&self.dane))?;
        writeln!(f, "Conflict  {}", listed(&self.conflicts))?;
        writeln!(f, "TLSRPT    {} valid", self.tlsrpt)?;
        writeln!(f, "\nWhat a sender would do at first contact:")?;
        let words: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.word()).collect();
        table(f, &words, &SENDERS, &self.outcomes)?;
        writeln!(f, "\nProtected against an attacker on the path:")?;
        let words: Vec<&str> = Protection::ALL.iter().map(|protection| protection.word()).collect();
        table(f, &words, &MECHANISMS, &self.protections)
    }
}

/// Counts, the greatest first.
fn listed(counts: &BTreeMap<&'static str, u64>) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    counts.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ")
}

fn table(
    f: &mut fmt::Formatter<'_>,
    words: &[&str],
    names: &[&str],
    rows: &[BTreeMap<&'static str, u64>],
) -> fmt::Result {
    write!(f, "{:>20}", "")?;
    for word in words {
        write!(f, "  {word:>width$}", width = word.len().max(6))?;
    }
    writeln!(f)?;
    for (name, counts) in names.iter().zip(rows) {
        write!(f, "{name:>20}")?;
        for word in words {
            write!(f, "  {:>width$}", counts.get(word).copied().unwrap_or(0), width = word.len().max(6))?;
        }
        writeln!(f)?;
    }
    Ok(())
}
