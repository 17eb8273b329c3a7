//! The lab's certificate authorities (RFC 5280): two trusted roots, one that nobody trusts,
//! intermediates, a cross-signed one; and [`Pki::issue`], which makes a chain with exactly the faults
//! that a [`Leaf`] asks for. Dates are relative to the instant the lab was started at.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm,
};
use ring::digest;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::LabError;

pub(super) const RSA_LEAF_KEY: &str = include_str!("keys/rsa-2048-leaf.pem");
/// RSAPublicKey (RFC 8017 A.1.1), in DER.
const RSA_512_PUBLIC_KEY: &[u8] = include_bytes!("keys/rsa-512-public.der");
const DAY: i64 = 86_400;

/// Who signs a leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Issued {
    /// The intermediate below trusted root A.
    #[default]
    ByA,
    /// The intermediate below trusted root B.
    ByB,
    /// An intermediate whose key both roots have certified; both certificates are sent.
    Cross,
    /// The intermediate below a root that no trust store holds.
    ByStranger,
    /// An intermediate below root A that has expired.
    ByExpiredIntermediate,
    /// Its own key.
    ByItself,
}

/// What is sent of the chain, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sent {
    /// Leaf and intermediates.
    #[default]
    Usual,
    /// The leaf alone: the intermediate is missing.
    LeafOnly,
    /// Leaf, intermediates and the root.
    WithRoot,
    /// Leaf, then the unrelated intermediate of root B, then the right one.
    WithExtra,
}

/// The key of a leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LeafKey {
    /// ECDSA on P-256.
    #[default]
    P256,
    /// RSA, 2048 bits; the same key for all.
    Rsa2048,
    /// RSA, 512 bits; only its public half exists, so nothing can be signed with it.
    Rsa512,
}

/// A leaf to be issued, with its faults.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// DNS-IDs.
    pub names: Vec<String>,
    /// Common name.
    pub common_name: String,
    /// First day of validity, counted from now.
    pub from_days: i64,
    /// Last day of validity, counted from now.
    pub until_days: i64,
    /// Its key.
    pub key: LeafKey,
    /// Who signs it.
    pub issued: Issued,
    /// What is sent with it.
    pub sent: Sent,
    /// The extended key usage is clientAuth alone.
    pub client_only: bool,
    /// Basic constraints say that it is a CA.
    pub is_ca: bool,
    /// The issuer's signature has a bit flipped.
    pub bad_signature: bool,
    /// The server answers with another private key than the leaf's.
    pub foreign_key: bool,
}

impl Leaf {
    /// A good leaf for `name`, valid for 60 more days.
    pub fn good(name: &str) -> Leaf {
        Leaf {
            names: vec![name.to_owned()],
            common_name: name.to_owned(),
            from_days: -30,
            until_days: 60,
            key: LeafKey::default(),
            issued: Issued::default(),
            sent: Sent::default(),
            client_only: false,
            is_ca: false,
            bad_signature: false,
            foreign_key: false,
        }
    }

    /// Expired ten days ago.
    pub fn expired(self) -> Leaf {
        Leaf { from_days: -100, until_days: -10, ..self }
    }

    /// Valid from ten days on.
    pub fn not_yet_valid(self) -> Leaf {
        Leaf { from_days: 10, until_days: 100, ..self }
    }

    /// With these DNS-IDs in place of its own; none leaves the common name alone.
    pub fn names(self, names: &[&str]) -> Leaf {
        Leaf { names: names.iter().map(|n| (*n).to_owned()).collect(), ..self }
    }

    /// Signed by `issued`.
    pub fn issued(self, issued: Issued) -> Leaf {
        Leaf { issued, ..self }
    }

    /// Sent as `sent`.
    pub fn sent(self, sent: Sent) -> Leaf {
        Leaf { sent, ..self }
    }

    /// With this key.
    pub fn key(self, key: LeafKey) -> Leaf {
        Leaf { key, ..self }
    }
}

/// A certificate with its key's SPKI, as TLSA records want it.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// DER of the certificate.
    pub der: CertificateDer<'static>,
    /// DER of its SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
}

