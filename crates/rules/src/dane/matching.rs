//! Certificate association data (RFC 6698 §2.1.4): what the data of a record is compared with.

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha512};

use super::usable::{CERT, FULL, SHA2_256, SHA2_512, SPKI};
use crate::observation::TlsaRecord;
use crate::pkix::{Chain, Presented};

/// What a certificate offers for comparison: itself and its SubjectPublicKeyInfo.
pub(super) struct Association {
    certificate: Vec<u8>,
    public_key: Option<Vec<u8>>,
}

impl Association {
    pub fn of(presented: &Presented<'_>) -> Self {
        Self { certificate: presented.der.to_vec(), public_key: presented.public_key() }
    }

    /// The bytes that a selector selects, DER; `None` for an unknown selector or where no key can be read.
    pub fn selected(&self, selector: u8) -> Option<&[u8]> {
        match selector {
            CERT => Some(&self.certificate),
            SPKI => self.public_key.as_deref(),
            _ => None,
        }
    }

    /// Whether these bytes are the association data for a selector and a matching type.
    pub fn equals(&self, selector: u8, matching: u8, data: &[u8]) -> bool {
        self.selected(selector).and_then(|selected| transform(selected, matching)).is_some_and(|own| own == data)
    }

    /// Whether the record is about this certificate. Its usage is not asked.
    pub fn matches(&self, record: &TlsaRecord) -> bool {
        hex::decode(&record.data).is_ok_and(|data| self.equals(record.selector, record.matching, &data))
    }
}

/// RFC 6698 §2.1.3; `None` for an unknown matching type.
pub(super) fn transform(selected: &[u8], matching: u8) -> Option<Vec<u8>> {
    match matching {
        FULL => Some(selected.to_vec()),
        SHA2_256 => Some(Sha256::digest(selected).to_vec()),
        SHA2_512 => Some(Sha512::digest(selected).to_vec()),
        _ => None,
    }
}

/// Whether the data of a record is that of a certificate, DER, whatever its usage: tells which certificate a record was
/// made of, not whether it matches a chain.
pub fn is_of_certificate(record: &TlsaRecord, der: &[u8]) -> bool {
    let ders = [CertificateDer::from(der)];
    Chain::new(&ders).is_some_and(|chain| Association::of(&chain.leaf).matches(record))
}
