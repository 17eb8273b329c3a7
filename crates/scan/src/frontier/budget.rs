//! What one party can ask for: contacts below one registrable domain of MX hosts, and in one network.
//!
//! Names and addresses of a zone are free: without a budget a few hostile domains queue a million contacts, each at its own
//! address, and the crawl waits for them. Operators of the table are known to be large, and have their own pace.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::limits::Limits;
use crate::operators::Operators;
use crate::paced::network_of;

/// The contacts that were begun.
pub(super) struct Budgets {
    by_domain: HashMap<u64, u32>,
    by_network: HashMap<IpAddr, u32>,
    domain_at_most: u32,
    network_at_most: u32,
}

impl Budgets {
    pub(super) fn new(limits: &Limits) -> Budgets {
        Budgets {
            by_domain: HashMap::new(),
            by_network: HashMap::new(),
            domain_at_most: limits.contacts_per_mx_domain,
            network_at_most: limits.contacts_per_network,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators;

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
