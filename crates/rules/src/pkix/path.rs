//! Certification paths (RFC 5280 §6.1): whether a chain leads to an anchor at an instant and, if not, why.

use std::slice;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{Error, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::OID_X509_EXT_NAME_CONSTRAINTS;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::chain::{Chain, Presented, parse, parse_public_key};
use super::signature::{self, rsa_bits};
use super::walk::{self, Link, Route};

/// A chain with no more certificates than this beside its leaf goes to webpki whole. Its search is exponential
/// in certificates that bear one name, and this many cost next to nothing.
const SMALL_CHAIN: usize = 6;

/// From a larger chain webpki gets the certificates that the leaf hangs on, at most so many.
const MAX_CANDIDATES: usize = 16;

/// A trust anchor: a name and a key (RFC 5280 §6.1.1 (d)).
#[derive(Clone)]
pub(crate) struct Anchor<'a> {
    pub trust: TrustAnchor<'a>,
    /// The subject key identifier of the certificate that it was made of.
    pub key_id: Option<Vec<u8>>,
}

impl<'a> Anchor<'a> {
    /// The anchor that a certificate describes; its dates, usages and signature do not count.
    pub fn from_certificate(der: &'a CertificateDer<'a>) -> Result<Self, Error> {
        let trust = webpki::anchor_from_trusted_cert(der)?;
        let key_id = parse(der).and_then(|certificate| walk::subject_key_id(&certificate).map(<[u8]>::to_vec));
        Ok(Self { trust, key_id })
    }

    /// The same, owning its data.
    pub fn into_owned(self) -> Anchor<'static> {
        Anchor { trust: self.trust.to_owned(), key_id: self.key_id }
    }
}

/// What came of looking for a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PathReading {
    /// Each of these anchors (by index) suffices on its own.
    Valid(Vec<usize>),
    /// No path is valid at the instant.
    Broken(Broken),
}

/// Why no path is valid. Dates and the rest are looked at apart, so that both can be said.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Broken {
    pub chaining: Chaining,
    /// A certificate on the path is past its notAfter; the leaf, where there is no path.
    pub expired: bool,
    /// A certificate on the path is before its notBefore; the leaf, where there is no path.
    pub not_yet_valid: bool,
}

/// How a chain stands when its dates are left aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chaining {
    /// Nothing but a date is wrong.
    Holds,
    /// There is a path by name and it does not hold: signature, algorithm, constraints, usages, path length.
    Invalid,
    /// Nothing leads to an anchor.
    Absent,
}

/// Looks for paths from the leaf to each of the anchors, at an instant in seconds since the Unix epoch, for a TLS
/// server (RFC 5280 §4.2.1.12: server authentication where a certificate restricts its purposes).
pub(crate) fn examine(chain: &Chain<'_>, anchors: &[&Anchor<'_>], at: i64) -> PathReading {
    let candidates = candidates(chain);
    let sufficient: Vec<usize> =
        (0..anchors.len()).filter(|index| suffices(chain, &candidates, anchors[*index], at).is_ok()).collect();
    if !sufficient.is_empty() {
        return PathReading::Valid(sufficient);
    }
    PathReading::Broken(diagnose(chain, &candidates, anchors, at))
}

