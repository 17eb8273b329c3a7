//! What a crawl of a list will cost other people and take of time, estimated from a sample: pure.
//!
//! Start from [`estimate`]. It is given what DNS says of a sample of the list ([`Sample`], made by [`ask`])
//! and the limits in force ([`Manners`]), and answers with an [`Estimate`]. `distinct` extrapolates numbers of distinct
//! hosts, `load` works out who gets how many connections, `hours` how long that takes, `text` prints it.
//!
//! For a sample that is the whole list every number is that of the list: nothing is extrapolated. What is not estimated:
//! policy hosts, retries of failures, hosts that are always contacted for their TLSA records, the pauses of peers who ask
//! us to slow down.

pub mod ask;
mod distinct;
mod hours;
mod load;
#[cfg(test)]
mod tests;
mod text;

use std::net::IpAddr;
use std::time::Duration;

pub use distinct::{Drawn, Share};
pub use hours::Binding;
pub use text::Plan;

use crate::paced::Pace;
use distinct::Bound;
use hours::Hours;
use load::{Group, Load};

/// What DNS says of some domains of a list.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// One for each domain asked about.
    pub domains: Vec<Domain>,
    /// Their distinct MX hosts.
    pub hosts: Vec<Host>,
    /// Whose hosts they are.
    pub operators: Vec<Operator>,
}

/// One domain of the sample.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Where its mail goes.
    pub mail: Mail,
    /// Questions that a crawl asks about it.
    pub questions: u32,
}

/// Where the mail of a domain goes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mail {
    /// To these hosts, by their place in [`Sample::hosts`], each once.
    Hosts(Vec<usize>),
    /// Nowhere.
    Nowhere,
    /// It leads to somebody who opted out.
    OptedOut,
    /// The look-up failed.
    Failed,
}

/// One distinct MX host.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its operator's place in [`Sample::operators`].
    pub operator: usize,
    /// The distinct addresses that a crawl would contact it at.
    pub addresses: Vec<IpAddr>,
    /// Questions that a crawl asks about it.
    pub questions: u32,
    /// It is below the registrable domain of every domain of the sample that names it.
    pub own: bool,
}

/// An operator of MX hosts: an entry of the operator table, or a registrable domain.
#[derive(Clone, Debug)]
pub struct Operator {
    /// For the display.
    pub name: String,
    /// Its limits.
    pub pace: Pace,
}

/// The limits in force, as far as they decide how long a crawl takes.
#[derive(Clone, Debug)]
pub struct Manners {
    /// False in labs: no limit holds, and nobody is sampled.
    pub paced: bool,
    /// MX names of one address that are contacted; 0: all.
    pub sampled_names: u32,
    /// Further ones, where those differ.
    pub sampling_budget: u32,
    /// Between two connections into one network.
    pub network: Duration,
    /// SMTP sessions under way at once.
    pub in_flight: usize,
    /// DNS packets a second to all resolvers together; none where they are on this machine.
    pub dns_per_s: Option<f64>,
    /// DNS exchanges that a question costs: aliases, keys and second questions included.
    pub exchanges_per_question: f64,
}

/// How long one SMTP session is taken to last: eight round trips of 150 ms, and what a server takes to look its guest up
/// before it greets. Nobody is contacted to find out.
pub const SESSION: Duration = Duration::from_secs(3);

/// An operator that fewer domains of the sample use is not extrapolated alone, but in a pool of all such: the standard error of
/// a count of five is 45 %.
const FEW: u64 = 5;

/// At least and at most: between the two bounds that `distinct` explains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// At least.
    pub least: f64,
    /// At most.
    pub most: f64,
}

/// What is to be expected.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// How the sample was drawn.
    pub drawn: Drawn,
    /// Domains of the sample that take mail.
    pub take_mail: u64,
    /// Domains of the sample that take none.
    pub no_mail: u64,
    /// Domains of the sample that lead to somebody who opted out.
    pub opted_out: u64,
    /// Domains of the sample that could not be looked up.
    pub failed: u64,
    /// Distinct MX hosts of the list.
    pub hosts: Range,
    /// Distinct addresses of them.
    pub addresses: Range,
    /// Distinct pairs of a host and an address.
    pub endpoints: Range,
    /// First connections to mail servers, after sampling.
    pub connections: Range,
    /// At most so many, should sampled names differ everywhere.
    pub connections_if_names_differ: f64,
    /// Questions to the resolver.
    pub questions: Range,
    /// Operators that several domains of the sample lead to, the most connections first.
    pub operators: Vec<OperatorLoad>,
    /// All others together.
    pub others: Others,
    /// The address that takes longest.
    pub slowest_address: Option<Slowest>,
    /// The network that takes longest.
    pub slowest_network: Option<Slowest>,
    /// How long the crawl takes at least.
    pub time_at_least: Duration,
    /// How long each limit takes by itself at most, the longest first: the crawl takes as long, for all goes on at once.
    pub times: Vec<(Binding, Duration)>,
}

