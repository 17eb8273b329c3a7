//! Peers that mean harm cost a bounded time and memory, show in the data as what they were, and put nothing on a terminal
//! that it would obey; addresses of special purpose are not contacted at all.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv6Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Lab, Scan, judged, observed, program};
use mxcensus_lab::scenes::hostile::{OPEN_ADDRESSES, kinds};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, PolicyRow};
use serde_json::Value;

/// Peak resident memory of a scan of two hostile domains of each kind, MiB. See docs/hostile.md.
const PEAK_MIB: u64 = 150;
/// Processor seconds of the same scan: the keys and signatures of its DNSSEC zones alone would take minutes if each
/// were tried with each.
const PROCESSOR_SECONDS: u64 = 20;
/// Ticks in a processor second, as Linux shows them (`proc(5)`, `sysconf(_SC_CLK_TCK)`: 100 everywhere).
const TICKS: u64 = 100;

/// Only characters that a terminal shows, and line feeds.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
}

/// Every text in a row, or in a table of rows.
fn texts<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(object) => object.values().for_each(|item| texts(item, out)),
        _ => {}
    }
}

/// What a scan cost, as the system saw it.
#[derive(Debug, Default)]
struct Cost {
    /// Peak resident memory.
    mib: u64,
    /// The most descriptors that were open at once.
    descriptors: usize,
    processor_seconds: u64,
}

impl Cost {
    /// Looks at a process that may have ended.
    fn look(&mut self, pid: u32) {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let status = read("status");
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        self.mib = self.mib.max(kib.map_or(0, |kib| kib.trim().parse::<u64>().unwrap() >> 10));
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        self.descriptors = self.descriptors.max(open);
        // proc(5): utime and stime are the 14th and 15th fields; the name before them may hold spaces.
        let stat = read("stat");
        let ticks = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap()).sum();
        self.processor_seconds = self.processor_seconds.max(ticks / TICKS);
    }
}

/// Scans to the end; what it cost, and what it said.
fn scan(command: &mut Command) -> (Cost, String, String) {
    scan_within(crate::support::PATIENCE, command)
}

fn scan_within(patience: Duration, command: &mut Command) -> (Cost, String, String) {
    let (mut child, begun) = (Scan::start(command), Instant::now());
    let mut cost = Cost::default();
    while !child.has_ended() {
        assert!(begun.elapsed() < patience, "the scan does not end: {cost:?}");
        cost.look(child.id());
        std::thread::sleep(Duration::from_millis(20));
    }
    let (status, stdout, stderr) = child.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    println!("{cost:?}");
    assert!(cost.mib > 0, "nothing was measured");
    (cost, stdout, stderr)
}

/// The kind of the domain that a name is, or lies below.
fn kind_of(name: &str) -> String {
    let domain = name.rsplit('.').nth(1).unwrap_or_default();
    let (kind, _) = domain.strip_prefix("lab-").and_then(|rest| rest.rsplit_once('-')).unwrap_or((domain, ""));
    kind.to_owned()
}

/// What MX hosts of a kind must show: the step where the session ended, and why.
const ENDPOINTS: &[(&str, &str, Option<&str>)] = &[
    ("banner-endless", "banner", Some("smtp-protocol")),
    ("banner-drips", "banner", Some("banner-timeout")),
    ("banner-obeyed", "done", None),
    ("ehlo-flood", "done", None),
    ("ehlo-closes", "ehlo", Some("connection-closed")),
    ("resets-banner", "banner", Some("connect-reset")),
    ("resets-in-banner", "banner", Some("connect-reset")),
    ("resets-ehlo", "ehlo", Some("connect-reset")),
    ("resets-starttls", "starttls", Some("connect-reset")),
    ("resets-handshake", "tls", Some("connect-reset")),
    ("resets-afterwards", "done", None),
    ("tls-stalls", "tls", Some("tls-timeout")),
    ("tls-garbage", "tls", Some("tls-protocol")),
    ("tls-certificate-first", "tls", Some("tls-protocol")),
    ("tls-data-first", "tls", Some("tls-protocol")),
    ("tls-another-version", "tls", Some("tls-protocol")),
    ("tls-warnings", "tls", Some("tls-protocol")),
    ("tls-empty-records", "tls", Some("tls-protocol")),
    ("tls-cipher-changes", "tls", Some("tls-protocol")),
    ("tls-key-updates", "done", None),
    ("chain-60", "done", None),
    ("names-5000", "tls", Some("tls-unsupported")),
    ("addresses-4000", "connect", Some("connect-refused")),
    ("dns-crowded", "done", None),
    ("dns-forged-then-right", "done", None),
    ("names-in-aliases", "done", None),
    ("nsec3-65535", "done", None),
    // A lab may contact this machine; an IPv4 address as IPv6 spells it is not even a lab's.
    ("special-mapped", "connect", Some("special-address")),
];

