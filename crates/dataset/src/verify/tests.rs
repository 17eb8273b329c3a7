//! A dataset that is sound, and each way of spoiling it.

use std::fs;

use super::*;
use crate::manifest::{Input, Judgement, Run, Tool};
use crate::{Author, PartSize, Row, TableWriter, judged, samples};
use mxcensus_rules::observation::{
    CertificateRow, DomainRow, EndpointRow, HostStatus, Mx, MxHostRow, MxStatus, PolicyRow,
};

fn write<R: Row>(root: &Path, rows: impl IntoIterator<Item = R>) {
    let size = PartSize { rows: usize::MAX, age: std::time::Duration::MAX };
    let mut writer = TableWriter::new(root, &Author { worker: "w1".into(), run: 1 }, size).unwrap();
    rows.into_iter().for_each(|row| {
        writer.push(row).unwrap();
    });
    writer.finish().unwrap();
}

fn domains() -> Vec<DomainRow> {
    let row = |name: &str, host: &str| DomainRow {
        domain: name.into(),
        mx_status: MxStatus::Present,
        mx: Some(vec![Mx { preference: 10, host: host.into() }]),
        sts_txt: None,
        ..samples::domains()[1].clone()
    };
    vec![row("a.example", "mx.example"), row("b.example", "mx.example")]
}

fn host() -> MxHostRow {
    MxHostRow {
        host: "mx.example".into(),
        host_status: HostStatus::Ok,
        addresses: Some(vec!["192.0.2.1".into()]),
        tlsa_lookups: None,
        ..samples::mx_hosts()[1].clone()
    }
}

fn endpoint() -> EndpointRow {
    EndpointRow {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: "192.0.2.1".into(),
        chain: Some(vec![certificate().sha256]),
        legacy_chain: None,
        ..samples::endpoints()[1].clone()
    }
}

fn certificate() -> CertificateRow {
    samples::certificates()[0].clone()
}

/// The rows of a dataset, to be spoilt.
struct World {
    domains: Vec<DomainRow>,
    hosts: Vec<MxHostRow>,
    endpoints: Vec<EndpointRow>,
    certificates: Vec<CertificateRow>,
    input: &'static str,
}

impl World {
    fn sound() -> Self {
        World {
            domains: domains(),
            hosts: vec![host()],
            endpoints: vec![endpoint()],
            certificates: vec![certificate()],
            input: ",a.example\n,b.example\n",
        }
    }

    fn write(self) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("census");
        let dataset = Dataset::create(&root, &Tool::default()).unwrap();
        fs::write(dataset.input_folder().join("domains.csv"), self.input).unwrap();
        fs::write(dataset.trust_store_path(), "roots\n").unwrap();
        let [verdict, _] = samples::verdicts();
        let [mx_verdict, _] = samples::mx_verdicts();
        let mut verdicts = judged::VerdictWriter::begin(&root).unwrap();
        for domain in ["a.example", "b.example"] {
            verdicts.push(mxcensus_rules::verdict::VerdictRow { domain: domain.into(), ..verdict.clone() }).unwrap();
            let row = mxcensus_rules::verdict::MxVerdictRow {
                domain: domain.into(),
                host: "mx.example".into(),
                ..mx_verdict.clone()
            };
            verdicts.push_mx(row).unwrap();
        }
        verdicts.commit(&Judgement::default()).unwrap();
        write(&root, self.domains);
        write(&root, self.hosts);
        write(&root, self.endpoints);
        write(&root, self.certificates);
        write::<PolicyRow>(&root, []);
        let mut manifest = dataset.manifest().unwrap();
        manifest.input = Some(Input::default());
        manifest.runs = vec![Run::default()];
        manifest.tables = dataset.table_files(&manifest.tables).unwrap();
        manifest.files = dataset.other_files(&manifest.files).unwrap();
        manifest.complete = true;
        dataset.write_manifest(&manifest).unwrap();
        (dir, root)
    }
}

fn said(root: &Path) -> Vec<String> {
    dataset(root).unwrap().problems.iter().map(ToString::to_string).collect()
}

fn quickly(root: &Path) -> Vec<String> {
    let dataset = Dataset::open(root).unwrap();
    files(&dataset, &dataset.manifest().unwrap()).unwrap().iter().map(ToString::to_string).collect()
}

fn part(root: &Path, table: &str) -> PathBuf {
    part_files(&root.join(table)).unwrap().remove(0)
}

