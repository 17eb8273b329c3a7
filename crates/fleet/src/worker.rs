//! The life of a worker: it says that it lives, looks at the others, takes slots and gives them back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use mxcensus_dataset::files;
use mxcensus_dataset::input::OptOut;
use mxcensus_scan::connectivity::Kind;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::broker::{Appended, BrokerError, Stream};
use crate::end;
use crate::entries::{self, EntryError};
use crate::holding::{self, Holding, HoldingError, Shared};
use crate::log::{self, Log, LogError};
use crate::members::Members;
use crate::ownership::owners;
use crate::records::{self, Beat, OptOutInForce, Record, Standing, VERSION, What};
use crate::slots::Slot;

/// Signs of life within the time after which a worker is gone.
const BEATS: f64 = 5.0;

/// A broker that is away for so long will not come back by itself.
const AWAY: Duration = Duration::from_secs(600);

/// How a worker ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ended {
    /// Everything has its row.
    Observed,
    /// It was asked to leave.
    Left,
}

/// Why a worker could not take part, or not go on.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// Another one of this name is at work.
    #[error("a worker named {0} is at work on this crawl: give this one another name with --worker")]
    NameTaken(String),
    /// The broker is gone.
    #[error(
        "the broker has been away for ten minutes: start it again, or make a new one from the crawl's directory with mxcensus fleet seed"
    )]
    BrokerLost,
    /// The list is not what the broker says.
    #[error("the opt-out list {0} is not the one that is in force: nobody is contacted on a guess")]
    OptOut(String),
    /// No mail server can be reached from here.
    #[error("no mail server can be reached from here, or this machine has lost its connection: {0}")]
    Connection(String),
    /// An entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A slot.
    #[error(transparent)]
    Holding(#[from] HoldingError),
}

impl WorkError {
    fn is_passing(&self) -> bool {
        match self {
            WorkError::Entry(error) => error.is_passing(),
            WorkError::Log(LogError::Broker(error)) => error.is_passing(),
            _ => false,
        }
    }
}

impl From<BrokerError> for WorkError {
    fn from(error: BrokerError) -> Self {
        WorkError::Entry(error.into())
    }
}

type Taking = JoinHandle<Result<Option<Holding>, HoldingError>>;

/// A worker.
pub struct Worker {
    shared: Arc<Shared>,
    run: u32,
    /// The sequence of its last sign of life.
    seat: u64,
    members: Members,
    next_beat: u64,
    opt_out: String,
    held: BTreeMap<Slot, Holding>,
    taking: BTreeMap<Slot, Taking>,
    quiet_since: Option<Instant>,
}

impl Worker {
    /// Takes its seat: no other worker of this name is at work, and the opt-out list in force is obeyed. No server was contacted yet.
    pub async fn join(shared: Arc<Shared>, run: u32) -> Result<Worker, WorkError> {
        let mut worker = Worker {
            shared,
            run,
            seat: 0,
            members: Members::default(),
            next_beat: 1,
            opt_out: String::new(),
            held: BTreeMap::new(),
            taking: BTreeMap::new(),
            quiet_since: None,
        };
        worker.obey_opt_out().await?;
        worker.sit_down().await?;
        Ok(worker)
    }

    async fn sit_down(&mut self) -> Result<(), WorkError> {
        let (broker, spec) = (&self.shared.broker, &self.shared.spec);
        let seat = self.seat_name();
        let mut expected = 0;
        if let Some((seq, beat)) = entries::get::<Beat>(broker, spec, &seat).await? {
            expected = seq;
            let begun = Instant::now();
            while !beat.left && begun.elapsed() < self.gone_after() {
                tokio::time::sleep(self.gone_after().mul_f64(1.0 / BEATS)).await;
                if entries::get::<Beat>(broker, spec, &seat).await?.is_some_and(|(now, _)| now != seq) {
                    return Err(WorkError::NameTaken(self.shared.worker.clone()));
                }
            }
        }
        match entries::set(broker, spec, &seat, Some(expected), &self.beat(false)).await? {
            Appended::Stored(seq) => {
                self.seat = seq;
                Ok(())
            }
            Appended::Refused => Err(WorkError::NameTaken(self.shared.worker.clone())),
        }
    }

    /// Works until everything has its row, or until `leave` says so.
    pub async fn work(mut self, mut leave: watch::Receiver<bool>) -> Result<Ended, WorkError> {
        let every = self.gone_after().mul_f64(1.0 / BEATS);
        let mut answered = Instant::now();
        let mut ended = None;
        loop {
            if *leave.borrow() {
                ended.get_or_insert(Ended::Left);
            }
            let late = answered.elapsed() > self.gone_after().mul_f64(0.5);
            if late {
                self.members.could_not_look(Instant::now());
            }
            match self.round(ended.is_some()).await {
                Ok(observed) => {
                    answered = Instant::now();
                    if observed {
                        ended.get_or_insert(Ended::Observed);
                    }
                }
                Err(error) if error.is_passing() && answered.elapsed() < AWAY => {
                    tracing::debug!("{error}; nobody is contacted meanwhile");
                }
                Err(error) if error.is_passing() => return self.give_up(WorkError::BrokerLost).await,
                Err(error) => return self.give_up(error).await,
            }
            if let Some(ended) = ended
                && self.held.is_empty()
                && self.taking.is_empty()
            {
                self.leave().await;
                return Ok(ended);
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                // The sender may be gone: then no signal comes.
                Ok(()) = leave.changed() => {}
            }
        }
    }

