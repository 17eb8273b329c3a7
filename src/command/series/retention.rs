//! What is removed, and only when the series says so.

use mxcensus_dataset::watch;

use super::SeriesError;
use super::config::Keep;
use super::shelf::{Product, Record, Shelf, remove};
use super::steps::checksum_path;
use crate::logging;

/// Removes datasets beyond the latest `keep.datasets` that are in an archive, and archives beyond the latest `keep.archives`.
/// The record of a crawl, what verified it, its changes and its report stay.
pub(super) fn apply(keep: Keep, shelf: &Shelf, records: &[Record]) -> Result<(), SeriesError> {
    let finished: Vec<&str> =
        records.iter().rev().filter(|record| record.finished.is_some()).map(|record| record.name.as_str()).collect();
    for name in beyond(&finished, keep.datasets) {
        let archive = shelf.path(Product::Archive, name);
        if shelf.has(Product::Dataset, name) && archive.is_file() && checksum_path(&archive).is_file() {
            shelf.remove(Product::Dataset, name)?;
            logging::say(format_args!("{name}: the dataset is now in its archive alone."));
        }
    }
    for name in beyond(&finished, keep.archives) {
        for product in [Product::Archive, Product::Public] {
            if shelf.has(product, name) && !shelf.has(Product::Dataset, name) {
                shelf.remove(product, name)?;
                remove(&checksum_path(&shelf.path(product, name)))?;
                logging::say(format_args!("{name}: the archive is removed."));
            }
        }
    }
    Ok(())
}

/// Removes rounds of days before the last `keep.days`, counted from the latest round.
pub(super) fn apply_to_watch(keep: Keep, shelf: &Shelf) -> Result<(), SeriesError> {
    let Some(days) = keep.days else { return Ok(()) };
    let rounds = watch::rounds(shelf.root())?;
    let latest = rounds.last().and_then(|round| round.name.get(..10)?.parse::<jiff::civil::Date>().ok());
    let Some(first) = latest.and_then(|day| day.checked_sub(jiff::Span::new().days(i64::from(days) - 1)).ok()) else {
        return Ok(());
    };
    let gone = watch::remove_before(shelf.root(), &first.to_string())?;
    if !gone.is_empty() {
        logging::say(format_args!("{} rounds before {first} are removed.", gone.len()));
    }
    Ok(())
}

/// Of names, the latest first, those beyond so many.
fn beyond<'a>(names: &[&'a str], kept: Option<usize>) -> Vec<&'a str> {
    kept.map_or_else(Vec::new, |kept| names.iter().skip(kept).copied().collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_dataset_goes_only_when_its_archive_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::take(dir.path()).unwrap().unwrap();
        let names = ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01"];
        let records: Vec<Record> = names
            .iter()
            .map(|name| Record {
                name: (*name).to_owned(),
                finished: (*name < "2026-12-01").then(String::new),
                ..Record::default()
            })
            .collect();
        for name in names {
            fs::create_dir_all(shelf.path(Product::Dataset, name)).unwrap();
            let archive = shelf.path(Product::Archive, name);
            fs::create_dir_all(archive.parent().unwrap()).unwrap();
            fs::write(&archive, "packed").unwrap();
            if name != "2026-08-01" {
                fs::write(checksum_path(&archive), "sum").unwrap();
            }
        }
        apply(Keep { datasets: Some(2), archives: Some(2), days: None }, &shelf, &records).unwrap();
        let left = |product| names.map(|name| shelf.has(product, name));
        assert_eq!(left(Product::Dataset), [true, false, true, true, true], "the first has no checksum");
        assert_eq!(left(Product::Archive), [true, false, true, true, true], "what is nowhere else stays");
        assert!(!checksum_path(&shelf.path(Product::Archive, "2026-09-01")).exists());
        apply(Keep::default(), &shelf, &records).unwrap();
        assert_eq!(left(Product::Dataset), [true, false, true, true, true]);
    }
}
