//! The command line: see [`mxcensus`].
fn main() {}
