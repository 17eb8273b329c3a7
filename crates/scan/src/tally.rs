//! What became of the work, counted by the words of the tables: plain integers for the status file and the metrics.
//!
//! A row is counted once, where it is handed to the writer; a look-up where it is answered. No lock and no
//! allocation: every word of a closed vocabulary has its cell from the start.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{EndpointRow, EndpointStage, HostStatus, MxStatus, PolicyRow, PolicyStage};

/// Counts by two words, the second of which is a failure or none.
#[derive(Debug)]
pub struct ByFailure {
    cells: Box<[AtomicU64]>,
}

/// A failure, or none.
const FAILURES: usize = Failure::ALL.len() + 1;

impl ByFailure {
    pub(crate) fn new(words: usize) -> ByFailure {
        ByFailure { cells: (0..words * FAILURES).map(|_| AtomicU64::new(0)).collect() }
    }

    pub(crate) fn add(&self, word: usize, failure: Option<Failure>) {
        // Every vocabulary is declared in the order of its numbers.
        if let Some(cell) = self.cells.get(word * FAILURES + failure.map_or(0, |failure| failure as usize + 1)) {
            cell.fetch_add(1, Relaxed);
        }
    }

    /// The cells that are not zero: the number of the first word, the failure, how many.
    pub fn counts(&self) -> impl Iterator<Item = (usize, Option<Failure>, u64)> {
        let counts = self.cells.iter().enumerate().map(|(at, cell)| (at, cell.load(Relaxed)));
        counts.filter(|(_, count)| *count > 0).map(|(at, count)| {
            let failure = (at % FAILURES).checked_sub(1).map(|number| Failure::ALL[number]);
            (at / FAILURES, failure, count)
        })
    }
}

/// Counts by one word.
#[derive(Debug)]
pub struct ByWord<const WORDS: usize>([AtomicU64; WORDS]);

impl<const WORDS: usize> Default for ByWord<WORDS> {
    fn default() -> Self {
        ByWord(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl<const WORDS: usize> ByWord<WORDS> {
    fn add(&self, word: usize) {
        if let Some(cell) = self.0.get(word) {
            cell.fetch_add(1, Relaxed);
        }
    }

    /// How many, word by word.
    pub fn counts(&self) -> [u64; WORDS] {
        std::array::from_fn(|at| self.0[at].load(Relaxed))
    }
}

/// Upper ends of the classes of a [`Histogram`], in milliseconds: three to a decade, and the longest step allowed.
pub const BOUNDS_MS: [f64; 11] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 10e3, 30e3, 60e3];

/// How often something took how long.
#[derive(Debug, Default)]
pub struct Histogram {
    classes: ByWord<{ BOUNDS_MS.len() + 1 }>,
    sum_us: AtomicU64,
}

impl Histogram {
    /// One more, in milliseconds.
    pub fn add(&self, ms: f64) {
        self.classes.add(BOUNDS_MS.iter().take_while(|&&bound| ms > bound).count());
        self.sum_us.fetch_add((ms * 1e3) as u64, Relaxed);
    }

    /// How many took at most as long as each bound; the last is all of them.
    pub fn cumulative(&self) -> [u64; BOUNDS_MS.len() + 1] {
        let mut all = self.classes.counts();
        for at in 1..all.len() {
            all[at] += all[at - 1];
        }
        all
    }

    /// All of them together, in seconds.
    pub fn sum_s(&self) -> f64 {
        self.sum_us.load(Relaxed) as f64 / 1e6
    }
}

/// The steps of a policy fetch that are timed.
pub const POLICY_STEPS: [&str; 4] = ["dns", "connect", "tls", "http"];

/// The steps of an SMTP session that are timed; `total` is the whole session.
pub const ENDPOINT_STEPS: [&str; 4] = ["connect", "banner", "tls", "total"];

/// The rows of a run.
#[derive(Debug)]
pub struct Tally {
    /// Domains by `mx_status`.
    pub domains: ByWord<{ MxStatus::ALL.len() }>,
    /// Policies by `policy_stage` and `policy_error`.
    pub policies: ByFailure,
    /// MX hosts by `host_status`.
    pub mx_hosts: ByWord<{ HostStatus::ALL.len() }>,
    /// Endpoints by `stage` and `error`.
    pub endpoints: ByFailure,
    /// Endpoints that were not contacted because another name stands for them.
    pub copies: AtomicU64,
    /// SMTP connections that the rows cost.
    pub connections: AtomicU64,
    /// How long the [`POLICY_STEPS`] took.
    pub policy_steps: [Histogram; POLICY_STEPS.len()],
    /// How long the [`ENDPOINT_STEPS`] took.
    pub endpoint_steps: [Histogram; ENDPOINT_STEPS.len()],
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            domains: ByWord::default(),
            policies: ByFailure::new(PolicyStage::ALL.len()),
            mx_hosts: ByWord::default(),
            endpoints: ByFailure::new(EndpointStage::ALL.len()),
            copies: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            policy_steps: Default::default(),
            endpoint_steps: Default::default(),
        }
    }
}

