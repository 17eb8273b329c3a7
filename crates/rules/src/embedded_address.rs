//! IPv4 addresses inside IPv6 addresses: a packet to the IPv6 address reaches the host of the IPv4 address.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A prefix under which a network's translator (NAT64) shows IPv4 addresses: the address, and its length in bits, one of
/// 32, 40, 48, 56, 64 and 96 (RFC 6052 §2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nat64Prefix {
    address: Ipv6Addr,
    bits: u8,
}

/// The lengths that RFC 6052 §2.2 allows.
const LENGTHS: [u8; 6] = [96, 64, 56, 48, 40, 32];

/// The prefix that every network may use: 64:ff9b::/96 (RFC 6052 §2.1).
const WELL_KNOWN: Nat64Prefix = Nat64Prefix { address: Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), bits: 96 };

/// The addresses that `ipv4only.arpa` has over IPv4 (RFC 7050 §8.2).
const IPV4_ONLY: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 0, 170), Ipv4Addr::new(192, 0, 0, 171)];

impl Nat64Prefix {
    /// The prefix that a resolver used to make an IPv6 address of `ipv4only.arpa` (RFC 7050 §3); `None` where it is not
    /// made from one of that name's addresses.
    pub fn discover(answer: Ipv6Addr) -> Option<Nat64Prefix> {
        LENGTHS.into_iter().find_map(|bits| {
            let prefix = Nat64Prefix { address: masked(answer, bits), bits };
            prefix.embedded(answer).filter(|ip| IPV4_ONLY.contains(ip)).map(|_| prefix)
        })
    }

    /// The IPv4 address that stands in an address below this prefix (RFC 6052 §2.2: bits 64 to 71 are passed over).
    pub fn embedded(self, ip: Ipv6Addr) -> Option<Ipv4Addr> {
        if masked(ip, self.bits) != self.address {
            return None;
        }
        let octets = ip.octets();
        let mut found = octets.iter().enumerate().skip(usize::from(self.bits / 8)).filter(|(at, _)| *at != 8);
        let mut next = || found.next().map(|(_, octet)| *octet);
        Some(Ipv4Addr::new(next()?, next()?, next()?, next()?))
    }
}

/// Every IPv4 address that stands in an IPv6 address, of the forms that each network understands: mapped (RFC 4291
/// §2.5.5.2), compatible (§2.5.5.1), NAT64 (RFC 6052 §2.1; RFC 8215 in each length), 6to4 (RFC 3056 §2), Teredo's server and
/// client (RFC 4380 §4), and ISATAP (RFC 5214 §6.1).
pub fn embedded(ip: Ipv6Addr) -> Vec<Ipv4Addr> {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let mut found = Vec::new();
    match s {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => found.push(v4(high, low)),
        // RFC 8215: a network may take any prefix of RFC 6052's lengths out of 64:ff9b:1::/48.
        [0x64, 0xff9b, 1, ..] => found.extend(
            [96, 64, 56, 48]
                .into_iter()
                .filter_map(|bits| Nat64Prefix { address: masked(ip, bits), bits }.embedded(ip)),
        ),
        [0x2002, high, low, ..] => found.push(v4(high, low)),
        [0x2001, 0, high, low, _, _, client_high, client_low] => {
            found.extend([v4(high, low), v4(!client_high, !client_low)]);
        }
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => found.push(v4(high, low)),
        _ => found.extend(WELL_KNOWN.embedded(ip)),
    }
    found
}

fn masked(ip: Ipv6Addr, bits: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
    Ipv6Addr::from(u128::from(ip) & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_behind_an_address() {
        let table: &[(&str, &[&str], &str)] = &[
            ("::ffff:192.0.2.1", &["192.0.2.1"], "mapped"),
            ("::192.0.2.1", &["192.0.2.1"], "compatible"),
            ("64:ff9b::192.0.2.1", &["192.0.2.1"], "the well-known prefix"),
            ("64:ff9b:1::192.0.2.1", &["192.0.2.1", "0.0.0.192"], "local use, in each length"),
            ("2002:c000:201::1", &["192.0.2.1"], "6to4"),
            ("2001:0:c000:201:0:0:3fff:fdfd", &["192.0.2.1", "192.0.2.2"], "Teredo: server and client"),
            ("fe80::5efe:192.0.2.1", &["192.0.2.1"], "ISATAP"),
            ("2001:db8::192.0.2.1", &[], "a prefix of its own"),
        ];
        for (ip, expected, why) in table {
            let found: Vec<String> = embedded(ip.parse().unwrap()).iter().map(ToString::to_string).collect();
            for ip in *expected {
                assert!(found.contains(&ip.to_string()), "{why}: {found:?} lacks {ip}");
            }
            assert_eq!(found.is_empty(), expected.is_empty(), "{why}: {found:?}");
        }
    }

    /// RFC 6052 §2.4.
    #[test]
    fn the_table_of_the_rfc() {
        for (prefix, bits, ip) in [
            ("2001:db8::", 32, "2001:db8:c000:221::"),
            ("2001:db8:100::", 40, "2001:db8:1c0:2:21::"),
            ("2001:db8:122::", 48, "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::", 96, "2001:db8:122:344::192.0.2.33"),
        ] {
            let prefix = Nat64Prefix { address: prefix.parse().unwrap(), bits };
            assert_eq!(prefix.embedded(ip.parse().unwrap()), Some(Ipv4Addr::new(192, 0, 2, 33)), "{ip}");
        }
    }

    #[test]
    fn a_prefix_is_discovered() {
        let found = Nat64Prefix::discover("2001:db8:122:344::192.0.0.170".parse().unwrap()).unwrap();
        assert_eq!(found.embedded("2001:db8:122:344::192.0.2.33".parse().unwrap()), Some(Ipv4Addr::new(192, 0, 2, 33)));
        assert_eq!(found.embedded("2001:db8:122:345::192.0.2.33".parse().unwrap()), None);
        assert_eq!(Nat64Prefix::discover("2001:db8::1".parse().unwrap()), None, "nothing of ipv4only.arpa is in it");
    }
}
