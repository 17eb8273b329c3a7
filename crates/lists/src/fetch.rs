//! One file over HTTPS, into a cache.
//!
//! A file in the cache is named by the digest of its address, and `Kept` beside it says what the server called it (RFC 9110
//! §8.8). What is unchanged is not fetched again (§13.1), and what was cut off goes on where it ended if it is still the same
//! file (§14, `If-Range`). Proxies are those of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), trust is the
//! system's (`SSL_CERT_FILE`). Only HTTPS is spoken, behind redirects too: a list decides whom a crawl contacts.

use std::error::Error as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mxcensus_dataset::files;
use reqwest::header::{
    CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a file at most: the lists in use have some ten megabytes, all registered domains as text some gigabytes.
const MAX_BYTES: u64 = 16 << 30;
/// Bytes of an answer that is a name.
const MAX_TEXT_BYTES: usize = 4096;
/// How often a connection that breaks off is followed by another.
const ATTEMPTS: u32 = 5;
/// Before the second connection; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// A server that is silent for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);
const CONNECTING: Duration = Duration::from_secs(15);
/// Redirects that are followed.
const REDIRECTS: usize = 10;

/// Why a file could not be had. Each says what can be done.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentences say it")]
pub enum FetchError {
    #[error("{0} is no address of a list: {1}")]
    Address(String, String),
    #[error(
        "{0}: only https:// is fetched, since a list decides whom a crawl contacts; download it by other means, and give the file"
    )]
    NotHttps(String),
    #[error("no HTTPS client can be made: {0}")]
    Setup(String),
    #[error("{url} answers with HTTP status {status}")]
    Refused { url: String, status: u16 },
    #[error("{url} cannot be reached: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{url} cannot be fetched: {reason}")]
    Network { url: String, reason: String },
    #[error("{url} is larger than {limit} bytes, and no list")]
    TooLarge { url: String, limit: u64 },
    #[error("the cache of lists cannot be written: {}: {source}", .path.display())]
    Cache { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Dataset(#[from] mxcensus_dataset::DatasetError),
}

/// What is known of a file in the cache.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Kept {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    /// Of the whole file; none of one that was cut off.
    sha256: Option<String>,
}

impl Kept {
    /// What must be the same for a part to be a part of the file (RFC 9110 §13.1.5: a strong tag, or a date).
    fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }
}

/// A file that was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where it is.
    pub path: PathBuf,
    /// Lower-case hex SHA-256 of its bytes as they came.
    pub sha256: String,
    /// `Last-Modified`, as the server says it.
    pub last_modified: Option<String>,
    /// When, in microseconds since 1970.
    pub fetched_at: i64,
    /// The file was in the cache, and the server said that it has not changed.
    pub unchanged: bool,
}

/// Told after each piece: bytes so far, and of how many where that is known.
pub type Progress = Box<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// Fetches files.
pub struct Fetcher {
    client: Client,
    cache: PathBuf,
    progress: Progress,
}

/// The files of one address.
struct Place {
    whole: PathBuf,
    about: PathBuf,
    part: PathBuf,
    about_part: PathBuf,
}

/// An address of a list.
pub fn parse(address: &str) -> Result<Url, FetchError> {
    let url = Url::parse(address).map_err(|error| FetchError::Address(address.to_owned(), error.to_string()))?;
    if url.scheme() == "https" { Ok(url) } else { Err(FetchError::NotHttps(without_secrets(&url))) }
}

/// An address as it may be written down.
pub fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // An address without a host can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

impl Fetcher {
    /// With a folder for the cache, which is made.
    pub fn new(cache: &Path, agent: &str, progress: Progress) -> Result<Fetcher, FetchError> {
        // The only provider in this program; an earlier call installed the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(agent)
            .https_only(true)
            .redirect(Policy::limited(REDIRECTS))
            .connect_timeout(CONNECTING)
            .read_timeout(SILENCE)
            .build()
            .map_err(|error| FetchError::Setup(reason(&error)))?;
        fs::create_dir_all(cache).map_err(|source| FetchError::Cache { path: cache.to_owned(), source })?;
        Ok(Fetcher { client, cache: cache.to_owned(), progress })
    }

