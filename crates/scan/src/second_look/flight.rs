//! The server's first flight, up to TLS 1.2 (RFC 5246 §7.3): ServerHello, Certificate, ServerKeyExchange,
//! ServerHelloDone; put together from records and handshake fragments cut in any way.
//!
//! [`Flight`] is fed bytes and is pure. What a flight says about the key exchange is in [`exchange`] and
//! [`Exchange`].

use tls_parser::{ECParametersContent, TlsCipherSuite, TlsMessage, TlsMessageHandshake};

use super::super::tls::signature::SignedBy;
use super::super::tls::{names, tap};

/// The most handshake bytes taken: a chain of [`super::super::tls::MAX_CHAIN_BYTES`] and as much again.
const MAX_FLIGHT: usize = 512 * 1024;
/// The most records taken: a flight cut into tiny records ends here.
const MAX_RECORDS: usize = 4096;

/// A flight under way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// Bytes of a record that is not complete.
    wire: Vec<u8>,
    /// Handshake bytes that are not yet a whole message.
    handshake: Vec<u8>,
    taken: usize,
    records: usize,
    hello: Option<ServerHello>,
    chain: Option<Vec<Vec<u8>>>,
    key_exchange: Option<Vec<u8>>,
    certificate_requested: bool,
}

/// What the ServerHello chose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ServerHello {
    /// The protocol version, as on the wire.
    pub version: u16,
    /// The server random.
    pub random: Vec<u8>,
    /// The cipher suite.
    pub suite: u16,
}

/// A whole flight.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Complete {
    /// What was chosen.
    pub hello: ServerHello,
    /// The certificates, leaf first; none for an anonymous suite.
    pub chain: Vec<Vec<u8>>,
    /// The body of the ServerKeyExchange.
    pub key_exchange: Option<Vec<u8>>,
    /// Whether a client certificate is asked for.
    pub certificate_requested: bool,
}

/// What a further piece of the flight led to.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Progress {
    /// More is needed.
    More,
    /// The flight is whole.
    Done(Complete),
    /// It will not become one: a fatal alert, another protocol, or more than the caps allow.
    Ended,
}

impl Flight {
    /// Takes bytes from the wire.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Progress {
        self.wire.extend_from_slice(bytes);
        loop {
            let Some((header, rest)) = self.wire.split_at_checked(5) else { return Progress::More };
            let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
            // RFC 5246 §6.2.1: handshake records in clear have 1 to 2^14 bytes; their major version is 3.
            if header[1] != 3 || length == 0 || length > 1 << 14 {
                return Progress::Ended;
            }
            let Some(fragment) = rest.get(..length) else { return Progress::More };
            self.records += 1;
            self.taken += length;
            match header[0] {
                22 => self.handshake.extend_from_slice(fragment),
                // A warning, such as unrecognized_name, ends nothing (RFC 5246 §7.2).
                21 if fragment.first() == Some(&1) && fragment.get(1) != Some(&0) => {}
                _ => return Progress::Ended,
            }
            if self.records > MAX_RECORDS || self.taken > MAX_FLIGHT {
                return Progress::Ended;
            }
            self.wire.drain(..5 + length);
            match self.take_messages() {
                Progress::More => {}
                other => return other,
            }
        }
    }

    fn take_messages(&mut self) -> Progress {
        while let Some([kind, a, b, c]) = self.handshake.first_chunk() {
            let kind = *kind;
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if length > MAX_FLIGHT {
                return Progress::Ended;
            }
            if self.handshake.len() < 4 + length {
                return Progress::More;
            }
            let rest = self.handshake.split_off(4 + length);
            let message = std::mem::replace(&mut self.handshake, rest);
            match self.take_message(kind, &message) {
                Some(Progress::More) => {}
                Some(other) => return other,
                None => return Progress::Ended,
            }
        }
        Progress::More
    }

    /// `None` when the message is out of place or cannot be read.
    fn take_message(&mut self, kind: u8, message: &[u8]) -> Option<Progress> {
        match kind {
            2 if self.hello.is_none() => {
                let (_, hello) = tls_parser::parse_tls_handshake_server_hello(&message[4..]).ok()?;
                names::version(hello.version.0)?;
                self.hello = Some(ServerHello {
                    version: hello.version.0,
                    random: hello.random.to_vec(),
                    suite: hello.cipher.0,
                });
            }
            _ if self.hello.is_none() => return None,
            11 if self.chain.is_none() => {
                let (_, parsed) = tls_parser::parse_tls_message_handshake(message).ok()?;
                let TlsMessage::Handshake(TlsMessageHandshake::Certificate(list)) = parsed else { return None };
                self.chain = Some(list.cert_chain.iter().map(|c| c.data.to_vec()).collect());
            }
            12 if self.key_exchange.is_none() => self.key_exchange = Some(message[4..].to_vec()),
            13 => self.certificate_requested = true,
            // CertificateStatus: of no interest here.
            22 => {}
            14 => {
                let hello = self.hello.take()?;
                let chain = self.chain.take().unwrap_or_default();
                let (key_exchange, certificate_requested) = (self.key_exchange.take(), self.certificate_requested);
                return Some(Progress::Done(Complete { hello, chain, key_exchange, certificate_requested }));
            }
            _ => return None,
        }
        Some(Progress::More)
    }
}

