//! One certificate signature under one key (RFC 5280 §6.1.3 (a) (1)), for naming what is wrong with a chain.
//!
//! No verdict of `valid` rests on [`check`]: it accepts SHA-1 and short RSA keys, so that a broken chain can be told
//! from an unknown one. What counts is [`verification_algorithms`].

use std::sync::LazyLock;

use ring::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters,
    UnparsedPublicKey,
};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use webpki::ALL_VERIFICATION_ALGS;
use x509_parser::certificate::X509Certificate;
use x509_parser::der_parser::asn1_rs::Oid;
use x509_parser::error::X509Error;
use x509_parser::oid_registry::{
    OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P521, OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS,
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED25519,
};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::nist_p521::{self, Hash};

/// What came of checking a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Signature {
    Good,
    Bad,
    /// The algorithm, or the size of the key, is beyond what can be checked here.
    Unsupported,
}

/// Checks the signature on a certificate under a key.
pub(super) fn check(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signature {
    if is_p521(key) {
        return check_p521(certificate, key);
    }
    match certificate.verify_signature(Some(key)) {
        Ok(()) => Signature::Good,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Signature::Unsupported,
        Err(_) => match rsa_bits(key) {
            Some(bits) if bits < 1024 => Signature::Unsupported,
            Some(bits) if bits < 2048 => check_short_rsa(certificate, key),
            _ => Signature::Bad,
        },
    }
}

fn is_p521(key: &SubjectPublicKeyInfo<'_>) -> bool {
    let curve = key.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(OID_NIST_EC_P521)
}

/// Under a key on P-521, which x509-parser leaves to *ring*.
fn check_p521(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signature {
    let hash = match &certificate.signature_algorithm.algorithm {
        oid if *oid == OID_SIG_ECDSA_WITH_SHA256 => Hash::Sha256,
        oid if *oid == OID_SIG_ECDSA_WITH_SHA384 => Hash::Sha384,
        oid if *oid == OID_SIG_ECDSA_WITH_SHA512 => Hash::Sha512,
        _ => return Signature::Unsupported,
    };
    let message = certificate.tbs_certificate.as_ref();
    let verified = nist_p521::verify(&key.subject_public_key.data, hash, message, &certificate.signature_value.data);
    if verified { Signature::Good } else { Signature::Bad }
}

/// RSA keys of 1024 to 2047 bits, which x509-parser accepts with SHA-1 alone.
fn check_short_rsa(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Signature {
    let algorithm: &'static RsaParameters = match &certificate.signature_algorithm.algorithm {
        oid if *oid == OID_PKCS1_SHA256WITHRSA => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        oid if *oid == OID_PKCS1_SHA512WITHRSA => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        oid if *oid == OID_PKCS1_SHA384WITHRSA || *oid == OID_PKCS1_RSASSAPSS => return Signature::Unsupported,
        _ => return Signature::Bad,
    };
    let verified = UnparsedPublicKey::new(algorithm, &key.subject_public_key.data)
        .verify(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data);
    if verified.is_ok() { Signature::Good } else { Signature::Bad }
}

/// What webpki checks signatures with: all that *ring* has, and P-521.
pub(super) fn verification_algorithms() -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    static ALGORITHMS: LazyLock<Vec<&dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
        ALL_VERIFICATION_ALGS.iter().copied().chain([P521_SHA256, P521_SHA384, P521_SHA512]).collect()
    });
    &ALGORITHMS
}

const P521_SHA256: &dyn SignatureVerificationAlgorithm = &P521(Hash::Sha256, alg_id::ECDSA_SHA256);
const P521_SHA384: &dyn SignatureVerificationAlgorithm = &P521(Hash::Sha384, alg_id::ECDSA_SHA384);
const P521_SHA512: &dyn SignatureVerificationAlgorithm = &P521(Hash::Sha512, alg_id::ECDSA_SHA512);

/// ECDSA on P-521 as webpki asks for it, with a hash and its identifier (RFC 5758 §3.2).
#[derive(Debug)]
struct P521(Hash, AlgorithmIdentifier);

impl SignatureVerificationAlgorithm for P521 {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        if nist_p521::verify(public_key, self.0, message, signature) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.1
    }
}

/// Whether webpki with these checks signatures of this algorithm at all.
pub(super) fn is_supported(algorithm: &Oid<'_>) -> bool {
    [
        OID_PKCS1_SHA256WITHRSA,
        OID_PKCS1_SHA384WITHRSA,
        OID_PKCS1_SHA512WITHRSA,
        OID_PKCS1_RSASSAPSS,
        OID_SIG_ECDSA_WITH_SHA256,
        OID_SIG_ECDSA_WITH_SHA384,
        OID_SIG_ECDSA_WITH_SHA512,
        OID_SIG_ED25519,
    ]
    .contains(algorithm)
}

/// Whether a key of this kind can have made a signature of that kind. Unknown kinds: it may.
pub(super) fn is_of_one_family(signature: &Oid<'_>, key: &Oid<'_>) -> bool {
    match (family_of_signature(signature), family_of_key(key)) {
        (Some(signature), Some(key)) => signature == key,
        _ => true,
    }
}

#[derive(Eq, PartialEq)]
enum KeyFamily {
    Rsa,
    EllipticCurve,
    Ed25519,
}

