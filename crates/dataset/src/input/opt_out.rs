//! The opt-out list: whom not to look at, because they asked not to be.
//!
//! One entry a line, `#` begins a comment:
//!
//! - `example.com`: that domain, and that name as an MX host;
//! - `.example.org`: every name below it, as a domain and as an MX host, not the name itself;
//! - `mx:mail.example.net`, `mx:.example.net`: an MX host, or every one below a name;
//! - `192.0.2.0/24`, `2001:db8::/32`, `198.51.100.7`: a network or an address.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use mxcensus_rules::embedded_address::embedded;
use mxcensus_rules::name;

/// A line of the list that cannot be understood. The whole list is refused then: a slip of the pen must not lead to
/// contacting someone who asked not to be contacted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("opt-out list, line {line}: {entry:?} is neither a domain, a suffix, an MX host nor a network: {reason}")]
pub struct OptOutError {
    /// From 1.
    pub line: usize,
    /// The entry as it stands there.
    pub entry: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Whom not to look at.
#[derive(Clone, Debug, Default)]
pub struct OptOut {
    domains: Names,
    hosts: Names,
    networks: Vec<IpNet>,
}

/// Names, and names whose descendants are meant.
#[derive(Clone, Debug, Default)]
struct Names {
    exact: HashSet<String>,
    below: HashSet<String>,
}

impl OptOut {
    /// Reads a list. Names may be in any script and case.
    pub fn parse(text: &str) -> Result<Self, OptOutError> {
        let mut list = OptOut::default();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if !entry.is_empty() {
                list.add(entry).map_err(|reason| OptOutError { line: index + 1, entry: entry.into(), reason })?;
            }
        }
        Ok(list)
    }

    fn add(&mut self, entry: &str) -> Result<(), String> {
        if let Ok(address) = entry.parse::<IpAddr>() {
            self.networks.push(canonical(address.into()));
        } else if let Some((address, _)) = entry.split_once('/') {
            // The library reads 096 as 96, others read it as octal: whom it means is not ours to guess.
            address.parse::<IpAddr>().map_err(|e| e.to_string())?;
            self.networks.push(canonical(entry.parse().map_err(|e| format!("{e}"))?));
        } else if let Some(host) = entry.strip_prefix("mx:") {
            self.hosts.add(host.trim())?;
        } else {
            self.domains.add(entry)?;
        }
        Ok(())
    }

    /// Whether the domain is on the list.
    pub fn domain(&self, name: &str) -> bool {
        self.domains.contain(name)
    }

    /// Whether the MX host is on the list: as a host, or by a domain entry that covers its name.
    pub fn host(&self, name: &str) -> bool {
        self.hosts.contain(name) || self.domains.contain(name)
    }

    /// Whether the address is in a network of the list, or holds an IPv4 address that is: mapped, NAT64, 6to4, Teredo.
    pub fn address(&self, address: IpAddr) -> bool {
        let listed = |address: IpAddr| self.networks.iter().any(|network| network.contains(&address));
        match address {
            IpAddr::V4(_) => listed(address),
            IpAddr::V6(v6) => listed(address) || embedded(v6).into_iter().any(|v4| listed(v4.into())),
        }
    }

