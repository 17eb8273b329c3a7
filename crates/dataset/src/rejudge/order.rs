//! Domain rows in the order of the input, whatever order the crawl wrote them in, in bounded memory.
//!
//! Rows are dealt into buckets by their position in the input, each small enough to be sorted in memory. A dataset
//! that fits one bucket is sorted at once; a larger one goes over temporary files beside the verdicts.

use std::fs;
use std::path::{Path, PathBuf};

use super::{RejudgeError, judged_rows};
use crate::input::Spool;
use crate::piles::{Pile, PileWriter};
use crate::{Dataset, DatasetError};
use mxcensus_rules::observation::DomainRow;

/// Rows that are sorted in memory at once: some 40 MiB.
const BUCKET_ROWS: usize = 50_000;
/// Buckets at most: each is an open file.
const BUCKETS: usize = 256;
const STAGING: &str = ".ordering";

/// A row and its position; one that the input does not name comes last.
type Placed = (u32, DomainRow);

/// Calls `visit` with every domain row, in the order of the input. Temporary files are made in `beside`: the dataset may be
/// judged by several at once, or not be writable.
pub(super) fn for_each_domain<E: From<RejudgeError>>(
    dataset: &Dataset,
    beside: &Path,
    visit: impl FnMut(DomainRow) -> Result<(), E>,
) -> Result<(), E> {
    for_each_in_buckets(dataset, beside, BUCKET_ROWS, visit)
}

fn for_each_in_buckets<E: From<RejudgeError>>(
    dataset: &Dataset,
    beside: &Path,
    bucket_rows: usize,
    mut visit: impl FnMut(DomainRow) -> Result<(), E>,
) -> Result<(), E> {
    let positions = Positions::read(dataset)?;
    let bucket_rows = bucket_rows.max(positions.len().div_ceil(BUCKETS));
    let mut visit_sorted = |rows: Vec<Placed>| sorted(rows).try_for_each(&mut visit);
    if positions.len() <= bucket_rows {
        return visit_sorted(placed(dataset, positions)?.collect::<Result<_, _>>()?);
    }
    let buckets = positions.len().div_ceil(bucket_rows);
    let staging = Staging::new(beside).map_err(RejudgeError::from)?;
    for bucket in staging.deal(placed(dataset, positions)?, buckets, bucket_rows)? {
        let rows = bucket.items().and_then(Iterator::collect).map_err(RejudgeError::from)?;
        visit_sorted(rows)?;
    }
    Ok(())
}

/// Every domain row with its position, in the order of the files.
fn placed(
    dataset: &Dataset,
    positions: Positions,
) -> Result<impl Iterator<Item = Result<Placed, RejudgeError>>, RejudgeError> {
    let rows = judged_rows::<DomainRow>(dataset.root())?;
    Ok(rows.map(move |row| row.map(|row| (positions.of(&row.domain), row)).map_err(RejudgeError::from)))
}

fn sorted(mut rows: Vec<Placed>) -> impl Iterator<Item = DomainRow> {
    // The second half matters among rows that the input does not name, and between two names of one hash.
    rows.sort_by(|(a, one), (b, other)| (a, &one.domain).cmp(&(b, &other.domain)));
    rows.into_iter().map(|(_, row)| row)
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

/// The folder of the buckets; removed when dropped.
struct Staging(PathBuf);

impl Staging {
    fn new(beside: &Path) -> Result<Self, DatasetError> {
        let staging = Staging(beside.join(STAGING));
        let _ = fs::remove_dir_all(&staging.0);
        fs::create_dir_all(&staging.0).map_err(|error| DatasetError::from_io(&staging.0, error))?;
        Ok(staging)
    }

    /// Deals the rows into buckets by their position.
    fn deal(
        &self,
        rows: impl Iterator<Item = Result<Placed, RejudgeError>>,
        buckets: usize,
        bucket_rows: usize,
    ) -> Result<Vec<Pile<Placed>>, RejudgeError> {
        let writers = (0..buckets).map(|bucket| PileWriter::new(&self.0, &format!("{bucket:05}")));
        let mut writers = writers.collect::<Result<Vec<_>, _>>()?;
        for row in rows {
            let row = row?;
            let bucket = (row.0 as usize / bucket_rows).min(buckets - 1);
            writers[bucket].push(&row)?;
        }
        Ok(writers.into_iter().map(PileWriter::finish).collect::<Result<_, _>>()?)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Left behind, it costs space until the next judgement.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{self, Source};
    use crate::manifest::Tool;
    use crate::{Author, PartSize, TableWriter};

    /// A dataset of `input`, whose rows were written in the order of `rows`, in files of four.
    fn dataset(root: &Path, input: &[String], rows: &[String]) -> Dataset {
        let dataset = Dataset::create(root, &Tool::default()).unwrap();
        let list = tempfile::NamedTempFile::new().unwrap();
        fs::write(list.path(), input.join("\n")).unwrap();
        let source = Source::from_argument(list.path().as_os_str());
        input::read_list(&source, &dataset.input_folder(), None).unwrap();
        let author = Author { worker: "w1".into(), run: 1 };
        let mut writer = TableWriter::new(root, &author, PartSize { rows: 4, ..PartSize::default() }).unwrap();
        for name in rows {
            writer.push(DomainRow::unseen(name.clone(), "w1".into(), 1)).unwrap();
        }
        writer.finish().unwrap();
        dataset
    }

    #[test]
    fn the_order_of_the_input_whatever_the_size_of_a_bucket() {
        let input: Vec<String> = (0..29).map(|n| format!("{:02}.example", n * 11 % 29)).collect();
        let strangers = ["a-stranger.example".to_owned(), "b-stranger.example".to_owned()];
        let mut written = [strangers.as_slice(), &input].concat();
        written.sort_unstable();
        written.reverse();
        let folder = tempfile::tempdir().unwrap();
        let dataset = dataset(folder.path(), &input, &written);
        for bucket_rows in [1, 7, 28, 29, 1000] {
            let beside = tempfile::tempdir().unwrap();
            let (mut names, mut staged) = (Vec::new(), false);
            for_each_in_buckets(&dataset, beside.path(), bucket_rows, |row| {
                names.push(row.domain);
                staged |= beside.path().join(STAGING).exists();
                assert!(!folder.path().join(STAGING).exists(), "nothing is written to the dataset");
                Ok::<(), RejudgeError>(())
            })
            .unwrap();
            assert_eq!(names, [input.as_slice(), &strangers].concat(), "buckets of {bucket_rows}, strangers last");
            assert_eq!(staged, bucket_rows < input.len(), "one bucket needs no file");
            assert_eq!(fs::read_dir(beside.path()).unwrap().count(), 0, "nothing is left behind");
        }
    }
}
