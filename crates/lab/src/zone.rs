//! The signed tree (RFC 4033 to 4035, 5155): [`ZoneSpec`]s in, [`Tree`] out, every RRset signed once
//! and stored. What a server that signs as it answers cannot do, this can: [`SetFault`] breaks one
//! RRset or a whole zone, and a denial can be left out.

use std::collections::{BTreeMap, BTreeSet};

use ring::digest;

use super::LabError;
use super::signing::{Algorithm, Validity, ZoneKey};
use super::wire::{Kind, Name, rdata};

/// How a zone denies existence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Denial {
    /// RFC 4034 §4.
    #[default]
    Nsec,
    /// RFC 5155; with opt-out unsigned delegations have no NSEC3 of their own (§6).
    Nsec3 {
        /// Extra rounds of the hash.
        iterations: u16,
        /// Whether unsigned delegations are left out.
        opt_out: bool,
    },
}

/// What the parent publishes for a signed zone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Link {
    /// The DS of the zone's key.
    #[default]
    Ds,
    /// Nothing: an island, insecure to everybody (RFC 4035 §4.3).
    Missing,
    /// A DS of another key: bogus.
    Mismatch,
}

/// What is wrong with the signatures over an RRset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SetFault {
    /// Expired a week ago.
    Expired,
    /// Begins next week.
    NotYetValid,
    /// One bit of the signature is flipped.
    Corrupted,
    /// There is none.
    Stripped,
}

/// A zone as a scene asks for it.
#[derive(Clone, Debug)]
pub struct ZoneSpec {
    /// The name of the zone.
    pub apex: Name,
    /// `None`: unsigned.
    pub signing: Option<Signing>,
}

/// How a zone is signed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signing {
    /// The algorithm of its key.
    pub algorithm: Algorithm,
    /// NSEC or NSEC3.
    pub denial: Denial,
    /// What the parent says.
    pub link: Link,
    /// What is wrong with every RRset.
    pub fault: Option<SetFault>,
    /// How many signatures with the right tag fail over each RRset, beside the right one; twice as many further keys have
    /// that tag (CVE-2023-50387). ECDSA only.
    pub colliding: u16,
}

/// One RRset as published.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Time to live, seconds.
    pub ttl: u32,
    /// Record data, one entry a record.
    pub data: Vec<Vec<u8>>,
    /// What is wrong with its signature.
    pub fault: Option<SetFault>,
}

/// Everything published, whatever zone it falls into.
pub type Published = BTreeMap<(Name, Kind), Records>;

/// An RRset with its stored signatures.
#[derive(Clone, Debug)]
pub struct Set {
    /// Time to live, seconds.
    pub ttl: u32,
    /// Record data.
    pub data: Vec<Vec<u8>>,
    /// RRSIG record data; empty when unsigned or stripped.
    pub signatures: Vec<Vec<u8>>,
}

/// The stored proofs of a zone.
pub enum Proofs {
    /// Unsigned.
    None,
    /// NSEC RRsets by owner.
    Nsec(BTreeMap<Name, Set>),
    /// NSEC3 RRsets by hash.
    Nsec3 {
        /// Extra rounds of the hash.
        iterations: u16,
        /// By hash of the original owner: NSEC3 owner and RRset.
        chain: BTreeMap<Vec<u8>, (Name, Set)>,
    },
}

/// A zone ready to be served.
pub struct Zone {
    /// The name of the zone.
    pub apex: Name,
    /// Its RRsets, denials apart.
    pub nodes: BTreeMap<Name, BTreeMap<Kind, Set>>,
    /// Its denials.
    pub proofs: Proofs,
}

/// Every zone, and the trust anchor.
pub struct Tree {
    /// By apex.
    pub zones: BTreeMap<Name, Zone>,
    /// DS of the root in zone-file form.
    pub trust_anchor: String,
}

/// NSEC3 salt: none (RFC 9276 §3.1).
const SALT: &[u8] = &[];
const NEGATIVE_TTL: u32 = 300;
const ZONE_TTL: u32 = 3600;

