//! The judge against a second writing of the verdicts page: small worlds, many of them, and senders who really try hosts
//! and addresses in every order that they may take. Nothing here is shared with the judge but the rows.

mod outcome;

use std::collections::HashMap;

use outcome::{Sender, outcome};

use super::world::*;
use crate::{HostFacts, Judge, Judgement, Parameters};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Address {
    Good,
    /// TLS with a certificate that nobody trusts and no record names.
    BadCertificate,
    Clear,
    NoHandshake,
    /// The good chain under TLS 1.1.
    Old,
    /// The good chain under RSA key exchange, which proves nothing before Finished.
    Unproven,
    /// Greets with 450.
    Refuses,
    Down,
    /// 10.0.0.0/8, which no sender reaches.
    Private,
    OptedOut,
}
use Address::*;

const ADDRESSES: [Address; 10] =
    [Good, BadCertificate, Clear, NoHandshake, Old, Unproven, Refuses, Down, Private, OptedOut];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tlsa {
    None,
    Match,
    Stale,
    Unusable,
    InsecureAddress,
    InsecureRecords,
    Bogus,
    /// A look-up that timed out.
    Unknown,
}

const TLSA: [Tlsa; 8] = [
    Tlsa::None,
    Tlsa::Match,
    Tlsa::Stale,
    Tlsa::Unusable,
    Tlsa::InsecureAddress,
    Tlsa::InsecureRecords,
    Tlsa::Bogus,
    Tlsa::Unknown,
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Policy {
    /// No record.
    Absent,
    TxtFailed,
    Broken,
    ModeNone,
    Testing,
    Enforce,
    /// Enforce with max_age 0.
    Fleeting,
}

const POLICIES: [Policy; 7] = [
    Policy::Absent,
    Policy::TxtFailed,
    Policy::Broken,
    Policy::ModeNone,
    Policy::Testing,
    Policy::Enforce,
    Policy::Fleeting,
];

#[derive(Clone, Debug)]
struct Host {
    preference: u16,
    listed: bool,
    tlsa: Tlsa,
    addresses: Vec<Address>,
}

#[derive(Clone, Debug)]
struct Scene {
    mx_secure: bool,
    policy: Policy,
    /// By preference.
    hosts: Vec<Host>,
}

impl Address {
    fn decided(self) -> bool {
        matches!(self, Good | BadCertificate | Clear | NoHandshake | Old | Unproven)
    }

    fn encrypts(self) -> bool {
        matches!(self, Good | BadCertificate | Old | Unproven)
    }

    /// Presents the good chain; the peer may have to have proven that it holds the key.
    fn shows_good_chain(self, proven: bool) -> bool {
        matches!(self, Good | Old) || (self == Unproven && !proven)
    }
}

impl Host {
    fn decided(&self) -> Vec<Address> {
        self.addresses.iter().copied().filter(|address| address.decided()).collect()
    }
}

fn in_force(scene: &Scene) -> bool {
    matches!(scene.policy, Policy::Testing | Policy::Enforce | Policy::Fleeting)
}

fn sts_host(host: &Host) -> Option<&'static str> {
    let decided = host.decided();
    let passing = decided.iter().filter(|address| **address == Good).count();
    match (host.listed, decided.len()) {
        (false, _) => Some("fail"),
        (true, 0) => None,
        (true, all) if all == passing => Some("pass"),
        _ if passing == 0 => Some("fail"),
        _ => Some("partial"),
    }
}

fn sts_verdict(scene: &Scene, hosts: &[Host]) -> &'static str {
    match scene.policy {
        Policy::Absent => return "no-policy",
        Policy::TxtFailed => return "indeterminate",
        Policy::Broken => return "broken",
        Policy::ModeNone => return "mode-none",
        Policy::Testing | Policy::Enforce | Policy::Fleeting => {}
    }
    let words: Vec<&str> = hosts.iter().filter_map(sts_host).collect();
    if words.is_empty() {
        "indeterminate"
    } else if words.iter().all(|word| *word == "pass") {
        "pass"
    } else if words.iter().any(|word| *word != "fail") {
        "partial"
    } else {
        "fail"
    }
}

