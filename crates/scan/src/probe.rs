//! One SMTP session with one address: what an `endpoints` row holds.
//!
//! [`look`] connects, reads the greeting, says EHLO (or HELO), STARTTLS, makes the handshake, says EHLO
//! again and QUIT, and writes down how far it came. [`mxcensus_rules::smtp::Dialogue`] knows what to say; here are the
//! sockets and the time limits. A peer costs at most [`ProbeSettings::total_timeout`], whatever it does.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::connection::Connection;
use super::left_alone::Peer;
use super::net::{Net, is_silence, now, stream_failure};
use super::shortage::{NoConnection, Shortage};
use super::tls::wire::Wire;
use super::tls::{Purpose, TlsClient, TlsLook, handshake_failure};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::name::is_localhost;
use mxcensus_rules::observation::{Attempt, EndpointRow, EndpointStage, Micros};
use mxcensus_rules::smtp::{Action, Dialogue, Seen, Step};

/// How a session is held, and how long each step may take.
#[derive(Clone, Debug)]
pub struct ProbeSettings {
    /// The name that we give ourselves in EHLO (RFC 5321 §4.1.1.1).
    pub ehlo_name: String,
    /// For the TCP connection. 10 s: covers two lost SYNs (retries after 1 and 3 s) on any path.
    pub connect_timeout: Duration,
    /// For the whole greeting. 30 s: RFC 5321 §4.5.3.2.1 allows 5 minutes, but greet delays in use end below 30 s.
    pub banner_timeout: Duration,
    /// For the whole reply to each command. 15 s: EHLO and STARTTLS need no work from the server, so only slow-downs
    /// meant for abusers take longer.
    pub command_timeout: Duration,
    /// For the TLS handshake. 15 s: two round trips and a signature.
    pub tls_timeout: Duration,
    /// For the answer to QUIT, and for closing. 2 s: a courtesy, nothing is learnt from it.
    pub quit_timeout: Duration,
    /// For the session as a whole. 75 s: less than the sum of the steps, so that a peer that is slow at each of them
    /// does not hold a place for two minutes.
    pub total_timeout: Duration,
}

impl ProbeSettings {
    /// The defaults, with the name for EHLO.
    pub fn new(ehlo_name: impl Into<String>) -> ProbeSettings {
        ProbeSettings {
            ehlo_name: ehlo_name.into(),
            connect_timeout: Duration::from_secs(10),
            banner_timeout: Duration::from_secs(30),
            command_timeout: Duration::from_secs(15),
            tls_timeout: Duration::from_secs(15),
            quit_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(75),
        }
    }

    fn limit(&self, step: Step) -> Duration {
        match step {
            Step::Greeting => self.banner_timeout,
            Step::Ehlo | Step::Helo | Step::Starttls | Step::TlsEhlo => self.command_timeout,
            Step::Handshake => self.tls_timeout,
            Step::Quit | Step::Over => self.quit_timeout,
        }
    }
}

/// Whom to look at: the key of an `endpoints` row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The MX host name.
    pub host: String,
    /// The name for SNI (RFC 8461 §7.1, RFC 7672 §8.1).
    pub server_name: String,
    /// The address.
    pub ip: IpAddr,
    /// The port.
    pub port: u16,
    /// The names that the host is an alias of.
    pub aliases: Arc<[String]>,
}

