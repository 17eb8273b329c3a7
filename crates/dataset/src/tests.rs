//! Writing and reading back, crashes, refusals.

use std::fs;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use serde::Deserialize;
use std::sync::Arc;

use super::columns::{CERTIFICATES, DOMAINS, ENDPOINTS, POLICIES};
use super::manifest::{Judgement, Tool};
use super::*;
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, PolicyRow};

const WHOLE: PartSize = PartSize { rows: usize::MAX, age: Duration::MAX };

fn author() -> Author {
    Author { worker: "w1".into(), run: 1 }
}

fn begin() -> (tempfile::TempDir, Dataset) {
    let dir = tempfile::tempdir().unwrap();
    let dataset = Dataset::create(&dir.path().join("census"), &Tool::default()).unwrap();
    (dir, dataset)
}

fn write<R: Row>(root: &Path, author: &Author, rows: impl IntoIterator<Item = R>) -> Part {
    let mut writer = TableWriter::new(root, author, WHOLE).unwrap();
    for row in rows {
        assert_eq!(writer.push(row).unwrap(), None);
    }
    writer.finish().unwrap().unwrap()
}

fn read<R: Row>(root: &Path) -> Vec<R> {
    TableReader::open(root, R::TABLE).unwrap().rows().collect::<Result<_, _>>().unwrap()
}

fn domain(name: &str, at: i64, rank: i64) -> DomainRow {
    DomainRow { domain: name.into(), observed_at: at, rank: Some(rank), ..samples::domains()[1].clone() }
}

#[test]
fn what_is_written_is_read_back() {
    fn round_trip<R: Row + Clone + PartialEq + std::fmt::Debug>(rows: [R; 2]) {
        let (_dir, dataset) = begin();
        // Alone and together: a column without any value must survive too.
        for (run, rows) in [vec![rows[0].clone()], vec![rows[1].clone()], rows.to_vec()].into_iter().enumerate() {
            let author = Author { worker: "w1".into(), run: run as u32 };
            let part = write(dataset.root(), &author, rows.clone());
            assert_eq!(part.file.rows, rows.len() as u64);
        }
        let [full, empty] = rows;
        assert_eq!(read::<R>(dataset.root()), [full.clone(), empty.clone(), full, empty]);
    }
    round_trip(samples::domains());
    round_trip(samples::policies());
    round_trip(samples::mx_hosts());
    round_trip(samples::endpoints());
    round_trip(samples::certificates());
    round_trip(samples::verdicts());
    round_trip(samples::mx_verdicts());
}

#[test]
fn a_part_has_its_name_when_it_is_complete() {
    let (_dir, dataset) = begin();
    let folder = dataset.root().join("domains");
    let mut writer =
        TableWriter::new(dataset.root(), &author(), PartSize { rows: 20_000, age: Duration::MAX }).unwrap();
    for n in 0..19_999 {
        assert_eq!(writer.push(domain(&format!("d{n}.example"), n, n)).unwrap(), None);
    }
    assert!(folder.join(".w1-0001-000001.parquet.tmp").exists(), "two batches were written aside");
    assert_eq!(part_files(&folder).unwrap().len(), 0);
    assert_eq!(writer.rows_in_hand(), 19_999);
    let part = writer.push(domain("last.example", 0, 0)).unwrap().unwrap();
    assert_eq!((part.table, part.file.name.as_str(), part.file.rows), ("domains", "w1-0001-000001.parquet", 20_000));
    let digest = files::digest_of(&folder.join(&part.file.name)).unwrap();
    assert_eq!((digest.sha256, digest.bytes), (part.file.sha256, part.file.bytes));
    assert_eq!(writer.rows_in_hand(), 0);
    assert_eq!(writer.close_part().unwrap(), None, "nothing to close");
    assert_eq!(writer.finish().unwrap(), None, "and no empty part beside a full one");

    let rows = read::<DomainRow>(dataset.root());
    assert_eq!(rows.len(), 20_000);
    assert!(rows[..19_999].iter().enumerate().all(|(n, row)| row.observed_at == n as i64), "order is kept");
}

#[test]
fn a_part_is_closed_by_its_age() {
    let (_dir, dataset) = begin();
    let mut writer =
        TableWriter::new(dataset.root(), &author(), PartSize { rows: 10, age: Duration::from_millis(30) }).unwrap();
    assert_eq!(writer.close_if_due().unwrap(), None, "no row, no age");
    assert_eq!(writer.push(domain("a.example", 0, 0)).unwrap(), None);
    std::thread::sleep(Duration::from_millis(40));
    assert_eq!(writer.close_if_due().unwrap().unwrap().file.rows, 1);
    assert_eq!(writer.close_if_due().unwrap(), None);
}

