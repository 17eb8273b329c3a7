//! Killed at moments of its own life: while it names a file, while it judges, while it starts, while it reads its input.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::instants::parts;
use super::world::world;
use crate::support::{Scan, leftovers, observed, program, wait_until};

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
    // On a busy machine a file may have its name before the kill comes: then another crawl is killed.
    for crawl in 1..=5 {
        let out = world.out(&format!("staged-{crawl}"));
        let mut caught = 0;
        for table in ["endpoints", "certificates", "policies", "mx_hosts", "domains"] {
            let fresh = !out.join("manifest.json").exists();
            let scan = Scan::start(&mut if fresh { world.scan(&out) } else { world.resume(&out) });
            kill_when(scan, || holds_staged(&out.join(table)) && (!fresh || parts(&out) >= 5));
            // What is staged goes away, what has its name is whole.
            caught += usize::from(!leftovers(&out).is_empty());
            observed(&out);
        }
        world.finish(&out);
        if caught > 0 {
            return;
        }
    }
    panic!("no kill left a staged file behind");
}

#[test]
fn killed_while_it_judges() {
    let world = world();
    let out = world.out("judging");
    let (mut first, mut caught, mut tried) = (true, 0, 0);
    // The later ones go on from a dataset whose crawl is over: only the judge is at work.
    let moments = [".judging", ".judging/verdicts", ".judging/mx_verdicts/.judge-0001-000001.parquet.tmp", ".replaced"];
    for moment in moments.into_iter().cycle().take(40) {
        let scan = Scan::start(&mut if first { world.scan(&out) } else { world.resume(&out) });
        first = false;
        let moment = out.join(moment);
        caught += usize::from(kill_when(scan, || moment.exists()));
        tried += 1;
        // Each moment once; more where the machine is so busy that none was met.
        if tried >= moments.len() && caught > 0 {
            break;
        }
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
        let mut command = if out.exists() { world.resume_with_list(&out) } else { world.scan(&out) };
        kill_when(Scan::start(&mut command), moment);
    }
    for nth in [1, 3, 9, 27] {
        let from = world.lab.log_length();
        kill_when(Scan::start(&mut world.resume(&out)), || world.lab.log_since(from).len() >= nth);
    }
    world.finish(&out);
}

#[test]
fn killed_while_it_reads_its_input() {
    let world = world();
    let out = world.out("reading");
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
