//! The `endpoints` table: one SMTP session with STARTTLS (RFC 5321, RFC 3207), as far as it went.

use serde::{Deserialize, Serialize};

use super::{KeyProof, Micros, TlsMessage, TlsaLookup};
use crate::failure::Failure;

crate::words! {
    /// The step under way when the session ended.
    EndpointStage {
        /// Not contacted, for a reason of our own.
        Skipped = "skipped",
        /// Connecting over TCP.
        Connect = "connect",
        /// Waiting for the greeting.
        Banner = "banner",
        /// EHLO or HELO; a reply without STARTTLS ends here.
        Ehlo = "ehlo",
        /// The STARTTLS command.
        Starttls = "starttls",
        /// The TLS handshake.
        Tls = "tls",
        /// The handshake completed.
        Done = "done",
    }
}

/// One attempt at an endpoint.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Attempt {
    /// When it began.
    pub at: Micros,
    /// The step under way when it ended.
    pub stage: EndpointStage,
    /// What ended it early.
    pub error: Option<Failure>,
    /// The SMTP code that ended it, where one did.
    pub reply_code: Option<u16>,
    /// How long it took.
    pub ms: f64,
}

/// One row of `endpoints`. `server_name` is the name sent in SNI.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct EndpointRow {
    pub host: String,
    pub server_name: String,
    pub ip: String,
    pub port: u16,
    pub worker: String,
    pub observed_at: Micros,
    pub attempt_log: Vec<Attempt>,
    pub connections: u32,
    pub sampled_from: Option<String>,
    pub stage: EndpointStage,
    pub error: Option<Failure>,
    pub banner: Option<String>,
    pub banner_truncated: bool,
    pub ehlo_name: Option<String>,
    pub helo_used: Option<bool>,
    pub ehlo_capabilities: Option<Vec<String>>,
    pub ehlo_capabilities_truncated: bool,
    pub ehlo_tls_capabilities: Option<Vec<String>>,
    pub reply_code: Option<u16>,
    pub reply_text: Option<String>,
    pub reply_text_truncated: bool,
    pub starttls: Option<bool>,
    pub injected: Option<bool>,
    pub tls_version: Option<String>,
    pub cipher_suite: Option<String>,
    pub key_exchange: Option<String>,
    pub signature_scheme: Option<String>,
    pub tls_alert: Option<String>,
    pub tls_last_sent: Option<TlsMessage>,
    pub client_certificate_requested: Option<bool>,
    pub dh_bits: Option<u32>,
    pub key_proof: Option<KeyProof>,
    pub chain: Option<Vec<String>>,
    pub chain_truncated: bool,
    pub legacy_version: Option<String>,
    pub legacy_cipher: Option<String>,
    pub legacy_key_exchange: Option<String>,
    pub legacy_alert: Option<String>,
    pub legacy_last_sent: Option<TlsMessage>,
    pub legacy_key_proof: Option<KeyProof>,
    pub legacy_chain: Option<Vec<String>>,
    pub tlsa_after: Option<Vec<TlsaLookup>>,
    pub tlsa_after_at: Option<Micros>,
    pub connect_ms: Option<f64>,
    pub banner_ms: Option<f64>,
    pub tls_ms: Option<f64>,
    pub total_ms: Option<f64>,
}

impl EndpointRow {
    /// The row of an endpoint about which nothing was seen yet.
    pub fn unseen(
        host: String,
        server_name: String,
        ip: String,
        port: u16,
        worker: String,
        observed_at: Micros,
    ) -> Self {
        Self {
            host,
            server_name,
            ip,
            port,
            worker,
            observed_at,
            attempt_log: Vec::new(),
            connections: 0,
            sampled_from: None,
            stage: EndpointStage::Skipped,
            error: None,
            banner: None,
            banner_truncated: false,
            ehlo_name: None,
            helo_used: None,
            ehlo_capabilities: None,
            ehlo_capabilities_truncated: false,
            ehlo_tls_capabilities: None,
            reply_code: None,
            reply_text: None,
            reply_text_truncated: false,
            starttls: None,
            injected: None,
            tls_version: None,
            cipher_suite: None,
            key_exchange: None,
            signature_scheme: None,
            tls_alert: None,
            tls_last_sent: None,
            client_certificate_requested: None,
            dh_bits: None,
            key_proof: None,
            chain: None,
            chain_truncated: false,
            legacy_version: None,
            legacy_cipher: None,
            legacy_key_exchange: None,
            legacy_alert: None,
            legacy_last_sent: None,
            legacy_key_proof: None,
            legacy_chain: None,
            tlsa_after: None,
            tlsa_after_at: None,
            connect_ms: None,
            banner_ms: None,
            tls_ms: None,
            total_ms: None,
        }
    }
}
