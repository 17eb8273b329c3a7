//! Servers that speak what rustls does not: old versions, CBC, DHE, RSA key exchange, P-521, anonymous
//! key exchange. They answer a ClientHello up to ServerHelloDone (RFC 5246 §7.4, RFC 8422 §5.4) with
//! stored bytes and one real signature, and go no further: nobody gets a session out of them. So are those that agree
//! with everybody and break afterwards.

use std::io;

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::pki::Chain;

/// Protocol versions below TLS 1.3 as they stand on the wire.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// SSL 3.0, which is no TLS (RFC 7568).
    Ssl30 = 0x0300,
    /// TLS 1.0.
    Tls10 = 0x0301,
    /// TLS 1.1.
    Tls11 = 0x0302,
    /// TLS 1.2.
    Tls12 = 0x0303,
}

/// How the key is agreed, and so what the ServerKeyExchange holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exchange {
    /// RSA: there is none, and nothing is proven.
    Rsa,
    /// Ephemeral, on P-256, signed.
    Ecdhe,
    /// Ephemeral, on P-521, signed.
    EcdheP521,
    /// Ephemeral, finite field (RFC 3526 group 14), signed.
    Dhe,
    /// The same with a prime of 512 bits, which no sender takes.
    DheShort,
    /// Ephemeral, on P-256 or in a finite field, unsigned and without a certificate.
    Anonymous,
}

/// What a server does after its flight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Then {
    /// It waits for the peer to speak or to leave.
    #[default]
    Waits,
    /// It answers whatever comes with a fatal alert of this description.
    Alerts(u8),
    /// It has asked for a client certificate, and goes on without one (RFC 5246 §7.4.4).
    AsksForCertificate,
    /// It has asked for one, and answers a client that has none with handshake_failure (§7.4.6).
    DemandsCertificate,
}

/// One legacy server.
#[derive(Clone, Debug)]
pub struct Legacy {
    /// The only version it speaks.
    pub version: Version,
    /// The suites it accepts, in its order of preference.
    pub suites: Vec<u16>,
    /// How the key is agreed.
    pub exchange: Exchange,
    /// What it presents, and signs with where the exchange is signed.
    pub chain: Option<Chain>,
    /// The signature has a bit flipped.
    pub bad_signature: bool,
    /// What comes after that.
    pub then: Then,
}

/// `TLS_RSA_WITH_AES_128_CBC_SHA` and `TLS_RSA_WITH_AES_128_GCM_SHA256`
pub const RSA_SUITES: [u16; 3] = [0x009c, 0x002f, 0x0035];
/// `TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA` and its kin.
pub const ECDHE_ECDSA_CBC: [u16; 3] = [0xc009, 0xc00a, 0xc023];
/// `TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA` and its kin.
pub const ECDHE_RSA_CBC: [u16; 3] = [0xc013, 0xc014, 0xc027];
/// `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`
pub const ECDHE_ECDSA_GCM: [u16; 1] = [0xc02b];
/// `TLS_DHE_RSA_WITH_AES_128_GCM_SHA256` and its CBC kin.
pub const DHE_RSA: [u16; 3] = [0x009e, 0x0033, 0x0039];
/// `TLS_ECDH_anon_WITH_AES_128_CBC_SHA`, `TLS_DH_anon_WITH_AES_128_CBC_SHA` and their kin.
pub const ANONYMOUS: [u16; 5] = [0xc018, 0xc019, 0x0034, 0x003a, 0x00a6];

/// RFC 5746 §3.3
const RENEGOTIATION_SCSV: u16 = 0x00ff;
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;
const SECP256R1: u16 = 23;
const SECP521R1: u16 = 25;

/// Answers one ClientHello, then waits for the peer to speak or to leave.
pub async fn answer(legacy: &Legacy, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut record).await?;
    let reply = match Hello::read(&record).filter(|_| head[0] == 22) {
        Some(hello) => reply(legacy, &hello)?,
        None => alert(HANDSHAKE_FAILURE),
    };
    stream.write_all(&reply).await?;
    // Whatever the peer has to say to that, it is the end.
    let mut rest = [0; 512];
    let heard = stream.read(&mut rest).await?;
    match legacy.then {
        Then::Alerts(description) if heard > 0 => stream.write_all(&alert(description)).await?,
        Then::DemandsCertificate if heard > 0 => stream.write_all(&alert(HANDSHAKE_FAILURE)).await?,
        _ => {}
    }
    // What is left unread would turn the end into a reset.
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

struct Hello {
    version: u16,
    random: Vec<u8>,
    suites: Vec<u16>,
    versions: Vec<u16>,
    groups: Vec<u16>,
    renegotiation_info: bool,
}

impl Hello {
    /// Reads a ClientHello (RFC 8446 §4.1.2) that came in one record.
    fn read(record: &[u8]) -> Option<Hello> {
        if record.first() != Some(&1) {
            return None;
        }
        let body = record.get(4..)?;
        let version = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
        let random = body.get(2..34)?.to_vec();
        let (_, rest) = vector(body.get(34..)?, 1)?;
        let (suites, rest) = vector(rest, 2)?;
        let (_, rest) = vector(rest, 1)?;
        let suites = numbers(suites);
        let renegotiation_info = suites.contains(&RENEGOTIATION_SCSV);
        let mut hello = Hello { version, random, suites, versions: Vec::new(), groups: Vec::new(), renegotiation_info };
        let mut extensions = if rest.is_empty() { rest } else { vector(rest, 2)?.0 };
        while let [a, b, rest @ ..] = extensions {
            let (data, rest) = vector(rest, 2)?;
            match u16::from_be_bytes([*a, *b]) {
                43 => hello.versions = numbers(vector(data, 1)?.0),
                10 => hello.groups = numbers(vector(data, 2)?.0),
                0xff01 => hello.renegotiation_info = true,
                _ => {}
            }
            extensions = rest;
        }
        Some(hello)
    }

