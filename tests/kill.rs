//! Killed at any instant and resumed, a crawl leaves what an undisturbed one leaves.
//!
//! The real binary scans the lab and gets `kill -9` when the lab sees it do something: the lab's access log and the
//! dataset say when, nothing is slept for. Then `--resume`, which is killed again, and so on to the end. Held against an undisturbed crawl of the same
//! lab: every row of every table, instants and durations aside; and against the access log: what had its row
//! was not asked or contacted again.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mxcensus::dataset::Dataset;
use mxcensus::judge::rows::{MxVerdictRow, VerdictRow};
use rustix::process::Signal;
use support::{Lab, Scan, Table, differences, judged, leftovers, observed, program, same_rows, wait_until};

/// Small parts and few things under way, so that every kill finds full queues and young files. A step may take long:
/// a busy machine must not look like a silent peer.
const CONFIG: &str = "step-timeout = 4.0
[limits]
rows_per_part = 5
seconds_per_part = 1
domains_in_flight = 4
policies_in_flight = 3
hosts_in_flight = 4
endpoints_in_flight = 6
";

/// A lab and what an undisturbed crawl of it leaves.
struct World {
    lab: Lab,
    dir: tempfile::TempDir,
    tables: BTreeMap<&'static str, Table>,
    verdicts: (Vec<VerdictRow>, Vec<MxVerdictRow>),
    asked: Asked,
}

/// One for all tests of this file, one test at a time: the lab remembers who came.
static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| Mutex::new(World::begin()));

