//! Did the peer sign with the leaf's key? The check behind `key_proof` (RFC 8446 §4.4.3, RFC 5246 §7.4.3).
//!
//! A census meets keys that a mail client would refuse: RSA of 512 or 1024 bits, certificates of X.509 v1.
//! Whether such a certificate counts is for the judge; here only the arithmetic is asked. Curves are left to
//! [`mxcensus_rules::signature`]; of RSA ring does what it can, and what is outside of its range, with the MD5-and-SHA-1
//! signature of TLS 1.0 and 1.1, is computed here (public values only, so that timing gives nothing away). `not-checked`
//! remains for DSA and for curves that have no name here.

use num_bigint::BigUint;
use ring::digest;
use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use sha2::Digest as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{OID_PKCS1_RSAENCRYPTION, OID_PKCS1_RSASSAPSS};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use mxcensus_rules::observation::KeyProof;
use mxcensus_rules::signature::{self, Checked, Hash, Key, Scheme};

/// How the signature was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignedBy {
    /// By a scheme that the handshake names (TLS 1.2 and 1.3).
    Scheme(u16),
    /// By what the key's type implies, before TLS 1.2: RSA over MD5 and SHA-1 side by side (RFC 4346 §7.4.3), ECDSA over
    /// SHA-1 (RFC 8422 §5.4).
    OldRule,
}

/// `ecdsa_sha1`.
const ECDSA_SHA1: u16 = 0x0203;

/// The largest RSA modulus worth the computation: verifying takes a millisecond.
const MAX_RSA_BITS: u64 = 16_384;

/// Whether `signature` over `message` was made with the key in the certificate `leaf` (DER).
pub fn check(leaf: &[u8], signed_by: SignedBy, message: &[u8], signature: &[u8]) -> KeyProof {
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else { return KeyProof::NotChecked };
    let key = certificate.public_key();
    let verified =
        if key.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION || key.algorithm.algorithm == OID_PKCS1_RSASSAPSS {
            check_rsa(&key.subject_public_key.data, signed_by, message, signature)
        } else {
            check_curve(key, signed_by, message, signature)
        };
    match verified {
        Some(true) => KeyProof::Verified,
        Some(false) => KeyProof::Failed,
        None => KeyProof::NotChecked,
    }
}

/// `None` where it cannot be checked.
fn check_curve(key: &SubjectPublicKeyInfo<'_>, signed_by: SignedBy, message: &[u8], signature: &[u8]) -> Option<bool> {
    let number = match signed_by {
        SignedBy::Scheme(number) => number,
        SignedBy::OldRule => ECDSA_SHA1,
    };
    let key = Key::of(key);
    let scheme = match (&key, number) {
        (Key::Ed25519(_), 0x0807) => Scheme::Ed25519,
        (Key::Ed448(_), 0x0808) => Scheme::Ed448,
        // TLS 1.2 does not bind the hash to the curve (RFC 5246 §7.4.1.4.1), so all pairs occur.
        (Key::Ec(..), _) => match hash_of_ecdsa(number) {
            Some(hash) => Scheme::Ecdsa(hash),
            None => return Some(false),
        },
        (Key::Other(_), _) => return None,
        _ => return Some(false),
    };
    match signature::check(&scheme, &key, message, signature) {
        Checked::Good => Some(true),
        Checked::Bad => Some(false),
        Checked::Unsupported(_) => None,
    }
}

/// The hash of an ECDSA scheme; `None`: it is none of ECDSA (RFC 5246 §7.4.1.4.1, RFC 8446 §4.2.3, RFC 8734 §3).
fn hash_of_ecdsa(number: u16) -> Option<Hash> {
    Some(match number {
        ECDSA_SHA1 => Hash::Sha1,
        0x0303 => Hash::Sha224,
        0x0403 | 0x081a => Hash::Sha256,
        0x0503 | 0x081b => Hash::Sha384,
        0x0603 | 0x081c => Hash::Sha512,
        _ => return None,
    })
}

