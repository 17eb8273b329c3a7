//! The shape that the TXT records of MTA-STS (RFC 8461 §3.1) and TLSRPT (RFC 8460 §3) share:
//! a version, then fields, with `*WSP ";" *WSP` between and an optional one at the end.
//!
//! [`opening`] says whether a record is of the kind at all, [`split`] cuts a candidate into
//! [`Piece`]s. Which fields there are, and what is wrong with them, is for the two readers.

use super::{is_wsp, trim_end, trim_start};

/// How a TXT record begins, measured against `v=VERSION;`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Opening {
    /// `v=VERSION;`, or with WSP before the semicolon.
    Candidate { fields_at: usize, space_before_delimiter: bool },
    /// The right version, and no semicolon after it.
    NoDelimiter,
    /// It begins like one of the kind, in any case of letters, with another version.
    WrongVersion,
    /// Something else, for instance what a wildcard gives out.
    Unrelated,
}

/// How `record` begins; `version` is the value wanted, such as `STSv1`.
pub(crate) fn opening(record: &[u8], version: &str) -> Opening {
    // What tells an attempt: `v=sts`, `v=tlsrpt`, in any case.
    let family = format!("v={}", version.trim_end_matches("v1"));
    if !record.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family.as_bytes())) {
        return Opening::Unrelated;
    }
    let Some(after) = record.strip_prefix(b"v=").and_then(|rest| rest.strip_prefix(version.as_bytes())) else {
        return Opening::WrongVersion;
    };
    match trim_start(after) {
        [b';', ..] => Opening::Candidate {
            fields_at: record.len() - trim_start(after).len() + 1,
            space_before_delimiter: is_wsp(after[0]),
        },
        // `v=STSv10`, `v=STSv1.1`: the version goes on.
        _ if after.first().is_some_and(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)) => Opening::WrongVersion,
        _ => Opening::NoDelimiter,
    }
}

/// What stands between two delimiters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece<'a> {
    /// Byte offset in the record.
    pub position: usize,
    /// The piece, without the white space that belongs to the delimiters around it.
    pub bytes: &'a [u8],
}

impl<'a> Piece<'a> {
    /// Name, value and the byte offset of the value; None without an equals sign.
    pub(crate) fn name_and_value(&self) -> Option<(&'a [u8], &'a [u8], usize)> {
        let equals = self.bytes.iter().position(|&b| b == b'=')?;
        Some((&self.bytes[..equals], &self.bytes[equals + 1..], self.position + equals + 1))
    }
}

/// The pieces of a candidate from `from` on. White space before the end of the record that no
/// semicolon follows belongs to no delimiter, so it stays in the last piece.
pub(crate) fn split(record: &[u8], from: usize) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut position = from;
    let mut parts = record[from..].split(|&b| b == b';').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let start = trim_start(part);
        let bytes = if is_last { start } else { trim_end(start) };
        // The delimiter at the end is optional: nothing after it is no piece.
        if !(is_last && bytes.is_empty()) {
            pieces.push(Piece { position: position + part.len() - start.len(), bytes });
        }
        position += part.len() + 1;
    }
    pieces
}

/// `sts-ext-value` (RFC 8461 §3.1), `tlsrpt-ext-value` (RFC 8460 §3): visible ASCII but `=` and `;`.
pub(crate) fn is_extension_value(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|b| matches!(b, 0x21..=0x3a | 0x3c | 0x3e..=0x7e))
}
