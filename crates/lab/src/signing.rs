//! Zone keys and signatures (RFC 4034 §2, §3, §5; RFC 5702, 6605, 8080), by hand over ring: the
//! library that validates in the scanner takes no part in signing.

use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaKeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use super::LabError;
use super::wire::{Kind, Name};

const RSA_ZONE_KEY: &[u8] = include_bytes!("keys/rsa-2048-zone.pem");

/// DNSSEC algorithms that the lab can sign with (IANA "DNS Security Algorithm Numbers").
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Algorithm {
    /// 8
    RsaSha256,
    /// 10
    RsaSha512,
    /// 13
    #[default]
    EcdsaP256,
    /// 14
    EcdsaP384,
    /// 15
    Ed25519,
    /// A number nobody implements (200): the zone counts as insecure (RFC 4035 §5.2).
    Unknown,
}

impl Algorithm {
    fn number(self) -> u8 {
        match self {
            Algorithm::RsaSha256 => 8,
            Algorithm::RsaSha512 => 10,
            Algorithm::EcdsaP256 => 13,
            Algorithm::EcdsaP384 => 14,
            Algorithm::Ed25519 => 15,
            Algorithm::Unknown => 200,
        }
    }
}

enum Secret {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The one key of a zone (a combined signing key, flags 257).
pub struct ZoneKey {
    algorithm: Algorithm,
    secret: Secret,
    dnskey: Vec<u8>,
    random: SystemRandom,
}

impl ZoneKey {
    /// A fresh key; RSA ones are all the same committed key, for ring cannot make them.
    pub fn generate(algorithm: Algorithm) -> Result<ZoneKey, LabError> {
        let random = SystemRandom::new();
        let ecdsa = |kind: &'static EcdsaSigningAlgorithm| {
            let document = EcdsaKeyPair::generate_pkcs8(kind, &random).map_err(LabError::crypto)?;
            EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).map_err(LabError::crypto)
        };
        let secret = match algorithm {
            Algorithm::RsaSha256 | Algorithm::RsaSha512 => {
                let pkcs8 = PrivatePkcs8KeyDer::from_pem_slice(RSA_ZONE_KEY).map_err(LabError::crypto)?;
                Secret::Rsa(RsaKeyPair::from_pkcs8(pkcs8.secret_pkcs8_der()).map_err(LabError::crypto)?)
            }
            Algorithm::EcdsaP256 | Algorithm::Unknown => Secret::Ecdsa(ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)?),
            Algorithm::EcdsaP384 => Secret::Ecdsa(ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)?),
            Algorithm::Ed25519 => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).map_err(LabError::crypto)?;
                Secret::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(LabError::crypto)?)
            }
        };
        let public = match &secret {
            // RFC 3110 §2: length of the exponent, exponent, modulus.
            Secret::Rsa(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                [&[parts.e.len() as u8][..], &parts.e, &parts.n].concat()
            }
            // RFC 6605 §4: the bare point, without the leading 0x04 of the uncompressed form.
            Secret::Ecdsa(pair) => pair.public_key().as_ref()[1..].to_vec(),
            Secret::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        };
        // RFC 4034 §2.1: flags zone key + SEP, protocol 3.
        let dnskey = [&[1, 1, 3, algorithm.number()][..], &public].concat();
        Ok(ZoneKey { algorithm, secret, dnskey, random })
    }

    /// DNSKEY record data.
    pub fn dnskey(&self) -> &[u8] {
        &self.dnskey
    }

    /// The key tag (RFC 4034 appendix B).
    pub fn tag(&self) -> u16 {
        tag_of(&self.dnskey)
    }

    /// DNSKEY record data of other keys with the same algorithm and tag (CVE-2023-50387). Each is a key that signatures can
    /// be checked with; reserved flags, which are ignored (RFC 4034 §2.1.1), make their tags the same.
    pub fn colliding(&self, count: usize) -> Result<Vec<Vec<u8>>, LabError> {
        const ZONE: u16 = 0x0100;
        const REVOKED: u16 = 0x0080; // RFC 5011 §7
        let mut keys = Vec::with_capacity(count);
        while keys.len() < count {
            let mut key = ZoneKey::generate(self.algorithm)?.dnskey;
            key[..2].fill(0);
            let nearly = self.tag().wrapping_sub(tag_of(&key));
            for flags in [nearly, nearly.wrapping_sub(1), nearly.wrapping_add(1)] {
                key[..2].copy_from_slice(&flags.to_be_bytes());
                if flags & (ZONE | REVOKED) == ZONE && tag_of(&key) == self.tag() && key != self.dnskey {
                    keys.push(key);
                    break;
                }
            }
        }
        Ok(keys)
    }

    /// DS record data with a SHA-256 digest (RFC 4509 §2.1).
    pub fn ds(&self, apex: &Name) -> Vec<u8> {
        let digest = digest::digest(&digest::SHA256, &[apex.wire(), self.dnskey.clone()].concat());
        [&self.tag().to_be_bytes()[..], &[self.algorithm.number(), 2], digest.as_ref()].concat()
    }

    /// RRSIG record data over one RRset (RFC 4034 §3.1.8.1). `data` need not be sorted.
    pub fn sign(
        &self,
        apex: &Name,
        owner: &Name,
        kind: Kind,
        ttl: u32,
        data: &[Vec<u8>],
        validity: Validity,
    ) -> Result<Vec<u8>, LabError> {
        let labels = owner.depth() - usize::from(owner.is_wildcard());
        let mut rrsig = Vec::new();
        rrsig.extend_from_slice(&kind.0.to_be_bytes());
        rrsig.extend_from_slice(&[self.algorithm.number(), labels as u8]);
        rrsig.extend_from_slice(&ttl.to_be_bytes());
        rrsig.extend_from_slice(&validity.until.to_be_bytes());
        rrsig.extend_from_slice(&validity.from.to_be_bytes());
        rrsig.extend_from_slice(&self.tag().to_be_bytes());
        rrsig.extend_from_slice(&apex.wire());
        let mut sorted: Vec<&Vec<u8>> = data.iter().collect();
        sorted.sort();
        sorted.dedup();
        let mut signed = rrsig.clone();
        for one in sorted {
            signed.extend_from_slice(&owner.wire());
            signed.extend_from_slice(&kind.0.to_be_bytes());
            signed.extend_from_slice(&[0, 1]);
            signed.extend_from_slice(&ttl.to_be_bytes());
            signed.extend_from_slice(&(one.len() as u16).to_be_bytes());
            signed.extend_from_slice(one);
        }
        rrsig.extend_from_slice(&self.signature(&signed)?);
        Ok(rrsig)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, LabError> {
        match &self.secret {
            Secret::Rsa(pair) => {
                let padding: &'static dyn ring::signature::RsaEncoding =
                    if self.algorithm == Algorithm::RsaSha512 { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
                let mut out = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &self.random, message, &mut out).map_err(LabError::crypto)?;
                Ok(out)
            }
            Secret::Ecdsa(pair) => Ok(pair.sign(&self.random, message).map_err(LabError::crypto)?.as_ref().to_vec()),
            Secret::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

fn tag_of(dnskey: &[u8]) -> u16 {
    let word = |(i, &b): (usize, &u8)| if i % 2 == 0 { u32::from(b) << 8 } else { u32::from(b) };
    let sum: u32 = dnskey.iter().enumerate().map(word).sum();
    ((sum + (sum >> 16)) & 0xffff) as u16
}

/// When a signature counts, in seconds since the Unix epoch (RFC 4034 §3.1.5).
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// Inception.
    pub from: u32,
    /// Expiration.
    pub until: u32,
}

impl Validity {
    /// From a week before `now` to thirty days after it.
    pub fn around(now: u32) -> Validity {
        Validity { from: now - 7 * 86_400, until: now + 30 * 86_400 }
    }
}
