//! How a crawl stands, as the broker knows it.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::broker::{Broker, Stream};
use crate::entries::{self, EntryError};
use crate::log::{in_subject, own_subject};
use crate::members::Members;
use crate::records::{self, Beat, Record, Spec, Standing, What};

/// One slot.
#[derive(Clone, Debug, Serialize)]
pub struct SlotStanding {
    /// The slot.
    pub slot: String,
    /// How often it changed hands, the first time included.
    pub epoch: u64,
    /// The worker that holds it, where one that lives does.
    pub owner: Option<String>,
    /// Nothing is left of what came up to now.
    pub idle: bool,
}

/// One worker.
#[derive(Clone, Debug, Serialize)]
pub struct WorkerStanding {
    /// Its name.
    pub worker: String,
    /// Its run.
    pub run: u32,
    /// `working`, `left`, or `gone`: it gave no sign of life while this was looked at.
    pub state: &'static str,
    /// Slots that it holds.
    pub slots: usize,
    /// Rows of this run: domains, policies, MX hosts, endpoints.
    pub rows: [u64; 4],
}

/// The crawl.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub crawl: String,
    /// Its directory.
    pub dir: String,
    /// Everything has its row.
    pub observed: bool,
    /// Its slots.
    pub slots: Vec<SlotStanding>,
    /// Every worker that took part.
    pub workers: Vec<WorkerStanding>,
}

/// Looks at a crawl for long enough to hear from everybody who lives.
pub async fn look(broker: &Broker, spec: &Spec) -> Result<Status, EntryError> {
    let patience = Duration::from_secs_f64(spec.gone_after_s.clamp(0.1, 60.0) / 2.0);
    let (known, next) = entries::since::<Beat>(broker, spec, "w.*", 1).await?;
    tokio::time::sleep(patience).await;
    let (fresh, _) = entries::since::<Beat>(broker, spec, "w.*", next).await?;
    let (mut members, now) = (Members::default(), Instant::now());
    fresh.iter().for_each(|beat| members.beat(beat.clone(), now));
    let mut workers: Vec<WorkerStanding> = Vec::new();
    for beat in known.into_iter().chain(fresh) {
        workers.retain(|worker| worker.worker != beat.worker);
        let lives = members.is_alive(&beat.start, now, Duration::MAX);
        let state = if beat.left {
            "left"
        } else if lives {
            "working"
        } else {
            "gone"
        };
        workers.push(WorkerStanding { worker: beat.worker, run: beat.run, state, slots: beat.slots, rows: beat.rows });
    }
    let mut slots = Vec::new();
    for slot in spec.slots.all() {
        let last = broker.last(Stream::Log, &own_subject(&spec.incarnation, slot)).await?;
        let record = last.map(|stored| records::read::<Record>(&stored.data)).transpose()?;
        let messages = broker.last(Stream::Log, &in_subject(&spec.incarnation, slot)).await?.map_or(0, |last| last.seq);
        let owner = record.as_ref().filter(|record| record.what != What::Released);
        let owner = owner.and_then(|record| {
            let mut living = members.living(now, Duration::MAX);
            living.find(|beat| beat.start == record.start).map(|beat| beat.worker.clone())
        });
        let idle = record.as_ref().is_some_and(|r| matches!(r.what, What::Idle { in_seq } if in_seq >= messages));
        slots.push(SlotStanding { slot: slot.to_string(), epoch: record.map_or(0, |r| r.epoch), owner, idle });
    }
    let standing = entries::get::<Standing>(broker, spec, "standing").await?;
    let observed = standing.is_some_and(|(_, standing)| standing.observed);
    Ok(Status { crawl: spec.name.clone(), dir: spec.dir.clone(), observed, slots, workers })
}

/// The living workers that obey another opt-out list than this.
pub async fn behind_with_opt_out(broker: &Broker, spec: &Spec, sha256: &str) -> Result<Vec<String>, EntryError> {
    let (beats, _) = entries::since::<Beat>(broker, spec, "w.*", 1).await?;
    let behind = beats.into_iter().filter(|beat| !beat.left && beat.opt_out != sha256);
    Ok(behind.map(|beat| beat.worker).collect())
}
