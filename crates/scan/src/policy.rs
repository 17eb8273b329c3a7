//! Fetching a policy: one HTTPS GET, written down as far as it went (RFC 8461 §3.3).
//!
//! [`fetch`] connects to an address of the policy host, makes a handshake that accepts any certificate (the judge
//! says later whether it held), asks for `/.well-known/mta-sts.txt` over HTTP/1.1, and keeps status, some headers
//! and a bounded body. Redirects are recorded and never followed; nothing is cached. HTTP itself is hyper's
//! (RFC 9112), one connection for each request.

use std::io::{ErrorKind, Read};
use std::net::IpAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{HeaderMap, Request, Response, Version};
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::left_alone::Peer;
use super::net::{Net, is_silence, now};
use super::probe::{fingerprints, millis};
use super::shortage::{NoConnection, Shortage};
use super::tls::wire::Wire;
use super::tls::{Purpose, TlsClient, TlsLook, handshake_failure};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{PolicyAttempt, PolicyRow, PolicyStage};
use mxcensus_rules::text::escape;

/// The largest body kept, after decoding (RFC 8461 §3.3 suggests a limit of 64 KB).
pub const MAX_BODY: usize = 64 * 1024;
/// The largest head of an answer: generous beside the 8 KiB that servers commonly allow themselves.
const MAX_HEAD: usize = 64 * 1024;
/// The most header lines of an answer.
const MAX_HEADERS: usize = 100;
/// How many addresses are contacted when connecting fails: enough for both families and a spare of each.
pub(super) const MAX_ADDRESSES: usize = 4;

/// How a policy is fetched, and how long each step may take.
#[derive(Clone, Debug)]
pub struct PolicySettings {
    /// Where the operator of a policy host can read about us; stands in User-Agent.
    pub contact: Option<String>,
    /// For the TCP connection to one address. 10 s: covers two lost SYNs (retries after 1 and 3 s).
    pub connect_timeout: Duration,
    /// For the TLS handshake. 15 s: two round trips and a signature.
    pub tls_timeout: Duration,
    /// For the whole fetch. 60 s: RFC 8461 §3.3 suggests one minute.
    pub total_timeout: Duration,
}

impl PolicySettings {
    /// The defaults, with a contact for User-Agent where there is one.
    pub fn new(contact: Option<String>) -> PolicySettings {
        PolicySettings {
            contact,
            connect_timeout: Duration::from_secs(10),
            tls_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(60),
        }
    }

    fn user_agent(&self) -> String {
        let contact = self.contact.as_ref().map(|contact| format!(" (+{contact})")).unwrap_or_default();
        format!("mxcensus/{}{contact}", env!("CARGO_PKG_VERSION"))
    }
}

/// What came of a fetch.
#[derive(Debug)]
pub struct Fetched {
    /// The row; what DNS showed is for the caller to add.
    pub row: PolicyRow,
    /// The chain as presented, leaf first; `row.policy_chain` holds its fingerprints.
    pub chain: Vec<CertificateDer<'static>>,
    /// What this machine was short of: the row tells nothing then.
    pub short: Option<Shortage>,
    /// rustls and the host could not agree: [`super::second_look`] may tell more.
    pub wants_second_look: bool,
}

/// Why a fetch ended before its end.
struct Ended {
    stage: PolicyStage,
    error: Failure,
}

/// Fetches the policy of `domain` from `policy_host` at the address of `peer`, which tells all that it is known by. Never fails: how it ended is in the row.
///
/// Not contacted at all: `skipped` with a reason of our own; `dns` with `special-address`.
pub async fn fetch(
    net: &Net,
    tls: &TlsClient,
    domain: &str,
    policy_host: &str,
    peer: &Peer,
    settings: &PolicySettings,
    worker: &str,
) -> Fetched {
    let (at, started) = (now(), Instant::now());
    let deadline = started + settings.total_timeout;
    let mut row = empty_row(domain, policy_host, worker);
    row.policy_observed_at = Some(at);
    let (mut chain, mut wants_second_look, mut short) = (Vec::new(), false, None);
    let ended = match connect(net, peer, settings, deadline, &mut row, &mut short).await {
        Err(ended) => Err(ended),
        Ok(stream) => {
            let limit = settings.tls_timeout.min(deadline.saturating_duration_since(Instant::now()));
            let look = shake_hands(stream, tls, policy_host, limit, &mut row).await;
            wants_second_look = look.disagreed();
            chain.clone_from(&look.chain);
            exchange(look, policy_host, settings, deadline, &mut row).await
        }
    };
    match ended {
        Ok(()) => row.policy_stage = PolicyStage::Done,
        Err(Ended { stage, error }) => (row.policy_stage, row.policy_error) = (stage, Some(error)),
    }
    row.policy_attempts =
        vec![PolicyAttempt { at, stage: row.policy_stage, error: row.policy_error, ms: millis(started) }];
    Fetched { row, chain, short, wants_second_look }
}

