//! Asks the resolver about a sample of the list, and nobody else about anything.
//!
//! [`plan`] reads the list, draws the sample, asks for MX records and for the addresses of the hosts that they name, and
//! leaves the arithmetic to [`estimate()`]. The stages' own code reads the answers, so a host counts here exactly when a
//! crawl would contact it.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::IpAddr;
use std::time::Instant;

use futures_util::{StreamExt, stream};

use super::{Domain, Host, Mail, Manners, Operator, Plan, Sample, estimate};
use crate::dns::{Dns, DnsSetupError, Kind, is_local};
use crate::left_alone::Role;
use crate::net::{Net, now};
use crate::operators::{Operators, per_second};
use crate::setup::Setup;
use crate::stage::{domain, host};
use mxcensus_dataset::input::{self, InputError, OptOut, Source, Spool};
use mxcensus_dataset::manifest::rfc3339;
use mxcensus_rules::due::hosts_of;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name::{self, is_localhost};
use mxcensus_rules::observation::{DomainRow, MxStatus};

/// Why there is no plan. Each says what the operator can do.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The list cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// DNS cannot be set up.
    #[error(transparent)]
    Dns(#[from] DnsSetupError),
    /// No place for the list while it is read.
    #[error("no temporary directory for the list: {0}; TMPDIR names another place")]
    Temporary(#[from] std::io::Error),
    /// The resolver gave no answer about anybody.
    #[error(
        "none of {asked} domains could be looked up ({failure}): ask the resolver yourself, or name another with --resolver"
    )]
    NoAnswer {
        /// Domains asked about.
        asked: usize,
        /// What became of the first.
        failure: &'static str,
    },
}

/// What is to be planned.
#[derive(Clone, Debug)]
pub struct Request {
    /// The list.
    pub list: Source,
    /// Take only the first so many distinct domains of it.
    pub limit: Option<u64>,
    /// Seed of the sample; random when not given.
    pub seed: Option<u64>,
    /// Domains of the sample; all when the list has no more.
    pub sample: usize,
}

/// Estimates a crawl of a list under these setup.
pub async fn plan(request: Request, setup: &Setup) -> Result<Plan, PlanError> {
    let dns = Dns::new(setup.dns())?;
    let seed = request.seed.unwrap_or_else(rand::random);
    let folder = tempfile::Builder::new().prefix("mxcensus-plan-").tempdir()?;
    let listed = input::read_list(&request.list, folder.path(), request.limit)?;
    let drawn = draw(&Spool::open(folder.path())?, &setup.left_alone.list(), request.sample, seed)?;
    drop(folder);

    let (asked_at, started) = (now(), Instant::now());
    let asker = Asker { dns, net: setup.net(), operators: setup.operators(), setup };
    let asked = asker.ask(drawn.domains).await?;
    let manners = asker.manners(asked.questions);
    let estimate = estimate(&asked.sample, listed.rows - drawn.opted_out, &manners);
    let resolvers: Vec<String> = setup.resolvers.iter().map(ToString::to_string).collect();
    Ok(Plan {
        list: listed.name,
        listed: listed.rows,
        opted_out: drawn.opted_out,
        asked_at: rfc3339(asked_at),
        asked_for: started.elapsed(),
        questions: asked.questions,
        hosts: asked.sample.hosts.len() as u64,
        resolvers: resolvers.join(", "),
        seed,
        manners,
        retry_after_s: setup.limits.retry_after_s.clone(),
        estimate,
    })
}

/// Domains drawn from a list.
struct Drawn {
    domains: Vec<String>,
    /// Domains of the list that nobody asks about.
    opted_out: u64,
}

/// Those with the lowest hashes: each set of so many domains is as likely as any other, whatever the order of the list.
fn draw(spool: &Spool, opt_out: &OptOut, count: usize, seed: u64) -> Result<Drawn, InputError> {
    let (mut lowest, mut opted_out) = (BinaryHeap::new(), 0);
    for entry in spool.read_in_order()? {
        let domain = entry?.domain;
        if opt_out.domain(&domain) {
            opted_out += 1;
            continue;
        }
        let hash = xxhash_rust::xxh3::xxh3_64_with_seed(domain.as_bytes(), seed);
        lowest.push((hash, domain));
        if lowest.len() > count {
            lowest.pop();
        }
    }
    Ok(Drawn { domains: lowest.into_sorted_vec().into_iter().map(|(_, domain)| domain).collect(), opted_out })
}

