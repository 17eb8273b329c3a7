//! Text from strangers, made safe without losing a byte.
//!
//! Valid UTF-8 stays. A control character, a character that is not seen or that reorders others ([`is_hidden`]),
//! or a byte that is not UTF-8, is written `\DDD` (decimal, one escape per byte); a backslash is written
//! `\\` (RFC 1035 5.1). So nothing is lost, and nothing that a terminal would obey, or an eye miss, is ever stored
//! or printed. Where a sentence is about such a character, [`named`] writes it by its name.

use std::borrow::Cow;
use std::fmt::Write;

use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Escapes bytes from the wire. [`unescape`] is its inverse.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push(&mut out, c);
        }
        chunk.invalid().iter().for_each(|&b| push_escaped(&mut out, b));
    }
    out
}

/// A cell of a CSV file that no spreadsheet takes for a formula: text that begins with `=`, `+`, `-` or `@` (full-width ones
/// and those behind white space too), with a tab or a line end, or with an apostrophe, gets an apostrophe before it.
/// Taking one leading apostrophe away gives the text back.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let first = text.chars().find(|c| *c != ' ');
    let is_risky = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\'' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    );
    if is_risky { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The bytes that [`escape`] was given. Text that `escape` could not have written is taken as it stands.
pub fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [b'\\', b'\\', ..] => {
                out.push(b'\\');
                at += 2;
            }
            [b'\\', a @ b'0'..=b'2', b @ b'0'..=b'9', c @ b'0'..=b'9', ..]
                if u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0') < 256 =>
            {
                out.push((a - b'0') * 100 + (b - b'0') * 10 + (c - b'0'));
                at += 4;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// As [`escape`], for sentences about the text: a hidden character stands there by name, as in
/// `<U+200B ZERO WIDTH SPACE>`. Not to be undone.
pub fn named(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match unicode_names2::name(c).filter(|_| is_hidden(c)) {
                // Writing to a String cannot fail.
                Some(name) => {
                    let _ = write!(out, "<U+{:04X} {name}>", u32::from(c));
                }
                None => push(&mut out, c),
            }
        }
        chunk.invalid().iter().for_each(|&b| push_escaped(&mut out, b));
    }
    out
}

fn push(out: &mut String, c: char) {
    if c == '\\' {
        out.push_str("\\\\");
    } else if is_hidden(c) {
        let mut buffer = [0; 4];
        c.encode_utf8(&mut buffer).bytes().for_each(|b| push_escaped(out, b));
    } else {
        out.push(c);
    }
}

fn push_escaped(out: &mut String, byte: u8) {
    let _ = write!(out, "\\{byte:03}");
}

/// Whether a character cannot be seen, looks like a space and is none, or changes how its neighbours are shown: by
/// the Unicode properties General_Category (Cc, Cf, Zl, Zp, and Zs but for the space itself), Bidi_Control and
/// Default_Ignorable_Code_Point.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
    ) || CodePointSetData::new::<BidiControl>().contains(c)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain", "plain"),
            (b"tab\there", "tab\\009here"),
            (b"back\\slash", "back\\\\slash"),
            (b"\x1b[31mred", "\\027[31mred"),
            (b"\xff\xfe", "\\255\\254"),
            ("gr\u{fc}n".as_bytes(), "gr\u{fc}n"),
            ("\u{85}".as_bytes(), "\\194\\133"),
            ("a\u{202e}b".as_bytes(), "a\\226\\128\\174b"),
            ("a\u{a0}b".as_bytes(), "a\\194\\160b"),
            ("gr\u{fc}n \u{5d0}\u{5d1} \u{1f600}".as_bytes(), "gr\u{fc}n \u{5d0}\u{5d1} \u{1f600}"),
        ];
        for (bytes, text) in cases {
            assert_eq!(escape(bytes), *text);
            assert_eq!(unescape(text), *bytes);
        }
    }

    #[test]
    fn what_is_not_seen_is_escaped() {
        let hidden = [
            ('\u{61c}', "ARABIC LETTER MARK"),
            ('\u{ad}', "SOFT HYPHEN"),
            ('\u{a0}', "NO-BREAK SPACE"),
            ('\u{34f}', "COMBINING GRAPHEME JOINER"),
            ('\u{115f}', "HANGUL CHOSEONG FILLER"),
            ('\u{1680}', "OGHAM SPACE MARK"),
            ('\u{180e}', "MONGOLIAN VOWEL SEPARATOR"),
            ('\u{2003}', "EM SPACE"),
            ('\u{200b}', "ZERO WIDTH SPACE"),
            ('\u{200e}', "LEFT-TO-RIGHT MARK"),
            ('\u{2028}', "LINE SEPARATOR"),
            ('\u{202e}', "RIGHT-TO-LEFT OVERRIDE"),
            ('\u{2060}', "WORD JOINER"),
            ('\u{2066}', "LEFT-TO-RIGHT ISOLATE"),
            ('\u{3000}', "IDEOGRAPHIC SPACE"),
            ('\u{3164}', "HANGUL FILLER"),
            ('\u{fe0f}', "VARIATION SELECTOR-16"),
            ('\u{feff}', "ZERO WIDTH NO-BREAK SPACE"),
            ('\u{fff9}', "INTERLINEAR ANNOTATION ANCHOR"),
            ('\u{e0001}', "LANGUAGE TAG"),
            ('\u{e0041}', "TAG LATIN CAPITAL LETTER A"),
            ('\u{e01ef}', "VARIATION SELECTOR-256"),
        ];
        for (c, name) in hidden {
            let text = format!("a{c}b");
            let escaped = escape(text.as_bytes());
            assert!(escaped.is_ascii() && escaped.len() > 2, "{escaped}");
            assert_eq!(unescape(&escaped), text.as_bytes());
            assert_eq!(named(text.as_bytes()), format!("a<U+{:04X} {name}>b", u32::from(c)));
        }
        assert_eq!(named(b"\x1b\xff\\"), "\\027\\255\\\\", "what has no name is escaped");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (text, cell) in [
            ("example.com", "example.com"),
            ("", ""),
            ("a=1", "a=1"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'", "''"),
        ] {
            assert_eq!(csv_cell(text), cell);
            assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_control_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = escape(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescape(&text), bytes);
        }

        #[test]
        fn no_hidden_character_is_left(text in any::<String>()) {
            prop_assert!(!escape(text.as_bytes()).chars().any(is_hidden));
            prop_assert!(!named(text.as_bytes()).chars().any(is_hidden));
        }
    }
}
