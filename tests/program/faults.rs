//! Our own trouble, injected into the real program: a panic in each task, a shortage of what sockets need, an operator who
//! forgets how a crawl was begun, a resolver that cannot do its work.
//!
//! Panics and shortages come from fail points (`FAILPOINTS`), which only a program that was built for tests has.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Lab, Scan, Table, differences, is_slow, observed, program, wait_until};
use crate::watched::fetch;
use mxcensus_dataset::Dataset;

const CONFIG: &str = "step-timeout = 15.0
[limits]
rows_per_part = 20
domains_in_flight = 4
policies_in_flight = 3
hosts_in_flight = 4
endpoints_in_flight = 6
";

struct World {
    lab: Lab,
    dir: tempfile::TempDir,
}

impl World {
    fn begin() -> World {
        let world = World { lab: Lab::start(&[]), dir: tempfile::tempdir().expect("a directory") };
        std::fs::write(world.out("config.toml"), CONFIG).expect("a file");
        world.lab.write_list(&world.out("list.csv"), |domain| !is_slow(domain));
        world
    }

    fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn scan(&self, out: &Path) -> Command {
        self.scan_with(out, self.lab.flags())
    }

    fn scan_with(&self, out: &Path, flags: Vec<String>) -> Command {
        let mut command = program();
        command.arg("scan").arg(self.out("list.csv")).arg("--out").arg(out);
        command.arg("--config").arg(self.out("config.toml")).args(flags).args(["--seed", "7"]);
        command
    }
}

/// A resume by an operator who gives no flag again.
fn resume(out: &Path) -> Command {
    let mut command = program();
    command.arg("scan").arg("--out").arg(out).arg("--resume");
    command
}

fn endpoints_over_budget(out: &Path) -> (usize, usize) {
    let endpoints = observed(out).remove("endpoints").expect("a table");
    (endpoints.len(), endpoints.values().filter(|row| row["error"] == "budget").count())
}

#[test]
fn a_panic_in_any_task_ends_the_crawl_and_says_so() {
    let world = World::begin();
    for (task, fault) in [
        ("endpoint", "endpoint=5*off->panic"),
        ("writer", "writer=30*off->panic"),
        ("watcher", "watcher=panic"),
        ("status", "status=panic"),
        ("reader", "reader=30*off->panic"),
        ("metrics", "metrics=panic"),
    ] {
        world.lab.forget();
        let (out, from) = (world.out(task), world.lab.log_length());
        let scan = Scan::start(world.scan(&out).args(["--metrics", "127.0.0.1:0"]).env("FAILPOINTS", fault));
        if task == "metrics" {
            let status = out.join("status.json");
            wait_until("it serves metrics", || {
                std::fs::read_to_string(&status).is_ok_and(|text| text.contains("127.0.0.1"))
            });
            assert_eq!(fetch(&out), None, "whoever makes the page panics");
        }
        let (status, _, stderr) = scan.end();
        assert_eq!(status.code(), Some(1), "{task}: {stderr}");
        assert!(stderr.contains("stopped unexpectedly") && stderr.contains("--resume"), "{task}: {stderr}");
        // Whoever was contacted stands in the journal, with or without a row.
        let journal = std::fs::read_to_string(out.join("attempts.jsonl")).expect("the journal");
        let noted = journal.lines().filter(|line| line.starts_with("{\"contact\"")).count();
        let contacts = |from| world.lab.log_since(from).iter().filter(|line| line.starts_with("smtp ")).count();
        assert!(noted >= contacts(from), "{task}: {noted} notes of {} contacts", contacts(from));
        let (status, _, stderr) = Scan::start(&mut resume(&out)).end();
        assert_eq!(status.code(), Some(0), "{task}: {stderr}");
    }
}

#[test]
fn what_this_machine_is_short_of_is_no_word_about_a_peer() {
    let world = World::begin();
    let undisturbed = world.out("undisturbed");
    assert!(Scan::start(&mut world.scan(&undisturbed)).end().0.success());
    let expected = endpoints_over_budget(&undisturbed);
    for (number, name) in [(24, "EMFILE"), (23, "ENFILE"), (105, "ENOBUFS"), (99, "EADDRNOTAVAIL"), (12, "ENOMEM")] {
        world.lab.forget();
        let out = world.out(name);
        let fault = format!("dial=40*return({number})");
        let (status, _, stderr) = Scan::start(world.scan(&out).env("FAILPOINTS", fault)).end();
        assert_eq!(status.code(), Some(0), "{name}: {stderr}");
        assert_eq!(endpoints_over_budget(&out), expected, "{name}");
    }
}

