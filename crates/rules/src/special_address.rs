//! Addresses that no mail from elsewhere can reach.
//!
//! [`special`] answers for the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and
//! its updates; as of 2025-10-09, `tests/data/iana`): a block whose "Globally Reachable" is not true
//! is special. What the registries leave to others is added here: multicast (RFC 5771, RFC 4291 2.7),
//! and all of IPv6 that IANA has not opened for global unicast, which is everything outside 2000::/3.
//!
//! 64:ff9b::/96 is globally reachable by its registry line, and stands for the IPv4 address in its last
//! 32 bits: where that one is special, so is it (RFC 6052 3.1 forbids it).

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
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, None),         // RFC 6052 2.1: see special_v6
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
    // RFC 6052 3.1: the prefix must not stand before an IPv4 address that is not global.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = ip.segments() {
        let embedded = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
        return special_v4(embedded).map(|_| "nat64");
    }
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
            ("64:ff9b::8.8.8.8", None),
            ("64:ff9b::127.0.0.1", Some("nat64")),
            ("64:ff9b::10.0.0.1", Some("nat64")),
            ("64:ff9b::192.0.0.9", None),
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

    /// IANA's registries as published on 2025-10-09: see `tests/data/iana/README.md`.
    const REGISTRIES: [(&str, &str); 2] = [
        (
            include_str!("../../../tests/data/iana/iana-ipv4-special-registry-1.csv"),
            "e3e39e76d00b1677335db8e9a805c7b9480ea2f4dc9e33f0b93cd3a905128d73",
        ),
        (
            include_str!("../../../tests/data/iana/iana-ipv6-special-registry-1.csv"),
            "775feea0621dec8735a44fbf30f762e721e8f0a1b3ab7eb341961a88cfce2139",
        ),
    ];

    /// A line of a registry: a block, and whether it is globally reachable.
    #[derive(Debug)]
    struct Line {
        first: u128,
        length: u32,
        v4: bool,
        reachable: bool,
    }

    impl Line {
        fn host_bits(&self) -> u32 {
            if self.v4 { 32 - self.length } else { 128 - self.length }
        }

        fn last(&self) -> u128 {
            self.first | 1u128.checked_shl(self.host_bits()).map_or(u128::MAX, |one| one - 1)
        }

        fn holds(&self, ip: IpAddr) -> bool {
            self.v4 == ip.is_ipv4() && (self.first..=self.last()).contains(&bits(ip))
        }
    }

    fn bits(ip: IpAddr) -> u128 {
        match ip {
            IpAddr::V4(ip) => u32::from(ip).into(),
            IpAddr::V6(ip) => ip.into(),
        }
    }

    /// `None` beyond the last address of the family.
    fn address(bits: u128, v4: bool) -> Option<IpAddr> {
        if v4 {
            u32::try_from(bits).ok().map(|bits| Ipv4Addr::from(bits).into())
        } else {
            Some(Ipv6Addr::from(bits).into())
        }
    }

    /// Cells may carry footnotes, `False [1]`, and a line may hold two blocks.
    fn registry() -> Vec<Line> {
        let word = |cell: &str| cell.split(" [").next().unwrap_or_default().to_owned();
        let mut lines = Vec::new();
        for (text, digest) in REGISTRIES {
            let found = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
            assert_eq!(hex::encode(found), digest, "the file is as IANA published it");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let headers = reader.headers().unwrap().clone();
            let column = |name| headers.iter().position(|header| header == name).unwrap();
            let (blocks, reachable) = (column("Address Block"), column("Globally Reachable"));
            for record in reader.records() {
                let record = record.unwrap();
                for block in record[blocks].split(", ") {
                    let block = word(block);
                    let (first, length) = block.split_once('/').unwrap();
                    let first: IpAddr = first.parse().unwrap();
                    let length = length.parse().unwrap();
                    let reachable = word(&record[reachable]) == "True";
                    lines.push(Line { first: bits(first), length, v4: first.is_ipv4(), reachable });
                }
            }
        }
        assert_eq!(lines.len(), 26 + 25);
        lines
    }

    /// What the registries say, and RFC 5771, RFC 4291 and RFC 6052 about what they do not list.
    fn is_special_by(registry: &[Line], ip: IpAddr) -> bool {
        if let IpAddr::V6(v6) = ip
            && let [0x64, 0xff9b, 0, 0, 0, 0, a, b] = v6.segments()
        {
            let ([a, b], [c, d]) = (a.to_be_bytes(), b.to_be_bytes());
            return is_special_by(registry, Ipv4Addr::new(a, b, c, d).into());
        }
        match registry.iter().filter(|line| line.holds(ip)).max_by_key(|line| line.length) {
            Some(line) => !line.reachable,
            None => match ip {
                IpAddr::V4(ip) => ip.is_multicast(),
                IpAddr::V6(ip) => ip.segments()[0] >> 13 != 1,
            },
        }
    }

    /// Each line of the registries: first and last address, those beside them, and the IPv4 ones as IPv6 spells them.
    #[test]
    fn as_the_registries_say() {
        let registry = registry();
        let (mut asked, mut refused) = (0, 0);
        for line in &registry {
            let ends = [line.first, line.last()];
            let around = ends.iter().flat_map(|&end| [end.wrapping_sub(1), end, end.wrapping_add(1)]);
            for ip in around.filter_map(|bits| address(bits, line.v4)) {
                let mut spellings = vec![ip];
                if let IpAddr::V4(v4) = ip {
                    let [a, b, c, d] = v4.octets();
                    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                    spellings.extend::<[IpAddr; 6]>([
                        v4.to_ipv6_mapped().into(),                                    // RFC 4291 2.5.5.2
                        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low).into(),     // RFC 6052 2.1
                        Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low).into(),     // RFC 8215
                        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into(),        // RFC 3056 2
                        Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !high, !low).into(), // RFC 4380 4
                        Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low).into(),             // RFC 4291 2.5.5.1
                    ]);
                }
                for ip in spellings {
                    let expected = is_special_by(&registry, ip);
                    assert_eq!(special(ip).is_some(), expected, "{ip}: {:?}, at {line:?}", special(ip));
                    asked += 1;
                    refused += u32::from(expected);
                }
            }
        }
        assert!(asked > 1000 && refused > 500 && asked - refused > 100, "{refused} of {asked} are special");
    }

    proptest! {
        /// Anywhere inside a line of the registries, and anywhere at all.
        #[test]
        fn as_the_registries_say_anywhere(at in any::<proptest::sample::Index>(), host in any::<u128>(), v4 in any::<u32>(), v6 in any::<u128>()) {
            let registry = registry();
            let line = at.get(&registry);
            let inside = line.first | host & (line.last() ^ line.first);
            let unicast = 1 << 125 | v6 >> 3;
            for ip in [address(inside, line.v4), address(v4.into(), true), address(v6, false), address(unicast, false)] {
                let ip = ip.unwrap();
                prop_assert_eq!(special(ip).is_some(), is_special_by(&registry, ip), "{}", ip);
            }
        }

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