    /// A short text; none where the server has none.
    pub async fn text(&self, url: &Url) -> Result<Option<String>, FetchError> {
        let mut answer = self.client.get(parse(url.as_str())?).send().await.map_err(|error| network(url, &error))?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        refuse_failure(url, &answer)?;
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| network(url, &error))? {
            text.extend_from_slice(&piece);
            if text.len() > MAX_TEXT_BYTES {
                return Err(FetchError::TooLarge { url: without_secrets(url), limit: MAX_TEXT_BYTES as u64 });
            }
        }
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    /// The file at an address.
    pub async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        parse(url.as_str())?;
        let place = self.place(url);
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            match self.once(url, &place).await {
                Err(FetchError::Network { .. }) if attempt < ATTEMPTS => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                ended => return ended,
            }
        }
        Err(FetchError::Setup("no attempt was made".to_owned()))
    }

    fn place(&self, url: &Url) -> Place {
        let name = hex::encode(Sha256::digest(url.as_str().as_bytes()));
        let file = |suffix: &str| self.cache.join(format!("{name}{suffix}"));
        Place { whole: file(""), about: file(".json"), part: file(".part"), about_part: file(".part.json") }
    }

    /// One connection. What it brought stays, for the next one to go on.
    async fn once(&self, url: &Url, place: &Place) -> Result<Fetched, FetchError> {
        let kept = whole_of(place);
        let begun = begun_of(place);
        let mut request = self.client.get(url.clone());
        if let Some((part, bytes)) = &begun {
            request = request.header(RANGE, format!("bytes={bytes}-"));
            request = request.header(IF_RANGE, value(part.validator().unwrap_or_default())?);
        } else if let Some(kept) = &kept {
            match (&kept.etag, &kept.last_modified) {
                (Some(tag), _) => request = request.header(IF_NONE_MATCH, value(tag)?),
                (None, Some(date)) => request = request.header(IF_MODIFIED_SINCE, value(date)?),
                (None, None) => {}
            }
        }
        let answer = request.send().await.map_err(|error| network(url, &error))?;
        match (answer.status(), kept, begun) {
            (StatusCode::NOT_MODIFIED, Some(kept), None) => Ok(Fetched {
                path: place.whole.clone(),
                sha256: kept.sha256.unwrap_or_default(),
                last_modified: kept.last_modified,
                fetched_at: now(),
                unchanged: true,
            }),
            (StatusCode::PARTIAL_CONTENT, _, Some((_, bytes))) if starts_at(answer.headers(), bytes) => {
                self.receive(url, place, answer, bytes).await
            }
            // A part of something else: it is begun anew.
            (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _, Some(_)) => {
                forget(place)?;
                Err(FetchError::Network {
                    url: without_secrets(url),
                    reason: "the file has changed meanwhile".to_owned(),
                })
            }
            _ => {
                refuse_failure(url, &answer)?;
                self.receive(url, place, answer, 0).await
            }
        }
    }

    /// Writes what comes behind what is there, and gives the file its name when all of it has come.
    async fn receive(&self, url: &Url, place: &Place, mut answer: Response, from: u64) -> Result<Fetched, FetchError> {
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut about =
            Kept { url: without_secrets(url), etag: header(ETAG), last_modified: header(LAST_MODIFIED), sha256: None };
        let total = answer.content_length().map(|rest| rest + from);
        write_about(&place.about_part, &about)?;
        let fail = |source| FetchError::Cache { path: place.part.clone(), source };
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .append(from > 0)
            .truncate(from == 0)
            .open(&place.part)
            .map_err(fail)?;
        let mut bytes = from;
        while let Some(piece) = answer.chunk().await.map_err(|error| network(url, &error))? {
            bytes += piece.len() as u64;
            if bytes > MAX_BYTES {
                forget(place)?;
                return Err(FetchError::TooLarge { url: without_secrets(url), limit: MAX_BYTES });
            }
            file.write_all(&piece).map_err(fail)?;
            (self.progress)(bytes, total);
        }
        if total.is_some_and(|total| total != bytes) {
            return Err(FetchError::Network {
                url: without_secrets(url),
                reason: format!("it ends after {bytes} bytes"),
            });
        }
        file.sync_all().map_err(fail)?;
        let sha256 = files::digest_of(&place.part)?.sha256;
        about.sha256 = Some(sha256.clone());
        fs::rename(&place.part, &place.whole).map_err(fail)?;
        write_about(&place.about, &about)?;
        forget(place)?;
        let last_modified = about.last_modified;
        Ok(Fetched { path: place.whole.clone(), sha256, last_modified, fetched_at: now(), unchanged: false })
    }
}

