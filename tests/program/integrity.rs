//! `verify`, and what `judge` and `scan --resume` refuse to build on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::program;
use mxcensus_dataset::{Row, TableReader, part_files};
use mxcensus_rules::observation::{DomainRow, MxStatus, PolicyRow};
use mxcensus_rules::verdict::VerdictRow;

fn made(dir: &Path) -> PathBuf {
    let out = dir.join("census");
    let status =
        program().args(["sample", "--domains", "60", "--seed", "3", "--out"]).arg(&out).output().expect("it runs");
    assert!(status.status.success(), "{status:?}");
    out
}

fn run(arguments: &[&str], dataset: &Path) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = program().args(arguments).arg(dataset).output().expect("it runs");
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

#[test]
fn a_copied_part_file_is_found_and_nothing_is_built_on_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = made(dir.path());
    let (code, said) = run(&["verify"], &out);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing is wrong"), "{said}");

    let part = part_files(&out.join("domains")).expect("part files").remove(0);
    let copy = out.join("domains/w9-0001-000001.parquet");
    fs::copy(&part, &copy).expect("a copy");
    for command in ["verify", "judge"] {
        let (code, said) = run(&[command], &out);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("domains/w9-0001-000001.parquet is a copy of"), "{said}");
    }
    let (code, said) = run(&["scan", "--resume", "--dnssec", "validate", "--resolver", "127.0.0.1:9", "--out"], &out);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is a copy of"), "{said}");
    fs::remove_file(copy).expect("removed");
    assert_eq!(run(&["judge"], &out).0, Some(0));
    assert_eq!(run(&["verify"], &out).0, Some(0), "the manifest has the new verdicts");
}

#[test]
fn a_changed_input_is_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = made(dir.path());
    let list = out.join("input/domains.csv");
    let text = fs::read_to_string(&list).expect("the input");
    let changed = text.replacen("0", "1", 1);
    assert_ne!(changed, text);
    fs::write(&list, changed).expect("written");
    for command in ["verify", "judge"] {
        let (code, said) = run(&[command], &out);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("input/domains.csv was changed"), "{said}");
    }
}

#[test]
fn a_redacted_dataset_is_sound_and_says_nothing_of_people_or_of_us() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = made(dir.path());
    let (plain, less) = (dir.path().join("plain"), dir.path().join("less"));
    let redact = |to: &Path, more: &[&str]| {
        let to = to.display().to_string();
        let arguments: Vec<&str> = ["redact", "--out", &to].into_iter().chain(more.iter().copied()).collect();
        let (code, said) = run(&arguments, &out);
        assert_eq!(code, Some(0), "{said}");
    };
    redact(&plain, &[]);
    let (code, said) = run(&["verify"], &plain);
    assert_eq!(code, Some(0), "{said}");
    let manifest = fs::read_to_string(plain.join("manifest.json")).expect("a manifest");
    assert!(!manifest.contains(&dir.path().display().to_string()), "{manifest}");

    let all: Vec<VerdictRow> = rows(&out);
    assert_eq!(all.len(), 60);
    let without_rua = |rows: Vec<VerdictRow>| -> Vec<VerdictRow> {
        rows.into_iter().map(|row| VerdictRow { tlsrpt_rua: Vec::new(), ..row }).collect()
    };
    let redacted: Vec<VerdictRow> = rows(&plain);
    let addresses = redacted.iter().flat_map(|row| &row.tlsrpt_rua);
    assert!(
        addresses.clone().all(|uri| !uri.contains('@') || uri.contains(":x@")),
        "{:?}",
        addresses.collect::<Vec<_>>()
    );
    assert_eq!(without_rua(redacted), without_rua(all), "the verdicts are the same");

    let domains: Vec<DomainRow> = rows(&out);
    let leaving = domains.iter().find(|row| row.mx_status == MxStatus::Present).expect("a domain with mail");
    let list = dir.path().join("opt-out.txt");
    fs::write(&list, format!("{}\n", leaving.domain)).expect("a list");
    redact(&less, &["--banners", "--opt-out", &list.display().to_string()]);
    assert_eq!(run(&["verify"], &less).0, Some(0));
    let gone: Vec<DomainRow> = rows(&less).into_iter().filter(|row: &DomainRow| row.domain == leaving.domain).collect();
    assert_eq!((gone[0].mx_status, &gone[0].mx, &gone[0].sts_txt), (MxStatus::OptedOut, &None, &None));
    assert!(rows::<PolicyRow>(&less).iter().all(|row| row.domain != leaving.domain));
}

fn rows<R: Row>(dataset: &Path) -> Vec<R> {
    let reader = TableReader::distinct(dataset, R::TABLE).expect("a table");
    reader.rows().collect::<Result<_, _>>().expect("rows")
}