    fn accepts(&self, version: u16) -> bool {
        // RFC 8446 §4.2.1: with the extension the list counts, without it the highest version does.
        if self.versions.is_empty() { version <= self.version } else { self.versions.contains(&version) }
    }
}

fn vector(bytes: &[u8], length_bytes: usize) -> Option<(&[u8], &[u8])> {
    let length = bytes.get(..length_bytes)?.iter().fold(0, |sum, &b| sum << 8 | usize::from(b));
    bytes.get(length_bytes..)?.split_at_checked(length)
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn reply(legacy: &Legacy, hello: &Hello) -> io::Result<Vec<u8>> {
    let version = legacy.version as u16;
    if !hello.accepts(version) {
        return Ok(alert(PROTOCOL_VERSION));
    }
    let group = if legacy.exchange == Exchange::EcdheP521 { SECP521R1 } else { SECP256R1 };
    let on_curve = |suite: u16| suite & 0xff00 == 0xc000;
    let Some(&suite) = legacy
        .suites
        .iter()
        .find(|suite| hello.suites.contains(suite) && (!on_curve(**suite) || hello.groups.contains(&group)))
    else {
        return Ok(alert(HANDSHAKE_FAILURE));
    };
    let mut random = vec![0; 32];
    SystemRandom::new().fill(&mut random).map_err(io::Error::other)?;
    let mut server_hello = [&version.to_be_bytes()[..], &random, &[0], &suite.to_be_bytes(), &[0]].concat();
    if hello.renegotiation_info && legacy.version > Version::Ssl30 {
        server_hello.extend([0, 5, 0xff, 0x01, 0, 1, 0]); // RFC 5746 §3.6, without which OpenSSL 3 goes no further
    }
    let mut messages = message(2, &server_hello);
    if let Some(chain) = &legacy.chain {
        let certificates: Vec<u8> = chain.sent.iter().flat_map(|c| long(&c.der)).collect();
        messages.extend(message(11, &long(&certificates)));
    }
    if legacy.exchange != Exchange::Rsa {
        let parameters = match legacy.exchange {
            _ if on_curve(suite) => curve_parameters(group),
            Exchange::DheShort => field_parameters(&[0xd1; 64]),
            _ => field_parameters(&hex::decode(GROUP_14).unwrap_or_default()),
        };
        let mut exchange = parameters.clone();
        if let Some(chain) = legacy.chain.as_ref().filter(|_| legacy.exchange != Exchange::Anonymous) {
            let signed = [&hello.random[..], &random, &parameters].concat();
            let (scheme, mut signature) = sign(chain, &signed)?;
            if let Some(last) = signature.last_mut().filter(|_| legacy.bad_signature) {
                *last ^= 1;
            }
            exchange.extend(scheme.to_be_bytes());
            exchange.extend((signature.len() as u16).to_be_bytes());
            exchange.extend(signature);
        }
        messages.extend(message(12, &exchange));
    }
    if matches!(legacy.then, Then::AsksForCertificate | Then::DemandsCertificate) {
        // RFC 5246 §7.4.4: RSA and ECDSA keys, signatures with SHA-256, any authority.
        messages.extend(message(13, &[2, 1, 64, 0, 4, 4, 1, 4, 3, 0, 0]));
    }
    messages.extend(message(14, &[]));
    Ok(messages.chunks(16_000).flat_map(|part| record(22, version, part)).collect())
}

/// A TLS 1.2 signature with SHA-256 (RFC 5246 §7.4.1.4.1): the scheme's number, and its bytes.
fn sign(chain: &Chain, signed: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let random = SystemRandom::new();
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chain.key, &random) {
        let signature = pair.sign(&random, signed).map_err(io::Error::other)?;
        return Ok((0x0403, signature.as_ref().to_vec()));
    }
    let pair = RsaKeyPair::from_pkcs8(&chain.key).map_err(io::Error::other)?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature).map_err(io::Error::other)?;
    Ok((0x0401, signature))
}

/// ServerECDHParams (RFC 8422 §5.4) whose public point is the generator of the curve: a valid point is
/// all that a peer who goes no further can ask for.
fn curve_parameters(group: u16) -> Vec<u8> {
    const P256: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                        4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    const P521: &str = "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ff\
                        a8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e\
                        662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";
    let point = hex::decode(if group == SECP521R1 { P521 } else { P256 }).unwrap_or_default();
    [&[3][..], &group.to_be_bytes(), &[point.len() as u8], &point].concat()
}

/// The prime of group 14 of RFC 3526.
const GROUP_14: &str = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd\
                            ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed\
                            ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f\
                            83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b\
                            e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510\
                            15728e5a8aacaa68ffffffffffffffff";

/// ServerDHParams (RFC 5246 §7.4.3): this prime, generator 2, and 4 as the public value.
fn field_parameters(prime: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat();
    [number(prime), number(&[2]), number(&[4])].concat()
}

fn long(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &long(body)].concat()
}

fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &version.to_be_bytes(), &(body.len() as u16).to_be_bytes(), body].concat()
}

/// A fatal alert (RFC 5246 §7.2).
pub fn alert(description: u8) -> Vec<u8> {
    record(21, 0x0303, &[2, description])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_parameters_have_the_right_sizes() {
        assert_eq!(curve_parameters(SECP256R1).len(), 4 + 65);
        assert_eq!(curve_parameters(SECP521R1).len(), 4 + 133);
        assert_eq!(field_parameters(&hex::decode(GROUP_14).unwrap()).len(), 2 + 256 + 2 + 1 + 2 + 1);
    }
}
