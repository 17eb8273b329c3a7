//! Domain lists: read once as a stream, normalised, de-duplicated, and kept in the dataset.
//!
//! [`read_list`] understands what the usual publishers publish ([`mod@format`]), gzip, zstd and zip, a file or
//! standard input; `#` begins a comment. What is a domain goes to the [`Spool`] in `DIR/input/domains.csv`, which makes a
//! scan resumable whatever the list came from; every other line goes to `DIR/input/rejected.csv` with its
//! line number and reason. The list is never in memory: 16 bytes for each distinct domain are.
//!
//! [`OptOut`] is the other list: whom not to look at.

pub mod format;
mod opt_out;
pub mod provenance;
mod seen;
mod source;
mod spool;
mod zipped;

pub use opt_out::{OptOut, OptOutError};
pub use seen::SeenSet;
pub use source::Source;
pub use spool::{Entry, Spool};

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files::Staged;
use crate::{DatasetError, manifest};
use format::Format;
use mxcensus_rules::{name, text};

const SPOOL: &str = "domains.csv";
const REJECTED: &str = "rejected.csv";
/// Bytes of a rejected line that are kept: enough to find it again.
const REJECTED_TEXT_BYTES: usize = 200;

/// Why there is no list to scan.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentences say it; `name` is the list as it was named, `-` being standard input")]
pub enum InputError {
    #[error("{name} cannot be read: {source}")]
    Read { name: String, source: io::Error },
    #[error("{name} is {what}: {advice}")]
    Unsupported { name: String, what: &'static str, advice: &'static str },
    #[error("{name} is no list of domains: most of its lines are binary data or not UTF-8")]
    Binary { name: String },
    #[error("{name} is empty: it names no domain")]
    Empty { name: String },
    #[error("{name} names no domain: {lines} lines were rejected, the first, line {first_line}, because {reason}")]
    NoDomains { name: String, lines: u64, first_line: u64, reason: Rejection },
    #[error("{} cannot be read back: {reason}", .path.display())]
    Spool { path: PathBuf, reason: String },
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

/// What a list held.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The list as it was named.
    pub name: String,
    /// Lower-case hex SHA-256 of its bytes as they came; none when a stream was not read to its end.
    pub sha256: Option<String>,
    /// Distinct domains.
    pub rows: u64,
    /// Lines that are no domain.
    pub rejected: u64,
    /// How many for each reason, by its word.
    pub reasons: BTreeMap<String, u64>,
    /// Lines that name a domain again.
    pub duplicates: u64,
    /// The most domains that were to be taken.
    pub limit: Option<u64>,
    /// Where the list was fetched from, where that is known.
    pub source: Option<manifest::ListSource>,
}

/// Why a line is no domain.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// It is too long to be one.
    TooLong,
    /// Bytes that are no text.
    NotUtf8,
    /// No domain name; what was meant, where that can be told.
    Name(name::NameError, Option<String>),
}

impl Rejection {
    /// The word in `rejected.csv` and in the manifest.
    pub fn word(&self) -> String {
        match self {
            Rejection::TooLong => format!("longer than {} bytes", source::LINE_BYTES),
            Rejection::NotUtf8 => "not UTF-8".to_owned(),
            Rejection::Name(error, _) => error.word().to_owned(),
        }
    }

    fn meant(&self) -> Option<&str> {
        match self {
            Rejection::Name(_, meant) => meant.as_deref(),
            Rejection::TooLong | Rejection::NotUtf8 => None,
        }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rejection::TooLong => write!(f, "it is longer than {} bytes", source::LINE_BYTES),
            Rejection::NotUtf8 => f.write_str("it is not UTF-8"),
            Rejection::Name(error, None) => f.write_str(error.explained()),
            Rejection::Name(error, Some(meant)) => write!(f, "{}. Did you mean {meant}?", error.explained()),
        }
    }
}

impl Listed {
    /// As the manifest has it.
    pub fn for_manifest(&self, shuffle_seed: u64) -> manifest::Input {
        manifest::Input {
            name: self.name.clone(),
            sha256: self.sha256.clone(),
            rows: self.rows,
            rejected: self.rejected,
            rejected_reasons: self.reasons.clone(),
            duplicates: self.duplicates,
            limit: self.limit,
            shuffle_seed,
            source: self.source.clone(),
        }
    }
}

