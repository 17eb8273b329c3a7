//! The operator table: whose MX host a name is, and which limits that operator has.
//!
//! A host at or below a domain of the table belongs to that entry; of several the longest domain counts. Any other host
//! belongs to its registrable domain, with the default limits. The built-in table is `inputs/operators.toml`, each
//! entry with its reason.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::dns_operators;
use super::limits::Limits;
use super::paced::{Operator, Pace};
use mxcensus_rules::name;

/// Why a table cannot be used. The whole table is refused: a slip must not lead to a pace that somebody asked not to
/// have.
#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    /// Not TOML, or an unknown key.
    #[error("{0}")]
    Syntax(String),
    /// A value that makes no sense.
    #[error("operator {name:?}: {what}")]
    Value {
        /// The entry.
        name: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    operator: Vec<Entry>,
    #[serde(default)]
    policy_host: Vec<Entry>,
    #[serde(default)]
    dns_operator: Vec<dns_operators::Entry>,
}

/// A table: who runs mail servers, policy hosts and name servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// By MX host.
    pub mail: Vec<Entry>,
    /// By policy host, by the name that it is an alias of, or by address.
    pub policy_hosts: Vec<Entry>,
    /// By name server.
    pub dns: Vec<dns_operators::Entry>,
}

/// One entry of the table. What is not given stays at the default.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// For the display.
    pub name: String,
    /// Domains whose hosts, and those below them, are this operator's.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Networks whose addresses are this operator's, whatever the name. Only for policy hosts.
    #[serde(default)]
    pub networks: Vec<IpNet>,
    /// Seconds between two connections to one of its addresses.
    pub address_spacing_s: Option<f64>,
    /// Connections a second to all of its addresses together.
    pub per_s: Option<f64>,
    /// Connections to all of its addresses under way at once.
    pub at_once: Option<usize>,
    /// The reason for the numbers, with its source where there is one.
    pub why: String,
}

/// The table, with the defaults for everybody else.
#[derive(Clone, Debug)]
pub struct Operators {
    entries: Vec<Entry>,
    paces: Vec<Pace>,
    by_domain: HashMap<Box<str>, usize>,
    by_network: Vec<(IpNet, usize)>,
    default: Pace,
}

const BUILT_IN: &str = include_str!("../../../inputs/operators.toml");

impl Operators {
    /// The built-in table.
    pub fn built_in() -> Result<Table, OperatorsError> {
        parse(BUILT_IN)
    }

    /// A table of these operators of mail servers; the limits are everybody else's.
    pub fn new(entries: Vec<Entry>, limits: &Limits) -> Self {
        let (address, operator) = (seconds(limits.address_spacing_s), per_second(limits.operator_per_s));
        Operators::with_default(entries, Pace { address, operator, at_once: usize::MAX })
    }

    /// A table of these operators of policy hosts; the limits are everybody else's.
    pub fn of_policy_hosts(entries: Vec<Entry>, limits: &Limits) -> Self {
        let (address, operator) = (seconds(limits.policy_address_spacing_s), per_second(limits.policy_operator_per_s));
        Operators::with_default(entries, Pace { address, operator, at_once: usize::MAX })
    }

    fn with_default(entries: Vec<Entry>, default: Pace) -> Self {
        let paces = entries
            .iter()
            .map(|entry| Pace {
                address: entry.address_spacing_s.map_or(default.address, seconds),
                operator: entry.per_s.map_or(default.operator, per_second),
                at_once: entry.at_once.unwrap_or(default.at_once),
            })
            .collect();
        let by_domain = entries
            .iter()
            .enumerate()
            .flat_map(|(index, entry)| entry.domains.iter().map(move |domain| (domain.as_str().into(), index)))
            .collect();
        let networks = entries.iter().enumerate();
        let by_network =
            networks.flat_map(|(index, entry)| entry.networks.iter().map(move |network| (*network, index))).collect();
        Operators { entries, paces, by_domain, by_network, default }
    }

    /// Whether the table has an entry for this host.
    pub fn knows(&self, host: &str) -> bool {
        self.entry_of(host).is_some()
    }

    /// The pace of operators without an entry.
    pub fn default_pace(&self) -> Pace {
        self.default
    }

    /// Whose peer this is: by the name where the table knows it, else by the address, else by the registrable domain.
    pub fn of_peer<'n>(&'n self, name: &'n str, ip: IpAddr) -> Operator<'n> {
        let by_name = self.entry_of(name);
        let by_address = || self.by_network.iter().find(|(network, _)| network.contains(&ip)).map(|(_, index)| *index);
        match by_name.or_else(by_address) {
            Some(index) => self.entry(index),
            None => self.of(name),
        }
    }

