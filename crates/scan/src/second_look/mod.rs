//! A second look, where rustls and the peer could not agree.
//!
//! One more connection, and a ClientHello that offers everything up to TLS 1.2: old suites, odd curves, finite fields,
//! anonymous and export key exchange. The server's flight up to ServerHelloDone tells version, suite, chain and, where
//! the server signs its key exchange, whether it holds the leaf's key. [`look`] does so at a mail server, after EHLO and
//! STARTTLS, and [`look_at_policy_host`] at a policy host.
//!
//! The handshake is not completed. Where the server asks for a client certificate, it is told that there is none
//! (RFC 5246 §7.4.6), which shows whether it demands one. Without a whole flight nothing is recorded but the connection.

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::connection::Connection;
use super::left_alone::Peer;
use super::net::Net;
use super::policy::PolicySettings;
use super::probe::{ProbeSettings, Target, fingerprints, until_starttls};
use super::shortage::{NoConnection, Shortage};
use super::tls::wire::Wire;
use super::tls::{capped_chain, names, signature, sni_name};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{EndpointRow, KeyProof, PolicyRow, TlsMessage};
use mxcensus_rules::smtp::Dialogue;

mod flight;
mod hello;

use flight::{Complete, Flight, Progress};

/// What a flight showed.
struct Sight {
    version: Option<&'static str>,
    cipher: String,
    key_exchange: String,
    dh_bits: Option<u32>,
    key_proof: Option<KeyProof>,
    chain: Vec<CertificateDer<'static>>,
    chain_truncated: bool,
    certificate_requested: bool,
    /// The alert that answered our empty Certificate.
    alert: Option<String>,
}

/// Looks again and fills the `legacy_*` columns of a row whose first look ended in disagreement. Gives the chain
/// whose fingerprints stand in `legacy_chain`; an error where this machine was short of something.
pub async fn look(
    net: &Net,
    target: &Target,
    settings: &ProbeSettings,
    row: &mut EndpointRow,
) -> Result<Vec<CertificateDer<'static>>, Shortage> {
    let deadline = Instant::now() + settings.total_timeout;
    let stream = match net.connect(&target.peer(), target.port, settings.connect_timeout).await {
        Ok(stream) => stream,
        Err(NoConnection::Short(shortage)) => return Err(shortage),
        Err(NoConnection::Failure(failure)) => {
            row.connections += u32::from(failure.family() != Family::Own && failure != Failure::SpecialAddress);
            return Ok(Vec::new());
        }
    };
    row.connections += 1;
    let remembered = stream.remembered();
    let sight = see_after_starttls(stream, &target.server_name, settings, deadline).await;
    match (sight, remembered.shortage()) {
        (Some(sight), _) => Ok(fill(row, sight)),
        (None, Some(shortage)) => Err(shortage),
        (None, None) => Ok(Vec::new()),
    }
}

async fn see_after_starttls(
    stream: Connection,
    server_name: &str,
    settings: &ProbeSettings,
    deadline: Instant,
) -> Option<Sight> {
    let mut dialogue = Dialogue::new(&settings.ehlo_name);
    let mut stream = until_starttls(stream, &mut dialogue, settings, deadline).await.stream?;
    let until = deadline.min(Instant::now() + settings.tls_timeout);
    see(&mut stream, server_name, until).await
}

/// The `legacy_*` columns, and those that both looks fill. Gives the chain.
fn fill(row: &mut EndpointRow, sight: Sight) -> Vec<CertificateDer<'static>> {
    row.legacy_version = sight.version.map(str::to_owned);
    row.legacy_cipher = Some(sight.cipher);
    row.legacy_key_exchange = Some(sight.key_exchange);
    row.legacy_alert = sight.alert;
    row.legacy_last_sent = Some(last_sent(sight.certificate_requested));
    row.legacy_key_proof = sight.key_proof;
    row.legacy_chain = Some(fingerprints(&sight.chain));
    row.chain_truncated |= sight.chain_truncated;
    row.client_certificate_requested = Some(sight.certificate_requested);
    row.dh_bits = sight.dh_bits;
    sight.chain
}

/// The same at a policy host, whose first handshake ended in disagreement: fills the `policy_legacy_*` columns.
pub async fn look_at_policy_host(
    net: &Net,
    peer: &Peer,
    settings: &PolicySettings,
    row: &mut PolicyRow,
) -> Result<Vec<CertificateDer<'static>>, Shortage> {
    let stream = match net.connect(peer, net.https_port, settings.connect_timeout).await {
        Ok(stream) => stream,
        Err(NoConnection::Short(shortage)) => return Err(shortage),
        Err(NoConnection::Failure(_)) => return Ok(Vec::new()),
    };
    let until = Instant::now() + settings.tls_timeout;
    let remembered = stream.remembered();
    let Some(sight) = see(&mut Wire::direct(stream), &row.policy_host, until).await else {
        return remembered.shortage().map_or(Ok(Vec::new()), Err);
    };
    row.policy_legacy_version = sight.version.map(str::to_owned);
    row.policy_legacy_cipher = Some(sight.cipher);
    row.policy_legacy_key_exchange = Some(sight.key_exchange);
    row.policy_legacy_alert = sight.alert;
    row.policy_legacy_key_proof = sight.key_proof;
    row.policy_legacy_chain = Some(fingerprints(&sight.chain));
    row.policy_chain_truncated |= sight.chain_truncated;
    row.policy_client_certificate_requested = Some(sight.certificate_requested);
    row.policy_dh_bits = sight.dh_bits;
    Ok(sight.chain)
}