/// The same in the midst of a session, and at the sockets of the resolver: what was begun is begun again, and the rows are those
/// of a crawl that never was short.
#[test]
fn what_runs_short_in_the_midst_of_a_session_is_no_word_about_a_peer() {
    let world = World::begin();
    let undisturbed = world.out("undisturbed");
    assert!(Scan::start(&mut world.scan(&undisturbed)).end().0.success());
    let expected = without_connections(observed(&undisturbed));
    for (place, times, number) in [("send", 20, 105), ("receive", 20, 12), ("dns-send", 60, 105), ("dns-open", 4, 24)] {
        world.lab.forget();
        let out = world.out(place);
        let skipped = if place == "dns-send" { 200 } else { 0 };
        let fault = format!("{place}={skipped}*off->{times}*return({number})");
        let (status, _, stderr) = Scan::start(world.scan(&out).env("FAILPOINTS", fault)).end();
        assert_eq!(status.code(), Some(0), "{place}: {stderr}");
        let differences = differences(&expected, &without_connections(observed(&out)));
        assert!(differences.is_empty(), "{place}: {differences:#?}");
    }
}

/// A connection that was lost to a shortage counts, and one is not lost every time. The server that remembers who came is left
/// out: what it says depends on how often that was.
fn without_connections(mut tables: BTreeMap<&'static str, Table>) -> BTreeMap<&'static str, Table> {
    for rows in tables.values_mut() {
        rows.retain(|key, _| !key.iter().any(|part| part.contains("greylist")));
        rows.values_mut().filter_map(serde_json::Value::as_object_mut).for_each(|row| {
            row.remove("connections");
        });
    }
    tables
}

#[test]
fn a_forgetful_operator_contacts_nobody_who_opted_out() {
    let world = World::begin();
    let list = world.out("opt-out.txt");
    std::fs::write(&list, "127.0.0.0/8\n::1\n").expect("a file");
    let mut flags = world.lab.flags();
    match flags.iter().position(|flag| flag == "--opt-out") {
        Some(at) => flags[at + 1] = list.display().to_string(),
        None => flags.extend(["--opt-out".to_owned(), list.display().to_string()]),
    }
    let (out, from) = (world.out("dataset"), world.lab.log_length());
    let scan = Scan::start(&mut world.scan_with(&out, flags));
    wait_until("it is at work", || world.lab.log_since(from).len() > 100);
    scan.kill();
    let refused = |flag: &[&str], both: [&str; 2]| {
        let (status, _, stderr) = Scan::start(resume(&out).args(flag)).end();
        assert_eq!(status.code(), Some(1), "{stderr}");
        assert!(both.iter().all(|word| stderr.contains(word)), "{stderr}");
    };
    refused(&["--dnssec", "off"], ["--dnssec validate", "--dnssec off"]);
    refused(&["--smtp-port", "26"], ["begun with --smtp-port", "--smtp-port 26"]);
    refused(&["--seed", "8"], ["--seed 7", "--seed 8"]);
    let (status, _, stderr) = Scan::start(&mut resume(&out)).end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    let log = world.lab.log_since(from);
    let contacts: Vec<&String> = log.iter().filter(|l| l.starts_with("smtp ") || l.starts_with("https ")).collect();
    assert!(contacts.is_empty(), "{contacts:?}");
    let manifest = Dataset::open(&out).expect("a dataset").manifest().expect("a manifest");
    assert!(manifest.complete && manifest.runs.iter().all(|run| run.opt_out.as_ref().is_some_and(|l| l.entries == 2)));

    // What is complete stays as it is, to the byte.
    let before = contents(&out);
    let from = world.lab.log_length();
    let (status, stdout, stderr) = Scan::start(&mut resume(&out)).end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(stdout.contains("domains:"), "{stdout}");
    assert_eq!(world.lab.log_since(from), [""; 0], "nobody is asked");
    assert_eq!(contents(&out), before);
}

/// Every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
    all
}

/// A resolver that says NXDOMAIN to everything.
fn denying_resolver() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            // QR, RD, RA; NXDOMAIN; no records but the question (RFC 1035 §4.1.1).
            let question = packet[12..length].iter().position(|&byte| byte == 0).map_or(length, |end| 12 + end + 5);
            packet[2..4].copy_from_slice(&[0x81, 0x83]);
            packet[6..12].fill(0);
            let _ = socket.send_to(&packet[..question], from);
        }
    });
    address
}

#[test]
fn a_resolver_that_cannot_do_it_ends_the_scan() {
    let dir = tempfile::tempdir().expect("a directory");
    let list = dir.path().join("list.csv");
    std::fs::write(&list, "example.com\nexample.org\n").expect("a file");
    let resolver = denying_resolver();
    for mode in ["validate", "trust-ad", "off"] {
        let out = dir.path().join(mode);
        let mut scan = program();
        scan.arg("scan").arg(&list).arg("--out").arg(&out).args(["--resolver", &resolver, "--dnssec", mode]);
        let mut check = program();
        check.args(["check", "example.com", "--resolver", &resolver, "--dnssec", mode]);
        for command in [&mut scan, &mut check] {
            let (status, _, stderr) = Scan::start(command).end();
            assert_eq!(status.code(), Some(1), "{mode}: {stderr}");
            assert!(stderr.contains(&resolver), "{mode}: {stderr}");
        }
        assert!(!out.join("domains").exists(), "nothing is left behind");
    }
}
