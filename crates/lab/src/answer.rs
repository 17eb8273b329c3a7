//! What a recursive resolver would answer from the [`Tree`] (RFC 1034 §4.3.2, RFC 4592, RFC 6672,
//! RFC 4035 §3.1, RFC 5155 §7.2): aliases followed across zones, denials with their proofs. Nothing is
//! validated here: bogus data goes out as it is stored.

use std::collections::BTreeMap;

use super::wire::{Kind, Name};
use super::zone::{Proofs, Set, Tree, Zone, nsec3_hash};

/// A scripted fault of the resolver or of the servers behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// RCODE 2.
    Servfail,
    /// RCODE 5.
    Refused,
    /// No answer at all.
    Silent,
    /// TC over UDP, and over TCP the connection is closed.
    Truncated,
    /// The right answer to another question.
    WrongQuestion,
    /// A denial that comes without its NSEC or NSEC3 records.
    Unproven,
    /// Over UDP, before anything else, answers that only a forger sends: see [`super::dns`].
    Forged {
        /// The right answer follows.
        then_right: bool,
    },
    /// The whole answer over UDP, whatever size was asked for (RFC 6891 §6.2.3).
    Whole,
    /// The answer section is filled up to 64 KiB with records of other names that nobody asked about.
    Crowded,
    /// A compression pointer (RFC 1035 §4.1.4) that leads nowhere.
    Pointer(Pointer),
}

impl Fault {
    /// The question is answered all the same.
    fn answers(self) -> bool {
        matches!(self, Fault::Unproven | Fault::Forged { then_right: true } | Fault::Whole | Fault::Crowded)
    }
}

/// Where a compression pointer leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pointer {
    /// The owner of a record is a pointer to itself.
    Loop,
    /// The owner of a record points further down the message.
    Forward,
    /// The host in an MX record is a pointer to itself.
    TargetLoop,
}

/// Scripted faults by name; `None` stands for every type.
pub type Faults = BTreeMap<(Name, Option<Kind>), Fault>;

/// One record of an answer.
#[derive(Clone, Debug)]
pub struct Record {
    /// Owner name.
    pub owner: Name,
    /// Type.
    pub kind: Kind,
    /// Time to live, seconds.
    pub ttl: u32,
    /// Record data.
    pub data: Vec<u8>,
}

/// An answer, with its DNSSEC records; the sender leaves them out where they were not asked for.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// RCODE.
    pub code: u8,
    /// The answer section.
    pub answers: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// A fault met at the name or on the way.
    pub fault: Option<Fault>,
}

/// RCODE 2 (RFC 1035 §4.1.1).
pub const SERVFAIL: u8 = 2;
/// RCODE 3.
pub const NXDOMAIN: u8 = 3;
/// RCODE 5.
pub const REFUSED: u8 = 5;

/// Longest chain of aliases that is followed.
const MOST_ALIASES: usize = 12;

/// Answers one question.
pub fn answer(tree: &Tree, faults: &Faults, name: &Name, kind: Kind) -> Answer {
    let mut out = Answer::default();
    let mut name = name.clone();
    for _ in 0..=MOST_ALIASES {
        let fault = faults.get(&(name.clone(), Some(kind))).or_else(|| faults.get(&(name.clone(), None))).copied();
        out.fault = fault.or(out.fault);
        if fault.is_some_and(|fault| !fault.answers()) {
            return out;
        }
        let Some(zone) = tree.zone_for(&name, kind) else {
            out.code = SERVFAIL;
            return out;
        };
        let proven = fault != Some(Fault::Unproven);
        match step(zone, &name, kind, proven, &mut out) {
            Some(target) => name = target,
            None => return out,
        }
    }
    out.code = SERVFAIL;
    out
}

/// Answers from one zone; returns the name to go on with after an alias.
fn step(zone: &Zone, name: &Name, kind: Kind, proven: bool, out: &mut Answer) -> Option<Name> {
    for depth in zone.apex.depth()..name.depth() {
        let above = name.ancestor(depth);
        if let Some(set) = zone.nodes.get(&above).and_then(|sets| sets.get(&Kind::DNAME)) {
            // RFC 6672 §2.2 and 5.3.1: the DNAME is signed, the CNAME made from it is not.
            push(&mut out.answers, &above, Kind::DNAME, set);
            let target = name.rebased(&above, &target_of(set)?);
            let data = target.wire();
            out.answers.push(Record { owner: name.clone(), kind: Kind::CNAME, ttl: set.ttl, data });
            return Some(target);
        }
    }
    if let Some(sets) = zone.nodes.get(name) {
        if let Some(set) = sets.get(&kind) {
            push(&mut out.answers, name, kind, set);
            return None;
        }
        if let Some(set) = sets.get(&Kind::CNAME) {
            push(&mut out.answers, name, Kind::CNAME, set);
            return target_of(set);
        }
        deny(zone, name, Existence::Exists, proven, out);
        return None;
    }
    if exists(zone, name) {
        deny(zone, name, Existence::Exists, proven, out); // an empty non-terminal
        return None;
    }
    let encloser = closest_encloser(zone, name);
    let wildcard = encloser.child("*");
    let Some(sets) = zone.nodes.get(&wildcard) else {
        out.code = NXDOMAIN;
        deny(zone, name, Existence::Missing { encloser: &encloser }, proven, out);
        return None;
    };
    let found = sets.get(&kind).map(|set| (kind, set)).or_else(|| sets.get(&Kind::CNAME).map(|set| (Kind::CNAME, set)));
    let Some((found_kind, set)) = found else {
        deny(zone, name, Existence::WildcardWithoutType { encloser: &encloser }, proven, out);
        return None;
    };
    push(&mut out.answers, name, found_kind, set);
    if proven {
        // RFC 4035 §3.1.3.3, RFC 5155 §7.2.6: nothing closer matched.
        cover(zone, name, &encloser, &mut out.authority);
    }
    if found_kind == kind { None } else { target_of(set) }
}