/// The kind of key exchange and authentication that a cipher suite stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Rsa,
    RsaExport,
    Dhe,
    Ecdhe,
    FixedEcdh,
    DhAnonymous,
    EcdhAnonymous,
}

/// What a flight says about the key exchange.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Exchange<'a> {
    /// `rsa`, `dhe`, `ecdhe-secp521r1`, `dh-anon`, …; export variants end in `-export`.
    pub name: String,
    /// Whether the server authenticates itself not at all.
    pub anonymous: bool,
    /// The size of the prime of a finite field, bits.
    pub dh_bits: Option<u32>,
    /// The signed parameters, how they are signed, and the signature; `None` where nothing is signed.
    pub signed: Option<(&'a [u8], SignedBy, &'a [u8])>,
}

/// Reads the key exchange of a flight; `None` for a suite that was not on offer or parameters that cannot be read.
pub(super) fn exchange(flight: &Complete) -> Option<Exchange<'_>> {
    let suite = TlsCipherSuite::from_id(flight.hello.suite)?;
    let (method, _) = suite.name.strip_prefix("TLS_")?.split_once("_WITH_")?;
    let kind = match method.strip_suffix("_EXPORT").unwrap_or(method) {
        "RSA" if method == "RSA" => Kind::Rsa,
        "RSA" => Kind::RsaExport,
        "DHE_RSA" | "DHE_DSS" => Kind::Dhe,
        "ECDHE_RSA" | "ECDHE_ECDSA" => Kind::Ecdhe,
        "ECDH_RSA" | "ECDH_ECDSA" => Kind::FixedEcdh,
        "DH_anon" => Kind::DhAnonymous,
        "ECDH_anon" => Kind::EcdhAnonymous,
        _ => return None,
    };
    let body = flight.key_exchange.as_deref();
    let mut dh_bits = None;
    let (name, signed) = match kind {
        Kind::Rsa => ("rsa".to_owned(), None),
        // RFC 2246 §7.4.3: a temporary key where the certificate's is longer than 512 bits.
        Kind::RsaExport => ("rsa".to_owned(), body.and_then(|body| Some((body, rest_after_vectors(body, 2)?)))),
        Kind::Dhe | Kind::DhAnonymous => {
            let body = body?;
            let (rest, params) = tls_parser::parse_dh_params(body).ok()?;
            dh_bits = tap::bits(params.dh_p.len(), params.dh_p);
            (if kind == Kind::Dhe { "dhe" } else { "dh-anon" }.to_owned(), Some((body, rest)))
        }
        Kind::Ecdhe | Kind::EcdhAnonymous => {
            let body = body?;
            let (rest, params) = tls_parser::parse_ecdh_params(body).ok()?;
            let group = match params.curve_params.params_content {
                ECParametersContent::NamedGroup(group) => names::group(group.0),
                ECParametersContent::ExplicitPrime(_) => "explicit".to_owned(),
            };
            let name = if kind == Kind::Ecdhe { format!("ecdhe-{group}") } else { "ecdh-anon".to_owned() };
            (name, Some((body, rest)))
        }
        Kind::FixedEcdh => ("ecdh".to_owned(), None),
    };
    let anonymous = matches!(kind, Kind::DhAnonymous | Kind::EcdhAnonymous);
    let signed = match signed {
        Some((body, rest)) if !anonymous => {
            let (by, signature) = read_signature(flight.hello.version, rest)?;
            Some((&body[..body.len() - rest.len()], by, signature))
        }
        _ => None,
    };
    let name = if method.ends_with("_EXPORT") { format!("{name}-export") } else { name };
    Some(Exchange { name, anonymous, dh_bits, signed })
}

/// What follows `count` vectors with two-byte lengths.
fn rest_after_vectors(mut bytes: &[u8], count: usize) -> Option<&[u8]> {
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk()?;
        bytes = rest.get(usize::from(u16::from_be_bytes(*length))..)?;
    }
    Some(bytes)
}

