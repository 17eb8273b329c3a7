//! Datasets written, compared and read back: the same whatever the partitions, and every trouble said.

use std::path::PathBuf;

use super::*;
use crate::change::ChangeKind;
use crate::judged::VerdictWriter;
use crate::manifest::{Input, Judgement, Manifest, Run};
use crate::{Dataset, Row, TableReader, samples};
use mxcensus_rules::observation::{
    CertificateRow, DnsStatus, DomainRow, EndpointRow, Mx, MxHostRow, MxStatus, PolicyRow, TlsaLookup, TlsaRecord,
};
use mxcensus_rules::verdict::{DaneHost, MxVerdictRow, VerdictRow};

/// A dataset with the given verdicts, hosts and endpoints.
#[derive(Default)]
struct Made {
    verdicts: Vec<VerdictRow>,
    mx_verdicts: Vec<MxVerdictRow>,
    domains: Vec<DomainRow>,
    hosts: Vec<MxHostRow>,
    endpoints: Vec<EndpointRow>,
    certificates: Vec<CertificateRow>,
    policies: Vec<PolicyRow>,
    manifest: Manifest,
    rules_version: String,
}

fn table<R: Row>(root: &Path, rows: &[R]) {
    let author = Author { worker: "w".into(), run: 1 };
    let mut writer = TableWriter::new(root, &author, PartSize { rows: usize::MAX, age: Duration::MAX }).unwrap();
    for row in rows {
        let copy: R = serde_json::from_value(serde_json::to_value(row).unwrap()).unwrap();
        writer.push(copy).unwrap();
    }
    writer.finish().unwrap();
}

impl Made {
    /// So many domains in rank order, each with a verdict and its MX.
    fn of(names: impl IntoIterator<Item = String>) -> Self {
        let mut made = Made { rules_version: "1".into(), ..Made::default() };
        for (rank, name) in names.into_iter().enumerate() {
            made.verdicts.push(VerdictRow {
                domain: name.clone(),
                rank: Some(rank as i64),
                provider: Some("big.example".into()),
                mx_status: MxStatus::Present,
                ..samples::verdicts()[0].clone()
            });
            made.domains.push(DomainRow {
                domain: name,
                mx_status: MxStatus::Present,
                mx: Some(vec![Mx { preference: 1, host: "mx.big.example".into() }]),
                mx_truncated: false,
                ..samples::domains()[1].clone()
            });
        }
        made.manifest = Manifest {
            complete: true,
            input: Some(Input { rows: made.verdicts.len() as u64, ..Input::default() }),
            runs: vec![Run { start: "2026-01-01T00:00:00Z".into(), ..Run::default() }],
            ..Manifest::begun(&Tool::default())
        };
        made
    }

    fn write(&self, root: &Path) -> PathBuf {
        let dataset = Dataset::create(root, &Tool::default()).unwrap();
        table(root, &self.domains);
        table(root, &self.policies);
        table(root, &self.hosts);
        table(root, &self.endpoints);
        table(root, &self.certificates);
        dataset.write_manifest(&self.manifest).unwrap();
        let mut writer = VerdictWriter::begin(root).unwrap();
        self.verdicts.iter().cloned().try_for_each(|row| writer.push(row)).unwrap();
        self.mx_verdicts.iter().cloned().try_for_each(|row| writer.push_mx(row)).unwrap();
        writer.commit(&Judgement { rules_version: self.rules_version.clone(), ..Judgement::default() }).unwrap();
        root.to_path_buf()
    }
}

fn numbered(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    range.map(|number| format!("d{number}.example"))
}

