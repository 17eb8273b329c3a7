//! Writes the rows of one table into part files that are complete once they have their name.
//!
//! Rows are buffered, converted to Arrow in batches and written as zstd-compressed Parquet to
//! `.NAME.tmp`. When the part has its rows or its age it is closed, synced and renamed to
//! `<worker>-<run>-<number>.parquet`: an unclosed Parquet file is unreadable, so what a crash costs
//! is the rows since the last part. A row may be forgotten by its maker once the [`Part`] that holds
//! it was returned.
//!
//! Start from [`TableWriter`]. Memory is bounded by rows and by the text that they hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::datatypes::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::columns::{self, Table};
use super::files::{self, Staged};
use super::manifest::{FORMAT, Manifest, PartFile};
use super::rows::Row;
use super::{DatasetError, MANIFEST, part_files};

/// Rows that are converted to Arrow together: in memory as structs until then, a kilobyte or two each.
const BATCH_ROWS: usize = 2048;
/// Bytes of text that a batch may hold before it is converted early: a policy body is up to 64 KiB.
const BATCH_BYTES: usize = 8 << 20;
/// Rows of a row group: larger ones compress better (findings: 12.8 against 14.6 bytes a row) and take more memory.
const ROW_GROUP_ROWS: usize = 65_536;
/// Encoded bytes that an open row group may hold before it is written out early.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// When a part file is closed.
#[derive(Clone, Copy, Debug)]
pub struct PartSize {
    /// After this many rows.
    pub rows: usize,
    /// This long after its first row.
    pub age: Duration,
}

impl Default for PartSize {
    /// 65,536 rows or a minute: what a crash may cost.
    fn default() -> Self {
        PartSize { rows: ROW_GROUP_ROWS, age: Duration::from_secs(60) }
    }
}

/// Who writes, in file names.
#[derive(Clone, Debug)]
pub struct Author {
    /// Name of the worker.
    pub worker: String,
    /// Number of the run.
    pub run: u32,
}

/// A part file that is durable and has its final name.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The table that it belongs to.
    pub table: &'static str,
    /// Name, rows, size and digest, for the manifest.
    pub file: PartFile,
}

/// Writes rows of one table.
///
/// After an error the rows of the part under way may be gone; parts returned before stand, and the writer can go on.
pub struct TableWriter<R: Row> {
    folder: PathBuf,
    prefix: String,
    next: u64,
    size: PartSize,
    schema: Arc<Schema>,
    /// The dataset's own name, for the footers.
    dataset: Option<String>,
    pending: Vec<R>,
    pending_bytes: usize,
    open: Option<OpenPart>,
    rows: usize,
    since: Option<Instant>,
}

struct OpenPart {
    name: String,
    path: PathBuf,
    writer: ArrowWriter<Staged>,
}

impl<R: Row> TableWriter<R> {
    /// A writer into `ROOT/<table>/`, which must exist. Numbers go on after those that the author's files have.
    pub fn new(root: &Path, author: &Author, size: PartSize) -> Result<Self, DatasetError> {
        let folder = root.join(R::TABLE.name);
        let prefix = format!("{}-{:04}-", file_name_part(&author.worker), author.run);
        let last = part_files(&folder)?.iter().filter_map(|path| number_of(path, &prefix)).max();
        Ok(TableWriter {
            folder,
            next: last.map_or(1, |last| last + 1),
            prefix,
            size,
            schema: Arc::new(columns::schema(R::TABLE)),
            dataset: dataset_id(root),
            pending: Vec::new(),
            pending_bytes: 0,
            open: None,
            rows: 0,
            since: None,
        })
    }

    /// A writer into `ROOT/<table>/` whose first file has this number; nobody else may write under the author's name.
    pub fn numbered(root: &Path, author: &Author, first: u64) -> Self {
        TableWriter {
            dataset: dataset_id(root),
            folder: root.join(R::TABLE.name),
            next: first,
            prefix: format!("{}-{:04}-", file_name_part(&author.worker), author.run),
            size: PartSize { rows: usize::MAX, age: Duration::MAX },
            schema: Arc::new(columns::schema(R::TABLE)),
            pending: Vec::new(),
            pending_bytes: 0,
            open: None,
            rows: 0,
            since: None,
        }
    }

    /// Takes a row. Returns the part that it completed, if it did.
    pub fn push(&mut self, row: R) -> Result<Option<Part>, DatasetError> {
        self.since.get_or_insert_with(Instant::now);
        self.rows += 1;
        self.pending_bytes += row.weight();
        self.pending.push(row);
        if self.rows >= self.size.rows {
            return self.close_part();
        }
        if self.pending.len() >= BATCH_ROWS || self.pending_bytes >= BATCH_BYTES {
            self.write_batch()?;
        }
        self.close_if_due()
    }

    /// Closes the part when it has its age: to be called now and then when no rows come.
    pub fn close_if_due(&mut self) -> Result<Option<Part>, DatasetError> {
        match self.since {
            Some(since) if since.elapsed() >= self.size.age => self.close_part(),
            _ => Ok(None),
        }
    }

