//! The rows of a dataset against each other and against its input.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_128;

use super::{Problem, Report, VerifyError};
use crate::columns::{CERTIFICATES, EVERY_TABLE, STORE_VERDICTS, TABLES, Table};
use crate::input::Spool;
use crate::manifest::Manifest;
use crate::{Dataset, DatasetError, Row, TableReader, judged};
use mxcensus_rules::due;
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, MxStatus, PolicyRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};

/// Keys once, and every row that must exist. Memory: 16 bytes and some for each key.
pub(super) fn check(dataset: &Dataset, manifest: &Manifest, report: &mut Report) -> Result<(), VerifyError> {
    let root = dataset.root();
    let present = |table: &Table| manifest.tables.get(table.name).is_some_and(|listed| !listed.files.is_empty());
    if !TABLES.iter().all(|table| present(table)) {
        // A crawl that has not come to its verdicts: there is nothing yet that could be whole.
        return Ok(());
    }
    repeated(root, manifest, report)?;
    let mut asked = Asked::default();
    if present(&STORE_VERDICTS) {
        asked.stores =
            judged::judgement(root)?.into_iter().flat_map(|made| made.stores).map(|store| store.name).collect();
        store_verdicts(root, &mut asked, report)?;
    }
    let domains = observed(root, manifest, &mut asked, report)?;
    asked.policies.report("policies", "the rows of domains", &mut report.problems);
    asked.mx_hosts.report("mx_hosts", "the rows of domains", &mut report.problems);
    asked.endpoints.report("endpoints", "the rows of mx_hosts", &mut report.problems);
    asked.certificates.report("certificates", "chains", &mut report.problems);
    asked.verdicts.report("verdicts", "the rows of domains", &mut report.problems);
    asked.mx_verdicts.report("mx_verdicts", "the rows of domains", &mut report.problems);
    asked.store_verdicts.report("store_verdicts", "the rows of domains", &mut report.problems);
    against_input(dataset, manifest, domains, report)
}

/// Where a run was resumed or several workers were at it, a row may have been made twice; then the earliest counts.
fn repeated(root: &Path, manifest: &Manifest, report: &mut Report) -> Result<(), DatasetError> {
    let is_there = |table: &&&Table| !manifest.tables.get(table.name).is_none_or(|listed| listed.files.is_empty());
    for table in EVERY_TABLE.iter().filter(is_there) {
        let reader = TableReader::distinct(root, table)?;
        let rows = u64::try_from(reader.rows_left_out()).unwrap_or(u64::MAX);
        let may_repeat = !table.judged && (manifest.runs.len() > 1 || manifest.workers.len() > 1);
        if rows > 0 && !may_repeat {
            report.problems.push(Problem::Repeated { table: table.name, rows });
        }
    }
    Ok(())
}

/// Keys that are asked for, and keys that are there.
#[derive(Default)]
struct Keys {
    asked: HashSet<u128>,
    there: HashSet<u128>,
    missing: u64,
    example: Option<String>,
}

impl Keys {
    fn is_there(&mut self, key: &str) {
        self.there.insert(hash(key));
    }

    /// To be called when every key that is there is known.
    fn ask(&mut self, key: &str) {
        let hash = hash(key);
        if self.asked.insert(hash) && !self.there.contains(&hash) {
            self.missing += 1;
            self.example.get_or_insert_with(|| key.to_owned());
        }
    }

    fn report(&self, table: &'static str, asked_by: &'static str, problems: &mut Vec<Problem>) {
        if let Some(example) = &self.example {
            problems.push(Problem::RowsMissing { table, rows: self.missing, asked_by, example: example.clone() });
        }
    }
}

#[derive(Default)]
struct Asked {
    policies: Keys,
    mx_hosts: Keys,
    endpoints: Keys,
    certificates: Keys,
    verdicts: Keys,
    mx_verdicts: Keys,
    store_verdicts: Keys,
    /// The trust stores that were compared, each of which has a row about each domain.
    stores: Vec<String>,
}

fn store_verdicts(root: &Path, asked: &mut Asked, report: &mut Report) -> Result<(), DatasetError> {
    #[derive(Deserialize)]
    struct Key {
        domain: String,
        store: String,
    }
    for row in TableReader::open(root, &STORE_VERDICTS)?.project::<Key>() {
        report.rows += 1;
        let Key { domain, store } = row?;
        asked.store_verdicts.is_there(&pair(&domain, &store));
    }
    Ok(())
}

