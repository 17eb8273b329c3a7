//! `datapackage.json`: what is in an archive, for programs that know nothing of mxcensus.
//!
//! Data Package v1 (<https://specs.frictionlessdata.io/data-package/>): a resource for each table, its part files and its columns.

use serde_json::{Map, Value, json};

use crate::columns::{Column, ColumnType, EVERY_TABLE, Table};
use crate::manifest::{Manifest, TableFiles};

/// The package of the dataset that the manifest is of.
pub(super) fn of(manifest: &Manifest, name: &str) -> Value {
    let tables = EVERY_TABLE.iter().filter_map(|table| {
        let files = manifest.tables.get(table.name).filter(|files| !files.files.is_empty())?;
        Some(resource(table, files))
    });
    let begun = manifest.runs.first().map(|run| run.start.clone());
    let mut package = json!({
        "profile": "data-package",
        "name": format!("mxcensus-{}", name.to_lowercase()),
        "title": format!("mxcensus dataset {name}"),
        "description": "Transport security of e-mail: MTA-STS, DANE and STARTTLS. SHA256SUMS has the digest of every file.",
        "created": begun,
        "version": manifest.tool.version,
        "made": manifest.made,
        "keywords": ["MTA-STS", "DANE", "SMTP", "STARTTLS", "DNSSEC"],
        "resources": tables.collect::<Vec<_>>(),
    });
    if let Some(id) = &manifest.id {
        package["id"] = id.as_str().into();
    }
    if let Some(made) = manifest.made {
        package["description"] = made.to_string().into();
    }
    package
}

fn resource(table: &Table, files: &TableFiles) -> Value {
    json!({
        // A resource's name has no underscore in it (Data Resource, name).
        "name": table.name.replace('_', "-"),
        "title": table.name,
        "description": table.doc,
        "path": files.files.iter().map(|file| format!("{}/{}", table.name, file.name)).collect::<Vec<_>>(),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": files.files.iter().map(|file| file.bytes).sum::<u64>(),
        "rows": files.rows,
        "schema": { "fields": table.columns.iter().map(field).collect::<Vec<_>>(), "primaryKey": table.key },
    })
}

fn field(column: &Column) -> Value {
    let mut field = Map::new();
    field.insert("name".into(), column.name.into());
    field.insert("type".into(), kind(&column.kind).into());
    field.insert("description".into(), column.doc.into());
    let mut constraints = Map::new();
    constraints.insert("required".into(), (!column.nullable).into());
    if let ColumnType::Word(vocabulary) = column.kind {
        constraints.insert("enum".into(), vocabulary.words().iter().map(|word| word.word).collect());
    }
    field.insert("constraints".into(), constraints.into());
    Value::Object(field)
}

/// The type as Table Schema v1 names it.
fn kind(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Text | ColumnType::Word(_) | ColumnType::Binary => "string",
        ColumnType::Bool => "boolean",
        ColumnType::Int32 | ColumnType::Int64 => "integer",
        ColumnType::Float => "number",
        ColumnType::Instant => "datetime",
        ColumnType::List(_) => "array",
        ColumnType::Struct(_) => "object",
    }
}
