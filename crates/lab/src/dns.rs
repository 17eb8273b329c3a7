//! The resolver that the lab's internet is seen through (RFC 1035 §4, RFC 6891): UDP and TCP on one
//! loopback port. It answers for the whole tree as a recursive resolver that does not validate: RA, CD
//! echoed, AD never set, DNSSEC records when DO is set.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::answer::{Answer, Fault, Faults, Pointer, REFUSED, Record, SERVFAIL, answer};
use super::visits::Visits;
use super::wire::{Kind, Name, rdata};
use super::zone::Tree;

/// What the resolver answers from.
pub struct Internet {
    /// Every zone.
    pub tree: Tree,
    /// Scripted faults.
    pub faults: Faults,
    /// Who asks.
    pub visits: Arc<Visits>,
}

/// Whatever knows the answers.
pub trait Recursor: Send + Sync + 'static {
    /// The answer to one question, its aliases followed.
    fn answer(&self, name: &Name, kind: Kind) -> Answer;

    /// Notes that a question was asked, where that is logged.
    fn note(&self, _name: &Name, _kind: Kind) {}

    /// Whether a forger answers this question too.
    fn is_forged(&self, _name: &Name, _kind: Kind) -> bool {
        false
    }
}

impl Recursor for Internet {
    fn answer(&self, name: &Name, kind: Kind) -> Answer {
        answer(&self.tree, &self.faults, name, kind)
    }

    fn note(&self, name: &Name, kind: Kind) {
        if self.visits.are_logged() {
            self.visits.note("dns", format_args!("{kind} {name}"));
        }
    }

    fn is_forged(&self, name: &Name, kind: Kind) -> bool {
        matches!(self.faults.get(&(name.clone(), Some(kind))), Some(Fault::Forged { .. }))
    }
}

/// The largest answer over UDP.
pub const MAX_UDP: usize = 1232;
const FORMERR: u8 = 1;
const NOTIMP: u8 = 4;

/// Serves UDP until the task is dropped.
pub async fn serve_udp(socket: UdpSocket, internet: Arc<impl Recursor>) -> io::Result<()> {
    let elsewhere = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut buffer = [0; 4096];
    loop {
        // An ICMP error of an earlier answer shows up here and says nothing about the socket.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        for forgery in forgeries(&*internet, &buffer[..length]) {
            let from = if forgery.from_elsewhere { &elsewhere } else { &socket };
            let _ = from.send_to(&forgery.bytes, peer).await;
        }
        if let Some(reply) = respond(&*internet, &buffer[..length], Some(MAX_UDP)) {
            let _ = socket.send_to(&reply, peer).await;
        }
    }
}

/// Serves TCP until the task is dropped.
pub async fn serve_tcp(listener: TcpListener, internet: Arc<impl Recursor>) -> io::Result<()> {
    loop {
        let (stream, _): (_, SocketAddr) = listener.accept().await?;
        let internet = Arc::clone(&internet);
        tokio::spawn(async move { tokio::time::timeout(Duration::from_secs(60), converse(stream, internet)).await });
    }
}

async fn converse(mut stream: TcpStream, internet: Arc<impl Recursor>) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut query = vec![0; usize::from(length)];
        stream.read_exact(&mut query).await?;
        let Some(reply) = respond(&*internet, &query, None) else { return Ok(()) };
        stream.write_all(&[&(reply.len() as u16).to_be_bytes()[..], &reply].concat()).await?;
    }
}

/// A datagram of somebody who would like to be the resolver.
struct Forgery {
    bytes: Vec<u8>,
    from_elsewhere: bool,
}

