//! The command line, defined in one place.

mod examples;
#[cfg(feature = "fleet")]
pub(crate) mod fleet;
#[cfg(feature = "lab")]
pub(crate) mod lab;
pub(crate) mod list;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use mxcensus_rules::eval::Kind;

use crate::settings::Flags;

/// Measures how well the world's e-mail transport is protected.
#[derive(Debug, Parser)]
#[command(
    name = "mxcensus",
    version = crate::about::VERSION,
    max_term_width = 110,
    arg_required_else_help = true,
    after_help = "\
Exit codes: 0 done, 1 could not run, 2 usage, 3 finished but incomplete (go on with --resume)."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// What to log to stderr: error, warn, info, debug, or a filter such as mxcensus=debug [default: warn]
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Logging")]
    pub log: Option<String>,
    /// Log to this file instead of stderr
    #[arg(long, global = true, value_name = "FILE", help_heading = "Logging")]
    pub log_file: Option<PathBuf>,
    /// Log more: once info, twice debug
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with_all = ["log", "quiet"], help_heading = "Logging")]
    pub verbose: u8,
    /// Log errors only, and show no progress
    #[arg(short, long, global = true, conflicts_with = "log", help_heading = "Logging")]
    pub quiet: bool,
    /// Colours: auto is on a terminal and without NO_COLOR
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto", help_heading = "Logging")]
    pub color: Colour,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Crawl a list of domains: observe, write Parquet, judge
    #[command(after_help = examples::SCAN)]
    Scan(ScanArgs),
    /// Crawl one list on many machines, or in several processes of one
    #[cfg(feature = "fleet")]
    #[command(after_help = examples::FLEET)]
    Fleet(fleet::FleetArgs),
    /// Judge a dataset again, offline: other roots, another date, a root distrusted
    #[command(after_help = examples::JUDGE)]
    Judge(JudgeArgs),
    /// Check a dataset: every file against the manifest, every key once, every row that must exist
    #[command(after_help = examples::VERIFY)]
    Verify(VerifyArgs),
    /// Copy a dataset to publish it: without what is about people or about us, and without parties that opted out since
    #[command(after_help = examples::REDACT)]
    Redact(RedactArgs),
    /// Compare two crawls: what appeared, vanished, changed, broke or healed, and at which operator
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Look at some domains, live: what holds, and what to do about it
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Fetch a list that researchers use: tranco, umbrella, majestic, crux
    #[command(after_help = examples::LIST)]
    List(list::ListArgs),
    /// Before a crawl: tell whether this machine and its network can do it
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Run the simulated internet on loopback and print how to point tools at it
    #[cfg(feature = "lab")]
    #[command(after_help = examples::LAB)]
    Lab(lab::LabArgs),
    /// Start the lab, scan it with the real code through real sockets, compare with what was expected
    #[cfg(feature = "lab")]
    #[command(after_help = examples::DEMO)]
    Demo(lab::DemoArgs),
    /// Make a dataset of the load world, without a network, and judge it
    #[cfg(feature = "lab")]
    #[command(after_help = examples::SAMPLE)]
    Sample(lab::SampleArgs),
    /// Hold a dataset of the load world against what must be in it
    #[cfg(feature = "lab")]
    #[command(after_help = examples::TRUTH)]
    Truth(lab::TruthArgs),
    /// Write a list of the domains of a dataset for which a condition holds
    #[command(after_help = examples::SELECT)]
    Select(SelectArgs),
    /// Crawl month after month, or watch by the hour: what is due now, and everything that is made of it
    #[command(after_help = examples::SERIES)]
    Series(SeriesArgs),
    /// Print the tables and columns of a dataset
    #[command(after_help = examples::SCHEMA)]
    Schema(SchemaArgs),
    /// Print what completes this command line in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the manual pages into a directory
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
    /// Apply one rule to JSON Lines on standard input
    #[command(after_help = examples::EVAL)]
    Eval(EvalArgs),
}

