//! `mxcensus scan`: from a list of domains to a judged dataset.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::MultiProgress;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::attempts::{self, Attempts};
use super::connectivity::pauses::Interruption;
use super::connectivity::watch::watch as watch_connectivity;
use super::connectivity::{Connectivity, closed::Closed};
use super::dns::{Dns, DnsSettings, DnsSetupError, Kind};
use super::frontier::{DomainItem, Frontier, Once, key};
use super::keep::Keeper;
use super::net::{Families, Net, now, routes};
use super::operators::Operators;
use super::policy::PolicySettings;
use super::probe::ProbeSettings;
use super::sink::{self, Rows};
use super::stage::Crawl;
use super::status::{About, Watcher};
use super::tls::TlsClient;
use super::{crawl, metrics, progress, resume, signals};
use crate::dataset::manifest::{self, Library, Manifest, Resolver, Run, TrustStoreName, Worker};
use crate::dataset::{Author, Dataset, DatasetError, files};
use crate::doctor::{Level, machine};
use crate::failure::Failure;
use crate::input::{self, InputError, OptOut, Source, Spool};

use crate::rejudge::{self, RejudgeError};
use crate::settings::Settings;
use crate::summary::Summary;

/// Why a scan could not be run, or not be brought to an end. Each says what the operator can do.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The input cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The dataset cannot be made or written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// DNS cannot be set up.
    #[error(transparent)]
    Dns(#[from] DnsSetupError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The verdicts could not be written.
    #[error(transparent)]
    Judge(#[from] RejudgeError),
    /// The writer thread panicked: a bug.
    #[error("the writer stopped unexpectedly; what was written is whole, go on with --resume")]
    WriterStopped,
    /// The judge panicked: a bug.
    #[error("the judge stopped unexpectedly; what was observed is whole, try: mxcensus judge DIR")]
    JudgeStopped,
    /// The port for metrics cannot be had.
    #[error("--metrics {address} cannot be served: {source}. Choose another port, or go without")]
    Metrics {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The task that keeps the pauses panicked: a bug.
    #[error("the list of pauses was lost unexpectedly; what was written is whole, go on with --resume")]
    PausesStopped,
    /// The disk is too full for the list.
    #[error("{0} Make room, or give another directory with --out")]
    NoRoom(String),
    /// No mail server can be reached from here.
    #[error(
        "port {port} is closed from this network: {closed}. Nothing was recorded about mail servers. Ask your provider to \
         open it (mxcensus doctor --mail-host HOST tells when it is), then go on with: mxcensus scan --out {} --resume",
        out.display()
    )]
    PortClosed {
        /// The port tried.
        port: u16,
        /// What says so.
        closed: Closed,
        /// The dataset.
        out: PathBuf,
    },
    /// An interrupted run that had not read its input yet.
    #[error("{0} was interrupted before its input was read: give the list again, beside --resume")]
    NothingToResume(String),
    /// A crawl is to go on with a list that is not the one it was begun with.
    #[error(
        "{out} was begun with another list ({begun}) than {given}: go on without a list, or choose another directory"
    )]
    OtherList {
        /// The dataset.
        out: String,
        /// What its list was called.
        begun: String,
        /// What was given now.
        given: String,
    },
    /// A crawl is to go on with DNSSEC states from another source: null and `insecure` would mean two things.
    #[error("{out} was begun with --dnssec {begun}: go on with the same, or choose another directory")]
    OtherMode {
        /// The dataset.
        out: String,
        /// Its mode.
        begun: String,
    },
}

/// The names of the first few domains are asked for, to see whether the resolver answers at all.
const RESOLVER_TRIALS: usize = 3;

/// What is to be scanned, and where to.
#[derive(Clone, Debug)]
pub struct Request {
    /// The list; not needed to go on with a crawl that has read it.
    pub list: Option<PathBuf>,
    /// The dataset's directory.
    pub out: PathBuf,
    /// Take only the first so many distinct domains.
    pub limit: Option<u64>,
    /// Seed of the order; random when not given.
    pub seed: Option<u64>,
    /// Go on with an incomplete crawl.
    pub resume: bool,
    /// Where metrics are served; nowhere by default.
    pub metrics: Option<SocketAddr>,
}

