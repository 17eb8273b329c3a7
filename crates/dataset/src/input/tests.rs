//! Lists as they are published, damaged, and none at all.

use std::fs;
use std::io::Write;

use proptest::prelude::*;

use super::*;

struct Read {
    listed: Listed,
    domains: Vec<(Option<i64>, String)>,
    rejected: Vec<Vec<String>>,
    #[expect(dead_code, reason = "holds the directory until the end")]
    dir: tempfile::TempDir,
}

fn try_read(bytes: &[u8], limit: Option<u64>) -> Result<Read, InputError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list");
    fs::write(&path, bytes).unwrap();
    let folder = dir.path().join("input");
    let result = read_list(&Source::File(path), &folder, limit);
    let files = fs::read_dir(&folder).map_or(0, Iterator::count);
    assert_eq!(files, if result.is_ok() { 2 } else { 0 }, "both files or none, and nothing half-written");
    let listed = result?;
    let spool = Spool::open(&folder).unwrap();
    let domains = spool.read_in_order().unwrap().map(|entry| entry.unwrap()).map(|e| (e.rank, e.domain)).collect();
    let mut rejected = csv::Reader::from_path(folder.join("rejected.csv")).unwrap();
    assert_eq!(rejected.headers().unwrap(), vec!["line_number", "reason", "text", "text_truncated", "meant"]);
    let rejected = rejected.records().map(|r| r.unwrap().iter().map(String::from).collect()).collect();
    Ok(Read { listed, domains, rejected, dir })
}

fn read(bytes: &[u8]) -> Read {
    try_read(bytes, None).unwrap()
}

fn names(read: &Read) -> Vec<&str> {
    read.domains.iter().map(|(_, name)| name.as_str()).collect()
}

#[test]
fn lists_as_they_are_published() {
    type Case = (&'static str, &'static [(Option<i64>, &'static str)], &'static str);
    let cases: [Case; 6] = [
        (
            "a.example\nb.example",
            &[(None, "a.example"), (None, "b.example")],
            "plain, without an end of line at the end",
        ),
        ("1,google.com\n2,a.example\n", &[(Some(1), "google.com"), (Some(2), "a.example")], "Tranco"),
        ("1,google.com\r\n2,a.example\r\n", &[(Some(1), "google.com"), (Some(2), "a.example")], "Umbrella"),
        (
            "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain\n1,1,google.com,com,4,9,google.com\n",
            &[(Some(1), "google.com")],
            "Majestic",
        ),
        ("origin,rank\nhttps://www.google.com,1000\n", &[(Some(1000), "www.google.com")], "Chrome UX Report"),
        ("\u{feff}domain\r\n\r\na.example\r\n", &[(None, "a.example")], "a spreadsheet's export"),
    ];
    for (text, expected, why) in cases {
        let read = read(text.as_bytes());
        let expected: Vec<_> = expected.iter().map(|(rank, name)| (*rank, name.to_string())).collect();
        assert_eq!(read.domains, expected, "{why}");
        assert_eq!((read.listed.rows, read.listed.rejected), (expected.len() as u64, 0), "{why}");
    }
}

#[test]
fn compressed_lists_by_their_first_bytes() {
    let text = b"1,a.example\n2,b.example\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&text[..], 3).unwrap();
    let two_members = [gzip.as_slice(), gzip.as_slice()].concat();
    let two_frames = [zstd.as_slice(), zstd.as_slice()].concat();
    for (bytes, duplicates) in [(&gzip, 0), (&zstd, 0), (&two_members, 2), (&two_frames, 2)] {
        let read = read(bytes);
        assert_eq!(names(&read), ["a.example", "b.example"]);
        assert_eq!(read.listed.duplicates, duplicates, "every member of a concatenation is read");
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        assert_eq!(read.listed.sha256.unwrap(), hex::encode(digest), "of the bytes as they came");
    }
    for damaged in [&gzip[..gzip.len() - 6], &zstd[..zstd.len() - 3]] {
        assert!(matches!(try_read(damaged, None), Err(InputError::Read { .. })), "cut off");
    }
}

#[test]
fn what_is_no_domain_is_kept_with_its_reason_and_stops_nothing() {
    let long = "x".repeat(10_000);
    let mut bytes = b"a.example\n\nno domain\n\x00\x1b[31m\xff\n".to_vec();
    bytes.extend_from_slice(
        format!("{long}\nB\u{fc}cher.example\nxn--BCHER-kva.example.\n{}\nc.example\n", "y".repeat(300)).as_bytes(),
    );
    let read = read(&bytes);
    assert_eq!(names(&read), ["a.example", "xn--bcher-kva.example", "c.example"]);
    assert_eq!((read.listed.rows, read.listed.rejected, read.listed.duplicates), (3, 4, 1));
    let expected = [
        ["3", "character", "no domain", "false", ""],
        ["4", "not UTF-8", "\\000\\027[31m\\255", "false", ""],
        ["5", "longer than 4096 bytes", &"x".repeat(200), "true", ""],
        ["8", "name-too-long", &"y".repeat(200), "true", ""],
    ];
    assert_eq!(read.rejected, expected, "blank lines say nothing; nothing reaches a terminal");
}

#[test]
fn what_was_meant_is_told_and_the_reasons_are_counted() {
    let read = read(
        b"postmaster@a.example\n2,ftp://b.example/x\nb.example/path\nc.example:25\n192.0.2.1\na b\nmailto:x@d.example\nok.example\n",
    );
    assert_eq!(names(&read), ["ok.example"], "nobody is looked at on a guess");
    let meant: Vec<&str> = read.rejected.iter().map(|line| line[4].as_str()).collect();
    assert_eq!(meant, ["a.example", "b.example", "b.example", "c.example", "", "", "d.example"]);
    let reasons: Vec<_> = read.listed.reasons.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(reasons, [("address-literal", 1), ("character", 6)]);
    assert_eq!(reasons.iter().map(|(_, count)| count).sum::<u64>(), read.listed.rejected);
    let error = try_read(b"postmaster@a.example\n", None).map(|read| read.listed).unwrap_err().to_string();
    assert!(error.ends_with("underscores. Did you mean a.example?"), "{error}");
}

#[test]
fn comments_are_allowed_and_no_domain_is_lost_to_one() {
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "# mine\na.example # the first\n\t# indented\nb.example\t#x\n",
            &["a.example", "b.example"],
            "lines and ends of lines",
        ),
        ("# a title\nrank,domain\n1,a.example # why\n", &["a.example"], "before a header, and behind a row"),
        ("https://a.example/#top\n", &["a.example"], "a fragment of a URL is none"),
        ("1,a.example, # empty field\n", &["a.example"], "behind a separator"),
        ("#\n##\na.example\n", &["a.example"], "nothing but marks"),
        ("domain\n#domain\na.example\n", &["a.example"], "a commented header"),
    ];
    for (text, expected, why) in cases {
        let read = read(text.as_bytes());
        assert_eq!((names(&read).as_slice(), read.listed.rejected), (expected, 0), "{why}");
    }
    assert!(matches!(try_read(b"# nobody\n", None), Err(InputError::Empty { .. })));
}

