//! The end of a crawl: no work is left, and none can come up.

use crate::broker::{Broker, Stream};
use crate::fold::Phase;
use crate::log::{self, LogError, in_subject, own_subject};
use crate::records::{self, Record, Spec, What};

/// Whether every slot is idle and no message came after those that its owner took.
///
/// All logs are read before any message is looked for: what a slot published before it was idle is seen then, and a slot that
/// took up work again has a message that its Idle does not know.
pub async fn is_observed(broker: &Broker, spec: &Spec) -> Result<bool, LogError> {
    let mut idle = Vec::new();
    for slot in spec.slots.all() {
        let Some(stored) = broker.last(Stream::Log, &own_subject(&spec.incarnation, slot)).await? else {
            return Ok(false);
        };
        let record: Record = records::read(&stored.data)?;
        let What::Idle { .. } = record.what else { return Ok(false) };
    }
    for slot in spec.slots.all() {
        // The last record may be one that is passed over.
        match log::read(broker, &spec.incarnation, slot).await?.phase {
            Phase::Idle(in_seq) => idle.push((slot, in_seq)),
            Phase::Working => return Ok(false),
        }
    }
    for (slot, in_seq) in idle {
        let last = broker.last(Stream::Log, &in_subject(&spec.incarnation, slot)).await?;
        if last.is_some_and(|last| last.seq > in_seq) {
            return Ok(false);
        }
    }
    Ok(true)
}
