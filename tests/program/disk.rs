//! A disk that is full, and one that cannot be written: one sentence, nothing half-named, and `--resume` heals it.
//!
//! A small tmpfs in a mount namespace of the test's own; where that is not allowed, the test says so and is skipped.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Lab, differences, is_slow, judged, observed, program, same_rows, skip};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};

/// Scans in a namespace on a disk of `$SIZE`, notes what became of it, makes room, resumes, and copies the dataset out.
/// Arguments: program, list, mount point, a folder for what is to be kept, and the flags of the lab.
const SCRIPT: &str = r#"
program=$1 list=$2 mount=$3 kept=$4; shift 4
mount -t tmpfs -o "size=$SIZE" tmpfs "$mount" || exit 77
"$program" scan "$list" --out "$mount/d" "$@" >"$kept/out1" 2>"$kept/err1"; echo $? >"$kept/code1"
find "$mount" -name '*.parquet' -size 0 >"$kept/empty"
mount -o remount,size=100m "$mount"
"$program" scan "$list" --out "$mount/d" --resume "$@" >"$kept/out2" 2>"$kept/err2"; echo $? >"$kept/code2"
if [ -n "$READ_ONLY" ]; then
    mount -o remount,ro "$mount"
    "$program" scan --out "$mount/d" --resume "$@" >"$kept/out3" 2>"$kept/err3"; echo $? >"$kept/code3"
    "$program" scan "$list" --out "$mount/e" "$@" >"$kept/out4" 2>"$kept/err4"; echo $? >"$kept/code4"
fi
cp -r "$mount/d" "$kept/d"
"#;

fn in_namespace(lab: &Lab, dir: &Path, size: &str, read_only: bool) -> Output {
    let (mount, kept) = (dir.join(format!("mount-{size}")), dir.join(format!("kept-{size}")));
    std::fs::create_dir(&mount).unwrap();
    std::fs::create_dir(&kept).unwrap();
    Command::new("unshare")
        .args(["--mount", "sh", "-c", SCRIPT, "sh", env!("CARGO_BIN_EXE_mxcensus")])
        .args([dir.join("list.csv"), mount, kept])
        .arg("--config")
        .arg(dir.join("config.toml"))
        .args(lab.flags())
        .env("SIZE", size)
        .env("READ_ONLY", if read_only { "yes" } else { "" })
        .output()
        .expect("unshare starts")
}

#[test]
fn a_full_disk_costs_one_sentence_and_a_resume() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("config.toml"),
        "step-timeout = 30.0\n[limits]\nrows_per_part = 5\nseconds_per_part = 1\n",
    )
    .unwrap();
    let may = Command::new("unshare").args(["--mount", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        return skip("no mount namespace can be made here");
    }
    let lab = Lab::start(&[]);
    let undisturbed = dir.path().join("undisturbed");
    let list = dir.path().join("list.csv");
    lab.write_list(&list, |domain| !is_slow(domain));
    let mut command = program();
    command.arg("scan").arg(&list).arg("--out").arg(&undisturbed).arg("--config").arg(dir.path().join("config.toml"));
    assert!(command.args(lab.flags()).output().unwrap().status.success());
    let (expected, verdicts, hosts) =
        (observed(&undisturbed), judged::<VerdictRow>(&undisturbed), judged::<MxVerdictRow>(&undisturbed));
    // Too small for the first parts; for the rest of them.
    for size in ["120k", "400k"] {
        lab.forget();
        let output = in_namespace(&lab, dir.path(), size, size == "400k");
        if output.status.code() == Some(77) {
            return skip("no tmpfs can be mounted here");
        }
        let kept = dir.path().join(format!("kept-{size}"));
        let read = |name: &str| std::fs::read_to_string(kept.join(name)).unwrap();
        let one_sentence = |err: &str, code: &str, words: &str| {
            let text = read(err);
            assert_eq!(read(code).trim(), "1", "{size}: {text}");
            let said: Vec<&str> = text.lines().filter(|line| line.starts_with("mxcensus: ")).collect();
            assert!(said.len() == 1 && said[0].contains(words), "{size}: {text}");
        };
        one_sentence("err1", "code1", "the disk is full");
        assert_eq!(read("empty"), "", "{size}: a name without content");
        assert_eq!(read("code2").trim(), "0", "{size}: {}", read("err2"));
        if size == "400k" {
            one_sentence("err3", "code3", "Read-only file system");
            one_sentence("err4", "code4", "Read-only file system");
        }
        // The scenes that remember who came (greylisting) saw the first run: their log of attempts is shorter.
        let mut tables = (expected.clone(), observed(&kept.join("d")));
        for tables in [&mut tables.0, &mut tables.1] {
            for (key, row) in tables.get_mut("endpoints").into_iter().flatten() {
                if key[0] == "mx.lab-smtp-greylist.com" {
                    row.as_object_mut().unwrap().retain(|c, _| !["attempt_log", "connections"].contains(&c.as_str()));
                }
            }
        }
        let differences = differences(&tables.0, &tables.1);
        assert!(differences.is_empty(), "{size}: {differences:#?}");
        same_rows(&verdicts, &judged(&kept.join("d")));
        same_rows(&hosts, &judged(&kept.join("d")));
    }
}
