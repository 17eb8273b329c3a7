//! Against a scripted responder on loopback, over UDP and TCP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::*;

/// What the responder sends back to one question: raw packets, in order.
type Script = dyn Fn(usize, &Message, Transport) -> Vec<Vec<u8>> + Send + Sync;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Transport {
    Udp,
    Tcp,
}

/// A resolver that does what the script says; the script gets the number of the question, from 0.
pub(super) async fn responder(
    script: impl Fn(usize, &Message, Transport) -> Vec<Vec<u8>> + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let script: Arc<Script> = Arc::new(script);
    let asked = Arc::new(AtomicUsize::new(0));
    let (tcp, udp) = loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        // The port may be somebody else's over UDP.
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (tcp, udp);
        }
    };
    let address = tcp.local_addr().unwrap();
    let (counter, over_udp) = (asked.clone(), script.clone());
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            for packet in over_udp(counter.fetch_add(1, Ordering::SeqCst), &question, Transport::Udp) {
                udp.send_to(&packet, from).await.unwrap();
            }
        }
    });
    let counter = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.unwrap();
            let mut buffer = vec![0; usize::from(length)];
            stream.read_exact(&mut buffer).await.unwrap();
            let question = Message::from_vec(&buffer).unwrap();
            for packet in script(counter.fetch_add(1, Ordering::SeqCst), &question, Transport::Tcp) {
                stream.write_u16(packet.len() as u16).await.unwrap();
                stream.write_all(&packet).await.unwrap();
            }
        }
    });
    (address, asked)
}

pub(super) fn name(text: &str) -> Name {
    names::parse(text).unwrap()
}

pub(super) fn reply(question: &Message, records: &[Record]) -> Message {
    let mut reply = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    reply.queries.clone_from(&question.queries);
    reply.answers = records.to_vec();
    reply
}

fn coded(question: &Message, code: ResponseCode) -> Message {
    let mut reply = reply(question, &[]);
    reply.metadata.response_code = code;
    reply
}

pub(super) fn packet(message: Message) -> Vec<Vec<u8>> {
    vec![message.to_vec().unwrap()]
}

pub(super) fn address(owner: &str) -> Record {
    Record::from_rdata(name(owner), 60, RData::A(Ipv4Addr::new(192, 0, 2, 1).into()))
}

pub(super) fn alias(owner: &str, target: &str) -> Record {
    Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
}

pub(super) fn settings(resolvers: Vec<SocketAddr>, mode: Mode) -> DnsSettings {
    DnsSettings {
        loopback_timeout: Duration::from_secs(60),
        pause: Duration::from_millis(5),
        ..DnsSettings::new(resolvers, mode)
    }
}

fn dns(resolvers: Vec<SocketAddr>) -> Dns {
    Dns::new(settings(resolvers, Mode::Off)).unwrap()
}

/// For questions that are not answered.
fn impatient(resolver: SocketAddr, timeout: Duration) -> Dns {
    Dns::new(DnsSettings { loopback_timeout: timeout, ..settings(vec![resolver], Mode::Off) }).unwrap()
}

const FOUND: Data = Data::A(Ipv4Addr::new(192, 0, 2, 1));

