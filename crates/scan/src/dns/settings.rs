//! What the operator decides about DNS: which resolvers, what to believe, how hard to try.
//!
//! Start from [`DnsSettings::new`]; every number stands here once, with the reason for it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::left_alone::LeftAlone;

/// The trust anchors of the root zone: KSK-2017 (key tag 20326) and KSK-2024 (key tag 38696), as DS
/// records of their SHA-256 digests.
///
/// Source: <https://data.iana.org/root-anchors/root-anchors.xml>, published by IANA (RFC 9718).
pub const ROOT_TRUST_ANCHORS: &str = "\
. 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";

mxcensus_rules::words! {
    /// Where the DNSSEC state of an answer comes from.
    Mode {
        /// We validate ourselves from the trust anchor and believe no AD bit.
        Validate = "validate",
        /// A validating resolver that the operator runs is believed (RFC 6840 5.8).
        TrustAd = "trust-ad",
        /// No DNSSEC state is recorded.
        Off = "off",
    }
}

/// How to look things up. Durations and rates are per upstream resolver unless said otherwise.
#[derive(Clone, Debug)]
pub struct DnsSettings {
    /// The recursive resolvers, in order of preference; queries are spread over all of them.
    pub resolvers: Vec<SocketAddr>,
    /// Where DNSSEC states come from.
    pub mode: Mode,
    /// Trust anchors for [`Mode::Validate`] in zone-file form, DS or DNSKEY; `None`: [`ROOT_TRUST_ANCHORS`].
    pub trust_anchor: Option<String>,
    /// How long one attempt waits at a remote resolver: longer than a round trip and a recursion
    /// take, short enough that a lost packet does not stall a look-up.
    pub timeout: Duration,
    /// How long one attempt waits at a resolver on this machine: it loses no packets, so what takes
    /// long is its own recursion towards slow servers, which is worth waiting for.
    pub loopback_timeout: Duration,
    /// Attempts per question: three leave one lost packet in 10,000 unanswered at 5 % loss.
    pub attempts: u32,
    /// The pause before a resolver that refused or failed is asked the same thing again.
    pub pause: Duration,
    /// Queries a second, retries included, towards a resolver that is not on this machine; 0: no
    /// limit. A public resolver drops clients that send much more than this.
    pub queries_per_second: u32,
    /// Questions under way at once, over all resolvers: bounds memory, and stays below what an
    /// Unbound of default size answers at once.
    pub in_flight: usize,
    /// UDP sockets per resolver. A few, so that bursts of answers do not overflow one buffer.
    pub sockets: usize,
    /// Queries after which a socket towards a remote resolver is replaced by a fresh one with
    /// another random port, so that a forger has to guess port and id (RFC 5452 9.2).
    pub queries_per_port: u32,
    /// Seconds-scale age at which such a socket is replaced whatever its use.
    pub port_age: Duration,
    /// Zones whose keys are remembered in [`Mode::Validate`]: about 1.5 KB each, 8 KiB where they mean harm. Enough for every
    /// top-level domain and the domains that are being looked at.
    pub zones_cached: u64,
    /// Who is not asked about.
    pub left_alone: LeftAlone,
}

impl DnsSettings {
    /// The defaults, for these resolvers.
    pub fn new(resolvers: Vec<SocketAddr>, mode: Mode) -> Self {
        Self {
            resolvers,
            mode,
            trust_anchor: None,
            timeout: Duration::from_secs(3),
            loopback_timeout: Duration::from_secs(4),
            attempts: 3,
            pause: Duration::from_millis(250),
            queries_per_second: 500,
            in_flight: 1024,
            sockets: 8,
            queries_per_port: 100,
            port_age: Duration::from_secs(10),
            zones_cached: 20_000,
            left_alone: LeftAlone::default(),
        }
    }
}

/// Why look-ups cannot even begin. Meant for the operator.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DnsSetupError {
    /// No resolver was named and the system names none.
    #[error("no DNS resolver: name one with --resolver IP[:PORT]")]
    NoResolver,
    /// The system's resolver configuration could not be read.
    #[error("cannot read the system's DNS resolvers ({0}): name one with --resolver IP[:PORT]")]
    SystemConfiguration(String),
    /// The trust anchor text holds something other than DS or DNSKEY records, or none.
    #[error("cannot use the DNSSEC trust anchor: {0}")]
    TrustAnchor(String),
    /// None of the resolvers answered a simple question.
    #[error("no answer from the DNS resolver {0}")]
    Unreachable(String),
    /// The resolvers answer, but not in a way that the mode can work with.
    #[error(
        "the resolver {resolver} cannot be used with --dnssec {mode}: the trust anchor's own keys came back {state}"
    )]
    Unsuitable {
        /// The resolvers asked.
        resolver: String,
        /// The mode asked for.
        mode: Mode,
        /// What was seen instead of `secure`.
        state: &'static str,
    },
}

/// The resolvers that this machine is configured to use (`/etc/resolv.conf`).
pub fn system_resolvers() -> Result<Vec<SocketAddr>, DnsSetupError> {
    let (configuration, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|error| DnsSetupError::SystemConfiguration(error.to_string()))?;
    let mut resolvers: Vec<SocketAddr> = Vec::new();
    for server in configuration.name_servers() {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        let address = SocketAddr::new(server.ip, port);
        if !resolvers.contains(&address) {
            resolvers.push(address);
        }
    }
    if resolvers.is_empty() { Err(DnsSetupError::NoResolver) } else { Ok(resolvers) }
}

/// Whether a resolver is on this machine: no rate limit and no forgery to guard against.
pub(crate) fn is_local(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_loopback_is_local() {
        for (ip, local) in [
            ("127.0.0.53", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_local(ip.parse().unwrap()), local, "{ip}");
        }
    }
    /// Debian's package dns-root-data has them from IANA, checked by its maintainers.
    #[test]
    fn the_root_anchors_are_those_that_debian_ships() {
        let Ok(theirs) = std::fs::read_to_string("/usr/share/dns/root.ds") else {
            let required = std::env::var_os("MXCENSUS_REQUIRE_INTEROP").is_some();
            assert!(!required, "dns-root-data is not installed");
            println!("skipped: dns-root-data is not installed");
            return;
        };
        let digests = |text: &str| -> std::collections::BTreeSet<String> {
            let lines = text.lines().filter_map(|line| line.split_once(" DS "));
            lines.map(|(_, data)| data.trim().to_ascii_uppercase()).collect()
        };
        assert_eq!(digests(ROOT_TRUST_ANCHORS), digests(&theirs));
    }
}