/// `dane_host` shows what the chain would give, `dane` asks for the proof too.
fn dane_host(host: &Host, proven: bool) -> &'static str {
    let decided = host.decided();
    match host.tlsa {
        Tlsa::None => return "none",
        Tlsa::InsecureAddress | Tlsa::InsecureRecords => return "insecure",
        Tlsa::Bogus => return "lookup-failed",
        Tlsa::Unknown => return "unknown",
        Tlsa::Unusable => return "unusable",
        Tlsa::Match | Tlsa::Stale if decided.is_empty() => return "unknown",
        Tlsa::Match | Tlsa::Stale => {}
    }
    let matching =
        decided.iter().filter(|address| host.tlsa == Tlsa::Match && address.shows_good_chain(proven)).count();
    if decided.iter().all(|address| !address.encrypts()) {
        "no-tls"
    } else if matching == decided.len() {
        "match"
    } else if matching > 0 {
        "partial"
    } else {
        "mismatch"
    }
}

fn dane(scene: &Scene, host: &Host) -> &'static str {
    match dane_host(host, true) {
        "none" => "none",
        _ if !scene.mx_secure => "insecure",
        word => word,
    }
}

fn dane_verdict(scene: &Scene, hosts: &[Host]) -> &'static str {
    let words: Vec<&str> = hosts.iter().map(|host| dane(scene, host)).collect();
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if words.iter().all(|word| *word == "none") {
        "none"
    } else if words.iter().all(|word| ["none", "insecure"].contains(word)) {
        "insecure"
    } else if any(&["match", "partial"]) {
        let fine = |(host, word): (&Host, &&str)| {
            *word == "match" || (*word == "unknown" && matches!(host.tlsa, Tlsa::Match | Tlsa::Stale))
        };
        if hosts.iter().zip(&words).all(fine) { "pass" } else { "partial" }
    } else if any(&["mismatch", "no-tls"]) {
        "fail"
    } else if any(&["lookup-failed"]) {
        "lookup-failed"
    } else if any(&["unusable"]) {
        "unusable"
    } else {
        "indeterminate"
    }
}

fn protection(scene: &Scene) -> [&'static str; 3] {
    let sts = match scene.policy {
        Policy::TxtFailed => "indeterminate",
        Policy::Enforce => "after-first-contact",
        _ => "never",
    };
    let usable = |host: &Host| matches!(host.tlsa, Tlsa::Match | Tlsa::Stale);
    let open = |host: &Host| matches!(host.tlsa, Tlsa::Bogus | Tlsa::Unknown);
    let dane = if scene.mx_secure && scene.hosts.iter().all(usable) {
        "always"
    } else if scene.mx_secure && scene.hosts.iter().all(|host| usable(host) || open(host)) {
        "indeterminate"
    } else {
        "never"
    };
    let both = match (dane, sts) {
        ("always", _) => "always",
        ("indeterminate", _) | (_, "indeterminate") => "indeterminate",
        (_, other) => other,
    };
    [sts, dane, both]
}

/// The columns that the page gives this scene.
fn expected(scene: &Scene) -> Vec<(String, String)> {
    let primary: Vec<Host> =
        scene.hosts.iter().filter(|host| host.preference == scene.hosts[0].preference).cloned().collect();
    let (sts, dane_word) = (sts_verdict(scene, &scene.hosts), dane_verdict(scene, &scene.hosts));
    let [protection_sts, protection_dane, protection_both] = protection(scene);
    let conflict = match (dane_word, sts) {
        ("pass", "fail") => "dane-pass-sts-fail",
        ("fail", "pass") => "dane-fail-sts-pass",
        _ => "none",
    };
    let mut columns = vec![
        ("sts_verdict", sts),
        ("dane_verdict", dane_word),
        ("sts_verdict_primary", sts_verdict(scene, &primary)),
        ("dane_verdict_primary", dane_verdict(scene, &primary)),
        ("conflict", conflict),
        ("outcome_opportunistic", outcome(Sender::Opportunistic, scene)),
        ("outcome_mta_sts", outcome(Sender::MtaSts, scene)),
        ("outcome_dane", outcome(Sender::Dane, scene)),
        ("outcome_dane_insecure_mx", outcome(Sender::DaneInsecureMx, scene)),
        ("outcome_both", outcome(Sender::Both, scene)),
        ("protection_mta_sts", protection_sts),
        ("protection_dane", protection_dane),
        ("protection_both", protection_both),
    ]
    .into_iter()
    .map(|(name, word)| (name.to_owned(), word.to_owned()))
    .collect::<Vec<_>>();
    for (index, host) in scene.hosts.iter().enumerate() {
        let decided = host.decided();
        let starttls = match () {
            () if decided.is_empty() => "unknown",
            () if decided.contains(&NoHandshake) => "failed",
            () if decided.contains(&Clear) => "not-offered",
            () => "offered",
        };
        let pkix = match () {
            () if decided.contains(&BadCertificate) => "cert-self-signed",
            () if decided.iter().any(|address| address.shows_good_chain(false)) => "valid",
            () => "null",
        };
        let reached = !decided.is_empty() || host.addresses.contains(&Refuses);
        let sts = if in_force(scene) { sts_host(host).unwrap_or("null") } else { "null" };
        let listed = if in_force(scene) { host.listed.to_string() } else { "null".to_owned() };
        for (name, word) in [
            ("decided", (!decided.is_empty()).to_string()),
            ("reached", reached.to_string()),
            ("starttls", starttls.to_owned()),
            ("pkix", pkix.to_owned()),
            ("sts", sts.to_owned()),
            ("sts_mx_match", listed),
            ("dane", dane(scene, host).to_owned()),
            ("dane_host", dane_host(host, false).to_owned()),
        ] {
            columns.push((format!("mx{index}.{name}"), word));
        }
    }
    columns
}

