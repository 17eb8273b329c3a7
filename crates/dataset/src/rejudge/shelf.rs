//! Certificates on disk: the judge looks at each a few times, and ten million do not fit in memory.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::DatasetError;
use mxcensus_judge::certificates::Shelf;

/// Bytes of DER that are kept in memory: some 50,000 certificates.
const IN_MEMORY: usize = 32 << 20;
/// Bytes that are written at once.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// The first failure of a shelf: what it could not keep or give back would look like a certificate that the dataset
/// lacks, so the caller must ask for it before it uses the verdicts.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<io::Error>>>);

impl Trouble {
    fn note(&self, error: io::Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// The failure as an error about the folder, if there was one.
    pub(super) fn check(&self, folder: &Path) -> Result<(), DatasetError> {
        let error = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        error.map_or(Ok(()), |error| Err(DatasetError::from_io(folder, error)))
    }
}

/// The first certificates in memory, the others in a file that has no name and vanishes with the process.
#[derive(Debug)]
pub(super) struct FileShelf {
    folder: PathBuf,
    in_memory: usize,
    /// Where each certificate ends, counted over memory, file and what is not yet written.
    ends: Vec<u64>,
    memory: Vec<u8>,
    file: Option<File>,
    written: u64,
    unwritten: Vec<u8>,
    trouble: Trouble,
}

impl FileShelf {
    /// An empty shelf; the file is made in `folder` when it is needed.
    pub(super) fn new(folder: &Path, trouble: &Trouble) -> Self {
        Self::with_memory(folder, trouble, IN_MEMORY)
    }

    fn with_memory(folder: &Path, trouble: &Trouble, in_memory: usize) -> Self {
        Self {
            folder: folder.to_path_buf(),
            in_memory,
            ends: Vec::new(),
            memory: Vec::new(),
            file: None,
            written: 0,
            unwritten: Vec::new(),
            trouble: trouble.clone(),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                fs::create_dir_all(&self.folder)?;
                none.insert(tempfile::tempfile_in(&self.folder)?)
            }
        };
        file.write_all(&self.unwritten)?;
        self.written += self.unwritten.len() as u64;
        self.unwritten.clear();
        Ok(())
    }
}

impl Shelf for FileShelf {
    fn push(&mut self, der: &[u8]) {
        // A certificate is in one place as a whole.
        let on_disk =
            !self.unwritten.is_empty() || self.file.is_some() || self.memory.len() + der.len() > self.in_memory;
        if on_disk { &mut self.unwritten } else { &mut self.memory }.extend_from_slice(der);
        self.ends.push(self.ends.last().copied().unwrap_or_default() + der.len() as u64);
        if self.unwritten.len() >= WRITTEN_AT_ONCE
            && let Err(error) = self.write()
        {
            self.trouble.note(error);
            self.unwritten.clear();
        }
    }

    fn get(&self, number: u32) -> Option<Cow<'_, [u8]>> {
        let number = number as usize;
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let length = usize::try_from(end - start).ok()?;
        let slice = |bytes| <[u8]>::get(bytes, usize::try_from(start).ok()?..).and_then(|rest| rest.get(..length));
        if let Some(der) = slice(&self.memory) {
            return Some(Cow::Borrowed(der));
        }
        let in_file = start.checked_sub(self.memory.len() as u64)?;
        if let Some(at) = in_file.checked_sub(self.written) {
            let at = usize::try_from(at).ok()?;
            return self.unwritten.get(at..at + length).map(Cow::Borrowed);
        }
        let mut der = vec![0; length];
        match self.file.as_ref()?.read_exact_at(&mut der, in_file) {
            Ok(()) => Some(Cow::Owned(der)),
            Err(error) => {
                self.trouble.note(error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(number: u32) -> Vec<u8> {
        // Of many lengths, none of them alike.
        number.to_le_bytes().repeat(1 + number as usize % 300)
    }

    #[test]
    fn every_certificate_comes_back_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let trouble = Trouble::default();
        let mut shelf = FileShelf::with_memory(folder.path(), &trouble, 100_000);
        (0..5_000).for_each(|number| shelf.push(&der(number)));
        assert!(shelf.file.is_some() && !shelf.memory.is_empty() && !shelf.unwritten.is_empty(), "all three places");
        for number in (0..5_000).rev() {
            assert_eq!(shelf.get(number).as_deref(), Some(&*der(number)), "{number}");
        }
        assert_eq!(shelf.get(5_000), None);
        trouble.check(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }

    #[test]
    fn what_cannot_be_kept_is_said() {
        let folder = tempfile::NamedTempFile::new().unwrap();
        let trouble = Trouble::default();
        let mut shelf = FileShelf::with_memory(folder.path(), &trouble, 0);
        shelf.push(&vec![7; WRITTEN_AT_ONCE]);
        assert!(trouble.check(folder.path()).is_err(), "a file is no folder to write in");
    }
}
