//! The steps behind a crawl of a census, each done once.

use std::path::{Path, PathBuf};
use std::process::Command;

use mxcensus_dataset::summary::Summary;
use mxcensus_dataset::{Dataset, archive, diff, files, redact, verify};

use super::SeriesError;
use super::config::{Report, Series};
use super::shelf::{Product, Record, Shelf, remove};
use crate::command::Error;
use crate::{about, logging, settings};

/// Does what is left to do for a crawl that is complete. A step that fails keeps those from being done that need it, and no other.
pub(super) fn finish(series: &Series, shelf: &Shelf, record: &mut Record) -> Result<(), Vec<Error>> {
    let name = record.name.clone();
    if let Err(error) = verified(shelf, &name) {
        return Err(vec![error.into()]);
    }
    let mut failed: Vec<Error> = Vec::new();
    let before = shelf.records().map(|records| previous(&records, shelf, &name));
    let before = before.unwrap_or_else(|error| {
        failed.push(error.into());
        None
    });
    if let Some(before) = &before
        && let Err(error) = compared(shelf, before, record)
    {
        failed.push(error.into());
    }
    if series.report.write
        && let Err(error) = reported(series, shelf, before.as_deref(), &name)
    {
        failed.push(error.into());
    }
    // It holds the changes and the report, and is made once.
    if series.archive.write
        && failed.is_empty()
        && let Err(error) = archived(shelf, Product::Archive, &shelf.path(Product::Dataset, &name), &name)
    {
        failed.push(error.into());
    }
    if series.archive.public
        && let Err(error) = published(series, shelf, &name)
    {
        failed.push(error);
    }
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// What the record says of the dataset.
pub(super) fn describe(shelf: &Shelf, record: &mut Record) -> Result<(), SeriesError> {
    let path = shelf.path(Product::Dataset, &record.name);
    let dataset = Dataset::open(&path)?;
    record.complete = dataset.manifest()?.complete;
    let summary = Summary::of(&path)?;
    record.domains = summary.domains();
    record.summary = summary.to_string();
    Ok(())
}

/// The latest crawl before this one that has its dataset yet.
fn previous(records: &[Record], shelf: &Shelf, name: &str) -> Option<String> {
    let earlier = records.iter().rev().filter(|record| record.name.as_str() < name && record.complete);
    earlier.map(|record| record.name.clone()).find(|name| shelf.has(Product::Dataset, name))
}

fn verified(shelf: &Shelf, name: &str) -> Result<(), SeriesError> {
    let made = shelf.make(Product::Verified, name, |half| {
        let report = verify::dataset(&shelf.path(Product::Dataset, name))?;
        if !report.is_sound() {
            return Err(SeriesError::Unsound { name: name.to_owned(), report: report.to_string() });
        }
        write(half, &report.to_string())
    })?;
    said(made, name, "verified");
    Ok(())
}

fn compared(shelf: &Shelf, before: &str, record: &mut Record) -> Result<(), SeriesError> {
    let name = record.name.clone();
    let made = shelf.make(Product::Changes, &name, |half| {
        let (old, new) = (shelf.path(Product::Dataset, before), shelf.path(Product::Dataset, &name));
        Ok(diff::run(&old, &new, Some(half), &about::tool())?)
    })?;
    if let Some(summary) = &made {
        record.changes = Some(summary.to_string());
    }
    said(made, &name, &format!("compared with {before}"));
    Ok(())
}

fn reported(series: &Series, shelf: &Shelf, before: Option<&str>, name: &str) -> Result<(), SeriesError> {
    let made = shelf.make(Product::Report, name, |half| {
        std::fs::create_dir_all(half).map_err(|source| SeriesError::File { path: half.to_owned(), source })?;
        run_report(&series.report, &report_arguments(series, shelf, before, name, half))
    })?;
    said(made, name, "reported on");
    Ok(())
}

fn report_arguments(series: &Series, shelf: &Shelf, before: Option<&str>, name: &str, out: &Path) -> Vec<PathBuf> {
    let mut arguments = vec![shelf.path(Product::Dataset, name), "--out".into(), out.join("report.html")];
    if let Some(before) = before.filter(|_| shelf.has(Product::Changes, name)) {
        arguments.extend(["--previous".into(), shelf.path(Product::Dataset, before)]);
        arguments.extend(["--changes".into(), shelf.path(Product::Changes, name)]);
    }
    if let Some(licence) = &series.report.licence {
        arguments.extend(["--licence".into(), licence.into()]);
    }
    if let Some(watch) = &series.report.watch {
        arguments.extend(["--watch".into(), watch.clone()]);
    }
    arguments
}

fn run_report(report: &Report, arguments: &[PathBuf]) -> Result<(), SeriesError> {
    let shown = report.command.join(" ");
    let Some((program, first)) = report.command.split_first() else {
        return Err(SeriesError::NoReport(
            "[report] command is empty: name a program, or say write = false".to_owned(),
        ));
    };
    let output = Command::new(program).args(first).args(arguments).output().map_err(|error| {
        SeriesError::NoReport(format!(
            "{shown} cannot be started ({error}): install it (pip install mxcensus), or say write = false under [report]"
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(SeriesError::NoReport(format!("{shown} failed ({}): {last}", output.status)))
}

/// Packs a dataset, with what was made of it where the archive is our own.
fn archived(shelf: &Shelf, product: Product, dataset: &Path, name: &str) -> Result<(), SeriesError> {
    let extra: &[(&str, Product)] = match product {
        // They name domains that may have opted out since.
        Product::Public => &[],
        _ => &[("changes", Product::Changes), ("report", Product::Report)],
    };
    let made = shelf.make(product, name, |half| {
        let there = extra.iter().filter(|(_, product)| shelf.has(*product, name));
        let beside: Vec<(String, PathBuf)> =
            there.map(|(folder, product)| ((*folder).to_owned(), shelf.path(*product, name))).collect();
        Ok(archive::write(dataset, name, &beside, half)?)
    })?;
    let path = shelf.path(product, name);
    let sums = checksum_path(&path);
    if !sums.exists() {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files::write_atomically(&sums, format!("{}  {file}\n", files::digest_of(&path)?.sha256).as_bytes())?;
    }
    said(made, name, if product == Product::Public { "published" } else { "archived" });
    Ok(())
}

/// Where the digest of an archive stands, as `sha256sum --check` reads it.
pub(super) fn checksum_path(archive: &Path) -> PathBuf {
    let mut name = archive.file_name().unwrap_or_default().to_os_string();
    name.push(".sha256");
    archive.with_file_name(name)
}

/// A redacted copy, without the parties on the opt-out list of today, packed. The copy itself is not kept.
fn published(series: &Series, shelf: &Shelf, name: &str) -> Result<(), Error> {
    if shelf.has(Product::Public, name) {
        return Ok(());
    }
    let copy = shelf.root().join(format!(".{name}.public.half"));
    remove(&copy)?;
    let (opt_out, _) = series.scan.opt_out.as_deref().map(settings::opt_out).transpose()?.unwrap_or_default();
    let request =
        redact::Request { dir: shelf.path(Product::Dataset, name), out: copy.clone(), banners: false, opt_out };
    redact::run(&request, &about::tool())?;
    archived(shelf, Product::Public, &copy, name)?;
    remove(&copy)?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), SeriesError> {
    std::fs::write(path, text).map_err(|source| SeriesError::File { path: path.to_owned(), source })
}

/// Says what was done just now, and nothing of what was done before.
fn said<T>(made: Option<T>, name: &str, what: &str) {
    if made.is_some() {
        logging::say(format_args!("{name}: {what}."));
    }
}
