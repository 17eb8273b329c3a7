//! The broker: the only file that knows NATS. Its wire protocol for JetStream is JSON over requests, of which six are used:
//! make a stream, append, append if the subject's last sequence is this, the last message of a subject, the next one, and
//! the server's information. Each request has a time limit, as a client that reconnects keeps them waiting without a word.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, HeaderMap, RequestErrorKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use mxcensus_rules::observation::Micros;
use serde::Deserialize;
use serde_json::{Value, json};

/// How long a request may take before its outcome counts as unknown.
const PATIENCE: Duration = Duration::from_secs(5);

/// The header by which an append says what must stand last in its subject.
const EXPECTED: &str = "Nats-Expected-Last-Subject-Sequence";

/// "wrong last sequence": the append was refused.
const WRONG_SEQUENCE: u64 = 10_071;
/// "no message found".
const NO_MESSAGE: u64 = 10_037;
/// "stream not found".
const NO_STREAM: u64 = 10_059;
/// "stream name already in use".
const STREAM_EXISTS: u64 = 10_058;

/// Why the broker did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// No server answers.
    #[error("the broker {url} cannot be reached: {reason}")]
    Unreachable {
        /// Where, without credentials.
        url: String,
        /// What the client said.
        reason: String,
    },
    /// There is a server, and it has no JetStream.
    #[error("the server at {0} has no JetStream: start it with nats-server --jetstream")]
    NoJetStream(String),
    /// No answer came in time: what was asked may have been done, or not.
    #[error("the broker did not answer in time")]
    Unknown,
    /// No such crawl.
    #[error("the broker has no crawl of this name")]
    NoCrawl,
    /// No such message.
    #[error("the broker has no such message")]
    NoMessage,
    /// There is one already.
    #[error("the broker has a crawl of this name already")]
    Exists,
    /// Anything else that it said.
    #[error("the broker refuses: {0}")]
    Refused(String),
}

impl BrokerError {
    /// Whether it may be different in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, BrokerError::Unknown | BrokerError::Unreachable { .. })
    }
}

/// What became of an append.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Appended {
    /// It has this sequence.
    Stored(u64),
    /// Another one stands last in the subject.
    Refused,
}

/// A message as the broker keeps it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its sequence.
    pub seq: u64,
    /// Its subject.
    pub subject: String,
    /// When it was stored, by the broker's clock.
    pub at: Micros,
    /// What it holds.
    pub data: Vec<u8>,
}

/// The two streams of a crawl.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stream {
    /// Logs of slots and messages to them: everything is kept.
    Log,
    /// Entries: the last of each subject is kept.
    Entries,
}

/// A connection to the broker, for one crawl.
#[derive(Clone, Debug)]
pub struct Broker {
    client: Client,
    url: String,
    crawl: String,
}

#[derive(Deserialize)]
struct ApiError {
    code: u64,
    err_code: u64,
    description: String,
}

impl Broker {
    /// Connects. `crawl` is the name of the crawl; credentials come from a file, or stand in the URL.
    pub async fn connect(url: &str, credentials: Option<&std::path::Path>, crawl: &str) -> Result<Broker, BrokerError> {
        let shown = without_credentials(url);
        let unreachable = |reason: String| BrokerError::Unreachable { url: shown.clone(), reason };
        let options = match credentials {
            Some(file) => ConnectOptions::with_credentials_file(file).await.map_err(|e| unreachable(e.to_string()))?,
            None => ConnectOptions::new(),
        };
        let options = options.name("mxcensus").request_timeout(Some(PATIENCE)).connection_timeout(PATIENCE);
        let client = options.connect(url).await.map_err(|e| unreachable(e.to_string()))?;
        let broker = Broker { client, url: shown, crawl: crawl.to_owned() };
        broker.api("INFO", &json!({})).await.map_err(|error| match error {
            BrokerError::Unreachable { .. } | BrokerError::Unknown => BrokerError::NoJetStream(broker.url.clone()),
            other => other,
        })?;
        Ok(broker)
    }

