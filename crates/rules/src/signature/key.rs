//! Public keys as a SubjectPublicKeyInfo holds them (RFC 4055 §1.2, RFC 5480 §2, RFC 8410 §4).

use x509_parser::asn1_rs::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::algorithm::{Pss, Scheme, Unreadable};

/// A curve of ECDSA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// Any other: its number, or that it is given by explicit parameters.
    Other(String),
}

/// An RSA key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RsaKey<'k> {
    /// RSAPublicKey in DER.
    pub der: &'k [u8],
    /// The modulus, big-endian.
    pub modulus: &'k [u8],
    /// The public exponent, big-endian.
    pub exponent: &'k [u8],
    /// For a key of id-RSASSA-PSS: that it signs by PSS alone, and by which parameters, where it says so (RFC 4055 §1.2).
    pub pss: Option<Option<Pss>>,
}

/// A public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Key<'k> {
    /// RSA, of either identifier.
    Rsa(RsaKey<'k>),
    /// A curve of ECDSA and a point.
    Ec(Curve, &'k [u8]),
    /// Ed25519.
    Ed25519(&'k [u8]),
    /// Ed448.
    Ed448(&'k [u8]),
    /// Of an algorithm that is not known here: its number or name.
    Other(String),
    /// Of a known algorithm, and not what it asks for.
    Malformed,
}

impl<'k> Key<'k> {
    /// Reads a SubjectPublicKeyInfo.
    pub fn of(spki: &'k SubjectPublicKeyInfo<'_>) -> Self {
        let bits: &'k [u8] = &spki.subject_public_key.data;
        let oid = spki.algorithm.algorithm.to_id_string();
        match oid.as_str() {
            "1.2.840.113549.1.1.1" => Self::rsa(bits, None),
            "1.2.840.113549.1.1.10" => match spki.algorithm.parameters.as_ref().map(Pss::read).transpose() {
                Ok(pss) => Self::rsa(bits, Some(pss)),
                Err(Unreadable::Unsupported(what)) => Self::Other(what),
                Err(_) => Self::Malformed,
            },
            "1.2.840.10045.2.1" => {
                let curve = spki.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
                let curve = match curve.map(|curve| curve.to_id_string()).as_deref() {
                    Some("1.2.840.10045.3.1.7") => Curve::P256,
                    Some("1.3.132.0.34") => Curve::P384,
                    Some("1.3.132.0.35") => Curve::P521,
                    Some(other) => Curve::Other(other.to_owned()),
                    None => Curve::Other("given by parameters of its own".to_owned()),
                };
                Self::Ec(curve, bits)
            }
            "1.3.101.112" => Self::Ed25519(bits),
            "1.3.101.113" => Self::Ed448(bits),
            _ => Self::Other(oid),
        }
    }

    fn rsa(der: &'k [u8], pss: Option<Option<Pss>>) -> Self {
        match RSAPublicKey::from_der(der) {
            Ok(([], RSAPublicKey { modulus, exponent })) => Self::Rsa(RsaKey { der, modulus, exponent, pss }),
            _ => Self::Malformed,
        }
    }

    /// Whether a key of this kind can have made a signature of that kind. Unknown kinds: it may.
    pub fn may_sign_by(&self, scheme: &Scheme) -> bool {
        match self {
            Self::Rsa(_) => matches!(scheme, Scheme::RsaPkcs1(_) | Scheme::RsaPss(_)),
            Self::Ec(..) => matches!(scheme, Scheme::Ecdsa(_)),
            Self::Ed25519(_) => *scheme == Scheme::Ed25519,
            Self::Ed448(_) => *scheme == Scheme::Ed448,
            Self::Other(_) | Self::Malformed => true,
        }
    }

    /// Length of an RSA modulus in bits; `None` for other keys.
    pub fn rsa_bits(&self) -> Option<u32> {
        match self {
            Self::Rsa(key) => Some(bits(key.modulus)),
            _ => None,
        }
    }
}

/// Length in bits of a big-endian number, leading zeros not counted.
pub(crate) fn bits(number: &[u8]) -> u32 {
    let significant = number.iter().position(|byte| *byte != 0).map_or(&[][..], |start| &number[start..]);
    match significant.first() {
        Some(first) => u32::try_from(significant.len() * 8).unwrap_or(u32::MAX).saturating_sub(first.leading_zeros()),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_bits() {
        for (number, expected) in
            [(&[][..], 0), (&[0], 0), (&[1], 1), (&[0x80], 8), (&[0, 0, 1], 1), (&[0, 0x80, 0], 16), (&[1, 0], 9)]
        {
            assert_eq!(bits(number), expected, "{number:?}");
        }
    }
}
