//! Every limit of the instrument, in one place, with the reason for each number.
//!
//! The defaults are the manners of a guest: see `docs/operating.md`. Each can be set in the configuration
//! file under `[limits]`, and what was in force is written to the manifest.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr;)*) => {
        /// The limits in force. Times are in the unit that the name ends with.
        #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits { $($(#[doc = $doc])+ pub $name: $type),* }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($name: $default),* }
            }
        }

        impl Limits {
            /// Each limit with its default and the sentence why, for the documentation.
            pub fn reference() -> Vec<(&'static str, String, String)> {
                let defaults = Limits::default();
                vec![$((stringify!($name), format!("{:?}", defaults.$name), [$($doc.trim()),+].join(" "))),*]
            }
        }
    };
}

limits! {
    /// Seconds between two SMTP connections to one address: Internet.nl found that servers tolerate about two a
    /// minute, and Fastmail blocked a scanner that came faster.
    address_spacing_s: f64 = 30.0;
    /// SMTP connections a second into one /24 or /48: neighbours often share one rate limiter.
    network_per_s: f64 = 2.0;
    /// SMTP connections a second to one operator (registrable domain of the MX): a large provider sees ten a second
    /// as noise, a small one is kept below by its addresses.
    operator_per_s: f64 = 10.0;
    /// Seconds between two policy fetches from one address: two a second are below what rate limiters of web servers mind,
    /// and ten thousand policies behind one address are fetched in two hours.
    policy_address_spacing_s: f64 = 0.5;
    /// Policy fetches a second from one /24 or /48: neighbours often share one rate limiter.
    policy_network_per_s: f64 = 5.0;
    /// Policy fetches a second from one operator (of the name that the policy host is an alias of): as for a network.
    policy_operator_per_s: f64 = 5.0;
    /// The longest pause, in seconds, that an address or operator brings about by answering 421, 450 or 454: a quarter of
    /// an hour ends every rate limit that is known, and keeps one angry server from holding a crawl open.
    longest_pause_s: f64 = 900.0;
    /// MX names of one address that are contacted before it may be taken that it shows every name the same; 0 switches
    /// sampling off. When fifty agree, fewer than 6 % of the others differ (95 % confidence, docs/sampling.md).
    sampled_names: u32 = 50;
    /// Further MX names of one address that are contacted when the sampled ones differ: eight hours at 30 seconds.
    sampling_budget: u32 = 1000;
    /// MX names with TLSA records of one registrable domain that are contacted at one address: each must be contacted itself, and
    /// a party that makes up such names uses up only this budget.
    tlsa_names_budget: u32 = 1000;
    /// Distinct addresses that are contacted for the MX hosts below one registrable domain, operators of the table apart: the
    /// largest hosters have a few thousand servers, and a domain that makes up hosts gets no more.
    contacts_per_mx_domain: u32 = 5000;
    /// Distinct addresses in one /24 or /48, each as often as a domain names it, hosts of the table's operators apart: forty
    /// minutes at two a second.
    contacts_per_network: u32 = 5000;
    /// MX hosts that each listed name may lead to first, and addresses beyond the first of each, hosts of the table's operators
    /// apart; names below one registrable domain share theirs: fewer than one domain in ten thousand names more.
    contacts_per_listed_name: u32 = 24;
    /// Addresses that wait to be contacted before no further MX host is looked up: 30 MiB of memory.
    endpoints_waiting: usize = 100_000;
    /// TCP connections to one (host, address) in one crawl, retries and second look included.
    connections_per_endpoint: u32 = 4;
    /// Seconds before each retry of a transient failure: greylisting opens after five minutes, an outage heals in
    /// thirty. RFC 8461 3.3 forbids a policy fetch to be repeated within five minutes.
    retry_after_s: Vec<f64> = vec![300.0, 1800.0];
    /// Threads that hold the conversations (the writer has its own): one spends a third of a millisecond on a domain, so it
    /// is rarely what a crawl waits for, and several wake each other.
    threads: usize = 1;
    /// Domains whose look-ups are under way at once.
    domains_in_flight: usize = 400;
    /// MX hosts whose look-ups are under way at once.
    hosts_in_flight: usize = 400;
    /// Policy fetches under way at once.
    policies_in_flight: usize = 200;
    /// SMTP sessions under way at once: about 10 KiB of TLS state and one file descriptor each.
    endpoints_in_flight: usize = 2000;
    /// MX hosts waiting for their look-ups before the input is read on: the back-pressure on the reader.
    hosts_waiting: usize = 20_000;
    /// DNS queries a second to each upstream that is not on loopback: what a public resolver bears from one client.
    dns_per_upstream_per_s: u32 = 500;
    /// MX records of one domain that are kept: no real domain publishes more; a larger set is marked truncated.
    mx_per_domain: usize = 100;
    /// Addresses of one MX host that are contacted: a larger set is marked truncated.
    addresses_per_host: usize = 32;
    /// Rows of one table in a part file: about 10 MiB, written in a fraction of a second.
    rows_per_part: usize = 100_000;
    /// Seconds that a failure waits for other successes to vouch for this machine's own connection before something
    /// that answered earlier is asked: traffic vouches in milliseconds, and a hiccup of the network is over by then.
    probe_after_s: f64 = 1.0;
    /// Seconds between two such questions to mail servers: soon enough to go on after an outage, and with the 64
    /// servers that are remembered one question in ten minutes to each.
    probe_every_s: f64 = 10.0;
    /// Distinct mail servers that are silent at once, those that answered before among them, before that is taken for
    /// an outage of ours: fewer may well be down by themselves.
    outage_addresses: usize = 8;
    /// Seconds that an outage may last before the crawl ends and waits to be resumed: longer than a provider takes to mend a line.
    outage_stop_after_s: f64 = 86_400.0;
    /// Seconds that the clock on the wall runs ahead of the machine's own before that counts as a suspended machine:
    /// corrections of the clock are smaller.
    suspended_after_s: f64 = 10.0;
    /// Distinct addresses that are silent, or refuse, from the first on before port 25 counts as closed here and the
    /// crawl stops; 0: never. In any real list most of fifty servers answer.
    closed_after_addresses: usize = 50;
    /// Networks (/24, /48) that those addresses must be spread over: a single network may be down as a whole.
    closed_after_networks: usize = 20;
    /// Seconds until a part file is closed though it is not full: what a `kill -9` can cost.
    seconds_per_part: u64 = 60;
    /// Seconds between two lines of progress where there is no terminal: often enough to see a crawl stand still, seldom
    /// enough to read a day's log.
    seconds_per_progress_line: u64 = 30;
}

