//! Who runs name servers: the table's name for them, or their registrable domain.
//!
//! A name server at or below a domain of the table belongs to that entry. One `*` in a domain stands for any characters of
//! one label: some operators spread their names over hundreds of registrable domains so that no registry is a single point
//! of failure.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::operators::OperatorsError;
use mxcensus_rules::name;

/// One operator of name servers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// As the dataset is to name it.
    pub name: String,
    /// Domains whose name servers, and those below them, are its.
    pub domains: Vec<String>,
    /// Why these are one operator.
    pub why: String,
}

/// The table, ready for use.
#[derive(Clone, Debug, Default)]
pub struct DnsOperators {
    entries: Vec<Entry>,
    by_domain: HashMap<Box<str>, usize>,
    /// What stands before and after the `*`.
    patterns: Vec<(Box<str>, Box<str>, usize)>,
}

impl DnsOperators {
    /// A table of entries that `checked` let pass.
    pub fn new(entries: Vec<Entry>) -> Self {
        let (mut by_domain, mut patterns) = (HashMap::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            for domain in &entry.domains {
                match domain.split_once('*') {
                    Some((before, after)) => patterns.push((before.into(), after.into(), index)),
                    None => drop(by_domain.insert(domain.as_str().into(), index)),
                }
            }
        }
        Self { entries, by_domain, patterns }
    }

    /// Whom most of these name servers belong to; of several with equally many the first by name. `None` without any.
    pub fn of(&self, name_servers: &[String]) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for server in name_servers {
            *counts.entry(self.one(server)).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        counts.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name.to_owned())
    }

    fn one<'n>(&'n self, server: &'n str) -> &'n str {
        let registrable = name::registrable(server).unwrap_or(server);
        let known = self.at_or_above(server).or_else(|| self.like(registrable));
        known.map_or(registrable, |index| &self.entries[index].name)
    }

    fn at_or_above(&self, server: &str) -> Option<usize> {
        let mut rest = server;
        loop {
            if let Some(&index) = self.by_domain.get(rest) {
                return Some(index);
            }
            (_, rest) = rest.split_once('.')?;
        }
    }

    fn like(&self, registrable: &str) -> Option<usize> {
        let fits = |before: &str, after: &str| {
            let middle = registrable.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('.'))
        };
        self.patterns.iter().find(|(before, after, _)| fits(before, after)).map(|(.., index)| *index)
    }

    /// For the manifest: the domains of each entry by its name.
    pub fn as_value(&self) -> serde_json::Value {
        let entries: BTreeMap<&str, &[String]> =
            self.entries.iter().map(|entry| (entry.name.as_str(), entry.domains.as_slice())).collect();
        serde_json::json!(entries)
    }

    /// The entries that [`DnsOperators::as_value`] wrote; `None` where it is something else.
    pub fn from_value(value: &serde_json::Value) -> Option<Vec<Entry>> {
        let entries = value.as_object()?.iter().map(|(name, domains)| {
            let domains = serde_json::from_value(domains.clone()).ok()?;
            Some(Entry { name: name.clone(), domains, why: "As the crawl was begun.".to_owned() })
        });
        entries.collect()
    }
}

/// The entries with their names as A-labels, or what is wrong with one.
pub(crate) fn checked(mut entries: Vec<Entry>) -> Result<Vec<Entry>, OperatorsError> {
    let mut seen: HashMap<String, String> = HashMap::new();
    for entry in &mut entries {
        let wrong = |what: String| OperatorsError::Value { name: entry.name.clone(), what };
        if entry.domains.is_empty() {
            return Err(wrong("it names no domain".into()));
        }
        let mut domains = Vec::new();
        for domain in &entry.domains {
            let ascii = ascii(domain).ok_or_else(|| wrong(format!("{domain:?} is no domain")))?;
            if let Some(other) = seen.insert(ascii.clone(), entry.name.clone()) {
                return Err(wrong(format!("{ascii} is listed under {other:?} already")));
            }
            domains.push(ascii);
        }
        entry.domains = domains;
    }
    Ok(entries)
}

/// A domain of the table; a `*` is taken for a letter where its form is checked.
fn ascii(domain: &str) -> Option<String> {
    match domain.split_once('*') {
        None => name::to_ascii(domain).ok(),
        Some((before, after)) => {
            let lower = domain.to_ascii_lowercase();
            let in_first_label = !before.contains('.') && !after.contains('*') && after.contains('.');
            let fits = lower.is_ascii() && name::to_ascii(&lower.replace('*', "x")).is_ok();
            (in_first_label && fits).then_some(lower)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> DnsOperators {
        let entry = |name: &str, domains: &[&str]| Entry {
            name: name.to_owned(),
            domains: domains.iter().map(ToString::to_string).collect(),
            why: "x".to_owned(),
        };
        let entries =
            [entry("Cloud", &["cdns-*.com", "cdns-*.Co.UK"]), entry("Host", &["ns.host.example", "host.test"])];
        DnsOperators::new(checked(entries.into()).unwrap())
    }

    #[test]
    fn who_runs_the_name_servers() {
        let operators = table();
        for (servers, expected, why) in [
            (&["ns-1.cdns-07.com", "ns-2.cdns-33.co.uk"][..], Some("Cloud"), "one operator under many domains"),
            (&["ns1.cdns-.com"], Some("cdns-.com"), "the star stands for something"),
            (&["ns1.x.cdns-7.com"], Some("Cloud"), "below"),
            (&["a.ns.host.example", "host.test"], Some("Host"), "at and below"),
            (&["ns1.host.example"], Some("host.example"), "beside"),
            (&["ns1.other.org", "ns2.other.org"], Some("other.org"), "the registrable domain"),
            (&["ns1.b.org", "ns1.a.org", "ns2.b.org"], Some("b.org"), "most of them"),
            (&["ns1.b.org", "ns1.a.org"], Some("a.org"), "as many: the first by name"),
            (&["localhost"], Some("localhost"), "no registrable domain"),
            (&[], None, "none"),
        ] {
            let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
            assert_eq!(operators.of(&servers).as_deref(), expected, "{why}");
        }
    }

    #[test]
    fn a_table_survives_the_manifest() {
        let operators = table();
        let again = DnsOperators::new(DnsOperators::from_value(&operators.as_value()).unwrap());
        assert_eq!(again.as_value(), operators.as_value());
        assert_eq!(again.of(&["a.cdns-1.com".to_owned()]).as_deref(), Some("Cloud"));
        assert_eq!(DnsOperators::from_value(&serde_json::json!({"a": 1})), None);
    }

    #[test]
    fn a_slip_refuses_the_table() {
        for (domains, why) in [
            (&[][..], "nobody"),
            (&["a.*.com"], "the star is in the first label"),
            (&["*-*.com"], "two stars"),
            (&["a*"], "a top-level domain"),
            (&["a b.com"], "no name"),
            (&["a.com", "A.com"], "twice"),
        ] {
            let domains = domains.iter().map(ToString::to_string).collect();
            assert!(checked(vec![Entry { name: "A".into(), domains, why: "x".into() }]).is_err(), "{why}");
        }
    }
}
