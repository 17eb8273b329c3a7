//! The program from outside: the real binary, through real sockets, against the lab and against servers and judges that
//! others wrote.
//!
//! One binary, so that it is linked once. `cargo nextest` runs each test in a process of its own and says how long each took;
//! under `cargo test` they run in threads of one process. What several tests look at is made once: [`shared`].
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]
#![cfg(feature = "lab")]

mod census;
mod check;
mod corpus;
mod diff;
mod disk;
mod doctor;
mod faults;
mod fleet;
mod hostile;
mod install_judges;
mod integrity;
mod interop_dnssec;
mod interop_unbound;
mod judges;
mod kill;
mod labs;
mod lines;
mod lists;
mod load_world;
mod manners;
mod namespace;
mod outage;
mod packaging;
mod plan;
mod rules_page;
mod series;
mod shared;
mod shell;
mod stderr;
mod support;
mod watched;
mod what_if;
