//! A TXT record that would be one of the kind, were it not for what stands around its first letters.
//!
//! RFC 8461 §3.1 and RFC 8460 §3 discard what does not begin with `v=VERSION;`. Most of what they discard was never meant;
//! some was, and its owner sees nothing wrong with it: quotation marks that were published with the text, a character that is
//! not seen, or white space around the equals sign. [`disguise`] tells these apart from the rest.

use super::fields::{self, Opening};
use super::quote;
use crate::text;

/// What keeps a record from beginning with its version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Disguise {
    /// It stands in quotation marks, which were published with it.
    Quoted,
    /// White space, or a character that is not seen, stands before or within the version.
    Hidden,
    /// White space stands around the equals sign of the version.
    Spaced,
}

/// A disguise, and where it sits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Disguised {
    pub word: Disguise,
    /// Byte offset in the record.
    pub position: usize,
    /// One sentence for a person.
    pub detail: String,
}

/// What disguises a record of the kind `version`; the first of each word, by position. Empty for one that shows itself,
/// and for what is of another kind.
pub(crate) fn disguise(record: &[u8], version: &str) -> Vec<Disguised> {
    if fields::opening(record, version) != Opening::Unrelated {
        return Vec::new();
    }
    let mut found: Vec<(Disguise, usize)> = Vec::new();
    let mut plain: Vec<u8> = Vec::new();
    for (at, c) in characters(record) {
        match marker(c, &plain) {
            Some(word) if found.iter().any(|(known, _)| *known == word) => {}
            Some(word) => found.push((word, at)),
            None => plain.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
        if plain.len() > 2 + version.len() {
            break;
        }
    }
    if fields::opening(&plain, version) == Opening::Unrelated {
        return Vec::new();
    }
    found.into_iter().map(|(word, position)| Disguised { word, position, detail: sentence(word, record) }).collect()
}

/// The characters of a record with their places. A byte that is not UTF-8 is read as Latin-1, where 0xa0 is NO-BREAK SPACE.
fn characters(record: &[u8]) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    record
        .utf8_chunks()
        .flat_map(|chunk| {
            chunk.valid().chars().chain(chunk.invalid().iter().map(|&b| char::from(b))).collect::<Vec<_>>()
        })
        .map(move |c| {
            let here = at;
            at += c.len_utf8();
            (here, c)
        })
}

/// What a character is that does not belong where it stands; `plain` is what stands before it.
fn marker(c: char, plain: &[u8]) -> Option<Disguise> {
    // Behind the version, white space belongs to the delimiter.
    let in_version = plain.len() <= 2;
    match c {
        '"' | '\'' | '`' | '\\' if plain.is_empty() => Some(Disguise::Quoted),
        // Quotation marks as word processors make them.
        '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}' if plain.is_empty() => {
            Some(Disguise::Quoted)
        }
        ' ' | '\t' if plain.is_empty() => Some(Disguise::Hidden),
        ' ' | '\t' if in_version => Some(Disguise::Spaced),
        _ if text::is_hidden(c) => Some(Disguise::Hidden),
        _ => None,
    }
}

fn sentence(word: Disguise, record: &[u8]) -> String {
    let what = match word {
        Disguise::Quoted => "stands in quotation marks that are part of it",
        Disguise::Hidden => "has white space, or a character that is not seen, before or within its version",
        Disguise::Spaced => "has white space around the equals sign of its version",
    };
    format!("{} {what}, so it is no record of the kind", quote(record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_record_from_being_one() {
        use Disguise::{Hidden, Quoted, Spaced};
        let cases: &[(&str, &[(Disguise, usize)])] = &[
            ("v=STSv1; id=1", &[]),
            ("v=STSv1 ; id=1", &[]),
            ("v=stsv1; id=1", &[]),
            ("v=spf1 -all", &[]),
            ("\"v=spf1 -all\"", &[]),
            ("\u{200b}", &[]),
            ("", &[]),
            ("\"v=STSv1; id=1\"", &[(Quoted, 0)]),
            ("\\\"v=STSv1; id=1\\\"", &[(Quoted, 0)]),
            ("'v=STSv1; id=1'", &[(Quoted, 0)]),
            ("\u{201c}v=STSv1; id=1\u{201d}", &[(Quoted, 0)]),
            (" v=STSv1; id=1", &[(Hidden, 0)]),
            ("\tv=STSv1; id=1", &[(Hidden, 0)]),
            ("\u{200b}v=STSv1; id=1", &[(Hidden, 0)]),
            ("\u{a0}v=STSv1; id=1", &[(Hidden, 0)]),
            ("\u{feff}v=STSv1; id=1", &[(Hidden, 0)]),
            ("v\u{2060}=STSv1; id=1", &[(Hidden, 1)]),
            // It begins as one of the kind, so it is one of another version.
            ("v=STS\u{ad}v1; id=1", &[]),
            ("v=\u{ad}STSv1; id=1", &[(Hidden, 2)]),
            ("v = STSv1; id=1", &[(Spaced, 1)]),
            ("v= STSv1; id=1", &[(Spaced, 2)]),
            ("V =stsv1; id=1", &[(Spaced, 1)]),
            ("\" \u{200b}v = STSv1; id=1\"", &[(Quoted, 0), (Hidden, 1), (Spaced, 6)]),
        ];
        for (record, expected) in cases {
            let found: Vec<_> =
                disguise(record.as_bytes(), "STSv1").into_iter().map(|d| (d.word, d.position)).collect();
            assert_eq!(found, *expected, "{record:?}");
        }
        assert_eq!(disguise(b"\xa0v=STSv1; id=1", "STSv1").len(), 1, "NO-BREAK SPACE in Latin-1");
        let detail = &disguise("\u{200b}v=TLSRPTv1;".as_bytes(), "TLSRPTv1")[0].detail;
        assert!(detail.starts_with("\"<U+200B ZERO WIDTH SPACE>v=TLSRPTv1;\" has"), "{detail}");
    }
}
