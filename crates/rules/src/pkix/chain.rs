//! A chain as presented, read once: the leaf, and the other certificates in a canonical order.
//!
//! Order, duplicates and strangers in what a server sends carry no meaning (RFC 8446 §4.4.2 asks clients to
//! cope), so the others are deduplicated and sorted, and every answer is the same for every order.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use x509_parser::asn1_rs::{Any, FromDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::certificate::Facts;
use crate::signature::Checked;

/// At most so many distinct certificates beside the leaf are looked at: real chains have two or three,
/// and the work grows with the square.
const MAX_PRESENTED: usize = 100;

/// One certificate of a presented chain.
pub(crate) struct Presented<'a> {
    /// Where it first stands in the chain as sent; the leaf is 0.
    pub(crate) position: usize,
    pub(crate) der: &'a [u8],
    facts: OnceCell<Option<Facts<'a>>>,
}

impl<'a> Presented<'a> {
    pub(crate) fn new(position: usize, der: &'a [u8]) -> Self {
        Self { position, der, facts: OnceCell::new() }
    }

    /// What path validation asks of it; `None` for anything that is no certificate.
    pub(crate) fn facts(&self) -> Option<&Facts<'a>> {
        self.facts.get_or_init(|| parse(self.der).map(Facts::of)).as_ref()
    }

    /// As x509-parser reads it.
    pub(crate) fn x509(&self) -> Option<&X509Certificate<'a>> {
        self.facts().map(|facts| &facts.x509)
    }

    /// notBefore and notAfter, seconds since the Unix epoch.
    pub(crate) fn dates(&self) -> Option<(i64, i64)> {
        self.facts().map(Facts::dates)
    }

    /// Whether notBefore and notAfter let the certificate be used at the instant.
    pub(crate) fn is_in_date(&self, at: i64) -> bool {
        self.dates().is_none_or(|(from, to)| from <= at && at <= to)
    }

    /// The SubjectPublicKeyInfo, DER with its header, of a certificate whose other fields may be unreadable.
    pub(crate) fn public_key(&self) -> Option<&'a [u8]> {
        let certificate = sequence_content(self.der)?;
        let mut fields = sequence_content(certificate)?;
        // RFC 5280 §4.1: version, serialNumber, signature, issuer, validity, subject; the version may be absent.
        let has_version = fields.first() == Some(&0xa0);
        for _ in 0..if has_version { 6 } else { 5 } {
            (fields, _) = Any::from_der(fields).ok()?;
        }
        let (rest, _) = Any::from_der(fields).ok()?;
        fields.get(..fields.len() - rest.len())
    }
}

/// A presented chain. Its first certificate is the leaf (RFC 8446 §4.4.2), the rest is a set.
pub(crate) struct Chain<'a> {
    pub(crate) leaf: Presented<'a>,
    /// Without duplicates and without the leaf, sorted by DER.
    pub(crate) others: Vec<Presented<'a>>,
    /// Signatures that were checked, by child and public key: walks to the anchors of several stores share them.
    checked: RefCell<HashMap<(usize, Vec<u8>), Checked>>,
}

impl<'a> Chain<'a> {
    /// `None` for an empty chain.
    pub(crate) fn new(ders: &[&'a [u8]]) -> Option<Self> {
        let (leaf, rest) = ders.split_first()?;
        let mut others: Vec<(usize, &'a [u8])> = Vec::new();
        for (index, der) in rest.iter().enumerate() {
            if der != leaf && others.len() < MAX_PRESENTED && !others.iter().any(|(_, seen)| seen == der) {
                others.push((index + 1, der));
            }
        }
        others.sort_by(|a, b| a.1.cmp(b.1));
        Some(Self {
            leaf: Presented::new(0, leaf),
            others: others.into_iter().map(|(position, der)| Presented::new(position, der)).collect(),
            checked: RefCell::default(),
        })
    }

    /// What came of the signature of a node under a public key; `check` is asked where nobody asked before.
    pub(crate) fn checked(&self, child: usize, public_key: &[u8], check: impl FnOnce() -> Checked) -> Checked {
        let key = (child, public_key.to_vec());
        if let Some(known) = self.checked.borrow().get(&key) {
            return known.clone();
        }
        let checked = check();
        self.checked.borrow_mut().insert(key, checked.clone());
        checked
    }

    /// Node 0 is the leaf, node `n` is `others[n - 1]`.
    pub(crate) fn node(&self, node: usize) -> &Presented<'a> {
        match node.checked_sub(1) {
            None => &self.leaf,
            Some(index) => &self.others[index],
        }
    }

    /// The leaf and the others.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Presented<'a>> {
        std::iter::once(&self.leaf).chain(&self.others)
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
