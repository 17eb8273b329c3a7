//! The watch lane: of crawls an hour apart, only what changed is kept.
//!
//! A watch is a folder of rounds, each named after the hour that it is of: `rounds/2026-11-30T1400Z/<table>/*.parquet` with the
//! columns of a dataset, and `round.json`. A row stands there when it says something else than the one that was kept before for its
//! key (`stable` has what counts), so that a row holds until the next of its key. The first round of each day (UTC) keeps every
//! row: a day can be read, moved or removed without the others.

mod stable;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};

use self::stable::Watched;
use crate::manifest::{Made, Manifest, Tool};
use crate::{Author, Dataset, DatasetError, PartSize, TableReader, TableWriter, files, part_files, write_json};

/// Where the rounds of a watch are, below its folder.
pub const ROUNDS: &str = "rounds";

const ROUND: &str = "round.json";
/// Version of `round.json` and of what a round is.
const FORMAT: u32 = 1;
/// The part of a round's name that says its day.
const DAY: usize = "2026-11-30".len();

/// `round.json`: one look at everybody on the list.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Round {
    /// Version of the layout; 1.
    pub format: u32,
    /// Its name, which is its folder's.
    pub name: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// `lab`, `demo` or `sample` where nothing was measured on the internet.
    pub made: Option<Made>,
    /// When it began (RFC 3339).
    pub began: String,
    /// When it ended.
    pub ended: Option<String>,
    /// Everybody was looked at.
    pub complete: bool,
    /// It keeps every row, whether or not it changed.
    pub whole: bool,
    /// The list, as its dataset names it.
    pub list: String,
    /// Domains on it.
    pub domains: u64,
    /// What it says of each table.
    pub tables: BTreeMap<String, Seen>,
}

/// What a round saw of one table.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Seen {
    /// Rows that the crawl had.
    pub rows: u64,
    /// Rows that were kept.
    pub kept: u64,
    /// Keys that the rounds before had and this one, looking at everybody, had not.
    pub gone: Vec<Vec<String>>,
}

/// Keeps of the judged crawl at `crawl` what the watch in `folder` does not know yet, as the round `name`. Once the round has its name
/// it is whole; one that is there already stays as it is.
///
/// # Errors
/// The crawl or an earlier round cannot be read, or the round not be written.
pub fn keep(folder: &Path, name: &str, crawl: &Path, tool: &Tool) -> Result<Round, DatasetError> {
    let rounds = folder.join(ROUNDS);
    let path = rounds.join(name);
    if path.join(ROUND).is_file() {
        return read(&path);
    }
    let manifest = Dataset::open(crawl)?.manifest()?;
    let before = since_whole(&rounds, name)?;
    let staged = rounds.join(format!(".{name}.tmp"));
    remove_if_there(&staged)?;
    make(&staged)?;
    let whole = before.is_empty();
    let keeping = Keeping { crawl, staged: &staged, before: &before, complete: manifest.complete };
    let tables = BTreeMap::from([
        keeping.table::<DomainRow>()?,
        keeping.table::<PolicyRow>()?,
        keeping.table::<MxHostRow>()?,
        keeping.table::<EndpointRow>()?,
        keeping.table::<CertificateRow>()?,
        keeping.table::<VerdictRow>()?,
        keeping.table::<MxVerdictRow>()?,
    ]);
    let round = describe(name, manifest, whole, tables, tool);
    write_json(&staged.join(ROUND), &round)?;
    fs::rename(&staged, &path).map_err(|error| DatasetError::from_io(&path, error))?;
    files::sync_folder(&rounds)?;
    Ok(round)
}

/// The complete rounds of a watch, in the order of their time.
///
/// # Errors
/// The folder or a round in it cannot be read.
pub fn rounds(folder: &Path) -> Result<Vec<Round>, DatasetError> {
    round_folders(&folder.join(ROUNDS))?.iter().map(|path| read(path)).collect()
}

/// Removes the rounds of whole days before `day` (`2026-11-30`); gives the names of what is gone.
///
/// # Errors
/// A folder cannot be listed or removed.
pub fn remove_before(folder: &Path, day: &str) -> Result<Vec<String>, DatasetError> {
    let mut gone = Vec::new();
    for path in round_folders(&folder.join(ROUNDS))? {
        let name = name_of(&path);
        if name.get(..DAY).is_some_and(|of| of < day) {
            // The name goes first, so that half a round is never taken for one.
            let aside = path.with_file_name(format!(".{name}.gone"));
            fs::rename(&path, &aside).map_err(|error| DatasetError::from_io(&path, error))?;
            remove_if_there(&aside)?;
            gone.push(name);
        }
    }
    Ok(gone)
}

