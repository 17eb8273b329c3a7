//! `mxcensus scan`: from a list of domains to a judged dataset.

mod error;
pub(super) mod manifest;
mod signals;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use indicatif::MultiProgress;
use mxcensus_dataset::input::{self, OptOut, Source, Spool};
use mxcensus_dataset::manifest::{Input, Manifest, rfc3339};
use mxcensus_dataset::rejudge::{self, Named};
use mxcensus_dataset::summary::Summary;
use mxcensus_dataset::{Author, Dataset, files};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name;
use mxcensus_scan::connectivity::watch::watch as watch_connectivity;
use mxcensus_scan::dns::{Dns, DnsSetupError, Kind, Mode};
use mxcensus_scan::frontier::DomainItem;
use mxcensus_scan::keep::Keeper;
use mxcensus_scan::keys::domain_key;
use mxcensus_scan::left_alone::Role;
use mxcensus_scan::net::now;
use mxcensus_scan::sink::{self, Rows};
use mxcensus_scan::stage::Crawl;
use mxcensus_scan::status::{About, Watcher};
use mxcensus_scan::{attempts, crawl, metrics, progress, resume};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use self::error::ScanError;
use super::doctor::{Level, machine};
use crate::settings::Settings;
use crate::{about, logging};

/// The names of the first few domains are asked for, to see whether the resolver answers at all.
const RESOLVER_TRIALS: usize = 3;

/// The top-level domains of the first so many domains are asked for, to see whether the resolver denies everything.
const TOP_LEVEL_TRIALS: usize = 20;

/// How long the end of a crawl waits for the bars to be drawn a last time.
const LAST_BARS: Duration = Duration::from_secs(1);

/// What is to be scanned, and where to.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// The list; not needed to go on with a crawl that has read it.
    pub list: Option<Source>,
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

/// How a person sees that it goes on.
pub(super) enum Shown {
    /// Bars, or lines where there is no terminal.
    Bars(MultiProgress),
    /// Each step is told; for a crawl of few domains.
    Steps(Box<dyn Fn(&str) + Send + Sync>),
}

impl From<MultiProgress> for Shown {
    fn from(bars: MultiProgress) -> Self {
        Shown::Bars(bars)
    }
}

/// What a scan left behind.
#[derive(Clone, Debug)]
pub(super) struct Scanned {
    /// The verdicts in one screen.
    pub summary: Summary,
    /// Whether every input domain is accounted for.
    pub complete: bool,
}

/// Scans a list into a dataset and judges it.
pub(super) async fn run(request: Request, settings: Settings, shown: impl Into<Shown>) -> Result<Scanned, ScanError> {
    let shown = shown.into();
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
    let dataset = if request.resume && is_begun {
        Dataset::resume(&request.out)?
    } else {
        Dataset::create(&request.out, &about::tool())?
    };
    let begun = dataset.manifest()?;
    if let Some(from) = &begun.judged_from {
        return Err(ScanError::Judged { out: request.out.display().to_string(), from: from.path.clone() });
    }
    if begun.complete {
        dataset.check_files(&begun)?;
        // Nothing is left to do, and nothing is done: neither file nor verdict changes.
        if let Some(input) = &begun.input {
            same_crawl(&request, &begun, input)?;
        }
        return Ok(Scanned { summary: Summary::of(dataset.root())?, complete: true });
    }
    if dataset.root().join("fleet").join("crawl.json").is_file() {
        return Err(ScanError::OfAFleet(request.out.display().to_string()));
    }
    match prepare(&request, &settings, &dataset).await {
        Ok((spool, dns)) => scan(settings, dataset, spool, dns, shown, metrics).await,
        Err(error) => {
            // What the disk is to blame for can be gone on with; all else begins anew.
            if !(request.resume || error.is_disk()) {
                dataset.discard()?;
            }
            Err(error)
        }
    }
}

