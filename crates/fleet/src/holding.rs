//! A slot in the hands of a worker: the stages of the crawl as they are, behind the fence of the slot's log.
//!
//! A contact is begun only when its note stands in the log while this worker owned the slot. A row counts when the record
//! that names its part stands there; before that, what it led to was published and acknowledged.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use mxcensus_dataset::input::{InputError, Spool};
use mxcensus_dataset::{Author, DatasetError};
use mxcensus_rules::observation::Micros;
use mxcensus_scan::attempts::{Ask, Asks, Attempts, Note};
use mxcensus_scan::connectivity::Connectivity;
use mxcensus_scan::connectivity::watch::watch as watch_connectivity;
use mxcensus_scan::dns::Dns;
use mxcensus_scan::frontier::{Child, DomainItem, Frontier};
use mxcensus_scan::keys::domain_key;
use mxcensus_scan::sink::{self, Rows};
use mxcensus_scan::stage::{Crawl, Room};
use mxcensus_scan::takeover::{self, Done, Left};
use mxcensus_scan::{Setup, crawl};
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::broker::{Broker, BrokerError, Stream};
use crate::fold::{Phase, State};
use crate::hand::Hand;
use crate::layout::Layout;
use crate::log::{Log, LogError, in_subject, patiently};
use crate::outbox::Outbox;
use crate::records::{self, MESSAGE_BYTES, Message, PartOf, RecordError, Spec, What};
use crate::share;
use crate::slots::Slot;

/// How often rows and children are collected.
const TICK: Duration = Duration::from_millis(20);
/// How often a slot looks for messages where it has none.
const LOOK: Duration = Duration::from_millis(250);
/// Rows that a slot may have in hand: a worker holds several slots, and a row is a kilobyte or two.
const IN_HAND: usize = 4096;
/// A slot that has had nothing to do for so long writes what it has in hand.
const QUIET: Duration = Duration::from_secs(1);
/// Between two attempts to write a part, and how long they go on.
const WRITE_AGAIN: Duration = Duration::from_secs(5);
const WRITE_FOR: Duration = Duration::from_secs(600);

