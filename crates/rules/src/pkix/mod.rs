//! Certificates: what they say, and whether they hold (RFC 5280, RFC 9525).
//!
//! Pure: the trust store, the reference identifier and the instant are arguments. Start from
//! [`describe()`] (one certificate as a row of `certificates`), [`verify()`] (a presented chain against a
//! [`TrustStore`], a name and an instant) and [`TrustStore`].
//!
//! Path validation is rustls-webpki's. Around it stands what a survey wants to know and a client does
//! not: every failure that applies rather than the first, and every root that suffices on its own.
//!
//! Choices, where RFC 5280 leaves one:
//!
//! - A trust anchor is a name and a key (RFC 5280 §6.1.1): its own dates do not count.
//! - A leaf with `cA` TRUE is no failure in itself: RFC 5280 §6.1.4 (k) asks for the flag on issuers and §6.1.5
//!   does not look at it on the target. webpki refuses such leaves, so their path is checked here, and only
//!   where nothing on it asks for more than signatures, dates, usages and path lengths.
//! - A leaf that stands in the trust store itself is valid where it is self-signed (it is then a path of one
//!   certificate below its own anchor, RFC 5280 §6.1); a leaf issued by somebody else needs that issuer.
//! - What webpki and *ring* cannot check counts as `cert-invalid`: MD5 and SHA-1 signatures, RSA below 2048
//!   bits (RFC 9325 §4.5), X.509 v1, DSA issuers, P-256 and P-384 with SHA-512, more than six
//!   intermediates. TLS libraries of today refuse most of these too.
//! - Revocation is not looked at: senders of mail do not either.

mod chain;
mod describe;
mod distrust;
mod names;
mod path;
mod signature;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod verify;
mod walk;

pub use describe::describe;
pub use distrust::{DistrustAfter, IssuedBy};
pub use store::{TrustStore, TrustStoreError};
pub use verify::{PkixReading, leaf_names, leaf_not_after, turning_points, verify, verify_path};

pub(crate) use chain::{Chain, Presented, parse, parse_public_key, sequence_content};
pub(crate) use names::{Identifiers, is_named};
pub(crate) use path::{Anchor, Broken, Chaining, PathReading, examine};

use sha2::{Digest, Sha256};

/// The fingerprint of a certificate: lower-case hex SHA-256 of its DER.
pub fn fingerprint(der: &[u8]) -> String {
    hex::encode(Sha256::digest(der))
}
