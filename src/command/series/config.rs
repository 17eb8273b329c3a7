//! `SERIES.toml`: what a series looks at, how often, and what becomes of it.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::every::Every;
use crate::settings::Flags;

/// What a round looks at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Lane {
    /// Everything: each crawl is a dataset.
    Census,
    /// What rollovers need; what changed is kept.
    Watch,
}

/// A series, complete and checked; its paths lead somewhere from any working directory.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// How people call it.
    pub title: String,
    /// The list, as `mxcensus scan` takes it.
    pub list: PathBuf,
    /// Where everything is written.
    pub out: PathBuf,
    /// How often.
    pub every: Every,
    /// What a round looks at.
    pub lane: Lane,
    /// The first so many domains of the list.
    pub limit: Option<u64>,
    /// Where metrics are served while a crawl is under way.
    pub metrics: Option<SocketAddr>,
    /// The settings of the crawl.
    pub scan: Flags,
    /// The report.
    pub report: Report,
    /// What is packed.
    pub archive: Archive,
    /// What is kept, and how long.
    pub keep: Keep,
    /// Where the series is published.
    pub feed: Option<Feed>,
}

/// `[report]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Report {
    /// Write one.
    pub write: bool,
    /// The program, and arguments that go before those of the series.
    pub command: Vec<String>,
    /// The licence of the data, which the report states.
    pub licence: Option<String>,
    /// A watch, whose section the report gets.
    pub watch: Option<PathBuf>,
}

impl Default for Report {
    fn default() -> Self {
        Report { write: true, command: vec!["mxcensus-report".to_owned()], licence: None, watch: None }
    }
}

/// `[archive]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Archive {
    /// Pack the dataset as it is: for us.
    pub write: bool,
    /// Pack a redacted copy as well: for everybody.
    pub public: bool,
}

impl Default for Archive {
    fn default() -> Self {
        Archive { write: true, public: false }
    }
}

/// `[keep]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct Keep {
    /// The latest so many datasets; older ones whose archive is whole are removed. Everything, where not given.
    pub datasets: Option<usize>,
    /// The latest so many archives, the public ones too. Everything, where not given.
    pub archives: Option<usize>,
    /// The rounds of the last so many days. Everything, where not given.
    pub days: Option<u32>,
}

/// `[feed]`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Feed {
    /// The address at which the folder of the series is published.
    pub url: String,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    title: Option<String>,
    list: Spanned<PathBuf>,
    out: Option<PathBuf>,
    every: Spanned<Every>,
    lane: Option<Lane>,
    limit: Option<u64>,
    metrics: Option<SocketAddr>,
    #[serde(default)]
    scan: Flags,
    report: Option<Spanned<Report>>,
    archive: Option<Spanned<Archive>>,
    #[serde(default)]
    keep: Option<Spanned<Keep>>,
    feed: Option<Spanned<Feed>>,
}

/// A file that cannot be read as a series, with the place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something in it cannot be.
    #[error("{}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What and where: line, column, and the line with a caret below.
        message: String,
    },
}

/// Reads a series.
///
/// # Errors
/// The file cannot be read, is no TOML, or says what cannot be; the message has the line with a caret.
pub(super) fn read(path: &Path) -> Result<Series, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    parse(&text, path).map_err(|message| ConfigError::Wrong { path: path.to_owned(), message })
}

fn parse(text: &str, path: &Path) -> Result<Series, String> {
    let written: Written = toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
    check(&written).map_err(|(span, message)| pointed(text, span, &message))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = std::path::absolute(folder).map_err(|error| error.to_string())?;
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    let every = written.every.into_inner();
    let report = written.report.map(Spanned::into_inner).unwrap_or_default();
    Ok(Series {
        title: written.title.unwrap_or_else(|| stem.to_string_lossy().into_owned()),
        list: from(&folder, written.list.into_inner()),
        out: from(&folder, written.out.unwrap_or_else(|| PathBuf::from(stem))),
        every,
        lane: written.lane.unwrap_or(if every.is_within_a_day() { Lane::Watch } else { Lane::Census }),
        limit: written.limit,
        metrics: written.metrics,
        scan: from_flags(&folder, written.scan),
        report: Report { watch: report.watch.clone().map(|watch| from(&folder, watch)), ..report },
        archive: written.archive.map(Spanned::into_inner).unwrap_or_default(),
        keep: written.keep.map(Spanned::into_inner).unwrap_or_default(),
        feed: written.feed.map(Spanned::into_inner),
    })
}

type Fault = (Range<usize>, String);

/// What the types cannot say.
fn check(written: &Written) -> Result<(), Fault> {
    let every = written.every.get_ref();
    if written.list.get_ref().as_os_str() == "-" {
        return Err((written.list.span(), "a series reads its list again each time: name a file".to_owned()));
    }
    if every.is_within_a_day() && written.lane == Some(Lane::Census) {
        let message = "a census burdens everybody on its list: \"1d\" is the least; lane = \"watch\" looks by the hour";
        return Err((written.every.span(), message.to_owned()));
    }
    let watches = written.lane.map_or(every.is_within_a_day(), |lane| lane == Lane::Watch);
    let census_only = [
        (written.report.as_ref().map(Spanned::span), "report"),
        (written.archive.as_ref().map(Spanned::span), "archive"),
        (written.feed.as_ref().map(Spanned::span), "feed"),
    ];
    for (span, table) in census_only {
        if let Some(span) = span.filter(|_| watches) {
            let message =
                format!("a watch has no [{table}]: it keeps rounds, which a report shows with [report] watch = DIR");
            return Err((span, message));
        }
    }
    let Some(keep) = &written.keep else { return Ok(()) };
    let Keep { datasets, archives, days } = *keep.get_ref();
    let fault = match () {
        () if watches && (datasets.is_some() || archives.is_some()) => "of a watch, days are kept: days = 90",
        () if !watches && days.is_some() => "days are kept of a watch; of a census, datasets and archives",
        () if datasets.is_some_and(|kept| kept < 2) => {
            "two datasets are the least: the next one is compared with the last"
        }
        () if archives == Some(0) || days == Some(0) => "at least one is kept; leave it out to keep everything",
        () if datasets.is_some() && written.archive.as_ref().is_some_and(|archive| !archive.get_ref().write) => {
            "a dataset is only removed when it is in an archive: [archive] write = false keeps every one"
        }
        () => return Ok(()),
    };
    Err((keep.span(), fault.to_owned()))
}

