//! UDP towards one resolver: a few sockets, many questions at once over each (RFC 5452).
//!
//! A [`Channel`] is one connected socket (so the kernel drops what comes from any other address) with
//! one task that reads it and hands each answer to the task that waits under its id. An answer is taken only
//! when id and question match; anything else is ignored, so a forger gains nothing by being early. A
//! [`Pool`] holds the channels of one resolver and, where the path is not our own machine, replaces them
//! often: a forger must guess the port as well as the id.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::message::{self, Question};
use super::settings::{DnsSettings, is_local};
use crate::shortage::Shortage;

/// Bytes read of one datagram. We ask for at most [`message::UDP_PAYLOAD`]; what is larger than this was
/// not meant for us and does not parse.
const DATAGRAM: usize = 4096;
/// Datagrams read in a row before other tasks get their turn.
const BATCH: usize = 64;
/// Receive buffer asked of the kernel: bursts of answers wait here (the kernel may grant less).
const RECEIVE_BUFFER: usize = 1 << 20;

/// Why one attempt brought no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Silence {
    /// Nothing that matches came in time.
    Timeout,
    /// The machine says that nobody listens there, or the packet could not be sent.
    Unreachable,
    /// This machine could not even ask.
    Short(Shortage),
}

impl Silence {
    /// What an error of a UDP socket means. No port is left where none can be bound (EADDRINUSE); EADDRNOTAVAIL means here that
    /// there is no way to the resolver.
    fn of(error: &io::Error) -> Silence {
        match error.kind() {
            io::ErrorKind::AddrInUse => Silence::Short(Shortage::Ports),
            io::ErrorKind::AddrNotAvailable => Silence::Unreachable,
            _ => Shortage::of(error).map_or(Silence::Unreachable, Silence::Short),
        }
    }
}

/// Who waits for an answer, and for which question.
struct Waiter {
    question_section: Bytes,
    answer: oneshot::Sender<Bytes>,
}

type ById = HashMap<u16, Waiter, BuildHasherDefault<Random>>;

/// Ids are random already; they are only spread over the bits that a table looks at.
#[derive(Default)]
struct Random(u64);

impl Hasher for Random {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u16(u16::from(*byte)));
    }

    fn write_u16(&mut self, id: u16) {
        // The golden ratio: neighbouring values end up far from each other (Knuth, volume 3, 6.4).
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[derive(Default)]
struct Waiters(Mutex<ById>);

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, ById> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a datagram to its waiter; one that nobody waits for is dropped.
    fn deliver(&self, datagram: &[u8]) {
        let Some(id) = datagram.first_chunk::<2>().map(|id| u16::from_be_bytes(*id)) else { return };
        let waiter = match self.lock().entry(id) {
            Entry::Occupied(entry) if message::answers(datagram, &entry.get().question_section) => entry.remove(),
            _ => return,
        };
        // A waiter that has gone meanwhile needs no answer.
        let _ = waiter.answer.send(Bytes::copy_from_slice(datagram));
    }
}

/// One connected socket and the questions under way over it.
struct Channel {
    socket: Arc<UdpSocket>,
    waiters: Arc<Waiters>,
    reader: JoinHandle<()>,
    sent: AtomicU32,
    opened: Instant,
}

impl Channel {
    fn open(resolver: SocketAddr) -> io::Result<Self> {
        fail::fail_point!("dns-open", |number| Err(crate::connection::injected(number)));
        let any: IpAddr = if resolver.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let domain = socket2::Domain::for_address(resolver);
        let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.set_nonblocking(true)?;
        // Port 0: the kernel picks one at random.
        socket.bind(&SocketAddr::new(any, 0).into())?;
        socket.connect(&resolver.into())?;
        let socket = Arc::new(UdpSocket::from_std(socket.into())?);
        let waiters = Arc::new(Waiters::default());
        let reader = tokio::spawn(read(socket.clone(), waiters.clone()));
        Ok(Self { socket, waiters, reader, sent: AtomicU32::new(0), opened: Instant::now() })
    }

