//! Seeds the queues from the rows that exist: what is left to do is computed from what is there.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::keys::{Once, domain_key, endpoint_key, key};
use super::left_alone::Peer;
use super::net::now;
use super::stage::{self, Crawl};
use mxcensus_dataset::columns::{CERTIFICATES, POLICIES};
use mxcensus_dataset::input::SeenSet;
use mxcensus_dataset::{DatasetError, Row, TableReader, part_files};
use mxcensus_rules::observation::{Cname, DomainRow, EndpointRow, MxHostRow, TlsaLookup};

#[derive(Deserialize)]
struct Policy {
    domain: String,
}

/// What decides how the endpoints of a host are treated.
#[derive(Deserialize)]
struct HostFacts {
    host: String,
    tlsa_lookups: Option<Vec<TlsaLookup>>,
    cnames: Option<Vec<Cname>>,
}

#[derive(Deserialize)]
struct Certificate {
    #[serde(with = "serde_bytes")]
    der: Vec<u8>,
}

/// Marks what has its row and puts what those rows lead to; returns the keys of the domains that are done.
/// On a new dataset there is nothing to read. Opens the journal of attempts.
pub fn seed(crawl: &Crawl, root: &Path) -> Result<SeenSet, DatasetError> {
    let frontier = &crawl.frontier;
    if let Some(table) = table(root, &CERTIFICATES)? {
        for row in table.project::<Certificate>() {
            frontier.first_sight(key(Once::Certificate, &[&row?.der]));
        }
    }
    if let Some(table) = table(root, &POLICIES)? {
        for row in table.project::<Policy>() {
            if frontier.first_sight(key(Once::Policy, &[row?.domain.as_bytes()])) {
                crawl.progress.policies.already_done();
            }
        }
    }
    // Of a host with TLSA records no endpoint is sampled, and its connections to an address count under both names.
    let (mut with_tlsa, mut aliases) = (HashSet::new(), HashMap::new());
    if let Some(table) = table(root, MxHostRow::TABLE)? {
        for row in table.project::<HostFacts>() {
            let row = row?;
            let names: Vec<String> = row.cnames.into_iter().flatten().map(|cname| cname.target).collect();
            if !names.is_empty() {
                aliases.insert(row.host.clone(), names);
            }
            if stage::host::has_tlsa(&row.tlsa_lookups.unwrap_or_default()) {
                with_tlsa.insert(row.host);
            }
        }
    }
    let mut connections: HashMap<(String, IpAddr), u32> = HashMap::new();
    if let Some(table) = table(root, EndpointRow::TABLE)? {
        for row in table.rows::<EndpointRow>() {
            let row = row?;
            let Ok(ip) = row.ip.parse::<IpAddr>() else { continue };
            if !frontier.first_sight(endpoint_key(&row.host, &row.server_name, ip)) {
                continue;
            }
            crawl.progress.endpoints.already_done();
            if row.connect_ms.is_some() && row.sampled_from.is_none() {
                let aliases = aliases.get(&row.host).map_or(&[][..], Vec::as_slice);
                crawl.connectivity.answered_earlier(Peer::mail_server(&row.host, aliases, ip), row.connections);
            }
            let sampled = !with_tlsa.contains(&row.host);
            frontier.restore_endpoint(ip, &row, sampled);
            if !sampled {
                *connections.entry((row.host, ip)).or_default() += row.connections;
            }
        }
    }
    // Rows first, then what was attempted and has none; what the rows lead to is put after both.
    let mut earlier = crawl.attempts.go_on(root, &crawl.limits, now(), |key| frontier.is_known(key))?;
    earlier.take_asked().into_iter().for_each(|(host, ip)| crawl.connectivity.asked_earlier(&host, ip));
    frontier.go_on_from(earlier);
    if let Some(table) = table(root, MxHostRow::TABLE)? {
        for row in table.rows::<MxHostRow>() {
            let row = row?;
            if frontier.first_sight(key(Once::Host, &[row.host.as_bytes()])) {
                crawl.progress.hosts.already_done();
            }
            stage::host::follow(crawl, &Arc::from(row.host.as_str()), &row, |ip| {
                connections.get(&(row.host.clone(), ip)).copied().unwrap_or(0)
            });
        }
    }
    let mut done = SeenSet::default();
    if let Some(table) = table(root, DomainRow::TABLE)? {
        for row in table.rows::<DomainRow>() {
            let row = row?;
            if done.insert(domain_key(&row.domain)) {
                crawl.progress.domains.already_done();
            }
            stage::domain::follow(crawl, &Arc::from(row.domain.as_str()), &row);
        }
    }
    Ok(done)
}

fn table(root: &Path, table: &'static mxcensus_dataset::columns::Table) -> Result<Option<TableReader>, DatasetError> {
    if part_files(&root.join(table.name))?.is_empty() { Ok(None) } else { TableReader::open(root, table).map(Some) }
}
