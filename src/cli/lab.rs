//! The command line of the commands that need the simulated internet.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mxcensus_lab::load::Parameters;
use mxcensus_lab::{Ports, Request, WhichWorld};

/// Arguments of `lab`.
#[derive(Args, Clone, Debug)]
pub(crate) struct LabArgs {
    /// Directory for what points tools at the lab: domain list, trust anchor, roots, expected verdicts.
    #[arg(long, value_name = "DIR", default_value = "lab-internet")]
    pub dir: PathBuf,
    /// Log every DNS question and every connection to DIR/access.log.
    #[arg(long)]
    pub access_log: bool,
    /// Take four ports from this one on, for resolver, policy hosts, mail servers and Unbound; 0: any free ones
    #[arg(long, value_name = "PORT", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=65532))]
    pub port_base: u16,
    /// Port of the resolver at 127.0.0.1, UDP and TCP; 0: from --port-base.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub dns_port: u16,
    /// Port of all policy hosts; 0: from --port-base.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub https_port: u16,
    /// Port of all mail servers; 0: from --port-base.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub smtp_port: u16,
    /// Which simulated internet
    #[arg(long, value_enum, default_value = "scenes")]
    pub world: World,
    /// Parameters of the load world.
    #[command(flatten)]
    pub load: LoadArgs,
    /// How many domains the hostile world has, its kinds in turn
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub hostile_domains: usize,
    /// Only the hostile kinds whose names begin with one of these; those of `open-` come only when they are named
    #[arg(long, value_name = "KIND,...", value_delimiter = ',')]
    pub hostile_kinds: Vec<String>,
}

/// The simulated internets.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum World {
    /// One domain for each thing that can be right or wrong, verdicts written by hand.
    Scenes,
    /// Any number of domains with the proportions of the real internet.
    Load,
    /// Peers that mean harm, by kind.
    Hostile,
}

impl LabArgs {
    /// The ports asked for.
    pub(crate) fn ports(&self) -> Ports {
        let port = |given: u16, offset: u16| match (given, self.port_base) {
            (0, 0) => 0,
            (0, base) => base.saturating_add(offset),
            (given, _) => given,
        };
        Ports {
            dns: port(self.dns_port, 0),
            https: port(self.https_port, 1),
            smtp: port(self.smtp_port, 2),
            unbound: port(0, 3),
        }
    }

    /// The lab asked for; the load world is none of these, and is served from [`LabArgs::load`].
    pub(crate) fn request(self) -> Option<Request> {
        let ports = self.ports();
        let world = match self.world {
            World::Load => return None,
            World::Scenes => WhichWorld::Scenes,
            World::Hostile => WhichWorld::Hostile { domains: self.hostile_domains, kinds: self.hostile_kinds },
        };
        Some(Request { dir: self.dir, access_log: self.access_log, ports, world })
    }
}

/// Which load world.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LoadArgs {
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

impl LoadArgs {
    /// The world asked for.
    pub(crate) fn parameters(self) -> Parameters {
        let LoadArgs { domains, seed, month, adoption, silent_hosts } = self;
        Parameters { domains, seed, month, adoption, silent_hosts }
    }
}

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Directory to write the dataset to; an earlier demo's is replaced
    #[arg(long, value_name = "DIR", default_value = "demo-dataset")]
    pub out: PathBuf,
}

/// Arguments of `sample`.
#[derive(Args, Clone, Debug)]
pub(crate) struct SampleArgs {
    /// Which world.
    #[command(flatten)]
    pub world: LoadArgs,
    /// Make a watch of its adopters instead: so many rounds, an hour apart
    #[arg(long, value_name = "N", conflicts_with = "month", value_parser = clap::value_parser!(u64).range(1..=2000))]
    pub hours: Option<u64>,
    /// Directory to write the dataset to; created
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Arguments of `truth`.
#[derive(Args, Clone, Debug)]
pub(crate) struct TruthArgs {
    /// The dataset: a crawl of the load world, or a sample of it
    #[arg(value_name = "DATASET")]
    pub dataset: PathBuf,
    /// The world's truth.json [default: the one in the dataset]
    #[arg(value_name = "TRUTH")]
    pub truth: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: LabArgs,
    }

    #[test]
    fn a_port_base_gives_what_is_not_given() {
        let ports = |flags: &[&str]| {
            let Ports { dns, https, smtp, unbound } = Line::parse_from(["lab"].iter().chain(flags)).args.ports();
            [dns, https, smtp, unbound]
        };
        assert_eq!(ports(&["--port-base", "20000", "--smtp-port", "25"]), [20_000, 20_001, 25, 20_003]);
        assert_eq!(ports(&["--dns-port", "5300"]), [5300, 0, 0, 0]);
        assert_eq!(ports(&[]), [0; 4]);
    }
}
