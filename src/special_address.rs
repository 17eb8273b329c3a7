//! Addresses that no mail from elsewhere can reach.
//!
//! [`special`] answers for the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and
//! its updates; contents of 2025): a block whose "Globally Reachable" is not true is special. What
//! the registries leave to others is added here: multicast (RFC 5771, RFC 4291 2.7), and all of
//! IPv6 that IANA has not opened for global unicast, which is everything outside 2000::/3.
//!
//! One block is read more narrowly than its registry line: 64:ff9b::/96 counts as globally
//! reachable there, but what answers behind it is the reader's own translator (RFC 6052 3.1),
//! never the owner of the name, and it embeds private addresses as well as public ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is special-purpose; None: globally reachable unicast.
pub fn special(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => special_v4(ip),
        IpAddr::V6(ip) => special_v6(ip),
    }
}

/// A block of the registry, by first address and prefix length. The first that holds an address
/// speaks, so a part stands before the whole; `None` is a part that is globally reachable.
struct Block<A> {
    first: A,
    length: u32,
    why: Option<&'static str>,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u32, why: Option<&'static str>) -> Block<Ipv4Addr> {
    Block { first: Ipv4Addr::new(a, b, c, d), length, why }
}

const fn v6(first: [u16; 8], length: u32, why: Option<&'static str>) -> Block<Ipv6Addr> {
    let [a, b, c, d, e, f, g, h] = first;
    Block { first: Ipv6Addr::new(a, b, c, d, e, f, g, h), length, why }
}

/// IANA IPv4 Special-Purpose Address Registry, and multicast.
const V4: &[Block<Ipv4Addr>] = &[
    v4(0, 0, 0, 0, 8, Some("this-network")),                 // RFC 791 3.2
    v4(10, 0, 0, 0, 8, Some("private-use")),                 // RFC 1918
    v4(100, 64, 0, 0, 10, Some("shared-address-space")),     // RFC 6598
    v4(127, 0, 0, 0, 8, Some("loopback")),                   // RFC 1122 3.2.1.3
    v4(169, 254, 0, 0, 16, Some("link-local")),              // RFC 3927
    v4(172, 16, 0, 0, 12, Some("private-use")),              // RFC 1918
    v4(192, 0, 0, 9, 32, None),                              // RFC 7723: PCP anycast
    v4(192, 0, 0, 10, 32, None),                             // RFC 8155: TURN anycast
    v4(192, 0, 0, 0, 24, Some("ietf-protocol-assignments")), // RFC 6890 2.1
    v4(192, 0, 2, 0, 24, Some("documentation")),             // RFC 5737
    v4(192, 88, 99, 0, 24, Some("6to4-relay-anycast")),      // RFC 7526: deprecated
    v4(192, 168, 0, 0, 16, Some("private-use")),             // RFC 1918
    v4(198, 18, 0, 0, 15, Some("benchmarking")),             // RFC 2544
    v4(198, 51, 100, 0, 24, Some("documentation")),          // RFC 5737
    v4(203, 0, 113, 0, 24, Some("documentation")),           // RFC 5737
    v4(224, 0, 0, 0, 4, Some("multicast")),                  // RFC 5771
    v4(255, 255, 255, 255, 32, Some("limited-broadcast")),   // RFC 8190, RFC 919 7
    v4(240, 0, 0, 0, 4, Some("reserved")),                   // RFC 1112 4
];

/// IANA IPv6 Special-Purpose Address Registry, multicast, and the blocks around 2000::/3.
const V6: &[Block<Ipv6Addr>] = &[
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, Some("unspecified")), // RFC 4291 2.5.2
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, Some("loopback")),    // RFC 4291 2.5.3
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Some("ipv4-mapped")), // RFC 4291 2.5.5.2
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96, Some("ipv4-compatible")), // RFC 4291 2.5.5.1: deprecated
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Some("nat64")), // RFC 6052 3.1
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Some("nat64")), // RFC 8215
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, Some("discard-only")), // RFC 6666
    v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64, Some("dummy-prefix")), // RFC 9780
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Some("teredo")),  // RFC 4380
    v6([0x2001, 1, 0, 0, 0, 0, 0, 1], 128, None),           // RFC 7723: PCP anycast
    v6([0x2001, 1, 0, 0, 0, 0, 0, 2], 128, None),           // RFC 8155: TURN anycast
    v6([0x2001, 1, 0, 0, 0, 0, 0, 3], 128, None),           // RFC 9665: DNS-SD SRP anycast
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Some("benchmarking")), // RFC 5180
    v6([0x2001, 3, 0, 0, 0, 0, 0, 0], 32, None),            // RFC 7450: AMT
    v6([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48, None),        // RFC 7535: AS112
    v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, Some("orchid")), // RFC 4843: deprecated
    v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, None),         // RFC 7343: ORCHIDv2
    v6([0x2001, 0x30, 0, 0, 0, 0, 0, 0], 28, None),         // RFC 9374: drone remote ID
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Some("ietf-protocol-assignments")), // RFC 2928
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Some("documentation")), // RFC 3849
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Some("6to4")),    // RFC 3056
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Some("documentation")), // RFC 9637
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, Some("srv6-sids")), // RFC 9602
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Some("unique-local")), // RFC 4193
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Some("link-local")), // RFC 4291 2.5.6
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Some("site-local")), // RFC 3879: deprecated
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Some("multicast")), // RFC 4291 2.7
    v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, None),             // RFC 4291 2.4, IANA: global unicast
    v6([0, 0, 0, 0, 0, 0, 0, 0], 0, Some("reserved")),      // IANA IPv6 Address Space: reserved by IETF
];