    /// Drops everything; the slots are taken over when this worker is gone.
    async fn give_up(mut self, error: WorkError) -> Result<Ended, WorkError> {
        self.held.values().for_each(|holding| holding.frontier.stop());
        self.leave().await;
        Err(error)
    }

    async fn leave(&mut self) {
        let (broker, spec) = (&self.shared.broker, &self.shared.spec);
        // A broker that is away learns it from the silence.
        let _ = entries::set(broker, spec, &self.seat_name(), Some(self.seat), &self.beat(true)).await;
    }

    /// One round; true when everything has its row.
    async fn round(&mut self, leaving: bool) -> Result<bool, WorkError> {
        self.reap().await?;
        self.say_alive().await?;
        self.look_at_others().await?;
        self.obey_opt_out().await?;
        self.check_connection()?;
        let wanted: Vec<Slot> = if leaving { Vec::new() } else { self.wanted() };
        for (slot, holding) in &self.held {
            if !wanted.contains(slot) && !holding.frontier.is_stopping() {
                tracing::info!("{slot} is given back");
                holding.frontier.stop();
            }
        }
        for slot in &wanted {
            if !self.held.contains_key(slot) && !self.taking.contains_key(slot) && self.is_free(*slot).await? {
                self.take(*slot);
            }
        }
        self.drop_what_is_lost().await?;
        self.note_quiet();
        let first = self.shared.spec.slots.all().next();
        if !leaving && first.is_some_and(|first| self.held.contains_key(&first)) && self.is_all_quiet() {
            let (broker, spec) = (&self.shared.broker, &self.shared.spec);
            if end::is_observed(broker, spec).await? {
                let standing = Standing { v: VERSION, observed: true };
                entries::set(broker, spec, "standing", None, &standing).await?;
            }
        }
        let standing = entries::get::<Standing>(&self.shared.broker, &self.shared.spec, "standing").await?;
        Ok(standing.is_some_and(|(_, standing)| standing.observed))
    }

    /// Drops the slots that somebody else has taken: a slot with nothing to note would not notice. Their watchers share the
    /// resolver's gate, which stays watched when one of them ends.
    async fn drop_what_is_lost(&mut self) -> Result<(), WorkError> {
        for (slot, holding) in &self.held {
            if holding.frontier.is_stopping() {
                continue;
            }
            let subject = log::own_subject(&self.shared.spec.incarnation, *slot);
            let last = self.shared.broker.last(Stream::Log, &subject).await?;
            let record =
                last.map(|stored| records::read::<Record>(&stored.data)).transpose().map_err(LogError::from)?;
            if record.is_none_or(|record| record.start != self.shared.start) {
                tracing::warn!("{slot} belongs to another worker now; what was in hand is dropped");
                holding.frontier.stop();
            }
        }
        self.shared.connectivity.gate(Kind::Resolver).set_watched(!self.held.is_empty());
        Ok(())
    }

    /// The slots that this worker should hold.
    fn wanted(&self) -> Vec<Slot> {
        let mut present = self.members.present(Instant::now(), self.gone_after());
        present.insert(self.shared.worker.clone());
        let owners = owners(&present, self.shared.spec.slots);
        owners.into_iter().filter(|(_, owner)| *owner == self.shared.worker).map(|(slot, _)| slot).collect()
    }

    /// Whether no living worker holds a slot, by its last record.
    async fn is_free(&self, slot: Slot) -> Result<bool, WorkError> {
        let subject = log::own_subject(&self.shared.spec.incarnation, slot);
        let Some(stored) = self.shared.broker.last(Stream::Log, &subject).await? else { return Ok(true) };
        let record: Record = records::read(&stored.data).map_err(LogError::from)?;
        let is_ours = record.start == self.shared.start;
        Ok(record.what == What::Released || is_ours || !self.lives(&record.start))
    }

    fn lives(&self, start: &str) -> bool {
        self.members.is_alive(start, Instant::now(), self.gone_after())
    }

    /// Takes a slot, in a task of its own: there may be much to read.
    fn take(&mut self, slot: Slot) {
        let shared = self.shared.clone();
        let living: Vec<String> = {
            let living = self.members.living(Instant::now(), self.gone_after());
            living.map(|beat| beat.start.clone()).filter(|start| *start != self.shared.start).collect()
        };
        let taking = async move {
            let state = log::read(&shared.broker, &shared.spec.incarnation, slot).await?;
            if state.owner.as_ref().is_some_and(|owner| living.contains(&owner.start)) {
                return Ok(None);
            }
            let who = (shared.worker.as_str(), shared.start.as_str());
            match Log::take(&shared.broker, &shared.spec.incarnation, slot, who, state).await? {
                Some(log) => holding::begin(&shared, slot, log).await.map(Some),
                None => Ok(None),
            }
        };
        self.taking.insert(slot, tokio::spawn(taking));
    }