/// What is wrong with the leaf itself, whoever issued it: a certificate of the wrong purpose, or whose extensions
/// or dates make no sense.
pub(super) fn leaf_is_unfit(leaf: &Presented<'_>) -> bool {
    let Some(webpki) = &leaf.webpki else {
        return true;
    };
    let (not_before, _) = leaf.dates().unwrap_or_default();
    // Without anchors webpki looks at the leaf's own properties and then misses an issuer.
    let found = webpki.verify_for_usage(
        signature::verification_algorithms(),
        &[],
        &[],
        instant(not_before),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match found.map(|_| ()) {
        Err(Error::CaUsedAsEndEntity) => leaf.x509().is_some_and(|x509| !serves_tls(x509)),
        Err(Error::UnknownIssuer | Error::CertExpired { .. } | Error::CertNotValidYet { .. }) | Ok(()) => false,
        Err(_) => true,
    }
}

/// Whether a path to this one anchor is valid.
fn suffices(chain: &Chain<'_>, candidates: &[CertificateDer<'_>], anchor: &Anchor<'_>, at: i64) -> Result<(), Error> {
    let leaf = chain.leaf.webpki.as_ref().ok_or(Error::BadDer)?;
    let found = leaf.verify_for_usage(
        signature::verification_algorithms(),
        slice::from_ref(&anchor.trust),
        candidates,
        instant(at),
        KeyUsage::server_auth(),
        None,
        None,
    );
    match found.map(|_| ()) {
        Err(Error::CaUsedAsEndEntity) if authority_leaf_suffices(chain, anchor, at) => Ok(()),
        other => other,
    }
}

/// RFC 5280 §6.1.3 to §6.1.5 for a leaf with `cA` TRUE, which webpki refuses. Plain paths only: name constraints
/// anywhere on the way are a refusal.
fn authority_leaf_suffices(chain: &Chain<'_>, anchor: &Anchor<'_>, at: i64) -> bool {
    let route = walk::find_route(chain, &[anchor], Link::Verified, |other| other.is_in_date(at));
    let (Some(route), None) = (route, &anchor.trust.name_constraints) else {
        return false;
    };
    let is_fit = |presented: &Presented<'_>| {
        presented.webpki.is_some()
            && presented.is_in_date(at)
            && presented.x509().is_some_and(|x509| {
                signature_is_supported(x509)
                    && is_long_enough(x509.public_key())
                    && serves_tls(x509)
                    && !has_name_constraints(x509)
            })
    };
    let anchor_key = webpki::spki_for_anchor(&anchor.trust);
    parse_public_key(&anchor_key).is_some_and(|key| is_long_enough(&key))
        && is_fit(&chain.leaf)
        && route.issuers.iter().enumerate().all(|(below, index)| {
            let issuer = &chain.others[*index];
            is_fit(issuer) && issuer.x509().is_some_and(|x509| may_issue(x509, below))
        })
}

/// RFC 5280 §6.1.4 (k) to (n), `below` being the number of intermediates between this issuer and the leaf.
fn may_issue(x509: &X509Certificate<'_>, below: usize) -> bool {
    let Ok(Some(constraints)) = x509.basic_constraints() else {
        return false;
    };
    let short_enough = constraints.value.path_len_constraint.is_none_or(|most| below as u64 <= u64::from(most));
    constraints.value.ca && short_enough && may_sign_certificates(x509)
}

/// RFC 5280 §6.1.4 (n): where there is a key usage, it names keyCertSign. webpki does not look at it.
fn may_sign_certificates(x509: &X509Certificate<'_>) -> bool {
    match x509.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
        Err(_) => false,
    }
}

/// RFC 5280 §4.2.1.12: without the extension any purpose; with it, server authentication must be named.
fn serves_tls(x509: &X509Certificate<'_>) -> bool {
    match x509.extended_key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.server_auth),
        Err(_) => false,
    }
}

fn signature_is_supported(x509: &X509Certificate<'_>) -> bool {
    signature::is_supported(&x509.signature_algorithm.algorithm)
}

/// RFC 9325 §4.5: RSA keys have 2048 bits or more; *ring* accepts no other.
pub(super) fn is_long_enough(key: &SubjectPublicKeyInfo<'_>) -> bool {
    rsa_bits(key).is_none_or(|bits| bits >= 2048)
}

fn has_name_constraints(x509: &X509Certificate<'_>) -> bool {
    x509.iter_extensions().any(|extension| extension.oid == OID_X509_EXT_NAME_CONSTRAINTS)
}

