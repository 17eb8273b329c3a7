//! Where the program's log and its lines for a person go. Nobody waits for them, and nothing that happens to them ends a crawl.
//!
//! [`start`] sets the log up, [`say`] puts a line on standard error. Both hand lines to a thread that writes them. A reader
//! that is slow, gone, or a disk that is full costs lines, which are counted, and nothing else (docs/decisions/0009-log-writer.md).

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use indicatif::MultiProgress;

use crate::cli::{Cli, Colour};
use crate::settings::{Flags, SettingsError};

/// Lines that may wait for their reader: a second of the most talkative log, in less than a megabyte.
const WAITING: usize = 4096;

/// How long the end of the program waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Where [`say`] puts its lines.
static SCREEN: OnceLock<Lines> = OnceLock::new();

/// Starts the log. Logs go to standard error between the bars, or to a file; never through the bars.
///
/// # Errors
/// The filter cannot be read, the file cannot be opened, or there is no thread left.
pub(crate) fn start(cli: &Cli, bars: &MultiProgress) -> Result<Written, Box<dyn std::error::Error + Send + Sync>> {
    let Wanted { filter, file } = wanted(cli)?;
    let to_screen = file.is_none();
    let filter = tracing_subscriber::EnvFilter::try_new(filter)?;
    let file = file.map(|path| std::fs::OpenOptions::new().create(true).append(true).open(path));
    let (screen, shown) = Lines::to("stderr", BetweenBars(bars.clone()))?;
    let mut written = vec![shown];
    let lines = match file.transpose()? {
        Some(file) => {
            let (lines, logged) = Lines::to("log file", file)?;
            written.push(logged);
            lines
        }
        None => screen.clone(),
    };
    let _ = SCREEN.set(screen);
    tell_panics();
    QUIET.store(cli.quiet, Relaxed);
    let colours = to_screen && are_wanted(cli.color);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        // It would tell standard error, which panics where that is what fails.
        .log_internal_errors(false)
        .with_writer(move || lines.clone())
        .init();
    Ok(Written(written))
}

/// What is logged, and to which file.
struct Wanted {
    filter: String,
    file: Option<PathBuf>,
}

/// What is typed, over the configuration file, over the default.
fn wanted(cli: &Cli) -> Result<Wanted, SettingsError> {
    let file = match cli.command.flags() {
        Some(flags) if flags.config.is_some() => flags.clone().over_file()?,
        _ => Flags::default(),
    };
    let typed = match (cli.quiet, cli.verbose) {
        (true, _) => Some("error"),
        (false, 0) => cli.log.as_deref(),
        (false, 1) => Some("info"),
        (false, _) => Some("debug"),
    };
    let filter = typed.map(str::to_owned).or(file.log).unwrap_or_else(|| "warn".to_owned());
    Ok(Wanted { filter, file: cli.log_file.clone().or(file.log_file) })
}

/// Whether the log is coloured; says so to whatever else colours text.
fn are_wanted(colour: Colour) -> bool {
    match colour {
        Colour::Auto => {
            std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
        Colour::Always | Colour::Never => {
            let always = colour == Colour::Always;
            console::set_colors_enabled(always);
            console::set_colors_enabled_stderr(always);
            always
        }
    }
}

/// Whether nothing but errors is to be shown.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Relaxed)
}

/// Puts a line on standard error, between the bars.
pub(crate) fn say(text: impl std::fmt::Display) {
    let line = format!("{text}\n").into_bytes();
    match SCREEN.get() {
        Some(screen) => screen.put(line),
        None => {
            let _ = std::io::stderr().write_all(&line);
        }
    }
}

/// Lets panics say what they have to say like everybody else. The standard library writes it to standard error itself, and waits for
/// as long as a reader that is stuck takes: the crawl that is to end would not.
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        match backtrace.status() {
            BacktraceStatus::Captured => say(format_args!("{panic}\n{backtrace}")),
            _ => say(panic),
        }
    }));
}

enum Message {
    Line(Vec<u8>),
    End,
}

/// The end of the queue that lines are put into.
#[derive(Clone, Debug)]
struct Lines {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl Lines {
    /// A thread that writes to `out` for as long as the program runs.
    fn to(name: &str, out: impl Write + Send + 'static) -> std::io::Result<(Lines, Thread)> {
        let (queue, messages) = sync_channel(WAITING);
        let (ended, end) = sync_channel(1);
        let lines = Lines { queue, dropped: Arc::default() };
        let dropped = lines.dropped.clone();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            write_lines(out, &messages, &dropped);
            let _ = ended.try_send(());
        })?;
        Ok((lines.clone(), Thread { lines, end }))
    }

    /// Never waits: where the queue is full, the line is dropped.
    fn put(&self, line: Vec<u8>) {
        if self.queue.try_send(Message::Line(line)).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }
}

/// One event of the log at a time. It cannot fail.
impl Write for Lines {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.put(buffer.to_vec());
        Ok(buffer.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write_lines(mut out: impl Write, messages: &Receiver<Message>, dropped: &AtomicU64) {
    while let Ok(Message::Line(line)) = messages.recv() {
        // There is no place left to report that the log cannot be written.
        let _ = out.write_all(&line);
        let lost = dropped.swap(0, Relaxed);
        if lost > 0 {
            let _ = writeln!(out, "{lost} lines of the log were dropped: they came faster than they could be written");
        }
    }
    let _ = out.flush();
}

/// A thread that writes, to be ended.
#[derive(Debug)]
struct Thread {
    lines: Lines,
    end: Receiver<()>,
}

/// Keeps the log running. When it goes, the last lines have a second to be written.
#[derive(Debug)]
#[must_use]
pub(crate) struct Written(Vec<Thread>);

impl Drop for Written {
    fn drop(&mut self) {
        let deadline = Instant::now() + LAST_LINES;
        for thread in &self.0 {
            let mut message = Message::End;
            while let Err(TrySendError::Full(back)) = thread.lines.queue.try_send(message) {
                if Instant::now() >= deadline {
                    break;
                }
                message = back;
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ = thread.end.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        }
    }
}

/// Writes to standard error while the bars are hidden.
struct BetweenBars(MultiProgress);

impl Write for BetweenBars {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.suspend(|| std::io::stderr().write(buffer))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Writes nothing until it is told to.
    struct Stuck(Receiver<()>, Sender<Vec<u8>>);

    impl Write for Stuck {
        fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(buffer.to_vec());
            Ok(buffer.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }

    #[test]
    fn nobody_waits_for_a_reader_that_is_stuck() {
        let (go, wait) = channel();
        let (written, seen) = channel();
        let (mut lines, thread) = Lines::to("test", Stuck(wait, written)).unwrap();
        for number in 0..2 * WAITING {
            lines.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        assert!(lines.dropped.load(Relaxed) >= (WAITING - 1) as u64);
        let begun = Instant::now();
        drop(Written(vec![thread]));
        assert!(begun.elapsed() >= LAST_LINES, "the last lines have a second");
        drop(go);
        assert_eq!(seen.recv().unwrap(), b"0\n");
        let told = seen.iter().find(|line| String::from_utf8_lossy(line).contains("lines of the log were dropped"));
        assert!(told.is_some());
    }

    #[test]
    fn a_writer_that_fails_is_no_failure() {
        let (mut lines, thread) = Lines::to("test", Broken).unwrap();
        lines.write_all(b"a line\n").unwrap();
        drop(Written(vec![thread]));
        lines.write_all(b"after the end\n").unwrap();
    }
}
