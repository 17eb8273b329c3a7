//! Seeds the queues from the rows that exist: what is left to do is computed from what is there.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::frontier::{Once, endpoint_key, key};
use super::run::domain_key;
use super::stage::{self, Crawl};
use crate::dataset::columns::{CERTIFICATES, ENDPOINTS, POLICIES};
use crate::dataset::{DatasetError, Row, TableReader, part_files};
use crate::input::SeenSet;
use crate::observation::{DomainRow, MxHostRow};

#[derive(Deserialize)]
struct Policy {
    domain: String,
}

#[derive(Deserialize)]
struct Endpoint {
    host: String,
    server_name: String,
    ip: String,
}

#[derive(Deserialize)]
struct Certificate {
    #[serde(with = "serde_bytes")]
    der: Vec<u8>,
}

/// Marks what has its row and puts what those rows lead to; returns the keys of the domains that are done.
/// On a new dataset there is nothing to read.
pub fn seed(crawl: &Crawl, root: &Path) -> Result<SeenSet, DatasetError> {
    let frontier = &crawl.frontier;
    if let Some(table) = table(root, &CERTIFICATES)? {
        for row in table.project::<Certificate>(&["der"]) {
            frontier.first_sight(key(Once::Certificate, &[&row?.der]));
        }
    }
    if let Some(table) = table(root, &POLICIES)? {
        for row in table.project::<Policy>(&["domain"]) {
            if frontier.first_sight(key(Once::Policy, &[row?.domain.as_bytes()])) {
                crawl.progress.policies.already_done();
            }
        }
    }
    if let Some(table) = table(root, &ENDPOINTS)? {
        for row in table.project::<Endpoint>(&["host", "server_name", "ip"]) {
            let row = row?;
            if let Ok(ip) = row.ip.parse::<IpAddr>()
                && frontier.first_sight(endpoint_key(&row.host, &row.server_name, ip))
            {
                crawl.progress.endpoints.already_done();
            }
        }
    }
    if let Some(table) = table(root, MxHostRow::TABLE)? {
        for row in table.rows::<MxHostRow>() {
            let row = row?;
            if frontier.first_sight(key(Once::Host, &[row.host.as_bytes()])) {
                crawl.progress.hosts.already_done();
            }
            stage::host::follow(crawl, &Arc::from(row.host.as_str()), &row);
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

fn table(root: &Path, table: &'static crate::dataset::columns::Table) -> Result<Option<TableReader>, DatasetError> {
    if part_files(&root.join(table.name))?.is_empty() { Ok(None) } else { TableReader::open(root, table).map(Some) }
}
