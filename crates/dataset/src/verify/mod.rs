//! Whether a dataset is what its manifest says: every file and its digest, every key once, every row that must exist.
//!
//! [`files`] is the cheap part, which `scan --resume` and `judge` ask before they build on what is there: no listed file is
//! gone or of another size, the input is the one that was read, and no part file is a copy of another. [`dataset`] is all of
//! it: `mxcensus verify`. Nothing is changed.

mod rows;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::columns::EVERY_TABLE;
use crate::input::InputError;
use crate::manifest::{FileDigest, Manifest};
use crate::{Dataset, DatasetError, files as on_disk, part_files, row_count};

/// What is wrong with a dataset: one sentence each.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// A file that the manifest lists is not there.
    #[error("{0} is gone, and the manifest lists it")]
    Missing(String),
    /// A file has another size than the manifest says.
    #[error("{name} has {found} bytes, and the manifest says {listed}")]
    Size {
        /// The file.
        name: String,
        /// As listed.
        listed: u64,
        /// As found.
        found: u64,
    },
    /// A file has another content than the manifest says.
    #[error("{0} was changed: its SHA-256 is not the one in the manifest")]
    Content(String),
    /// A file has another number of rows than the manifest says.
    #[error("{name} has {found} rows, and the manifest says {listed}")]
    RowCount {
        /// The file.
        name: String,
        /// As listed.
        listed: u64,
        /// As found.
        found: u64,
    },
    /// A part file with the content of another one.
    #[error("{name} is a copy of {of}: each of its rows would count twice; remove one of the two")]
    Copy {
        /// The file that the manifest does not list, or the later by name.
        name: String,
        /// The other.
        of: String,
    },
    /// A part file that the manifest of a complete dataset does not list.
    #[error("{0} is not in the manifest, though the dataset is complete")]
    Unlisted(String),
    /// A file that cannot be read as what it is.
    #[error("{0}")]
    Unreadable(String),
    /// Rows of one key.
    #[error("{table}: {rows} rows have a key that another row has")]
    Repeated {
        /// The table.
        table: &'static str,
        /// How many rows are too many.
        rows: u64,
    },
    /// Rows that other rows, or the input, ask for.
    #[error("{table}: {rows} rows are missing that {asked_by} ask for, such as {example}")]
    RowsMissing {
        /// The table.
        table: &'static str,
        /// How many.
        rows: u64,
        /// What asks for them.
        asked_by: &'static str,
        /// The key of one of them.
        example: String,
    },
    /// Rows that nothing asks for.
    #[error("{table}: {rows} rows are there that {asked_by} do not ask for")]
    RowsTooMany {
        /// The table.
        table: &'static str,
        /// How many.
        rows: u64,
        /// What could have asked for them.
        asked_by: &'static str,
    },
}

/// Why a dataset could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is no dataset, or a file cannot be opened.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Its input cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Everything wrong.
    pub problems: Vec<Problem>,
    /// Files that were read.
    pub files: u64,
    /// Rows that were read.
    pub rows: u64,
    /// What the manifest says about the crawl.
    pub complete: bool,
}

impl Report {
    /// Whether everything is as it should be.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        let crawl = if self.complete { "a complete crawl" } else { "a crawl that is not complete" };
        let found = match self.problems.len() {
            0 => "nothing is wrong".to_owned(),
            1 => "one thing is wrong".to_owned(),
            count => format!("{count} things are wrong"),
        };
        writeln!(f, "{} files and {} rows of {crawl} were checked: {found}", self.files, self.rows)
    }
}

/// The cheap part: sizes, and digests where they tell something that a size does not.
pub fn files(dataset: &Dataset, manifest: &Manifest) -> Result<Vec<Problem>, DatasetError> {
    let root = dataset.root();
    // The caller judges again, so the verdicts are not checked.
    let observed = listed_parts(manifest).filter(|(name, _)| !is_judged(name));
    let mut problems: Vec<Problem> =
        observed.filter_map(|(name, listed)| check_size(root, &name, listed.digest.bytes)).collect();
    let input = manifest.files.iter().filter(|(name, _)| is_input(name));
    problems.extend(input.filter_map(|(name, listed)| check_digest(root, name, listed)));
    problems.extend(copies(root, manifest)?);
    Ok(problems)
}

