//! A TLSA record, decoded: its numbers by the names that IANA gives them, its data as octets.
//!
//! The registries "TLSA Certificate Usages", "TLSA Selectors" and "TLSA Matching Types" with the mnemonics of RFC 7218 (April
//! 2014); nothing was assigned in them since. In the dataset a record stays numbers and hex.

use crate::observation::TlsaRecord;

/// Certificate usage (RFC 6698 §2.1.1, RFC 7218 §2.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Usage {
    /// 0, PKIX-TA: an issuer, beside PKIX.
    PkixTa,
    /// 1, PKIX-EE: the leaf, beside PKIX.
    PkixEe,
    /// 2, DANE-TA: an issuer as the trust anchor.
    DaneTa,
    /// 3, DANE-EE: the leaf itself.
    DaneEe,
    /// 255, PrivCert: private use.
    PrivCert,
    /// Assigned to nothing.
    Unassigned(u8),
}

impl From<u8> for Usage {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::PkixTa,
            1 => Self::PkixEe,
            2 => Self::DaneTa,
            3 => Self::DaneEe,
            255 => Self::PrivCert,
            _ => Self::Unassigned(number),
        }
    }
}

/// Selector (RFC 6698 §2.1.2, RFC 7218 §2.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Selector {
    /// 0, Cert: the whole certificate.
    Cert,
    /// 1, SPKI: its SubjectPublicKeyInfo.
    Spki,
    /// 255, PrivSel: private use.
    PrivSel,
    /// Assigned to nothing.
    Unassigned(u8),
}

impl Selector {
    /// Those that select something.
    pub const KNOWN: [Self; 2] = [Self::Cert, Self::Spki];
}

impl From<u8> for Selector {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Cert,
            1 => Self::Spki,
            255 => Self::PrivSel,
            _ => Self::Unassigned(number),
        }
    }
}

/// Matching type (RFC 6698 §2.1.3, RFC 7218 §2.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Matching {
    /// 0, Full: the data itself.
    Full,
    /// 1, SHA2-256.
    Sha2_256,
    /// 2, SHA2-512.
    Sha2_512,
    /// 255, PrivMatch: private use.
    PrivMatch,
    /// Assigned to nothing.
    Unassigned(u8),
}

impl Matching {
    /// Those that can be compared.
    pub const KNOWN: [Self; 3] = [Self::Full, Self::Sha2_256, Self::Sha2_512];
}

impl From<u8> for Matching {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Full,
            1 => Self::Sha2_256,
            2 => Self::Sha2_512,
            255 => Self::PrivMatch,
            _ => Self::Unassigned(number),
        }
    }
}

/// A TLSA record, decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tlsa {
    pub(crate) usage: Usage,
    pub(crate) selector: Selector,
    pub(crate) matching: Matching,
    /// Certificate association data; `None` where the column holds no hex.
    pub(crate) data: Option<Vec<u8>>,
}

impl From<&TlsaRecord> for Tlsa {
    fn from(record: &TlsaRecord) -> Self {
        Self {
            usage: record.usage.into(),
            selector: record.selector.into(),
            matching: record.matching.into(),
            data: hex::decode(&record.data).ok(),
        }
    }
}

impl TlsaRecord {
    /// Its certificate usage by name.
    pub fn usage(&self) -> Usage {
        self.usage.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_names() {
        let all: Vec<Usage> = [0, 1, 2, 3, 4, 255].map(Usage::from).to_vec();
        use Usage::{DaneEe, DaneTa, PkixEe, PkixTa, PrivCert, Unassigned};
        assert_eq!(all, [PkixTa, PkixEe, DaneTa, DaneEe, Unassigned(4), PrivCert]);
        let selectors = [0, 1, 2, 255].map(Selector::from);
        assert_eq!(selectors, [Selector::Cert, Selector::Spki, Selector::Unassigned(2), Selector::PrivSel]);
        let types = [0, 1, 2, 3, 255].map(Matching::from);
        use Matching::{Full, PrivMatch, Sha2_256, Sha2_512};
        assert_eq!(types, [Full, Sha2_256, Sha2_512, Matching::Unassigned(3), PrivMatch]);
    }

    #[test]
    fn data_that_is_no_hex_is_none() {
        let record = |data: &str| TlsaRecord { usage: 3, selector: 1, matching: 1, data: data.to_owned() };
        assert_eq!(Tlsa::from(&record("00ff")).data, Some(vec![0, 255]));
        assert_eq!(Tlsa::from(&record("0")).data, None);
    }
}
