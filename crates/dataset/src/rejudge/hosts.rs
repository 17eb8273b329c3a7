//! What the judge keeps of every MX host of a dataset, found by name.

use std::path::Path;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::{judged_rows, rows_of};
use crate::{DatasetError, Row};
use mxcensus_judge::{Certificates, HostFacts, HostLookup};
use mxcensus_rules::observation::{EndpointRow, MxHostRow};

/// The facts side by side, and an index of four bytes and a bit for each: a map from names would hold each name twice
/// and, growing, leave up to half of its room empty.
pub(super) struct Hosts {
    facts: Vec<HostFacts>,
    index: HashTable<u32>,
}

impl Hosts {
    /// Reads the hosts and endpoints of the dataset at `root`.
    pub(super) fn read(root: &Path, certificates: &Certificates) -> Result<Self, DatasetError> {
        let rows = rows_of(root, MxHostRow::TABLE)?;
        let mut hosts = Hosts { facts: Vec::with_capacity(rows), index: HashTable::with_capacity(rows) };
        for row in judged_rows::<MxHostRow>(root)? {
            hosts.insert(HostFacts::new(&row?));
        }
        for row in judged_rows::<EndpointRow>(root)? {
            let row = row?;
            if let Some(at) = hosts.position(&row.host) {
                hosts.facts[at].add(&row, certificates);
            }
        }
        Ok(hosts)
    }

    fn insert(&mut self, facts: HostFacts) {
        // A table is read with one row per key, so a host comes once.
        let Ok(at) = u32::try_from(self.facts.len()) else { return };
        let Self { facts: known, index } = self;
        index.insert_unique(hash(&facts.host), at, |&at| hash(&known[at as usize].host));
        known.push(facts);
    }

    fn position(&self, host: &str) -> Option<usize> {
        let found = self.index.find(hash(host), |&at| &*self.facts[at as usize].host == host);
        found.map(|&at| at as usize)
    }
}

impl HostLookup for Hosts {
    fn host(&self, host: &str) -> Option<&HostFacts> {
        self.position(host).map(|at| &self.facts[at])
    }
}

fn hash(host: &str) -> u64 {
    xxh3_64(host.as_bytes())
}
