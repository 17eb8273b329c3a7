use std::fs;
use std::net::IpAddr;

use super::*;
use crate::keys::{Once, endpoint_key, key};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{Attempt, EndpointStage, PolicyAttempt, PolicyStage};

const MINUTE: Micros = 60_000_000;
const NOW: Micros = 1_764_000_000_000_000;

fn ip(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn contact(last: u8, at: Micros) -> Note {
    let host = format!("mx{last}.example.net");
    Note::Contact { server_name: host.clone(), host, ip: ip(last), at }
}

fn key_of(last: u8) -> u128 {
    let host = format!("mx{last}.example.net");
    endpoint_key(&host, &host, ip(last))
}

fn row(last: u8, attempts: usize) -> Box<EndpointRow> {
    let host = format!("mx{last}.example.net");
    let mut row = EndpointRow::unseen(host.clone(), host, ip(last).to_string(), 25, "w1".into(), NOW);
    (row.stage, row.error, row.reply_code) = (EndpointStage::Banner, Some(Failure::BannerRejected), Some(451));
    let attempt = Attempt { at: NOW, stage: row.stage, error: row.error, reply_code: row.reply_code, ms: 12.345_678_9 };
    row.attempt_log = vec![attempt; attempts];
    row.connections = attempts as u32;
    Box::new(row)
}

fn policy_row(domain: &str) -> Box<PolicyRow> {
    let mut row = PolicyRow::unseen(domain.into(), format!("mta-sts.{domain}"), "w1".into());
    (row.policy_stage, row.policy_error) = (PolicyStage::Connect, Some(Failure::ConnectTimeout));
    row.policy_addresses = Some(vec!["192.0.2.1".into()]);
    row.policy_attempts = vec![PolicyAttempt { at: NOW, stage: row.policy_stage, error: row.policy_error, ms: 0.1 }];
    Box::new(row)
}

/// A dataset's root with these notes in it.
fn noted(notes: &[Note]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let attempts = Attempts::default();
    attempts.go_on(dir.path(), &Limits::default(), NOW, |_| false).unwrap();
    assert!(notes.iter().all(|note| attempts.note(note)));
    dir
}

fn read(dir: &tempfile::TempDir, now: Micros, has_row: impl Fn(u128) -> bool) -> Earlier {
    Attempts::default().go_on(dir.path(), &Limits::default(), now, has_row).unwrap()
}

fn lines(dir: &tempfile::TempDir) -> usize {
    fs::read_to_string(dir.path().join(JOURNAL)).unwrap().lines().count()
}

#[test]
fn what_was_noted_is_told_once() {
    let (retry, refetch) = (row(2, 1), policy_row("example.org"));
    let dir = noted(&[
        contact(1, NOW),
        contact(2, NOW),
        Note::Retry { due: NOW + 5 * MINUTE, row: retry.clone() },
        Note::Fetch { domain: "example.org".into(), at: NOW },
        Note::Refetch { due: NOW + 7 * MINUTE, row: refetch.clone() },
        Note::Fetch { domain: "example.com".into(), at: NOW },
    ]);
    let mut earlier = read(&dir, NOW + MINUTE, |_| false);
    let lost = earlier.endpoint(key_of(1)).unwrap();
    assert_eq!((lost.made, lost.seen, lost.due), (1, None, NOW + 5 * MINUTE), "as if it had failed");
    let retried = earlier.endpoint(key_of(2)).unwrap();
    assert_eq!((retried.made, retried.due), (1, NOW + 5 * MINUTE));
    assert_eq!(retried.seen, Some(retry), "the row comes back as it was");
    assert!(earlier.has_no_endpoints() && earlier.endpoint(key_of(1)).is_none());
    let policy = |domain: &str| key(Once::Policy, &[domain.as_bytes()]);
    let refetched = earlier.policy(policy("example.org")).unwrap();
    assert_eq!((refetched.made, refetched.due, refetched.seen), (1, NOW + 7 * MINUTE, Some(refetch)));
    assert_eq!(earlier.policy(policy("example.com")).map(|was| was.due), Some(NOW + 5 * MINUTE));
}

#[test]
fn a_retry_that_was_lost_counts_and_keeps_what_was_seen_before() {
    let retry = Note::Retry { due: NOW, row: row(1, 1) };
    let dir = noted(&[contact(1, NOW - 9 * MINUTE), retry, contact(1, NOW)]);
    let was = read(&dir, NOW, |_| false).endpoint(key_of(1)).unwrap();
    assert_eq!((was.made, was.due), (2, NOW + 5 * MINUTE));
    assert_eq!(was.seen.map(|row| row.attempt_log.len()), Some(1));
}

#[test]
fn what_has_its_row_is_forgotten_and_what_has_none_is_kept_over_many_runs() {
    let dir = noted(&[contact(1, NOW), contact(2, NOW), contact(2, NOW + 1)]);
    for run in 0..3 {
        let mut earlier = read(&dir, NOW + MINUTE, |key| key == key_of(1));
        assert!(earlier.endpoint(key_of(1)).is_none());
        assert_eq!(earlier.endpoint(key_of(2)).map(|was| was.made), Some(2), "run {run}");
        assert_eq!(lines(&dir), 2, "run {run}");
    }
    read(&dir, NOW + MINUTE, |_| true);
    assert_eq!(lines(&dir), 0);
}

#[test]
fn an_address_rests_from_a_contact_though_its_row_is_there() {
    let dir = noted(&[contact(1, NOW - 20_000_000), contact(2, NOW - 40_000_000), contact(3, NOW + MINUTE)]);
    let earlier = read(&dir, NOW, |_| true);
    let resting: Vec<_> = earlier.resting(NOW).map(|(ip, rest)| (ip, rest.as_secs())).collect();
    assert_eq!(resting, [(ip(1), 10)], "not one of long ago, nor one that a clock set back has put into the future");
    assert_eq!(lines(&dir), 1, "needed if this run is killed at once");
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up_for_ever() {
    let dir = noted(&[contact(1, NOW)]);
    let earlier = read(&dir, NOW, |_| false);
    assert_eq!(earlier.wait(NOW + 5 * MINUTE, NOW).as_secs(), 300);
    assert_eq!(earlier.wait(NOW, NOW + MINUTE).as_secs(), 0, "it is over");
    assert_eq!(earlier.wait(NOW + 10_000 * MINUTE, NOW).as_secs(), 1800, "the longest that a retry waits");
    assert_eq!(earlier.wait(Micros::MAX, Micros::MIN).as_secs(), 1800);
}

#[test]
fn half_a_line_and_no_line_cost_only_themselves() {
    let dir = noted(&[contact(1, NOW)]);
    let path = dir.path().join(JOURNAL);
    let whole = fs::read_to_string(&path).unwrap();
    let damaged = ["\0\0\0\n", "{\"contact\":{}}\n", &whole, &whole[..whole.len() / 2]].concat();
    fs::write(&path, damaged).unwrap();
    let was = read(&dir, NOW + MINUTE, |_| false).endpoint(key_of(1)).unwrap();
    assert_eq!(was.made, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole, "what follows is no longer glued to half a line");
}

#[test]
fn a_note_that_cannot_be_made_is_refused_and_so_is_every_later_one() {
    let attempts = Attempts::default();
    let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
    attempts.state().open = Some((full, JOURNAL.into()));
    assert!(!attempts.note(&contact(1, NOW)));
    assert!(!attempts.note(&contact(2, NOW)));
    assert!(matches!(attempts.take_error(), Some(DatasetError::Full(_))));
}

#[test]
fn the_journal_goes_with_the_crawl() {
    let dir = noted(&[contact(1, NOW)]);
    remove(dir.path()).unwrap();
    assert!(!dir.path().join(JOURNAL).exists());
    remove(dir.path()).unwrap();
}
