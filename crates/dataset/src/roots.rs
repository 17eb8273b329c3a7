//! Files of trusted roots.

use std::path::{Path, PathBuf};

use mxcensus_rules::pkix::TrustStore;

/// Why a file of roots cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in it are no certificates.
    #[error("{}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Reads a PEM file of roots.
pub fn read(path: &Path) -> Result<TrustStore, RootsError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| RootsError::Unreadable { path: path.to_owned(), source })?;
    TrustStore::from_pem(text.as_bytes())
        .map_err(|error| RootsError::Malformed { path: path.to_owned(), message: error.to_string() })
}
