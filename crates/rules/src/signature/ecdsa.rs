//! ECDSA with any hash (FIPS 186-5 §6.4, RFC 5758 §3.2). *ring* has four pairs of curve and hash; the others on P-256, P-384
//! and P-521 are left to the crates of RustCrypto, other curves to [`weierstrass`].

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::{Checked, Curve, Hash, weierstrass};

/// How a point begins that is written out (SEC 1 §2.3.3), the only form that *ring* reads.
const UNCOMPRESSED: u8 = 4;

/// Octets of a number below the order of P-521.
const P521_SCALAR_SIZE: usize = 66;

/// Whether `signature` (Ecdsa-Sig-Value in DER, RFC 3279 §2.2.3) over `message` was made with the key at `point`
/// (SEC 1 §2.3.3, as in a SubjectPublicKeyInfo: RFC 5480 §2.2).
pub(super) fn check(curve: &Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> Checked {
    if let Some(fast) = in_ring(curve, hash).filter(|_| point.first() == Some(&UNCOMPRESSED)) {
        return UnparsedPublicKey::new(fast, point).verify(message, signature).is_ok().into();
    }
    let digest = hash.digest(message);
    // Of a digest longer than the order the leftmost bits count (FIPS 186-5 §6.4.1): the crates see to it.
    match curve {
        Curve::P256 => is_p256(point, &digest, signature).into(),
        Curve::P384 => is_p384(point, &digest, signature).into(),
        Curve::P521 => is_p521(point, &digest, signature).into(),
        Curve::Other(number) => match weierstrass::curve(number) {
            Some(curve) => weierstrass::verify(curve, point, &digest, signature).into(),
            None => Checked::Unsupported(format!("ECDSA with {hash} on the curve {number}")),
        },
    }
}

fn is_p256(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    match (p256::ecdsa::VerifyingKey::from_sec1_bytes(point), p256::ecdsa::Signature::from_der(signature)) {
        (Ok(key), Ok(signature)) => key.verify_prehash(digest, &signature).is_ok(),
        _ => false,
    }
}

fn is_p384(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    match (p384::ecdsa::VerifyingKey::from_sec1_bytes(point), p384::ecdsa::Signature::from_der(signature)) {
        (Ok(key), Ok(signature)) => key.verify_prehash(digest, &signature).is_ok(),
        _ => false,
    }
}

fn is_p521(point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    // Every digest is shorter than the order: as a number it is used whole.
    let mut number = [0; P521_SCALAR_SIZE];
    number[P521_SCALAR_SIZE - digest.len()..].copy_from_slice(digest);
    match (p521::ecdsa::VerifyingKey::from_sec1_bytes(point), p521::ecdsa::Signature::from_der(signature)) {
        (Ok(key), Ok(signature)) => key.verify_prehash(&number, &signature).is_ok(),
        _ => false,
    }
}

fn in_ring(curve: &Curve, hash: Hash) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, hash) {
        (Curve::P256, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (Curve::P384, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}

/// Microseconds of a check, rounded up.
pub(super) fn work(curve: &Curve, hash: Hash) -> u64 {
    match (curve, in_ring(curve, hash).is_some()) {
        (Curve::P256, true) => 100,
        (Curve::P256, false) => 500,
        (Curve::P384, true) => 400,
        (Curve::P384, false) => 1_500,
        (Curve::P521, _) => 4_000,
        (Curve::Other(number), _) if weierstrass::curve(number).is_some() => 5_000,
        (Curve::Other(_), _) => 1,
    }
}
