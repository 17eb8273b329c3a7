//! The request for a policy and its answer (RFC 8461 §3.3, RFC 9112): hyper on one open connection.

use std::io::ErrorKind;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{HeaderMap, Request, Response, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::PolicySettings;
use super::coding::Encoding;
use super::fetch::empty_row;
use crate::net::is_silence;
use crate::tls::handshake_failure;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{PolicyRow, PolicyStage};
use mxcensus_rules::text::escape;

/// The largest body kept, after decoding (RFC 8461 §3.3 suggests a limit of 64 KB).
pub const MAX_BODY: usize = 64 * 1024;
/// The largest head of an answer: generous beside the 8 KiB that servers commonly allow themselves.
const MAX_HEAD: usize = 64 * 1024;
/// The most header lines of an answer.
const MAX_HEADERS: usize = 100;
/// What ended an HTTP exchange.
pub(super) enum Stopped {
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
pub(super) async fn get(
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
