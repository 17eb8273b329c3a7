//! A gate for failures that may be our own: a task that saw silence waits here until it is known whose fault it was.
//!
//! Successes only add to a counter. A failure is held until enough successes come after it (the connection works, so
//! the silence is a fact), until a probe of something that answered before says the same, or until the
//! connection is found to be lost: then it says nothing about the other side, and the attempt is made again. What
//! is held is the task that made the attempt, so what can be held is bounded by what may be under way.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a failure is taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Belief {
    /// The connection worked: what was seen is a fact about the other side.
    Fact,
    /// The connection works now, and nothing was heard for a while before the failure: a short interruption is not
    /// excluded. Who can ask again cheaply does.
    Unsure,
    /// The connection was lost meanwhile: the attempt says nothing and is made again.
    Again,
    /// The crawl ended while the connection was lost: the item is left for another run.
    Lost,
}

/// How many successes after a failure show that the connection works.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// At least so many; `u64::MAX` where counting is no proof.
    pub at_least: u64,
    /// And so many for each further failure: where answers can come from a cache, some do though the network is gone.
    pub per_failure: u64,
}

/// How often a held failure looks whether it may go: short beside the time-outs that lead here, and nothing beside
/// what a held task costs.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// So long without a success before a failure: nothing vouches for the time in which it happened. Where traffic flows,
/// successes are milliseconds apart.
const QUIET: Duration = Duration::from_millis(500);

/// What all gates of a crawl have in common.
#[derive(Debug, Default)]
pub struct Shared {
    /// Grows with every interruption that has ended. An attempt that began in an earlier epoch proves nothing by failing.
    epoch: AtomicU64,
    /// Gates that are closed by an interruption now.
    down: AtomicUsize,
    lost: AtomicBool,
}

impl Shared {
    /// An interruption has ended: what was under way is not to be believed when it fails.
    pub fn next_epoch(&self) {
        self.epoch.fetch_add(1, Relaxed);
    }

    /// An interruption begins.
    pub fn go_down(&self) {
        self.down.fetch_add(1, Relaxed);
    }

    /// An interruption ends; true when no other is left.
    pub fn come_up(&self) -> bool {
        self.next_epoch();
        self.down.fetch_sub(1, Relaxed) == 1
    }

    /// Whether an interruption is under way.
    pub fn is_down(&self) -> bool {
        self.down.load(Relaxed) > 0
    }

    /// The crawl ends without the connection: nothing that is not yet written is to be written.
    pub fn lose(&self) {
        self.lost.store(true, Relaxed);
    }

    /// See [`Shared::lose`].
    pub fn is_lost(&self) -> bool {
        self.lost.load(Relaxed)
    }
}

/// When an attempt began: in which epoch of interruptions, and by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Begun(u64, Instant);

/// One kind of connection: to the resolver, to mail servers over one family, to policy hosts.
#[derive(Debug)]
pub struct Gate {
    shared: Arc<Shared>,
    proof: Proof,
    /// See [`QUIET`].
    quiet: Duration,
    opened: Instant,
    successes: AtomicU64,
    failures: AtomicU64,
    /// Microseconds from `opened`; 0 before the first.
    last_success: AtomicU64,
    /// Without a watcher nobody would ever decide, so every failure is a fact.
    watched: AtomicBool,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// When each failure happened, and at which address.
    waiting: BTreeMap<(Instant, u64), Option<IpAddr>>,
    tickets: u64,
    /// Failures up to this instant are facts.
    proven: Option<Instant>,
}

impl Gate {
    /// A gate that lets every failure pass as a fact until it is watched.
    pub fn new(shared: Arc<Shared>, proof: Proof) -> Gate {
        Gate {
            shared,
            proof,
            quiet: QUIET,
            opened: Instant::now(),
            successes: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            last_success: AtomicU64::new(0),
            watched: AtomicBool::new(false),
            held: Mutex::default(),
        }
    }

    /// What all gates of the crawl share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// From now on somebody decides about failures; or, with false, nobody does any more.
    pub fn set_watched(&self, watched: bool) {
        self.watched.store(watched, Relaxed);
    }