impl Certificate {
    /// TLSA association data for a selector and a matching type (RFC 6698 §2.1.2, §2.1.3).
    pub fn association(&self, selector: u8, matching: u8) -> Vec<u8> {
        let bytes = if selector == 1 { &self.spki[..] } else { self.der.as_ref() };
        match matching {
            1 => digest::digest(&digest::SHA256, bytes).as_ref().to_vec(),
            2 => digest::digest(&digest::SHA512, bytes).as_ref().to_vec(),
            _ => bytes.to_vec(),
        }
    }

    /// Lower-case hex SHA-256 of the DER.
    pub fn fingerprint(&self) -> String {
        hex::encode(digest::digest(&digest::SHA256, &self.der))
    }
}

/// What a server presents: certificates as sent, leaf first, and the key it signs with.
#[derive(Clone, Debug)]
pub struct Chain {
    /// As sent.
    pub sent: Vec<Certificate>,
    /// The issuers that exist, sent or not: intermediate, root.
    pub issuers: Vec<Certificate>,
    /// The private key, PKCS #8.
    pub key: Vec<u8>,
}

impl Chain {
    /// The leaf.
    pub fn leaf(&self) -> Result<&Certificate, LabError> {
        self.sent.first().ok_or_else(|| LabError::World("a chain without a leaf".into()))
    }

    /// For a rustls server; whether key and leaf belong together is not asked.
    pub fn certified(&self) -> Result<Arc<CertifiedKey>, LabError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(LabError::crypto)?;
        Ok(Arc::new(CertifiedKey::new(self.sent.iter().map(|c| c.der.clone()).collect(), key)))
    }
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// The authorities of one lab.
pub struct Pki {
    now: i64,
    root_a: Authority,
    root_b: Authority,
    stranger: Authority,
    below_a: Authority,
    below_b: Authority,
    below_stranger: Authority,
    below_both: Authority,
    below_both_by_b: Certificate,
    expired: Authority,
}

impl Pki {
    /// Makes every authority as of `now`, seconds since the Unix epoch.
    pub fn new(now: i64) -> Result<Pki, LabError> {
        let root_a = root(now, "Lab Root A")?;
        let root_b = root(now, "Lab Root B")?;
        let stranger = root(now, "Lab Root Nobody Trusts")?;
        let below_a = intermediate(now, "Lab Issuing A1", &root_a, 700)?;
        let below_b = intermediate(now, "Lab Issuing B1", &root_b, 700)?;
        let below_stranger = intermediate(now, "Lab Issuing X1", &stranger, 700)?;
        let expired = intermediate(now, "Lab Issuing A0", &root_a, -20)?;
        let below_both = intermediate(now, "Lab Issuing AB", &root_a, 700)?;
        let params = authority_params(now, "Lab Issuing AB", 700)?;
        let crossed = params.signed_by(below_both.issuer.key(), &root_b.issuer).map_err(LabError::crypto)?;
        let below_both_by_b = Certificate { der: crossed.der().clone(), spki: below_both.certificate.spki.clone() };
        Ok(Pki {
            now,
            root_a,
            root_b,
            stranger,
            below_a,
            below_b,
            below_stranger,
            below_both,
            below_both_by_b,
            expired,
        })
    }

    /// The trusted roots in PEM, for `--ca-file`.
    pub fn roots_pem(&self) -> String {
        [&self.root_a, &self.root_b].map(|root| pem(&root.certificate.der)).concat()
    }

    /// Fingerprints of root A and root B.
    pub fn root_fingerprints(&self) -> [String; 2] {
        [&self.root_a, &self.root_b].map(|root| root.certificate.fingerprint())
    }

