//! Signatures, checked: what certificates and handshakes are signed with. Public values only, so that timing gives nothing
//! away.
//!
//! [`Scheme::of`] reads an AlgorithmIdentifier (RFC 4055, RFC 5758, RFC 8410), [`Key::of`] a SubjectPublicKeyInfo, and
//! [`check`] holds a signature against both. *ring* does what it can; what it lacks (hashes of another length than the
//! curve's, other curves, RSA above 8192 bits, PSS with other salts) is done in `ecdsa` and `rsa`, Ed448 by crrl. [`work`] says beforehand what a check costs.

mod algorithm;
mod ecdsa;
mod hash;
mod key;
mod rsa;
mod weierstrass;

pub use algorithm::{Pss, Scheme, Unreadable};
pub use hash::Hash;
pub(crate) use key::bits;
pub use key::{Curve, Key};

use ring::signature::{ED25519, UnparsedPublicKey};

/// What came of checking a signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Checked {
    /// Made with this key over this message.
    Good,
    /// Not made so, or key and scheme do not go together.
    Bad,
    /// The kind of key, or its size, is beyond what can be checked here: which it is.
    Unsupported(String),
}

impl From<bool> for Checked {
    fn from(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

/// Whether `signature` over `message` was made by `scheme` with `key`.
pub fn check(scheme: &Scheme, key: &Key<'_>, message: &[u8], signature: &[u8]) -> Checked {
    match (scheme, key) {
        (_, Key::Malformed) => Checked::Bad,
        (_, Key::Other(algorithm)) => Checked::Unsupported(format!("a key of the algorithm {algorithm}")),
        (Scheme::RsaPkcs1(hash), Key::Rsa(key)) => rsa::check_pkcs1(key, *hash, message, signature),
        (Scheme::RsaPss(pss), Key::Rsa(key)) => rsa::check_pss(key, pss, message, signature),
        (Scheme::Ecdsa(hash), Key::Ec(curve, point)) => ecdsa::check(curve, point, *hash, message, signature),
        (Scheme::Ed25519, Key::Ed25519(point)) => {
            UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok().into()
        }
        (Scheme::Ed448, Key::Ed448(point)) => is_ed448(point, message, signature).into(),
        _ => Checked::Bad,
    }
}

/// RFC 8032 §5.2.7, without a context (RFC 8410 §3).
fn is_ed448(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    crrl::ed448::PublicKey::decode(point).is_some_and(|key| key.verify_raw(signature, message))
}

/// About how long a check takes, in microseconds of a machine of today, rounded up; what it takes per octet of the message is
/// left aside. It weighs one kind against another: no clock is read.
pub fn work(scheme: &Scheme, key: &Key<'_>) -> u64 {
    match (scheme, key) {
        (Scheme::RsaPkcs1(_) | Scheme::RsaPss(_), Key::Rsa(key)) => rsa::work(key),
        (Scheme::Ecdsa(hash), Key::Ec(curve, _)) => ecdsa::work(curve, *hash),
        (Scheme::Ed25519, Key::Ed25519(_)) => 100,
        (Scheme::Ed448, Key::Ed448(_)) => 1_500,
        _ => 1,
    }
}