/// Reads a list into `folder` (`DIR/input`): its distinct domains in list order, at most `limit` of them, and what
/// was rejected. On an error neither file is there.
pub fn read_list(source: &Source, folder: &Path, limit: Option<u64>) -> Result<Listed, InputError> {
    let name = source.name();
    let unreadable = |e| InputError::Read { name: name.clone(), source: e };
    let mut lines = source.open()?;
    let mut outputs = Outputs::create(folder)?;
    let mut listed = Listed {
        name: name.clone(),
        sha256: None,
        rows: 0,
        rejected: 0,
        reasons: BTreeMap::new(),
        duplicates: 0,
        limit,
        source: None,
    };
    let mut seen = SeenSet::default();
    let mut format = None;
    let mut first_rejected = None;
    while limit.is_none_or(|limit| listed.rows < limit) {
        let Some(line) = lines.next_line().map_err(unreadable)? else { break };
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        match understand(&line.bytes, line.truncated, &mut format) {
            Ok(None) => {}
            Ok(Some((rank, domain))) => {
                if seen.insert(xxhash_rust::xxh3::xxh3_128(domain.as_bytes())) {
                    listed.rows += 1;
                    outputs.accept(rank, &domain)?;
                } else {
                    listed.duplicates += 1;
                }
            }
            Err(reason) => {
                listed.rejected += 1;
                *listed.reasons.entry(reason.word()).or_default() += 1;
                outputs.reject(line.number, &reason, &line.bytes, line.truncated)?;
                first_rejected.get_or_insert((line.number, reason));
            }
        }
    }
    if listed.rows == 0 && limit != Some(0) {
        return Err(match first_rejected {
            None => InputError::Empty { name },
            Some((first_line, reason)) => InputError::NoDomains { name, lines: listed.rejected, first_line, reason },
        });
    }
    listed.sha256 = lines.digest(source)?;
    listed.source = match source.path() {
        Some(path) => provenance::of(path, listed.sha256.as_deref())?,
        None => None,
    };
    outputs.publish()?;
    Ok(listed)
}

/// What a line names: nothing when it is a header or a comment. The first line that is neither blank nor a comment settles
/// the format.
fn understand(
    line: &[u8],
    truncated: bool,
    format: &mut Option<Format>,
) -> Result<Option<(Option<i64>, String)>, Rejection> {
    if truncated {
        return Err(Rejection::TooLong);
    }
    let Ok(line) = std::str::from_utf8(line) else { return Err(Rejection::NotUtf8) };
    let line = without_comment(line);
    if line.trim().is_empty() {
        return Ok(None);
    }
    let format = match format {
        Some(format) => format,
        None => {
            let found = format::header(line);
            let is_header = found.is_some();
            let settled = format.insert(found.unwrap_or(Format::ByLine));
            if is_header {
                return Ok(None);
            }
            settled
        }
    };
    let (rank, domain) = format.pick(line);
    match name::to_ascii(domain) {
        Ok(domain) => Ok(Some((rank, domain))),
        Err(error) => Err(Rejection::Name(error, name::meant(domain))),
    }
}

/// A line up to its comment: `#` at its start, or behind white space, since a URL may hold one.
fn without_comment(line: &str) -> &str {
    let begins = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').map(|(at, _)| at).find(|at| begins(*at)).map_or(line, |at| &line[..at])
}

/// The two files that reading a list makes.
struct Outputs {
    spool: Staged,
    spool_path: PathBuf,
    rejected: csv::Writer<Staged>,
    rejected_path: PathBuf,
}

impl Outputs {
    fn create(folder: &Path) -> Result<Self, DatasetError> {
        std::fs::create_dir_all(folder).map_err(|e| DatasetError::from_io(folder, e))?;
        let (spool_path, rejected_path) = (folder.join(SPOOL), folder.join(REJECTED));
        let mut outputs = Outputs {
            spool: Staged::create(&spool_path)?,
            rejected: csv::Writer::from_writer(Staged::create(&rejected_path)?),
            spool_path,
            rejected_path,
        };
        outputs.reject_record(&["line_number", "reason", "text", "text_truncated", "meant"])?;
        Ok(outputs)
    }

    fn accept(&mut self, rank: Option<i64>, domain: &str) -> Result<(), DatasetError> {
        let written = match rank {
            Some(rank) => writeln!(self.spool, "{rank},{domain}"),
            None => writeln!(self.spool, ",{domain}"),
        };
        written.map_err(|e| DatasetError::from_io(&self.spool_path, e))
    }

    fn reject(&mut self, number: u64, reason: &Rejection, line: &[u8], truncated: bool) -> Result<(), DatasetError> {
        let text = text::escape(&line[..line.len().min(REJECTED_TEXT_BYTES)]);
        let truncated = truncated || line.len() > REJECTED_TEXT_BYTES;
        self.reject_record(&[
            &number.to_string(),
            &reason.word(),
            &text::csv_cell(&text),
            if truncated { "true" } else { "false" },
            reason.meant().unwrap_or_default(),
        ])
    }

    fn reject_record(&mut self, fields: &[&str]) -> Result<(), DatasetError> {
        self.rejected.write_record(fields).map_err(|e| {
            let source = match e.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => io::Error::other(format!("{other:?}")),
            };
            DatasetError::from_io(&self.rejected_path, source)
        })
    }

    /// The spool comes last: when it is there, the list was read whole.
    fn publish(self) -> Result<(), DatasetError> {
        let rejected =
            self.rejected.into_inner().map_err(|e| DatasetError::from_io(&self.rejected_path, e.into_error()))?;
        rejected.publish()?;
        self.spool.publish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
