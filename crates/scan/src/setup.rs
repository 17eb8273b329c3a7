//! What a crawl is made of, as plain data.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::alarm::Alarm;
use crate::attempts::Attempts;
use crate::connectivity::Connectivity;
use crate::dns::{self, Dns, DnsSettings};
use crate::dns_operators::DnsOperators;
use crate::frontier::Frontier;
use crate::left_alone::LeftAlone;
use crate::limits::Limits;
use crate::net::{Families, Net, routes};
use crate::operators::{self, Operators};
use crate::policy::PolicySettings;
use crate::probe::ProbeSettings;
use crate::sink::Sink;
use crate::stage::Crawl;
use crate::tls::TlsClient;
use crate::zones::Zones;

/// What a crawl looks at.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lane {
    /// Everything.
    #[default]
    Census,
    /// What rollovers need, since it looks again an hour later: MX, TLSA, chains, MTA-STS records and policies. TLSRPT, SPF and DMARC
    /// are not asked for.
    Watch,
}

/// Everything that decides how a crawl looks and whom it contacts.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Upstream resolvers.
    pub resolvers: Vec<SocketAddr>,
    /// How DNSSEC state is learnt.
    pub dnssec: dns::Mode,
    /// DNSKEY or DS records in zone-file form that are trusted; the root's own, built in, where not given.
    pub trust_anchor: Option<String>,
    /// The name in EHLO.
    pub ehlo_name: String,
    /// How to reach the operator of the crawl; told to policy hosts.
    pub contact: Option<String>,
    /// Who is left alone.
    pub left_alone: LeftAlone,
    /// Operators with limits of their own.
    pub operators: operators::Table,
    /// Loopback and own networks may be contacted.
    pub allow_special_addresses: bool,
    /// Pacing is lifted.
    pub unpaced: bool,
    /// SMTP port.
    pub smtp_port: u16,
    /// HTTPS port.
    pub https_port: u16,
    /// A cap on every step's time limit.
    pub step_timeout: Option<Duration>,
    /// The limits in force.
    pub limits: Limits,
    /// The name of this worker in the `worker` columns.
    pub worker: String,
    /// What is looked at.
    pub lane: Lane,
}

/// A shortened step shortens the whole session: five of them, as the defaults have it.
const STEPS: u32 = 5;

impl Setup {
    /// A crawl with these settings, empty queues, and this seed of its choices. Fails where TLS cannot be set up.
    pub fn crawl(&self, dns: Dns, sink: Sink, seed: u64) -> Result<Crawl, rustls::Error> {
        let frontier =
            Arc::new(Frontier::new(&self.limits, !self.unpaced, self.operators(), self.policy_operators(), seed));
        Ok(Crawl {
            alarm: Alarm::new(&frontier),
            attempts: Attempts::default(),
            connectivity: Connectivity::new(dns.gate().clone(), &self.limits),
            shortages: dns.shortages().clone(),
            dns,
            zones: Zones::new(self.dns_operators()),
            net: self.net(),
            tls: TlsClient::new()?,
            frontier,
            progress: sink.progress().clone(),
            sink,
            limits: self.limits.clone(),
            left_alone: self.left_alone.clone(),
            probe: self.probe(),
            policy: self.policy(),
            worker: self.worker.clone(),
            lane: self.lane,
            room: None,
        })
    }

    /// The way to the network.
    pub fn net(&self) -> Net {
        Net {
            smtp_port: self.smtp_port,
            https_port: self.https_port,
            allow_special: self.allow_special_addresses,
            left_alone: self.left_alone.clone(),
            // In a lab, what has no route shows at connecting.
            families: if self.allow_special_addresses { Families::BOTH } else { routes() },
        }
    }

    /// The table of operators.
    pub fn operators(&self) -> Operators {
        Operators::new(self.operators.mail.clone(), &self.limits)
    }

    /// The table of those who run policy hosts.
    pub fn policy_operators(&self) -> Operators {
        Operators::of_policy_hosts(self.operators.policy_hosts.clone(), &self.limits)
    }

    /// The table of those who run name servers.
    pub fn dns_operators(&self) -> DnsOperators {
        DnsOperators::new(self.operators.dns.clone())
    }

    /// How the resolvers are asked.
    pub fn dns(&self) -> DnsSettings {
        let defaults = DnsSettings::new(self.resolvers.clone(), self.dnssec);
        DnsSettings {
            trust_anchor: self.trust_anchor.clone(),
            left_alone: self.left_alone.clone(),
            queries_per_second: self.limits.dns_per_upstream_per_s,
            timeout: self.at_most(defaults.timeout),
            loopback_timeout: self.at_most(defaults.loopback_timeout),
            ..defaults
        }
    }

    fn probe(&self) -> ProbeSettings {
        let defaults = ProbeSettings::new(&self.ehlo_name);
        ProbeSettings {
            connect_timeout: self.at_most(defaults.connect_timeout),
            banner_timeout: self.at_most(defaults.banner_timeout),
            command_timeout: self.at_most(defaults.command_timeout),
            tls_timeout: self.at_most(defaults.tls_timeout),
            total_timeout: self.at_most(defaults.total_timeout / STEPS) * STEPS,
            ..defaults
        }
    }

    fn policy(&self) -> PolicySettings {
        let defaults = PolicySettings::new(self.contact.clone());
        PolicySettings {
            connect_timeout: self.at_most(defaults.connect_timeout),
            tls_timeout: self.at_most(defaults.tls_timeout),
            total_timeout: self.at_most(defaults.total_timeout),
            ..defaults
        }
    }

    /// As a crawl of the internet would have it, without a resolver.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Setup {
        Setup {
            resolvers: Vec::new(),
            dnssec: dns::Mode::Validate,
            trust_anchor: None,
            ehlo_name: "probe.example".to_owned(),
            contact: None,
            left_alone: LeftAlone::default(),
            operators: Operators::built_in().expect("the built-in table"),
            allow_special_addresses: false,
            unpaced: false,
            smtp_port: 25,
            https_port: 443,
            step_timeout: None,
            limits: Limits::default(),
            worker: "w1".to_owned(),
            lane: Lane::Census,
        }
    }

    fn at_most(&self, default: Duration) -> Duration {
        self.step_timeout.map_or(default, |cap| cap.min(default))
    }
}
