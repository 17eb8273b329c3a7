//! `mxcensus series run` on the lab: twice in a row, killed in the middle and started again, a month later, and by the hour.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::support::{Lab, Scan, is_slow, program, wait_until};

/// The series in a folder of its own, with a stand-in for the report that keeps what it was told.
struct Series {
    dir: tempfile::TempDir,
    _lab: Lab,
}

impl Series {
    fn new(every: &str, tables: &str, wanted: impl Fn(&str) -> bool) -> Series {
        let lab = Lab::start(&[]);
        let dir = tempfile::tempdir().expect("a directory");
        lab.write_list(&dir.path().join("list.csv"), |line| !is_slow(line) && (line == "rank,domain" || wanted(line)));
        let report =
            "#!/bin/sh\nwhile [ \"$1\" != --out ]; do all=\"$all $1\"; shift; done\necho \"$all $*\" >\"$2\"\n";
        fs::write(dir.path().join("report.sh"), report).expect("a script");
        let text = format!(
            "list = \"list.csv\"\nout = \"out\"\nevery = \"{every}\"\n[scan]\n{}{tables}",
            settings(&lab.flags())
        );
        fs::write(dir.path().join("series.toml"), text.replace("DIR", &dir.path().display().to_string()))
            .expect("a file");
        Series { dir, _lab: lab }
    }

    fn command(&self) -> std::process::Command {
        let mut command = program();
        // From anywhere: paths are those of the file.
        command.current_dir("/").args(["series", "run"]).arg(self.dir.path().join("series.toml"));
        command
    }

    fn run(&self) -> String {
        let Output { status, stdout, stderr } = self.command().output().expect("it runs");
        let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert_eq!(status.code(), Some(0), "{said}");
        said
    }

    fn out(&self, name: &str) -> PathBuf {
        self.dir.path().join("out").join(name)
    }

    /// The records of its crawls, in the order of time.
    fn records(&self) -> Vec<Value> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(self.out("runs")).expect("records").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).expect("a record")).expect("JSON");
        paths.into_iter().map(read).collect()
    }

    /// Makes a crawl one of an earlier time, as if it had been begun then.
    fn age(&self, name: &str, earlier: &str, begun: &str) {
        let record = fs::read_to_string(self.out(&format!("runs/{name}.json"))).expect("a record");
        let mut record: Value = serde_json::from_str(&record).expect("JSON");
        record["name"] = earlier.into();
        record["begun"] = begun.into();
        for (folder, suffix) in [
            ("", ""),
            ("changes/", ""),
            ("reports/", ""),
            ("rounds/", ""),
            ("verified/", ".txt"),
            ("archives/", ".tar.zst"),
            ("archives/", ".tar.zst.sha256"),
        ] {
            let path = self.out(&format!("{folder}{name}{suffix}"));
            if path.exists() {
                fs::rename(path, self.out(&format!("{folder}{earlier}{suffix}"))).expect("it is renamed");
            }
        }
        fs::remove_file(self.out(&format!("runs/{name}.json"))).expect("the record goes");
        fs::write(self.out(&format!("runs/{earlier}.json")), record.to_string()).expect("a record");
    }
}

/// The flags of a lab as a configuration file has them.
fn settings(flags: &[String]) -> String {
    let mut out = String::new();
    let mut flags = flags.iter().peekable();
    while let Some(flag) = flags.next() {
        let name = flag.trim_start_matches("--");
        let value = match flags.next_if(|next| !next.starts_with("--")) {
            None => "true".to_owned(),
            Some(number) if name.ends_with("-port") || name == "step-timeout" => number.clone(),
            Some(text) if name == "resolver" => format!("[{text:?}]"),
            Some(text) => format!("{text:?}"),
        };
        out.push_str(&format!("{name} = {value}\n"));
    }
    out
}

fn name_of(record: &Value) -> String {
    record["name"].as_str().expect("a name").to_owned()
}

/// Size and time of every file below a folder, but for the lock, which each start takes.
fn state(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let metadata = fs::metadata(&path).expect("a file");
        if metadata.is_dir() {
            found.extend(state(&path));
        } else if !path.ends_with(".lock") {
            found.push((path, metadata.len(), metadata.modified().expect("a time")));
        }
    }
    found.sort();
    found
}