    /// Makes the streams of a crawl that is not there yet.
    pub async fn make_streams(&self) -> Result<(), BrokerError> {
        for stream in [Stream::Log, Stream::Entries] {
            let name = self.stream_name(stream);
            let (discard, messages_of_a_subject) = match stream {
                Stream::Log => ("new", -1),
                Stream::Entries => ("old", 1),
            };
            let wanted = json!({
                "name": name,
                "subjects": [format!("{}.>", self.prefix(stream))],
                "retention": "limits",
                "discard": discard,
                "storage": "file",
                "num_replicas": 1,
                "max_msgs_per_subject": messages_of_a_subject,
            });
            let made = self.api(&format!("STREAM.CREATE.{name}"), &wanted).await?;
            // An old server drops what it does not know: what came of it is compared.
            let same = ["subjects", "storage", "max_msgs_per_subject"]
                .iter()
                .all(|field| made["config"][field] == wanted[field]);
            if !same {
                return Err(BrokerError::Refused(format!(
                    "stream {name} is not as it was asked for: {}",
                    made["config"]
                )));
            }
            if made["state"]["messages"].as_u64().unwrap_or(0) > 0 {
                return Err(BrokerError::Exists);
            }
        }
        Ok(())
    }

    /// Takes the streams of a crawl away.
    pub async fn remove_streams(&self) -> Result<(), BrokerError> {
        for stream in [Stream::Log, Stream::Entries] {
            match self.api(&format!("STREAM.DELETE.{}", self.stream_name(stream)), &json!({})).await {
                Ok(_) | Err(BrokerError::NoCrawl) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Appends; where `expected` is given, only if that is the last sequence of the subject (0: there is none).
    pub async fn append(
        &self,
        stream: Stream,
        subject: &str,
        expected: Option<u64>,
        data: Vec<u8>,
    ) -> Result<Appended, BrokerError> {
        let mut headers = HeaderMap::new();
        if let Some(expected) = expected {
            headers.insert(EXPECTED, expected.to_string().as_str());
        }
        let subject = format!("{}.{subject}", self.prefix(stream));
        let asked = self.client.request_with_headers(subject, headers, Bytes::from(data));
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(message)) => parse(&message.payload),
            Ok(Err(error)) => Err(self.failed(error.kind(), &error)),
            Err(_) => Err(BrokerError::Unknown),
        };
        match answer {
            Ok(answer) => answer["seq"].as_u64().map(Appended::Stored).ok_or(BrokerError::Unknown),
            Err(BrokerError::Exists) => Ok(Appended::Refused),
            Err(error) => Err(error),
        }
    }

    /// The last message of a subject.
    pub async fn last(&self, stream: Stream, subject: &str) -> Result<Option<Stored>, BrokerError> {
        let subject = format!("{}.{subject}", self.prefix(stream));
        self.get(stream, &json!({ "last_by_subj": subject })).await
    }

    /// The first message of a subject, which may have wildcards, that has at least this sequence.
    pub async fn next(&self, stream: Stream, subject: &str, from: u64) -> Result<Option<Stored>, BrokerError> {
        let subject = format!("{}.{subject}", self.prefix(stream));
        self.get(stream, &json!({ "next_by_subj": subject, "seq": from.max(1) })).await
    }

    async fn get(&self, stream: Stream, which: &Value) -> Result<Option<Stored>, BrokerError> {
        #[derive(Deserialize)]
        struct Answer {
            message: Kept,
        }
        #[derive(Deserialize)]
        struct Kept {
            subject: String,
            seq: u64,
            #[serde(default)]
            data: String,
            time: String,
        }
        let answer = match self.api(&format!("STREAM.MSG.GET.{}", self.stream_name(stream)), which).await {
            Ok(answer) => answer,
            Err(BrokerError::NoMessage) => return Ok(None),
            Err(error) => return Err(error),
        };
        let malformed = |why: String| BrokerError::Refused(format!("its answer cannot be read: {why}"));
        let Answer { message } = serde_json::from_value(answer).map_err(|e| malformed(e.to_string()))?;
        let data = STANDARD.decode(&message.data).map_err(|e| malformed(e.to_string()))?;
        let time: jiff::Timestamp = message.time.parse().map_err(|e: jiff::Error| malformed(e.to_string()))?;
        let subject = message.subject.strip_prefix(&self.prefix(stream)).unwrap_or(&message.subject);
        let subject = subject.trim_start_matches('.').to_owned();
        Ok(Some(Stored { seq: message.seq, subject, at: time.as_microsecond(), data }))
    }

    async fn api(&self, what: &str, payload: &Value) -> Result<Value, BrokerError> {
        let payload = Bytes::from(payload.to_string());
        let asked = self.client.request(format!("$JS.API.{what}"), payload);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(message)) => parse(&message.payload),
            Ok(Err(error)) => Err(self.failed(error.kind(), &error)),
            Err(_) => Err(BrokerError::Unknown),
        }
    }

    fn failed(&self, kind: RequestErrorKind, error: &dyn std::error::Error) -> BrokerError {
        match kind {
            RequestErrorKind::TimedOut => BrokerError::Unknown,
            RequestErrorKind::NoResponders => {
                // JetStream is not up yet, or not there at all.
                BrokerError::Unreachable { url: self.url.clone(), reason: "JetStream does not answer".to_owned() }
            }
            _ => BrokerError::Unreachable { url: self.url.clone(), reason: error.to_string() },
        }
    }

    fn stream_name(&self, stream: Stream) -> String {
        match stream {
            Stream::Log => format!("MXCENSUS-{}", self.crawl),
            Stream::Entries => format!("MXCENSUS-{}-entries", self.crawl),
        }
    }

    fn prefix(&self, stream: Stream) -> String {
        match stream {
            Stream::Log => format!("mxcensus.log.{}", self.crawl),
            Stream::Entries => format!("mxcensus.entries.{}", self.crawl),
        }
    }
}

