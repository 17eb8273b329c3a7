//! The journal of attempts: what would be forgotten when the process is killed, and must not be.
//!
//! A row becomes durable when its part file is closed; a connection is felt by the other side at once. So each contact is
//! noted *before* it is made, and what a failed attempt saw before it is repeated. `--resume` reads the notes about
//! whatever has no row ([`Earlier`]): the connections count (`connections_per_endpoint` holds for the crawl, not for the
//! process), the retries go on where they were, and nothing that may have been contacted is contacted again before the
//! first retry would have been (RFC 8461 3.3 forbids a policy fetch to be repeated within five minutes).
//!
//! A note is one `write` of one line: it outlives the process, though not a loss of power. The file is gone when the crawl
//! is complete.

mod earlier;
mod fence;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub use self::earlier::{Earlier, Was};
pub use self::fence::{Ask, Asks};
use super::limits::Limits;
use mxcensus_dataset::DatasetError;
use mxcensus_rules::observation::{EndpointRow, Micros, PolicyRow};

/// The name of the journal in the dataset.
pub const JOURNAL: &str = "attempts.jsonl";

/// One note.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A mail server is about to be contacted.
    Contact {
        /// The MX host.
        host: String,
        /// The name for SNI.
        server_name: String,
        /// The address.
        ip: IpAddr,
        /// When.
        at: Micros,
    },
    /// A server that answered before is about to be asked whether this machine still has a connection.
    Asked {
        /// Its name: the MX host, or the policy domain.
        host: String,
        /// The address.
        ip: IpAddr,
        /// When.
        at: Micros,
    },
    /// An endpoint was contacted in vain, and another attempt follows.
    Retry {
        /// Not before.
        due: Micros,
        /// What the attempts so far saw.
        row: Box<EndpointRow>,
    },
    /// A policy is about to be fetched.
    Fetch {
        /// The policy domain.
        domain: String,
        /// When.
        at: Micros,
    },
    /// A policy was fetched in vain, and another attempt follows.
    Refetch {
        /// Not before.
        due: Micros,
        /// What the attempts so far saw.
        row: Box<PolicyRow>,
    },
}

/// The journal of a crawl. Until [`Attempts::go_on`] there is no file, and nothing is noted.
#[derive(Debug, Default)]
pub struct Attempts {
    state: Mutex<State>,
    /// Where the notes go in place of a file.
    fence: Option<fence::Fence>,
}

#[derive(Debug, Default)]
struct State {
    open: Option<(File, PathBuf)>,
    /// Hosts beyond the budget of the listed names that lead to them, one a line.
    left_out: Option<(BufWriter<File>, PathBuf)>,
    error: Option<DatasetError>,
}

impl Attempts {
    /// A journal without a file: each note is asked for; the holder of [`Asks`] accepts it or drops it.
    pub fn fenced() -> (Attempts, Asks) {
        let (fence, asks) = fence::channel();
        (Attempts { state: Mutex::default(), fence: Some(fence) }, asks)
    }

    /// Makes a note, in the file or beyond the fence. False where that is not possible: what it is about must not be done.
    pub async fn note_down(&self, note: &Note) -> bool {
        match &self.fence {
            Some(fence) => fence.ask(note.clone()).await,
            None => self.note(note),
        }
    }

    /// Opens the journal of the dataset at `root` and gives what earlier runs noted about what has no row. `has_row` knows
    /// the keys of the frontier. What is no longer needed is left out of the file.
    pub fn go_on(
        &self,
        root: &Path,
        limits: &Limits,
        now: Micros,
        has_row: impl Fn(u128) -> bool,
    ) -> Result<Earlier, DatasetError> {
        let path = root.join(JOURNAL);
        let earlier = earlier::read(&path, limits, now, has_row)?;
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|e| DatasetError::from_io(&path, e))?;
        let left_out = unnamed(root)?;
        let mut state = self.state();
        (state.open, state.left_out) = (Some((file, path)), Some(left_out));
        drop(state);
        Ok(earlier)
    }

    /// Remembers a host that is beyond a budget: its row is written at the end, when nobody else can name it any more. On disk,
    /// since zones name hosts without end. False where that is not possible (see [`Attempts::take_error`]).
    pub fn leave_out(&self, host: &str) -> bool {
        let mut state = self.state();
        let State { left_out, error, .. } = &mut *state;
        let Some((file, path)) = left_out.as_mut().filter(|_| error.is_none()) else { return error.is_none() };
        *error = writeln!(file, "{host}").err().map(|e| DatasetError::from_io(path, e));
        error.is_none()
    }

    /// The hosts that were left out, some of them more than once; nothing after an error (see [`Attempts::take_error`]).
    pub fn take_left_out(&self) -> impl Iterator<Item = String> + use<'_> {
        let mut state = self.state();
        let rewound = state.left_out.take().map(|(file, path)| {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
            let file = file.and_then(|mut file| file.seek(SeekFrom::Start(0)).map(|_| file));
            file.map(|file| (file, path.clone())).map_err(|e| DatasetError::from_io(&path, e))
        });
        let rewound = rewound.transpose().unwrap_or_else(|error| {
            state.error.get_or_insert(error);
            None
        });
        drop(state);
        rewound.into_iter().flat_map(move |(file, path)| {
            BufReader::new(file).lines().map_while(move |line| match line {
                Ok(host) => Some(host),
                Err(error) => {
                    self.state().error.get_or_insert(DatasetError::from_io(&path, error));
                    None
                }
            })
        })
    }

    /// Makes a note. False where that is not possible (see [`Attempts::take_error`]): what it is about must not be done.
    pub fn note(&self, note: &Note) -> bool {
        let mut state = self.state();
        let State { open, error, .. } = &mut *state;
        let Some((file, path)) = open else { return true };
        if error.is_some() {
            return false;
        }
        let written = serde_json::to_vec(note).map_err(Into::into).and_then(|mut line| {
            line.push(b'\n');
            file.write_all(&line)
        });
        *error = written.err().map(|e| DatasetError::from_io(path, e));
        error.is_none()
    }

    /// Why a note could not be made.
    pub fn take_error(&self) -> Option<DatasetError> {
        self.state().error.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file below `root` that has no name any more, so that nothing is left of it however the process ends.
fn unnamed(root: &Path) -> Result<(BufWriter<File>, PathBuf), DatasetError> {
    let path = root.join(".left-out.tmp");
    let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&path);
    let file = file.and_then(|file| std::fs::remove_file(&path).map(|()| file));
    let file = file.map_err(|e| DatasetError::from_io(&path, e))?;
    Ok((BufWriter::new(file), path))
}

/// What a journal says, read without a file: for fuzzing. The second value counts the lines that cannot be read.
pub fn read_journal(journal: &[u8], limits: &Limits, now: Micros) -> (Earlier, u64) {
    // Bytes in memory can be read, and nothing is kept of them.
    earlier::read_lines(journal, limits, now, |_| false, |_| Ok(())).unwrap_or_default()
}

/// Removes the journal of a complete crawl.
pub fn remove(root: &Path) -> Result<(), DatasetError> {
    let path = root.join(JOURNAL);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(DatasetError::from_io(&path, e)),
        _ => Ok(()),
    }
}
