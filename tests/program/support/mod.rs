//! What the tests of survival share: a lab in a process of its own, scans that can be killed, datasets as comparable
//! rows.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use mxcensus_dataset::{Row, TableReader, part_files};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long anything may take here before the test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(900);

/// Says that a test is skipped; where every judge has to be there, it fails.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("MXCENSUS_REQUIRE_INTEROP").is_none(), "{why}");
    println!("skipped: {why}");
}

/// The program under test.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mxcensus"))
}

/// A lab in a process of its own, with an access log. It ends with this process, however that ends.
pub(crate) struct Lab {
    dir: tempfile::TempDir,
    /// A shell that takes the lab down when its standard input is closed.
    _guard: Child,
    lab: Pid,
}

impl Lab {
    /// Starts a lab with further arguments and waits until it is up.
    pub(crate) fn start(arguments: &[&str]) -> Lab {
        let dir = tempfile::tempdir().expect("a directory for the lab");
        let mut guard = Command::new("sh")
            .args(["-c", "\"$@\" >/dev/null & echo $!; read -r _; kill $!", "sh", env!("CARGO_BIN_EXE_mxcensus")])
            .args(["lab", "--access-log", "--dir"])
            .arg(dir.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let mut pid = String::new();
        BufReader::new(guard.stdout.take().expect("its output")).read_line(&mut pid).expect("the lab's process id");
        let lab = Pid::from_raw(pid.trim().parse().expect("a process id")).expect("a process id");
        let lab = Lab { dir, _guard: guard, lab };
        wait_until("the lab is up", || lab.file("flags.txt").is_file());
        // Certificates are valid for whole days from the second in which the lab began: only in that second is one more
        // day left.
        std::thread::sleep(Duration::from_secs(1));
        lab
    }

    /// A file of the lab's directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a list of those of its domains that are wanted.
    pub(crate) fn write_list(&self, path: &Path, is_wanted: impl Fn(&str) -> bool) {
        let all = std::fs::read_to_string(self.file("domains.csv")).expect("the lab's list");
        let wanted: Vec<&str> = all.lines().filter(|line| is_wanted(line)).collect();
        std::fs::write(path, wanted.join("\n") + "\n").expect("a file");
    }

    /// The flags that point a scan at the lab.
    pub(crate) fn flags(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file("flags.txt")).expect("the lab's flags");
        text.lines().map(str::to_owned).collect()
    }

    /// Makes the servers forget who came before.
    pub(crate) fn forget(&self) {
        let before = self.log_length();
        kill_process(self.lab, Signal::HUP).expect("the lab is there");
        wait_until("the lab forgot", || self.log_since(before).iter().any(|line| line == "lab forgot"));
    }

    /// How long the access log is.
    pub(crate) fn log_length(&self) -> usize {
        std::fs::metadata(self.file("access.log")).map_or(0, |metadata| metadata.len() as usize)
    }

    /// The whole lines of the access log from a position on.
    pub(crate) fn log_since(&self, position: usize) -> Vec<String> {
        let mut log = std::fs::File::open(self.file("access.log")).expect("the access log");
        log.seek(SeekFrom::Start(position as u64)).expect("a file that can be sought in");
        let mut text = Vec::new();
        log.read_to_end(&mut text).expect("the access log");
        let text = String::from_utf8_lossy(&text).into_owned();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(str::to_owned).collect()
    }
}

/// A running `mxcensus scan`; killed when dropped.
pub(crate) struct Scan {
    child: Child,
}

impl Scan {
    /// Starts a command.
    pub(crate) fn start(command: &mut Command) -> Scan {
        Scan { child: command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the scan starts") }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("the scan can be killed");
        self.child.wait().expect("the scan ends");
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("the scan is there");
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_some()
    }

    /// Its standard error, to be read while it runs.
    pub(crate) fn take_stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().expect("standard error was not taken before")
    }

