//! What stands in clear on the wire during a handshake, whichever side ends it.
//!
//! A TLS library that gives up tells little of what had been agreed. [`Tap`] reads along: the version, suite and group that
//! the server chose, the size of a finite-field group, and the last handshake message that the client sent. It keeps a
//! few bytes of each message, decides nothing, and stops where encryption begins. RFC 8446 §4.1.3, §5.1; RFC 5246 §7.4.

use std::sync::{Arc, Mutex, PoisonError};

use mxcensus_rules::observation::TlsMessage;
use tls_parser::{TlsCipherKx, TlsCipherSuite};

use super::names;

/// The bytes kept of a message: more than any ServerHello, or the head of a ServerKeyExchange, needs. A ServerHello with
/// a post-quantum share has about 1,250.
const KEPT: usize = 2048;
/// A TLS 1.3 alert as it stands on the wire: level, description, content type and an authentication tag (RFC 8446 §5.2).
const ALERT_13: usize = 2 + 1 + 16;
/// RFC 8446 §4.1.3: the random of a ServerHello that is a HelloRetryRequest.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Reads along on one connection. Clones share what they saw.
#[derive(Clone, Debug, Default)]
pub struct Tap(Arc<Mutex<State>>);

/// What was seen so far.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tapped {
    /// What the server chose.
    pub chosen: Option<Chosen>,
    /// The size of the prime of a finite-field group, bits.
    pub dh_bits: Option<u32>,
    /// The last handshake message that the client sent.
    pub last_sent: Option<TlsMessage>,
}

/// What a ServerHello chose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chosen {
    /// The version, as on the wire.
    pub version: u16,
    /// The cipher suite.
    pub suite: u16,
    /// The group: of the key share in TLS 1.3, of the ServerKeyExchange before.
    pub group: Option<u16>,
}

#[derive(Debug, Default)]
struct State {
    seen: Tapped,
    from_server: Records,
    from_client: Records,
    /// What the client sends next is encrypted, though its records still say handshake (TLS 1.2).
    client_encrypts: bool,
}

impl Tap {
    /// Takes bytes that came from the server.
    pub fn received(&self, bytes: &[u8]) {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = &mut state.seen;
        state.from_server.push(bytes, |event| match event {
            Event::Message(2, body) if seen.chosen.is_none() => {
                if let Some(hello) = read_server_hello(body).filter(|hello| !hello.is_retry) {
                    seen.dh_bits = hello.chosen.group.and_then(names::finite_field_bits);
                    seen.chosen = Some(hello.chosen);
                }
                // From here on TLS 1.3 is encrypted.
                seen.chosen.as_ref().is_none_or(|chosen| chosen.version < 0x0304)
            }
            Event::Message(12, body) => {
                if let Some(chosen) = &mut seen.chosen {
                    (chosen.group, seen.dh_bits) = read_key_exchange(chosen.suite, body);
                }
                true
            }
            Event::Message(..) => true,
            Event::Record(kind, _) => kind == 22 || seen.chosen.is_none(),
        });
    }

    /// Takes bytes that were sent to the server.
    pub fn sent(&self, bytes: &[u8]) {
        let state = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, encrypts) = (&mut state.seen, &mut state.client_encrypts);
        let is_13 = seen.chosen.as_ref().is_some_and(|chosen| chosen.version >= 0x0304);
        state.from_client.push(bytes, |event| {
            match event {
                Event::Message(kind, _) => seen.last_sent = TlsMessage::of(kind).or(seen.last_sent),
                Event::Record(20, _) => *encrypts = seen.chosen.is_some() && !is_13,
                Event::Record(22, _) if *encrypts => seen.last_sent = Some(TlsMessage::Finished),
                Event::Record(23, length) if is_13 && length > ALERT_13 => seen.last_sent = Some(TlsMessage::Finished),
                Event::Record(..) => {}
            }
            seen.last_sent != Some(TlsMessage::Finished)
        });
    }

    /// What was seen so far.
    pub fn seen(&self) -> Tapped {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen.clone()
    }
}

/// What comes in one direction.
enum Event<'b> {
    /// A record begins: its type and its length.
    Record(u8, usize),
    /// A handshake message is whole: its type, and its body as far as it is kept.
    Message(u8, &'b [u8]),
}

/// Records and the handshake messages in them, cut in any way.
#[derive(Debug, Default)]
struct Records {
    /// The head of a record, as far as it came.
    head: Vec<u8>,
    /// Bytes of the record that are still to come.
    left: usize,
    /// The head and the kept bytes of a message, as far as they came.
    message: Vec<u8>,
    /// Bytes of the message's body that are still to come; `None` before its head is whole.
    message_left: Option<usize>,
    over: bool,
}

