//! `mxcensus diff` from outside: the lab is scanned once, a copy of its dataset is edited as a month would, judged
//! again by the real binary, and compared. What was edited must come out, and nothing else. Then two months of the load
//! world, which knows what it changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mxcensus_dataset::change::ChangeRow;
use mxcensus_dataset::change::{ChangeKind, Subject};
use mxcensus_dataset::columns::CHANGES;
use mxcensus_dataset::{Author, Dataset, PartSize, Row, TableReader, TableWriter};
use mxcensus_rules::observation::{DnsStatus, DomainRow, EndpointRow, Mx, MxHostRow, MxStatus, PolicyRow};
use mxcensus_rules::verdict::{DaneVerdict, MxVerdictRow, StsVerdict, VerdictRow};

fn mxcensus(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mxcensus")).args(args).output().expect("the program starts")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn succeed(args: &[&str]) -> String {
    let output = mxcensus(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder that can be read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn rows<R: Row>(dir: &Path) -> Vec<R> {
    let table = TableReader::distinct(dir, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

/// Rewrites a table; a row for which `edit` says false goes.
fn edit<R: Row>(dir: &Path, mut edit: impl FnMut(&mut R) -> bool) {
    let all: Vec<R> = rows(dir);
    let folder = dir.join(R::TABLE.name);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let author = Author { worker: "edited".to_owned(), run: 1 };
    let mut writer = TableWriter::new(dir, &author, PartSize::default()).unwrap();
    for mut row in all {
        if edit(&mut row) {
            writer.push(row).unwrap();
        }
    }
    writer.finish().unwrap();
}

/// Domains of the lab that a test can do something to, none twice.
struct Cast {
    id_changed: String,
    downgraded: String,
    withdrawn: String,
    moved: (String, Mx),
    gone: String,
    opted_out: String,
    unsigned: String,
    rollover: (String, String),
}

/// Picks them by what they are, not by name.
fn cast(dir: &Path) -> Cast {
    let verdicts: Vec<VerdictRow> = rows(dir);
    let hosts: Vec<MxVerdictRow> = rows(dir);
    let lookups: BTreeMap<String, MxHostRow> =
        rows(dir).into_iter().map(|row: MxHostRow| (row.host.clone(), row)).collect();
    let mut served: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &hosts {
        served.entry(&row.host).or_default().push(&row.domain);
    }
    let mut taken = BTreeSet::new();
    let mut pick = |wanted: &dyn Fn(&&VerdictRow) -> bool| {
        let found = verdicts.iter().find(|row| !taken.contains(&row.domain) && wanted(row)).expect("such a domain");
        taken.insert(found.domain.clone());
        found.clone()
    };
    let passes = |row: &&VerdictRow| {
        row.sts_verdict == StsVerdict::Pass && row.sts_mode.as_deref() == Some("enforce") && row.mx_count == 1
    };
    let only_sts = |row: &&VerdictRow| passes(row) && row.dane_verdict == DaneVerdict::None;
    let moved = pick(&only_sts);
    let elsewhere =
        pick(&|row| row.dane_verdict == DaneVerdict::None && row.provider != moved.provider && row.mx_count == 1);
    let target = hosts.iter().find(|row| row.domain == elsewhere.domain).expect("its MX");
    let plain = |row: &&VerdictRow| row.dane_verdict == DaneVerdict::None && row.mx_status == MxStatus::Present;
    // A host of its own, known by the leaf alone, so that another leaf is a mismatch.
    let by_leaf = |row: &&VerdictRow| {
        let host = hosts.iter().find(|host| host.domain == row.domain);
        row.dane_verdict == DaneVerdict::Pass
            && row.sts_verdict == StsVerdict::NoPolicy
            && row.mx_count == 1
            && host.is_some_and(|host| {
                let asked = lookups[&host.host].tlsa_lookups.iter().flatten();
                served[host.host.as_str()].len() == 1
                    && asked.flat_map(|lookup| &lookup.records).all(|record| record.usage == 3)
            })
    };
    let rollover = pick(&by_leaf);
    let host = hosts.iter().find(|row| row.domain == rollover.domain).expect("its MX").host.clone();
    let unsigned = pick(&|row| row.dane_verdict == DaneVerdict::Pass && row.mx_status == MxStatus::Present);
    Cast {
        id_changed: pick(&passes).domain,
        downgraded: pick(&passes).domain,
        withdrawn: pick(&passes).domain,
        moved: (moved.domain, Mx { preference: 1, host: target.host.clone() }),
        gone: pick(&plain).domain,
        opted_out: pick(&plain).domain,
        unsigned: unsigned.domain,
        rollover: (rollover.domain, host),
    }
}

/// What a month did.
fn live_on(dir: &Path, cast: &Cast) {
    edit(dir, |row: &mut DomainRow| {
        let domain = row.domain.clone();
        if domain == cast.id_changed {
            row.sts_txt = Some(vec!["v=STSv1; id=another;".into()]);
        } else if domain == cast.withdrawn {
            (row.sts_txt_status, row.sts_txt) = (Some(DnsStatus::Nxdomain), None);
        } else if domain == cast.moved.0 {
            row.mx = Some(vec![cast.moved.1.clone()]);
        } else if domain == cast.opted_out {
            (row.mx_status, row.mx, row.mx_dnssec) = (MxStatus::OptedOut, None, None);
        } else if domain == cast.unsigned {
            row.mx_dnssec = Some(mxcensus_rules::observation::Dnssec::Insecure);
        }
        domain != cast.gone
    });
    edit(dir, |row: &mut PolicyRow| {
        if row.domain == cast.downgraded {
            let body = String::from_utf8(row.policy_body.take().expect("a body")).expect("UTF-8");
            row.policy_body = Some(body.replace("enforce", "testing").into_bytes());
        }
        row.domain != cast.withdrawn
    });
    let other = rows::<EndpointRow>(dir).into_iter().find_map(|row| row.chain.filter(|_| row.host != cast.rollover.1));
    edit(dir, |row: &mut EndpointRow| {
        if row.host == cast.rollover.1 {
            row.chain = other.clone();
        }
        true
    });
    let list = dir.join("input/domains.csv");
    let left: String = std::fs::read_to_string(&list)
        .unwrap()
        .lines()
        .filter(|line| line.split_once(',').is_none_or(|(_, domain)| domain != cast.gone))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&list, left).unwrap();
    // The judge builds on nothing that the manifest does not know.
    let dataset = Dataset::open(dir).unwrap();
    let mut manifest = dataset.manifest().unwrap();
    manifest.tables = dataset.table_files(&manifest.tables).unwrap();
    manifest.files = dataset.other_files(&BTreeMap::new()).unwrap();
    dataset.write_manifest(&manifest).unwrap();
    succeed(&["judge", path(dir)]);
}

/// Kinds by name, without what merely lasts and without the verdicts.
fn kinds(changes: &[ChangeRow]) -> BTreeMap<String, Vec<&'static str>> {
    let mut kinds: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for row in changes {
        if !matches!(row.kind, ChangeKind::FailurePersists | ChangeKind::VerdictChanged) {
            kinds.entry(row.name.clone()).or_default().push(row.kind.word());
        }
    }
    kinds
}

fn changes(out: &Path) -> Vec<ChangeRow> {
    TableReader::open(out, &CHANGES).unwrap().rows::<ChangeRow>().collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_was_edited_comes_out_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { dir.path().join(name) };
    let (old, new) = (at("old"), at("new"));
    succeed(&["demo", "--out", path(&old)]);
    copy(&old, &new);
    let cast = cast(&old);
    live_on(&new, &cast);

    let text = succeed(&["diff", path(&old), path(&new), "--out", path(&at("there"))]);
    let there = changes(&at("there"));
    let expected: BTreeMap<String, Vec<&str>> = [
        (&cast.id_changed, vec!["id-without-new-policy"]),
        (&cast.downgraded, vec!["policy-without-new-id", "mode-downgraded"]),
        (&cast.withdrawn, vec!["sts-withdrawn"]),
        (&cast.moved.0, vec!["failure-new", "mx-moved", "policy-outdated"]),
        (&cast.gone, vec!["vanished"]),
        (&cast.opted_out, vec!["sight-lost"]),
        (&cast.unsigned, vec!["dnssec-lost"]),
        (&cast.rollover.0, vec!["failure-new"]),
        (&cast.rollover.1, vec!["failure-new", "rollover-broke", "tlsa-stale"]),
    ]
    .into_iter()
    .map(|(name, kinds)| (name.clone(), kinds))
    .collect();
    assert_eq!(kinds(&there), expected);
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(at("there").join("summary.json")).unwrap()).unwrap();
    for kind in ChangeKind::ALL {
        let rows = there.iter().filter(|row| row.kind == *kind).count();
        assert_eq!(summary["kinds"][kind.word()], rows, "{kind}");
    }
    assert!(text.contains("1 name the MX of OLD and not that of NEW"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    assert!(there.iter().all(|row| row.subject == Subject::Host || row.domains == 1));

    succeed(&["diff", path(&new), path(&old), "--out", path(&at("back"))]);
    let back = kinds(&changes(&at("back")));
    let expected: BTreeMap<String, Vec<&str>> = [
        (&cast.id_changed, vec!["id-without-new-policy"]),
        (&cast.downgraded, vec!["policy-without-new-id", "mode-upgraded"]),
        (&cast.withdrawn, vec!["sts-adopted"]),
        (&cast.moved.0, vec!["failure-healed", "mx-moved"]),
        (&cast.gone, vec!["appeared"]),
        (&cast.opted_out, vec!["sight-regained"]),
        (&cast.unsigned, vec!["dnssec-gained"]),
        (&cast.rollover.0, vec!["failure-healed"]),
        (&cast.rollover.1, vec!["failure-healed"]),
    ]
    .into_iter()
    .map(|(name, kinds)| (name.clone(), kinds))
    .collect();
    assert_eq!(back, expected);

    succeed(&["diff", path(&old), path(&old), "--out", path(&at("same"))]);
    assert!(changes(&at("same")).iter().all(|row| row.kind == ChangeKind::FailurePersists));

    for (args, says) in [
        (vec!["diff", path(&old), "/nonexistent"], "holds no dataset"),
        (vec!["diff", path(&old), path(&new), "--out", path(&old)], "already holds a dataset"),
        (vec!["diff", path(&old), path(&new), "--out", path(&at("there"))], "is not empty"),
    ] {
        let output = mxcensus(&args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(text.contains(says) && text.trim().lines().count() == 1, "{text}");
    }
    assert_eq!(mxcensus(&["diff", path(&old)]).status.code(), Some(2), "one dataset is no comparison");
}

/// Kinds of change that no month of the load world brings; the edited lab has most of them.
const NOT_IN_THE_WORLD: [ChangeKind; 8] = [
    ChangeKind::SightLost,
    ChangeKind::SightRegained,
    ChangeKind::MailBegan,
    ChangeKind::TlsrptWithdrawn,
    ChangeKind::PolicyHostMoved,
    ChangeKind::MxChanged,
    ChangeKind::TlsaRemoved,
    ChangeKind::TlsaBroke,
];

#[test]
fn a_month_of_the_made_world_is_what_the_world_changed() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { dir.path().join(name) };
    // A world in which every kind occurs that it can make.
    for (month, out) in [("0", "old"), ("1", "new")] {
        let world = ["--domains", "2500", "--seed", "13", "--adoption", "50", "--month", month];
        succeed(&[&["sample", "--out", path(&at(out))][..], &world].concat());
    }
    succeed(&["diff", path(&at("old")), path(&at("new")), "--out", path(&at("changes"))]);
    let read = |file: &Path| -> serde_json::Value { serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap() };
    let (truth, summary) = (read(&at("new").join("changes.json")), read(&at("changes").join("summary.json")));
    let count = |counts: &serde_json::Value, kind: ChangeKind| counts["kinds"][kind.word()].as_u64().unwrap_or(0);
    for kind in ChangeKind::ALL {
        assert_eq!(count(&summary, *kind), count(&truth, *kind), "{kind}");
        assert_eq!(
            count(&truth, *kind) > 0,
            !NOT_IN_THE_WORLD.contains(kind),
            "{kind} occurs, or the list is out of date"
        );
    }

    // By what they are about, and by aspect.
    let mut found: BTreeMap<[String; 3], u64> = BTreeMap::new();
    for row in changes(&at("changes")) {
        let key = [row.subject.word(), row.kind.word(), row.aspect.as_deref().unwrap_or_default()];
        *found.entry(key.map(str::to_owned)).or_default() += 1;
    }
    let mut expected: BTreeMap<[String; 3], u64> = BTreeMap::new();
    for subject in ["domain", "host"] {
        for (kind, aspects) in truth[subject].as_object().unwrap() {
            for (aspect, rows) in aspects.as_object().unwrap() {
                expected.insert([subject, kind, aspect].map(str::to_owned), rows.as_u64().unwrap());
            }
        }
    }
    assert!(expected.len() > 40);
    assert_eq!(found, expected);

    // Whose customers the new adopters are.
    let mut adopters: BTreeMap<&str, u64> = BTreeMap::new();
    for group in summary["operators"].as_array().unwrap() {
        if group["role"] == "policy-operator" && group["kind"] == ChangeKind::StsAdopted.word() {
            *adopters.entry(group["operator"].as_str().unwrap()).or_default() += group["count"].as_u64().unwrap();
        }
    }
    let expected = truth["sts_adopted_by_policy_operator"].as_object().unwrap().iter();
    let expected: BTreeMap<&str, u64> = expected
        .filter(|(operator, _)| !operator.is_empty())
        .map(|(operator, domains)| (operator.as_str(), domains.as_u64().unwrap()))
        .collect();
    assert_eq!(adopters, expected);
}
