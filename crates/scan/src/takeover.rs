//! Seeds the queues of one part of a crawl from what another process left of it: rows, and notes that have no row.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::attempts::{Earlier, Note};
use super::frontier::HostAt;
use super::keys::{Once, domain_key, endpoint_key, key};
use super::left_alone::Peer;
use super::net::now;
use super::stage::Crawl;
use mxcensus_dataset::columns::{CERTIFICATES, DOMAINS, MX_HOSTS, POLICIES, Table};
use mxcensus_dataset::input::SeenSet;
use mxcensus_dataset::{DatasetError, Row, TableReader};
use mxcensus_rules::observation::EndpointRow;

/// What a predecessor left.
#[derive(Debug, Default)]
pub struct Left {
    /// The part files that count, by table.
    pub parts: BTreeMap<String, Vec<PathBuf>>,
    /// What was noted, in its order.
    pub notes: Vec<Note>,
    /// Mail servers that may not be rested yet, and how long each is to be left alone.
    pub resting: Vec<(IpAddr, Duration)>,
    /// How the hosts at their addresses are to be treated.
    pub hosts: Hosts,
}

/// Hosts that are not to be sampled at an address, and what hosts are aliases of.
#[derive(Debug, Default)]
pub struct Hosts {
    unsampled: HashSet<(Arc<str>, IpAddr)>,
    aliases: HashMap<Arc<str>, Arc<[String]>>,
}

impl Hosts {
    /// Takes a host at an address into account.
    pub fn add(&mut self, at: &HostAt) {
        if !at.may_be_sampled() {
            self.unsampled.insert((at.host.clone(), at.ip));
        }
        if !at.aliases.is_empty() {
            self.aliases.insert(at.host.clone(), at.aliases.clone());
        }
    }
}

/// What is done, as far as the queues do not know it.
#[derive(Debug, Default)]
pub struct Done {
    /// Keys of the domains that have their row.
    pub domains: SeenSet,
    /// Connections that were made to hosts which are contacted under two names.
    pub connections: HashMap<(Arc<str>, IpAddr), u32>,
}

#[derive(Deserialize)]
struct Domain {
    domain: String,
}

#[derive(Deserialize)]
struct Host {
    host: String,
}

#[derive(Deserialize)]
struct Certificate {
    #[serde(with = "serde_bytes")]
    der: Vec<u8>,
}

/// Marks what has its row, and takes into account what was noted. The caller puts what is left.
pub fn seed(crawl: &Crawl, left: Left) -> Result<Done, DatasetError> {
    let Left { parts, notes, resting, hosts } = left;
    let frontier = &crawl.frontier;
    let table = |table: &'static Table| {
        let files = parts.get(table.name).filter(|files| !files.is_empty());
        files.map(|files| TableReader::of_files(table, files.clone()))
    };
    for row in table(&CERTIFICATES).iter().flat_map(|table| table.project::<Certificate>()) {
        frontier.first_sight(key(Once::Certificate, &[&row?.der]));
    }
    for row in table(&POLICIES).iter().flat_map(|table| table.project::<Domain>()) {
        if frontier.first_sight(key(Once::Policy, &[row?.domain.as_bytes()])) {
            crawl.progress.policies.already_done();
        }
    }
    for row in table(&MX_HOSTS).iter().flat_map(|table| table.project::<Host>()) {
        if frontier.first_sight(key(Once::Host, &[row?.host.as_bytes()])) {
            crawl.progress.hosts.already_done();
        }
    }
    let mut done = Done::default();
    for row in table(&DOMAINS).iter().flat_map(|table| table.project::<Domain>()) {
        if done.domains.insert(domain_key(&row?.domain)) {
            crawl.progress.domains.already_done();
        }
    }
    for row in table(EndpointRow::TABLE).iter().flat_map(TableReader::rows::<EndpointRow>) {
        restore(crawl, &hosts, &row?, &mut done);
    }
    let mut earlier = Earlier::taken_over(notes, resting, &crawl.limits, now(), |key| frontier.is_known(key));
    earlier.take_asked().into_iter().for_each(|(host, ip)| crawl.connectivity.asked_earlier(&host, ip));
    frontier.go_on_from(earlier);
    Ok(done)
}

/// Takes the row of an endpoint into account.
fn restore(crawl: &Crawl, hosts: &Hosts, row: &EndpointRow, done: &mut Done) {
    let Ok(ip) = row.ip.parse::<IpAddr>() else { return };
    if !crawl.frontier.first_sight(endpoint_key(&row.host, &row.server_name, ip)) {
        return;
    }
    crawl.progress.endpoints.already_done();
    let host: Arc<str> = row.host.as_str().into();
    if row.connect_ms.is_some() && row.sampled_from.is_none() {
        let aliases = hosts.aliases.get(&host).map_or(&[][..], |aliases| aliases);
        crawl.connectivity.answered_earlier(Peer::mail_server(&row.host, aliases, ip), row.connections);
    }
    let place = (host, ip);
    let sampled = !hosts.unsampled.contains(&place);
    crawl.frontier.restore_endpoint(ip, row, sampled);
    if !sampled {
        *done.connections.entry(place).or_default() += row.connections;
    }
}
