//! How long it takes: each limit by itself, and the longest of them.

use std::cmp::Reverse;
use std::time::Duration;

use super::load::{AtAddress, Group, Load};
use super::{Manners, SESSION, Sample, Slowest};
use crate::paced::Pace;

mxcensus_rules::words! {
    /// What a crawl waits for.
    Binding {
        /// DNS questions a second.
        Resolver = "resolver",
        /// SMTP sessions under way at once.
        Sessions = "sessions",
        /// Connections a second into one network.
        Network = "network",
        /// Connections a second to one operator.
        Rate = "rate",
        /// Connections to one operator under way at once.
        AtOnce = "at-once",
        /// The rest of one address between two connections.
        Address = "address",
    }
}

/// Times of a load under the limits in force.
pub(super) struct Hours {
    /// What each limit takes by itself, the longest first.
    pub times: Vec<(Binding, Duration)>,
    /// The address that takes longest.
    pub slowest_address: Option<Slowest>,
    /// The network that takes longest.
    pub slowest_network: Option<Slowest>,
    /// What each group of [`Load::groups`] takes under the limit that holds it up most, in their order.
    pub of_groups: Vec<(Option<Binding>, Duration)>,
}

impl Hours {
    /// Works them out for a crawl that asks so many questions.
    pub(super) fn new(sample: &Sample, load: &Load, manners: &Manners, questions: f64) -> Hours {
        let sessions = load.connections() * SESSION.as_secs_f64() / manners.in_flight.max(1) as f64;
        let mut times = vec![(Binding::Sessions, seconds(sessions))];
        times.extend(
            manners
                .dns_per_s
                .map(|per_s| (Binding::Resolver, seconds(questions * manners.exchanges_per_question / per_s))),
        );
        let (mut slowest_address, mut slowest_network) = (None, None);
        let mut of_groups = Vec::new();
        let seen = Seen::new(sample, load);
        for (operator, group) in &load.groups {
            let waits = match *operator {
                _ if !manners.paced => Vec::new(),
                Some(operator) => seen.of_operator(sample, load, operator, group),
                None => seen.of_others(sample, load),
            };
            let longest = waits.iter().copied().max_by_key(|(_, time)| *time);
            of_groups.push(
                longest.map_or((None, Duration::ZERO), |(held_by, time)| {
                    (Some(held_by).filter(|_| !time.is_zero()), time)
                }),
            );
            times.extend(waits);
        }
        if manners.paced {
            slowest_address = slowest_of_addresses(sample, load);
            slowest_network = slowest_of_networks(sample, load, manners.network);
            times.extend(slowest_address.as_ref().map(|slowest| (Binding::Address, slowest.time)));
            times.extend(slowest_network.as_ref().map(|slowest| (Binding::Network, slowest.time)));
        }
        Hours { times: longest_of_each(times), slowest_address, slowest_network, of_groups }
    }

    /// As long as what takes longest, for all goes on at once.
    pub(super) fn all(&self) -> Duration {
        self.times.first().map_or(Duration::ZERO, |(_, time)| *time)
    }
}

/// What the addresses of the sample are in for, by operator.
struct Seen {
    /// The longest that one of its addresses takes.
    longest: Vec<Duration>,
    connections: Vec<f64>,
}

impl Seen {
    fn new(sample: &Sample, load: &Load) -> Seen {
        let count = sample.operators.len();
        let mut seen = Seen { longest: vec![Duration::ZERO; count], connections: vec![0.0; count] };
        for address in load.addresses.values() {
            let time = at_address(sample, address);
            for (operator, part) in &address.parts {
                seen.longest[*operator] = seen.longest[*operator].max(time);
                seen.connections[*operator] += part * address.connections;
            }
        }
        seen
    }

    fn of_operator(&self, sample: &Sample, load: &Load, operator: usize, group: &Group) -> Vec<(Binding, Duration)> {
        let pace = sample.operators[operator].pace;
        // What the sample did not see has the mean of what it saw of the same kind.
        let unseen = one_by_one(group.mean_connections(load), pace.address.as_secs_f64());
        by_limit(group.connections(load), pace, self.longest[operator].max(unseen))
    }

    /// Of operators that few domains lead to: those of the sample, each as it was seen.
    fn of_others(&self, sample: &Sample, load: &Load) -> Vec<(Binding, Duration)> {
        let others = (0..sample.operators.len()).filter(|operator| !load.groups.contains_key(&Some(*operator)));
        let times = others.flat_map(|operator| {
            by_limit(self.connections[operator], sample.operators[operator].pace, self.longest[operator])
        });
        longest_of_each(times.collect())
    }
}

fn slowest_of_addresses(sample: &Sample, load: &Load) -> Option<Slowest> {
    let addresses = load.addresses.iter().filter_map(|(ip, address)| {
        let (operator, _) = address.parts.iter().max_by(|one, other| one.1.total_cmp(&other.1))?;
        let operator = sample.operators[*operator].name.clone();
        Some(Slowest { ip: *ip, operator, connections: address.connections, time: at_address(sample, address) })
    });
    addresses.max_by_key(|one| (one.time, Reverse(one.ip)))
}

fn slowest_of_networks(sample: &Sample, load: &Load, between: Duration) -> Option<Slowest> {
    let networks = load.networks(sample);
    let networks = networks.iter().filter_map(|(ip, network)| {
        let (operator, _) = network.operators.iter().max_by(|one, other| one.1.total_cmp(other.1))?;
        let (operator, connections) = (sample.operators[*operator].name.clone(), network.connections(load));
        Some(Slowest { ip: *ip, operator, connections, time: gaps(connections, between) })
    });
    networks.max_by_key(|one| (one.time, Reverse(one.ip)))
}

fn longest_of_each(mut times: Vec<(Binding, Duration)>) -> Vec<(Binding, Duration)> {
    times.sort_by_key(|(held_by, time)| (Reverse(*time), held_by.word()));
    let mut met = Vec::new();
    times.retain(|(held_by, _)| {
        !met.contains(held_by) && {
            met.push(*held_by);
            true
        }
    });
    times
}

fn by_limit(connections: f64, pace: Pace, address: Duration) -> Vec<(Binding, Duration)> {
    let mut times = vec![(Binding::Address, address), (Binding::Rate, gaps(connections, pace.operator))];
    if pace.at_once < usize::MAX {
        times.push((Binding::AtOnce, seconds(connections * SESSION.as_secs_f64() / pace.at_once.max(1) as f64)));
    }
    times
}

/// A mixed address rests after each contact as the operator of that contact has it: the mean of their rests.
fn at_address(sample: &Sample, address: &AtAddress) -> Duration {
    let rests =
        address.parts.iter().map(|(operator, part)| part * sample.operators[*operator].pace.address.as_secs_f64());
    one_by_one(address.connections, rests.sum())
}

/// One session after the other and a rest between two.
fn one_by_one(connections: f64, rest_s: f64) -> Duration {
    seconds(connections * SESSION.as_secs_f64() + (connections - 1.0).max(0.0) * rest_s)
}

/// From the first contact to the last.
fn gaps(connections: f64, between: Duration) -> Duration {
    seconds((connections - 1.0).max(0.0) * between.as_secs_f64())
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