    /// Makes every row durable that was pushed since the last part, if there is any.
    pub fn close_part(&mut self) -> Result<Option<Part>, DatasetError> {
        if self.rows == 0 { Ok(None) } else { self.publish().map(Some) }
    }

    /// Makes the remaining rows durable. A table that has no file at all gets an empty one, so that
    /// readers find its columns.
    pub fn finish(mut self) -> Result<Option<Part>, DatasetError> {
        if self.rows == 0 && !part_files(&self.folder)?.is_empty() { Ok(None) } else { self.publish().map(Some) }
    }

    /// Rows pushed and not yet durable.
    pub fn rows_in_hand(&self) -> usize {
        self.rows
    }

    fn publish(&mut self) -> Result<Part, DatasetError> {
        self.write_batch()?;
        let rows = std::mem::take(&mut self.rows) as u64;
        self.since = None;
        let OpenPart { name, path, writer } = match self.open.take() {
            Some(part) => part,
            None => self.open_part()?,
        };
        // Closing the Parquet file writes its footer; the file itself is synced and named after that.
        let staged = writer.into_inner().map_err(|e| DatasetError::from_write(&path, e))?;
        let digest = staged.publish()?;
        let file = PartFile { name, rows, bytes: digest.bytes, sha256: digest.sha256 };
        Ok(Part { table: R::TABLE.name, file })
    }

    /// Converts and writes what is pending. On failure the part under way is dropped whole.
    fn write_batch(&mut self) -> Result<(), DatasetError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut part = match self.open.take() {
            Some(part) => part,
            None => self.open_part()?,
        };
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let written = serde_arrow::to_record_batch(self.schema.fields(), &pending)
            .map_err(|e| DatasetError::Rows { path: part.path.clone(), reason: e.to_string() })
            .and_then(|batch| part.writer.write(&batch).map_err(|e| DatasetError::from_write(&part.path, e)))
            .and_then(|()| match part.writer.in_progress_size() > ROW_GROUP_BYTES {
                true => part.writer.flush().map_err(|e| DatasetError::from_write(&part.path, e)),
                false => Ok(()),
            });
        match written {
            Ok(()) => {
                self.open = Some(part);
                self.pending = pending;
                self.pending.clear();
                Ok(())
            }
            Err(error) => {
                self.rows = 0;
                self.since = None;
                Err(error)
            }
        }
    }

    fn open_part(&mut self) -> Result<OpenPart, DatasetError> {
        let name = format!("{}{:06}.parquet", self.prefix, self.next);
        self.next += 1;
        let path = self.folder.join(&name);
        let staged = Staged::create(&path)?;
        let writer =
            ArrowWriter::try_new(staged, self.schema.clone(), Some(properties(R::TABLE, self.dataset.as_deref())))
                .map_err(|e| DatasetError::from_write(&path, e))?;
        Ok(OpenPart { name, path, writer })
    }
}

/// Removes part files that a crash left unfinished in every folder of the dataset.
pub(super) fn remove_unfinished(root: &Path) -> Result<(), DatasetError> {
    files::remove_staged(root)?;
    columns::EVERY_TABLE.iter().try_for_each(|table| files::remove_staged(&root.join(table.name)))
}

/// The name in the manifest at `root`, or in the folder above where verdicts are being made.
fn dataset_id(root: &Path) -> Option<String> {
    let manifest =
        [Some(root), root.parent()].into_iter().flatten().find_map(|folder| fs::read(folder.join(MANIFEST)).ok())?;
    serde_json::from_slice::<Manifest>(&manifest).ok()?.id
}

/// What the footer says: whose rows these are, and what each column means.
fn footer(table: &Table, dataset: Option<&str>) -> Vec<KeyValue> {
    let docs: serde_json::Map<String, serde_json::Value> =
        table.columns.iter().map(|column| (column.name.to_owned(), column.doc.into())).collect();
    let mut entries = vec![
        KeyValue::new("mxcensus.table".into(), table.name.to_string()),
        KeyValue::new("mxcensus.format".into(), FORMAT.to_string()),
        KeyValue::new("mxcensus.schema_version".into(), FORMAT.to_string()),
        KeyValue::new("mxcensus.table_doc".into(), table.doc.to_string()),
        KeyValue::new("mxcensus.columns".into(), serde_json::Value::Object(docs).to_string()),
    ];
    entries.extend(dataset.map(|id| KeyValue::new("mxcensus.dataset_id".into(), id.to_string())));
    entries
}

fn properties(table: &Table, dataset: Option<&str>) -> WriterProperties {
    let level = ZstdLevel::try_new(3).unwrap_or_default();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_created_by(format!("mxcensus {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(footer(table, dataset)));
    // Every certificate is another one: a dictionary of them would only cost memory.
    if table.column("der").is_some() {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from("der"), false);
    }
    builder.build()
}

/// The name as part of a file name: anything that is not plain becomes `_`, so that names sort and travel well.
fn file_name_part(worker: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '_' };
    let name: String = worker.chars().map(plain).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "worker".into() } else { name.into() }
}

fn number_of(path: &Path, prefix: &str) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(prefix)?.strip_suffix(".parquet")?.parse().ok()
}
