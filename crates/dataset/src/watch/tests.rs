//! Rounds of a made watch: what is kept, and what does not count as a change.

use super::*;
use crate::manifest::{Input, Run};
use crate::{Row, samples};
use mxcensus_rules::observation::{DnsStatus, TlsaLookup, TlsaRecord};

struct Crawl {
    domains: Vec<DomainRow>,
    hosts: Vec<MxHostRow>,
    complete: bool,
}

fn record(data: &str) -> TlsaRecord {
    TlsaRecord { usage: 3, selector: 1, matching: 1, data: data.to_owned() }
}

fn lookup(data: &[&str], ttl: u32) -> Vec<TlsaLookup> {
    let records = data.iter().map(|data| record(data)).collect();
    let name = "_25._tcp.mx.example".to_owned();
    vec![TlsaLookup { name, status: DnsStatus::Found, error: None, dnssec: None, ttl: Some(ttl), records }]
}

fn crawl() -> Crawl {
    let domain = |name: &str| DomainRow { domain: name.into(), sts_txt: None, ..samples::domains()[1].clone() };
    let host = MxHostRow {
        host: "mx.example".into(),
        tlsa_lookups: Some(lookup(&["aa", "bb"], 3600)),
        ..samples::mx_hosts()[1].clone()
    };
    Crawl { domains: vec![domain("a.example"), domain("b.example")], hosts: vec![host], complete: true }
}

fn write<R: Row>(root: &Path, rows: Vec<R>) {
    let size = PartSize { rows: usize::MAX, age: Duration::MAX };
    let mut writer = TableWriter::new(root, &Author { worker: "w1".into(), run: 1 }, size).unwrap();
    for row in rows {
        writer.push(row).unwrap();
    }
    writer.finish().unwrap();
}

/// Writes the crawl aside and keeps it as a round.
fn round(watch: &Path, name: &str, crawl: Crawl) -> Round {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("crawl");
    let dataset = Dataset::create(&root, &Tool::default()).unwrap();
    write(&root, crawl.domains);
    write::<PolicyRow>(&root, Vec::new());
    write(&root, crawl.hosts);
    write::<EndpointRow>(&root, Vec::new());
    write::<CertificateRow>(&root, Vec::new());
    write::<VerdictRow>(&root, Vec::new());
    write::<MxVerdictRow>(&root, Vec::new());
    let mut manifest = dataset.manifest().unwrap();
    manifest.complete = crawl.complete;
    manifest.input = Some(Input { name: "list".into(), rows: 2, ..Input::default() });
    manifest.runs = vec![Run { start: "2026-11-30T14:00:03Z".into(), ..Run::default() }];
    dataset.write_manifest(&manifest).unwrap();
    keep(watch, name, &root, &Tool::default()).unwrap()
}

fn kept(round: &Round) -> (u64, u64) {
    (round.tables["domains"].kept, round.tables["mx_hosts"].kept)
}

#[test]
fn only_what_changed_is_kept() {
    let watch = tempfile::tempdir().unwrap();
    let first = round(watch.path(), "2026-11-30T1400Z", crawl());
    assert!(first.whole);
    assert_eq!(kept(&first), (2, 1));

    let mut same = crawl();
    same.domains[0].observed_at += 3_600_000_000;
    same.domains[0].mx_ttl = Some(7);
    same.hosts[0].tlsa_lookups = Some(lookup(&["bb", "aa"], 11));
    let second = round(watch.path(), "2026-11-30T1500Z", same);
    assert!(!second.whole);
    assert_eq!(kept(&second), (0, 0), "another instant, time to live and order is no change");
    assert_eq!(second.tables["domains"].rows, 2, "but everybody was looked at");
    assert!(!watch.path().join("rounds/2026-11-30T1500Z/domains").exists());

    let mut changed = crawl();
    changed.hosts[0].tlsa_lookups = Some(lookup(&["aa", "cc"], 3600));
    let third = round(watch.path(), "2026-11-30T1600Z", changed);
    assert_eq!(kept(&third), (0, 1));
    // Back to what the first round said: a change again.
    assert_eq!(kept(&round(watch.path(), "2026-11-30T1700Z", crawl())), (0, 1));
    let names: Vec<String> = rounds(watch.path()).unwrap().into_iter().map(|round| round.name).collect();
    assert_eq!(names, ["2026-11-30T1400Z", "2026-11-30T1500Z", "2026-11-30T1600Z", "2026-11-30T1700Z"]);
}

#[test]
fn a_day_stands_by_itself() {
    let watch = tempfile::tempdir().unwrap();
    round(watch.path(), "2026-11-30T2300Z", crawl());
    let next = round(watch.path(), "2026-12-01T0000Z", crawl());
    assert!(next.whole);
    assert_eq!(kept(&next), (2, 1));
    assert_eq!(remove_before(watch.path(), "2026-12-01").unwrap(), ["2026-11-30T2300Z"]);
    assert_eq!(kept(&round(watch.path(), "2026-12-01T0100Z", crawl())), (0, 0));
}

#[test]
fn who_is_gone_is_named_and_comes_back_as_a_change() {
    let watch = tempfile::tempdir().unwrap();
    round(watch.path(), "2026-11-30T1400Z", crawl());
    let without = |complete| {
        let mut crawl = crawl();
        crawl.domains.pop();
        Crawl { complete, ..crawl }
    };
    let stopped = round(watch.path(), "2026-11-30T1500Z", without(false));
    assert!(stopped.tables["domains"].gone.is_empty(), "a crawl that was stopped says nothing of whom it did not see");
    let gone = round(watch.path(), "2026-11-30T1600Z", without(true));
    assert_eq!(gone.tables["domains"].gone, [["b.example"]]);
    assert_eq!(kept(&round(watch.path(), "2026-11-30T1700Z", crawl())), (1, 0));
}

#[test]
fn a_round_is_kept_once_and_half_of_one_is_none() {
    let watch = tempfile::tempdir().unwrap();
    let first = round(watch.path(), "2026-11-30T1400Z", crawl());
    let mut other = crawl();
    other.domains.clear();
    assert_eq!(round(watch.path(), "2026-11-30T1400Z", other), first, "it stays as it is");
    let half = watch.path().join("rounds/.2026-11-30T1500Z.tmp/domains");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("watch-0001-000001.parquet"), "half").unwrap();
    assert_eq!(rounds(watch.path()).unwrap().len(), 1);
    assert_eq!(kept(&round(watch.path(), "2026-11-30T1500Z", crawl())), (0, 0));
}
