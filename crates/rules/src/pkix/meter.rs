//! How much work one question may cost.
//!
//! A chain and its records come from a stranger. Work is counted by the weights of [`crate::signature::work`], in
//! microseconds of a machine of today, not on a clock, so that a judgement is the same on every machine.

use std::cell::Cell;

/// The most that one chain may cost against a trust store, or against the TLSA records of a host.
pub const WORK_MAX: u64 = 50_000;

/// The work is used up: what was not found by now is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Exhausted;

/// Counts the work of one question.
#[derive(Debug)]
pub(crate) struct Meter {
    spent: Cell<u64>,
    most: u64,
}

impl Meter {
    /// Nothing is spent yet.
    pub(crate) fn new(most: u64) -> Self {
        Self { spent: Cell::new(0), most }
    }

    /// Spends before the work is done.
    pub(crate) fn spend(&self, work: u64) -> Result<(), Exhausted> {
        let spent = self.spent.get().saturating_add(work);
        if spent > self.most {
            return Err(Exhausted);
        }
        self.spent.set(spent);
        Ok(())
    }

    /// What was spent.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.get()
    }
}
