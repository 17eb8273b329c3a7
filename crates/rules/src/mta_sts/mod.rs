//! MTA-STS (RFC 8461): what a domain's record, its policy and its list of MX patterns say.
//!
//! - [`record`]: the TXT records at `_mta-sts` (§3.1). Start at [`record::read`].
//! - [`policy`]: the body that the policy host serves (§3.2). Start at [`policy::read`].
//! - [`mx_pattern`]: the pattern of an `mx` field, and whether a host matches it (§4.1).
//!
//! Each reader is total: any bytes give a reading, with every [`Defect`] met on the way. Each reads
//! twice: by the grammar, and as a tolerant reader would who forgives a short, fixed list of slips.
//! What a reading means for a domain is for the judge to say; fetching is for `crate::scan`.

pub(crate) mod disguise;
pub(crate) mod fields;
pub mod mx_pattern;
pub mod policy;
pub mod record;

use crate::failure::Failure;
use crate::text;

crate::words! {
    /// What the TXT records at `_mta-sts` amount to (RFC 8461 3.1).
    StsRecord {
        /// No record, and none that tries to be one.
        Absent = "absent",
        /// Exactly one record, and it follows the grammar.
        Valid = "valid",
        /// More than one record: senders act as if there were none.
        Multiple = "multiple",
        /// A record that breaks the grammar, or that plainly tries to be one.
        Invalid = "invalid",
        /// The look-up failed.
        Error = "error",
        /// Not looked at, for a reason of our own.
        Unknown = "unknown",
    }
}

/// One departure from the grammar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Defect {
    /// The word that it goes under.
    pub failure: Failure,
    /// Byte offset in the text that was read; for something missing, the length of that text.
    pub position: usize,
    /// One sentence for a person. Text from the wire in it is escaped.
    pub detail: String,
}

impl Defect {
    pub(crate) fn new(failure: Failure, position: usize, detail: impl Into<String>) -> Self {
        Defect { failure, position, detail: detail.into() }
    }
}

/// The words of some defects, each once, in the order of first appearance: the first one decides.
pub fn words(defects: &[Defect]) -> Vec<Failure> {
    let mut words = Vec::new();
    for defect in defects {
        if !words.contains(&defect.failure) {
            words.push(defect.failure);
        }
    }
    words
}

/// WSP of RFC 5234 B.1.
pub(crate) fn is_wsp(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Without WSP at the start.
pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_wsp(*first)
    {
        bytes = rest;
    }
    bytes
}

/// Without WSP at the end.
pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_wsp(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Without WSP at either end.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// `sts-ext-name`, `sts-policy-ext-name` (RFC 8461 §3.1, §3.2) and `tlsrpt-ext-name` (RFC 8460 §3),
/// which the defined keys satisfy too.
pub(crate) fn is_field_name(name: &[u8]) -> bool {
    let more = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    matches!(name, [first, rest @ ..] if first.is_ascii_alphanumeric() && rest.len() <= 31 && rest.iter().all(more))
}

/// Wire text for a detail: safe to print, with hidden characters by name, and cut after 60 bytes, which tell enough of any slip.
pub(crate) fn quote(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    match bytes.get(..SHOWN) {
        Some(start) if bytes.len() > SHOWN => format!("\"{}...\"", text::named(start)),
        _ => format!("\"{}\"", text::named(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_shows_sixty_bytes() {
        let quoted = |length: usize| quote("a".repeat(length).as_bytes());
        for length in [0, 59, 60] {
            assert_eq!(quoted(length), format!("\"{}\"", "a".repeat(length)));
        }
        assert_eq!(quoted(61), format!("\"{}...\"", "a".repeat(60)));
    }
}