/// What policy hosts of a kind must show, and how many bytes of the body must be there.
const POLICIES: &[(&str, &str, Option<&str>, Option<usize>)] = &[
    ("policy-large", "body", Some("body-too-large"), Some(64 * 1024)),
    ("policy-bomb", "body", Some("body-too-large"), Some(64 * 1024)),
    ("policy-drips", "body", Some("http-timeout"), None),
    ("policy-header-flood", "http", Some("http-protocol"), None),
    ("policy-obeyed", "done", None, Some(41)),
    ("policy-resets-handshake", "tls", Some("connect-reset"), None),
    ("policy-resets-request", "http", Some("connect-reset"), None),
    ("policy-resets-head", "http", Some("connect-reset"), None),
    // Half of it came.
    ("policy-resets-body", "body", Some("connect-reset"), Some(21)),
    ("policy-data-first", "tls", Some("tls-protocol"), None),
    ("policy-warnings", "tls", Some("tls-protocol"), None),
    ("names-in-policy", "connect", Some("connect-refused"), None),
    ("special-mapped", "dns", Some("special-address"), None),
];

/// What the MX look-up of a kind must show: the error, and the DNSSEC state.
const MX: &[(&str, Option<&str>, &str)] = &[
    ("dns-truncated", Some("dns-timeout"), "indeterminate"),
    ("dns-wrong-question", Some("dns-timeout"), "indeterminate"),
    ("dns-forged", Some("dns-timeout"), "indeterminate"),
    ("dns-forged-then-right", None, "insecure"),
    ("dns-pointer-loop", Some("servfail"), "indeterminate"),
    ("dns-pointer-forward", Some("servfail"), "indeterminate"),
    ("dns-pointer-in-mx", Some("servfail"), "indeterminate"),
    ("dns-crowded", None, "insecure"),
    ("mx-thousand", None, "indeterminate"),
    // Its keys are more than are looked at; those of the small one are, and eight signatures that fail are enough.
    ("keytrap", None, "indeterminate"),
    ("keytrap-small", Some("dnssec-bogus"), "bogus"),
    ("keytrap-wide", Some("dnssec-bogus"), "bogus"),
    ("nsec3-65535", None, "secure"),
];

/// Kinds whose marks are looked at below.
const OTHERWISE: &[&str] = &["cname-loop", "txt-64k", "dns-udp-3k", "dns-udp-60k", "names-in-mx", "special-v6"];

#[test]
fn each_kind_ends_in_time_and_shows_as_what_it_was() {
    let harmful: BTreeSet<&str> = kinds().filter(|kind| !kind.starts_with("open-")).collect();
    let looked_at = ENDPOINTS.iter().map(|row| row.0).chain(POLICIES.iter().map(|row| row.0));
    let looked_at = looked_at.chain(MX.iter().map(|row| row.0)).chain(OTHERWISE.iter().copied());
    assert_eq!(looked_at.collect::<BTreeSet<_>>(), harmful, "every kind is looked at");

    let lab = Lab::start(&["--world", "hostile", "--hostile-domains", &(2 * harmful.len()).to_string()]);
    let dir = tempfile::tempdir().unwrap();
    let (out, log) = (dir.path().join("out"), dir.path().join("log"));
    let mut command = program();
    command.arg("scan").arg(lab.file("domains.csv")).arg("--out").arg(&out).args(lab.flags());
    command.args(["--step-timeout", "15", "--log", "debug", "--log-file"]).arg(&log);
    let (cost, stdout, stderr) = scan(&mut command);
    assert!(cost.mib < PEAK_MIB && cost.processor_seconds < PROCESSOR_SECONDS, "{cost:?}");
    assert!(is_harmless(&stdout) && is_harmless(&stderr), "{stdout:?} {stderr:?}");
    assert!(is_harmless(&std::fs::read_to_string(&log).unwrap()), "the log holds what a terminal obeys");
    for (table, rows) in observed(&out) {
        let mut found = Vec::new();
        rows.values().for_each(|row| texts(row, &mut found));
        assert!(found.len() > 100, "{table}");
        for text in found {
            assert!(is_harmless(text), "{table}: {text:?}");
            assert!(!text.contains("forged.com"), "a forged answer was taken: {text}");
        }
    }
    sessions(&out);
    policies(&out);
    look_ups(&out);
    names(&out);
    // Nobody asked about the strangers in an answer.
    let asked = lab.log_since(0);
    let strangers = asked.iter().filter(|line| line.split([' ', '.']).any(|word| word == "n1000" || word == "n3000"));
    assert_eq!(strangers.collect::<Vec<_>>(), Vec::<&String>::new());

    // A person looks: nothing reaches the terminal there either.
    let domains: Vec<DomainRow> = judged(&out);
    for kind in ["banner-obeyed", "policy-obeyed", "ehlo-flood", "names-in-mx", "names-in-aliases", "names-in-policy"] {
        let domain = domains.iter().find(|row| kind_of(&row.domain) == kind).unwrap();
        let mut check = program();
        let output =
            check.arg("check").arg(&domain.domain).args(lab.flags()).args(["--log", "debug"]).output().unwrap();
        assert!(output.status.success(), "{kind}");
        assert!(is_harmless(&String::from_utf8(output.stdout).unwrap()), "{kind}");
        assert!(is_harmless(&String::from_utf8(output.stderr).unwrap()), "{kind}");
    }
}