/// A retry after an earlier attempt: the later one decides and the logs are joined. What DNS showed stays from the
/// earlier one where the later row does not say.
pub fn merge(earlier: PolicyRow, later: PolicyRow) -> PolicyRow {
    let mut policy_attempts = earlier.policy_attempts;
    policy_attempts.extend(later.policy_attempts);
    let dns_again = later.policy_addresses.is_some();
    PolicyRow {
        policy_attempts,
        policy_addresses: later.policy_addresses.or(earlier.policy_addresses),
        policy_addresses_truncated: if dns_again {
            later.policy_addresses_truncated
        } else {
            earlier.policy_addresses_truncated
        },
        policy_address_dnssec: later.policy_address_dnssec.or(earlier.policy_address_dnssec),
        policy_cnames: later.policy_cnames.or(earlier.policy_cnames),
        policy_dns_ms: later.policy_dns_ms.or(earlier.policy_dns_ms),
        ..later
    }
}

/// What [`merge`] needs of an attempt that is to be repeated: a row may wait for half an hour, and a body is up to 64 KiB.
pub fn remembered(row: PolicyRow) -> PolicyRow {
    PolicyRow {
        policy_content_type: None,
        policy_content_encoding: None,
        policy_location: None,
        policy_body: None,
        policy_chain: None,
        ..row
    }
}

/// Connects to the address.
async fn connect(
    net: &Net,
    peer: &Peer,
    settings: &PolicySettings,
    deadline: Instant,
    row: &mut PolicyRow,
    short: &mut Option<Shortage>,
) -> Result<TcpStream, Ended> {
    let started = Instant::now();
    row.policy_ip = Some(peer.ip.to_string());
    let left = deadline.saturating_duration_since(started);
    let error = match net.connect(peer, net.https_port, settings.connect_timeout.min(left)).await {
        Ok(stream) => {
            row.policy_connect_ms = Some(millis(started));
            return Ok(stream);
        }
        Err(NoConnection::Failure(error)) => error,
        Err(NoConnection::Short(shortage)) => {
            *short = Some(shortage);
            Failure::Budget
        }
    };
    let stage = match error {
        Failure::SpecialAddress => PolicyStage::Dns,
        _ if error.family() == Family::Own => PolicyStage::Skipped,
        _ => PolicyStage::Connect,
    };
    if stage == PolicyStage::Connect {
        row.policy_connect_ms = Some(millis(started));
    }
    Err(Ended { stage, error })
}

/// The longest time that a policy host can ask to be left alone for: a crawl of hours can wait so long, and not a day.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How long the host asked to be left alone for (RFC 9110 §10.2.3): only beside 429 and 503, an hour at most. A date is
/// reckoned from when the answer came.
pub(super) fn asked_to_wait(row: &PolicyRow) -> Option<Duration> {
    let value = row.policy_retry_after.as_deref().filter(|_| matches!(row.policy_http_status, Some(429 | 503)))?;
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp().as_microsecond();
            Duration::from_micros(u64::try_from(until.saturating_sub(row.policy_observed_at?)).ok()?)
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Whether the row tells of an address that was contacted.
pub(super) fn was_contacted(row: &PolicyRow) -> bool {
    !matches!(row.policy_stage, PolicyStage::Dns | PolicyStage::Skipped)
}

/// Two addresses of one attempt, neither of which could be connected to: the reason that says most about the host counts,
/// the earlier one where both say as much. They are one attempt, as long as both together.
pub(super) fn more_telling(earlier: PolicyRow, later: PolicyRow) -> PolicyRow {
    let ms = |row: &PolicyRow| row.policy_attempts.iter().map(|attempt| attempt.ms).sum::<f64>();
    let (together, at) = (ms(&earlier) + ms(&later), earlier.policy_observed_at);
    let mut row = if weight(&later) > weight(&earlier) { later } else { earlier };
    row.policy_observed_at = at;
    for attempt in &mut row.policy_attempts {
        (attempt.at, attempt.ms) = (at.unwrap_or(attempt.at), together);
    }
    row
}

/// How much a row says about the host: what the network did says most; a reason of our own leaves open whether the host
/// could be reached, so it comes before an address that nobody reaches.
fn weight(row: &PolicyRow) -> u8 {
    match row.policy_stage {
        PolicyStage::Dns => 0,
        PolicyStage::Skipped => 1,
        _ => 2,
    }
}

/// One of each family in turn, each family in its own order, so that a dead family does not use up the attempts.
pub(super) fn alternate_families(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let is_first = |ip: &IpAddr| addresses.first().is_some_and(|first| first.is_ipv4() == ip.is_ipv4());
    let (first, second): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|ip| is_first(ip));
    let longest = first.len().max(second.len());
    (0..longest).flat_map(|at| [first.get(at), second.get(at)]).flatten().copied().collect()
}