#[tokio::test]
async fn nobody_is_asked_about_localhost() {
    let (resolver, asked) = responder(|_, question, _| packet(coded(question, ResponseCode::NXDomain))).await;
    for (mode, state) in
        [(Mode::Validate, Some(Dnssec::Insecure)), (Mode::TrustAd, Some(Dnssec::Insecure)), (Mode::Off, None)]
    {
        let dns = Dns::new(settings(vec![resolver], mode)).unwrap();
        for name in ["localhost", "mail.localhost", "LOCALHOST."] {
            let a = dns.ask(name, Kind::A, Role::Domain).await;
            assert_eq!((a.status, a.dnssec), (DnsStatus::Found, state), "{name}");
            assert_eq!(a.records, [Data::A(Ipv4Addr::LOCALHOST)]);
            assert_eq!(dns.ask(name, Kind::Aaaa, Role::Domain).await.records, [Data::Aaaa(Ipv6Addr::LOCALHOST)]);
            let owner = format!("_25._tcp.{name}");
            for (name, kind) in [(name, Kind::Mx), (name, Kind::Txt), (owner.as_str(), Kind::Tlsa)] {
                let denied = dns.ask(name, kind, Role::Domain).await;
                assert_eq!((denied.status, denied.error, denied.dnssec), (DnsStatus::Nodata, None, state), "{name}");
            }
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_alias_to_localhost_is_followed_without_a_question() {
    let (resolver, asked) =
        responder(|_, question, _| packet(reply(question, &[alias("a.test", "x.localhost")]))).await;
    let answer = dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!(answer.records, [Data::A(Ipv4Addr::LOCALHOST)]);
    assert_eq!(answer.cnames.len(), 1);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn forged_answers_are_ignored() {
    let (resolver, _) = responder(|_, question, _| {
        let good = reply(question, &[address("a.test")]);
        let mut forged =
            reply(question, &[Record::from_rdata(name("a.test"), 60, RData::A(Ipv4Addr::new(203, 0, 113, 66).into()))]);
        let mut packets = Vec::new();
        forged.metadata.id = question.metadata.id.wrapping_add(1);
        packets.push(forged.to_vec().unwrap());
        forged.metadata.id = question.metadata.id;
        forged.queries[0].set_name(name("b.test"));
        packets.push(forged.to_vec().unwrap());
        packets.push(b"not DNS at all".to_vec());
        packets.push(good.to_vec().unwrap());
        packets
    })
    .await;
    let answer = dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!((answer.status, answer.records), (DnsStatus::Found, vec![FOUND]));
}

#[tokio::test]
async fn only_forged_answers_are_a_timeout() {
    let (resolver, asked) = responder(|_, question, _| {
        let mut forged = reply(question, &[address("a.test")]);
        forged.metadata.id = question.metadata.id.wrapping_add(1);
        packet(forged)
    })
    .await;
    let answer = impatient(resolver, Duration::from_millis(300)).ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!((answer.status, answer.error), (DnsStatus::Error, Some(Failure::DnsTimeout)));
    assert_eq!(asked.load(Ordering::SeqCst), 3, "attempts are bounded");
}

#[tokio::test]
async fn a_lost_packet_is_sent_again() {
    let (resolver, asked) =
        responder(|n, question, _| if n == 0 { vec![] } else { packet(reply(question, &[address("a.test")])) }).await;
    // Once in vain: a thousand times as long as the answer to the second takes.
    let answer = impatient(resolver, Duration::from_secs(4)).ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!((answer.records, asked.load(Ordering::SeqCst)), (vec![FOUND], 2));
}

#[tokio::test]
async fn truncated_answers_come_over_tcp() {
    let (resolver, _) = responder(|_, question, transport| {
        let strings = vec![b"x".repeat(255); 20];
        let strings = strings.iter().map(Vec::as_slice).collect();
        let txt = Record::from_rdata(name("a.test"), 60, RData::TXT(TXT::from_bytes(strings)));
        let mut answer = reply(question, if transport == Transport::Udp { &[] } else { std::slice::from_ref(&txt) });
        answer.metadata.truncation = transport == Transport::Udp;
        packet(answer)
    })
    .await;
    let answer = dns(vec![resolver]).ask("a.test", Kind::Txt, Role::Domain).await;
    assert_eq!((answer.status, answer.records), (DnsStatus::Found, vec![Data::Txt(b"x".repeat(5100))]));
}

#[tokio::test]
async fn truncated_for_ever_is_a_failure() {
    let (resolver, _) = responder(|_, question, transport| match transport {
        Transport::Udp => {
            let mut answer = reply(question, &[]);
            answer.metadata.truncation = true;
            packet(answer)
        }
        Transport::Tcp => vec![vec![0; 5]],
    })
    .await;
    let answer = impatient(resolver, Duration::from_secs(4)).ask("a.test", Kind::Txt, Role::Domain).await;
    assert_eq!(answer.error, Some(Failure::DnsTimeout), "an empty truncated answer is not NODATA");
}

#[tokio::test]
async fn servers_without_edns() {
    for code in [ResponseCode::FormErr, ResponseCode::NotImp, ResponseCode::BADVERS] {
        let (resolver, _) = responder(move |_, question, _| {
            if question.edns.is_none() {
                return packet(reply(question, &[address("a.test")]));
            }
            let mut refusal = coded(question, code);
            if code == ResponseCode::BADVERS {
                refusal.set_edns(hickory_proto::op::Edns::new());
            }
            packet(refusal)
        })
        .await;
        assert_eq!(dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await.records, [FOUND], "{code:?}");
    }
}

#[tokio::test]
async fn codes_that_are_no_answer() {
    for (code, failure) in [
        (ResponseCode::ServFail, Failure::Servfail),
        (ResponseCode::Refused, Failure::Refused),
        (ResponseCode::FormErr, Failure::Servfail),
        (ResponseCode::NotAuth, Failure::Servfail),
    ] {
        let (bad, asked) = responder(move |_, question, _| packet(coded(question, code))).await;
        let answer = dns(vec![bad]).ask("a.test", Kind::A, Role::Domain).await;
        assert_eq!((answer.status, answer.error), (DnsStatus::Error, Some(failure)), "{code:?}");
        assert!(asked.load(Ordering::SeqCst) <= 4, "{code:?} is asked again a bounded number of times");
        let (good, _) = responder(|_, question, _| packet(reply(question, &[address("a.test")]))).await;
        let both = dns(vec![bad, good]);
        for _ in 0..2 {
            assert_eq!(
                both.ask("a.test", Kind::A, Role::Domain).await.records,
                [FOUND],
                "{code:?}: the next resolver is asked"
            );
        }
    }
}

#[tokio::test]
async fn nobody_listens() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let gone = socket.local_addr().unwrap();
    // It hears only itself: to everybody else nobody is there, and the port is nobody else's.
    socket.connect(gone).await.unwrap();
    let dns = dns(vec![gone]);
    let answer = dns.ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!(answer.error, Some(Failure::DnsTimeout));
    assert!(matches!(dns.check().await, Err(DnsSetupError::Unreachable(_))));
}

#[tokio::test]
async fn garbage_under_the_right_id() {
    let (resolver, _) = responder(|_, question, _| {
        let mut packet = reply(question, &[address("a.test")]).to_vec().unwrap();
        let end = packet.len() - 3;
        packet.truncate(end);
        vec![packet]
    })
    .await;
    assert_eq!(dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await.error, Some(Failure::Servfail));
}

#[tokio::test]
async fn a_partial_chain_is_followed() {
    let (resolver, asked) = responder(|_, question, _| {
        let asked = question.queries[0].name().to_ascii();
        packet(match asked.as_str() {
            "a.test." => reply(question, &[alias("a.test", "b.test")]),
            "b.test." => reply(question, &[alias("b.test", "c.test")]),
            _ => reply(question, &[address("c.test")]),
        })
    })
    .await;
    let answer = dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await;
    let targets: Vec<_> = answer.cnames.iter().map(|cname| cname.target.as_str()).collect();
    assert_eq!((answer.records, targets), (vec![FOUND], vec!["b.test", "c.test"]));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_circle_of_partial_chains_ends() {
    let (resolver, asked) = responder(|_, question, _| {
        let other = if question.queries[0].name().to_ascii() == "a.test." { "b.test" } else { "a.test" };
        let owner = names::text(question.queries[0].name());
        packet(reply(question, &[alias(&owner, other)]))
    })
    .await;
    let answer = dns(vec![resolver]).ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!(answer.error, Some(Failure::Servfail));
    assert!(asked.load(Ordering::SeqCst) <= MAX_HOPS + 1);
}

#[tokio::test]
async fn names_that_cannot_be_asked() {
    let (resolver, asked) = responder(|_, _, _| vec![]).await;
    let long = "a".repeat(64);
    for bad in ["", "a..test", long.as_str()] {
        let answer = dns(vec![resolver]).ask(bad, Kind::A, Role::Domain).await;
        assert_eq!((answer.status, answer.error), (DnsStatus::Error, Some(Failure::InvalidName)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn many_at_once() {
    let (resolver, _) = responder(|_, question, _| {
        let owner = names::text(question.queries[0].name());
        packet(reply(question, &[alias(&owner, &format!("t-{owner}")), address(&format!("t-{owner}"))]))
    })
    .await;
    let dns = Arc::new(dns(vec![resolver]));
    let tasks: Vec<_> = (0..500)
        .map(|i| {
            let dns = dns.clone();
            tokio::spawn(async move { (i, dns.ask(&format!("n{i}.test"), Kind::A, Role::Domain).await) })
        })
        .collect();
    for task in tasks {
        let (i, answer) = task.await.unwrap();
        assert_eq!(answer.records, [FOUND]);
        assert_eq!(answer.cnames[0].target, format!("t-n{i}.test"), "each got its own answer");
    }
}

/// A validating resolver, as a table: what it says to CD=0 and to CD=1, by name.
async fn validating_resolver() -> SocketAddr {
    let (resolver, _) = responder(|n, question, _| {
        let asked = names::text(question.queries[0].name());
        let unchecked = question.metadata.checking_disabled;
        let aliased = question.queries[0].query_type() == hickory_proto::rr::RecordType::CNAME;
        let ad = |records: &[Record]| {
            let mut answer = reply(question, records);
            // AD with CD=1 must not be believed.
            answer.metadata.authentic_data = true;
            answer
        };
        let soa =
            Record::from_rdata(name("test"), 60, RData::SOA(SOA::new(name("ns.test"), name("h.test"), 1, 2, 3, 4, 5)));
        packet(match asked.as_str() {
            "secure.test" => ad(&[address("secure.test")]),
            "insecure.test" => reply(question, &[address("insecure.test")]),
            "denied.test" => {
                let mut answer = ad(&[]);
                answer.authorities = vec![soa];
                answer.metadata.response_code = ResponseCode::NXDomain;
                answer
            }
            "nodata.test" => {
                let mut answer = reply(question, &[]);
                answer.authorities = vec![soa];
                answer
            }
            "bogus.test" if unchecked => ad(&[address("bogus.test")]),
            "flaky.test" if unchecked || n > 1 => ad(&[address("flaky.test")]),
            "chain.test" if aliased => ad(&[alias("chain.test", "half.test")]),
            "half.test" if aliased => reply(question, &[alias("half.test", "insecure.test")]),
            "chain.test" => reply(
                question,
                &[address("insecure.test"), alias("half.test", "insecure.test"), alias("chain.test", "half.test")],
            ),
            "refused.test" => coded(question, ResponseCode::Refused),
            _ => coded(question, ResponseCode::ServFail),
        })
    })
    .await;
    resolver
}

#[tokio::test]
async fn trust_ad_states() {
    let resolver = validating_resolver().await;
    for (asked, status, error, state, records, why) in [
        ("secure.test", DnsStatus::Found, None, Some(Dnssec::Secure), 1, "AD"),
        ("insecure.test", DnsStatus::Found, None, Some(Dnssec::Insecure), 1, "no AD"),
        ("denied.test", DnsStatus::Nxdomain, None, Some(Dnssec::Secure), 0, "AD on a denial"),
        ("nodata.test", DnsStatus::Nodata, None, Some(Dnssec::Insecure), 0, "no AD on a denial"),
        ("bogus.test", DnsStatus::Error, Some(Failure::DnssecBogus), Some(Dnssec::Bogus), 1, "only CD=1 answers"),
        ("lame.test", DnsStatus::Error, Some(Failure::Servfail), None, 0, "CD=1 fails too"),
        ("refused.test", DnsStatus::Error, Some(Failure::Refused), None, 0, "never asked with CD=1"),
        ("chain.test", DnsStatus::Found, None, Some(Dnssec::Insecure), 1, "a chain into an unsigned zone"),
    ] {
        let dns = Dns::new(settings(vec![resolver], Mode::TrustAd)).unwrap();
        let answer = dns.ask(asked, Kind::A, Role::Domain).await;
        assert_eq!((answer.status, answer.error, answer.dnssec), (status, error, state), "{asked}: {why}");
        assert_eq!(answer.records.len(), records, "{asked}: {why}");
        if asked == "chain.test" {
            let hops: Vec<_> = answer.cnames.iter().map(|cname| (cname.target.as_str(), cname.dnssec)).collect();
            assert_eq!(hops, [("half.test", Some(Dnssec::Secure)), ("insecure.test", Some(Dnssec::Insecure))]);
        }
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_not_bogus() {
    let resolver = validating_resolver().await;
    let answer =
        Dns::new(settings(vec![resolver], Mode::TrustAd)).unwrap().ask("flaky.test", Kind::A, Role::Domain).await;
    assert_eq!((answer.status, answer.dnssec), (DnsStatus::Found, Some(Dnssec::Secure)));
}

#[tokio::test]
async fn an_unfollowable_chain_of_trust_is_indeterminate() {
    // This resolver answers the question and nothing about keys.
    let (resolver, _) = responder(|_, question, _| {
        packet(match question.queries[0].query_type() {
            hickory_proto::rr::RecordType::A => reply(question, &[address("a.test")]),
            _ => coded(question, ResponseCode::ServFail),
        })
    })
    .await;
    let dns = Dns::new(settings(vec![resolver], Mode::Validate)).unwrap();
    let answer = dns.ask("a.test", Kind::A, Role::Domain).await;
    assert_eq!((answer.status, answer.dnssec), (DnsStatus::Found, Some(Dnssec::Indeterminate)));
    assert!(matches!(dns.check().await, Err(DnsSetupError::Unsuitable { .. })));
}

#[tokio::test]
async fn sockets_towards_strangers_are_renewed() {
    // 192.0.2.0/24 is documentation space (RFC 5737): sockets are opened, nothing is sent.
    let mut settings = settings(vec!["192.0.2.1:53".parse().unwrap()], Mode::Off);
    settings.sockets = 1;
    settings.port_age = Duration::ZERO;
    let pool = udp::Pool::new(settings.resolvers[0], &settings);
    let first = pool.local_port();
    let ports: std::collections::BTreeSet<_> = (0..20).map(|_| pool.local_port()).collect();
    assert!(first.is_none() || ports.len() > 1, "the port never changed: {ports:?}");
    let local = udp::Pool::new("127.0.0.1:53".parse().unwrap(), &settings);
    assert_eq!(local.local_port(), local.local_port(), "on this machine sockets are kept");
}
