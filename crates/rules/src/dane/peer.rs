//! What each record makes of the chain that a server presented (RFC 7671 §5).

use super::matching::Association;
use super::record::{Matching, Selector, Tlsa, Usage};
use crate::pkix::{
    Anchor, Broken, Chain, Chaining, Identifiers, Meter, PathReading, WORK_MAX, Walk, is_named, openssl_refuses_anchor,
};

/// What came of holding one record against the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Attempt {
    Match {
        depth: Option<usize>,
        refused_by_openssl: bool,
    },
    /// The anchor is there and the leaf chains to it: but for a date.
    OutOfDate,
    /// The anchor is there, the leaf chains to it in date, and does not name the host.
    Misnamed,
    /// The anchor is there and the leaf does not chain to it.
    Unchained,
    /// The anchor is there, and whether the leaf chains to it cannot be checked.
    Undecided,
    /// No certificate is the one meant.
    NotFound,
}

/// What came of all records.
pub(super) struct Attempts {
    /// By index of the record.
    pub(super) attempts: Vec<(usize, Attempt)>,
    /// Why no anchor that was found leads to the leaf.
    pub(super) details: Vec<String>,
    /// Microseconds.
    pub(super) work: u64,
}

/// At most so many sentences of details are kept.
const DETAILS_MAX: usize = 4;

/// The chain that a server presented, ready for comparison.
pub(super) struct Peer<'a> {
    chain: Chain<'a>,
    pub(super) leaf: Association<'a>,
    /// The other certificates, in the order of [`Chain::others`].
    pub(super) others: Vec<Association<'a>>,
    reference_identifiers: &'a [&'a str],
    at: i64,
}

/// An anchor and where it stands in the chain as presented.
type Found = (Anchor, Option<usize>);

impl<'a> Peer<'a> {
    pub(super) fn new(chain: Chain<'a>, reference_identifiers: &'a [&'a str], at: i64) -> Self {
        let leaf = Association::of(&chain.leaf);
        let others = chain.others.iter().map(Association::of).collect();
        Self { chain, leaf, others, reference_identifiers, at }
    }

    /// Holds records against the chain. The anchors of all of them share one walk and its work.
    pub(super) fn attempts(&self, records: &[Tlsa], usable: &[usize]) -> Attempts {
        let mut anchors: Vec<Found> = Vec::new();
        let by_record: Vec<(usize, Vec<usize>)> =
            usable.iter().map(|index| (*index, self.anchors_of(&records[*index], &mut anchors))).collect();
        let meter = Meter::new(WORK_MAX);
        let alone: Vec<&Anchor> = anchors.iter().map(|(anchor, _)| anchor).collect();
        let walk = (!alone.is_empty()).then(|| Walk::new(&self.chain, &alone, self.at, &meter));
        let mut details = Vec::new();
        let attempts = by_record
            .iter()
            .map(|(index, wanted)| {
                let attempt = match (records[*index].usage, &walk) {
                    // RFC 7671 §5.1: the comparison is all; no name, no dates, no chain.
                    (Usage::DaneEe, _) if self.leaf.matches(&records[*index]) => {
                        Attempt::Match { depth: Some(0), refused_by_openssl: false }
                    }
                    (Usage::DaneTa, Some(walk)) if !wanted.is_empty() => {
                        self.attempt_anchors(walk, &anchors, wanted, &mut details)
                    }
                    _ => Attempt::NotFound,
                };
                (*index, attempt)
            })
            .collect();
        details.sort();
        details.dedup();
        details.truncate(DETAILS_MAX);
        Attempts { attempts, details, work: meter.spent() }
    }

    /// RFC 7671 §5.2: an issuer, presented or carried in the record, as the only anchor.
    fn attempt_anchors(
        &self,
        walk: &Walk<'_, '_>,
        anchors: &[Found],
        wanted: &[usize],
        details: &mut Vec<String>,
    ) -> Attempt {
        match walk.reading(wanted) {
            PathReading::Valid(indexes) if self.is_named() => Attempt::Match {
                depth: indexes.first().and_then(|index| anchors[*index].1),
                refused_by_openssl: indexes.iter().all(|index| openssl_refuses_anchor(&anchors[*index].0, self.at)),
            },
            PathReading::Valid(_) => {
                details.push("leaf: names none of the reference identifiers (RFC 7672 3.2.3)".to_owned());
                Attempt::Misnamed
            }
            PathReading::Broken(Broken { chaining, findings, .. }) => {
                details.extend(findings.iter().map(ToString::to_string));
                match chaining {
                    Chaining::Holds => Attempt::OutOfDate,
                    Chaining::Undecided => Attempt::Undecided,
                    Chaining::Invalid | Chaining::Absent => Attempt::Unchained,
                }
            }
        }
    }

    /// The anchors that a record names, as indexes into all anchors so far.
    fn anchors_of(&self, record: &Tlsa, anchors: &mut Vec<Found>) -> Vec<usize> {
        if record.usage != Usage::DaneTa {
            return Vec::new();
        }
        let mut named: Vec<(&'a [u8], usize)> = (self.chain.others.iter().zip(&self.others))
            .filter(|(_, association)| association.matches(record))
            .map(|(presented, _)| (presented.der, presented.position))
            .collect();
        named.sort_by_key(|(_, position)| *position);
        let mut found: Vec<Found> = named
            .into_iter()
            .filter_map(|(der, position)| Some((Anchor::from_certificate(der).ok()?, Some(position))))
            .collect();
        if let (Matching::Full, Some(data)) = (record.matching, &record.data) {
            found.extend(self.carried_anchors(record.selector, data).into_iter().map(|anchor| (anchor, None)));
        }
        let index_of = |one: Found| {
            let known = anchors.iter().position(|(anchor, position)| *position == one.1 && anchor.is_same(&one.0));
            known.unwrap_or_else(|| {
                anchors.push(one);
                anchors.len() - 1
            })
        };
        found.into_iter().map(index_of).collect()
    }

    /// RFC 7671 §5.2.3: a certificate or a bare key that comes with the record itself.
    fn carried_anchors(&self, selector: Selector, data: &[u8]) -> Vec<Anchor> {
        match selector {
            Selector::Cert if data != self.chain.leaf.der => Anchor::from_certificate(data).into_iter().collect(),
            Selector::Spki => {
                // A key has no name: it may be that of any issuer whom a certificate of the chain mentions.
                let mut issuers: Vec<_> =
                    self.chain.all().filter_map(|one| one.facts()).map(|one| &one.issuer).collect();
                issuers.sort_unstable();
                issuers.dedup();
                issuers.into_iter().map(|issuer| Anchor::bare_key(issuer.clone(), data)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// RFC 7672 §3.2.2: any one of the reference identifiers.
    fn is_named(&self) -> bool {
        self.reference_identifiers
            .iter()
            .any(|reference| is_named(&self.chain.leaf, reference, Identifiers::DnsIdsElseCommonName))
    }

    /// What it costs to look for the cause of a mismatch, in microseconds: digests of some forty texts of each certificate.
    pub(super) fn hashing(&self) -> u64 {
        let octets: usize = self.chain.all().map(|one| one.der.len()).sum();
        u64::try_from(octets / 4).unwrap_or(u64::MAX)
    }
}
