//! The certificates of a dataset, and each distinct validation done once.
//!
//! [`Certificates`] maps fingerprints to DER and interns chains, so that facts about an endpoint hold a number and no
//! copy. [`Validations`] remembers what [`mxcensus_rules::pkix`] and [`mxcensus_rules::dane`] said of a chain: a host that serves a
//! million domains is validated once, and so is a chain that serves a million hosts, under all trust stores together. None of it
//! changes an answer.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_128;

use mxcensus_rules::dane::{self, DaneReading, Usage};
use mxcensus_rules::observation::TlsaRecord;
use mxcensus_rules::pkix::{self, PkixReading, StoreReadings, TrustStore};

/// A chain as presented, leaf first, interned by [`Certificates::chain`]: its number, counted from 1.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChainId(NonZeroU32);

/// The number of a certificate of the table.
type Slot = u32;

/// A fingerprint that the table does not hold.
const LOST: Slot = Slot::MAX;

/// Chains side by side: four bytes for each certificate, ten for each chain.
#[derive(Debug, Default)]
struct Chains {
    slots: Vec<Slot>,
    /// Where each chain ends.
    ends: Vec<u32>,
    index: HashTable<ChainId>,
}

impl Chains {
    fn get(&self, id: ChainId) -> &[Slot] {
        chain_at(&self.slots, &self.ends, id)
    }

    /// The number of a chain. `None`: there are more than there are numbers.
    fn intern(&mut self, chain: &[Slot]) -> Option<ChainId> {
        let Self { slots, ends, index } = self;
        if let Some(&known) = index.find(hash_of(chain), |&id| chain_at(slots, ends, id) == chain) {
            return Some(known);
        }
        let end = u32::try_from(slots.len() + chain.len()).ok()?;
        let id = ChainId(NonZeroU32::new(u32::try_from(ends.len() + 1).ok()?)?);
        slots.extend(chain);
        ends.push(end);
        index.insert_unique(hash_of(chain), id, |&id| hash_of(chain_at(slots, ends, id)));
        Some(id)
    }
}

fn chain_at<'s>(slots: &'s [Slot], ends: &[u32], id: ChainId) -> &'s [Slot] {
    let at = id.0.get() as usize - 1;
    let end = |at: usize| ends.get(at).map_or(0, |end| *end as usize);
    slots.get(at.checked_sub(1).map_or(0, end)..end(at)).unwrap_or_default()
}

fn hash_of(chain: &[Slot]) -> u64 {
    let mut hasher = DefaultHasher::new();
    chain.hash(&mut hasher);
    hasher.finish()
}

/// Where the DER of certificates is kept: in memory, or in a file of the caller's. Certificates are
/// numbered from 0 in the order in which they come.
pub trait Shelf: Debug + Send + Sync {
    /// Takes the next one.
    fn push(&mut self, der: &[u8]);
    /// Gives one back; `None`: it was never taken, or cannot be read any more (the shelf keeps that error).
    fn get(&self, number: u32) -> Option<Cow<'_, [u8]>>;
}

impl Shelf for Vec<Box<[u8]>> {
    fn push(&mut self, der: &[u8]) {
        self.push(der.into());
    }

    fn get(&self, number: u32) -> Option<Cow<'_, [u8]>> {
        self.as_slice().get(number as usize).map(|der| Cow::Borrowed(&**der))
    }
}

/// Every certificate of the dataset. Fill it first (the `certificates` table), then read the other tables.
#[derive(Debug)]
pub struct Certificates {
    shelf: Box<dyn Shelf>,
    /// By a hash of the fingerprint: 21 bytes each, and no collision in any table that fits on a disk.
    by_fingerprint: HashMap<[u8; 16], Slot, BuildHasherDefault<Hashed>>,
    chains: Mutex<Chains>,
}

impl Default for Certificates {
    fn default() -> Self {
        Self::on(Box::<Vec<Box<[u8]>>>::default())
    }
}

impl Certificates {
    /// No certificate yet; they are kept in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// No certificate yet; they are kept on an empty shelf.
    pub fn on(shelf: Box<dyn Shelf>) -> Self {
        Self { shelf, by_fingerprint: HashMap::default(), chains: Mutex::default() }
    }

