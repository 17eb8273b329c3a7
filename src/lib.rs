//! mxcensus measures how well the world's e-mail transport is protected.
//!
//! A tour, in reading order:
//!
//! 1. [`observation`]: what was seen on the wire, as plain rows. [`failure`] is its vocabulary,
//!    [`name`] and [`text`] its spelling.
//! 2. The rules, one folder per RFC family, all pure: [`mta_sts`] (RFC 8461), [`tlsrpt`] (RFC 8460),
//!    [`dane`] (RFC 6698, 7671, 7672), [`pkix`] (RFC 5280, 9525), [`smtp`] (RFC 5321, 3207).
//! 3. [`judge`]: observations, a trust store and an instant in; verdicts out. Reads no clock and no
//!    network.
//! 4. [`dataset`]: columns (declared once), Parquet writer and reader, manifest.
//! 5. [`scan`]: the shell that talks to the network and only records.
//! 6. [`rejudge`]: runs the judge over a dataset; [`check`]: over one domain, with its reasons; [`doctor`]: can this
//!    vantage do it; [`plan`]: what a crawl will cost, before it; [`diff`]: compares two datasets; [`eval`]: one rule
//!    over JSON Lines. [`cli`], [`settings`]: what was asked for.
//! 7. `lab`: the simulated internet on loopback (cargo feature `lab`).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod check;
pub mod cli;
pub mod dane;
pub mod dataset;
#[cfg(feature = "lab")]
pub mod demo;
pub mod diff;
pub mod doctor;
pub mod eval;
pub mod failure;
pub mod input;
pub mod judge;
#[cfg(feature = "lab")]
pub mod lab;
pub mod mta_sts;
pub mod name;
mod nist_p521;
pub mod observation;
pub mod pkix;
pub mod plan;
pub mod rejudge;
pub mod scan;
pub mod settings;
pub mod smtp;
pub mod special_address;
pub mod summary;
pub mod text;
pub mod tlsrpt;
