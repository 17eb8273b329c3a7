//! `mxcensus demo`: the main job on a machine without the internet.
//!
//! Starts the lab in a process of its own, points the real `mxcensus scan` at it by flags, and compares every row with
//! what was expected by hand. Nothing is replaced inside the scanner: packets go through real sockets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::cli::DemoArgs;
use crate::dataset::{DatasetError, Row, TableReader};
use crate::judge::rows::{MxVerdictRow, VerdictRow};

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

/// How long the lab may take to sign its zones.
const LAB_STARTS_WITHIN: Duration = Duration::from_secs(60);

/// Runs the demo; true when every row agreed with its expectation.
pub async fn command(args: DemoArgs) -> Result<bool, DemoError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::File { path, source }
    };
    if args.out.exists() {
        if !args.out.join("manifest.json").is_file() {
            return Err(DemoError::InTheWay(args.out));
        }
        std::fs::remove_dir_all(&args.out).map_err(file(&args.out))?;
    }
    let program = std::env::current_exe().map_err(file(Path::new("mxcensus")))?;
    let lab_dir = args.out.with_extension("lab");
    let _ = std::fs::remove_dir_all(&lab_dir);
    std::fs::create_dir_all(&lab_dir).map_err(file(&lab_dir))?;

    println!("Starting the lab: a signed DNS tree, policy hosts and mail servers on loopback.");
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
    println!("$ mxcensus scan {} --out {} {}", list.display(), args.out.display(), flags.trim());
    let status = tokio::process::Command::new(&program)
        .arg("scan")
        .arg(&list)
        .arg("--out")
        .arg(&args.out)
        .args(flags.split_whitespace())
        .status()
        .await
        .map_err(file(&program))?;
    let _ = lab.kill().await;
    if !status.success() {
        return Err(DemoError::Scan);
    }
    let comparison = compare(&args.out, &lab_dir.join("expected.jsonl"))?;
    println!("\nCompared with the verdicts written by hand: {comparison}");
    println!("The dataset is in {}; `mxcensus schema` explains its columns.", args.out.display());
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

/// Holds the verdict tables in `dataset` against `expected` (JSON Lines: `domain`, `verdict`, `mx`).
pub fn compare(dataset: &Path, expected: &Path) -> Result<Comparison, DemoError> {
    let mut domains = BTreeMap::new();
    for row in TableReader::open(dataset, VerdictRow::TABLE)?.rows::<VerdictRow>() {
        let row = row?;
        domains.insert(row.domain.clone(), serde_json::to_value(row)?);
    }
    let mut hosts = BTreeMap::new();
    for row in TableReader::open(dataset, MxVerdictRow::TABLE)?.rows::<MxVerdictRow>() {
        let row = row?;
        hosts.insert((row.domain.clone(), row.host.clone()), serde_json::to_value(row)?);
    }
    let text = std::fs::read_to_string(expected)
        .map_err(|source| DemoError::File { path: expected.to_owned(), source })?;
    let mut comparison = Comparison::default();
    for line in text.lines() {
        let scene: Map<String, Value> = serde_json::from_str(line)?;
        let domain = scene.get("domain").and_then(Value::as_str).unwrap_or_default().to_owned();
        comparison.domains += 1;
        comparison.hold(&domain, domains.get(&domain), scene.get("verdict"));
        for (host, columns) in scene.get("mx").and_then(Value::as_object).into_iter().flatten() {
            comparison.hold(&format!("{domain} {host}"), hosts.get(&(domain.clone(), host.clone())), Some(columns));
        }
    }
    Ok(comparison)
}

impl Comparison {
    fn hold(&mut self, what: &str, row: Option<&Value>, expected: Option<&Value>) {
        for (column, expected) in expected.and_then(Value::as_object).into_iter().flatten() {
            self.values += 1;
            match row.map(|row| row.get(column).unwrap_or(&Value::Null)) {
                None => self.disagreements.push(format!("{what}: no row")),
                Some(seen) if seen != expected => {
                    self.disagreements.push(format!("{what}: {column} is {seen}, expected {expected}"));
                }
                Some(_) => {}
            }
        }
    }
}
