//! The look-ups of a crawl, counted by kind and by what came of them.

use std::time::Duration;

use super::{Answer, Kind};
use crate::tally::{ByFailure, Histogram};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::DnsStatus;

/// The look-ups of a resolver's client.
#[derive(Debug)]
pub struct Lookups {
    /// By kind and status, as one number, and failure.
    results: ByFailure,
    /// From the question to what came of it: its retries, its aliases and the limits that it waited for included.
    pub time: Histogram,
}

impl Default for Lookups {
    fn default() -> Self {
        Lookups { results: ByFailure::new(Kind::ALL.len() * DnsStatus::ALL.len()), time: Histogram::default() }
    }
}

impl Lookups {
    /// One more.
    pub fn add(&self, kind: Kind, answer: &Answer, took: Duration) {
        self.results.add(kind as usize * DnsStatus::ALL.len() + answer.status as usize, answer.error);
        self.time.add(took.as_secs_f64() * 1e3);
    }

    /// How many of each kind came to what.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, DnsStatus, Option<Failure>, u64)> {
        let statuses = DnsStatus::ALL.len();
        self.results.counts().map(move |(cell, failure, count)| {
            (Kind::ALL[cell / statuses], DnsStatus::ALL[cell % statuses], failure, count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_are_counted_by_kind_and_result() {
        let lookups = Lookups::default();
        let mut expected = Vec::new();
        for &kind in &Kind::ALL {
            for &status in DnsStatus::ALL {
                let error = (status == DnsStatus::Error).then_some(Failure::Servfail);
                let answer = Answer {
                    status,
                    error,
                    dnssec: None,
                    ttl: None,
                    cnames: vec![],
                    records: vec![],
                    truncated: false,
                    apex: None,
                };
                lookups.add(kind, &answer, Duration::from_millis(2));
                expected.push((kind, status, error, 1));
            }
        }
        assert_eq!(lookups.counts().collect::<Vec<_>>(), expected);
        assert_eq!(lookups.time.cumulative()[..2], [0, expected.len() as u64]);
    }
}
