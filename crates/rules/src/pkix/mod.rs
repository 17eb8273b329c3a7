//! Certificates: what they say, and whether they hold (RFC 5280, RFC 9525).
//!
//! Pure: the trust store, the reference identifier and the instant are arguments. Start from
//! [`describe()`] (one certificate as a row of `certificates`), [`verify()`] (a presented chain against a
//! [`TrustStore`], a name and an instant) and [`TrustStore`].
//!
//! Paths are validated by RFC 5280 §6.1: `search` finds them, `path` holds one against the rules (`constraints`, `policy`),
//! `links` checks its signatures, `meter` bounds the work. Every failure that applies is told rather than the first, and every
//! root that suffices on its own. rustls-webpki is asked in tests, as a second opinion.
//!
//! Choices, where RFC 5280 leaves one:
//!
//! - A trust anchor is a name and a key (RFC 5280 §6.1.1) with its name constraints (RFC 5937): its dates, usages and path
//!   length do not count.
//! - A leaf with `cA` TRUE is not a failure in itself: RFC 5280 §6.1.4 (k) asks for the flag on issuers and §6.1.5
//!   does not look at it on the target.
//! - A leaf that stands in the trust store itself is valid where it is self-signed (it is then a path of one
//!   certificate below its own anchor, RFC 5280 §6.1); a leaf issued by somebody else needs that issuer.
//! - Extended key usage is nested, as OpenSSL, Go and webpki have it: where the leaf or an intermediate has the extension,
//!   serverAuth must be in it. anyExtendedKeyUsage alone is not enough (§4.2.1.12: an application may refuse it, and OpenSSL
//!   and webpki do).
//! - keyUsage counts on issuers (§6.1.4 (n)). §6.1 does not ask for it on the leaf.
//! - What nobody may rely on is `cert-invalid`: MD5 and SHA-1 signatures (RFC 6151, RFC 9155), RSA below 2048 bits
//!   (RFC 9325 §4.5). So are leaves and intermediates that are not of version 3.
//! - What cannot be checked here (other algorithms, RSA above 16,384 bits, constraints on forms of names that nobody applies) is
//!   `cert-unsupported`, and what costs too much is `cert-too-much-work`: both mean that we do not know.
//! - Revocation is not looked at: senders of mail do not either.

mod anchor;
mod certificate;
mod chain;
mod constraints;
mod describe;
mod distrust;
mod dn;
mod finding;
mod links;
mod meter;
mod names;
mod path;
mod policy;
mod refused_by;
mod search;
mod self_signature;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod verify;

pub use describe::describe;
pub use distrust::{DistrustAfter, IssuedBy};
pub use meter::WORK_MAX;
pub use refused_by::Verifier;
pub use store::{TrustStore, TrustStoreError};
pub use verify::{
    PkixReading, StoreReadings, leaf_names, leaf_not_after, turning_points, verify, verify_path, verify_path_under,
};

pub(crate) use anchor::Anchor;
pub(crate) use chain::{Chain, Presented, parse, parse_public_key};
pub(crate) use meter::Meter;
pub(crate) use names::{Identifiers, is_named};
pub(crate) use refused_by::openssl_refuses_anchor;
pub(crate) use search::{Broken, Chaining, PathReading, Walk};

use sha2::{Digest, Sha256};

/// The fingerprint of a certificate: lower-case hex SHA-256 of its DER.
pub fn fingerprint(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}
