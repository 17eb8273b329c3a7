//! Chance that is the same for ever: every draw is a function of the seed, of what is drawn and of whom it is for,
//! so that domain 9,999,999 costs as much as domain 0 and nothing is stored.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A sequence of draws.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The draws about `what` for number `who`.
    pub(super) fn new(seed: u64, what: &str, who: u64) -> Dice {
        Dice(xxh3_64_with_seed(what.as_bytes(), mix(seed) ^ mix(who.wrapping_add(0x6c6f_6164))))
    }

    /// 64 bits (SplitMix64: Steele, Lea, Flood 2014).
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 to just below 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True in this share of the cases.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A number below `limit`, which is not 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// One of a table, by weight; the last one where the weights leave nothing else.
    pub(super) fn pick<T: Copy>(&mut self, table: &[(f64, T)]) -> T {
        let total: f64 = table.iter().map(|(weight, _)| weight).sum();
        let mut left = self.share() * total;
        for (weight, item) in &table[..table.len() - 1] {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        table[table.len() - 1].1
    }
}

fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_differ() {
        let first = |seed, what, who| Dice::new(seed, what, who).roll();
        assert_eq!(first(1, "mail", 7), first(1, "mail", 7));
        for other in [first(2, "mail", 7), first(1, "zone", 7), first(1, "mail", 8)] {
            assert_ne!(first(1, "mail", 7), other);
        }
    }

    #[test]
    fn shares_come_out_as_asked() {
        let table = [(1.0, 'a'), (2.0, 'b'), (7.0, 'c')];
        let mut counts = [0u32; 3];
        for who in 0..100_000 {
            counts[match Dice::new(3, "table", who).pick(&table) {
                'a' => 0,
                'b' => 1,
                _ => 2,
            }] += 1;
        }
        for (count, expected) in counts.iter().zip([10_000.0, 20_000.0, 70_000.0]) {
            assert!((f64::from(*count) - expected).abs() < 600.0, "{counts:?}");
        }
    }
}
