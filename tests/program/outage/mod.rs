//! This machine loses its connection in the middle of a crawl, or never had one to port 25: what was recorded must be
//! what a crawl without the loss records, and the operator must be told. The real program against the lab.

mod durable;
mod network;
mod port;
mod relay;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use self::relay::Loss;
use mxcensus_dataset::{Dataset, Manifest, Row, TableReader};
use mxcensus_lab::world::Vantage;
use mxcensus_lab::{Ports, RunningLab, scenes, start, unix_seconds};
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, PolicyRow};
use serde_json::Value;

/// Runs the program without blocking the lab, which lives in this process.
async fn mxcensus(args: Vec<String>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mxcensus"));
    command.args(args).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output()).await.expect("it does not panic").expect("the program starts")
}

/// The arguments of a scan of the lab into `out`, with further ones.
fn scan(lab: &RunningLab, list: &Path, out: &Path, more: &[&str]) -> Vec<String> {
    let path = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
    let mut args = vec!["scan".to_owned(), path(list), "--out".to_owned(), path(out)];
    args.extend(lab.flags());
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn manifest(dataset: &Path) -> Manifest {
    Dataset::open(dataset).expect("a dataset").manifest().expect("a manifest")
}

fn rows<R: Row>(dataset: &Path) -> Vec<R> {
    if mxcensus_dataset::part_files(&dataset.join(R::TABLE.name)).expect("a folder").is_empty() {
        return Vec::new();
    }
    let table = TableReader::distinct(dataset, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

/// Everything that was observed, by table and key, timings aside.
fn observed(dataset: &Path) -> BTreeMap<String, Value> {
    fn add<R: Row + serde::Serialize>(dataset: &Path, key: impl Fn(&R) -> String, out: &mut BTreeMap<String, Value>) {
        for row in rows::<R>(dataset) {
            let key = format!("{} {}", R::TABLE.name, key(&row));
            let value = timeless(serde_json::to_value(row).expect("a row as JSON"));
            assert!(out.insert(key.clone(), value).is_none(), "{key} is there twice");
        }
    }
    let mut out = BTreeMap::new();
    add::<DomainRow>(dataset, |row| row.domain.clone(), &mut out);
    add::<PolicyRow>(dataset, |row| row.domain.clone(), &mut out);
    add::<MxHostRow>(dataset, |row| row.host.clone(), &mut out);
    add::<EndpointRow>(dataset, |row| format!("{} {} {}", row.host, row.server_name, row.ip), &mut out);
    out
}

fn timeless(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            // A reset may arrive while connecting or while reading: both are the same server's doing.
            if fields.get("error") == Some(&Value::from("connect-reset")) {
                fields.remove("stage");
            }
            let timing = |name: &str| name.ends_with("_ms") || name.ends_with("_at") || ["at", "ms"].contains(&name);
            let kept = fields.into_iter().filter(|(name, _)| !timing(name));
            Value::Object(kept.map(|(name, value)| (name, timeless(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(timeless).collect(),
        other => other,
    }
}

/// How long anything may take here before the test gives up.
const PATIENCE: Duration = Duration::from_secs(600);

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A scan that is under way and talks into a file; killed when dropped.
struct Scan {
    child: Child,
    said: PathBuf,
}

impl Scan {
    fn start(command: &mut Command, said: &Path) -> Scan {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(said).expect("a file"));
        Scan { child: command.spawn().expect("the scan starts"), said: said.to_owned() }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.said).expect("what it said")
    }

    fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_some()
    }

    /// Waits while the scan goes on.
    fn wait_until(&mut self, what: &str, mut is_so: impl FnMut(&str) -> bool) {
        wait_until(what, || {
            assert!(!self.has_ended(), "it ended before {what}: {}", self.said());
            is_so(&self.said())
        });
    }

    fn end(mut self) -> String {
        wait_until("the scan ends", || self.has_ended());
        let text = self.said();
        assert!(self.child.wait().expect("a child of ours").success(), "{text}");
        text
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The resolver goes away at a third of the questions and comes back: nothing of that is in the rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_that_goes_away_and_comes_back_leaves_no_trace_but_a_pause() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = scenes::all(unix_seconds().expect("a clock"), Vantage::find()).expect("the lab's world");
    let lab = start(world, Ports::default(), &dir.path().join("lab")).await.expect("the lab");
    let list = some_that_answer(&lab.dir.join("domains.csv"), &dir.path().join("list.csv"));
    let out = |name: &str| dir.path().join(name);

    let undisturbed = mxcensus(scan(&lab, &list, &out("undisturbed"), &["--seed", "1"])).await;
    assert!(undisturbed.status.success(), "{}", stderr(&undisturbed));
    let expected = observed(&out("undisturbed"));
    assert!(manifest(&out("undisturbed")).runs[0].pauses.is_empty(), "{:?}", manifest(&out("undisturbed")).runs);

    for (loss, name) in [(Loss::Silent, "silent"), (Loss::Gone, "gone"), (Loss::Servfail, "servfail")] {
        let relay = relay::start(lab.dns, loss, 300).expect("a port");
        let args = through(relay.address(), scan(&lab, &list, &out(name), &["--seed", "1"]));
        let mut command = Command::new(env!("CARGO_BIN_EXE_mxcensus"));
        let mut scan = Scan::start(command.args(args), &out(&format!("{name}.log")));
        let text = tokio::task::spawn_blocking(move || {
            scan.wait_until("it pauses", |said| said.contains("Paused: no answer from the resolver"));
            relay.come_back();
            scan.end()
        });
        let text = text.await.expect("the scan goes on to its end");
        let manifest = manifest(&out(name));
        assert!(manifest.complete, "{loss:?}");
        let pauses = &manifest.runs[0].pauses;
        assert!(pauses.iter().any(|pause| pause.reason == "no answer from the resolver"), "{loss:?}: {pauses:?}");
        assert!(pauses.iter().all(|pause| pause.end.is_some()), "{loss:?}: {pauses:?}");
        let seen = observed(&out(name));
        for (key, row) in &expected {
            assert_eq!(Some(row), seen.get(key), "{loss:?}: {key}\n{text}");
        }
        assert_eq!(expected.len(), seen.len(), "{loss:?}");
    }
}

/// Whether nothing about a domain has to be waited for: what is silent by itself takes as long as a step may.
fn answers(line: &str) -> bool {
    let silences = ["silent", "deaf", "hangs.", "drips", "timeout", "tls-garbage", "endless"];
    !silences.iter().any(|silence| line.contains(silence))
}

/// Every third line of a list of those that answer, the heading included: enough of each stage, in a third of the time.
fn some_that_answer(list: &Path, to: &Path) -> PathBuf {
    let text = std::fs::read_to_string(list).expect("the lab's list");
    let lines: Vec<&str> = text.lines().filter(|line| answers(line)).step_by(3).collect();
    std::fs::write(to, lines.join("\n") + "\n").expect("a list");
    to.to_owned()
}

/// The same arguments with another resolver.
fn through(resolver: SocketAddr, mut args: Vec<String>) -> Vec<String> {
    let at = args.iter().position(|arg| arg == "--resolver").expect("the lab names its resolver");
    args[at + 1] = resolver.to_string();
    args
}
