//! One attempt at a policy: one address, one HTTPS GET, written down as far as it went (RFC 8461 §3.3).
//!
//! It connects to an address of the policy host, makes a handshake that accepts any certificate, and asks over HTTP/1.1.
//! Redirects are recorded and never followed; nothing is cached.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::time::Instant;

use super::PolicySettings;
use super::http::{Stopped, get};
use crate::connection::Connection;
use crate::left_alone::Peer;
use crate::net::{Net, now};
use crate::probe::{fingerprints, millis};
use crate::shortage::{NoConnection, Shortage};
use crate::tls::wire::Wire;
use crate::tls::{Purpose, TlsClient, TlsLook};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{PolicyAttempt, PolicyRow, PolicyStage};

/// What came of a fetch.
#[derive(Debug)]
pub struct Fetched {
    /// The row; what DNS showed is for the caller to add.
    pub row: PolicyRow,
    /// The chain as presented, leaf first; `row.policy_chain` holds its fingerprints.
    pub chain: Vec<CertificateDer<'static>>,
    /// What this machine was short of: the row tells nothing then.
    pub short: Option<Shortage>,
    /// rustls and the host could not agree: [`crate::second_look`] may tell more.
    pub wants_second_look: bool,
}

/// Why a fetch ended before its end.
struct Ended {
    stage: PolicyStage,
    error: Failure,
}

/// Fetches the policy of `domain` from `policy_host` at the address of `peer`, which tells all that it is known by. Never fails: how it ended is in the row.
///
/// Not contacted at all: `skipped` with a reason of our own; `dns` with `special-address`.
pub async fn fetch(
    net: &Net,
    tls: &TlsClient,
    domain: &str,
    policy_host: &str,
    peer: &Peer,
    settings: &PolicySettings,
    worker: &str,
) -> Fetched {
    let (at, started) = (now(), Instant::now());
    let deadline = started + settings.total_timeout;
    let mut row = empty_row(domain, policy_host, worker);
    row.policy_observed_at = Some(at);
    let (mut chain, mut wants_second_look, mut short) = (Vec::new(), false, None);
    let ended = match connect(net, peer, settings, deadline, &mut row, &mut short).await {
        Err(ended) => Err(ended),
        Ok(stream) => {
            let remembered = stream.remembered();
            let limit = settings.tls_timeout.min(deadline.saturating_duration_since(Instant::now()));
            let look = shake_hands(stream, tls, policy_host, limit, &mut row).await;
            wants_second_look = look.disagreed();
            chain.clone_from(&look.chain);
            let ended = exchange(look, policy_host, settings, deadline, &mut row).await;
            short = remembered.shortage().filter(|_| ended.is_err());
            ended
        }
    };
    match ended {
        Ok(()) => row.policy_stage = PolicyStage::Done,
        Err(Ended { stage, error }) => (row.policy_stage, row.policy_error) = (stage, Some(error)),
    }
    row.policy_attempts =
        vec![PolicyAttempt { at, stage: row.policy_stage, error: row.policy_error, ms: millis(started) }];
    Fetched { row, chain, short, wants_second_look }
}

/// Connects to the address.
async fn connect(
    net: &Net,
    peer: &Peer,
    settings: &PolicySettings,
    deadline: Instant,
    row: &mut PolicyRow,
    short: &mut Option<Shortage>,
) -> Result<Connection, Ended> {
    let started = Instant::now();
    row.policy_ip = Some(peer.ip.to_string());
    let left = deadline.saturating_duration_since(started);
    let error = match net.connect(peer, net.https_port, settings.connect_timeout.min(left)).await {
        Ok(stream) => {
            row.policy_connect_ms = Some(millis(started));
            return Ok(stream);
        }
        Err(NoConnection::Failure(error)) => error,
        Err(NoConnection::Short(shortage)) => {
            *short = Some(shortage);
            Failure::Budget
        }
    };
    let stage = match error {
        Failure::SpecialAddress => PolicyStage::Dns,
        _ if error.family() == Family::Own => PolicyStage::Skipped,
        _ => PolicyStage::Connect,
    };
    if stage == PolicyStage::Connect {
        row.policy_connect_ms = Some(millis(started));
    }
    Err(Ended { stage, error })
}

/// The handshake, written down.
async fn shake_hands(
    stream: Connection,
    tls: &TlsClient,
    policy_host: &str,
    limit: Duration,
    row: &mut PolicyRow,
) -> TlsLook {
    let begun = Instant::now();
    let look = tls.handshake(Wire::direct(stream), policy_host, Purpose::Https, limit).await;
    row.policy_tls_ms = Some(millis(begun));
    row.policy_tls_version = look.version.map(str::to_owned);
    row.policy_cipher_suite.clone_from(&look.cipher_suite);
    row.policy_key_exchange.clone_from(&look.key_exchange);
    row.policy_tls_alert.clone_from(&look.alert);
    row.policy_tls_last_sent = look.last_sent;
    row.policy_client_certificate_requested = look.agreed.then_some(look.certificate_requested);
    row.policy_dh_bits = look.dh_bits;
    row.policy_key_proof = look.key_proof;
    row.policy_chain = look.key_proof.is_some().then(|| fingerprints(&look.chain));
    row.policy_chain_truncated = look.chain_truncated;
    look
}

/// The request and the answer, where there is a connection.
async fn exchange(
    look: TlsLook,
    policy_host: &str,
    settings: &PolicySettings,
    deadline: Instant,
    row: &mut PolicyRow,
) -> Result<(), Ended> {
    let Some(stream) = look.stream else {
        return Err(Ended { stage: PolicyStage::Tls, error: look.error.unwrap_or(Failure::TlsProtocol) });
    };
    let begun = Instant::now();
    let mut stage = PolicyStage::Http;
    let answered = tokio::time::timeout_at(deadline, get(stream, policy_host, settings, row, &mut stage)).await;
    row.policy_http_ms = Some(millis(begun));
    match answered {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Stopped::Failure(error))) => Err(Ended { stage, error }),
        // RFC 8446 §4.4.4: a server that wants a client certificate says so only after our side of the handshake.
        Ok(Err(Stopped::Alert(alert))) => {
            row.policy_tls_alert = Some(alert);
            Err(Ended { stage: PolicyStage::Tls, error: Failure::TlsAlert })
        }
        Err(_) => Err(Ended { stage, error: Failure::HttpTimeout }),
    }
}

pub(super) fn empty_row(domain: &str, policy_host: &str, worker: &str) -> PolicyRow {
    let row = PolicyRow::unseen(domain.to_owned(), policy_host.to_owned(), worker.to_owned());
    PolicyRow { policy_stage: PolicyStage::Connect, ..row }
}