    /// Whether somebody decides about failures.
    pub fn is_watched(&self) -> bool {
        self.watched.load(Relaxed)
    }

    /// An attempt begins.
    pub fn begin(&self) -> Begun {
        Begun(self.shared.epoch.load(Relaxed), Instant::now())
    }

    /// Whether the connection was lost since the attempt began, or is lost now.
    pub fn interrupted_since(&self, begun: Begun) -> bool {
        self.shared.is_down() || self.shared.epoch.load(Relaxed) != begun.0
    }

    /// The other side was heard.
    pub fn succeeded(&self) {
        self.successes.fetch_add(1, Relaxed);
        self.last_success.store(self.opened.elapsed().as_micros() as u64 + 1, Relaxed);
    }

    /// The other side was heard on a connection that was begun then: the failures before that are facts. What was
    /// connected before a failure may have been heard from before it too, and only now be told.
    pub fn connected(&self, begun: Begun) {
        self.succeeded();
        self.prove(begun.1);
    }

    /// Successes so far.
    pub fn successes(&self) -> u64 {
        self.successes.load(Relaxed)
    }

    /// How long nothing has been heard; since the gate was made where nothing ever was.
    pub fn quiet_for(&self) -> Duration {
        self.opened.elapsed().saturating_sub(Duration::from_micros(self.last_success.load(Relaxed)))
    }