    /// How many entries the list has.
    pub fn len(&self) -> usize {
        self.domains.len() + self.hosts.len() + self.networks.len()
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Names {
    fn add(&mut self, name: &str) -> Result<(), String> {
        match name.strip_prefix('.') {
            Some(suffix) => self.below.insert(to_ascii(suffix)?),
            None => self.exact.insert(to_ascii(name)?),
        };
        Ok(())
    }

    /// Names in the tables are lower-case A-labels already; anything else is folded here.
    fn contain(&self, name: &str) -> bool {
        let folded;
        let mut rest = name.strip_suffix('.').unwrap_or(name);
        if rest.bytes().any(|b| b.is_ascii_uppercase()) {
            folded = rest.to_ascii_lowercase();
            rest = &folded;
        }
        if self.exact.contains(rest) {
            return true;
        }
        while let Some((_, parent)) = rest.split_once('.') {
            if self.below.contains(parent) {
                return true;
            }
            rest = parent;
        }
        false
    }

    fn len(&self) -> usize {
        self.exact.len() + self.below.len()
    }
}

/// A network of IPv4 addresses inside IPv6, mapped (RFC 4291 2.5.5.2) or behind NAT64 (RFC 6052 2.1), as the IPv4 network
/// that it is.
fn canonical(network: IpNet) -> IpNet {
    let IpAddr::V6(address) = network.addr() else { return network };
    let holds_v4 = matches!(address.segments(), [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..]);
    let v4 = embedded(address).first().copied().filter(|_| holds_v4);
    match (v4, network.prefix_len().checked_sub(96)) {
        (Some(v4), Some(length)) => IpNet::new(v4.into(), length).unwrap_or(network),
        _ => network,
    }
}

fn to_ascii(name: &str) -> Result<String, String> {
    name::to_ascii(name).map_err(|e| e.explained().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let list = OptOut::parse(
            "\u{feff}# who asked\r\nExample.com  # by mail\r\n.example.org\n\nmx:mail.example.net\nmx:.provider.example\nB\u{fc}cher.example\n\
             192.0.2.0/24\n2001:db8::/32\n198.51.100.7\n",
        )
        .unwrap();
        assert_eq!(list.len(), 8);
        let domains = [
            ("example.com", true, "the domain"),
            ("EXAMPLE.com.", true, "however it is spelled"),
            ("xn--bcher-kva.example", true, "its A-label"),
            ("www.example.com", false, "not what is below it"),
            ("a.example.org", true, "below the suffix"),
            ("a.b.example.org", true, "far below"),
            ("example.org", false, "not the suffix itself"),
            ("badexample.org", false, "no label border"),
            ("mail.example.net", false, "an MX host is no domain"),
        ];
        for (name, expected, why) in domains {
            assert_eq!(list.domain(name), expected, "{name}: {why}");
        }
        let hosts = [
            ("mail.example.net", true, "the host"),
            ("mx.mail.example.net", false, "not what is below it"),
            ("mx1.provider.example", true, "below the name"),
            ("provider.example", false, "not the name itself"),
            ("example.com", true, "the domain is its own MX"),
            ("mx.example.org", true, "every name below the suffix"),
        ];
        for (name, expected, why) in hosts {
            assert_eq!(list.host(name), expected, "{name}: {why}");
        }
        let addresses = [
            ("192.0.2.255", true, "in the network"),
            ("192.0.3.0", false, "beside it"),
            ("::ffff:192.0.2.1", true, "IPv4 inside IPv6"),
            ("64:ff9b::192.0.2.1", true, "as a DNS64 shows it"),
            ("2002:c000:201::25", true, "6to4"),
            ("64:ff9b::192.0.3.1", false, "a neighbour, as a DNS64 shows it"),
            ("2001:db8:ffff::1", true, "in the network"),
            ("2001:db9::1", false, "beside it"),
            ("198.51.100.7", true, "the address"),
            ("198.51.100.8", false, "beside it"),
        ];
        for (address, expected, why) in addresses {
            assert_eq!(list.address(address.parse().unwrap()), expected, "{address}: {why}");
        }
    }

    #[test]
    fn one_bad_line_refuses_the_list() {
        let cases = [
            ("example.com\n192.0.2.0/33", 2, "no such prefix"),
            ("192.0.2.0/24/", 1, "no network"),
            ("096.0.2.0/24", 1, "a leading zero: decimal to some, octal to others"),
            ("*.example.com", 1, "no pattern"),
            ("example com", 1, "no name"),
            ("mx:", 1, "no host"),
            (".", 1, "not everyone"),
        ];
        for (text, line, why) in cases {
            assert_eq!(OptOut::parse(text).unwrap_err().line, line, "{text}: {why}");
        }
        assert!(OptOut::parse("# nobody\n").unwrap().is_empty());
    }

    #[test]
    fn the_example_is_understood() {
        let text = include_str!("../../../../inputs/opt-out.example.txt");
        assert!(OptOut::parse(text).unwrap().len() >= 4);
    }
}
