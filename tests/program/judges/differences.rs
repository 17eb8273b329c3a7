//! Where an outside judge says something else than we do. Each place stands in `known-differences.toml`, with the section
//! that decides it and two outside judges on our side; one that is not listed fails the test, and so does one that is
//! listed and no longer differs.

use std::collections::BTreeSet;

use serde::Deserialize;

/// At most so many differences may be known; more are not differences but mistakes.
const KNOWN_MAX: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    difference: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Which comparison.
    judge: String,
    /// Of what: a host or a domain.
    subject: String,
    ours: String,
    theirs: String,
    decided_by: String,
    on_our_side: [String; 2],
}

/// One judge's comparison.
pub(super) struct Differences {
    judge: &'static str,
    known: Vec<Entry>,
    met: BTreeSet<usize>,
    unknown: Vec<String>,
    compared: usize,
}

impl Differences {
    /// The known differences of a judge.
    pub(super) fn of(judge: &'static str) -> Self {
        let all: Known = toml::from_str(include_str!("known-differences.toml")).expect("the known differences");
        assert!(all.difference.len() <= KNOWN_MAX, "{} known differences", all.difference.len());
        for entry in &all.difference {
            assert!(entry.decided_by.contains("RFC "), "{entry:?}");
            assert!(entry.on_our_side.iter().all(|judge| judge.len() > 10), "{entry:?}");
        }
        let known = all.difference.into_iter().filter(|entry| entry.judge == judge).collect();
        Self { judge, known, met: BTreeSet::new(), unknown: Vec::new(), compared: 0 }
    }

    /// One comparison; `log` is shown where it is an unknown difference.
    pub(super) fn hold(&mut self, subject: &str, ours: &str, theirs: &str, agrees: bool, log: &str) {
        self.compared += 1;
        if agrees {
            return;
        }
        let is_it = |entry: &Entry| entry.subject == subject && entry.ours == ours && entry.theirs == theirs;
        match self.known.iter().position(is_it) {
            Some(index) => drop(self.met.insert(index)),
            None => self.unknown.push(format!("{subject}: we say {ours}, {} says {theirs}\n{log}", self.judge)),
        }
    }

    /// Fails on every difference that is not known, and on every known one that is none any more.
    pub(super) fn settle(self) {
        assert!(self.unknown.is_empty(), "{} of {}:\n{}", self.unknown.len(), self.compared, self.unknown.join("\n"));
        let gone: Vec<&Entry> = self
            .known
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.met.contains(index))
            .map(|(_, entry)| entry)
            .collect();
        assert!(gone.is_empty(), "no longer differ; take them out of known-differences.toml: {gone:#?}");
    }
}