#[test]
fn numbers_go_on_and_nothing_is_overwritten() {
    let (_dir, dataset) = begin();
    let name = |author: &Author| write(dataset.root(), author, [domain("a.example", 0, 0)]).file.name;
    assert_eq!(name(&author()), "w1-0001-000001.parquet");
    assert_eq!(name(&author()), "w1-0001-000002.parquet", "the same run again");
    assert_eq!(name(&Author { worker: "w1".into(), run: 2 }), "w1-0002-000001.parquet");
    assert_eq!(name(&Author { worker: "../a b-c".into(), run: 1 }), "_a_b_c-0001-000001.parquet", "no path gets in");
}

#[test]
fn what_a_crash_leaves_is_removed_and_what_has_its_name_stays() {
    let (_dir, dataset) = begin();
    let root = dataset.root().to_path_buf();
    write(&root, &author(), [domain("a.example", 0, 0)]);
    // A process that is killed drops nothing.
    let staged = root.join("domains/.w1-0001-000002.parquet.tmp");
    fs::write(&staged, b"PAR1 and then nothing").unwrap();
    assert_eq!(read::<DomainRow>(&root).len(), 1, "it is no part of the table");
    drop(dataset);
    Dataset::resume(&root).unwrap();
    assert!(!staged.exists());
    assert_eq!(read::<DomainRow>(&root).len(), 1);
}

#[test]
fn large_bodies_do_not_wait_for_the_batch_to_fill() {
    let (_dir, dataset) = begin();
    let body = PolicyRow { policy_body: Some(vec![b'x'; 65_536]), ..samples::policies()[1].clone() };
    let mut writer = TableWriter::new(dataset.root(), &author(), WHOLE).unwrap();
    for _ in 0..128 {
        writer.push(body.clone()).unwrap();
    }
    assert!(dataset.root().join("policies/.w1-0001-000001.parquet.tmp").exists(), "8 MiB are a batch");
    writer.finish().unwrap();
    assert_eq!(read::<PolicyRow>(dataset.root()).len(), 128);
}

#[test]
fn a_writer_goes_on_after_an_error() {
    let (_dir, dataset) = begin();
    let folder = dataset.root().join("domains");
    let mut writer = TableWriter::new(dataset.root(), &author(), PartSize { rows: 2, age: Duration::MAX }).unwrap();
    fs::remove_dir(&folder).unwrap();
    assert_eq!(writer.push(domain("a.example", 0, 0)).unwrap(), None);
    let error = writer.push(domain("b.example", 0, 0)).unwrap_err();
    assert!(error.to_string().contains("domains/.w1-0001-000001.parquet.tmp: No such file"), "{error}");
    fs::create_dir(&folder).unwrap();
    assert_eq!(
        writer.push(domain("c.example", 0, 0)).unwrap().unwrap().file.rows,
        3,
        "what was not written yet is not lost"
    );
}

#[test]
fn only_the_wanted_columns_are_read() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Der {
        #[serde(with = "serde_bytes")]
        der: Vec<u8>,
        sha256: String,
    }
    let (_dir, dataset) = begin();
    write(dataset.root(), &author(), samples::certificates());
    let reader = TableReader::open(dataset.root(), &CERTIFICATES).unwrap();
    let rows: Vec<Der> = reader.project().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows[0], Der { der: vec![0x30, 0, 255], sha256: "ab".into() });
    assert_eq!(reader.batches(&["der"]).next().unwrap().unwrap().num_columns(), 1);
}

#[test]
fn of_rows_written_twice_the_earliest_observation_counts() {
    let (_dir, dataset) = begin();
    let root = dataset.root();
    let by = |worker: &str| Author { worker: worker.into(), run: 1 };
    write(root, &by("w2"), [domain("late.example", 9, 2), domain("tie.example", 5, 2), domain("once.example", 1, 2)]);
    write(root, &by("w1"), [domain("tie.example", 5, 1), domain("late.example", 3, 1), domain("late.example", 3, 10)]);
    write(root, &by("w3"), [domain("late.example", 4, 3), domain("tie.example", 6, 3)]);
    let reader = TableReader::distinct(root, &DOMAINS).unwrap();
    assert_eq!(reader.rows_left_out(), 5);
    let kept: Vec<_> =
        reader.rows::<DomainRow>().map(|row| row.unwrap()).map(|row| (row.domain, row.rank.unwrap())).collect();
    let expected = [("tie.example", 1), ("late.example", 1), ("once.example", 2)];
    assert_eq!(kept, expected.map(|(name, rank)| (name.to_string(), rank)), "earliest, then by file name, then by row");
}

