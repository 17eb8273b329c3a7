//! What the runs before noted about attempts that have no row.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use super::Note;
use crate::keys::{Once, endpoint_key, key};
use crate::limits::Limits;
use mxcensus_dataset::DatasetError;
use mxcensus_dataset::files::Staged;
use mxcensus_rules::observation::{EndpointRow, Micros, PolicyRow};

/// What was done about one endpoint or policy that has no row.
#[derive(Debug)]
pub struct Was<R> {
    /// Contacts made, or about to be made when the process ended.
    pub made: u32,
    /// What those saw that came to their end, where another was to follow.
    pub seen: Option<Box<R>>,
    /// The next one not before.
    pub due: Micros,
}

impl<R> Default for Was<R> {
    fn default() -> Self {
        Was { made: 0, seen: None, due: Micros::MIN }
    }
}

/// Everything that earlier runs noted about what has no row.
#[derive(Debug, Default)]
pub struct Earlier {
    endpoints: HashMap<u128, Was<EndpointRow>>,
    policies: HashMap<u128, Was<PolicyRow>>,
    /// Addresses that may not be rested yet, and until when they are to be left alone.
    resting: HashMap<IpAddr, Micros>,
    longest_wait: Duration,
    /// Servers that the watcher asked, as often as it did.
    asked: Vec<(String, IpAddr)>,
}

impl Earlier {
    /// The servers that the watcher of our own connection asked, each as often as it did; told once.
    pub fn take_asked(&mut self) -> Vec<(String, IpAddr)> {
        std::mem::take(&mut self.asked)
    }

    /// What another process noted, whose clock may be another: whatever has no row waits for a whole first retry from now, and
    /// the addresses that were noted last rest for so long from now.
    pub fn taken_over(
        notes: impl IntoIterator<Item = Note>,
        resting: impl IntoIterator<Item = (IpAddr, Duration)>,
        limits: &Limits,
        now: Micros,
        has_row: impl Fn(u128) -> bool,
    ) -> Self {
        let mut earlier = Earlier::none(limits);
        for note in notes {
            if matches!(note, Note::Asked { .. }) || subject(&note).is_some_and(|key| !has_row(key)) {
                earlier.take(note, limits);
            }
        }
        let due = now.saturating_add(micros(limits.retry_after(1).unwrap_or_default()));
        earlier.endpoints.values_mut().for_each(|was| was.due = due);
        earlier.policies.values_mut().for_each(|was| was.due = due);
        earlier.resting = resting.into_iter().map(|(ip, rest)| (ip, now.saturating_add(micros(rest)))).collect();
        earlier
    }

    /// Nothing was noted.
    fn none(limits: &Limits) -> Self {
        let waits = (1..=limits.retry_after_s.len()).filter_map(|attempt| limits.retry_after(attempt));
        Earlier { longest_wait: waits.max().unwrap_or_default(), ..Earlier::default() }
    }