fn rows(out: &Path) -> Vec<ChangeRow> {
    TableReader::open(out, &CHANGES).unwrap().rows::<ChangeRow>().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_partitions_do_not_show() {
    let dir = tempfile::tempdir().unwrap();
    let old = Made::of(numbered(0..40)).write(&dir.path().join("old"));
    let mut new = Made::of(numbered(10..60));
    for row in new.verdicts.iter_mut().step_by(3) {
        row.sts_id = Some("another".into());
        row.tlsrpt = mxcensus_rules::verdict::Tlsrpt::Absent;
    }
    let new = new.write(&dir.path().join("new"));
    let mut found = Vec::new();
    for (number, partition_domains) in [1_000_000, 7, 1].into_iter().enumerate() {
        let out = dir.path().join(format!("out{number}"));
        let summary = compare(&old, &new, Some(&out), &Tool::default(), partition_domains).unwrap();
        let file = std::fs::read(out.join("changes/diff-0001-000001.parquet")).unwrap();
        found.push((file, std::fs::read_to_string(out.join("summary.json")).unwrap(), summary.to_string()));
        let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "changes and summary.json, and no temporary file: {left:?}");
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "another partition, another result");
    let rows = rows(&dir.path().join("out1"));
    assert!(rows.is_sorted_by(|a, b| (&a.name, a.kind) <= (&b.name, b.kind)), "by name, then by kind");
    let count = |kind| rows.iter().filter(|row| row.kind == kind).count();
    assert_eq!((count(ChangeKind::Vanished), count(ChangeKind::Appeared)), (10, 20));
    assert_eq!(count(ChangeKind::TlsrptWithdrawn), 10, "every third of the 30 in both");
    let of_d10 = rows.iter().find(|row| row.name == "d10.example" && row.kind == ChangeKind::TlsrptWithdrawn).unwrap();
    assert_eq!((of_d10.rank, of_d10.provider.as_deref(), of_d10.domains), (Some(0), Some("big.example"), 1));
    let summary: serde_json::Value = serde_json::from_str(&found[0].1).unwrap();
    assert_eq!(summary["kinds"]["tlsrpt-withdrawn"], 10);
    let group =
        summary["operators"].as_array().unwrap().iter().find(|group| group["kind"] == "tlsrpt-withdrawn").unwrap();
    assert_eq!((&group["operator"], &group["count"], &group["of"]), (&"big.example".into(), &10.into(), &30.into()));
}

#[test]
fn an_incomplete_crawl_loses_sight_and_no_domain() {
    let dir = tempfile::tempdir().unwrap();
    let old = Made::of(numbered(0..4)).write(&dir.path().join("old"));
    let mut part = Made::of(numbered(0..3));
    part.manifest.complete = false;
    let new = part.write(&dir.path().join("new"));
    let list: String = numbered(0..4).map(|name| format!(",{name}\n")).collect();
    std::fs::write(new.join("input/domains.csv"), list).unwrap();
    let out = dir.path().join("out");
    let summary = compare(&old, &new, Some(&out), &Tool::default(), 10).unwrap();
    let unseen: Vec<_> = rows(&out).into_iter().map(|row| (row.name, row.kind, row.new)).collect();
    assert_eq!(unseen[unseen.len() - 1], ("d3.example".into(), ChangeKind::SightLost, Some("no-row".into())));
    assert_eq!(summary.rows(ChangeKind::Vanished), 0);
    assert!(summary.to_string().contains("Beware: NEW is incomplete"), "{summary}");
    assert!(summary.to_string().contains("INCOMPLETE"), "{summary}");
    assert_eq!(summary.json(&Tool::default())["new"]["complete"], false);
}

#[test]
fn hosts_over_files() {
    let dir = tempfile::tempdir().unwrap();
    let authority = mxcensus_rules::pkix::testing::Authority::root("Root");
    let leaves = [authority.leaf(&["mx.big.example"]), authority.leaf(&["mx.big.example"])];
    let fingerprints = leaves.each_ref().map(|der| mxcensus_rules::pkix::fingerprint(der));
    let crawl = |leaf: usize, word: DaneHost| {
        let mut made = Made::of(numbered(0..5));
        for row in &made.verdicts {
            made.mx_verdicts.push(MxVerdictRow {
                domain: row.domain.clone(),
                host: "mx.big.example".into(),
                provider: Some("big.example".into()),
                dane_host: word,
                tlsa_base: Some("mx.big.example".into()),
                ..samples::mx_verdicts()[0].clone()
            });
        }
        let records = vec![TlsaRecord { usage: 3, selector: 0, matching: 1, data: fingerprints[0].clone() }];
        let lookup = TlsaLookup {
            name: "_25._tcp.mx.big.example".into(),
            status: DnsStatus::Found,
            error: None,
            dnssec: None,
            ttl: None,
            records,
        };
        made.hosts.push(MxHostRow {
            host: "mx.big.example".into(),
            tlsa_lookups: Some(vec![lookup]),
            ..samples::mx_hosts()[1].clone()
        });
        for (ip, leaf) in [("192.0.2.1", leaf), ("192.0.2.2", leaf)] {
            made.endpoints.push(EndpointRow {
                host: "mx.big.example".into(),
                server_name: "mx.big.example".into(),
                ip: ip.into(),
                chain: Some(vec![fingerprints[leaf].clone()]),
                ..samples::endpoints()[1].clone()
            });
        }
        made.certificates.push(mxcensus_rules::pkix::describe(&leaves[leaf]));
        made
    };
    let old = crawl(0, DaneHost::Match).write(&dir.path().join("old"));
    let new = crawl(1, DaneHost::Mismatch).write(&dir.path().join("new"));
    let out = dir.path().join("out");
    let summary = compare(&old, &new, Some(&out), &Tool::default(), 2).unwrap();
    let of_hosts: Vec<_> = rows(&out).into_iter().filter(|row| row.subject == Subject::Host).collect();
    let kinds: Vec<_> = of_hosts.iter().map(|row| (row.kind, row.domains)).collect();
    let expected =
        [ChangeKind::VerdictChanged, ChangeKind::FailureNew, ChangeKind::RolloverBroke, ChangeKind::TlsaStale];
    assert_eq!(kinds, expected.map(|kind| (kind, 5)));
    assert_eq!(of_hosts[3].old.as_ref(), Some(&fingerprints[0]), "what the record still names");
    assert_eq!(of_hosts[3].new.as_ref(), Some(&fingerprints[1]), "what is presented");
    let json = summary.json(&Tool::default());
    let broke = json["operators"].as_array().unwrap().iter().find(|group| group["kind"] == "rollover-broke").unwrap();
    assert_eq!(
        (&broke["operator"], &broke["count"], &broke["of"]),
        (&"big.example".into(), &1.into(), &serde_json::Value::Null)
    );
    assert_eq!(summary.tally().population.hosts, 1);
}