fn word(error: Option<Failure>) -> Option<&'static str> {
    error.map(Failure::word)
}

/// Rows by kind.
fn by_kind<R>(rows: Vec<R>, name: impl Fn(&R) -> &str) -> BTreeMap<String, Vec<R>> {
    let mut out: BTreeMap<String, Vec<R>> = BTreeMap::new();
    for row in rows {
        out.entry(kind_of(name(&row))).or_default().push(row);
    }
    out
}

fn sessions(out: &Path) {
    let rows = by_kind(judged(out), |row: &EndpointRow| &row.host);
    for (kind, stage, error) in ENDPOINTS {
        let rows = rows.get(*kind).unwrap_or_else(|| panic!("no endpoint of {kind}"));
        assert!(rows.len() >= 2, "{kind}");
        for row in rows {
            // A reset may be seen while connecting, before anything is read.
            let early = *kind == "resets-banner" && row.stage.word() == "connect";
            assert!(row.stage.word() == *stage || early, "{kind}: {row:?}");
            assert_eq!(word(row.error), *error, "{kind}: {row:?}");
            match *kind {
                "banner-obeyed" => assert!(row.banner.as_ref().unwrap().starts_with("\\027[31mred"), "{row:?}"),
                "ehlo-flood" => assert!(row.ehlo_capabilities_truncated),
                "chain-60" => assert!(row.chain_truncated && row.chain.as_ref().is_some_and(|c| c.len() == 32)),
                // What was learnt before the reset stays.
                "resets-afterwards" | "tls-key-updates" => {
                    assert!(row.chain.as_ref().is_some_and(|c| c.len() == 2) && row.ehlo_tls_capabilities.is_none());
                }
                "special-mapped" => assert_eq!(row.connections, 0),
                _ => {}
            }
        }
    }
    assert_eq!(rows["addresses-4000"].len(), 2 * 32, "the first addresses only");
}

fn policies(out: &Path) {
    let rows = by_kind(judged(out), |row: &PolicyRow| &row.domain);
    for (kind, stage, error, bytes) in POLICIES {
        assert_eq!(rows[*kind].len(), 2, "{kind}");
        for row in &rows[*kind] {
            assert_eq!((row.policy_stage.word(), word(row.policy_error)), (*stage, *error), "{kind}");
            let body = row.policy_body.as_ref().map(Vec::len);
            assert!(bytes.is_none() || body == *bytes, "{kind}: {body:?} bytes");
            assert!(body.is_none_or(|body| body <= 64 * 1024), "{kind}");
        }
    }
}

