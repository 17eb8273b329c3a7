//! The lab on real ports in a namespace, behind a real Unbound on port 53, and what the real program made of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mxcensus_dataset::{Row, TableReader};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};

use crate::namespace::{Namespace, missing, text, wait_for};
use crate::shared;
use crate::support::skip;

/// The lab, its namespace, and the tables of one scan of it.
pub(super) struct Lab {
    pub namespace: Namespace,
    /// Files of the lab: roots, trust anchor, list.
    pub files: PathBuf,
    /// The dataset.
    pub dataset: PathBuf,
    pub verdicts: BTreeMap<String, VerdictRow>,
    /// By domain.
    pub mx: BTreeMap<String, Vec<MxVerdictRow>>,
    pub domains: Vec<DomainRow>,
    pub hosts: BTreeMap<String, MxHostRow>,
    /// By host.
    pub endpoints: BTreeMap<String, Vec<EndpointRow>>,
    /// DER by fingerprint.
    pub certificates: BTreeMap<String, Vec<u8>>,
}

/// Brought up and scanned once for all judges.
static LAB: LazyLock<Result<Lab, String>> = LazyLock::new(bring_up);

/// The lab, if these programs are there; else says why not and that the test is skipped.
pub(super) fn with(programs: &[&'static str]) -> Option<&'static Lab> {
    let why = match missing(programs) {
        Some(program) => format!("{program} is not installed"),
        None => match &*LAB {
            Ok(lab) => return Some(lab),
            Err(why) => why.clone(),
        },
    };
    skip(&why);
    None
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_mxcensus");

fn bring_up() -> Result<Lab, String> {
    if let Some(program) = missing(&["unshare", "nsenter", "ip", "mount", "timeout", "bash", "unbound"]) {
        return Err(format!("{program} is not installed"));
    }
    let directory = shared::folder("judges", |_| {});
    let namespace = Namespace::new(&directory, "")?;
    let files = directory.join("lab");
    let path = files.display().to_string();
    let ports = ["--dns-port", "5300", "--https-port", "443", "--smtp-port", "25"];
    namespace.start(&directory.join("lab.log"), PROGRAM, &[&["lab", "--dir", &path], &ports[..]].concat());
    wait_for("the lab", || files.join("flags.txt").is_file());

    // Programs that read /etc/resolv.conf ask at port 53.
    let written = std::fs::read_to_string(files.join("unbound.conf")).map_err(|e| e.to_string())?;
    let moved =
        |line: &str| if line.contains("interface: ") { "    interface: 127.0.0.1@53".into() } else { line.to_owned() };
    let configuration = files.join("unbound-53.conf");
    std::fs::write(&configuration, written.lines().map(moved).collect::<Vec<_>>().join("\n") + "\n")
        .map_err(|e| e.to_string())?;
    namespace.start(&directory.join("unbound.log"), "unbound", &["-d", "-c", &configuration.display().to_string()]);
    namespace.wait_for("127.0.0.1", 53);

    let flags = std::fs::read_to_string(files.join("flags.txt")).map_err(|e| e.to_string())?;
    let dataset = directory.join("dataset");
    let (list, out) = (files.join("domains.csv").display().to_string(), dataset.display().to_string());
    let mut args = vec!["scan", &list, "--out", &out, "--step-timeout", "10"];
    args.extend(flags.split_whitespace());
    let output = namespace.run(1800, PROGRAM, &args);
    assert!(output.status.success(), "{}", text(&output));

    let by_domain = |row: VerdictRow| (row.domain.clone(), row);
    let mut lab = Lab {
        namespace,
        files,
        dataset: dataset.clone(),
        verdicts: rows::<VerdictRow>(&dataset).into_iter().map(by_domain).collect(),
        mx: BTreeMap::new(),
        domains: rows(&dataset),
        hosts: rows::<MxHostRow>(&dataset).into_iter().map(|row| (row.host.clone(), row)).collect(),
        endpoints: BTreeMap::new(),
        certificates: rows::<CertificateRow>(&dataset).into_iter().map(|row| (row.sha256, row.der.to_vec())).collect(),
    };
    for row in rows::<MxVerdictRow>(&dataset) {
        lab.mx.entry(row.domain.clone()).or_default().push(row);
    }
    for row in rows::<EndpointRow>(&dataset) {
        lab.endpoints.entry(row.host.clone()).or_default().push(row);
    }
    Ok(lab)
}

/// Every row of a table.
pub(super) fn rows<R: Row>(dataset: &Path) -> Vec<R> {
    let table = TableReader::distinct(dataset, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

impl Lab {
    /// A file of the lab, as an argument.
    pub(super) fn file(&self, name: &str) -> String {
        self.files.join(name).display().to_string()
    }

    /// Each MX host once, with its row under the first domain that names it.
    pub(super) fn distinct_hosts(&self) -> Vec<&MxVerdictRow> {
        let mut hosts: BTreeMap<&str, &MxVerdictRow> = BTreeMap::new();
        for row in self.mx.values().flatten() {
            hosts.entry(&row.host).or_insert(row);
        }
        hosts.into_values().collect()
    }

    /// The endpoints of a host under a server name at which something was seen that a sender could see too: what was
    /// left out for a reason of our own says nothing, and to the lab's old TLS servers nobody can complete a handshake.
    pub(super) fn comparable(&self, host: &str, server_name: &str) -> Vec<&EndpointRow> {
        let endpoints = self.endpoints.get(host).into_iter().flatten();
        endpoints
            .filter(|row| {
                row.server_name == server_name && row.stage.word() != "skipped" && row.legacy_version.is_none()
            })
            .collect()
    }
}

/// Calls `ask` for each item, a few at a time: most of the time is spent waiting for scripted silences.
pub(super) fn in_parallel<I: Send, A: Send>(items: Vec<I>, ask: impl Fn(I) -> A + Sync) -> Vec<A> {
    const THREADS: usize = 8;
    let next = std::sync::Mutex::new(items.into_iter().enumerate());
    let answers = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let item = next.lock().unwrap().next();
                    let Some((index, item)) = item else { break };
                    let answer = ask(item);
                    answers.lock().unwrap().push((index, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap();
    answers.sort_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
