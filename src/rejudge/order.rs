//! Domain rows in the order of the input, whatever order the crawl wrote them in, in bounded memory.
//!
//! Rows are dealt into buckets by their position in the input, each small enough to be sorted in memory. A dataset
//! that fits one bucket is sorted at once; a larger one goes over temporary files beside the verdicts.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::RejudgeError;
use crate::dataset::{Author, Dataset, DatasetError, PartSize, Row, TableReader, TableWriter};
use crate::input::Spool;
use crate::observation::DomainRow;

/// Rows that are sorted in memory at once: some 150 MiB.
const BUCKET_ROWS: usize = 100_000;
/// Rows that a bucket holds before they are written: there may be a hundred buckets, open at once.
const ROWS_AT_ONCE: usize = 256;
const STAGING: &str = ".ordering";

/// Calls `visit` with every domain row, in the order of the input.
pub fn for_each_domain<E: From<RejudgeError>>(
    dataset: &Dataset,
    visit: impl FnMut(DomainRow) -> Result<(), E>,
) -> Result<(), E> {
    for_each_in_buckets(dataset, BUCKET_ROWS, visit)
}

fn for_each_in_buckets<E: From<RejudgeError>>(
    dataset: &Dataset,
    bucket_rows: usize,
    mut visit: impl FnMut(DomainRow) -> Result<(), E>,
) -> Result<(), E> {
    let positions = Positions::read(dataset)?;
    let table = TableReader::distinct(dataset.root(), DomainRow::TABLE).map_err(RejudgeError::from)?;
    if positions.len() <= bucket_rows {
        return sorted(table.rows(), &positions)?.into_iter().try_for_each(visit);
    }
    let staging = deal(dataset, &table, &positions, bucket_rows)?;
    for bucket in 0..staging.buckets {
        let table = staging.reader(bucket).map_err(RejudgeError::from)?;
        sorted(table.rows(), &positions)?.into_iter().try_for_each(&mut visit)?;
    }
    Ok(())
}

/// Deals the rows into buckets by their position.
fn deal(
    dataset: &Dataset,
    table: &TableReader,
    positions: &Positions,
    bucket_rows: usize,
) -> Result<Staging, RejudgeError> {
    let buckets = positions.len().div_ceil(bucket_rows);
    let staging = Staging::new(dataset.root(), buckets);
    let mut writers = (0..buckets).map(|bucket| staging.writer(bucket)).collect::<Result<Vec<_>, _>>()?;
    for row in table.rows::<DomainRow>() {
        let row = row?;
        // A row that the input does not name comes last.
        let bucket = (positions.of(&row.domain) as usize / bucket_rows).min(buckets - 1);
        writers[bucket].push(row)?;
    }
    for writer in writers {
        writer.finish()?;
    }
    Ok(staging)
}

fn sorted(
    rows: impl Iterator<Item = Result<DomainRow, DatasetError>>,
    positions: &Positions,
) -> Result<Vec<DomainRow>, RejudgeError> {
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.sort_by_cached_key(|row| {
        let position = positions.of(&row.domain);
        (position, (position == u32::MAX).then(|| row.domain.clone()))
    });
    Ok(rows)
}

/// The position of each input domain: pairs of a hash of its name and its place, sorted; 16 bytes a domain.
struct Positions(Vec<(u64, u32)>);

impl Positions {
    fn read(dataset: &Dataset) -> Result<Self, RejudgeError> {
        let spool = Spool::open(&dataset.input_folder())?;
        let mut positions = Vec::new();
        for (position, entry) in (0..).zip(spool.read_in_order()?) {
            positions.push((hash(&entry?.domain), position));
        }
        positions.sort_unstable();
        // Of two places of one name the first counts.
        positions.dedup_by_key(|(hash, _)| *hash);
        Ok(Positions(positions))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// A name that the input does not hold comes last.
    fn of(&self, domain: &str) -> u32 {
        let found = self.0.binary_search_by_key(&hash(domain), |(hash, _)| *hash);
        found.map_or(u32::MAX, |at| self.0[at].1)
    }
}

/// Two names of one hash would be neighbours in the output and nothing worse.
fn hash(domain: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(domain.as_bytes())
}

/// The temporary folders; removed when dropped.
struct Staging {
    root: PathBuf,
    buckets: usize,
}

impl Staging {
    fn new(root: &Path, buckets: usize) -> Self {
        let staging = Staging { root: root.join(STAGING), buckets };
        let _ = fs::remove_dir_all(&staging.root);
        staging
    }

    fn folder(&self, bucket: usize) -> PathBuf {
        self.root.join(format!("{bucket:05}"))
    }

    fn writer(&self, bucket: usize) -> Result<TableWriter<DomainRow>, DatasetError> {
        let folder = self.folder(bucket).join(DomainRow::TABLE.name);
        fs::create_dir_all(&folder).map_err(|error| DatasetError::from_io(&folder, error))?;
        let author = Author { worker: "order".to_owned(), run: 1 };
        let size = PartSize { rows: usize::MAX, age: Duration::MAX };
        Ok(TableWriter::new(&self.folder(bucket), &author, size)?.in_batches_of(ROWS_AT_ONCE))
    }

    fn reader(&self, bucket: usize) -> Result<TableReader, DatasetError> {
        TableReader::open(&self.folder(bucket), DomainRow::TABLE)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Left behind, it costs space until the next judgement.
        let _ = fs::remove_dir_all(&self.root);
    }
}
