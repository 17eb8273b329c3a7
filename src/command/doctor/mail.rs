//! Port 25, tried against mail servers that the operator named: one ordinary session each, as a crawl makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::join_all;

use super::{DoctorError, Finding};
use crate::settings::Settings;
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::name;
use mxcensus_rules::observation::EndpointRow;
use mxcensus_scan::dns::{Data, Dns};
use mxcensus_scan::left_alone::Role;
use mxcensus_scan::net::{Families, Net, routes};
use mxcensus_scan::probe::{self, ProbeSettings, Target};
use mxcensus_scan::tls::TlsClient;

/// Addresses of one host that are tried.
const ADDRESSES: usize = 2;

/// A mail server to try.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct MailHost {
    /// Its name or its address, as given.
    host: String,
    /// Its port, where one was given.
    port: Option<u16>,
}

impl MailHost {
    /// Reads `HOST`, `HOST:PORT`, an address, or `[IPv6]:PORT`.
    pub(super) fn read(text: &str) -> Result<MailHost, DoctorError> {
        let wrong = || DoctorError::MailHost(text.to_owned());
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(MailHost { host: address.ip().to_string(), port: Some(address.port()) });
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(MailHost { host: ip.to_string(), port: None });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        Ok(MailHost { host: name::to_ascii(host).map_err(|_| wrong())?, port })
    }
}

/// What became of one host.
#[derive(Clone, Debug)]
struct Tried {
    host: String,
    /// One row per address; none where the name has no address.
    rows: Vec<EndpointRow>,
}

impl Tried {
    /// The row that shows most: of a session that was accepted, where there is one.
    fn best(&self) -> Option<&EndpointRow> {
        self.rows.iter().find(|row| row.connect_ms.is_some()).or(self.rows.first())
    }
}

/// Tries every host.
pub(super) async fn check(settings: &Settings, hosts: &[MailHost]) -> Result<Vec<Finding>, DoctorError> {
    if hosts.is_empty() {
        return Ok(vec![Finding::warn(
            "port-25",
            "Port 25 was not tried.",
            "Name two or three mail servers that you may test, of different operators, with --mail-host HOST.",
        )]);
    }
    let dns = Dns::new(settings.setup.dns())?;
    let tls = TlsClient::new().map_err(|error| DoctorError::Tls(error.to_string()))?;
    let net = Net {
        smtp_port: settings.setup.smtp_port,
        https_port: settings.setup.https_port,
        allow_special: settings.setup.allow_special_addresses,
        left_alone: settings.setup.left_alone.clone(),
        families: if settings.setup.allow_special_addresses { Families::BOTH } else { routes() },
    };
    let mut probe = ProbeSettings::new(&settings.setup.ehlo_name);
    if let Some(cap) = settings.setup.step_timeout {
        for timeout in
            [&mut probe.connect_timeout, &mut probe.banner_timeout, &mut probe.command_timeout, &mut probe.tls_timeout]
        {
            *timeout = cap.min(*timeout);
        }
    }
    let tried = join_all(hosts.iter().map(|host| try_host(host, &dns, &net, &tls, &probe))).await;
    Ok(judge(&tried, settings.setup.allow_special_addresses))
}

async fn try_host(host: &MailHost, dns: &Dns, net: &Net, tls: &TlsClient, probe: &ProbeSettings) -> Tried {
    let addresses = match host.host.parse::<IpAddr>() {
        Ok(ip) => vec![ip],
        Err(_) => {
            let (a, aaaa) = dns.addresses(&host.host, Role::MxHost).await;
            let of = |data: &Data| match data {
                Data::A(ip) => Some(IpAddr::from(*ip)),
                Data::Aaaa(ip) => Some(IpAddr::from(*ip)),
                _ => None,
            };
            // One of each family, where there is one.
            [a, aaaa].iter().filter_map(|answer| answer.records.iter().find_map(of)).take(ADDRESSES).collect()
        }
    };
    let mut rows = Vec::new();
    for ip in addresses {
        let target = Target {
            host: host.host.clone(),
            server_name: host.host.clone(),
            ip,
            port: host.port.unwrap_or(net.smtp_port),
            aliases: Arc::default(),
        };
        rows.push(probe::look(net, tls, &target, probe, "doctor").await.row);
    }
    Tried { host: host.host.clone(), rows }
}

