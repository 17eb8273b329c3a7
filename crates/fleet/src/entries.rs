//! The entries of a crawl on the broker: what holds for all, and who takes part.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::broker::{Appended, Broker, BrokerError, Stored, Stream};
use crate::records::{self, RecordError, Spec};

/// The subject of the crawl's settings; it does not carry the incarnation, which stands in it.
const CRAWL: &str = "crawl";

/// Why an entry cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// What stands there.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl EntryError {
    /// Whether it may be different in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, EntryError::Broker(error) if error.is_passing())
    }
}

/// The settings of the crawl.
pub async fn spec(broker: &Broker) -> Result<Spec, EntryError> {
    match broker.last(Stream::Entries, CRAWL).await? {
        Some(stored) => Ok(records::read(&stored.data)?),
        None => Err(BrokerError::NoCrawl.into()),
    }
}

/// Writes the settings of a crawl that is begun.
pub async fn put_spec(broker: &Broker, spec: &Spec) -> Result<(), EntryError> {
    match put(broker, CRAWL, Some(0), spec).await? {
        Appended::Stored(_) => Ok(()),
        Appended::Refused => Err(BrokerError::Exists.into()),
    }
}

/// One entry of this incarnation, and its sequence.
pub async fn get<T: DeserializeOwned>(
    broker: &Broker,
    spec: &Spec,
    name: &str,
) -> Result<Option<(u64, T)>, EntryError> {
    match broker.last(Stream::Entries, &subject(spec, name)).await? {
        Some(Stored { seq, data, .. }) => Ok(Some((seq, records::read(&data)?))),
        None => Ok(None),
    }
}

/// Writes an entry of this incarnation; where `expected` is given only if its sequence is this.
pub async fn set<T: Serialize>(
    broker: &Broker,
    spec: &Spec,
    name: &str,
    expected: Option<u64>,
    entry: &T,
) -> Result<Appended, EntryError> {
    put(broker, &subject(spec, name), expected, entry).await
}

/// The entries that a name with wildcards fits, from a sequence on; gives the next sequence to look from.
pub async fn since<T: DeserializeOwned>(
    broker: &Broker,
    spec: &Spec,
    name: &str,
    mut from: u64,
) -> Result<(Vec<T>, u64), EntryError> {
    let mut entries = Vec::new();
    while let Some(stored) = broker.next(Stream::Entries, &subject(spec, name), from).await? {
        from = stored.seq + 1;
        entries.push(records::read(&stored.data)?);
    }
    Ok((entries, from))
}

async fn put<T: Serialize>(
    broker: &Broker,
    subject: &str,
    expected: Option<u64>,
    entry: &T,
) -> Result<Appended, EntryError> {
    let data = serde_json::to_vec(entry).map_err(RecordError::from)?;
    Ok(broker.append(Stream::Entries, subject, expected, data).await?)
}

fn subject(spec: &Spec, name: &str) -> String {
    format!("{}.{name}", spec.incarnation)
}
