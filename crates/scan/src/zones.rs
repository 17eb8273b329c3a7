//! The zone that holds a name, and its name servers: asked once for each zone, as far as it is remembered.
//!
//! A question for NS records at the name itself tells whether the name is an apex. Where it is not, the SOA of the denial
//! names the apex (RFC 2308 2.2), and the question is asked there. A denial that the crawl has seen already, of an address
//! or of TLSA records, spares the first question.
//!
//! Observed only: no verdict depends on it, and only the resolver is asked.

use std::sync::Arc;

use moka::future::Cache;

use super::dns::{At, Dns};
use super::dns_operators::DnsOperators;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DnsStatus, Zone};

/// Zones that are remembered: some 400 bytes each. Those of large operators are asked about all the time and stay.
const REMEMBERED: u64 = 50_000;
/// Questions on the way to an apex: the name, the apex that its denial shows, and two aliases, which deny nothing.
const STEPS: usize = 4;

/// The zones of a crawl.
pub struct Zones {
    known: Cache<String, Zone>,
    operators: DnsOperators,
}

impl Zones {
    /// None yet; name servers are called by this table.
    pub fn new(operators: DnsOperators) -> Self {
        Self { known: Cache::new(REMEMBERED), operators }
    }

    /// The zone that holds a name. `shown` is the apex that a denial has shown, if one did: a zone that holds the name.
    pub async fn of(&self, dns: &Dns, name: &str, shown: Option<&str>) -> Zone {
        let mut at = shown.unwrap_or(name).to_owned();
        let mut is_apex = shown.is_some();
        let mut last = Zone::default();
        for _ in 0..STEPS {
            match self.ask(dns, &at, is_apex).await {
                Step::Zone(zone) => return zone,
                Step::Above(apex, zone) => (at, is_apex, last) = (apex, true, zone),
                // An alias has no records of its own, and an apex has some: the zone is one above.
                Step::Alias(zone) => match at.split_once('.') {
                    Some((_, parent)) => (at, is_apex, last) = (parent.to_owned(), false, zone),
                    None => return zone,
                },
            }
        }
        last
    }

    /// What is remembered of a zone, or else what the resolver says. What may heal is not remembered.
    async fn ask(&self, dns: &Dns, at: &str, is_apex: bool) -> Step {
        if dns.leaves_alone(at) {
            let (status, error) = (Some(DnsStatus::Error), Some(Failure::OptedOut));
            return Step::Zone(Zone { name: is_apex.then(|| at.to_owned()), status, error, ..Zone::default() });
        }
        let asking = async {
            match self.step(dns, at, is_apex).await {
                Step::Zone(zone) if matches!(zone.error, None | Some(Failure::DnssecBogus)) => Ok(zone),
                other => Err(other),
            }
        };
        match self.known.try_get_with_by_ref(at, asking).await {
            Ok(zone) => Step::Zone(zone),
            Err(step) => Arc::unwrap_or_clone(step),
        }
    }

    async fn step(&self, dns: &Dns, at: &str, is_apex: bool) -> Step {
        let (mut zone, found) = dns.zone_at(at).await;
        match found {
            At::Apex => zone.name = Some(at.to_owned()),
            At::Below(apex) if !is_apex => return Step::Above(apex, zone),
            At::Alias if !is_apex => return Step::Alias(zone),
            // The SOA of another answer had this name: a denial or a failure here is still about that zone.
            At::Below(_) | At::Alias | At::Unknown => zone.name = is_apex.then(|| at.to_owned()),
        }
        zone.operator = zone.ns.as_deref().and_then(|ns| self.operators.of(ns));
        Step::Zone(zone)
    }
}

/// What one question brought.
#[derive(Clone)]
enum Step {
    /// The end of the way.
    Zone(Zone),
    /// Another name is the apex.
    Above(String, Zone),
    /// The name is an alias.
    Alias(Zone),
}
