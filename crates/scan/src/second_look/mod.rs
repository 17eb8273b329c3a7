//! A second look, where rustls and the peer could not agree.
//!
//! [`look`] opens one more connection, says EHLO and STARTTLS, and sends a ClientHello that offers everything up to
//! TLS 1.2: old suites, odd curves, anonymous and export key exchange. The server's flight up to
//! ServerHelloDone tells version, suite, chain and, where the server signs its key exchange, whether it holds the
//! leaf's key. The handshake is not completed: what a flight shows counts as TLS (a server that gets this far
//! encrypts). Without a whole flight nothing is recorded but the connection.

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use super::net::Net;
use super::probe::{ProbeSettings, Target, fingerprints, until_starttls};
use super::shortage::{NoConnection, Shortage};
use super::tls::wire::Wire;
use super::tls::{capped_chain, names, signature, sni_name};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{EndpointRow, KeyProof};
use mxcensus_rules::smtp::Dialogue;

mod flight;
mod hello;

use flight::{Complete, Flight, Progress};

/// Looks again and fills the `legacy_*` columns of a row whose first look ended in disagreement. Gives the chain
/// whose fingerprints stand in `legacy_chain`; an error where this machine could not even connect.
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
    let mut dialogue = Dialogue::new(&settings.ehlo_name);
    let Some(mut stream) = until_starttls(stream, &mut dialogue, settings, deadline).await.stream else {
        return Ok(Vec::new());
    };
    let hello = hello::client_hello(sni_name(&target.server_name));
    let until = deadline.min(Instant::now() + settings.tls_timeout);
    let flight = tokio::time::timeout_at(until, exchange_hellos(&mut stream, &hello.record)).await.ok().flatten();
    // RFC 5246 §7.2.1: a close_notify, so that the peer sees a client that changed its mind rather than a broken one.
    let goodbye = async {
        stream.write_all(&[21, 3, 1, 0, 2, 1, 0]).await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(settings.quit_timeout, goodbye).await;
    Ok(flight.map_or_else(Vec::new, |flight| record(&flight, &hello.random, row)))
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
                record(&complete, &[0; 32], &mut row);
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

/// Writes down what a flight shows.
fn record(flight: &Complete, client_random: &[u8], row: &mut EndpointRow) -> Vec<CertificateDer<'static>> {
    let Some(exchange) = flight::exchange(flight) else { return Vec::new() };
    let (chain, truncated) = capped_chain(flight.chain.iter().map(Vec::as_slice));
    row.legacy_version = names::version(flight.hello.version).map(str::to_owned);
    row.legacy_cipher = Some(names::cipher_suite(flight.hello.suite));
    row.legacy_key_proof = match (chain.first(), exchange.signed) {
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
    row.legacy_key_exchange = Some(exchange.name);
    row.legacy_chain = Some(fingerprints(&chain));
    row.chain_truncated |= truncated;
    chain
}

#[cfg(test)]
mod tests;