impl Records {
    /// Takes bytes; `on` says after each event whether to go on.
    fn push(&mut self, mut bytes: &[u8], mut on: impl FnMut(Event<'_>) -> bool) {
        while !self.over && !bytes.is_empty() {
            if self.left == 0 {
                let (head, rest) = bytes.split_at(bytes.len().min(5 - self.head.len()));
                self.head.extend_from_slice(head);
                bytes = rest;
                if let [kind, _, _, a, b] = self.head[..] {
                    self.left = usize::from(u16::from_be_bytes([a, b]));
                    self.over = !on(Event::Record(kind, self.left));
                    if self.left == 0 {
                        self.head.clear();
                    }
                }
                continue;
            }
            let (fragment, rest) = bytes.split_at(bytes.len().min(self.left));
            self.left -= fragment.len();
            bytes = rest;
            if self.head.first() == Some(&22) {
                self.push_handshake(fragment, &mut on);
            }
            if self.left == 0 {
                self.head.clear();
            }
        }
    }

    fn push_handshake(&mut self, mut bytes: &[u8], on: &mut impl FnMut(Event<'_>) -> bool) {
        loop {
            match self.message_left {
                None => {
                    let (head, rest) = bytes.split_at(bytes.len().min(4 - self.message.len()));
                    self.message.extend_from_slice(head);
                    bytes = rest;
                    let [_, a, b, c] = self.message[..] else { return };
                    self.message_left = Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
                }
                Some(0) => {
                    let message = std::mem::take(&mut self.message);
                    self.message_left = None;
                    self.over = !on(Event::Message(message[0], &message[4..]));
                    if self.over {
                        return;
                    }
                }
                Some(left) => {
                    if bytes.is_empty() {
                        return;
                    }
                    let (body, rest) = bytes.split_at(bytes.len().min(left));
                    let room = (KEPT + 4).saturating_sub(self.message.len());
                    self.message.extend_from_slice(&body[..body.len().min(room)]);
                    self.message_left = Some(left - body.len());
                    bytes = rest;
                }
            }
        }
    }
}

struct ServerHello {
    chosen: Chosen,
    is_retry: bool,
}

/// RFC 8446 §4.1.3: the version stands in an extension, where there is one.
fn read_server_hello(body: &[u8]) -> Option<ServerHello> {
    let (version, rest) = body.split_first_chunk()?;
    let (random, rest) = rest.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first()?;
    let rest = rest.get(usize::from(*length)..)?;
    let (suite, rest) = rest.split_first_chunk()?;
    let mut chosen = Chosen { version: u16::from_be_bytes(*version), suite: u16::from_be_bytes(*suite), group: None };
    let mut extensions = rest.get(3..).unwrap_or_default();
    while let Some((head, rest)) = extensions.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some((data, rest)) = rest.split_at_checked(length) else { break };
        let number = data.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
        match u16::from_be_bytes([head[0], head[1]]) {
            43 => chosen.version = number.unwrap_or(chosen.version),
            51 => chosen.group = number,
            _ => {}
        }
        extensions = rest;
    }
    Some(ServerHello { chosen, is_retry: *random == RETRY })
}

/// The group, or the size of the prime, in a ServerKeyExchange (RFC 8422 §5.4, RFC 5246 §7.4.3).
fn read_key_exchange(suite: u16, body: &[u8]) -> (Option<u16>, Option<u32>) {
    match (TlsCipherSuite::from_id(suite).map(|suite| &suite.kx), body) {
        (Some(TlsCipherKx::Ecdhe | TlsCipherKx::Ecdh), [3, a, b, ..]) => (Some(u16::from_be_bytes([*a, *b])), None),
        (Some(TlsCipherKx::Dhe | TlsCipherKx::Dh), [a, b, prime @ ..]) => {
            (None, bits(usize::from(u16::from_be_bytes([*a, *b])), prime))
        }
        _ => (None, None),
    }
}

/// The bits of a number of `length` bytes, the first of which are given.
pub(crate) fn bits(length: usize, bytes: &[u8]) -> Option<u32> {
    let zeros = bytes.iter().take(length).take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros)?;
    let whole = u32::try_from(length.checked_sub(zeros)?).ok()?;
    (8 * whole).checked_sub(first.leading_zeros())
}

#[cfg(test)]
mod tests;