/// What can fail before anything is observed: the input, the resolver.
async fn prepare(request: &Request, settings: &Settings, dataset: &Dataset) -> Result<(Spool, Dns), ScanError> {
    let dns = Dns::new(settings.setup.dns())?;
    let mut manifest = dataset.manifest()?;
    let spool = match (&manifest.input, &request.list) {
        (Some(begun), _) => {
            same_crawl(request, &manifest, begun)?;
            dataset.check_files(&manifest)?;
            Spool::open(&dataset.input_folder())?
        }
        (None, None) => return Err(ScanError::NothingToResume(request.out.display().to_string())),
        (None, Some(list)) => {
            let seed = request.seed.unwrap_or_else(rand::random);
            let listed = input::read_list(list, &dataset.input_folder(), request.limit)?;
            manifest.input = Some(listed.for_manifest(seed));
            manifest.files = dataset.other_files(&manifest.files)?;
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
    suits(&dns, &spool, settings).await?;
    dns.discover_nat64().await;
    Ok((spool, dns))
}

/// Whether what is to go on is the crawl that was begun: a list of the same bytes (a stream cannot be read twice), as much of
/// it, and in the same order. The settings are compared where they are put together.
fn same_crawl(request: &Request, manifest: &Manifest, begun: &Input) -> Result<(), ScanError> {
    let out = request.out.display().to_string();
    if let (Some(list), Some(sha256)) =
        (request.list.as_ref().filter(|list| list.path().is_some_and(Path::is_file)), &begun.sha256)
        && let Some(path) = list.path()
        && files::digest_of(path)?.sha256 != *sha256
    {
        return Err(ScanError::OtherList { out, begun: begun.name.clone(), given: list.name() });
    }
    if let Some(given) = request.seed.filter(|seed| *seed != begun.shuffle_seed && !manifest.runs.is_empty()) {
        return Err(ScanError::OtherInput { out, flag: "--seed", begun: begun.shuffle_seed.to_string(), given });
    }
    if let Some(given) = request.limit.filter(|limit| Some(*limit) != begun.limit) {
        let begun = begun.limit.map_or_else(|| "off".to_owned(), |limit| limit.to_string());
        return Err(ScanError::OtherInput { out, flag: "--limit", begun, given });
    }
    Ok(())
}

/// Whether the resolver can do what the crawl needs of it: it answers, in a way that the mode can work with, and does not deny
/// what must exist.
pub(super) async fn suits(dns: &Dns, spool: &Spool, settings: &Settings) -> Result<(), ScanError> {
    let list = settings.setup.left_alone.list();
    match dns.check().await {
        Ok(()) => {}
        // A resolver may have reasons to keep the root's keys to itself; where they are not needed, what counts is that it answers.
        Err(error @ DnsSetupError::Unreachable(_)) => match answers(dns, spool, &list).await? {
            true if settings.setup.dnssec != Mode::Validate => tracing::warn!("{error}"),
            _ => return Err(error.into()),
        },
        Err(error) if settings.setup.dnssec == Mode::Off => tracing::warn!("{error}"),
        Err(error) => return Err(error.into()),
    }
    let tops = top_level_domains(spool)?;
    match dns.denied(&tops).await {
        Some(name) => {
            let resolvers: Vec<String> = settings.setup.resolvers.iter().map(ToString::to_string).collect();
            Err(ScanError::Denies { resolver: resolvers.join(", "), name })
        }
        None => Ok(()),
    }
}

/// The top-level domains of the first domains in the list: those that the public suffix list knows must exist.
fn top_level_domains(spool: &Spool) -> Result<Vec<String>, ScanError> {
    let mut tops = Vec::new();
    for entry in spool.read_in_order()?.take(TOP_LEVEL_TRIALS) {
        let domain = entry?.domain;
        let top = domain.rsplit('.').next().unwrap_or(&domain).to_owned();
        if name::is_top_level_domain(&top) && !tops.contains(&top) {
            tops.push(top);
        }
    }
    Ok(tops)
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
        if dns.ask(&domain, Kind::Mx, Role::Domain).await.error != Some(Failure::DnsTimeout) {
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
    shown: Shown,
    metrics: Option<TcpListener>,
) -> Result<Scanned, ScanError> {
    let dataset = Arc::new(dataset);
    let manifest = manifest::begin(&dataset, &settings)?;
    // A crawl that goes on has its own already, and no other.
    if !dataset.trust_store_path().exists() {
        files::write_atomically(&dataset.trust_store_path(), settings.trust_store.to_pem().as_bytes())?;
    }

    let (sink, rows) = sink::channel(Arc::default());
    let run = manifest.runs.len() as u32;
    let author = Author { worker: settings.setup.worker.clone(), run };
    let keeper = Keeper::new(dataset.root(), &author, &settings.setup.limits)?;
    let (seed, domains) = manifest.input.as_ref().map_or((0, 0), |input| (input.shuffle_seed, input.rows));
    let crawl = Arc::new(settings.setup.crawl(dns, sink, seed).map_err(|error| ScanError::Tls(error.to_string()))?);
    let seeded = resume::seed(&crawl, dataset.root())?;
    let started = manifest.runs.last().map(|run| run.start.clone()).unwrap_or_default();
    let served_at = metrics.as_ref().and_then(|listener| listener.local_addr().ok());
    let about = About { run, worker: author.worker, started, domains, metrics: served_at };
    let watcher = Arc::new(Watcher::new(&crawl, dataset.root(), about));
    // At work until the verdicts are written; none of them holds the crawl.
    let mut helpers = JoinSet::new();
    let (replaced, opt_out) = tokio::sync::watch::channel(None);
    let list = signals::List { file: settings.opt_out_file.clone(), dataset: dataset.clone(), replaced };
    helpers.spawn(guarded(&crawl, "the task that obeys signals", signals::obey(Arc::downgrade(&crawl), list)));
    helpers.spawn(watcher.clone().watch());
    if let Some(listener) = metrics {
        let serving = metrics::serve(listener, watcher.clone());
        helpers.spawn(guarded(&crawl, "the task that serves metrics", serving));
    }
    let noting = manifest::keep_up(crawl.connectivity.pauses().follow(), opt_out, dataset.clone(), manifest);
    let noting = tokio::spawn(guarded(&crawl, "the task that keeps the manifest", noting));
    let items = spool.read_shuffled(seed)?.filter_map(move |entry| match entry {
        Ok(entry) if seeded.contains(domain_key(&entry.domain)) => None,
        Ok(entry) => Some(DomainItem { domain: entry.domain.into(), rank: entry.rank, attempts: 0 }),
        Err(error) => {
            tracing::error!("the spool cannot be read: {error}");
            None
        }
    });
    let scanned = match observe(&settings, &dataset, noting, crawl, (keeper, rows), items, &watcher, shown).await {
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
    noting: JoinHandle<Manifest>,
    crawl: Arc<Crawl>,
    (keeper, rows): (Keeper, Rows),
    items: impl Iterator<Item = DomainItem>,
    watcher: &Arc<Watcher>,
    shown: Shown,
) -> Result<(Manifest, bool), ScanError> {
    // Weak: the writer ends when the last sender, which the crawl holds, is gone.
    let stopper = Arc::downgrade(&crawl);
    let vigil = crawl.alarm.watch("the writer");
    let keeping = tokio::task::spawn_blocking(move || {
        let _vigil = vigil;
        let kept = keeper.run(rows);
        // Rows have nowhere to go: nothing more is begun.
        if kept.is_err()
            && let Some(crawl) = stopper.upgrade()
        {
            crawl.frontier.stop();
        }
        kept
    });
    let every = Duration::from_secs(settings.setup.limits.seconds_per_progress_line.max(1));
    let display = show(crawl.clone(), watcher.clone(), shown, every);
    let display = tokio::spawn(guarded(&crawl, "the display", display));
    let watching = tokio::spawn(watch_connectivity(crawl.clone()));
    // What is in hand has tasks of its own, and is finished though the loops that hand it out are gone.
    let running = guarded(&crawl, "the crawl's own loop", crawl::run(crawl.clone(), items));
    let finished = AssertUnwindSafe(running).catch_unwind().await.is_ok_and(|end| end.finished);
    crawl.progress.end();
    watching.abort();
    let _ = watching.await;
    let _ = display.await;
    watcher.begin_judging();
    let unnoted = crawl.attempts.take_error();
    let closed = crawl.connectivity.closed();
    let alarm = crawl.alarm.clone();
    drop(crawl);
    let mut manifest = noting.await.map_err(|_| ScanError::PausesStopped)?;
    let parts = keeping.await.map_err(|_| ScanError::WriterStopped)??;
    if let Some(error) = unnoted {
        return Err(error.into());
    }
    for part in &parts {
        manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file.clone());
    }
    if let Some(run) = manifest.runs.last_mut() {
        run.end = Some(rfc3339(now()));
    }
    if let Some(task) = alarm.rung_by() {
        manifest.tables = dataset.table_files(&manifest.tables)?;
        dataset.write_manifest(&manifest)?;
        return Err(ScanError::Panicked(task));
    }
    if let Some(closed) = closed {
        manifest.tables = dataset.table_files(&manifest.tables)?;
        dataset.write_manifest(&manifest)?;
        // No server was reached, so none needs a rest.
        attempts::remove(dataset.root())?;
        let out = dataset.root().to_owned();
        return Err(ScanError::PortClosed { port: settings.setup.smtp_port, closed, out });
    }
    Ok((manifest, finished))
}

/// Judges what there is, and closes the manifest. The judge has a thread of its own, so that meanwhile signals are obeyed and
/// the metrics are served.
async fn conclude(
    settings: Settings,
    dataset: Arc<Dataset>,
    mut manifest: Manifest,
    finished: bool,
) -> Result<Scanned, ScanError> {
    let roots = Named { name: settings.trust_store_name, store: settings.trust_store };
    let judging = tokio::task::spawn_blocking(move || {
        let (summary, verdict_parts) = rejudge::judge_own(&dataset, roots, &about::tool())?;
        for part in verdict_parts {
            manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file);
        }
        manifest.tables = dataset.table_files(&manifest.tables)?;
        manifest.files = dataset.other_files(&manifest.files)?;
        let domains = manifest.input.as_ref().map_or(0, |input| input.rows);
        manifest.complete = finished && summary.domains() == domains;
        if let Some(run) = manifest.runs.last_mut() {
            run.end = Some(rfc3339(now()));
        }
        dataset.write_manifest(&manifest)?;
        if manifest.complete {
            attempts::remove(dataset.root())?;
        }
        Ok(Scanned { summary, complete: manifest.complete })
    });
    judging.await.map_err(|_| ScanError::JudgeStopped)?
}

/// A task whose panic ends the crawl.
fn guarded<F: Future>(crawl: &Arc<Crawl>, task: &'static str, work: F) -> impl Future<Output = F::Output> + use<F> {
    let vigil = crawl.alarm.watch(task);
    async move {
        let _vigil = vigil;
        work.await
    }
}

async fn show(crawl: Arc<Crawl>, watcher: Arc<Watcher>, shown: Shown, every: Duration) {
    let bars = match shown {
        Shown::Bars(bars) => bars,
        Shown::Steps(tell) => return progress::say_steps(&crawl, watcher.domains(), |step| tell(step)).await,
    };
    if logging::is_quiet() {
        return progress::say_steps(&crawl, watcher.domains(), |_| {}).await;
    }
    if !std::io::stderr().is_terminal() {
        return progress::say_lines(&crawl, &watcher, every, |text| logging::say(text)).await;
    }
    // A terminal may be stopped for as long as its owner likes: the bars have a thread of their own, and nobody waits for it.
    let (shown, ended) = tokio::sync::oneshot::channel();
    let drawing = std::thread::Builder::new().name("bars".to_owned()).spawn({
        // It holds neither the crawl nor, with it, the writer.
        let crawl = Arc::downgrade(&crawl);
        move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() {
                runtime.block_on(progress::show_bars(&crawl, &watcher, &bars));
            }
            let _ = shown.send(());
        }
    });
    if drawing.is_err() {
        return;
    }
    while !crawl.progress.has_ended() {
        crawl.progress.news(LAST_BARS).await;
    }
    drop(crawl);
    let _ = tokio::time::timeout(LAST_BARS, ended).await;
}