    /// Makes room for so many more, where their number is known.
    pub fn reserve(&mut self, certificates: usize) {
        self.by_fingerprint.reserve(certificates);
    }

    /// Takes a certificate in. A fingerprint that is there already keeps its first DER.
    pub fn insert(&mut self, sha256: &str, der: &[u8]) {
        let Some(number) = Slot::try_from(self.by_fingerprint.len()).ok().filter(|&number| number != LOST) else {
            return;
        };
        if let std::collections::hash_map::Entry::Vacant(free) = self.by_fingerprint.entry(key(sha256)) {
            free.insert(number);
            self.shelf.push(der);
        }
    }

    /// The number of a chain of fingerprints, leaf first. `None` for an empty chain.
    pub fn chain(&self, fingerprints: &[String]) -> Option<ChainId> {
        if fingerprints.is_empty() {
            return None;
        }
        let slot = |fingerprint: &String| self.by_fingerprint.get(&key(fingerprint)).copied().unwrap_or(LOST);
        let slots: Vec<Slot> = fingerprints.iter().map(slot).collect();
        lock(&self.chains).intern(&slots)
    }

    /// The certificates of a chain, leaf first, and whether the table holds them all. Without the leaf there is no
    /// chain to judge: an intermediate must not pass for it.
    fn ders(&self, id: ChainId) -> (Vec<Cow<'_, [u8]>>, bool) {
        let slots = lock(&self.chains).get(id).to_vec();
        if slots.first().is_none_or(|leaf| *leaf == LOST) {
            return (Vec::new(), false);
        }
        let ders: Vec<Cow<'_, [u8]>> = slots.iter().filter_map(|&number| self.shelf.get(number)).collect();
        let whole = ders.len() == slots.len();
        (ders, whole)
    }
}

/// What stands for a fingerprint.
fn key(fingerprint: &str) -> [u8; 16] {
    xxh3_128(fingerprint.as_bytes()).to_le_bytes()
}

/// The first eight bytes of what is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    // The length of an array, which tells nothing.
    fn write_usize(&mut self, _length: usize) {}
}

/// What the trust store and the TLSA records said of a chain.
#[derive(Debug)]
pub struct Validated<Reading> {
    /// The reading.
    pub reading: Reading,
    /// Whether the dataset holds every certificate of the chain. Where it does not, "invalid" is not known.
    pub whole: bool,
}

/// How many answers are remembered before all are forgotten: some 20 MB. What is asked often is soon back.
const REMEMBERED_MAX: usize = 1 << 16;

/// Remembers `key -> answer`.
type Memory<Key, Answer> = Mutex<HashMap<Key, Answer>>;
/// A shared answer.
type Known<Reading> = Arc<Validated<Reading>>;

/// When a chain is judged, as far as it makes a difference.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum When {
    /// After so many of its turning points ([`pkix::turning_points`]): at any instant between them the answer is one.
    After(usize),
    /// At this instant, seconds since 1970: its dates cannot be read.
    At(i64),
}

/// Chain and a hash of the reference identifier.
type NameKey = (ChainId, [u8; 16]);
/// Records, chain, reference identifiers, instant.
type DaneKey = (Arc<[TlsaRecord]>, ChainId, Box<[String]>, i64);

/// Validates chains of one set of certificates against trust stores, each question once.
pub struct Validations<'c> {
    certificates: &'c Certificates,
    stores: Vec<&'c TrustStore>,
    turning_points: Memory<ChainId, Option<Arc<[i64]>>>,
    paths: Memory<(ChainId, When), Known<StoreReadings>>,
    names: Memory<NameKey, bool>,
    dane: Memory<DaneKey, Known<DaneReading>>,
}

impl<'c> Validations<'c> {
    /// Nothing validated yet. Stores go by their place in `stores`.
    pub fn new(certificates: &'c Certificates, stores: Vec<&'c TrustStore>) -> Self {
        Self {
            certificates,
            stores,
            turning_points: Memory::default(),
            paths: Memory::default(),
            names: Memory::default(),
            dane: Memory::default(),
        }
    }