/// What one operator gets.
#[derive(Clone, Debug)]
pub struct OperatorLoad {
    /// Its name.
    pub name: String,
    /// Domains of the sample that lead to it.
    pub domains: u64,
    /// Its MX hosts that the list names.
    pub hosts: Range,
    /// Their addresses.
    pub addresses: Range,
    /// Connections to them.
    pub connections: Range,
    /// How long it takes at its limits, at most.
    pub time: Duration,
    /// Which limit that is; none where none holds.
    pub held_by: Option<Binding>,
}

/// What the operators get of whom a few domains of the sample speak at most.
#[derive(Clone, Debug, Default)]
pub struct Others {
    /// How many they are.
    pub operators: Range,
    /// Domains of the sample that lead to one of them.
    pub domains: u64,
    /// Their MX hosts.
    pub hosts: Range,
    /// Addresses of those.
    pub addresses: Range,
    /// Connections to them all.
    pub connections: Range,
}

/// An address or a network, and what it is in for.
#[derive(Clone, Debug, PartialEq)]
pub struct Slowest {
    /// The address, or the first of the network.
    pub ip: IpAddr,
    /// The operator that most of its names belong to.
    pub operator: String,
    /// Connections to it, at most.
    pub connections: f64,
    /// How long they take.
    pub time: Duration,
}

/// Extrapolates from a sample to the list that it was drawn from, and applies the limits.
pub fn estimate(sample: &Sample, list: u64, manners: &Manners) -> Estimate {
    let drawn = Drawn { sample: sample.domains.len() as u64, list };
    let count = |is: fn(&Mail) -> bool| sample.domains.iter().filter(|domain| is(&domain.mail)).count() as u64;
    let names_at_most = |names: u32| (manners.paced && manners.sampled_names > 0).then_some(f64::from(names));
    let load = |bound: Bound, names: u32| Load::new(sample, drawn, bound, names_at_most(names));
    let with_budget = manners.sampled_names.saturating_add(manners.sampling_budget);
    let loads = [load(Bound::Least, manners.sampled_names), load(Bound::Most, manners.sampled_names)];
    let range = |number: fn(&Load) -> f64| Range { least: number(&loads[0]), most: number(&loads[1]) };

    let per_host = mean(sample.hosts.iter().map(|host| host.questions));
    let about_domains = drawn.scale(sample.domains.iter().map(|domain| u64::from(domain.questions)).sum());
    let hosts = range(Load::hosts);
    let questions =
        Range { least: about_domains + hosts.least * per_host, most: about_domains + hosts.most * per_host };
    let time_at_least = Hours::new(sample, &loads[0], manners, questions.least).all();
    let hours = Hours::new(sample, &loads[1], manners, questions.most);
    let (operators, others) = by_operator(sample, &loads, &hours);
    Estimate {
        drawn,
        take_mail: count(|mail| matches!(mail, Mail::Hosts(_))),
        no_mail: count(|mail| *mail == Mail::Nowhere),
        opted_out: count(|mail| *mail == Mail::OptedOut),
        failed: count(|mail| *mail == Mail::Failed),
        hosts,
        addresses: range(Load::addresses),
        endpoints: range(Load::endpoints),
        connections: range(Load::connections),
        connections_if_names_differ: load(Bound::Most, with_budget).connections(),
        questions,
        operators,
        others,
        slowest_address: hours.slowest_address,
        slowest_network: hours.slowest_network,
        time_at_least,
        times: hours.times,
    }
}

/// The groups of both loads side by side: which there are depends on the sample alone.
fn by_operator(sample: &Sample, [least, most]: &[Load; 2], hours: &Hours) -> (Vec<OperatorLoad>, Others) {
    let (mut operators, mut others) = (Vec::new(), Others::default());
    let groups = least.groups.values().zip(&most.groups).zip(&hours.of_groups);
    for ((at_least, (operator, at_most)), &(held_by, time)) in groups {
        let range =
            |number: fn(&Group, &Load) -> f64| Range { least: number(at_least, least), most: number(at_most, most) };
        let (domains, hosts) = (at_most.domains, range(Group::hosts));
        let (addresses, connections) = (range(Group::addresses), range(Group::connections));
        match *operator {
            Some(operator) => {
                let name = sample.operators[operator].name.clone();
                operators.push(OperatorLoad { name, domains, hosts, addresses, connections, time, held_by });
            }
            None => others = Others { operators: range(Group::members), domains, hosts, addresses, connections },
        }
    }
    operators.sort_by(|one, other| {
        other.connections.most.total_cmp(&one.connections.most).then_with(|| one.name.cmp(&other.name))
    });
    (operators, others)
}

fn mean(numbers: impl ExactSizeIterator<Item = u32>) -> f64 {
    let count = numbers.len().max(1) as f64;
    numbers.map(f64::from).sum::<f64>() / count
}
