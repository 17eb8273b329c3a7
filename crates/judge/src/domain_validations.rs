//! The validations of one domain, and what they may cost together.
//!
//! A domain may bring 100 hosts with 32 addresses each, and a chain of its own at each of them. Each chain is bounded
//! ([`mxcensus_rules::pkix::WORK_MAX`]); here their sum is. Work is what an answer costs when it is worked out, whether or not
//! it was remembered: so a verdict does not depend on which domain was judged before.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::Arc;

use super::certificates::{ChainId, UnderStore, Validated};
use mxcensus_rules::dane::DaneReading;
use mxcensus_rules::observation::TlsaRecord;
use mxcensus_rules::pkix::PkixReading;

/// The most that the chains of one domain's hosts may cost, in microseconds: the chain that reaches it is the last.
const WORK_MAX: u64 = 100_000;
/// What it costs to hold one leaf against one name.
const NAME_WORK: u64 = 20;

/// What became of a question.
#[derive(Debug)]
pub(crate) enum Answer<Reading> {
    /// It is answered.
    Known(Reading),
    /// The dataset lacks the leaf.
    Lost,
    /// The work of the domain is used up.
    TooMuchWork,
}

/// What was paid for.
#[derive(Debug, Eq, Hash, PartialEq)]
enum Paid {
    Chain(ChainId),
    Name(ChainId, String),
    Dane(ChainId, Arc<[TlsaRecord]>),
}

/// Asks [`UnderStore`] for one domain.
pub(crate) struct DomainValidations<'v> {
    validations: &'v UnderStore<'v>,
    spent: Cell<u64>,
    paid: RefCell<HashSet<Paid>>,
}

impl<'v> DomainValidations<'v> {
    /// Nothing is spent yet.
    pub(crate) fn new(validations: &'v UnderStore<'v>) -> Self {
        Self { validations, spent: Cell::new(0), paid: RefCell::default() }
    }

    /// The chain under a name at an instant (RFC 5280 6, RFC 9525 6).
    pub(crate) fn pkix(&self, chain: ChainId, name: &str, at_seconds: i64) -> Answer<Validated<PkixReading>> {
        let question = Paid::Name(chain, name.to_owned());
        if !self.may_ask(&question) {
            return Answer::TooMuchWork;
        }
        match self.validations.pkix(chain, name, at_seconds) {
            None => Answer::Lost,
            Some(validated) => {
                self.pay(question, NAME_WORK);
                self.pay(Paid::Chain(chain), validated.reading.work);
                Answer::Known(validated)
            }
        }
    }

    /// The chain against TLSA records (RFC 7672 3).
    pub(crate) fn dane(
        &self,
        records: &Arc<[TlsaRecord]>,
        chain: ChainId,
        reference_identifiers: &[&str],
        at_seconds: i64,
    ) -> Answer<Arc<Validated<DaneReading>>> {
        let question = Paid::Dane(chain, Arc::clone(records));
        if !self.may_ask(&question) {
            return Answer::TooMuchWork;
        }
        match self.validations.dane(records, chain, reference_identifiers, at_seconds) {
            None => Answer::Lost,
            Some(validated) => {
                self.pay(question, validated.reading.work);
                Answer::Known(validated)
            }
        }
    }

    fn may_ask(&self, question: &Paid) -> bool {
        self.spent.get() < WORK_MAX || self.paid.borrow().contains(question)
    }

    fn pay(&self, question: Paid, work: u64) {
        if self.paid.borrow_mut().insert(question) {
            self.spent.set(self.spent.get().saturating_add(work));
        }
    }
}
