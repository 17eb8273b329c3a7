//! The writer thread: rows in, durable part files out.
//!
//! All tables are closed together (a *checkpoint*), certificates first: no crash leaves a row whose chain names a
//! certificate that was lost.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TryRecvError;

use super::limits::Limits;
use super::sink::{Row, Rows};
use mxcensus_dataset::input::SeenSet;
use mxcensus_dataset::{Author, DatasetError, Part, PartSize, TableWriter};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::pkix;

/// How long the writer sleeps when no row waits. Woken by each row it would cost a switch of threads a row; rows that
/// wait so long are taken together, and the channel holds what comes meanwhile.
const NAP: Duration = Duration::from_millis(20);

/// Writes rows into the observed tables of one dataset.
pub struct Keeper {
    domains: TableWriter<DomainRow>,
    policies: TableWriter<PolicyRow>,
    mx_hosts: TableWriter<MxHostRow>,
    endpoints: TableWriter<EndpointRow>,
    certificates: TableWriter<CertificateRow>,
    /// Certificates kept by this run.
    kept: SeenSet,
    parts: Vec<Part>,
    rows_per_part: usize,
    age: Duration,
    since: Instant,
}

impl Keeper {
    /// A keeper for the dataset at `root`.
    pub fn new(root: &Path, author: &Author, limits: &Limits) -> Result<Self, DatasetError> {
        // The keeper closes parts itself, all together.
        let size = PartSize { rows: usize::MAX, age: Duration::MAX };
        Ok(Keeper {
            domains: TableWriter::new(root, author, size)?,
            policies: TableWriter::new(root, author, size)?,
            mx_hosts: TableWriter::new(root, author, size)?,
            endpoints: TableWriter::new(root, author, size)?,
            certificates: TableWriter::new(root, author, size)?,
            kept: SeenSet::default(),
            parts: Vec::new(),
            rows_per_part: limits.rows_per_part.max(1),
            age: Duration::from_secs(limits.seconds_per_part),
            since: Instant::now(),
        })
    }

    /// Takes rows until the last sender is gone; returns the parts written. Call it on a thread of its own: it sleeps
    /// between rows, and rows in hand become durable in time though no other row comes.
    pub fn run(mut self, mut rows: Rows) -> Result<Vec<Part>, DatasetError> {
        loop {
            match rows.try_recv() {
                Ok(row) => {
                    fail::fail_point!("writer");
                    self.put(row)?;
                }
                Err(TryRecvError::Disconnected) => return self.finish(),
                Err(TryRecvError::Empty) => std::thread::sleep(NAP),
            }
            if self.is_due() {
                self.checkpoint()?;
            }
        }
    }

    fn put(&mut self, row: Row) -> Result<(), DatasetError> {
        // No part is closed here: see `new`.
        match row {
            Row::Domain(row) => self.domains.push(*row),
            Row::Policy(row) => self.policies.push(*row),
            Row::MxHost(row) => self.mx_hosts.push(*row),
            Row::Endpoint(row) => self.endpoints.push(*row),
            Row::Certificate(key, der) if self.kept.insert(key) => self.certificates.push(pkix::describe(&der)),
            Row::Certificate(..) => Ok(None),
        }
        .map(drop)
    }

    fn is_due(&self) -> bool {
        let in_hand = [
            self.domains.rows_in_hand(),
            self.policies.rows_in_hand(),
            self.mx_hosts.rows_in_hand(),
            self.endpoints.rows_in_hand(),
            self.certificates.rows_in_hand(),
        ];
        in_hand.into_iter().any(|rows| rows >= self.rows_per_part) || self.since.elapsed() >= self.age
    }

    fn checkpoint(&mut self) -> Result<(), DatasetError> {
        self.parts.extend(self.certificates.close_part()?);
        self.parts.extend(self.endpoints.close_part()?);
        self.parts.extend(self.policies.close_part()?);
        self.parts.extend(self.mx_hosts.close_part()?);
        self.parts.extend(self.domains.close_part()?);
        self.since = Instant::now();
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Part>, DatasetError> {
        self.checkpoint()?;
        self.parts.extend(self.certificates.finish()?);
        self.parts.extend(self.endpoints.finish()?);
        self.parts.extend(self.policies.finish()?);
        self.parts.extend(self.mx_hosts.finish()?);
        self.parts.extend(self.domains.finish()?);
        Ok(self.parts)
    }
}
