//! The dataset reference: what `mxcensus schema` prints and `docs/dataset.md` holds.
//!
//! Generated from the column declarations, the failure vocabulary and the manifest's field list, so
//! that it cannot say anything else than the code does.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{CHANGES, Column, ColumnType, EVERY_TABLE, Table, Vocabulary, vocabulary::FAILURE};
use crate::manifest;
use mxcensus_rules::failure::Failure;

const PREFACE: &str = "\
# The dataset

This page is printed by `mxcensus schema`; do not edit it by hand.

A scan leaves a directory of Parquet files. A row of an *observed* table is what was seen on the wire; a row of a *judged* table follows
from observed rows, a trust store and an instant, and `mxcensus judge` recomputes it at any time without the network.

    DIR/manifest.json               who, when, where from, with what
    DIR/trust-store.pem             every root that the verdicts were judged against
    DIR/input/domains.csv           the normalised input: rank (empty where the list has none), domain
    DIR/input/rejected.csv          line number, reason and text of every line that is not a domain, and the domain that was likely
                                    meant; text that a spreadsheet would take for a formula (it begins with = + - @ or an apostrophe)
                                    has an apostrophe before it
    DIR/<table>/*.parquet           the tables below; all files of a folder together are the table
    DIR/judgement.json              the parameters of the judgement, written last (before: in DIR/verdicts)
    DIR/stores/NAME.pem             the roots of each trust store that was compared, where some were (stores.md)
    DIR/stores/NAME.distrust        what is refused of them, one root a line
    DIR/attempts.jsonl              only until the crawl is complete: attempts that have no row yet, for `scan --resume`
    DIR/status.json                 how the scan stands, or ended; no part of the data (operating.md)

Rules that hold everywhere:

- Null means *not looked at*. A word says so when something was looked at and not found; limits of our own have words of their own.
- Words are lower-case and hyphenated and come from closed vocabularies. They are dictionary-encoded at top level and plain strings
  inside lists and structs.
- Instants are `timestamp[us, UTC]`, durations `*_ms` in milliseconds, fingerprints lower-case hex SHA-256 of the DER.
- Names are A-labels, lower case, without a trailing dot. Text from the wire keeps its valid UTF-8; a control character or a byte that is
  not UTF-8 is written `\\DDD`, a backslash `\\\\` (RFC 1035 5.1).
- Every cap has a `*_truncated` flag beside it.
- The footer of each file says whose rows it holds and what they mean (key-value metadata): `mxcensus.dataset_id`, which is `id` in the
  manifest, `mxcensus.table`, `mxcensus.table_doc`, `mxcensus.schema_version`, and `mxcensus.columns`, a JSON object of column and meaning.
- DNSSEC state (`*_dnssec`) is null with `--dnssec off`; `trust-ad` never yields `indeterminate`.
- A file that has its final name, `<worker>-<run>-<number>.parquet`, is complete. Several files of a table hold the same row twice when two
  workers, or a worker killed and resumed, made it twice: of rows with one key the earliest observation counts; at a tie the first file
  by name, then the first row in it.
";

/// The reference as Markdown.
pub fn markdown() -> String {
    let mut out = String::from(PREFACE);
    for table in EVERY_TABLE {
        table_markdown(&mut out, table);
    }
    table_markdown(&mut out, &CHANGES);
    out.push_str("\n## Vocabularies\n\nThe words that columns of type `word` may hold. The vocabulary `failure` has a section of its own.\n");
    for vocabulary in vocabularies().into_iter().filter(|v| v.name != FAILURE.name) {
        let _ = write!(out, "\n### {}\n\n| word | meaning |\n| --- | --- |\n", vocabulary.name);
        for word in vocabulary.words() {
            let _ = writeln!(out, "| `{}` | {} |", word.word, word.meaning);
        }
    }
    out.push_str("\n## Failure words\n\nOne closed vocabulary for every table.\n\n| word | family | meaning |\n| --- | --- | --- |\n");
    for failure in Failure::ALL {
        let _ = writeln!(out, "| `{failure}` | {} | {} |", family_word(*failure), failure.meaning());
    }
    for (file, fields) in manifest::FILES {
        let _ = write!(out, "\n## {file}\n\n| field | meaning |\n| --- | --- |\n");
        for (path, doc) in *fields {
            let _ = writeln!(out, "| `{path}` | {doc} |");
        }
    }
    out
}

/// The reference as JSON, for programs.
pub fn json() -> Value {
    json!({
        "format": manifest::FORMAT,
        "tables": EVERY_TABLE.map(table_json),
        "comparison": table_json(&CHANGES),
        "vocabularies": vocabularies().iter().map(|v| json!({
            "name": v.name,
            "words": v.words().iter().map(|w| json!({"word": w.word, "meaning": w.meaning})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "failures": Failure::ALL.iter().map(|f| json!({
            "word": f.word(), "family": family_word(*f), "meaning": f.meaning(),
        })).collect::<Vec<_>>(),
        "files": manifest::FILES.iter().map(|(file, fields)| json!({
            "name": file,
            "fields": fields.iter().map(|(path, doc)| json!({"path": path, "doc": doc})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn table_markdown(out: &mut String, table: &Table) {
    let key = table.key.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let _ = write!(
        out,
        "\n## {}\n\n{}\n\nKey: {key}.\n\n| column | type | null | meaning |\n| --- | --- | --- | --- |\n",
        table.name, table.doc
    );
    for column in table.columns {
        column_markdown(out, "", column);
    }
}

/// One line for the column, and one for each field of the structs inside it.
fn column_markdown(out: &mut String, parent: &str, column: &Column) {
    let path = format!("{parent}{}", column.name);
    let null = if column.nullable { "yes" } else { "" };
    let mut meaning = column.doc.to_string();
    if let Some(vocabulary) = column.kind.vocabulary() {
        let link = if vocabulary.name == FAILURE.name { "failure-words" } else { vocabulary.name };
        let _ = write!(meaning, " Words: [{}](#{link}).", vocabulary.name);
    }
    let _ = writeln!(out, "| `{path}` | {} | {null} | {meaning} |", column.kind.describe());
    for field in column.kind.struct_fields() {
        let step = if matches!(column.kind, ColumnType::List(_)) { "[]." } else { "." };
        column_markdown(out, &format!("{path}{step}"), field);
    }
}

fn table_json(table: &Table) -> Value {
    json!({
        "name": table.name,
        "judged": table.judged,
        "doc": table.doc,
        "key": table.key,
        "observed_at": table.observed_at,
        "columns": table.columns.iter().map(column_json).collect::<Vec<_>>(),
    })
}

fn column_json(column: &Column) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), column.name.into());
    out.insert("type".into(), column.kind.describe().into());
    out.insert("nullable".into(), column.nullable.into());
    out.insert("doc".into(), column.doc.into());
    if let Some(vocabulary) = column.kind.vocabulary() {
        out.insert("vocabulary".into(), vocabulary.name.into());
        out.insert("words".into(), vocabulary.words().iter().map(|word| word.word).collect());
    }
    let fields = column.kind.struct_fields();
    if !fields.is_empty() {
        out.insert("fields".into(), fields.iter().map(column_json).collect());
    }
    Value::Object(out)
}

impl ColumnType {
    /// The type in the reference's own words.
    fn describe(&self) -> String {
        match self {
            ColumnType::Text => "string".into(),
            ColumnType::Word(_) => "word".into(),
            ColumnType::Bool => "bool".into(),
            ColumnType::Int32 => "int32".into(),
            ColumnType::Int64 => "int64".into(),
            ColumnType::Float => "double".into(),
            ColumnType::Instant => "timestamp[us, UTC]".into(),
            ColumnType::Binary => "binary".into(),
            ColumnType::List(item) => format!("list of {}", item.describe()),
            ColumnType::Struct(columns) => {
                format!("{{{}}}", columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The vocabulary of the column itself or of its list items.
    fn vocabulary(&self) -> Option<&'static Vocabulary> {
        match self {
            ColumnType::Word(vocabulary) => Some(vocabulary),
            ColumnType::List(item) => item.vocabulary(),
            _ => None,
        }
    }

    /// The fields of the column itself or of its list items.
    fn struct_fields(&self) -> &'static [Column] {
        match self {
            ColumnType::Struct(columns) => columns,
            ColumnType::List(item) => item.struct_fields(),
            _ => &[],
        }
    }
}

/// Every vocabulary in use, each once, in the order in which columns first use it.
fn vocabularies() -> Vec<&'static Vocabulary> {
    fn collect(columns: &'static [Column], found: &mut Vec<&'static Vocabulary>) {
        for column in columns {
            if let Some(vocabulary) = column.kind.vocabulary()
                && !found.iter().any(|known| known.name == vocabulary.name)
            {
                found.push(vocabulary);
            }
            collect(column.kind.struct_fields(), found);
        }
    }
    let mut found = Vec::new();
    for table in EVERY_TABLE {
        collect(table.columns, &mut found);
    }
    collect(CHANGES.columns, &mut found);
    found
}

fn family_word(failure: Failure) -> String {
    format!("{:?}", failure.family()).to_lowercase()
}