/// What is under an RSA signature.
enum Padded {
    /// PKCS #1 v1.5 with this prefix of DigestInfo (RFC 8017 §9.2) and digest.
    Pkcs1(&'static [u8], Vec<u8>),
    /// PSS with this hash, for the mask and the salt's length too (RFC 8446 §4.2.3).
    Pss(&'static digest::Algorithm),
}

fn check_rsa(key: &[u8], signed_by: SignedBy, message: &[u8], signature: &[u8]) -> Option<bool> {
    let of = |algorithm| digest::digest(algorithm, message).as_ref().to_vec();
    let (fast, padded): (Option<&dyn VerificationAlgorithm>, Padded) = match signed_by {
        SignedBy::OldRule => {
            let both = [md5::Md5::digest(message).to_vec(), of(&digest::SHA1_FOR_LEGACY_USE_ONLY)].concat();
            (None, Padded::Pkcs1(&[], both))
        }
        SignedBy::Scheme(scheme) => match scheme {
            0x0201 => (
                Some(&algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
                Padded::Pkcs1(SHA1_INFO, of(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
            ),
            0x0401 => (
                Some(&algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
                Padded::Pkcs1(SHA256_INFO, of(&digest::SHA256)),
            ),
            0x0501 => (Some(&algorithms::RSA_PKCS1_2048_8192_SHA384), Padded::Pkcs1(SHA384_INFO, of(&digest::SHA384))),
            0x0601 => (
                Some(&algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
                Padded::Pkcs1(SHA512_INFO, of(&digest::SHA512)),
            ),
            0x0804 | 0x0809 => (Some(&algorithms::RSA_PSS_2048_8192_SHA256), Padded::Pss(&digest::SHA256)),
            0x0805 | 0x080a => (Some(&algorithms::RSA_PSS_2048_8192_SHA384), Padded::Pss(&digest::SHA384)),
            0x0806 | 0x080b => (Some(&algorithms::RSA_PSS_2048_8192_SHA512), Padded::Pss(&digest::SHA512)),
            0x0101 => (None, Padded::Pkcs1(MD5_INFO, md5::Md5::digest(message).to_vec())),
            0x0301 => (None, Padded::Pkcs1(SHA224_INFO, sha2::Sha224::digest(message).to_vec())),
            _ => return Some(false),
        },
    };
    if fast.is_some_and(|algorithm| UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()) {
        return Some(true);
    }
    // ring says no for a wrong signature and for a key outside of its range alike: ask the arithmetic.
    let (_, key) = RSAPublicKey::from_der(key).ok()?;
    let (modulus, exponent) = (BigUint::from_bytes_be(key.modulus), BigUint::from_bytes_be(key.exponent));
    let bits = modulus.bits();
    if bits == 0 || bits > MAX_RSA_BITS || exponent.bits() > 64 || !modulus.bit(0) {
        return None;
    }
    let signature = BigUint::from_bytes_be(signature);
    if signature >= modulus {
        return Some(false);
    }
    let encoded = signature.modpow(&exponent, &modulus).to_bytes_be();
    let size = usize::try_from(bits.div_ceil(8)).ok()?;
    Some(match padded {
        Padded::Pkcs1(info, digest) => is_pkcs1(&left_padded(&encoded, size), info, &digest),
        Padded::Pss(hash) => {
            let encoded_bits = usize::try_from(bits - 1).ok()?;
            encoded.len() <= encoded_bits.div_ceil(8)
                && is_pss(&left_padded(&encoded, encoded_bits.div_ceil(8)), encoded_bits, hash, message)
        }
    })
}

fn left_padded(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = vec![0; size.saturating_sub(bytes.len())];
    out.extend_from_slice(bytes);
    out
}

/// RFC 8017 §9.2: 00 01 FF…FF 00 and the DigestInfo, compared as a whole. TLS before 1.2 has no DigestInfo around its digests.
fn is_pkcs1(encoded: &[u8], info: &[u8], digest: &[u8]) -> bool {
    let tail = [&[0][..], info, digest].concat();
    let Some(filler) = encoded.len().checked_sub(2 + tail.len()) else { return false };
    // RFC 8017 §9.2 step 3: at least eight octets of filler.
    filler >= 8 && *encoded == [&[0, 1][..], &vec![0xff; filler], &tail].concat()
}

/// RFC 8017 §9.1.2, with a salt as long as the digest (RFC 8446 §4.2.3).
fn is_pss(encoded: &[u8], encoded_bits: usize, hash: &'static digest::Algorithm, message: &[u8]) -> bool {
    let size = hash.output_len();
    let Some((&0xbc, encoded)) = encoded.split_last() else { return false };
    let Some(mask_size) = encoded.len().checked_sub(size) else { return false };
    let (masked, given) = encoded.split_at(mask_size);
    let spare_bits = 8 * (encoded.len() + 1) - encoded_bits;
    let first_byte_mask = 0xff_u8.checked_shr(u32::try_from(spare_bits).unwrap_or(u32::MAX)).unwrap_or(0);
    if masked.first().is_none_or(|b| b & !first_byte_mask != 0) {
        return false;
    }
    let mut block: Vec<u8> = masked.iter().zip(mask(given, mask_size, hash)).map(|(a, b)| a ^ b).collect();
    block[0] &= first_byte_mask;
    let Some(padding) = mask_size.checked_sub(size + 1) else { return false };
    let (zeros, rest) = block.split_at(padding);
    let Some((&1, salt)) = rest.split_first() else { return false };
    let digest_of_message = digest::digest(hash, message);
    let expected = digest::digest(hash, &[&[0; 8], digest_of_message.as_ref(), salt].concat());
    zeros.iter().all(|b| *b == 0) && expected.as_ref() == given
}

/// MGF1 (RFC 8017 §B.2.1).
fn mask(seed: &[u8], size: usize, hash: &'static digest::Algorithm) -> Vec<u8> {
    let blocks = (0u32..).take(size.div_ceil(hash.output_len()));
    let mut out: Vec<u8> = blocks
        .flat_map(|counter| digest::digest(hash, &[seed, &counter.to_be_bytes()].concat()).as_ref().to_vec())
        .collect();
    out.truncate(size);
    out
}

/// DER of DigestInfo up to the digest (RFC 8017 §9.2, note 1).
const SHA1_INFO: &[u8] = &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
const MD5_INFO: &[u8] =
    &[0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10];
const SHA224_INFO: &[u8] =
    &[0x30, 0x2d, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04, 0x05, 0x00, 0x04, 0x1c];
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const SHA384_INFO: &[u8] =
    &[0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30];
const SHA512_INFO: &[u8] =
    &[0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40];

#[cfg(test)]
mod tests;