#[test]
fn keys_of_several_columns_and_rows_without_an_instant() {
    let (_dir, dataset) = begin();
    let root = dataset.root();
    let endpoint = |host: &str, server_name: &str, port, at| EndpointRow {
        host: host.into(),
        server_name: server_name.into(),
        port,
        observed_at: at,
        ..samples::endpoints()[1].clone()
    };
    let rows = [
        endpoint("a", "bc", 25, 2),
        endpoint("ab", "c", 25, 2),
        endpoint("a", "bc", 26, 2),
        endpoint("a", "bc", 25, 1),
    ];
    write(root, &author(), rows);
    let kept: Vec<EndpointRow> = TableReader::distinct(root, &ENDPOINTS).unwrap().rows().map(Result::unwrap).collect();
    assert_eq!(kept.iter().map(|row| row.observed_at).collect::<Vec<_>>(), [2, 2, 1]);

    let policy = |at| PolicyRow { policy_observed_at: at, ..samples::policies()[1].clone() };
    write(root, &author(), [policy(None), policy(Some(5)), policy(None)]);
    let kept: Vec<PolicyRow> = TableReader::distinct(root, &POLICIES).unwrap().rows().map(Result::unwrap).collect();
    assert_eq!(
        kept.iter().map(|row| row.policy_observed_at).collect::<Vec<_>>(),
        [Some(5)],
        "skipped rows yield to observed ones"
    );

    write(root, &author(), [samples::certificates(), samples::certificates()].concat());
    assert_eq!(TableReader::distinct(root, &CERTIFICATES).unwrap().rows::<CertificateRow>().count(), 2);
}

#[test]
fn many_rows_twice_leave_each_once() {
    let (_dir, dataset) = begin();
    let rows = |at| (0..5000).map(move |n| domain(&format!("d{n}.example"), at, n));
    write(dataset.root(), &author(), rows(2).chain(rows(1)));
    let kept: Vec<DomainRow> =
        TableReader::distinct(dataset.root(), &DOMAINS).unwrap().rows().map(Result::unwrap).collect();
    assert_eq!(kept.len(), 5000);
    assert!(kept.iter().enumerate().all(|(n, row)| row.observed_at == 1 && row.rank == Some(n as i64)));
}

