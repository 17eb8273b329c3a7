//! A list in a zip archive, as Tranco and Umbrella publish theirs.
//!
//! The archive's directory stands at its end, so the archive must be a file: a stream is kept in one without a name first.
//! The list itself is read as a stream, and its checksum is compared at its end.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

/// The names of files that are lists.
const SUFFIXES: [&str; 3] = [".csv", ".txt", ".tsv"];
/// Names that a sentence shows of an archive of several files.
const SHOWN: usize = 3;

/// Opens the one list in an archive.
///
/// # Errors
/// It is no archive, is encrypted, packed in an unusual way, or has no list or several.
pub(super) fn open(mut archive: File) -> io::Result<Box<dyn Read>> {
    let (start, entry) = {
        let mut directory = ZipArchive::new(BufReader::new(&mut archive)).map_err(io::Error::other)?;
        let index = the_list(&mut directory)?;
        let file = directory.by_index_raw(index).map_err(io::Error::other)?;
        if file.encrypted() {
            return Err(io::Error::other("the list in this zip archive is encrypted: unpack it first"));
        }
        let start = file.data_start().ok_or_else(|| io::Error::other("the zip archive is damaged"))?;
        (start, Entry { method: file.compression(), bytes: file.compressed_size(), crc: file.crc32() })
    };
    archive.seek(SeekFrom::Start(start))?;
    let packed = BufReader::new(archive).take(entry.bytes);
    match entry.method {
        CompressionMethod::Stored => Ok(Box::new(Checked { inner: CrcReader::new(packed), expected: entry.crc })),
        CompressionMethod::Deflated => {
            let unpacked: DeflateDecoder<Take<BufReader<File>>> = DeflateDecoder::new(packed);
            Ok(Box::new(Checked { inner: CrcReader::new(unpacked), expected: entry.crc }))
        }
        other => Err(io::Error::other(format!("the zip archive is packed with {other}: unpack it first"))),
    }
}

struct Entry {
    method: CompressionMethod,
    bytes: u64,
    crc: u32,
}

/// Which file is the list: the only one, or the only one that is called like a list.
fn the_list<R: Read + Seek>(directory: &mut ZipArchive<R>) -> io::Result<usize> {
    let mut files = Vec::new();
    for index in 0..directory.len() {
        let file = directory.by_index_raw(index).map_err(io::Error::other)?;
        let name = file.name().map_err(io::Error::other)?.into_owned();
        // What macOS and others keep beside the files that were packed.
        let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        if file.is_file() && !is_hidden {
            files.push((index, name));
        }
    }
    let lists = files.iter().filter(|(_, name)| {
        let name = name.to_ascii_lowercase();
        SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
    });
    match (files.as_slice(), lists.collect::<Vec<_>>().as_slice()) {
        ([(index, _)], _) | (_, [(index, _)]) => Ok(*index),
        ([], _) => Err(io::Error::other("the zip archive holds no file")),
        (several, _) => {
            let names: Vec<&str> = several.iter().take(SHOWN).map(|(_, name)| name.as_str()).collect();
            let names = mxcensus_rules::text::escape(names.join(", ").as_bytes());
            Err(io::Error::other(format!(
                "the zip archive holds {} files ({names}, …): unpack the list",
                several.len()
            )))
        }
    }
}

/// Compares the checksum when the end is reached.
struct Checked<R> {
    inner: CrcReader<R>,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.inner.crc().sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the zip archive is damaged: its checksum is wrong",
            ));
        }
        Ok(count)
    }
}
