//! Where a list was fetched from: what stands beside its file, as `FILE.source.json`, and in the manifest.

use std::io;
use std::path::{Path, PathBuf};

use crate::manifest::ListSource;
use crate::{DatasetError, write_json};

/// What is put behind a list's name.
const SUFFIX: &str = ".source.json";

/// The file that says where a list comes from.
pub fn beside(list: &Path) -> PathBuf {
    let mut name = list.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// Writes it.
pub fn write(list: &Path, source: &ListSource) -> Result<(), DatasetError> {
    write_json(&beside(list), source)
}

/// Reads it; none where there is none.
pub fn read(list: &Path) -> Result<Option<ListSource>, DatasetError> {
    let path = beside(list);
    match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|e| DatasetError::damaged(&path, e)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(DatasetError::from_io(&path, e)),
    }
}

/// What is known of the list with this digest. What stands beside a file that was changed since speaks of another one.
pub(super) fn of(list: &Path, sha256: Option<&str>) -> Result<Option<ListSource>, DatasetError> {
    Ok(read(list)?.filter(|source| Some(source.sha256.as_str()) == sha256))
}