impl Tree {
    /// Signs the whole tree as of `now` (seconds since the Unix epoch).
    pub fn build(specs: &[ZoneSpec], published: &Published, now: u32) -> Result<Tree, LabError> {
        let by_apex: BTreeMap<&Name, &ZoneSpec> = specs.iter().map(|s| (&s.apex, s)).collect();
        let apexes: BTreeSet<&Name> = by_apex.keys().copied().collect();
        let mut keys: BTreeMap<&Name, ZoneKey> = BTreeMap::new();
        let mut contents: BTreeMap<&Name, BTreeMap<(Name, Kind), Records>> = BTreeMap::new();
        for spec in by_apex.values() {
            if let Some(signing) = spec.signing {
                keys.insert(&spec.apex, ZoneKey::generate(signing.algorithm)?);
            }
            contents.insert(&spec.apex, BTreeMap::new());
        }
        let server = Name::new("ns.lab-dns.net");
        for (&apex, spec) in &by_apex {
            let ns = Records { ttl: ZONE_TTL, data: vec![server.wire()], fault: None };
            if let Some(parent) = enclosing(&apexes, &apex.parent()).filter(|_| apex.depth() > 0) {
                let parent_contents = contents.entry(parent).or_default();
                parent_contents.insert((apex.clone(), Kind::NS), ns.clone());
                if let Some(ds) = delegation_signer(spec, &keys)? {
                    parent_contents
                        .insert((apex.clone(), Kind::DS), Records { ttl: ZONE_TTL, data: vec![ds], fault: None });
                }
            }
            let own = contents.entry(apex).or_default();
            let soa = rdata::soa(&server, &Name::new("hostmaster.lab-dns.net"));
            own.insert((apex.clone(), Kind::SOA), Records { ttl: NEGATIVE_TTL, data: vec![soa], fault: None });
            own.insert((apex.clone(), Kind::NS), ns);
            if let Some(key) = keys.get(apex) {
                let others = key.colliding(2 * usize::from(spec.signing.unwrap_or_default().colliding))?;
                let data = [vec![key.dnskey().to_vec()], others].concat();
                own.insert((apex.clone(), Kind::DNSKEY), Records { ttl: ZONE_TTL, data, fault: None });
            }
            if let Some(Signing { denial: Denial::Nsec3 { iterations, .. }, .. }) = spec.signing {
                // RFC 5155 §4.2
                let data = [&[1, 0][..], &iterations.to_be_bytes(), &[SALT.len() as u8], SALT].concat();
                own.insert((apex.clone(), Kind::NSEC3PARAM), Records { ttl: 0, data: vec![data], fault: None });
            }
        }
        for ((owner, kind), records) in published {
            let apex = enclosing(&apexes, owner).ok_or_else(|| LabError::World(format!("no zone holds {owner}")))?;
            contents.entry(apex).or_default().insert((owner.clone(), *kind), records.clone());
        }
        let mut zones = BTreeMap::new();
        for (apex, contents) in contents {
            let signer = match (keys.get(apex), by_apex.get(apex).and_then(|s| s.signing)) {
                (Some(key), Some(signing)) => Some(Signer { apex, key, signing, now }),
                _ => None,
            };
            zones.insert(apex.clone(), build_zone(apex, contents, signer.as_ref(), &apexes)?);
        }
        let root = keys.get(&Name::root()).ok_or_else(|| LabError::World("the root is not signed".into()))?;
        let ds = root.ds(&Name::root());
        let trust_anchor =
            format!(". 86400 IN DS {} {} {} {}\n", root.tag(), ds[2], ds[3], hex::encode_upper(&ds[4..]));
        Ok(Tree { zones, trust_anchor })
    }

    /// The zone that answers for `name`; for DS the parent side of a cut (RFC 4035 §3.1.4.1).
    pub fn zone_for(&self, name: &Name, kind: Kind) -> Option<&Zone> {
        let deepest = if kind == Kind::DS && name.depth() > 0 && self.zones.contains_key(name) {
            name.depth() - 1
        } else {
            name.depth()
        };
        (0..=deepest).rev().find_map(|depth| self.zones.get(&name.ancestor(depth)))
    }
}

fn enclosing<'a>(apexes: &BTreeSet<&'a Name>, name: &Name) -> Option<&'a Name> {
    (0..=name.depth()).rev().find_map(|depth| apexes.get(&name.ancestor(depth)).copied())
}

