//! The rules as a tool.
pub mod crypto;