fn describe(name: &str, manifest: Manifest, whole: bool, tables: BTreeMap<String, Seen>, tool: &Tool) -> Round {
    let input = manifest.input.unwrap_or_default();
    Round {
        format: FORMAT,
        name: name.to_owned(),
        tool: tool.clone(),
        made: manifest.made,
        began: manifest.runs.first().map(|run| run.start.clone()).unwrap_or_default(),
        ended: manifest.runs.last().and_then(|run| run.end.clone()),
        complete: manifest.complete,
        whole,
        list: input.name,
        domains: input.rows,
        tables,
    }
}

struct Keeping<'a> {
    crawl: &'a Path,
    staged: &'a Path,
    /// The rounds of the day so far, the one that keeps every row first.
    before: &'a [PathBuf],
    complete: bool,
}

impl Keeping<'_> {
    fn table<R: Watched>(&self) -> Result<(String, Seen), DatasetError> {
        let mut known = self.known::<R>()?;
        let folder = self.staged.join(R::TABLE.name);
        make(&folder)?;
        let author = Author { worker: "watch".to_owned(), run: 1 };
        let mut writer = TableWriter::new(self.staged, &author, PartSize { rows: 1 << 20, age: Duration::MAX })?;
        let mut seen = Seen::default();
        for row in TableReader::distinct(self.crawl, R::TABLE)?.rows::<R>() {
            let row = row?;
            seen.rows += 1;
            let (key, says) = (owned(&row), row.fingerprint()?);
            if known.remove(&key) != Some(says) {
                seen.kept += 1;
                writer.push(row)?;
            }
        }
        writer.close_part()?;
        if seen.kept == 0 {
            fs::remove_dir(&folder).map_err(|error| DatasetError::from_io(&folder, error))?;
        }
        // A crawl that was stopped has not looked everywhere, and certificates are kept for what showed them before.
        if self.complete && R::TABLE.name != crate::columns::CERTIFICATES.name {
            seen.gone = known.into_keys().collect();
            seen.gone.sort();
        }
        Ok((R::TABLE.name.to_owned(), seen))
    }

    /// What the day's rounds say last, by key.
    fn known<R: Watched>(&self) -> Result<HashMap<Vec<String>, u128>, DatasetError> {
        let mut known = HashMap::new();
        for round in self.before {
            if !part_files(&round.join(R::TABLE.name))?.is_empty() {
                for row in TableReader::open(round, R::TABLE)?.rows::<R>() {
                    let row = row?;
                    known.insert(owned(&row), row.fingerprint()?);
                }
            }
            for key in read(round)?.tables.remove(R::TABLE.name).unwrap_or_default().gone {
                known.remove(&key);
            }
        }
        Ok(known)
    }
}

fn owned<R: Watched>(row: &R) -> Vec<String> {
    row.key().into_iter().map(str::to_owned).collect()
}

/// The rounds of the same day before `name`, from the last that keeps every row on; none where there is no such round.
fn since_whole(rounds: &Path, name: &str) -> Result<Vec<PathBuf>, DatasetError> {
    let mut before = round_folders(rounds)?;
    before.retain(|path| {
        let other = name_of(path);
        other.as_str() < name && other.get(..DAY) == name.get(..DAY)
    });
    let mut whole = None;
    for (place, path) in before.iter().enumerate() {
        if read(path)?.whole {
            whole = Some(place);
        }
    }
    Ok(whole.map(|place| before.split_off(place)).unwrap_or_default())
}

fn round_folders(rounds: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let mut found = files::list(rounds)?;
    found.retain(|path| !name_of(path).starts_with('.') && path.join(ROUND).is_file());
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<Round, DatasetError> {
    let path = path.join(ROUND);
    let text = fs::read(&path).map_err(|error| DatasetError::from_io(&path, error))?;
    serde_json::from_slice(&text).map_err(|error| DatasetError::damaged(&path, error))
}

fn make(folder: &Path) -> Result<(), DatasetError> {
    fs::create_dir_all(folder).map_err(|error| DatasetError::from_io(folder, error))
}

fn remove_if_there(folder: &Path) -> Result<(), DatasetError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DatasetError::from_io(folder, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
