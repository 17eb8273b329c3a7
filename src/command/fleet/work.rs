//! `fleet work`: one worker, on any machine.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use mxcensus_dataset::Dataset;
use mxcensus_dataset::input::Spool;
use mxcensus_dataset::manifest::{Run, rfc3339};
use mxcensus_fleet::broker::{Broker, BrokerError, without_credentials};
use mxcensus_fleet::fragment::{self, Fragment};
use mxcensus_fleet::holding::Shared;
use mxcensus_fleet::layout::Layout;
use mxcensus_fleet::records::Spec;
use mxcensus_fleet::worker::{Ended, Worker};
use mxcensus_fleet::{entries, start};
use mxcensus_scan::connectivity::Connectivity;
use mxcensus_scan::dns::Dns;
use mxcensus_scan::net::now;
use mxcensus_scan::stage::Room;
use tokio::sync::watch;

use super::begin::{layout_of, same_build};
use super::{FleetError, connect};
use crate::cli::fleet::WorkArgs;
use crate::command::scan::{manifest, suits};
use crate::command::{Ending, warn_before_scan};
use crate::settings::{Flags, Settings};
use crate::{about, kept, logging};

/// Works until the crawl is observed, or until it is asked to leave.
pub(super) fn run(args: WorkArgs) -> Result<Ending, FleetError> {
    let not_started = |reason: String| FleetError::NotStarted { what: "the worker".to_owned(), reason };
    // What comes from the broker decides how many threads the crawl wants.
    let runtime = crate::command::runtime(1).map_err(|e| not_started(e.to_string()))?;
    runtime.block_on(work(args))
}

/// A broker that is being restarted may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects, patiently: on a cluster, machines come up in any order.
async fn connect_patiently(args: &WorkArgs) -> Result<Broker, FleetError> {
    let begun = Instant::now();
    loop {
        match connect(&args.broker).await {
            Err(BrokerError::Unreachable { .. } | BrokerError::NoJetStream(_)) if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            connected => return Ok(connected?),
        }
    }
}

async fn work(args: WorkArgs) -> Result<Ending, FleetError> {
    let broker = connect_patiently(&args).await?;
    let spec = entries::spec(&broker).await?;
    same_build(&spec)?;
    let layout = layout_of(spec.dir.as_ref())?;
    if start::read_spec(&layout)?.incarnation != spec.incarnation {
        return Err(FleetError::Elsewhere(spec.dir.clone().into()));
    }
    let name = args.worker.clone().unwrap_or_else(own_name);
    let settings = settings_of(&args, &layout, &name)?;
    warn_before_scan(&settings)
        .map_err(|error| FleetError::NotStarted { what: "the worker".to_owned(), reason: error.to_string() })?;
    let number = fragment::next_run(&layout, &name)?;
    let dns = Dns::new(settings.setup.dns())?;
    let shared = Arc::new(shared(&settings, broker, spec, layout.clone(), dns.clone(), &name));
    let worker = Worker::join(shared, number).await?;
    let mut fragment = describe(&settings, &layout, number)?;
    fragment::write(&layout, &fragment)?;
    let (leave, asked) = watch::channel(false);
    tokio::spawn(obey_signals(leave));
    let spool = Spool::open(&layout.root().join("input"))?;
    suits(&dns, &spool, &settings).await?;
    dns.discover_nat64().await;
    let ended = worker.work(asked).await;
    fragment.run.end = Some(rfc3339(now()));
    fragment::write(&layout, &fragment)?;
    match ended? {
        Ended::Observed => Ok(Ending::Done),
        Ended::Left => Ok(Ending::Incomplete),
    }
}

fn shared(settings: &Settings, broker: Broker, spec: Spec, layout: Layout, dns: Dns, worker: &str) -> Shared {
    Shared {
        broker,
        spec,
        layout,
        connectivity: Connectivity::new(dns.gate().clone(), &settings.setup.limits),
        room: Arc::new(Room::new(&settings.setup.limits)),
        setup: settings.setup.clone(),
        dns,
        worker: worker.to_owned(),
        start: start::random_word(),
        rows: Default::default(),
        is_quiet: AtomicBool::new(false),
    }
}

/// What holds for the crawl, with what belongs to this machine.
fn settings_of(args: &WorkArgs, layout: &Layout, worker: &str) -> Result<Settings, FleetError> {
    let given = Flags { resolver: args.resolver.clone(), ..Flags::default() };
    let mut settings = kept::resumed(given, layout.root(), &Dataset::open(layout.root())?.manifest()?)?;
    if let Some(name) = &args.ehlo_name {
        let name = mxcensus_rules::name::to_ascii(name);
        settings.setup.ehlo_name =
            name.map_err(|_| crate::settings::SettingsError::EhloName(args.ehlo_name.clone().unwrap_or_default()))?;
    }
    if let Some(vantage) = &args.vantage {
        settings.vantage.clone_from(vantage);
    }
    settings.setup.worker = worker.to_owned();
    Ok(settings)
}

/// What this run says about itself.
fn describe(settings: &Settings, layout: &Layout, number: u32) -> Result<Fragment, FleetError> {
    let begun = Dataset::open(layout.root())?.manifest()?.runs.last().cloned().unwrap_or_default();
    Ok(Fragment {
        run: Run {
            number,
            worker: settings.setup.worker.clone(),
            command_line: std::env::args().map(|arg| without_credentials(&arg)).collect(),
            start: rfc3339(now()),
            end: None,
            resolvers: settings.setup.resolvers.iter().map(ToString::to_string).collect(),
            contact: settings.setup.contact.clone(),
            version: about::tool().version,
            pauses: Vec::new(),
            ..begun
        },
        worker: manifest::worker(settings),
    })
}

/// Ctrl-C or SIGTERM once: the slots are given back. Twice: leave at once.
async fn obey_signals(leave: watch::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        tracing::warn!("signals cannot be caught; Ctrl-C will leave at once");
        return;
    };
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        if *leave.borrow() {
            // What has its final name is whole; the slots are taken over.
            std::process::exit(3);
        }
        logging::say("Giving the slots back; once more to leave at once.");
        leave.send_replace(true);
    }
}

/// The host name, as it may stand on the broker.
fn own_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let plain: String =
        name.trim().chars().take(64).map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    if plain.is_empty() { "worker".to_owned() } else { plain }
}
