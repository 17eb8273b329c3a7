//! The normalised list in the dataset: `DIR/input/domains.csv`, lines of `rank,domain` in list order.
//!
//! Plain text, so that it can be looked at, and read in blocks of lines that are found by one pass when it is
//! opened. [`Spool::read_shuffled`] gives an order in which neighbours of the list do not come together: lists
//! are sorted, by name or by operator, and their neighbours often share servers.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{InputError, SPOOL};

/// Lines of a block.
const BLOCK_LINES: u64 = 10_000;
/// Blocks that are mixed with each other: what is in memory at once, about 6 MB.
const WINDOW_BLOCKS: usize = 8;

/// One domain of the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Position among the distinct domains of the list, from 0.
    pub position: u64,
    /// Its rank, where the list has one.
    pub rank: Option<i64>,
    /// The domain.
    pub domain: String,
}

/// A spool that was read whole and can be read back.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    /// Where each block begins, and where the last one ends.
    offsets: Vec<u64>,
    rows: u64,
}

impl Spool {
    /// Opens the spool in `folder` (`DIR/input`) and finds its blocks.
    pub fn open(folder: &Path) -> Result<Self, InputError> {
        let path = folder.join(SPOOL);
        let mut offsets = vec![0];
        let (mut rows, mut at) = (0, 0);
        let mut reader = BufReader::with_capacity(1 << 18, open(&path)?);
        loop {
            let chunk = reader.fill_buf().map_err(|e| unreadable(&path, e))?;
            if chunk.is_empty() {
                break;
            }
            for (index, _) in chunk.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
                rows += 1;
                if rows % BLOCK_LINES == 0 {
                    offsets.push(at + index as u64 + 1);
                }
            }
            let used = chunk.len();
            at += used as u64;
            reader.consume(used);
        }
        if offsets.last() != Some(&at) {
            offsets.push(at);
        }
        Ok(Spool { path, offsets, rows })
    }

    /// How many domains it has.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The domains in list order.
    pub fn read_in_order(&self) -> Result<Entries<'_>, InputError> {
        self.read((0..self.blocks()).collect(), 1, None)
    }

    /// The domains in an order that the seed decides and nothing else: blocks at random, and the lines of a
    /// few blocks among each other.
    pub fn read_shuffled(&self, seed: u64) -> Result<Entries<'_>, InputError> {
        let mut random = SplitMix(seed);
        let mut order: Vec<_> = (0..self.blocks()).collect();
        random.shuffle(&mut order);
        self.read(order, WINDOW_BLOCKS, Some(random))
    }

    fn blocks(&self) -> usize {
        self.offsets.len() - 1
    }

    fn read(&self, order: Vec<usize>, window: usize, random: Option<SplitMix>) -> Result<Entries<'_>, InputError> {
        let file = open(&self.path)?;
        Ok(Entries { spool: self, file, order: order.into_iter(), window, random, ready: Vec::new().into_iter() })
    }

    fn read_block(&self, file: &mut File, block: usize, entries: &mut Vec<Entry>) -> Result<(), InputError> {
        let damaged = |reason: &str| InputError::Spool { path: self.path.clone(), reason: reason.into() };
        let (start, end) = (self.offsets[block], self.offsets[block + 1]);
        file.seek(SeekFrom::Start(start)).map_err(|e| unreadable(&self.path, e))?;
        let mut text = String::new();
        let count = file.take(end - start).read_to_string(&mut text).map_err(|e| unreadable(&self.path, e))?;
        if count as u64 != end - start || !text.ends_with('\n') {
            return Err(damaged("it ends within a line"));
        }
        for (position, line) in (block as u64 * BLOCK_LINES..).zip(text.lines()) {
            let (rank, domain) = line.split_once(',').ok_or_else(|| damaged("a line is not rank,domain"))?;
            let rank = match rank {
                "" => None,
                rank => Some(rank.parse().map_err(|_| damaged("a rank is no number"))?),
            };
            entries.push(Entry { position, rank, domain: domain.into() });
        }
        Ok(())
    }
}

