//! Runs the judge over a dataset: rows in, verdict tables out.
//!
//! `scan` ends with it and `mxcensus judge` does it again at any time; the same code gives the same rows. The judge is
//! pure, this is the part that reads and writes files. Memory holds certificates, policies and a few hundred bytes
//! per MX host; domains are streamed in the order of the input.

mod distrust;
mod hosts;
mod order;
mod pipeline;
mod shelf;
mod stores;
mod what_if;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::columns::{CERTIFICATES, EVERY_TABLE, Table};
use crate::input::InputError;
use crate::judged::VerdictWriter;
use crate::manifest::{Judgement, Tool, TrustStoreName, rfc3339};
use crate::piles::PileError;
use crate::reader::Rows;
use crate::roots::{self, RootsError};
use crate::summary::Summary;
use crate::{Dataset, DatasetError, Part, Row, TableReader, files, part_files, row_count};
use distrust::Distrust;
use hosts::Hosts;
use mxcensus_judge::{Certificates, Judge, Parameters, RULES_VERSION, UNJUDGED};
use mxcensus_rules::observation::{Micros, PolicyRow};
use mxcensus_rules::pkix::TrustStore;
use shelf::{FileShelf, Trouble};
use stores::Compared;

/// Why a dataset could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum RejudgeError {
    /// The dataset cannot be read or the verdicts not be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The input as kept in the dataset cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The roots cannot be used.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// `--at` is no instant.
    #[error("--at {0:?} is neither an RFC 3339 instant nor seconds since 1970")]
    At(String),
    /// A what-if must not overwrite the scan's own verdicts.
    #[error("a changed parameter gives other verdicts: say with --out where to write them")]
    NeedsOut,
    /// A root that no trust store holds: nothing would change, so it is likely a mistake.
    #[error("--distrust {0}: no trust store holds a root of this fingerprint (SHA-256 of its DER, hex)")]
    UnknownRoot(String),
    /// What is to be distrusted cannot be understood.
    #[error("--distrust {given}: {reason}")]
    Distrust {
        /// As given, on the command line or in a file.
        given: String,
        /// Why not.
        reason: String,
    },
    /// A folder of trust stores is not what it should be.
    #[error("--stores {}: {reason}", folder.display())]
    Stores {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two trust stores of one name.
    #[error("--trust-store: the name {0:?} stands twice")]
    StoreTwice(String),
}

impl From<PileError> for RejudgeError {
    fn from(PileError { path, source }: PileError) -> Self {
        DatasetError::from_io(&path, source).into()
    }
}

/// A trust store and what it is called.
#[derive(Clone, Debug)]
pub struct Named {
    /// What the judgement calls it.
    pub name: String,
    /// Its roots.
    pub store: TrustStore,
}

/// What is to be judged, and how.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The dataset.
    pub dir: PathBuf,
    /// Judge as of this instant instead of each row's own: RFC 3339, or seconds since 1970.
    pub at: Option<String>,
    /// Roots to judge against, each `FILE` or `NAME=FILE`: the first decides. The dataset's own when empty.
    pub trust_store: Vec<String>,
    /// A folder of trust stores to compare, by the names of their files; those that the dataset keeps when not given.
    pub stores: Option<PathBuf>,
    /// Roots to take away, each `FINGERPRINT` (SHA-256 of its DER), or `FINGERPRINT@DAY` to refuse what it issued later, or a
    /// file of such lines.
    pub distrust: Vec<String>,
    /// The same, each with a day; `sct:` before one counts by the earliest embedded SCT instead of notBefore.
    pub distrust_after: Vec<String>,
    /// Let the tolerant reading of records and policies decide.
    pub lenient: bool,
    /// A directory for a dataset with these verdicts; into the dataset itself when not given.
    pub out: Option<PathBuf>,
}

