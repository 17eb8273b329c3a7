//! RSA (RFC 8017): *ring* for the sizes and parameters that it has, else the two encodings written out here. Why not the
//! crate `rsa`: `docs/decisions/0010-paths.md`.

use num_bigint::BigUint;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
};

use super::algorithm::Pss;
use super::key::{RsaKey, bits};
use super::{Checked, Hash};

/// The largest modulus that is checked, in bits; OpenSSL stops here too (OPENSSL_RSA_MAX_MODULUS_BITS).
const MAX_BITS: u32 = 16_384;
/// The largest public exponent, in bits; OpenSSL's limit for large moduli (OPENSSL_RSA_MAX_PUBEXP_BITS).
const MAX_EXPONENT_BITS: u32 = 64;
/// The sizes that *ring* checks, and its largest exponent.
const RING_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;
const RING_EXPONENT_BITS: u32 = 33;

/// RFC 8017 §8.2.2.
pub(super) fn check_pkcs1(key: &RsaKey<'_>, hash: Hash, message: &[u8], signature: &[u8]) -> Checked {
    if key.pss.is_some() {
        // RFC 4055 §1.2: such a key is for RSASSA-PSS alone.
        return Checked::Bad;
    }
    let fast = match hash {
        Hash::Sha256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Hash::Sha384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Hash::Sha512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    };
    if let Some(checked) = check_in_ring(fast, key, message, signature) {
        return checked;
    }
    let encoded = match open(key, signature, bits(key.modulus).div_ceil(8)) {
        Ok(encoded) => encoded,
        Err(checked) => return checked,
    };
    // RFC 8017 §9.2: 0x00 0x01, 0xff eight times at least, 0x00, DigestInfo.
    let info = [hash.digest_info(), hash.digest(message)].concat();
    let Some(padding) = encoded.len().checked_sub(3 + info.len()).filter(|padding| *padding >= 8) else {
        return Checked::Bad;
    };
    (encoded == [&[0, 1], vec![0xff; padding].as_slice(), &[0], &info].concat()).into()
}

/// RFC 8017 §8.1.2.
pub(super) fn check_pss(key: &RsaKey<'_>, pss: &Pss, message: &[u8], signature: &[u8]) -> Checked {
    // RFC 4055 §3.3: the parameters of a key bind, its salt is the least.
    if let Some(Some(bound)) = &key.pss
        && (bound.hash != pss.hash || bound.mask != pss.mask || bound.salt_length > pss.salt_length)
    {
        return Checked::Bad;
    }
    let usual = pss.mask == pss.hash && pss.salt_length == pss.hash.length();
    let fast = match pss.hash {
        Hash::Sha256 if usual => Some(&RSA_PSS_2048_8192_SHA256),
        Hash::Sha384 if usual => Some(&RSA_PSS_2048_8192_SHA384),
        Hash::Sha512 if usual => Some(&RSA_PSS_2048_8192_SHA512),
        _ => None,
    };
    if let Some(checked) = check_in_ring(fast, key, message, signature) {
        return checked;
    }
    let encoded_bits = bits(key.modulus).saturating_sub(1);
    match open(key, signature, encoded_bits.div_ceil(8)) {
        Ok(encoded) => holds_pss(&encoded, encoded_bits, pss, message).into(),
        Err(checked) => checked,
    }
}

fn check_in_ring(
    parameters: Option<&'static RsaParameters>,
    key: &RsaKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Option<Checked> {
    let parameters = parameters?;
    let has_it = RING_BITS.contains(&bits(key.modulus)) && bits(key.exponent) <= RING_EXPONENT_BITS;
    has_it.then(|| UnparsedPublicKey::new(parameters, key.der).verify(message, signature).is_ok().into())
}

/// RSAVP1 and I2OSP (RFC 8017 §5.2.2, §4.1): the encoded message, of `length` octets.
fn open(key: &RsaKey<'_>, signature: &[u8], length: u32) -> Result<Vec<u8>, Checked> {
    let (modulus_bits, exponent_bits) = (bits(key.modulus), bits(key.exponent));
    if modulus_bits > MAX_BITS || exponent_bits > MAX_EXPONENT_BITS {
        return Err(Checked::Unsupported(format!(
            "RSA with a modulus of {modulus_bits} bits and an exponent of {exponent_bits} bits"
        )));
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    // RFC 8017 §3.1: both are odd, and the exponent is 3 or more.
    if modulus_bits < 64 || !is_odd(key.modulus) || !is_odd(key.exponent) || exponent_bits < 2 {
        return Err(Checked::Bad);
    }
    if signature.len() != modulus_bits.div_ceil(8) as usize {
        return Err(Checked::Bad);
    }
    let modulus = BigUint::from_bytes_be(key.modulus);
    let number = BigUint::from_bytes_be(signature);
    if number >= modulus {
        return Err(Checked::Bad);
    }
    let opened = number.modpow(&BigUint::from_bytes_be(key.exponent), &modulus).to_bytes_be();
    let zeros = (length as usize).checked_sub(opened.len()).ok_or(Checked::Bad)?;
    Ok([vec![0; zeros], opened].concat())
}

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2).
fn holds_pss(encoded: &[u8], encoded_bits: u32, pss: &Pss, message: &[u8]) -> bool {
    let length = pss.hash.length();
    let Some(masked_length) = encoded.len().checked_sub(length + 1) else {
        return false;
    };
    let Some(zeros) = masked_length.checked_sub(pss.salt_length).and_then(|rest| rest.checked_sub(1)) else {
        return false;
    };
    let (masked, rest) = encoded.split_at(masked_length);
    let (digest, trailer) = rest.split_at(length);
    let unused_bits = (encoded.len() * 8).saturating_sub(encoded_bits as usize);
    let used = u8::try_from(0xff_u32 >> unused_bits.min(8)).unwrap_or(0);
    if trailer != [0xbc] || masked.first().is_none_or(|first| first & !used != 0) {
        return false;
    }
    let mut block: Vec<u8> =
        masked.iter().zip(mask(pss.mask, digest, masked_length)).map(|(byte, mask)| byte ^ mask).collect();
    if let Some(first) = block.first_mut() {
        *first &= used;
    }
    let (padding, salt) = block.split_at(zeros + 1);
    let is_padded = padding.iter().take(zeros).all(|byte| *byte == 0) && padding.last() == Some(&1);
    is_padded && pss.hash.digest(&[&[0; 8], pss.hash.digest(message).as_slice(), salt].concat()) == digest
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mask(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = u32::try_from(length.div_ceil(hash.length())).unwrap_or(u32::MAX);
    let mut mask: Vec<u8> =
        (0..blocks).flat_map(|counter| hash.digest(&[seed, &counter.to_be_bytes()].concat())).collect();
    mask.truncate(length);
    mask
}

/// Microseconds of a check, rounded up: multiplying grows with the square of the modulus.
pub(super) fn work(key: &RsaKey<'_>) -> u64 {
    let (size, exponent) = (u64::from(bits(key.modulus)), u64::from(bits(key.exponent)));
    if size > u64::from(MAX_BITS) || exponent > u64::from(MAX_EXPONENT_BITS) {
        return 1;
    }
    30 + size * size * (exponent + 16) / 13_000_000
}
