//! A lab, what an undisturbed crawl of it leaves, and what a disturbed one must have in common with that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use mxcensus_dataset::Dataset;
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use mxcensus_scan::attempts::JOURNAL;

use crate::support::{Lab, Scan, Table, differences, is_slow, judged, leftovers, observed, program, same_rows};

/// Small parts and few things under way, so that every kill finds full queues and young files. A step may take long: a busy
/// machine must not look like a silent peer. An endpoint may lose more connections to so many kills than the four that it
/// is given: here they must not run out, and `attempts` shows that they do.
const CONFIG: &str = "step-timeout = 15.0
[limits]
connections_per_endpoint = 1000
rows_per_part = 5
seconds_per_part = 1
domains_in_flight = 4
policies_in_flight = 3
hosts_in_flight = 4
endpoints_in_flight = 6
";

/// A lab and what an undisturbed crawl of it leaves.
pub(super) struct World {
    pub lab: Lab,
    dir: tempfile::TempDir,
    list: PathBuf,
    pub tables: BTreeMap<&'static str, Table>,
    pub verdicts: (Vec<VerdictRow>, Vec<MxVerdictRow>),
    pub asked: Asked,
}

/// One for all tests of this file, one test at a time: the lab remembers who came.
static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| Mutex::new(World::begin(|domain| !is_slow(domain))));

pub(super) fn world() -> MutexGuard<'static, World> {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers who came: how often it must be contacted depends on the crawls before.
pub(super) const GREYLISTS: &str = "mx.lab-smtp-greylist.com";

/// Which questions and which addresses belong to which row, for the access log.
pub(super) struct Asked {
    /// By address, the endpoints there.
    smtp: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// By address, the policies there.
    https: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// Input domains.
    domains: BTreeSet<String>,
    /// MX hosts that are no input domain.
    pub hosts: BTreeSet<String>,
}

impl Asked {
    fn new(tables: &BTreeMap<&'static str, Table>) -> Asked {
        let mut asked = Asked {
            smtp: BTreeMap::new(),
            https: BTreeMap::new(),
            domains: tables["domains"].keys().map(|key| key[0].clone()).collect(),
            hosts: BTreeSet::new(),
        };
        for key in tables["endpoints"].keys() {
            asked.smtp.entry(key[2].clone()).or_default().insert(key.clone());
        }
        for (key, row) in &tables["policies"] {
            for address in row["policy_addresses"].as_array().into_iter().flatten() {
                let address = address.as_str().expect("an address").to_owned();
                asked.https.entry(address).or_default().insert(key.clone());
            }
        }
        let hosts = tables["mx_hosts"].keys().map(|key| key[0].clone());
        asked.hosts = hosts.filter(|host| !asked.domains.contains(host)).collect();
        asked
    }

    /// The lines of the log that asked or contacted what had its row already.
    pub(super) fn again(&self, log: &[String], durable: &BTreeMap<&'static str, Table>) -> Vec<String> {
        let has = |table: &str, name: &str| durable[table].contains_key(&vec![name.to_owned()]);
        let all_have = |table: &str, keys: Option<&BTreeSet<Vec<String>>>| {
            keys.is_some_and(|keys| keys.iter().all(|key| durable[table].contains_key(key)))
        };
        let is_again = |line: &&String| match line.split(' ').collect::<Vec<_>>()[..] {
            ["smtp", address] => all_have("endpoints", self.smtp.get(address)),
            ["https", address] => all_have("policies", self.https.get(address)),
            ["dns", "MX", name] => has("domains", name.trim_end_matches('.')),
            ["dns", "AAAA", name] => {
                let name = name.trim_end_matches('.');
                self.hosts.contains(name) && has("mx_hosts", name)
            }
            _ => false,
        };
        log.iter().filter(is_again).cloned().collect()
    }
}

