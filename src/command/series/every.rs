//! How often a series looks: the calendar is cut into slots, and each has one crawl.
//!
//! Slots do not drift: a timer that fires a minute early or late, or a machine that was down, moves no later crawl.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// The length of a slot, in UTC.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(super) enum Every {
    /// So many hours, which divide a day.
    Hours(i32),
    /// So many days, counted from a Monday.
    Days(i32),
    /// So many calendar months.
    Months(i32),
}

/// A Monday.
const FIRST_DAY: Date = Date::constant(2024, 1, 1);

impl TryFrom<String> for Every {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.trim().find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.trim().split_at_checked(digits).unwrap_or(("", ""));
        let number: i32 = number.parse().ok().filter(|number| (1..=1000).contains(number)).unwrap_or(0);
        match unit {
            "h" if number > 0 && 24 % number == 0 && number < 24 => Ok(Every::Hours(number)),
            "d" if number > 0 => Ok(Every::Days(number)),
            "w" if number > 0 => Ok(Every::Days(7 * number)),
            "mo" if number > 0 => Ok(Every::Months(number)),
            _ => Err(format!(
                "{text:?} is no interval: \"1h\" (or 2, 3, 4, 6, 8, 12 hours), \"1d\", \"1w\", \"1mo\"; an hour is the least"
            )),
        }
    }
}

impl Every {
    /// Shorter than a day.
    pub(super) fn is_within_a_day(self) -> bool {
        matches!(self, Every::Hours(_))
    }

    /// The number of the slot that an instant is in.
    pub(super) fn slot(self, at: Timestamp) -> i64 {
        let at = at.to_zoned(TimeZone::UTC).datetime();
        match self {
            Every::Hours(hours) => {
                days_since(at.date()) * i64::from(24 / hours) + i64::from(i32::from(at.hour()) / hours)
            }
            Every::Days(days) => days_since(at.date()).div_euclid(i64::from(days)),
            Every::Months(months) => {
                (i64::from(at.year()) * 12 + i64::from(at.month()) - 1).div_euclid(i64::from(months))
            }
        }
    }

    /// What a crawl that begins now is called: its day, or the hour in which its slot begins.
    pub(super) fn name(self, at: Timestamp) -> String {
        let at = at.to_zoned(TimeZone::UTC).datetime();
        match self {
            Every::Hours(hours) => format!("{}T{:02}00Z", at.date(), i32::from(at.hour()) / hours * hours),
            _ => at.date().to_string(),
        }
    }
}

/// Days from [`FIRST_DAY`]; negative before it.
fn days_since(date: Date) -> i64 {
    date.since(FIRST_DAY).map_or(0, |span| i64::from(span.get_days()))
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match *self {
            Every::Hours(hours) => (hours, "hour"),
            Every::Days(days) if days % 7 == 0 => (days / 7, "week"),
            Every::Days(days) => (days, "day"),
            Every::Months(months) => (months, "month"),
        };
        if number == 1 { write!(f, "every {unit}") } else { write!(f, "every {number} {unit}s") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(text: &str) -> Every {
        Every::try_from(text.to_owned()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn intervals_that_are_none() {
        for text in ["", "h", "0h", "5h", "24h", "30m", "1", "1 month", "-1d", "1y", "1001d", "999999999999d", "\u{e9}"]
        {
            assert!(Every::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_slot_begins_with_the_calendar() {
        let table = [
            ("1h", "2026-11-30T13:59:59Z", "2026-11-30T14:00:00Z"),
            ("6h", "2026-11-30T17:59:59Z", "2026-11-30T18:00:00Z"),
            ("1h", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"),
            ("1d", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"),
            ("1w", "2026-11-29T23:59:59Z", "2026-11-30T00:00:00Z"),
            ("1mo", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"),
            ("3mo", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
            ("1d", "2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z"),
        ];
        for (text, last, first) in table {
            assert_eq!(every(text).slot(at(last)) + 1, every(text).slot(at(first)), "{text} {first}");
        }
        assert_eq!(every("1mo").slot(at("2026-11-01T00:00:00Z")), every("1mo").slot(at("2026-11-30T00:00:00Z")));
    }

    #[test]
    fn names_sort_as_time_goes() {
        assert_eq!(every("1mo").name(at("2026-11-30T14:10:00Z")), "2026-11-30");
        assert_eq!(every("1h").name(at("2026-11-30T14:10:00Z")), "2026-11-30T1400Z");
        assert_eq!(every("6h").name(at("2026-11-30T14:10:00Z")), "2026-11-30T1200Z");
        assert_eq!(every("2w").to_string(), "every 2 weeks");
    }
}
