//! Clear text where TLS is due (RFC 3207 §4.2, CVE-2011-0411).
//!
//! Between the 220 to STARTTLS and its ServerHello a server has nothing to say. An attacker on the path who pushes
//! lines in there hopes that the client takes them for answers given under TLS. [`ClearText`] tells such lines
//! from the first TLS record, however the bytes are cut, so that they can be noted and dropped.

/// The most clear text passed over; a flood beyond it is left for the handshake to fail on.
const MAX_DROPPED: usize = 64 * 1024;

/// Removes leading lines of text from a stream, up to the first byte at the start of a line that is not text.
#[derive(Clone, Debug, Default)]
pub struct ClearText {
    dropped: usize,
    in_line: bool,
    over: bool,
}

impl ClearText {
    /// A filter that lets everything through.
    pub fn over() -> ClearText {
        ClearText { over: true, ..ClearText::default() }
    }

    /// Whether any text was dropped.
    pub fn was_seen(&self) -> bool {
        self.dropped > 0
    }

    /// Whether the text has ended: everything from here on goes through.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Drops text from the front of the next piece of the stream.
    pub fn drop_from(&mut self, bytes: &mut Vec<u8>) {
        let mut at = 0;
        while at < bytes.len() && !self.over {
            if self.in_line {
                let end = bytes[at..].iter().position(|b| *b == b'\n');
                self.in_line = end.is_none();
                let next = end.map_or(bytes.len(), |end| at + end + 1);
                self.dropped += next - at;
                at = next;
            } else if matches!(bytes[at], b'\t' | b'\r' | b'\n' | b' '..=b'~') {
                // No TLS record begins like this: content types are 20 to 24 (RFC 8446 §5.1).
                self.in_line = true;
            } else {
                self.over = true;
            }
            self.over |= self.dropped >= MAX_DROPPED;
        }
        bytes.drain(..at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        let cases: &[(&[u8], &[u8], bool, &str)] = &[
            (b"\x16\x03\x03..", b"\x16\x03\x03..", false, "a record at once"),
            (b"\x15\x03\x01..", b"\x15\x03\x01..", false, "an alert at once"),
            (b"250 evil\r\n\x16\x03\x03", b"\x16\x03\x03", true, "a line, then a record"),
            (b"250-a\n250 b\xff\n\x16\x03\x03\n", b"\x16\x03\x03\n", true, "two lines, then a record"),
            (b"250 evil", b"", true, "a line without its end"),
            (b"\xff\xff", b"\xff\xff", false, "what is neither goes through, for the handshake to refuse"),
            (b"", b"", false, "nothing"),
        ];
        for (stream, rest, seen, why) in cases {
            let (mut filter, mut bytes) = (ClearText::default(), stream.to_vec());
            filter.drop_from(&mut bytes);
            assert_eq!((bytes.as_slice(), filter.was_seen()), (*rest, *seen), "{why}");
        }
        let (mut filter, mut flood) = (ClearText::default(), b"250 evil\r\n".repeat(10_000));
        filter.drop_from(&mut flood);
        assert!(filter.is_over(), "a flood is not swallowed for ever");
        assert_eq!(flood.len(), 100_000 - 65_540, "but to the end of the line in which 64 KiB are reached");
        let (mut filter, mut text) = (ClearText::default(), b"250 evil\r\n".to_vec());
        filter.drop_from(&mut text);
        assert!(!filter.is_over(), "more of it may come");
        let mut text = b"text".to_vec();
        ClearText::over().drop_from(&mut text);
        assert_eq!(text, b"text");
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(stream in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'\n'), Just(22), any::<u8>()], 0..40), cut in 1usize..9) {
            let (mut filter, mut whole) = (ClearText::default(), stream.clone());
            filter.drop_from(&mut whole);
            let mut pieces = ClearText::default();
            let mut rest = Vec::new();
            for piece in stream.chunks(cut) {
                let mut piece = piece.to_vec();
                pieces.drop_from(&mut piece);
                rest.extend(piece);
            }
            prop_assert_eq!((rest, pieces.was_seen()), (whole, filter.was_seen()));
        }
    }
}
