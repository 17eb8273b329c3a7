//! The certificates of a dataset, and each distinct validation done once.
//!
//! [`Certificates`] maps fingerprints to DER and interns chains, so that facts about an endpoint hold a number and no
//! copy. [`Validations`] remembers what [`crate::pkix::verify`] and [`crate::dane::verify`] said of a chain under a name
//! at an instant: a host that serves a million domains is validated once. Neither changes an answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dane::{self, DaneReading};
use crate::observation::TlsaRecord;
use crate::pkix::{self, PkixReading, TrustStore};

/// A chain as presented, leaf first, interned by [`Certificates::chain`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChainId(u32);

/// A certificate of the table, or a fingerprint that the table does not hold.
type Slot = Option<u32>;

#[derive(Debug, Default)]
struct Chains {
    ids: HashMap<Arc<[Slot]>, ChainId>,
    slots: Vec<Arc<[Slot]>>,
}

/// Every certificate of the dataset. Fill it first (the `certificates` table), then read the other tables.
#[derive(Debug, Default)]
pub struct Certificates {
    ders: Vec<Box<[u8]>>,
    by_fingerprint: HashMap<Box<str>, u32>,
    chains: Mutex<Chains>,
}

impl Certificates {
    /// No certificate yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a certificate in. A fingerprint that is there already keeps its first DER.
    pub fn insert(&mut self, sha256: &str, der: &[u8]) {
        if self.by_fingerprint.contains_key(sha256) {
            return;
        }
        if let Ok(index) = u32::try_from(self.ders.len()) {
            self.by_fingerprint.insert(sha256.into(), index);
            self.ders.push(der.into());
        }
    }

    /// How many certificates are held.
    pub fn len(&self) -> usize {
        self.ders.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.ders.is_empty()
    }

    /// The number of a chain of fingerprints, leaf first. `None` for an empty chain.
    pub fn chain(&self, fingerprints: &[String]) -> Option<ChainId> {
        if fingerprints.is_empty() {
            return None;
        }
        let slots: Arc<[Slot]> = fingerprints.iter().map(|f| self.by_fingerprint.get(f.as_str()).copied()).collect();
        let mut chains = lock(&self.chains);
        if let Some(id) = chains.ids.get(&slots) {
            return Some(*id);
        }
        let id = ChainId(u32::try_from(chains.slots.len()).ok()?);
        chains.slots.push(Arc::clone(&slots));
        chains.ids.insert(slots, id);
        Some(id)
    }

    /// The certificates of a chain, leaf first, and whether the table holds them all. Without the leaf there is no
    /// chain to judge: an intermediate must not pass for it.
    fn ders(&self, id: ChainId) -> (Vec<&[u8]>, bool) {
        let slots = lock(&self.chains).slots.get(id.0 as usize).cloned();
        let Some(slots) = slots.filter(|slots| slots.first().is_some_and(Option::is_some)) else {
            return (Vec::new(), false);
        };
        let ders: Vec<&[u8]> =
            slots.iter().flatten().filter_map(|&index| self.ders.get(index as usize)).map(AsRef::as_ref).collect();
        let whole = ders.len() == slots.len();
        (ders, whole)
    }
}

/// What the trust store and the TLSA records said of a chain.
#[derive(Debug)]
pub struct Validated<Reading> {
    /// The reading.
    pub reading: Reading,
    /// Whether the dataset holds every certificate of the chain. Where it does not, "invalid" is not known.
    pub whole: bool,
}

/// How many answers are remembered before all are forgotten: some 100 MB. What is asked often is soon back.
const REMEMBERED_MAX: usize = 1 << 18;

/// Remembers `key -> reading`.
type Memory<Key, Reading> = Mutex<HashMap<Key, Arc<Validated<Reading>>>>;

/// Chain, reference identifier, instant.
type PkixKey = (ChainId, Box<str>, i64);
/// Records, chain, reference identifiers, instant.
type DaneKey = (Arc<[TlsaRecord]>, ChainId, Box<[String]>, i64);

/// Validates chains of one set of certificates against one trust store, each question once.
pub struct Validations<'c> {
    certificates: &'c Certificates,
    trust_store: &'c TrustStore,
    pkix: Memory<PkixKey, PkixReading>,
    dane: Memory<DaneKey, DaneReading>,
}

impl<'c> Validations<'c> {
    /// Nothing validated yet.
    pub fn new(certificates: &'c Certificates, trust_store: &'c TrustStore) -> Self {
        Self { certificates, trust_store, pkix: Memory::default(), dane: Memory::default() }
    }

    /// The certificates judged.
    pub fn certificates(&self) -> &'c Certificates {
        self.certificates
    }

    /// The chain under a name at an instant (RFC 5280 6, RFC 9525 6). `None`: the dataset lacks the leaf.
    pub fn pkix(&self, chain: ChainId, name: &str, at_seconds: i64) -> Option<Arc<Validated<PkixReading>>> {
        remembered(&self.pkix, (chain, name.into(), at_seconds), || {
            let (ders, whole) = self.certificates.ders(chain);
            (!ders.is_empty())
                .then(|| Validated { reading: pkix::verify(&ders, name, at_seconds, self.trust_store), whole })
        })
    }

    /// The chain against TLSA records (RFC 7672 3). `None`: the dataset lacks the leaf.
    pub fn dane(
        &self,
        records: &Arc<[TlsaRecord]>,
        chain: ChainId,
        reference_identifiers: &[&str],
        at_seconds: i64,
    ) -> Option<Arc<Validated<DaneReading>>> {
        // RFC 7671 §5.1: usage 3 knows no names, so without usage 2 every next-hop domain shares one answer.
        let named = records.iter().any(|record| record.usage == 2);
        let names: Box<[String]> =
            if named { reference_identifiers.iter().map(|&name| name.to_owned()).collect() } else { Box::default() };
        remembered(&self.dane, (Arc::clone(records), chain, names, at_seconds), || {
            let (ders, whole) = self.certificates.ders(chain);
            (!ders.is_empty())
                .then(|| Validated { reading: dane::verify(records, &ders, reference_identifiers, at_seconds), whole })
        })
    }
}

fn remembered<Key: Eq + Hash, Reading>(
    memory: &Memory<Key, Reading>,
    key: Key,
    compute: impl FnOnce() -> Option<Validated<Reading>>,
) -> Option<Arc<Validated<Reading>>> {
    if let Some(known) = lock(memory).get(&key) {
        return Some(Arc::clone(known));
    }
    // Computed without the lock: two threads may both do the work, and both get the same answer.
    let computed = Arc::new(compute()?);
    let mut memory = lock(memory);
    if memory.len() >= REMEMBERED_MAX {
        memory.clear();
    }
    memory.insert(key, Arc::clone(&computed));
    Some(computed)
}

/// A panic elsewhere leaves a map that is still a map.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
