//! A presented chain against a trust store, a name and an instant: every failure that applies.

use super::anchor::Anchor;
use super::certificate::Facts;
use super::chain::{Chain, Presented, parse};
use super::finding::{Finding, Reason, Whose};
use super::meter::{Meter, WORK_MAX};
use super::names::{Identifiers, is_named};
use super::refused_by::Verifier;
use super::search::{Broken, Chaining, PathReading, Walk};
use super::self_signature::own_signature;
use super::store::TrustStore;
use crate::failure::Failure;
use crate::signature::Checked;

/// At most so many sentences of details are kept of one chain.
const DETAILS_MAX: usize = 4;

/// What a chain is worth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PkixReading {
    /// Every certificate word that applies, the deciding one first; empty: valid.
    pub failures: Vec<Failure>,
    /// Fingerprints, sorted, of every root that validates the chain as the only root, dates included and the name
    /// not asked.
    pub anchors: Vec<String>,
    /// Beside `cert-unknown-issuer`: the chain ends at a certificate whose issuer was not sent, is no root, and is
    /// not that certificate itself.
    pub intermediate_missing: bool,
    /// notAfter of the leaf, seconds since the Unix epoch, where it can be read.
    pub leaf_not_after: Option<i64>,
    /// Why each word applies: which certificate, and which extension, algorithm or constraint. At most a few sentences.
    pub details: Vec<String>,
    /// For a valid chain: which verifiers in use would refuse it all the same.
    pub refused_by: Vec<Verifier>,
    /// What the answer cost, by the weights of [`crate::signature::work`]: microseconds.
    pub work: u64,
}

/// Verifies a chain for a TLS server (RFC 5280 §6.1, RFC 9525 §6): `chain` as presented, DER, leaf first;
/// `reference_identifier` an A-label; the instant in seconds since the Unix epoch. An empty chain is
/// `cert-invalid`.
pub fn verify(chain: &[&[u8]], reference_identifier: &str, at_unix_seconds: i64, store: &TrustStore) -> PkixReading {
    let path = verify_path(chain, at_unix_seconds, store);
    match chain.first() {
        Some(leaf) => path.under_name(leaf_names(leaf, reference_identifier)),
        None => path,
    }
}

/// The same with the name left aside: what a chain is worth for whomever it names. It costs the signatures, so it is
/// what to remember; [`leaf_names`] and [`PkixReading::under_name`] add the name.
pub fn verify_path(chain: &[&[u8]], at_unix_seconds: i64, store: &TrustStore) -> PkixReading {
    match Chain::new(chain) {
        Some(chain) => verify_chain(&chain, at_unix_seconds, &roots_for(&chain, store)),
        None => nothing_presented(),
    }
}

/// What a chain is worth under several trust stores: see [`verify_path_under`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoreReadings {
    readings: Vec<PkixReading>,
    /// For each store, in the order given, the place of its reading.
    of_store: Vec<usize>,
}

impl StoreReadings {
    /// What the store of this number says. `None`: there are not as many.
    pub fn of(&self, store: usize) -> Option<&PkixReading> {
        self.readings.get(*self.of_store.get(store)?)
    }

    /// Whether two stores, by their numbers, have the same roots for the chain, and so the same reading.
    pub fn is_alike(&self, one: usize, other: usize) -> bool {
        self.of_store.get(one) == self.of_store.get(other)
    }
}

/// The same as [`verify_path`] under each of several stores, at little more than the cost of one: a store counts only by the
/// roots that bear the name of an issuer on the chain, stores that have the same ones share a reading, and each signature is
/// checked once. No answer, its work included, depends on which other stores there are.
pub fn verify_path_under(chain: &[&[u8]], at_unix_seconds: i64, stores: &[&TrustStore]) -> StoreReadings {
    let Some(chain) = Chain::new(chain) else {
        return StoreReadings { readings: vec![nothing_presented()], of_store: vec![0; stores.len()] };
    };
    let mut known: Vec<Vec<&str>> = Vec::new();
    let mut readings = Vec::new();
    let mut of_store = Vec::with_capacity(stores.len());
    for store in stores {
        let roots = roots_for(&chain, store);
        // A root's fingerprint stands for all that is known of it.
        let fingerprints: Vec<&str> = roots.iter().map(|(fingerprint, _)| *fingerprint).collect();
        let place = known.iter().position(|known| *known == fingerprints).unwrap_or_else(|| {
            known.push(fingerprints);
            readings.push(verify_chain(&chain, at_unix_seconds, &roots));
            readings.len() - 1
        });
        of_store.push(place);
    }
    StoreReadings { readings, of_store }
}

fn nothing_presented() -> PkixReading {
    PkixReading {
        failures: vec![Failure::CertInvalid],
        anchors: Vec::new(),
        intermediate_missing: false,
        leaf_not_after: None,
        details: vec!["no certificate was presented".to_owned()],
        refused_by: Vec::new(),
        work: 0,
    }
}

/// The instants at which [`verify_path`] may change its answer, ascending: where a certificate of the chain becomes valid
/// (RFC 5280 §4.1.2.5: both dates are inclusive), and the second after it ceases to be. Between two of them the answer is
/// one. `None` where the dates of some certificate cannot be read.
pub fn turning_points(chain: &[&[u8]]) -> Option<Vec<i64>> {
    let mut points = Vec::with_capacity(chain.len() * 2);
    for der in chain {
        let certificate = parse(der)?;
        let validity = certificate.validity();
        points.extend([validity.not_before.timestamp(), validity.not_after.timestamp().checked_add(1)?]);
    }
    points.sort_unstable();
    points.dedup();
    Some(points)
}