/// Judges a dataset again and returns the summary of the deciding judgement, which names `tool`.
pub fn run(args: Request, tool: &Tool) -> Result<Summary, RejudgeError> {
    let changed = args.at.is_some()
        || args.lenient
        || !args.trust_store.is_empty()
        || !args.distrust.is_empty()
        || !args.distrust_after.is_empty();
    let out = match args.out {
        Some(out) => out,
        None if changed => return Err(RejudgeError::NeedsOut),
        None => args.dir.clone(),
    };
    // In place it is written to: nobody else may be at it, and what a judge left that was killed goes away.
    let dataset = if out == args.dir { Dataset::resume(&args.dir)? } else { Dataset::open(&args.dir)? };
    let manifest = dataset.manifest()?;
    dataset.check_files(&manifest)?;
    let mut stores = Vec::new();
    for given in &args.trust_store {
        let (name, path) = given.split_once('=').map_or((given.as_str(), given.as_str()), |(name, path)| (name, path));
        if stores.iter().any(|known: &Named| known.name == name) {
            return Err(RejudgeError::StoreTwice(name.to_owned()));
        }
        stores.push(Named { name: name.to_owned(), store: roots::read(Path::new(path))? });
    }
    if stores.is_empty() {
        let name = manifest.trust_store.as_ref().map_or_else(|| "dataset".to_owned(), |store| store.name.clone());
        stores.push(Named { name, store: roots::read(&dataset.trust_store_path())? });
    }
    let mut compared = match &args.stores {
        Some(folder) => stores::read(folder)?,
        None => stores::kept(&dataset.stores_folder())?,
    };
    let mut every: Vec<&mut Named> = stores.iter_mut().chain(compared.iter_mut().map(|one| &mut one.named)).collect();
    let distrusted = distrust_in(&mut every, &args.distrust, &args.distrust_after)?;
    let parameters = Parameters { at: args.at.as_deref().map(instant).transpose()?, lenient: args.lenient };
    let roots = Roots { stores, compared, distrusted };
    let other = if out == args.dir { None } else { Some(what_if::begin(&dataset, &out)?) };
    let (summary, parts) = judge(&dataset, &out, parameters, &roots, tool)?;
    if let Some(manifest) = other {
        files::write_atomically(&out.join("trust-store.pem"), roots.stores[0].store.to_pem().as_bytes())?;
        what_if::close(&out, manifest, described(&roots.stores[0]), parts)?;
    } else {
        // The dataset's own verdict files are in its manifest, those of the judgement before are not.
        let mut manifest = manifest;
        EVERY_TABLE.iter().filter(|table| table.judged).for_each(|table| drop(manifest.tables.remove(table.name)));
        for part in parts {
            manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file);
        }
        manifest.tables = dataset.table_files(&manifest.tables)?;
        manifest.files = dataset.other_files(&manifest.files)?;
        dataset.write_manifest(&manifest)?;
    }
    Ok(summary)
}

/// Takes away or limits roots in every store; what was distrusted, for the judgement.
fn distrust_in(stores: &mut [&mut Named], now: &[String], after: &[String]) -> Result<Vec<String>, RejudgeError> {
    let mut said = Vec::new();
    for (given, needs_date) in now.iter().map(|given| (given, false)).chain(after.iter().map(|given| (given, true))) {
        for distrust in Distrust::read(given, needs_date)? {
            if !stores.iter().any(|named| named.store.contains(distrust.fingerprint())) {
                return Err(RejudgeError::UnknownRoot(distrust.fingerprint().to_owned()));
            }
            for named in stores.iter_mut() {
                named.store = distrust.apply(&named.store);
            }
            said.push(distrust.to_string());
        }
    }
    Ok(said)
}

/// Judges a dataset at the end of its scan: the scan's own verdicts, and those of the stores that it keeps.
pub fn judge_own(dataset: &Dataset, roots: Named, tool: &Tool) -> Result<(Summary, Vec<Part>), RejudgeError> {
    let compared = stores::kept(&dataset.stores_folder())?;
    let roots = Roots { stores: vec![roots], compared, distrusted: Vec::new() };
    judge(dataset, dataset.root(), Parameters::default(), &roots, tool)
}

#[derive(Deserialize)]
struct Der {
    sha256: String,
    #[serde(with = "serde_bytes")]
    der: Vec<u8>,
}

/// How many rows the files of a table have.
fn rows_of(root: &Path, table: &Table) -> Result<usize, DatasetError> {
    let counts = part_files(&root.join(table.name))?.iter().map(|path| row_count(path)).sum::<Result<u64, _>>()?;
    Ok(usize::try_from(counts).unwrap_or_default())
}