/// Why a slot could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum HoldingError {
    /// Its log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A message.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its files.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Its list of domains.
    #[error(transparent)]
    Input(#[from] InputError),
    /// TLS.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A fault of ours.
    #[error("{0} stopped unexpectedly: a fault of mxcensus")]
    Panicked(&'static str),
}

impl HoldingError {
    /// Whether the slot merely belongs to another worker now.
    pub fn is_loss(&self) -> bool {
        matches!(self, HoldingError::Log(LogError::Lost(_)))
    }
}

/// What the slots of one worker share.
pub struct Shared {
    /// The broker.
    pub broker: Broker,
    /// What holds for the whole crawl.
    pub spec: Spec,
    /// Its files.
    pub layout: Layout,
    /// How the crawl looks; each slot has its share of the operators' rates.
    pub setup: Setup,
    /// The resolver.
    pub dns: Dns,
    /// Whether the port is open is one question for all slots.
    pub connectivity: Connectivity,
    /// Items under way at once.
    pub room: Arc<Room>,
    /// The worker and its start.
    pub worker: String,
    /// The random word of this start.
    pub start: String,
    /// Rows of this run: domains, policies, MX hosts, endpoints.
    pub rows: [AtomicU64; 4],
    /// No slot of this worker has anything to do, and what was withheld may be written.
    pub is_quiet: AtomicBool,
}

/// A slot that this worker holds.
pub struct Holding {
    /// The frontier, to be stopped when the slot is to be released.
    pub frontier: Arc<Frontier>,
    /// Whether nothing is left to do but what is withheld.
    pub is_quiet: Arc<AtomicBool>,
    /// Ends when the slot was released, or lost.
    pub task: tokio::task::JoinHandle<Result<(), HoldingError>>,
}

/// Where the slot's feed is.
#[derive(Default)]
struct Feed {
    domains_read: AtomicBool,
    in_seq: AtomicU64,
}

/// Begins the work on a slot that was just taken.
pub async fn begin(shared: &Arc<Shared>, slot: Slot, mut log: Log) -> Result<Holding, HoldingError> {
    let (sink, rows) = sink::channel(Arc::default());
    let setup = share::of_slot(&shared.setup, shared.spec.slots, slot);
    let crawl =
        setup.crawl(shared.dns.clone(), sink, shared.spec.seed).map_err(|e| HoldingError::Tls(e.to_string()))?;
    let (attempts, asks) = Attempts::fenced();
    let crawl = Crawl {
        attempts,
        connectivity: crawl.connectivity.beside(&shared.connectivity),
        room: Some(shared.room.clone()),
        ..crawl
    };
    let children = crawl.frontier.hand_out_children();
    let left = left_of(shared, slot, log.state()).await?;
    log.forget();
    let crawl = Arc::new(crawl);
    let seeding = crawl.clone();
    let done = tokio::task::spawn_blocking(move || takeover::seed(&seeding, left));
    let done = done.await.map_err(|_| HoldingError::Panicked("the reader of rows"))??;
    let (frontier, is_quiet) = (crawl.frontier.clone(), Arc::new(AtomicBool::new(false)));
    let work = Work { shared: shared.clone(), slot, is_quiet: is_quiet.clone() };
    let task = tokio::spawn(work.run(crawl, done, log, asks, rows, children));
    Ok(Holding { frontier, is_quiet, task })
}

/// What the owners before left.
async fn left_of(shared: &Shared, slot: Slot, state: &State) -> Result<Left, HoldingError> {
    let mut left = Left::default();
    for (table, names) in state.parts_by_table() {
        let files: Vec<PathBuf> = names.into_iter().map(|name| shared.layout.part(table, name)).collect();
        left.parts.insert(table.to_owned(), files);
    }
    if left.parts.contains_key("endpoints") {
        let subject = in_subject(&shared.spec.incarnation, slot);
        let mut from = 1;
        while let Some(stored) = patiently(|| shared.broker.next(Stream::Log, &subject, from)).await? {
            from = stored.seq + 1;
            let message: Message = records::read(&stored.data)?;
            for child in message.children {
                if let Child::At(at) = child.into() {
                    left.hosts.add(&at);
                }
            }
        }
    }
    left.resting = resting(state, &shared.setup);
    left.notes = state.notes.iter().map(|(_, note)| note.clone()).collect();
    Ok(left)
}

/// The mail servers that were noted within one spacing before the slot was taken: by one clock, the broker's. Each rests a whole
/// spacing from now.
fn resting(state: &State, setup: &Setup) -> Vec<(std::net::IpAddr, Duration)> {
    let operators = setup.operators();
    let Some((last, _)) = state.notes.last() else { return Vec::new() };
    let rest = |at: Micros, host: &str| {
        let spacing = operators.of(host).pace.address;
        let ago = Duration::from_micros(u64::try_from(last - at).unwrap_or(0));
        (ago <= spacing && !spacing.is_zero()).then_some(spacing)
    };
    let contacts = state.notes.iter().filter_map(|(at, note)| match note {
        Note::Contact { host, ip, .. } | Note::Asked { host, ip, .. } => Some((*ip, rest(*at, host)?)),
        _ => None,
    });
    contacts.collect()
}

/// The tasks of one slot.
struct Work {
    shared: Arc<Shared>,
    slot: Slot,
    is_quiet: Arc<AtomicBool>,
}

impl Work {
    async fn run(
        self,
        crawl: Arc<Crawl>,
        done: Done,
        log: Log,
        asks: Asks,
        rows: Rows,
        children: UnboundedReceiver<Child>,
    ) -> Result<(), HoldingError> {
        let feed = Arc::new(Feed::default());
        let alarm = crawl.alarm.clone();
        let watching = tokio::spawn(watch_connectivity(crawl.clone()));
        let author = Author { worker: self.slot.to_string(), run: u32::try_from(log.epoch()).unwrap_or(u32::MAX) };
        let log = Arc::new(Mutex::new(log));
        let mut keeper = Keeper {
            work: &self,
            crawl: Arc::downgrade(&crawl),
            frontier: crawl.frontier.clone(),
            feed: feed.clone(),
            log: log.clone(),
            outbox: Outbox::new(&self.shared.broker, &self.shared.spec.incarnation, self.shared.spec.slots),
            hand: Hand::default(),
            author,
            number: 1,
        };
        let frontier = crawl.frontier.clone();
        let stages = async {
            let fed = crawl::work(&crawl, self.feed(&crawl, &feed, done)).await;
            watching.abort();
            let _ = watching.await;
            // The last holder of the sink: the keeper sees the end of the rows.
            drop(crawl);
            fed
        };
        let kept = async {
            let kept = keeper.keep(rows, children).await;
            // Nothing more is begun for rows that have no keeper.
            frontier.stop();
            kept
        };
        let fence = async {
            let fenced = fence(&self.shared, &log, asks).await;
            frontier.stop();
            fenced
        };
        let (fed, kept, fenced) = tokio::join!(stages, kept, fence);
        fenced?;
        kept?;
        fed?;
        if let Some(task) = alarm.rung_by() {
            return Err(HoldingError::Panicked(task));
        }
        log.lock().await.append(What::Released).await?;
        Ok(())
    }

    /// Puts the slot's domains, and what came for it from elsewhere, until the frontier is stopped.
    async fn feed(&self, crawl: &Arc<Crawl>, feed: &Feed, done: Done) -> Result<(), HoldingError> {
        let Done { domains, connections } = done;
        let (read, taken) = tokio::join!(
            async {
                if !self.slot.is_policies() {
                    let spool = Spool::open(&self.shared.layout.domains(self.slot))?;
                    let entries = spool.read_shuffled(self.shared.spec.seed)?.filter_map(|entry| match entry {
                        Ok(entry) if domains.contains(domain_key(&entry.domain)) => None,
                        Ok(entry) => Some(DomainItem { domain: entry.domain.into(), rank: entry.rank, attempts: 0 }),
                        Err(error) => {
                            tracing::error!("{} cannot read its domains: {error}", self.slot);
                            crawl.frontier.stop();
                            None
                        }
                    });
                    if !crawl::read(crawl, entries).await {
                        return Ok(());
                    }
                }
                feed.domains_read.store(true, SeqCst);
                Ok::<(), HoldingError>(())
            },
            self.take_messages(crawl, feed, |at| connections.get(at).copied().unwrap_or(0)),
        );
        if read.is_err() || taken.is_err() {
            crawl.frontier.stop();
        }
        read?;
        taken
    }

    /// Takes the messages to the slot, from the first on, no faster than the queues have room.
    async fn take_messages(
        &self,
        crawl: &Crawl,
        feed: &Feed,
        connections: impl Fn(&(Arc<str>, std::net::IpAddr)) -> u32,
    ) -> Result<(), HoldingError> {
        let subject = in_subject(&self.shared.spec.incarnation, self.slot);
        while !crawl.frontier.is_stopping() {
            let from = feed.in_seq.load(SeqCst) + 1;
            let message = match crawl.frontier.has_room_for_children() {
                true => self.shared.broker.next(Stream::Log, &subject, from).await,
                false => Ok(None),
            };
            match message {
                Ok(Some(stored)) => {
                    let message: Message = records::read(&stored.data)?;
                    for child in message.children.into_iter().map(Child::from) {
                        let made = if let Child::At(at) = &child { connections(&(at.host.clone(), at.ip)) } else { 0 };
                        crawl.frontier.admit(child, made);
                    }
                    feed.in_seq.store(stored.seq, SeqCst);
                }
                Ok(None) => tokio::time::sleep(LOOK).await,
                Err(error) if error.is_passing() => tokio::time::sleep(LOOK).await,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Answers the notes: each is accepted when it stands in the log. Many that wait go into one record.
async fn fence(shared: &Shared, log: &Mutex<Log>, mut asks: Asks) -> Result<(), HoldingError> {
    // An acceptance that is older was overtaken by a frozen process, and is asked for again.
    let fresh = Duration::from_secs_f64(shared.spec.gone_after_s / 2.0);
    let mut waiting = Vec::new();
    while asks.recv_many(&mut waiting, 64).await > 0 {
        let mut bytes = 0;
        let mut batch: Vec<_> = Vec::new();
        for ask in waiting.drain(..).filter(|ask| !ask.is_stale()) {
            bytes += serde_json::to_vec(&ask.note).map_or(0, |text| text.len());
            batch.push(ask);
            if bytes > MESSAGE_BYTES {
                note(log, fresh, &batch).await?;
                bytes = 0;
                batch.drain(..).for_each(Ask::accept);
            }
        }
        if !batch.is_empty() {
            note(log, fresh, &batch).await?;
            batch.into_iter().for_each(Ask::accept);
        }
    }
    Ok(())
}

async fn note(log: &Mutex<Log>, fresh: Duration, asks: &[Ask]) -> Result<(), LogError> {
    loop {
        let begun = Instant::now();
        let notes = asks.iter().map(|ask| ask.note.clone()).collect();
        log.lock().await.append(What::Notes(notes)).await?;
        if begun.elapsed() < fresh {
            return Ok(());
        }
    }
}

/// Brings the rows of a slot into parts that count.
struct Keeper<'w> {
    work: &'w Work,
    crawl: Weak<Crawl>,
    frontier: Arc<Frontier>,
    feed: Arc<Feed>,
    log: Arc<Mutex<Log>>,
    outbox: Outbox,
    hand: Hand,
    author: Author,
    number: u64,
}

impl Keeper<'_> {
    async fn keep(&mut self, mut rows: Rows, mut children: UnboundedReceiver<Child>) -> Result<(), HoldingError> {
        let limits = &self.work.shared.setup.limits;
        let (at_most, age) = (limits.rows_per_part.clamp(1, IN_HAND), Duration::from_secs(limits.seconds_per_part));
        loop {
            let go_on = self.hand.collect(&mut rows, at_most);
            // What a row leads to is in the outbox before the row is in hand.
            self.outbox.collect(&mut children);
            if self.outbox.is_due() {
                self.outbox.publish().await?;
            }
            let is_old = self.hand.since().is_some_and(|since| since.elapsed() >= age);
            let has_nothing_to_do = self.has_nothing_to_do();
            let is_quiet = has_nothing_to_do && self.hand.last().is_none_or(|last| last.elapsed() >= QUIET);
            if !go_on || is_old || is_quiet || self.hand.rows() >= at_most {
                self.checkpoint(&mut children).await?;
            }
            if !go_on && self.hand.is_empty() {
                return Ok(());
            }
            self.work.is_quiet.store(is_quiet, SeqCst);
            if is_quiet {
                self.say_idle(&mut rows, &mut children).await?;
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Whether everything that came has its row, or is withheld.
    fn has_nothing_to_do(&self) -> bool {
        self.feed.domains_read.load(SeqCst) && self.frontier.is_idle() && !self.frontier.is_stopping()
    }

    /// Makes the rows in hand count: what they lead to is acknowledged first, then the parts are there, then the log says so.
    async fn checkpoint(&mut self, children: &mut UnboundedReceiver<Child>) -> Result<(), HoldingError> {
        if self.hand.is_empty() {
            return Ok(());
        }
        let batch = Arc::new(self.hand.take());
        self.outbox.collect(children);
        self.outbox.publish().await?;
        let begun = Instant::now();
        let parts = loop {
            let (batch, author, number) = (batch.clone(), self.author.clone(), self.number);
            let root = self.work.shared.layout.parts();
            let writing = tokio::task::spawn_blocking(move || batch.write(&root, &author, number));
            match writing.await.map_err(|_| HoldingError::Panicked("the writer"))? {
                Ok(parts) => break parts,
                Err(error) if begun.elapsed() < WRITE_FOR => {
                    tracing::warn!("{}: {error}; it is tried again", self.work.slot);
                    tokio::time::sleep(WRITE_AGAIN).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        self.number += 1;
        let rows = |table: &str| parts.iter().filter(|part| part.table == table).map(|part| part.file.rows).sum();
        let counts: [u64; 4] = ["domains", "policies", "mx_hosts", "endpoints"].map(rows);
        let parts: Vec<PartOf> =
            parts.into_iter().map(|part| PartOf { table: part.table.to_owned(), file: part.file }).collect();
        self.log.lock().await.append(What::Checkpoint(parts)).await?;
        self.work.shared.rows.iter().zip(counts).for_each(|(all, count)| {
            all.fetch_add(count, SeqCst);
        });
        Ok(())
    }

    /// Says that nothing is left, if nothing is.
    async fn say_idle(&mut self, rows: &mut Rows, children: &mut UnboundedReceiver<Child>) -> Result<(), HoldingError> {
        // In this order: what came before this message was put before it was said to be taken.
        let in_seq = self.feed.in_seq.load(SeqCst);
        if !self.has_nothing_to_do() {
            return Ok(());
        }
        if let Some(crawl) = self.crawl.upgrade() {
            let may_be_written = self.work.shared.is_quiet.load(SeqCst);
            for row in crawl.connectivity.take_withheld(may_be_written) {
                self.hand.put(sink::Row::Endpoint(Box::new(row)));
            }
            if crawl.connectivity.withheld() > 0 {
                return Ok(());
            }
        }
        self.hand.collect(rows, usize::MAX);
        self.outbox.collect(children);
        let mut log = self.log.lock().await;
        if self.hand.is_empty() && self.outbox.is_empty() && log.state().phase != Phase::Idle(in_seq) {
            log.append(What::Idle { in_seq }).await?;
        }
        Ok(())
    }
}
