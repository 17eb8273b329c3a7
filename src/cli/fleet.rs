//! The commands of a fleet: one crawl on many machines.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::settings::Flags;

/// Arguments of `fleet`.
#[derive(Args, Debug)]
pub(crate) struct FleetArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: FleetCommand,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// All of it on one machine: a broker on loopback, the workers, and the close
    Local(LocalArgs),
    /// Begin a crawl on a broker; nobody is contacted
    Start(StartArgs),
    /// Work on a crawl, on any machine that shares its directory, at any time
    Work(WorkArgs),
    /// Tell how a crawl stands; exit code 3 while something is left
    Status(StatusArgs),
    /// Replace the opt-out list; returns when every worker obeys the new one
    OptOut(OptOutArgs),
    /// Make the dataset: look for what is missing, merge, judge; exit code 3 where something is missing
    Close(CloseArgs),
    /// Give a crawl whose broker is lost a new one, from what is in its directory
    Seed(SeedArgs),
}

/// Where the broker is.
#[derive(Args, Clone, Debug)]
pub(crate) struct BrokerArgs {
    /// The NATS server, with JetStream
    #[arg(long, value_name = "URL")]
    pub broker: String,
    /// Credentials for it: a NATS .creds file
    #[arg(long, value_name = "FILE")]
    pub broker_creds: Option<PathBuf>,
    /// The name of the crawl on the broker, which may serve several
    #[arg(long, value_name = "NAME", default_value = "census", value_parser = name)]
    pub crawl: String,
}

/// What a crawl is begun with.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// Domain list: plain or rank,domain CSV, may be gzip or zstd; - for standard input
    #[arg(value_name = "LIST")]
    pub list: PathBuf,
    /// Directory of the dataset, which every worker must reach by this path
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Take only the first N distinct domains of the list [default: all]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Seed of the order of the crawl [default: random, written to the manifest]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Parts that the crawl is cut into [default: 16; from a million domains on 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub slots: Option<u16>,
    /// Seconds without a sign of life after which a worker is gone
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = patience)]
    pub gone_after: f64,
    /// The settings shared with `scan`.
    #[command(flatten)]
    pub flags: Flags,
}

/// Arguments of `fleet local`.
#[derive(Args, Debug)]
pub(crate) struct LocalArgs {
    /// The crawl. Where --out holds one that was begun, it goes on.
    #[command(flatten)]
    pub list: ListArgs,
    /// Processes that share the crawl
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,
    /// The server to start [default: nats-server in PATH]
    #[arg(long, value_name = "FILE")]
    pub nats_server: Option<PathBuf>,
}

/// Arguments of `fleet start`.
#[derive(Args, Debug)]
pub(crate) struct StartArgs {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// The crawl.
    #[command(flatten)]
    pub list: ListArgs,
}

/// Arguments of `fleet work`.
#[derive(Args, Debug)]
pub(crate) struct WorkArgs {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// The name of this worker, which no other has [default: the host name]
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub worker: Option<String>,
    /// Resolver to ask, repeatable [default: those that the crawl was begun with]
    #[arg(long, value_name = "IP[:PORT]")]
    pub resolver: Vec<String>,
    /// Name said in EHLO; should resolve to this machine and back [default: that of the crawl]
    #[arg(long, value_name = "NAME")]
    pub ehlo_name: Option<String>,
    /// Where this machine stands, for the manifest [default: that of the crawl]
    #[arg(long, value_name = "NAME")]
    pub vantage: Option<String>,
}

/// Arguments of `fleet status`.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `fleet opt-out`.
#[derive(Args, Debug)]
pub(crate) struct OptOutArgs {
    /// The new list
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
}

/// Arguments of `fleet close`.
#[derive(Args, Debug)]
pub(crate) struct CloseArgs {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
}

/// Arguments of `fleet seed`.
#[derive(Args, Debug)]
pub(crate) struct SeedArgs {
    /// The broker.
    #[command(flatten)]
    pub broker: BrokerArgs,
    /// Directory of the crawl
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// A name that may stand in a subject of NATS.
fn name(text: &str) -> Result<String, String> {
    match mxcensus_fleet::broker::is_name(text) {
        true => Ok(text.to_owned()),
        false => Err("it is made of at most 64 letters, digits, - and _".to_owned()),
    }
}

fn patience(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (1.0..=600.0).contains(seconds));
    seconds.ok_or_else(|| "it is a number of seconds from 1 to 600".to_owned())
}
