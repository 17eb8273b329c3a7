//! One crawl on many machines.
//!
//! A crawl is cut into [`slots`], each of them a small crawl with one owner at a time ([`ownership`]). A slot has a log on the
//! broker, which is its lock: [`records`] are what stands there, [`fold`] what they say, [`log`](mod@log) reads and writes them. A
//! [`worker`] holds slots ([`holding`]): the stages of the crawl as they are, with their rows in [`hand`] and what those lead to in
//! the [`outbox`]. [`members`] are told by their signs of life, [`entries`] hold for all, [`end`] knows when nothing is left.
//! [`start`] begins a crawl, [`status`] shows it, [`close`] makes the dataset of it, with what each worker said about itself
//! ([`fragment`]). [`broker`] is the only file that knows NATS, [`layout`] where files lie, [`share`] what a slot may do.
//!
//! `docs/fleet.md` is for the operator of a fleet; the reasons stand in `docs/decisions/0014-fleet.md`.
#![cfg_attr(
    test,
    allow(
        clippy::too_many_lines,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test says plainly what it expects"
    )
)]

pub mod broker;
pub mod close;
pub mod end;
pub mod entries;
pub mod fold;
pub mod fragment;
pub mod hand;
pub mod holding;
pub mod layout;
pub mod log;
pub mod members;
pub mod outbox;
pub mod ownership;
pub mod records;
pub mod share;
pub mod slots;
pub mod start;
pub mod status;
pub mod worker;
