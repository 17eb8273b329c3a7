//! The folder of a series: where each product is, and who may write.
//!
//! A product has its name when it is whole: it is made under a name that begins with a dot, and renamed. What is done is what is
//! there; the records in `runs/` say when, for people, and what is known of a crawl whose dataset is gone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use mxcensus_dataset::files;
use serde::{Deserialize, Serialize};

use super::SeriesError;

/// What a crawl of the series has come to.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    /// Its name.
    pub name: String,
    /// When it was begun (RFC 3339).
    pub begun: String,
    /// When everything was done that the series wants; null until then.
    pub finished: Option<String>,
    /// Every domain of the list has its row.
    pub complete: bool,
    /// Domains.
    pub domains: u64,
    /// The dataset in some lines.
    pub summary: String,
    /// What changed since the crawl before, in some lines.
    pub changes: Option<String>,
}

/// The folder of a series. Locked until it is dropped.
#[derive(Debug)]
pub(super) struct Shelf {
    root: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Takes the folder, which is made where it is not there; none when another run has it.
    pub(super) fn take(root: &Path) -> Result<Option<Shelf>, SeriesError> {
        let fail = |source| SeriesError::File { path: root.to_owned(), source };
        fs::create_dir_all(root).map_err(fail)?;
        let lock = File::create(root.join(".lock")).map_err(fail)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // A file system without locks: the lock only guards against a mistake.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let shelf = Shelf { root: root.to_owned(), _lock: lock };
        for folder in [shelf.root.clone(), shelf.folder(Product::Record)] {
            fs::create_dir_all(&folder).map_err(fail)?;
        }
        shelf.clear()?;
        Ok(Some(shelf))
    }

    /// Removes what a run that was killed left half made.
    fn clear(&self) -> Result<(), SeriesError> {
        for product in Product::ALL {
            for path in list(&self.folder(product))? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if name.starts_with('.') && (name.ends_with(HALF) || name.ends_with(GONE)) {
                    remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn folder(&self, product: Product) -> PathBuf {
        product.folder().map_or_else(|| self.root.clone(), |folder| self.root.join(folder))
    }

    /// Where a product of the crawl of that name is, or will be.
    pub(super) fn path(&self, product: Product, name: &str) -> PathBuf {
        self.folder(product).join(format!("{name}{}", product.suffix()))
    }

    /// Whether a product is there.
    pub(super) fn has(&self, product: Product, name: &str) -> bool {
        self.path(product, name).exists()
    }

    /// Makes a product under a name of its own, and gives it its name when it is whole. Nothing is done where it is there.
    pub(super) fn make<T>(
        &self,
        product: Product,
        name: &str,
        work: impl FnOnce(&Path) -> Result<T, SeriesError>,
    ) -> Result<Option<T>, SeriesError> {
        let path = self.path(product, name);
        if path.exists() {
            return Ok(None);
        }
        let folder = self.folder(product);
        let fail = |source| SeriesError::File { path: path.clone(), source };
        fs::create_dir_all(&folder).map_err(fail)?;
        let half = folder.join(format!(".{name}{}{HALF}", product.suffix()));
        remove(&half)?;
        let made = work(&half)?;
        fs::rename(&half, &path).map_err(fail)?;
        files::sync_folder(&folder)?;
        Ok(Some(made))
    }

    /// Removes a product; its name goes first, so that half of it is never taken for it.
    pub(super) fn remove(&self, product: Product, name: &str) -> Result<(), SeriesError> {
        let path = self.path(product, name);
        let aside = self.folder(product).join(format!(".{name}{}{GONE}", product.suffix()));
        match fs::rename(&path, &aside) {
            Ok(()) => remove(&aside),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(SeriesError::File { path, source }),
        }
    }

    /// Every crawl of the series, in the order of time.
    pub(super) fn records(&self) -> Result<Vec<Record>, SeriesError> {
        let mut records = Vec::new();
        for path in list(&self.folder(Product::Record))? {
            let is_record = path.extension().is_some_and(|extension| extension == "json");
            if !is_record || path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            let text = fs::read(&path).map_err(|source| SeriesError::File { path: path.clone(), source })?;
            let record = serde_json::from_slice(&text)
                .map_err(|error| SeriesError::Record { path: path.clone(), message: error.to_string() })?;
            records.push(record);
        }
        records.sort_by(|a: &Record, b: &Record| a.name.cmp(&b.name));
        Ok(records)
    }

    /// Writes a record in place of the one before.
    pub(super) fn write(&self, record: &Record) -> Result<(), SeriesError> {
        let path = self.path(Product::Record, &record.name);
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| SeriesError::Record { path: path.clone(), message: error.to_string() })?;
        files::write_atomically(&path, &text)?;
        Ok(())
    }
}

const HALF: &str = ".half";
const GONE: &str = ".gone";

/// What comes of a crawl.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Product {
    /// The dataset: `SERIES/NAME`.
    Dataset,
    /// `runs/NAME.json`.
    Record,
    /// What `verify` found, where it is sound: `verified/NAME.txt`.
    Verified,
    /// What `diff` found since the crawl before: `changes/NAME`.
    Changes,
    /// The report and its figures: `reports/NAME`.
    Report,
    /// `archives/NAME.tar.zst`.
    Archive,
    /// `public/NAME.tar.zst`, redacted.
    Public,
}

impl Product {
    const ALL: [Product; 7] = [
        Product::Dataset,
        Product::Record,
        Product::Verified,
        Product::Changes,
        Product::Report,
        Product::Archive,
        Product::Public,
    ];

