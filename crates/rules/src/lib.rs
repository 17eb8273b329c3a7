//! The rules of protected e-mail transport, and the words in which an observation is told.
//!
//! Everything here is pure: it reads no clock, no network, no file and no environment.
//!
//! - [`observation`]: what was seen on the wire, as plain rows. [`failure`] is its vocabulary, [`name`] and [`text`] its
//!   spelling, [`special_address`] the addresses that nobody is reached at (RFC 6890), [`embedded_address`] those inside others.
//! - One folder for each family of RFCs: [`mta_sts`] (RFC 8461), [`tlsrpt`] (RFC 8460), [`dane`] (RFC 6698, 7671, 7672),
//!   [`pkix`] (RFC 5280, 9525), [`smtp`] (RFC 5321, 3207).
//! - [`verdict`]: the rows and words in which a verdict is told; deciding them is another crate's work.
//! - [`eval`]: one rule over JSON Lines.
//! - [`mod@rule`]: the rule behind a decision, by name. `words!` declares closed vocabularies.
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

#[macro_use]
mod words;

pub mod dane;
pub mod due;
pub mod embedded_address;
pub mod eval;
pub mod failure;
pub mod mta_sts;
pub mod name;
pub mod observation;
pub mod pkix;
pub mod rule;
pub mod signature;
pub mod smtp;
pub mod special_address;
pub mod text;
pub mod tlsrpt;
pub mod verdict;
