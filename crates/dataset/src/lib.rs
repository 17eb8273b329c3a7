//! The dataset: a directory of Parquet files that is the only state of a census.
//!
//! [`columns`] declares every column once. [`TableWriter`] writes rows into part files that are
//! complete once they have their name, [`TableReader`] streams them back, [`manifest`] says who,
//! when, where from and with what, [`judged`] replaces the verdict tables as a set. [`Dataset`] is
//! the directory itself: made new, gone on with, or opened to be read.
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

pub mod archive;
pub mod change;
pub mod columns;
pub mod diff;
mod error;
pub mod files;
pub mod input;
pub mod judged;
pub mod manifest;
pub mod piles;
pub mod reader;
#[cfg(feature = "judge")]
pub mod redact;
#[cfg(feature = "judge")]
pub mod rejudge;
pub mod roots;
mod rows;
pub mod select;
pub mod summary;
pub mod verify;
pub mod watch;
pub mod writer;

pub use error::DatasetError;
pub use manifest::Manifest;
pub use reader::TableReader;
pub use rows::Row;
pub use writer::{Author, Part, PartSize, TableWriter};

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use columns::{EVERY_TABLE, STORE_VERDICTS, TABLES, Table};
use manifest::{FORMAT, FileDigest, PartFile, TableFiles, Tool};
use parquet::file::reader::{FileReader, SerializedFileReader};

const MANIFEST: &str = "manifest.json";
const LOCK: &str = ".lock";

/// The directory of a dataset. Made by [`create`](Dataset::create) or [`resume`](Dataset::resume) it
/// is locked against other writers until dropped.
#[derive(Debug)]
pub struct Dataset {
    root: PathBuf,
    lock: Option<File>,
}

impl Dataset {
    /// Begins a dataset in a new or empty directory: folders, and a manifest that says incomplete and names `tool`.
    pub fn create(root: &Path, tool: &Tool) -> Result<Self, DatasetError> {
        free_directory(root)?;
        let lock = lock(root)?;
        let dataset = Dataset { root: root.to_path_buf(), lock: Some(lock) };
        dataset.write_manifest(&Manifest::begun(tool))?;
        dataset.make_folders()?;
        Ok(dataset)
    }

    /// Opens a dataset to write to it (`scan --resume`, `judge` in place): removes what a crash left unfinished,
    /// touches nothing else.
    pub fn resume(root: &Path) -> Result<Self, DatasetError> {
        let mut dataset = Dataset::open(root)?;
        dataset.lock = Some(lock(root)?);
        dataset.make_folders()?;
        writer::remove_unfinished(root)?;
        files::remove_staged(&dataset.input_folder())?;
        judged::remove_unfinished(root)?;
        Ok(dataset)
    }

    /// Opens a dataset to read it.
    pub fn open(root: &Path) -> Result<Self, DatasetError> {
        let dataset = Dataset { root: root.to_path_buf(), lock: None };
        dataset.manifest()?;
        Ok(dataset)
    }

    /// Whether the directory is there and holds nothing but what a creation leaves that was stopped before its manifest.
    pub fn is_only_prepared(root: &Path) -> bool {
        root.is_dir() && !root.join(MANIFEST).exists() && free_directory(root).is_ok()
    }

