//! The shell that talks to the network: it records what it saw and decides nothing.
//!
//! In reading order: [`setup`] is what a crawl is made of; [`crawl`] the loops; [`stage`] turns one item into one row; [`frontier`]
//! holds what is still to be done, [`paced`] when an address may be contacted, [`sampling`] who need not be, [`limits`]
//! every number, [`operators`] whose numbers differ; [`dns`], [`net`], [`tls`], [`probe`], [`second_look`] and [`policy`]
//! speak to other machines; [`left_alone`] is who must not be spoken to; [`connectivity`] tells their silence from ours, and [`shortage`] our own want; [`sink`] and [`keep`] bring rows to disk;
//! [`resume`] seeds the queues from the rows that exist, and from what [`attempts`] notes of those that have none.
//! [`takeover`] does the same for a part of a crawl that another process leaves. [`alarm`] ends a crawl when a task panics; [`counters`] and [`tally`] count; [`progress`], [`status`] and [`metrics`] show. [`estimate`] says
//! before a crawl what it will cost, and only asks DNS.
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

pub mod alarm;
pub mod attempts;
pub mod connection;
pub mod connectivity;
pub mod counters;
pub mod crawl;
pub mod dns;
pub mod dns_operators;
pub mod estimate;
pub mod frontier;
pub mod keep;
pub mod keys;
pub mod left_alone;
pub mod limits;
pub mod metrics;
pub mod net;
pub mod operators;
pub mod own_networks;
pub mod paced;
pub mod policy;
pub mod probe;
pub mod progress;
pub mod resume;
pub mod sampling;
pub mod second_look;
pub mod setup;
pub mod shortage;
pub mod sink;
pub mod stage;
pub mod status;
pub mod takeover;
pub mod tally;
pub mod tls;
pub mod zones;

pub use setup::Setup;