#[test]
fn a_sound_dataset_has_nothing_wrong() {
    let (_dir, root) = World::sound().write();
    let report = dataset(&root).unwrap();
    assert_eq!(report.problems, []);
    // Seven tables, the input, the roots, the judgement; policies have no row.
    assert_eq!((report.files, report.rows), (10, 9));
    assert!(report.to_string().ends_with("of a complete crawl were checked: nothing is wrong\n"), "{report}");
    assert_eq!(quickly(&root), Vec::<String>::new());
}

#[test]
fn files_that_were_touched_are_told() {
    let (_dir, root) = World::sound().write();
    let path = part(&root, "domains");
    fs::copy(&path, root.join("domains/w1-0001-000009.parquet")).unwrap();
    let copy = "domains/w1-0001-000009.parquet is a copy of domains/w1-0001-000001.parquet: each of its rows would count \
                twice; remove one of the two";
    assert_eq!(quickly(&root), [copy]);
    assert_eq!(said(&root)[0], copy);
    assert!(Dataset::open(&root).unwrap().check_files(&Dataset::open(&root).unwrap().manifest().unwrap()).is_err());
    fs::remove_file(root.join("domains/w1-0001-000009.parquet")).unwrap();

    // A part file of rows of its own, after the end of the crawl.
    let foreign = root.join("domains/w2-0001-000001.parquet");
    fs::write(&foreign, "not Parquet").unwrap();
    assert_eq!(said(&root), ["domains/w2-0001-000001.parquet is not in the manifest, though the dataset is complete"]);
    fs::remove_file(foreign).unwrap();

    let mut bytes = fs::read(&path).unwrap();
    bytes[10] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert_eq!(said(&root), ["domains/w1-0001-000001.parquet was changed: its SHA-256 is not the one in the manifest"]);
    assert_eq!(quickly(&root), Vec::<String>::new(), "the cheap part reads no part file");
    bytes.pop();
    fs::write(&path, &bytes).unwrap();
    assert!(quickly(&root)[0].contains("bytes, and the manifest says"), "{:?}", quickly(&root));
    fs::remove_file(&path).unwrap();
    assert_eq!(quickly(&root), ["domains/w1-0001-000001.parquet is gone, and the manifest lists it"]);
}

#[test]
fn a_changed_name_in_the_input_is_seen() {
    let (_dir, root) = World::sound().write();
    fs::write(root.join("input/domains.csv"), ",a.example\n,c.example\n").unwrap();
    let changed = "input/domains.csv was changed: its SHA-256 is not the one in the manifest";
    assert_eq!(quickly(&root), [changed]);
    assert_eq!(said(&root), [changed]);
    fs::write(root.join("trust-store.pem"), "other\n").unwrap();
    assert_eq!(said(&root).len(), 2);
}

#[test]
fn rows_that_must_exist_are_missed() {
    type Spoil = fn(&mut World);
    let cases: [(Spoil, &str); 7] = [
        (
            |w| w.input = ",a.example\n,b.example\n,c.example\n",
            "domains: 1 rows are missing that the lines of the input ask for, such as c.example",
        ),
        (|w| w.input = ",a.example\n", "domains: 1 rows are there that the lines of the input do not ask for"),
        (|w| w.hosts.clear(), "mx_hosts: 1 rows are missing that the rows of domains ask for, such as mx.example"),
        (
            |w| w.endpoints.clear(),
            "endpoints: 1 rows are missing that the rows of mx_hosts ask for, such as mx.example mx.example 192.0.2.1",
        ),
        (|w| w.certificates.clear(), "certificates: 1 rows are missing that chains ask for, such as "),
        (
            |w| {
                w.domains[0] = DomainRow {
                    sts_txt_status: Some(mxcensus_rules::observation::DnsStatus::Found),
                    sts_txt: Some(vec!["v=STSv1; id=1".into()]),
                    ..w.domains[0].clone()
                }
            },
            "policies: 1 rows are missing that the rows of domains ask for, such as a.example",
        ),
        (|w| w.hosts.push(host()), "mx_hosts: 1 rows have a key that another row has"),
    ];
    for (spoil, expected) in cases {
        let mut world = World::sound();
        spoil(&mut world);
        let (_dir, root) = world.write();
        let said = said(&root);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{expected}: {said:?}");
    }
}