/// Rewrites a table's only file as another program might: `change` gets its columns by name.
fn rewrite(root: &Path, table: &'static Table, change: impl Fn(&str, ArrayRef) -> Option<ArrayRef>) {
    let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    let batch = TableReader::open(root, table).unwrap().batches(&names).next().unwrap().unwrap();
    let mut columns =
        vec![("added_later".to_string(), Arc::new(Int64Array::from(vec![1; batch.num_rows()])) as ArrayRef)];
    for (index, name) in names.iter().enumerate().rev() {
        columns.extend(change(name, batch.column(index).clone()).map(|array| (name.to_string(), array)));
    }
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let path = part_files(&root.join(table.name)).unwrap().remove(0);
    let mut writer = ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn a_file_from_another_program_or_version_is_read() {
    let (_dir, dataset) = begin();
    write(dataset.root(), &author(), samples::domains());
    // Other order, one column more, large strings instead of dictionaries, fewer bits.
    rewrite(dataset.root(), &DOMAINS, |_, array| {
        let data_type = match array.data_type() {
            DataType::Dictionary(..) | DataType::Utf8 => DataType::LargeUtf8,
            DataType::Timestamp(_, zone) => DataType::Timestamp(arrow::datatypes::TimeUnit::Nanosecond, zone.clone()),
            other => other.clone(),
        };
        Some(cast(&array, &data_type).unwrap())
    });
    assert_eq!(read::<DomainRow>(dataset.root()), samples::domains());

    rewrite(dataset.root(), &DOMAINS, |name, array| (!["spf_txt", "mx_truncated"].contains(&name)).then_some(array));
    let row = read::<DomainRow>(dataset.root()).remove(0);
    assert_eq!((row.spf_txt, row.mx_truncated), (None, false), "a column that the file's version did not have");
    assert_eq!(row.mx, samples::domains()[0].mx);
}

#[test]
fn trouble_with_a_file_names_the_file() {
    let fails = |dataset: &Dataset| {
        let error = TableReader::open(dataset.root(), &DOMAINS)
            .and_then(|r| r.rows::<DomainRow>().collect::<Result<Vec<_>, _>>());
        error.unwrap_err().to_string()
    };
    let (_dir, dataset) = begin();
    assert!(fails(&dataset).contains("domains cannot be read: it holds no Parquet file"));

    write(dataset.root(), &author(), samples::domains());
    rewrite(dataset.root(), &DOMAINS, |name, array| (name != "worker").then_some(array));
    assert!(
        fails(&dataset).ends_with("w1-0001-000001.parquet cannot be read: it has no column worker"),
        "{}",
        fails(&dataset)
    );

    let words = |_: &str, array: ArrayRef| match array.data_type() {
        DataType::Dictionary(..) => Some(Arc::new(StringArray::from(vec!["no-such-word"; array.len()])) as ArrayRef),
        _ => Some(array),
    };
    let (_dir, dataset) = begin();
    write(dataset.root(), &author(), samples::domains());
    rewrite(dataset.root(), &DOMAINS, words);
    assert!(fails(&dataset).contains("no-such-word"), "{}", fails(&dataset));

    fs::write(dataset.root().join("domains/w1-0001-000001.parquet"), b"PAR1").unwrap();
    assert!(fails(&dataset).contains("w1-0001-000001.parquet cannot be read"));
}

#[test]
fn a_directory_is_taken_only_when_it_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("a/b");
    let dataset = Dataset::create(&root, &Tool::default()).unwrap();
    assert!(!dataset.manifest().unwrap().complete);
    assert!(matches!(Dataset::resume(&root), Err(DatasetError::Locked(_))), "it is being written");
    drop(dataset);
    let before = fs::read(root.join("manifest.json")).unwrap();
    assert!(matches!(Dataset::create(&root, &Tool::default()), Err(DatasetError::Exists(_))));
    assert_eq!(fs::read(root.join("manifest.json")).unwrap(), before);
    Dataset::resume(&root).unwrap();
    Dataset::open(&root).unwrap();

    let foreign = dir.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.tex"), b"x").unwrap();
    assert!(matches!(Dataset::create(&foreign, &Tool::default()), Err(DatasetError::Foreign(_))));
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1, "nothing was added");
    assert!(matches!(Dataset::open(&foreign), Err(DatasetError::Missing(_))));
    assert!(matches!(Dataset::resume(&dir.path().join("nowhere")), Err(DatasetError::Missing(_))));

    let file = foreign.join("thesis.tex");
    assert!(matches!(Dataset::create(&file, &Tool::default()), Err(DatasetError::NotDirectory(_))));
    assert!(Dataset::create(&file.join("below"), &Tool::default()).is_err());
    assert!(matches!(Dataset::open(&file), Err(DatasetError::Missing(_))));

    let killed = dir.path().join("killed");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join(".lock"), b"").unwrap();
    fs::write(killed.join(".manifest.json.tmp"), b"{").unwrap();
    Dataset::create(&killed, &Tool::default()).unwrap();
}

#[test]
fn a_dataset_begun_for_nothing_is_taken_back() {
    let (dir, dataset) = begin();
    dataset.discard().unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let (_dir, dataset) = begin();
    let root = dataset.root().to_path_buf();
    write(&root, &author(), samples::domains());
    dataset.discard().unwrap();
    assert_eq!(read::<DomainRow>(&root), samples::domains(), "what holds rows stays");
}

#[test]
fn a_later_format_is_refused() {
    let (_dir, dataset) = begin();
    let manifest = Manifest { format: FORMAT + 1, ..Manifest::begun(&Tool::default()) };
    dataset.write_manifest(&manifest).unwrap();
    assert!(matches!(Dataset::open(dataset.root()), Err(DatasetError::Format { found, .. }) if found == FORMAT + 1));
}

#[test]
fn the_manifest_lists_every_file() {
    let (_dir, dataset) = begin();
    let first = write(dataset.root(), &author(), samples::domains());
    let known = dataset.table_files(&BTreeMap::new()).unwrap();
    assert_eq!(known["domains"], TableFiles { rows: 2, files: vec![first.file.clone()] });
    assert_eq!(known["endpoints"].rows, 0);
    assert_eq!(known.len(), 7);
    let second = write(dataset.root(), &author(), [domain("a.example", 0, 0)]);
    let tables = dataset.table_files(&known).unwrap();
    assert_eq!(tables["domains"], TableFiles { rows: 3, files: vec![first.file, second.file] });
    dataset.write_manifest(&Manifest { tables, complete: true, ..Manifest::begun(&Tool::default()) }).unwrap();
    assert_eq!(Dataset::open(dataset.root()).unwrap().manifest().unwrap().tables["domains"].rows, 3);
}

