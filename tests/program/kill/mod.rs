//! Killed at any instant and resumed, a crawl leaves what an undisturbed one leaves.
//!
//! The real binary scans the lab and gets `kill -9` when the lab sees it do something: the lab's access log and the
//! dataset say when, nothing is slept for. Then `--resume`, which is killed again, and so on to the end. Held against an
//! undisturbed crawl of the same lab: every row of every table, instants and durations aside; and against the access log:
//! what had its row was not asked or contacted again.

mod attempts;
mod instants;
mod moments;
mod signals;
mod world;
