//! Reads the rows of one table back, file by file in name order, in batches of bounded size.
//!
//! [`TableReader::rows`] gives whole rows, [`TableReader::project`] only some columns into a struct of
//! the caller's. [`TableReader::distinct`] applies the rule on rows written twice. A file written by
//! another program is read too: columns in another order or of a convertible type, columns that this
//! version does not know, and the absence of nullable columns and flags that it knows and the file's
//! version did not.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, TimestampMicrosecondArray, new_null_array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

use super::columns::{self, Table};
use super::rows::Row;
use super::{DatasetError, part_files};

/// Rows that are in memory at once. A policy body is up to 64 KiB.
const BATCH_ROWS: usize = 1024;

/// The part files of one table.
#[derive(Debug)]
pub struct TableReader {
    table: &'static Table,
    files: Arc<[PathBuf]>,
    /// Rows that another row of the same key outdoes, by file and position.
    outdone: Arc<HashSet<(usize, usize)>>,
}

impl TableReader {
    /// Every row of the table in the dataset at `root`. No file at all is an error: a table without rows
    /// has an empty one.
    pub fn open(root: &Path, table: &'static Table) -> Result<Self, DatasetError> {
        let folder = root.join(table.name);
        let files = part_files(&folder)?;
        if files.is_empty() {
            return Err(DatasetError::damaged(&folder, "it holds no Parquet file"));
        }
        Ok(TableReader { table, files: files.into(), outdone: Arc::default() })
    }

    /// The rows of these files, in this order.
    pub fn of_files(table: &'static Table, files: Vec<PathBuf>) -> Self {
        TableReader { table, files: files.into(), outdone: Arc::default() }
    }

    /// Every distinct row: of rows with one key the earliest observation counts; at a tie the first
    /// file by name, then the first row in it. Reads the key columns once (8 bytes a row in memory),
    /// and once more where keys repeat.
    pub fn distinct(root: &Path, table: &'static Table) -> Result<Self, DatasetError> {
        TableReader::open(root, table)?.without_repetitions()
    }

    /// The same rows, each key once: see [`TableReader::distinct`].
    pub fn without_repetitions(mut self) -> Result<Self, DatasetError> {
        let repeated = self.repeated_keys()?;
        if !repeated.is_empty() {
            self.outdone = Arc::new(self.find_outdone(&repeated)?);
        }
        Ok(self)
    }

    /// How many rows [`TableReader::distinct`] leaves out.
    pub fn rows_left_out(&self) -> usize {
        self.outdone.len()
    }

    /// The rows as structs.
    pub fn rows<R: Row>(&self) -> Rows<R> {
        let names: Vec<_> = self.table.columns.iter().map(|column| column.name).collect();
        self.rows_with(&names)
    }

    /// Some columns of the rows: those that the struct `P` has fields for. Its fields have the columns' names.
    pub fn project<P: DeserializeOwned>(&self) -> Rows<P> {
        self.rows_with(serde_aux::serde_introspection::serde_introspect::<P>())
    }

    /// The rows with these columns read and every other one of `P` left at its default.
    pub fn rows_with<P: DeserializeOwned>(&self, columns: &[&str]) -> Rows<P> {
        Rows { batches: self.batches(columns), ready: Vec::new().into_iter(), row: PhantomData }
    }

    /// Some columns as Arrow batches of the declared schema.
    pub fn batches(&self, columns: &[&str]) -> Batches {
        Batches {
            fields: columns::fields(self.table, columns),
            files: self.files.clone(),
            outdone: self.outdone.clone(),
            next: 0,
            open: None,
        }
    }

    /// Hashes of keys that occur more than once. Two keys that merely share a hash do no harm: the second pass
    /// compares the keys themselves.
    fn repeated_keys(&self) -> Result<HashSet<u64>, DatasetError> {
        let mut hashes = Vec::new();
        self.for_each_key(|_, key, _| hashes.push(xxh3_64(key)))?;
        hashes.sort_unstable();
        Ok(hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect())
    }

    fn find_outdone(&self, repeated: &HashSet<u64>) -> Result<HashSet<(usize, usize)>, DatasetError> {
        let mut best: HashMap<Vec<u8>, (i64, (usize, usize))> = HashMap::new();
        let mut outdone = HashSet::new();
        self.for_each_key(|position, key, at| {
            if !repeated.contains(&xxh3_64(key)) {
                return;
            }
            match best.get_mut(key) {
                // Files come in name order, so a tie leaves the first.
                Some(known) if at < known.0 => {
                    outdone.insert(known.1);
                    *known = (at, position);
                }
                Some(_) => {
                    outdone.insert(position);
                }
                None => {
                    best.insert(key.to_vec(), (at, position));
                }
            }
        })?;
        Ok(outdone)
    }

