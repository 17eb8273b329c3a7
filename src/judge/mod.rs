//! From observations to verdicts: pure functions of rows, a trust store and an instant.
pub mod rows;