/// What a scan left behind.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The verdicts in one screen.
    pub summary: Summary,
    /// Whether every input domain is accounted for.
    pub complete: bool,
}

/// Scans a list into a dataset and judges it.
pub async fn run(request: Request, settings: Settings, bars: MultiProgress) -> Result<Scanned, ScanError> {
    // Before anything is made or contacted.
    let metrics = match request.metrics {
        Some(address) => {
            let listening = metrics::listen(address).await;
            Some(listening.map_err(|source| ScanError::Metrics { address, source })?)
        }
        None => None,
    };
    // A start that was killed, or met a full disk, before there was a manifest is gone on with by starting.
    let is_begun = request.list.is_none() || !Dataset::is_only_prepared(&request.out);
    let dataset =
        if request.resume && is_begun { Dataset::resume(&request.out)? } else { Dataset::create(&request.out)? };
    match prepare(&request, &settings, &dataset).await {
        Ok((spool, dns)) => scan(settings, dataset, spool, dns, bars, metrics).await,
        Err(error) => {
            // What the disk is to blame for can be gone on with; all else begins anew.
            if !(request.resume || error.is_disk()) {
                dataset.discard()?;
            }
            Err(error)
        }
    }
}

impl ScanError {
    /// Whether writing the dataset failed.
    fn is_disk(&self) -> bool {
        matches!(self, ScanError::Dataset(_) | ScanError::Input(InputError::Dataset(_)))
    }
}

/// What can fail before anything is observed: the input, the resolver.
async fn prepare(request: &Request, settings: &Settings, dataset: &Dataset) -> Result<(Spool, Dns), ScanError> {
    let dns = Dns::new(dns_settings(settings))?;
    let mut manifest = dataset.manifest()?;
    let spool = match (&manifest.input, &request.list) {
        (Some(begun), list) => {
            same_crawl(request, settings, &manifest, begun, list.as_deref())?;
            Spool::open(&dataset.input_folder())?
        }
        (None, None) => return Err(ScanError::NothingToResume(request.out.display().to_string())),
        (None, Some(list)) => {
            let seed = request.seed.unwrap_or_else(rand::random);
            let source = Source::from_argument(list.as_os_str());
            let listed = input::read_list(&source, &dataset.input_folder(), request.limit)?;
            manifest.input = Some(listed.for_manifest(seed));
            dataset.write_manifest(&manifest)?;
            Spool::open(&dataset.input_folder())?
        }
    };
    let domains = manifest.input.as_ref().map(|input| input.rows);
    let room = machine::disk(Some(dataset.root()), domains);
    match room.level {
        Level::Ok => {}
        Level::Warn => tracing::warn!("{}", room.seen),
        Level::Fail => return Err(ScanError::NoRoom(room.seen)),
    }
    match dns.check().await {
        Ok(()) => {}
        // A resolver may have reasons to keep the root's keys to itself; what counts is that it answers.
        Err(error @ DnsSetupError::Unreachable(_)) if !answers(&dns, &spool, &settings.opt_out).await? => {
            return Err(error.into());
        }
        Err(error) => tracing::warn!("{error}"),
    }
    Ok((spool, dns))
}

/// Whether what is to go on is the crawl that was begun: a list of the same bytes (a stream cannot be read twice), and
/// DNSSEC states from the same source.
fn same_crawl(
    request: &Request,
    settings: &Settings,
    manifest: &Manifest,
    begun: &manifest::Input,
    list: Option<&Path>,
) -> Result<(), ScanError> {
    let out = request.out.display().to_string();
    if let (Some(list), Some(sha256)) = (list.filter(|list| list.is_file()), &begun.sha256)
        && files::digest_of(list)?.sha256 != *sha256
    {
        return Err(ScanError::OtherList { out, begun: begun.name.clone(), given: list.display().to_string() });
    }
    match &manifest.resolver {
        Some(resolver) if resolver.dnssec != settings.dnssec.word() => {
            Err(ScanError::OtherMode { out, begun: resolver.dnssec.clone() })
        }
        _ => Ok(()),
    }
}

