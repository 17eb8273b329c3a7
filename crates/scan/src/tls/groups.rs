//! Key exchange groups that senders have and ring does not: P-521, X448, finite fields, ML-KEM and its hybrids.
//!
//! [`GROUPS`] goes into the [`rustls::crypto::CryptoProvider`] behind ring's own. Nobody's secret depends on what is agreed
//! here: a census sends QUIT, or asks for a public file.

use num_bigint::BigUint;
use p521::elliptic_curve::rand_core::OsRng;
use p521::elliptic_curve::sec1::ToEncodedPoint;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::ring::kx_group::{SECP256R1, SECP384R1, X25519};
use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::{self, FfdheGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};

mod kem;

/// Every group beyond ring's, in the order of preference: none is better than those of ring, which come first and cost
/// least, so a server that has one of those is never asked for another.
pub(super) static GROUPS: &[&dyn SupportedKxGroup] = &[
    &Group { name: NamedGroup::secp521r1, since: ProtocolVersion::TLSv1_2, start: p521 },
    &Group { name: NamedGroup::X448, since: ProtocolVersion::TLSv1_2, start: x448 },
    &Group { name: NamedGroup::X25519MLKEM768, since: ProtocolVersion::TLSv1_3, start: kem::x25519_mlkem768 },
    &Group { name: NamedGroup::secp256r1MLKEM768, since: ProtocolVersion::TLSv1_3, start: kem::p256_mlkem768 },
    &Group { name: NamedGroup::Unknown(0x11ed), since: ProtocolVersion::TLSv1_3, start: kem::p384_mlkem1024 },
    &Group { name: NamedGroup::FFDHE2048, since: ProtocolVersion::TLSv1_3, start: || finite(&ffdhe_groups::FFDHE2048) },
    &Group { name: NamedGroup::FFDHE3072, since: ProtocolVersion::TLSv1_3, start: || finite(&ffdhe_groups::FFDHE3072) },
    &Group { name: NamedGroup::FFDHE4096, since: ProtocolVersion::TLSv1_3, start: || finite(&ffdhe_groups::FFDHE4096) },
    &Group { name: NamedGroup::FFDHE6144, since: ProtocolVersion::TLSv1_3, start: || finite(&ffdhe_groups::FFDHE6144) },
    &Group { name: NamedGroup::FFDHE8192, since: ProtocolVersion::TLSv1_3, start: || finite(&ffdhe_groups::FFDHE8192) },
    &Group { name: NamedGroup::MLKEM512, since: ProtocolVersion::TLSv1_3, start: kem::mlkem512 },
    &Group { name: NamedGroup::MLKEM768, since: ProtocolVersion::TLSv1_3, start: kem::mlkem768 },
    &Group { name: NamedGroup::MLKEM1024, since: ProtocolVersion::TLSv1_3, start: kem::mlkem1024 },
];

/// One group.
struct Group {
    name: NamedGroup,
    /// The lowest version that it can be agreed in.
    since: ProtocolVersion,
    start: fn() -> Result<Started, Error>,
}

/// What the peer's share comes to, where it is a share at all.
type Finish = Box<dyn FnOnce(&[u8]) -> Option<Vec<u8>> + Send + Sync>;

/// Our share, and what turns the peer's into the secret; `None` for a share that is not valid.
struct Started {
    share: Vec<u8>,
    finish: Finish,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name.fmt(f)
    }
}

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        Ok(Box::new(Exchange { name: self.name, started: (self.start)()? }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        self.name
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        u16::from(version) >= u16::from(self.since)
    }
}

/// An exchange under way.
struct Exchange {
    name: NamedGroup,
    started: Started,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let secret = (self.started.finish)(peer);
        secret.map(SharedSecret::from).ok_or(PeerMisbehaved::InvalidKeyShare.into())
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn pub_key(&self) -> &[u8] {
        &self.started.share
    }

    fn group(&self) -> NamedGroup {
        self.name
    }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| GetRandomFailed)?;
    Ok(bytes)
}

/// RFC 8446 §4.2.8.2: points uncompressed; the secret is the x coordinate (§7.4.2).
fn p521() -> Result<Started, Error> {
    let secret = p521::ecdh::EphemeralSecret::random(&mut OsRng);
    let share = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
    let finish = move |peer: &[u8]| {
        let peer = (peer.first() == Some(&4)).then(|| p521::PublicKey::from_sec1_bytes(peer).ok())??;
        Some(secret.diffie_hellman(&peer).raw_secret_bytes().to_vec())
    };
    Ok(Started { share, finish: Box::new(finish) })
}

/// RFC 7748 §6.2; RFC 8446 §7.4.2 refuses a secret of zeros.
fn x448() -> Result<Started, Error> {
    let scalar: [u8; 56] = random()?;
    let finish = move |peer: &[u8]| {
        let secret = crrl::x448::x448(peer.try_into().ok()?, &scalar);
        (secret != [0; 56]).then(|| secret.to_vec())
    };
    Ok(Started { share: crrl::x448::x448_base(&scalar).to_vec(), finish: Box::new(finish) })
}

/// RFC 7919: shares and secret are as long as the prime (RFC 8446 §4.2.8.1, §7.4.1). An exponent of 512 bits is longer
/// than §5.2 asks for the largest of these groups.
fn finite(group: &FfdheGroup<'static>) -> Result<Started, Error> {
    let (p, g) = (BigUint::from_bytes_be(group.p), BigUint::from_bytes_be(group.g));
    let exponent = BigUint::from_bytes_be(&random::<64>()?);
    let size = group.p.len();
    let share = padded(&g.modpow(&exponent, &p), size);
    let finish = move |peer: &[u8]| {
        let peer = (peer.len() == size).then(|| BigUint::from_bytes_be(peer))?;
        // RFC 7919 §5.1: 1 < y < p - 1.
        let in_range = peer > BigUint::from(1_u8) && &peer + 1_u8 < p;
        in_range.then(|| padded(&peer.modpow(&exponent, &p), size))
    };
    Ok(Started { share, finish: Box::new(finish) })
}

fn padded(number: &BigUint, size: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut out = vec![0; size.saturating_sub(bytes.len())];
    out.extend(bytes);
    out
}

/// A group of ring's, as a part of another.
fn classical(group: &'static dyn SupportedKxGroup) -> Result<Started, Error> {
    let exchange = group.start()?;
    let share = exchange.pub_key().to_vec();
    let finish = move |peer: &[u8]| Some(exchange.complete(peer).ok()?.secret_bytes().to_vec());
    Ok(Started { share, finish: Box::new(finish) })
}

/// Two exchanges side by side (draft-ietf-tls-hybrid-design §3): both shares, and both secrets, in this order. The peer's first share has
/// `first_size` bytes.
fn hybrid(first: Started, second: Started, first_size: usize) -> Started {
    let share = [first.share, second.share].concat();
    let finish = move |peer: &[u8]| {
        let (to_first, to_second) = peer.split_at_checked(first_size)?;
        Some([(first.finish)(to_first)?, (second.finish)(to_second)?].concat())
    };
    Started { share, finish: Box::new(finish) }
}

#[cfg(test)]
mod tests;