/// The distinct rows of `R`'s table, without the columns that no rule looks at.
fn judged_rows<R: Row>(root: &Path) -> Result<Rows<R>, DatasetError> {
    let names = R::TABLE.columns.iter().map(|column| column.name);
    let judged: Vec<&str> = names.filter(|name| !UNJUDGED.contains(&(R::TABLE.name, *name))).collect();
    Ok(TableReader::distinct(root, R::TABLE)?.rows_with(&judged))
}

/// What a dataset is judged against.
struct Roots {
    /// The first decides, the others are judged each for itself.
    stores: Vec<Named>,
    /// What `store_verdicts` is about.
    compared: Vec<Compared>,
    /// What was distrusted in every one of them.
    distrusted: Vec<String>,
}

/// Judges against every store; the first decides and is written to `out`, the others to `out/by-store/NAME`. The compared ones
/// are written beside the first.
fn judge(
    dataset: &Dataset,
    out: &Path,
    parameters: Parameters,
    roots: &Roots,
    tool: &Tool,
) -> Result<(Summary, Vec<Part>), RejudgeError> {
    let Roots { stores, compared, distrusted } = roots;
    let root = dataset.root();
    let trouble = Trouble::default();
    let mut certificates = Certificates::on(Box::new(FileShelf::new(out, &trouble)));
    certificates.reserve(rows_of(root, &CERTIFICATES)?);
    for row in TableReader::distinct(root, &CERTIFICATES)?.project::<Der>() {
        let row = row?;
        certificates.insert(&row.sha256, &row.der);
    }
    let mut policies: HashMap<Box<str>, Box<PolicyRow>> = HashMap::new();
    for row in judged_rows::<PolicyRow>(root)? {
        let row = row?;
        policies.insert(row.domain.as_str().into(), Box::new(row));
    }
    let hosts = Hosts::read(root, &certificates)?;
    trouble.check(out)?;

    let manifest = dataset.manifest()?;
    let mut outcome = None;
    for (index, named) in stores.iter().enumerate() {
        let compared: &[Compared] = if index == 0 { compared } else { &[] };
        let by_name: Vec<_> = compared.iter().map(|one| (one.named.name.as_str(), &one.named.store)).collect();
        let judge = Judge::comparing(parameters, &named.store, &by_name, &certificates);
        let target: PathBuf =
            if index == 0 { out.to_owned() } else { out.join("by-store").join(file_name(&named.name)) };
        let mut writer = VerdictWriter::begin(&target)?;
        if !compared.is_empty() {
            writer = writer.comparing(&compared.iter().flat_map(Compared::files).collect::<Vec<_>>())?;
        }
        let (writer, summary) = pipeline::run(dataset, &target, writer, |domain| {
            judge.domain(domain, policies.get(&*domain.domain).map(|row| &**row), &hosts)
        })?;
        let judgement = Judgement {
            tool: tool.clone(),
            rules_version: RULES_VERSION.to_string(),
            instant: parameters.at.map(rfc3339),
            trust_stores: stores.iter().map(described).collect(),
            deciding: named.name.clone(),
            distrusted: distrusted.clone(),
            lenient: parameters.lenient,
            stores: compared.iter().map(Compared::described).collect(),
        };
        trouble.check(out)?;
        let parts = writer.commit(&judgement)?;
        if outcome.is_none() {
            outcome = Some((summary.of_crawl(&manifest).of_limits(root)?, parts));
        }
    }
    Ok(outcome.unwrap_or_default())
}

fn described(named: &Named) -> TrustStoreName {
    TrustStoreName { name: named.name.clone(), sha256: named.store.digest(), roots: named.store.len() as u64 }
}

/// A store's name as a folder's: anything that is not plain becomes `_`.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    name.chars().map(plain).collect()
}

fn instant(text: &str) -> Result<Micros, RejudgeError> {
    let wrong = || RejudgeError::At(text.to_owned());
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000_000).ok_or_else(wrong);
    }
    text.parse::<jiff::Timestamp>().map(|at| at.as_microsecond()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants() {
        assert_eq!(instant("0").unwrap(), 0);
        assert_eq!(instant("1700000000").unwrap(), 1_700_000_000_000_000);
        assert_eq!(instant("2023-11-14T22:13:20Z").unwrap(), 1_700_000_000_000_000);
        assert!(instant("next June").is_err());
        assert!(instant("99999999999999999").is_err());
    }
}
