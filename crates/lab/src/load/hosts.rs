//! The MX hosts of the load world: which a domain has, their names and addresses, and what is known of each.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dice::Dice;
use super::domain::{Domain, Exists, Fault, Fetch, Host, Leaf, Mail, MailHost, Manner, Sts, Tlsa, Zone};
use super::model::{self, World};
use super::names;
use super::providers::{FORGETFUL, Habit, Naming, OPERATORS, PROVIDERS};

/// An address of loopback that no connection can be made to: a broadcast address.
const UNREACHABLE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 255, 255, 255));
/// Where nobody listens: the servers are on IPv4 alone.
const CLOSED: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
/// The address that stands in place of a name in some MX records, one for each: private (RFC 1918), and no host of the world has it.
fn literal(index: u64, number: u64) -> String {
    let [_, b, c, d] = ((index * 2 + number) as u32).to_be_bytes();
    Ipv4Addr::new(10, b, c, d).to_string()
}

/// Manners and the second octets of the addresses that behave so; the modern ones have the rest.
const OCTETS: &[(Manner, u8)] = &[
    (Manner::Tls12, 16),
    (Manner::Clear, 20),
    (Manner::Greylists, 24),
    (Manner::Defers, 25),
    (Manner::Blocks, 26),
    (Manner::Silent, 27),
    (Manner::StarttlsFails, 28),
    (Manner::Legacy, 29),
];
/// Octets of each manner of [`OCTETS`] that has several.
const SPREAD: u8 = 4;
/// First octet of the modern ones, and how many they are: room for eight million addresses.
const MODERN: (u8, u8) = (64, 128);

/// An MX host as a domain sees it.
#[derive(Clone, Debug)]
pub(super) struct MxHost {
    /// Whose it is.
    pub host: Host,
    /// Its name, as in the MX record.
    pub name: String,
    /// The zone that it is in.
    pub zone: Zone,
    /// What it is like.
    pub spec: MailHost,
    /// Its address, where it has one.
    pub address: Option<IpAddr>,
    /// Whether a certificate that is no longer renewed has expired by now.
    pub lapsed: bool,
}

impl World {
    /// The MX hosts of a domain, the most preferred first, and by name where two are alike.
    pub(super) fn mx(&self, domain: &Domain) -> Vec<(u16, Host)> {
        let index = domain.index;
        match domain.mail {
            Mail::Nxdomain | Mail::Failing | Mail::Nowhere | Mail::Null => Vec::new(),
            Mail::Implicit => vec![(0, Host::Implicit(index))],
            Mail::Own => (0..domain.own.len() as u8).map(|n| (10 * (u16::from(n) + 1), Host::Own(index, n))).collect(),
            Mail::Provider(number) => match PROVIDERS[usize::from(number)].naming {
                Naming::PerCustomer(_) => vec![(10, Host::Customer(number, index))],
                Naming::Shared(preferences) => {
                    preferences.iter().zip(0..).map(|(preference, n)| (*preference, Host::Shared(number, n))).collect()
                }
            },
        }
    }

    /// What is known of a host. `domain` is the one that [`Host::Own`] and [`Host::Implicit`] name.
    pub(super) fn mx_host(&self, host: Host, domain: &Domain) -> MxHost {
        let (zone, spec) = match host {
            Host::Shared(provider, number) => {
                let zone = if PROVIDERS[usize::from(provider)].signed { Zone::Signed } else { Zone::Unsigned };
                (zone, self.provider_host(provider, model::has_tlsa(provider, number)))
            }
            Host::Customer(provider, _) => (Zone::Unsigned, self.provider_host(provider, false)),
            Host::Own(_, number) => (domain.zone, domain.own[usize::from(number)]),
            Host::Implicit(_) => (domain.zone, domain.own[0]),
        };
        let address = (spec.exists == Exists::Address).then(|| self.address(host, spec.manner));
        let lapsed = self.month > 0;
        MxHost { host, name: self.host_name(host, spec.exists), zone, spec, address, lapsed }
    }

    /// A host of a provider: they are all alike but for their TLSA records.
    pub(super) fn provider_host(&self, provider: u8, has_tlsa: bool) -> MailHost {
        let habit = PROVIDERS[usize::from(provider)].habit;
        // Due in the middle of month 0 to 1, so that it is seen.
        let phase =
            if provider == FORGETFUL { 45 } else { Dice::new(self.seed, "provider", provider.into()).below(60) as u8 };
        let number = self.certificate_number(phase);
        MailHost {
            exists: Exists::Address,
            manner: if habit == Habit::Clear { Manner::Clear } else { Manner::Modern },
            leaf: Leaf {
                fault: if habit == Habit::Misnamed { Fault::Misnamed } else { Fault::None },
                phase,
                keeps_key: false,
                number,
            },
            authority: (provider % 4 == 3).into(),
            tlsa: if has_tlsa { Tlsa::Spki } else { Tlsa::None },
            tlsa_of: if provider == FORGETFUL && self.month == 1 { number - 1 } else { number },
        }
    }

    /// The host behind a name, with the domain that it is of; it must be in use.
    pub(super) fn host_by_name(&self, name: &str) -> Option<(Host, Domain)> {
        let (first, rest) = name.split_once('.')?;
        if let Some(number) = provider_of(rest) {
            let numbers = 0..PROVIDERS[usize::from(number)].shared_hosts() as u8;
            let found =
                numbers.map(|n| Host::Shared(number, n)).find(|&host| self.host_name(host, Exists::Address) == name);
            return Some((found?, self.domain(0)));
        }
        let used = |host: Host, domain: Domain| {
            let used = self.mx(&domain).iter().any(|(_, other)| *other == host);
            used.then_some((host, domain))
        };
        if let Some(number) = rest.strip_prefix("mail.").and_then(provider_of) {
            let index = names::index(first.as_bytes()).filter(|&index| self.is_member(index))?;
            return used(Host::Customer(number, index), self.domain(index));
        }
        let by_name = |name: &str| {
            let (label, top_level) = name.split_once('.')?;
            self.find(label.as_bytes(), top_level.as_bytes())
        };
        if let Some(index) = by_name(name) {
            return used(Host::Implicit(index), self.domain(index));
        }
        let number = (0..2).find(|&number| own_label(number) == first)?;
        let index = by_name(rest)?;
        used(Host::Own(index, number), self.domain(index))
    }