/// RFC 5246 §4.7: since TLS 1.2 the scheme stands before the signature; before, the key's type implies it.
fn read_signature(version: u16, bytes: &[u8]) -> Option<(SignedBy, &[u8])> {
    let (by, bytes) = if version >= 0x0303 {
        let (scheme, rest) = bytes.split_first_chunk()?;
        (SignedBy::Scheme(u16::from_be_bytes(*scheme)), rest)
    } else {
        (SignedBy::OldRule, bytes)
    };
    let (length, rest) = bytes.split_first_chunk()?;
    Some((by, rest.get(..usize::from(u16::from_be_bytes(*length)))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn hello(version: u16, suite: u16) -> Vec<u8> {
        message(2, &[&version.to_be_bytes()[..], &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat())
    }

    fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
        [&[kind, 3, 1][..], &u16::try_from(fragment.len()).unwrap().to_be_bytes(), fragment].concat()
    }

    fn handshake() -> Vec<u8> {
        let certificates = [&[0, 0, 9, 0, 0, 2][..], b"ab", &[0, 0, 1], b"c"].concat();
        [hello(0x0301, 0x002f), message(11, &certificates), message(22, b"status"), message(14, &[])].concat()
    }

    fn expected() -> Progress {
        let hello = ServerHello { version: 0x0301, random: vec![7; 32], suite: 0x002f };
        let chain = vec![b"ab".to_vec(), b"c".to_vec()];
        Progress::Done(Complete { hello, chain, key_exchange: None, certificate_requested: false })
    }

    #[test]
    fn what_ends_it() {
        let push = |bytes: &[u8]| Flight::default().push(bytes);
        assert_eq!(push(&record(21, &[2, 40])), Progress::Ended, "a fatal alert");
        assert_eq!(push(&record(21, &[1, 0])), Progress::Ended, "close_notify");
        assert_eq!(push(&record(21, &[1, 112])), Progress::More, "a warning");
        assert_eq!(push(b"500 what?\r\n"), Progress::Ended, "not TLS");
        assert_eq!(push(&record(23, b"x")), Progress::Ended, "application data");
        assert_eq!(push(&record(22, &message(14, &[]))), Progress::Ended, "done before hello");
        assert_eq!(push(&record(22, &hello(0x0304, 0x1301))), Progress::Ended, "TLS 1.3 was not on offer");
        assert_eq!(push(&record(22, &[11, 0xff, 0xff, 0xff])), Progress::Ended, "a message beyond the cap");
        let endless = record(22, &hello(0x0303, 0x002f)).into_iter().chain(record(21, &[1, 90]).repeat(MAX_RECORDS));
        assert_eq!(push(&endless.collect::<Vec<_>>()), Progress::Ended, "endless warnings");
    }

    #[test]
    fn a_client_certificate_is_asked_for() {
        let flight = [hello(0x0303, 0x002f), message(13, &[1, 1, 0, 0]), message(14, &[])].concat();
        let Progress::Done(complete) = Flight::default().push(&record(22, &flight)) else { panic!() };
        assert!(complete.certificate_requested);
    }

    #[test]
    fn exchanges_that_cannot_be_read_are_none() {
        let flight = |suite, body: Option<&[u8]>| Complete {
            hello: ServerHello { version: 0x0303, random: vec![7; 32], suite },
            chain: Vec::new(),
            key_exchange: body.map(<[u8]>::to_vec),
            certificate_requested: false,
        };
        assert_eq!(exchange(&flight(0xc013, None)), None, "ECDHE without a key exchange");
        assert_eq!(exchange(&flight(0x0033, Some(&[0, 9, 1]))), None, "DHE cut short");
        assert_eq!(exchange(&flight(0x008c, None)), None, "PSK was not on offer");
        let rsa = flight(0x002f, None);
        assert_eq!(
            exchange(&rsa),
            Some(Exchange { name: "rsa".into(), anonymous: false, dh_bits: None, signed: None })
        );
        let dh = [0, 1, 23, 0, 1, 2, 0, 1, 5];
        let anonymous = flight(0x0034, Some(&dh));
        let read = exchange(&anonymous).unwrap();
        assert_eq!((read.name.as_str(), read.dh_bits), ("dh-anon", Some(5)));
        let export = flight(0x0014, Some(&[&dh[..], &[4, 1, 0, 1, 9]].concat())).clone();
        let read = exchange(&export).unwrap();
        assert_eq!(read.name, "dhe-export");
        assert_eq!(read.signed, Some((&dh[..], SignedBy::Scheme(0x0401), &[9][..])));
    }

    proptest! {
        #[test]
        fn fragments_make_no_difference(fragment in 1usize..60, cut in 1usize..60) {
            let wire: Vec<u8> = handshake().chunks(fragment).flat_map(|f| record(22, f)).collect();
            let mut flight = Flight::default();
            let mut last = Progress::More;
            for piece in wire.chunks(cut) {
                prop_assert_eq!(&last, &Progress::More);
                last = flight.push(piece);
            }
            prop_assert_eq!(last, expected());
        }

        #[test]
        fn never_panics(pieces in proptest::collection::vec((20u8..24, proptest::collection::vec(any::<u8>(), 1..80)), 0..8)) {
            let mut flight = Flight::default();
            for (kind, bytes) in pieces {
                if let Progress::Done(complete) = flight.push(&record(kind, &bytes)) {
                    let _ = exchange(&complete);
                }
                flight.push(&record(22, &hello(0x0303, 0xc013)));
            }
        }

        #[test]
        fn any_key_exchange_is_read_or_refused(suite in proptest::sample::select(super::super::hello::CIPHER_SUITES), body in proptest::collection::vec(any::<u8>(), 0..80), version in 0x0300u16..0x0304) {
            let hello = ServerHello { version, random: vec![7; 32], suite };
            let complete = Complete { hello, chain: Vec::new(), key_exchange: Some(body), certificate_requested: false };
            let _ = exchange(&complete);
        }
    }
}
