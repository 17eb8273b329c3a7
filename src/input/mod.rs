//! Domain lists.