    /// The other side was not heard: waits until it is known what that means.
    pub async fn failed(&self, begun: Begun, address: Option<IpAddr>) -> Belief {
        if !self.watched.load(Relaxed) {
            return if self.shared.is_lost() { Belief::Lost } else { Belief::Fact };
        }
        let believed = if self.quiet_for() >= self.quiet { Belief::Unsure } else { Belief::Fact };
        let failures = self.failures.fetch_add(1, Relaxed) + 1;
        let successes = self.successes();
        let waiting = self.hold(address);
        loop {
            if self.shared.is_lost() {
                return Belief::Lost;
            }
            if self.shared.epoch.load(Relaxed) != begun.0 {
                return Belief::Again;
            }
            if !self.shared.is_down() {
                let more = self.failures.load(Relaxed).saturating_sub(failures);
                let needed = self.proof.at_least.saturating_add(self.proof.per_failure.saturating_mul(more));
                let vouched = self.successes().saturating_sub(successes) >= needed;
                if vouched || self.held().proven.is_some_and(|proven| proven >= waiting.at.0) {
                    return believed;
                }
                if !self.watched.load(Relaxed) {
                    return Belief::Fact;
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Failures up to this instant are facts: something was heard after it.
    pub fn prove(&self, until: Instant) {
        let mut held = self.held();
        held.proven = held.proven.max(Some(until));
    }

    /// How long the oldest undecided failure has been held.
    pub fn longest_wait(&self) -> Option<Duration> {
        self.oldest_undecided().map(|at| at.elapsed())
    }

    /// When the oldest undecided failure happened.
    pub fn oldest_undecided(&self) -> Option<Instant> {
        let held = self.held();
        let undecided = |at: &Instant| held.proven.is_none_or(|proven| *at > proven);
        held.waiting.keys().map(|(at, _)| *at).find(undecided)
    }

    /// Whether failures up to this instant are known to be facts.
    pub fn is_proven(&self, until: Instant) -> bool {
        self.held().proven.is_some_and(|proven| proven >= until)
    }

    /// The distinct addresses at which a failure is held.
    pub fn silent_addresses(&self) -> HashSet<IpAddr> {
        self.held().waiting.values().flatten().copied().collect()
    }

    fn hold(&self, address: Option<IpAddr>) -> Waiting<'_> {
        let mut held = self.held();
        held.tickets += 1;
        let at = (Instant::now(), held.tickets);
        held.waiting.insert(at, address);
        Waiting { gate: self, at }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A held failure; let go when its task goes on or is dropped.
struct Waiting<'a> {
    gate: &'a Gate,
    at: (Instant, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.gate.held().waiting.remove(&self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROOF: Proof = Proof { at_least: 2, per_failure: 1 };

    /// A gate for which a success long ago still speaks: on a busy machine a moment is long.
    fn gate() -> Arc<Gate> {
        let gate = Gate { quiet: Duration::from_secs(3600), ..Gate::new(Arc::default(), PROOF) };
        gate.set_watched(true);
        Arc::new(gate)
    }

    /// A failure that is being held.
    async fn held(gate: &Arc<Gate>) -> tokio::task::JoinHandle<Belief> {
        let begun = gate.begin();
        let before = gate.held().waiting.len();
        let held = tokio::spawn({
            let gate = gate.clone();
            async move { gate.failed(begun, None).await }
        });
        while gate.held().waiting.len() == before {
            tokio::task::yield_now().await;
        }
        held
    }

    async fn decided(held: tokio::task::JoinHandle<Belief>) -> Belief {
        tokio::time::timeout(Duration::from_secs(120), held).await.expect("it is decided").expect("it does not panic")
    }

    #[tokio::test]
    async fn successes_after_a_failure_make_it_a_fact() {
        let gate = gate();
        gate.succeeded();
        let failure = held(&gate).await;
        gate.succeeded();
        tokio::time::sleep(LOOK_EVERY * 3).await;
        assert!(!failure.is_finished(), "one success is not enough");
        gate.succeeded();
        assert_eq!(decided(failure).await, Belief::Fact, "there was a success right before it");
    }

    #[tokio::test]
    async fn only_a_later_connection_vouches() {
        let gate = gate();
        let proof = Proof { at_least: u64::MAX, per_failure: 0 };
        let gate = Arc::new(Gate { proof, ..Arc::try_unwrap(gate).expect("the only owner") });
        let before = gate.begin();
        let failure = held(&gate).await;
        gate.connected(before);
        tokio::time::sleep(LOOK_EVERY * 3).await;
        assert!(!failure.is_finished(), "it may have spoken before the failure");
        gate.connected(gate.begin());
        assert_eq!(decided(failure).await, Belief::Fact);
    }

    #[tokio::test]
    async fn each_further_failure_asks_for_more() {
        let gate = gate();
        gate.succeeded();
        let first = held(&gate).await;
        let second = held(&gate).await;
        gate.succeeded();
        gate.succeeded();
        assert_eq!(decided(second).await, Belief::Fact, "nothing failed after it");
        assert!(!first.is_finished());
        gate.succeeded();
        assert_eq!(decided(first).await, Belief::Fact);
    }

    #[tokio::test]
    async fn silence_before_a_failure_leaves_a_doubt() {
        let gate = Gate::new(Arc::default(), PROOF);
        gate.set_watched(true);
        let gate = Arc::new(gate);
        tokio::time::sleep(QUIET).await;
        let failure = held(&gate).await;
        gate.prove(Instant::now());
        assert_eq!(decided(failure).await, Belief::Unsure);
    }

    #[tokio::test]
    async fn what_failed_in_an_interruption_is_made_again() {
        let gate = gate();
        let before = held(&gate).await;
        gate.shared().go_down();
        let during = held(&gate).await;
        gate.succeeded();
        gate.succeeded();
        gate.succeeded();
        gate.prove(Instant::now());
        tokio::time::sleep(LOOK_EVERY * 3).await;
        assert!(!before.is_finished() && !during.is_finished(), "nothing is decided while it lasts");
        assert!(gate.shared().come_up());
        assert_eq!((decided(before).await, decided(during).await), (Belief::Again, Belief::Again));
        gate.succeeded();
        let after = held(&gate).await;
        gate.prove(Instant::now());
        assert_eq!(decided(after).await, Belief::Fact);
    }

    #[tokio::test]
    async fn what_is_held_when_the_crawl_ends_without_connection_is_lost() {
        let gate = gate();
        gate.shared().go_down();
        let failure = held(&gate).await;
        gate.shared().lose();
        assert_eq!(decided(failure).await, Belief::Lost);
    }

    #[tokio::test]
    async fn without_a_watcher_every_failure_is_a_fact() {
        let gate = Gate::new(Arc::default(), PROOF);
        assert_eq!(gate.failed(gate.begin(), None).await, Belief::Fact);
    }
}
