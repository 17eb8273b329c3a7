//! `judge --out` → `diff` → `judge` again → `verify` → `mxcensus-report --what-if`: another judgement is a dataset for everybody.

use std::path::{Path, PathBuf};
use std::process::Command;

use mxcensus_dataset::{Dataset, part_files};
use serde_json::Value;

use super::support::{program, skip};

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program().args(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

fn succeed(arguments: &[&str]) -> String {
    let (code, said) = run(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The root that most policies hang on: any that stands in the roots of the sample.
fn a_root(dataset: &Path) -> String {
    let pem = std::fs::read_to_string(dataset.join("trust-store.pem")).unwrap();
    pem.lines().find_map(|line| line.strip_prefix("# sha256 ")).expect("a root").to_owned()
}

#[test]
fn another_judgement_is_a_whole_dataset() {
    let dir = tempfile::tempdir().unwrap();
    let text = |path: &Path| path.display().to_string();
    let (now, then, third) = (dir.path().join("now"), dir.path().join("then"), dir.path().join("third"));
    let (now_name, then_name, third_name) = (text(&now), text(&then), text(&third));
    succeed(&["sample", "--domains", "2000", "--adoption", "20", "--out", &now_name]);
    let before = json(&now.join("manifest.json"));
    let root = a_root(&now);
    let judge = ["judge", &now_name, "--distrust", &root, "--out", &then_name];
    let first = succeed(&judge);
    assert_eq!(json(&now.join("manifest.json")), before, "the dataset itself is untouched");
    assert_eq!(succeed(&judge), first, "again into the same directory");

    let manifest = json(&then.join("manifest.json"));
    assert_eq!(manifest["judged_from"]["path"], text(&std::fs::canonicalize(&now).unwrap()));
    assert_eq!(manifest["input"], before["input"]);
    assert_eq!(json(&then.join("judgement.json"))["distrusted"][0], root.as_str());
    assert!(succeed(&["verify", &then_name]).contains("nothing is wrong"));
    for table in ["verdicts", "mx_verdicts"] {
        let files: Vec<PathBuf> =
            std::fs::read_dir(then.join(table)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(
            !files.is_empty() && files.iter().all(|file| file.extension().is_some_and(|e| e == "parquet")),
            "{files:?}"
        );
    }

    let told = succeed(&["diff", &now_name, &then_name]);
    assert!(told.contains("verdict"), "{told}");
    succeed(&["judge", &then_name, "--lenient", "--out", &third_name]);
    succeed(&["judge", &then_name]);
    succeed(&["redact", &then_name, "--out", &text(&dir.path().join("public"))]);
    let (code, said) = run(&["scan", "--out", &then_name, "--resume", "--resolver", "127.0.0.1:9"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("was made by `mxcensus judge --out`"), "{said}");
    let (code, said) = run(&["judge", &third_name, "--lenient", "--out", &now_name]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("already holds a dataset"), "{said}");

    let python = report(&now, &then, dir.path());
    if let Some(report) = python {
        assert!(report.contains("is distrusted"), "{report}");
        assert!(report.contains("What if"), "{report}");
    }
    // It stays whole when the first one goes.
    std::fs::remove_dir_all(&now).unwrap();
    assert!(succeed(&["verify", &then_name]).contains("nothing is wrong"));
}

/// The Markdown of the report; none where Python has not what it needs.
fn report(now: &Path, then: &Path, dir: &Path) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("target/python/bin/python");
    let python = std::env::var_os("MXCENSUS_PYTHON").map_or(own, PathBuf::from);
    let out = dir.join("report.html");
    let output = Command::new(&python)
        .env("PYTHONPATH", root.join("analysis/src"))
        .args(["-m", "mxcensus_analysis.report.command"])
        .arg(now)
        .arg("--what-if")
        .arg(then)
        .arg("--out")
        .arg(&out)
        .output();
    match output {
        Ok(output) if output.status.success() => std::fs::read_to_string(out.with_extension("md")).ok(),
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("No module named") => {
            skip("Python has not what the report needs");
            None
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            skip("no Python for the report");
            None
        }
    }
}

#[test]
fn an_older_dataset_is_read_and_its_judgement_moves_up() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("old");
    let name = old.display().to_string();
    succeed(&["sample", "--domains", "50", "--out", &name]);
    std::fs::rename(old.join("judgement.json"), old.join("verdicts/judgement.json")).unwrap();
    let mut manifest = json(&old.join("manifest.json"));
    let files = manifest["files"].as_object_mut().unwrap();
    let judgement = files.remove("judgement.json").unwrap();
    files.insert("verdicts/judgement.json".to_owned(), judgement);
    std::fs::write(old.join("manifest.json"), manifest.to_string()).unwrap();
    assert!(succeed(&["verify", &name]).contains("nothing is wrong"));
    succeed(&["diff", &name, &name]);
    succeed(&["judge", &name]);
    assert!(old.join("judgement.json").is_file() && !old.join("verdicts/judgement.json").exists());
    assert!(succeed(&["verify", &name]).contains("nothing is wrong"));
    let dataset = Dataset::open(&old).unwrap();
    assert!(!part_files(&dataset.root().join("verdicts")).unwrap().is_empty());
}
