//! The policy body (RFC 8461 §3.2).
//!
//! [`read`] takes the bytes that the policy host served and reads them twice. The strict
//! [`Reading`] follows the grammar; the lenient one forgives exactly a byte order mark, empty lines,
//! white space around keys, values and lines, the letter case of keys, mode and version, a trailing
//! dot in an mx, a U-label there (converted), and a max_age above the maximum (capped). Both list
//! every [`Defect`]: by position in the text, then what is missing in the order version, mode,
//! max_age, mx. The first one decides; a [`Policy`] is made only where there is none.

use std::collections::BTreeSet;
use std::fmt;

use super::mx_pattern::MxPattern;
use super::{Defect, is_field_name, is_wsp, quote, trim, trim_end, trim_start};
use crate::failure::Failure;

const VERSION: &str = "STSv1";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest lifetime that a policy may ask for, in seconds (RFC 8461 §3.2, max_age).
pub const MAX_AGE_SECONDS_MAX: u64 = 31_557_600;

/// Below a day a cached policy hardly outlives a night's outage: worth a warning, not a defect.
pub const MAX_AGE_SECONDS_SHORT: u64 = 86_400;

crate::words! {
    /// What a sender is asked to do with a host that fails (RFC 8461 §5).
    Mode {
        /// Do not deliver there.
        Enforce = "enforce",
        /// Deliver, and report.
        Testing = "testing",
        /// There is no policy any more (RFC 8461 §8.3).
        None = "none",
    }
}

/// A policy without a defect. Prints as a body that reads as the same policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// What to do with a host that fails.
    pub mode: Mode,
    /// For how long to keep it, at most [`MAX_AGE_SECONDS_MAX`].
    pub max_age_seconds: u64,
    /// The hosts; may be empty only when the mode is none.
    pub mx: Vec<MxPattern>,
}

/// One way of reading a body.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reading {
    /// The policy, where there is no defect.
    pub policy: Option<Policy>,
    /// Everything wrong, the deciding defect first.
    pub defects: Vec<Defect>,
    /// The mode that could be read, for information where the policy is not valid.
    pub mode: Option<Mode>,
    /// Likewise; a number above the maximum stands as it was written.
    pub max_age_seconds: Option<u64>,
    /// Likewise; those that are patterns.
    pub mx: Vec<MxPattern>,
}

/// Both readings of a body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyReading {
    /// By the grammar.
    pub strict: Reading,
    /// Read tolerantly. A body that needs no tolerance reads the same.
    pub lenient: Reading,
    /// What is allowed and still unwise: `max-age-short`.
    pub warnings: Vec<Failure>,
}

/// Reads a policy body: the bytes after transfer and content decoding.
pub fn read(body: &[u8]) -> PolicyReading {
    let strict = Parser::new(body, false).read();
    let lenient = if strict.policy.is_some() { strict.clone() } else { Parser::new(body, true).read() };
    let short = strict.max_age_seconds.is_some_and(|seconds| seconds < MAX_AGE_SECONDS_SHORT);
    PolicyReading { strict, lenient, warnings: if short { vec![Failure::MaxAgeShort] } else { Vec::new() } }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version: {VERSION}\nmode: {}\n", self.mode)?;
        for pattern in &self.mx {
            writeln!(f, "mx: {pattern}")?;
        }
        writeln!(f, "max_age: {}", self.max_age_seconds)
    }
}

struct Parser<'a> {
    body: &'a [u8],
    lenient: bool,
    reading: Reading,
    /// Keys met so far, in lower case for the lenient reading.
    seen: BTreeSet<Vec<u8>>,
}

impl<'a> Parser<'a> {
    fn new(body: &'a [u8], lenient: bool) -> Self {
        Parser { body, lenient, reading: Reading::default(), seen: BTreeSet::new() }
    }

    fn defect(&mut self, failure: Failure, position: usize, detail: impl Into<String>) {
        self.reading.defects.push(Defect::new(failure, position, detail));
    }

    fn read(mut self) -> Reading {
        let mut position = 0;
        if self.body.starts_with(BYTE_ORDER_MARK) {
            position = BYTE_ORDER_MARK.len();
            if !self.lenient {
                self.defect(Failure::PolicyEncoding, 0, "the body begins with a byte order mark");
            }
        }
        let text = &self.body[position..];
        let nothing = |line: &[u8]| trim(line.strip_suffix(b"\r").unwrap_or(line)).is_empty();
        if self.body.is_empty() || (self.lenient && text.split(|&b| b == b'\n').all(nothing)) {
            self.defect(Failure::PolicyEmpty, 0, "the body is empty");
            return self.reading;
        }
        let mut lines = text.split(|&b| b == b'\n').peekable();
        while let Some(line) = lines.next() {
            let is_last = lines.peek().is_none();
            // RFC 8461 §3.2, erratum 6253: LF or CRLF. After the last field it is optional.
            let content = if is_last { line } else { line.strip_suffix(b"\r").unwrap_or(line) };
            if !(is_last && line.is_empty()) {
                self.line(content, position);
            }
            position += line.len() + 1;
        }
        self.reading.defects.sort_by_key(|defect| defect.position);
        self.missing();
        self.conclude()
    }

