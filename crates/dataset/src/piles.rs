//! Items that are kept on disk for a while, in piles, so that a whole crawl is never in memory: one pile is read at a time.
//!
//! Items are length-prefixed postcard; the files are temporary and of this process alone.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A temporary file that could not be written or read back.
#[derive(Debug, thiserror::Error)]
#[error("temporary file {}: {source}", path.display())]
pub struct PileError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl PileError {
    /// What the system said about a file or folder.
    pub fn new(path: &Path, source: io::Error) -> Self {
        PileError { path: path.to_path_buf(), source }
    }
}

/// One file of items.
#[derive(Debug)]
pub struct Pile<T> {
    path: PathBuf,
    item: PhantomData<T>,
}

/// Writes a pile.
pub struct PileWriter<T> {
    path: PathBuf,
    file: BufWriter<File>,
    item: PhantomData<T>,
}

impl<T: Serialize> PileWriter<T> {
    /// Begins the pile of that name in a folder.
    pub fn new(folder: &Path, name: &str) -> Result<Self, PileError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|source| PileError::new(&path, source))?;
        Ok(PileWriter { path, file: BufWriter::with_capacity(1 << 15, file), item: PhantomData })
    }

    /// Appends an item.
    pub fn push(&mut self, item: &T) -> Result<(), PileError> {
        let fail = |source| PileError::new(&self.path, source);
        let bytes = postcard::to_stdvec(item).map_err(|error| fail(io::Error::other(error)))?;
        let length = u32::try_from(bytes.len()).map_err(|error| fail(io::Error::other(error)))?;
        let written = self.file.write_all(&length.to_le_bytes()).and_then(|()| self.file.write_all(&bytes));
        written.map_err(fail)
    }

    /// Ends the pile.
    pub fn finish(mut self) -> Result<Pile<T>, PileError> {
        self.file.flush().map_err(|source| PileError::new(&self.path, source))?;
        Ok(Pile { path: self.path, item: PhantomData })
    }
}

impl<T: DeserializeOwned> Pile<T> {
    /// Its items, in the order in which they were written.
    pub fn items(&self) -> Result<Items<T>, PileError> {
        let file = File::open(&self.path).map_err(|source| PileError::new(&self.path, source))?;
        let reader = BufReader::with_capacity(1 << 15, file);
        Ok(Items { path: self.path.clone(), reader, buffer: Vec::new(), item: PhantomData })
    }
}

/// An iterator over the items of a pile.
pub struct Items<T> {
    path: PathBuf,
    reader: BufReader<File>,
    buffer: Vec<u8>,
    item: PhantomData<T>,
}

impl<T: DeserializeOwned> Items<T> {
    fn read(&mut self) -> io::Result<Option<T>> {
        let mut length = [0; 4];
        match self.reader.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        self.buffer.resize(u32::from_le_bytes(length) as usize, 0);
        self.reader.read_exact(&mut self.buffer)?;
        postcard::from_bytes(&self.buffer).map(Some).map_err(io::Error::other)
    }
}

impl<T: DeserializeOwned> Iterator for Items<T> {
    type Item = Result<T, PileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(|source| PileError::new(&self.path, source)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_cut_short_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = PileWriter::new(dir.path(), "cut").unwrap();
        writer.push(&"a whole sentence".to_owned()).unwrap();
        let pile: Pile<String> = writer.finish().unwrap();
        let bytes = std::fs::read(&pile.path).unwrap();
        std::fs::write(&pile.path, &bytes[..bytes.len() - 3]).unwrap();
        let error = pile.items().unwrap().next().unwrap().unwrap_err().to_string();
        assert!(error.contains("cut"), "{error}");
    }
}
