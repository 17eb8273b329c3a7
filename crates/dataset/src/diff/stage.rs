//! Facts dealt into partitions on disk, so that a comparison holds one partition in memory and never a crawl.
//!
//! A [`Deal`] writes items into as many piles as there are partitions, by the hash of their name: whatever is said of
//! one name, by either crawl, lands in one [`Pile`].

use std::path::Path;

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::piles::{Pile, PileError, PileWriter};

/// Deals items into piles.
pub struct Deal<T> {
    writers: Vec<PileWriter<T>>,
}

impl<T: Serialize> Deal<T> {
    /// Begins so many piles in a folder; at least one.
    pub fn new(folder: &Path, piles: usize) -> Result<Self, PileError> {
        let writers = (0..piles.max(1)).map(|pile| PileWriter::new(folder, &format!("facts-{pile:05}")));
        Ok(Deal { writers: writers.collect::<Result<_, _>>()? })
    }

    /// Puts an item on the pile of its name.
    pub fn push(&mut self, name: &str, item: &T) -> Result<(), PileError> {
        let piles = self.writers.len() as u64;
        let pile = (xxh3_64(name.as_bytes()) % piles) as usize;
        self.writers[pile].push(item)
    }

    /// The piles.
    pub fn finish(self) -> Result<Vec<Pile<T>>, PileError> {
        self.writers.into_iter().map(PileWriter::finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_dealt_comes_back_and_a_name_stays_together() {
        let dir = tempfile::tempdir().unwrap();
        let mut deal = Deal::new(dir.path(), 5).unwrap();
        let items: Vec<(String, u32)> = (0..200).map(|i| (format!("name{}", i % 40), i)).collect();
        for item in &items {
            deal.push(&item.0, item).unwrap();
        }
        let piles = deal.finish().unwrap();
        assert_eq!(piles.len(), 5);
        let read: Vec<Vec<(String, u32)>> =
            piles.iter().map(|pile| pile.items().unwrap().collect::<Result<_, _>>().unwrap()).collect();
        let mut all: Vec<_> = read.concat();
        all.sort_by_key(|item| item.1);
        assert_eq!(all, items);
        for name in items.iter().map(|item| &item.0) {
            assert_eq!(read.iter().filter(|pile| pile.iter().any(|item| item.0 == *name)).count(), 1, "{name}");
        }
    }
}