/// Whether any of the first few domains gets an answer. Nobody who opted out is asked for; where that leaves nobody, the
/// resolver is given the benefit of the doubt.
async fn answers(dns: &Dns, spool: &Spool, opt_out: &OptOut) -> Result<bool, ScanError> {
    let mut asked = 0;
    for entry in spool.read_in_order()?.take(RESOLVER_TRIALS) {
        let domain = entry?.domain;
        if opt_out.domain(&domain) {
            continue;
        }
        asked += 1;
        if dns.ask(&domain, Kind::Mx).await.error != Some(Failure::DnsTimeout) {
            return Ok(true);
        }
    }
    Ok(asked == 0)
}

async fn scan(
    settings: Settings,
    dataset: Dataset,
    spool: Spool,
    dns: Dns,
    bars: MultiProgress,
    metrics: Option<TcpListener>,
) -> Result<Scanned, ScanError> {
    let dataset = Arc::new(dataset);
    let manifest = begin_manifest(&dataset, &settings)?;
    files::write_atomically(&dataset.trust_store_path(), settings.trust_store.to_pem().as_bytes())?;

    let (sink, rows) = sink::channel(Arc::default());
    let run = manifest.runs.len() as u32;
    let author = Author { worker: WORKER.to_owned(), run };
    let keeper = Keeper::new(dataset.root(), &author, &settings.limits)?;
    let (seed, domains) = manifest.input.as_ref().map_or((0, 0), |input| (input.shuffle_seed, input.rows));
    let crawl = Arc::new(new_crawl(&settings, dns, sink, seed)?);
    let seeded = resume::seed(&crawl, dataset.root())?;
    let started = manifest.runs.last().map(|run| run.start.clone()).unwrap_or_default();
    let about = About { run, worker: author.worker, started, domains };
    let watcher = Arc::new(Watcher::new(&crawl, dataset.root(), about));
    // At work until the verdicts are written; none of them holds the crawl.
    let mut helpers = JoinSet::new();
    helpers.spawn(signals::obey(Arc::downgrade(&crawl), settings.opt_out_file.clone()));
    helpers.spawn(watcher.clone().watch());
    if let Some(listener) = metrics {
        helpers.spawn(metrics::serve(listener, watcher.clone()));
    }
    let items = spool.read_shuffled(seed)?.filter_map(move |entry| match entry {
        Ok(entry) if seeded.contains(domain_key(&entry.domain)) => None,
        Ok(entry) => Some(DomainItem { domain: entry.domain.into(), rank: entry.rank, attempts: 0 }),
        Err(error) => {
            tracing::error!("the spool cannot be read: {error}");
            None
        }
    });
    let scanned = match observe(&settings, &dataset, manifest, crawl, (keeper, rows), items, &watcher, bars).await {
        Ok((manifest, finished)) => conclude(settings, dataset, manifest, finished).await,
        Err(error) => Err(error),
    };
    watcher.end(scanned.as_ref().is_ok_and(|scanned| scanned.complete));
    scanned
}

/// Crawls until everything has its row or the crawl is stopped, and brings every row to disk. Returns the manifest with
/// the part files, and whether the crawl came to its end.
#[allow(clippy::too_many_arguments, reason = "each is used up here and nowhere else")]
async fn observe(
    settings: &Settings,
    dataset: &Arc<Dataset>,
    manifest: Manifest,
    crawl: Arc<Crawl>,
    (keeper, rows): (Keeper, Rows),
    items: impl Iterator<Item = DomainItem>,
    watcher: &Arc<Watcher>,
    bars: MultiProgress,
) -> Result<(Manifest, bool), ScanError> {
    // Weak: the writer ends when the last sender, which the crawl holds, is gone.
    let stopper = Arc::downgrade(&crawl);
    let keeping = tokio::task::spawn_blocking(move || {
        let kept = keeper.run(rows);
        // Rows have nowhere to go: nothing more is begun.
        if kept.is_err()
            && let Some(crawl) = stopper.upgrade()
        {
            crawl.frontier.stop();
        }
        kept
    });
    let pausing = tokio::spawn(keep_pauses(crawl.connectivity.pauses().follow(), dataset.clone(), manifest));
    let every = Duration::from_secs(settings.limits.seconds_per_progress_line.max(1));
    let display = tokio::spawn(show(crawl.clone(), watcher.clone(), bars, every));
    let watching = tokio::spawn(watch_connectivity(crawl.clone()));
    let end = crawl::run(crawl.clone(), items).await;
    watching.abort();
    let _ = watching.await;
    let _ = display.await;
    watcher.begin_judging();
    let unnoted = crawl.attempts.take_error();
    let closed = crawl.connectivity.closed();
    drop(crawl);
    let mut manifest = pausing.await.map_err(|_| ScanError::PausesStopped)?;
    let parts = keeping.await.map_err(|_| ScanError::WriterStopped)??;
    if let Some(error) = unnoted {
        return Err(error.into());
    }
    for part in &parts {
        manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file.clone());
    }
    if let Some(run) = manifest.runs.last_mut() {
        run.end = Some(manifest::rfc3339(now()));
    }
    if let Some(closed) = closed {
        manifest.tables = dataset.table_files(&manifest.tables)?;
        dataset.write_manifest(&manifest)?;
        // Nobody was reached, so nobody need be spared.
        attempts::remove(dataset.root())?;
        let out = dataset.root().to_owned();
        return Err(ScanError::PortClosed { port: settings.smtp_port, closed, out });
    }
    Ok((manifest, end.finished))
}

