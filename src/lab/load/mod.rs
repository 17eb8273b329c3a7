//! The load world: any number of domains with the proportions of the real internet, as a function of a seed.
//!
//! One model, three uses. [`World`] says what domain `index` is made of, in constant time and memory
//! ([`domain`], [`model`], [`months`], [`hosts`], [`texts`], [`certificates`]), and what must be concluded about it
//! ([`truth`], [`counts`]). [`sample`] writes it down as a dataset without a network; [`serve`] serves it as an
//! internet on loopback for `mxcensus lab --world load`. docs/load-world.md says where each share comes from.

mod certificates;
mod compare;
mod counts;
mod denial;
mod dice;
mod domain;
mod hosts;
mod mail;
mod model;
mod months;
mod names;
mod providers;
mod rows;
mod sample;
mod secure;
mod serve;
#[cfg(test)]
mod tests;
mod texts;
mod truth;
mod web;
mod zones;

pub use compare::{CompareError, Compared, TruthArgs, command as compare};
pub use sample::{SampleArgs, SampleError, command as sample};
pub use serve::serve;

use model::World;

/// Which load world.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct WorldArgs {
    /// Domains of the world
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(20..=50_000_000))]
    pub domains: u64,
    /// Seed of the world: the same one gives the same world
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Month of the world: certificates, policies and mail change from one to the next
    #[arg(long, value_name = "M", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=120))]
    pub month: u32,
    /// Multiplies the shares of MTA-STS and DANE, so that a small world holds every failure
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub adoption: f64,
    /// Mail servers that accept and say nothing: each costs a crawl its time limits
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100))]
    pub silent_hosts: u64,
}

impl WorldArgs {
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