/// An archive with these files.
fn zipped(files: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn zip_archives_are_read_as_they_are_published() {
    let text: &[u8] = b"1,a.example\r\n2,b.example\r\n";
    for method in [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored] {
        for files in [
            &[("top-1m.csv", text)][..],
            &[("a.bin", text)],
            &[("__MACOSX/._top.csv", b"junk"), ("README.md", b"hello"), ("lists/top.CSV", text)],
        ] {
            let bytes = zipped(files, method);
            let read = read(&bytes);
            assert_eq!(names(&read), ["a.example", "b.example"], "{files:?}");
            let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
            assert_eq!(read.listed.sha256.unwrap(), hex::encode(digest), "of the archive as it came");
        }
    }
    let whole = zipped(&[("top-1m.csv", text)], zip::CompressionMethod::Stored);
    let at = whole.windows(9).position(|part| part == b"a.example").unwrap();
    let mut damaged = whole.clone();
    damaged[at] = b'x';
    let cases: [(Vec<u8>, &str); 4] = [
        (damaged, "its checksum is wrong"),
        (whole[..whole.len() - 10].to_vec(), "cannot be read"),
        (zipped(&[], zip::CompressionMethod::Stored), "holds no file"),
        (
            zipped(&[("a.csv", text), ("b.csv", text)], zip::CompressionMethod::Deflated),
            "holds 2 files (a.csv, b.csv, …)",
        ),
    ];
    for (bytes, sentence) in cases {
        let error = try_read(&bytes, None).map(|read| read.listed).unwrap_err();
        let said = format!("{error}");
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn where_a_list_comes_from_is_kept_as_long_as_it_is_that_list() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("top.csv");
    fs::write(&list, "1,a.example\n").unwrap();
    let digest = crate::files::digest_of(&list).unwrap().sha256;
    let source = manifest::ListSource {
        url: "https://lists.example/top.csv".into(),
        fetched_at: "2026-11-30T00:00:00Z".into(),
        sha256: digest,
        ..manifest::ListSource::default()
    };
    provenance::write(&list, &source).unwrap();
    let of = |folder: &str| read_list(&Source::File(list.clone()), &dir.path().join(folder), None).unwrap();
    assert_eq!(of("one").for_manifest(1).source, Some(source.clone()));
    let fetched = Source::Fetched { path: list.clone(), url: source.url.clone() };
    let listed = read_list(&fetched, &dir.path().join("two"), None).unwrap();
    assert_eq!((listed.name.as_str(), listed.source), (source.url.as_str(), Some(source.clone())));
    fs::write(&list, "1,b.example\n").unwrap();
    assert_eq!(of("three").source, None, "it was edited since");
}

#[test]
fn the_limit_counts_distinct_valid_domains() {
    let text = b"not good\na.example\na.example\nb.example\nc.example\n";
    let read = try_read(text, Some(2)).unwrap();
    assert_eq!(names(&read), ["a.example", "b.example"]);
    assert_eq!((read.listed.rejected, read.listed.duplicates, read.listed.limit), (1, 1, Some(2)));
    let digest = ring::digest::digest(&ring::digest::SHA256, text);
    assert_eq!(read.listed.sha256, Some(hex::encode(digest)), "of the whole file all the same");
    assert_eq!(try_read(text, Some(9)).unwrap().listed.rows, 3);
}

#[test]
fn what_is_no_list_is_refused_in_one_sentence() {
    let noise: Vec<u8> = (0..100_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 37) as u8).collect();
    let utf16: Vec<u8> = "a.example\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe], utf16.as_slice()].concat();
    let cases: [(&[u8], &str, &str); 10] = [
        (b"", "is empty: it names no domain", "nothing"),
        (b"\n \r\n\n", "is empty: it names no domain", "blank lines"),
        (b"domain\n", "is empty: it names no domain", "a header alone"),
        (
            b"no domain\n192.0.2.1\n",
            "names no domain: 2 lines were rejected, the first, line 1, because it has a character other",
            "words",
        ),
        (&noise, "is no list of domains", "noise"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00", "is no list of domains", "a program"),
        (&utf16, "is no list of domains", "UTF-16 without a mark"),
        (&marked, "is UTF-16 text: convert it", "UTF-16"),
        (b"PK\x03\x04rest", "cannot be read", "no zip archive after all"),
        (b"\x1f\x8bnot gzip", "cannot be read", "no gzip after all"),
    ];
    for (bytes, sentence, why) in cases {
        let error = try_read(bytes, None).map(|read| read.listed).unwrap_err().to_string();
        assert!(error.contains(sentence) && error.lines().count() == 1, "{why}: {error}");
    }
    let absent = Source::File("/nonexistent/list.csv".into());
    let error = read_list(&absent, &std::env::temp_dir(), None).unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/list.csv cannot be read: No such file"), "{error}");
    assert_eq!(Source::from_argument("-".as_ref()), Source::Stdin);
    assert_eq!(Source::Stdin.name(), "-");
}

#[test]
fn the_sample_is_a_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../inputs/top-sites-500.csv");
    let read = read(&fs::read(path).unwrap());
    assert_eq!(
        read.rejected,
        [["182", "empty-label", "182,marketingplatform.google....", "false", ""]],
        "as in every real list"
    );
    assert_eq!((read.listed.rows, read.listed.duplicates), (499, 0));
    assert_eq!(read.domains[0], (Some(1), "www.google.com".into()));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("list"), b"a.example\n").unwrap();
    fs::write(dir.path().join("input"), b"a file").unwrap();
    let source = Source::File(dir.path().join("list"));
    let error = read_list(&source, &dir.path().join("input"), None).unwrap_err();
    assert!(matches!(error, InputError::Dataset(DatasetError::Io { .. })), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_line_is_accounted_for(lines in proptest::collection::vec("[a-c]{1,2}[.][a-b]|[0-9]{1,3},[a-c][.]b|\\PC{0,20}|\\x00?[a-z ,;]{0,9}", 1..60)) {
        let text = lines.join("\n");
        let meant = text.split('\n').filter(|line| !without_comment(line).trim().is_empty()).count() as u64;
        match try_read(text.as_bytes(), None) {
            Ok(read) => {
                let listed = &read.listed;
                let header = meant - (listed.rows + listed.duplicates + listed.rejected);
                prop_assert!(header == 0 || (header == 1 && text.split('\n').map(without_comment).find(|line| !line.trim().is_empty()).and_then(format::header).is_some()));
                prop_assert_eq!(read.domains.len() as u64, listed.rows);
                prop_assert_eq!(read.rejected.len() as u64, listed.rejected);
            }
            Err(InputError::Empty { .. } | InputError::NoDomains { .. } | InputError::Binary { .. } | InputError::Unsupported { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