impl Limits {
    /// The same limits with pacing lifted and retries after a second: for labs only.
    pub fn unpaced(mut self) -> Self {
        self.address_spacing_s = 0.0;
        self.network_per_s = f64::INFINITY;
        self.operator_per_s = f64::INFINITY;
        self.policy_address_spacing_s = 0.0;
        self.policy_network_per_s = f64::INFINITY;
        self.policy_operator_per_s = f64::INFINITY;
        self.sampled_names = 0;
        self.contacts_per_mx_domain = u32::MAX;
        self.contacts_per_network = u32::MAX;
        self.contacts_per_listed_name = u32::MAX;
        self.dns_per_upstream_per_s = u32::MAX;
        // Loopback cannot be lost.
        self.outage_addresses = usize::MAX;
        self.retry_after_s.iter_mut().for_each(|s| *s = s.min(1.0));
        self.probe_after_s = self.probe_after_s.min(0.25);
        self.probe_every_s = self.probe_every_s.min(1.0);
        self
    }

    /// When attempt number `attempts` (1 for the first) failed: how long to wait for the next, if there is one.
    pub fn retry_after(&self, attempts: usize) -> Option<Duration> {
        self.retry_after_s.get(attempts.checked_sub(1)?).map(|&s| Duration::from_secs_f64(s.clamp(0.0, 86_400.0)))
    }

    /// For the manifest: every limit by name.
    pub fn as_map(&self) -> BTreeMap<String, serde_json::Value> {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(map)) => map.into_iter().collect(),
            _ => BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_says_why() {
        for (name, _, why) in Limits::reference() {
            assert!(why.len() > 30 && why.ends_with('.'), "{name}: {why}");
        }
    }

    #[test]
    fn the_operators_page_has_every_limit() {
        let page = include_str!("../../../docs/operating.md");
        for (name, default, why) in Limits::reference() {
            let row = format!("| `{name}` | {default} | {why} |");
            assert!(page.contains(&row), "docs/operating.md lacks this row:\n{row}");
        }
    }

    #[test]
    fn unpaced_shortens_retries_and_keeps_their_number() {
        let limits = Limits::default().unpaced();
        assert_eq!(limits.retry_after(1), Some(Duration::from_secs(1)));
        assert_eq!(limits.retry_after(2), Some(Duration::from_secs(1)));
        assert_eq!(limits.retry_after(3), None);
    }
}