/// Asks about the sample.
struct Asker<'s> {
    dns: Dns,
    net: Net,
    operators: Operators,
    setup: &'s Setup,
}

/// What came of it.
struct Asked {
    sample: Sample,
    questions: u64,
}

/// A domain and what was asked for it now, beside what a crawl asks.
struct AskedDomain {
    row: DomainRow,
    questions: u64,
    in_crawl: u32,
}

struct AskedHost {
    addresses: Vec<IpAddr>,
    /// It has an address, so that its zone is asked about.
    is_found: bool,
    questions: u64,
    in_crawl: u32,
}

impl AskedHost {
    fn not_found(questions: u32) -> AskedHost {
        AskedHost { addresses: Vec::new(), is_found: false, questions: questions.into(), in_crawl: questions }
    }
}

impl Asker<'_> {
    async fn ask(&self, domains: Vec<String>) -> Result<Asked, PlanError> {
        let limits = &self.setup.limits;
        let count = domains.len();
        let answered: Vec<AskedDomain> = stream::iter(domains)
            .map(|domain| self.domain(domain))
            .buffered(limits.domains_in_flight.max(1))
            .collect()
            .await;
        if let Some(first) = answered.first()
            && answered.iter().all(|asked| asked.row.mx_status == MxStatus::Error)
        {
            let failure = first.row.mx_error.map_or("error", Failure::word);
            return Err(PlanError::NoAnswer { asked: count, failure });
        }
        let mut questions = answered.iter().map(|asked| asked.questions).sum();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut names: Vec<(String, bool)> = Vec::new();
        let mut sample = Sample::default();
        let domains_asked: Vec<String> = answered.iter().map(|asked| asked.row.domain.clone()).collect();
        for AskedDomain { row, in_crawl, .. } in answered {
            let mut hosts: Vec<usize> = Vec::new();
            for name in hosts_of(&row) {
                let place = *places.entry(name.to_owned()).or_insert_with(|| {
                    names.push((name.to_owned(), true));
                    names.len() - 1
                });
                names[place].1 &= is_below(name, &row.domain);
                if !hosts.contains(&place) {
                    hosts.push(place);
                }
            }
            let mail = match row.mx_status {
                MxStatus::Present | MxStatus::Implicit | MxStatus::NullMixed => Mail::Hosts(hosts),
                MxStatus::Null | MxStatus::None | MxStatus::Nxdomain => Mail::Nowhere,
                MxStatus::OptedOut => Mail::OptedOut,
                MxStatus::Error => Mail::Failed,
            };
            sample.domains.push(Domain { mail, questions: in_crawl });
        }
        let answered: Vec<AskedHost> = stream::iter(&names)
            .map(|(name, _)| self.host(name))
            .buffered(limits.hosts_in_flight.max(1))
            .collect()
            .await;
        // A zone is asked about once: where a registrable domain is one, the first host or domain in it does.
        let mut zones: BTreeSet<&str> = BTreeSet::new();
        zones.extend(domains_asked.iter().filter_map(|domain| name::registrable(domain)));
        let mut operators: BTreeMap<u64, usize> = BTreeMap::new();
        for ((name, own), asked) in names.iter().zip(answered) {
            questions += asked.questions;
            let operator = self.operators.of(name);
            let place = *operators.entry(operator.id).or_insert_with(|| {
                sample.operators.push(Operator { name: operator.name.to_owned(), pace: operator.pace });
                sample.operators.len() - 1
            });
            let AskedHost { addresses, in_crawl, is_found, .. } = asked;
            let is_new_zone = is_found && name::registrable(name).is_some_and(|zone| zones.insert(zone));
            let questions = in_crawl + u32::from(is_new_zone);
            sample.hosts.push(Host { operator: place, addresses, questions, own: *own });
        }
        Ok(Asked { sample, questions })
    }

    async fn domain(&self, name: String) -> AskedDomain {
        let (opt_out, limits) = (self.setup.left_alone.list(), &self.setup.limits);
        let mut row = DomainRow::unseen(name, String::new(), now());
        let mx = self.dns.ask(&row.domain, Kind::Mx, Role::Domain).await;
        // The domain may be another name for one that is on the list.
        if mx.error == Some(Failure::OptedOut) {
            row.mx_status = MxStatus::OptedOut;
            return AskedDomain { row, questions: 1, in_crawl: 1 };
        }
        let domain = row.domain.clone();
        let addresses_too = domain::record_mx(&self.dns, limits, &domain, mx, &mut row).await;
        let questions = 1 + if addresses_too { 2 } else { 0 };
        let further = if row.mx_status == MxStatus::Nxdomain { 0 } else { domain::further_questions(&opt_out, &row) };
        AskedDomain { row, questions: questions.into(), in_crawl: questions + further }
    }

    async fn host(&self, name: &str) -> AskedHost {
        let (opt_out, limits) = (self.setup.left_alone.list(), &self.setup.limits);
        if host::not_looked_up(&opt_out, name).is_some() {
            return AskedHost::not_found(0);
        }
        let (a, aaaa) = self.dns.addresses(name, Role::MxHost).await;
        // The host may be another name for one that is on the list.
        if [&a, &aaaa].iter().any(|answer| answer.error == Some(Failure::OptedOut)) {
            return AskedHost::not_found(2);
        }
        let found = host::distinct_addresses(&a, &aaaa);
        let is_found = !found.is_empty();
        // `localhost` is never contacted, whatever address it has.
        let kept = found.into_iter().take(limits.addresses_per_host).filter(|_| !is_localhost(name));
        let left_alone = &self.setup.left_alone;
        let addresses = kept.filter(|&ip| !left_alone.covers_address(ip) && self.net.refusal(ip).is_none()).collect();
        AskedHost { addresses, is_found, questions: 2, in_crawl: 2 + u32::from(is_found) }
    }

    /// The limits that decide. `questions` were asked of the resolver through this asker.
    fn manners(&self, questions: u64) -> Manners {
        let limits = &self.setup.limits;
        let resolvers = &self.setup.resolvers;
        let paced = limits.dns_per_upstream_per_s > 0 && resolvers.iter().any(|resolver| !is_local(resolver.ip()));
        Manners {
            paced: !self.setup.unpaced,
            sampled_names: limits.sampled_names,
            sampling_budget: limits.sampling_budget,
            network: per_second(limits.network_per_s),
            in_flight: limits.endpoints_in_flight,
            // Questions are spread evenly: the slowest resolver decides, and it is one that has the limit.
            dns_per_s: paced.then(|| f64::from(limits.dns_per_upstream_per_s) * resolvers.len() as f64),
            exchanges_per_question: self.dns.gate().successes() as f64 / questions.max(1) as f64,
        }
    }
}

