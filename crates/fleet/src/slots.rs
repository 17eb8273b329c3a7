//! Slots: the parts that a crawl is cut into. Which slot something belongs to is a pure function, and part of the format.

use std::fmt;
use std::net::IpAddr;

use mxcensus_scan::frontier::Child;
use mxcensus_scan::paced::network_of;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The seed of the hash; it never changes.
const SEED: u64 = 0x6d78_6365_6e73_7573;

/// More slots than this would only make small files.
pub const MOST_SLOTS: u16 = 1024;

/// One part of a crawl.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Slot(u16);

/// How a crawl is cut: so many slots for names and addresses, and one for all policies.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Slots {
    count: u16,
}

/// The slot of all policies: their limit is per address and they are few, so one owner fetches them all.
const POLICIES: u16 = u16::MAX;

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_policies() { f.write_str("policies") } else { write!(f, "s{:04}", self.0) }
    }
}

impl Slot {
    /// Whether it is the one of all policies.
    pub fn is_policies(self) -> bool {
        self.0 == POLICIES
    }
}

impl Slots {
    /// So many slots beside that of the policies: at least one, at most [`MOST_SLOTS`].
    pub fn new(count: u16) -> Slots {
        Slots { count: count.clamp(1, MOST_SLOTS) }
    }

    /// How many a crawl of so many domains has where nobody says it.
    pub fn for_domains(domains: u64) -> Slots {
        Slots::new(if domains < 1_000_000 { 16 } else { 64 })
    }

    /// How many slots there are, that of the policies left out.
    pub fn count(self) -> u16 {
        self.count
    }

    /// Every slot, that of the policies last.
    pub fn all(self) -> impl Iterator<Item = Slot> {
        (0..self.count).chain([POLICIES]).map(Slot)
    }

    /// The slot of a domain or an MX host, by its name.
    pub fn of_name(self, name: &str) -> Slot {
        self.of_bytes(name.as_bytes())
    }

    /// The slot of an address: that of its /24 or /48.
    pub fn of_address(self, ip: IpAddr) -> Slot {
        match network_of(ip.to_canonical()) {
            IpAddr::V4(network) => self.of_bytes(&network.octets()[..3]),
            IpAddr::V6(network) => self.of_bytes(&network.octets()[..6]),
        }
    }

    /// The slot of what a row leads to.
    pub fn of(self, child: &Child) -> Slot {
        match child {
            Child::Host(host) => self.of_name(host),
            Child::Policy(_) => Slot(POLICIES),
            Child::At(at) => self.of_address(at.ip),
        }
    }

    fn of_bytes(self, bytes: &[u8]) -> Slot {
        // The upper half of a product is spread like the hash, and needs no division.
        let wide = u128::from(xxh3_64_with_seed(bytes, SEED)) * u128::from(self.count);
        Slot((wide >> 64) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        let of = |count: u16, name: &str| Slots::new(count).of_name(name).to_string();
        let names = ["example.com", "mx1.example.net", "xn--bcher-kva.example", ""];
        let found: Vec<String> = names.iter().flat_map(|name| [of(16, name), of(64, name)]).collect();
        assert_eq!(found, VECTORS, "slots are part of the format");
        let addresses = ["192.0.2.1", "192.0.2.255", "198.51.100.7", "2001:db8:1::1", "2001:db8:1:ffff::2"];
        let found: Vec<String> =
            addresses.iter().map(|ip| Slots::new(64).of_address(ip.parse().unwrap()).to_string()).collect();
        assert_eq!(found, ADDRESSES);
    }

    const VECTORS: [&str; 8] = ["s0003", "s0013", "s0008", "s0033", "s0003", "s0015", "s0002", "s0010"];
    const ADDRESSES: [&str; 5] = ["s0021", "s0021", "s0029", "s0041", "s0041"];

    #[test]
    fn slots_are_about_as_large_and_networks_stay_together() {
        let slots = Slots::new(16);
        let mut sizes = std::collections::BTreeMap::<Slot, u32>::new();
        (0..16_000).for_each(|n| *sizes.entry(slots.of_name(&format!("d{n}.example"))).or_default() += 1);
        assert!(sizes.len() == 16 && sizes.values().all(|size| (800..1200).contains(size)), "{sizes:?}");
        for n in 0..=255 {
            assert_eq!(slots.of_address([192, 0, 2, n].into()), slots.of_address([192, 0, 2, 0].into()));
        }
        assert_eq!(slots.of_address("::ffff:192.0.2.9".parse().unwrap()), slots.of_address([192, 0, 2, 0].into()));
        assert_eq!(slots.of(&Child::Policy("example.com".into())).to_string(), "policies");
        assert_eq!((Slots::new(0).count(), slots.all().count()), (1, 17));
    }
}
