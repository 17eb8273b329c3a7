//! The verdict on one chain (RFC 7671 §5, RFC 7672 §3).

use super::cause;
use super::peer::{Attempt, Peer};
use super::record::Tlsa;
use super::usable::select_decoded;
use super::words::MismatchCause;
use crate::observation::TlsaRecord;
use crate::pkix::{Chain, Verifier};

crate::words! {
    /// What TLSA records say about a chain.
    DaneResult {
        /// A usable record matches.
        Match = "match",
        /// Usable records exist and none matches.
        Mismatch = "mismatch",
        /// No record is usable: TLS is required and nothing can be authenticated (RFC 7672 §2.2).
        Unusable = "unusable",
        /// No record matches, and one might that cannot be checked here.
        Undecided = "undecided",
    }
}

/// What TLSA records say about a chain, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DaneReading {
    /// The verdict.
    pub result: DaneResult,
    /// The first record that matches, as an index into the records given.
    pub record: Option<usize>,
    /// Where the matched certificate stands in the chain as presented, the leaf being 0; `None` where it, or its
    /// key, came from the record.
    pub depth: Option<usize>,
    /// For a mismatch: the likeliest reason.
    pub cause: Option<MismatchCause>,
    /// Without digest agility (RFC 7671 §9) a record would have matched.
    pub agility_changed: bool,
    /// Where an anchor was found and the chain does not lead to it: why, in a few sentences.
    pub details: Vec<String>,
    /// For a match: which verifiers in use would refuse it.
    pub refused_by: Vec<Verifier>,
    /// What the answer cost, by the weights of [`crate::signature::work`]: microseconds.
    pub work: u64,
}

/// Verifies a chain against TLSA records: `chain` as presented, DER, leaf first; `reference_identifiers` the names
/// that usage 2 accepts, A-labels (RFC 7672 §3.2.2); the instant in seconds since the Unix epoch. That DNSSEC
/// covers the records, and that the peer holds the leaf's key, is the caller's to know.
pub fn verify(
    records: &[TlsaRecord],
    chain: &[&[u8]],
    reference_identifiers: &[&str],
    at_unix_seconds: i64,
) -> DaneReading {
    let records: Vec<Tlsa> = records.iter().map(Tlsa::from).collect();
    let selection = select_decoded(&records);
    let nothing = DaneReading {
        result: DaneResult::Unusable,
        record: None,
        depth: None,
        cause: None,
        agility_changed: false,
        details: Vec::new(),
        refused_by: Vec::new(),
        work: 0,
    };
    if selection.usable.is_empty() {
        return nothing;
    }
    let Some(chain) = Chain::new(chain) else {
        return DaneReading { result: DaneResult::Mismatch, cause: Some(MismatchCause::Unknown), ..nothing };
    };
    let peer = Peer::new(chain, reference_identifiers, at_unix_seconds);
    let answers = peer.attempts(&records, &selection.usable);
    let of =
        |index: &usize| answers.attempts.iter().find(|(one, _)| one == index).map(|(_, attempt)| (*index, *attempt));
    let attempts: Vec<(usize, Attempt)> = selection.selected.iter().filter_map(of).collect();
    let nothing = DaneReading { work: answers.work, ..nothing };
    if let Some((index, depth, refused_by)) = attempts.iter().find_map(|(index, attempt)| match attempt {
        Attempt::Match { depth, refused_by_openssl } => Some((*index, *depth, *refused_by_openssl)),
        _ => None,
    }) {
        let refused_by = if refused_by { vec![Verifier::OpenSsl] } else { Vec::new() };
        return DaneReading { result: DaneResult::Match, record: Some(index), depth, refused_by, ..nothing };
    }
    let outdone = selection.usable.iter().filter(|index| !selection.selected.contains(index));
    let agility_changed = outdone.filter_map(of).any(|(_, attempt)| matches!(attempt, Attempt::Match { .. }));
    if attempts.iter().any(|(_, attempt)| *attempt == Attempt::Undecided) {
        return DaneReading { result: DaneResult::Undecided, agility_changed, details: answers.details, ..nothing };
    }
    let cause = Some(cause::find(&records, &selection, &attempts, &peer));
    let work = nothing.work.saturating_add(peer.hashing());
    let details = answers.details;
    DaneReading { result: DaneResult::Mismatch, cause, agility_changed, details, work, ..nothing }
}

#[cfg(test)]
mod tests;
