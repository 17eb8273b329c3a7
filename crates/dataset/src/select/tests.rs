//! Conditions over two rows: one with every field filled, one as empty as it can be.

use super::*;
use crate::{Author, PartSize, TableWriter, samples};
use mxcensus_rules::verdict::VerdictRow;

fn dataset() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("verdicts")).unwrap();
    let [full, empty] = samples::verdicts();
    let rows = [
        VerdictRow { domain: "a.example".into(), rank: Some(1), tlsrpt_rua: vec!["mailto:x@a.example".into()], ..full },
        VerdictRow { domain: "b.test".into(), rank: Some(2), mx_dnssec: None, inferred: false, ..empty },
    ];
    let mut writer: TableWriter<VerdictRow> =
        TableWriter::new(dir.path(), &Author { worker: "w".into(), run: 1 }, PartSize::default()).unwrap();
    for row in rows {
        writer.push(row).unwrap();
    }
    writer.finish().unwrap();
    dir
}

fn selected(dir: &tempfile::TempDir, condition: &str) -> String {
    let mut out = Vec::new();
    let counted = Condition::parse(condition).unwrap().write_list(dir.path(), &mut out).unwrap();
    assert_eq!(counted.of, 2);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(counted.domains as usize, out.lines().count());
    out.lines().map(|line| line.split(',').next_back().unwrap().split('.').next().unwrap()).collect()
}

#[test]
fn what_sql_says() {
    let dir = dataset();
    let table = [
        ("domain = 'a.example'", "a"),
        ("DOMAIN <> 'a.example'", "b"),
        ("rank < 2 OR rank = 2", "ab"),
        ("rank >= 1 AND NOT rank = 1", "b"),
        ("rank BETWEEN 2 AND 9", "b"),
        ("rank NOT BETWEEN 2 AND 9", "a"),
        ("domain IN ('b.test', 'c')", "b"),
        ("domain NOT IN ('b.test', 'c')", "a"),
        ("domain NOT IN ('b.test', NULL)", ""),
        ("domain LIKE '%.example'", "a"),
        ("domain NOT LIKE '%.example'", "b"),
        ("domain ILIKE 'B.%'", "b"),
        ("mx_dnssec IS NULL", "b"),
        ("mx_dnssec IS NOT NULL", "a"),
        ("mx_dnssec <> 'nonsense'", "a"),
        ("NOT mx_dnssec = 'nonsense'", "a"),
        ("(mx_dnssec = 'nonsense') IS NOT TRUE", "ab"),
        ("mx_dnssec = NULL", ""),
        ("NOT inferred", "b"),
        ("inferred IS FALSE", "b"),
        ("list_contains(tlsrpt_rua, 'mailto:x@a.example')", "a"),
        ("len(tlsrpt_rua) = 0", "b"),
        ("rank > -1", "ab"),
        ("1 = 1", "ab"),
        ("FALSE", ""),
        ("NULL", ""),
        ("5 IS NOT NULL", "ab"),
    ];
    for (condition, domains) in table {
        assert_eq!(selected(&dir, condition), domains, "{condition}");
    }
}

#[test]
fn a_mistake_shows_before_a_row_is_read() {
    let table = [
        ("dane_verdikt <> 'none'", "Did you mean dane_verdict?"),
        ("dane_verdict <> \"none\"", "single quotes"),
        ("dane_verdict <>", "no SQL condition"),
        ("domain = 'a' domain = 'b'", "it ends before"),
        ("domain", "not a condition"),
        ("rank = 'one'", "cannot be compared"),
        ("rank = 1.5", "no whole number"),
        ("NOT rank", "takes what is true or false"),
        ("rank AND inferred", "takes what is true or false"),
        ("tlsrpt_rua = 'x'", "list_contains(tlsrpt_rua"),
        ("lower(domain) = 'a'", "is not offered here"),
        ("(SELECT 1) = 1", "is not offered here"),
        ("domain = 'a'; DROP TABLE verdicts", "it ends before"),
        ("rank + 1 = 2", "is not offered here"),
        ("", "no SQL condition"),
    ];
    for (condition, says) in table {
        let error = Condition::parse(condition).unwrap_err().to_string();
        assert!(error.contains(says), "{condition}: {error}");
    }
    let deep = format!("{}1 = 1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(Condition::parse(&deep).is_err());
}
