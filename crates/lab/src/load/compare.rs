//! Holds a dataset of the load world against what must be in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use mxcensus_dataset::columns::{EVERY_TABLE, MX_VERDICTS, STORE_VERDICTS, VERDICTS};
use mxcensus_dataset::{Dataset, DatasetError, TableReader, part_files, row_count};
use mxcensus_rules::verdict::{MxVerdictRow, StoreVerdictRow, VerdictRow};
use mxcensus_scan::dns::Mode;

/// Why they could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The dataset could not be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The truth could not be read.
    #[error("{}: {reason}", path.display())]
    Truth {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Numbers compared.
    pub numbers: usize,
    /// One line for each that differs.
    pub differences: Vec<String>,
}

/// Compares a dataset, a crawl of the load world or a sample of it, with its truth: row counts of every table, and how often
/// each word stands in each closed column. `truth` is the world's `truth.json`; the one in the dataset when not given.
pub fn compare(dataset: &Path, truth: Option<&Path>) -> Result<Compared, CompareError> {
    let path = truth.map_or_else(|| dataset.join("truth.json"), Path::to_path_buf);
    let wrong = |reason: String| CompareError::Truth { path: path.clone(), reason };
    let text = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    let truth: Value = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let mut compared = Compared::default();
    for table in EVERY_TABLE {
        if let Some(expected) = truth["rows"][table.name].as_u64() {
            let mut rows = 0;
            for part in part_files(&dataset.join(table.name))? {
                rows += row_count(&part)?;
            }
            compared.hold(&format!("rows of {}", table.name), rows, expected);
        }
    }
    let resolver = Dataset::open(dataset)?.manifest()?.resolver;
    let trust_ad = resolver.is_some_and(|resolver| resolver.dnssec == Mode::TrustAd.word());
    compared.words::<VerdictRow>(dataset, VERDICTS.name, &truth, trust_ad)?;
    compared.words::<MxVerdictRow>(dataset, MX_VERDICTS.name, &truth, trust_ad)?;
    compared.stores(dataset, &truth)?;
    Ok(compared)
}

impl Compared {
    fn hold(&mut self, what: &str, found: u64, expected: u64) {
        self.numbers += 1;
        if found != expected {
            self.differences.push(format!("{what}: {found}, expected {expected}"));
        }
    }

    /// Counts the words of the columns that the truth names, and compares them both ways.
    fn words<R: mxcensus_dataset::Row>(
        &mut self,
        dataset: &Path,
        table: &str,
        truth: &Value,
        trust_ad: bool,
    ) -> Result<(), CompareError> {
        let Some(columns) = truth[table].as_object() else { return Ok(()) };
        let mut columns = columns.clone();
        for (column, other) in truth["trust_ad"][table].as_object().into_iter().flatten().filter(|_| trust_ad) {
            columns.insert(column.clone(), other.clone());
        }
        let mut found = Found::new();
        for row in TableReader::distinct(dataset, R::TABLE)?.rows::<R>() {
            count(&mut found, &columns, &serde_json::to_value(row?).unwrap_or_default());
        }
        self.hold_words(table, &columns, &found);
        Ok(())
    }

    /// The same for each trust store that the world has.
    fn stores(&mut self, dataset: &Path, truth: &Value) -> Result<(), CompareError> {
        let Some(stores) = truth[STORE_VERDICTS.name].as_object() else { return Ok(()) };
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        for row in TableReader::distinct(dataset, &STORE_VERDICTS)?.rows::<StoreVerdictRow>() {
            let row = row?;
            let store = row.store.clone();
            let Some(columns) = stores.get(&store).and_then(Value::as_object) else {
                self.hold(&format!("rows of the store {store}"), 1, 0);
                continue;
            };
            count(found.entry(store).or_default(), columns, &serde_json::to_value(row).unwrap_or_default());
        }
        for (store, columns) in stores {
            let columns = columns.as_object().cloned().unwrap_or_default();
            self.hold_words(
                &format!("{} {store}", STORE_VERDICTS.name),
                &columns,
                &found.remove(store).unwrap_or_default(),
            );
        }
        Ok(())
    }

    fn hold_words(&mut self, table: &str, columns: &Map<String, Value>, found: &Found) {
        for (column, words) in columns {
            let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
            for (word, count) in words.as_object().into_iter().flatten() {
                expected.insert(word, count.as_u64().unwrap_or_default());
            }
            for (_, word) in found.keys().filter(|(of, _)| of == column) {
                expected.entry(word).or_default();
            }
            for (word, expected) in expected {
                let count = found.get(&(column.clone(), word.to_owned())).copied().unwrap_or_default();
                self.hold(&format!("{table}.{column} {word}"), count, expected);
            }
        }
    }
}

/// How often a word stands in a column.
type Found = BTreeMap<(String, String), u64>;

/// Counts the words of a row, in the columns that the truth names.
fn count(found: &mut Found, columns: &Map<String, Value>, row: &Value) {
    for column in columns.keys() {
        if let Some(word) = row[column].as_str() {
            *found.entry((column.clone(), word.to_owned())).or_default() += 1;
        }
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} numbers compared, {} differ.", self.numbers, self.differences.len())?;
        self.differences.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}