impl Command {
    /// The settings that a configuration file may hold, of the commands that take one.
    pub(crate) fn flags(&self) -> Option<&Flags> {
        match self {
            Command::Scan(args) => Some(&args.flags),
            Command::Check(args) => Some(&args.flags),
            Command::Doctor(args) => Some(&args.flags),
            _ => None,
        }
    }
}

/// Arguments of `scan`.
#[derive(Args, Debug)]
pub(crate) struct ScanArgs {
    /// Domain list: plain or rank,domain CSV, may be gzip, zstd or zip; https:// is fetched; - for standard input (not needed
    /// with --resume)
    #[arg(value_name = "LIST", required_unless_present_any = ["resume", "config"])]
    pub list: Option<PathBuf>,
    /// Directory to write the dataset to; created (not needed with --plan)
    #[arg(long, value_name = "DIR", required_unless_present_any = ["plan", "config"])]
    pub out: Option<PathBuf>,
    /// Estimate the crawl instead: ask DNS about a sample of the list, contact nobody else, write nothing
    #[arg(long, conflicts_with = "resume")]
    pub plan: bool,
    /// Domains that --plan asks about, drawn by --seed; all of a shorter list
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "plan", value_parser = sample_size)]
    pub plan_sample: usize,
    /// Take only the first N distinct domains of the list [default: all]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Seed of the order of the crawl [default: random, written to the manifest]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Go on with an incomplete crawl in --out
    #[arg(long)]
    pub resume: bool,
    /// Serve metrics for Prometheus at http://ADDR:PORT/metrics; port 0: any free one, which status.json names [default: nowhere]
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "plan")]
    pub metrics: Option<std::net::SocketAddr>,
    /// The settings shared with `check`.
    #[command(flatten)]
    pub flags: Flags,
}

/// The domains; at least one.
fn sample_size(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&size: &usize| size > 0).ok_or_else(|| "it is a number from 1 on".to_owned())
}

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Mail server to try port 25 against, repeatable: two or three of different operators [port: --smtp-port]
    #[arg(long, value_name = "HOST[:PORT]")]
    pub mail_host: Vec<String>,
    /// Name with broken signatures, to see what the resolver makes of it [default without a value: dnssec-failed.org]
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "dnssec-failed.org")]
    pub bogus_name: Option<String>,
    /// Address that others see, repeatable, for its reverse DNS [default: this machine's own]
    #[arg(long, value_name = "IP")]
    pub source_address: Vec<std::net::IpAddr>,
    /// Directory that the dataset will be written to, for its disk space
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How many domains the list has, for the disk space
    #[arg(long, value_name = "N")]
    pub domains: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The settings shared with `scan`.
    #[command(flatten)]
    pub flags: Flags,
}

