//! The shell that talks to the network: it records what it saw and decides nothing.
//!
//! In reading order: [`run()`] is the command; [`crawl`] the loops; [`stage`] turns one item into one row; [`frontier`]
//! holds what is still to be done, [`paced`] when an address may be contacted, [`sampling`] who need not be, [`limits`]
//! every number, [`operators`] whose numbers differ; [`dns`], [`net`], [`tls`], [`probe`], [`second_look`] and [`policy`]
//! speak to other machines; [`connectivity`] tells their silence from ours; [`sink`] and [`keep`] bring rows to disk;
//! [`resume`] seeds the queues from the rows that exist, and from what [`attempts`] notes of those that have none.
//! [`counters`] and [`tally`] count; [`progress`], [`status`] and [`metrics`] show. [`plan()`] only asks DNS, before a crawl.

pub mod attempts;
pub mod connectivity;
pub mod counters;
pub mod crawl;
pub mod dns;
pub mod frontier;
pub mod keep;
pub mod limits;
pub mod metrics;
pub mod net;
pub mod operators;
pub mod own_networks;
pub mod paced;
mod plan;
pub mod policy;
pub mod probe;
pub mod progress;
pub mod resume;
mod run;
pub mod sampling;
pub mod second_look;
mod signals;
pub mod sink;
pub mod stage;
pub mod status;
pub mod tally;
pub mod tls;

pub use plan::{PlanError, PlanRequest, plan};
pub use run::{Request, ScanError, Scanned, dns_settings, new_crawl, run};