    /// Whether nothing of this kind is left.
    pub fn has_no_endpoints(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// What was done about the endpoint with this key; told once.
    pub fn endpoint(&mut self, key: u128) -> Option<Was<EndpointRow>> {
        self.endpoints.remove(&key)
    }

    /// What was done about the policy with this key; told once.
    pub fn policy(&mut self, key: u128) -> Option<Was<PolicyRow>> {
        self.policies.remove(&key)
    }

    /// Mail servers that were contacted right before the process ended, and how long each is still to be left alone.
    pub fn resting(&self, now: Micros) -> impl Iterator<Item = (IpAddr, Duration)> {
        self.resting.iter().map(move |(&ip, &until)| (ip, until_then(until, now)))
    }

    /// How long from now on something waits that is due then. Where the clock was set back, no longer than a retry would.
    pub fn wait(&self, due: Micros, now: Micros) -> Duration {
        until_then(due, now).min(self.longest_wait)
    }

    fn take(&mut self, note: Note, limits: &Limits) {
        let after_a_loss = micros(limits.retry_after(1).unwrap_or_default());
        match note {
            Note::Contact { host, server_name, ip, at } => {
                let was = self.endpoints.entry(endpoint_key(&host, &server_name, ip)).or_default();
                was.made += 1;
                was.due = at.saturating_add(after_a_loss);
            }
            Note::Asked { host, ip, .. } => self.asked.push((host, ip)),
            Note::Retry { due, row } => {
                let Some(key) = key_of(&row) else { return };
                let was = self.endpoints.entry(key).or_default();
                (was.seen, was.due) = (Some(row), due);
            }
            Note::Fetch { domain, at } => {
                let was = self.policies.entry(policy_key(&domain)).or_default();
                was.made += 1;
                was.due = at.saturating_add(after_a_loss);
            }
            Note::Refetch { due, row } => {
                let was = self.policies.entry(policy_key(&row.domain)).or_default();
                (was.seen, was.due) = (Some(row), due);
            }
        }
    }
}

/// Reads the journal and leaves in it what is still needed. No journal: nothing was attempted.
pub(super) fn read(
    path: &Path,
    limits: &Limits,
    now: Micros,
    has_row: impl Fn(u128) -> bool,
) -> Result<Earlier, DatasetError> {
    let fail = |e| DatasetError::from_io(path, e);
    let lines = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Earlier::none(limits)),
        Err(e) => return Err(fail(e)),
    };
    let mut kept = Staged::create(path)?;
    let (earlier, unreadable) = read_lines(lines, limits, now, has_row, |line| kept.write_all(line)).map_err(fail)?;
    kept.publish()?;
    if unreadable > 0 {
        tracing::warn!("{}: {unreadable} lines cannot be read; what they told is lost", path.display());
    }
    Ok(earlier)
}

/// Reads a journal; gives the lines that are still needed to `keep`. The second value counts those that cannot be read.
pub(super) fn read_lines(
    mut lines: impl BufRead,
    limits: &Limits,
    now: Micros,
    has_row: impl Fn(u128) -> bool,
    mut keep: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<(Earlier, u64)> {
    let mut earlier = Earlier::none(limits);
    let spacing = micros(Duration::try_from_secs_f64(limits.address_spacing_s).unwrap_or_default());
    let (mut line, mut unreadable) = (Vec::new(), 0);
    loop {
        line.clear();
        // The last line lacks its end where the disk was full or the power failed.
        if lines.read_until(b'\n', &mut line)? == 0 || !line.ends_with(b"\n") {
            return Ok((earlier, unreadable));
        }
        let Ok(note) = serde_json::from_slice::<Note>(&line) else {
            unreadable += 1;
            continue;
        };
        // What the watcher asked counts whether there is a row or not.
        let needed = matches!(note, Note::Asked { .. }) || subject(&note).is_some_and(|key| !has_row(key));
        let rests = rests_until(&note, now, spacing);
        // The row may be there; the address rests all the same.
        if needed || rests.is_some() {
            keep(&line)?;
        }
        earlier.resting.extend(rests);
        if needed {
            earlier.take(note, limits);
        }
    }
}

/// The address of a contact that ended, if it did, less than `spacing` ago.
fn rests_until(note: &Note, now: Micros, spacing: Micros) -> Option<(IpAddr, Micros)> {
    match note {
        Note::Contact { ip, at, .. } | Note::Asked { ip, at, .. }
            if (now.saturating_sub(spacing)..=now).contains(at) =>
        {
            Some((*ip, at + spacing))
        }
        _ => None,
    }
}

/// The key of what a note is about.
fn subject(note: &Note) -> Option<u128> {
    match note {
        Note::Contact { host, server_name, ip, .. } => Some(endpoint_key(host, server_name, *ip)),
        Note::Asked { host, ip, .. } => Some(endpoint_key(host, host, *ip)),
        Note::Retry { row, .. } => key_of(row),
        Note::Fetch { domain, .. } => Some(policy_key(domain)),
        Note::Refetch { row, .. } => Some(policy_key(&row.domain)),
    }
}

fn key_of(row: &EndpointRow) -> Option<u128> {
    row.ip.parse().ok().map(|ip| endpoint_key(&row.host, &row.server_name, ip))
}

fn policy_key(domain: &str) -> u128 {
    key(Once::Policy, &[domain.as_bytes()])
}

fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}

fn until_then(due: Micros, now: Micros) -> Duration {
    Duration::from_micros(u64::try_from(due.saturating_sub(now)).unwrap_or(0))
}
