//! Who gets how many connections.
//!
//! An address that [`FEW`] domains of the sample lead to, or more, is extrapolated by itself: so many names as
//! [`super::distinct`] expects there, of which sampling lets a number through. All other addresses of an operator are one
//! [`Pool`]; operators that few domains lead to are one group together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::distinct::{Bound, Drawn, Met, Tally};
use super::{FEW, Mail, Sample};
use crate::paced::network_of;

/// The connections of a list, by address and by operator.
pub(super) struct Load {
    drawn: Drawn,
    bound: Bound,
    /// Names of one address that are contacted; none: all.
    at_most: Option<f64>,
    /// Every address of the sample.
    pub addresses: BTreeMap<IpAddr, AtAddress>,
    /// The operators that stand for themselves, by their place in the sample, and all others under `None`.
    pub groups: BTreeMap<Option<usize>, Group>,
}

/// What one address is in for.
pub(super) struct AtAddress {
    /// Domains of the sample that lead to it.
    pub domains: u64,
    /// Names at it: those of the list where it is extrapolated, else those of the sample.
    pub names: f64,
    /// Connections to them.
    pub connections: f64,
    /// The part of the names that each operator has, by its place in the sample.
    pub parts: Vec<(usize, f64)>,
    tally: Tally,
}

/// An operator, or those that few domains lead to.
#[derive(Default)]
pub(super) struct Group {
    /// Domains of the sample that lead to it.
    pub domains: u64,
    hosts: Tally,
    /// Distinct operators in it.
    members: Tally,
    /// Its addresses that are extrapolated, and its connections there.
    crowded: (u64, f64),
    pool: Pool,
}

/// Addresses that few domains lead to, each.
#[derive(Default)]
struct Pool {
    addresses: Tally,
    endpoints: Tally,
    /// To those of the sample.
    connections: f64,
}

impl Pool {
    fn connections(&self, load: &Load) -> f64 {
        if self.endpoints.seen == 0 {
            return 0.0;
        }
        let grown = self.connections * load.in_list(self.endpoints) / self.endpoints.seen as f64;
        load.at_most.map_or(grown, |names| grown.min(names * load.in_list(self.addresses)))
    }
}

impl AtAddress {
    fn is_crowded(&self) -> bool {
        self.domains >= FEW
    }

    /// Counted by address: hosts of several operators may share one.
    fn met(&self) -> Met {
        Met { domains: self.domains, own: false }
    }
}

impl Load {
    /// Works it out from a sample. `at_most` names are contacted at one address.
    pub(super) fn new(sample: &Sample, drawn: Drawn, bound: Bound, at_most: Option<f64>) -> Load {
        let named = Named::count(sample);
        let mut load = Load { drawn, bound, at_most, addresses: BTreeMap::new(), groups: BTreeMap::new() };
        let mut names: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
        for (index, host) in sample.hosts.iter().enumerate() {
            load.group(named.group_of(host.operator)).hosts.add(named.host(sample, index));
            host.addresses.iter().for_each(|ip| names.entry(*ip).or_default().push(index));
        }
        for (ip, hosts) in names {
            let address = load.at_address(sample, &named, ip, &hosts);
            if address.is_crowded() {
                load.add_crowded(&named, &address);
            } else {
                load.add_pooled(sample, &named, ip, &address, &hosts);
            }
            load.addresses.insert(ip, address);
        }
        let mut all_own = vec![true; sample.operators.len()];
        sample.hosts.iter().for_each(|host| all_own[host.operator] &= host.own);
        for (operator, (&domains, own)) in named.operators.iter().zip(all_own).enumerate() {
            load.group(named.group_of(operator)).members.add(Met { domains, own });
        }
        for (key, group) in &mut load.groups {
            group.domains = named.groups.get(key).copied().unwrap_or_default();
        }
        load
    }

    fn group(&mut self, key: Option<usize>) -> &mut Group {
        self.groups.entry(key).or_default()
    }

