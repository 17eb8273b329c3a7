//! Forward-confirmed reverse DNS: does our address have a name, does the name have our address, and do we say it?
//!
//! Many mail servers refuse a client without one, or slow it down (RFC 8499 and RFC 1912 2.1 on matching PTR and A).

use std::net::IpAddr;

use domain::base::Rtype;
use domain::rdata::Ptr;

use super::Finding;
use super::ask::{Question, ask};
use crate::settings::Settings;
use mxcensus_rules::special_address::special;
use mxcensus_scan::net::source_addresses;

/// Checks the addresses given, or those that this machine would be seen with.
pub(super) async fn check(settings: &Settings, given: &[IpAddr]) -> Vec<Finding> {
    let addresses = if given.is_empty() { source_addresses() } else { given.to_vec() };
    let mut findings = Vec::new();
    for ip in addresses {
        findings.push(check_one(settings, ip, given.is_empty()).await);
    }
    if findings.is_empty() {
        findings.push(Finding::warn(
            "reverse-dns",
            "This machine knows no address that it would be seen with.",
            "Give --source-address IP.",
        ));
    }
    findings
}

async fn check_one(settings: &Settings, ip: IpAddr, own: bool) -> Finding {
    if own && special(ip).is_some() && !settings.setup.allow_special_addresses {
        return Finding::warn(
            "reverse-dns",
            format!("{ip} is not what the internet sees: there is NAT on the way."),
            "Give the address that others see with --source-address IP.",
        );
    }
    let Some(&resolver) = settings.setup.resolvers.first() else {
        return Finding::warn("reverse-dns", "There is no resolver to ask.", "Name one with --resolver.");
    };
    let names = match ask(resolver, Question::plain(&reverse_name(ip), Rtype::PTR)).await {
        Some(answer) => match answer.message.answer() {
            Ok(section) => section
                .limit_to_in::<Ptr<_>>()
                .flatten()
                .map(|record| record.data().ptrdname().to_string().trim_end_matches('.').to_ascii_lowercase())
                .collect::<Vec<_>>(),
            Err(_) => Vec::new(),
        },
        None => Vec::new(),
    };
    let kind = if ip.is_ipv4() { Rtype::A } else { Rtype::AAAA };
    let forward = ask(resolver, Question::plain(&settings.setup.ehlo_name, kind)).await;
    let forward = forward.map(|answer| answer.addresses()).unwrap_or_default();
    judge(ip, &settings.setup.ehlo_name, &names, &forward)
}

/// What the names of an address and the addresses of the EHLO name say together.
fn judge(ip: IpAddr, ehlo_name: &str, names: &[String], forward: &[IpAddr]) -> Finding {
    let advice = format!("Have {ip} resolve to the name given in EHLO, and the name to {ip} (--ehlo-name).");
    match (names.iter().any(|name| name == ehlo_name), forward.contains(&ip)) {
        (true, true) => Finding::ok("reverse-dns", format!("{ip} is {ehlo_name}, and {ehlo_name} is {ip}.")),
        (true, false) => {
            Finding::warn("reverse-dns", format!("{ip} is {ehlo_name}, but {ehlo_name} is not {ip}."), advice)
        }
        (false, _) if names.is_empty() => Finding::warn("reverse-dns", format!("{ip} has no name."), advice),
        (false, _) => {
            Finding::warn("reverse-dns", format!("{ip} is {}, and we say {ehlo_name}.", names.join(", ")), advice)
        }
    }
}

/// The name under which the names of an address stand (RFC 1035 3.5, RFC 3596 2.5).
fn reverse_name(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(ip) => {
            let nibbles = ip.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}.")).collect::<String>() + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Level;

    #[test]
    fn reverse_names() {
        assert_eq!(reverse_name("192.0.2.1".parse().unwrap()), "1.2.0.192.in-addr.arpa");
        assert_eq!(
            reverse_name("2001:db8::567:89ab".parse().unwrap()),
            // RFC 3596 2.5, with another prefix.
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
        );
    }

    #[test]
    fn forward_and_reverse_must_agree_with_ehlo() {
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let name = |name: &str| vec![name.to_owned()];
        for (names, forward, level, seen) in [
            (name("probe.example.org"), vec![ip], Level::Ok, "is probe.example.org"),
            (name("probe.example.org"), vec![other], Level::Warn, "is not 192.0.2.1"),
            (name("host-1.example.net"), vec![ip], Level::Warn, "we say probe.example.org"),
            (vec![], vec![ip], Level::Warn, "has no name"),
        ] {
            let finding = judge(ip, "probe.example.org", &names, &forward);
            assert_eq!(finding.level, level, "{finding:?}");
            assert!(finding.seen.contains(seen), "{finding:?}");
        }
    }
}