/// What is known of a whole file that is there and still what it was.
fn whole_of(place: &Place) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&fs::read(&place.about).ok()?).ok()?;
    let found = files::digest_of(&place.whole).ok()?.sha256;
    (kept.sha256.as_deref() == Some(found.as_str())).then_some(kept)
}

/// What is known of a part that can be gone on with, and how long it is.
fn begun_of(place: &Place) -> Option<(Kept, u64)> {
    let part: Kept = serde_json::from_slice(&fs::read(&place.about_part).ok()?).ok()?;
    let bytes = fs::metadata(&place.part).ok()?.len();
    (bytes > 0 && part.validator().is_some()).then_some((part, bytes))
}

/// Whether a part begins where it was asked to (RFC 9110 §14.4: `bytes 200-999/1000`).
fn starts_at(headers: &HeaderMap, bytes: u64) -> bool {
    let range = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse::<u64>().ok());
    first == Some(bytes)
}

fn forget(place: &Place) -> Result<(), FetchError> {
    for path in [&place.part, &place.about_part] {
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(FetchError::Cache { path: path.clone(), source }),
        }
    }
    Ok(())
}

fn write_about(path: &Path, about: &Kept) -> Result<(), FetchError> {
    let text =
        serde_json::to_vec(about).map_err(|error| FetchError::Cache { path: path.to_owned(), source: error.into() })?;
    files::write_atomically(path, &text)?;
    Ok(())
}

fn value(text: &str) -> Result<HeaderValue, FetchError> {
    HeaderValue::from_str(text).map_err(|error| FetchError::Setup(error.to_string()))
}

fn refuse_failure(url: &Url, answer: &Response) -> Result<(), FetchError> {
    match answer.status() {
        // RFC 9110 §15.6: the server's own trouble, which may pass.
        status if status.is_server_error() => {
            Err(FetchError::Network { url: without_secrets(url), reason: format!("HTTP status {status}") })
        }
        status if status != StatusCode::OK => {
            Err(FetchError::Refused { url: without_secrets(url), status: status.as_u16() })
        }
        _ => Ok(()),
    }
}

fn network(url: &Url, error: &reqwest::Error) -> FetchError {
    let (url, reason) = (without_secrets(url), reason(error));
    // A wrong name or a wrong certificate is not mended by another attempt.
    if error.is_connect() || error.is_redirect() || error.is_builder() {
        FetchError::Unreachable { url, reason }
    } else {
        FetchError::Network { url, reason }
    }
}

/// What went wrong, at the bottom of it: the layers above only say that something did.
fn reason(error: &reqwest::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        said = cause.to_string();
        source = cause.source();
    }
    said
}

fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https() {
        assert!(parse("https://lists.example/top.csv").is_ok());
        assert!(matches!(parse("http://lists.example/top.csv"), Err(FetchError::NotHttps(_))));
        assert!(matches!(parse("lists.example"), Err(FetchError::Address(..))));
        let secret = parse("https://me:secret@lists.example/top.csv?a=b").unwrap();
        assert_eq!(without_secrets(&secret), "https://lists.example/top.csv?a=b");
    }

    #[test]
    fn what_a_part_is_of() {
        let kept = |etag: Option<&str>, date: Option<&str>| Kept {
            etag: etag.map(str::to_owned),
            last_modified: date.map(str::to_owned),
            ..Kept::default()
        };
        assert_eq!(kept(Some("\"a\""), None).validator(), Some("\"a\""));
        assert_eq!(kept(Some("W/\"a\""), Some("a date")).validator(), Some("a date"), "a weak tag says too little");
        assert_eq!(kept(Some("W/\"a\""), None).validator(), None);
        let range = |text: &'static str| HeaderMap::from_iter([(CONTENT_RANGE, HeaderValue::from_static(text))]);
        assert!(starts_at(&range("bytes 200-999/1000"), 200));
        assert!(!starts_at(&range("bytes 0-999/1000"), 200));
        assert!(!starts_at(&HeaderMap::new(), 0));
    }
}
