//! Two crawls compared: what appeared, vanished, changed, healed or broke, and which operator it happened at.
//!
//! Observed and judged rows of two datasets go in, rows of `changes` and a [`Summary`] come out. What is a change is
//! decided by two pure functions, [`domain::compare`] and [`host::compare`]; [`crate::change`] has the closed list of kinds.
//! Around them: [`crawl`] streams one dataset as facts, [`stage`] deals the facts of both into partitions on disk, so
//! that one partition is in memory at a time, and [`tally`] counts. The order of the output is that of the names,
//! whatever the partitions.
//!
//! Of hosts only those with TLSA records are held, some kilobytes each: tens of thousands in the whole world.

pub mod crawl;
pub mod domain;
pub mod host;
pub mod stage;
mod summary;
pub mod tally;

pub use summary::Summary;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::change::{Change, ChangeRow, Subject};
use crawl::{ComparedCrawl, Pair, Side, Statement};
use host::{HostSight, KnownCertificates};
use stage::Deal;
use tally::Tally;

use crate::columns::CHANGES;
use crate::input::InputError;
use crate::manifest::Tool;
use crate::piles::{Items, Pile, PileError, PileWriter};
use crate::{Author, DatasetError, PartSize, TableWriter, free_directory, write_json};

/// Why two datasets could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A dataset cannot be read, or the changes not be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The list of an incomplete dataset cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Observations without verdicts.
    #[error("{} has no verdicts: run `mxcensus judge {}` first", .0.display(), .0.display())]
    NotJudged(PathBuf),
    /// The temporary files.
    #[error("{0}; set TMPDIR, or --out, to a disk with about as much room as the datasets take")]
    Stage(#[from] PileError),
}

/// Domains of a partition: some 100 MB of facts.
const PARTITION_DOMAINS: u64 = 100_000;
/// Partitions at most: each is an open file.
const PARTITIONS: u64 = 256;

/// Compares two datasets and returns the summary; with `out`, writes `out/changes/*.parquet` and, last,
/// `out/summary.json`, which names `tool`.
pub fn run(old: &Path, new: &Path, out: Option<&Path>, tool: &Tool) -> Result<Summary, DiffError> {
    compare(old, new, out, tool, PARTITION_DOMAINS)
}

fn compare(
    old: &Path,
    new: &Path,
    out: Option<&Path>,
    tool: &Tool,
    partition_domains: u64,
) -> Result<Summary, DiffError> {
    let old = ComparedCrawl::open(old, Side::Old)?;
    let new = ComparedCrawl::open(new, Side::New)?;
    if let Some(out) = out {
        free_directory(out)?;
    }
    let beside = out.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let stage = tempfile::Builder::new().prefix(".comparing-").tempdir_in(&beside);
    let stage = stage.map_err(|source| PileError::new(&beside, source))?;

    let most = old.judged_domains.max(new.judged_domains);
    let piles = most.div_ceil(partition_domains.max(1)).clamp(1, PARTITIONS);
    let mut deal = Deal::new(stage.path(), usize::try_from(piles).unwrap_or(1))?;
    old.deal(&mut deal)?;
    new.deal(&mut deal)?;
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for (number, pile) in deal.finish()?.into_iter().enumerate() {
        found.push(compare_pile(&pile, stage.path(), number, &mut tally)?);
    }
    let host_rows = compare_hosts(&old, &new, &mut tally)?;

    if let Some(out) = out {
        let mut writer = changes_writer(out)?;
        merge(&found, |row| writer.push(row).map(drop).map_err(DiffError::from))?;
        for row in host_rows {
            writer.push(row)?;
        }
        writer.finish()?;
    }
    let summary = Summary::new(&old, &new, tally);
    if let Some(out) = out {
        drop(stage);
        write_json(&out.join("summary.json"), &summary.json(tool))?;
    }
    Ok(summary)
}

/// Compares the domains of one pile; the changes are kept as a pile of their own, by name.
fn compare_pile(
    pile: &Pile<Statement>,
    stage: &Path,
    number: usize,
    tally: &mut Tally,
) -> Result<Pile<ChangeRow>, DiffError> {
    let mut writer = PileWriter::new(stage, &format!("changes-{number:05}"))?;
    for (name, pair) in crawl::collect(pile.items()?)? {
        let changes = domain::compare(&pair.old, &pair.new);
        tally.add_domain(&name, &pair);
        for change in changes {
            let row = domain_row(&name, &pair, change);
            tally.add_change(&row, &pair.owners());
            writer.push(&row)?;
        }
    }
    Ok(writer.finish()?)
}