    fn entry(&self, index: usize) -> Operator<'_> {
        Operator { id: index as u64, name: &self.entries[index].name, pace: self.paces[index] }
    }

    fn entry_of(&self, host: &str) -> Option<usize> {
        let mut rest = host;
        loop {
            if let Some(&index) = self.by_domain.get(rest) {
                return Some(index);
            }
            (_, rest) = rest.split_once('.')?;
        }
    }

    /// Whose host this is.
    pub fn of<'n>(&'n self, host: &'n str) -> Operator<'n> {
        if let Some(index) = self.entry_of(host) {
            return self.entry(index);
        }
        let name = name::registrable(host).unwrap_or(host);
        Operator { id: xxhash_rust::xxh3::xxh3_64(name.as_bytes()), name, pace: self.default }
    }

    /// The entries that [`Operators::as_value`] wrote; `None` where it is something else.
    pub fn from_value(value: &serde_json::Value) -> Option<Vec<Entry>> {
        let entries = value.as_object()?.iter().map(|(name, value)| {
            let mut value = value.clone();
            let fields = value.as_object_mut()?;
            fields.insert("name".to_owned(), name.as_str().into());
            fields.insert("why".to_owned(), "As the crawl was begun.".into());
            serde_json::from_value(value).ok()
        });
        entries.collect()
    }

    /// For the manifest: each entry by name, without its reason.
    pub fn as_value(&self) -> serde_json::Value {
        let entries: BTreeMap<&str, serde_json::Value> = self
            .entries
            .iter()
            .map(|entry| {
                let value = serde_json::json!({
                    "domains": entry.domains, "networks": entry.networks, "address_spacing_s": entry.address_spacing_s,
                    "per_s": entry.per_s, "at_once": entry.at_once,
                });
                (entry.name.as_str(), value)
            })
            .collect();
        serde_json::json!(entries)
    }
}

/// Reads a table. Names may be in any script and case.
pub fn parse(text: &str) -> Result<Table, OperatorsError> {
    let syntax = |error: toml::de::Error| OperatorsError::Syntax(error.to_string().trim().replace('\n', " "));
    let File { operator, policy_host, dns_operator } = toml::from_str::<File>(text).map_err(syntax)?;
    if let Some(entry) = operator.iter().find(|entry| !entry.networks.is_empty()) {
        let what = "networks are for policy_host: an MX host belongs to whom its name says".to_owned();
        return Err(OperatorsError::Value { name: entry.name.clone(), what });
    }
    Ok(Table {
        mail: checked(operator)?,
        policy_hosts: checked(policy_host)?,
        dns: dns_operators::checked(dns_operator)?,
    })
}

fn checked(mut entries: Vec<Entry>) -> Result<Vec<Entry>, OperatorsError> {
    let mut seen = HashMap::new();
    for entry in &mut entries {
        let wrong = |what: String| OperatorsError::Value { name: entry.name.clone(), what };
        let numbers = [("address_spacing_s", entry.address_spacing_s), ("per_s", entry.per_s)];
        if let Some((key, value)) =
            numbers.iter().find(|(_, value)| value.is_some_and(|v| !(0.0..=86_400.0).contains(&v)))
        {
            return Err(wrong(format!("{key} is {}, not between 0 and 86400", value.unwrap_or_default())));
        }
        if entry.per_s == Some(0.0) || entry.at_once == Some(0) {
            return Err(wrong(
                "per_s and at_once must be above 0; whoever is to be left alone stands in --opt-out".into(),
            ));
        }
        if entry.domains.is_empty() && entry.networks.is_empty() {
            return Err(wrong("it names no domain".into()));
        }
        let domains: Result<Vec<String>, OperatorsError> = entry
            .domains
            .iter()
            .map(|domain| {
                name::to_ascii(domain).map_err(|error| wrong(format!("{domain:?} is no domain: {}", error.explained())))
            })
            .collect();
        let domains = domains?;
        if let Some((domain, other)) = domains.iter().find_map(|domain| Some((domain, seen.get(domain)?))) {
            return Err(wrong(format!("{domain} is listed under {other:?} already")));
        }
        seen.extend(domains.iter().map(|domain| (domain.clone(), entry.name.clone())));
        entry.domains = domains;
    }
    Ok(entries)
}

