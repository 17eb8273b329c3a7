//! What `judge --distrust` and `--distrust-after` say: roots that are taken away, or refused from a day on.
//!
//! One grammar for both, on the command line and in the lines of a file:
//! `[sct:|not-before:]FINGERPRINT[@DATE]`. Root programmes name a day; certificates that were issued on it stay good.

use std::path::Path;

use super::RejudgeError;
use mxcensus_rules::pkix::{DistrustAfter, IssuedBy, TrustStore};

/// One root, and what becomes of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Distrust {
    /// Lower-case hex.
    fingerprint: String,
    /// `None`: it is taken away altogether.
    after: Option<(DistrustAfter, String)>,
}

impl Distrust {
    /// Reads what was given on the command line: a root, or a file of roots.
    pub(super) fn read(given: &str, needs_date: bool) -> Result<Vec<Distrust>, RejudgeError> {
        let (prefix, rest) = prefix(given);
        let path = Path::new(rest);
        let is_root = fingerprint(rest.split_once('@').map_or(rest, |(root, _)| root)).is_some();
        if is_root || !path.is_file() {
            return Ok(vec![Distrust::parse(given, prefix, needs_date)?]);
        }
        Distrust::read_lines(path, prefix, needs_date)
    }

    /// Reads a file of roots, one a line.
    pub(super) fn read_file(path: &Path) -> Result<Vec<Distrust>, RejudgeError> {
        Distrust::read_lines(path, None, false)
    }

    fn read_lines(path: &Path, outer: Option<IssuedBy>, needs_date: bool) -> Result<Vec<Distrust>, RejudgeError> {
        let fail = |source: std::io::Error| RejudgeError::Distrust {
            given: path.display().to_string(),
            reason: source.to_string(),
        };
        let text = std::fs::read_to_string(path).map_err(fail)?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        lines.filter(|line| !line.is_empty()).map(|line| Distrust::parse(line, outer, needs_date)).collect()
    }

    /// `outer` is what stood before the name of the file.
    fn parse(text: &str, outer: Option<IssuedBy>, needs_date: bool) -> Result<Distrust, RejudgeError> {
        let fail = |reason: &str| RejudgeError::Distrust { given: text.to_owned(), reason: reason.to_owned() };
        let (inner, rest) = prefix(text);
        let (root, date) = rest.split_once('@').map_or((rest, None), |(root, date)| (root, Some(date.trim())));
        let Some(fingerprint) = fingerprint(root) else { return Err(RejudgeError::UnknownRoot(text.to_owned())) };
        let by = inner.or(outer);
        let after = match date {
            Some(date) => {
                let last_second = last_second(date).ok_or_else(|| fail("the day is none: write it as 2024-11-12"))?;
                Some((DistrustAfter { by: by.unwrap_or(IssuedBy::NotBefore), last_second }, date.to_owned()))
            }
            None if needs_date => return Err(fail("it names no day: write FINGERPRINT@2024-11-12")),
            None if by.is_some() => return Err(fail("what a certificate was issued by counts only with a day")),
            None => None,
        };
        Ok(Distrust { fingerprint, after })
    }

    /// The fingerprint of the root.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The store under it.
    pub(super) fn apply(&self, store: &TrustStore) -> TrustStore {
        match &self.after {
            Some((after, _)) => store.distrusting(&self.fingerprint, *after),
            None => store.without(&[&self.fingerprint]),
        }
    }
}

/// As `judgement.json` has it.
impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.after {
            None => f.write_str(&self.fingerprint),
            Some((DistrustAfter { by: IssuedBy::NotBefore, .. }, date)) => write!(f, "{}@{date}", self.fingerprint),
            Some((DistrustAfter { by: IssuedBy::EarliestSct, .. }, date)) => {
                write!(f, "sct:{}@{date}", self.fingerprint)
            }
        }
    }
}

fn prefix(text: &str) -> (Option<IssuedBy>, &str) {
    if let Some(rest) = text.strip_prefix("sct:") {
        (Some(IssuedBy::EarliestSct), rest)
    } else if let Some(rest) = text.strip_prefix("not-before:") {
        (Some(IssuedBy::NotBefore), rest)
    } else {
        (None, text)
    }
}

/// Fingerprints are written in many ways: with colons, with spaces, in capitals. SHA-256 has 64 digits.
fn fingerprint(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    (plain.len() == 64 && plain.bytes().all(|b| b.is_ascii_hexdigit())).then_some(plain)
}

/// The last second that is not after a day, or the second of an RFC 3339 instant.
fn last_second(text: &str) -> Option<i64> {
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && text.len() == "2024-11-12".len()
    {
        let next = day.tomorrow().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return next.timestamp().as_second().checked_sub(1);
    }
    text.parse::<jiff::Timestamp>().ok().map(|at| at.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "abababababababababababababababababababababababababababababababab";

    #[test]
    fn what_can_be_said() {
        let cases = [
            (ROOT.to_owned(), false, ROOT.to_owned()),
            (ROOT.to_uppercase(), false, ROOT.to_owned()),
            (
                ROOT.as_bytes()
                    .chunks(2)
                    .map(|two| String::from_utf8_lossy(two).into_owned())
                    .collect::<Vec<_>>()
                    .join(":"),
                false,
                ROOT.to_owned(),
            ),
            (format!("{ROOT}@2024-11-12"), false, format!("{ROOT}@2024-11-12")),
            (format!("not-before:{ROOT}@2024-11-12"), true, format!("{ROOT}@2024-11-12")),
            (format!("sct:{ROOT}@2024-11-11T23:59:59Z"), true, format!("sct:{ROOT}@2024-11-11T23:59:59Z")),
        ];
        for (given, needs_date, expected) in cases {
            let read = Distrust::read(&given, needs_date).unwrap();
            assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{given}");
        }
        for given in
            ["", "abcd", "nowhere.txt", &format!("{ROOT}@"), &format!("{ROOT}@2024-13-01"), &format!("sct:{ROOT}")]
        {
            assert!(Distrust::read(given, false).is_err(), "{given}");
        }
        assert!(Distrust::read(ROOT, true).is_err(), "no day");
    }

    #[test]
    fn certificates_of_the_day_itself_stay_good() {
        // `date -u -d '2024-11-12 23:59:59' +%s`
        assert_eq!(last_second("2024-11-12"), Some(1_731_455_999));
        assert_eq!(last_second("2024-11-12T00:00:00Z"), Some(1_731_369_600));
        assert_eq!(last_second("yesterday"), None);
    }

    #[test]
    fn a_file_names_many() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("roots.txt");
        std::fs::write(&path, format!("# a comment\n{ROOT}@2024-11-12 # Entrust\n\nnot-before:{ROOT}@2025-01-01\n"))
            .unwrap();
        let read = Distrust::read(&format!("sct:{}", path.display()), true).unwrap();
        let said: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(said, [format!("sct:{ROOT}@2024-11-12"), format!("{ROOT}@2025-01-01")]);
    }
}
