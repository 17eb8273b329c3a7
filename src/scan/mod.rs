//! The shell that talks to the network: it records what it saw and decides nothing.
pub mod dns;
pub mod net;
pub mod policy;
pub mod probe;
pub mod second_look;
pub mod tls;