    /// Calls with (file, row in it), the key's bytes and the instant; a row without an instant is later than any.
    fn for_each_key(&self, mut visit: impl FnMut((usize, usize), &[u8], i64)) -> Result<(), DatasetError> {
        let mut names = self.table.key.to_vec();
        names.extend(self.table.observed_at);
        let everything = TableReader { table: self.table, files: self.files.clone(), outdone: Arc::default() };
        let mut batches = everything.batches(&names);
        let mut key = Vec::new();
        while let Some(batch) = batches.next() {
            let batch = batch?;
            let file = batches.next - 1;
            let fail = |reason: String| DatasetError::damaged(&self.files[file], reason);
            let first = batches.open.as_ref().map_or(0, |open| open.row) - batch.num_rows();
            let options = FormatOptions::default();
            let mut parts = Vec::new();
            for name in self.table.key {
                let column = batch.column_by_name(name).ok_or_else(|| fail(format!("it has no column {name}")))?;
                parts.push(ArrayFormatter::try_new(column, &options).map_err(|e| fail(e.to_string()))?);
            }
            let instants = self.table.observed_at.and_then(|name| batch.column_by_name(name));
            let instants = instants.and_then(|column| column.as_any().downcast_ref::<TimestampMicrosecondArray>());
            for row in 0..batch.num_rows() {
                key.clear();
                for part in &parts {
                    key.extend_from_slice(part.value(row).to_string().as_bytes());
                    key.push(0);
                }
                let at = instants.filter(|column| column.is_valid(row)).map_or(i64::MAX, |column| column.value(row));
                visit((file, first + row), &key, at);
            }
        }
        Ok(())
    }
}

/// An iterator over rows. See [`TableReader::rows`]. It ends after its first error.
pub struct Rows<P> {
    batches: Batches,
    ready: std::vec::IntoIter<P>,
    row: PhantomData<P>,
}

impl<P: DeserializeOwned> Iterator for Rows<P> {
    type Item = Result<P, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row));
            }
            let batch = match self.batches.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(error)),
            };
            match serde_arrow::from_record_batch::<Vec<P>>(&batch) {
                Ok(rows) => self.ready = rows.into_iter(),
                Err(error) => return Some(Err(self.batches.end(error))),
            }
        }
    }
}

/// An iterator over Arrow batches. See [`TableReader::batches`]. It ends after its first error.
pub struct Batches {
    fields: Vec<FieldRef>,
    files: Arc<[PathBuf]>,
    outdone: Arc<HashSet<(usize, usize)>>,
    next: usize,
    open: Option<OpenFile>,
}

struct OpenFile {
    reader: ParquetRecordBatchReader,
    /// Rows read so far.
    row: usize,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(open) = &mut self.open else {
                let path = self.files.get(self.next)?.clone();
                self.next += 1;
                match self.open(&path) {
                    Ok(open) => self.open = Some(open),
                    Err(error) => return Some(Err(self.stop(error))),
                }
                continue;
            };
            let batch = match open.reader.next() {
                Some(Ok(batch)) => batch,
                Some(Err(error)) => return Some(Err(self.end(error))),
                None => {
                    self.open = None;
                    continue;
                }
            };
            let first = open.row;
            open.row += batch.num_rows();
            match self.conform(&batch).and_then(|batch| self.leave_out(batch, first)) {
                Ok(batch) => return Some(Ok(batch)),
                Err(reason) => return Some(Err(self.end(reason))),
            }
        }
    }
}

impl Batches {
    fn open(&self, path: &Path) -> Result<OpenFile, DatasetError> {
        let file = File::open(path).map_err(|e| DatasetError::from_io(path, e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| DatasetError::damaged(path, e))?;
        let roots = builder.parquet_schema().root_schema().get_fields();
        let wanted = |name: &str| self.fields.iter().any(|field| field.name() == name);
        let indices = roots.iter().enumerate().filter(|(_, root)| wanted(root.name())).map(|(index, _)| index);
        let mask = ProjectionMask::roots(builder.parquet_schema(), indices);
        let reader = builder
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|e| DatasetError::damaged(path, e))?;
        Ok(OpenFile { reader, row: 0 })
    }

    /// The batch with the declared columns in the declared order and types.
    fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch, String> {
        let mut arrays = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            arrays.push(match batch.column_by_name(field.name()) {
                Some(array) if array.data_type() == field.data_type() => array.clone(),
                Some(array) => cast(array, field.data_type()).map_err(|e| format!("column {}: {e}", field.name()))?,
                None => absent(field, batch.num_rows())?,
            });
        }
        RecordBatch::try_new(Arc::new(Schema::new(self.fields.clone())), arrays).map_err(|e| e.to_string())
    }

    /// The batch without rows that are outdone; `first` is the position of its first row in the file.
    fn leave_out(&self, batch: RecordBatch, first: usize) -> Result<RecordBatch, String> {
        if self.outdone.is_empty() {
            return Ok(batch);
        }
        let file = self.next - 1;
        let keep: BooleanArray =
            (0..batch.num_rows()).map(|row| Some(!self.outdone.contains(&(file, first + row)))).collect();
        filter_record_batch(&batch, &keep).map_err(|e| e.to_string())
    }

    /// The error about the file that is open; nothing is read after it.
    fn end(&mut self, reason: impl ToString) -> DatasetError {
        let path = self.files.get(self.next.saturating_sub(1)).cloned().unwrap_or_default();
        self.stop(DatasetError::damaged(&path, reason))
    }

    fn stop(&mut self, error: DatasetError) -> DatasetError {
        self.open = None;
        self.next = self.files.len();
        error
    }
}

/// What stands for a column that the file does not have: null, or `false` for a flag. Anything else cannot be made up.
fn absent(field: &FieldRef, rows: usize) -> Result<ArrayRef, String> {
    match field.data_type() {
        data_type if field.is_nullable() => Ok(new_null_array(data_type, rows)),
        DataType::Boolean => Ok(Arc::new(BooleanArray::from(vec![false; rows]))),
        _ => Err(format!("it has no column {}", field.name())),
    }
}
