//! ECDSA on P-521 (FIPS 186-5 §6.4), which *ring* lacks: signatures on certificates and in handshakes. Public values
//! only, so that timing gives nothing away.

use p521::ecdsa::signature::hazmat::PrehashVerifier;
use p521::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The hash under a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Octets of a number below the order of the curve.
const SCALAR_SIZE: usize = 66;

/// Whether `signature` (Ecdsa-Sig-Value in DER, RFC 3279 §2.2.3) over `message` was made with the key at `point`
/// (SEC 1 §2.3.3, as in a SubjectPublicKeyInfo: RFC 5480 §2.2).
pub fn verify(point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let digest = match hash {
        Hash::Sha256 => Sha256::digest(message).to_vec(),
        Hash::Sha384 => Sha384::digest(message).to_vec(),
        Hash::Sha512 => Sha512::digest(message).to_vec(),
    };
    // Every digest is shorter than the order: as a number it is used whole.
    let mut number = [0; SCALAR_SIZE];
    number[SCALAR_SIZE - digest.len()..].copy_from_slice(&digest);
    match (VerifyingKey::from_sec1_bytes(point), Signature::from_der(signature)) {
        (Ok(key), Ok(signature)) => key.verify_prehash(&number, &signature).is_ok(),
        _ => false,
    }
}
