//! The four stages: each turns one item into one row, and puts what follows from it.

pub mod domain;
pub mod endpoint;
pub mod host;

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::sync::Semaphore;

use super::alarm::Alarm;
use super::attempts::{Attempts, Note};
use super::connectivity::Connectivity;
use super::counters::Progress;
use super::dns::Dns;
use super::frontier::Frontier;
use super::keys::{Once, key};
use super::left_alone::LeftAlone;
use super::limits::Limits;
use super::net::{Net, now};
use super::policy::PolicySettings;
use super::probe::ProbeSettings;
use super::setup::Lane;
use super::shortage::{Shortage, Shortages};
use super::sink::{Row, Sink};
use super::tls::TlsClient;
use super::zones::Zones;
use mxcensus_dataset::input::OptOut;
use mxcensus_rules::observation::Micros;

/// What every stage works with; one per crawl.
pub struct Crawl {
    /// The resolver.
    pub dns: Dns,
    /// The zones that were asked about.
    pub zones: Zones,
    /// The seam to TCP.
    pub net: Net,
    /// TLS, for both kinds of peer.
    pub tls: TlsClient,
    /// The queues.
    pub frontier: Arc<Frontier>,
    /// What must not be forgotten when the process is killed.
    pub attempts: Attempts,
    /// Whether a failure is theirs or ours.
    pub connectivity: Connectivity,
    /// Where rows go.
    pub sink: Sink,
    /// Counters.
    pub progress: Arc<Progress>,
    /// The limits in force.
    pub limits: Limits,
    /// Who does not want to be looked at; may be replaced.
    pub left_alone: LeftAlone,
    /// What this machine is short of.
    pub shortages: Arc<Shortages>,
    /// Rung by a task that panics.
    pub alarm: Arc<Alarm>,
    /// How SMTP sessions are held.
    pub probe: ProbeSettings,
    /// How policies are fetched.
    pub policy: PolicySettings,
    /// The name of this worker in the `worker` columns.
    pub worker: String,
    /// What is looked at.
    pub lane: Lane,
    /// Room that this crawl shares with others of its process; `None`: it has its own limits and no other.
    pub room: Option<Arc<Room>>,
}

/// Items under way at once, stage by stage, over all crawls of a process.
#[derive(Debug)]
pub struct Room {
    /// Domains.
    pub domains: Arc<Semaphore>,
    /// Policies, looked up or fetched.
    pub policies: Arc<Semaphore>,
    /// MX hosts.
    pub hosts: Arc<Semaphore>,
    /// Endpoints.
    pub endpoints: Arc<Semaphore>,
}

impl Room {
    /// As much as the limits of one process allow.
    pub fn new(limits: &Limits) -> Room {
        let room = |in_flight: usize| Arc::new(Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS)));
        Room {
            domains: room(limits.domains_in_flight),
            policies: room(limits.policies_in_flight),
            hosts: room(limits.hosts_in_flight),
            endpoints: room(limits.endpoints_in_flight),
        }
    }
}

impl Crawl {
    /// The opt-out list in force.
    pub fn opt_out(&self) -> Arc<OptOut> {
        self.left_alone.list()
    }

    /// This machine could not even try: what failed for it waits a moment, and counts as not tried.
    pub(crate) fn met(&self, shortage: Shortage) -> Duration {
        self.shortages.met(shortage);
        SHORTAGE_WAIT
    }

    /// Notes an attempt. False where that is not possible: the crawl ends then, and the item is left for another run.
    pub(crate) async fn note(&self, note: &Note) -> bool {
        let noted = self.attempts.note_down(note).await;
        if !noted {
            self.frontier.stop();
        }
        noted
    }

    /// Hands over the row that finishes an item. When the crawl ends without a connection the item stays unfinished:
    /// what its row says may be our own trouble.
    pub(crate) async fn finish(&self, row: Row) {
        if self.connectivity.shared().is_lost() {
            return;
        }
        if self.sink.put(row).await {
            self.frontier.done();
        } else {
            // There is no writer any more: nobody is contacted for a row that nobody keeps.
            self.frontier.stop();
        }
    }

    /// Hands over the certificates that no row named before, ahead of the row that names them. Marked only once
    /// they are handed over: a second task that shows the same one meanwhile sends it too, and the writer keeps one.
    pub(crate) async fn put_certificates(&self, chain: Vec<CertificateDer<'static>>) {
        for certificate in chain {
            let key = key(Once::Certificate, &[certificate.as_ref()]);
            if !self.frontier.is_known(key) {
                self.sink.put(Row::Certificate(key, certificate.as_ref().to_vec())).await;
                self.frontier.first_sight(key);
            }
        }
    }
}

/// How long an item waits that this machine had no socket for: others are done with theirs by then.
const SHORTAGE_WAIT: Duration = Duration::from_secs(1);

/// The instant so long after now.
pub(crate) fn after_now(wait: Duration) -> Micros {
    now().saturating_add(Micros::try_from(wait.as_micros()).unwrap_or(Micros::MAX))
}
