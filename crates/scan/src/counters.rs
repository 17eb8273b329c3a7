//! How far the crawl is: counters that the stages add to, for the bars, the status file and the metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::frontier::Depths;
use super::tally::{Mark, Tally};

/// Counters of one stage.
#[derive(Debug, Default)]
pub struct Stage {
    started: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
    earlier: AtomicU64,
}

impl Stage {
    /// An item was taken up.
    pub fn started(&self) {
        self.started.fetch_add(1, Relaxed);
    }

    /// An item got its row; `failed` when it could not be looked at as wished.
    fn finished(&self, failed: bool) {
        self.done.fetch_add(1, Relaxed);
        if failed {
            self.failed.fetch_add(1, Relaxed);
        }
    }

    /// An item of an earlier run is already there.
    pub fn already_done(&self) {
        self.earlier.fetch_add(1, Relaxed);
    }

    /// Rows so far, those of earlier runs included.
    pub fn done(&self) -> u64 {
        self.earlier() + self.done_now()
    }

    /// Rows of this run.
    pub fn done_now(&self) -> u64 {
        self.done.load(Relaxed)
    }

    /// Rows that earlier runs left.
    pub fn earlier(&self) -> u64 {
        self.earlier.load(Relaxed)
    }

    /// Rows of this run that say that something could not be looked at as wished.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Attempts begun, retries included.
    pub fn attempts(&self) -> u64 {
        self.started.load(Relaxed)
    }
}

/// The counters of a crawl.
#[derive(Debug, Default)]
pub struct Progress {
    /// Stage one.
    pub domains: Stage,
    /// Stage two.
    pub policies: Stage,
    /// Stage three.
    pub hosts: Stage,
    /// Stage four.
    pub endpoints: Stage,
    /// What the rows say.
    pub tally: Tally,
    ended: AtomicBool,
    note: Mutex<Option<String>>,
    noted: Notify,
}

impl Progress {
    /// A row was handed to the writer: the one place where rows are counted.
    pub fn handed_over(&self, mark: Mark) {
        let stage = match mark {
            Mark::Domain(_) => &self.domains,
            Mark::Policy(..) => &self.policies,
            Mark::MxHost(_) => &self.hosts,
            Mark::Endpoint { .. } => &self.endpoints,
        };
        stage.finished(mark.is_failure());
        self.tally.add(mark);
    }

    /// Stops the display.
    pub fn end(&self) {
        self.ended.store(true, Relaxed);
        self.noted.notify_one();
    }

    /// Whether the crawl is over.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    /// Says below the bars what the operator should know now: a pause, the end that was asked for.
    pub fn set_note(&self, note: Option<String>) {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = note;
        self.noted.notify_one();
    }

    /// What the operator should know now.
    pub fn note(&self) -> Option<String> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a note, or the end, at most `at_most`.
    pub async fn news(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.noted.notified()).await;
    }

    /// The stages by the name of their table, in the order of the crawl.
    pub fn stages(&self) -> [(&'static str, &Stage); 4] {
        [
            ("domains", &self.domains),
            ("policies", &self.policies),
            ("mx_hosts", &self.hosts),
            ("endpoints", &self.endpoints),
        ]
    }
}

/// How many items of a stage are known of: those of earlier runs, and those that were put in this one.
pub fn total(stage: usize, counts: &Stage, depths: &Depths, domains: u64) -> u64 {
    let known = match stage {
        0 => domains,
        1 => counts.earlier() + depths.known_policies,
        2 => counts.earlier() + depths.known_hosts,
        _ => counts.earlier() + depths.known_endpoints,
    };
    known.max(counts.done())
}

/// How many items of a stage wait in its queue.
pub fn waiting(stage: usize, depths: &Depths) -> u64 {
    (match stage {
        0 => depths.domains,
        1 => depths.policies,
        2 => depths.hosts,
        _ => depths.endpoints + depths.unsampled,
    }) as u64
}

/// A rate smoothed over about ten seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    at: f64,
    done: u64,
    value: f64,
}

impl Rate {
    /// Takes the count at an instant since the beginning; the rate per second.
    pub fn update(&mut self, at: Duration, done: u64) -> f64 {
        let at = at.as_secs_f64();
        let span = at - self.at;
        if span > 0.0 {
            let now = done.saturating_sub(self.done) as f64 / span;
            let weight = if self.at == 0.0 { 1.0 } else { 1.0 - (-span / 10.0).exp() };
            self.value += (now - self.value) * weight;
            (self.at, self.done) = (at, done);
        }
        self.value
    }
}
