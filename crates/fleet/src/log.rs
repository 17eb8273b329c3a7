//! The log of a slot: read, taken, and written by its owner. The log is the lock.

use std::time::Duration;

use crate::broker::{Appended, Broker, BrokerError, Stream};
use crate::fold::{Outcome, State, outcome};
use crate::records::{self, Record, RecordError, VERSION, What};
use crate::slots::Slot;

/// Between two attempts at a broker that does not answer.
const AGAIN: Duration = Duration::from_millis(300);

/// Why a log cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another worker owns the slot.
    #[error("{0} belongs to another worker now")]
    Lost(Slot),
    /// The broker says no.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// What stands there cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// The subject of a slot's log.
pub fn own_subject(incarnation: &str, slot: Slot) -> String {
    format!("{incarnation}.own.{slot}")
}

/// The subject of the messages to a slot.
pub fn in_subject(incarnation: &str, slot: Slot) -> String {
    format!("{incarnation}.in.{slot}")
}

/// Reads a log from its beginning.
pub async fn read(broker: &Broker, incarnation: &str, slot: Slot) -> Result<State, LogError> {
    Ok(read_whole(broker, &own_subject(incarnation, slot), None).await?.0)
}

/// Reads a log from its beginning; tells whether the record with this id was met and counted. From the beginning, because a broker
/// may have come back without its last records, with others in their place.
async fn read_whole(broker: &Broker, subject: &str, id: Option<&str>) -> Result<(State, bool), LogError> {
    let (mut state, mut stands) = (State::default(), false);
    while let Some(stored) = patiently(|| broker.next(Stream::Log, subject, state.seq + 1)).await? {
        let record: Record = records::read(&stored.data)?;
        let is_ours = id == Some(record.id.as_str());
        stands |= state.take(stored.seq, stored.at, record) && is_ours;
    }
    Ok((state, stands))
}

/// Asks until the broker answers.
pub(crate) async fn patiently<T, Asked>(ask: impl Fn() -> Asked) -> Result<T, BrokerError>
where
    Asked: Future<Output = Result<T, BrokerError>>,
{
    loop {
        match ask().await {
            Err(error) if error.is_passing() => tokio::time::sleep(AGAIN).await,
            result => return result,
        }
    }
}

/// The writing end of a log, in the hands of the slot's owner.
#[derive(Debug)]
pub struct Log {
    broker: Broker,
    slot: Slot,
    subject: String,
    start: String,
    epoch: u64,
    number: u64,
    state: State,
}

impl Log {
    /// Takes a slot whose log says this. `None` when a record came meanwhile: a sign of life, and the taker looks again.
    pub async fn take(
        broker: &Broker,
        incarnation: &str,
        slot: Slot,
        (worker, start): (&str, &str),
        state: State,
    ) -> Result<Option<Log>, LogError> {
        let epoch = state.epoch + 1;
        let mut log = Log {
            broker: broker.clone(),
            slot,
            subject: own_subject(incarnation, slot),
            start: start.to_owned(),
            epoch,
            number: 0,
            state,
        };
        let record = log.record(What::Begin { worker: worker.to_owned() });
        match log.try_append(&record).await {
            Ok(true) => return Ok(Some(log)),
            Ok(false) => {}
            Err(LogError::Broker(error)) if error.is_passing() => {}
            Err(error) => return Err(error),
        }
        (log.state, _) = read_whole(broker, &log.subject, Some(&record.id)).await?;
        Ok(log.state.is_held_by(start, epoch).then_some(log))
    }

    /// What the log says.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The number of this ownership.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Appends a record. It waits for a broker that is away; when it returns, the record stands, and this start owned the slot
    /// when it was written.
    pub async fn append(&mut self, what: What) -> Result<(), LogError> {
        loop {
            if !self.state.is_held_by(&self.start, self.epoch) {
                // Known already: what is appended behind another's record would only be passed over.
                return Err(LogError::Lost(self.slot));
            }
            let record = self.record(what.clone());
            match self.try_append(&record).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(LogError::Broker(error)) if error.is_passing() => tokio::time::sleep(AGAIN).await,
                Err(error) => return Err(error),
            }
            // Refused, or with an unknown outcome: the log is read to find out.
            let (state, stands) = read_whole(&self.broker, &self.subject, Some(&record.id)).await?;
            self.state = state;
            self.forget();
            if stands && what == What::Released {
                return Ok(());
            }
            match outcome(&self.state, &self.start, self.epoch, stands) {
                Outcome::Accepted => return Ok(()),
                Outcome::Again => {}
                Outcome::Lost => return Err(LogError::Lost(self.slot)),
            }
        }
    }

    fn record(&mut self, what: What) -> Record {
        self.number += 1;
        let id = format!("{}-{}-{}", self.start, self.epoch, self.number);
        let (prev, start) = (self.state.last.clone(), self.start.clone());
        Record { v: VERSION, id, prev, start, epoch: self.epoch, what }
    }

    /// Whether it was stored behind what is known.
    async fn try_append(&mut self, record: &Record) -> Result<bool, LogError> {
        let data = serde_json::to_vec(record).map_err(RecordError::from)?;
        match self.broker.append(Stream::Log, &self.subject, Some(self.state.seq), data).await? {
            Appended::Stored(seq) => {
                // What the owner noted is its own business; only who takes the slot over needs it.
                let keep_no_notes = Record { what: without_notes(&record.what), ..record.clone() };
                Ok(self.state.take(seq, 0, keep_no_notes))
            }
            Appended::Refused => Ok(false),
        }
    }

    /// Forgets the notes and parts that were read when the slot was taken.
    pub fn forget(&mut self) {
        self.state.notes = Vec::new();
        self.state.parts = Vec::new();
    }
}

fn without_notes(what: &What) -> What {
    match what {
        What::Notes(_) => What::Notes(Vec::new()),
        What::Checkpoint(_) => What::Checkpoint(Vec::new()),
        other => other.clone(),
    }
}
