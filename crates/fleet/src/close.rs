//! The close of a crawl: what is missing is looked for in the rows alone, and the parts that count become the dataset.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mxcensus_dataset::columns::Table;
use mxcensus_dataset::input::{InputError, SeenSet, Spool};
use mxcensus_dataset::{Author, DatasetError, PartSize, Row, TableReader, TableWriter, part_files};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_scan::frontier::Child;
use mxcensus_scan::keys::{Once, domain_key, endpoint_key, key};
use mxcensus_scan::stage::{domain, host};
use serde::Deserialize;

use crate::broker::Broker;
use crate::layout::Layout;
use crate::log::{self, LogError};
use crate::records::{PartOf, Spec};

/// Rows of a file of the dataset.
const ROWS: usize = 100_000;

/// The merged files are named after this author.
const AUTHOR: &str = "fleet";

/// Why a crawl cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// A log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Files.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The list.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// What the logs say.
#[derive(Debug, Default)]
pub struct Committed {
    /// The parts that count, slot by slot, in the order of the logs.
    pub parts: Vec<PartOf>,
    /// How often slots changed hands, the first time included.
    pub epochs: u64,
}

/// Reads the logs of all slots.
pub async fn committed(broker: &Broker, spec: &Spec) -> Result<Committed, LogError> {
    let mut all = Committed::default();
    for slot in spec.slots.all() {
        let state = log::read(broker, &spec.incarnation, slot).await?;
        all.epochs += state.epoch;
        all.parts.extend(state.parts);
    }
    Ok(all)
}

impl Committed {
    fn table(&self, layout: &Layout, table: &'static Table) -> TableReader {
        let files = self.parts.iter().filter(|part| part.table == table.name);
        let paths: Vec<PathBuf> = files.map(|part| layout.part(table.name, &part.file.name)).collect();
        TableReader::of_files(table, paths)
    }

    /// Part files that are there and do not count: late ones of workers that had lost their slot.
    pub fn not_counted(&self, layout: &Layout) -> Result<u64, DatasetError> {
        let mut count = 0;
        for table in mxcensus_dataset::columns::TABLES {
            for path in part_files(&layout.parts().join(table.name))? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let counts = self.parts.iter().any(|part| part.table == table.name && part.file.name == name);
                count += u64::from(!counts);
            }
        }
        Ok(count)
    }
}

/// What should have a row and has none.
#[derive(Debug, Default)]
pub struct Missing {
    /// Domains of the list.
    pub domains: u64,
    /// Certificates that rows name.
    pub certificates: u64,
    /// Hosts, policies and hosts at addresses.
    pub children: Vec<Child>,
}

impl Missing {
    /// Whether nothing is missing.
    pub fn is_nothing(&self) -> bool {
        self.domains == 0 && self.certificates == 0 && self.children.is_empty()
    }
}

#[derive(Deserialize)]
struct PolicyChain {
    domain: String,
    policy_chain: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Endpoint {
    host: String,
    server_name: String,
    ip: String,
    chain: Option<Vec<String>>,
    legacy_chain: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Certificate {
    sha256: String,
}

/// Looks for what is missing, in the rows alone: every domain of the list, every MX host that a domain names, every policy that
/// one announces, every endpoint of a host, every certificate that a row names. Holds 16 bytes a row.
pub fn audit(layout: &Layout, committed: &Committed) -> Result<Missing, CloseError> {
    let table = |table| committed.table(layout, table);
    let (mut there, mut missing) = (SeenSet::default(), Missing::default());
    for row in table(CertificateRow::TABLE).project::<Certificate>() {
        there.insert(key(Once::Certificate, &[row?.sha256.as_bytes()]));
    }
    let mut named = |names: Option<Vec<String>>, there: &SeenSet| {
        let absent =
            names.into_iter().flatten().filter(|sha| !there.contains(key(Once::Certificate, &[sha.as_bytes()])));
        missing.certificates += absent.count() as u64;
    };
    for row in table(PolicyRow::TABLE).project::<PolicyChain>() {
        let row = row?;
        named(row.policy_chain, &there);
        there.insert(key(Once::Policy, &[row.domain.as_bytes()]));
    }
    for row in table(EndpointRow::TABLE).project::<Endpoint>() {
        let row = row?;
        named(row.chain, &there);
        named(row.legacy_chain, &there);
        if let Ok(ip) = row.ip.parse::<IpAddr>() {
            there.insert(endpoint_key(&row.host, &row.server_name, ip));
        }
    }
    let mut absent = BTreeMap::new();
    for row in table(MxHostRow::TABLE).rows::<MxHostRow>() {
        let row = row?;
        let name: Arc<str> = row.host.as_str().into();
        there.insert(key(Once::Host, &[row.host.as_bytes()]));
        for at in host::addresses_of(&name, &row) {
            let has_row = |server_name: &Arc<str>| there.contains(endpoint_key(&at.host, server_name, at.ip));
            if !at.server_names.iter().all(has_row) {
                absent.insert(format!("{} {}", at.host, at.ip), Child::At(at));
            }
        }
    }
    for row in table(DomainRow::TABLE).rows::<DomainRow>() {
        let row = row?;
        there.insert(domain_key(&row.domain));
        for child in domain::children(&row.domain.as_str().into(), &row) {
            let (once, name) = match &child {
                Child::Host(host) => (Once::Host, host.clone()),
                Child::Policy(domain) => (Once::Policy, domain.clone()),
                Child::At(_) => continue,
            };
            if !there.contains(key(once, &[name.as_bytes()])) {
                absent.insert(format!("{once:?} {name}"), child);
            }
        }
    }
    for entry in Spool::open(&layout.root().join("input"))?.read_in_order()? {
        missing.domains += u64::from(!there.contains(domain_key(&entry?.domain)));
    }
    missing.children = absent.into_values().collect();
    Ok(missing)
}

/// Makes the tables of the dataset out of the parts that count, each key once; gives the rows that were left out. Made again,
/// the files are the same, byte for byte.
pub fn merge(layout: &Layout, committed: &Committed) -> Result<u64, DatasetError> {
    Ok(merge_table::<CertificateRow>(layout, committed)?
        + merge_table::<EndpointRow>(layout, committed)?
        + merge_table::<PolicyRow>(layout, committed)?
        + merge_table::<MxHostRow>(layout, committed)?
        + merge_table::<DomainRow>(layout, committed)?)
}

fn merge_table<R: Row>(layout: &Layout, committed: &Committed) -> Result<u64, DatasetError> {
    let folder = layout.root().join(R::TABLE.name);
    for path in part_files(&folder)? {
        // What an attempt that was killed left.
        std::fs::remove_file(&path).map_err(|e| DatasetError::from_io(&path, e))?;
    }
    let reader = committed.table(layout, R::TABLE).without_repetitions()?;
    let author = Author { worker: AUTHOR.to_owned(), run: 1 };
    let mut writer = TableWriter::<R>::new(layout.root(), &author, PartSize { rows: ROWS, age: Duration::MAX })?;
    for row in reader.rows::<R>() {
        writer.push(row?)?;
    }
    writer.finish()?;
    Ok(reader.rows_left_out() as u64)
}
