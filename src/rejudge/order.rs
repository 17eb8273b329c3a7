//! Domain rows in the order of the input, whatever order the crawl wrote them in, in bounded memory.
//!
//! Rows are dealt into buckets by their position in the input, each small enough to be sorted in memory. A dataset
//! that fits one bucket is sorted at once; a larger one goes over temporary files beside the verdicts.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::RejudgeError;
use crate::dataset::{Author, Dataset, DatasetError, PartSize, Row, TableReader, TableWriter};
use crate::input::Spool;
use crate::observation::DomainRow;

/// Rows that are sorted in memory at once: some 200 MiB.
const BUCKET_ROWS: usize = 250_000;
const STAGING: &str = ".ordering";

/// Calls `visit` with every domain row, in the order of the input.
pub fn for_each_domain(
    dataset: &Dataset,
    visit: impl FnMut(DomainRow) -> Result<(), DatasetError>,
) -> Result<(), RejudgeError> {
    for_each_in_buckets(dataset, BUCKET_ROWS, visit)
}

fn for_each_in_buckets(
    dataset: &Dataset,
    bucket_rows: usize,
    mut visit: impl FnMut(DomainRow) -> Result<(), DatasetError>,
) -> Result<(), RejudgeError> {
    let positions = positions(dataset)?;
    let table = TableReader::distinct(dataset.root(), DomainRow::TABLE)?;
    let position = |row: &DomainRow| positions.get(&hash(&row.domain)).copied().unwrap_or(u32::MAX);
    if positions.len() <= bucket_rows {
        return visit_sorted(table.rows(), position, &mut visit).map_err(RejudgeError::from);
    }
    let staging = Staging::new(dataset.root())?;
    let buckets = positions.len().div_ceil(bucket_rows);
    let mut writers = (0..buckets).map(|bucket| staging.writer(bucket)).collect::<Result<Vec<_>, _>>()?;
    for row in table.rows::<DomainRow>() {
        let row = row?;
        // A row that the input does not name comes last.
        let bucket = (position(&row) as usize / bucket_rows).min(buckets - 1);
        writers[bucket].push(row)?;
    }
    for (bucket, writer) in writers.into_iter().enumerate() {
        writer.finish()?;
        let table = TableReader::open(&staging.folder(bucket), DomainRow::TABLE)?;
        visit_sorted(table.rows(), position, &mut visit)?;
    }
    Ok(())
}

fn visit_sorted(
    rows: impl Iterator<Item = Result<DomainRow, DatasetError>>,
    position: impl Fn(&DomainRow) -> u32,
    visit: &mut impl FnMut(DomainRow) -> Result<(), DatasetError>,
) -> Result<(), DatasetError> {
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_cached_key(|row| (position(row), row.domain.clone()));
    rows.into_iter().try_for_each(visit)
}

/// The position of each input domain, by the hash of its name.
fn positions(dataset: &Dataset) -> Result<HashMap<u64, u32>, RejudgeError> {
    let mut positions = HashMap::new();
    for (position, entry) in (0..).zip(Spool::open(&dataset.input_folder())?.read_in_order()?) {
        positions.entry(hash(&entry?.domain)).or_insert(position);
    }
    Ok(positions)
}

/// Two names of one hash would be neighbours in the output and nothing worse.
fn hash(domain: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(domain.as_bytes())
}

/// The temporary folders; removed when dropped.
struct Staging(PathBuf);

impl Staging {
    fn new(root: &Path) -> Result<Self, DatasetError> {
        let staging = Staging(root.join(STAGING));
        let _ = fs::remove_dir_all(&staging.0);
        Ok(staging)
    }

    fn folder(&self, bucket: usize) -> PathBuf {
        self.0.join(format!("{bucket:05}"))
    }

    fn writer(&self, bucket: usize) -> Result<TableWriter<DomainRow>, DatasetError> {
        let folder = self.folder(bucket).join(DomainRow::TABLE.name);
        fs::create_dir_all(&folder).map_err(|error| DatasetError::from_io(&folder, error))?;
        let author = Author { worker: "order".to_owned(), run: 1 };
        TableWriter::new(&self.folder(bucket), &author, PartSize { rows: usize::MAX, age: Duration::MAX })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Left behind, it costs space until the next judgement.
        let _ = fs::remove_dir_all(&self.0);
    }
}
