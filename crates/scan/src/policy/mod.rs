//! Policies (RFC 8461 §3.3): from the name of a policy domain to the row that is written, all in this folder.
//!
//! `queue` looks the policy host up, waits for its addresses and decides whether another attempt is made. `fetch`
//! makes one attempt at one address: a handshake that accepts any certificate (the judge says later whether it held) and
//! one GET. `http` is the request and its answer, `coding` undoes a compressed body, and `attempts` joins what several
//! attempts saw.

mod attempts;
mod coding;
mod fetch;
mod http;
pub(crate) mod queue;

use std::time::Duration;

pub use fetch::{Fetched, fetch};
pub use http::{MAX_BODY, read_answer};

/// How a policy is fetched, and how long each step may take.
#[derive(Clone, Debug)]
pub struct PolicySettings {
    /// Where the operator of a policy host can read about us; stands in User-Agent.
    pub contact: Option<String>,
    /// For the TCP connection to one address. 10 s: covers two lost SYNs (retries after 1 and 3 s).
    pub connect_timeout: Duration,
    /// For the TLS handshake. 15 s: two round trips and a signature.
    pub tls_timeout: Duration,
    /// For the whole fetch. 60 s: RFC 8461 §3.3 suggests one minute.
    pub total_timeout: Duration,
}

impl PolicySettings {
    /// The defaults, with a contact for User-Agent where there is one.
    pub fn new(contact: Option<String>) -> PolicySettings {
        PolicySettings {
            contact,
            connect_timeout: Duration::from_secs(10),
            tls_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(60),
        }
    }

    fn user_agent(&self) -> String {
        let contact = self.contact.as_ref().map(|contact| format!(" (+{contact})")).unwrap_or_default();
        format!("mxcensus/{}{contact}", env!("CARGO_PKG_VERSION"))
    }
}

#[cfg(test)]
mod tests;