/// Judges what there is, and closes the manifest. The judge has a thread of its own: meanwhile signals are obeyed and
/// whoever watches is answered.
async fn conclude(
    settings: Settings,
    dataset: Arc<Dataset>,
    mut manifest: Manifest,
    finished: bool,
) -> Result<Scanned, ScanError> {
    let judging = tokio::task::spawn_blocking(move || {
        let (summary, verdict_parts) = rejudge::judge_own(&dataset, &settings)?;
        for part in verdict_parts {
            manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file);
        }
        manifest.tables = dataset.table_files(&manifest.tables)?;
        let domains = manifest.input.as_ref().map_or(0, |input| input.rows);
        manifest.complete = finished && summary.domains() == domains;
        if let Some(run) = manifest.runs.last_mut() {
            run.end = Some(manifest::rfc3339(now()));
        }
        dataset.write_manifest(&manifest)?;
        if manifest.complete {
            attempts::remove(dataset.root())?;
        }
        Ok(Scanned { summary, complete: manifest.complete })
    });
    judging.await.map_err(|_| ScanError::JudgeStopped)?
}

/// The name of the only worker; a crawl shared by several machines names each.
const WORKER: &str = "w1";

/// The key of a domain in the set of those that have their row.
pub(super) fn domain_key(domain: &str) -> u128 {
    key(Once::Domain, &[domain.as_bytes()])
}

/// A shortened step shortens the whole session: five of them, as the defaults have it.
const STEPS: u32 = 5;

/// Everything a crawl works with, from settings and the seed of its choices.
pub fn new_crawl(settings: &Settings, dns: Dns, sink: sink::Sink, seed: u64) -> Result<Crawl, ScanError> {
    let at_most = |default: Duration| settings.step_timeout.map_or(default, |cap| cap.min(default));
    let probe = ProbeSettings::new(&settings.ehlo_name);
    let policy = PolicySettings::new(settings.contact.clone());
    Ok(Crawl {
        attempts: Attempts::default(),
        connectivity: Connectivity::new(dns.gate().clone(), &settings.limits),
        dns,
        net: net(settings),
        tls: TlsClient::new().map_err(|error| ScanError::Tls(error.to_string()))?,
        frontier: Frontier::new(&settings.limits, !settings.unpaced, operators(settings), seed),
        progress: sink.progress().clone(),
        sink,
        limits: settings.limits.clone(),
        opt_out: std::sync::RwLock::new(Arc::new(settings.opt_out.clone())),
        probe: ProbeSettings {
            connect_timeout: at_most(probe.connect_timeout),
            banner_timeout: at_most(probe.banner_timeout),
            command_timeout: at_most(probe.command_timeout),
            tls_timeout: at_most(probe.tls_timeout),
            total_timeout: at_most(probe.total_timeout / STEPS) * STEPS,
            ..probe
        },
        policy: PolicySettings {
            connect_timeout: at_most(policy.connect_timeout),
            tls_timeout: at_most(policy.tls_timeout),
            total_timeout: at_most(policy.total_timeout),
            ..policy
        },
        worker: WORKER.to_owned(),
    })
}