/// What the sessions say together. In a lab one program answers for everybody, so that is no sign of a proxy.
fn judge(tried: &[Tried], lab: bool) -> Vec<Finding> {
    let accepted: Vec<&EndpointRow> =
        tried.iter().flat_map(|tried| &tried.rows).filter(|row| row.connect_ms.is_some()).collect();
    let mut findings = vec![port(tried, accepted.len())];
    if !accepted.is_empty() {
        findings.extend(tried.iter().filter_map(host));
        findings.extend(proxy(tried).filter(|_| !lab));
    }
    findings
}

fn port(tried: &[Tried], accepted: usize) -> Finding {
    if accepted > 0 {
        let count = tried.len();
        return Finding::ok("port-25", format!("Mail servers can be reached: {accepted} addresses of {count} hosts."));
    }
    let hosts = tried.iter().map(|tried| tried.host.as_str()).collect::<Vec<_>>().join(", ");
    let errors: BTreeSet<&str> =
        tried.iter().flat_map(|tried| &tried.rows).filter_map(|row| row.error).map(Failure::word).collect();
    if errors.is_empty() {
        return Finding::fail("port-25", format!("No address was found for {hosts}."), "Name mail servers that exist.");
    }
    let ours = tried
        .iter()
        .flat_map(|tried| &tried.rows)
        .filter_map(|row| row.error)
        .all(|error| error.family() == Family::Own || error == Failure::SpecialAddress);
    let errors = errors.into_iter().collect::<Vec<_>>().join(", ");
    if ours {
        return Finding::fail(
            "port-25",
            format!("No mail server was contacted ({errors})."),
            "Name mail servers with public addresses of a family that this machine has a route for.",
        );
    }
    if tried.len() == 1 {
        return Finding::fail(
            "port-25",
            format!("{hosts} cannot be reached ({errors}): either it is down, or this network blocks the port."),
            "Name a second host with --mail-host to know which.",
        );
    }
    Finding::fail(
        "port-25",
        format!("This network blocks the port: none of {hosts} can be reached ({errors})."),
        "Ask your provider to open outbound port 25, or crawl from elsewhere.",
    )
}

/// What is wrong with one host, where others answer.
fn host(tried: &Tried) -> Option<Finding> {
    let seen = match tried.best() {
        None => format!("{} has no address.", tried.host),
        Some(row) if row.connect_ms.is_none() => {
            format!("{} cannot be reached ({}), while others can.", tried.host, word(row.error))
        }
        Some(EndpointRow { error: Some(error), .. }) => {
            format!("{} answers, and the session ends with {}.", tried.host, error.word())
        }
        Some(_) => return None,
    };
    Some(Finding::warn("mail-host", seen, "Nothing to be done here if that is so from elsewhere too."))
}

fn word(error: Option<Failure>) -> &'static str {
    error.map_or("nothing", Failure::word)
}

