//! The lab, held against its own purpose and against judges from outside.

mod answers;
mod coverage;
mod outside;
