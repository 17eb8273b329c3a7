//! Who is left alone: the opt-out list in force, shared by everything that contacts anybody.
//!
//! [`Net::connect`](super::net::Net::connect) asks it before each connection and [`Dns`](super::dns::Dns) before each question, so
//! nothing goes past it. The stages ask too, but only to save work.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use mxcensus_dataset::input::OptOut;
use mxcensus_rules::embedded_address::Nat64Prefix;
use mxcensus_rules::observation::Cname;

/// In which role somebody is known by a name: the list tells MX hosts from domains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// A domain, its policy host, or what publishes records for it.
    Domain,
    /// An MX host.
    MxHost,
}

/// Somebody who is to be contacted: everything that the list can know it by.
#[derive(Clone, Debug)]
pub struct Peer {
    /// What its names are names of.
    pub role: Role,
    /// Its name and those that it is an alias of; for a policy host its domain too.
    pub names: Arc<[String]>,
    /// The address that is contacted.
    pub ip: IpAddr,
}

impl Peer {
    /// A mail server: an MX host at one of its addresses.
    pub fn mail_server(host: &str, aliases: &[String], ip: IpAddr) -> Peer {
        let names = std::iter::once(host.to_owned()).chain(aliases.iter().cloned()).collect();
        Peer { role: Role::MxHost, names, ip }
    }

    /// A policy host at one of its addresses.
    pub fn policy_host(domain: &str, host: &str, aliases: &[Cname], ip: IpAddr) -> Peer {
        let aliases = aliases.iter().map(|cname| cname.target.clone());
        let names = [domain.to_owned(), host.to_owned()].into_iter().chain(aliases).collect();
        Peer { role: Role::Domain, names, ip }
    }
}

/// The list in force. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct LeftAlone(Arc<RwLock<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    list: Arc<OptOut>,
    nat64: Vec<Nat64Prefix>,
}

impl LeftAlone {
    /// The parties on this list.
    pub fn new(list: OptOut) -> LeftAlone {
        LeftAlone(Arc::new(RwLock::new(Inner { list: Arc::new(list), nat64: Vec::new() })))
    }

    /// The list.
    pub fn list(&self) -> Arc<OptOut> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).list.clone()
    }

    /// Another list takes its place, at once and everywhere.
    pub fn replace(&self, list: OptOut) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).list = Arc::new(list);
    }

    /// This network translates IPv4 addresses below these prefixes: who is on the list is left alone there too.
    pub fn set_nat64(&self, prefixes: Vec<Nat64Prefix>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).nat64 = prefixes;
    }

    /// Whether nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.list().is_empty()
    }

    /// Whether a question about this name is a question about somebody on the list. Labels that begin with `_`, and the
    /// `mta-sts` of a policy host, belong to the name below which they stand (RFC 8552, RFC 8461 §3.3).
    pub fn covers_name(&self, role: Role, name: &str) -> bool {
        let list = self.list();
        if list.is_empty() {
            return false;
        }
        let mut base = name;
        while let Some((_, parent)) = base.split_once('.').filter(|(label, _)| label.starts_with('_')) {
            base = parent;
        }
        match role {
            Role::MxHost => list.host(base),
            Role::Domain => {
                list.domain(base) || base.strip_prefix("mta-sts.").is_some_and(|domain| list.domain(domain))
            }
        }
    }

    /// Whether the address is on the list, in whatever form.
    pub fn covers_address(&self, ip: IpAddr) -> bool {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let translated = match ip {
            IpAddr::V6(ip) => {
                inner.nat64.iter().filter_map(|prefix| prefix.embedded(ip)).any(|ip| inner.list.address(ip.into()))
            }
            IpAddr::V4(_) => false,
        };
        translated || inner.list.address(ip)
    }

    /// Whether somebody is on the list, by any of its names or by its address.
    pub fn covers(&self, peer: &Peer) -> bool {
        self.covers_address(peer.ip) || peer.names.iter().any(|name| self.covers_name(peer.role, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> LeftAlone {
        LeftAlone::new(OptOut::parse(text).unwrap())
    }

    #[test]
    fn whom_a_question_is_about() {
        let left_alone = list("example.com\nmx:mail.example.net\n.below.example\n");
        let table = [
            (Role::Domain, "_mta-sts.example.com", true, "its record"),
            (Role::Domain, "_mxcensus-0011.example.com", true, "whether the resolver answers for it"),
            (Role::Domain, "_smtp._tls.example.com", true, "two labels"),
            (Role::Domain, "mta-sts.example.com", true, "its policy host"),
            (Role::Domain, "www.example.com", false, "another name"),
            (Role::MxHost, "_25._tcp.mail.example.net", true, "the TLSA records of an MX host"),
            (Role::Domain, "mail.example.net", false, "an MX host is no domain"),
            (Role::MxHost, "example.com", true, "a domain is its own MX host"),
            (Role::Domain, "_dmarc.a.below.example", true, "a suffix"),
        ];
        for (role, name, expected, why) in table {
            assert_eq!(left_alone.covers_name(role, name), expected, "{name}: {why}");
        }
    }

    #[test]
    fn an_address_is_known_in_every_form() {
        let left_alone = list("192.0.2.0/24\n");
        left_alone.set_nat64(Nat64Prefix::discover("2001:db8:64::192.0.0.170".parse().unwrap()).into_iter().collect());
        for ip in ["192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.1", "2002:c000:201::1", "2001:db8:64::192.0.2.1"]
        {
            assert!(left_alone.covers_address(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["192.0.3.1", "64:ff9b::192.0.3.1", "2001:db8:65::192.0.2.1"] {
            assert!(!left_alone.covers_address(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn somebody_is_known_by_any_name() {
        let left_alone = list("mx:real.example.net\n");
        let ip = IpAddr::from([192, 0, 2, 1]);
        assert!(left_alone.covers(&Peer::mail_server("mx.example.org", &["real.example.net".to_owned()], ip)));
        assert!(!left_alone.covers(&Peer::mail_server("mx.example.org", &[], ip)));
        left_alone.replace(OptOut::default());
        assert!(left_alone.is_empty());
    }
}
