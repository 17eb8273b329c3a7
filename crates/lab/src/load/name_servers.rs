//! Who runs the DNS of the load world: the owner, the mail provider that hosts its customers' zones, or somebody who does
//! nothing else. One of the latter signs every zone it can, so signed zones are more often with it.

use super::domain::{Domain, Exists, Host, Mail, Zone};
use super::hosts::MxHost;
use super::model::World;
use super::providers::PROVIDERS;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DnsStatus, Zone as Seen};

use super::rows::state;

/// Operators of name servers: their registrable domain, and their weights among unsigned and among signed zones.
pub(super) const HOSTERS: &[(&str, f64, f64)] =
    &[("dnsbeacon.com-lab", 60.0, 15.0), ("nameharbour.net-lab", 15.0, 65.0), ("zonekeep.org-lab", 25.0, 20.0)];

/// The share of the customers of a provider that hosts zones who have theirs there.
const WITH_PROVIDER: f64 = 0.9;
/// The share of domains with mail servers of their own that have name servers of their own.
const WITH_THEMSELVES: f64 = 0.3;

impl World {
    /// The registrable domain of the name servers of a domain's zone.
    pub(super) fn dns_operator(&self, domain: &Domain) -> String {
        let mut dice = self.dice("dns", domain.index);
        let (at_provider, at_home) = (dice.chance(WITH_PROVIDER), dice.chance(WITH_THEMSELVES));
        match domain.mail {
            Mail::Provider(number) if at_provider && PROVIDERS[usize::from(number)].customers_signed.is_some() => {
                PROVIDERS[usize::from(number)].domain.to_owned()
            }
            Mail::Own if at_home => self.name(domain.index),
            _ => {
                let unsigned = domain.zone == Zone::Unsigned;
                let table: Vec<(f64, &str)> = HOSTERS
                    .iter()
                    .map(|(name, plain, signed)| (if unsigned { *plain } else { *signed }, *name))
                    .collect();
                dice.pick(&table).to_owned()
            }
        }
    }

    /// What is seen of a domain's zone; nothing where it is not asked about.
    pub(super) fn zone_of_domain(&self, domain: &Domain) -> Seen {
        if matches!(domain.mail, Mail::Nxdomain | Mail::Failing) {
            return Seen::default();
        }
        seen(self.name(domain.index), domain.zone, self.dns_operator(domain))
    }

    /// What is seen of the zone of an MX host with an address.
    pub(super) fn zone_of_host(&self, host: &MxHost) -> Seen {
        if host.spec.exists != Exists::Address {
            return Seen::default();
        }
        match host.host {
            // A provider runs its own zone.
            Host::Shared(provider, _) | Host::Customer(provider, _) => {
                let domain = PROVIDERS[usize::from(provider)].domain;
                seen(domain.to_owned(), host.zone, domain.to_owned())
            }
            Host::Own(index, _) | Host::Implicit(index) => self.zone_of_domain(&self.domain(index)),
        }
    }
}

/// The name servers of an operator.
pub(super) fn servers(operator: &str) -> [String; 2] {
    [format!("ns1.{operator}"), format!("ns2.{operator}")]
}

fn seen(apex: String, zone: Zone, operator: String) -> Seen {
    let bogus = zone == Zone::Expired;
    Seen {
        name: Some(apex),
        status: Some(if bogus { DnsStatus::Error } else { DnsStatus::Found }),
        error: bogus.then_some(Failure::DnssecBogus),
        dnssec: Some(state(zone)),
        ns: Some(servers(&operator).into()),
        truncated: false,
        signed: Some(zone != Zone::Unsigned),
        ds: match zone {
            Zone::Unsigned => None,
            Zone::Signed | Zone::Expired => Some(true),
            Zone::Island => Some(false),
        },
        operator: Some(operator),
    }
}
