//! The load world: any number of domains with the proportions of the real internet, as a function of a seed.
//!
//! One model, three uses. `World` says what domain `index` is made of, in constant time and memory
//! (`domain`, `model`, `months`, `hosts`, `texts`, `certificates`), and what must be concluded about it
//! (`truth`, `counts`). `sample` writes it down as a dataset without a network; `serve` serves it as an
//! internet on loopback for `mxcensus lab --world load`. docs/load-world.md says where each share comes from.

mod certificates;
mod changes;
mod compare;
mod counts;
mod denial;
mod dice;
mod domain;
mod hosts;
mod hours;
mod mail;
mod model;
mod months;
mod name_servers;
mod names;
mod providers;
mod rows;
mod sample;
mod secure;
mod serve;
mod stores;
#[cfg(test)]
mod tests;
mod texts;
mod truth;
mod web;
mod zones;

pub use compare::{CompareError, Compared, compare};
pub use hours::{Watched, sample_hours};
pub use sample::{SampleError, sample};
pub use serve::serve;

use model::World;

/// Which load world.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Domains of the world, 20 to 50,000,000.
    pub domains: u64,
    /// Seed of the world: the same one gives the same world.
    pub seed: u64,
    /// Month of the world, 0 to 120: certificates, policies and mail change from one to the next.
    pub month: u32,
    /// Multiplies the shares of MTA-STS and DANE, so that a small world holds every failure.
    pub adoption: f64,
    /// Mail servers that accept and say nothing, up to 100: each costs a crawl its time limits.
    pub silent_hosts: u64,
}

impl Parameters {
    fn world(&self) -> World {
        World {
            domains: self.domains,
            seed: self.seed,
            month: self.month,
            adoption: if self.adoption.is_finite() { self.adoption.max(0.0) } else { 1.0 },
            silent: self.silent_hosts,
        }
    }
}
