//! Re-exports of dependencies

pub use octseq;
