//! The shell that talks to the network: it records what it saw and decides nothing.
pub mod dns;
