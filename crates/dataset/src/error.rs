//! Why a dataset could not be made, written or read: for the operator, one clear sentence each.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// What stopped work on a dataset.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A new dataset was wanted where one is.
    #[error("{} already holds a dataset: choose another directory", .0.display())]
    Exists(PathBuf),
    /// A new dataset was wanted among other files.
    #[error("{} is not empty and holds no dataset: choose an empty or a new directory", .0.display())]
    Foreign(PathBuf),
    /// A dataset was wanted where none is.
    #[error("{} holds no dataset: there is no manifest.json", .0.display())]
    Missing(PathBuf),
    /// The path is a file or something else that cannot hold one.
    #[error("{} is not a directory", .0.display())]
    NotDirectory(PathBuf),
    /// Another process is writing there.
    #[error("{} is being written by another mxcensus", .0.display())]
    Locked(PathBuf),
    /// The dataset is of a later layout.
    #[error("{} has format {found}, and this mxcensus reads up to {}", .path.display(), super::manifest::FORMAT)]
    Format {
        /// The manifest.
        path: PathBuf,
        /// The format that it names.
        found: u32,
    },
    /// The disk (or the quota) is full.
    #[error("the disk is full: {} could not be written; free some space", .0.display())]
    Full(PathBuf),
    /// The file system or the directory does not let us write.
    #[error("{} cannot be written: {source}", .path.display())]
    Unwritable {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other trouble with a file.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is not what it should be: not Parquet, damaged, or with rows that are no rows of its table.
    #[error("{} cannot be read: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is not what the manifest says.
    #[error("{}: {problem} (`mxcensus verify {}` tells everything that is wrong)", .root.display(), .root.display())]
    Unsound {
        /// The dataset.
        root: PathBuf,
        /// What is wrong, the first thing that was met.
        problem: Box<crate::verify::Problem>,
    },
    /// Rows that do not fit the declared columns: a fault of this program.
    #[error("{} cannot take these rows: {reason}", .path.display())]
    Rows {
        /// The file that they were meant for.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
}

impl DatasetError {
    /// The error for a file operation that failed, told apart by what the operator can do about it.
    pub fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DatasetError::Full(path),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                DatasetError::Unwritable { path, source }
            }
            _ => DatasetError::Io { path, source },
        }
    }

    /// The error for Parquet that could not be written: the I/O error inside it where there is one.
    pub(super) fn from_write(path: &Path, error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(source) => DatasetError::from_io(path, *source),
                Err(other) => DatasetError::Rows { path: path.to_path_buf(), reason: other.to_string() },
            },
            other => DatasetError::Rows { path: path.to_path_buf(), reason: other.to_string() },
        }
    }

    /// The error for a file whose content is not what it should be.
    pub(super) fn damaged(path: &Path, reason: impl ToString) -> Self {
        DatasetError::Damaged { path: path.to_path_buf(), reason: reason.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_becomes_what_the_operator_can_do() {
        let path = Path::new("d/x");
        let of = |errno| DatasetError::from_io(path, io::Error::from_raw_os_error(errno)).to_string();
        assert!(of(28).starts_with("the disk is full: d/x"), "ENOSPC: {}", of(28));
        assert!(of(122).starts_with("the disk is full: d/x"), "EDQUOT: {}", of(122));
        assert!(of(30).starts_with("d/x cannot be written"), "EROFS: {}", of(30));
        assert!(of(13).starts_with("d/x cannot be written"), "EACCES: {}", of(13));
        assert!(of(5).starts_with("d/x: "), "EIO: {}", of(5));
    }

    #[test]
    fn an_io_error_survives_its_way_through_parquet() {
        let full = ParquetError::External(Box::new(io::Error::from_raw_os_error(28)));
        assert!(matches!(DatasetError::from_write(Path::new("x"), full), DatasetError::Full(_)));
    }
}
