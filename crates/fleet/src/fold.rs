//! A slot's log, folded into what it says. Pure: every reader of one log comes to the same state.

use std::collections::BTreeMap;

use mxcensus_rules::observation::Micros;
use mxcensus_scan::attempts::Note;

use crate::records::{PartOf, Record, What};

/// Who holds a slot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// The worker.
    pub worker: String,
    /// Its start.
    pub start: String,
}

/// What the owner last said about its work.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Phase {
    /// There is work, or nobody has looked yet.
    #[default]
    Working,
    /// Nothing is left of what came up to this message.
    Idle(u64),
}

/// What a log says so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The number of the last ownership; 0 before the first.
    pub epoch: u64,
    /// Who holds the slot; `None` before the first owner, and after a release.
    pub owner: Option<Owner>,
    /// What the owner last said.
    pub phase: Phase,
    /// The parts that count.
    pub parts: Vec<PartOf>,
    /// What was noted, and when by the broker's clock.
    pub notes: Vec<(Micros, Note)>,
    /// The id of the last record that counts.
    pub last: Option<String>,
    /// The sequence of the last record, whether it counts or not.
    pub seq: u64,
    /// Records that were passed over.
    pub passed_over: u64,
}

impl State {
    /// Takes the next record of the log. False when it is passed over: its writer did not know what stands before it, or does not
    /// own the slot.
    pub fn take(&mut self, seq: u64, at: Micros, record: Record) -> bool {
        self.seq = seq;
        let by_owner =
            self.owner.as_ref().is_some_and(|owner| owner.start == record.start) && record.epoch == self.epoch;
        let is_next = matches!(record.what, What::Begin { .. }) && record.epoch == self.epoch + 1;
        if record.prev != self.last || !(by_owner || is_next) {
            self.passed_over += 1;
            return false;
        }
        self.last = Some(record.id);
        match record.what {
            What::Begin { worker } => {
                self.epoch = record.epoch;
                self.owner = Some(Owner { worker, start: record.start });
                self.phase = Phase::Working;
            }
            What::Notes(notes) => {
                self.phase = Phase::Working;
                self.notes.extend(notes.into_iter().map(|note| (at, note)));
            }
            What::Checkpoint(parts) => {
                self.phase = Phase::Working;
                // A record whose answer was lost may stand there twice.
                let fresh: Vec<PartOf> = parts.into_iter().filter(|part| !self.parts.contains(part)).collect();
                self.parts.extend(fresh);
            }
            What::Idle { in_seq } => self.phase = Phase::Idle(in_seq),
            What::Released => self.owner = None,
        }
        true
    }

    /// Whether this start owns the slot in this epoch.
    pub fn is_held_by(&self, start: &str, epoch: u64) -> bool {
        self.epoch == epoch && self.owner.as_ref().is_some_and(|owner| owner.start == start)
    }

    /// The parts that count, by table.
    pub fn parts_by_table(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut by_table: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for part in &self.parts {
            by_table.entry(&part.table).or_default().push(&part.file.name);
        }
        by_table
    }
}

/// What became of an append whose answer was lost or refused, once everything that stands in the log was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It stands in the log and counts.
    Accepted,
    /// It does not, and the writer still owns the slot: it is appended again, after what stands there now.
    Again,
    /// Another worker owns the slot.
    Lost,
}

/// Tells what became of a record of `start` in `epoch`; `stands` says whether it was met and counted while reading on.
pub fn outcome(state: &State, start: &str, epoch: u64, stands: bool) -> Outcome {
    match (state.is_held_by(start, epoch), stands) {
        (true, true) => Outcome::Accepted,
        (true, false) => Outcome::Again,
        // That it was accepted once is no right any more.
        (false, _) => Outcome::Lost,
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