fn delegation_signer(spec: &ZoneSpec, keys: &BTreeMap<&Name, ZoneKey>) -> Result<Option<Vec<u8>>, LabError> {
    let (Some(signing), Some(key)) = (spec.signing, keys.get(&spec.apex)) else { return Ok(None) };
    Ok(match signing.link {
        Link::Ds => Some(key.ds(&spec.apex)),
        Link::Missing => None,
        Link::Mismatch => Some(ZoneKey::generate(signing.algorithm)?.ds(&Name::new("another.key"))),
    })
}

struct Signer<'a> {
    apex: &'a Name,
    key: &'a ZoneKey,
    signing: Signing,
    now: u32,
}

impl Signer<'_> {
    fn set(&self, owner: &Name, kind: Kind, records: &Records) -> Result<Set, LabError> {
        let fault = records.fault.or(self.signing.fault);
        let mut validity = Validity::around(self.now);
        match fault {
            Some(SetFault::Expired) => {
                validity = Validity { from: self.now - 60 * 86_400, until: self.now - 7 * 86_400 };
            }
            Some(SetFault::NotYetValid) => {
                validity = Validity { from: self.now + 7 * 86_400, until: self.now + 60 * 86_400 };
            }
            _ => {}
        }
        let mut signatures = Vec::new();
        if fault != Some(SetFault::Stripped) {
            let mut signature = self.key.sign(self.apex, owner, kind, records.ttl, &records.data, validity)?;
            if let (Some(SetFault::Corrupted), Some(last)) = (fault, signature.last_mut()) {
                *last ^= 1;
            }
            let failing = (1..=self.signing.colliding).map(|n| {
                let mut failing = signature.clone();
                let end = failing.len() - 2;
                failing[end..].iter_mut().zip(n.to_be_bytes()).for_each(|(byte, n)| *byte ^= n);
                failing
            });
            signatures.extend(failing);
            // The keys verify at once: the trap is in what they sign.
            let at = if kind == Kind::DNSKEY { 0 } else { signatures.len() };
            signatures.insert(at, signature.clone());
        }
        Ok(Set { ttl: records.ttl, data: records.data.clone(), signatures })
    }
}

fn build_zone(
    apex: &Name,
    contents: BTreeMap<(Name, Kind), Records>,
    signer: Option<&Signer>,
    apexes: &BTreeSet<&Name>,
) -> Result<Zone, LabError> {
    let mut nodes: BTreeMap<Name, BTreeMap<Kind, Set>> = BTreeMap::new();
    for ((owner, kind), records) in contents {
        let is_cut = owner != *apex && apexes.contains(&owner);
        // RFC 4035 §2.2: the NS RRset of a delegation is not signed, its DS is.
        let signer = signer.filter(|_| !(is_cut && kind == Kind::NS));
        let set = match signer {
            Some(signer) => signer.set(&owner, kind, &records)?,
            None => Set { ttl: records.ttl, data: records.data, signatures: Vec::new() },
        };
        nodes.entry(owner).or_default().insert(kind, set);
    }
    let proofs = match signer {
        None => Proofs::None,
        Some(signer) => match signer.signing.denial {
            Denial::Nsec => Proofs::Nsec(nsec_chain(&nodes, signer)?),
            Denial::Nsec3 { iterations, opt_out } => {
                Proofs::Nsec3 { iterations, chain: nsec3_chain(apex, &nodes, signer, iterations, opt_out)? }
            }
        },
    };
    Ok(Zone { apex: apex.clone(), nodes, proofs })
}

fn nsec_chain(nodes: &BTreeMap<Name, BTreeMap<Kind, Set>>, signer: &Signer) -> Result<BTreeMap<Name, Set>, LabError> {
    let owners: Vec<&Name> = nodes.keys().collect();
    let mut chain = BTreeMap::new();
    for (i, (owner, sets)) in nodes.iter().enumerate() {
        let next = owners[(i + 1) % owners.len()];
        let kinds = sets.keys().copied().chain([Kind::RRSIG, Kind::NSEC]);
        let data = vec![[next.wire(), type_bitmap(kinds)].concat()];
        let records = Records { ttl: NEGATIVE_TTL, data, fault: None };
        chain.insert(owner.clone(), signer.set(owner, Kind::NSEC, &records)?);
    }
    Ok(chain)
}

