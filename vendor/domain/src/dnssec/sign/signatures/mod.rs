//! Signature generation.
pub mod rrsigs;
