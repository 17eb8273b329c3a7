//! Facts dealt into partitions on disk, so that a comparison holds one partition in memory and never a crawl.
//!
//! A [`Deal`] writes items into as many files as there are partitions, by the hash of their name: whatever is said of
//! one name, by either crawl, lands in one [`Pile`]. Items are length-prefixed postcard; the files are temporary and
//! of this process alone.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

use super::DiffError;

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
    pub fn new(folder: &Path, name: &str) -> Result<Self, DiffError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|source| DiffError::stage(&path, source))?;
        Ok(PileWriter { path, file: BufWriter::with_capacity(1 << 15, file), item: PhantomData })
    }

    /// Appends an item.
    pub fn push(&mut self, item: &T) -> Result<(), DiffError> {
        let fail = |source| DiffError::stage(&self.path, source);
        let bytes = postcard::to_stdvec(item).map_err(|error| fail(io::Error::other(error)))?;
        let length = u32::try_from(bytes.len()).map_err(|error| fail(io::Error::other(error)))?;
        let written = self.file.write_all(&length.to_le_bytes()).and_then(|()| self.file.write_all(&bytes));
        written.map_err(fail)
    }

    /// Ends the pile.
    pub fn finish(mut self) -> Result<Pile<T>, DiffError> {
        self.file.flush().map_err(|source| DiffError::stage(&self.path, source))?;
        Ok(Pile { path: self.path, item: PhantomData })
    }
}

impl<T: DeserializeOwned> Pile<T> {
    /// Its items, in the order in which they were written.
    pub fn items(&self) -> Result<Items<T>, DiffError> {
        let file = File::open(&self.path).map_err(|source| DiffError::stage(&self.path, source))?;
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
    type Item = Result<T, DiffError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(|source| DiffError::stage(&self.path, source)).transpose()
    }
}

/// Deals items into piles.
pub struct Deal<T> {
    writers: Vec<PileWriter<T>>,
}

impl<T: Serialize> Deal<T> {
    /// Begins so many piles in a folder; at least one.
    pub fn new(folder: &Path, piles: usize) -> Result<Self, DiffError> {
        let writers = (0..piles.max(1)).map(|pile| PileWriter::new(folder, &format!("facts-{pile:05}")));
        Ok(Deal { writers: writers.collect::<Result<_, _>>()? })
    }

    /// Puts an item on the pile of its name.
    pub fn push(&mut self, name: &str, item: &T) -> Result<(), DiffError> {
        let piles = self.writers.len() as u64;
        let pile = (xxh3_64(name.as_bytes()) % piles) as usize;
        self.writers[pile].push(item)
    }

    /// The piles.
    pub fn finish(self) -> Result<Vec<Pile<T>>, DiffError> {
        self.writers.into_iter().map(PileWriter::finish).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_dealt_comes_back_and_a_name_stays_together() {
        let dir = tempfile::tempdir().unwrap();
        let mut deal = Deal::new(dir.path(), 5).unwrap();
        let items: Vec<(String, u32)> = (0..200).map(|i| (format!("name{}", i % 40), i)).collect();
        for item in &items {
            deal.push(&item.0, item).unwrap();
        }
        let piles = deal.finish().unwrap();
        assert_eq!(piles.len(), 5);
        let read: Vec<Vec<(String, u32)>> =
            piles.iter().map(|pile| pile.items().unwrap().collect::<Result<_, _>>().unwrap()).collect();
        let mut all: Vec<_> = read.concat();
        all.sort_by_key(|item| item.1);
        assert_eq!(all, items);
        for name in items.iter().map(|item| &item.0) {
            assert_eq!(read.iter().filter(|pile| pile.iter().any(|item| item.0 == *name)).count(), 1, "{name}");
        }
    }

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
