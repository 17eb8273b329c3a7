//! How many distinct things a list holds, from how often the domains of a sample named each.
//!
//! Hosts do not grow with domains: ten thousand domains of one provider share its five, ten thousand domains with a
//! server of their own have ten thousand. What tells the two apart in a sample is how many things only one domain named
//! (`Q1`), beside those that two named (`Q2`). With `n` of `N` domains drawn and `q = n/N` the truth lies, on average, between
//!
//! ```text
//! at most   seen + Q1 (1-q)/q                                Good-Turing: new things come on as fast as the last ones came
//! at least  seen + Q1² / ( 2 n/(n-1) Q2 + q/(1-q) Q1 )       Chao and Lin (Biometrics 68, 2012), drawing without replacement
//! ```
//!
//! The two meet where nothing is shared, and where the sample is the whole list, of which they are exact. One thing need not be
//! guessed: a host below the domain that names it is that domain's own, and there are as many such hosts as such domains.
//! They are scaled with the list in both.

/// Which of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bound {
    /// Chao and Lin.
    Least,
    /// Good-Turing.
    Most,
}

/// How a sample was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Domains of the sample.
    pub sample: u64,
    /// Domains that it was drawn from, itself included.
    pub list: u64,
}

impl Drawn {
    /// Whether nothing is left out.
    pub fn is_whole(self) -> bool {
        self.sample >= self.list
    }

    /// What a count of domains in the sample is in the list.
    pub fn scale(self, count: u64) -> f64 {
        if self.is_whole() { count as f64 } else { count as f64 * self.list as f64 / self.sample as f64 }
    }

    /// The share of the sample's domains that `count` are, with its standard error: that of a share in a sample drawn
    /// without replacement (Cochran, Sampling Techniques, 3.2). None without a sample.
    pub fn share(self, count: u64) -> Option<Share> {
        let (n, list) = (self.sample as f64, self.list as f64);
        let of_one = (self.sample > 0).then_some(count as f64 / n)?;
        let left_out = if self.is_whole() { 0.0 } else { 1.0 - n / list };
        Some(Share { of_one, error: (of_one * (1.0 - of_one) / (n - 1.0).max(1.0) * left_out).sqrt() })
    }
}

/// A share, and how far chance alone is likely to have moved it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// From 0 to 1.
    pub of_one: f64,
    /// One standard error.
    pub error: f64,
}

/// How often one thing was met in the sample.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Met {
    /// Domains that named it.
    pub domains: u64,
    /// It is theirs and nobody else's.
    pub own: bool,
}

/// Distinct things, by how often they were met.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// All of them.
    pub seen: u64,
    /// Named by one domain whose own they are.
    own: u64,
    /// Named by one domain otherwise.
    once: u64,
    /// Named by two.
    twice: u64,
}

impl Tally {
    /// Counts a thing.
    pub(super) fn add(&mut self, met: Met) {
        self.seen += 1;
        match met {
            Met { domains: 1, own: true } => self.own += 1,
            Met { domains: 1, own: false } => self.once += 1,
            Met { domains, .. } => self.twice += u64::from(domains == 2),
        }
    }

    /// Counts the things of another tally, none of which is in this one.
    pub(super) fn merge(&mut self, other: Tally) {
        self.seen += other.seen;
        self.own += other.own;
        self.once += other.once;
        self.twice += other.twice;
    }

    /// How many distinct ones the list holds.
    pub(super) fn in_list(self, drawn: Drawn, bound: Bound) -> f64 {
        let (seen, own, once, twice) = (self.seen as f64, self.own as f64, self.once as f64, self.twice as f64);
        if drawn.is_whole() || self.once + self.own == 0 {
            return seen;
        }
        let n = drawn.sample as f64;
        let q = n / drawn.list as f64;
        let unseen = match bound {
            Bound::Most => once * (1.0 - q) / q,
            Bound::Least if self.once == 0 => 0.0,
            Bound::Least => once * once / (2.0 * n / (n - 1.0).max(1.0) * twice + q / (1.0 - q) * once),
        };
        seen + own * (1.0 - q) / q + unseen
    }
}

impl FromIterator<Met> for Tally {
    fn from_iter<I: IntoIterator<Item = Met>>(met: I) -> Tally {
        let mut tally = Tally::default();
        met.into_iter().for_each(|met| tally.add(met));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Drawn = Drawn { sample: 1_000, list: 10_000 };

    fn tally(seen: u64, own: u64, once: u64, twice: u64) -> Tally {
        Tally { seen, own, once, twice }
    }

    #[test]
    fn distinct_things() {
        let whole = Drawn { sample: 500, list: 500 };
        let cases = [
            (Tally::default(), TENTH, [0.0, 0.0], "nothing"),
            (tally(300, 0, 300, 0), TENTH, [3_000.0, 3_000.0], "each domain has another"),
            (tally(300, 300, 0, 0), TENTH, [3_000.0, 3_000.0], "each domain has its own"),
            (tally(310, 300, 0, 10), TENTH, [3_010.0, 3_010.0], "its own, and ten that two domains share"),
            (tally(5, 0, 0, 0), TENTH, [5.0, 5.0], "everybody shares the same five"),
            (tally(5, 0, 0, 3), TENTH, [5.0, 5.0], "all were seen twice at least"),
            (tally(300, 100, 200, 0), whole, [300.0, 300.0], "the whole list holds what was seen"),
            (tally(1, 0, 1, 0), Drawn { sample: 1, list: 50 }, [50.0, 50.0], "a sample of one"),
        ];
        for (tally, drawn, expected, why) in cases {
            let found = [tally.in_list(drawn, Bound::Least), tally.in_list(drawn, Bound::Most)];
            assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{why}: {found:?}");
        }
    }

    #[test]
    fn two_domains_to_a_host() {
        // 5,000 hosts, each of two of 10,000 domains: of a tenth of the domains, 2·0.1·0.9 of the hosts are seen once and
        // 0.01 twice.
        let tally = tally(950, 0, 900, 50);
        let (least, most) = (tally.in_list(TENTH, Bound::Least), tally.in_list(TENTH, Bound::Most));
        assert!((least - 5_000.0).abs() < 50.0 && most > 9_000.0, "{least} {most}");
    }

    #[test]
    fn how_often_it_was_met_decides() {
        let met = [(1, true), (1, false), (2, true), (2, false), (3, false)];
        let tally: Tally = met.into_iter().map(|(domains, own)| Met { domains, own }).collect();
        assert_eq!(tally, Tally { seen: 5, own: 1, once: 1, twice: 2 });
        let mut both = tally;
        both.merge(tally);
        assert_eq!(both, Tally { seen: 10, own: 2, once: 2, twice: 4 });
    }

    #[test]
    fn shares_and_their_errors() {
        let half = TENTH.share(500).unwrap();
        assert_eq!(half.of_one, 0.5);
        assert!((half.error - 0.0150).abs() < 1e-4, "sqrt(0.25 / 999 · 0.9): {}", half.error);
        let none = TENTH.share(0).unwrap();
        assert_eq!((none.of_one, none.error), (0.0, 0.0));
        let whole = Drawn { sample: 7, list: 7 }.share(3).unwrap();
        assert_eq!(whole.error, 0.0, "nothing was left to chance");
        assert_eq!(Drawn { sample: 0, list: 0 }.share(0), None);
        assert_eq!(Drawn { sample: 1, list: 9 }.share(1).unwrap().error, 0.0);
    }
}
