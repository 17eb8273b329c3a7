//! The lists that researchers use, and where each is for ever.

use jiff::civil::Date;
use reqwest::Url;

/// Why there is no such list.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentences say it")]
pub enum PublisherError {
    #[error("{0} publishes its present list only: leave out --date")]
    NoPast(&'static str),
    #[error("tranco has no list of {0} (yet): the list of a day is made after it; try an earlier --date")]
    NotYet(Date),
    #[error("tranco answered with something that is no name of a list: {0:?}")]
    NoId(String),
    #[error("--base {0} is no address: {1}")]
    Base(String, String),
}

/// Who makes a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Publisher {
    /// A month of several lists, averaged for research (Le Pochat et al., NDSS 2019).
    Tranco,
    /// Names most asked for at Cisco's resolvers.
    Umbrella,
    /// Domains by the networks that link to them.
    Majestic,
    /// Origins most visited with Chrome, as cached for research.
    Crux,
}

impl Publisher {
    /// Every publisher.
    pub const ALL: [Publisher; 4] = [Publisher::Tranco, Publisher::Umbrella, Publisher::Majestic, Publisher::Crux];

    /// Its name on the command line and in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Publisher::Tranco => "tranco",
            Publisher::Umbrella => "umbrella",
            Publisher::Majestic => "majestic",
            Publisher::Crux => "crux",
        }
    }

    /// What it is, for help.
    pub fn meaning(self) -> &'static str {
        match self {
            Publisher::Tranco => "a month of several lists, averaged for research; each has a name to be cited by",
            Publisher::Umbrella => "the names most asked for at Cisco's resolvers, one list a day",
            Publisher::Majestic => "domains by the networks that link to them; the present list only",
            Publisher::Crux => "the origins most visited with Chrome, one list a month",
        }
    }

    /// Under what terms it is given.
    pub fn terms(self) -> &'static str {
        match self {
            Publisher::Tranco => "no licence of its own; those of its sources, see https://tranco-list.eu/",
            Publisher::Umbrella => {
                "free of charge, no licence is named: https://umbrella-static.s3-us-west-1.amazonaws.com/index.html"
            }
            Publisher::Majestic => "CC BY 3.0, https://majestic.com/reports/majestic-million",
            Publisher::Crux => "CC BY-SA 4.0, https://developer.chrome.com/docs/crux",
        }
    }

    /// What its permanent addresses begin with.
    fn base(self) -> &'static str {
        match self {
            Publisher::Tranco => "https://tranco-list.eu/",
            Publisher::Umbrella => "https://s3-us-west-1.amazonaws.com/umbrella-static/",
            Publisher::Majestic => "https://downloads.majestic.com/",
            Publisher::Crux => "https://raw.githubusercontent.com/zakird/crux-top-lists/main/data/global/",
        }
    }
}

/// Which list is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose.
    pub publisher: Publisher,
    /// Of which day (`crux`: of its month); the present one by default.
    pub date: Option<Date>,
    /// A mirror, in place of the publisher's own address.
    pub base: Option<String>,
}

impl Wanted {
    /// The address of the file; of Tranco's the name is to be asked for first.
    pub fn address(&self) -> Result<Url, PublisherError> {
        let name = match (self.publisher, self.date) {
            (Publisher::Umbrella | Publisher::Tranco, None) => "top-1m.csv.zip".to_owned(),
            (Publisher::Umbrella | Publisher::Tranco, Some(date)) => format!("top-1m-{date}.csv.zip"),
            (Publisher::Majestic, None) => "majestic_million.csv".to_owned(),
            (Publisher::Majestic, Some(_)) => return Err(PublisherError::NoPast("majestic")),
            (Publisher::Crux, None) => "current.csv.gz".to_owned(),
            (Publisher::Crux, Some(date)) => format!("{:04}{:02}.csv.gz", date.year(), date.month()),
        };
        self.below(&name)
    }

    /// The day that was asked for, as the publisher counts: `crux` has months.
    pub(crate) fn dated(&self) -> Option<String> {
        self.date.map(|date| match self.publisher {
            Publisher::Crux => format!("{:04}-{:02}", date.year(), date.month()),
            _ => date.to_string(),
        })
    }

    /// Where Tranco tells the name of the list of a day.
    pub(crate) fn tranco_id_of(&self, date: Date) -> Result<Url, PublisherError> {
        self.below(&format!("daily_list_id?date={date}"))
    }

    /// An address of the publisher, or of the mirror.
    pub(crate) fn below(&self, rest: &str) -> Result<Url, PublisherError> {
        let base = match &self.base {
            Some(base) => format!("{}/", base.trim_end_matches('/')),
            None => self.publisher.base().to_owned(),
        };
        let wrong = |error: &dyn std::fmt::Display| PublisherError::Base(base.clone(), error.to_string());
        Url::parse(&format!("{base}{rest}")).map_err(|error| wrong(&error))
    }
}

/// The name of a list as Tranco gives it: a few capitals and digits.
pub(crate) fn tranco_id(text: &str) -> Result<String, PublisherError> {
    let id = text.trim();
    let is_name = (1..=16).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_name { Ok(id.to_owned()) } else { Err(PublisherError::NoId(id.chars().take(40).collect())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(publisher: Publisher, date: Option<&str>, base: Option<&str>) -> Result<String, PublisherError> {
        let date = date.map(|date| date.parse().unwrap());
        Wanted { publisher, date, base: base.map(str::to_owned) }.address().map(String::from)
    }

    #[test]
    fn the_permanent_addresses() {
        let day = Some("2026-11-03");
        let cases = [
            (Publisher::Umbrella, None, "https://s3-us-west-1.amazonaws.com/umbrella-static/top-1m.csv.zip"),
            (Publisher::Umbrella, day, "https://s3-us-west-1.amazonaws.com/umbrella-static/top-1m-2026-11-03.csv.zip"),
            (Publisher::Majestic, None, "https://downloads.majestic.com/majestic_million.csv"),
            (
                Publisher::Crux,
                None,
                "https://raw.githubusercontent.com/zakird/crux-top-lists/main/data/global/current.csv.gz",
            ),
            (
                Publisher::Crux,
                day,
                "https://raw.githubusercontent.com/zakird/crux-top-lists/main/data/global/202611.csv.gz",
            ),
        ];
        for (publisher, date, expected) in cases {
            assert_eq!(address(publisher, date, None).unwrap(), expected);
        }
        assert!(address(Publisher::Majestic, day, None).unwrap_err().to_string().contains("leave out --date"));
        let mirror = address(Publisher::Majestic, None, Some("https://[::1]:8443/lists/")).unwrap();
        assert_eq!(mirror, "https://[::1]:8443/lists/majestic_million.csv");
        assert!(address(Publisher::Majestic, None, Some("mirror")).unwrap_err().to_string().contains("is no address"));
        let tranco = Wanted { publisher: Publisher::Tranco, date: None, base: None };
        let asked = tranco.tranco_id_of("2026-11-03".parse().unwrap()).unwrap();
        assert_eq!(asked.as_str(), "https://tranco-list.eu/daily_list_id?date=2026-11-03");
    }

    #[test]
    fn names_of_lists() {
        assert_eq!(tranco_id("K25GW\n").unwrap(), "K25GW");
        for wrong in ["", "../../etc", "<html><body>502</body></html>", "ABCDEFGHIJKLMNOPQ"] {
            assert!(tranco_id(wrong).is_err(), "{wrong}");
        }
    }
}
