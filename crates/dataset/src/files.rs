//! Files that are complete once they have their name: written aside, synced, renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use ring::digest;

use super::DatasetError;

/// The suffix of a file that is being written; such a file begins with a dot as well.
const STAGED_SUFFIX: &str = ".tmp";

/// A file on its way to its name. Dropped before [`Staged::publish`], it is removed and never had the name.
pub struct Staged {
    file: Option<BufWriter<File>>,
    hash: digest::Context,
    bytes: u64,
    staged: PathBuf,
    destination: PathBuf,
}

/// What a file holds, by digest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Digest {
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Staged {
    /// Opens `.NAME.tmp` beside the destination, replacing one that a crash left behind.
    pub fn create(destination: &Path) -> Result<Self, DatasetError> {
        let staged = staged_path(destination);
        let file = File::create(&staged).map_err(|e| DatasetError::from_io(&staged, e))?;
        Ok(Staged {
            file: Some(BufWriter::with_capacity(1 << 16, file)),
            hash: digest::Context::new(&digest::SHA256),
            bytes: 0,
            staged,
            destination: destination.to_path_buf(),
        })
    }

    /// Flushes and syncs the file, gives it its name, syncs the directory.
    pub fn publish(mut self) -> Result<Digest, DatasetError> {
        let Some(writer) = self.file.take() else {
            return Err(DatasetError::from_io(&self.staged, io::ErrorKind::BrokenPipe.into()));
        };
        let file = writer.into_inner().map_err(|e| DatasetError::from_io(&self.destination, e.into_error()))?;
        file.sync_all().map_err(|e| DatasetError::from_io(&self.destination, e))?;
        fs::rename(&self.staged, &self.destination).map_err(|e| DatasetError::from_io(&self.destination, e))?;
        if let Some(folder) = self.destination.parent() {
            sync_folder(folder)?;
        }
        let hash = std::mem::replace(&mut self.hash, digest::Context::new(&digest::SHA256));
        Ok(Digest { sha256: hex::encode(hash.finish()), bytes: self.bytes })
    }
}

impl Write for Staged {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let count = file.write(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a successful rename there is no file of that name. A failure here cannot be reported to any caller.
        let _ = fs::remove_file(&self.staged);
    }
}

/// Writes a whole small file (manifest, trust store) so that its name always means complete content.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<Digest, DatasetError> {
    let mut staged = Staged::create(path)?;
    staged.write_all(content).map_err(|e| DatasetError::from_io(path, e))?;
    staged.publish()
}

/// The digest of a file that is already there.
pub fn digest_of(path: &Path) -> Result<Digest, DatasetError> {
    let fail = |e| DatasetError::from_io(path, e);
    let mut file = File::open(path).map_err(fail)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Digest { sha256: hex::encode(hash.finish()), bytes }),
            Ok(count) => {
                hash.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(fail(e)),
        }
    }
}

/// Makes the names in a folder durable.
pub fn sync_folder(folder: &Path) -> Result<(), DatasetError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| DatasetError::from_io(folder, e))
}

/// Removes what a crash left unfinished in a folder. A folder that is not there has nothing to remove.
pub fn remove_staged(folder: &Path) -> Result<(), DatasetError> {
    for path in list(folder)? {
        if is_staged(&path) {
            fs::remove_file(&path).map_err(|e| DatasetError::from_io(&path, e))?;
        }
    }
    Ok(())
}

/// The paths in a folder, sorted by name; none when there is no such folder.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(DatasetError::from_io(folder, e)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|e| DatasetError::from_io(folder, e))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_staged(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with('.') && name.ends_with(STAGED_SUFFIX))
}

fn staged_path(destination: &Path) -> PathBuf {
    let name = destination.file_name().unwrap_or_default().to_string_lossy();
    destination.with_file_name(format!(".{name}{STAGED_SUFFIX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_only_when_complete() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let mut staged = Staged::create(&path).unwrap();
        staged.write_all(b"half").unwrap();
        assert!(!path.exists() && dir.path().join(".a.json.tmp").exists());
        drop(staged);
        assert_eq!(list(dir.path()).unwrap(), Vec::<PathBuf>::new(), "given up: nothing is left");

        let written = write_atomically(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(written, digest_of(&path).unwrap());
        assert_eq!(written.bytes, 5);
        write_atomically(&path, b"again").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"again");
        assert_eq!(list(dir.path()).unwrap(), [path], "no staged file is left");
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".a.parquet.tmp", "a.parquet", "b.tmp", ".hidden"] {
            fs::write(dir.path().join(name), b"x").unwrap();
        }
        remove_staged(dir.path()).unwrap();
        let left: Vec<_> = list(dir.path()).unwrap().iter().map(|p| p.file_name().unwrap().to_owned()).collect();
        assert_eq!(left, [".hidden", "a.parquet", "b.tmp"]);
        remove_staged(&dir.path().join("absent")).unwrap();
    }

    #[test]
    fn a_full_disk_is_told_apart() {
        let mut full = BufWriter::new(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        full.write_all(b"x").unwrap();
        let error = DatasetError::from_io(Path::new("part"), full.flush().unwrap_err());
        assert!(matches!(error, DatasetError::Full(_)), "{error}");
    }
}