fn look_ups(out: &Path) {
    let rows = by_kind(judged(out), |row: &DomainRow| &row.domain);
    for (kind, error, dnssec) in MX {
        for row in &rows[*kind] {
            assert_eq!((word(row.mx_error), row.mx_dnssec.unwrap().word()), (*error, *dnssec), "{kind}: {row:?}");
        }
    }
    for row in &rows["mx-thousand"] {
        assert!(row.mx_truncated && row.mx.as_ref().unwrap().len() == 100);
    }
    for row in &rows["txt-64k"] {
        assert!(row.sts_txt.as_ref().unwrap()[0].len() > 64 * 1024);
    }
    // Larger than was asked for: taken as long as it is whole.
    for row in &rows["dns-udp-3k"] {
        assert!(row.sts_txt.as_ref().unwrap()[0].len() > 3_000);
    }
    for row in &rows["dns-udp-60k"] {
        assert_eq!(word(row.sts_txt_error), Some("servfail"));
    }
    // RFC 9276 3.2: a denial that nobody follows is insecure, and not bogus.
    for row in &rows["nsec3-65535"] {
        assert_eq!((word(row.sts_txt_error), row.sts_txt_dnssec.unwrap().word()), (None, "insecure"));
    }
    let hosts = by_kind(judged(out), |row: &MxHostRow| &row.host);
    for row in &hosts["addresses-4000"] {
        assert!(row.addresses_truncated && row.addresses.as_ref().unwrap().len() == 32);
    }
    for row in &hosts["cname-loop"] {
        assert_eq!((word(row.a_error), row.host_status.word()), (Some("servfail"), "error"));
    }
}

/// Names that no text spells are kept, escaped, and looked up by their bytes.
fn names(out: &Path) {
    let domains = by_kind(judged(out), |row: &DomainRow| &row.domain);
    for row in &domains["names-in-mx"] {
        let hosts: BTreeSet<&str> = row.mx.iter().flatten().map(|mx| mx.host.as_str()).collect();
        assert_eq!(hosts.len(), 10);
        for label in ["a\\000b", "a\\046b", "a\\\\b", "\\\\027[31m", "\\010", "\\255\\254", "\\027]0;title\\007"] {
            assert!(hosts.contains(format!("{label}.{}", row.domain).as_str()), "{label}: {hosts:?}");
        }
        assert!(hosts.iter().any(|host| host.len() == 253), "255 octets on the wire");
    }
    let hosts = by_kind(judged(out), |row: &MxHostRow| &row.host);
    let (long, odd): (Vec<_>, Vec<_>) = hosts["names-in-mx"].iter().partition(|row| row.host.len() == 253);
    assert!(odd.iter().all(|row| row.host_status.word() == "invalid-name") && odd.len() == 2 * 9);
    assert!(long.iter().all(|row| row.host_status.word() == "nxdomain") && long.len() == 2);
    for row in &hosts["names-in-aliases"] {
        let target = &row.cnames.as_ref().unwrap()[0].target;
        assert!(target.starts_with("\\027[31mred\\027]0;title\\007"), "{target}");
        let lookup = &row.tlsa_lookups.as_ref().unwrap()[0];
        assert_eq!((lookup.records.len(), lookup.dnssec.unwrap().word()), (1, "secure"), "{lookup:?}");
        assert_eq!(lookup.name, format!("_25._tcp.{target}"));
    }
    for row in &domains["names-in-policy"] {
        assert_eq!(row.sts_txt.as_deref(), Some(&["v=STSv1; id=1;".to_owned()][..]));
    }
}

/// The lab's flags, those left out that only a lab may have.
fn flags_of_a_guest(lab: &Lab) -> Vec<String> {
    let labs_only = ["--allow-special-addresses", "--unpaced"];
    lab.flags().into_iter().filter(|flag| !labs_only.contains(&flag.as_str())).collect()
}

/// A configuration without pacing.
fn hasty(dir: &Path) -> std::path::PathBuf {
    let limits = "address_spacing_s = 0.0\nnetwork_per_s = 1e9\noperator_per_s = 1e9\nretry_after_s = [0.1]\n";
    let config = dir.join("config.toml");
    std::fs::write(&config, format!("step-timeout = 15.0\n[limits]\n{limits}")).unwrap();
    config
}

/// Who was contacted, DNS apart.
fn contacted(lab: &Lab) -> Vec<String> {
    let log = lab.log_since(0);
    assert!(log.iter().any(|line| line.starts_with("dns ")));
    log.into_iter().filter(|line| !line.starts_with("dns ")).collect()
}

