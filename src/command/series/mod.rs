//! `mxcensus series run`: one crawl after the other, each with what is made of it.
//!
//! [`config`] reads the series, [`every`] says when a crawl is due, [`shelf`] where everything is. A start goes on with what an
//! earlier one left unfinished, begins a crawl when its time has come, and does nothing otherwise: a timer may start it as
//! often as it likes. [`steps`] has what follows a crawl, [`retention`] what is removed, [`feed`] what is announced.

mod config;
mod every;
mod feed;
mod retention;
mod shelf;
mod signals;
mod steps;

use std::path::{Path, PathBuf};

use indicatif::MultiProgress;
use jiff::Timestamp;
use mxcensus_dataset::diff::DiffError;
use mxcensus_dataset::verify::VerifyError;
use mxcensus_dataset::{Dataset, DatasetError, rejudge, watch};
use mxcensus_scan::setup::Lane as Looks;

use self::config::{Lane, Series};
use self::shelf::{Product, Record, Shelf};
use self::signals::Crawling;
use super::{Ending, Error, list, runtime, scan, warn_before_scan};
use crate::cli::SeriesCommand;
use crate::{about, kept, logging};

pub(crate) use self::config::ConfigError;

/// Why a series could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeriesError {
    /// The file of the series.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file of the series.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record that cannot be read.
    #[error("{} cannot be read: {message}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A dataset, or something made of it.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A dataset cannot be verified.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A dataset that is not as it must be; nothing is made of it.
    #[error("{name} is not sound, and nothing is made of it:\n{report}")]
    Unsound {
        /// The crawl.
        name: String,
        /// What is wrong.
        report: String,
    },
    /// Two datasets cannot be compared.
    #[error(transparent)]
    Diff(#[from] DiffError),
    /// The report.
    #[error("no report: {0}")]
    NoReport(String),
}

impl SeriesError {
    /// Whether the file of the series is at fault.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, SeriesError::Config(ConfigError::Wrong { .. }))
    }
}

/// Runs a command on a series.
pub(super) fn command(command: SeriesCommand, bars: MultiProgress) -> Result<Ending, Error> {
    match command {
        SeriesCommand::Run { series } => run(&series, bars),
    }
}

fn run(path: &Path, bars: MultiProgress) -> Result<Ending, Error> {
    let series = config::read(path).map_err(SeriesError::from)?;
    let Some(shelf) = Shelf::take(&series.out)? else {
        logging::say(format_args!("{} is being worked on by another run: nothing to do.", series.out.display()));
        return Ok(Ending::Done);
    };
    let crawling = Crawling::default();
    crawling.leave_on_signal()?;
    let worker = Worker { series, shelf, bars, crawling };
    let mut failed = Vec::new();
    let mut worked = false;
    for record in worker.shelf.records()?.into_iter().filter(|record| record.finished.is_none()) {
        worked = true;
        match worker.go_on(record) {
            Ok(Ending::Done) => {}
            Ok(ending) => return Ok(ending),
            Err(errors) => failed.extend(errors),
        }
    }
    if let Some(record) = worker.due(Timestamp::now())? {
        worked = true;
        worker.shelf.write(&record)?;
        match worker.go_on(record) {
            Ok(Ending::Done) => {}
            Ok(ending) => return Ok(ending),
            Err(errors) => failed.extend(errors),
        }
    }
    if !worked {
        logging::say(format_args!("{}: nothing is due ({}).", worker.series.title, worker.series.every));
    }
    told(failed)
}

/// Says every failure but the last, which `main` says.
fn told(mut failed: Vec<Error>) -> Result<Ending, Error> {
    let last = failed.pop();
    for error in failed {
        logging::say(format_args!("mxcensus: {error}"));
    }
    last.map_or(Ok(Ending::Done), Err)
}

struct Worker {
    series: Series,
    shelf: Shelf,
    bars: MultiProgress,
    crawling: Crawling,
}

impl Worker {
    /// The crawl whose time has come: its slot has none yet.
    fn due(&self, now: Timestamp) -> Result<Option<Record>, SeriesError> {
        let every = self.series.every;
        let begun =
            |record: &Record| record.begun.parse::<Timestamp>().is_ok_and(|at| every.slot(at) >= every.slot(now));
        if self.shelf.records()?.iter().any(begun) {
            return Ok(None);
        }
        let name = every.name(now);
        if self.shelf.has(Product::Dataset, &name) {
            return Ok(None);
        }
        Ok(Some(Record { name, begun: now.to_string(), ..Record::default() }))
    }

    /// Crawls, or goes on with it, and does what follows.
    fn go_on(&self, record: Record) -> Result<Ending, Vec<Error>> {
        match self.series.lane {
            Lane::Census => self.go_on_with_census(record),
            Lane::Watch => self.go_on_with_round(record).map_err(|error| vec![error]),
        }
    }

