//! The watcher's own connections, counted: they are among the four that a (host, address) may get in one crawl.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::keys::endpoint_key;
use crate::left_alone::Peer;

/// A server that answered, and the connections that the crawl's own work made to it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Whom to ask.
    pub peer: Peer,
    /// Made so far under its host name.
    pub made: Arc<AtomicU32>,
}

impl Server {
    /// A server to which so many connections were made.
    pub fn new(peer: Peer, made: u32) -> Server {
        Server { peer, made: Arc::new(AtomicU32::new(made)) }
    }

    /// The MX host; for a policy host, its domain.
    pub fn host(&self) -> &str {
        self.peer.names.first().map_or("", String::as_str)
    }

    /// The name that tells whose it is.
    pub fn whose(&self) -> &str {
        self.peer.names.last().map_or("", String::as_str)
    }
}

/// One server per address.
impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.peer.ip == other.peer.ip
    }
}

/// How often the watcher asked each (host, address).
#[derive(Debug, Default)]
pub struct Asked(Mutex<HashMap<u128, u32>>);

impl Asked {
    /// One more.
    pub fn add(&self, host: &str, ip: IpAddr) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(endpoint_key(host, host, ip)).or_default() += 1;
    }

    /// So many so far, earlier runs included.
    pub fn count(&self, host: &str, ip: IpAddr) -> u32 {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_empty() { 0 } else { asked.get(&endpoint_key(host, host, ip)).copied().unwrap_or(0) }
    }

    /// Whether a server may get one more under this limit.
    pub fn allows(&self, server: &Server, at_most: u32) -> bool {
        server.made.load(Relaxed).saturating_add(self.count(server.host(), server.peer.ip)) < at_most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crawl_and_the_watcher_share_a_budget() {
        let ip = IpAddr::from([192, 0, 2, 1]);
        let server = Server::new(Peer::mail_server("mx.example.net", &[], ip), 1);
        let asked = Asked::default();
        for _ in 0..2 {
            assert!(asked.allows(&server, 4));
            asked.add("mx.example.net", ip);
        }
        server.made.fetch_add(1, Relaxed);
        assert!(!asked.allows(&server, 4), "four: two of the crawl's, two of the watcher's");
        assert_eq!(asked.count("mx.example.net", ip), 2);
        assert_eq!(asked.count("mx.example.org", ip), 0, "another host at the address");
    }
}