fn domain_row(name: &str, pair: &Pair, change: Change) -> ChangeRow {
    let (old, new) = (pair.old.verdict.as_ref(), pair.new.verdict.as_ref());
    let before = old.and_then(|facts| facts.provider.clone());
    let after = new.and_then(|facts| facts.provider.clone());
    ChangeRow {
        subject: Subject::Domain,
        name: name.to_owned(),
        kind: change.kind,
        aspect: change.aspect,
        old: change.old,
        new: change.new,
        rank: new.and_then(|facts| facts.rank).or(old.and_then(|facts| facts.rank)),
        provider_before: before.clone().filter(|_| after.is_some() && after != before),
        provider: after.or(before),
        policy_operator: pair.new.policy_operator.clone().or_else(|| pair.old.policy_operator.clone()),
        domains: 1,
    }
}

/// Compares the hosts with TLSA records that both crawls looked at; the rows by name.
fn compare_hosts(old: &ComparedCrawl, new: &ComparedCrawl, tally: &mut Tally) -> Result<Vec<ChangeRow>, DiffError> {
    let mut names = HashSet::new();
    old.add_hosts_with_tlsa(&mut names)?;
    new.add_hosts_with_tlsa(&mut names)?;
    let mut before = old.hosts(&names)?;
    let mut pairs: BTreeMap<String, (HostSight, HostSight)> = BTreeMap::new();
    for (name, after) in new.hosts(&names)? {
        if let Some(before) = before.remove(&name) {
            pairs.insert(name, (before, after));
        }
    }
    let mut known = KnownCertificates::default();
    let mut leaves: BTreeSet<&str> = BTreeSet::new();
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for (before, after) in pairs.values() {
        let (from, to) = (before.leaves(), after.leaves());
        if from != to {
            leaves.extend(from.into_iter().chain(to));
        }
        if host::needs_certificates(after) {
            wanted.extend(before.chains.iter().flatten().map(String::as_str));
        }
    }
    old.add_certificates(&leaves, &wanted, &mut known)?;
    new.add_certificates(&leaves, &BTreeSet::new(), &mut known)?;

    let mut rows = Vec::new();
    for (name, (before, after)) in &pairs {
        tally.add_host(before, after);
        for change in host::compare(before, after, &known) {
            let row = ChangeRow {
                subject: Subject::Host,
                name: name.clone(),
                kind: change.kind,
                aspect: change.aspect,
                old: change.old,
                new: change.new,
                rank: None,
                provider: after.provider.clone(),
                provider_before: None,
                policy_operator: None,
                domains: after.domains,
            };
            let owners = tally::Owners { provider: after.provider.as_deref(), policy_operator: None };
            tally.add_change(&row, &owners);
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Visits the rows of piles that are sorted by name, in the order of all their names. A name is in one pile only.
fn merge(
    piles: &[Pile<ChangeRow>],
    mut visit: impl FnMut(ChangeRow) -> Result<(), DiffError>,
) -> Result<(), DiffError> {
    let mut open: Vec<Items<ChangeRow>> = piles.iter().map(Pile::items).collect::<Result<_, _>>()?;
    let mut heads: Vec<Option<ChangeRow>> = Vec::with_capacity(open.len());
    let mut order: BinaryHeap<Reverse<(String, usize)>> = BinaryHeap::new();
    for (number, items) in open.iter_mut().enumerate() {
        let head = items.next().transpose()?;
        order.extend(head.as_ref().map(|row| Reverse((row.name.clone(), number))));
        heads.push(head);
    }
    while let Some(Reverse((_, number))) = order.pop() {
        let next = open[number].next().transpose()?;
        order.extend(next.as_ref().map(|row| Reverse((row.name.clone(), number))));
        if let Some(row) = std::mem::replace(&mut heads[number], next) {
            visit(row)?;
        }
    }
    Ok(())
}

fn changes_writer(out: &Path) -> Result<TableWriter<ChangeRow>, DiffError> {
    let folder = out.join(CHANGES.name);
    std::fs::create_dir_all(&folder).map_err(|error| DatasetError::from_io(&folder, error))?;
    let author = Author { worker: "diff".to_owned(), run: 1 };
    // By rows alone: the same pair must give the same files.
    Ok(TableWriter::new(out, &author, PartSize { rows: 1 << 20, age: Duration::MAX })?)
}

#[cfg(test)]
mod tests;
