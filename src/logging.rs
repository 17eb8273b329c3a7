//! Where the program's log goes.

use std::io::{IsTerminal, Write};

use indicatif::MultiProgress;

use crate::cli::Cli;

/// Logs go to stderr between the bars, or to a file; never through the bars.
pub(crate) fn start(cli: &Cli, bars: &MultiProgress) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
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
