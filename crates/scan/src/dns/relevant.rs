//! What of an answer is validated, and how much of it at most.
//!
//! The validator ([`super::validate`]) looks at every set of records in a message: it compares each record with each, tries keys on
//! signatures, and asks for the delegations of every name. So it is given only what has a part in the answer ([`relevant`]),
//! and nothing that is larger than an honest zone makes it. What is larger is not judged: `indeterminate`.

use bytes::Bytes;
use domain::base::name::ToName;
use domain::base::wire::ParseError;
use domain::base::{Message, MessageBuilder, Name, ParsedName, ParsedRecord, Rtype};
use domain::rdata::{AllRecordData, Rrsig};
use hickory_proto::rr::Name as WireName;

use super::message::Reading;

/// Records, signatures included, of an answer that is validated: the library compares each with each. The largest honest
/// sets have a few dozen.
const MAX_RECORDS: usize = 500;
/// Records of a denial that are validated: a SOA, three NSEC3 (RFC 5155 7.2) and their signatures, several times over.
const MAX_DENIAL: usize = 64;
/// Records of an answer with keys or delegations: BIND's limit for a set since CVE-2024-1737 is the same.
const MAX_PROOF: u16 = 100;
/// And its bytes: a zone remembers the answer that its keys came in. RSA keys of 4096 bits in the middle of a rollover come to four
/// kilobytes.
const MAX_PROOF_BYTES: usize = 8 * 1024;

/// Why an answer is not given to the library.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unfit {
    /// Not a message that can be read.
    Malformed,
    /// More than the limits above.
    TooMany,
}

impl From<ParseError> for Unfit {
    fn from(_: ParseError) -> Self {
        Unfit::Malformed
    }
}

/// What has a part in an answer: the records asked for and the aliases on the way, each with its signatures; and in the authority
/// section the denial. Anything else may be unsigned, or of zones that would have to be asked about, and says nothing.
struct Parts {
    /// The name asked about and where its aliases lead.
    names: Vec<Name<Vec<u8>>>,
    /// Owners of the DNAMEs that aliases were made from.
    dnames: Vec<Name<Vec<u8>>>,
    wanted: Rtype,
}

impl Parts {
    fn new(question: Name<Vec<u8>>, wanted: Rtype, reading: &Reading) -> Self {
        let targets = reading.hops.iter().filter_map(|hop| library_name(&hop.target));
        let dnames = reading.hops.iter().filter_map(|hop| library_name(hop.dname.as_ref()?)).collect();
        Self { names: std::iter::once(question).chain(targets).collect(), dnames, wanted }
    }

    fn answer(&self, owner: &impl ToName, kind: Rtype) -> bool {
        let among = |names: &[Name<Vec<u8>>]| names.iter().any(|name| name.name_eq(owner));
        match kind {
            Rtype::DNAME if self.wanted != kind => among(&self.dnames),
            Rtype::CNAME => among(&self.names),
            kind => kind == self.wanted && among(&self.names),
        }
    }

    fn authority(kind: Rtype) -> bool {
        matches!(kind, Rtype::SOA | Rtype::NSEC | Rtype::NSEC3)
    }
}

/// The type of a record, or the one that it is a signature over.
fn kind_of(record: &ParsedRecord<'_, Bytes>) -> Result<Rtype, Unfit> {
    let signature = record.to_record::<Rrsig<_, ParsedName<_>>>()?;
    Ok(signature.map_or(record.rtype(), |signature| signature.data().type_covered()))
}

/// The answer without what has no part in it.
pub(super) fn relevant(answer: &Bytes, reading: &Reading) -> Result<Message<Bytes>, Unfit> {
    let message = Message::from_octets(answer.clone()).map_err(|_| Unfit::Malformed)?;
    let question = message.sole_question()?;
    let parts = Parts::new(question.qname().to_name(), question.qtype(), reading);
    let (mut answers, mut authority, mut strangers) = (0, 0, false);
    for record in message.answer()? {
        let record = record?;
        let has_part = parts.answer(&record.owner(), kind_of(&record)?);
        answers += usize::from(has_part);
        strangers |= !has_part;
    }
    for record in message.authority()? {
        let has_part = Parts::authority(kind_of(&record?)?);
        authority += usize::from(has_part);
        strangers |= !has_part;
    }
    if answers > MAX_RECORDS || authority > MAX_DENIAL {
        return Err(Unfit::TooMany);
    }
    if !strangers {
        return Ok(message);
    }
    let full = |_| Unfit::TooMany;
    let mut builder = MessageBuilder::new_vec();
    *builder.header_mut() = message.header();
    let mut builder = builder.question();
    for question in message.question() {
        builder.push(question?).map_err(full)?;
    }
    let mut builder = builder.answer();
    for record in message.answer()? {
        let record = record?;
        if parts.answer(&record.owner(), kind_of(&record)?)
            && let Some(record) = record.into_record::<AllRecordData<_, ParsedName<_>>>()?
        {
            builder.push(record).map_err(full)?;
        }
    }
    let mut builder = builder.authority();
    for record in message.authority()? {
        let record = record?;
        if Parts::authority(kind_of(&record)?)
            && let Some(record) = record.into_record::<AllRecordData<_, ParsedName<_>>>()?
        {
            builder.push(record).map_err(full)?;
        }
    }
    Message::from_octets(Bytes::from(builder.finish())).map_err(|_| Unfit::Malformed)
}

