//! `manifest.json` and `judgement.json`: who, when, where from, with what.
//!
//! Plain serde structs. A field that an older version did not write has a default, so that its
//! datasets stay readable; a higher [`FORMAT`] is refused.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use mxcensus_rules::observation::Micros;

/// Version of the directory's layout. Raised when a reader of the present one would be misled.
pub const FORMAT: u32 = 1;

/// `manifest.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Manifest {
    pub format: u32,
    #[serde(default)]
    pub id: Option<String>,
    pub tool: Tool,
    #[serde(default)]
    pub made: Option<Made>,
    pub input: Option<Input>,
    #[serde(default)]
    pub settings: Option<Kept>,
    #[serde(default)]
    pub runs: Vec<Run>,
    #[serde(default)]
    pub workers: Vec<Worker>,
    pub resolver: Option<Resolver>,
    pub tls: Option<Library>,
    pub trust_store: Option<TrustStoreName>,
    pub public_suffix_list: Option<String>,
    #[serde(default)]
    pub tables: BTreeMap<String, TableFiles>,
    #[serde(default)]
    pub files: BTreeMap<String, FileDigest>,
    #[serde(default)]
    pub complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_from: Option<JudgedFrom>,
}

impl Manifest {
    /// The manifest of a dataset that was only just begun by `tool`.
    pub fn begun(tool: &Tool) -> Self {
        Manifest { format: FORMAT, id: new_id(), tool: tool.clone(), ..Manifest::default() }
    }
}

/// 128 random bits in lower-case hex; none where the system gives no random bits.
fn new_id() -> Option<String> {
    let mut bits = [0; 16];
    SystemRandom::new().fill(&mut bits).ok().map(|()| hex::encode(bits))
}

/// Who made the world that the dataset is about, where that was not the internet. Everything that shows numbers shows this too.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Made {
    /// A crawl of the lab.
    Lab,
    /// `mxcensus demo`: a crawl of the lab that it started itself.
    Demo,
    /// `mxcensus sample`: rows that no crawl wrote.
    Sample,
}

impl Made {
    /// Every value.
    pub const ALL: [Made; 3] = [Made::Lab, Made::Demo, Made::Sample];

    /// The word in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Made::Lab => "lab",
            Made::Demo => "demo",
            Made::Sample => "sample",
        }
    }
}

impl Display for Made {
    /// The sentence that stands before numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Made::Lab => "a crawl of the lab, whose failures were made by hand",
            Made::Demo => "a crawl of the demo's lab, whose failures were made by hand",
            Made::Sample => "drawn at random for trying the tools",
        };
        write!(f, "MADE DATA ({}): {what}. Nothing here was measured on the internet.", self.word())
    }
}

/// The program that wrote the dataset.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Tool {
    pub name: String,
    pub version: String,
    pub commit: Option<String>,
}

/// What the input list held, once it was read to its end (or to `--limit`).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Input {
    pub name: String,
    pub sha256: Option<String>,
    pub rows: u64,
    pub rejected: u64,
    #[serde(default)]
    pub rejected_reasons: BTreeMap<String, u64>,
    pub duplicates: u64,
    #[serde(default)]
    pub limit: Option<u64>,
    pub shuffle_seed: u64,
    #[serde(default)]
    pub source: Option<ListSource>,
}

/// Where a list was fetched from. It stands beside the list too, as `LIST.source.json`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct ListSource {
    pub url: String,
    pub fetched_at: String,
    pub sha256: String,
    #[serde(default)]
    pub list: Option<String>,
    #[serde(default)]
    pub date: Option<String>,
    #[serde(default)]
    pub list_id: Option<String>,
    #[serde(default)]
    pub licence: Option<String>,
}

/// The dataset that another judgement of the same observations was made from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct JudgedFrom {
    pub path: String,
    pub manifest_sha256: String,
}

/// One start or resume of the scan.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Run {
    pub number: u32,
    pub worker: String,
    pub command_line: Vec<String>,
    pub start: String,
    pub end: Option<String>,
    #[serde(default)]
    pub limits: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub resolvers: Vec<String>,
    #[serde(default)]
    pub contact: Option<String>,
    #[serde(default)]
    pub opt_out: Option<OptOutList>,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub pauses: Vec<Pause>,
}

