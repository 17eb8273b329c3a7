//! Every column of every table, declared once: name, type, null or not, a sentence, its words.
//!
//! From these declarations come the Arrow [`schema`] that rows are written and read with, and the
//! dataset reference ([`mod@reference`]) that `mxcensus schema` prints. The row structs of
//! [`mxcensus_rules::observation`] and [`mxcensus_rules::verdict`] have the same fields under the same names; a
//! test holds them together.
//!
//! A closed vocabulary is dictionary-encoded at the top level and a plain string inside a list or a
//! struct, where pyarrow cannot read dictionaries.

mod certificates;
mod changes;
mod domains;
mod endpoints;
mod mx_hosts;
mod mx_verdicts;
mod policies;
pub mod reference;
mod store_verdicts;
mod verdicts;
mod vocabulary;

pub use certificates::CERTIFICATES;
pub use changes::CHANGES;
pub use domains::DOMAINS;
pub use endpoints::ENDPOINTS;
pub use mx_hosts::MX_HOSTS;
pub use mx_verdicts::MX_VERDICTS;
pub use policies::POLICIES;
pub use store_verdicts::STORE_VERDICTS;
pub use verdicts::VERDICTS;
pub use vocabulary::{Vocabulary, Word};

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};

/// Every table of a dataset: the observed ones in the order of a crawl, then the judged ones.
pub const TABLES: [&Table; 7] = [&DOMAINS, &POLICIES, &MX_HOSTS, &ENDPOINTS, &CERTIFICATES, &VERDICTS, &MX_VERDICTS];

/// The same with the one that only those datasets have that were judged under several trust stores.
pub const EVERY_TABLE: [&Table; 8] =
    [&DOMAINS, &POLICIES, &MX_HOSTS, &ENDPOINTS, &CERTIFICATES, &VERDICTS, &MX_VERDICTS, &STORE_VERDICTS];

/// One table of a dataset.
#[derive(Debug)]
pub struct Table {
    /// Its name, which is the name of its folder.
    pub name: &'static str,
    /// Recomputed from the others by `judge`; otherwise seen on the wire.
    pub judged: bool,
    /// What one row is.
    pub doc: &'static str,
    /// The columns that make a row distinct.
    pub key: &'static [&'static str],
    /// The column that says when a row was observed; decides between two rows of one key.
    pub observed_at: Option<&'static str>,
    /// Its columns, in the order they are written in.
    pub columns: &'static [Column],
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// One column of a table, or one field of a struct inside a column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// May be null: not looked at, or nothing there to say.
    pub nullable: bool,
    /// One or two sentences: the meaning, the unit, the rule.
    pub doc: &'static str,
}

/// What a column holds.
#[derive(Debug)]
pub enum ColumnType {
    /// UTF-8 text, escaped by [`mxcensus_rules::text::escape`] where it comes from the wire.
    Text,
    /// One word of a closed vocabulary.
    Word(&'static Vocabulary),
    /// True or false.
    Bool,
    /// A number that needs no more than 32 bits, signed.
    Int32,
    /// A number of up to 64 bits, signed.
    Int64,
    /// A double.
    Float,
    /// Microseconds since the Unix epoch, UTC.
    Instant,
    /// Bytes exactly as they were received.
    Binary,
    /// A list of any length; its items are never null.
    List(&'static ColumnType),
    /// Named fields.
    Struct(&'static [Column]),
}

impl Column {
    const fn new(name: &'static str, kind: ColumnType, doc: &'static str) -> Self {
        Column { name, kind, nullable: false, doc }
    }

    /// The same column, null where the fact was not looked at or does not exist.
    const fn or_null(self) -> Self {
        Column { nullable: true, ..self }
    }
}

const fn text(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Text, doc)
}
const fn word(name: &'static str, vocabulary: &'static Vocabulary, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Word(vocabulary), doc)
}
const fn flag(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Bool, doc)
}
const fn int32(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Int32, doc)
}
const fn int64(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Int64, doc)
}
const fn float(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Float, doc)
}
const fn instant(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Instant, doc)
}
const fn binary(name: &'static str, doc: &'static str) -> Column {
    Column::new(name, ColumnType::Binary, doc)
}
const fn list(name: &'static str, item: &'static ColumnType, doc: &'static str) -> Column {
    Column::new(name, ColumnType::List(item), doc)
}

/// Aliases on the way to an answer, each hop with its own DNSSEC state.
static CNAME: ColumnType = ColumnType::Struct(&[
    text("target", "The name that the alias points to."),
    word("dnssec", &vocabulary::DNSSEC, "DNSSEC state of the CNAME record itself.").or_null(),
]);

/// One TLSA question and its answer, as `tlsa_lookups` and `tlsa_after` hold it.
static TLSA_LOOKUP: ColumnType = ColumnType::Struct(&[
    text("name", "The owner name asked: `_25._tcp.` and a candidate base domain (RFC 7672 2.2.3)."),
    word("status", &vocabulary::DNS_STATUS, "What came of the question."),
    word("error", &vocabulary::FAILURE, "Why there is no answer.").or_null(),
    word("dnssec", &vocabulary::DNSSEC, "DNSSEC state of the answer or of the denial.").or_null(),
    int64("ttl", "Time to live of the RRset, seconds.").or_null(),
    list("records", &TLSA_RECORD, "The records, in the order of the answer."),
]);

static TLSA_RECORD: ColumnType = ColumnType::Struct(&[
    int32("usage", "Certificate usage, 0 to 255 (RFC 6698 2.1.1)."),
    int32("selector", "Selector, 0 to 255 (RFC 6698 2.1.2)."),
    int32("matching", "Matching type, 0 to 255 (RFC 6698 2.1.3)."),
    text("data", "Certificate association data in lower-case hex (RFC 6698 2.1.4)."),
]);

/// The Arrow schema of a table's part files.
pub fn schema(table: &Table) -> Schema {
    Schema::new(table.columns.iter().map(top_level_field).collect::<Vec<_>>())
}

/// The Arrow fields of some columns of a table, in the table's order. Names that are no column are left out.
pub fn fields(table: &Table, names: &[&str]) -> Vec<FieldRef> {
    table.columns.iter().filter(|column| names.contains(&column.name)).map(|c| Arc::new(top_level_field(c))).collect()
}

fn top_level_field(column: &Column) -> Field {
    let data_type = match column.kind {
        ColumnType::Word(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ref kind => nested_type(kind),
    };
    Field::new(column.name, data_type, column.nullable)
}

fn nested_type(kind: &ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::Word(_) => DataType::Utf8,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float => DataType::Float64,
        ColumnType::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Binary => DataType::Binary,
        ColumnType::List(item) => DataType::List(Arc::new(Field::new("element", nested_type(item), false))),
        ColumnType::Struct(columns) => DataType::Struct(
            columns.iter().map(|c| Field::new(c.name, nested_type(&c.kind), c.nullable)).collect::<Fields>(),
        ),
    }
}

#[cfg(test)]
mod tests;
