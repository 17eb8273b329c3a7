//! Whoever watches a crawl: `status.json` and `--metrics` of the real program, held against what the dataset then is.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Lab, Scan, judged, leftovers, program, skip, wait_until};
use mxcensus_dataset::{Dataset, Manifest};
use mxcensus_rules::observation::{DomainRow, EndpointRow, PolicyRow};
use rustix::process::Signal;
use serde_json::Value;

/// Few things under way, so that a crawl can be met in its middle.
const CONFIG: &str = "step-timeout = 2.0
[limits]
rows_per_part = 50
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
        std::fs::write(world.dir.path().join("config.toml"), CONFIG).expect("a file");
        world
    }

    fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A scan into a dataset, without a list, that serves metrics at any free port.
    fn scan(&self, out: &Path) -> Command {
        self.scan_at(out, (Ipv4Addr::LOCALHOST, 0).into())
    }

    fn scan_at(&self, out: &Path, metrics: SocketAddr) -> Command {
        let mut command = program();
        command.arg("scan").arg("--out").arg(out).arg("--config").arg(self.out("config.toml"));
        command.args(self.lab.flags()).args(["--seed", "7", "--metrics", &metrics.to_string()]);
        command
    }
}

/// The page of metrics, where the status says that it is.
pub(crate) fn fetch(out: &Path) -> Option<String> {
    let status: Value = serde_json::from_slice(&std::fs::read(out.join("status.json")).ok()?).ok()?;
    let address: SocketAddr = status["metrics"].as_str()?.parse().ok()?;
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(crate::support::PATIENCE)).ok()?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, page) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    Some(page.to_owned())
}

/// The samples of a page by name and labels, these in the order of their names.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let mut labels: Vec<&str> = labels.trim_end_matches('}').split(',').collect();
        labels.sort_unstable();
        (format!("{name}{{{}}}", labels.join(",")), value.parse().expect("a number"))
    };
    lines.map(sample).collect()
}

/// The sum over the samples of a name.
fn sum(samples: &BTreeMap<String, f64>, name: &str) -> u64 {
    samples.iter().filter(|(series, _)| series.split('{').next() == Some(name)).map(|(_, value)| *value as u64).sum()
}

