//! One raw question to one resolver, with everything about the answer that a look-up hides (RFC 1035 4, RFC 6891).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// How long one attempt waits.
const WAIT: Duration = Duration::from_secs(4);
/// Attempts over UDP: a packet may be lost.
const ATTEMPTS: usize = 2;

/// A question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// The name, in ASCII.
    pub name: &'a str,
    /// The type.
    pub kind: Rtype,
    /// DNSSEC records are wanted (RFC 3225): sends EDNS with DO.
    pub dnssec_ok: bool,
    /// The resolver is not to validate (RFC 4035 3.2.2).
    pub checking_disabled: bool,
    /// The UDP payload that we say we can take.
    pub payload: u16,
}

impl<'a> Question<'a> {
    /// A question as a client asks that leaves validation to the resolver and wants to know its result (RFC 6840 5.7).
    pub(super) fn plain(name: &'a str, kind: Rtype) -> Question<'a> {
        Question { name, kind, dnssec_ok: false, checking_disabled: false, payload: 1232 }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The message, as received.
    pub message: Message<Bytes>,
}

impl Answer {
    /// The response code.
    pub(super) fn code(&self) -> Rcode {
        self.message.header().rcode()
    }

    /// The resolver vouches for the data (AD).
    pub(super) fn authentic(&self) -> bool {
        self.message.header().ad()
    }

    /// Cut short (TC).
    pub(super) fn truncated(&self) -> bool {
        self.message.header().tc()
    }

    /// The resolver speaks EDNS.
    pub(super) fn edns(&self) -> bool {
        self.message.opt().is_some()
    }

    /// How many records of a type the answer section holds.
    pub(super) fn count(&self, kind: Rtype) -> usize {
        self.message.answer().map_or(0, |section| section.flatten().filter(|record| record.rtype() == kind).count())
    }

    /// The addresses in the answer section.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        use domain::rdata::{A, Aaaa};
        let Ok(section) = self.message.answer() else { return Vec::new() };
        let v4 = section.limit_to_in::<A>().flatten().map(|record| IpAddr::V4(record.data().addr()));
        let v6 = section.limit_to_in::<Aaaa>().flatten().map(|record| IpAddr::V6(record.data().addr()));
        v4.chain(v6).collect()
    }
}

/// Asks over UDP.
pub(super) async fn over_udp(resolver: SocketAddr, question: Question<'_>) -> Option<Answer> {
    let any: IpAddr = if resolver.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    for _ in 0..ATTEMPTS {
        let (id, packet) = encode(question)?;
        let exchange = async {
            let socket = UdpSocket::bind((any, 0)).await.ok()?;
            socket.connect(resolver).await.ok()?;
            socket.send(&packet).await.ok()?;
            let mut buffer = vec![0; 4096];
            loop {
                let length = socket.recv(&mut buffer).await.ok()?;
                if let Some(answer) = decode(id, question, buffer[..length].to_vec()) {
                    return Some(answer);
                }
            }
        };
        if let Ok(Some(answer)) = tokio::time::timeout(WAIT, exchange).await {
            return Some(answer);
        }
    }
    None
}

/// Asks over TCP (RFC 7766).
pub(super) async fn over_tcp(resolver: SocketAddr, question: Question<'_>) -> Option<Answer> {
    let (id, packet) = encode(question)?;
    let exchange = async {
        let mut stream = TcpStream::connect(resolver).await?;
        // RFC 1035 4.2.2: two octets of length before each message.
        stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], &packet].concat()).await?;
        let mut answer = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(WAIT, exchange).await.ok()?.ok()?;
    decode(id, question, answer)
}

/// Asks over UDP, and over TCP where the answer was cut short (RFC 7766 5).
pub(super) async fn ask(resolver: SocketAddr, question: Question<'_>) -> Option<Answer> {
    match over_udp(resolver, question).await {
        Some(answer) if answer.truncated() => over_tcp(resolver, question).await,
        answer => answer,
    }
}

fn encode(question: Question<'_>) -> Option<(u16, Vec<u8>)> {
    let id: u16 = rand::random();
    let mut message = MessageBuilder::new_vec();
    let header = message.header_mut();
    header.set_id(id);
    header.set_rd(true);
    header.set_ad(!question.checking_disabled);
    header.set_cd(question.checking_disabled);
    let mut message = message.question();
    message.push((name_of(question.name)?, question.kind)).ok()?;
    let mut message = message.additional();
    let opt = |opt: &mut domain::base::message_builder::OptBuilder<'_, Vec<u8>>| {
        opt.set_udp_payload_size(question.payload);
        opt.set_dnssec_ok(question.dnssec_ok);
        Ok(())
    };
    message.opt(opt).ok()?;
    Some((id, message.finish()))
}

fn name_of(text: &str) -> Option<Name<Vec<u8>>> {
    text.parse().ok()
}

/// The answer in a packet, if it is one to this question (RFC 5452 9.1).
fn decode(id: u16, question: Question<'_>, packet: Vec<u8>) -> Option<Answer> {
    let message = Message::from_octets(Bytes::from(packet)).ok()?;
    let asked = message.sole_question().ok()?;
    let same =
        asked.qtype() == question.kind && domain::base::name::ToName::name_eq(asked.qname(), &name_of(question.name)?);
    (message.header().qr() && message.header().id() == id && same).then_some(Answer { message })
}
