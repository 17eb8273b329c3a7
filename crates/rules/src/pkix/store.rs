//! Trust stores: the roots that a verdict rests on (RFC 5280 §6.1.1 (d)).

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::anchor::Anchor;
use super::distrust::DistrustAfter;
use super::dn::DistinguishedName;
use super::{Presented, fingerprint};

/// A set of trusted roots. Two roots of one name and key are two roots: each counts by its fingerprint.
#[derive(Clone)]
pub struct TrustStore {
    /// Sorted by fingerprint.
    roots: Vec<Root>,
    by_subject: HashMap<DistinguishedName, Vec<usize>>,
    rejected: Vec<String>,
}

#[derive(Clone)]
struct Root {
    fingerprint: String,
    der: Vec<u8>,
    anchor: Anchor,
    distrust: Vec<DistrustAfter>,
}

/// Why a trust store could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustStoreError {
    /// There is no PEM section of the type CERTIFICATE.
    #[error("no certificate in PEM form found")]
    Empty,
    /// There are certificates and none of them can be read.
    #[error("no usable certificate found; the first problem: {0}")]
    NoneUsable(String),
}

impl TrustStore {
    /// Mozilla's roots for TLS servers, compiled in. Constraints that Mozilla keeps outside the certificates (name
    /// constraints on one root, dates from which another is distrusted) are not part of it.
    pub fn mozilla() -> Self {
        Self::from_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| der.to_vec()))
    }

    /// Reads the certificates of a PEM file. Those that cannot be read are left out and listed in
    /// [`rejected`](Self::rejected); with none left it is an error.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustStoreError> {
        let mut rejected = Vec::new();
        let mut ders = Vec::new();
        for (index, section) in CertificateDer::pem_slice_iter(pem).enumerate() {
            match section {
                Ok(der) => ders.push(der.to_vec()),
                Err(error) => {
                    rejected.push(format!("section {}: {error}", index + 1));
                }
            }
        }
        let mut store = Self::from_certificates(ders);
        rejected.append(&mut store.rejected);
        store.rejected = rejected;
        match (store.is_empty(), store.rejected.first()) {
            (false, _) => Ok(store),
            (true, Some(first)) => Err(TrustStoreError::NoneUsable(first.clone())),
            (true, None) => Err(TrustStoreError::Empty),
        }
    }

    /// Takes certificates in DER. Those that cannot be read are left out and listed in
    /// [`rejected`](Self::rejected).
    pub fn from_certificates(ders: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut rejected = Vec::new();
        let mut by_fingerprint = BTreeMap::new();
        for (index, der) in ders.into_iter().enumerate() {
            match Anchor::from_certificate(&der) {
                Ok(anchor) => {
                    let fingerprint = fingerprint(&der);
                    by_fingerprint.insert(fingerprint.clone(), Root { fingerprint, der, anchor, distrust: Vec::new() });
                }
                Err(error) => rejected.push(format!("certificate {}: {error}", index + 1)),
            }
        }
        Self::of(by_fingerprint.into_values().collect(), rejected)
    }

    fn of(roots: Vec<Root>, rejected: Vec<String>) -> Self {
        let mut by_subject: HashMap<DistinguishedName, Vec<usize>> = HashMap::new();
        for (index, root) in roots.iter().enumerate() {
            by_subject.entry(root.anchor.subject.clone()).or_default().push(index);
        }
        Self { roots, by_subject, rejected }
    }

    /// The store without the roots of these fingerprints (hex, either case). Fingerprints that are not in it
    /// change nothing: ask [`contains`](Self::contains) first where that should be an error.
    pub fn without<S: AsRef<str>>(&self, fingerprints: &[S]) -> Self {
        let gone: HashSet<String> = fingerprints.iter().map(|text| text.as_ref().to_ascii_lowercase()).collect();
        let roots = self.roots.iter().filter(|root| !gone.contains(&root.fingerprint)).cloned().collect();
        Self::of(roots, self.rejected.clone())
    }

    /// The store, with a root (its fingerprint in hex, either case) that is refused for what it issued later. Said twice, both
    /// count.
    pub fn distrusting(&self, fingerprint: &str, after: DistrustAfter) -> Self {
        let mut store = self.clone();
        if let Some(root) = store.roots.iter_mut().find(|root| root.fingerprint.eq_ignore_ascii_case(fingerprint)) {
            root.distrust.push(after);
        }
        store
    }

    /// Whether a root of this fingerprint (hex, either case) is in the store.
    pub fn contains(&self, fingerprint: &str) -> bool {
        let wanted = fingerprint.to_ascii_lowercase();
        self.roots.binary_search_by(|root| root.fingerprint.cmp(&wanted)).is_ok()
    }

    /// Every root in PEM, sorted by fingerprint, its fingerprint above it.
    pub fn to_pem(&self) -> String {
        let mut pem = String::new();
        for root in &self.roots {
            pem.push_str(&format!("# sha256 {}\n-----BEGIN CERTIFICATE-----\n", root.fingerprint));
            let text = STANDARD.encode(&root.der);
            for line in text.as_bytes().chunks(64) {
                pem.extend(line.iter().map(|byte| char::from(*byte)));
                pem.push('\n');
            }
            pem.push_str("-----END CERTIFICATE-----\n");
        }
        pem
    }

    /// Names the set of roots: lower-case hex SHA-256 over the sorted fingerprints, each followed by what is refused of it, if
    /// anything, and a line feed.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for root in &self.roots {
            digest.update(root.fingerprint.as_bytes());
            for after in &root.distrust {
                digest.update(format!("@{:?}", after).as_bytes());
            }
            digest.update(b"\n");
        }
        hex::encode(digest.finalize())
    }

    /// The fingerprints of all roots, sorted.
    pub fn fingerprints(&self) -> impl Iterator<Item = &str> {
        self.roots.iter().map(|root| root.fingerprint.as_str())
    }

    /// What was left out when the store was read, and why, for the operator.
    pub fn rejected(&self) -> &[String] {
        &self.rejected
    }

    /// How many roots there are.
    pub fn len(&self) -> usize {
        self.roots.len()
    }

    /// Whether no root is left.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// The roots of this name that a leaf may chain to, with their fingerprints.
    pub(super) fn named(
        &self,
        subject: &DistinguishedName,
        leaf: &Presented<'_>,
    ) -> impl Iterator<Item = (&str, &Anchor)> {
        let indexes = self.by_subject.get(subject).into_iter().flatten();
        let roots = indexes.filter_map(|index| self.roots.get(*index));
        roots
            .filter(|root| root.distrust.iter().all(|after| after.accepts(leaf)))
            .map(|root| (root.fingerprint.as_str(), &root.anchor))
    }
}

