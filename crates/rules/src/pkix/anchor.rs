//! Trust anchors (RFC 5280 §6.1.1 (d)).

use super::certificate::Facts;
use super::chain::parse;
use super::constraints::NameConstraints;
use super::describe::name_text;
use super::dn::DistinguishedName;

/// A trust anchor: a name and a key. The name constraints of the certificate that it was made of bind too, as RFC 5937 has it
/// and all verifiers in use do; its dates, usages, path length and signature do not count.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    pub(crate) subject: DistinguishedName,
    /// The subject for people.
    pub(crate) name: String,
    /// SubjectPublicKeyInfo.
    pub(crate) public_key: Vec<u8>,
    /// The subject key identifier.
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) name_constraints: Option<NameConstraints>,
    /// The certificate that it was made of, DER; `None` for a bare key.
    pub(crate) certificate: Option<Vec<u8>>,
}

/// Why a certificate makes no anchor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum AnchorError {
    #[error("not a certificate that can be read")]
    Unreadable,
    #[error("malformed name constraints")]
    NameConstraints,
}

impl Anchor {
    /// The anchor that a certificate describes.
    pub(crate) fn from_certificate(der: &[u8]) -> Result<Self, AnchorError> {
        let facts = Facts::of(parse(der).ok_or(AnchorError::Unreadable)?);
        let constrains = facts.x509.extensions().iter().any(|extension| extension.oid.to_id_string() == "2.5.29.30");
        if constrains && facts.name_constraints.is_none() {
            return Err(AnchorError::NameConstraints);
        }
        Ok(Self {
            name: name_text(facts.x509.subject()),
            public_key: facts.x509.public_key().raw.to_vec(),
            subject: facts.subject,
            key_id: facts.key_id,
            name_constraints: facts.name_constraints,
            certificate: Some(der.to_vec()),
        })
    }

    /// Whether both are of the same certificate, or of the same name and key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.certificate == other.certificate && self.subject == other.subject && self.public_key == other.public_key
    }

    /// A key that is trusted as that of an issuer of this name (RFC 7671 §5.2.3).
    pub(crate) fn bare_key(subject: DistinguishedName, public_key: &[u8]) -> Self {
        Self {
            subject,
            name: "of a bare key".to_owned(),
            public_key: public_key.to_vec(),
            key_id: None,
            name_constraints: None,
            certificate: None,
        }
    }
}
