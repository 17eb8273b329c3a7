//! Special-purpose addresses.
