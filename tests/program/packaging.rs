//! The systemd unit that is shipped, judged by systemd itself.

use std::process::Command;

use crate::support::skip;

/// The most exposure that `systemd-analyze security` may see, of 100: below 20 it says "OK" or better.
const EXPOSURE: &str = "--threshold=20";

#[test]
fn the_unit_is_valid_and_exposes_little() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return skip("systemd-analyze is not installed");
    }
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/systemd/mxcensus.service");
    let unit = std::fs::read_to_string(shipped).expect("the unit");
    let here = unit.replace("/usr/local/bin/mxcensus", env!("CARGO_BIN_EXE_mxcensus"));
    assert_ne!(here, unit);
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("mxcensus.service");
    std::fs::write(&path, here).expect("a unit");
    for arguments in [&["verify"][..], &["security", "--offline=true", EXPOSURE]] {
        let output = Command::new("systemd-analyze").args(arguments).arg(&path).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
        // Of units that this machine has beside it, nothing is ours to say.
        let ours: Vec<&str> = said.lines().filter(|line| line.contains("mxcensus.service")).collect();
        assert!(arguments[0] != "verify" || ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn every_flag_of_the_unit_is_one_of_the_program() {
    let unit = include_str!("../../packaging/systemd/mxcensus.service");
    let help = crate::support::program().args(["scan", "--help"]).output().expect("it runs").stdout;
    let help = String::from_utf8_lossy(&help).into_owned();
    let start = unit.split("ExecStart=").nth(1).expect("a command").split("\n#").next().expect("a command");
    let flags: Vec<&str> = start.split_whitespace().filter(|word| word.starts_with("--")).collect();
    assert!(flags.len() > 5, "{flags:?}");
    for flag in flags {
        assert!(help.contains(flag), "{flag}");
    }
}