    /// Takes back a dataset that was begun and in which nothing was observed, so that the same command can
    /// be repeated. Whatever holds anything stays.
    pub fn discard(self) -> Result<(), DatasetError> {
        let fail = |path: &Path| {
            let path = path.to_path_buf();
            move |e| DatasetError::from_io(&path, e)
        };
        for table in EVERY_TABLE {
            if !part_files(&self.root.join(table.name))?.is_empty() {
                return Ok(());
            }
        }
        for table in TABLES {
            let folder = self.root.join(table.name);
            fs::remove_dir(&folder).map_err(fail(&folder))?;
        }
        fs::remove_dir_all(self.input_folder()).map_err(fail(&self.input_folder()))?;
        for name in [MANIFEST, LOCK] {
            let path = self.root.join(name);
            fs::remove_file(&path).map_err(fail(&path))?;
        }
        // The directory itself may be someone's mount point or working directory; an empty one can be used like a new one.
        let _ = fs::remove_dir(&self.root);
        Ok(())
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the input's spool and its rejected lines are.
    pub fn input_folder(&self) -> PathBuf {
        self.root.join("input")
    }

    /// Where every root stands that the verdicts were judged against.
    pub fn trust_store_path(&self) -> PathBuf {
        self.root.join("trust-store.pem")
    }

    /// Where the trust stores stand that were compared, if any were.
    pub fn stores_folder(&self) -> PathBuf {
        self.root.join(judged::STORES)
    }

    /// Reads the manifest.
    pub fn manifest(&self) -> Result<Manifest, DatasetError> {
        let path = self.root.join(MANIFEST);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(DatasetError::Missing(self.root.clone()));
            }
            Err(e) => return Err(DatasetError::from_io(&path, e)),
        };
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| DatasetError::damaged(&path, e))?;
        if manifest.format > FORMAT {
            return Err(DatasetError::Format { path, found: manifest.format });
        }
        Ok(manifest)
    }

    /// Replaces the manifest, at once.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), DatasetError> {
        write_json(&self.root.join(MANIFEST), manifest)
    }

    /// The files of every table as they are on disk, for the manifest. A file that `known` lists (from
    /// an earlier manifest, or as written by this run) is not hashed again.
    pub fn table_files(
        &self,
        known: &BTreeMap<String, TableFiles>,
    ) -> Result<BTreeMap<String, TableFiles>, DatasetError> {
        let mut tables = BTreeMap::new();
        for table in EVERY_TABLE {
            let files = self.files_of(table, known.get(table.name))?;
            // Most datasets have none: their manifest does not speak of it.
            if table.name != STORE_VERDICTS.name || !files.files.is_empty() {
                tables.insert(table.name.to_string(), files);
            }
        }
        Ok(tables)
    }

    /// The files that are no parts of tables, for the manifest: the input, the roots, the compared stores, the judgement. The list is written
    /// once, so what `known` (an earlier manifest) says of it stands.
    pub fn other_files(
        &self,
        known: &BTreeMap<String, FileDigest>,
    ) -> Result<BTreeMap<String, FileDigest>, DatasetError> {
        let input = files::list(&self.input_folder())?.into_iter().filter(|path| path.is_file());
        let others = judged::judgement_paths(&self.root)
            .into_iter()
            .chain([self.trust_store_path()])
            .filter(|path| path.is_file());
        let stores = files::list(&self.stores_folder())?.into_iter().filter(|path| path.is_file());
        let mut out = BTreeMap::new();
        for path in input.chain(others).chain(stores) {
            let name = path.strip_prefix(&self.root).unwrap_or(&path).display().to_string();
            let digest = match known.get(&name).filter(|_| verify::is_input(&name)) {
                Some(digest) => digest.clone(),
                None => {
                    let found = files::digest_of(&path)?;
                    FileDigest { bytes: found.bytes, sha256: found.sha256 }
                }
            };
            out.insert(name, digest);
        }
        Ok(out)
    }

    /// Refuses to build on files that are not what the manifest says; see [`verify::files`].
    pub fn check_files(&self, manifest: &Manifest) -> Result<(), DatasetError> {
        match verify::files(self, manifest)?.into_iter().next() {
            Some(problem) => Err(DatasetError::Unsound { root: self.root.clone(), problem: Box::new(problem) }),
            None => Ok(()),
        }
    }

    fn files_of(&self, table: &Table, known: Option<&TableFiles>) -> Result<TableFiles, DatasetError> {
        let mut out = TableFiles::default();
        for path in part_files(&self.root.join(table.name))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = fs::metadata(&path).map_err(|e| DatasetError::from_io(&path, e))?.len();
            let known = known.and_then(|k| k.files.iter().find(|f| f.name == name && f.bytes == bytes));
            let file = match known {
                Some(file) => file.clone(),
                None => {
                    let rows = row_count(&path)?;
                    let digest = files::digest_of(&path)?;
                    PartFile { name, rows, bytes: digest.bytes, sha256: digest.sha256 }
                }
            };
            out.rows += file.rows;
            out.files.push(file);
        }
        Ok(out)
    }

    fn make_folders(&self) -> Result<(), DatasetError> {
        let folders = TABLES.iter().map(|table| self.root.join(table.name)).chain([self.input_folder()]);
        for folder in folders {
            fs::create_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
        }
        files::sync_folder(&self.root)
    }
}

/// The complete part files of a table's folder, sorted by name; none when there is no such folder.
pub fn part_files(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let mut paths = files::list(folder)?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".parquet") && !name.starts_with('.')
    });
    Ok(paths)
}

/// Rows of a part file, by its footer.
pub fn row_count(path: &Path) -> Result<u64, DatasetError> {
    let file = File::open(path).map_err(|e| DatasetError::from_io(path, e))?;
    let reader = SerializedFileReader::new(file).map_err(|e| DatasetError::damaged(path, e))?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).map_err(|e| DatasetError::damaged(path, e))
}

/// Writes a value as indented JSON, so that the name always means complete content.
pub(crate) fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), DatasetError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| DatasetError::from_io(path, e.into()))?;
    text.push(b'\n');
    files::write_atomically(path, &text).map(drop)
}

/// Makes the directory, or sees to it that it holds nothing: a new dataset must not be mixed with one that is
/// there, nor with anything else.
pub(crate) fn free_directory(root: &Path) -> Result<(), DatasetError> {
    match fs::metadata(root) {
        Ok(metadata) if !metadata.is_dir() => return Err(DatasetError::NotDirectory(root.to_path_buf())),
        Ok(_) => {}
        Err(_) => return fs::create_dir_all(root).map_err(|e| DatasetError::from_io(root, e)),
    }
    let content = files::list(root)?;
    if content.iter().any(|path| path.ends_with(MANIFEST)) {
        return Err(DatasetError::Exists(root.to_path_buf()));
    }
    // A lock or half a manifest alone is what a creation that was killed leaves.
    if content.iter().all(|path| path.ends_with(LOCK) || path.ends_with(".manifest.json.tmp")) {
        return Ok(());
    }
    Err(DatasetError::Foreign(root.to_path_buf()))
}

/// One writer at a time. The system releases the lock when the process ends, however it ends.
fn lock(root: &Path) -> Result<File, DatasetError> {
    let path = root.join(LOCK);
    let file = File::create(&path).map_err(|e| DatasetError::from_io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DatasetError::Locked(root.to_path_buf())),
        // A file system without locks: go on, as the lock only guards against a mistake.
        Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(DatasetError::from_io(&path, e)),
    }
}

/// Rows for tests, those of other crates too.
#[cfg(any(test, feature = "testing"))]
pub mod samples;
#[cfg(test)]
mod tests;
