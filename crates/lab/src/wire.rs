//! DNS on the wire, as little as the lab needs (RFC 1035 §4, RFC 4034 §6): [`Name`], [`Kind`] and the
//! builders of record data. Written apart from the libraries that the scanner uses, so that a mistake
//! is not made twice.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A domain name, lower case, its labels kept from the root downwards: the derived order is the
/// canonical order of RFC 4034 §6.1.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name {
    labels: Vec<Vec<u8>>,
}

impl Name {
    /// The root.
    pub fn root() -> Name {
        Name::default()
    }

    /// Reads `www.example.org`, with or without the final dot; `.` and the empty text are the root.
    pub fn new(text: &str) -> Name {
        let mut labels: Vec<Vec<u8>> =
            text.split('.').filter(|l| !l.is_empty()).map(|l| l.to_ascii_lowercase().into_bytes()).collect();
        labels.reverse();
        Name { labels }
    }

    /// Reads an uncompressed name from a question; returns it and the offset behind it.
    pub fn read(message: &[u8], mut at: usize) -> Option<(Name, usize)> {
        let mut labels = Vec::new();
        loop {
            let length = usize::from(*message.get(at)?);
            at += 1;
            match length {
                0 => break,
                1..=63 => {
                    labels.push(message.get(at..at + length)?.to_ascii_lowercase());
                    at += length;
                }
                _ => return None,
            }
        }
        labels.reverse();
        Some((Name { labels }, at))
    }

    /// Uncompressed wire form, which is also the canonical form (RFC 4034 §6.2).
    pub fn wire(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        for label in self.labels.iter().rev() {
            out.push(label.len() as u8);
            out.extend_from_slice(label);
        }
        out.push(0);
        out
    }

    /// The labels, the one next to the root first.
    pub fn labels(&self) -> &[Vec<u8>] {
        &self.labels
    }

    /// The name of these labels, the one next to the root first; they must be lower case and at most 63 octets.
    pub fn from_labels(labels: Vec<Vec<u8>>) -> Name {
        Name { labels }
    }

    /// How many labels, the root having none.
    pub fn depth(&self) -> usize {
        self.labels.len()
    }

    /// The name without its left-most label; the root is its own parent.
    pub fn parent(&self) -> Name {
        self.ancestor(self.depth().saturating_sub(1))
    }

    /// The ancestor (or self) with `depth` labels.
    pub fn ancestor(&self, depth: usize) -> Name {
        Name { labels: self.labels[..depth.min(self.labels.len())].to_vec() }
    }

    /// `label` put in front.
    pub fn child(&self, label: &str) -> Name {
        let mut labels = self.labels.clone();
        labels.push(label.to_ascii_lowercase().into_bytes());
        Name { labels }
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &Name) -> bool {
        self.labels.starts_with(&other.labels)
    }

    /// Whether the left-most label is `*` (RFC 4592 §2.1.1).
    pub fn is_wildcard(&self) -> bool {
        self.labels.last().is_some_and(|l| l == b"*")
    }

    /// This name, moved from below `from` to below `to` (DNAME substitution, RFC 6672 §2.2).
    pub fn rebased(&self, from: &Name, to: &Name) -> Name {
        let mut labels = to.labels.clone();
        labels.extend_from_slice(&self.labels[from.depth()..]);
        Name { labels }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for label in self.labels.iter().rev() {
            write!(f, "{}.", String::from_utf8_lossy(label))?;
        }
        if self.labels.is_empty() { f.write_str(".") } else { Ok(()) }
    }
}

/// A record type by its number (IANA "Resource Record (RR) TYPEs").
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Kind(pub u16);

#[allow(missing_docs, reason = "the IANA mnemonics")]
impl Kind {
    pub const A: Kind = Kind(1);
    pub const NS: Kind = Kind(2);
    pub const CNAME: Kind = Kind(5);
    pub const SOA: Kind = Kind(6);
    pub const MX: Kind = Kind(15);
    pub const TXT: Kind = Kind(16);
    pub const AAAA: Kind = Kind(28);
    pub const DNAME: Kind = Kind(39);
    pub const OPT: Kind = Kind(41);
    pub const DS: Kind = Kind(43);
    pub const RRSIG: Kind = Kind(46);
    pub const NSEC: Kind = Kind(47);
    pub const DNSKEY: Kind = Kind(48);
    pub const NSEC3: Kind = Kind(50);
    pub const NSEC3PARAM: Kind = Kind(51);
    pub const TLSA: Kind = Kind(52);
    pub const ANY: Kind = Kind(255);
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match *self {
            Kind::A => "A",
            Kind::NS => "NS",
            Kind::CNAME => "CNAME",
            Kind::SOA => "SOA",
            Kind::MX => "MX",
            Kind::TXT => "TXT",
            Kind::AAAA => "AAAA",
            Kind::DNAME => "DNAME",
            Kind::DS => "DS",
            Kind::DNSKEY => "DNSKEY",
            Kind::TLSA => "TLSA",
            // RFC 3597 §5.
            Kind(number) => return write!(f, "TYPE{number}"),
        };
        f.write_str(name)
    }
}

/// Record data of the types that scenes publish.
pub mod rdata {
    use super::{Ipv4Addr, Ipv6Addr, Name};

    /// A (RFC 1035 §3.4.1).
    pub fn a(address: Ipv4Addr) -> Vec<u8> {
        address.octets().to_vec()
    }

    /// AAAA (RFC 3596 §2.2).
    pub fn aaaa(address: Ipv6Addr) -> Vec<u8> {
        address.octets().to_vec()
    }

    /// MX (RFC 1035 §3.3.9).
    pub fn mx(preference: u16, host: &Name) -> Vec<u8> {
        [&preference.to_be_bytes()[..], &host.wire()].concat()
    }

    /// One TXT record of several strings (RFC 1035 §3.3.14).
    pub fn txt(strings: &[&[u8]]) -> Vec<u8> {
        strings.iter().flat_map(|s| s.chunks(255)).flat_map(|s| [&[s.len() as u8][..], s].concat()).collect()
    }

    /// TLSA (RFC 6698 §2.1).
    pub fn tlsa(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Vec<u8> {
        [&[usage, selector, matching], data].concat()
    }

    /// SOA (RFC 1035 §3.3.13); the last number is the negative time to live (RFC 2308 §4).
    pub fn soa(server: &Name, contact: &Name) -> Vec<u8> {
        let mut out = [server.wire(), contact.wire()].concat();
        for number in [1u32, 7200, 3600, 1_209_600, 300] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_canonically() {
        // RFC 4034 §6.1's own example, without the escaped octets.
        let sorted =
            ["example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example", "*.z.example"];
        let names: Vec<Name> = sorted.iter().map(|n| Name::new(n)).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    }

    #[test]
    fn names_round_trip() {
        let name = Name::new("_25._tcp.Mx.Example.NL.");
        assert_eq!(name.to_string(), "_25._tcp.mx.example.nl.");
        let wire = name.wire();
        assert_eq!(Name::read(&wire, 0), Some((name.clone(), wire.len())));
        assert_eq!(name.ancestor(2), Name::new("example.nl"));
        assert_eq!(Name::new("a.b.x.nl").rebased(&Name::new("x.nl"), &Name::new("y.org")), Name::new("a.b.y.org"));
        assert_eq!(Name::new("."), Name::root());
        assert_eq!(Name::read(&[0xc0, 0x0c], 0), None, "no compression in a question");
    }
}
