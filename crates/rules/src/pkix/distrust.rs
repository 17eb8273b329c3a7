//! Roots that are distrusted from a day on: root programmes let a certificate authority go by refusing what it issues after a
//! day, and keep what it issued before (Symantec, Entrust, Chunghwa Telecom). It is the leaf that was issued.

use x509_parser::extensions::ParsedExtension;

use super::Presented;

/// By what a certificate is known to have been issued.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IssuedBy {
    /// Its notBefore, which the authority writes itself (RFC 5280 §4.1.2.5).
    NotBefore,
    /// The earliest signed certificate timestamp embedded in it, which a log wrote (RFC 6962 §3.2, §3.3). A certificate that
    /// carries none counts by its notBefore.
    EarliestSct,
}

/// Refuses what a root issued after an instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DistrustAfter {
    /// What tells when a certificate was issued.
    pub by: IssuedBy,
    /// The last second whose certificates stay good, seconds since the Unix epoch.
    pub last_second: i64,
}

impl DistrustAfter {
    /// Whether a leaf stays good under it. A leaf that cannot be read is refused elsewhere.
    pub(super) fn accepts(&self, leaf: &Presented<'_>) -> bool {
        let not_before = || leaf.dates().map(|(from, _)| from);
        let issued = match self.by {
            IssuedBy::NotBefore => not_before(),
            IssuedBy::EarliestSct => earliest_sct(leaf).or_else(not_before),
        };
        issued.is_none_or(|issued| issued <= self.last_second)
    }
}

/// The earliest embedded timestamp, seconds since the Unix epoch.
fn earliest_sct(leaf: &Presented<'_>) -> Option<i64> {
    let extensions = leaf.x509()?.extensions().iter();
    let timestamps = extensions.filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SCT(timestamps) => Some(timestamps.iter().map(|sct| sct.timestamp)),
        _ => None,
    });
    // RFC 6962 §3.2: milliseconds since the Unix epoch.
    timestamps.flatten().min().and_then(|milliseconds| i64::try_from(milliseconds / 1000).ok())
}

#[cfg(test)]
mod tests {
    use rcgen::{CustomExtension, KeyPair};

    use super::*;
    use crate::failure::Failure;
    use crate::pkix::testing::{Authority, NOW, leaf_params};
    use crate::pkix::{TrustStore, fingerprint, verify};

    const NAME: &str = "mx.example.org";

    /// The content of the extension: a list of timestamps (RFC 6962 §3.3), in an OCTET STRING.
    fn sct_list(milliseconds: &[u64]) -> Vec<u8> {
        let mut list = Vec::new();
        for at in milliseconds {
            let mut sct = vec![0];
            sct.extend([7; 32]);
            sct.extend(at.to_be_bytes());
            // No extensions; ECDSA with SHA-256, and a signature that nobody checks.
            sct.extend([0, 0, 4, 3, 0, 4, 1, 2, 3, 4]);
            list.extend(u16::try_from(sct.len()).unwrap().to_be_bytes());
            list.extend(sct);
        }
        let mut content = u16::try_from(list.len()).unwrap().to_be_bytes().to_vec();
        content.extend(list);
        // The short form of a length (X.690 8.1.3.4).
        assert!(content.len() < 0x80);
        let mut der = vec![4, content.len() as u8];
        der.extend(content);
        der
    }

    fn failures(store: &TrustStore, leaf: &[u8]) -> Vec<Failure> {
        verify(&[leaf], NAME, NOW, store).failures
    }

    #[test]
    fn what_was_issued_later_is_refused_and_the_rest_stays_good() {
        let (root, other) = (Authority::root("R"), Authority::root("O"));
        let store = TrustStore::from_certificates([root.der(), other.der()]);
        let root_name = fingerprint(&root.der());
        let leaf = root.leaf(&[NAME]);
        let not_before = crate::pkix::parse(&leaf).unwrap().validity().not_before.timestamp();
        let after = |by, last_second| store.distrusting(&root_name, DistrustAfter { by, last_second });

        assert_eq!(failures(&after(IssuedBy::NotBefore, not_before), &leaf), []);
        let strict = after(IssuedBy::NotBefore, not_before - 1);
        assert_eq!(failures(&strict, &leaf), [Failure::CertUnknownIssuer]);
        assert_eq!(failures(&strict, &other.leaf(&[NAME])), [], "the other root is as it was");
        assert_eq!(
            failures(&after(IssuedBy::EarliestSct, not_before - 1), &leaf),
            [Failure::CertUnknownIssuer],
            "no SCT"
        );
        assert_ne!(strict.digest(), store.digest());
        assert_eq!(strict.len(), store.len());
    }

    #[test]
    fn the_earliest_timestamp_decides() {
        let root = Authority::root("R");
        let store = TrustStore::from_certificates([root.der()]);
        let mut params = leaf_params(&[NAME]);
        let (early, late) = (1_731_000_000_u64, 1_732_000_000_u64);
        let extension = sct_list(&[late * 1000, early * 1000 + 999]);
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], extension));
        let leaf = root.sign(&params, &KeyPair::generate().unwrap());
        for (last_second, expected) in [(early, vec![]), (early - 1, vec![Failure::CertUnknownIssuer])] {
            let last_second = i64::try_from(last_second).unwrap();
            let store =
                store.distrusting(&fingerprint(&root.der()), DistrustAfter { by: IssuedBy::EarliestSct, last_second });
            assert_eq!(failures(&store, &leaf), expected, "{last_second}");
        }
        let by_date = DistrustAfter { by: IssuedBy::NotBefore, last_second: 0 };
        assert_eq!(
            failures(&store.distrusting(&fingerprint(&root.der()), by_date), &leaf),
            [Failure::CertUnknownIssuer]
        );
    }
}
