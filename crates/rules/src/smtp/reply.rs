//! SMTP replies (RFC 5321 §4.2) and what an EHLO reply announces (§4.1.1.1).
//!
//! [`ReplyReader`] takes bytes as they come, in pieces of any size, and gives complete [`Reply`]s; how
//! the bytes were cut makes no difference to the outcome. It is tolerant where senders are (a bare LF
//! ends a line; the last line's code counts when lines disagree, as in Postfix) and strict about size.

/// The longest line, in bytes without its end: four times what RFC 5321 §4.5.3.1.5 allows.
pub const MAX_LINE: usize = 2048;
/// The most lines in one reply: real EHLO replies have about twenty.
pub const MAX_LINES: usize = 128;
/// The most bytes in one reply, so that an endless banner costs a bounded amount of memory.
pub const MAX_REPLY: usize = 32 * 1024;

/// A complete reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// The code of the last line, 200 to 599.
    pub code: u16,
    /// The text of each line, without code, separator and line end.
    pub lines: Vec<Vec<u8>>,
}

/// Why bytes are not an SMTP reply (RFC 5321 §4.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// A line does not begin with a code from 200 to 599 and a space, a hyphen or its end.
    NotAReply,
    /// A line is longer than [`MAX_LINE`].
    LineTooLong,
    /// A reply has more lines than [`MAX_LINES`] or more bytes than [`MAX_REPLY`].
    TooLong,
}

impl Reply {
    /// Whether the code is 2yz.
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether the code is 5yz: refused for good (RFC 5321 §4.2.1).
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// The lines' texts joined by LF.
    pub fn text(&self) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    /// The capabilities of an EHLO reply: every line but the first, which is a greeting.
    pub fn capabilities(&self) -> &[Vec<u8>] {
        self.lines.get(1..).unwrap_or_default()
    }

    /// Whether an EHLO reply announces `keyword`, in any case and whatever follows the keyword.
    pub fn announces(&self, keyword: &str) -> bool {
        // RFC 5321 §4.1.1.1: "EHLO keywords ... MUST always be processed in a case-insensitive manner".
        self.capabilities().iter().any(|line| {
            let word = line.split(|b| !b.is_ascii_graphic()).next().unwrap_or_default();
            word.eq_ignore_ascii_case(keyword.as_bytes())
        })
    }

    /// The name that the server gives itself: the first word of the reply's first line (RFC 5321 §4.1.1.1).
    pub fn own_name(&self) -> Option<&[u8]> {
        let first = self.lines.first()?;
        let word = first.split(|b| *b == b' ' || *b == b'\t').next()?;
        (!word.is_empty()).then_some(word)
    }
}

/// Collects bytes into replies.
#[derive(Debug, Default)]
pub struct ReplyReader {
    buffer: Vec<u8>,
    /// Start of the line under way.
    line_start: usize,
    /// How far the line under way was searched for its end.
    searched: usize,
    lines: Vec<Vec<u8>>,
}

