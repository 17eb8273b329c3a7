use std::net::Ipv4Addr;

use hickory_proto::op::{Edns, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{CNAME, MX, NULL, SOA};
use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Name {
    names::parse(text).unwrap()
}

fn record(owner: &str, ttl: u32, data: RData) -> Record {
    Record::from_rdata(name(owner), ttl, data)
}

fn alias(owner: &str, target: &str) -> Record {
    record(owner, 300, RData::CNAME(CNAME(name(target))))
}

fn address(owner: &str, last: u8) -> Record {
    record(owner, 60, RData::A(Ipv4Addr::new(192, 0, 2, last).into()))
}

fn dname(owner: &str, target: &str) -> Record {
    let mut wire = Vec::new();
    for label in name(target).iter() {
        wire.push(label.len() as u8);
        wire.extend_from_slice(label);
    }
    wire.push(0);
    let data = RData::Unknown { code: RecordType::DNAME, rdata: NULL::with(wire) };
    record(owner, 120, data)
}

fn soa(owner: &str) -> Record {
    record(owner, 3600, RData::SOA(SOA::new(name("ns.test"), name("hostmaster.test"), 1, 2, 3, 4, 900)))
}

fn message(answers: Vec<Record>, authorities: Vec<Record>) -> Message {
    let mut message = Message::new(1, MessageType::Response, OpCode::Query);
    message.answers = answers;
    message.authorities = authorities;
    // Through the codec, so that what is read is what a packet can hold.
    Message::from_vec(&message.to_vec().unwrap()).unwrap()
}

fn targets(reading: &Reading) -> Vec<String> {
    reading.hops.iter().map(|hop| names::text(&hop.target)).collect()
}

#[test]
fn chain_in_any_order() {
    let records =
        vec![alias("a.test", "b.test"), alias("B.test", "c.test"), address("c.test", 1), address("other.test", 2)];
    for turn in 0..records.len() {
        let mut turned = records.clone();
        turned.rotate_left(turn);
        let reading = read(&name("a.test"), RecordType::A, &message(turned, Vec::new())).unwrap();
        assert_eq!(targets(&reading), ["b.test", "c.test"]);
        assert_eq!(reading.records, [Data::A(Ipv4Addr::new(192, 0, 2, 1))], "another name's address is not ours");
        assert_eq!(reading.ttl, Some(60), "the lowest of the chain");
        assert!(!reading.is_partial());
    }
}

#[test]
fn circles_and_long_chains_end() {
    let circle = message(vec![alias("a.test", "b.test"), alias("b.test", "a.test")], Vec::new());
    assert_eq!(read(&name("a.test"), RecordType::A, &circle).unwrap_err(), TooManyHops);
    let chain = |length: usize| {
        let hops = (0..length).map(|i| alias(&format!("n{i}.test"), &format!("n{}.test", i + 1))).collect();
        read(&name("n0.test"), RecordType::A, &message(hops, Vec::new()))
    };
    assert_eq!(chain(MAX_HOPS).unwrap().hops.len(), MAX_HOPS);
    assert_eq!(chain(MAX_HOPS + 1).unwrap_err(), TooManyHops);
}

#[test]
fn a_question_for_the_alias_is_not_redirected() {
    let reading =
        read(&name("a.test"), RecordType::CNAME, &message(vec![alias("a.test", "b.test")], Vec::new())).unwrap();
    assert_eq!(reading.records, [Data::Cname("b.test".to_owned())]);
    assert!(reading.hops.is_empty());
}

#[test]
fn partial_chain_or_denial() {
    // RFC 6604 3 and RFC 2308 2.1: what the answer says, it says of the last name.
    let chain = vec![alias("a.test", "b.example")];
    for (authority, rcode, partial, nxdomain, ttl, why) in [
        (vec![], ResponseCode::NoError, true, false, 300, "no end: to be followed"),
        (vec![soa("example")], ResponseCode::NoError, false, false, 300, "NODATA at the last name"),
        (
            vec![soa("test")],
            ResponseCode::NoError,
            true,
            false,
            300,
            "the first name's zone denies nothing about the last",
        ),
        (vec![soa("example")], ResponseCode::NXDomain, false, true, 300, "NXDOMAIN of the last name"),
        (vec![], ResponseCode::NXDomain, false, true, 300, "NXDOMAIN without SOA"),
    ] {
        let mut message = message(chain.clone(), authority);
        message.metadata.response_code = rcode;
        let reading = read(&name("a.test"), RecordType::A, &message).unwrap();
        assert_eq!((reading.is_partial(), reading.nxdomain, reading.ttl), (partial, nxdomain, Some(ttl)), "{why}");
    }
    let denial = read(&name("a.test"), RecordType::A, &message(Vec::new(), vec![soa("test")])).unwrap();
    assert_eq!(denial.ttl, Some(900), "RFC 2308 5: the lesser of TTL and MINIMUM");
}

#[test]
fn dnames() {
    // RFC 6672 3.1: a server adds the alias that the DNAME makes.
    let with_alias = message(
        vec![alias("www.x.test", "www.y.test"), dname("x.test", "y.test"), address("www.y.test", 1)],
        Vec::new(),
    );
    let without_alias = message(vec![dname("x.test", "y.test"), address("www.y.test", 1)], Vec::new());
    for message in [with_alias, without_alias] {
        let reading = read(&name("www.x.test"), RecordType::A, &message).unwrap();
        assert_eq!(targets(&reading), ["www.y.test"]);
        assert_eq!(reading.hops[0].dname, Some(name("x.test")));
        assert_eq!(reading.records.len(), 1);
    }
    let elsewhere = message(vec![alias("www.x.test", "z.test"), dname("x.test", "y.test")], Vec::new());
    let reading = read(&name("www.x.test"), RecordType::A, &elsewhere).unwrap();
    assert_eq!((targets(&reading), &reading.hops[0].dname), (vec!["z.test".to_owned()], &None), "an alias of its own");
    let circle = message(vec![dname("x.test", "a.x.test")], Vec::new());
    assert!(read(&name("www.x.test"), RecordType::A, &circle).is_err(), "a DNAME into itself ends");
}

#[test]
fn records_as_the_dataset_holds_them() {
    let strings = TXT::from_bytes(vec![b"v=STS", b"v1; id=\xff"]);
    let mx = |preference, host: &str| RData::MX(MX::new(preference, name(host)));
    let tlsa = RData::Unknown { code: RecordType::TLSA, rdata: NULL::with(vec![3, 1, 255, 0xAB, 0xCD]) };
    for (data, wanted, expected) in [
        (RData::TXT(strings), RecordType::TXT, Data::Txt(b"v=STSv1; id=\xff".to_vec())),
        (mx(10, "MX.Example"), RecordType::MX, Data::Mx { preference: 10, host: "mx.example".to_owned() }),
        (mx(0, "."), RecordType::MX, Data::Mx { preference: 0, host: ".".to_owned() }),
        (
            tlsa,
            RecordType::TLSA,
            Data::Tlsa(TlsaRecord { usage: 3, selector: 1, matching: 255, data: "abcd".to_owned() }),
        ),
    ] {
        let reading = read(&name("a.test"), wanted, &message(vec![record("A.test", 5, data)], Vec::new())).unwrap();
        assert_eq!(reading.records, [expected]);
    }
}

#[test]
fn caps() {
    let many =
        (0..=MAX_ADDRESSES).map(|i| record("a.test", 60, RData::A(Ipv4Addr::from(0xC000_0200 + i as u32).into())));
    let reading = read(&name("a.test"), RecordType::A, &message(many.collect(), Vec::new())).unwrap();
    assert_eq!((reading.records.len(), reading.truncated), (MAX_ADDRESSES, true));
    let few = (0..MAX_ADDRESSES).map(|i| record("a.test", 60, RData::A(Ipv4Addr::from(0xC000_0200 + i as u32).into())));
    let reading = read(&name("a.test"), RecordType::A, &message(few.collect(), Vec::new())).unwrap();
    assert_eq!((reading.records.len(), reading.truncated), (MAX_ADDRESSES, false));
}

/// The question as hickory's codec writes it.
fn by_the_codec(name: &Name, kind: RecordType, flags: Flags, edns: bool) -> Vec<u8> {
    let mut message = Message::new(7, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.checking_disabled = flags.checking_disabled;
    message.metadata.authentic_data = flags.authentic_data;
    message.add_query(Query::query(name.clone(), kind));
    if edns {
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        edns.set_dnssec_ok(flags.dnssec_ok);
        message.set_edns(edns);
    }
    message.to_vec().unwrap()
}

#[test]
fn questions_are_written_as_the_codec_writes_them() {
    for (text, kind) in
        [(".", RecordType::DNSKEY), ("a.test", RecordType::MX), ("_25._tcp.a\\046b.test", RecordType::TLSA)]
    {
        for bits in 0..8 {
            let flags =
                Flags { dnssec_ok: bits & 1 > 0, checking_disabled: bits & 2 > 0, authentic_data: bits & 4 > 0 };
            for edns in [true, false] {
                let packet = Question::new(&name(text), kind, flags).packet(7, edns);
                assert_eq!(packet, by_the_codec(&name(text), kind, flags, edns), "{text} {flags:?} {edns}");
            }
        }
    }
}

#[test]
fn questions_and_what_answers_them() {
    let flags = Flags { dnssec_ok: true, checking_disabled: true, authentic_data: false };
    let question = Question::new(&name("a.test"), RecordType::MX, flags);
    let sent = Message::from_vec(&question.packet(0xBEEF, true)).unwrap();
    assert_eq!(sent.metadata.id, 0xBEEF);
    assert!(sent.metadata.recursion_desired && sent.metadata.checking_disabled && !sent.metadata.authentic_data);
    let edns = sent.edns.as_ref().unwrap();
    assert_eq!((edns.max_payload(), edns.flags().dnssec_ok), (UDP_PAYLOAD, true));
    let plain = Message::from_vec(&question.packet(0xBEEF, false)).unwrap();
    assert_eq!((plain.edns, &plain.queries), (None, &sent.queries));

    let reply = |change: fn(&mut Message)| {
        let mut message = Message::new(0xBEEF, MessageType::Response, OpCode::Query);
        message.add_query(Query::query(name("a.test"), RecordType::MX));
        change(&mut message);
        message.to_vec().unwrap()
    };
    for (packet, good, why) in [
        (reply(|_| {}), true, "as asked"),
        (reply(|m| m.queries[0] = Query::query(Name::from_ascii("A.TEST.").unwrap(), RecordType::MX)), true, "case"),
        (reply(|m| m.metadata.message_type = MessageType::Query), false, "a question, not an answer"),
        (reply(|m| m.metadata.op_code = OpCode::Notify), false, "another opcode"),
        (reply(|m| m.queries[0] = Query::query(name("b.test"), RecordType::MX)), false, "another name"),
        (reply(|m| m.queries[0] = Query::query(name("a.test"), RecordType::A)), false, "another type"),
        (
            reply(|m| {
                m.queries[0].set_query_class(DNSClass::CH);
            }),
            false,
            "another class",
        ),
        (reply(|m| m.queries.clear()), false, "no question beside NOERROR"),
        (
            reply(|m| {
                m.queries.clear();
                m.metadata.response_code = ResponseCode::FormErr;
            }),
            true,
            "a server that did not understand",
        ),
        (vec![0xBE, 0xEF, 0x80], false, "shorter than a header"),
    ] {
        assert_eq!(answers(&packet, &question.section()), good, "{why}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        answers(&bytes, b"\x01a\x04test\x00\x00\x01\x00\x01");
        if let Ok(message) = Message::from_vec(&bytes) {
            let _ = read(&names::parse("a.test").unwrap(), RecordType::A, &message);
        }
    }
}