    /// Issues a leaf with its faults.
    pub fn issue(&self, leaf: &Leaf) -> Result<Chain, LabError> {
        let mut params = CertificateParams::new(leaf.names.clone()).map_err(LabError::crypto)?;
        params.distinguished_name.push(DnType::CommonName, leaf.common_name.clone());
        set_validity(&mut params, self.now, leaf.from_days, leaf.until_days);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        let purpose =
            if leaf.client_only { ExtendedKeyUsagePurpose::ClientAuth } else { ExtendedKeyUsagePurpose::ServerAuth };
        params.extended_key_usages = vec![purpose];
        // RFC 5280 §4.2.1.1: in every certificate but a self-signed one.
        params.use_authority_key_identifier_extension = leaf.issued != Issued::ByItself;
        params.is_ca = if leaf.is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        let (authority, root) = match leaf.issued {
            Issued::ByA | Issued::ByItself => (&self.below_a, &self.root_a),
            Issued::ByB => (&self.below_b, &self.root_b),
            Issued::Cross => (&self.below_both, &self.root_a),
            Issued::ByStranger => (&self.below_stranger, &self.stranger),
            Issued::ByExpiredIntermediate => (&self.expired, &self.root_a),
        };
        let key = match leaf.key {
            LeafKey::Rsa2048 => {
                KeyPair::from_pkcs8_pem_and_sign_algo(RSA_LEAF_KEY, &PKCS_RSA_SHA256).map_err(LabError::crypto)?
            }
            LeafKey::P256 | LeafKey::Rsa512 => KeyPair::generate().map_err(LabError::crypto)?,
        };
        let (mut der, spki) = if leaf.key == LeafKey::Rsa512 {
            let certificate = params.signed_by(&Rsa512, &authority.issuer).map_err(LabError::crypto)?;
            (certificate.der().to_vec(), Rsa512.subject_public_key_info())
        } else if leaf.issued == Issued::ByItself {
            (params.self_signed(&key).map_err(LabError::crypto)?.der().to_vec(), key.subject_public_key_info())
        } else {
            let certificate = params.signed_by(&key, &authority.issuer).map_err(LabError::crypto)?;
            (certificate.der().to_vec(), key.subject_public_key_info())
        };
        if let Some(last) = der.last_mut().filter(|_| leaf.bad_signature) {
            *last ^= 1;
        }
        let first = Certificate { der: CertificateDer::from(der), spki };
        let issuers = if leaf.issued == Issued::ByItself {
            Vec::new()
        } else {
            vec![authority.certificate.clone(), root.certificate.clone()]
        };
        let mut sent = vec![first];
        if leaf.sent == Sent::WithExtra {
            sent.push(self.below_b.certificate.clone());
        }
        if leaf.sent != Sent::LeafOnly {
            sent.extend(issuers.iter().take(1).cloned());
        }
        if leaf.sent == Sent::WithRoot {
            sent.extend(issuers.iter().skip(1).cloned());
        }
        if leaf.issued == Issued::Cross {
            sent.push(self.below_both_by_b.clone());
        }
        let key = if leaf.foreign_key { KeyPair::generate().map_err(LabError::crypto)? } else { key };
        Ok(Chain { sent, issuers, key: key.serialize_der() })
    }
}

fn set_validity(params: &mut CertificateParams, now: i64, from_days: i64, until_days: i64) {
    let instant = |days: i64| {
        let unix_seconds = (now + days * DAY).max(0).unsigned_abs();
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(unix_seconds)
    };
    params.not_before = instant(from_days);
    params.not_after = instant(until_days);
}

/// A public key without its private half.
struct Rsa512;

impl PublicKeyData for Rsa512 {
    fn der_bytes(&self) -> &[u8] {
        RSA_512_PUBLIC_KEY
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

fn authority_params(now: i64, name: &str, until_days: i64) -> Result<CertificateParams, LabError> {
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(LabError::crypto)?;
    params.distinguished_name.push(DnType::OrganizationName, "mxcensus lab");
    params.distinguished_name.push(DnType::CommonName, name);
    set_validity(&mut params, now, -800, until_days);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn root(now: i64, name: &str) -> Result<Authority, LabError> {
    let key = KeyPair::generate().map_err(LabError::crypto)?;
    let params = authority_params(now, name, 3650)?;
    let der = params.self_signed(&key).map_err(LabError::crypto)?.der().clone();
    let certificate = Certificate { der, spki: key.subject_public_key_info() };
    Ok(Authority { issuer: Issuer::new(params, key), certificate })
}

fn intermediate(now: i64, name: &str, parent: &Authority, until_days: i64) -> Result<Authority, LabError> {
    let key = KeyPair::generate().map_err(LabError::crypto)?;
    let mut params = authority_params(now, name, until_days)?;
    params.use_authority_key_identifier_extension = true;
    let der = params.signed_by(&key, &parent.issuer).map_err(LabError::crypto)?.der().clone();
    let certificate = Certificate { der, spki: key.subject_public_key_info() };
    Ok(Authority { issuer: Issuer::new(params, key), certificate })
}

pub(super) fn pem(der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
