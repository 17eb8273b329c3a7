//! What rows lead to, on its way to the slots that it belongs to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mxcensus_scan::frontier::Child;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::broker::{Broker, BrokerError, Stream};
use crate::log::{in_subject, patiently};
use crate::records::{MESSAGE_BYTES, Message, Sent, VERSION};
use crate::slots::{Slot, Slots};

/// Children of one message.
const MOST: usize = 500;

/// Children wait for company for so long.
const WAIT: Duration = Duration::from_millis(500);

/// Collects what is for each slot, and publishes it in batches.
#[derive(Debug)]
pub struct Outbox {
    broker: Broker,
    incarnation: String,
    slots: Slots,
    waiting: BTreeMap<Slot, Vec<Child>>,
    since: Option<Instant>,
}

impl Outbox {
    /// An empty one.
    pub fn new(broker: &Broker, incarnation: &str, slots: Slots) -> Outbox {
        let (broker, incarnation) = (broker.clone(), incarnation.to_owned());
        Outbox { broker, incarnation, slots, waiting: BTreeMap::new(), since: None }
    }

    /// Takes a child.
    pub fn put(&mut self, child: Child) {
        self.since.get_or_insert_with(Instant::now);
        self.waiting.entry(self.slots.of(&child)).or_default().push(child);
    }

    /// Takes everything that has come.
    pub fn collect(&mut self, children: &mut UnboundedReceiver<Child>) {
        while let Ok(child) = children.try_recv() {
            self.put(child);
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether something has waited long enough, or is enough for a message.
    pub fn is_due(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() >= WAIT) || self.waiting.values().any(|slot| slot.len() >= MOST)
    }

    /// Publishes everything; returns when all of it is acknowledged. It waits for a broker that is away.
    pub async fn publish(&mut self) -> Result<(), BrokerError> {
        while let Some((&slot, _)) = self.waiting.first_key_value() {
            let children = self.waiting.remove(&slot).unwrap_or_default();
            let subject = in_subject(&self.incarnation, slot);
            for data in messages(children) {
                // Published twice does no harm: everything is put once.
                patiently(|| self.broker.append(Stream::Log, &subject, None, data.clone())).await?;
            }
        }
        self.since = None;
        Ok(())
    }
}

/// Messages of at most so many children, and so many bytes.
fn messages(children: Vec<Child>) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for child in children.into_iter().map(Sent::from) {
        let size = serde_json::to_vec(&child).map_or(0, |text| text.len() + 1);
        if batch.len() == MOST || (bytes + size > MESSAGE_BYTES && !batch.is_empty()) {
            out.extend(message(std::mem::take(&mut batch)));
            bytes = 0;
        }
        bytes += size;
        batch.push(child);
    }
    if !batch.is_empty() {
        out.extend(message(batch));
    }
    out
}

fn message(children: Vec<Sent>) -> Option<Vec<u8>> {
    // A child is text and lists of text: it can always be written.
    serde_json::to_vec(&Message { v: VERSION, children }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records;

    #[test]
    fn no_message_is_too_long_and_nothing_is_left_out() {
        let children: Vec<Child> =
            (0..1234).map(|n| Child::Host(format!("mx{n}.{}", "a".repeat(n % 700)).into())).collect();
        let messages = messages(children.clone());
        assert!(messages.iter().all(|message| message.len() < MESSAGE_BYTES + 1000));
        let back: Vec<Child> = messages
            .iter()
            .flat_map(|message| records::read::<Message>(message).unwrap().children)
            .map(Child::from)
            .collect();
        assert_eq!(back, children);
        assert!(messages.len() >= 3);
    }
}