enum Existence<'a> {
    Exists,
    Missing { encloser: &'a Name },
    WildcardWithoutType { encloser: &'a Name },
}

fn deny(zone: &Zone, name: &Name, existence: Existence, proven: bool, out: &mut Answer) {
    if let Some(set) = zone.nodes.get(&zone.apex).and_then(|sets| sets.get(&Kind::SOA)) {
        push(&mut out.authority, &zone.apex, Kind::SOA, set);
    }
    if !proven {
        return;
    }
    let authority = &mut out.authority;
    match existence {
        Existence::Exists => matching(zone, name, authority),
        Existence::Missing { encloser } => {
            if matches!(zone.proofs, Proofs::Nsec3 { .. }) {
                matching(zone, encloser, authority);
            }
            cover(zone, name, encloser, authority);
            cover_wildcard(zone, encloser, authority);
        }
        Existence::WildcardWithoutType { encloser } => {
            if matches!(zone.proofs, Proofs::Nsec3 { .. }) {
                matching(zone, encloser, authority);
            }
            cover(zone, name, encloser, authority);
            matching(zone, &encloser.child("*"), authority);
        }
    }
}

/// The denial record at `name`, or, where an opt-out zone has none there, the proof of RFC 5155 §7.2.4.
fn matching(zone: &Zone, name: &Name, authority: &mut Vec<Record>) {
    match &zone.proofs {
        Proofs::None => {}
        Proofs::Nsec(chain) => {
            // At an empty non-terminal the NSEC before it proves that it has no types.
            if let Some((owner, set)) = chain.range(..=name).next_back() {
                push_once(authority, owner, Kind::NSEC, set);
            }
        }
        Proofs::Nsec3 { iterations, chain } => match chain.get(&nsec3_hash(name, *iterations)) {
            Some((owner, set)) => push_once(authority, owner, Kind::NSEC3, set),
            None => {
                let proven = (zone.apex.depth()..name.depth())
                    .rev()
                    .map(|depth| name.ancestor(depth))
                    .find(|n| chain.contains_key(&nsec3_hash(n, *iterations)));
                if let Some(encloser) = proven {
                    matching(zone, &encloser, authority);
                    cover(zone, name, &encloser, authority);
                }
            }
        },
    }
}

/// Proof that nothing between `encloser` and `name` exists.
fn cover(zone: &Zone, name: &Name, encloser: &Name, authority: &mut Vec<Record>) {
    match &zone.proofs {
        Proofs::None => {}
        Proofs::Nsec(chain) => {
            if let Some((owner, set)) = chain.range(..=name).next_back() {
                push_once(authority, owner, Kind::NSEC, set);
            }
        }
        Proofs::Nsec3 { iterations, chain } => {
            cover_hash(chain, &nsec3_hash(&name.ancestor(encloser.depth() + 1), *iterations), authority);
        }
    }
}

fn cover_wildcard(zone: &Zone, encloser: &Name, authority: &mut Vec<Record>) {
    let wildcard = encloser.child("*");
    match &zone.proofs {
        Proofs::None => {}
        Proofs::Nsec(_) => cover(zone, &wildcard, encloser, authority),
        Proofs::Nsec3 { iterations, chain } => cover_hash(chain, &nsec3_hash(&wildcard, *iterations), authority),
    }
}

fn cover_hash(chain: &BTreeMap<Vec<u8>, (Name, Set)>, hash: &[u8], authority: &mut Vec<Record>) {
    // The last record of the chain covers what comes before the first.
    let found = chain.range(..hash.to_vec()).next_back().or_else(|| chain.iter().next_back());
    if let Some((_, (owner, set))) = found {
        push_once(authority, owner, Kind::NSEC3, set);
    }
}

fn exists(zone: &Zone, name: &Name) -> bool {
    zone.nodes.range(name.clone()..).next().is_some_and(|(node, _)| node.is_within(name))
}

fn closest_encloser(zone: &Zone, name: &Name) -> Name {
    (zone.apex.depth()..name.depth())
        .rev()
        .map(|depth| name.ancestor(depth))
        .find(|above| exists(zone, above))
        .unwrap_or_else(|| zone.apex.clone())
}

fn target_of(set: &Set) -> Option<Name> {
    Name::read(set.data.first()?, 0).map(|(name, _)| name)
}

fn push(section: &mut Vec<Record>, owner: &Name, kind: Kind, set: &Set) {
    let record = |kind, data: &Vec<u8>| Record { owner: owner.clone(), kind, ttl: set.ttl, data: data.clone() };
    section.extend(set.data.iter().map(|data| record(kind, data)));
    section.extend(set.signatures.iter().map(|data| record(Kind::RRSIG, data)));
}

fn push_once(section: &mut Vec<Record>, owner: &Name, kind: Kind, set: &Set) {
    if !section.iter().any(|r| r.kind == kind && r.owner == *owner) {
        push(section, owner, kind, set);
    }
}
