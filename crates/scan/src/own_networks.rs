//! Which addresses this machine reaches without a gateway: its own, and those of the networks that it is attached to.
//!
//! A lab lives there. A special-purpose address beyond a gateway is somebody else's, in a lab too. Read from the kernel's
//! main routing tables; where there are none to read, nothing but loopback counts. A default route names no network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RTF_GATEWAY and RTF_REJECT of `linux/route.h`.
const NO_NETWORK: u32 = 0x2 | 0x200;

/// Whether the most specific route to an address, the default route aside, leads to a network that this machine is attached to.
pub fn is_attached(ip: IpAddr) -> bool {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    ip.is_loopback()
        || match ip {
            IpAddr::V4(ip) => is_attached_v4(&read("/proc/net/route"), ip),
            IpAddr::V6(ip) => is_attached_v6(&read("/proc/net/ipv6_route"), ip),
        }
}

/// Of routes that hold the address, whether the one with the longest prefix needs no gateway.
fn is_direct(routes: impl Iterator<Item = (u32, u32)>) -> bool {
    routes.max_by_key(|(length, _)| *length).is_some_and(|(length, flags)| length > 0 && flags & NO_NETWORK == 0)
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, numbers in hex, addresses as the machine stores them.
fn is_attached_v4(table: &str, ip: Ipv4Addr) -> bool {
    let routes = table.lines().skip(1).filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let mut number = || u32::from_str_radix(fields.next()?, 16).ok();
        let (destination, _gateway, flags) = (number()?, number()?, number()?);
        let mask = u32::from_str_radix(fields.nth(3)?, 16).ok()?;
        let address = u32::from_ne_bytes(ip.octets());
        (address & mask == destination).then_some((mask.count_ones(), flags))
    });
    is_direct(routes)
}

/// `destination length source length next-hop metric references use flags device`, numbers in hex.
fn is_attached_v6(table: &str, ip: Ipv6Addr) -> bool {
    let routes = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [destination, length, _, _, _, _, _, _, flags, _] = fields[..] else { return None };
        let destination = u128::from_str_radix(destination, 16).ok()?;
        let (length, flags) = (u32::from_str_radix(length, 16).ok()?, u32::from_str_radix(flags, 16).ok()?);
        let same = (destination ^ u128::from(ip)).leading_zeros() >= length;
        same.then_some((length, flags))
    });
    is_direct(routes)
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    /// eth0 is 192.0.2.2/24 with a gateway; 10/8 goes over another gateway but for 10.1.2/24, which is attached.
    const V4: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t0000000A\t050200C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0
eth1\t0002010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
";

    #[test]
    fn attached_or_behind_a_gateway() {
        for (ip, attached) in
            [("192.0.2.77", true), ("192.0.3.1", false), ("10.0.0.1", false), ("10.1.2.3", true), ("172.16.0.1", false)]
        {
            assert_eq!(is_attached_v4(V4, ip.parse().unwrap()), attached, "{ip}");
        }
        assert!(!is_attached_v4("", [10, 0, 0, 1].into()));
        let on_link = "Iface\tDestination\ntun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
        assert!(!is_attached_v4(on_link, [10, 0, 0, 1].into()), "a default route without a gateway");
        assert!(!is_attached_v4("Iface\nnonsense\neth0 x y z\n", [10, 0, 0, 1].into()));
    }

    #[test]
    fn the_same_in_ipv6() {
        let zeros = "00000000000000000000000000000000";
        let route = |destination: &str, length: &str, hop: &str, flags: &str| {
            format!("{destination} {length} {zeros} 00 {hop} 00000100 00000001 00000000 {flags}     eth0\n")
        };
        let table = route("fd000000000000000000000000000000", "40", zeros, "00000001")
            + &route("fc000000000000000000000000000000", "07", "fd000000000000000000000000000001", "00000003")
            + &route(zeros, "00", "fd000000000000000000000000000001", "00000003");
        for (ip, attached) in [("fd00::77", true), ("fd00:0:0:1::1", false), ("2001:db8::1", false)] {
            assert_eq!(is_attached_v6(&table, ip.parse().unwrap()), attached, "{ip}");
        }
        assert!(!is_attached_v6(&route(zeros, "00", zeros, "00200200"), Ipv6Addr::LOCALHOST), "a reject route");
    }

    #[test]
    fn loopback_is_ours() {
        assert!(is_attached(Ipv4Addr::new(127, 9, 9, 9).into()));
        assert!(is_attached(Ipv6Addr::LOCALHOST.into()));
    }
}
