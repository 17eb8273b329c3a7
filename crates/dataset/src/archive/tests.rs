//! What is in an archive, and that it is the same twice.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::manifest::{Made, PartFile, Run, TableFiles, Tool};

fn dataset(root: &Path) {
    let dataset = Dataset::create(root, &Tool::default()).unwrap();
    std::fs::write(root.join("domains/w1-0001-000001.parquet"), "rows").unwrap();
    std::fs::write(root.join("domains/.w1-0001-000002.parquet.tmp"), "half").unwrap();
    std::fs::write(root.join("input/domains.csv"), ",a.example\n").unwrap();
    std::fs::write(root.join("status.json"), "{}").unwrap();
    let mut manifest = dataset.manifest().unwrap();
    manifest.made = Some(Made::Lab);
    manifest.runs = vec![Run { end: Some("2026-11-30T14:00:00Z".into()), ..Run::default() }];
    let part = PartFile { name: "w1-0001-000001.parquet".into(), rows: 1, bytes: 4, sha256: String::new() };
    manifest.tables.insert("domains".into(), TableFiles { rows: 1, files: vec![part] });
    dataset.write_manifest(&manifest).unwrap();
}

fn unpacked(archive: &Path) -> BTreeMap<String, String> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(File::open(archive).unwrap()).unwrap());
    let entries = tar.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        assert_eq!(entry.header().mtime().unwrap(), 1_796_047_200);
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), text)
    });
    entries.collect()
}

#[test]
fn an_archive_holds_the_dataset_its_sums_and_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("census");
    dataset(&root);
    let changes = dir.path().join("since");
    std::fs::create_dir_all(changes.join("changes")).unwrap();
    std::fs::write(changes.join("changes/a.parquet"), "changed").unwrap();
    let beside = [("changes".to_owned(), changes)];
    let (first, second) = (dir.path().join("a.tar.zst"), dir.path().join("b.tar.zst"));
    let written = write(&root, "2026-11-30", &beside, &first).unwrap();
    assert_eq!(written, files::digest_of(&first).unwrap());
    assert_eq!(written.sha256, write(&root, "2026-11-30", &beside, &second).unwrap().sha256, "the same bytes twice");

    let members = unpacked(&first);
    let names: Vec<&str> = members.keys().map(|name| name.strip_prefix("2026-11-30/").unwrap()).collect();
    assert_eq!(
        names,
        [
            "SHA256SUMS",
            "changes/changes/a.parquet",
            "datapackage.json",
            "domains/w1-0001-000001.parquet",
            "input/domains.csv",
            "manifest.json"
        ]
    );
    for line in members["2026-11-30/SHA256SUMS"].lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let found = digest::digest(&digest::SHA256, members[&format!("2026-11-30/{name}")].as_bytes());
        assert_eq!(sum, hex::encode(found), "{name}");
    }
    assert_eq!(members["2026-11-30/SHA256SUMS"].lines().count(), names.len() - 1);
    let package: Value = serde_json::from_str(&members["2026-11-30/datapackage.json"]).unwrap();
    assert_eq!(package["resources"][0]["path"][0], "domains/w1-0001-000001.parquet");
    assert_eq!(package["resources"].as_array().unwrap().len(), 1, "a table without files is none");
    assert!(package["description"].as_str().unwrap().starts_with("MADE DATA"));
}