    fn go_on_with_census(&self, mut record: Record) -> Result<Ending, Vec<Error>> {
        let one = |error: SeriesError| vec![Error::from(error)];
        if !record.complete {
            self.crawl(&record).map_err(|error| vec![error])?;
            steps::describe(&self.shelf, &mut record).map_err(one)?;
            if !record.complete {
                return Ok(incomplete(&record));
            }
            self.shelf.write(&record).map_err(one)?;
        }
        self.finish(record)
    }

    /// A round belongs to its slot: what was not seen by its end is left, since it would be of another hour.
    fn go_on_with_round(&self, mut record: Record) -> Result<Ending, Error> {
        if self.is_kept(&record) {
            return Ok(self.close_round(record)?);
        }
        let every = self.series.every;
        let is_over =
            record.begun.parse::<Timestamp>().is_ok_and(|begun| every.slot(begun) < every.slot(Timestamp::now()));
        if is_over {
            return self.keep_what_there_is(record);
        }
        self.crawl(&record)?;
        steps::describe(&self.shelf, &mut record)?;
        if !record.complete {
            return Ok(incomplete(&record));
        }
        Ok(self.keep_round(record)?)
    }

    /// Of a round that was stopped and whose time is over.
    fn keep_what_there_is(&self, record: Record) -> Result<Ending, Error> {
        let dir = self.shelf.path(Product::Dataset, &record.name);
        let request = rejudge::Request { dir, ..rejudge::Request::default() };
        match rejudge::run(request, &about::tool()) {
            Ok(_) => Ok(self.keep_round(record)?),
            Err(error) => {
                logging::say(format_args!("{}: the round was stopped before it saw anything ({error}).", record.name));
                Ok(self.close_round(record)?)
            }
        }
    }

    fn finish(&self, mut record: Record) -> Result<Ending, Vec<Error>> {
        let one = |error: SeriesError| vec![Error::from(error)];
        let done = steps::finish(&self.series, &self.shelf, &mut record);
        if done.is_ok() {
            record.finished = Some(Timestamp::now().to_string());
        }
        self.shelf.write(&record).map_err(one)?;
        done?;
        let records = self.shelf.records().map_err(one)?;
        feed::write(&self.series, &self.shelf, &records).map_err(one)?;
        retention::apply(self.series.keep, &self.shelf, &records).map_err(one)?;
        logging::say(format_args!("{}: done.", record.name));
        Ok(Ending::Done)
    }

    fn crawl(&self, record: &Record) -> Result<(), Error> {
        let out = self.shelf.path(Product::Dataset, &record.name);
        let flags = self.series.scan.clone();
        let is_begun = out.join("manifest.json").is_file();
        let mut settings = match is_begun {
            true => kept::resumed(flags, &out, &Dataset::open(&out)?.manifest()?)?,
            false => flags.resolve()?,
        };
        settings.setup.lane = match self.series.lane {
            Lane::Census => Looks::Census,
            Lane::Watch => Looks::Watch,
        };
        warn_before_scan(&settings)?;
        let has_list = is_begun && Dataset::open(&out)?.manifest()?.input.is_some();
        // What was begun goes on with the list that it has, whatever has become of the file since.
        let list = if has_list { None } else { Some(list::of_name(&self.series.list)?) };
        let request = scan::Request {
            list,
            out,
            limit: self.series.limit,
            seed: None,
            resume: is_begun,
            metrics: self.series.metrics,
        };
        let runtime = runtime(settings.setup.limits.threads)?;
        self.crawling.set(true);
        let scanned = runtime.block_on(scan::run(request, settings, self.bars.clone()));
        self.crawling.set(false);
        scanned?;
        Ok(())
    }

    fn is_kept(&self, record: &Record) -> bool {
        self.shelf.root().join(watch::ROUNDS).join(&record.name).is_dir()
    }

    /// Keeps what changed.
    fn keep_round(&self, mut record: Record) -> Result<Ending, SeriesError> {
        let crawl = self.shelf.path(Product::Dataset, &record.name);
        let rounds = self.shelf.root().join(watch::ROUNDS);
        std::fs::create_dir_all(&rounds).map_err(|source| SeriesError::File { path: rounds, source })?;
        let round = watch::keep(self.shelf.root(), &record.name, &crawl, &about::tool())?;
        let (rows, kept) =
            round.tables.values().fold((0, 0), |(rows, kept), seen| (rows + seen.rows, kept + seen.kept));
        record.summary = format!("{kept} of {rows} rows kept");
        logging::say(format_args!("{}: {kept} of {rows} rows are new.", record.name));
        self.close_round(record)
    }

    fn close_round(&self, mut record: Record) -> Result<Ending, SeriesError> {
        self.shelf.remove(Product::Dataset, &record.name)?;
        record.finished = Some(Timestamp::now().to_string());
        self.shelf.write(&record)?;
        retention::apply_to_watch(self.series.keep, &self.shelf)?;
        Ok(Ending::Done)
    }
}

fn incomplete(record: &Record) -> Ending {
    logging::say(format_args!("{}: the crawl was stopped; the next start goes on with it.", record.name));
    Ending::Incomplete
}