/// Another program's reading of the page, where that is installed.
fn read_by_prometheus(page: &str) -> Option<BTreeMap<String, f64>> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    let has_it = Command::new(&python).args(["-c", "import prometheus_client"]).stderr(Stdio::null()).status();
    if !has_it.is_ok_and(|status| status.success()) {
        skip("prometheus_client is not installed");
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/prometheus.py");
    let mut reader = Command::new(python);
    let mut reader = reader.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
    reader.stdin.take().expect("its input").write_all(page.as_bytes()).expect("it reads");
    let output = reader.wait_with_output().expect("it ends");
    assert!(output.status.success(), "prometheus_client does not understand: {page}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn status(out: &Path) -> Value {
    let text = std::fs::read(out.join("status.json")).expect("a status");
    serde_json::from_slice(&text).expect("a file with its final name is whole")
}

fn manifest(out: &Path) -> Manifest {
    Dataset::open(out).and_then(|dataset| dataset.manifest()).expect("a manifest")
}

/// The counts of a page by two words must be those of the rows.
fn hold_words(samples: &BTreeMap<String, f64>, name: &str, words: impl Iterator<Item = (String, String)>) {
    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    for (stage, error) in words {
        *expected.entry(format!("{name}{{error=\"{error}\",stage=\"{stage}\"}}")).or_default() += 1.0;
    }
    let of_the_name = samples.iter().filter(|(series, _)| series.split('{').next() == Some(name));
    assert_eq!(of_the_name.map(|(series, count)| (series.clone(), *count)).collect::<BTreeMap<_, _>>(), expected);
}

#[test]
fn a_crawl_can_be_watched_and_ends_with_the_figures_of_its_dataset() {
    let world = World::begin();
    let out = world.out("watched");
    let mut scan = Scan::start(world.scan(&out).arg(world.lab.file("domains.csv")));
    let (mut middle, mut last) = (None, None);
    wait_until("the scan ends", || {
        if let Some(page) = fetch(&out) {
            let samples = samples(&page);
            let running = samples.get("mxcensus_state{state=\"running\"}") == Some(&1.0);
            let (rows, known) =
                ("mxcensus_rows_total{table=\"endpoints\"}", "mxcensus_known_items{table=\"endpoints\"}");
            if middle.is_none() && running && samples[rows] > 0.0 && samples[rows] < samples[known] {
                middle = Some((page.clone(), status(&out)));
            }
            last = Some(page);
        }
        std::thread::sleep(Duration::from_millis(20));
        scan.has_ended()
    });
    let (code, _, stderr) = scan.end();
    assert_eq!(code.code(), Some(0), "{stderr}");
    let manifest = manifest(&out);

    let (page, early) = middle.expect("the crawl was met in its middle");
    if let Some(theirs) = read_by_prometheus(&page) {
        assert_eq!(theirs, samples(&page));
    }
    assert_eq!(early["state"], "running", "{early}");
    assert!(early["memory"]["resident_bytes"].is_u64() || !cfg!(target_os = "linux"), "{early}");

    let status = status(&out);
    assert_eq!(status["state"], "finished", "{status}");
    assert_eq!((&status["run"], &status["worker"]), (&Value::from(1), &Value::from("w1")));
    assert_eq!(status["started"], manifest.runs[0].start.as_str());
    assert_eq!((&status["left_s"], &status["metrics"]), (&Value::Null, &Value::Null));
    for table in ["domains", "policies", "mx_hosts", "endpoints"] {
        let (stage, rows) = (&status["stages"][table], manifest.tables[table].rows);
        assert!(rows > 50, "a world worth the trouble");
        assert_eq!(stage["done"], rows, "{table}: {stage}");
        assert_eq!(stage["known"], rows, "{table}: {stage}");
        assert_eq!((&stage["waiting"], &stage["earlier"]), (&Value::from(0), &Value::from(0)), "{table}: {stage}");
        assert!(stage["started"].as_u64() >= Some(rows), "{table}: {stage}");
    }
    assert_eq!((&status["deferred"], &status["unsampled"]), (&Value::from(0), &Value::from(0)), "{status}");
    assert_eq!(status["waits"]["longest"], Value::Null, "{status}");
    assert!(leftovers(&out).is_empty(), "{:?}", leftovers(&out));

    // The last page may be older than the last row, where the judge was quick: then it says no more than there is.
    let last = samples(&last.expect("a page"));
    let endpoints: Vec<EndpointRow> = judged(&out);
    if sum(&last, "mxcensus_rows_total")
        == ["domains", "policies", "mx_hosts", "endpoints"].map(|t| manifest.tables[t].rows).iter().sum::<u64>()
    {
        let word = |error: Option<mxcensus_rules::failure::Failure>| error.map_or("", |error| error.word()).to_owned();
        hold_words(
            &last,
            "mxcensus_endpoints_total",
            endpoints.iter().map(|row| (row.stage.word().to_owned(), word(row.error))),
        );
        let policies: Vec<PolicyRow> = judged(&out);
        let words = policies.iter().map(|row| (row.policy_stage.word().to_owned(), word(row.policy_error)));
        hold_words(&last, "mxcensus_policies_total", words);
        assert_eq!(sum(&last, "mxcensus_domains_total"), judged::<DomainRow>(&out).len() as u64);
        let connections: u64 = endpoints.iter().map(|row| u64::from(row.connections)).sum();
        assert_eq!(sum(&last, "mxcensus_smtp_connections_total"), connections);
        let handshakes = endpoints.iter().filter(|row| row.tls_ms.is_some() && row.sampled_from.is_none()).count();
        assert_eq!(last["mxcensus_endpoint_seconds_count{step=\"tls\"}"], handshakes as f64);
    } else {
        for table in ["domains", "policies", "mx_hosts", "endpoints"] {
            let counted = last[&format!("mxcensus_rows_total{{table=\"{table}\"}}")];
            assert!(counted <= manifest.tables[table].rows as f64, "{table}: {last:?}");
        }
    }
    assert!(last["mxcensus_lookup_seconds_count{}"] as u64 == sum(&last, "mxcensus_lookups_total"), "{last:?}");
}

#[test]
fn an_interrupted_crawl_says_so_and_counts_on() {
    let world = World::begin();
    let out = world.out("interrupted");
    let scan = Scan::start(world.scan(&out).arg(world.lab.file("domains.csv")));
    wait_until("there are rows", || {
        fetch(&out).is_some_and(|page| samples(&page)["mxcensus_rows_total{table=\"endpoints\"}"] >= 10.0)
    });
    scan.signal(Signal::INT);
    let (code, _, stderr) = scan.end();
    assert_eq!(code.code(), Some(3), "{stderr}");
    let (first, tables) = (status(&out), manifest(&out).tables);
    assert_eq!(first["state"], "incomplete", "{first}");
    assert_eq!(first["stages"]["endpoints"]["done"], tables["endpoints"].rows);

    let (code, _, stderr) = Scan::start(world.scan(&out).arg("--resume")).end();
    assert_eq!(code.code(), Some(0), "{stderr}");
    let (second, after) = (status(&out), manifest(&out).tables);
    assert_eq!((&second["state"], &second["run"]), (&Value::from("finished"), &Value::from(2)), "{second}");
    for table in ["domains", "policies", "mx_hosts", "endpoints"] {
        let stage = &second["stages"][table];
        assert_eq!(
            (&stage["earlier"], &stage["done"]),
            (&tables[table].rows.into(), &after[table].rows.into()),
            "{table}"
        );
    }
}

#[test]
fn a_port_in_use_is_said_before_anything_is_made_or_contacted() {
    let world = World::begin();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let (out, port) = (world.out("refused"), taken.local_addr().expect("an address"));
    let (code, stdout, stderr) = Scan::start(world.scan_at(&out, port).arg(world.lab.file("domains.csv"))).end();
    assert_eq!(code.code(), Some(1));
    assert_eq!(stdout, "");
    assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&format!("--metrics {port} cannot be served")), "{stderr}");
    assert!(stderr.contains("Choose another port"), "{stderr}");
    assert!(!out.exists(), "nothing was made");
    assert_eq!(world.lab.log_length(), 0, "nobody was asked: {:?}", world.lab.log_since(0));
    let nonsense = program().args(["scan", "list.csv", "--out", "x", "--metrics", "9100"]).output().expect("it starts");
    assert_eq!(nonsense.status.code(), Some(2), "{nonsense:?}");
}
