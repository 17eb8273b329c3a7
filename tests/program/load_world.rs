//! The load world from outside: served by the real binary, crawled by the real binary, and held against what must come
//! out; and the same world as a sample, which must give the same verdicts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mxcensus_dataset::columns::TABLES;
use mxcensus_dataset::{Row, TableReader};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use serde_json::Value;

/// More MTA-STS and DANE than the internet has, so that a small world holds many failures.
const ADOPTION: &str = "25";

/// Ends with the test, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Server {
    Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts"))
}

fn wait_for(what: &str, there: impl Fn() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(600), "{what} did not come up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn mxcensus(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mxcensus")).args(args).output().expect("the program starts")
}

fn text(path: &Path) -> String {
    path.to_str().expect("a UTF-8 path").to_owned()
}

/// A load world that is up.
struct World {
    _lab: Server,
    dir: PathBuf,
    flags: Vec<String>,
}

impl World {
    fn start(dir: &Path, domains: &str, seed: &str, month: &str) -> World {
        let lab = start(
            Command::new(env!("CARGO_BIN_EXE_mxcensus"))
                .args(["lab", "--world", "load", "--domains", domains, "--seed", seed, "--month", month])
                .args(["--adoption", ADOPTION, "--dir"])
                .arg(dir),
        );
        wait_for("the load world", || dir.join("flags.txt").is_file());
        let flags = std::fs::read_to_string(dir.join("flags.txt")).unwrap();
        World { _lab: lab, dir: dir.to_owned(), flags: flags.split_whitespace().map(str::to_owned).collect() }
    }

