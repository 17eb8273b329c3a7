//! `fleet start`: a crawl on a broker; and `fleet seed`: a new broker for it.

use std::path::{Path, PathBuf};

use mxcensus_dataset::input::{self, Source, Spool};
use mxcensus_dataset::{Dataset, DatasetError, files};
use mxcensus_fleet::broker::{Broker, BrokerError};
use mxcensus_fleet::layout::Layout;
use mxcensus_fleet::records::{OptOutInForce, Spec, VERSION};
use mxcensus_fleet::slots::Slots;
use mxcensus_fleet::start;

use super::{FleetError, connect};
use crate::about;
use crate::cli::fleet::{BrokerArgs, ListArgs, SeedArgs};
use crate::command::scan::manifest;
use crate::command::warn_before_scan;
use crate::settings::Settings;

/// The name of the run that only begins a crawl.
pub(super) const STARTER: &str = "start";

/// Begins a crawl; returns what to do next.
pub(super) async fn start(args: ListArgs, broker: &BrokerArgs) -> Result<String, FleetError> {
    let (url, crawl) = (&broker.broker, &broker.crawl);
    let broker = connect(broker).await?;
    let spec = begin(args, &broker, crawl).await?;
    Ok(format!(
        "The crawl {} is begun in {}: {} slots.\nNow, on each machine: mxcensus fleet work --broker {} --crawl {}",
        spec.name,
        spec.dir,
        spec.slots.all().count(),
        mxcensus_fleet::broker::without_credentials(url),
        spec.name
    ))
}

/// Writes the dataset's beginning and the broker's.
pub(super) async fn begin(args: ListArgs, broker: &Broker, crawl: &str) -> Result<Spec, FleetError> {
    let mut settings = args.flags.clone().resolve()?;
    warn_before_scan(&settings)
        .map_err(|error| FleetError::NotStarted { what: "the crawl".into(), reason: error.to_string() })?;
    holds_operators(&settings)?;
    if mxcensus_fleet::entries::spec(broker).await.is_ok() {
        return Err(BrokerError::Exists.into());
    }
    let dataset = Dataset::create(&args.out, &about::tool())?;
    match begin_in(&args, &mut settings, &dataset, broker, crawl).await {
        Ok(spec) => Ok(spec),
        Err(error) => {
            let _ = broker.remove_streams().await;
            let folder = args.out.join("fleet");
            if folder.is_dir() {
                std::fs::remove_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
            }
            dataset.discard()?;
            Err(error)
        }
    }
}

/// An operator's `at_once` holds in each slot, not yet over the slots together: the table of a fleet on the internet may not
/// ask for it of mail servers. Policies are one slot, so there it holds.
fn holds_operators(settings: &Settings) -> Result<(), FleetError> {
    if settings.setup.allow_special_addresses {
        return Ok(());
    }
    let asked = settings.setup.operators.mail.iter().filter(|entry| entry.at_once.is_some());
    let names: Vec<&str> = asked.map(|entry| entry.name.as_str()).collect();
    if names.is_empty() { Ok(()) } else { Err(FleetError::AtOnce(names.join(", "))) }
}

async fn begin_in(
    args: &ListArgs,
    settings: &mut Settings,
    dataset: &Dataset,
    broker: &Broker,
    crawl: &str,
) -> Result<Spec, FleetError> {
    let seed = args.seed.unwrap_or_else(rand::random);
    let source = Source::from_argument(args.list.as_os_str());
    let listed = input::read_list(&source, &dataset.input_folder(), args.limit)?;
    let mut begun = dataset.manifest()?;
    begun.input = Some(listed.for_manifest(seed));
    begun.files = dataset.other_files(&begun.files)?;
    dataset.write_manifest(&begun)?;
    settings.setup.worker = STARTER.to_owned();
    manifest::begin(dataset, settings)?;
    files::write_atomically(&dataset.trust_store_path(), settings.trust_store.to_pem().as_bytes())?;
    let spool = Spool::open(&dataset.input_folder())?;
    let slots = args.slots.map_or_else(|| Slots::for_domains(spool.rows()), Slots::new);
    let root = dataset.root().canonicalize().map_err(|e| DatasetError::from_io(dataset.root(), e))?;
    let layout = Layout::new(&root);
    start::deal(&layout, &spool, slots)?;
    let opt_out = keep_opt_out(&layout, &settings.opt_out_text, settings.opt_out_file.as_deref())?;
    let spec = Spec {
        v: VERSION,
        name: crawl.to_owned(),
        incarnation: start::random_word(),
        tool: about::tool(),
        dir: root.display().to_string(),
        slots,
        seed,
        gone_after_s: args.gone_after,
    };
    start::begin(broker, &layout, &spec, opt_out).await?;
    Ok(spec)
}

/// Puts a list where every worker reads it.
pub(super) fn keep_opt_out(layout: &Layout, text: &str, file: Option<&Path>) -> Result<OptOutInForce, DatasetError> {
    let digest = files::write_atomically(&layout.opt_out(), text.as_bytes())?;
    let name = file.map_or_else(|| "none".to_owned(), |file| file.display().to_string());
    Ok(OptOutInForce { v: VERSION, name, sha256: digest.sha256 })
}

/// Gives the crawl in a directory a new broker.
pub(super) async fn seed(args: &SeedArgs) -> Result<String, FleetError> {
    let broker = connect(&args.broker).await?;
    let layout = layout_of(&args.out)?;
    let old = start::read_spec(&layout)?;
    same_build(&old)?;
    let sha256 = files::digest_of(&layout.opt_out())?.sha256;
    let opt_out = OptOutInForce { v: VERSION, name: layout.opt_out().display().to_string(), sha256 };
    let old = Spec { name: args.broker.crawl.clone(), ..old };
    let spec = start::seed(&broker, &layout, &old, opt_out).await?;
    Ok(format!("The crawl {} goes on: start workers again.\n", spec.name))
}

/// The files of a crawl of a fleet in this directory.
pub(super) fn layout_of(dir: &Path) -> Result<Layout, FleetError> {
    let root: PathBuf = dir.canonicalize().map_err(|_| FleetError::Elsewhere(dir.to_owned()))?;
    let layout = Layout::new(&root);
    if layout.is_begun() { Ok(layout) } else { Err(FleetError::Elsewhere(dir.to_owned())) }
}

/// All machines must run what began the crawl: their rows stand in one dataset.
pub(super) fn same_build(spec: &Spec) -> Result<(), FleetError> {
    let shown = |tool: &mxcensus_dataset::manifest::Tool| match &tool.commit {
        Some(commit) => format!("{} ({commit})", tool.version),
        None => tool.version.clone(),
    };
    let own = about::tool();
    if own == spec.tool {
        return Ok(());
    }
    Err(FleetError::Version { begun: shown(&spec.tool), own: shown(&own) })
}
