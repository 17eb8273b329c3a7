//! The zone of a name, against a scripted responder.

use std::net::SocketAddr;
use std::sync::Mutex;

use hickory_proto::rr::RecordType;
use hickory_proto::rr::rdata::NS;

use super::tests::{address, alias, name, packet, reply, responder, settings};
use super::*;
use crate::dns_operators::{DnsOperators, Entry};
use crate::zones::Zones;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::{RData, Record};

fn server(zone: &str, host: &str) -> Record {
    Record::from_rdata(name(zone), 60, RData::NS(NS(name(host))))
}

/// A denial out of a zone.
fn denial(question: &Message, zone: &str) -> Message {
    let soa = SOA::new(name("ns.test"), name("h.test"), 1, 2, 3, 4, 5);
    let mut answer = reply(question, &[]);
    answer.authorities = vec![Record::from_rdata(name(zone), 60, RData::SOA(soa))];
    answer
}

type Asked = Arc<Mutex<Vec<String>>>;

/// A resolver that knows some zones, and the questions that it was asked.
async fn some_zones() -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let log = asked.clone();
    let (resolver, _) = responder(move |_, question, _| {
        let owner = names::text(question.queries[0].name());
        let kind = question.queries[0].query_type();
        log.lock().unwrap().push(format!("{kind} {owner}"));
        if kind != RecordType::NS {
            return packet(reply(question, &[address(&owner)]));
        }
        packet(match owner.as_str() {
            "zone.test" => {
                let servers = ["ns2.b-7.test", "NS1.b-8.test", "ns2.b-7.test"];
                reply(question, &servers.map(|host| server("zone.test", host)))
            }
            "child.zone.test" => reply(question, &[server("child.zone.test", "ns.own.test")]),
            "www.zone.test" | "mx.deep.zone.test" => denial(question, "zone.test"),
            "alias.zone.test" => reply(question, &[alias("alias.zone.test", "www.zone.test")]),
            "a.loop.test" | "loop.test" => denial(question, "a.loop.test"),
            // A denial with the SOA of a zone that does not hold the name.
            "odd.test" => denial(question, "other.test"),
            "empty.test" => denial(question, "empty.test"),
            "many.test" => {
                let servers: Vec<Record> = (0..40).map(|n| server("many.test", &format!("n{n:03}.test"))).collect();
                reply(question, &servers)
            }
            _ => {
                let mut answer = reply(question, &[]);
                answer.metadata.response_code = ResponseCode::ServFail;
                answer
            }
        })
    })
    .await;
    (resolver, asked)
}

fn zones() -> Zones {
    let entry = Entry { name: "B".to_owned(), domains: vec!["b-*.test".to_owned()], why: "x".to_owned() };
    Zones::new(DnsOperators::new(vec![entry]))
}

/// The name, the apex that was shown, the apex, its name servers, the questions, and why.
type Case<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a [&'a str], &'a [&'a str], &'a str);

#[tokio::test]
async fn the_zone_cut_is_found() {
    let (resolver, asked) = some_zones().await;
    let dns = Dns::new(settings(vec![resolver], Mode::Off)).unwrap();
    let both = ["ns1.b-8.test", "ns2.b-7.test"];
    let table: [Case; 9] = [
        ("zone.test", None, Some("zone.test"), &both, &["NS zone.test"], "an apex"),
        ("www.zone.test", None, Some("zone.test"), &both, &["NS www.zone.test"], "below; the apex is known"),
        ("mx.deep.zone.test", Some("zone.test"), Some("zone.test"), &both, &[], "a denial has shown it"),
        ("child.zone.test", None, Some("child.zone.test"), &["ns.own.test"], &["NS child.zone.test"], "a child"),
        ("alias.zone.test", None, Some("zone.test"), &both, &["NS alias.zone.test"], "an alias: the zone is above"),
        ("empty.test", None, Some("empty.test"), &[], &["NS empty.test"], "an apex without name servers"),
        ("odd.test", None, None, &[], &["NS odd.test"], "a SOA of somewhere else"),
        ("a.loop.test", None, Some("a.loop.test"), &[], &["NS a.loop.test"], "its own SOA"),
        ("localhost", None, None, &[], &[], "nobody is asked about it (RFC 6761)"),
    ];
    let zones = zones();
    for (asked_about, shown, apex, servers, questions, why) in table {
        asked.lock().unwrap().clear();
        let zone = zones.of(&dns, asked_about, shown).await;
        assert_eq!(zone.name.as_deref(), apex, "{asked_about}: {why}");
        assert_eq!(zone.ns.unwrap_or_default(), servers, "{asked_about}: {why}");
        assert_eq!(*asked.lock().unwrap(), questions, "{asked_about}: {why}");
        assert_eq!((zone.signed, zone.ds), (None, None), "signatures were not asked for");
    }
    let zone = zones.of(&dns, "zone.test", None).await;
    assert_eq!(zone.operator.as_deref(), Some("B"), "by the table");
    assert_eq!(zones.of(&dns, "child.zone.test", None).await.operator.as_deref(), Some("own.test"));
    let many = zones.of(&dns, "many.test", None).await;
    assert_eq!((many.ns.map(|ns| ns.len()), many.truncated), (Some(32), true));
}

#[tokio::test]
async fn a_failure_is_told_and_not_remembered() {
    let (resolver, asked) = some_zones().await;
    let dns = Dns::new(DnsSettings { attempts: 1, ..settings(vec![resolver], Mode::Off) }).unwrap();
    let zones = zones();
    for _ in 0..2 {
        let zone = zones.of(&dns, "lame.test", None).await;
        assert_eq!((zone.name, zone.status, zone.error), (None, Some(DnsStatus::Error), Some(Failure::Servfail)));
    }
    let shown = zones.of(&dns, "mx.lame.test", Some("lame.test")).await;
    assert_eq!((shown.name.as_deref(), shown.error), (Some("lame.test"), Some(Failure::Servfail)));
    assert!(asked.lock().unwrap().len() >= 3, "each time again");
}

#[tokio::test]
async fn nobody_is_asked_about_a_zone_that_is_left_alone() {
    let (resolver, asked) = some_zones().await;
    let settings = settings(vec![resolver], Mode::Off);
    let left_alone = settings.left_alone.clone();
    let dns = Dns::new(settings).unwrap();
    let zones = zones();
    zones.of(&dns, "zone.test", None).await;
    left_alone.replace(mxcensus_dataset::input::OptOut::parse("zone.test\nmx:mx.own.test\n").unwrap());
    asked.lock().unwrap().clear();
    for (asked_about, shown) in [("www.zone.test", Some("zone.test")), ("zone.test", None), ("mx.own.test", None)] {
        let zone = zones.of(&dns, asked_about, shown).await;
        assert_eq!(zone.error, Some(Failure::OptedOut), "{asked_about}");
        assert_eq!((zone.ns, zone.operator), (None, None), "{asked_about}: what was remembered is not told");
    }
    assert_eq!(*asked.lock().unwrap(), [""; 0]);
}
