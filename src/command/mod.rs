//! The commands: each composes what the crates offer.

mod check;
mod doctor;
#[cfg(feature = "fleet")]
mod fleet;
#[cfg(feature = "lab")]
mod lab;
mod list;
mod scan;
mod select;
mod series;
mod shell;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::MultiProgress;
use mxcensus_dataset::select::SelectError;
use mxcensus_dataset::{Dataset, columns, diff, redact, rejudge, verify};
use mxcensus_rules::eval;
use mxcensus_scan::estimate::ask::{Request as PlanRequest, plan};

use crate::about;
use crate::cli::{Cli, Command, ScanArgs, SchemaFormat};
use crate::kept;
use crate::logging;
use crate::settings::{self, Settings, SettingsError};

/// What a person reads when a command fails.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// How a command ended, as an exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    /// It did what was asked.
    Done = 0,
    /// It could not run.
    CouldNotRun = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It finished, and something is missing or disagrees.
    Incomplete = 3,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        ExitCode::from(ending as u8)
    }
}

impl Ending {
    fn of(good: bool, otherwise: Ending) -> Ending {
        if good { Ending::Done } else { otherwise }
    }
}

/// Whether the command line itself is at fault.
pub(crate) fn is_usage(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<SettingsError>().is_some_and(SettingsError::is_usage)
        || error.downcast_ref::<doctor::DoctorError>().is_some_and(doctor::DoctorError::is_usage)
        || error.downcast_ref::<series::SeriesError>().is_some_and(series::SeriesError::is_usage)
        || error.downcast_ref::<SelectError>().is_some_and(SelectError::is_usage)
        || is_usage_of_fleet(error)
}

#[cfg(feature = "fleet")]
fn is_usage_of_fleet(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<fleet::FleetError>();
    error.is_some_and(|error| matches!(error, fleet::FleetError::Settings(error) if error.is_usage()))
}

#[cfg(not(feature = "fleet"))]
fn is_usage_of_fleet(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli, bars: MultiProgress) -> Result<Ending, Error> {
    match cli.command {
        Command::Scan(args) => scan(args, bars),
        #[cfg(feature = "fleet")]
        Command::Fleet(args) => fleet::run(args, &bars),
        Command::Judge(args) => {
            let request = rejudge::Request {
                dir: args.dir,
                at: args.at,
                trust_store: args.trust_store,
                stores: args.stores,
                distrust: args.distrust,
                distrust_after: args.distrust_after,
                lenient: args.lenient,
                out: args.out,
            };
            say(rejudge::run(request, &about::tool())?)?;
            Ok(Ending::Done)
        }
        Command::Verify(args) => {
            let report = verify::dataset(&args.dir)?;
            say(&report)?;
            Ok(Ending::of(report.is_sound(), Ending::CouldNotRun))
        }
        Command::Redact(args) => {
            let (opt_out, _) = args.opt_out.as_deref().map(settings::opt_out).transpose()?.unwrap_or_default();
            let request = redact::Request { dir: args.dir, out: args.out, banners: args.banners, opt_out };
            say(redact::run(&request, &about::tool())?)?;
            Ok(Ending::Done)
        }
        Command::Diff(args) => {
            say(diff::run(&args.old, &args.new, args.out.as_deref(), &about::tool())?)?;
            Ok(Ending::Done)
        }
        Command::Check(args) => {
            let (report, ending) = runtime(1)?.block_on(check::command(args))?;
            say(report)?;
            Ok(ending)
        }
        Command::List(args) => list::run(args),
        Command::Doctor(args) => {
            let (report, good) = runtime(1)?.block_on(doctor::command(args))?;
            say(report)?;
            Ok(Ending::of(good, Ending::CouldNotRun))
        }
        #[cfg(feature = "lab")]
        Command::Lab(args) => lab::run(args),
        #[cfg(feature = "lab")]
        Command::Demo(args) => lab::demo(args),
        #[cfg(feature = "lab")]
        Command::Sample(args) => lab::sample(args),
        #[cfg(feature = "lab")]
        Command::Truth(args) => lab::truth(&args),
        Command::Select(args) => select::run(&args),
        Command::Series(args) => series::command(args.command, bars),
        Command::Schema(args) => {
            let made = match &args.dataset {
                Some(dataset) => Dataset::open(dataset)?.manifest()?.made,
                None => None,
            };
            say(match args.format {
                SchemaFormat::Markdown => {
                    made.map_or_else(String::new, |made| format!("> {made}\n\n")) + &columns::reference::markdown()
                }
                SchemaFormat::Json => {
                    let mut reference = columns::reference::json();
                    if let Some(made) = made {
                        reference["made"] = made.word().into();
                    }
                    serde_json::to_string_pretty(&reference)? + "\n"
                }
            })?;
            Ok(Ending::Done)
        }
        Command::Completions(args) => shell::completions(args.shell),
        Command::Man(args) => shell::man(&args.dir),
        Command::Eval(args) => {
            let input = std::io::BufReader::new(std::io::stdin());
            eval::run(args.kind, input, std::io::BufWriter::new(std::io::stdout()))?;
            Ok(Ending::Done)
        }
    }
}