/// The way to the network that follows from the settings.
pub(super) fn net(settings: &Settings) -> Net {
    Net {
        smtp_port: settings.smtp_port,
        https_port: settings.https_port,
        allow_special: settings.allow_special_addresses,
        // In a lab, what has no route shows at connecting.
        families: if settings.allow_special_addresses { Families::BOTH } else { routes() },
    }
}

/// The table of operators that follows from the settings.
pub fn operators(settings: &Settings) -> Operators {
    Operators::new(settings.operators.clone(), &settings.limits)
}

/// The DNS settings that follow from the settings.
pub fn dns_settings(settings: &Settings) -> DnsSettings {
    let defaults = DnsSettings::new(settings.resolvers.clone(), settings.dnssec);
    let at_most = |default: Duration| settings.step_timeout.map_or(default, |cap| cap.min(default));
    DnsSettings {
        trust_anchor: settings.trust_anchor.clone(),
        queries_per_second: settings.limits.dns_per_upstream_per_s,
        timeout: at_most(defaults.timeout),
        loopback_timeout: at_most(defaults.loopback_timeout),
        ..defaults
    }
}

fn begin_manifest(dataset: &Dataset, settings: &Settings) -> Result<Manifest, ScanError> {
    let mut manifest = dataset.manifest()?;
    let families = routes();
    let mut limits = settings.limits.as_map();
    limits.insert("operators".to_owned(), operators(settings).as_value());
    manifest.complete = false;
    manifest.runs.push(Run {
        number: manifest.runs.len() as u32 + 1,
        worker: WORKER.to_owned(),
        command_line: std::env::args().collect(),
        start: manifest::rfc3339(now()),
        end: None,
        limits,
        pauses: Vec::new(),
    });
    manifest.workers.retain(|worker| worker.name != WORKER);
    manifest.workers.push(Worker {
        name: WORKER.to_owned(),
        vantage: Some(settings.vantage.clone()),
        ehlo_name: settings.ehlo_name.clone(),
        contact: settings.contact.clone(),
        source_addresses: super::net::source_addresses().iter().map(ToString::to_string).collect(),
        families: [("ipv4", families.v4), ("ipv6", families.v6)]
            .iter()
            .filter(|(_, routed)| *routed)
            .map(|(name, _)| (*name).to_owned())
            .collect(),
    });
    manifest.resolver = Some(Resolver {
        addresses: settings.resolvers.iter().map(ToString::to_string).collect(),
        dnssec: settings.dnssec.word().to_owned(),
        trust_anchor: settings.trust_anchor.as_ref().map(|text| text.trim().to_owned()),
    });
    manifest.tls = Some(Library { name: "rustls".to_owned(), version: env!("MXCENSUS_RUSTLS_VERSION").to_owned() });
    manifest.trust_store = Some(TrustStoreName {
        name: settings.trust_store_name.clone(),
        sha256: settings.trust_store.digest(),
        roots: settings.trust_store.len() as u64,
    });
    manifest.public_suffix_list = Some(concat!("psl ", env!("MXCENSUS_PSL_VERSION")).to_owned());
    dataset.write_manifest(&manifest)?;
    Ok(manifest)
}

/// Writes each change of the pauses into the manifest as it happens, until the crawl is gone: a process that is killed,
/// be it in the middle of one, has said when it did not observe. Returns the manifest as it then is.
async fn keep_pauses(
    mut pauses: watch::Receiver<Vec<Interruption>>,
    dataset: Arc<Dataset>,
    mut manifest: Manifest,
) -> Manifest {
    while pauses.changed().await.is_ok() {
        if let Some(run) = manifest.runs.last_mut() {
            run.pauses = pauses.borrow_and_update().iter().map(Interruption::for_manifest).collect();
        }
        let (dataset, now_is) = (dataset.clone(), manifest.clone());
        match tokio::task::spawn_blocking(move || dataset.write_manifest(&now_is)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the pause is not yet in the manifest: {error}"),
            Err(error) => tracing::warn!("the pause is not yet in the manifest: {error}"),
        }
    }
    manifest
}

async fn show(crawl: Arc<Crawl>, watcher: Arc<Watcher>, bars: MultiProgress, every: Duration) {
    if std::io::stderr().is_terminal() {
        progress::show_bars(&crawl, &watcher, &bars).await;
    } else {
        progress::print_lines(&crawl, &watcher, every).await;
    }
}
