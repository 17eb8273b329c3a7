//! `mxcensus demo`: the main job on a machine without the internet.
//!
//! Starts the lab in a process of its own, points the real `mxcensus scan` at it by flags, and compares every row with
//! what was expected by hand. Nothing is replaced inside the scanner: packets go through real sockets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use mxcensus_dataset::manifest::Made;
use mxcensus_dataset::{DatasetError, Row, TableReader};
use mxcensus_rules::observation::{DomainRow, EndpointRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use mxcensus_scan::dns::Mode;

/// Why the demo could not be run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The lab did not come up.
    #[error("the lab did not start within {0} seconds; run `mxcensus lab` to see why")]
    NoLab(u64),
    /// The scan could not run; it has said why itself.
    #[error("the scan failed")]
    Scan,
    /// A directory is in the way that no demo made.
    #[error("{} exists and is not a dataset: remove it, or give another with --out", .0.display())]
    InTheWay(PathBuf),
    /// Files of the lab or of the dataset.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the lab expects is not JSON Lines.
    #[error("expected verdicts: {0}")]
    Expected(#[from] serde_json::Error),
    /// The dataset could not be read back.
    #[error(transparent)]
    Read(#[from] DatasetError),
}

/// The lab's servers answer at once or never, so a wait of half a minute is not needed. On a busy machine "at once" is
/// soon only where few wait for the processor at the same time.
const CONFIG: &str = "step-timeout = 10.0
[limits]
domains_in_flight = 32
hosts_in_flight = 32
policies_in_flight = 32
endpoints_in_flight = 32
";

/// How long the lab may take to sign its zones, on a machine that has other things to do.
const LAB_STARTS_WITHIN: Duration = Duration::from_secs(600);

/// Runs the demo into `out`, where an earlier demo is replaced, with the program that this process is. Tells what it does
/// through `say`; true when every row agreed with its expectation.
pub async fn run(out: PathBuf, say: &mut dyn FnMut(String)) -> Result<bool, DemoError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::File { path, source }
    };
    if out.exists() {
        if !out.join("manifest.json").is_file() {
            return Err(DemoError::InTheWay(out));
        }
        std::fs::remove_dir_all(&out).map_err(file(&out))?;
    }
    let program = std::env::current_exe().map_err(file(Path::new("mxcensus")))?;
    let lab_dir = out.with_extension("lab");
    let _ = std::fs::remove_dir_all(&lab_dir);
    std::fs::create_dir_all(&lab_dir).map_err(file(&lab_dir))?;

    say("Starting the lab: a signed DNS tree, policy hosts and mail servers on loopback.".to_owned());
    let mut lab = tokio::process::Command::new(&program)
        .args(["lab", "--dir"])
        .arg(&lab_dir)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(file(&program))?;
    let flags_file = lab_dir.join("flags.txt");
    let begun = Instant::now();
    while !flags_file.is_file() {
        if begun.elapsed() > LAB_STARTS_WITHIN || lab.try_wait().ok().flatten().is_some() {
            return Err(DemoError::NoLab(LAB_STARTS_WITHIN.as_secs()));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let flags = std::fs::read_to_string(&flags_file).map_err(file(&flags_file))?;
    let list = lab_dir.join("domains.csv");
    let config = lab_dir.join("demo.toml");
    std::fs::write(&config, CONFIG).map_err(file(&config))?;
    let config = config.display().to_string();
    let flags: Vec<&str> = flags.split_whitespace().chain(["--config", &config, "--made", Made::Demo.word()]).collect();
    say(format!("$ mxcensus scan {} --out {} {}", list.display(), out.display(), flags.join(" ")));
    let status = tokio::process::Command::new(&program)
        .arg("scan")
        .arg(&list)
        .arg("--out")
        .arg(&out)
        .args(&flags)
        .status()
        .await
        .map_err(file(&program))?;
    let _ = lab.kill().await;
    if !status.success() {
        return Err(DemoError::Scan);
    }
    let comparison = compare(&out, &lab_dir.join("expected.jsonl"))?;
    say(format!("\nCompared with the verdicts written by hand: {comparison}"));
    say(format!("The dataset is in {}; `mxcensus schema` explains its columns.", out.display()));
    Ok(comparison.disagreements.is_empty())
}

/// What came of holding a dataset against its expectations.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Domains with an expectation.
    pub domains: usize,
    /// Values compared.
    pub values: usize,
    /// One line per value that differs.
    pub disagreements: Vec<String>,
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values of {} domains, {} differ.", self.values, self.domains, self.disagreements.len())?;
        self.disagreements.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Holds a dataset against `expected` (JSON Lines): `verdict`, `mx` and `endpoints` by host, `observed`; with
/// `trust_ad` in the place of the former two where the dataset says that a validating resolver was believed.
pub fn compare(dataset: &Path, expected: &Path) -> Result<Comparison, DemoError> {
    let resolver = mxcensus_dataset::Dataset::open(dataset)?.manifest()?.resolver;
    let trust_ad = resolver.is_some_and(|resolver| resolver.dnssec == Mode::TrustAd.word());
    let verdicts = by_key::<VerdictRow>(dataset, |row| row.domain.clone())?;
    let observed = by_key::<DomainRow>(dataset, |row| row.domain.clone())?;
    let hosts = by_key::<MxVerdictRow>(dataset, |row| format!("{} {}", row.domain, row.host))?;
    let endpoints = by_key::<EndpointRow>(dataset, |row| row.host.clone())?;
    let text =
        std::fs::read_to_string(expected).map_err(|source| DemoError::File { path: expected.to_owned(), source })?;
    let mut comparison = Comparison::default();
    for line in text.lines() {
        let scene: Value = serde_json::from_str(line)?;
        let domain = scene["domain"].as_str().unwrap_or_default();
        comparison.domains += 1;
        let judged = Some(&scene["trust_ad"]).filter(|other| trust_ad && other.is_object()).unwrap_or(&scene);
        comparison.hold(domain, &verdicts, domain, &judged["verdict"]);
        comparison.hold(domain, &observed, domain, &scene["observed"]);
        for (host, columns) in judged["mx"].as_object().into_iter().flatten() {
            let key = format!("{domain} {host}");
            comparison.hold(&key, &hosts, &key, columns);
        }
        for (host, columns) in scene["endpoints"].as_object().into_iter().flatten() {
            comparison.hold(&format!("{domain} {host} endpoint"), &endpoints, host, columns);
        }
    }
    Ok(comparison)
}

/// The rows of a table as JSON, by key.
type Rows = BTreeMap<String, Vec<Value>>;

fn by_key<R: Row>(dataset: &Path, key: impl Fn(&R) -> String) -> Result<Rows, DemoError> {
    let mut rows = Rows::new();
    for row in TableReader::distinct(dataset, R::TABLE)?.rows::<R>() {
        let row = row?;
        rows.entry(key(&row)).or_default().push(serde_json::to_value(row)?);
    }
    Ok(rows)
}

impl Comparison {
    /// Every row of `key` must hold the `expected` columns.
    fn hold(&mut self, what: &str, rows: &Rows, key: &str, expected: &Value) {
        let Some(columns) = expected.as_object().filter(|columns| !columns.is_empty()) else { return };
        let Some(rows) = rows.get(key) else {
            self.disagreements.push(format!("{what}: no row"));
            return;
        };
        for row in rows {
            for (column, expected) in columns {
                self.values += 1;
                let seen = row.get(column).unwrap_or(&Value::Null);
                if seen != expected {
                    self.disagreements.push(format!("{what}: {column} is {seen}, expected {expected}"));
                }
            }
        }
    }
}