    /// How many stores there are.
    pub fn stores(&self) -> usize {
        self.stores.len()
    }

    /// The chain at an instant with the name left aside (RFC 5280 6), under every store. `None`: the dataset lacks the leaf.
    fn paths(&self, chain: ChainId, at_seconds: i64) -> Option<Known<StoreReadings>> {
        self.path(chain, self.when(chain, at_seconds)?, at_seconds)
    }

    /// Whether the leaf of a chain bears a name (RFC 9525 6). `None`: the dataset lacks it.
    fn is_named(&self, chain: ChainId, name: &str) -> Option<bool> {
        remembered(&self.names, (chain, key(name)), || {
            let (ders, _) = self.certificates.ders(chain);
            Some(pkix::leaf_names(ders.first()?, name))
        })
    }

    /// Its signatures are checked once, however many hosts show it.
    fn path(&self, chain: ChainId, when: When, at_seconds: i64) -> Option<Known<StoreReadings>> {
        remembered(&self.paths, (chain, when), || {
            let (ders, whole) = self.certificates.ders(chain);
            let ders: Vec<&[u8]> = ders.iter().map(AsRef::as_ref).collect();
            (!ders.is_empty()).then(|| {
                let reading = pkix::verify_path_under(&ders, at_seconds, &self.stores);
                Arc::new(Validated { reading, whole })
            })
        })
    }

    /// Between which turning points of the chain an instant lies.
    fn when(&self, chain: ChainId, at_seconds: i64) -> Option<When> {
        let points = remembered(&self.turning_points, chain, || {
            let (ders, _) = self.certificates.ders(chain);
            let ders: Vec<&[u8]> = ders.iter().map(AsRef::as_ref).collect();
            (!ders.is_empty()).then(|| pkix::turning_points(&ders).map(Arc::from))
        })?;
        Some(match points {
            Some(points) => When::After(points.partition_point(|&point| point <= at_seconds)),
            None => When::At(at_seconds),
        })
    }

    /// The chain against TLSA records (RFC 7672 3). `None`: the dataset lacks the leaf.
    pub fn dane(
        &self,
        records: &Arc<[TlsaRecord]>,
        chain: ChainId,
        reference_identifiers: &[&str],
        at_seconds: i64,
    ) -> Option<Known<DaneReading>> {
        // RFC 7671 §5.1: usage 3 knows no names, so without usage 2 every next-hop domain shares one answer.
        let named = records.iter().any(|record| record.usage() == Usage::DaneTa);
        let names: Box<[String]> =
            if named { reference_identifiers.iter().map(|&name| name.to_owned()).collect() } else { Box::default() };
        remembered(&self.dane, (Arc::clone(records), chain, names, at_seconds), || {
            let (ders, whole) = self.certificates.ders(chain);
            let ders: Vec<&[u8]> = ders.iter().map(AsRef::as_ref).collect();
            (!ders.is_empty()).then(|| {
                let reading = dane::verify(records, &ders, reference_identifiers, at_seconds);
                Arc::new(Validated { reading, whole })
            })
        })
    }
}

/// [`Validations`] as one of the stores has them, for one judgement of one domain.
///
/// It notes which other stores had every answer alike. A judgement is a function of its answers, so these stores would come to
/// the same one.
pub struct UnderStore<'v> {
    validations: &'v Validations<'v>,
    store: usize,
    alike: RefCell<Vec<bool>>,
}

impl<'v> UnderStore<'v> {
    /// Nothing asked yet; `store` is its place among the stores.
    pub fn new(validations: &'v Validations<'v>, store: usize) -> Self {
        Self { validations, store, alike: RefCell::new(vec![true; validations.stores()]) }
    }