/// Answers with a wrong id, to another question, and from another port (RFC 5452 §9.1), each with an MX host of its own.
fn forgeries(internet: &impl Recursor, query: &[u8]) -> Vec<Forgery> {
    let header: Option<[u8; 12]> = query.first_chunk().copied();
    let (Some(header), Some(question)) = (header, header.and_then(|_| Question::read(query))) else {
        return Vec::new();
    };
    if !internet.is_forged(&question.name, question.kind) {
        return Vec::new();
    }
    let answer = |owner: &Name, host: &str| Answer {
        answers: vec![Record {
            owner: owner.clone(),
            kind: Kind::MX,
            ttl: 60,
            data: rdata::mx(0, &Name::new(&format!("{host}.forged.com"))),
        }],
        ..Answer::default()
    };
    let mut another_id = header;
    another_id[1] ^= 1;
    let name = Name::new("elsewhere.com");
    let elsewhere = Question { raw: [name.wire(), vec![0, 15, 0, 1]].concat(), name: name.clone(), ..question.clone() };
    let forgery = |bytes, from_elsewhere| Forgery { bytes, from_elsewhere };
    vec![
        forgery(question.reply(another_id, 0, &answer(&question.name, "id"), false), false),
        forgery(elsewhere.reply(header, 0, &answer(&name, "question"), false), false),
        forgery(question.reply(header, 0, &answer(&question.name, "port"), false), true),
    ]
}

/// The reply to one query; `None`: stay silent (UDP) or close (TCP, where `limit` is `None`).
pub fn respond(internet: &impl Recursor, query: &[u8], limit: Option<usize>) -> Option<Vec<u8>> {
    let header: [u8; 12] = query.get(..12)?.try_into().ok()?;
    if header[2] & 0x80 != 0 {
        return None; // a response
    }
    let question = Question::read(query);
    if let Some(question) = &question {
        internet.note(&question.name, question.kind);
    }
    let Some(question) = question.filter(|_| header[2] & 0x78 == 0) else {
        let code = if header[2] & 0x78 == 0 { FORMERR } else { NOTIMP };
        return Some(Question::default().reply(header, code, &Answer::default(), false));
    };
    if question.kind == Kind::ANY {
        return Some(question.reply(header, NOTIMP, &Answer::default(), false));
    }
    let mut found = internet.answer(&question.name, question.kind);
    let mut code = found.code;
    match found.fault {
        None | Some(Fault::Unproven | Fault::Whole | Fault::Crowded | Fault::Forged { then_right: true }) => {}
        Some(Fault::Servfail) => code = SERVFAIL,
        Some(Fault::Refused) => code = REFUSED,
        Some(Fault::Silent | Fault::Forged { then_right: false }) => return None,
        Some(Fault::Pointer(pointer)) => return Some(question.pointing(header, pointer)),
        Some(Fault::Truncated) => {
            limit?;
            return Some(question.reply(header, 0, &Answer::default(), true));
        }
        Some(Fault::WrongQuestion) => {
            let other = Question { raw: [Name::new("elsewhere.com").wire(), vec![0, 1, 0, 1]].concat(), ..question };
            return Some(other.reply(header, 0, &Answer::default(), false));
        }
    }
    let fault = found.fault;
    if matches!(fault, Some(Fault::Servfail | Fault::Refused)) {
        found = Answer::default();
    }
    if fault == Some(Fault::Crowded) {
        found.answers.extend(strangers());
    }
    let mut reply = question.reply(header, code, &found, false);
    if reply.len() > usize::from(u16::MAX) {
        // No message holds it.
        reply = question.reply(header, SERVFAIL, &Answer::default(), false);
    }
    let limit = limit.filter(|_| fault != Some(Fault::Whole)).map(|limit| limit.min(question.payload));
    if limit.is_some_and(|limit| reply.len() > limit) {
        return Some(question.reply(header, code, &Answer::default(), true)); // RFC 2181 §9
    }
    Some(reply)
}

/// Records that fill a message: addresses of other domains, each of which would have to be asked about to know its state.
fn strangers() -> impl Iterator<Item = Record> {
    (1000..1000 + STRANGERS).map(|n| Record {
        owner: Name::new(&format!("n{n}.com")),
        kind: Kind::A,
        ttl: 60,
        data: rdata::a(Ipv4Addr::new(127, 9, 9, 9)),
    })
}