const NAMES: [&str; 3] = [MX, MX2, "target.example.net"];

fn rows(scene: &Scene) -> World {
    let mut world = World::good();
    world.domain.mx_dnssec = Some(if scene.mx_secure { Dnssec::Secure } else { Dnssec::Insecure });
    (world.domain.mx, world.hosts, world.endpoints) = (Some(vec![]), vec![], vec![]);
    let mut body = String::from("version: STSv1\nmx: somebody.else.example\n");
    for (index, one) in scene.hosts.iter().enumerate() {
        let name = NAMES[index];
        let ips: Vec<String> = (0..one.addresses.len()).map(|n| format!("9.9.{index}.{n}")).collect();
        let ips: Vec<&str> = ips.iter().map(String::as_str).collect();
        world.domain.mx.get_or_insert_default().push(Mx { preference: one.preference, host: name.into() });
        world.hosts.push(host(name, &ips));
        for (ip, address) in ips.iter().zip(&one.addresses) {
            world.endpoints.push(row_of(name, ip, *address));
        }
        spoil_dns(&mut world, index, one.tlsa);
        if one.listed {
            body.push_str(&format!("mx: {name}\n"));
        }
    }
    let (mode, max_age) = match scene.policy {
        Policy::Testing => ("testing", 60),
        Policy::ModeNone => ("none", 60),
        Policy::Fleeting => ("enforce", 0),
        _ => ("enforce", 60),
    };
    body.push_str(&format!("mode: {mode}\nmax_age: {max_age}\n"));
    world.body(&body);
    match scene.policy {
        Policy::Absent => world.without_sts(),
        Policy::TxtFailed => {
            world.without_sts();
            world.domain.sts_txt_status = Some(DnsStatus::Error);
            world.domain.sts_txt_error = Some(Failure::DnsTimeout);
            world.domain.sts_txt_dnssec = Some(Dnssec::Indeterminate);
        }
        Policy::Broken => world.policy().policy_http_status = Some(404),
        _ => {}
    }
    world
}

