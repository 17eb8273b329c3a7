//! Keys: 128 bits for each item that a crawl does once.

use std::net::IpAddr;

/// The kinds of key that are put once.
#[derive(Clone, Copy, Debug)]
pub enum Once {
    /// An input domain.
    Domain,
    /// A policy domain.
    Policy,
    /// An MX host.
    Host,
    /// A (host, server name, address).
    Endpoint,
    /// A certificate.
    Certificate,
}

/// 128 bits that stand for an item: collisions are less likely than a memory fault up to billions of items.
pub fn key(kind: Once, parts: &[&[u8]]) -> u128 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::with_seed(kind as u64);
    for part in parts {
        hasher.update(part);
        hasher.update(&[0]);
    }
    hasher.digest128()
}

/// The key of a domain in the set of those that have their row.
pub fn domain_key(domain: &str) -> u128 {
    key(Once::Domain, &[domain.as_bytes()])
}

/// The key of an endpoint, the same when it is put and when it is read back from the dataset.
pub fn endpoint_key(host: &str, server_name: &str, ip: IpAddr) -> u128 {
    key(Once::Endpoint, &[host.as_bytes(), server_name.as_bytes(), ip.to_string().as_bytes()])
}