    /// One line without its terminator: `sts-policy-field *WSP`.
    fn line(&mut self, line: &[u8], position: usize) {
        if trim(line).is_empty() {
            if !self.lenient {
                self.defect(Failure::PolicyLine, position, "an empty line");
            }
            return;
        }
        let mut readable = true;
        if let Err(error) = std::str::from_utf8(line) {
            self.defect(Failure::PolicyEncoding, position + error.valid_up_to(), "not UTF-8");
            readable = false;
        }
        let Some(colon) = line.iter().position(|&b| b == b':') else {
            if readable {
                let detail = format!("{} is not a key, a colon and a value", quote(line));
                self.defect(Failure::PolicyLine, position, detail);
            }
            return;
        };
        let (key_text, value_text) = (&line[..colon], &line[colon + 1..]);
        let key = trim(key_text);
        if !is_field_name(key) {
            if readable {
                self.defect(Failure::PolicyLine, position, format!("{} is not a key", quote(key_text)));
            }
            return;
        }
        // RFC 8461 §3.2: `sts-policy-field-delim = ":" *WSP`, no white space on the other side.
        if key.len() != key_text.len() && !self.lenient {
            let before = if is_wsp(key_text[0]) { 0 } else { key.len() };
            self.defect(Failure::PolicyLine, position + before, format!("white space around the key {}", quote(key)));
        }
        let folded = if self.lenient { key.to_ascii_lowercase() } else { key.to_vec() };
        // RFC 8461 §3.2: of a duplicated field other than mx all entries but the first are ignored.
        if folded != b"mx" && self.seen.contains(&folded) {
            return;
        }
        let mut value = trim(value_text);
        let value_position = position + line.len() - trim_start(value_text).len();
        if let Some(at) = value_text.iter().position(|&b| b.is_ascii_control() && b != b'\t') {
            let detail = format!("a control character in {}", quote(value));
            self.defect(Failure::PolicyLine, position + colon + 1 + at, detail);
            // CR CR LF and the like: the value before it can still be told.
            value = trim_end(value.trim_ascii_end());
            readable &= !value.iter().any(|&b| b.is_ascii_control() && b != b'\t');
        }
        self.field(&folded, readable.then_some(value), value_position);
        self.seen.insert(folded);
    }

    /// A field with a key of the right form. Without a value where the line forbids to read it.
    fn field(&mut self, key: &[u8], value: Option<&[u8]>, position: usize) {
        let Some(value) = value else { return };
        match key {
            b"version" => self.version(value, position),
            b"mode" => self.mode(value, position),
            b"max_age" => self.max_age(value, position),
            b"mx" => self.mx(value, position),
            // RFC 8461 §3.2: unknown fields are ignored. sts-policy-ext-value has one character at
            // least, spaces within, and no other white space.
            _ if value.is_empty() => self.defect(Failure::PolicyLine, position, format!("no value for {}", quote(key))),
            _ if value.contains(&b'\t') => {
                self.defect(Failure::PolicyLine, position, format!("a tab within the value of {}", quote(key)));
            }
            _ => {}
        }
    }

    fn version(&mut self, value: &[u8], position: usize) {
        let holds =
            if self.lenient { value.eq_ignore_ascii_case(VERSION.as_bytes()) } else { value == VERSION.as_bytes() };
        if !holds {
            self.defect(Failure::PolicyVersion, position, format!("the version {} is not {VERSION}", quote(value)));
        }
    }

    fn mode(&mut self, value: &[u8], position: usize) {
        let folded = if self.lenient { value.to_ascii_lowercase() } else { value.to_vec() };
        match Mode::ALL.iter().find(|mode| mode.word().as_bytes() == folded) {
            Some(mode) => self.reading.mode = Some(*mode),
            None => {
                let detail = format!("the mode {} is none of enforce, testing, none", quote(value));
                self.defect(Failure::PolicyMode, position, detail);
            }
        }
    }

    /// `1*10(DIGIT)`, and no more than the maximum. RFC 8461 §3.2 gives both; erratum 7282 asks
    /// which one is meant: for the grammar we take both, for a tolerant reader the cap.
    fn max_age(&mut self, value: &[u8], position: usize) {
        let fits = (1..=10).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
        if !fits {
            let detail = format!("the max_age {} is not 1 to 10 digits", quote(value));
            self.defect(Failure::PolicyMaxAge, position, detail);
            return;
        }
        let seconds = value.iter().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
        if seconds > MAX_AGE_SECONDS_MAX && !self.lenient {
            let detail = format!("the max_age {seconds} is above {MAX_AGE_SECONDS_MAX} seconds");
            self.defect(Failure::PolicyMaxAge, position, detail);
        }
        let kept = if self.lenient { seconds.min(MAX_AGE_SECONDS_MAX) } else { seconds };
        self.reading.max_age_seconds = Some(kept);
    }

    fn mx(&mut self, value: &[u8], position: usize) {
        let Ok(text) = std::str::from_utf8(value) else { return };
        let read = if self.lenient { MxPattern::parse_lenient(text) } else { MxPattern::parse(text) };
        match read {
            Ok(pattern) => self.reading.mx.push(pattern),
            Err(error) => self.defect(Failure::PolicyMx, position, format!("the mx {} {error}", quote(value))),
        }
    }

    /// RFC 8461 §3.2: version, mode and max_age are required once, mx at least once but in mode none.
    /// A field that is there and malformed is not missing.
    fn missing(&mut self) {
        let end = self.body.len();
        let required = [
            ("version", Failure::PolicyVersion, true),
            ("mode", Failure::PolicyMode, true),
            ("max_age", Failure::PolicyMaxAge, true),
            ("mx", Failure::PolicyMx, self.reading.mode != Some(Mode::None)),
        ];
        for (key, failure, is_required) in required {
            if is_required && !self.seen.contains(key.as_bytes()) {
                self.defect(failure, end, format!("there is no {key}"));
            }
        }
    }

    fn conclude(mut self) -> Reading {
        let reading = &mut self.reading;
        if let (Some(mode), Some(max_age_seconds), true) =
            (reading.mode, reading.max_age_seconds, reading.defects.is_empty())
        {
            reading.policy = Some(Policy { mode, max_age_seconds, mx: reading.mx.clone() });
        }
        self.reading
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