fn special_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let bits = u32::from(ip);
    let holds = |block: &&Block<Ipv4Addr>| (bits ^ u32::from(block.first)).leading_zeros() >= block.length;
    V4.iter().find(holds).and_then(|block| block.why)
}

fn special_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let bits = u128::from(ip);
    let holds = |block: &&Block<Ipv6Addr>| (bits ^ u128::from(block.first)).leading_zeros() >= block.length;
    V6.iter().find(holds).and_then(|block| block.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// First and last address of each block, and its neighbours on both sides.
    #[test]
    fn boundaries() {
        let cases: &[(&str, Option<&str>)] = &[
            ("0.0.0.0", Some("this-network")),
            ("0.255.255.255", Some("this-network")),
            ("1.0.0.0", None),
            ("9.255.255.255", None),
            ("10.0.0.0", Some("private-use")),
            ("10.255.255.255", Some("private-use")),
            ("11.0.0.0", None),
            ("100.63.255.255", None),
            ("100.64.0.0", Some("shared-address-space")),
            ("100.127.255.255", Some("shared-address-space")),
            ("100.128.0.0", None),
            ("126.255.255.255", None),
            ("127.0.0.0", Some("loopback")),
            ("127.255.255.255", Some("loopback")),
            ("128.0.0.0", None),
            ("169.253.255.255", None),
            ("169.254.0.0", Some("link-local")),
            ("169.254.255.255", Some("link-local")),
            ("169.255.0.0", None),
            ("172.15.255.255", None),
            ("172.16.0.0", Some("private-use")),
            ("172.31.255.255", Some("private-use")),
            ("172.32.0.0", None),
            ("191.255.255.255", None),
            ("192.0.0.0", Some("ietf-protocol-assignments")),
            ("192.0.0.8", Some("ietf-protocol-assignments")),
            ("192.0.0.9", None),
            ("192.0.0.10", None),
            ("192.0.0.11", Some("ietf-protocol-assignments")),
            ("192.0.0.170", Some("ietf-protocol-assignments")),
            ("192.0.0.255", Some("ietf-protocol-assignments")),
            ("192.0.1.0", None),
            ("192.0.1.255", None),
            ("192.0.2.0", Some("documentation")),
            ("192.0.2.255", Some("documentation")),
            ("192.0.3.0", None),
            ("192.31.196.1", None),
            ("192.52.193.1", None),
            ("192.88.98.255", None),
            ("192.88.99.0", Some("6to4-relay-anycast")),
            ("192.88.99.255", Some("6to4-relay-anycast")),
            ("192.88.100.0", None),
            ("192.167.255.255", None),
            ("192.168.0.0", Some("private-use")),
            ("192.168.255.255", Some("private-use")),
            ("192.169.0.0", None),
            ("192.175.48.1", None),
            ("198.17.255.255", None),
            ("198.18.0.0", Some("benchmarking")),
            ("198.19.255.255", Some("benchmarking")),
            ("198.20.0.0", None),
            ("198.51.99.255", None),
            ("198.51.100.0", Some("documentation")),
            ("198.51.100.255", Some("documentation")),
            ("198.51.101.0", None),
            ("203.0.112.255", None),
            ("203.0.113.0", Some("documentation")),
            ("203.0.113.255", Some("documentation")),
            ("203.0.114.0", None),
            ("223.255.255.255", None),
            ("224.0.0.0", Some("multicast")),
            ("239.255.255.255", Some("multicast")),
            ("240.0.0.0", Some("reserved")),
            ("255.255.255.254", Some("reserved")),
            ("255.255.255.255", Some("limited-broadcast")),
            ("::", Some("unspecified")),
            ("::1", Some("loopback")),
            ("::2", Some("ipv4-compatible")),
            ("::ffff:ffff", Some("ipv4-compatible")),
            ("::1:0:0", Some("reserved")),
            ("::fffe:ffff:ffff", Some("reserved")),
            ("::ffff:0.0.0.0", Some("ipv4-mapped")),
            ("::ffff:8.8.8.8", Some("ipv4-mapped")),
            ("::1:0:0:0", Some("reserved")),
            ("64:ff9b::", Some("nat64")),
            ("64:ff9b::255.255.255.255", Some("nat64")),
            ("64:ff9b::1:0:0", Some("reserved")),
            ("64:ff9b:1::", Some("nat64")),
            ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Some("nat64")),
            ("64:ff9b:2::", Some("reserved")),
            ("100::", Some("discard-only")),
            ("100::ffff:ffff:ffff:ffff", Some("discard-only")),
            ("100:0:0:1::", Some("dummy-prefix")),
            ("100:0:0:2::", Some("reserved")),
            ("1fff:ffff::", Some("reserved")),
            ("2000::", None),
            ("2000:ffff::", None),
            ("2001::", Some("teredo")),
            ("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Some("teredo")),
            ("2001:1::", Some("ietf-protocol-assignments")),
            ("2001:1::1", None),
            ("2001:1::2", None),
            ("2001:1::3", None),
            ("2001:1::4", Some("ietf-protocol-assignments")),
            ("2001:2::", Some("benchmarking")),
            ("2001:2:0:ffff::", Some("benchmarking")),
            ("2001:2:1::", Some("ietf-protocol-assignments")),
            ("2001:3::", None),
            ("2001:4:111::", Some("ietf-protocol-assignments")),
            ("2001:4:112::", None),
            ("2001:4:113::", Some("ietf-protocol-assignments")),
            ("2001:f:ffff::", Some("ietf-protocol-assignments")),
            ("2001:10::", Some("orchid")),
            ("2001:1f:ffff::", Some("orchid")),
            ("2001:20::", None),
            ("2001:2f:ffff::", None),
            ("2001:30::", None),
            ("2001:3f:ffff::", None),
            ("2001:40::", Some("ietf-protocol-assignments")),
            ("2001:1ff:ffff::", Some("ietf-protocol-assignments")),
            ("2001:200::", None),
            ("2001:db7:ffff::", None),
            ("2001:db8::", Some("documentation")),
            ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Some("documentation")),
            ("2001:db9::", None),
            ("2001:ffff::", None),
            ("2002::", Some("6to4")),
            ("2002:808:808::1", Some("6to4")),
            ("2002:ffff:ffff::", Some("6to4")),
            ("2003::", None),
            ("2606:4700::1", None),
            ("2620:4f:8000::1", None),
            ("3ffe:ffff::", None),
            ("3fff::", Some("documentation")),
            ("3fff:fff:ffff::", Some("documentation")),
            ("3fff:1000::", None),
            ("4000::", Some("reserved")),
            ("5eff:ffff::", Some("reserved")),
            ("5f00::", Some("srv6-sids")),
            ("5f00:ffff::", Some("srv6-sids")),
            ("5f01::", Some("reserved")),
            ("fbff::", Some("reserved")),
            ("fc00::", Some("unique-local")),
            ("fdff:ffff::", Some("unique-local")),
            ("fe00::", Some("reserved")),
            ("fe80::", Some("link-local")),
            ("febf:ffff::", Some("link-local")),
            ("fec0::", Some("site-local")),
            ("feff:ffff::", Some("site-local")),
            ("ff00::", Some("multicast")),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("multicast")),
        ];
        for (address, why) in cases {
            let ip: IpAddr = address.parse().unwrap();
            assert_eq!(special(ip), *why, "{address}");
        }
    }

    proptest! {
        /// The standard library knows part of the registry: what it knows, we call special.
        #[test]
        fn agrees_with_the_standard_library(v4 in any::<u32>(), v6 in any::<u128>()) {
            let ip = Ipv4Addr::from(v4);
            if ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation() {
                prop_assert!(special(IpAddr::V4(ip)).is_some());
            }
            let ip = Ipv6Addr::from(v6);
            if ip.is_multicast() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some() {
                prop_assert!(special(IpAddr::V6(ip)).is_some());
            }
            prop_assert!(special(IpAddr::V6(Ipv4Addr::from(v4).to_ipv6_mapped())).is_some());
        }
    }
}