#[test]
fn who_runs_the_policy_host() {
    let dir = tempfile::tempdir().unwrap();
    let with = |target: Option<&str>| {
        let mut made = Made::of(numbered(0..1));
        made.policies.push(PolicyRow {
            domain: "d0.example".into(),
            policy_host: "mta-sts.d0.example".into(),
            policy_addresses: Some(vec!["192.0.2.1".into()]),
            policy_cnames: Some(
                target
                    .map(|target| mxcensus_rules::observation::Cname { target: target.into(), dnssec: None })
                    .into_iter()
                    .collect(),
            ),
            ..samples::policies()[1].clone()
        });
        made
    };
    let old = with(None).write(&dir.path().join("old"));
    let new = with(Some("d0.hosted.example.net")).write(&dir.path().join("new"));
    let out = dir.path().join("out");
    compare(&old, &new, Some(&out), &Tool::default(), 10).unwrap();
    let moved = rows(&out).into_iter().find(|row| row.kind == ChangeKind::PolicyHostMoved).unwrap();
    assert_eq!((moved.old.as_deref(), moved.new.as_deref()), (Some("d0.example"), Some("example.net")));
    assert_eq!(moved.policy_operator.as_deref(), Some("example.net"));
}

#[test]
fn what_to_beware_of() {
    let dir = tempfile::tempdir().unwrap();
    let old = Made::of(numbered(0..1)).write(&dir.path().join("old"));
    let mut other = Made::of(numbered(0..1));
    other.rules_version = "2".into();
    other.manifest.runs[0].start = "2025-12-31T00:00:00Z".into();
    other.manifest.resolver = Some(crate::manifest::Resolver { dnssec: "off".into(), ..Default::default() });
    let new = other.write(&dir.path().join("new"));
    let summary = compare(&old, &new, None, &Tool::default(), 10).unwrap();
    let words: Vec<_> = summary.warnings().iter().map(|warning| warning.word()).collect();
    assert_eq!(words, ["rules-differ", "dnssec-differs", "wrong-order"]);
    assert_eq!(compare(&old, &old, None, &Tool::default(), 10).unwrap().warnings(), []);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let good = Made::of(numbered(0..1)).write(&dir.path().join("good"));
    let error = |old: &Path, new: &Path, out: Option<&Path>| {
        compare(old, new, out, &Tool::default(), 10).unwrap_err().to_string()
    };
    let missing = dir.path().join("missing");
    assert!(error(&good, &missing, None).ends_with("holds no dataset: there is no manifest.json"));
    let unjudged = Made::of(numbered(0..1)).write(&dir.path().join("unjudged"));
    std::fs::remove_file(unjudged.join("judgement.json")).unwrap();
    assert!(error(&unjudged, &good, None).contains("run `mxcensus judge "));
    assert!(error(&good, &good, Some(&good)).contains("already holds a dataset"));
    let full = dir.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("thesis.tex"), "x").unwrap();
    assert!(error(&good, &good, Some(&full)).contains("is not empty"));
    let mut later = Made::of(numbered(0..1));
    later.manifest.format = 99;
    let later = later.write(&dir.path().join("later"));
    assert!(error(&good, &later, None).contains("has format 99"));
}