/// The settings that decide what a row says and who is contacted: those of the whole crawl.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Kept {
    pub ehlo_name: String,
    pub vantage: String,
    pub dnssec: String,
    pub trust_anchor: Option<String>,
    pub allow_special_addresses: bool,
    pub unpaced: bool,
    pub smtp_port: u16,
    pub https_port: u16,
    pub step_timeout_s: Option<f64>,
}

/// An opt-out list that was in force.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct OptOutList {
    pub name: String,
    pub sha256: String,
    pub entries: u64,
}

/// A time in which nothing was observed, and why.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Pause {
    pub start: String,
    pub end: Option<String>,
    pub reason: String,
}

/// Where a worker looked from, and as whom.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Worker {
    pub name: String,
    pub vantage: Option<String>,
    pub ehlo_name: String,
    pub contact: Option<String>,
    #[serde(default)]
    pub source_addresses: Vec<String>,
    #[serde(default)]
    pub families: Vec<String>,
}

/// Whom DNS was asked, and who validated.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Resolver {
    pub addresses: Vec<String>,
    pub dnssec: String,
    #[serde(default)]
    pub trust_anchor: Option<String>,
}

/// A library and its version.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Library {
    pub name: String,
    pub version: String,
}

/// A trust store by name and content.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct TrustStoreName {
    pub name: String,
    pub sha256: String,
    pub roots: u64,
}

/// The files of one table.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct TableFiles {
    pub rows: u64,
    pub files: Vec<PartFile>,
}

/// One part file of a table.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct PartFile {
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// A file that is no part of a table.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct FileDigest {
    pub bytes: u64,
    pub sha256: String,
}

/// `judgement.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct Judgement {
    pub tool: Tool,
    pub rules_version: String,
    pub instant: Option<String>,
    pub trust_stores: Vec<TrustStoreName>,
    pub deciding: String,
    #[serde(default)]
    pub distrusted: Vec<String>,
    #[serde(default)]
    pub lenient: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<ComparedStore>,
}

/// A trust store that `store_verdicts` has rows of.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "fields are documented in FILES, which the dataset reference prints")]
pub struct ComparedStore {
    pub name: String,
    pub sha256: String,
    pub roots: u64,
    pub distrusted: Vec<String>,
}

/// An instant as the manifest writes it: RFC 3339, UTC. The number itself when it is out of range.
pub fn rfc3339(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at).map_or_else(|_| at.to_string(), |timestamp| timestamp.to_string())
}

/// The fields of one JSON file: path and meaning.
pub type FieldDocs = &'static [(&'static str, &'static str)];

/// The JSON files of a dataset and what their fields mean, for the dataset reference.
pub const FILES: &[(&str, FieldDocs)] = &[("manifest.json", MANIFEST_FIELDS), ("judgement.json", JUDGEMENT_FIELDS)];