/// The handshake, written down.
async fn shake_hands(
    stream: TcpStream,
    tls: &TlsClient,
    policy_host: &str,
    limit: Duration,
    row: &mut PolicyRow,
) -> TlsLook {
    let begun = Instant::now();
    let look = tls.handshake(Wire::direct(stream), policy_host, Purpose::Https, limit).await;
    row.policy_tls_ms = Some(millis(begun));
    row.policy_tls_version = look.version.map(str::to_owned);
    row.policy_cipher_suite.clone_from(&look.cipher_suite);
    row.policy_key_exchange.clone_from(&look.key_exchange);
    row.policy_tls_alert.clone_from(&look.alert);
    row.policy_tls_last_sent = look.last_sent;
    row.policy_client_certificate_requested = look.agreed.then_some(look.certificate_requested);
    row.policy_dh_bits = look.dh_bits;
    row.policy_key_proof = look.key_proof;
    row.policy_chain = look.key_proof.is_some().then(|| fingerprints(&look.chain));
    row.policy_chain_truncated = look.chain_truncated;
    look
}

/// The request and the answer, where there is a connection.
async fn exchange(
    look: TlsLook,
    policy_host: &str,
    settings: &PolicySettings,
    deadline: Instant,
    row: &mut PolicyRow,
) -> Result<(), Ended> {
    let Some(stream) = look.stream else {
        return Err(Ended { stage: PolicyStage::Tls, error: look.error.unwrap_or(Failure::TlsProtocol) });
    };
    let begun = Instant::now();
    let mut stage = PolicyStage::Http;
    let answered = tokio::time::timeout_at(deadline, get(stream, policy_host, settings, row, &mut stage)).await;
    row.policy_http_ms = Some(millis(begun));
    match answered {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Stopped::Failure(error))) => Err(Ended { stage, error }),
        // RFC 8446 §4.4.4: a server that wants a client certificate says so only after our side of the handshake.
        Ok(Err(Stopped::Alert(alert))) => {
            row.policy_tls_alert = Some(alert);
            Err(Ended { stage: PolicyStage::Tls, error: Failure::TlsAlert })
        }
        Err(_) => Err(Ended { stage, error: Failure::HttpTimeout }),
    }
}

/// What ended an HTTP exchange.
enum Stopped {
    Failure(Failure),
    Alert(String),
}

/// Whether the way was lost, rather than the peer's word.
fn is_loss(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(is_silence)
}

impl From<hyper::Error> for Stopped {
    fn from(error: hyper::Error) -> Stopped {
        if is_loss(&error) {
            return Stopped::Failure(Failure::HttpTimeout);
        }
        if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
            return Stopped::Failure(Failure::ConnectionClosed);
        }
        let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<std::io::Error>());
        let Some(io) = source else { return Stopped::Failure(Failure::HttpProtocol) };
        match (io.kind(), handshake_failure(io).1) {
            (_, Some(alert)) if alert != "close_notify" => Stopped::Alert(alert),
            // RFC 9112 §9.8: without a close_notify a body that ends with the connection is not complete.
            (ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::NotConnected, _) => {
                Stopped::Failure(Failure::ConnectionClosed)
            }
            (ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted, _) => Stopped::Failure(Failure::ConnectReset),
            // Broken chunks, and TLS records that do not verify.
            _ => Stopped::Failure(Failure::HttpProtocol),
        }
    }
}

/// The request and its answer, on an open connection.
async fn get(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    policy_host: &str,
    settings: &PolicySettings,
    row: &mut PolicyRow,
    stage: &mut PolicyStage,
) -> Result<(), Stopped> {
    let request = Request::get("/.well-known/mta-sts.txt")
        .header(HOST, policy_host)
        .header(USER_AGENT, settings.user_agent())
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| Stopped::Failure(Failure::InvalidName))?;
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD)
        .max_buf_size(2 * MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await?;
    let conversation = async {
        let response = sender.send_request(request).await?;
        note_head(&response, row);
        *stage = PolicyStage::Body;
        read_body(response, row).await
    };
    tokio::pin!(connection, conversation);
    // The connection does the reading and writing that the conversation waits for. When it ends first, what the
    // conversation still has to say comes from what was read.
    tokio::select! {
        biased;
        done = &mut conversation => done,
        ended = &mut connection => match ended {
            Err(error) if is_loss(&error) => Err(error.into()),
            _ => conversation.await,
        },
    }
}

