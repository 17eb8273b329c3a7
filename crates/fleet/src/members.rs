//! Who takes part: seen by their signs of life, and judged by this worker's own monotonic clock alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::records::Beat;

/// What is known of the workers of a crawl.
#[derive(Debug, Default)]
pub struct Members {
    seen: BTreeMap<String, Seen>,
}

#[derive(Debug)]
struct Seen {
    beat: Beat,
    at: Instant,
}

impl Members {
    /// A sign of life that was not seen before.
    pub fn beat(&mut self, beat: Beat, now: Instant) {
        self.seen.insert(beat.worker.clone(), Seen { beat, at: now });
    }

    /// This worker could not look, or was asleep: everybody has their whole time from now.
    pub fn could_not_look(&mut self, now: Instant) {
        self.seen.values_mut().for_each(|seen| seen.at = now);
    }

    /// The workers that share the crawl: those that gave a sign of life in time and have not left.
    pub fn present(&self, now: Instant, gone_after: Duration) -> BTreeSet<String> {
        self.living(now, gone_after).map(|beat| beat.worker.clone()).collect()
    }

    /// Whether this start of a worker lives.
    pub fn is_alive(&self, start: &str, now: Instant, gone_after: Duration) -> bool {
        self.living(now, gone_after).any(|beat| beat.start == start)
    }

    /// Their last signs of life.
    pub fn living(&self, now: Instant, gone_after: Duration) -> impl Iterator<Item = &Beat> {
        let is_there = move |seen: &&Seen| !seen.beat.left && now.duration_since(seen.at) < gone_after;
        self.seen.values().filter(is_there).map(|seen| &seen.beat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::VERSION;

    #[test]
    fn gone_is_who_gave_no_sign_for_so_long() {
        let beat = |worker: &str, start: &str, left| Beat {
            v: VERSION,
            worker: worker.into(),
            start: start.into(),
            run: 1,
            opt_out: String::new(),
            slots: 0,
            rows: [0; 4],
            left,
        };
        let (begun, gone) = (Instant::now(), Duration::from_secs(10));
        let after = |s| begun + Duration::from_secs(s);
        let mut members = Members::default();
        members.beat(beat("a", "a1", false), begun);
        members.beat(beat("b", "b1", false), after(5));
        assert_eq!(members.present(after(9), gone).len(), 2);
        assert_eq!(members.present(after(10), gone), ["b".to_owned()].into());
        assert!(!members.is_alive("a1", after(10), gone) && members.is_alive("b1", after(10), gone));
        members.beat(beat("a", "a2", false), after(11));
        assert!(!members.is_alive("a1", after(11), gone), "its successor is another");
        members.could_not_look(after(60));
        assert_eq!(members.present(after(69), gone).len(), 2, "whoever was asleep judges nobody");
        members.beat(beat("b", "b1", true), after(61));
        assert_eq!(members.present(after(62), gone), ["a".to_owned()].into());
    }
}
