//! See the module files.
