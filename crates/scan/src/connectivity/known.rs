//! What answered before: asked again when silence has to be explained.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many are remembered of each kind: enough that each is asked rarely in a long outage.
const REMEMBERED: usize = 64;
/// The memory changes slowly, so that a crawl at full speed pays nothing for it.
const EVERY: Duration = Duration::from_millis(250);

/// Peers that answered, the one that was left alone longest in front.
#[derive(Debug)]
pub struct Known<T> {
    began: Instant,
    /// Milliseconds from `began` before which nothing is added.
    next: AtomicU64,
    peers: Mutex<VecDeque<T>>,
}

/// Knows nobody.
impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known { began: Instant::now(), next: AtomicU64::new(0), peers: Mutex::default() }
    }
}

impl<T: Clone + PartialEq> Known<T> {
    /// A peer answered. Most calls only look at a number.
    pub fn answered(&self, peer: impl FnOnce() -> T) {
        let now = self.began.elapsed().as_millis() as u64;
        if now < self.next.load(Relaxed) {
            return;
        }
        self.next.store(now + EVERY.as_millis() as u64, Relaxed);
        self.add(peer());
    }

    /// A peer that answered an earlier run.
    pub fn add(&self, peer: T) {
        let mut peers = self.peers();
        if !peers.contains(&peer) {
            if peers.len() == REMEMBERED {
                peers.pop_front();
            }
            peers.push_back(peer);
        }
    }

    /// Up to `count` peers that `may` be asked now; each goes to the end of the line.
    pub fn pick(&self, count: usize, mut may: impl FnMut(&T) -> bool) -> Vec<T> {
        let mut peers = self.peers();
        let mut picked = Vec::new();
        for _ in 0..peers.len() {
            let Some(peer) = peers.pop_front() else { break };
            if picked.len() < count && may(&peer) {
                picked.push(peer.clone());
            }
            peers.push_back(peer);
        }
        // A whole turn keeps the order; those picked belong behind the others.
        peers.retain(|peer| !picked.contains(peer));
        peers.extend(picked.iter().cloned());
        picked
    }

    /// A peer that is like this, if one is known.
    pub fn find(&self, is_like: impl Fn(&T) -> bool) -> Option<T> {
        self.peers().iter().find(|peer| is_like(peer)).cloned()
    }

    /// Whether any peer is like this.
    pub fn any(&self, is_like: impl Fn(&T) -> bool) -> bool {
        self.peers().iter().any(is_like)
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.peers().is_empty()
    }

    fn peers(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_left_alone_longest_is_asked_first() {
        let known = Known::default();
        assert!(known.is_empty());
        (1..=5).for_each(|peer| known.add(peer));
        assert_eq!(known.pick(2, |_| true), [1, 2]);
        assert_eq!(known.pick(2, |_| true), [3, 4]);
        assert_eq!(known.pick(2, |peer| *peer < 5), [1, 2], "5 may not be asked now");
        assert_eq!(known.pick(9, |_| true), [5, 3, 4, 1, 2]);
    }

    #[test]
    fn the_memory_is_bounded() {
        let known = Known::default();
        (0..1000).for_each(|peer| known.add(peer));
        known.answered(|| 7);
        known.answered(|| 8);
        let all = known.pick(1000, |_| true);
        assert_eq!(all.len(), REMEMBERED);
        assert!(all.contains(&7) && !all.contains(&8), "one in a quarter of a second");
    }
}