fn scan(mut args: ScanArgs, bars: MultiProgress) -> Result<Ending, Error> {
    args.flags = args.flags.over_file()?;
    args.out = args.out.take().or_else(|| args.flags.out.clone());
    let settings = settings_of(&args)?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None if args.plan => PathBuf::new(),
        None => return Err(SettingsError::Missing("--out DIR").into()),
    };
    let mut list = list::of_scan(&args)?;
    let runtime = runtime(settings.setup.limits.threads)?;
    let (limit, seed) = (args.limit.or(args.flags.limit), args.seed.or(args.flags.seed));
    if let Some(list) = list.take_if(|_| args.plan) {
        let request = PlanRequest { list, limit, seed, sample: args.plan_sample };
        say(runtime.block_on(plan(request, &settings.setup))?)?;
        return Ok(Ending::Done);
    }
    warn_before_scan(&settings)?;
    let shown = out.display().to_string();
    let request =
        scan::Request { list, out, limit, seed, resume: args.resume, metrics: args.metrics.or(args.flags.metrics) };
    let scanned = runtime.block_on(scan::run(request, settings, bars))?;
    say(scanned.summary)?;
    if !scanned.complete {
        logging::say(format_args!("The crawl is incomplete; go on with: mxcensus scan --out {shown} --resume"));
    }
    Ok(Ending::of(scanned.complete, Ending::Incomplete))
}

/// The settings of a new crawl, or those that a crawl goes on with.
fn settings_of(args: &ScanArgs) -> Result<Settings, Error> {
    let given = args.flags.clone();
    match args.out.as_deref().filter(|_| args.resume) {
        Some(out) if out.join("manifest.json").is_file() => {
            Ok(kept::resumed(given, out, &Dataset::open(out)?.manifest()?)?)
        }
        _ => Ok(given.resolve()?),
    }
}

/// Tells what this machine lacks for a crawl; an error where the crawl would fail.
fn warn_before_scan(settings: &Settings) -> Result<(), Error> {
    for finding in doctor::machine::before_scan(settings) {
        let text = [Some(finding.seen.as_str()), finding.advice.as_deref()].into_iter().flatten();
        let text = text.collect::<Vec<_>>().join(" ");
        match finding.level {
            doctor::Level::Ok => tracing::info!("{text}"),
            doctor::Level::Warn => tracing::warn!("{text}"),
            doctor::Level::Fail => return Err(text.into()),
        }
    }
    Ok(())
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    match threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

/// Writes to standard output; that nobody reads it any more is for `main` to pass over.
fn say(text: impl std::fmt::Display) -> std::io::Result<()> {
    write!(std::io::stdout(), "{text}")
}
