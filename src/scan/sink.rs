//! Where rows go: a bounded channel to whoever keeps them (the Parquet writer, or memory for `check`).

use tokio::sync::mpsc;

use crate::observation::{DomainRow, EndpointRow, MxHostRow, PolicyRow};

/// A row on its way to be kept. A certificate precedes the first row that names it.
#[derive(Debug)]
#[allow(missing_docs, reason = "one variant per table")]
pub enum Row {
    Domain(Box<DomainRow>),
    Policy(Box<PolicyRow>),
    MxHost(Box<MxHostRow>),
    Endpoint(Box<EndpointRow>),
    /// A certificate that may not be kept yet: its key in the frontier and its DER.
    Certificate(u128, Vec<u8>),
}

/// How many rows may wait for the writer before the stages wait for it: the last link of the back-pressure.
const WAITING_ROWS: usize = 8192;

/// The sending half.
#[derive(Clone, Debug)]
pub struct Sink(mpsc::Sender<Row>);

/// A channel for rows.
pub fn channel() -> (Sink, mpsc::Receiver<Row>) {
    let (sender, receiver) = mpsc::channel(WAITING_ROWS);
    (Sink(sender), receiver)
}

impl Sink {
    /// Hands a row over; waits while the writer is behind. False when the writer is gone, which only happens
    /// when it failed: the crawl is being stopped then and the row is not lost but to be observed again.
    pub async fn put(&self, row: Row) -> bool {
        self.0.send(row).await.is_ok()
    }
}