impl Target {
    /// The same, as the opt-out list knows it.
    pub fn peer(&self) -> Peer {
        Peer::mail_server(&self.host, &self.aliases, self.ip)
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Looked {
    /// The row, with this one attempt in its log.
    pub row: EndpointRow,
    /// The chain as presented, leaf first; `row.chain` holds its fingerprints.
    pub chain: Vec<CertificateDer<'static>>,
    /// STARTTLS was accepted, and rustls and the peer could not agree: [`super::second_look`] may tell more.
    pub wants_second_look: bool,
    /// An answer of the peer was waited for in vain, the reply to QUIT included.
    pub in_silence: bool,
    /// What this machine was short of: the row tells nothing then.
    pub short: Option<Shortage>,
}

/// Looks at an endpoint once. Never fails: how it ended is in the row.
///
/// An address that was not contacted costs no connection: `skipped` with a reason of our own, or `connect` with
/// `special-address`.
pub async fn look(net: &Net, tls: &TlsClient, target: &Target, settings: &ProbeSettings, worker: &str) -> Looked {
    let (at, started) = (now(), Instant::now());
    let deadline = started + settings.total_timeout;
    let mut row = empty_row(target, worker, at);
    let mut short = None;
    let connected = if is_localhost(&target.host) {
        // RFC 6761 §6.3: `localhost` names the machine that asks, so no sender reaches the domain's owner there. A lab is no exception.
        Err(NoConnection::Failure(Failure::SpecialAddress))
    } else {
        net.connect(&target.peer(), target.port, settings.connect_timeout).await
    };
    let (looked, in_silence) = match connected {
        Err(NoConnection::Short(shortage)) => {
            (row.stage, row.error, short) = (EndpointStage::Skipped, Some(Failure::Budget), Some(shortage));
            (TlsLook::default(), false)
        }
        Err(NoConnection::Failure(failure)) => {
            let ours = failure.family() == Family::Own;
            row.stage = if ours { EndpointStage::Skipped } else { EndpointStage::Connect };
            row.error = Some(failure);
            row.connections = u32::from(!ours && failure != Failure::SpecialAddress);
            (TlsLook::default(), failure == Failure::ConnectTimeout)
        }
        Ok(stream) => {
            row.connections = 1;
            row.connect_ms = Some(millis(started));
            let remembered = stream.remembered();
            let seen = session(stream, tls, target, settings, deadline, &mut row).await;
            // What was learnt before a QUIT that could not be said stands.
            let is_whole = row.stage == EndpointStage::Done && row.ehlo_tls_capabilities.is_some();
            short = remembered.shortage().filter(|_| !is_whole);
            seen
        }
    };
    let total = millis(started);
    row.total_ms = Some(total);
    row.attempt_log =
        vec![Attempt { at, stage: row.stage, error: row.error, reply_code: failing_code(&row), ms: total }];
    let wants_second_look = row.stage == EndpointStage::Tls && looked.disagreed();
    Looked { row, chain: looked.chain, wants_second_look, in_silence, short }
}

/// The session on an open connection, written into the row. The second value tells whether some word
/// was waited for in vain.
async fn session(
    stream: Connection,
    tls: &TlsClient,
    target: &Target,
    settings: &ProbeSettings,
    deadline: Instant,
    row: &mut EndpointRow,
) -> (TlsLook, bool) {
    let mut dialogue = Dialogue::new(&settings.ehlo_name);
    let Opened { stream, banner_ms, mut in_silence } = until_starttls(stream, &mut dialogue, settings, deadline).await;
    row.banner_ms = banner_ms;
    let mut looked = TlsLook::default();
    let mut alert_after = None;
    if let Some(stream) = stream {
        let (begun, injection) = (Instant::now(), stream.injection());
        let limit = settings.tls_timeout.min(deadline.saturating_duration_since(begun));
        looked = tls.handshake(stream, &target.server_name, Purpose::Smtp, limit).await;
        row.tls_ms = Some(millis(begun));
        in_silence = looked.error == Some(Failure::TlsTimeout) || begun.elapsed() >= limit;
        match looked.stream.take() {
            Some(mut stream) => {
                let action = dialogue.secured(injection.was_seen());
                let ended = talk(&mut stream, &mut dialogue, action, settings, deadline, |_| {}).await;
                in_silence = ended.in_silence;
                // RFC 8446 §4.4.4: in TLS 1.3 our side is done before the peer has accepted it. An alert as its first
                // word means that it has not.
                if dialogue.seen().ehlo_tls_capabilities.is_none() && looked.version == Some("TLSv1.3") {
                    alert_after =
                        ended.error.and_then(|error| handshake_failure(&error).1).filter(|a| a != "close_notify");
                }
            }
            None => {
                // Clear text instead of a handshake: that nothing followed it is not the news.
                if injection.was_all() {
                    looked.error = Some(Failure::TlsProtocol);
                }
                dialogue.insecure(looked.error.unwrap_or(Failure::TlsProtocol), injection.was_seen());
            }
        }
    }
    fill_smtp(row, dialogue.into_seen());
    if let Some(alert) = alert_after {
        (row.stage, row.error) = (EndpointStage::Tls, Some(Failure::TlsAlert));
        (looked.error, looked.alert) = (Some(Failure::TlsAlert), Some(alert));
    }
    fill_tls(row, &looked);
    (looked, in_silence)
}

/// A connection on which STARTTLS was accepted, or what was learnt on the way there.
pub(super) struct Opened {
    /// The connection, when the handshake may begin.
    pub stream: Option<Wire>,
    /// From the connection to the complete greeting.
    pub banner_ms: Option<f64>,
    /// Some word was waited for in vain.
    pub in_silence: bool,
}

/// Holds the conversation up to the reply to STARTTLS; without one, up to QUIT and the end of the connection.
pub(super) async fn until_starttls(
    mut stream: Connection,
    dialogue: &mut Dialogue,
    settings: &ProbeSettings,
    deadline: Instant,
) -> Opened {
    let begun = Instant::now();
    let mut banner_ms = None;
    let on_reply = |dialogue: &Dialogue| {
        if banner_ms.is_none() && dialogue.seen().banner.is_some() {
            banner_ms = Some(millis(begun));
        }
    };
    let Ended { in_silence, .. } = talk(&mut stream, dialogue, Action::Read, settings, deadline, on_reply).await;
    let secure = dialogue.step() == Step::Handshake;
    let stream = secure.then(|| Wire::after_starttls(stream, dialogue.take_leftover()));
    Opened { stream, banner_ms, in_silence }
}

/// How a conversation ended.
#[derive(Default)]
struct Ended {
    /// The error that ended it, if one did.
    error: Option<io::Error>,
    /// Some word was waited for in vain.
    in_silence: bool,
}

/// Carries bytes between a connection and a dialogue until the handshake or the end.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    dialogue: &mut Dialogue,
    mut action: Action,
    settings: &ProbeSettings,
    deadline: Instant,
    mut after: impl FnMut(&Dialogue),
) -> Ended {
    let mut buffer = [0; 2048];
    let mut step = dialogue.step();
    let mut limit = Instant::now() + settings.limit(step);
    let mut ended = Ended::default();
    while !matches!(action, Action::StartTls | Action::Close) {
        if dialogue.step() != step {
            step = dialogue.step();
            limit = Instant::now() + settings.limit(step);
        }
        // The courtesy of QUIT has its own short time; everything else ends with the session's.
        let until = if step == Step::Quit { limit } else { limit.min(deadline) };
        let exchange = async {
            if let Action::Send(bytes) = &action {
                stream.write_all(bytes).await?;
                stream.flush().await?;
            }
            stream.read(&mut buffer).await
        };
        let exchanged = tokio::time::timeout_at(until, exchange).await;
        ended.in_silence |= match &exchanged {
            Err(_) => true,
            Ok(read) => read.as_ref().is_err_and(is_silence),
        };
        action = match exchanged {
            Err(_) => dialogue.ended(Failure::SmtpTimeout),
            Ok(Err(error)) if is_silence(&error) => dialogue.ended(Failure::SmtpTimeout),
            Ok(Ok(0)) => dialogue.ended(Failure::ConnectionClosed),
            Ok(Ok(count)) => dialogue.receive(&buffer[..count]),
            Ok(Err(error)) => {
                let action = dialogue.ended(stream_failure(&error));
                ended.error = Some(error);
                action
            }
        };
        after(dialogue);
    }
    if action == Action::Close {
        // Closing is for the peer's sake; that it fails, or takes long, says nothing.
        let _ = tokio::time::timeout(settings.quit_timeout, stream.shutdown()).await;
    }
    ended
}

/// A retry after an earlier attempt: the later one decides, the logs are joined, the connections summed.
pub fn merge(earlier: EndpointRow, later: EndpointRow) -> EndpointRow {
    let mut attempt_log = earlier.attempt_log;
    attempt_log.extend(later.attempt_log);
    EndpointRow { attempt_log, connections: earlier.connections + later.connections, ..later }
}

/// What [`merge`] needs of an attempt that is to be repeated: a row may wait for half an hour, and a hostile peer's is large.
pub fn remembered(row: EndpointRow) -> EndpointRow {
    EndpointRow {
        banner: None,
        ehlo_name: None,
        ehlo_capabilities: None,
        ehlo_tls_capabilities: None,
        reply_text: None,
        chain: None,
        ..row
    }
}

/// Lower-case hex SHA-256 of each certificate.
pub(super) fn fingerprints(chain: &[CertificateDer<'_>]) -> Vec<String> {
    chain.iter().map(|der| hex::encode(ring::digest::digest(&ring::digest::SHA256, der))).collect()
}

pub(super) fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// The code of the reply that ended the attempt; none where no reply did.
fn failing_code(row: &EndpointRow) -> Option<u16> {
    use Failure::{BannerRejected, EhloRejected, SmtpProtocol, StarttlsNotOffered, StarttlsRejected};
    let by_reply =
        matches!(row.error, Some(BannerRejected | EhloRejected | StarttlsNotOffered | StarttlsRejected | SmtpProtocol));
    row.reply_code.filter(|_| by_reply)
}

fn fill_smtp(row: &mut EndpointRow, seen: Seen) {
    row.stage = seen.stage;
    row.error = seen.error;
    row.banner = seen.banner;
    row.banner_truncated = seen.banner_truncated;
    row.ehlo_name = seen.ehlo_name;
    row.helo_used = seen.helo_used;
    row.ehlo_capabilities = seen.ehlo_capabilities;
    row.ehlo_capabilities_truncated = seen.ehlo_capabilities_truncated;
    row.ehlo_tls_capabilities = seen.ehlo_tls_capabilities;
    row.reply_code = seen.reply_code;
    row.reply_text = seen.reply_text;
    row.reply_text_truncated = seen.reply_text_truncated;
    row.starttls = seen.starttls;
    row.injected = seen.injected;
}

fn fill_tls(row: &mut EndpointRow, looked: &TlsLook) {
    row.tls_version = looked.version.map(str::to_owned);
    row.cipher_suite.clone_from(&looked.cipher_suite);
    row.key_exchange.clone_from(&looked.key_exchange);
    row.signature_scheme.clone_from(&looked.signature_scheme);
    row.tls_alert.clone_from(&looked.alert);
    row.tls_last_sent = looked.last_sent;
    row.client_certificate_requested = looked.agreed.then_some(looked.certificate_requested);
    row.dh_bits = looked.dh_bits;
    row.key_proof = looked.key_proof;
    row.chain = looked.key_proof.is_some().then(|| fingerprints(&looked.chain));
    row.chain_truncated = looked.chain_truncated;
}

/// The row of an endpoint that was not contacted, for a reason of our own.
pub fn skipped(target: &Target, worker: &str, reason: Failure) -> EndpointRow {
    EndpointRow { stage: EndpointStage::Skipped, error: Some(reason), ..empty_row(target, worker, now()) }
}

/// The row of an endpoint that was not contacted, because the samples at its address all showed what `model` shows.
pub fn as_sampled(target: &Target, worker: &str, model: &EndpointRow) -> EndpointRow {
    EndpointRow {
        host: target.host.clone(),
        server_name: target.server_name.clone(),
        worker: worker.to_owned(),
        sampled_from: Some(model.host.clone()),
        connections: 0,
        ..model.clone()
    }
}

fn empty_row(target: &Target, worker: &str, at: Micros) -> EndpointRow {
    let Target { host, server_name, ip, port, .. } = target.clone();
    let row = EndpointRow::unseen(host, server_name, ip.to_string(), port, worker.to_owned(), at);
    EndpointRow { stage: EndpointStage::Connect, ..row }
}

#[cfg(test)]
mod tests;
