//! DANE for SMTP: TLSA records against a presented chain (RFC 7672, RFC 7671, RFC 6698).
//!
//! Pure. [`base_domain`] says which name the records are asked at, and whether DNSSEC covers them (RFC 7672 §2.2).
//! [`verify()`] holds records against a chain, reference identifiers and an instant, and gives a [`DaneReading`]. `record`
//! decodes a record once, [`usable`] says which records count, `matching` what their data is compared with, `peer` what each
//! makes of the chain, and `cause` guesses why none of them matches.
//!
//! Choices, where the RFCs leave one:
//!
//! - Usages 0 and 1 are unusable (RFC 7672 §3.1.3).
//! - Under usage 2 the leaf makes no anchor, neither by a digest nor by its certificate in the record: RFC 7671 §5.2
//!   speaks of an issuer, and such an operator meant usage 3. A bare key (2 1 0, RFC 7671 §5.2.3) names no issuer: a
//!   leaf that it signed chains to it, also where it is the leaf's own key. OpenSSL, and so Postfix, tells these cases apart alike.
//! - Under usage 2 the path is a PKIX path (RFC 6698 §2.1.1) by the rules of [`crate::pkix`], which ask nothing of an anchor's
//!   own dates, purposes or basic constraints: that is local policy (RFC 6698 §8). OpenSSL asks for them, so
//!   [`DaneReading::refused_by`] names it.
//! - What cannot be checked, or costs too much, is `undecided` and no mismatch.
//! - Under usage 3 nothing counts but the comparison (RFC 7671 §5.1).

pub mod base_domain;
pub mod base_domain_rules;
mod cause;
mod matching;
mod peer;
mod record;
pub mod usable;
mod verify;
mod words;

pub use matching::is_of_certificate;
pub use record::{Matching, Selector, Usage};
pub use usable::{Selection, is_usable, select};
pub use verify::{DaneReading, DaneResult, verify};
pub use words::{DaneInsecureCause, MismatchCause};
