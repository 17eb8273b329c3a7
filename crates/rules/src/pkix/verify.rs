//! A presented chain against a trust store, a name and an instant: every failure that applies.

use rustls_pki_types::CertificateDer;

use super::chain::{Chain, Presented, parse};
use super::names::{Identifiers, is_named};
use super::path::{self, Anchor, Broken, Chaining, PathReading, examine};
use super::signature::{self, Signature};
use super::store::TrustStore;
use super::walk;
use crate::failure::Failure;

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
    let ders: Vec<CertificateDer> = chain.iter().map(|der| CertificateDer::from(*der)).collect();
    match Chain::new(&ders) {
        Some(chain) => verify_chain(&chain, at_unix_seconds, store),
        None => PkixReading {
            failures: vec![Failure::CertInvalid],
            anchors: Vec::new(),
            intermediate_missing: false,
            leaf_not_after: None,
        },
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
            self.failures.push(Failure::CertNameMismatch);
        }
        self
    }
}

/// Whether a leaf (DER) names a host (RFC 9525 §6). Nothing can be said against what cannot be read.
pub fn leaf_names(leaf: &[u8], reference_identifier: &str) -> bool {
    let der = CertificateDer::from(leaf);
    let leaf = Presented::new(0, &der);
    !is_readable(&leaf) || is_named(&leaf, reference_identifier, Identifiers::DnsIds)
}

/// notAfter of a certificate, seconds since the Unix epoch, where it can be read.
pub fn leaf_not_after(leaf: &[u8]) -> Option<i64> {
    parse(leaf).map(|certificate| certificate.validity().not_after.timestamp())
}

fn verify_chain(chain: &Chain<'_>, at: i64, store: &TrustStore) -> PkixReading {
    let leaf = &chain.leaf;
    let readable = is_readable(leaf);
    let roots = roots_for(chain, store);
    let anchors: Vec<&Anchor> = roots.iter().map(|(_, anchor)| *anchor).collect();

    let mut invalid = !readable || path::leaf_is_unfit(leaf) || has_weak_key(leaf);
    let (mut self_signed, mut unknown, mut expired, mut not_yet_valid) = (false, false, false, false);
    let mut sufficient = Vec::new();
    match examine(chain, &anchors, at) {
        PathReading::Valid(indexes) => {
            sufficient = indexes.into_iter().map(|index| roots[index].0.to_owned()).collect();
            sufficient.sort_unstable();
        }
        PathReading::Broken(broken) => {
            Broken { expired, not_yet_valid, .. } = broken;
            match broken.chaining {
                Chaining::Holds => {}
                Chaining::Invalid => invalid = true,
                Chaining::Absent if is_self_signed(leaf) => self_signed = true,
                Chaining::Absent => {
                    unknown = true;
                    // A signature that nobody can check is one whoever the issuer is.
                    invalid |=
                        leaf.x509().is_some_and(|x509| !signature::is_supported(&x509.signature_algorithm.algorithm));
                }
            }
        }
    }
    let failures = [
        (invalid, Failure::CertInvalid),
        (self_signed, Failure::CertSelfSigned),
        (unknown, Failure::CertUnknownIssuer),
        (expired, Failure::CertExpired),
        (not_yet_valid, Failure::CertNotYetValid),
    ];
    PkixReading {
        failures: failures.into_iter().filter_map(|(applies, word)| applies.then_some(word)).collect(),
        anchors: sufficient,
        intermediate_missing: unknown && walk::lacks_issuer(chain),
        leaf_not_after: leaf.dates().map(|(_, not_after)| not_after),
    }
}

fn is_readable(leaf: &Presented<'_>) -> bool {
    leaf.webpki.is_some() || leaf.x509().is_some()
}

/// The roots that bear the name of an issuer on the chain: no other can end a path.
fn roots_for<'s>(chain: &Chain<'_>, store: &'s TrustStore) -> Vec<(&'s str, &'s Anchor<'static>)> {
    let mut issuers: Vec<&[u8]> =
        std::iter::once(&chain.leaf).chain(&chain.others).filter_map(Presented::issuer).collect();
    issuers.sort_unstable();
    issuers.dedup();
    issuers.into_iter().flat_map(|issuer| store.named(issuer, &chain.leaf)).collect()
}

/// RFC 9325 §4.5: an RSA key below 2048 bits; no handshake with it can be verified either.
fn has_weak_key(leaf: &Presented<'_>) -> bool {
    leaf.x509().is_some_and(|x509| !path::is_long_enough(x509.public_key()))
}

/// Issued by itself, as far as its own key can tell: a signature that cannot be checked (MD5, RSA-512) is taken
/// at its word.
fn is_self_signed(leaf: &Presented<'_>) -> bool {
    leaf.x509()
        .is_some_and(|x509| walk::is_self_issued(x509) && signature::check(x509, x509.public_key()) != Signature::Bad)
}

#[cfg(test)]
mod tests;