/// Every address of the lab is of special purpose. Without the flag for labs nobody there is contacted: neither a mail
/// server nor a policy host.
#[test]
fn addresses_of_special_purpose_are_not_contacted() {
    let lab = Lab::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let mut command: Command = program();
    command.arg("scan").arg(lab.file("domains.csv")).arg("--out").arg(&out).arg("--config").arg(hasty(dir.path()));
    command.args(flags_of_a_guest(&lab));
    scan(&mut command);
    assert_eq!(contacted(&lab), Vec::<String>::new());
    let endpoints: Vec<EndpointRow> = judged(&out);
    let refused = endpoints.iter().filter(|row| word(row.error) == Some("special-address"));
    assert!(refused.clone().count() > 200 && refused.clone().all(|row| row.connections == 0));
    let policies: Vec<PolicyRow> = judged(&out);
    let refused = policies.iter().filter(|row| word(row.policy_error) == Some("special-address"));
    assert!(refused.count() > 50);
}

/// The same for what IPv6 has of that kind, its own loopback and IPv4's as it spells it, though somebody listens there.
#[test]
fn special_addresses_of_ipv6_are_not_contacted() {
    let lab = Lab::start(&["--world", "hostile", "--hostile-kinds", "special-", "--hostile-domains", "8"]);
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, flags: Vec<String>| {
        let out = dir.path().join(name);
        let mut command: Command = program();
        command.arg("scan").arg(lab.file("domains.csv")).arg("--out").arg(&out).args(flags);
        scan(command.arg("--config").arg(hasty(dir.path())));
        let words = |table: Vec<Option<Failure>>| table.into_iter().map(word).collect::<Vec<_>>();
        let endpoints: Vec<EndpointRow> = judged(&out);
        let policies: Vec<PolicyRow> = judged(&out);
        (
            words(endpoints.iter().map(|row| row.error).collect()),
            words(policies.iter().map(|row| row.policy_error).collect()),
        )
    };
    let refused = vec![Some("special-address"); 8];
    assert_eq!(run("guest", flags_of_a_guest(&lab)), (refused.clone(), refused));
    assert_eq!(contacted(&lab), Vec::<String>::new());
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        let (mail, web) = run("lab", lab.flags());
        assert!(mail.contains(&None) && web.contains(&None), "a lab reaches the one at ::1: {mail:?} {web:?}");
        assert!(!contacted(&lab).is_empty());
    }
}

/// Sessions that peers hold open, all at once: so many domains of each of the six kinds, four of which are MX hosts with 32
/// addresses each.
fn hold_open(of_each: usize, step_seconds: u64) -> Cost {
    let domains = (6 * of_each).to_string();
    let lab = Lab::start(&["--world", "hostile", "--hostile-kinds", "open-", "--hostile-domains", &domains]);
    let dir = tempfile::tempdir().unwrap();
    let (out, config) = (dir.path().join("out"), dir.path().join("config.toml"));
    let (sessions, fetches) = (4 * of_each * OPEN_ADDRESSES, 2 * of_each);
    let limits = format!("[limits]\nendpoints_in_flight = {sessions}\npolicies_in_flight = {fetches}\n");
    std::fs::write(&config, limits).unwrap();
    let mut command = program();
    command
        .arg("scan")
        .arg(lab.file("domains.csv"))
        .arg("--out")
        .arg(&out)
        .args(lab.flags())
        .arg("--config")
        .arg(config);
    command.args(["--dnssec", "off", "--step-timeout", &step_seconds.to_string()]);
    // Each is tried twice, and a busy machine takes long to open them all.
    let (cost, _, _) = scan_within(crate::support::PATIENCE + Duration::from_secs(4 * step_seconds), &mut command);
    let endpoints: Vec<EndpointRow> = judged(&out);
    let held = endpoints
        .iter()
        .filter(|row| matches!(row.error, Some(Failure::BannerTimeout | Failure::SmtpTimeout | Failure::TlsTimeout)));
    let policies: Vec<PolicyRow> = judged(&out);
    let fetched =
        policies.iter().filter(|row| matches!(row.policy_error, Some(Failure::TlsTimeout | Failure::HttpTimeout)));
    assert_eq!((held.count(), fetched.count()), (sessions, fetches));
    // All of them at the same time: each session has a descriptor.
    assert!(cost.descriptors > sessions, "{cost:?}");
    cost
}

#[test]
fn six_hundred_sessions_are_held_open_at_once() {
    let cost = hold_open(5, 30);
    assert!(cost.mib < 100, "{cost:?}");
}

/// Needs 15,000 descriptors for the scanner and as many for the lab. `make hostile-10k`.
#[test]
#[ignore = "minutes, and 15,000 descriptors twice"]
fn twelve_thousand_sessions_are_held_open_at_once() {
    let cost = hold_open(94, 60);
    assert!(cost.mib < 500, "{cost:?}");
}
