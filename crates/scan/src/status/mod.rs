//! `status.json`: how a crawl stands, for programs and for an operator who is not at its terminal.
//!
//! A [`Watcher`] looks at the crawl every five seconds and writes what it sees beside the dataset; the display
//! and the metrics show the same looks. It outlives the crawl by the judgement that follows it. [`Status`] is one look,
//! and its fields are the keys of the file.

mod estimate;
mod memory;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::alarm::Alarm;
use super::connectivity::pauses::Interruption;
use super::counters::{Progress, Rate, total, waiting};
use super::dns::Lookups;
use super::frontier::{Depths, Waits};
use super::net::now;
use super::paced::WhoWaits;
use super::stage::Crawl;
use mxcensus_dataset::manifest::{Pause, rfc3339};

/// How often the crawl is looked at and the file written: soon enough to see a crawl stand still, and a look at every
/// address that waits costs milliseconds where there are many.
const EVERY: Duration = Duration::from_secs(5);

/// The file's name in the dataset's directory.
pub const FILE: &str = "status.json";

mxcensus_rules::words! {
    /// What a scan is doing.
    State {
        /// Observing.
        Running = "running",
        /// Waiting for this machine's own connection; nothing is observed.
        Paused = "paused",
        /// Asked to end: what is in hand is finished, the rest is left for a resume.
        Stopping = "stopping",
        /// Everything is observed that will be; verdicts are being written.
        Judging = "judging",
        /// Ended; every input domain is accounted for.
        Finished = "finished",
        /// Ended, and something is left for a resume.
        Incomplete = "incomplete",
    }
}

/// One look at a crawl.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// When the look was taken (RFC 3339). Older than a few of its intervals: the process is gone.
    pub at: String,
    /// What the scan is doing.
    pub state: State,
    /// The run's number in the manifest.
    pub run: u32,
    /// The worker's name in the manifest.
    pub worker: String,
    /// The process id.
    pub process: u32,
    /// Where metrics are served; null where they are not, and when the scan is over.
    pub metrics: Option<SocketAddr>,
    /// When the run began (RFC 3339).
    pub started: String,
    /// Seconds since.
    pub elapsed_s: f64,
    /// Seconds that the rest of the crawl takes at the present pace; null where that cannot be told.
    pub left_s: Option<f64>,
    /// The four stages, by the name of their table.
    pub stages: Stages,
    /// Items of all stages that wait for their retry.
    pub deferred: u64,
    /// Endpoints that wait for the samples of their address.
    pub unsampled: u64,
    /// What waits for limits.
    pub waits: WaitsNow,
    /// The pauses of this run, as in the manifest; those under way have no end.
    pub pauses: Vec<Pause>,
    /// The process's memory.
    pub memory: memory::Memory,
}

/// The stages.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs, reason = "one field per table")]
pub struct Stages {
    pub domains: StageNow,
    pub policies: StageNow,
    pub mx_hosts: StageNow,
    pub endpoints: StageNow,
}

/// One stage.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct StageNow {
    /// Items known of: for domains the whole list, for the others what the rows so far lead to.
    pub known: u64,
    /// Rows handed to the writer, those of earlier runs included.
    pub done: u64,
    /// Rows of earlier runs.
    pub earlier: u64,
    /// Items taken up in this run, retries included.
    pub started: u64,
    /// Rows of this run that say that something could not be looked at as wished.
    pub failed: u64,
    /// Items in the queue.
    pub waiting: u64,
    /// Rows a second, smoothed over about ten seconds.
    pub per_s: f64,
}

/// What waits for limits.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WaitsNow {
    /// The queue of endpoints that takes longest.
    pub longest: Option<LongestNow>,
    /// Addresses that asked us to slow down.
    pub slowed_addresses: u64,
    /// Operators that did.
    pub slowed_operators: u64,
    /// Seconds until the last retry that is planned now.
    pub last_retry_s: Option<f64>,
}