    /// Takes in what was taken, and lets go of what was released or lost.
    async fn reap(&mut self) -> Result<(), WorkError> {
        let taken: Vec<Slot> =
            self.taking.iter().filter(|(_, task)| task.is_finished()).map(|(slot, _)| *slot).collect();
        for slot in taken {
            let Some(task) = self.taking.remove(&slot) else { continue };
            match task.await.map_err(|_| HoldingError::Panicked("the taking of a slot"))? {
                Ok(Some(holding)) => {
                    tracing::info!("{slot} is taken");
                    self.held.insert(slot, holding);
                }
                Ok(None) => {}
                Err(error) if error.is_loss() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let over: Vec<Slot> =
            self.held.iter().filter(|(_, holding)| holding.task.is_finished()).map(|(slot, _)| *slot).collect();
        for slot in over {
            let Some(holding) = self.held.remove(&slot) else { continue };
            match holding.task.await.map_err(|_| HoldingError::Panicked("a slot"))? {
                Ok(()) => {}
                Err(error) if error.is_loss() => tracing::warn!("{error}; what was in hand is dropped"),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn say_alive(&mut self) -> Result<(), WorkError> {
        let (broker, spec) = (&self.shared.broker, &self.shared.spec);
        let seat = self.seat_name();
        match entries::set(broker, spec, &seat, Some(self.seat), &self.beat(false)).await? {
            Appended::Stored(seq) => self.seat = seq,
            Appended::Refused => match entries::get::<Beat>(broker, spec, &seat).await? {
                // An earlier one whose answer was lost.
                Some((seq, beat)) if beat.start == self.shared.start => self.seat = seq,
                None => self.seat = 0,
                Some(_) => return Err(WorkError::NameTaken(self.shared.worker.clone())),
            },
        }
        Ok(())
    }

    async fn look_at_others(&mut self) -> Result<(), WorkError> {
        let (beats, next) =
            entries::since::<Beat>(&self.shared.broker, &self.shared.spec, "w.*", self.next_beat).await?;
        self.next_beat = next;
        let now = Instant::now();
        beats.into_iter().for_each(|beat| self.members.beat(beat, now));
        Ok(())
    }

    /// Obeys the list in force; a list that cannot be read is no reason to contact anybody.
    async fn obey_opt_out(&mut self) -> Result<(), WorkError> {
        let entry = entries::get::<OptOutInForce>(&self.shared.broker, &self.shared.spec, "opt-out").await?;
        let Some((_, in_force)) = entry.filter(|(_, in_force)| in_force.sha256 != self.opt_out) else { return Ok(()) };
        let list = read_list(&self.shared.layout.opt_out(), &in_force.sha256);
        let list = list.ok_or_else(|| WorkError::OptOut(self.shared.layout.opt_out().display().to_string()))?;
        self.shared.setup.left_alone.replace(list);
        self.opt_out = in_force.sha256;
        Ok(())
    }

    fn check_connection(&self) -> Result<(), WorkError> {
        if let Some(closed) = self.shared.connectivity.closed() {
            return Err(WorkError::Connection(closed.to_string()));
        }
        if self.shared.connectivity.shared().is_lost() {
            return Err(WorkError::Connection("it stayed away for too long".to_owned()));
        }
        Ok(())
    }

    /// A worker all of whose slots have had nothing to do for a while lets them write what was withheld: its share of the crawl
    /// was too small to tell whether the port is open.
    fn note_quiet(&mut self) {
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        if !self.is_all_quiet() {
            self.quiet_since = None;
        }
        let is_quiet = self.is_all_quiet() && since.elapsed() >= self.gone_after();
        self.shared.is_quiet.store(is_quiet, SeqCst);
    }

    fn is_all_quiet(&self) -> bool {
        self.taking.is_empty() && self.held.values().all(|holding| holding.is_quiet.load(SeqCst))
    }

    fn beat(&self, left: bool) -> Beat {
        Beat {
            v: VERSION,
            worker: self.shared.worker.clone(),
            start: self.shared.start.clone(),
            run: self.run,
            opt_out: self.opt_out.clone(),
            slots: self.held.len(),
            rows: std::array::from_fn(|at| self.shared.rows[at].load(SeqCst)),
            left,
        }
    }

    fn seat_name(&self) -> String {
        format!("w.{}", self.shared.worker)
    }

    fn gone_after(&self) -> Duration {
        Duration::try_from_secs_f64(self.shared.spec.gone_after_s).unwrap_or(Duration::from_secs(10))
    }
}

/// The list of a file whose digest is this.
fn read_list(path: &Path, sha256: &str) -> Option<OptOut> {
    if files::digest_of(path).ok()?.sha256 != sha256 {
        return None;
    }
    OptOut::parse(&std::fs::read_to_string(path).ok()?).ok()
}
