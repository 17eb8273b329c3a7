//! One DNS message: the question as sent, and what an answer says (RFC 1035 4, RFC 6604, RFC 2308).
//!
//! [`Question`] is made once per look-up and sent as often as needed. [`read`] follows the chain of
//! CNAMEs from the question's name, whatever the order of the records, and collects the records at its
//! end. It judges nothing: whether the answer may be believed is for [`super::validate`] to say.

use bytes::Bytes;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable};

use super::{Data, names};
use mxcensus_rules::observation::TlsaRecord;

/// Aliases followed from one question. Unbound follows 11; nothing that works has more.
pub(super) const MAX_HOPS: usize = 16;
/// MX records kept of one answer: the largest real sets have a few dozen.
const MAX_MX: usize = 1_000;
/// Addresses kept of one answer: the largest real sets have a few dozen.
const MAX_ADDRESSES: usize = 256;
/// TXT records kept of one answer, …
const MAX_TXT: usize = 256;
/// … and their bytes in all: a DNS message holds no more than 64 KiB.
const MAX_TXT_BYTES: usize = 64 * 1024;
/// TLSA records kept of one answer: senders have trouble with more than a dozen.
const MAX_TLSA: usize = 256;
/// Name servers kept of one answer: the root has 13, and more than a dozen do not fit into a referral of 512 bytes.
const MAX_NS: usize = 32;

/// The UDP payload that we say we can take: 1232 bytes pass every path unfragmented (DNS Flag Day 2020).
pub(super) const UDP_PAYLOAD: u16 = 1232;
/// Bytes of the message header (RFC 1035 4.1.1).
pub(super) const HEADER: usize = 12;
/// Bytes of an OPT record without options (RFC 6891 6.1.2).
const OPT: usize = 11;
/// RD in the third octet of the header (RFC 1035 4.1.1).
const RECURSION_DESIRED: u8 = 0x01;

/// The bits of a question that depend on the DNSSEC mode.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Flags {
    /// DNSSEC records are wanted (RFC 3225).
    pub dnssec_ok: bool,
    /// The resolver is not to validate (RFC 4035 3.2.2).
    pub checking_disabled: bool,
    /// The value of AD in the answer is wanted (RFC 6840 5.7).
    pub authentic_data: bool,
}

/// A question ready to be sent, once with EDNS and once without.
#[derive(Clone, Debug)]
pub(super) struct Question {
    with_edns: Bytes,
    plain_length: usize,
}

impl Question {
    /// Encodes a question (RFC 1035 4.1.1, 4.1.2; EDNS: RFC 6891 6.1.2). By hand: it is made for every look-up, and
    /// a codec that can write anything takes longer to write this than the kernel takes to send it.
    pub(super) fn new(name: &Name, kind: RecordType, flags: Flags) -> Self {
        let mut bytes = Vec::with_capacity(HEADER + name.len() + 1 + 4 + OPT);
        let second = (u8::from(flags.authentic_data) << 5) | (u8::from(flags.checking_disabled) << 4);
        bytes.extend([0, 0, RECURSION_DESIRED, second, 0, 1, 0, 0, 0, 0, 0, 1]);
        for label in name.iter() {
            // A name holds no label above 63 octets (RFC 1035 2.3.4).
            bytes.push(label.len() as u8);
            bytes.extend_from_slice(label);
        }
        bytes.push(0);
        bytes.extend(u16::from(kind).to_be_bytes());
        bytes.extend(u16::from(DNSClass::IN).to_be_bytes());
        let plain_length = bytes.len();
        let [high, low] = UDP_PAYLOAD.to_be_bytes();
        bytes.extend([0, 0, 41, high, low, 0, 0, u8::from(flags.dnssec_ok) << 7, 0, 0, 0]);
        Self { with_edns: bytes.into(), plain_length }
    }

    /// The bytes to send under an id.
    pub(super) fn packet(&self, id: u16, edns: bool) -> Vec<u8> {
        let mut packet = self.with_edns[..if edns { self.with_edns.len() } else { self.plain_length }].to_vec();
        packet[..2].copy_from_slice(&id.to_be_bytes());
        if !edns {
            // The count of additional records (RFC 1035 4.1.1).
            packet[10..HEADER].fill(0);
        }
        packet
    }