/// Whether something on the way answers in the place of the servers: several hosts of different operators that greet
/// with one and the same text (RFC 5321 4.2: the greeting begins with the server's own name), or that all lack
/// STARTTLS.
fn proxy(tried: &[Tried]) -> Option<Finding> {
    let mut greetings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut answered = BTreeSet::new();
    let mut starttls = false;
    for tried in tried {
        for row in &tried.rows {
            let operator = name::registrable(&tried.host).unwrap_or(&tried.host);
            if let Some(banner) = &row.banner {
                greetings.entry(banner).or_default().insert(operator);
                answered.insert(operator);
            }
            starttls |= row.starttls == Some(true);
        }
    }
    let advice = "Something on the way seems to answer for them; ask your provider about an SMTP proxy.";
    if let Some((_, operators)) = greetings.iter().find(|(_, operators)| operators.len() > 1) {
        let operators = operators.iter().copied().collect::<Vec<_>>().join(", ");
        return Some(Finding::fail("smtp-proxy", format!("{operators} greet with one and the same words."), advice));
    }
    match (answered.len(), starttls) {
        (0 | 1, _) => None,
        (_, false) => Some(Finding::fail("smtp-proxy", "None of the hosts offers STARTTLS.", advice)),
        (_, true) => Some(Finding::ok("smtp-proxy", "Each operator greets in its own words, with STARTTLS.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Level;

    #[test]
    fn hosts_with_and_without_port() {
        let host = |host: &str, port| MailHost { host: host.to_owned(), port };
        for (text, meant) in [
            ("mx.example.net", host("mx.example.net", None)),
            ("MX.example.net:2525", host("mx.example.net", Some(2525))),
            ("192.0.2.1", host("192.0.2.1", None)),
            ("192.0.2.1:26", host("192.0.2.1", Some(26))),
            ("2001:db8::1", host("2001:db8::1", None)),
            ("[2001:db8::1]:26", host("2001:db8::1", Some(26))),
        ] {
            assert_eq!(MailHost::read(text).unwrap(), meant, "{text}");
        }
        for text in ["", "mx.example.net:smtp", "mx..example.net", "a b"] {
            assert!(MailHost::read(text).is_err(), "{text}");
        }
    }

    /// A host that answered with this greeting, or did not.
    fn tried(host: &str, greeting: Result<&str, Failure>) -> Tried {
        let target = Target {
            host: host.to_owned(),
            server_name: host.to_owned(),
            ip: [192, 0, 2, 1].into(),
            port: 25,
            aliases: Arc::default(),
        };
        let mut row = probe::skipped(&target, "test", Failure::ConnectTimeout);
        match greeting {
            Ok(banner) => {
                (row.error, row.connect_ms, row.banner) = (None, Some(1.0), Some(banner.to_owned()));
                row.starttls = Some(true);
            }
            Err(error) => row.error = Some(error),
        }
        Tried { host: host.to_owned(), rows: vec![row] }
    }

    fn levels(tried: &[Tried]) -> Vec<(&'static str, Level)> {
        judge(tried, false).into_iter().map(|finding| (finding.check, finding.level)).collect()
    }

    #[test]
    fn one_that_is_down_is_told_from_a_port_that_is_closed() {
        let silent = |host| tried(host, Err(Failure::ConnectTimeout));
        let (a, b) = ("mx.example.net", "mx.example.org");
        assert_eq!(levels(&[silent(a), silent(b)]), [("port-25", Level::Fail)]);
        assert!(judge(&[silent(a), silent(b)], false)[0].seen.contains("blocks"));
        let refused = |host| tried(host, Err(Failure::ConnectRefused));
        assert!(judge(&[refused(a), refused(b)], false)[0].seen.contains("blocks"));
        assert!(judge(&[silent(a)], false)[0].seen.contains("either it is down"), "one host cannot tell");
        assert_eq!(
            levels(&[silent(a), tried(b, Ok("mx.example.org ESMTP"))]),
            [("port-25", Level::Ok), ("mail-host", Level::Warn)]
        );
        let ours = judge(&[tried(a, Err(Failure::NoRouteForFamily)), tried(b, Err(Failure::SpecialAddress))], false);
        assert!(ours[0].seen.contains("No mail server was contacted"), "{ours:?}");
        assert_eq!(judge(&[Tried { host: a.to_owned(), rows: vec![] }], false)[0].level, Level::Fail);
    }

    #[test]
    fn the_same_greeting_from_different_operators_is_a_proxy() {
        let (a, b) = ("mx.example.net", "mx.example.org");
        let same = [tried(a, Ok("gw ESMTP")), tried(b, Ok("gw ESMTP"))];
        assert_eq!(levels(&same), [("port-25", Level::Ok), ("smtp-proxy", Level::Fail)]);
        let own = [tried(a, Ok("a ESMTP")), tried(b, Ok("b ESMTP"))];
        assert_eq!(levels(&own), [("port-25", Level::Ok), ("smtp-proxy", Level::Ok)]);
        let one_operator = [tried("mx1.example.net", Ok("gw ESMTP")), tried("mx2.example.net", Ok("gw ESMTP"))];
        assert_eq!(levels(&one_operator), [("port-25", Level::Ok)], "one operator may greet with one name");
        let stripped = own.clone().map(|mut tried| {
            tried.rows[0].starttls = Some(false);
            tried
        });
        assert_eq!(levels(&stripped).last(), Some(&("smtp-proxy", Level::Fail)));
    }
}
