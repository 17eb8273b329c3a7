//! The systemd unit that is shipped, judged by systemd itself.

use std::path::Path;
use std::process::Command;

use crate::support::skip;

/// The most exposure that `systemd-analyze security` may see, of 100: below 20 it says "OK" or better.
const EXPOSURE: &str = "--threshold=20";

#[test]
fn the_units_are_valid_and_expose_little() {
    for name in ["mxcensus.service", "mxcensus-series.service"] {
        judge(name, &[&["verify"][..], &["security", "--offline=true", EXPOSURE]]);
    }
    judge("mxcensus-series.timer", &[&["verify"][..]]);
}

/// What systemd says of a unit, with the program where it is here and the service beside a timer.
fn judge(name: &str, questions: &[&[&str]]) {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return skip("systemd-analyze is not installed");
    }
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["mxcensus.service", "mxcensus-series.service", "mxcensus-series.timer"] {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(name);
        let unit = std::fs::read_to_string(shipped).expect("the unit");
        let here = unit.replace("/usr/local/bin/mxcensus", env!("CARGO_BIN_EXE_mxcensus"));
        assert!(here != unit || name.ends_with(".timer"));
        std::fs::write(dir.path().join(name), here).expect("a unit");
    }
    let path = dir.path().join(name);
    for arguments in questions {
        let output = Command::new("systemd-analyze").args(*arguments).arg(&path).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
        // Of units that this machine has beside it, nothing is ours to say.
        let ours: Vec<&str> = said.lines().filter(|line| line.contains(name)).collect();
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

#[test]
fn the_line_for_cron_is_one() {
    let table = include_str!("../../packaging/cron/mxcensus-series");
    let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#') && !line.contains("MAILTO=")).collect();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let fields: Vec<&str> = line.split_whitespace().collect();
    // crontab(5): minute, hour, day, month, weekday, and in /etc/cron.d the user. A per cent sign would end the line.
    assert_eq!(fields[1..6], ["*", "*", "*", "*", "mxcensus"]);
    assert!(fields[0].parse::<u8>().is_ok_and(|minute| minute < 60) && !line.contains('%') && table.ends_with('\n'));
    let (_, command) = line.split_once(" mxcensus ").expect("a command");
    let dir = tempfile::tempdir().expect("a directory");
    let log = dir.path().join("series.log");
    for (ends_with, mails) in [(0, false), (3, false), (1, true), (2, true)] {
        let stand_in = format!("sh -c 'echo said; exit {ends_with}'");
        let command = command
            .replace("/usr/local/bin/mxcensus series run /etc/mxcensus/series.toml", &stand_in)
            .replace("/var/lib/mxcensus/series.log", log.to_str().expect("UTF-8"));
        let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
        assert_eq!(!output.stdout.is_empty(), mails, "{ends_with}");
    }
    assert_eq!(std::fs::read_to_string(log).expect("a log"), "said\n".repeat(4));
    let help = crate::support::program().args(["series", "run", "--help"]).output().expect("it runs");
    assert!(help.status.success());
}
