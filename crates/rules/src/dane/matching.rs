//! Certificate association data (RFC 6698 §2.1.4): what the data of a record is compared with.

use std::cell::OnceCell;

use sha2::{Digest, Sha256, Sha512};

use super::record::{Matching, Selector, Tlsa};
use crate::observation::TlsaRecord;
use crate::pkix::Presented;

/// What a certificate offers for comparison: itself and its SubjectPublicKeyInfo. Each digest is taken once.
pub(super) struct Association<'a> {
    certificate: &'a [u8],
    public_key: Option<&'a [u8]>,
    digests: [[OnceCell<Option<Vec<u8>>>; 2]; 2],
}

impl<'a> Association<'a> {
    pub(super) fn of(presented: &Presented<'a>) -> Self {
        Self { certificate: presented.der, public_key: presented.public_key(), digests: Default::default() }
    }

    /// The bytes that a selector selects, DER; `None` for an unknown selector or where no key can be read.
    pub(super) fn selected(&self, selector: Selector) -> Option<&'a [u8]> {
        match selector {
            Selector::Cert => Some(self.certificate),
            Selector::Spki => self.public_key,
            Selector::PrivSel | Selector::Unassigned(_) => None,
        }
    }

    /// Whether these bytes are the association data for a selector and a matching type.
    pub(super) fn equals(&self, selector: Selector, matching: Matching, data: &[u8]) -> bool {
        let (row, column) = match (selector, matching) {
            (_, Matching::Full) => return self.selected(selector) == Some(data),
            (Selector::Cert, Matching::Sha2_256) => (0, 0),
            (Selector::Cert, Matching::Sha2_512) => (0, 1),
            (Selector::Spki, Matching::Sha2_256) => (1, 0),
            (Selector::Spki, Matching::Sha2_512) => (1, 1),
            _ => return false,
        };
        let digest = self.digests[row][column]
            .get_or_init(|| self.selected(selector).and_then(|selected| transform(selected, matching)));
        digest.as_deref() == Some(data)
    }

    /// Whether the record is about this certificate. Its usage is not asked.
    pub(super) fn matches(&self, record: &Tlsa) -> bool {
        record.data.as_ref().is_some_and(|data| self.equals(record.selector, record.matching, data))
    }
}

/// RFC 6698 §2.1.3; `None` for an unknown matching type.
pub(super) fn transform(selected: &[u8], matching: Matching) -> Option<Vec<u8>> {
    match matching {
        Matching::Full => Some(selected.to_vec()),
        Matching::Sha2_256 => Some(Sha256::digest(selected).to_vec()),
        Matching::Sha2_512 => Some(Sha512::digest(selected).to_vec()),
        Matching::PrivMatch | Matching::Unassigned(_) => None,
    }
}

/// Whether the data of a record is that of a certificate, DER, whatever its usage: tells which certificate a record was
/// made of, not whether it matches a chain.
pub fn is_of_certificate(record: &TlsaRecord, der: &[u8]) -> bool {
    Association::of(&Presented::new(0, der)).matches(&record.into())
}
