//! What the build knows of this program: `build.rs` found it out.

use mxcensus_dataset::manifest::Tool;

/// The version of rustls, as Cargo.lock has it.
pub(crate) const RUSTLS_VERSION: &str = env!("MXCENSUS_RUSTLS_VERSION");
/// The version of the package that carries the Public Suffix List, as Cargo.lock has it.
pub(crate) const PSL_VERSION: &str = env!("MXCENSUS_PSL_VERSION");

/// What `--version` says: the version, and the commit where it is known.
pub(crate) const VERSION: &str = env!("MXCENSUS_VERSION");

/// This program, as manifests and judgements name it. The commit is known where it was built from a repository.
pub(crate) fn tool() -> Tool {
    let commit = Some(env!("MXCENSUS_COMMIT")).filter(|commit| !commit.is_empty());
    Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: commit.map(str::to_owned),
    }
}
