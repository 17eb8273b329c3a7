//! Peers that mean harm, any number of them, by kind: without end, too slow, too large, or full of bytes that a terminal
//! would obey. What each may cost a scanner stands in `docs/hostile.md`.

mod names;
mod records;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::LabError;
use super::super::answer::{Fault, Pointer};
use super::super::https::{Door, Page};
use super::super::pki::Leaf;
use super::super::smtp::{Afterwards, Ehlo, Greeting, Handshake, Server, Starttls};
use super::super::tls::Chains;
use super::super::wire::{Kind, Name, rdata};
use super::super::world::{CLOSED, Vantage, World};
use super::super::zone::{Denial, Signing};
use super::{mx_of, ordinary, policy, signed, top};

/// What a terminal would obey: a colour, a title, a bidirectional override, a bell, and bytes that are not UTF-8.
const OBEYED: &[u8] = b"\x1b[31mred\x1b]0;title\x07\xe2\x80\xae\xff\x9b2J";
/// Bytes of a policy that is too large.
const LARGE_POLICY: usize = 100_000_000;

/// Fills in one domain.
type Make = fn(&mut World, &str) -> Result<(), LabError>;

/// The kinds: the middle of the name of a domain of its kind, and how it is made.
const KINDS: &[(&str, Make)] = &[
    // Without end, too slow, or what a terminal would obey.
    ("banner-endless", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Endless, ..s })),
    ("banner-drips", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Drips, ..s })),
    ("banner-obeyed", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Says(OBEYED), ..s })),
    ("ehlo-flood", |w, d| smtp(w, d, |s| Server { ehlo: Ehlo::Floods(OBEYED), ..s })),
    ("ehlo-closes", |w, d| smtp(w, d, |s| Server { ehlo: Ehlo::Closes, ..s })),
    // A reset at each step.
    ("resets-banner", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Resets, ..s })),
    ("resets-in-banner", |w, d| smtp(w, d, |s| Server { greeting: Greeting::ResetsInside, ..s })),
    ("resets-ehlo", |w, d| smtp(w, d, |s| Server { ehlo: Ehlo::Resets, ..s })),
    ("resets-starttls", |w, d| smtp(w, d, |s| Server { starttls: Starttls::Resets, ..s })),
    ("resets-handshake", |w, d| smtp(w, d, |s| Server { handshake: Handshake::Resets, ..s })),
    ("resets-afterwards", |w, d| smtp(w, d, |s| Server { afterwards: Afterwards::Resets, ..s })),
    // Bytes that are not TLS, and TLS records out of order.
    ("tls-stalls", |w, d| smtp(w, d, |s| Server { handshake: Handshake::Silent, ..s })),
    ("tls-garbage", |w, d| smtp(w, d, |s| Server { handshake: Handshake::Garbage, ..s })),
    ("tls-certificate-first", |w, d| sends(w, d, records::CERTIFICATE_FIRST)),
    ("tls-data-first", |w, d| sends(w, d, records::DATA_FIRST)),
    ("tls-another-version", |w, d| sends(w, d, records::ANOTHER_VERSION)),
    ("tls-warnings", |w, d| repeats(w, d, records::WARNING)),
    ("tls-empty-records", |w, d| repeats(w, d, records::EMPTY)),
    ("tls-cipher-changes", |w, d| repeats(w, d, records::CIPHER_CHANGE)),
    ("tls-key-updates", |w, d| smtp(w, d, |s| Server { afterwards: Afterwards::UpdatesKeys, ..s })),
    ("chain-60", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let mut chain = w.pki.issue(&Leaf::good(&mx_of(d)))?;
        chain.sent = chain.sent.iter().cycle().take(60).cloned().collect();
        w.server(&mx_of(d), Server::good(Chains::always(chain)));
        Ok(())
    }),
    ("names-5000", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let names: Vec<String> = (0..5000).map(|n| format!("mx{n}.{d}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        w.host(&mx_of(d), &Leaf::good(&mx_of(d)).names(&names)).map(drop)
    }),
    // Policy hosts.
    ("policy-large", |w, d| page(w, d, Page::Oversizes(LARGE_POLICY))),
    ("policy-bomb", |w, d| page(w, d, Page::Gzip(vec![b'x'; 20_000_000]))),
    ("policy-drips", |w, d| page(w, d, Page::Drips(policy("none", &[]).into_bytes()))),
    ("policy-header-flood", |w, d| page(w, d, Page::HeaderFlood)),
    ("policy-obeyed", |w, d| page(w, d, Page::Serves([b"version: STSv1\n", OBEYED, b"\n"].concat()))),
    ("policy-resets-handshake", |w, d| door(w, d, Door::Resets)),
    ("policy-resets-request", |w, d| page(w, d, Page::Resets)),
    ("policy-resets-head", |w, d| page(w, d, Page::ResetsInHead)),
    ("policy-resets-body", |w, d| page(w, d, Page::ResetsInBody(policy("none", &[]).into_bytes()))),
    ("policy-data-first", |w, d| door(w, d, Door::Sends(records::DATA_FIRST))),
    ("policy-warnings", |w, d| door(w, d, Door::Repeats(records::WARNING))),
    // DNS: too much of it.
    ("mx-thousand", |w, d| {
        w.zone(d, None);
        for n in 0..1000 {
            w.mx(d, &[(n, &format!("m{n}.{d}"))]);
        }
        Ok(())
    }),
    ("addresses-4000", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        for [third, fourth] in (0..4000_u16).map(u16::to_be_bytes) {
            w.address(&mx_of(d), Ipv4Addr::new(127, 9, 100 + third, fourth).into());
        }
        Ok(())
    }),
    ("cname-loop", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        w.alias(&mx_of(d), &format!("loop.{d}"));
        w.alias(&format!("loop.{d}"), &mx_of(d));
        Ok(())
    }),
    ("txt-64k", |w, d| {
        ordinary(w, d)?;
        let text = [b"v=STSv1; id=1; ", OBEYED.repeat(2_500).as_slice()].concat();
        w.record(&format!("_mta-sts.{d}"), Kind::TXT, rdata::txt(&[&text]));
        Ok(())
    }),
    ("dns-crowded", |w, d| dns(w, d, Fault::Crowded)),
    ("dns-udp-3k", |w, d| whole(w, d, 3_000)),
    ("dns-udp-60k", |w, d| whole(w, d, 60_000)),
    // DNS: not an answer.
    ("dns-truncated", |w, d| dns(w, d, Fault::Truncated)),
    ("dns-wrong-question", |w, d| dns(w, d, Fault::WrongQuestion)),
    ("dns-forged", |w, d| dns(w, d, Fault::Forged { then_right: false })),
    ("dns-forged-then-right", |w, d| dns(w, d, Fault::Forged { then_right: true })),
    ("dns-pointer-loop", |w, d| dns(w, d, Fault::Pointer(Pointer::Loop))),
    ("dns-pointer-forward", |w, d| dns(w, d, Fault::Pointer(Pointer::Forward))),
    ("dns-pointer-in-mx", |w, d| dns(w, d, Fault::Pointer(Pointer::TargetLoop))),
    // DNS: names.
    ("names-in-mx", names::in_mx),
    ("names-in-aliases", names::in_aliases),
    ("names-in-policy", names::in_policy),
    // DNSSEC that costs.
    ("keytrap", |w, d| in_zone(w, d, Signing { colliding: 150, ..signed() })),
    ("keytrap-small", |w, d| in_zone(w, d, Signing { colliding: 20, ..signed() })),
    ("keytrap-wide", |w, d| {
        in_zone(w, d, Signing { colliding: 12, ..signed() })?;
        for n in 0..230_u8 {
            w.record(&format!("_mta-sts.{d}"), Kind::TXT, rdata::txt(&[&[n; 250]]));
        }
        Ok(())
    }),
    ("nsec3-65535", |w, d| {
        let denial = Denial::Nsec3 { iterations: u16::MAX, opt_out: false };
        in_zone(w, d, Signing { denial, ..signed() })
    }),
    // Addresses that nobody else has.
    ("special-mapped", |w, d| special(w, d, false)),
    ("special-v6", |w, d| special(w, d, true)),
    // Sessions that stay open until somebody loses patience, all at a few addresses.
    ("open-banner", |w, d| open(w, d, "banner", |s| Server { greeting: Greeting::Silent, ..s })),
    ("open-ehlo", |w, d| open(w, d, "ehlo", |s| Server { ehlo: Ehlo::Silent, ..s })),
    ("open-starttls", |w, d| open(w, d, "starttls", |s| Server { starttls: Starttls::Silent, ..s })),
    ("open-tls", |w, d| open(w, d, "tls", |s| Server { handshake: Handshake::Silent, ..s })),
    ("open-policy-tls", |w, d| open_policy(w, d, "policy-tls", Door::Hangs, Page::Hangs)),
    ("open-policy-body", |w, d| open_policy(w, d, "policy-body", Door::Opens, Page::Drips(vec![b'x'; 1000]))),
];

