//! Who may have signed whom: a certificate under the key of one that bears its issuer's name (RFC 5280 §6.1.3 (a) (1), (4)).

use std::cell::RefCell;
use std::collections::HashMap;

use super::anchor::Anchor;
use super::certificate::Facts;
use super::chain::{Chain, parse_public_key};
use super::finding::Reason;
use super::meter::Meter;
use crate::signature::{self, Checked, Key, Scheme, Unreadable};

/// How one certificate hangs on another that bears its issuer's name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Link {
    /// Another authority of the same name, or not even that.
    None,
    /// The issuer by all marks, and the signature does not verify.
    Broken(Reason),
    /// The issuer by all marks, and the signature cannot be checked.
    Unchecked(Reason),
    /// The signature verifies.
    Verified,
}

impl Link {
    /// Whether it may hold.
    pub(crate) fn may_hold(&self) -> bool {
        matches!(self, Self::Verified | Self::Unchecked(_))
    }

    /// What is wrong with it.
    pub(crate) fn reason(self) -> Option<Reason> {
        match self {
            Self::Broken(reason) | Self::Unchecked(reason) => Some(reason),
            Self::None | Self::Verified => None,
        }
    }
}

/// The links of a chain, each signature checked once.
pub(crate) struct Links<'c, 'a> {
    chain: &'c Chain<'a>,
    meter: &'c Meter,
    /// By child and issuer, as nodes of the chain.
    between: RefCell<HashMap<(usize, usize), Link>>,
    /// By child and anchor, as index into the anchors that the walk was made with.
    to_anchors: RefCell<HashMap<(usize, usize), Link>>,
    /// By child and public key: a certificate and the anchor made of it share their key, and so do cross-signed ones.
    signatures: RefCell<HashMap<(usize, Vec<u8>), Checked>>,
}

impl<'c, 'a> Links<'c, 'a> {
    pub(crate) fn new(chain: &'c Chain<'a>, meter: &'c Meter) -> Self {
        Self {
            chain,
            meter,
            between: RefCell::default(),
            to_anchors: RefCell::default(),
            signatures: RefCell::default(),
        }
    }

    /// From one node of the chain to another.
    pub(crate) fn between(&self, child: usize, issuer: usize) -> Link {
        let (Some(certificate), Some(authority)) = (self.chain.node(child).facts(), self.chain.node(issuer).facts())
        else {
            return Link::None;
        };
        if child == issuer || certificate.issuer != authority.subject {
            return Link::None;
        }
        remembered(&self.between, (child, issuer), || {
            let key = authority.x509.public_key();
            self.check(child, certificate, key.raw, &Key::of(key), authority.key_id.as_deref())
        })
    }

    /// From a node of the chain to an anchor.
    pub(crate) fn to_anchor(&self, child: usize, index: usize, anchor: &Anchor) -> Link {
        let Some(certificate) = self.chain.node(child).facts() else {
            return Link::None;
        };
        if certificate.issuer != anchor.subject {
            return Link::None;
        }
        remembered(&self.to_anchors, (child, index), || match parse_public_key(&anchor.public_key) {
            Some(key) => self.check(child, certificate, &anchor.public_key, &Key::of(&key), anchor.key_id.as_deref()),
            None => Link::None,
        })
    }

    /// The names agree already.
    fn check(&self, child: usize, certificate: &Facts<'_>, spki: &[u8], key: &Key<'_>, key_id: Option<&[u8]>) -> Link {
        // RFC 5280 §4.2.1.1: key identifiers tell apart the keys of one authority. Where they differ, or where a key of this
        // kind cannot have made the signature, it is another authority and not a broken signature.
        let is_another = matches!((certificate.authority_key_id.as_deref(), key_id), (Some(wanted), Some(offered)) if wanted != offered);
        let unless_another = |link| if is_another { Link::None } else { link };
        let scheme = match &certificate.scheme {
            Ok(scheme) if !key.may_sign_by(scheme) => return Link::None,
            Ok(scheme) => scheme,
            Err(Unreadable::Weak(_)) if !matches!(key, Key::Rsa(_)) => return Link::None,
            Err(Unreadable::Weak(name)) => {
                return unless_another(Link::Broken(Reason::WeakAlgorithm((*name).to_owned())));
            }
            Err(Unreadable::Malformed(what)) => return unless_another(Link::Broken(Reason::Algorithm(what))),
            Err(Unreadable::Unsupported(what)) => {
                return unless_another(Link::Unchecked(Reason::Unsupported(what.clone())));
            }
        };
        let checked = self.signatures.borrow().get(&(child, spki.to_vec())).cloned();
        let Some(checked) = checked.or_else(|| self.check_signature(child, certificate, scheme, spki, key)) else {
            return Link::Unchecked(Reason::WorkUsedUp);
        };
        match checked {
            Checked::Good => Link::Verified,
            Checked::Bad => unless_another(Link::Broken(Reason::Signature(scheme.to_string()))),
            Checked::Unsupported(what) => unless_another(Link::Unchecked(Reason::Unsupported(what))),
        }
    }

    /// `None`: there is no work left for it.
    fn check_signature(
        &self,
        child: usize,
        certificate: &Facts<'_>,
        scheme: &Scheme,
        spki: &[u8],
        key: &Key<'_>,
    ) -> Option<Checked> {
        let message = certificate.x509.tbs_certificate.as_ref();
        let hashing = u64::try_from(message.len() / 512).unwrap_or(u64::MAX);
        // Spent by each walk for itself: an answer must not depend on which other walks there were.
        self.meter.spend(signature::work(scheme, key).saturating_add(hashing)).ok()?;
        let check = || signature::check(scheme, key, message, &certificate.x509.signature_value.data);
        let checked = self.chain.checked(child, spki, check);
        self.signatures.borrow_mut().insert((child, spki.to_vec()), checked.clone());
        Some(checked)
    }
}

fn remembered(
    memory: &RefCell<HashMap<(usize, usize), Link>>,
    key: (usize, usize),
    check: impl FnOnce() -> Link,
) -> Link {
    if let Some(known) = memory.borrow().get(&key) {
        return known.clone();
    }
    let found = check();
    memory.borrow_mut().insert(key, found.clone());
    found
}
