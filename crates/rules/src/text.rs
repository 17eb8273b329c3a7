//! Text from strangers, made safe without losing a byte.
//!
//! Valid UTF-8 stays; a control character, or a byte that is not UTF-8, is written `\DDD` (decimal,
//! one escape per byte); a backslash is written `\\` (RFC 1035 5.1). So nothing is lost, and nothing
//! that a terminal would obey is ever stored or printed.

/// Escapes bytes from the wire. [`unescape`] is its inverse.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                out.push_str("\\\\");
            } else if c.is_control() || is_format_hazard(c) {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|b| push_escaped(&mut out, b));
            } else {
                out.push(c);
            }
        }
        chunk.invalid().iter().for_each(|&b| push_escaped(&mut out, b));
    }
    out
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

fn push_escaped(out: &mut String, byte: u8) {
    use std::fmt::Write;
    let _ = write!(out, "\\{byte:03}");
}

/// Characters that reorder or hide text on a terminal (Unicode bidi controls and their kin).
fn is_format_hazard(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
        ];
        for (bytes, text) in cases {
            assert_eq!(escape(bytes), *text);
            assert_eq!(unescape(text), *bytes);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_control_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = escape(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescape(&text), bytes);
        }
    }
}
