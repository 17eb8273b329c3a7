//! A standard error that cannot be written to, or whose reader reads nothing, ends no crawl and holds none up.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Lab, program, wait_until};
use mxcensus_dataset::Dataset;

/// A scan of a few domains that logs as much as it can.
fn scan(lab: &Lab, dir: &Path, name: &str) -> Command {
    let list = dir.join("list.csv");
    lab.write_list(&list, |domain| {
        ["lab-implicit.com", "lab-null-mx-10.com", "lab-no-mail.com"]
            .contains(&domain.rsplit(',').next().unwrap_or_default())
    });
    let mut command = program();
    command.arg("scan").arg(list).arg("--out").arg(dir.join(name)).args(lab.flags());
    command.args(["--seed", "7", "--log", "trace"]).stdout(Stdio::null());
    command
}

fn ends_complete(mut command: Command, dataset: &Path) {
    let mut child = command.spawn().expect("the scan starts");
    wait_until("the scan ends", || child.try_wait().expect("a child of ours").is_some());
    let status = child.wait().expect("a child of ours");
    assert!(status.success(), "{status}");
    assert!(Dataset::open(dataset).expect("a dataset").manifest().expect("a manifest").complete);
}

#[test]
fn a_stderr_that_fails_or_is_stuck_ends_no_crawl() {
    let lab = Lab::start(&[]);
    let dir = tempfile::tempdir().expect("a directory");
    let full = || File::options().write(true).open("/dev/full").expect("/dev/full");

    let mut command = scan(&lab, dir.path(), "full");
    command.stderr(full());
    ends_complete(command, &dir.path().join("full"));

    let mut command = scan(&lab, dir.path(), "log-file");
    command.args(["--log-file", "/dev/full"]).stderr(full());
    ends_complete(command, &dir.path().join("log-file"));

    // A pipe that nobody has the other end of.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = scan(&lab, dir.path(), "closed");
    command.stderr(writer);
    ends_complete(command, &dir.path().join("closed"));

    // A pipe whose reader reads nothing: it holds 64 KiB, and the log is far longer.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut command = scan(&lab, dir.path(), "stuck");
    command.stderr(writer);
    ends_complete(command, &dir.path().join("stuck"));
    drop(reader);
}

#[test]
fn an_error_is_told_with_the_same_exit_code_when_nobody_reads_it() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = program().args(["verify", "/nowhere"]).stderr(writer).status().expect("it runs");
    assert_eq!(status.code(), Some(1));
}