    /// The domain behind the name of its policy host, where it has one.
    pub(super) fn domain_by_policy_host(&self, name: &str) -> Option<(Domain, Sts)> {
        let (label, top_level) = name.strip_prefix("mta-sts.")?.split_once('.')?;
        let domain = self.domain(self.find(label.as_bytes(), top_level.as_bytes())?);
        let sts = domain.sts?;
        Some((domain, sts))
    }

    /// What the name of a managed policy host is an alias of.
    pub(super) fn policy_alias(&self, index: u64, sts: &Sts) -> String {
        let operator = sts.operator.map_or("", |number| OPERATORS[usize::from(number)].domain);
        format!("{}.mta-sts.{operator}", names::label(index))
    }

    /// The address of a policy host.
    pub(super) fn policy_address(&self, index: u64, sts: &Sts) -> Option<IpAddr> {
        let address = match (sts.fetch, sts.operator) {
            (Fetch::NoName, _) => return None,
            (Fetch::Closed, _) => return Some(CLOSED),
            (Fetch::Unreachable, _) => return Some(UNREACHABLE),
            (_, Some(operator)) => [127, 4, operator, 1],
            (_, None) => own_address(208, 16, index),
        };
        Some(Ipv4Addr::from(address).into())
    }

    fn host_name(&self, host: Host, exists: Exists) -> String {
        match host {
            Host::Shared(provider, number) => format!("mx{}.{}", number + 1, PROVIDERS[usize::from(provider)].domain),
            Host::Customer(provider, index) => {
                format!("{}.{}", names::label(index), PROVIDERS[usize::from(provider)].host_parent())
            }
            Host::Own(index, number) if exists == Exists::Literal => literal(index, number.into()),
            Host::Own(index, number) => format!("{}.{}", own_label(number), self.name(index)),
            Host::Implicit(index) => self.name(index),
        }
    }

    /// The address of a host; a client that connects there meets the host's manner.
    fn address(&self, host: Host, manner: Manner) -> IpAddr {
        match manner {
            Manner::Closed => return CLOSED,
            Manner::Unreachable => return UNREACHABLE,
            _ => {}
        }
        let (octet, spread) = OCTETS
            .iter()
            .find(|(m, _)| *m == manner)
            .map_or(MODERN, |(m, octet)| (*octet, if matches!(m, Manner::Tls12 | Manner::Clear) { SPREAD } else { 1 }));
        let address = match host {
            Host::Shared(provider, number) => [127, octet, provider, 1 + number],
            Host::Customer(provider, index) => {
                let PerCustomer { addresses } = per_customer(provider);
                [127, octet, provider, 1 + (Dice::new(self.seed, "customer", index).below(addresses)) as u8]
            }
            Host::Own(index, number) => own_address(octet, spread, index * 2 + u64::from(number)),
            Host::Implicit(index) => own_address(octet, spread, index * 2),
        };
        Ipv4Addr::from(address).into()
    }
}

/// The number of the provider of this name.
pub(super) fn provider_of(domain: &str) -> Option<u8> {
    PROVIDERS.iter().position(|provider| provider.domain == domain).map(|number| number as u8)
}

/// The manner of the host at an address: what a server knows before it is told a name.
pub(super) fn manner_at(address: Ipv4Addr) -> Manner {
    let octet = address.octets()[1];
    let found = OCTETS.iter().rev().find(|(_, first)| octet >= *first && octet < MODERN.0);
    found.map_or(Manner::Modern, |(manner, _)| *manner)
}

/// The label of a domain's own host: `mx`, then `mx2`.
pub(super) fn own_label(number: u8) -> &'static str {
    if number == 0 { "mx" } else { "mx2" }
}

struct PerCustomer {
    addresses: u64,
}

fn per_customer(provider: u8) -> PerCustomer {
    let addresses = match PROVIDERS[usize::from(provider)].naming {
        Naming::PerCustomer(addresses) => addresses.into(),
        Naming::Shared(_) => 1,
    };
    PerCustomer { addresses }
}

/// Neighbours in number get addresses far apart; the third octet of providers (below 32) is left to them.
fn own_address(octet: u8, spread: u8, number: u64) -> [u8; 4] {
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let second = octet + (scattered % u64::from(spread)) as u8;
    let third = 32 + ((scattered >> 8) % 224) as u8;
    let fourth = 1 + ((scattered >> 20) % 254) as u8;
    [127, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_the_manner() {
        let world = World { domains: 1000, seed: 1, month: 0, adoption: 1.0, silent: 0 };
        for manner in [
            Manner::Modern,
            Manner::Tls12,
            Manner::Clear,
            Manner::Greylists,
            Manner::Defers,
            Manner::Blocks,
            Manner::Silent,
            Manner::StarttlsFails,
            Manner::Legacy,
        ] {
            for index in 0..500 {
                for host in [Host::Own(index, 0), Host::Own(index, 1), Host::Customer(1, index), Host::Shared(2, 4)] {
                    let IpAddr::V4(address) = world.address(host, manner) else { panic!("no IPv4 address") };
                    assert_eq!(manner_at(address), manner, "{address}");
                }
            }
        }
    }
}