    fn crawl(&self, dataset: &Path, more: &[&str]) {
        let list = text(&self.dir.join("domains.csv"));
        let mut args = vec!["scan".to_owned(), list, "--out".to_owned(), text(dataset)];
        args.extend(self.flags.iter().cloned());
        args.extend(more.iter().map(|flag| (*flag).to_owned()));
        let output = mxcensus(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Every row count and every word of every closed column.
    fn assert_truth(&self, dataset: &Path) {
        let output = mxcensus(&["truth", &text(dataset), &text(&self.dir.join("truth.json"))]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let numbers: usize = said.split_whitespace().next().and_then(|count| count.parse().ok()).unwrap_or(0);
        assert!(numbers > 100, "{said}");
    }
}

fn rows<R: Row>(dataset: &Path) -> Vec<Value> {
    let table = TableReader::distinct(dataset, R::TABLE).expect("a table");
    table.rows::<R>().map(|row| serde_json::to_value(row.expect("a row")).expect("a row as JSON")).collect()
}

/// The columns of a table, by key; a path ends at what differs from crawl to crawl whoever looks.
fn by_key<R: Row>(dataset: &Path, key: &[&str], left_out: &[&str]) -> BTreeMap<String, Value> {
    let keyed = rows::<R>(dataset).into_iter().map(|mut row| {
        let name = key.iter().map(|column| row[*column].to_string()).collect::<Vec<_>>().join(" ");
        let columns = row.as_object_mut().expect("an object");
        columns.retain(|column, _| {
            let of_its_time = ["_ms", "_at", "pkix_detail"].iter().any(|ending| column.ends_with(ending));
            !left_out.contains(&column.as_str()) && !of_its_time
        });
        (name, row)
    });
    keyed.collect()
}

fn assert_same<R: Row>(one: &Path, other: &Path, key: &[&str], left_out: &[&str]) {
    let (one, other) = (by_key::<R>(one, key, left_out), by_key::<R>(other, key, left_out));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{}", R::TABLE.name);
    let columns = |name: &str, row: &Value| -> Vec<String> {
        let pairs = row.as_object().into_iter().flatten();
        let differing = pairs.filter(|(column, value)| other[name][column.as_str()] != **value);
        differing.map(|(column, value)| format!("{name}: {column} {value} != {}", other[name][column])).collect()
    };
    let differing: Vec<String> = one.iter().flat_map(|(name, row)| columns(name, row)).collect();
    assert!(differing.is_empty(), "{}: {differing:#?}", R::TABLE.name);
}

#[test]
fn a_crawl_and_a_sample_of_one_world_give_the_same_verdicts_and_both_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    for (domains, seed, month) in [("500", "5", "0"), ("300", "6", "1")] {
        let world = World::start(&dir.path().join(format!("world-{month}")), domains, seed, month);
        let (crawl, made) = (dir.path().join(format!("crawl-{month}")), dir.path().join(format!("made-{month}")));
        world.crawl(&crawl, &[]);
        world.assert_truth(&crawl);
        let args = ["sample", "--domains", domains, "--seed", seed, "--month", month, "--adoption", ADOPTION, "--out"];
        let output = mxcensus(&[&args[..], &[&text(&made)]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        world.assert_truth(&made);

        // Fingerprints differ, for certificates are dated from when the world began.
        let anchors = ["policy_anchors", "mx_anchors", "anchors", "days_left"];
        assert_same::<VerdictRow>(&crawl, &made, &["domain"], &anchors);
        assert_same::<MxVerdictRow>(&crawl, &made, &["domain", "host"], &anchors);
        assert_same::<DomainRow>(&crawl, &made, &["domain"], &["worker"]);
        assert_same::<MxHostRow>(&crawl, &made, &["host"], &["worker", "tlsa_lookups"]);
        let policies = ["worker", "policy_chain", "policy_attempts"];
        assert_same::<PolicyRow>(&crawl, &made, &["domain"], &policies);
        let endpoints = ["worker", "port", "chain", "legacy_chain", "attempt_log", "tlsa_after"];
        assert_same::<EndpointRow>(&crawl, &made, &["host", "ip"], &endpoints);
        assert_columns(&made);
    }
}

/// Every column that the reference declares, and no other, in every file.
fn assert_columns(dataset: &Path) {
    let mut seen: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    seen.insert("domains", rows::<DomainRow>(dataset));
    seen.insert("policies", rows::<PolicyRow>(dataset));
    seen.insert("mx_hosts", rows::<MxHostRow>(dataset));
    seen.insert("endpoints", rows::<EndpointRow>(dataset));
    seen.insert("certificates", rows::<CertificateRow>(dataset));
    seen.insert("verdicts", rows::<VerdictRow>(dataset));
    seen.insert("mx_verdicts", rows::<MxVerdictRow>(dataset));
    for table in TABLES.iter().filter(|table| seen.contains_key(table.name)) {
        let declared: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        for row in &seen[table.name] {
            let columns: Vec<&String> = row.as_object().expect("an object").keys().collect();
            assert_eq!(columns, declared, "{}", table.name);
        }
        assert!(!seen[table.name].is_empty(), "{}", table.name);
    }
}

#[test]
fn a_real_validating_resolver_agrees_with_the_truth() {
    if !["/usr/sbin/unbound", "/usr/bin/unbound"].iter().any(|path| Path::new(path).is_file()) {
        return crate::support::skip("unbound is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::start(&dir.path().join("world"), "1000", "7", "0");
    let configuration = std::fs::read_to_string(world.dir.join("unbound.conf")).unwrap();
    let interface = configuration.lines().find_map(|line| line.trim().strip_prefix("interface: "));
    let resolver = interface.expect("an interface").replace('@', ":");
    let _unbound = start(Command::new("unbound").args(["-d", "-c"]).arg(world.dir.join("unbound.conf")));
    wait_for("Unbound", || std::net::TcpStream::connect(&resolver).is_ok());
    let at = world.flags.iter().position(|flag| flag == "--resolver").expect("a resolver among the flags");
    world.flags[at + 1] = resolver;
    let dataset = dir.path().join("dataset");
    world.crawl(&dataset, &["--dnssec", "trust-ad"]);
    world.assert_truth(&dataset);
}