/// What an answer over HTTP says, read without a network: for replay and fuzzing. How far it came, and why no further.
pub async fn read_answer(answer: &[u8]) -> PolicyRow {
    let mut row = empty_row("example.com", "mta-sts.example.com", "");
    let stream = tokio::io::join(std::io::Cursor::new(answer.to_vec()), tokio::io::sink());
    let mut stage = PolicyStage::Http;
    let settings = PolicySettings::new(None);
    let ended = get(stream, "mta-sts.example.com", &settings, &mut row, &mut stage).await;
    row.policy_stage = stage;
    row.policy_error = match ended {
        Ok(()) => None,
        Err(Stopped::Failure(failure)) => Some(failure),
        Err(Stopped::Alert(_)) => Some(Failure::TlsAlert),
    };
    row
}

fn note_head(response: &Response<Incoming>, row: &mut PolicyRow) {
    row.policy_http_status = Some(response.status().as_u16());
    row.policy_http_version = Some(
        match response.version() {
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        }
        .to_owned(),
    );
    let headers = response.headers();
    row.policy_content_type = header(headers, &CONTENT_TYPE);
    row.policy_content_encoding = header(headers, &CONTENT_ENCODING);
    // RFC 8461 §3.3: redirects are not followed; where it would have led is kept.
    row.policy_location = header(headers, &LOCATION);
    row.policy_retry_after = header(headers, &RETRY_AFTER);
}

/// A header's values, joined as RFC 9110 §5.3 allows. Their size is bounded by that of the head.
fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(hyper::header::HeaderValue::as_bytes).collect();
    (!values.is_empty()).then(|| escape(&values.join(&b", "[..])))
}

/// Reads the body within the cap and decodes it. What came stays in the row even when it is not complete.
async fn read_body(response: Response<Incoming>, row: &mut PolicyRow) -> Result<(), Stopped> {
    let encoding = Encoding::of(response.headers());
    let mut body = response.into_body();
    let raw = row.policy_body.insert(Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue }; // Trailers.
        let room = MAX_BODY - raw.len();
        raw.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            row.policy_body_truncated = true;
            // A part of a compressed body is of no use as it stands.
            if let Ok((decoded, _)) = encoding.decode(raw) {
                *raw = decoded;
            }
            return Err(Stopped::Failure(Failure::BodyTooLarge));
        }
    }
    let (decoded, too_large) = encoding.decode(raw).map_err(|_| Stopped::Failure(Failure::HttpProtocol))?;
    *raw = decoded;
    if too_large {
        row.policy_body_truncated = true;
        return Err(Stopped::Failure(Failure::BodyTooLarge));
    }
    Ok(())
}

/// A content coding (RFC 9110 §8.4.1). We ask for none; some servers compress all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encoding {
    /// None, or one that is not undone: the body stays as it came.
    Kept,
    Gzip,
    Deflate,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Encoding {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let (Some(only), None) = (values.next(), values.next()) else { return Encoding::Kept };
        match only.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Encoding::Gzip,
            b"deflate" => Encoding::Deflate,
            _ => Encoding::Kept,
        }
    }

    /// The decoded body within the cap, and whether there was more. An error where the coding is broken.
    fn decode(self, raw: &[u8]) -> std::io::Result<(Vec<u8>, bool)> {
        match self {
            Encoding::Kept => Ok((raw.to_vec(), false)),
            Encoding::Gzip => bounded(flate2::read::MultiGzDecoder::new(raw)),
            // RFC 9110 §8.4.1.2: deflate means zlib; some senders leave out the wrapping.
            Encoding::Deflate => bounded(flate2::read::ZlibDecoder::new(raw))
                .or_else(|_| bounded(flate2::read::DeflateDecoder::new(raw))),
        }
    }
}

/// Reads at most [`MAX_BODY`] bytes, so that a compression bomb stops there.
fn bounded(reader: impl Read) -> std::io::Result<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let mut limited = reader.take(MAX_BODY as u64 + 1);
    limited.read_to_end(&mut out)?;
    let too_large = out.len() > MAX_BODY;
    out.truncate(MAX_BODY);
    Ok((out, too_large))
}

fn empty_row(domain: &str, policy_host: &str, worker: &str) -> PolicyRow {
    let row = PolicyRow::unseen(domain.to_owned(), policy_host.to_owned(), worker.to_owned());
    PolicyRow { policy_stage: PolicyStage::Connect, ..row }
}

#[cfg(test)]
mod tests;