const MONTHLY: &str = "[report]\ncommand = [\"sh\", \"DIR/report.sh\"]\nlicence = \"CC0-1.0\"\n[archive]\npublic = true\n\
                       [keep]\ndatasets = 2\n[feed]\nurl = \"https://census.example/\"\n";

#[test]
fn a_series_goes_on_after_a_kill_and_month_after_month() {
    let series = Series::new("1mo", MONTHLY, |line| line.contains("dane") || line.contains("sts"));
    // Killed in mid-crawl.
    let begun = Scan::start(&mut series.command());
    let dataset = || {
        let name = series.out("runs").read_dir().ok()?.filter_map(Result::ok).map(|entry| entry.path()).next()?;
        Some(series.out(name.file_stem()?.to_str()?))
    };
    let has_rows =
        || dataset().is_some_and(|dataset| fs::metadata(dataset.join("attempts.jsonl")).is_ok_and(|m| m.len() > 0));
    wait_until("somebody was contacted", has_rows);
    begun.kill();
    let name = name_of(&series.records()[0]);
    assert!(series.records()[0]["finished"].is_null());

    let said = series.run();
    assert!(said.contains(&format!("{name}: done.")), "{said}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(series.out(&name).join("manifest.json")).expect("it")).expect("JSON");
    assert_eq!(manifest["complete"], true);
    assert_eq!(manifest["runs"].as_array().expect("runs").len(), 2, "the crawl that was killed went on");
    for product in [
        "verified/NAME.txt",
        "reports/NAME/report.html",
        "archives/NAME.tar.zst",
        "archives/NAME.tar.zst.sha256",
        "public/NAME.tar.zst",
    ] {
        assert!(series.out(&product.replace("NAME", &name)).is_file(), "{product}");
    }
    assert!(!series.out("changes").join(&name).exists(), "there is no crawl before");

    // Twice in a row: nothing is due, and nothing changes.
    let before = state(&series.out(""));
    let said = series.run();
    assert!(said.contains("nothing is due (every month)"), "{said}");
    assert_eq!(before, state(&series.out("")));

    // What is missing is made again, from what is there.
    fs::remove_file(series.out(&format!("archives/{name}.tar.zst"))).expect("the archive goes");
    let record = series.out(&format!("runs/{name}.json"));
    let mut told: Value = serde_json::from_slice(&fs::read(&record).expect("it")).expect("JSON");
    let sum = fs::read_to_string(series.out(&format!("archives/{name}.tar.zst.sha256"))).expect("a checksum");
    told["finished"] = Value::Null;
    fs::write(&record, told.to_string()).expect("a record");
    fs::create_dir_all(series.out(&format!("archives/.{name}.tar.zst.half"))).expect("what a kill leaves");
    series.run();
    let mut check = std::process::Command::new("sha256sum");
    check.args(["--check", "--quiet", &format!("{name}.tar.zst.sha256")]).current_dir(series.out("archives"));
    assert!(check.status().expect("sha256sum").success(), "the same dataset gives the same archive: {sum}");

    // A month later, and another: compared with the one before, the oldest kept in its archive alone.
    series.age(&name, "2025-01-15", "2025-01-15T00:00:00Z");
    series.run();
    let changes: Value =
        serde_json::from_slice(&fs::read(series.out(&format!("changes/{name}/summary.json"))).expect("changes"))
            .expect("JSON");
    assert!(changes.is_object());
    let report =
        fs::read_to_string(series.out(&format!("reports/{name}/report.html"))).expect("what the report was told");
    assert!(
        report.contains("--previous") && report.contains("2025-01-15") && report.contains("--licence CC0-1.0"),
        "{report}"
    );
    series.age(&name, "2025-02-15", "2025-02-15T00:00:00Z");
    series.run();
    assert!(!series.out("2025-01-15").exists() && series.out("2025-02-15").is_dir() && series.out(&name).is_dir());
    assert!(series.out("archives/2025-01-15.tar.zst").is_file());
    let feed: Value = serde_json::from_slice(&fs::read(series.out("feed.json")).expect("a feed")).expect("JSON");
    assert_eq!(feed["items"].as_array().expect("items").len(), 3);
    assert!(fs::read_to_string(series.out("feed.xml")).expect("a feed").contains("<rss version=\"2.0\">"));
}

#[test]
fn a_watch_keeps_what_changed() {
    let series = Series::new("1h", "[keep]\ndays = 2\n", |line| line.contains("dane"));
    series.run();
    let name = name_of(&series.records()[0]);
    let round = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(series.out(&format!("rounds/{name}/round.json"))).expect("a round"))
            .expect("JSON")
    };
    let first = round(&name);
    assert_eq!(
        (first["complete"].clone(), first["whole"].clone(), first["made"].clone()),
        (true.into(), true.into(), "lab".into())
    );
    assert_eq!(first["tables"]["domains"]["kept"], first["tables"]["domains"]["rows"]);
    assert!(first["tables"]["mx_verdicts"]["kept"].as_u64() > Some(5), "{first}");
    assert!(!series.out(&name).exists(), "the crawl itself is not kept");
    assert!(series.run().contains("nothing is due (every hour)"));

    // An hour later nothing has changed; where midnight is between them, a day begins.
    let day = name.get(..10).expect("a day").to_owned();
    let at_midnight = name.ends_with("T0000Z");
    let earlier = if at_midnight { "2020-01-01T2300Z".to_owned() } else { format!("{day}T0000Z") };
    series.age(&name, &earlier, &format!("{}:00:00Z", earlier.get(..13).expect("an hour")));
    let said = series.run();
    let name = name_of(series.records().last().expect("a record"));
    let second = round(&name);
    assert_eq!(second["whole"], at_midnight);
    let tables = second["tables"].as_object().expect("tables");
    let kept: u64 = tables.values().map(|table| table["kept"].as_u64().expect("a number")).sum();
    let seen: u64 = tables.values().map(|table| table["rows"].as_u64().expect("a number")).sum();
    assert!(at_midnight || kept * 10 < seen, "{kept} of {seen}: {said}\n{second}");

    // A round whose time is over and that saw nothing is closed without contacting anybody.
    let record = serde_json::json!({ "name": "2020-01-02T0000Z", "begun": "2020-01-02T00:00:00Z", "finished": null,
                                     "complete": false, "domains": 0, "summary": "", "changes": null });
    fs::write(series.out("runs/2020-01-02T0000Z.json"), record.to_string()).expect("a record");
    let said = series.run();
    assert!(said.contains("2020-01-02T0000Z: the round was stopped before it saw anything"), "{said}");
    assert!(!series.out("2020-01-02T0000Z").exists());
}

