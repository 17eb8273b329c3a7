//! One MX host with TLSA records in two crawls: facts in, changes out. Pure.
//!
//! A certificate is renewed every few weeks; TLSA records have to follow (RFC 7671 §8.1, §8.4). Whether they did
//! is what this finds: [`compare`] looks at leaves, keys, records and the judged `dane_host` of both crawls.

use std::collections::{BTreeMap, BTreeSet};

use super::domain::{Standing, failure};
use crate::change::{Change, ChangeKind};
use mxcensus_rules::dane::{Usage, is_of_certificate, is_usable};
use mxcensus_rules::observation::{DnsStatus, TlsaLookup, TlsaRecord};
use mxcensus_rules::verdict::DaneHost;

/// What a crawl knows about the TLSA records of a host.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Tlsa {
    /// Not asked, or no answer.
    #[default]
    Unknown,
    /// Every name asked has none.
    Absent,
    /// The records, in no order.
    Present(BTreeSet<TlsaRecord>),
}

impl Tlsa {
    /// The records at the base domain that counts; without one, those of the first name that has any.
    pub fn of(lookups: Option<&[TlsaLookup]>, base: Option<&str>) -> Self {
        let lookups = lookups.unwrap_or_default();
        let found = |lookup: &&TlsaLookup| lookup.status == DnsStatus::Found && !lookup.records.is_empty();
        // RFC 7672 §2.2.3: the owner is the port and the base domain.
        let at_base = |lookup: &&TlsaLookup| base.is_some_and(|base| lookup.name == format!("_25._tcp.{base}"));
        let counting = lookups.iter().filter(at_base).find(found).or_else(|| lookups.iter().find(found));
        match counting {
            Some(lookup) => Tlsa::Present(lookup.records.iter().cloned().collect()),
            None if lookups.is_empty() || lookups.iter().any(|lookup| lookup.status == DnsStatus::Error) => {
                Tlsa::Unknown
            }
            None => Tlsa::Absent,
        }
    }
}

/// What one crawl knows of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostSight {
    /// Registrable domain of the host.
    pub provider: Option<String>,
    /// How many domains name it as their MX.
    pub domains: u64,
    /// The best word that any domain's row has: rows differ only by the names that usage 2 accepts.
    pub dane_host: Option<DaneHost>,
    /// The base domain that counts.
    pub tlsa_base: Option<String>,
    /// Its TLSA records.
    pub tlsa: Tlsa,
    /// The chains that its addresses presented, as fingerprints, leaf first.
    pub chains: BTreeSet<Vec<String>>,
}

impl HostSight {
    /// Takes in the word of one domain's row.
    pub fn add_word(&mut self, word: DaneHost) {
        self.dane_host = Some(self.dane_host.map_or(word, |known| if rank(word) < rank(known) { word } else { known }));
    }

    /// The leaves that its addresses presented.
    pub fn leaves(&self) -> BTreeSet<&str> {
        self.chains.iter().filter_map(|chain| chain.first()).map(String::as_str).collect()
    }
}

/// From best to worst; what could not be decided says least.
fn rank(word: DaneHost) -> u8 {
    match word {
        DaneHost::Match => 0,
        DaneHost::Partial => 1,
        DaneHost::Mismatch => 2,
        DaneHost::NoTls => 3,
        DaneHost::Unusable => 4,
        DaneHost::LookupFailed => 5,
        DaneHost::Insecure => 6,
        DaneHost::None => 7,
        DaneHost::Unknown => 8,
    }
}

/// What is known of certificates, by fingerprint.
#[derive(Debug, Default)]
pub struct KnownCertificates {
    /// `spki_sha256` of leaves.
    pub keys: BTreeMap<String, String>,
    /// The DER of certificates that OLD saw.
    pub ders: BTreeMap<String, Vec<u8>>,
}

/// Whether a mismatch of NEW is to be explained by what OLD saw; only then are OLD's certificates needed.
pub fn needs_certificates(new: &HostSight) -> bool {
    matches!(new.dane_host, Some(DaneHost::Mismatch | DaneHost::Partial)) && matches!(new.tlsa, Tlsa::Present(_))
}

/// Every change of a host that both crawls looked at, by kind.
pub fn compare(old: &HostSight, new: &HostSight, known: &KnownCertificates) -> Vec<Change> {
    let mut changes = Vec::new();
    match (&old.tlsa, &new.tlsa) {
        (Tlsa::Absent, Tlsa::Present(records)) => {
            changes.push(Change::new(ChangeKind::TlsaAdded, "", listed(records)));
        }
        (Tlsa::Present(records), Tlsa::Absent) => {
            changes.push(Change::new(ChangeKind::TlsaRemoved, listed(records), ""));
        }
        _ => {}
    }
    let (Some(was), Some(is)) = (old.dane_host, new.dane_host) else { return changes };
    if was != is && was != DaneHost::Unknown && is != DaneHost::Unknown {
        changes.push(Change::new(ChangeKind::VerdictChanged, was.word(), is.word()).of("dane_host"));
    }
    match (is_signed(was), is_signed(is)) {
        (Some(true), Some(false)) => {
            changes.push(Change::new(ChangeKind::DnssecLost, was.word(), is.word()).of("dane_host"));
        }
        (Some(false), Some(true)) => {
            changes.push(Change::new(ChangeKind::DnssecGained, was.word(), is.word()).of("dane_host"));
        }
        _ => {}
    }
    changes.extend(failure(standing(was), standing(is), was.word(), is.word()).map(|change| change.of("dane_host")));
    changes.extend(rollover(old, new, known));
    changes.extend(stale(old, new, known));
    changes.sort_by_key(|change| change.kind);
    changes
}

