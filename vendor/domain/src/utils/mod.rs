//! Various utility modules.

pub mod base16;
pub mod base32;
pub mod base64;

pub mod dst;

#[cfg(feature = "net")]
pub(crate) mod config;
