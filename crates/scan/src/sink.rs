//! Where rows go: a bounded channel to the Parquet writer, or to memory for `check`.

use std::sync::Arc;

use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::counters::Progress;
use super::tally::Mark;
use mxcensus_dataset::Row as _;
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, PolicyRow};

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

/// And how much text from the wire, in KiB: an honest row has one or two, a hostile one a few hundred.
const WAITING_KIB: u32 = 32 * 1024;

/// A row, and the room that it takes up until the writer has it.
type Waiting = (Row, Option<OwnedSemaphorePermit>);

/// The sending half.
#[derive(Clone, Debug)]
pub struct Sink {
    rows: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
    progress: Arc<Progress>,
}

/// The receiving half.
#[derive(Debug)]
pub struct Rows(mpsc::Receiver<Waiting>);

/// A channel for rows, which are counted as they pass.
pub fn channel(progress: Arc<Progress>) -> (Sink, Rows) {
    let (rows, receiver) = mpsc::channel(WAITING_ROWS);
    (Sink { rows, room: Arc::new(Semaphore::new(WAITING_KIB as usize)), progress }, Rows(receiver))
}

impl Row {
    /// About how much text from the wire it holds, in KiB, rounded up.
    fn kib(&self) -> u32 {
        let bytes = match self {
            Row::Domain(row) => row.weight(),
            Row::Policy(row) => row.weight(),
            Row::MxHost(row) => row.weight(),
            Row::Endpoint(row) => row.weight(),
            Row::Certificate(_, der) => der.len(),
        };
        u32::try_from(bytes / 1024 + 1).map_or(WAITING_KIB, |kib| kib.min(WAITING_KIB))
    }

    /// What is counted of it; certificates are not, as the writer may have them already.
    fn mark(&self) -> Option<Mark> {
        match self {
            Row::Domain(row) => Some(Mark::Domain(row.mx_status)),
            Row::Policy(row) => Some(Mark::from(&**row)),
            Row::MxHost(row) => Some(Mark::MxHost(row.host_status)),
            Row::Endpoint(row) => Some(Mark::from(&**row)),
            Row::Certificate(..) => None,
        }
    }
}

impl Sink {
    /// The counters of the rows that passed.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Hands a row over; waits while the writer is behind. False when the writer is gone, which only happens
    /// when it failed: the crawl is being stopped then and the row is not lost but to be observed again.
    pub async fn put(&self, row: Row) -> bool {
        // The semaphore is never closed.
        let room = self.room.clone().acquire_many_owned(row.kib()).await.ok();
        let mark = row.mark();
        let handed_over = self.rows.send((row, room)).await.is_ok();
        if let Some(mark) = mark.filter(|_| handed_over) {
            self.progress.handed_over(mark);
        }
        handed_over
    }
}

impl Rows {
    /// The next row, if one waits.
    pub fn try_recv(&mut self) -> Result<Row, TryRecvError> {
        self.0.try_recv().map(|(row, _)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn heavy_rows_wait_and_light_ones_do_not() {
        let (sink, mut rows) = channel(Arc::default());
        let heavy = || Row::Certificate(1, vec![0; (WAITING_KIB as usize / 2) << 10]);
        assert!(sink.put(heavy()).await);
        let second = sink.put(heavy());
        tokio::pin!(second);
        let waits = tokio::time::timeout(Duration::from_millis(20), &mut second).await;
        assert!(waits.is_err(), "two heavy rows do not fit");
        assert!(rows.try_recv().is_ok());
        assert!(second.await, "there is room now");
        let (sink, mut rows) = channel(Arc::default());
        for _ in 0..1000 {
            assert!(sink.put(Row::Certificate(1, vec![0; 1000])).await);
        }
        let beyond = Row::Certificate(1, vec![0; (WAITING_KIB as usize + 1) << 10]);
        let _ = std::iter::from_fn(|| rows.try_recv().ok()).count();
        assert!(sink.put(beyond).await, "a row beyond the room takes all of it");
    }

    #[tokio::test]
    async fn a_writer_that_is_gone_holds_up_nobody() {
        let (sink, rows) = channel(Arc::default());
        assert!(sink.put(Row::Certificate(1, vec![0; (WAITING_KIB as usize) << 10])).await);
        drop(rows);
        assert!(!sink.put(Row::Certificate(1, vec![0; 5000])).await);
    }
}