fn nsec3_chain(
    apex: &Name,
    nodes: &BTreeMap<Name, BTreeMap<Kind, Set>>,
    signer: &Signer,
    iterations: u16,
    opt_out: bool,
) -> Result<BTreeMap<Vec<u8>, (Name, Set)>, LabError> {
    let mut hashed: BTreeMap<Vec<u8>, Vec<Kind>> = BTreeMap::new();
    for (owner, sets) in nodes {
        let is_insecure_cut = owner != apex && sets.contains_key(&Kind::NS) && !sets.contains_key(&Kind::DS);
        if opt_out && is_insecure_cut {
            continue; // RFC 5155 §7.1: left out of the chain
        }
        let mut kinds: Vec<Kind> = sets.keys().copied().collect();
        if !is_insecure_cut {
            kinds.push(Kind::RRSIG);
        }
        hashed.insert(nsec3_hash(owner, iterations), kinds);
        // RFC 5155 §7.1: empty non-terminals have an NSEC3 too.
        for depth in apex.depth() + 1..owner.depth() {
            hashed.entry(nsec3_hash(&owner.ancestor(depth), iterations)).or_default();
        }
    }
    let hashes: Vec<&Vec<u8>> = hashed.keys().collect();
    let mut chain = BTreeMap::new();
    for (i, (hash, kinds)) in hashed.iter().enumerate() {
        let next = hashes[(i + 1) % hashes.len()];
        let mut data = vec![1, u8::from(opt_out)];
        data.extend_from_slice(&iterations.to_be_bytes());
        data.push(SALT.len() as u8);
        data.extend_from_slice(SALT);
        data.push(next.len() as u8);
        data.extend_from_slice(next);
        data.extend_from_slice(&type_bitmap(kinds.iter().copied()));
        let owner = apex.child(&base32hex(hash));
        let records = Records { ttl: NEGATIVE_TTL, data: vec![data], fault: None };
        let set = signer.set(&owner, Kind::NSEC3, &records)?;
        chain.insert(hash.clone(), (owner, set));
    }
    Ok(chain)
}

/// The iterated hash of RFC 5155 §5.
pub fn nsec3_hash(name: &Name, iterations: u16) -> Vec<u8> {
    let algorithm = &digest::SHA1_FOR_LEGACY_USE_ONLY;
    let mut hash = digest::digest(algorithm, &[&name.wire(), SALT].concat());
    for _ in 0..iterations {
        hash = digest::digest(algorithm, &[hash.as_ref(), SALT].concat());
    }
    hash.as_ref().to_vec()
}

/// Lower-case base32hex without padding (RFC 4648 §7, RFC 5155 §3.3).
pub fn base32hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut block = [0u8; 8];
        block[3..3 + chunk.len()].copy_from_slice(chunk);
        let value = u64::from_be_bytes(block);
        for i in 0..(chunk.len() * 8).div_ceil(5) {
            out.push(char::from(DIGITS[((value >> (35 - 5 * i)) & 31) as usize]));
        }
    }
    out
}

/// The type bit maps of RFC 4034 §4.1.2.
pub fn type_bitmap(kinds: impl Iterator<Item = Kind>) -> Vec<u8> {
    let mut windows: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    for Kind(number) in kinds {
        let bits = windows.entry((number >> 8) as u8).or_default();
        let (byte, bit) = (usize::from(number & 0xff) / 8, number % 8);
        if bits.len() <= byte {
            bits.resize(byte + 1, 0);
        }
        bits[byte] |= 0x80 >> bit;
    }
    windows.into_iter().flat_map(|(window, bits)| [&[window, bits.len() as u8][..], &bits].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_bitmaps_follow_the_examples_of_the_rfcs() {
        // RFC 4034 §4.3: A MX RRSIG NSEC TYPE1234
        let kinds = [Kind::A, Kind::MX, Kind::RRSIG, Kind::NSEC, Kind(1234)];
        let mut expected = vec![0x00, 0x06, 0x40, 0x01, 0x00, 0x00, 0x00, 0x03, 0x04, 0x1b];
        expected.extend([0u8; 26]);
        expected.push(0x20);
        assert_eq!(type_bitmap(kinds.into_iter()), expected);
        // RFC 4648 §10
        assert_eq!(base32hex(b"foobar"), "cpnmuoj1e8");
        // Unsalted SHA-1 of the wire form of "example", no extra round: a digest of 20 bytes, 32 digits.
        assert_eq!(base32hex(&nsec3_hash(&Name::new("example"), 0)).len(), 32);
    }
}