#[test]
fn a_judgement_replaces_the_one_before_as_a_set() {
    let (_dir, dataset) = begin();
    let root = dataset.root();
    let judge = |names: &[&str], rules: &str| {
        let mut writer = judged::VerdictWriter::begin(root).unwrap();
        for name in names {
            let row =
                mxcensus_rules::verdict::VerdictRow { domain: name.to_string(), ..samples::verdicts()[1].clone() };
            writer.push(row).unwrap();
            writer.push_mx(samples::mx_verdicts()[0].clone()).unwrap();
        }
        let judgement = Judgement { tool: Tool::default(), rules_version: rules.into(), ..Judgement::default() };
        writer.commit(&judgement).unwrap()
    };
    assert_eq!(judged::judgement(root).unwrap(), None);
    let first = judge(&["a", "b"], "1");
    assert_eq!(judged::judgement(root).unwrap().unwrap().rules_version, "1");
    assert_eq!(first, judge(&["a", "b"], "1"), "the same judgement gives the same files");

    let mut dropped = judged::VerdictWriter::begin(root).unwrap();
    dropped.push(samples::verdicts()[0].clone()).unwrap();
    drop(dropped);
    assert_eq!(read::<mxcensus_rules::verdict::VerdictRow>(root).len(), 2, "a judge that gives up changes nothing");

    judge(&["c"], "2");
    let rows = read::<mxcensus_rules::verdict::VerdictRow>(root);
    assert_eq!(rows.iter().map(|row| row.domain.as_str()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(read::<mxcensus_rules::verdict::MxVerdictRow>(root).len(), 1);
    assert_eq!(judged::judgement(root).unwrap().unwrap().rules_version, "2");
    assert!(!root.join(".judging").exists() && !root.join(".replaced").exists());

    let elsewhere = root.join("../what-if");
    judged::VerdictWriter::begin_elsewhere(&elsewhere).unwrap().commit(&Judgement::default()).unwrap();
    assert!(
        matches!(judged::VerdictWriter::begin_elsewhere(&elsewhere), Err(DatasetError::Foreign(_))),
        "a second one"
    );
    assert!(matches!(judged::VerdictWriter::begin_elsewhere(root), Err(DatasetError::Exists(_))), "the dataset itself");

    judge(&[], "3");
    assert_eq!(
        TableReader::open(root, &columns::VERDICTS).unwrap().rows::<mxcensus_rules::verdict::VerdictRow>().count(),
        0
    );
    assert_eq!(part_files(&root.join("mx_verdicts")).unwrap().len(), 1, "a table without rows has an empty file");
}

#[test]
fn a_footer_says_whose_rows_these_are_and_what_they_mean() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("census");
    let dataset = Dataset::create(&root, &Tool::default()).unwrap();
    let other = Dataset::create(&dir.path().join("other"), &Tool::default()).unwrap();
    let id = dataset.manifest().unwrap().id.unwrap();
    assert!(id.len() == 32 && Some(&id) != other.manifest().unwrap().id.as_ref());
    let author = Author { worker: "w1".into(), run: 1 };
    let domains: TableWriter<DomainRow> = TableWriter::new(&root, &author, PartSize::default()).unwrap();
    domains.finish().unwrap();
    judged::VerdictWriter::begin(&root).unwrap().commit(&Judgement::default()).unwrap();
    for table in [&DOMAINS, &columns::VERDICTS, &columns::MX_VERDICTS] {
        let path = part_files(&root.join(table.name)).unwrap().remove(0);
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let entries = reader.metadata().file_metadata().key_value_metadata().unwrap().clone();
        let value =
            |key: &str| entries.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone()).unwrap();
        assert_eq!(value("mxcensus.dataset_id"), id, "{}", table.name);
        assert_eq!((value("mxcensus.table").as_str(), value("mxcensus.schema_version").as_str()), (table.name, "1"));
        let docs: serde_json::Value = serde_json::from_str(&value("mxcensus.columns")).unwrap();
        assert!(table.columns.iter().all(|column| docs[column.name] == column.doc));
    }
}