fn rows<R: Row>(root: &Path) -> Result<crate::reader::Rows<R>, DatasetError> {
    Ok(TableReader::open(root, R::TABLE)?.rows())
}

/// Reads every table once: first what may be asked for, then what asks. Gives the domains that have a row.
fn observed(
    root: &Path,
    manifest: &Manifest,
    asked: &mut Asked,
    report: &mut Report,
) -> Result<HashSet<u128>, DatasetError> {
    #[derive(Deserialize)]
    struct Sha256 {
        sha256: String,
    }
    for row in TableReader::open(root, &CERTIFICATES)?.project::<Sha256>() {
        report.rows += 1;
        asked.certificates.is_there(&row?.sha256);
    }
    for row in rows::<VerdictRow>(root)? {
        report.rows += 1;
        asked.verdicts.is_there(&row?.domain);
    }
    for row in rows::<MxVerdictRow>(root)? {
        report.rows += 1;
        let row = row?;
        asked.mx_verdicts.is_there(&pair(&row.domain, &row.host));
    }
    for row in rows::<PolicyRow>(root)? {
        report.rows += 1;
        let row = row?;
        asked.policies.is_there(&row.domain);
        row.policy_chain.iter().flatten().for_each(|certificate| asked.certificates.ask(certificate));
    }
    for row in rows::<EndpointRow>(root)? {
        report.rows += 1;
        let row = row?;
        asked.endpoints.is_there(&endpoint(&row.host, &row.server_name, &row.ip));
        let chains = [&row.chain, &row.legacy_chain].into_iter().flatten().flatten();
        chains.for_each(|certificate| asked.certificates.ask(certificate));
    }
    for row in rows::<MxHostRow>(root)? {
        report.rows += 1;
        let row = row?;
        asked.mx_hosts.is_there(&row.host);
        if manifest.complete {
            let due = due::endpoints_of(&row).into_iter();
            due.for_each(|(name, ip)| asked.endpoints.ask(&endpoint(&row.host, &name, &ip.to_string())));
        }
    }
    let mut domains = HashSet::new();
    for row in rows::<DomainRow>(root)? {
        report.rows += 1;
        let row = row?;
        domains.insert(hash(&row.domain));
        if manifest.complete {
            ask_for_domain(&row, asked);
        }
    }
    Ok(domains)
}

fn ask_for_domain(row: &DomainRow, asked: &mut Asked) {
    asked.verdicts.ask(&row.domain);
    for store in &asked.stores {
        asked.store_verdicts.ask(&pair(&row.domain, store));
    }
    if due::wants_policy(row) {
        asked.policies.ask(&row.domain);
    }
    // Of an answer that is not to be believed, the hosts are looked at and not judged.
    let judged = matches!(row.mx_status, MxStatus::Present | MxStatus::NullMixed | MxStatus::Implicit);
    for host in due::hosts_of(row) {
        asked.mx_hosts.ask(host);
        if judged {
            asked.mx_verdicts.ask(&pair(&row.domain, host));
        }
    }
}

/// Every domain of the input has its row, and no other has one.
fn against_input(
    dataset: &Dataset,
    manifest: &Manifest,
    mut domains: HashSet<u128>,
    report: &mut Report,
) -> Result<(), VerifyError> {
    let mut missing = 0;
    let mut example = None;
    for entry in Spool::open(&dataset.input_folder())?.read_in_order()? {
        let domain = entry?.domain;
        if !domains.remove(&hash(&domain)) {
            missing += 1;
            example.get_or_insert(domain);
        }
    }
    if let Some(example) = example.filter(|_| manifest.complete) {
        report.problems.push(Problem::RowsMissing {
            table: "domains",
            rows: missing,
            asked_by: "the lines of the input",
            example,
        });
    }
    if !domains.is_empty() {
        let rows = u64::try_from(domains.len()).unwrap_or(u64::MAX);
        report.problems.push(Problem::RowsTooMany { table: "domains", rows, asked_by: "the lines of the input" });
    }
    Ok(())
}

fn hash(key: &str) -> u128 {
    xxh3_128(key.as_bytes())
}

fn pair(domain: &str, host: &str) -> String {
    format!("{domain} {host}")
}

fn endpoint(host: &str, server_name: &str, ip: &str) -> String {
    format!("{host} {server_name} {ip}")
}