fn last_sent(certificate_requested: bool) -> TlsMessage {
    if certificate_requested { TlsMessage::Certificate } else { TlsMessage::ClientHello }
}

/// Exchanges hellos on an open connection and takes leave.
async fn see(stream: &mut Wire, server_name: &str, until: Instant) -> Option<Sight> {
    let hello = hello::client_hello(sni_name(server_name));
    let flight = tokio::time::timeout_at(until, exchange_hellos(stream, &hello.record)).await.ok().flatten();
    let requested = flight.as_ref().is_some_and(|flight| flight.certificate_requested);
    let farewell = async {
        let version = flight.as_ref().map_or(0x0301, |flight| flight.hello.version).to_be_bytes();
        if requested {
            stream.write_all(&record(22, version, &[11, 0, 0, 3, 0, 0, 0])).await.ok()?;
        }
        // RFC 5246 §7.2.1: a close_notify, so that the peer sees a client that changed its mind rather than a broken one.
        stream.write_all(&record(21, version, &[1, 0])).await.ok()?;
        stream.shutdown().await.ok()?;
        if requested { read_alert(stream).await } else { None }
    };
    let alert = tokio::time::timeout_at(until, farewell).await.ok().flatten();
    Some(Sight { alert, ..sight(&flight?, &hello.random)? })
}

fn record(kind: u8, [major, minor]: [u8; 2], fragment: &[u8]) -> Vec<u8> {
    let length = u8::try_from(fragment.len()).unwrap_or(u8::MAX);
    [&[kind, major, minor, 0, length][..], fragment].concat()
}

/// What a flight says, read without a network, for replay and fuzzing: the `legacy_*` columns. `cut` is how many bytes come at
/// a time. `None` where it does not become a whole flight.
pub fn read_flight(bytes: &[u8], cut: usize) -> Option<EndpointRow> {
    let mut flight = Flight::default();
    for piece in bytes.chunks(cut.max(1)) {
        match flight.push(piece) {
            Progress::More => {}
            Progress::Ended => return None,
            Progress::Done(complete) => {
                let name = || "mx.example".to_owned();
                let mut row = EndpointRow::unseen(name(), name(), "192.0.2.1".to_owned(), 25, String::new(), 0);
                if let Some(sight) = sight(&complete, &[0; 32]) {
                    fill(&mut row, sight);
                }
                return Some(row);
            }
        }
    }
    None
}

/// Sends our hello and collects the server's flight.
async fn exchange_hellos(stream: &mut Wire, hello: &[u8]) -> Option<Complete> {
    stream.write_all(hello).await.ok()?;
    let (mut flight, mut buffer) = (Flight::default(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        match flight.push(&buffer[..count]) {
            Progress::More => {}
            Progress::Done(complete) => return Some(complete),
            Progress::Ended => return None,
        }
    }
}

/// The alert that the server answers with; `None`: it closes, or says goodbye as we did (RFC 5246 §7.2.1).
async fn read_alert(stream: &mut Wire) -> Option<String> {
    let mut alert = [0; 7];
    stream.read_exact(&mut alert).await.ok()?;
    match alert {
        [21, 3, _, 0, 2, 2, description] if description != 0 => Some(names::alert(description)),
        _ => None,
    }
}

/// What a flight shows.
fn sight(flight: &Complete, client_random: &[u8]) -> Option<Sight> {
    let exchange = flight::exchange(flight)?;
    let (chain, chain_truncated) = capped_chain(flight.chain.iter().map(Vec::as_slice));
    let key_proof = match (chain.first(), exchange.signed) {
        _ if exchange.anonymous => None,
        // RFC 5246 §7.4.3: the signature covers both randoms and the parameters.
        (Some(leaf), Some((params, signed_by, value))) => {
            let message = [client_random, &flight.hello.random, params].concat();
            Some(signature::check(leaf, signed_by, &message, value))
        }
        // RSA key exchange proves the key only by a Finished that decrypts, and we stop before it.
        (Some(_), None) => Some(KeyProof::NotChecked),
        (None, _) => None,
    };
    Some(Sight {
        version: names::version(flight.hello.version),
        cipher: names::cipher_suite(flight.hello.suite),
        key_exchange: exchange.name,
        dh_bits: exchange.dh_bits,
        key_proof,
        chain,
        chain_truncated,
        certificate_requested: flight.certificate_requested,
        alert: None,
    })
}

#[cfg(test)]
mod tests;