/// The names of the kinds.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

/// `domains` hostile domains, in turn of the kinds whose names begin with one of `only`; without it, of all that do
/// not begin with `open-`. As of `now` (seconds since the Unix epoch).
pub fn world(now: i64, vantage: Vantage, domains: usize, only: &[String]) -> Result<World, LabError> {
    let is_meant = |kind: &str| match only {
        [] => !kind.starts_with("open-"),
        only => only.iter().any(|start| kind.starts_with(start.as_str())),
    };
    let kinds: Vec<_> = KINDS.iter().filter(|(kind, _)| is_meant(kind)).collect();
    if kinds.is_empty() {
        return Err(LabError::World(format!("no hostile kind begins with {}", only.join(" or "))));
    }
    let mut world = World::new(now, vantage)?;
    top(&mut world);
    for (number, (kind, make)) in kinds.into_iter().cycle().take(domains).enumerate() {
        let domain = format!("lab-{kind}-{number}.com");
        make(&mut world, &domain)?;
        world.expect(&domain, kind, &[], &[]);
    }
    Ok(world)
}

fn smtp(w: &mut World, domain: &str, change: impl FnOnce(Server) -> Server) -> Result<(), LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    let chain = w.pki.issue(&Leaf::good(&mx_of(domain)))?;
    w.server(&mx_of(domain), change(Server::good(Chains::always(chain))));
    Ok(())
}

