//! What the judge keeps of every MX host of a dataset, found by name.

use std::path::Path;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use crate::dataset::{DatasetError, for_each_row};
use crate::judge::{Certificates, HostFacts, HostLookup};
use crate::observation::{EndpointRow, MxHostRow};

/// The facts side by side, and an index of four bytes and a bit for each: a map from names would hold each name twice
/// and, growing, leave up to half of its room empty.
#[derive(Default)]
pub struct Hosts {
    facts: Vec<HostFacts>,
    index: HashTable<u32>,
}

impl Hosts {
    /// Reads the hosts and endpoints of the dataset at `root`.
    pub fn read(root: &Path, certificates: &Certificates) -> Result<Self, DatasetError> {
        let mut hosts = Hosts::default();
        for_each_row(root, |row: MxHostRow| {
            hosts.insert(HostFacts::new(&row));
            Ok::<(), DatasetError>(())
        })?;
        for_each_row(root, |row: EndpointRow| {
            if let Some(at) = hosts.position(&row.host) {
                hosts.facts[at].add(&row, certificates);
            }
            Ok::<(), DatasetError>(())
        })?;
        hosts.facts = hosts.facts.into_iter().map(HostFacts::finish).collect();
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