/// A name that may stand in a subject.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The answer to a request, or what it says went wrong.
fn parse(payload: &[u8]) -> Result<Value, BrokerError> {
    let answer: Value = serde_json::from_slice(payload).map_err(|e| BrokerError::Refused(e.to_string()))?;
    let Some(error) = answer.get("error").filter(|error| !error.is_null()) else { return Ok(answer) };
    let error: ApiError = serde_json::from_value(error.clone()).map_err(|_| BrokerError::Refused(error.to_string()))?;
    Err(match error.err_code {
        // It is coming up, or has no room for a moment.
        _ if error.code == 503 => BrokerError::Unknown,
        WRONG_SEQUENCE | STREAM_EXISTS => BrokerError::Exists,
        NO_STREAM => BrokerError::NoCrawl,
        NO_MESSAGE => BrokerError::NoMessage,
        _ => BrokerError::Refused(error.description),
    })
}

/// A URL as it may be shown and written down.
pub fn without_credentials(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_says() {
        let said = |code: u64| format!(r#"{{"error":{{"code":400,"err_code":{code},"description":"why"}}}}"#);
        assert!(matches!(parse(said(10_071).as_bytes()), Err(BrokerError::Exists)));
        assert!(matches!(parse(said(10_059).as_bytes()), Err(BrokerError::NoCrawl)));
        assert!(matches!(parse(said(1).as_bytes()), Err(BrokerError::Refused(why)) if why == "why"));
        assert_eq!(parse(br#"{"stream":"s","seq":7}"#).unwrap()["seq"], 7);
        assert!(parse(b"-ERR").is_err());
    }

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(without_credentials("nats://me:secret@host:4222"), "nats://host:4222");
        assert_eq!(without_credentials("tls://host"), "tls://host");
        assert!(is_name("census-2026_12") && !is_name("a.b") && !is_name("") && !is_name("a b") && !is_name("*"));
    }
}