/// Everything: each file is read whole, and each row.
pub fn dataset(root: &Path) -> Result<Report, VerifyError> {
    let dataset = Dataset::open(root)?;
    let manifest = dataset.manifest()?;
    let mut report = Report { complete: manifest.complete, ..Report::default() };
    for (name, listed) in listed_parts(&manifest) {
        report.files += 1;
        let problem = check_digest(root, &name, &listed.digest).or_else(|| check_rows(root, &name, listed.rows));
        report.problems.extend(problem);
    }
    for (name, listed) in &manifest.files {
        // What a run writes at its start is final when the crawl is.
        if manifest.complete || is_input(name) {
            report.files += 1;
            report.problems.extend(check_digest(root, name, listed));
        }
    }
    report.problems.extend(copies(root, &manifest)?);
    if manifest.complete {
        let unlisted = unlisted_parts(root, &manifest)?;
        report.problems.extend(unlisted.iter().map(|path| Problem::Unlisted(relative(root, path))));
    }
    // Rows of files that cannot be read would only be told again as missing.
    if report.is_sound() {
        rows::check(&dataset, &manifest, &mut report)?;
    }
    Ok(report)
}

fn is_judged(name: &str) -> bool {
    EVERY_TABLE.iter().any(|table| table.judged && name.split_once('/').is_some_and(|(folder, _)| folder == table.name))
}

/// The list as it was read, which never changes. What stands beside it may: an opt-out list is replaced.
pub(crate) fn is_input(name: &str) -> bool {
    ["input/domains.csv", "input/rejected.csv"].contains(&name)
}

/// One part file as the manifest lists it.
struct ListedPart {
    rows: u64,
    digest: FileDigest,
}

fn listed_parts(manifest: &Manifest) -> impl Iterator<Item = (String, ListedPart)> {
    manifest.tables.iter().flat_map(|(table, listed)| {
        listed.files.iter().map(move |file| {
            let digest = FileDigest { bytes: file.bytes, sha256: file.sha256.clone() };
            (format!("{table}/{}", file.name), ListedPart { rows: file.rows, digest })
        })
    })
}

fn check_size(root: &Path, name: &str, listed: u64) -> Option<Problem> {
    match std::fs::metadata(root.join(name)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(Problem::Missing(name.to_owned())),
        Err(error) => Some(Problem::Unreadable(format!("{name}: {error}"))),
        Ok(found) if found.len() != listed => Some(Problem::Size { name: name.to_owned(), listed, found: found.len() }),
        Ok(_) => None,
    }
}

fn check_digest(root: &Path, name: &str, listed: &FileDigest) -> Option<Problem> {
    if let Some(problem) = check_size(root, name, listed.bytes) {
        return Some(problem);
    }
    match on_disk::digest_of(&root.join(name)) {
        Err(error) => Some(Problem::Unreadable(error.to_string())),
        Ok(found) => (found.sha256 != listed.sha256).then(|| Problem::Content(name.to_owned())),
    }
}

fn check_rows(root: &Path, name: &str, listed: u64) -> Option<Problem> {
    match row_count(&root.join(name)) {
        Err(error) => Some(Problem::Unreadable(error.to_string())),
        Ok(found) if found != listed => Some(Problem::RowCount { name: name.to_owned(), listed, found }),
        Ok(_) => None,
    }
}

/// The part files that the manifest does not list: of a run that was killed, or put there by somebody.
fn unlisted_parts(root: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>, DatasetError> {
    let mut unlisted = Vec::new();
    for table in EVERY_TABLE {
        let listed = manifest.tables.get(table.name);
        let is_listed = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            listed.is_some_and(|listed| listed.files.iter().any(|file| file.name == name))
        };
        unlisted.extend(part_files(&root.join(table.name))?.into_iter().filter(|path| !is_listed(path)));
    }
    Ok(unlisted)
}

/// Unlisted part files with the content of another part file of their table. Only files of one size are read; a part
/// file without rows looks like any other.
fn copies(root: &Path, manifest: &Manifest) -> Result<Vec<Problem>, DatasetError> {
    let unlisted = unlisted_parts(root, manifest)?;
    let mut problems = Vec::new();
    for path in &unlisted {
        let (Some(folder), Ok(size)) = (path.parent(), size_of(path)) else { continue };
        let mut alike = part_files(folder)?;
        // Of two that nobody listed, the later is the copy.
        alike.retain(|other| other != path && (!unlisted.contains(other) || other < path));
        alike.retain(|other| size_of(other).is_ok_and(|other| other == size));
        if alike.is_empty() || row_count(path).is_ok_and(|rows| rows == 0) {
            continue;
        }
        let own = on_disk::digest_of(path)?.sha256;
        if let Some(other) = digests(&alike)?.get(&own) {
            problems.push(Problem::Copy { name: relative(root, path), of: relative(root, other) });
        }
    }
    Ok(problems)
}

fn digests(paths: &[PathBuf]) -> Result<BTreeMap<String, PathBuf>, DatasetError> {
    paths.iter().rev().map(|path| Ok((on_disk::digest_of(path)?.sha256, path.clone()))).collect()
}

fn size_of(path: &Path) -> std::io::Result<u64> {
    std::fs::metadata(path).map(|metadata| metadata.len())
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests;
