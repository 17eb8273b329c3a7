//! Certificates for tests, made against fixed dates. What rcgen cannot make (X.509 v1, MD5, short RSA keys) was
//! made with the openssl tool and lies in `fixtures/`, valid from 2025 to 2040, the later ones from the end of 2026.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "it is made for tests"
)]

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
    date_time_ymd,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::der_parser::asn1_rs::Oid;

pub type Date = (i32, u8, u8);

pub const JAN_2025: Date = (2025, 1, 1);
pub const JAN_2026: Date = (2026, 1, 1);
pub const JAN_2027: Date = (2027, 1, 1);

/// The instant of most tests: 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600;

/// The first second of a day, since the Unix epoch.
pub fn seconds((year, month, day): Date) -> i64 {
    date_time_ymd(year, month, day).unix_timestamp()
}

/// Somebody who signs certificates.
pub struct Authority {
    pub params: CertificateParams,
    pub key: KeyPair,
    certificate: Certificate,
}

impl Authority {
    /// A root of this common name, valid in 2025 and 2026.
    pub fn root(name: &str) -> Self {
        Self::root_from(authority_params(name))
    }

    pub fn root_from(params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { params, key, certificate }
    }

    /// An authority below this one.
    pub fn intermediate(&self, name: &str) -> Self {
        self.intermediate_from(authority_params(name))
    }

    pub fn intermediate_from(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        Self { params, key, certificate }
    }

    /// The certificate of another authority's name and key, signed by this one.
    pub fn cross_sign(&self, other: &Authority, from: Date, to: Date) -> Vec<u8> {
        let mut params = other.params.clone();
        set_dates(&mut params, from, to);
        self.sign(&params, &other.key)
    }

    pub fn sign(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Vec<u8> {
        params.signed_by(key, &self.issuer()).unwrap().der().to_vec()
    }

    /// A leaf for these names with a new key, valid in 2025 and 2026.
    pub fn leaf(&self, names: &[&str]) -> Vec<u8> {
        self.sign(&leaf_params(names), &KeyPair::generate().unwrap())
    }

    pub fn der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// Its SubjectPublicKeyInfo.
    pub fn spki(&self) -> Vec<u8> {
        self.key.subject_public_key_info()
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

pub fn authority_params(name: &str) -> CertificateParams {
    let mut params = leaf_params(&[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Names, no common name, valid in 2025 and 2026.
pub fn leaf_params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    set_dates(&mut params, JAN_2025, JAN_2027);
    params
}

pub fn set_dates(params: &mut CertificateParams, from: Date, to: Date) {
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(to.0, to.1, to.2);
}

pub fn dated(mut params: CertificateParams, from: Date, to: Date) -> CertificateParams {
    set_dates(&mut params, from, to);
    params
}

/// The SubjectPublicKeyInfo of a certificate.
pub fn spki_of(der: &[u8]) -> Vec<u8> {
    super::parse(der).unwrap().public_key().raw.to_vec()
}

pub fn borrow(chain: &[Vec<u8>]) -> Vec<&[u8]> {
    chain.iter().map(Vec::as_slice).collect()
}

/// DER with its last byte changed: where that is a signature, it no longer holds.
pub fn flip_last_byte(mut der: Vec<u8>) -> Vec<u8> {
    if let Some(byte) = der.last_mut() {
        *byte ^= 1;
    }
    der
}

pub fn oid(text: &str) -> Oid<'static> {
    text.parse().unwrap()
}

/// One DER element of less than 64 KiB.
pub fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = if content.len() < 128 { vec![low] } else { vec![0x82, high, low] };
    [&[tag], length.as_slice(), &content].concat()
}

pub fn fixture(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

/// Leaves name mx.example; `*_ISSUED` are signed by [`fixtures::ROOT`].
pub mod fixtures {
    pub const ROOT: &str = include_str!("fixtures/root.pem");
    pub const RSA_2048_ISSUED: &str = include_str!("fixtures/rsa-2048-issued.pem");
    pub const RSA_1024_ISSUED: &str = include_str!("fixtures/rsa-1024-issued.pem");
    pub const RSA_1024_SELF_SIGNED: &str = include_str!("fixtures/rsa-1024-self-signed.pem");
    pub const RSA_512_SELF_SIGNED: &str = include_str!("fixtures/rsa-512-self-signed.pem");
    pub const MD5_ISSUED: &str = include_str!("fixtures/md5-issued.pem");
    pub const MD5_SELF_SIGNED: &str = include_str!("fixtures/md5-self-signed.pem");
    pub const SHA1_ISSUED: &str = include_str!("fixtures/sha1-issued.pem");
    pub const SHA1_SELF_SIGNED: &str = include_str!("fixtures/sha1-self-signed.pem");
    pub const V1_ISSUED: &str = include_str!("fixtures/v1-issued.pem");
    pub const V1_SELF_SIGNED: &str = include_str!("fixtures/v1-self-signed.pem");
    pub const RSA_1024_SHA1: &str = include_str!("fixtures/rsa-1024-sha1.pem");
    pub const RSA_1024_SHA384: &str = include_str!("fixtures/rsa-1024-sha384.pem");
    pub const RSA_1024_SHA512: &str = include_str!("fixtures/rsa-1024-sha512.pem");
    pub const RSA_1024_PSS: &str = include_str!("fixtures/rsa-1024-pss.pem");
    pub const RSA_2048_SHA384: &str = include_str!("fixtures/rsa-2048-sha384.pem");
    pub const P521_SHA1: &str = include_str!("fixtures/p521-sha1.pem");
    pub const P521_SHA256: &str = include_str!("fixtures/p521-sha256.pem");
    pub const P521_SHA384: &str = include_str!("fixtures/p521-sha384.pem");
    pub const P521_SHA512: &str = include_str!("fixtures/p521-sha512.pem");
    /// A leaf with cA TRUE, signed with SHA-1, and its root.
    pub const SHA1_AUTHORITY_ISSUED: &str = include_str!("fixtures/sha1-authority-issued.pem");
    pub const SHA1_AUTHORITY_ROOT: &str = include_str!("fixtures/sha1-authority-root.pem");
}