/// The certificates that webpki may use as intermediates.
fn candidates<'a>(chain: &Chain<'a>) -> Vec<CertificateDer<'a>> {
    // What only webpki can read keeps its say: every intermediate of today can be read by both.
    let usable = |other: &&Presented<'a>| other.webpki.is_some() && other.x509().is_none_or(may_sign_certificates);
    if chain.others.len() <= SMALL_CHAIN {
        return chain.others.iter().filter(usable).map(|other| other.der.clone()).collect();
    }
    let near = walk::reach(chain);
    near.iter()
        .map(|index| &chain.others[*index])
        .filter(usable)
        .take(MAX_CANDIDATES)
        .map(|other| other.der.clone())
        .collect()
}

fn diagnose(chain: &Chain<'_>, candidates: &[CertificateDer<'_>], anchors: &[&Anchor<'_>], at: i64) -> Broken {
    if chain.leaf.x509().is_none() {
        return diagnose_by_error(chain, candidates, anchors, at);
    }
    let any = |_: &Presented<'_>| true;
    // A path whose issuers are in date comes first: an expired cross-sign beside it is not to blame.
    let verified = walk::find_route(chain, anchors, Link::Verified, |other| other.is_in_date(at))
        .or_else(|| walk::find_route(chain, anchors, Link::Verified, any));
    if let Some(route) = verified {
        let (expired, not_yet_valid, common) = dates_of(chain, &route, at);
        let chaining = match common {
            _ if !expired && !not_yet_valid => Chaining::Invalid,
            // Nothing but the dates: then the path holds at an instant when all were in date.
            Some(then) if anchors.iter().all(|anchor| suffices(chain, candidates, anchor, then).is_err()) => {
                Chaining::Invalid
            }
            _ => Chaining::Holds,
        };
        return Broken { chaining, expired, not_yet_valid };
    }
    if let Some(route) = walk::find_route(chain, anchors, Link::Broken, any) {
        let (expired, not_yet_valid, _) = dates_of(chain, &route, at);
        return Broken { chaining: Chaining::Invalid, expired, not_yet_valid };
    }
    let (expired, not_yet_valid, _) = dates_of(chain, &Route { issuers: Vec::new() }, at);
    Broken { chaining: Chaining::Absent, expired, not_yet_valid }
}

/// For a leaf that webpki reads and x509-parser does not: webpki's most telling error, as it stands.
fn diagnose_by_error(chain: &Chain<'_>, candidates: &[CertificateDer<'_>], anchors: &[&Anchor<'_>], at: i64) -> Broken {
    let errors: Vec<Error> =
        anchors.iter().filter_map(|anchor| suffices(chain, candidates, anchor, at).err()).collect();
    let expired = errors.iter().any(|error| matches!(error, Error::CertExpired { .. }));
    let not_yet_valid = errors.iter().any(|error| matches!(error, Error::CertNotValidYet { .. }));
    let chaining = if chain.leaf.webpki.is_none() {
        Chaining::Invalid
    } else if expired || not_yet_valid {
        Chaining::Holds
    } else if errors.iter().all(|error| *error == Error::UnknownIssuer) {
        Chaining::Absent
    } else {
        Chaining::Invalid
    };
    Broken { chaining, expired, not_yet_valid }
}

/// Whether the leaf or an issuer on the route is expired or not yet valid, and the first instant at which all of
/// them were in date, if there was one.
fn dates_of(chain: &Chain<'_>, route: &Route, at: i64) -> (bool, bool, Option<i64>) {
    let (mut latest_start, mut earliest_end) = (i64::MIN, i64::MAX);
    let members = std::iter::once(&chain.leaf).chain(route.issuers.iter().map(|index| &chain.others[*index]));
    for (not_before, not_after) in members.filter_map(Presented::dates) {
        latest_start = latest_start.max(not_before);
        earliest_end = earliest_end.min(not_after);
    }
    (earliest_end < at, latest_start > at, (latest_start <= earliest_end).then_some(latest_start))
}

fn instant(seconds: i64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}