    fn folder(self) -> Option<&'static str> {
        match self {
            Product::Dataset => None,
            Product::Record => Some("runs"),
            Product::Verified => Some("verified"),
            Product::Changes => Some("changes"),
            Product::Report => Some("reports"),
            Product::Archive => Some("archives"),
            Product::Public => Some("public"),
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Product::Dataset | Product::Changes | Product::Report => "",
            Product::Record => ".json",
            Product::Verified => ".txt",
            Product::Archive | Product::Public => ".tar.zst",
        }
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, SeriesError> {
    let fail = |source| SeriesError::File { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let paths: Result<Vec<PathBuf>, io::Error> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map_err(fail)
}

/// Removes a file or a folder; one that is not there is removed.
pub(super) fn remove(path: &Path) -> Result<(), SeriesError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SeriesError::File { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::take(dir.path()).unwrap().unwrap();
        let failed = shelf.make(Product::Archive, "2026-11-30", |half| {
            fs::write(half, "half").unwrap();
            Err::<(), _>(SeriesError::Unsound { name: "2026-11-30".to_owned(), report: String::new() })
        });
        assert!(failed.is_err() && !shelf.has(Product::Archive, "2026-11-30"));
        let write = |text: &'static str| {
            shelf.make(Product::Archive, "2026-11-30", |half| {
                assert!(!half.exists(), "what was left is gone");
                fs::write(half, text).unwrap();
                Ok(())
            })
        };
        assert!(write("first").unwrap().is_some());
        assert!(write("second").unwrap().is_none(), "it is made once");
        assert_eq!(fs::read_to_string(shelf.path(Product::Archive, "2026-11-30")).unwrap(), "first");
        shelf.remove(Product::Archive, "2026-11-30").unwrap();
        shelf.remove(Product::Archive, "2026-11-30").unwrap();
        assert!(!shelf.has(Product::Archive, "2026-11-30"));
    }

    #[test]
    fn one_at_a_time_and_leftovers_go() {
        let dir = tempfile::tempdir().unwrap();
        let half = dir.path().join("changes/.2026-11-30.half");
        fs::create_dir_all(&half).unwrap();
        fs::create_dir_all(dir.path().join("2026-11-30")).unwrap();
        let shelf = Shelf::take(dir.path()).unwrap().unwrap();
        assert!(!half.exists() && shelf.has(Product::Dataset, "2026-11-30"));
        assert!(Shelf::take(dir.path()).unwrap().is_none(), "another run has it");
        drop(shelf);
        assert!(Shelf::take(dir.path()).unwrap().is_some());
    }

    #[test]
    fn records_come_in_the_order_of_time() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::take(dir.path()).unwrap().unwrap();
        for name in ["2026-12-30", "2026-11-30"] {
            shelf.write(&Record { name: name.to_owned(), ..Record::default() }).unwrap();
        }
        let names: Vec<String> = shelf.records().unwrap().into_iter().map(|record| record.name).collect();
        assert_eq!(names, ["2026-11-30", "2026-12-30"]);
        fs::write(shelf.path(Product::Record, "2027-01-30"), "{").unwrap();
        assert!(shelf.records().unwrap_err().to_string().contains("2027-01-30.json"));
    }
}
