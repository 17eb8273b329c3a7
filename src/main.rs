//! mxcensus measures how well the world's e-mail transport is protected.
//!
//! The program parses the command line ([`cli`], [`settings`]), runs a command ([`command`]), and turns what became of it
//! into an exit code. It composes and does nothing else: the rules are in `mxcensus-rules`, the verdicts in
//! `mxcensus-judge`, the files in `mxcensus-dataset`, the network in `mxcensus-scan`, the simulated internet in
//! `mxcensus-lab`.

mod about;
mod cli;
mod command;
mod kept;
mod logging;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use indicatif::MultiProgress;

use crate::cli::Cli;
use crate::command::Ending;

/// Rows are many small allocations, made on one thread and freed on another: with that of glibc a scan takes 10 % more
/// CPU and 40 % more memory, and the judge 45 % more CPU (docs/performance.md).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Faults that tests inject; nothing in a program that was built to be used.
    let _faults = fail::FailScenario::setup();
    let cli = Cli::parse();
    let bars = MultiProgress::new();
    let log = logging::start(&cli, &bars);
    let (_written, result) = match log {
        Ok(written) => (Some(written), command::run(cli, bars)),
        Err(error) => (None, Err(error)),
    };
    match result {
        Ok(ending) => ending.into(),
        // A reader that closes the pipe early (`| head`) is not a failure.
        Err(error) if is_broken_pipe(&*error) => Ending::Done.into(),
        Err(error) => {
            logging::say(format_args!("mxcensus: {}", with_causes(&*error)));
            if command::is_usage(&*error) { Ending::Usage.into() } else { Ending::CouldNotRun.into() }
        }
    }
}

/// The sentence of an error, and of each cause that it does not tell itself.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