const MANIFEST_FIELDS: FieldDocs = &[
    ("format", "Version of this layout; 1."),
    ("id", "The dataset's own name, which the footer of each of its Parquet files repeats; null of an older one."),
    ("tool.name", "The program that began the dataset."),
    ("tool.version", "Its version."),
    ("tool.commit", "Its commit, where the build knew it."),
    (
        "made",
        "`lab`, `demo` or `sample` where the world looked at was made and nothing was measured on the internet; null of a real crawl.",
    ),
    ("input.name", "The list as it was named on the command line; `-` is standard input."),
    (
        "input.sha256",
        "SHA-256 of the list's bytes as they came, compressed or not; null when standard input was not read to its end.",
    ),
    ("input.rows", "Distinct domains taken from the list: the population."),
    ("input.rejected", "Lines that are not a domain; see `input/rejected.csv`."),
    ("input.rejected_reasons", "How many of them for each reason, by its word."),
    ("input.duplicates", "Lines that named a domain again."),
    ("input.limit", "The most domains that were to be taken, where `--limit` said so."),
    ("input.shuffle_seed", "Seed of the order in which the domains were visited."),
    (
        "input.source.url",
        "Where the list was fetched from, as `LIST.source.json` beside it says; `input.source` is null of a list of unknown origin.",
    ),
    ("input.source.fetched_at", "When it was fetched (RFC 3339)."),
    ("input.source.sha256", "SHA-256 of the file as it came."),
    ("input.source.list", "Which list: `tranco`, `umbrella`, `majestic`, `crux`; null of any other."),
    ("input.source.date", "The day (of `crux` the month) that the list is of, where its publisher says so."),
    ("input.source.list_id", "The publisher's name of exactly this list, to be cited (`tranco`)."),
    ("input.source.licence", "Under what terms the publisher gives it."),
    ("settings.ehlo_name", "The name given in EHLO. These settings hold for every run; `--resume` refuses others."),
    ("settings.vantage", "Where the crawl looked from, in the operator's words."),
    ("settings.dnssec", "Who validated: `validate` (mxcensus), `trust-ad` (the resolver), `off`."),
    ("settings.trust_anchor", "The trust anchor file, where one replaced the built-in root anchor."),
    ("settings.allow_special_addresses", "Whether loopback and own networks were contacted: a lab."),
    ("settings.unpaced", "Whether pacing and sampling were lifted: a lab."),
    ("settings.smtp_port", "The port connected to for SMTP."),
    ("settings.https_port", "The port connected to for policies."),
    ("settings.step_timeout_s", "The cap on every step's time limit, where there was one."),
    ("runs[].number", "1 for the first start, one more for each resume."),
    ("runs[].worker", "Which worker this run was."),
    ("runs[].command_line", "The command line, argument by argument."),
    ("runs[].start", "When it began (RFC 3339)."),
    ("runs[].end", "When it ended; null after a crash."),
    ("runs[].limits", "Every limit in force, by name."),
    ("runs[].resolvers", "The upstream resolvers of this run."),
    ("runs[].contact", "Whom to write to, as policy hosts were told in this run."),
    ("runs[].opt_out.name", "The opt-out list in force, as it was named; its text is in `input/opt-out.txt`."),
    ("runs[].opt_out.sha256", "SHA-256 of its text. After SIGHUP: of the list that took its place."),
    ("runs[].opt_out.entries", "How many entries it has."),
    ("runs[].version", "Version of the program in this run."),
    ("runs[].pauses[].start", "When observing was suspended."),
    ("runs[].pauses[].end", "When it went on; null where the process was killed before."),
    ("runs[].pauses[].reason", "Why."),
    ("workers[].name", "The name in the `worker` columns and in file names."),
    ("workers[].vantage", "Where the worker looked from, in the operator's words."),
    ("workers[].ehlo_name", "The name given in EHLO."),
    ("workers[].contact", "Whom to write to."),
    ("workers[].source_addresses", "The addresses that other people's servers saw."),
    ("workers[].families", "The address families with a route: `ipv4`, `ipv6`."),
    ("resolver.addresses", "The upstream resolvers."),
    ("resolver.dnssec", "Who validated: `validate` (mxcensus), `trust-ad` (the resolver), `off`."),
    ("resolver.trust_anchor", "The trust anchor file, where one replaced the built-in root anchor."),
    ("tls.name", "The TLS library."),
    ("tls.version", "Its version."),
    ("trust_store.name", "The trust store that the verdicts were judged against."),
    ("trust_store.sha256", "SHA-256 that identifies its set of roots."),
    ("trust_store.roots", "How many roots it has."),
    ("public_suffix_list", "Version of the public suffix list."),
    ("tables.*.rows", "Rows in all files of the table together."),
    ("tables.*.files[].name", "File name in the table's folder."),
    ("tables.*.files[].rows", "Its rows."),
    ("tables.*.files[].bytes", "Its size."),
    ("tables.*.files[].sha256", "SHA-256 of the file."),
    ("files.*.bytes", "Size of a file that is no part of a table; the key is its path in the dataset."),
    ("files.*.sha256", "SHA-256 of that file."),
    ("complete", "True only when every input domain is accounted for."),
    (
        "judged_from.path",
        "Of what `judge --out` made: the dataset whose observations were judged again; its part files are linked here.",
    ),
    ("judged_from.manifest_sha256", "SHA-256 of that dataset's manifest as it then was."),
];

