//! From a question to an answer: attempts, resolvers, retries, TCP, limits.
//!
//! [`Engine::exchange`] returns the first answer with NOERROR or NXDOMAIN that any resolver gives, or the
//! word for why there is none. The number of packets, of bytes and of seconds that one question can cost
//! is bounded by [`DnsSettings`].

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, Quota};
use hickory_proto::op::{Message, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::message::{self, Question};
use super::settings::{DnsSettings, is_local};
use super::udp::{Pool, Silence};
use crate::connectivity::gate::{Belief, Gate, Proof};
use crate::shortage::{Shortage, Shortages};
use mxcensus_rules::failure::Failure;

/// TCP connections at once, over all resolvers: each may hold a message of 64 KiB.
const TCP_AT_ONCE: usize = 64;

/// An answer with the code NOERROR or NXDOMAIN.
pub(super) struct Reply {
    /// As received.
    pub bytes: Bytes,
    /// The same, decoded.
    pub message: Message,
}

/// How long a question waits that this machine had no socket or buffer for.
const SHORTAGE_WAIT: Duration = Duration::from_secs(1);

/// So often it waits where nobody watches, as in `mxcensus check`.
const UNWATCHED_WAITS: u32 = 10;

/// One resolver.
struct Upstream {
    address: SocketAddr,
    pool: Pool,
    wait: Duration,
    rate: Option<Rate>,
}

/// Sends questions to the resolvers of the settings.
pub(super) struct Engine {
    upstreams: Vec<Upstream>,
    next: AtomicUsize,
    under_way: Semaphore,
    tcp: Semaphore,
    attempts: u32,
    pause: Duration,
    gate: Arc<Gate>,
    shortages: Arc<Shortages>,
}

/// Answers after a failure that show that the resolver and the network behind it work: some come from its cache.
const PROOF: Proof = Proof { at_least: 4, per_failure: 4 };

/// What one resolver made of one attempt.
enum Attempt {
    Answered(Reply),
    /// A code that is no answer.
    Code(ResponseCode),
    /// Something that is not a DNS message.
    Malformed,
    Silent(Silence),
}

impl Engine {
    /// Opens no socket yet.
    pub(super) fn new(settings: &DnsSettings) -> Self {
        let upstream = |&address: &SocketAddr| {
            let local = is_local(address.ip());
            let per_second = NonZeroU32::new(settings.queries_per_second).filter(|_| !local);
            Upstream {
                address,
                pool: Pool::new(address, settings),
                wait: if local { settings.loopback_timeout } else { settings.timeout },
                rate: per_second.map(Rate::new),
            }
        };
        Self {
            upstreams: settings.resolvers.iter().map(upstream).collect(),
            next: AtomicUsize::new(0),
            under_way: Semaphore::new(settings.in_flight.max(1)),
            tcp: Semaphore::new(TCP_AT_ONCE),
            attempts: settings.attempts.max(1),
            pause: settings.pause,
            gate: Arc::new(Gate::new(Arc::default(), PROOF)),
            shortages: Arc::default(),
        }
    }

    /// What this machine is short of.
    pub(super) fn shortages(&self) -> &Arc<Shortages> {
        &self.shortages
    }

    /// Where failures wait until it is known whose they are.
    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Asks, and asks again where the failure was our own: the resolver or the way to it was lost meanwhile.
    pub(super) async fn exchange(&self, question: &Question, again: bool) -> Result<Reply, Failure> {
        let mut attempts = self.attempts;
        loop {
            let begun = self.gate.begin();
            let failure = match self.exchange_once(question, again, attempts).await {
                Ok(reply) => {
                    self.gate.succeeded();
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            match self.gate.failed(begun, None).await {
                // After a short interruption one attempt has its answer; a name that is dead costs no more than that.
                Belief::Unsure if attempts == self.attempts && attempts > 1 => attempts = 1,
                Belief::Fact | Belief::Unsure => return Err(failure),
                Belief::Again => attempts = self.attempts,
                Belief::Lost => return Err(Failure::Cancelled),
            }
        }
    }

    /// Whether a question is answered at all, whatever the answer; asked past the gate.
    pub(super) async fn reaches(&self, question: &Question) -> bool {
        self.exchange_once(question, false, self.attempts).await.is_ok()
    }

    /// Asks until a resolver answers or the attempts are used up. A resolver's SERVFAIL or REFUSED is
    /// taken to the next resolver; `again` asks the only one a second time.
    async fn exchange_once(&self, question: &Question, again: bool, attempts: u32) -> Result<Reply, Failure> {
        // The semaphore is never closed.
        let _permit = self.under_way.acquire().await.map_err(|_| Failure::Cancelled)?;
        let section = question.section();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut failure = Failure::DnsTimeout;
        let mut codes = 0;
        for attempt in 0..attempts as usize {
            let upstream = &self.upstreams[first.wrapping_add(attempt) % self.upstreams.len()];
            match self.attempt(upstream, question, &section).await {
                Attempt::Answered(reply) => return Ok(reply),
                Attempt::Code(code) => {
                    failure = if code == ResponseCode::Refused { Failure::Refused } else { Failure::Servfail };
                    codes += 1;
                    if codes > self.upstreams.len() - usize::from(!again) {
                        break;
                    }
                    if codes >= self.upstreams.len() {
                        tokio::time::sleep(self.pause).await;
                    }
                }
                // An answer that cannot be read is no answer (RFC 1035 4.1.1 has no code for it).
                Attempt::Malformed => failure = Failure::Servfail,
                Attempt::Silent(Silence::Timeout) => {}
                Attempt::Silent(Silence::Unreachable | Silence::Short(_)) => tokio::time::sleep(self.pause).await,
            }
        }
        Err(failure)
    }

    async fn attempt(&self, upstream: &Upstream, question: &Question, section: &Bytes) -> Attempt {
        let attempt = self.send(upstream, question, section, true).await;
        match attempt {
            // RFC 6891 7: a server that does not know EDNS is asked without. BADVERS and BADSIG share the
            // code 16, and the codec reads it as BADSIG.
            Attempt::Code(
                ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS | ResponseCode::BADSIG,
            ) => self.send(upstream, question, section, false).await,
            attempt => attempt,
        }
    }

    async fn send(&self, upstream: &Upstream, question: &Question, section: &Bytes, edns: bool) -> Attempt {
        upstream.turn().await;
        let mut bytes = match self.over_udp(upstream, question, section, edns).await {
            Ok(bytes) => bytes,
            Err(silence) => return Attempt::Silent(silence),
        };
        if message::is_truncated(&bytes) {
            // RFC 7766 5: the whole answer comes over TCP.
            upstream.turn().await;
            // Boxed: few questions need the room that it takes in each.
            bytes = match Box::pin(self.over_tcp(upstream, question, section, edns)).await {
                Ok(bytes) => bytes,
                Err(silence) => return Attempt::Silent(silence),
            };
        }
        let Ok(message) = Message::from_vec(&bytes) else { return Attempt::Malformed };
        match message.metadata.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => Attempt::Answered(Reply { bytes, message }),
            code => Attempt::Code(code),
        }
    }

    async fn over_udp(
        &self,
        upstream: &Upstream,
        question: &Question,
        section: &Bytes,
        edns: bool,
    ) -> Result<Bytes, Silence> {
        let mut waited = 0;
        loop {
            match upstream.pool.ask(question, section, edns, upstream.wait).await {
                Err(Silence::Short(shortage)) => self.wait_out(shortage, &mut waited).await?,
                result => {
                    if waited > 0 {
                        self.shortages.is_over();
                    }
                    return result;
                }
            }
        }
    }

    /// Waits until this machine may have what it is short of: nobody was asked, so it counts as no attempt. An error when it
    /// is given up: at the end of a crawl that lost its connection and, where no watcher pauses and ends a crawl, after a while.
    async fn wait_out(&self, shortage: Shortage, waited: &mut u32) -> Result<(), Silence> {
        self.shortages.met(shortage);
        *waited += 1;
        if self.gate.shared().is_lost() || (!self.gate.is_watched() && *waited > UNWATCHED_WAITS) {
            return Err(Silence::Unreachable);
        }
        tokio::time::sleep(SHORTAGE_WAIT).await;
        Ok(())
    }

    async fn over_tcp(
        &self,
        upstream: &Upstream,
        question: &Question,
        section: &Bytes,
        edns: bool,
    ) -> Result<Bytes, Silence> {
        let _permit = self.tcp.acquire().await.map_err(|_| Silence::Unreachable)?;
        let mut waited = 0;
        loop {
            match self.over_tcp_once(upstream, question, section, edns).await {
                Err(Silence::Short(shortage)) => self.wait_out(shortage, &mut waited).await?,
                result => {
                    if waited > 0 {
                        self.shortages.is_over();
                    }
                    return result;
                }
            }
        }
    }

    async fn over_tcp_once(
        &self,
        upstream: &Upstream,
        question: &Question,
        section: &Bytes,
        edns: bool,
    ) -> Result<Bytes, Silence> {
        let id: u16 = rand::random();
        let packet = question.packet(id, edns);
        let exchange = async {
            let mut stream = TcpStream::connect(upstream.address).await?;
            // RFC 1035 4.2.2: two octets of length before each message, sent together (RFC 7766 8).
            let mut framed = Vec::with_capacity(packet.len() + 2);
            framed.extend_from_slice(&(packet.len() as u16).to_be_bytes());
            framed.extend_from_slice(&packet);
            stream.write_all(&framed).await?;
            let mut answer = vec![0; usize::from(stream.read_u16().await?)];
            stream.read_exact(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        match tokio::time::timeout(upstream.wait, exchange).await {
            Ok(Ok(answer)) if answer.starts_with(&id.to_be_bytes()) && message::answers(&answer, section) => {
                Ok(answer.into())
            }
            Ok(Ok(_)) => Err(Silence::Unreachable),
            Ok(Err(error)) => Err(Shortage::of(&error).map_or(Silence::Unreachable, Silence::Short)),
            Err(_) => Err(Silence::Timeout),
        }
    }

    /// The resolvers, for messages to the operator.
    pub(super) fn resolvers(&self) -> String {
        let names: Vec<String> = self.upstreams.iter().map(|upstream| upstream.address.to_string()).collect();
        names.join(", ")
    }
}

impl Upstream {
    /// Waits until the resolver's limit allows one more packet.
    async fn turn(&self) {
        if let Some(rate) = &self.rate {
            rate.turn().await;
        }
    }
}

/// The rate towards one resolver: first come, first served.
struct Rate {
    limiter: DefaultDirectRateLimiter,
    /// One question at a time asks for its turn, so that a thousand that wait do not wake together for one turn.
    line: tokio::sync::Mutex<()>,
}

impl Rate {
    fn new(per_second: NonZeroU32) -> Self {
        // A twentieth of a second of unused time may be caught up with, so that the timer's grain costs no rate.
        let burst = NonZeroU32::new(per_second.get() / 20).unwrap_or(NonZeroU32::MIN);
        let limiter = DefaultDirectRateLimiter::direct(Quota::per_second(per_second).allow_burst(burst));
        Self { limiter, line: tokio::sync::Mutex::default() }
    }

    /// Waits for a turn.
    async fn turn(&self) {
        let _first = self.line.lock().await;
        while let Err(not_before) = self.limiter.check() {
            tokio::time::sleep(not_before.wait_time_from(self.limiter.clock().now())).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn the_rate_is_kept() {
        let rate = Rate::new(NonZeroU32::new(200).unwrap());
        let begun = Instant::now();
        futures_util::future::join_all((0..110).map(|_| rate.turn())).await;
        // Ten at once, and the other hundred at 200 a second.
        assert!(begun.elapsed() >= Duration::from_millis(495), "{:?}", begun.elapsed());
        let unlimited = Rate::new(NonZeroU32::MAX);
        for _ in 0..1000 {
            unlimited.turn().await;
        }
    }
}