/// Whether an answer with keys or delegations is no larger than one needs (CVE-2023-50387, CVE-2024-1737).
pub(super) fn is_modest(answer: &Bytes) -> bool {
    let Ok(message) = Message::from_slice(answer) else { return false };
    let counts = message.header_counts();
    answer.len() <= MAX_PROOF_BYTES && counts.ancount().saturating_add(counts.nscount()) <= MAX_PROOF
}

/// A name as the library writes it; `None` when it is too long.
pub(super) fn library_name(name: &WireName) -> Option<Name<Vec<u8>>> {
    let mut wire = Vec::with_capacity(name.len() + 2);
    for label in name.iter() {
        wire.push(u8::try_from(label.len()).ok()?);
        wire.extend_from_slice(label);
    }
    wire.push(0);
    Name::from_octets(wire).ok()
}

#[cfg(test)]
mod tests {
    use domain::base::Ttl;
    use domain::base::iana::Class;
    use domain::rdata::{A, Cname, Dname, Mx, Soa, Txt};
    use hickory_proto::op::Message as Decoded;
    use hickory_proto::rr::RecordType;

    use super::super::message;
    use super::super::names;
    use super::*;

    fn name(text: &str) -> Name<Vec<u8>> {
        text.parse().unwrap()
    }

    /// An answer to a question for MX at a.test: an alias, so many records at its end, and others of other names.
    fn answer(records: u16, strangers: u16, denials: u16) -> Bytes {
        let (ttl, class) = (Ttl::from_secs(60), Class::IN);
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_qr(true);
        let mut builder = builder.question();
        builder.push((&name("a.test"), Rtype::MX)).unwrap();
        let mut builder = builder.answer();
        builder.push((name("A.test"), class, ttl, Cname::new(name("b.test")))).unwrap();
        for n in 0..records {
            builder.push((name("b.TEST"), class, ttl, Mx::new(n, name("mx.test")))).unwrap();
        }
        for n in 0..strangers {
            builder.push((name(&format!("n{n}.test")), class, ttl, A::from_octets(192, 0, 2, 1))).unwrap();
        }
        // The right name and another type, and the right type at another name.
        builder.push((name("b.test"), class, ttl, Txt::<Vec<u8>>::build_from_slice(b"no").unwrap())).unwrap();
        builder.push((name("c.test"), class, ttl, Mx::new(1, name("mx.test")))).unwrap();
        let mut builder = builder.authority();
        for n in 0..denials {
            let owner = name(&format!("z{n}.test"));
            let times = (1.into(), ttl, ttl, ttl, ttl);
            builder
                .push((&owner, class, ttl, Soa::new(&owner, &owner, times.0, times.1, times.2, times.3, times.4)))
                .unwrap();
        }
        Bytes::from(builder.finish())
    }

    fn read(answer: &Bytes) -> Result<Message<Bytes>, Unfit> {
        let decoded = Decoded::from_vec(answer).unwrap();
        let reading = message::read(&names::parse("a.test").unwrap(), RecordType::MX, &decoded).unwrap();
        relevant(answer, &reading)
    }

    #[test]
    fn only_what_has_a_part_is_validated() {
        for (records, strangers) in [(1, 0), (3, 5), (499, 1000)] {
            let kept = read(&answer(records, strangers, 2)).unwrap();
            let owners: Vec<(String, Rtype)> =
                kept.answer().unwrap().map(|r| r.unwrap()).map(|r| (r.owner().to_string(), r.rtype())).collect();
            assert_eq!(owners.len(), usize::from(records) + 1, "{strangers} strangers");
            assert_eq!(owners[0], ("A.test".to_owned(), Rtype::CNAME));
            assert!(owners[1..].iter().all(|(owner, kind)| owner == "b.TEST" && *kind == Rtype::MX));
            assert_eq!(kept.authority().unwrap().count(), 2);
        }
    }

    /// What an alias is made from, asked about on its own (RFC 6672 §2.1).
    #[test]
    fn a_question_for_dname_has_its_answer() {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_qr(true);
        let mut builder = builder.question();
        builder.push((&name("a.test"), Rtype::DNAME)).unwrap();
        let mut builder = builder.answer();
        builder.push((name("a.test"), Class::IN, Ttl::from_secs(60), Dname::new(name("b.test")))).unwrap();
        let answer = Bytes::from(builder.finish());
        let decoded = Decoded::from_vec(&answer).unwrap();
        let reading = message::read(&names::parse("a.test").unwrap(), RecordType::from(39), &decoded).unwrap();
        assert_eq!(relevant(&answer, &reading).unwrap().answer().unwrap().count(), 1);
    }

    #[test]
    fn what_is_larger_than_honest_is_not() {
        assert_eq!(read(&answer(500, 0, 0)).map(drop), Err(Unfit::TooMany), "the alias counts");
        assert!(read(&answer(1, 0, 64)).is_ok());
        assert_eq!(read(&answer(1, 0, 65)).map(drop), Err(Unfit::TooMany));
        assert!(is_modest(&answer(90, 0, 5)));
        assert!(!is_modest(&answer(90, 0, 20)), "more than a hundred records");
        assert!(!is_modest(&Bytes::from([&answer(1, 0, 0)[..], &[0; MAX_PROOF_BYTES]].concat())), "too long");
        assert!(!is_modest(&Bytes::from_static(b"short")));
    }
}