/// The queue that takes longest.
#[derive(Clone, Debug, Serialize)]
pub struct LongestNow {
    /// Its operator.
    pub operator: String,
    /// Its address; null where the operator as a whole holds it up.
    pub address: Option<String>,
    /// Endpoints in it.
    pub endpoints: u64,
    /// Seconds until the last of them may be contacted.
    pub seconds: f64,
}

impl From<&Waits> for WaitsNow {
    fn from(waits: &Waits) -> WaitsNow {
        let longest = waits.longest.as_ref().map(|longest| {
            let (operator, address) = match &longest.who {
                WhoWaits::Address(ip, operator) => (operator, Some(ip.to_string())),
                WhoWaits::Operator(operator) => (operator, None),
            };
            let seconds = rounded(longest.left.as_secs_f64());
            LongestNow { operator: operator.to_string(), address, endpoints: longest.waiting as u64, seconds }
        });
        WaitsNow {
            longest,
            slowed_addresses: waits.slowed.addresses as u64,
            slowed_operators: waits.slowed.operators as u64,
            last_retry_s: waits.last_retry.map(|left| rounded(left.as_secs_f64())),
        }
    }
}

/// What a watcher knows from the beginning.
#[derive(Clone, Debug)]
pub struct About {
    /// The run's number.
    pub run: u32,
    /// The worker's name.
    pub worker: String,
    /// When the run began (RFC 3339).
    pub started: String,
    /// Domains of the list.
    pub domains: u64,
    /// Where metrics are served.
    pub metrics: Option<SocketAddr>,
}

/// Looks at a crawl.
pub struct Watcher {
    about: About,
    begun: Instant,
    progress: Arc<Progress>,
    lookups: Arc<Lookups>,
    /// Weak: the writer ends when the crawl is gone.
    crawl: Weak<Crawl>,
    /// [`State`] once the crawl is over, else 0.
    after: AtomicU8,
    path: PathBuf,
    seen: Mutex<Seen>,
    /// One write at a time, and none after a later look.
    writing: Mutex<()>,
    complained: AtomicBool,
    alarm: Arc<Alarm>,
}

/// What the last look at the crawl itself saw.
#[derive(Clone, Default)]
struct Seen {
    depths: Depths,
    waits: Waits,
    pauses: Vec<Interruption>,
    is_stopping: bool,
    is_down: bool,
    rates: [Rate; 4],
    per_s: [f64; 4],
}

impl Watcher {
    /// A watcher of `crawl`, whose dataset is at `root`.
    pub fn new(crawl: &Arc<Crawl>, root: &Path, about: About) -> Watcher {
        let watcher = Watcher {
            about,
            begun: Instant::now(),
            progress: crawl.progress.clone(),
            lookups: crawl.dns.lookups().clone(),
            crawl: Arc::downgrade(crawl),
            after: AtomicU8::new(0),
            path: root.join(FILE),
            seen: Mutex::default(),
            writing: Mutex::default(),
            complained: AtomicBool::new(false),
            alarm: crawl.alarm.clone(),
        };
        watcher.look(true);
        watcher
    }

    /// The counters.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// What a task of the watcher's rings when it panics.
    pub fn alarm(&self) -> &Arc<Alarm> {
        &self.alarm
    }

    /// The look-ups.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// Domains of the list.
    pub fn domains(&self) -> u64 {
        self.about.domains
    }

    /// What waits for limits now. Looks at every address that waits: for a display, once a second at most.
    pub fn waits(&self) -> Waits {
        self.look(true);
        self.seen().waits.clone()
    }

    /// The pauses of the run so far.
    pub fn pauses(&self) -> Vec<Interruption> {
        self.look(false);
        self.seen().pauses.clone()
    }