fn page(w: &mut World, domain: &str, page: Page) -> Result<(), LabError> {
    ordinary(w, domain)?;
    w.page(domain, page)
}

fn dns(w: &mut World, domain: &str, fault: Fault) -> Result<(), LabError> {
    ordinary(w, domain)?;
    w.fault(domain, Kind::MX, fault);
    Ok(())
}

/// Answers a ClientHello with these bytes.
fn sends(w: &mut World, domain: &str, bytes: &'static [u8]) -> Result<(), LabError> {
    smtp(w, domain, |s| Server { handshake: Handshake::Sends(bytes), ..s })
}

fn repeats(w: &mut World, domain: &str, bytes: &'static [u8]) -> Result<(), LabError> {
    smtp(w, domain, |s| Server { handshake: Handshake::Repeats(bytes), ..s })
}

fn door(w: &mut World, domain: &str, door: Door) -> Result<(), LabError> {
    ordinary(w, domain)?;
    let leaf = Leaf::good(&format!("mta-sts.{domain}"));
    w.policy_host(domain, &leaf, door, Page::Hangs)
}

/// An answer of so many bytes over UDP, whatever size was asked for.
fn whole(w: &mut World, domain: &str, bytes: usize) -> Result<(), LabError> {
    ordinary(w, domain)?;
    let owner = format!("_mta-sts.{domain}");
    w.record(&owner, Kind::TXT, rdata::txt(&[&[b"v=STSv1; id=1; note=", "x".repeat(bytes).as_bytes()].concat()]));
    w.fault(&owner, Kind::TXT, Fault::Whole);
    Ok(())
}

