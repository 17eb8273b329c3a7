//! `mxcensus list`, and lists that `scan` is given by their address.

use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use mxcensus_dataset::files::Staged;
use mxcensus_dataset::input::{Source, provenance};
use mxcensus_dataset::{Dataset, DatasetError};
use mxcensus_lists::fetch::{self, FetchError, Fetcher};
use mxcensus_lists::publisher::Wanted;
use mxcensus_lists::{List, ListError};

use super::{Ending, Error, runtime, say};
use crate::cli::ScanArgs;
use crate::cli::list::ListArgs;
use crate::logging;
use crate::settings::SettingsError;

/// Fetches a publisher's list into a file.
pub(super) fn run(args: ListArgs) -> Result<Ending, Error> {
    let wanted = Wanted { publisher: args.publisher, date: args.date, base: args.base };
    let bar = bar();
    let fetcher = fetcher(&bar)?;
    let list = runtime(1)?.block_on(mxcensus_lists::get(&fetcher, &wanted));
    bar.finish_and_clear();
    let list = list?;
    copy(&list.path, &args.out)?;
    provenance::write(&args.out, &list.source)?;
    say(told(&list, &args.out))?;
    Ok(Ending::Done)
}

/// The list that `scan` reads: what was typed, or stands in the configuration file; fetched where it is an address. None where
/// a crawl goes on that has read it.
pub(super) fn of_scan(args: &ScanArgs) -> Result<Option<Source>, Error> {
    let begun = match args.out.as_deref().filter(|_| args.resume) {
        Some(out) if Dataset::open(out).is_ok() => Dataset::open(out)?.manifest()?.input,
        _ => None,
    };
    let list = match (&args.list, &begun) {
        (None, Some(_)) => return Ok(None),
        // What stands at the address by now may be another list.
        (Some(typed), Some(begun)) if address(typed).is_some_and(|url| is_called(url, &begun.name)) => return Ok(None),
        (Some(typed), _) => typed.clone(),
        (None, None) => match &args.flags.list {
            Some(list) => list.clone(),
            None if args.resume => return Ok(None),
            None => return Err(SettingsError::Missing("LIST").into()),
        },
    };
    Ok(Some(of_name(&list)?))
}

/// A list by its name: a file, `-`, or an address, from which it is fetched.
pub(super) fn of_name(list: &Path) -> Result<Source, Error> {
    let Some(url) = address(list) else { return Ok(Source::from_argument(list.as_os_str())) };
    let bar = bar();
    let fetcher = fetcher(&bar)?;
    let fetched = runtime(1)?.block_on(mxcensus_lists::get_url(&fetcher, url));
    bar.finish_and_clear();
    let fetched = fetched?;
    Ok(Source::Fetched { path: fetched.path, url: fetched.source.url })
}

/// Whether the list at an address is the one that a manifest names so.
fn is_called(url: &str, name: &str) -> bool {
    fetch::parse(url).is_ok_and(|url| fetch::without_secrets(&url) == name)
}

/// The address that stands in place of a file.
fn address(list: &Path) -> Option<&str> {
    let text = list.to_str()?;
    let scheme = text.split_once("://")?.0.to_ascii_lowercase();
    ["http", "https"].contains(&scheme.as_str()).then_some(text)
}

fn fetcher(bar: &ProgressBar) -> Result<Fetcher, ListError> {
    let bar = bar.clone();
    let progress = move |bytes: u64, total: Option<u64>| {
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(bytes);
    };
    let agent = format!("{}/{}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    Ok(Fetcher::new(&cache(), &agent, Box::new(progress))?)
}

/// Where fetched lists are kept (XDG Base Directory Specification); for this user alone where there is no such place.
fn cache() -> PathBuf {
    let given = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = given("XDG_CACHE_HOME")
        .or_else(|| given("CACHE_DIRECTORY"))
        .or_else(|| given("HOME").map(|home| home.join(".cache")));
    let base =
        base.unwrap_or_else(|| std::env::temp_dir().join(format!("mxcensus-{}", rustix::process::getuid().as_raw())));
    base.join("mxcensus").join("lists")
}

/// Bytes on a terminal.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() || logging::is_quiet() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:24.cyan/blue} {bytes:>10}/{total_bytes:<10} {bytes_per_sec}, {eta} left");
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The file appears when it is whole.
fn copy(from: &Path, to: &Path) -> Result<(), ListError> {
    let fail = |source| ListError::from(FetchError::Cache { path: from.to_owned(), source });
    let mut file = File::open(from).map_err(fail)?;
    let mut staged = Staged::create(to)?;
    std::io::copy(&mut file, &mut staged).map_err(|error| DatasetError::from_io(to, error))?;
    staged.publish()?;
    Ok(())
}

fn told(list: &List, out: &Path) -> String {
    let source = &list.source;
    let mut named: Vec<String> = source.list.iter().cloned().collect();
    named.extend(source.list_id.clone());
    named.extend(source.date.iter().map(|date| format!("of {date}")));
    let unchanged = if list.unchanged { " (unchanged since it was fetched before)" } else { "" };
    format!(
        "{}: {}{unchanged}\nfrom {}\nSHA-256 {}\nterms: {}\nThis stands in {} too; mxcensus scan puts it into the manifest.\n",
        out.display(),
        named.join(" "),
        source.url,
        source.sha256,
        source.licence.as_deref().unwrap_or("unknown"),
        provenance::beside(out).display()
    )
}