impl World {
    /// A lab, of which the domains are scanned that `is_wanted`.
    pub(super) fn begin(is_wanted: impl Fn(&str) -> bool) -> World {
        let lab = Lab::start(&[]);
        let dir = tempfile::tempdir().expect("a directory");
        let list = dir.path().join("list.csv");
        lab.write_list(&list, is_wanted);
        std::fs::write(dir.path().join("config.toml"), CONFIG).expect("a file");
        let mut world = World {
            lab,
            dir,
            list,
            tables: BTreeMap::new(),
            verdicts: Default::default(),
            asked: Asked::new(&["domains", "policies", "mx_hosts", "endpoints"].map(|t| (t, Table::new())).into()),
        };
        let undisturbed = world.out("undisturbed");
        let (status, _, stderr) = Scan::start(&mut world.scan(&undisturbed)).end();
        assert!(status.success(), "{stderr}");
        world.tables = observed(&undisturbed);
        world.verdicts = (judged(&undisturbed), judged(&undisturbed));
        world.asked = Asked::new(&world.tables);
        assert!(world.tables.values().all(|table| table.len() > 50), "a world worth the trouble");
        world
    }

    pub(super) fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The list of domains.
    pub(super) fn list(&self) -> &Path {
        &self.list
    }

    /// A scan of the list into a new dataset.
    pub(super) fn scan(&self, out: &Path) -> Command {
        let mut command = self.scan_without_list(out);
        command.arg(self.list());
        command
    }

    /// A resume.
    pub(super) fn resume(&self, out: &Path) -> Command {
        let mut command = self.scan_without_list(out);
        command.arg("--resume");
        command
    }

    /// A resume that may find nothing read.
    pub(super) fn resume_with_list(&self, out: &Path) -> Command {
        let mut command = self.scan(out);
        command.arg("--resume");
        command
    }

    /// A scan without a list.
    pub(super) fn scan_without_list(&self, out: &Path) -> Command {
        self.scan_with(&self.out("config.toml"), out)
    }

    /// The same with other limits.
    pub(super) fn scan_with(&self, config: &Path, out: &Path) -> Command {
        let mut command = program();
        command.arg("scan").arg("--out").arg(out).arg("--config").arg(config);
        command.args(self.lab.flags()).args(["--seed", "7"]);
        command
    }

    /// Resumes to the end and holds the dataset against the undisturbed one.
    pub(super) fn finish(&self, out: &Path) {
        let durable = observed(out);
        let from = self.lab.log_length();
        let (status, _, stderr) = Scan::start(&mut self.resume(out)).end();
        assert_eq!(status.code(), Some(0), "{stderr}");
        assert_eq!(self.asked.again(&self.lab.log_since(from), &durable), [""; 0], "asked or contacted again");
        self.hold(out);
    }

    /// Everything that a dataset must have in common with the undisturbed one.
    pub(super) fn hold(&self, out: &Path) {
        let differences = differences(&comparable(self.tables.clone()), &comparable(observed(out)));
        assert!(differences.is_empty(), "{} differ from the undisturbed crawl: {differences:#?}", differences.len());
        same_rows(&self.verdicts.0, &judged::<VerdictRow>(out));
        same_rows(&self.verdicts.1, &judged::<MxVerdictRow>(out));
        assert!(leftovers(out).is_empty(), "staged files are left: {:?}", leftovers(out));
        assert!(!out.join(JOURNAL).exists(), "the journal of attempts is left");
        let dataset = Dataset::open(out).expect("a dataset");
        let manifest = dataset.manifest().expect("a manifest");
        assert!(manifest.complete);
        let as_it_is = dataset.table_files(&BTreeMap::new()).expect("readable files");
        assert_eq!(manifest.tables, as_it_is, "the manifest lists what is there");
    }

    /// What is still to be done in each table.
    pub(super) fn remaining(&self, durable: &BTreeMap<&'static str, Table>) -> BTreeMap<&'static str, usize> {
        self.tables.iter().map(|(table, rows)| (*table, rows.len() - durable[table].len())).collect()
    }
}

/// Without what the lab's memory decides.
fn comparable(mut tables: BTreeMap<&'static str, Table>) -> BTreeMap<&'static str, Table> {
    let endpoints = tables.get_mut("endpoints").into_iter().flatten();
    for (_, row) in endpoints.filter(|(key, _)| key[0] == GREYLISTS) {
        row.as_object_mut()
            .expect("a row")
            .retain(|column, _| !["attempt_log", "connections"].contains(&column.as_str()));
    }
    tables
}