    /// The certificates judged.
    pub fn certificates(&self) -> &'v Certificates {
        self.validations.certificates
    }

    /// The chain under a name at an instant (RFC 5280 6, RFC 9525 6). `None`: the dataset lacks the leaf.
    pub fn pkix(&self, chain: ChainId, name: &str, at_seconds: i64) -> Option<Validated<PkixReading>> {
        let known = self.validations.paths(chain, at_seconds)?;
        let reading = known.reading.of(self.store)?.clone();
        for (other, alike) in self.alike.borrow_mut().iter_mut().enumerate() {
            *alike = *alike && known.reading.is_alike(self.store, other);
        }
        let named = self.validations.is_named(chain, name)?;
        Some(Validated { reading: reading.under_name(named), whole: known.whole })
    }

    /// The chain against TLSA records (RFC 7672 3), which no store has a say in. `None`: the dataset lacks the leaf.
    pub fn dane(
        &self,
        records: &Arc<[TlsaRecord]>,
        chain: ChainId,
        reference_identifiers: &[&str],
        at_seconds: i64,
    ) -> Option<Known<DaneReading>> {
        self.validations.dane(records, chain, reference_identifiers, at_seconds)
    }

    /// For each store, in their order, whether every answer so far was the same as under this one.
    pub fn alike(self) -> Vec<bool> {
        self.alike.into_inner()
    }
}

fn remembered<Key: Eq + Hash, Answer: Clone>(
    memory: &Memory<Key, Answer>,
    key: Key,
    compute: impl FnOnce() -> Option<Answer>,
) -> Option<Answer> {
    if let Some(known) = lock(memory).get(&key) {
        return Some(known.clone());
    }
    // Computed without the lock: two threads may both do the work, and both get the same answer.
    let computed = compute()?;
    let mut memory = lock(memory);
    if memory.len() >= REMEMBERED_MAX {
        memory.clear();
    }
    memory.insert(key, computed.clone());
    Some(computed)
}

/// A panic elsewhere leaves a map that is still a map.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::BuildHasher;

    use super::*;
    use crate::tests::world::{Kind, MX, PKI};
    use mxcensus_rules::failure::Failure;
    use mxcensus_rules::pkix::testing::{JAN_2025, NOW, seconds};

    /// What was remembered of one instant must not answer for another.
    #[test]
    fn an_answer_is_of_its_instant() {
        let certificates = PKI.certificates();
        let together = Validations::new(&certificates, vec![&PKI.store]);
        let together = UnderStore::new(&together, 0);
        let chain = certificates.chain(&PKI.chain(Kind::Good)).unwrap();
        let (begins, ends) = (seconds(JAN_2025), seconds(crate::tests::world::VALID_UNTIL));
        let instants = [NOW, begins - 1, begins, ends - 1, ends, ends + 1, NOW, begins - 1];
        for at in instants {
            let alone = Validations::new(&certificates, vec![&PKI.store]);
            let alone = UnderStore::new(&alone, 0).pkix(chain, MX, at).unwrap();
            let answer = together.pkix(chain, MX, at).unwrap();
            assert_eq!(answer.reading.failures, alone.reading.failures, "at {at}");
        }
        let failures = |at| together.pkix(chain, MX, at).unwrap().reading.failures.clone();
        assert_eq!(failures(begins - 1), [Failure::CertNotYetValid]);
        assert_eq!(failures(NOW), []);
        assert_eq!(failures(ends + 1), [Failure::CertExpired]);
    }

    #[test]
    fn each_question_is_answered_once_and_memory_is_bounded() {
        let memory = Memory::<usize, usize>::default();
        let computed = Cell::new(0);
        let ask = |key: usize| {
            remembered(&memory, key, || {
                computed.set(computed.get() + 1);
                Some(key * 2)
            })
        };
        assert_eq!([ask(1), ask(2), ask(1), ask(2)], [Some(2), Some(4), Some(2), Some(4)]);
        assert_eq!(computed.get(), 2);
        for key in 0..REMEMBERED_MAX + 10 {
            assert_eq!(ask(key), Some(key * 2));
        }
        assert!(lock(&memory).len() <= REMEMBERED_MAX);
        assert_eq!(remembered(&memory, usize::MAX, || None), None);
    }

    #[test]
    fn fingerprints_are_spread_over_the_map() {
        let build = std::hash::BuildHasherDefault::<Hashed>::default();
        let first = key("ab");
        assert_eq!(build.hash_one(first).to_le_bytes(), first[..8]);
    }
}
