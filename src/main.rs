//! The program: parses the command line, runs a command, and turns what became of it into an exit code.
#![forbid(unsafe_code)]

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use indicatif::MultiProgress;
use mxcensus::cli::{Cli, Command, SchemaFormat};
use mxcensus::scan::{PlanRequest, Request};
use mxcensus::settings::SettingsError;
use mxcensus::{check, dataset, diff, doctor, eval, rejudge, scan};

/// Rows are many small allocations, made on one thread and freed on another: with that of glibc a scan takes 10 % more
/// CPU and 40 % more memory, and the judge 45 % more CPU (docs/performance.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

type Error = Box<dyn std::error::Error + Send + Sync>;

const DONE: u8 = 0;
const COULD_NOT_RUN: u8 = 1;
const USAGE: u8 = 2;
const INCOMPLETE: u8 = 3;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let bars = MultiProgress::new();
    let result = start_logging(&cli, &bars).and_then(|()| run(cli, bars));
    match result {
        Ok(code) => ExitCode::from(code),
        // A reader of ours that has seen enough (`| head`) is no failure.
        Err(error) if is_broken_pipe(&*error) => ExitCode::from(DONE),
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                let cause_text = cause.to_string();
                if !text.contains(&cause_text) {
                    text = format!("{text}: {cause_text}");
                }
                source = cause.source();
            }
            eprintln!("mxcensus: {text}");
            let usage = error.downcast_ref::<SettingsError>().is_some_and(SettingsError::is_usage)
                || error.downcast_ref::<doctor::DoctorError>().is_some_and(doctor::DoctorError::is_usage);
            ExitCode::from(if usage { USAGE } else { COULD_NOT_RUN })
        }
    }
}

fn run(cli: Cli, bars: MultiProgress) -> Result<u8, Error> {
    match cli.command {
        Command::Scan(args) => {
            let settings = args.flags.resolve()?;
            let runtime = runtime(settings.limits.threads)?;
            if let (true, Some(list)) = (args.plan, args.list.clone()) {
                let (limit, seed, sample) = (args.limit, args.seed, args.plan_sample);
                let plan = runtime.block_on(scan::plan(PlanRequest { list, limit, seed, sample }, &settings))?;
                say(plan)?;
                return Ok(DONE);
            }
            let Some(out) = args.out else { return Err("scan needs --out DIR".into()) };
            for finding in doctor::machine::before_scan(&settings) {
                let text = [Some(finding.seen.as_str()), finding.advice.as_deref()].into_iter().flatten();
                let text = text.collect::<Vec<_>>().join(" ");
                match finding.level {
                    doctor::Level::Ok => tracing::info!("{text}"),
                    doctor::Level::Warn => tracing::warn!("{text}"),
                    doctor::Level::Fail => return Err(text.into()),
                }
            }
            let shown = out.display().to_string();
            let request = Request {
                list: args.list,
                out,
                limit: args.limit,
                seed: args.seed,
                resume: args.resume,
                metrics: args.metrics,
            };
            let scanned = runtime.block_on(scan::run(request, settings, bars))?;
            say(scanned.summary)?;
            if scanned.complete {
                return Ok(DONE);
            }
            eprintln!(
                "The crawl is incomplete; go on with: mxcensus scan --out {shown} --resume, and the same settings"
            );
            Ok(INCOMPLETE)
        }
        Command::Judge(args) => {
            let summary = rejudge::command(args)?;
            say(summary)?;
            Ok(DONE)
        }
        Command::Diff(args) => {
            let summary = diff::command(args)?;
            say(summary)?;
            Ok(DONE)
        }
        Command::Check(args) => {
            let report = runtime(1)?.block_on(check::command(args))?;
            say(report)?;
            Ok(DONE)
        }
        Command::Doctor(args) => {
            let (report, good) = runtime(1)?.block_on(doctor::command(args))?;
            say(report)?;
            Ok(if good { DONE } else { COULD_NOT_RUN })
        }
        #[cfg(feature = "lab")]
        Command::Lab(args) => {
            let runtime = runtime(all_cores())?;
            match args.world {
                mxcensus::lab::WhichWorld::Load => runtime.block_on(mxcensus::lab::load::serve(args))?,
                _ => runtime.block_on(mxcensus::lab::run(args))?,
            }
            Ok(DONE)
        }
        #[cfg(feature = "lab")]
        Command::Demo(args) => {
            let agreed = runtime(all_cores())?.block_on(mxcensus::demo::command(args))?;
            Ok(if agreed { DONE } else { INCOMPLETE })
        }
        #[cfg(feature = "lab")]
        Command::Sample(args) => {
            let out = args.out.display().to_string();
            let summary = mxcensus::lab::load::sample(args)?;
            say(format_args!("{summary}\nThe dataset is in {out}, what must have come out in {out}/truth.json.\n"))?;
            Ok(DONE)
        }
        #[cfg(feature = "lab")]
        Command::Truth(args) => {
            let compared = mxcensus::lab::load::compare(&args)?;
            say(format_args!("{compared}\n"))?;
            Ok(if compared.differences.is_empty() { DONE } else { INCOMPLETE })
        }
        Command::Schema(args) => {
            let text = match args.format {
                SchemaFormat::Markdown => dataset::columns::reference::markdown(),
                SchemaFormat::Json => serde_json::to_string_pretty(&dataset::columns::reference::json())? + "\n",
            };
            say(text)?;
            Ok(DONE)
        }
        Command::Eval(args) => {
            let input = std::io::BufReader::new(std::io::stdin());
            eval::run(args.kind, input, std::io::BufWriter::new(std::io::stdout()))?;
            Ok(DONE)
        }
    }
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    match threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

/// The lab is many machines.
#[cfg(feature = "lab")]
fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// Writes to standard output; that nobody reads it any more is for `main` to pass over.
fn say(text: impl std::fmt::Display) -> std::io::Result<()> {
    write!(std::io::stdout(), "{text}")
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Logs go to stderr between the bars, or to a file; never through the bars.
fn start_logging(cli: &Cli, bars: &MultiProgress) -> Result<(), Error> {
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    match &cli.log_file {
        Some(path) => {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            builder.with_ansi(false).with_writer(std::sync::Mutex::new(file)).init();
        }
        None => {
            let bars = bars.clone();
            let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            builder.with_ansi(colours).with_writer(move || BetweenBars(bars.clone())).init();
        }
    }
    Ok(())
}

/// Writes to stderr while the bars are hidden.
struct BetweenBars(MultiProgress);

impl Write for BetweenBars {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.suspend(|| std::io::stderr().write(buffer))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}
