//! Rows that a slot's owner has in hand: observed, and not yet in part files that count.

use std::path::Path;
use std::time::Instant;

use mxcensus_dataset::input::SeenSet;
use mxcensus_dataset::{Author, DatasetError, Part, Row as TableRow, TableWriter};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::pkix;
use mxcensus_scan::sink::{Row, Rows};
use tokio::sync::mpsc::error::TryRecvError;

/// Rows of one slot, and the certificates that they name.
#[derive(Default)]
pub struct Hand {
    domains: Vec<DomainRow>,
    policies: Vec<PolicyRow>,
    mx_hosts: Vec<MxHostRow>,
    endpoints: Vec<EndpointRow>,
    certificates: Vec<Vec<u8>>,
    kept: SeenSet,
    since: Option<Instant>,
    last: Option<Instant>,
}

/// What is written together.
#[derive(Default)]
pub struct Batch {
    domains: Vec<DomainRow>,
    policies: Vec<PolicyRow>,
    mx_hosts: Vec<MxHostRow>,
    endpoints: Vec<EndpointRow>,
    certificates: Vec<Vec<u8>>,
}

impl Hand {
    /// Takes what waits, at most so many rows in hand. False when no row can come any more.
    pub fn collect(&mut self, rows: &mut Rows, at_most: usize) -> bool {
        while self.rows() < at_most {
            match rows.try_recv() {
                Ok(row) => self.put(row),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    /// Takes a row.
    pub fn put(&mut self, row: Row) {
        let now = Instant::now();
        self.since.get_or_insert(now);
        self.last = Some(now);
        match row {
            Row::Domain(row) => self.domains.push(*row),
            Row::Policy(row) => self.policies.push(*row),
            Row::MxHost(row) => self.mx_hosts.push(*row),
            Row::Endpoint(row) => self.endpoints.push(*row),
            Row::Certificate(key, der) => {
                if self.kept.insert(key) {
                    self.certificates.push(der);
                }
            }
        }
    }

    /// How many rows there are, of all tables.
    pub fn rows(&self) -> usize {
        let observed = self.domains.len() + self.policies.len() + self.mx_hosts.len() + self.endpoints.len();
        observed + self.certificates.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// When the first of these rows came.
    pub fn since(&self) -> Option<Instant> {
        self.since
    }

    /// When the last row came.
    pub fn last(&self) -> Option<Instant> {
        self.last
    }

    /// Hands over everything.
    pub fn take(&mut self) -> Batch {
        self.since = None;
        Batch {
            domains: std::mem::take(&mut self.domains),
            policies: std::mem::take(&mut self.policies),
            mx_hosts: std::mem::take(&mut self.mx_hosts),
            endpoints: std::mem::take(&mut self.endpoints),
            certificates: std::mem::take(&mut self.certificates),
        }
    }
}

impl Batch {
    /// Writes one part for each table that has rows, under the author's name and this number. Written again it replaces what
    /// the attempt before left.
    pub fn write(&self, root: &Path, author: &Author, number: u64) -> Result<Vec<Part>, DatasetError> {
        let certificates: Vec<CertificateRow> = self.certificates.iter().map(|der| pkix::describe(der)).collect();
        let parts = [
            write(root, author, number, &certificates)?,
            write(root, author, number, &self.endpoints)?,
            write(root, author, number, &self.policies)?,
            write(root, author, number, &self.mx_hosts)?,
            write(root, author, number, &self.domains)?,
        ];
        Ok(parts.into_iter().flatten().collect())
    }
}

fn write<R: TableRow + Clone>(
    root: &Path,
    author: &Author,
    number: u64,
    rows: &[R],
) -> Result<Option<Part>, DatasetError> {
    if rows.is_empty() {
        return Ok(None);
    }
    let mut writer = TableWriter::<R>::numbered(root, author, number);
    for row in rows {
        writer.push(row.clone())?;
    }
    writer.close_part()
}