/// The domains of a spool, a window of blocks at a time. Ends after its first error.
pub struct Entries<'a> {
    spool: &'a Spool,
    file: File,
    order: std::vec::IntoIter<usize>,
    window: usize,
    random: Option<SplitMix>,
    ready: std::vec::IntoIter<Entry>,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.ready.next() {
            return Some(Ok(entry));
        }
        let mut entries = Vec::new();
        for block in self.order.by_ref().take(self.window) {
            if let Err(error) = self.spool.read_block(&mut self.file, block, &mut entries) {
                self.order = Vec::new().into_iter();
                return Some(Err(error));
            }
        }
        if let Some(random) = &mut self.random {
            random.shuffle(&mut entries);
        }
        self.ready = entries.into_iter();
        self.ready.next().map(Ok)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same for ever, so that a seed in a manifest keeps its meaning.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Fisher and Yates. The remainder's bias is below 2^-40 for any length that fits here.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            items.swap(last, other as usize);
        }
    }
}

fn open(path: &Path) -> Result<File, InputError> {
    File::open(path).map_err(|e| unreadable(path, e))
}

fn unreadable(path: &Path, error: std::io::Error) -> InputError {
    InputError::Spool { path: path.to_path_buf(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(rows: u64) -> (tempfile::TempDir, Spool) {
        let dir = tempfile::tempdir().unwrap();
        let text: String = (0..rows)
            .map(|n| if n % 3 == 0 { format!(",d{n}.example\n") } else { format!("{n},d{n}.example\n") })
            .collect();
        std::fs::write(dir.path().join(SPOOL), text).unwrap();
        let spool = Spool::open(dir.path()).unwrap();
        (dir, spool)
    }

    fn positions(entries: Entries) -> Vec<u64> {
        entries.map(|entry| entry.unwrap()).inspect(check).map(|entry| entry.position).collect()
    }

    fn check(entry: &Entry) {
        assert_eq!(entry.domain, format!("d{}.example", entry.position));
        assert_eq!(entry.rank, (!entry.position.is_multiple_of(3)).then_some(entry.position as i64));
    }

    #[test]
    fn every_domain_once_in_either_order() {
        for rows in [0, 1, 9_999, 10_000, 10_001, 123_456] {
            let (_dir, spool) = spool(rows);
            assert_eq!(spool.rows(), rows);
            let all: Vec<_> = (0..rows).collect();
            assert_eq!(positions(spool.read_in_order().unwrap()), all);
            let mut shuffled = positions(spool.read_shuffled(7).unwrap());
            assert_eq!(shuffled, positions(spool.read_shuffled(7).unwrap()), "the seed decides");
            if rows > 1 {
                assert_ne!(shuffled, all);
                assert_ne!(shuffled, positions(spool.read_shuffled(8).unwrap()));
            }
            shuffled.sort_unstable();
            assert_eq!(shuffled, all);
        }
    }

    #[test]
    fn neighbours_are_parted() {
        let (_dir, spool) = spool(123_456);
        let order = positions(spool.read_shuffled(1).unwrap());
        let near = order.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) < 10).count();
        assert!(near < 100, "{near} of {} are followed by a near neighbour", order.len());
        let early = order[..80_000].iter().filter(|position| **position < 61_728).count();
        assert!((20_000..60_000).contains(&early), "the first window is no half of the list: {early}");
    }

    #[test]
    fn the_order_of_a_seed_never_changes() {
        let (_dir, spool) = spool(10);
        assert_eq!(positions(spool.read_shuffled(42).unwrap()), [0, 9, 5, 8, 6, 4, 7, 2, 1, 3]);
        let mut random = SplitMix(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317, "the published test value of the generator");
    }

    #[test]
    fn damage_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let fails = |text: &str| {
            std::fs::write(dir.path().join(SPOOL), text).unwrap();
            let spool = Spool::open(dir.path()).unwrap();
            let results: Vec<_> = spool.read_in_order().unwrap().collect();
            assert_eq!(results.len(), 1, "ends after the error");
            results.into_iter().next().unwrap().unwrap_err().to_string()
        };
        assert!(Spool::open(dir.path()).is_err(), "not there");
        assert!(fails("1,a.example\n2,b.exa").ends_with("it ends within a line"));
        assert!(fails("a.example\n").ends_with("a line is not rank,domain"));
        assert!(fails("x,a.example\n").ends_with("a rank is no number"));
        assert!(fails("1,a.example\n\n").ends_with("a line is not rank,domain"));
    }
}