fn in_zone(w: &mut World, domain: &str, signing: Signing) -> Result<(), LabError> {
    w.zone(domain, Some(signing));
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.good_host(&mx_of(domain)).map(drop)
}

/// A mail server and a policy host at an address of IPv6's that is of special purpose: this machine's own, where there is
/// IPv6, or an IPv4 address of loopback as IPv6 spells it (RFC 4291 §2.5.5.2).
fn special(w: &mut World, domain: &str, loopback: bool) -> Result<(), LabError> {
    w.zone(domain, None);
    let (mail, web) = (mx_of(domain), format!("mta-sts.{domain}"));
    w.mx(domain, &[(10, &mail)]);
    w.sts_record(domain);
    let ip: IpAddr = Ipv6Addr::LOCALHOST.into();
    let chain = w.pki.issue(&Leaf::good(&mail))?;
    let server = Server::good(Chains::always(chain));
    // A machine has one such address, and one server there: the first domain's.
    let serves = !loopback || (w.vantage.ipv6_loopback && w.smtp.iter().all(|(taken, _)| *taken != ip));
    let (real, published) = match (loopback, serves) {
        (true, false) => (None, ip),
        (true, true) => {
            w.smtp.push((ip, server));
            (Some(ip), ip)
        }
        (false, _) => {
            let real = w.unnamed_server(server);
            (Some(real), if let IpAddr::V4(v4) = real { v4.to_ipv6_mapped().into() } else { real })
        }
    };
    if let Some(real) = real {
        let chains = Chains::always(w.pki.issue(&Leaf::good(&web))?);
        let body = policy("none", &[]).into_bytes();
        w.policy_server_on(real, &web, chains, Door::Opens, Page::Serves(body));
    }
    w.address(&mail, published);
    w.address(&web, published);
    Ok(())
}

/// The name under which the shared servers stand.
const SHARED: &str = "lab-plain-hoster.com";

/// Addresses of each host whose sessions stay open.
pub const OPEN_ADDRESSES: usize = 32;

/// A domain with a host of its own name at addresses shared by all of its kind.
fn open(w: &mut World, domain: &str, step: &str, change: fn(Server) -> Server) -> Result<(), LabError> {
    let shared = format!("{step}.{SHARED}");
    if !w.published.contains_key(&(Name::new(&shared), Kind::A)) {
        let chain = w.pki.issue(&Leaf::good(&shared))?;
        let server = change(Server::good(Chains::always(chain)));
        for _ in 0..OPEN_ADDRESSES {
            w.server(&shared, server.clone());
        }
    }
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    share(w, &shared, &mx_of(domain));
    Ok(())
}

/// The same for policy hosts; nobody listens where its mail should go.
fn open_policy(w: &mut World, domain: &str, step: &str, door: Door, page: Page) -> Result<(), LabError> {
    let shared = format!("{step}.{SHARED}");
    if !w.published.contains_key(&(Name::new(&shared), Kind::A)) {
        let chains = Chains::always(w.pki.issue(&Leaf::good(&shared))?);
        w.policy_server_at(&shared, "", chains, door, page);
    }
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.address(&mx_of(domain), CLOSED.into());
    w.sts_record(domain);
    share(w, &shared, &format!("mta-sts.{domain}"));
    Ok(())
}

/// Publishes the addresses of one name under another.
fn share(w: &mut World, shared: &str, name: &str) {
    let data = w.published.get(&(Name::new(shared), Kind::A)).map(|set| set.data.clone()).unwrap_or_default();
    for address in data {
        w.record(name, Kind::A, address);
    }
}