    fn at_address(&self, sample: &Sample, named: &Named, ip: IpAddr, hosts: &[usize]) -> AtAddress {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        hosts.iter().for_each(|&host| *counts.entry(sample.hosts[host].operator).or_default() += 1);
        let parts = counts.into_iter().map(|(operator, count)| (operator, count as f64 / hosts.len() as f64));
        let mut address = AtAddress {
            domains: named.addresses.get(&ip).copied().unwrap_or_default(),
            names: hosts.len() as f64,
            connections: 0.0,
            parts: parts.collect(),
            tally: hosts.iter().map(|&host| named.host(sample, host)).collect(),
        };
        if address.is_crowded() {
            address.names = self.in_list(address.tally);
        }
        address.connections = self.at_most.map_or(address.names, |names| names.min(address.names));
        address
    }

    fn add_crowded(&mut self, named: &Named, address: &AtAddress) {
        for (operator, part) in &address.parts {
            self.group(named.group_of(*operator)).crowded.1 += part * address.connections;
        }
        let groups: BTreeSet<_> = address.parts.iter().map(|(operator, _)| named.group_of(*operator)).collect();
        groups.into_iter().for_each(|key| self.group(key).crowded.0 += 1);
    }

    fn add_pooled(&mut self, sample: &Sample, named: &Named, ip: IpAddr, address: &AtAddress, hosts: &[usize]) {
        for (operator, part) in &address.parts {
            self.group(named.group_of(*operator)).pool.connections += part * address.connections;
        }
        let mut groups = BTreeSet::new();
        for &host in hosts {
            let key = named.group_of(sample.hosts[host].operator);
            self.group(key).pool.endpoints.add(named.host(sample, host));
            groups.insert(key);
        }
        for key in groups {
            let domains = named.of_group_at.get(&(key, ip)).copied().unwrap_or_default();
            self.group(key).pool.addresses.add(Met { domains, own: false });
        }
    }

    fn in_list(&self, tally: Tally) -> f64 {
        tally.in_list(self.drawn, self.bound)
    }

    /// Distinct MX hosts.
    pub(super) fn hosts(&self) -> f64 {
        self.groups.values().map(|group| self.in_list(group.hosts)).sum()
    }

    /// Distinct addresses.
    pub(super) fn addresses(&self) -> f64 {
        let crowded = self.addresses.values().filter(|address| address.is_crowded()).count();
        let others = self.addresses.values().filter(|address| !address.is_crowded());
        crowded as f64 + self.in_list(others.map(AtAddress::met).collect())
    }

    /// Distinct pairs of a host and an address.
    pub(super) fn endpoints(&self) -> f64 {
        let crowded = self.addresses.values().filter(|address| address.is_crowded()).map(|address| address.names);
        let pooled = self.groups.values().map(|group| self.in_list(group.pool.endpoints));
        crowded.sum::<f64>() + pooled.sum::<f64>()
    }

    /// First connections to all of them.
    pub(super) fn connections(&self) -> f64 {
        self.groups.values().map(|group| group.connections(self)).sum()
    }

    /// Connections into each network, by its first address, and the operators that they are to.
    pub(super) fn networks(&self, sample: &Sample) -> BTreeMap<IpAddr, Network> {
        let mut networks: BTreeMap<IpAddr, Network> = BTreeMap::new();
        for (ip, address) in &self.addresses {
            let network = networks.entry(network_of(*ip)).or_default();
            if address.is_crowded() {
                network.crowded += address.connections;
            } else {
                network.pool.addresses.add(address.met());
                network.pool.endpoints.merge(address.tally);
                network.pool.connections += address.connections;
            }
            for (operator, part) in &address.parts {
                *network.operators.entry(*operator).or_default() += part * address.connections;
            }
        }
        for domain in &sample.domains {
            let pooled = addresses_of(sample, &domain.mail)
                .filter(|ip| self.addresses.get(ip).is_some_and(|address| !address.is_crowded()));
            for first in pooled.map(network_of).collect::<BTreeSet<_>>() {
                networks.entry(first).or_default().domains += 1;
            }
        }
        networks
    }
}

impl Group {
    /// Its MX hosts in the list.
    pub(super) fn hosts(&self, load: &Load) -> f64 {
        load.in_list(self.hosts)
    }