const JUDGEMENT_FIELDS: FieldDocs = &[
    ("tool.name", "The program that judged."),
    ("tool.version", "Its version."),
    ("tool.commit", "Its commit, where the build knew it."),
    ("rules_version", "Version of the verdict rules."),
    (
        "instant",
        "The instant that every chain was judged at (RFC 3339); null: each at the `observed_at` of its own row.",
    ),
    ("trust_stores[].name", "A trust store that was judged against."),
    ("trust_stores[].sha256", "SHA-256 that identifies its set of roots."),
    ("trust_stores[].roots", "How many roots it has."),
    ("deciding", "The name of the trust store that decides the verdict columns."),
    (
        "distrusted",
        "Fingerprints of the roots that were taken away; with `@DAY` refused for what they issued later, by notBefore or, with `sct:` before it, by the earliest embedded SCT.",
    ),
    ("lenient", "The tolerant reading of record and policy decided."),
    ("stores[].name", "A trust store of `store_verdicts`; the field is missing where none was compared."),
    ("stores[].sha256", "SHA-256 that identifies its set of roots, with what is refused of them."),
    ("stores[].roots", "How many roots it has."),
    (
        "stores[].distrusted",
        "What is refused of it, as its own file in `stores/` says, written as in `distrusted`; the latter holds for every store.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_field_is_documented_and_no_other() {
        let manifest = Manifest {
            input: Some(Input { source: Some(ListSource::default()), ..Input::default() }),
            judged_from: Some(JudgedFrom::default()),
            settings: Some(Kept::default()),
            runs: vec![Run { pauses: vec![Pause::default()], opt_out: Some(OptOutList::default()), ..Run::default() }],
            workers: vec![Worker::default()],
            resolver: Some(Resolver::default()),
            tls: Some(Library::default()),
            trust_store: Some(TrustStoreName::default()),
            made: Some(Made::Lab),
            tables: BTreeMap::from([("domains".into(), TableFiles { rows: 0, files: vec![PartFile::default()] })]),
            files: BTreeMap::from([("input/domains.csv".into(), FileDigest::default())]),
            ..Manifest::begun(&Tool::default())
        };
        assert_eq!(paths(&serde_json::to_value(&manifest).unwrap()), documented(MANIFEST_FIELDS));
        let judgement = Judgement {
            trust_stores: vec![TrustStoreName::default()],
            stores: vec![ComparedStore::default()],
            ..Judgement::default()
        };
        assert_eq!(paths(&serde_json::to_value(&judgement).unwrap()), documented(JUDGEMENT_FIELDS));
    }

    fn documented(fields: FieldDocs) -> Vec<String> {
        fields.iter().map(|(path, _)| path.to_string()).collect()
    }

    fn paths(value: &Value) -> Vec<String> {
        fn walk(path: &str, value: &Value, out: &mut Vec<String>) {
            match value {
                Value::Object(map) if !map.is_empty() => {
                    for (key, inner) in map {
                        let key = if path == "tables" || path == "files" { "*" } else { key };
                        walk(&if path.is_empty() { key.into() } else { format!("{path}.{key}") }, inner, out);
                    }
                }
                Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                    walk(&format!("{path}[]"), &items[0], out)
                }
                _ => out.push(path.to_string()),
            }
        }
        let mut out = Vec::new();
        walk("", value, &mut out);
        out
    }

    #[test]
    fn instants_are_rfc_3339() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_700_000_000_123_456), "2023-11-14T22:13:20.123456Z");
        assert_eq!(rfc3339(i64::MAX), i64::MAX.to_string(), "out of range of RFC 3339");
    }

    #[test]
    fn an_older_manifest_without_later_fields_is_read() {
        let text = r#"{"format":1,"tool":{"name":"mxcensus","version":"0.1.0","commit":null},"input":null,"resolver":null,"tls":null,
                       "trust_store":null,"public_suffix_list":null,"added_later":true}"#;
        let manifest: Manifest = serde_json::from_str(text).unwrap();
        assert!(!manifest.complete && manifest.runs.is_empty());
    }
}
