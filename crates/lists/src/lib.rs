//! Domain lists from the web.
//!
//! [`publisher`] knows the lists that researchers use: their permanent addresses, their terms, how the list of a day is
//! found. [`fetch`] gets a file over HTTPS into a cache: through proxies and redirects, from where it was cut off, and not
//! again where the server says that it has not changed. [`get`] puts both together.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests"))]

pub mod fetch;
pub mod publisher;

use std::path::PathBuf;

pub use jiff::civil::Date;
use jiff::tz::TimeZone;
use mxcensus_dataset::input::provenance;
use mxcensus_dataset::manifest::{ListSource, rfc3339};
use reqwest::Url;

use fetch::{FetchError, Fetched, Fetcher};
use publisher::{Publisher, PublisherError, Wanted};

/// Why a list could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is no such list.
    #[error(transparent)]
    Publisher(#[from] PublisherError),
    /// What is known of it could not be written beside it.
    #[error(transparent)]
    Dataset(#[from] mxcensus_dataset::DatasetError),
}

/// A list on this machine.
#[derive(Clone, Debug)]
pub struct List {
    /// Its file in the cache.
    pub path: PathBuf,
    /// Where it comes from; it stands beside the file too.
    pub source: ListSource,
    /// The server said that the file in the cache is still the one.
    pub unchanged: bool,
}

/// Gets the list at an address of which nothing else is known.
pub async fn get_url(fetcher: &Fetcher, address: &str) -> Result<List, ListError> {
    let url = fetch::parse(address)?;
    let fetched = fetcher.fetch(&url).await?;
    listed(fetched, &url, ListSource::default())
}

/// Gets a publisher's list.
pub async fn get(fetcher: &Fetcher, wanted: &Wanted) -> Result<List, ListError> {
    match wanted.publisher {
        Publisher::Tranco => tranco(fetcher, wanted).await,
        _ => {
            let url = wanted.address()?;
            let fetched = fetcher.fetch(&url).await?;
            let date = wanted.dated().or_else(|| fetched.last_modified.as_deref().and_then(day_of));
            listed(fetched, &url, ListSource { date, ..known(wanted.publisher) })
        }
    }
}

/// Tranco names each list; that name finds it for ever. The list of a day is there some hours after the day.
async fn tranco(fetcher: &Fetcher, wanted: &Wanted) -> Result<List, ListError> {
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    let days = match wanted.date {
        Some(date) => vec![date],
        None => [1, 2, 3].iter().filter_map(|days| today.checked_sub(jiff::Span::new().days(*days)).ok()).collect(),
    };
    for date in &days {
        let Some(text) = fetcher.text(&wanted.tranco_id_of(*date)?).await? else { continue };
        let id = publisher::tranco_id(&text)?;
        let zip = wanted.below(&format!("download_daily/{id}"))?;
        // Lists that were not made by default have no archive.
        let archive = fetcher.fetch(&zip).await;
        let (fetched, url) = match archive {
            Err(FetchError::Refused { status: 403 | 404, .. }) => {
                let csv = wanted.below(&format!("download/{id}/1000000"))?;
                (fetcher.fetch(&csv).await?, csv)
            }
            other => (other?, zip),
        };
        let source = ListSource { date: Some(date.to_string()), list_id: Some(id), ..known(Publisher::Tranco) };
        return listed(fetched, &url, source);
    }
    Err(PublisherError::NotYet(days.first().copied().unwrap_or(today)).into())
}

fn known(publisher: Publisher) -> ListSource {
    ListSource {
        list: Some(publisher.word().to_owned()),
        licence: Some(publisher.terms().to_owned()),
        ..ListSource::default()
    }
}

fn listed(fetched: Fetched, url: &Url, known: ListSource) -> Result<List, ListError> {
    let source = ListSource {
        url: fetch::without_secrets(url),
        fetched_at: rfc3339(fetched.fetched_at),
        sha256: fetched.sha256,
        ..known
    };
    provenance::write(&fetched.path, &source)?;
    Ok(List { path: fetched.path, source, unchanged: fetched.unchanged })
}

/// The day of an HTTP date (RFC 9110 §5.6.7), which is in UTC.
fn day_of(date: &str) -> Option<String> {
    jiff::fmt::rfc2822::parse(date).ok().map(|at| at.with_time_zone(TimeZone::UTC).date().to_string())
}

/// A day as `--date` takes it.
pub fn day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| format!("{text}-01").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day_of("Sun, 29 Nov 2026 23:59:59 GMT").as_deref(), Some("2026-11-29"));
        assert_eq!(day_of("yesterday"), None);
        assert_eq!(day("2026-11-30"), Some(jiff::civil::date(2026, 11, 30)));
        assert_eq!(day("2026-11"), Some(jiff::civil::date(2026, 11, 1)));
        assert_eq!((day("2026-13"), day("30.11.2026"), day("")), (None, None, None));
    }
}