impl std::fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustStore").field("len", &self.len()).field("digest", &self.digest()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::Authority;

    #[test]
    fn mozillas_store_survives_a_round_trip_through_pem() {
        let store = TrustStore::mozilla();
        assert!(store.len() > 100);
        assert!(store.rejected().is_empty());
        let again = TrustStore::from_pem(store.to_pem().as_bytes()).unwrap();
        assert_eq!(again.digest(), store.digest());
        assert_eq!(again.len(), store.len());
    }

    #[test]
    fn roots_can_be_taken_away_and_the_digest_shows_it() {
        let (a, b) = (Authority::root("A").der(), Authority::root("B").der());
        let store = TrustStore::from_certificates([a.clone(), b.clone(), a.clone()]);
        assert_eq!(store.len(), 2, "the same certificate twice is one root");
        let (kept, gone) = (fingerprint(&b), fingerprint(&a));
        assert!(store.contains(&gone.to_ascii_uppercase()));
        let digest = store.digest();
        let less = store.without(&[gone.to_ascii_uppercase()]);
        assert_eq!(less.fingerprints().collect::<Vec<_>>(), [kept.as_str()]);
        assert!(!less.contains(&gone));
        assert_ne!(less.digest(), digest);
        assert_eq!(TrustStore::from_certificates([b]).digest(), less.digest());
    }

    #[test]
    fn a_pem_file_needs_one_good_certificate() {
        let good = TrustStore::from_certificates([Authority::root("Good").der()]).to_pem();
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let mixed = TrustStore::from_pem(format!("{bad}{good}").as_bytes()).unwrap();
        assert_eq!((mixed.len(), mixed.rejected().len()), (1, 1));
        assert!(matches!(TrustStore::from_pem(bad.as_bytes()), Err(TrustStoreError::NoneUsable(_))));
        assert!(matches!(TrustStore::from_pem(b"hello"), Err(TrustStoreError::Empty)));
    }
}