    async fn ask(&self, question: &Question, section: &Bytes, edns: bool, wait: Duration) -> Result<Bytes, Silence> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (ticket, answer) = self.register(section).ok_or(Silence::Unreachable)?;
        let packet = question.packet(ticket.id, edns);
        let sent = self.send(&packet).await;
        sent.map_err(|error| Silence::of(&error))?;
        match tokio::time::timeout(wait, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Silence::Unreachable),
            Err(_) => Err(Silence::Timeout),
        }
    }

    async fn send(&self, packet: &[u8]) -> io::Result<usize> {
        fail::fail_point!("dns-send", |number| Err(crate::connection::injected(number)));
        match self.socket.try_send(packet) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.socket.send(packet).await,
            sent => sent,
        }
    }

    /// Reserves a random id. `None` when the socket is so busy that none is free nearby.
    fn register(&self, section: &Bytes) -> Option<(Ticket<'_>, oneshot::Receiver<Bytes>)> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.waiters.lock();
        for _ in 0..32 {
            if let Entry::Vacant(free) = waiters.entry(rand::random()) {
                let ticket = Ticket { id: *free.key(), waiters: &self.waiters };
                free.insert(Waiter { question_section: section.clone(), answer: sender });
                return Some((ticket, receiver));
            }
        }
        None
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A reserved id; given back when the wait ends, however it ends.
struct Ticket<'a> {
    id: u16,
    waiters: &'a Waiters,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.waiters.lock().remove(&self.id);
    }
}

/// Reads a socket for as long as its channel lives.
async fn read(socket: Arc<UdpSocket>, waiters: Arc<Waiters>) {
    let mut buffer = [0; DATAGRAM];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => waiters.deliver(&buffer[..length]),
            // Port unreachable (RFC 1122 4.1.3.3): tasks that wait may go on at once.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => waiters.lock().clear(),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        for _ in 0..BATCH {
            match socket.try_recv(&mut buffer) {
                Ok(length) => waiters.deliver(&buffer[..length]),
                Err(_) => break,
            }
        }
        tokio::task::yield_now().await;
    }
}

/// The sockets towards one resolver.
pub(super) struct Pool {
    resolver: SocketAddr,
    slots: Vec<Mutex<Option<Arc<Channel>>>>,
    next: AtomicUsize,
    /// Uses and age after which a channel is replaced; `None` on our own machine.
    renewal: Option<(u32, Duration)>,
}

impl Pool {
    /// Sockets are opened when they are first needed.
    pub(super) fn new(resolver: SocketAddr, settings: &DnsSettings) -> Self {
        Self {
            resolver,
            slots: (0..settings.sockets.max(1)).map(|_| Mutex::new(None)).collect(),
            next: AtomicUsize::new(0),
            renewal: (!is_local(resolver.ip())).then_some((settings.queries_per_port, settings.port_age)),
        }
    }

    /// Asks once and waits for the answer.
    pub(super) async fn ask(
        &self,
        question: &Question,
        section: &Bytes,
        edns: bool,
        wait: Duration,
    ) -> Result<Bytes, Silence> {
        let channel = self.channel().map_err(|error| {
            tracing::debug!(resolver = %self.resolver, %error, "cannot open a UDP socket");
            Silence::of(&error)
        })?;
        channel.ask(question, section, edns, wait).await
    }

    fn channel(&self) -> io::Result<Arc<Channel>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        let mut slot = self.slots[turn].lock().unwrap_or_else(PoisonError::into_inner);
        let worn = |channel: &Channel| {
            self.renewal.is_some_and(|(uses, age)| {
                channel.sent.load(Ordering::Relaxed) >= uses || channel.opened.elapsed() >= age
            })
        };
        match slot.as_ref() {
            Some(channel) if !worn(channel) => Ok(channel.clone()),
            // Those who still wait on the old channel keep it alive until they are done.
            _ => {
                let channel = Arc::new(Channel::open(self.resolver)?);
                *slot = Some(channel.clone());
                Ok(channel)
            }
        }
    }

    /// The local port that the next question would use; `None` without a route.
    #[cfg(test)]
    pub(super) fn local_port(&self) -> Option<u16> {
        self.channel().ok()?.socket.local_addr().ok().map(|address| address.port())
    }
}
