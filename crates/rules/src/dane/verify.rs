//! The verdict on one chain (RFC 7671 §5, RFC 7672 §3).

use rustls_pki_types::{CertificateDer, TrustAnchor};

use super::cause;
use super::matching::Association;
use super::usable::{CERT, DANE_EE, DANE_TA, FULL, SPKI, select};
use super::words::MismatchCause;
use crate::observation::TlsaRecord;
use crate::pkix::{Anchor, Broken, Chain, Chaining, Identifiers, PathReading, examine, is_named, sequence_content};

crate::words! {
    /// What TLSA records say about a chain.
    DaneResult {
        /// A usable record matches.
        Match = "match",
        /// Usable records exist and none matches.
        Mismatch = "mismatch",
        /// No record is usable: TLS is required and nothing can be authenticated (RFC 7672 §2.2).
        Unusable = "unusable",
    }
}

/// What TLSA records say about a chain, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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
    let selection = select(records);
    let nothing =
        DaneReading { result: DaneResult::Unusable, record: None, depth: None, cause: None, agility_changed: false };
    if selection.usable.is_empty() {
        return nothing;
    }
    let ders: Vec<CertificateDer> = chain.iter().map(|der| CertificateDer::from(*der)).collect();
    let Some(chain) = Chain::new(&ders) else {
        return DaneReading { result: DaneResult::Mismatch, cause: Some(MismatchCause::Unknown), ..nothing };
    };
    let peer = Peer::new(chain, reference_identifiers, at_unix_seconds);
    let attempts: Vec<(usize, Attempt)> =
        selection.selected.iter().map(|index| (*index, peer.attempt(&records[*index]))).collect();
    if let Some((index, depth)) = attempts.iter().find_map(|(index, attempt)| match attempt {
        Attempt::Match { depth } => Some((*index, *depth)),
        _ => None,
    }) {
        return DaneReading { result: DaneResult::Match, record: Some(index), depth, ..nothing };
    }
    let outdone = selection.usable.iter().filter(|index| !selection.selected.contains(index));
    let agility_changed =
        outdone.into_iter().any(|index| matches!(peer.attempt(&records[*index]), Attempt::Match { .. }));
    let cause = Some(cause::find(records, &selection, &attempts, &peer));
    DaneReading { result: DaneResult::Mismatch, cause, agility_changed, ..nothing }
}

/// What came of holding one record against the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Attempt {
    Match {
        depth: Option<usize>,
    },
    /// The anchor is there and the leaf chains to it: but for a date.
    OutOfDate,
    /// The anchor is there, the leaf chains to it in date, and does not name the host.
    Misnamed,
    /// The anchor is there and the leaf does not chain to it.
    Unchained,
    /// No certificate is the one meant.
    NotFound,
}

/// The chain that a server presented, ready for comparison.
pub(super) struct Peer<'a> {
    chain: Chain<'a>,
    pub leaf: Association,
    /// The other certificates, in the order of [`Chain::others`].
    pub others: Vec<Association>,
    reference_identifiers: &'a [&'a str],
    at: i64,
}

impl<'a> Peer<'a> {
    fn new(chain: Chain<'a>, reference_identifiers: &'a [&'a str], at: i64) -> Self {
        let leaf = Association::of(&chain.leaf);
        let others = chain.others.iter().map(Association::of).collect();
        Self { chain, leaf, others, reference_identifiers, at }
    }

    fn attempt(&self, record: &TlsaRecord) -> Attempt {
        match record.usage {
            // RFC 7671 §5.1: the comparison is all; no name, no dates, no chain.
            DANE_EE if self.leaf.matches(record) => Attempt::Match { depth: Some(0) },
            DANE_TA => self.attempt_anchor(record),
            _ => Attempt::NotFound,
        }
    }

    /// RFC 7671 §5.2: an issuer, presented or carried in the record, as the only anchor.
    fn attempt_anchor(&self, record: &TlsaRecord) -> Attempt {
        let mut anchors: Vec<(Anchor, Option<usize>)> = Vec::new();
        for (presented, association) in self.chain.others.iter().zip(&self.others) {
            if association.matches(record)
                && let Ok(anchor) = Anchor::from_certificate(presented.der)
            {
                anchors.push((anchor, Some(presented.position)));
            }
        }
        anchors.sort_by_key(|(_, position)| *position);
        let carried = (record.matching == FULL).then(|| hex::decode(&record.data).ok()).flatten().unwrap_or_default();
        anchors.extend(self.carried_anchors(record.selector, &carried).into_iter().map(|anchor| (anchor, None)));
        if anchors.is_empty() {
            return Attempt::NotFound;
        }
        let alone: Vec<&Anchor> = anchors.iter().map(|(anchor, _)| anchor).collect();
        match examine(&self.chain, &alone, self.at) {
            PathReading::Valid(indexes) if self.is_named() => {
                Attempt::Match { depth: indexes.first().and_then(|index| anchors[*index].1) }
            }
            PathReading::Valid(_) => Attempt::Misnamed,
            PathReading::Broken(Broken { chaining: Chaining::Holds, .. }) => Attempt::OutOfDate,
            PathReading::Broken(_) => Attempt::Unchained,
        }
    }

    /// RFC 7671 §5.2.3: a certificate or a bare key that comes with the record itself.
    fn carried_anchors(&self, selector: u8, data: &[u8]) -> Vec<Anchor<'static>> {
        match selector {
            CERT => {
                let der = CertificateDer::from(data);
                let is_leaf = der == *self.chain.leaf.der;
                let anchor = Anchor::from_certificate(&der).ok().filter(|_| !is_leaf);
                anchor.map(Anchor::into_owned).into_iter().collect()
            }
            SPKI => self.bare_key_anchors(data),
            _ => Vec::new(),
        }
    }

    /// A key has no name: it may be that of any issuer whom a certificate of the chain mentions.
    fn bare_key_anchors(&self, public_key: &[u8]) -> Vec<Anchor<'static>> {
        let Some(content) = sequence_content(public_key) else {
            return Vec::new();
        };
        let mut issuers: Vec<&[u8]> =
            std::iter::once(&self.chain.leaf).chain(&self.chain.others).filter_map(|one| one.issuer()).collect();
        issuers.sort_unstable();
        issuers.dedup();
        let anchor = |issuer: &[u8]| Anchor {
            trust: TrustAnchor {
                subject: issuer.into(),
                subject_public_key_info: content.into(),
                name_constraints: None,
            }
            .to_owned(),
            key_id: None,
        };
        issuers.into_iter().map(anchor).collect()
    }

    /// RFC 7672 §3.2.2: any one of the reference identifiers.
    fn is_named(&self) -> bool {
        self.reference_identifiers
            .iter()
            .any(|reference| is_named(&self.chain.leaf, reference, Identifiers::DnsIdsElseCommonName))
    }
}

#[cfg(test)]
mod tests;
