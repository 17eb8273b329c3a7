//! The rules alone: see `Cargo.toml` beside this file. That they compile without the rest is itself a test of their purity.
#![forbid(unsafe_code)]

pub mod dane;
pub mod eval;
pub mod failure;
pub mod judge;
pub mod mta_sts;
pub mod name;
mod nist_p521;
pub mod observation;
pub mod pkix;
pub mod smtp;
pub mod special_address;
pub mod text;
pub mod tlsrpt;