/// A pause from a limit in seconds.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// The pause between two contacts at this rate; none where the rate is no limit.
pub fn per_second(rate: f64) -> Duration {
    if rate.is_finite() && rate > 0.0 { seconds(1.0 / rate) } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Operators {
        Operators::new(parse(text).unwrap().mail, &Limits::default())
    }

    #[test]
    fn the_built_in_table_is_understood_and_gives_reasons() {
        let Table { mail: entries, policy_hosts, dns } = Operators::built_in().unwrap();
        assert!(entries.len() >= 5 && policy_hosts.len() >= 5 && dns.len() >= 5);
        for entry in &dns {
            assert!(entry.why.len() > 40 && entry.why.ends_with('.'), "{}", entry.name);
        }
        for entry in entries.iter().chain(&policy_hosts) {
            assert!(entry.why.len() > 40 && entry.why.ends_with('.'), "{}", entry.name);
        }
        let operators = Operators::new(entries, &Limits::default());
        assert_eq!(operators.of("example-com.mail.protection.outlook.com").name, "Microsoft");
        assert_eq!(operators.of("example-com.a-v1.mx.microsoft").id, operators.of("outlook.com").id);
        assert!(operators.of("in1-smtp.messagingengine.com").pace.address > operators.of("example.org").pace.address);
    }

    #[test]
    fn whose_host_it_is() {
        let operators = table(
            "[[operator]]\nname = 'Big'\ndomains = ['big.example', 'B\u{fc}cher.example']\nper_s = 4.0\nwhy = 'x'\n\
             [[operator]]\nname = 'Part'\ndomains = ['slow.big.example']\naddress_spacing_s = 60.0\nat_once = 2\nwhy = 'x'\n",
        );
        let cases = [
            ("mx.big.example", "Big", "below"),
            ("big.example", "Big", "at"),
            ("mx.xn--bcher-kva.example", "Big", "its A-label"),
            ("mx.slow.big.example", "Part", "the longest counts"),
            ("notbig.example", "notbig.example", "no label border"),
            ("mx1.mail.other.org", "other.org", "the registrable domain"),
            ("localhost", "localhost", "no registrable domain"),
        ];
        for (host, expected, why) in cases {
            assert_eq!(operators.of(host).name, expected, "{host}: {why}");
        }
        let (big, part, other) =
            (operators.of("big.example").pace, operators.of("slow.big.example").pace, operators.of("other.org").pace);
        assert_eq!((big.operator, big.address, big.at_once), (Duration::from_millis(250), other.address, usize::MAX));
        assert_eq!((part.operator, part.address, part.at_once), (other.operator, Duration::from_secs(60), 2));
    }

    #[test]
    fn whose_policy_host_it_is() {
        let text = "[[policy_host]]\nname = 'CDN'\ndomains = ['cdn.example']\nnetworks = ['192.0.2.0/24', '2001:db8::/32']\n\
                    address_spacing_s = 0.1\nwhy = 'x'\n";
        let operators = Operators::of_policy_hosts(parse(text).unwrap().policy_hosts, &Limits::default());
        let cases = [
            ("c1.cdn.example", "198.51.100.1", "CDN", "by the name that it is an alias of"),
            ("mta-sts.customer.example.org", "192.0.2.9", "CDN", "by its address"),
            ("mta-sts.customer.example.org", "2001:db8::1", "CDN", "by its address"),
            ("mta-sts.customer.org", "198.51.100.1", "customer.org", "by its registrable domain"),
        ];
        for (name, ip, expected, why) in cases {
            assert_eq!(operators.of_peer(name, ip.parse().unwrap()).name, expected, "{name}: {why}");
        }
    }

    #[test]
    fn a_slip_refuses_the_table() {
        let entry = |body: &str| format!("[[operator]]\nname = 'A'\nwhy = 'x'\n{body}\n");
        let twice = entry("domains = ['a.example']") + &entry("domains = ['A.example']");
        let table = [
            ("[operator]".to_owned(), "one table, not a list"),
            (entry("domains = ['a.example']\nspacing = 1.0"), "an unknown key"),
            (entry("domains = []"), "nobody"),
            (entry("domains = ['*.a.example']"), "no name"),
            (entry("domains = ['a.example']\nper_s = 0.0"), "never"),
            (entry("domains = ['a.example']\nper_s = -1.0"), "negative"),
            (entry("domains = ['a.example']\naddress_spacing_s = nan"), "no number"),
            (entry("domains = ['a.example']\nat_once = 0"), "never"),
            (twice, "listed twice"),
            ("[[operator]]\nname = 'A'\ndomains = ['a.example']\n".to_owned(), "no reason"),
            (entry("domains = ['a.example']\nnetworks = ['192.0.2.0/24']"), "an MX host is known by its name"),
        ];
        for (text, why) in table {
            assert!(parse(&text).is_err(), "{why}: {text}");
        }
        assert_eq!(parse("").unwrap(), Table::default());
    }
}