/// The fault as the parser shows its own.
fn pointed(text: &str, span: Range<usize>, message: &str) -> String {
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
    let (number, column) = (before.matches('\n').count() + 1, start - line_start);
    let length = span.end.saturating_sub(start).min(line.len().saturating_sub(column)).max(1);
    let gutter = " ".repeat(number.to_string().len());
    format!(
        "TOML parse error at line {number}, column {}\n{gutter} |\n{number} | {line}\n{gutter} | {}{}\n{message}",
        column + 1,
        " ".repeat(column),
        "^".repeat(length)
    )
}

/// A path as it is meant in the file: from its folder. An address stays as it is.
fn from(folder: &Path, path: PathBuf) -> PathBuf {
    if path.to_string_lossy().contains("://") { path } else { folder.join(path) }
}

fn from_flags(folder: &Path, flags: Flags) -> Flags {
    let file = |path: Option<PathBuf>| path.map(|path| from(folder, path));
    Flags {
        trust_anchor: file(flags.trust_anchor),
        ca_file: file(flags.ca_file),
        opt_out: file(flags.opt_out),
        operators: file(flags.operators),
        ..flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Series, String> {
        parse(text, Path::new("/etc/mxcensus/tranco.toml"))
    }

    #[test]
    fn a_series_in_two_lines() {
        let series = of("list = \"top.csv.zip\"\nevery = \"1mo\"\n").unwrap();
        assert_eq!((series.title.as_str(), series.lane), ("tranco", Lane::Census));
        assert_eq!(series.list, Path::new("/etc/mxcensus/top.csv.zip"));
        assert_eq!(series.out, Path::new("/etc/mxcensus/tranco"));
        assert!(series.report.write && series.archive.write && !series.archive.public);
        assert_eq!(of("list = \"a\"\nevery = \"1h\"\n").unwrap().lane, Lane::Watch);
        assert_eq!(
            of("list = \"https://lists.example/a\"\nevery = \"1d\"").unwrap().list,
            Path::new("https://lists.example/a")
        );
    }

    #[test]
    fn everything_that_a_series_can_say() {
        let text = "title = \"Everybody\"\nlist = \"/l\"\nout = \"/o\"\nevery = \"1w\"\nlimit = 5\nmetrics = \"127.0.0.1:9187\"\n\
                    [scan]\nresolver = [\"127.0.0.1\"]\nopt-out = \"opt-out.txt\"\n[scan.limits]\naddress_spacing_s = 60.0\n\
                    [report]\ncommand = [\"nice\", \"mxcensus-report\"]\nlicence = \"CC-BY-4.0\"\nwatch = \"hours\"\n\
                    [archive]\npublic = true\n[keep]\ndatasets = 3\narchives = 24\n[feed]\nurl = \"https://c.example/\"\n";
        let series = of(text).unwrap();
        assert_eq!(series.scan.opt_out.unwrap(), Path::new("/etc/mxcensus/opt-out.txt"));
        assert_eq!(series.scan.limits.unwrap().address_spacing_s, 60.0);
        assert_eq!(series.report.watch.unwrap(), Path::new("/etc/mxcensus/hours"));
        assert_eq!((series.keep.datasets, series.keep.archives), (Some(3), Some(24)));
    }

    #[test]
    fn a_fault_is_shown_with_its_line_and_a_caret() {
        let month = "list = \"a\"\nevery = \"1mo\"\n";
        let hour = "list = \"a\"\nevery = \"1h\"\n";
        let table = [
            ("every = \"1mo\"\n".to_owned(), "list", 1),
            ("list = \"a\"\nevery = \"90s\"\n".to_owned(), "an hour is the least", 2),
            ("list = \"-\"\nevery = \"1d\"\n".to_owned(), "name a file", 1),
            (format!("{month}\n[scna]\n"), "scna", 4),
            (format!("{month}[scan]\nsmpt-port = 25\n"), "smpt-port", 4),
            (format!("{month}[scan.limits]\naddress_spacing = 1.0\n"), "address_spacing", 4),
            (format!("{hour}lane = \"census\"\n"), "\"1d\" is the least", 2),
            (format!("{month}[keep]\ndatasets = 1\n"), "two datasets are the least", 3),
            (format!("{month}[keep]\ndays = 9\n"), "days are kept of a watch", 3),
            (format!("{hour}[keep]\narchives = 9\n"), "days = 90", 3),
            (format!("{hour}[report]\nlicence = \"x\"\n"), "a watch has no [report]", 3),
            (
                format!("{month}[archive]\nwrite = false\n[keep]\ndatasets = 2\n"),
                "only removed when it is in an archive",
                5,
            ),
            (format!("{month}metrics = \"nowhere\"\n"), "socket address", 3),
        ];
        for (text, says, line) in table {
            let message = of(&text).unwrap_err();
            assert!(message.contains(says), "{message}");
            assert!(
                message.contains(&format!("line {line}, column ")) && message.contains("| ^") || message.contains(" ^"),
                "{message}"
            );
        }
    }
}