    /// Its addresses.
    pub(super) fn addresses(&self, load: &Load) -> f64 {
        self.crowded.0 as f64 + load.in_list(self.pool.addresses)
    }

    /// Connections to it.
    pub(super) fn connections(&self, load: &Load) -> f64 {
        self.crowded.1 + self.pool.connections(load)
    }

    /// The mean number of connections to those of its addresses that few domains lead to, if they are as many as can be.
    pub(super) fn mean_connections(&self, load: &Load) -> f64 {
        self.pool.connections(load) / self.pool.addresses.in_list(load.drawn, Bound::Most).max(1.0)
    }

    /// How many operators it stands for.
    pub(super) fn members(&self, load: &Load) -> f64 {
        load.in_list(self.members)
    }
}

/// Connections into one /24 or /48.
#[derive(Default)]
pub(super) struct Network {
    /// Domains of the sample that lead to its pool.
    domains: u64,
    crowded: f64,
    pool: Pool,
    /// Connections of the sample by operator.
    pub operators: BTreeMap<usize, f64>,
}

impl Network {
    /// How many there are: of a network that few domains lead to, those of the sample.
    pub(super) fn connections(&self, load: &Load) -> f64 {
        let pooled = if self.domains < FEW { self.pool.connections } else { self.pool.connections(load) };
        self.crowded + pooled
    }
}

/// How many domains of the sample name each thing.
struct Named {
    hosts: Vec<u64>,
    operators: Vec<u64>,
    addresses: BTreeMap<IpAddr, u64>,
    groups: BTreeMap<Option<usize>, u64>,
    of_group_at: BTreeMap<(Option<usize>, IpAddr), u64>,
}

impl Named {
    /// A host that several domains name has an entry of its own; all others are under `None`.
    fn group_of(&self, operator: usize) -> Option<usize> {
        Some(operator).filter(|&operator| self.operators[operator] >= FEW)
    }

    fn host(&self, sample: &Sample, host: usize) -> Met {
        Met { domains: self.hosts[host], own: sample.hosts[host].own }
    }

    fn count(sample: &Sample) -> Named {
        let mut named = Named {
            hosts: vec![0; sample.hosts.len()],
            operators: vec![0; sample.operators.len()],
            addresses: BTreeMap::new(),
            groups: BTreeMap::new(),
            of_group_at: BTreeMap::new(),
        };
        for domain in &sample.domains {
            let hosts = hosts_of(&domain.mail);
            hosts.iter().for_each(|&host| named.hosts[host] += 1);
            let operators: BTreeSet<usize> = hosts.iter().map(|&host| sample.hosts[host].operator).collect();
            operators.into_iter().for_each(|operator| named.operators[operator] += 1);
            let addresses: BTreeSet<IpAddr> = addresses_of(sample, &domain.mail).collect();
            addresses.into_iter().for_each(|ip| *named.addresses.entry(ip).or_default() += 1);
        }
        // Which group an operator is in follows from how many name it.
        for domain in &sample.domains {
            let (mut groups, mut at) = (BTreeSet::new(), BTreeSet::new());
            for &host in hosts_of(&domain.mail) {
                let host = &sample.hosts[host];
                let group = named.group_of(host.operator);
                groups.insert(group);
                at.extend(host.addresses.iter().map(|ip| (group, *ip)));
            }
            groups.into_iter().for_each(|group| *named.groups.entry(group).or_default() += 1);
            at.into_iter().for_each(|key| *named.of_group_at.entry(key).or_default() += 1);
        }
        named
    }
}

fn hosts_of(mail: &Mail) -> &[usize] {
    match mail {
        Mail::Hosts(hosts) => hosts,
        Mail::Nowhere | Mail::OptedOut | Mail::Failed => &[],
    }
}

fn addresses_of<'s>(sample: &'s Sample, mail: &'s Mail) -> impl Iterator<Item = IpAddr> + 's {
    hosts_of(mail).iter().flat_map(|&host| sample.hosts[host].addresses.iter().copied())
}