/// How many of them a message holds, at 25 bytes each, beside the right answer.
const STRANGERS: usize = 2_500;

#[derive(Default, Clone)]
struct Question {
    /// As asked, the case of its letters included.
    raw: Vec<u8>,
    name: Name,
    kind: Kind,
    edns: bool,
    dnssec_ok: bool,
    payload: usize,
}

impl Question {
    fn read(query: &[u8]) -> Option<Question> {
        if query[4..6] != [0, 1] {
            return None;
        }
        let (name, end) = Name::read(query, 12)?;
        let kind = Kind(u16::from_be_bytes(query.get(end..end + 2)?.try_into().ok()?));
        let raw = query.get(12..end + 4)?.to_vec();
        let mut question = Question { raw, name, kind, payload: 512, ..Question::default() };
        // RFC 6891 §6.1.2; queries carry nothing else, so OPT comes right behind the question.
        if let Some([0, 0, 41, size_high, size_low, _, _, flags, ..]) = query.get(end + 4..) {
            question.edns = true;
            question.payload = usize::from(u16::from_be_bytes([*size_high, *size_low])).max(512);
            question.dnssec_ok = flags & 0x80 != 0;
        }
        Some(question)
    }

    /// An answer of one MX record in which a compression pointer leads nowhere.
    fn pointing(&self, header: [u8; 12], pointer: Pointer) -> Vec<u8> {
        let mut out =
            vec![header[0], header[1], 0x80 | (header[2] & 0x79), 0x80 | (header[3] & 0x10), 0, 1, 0, 1, 0, 0, 0, 0];
        out.extend_from_slice(&self.raw);
        let to = |at: usize| [0xc0 | (at >> 8) as u8, at as u8];
        out.extend(match pointer {
            Pointer::Loop => to(out.len()),
            Pointer::Forward => to(out.len() + 14),
            Pointer::TargetLoop => to(12),
        });
        out.extend(Kind::MX.0.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60, 0, 4, 0, 10]);
        let here = out.len();
        out.extend(to(if pointer == Pointer::TargetLoop { here } else { 12 }));
        out
    }

    fn reply(&self, header: [u8; 12], code: u8, answer: &Answer, truncated: bool) -> Vec<u8> {
        let wanted = |record: &&Record| {
            let is_dnssec = matches!(record.kind, Kind::RRSIG | Kind::NSEC | Kind::NSEC3);
            self.dnssec_ok || !is_dnssec || record.kind == self.kind
        };
        let answers: Vec<&Record> = answer.answers.iter().filter(wanted).collect();
        let authority: Vec<&Record> = answer.authority.iter().filter(wanted).collect();
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(&header[..2]);
        // QR, the opcode as it came, TC, RD as it came; RA, CD as it came, RCODE. AD is never set.
        out.push(0x80 | (header[2] & 0x79) | (u8::from(truncated) << 1));
        out.push(0x80 | (header[3] & 0x10) | code);
        let counts = [usize::from(!self.raw.is_empty()), answers.len(), authority.len(), usize::from(self.edns)];
        out.extend(counts.iter().flat_map(|&n| (n as u16).to_be_bytes()));
        out.extend_from_slice(&self.raw);
        for record in answers.into_iter().chain(authority) {
            if record.owner == self.name {
                out.extend([0xc0, 12])
            } else {
                out.extend(record.owner.wire())
            }
            out.extend(record.kind.0.to_be_bytes());
            out.extend([0, 1]);
            out.extend(record.ttl.to_be_bytes());
            out.extend((record.data.len() as u16).to_be_bytes());
            out.extend_from_slice(&record.data);
        }
        if self.edns {
            out.extend([0, 0, 41]);
            out.extend((MAX_UDP as u16).to_be_bytes());
            out.extend([0, 0, u8::from(self.dnssec_ok) << 7, 0, 0, 0]);
        }
        out
    }
}