    /// The question section: name, type and class.
    pub(super) fn section(&self) -> Bytes {
        self.with_edns.slice(HEADER..self.plain_length)
    }
}

/// Whether a packet can be the answer to a question: a response with the same question (RFC 5452 9.1).
/// The caller checks the id and the sender's address.
pub(super) fn answers(packet: &[u8], question_section: &[u8]) -> bool {
    let Some((header, rest)) = packet.split_at_checked(HEADER) else { return false };
    let response = header[2] & 0x80 != 0;
    let query_opcode = header[2] & 0x78 == 0;
    if !response || !query_opcode {
        return false;
    }
    match u16::from_be_bytes([header[4], header[5]]) {
        1 => rest.get(..question_section.len()).is_some_and(|section| section.eq_ignore_ascii_case(question_section)),
        // A server that understood nothing may leave the question out (FORMERR, NOTIMP …).
        0 => header[3] & 0x0f != 0 && packet.len() < 64,
        _ => false,
    }
}

/// Whether a packet says that it was cut short (TC).
pub(super) fn is_truncated(packet: &[u8]) -> bool {
    packet.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// One alias of a chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Hop {
    /// The alias.
    pub owner: Name,
    /// Where it points.
    pub target: Name,
    /// The DNAME that the alias was made from (RFC 6672 3.1), by its owner.
    pub dname: Option<Name>,
}

/// What one answer says about one question.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// The last name of the chain does not exist (RFC 6604 3: the code speaks of that name).
    pub nxdomain: bool,
    /// The chain of aliases, first to last.
    pub hops: Vec<Hop>,
    /// The last name of the chain.
    pub last: Name,
    /// The records of the kind asked for at the last name, in the order of the message.
    pub records: Vec<Data>,
    /// The lowest time to live on the way, or of the denial (RFC 2308 5), seconds.
    pub ttl: Option<u32>,
    /// More records than we keep.
    pub truncated: bool,
    /// The apex of the zone that the last name is in, by the SOA of the denial (RFC 2308 2.2).
    pub apex: Option<Name>,
    /// A signature over the records asked for came with them (RFC 4034 3).
    pub signed: bool,
}

impl Reading {
    /// The chain was followed only part of the way: its last name has to be asked about again.
    pub(super) fn is_partial(&self) -> bool {
        !self.hops.is_empty() && self.records.is_empty() && !self.nxdomain && self.apex.is_none()
    }
}

/// The chain of aliases is longer than [`MAX_HOPS`], or a circle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct TooManyHops;

/// Reads an answer with the code NOERROR or NXDOMAIN to a question for records of type `wanted`.
pub(super) fn read(question: &Name, wanted: RecordType, message: &Message) -> Result<Reading, TooManyHops> {
    let mut hops: Vec<Hop> = Vec::new();
    let mut ttl: Option<u32> = None;
    let mut last = question.clone();
    // A question for the alias itself is not redirected by it (RFC 1034 3.6.2).
    if !matches!(wanted, RecordType::CNAME | RecordType::DNAME) {
        while let Some((hop, hop_ttl)) = next_hop(&last, &message.answers) {
            if hops.len() == MAX_HOPS {
                return Err(TooManyHops);
            }
            ttl = Some(ttl.map_or(hop_ttl, |t| t.min(hop_ttl)));
            last = hop.target.clone();
            hops.push(hop);
        }
    }
    let mut kept = Kept::default();
    for record in at(&last, wanted, &message.answers) {
        ttl = Some(ttl.map_or(record.ttl, |t| t.min(record.ttl)));
        kept.push(&record.data);
    }
    let nxdomain = message.metadata.response_code == ResponseCode::NXDomain && kept.records.is_empty();
    let mut apex: Option<&Name> = None;
    if kept.records.is_empty() {
        for record in &message.authorities {
            if let RData::SOA(soa) = &record.data
                && record.name.zone_of(&last)
            {
                // Of two the deeper is the one that the name is in.
                apex = apex.into_iter().chain([&record.name]).max_by_key(|name| name.num_labels());
                // RFC 2308 5: the lesser of the SOA's own time to live and its MINIMUM.
                let negative = record.ttl.min(soa.minimum);
                ttl = Some(ttl.map_or(negative, |t| t.min(negative)));
            }
        }
    }
    let apex = apex.cloned();
    let signed = at(&last, RecordType::RRSIG, &message.answers).any(|record| covers(&record.data, wanted));
    Ok(Reading { nxdomain, hops, last, records: kept.records, ttl, truncated: kept.truncated, apex, signed })
}

