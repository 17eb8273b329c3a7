//! Replaces the verdict tables and `judgement.json` as a set, and with them what was compared: `store_verdicts` and the
//! roots of each store in `stores/`.
//!
//! The new files are written into `.judging/`. Then the old judgement is taken away, the folders
//! change places with the new ones, and the new judgement is written last: verdict tables without a
//! `judgement.json` are of no judgement, and are recomputed. The observed tables are never touched.
//! Earlier versions kept it among the verdicts; it is found there too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::columns::{MX_VERDICTS, STORE_VERDICTS, VERDICTS};
use super::manifest::Judgement;
use super::writer::{Author, Part, PartSize, TableWriter};
use super::{DatasetError, Row, files, free_directory, write_json};
use mxcensus_rules::verdict::{MxVerdictRow, StoreVerdictRow, VerdictRow};

const STAGING: &str = ".judging";
const REPLACED: &str = ".replaced";
const JUDGEMENT: &str = "judgement.json";
/// The folder of the trust stores that were compared.
pub(crate) const STORES: &str = "stores";
/// What is replaced as a set.
const FOLDERS: [&str; 4] = [VERDICTS.name, MX_VERDICTS.name, STORE_VERDICTS.name, STORES];
/// Verdict files are named after the judge, so that the same judgement gives the same files.
const AUTHOR: &str = "judge";

/// Writes one judgement. Dropped before [`commit`](VerdictWriter::commit), it leaves the old one as it was.
pub struct VerdictWriter {
    root: PathBuf,
    verdicts: TableWriter<VerdictRow>,
    mx_verdicts: TableWriter<MxVerdictRow>,
    store_verdicts: Option<TableWriter<StoreVerdictRow>>,
    parts: Vec<Part>,
}

impl VerdictWriter {
    /// Begins a what-if judgement in a directory of its own, which must be new or empty.
    pub fn begin_elsewhere(root: &Path) -> Result<Self, DatasetError> {
        free_directory(root)?;
        VerdictWriter::begin(root)
    }

    /// Begins a judgement that is to replace the one in the dataset at `root`.
    pub fn begin(root: &Path) -> Result<Self, DatasetError> {
        remove_unfinished(root)?;
        Ok(VerdictWriter {
            root: root.to_path_buf(),
            verdicts: staged_table(root)?,
            mx_verdicts: staged_table(root)?,
            store_verdicts: None,
            parts: Vec::new(),
        })
    }

    /// Takes rows of `store_verdicts` too, and keeps the files of the stores that they are of: name and content.
    pub fn comparing(mut self, stores: &[(String, String)]) -> Result<Self, DatasetError> {
        self.store_verdicts = Some(staged_table(&self.root)?);
        let folder = self.root.join(STAGING).join(STORES);
        fs::create_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
        for (name, content) in stores {
            files::write_atomically(&folder.join(name), content.as_bytes())?;
        }
        Ok(self)
    }

    /// Takes the verdict on one domain.
    pub fn push(&mut self, row: VerdictRow) -> Result<(), DatasetError> {
        self.parts.extend(self.verdicts.push(row)?);
        Ok(())
    }

    /// Takes the verdict on one MX host of a domain.
    pub fn push_mx(&mut self, row: MxVerdictRow) -> Result<(), DatasetError> {
        self.parts.extend(self.mx_verdicts.push(row)?);
        Ok(())
    }

    /// Takes the verdict on one domain under one store. Without [`comparing`](Self::comparing) it is let go.
    pub fn push_store(&mut self, row: StoreVerdictRow) -> Result<(), DatasetError> {
        if let Some(table) = &mut self.store_verdicts {
            self.parts.extend(table.push(row)?);
        }
        Ok(())
    }

    /// Puts the new judgement in the place of the old one. Returns its files, for the manifest.
    pub fn commit(mut self, judgement: &Judgement) -> Result<Vec<Part>, DatasetError> {
        self.parts.extend(self.verdicts.finish()?);
        self.parts.extend(self.mx_verdicts.finish()?);
        if let Some(table) = self.store_verdicts.take() {
            self.parts.extend(table.finish()?);
        }
        let (staging, replaced) = (self.root.join(STAGING), self.root.join(REPLACED));
        for path in judgement_paths(&self.root) {
            match fs::remove_file(&path) {
                Ok(()) => files::sync_folder(path.parent().unwrap_or(&self.root))?,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(DatasetError::from_io(&path, e)),
            }
        }
        fs::create_dir_all(&replaced).map_err(|e| DatasetError::from_io(&replaced, e))?;
        for name in FOLDERS {
            let folder = self.root.join(name);
            rename_if_there(&folder, &replaced.join(name))?;
            rename_if_there(&staging.join(name), &folder)?;
        }
        files::sync_folder(&self.root)?;
        write_json(&self.root.join(JUDGEMENT), judgement)?;
        clear(&self.root)?;
        Ok(self.parts)
    }
}

fn staged_table<R: Row>(root: &Path) -> Result<TableWriter<R>, DatasetError> {
    let staging = root.join(STAGING);
    let folder = staging.join(R::TABLE.name);
    fs::create_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
    let author = Author { worker: AUTHOR.into(), run: 1 };
    // By rows alone: the same rows must give the same files however long the judge takes.
    let size = PartSize { rows: 1 << 20, age: std::time::Duration::MAX };
    TableWriter::new(&staging, &author, size)
}

/// What is not there is not moved: an earlier judgement, or one that compared no stores.
fn rename_if_there(from: &Path, to: &Path) -> Result<(), DatasetError> {
    match fs::rename(from, to) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(DatasetError::from_io(from, e)),
        _ => Ok(()),
    }
}

/// The judgement that the verdict tables in `root` are of; none when they are of none.
pub fn judgement(root: &Path) -> Result<Option<Judgement>, DatasetError> {
    for path in judgement_paths(root) {
        match fs::read(&path) {
            Ok(text) => return serde_json::from_slice(&text).map(Some).map_err(|e| DatasetError::damaged(&path, e)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(DatasetError::from_io(&path, e)),
        }
    }
    Ok(None)
}

/// Removes what a judge that was killed left in its staging folders. The stores that were compared cannot be made again from the
/// rest: where they were put aside and nothing took their place, they come back.
pub(super) fn remove_unfinished(root: &Path) -> Result<(), DatasetError> {
    if !root.join(STORES).exists() {
        rename_if_there(&root.join(REPLACED).join(STORES), &root.join(STORES))?;
    }
    clear(root)
}

fn clear(root: &Path) -> Result<(), DatasetError> {
    for name in [STAGING, REPLACED] {
        let folder = root.join(name);
        match fs::remove_dir_all(&folder) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(DatasetError::from_io(&folder, e)),
        }
    }
    Ok(())
}

/// Where the judgement stands: beside the manifest, in older datasets among the verdicts.
pub(super) fn judgement_paths(root: &Path) -> [PathBuf; 2] {
    [root.join(JUDGEMENT), root.join(VERDICTS.name).join(JUDGEMENT)]
}