fn row_of(name: &str, ip: &str, address: Address) -> EndpointRow {
    let mut row = endpoint(name, ip);
    match address {
        Good => {}
        BadCertificate => {
            row.shows(Kind::SelfSigned);
        }
        Clear => {
            row.without_starttls();
        }
        NoHandshake => {
            row.ends(EndpointStage::Tls, Failure::TlsAlert);
        }
        Old => {
            row.legacy("TLSv1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
        }
        Unproven => {
            row.legacy("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", KeyProof::NotChecked);
        }
        Private => {
            row.ends(EndpointStage::Skipped, Failure::SpecialAddress);
        }
        Refuses => {
            row.greets(450);
        }
        Down => {
            row.ends(EndpointStage::Connect, Failure::ConnectTimeout);
        }
        OptedOut => {
            row.ends(EndpointStage::Skipped, Failure::OptedOut);
        }
    }
    row
}

fn spoil_dns(world: &mut World, index: usize, tlsa: Tlsa) {
    let name = NAMES[index];
    match tlsa {
        Tlsa::None => {}
        Tlsa::Match => world.publish(index, &[stale_tlsa(), good_tlsa()]),
        Tlsa::Stale => world.publish(index, &[stale_tlsa()]),
        Tlsa::Unusable => world.publish(index, &[unusable_tlsa()]),
        Tlsa::InsecureAddress => {
            world.publish(index, &[good_tlsa()]);
            world.hosts[index].a_dnssec = Some(Dnssec::Insecure);
        }
        Tlsa::InsecureRecords => {
            let lookup = TlsaLookup { dnssec: Some(Dnssec::Insecure), ..found(name, &[good_tlsa()]) };
            world.hosts[index].tlsa_lookups = Some(vec![lookup]);
        }
        Tlsa::Bogus => {
            world.hosts[index].tlsa_lookups = Some(vec![failed(name, Failure::DnssecBogus, Some(Dnssec::Bogus))]);
        }
        Tlsa::Unknown => {
            let lookup = failed(name, Failure::Cancelled, None);
            world.hosts[index].tlsa_lookups = Some(vec![lookup]);
        }
    }
}

/// Compares scene by scene, all under one judge: it remembers the chains.
fn compare(scenes: impl Iterator<Item = Scene>) -> usize {
    let certificates = PKI.certificates();
    let judge = Judge::new(Parameters::default(), &PKI.store, &certificates);
    let mut count = 0;
    for scene in scenes {
        let world = rows(&scene);
        let facts: HashMap<String, HostFacts> = world
            .hosts
            .iter()
            .map(|row| {
                let own = world.endpoints.iter().filter(|endpoint| endpoint.host == row.host);
                (row.host.clone(), HostFacts::read(row, own, &certificates))
            })
            .collect();
        let judgement: Judgement = judge.domain(&world.domain, world.policy.as_ref(), &facts);
        let wrong: Vec<String> = expected(&scene)
            .into_iter()
            .filter_map(|(name, word)| {
                let found = super::column(&judgement, &name);
                (found != super::parse(&word)).then(|| format!("{name} is {found}, not {word}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{scene:#?}\n{}", wrong.join("\n"));
        count += 1;
    }
    count
}

fn hosts_of(preference: u16, addresses: &[Vec<Address>]) -> Vec<Host> {
    let mut hosts = Vec::new();
    for listed in [true, false] {
        for tlsa in TLSA {
            for addresses in addresses {
                hosts.push(Host { preference, listed, tlsa, addresses: addresses.clone() });
            }
        }
    }
    hosts
}

fn singly() -> Vec<Vec<Address>> {
    ADDRESSES.iter().map(|address| vec![*address]).collect()
}

fn in_pairs() -> Vec<Vec<Address>> {
    let pairs =
        ADDRESSES.iter().enumerate().map(|(index, one)| ADDRESSES[index..].iter().map(|other| vec![*one, *other]));
    pairs.flatten().collect()
}

fn scenes(hosts: Vec<Host>) -> impl Iterator<Item = Scene> {
    POLICIES.into_iter().flat_map(move |policy| {
        let hosts = hosts.clone();
        [true, false].into_iter().map(move |mx_secure| Scene { mx_secure, policy, hosts: hosts.clone() })
    })
}

#[test]
fn one_host_with_one_or_two_addresses() {
    let addresses: Vec<Vec<Address>> = singly().into_iter().chain(in_pairs()).collect();
    let count = compare(hosts_of(10, &addresses).into_iter().flat_map(|host| scenes(vec![host])).step_by(3));
    assert_eq!(count, (2 * 8 * (10 + 55) * 14_usize).div_ceil(3));
}

/// Every n-th scene of a product too large to walk whole; n shares no factor with any side of it.
fn some_scenes(first: &[Host], others: &[Host], step: usize) -> impl Iterator<Item = Scene> {
    let pairs = first.iter().flat_map(move |one| others.iter().map(move |other| vec![one.clone(), other.clone()]));
    pairs.flat_map(scenes).step_by(step)
}

#[test]
fn two_hosts_of_equal_and_of_different_preference() {
    let (first, equal, backup) = (hosts_of(10, &singly()), hosts_of(10, &singly()), hosts_of(20, &singly()));
    let count = compare(some_scenes(&first, &equal, 101).chain(some_scenes(&first, &backup, 103)));
    assert!(count > 4_000, "{count}");
}

#[test]
fn three_hosts_two_of_them_equal() {
    let (first, second, third) = (hosts_of(10, &singly()), hosts_of(20, &singly()), hosts_of(20, &singly()));
    let scenes = (0..1500_usize).map(|n| {
        let pick = |list: &[Host], factor: usize| list[(n * factor + n / 7) % list.len()].clone();
        let hosts = vec![pick(&first, 31), pick(&second, 53), pick(&third, 89)];
        Scene { mx_secure: n % 3 != 0, policy: POLICIES[n % POLICIES.len()], hosts }
    });
    assert_eq!(compare(scenes), 1500);
}