/// Arguments of `judge`.
#[derive(Args, Debug)]
pub(crate) struct JudgeArgs {
    /// The dataset
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Judge as of this instant instead of each row's own (RFC 3339 or seconds since 1970)
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Roots to judge against, repeatable: the first decides, each is reported [default: the dataset's own]
    #[arg(long, value_name = "[NAME=]FILE")]
    pub trust_store: Vec<String>,
    /// Compare trust stores: a folder of PEM files, NAME.pem for the store NAME, and NAME.distrust with lines as for --distrust;
    /// writes store_verdicts and keeps the files [default: those that the dataset keeps]
    #[arg(long, value_name = "FOLDER")]
    pub stores: Option<PathBuf>,
    /// Take a root away, by the SHA-256 fingerprint of its DER, or with @DAY refuse what it issued after that day; a FILE has one
    /// a line; repeatable
    #[arg(long, value_name = "FINGERPRINT[@DAY]|FILE")]
    pub distrust: Vec<String>,
    /// The same, always with a day; with sct: before it, the earliest SCT in the certificate tells when it was issued, not its
    /// notBefore; repeatable
    #[arg(long, value_name = "[sct:]FINGERPRINT@DAY|FILE")]
    pub distrust_after: Vec<String>,
    /// Let the tolerant reading of records and policies decide
    #[arg(long)]
    pub lenient: bool,
    /// Make a dataset with these verdicts here: it links to what was seen [default: judge DIR itself; needed when any parameter is
    /// given]
    #[arg(long, value_name = "DIR2")]
    pub out: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// The dataset
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Arguments of `redact`.
#[derive(Args, Debug)]
pub(crate) struct RedactArgs {
    /// The dataset
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Where the copy is made, a new or empty directory
    #[arg(long, value_name = "DIR2")]
    pub out: PathBuf,
    /// Keep the banners and replies of mail servers, without our names and addresses [default: left out]
    #[arg(long)]
    pub banners: bool,
    /// Who has opted out since the crawl: a list as for `scan --opt-out`; they become opted-out, with nothing else
    #[arg(long, value_name = "FILE")]
    pub opt_out: Option<PathBuf>,
}

/// Arguments of `diff`.
#[derive(Args, Debug)]
pub(crate) struct DiffArgs {
    /// The earlier dataset
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later dataset
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Write the changes (Parquet) and summary.json here, a new or empty directory [default: print the summary only]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The domains; - for a list on standard input
    #[arg(value_name = "DOMAIN", required = true)]
    pub domains: Vec<String>,
    /// Print JSON: the observed rows, the verdicts, and the rule behind each; a list where several domains are given
    #[arg(long)]
    pub json: bool,
    /// Also print every judged column with the rule that decided it
    #[arg(long, conflicts_with = "json")]
    pub all: bool,
    /// Seconds until it gives up; each step of a session may take a sixth of it
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = positive)]
    pub timeout: f64,
    /// Also keep the dataset of these domains here
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The settings shared with `scan`.
    #[command(flatten)]
    pub flags: Flags,
}

fn positive(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds > 0.0 && *seconds < 86_400.0)
        .ok_or_else(|| "it is a positive number of seconds, less than a day".to_owned())
}

/// Arguments of `select`.
#[derive(Args, Debug)]
pub(crate) struct SelectArgs {
    /// The dataset
    #[arg(value_name = "DATASET")]
    pub dataset: PathBuf,
    /// SQL condition over the columns of `verdicts`, as it stands behind WHERE; `mxcensus schema` lists them
    #[arg(value_name = "CONDITION")]
    pub condition: String,
    /// Write the list here [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `series`.
#[derive(Args, Debug)]
pub(crate) struct SeriesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SeriesCommand,
}

/// The commands on a series.
#[derive(Debug, Subcommand)]
pub(crate) enum SeriesCommand {
    /// Go on with what an earlier start left unfinished, and crawl when its time has come; safe to start at any time
    #[command(after_help = "\
Exit codes: 0 done, or nothing was due; 1 could not run, or a step failed and is tried again by the next start;
2 the file is wrong; 3 stopped in mid-crawl, the next start goes on.")]
    Run {
        /// The series: docs/monthly.md has what stands in it
        #[arg(value_name = "SERIES.toml")]
        series: PathBuf,
    },
}

/// Formats of `schema`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// For people: `docs/dataset.md` is made of it.
    Markdown,
    /// For programs.
    Json,
}

/// Arguments of `schema`.
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Dataset whose columns are explained: where its world was made, that stands first
    #[arg(value_name = "DATASET")]
    pub dataset: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "markdown")]
    pub format: SchemaFormat,
}

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Directory to write to; created
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Arguments of `eval`.
#[derive(Args, Debug)]
pub(crate) struct EvalArgs {
    /// The rule
    #[arg(value_parser = kinds(), value_name = "KIND")]
    pub kind: Kind,
}

/// The rules that `eval` can apply, by their words.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let words = Kind::ALL.iter().map(|kind| PossibleValue::new(kind.word()).help(kind.meaning().trim_end_matches('.')));
    PossibleValuesParser::new(words)
        .try_map(|word| Kind::ALL.iter().copied().find(|kind| kind.word() == word).ok_or("it is no rule"))
}
