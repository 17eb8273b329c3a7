//! A compact set of 128-bit hashes: which names were seen.
//!
//! 17 bytes a slot, at most 7/8 of the slots in use, and a power of two of them: 10 million names take
//! 285 MB. It is kept in parts, each of which grows alone, so that growing never needs half as much again.
//! Two of 10 million names share a hash once in 10^25 lists.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

const PARTS: usize = 64;

/// A set of 128-bit hashes that are evenly spread already.
#[derive(Clone, Debug)]
pub struct SeenSet {
    parts: Vec<HashSet<u128, BuildHasherDefault<Identity>>>,
}

impl Default for SeenSet {
    fn default() -> Self {
        SeenSet { parts: vec![HashSet::default(); PARTS] }
    }
}

impl SeenSet {
    /// Puts a hash into the set. False when it was there.
    pub fn insert(&mut self, hash: u128) -> bool {
        self.parts[part_of(hash)].insert(hash)
    }

    /// Whether the hash is in the set.
    pub fn contains(&self, hash: u128) -> bool {
        self.parts[part_of(hash)].contains(&hash)
    }

    /// How many hashes are in the set.
    pub fn len(&self) -> usize {
        self.parts.iter().map(HashSet::len).sum()
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// By bits that the slots inside a part do not depend on.
fn part_of(hash: u128) -> usize {
    (hash >> 64) as usize % PARTS
}

/// The low half of the hash, as it is.
#[derive(Clone, Copy, Debug, Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_128;

    #[test]
    fn a_name_is_new_once() {
        let mut seen = SeenSet::default();
        assert!(seen.is_empty());
        for round in 0..2 {
            for n in 0..10_000_u32 {
                assert_eq!(seen.insert(xxh3_128(&n.to_le_bytes())), round == 0, "{n}");
            }
        }
        assert_eq!(seen.len(), 10_000);
        assert!(!seen.contains(1) && seen.contains(xxh3_128(&7_u32.to_le_bytes())));
        let fullest = seen.parts.iter().map(HashSet::len).max().unwrap();
        assert!(fullest < 2 * 10_000 / PARTS, "the parts are even: {fullest}");
    }
}
