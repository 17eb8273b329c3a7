//! A dataset as one file: `tar.zst` with `SHA256SUMS` and a `datapackage.json` (Frictionless Data Package v1).
//!
//! The same dataset gives the same bytes: files are in the order of their names, without an owner, and dated as the crawl.

mod datapackage;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::digest;
use tar::{Builder, EntryType, Header};

use crate::columns::EVERY_TABLE;
use crate::files::{Digest, Staged};
use crate::manifest::Manifest;
use crate::{Dataset, DatasetError, files, judged};

/// The best of the levels that take as long to pack as to read: Parquet is compressed already.
const LEVEL: i32 = 9;

/// Packs the dataset at `root` into `out`, everything below the folder `name`. Folders of `beside`, by the name that they get, are packed
/// too. What a scan keeps for itself (lock, status, attempts) is not.
///
/// # Errors
/// A file cannot be read, or the archive not be written. It has its name only when it is whole.
pub fn write(root: &Path, name: &str, beside: &[(String, PathBuf)], out: &Path) -> Result<Digest, DatasetError> {
    let manifest = Dataset::open(root)?.manifest()?;
    let mut members = own_files(root)?;
    for (folder, path) in beside {
        members.extend(all_below(path, Path::new(folder))?);
    }
    members.sort();
    let staged = Staged::create(out)?;
    let fail = |error| DatasetError::from_io(out, error);
    let encoder = zstd::Encoder::new(staged, LEVEL).map_err(fail)?;
    let mut packing = Packing { tar: Builder::new(encoder), name, time: time_of(&manifest), sums: String::new() };
    let package = datapackage::of(&manifest, name);
    packing.text("datapackage.json", &format!("{package:#}\n"), out)?;
    for (within, path) in members {
        packing.file(&within, &path, out)?;
    }
    let sums = std::mem::take(&mut packing.sums);
    packing.text("SHA256SUMS", &sums, out)?;
    let encoder = packing.tar.into_inner().map_err(fail)?;
    encoder.finish().map_err(fail)?.publish()
}

/// The files of a dataset by their path in it.
fn own_files(root: &Path) -> Result<Vec<(String, PathBuf)>, DatasetError> {
    let single = ["manifest.json", "trust-store.pem", "truth.json", "changes.json"].map(|name| root.join(name));
    let single = single.into_iter().chain(judged::judgement_paths(root)).filter(|path| path.is_file());
    let mut found: Vec<(String, PathBuf)> = single.map(|path| (relative(root, &path), path)).collect();
    for table in EVERY_TABLE {
        found.extend(crate::part_files(&root.join(table.name))?.into_iter().map(|path| (relative(root, &path), path)));
    }
    for folder in ["input", "stores"] {
        let files = files::list(&root.join(folder))?.into_iter().filter(|path| path.is_file());
        found.extend(files.map(|path| (relative(root, &path), path)));
    }
    Ok(found)
}

/// Every file below a folder, whose own name it does not have here.
fn all_below(folder: &Path, named: &Path) -> Result<Vec<(String, PathBuf)>, DatasetError> {
    let mut found = Vec::new();
    for path in files::list(folder)? {
        let within = named.join(path.file_name().unwrap_or_default());
        match path.is_dir() {
            true => found.extend(all_below(&path, &within)?),
            false => found.push((within.to_string_lossy().into_owned(), path)),
        }
    }
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// Seconds since 1970 at which the crawl ended; 0 where it does not say.
fn time_of(manifest: &Manifest) -> u64 {
    let last = manifest.runs.last().map(|run| run.end.as_ref().unwrap_or(&run.start));
    let at = last.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    at.map_or(0, |at| u64::try_from(at.as_second()).unwrap_or(0))
}

struct Packing<'a, W: Write> {
    tar: Builder<W>,
    name: &'a str,
    time: u64,
    /// As `sha256sum --check` reads them.
    sums: String,
}

impl<W: Write> Packing<'_, W> {
    fn text(&mut self, within: &str, text: &str, out: &Path) -> Result<(), DatasetError> {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        self.sums.push_str(&format!("{}  {within}\n", hex::encode(digest)));
        self.append(within, text.len() as u64, text.as_bytes()).map_err(|error| DatasetError::from_io(out, error))
    }

    fn file(&mut self, within: &str, path: &Path, out: &Path) -> Result<(), DatasetError> {
        let file = File::open(path).map_err(|error| DatasetError::from_io(path, error))?;
        let bytes = file.metadata().map_err(|error| DatasetError::from_io(path, error))?.len();
        let mut reading = Hashed { inner: file.take(bytes), hash: digest::Context::new(&digest::SHA256), bytes: 0 };
        self.append(within, bytes, &mut reading).map_err(|error| DatasetError::from_io(out, error))?;
        if reading.bytes != bytes {
            return Err(DatasetError::damaged(path, "it became shorter while it was packed"));
        }
        self.sums.push_str(&format!("{}  {within}\n", hex::encode(reading.hash.finish())));
        Ok(())
    }

    fn append(&mut self, within: &str, bytes: u64, content: impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(0o644);
        header.set_mtime(self.time);
        self.tar.append_data(&mut header, format!("{}/{within}", self.name), content)
    }
}

/// A reader that knows what it has read.
struct Hashed<R> {
    inner: R,
    hash: digest::Context,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