/// Whether a signature is one over records of this type: its first field says (RFC 4034 3.1.1).
fn covers(signature: &RData, kind: RecordType) -> bool {
    // As bytes: whether the library has a type of its own for a signature depends on how it was built.
    signature.to_bytes().is_ok_and(|bytes| bytes.starts_with(&u16::from(kind).to_be_bytes()))
}

/// Records of one name and type, class IN.
fn at<'a>(name: &'a Name, kind: RecordType, records: &'a [Record]) -> impl Iterator<Item = &'a Record> {
    records.iter().filter(move |r| r.record_type() == kind && r.dns_class == DNSClass::IN && r.name == *name)
}

/// The alias at a name: its CNAME, or what a DNAME above it makes of it.
fn next_hop(name: &Name, records: &[Record]) -> Option<(Hop, u32)> {
    let dname = records
        .iter()
        .filter(|r| r.record_type() == RecordType::DNAME && r.dns_class == DNSClass::IN)
        .find_map(|r| Some((r, names::substitute(name, &r.name, &dname_target(&r.data)?)?)));
    // Two CNAMEs at one name are an error of the owner (RFC 2181 10.1): the least counts, so that the
    // order of records makes no difference.
    let cname = at(name, RecordType::CNAME, records)
        .filter_map(|r| if let RData::CNAME(target) = &r.data { Some((&target.0, r.ttl)) } else { None })
        .min();
    match (cname, dname) {
        (Some((target, ttl)), Some((record, made))) if *target == made => Some((
            Hop { owner: name.clone(), target: target.clone(), dname: Some(record.name.clone()) },
            ttl.min(record.ttl),
        )),
        (Some((target, ttl)), _) => Some((Hop { owner: name.clone(), target: target.clone(), dname: None }, ttl)),
        (None, Some((record, made))) => {
            Some((Hop { owner: name.clone(), target: made, dname: Some(record.name.clone()) }, record.ttl))
        }
        (None, None) => None,
    }
}

/// The target of a DNAME: a name that is never compressed (RFC 6672 2.5).
fn dname_target(data: &RData) -> Option<Name> {
    match data {
        RData::Unknown { rdata, .. } => Name::read(&mut BinDecoder::new(&rdata.anything)).ok(),
        _ => None,
    }
}

/// Records kept of an answer, up to the caps.
#[derive(Default)]
struct Kept {
    records: Vec<Data>,
    bytes: usize,
    truncated: bool,
}

impl Kept {
    fn push(&mut self, data: &RData) {
        let (cap, bytes) = match data {
            RData::MX(_) => (MAX_MX, 0),
            RData::TXT(txt) => (MAX_TXT, txt.txt_data.iter().map(|s| s.len()).sum()),
            RData::TLSA(_) => (MAX_TLSA, 0),
            RData::NS(_) => (MAX_NS, 0),
            _ => (MAX_ADDRESSES, 0),
        };
        if self.records.len() >= cap || self.bytes + bytes > MAX_TXT_BYTES {
            self.truncated = true;
            return;
        }
        if let Some(data) = datum(data) {
            self.bytes += bytes;
            self.records.push(data);
        }
    }
}

fn datum(data: &RData) -> Option<Data> {
    Some(match data {
        RData::A(address) => Data::A(address.0),
        RData::AAAA(address) => Data::Aaaa(address.0),
        RData::MX(mx) => Data::Mx { preference: mx.preference, host: names::text(&mx.exchange) },
        RData::TXT(txt) => Data::Txt(joined(txt)),
        RData::TLSA(tlsa) => Data::Tlsa(TlsaRecord {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: hex::encode(&tlsa.cert_data),
        }),
        RData::CNAME(target) => Data::Cname(names::text(&target.0)),
        RData::NS(server) => Data::Ns(names::text(&server.0)),
        other if other.record_type() == RecordType::DS => Data::Ds,
        _ => return None,
    })
}

/// The strings of one TXT record, joined without spaces (RFC 8461 3.1, RFC 7208 3.3).
fn joined(txt: &TXT) -> Vec<u8> {
    txt.txt_data.iter().flat_map(|string| string.iter().copied()).collect()
}

#[cfg(test)]
mod tests;