/// Whether a host is the domain's own: at or below its registrable domain.
fn is_below(host: &str, domain: &str) -> bool {
    name::registrable(domain).is_some_and(|base| name::registrable(host) == Some(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(list: &[String], count: usize, seed: u64) -> Drawn {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, list.join("\n")).unwrap();
        input::read_list(&Source::from_argument(path.as_os_str()), dir.path(), None).unwrap();
        let opt_out = OptOut::parse("d7.example\n.d8.example\nd9.example\n").unwrap();
        draw(&Spool::open(dir.path()).unwrap(), &opt_out, count, seed).unwrap()
    }

    #[test]
    fn a_sample_depends_on_the_seed_and_not_on_the_order() {
        let mut list: Vec<String> = (0..1_000).map(|number| format!("d{number}.example")).collect();
        let one = drawn(&list, 100, 1);
        assert_eq!((one.domains.len(), one.opted_out), (100, 2));
        assert_eq!(one.domains.iter().collect::<BTreeSet<_>>().len(), 100, "each once");
        assert!(one.domains.iter().filter(|domain| list[..500].contains(domain)).count().abs_diff(50) < 25);
        list.reverse();
        assert_eq!(drawn(&list, 100, 1).domains, one.domains);
        assert_ne!(drawn(&list, 100, 2).domains, one.domains);
        let all = drawn(&list, 10_000, 1);
        assert_eq!(all.domains.len(), 998);
        assert!(!all.domains.iter().any(|domain| domain == "d7.example" || domain == "d9.example"));
    }

    #[test]
    fn whose_host_it_is() {
        for (host, domain, own) in [
            ("mx.example.org", "example.org", true),
            ("example.org", "mail.example.org", true),
            ("mx.example.net", "example.org", false),
            ("example-org.mail.example.net", "example.org", false),
            ("a.co.uk", "b.co.uk", false),
            ("com", "com", false),
        ] {
            assert_eq!(is_below(host, domain), own, "{host} of {domain}");
        }
    }
}