/// What is counted of a row: it is taken before the row is handed over, and counted after.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// A domain.
    Domain(MxStatus),
    /// A policy.
    Policy(PolicyStage, Option<Failure>, [Option<f64>; POLICY_STEPS.len()]),
    /// An MX host.
    MxHost(HostStatus),
    /// An endpoint.
    Endpoint {
        /// `stage`.
        stage: EndpointStage,
        /// `error`.
        error: Option<Failure>,
        /// `sampled_from` names another.
        copy: bool,
        /// `connections`.
        connections: u32,
        /// The durations.
        steps: [Option<f64>; ENDPOINT_STEPS.len()],
    },
}

impl From<&PolicyRow> for Mark {
    fn from(row: &PolicyRow) -> Mark {
        let steps = [row.policy_dns_ms, row.policy_connect_ms, row.policy_tls_ms, row.policy_http_ms];
        Mark::Policy(row.policy_stage, row.policy_error, steps)
    }
}

impl From<&EndpointRow> for Mark {
    fn from(row: &EndpointRow) -> Mark {
        Mark::Endpoint {
            stage: row.stage,
            error: row.error,
            copy: row.sampled_from.is_some(),
            connections: row.connections,
            steps: [row.connect_ms, row.banner_ms, row.tls_ms, row.total_ms],
        }
    }
}

impl Mark {
    /// Whether the row says that something could not be looked at as wished.
    pub fn is_failure(&self) -> bool {
        match self {
            Mark::Domain(status) => *status == MxStatus::Error,
            Mark::Policy(_, error, _) => error.is_some(),
            Mark::MxHost(status) => *status == HostStatus::Error,
            Mark::Endpoint { stage, .. } => *stage != EndpointStage::Done,
        }
    }
}

impl Tally {
    /// A row is on its way to the writer.
    pub fn add(&self, mark: Mark) {
        match mark {
            Mark::Domain(status) => self.domains.add(status as usize),
            Mark::Policy(stage, error, steps) => {
                self.policies.add(stage as usize, error);
                time(&self.policy_steps, steps);
            }
            Mark::MxHost(status) => self.mx_hosts.add(status as usize),
            Mark::Endpoint { stage, error, copy, connections, steps } => {
                self.endpoints.add(stage as usize, error);
                self.connections.fetch_add(connections.into(), Relaxed);
                if copy {
                    // What it shows was timed once, where it was seen.
                    self.copies.fetch_add(1, Relaxed);
                } else {
                    time(&self.endpoint_steps, steps);
                }
            }
        }
    }
}

fn time<const STEPS: usize>(histograms: &[Histogram; STEPS], steps: [Option<f64>; STEPS]) {
    for (histogram, ms) in histograms.iter().zip(steps) {
        if let Some(ms) = ms {
            histogram.add(ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_counted_under_its_own_words() {
        let tally = Tally::default();
        let steps = [None; 4];
        let failures = || [None].into_iter().chain(Failure::ALL.iter().copied().map(Some));
        for (at, &stage) in PolicyStage::ALL.iter().enumerate() {
            failures().for_each(|error| (0..=at).for_each(|_| tally.add(Mark::Policy(stage, error, steps))));
        }
        let mut expected = Vec::new();
        for at in 0..PolicyStage::ALL.len() {
            expected.extend(failures().map(|error| (at, error, at as u64 + 1)));
        }
        assert_eq!(tally.policies.counts().collect::<Vec<_>>(), expected);
        MxStatus::ALL.iter().for_each(|&status| tally.add(Mark::Domain(status)));
        assert_eq!(tally.domains.counts(), [1; MxStatus::ALL.len()]);
        assert_eq!(tally.endpoints.counts().count(), 0);
    }

    #[test]
    fn durations_fall_into_their_classes() {
        let histogram = Histogram::default();
        [0.0, 1.0, 1.5, 3.0, 59_999.0, 60_000.0, 60_001.0].into_iter().for_each(|ms| histogram.add(ms));
        let expected = [2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 6, 7];
        assert_eq!(histogram.cumulative(), expected);
        assert!((histogram.sum_s() - 180.0055).abs() < 1e-6, "{}", histogram.sum_s());
    }

    #[test]
    fn a_copy_is_counted_and_not_timed() {
        let tally = Tally::default();
        let mark = |copy| Mark::Endpoint {
            stage: EndpointStage::Done,
            error: None,
            copy,
            connections: u32::from(!copy),
            steps: [Some(5.0); 4],
        };
        tally.add(mark(false));
        tally.add(mark(true));
        assert_eq!(tally.endpoints.counts().collect::<Vec<_>>(), [(EndpointStage::Done as usize, None, 2)]);
        assert_eq!((tally.copies.load(Relaxed), tally.connections.load(Relaxed)), (1, 1));
        assert!(tally.endpoint_steps.iter().all(|histogram| histogram.cumulative()[BOUNDS_MS.len()] == 1));
    }
}
