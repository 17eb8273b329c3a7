//! The program from outside: the lab is scanned once by the real binary through real sockets, and everything that the
//! README promises is then held against what it left behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use mxcensus_dataset::columns::{ColumnType, TABLES};
use mxcensus_dataset::{Author, Dataset, PartSize, Row, TableReader, TableWriter};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};

use crate::shared;

struct Demo {
    dataset: PathBuf,
    success: bool,
    stdout: String,
    stderr: String,
}

/// The demo, run once for all tests of this file.
static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let folder = shared::folder("demo", |folder| {
        let output = mxcensus(&["demo", "--out", &path(&folder.join("demo"))]);
        std::fs::write(folder.join("stdout"), &output.stdout).expect("a file");
        std::fs::write(folder.join("stderr"), &output.stderr).expect("a file");
        std::fs::write(folder.join("code"), output.status.code().unwrap_or(-1).to_string()).expect("a file");
    });
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    Demo { dataset: folder.join("demo"), success: read("code") == "0", stdout: read("stdout"), stderr: read("stderr") }
});

fn mxcensus(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mxcensus")).args(args).output().expect("the program starts")
}

fn path(path: &Path) -> String {
    path.to_str().expect("a UTF-8 path").to_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder that can be read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn verdicts(dir: &Path) -> (Vec<VerdictRow>, Vec<MxVerdictRow>) {
    (rows(dir), rows(dir))
}

fn rows<R: Row>(dir: &Path) -> Vec<R> {
    let table = TableReader::distinct(dir, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

#[test]
fn every_row_agrees_with_its_expected_verdict() {
    let text = &DEMO.stdout;
    assert!(DEMO.success, "{text}\n{}", DEMO.stderr);
    assert!(text.contains(" 0 differ."), "{text}");
    let (domains, _) = verdicts(&DEMO.dataset);
    assert!(domains.len() >= 80, "the lab has only {} domains", domains.len());
}

/// Words of a shared vocabulary that one of its columns cannot hold, by its rule.
const IMPOSSIBLE: [(&str, &str); 10] = [
    // What the chain of such a handshake would give is shown in pkix; the word stands in failure.
    ("pkix", "key-proof-unchecked"),
    // About policies, not about hosts.
    ("result_type", "sts-policy-fetch-error"),
    ("result_type", "sts-policy-invalid"),
    ("result_type", "sts-webpki-invalid"),
    // MTA-STS never protects the first contact, DANE always does when it does.
    ("protection_mta_sts", "always"),
    ("protection_dane", "after-first-contact"),
    // An opportunistic sender verifies nothing and refuses nothing.
    ("outcome_opportunistic", "authenticated"),
    ("outcome_opportunistic", "refused"),
    // No server of the lab holds such a chain: the tests of the judge and `tests/data/eval` do.
    ("pkix", "cert-unsupported"),
    ("pkix", "cert-too-much-work"),
];

#[test]
fn every_word_of_every_verdict_column_is_produced() {
    let (domains, hosts) = verdicts(&DEMO.dataset);
    let mut seen: BTreeMap<String, std::collections::BTreeSet<String>> = BTreeMap::new();
    let objects = domains.iter().map(serde_json::to_value).chain(hosts.iter().map(serde_json::to_value));
    for object in objects {
        let object = object.expect("a row as JSON");
        for (column, value) in object.as_object().expect("an object") {
            if let Some(word) = value.as_str() {
                seen.entry(column.clone()).or_default().insert(word.to_owned());
            }
        }
    }
    let mut missing = Vec::new();
    for table in TABLES.iter().filter(|table| table.judged) {
        for column in table.columns {
            // Failure words are many and shared by columns; the lab's own tests see to it that each has a scene.
            let ColumnType::Word(words) = column.kind else { continue };
            if ["sts_failure", "failure"].contains(&column.name) {
                continue;
            }
            for word in words.words() {
                if IMPOSSIBLE.contains(&(column.name, word.word)) {
                    continue;
                }
                if !seen.get(column.name).is_some_and(|seen| seen.contains(word.word)) {
                    missing.push(format!("{}.{}: {}", table.name, column.name, word.word));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no scene of the lab produces: {missing:#?}");
}

#[test]
fn judging_again_writes_the_same_rows() {
    let dir = tempfile::tempdir().unwrap();
    let again = dir.path().join("again");
    copy(&DEMO.dataset, &again);
    std::fs::remove_dir_all(again.join("verdicts")).unwrap();
    std::fs::remove_dir_all(again.join("mx_verdicts")).unwrap();
    let output = mxcensus(&["judge", &path(&again)]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(verdicts(&DEMO.dataset), verdicts(&again));
}

/// As in `mxcensus judge DIR | head -1`.
#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let out = path(&dir.path().join("out"));
    let mut program = Command::new(env!("CARGO_BIN_EXE_mxcensus"));
    let output = program.args(["judge", &path(&DEMO.dataset), "--out", &out]).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn a_changed_parameter_needs_a_place_of_its_own() {
    let output = mxcensus(&["judge", &path(&DEMO.dataset), "--lenient"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--out"), "{}", stderr(&output));
}

#[test]
fn distrusting_a_root_changes_the_domains_that_rest_on_it_and_no_other() {
    let (before, before_hosts) = verdicts(&DEMO.dataset);
    let roots: std::collections::BTreeSet<&String> =
        before.iter().flat_map(|row| row.policy_anchors.iter().chain(&row.mx_anchors)).collect();
    assert!(roots.len() >= 2, "the lab has two roots in use");
    for root in roots {
        let dir = tempfile::tempdir().unwrap();
        let without = dir.path().join("without");
        let output = mxcensus(&["judge", &path(&DEMO.dataset), "--distrust", root, "--out", &path(&without)]);
        assert!(output.status.success(), "{}", stderr(&output));
        let (after, after_hosts) = verdicts(&without);
        let mut changed = 0;
        for (a, b) in before.iter().zip(&after) {
            // The union of a domain's MX anchors is over its valid hosts; another host's chain may rest on the root too.
            let rests = a.policy_anchors.contains(root) || a.mx_anchors.contains(root);
            let touched = before_hosts.iter().any(|host| host.domain == a.domain && host.anchors.contains(root));
            assert!(a == b || rests || touched, "{} changed without {root}", a.domain);
            assert!(a != b || !rests, "{} rests on {root} and did not change", a.domain);
            changed += usize::from(a != b);
        }
        for (a, b) in before_hosts.iter().zip(&after_hosts) {
            assert!(!b.anchors.contains(root));
            if a.anchors.contains(root) {
                assert_ne!(a, b);
            }
        }
        assert!(changed > 0, "nothing rests on {root}");
    }
}

#[test]
fn a_changed_observation_changes_only_what_rests_on_it() {
    let (before, _) = verdicts(&DEMO.dataset);
    let domains: Vec<DomainRow> = rows(&DEMO.dataset);
    let target = before.iter().find(|row| row.sts_verdict.word() == "pass").expect("a domain that passes");
    let dir = tempfile::tempdir().unwrap();
    let changed = dir.path().join("changed");
    copy(&DEMO.dataset, &changed);
    std::fs::remove_dir_all(changed.join("domains")).unwrap();
    std::fs::create_dir(changed.join("domains")).unwrap();
    let author = Author { worker: "changed".to_owned(), run: 1 };
    let mut writer = TableWriter::new(&changed, &author, PartSize::default()).unwrap();
    for mut row in domains {
        if row.domain == target.domain {
            row.sts_txt = Some(vec!["v=STSv1; id=".to_owned()]);
        }
        writer.push(row).unwrap();
    }
    writer.finish().unwrap();
    // Whoever changes rows on purpose says so in the manifest; otherwise the judge refuses to build on them.
    let output = mxcensus(&["judge", &path(&changed)]);
    assert!(stderr(&output).contains("is gone, and the manifest lists it"), "{}", stderr(&output));
    let dataset = Dataset::open(&changed).unwrap();
    let mut manifest = dataset.manifest().unwrap();
    manifest.tables = dataset.table_files(&manifest.tables).unwrap();
    dataset.write_manifest(&manifest).unwrap();
    let output = mxcensus(&["judge", &path(&changed)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let (after, _) = verdicts(&changed);
    for (a, b) in before.iter().zip(&after) {
        assert_eq!(a.domain, b.domain);
        assert_eq!(a != b, a.domain == target.domain, "{}", a.domain);
    }
}

#[test]
fn made_data_say_so() {
    assert!(DEMO.stdout.contains("MADE DATA (demo): "), "{}", DEMO.stdout);
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(DEMO.dataset.join("manifest.json")).expect("a manifest")).expect("JSON");
    assert_eq!(manifest["made"], "demo");
    let of_demo = mxcensus(&["schema", &path(&DEMO.dataset)]);
    assert!(String::from_utf8_lossy(&of_demo.stdout).starts_with("> MADE DATA (demo): "), "{}", stderr(&of_demo));
    let of_demo = mxcensus(&["schema", "--format", "json", &path(&DEMO.dataset)]);
    let reference: serde_json::Value = serde_json::from_slice(&of_demo.stdout).expect("JSON");
    assert_eq!(reference["made"], "demo");
    assert!(mxcensus(&["schema"]).stdout.starts_with(b"# The dataset"));
    let elsewhere = tempfile::tempdir().expect("a directory");
    let out = path(&elsewhere.path().join("lenient"));
    let again = mxcensus(&["judge", &path(&DEMO.dataset), "--lenient", "--out", &out]);
    assert!(String::from_utf8_lossy(&again.stdout).starts_with("MADE DATA (demo): "), "{}", stderr(&again));
}

#[test]
fn the_manifest_counts_what_is_there() {
    let text = std::fs::read_to_string(DEMO.dataset.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["complete"], true);
    let counted = |table: &str| manifest["tables"][table]["rows"].as_u64().unwrap_or(0) as usize;
    assert_eq!(counted("domains"), rows::<DomainRow>(&DEMO.dataset).len());
    assert_eq!(counted("policies"), rows::<PolicyRow>(&DEMO.dataset).len());
    assert_eq!(counted("mx_hosts"), rows::<MxHostRow>(&DEMO.dataset).len());
    assert_eq!(counted("endpoints"), rows::<EndpointRow>(&DEMO.dataset).len());
    assert_eq!(counted("certificates"), rows::<CertificateRow>(&DEMO.dataset).len());
    assert_eq!(counted("verdicts"), counted("domains"));
    assert_eq!(manifest["input"]["rows"].as_u64().unwrap() as usize, counted("domains"));
}

#[test]
fn what_cannot_be_done_is_said_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        path(&file)
    };
    let empty = write("empty.csv", b"");
    let binary = write("binary.csv", &[0, 159, 146, 150, 0, 255, 13, 200].repeat(100));
    let good = write("good.csv", b"example.test\n");
    let out = path(&dir.path().join("out"));
    let lab = ["--resolver", "127.0.0.1:1", "--allow-special-addresses", "--unpaced"];
    let scan = |list: &str, out: &str, more: &[&str]| {
        let mut args = vec!["scan", list, "--out", out];
        args.extend_from_slice(more);
        mxcensus(&args)
    };
    let existing = path(&DEMO.dataset);
    let before = std::fs::read(DEMO.dataset.join("manifest.json")).unwrap();
    let unwritable = "/proc/mxcensus";
    let table: [(&str, Output, i32); 7] = [
        ("an empty input", scan(&empty, &out, &lab), 1),
        ("a binary input", scan(&binary, &out, &lab), 1),
        ("a missing input", scan("/nonexistent/list.csv", &out, &lab), 1),
        ("a dataset in the way", scan(&good, &existing, &lab), 1),
        ("an unwritable directory", scan(&good, unwritable, &lab), 1),
        ("an unreachable resolver", scan(&good, &path(&dir.path().join("r")), &lab), 1),
        ("unpaced against the internet", scan(&good, &out, &["--resolver", "127.0.0.1:1", "--unpaced"]), 2),
    ];
    for (what, output, code) in table {
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{what}: {text}");
        assert_eq!(text.trim().lines().count(), 1, "{what}: {text}");
        assert!(text.starts_with("mxcensus: "), "{what}: {text}");
    }
    assert_eq!(
        before,
        std::fs::read(DEMO.dataset.join("manifest.json")).unwrap(),
        "the dataset in the way is untouched"
    );
}