impl PkixReading {
    /// The reading of a path, for a host that its leaf names or does not: see [`leaf_names`].
    pub fn under_name(mut self, is_named: bool) -> PkixReading {
        if !is_named {
            // What could not be checked makes no difference any more, and stands last.
            let at = self.failures.iter().position(|word| word.is_undecided()).unwrap_or(self.failures.len());
            self.failures.insert(at, Failure::CertNameMismatch);
            self.details.push("leaf: no DNS-ID is the reference identifier (RFC 9525 6.3)".to_owned());
        }
        self
    }

    /// Whether nothing is known to be wrong and the chain could not be validated for a reason of our own.
    pub fn is_undecided(&self) -> bool {
        self.failures.first().is_some_and(|word| word.is_undecided())
    }
}

/// Whether a leaf (DER) names a host (RFC 9525 §6). Nothing can be said against what cannot be read.
pub fn leaf_names(leaf: &[u8], reference_identifier: &str) -> bool {
    let leaf = Presented::new(0, leaf);
    leaf.facts().is_none() || is_named(&leaf, reference_identifier, Identifiers::DnsIds)
}

/// notAfter of a certificate, seconds since the Unix epoch, where it can be read.
pub fn leaf_not_after(leaf: &[u8]) -> Option<i64> {
    parse(leaf).map(|certificate| certificate.validity().not_after.timestamp())
}

fn verify_chain(chain: &Chain<'_>, at: i64, roots: &[(&str, &Anchor)]) -> PkixReading {
    let meter = Meter::new(WORK_MAX);
    let anchors: Vec<&Anchor> = roots.iter().map(|(_, anchor)| *anchor).collect();
    let walk = Walk::new(chain, &anchors, at, &meter);
    let all: Vec<usize> = (0..anchors.len()).collect();
    let mut reading = PkixReading {
        failures: Vec::new(),
        anchors: Vec::new(),
        intermediate_missing: false,
        leaf_not_after: chain.leaf.facts().map(|leaf| leaf.dates().1),
        details: Vec::new(),
        refused_by: Vec::new(),
        work: 0,
    };
    match walk.reading(&all) {
        PathReading::Valid(indexes) => {
            reading.anchors = indexes.into_iter().map(|index| roots[index].0.to_owned()).collect();
            reading.anchors.sort_unstable();
            reading.refused_by = walk.refused_by();
        }
        PathReading::Broken(broken) => tell(broken, chain, &walk, &mut reading),
    }
    reading.work = meter.spent();
    reading
}

/// The words for a chain that leads nowhere.
fn tell(broken: Broken, chain: &Chain<'_>, walk: &Walk<'_, '_>, reading: &mut PkixReading) {
    let absent = broken.chaining == Chaining::Absent;
    let self_signed = absent && chain.leaf.facts().is_some_and(is_self_signed);
    let mut findings = broken.findings;
    if self_signed {
        findings.retain(|finding| !matches!(finding.reason, Reason::UnknownIssuer(_)));
        findings.push(Finding::new(Whose::Leaf, Reason::SelfSigned));
    }
    let work =
        broken.chaining == Chaining::Undecided && findings.iter().any(|finding| finding.reason == Reason::WorkUsedUp);
    // A fault of the leaf itself is independent of its issuer; the signature is the issuer's doing.
    let own = |finding: &Finding| match finding.reason {
        Reason::UnknownIssuer(_) | Reason::SelfSigned | Reason::Expired(_) | Reason::NotYetValid(_) => false,
        Reason::WeakAlgorithm(_) if self_signed => false,
        _ => !finding.is_undecided(),
    };
    let failures = [
        (findings.iter().any(own), Failure::CertInvalid),
        (self_signed, Failure::CertSelfSigned),
        (absent && !self_signed, Failure::CertUnknownIssuer),
        (broken.expired, Failure::CertExpired),
        (broken.not_yet_valid, Failure::CertNotYetValid),
        (broken.chaining == Chaining::Undecided && !work, Failure::CertUnsupported),
        (work, Failure::CertTooMuchWork),
    ];
    reading.failures = failures.into_iter().filter_map(|(applies, word)| applies.then_some(word)).collect();
    reading.intermediate_missing = absent && !self_signed && walk.lacks_issuer();
    findings.sort();
    reading.details = findings.iter().map(ToString::to_string).take(DETAILS_MAX).collect();
}

/// The roots that bear the name of an issuer on the chain: no other can end a path.
fn roots_for<'s>(chain: &Chain<'_>, store: &'s TrustStore) -> Vec<(&'s str, &'s Anchor)> {
    let mut issuers: Vec<_> = chain.all().filter_map(Presented::facts).map(|facts| &facts.issuer).collect();
    issuers.sort_unstable();
    issuers.dedup();
    issuers.into_iter().flat_map(|issuer| store.named(issuer, &chain.leaf)).collect()
}

/// Issued by itself, as far as its own key can tell: a signature that cannot be checked (MD5) is taken at its word.
fn is_self_signed(leaf: &Facts<'_>) -> bool {
    leaf.is_self_issued() && own_signature(leaf) != Checked::Bad
}

#[cfg(test)]
mod tests;
