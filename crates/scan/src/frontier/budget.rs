//! What one party can ask for: contacts below one registrable domain of MX hosts, in one network, and for the listed names below
//! one registrable domain.
//!
//! Names and addresses of a zone are free: without a budget a few hostile domains queue a million contacts, each at its own
//! address, and the crawl waits for them. Operators of the table are known to be large, and have their own pace.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Frontier, HostItem, Queue};
use crate::keys::{Once, key};
use crate::limits::Limits;
use crate::operators::Operators;
use crate::paced::network_of;
use mxcensus_rules::name;

/// The contacts that were begun.
pub(super) struct Budgets {
    by_domain: HashMap<u64, u32>,
    by_network: HashMap<IpAddr, u32>,
    domain_at_most: u32,
    network_at_most: u32,
    /// Of those that named a host first, by the registrable domain.
    by_asker: HashMap<Asker, Asked>,
    listed_at_most: u32,
}

/// The registrable domain of a listed name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Asker(u64);

impl Asker {
    /// Whose listed name this is.
    pub fn of(listed: &str) -> Asker {
        let domain = name::registrable(listed).unwrap_or(listed);
        Asker(xxhash_rust::xxh3::xxh3_64(domain.as_bytes()))
    }
}

/// What the listed names below one registrable domain asked for first.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    names: u32,
    contacts: u32,
}

impl Budgets {
    pub(super) fn new(limits: &Limits) -> Budgets {
        Budgets {
            by_domain: HashMap::new(),
            by_network: HashMap::new(),
            domain_at_most: limits.contacts_per_mx_domain,
            network_at_most: limits.contacts_per_network,
            by_asker: HashMap::new(),
            listed_at_most: limits.contacts_per_listed_name,
        }
    }

    /// A listed name leads to hosts that nobody named before: it has a share of its own.
    pub(super) fn add_listed(&mut self, asker: Asker) {
        let asked = self.by_asker.entry(asker).or_default();
        asked.names = asked.names.saturating_add(1);
    }

    /// How many of so many contacts the listed names may ask for; they are counted.
    pub(super) fn grant(&mut self, asker: Asker, wanted: u32) -> u32 {
        let asked = self.by_asker.entry(asker).or_default();
        let room = self.listed_at_most.saturating_mul(asked.names.max(1)).saturating_sub(asked.contacts);
        let granted = wanted.min(room);
        asked.contacts += granted;
        granted
    }

    /// Whether a new endpoint goes beyond what its host's domain, or its network, may ask for.
    pub(super) fn are_spent(&self, operators: &Operators, host: &str, ip: IpAddr) -> bool {
        if operators.knows(host) {
            return false;
        }
        let spent = |count: Option<&u32>, at_most| count.is_some_and(|count| *count >= at_most);
        spent(self.by_domain.get(&operators.of(host).id), self.domain_at_most)
            || spent(self.by_network.get(&network_of(ip)), self.network_at_most)
    }

    /// One more is contacted.
    pub(super) fn count(&mut self, operators: &Operators, host: &str, ip: IpAddr) {
        if !operators.knows(host) {
            *self.by_domain.entry(operators.of(host).id).or_default() += 1;
            *self.by_network.entry(network_of(ip)).or_default() += 1;
        }
    }
}

impl Frontier {
    /// Adds the MX hosts that a listed name leads to, each once per crawl. Gives those back that its budget leaves no room for;
    /// another listed name may still put them.
    pub fn put_hosts<'h>(&self, listed: &str, hosts: impl Iterator<Item = &'h str>) -> Vec<&'h str> {
        let asker = Asker::of(listed);
        let (mut beyond, mut is_counted, mut any) = (Vec::new(), false, false);
        let mut state = self.state();
        for host in hosts {
            let key = key(Once::Host, &[host.as_bytes()]);
            if state.seen.contains(key) {
                continue;
            }
            if !state.operators.knows(host) {
                if !std::mem::replace(&mut is_counted, true) {
                    state.budgets.add_listed(asker);
                }
                if state.budgets.grant(asker, 1) == 0 {
                    beyond.push(host);
                    continue;
                }
            }
            state.seen.insert(key);
            state.outstanding += 1;
            state.put[Queue::Hosts as usize] += 1;
            state.hosts.push_back(HostItem { host: host.into(), asker, attempts: 0 });
            any = true;
        }
        drop(state);
        if any {
            self.wake(Queue::Hosts);
        }
        beyond
    }

    /// How many of a host's addresses may be followed: one at least, and of the others what the budget of the listed names
    /// leaves that led to it.
    pub fn grant_addresses(&self, item: &HostItem, found: usize) -> usize {
        let mut state = self.state();
        if found <= 1 || state.operators.knows(&item.host) {
            return found;
        }
        1 + state.budgets.grant(item.asker, u32::try_from(found - 1).unwrap_or(u32::MAX)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators;

    #[test]
    fn listed_names_below_one_domain_share() {
        let mut budgets = Budgets::new(&Limits { contacts_per_listed_name: 5, ..Limits::default() });
        let asker = Asker::of("a.hostile.org");
        assert_eq!(asker, Asker::of("b.hostile.org"));
        budgets.add_listed(asker);
        assert_eq!((budgets.grant(asker, 1), budgets.grant(asker, 32), budgets.grant(asker, 1)), (1, 4, 0));
        budgets.add_listed(asker);
        assert_eq!(budgets.grant(asker, 32), 5, "another listed name has its share");
        let other = Asker::of("other.org");
        budgets.add_listed(other);
        assert_eq!(budgets.grant(other, 1), 1);
    }

    #[test]
    fn one_domain_and_one_network_have_their_budgets() {
        let limits = Limits { contacts_per_mx_domain: 3, contacts_per_network: 5, ..Limits::default() };
        let table = "[[operator]]\nname = 'Big'\ndomains = ['big.example']\nwhy = 'x'\n";
        let operators = Operators::new(operators::parse(table).unwrap().mail, &limits);
        let mut budgets = Budgets::new(&limits);
        let far = |n: u8| IpAddr::from([10, n, 0, 1]);
        for n in 0..3 {
            assert!(!budgets.are_spent(&operators, &format!("mx{n}.hostile.org"), far(n)));
            budgets.count(&operators, &format!("mx{n}.hostile.org"), far(n));
        }
        assert!(budgets.are_spent(&operators, "mx3.hostile.org", far(3)), "a fourth host of the domain");
        assert!(!budgets.are_spent(&operators, "mx.other.org", far(3)), "somebody else's host at the same place");
        for n in 0..5 {
            budgets.count(&operators, &format!("mx.d{n}.org"), [192, 0, 2, n].into());
        }
        assert!(budgets.are_spent(&operators, "mx.d9.org", [192, 0, 2, 9].into()), "a sixth contact in the network");
        for n in 0..100 {
            budgets.count(&operators, &format!("c{n}.big.example"), far(9));
        }
        assert!(!budgets.are_spent(&operators, "c100.big.example", far(9)), "the table knows that it is large");
    }
}