    /// Waits for its end: status, and what it said on standard output and standard error.
    pub(crate) fn end(mut self) -> (ExitStatus, String, String) {
        let read = |stream: Option<Box<dyn std::io::Read + Send>>| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut stream) = stream {
                    let _ = stream.read_to_end(&mut bytes);
                }
                String::from_utf8_lossy(&bytes).into_owned()
            })
        };
        let stdout = read(self.child.stdout.take().map(|stream| Box::new(stream) as _));
        let stderr = read(self.child.stderr.take().map(|stream| Box::new(stream) as _));
        wait_until("the scan ends", || self.child.try_wait().expect("a child of ours").is_some());
        let status = self.child.wait().expect("a child of ours");
        (status, stdout.join().expect("a reader"), stderr.join().expect("a reader"))
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Domains about which there is nothing but silence to be waited for, or little else: they take most of a minute, and all
/// the others a few seconds.
pub(crate) fn is_slow(domain: &str) -> bool {
    let silences = ["silent", "deaf", "hangs.", "drips", "timeout", "tls-garbage", "endless"];
    silences.iter().any(|silence| domain.contains(silence))
}

/// Looks every millisecond until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Rows by key, without what two looks at the same thing may differ in: instants and durations.
pub(crate) type Table = BTreeMap<Vec<String>, Value>;

/// The observed tables of a dataset, by name.
pub(crate) fn observed(dataset: &Path) -> BTreeMap<&'static str, Table> {
    BTreeMap::from([
        table(dataset, |row: &DomainRow| vec![row.domain.clone()]),
        table(dataset, |row: &PolicyRow| vec![row.domain.clone()]),
        table(dataset, |row: &MxHostRow| vec![row.host.clone()]),
        table(dataset, |row: &EndpointRow| vec![row.host.clone(), row.server_name.clone(), row.ip.clone()]),
        table(dataset, |row: &CertificateRow| vec![row.sha256.clone()]),
    ])
}

/// One table; fails when a key stands twice. Every file that has its name must be readable.
fn table<R: Row>(dataset: &Path, key: impl Fn(&R) -> Vec<String>) -> (&'static str, Table) {
    let mut rows = Table::new();
    if !part_files(&dataset.join(R::TABLE.name)).expect("a folder").is_empty() {
        for row in TableReader::open(dataset, R::TABLE).expect("a table").rows::<R>() {
            let row = row.expect("a file with its final name is whole");
            let mut value = serde_json::to_value(&row).expect("a row as JSON");
            take_times(&mut value);
            let twice = rows.insert(key(&row), value);
            assert!(twice.is_none(), "{}: {:?} stands twice", R::TABLE.name, key(&row));
        }
    }
    (R::TABLE.name, rows)
}

fn take_times(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // A reset may arrive while connecting or while reading: both are the same server's doing.
            for (stage, error) in [("stage", "error"), ("policy_stage", "policy_error")] {
                if object.get(error).is_some_and(|error| error == "connect-reset") {
                    object.remove(stage);
                }
            }
            object.retain(|name, _| !(name == "at" || name == "ms" || name.ends_with("_at") || name.ends_with("_ms")));
            object.values_mut().for_each(take_times);
        }
        Value::Array(items) => items.iter_mut().for_each(take_times),
        _ => {}
    }
}

/// The judged rows, in their order.
pub(crate) fn judged<R: Row>(dataset: &Path) -> Vec<R> {
    let table = TableReader::open(dataset, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

/// Fails with the first row that is not the same in both.
pub(crate) fn same_rows<R: PartialEq + std::fmt::Debug>(expected: &[R], rows: &[R]) {
    let pair = expected.iter().zip(rows).find(|(a, b)| a != b);
    assert!(pair.is_none(), "expected and found differ: {pair:#?}");
    assert_eq!(expected.len(), rows.len());
}

/// What differs between two sets of tables, one line each.
pub(crate) fn differences(one: &BTreeMap<&'static str, Table>, other: &BTreeMap<&'static str, Table>) -> Vec<String> {
    let mut out = Vec::new();
    for (name, rows) in one {
        let others = &other[name];
        for key in rows.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
            match (rows.get(key), others.get(key)) {
                (Some(a), Some(b)) if a == b => {}
                (Some(Value::Object(a)), Some(Value::Object(b))) => {
                    let columns = a.keys().filter(|column| a.get(*column) != b.get(*column));
                    out.extend(columns.map(|c| format!("{name} {key:?} {c}: {:?} against {:?}", a.get(c), b.get(c))));
                }
                (a, b) => out.push(format!("{name} {key:?}: there {}, there {}", a.is_some(), b.is_some())),
            }
        }
    }
    out
}

/// What lies about in a dataset that has no business there: staged files and folders.
pub(crate) fn leftovers(dataset: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dataset.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && name != ".lock" {
                found.push(entry.path());
            } else if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}
