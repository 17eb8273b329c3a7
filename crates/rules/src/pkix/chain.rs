//! A chain as presented, read once: the leaf, and the other certificates in a canonical order.
//!
//! Order, duplicates and strangers in what a server sends carry no meaning (RFC 8446 §4.4.2 asks clients to
//! cope), so the others are deduplicated and sorted, and every answer is the same for every order.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;
use x509_parser::asn1_rs::{Any, FromDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::walk::Link;

/// At most so many distinct certificates beside the leaf are looked at: real chains have two or three,
/// and the work grows with the square.
const MAX_PRESENTED: usize = 100;

/// One certificate of a presented chain.
pub(crate) struct Presented<'a> {
    /// Where it first stands in the chain as sent; the leaf is 0.
    pub position: usize,
    pub der: &'a CertificateDer<'a>,
    /// As webpki reads it: `None` for anything that path validation cannot use.
    pub webpki: Option<EndEntityCert<'a>>,
    x509: OnceCell<Option<X509Certificate<'a>>>,
}

impl<'a> Presented<'a> {
    pub fn new(position: usize, der: &'a CertificateDer<'a>) -> Self {
        Self { position, der, webpki: EndEntityCert::try_from(der).ok(), x509: OnceCell::new() }
    }

    /// As x509-parser reads it, which is more than webpki does: X.509 v1, unknown critical extensions.
    pub fn x509(&self) -> Option<&X509Certificate<'a>> {
        self.x509.get_or_init(|| parse(self.der)).as_ref()
    }

    /// notBefore and notAfter, seconds since the Unix epoch, both inclusive (RFC 5280 §4.1.2.5).
    pub fn dates(&self) -> Option<(i64, i64)> {
        self.x509().map(|x509| (x509.validity().not_before.timestamp(), x509.validity().not_after.timestamp()))
    }

    /// Whether notBefore and notAfter let the certificate be used at the instant.
    pub fn is_in_date(&self, at: i64) -> bool {
        self.dates().is_none_or(|(from, to)| from <= at && at <= to)
    }

    /// The SubjectPublicKeyInfo, DER with its header.
    pub fn public_key(&self) -> Option<Vec<u8>> {
        match (self.x509(), &self.webpki) {
            (Some(x509), _) => Some(x509.public_key().raw.to_vec()),
            (None, Some(webpki)) => Some(webpki.subject_public_key_info().to_vec()),
            (None, None) => None,
        }
    }

    /// The issuer's name: the content of the DER SEQUENCE, as webpki's trust anchors hold theirs.
    pub fn issuer(&self) -> Option<&[u8]> {
        match (&self.webpki, self.x509()) {
            (Some(webpki), _) => Some(webpki.issuer()),
            (None, Some(x509)) => sequence_content(x509.issuer().as_raw()),
            (None, None) => None,
        }
    }
}

/// A presented chain. Its first certificate is the leaf (RFC 8446 §4.4.2), the rest is a set.
pub(crate) struct Chain<'a> {
    pub leaf: Presented<'a>,
    /// Without duplicates and without the leaf, sorted by DER.
    pub others: Vec<Presented<'a>>,
    /// Links already checked, by index of child and issuer (see [`super::walk`]).
    pub links: RefCell<HashMap<(usize, usize), Link>>,
    /// Signatures checked so far.
    pub signature_checks: Cell<u32>,
}

impl<'a> Chain<'a> {
    /// `None` for an empty chain.
    pub fn new(ders: &'a [CertificateDer<'a>]) -> Option<Self> {
        let (leaf, rest) = ders.split_first()?;
        let mut others: Vec<(usize, &CertificateDer)> = Vec::new();
        for (index, der) in rest.iter().enumerate() {
            if der != leaf && others.len() < MAX_PRESENTED && !others.iter().any(|(_, seen)| *seen == der) {
                others.push((index + 1, der));
            }
        }
        others.sort_by(|a, b| a.1.as_ref().cmp(b.1.as_ref()));
        Some(Self {
            leaf: Presented::new(0, leaf),
            others: others.into_iter().map(|(position, der)| Presented::new(position, der)).collect(),
            links: RefCell::default(),
            signature_checks: Cell::new(0),
        })
    }
}

/// Reads a certificate of any version; `None` when it is not one, or when something follows it.
pub(crate) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

/// Reads a SubjectPublicKeyInfo; `None` when it is not one, or when something follows it.
pub(crate) fn parse_public_key(der: &[u8]) -> Option<SubjectPublicKeyInfo<'_>> {
    match SubjectPublicKeyInfo::from_der(der) {
        Ok(([], key)) => Some(key),
        _ => None,
    }
}

/// What stands inside one DER element, without its tag and length.
pub(crate) fn sequence_content(der: &[u8]) -> Option<&[u8]> {
    Any::from_der(der).ok().map(|(_, any)| any.data)
}
