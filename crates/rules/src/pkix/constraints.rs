//! Name constraints (RFC 5280 §4.2.1.10): every form of name that they can speak of.

use std::net::IpAddr;

use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};
use x509_parser::extensions::GeneralName;

use super::dn::DistinguishedName;
use super::finding::{short, short_bytes};
use super::meter::{Exhausted, Meter};

/// A form of name, as RFC 5280 §4.2.1.6 calls it.
pub(crate) type Form = &'static str;

const DNS: Form = "dNSName";
const DIRECTORY: Form = "directoryName";
const MAILBOX: Form = "rfc822Name";
const URI: Form = "uniformResourceIdentifier";
const ADDRESS: Form = "iPAddress";

/// How many comparisons cost a microsecond.
const COMPARISONS: usize = 8;

/// A name that a certificate gives to its subject.
#[derive(Clone, Debug)]
pub(crate) enum SubjectName<'a> {
    Dns(&'a str),
    Directory(DistinguishedName, String),
    Mailbox(&'a str),
    Uri(&'a str),
    Address(&'a [u8]),
    /// Of a form whose constraints cannot be applied here, or whose text cannot be read.
    Other(Form, &'a [u8]),
}

impl<'a> SubjectName<'a> {
    /// A name of a subjectAltName.
    pub(crate) fn of(name: &GeneralName<'a>) -> Self {
        match name {
            GeneralName::DNSName(name) => Self::Dns(name),
            GeneralName::DirectoryName(name) => Self::Directory(DistinguishedName::of(name), name.to_string()),
            GeneralName::RFC822Name(name) => Self::Mailbox(name),
            GeneralName::URI(name) => Self::Uri(name),
            GeneralName::IPAddress(octets) => Self::Address(octets),
            GeneralName::OtherName(_, value) => Self::Other("otherName", value),
            GeneralName::X400Address(any) => Self::Other("x400Address", any.data),
            GeneralName::EDIPartyName(any) => Self::Other("ediPartyName", any.data),
            GeneralName::RegisteredID(_) => Self::Other("registeredID", &[]),
            GeneralName::Invalid(tag, bytes) => Self::Other(form_of(*tag), bytes),
        }
    }

    fn form(&self) -> Form {
        match self {
            Self::Dns(_) => DNS,
            Self::Directory(..) => DIRECTORY,
            Self::Mailbox(_) => MAILBOX,
            Self::Uri(_) => URI,
            Self::Address(_) => ADDRESS,
            Self::Other(form, _) => form,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Dns(text) | Self::Mailbox(text) | Self::Uri(text) => short_bytes(text.as_bytes()),
            Self::Directory(_, text) => short_bytes(text.as_bytes()),
            Self::Address(octets) => address(octets).map_or_else(|| hex::encode(octets), |ip| ip.to_string()),
            Self::Other(_, bytes) => short(&hex::encode(bytes)),
        }
    }
}

fn form_of(tag: Tag) -> Form {
    match tag.0 {
        1 => MAILBOX,
        2 => DNS,
        4 => DIRECTORY,
        6 => URI,
        7 => ADDRESS,
        _ => "otherName",
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four: Option<[u8; 4]> = octets.try_into().ok();
    let sixteen: Option<[u8; 16]> = octets.try_into().ok();
    four.map(IpAddr::from).or(sixteen.map(IpAddr::from))
}

/// The base of a subtree.
#[derive(Clone, Debug)]
enum Subtree {
    Dns(String),
    Directory(DistinguishedName),
    Mailbox(String),
    Uri(String),
    Address { network: Vec<u8>, mask: Vec<u8> },
    Other(Form),
}

/// A nameConstraints extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

/// What a name has against constraints.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Violation {
    NotPermitted(Form, String),
    Excluded(Form, String),
    /// A constraint on a form that is not applied here, and a name of that form.
    Unsupported(Form),
}

impl NameConstraints {
    /// Reads the value of the extension; `None` for what is malformed, bounded by minimum or maximum (§4.2.1.10: they must
    /// not be used), or no network in CIDR style.
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let mut constraints = Self::default();
        for part in elements(sequence(value)?)? {
            let subtrees = match part.tag().0 {
                0 if part.class() == Class::ContextSpecific => &mut constraints.permitted,
                1 if part.class() == Class::ContextSpecific => &mut constraints.excluded,
                _ => return None,
            };
            for subtree in elements(part.data)? {
                subtrees.push(Subtree::read(&subtree)?);
            }
        }
        Some(constraints)
    }

    /// The forms that are constrained.
    pub(crate) fn forms(&self) -> impl Iterator<Item = Form> {
        self.permitted.iter().chain(&self.excluded).map(Subtree::form)
    }

    /// Whether a mailbox or a URI lies at a host below one whose own are excluded: not excluded (§4.2.1.10), and to some it is.
    pub(crate) fn excludes_below_a_host(&self, names: &[SubjectName<'_>]) -> bool {
        let is_below = |host: &str, base: &str| host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'));
        self.excluded.iter().any(|subtree| {
            names.iter().any(|name| match (subtree, name) {
                (Subtree::Mailbox(base), SubjectName::Mailbox(name)) => {
                    let host = name.rsplit_once('@').map(|(_, host)| host.to_ascii_lowercase());
                    host.is_some_and(|host| is_below(&host, &base.to_ascii_lowercase()))
                }
                (Subtree::Uri(base), SubjectName::Uri(uri)) => host_of(uri).is_some_and(|host| is_below(&host, base)),
                _ => false,
            })
        })
    }

    /// Holds the names of a certificate against the constraints (§6.1.3 (b), (c)).
    pub(crate) fn check(&self, names: &[SubjectName<'_>], meter: &Meter) -> Result<Result<(), Violation>, Exhausted> {
        let comparisons = (self.permitted.len() + self.excluded.len()).saturating_mul(names.len());
        meter.spend(u64::try_from(comparisons / COMPARISONS).unwrap_or(u64::MAX))?;
        Ok(names.iter().try_for_each(|name| self.check_name(name)))
    }

    fn check_name(&self, name: &SubjectName<'_>) -> Result<(), Violation> {
        let of_form = |subtrees: &'_ [Subtree]| subtrees.iter().any(|subtree| subtree.form() == name.form());
        if let SubjectName::Other(form, _) = name {
            let is_constrained = of_form(&self.permitted) || of_form(&self.excluded);
            let is_unreadable = matches!(*form, DNS | DIRECTORY | MAILBOX | URI | ADDRESS);
            return match (is_constrained, is_unreadable) {
                (false, _) => Ok(()),
                (true, true) => Err(Violation::NotPermitted(form, name.text())),
                (true, false) => Err(Violation::Unsupported(form)),
            };
        }
        if self.excluded.iter().any(|subtree| subtree.excludes(name)) {
            return Err(Violation::Excluded(name.form(), name.text()));
        }
        if of_form(&self.permitted) && !self.permitted.iter().any(|subtree| subtree.holds(name)) {
            return Err(Violation::NotPermitted(name.form(), name.text()));
        }
        // §4.2.1.10: a URI that names no host by a domain name cannot be held against a constraint and is refused.
        match name {
            SubjectName::Uri(uri) if of_form(&self.excluded) && host_of(uri).is_none() => {
                Err(Violation::Excluded(URI, name.text()))
            }
            _ => Ok(()),
        }
    }
}

impl Subtree {
    fn read(subtree: &Any<'_>) -> Option<Self> {
        if subtree.tag() != Tag::Sequence {
            return None;
        }
        let (bounds, base) = GeneralName::from_der(subtree.data).ok()?;
        // minimum DEFAULT 0 may be written out; anything else bounds the subtree.
        if !bounds.is_empty() && bounds != [0x80, 1, 0] {
            return None;
        }
        let lower = |text: &str| text.to_ascii_lowercase();
        Some(match base {
            GeneralName::DNSName(name) => Self::Dns(lower(name)),
            GeneralName::DirectoryName(name) => Self::Directory(DistinguishedName::of(&name)),
            GeneralName::RFC822Name(name) => Self::Mailbox(name.to_owned()),
            GeneralName::URI(name) => Self::Uri(lower(name)),
            GeneralName::IPAddress(octets) => {
                let (network, mask) = octets.split_at(octets.len() / 2);
                if !matches!(octets.len(), 8 | 32) || !is_cidr(mask) {
                    return None;
                }
                Self::Address { network: network.to_vec(), mask: mask.to_vec() }
            }
            GeneralName::OtherName(..) => Self::Other("otherName"),
            GeneralName::X400Address(_) => Self::Other("x400Address"),
            GeneralName::EDIPartyName(_) => Self::Other("ediPartyName"),
            GeneralName::RegisteredID(_) => Self::Other("registeredID"),
            GeneralName::Invalid(..) => return None,
        })
    }

    fn form(&self) -> Form {
        match self {
            Self::Dns(_) => DNS,
            Self::Directory(_) => DIRECTORY,
            Self::Mailbox(_) => MAILBOX,
            Self::Uri(_) => URI,
            Self::Address { .. } => ADDRESS,
            Self::Other(form) => form,
        }
    }

    /// Whether the name lies in the subtree.
    fn holds(&self, name: &SubjectName<'_>) -> bool {
        match (self, name) {
            (Self::Dns(base), SubjectName::Dns(name)) => is_dns_within(&name.to_ascii_lowercase(), base),
            (Self::Directory(base), SubjectName::Directory(name, _)) => name.is_within(base),
            (Self::Mailbox(base), SubjectName::Mailbox(name)) => is_mailbox_within(name, base),
            (Self::Uri(base), SubjectName::Uri(uri)) => host_of(uri).is_some_and(|host| is_host_within(&host, base)),
            (Self::Address { network, mask }, SubjectName::Address(octets)) => {
                octets.len() == network.len()
                    && octets.iter().zip(network).zip(mask).all(|((own, base), mask)| own & mask == base & mask)
            }
            _ => false,
        }
    }

    /// Whether the name lies in the subtree, or, being a wildcard, may stand for a name that does: a wildcard must not reach
    /// what is excluded (so too webpki and Go; RFC 5280 knows no wildcards).
    fn excludes(&self, name: &SubjectName<'_>) -> bool {
        self.holds(name)
            || match (self, name) {
                (Self::Dns(base), SubjectName::Dns(name)) => name
                    .strip_prefix("*.")
                    .zip(base.split_once('.'))
                    .is_some_and(|(parent, (first, rest))| !first.is_empty() && parent.eq_ignore_ascii_case(rest)),
                _ => false,
            }
    }
}

/// Zero or more labels added on the left; with a leading dot, which the RFC does not define for dNSName and all verifiers
/// know, one or more.
fn is_dns_within(name: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        _ if base.is_empty() => true,
        Some(_) => name.len() > base.len() && name.ends_with(base),
        None => name == base || name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.')),
    }
}

/// A mailbox, all mailboxes of a host, or (with a leading dot) all mailboxes of the hosts in a domain.
fn is_mailbox_within(name: &str, base: &str) -> bool {
    let Some((local, host)) = name.rsplit_once('@') else {
        return false;
    };
    let host = host.to_ascii_lowercase();
    match base.rsplit_once('@') {
        // RFC 5280 §4.2.1.6: the local part keeps its case, the host does not.
        Some((local_base, host_base)) => local == local_base && host.eq_ignore_ascii_case(host_base),
        None => is_host_within(&host, &base.to_ascii_lowercase()),
    }
}

/// A host itself, or (with a leading dot) any host below it.
fn is_host_within(host: &str, base: &str) -> bool {
    if base.starts_with('.') {
        host.len() > base.len() && host.ends_with(base)
    } else {
        host == base || base.is_empty()
    }
}

/// The host of a URI in lower case, where it has an authority (RFC 3986 §3.2) with a domain name.
fn host_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host_and_port.split_once(':').map_or(host_and_port, |(host, _)| host);
    let is_name = !host.is_empty() && !host.starts_with('[') && host.parse::<IpAddr>().is_err();
    is_name.then(|| host.to_ascii_lowercase())
}

fn is_cidr(mask: &[u8]) -> bool {
    let bits = mask.iter().map(|byte| byte.leading_ones()).take_while(|ones| *ones == 8).count();
    let rest = &mask[bits..];
    rest.first().is_none_or(|byte| byte.leading_ones() + byte.trailing_zeros() == 8 || *byte == 0)
        && rest.iter().skip(1).all(|byte| *byte == 0)
}

fn sequence(der: &[u8]) -> Option<&[u8]> {
    match Any::from_der(der) {
        Ok(([], any)) if any.tag() == Tag::Sequence && any.class() == Class::Universal => Some(any.data),
        _ => None,
    }
}

fn elements(mut der: &[u8]) -> Option<Vec<Any<'_>>> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let (rest, any) = Any::from_der(der).ok()?;
        elements.push(any);
        der = rest;
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::element;

    fn constraints(permitted: &[(u8, &[u8])], excluded: &[(u8, &[u8])]) -> Option<NameConstraints> {
        let subtrees = |tag: u8, bases: &[(u8, &[u8])]| {
            let all: Vec<Vec<u8>> =
                bases.iter().map(|(tag, base)| element(0x30, &[&element(0x80 | tag, &[base])])).collect();
            let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
            if all.is_empty() { Vec::new() } else { element(tag, &all) }
        };
        NameConstraints::read(&element(0x30, &[&subtrees(0xa0, permitted), &subtrees(0xa1, excluded)]))
    }

    fn check(permitted: &[(u8, &[u8])], excluded: &[(u8, &[u8])], name: SubjectName<'_>) -> Result<(), Violation> {
        constraints(permitted, excluded).unwrap().check(&[name], &Meter::new(1000)).unwrap()
    }

    #[test]
    fn each_form_has_its_own_way() {
        use SubjectName::{Address, Dns, Mailbox, Uri};
        let cases: &[(u8, &[u8], SubjectName<'_>, bool)] = &[
            (2, b"example.com", Dns("example.com"), true),
            (2, b"example.com", Dns("MX.Example.COM"), true),
            (2, b"example.com", Dns("badexample.com"), false),
            (2, b".example.com", Dns("mx.example.com"), true),
            (2, b".example.com", Dns("example.com"), false),
            (2, b"", Dns("anything"), true),
            (2, b"example.com", Dns("*.example.com"), true),
            (2, b"mx.example.com", Dns("*.example.com"), false),
            (1, b"a@example.com", Mailbox("a@EXAMPLE.com"), true),
            (1, b"a@example.com", Mailbox("A@example.com"), false),
            (1, b"example.com", Mailbox("a@example.com"), true),
            (1, b"example.com", Mailbox("a@mx.example.com"), false),
            (1, b".example.com", Mailbox("a@mx.example.com"), true),
            (1, b".example.com", Mailbox("a@example.com"), false),
            (1, b"example.com", Mailbox("example.com"), false),
            (6, b"example.com", Uri("https://u@example.com:8443/x?y#z"), true),
            (6, b"example.com", Uri("https://mx.example.com/"), false),
            (6, b".example.com", Uri("ldap://mx.example.com"), true),
            (6, b"example.com", Uri("urn:example.com"), false),
            (6, b"example.com", Uri("https://192.0.2.1/"), false),
            (7, &[192, 0, 2, 0, 255, 255, 255, 0], Address(&[192, 0, 2, 9]), true),
            (7, &[192, 0, 2, 0, 255, 255, 255, 0], Address(&[192, 0, 3, 9]), false),
            (7, &[192, 0, 2, 0, 255, 255, 255, 0], Address(&[0; 16]), false),
        ];
        for (tag, base, name, holds) in cases {
            assert_eq!(check(&[(*tag, base)], &[], name.clone()).is_ok(), *holds, "{base:?} {name:?}");
            let another_form = if *tag == 2 { (1, &b"x.example"[..]) } else { (2, &b"x.example"[..]) };
            assert_eq!(check(&[another_form], &[], name.clone()), Ok(()), "a form that is not constrained");
        }
        assert!(check(&[], &[(2, b"mx.example.com")], Dns("*.example.com")).is_err(), "a wildcard reaches it");
        assert!(check(&[], &[(2, b"mx.example.com")], Dns("www.example.com")).is_ok());
        assert!(check(&[], &[(6, b"x.example")], Uri("urn:a")).is_err(), "no host to hold against it");
        assert_eq!(
            check(&[(8, &[42])], &[], SubjectName::Other("registeredID", &[])),
            Err(Violation::Unsupported("registeredID"))
        );
    }

    #[test]
    fn what_is_malformed_is_no_constraint() {
        for address in [&[192, 0, 2, 0, 255, 0, 255, 0][..], &[192, 0, 2, 0], &[], &[1; 9]] {
            assert!(constraints(&[(7, address)], &[]).is_none(), "{address:?}");
        }
        assert!(constraints(&[(7, &[0; 8])], &[]).is_some());
        let bounded = element(0x30, &[&element(0xa0, &[&element(0x30, &[&[0x82, 1, b'a'], &[0x80, 1, 1]])])]);
        assert!(NameConstraints::read(&bounded).is_none(), "minimum 1");
        assert!(NameConstraints::read(&[0x31, 0]).is_none());
        assert!(NameConstraints::read(&[0x30, 0]).is_some());
    }

    #[test]
    fn comparisons_are_paid_for() {
        let many: Vec<(u8, &[u8])> = vec![(2, b"example.com"); 100];
        let names: Vec<SubjectName<'_>> = vec![SubjectName::Dns("mx.example.com"); 100];
        let constraints = constraints(&many, &[]).unwrap();
        assert_eq!(constraints.check(&names, &Meter::new(100)), Err(Exhausted));
    }
}
