//! Ctrl-C, a suspended process, and what cannot be gone on with.

use std::process::Command;
use std::time::Duration;

use mxcensus_rules::verdict::VerdictRow;
use rustix::process::Signal;

use super::instants::Stage;
use super::world::world;
use crate::support::{Scan, differences, judged, observed, program, same_rows, wait_until};

#[test]
fn interrupted_once_it_finishes_what_is_in_hand_and_twice_it_leaves_at_once() {
    let world = world();
    let out = world.out("interrupted");
    for (times, signal) in [(1, Signal::INT), (1, Signal::TERM), (2, Signal::INT)] {
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
fn interrupted_while_it_judges_it_says_so_and_leaves_at_the_second_time() {
    let world = world();
    let out = world.out("judged");
    let (mut caught, mut first) = (false, true);
    // The later ones go on from a dataset whose crawl is over: only the judge is at work.
    for _ in 0..40 {
        let mut scan = Scan::start(&mut if first { world.scan(&out) } else { world.resume(&out) });
        first = false;
        let mut ended = false;
        wait_until("the judge is at work", || {
            ended = scan.has_ended();
            ended || out.join(".judging").exists()
        });
        // Two that come before the process looks are one to it: until it is gone.
        wait_until("it leaves", || {
            let ended = scan.has_ended();
            if !ended {
                scan.signal(Signal::INT);
                std::thread::sleep(Duration::from_millis(20));
            }
            ended
        });
        let (status, stdout, stderr) = scan.end();
        if status.code() == Some(3) {
            assert!(stderr.contains("Judging what there is; press Ctrl-C again to leave at once."), "{stderr}");
            assert_eq!(stdout, "", "there is nothing to sum up");
            caught = true;
            break;
        }
        assert_eq!(status.code(), Some(0), "{stderr}");
    }
    assert!(caught, "no signal met the judge");
    world.finish(&out);
}

#[test]
fn suspended_in_the_middle_it_still_sees_the_same() {
    let world = world();
    let out = world.out("suspended");
    let from = world.lab.log_length();
    let scan = Scan::start(&mut world.scan(&out));
    wait_until("endpoints are at work", || {
        world.lab.log_since(from).iter().filter(|line| line.starts_with("smtp ")).count() > 20
    });
    scan.signal(Signal::STOP);
    // Longer than any step may take.
    std::thread::sleep(Duration::from_secs(16));
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
