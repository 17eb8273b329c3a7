//! Where a list comes from: a file or standard input, plain, gzip, zstd or zip, as capped lines.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use ring::digest;

use super::{InputError, zipped};
use crate::files;

/// Bytes of a line that are kept. The longest lines of the usual lists have a few hundred.
pub(super) const LINE_BYTES: usize = 4096;
/// Bytes that are read ahead, and that the look at what kind of data it is can see.
const BUFFER_BYTES: usize = 1 << 16;

/// A list by its name on the command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// `-`.
    Stdin,
    /// A path.
    File(PathBuf),
    /// A file that was fetched from the web.
    Fetched {
        /// Where it is.
        path: PathBuf,
        /// What it is called.
        url: String,
    },
}

impl Source {
    /// What the argument names: `-` is standard input.
    pub fn from_argument(argument: &std::ffi::OsStr) -> Self {
        if argument == "-" { Source::Stdin } else { Source::File(argument.into()) }
    }

    /// As messages and the manifest call it.
    pub fn name(&self) -> String {
        match self {
            Source::Stdin => "-".into(),
            Source::File(path) => path.display().to_string(),
            Source::Fetched { url, .. } => url.clone(),
        }
    }

    /// The file, where it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Stdin => None,
            Source::File(path) | Source::Fetched { path, .. } => Some(path),
        }
    }

    /// Opens it, finds out how it is compressed, and refuses what is plainly no list.
    pub(super) fn open(&self) -> Result<Lines, InputError> {
        let raw: Box<dyn Read> = match self.path() {
            None => Box::new(io::stdin().lock()),
            Some(path) => Box::new(File::open(path).map_err(|source| self.unreadable(source))?),
        };
        let hash = Rc::new(RefCell::new(digest::Context::new(&digest::SHA256)));
        let raw = Hashing { inner: raw, hash: hash.clone() };
        let mut decoded = self.decode(BufReader::with_capacity(BUFFER_BYTES, raw))?;
        let mut window = Vec::new();
        let looked = decoded.by_ref().take(BUFFER_BYTES as u64).read_to_end(&mut window);
        looked.map_err(|source| self.unreadable(source))?;
        if is_binary(&window) {
            return Err(InputError::Binary { name: self.name() });
        }
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, Cursor::new(window).chain(decoded)));
        Ok(Lines { reader, hash, number: 0, at_end: false })
    }

    fn decode(&self, mut raw: BufReader<Hashing>) -> Result<Box<dyn Read>, InputError> {
        let mut magic = Vec::with_capacity(4);
        raw.by_ref().take(4).read_to_end(&mut magic).map_err(|source| self.unreadable(source))?;
        let unsupported = |what, advice| Err(InputError::Unsupported { name: self.name(), what, advice });
        let kind = magic.clone();
        let whole = Cursor::new(magic).chain(raw);
        match kind[..] {
            [0x1f, 0x8b, ..] => Ok(Box::new(MultiGzDecoder::new(whole))),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                let decoder = zstd::Decoder::with_buffer(whole).map_err(|source| self.unreadable(source))?;
                Ok(Box::new(decoder))
            }
            [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => self.unzip(whole).map_err(|source| self.unreadable(source)),
            [0xfd, b'7', b'z', b'X'] => {
                unsupported("compressed with xz", "unpack it first, as in `xzcat list.xz | mxcensus scan - --out DIR`")
            }
            [b'B', b'Z', b'h', _] => unsupported(
                "compressed with bzip2",
                "unpack it first, as in `bzcat list.bz2 | mxcensus scan - --out DIR`",
            ),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                unsupported("UTF-16 text", "convert it first, as in `iconv -f UTF-16 -t UTF-8 list`")
            }
            [b'P', b'A', b'R', b'1'] => unsupported("a Parquet file", "give a text list, one domain a line"),
            _ => Ok(Box::new(whole)),
        }
    }

    /// Every byte of the archive passes the digest here; the list in it is read from a file.
    fn unzip(&self, mut whole: impl Read) -> io::Result<Box<dyn Read>> {
        let archive = match self.path() {
            Some(path) if path.is_file() => {
                io::copy(&mut whole, &mut io::sink())?;
                File::open(path)?
            }
            _ => {
                let mut kept = tempfile::tempfile()?;
                io::copy(&mut whole, &mut kept)?;
                kept.seek(SeekFrom::Start(0))?;
                kept
            }
        };
        zipped::open(archive)
    }

    fn unreadable(&self, source: io::Error) -> InputError {
        InputError::Read { name: self.name(), source }
    }
}

/// Text has lines in UTF-8 without NUL. One bad line in a list is rejected as a line; a file most of
/// whose lines are bad is not a list.
fn is_binary(window: &[u8]) -> bool {
    let mut lines: Vec<_> = window.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    // The window may end within a line, even within a character.
    if window.len() == BUFFER_BYTES && lines.len() > 1 {
        lines.pop();
    }
    let garbage = lines.iter().filter(|line| line.contains(&0) || std::str::from_utf8(line).is_err()).count();
    garbage * 2 > lines.len()
}

/// One line of a list.
pub(super) struct Line {
    /// From 1.
    pub number: u64,
    /// Without its end, and without a byte order mark before the first.
    pub bytes: Vec<u8>,
    /// It was longer than [`LINE_BYTES`].
    pub truncated: bool,
}

/// The lines of a list.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    hash: Rc<RefCell<digest::Context>>,
    number: u64,
    at_end: bool,
}

impl Lines {
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut truncated = false;
        let mut any = false;
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                self.at_end = true;
                break;
            }
            any = true;
            let end = chunk.iter().position(|&b| b == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = LINE_BYTES - bytes.len();
            truncated |= part.len() > room;
            bytes.extend_from_slice(&part[..part.len().min(room)]);
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.reader.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(Line { number: self.number, bytes, truncated }))
    }

    /// The digest of the list's bytes as they came. A file that was not read to its end is read again; of a stream
    /// that was not there is none.
    pub(super) fn digest(self, source: &Source) -> Result<Option<String>, InputError> {
        if self.at_end {
            return Ok(Some(hex::encode(self.hash.borrow().clone().finish())));
        }
        match source.path() {
            Some(path) if path.is_file() => Ok(Some(files::digest_of(path)?.sha256)),
            _ => Ok(None),
        }
    }
}

/// Takes the digest of what passes.
struct Hashing {
    inner: Box<dyn Read>,
    hash: Rc<RefCell<digest::Context>>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.borrow_mut().update(&buffer[..count]);
        Ok(count)
    }
}