    /// Looks and writes every five seconds, until the task is dropped.
    pub async fn watch(self: Arc<Self>) {
        loop {
            let watcher = self.clone();
            let writing = tokio::task::spawn_blocking(move || {
                let _vigil = watcher.alarm.watch("the task that writes the status");
                fail::fail_point!("status");
                watcher.look(true);
                watcher.write();
            });
            if let Err(error) = writing.await {
                tracing::error!("{FILE} is written no more: {error}");
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Nothing more is observed, and the judge is at work. Call it while the crawl is still there.
    pub fn begin_judging(&self) {
        self.look(true);
        self.after.store(State::Judging as u8, Relaxed);
    }

    /// The scan is over: writes the last look.
    pub fn end(&self, complete: bool) {
        self.after.store(if complete { State::Finished } else { State::Incomplete } as u8, Relaxed);
        self.write();
    }

    /// Looks at what changes quickly and, with `wide`, at every address that waits.
    fn look(&self, wide: bool) {
        let Some(crawl) = self.crawl.upgrade() else { return };
        let (depths, pauses) = (crawl.frontier.depths(), crawl.connectivity.pauses().all());
        let waits = wide.then(|| crawl.frontier.waits());
        let mut seen = self.seen();
        (seen.depths, seen.pauses) = (depths, pauses);
        seen.is_stopping = crawl.frontier.is_stopping();
        seen.is_down = crawl.connectivity.shared().is_down();
        if let Some(waits) = waits {
            seen.waits = waits;
            let elapsed = self.begun.elapsed();
            for (at, (_, stage)) in self.progress.stages().into_iter().enumerate() {
                seen.per_s[at] = seen.rates[at].update(elapsed, stage.done_now());
            }
        }
    }

    /// How the crawl stands now; what waits for limits, and the rates, as of at most five seconds ago.
    pub fn status(&self) -> Status {
        self.look(false);
        let seen = self.seen().clone();
        let state = self.state(&seen);
        let mut stages = [StageNow::default(); 4];
        for (at, (_, stage)) in self.progress.stages().into_iter().enumerate() {
            stages[at] = StageNow {
                known: total(at, stage, &seen.depths, self.about.domains),
                done: stage.done(),
                earlier: stage.earlier(),
                started: stage.attempts(),
                failed: stage.failed(),
                waiting: waiting(at, &seen.depths),
                per_s: rounded(seen.per_s[at]),
            };
        }
        let waits = WaitsNow::from(&seen.waits);
        let left_s = matches!(state, State::Running | State::Paused).then(|| estimate::left_s(&stages, &waits));
        let [domains, policies, mx_hosts, endpoints] = stages;
        Status {
            at: rfc3339(now()),
            state,
            run: self.about.run,
            worker: self.about.worker.clone(),
            process: std::process::id(),
            metrics: self.about.metrics.filter(|_| !matches!(state, State::Finished | State::Incomplete)),
            started: self.about.started.clone(),
            elapsed_s: rounded(self.begun.elapsed().as_secs_f64()),
            left_s: left_s.flatten().map(f64::round),
            stages: Stages { domains, policies, mx_hosts, endpoints },
            deferred: seen.depths.deferred as u64,
            unsampled: seen.depths.unsampled as u64,
            waits,
            pauses: seen.pauses.iter().map(Interruption::for_manifest).collect(),
            memory: memory::read(),
        }
    }

    fn state(&self, seen: &Seen) -> State {
        let after = self.after.load(Relaxed);
        match State::ALL.iter().find(|state| **state as u8 == after && after > 0) {
            Some(&state) => state,
            None if seen.is_stopping => State::Stopping,
            None if seen.is_down => State::Paused,
            None => State::Running,
        }
    }

    /// Puts the file in place. It is no data: it is not synced, and a disk that refuses it stops nothing and is not
    /// complained about; the writer of the rows will.
    fn write(&self) {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.replace()
            && !self.complained.swap(true, Relaxed)
        {
            tracing::info!("{} cannot be written: {error}", self.path.display());
        }
    }

    fn replace(&self) -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(&self.status())?;
        text.push(b'\n');
        let staged = self.path.with_file_name(format!(".{FILE}.tmp"));
        let replaced = std::fs::File::create(&staged)
            .and_then(|mut file| file.write_all(&text))
            .and_then(|()| std::fs::rename(&staged, &self.path));
        if replaced.is_err() {
            let _ = std::fs::remove_file(&staged);
        }
        replaced
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds are enough for a person and a graph.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