impl ReplyReader {
    /// Takes bytes from the wire. Beyond [`MAX_REPLY`] unread ones nothing is kept but what proves the excess.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = (MAX_REPLY + 1).saturating_sub(self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Bytes taken and not yet part of a reply that was given out.
    pub fn pending(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether what is pending cannot become a reply, however it goes on.
    pub fn pending_is_foreign(&self) -> bool {
        let line = &self.buffer[self.line_start..];
        !line.is_empty() && !line.iter().take(3).enumerate().all(|(at, b)| is_code_digit(at, *b))
    }

    /// Drops and returns what is pending.
    pub fn take_pending(&mut self) -> Vec<u8> {
        (self.line_start, self.searched) = (0, 0);
        self.lines.clear();
        std::mem::take(&mut self.buffer)
    }

    /// After an error: drops everything and returns the reply under way up to and with the line that is at fault.
    pub fn take_fault(&mut self) -> Vec<u8> {
        let end = self.searched.min(self.line_start + MAX_LINE);
        let mut bytes = self.take_pending();
        bytes.truncate(end);
        bytes
    }

    /// The next complete reply, or `None` when more bytes are needed. After an error the reader is of no more use
    /// but for [`ReplyReader::take_fault`].
    pub fn next_reply(&mut self) -> Result<Option<Reply>, Malformed> {
        loop {
            let Some(offset) = self.buffer[self.searched..].iter().position(|b| *b == b'\n') else {
                self.searched = self.buffer.len();
                if self.buffer.len() - self.line_start > MAX_LINE + 1 {
                    return Err(Malformed::LineTooLong);
                }
                if self.buffer.len() > MAX_REPLY {
                    return Err(Malformed::TooLong);
                }
                return Ok(None);
            };
            let end = self.searched + offset;
            self.searched = end;
            let line = &self.buffer[self.line_start..end];
            // A bare LF ends a line too: every client accepts it, though RFC 5321 §2.3.8 wants CRLF.
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > MAX_LINE {
                return Err(Malformed::LineTooLong);
            }
            let (code, last, text) = split_line(line).ok_or(Malformed::NotAReply)?;
            self.lines.push(text.to_vec());
            if self.lines.len() > MAX_LINES || end >= MAX_REPLY {
                return Err(Malformed::TooLong);
            }
            self.line_start = end + 1;
            self.searched = self.line_start;
            if last {
                self.buffer.drain(..self.line_start);
                (self.line_start, self.searched) = (0, 0);
                return Ok(Some(Reply { code, lines: std::mem::take(&mut self.lines) }));
            }
        }
    }
}

/// Code, whether it is the last line, and the text of one line.
fn split_line(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (code, rest) = line.split_at_checked(3)?;
    if !code.iter().enumerate().all(|(at, b)| is_code_digit(at, *b)) {
        return None;
    }
    let code = code.iter().fold(0, |sum, b| sum * 10 + u16::from(b - b'0'));
    match rest {
        [] => Some((code, true, rest)), // RFC 5321 §4.2: a code alone must be accepted.
        [b' ', text @ ..] => Some((code, true, text)),
        [b'-', text @ ..] => Some((code, false, text)),
        _ => None,
    }
}

/// RFC 5321 §4.2: the first digit is 2 to 5. The second is not held to 0 to 5: some servers make up codes.
fn is_code_digit(at: usize, byte: u8) -> bool {
    match at {
        0 => (b'2'..=b'5').contains(&byte),
        _ => byte.is_ascii_digit(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Option<Reply>, Malformed> {
        let mut reader = ReplyReader::default();
        reader.push(bytes);
        reader.next_reply()
    }

    #[test]
    fn table() {
        let good: &[(&[u8], u16, &[&str], &str)] = &[
            (b"220 mx.example ESMTP\r\n", 220, &["mx.example ESMTP"], "one line"),
            (b"250-a\r\n250-b\r\n250 c\r\n", 250, &["a", "b", "c"], "three lines"),
            (b"250\r\n", 250, &[""], "a code alone (RFC 5321 4.2)"),
            (b"250-\r\n250 \r\n", 250, &["", ""], "empty texts"),
            (b"220 x\n", 220, &["x"], "a bare LF"),
            (b"220-a\n220 b\r\n", 220, &["a", "b"], "LF and CRLF mixed"),
            (b"220-wait\r\n554 no\r\n", 554, &["wait", "no"], "codes differ: the last line's counts"),
            (b"599 made up\r\n", 599, &["made up"], "second digit beyond the grammar"),
            (b"250 a\rb\r\n", 250, &["a\rb"], "a bare CR is text"),
        ];
        for (bytes, code, lines, why) in good {
            let lines = lines.iter().map(|l| l.as_bytes().to_vec()).collect();
            assert_eq!(read(bytes), Ok(Some(Reply { code: *code, lines })), "{why}");
        }
        let bad: &[(&[u8], Malformed, &str)] = &[
            (b"SSH-2.0-OpenSSH\r\n", Malformed::NotAReply, "another protocol"),
            (b"\r\n", Malformed::NotAReply, "an empty line"),
            (b"22\r\n", Malformed::NotAReply, "two digits"),
            (b"2200 x\r\n", Malformed::NotAReply, "four digits"),
            (b"120 wait\r\n", Malformed::NotAReply, "1yz does not exist in SMTP"),
            (b"650 x\r\n", Malformed::NotAReply, "6yz neither"),
            (b"250-a\r\nb\r\n", Malformed::NotAReply, "a continuation without code"),
            (b"250_a\r\n", Malformed::NotAReply, "neither space nor hyphen"),
        ];
        for (bytes, error, why) in bad {
            assert_eq!(read(bytes), Err(*error), "{why}");
        }
        for partial in [&b""[..], b"2", b"250", b"250-a\r\n", b"250-a\r\n250 b"] {
            assert_eq!(read(partial), Ok(None), "{partial:?} is not complete");
        }
    }

    #[test]
    fn caps() {
        let line = |n: usize| [b"250 ", vec![b'x'; n - 4].as_slice(), b"\r\n"].concat();
        assert!(read(&line(MAX_LINE)).is_ok());
        assert_eq!(read(&line(MAX_LINE + 1)), Err(Malformed::LineTooLong));
        assert_eq!(read(&vec![b'2'; MAX_LINE + 2]), Err(Malformed::LineTooLong), "no line end in sight");
        assert_eq!(read(&b"220-x\r\n".repeat(MAX_LINES + 1)), Err(Malformed::TooLong), "too many lines");
        let long = [b"220-", vec![b'x'; 1000].as_slice(), b"\r\n"].concat();
        assert_eq!(read(&long.repeat(40)), Err(Malformed::TooLong), "too many bytes");
    }

    #[test]
    fn what_the_caps_allow() {
        let digits = |n: usize| vec![b'2'; n];
        assert_eq!(read(&digits(MAX_LINE + 1)), Ok(None), "the last byte may be the CR of a line's end");
        let lines = |n: usize| [b"220-x\r\n".repeat(n - 1), b"220 x\r\n".to_vec()].concat();
        assert_eq!(read(&lines(MAX_LINES)).unwrap().unwrap().lines.len(), MAX_LINES);
        assert_eq!(read(&lines(MAX_LINES + 1)), Err(Malformed::TooLong));
        // Fifteen lines of 2 KiB with their ends, and as much of the sixteenth: 32 KiB without an end in sight.
        let line = [b"220-", vec![b'x'; MAX_LINE - 6].as_slice(), b"\r\n"].concat();
        let full = [line.repeat(15), digits(MAX_LINE)].concat();
        assert_eq!((full.len(), read(&full)), (MAX_REPLY, Ok(None)));
        assert_eq!(read(&[full, digits(1)].concat()), Err(Malformed::TooLong));
    }

    #[test]
    fn the_line_at_fault_is_kept_and_what_follows_it_is_not() {
        let fault = |bytes: &[u8]| {
            let mut reader = ReplyReader::default();
            reader.push(bytes);
            reader.next_reply().unwrap_err();
            (reader.take_fault(), reader.pending().len())
        };
        assert_eq!(fault(b"250-a\r\nSSH-2.0\nmore\n"), (b"250-a\r\nSSH-2.0".to_vec(), 0));
        let long = [b"250-a\r\n".to_vec(), vec![b'x'; 3000]].concat();
        assert_eq!(fault(&long), (long[..7 + MAX_LINE].to_vec(), 0), "of a line without end what a line may have");
    }

    #[test]
    fn what_may_still_become_a_reply() {
        for (bytes, foreign) in
            [("", false), ("2", false), ("250-a", false), ("250-a\r\n", false), ("x", true), ("250-a\r\n25x", true)]
        {
            let mut reader = ReplyReader::default();
            reader.push(bytes.as_bytes());
            assert_eq!(reader.next_reply(), Ok(None), "{bytes:?}");
            assert_eq!(reader.pending_is_foreign(), foreign, "{bytes:?}");
        }
    }

    #[test]
    fn capabilities() {
        let announces =
            |line: &str| Reply { code: 250, lines: vec![b"mx".to_vec(), line.into()] }.announces("STARTTLS");
        for line in ["STARTTLS", "starttls", "StartTls ", "STARTTLS required", "STARTTLS\tx", "STARTTLS\r"] {
            assert!(announces(line), "{line}");
        }
        for line in ["XXXXXXXX", "STARTTLSX", "X-STARTTLS", "AUTH STARTTLS", ""] {
            assert!(!announces(line), "{line}");
        }
        let greeting_only = Reply { code: 250, lines: vec![b"STARTTLS".to_vec()] };
        assert!(!greeting_only.announces("STARTTLS"), "the first line is a greeting, not a capability");
        assert_eq!(greeting_only.own_name(), Some(&b"STARTTLS"[..]));
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(
            stream in proptest::collection::vec(prop_oneof![Just(b"220-a\r\n".to_vec()), Just(b"250 b\n".to_vec()),
                Just(b"554\r\n".to_vec()), proptest::collection::vec(any::<u8>(), 0..9)], 0..12),
            cuts in proptest::collection::vec(1usize..7, 1..40),
        ) {
            let stream = stream.concat();
            let drain = |reader: &mut ReplyReader, out: &mut Vec<Result<Reply, Malformed>>| {
                while !out.last().is_some_and(Result::is_err) {
                    match reader.next_reply() {
                        Ok(None) => break,
                        Ok(Some(reply)) => out.push(Ok(reply)),
                        Err(error) => out.push(Err(error)),
                    }
                }
            };
            let (mut whole, mut expected) = (ReplyReader::default(), Vec::new());
            whole.push(&stream);
            drain(&mut whole, &mut expected);
            let (mut pieces, mut seen) = (ReplyReader::default(), Vec::new());
            let (mut rest, mut cuts) = (&stream[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                pieces.push(piece);
                drain(&mut pieces, &mut seen);
                rest = more;
            }
            prop_assert_eq!(seen, expected);
        }
    }
}