fn world() -> MutexGuard<'static, World> {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which questions and which addresses belong to which row, for the access log.
struct Asked {
    /// By address, the endpoints there.
    smtp: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// By address, the policies there.
    https: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// Input domains.
    domains: BTreeSet<String>,
    /// MX hosts that are no input domain.
    hosts: BTreeSet<String>,
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
    fn again(&self, log: &[String], durable: &BTreeMap<&'static str, Table>) -> Vec<String> {
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
    fn begin() -> World {
        let lab = Lab::start(&[]);
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("config.toml"), CONFIG).expect("a file");
        let mut world = World {
            lab,
            dir,
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

    fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn list(&self) -> PathBuf {
        self.lab.file("domains.csv")
    }

    /// A scan of the list into a new dataset.
    fn scan(&self, out: &Path) -> Command {
        let mut command = self.scan_without_list(out);
        command.arg(self.list());
        command
    }

    /// A resume.
    fn resume(&self, out: &Path) -> Command {
        let mut command = self.scan_without_list(out);
        command.arg("--resume");
        command
    }

    /// A resume that may find nothing read.
    fn resume_with_list(&self, out: &Path) -> Command {
        let mut command = self.scan(out);
        command.arg("--resume");
        command
    }

    fn scan_without_list(&self, out: &Path) -> Command {
        let mut command = program();
        command.arg("scan").arg("--out").arg(out).arg("--config").arg(self.out("config.toml"));
        command.args(self.lab.flags()).args(["--seed", "7"]);
        command
    }

    /// Resumes to the end and holds the dataset against the undisturbed one.
    fn finish(&self, out: &Path) {
        let durable = observed(out);
        self.lab.forget();
        let from = self.lab.log_length();
        let (status, _, stderr) = Scan::start(&mut self.resume(out)).end();
        assert_eq!(status.code(), Some(0), "{stderr}");
        assert_eq!(self.asked.again(&self.lab.log_since(from), &durable), [""; 0], "asked or contacted again");
        self.hold(out);
    }

    /// Everything that a dataset must have in common with the undisturbed one.
    fn hold(&self, out: &Path) {
        let differences = differences(&self.tables, &observed(out));
        assert!(differences.is_empty(), "{} differ from the undisturbed crawl: {differences:#?}", differences.len());
        same_rows(&self.verdicts.0, &judged::<VerdictRow>(out));
        same_rows(&self.verdicts.1, &judged::<MxVerdictRow>(out));
        assert!(leftovers(out).is_empty(), "staged files are left: {:?}", leftovers(out));
        let dataset = Dataset::open(out).expect("a dataset");
        let manifest = dataset.manifest().expect("a manifest");
        assert!(manifest.complete);
        let as_it_is = dataset.table_files(&BTreeMap::new()).expect("readable files");
        assert_eq!(manifest.tables, as_it_is, "the manifest lists what is there");
    }

    /// What is still to be done in each table.
    fn remaining(&self, durable: &BTreeMap<&'static str, Table>) -> BTreeMap<&'static str, usize> {
        self.tables.iter().map(|(table, rows)| (*table, rows.len() - durable[table].len())).collect()
    }
}

/// The stages, and how the lab sees that one is at work.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stage {
    Domain,
    Policy,
    Host,
    Endpoint,
}

impl Stage {
    const ALL: [Stage; 4] = [Stage::Domain, Stage::Policy, Stage::Host, Stage::Endpoint];

    /// Table, in-flight limit.
    fn table(self) -> (&'static str, usize) {
        match self {
            Stage::Domain => ("domains", 4),
            Stage::Policy => ("policies", 3),
            Stage::Host => ("mx_hosts", 4),
            Stage::Endpoint => ("endpoints", 6),
        }
    }

    fn is_at_work(self, line: &str, asked: &Asked) -> bool {
        match self {
            Stage::Domain => line.starts_with("dns MX "),
            Stage::Policy => line.starts_with("https "),
            Stage::Host => {
                line.strip_prefix("dns AAAA ").is_some_and(|name| asked.hosts.contains(name.trim_end_matches('.')))
            }
            Stage::Endpoint => line.starts_with("smtp "),
        }
    }
}

/// Kills one crawl again and again, in the stages in turn, then lets it end. Returns the stages of the kills that
/// struck as wished: the stage at work, more of its rows missing than it works on at once, and part files there.
fn kill_and_kill(world: &World, name: &str, kills: usize, seed: u64) -> Vec<Stage> {
    let out = world.out(name);
    let mut struck = Vec::new();
    let mut random = seed;
    for kill in 0..kills {
        let stage = Stage::ALL[(kill + seed as usize) % 4];
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let nth = 1 + (random >> 33) as usize % 6;
        let delay = Duration::from_micros((random >> 40) % 4_000);
        let fresh = !out.join("manifest.json").exists();
        let durable = if fresh { BTreeMap::new() } else { observed(&out) };
        world.lab.forget();
        let from = world.lab.log_length();
        let mut scan = Scan::start(&mut if fresh { world.scan(&out) } else { world.resume(&out) });
        let mut ended = false;
        wait_until("the stage is at work", || {
            ended = scan.has_ended();
            let at_work = || world.lab.log_since(from).iter().filter(|l| stage.is_at_work(l, &world.asked)).count();
            // The first run goes on until there is something to lose and something to keep.
            ended || (at_work() >= nth && (!fresh || parts(&out) >= 10))
        });
        std::thread::sleep(delay);
        scan.kill();
        if !fresh {
            assert_eq!(world.asked.again(&world.lab.log_since(from), &durable), [""; 0], "asked or contacted again");
        }
        let durable = observed(&out);
        let (table, in_flight) = stage.table();
        let remaining = world.remaining(&durable)[table];
        if !ended && remaining > in_flight && parts(&out) > 0 {
            struck.push(stage);
        }
    }
    world.finish(&out);
    let runs = Dataset::open(&out).and_then(|dataset| dataset.manifest()).expect("a manifest").runs;
    assert!(runs.len() > kills / 2, "{} runs are on record", runs.len());
    struck
}

/// Part files of the observed tables that have their name.
fn parts(out: &Path) -> usize {
    let tables = ["domains", "policies", "mx_hosts", "endpoints", "certificates"];
    tables.iter().map(|table| mxcensus::dataset::part_files(&out.join(table)).map_or(0, |files| files.len())).sum()
}

fn at_least(struck: &[Stage], each: usize) {
    for stage in Stage::ALL {
        let count = struck.iter().filter(|s| **s == stage).count();
        assert!(count >= each, "{count} kills struck in stage {stage:?}, of {}", struck.len());
    }
}

#[test]
fn killed_at_twelve_instants() {
    let world = world();
    let struck = kill_and_kill(&world, "twelve", 12, 1);
    at_least(&struck, 2);
}

#[test]
#[ignore = "takes minutes: make kill"]
fn killed_at_fifty_instants_and_more() {
    let world = world();
    let mut struck = Vec::new();
    for chain in 0..5 {
        struck.extend(kill_and_kill(&world, &format!("chain-{chain}"), 12, chain));
    }
    println!("{} of 60 kills struck as wished", struck.len());
    assert!(struck.len() >= 50);
    at_least(&struck, 10);
}

/// Kills the scan when `is_so` holds, and says whether it was caught alive.
fn kill_when(mut scan: Scan, mut is_so: impl FnMut() -> bool) -> bool {
    let mut ended = false;
    wait_until("the moment has come", || {
        ended = scan.has_ended();
        ended || is_so()
    });
    scan.kill();
    !ended
}

fn holds_staged(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_string_lossy().ends_with(".tmp"))
}

#[test]
fn killed_while_a_part_file_has_no_name_yet() {
    let world = world();
    let out = world.out("staged");
    let mut caught = 0;
    for table in ["endpoints", "certificates", "policies", "mx_hosts", "domains"] {
        world.lab.forget();
        let fresh = !out.join("manifest.json").exists();
        let scan = Scan::start(&mut if fresh { world.scan(&out) } else { world.resume(&out) });
        kill_when(scan, || holds_staged(&out.join(table)) && (!fresh || parts(&out) >= 5));
        // What is staged goes away, what has its name is whole.
        caught += usize::from(!leftovers(&out).is_empty());
        observed(&out);
    }
    assert!(caught > 0, "no kill left a staged file behind");
    world.finish(&out);
}

#[test]
fn killed_while_it_judges() {
    let world = world();
    let out = world.out("judging");
    let (mut first, mut caught) = (true, 0);
    // The later ones go on from a dataset whose crawl is over: only the judge is at work.
    for moment in [".judging", ".judging/verdicts", ".judging/mx_verdicts/.judge-0001-000001.parquet.tmp", ".replaced"]
    {
        world.lab.forget();
        let scan = Scan::start(&mut if first { world.scan(&out) } else { world.resume(&out) });
        first = false;
        let moment = out.join(moment);
        caught += usize::from(kill_when(scan, || moment.exists()));
    }
    assert!(caught > 0, "no kill met the judge");
    world.finish(&out);
    // `judge` in place goes on from there too.
    for moment in [".judging", ".replaced"] {
        let scan = Scan::start(program().arg("judge").arg(&out));
        let moment = out.join(moment);
        kill_when(scan, || moment.exists());
    }
    let (status, _, stderr) = Scan::start(program().arg("judge").arg(&out)).end();
    assert!(status.success(), "{stderr}");
    world.hold(&out);
}

#[test]
fn killed_while_it_starts_or_goes_on() {
    let world = world();
    let out = world.out("starting");
    // Before the manifest, with the manifest alone, while it asks for the root's keys, while it reads its own rows.
    let moments: [&dyn Fn() -> bool; 4] = [
        &|| out.join(".lock").exists(),
        &|| out.join("manifest.json").exists(),
        &|| out.join("input").join("domains.csv").exists(),
        &|| out.join("trust-store.pem").exists(),
    ];
    for moment in moments {
        world.lab.forget();
        let mut command = if out.exists() { world.resume_with_list(&out) } else { world.scan(&out) };
        kill_when(Scan::start(&mut command), moment);
    }
    for nth in [1, 3, 9, 27] {
        world.lab.forget();
        let from = world.lab.log_length();
        kill_when(Scan::start(&mut world.resume(&out)), || world.lab.log_since(from).len() >= nth);
    }
    world.finish(&out);
}

#[test]
fn killed_while_it_reads_its_input() {
    let world = world();
    let out = world.out("reading");
    world.lab.forget();
    let mut command = world.scan_without_list(&out);
    let mut child = command.arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let list = std::fs::read(world.list()).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than is read ahead before the first line is written; a line that comes again changes nothing.
    for _ in 0..40 {
        stdin.write_all(&list[..list.len() / 2]).unwrap();
    }
    stdin.flush().unwrap();
    wait_until("the spool is half written", || out.join("input").join(".domains.csv.tmp").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    // Half a list is no list.
    let (status, _, stderr) = Scan::start(&mut world.resume(&out)).end();
    assert_eq!(status.code(), Some(1));
    assert!(stderr.contains("give the list again") && stderr.trim().lines().count() == 1, "{stderr}");
    let (status, _, stderr) = Scan::start(&mut world.resume_with_list(&out)).end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    world.hold(&out);
}

#[test]
fn interrupted_once_it_finishes_what_is_in_hand_and_twice_it_leaves_at_once() {
    let world = world();
    let out = world.out("interrupted");
    for (times, signal) in [(1, Signal::INT), (1, Signal::TERM), (2, Signal::INT)] {
        world.lab.forget();
        let fresh = !out.join("manifest.json").exists();
        let from = world.lab.log_length();
        let scan = Scan::start(&mut if fresh { world.scan(&out) } else { world.resume(&out) });
        wait_until("an endpoint is at work", || {
            world.lab.log_since(from).iter().any(|line| Stage::Endpoint.is_at_work(line, &world.asked))
        });
        for _ in 0..times {
            scan.signal(signal);
            std::thread::sleep(Duration::from_millis(100));
        }
        let (status, stdout, stderr) = scan.end();
        assert_eq!(status.code(), Some(3), "{stderr}");
        assert!(stderr.contains("press Ctrl-C again"), "{stderr}");
        if times == 1 {
            assert!(stdout.contains("domains:") && stderr.contains("--resume"), "{stdout}{stderr}");
            let rows = observed(&out)["domains"].len();
            assert_eq!(judged::<VerdictRow>(&out).len(), rows, "what there is was judged");
        }
    }
    world.finish(&out);
}

#[test]
fn suspended_in_the_middle_it_still_sees_the_same() {
    let world = world();
    let out = world.out("suspended");
    world.lab.forget();
    let from = world.lab.log_length();
    let scan = Scan::start(&mut world.scan(&out));
    wait_until("endpoints are at work", || {
        world.lab.log_since(from).iter().filter(|line| line.starts_with("smtp ")).count() > 20
    });
    scan.signal(Signal::STOP);
    // Longer than any step may take.
    std::thread::sleep(Duration::from_secs(5));
    scan.signal(Signal::CONT);
    let (status, _, stderr) = scan.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    // What was under way may have been looked at again: that shows in the log of attempts and nowhere else.
    let mut tables = (world.tables.clone(), observed(&out));
    for tables in [&mut tables.0, &mut tables.1] {
        for row in tables.values_mut().flat_map(|table| table.values_mut()).filter_map(|row| row.as_object_mut()) {
            row.retain(|column, _| !["attempt_log", "policy_attempts", "connections"].contains(&column.as_str()));
        }
    }
    let differences = differences(&tables.0, &tables.1);
    assert!(differences.is_empty(), "{differences:#?}");
    same_rows(&world.verdicts.0, &judged::<VerdictRow>(&out));
}

#[test]
fn what_cannot_be_gone_on_with_is_said_and_changes_nothing() {
    let world = world();
    let out = world.out("refusals");
    world.lab.forget();
    let from = world.lab.log_length();
    let scan = Scan::start(&mut world.scan(&out));
    wait_until("it is at work", || world.lab.log_since(from).len() > 50);
    let refused = |command: &mut Command, sentence: &str| {
        let (status, _, stderr) = Scan::start(command).end();
        assert_eq!(status.code(), Some(1), "{stderr}");
        assert_eq!(stderr.trim().lines().count(), 1, "{stderr}");
        assert!(stderr.contains(sentence), "{stderr}");
    };
    refused(&mut world.resume(&out), "is being written by another mxcensus");
    refused(program().arg("judge").arg(&out), "is being written by another mxcensus");
    refused(&mut world.scan(&out), "already holds a dataset");
    scan.kill();
    let other = world.out("other.csv");
    std::fs::write(&other, "example.test\n").unwrap();
    refused(world.resume(&out).arg(&other), "begun with another list");
    refused(world.resume(&out).args(["--dnssec", "off"]), "begun with --dnssec validate");
    refused(world.resume(&world.out("nowhere")).arg(world.list()), "holds no dataset");
    world.finish(&out);
    // A complete dataset stays what it is: nobody is asked and nothing changes but the list of runs.
    let from = world.lab.log_length();
    let (status, ..) = Scan::start(&mut world.resume(&out)).end();
    assert_eq!(status.code(), Some(0));
    let log = world.lab.log_since(from);
    assert!(log.iter().all(|line| line.starts_with("dns DNSKEY ")), "{log:?}");
    world.hold(&out);
}
