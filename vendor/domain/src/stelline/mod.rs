#![doc = include_str!("README.md")]
#![cfg(feature = "unstable-stelline")]
mod matches;

pub mod channel;
pub mod client;
pub mod connect;
pub mod connection;
pub mod dgram;
pub mod parse_stelline;
pub mod server;
pub mod simple_dgram_client;