/// Whether DNSSEC covers addresses and TLSA records; none where the word does not tell.
fn is_signed(word: DaneHost) -> Option<bool> {
    match word {
        DaneHost::Insecure => Some(false),
        DaneHost::Match | DaneHost::Partial | DaneHost::Mismatch | DaneHost::NoTls | DaneHost::Unusable => Some(true),
        DaneHost::None | DaneHost::LookupFailed | DaneHost::Unknown => None,
    }
}

fn standing(word: DaneHost) -> Option<Standing> {
    match word {
        DaneHost::Match => Some(Standing::Passes),
        DaneHost::Partial | DaneHost::Mismatch | DaneHost::NoTls | DaneHost::Unusable | DaneHost::LookupFailed => {
            Some(Standing::Fails(word.word()))
        }
        DaneHost::None | DaneHost::Insecure => Some(Standing::Idle),
        DaneHost::Unknown => None,
    }
}

/// What became of records that matched, when certificate or records changed.
fn rollover(old: &HostSight, new: &HostSight, known: &KnownCertificates) -> Option<Change> {
    let (Tlsa::Present(records_before), Tlsa::Present(records_after)) = (&old.tlsa, &new.tlsa) else { return None };
    let (before, after) = (old.leaves(), new.leaves());
    if old.dane_host != Some(DaneHost::Match) || before.is_empty() || after.is_empty() {
        return None;
    }
    let is_broken = match new.dane_host? {
        DaneHost::Match => false,
        DaneHost::Mismatch | DaneHost::Partial => true,
        _ => return None,
    };
    let renewed = !after.is_subset(&before);
    let republished = records_before != records_after;
    let kind = match (renewed, is_broken, republished) {
        (true, false, _) => ChangeKind::RolloverKept,
        (true, true, _) => ChangeKind::RolloverBroke,
        (false, true, true) => ChangeKind::TlsaBroke,
        (false, true, false) | (false, false, _) => return None,
    };
    let keys = |leaves: &BTreeSet<&str>| -> BTreeSet<&String> {
        leaves.iter().filter_map(|leaf| known.keys.get(*leaf)).collect()
    };
    let key = if keys(&before).is_disjoint(&keys(&after)) { "new-key" } else { "same-key" };
    let records = if republished { "new-tlsa" } else { "same-tlsa" };
    let text = |leaves: BTreeSet<&str>| leaves.into_iter().collect::<Vec<_>>().join(" ");
    Some(Change::new(kind, text(before), text(after)).of(format!("{key} {records}")))
}

/// A usable record of NEW that names a certificate which OLD saw at this host and NEW does not.
fn stale(old: &HostSight, new: &HostSight, known: &KnownCertificates) -> Option<Change> {
    let Tlsa::Present(records) = &new.tlsa else { return None };
    if !needs_certificates(new) {
        return None;
    }
    let seen_now: BTreeSet<&String> = new.chains.iter().flatten().collect();
    let is_named = |position: usize, fingerprint: &String| {
        let Some(der) = known.ders.get(fingerprint) else { return false };
        records.iter().filter(|record| is_usable(record)).any(|record| {
            // RFC 7671 §5.1, §5.2: usage 3 is about the leaf, usage 2 about an issuer.
            (record.usage() == Usage::DaneEe) == (position == 0) && is_of_certificate(record, der)
        })
    };
    let forgotten: BTreeSet<&str> = old
        .chains
        .iter()
        .flat_map(|chain| chain.iter().enumerate())
        .filter(|(position, fingerprint)| !seen_now.contains(fingerprint) && is_named(*position, fingerprint))
        .map(|(_, fingerprint)| fingerprint.as_str())
        .collect();
    let leaves: Vec<&str> = new.leaves().into_iter().collect();
    (!forgotten.is_empty()).then(|| {
        let forgotten: Vec<&str> = forgotten.into_iter().collect();
        Change::new(ChangeKind::TlsaStale, forgotten.join(" "), leaves.join(" "))
    })
}

/// Records in their presentation form (RFC 6698 §2.2), one after the other.
fn listed(records: &BTreeSet<TlsaRecord>) -> String {
    let one = |record: &TlsaRecord| format!("{} {} {} {}", record.usage, record.selector, record.matching, record.data);
    records.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
