//! Reading, judging and writing side by side: a thread for each, rows in batches, in the order of the input throughout.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use super::{RejudgeError, order};
use crate::judged::VerdictWriter;
use crate::summary::Summary;
use crate::{Dataset, DatasetError};
use mxcensus_judge::Judgement;
use mxcensus_rules::observation::DomainRow;

/// Rows that change threads together: waking the other side costs as much as judging a few.
const BATCH_ROWS: usize = 512;
/// Batches that may wait between two threads.
const WAITING_BATCHES: usize = 4;

/// Why the reader stopped.
enum ReadEnd {
    Failed(RejudgeError),
    /// Nobody takes rows any more: the writer failed, and says why.
    Unwanted,
}

impl From<RejudgeError> for ReadEnd {
    fn from(error: RejudgeError) -> Self {
        ReadEnd::Failed(error)
    }
}

/// Judges every domain of a dataset into `writer`, which comes back with the summary of what it took. Temporary files are
/// made in `beside`.
pub(super) fn run(
    dataset: &Dataset,
    beside: &Path,
    writer: VerdictWriter,
    judge: impl Fn(&DomainRow) -> Judgement,
) -> Result<(VerdictWriter, Summary), RejudgeError> {
    thread::scope(|scope| {
        let (read, rows) = sync_channel::<Vec<DomainRow>>(WAITING_BATCHES);
        let (judged, verdicts) = sync_channel::<Vec<Judgement>>(WAITING_BATCHES);
        let reading = scope.spawn(move || read_all(dataset, beside, &read));
        let writing = scope.spawn(move || write_all(writer, &verdicts));
        let mut summary = Summary::default();
        for batch in rows {
            let batch: Vec<Judgement> = batch.iter().map(&judge).collect();
            batch.iter().for_each(|judgement| summary.add(&judgement.verdict));
            if judged.send(batch).is_err() {
                break;
            }
        }
        drop(judged);
        let writer = joined(writing)?;
        match joined(reading) {
            Ok(()) | Err(ReadEnd::Unwanted) => Ok((writer, summary)),
            Err(ReadEnd::Failed(error)) => Err(error),
        }
    })
}

fn read_all(dataset: &Dataset, beside: &Path, rows: &SyncSender<Vec<DomainRow>>) -> Result<(), ReadEnd> {
    let hand_over = |batch| rows.send(batch).map_err(|_| ReadEnd::Unwanted);
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    order::for_each_domain(dataset, beside, |row| {
        batch.push(row);
        if batch.len() < BATCH_ROWS {
            return Ok(());
        }
        hand_over(std::mem::replace(&mut batch, Vec::with_capacity(BATCH_ROWS)))
    })?;
    hand_over(batch)
}

fn write_all(mut writer: VerdictWriter, verdicts: &Receiver<Vec<Judgement>>) -> Result<VerdictWriter, DatasetError> {
    for judgement in verdicts.iter().flatten() {
        writer.push(judgement.verdict)?;
        judgement.hosts.into_iter().try_for_each(|row| writer.push_mx(row))?;
        judgement.stores.into_iter().try_for_each(|row| writer.push_store(row))?;
    }
    Ok(writer)
}

/// What a thread came to. A panic there goes on here.
fn joined<T>(handle: ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
