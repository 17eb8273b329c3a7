//! What stands on the broker: the records of a slot's log, messages to a slot, and the entries of a crawl.
//!
//! All are JSON with a version; a reader refuses a higher one.

use std::net::IpAddr;
use std::sync::Arc;

use mxcensus_dataset::manifest::{PartFile, Tool};
use mxcensus_scan::attempts::Note;
use mxcensus_scan::frontier::{Child, HostAt};
use serde::{Deserialize, Serialize};

use crate::slots::Slots;

/// The version of everything here.
pub const VERSION: u32 = 1;

/// Bytes that a message may hold before the next is begun. A broker takes 1 MiB by default.
pub const MESSAGE_BYTES: usize = 192 * 1024;

/// Why something on the broker is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A later program wrote it.
    #[error(
        "the broker holds version {0}, and this mxcensus reads up to {VERSION}: use the version that began the crawl"
    )]
    Version(u32),
    /// It is none.
    #[error("the broker holds something that is no record of a crawl: {0}")]
    Malformed(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

/// Reads anything that has a version.
pub fn read<'d, T: Deserialize<'d>>(data: &'d [u8]) -> Result<T, RecordError> {
    let Versioned { v } = serde_json::from_slice(data)?;
    if v > VERSION {
        return Err(RecordError::Version(v));
    }
    Ok(serde_json::from_slice(data)?)
}

/// One record of a slot's log.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// Version.
    pub v: u32,
    /// The random word of the start that wrote it, and a number: no other record has it.
    pub id: String,
    /// The record that stood before it.
    pub prev: Option<String>,
    /// The start that wrote it.
    pub start: String,
    /// The number of the ownership, from 1 on.
    pub epoch: u64,
    /// What it says.
    pub what: What,
}

/// What a record says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Who owns the slot from here on. The owner before is refused.
    Begin {
        /// The worker.
        worker: String,
    },
    /// What is about to be done.
    Notes(Vec<Note>),
    /// These parts count, all or none.
    Checkpoint(Vec<PartOf>),
    /// Nothing is left of what came up to here.
    Idle {
        /// The last message to the slot that was taken.
        in_seq: u64,
    },
    /// The owner has left, with everything done that it had in hand.
    Released,
}

/// A part file and its table.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PartOf {
    /// The table.
    pub table: String,
    /// Name, rows, bytes, SHA-256.
    #[serde(flatten)]
    pub file: PartFile,
}

/// A message to a slot, from anybody: what rows lead to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Message {
    /// Version.
    pub v: u32,
    /// What belongs to the slot.
    pub children: Vec<Sent>,
}

/// What a row leads to, as it is sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sent {
    /// An MX host.
    Host(String),
    /// A policy domain.
    Policy(String),
    /// A host at an address.
    At {
        /// The MX host.
        host: String,
        /// The address.
        ip: IpAddr,
        /// The names for SNI.
        server_names: Vec<String>,
        /// The owner names of the host's TLSA answers.
        tlsa_names: Vec<String>,
        /// The names that the host is an alias of.
        aliases: Vec<String>,
    },
}

impl From<Child> for Sent {
    fn from(child: Child) -> Sent {
        match child {
            Child::Host(host) => Sent::Host(host.to_string()),
            Child::Policy(domain) => Sent::Policy(domain.to_string()),
            Child::At(at) => Sent::At {
                host: at.host.to_string(),
                ip: at.ip,
                server_names: at.server_names.iter().map(ToString::to_string).collect(),
                tlsa_names: at.tlsa_names.to_vec(),
                aliases: at.aliases.to_vec(),
            },
        }
    }
}

impl From<Sent> for Child {
    fn from(sent: Sent) -> Child {
        match sent {
            Sent::Host(host) => Child::Host(host.into()),
            Sent::Policy(domain) => Child::Policy(domain.into()),
            Sent::At { host, ip, server_names, tlsa_names, aliases } => Child::At(HostAt {
                host: host.into(),
                ip,
                server_names: server_names.into_iter().map(Arc::from).collect(),
                tlsa_names: tlsa_names.into(),
                aliases: aliases.into(),
            }),
        }
    }
}

/// What holds for the whole crawl.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spec {
    /// Version.
    pub v: u32,
    /// The name of the crawl on the broker.
    pub name: String,
    /// A random word that a new broker changes: who woke up from an old one publishes into nothing.
    pub incarnation: String,
    /// The program that began it.
    pub tool: Tool,
    /// The directory that all workers share.
    pub dir: String,
    /// How it is cut.
    pub slots: Slots,
    /// Seed of the order and of who is sampled.
    pub seed: u64,
    /// Seconds without a sign of life after which a worker is gone.
    pub gone_after_s: f64,
}

/// The opt-out list in force.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct OptOutInForce {
    /// Version.
    pub v: u32,
    /// What the list is called.
    pub name: String,
    /// Lower-case hex SHA-256 of its text, which lies in the crawl's directory.
    pub sha256: String,
}

/// Whether everything has its row.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Standing {
    /// Version.
    pub v: u32,
    /// No work is left, and none can come up.
    pub observed: bool,
}

/// A sign of life.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Beat {
    /// Version.
    pub v: u32,
    /// The worker.
    pub worker: String,
    /// Its start.
    pub start: String,
    /// Its run.
    pub run: u32,
    /// SHA-256 of the opt-out list that it obeys.
    pub opt_out: String,
    /// Slots that it holds.
    pub slots: usize,
    /// Rows of this run: domains, policies, MX hosts, endpoints.
    pub rows: [u64; 4],
    /// It has left.
    pub left: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_version_is_refused_and_ours_comes_back() {
        let record = Record {
            v: VERSION,
            id: "a-1".into(),
            prev: None,
            start: "a".into(),
            epoch: 1,
            what: What::Checkpoint(vec![PartOf { table: "domains".into(), file: PartFile::default() }]),
        };
        let text = serde_json::to_vec(&record).unwrap();
        assert_eq!(read::<Record>(&text).unwrap(), record);
        let later = String::from_utf8(text).unwrap().replace("\"v\":1", "\"v\":2");
        assert!(matches!(read::<Record>(later.as_bytes()), Err(RecordError::Version(2))));
        assert!(matches!(read::<Record>(b"{}"), Err(RecordError::Malformed(_))));
        assert!(matches!(read::<Record>(b"\xff"), Err(RecordError::Malformed(_))));
    }
}