fn family_of_signature(oid: &Oid<'_>) -> Option<KeyFamily> {
    let id = oid.to_id_string();
    if id.starts_with("1.2.840.113549.1.1.") {
        Some(KeyFamily::Rsa)
    } else if id.starts_with("1.2.840.10045.4.") {
        Some(KeyFamily::EllipticCurve)
    } else if *oid == OID_SIG_ED25519 {
        Some(KeyFamily::Ed25519)
    } else {
        None
    }
}

fn family_of_key(oid: &Oid<'_>) -> Option<KeyFamily> {
    if *oid == OID_PKCS1_RSAENCRYPTION || *oid == OID_PKCS1_RSASSAPSS {
        Some(KeyFamily::Rsa)
    } else if *oid == OID_KEY_TYPE_EC_PUBLIC_KEY {
        Some(KeyFamily::EllipticCurve)
    } else if *oid == OID_SIG_ED25519 {
        Some(KeyFamily::Ed25519)
    } else {
        None
    }
}

/// Length of an RSA modulus in bits; `None` for other keys and for malformed ones.
pub(super) fn rsa_bits(key: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => Some(bits(rsa.modulus)),
        _ => None,
    }
}

/// Length in bits of a big-endian number, leading zeros not counted.
pub(super) fn bits(number: &[u8]) -> u32 {
    let significant = number.iter().position(|byte| *byte != 0).map_or(&[][..], |start| &number[start..]);
    match significant.first() {
        Some(first) => u32::try_from(significant.len() * 8).unwrap_or(u32::MAX).saturating_sub(first.leading_zeros()),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::{fixture, fixtures, flip_last_byte, oid};

    /// The signature of a self-signed certificate.
    fn own_signature(der: &[u8]) -> Signature {
        let certificate = crate::pkix::parse(der).unwrap();
        check(&certificate, certificate.public_key())
    }

    #[test]
    fn good_bad_and_beyond_us() {
        use Signature::{Bad, Good, Unsupported};
        for (pem, whole, tampered, why) in [
            (fixtures::RSA_2048_SHA384, Good, Bad, "RSA as it should be"),
            (fixtures::SHA1_SELF_SIGNED, Good, Bad, "SHA-1, to tell a broken chain from an unknown one"),
            (fixtures::MD5_SELF_SIGNED, Unsupported, Unsupported, "MD5"),
            (fixtures::RSA_1024_SELF_SIGNED, Good, Bad, "RSA of 1024 bits, SHA-256"),
            (fixtures::RSA_1024_SHA1, Good, Bad, "SHA-1"),
            (fixtures::RSA_1024_SHA512, Good, Bad, "SHA-512"),
            (fixtures::RSA_1024_SHA384, Unsupported, Unsupported, "SHA-384: *ring* wants 2048 bits"),
            (fixtures::RSA_1024_PSS, Unsupported, Unsupported, "PSS: likewise"),
            (fixtures::RSA_512_SELF_SIGNED, Unsupported, Unsupported, "512 bits"),
            (fixtures::P521_SHA256, Good, Bad, "P-521 with each hash"),
            (fixtures::P521_SHA384, Good, Bad, "P-521 with each hash"),
            (fixtures::P521_SHA512, Good, Bad, "P-521 with each hash"),
            (fixtures::P521_SHA1, Unsupported, Unsupported, "P-521 with SHA-1"),
        ] {
            let der = fixture(pem);
            assert_eq!((own_signature(&der), own_signature(&flip_last_byte(der))), (whole, tampered), "{why}");
        }
    }

    #[test]
    fn what_webpki_checks_p521_with_refuses_what_is_wrong() {
        for (pem, algorithm) in [
            (fixtures::P521_SHA256, P521_SHA256),
            (fixtures::P521_SHA384, P521_SHA384),
            (fixtures::P521_SHA512, P521_SHA512),
        ] {
            let der = fixture(pem);
            let certificate = crate::pkix::parse(&der).unwrap();
            let key = &certificate.public_key().subject_public_key.data;
            let (message, signature) = (certificate.tbs_certificate.as_ref(), &certificate.signature_value.data);
            assert!(algorithm.verify_signature(key, message, signature).is_ok());
            assert!(algorithm.verify_signature(key, &message[1..], signature).is_err());
        }
    }

    #[test]
    fn families() {
        let (rsa, pss, sha256_rsa) =
            (oid("1.2.840.113549.1.1.1"), oid("1.2.840.113549.1.1.10"), oid("1.2.840.113549.1.1.11"));
        let (ec, ecdsa, ed25519, unknown) =
            (oid("1.2.840.10045.2.1"), oid("1.2.840.10045.4.3.2"), oid("1.3.101.112"), oid("1.2.3.4"));
        for (signature, key, expected) in [
            (&sha256_rsa, &rsa, true),
            (&pss, &rsa, true),
            (&pss, &pss, true),
            (&ecdsa, &ec, true),
            (&ed25519, &ed25519, true),
            (&ecdsa, &rsa, false),
            (&ecdsa, &pss, false),
            (&sha256_rsa, &ec, false),
            (&ed25519, &rsa, false),
            (&ecdsa, &ed25519, false),
            (&unknown, &rsa, true),
            (&ecdsa, &unknown, true),
        ] {
            assert_eq!(is_of_one_family(signature, key), expected, "{signature} {key}");
        }
    }

    #[test]
    fn lengths_in_bits() {
        for (number, expected) in
            [(&[][..], 0), (&[0], 0), (&[1], 1), (&[0x80], 8), (&[0, 0, 1], 1), (&[0, 0x80, 0], 16), (&[1, 0], 9)]
        {
            assert_eq!(bits(number), expected, "{number:?}");
        }
    }
}