#[test]
fn a_mistake_in_the_file_is_shown_with_its_line() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("series.toml");
    fs::write(&path, "list = \"list.csv\"\nevery = \"1 month\"\n").expect("a file");
    let output = program().args(["series", "run"]).arg(&path).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("series.toml: TOML parse error at line 2, column 9"), "{said}");
    assert!(said.contains("\n2 | every = \"1 month\"\n  |         ^^^^^^^^^\n"), "{said}");
    assert!(!dir.path().join("series").exists(), "nothing was made");
}

#[test]
fn a_list_is_selected_from_a_dataset() {
    let dir = tempfile::tempdir().expect("a directory");
    let dataset = dir.path().join("sample");
    let output = program()
        .args(["sample", "--domains", "300", "--adoption", "20", "--out"])
        .arg(&dataset)
        .output()
        .expect("it runs");
    assert!(output.status.success());
    let select = |condition: &str| program().arg("select").arg(&dataset).arg(condition).output().expect("it runs");
    let output = select("dane_verdict <> 'none' AND dane_verdict <> 'no-mail'");
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    let truth: Value = serde_json::from_slice(&fs::read(dataset.join("truth.json")).expect("the truth")).expect("JSON");
    let verdicts = truth["verdicts"]["dane_verdict"].as_object().expect("counts");
    let known: u64 =
        verdicts.iter().filter(|(word, _)| *word != "none" && *word != "no-mail").filter_map(|(_, n)| n.as_u64()).sum();
    assert_eq!(list.lines().count() as u64, known);
    assert!(known > 3 && list.lines().all(|line| line.split_once(',').is_some()), "{list}");
    let output = select("dane_verdikt = 'none'");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Did you mean dane_verdict?"));
}
