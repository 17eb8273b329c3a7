//! The `policies` table: one HTTPS GET of a policy (RFC 8461 3.3), as far as it went.

use serde::{Deserialize, Serialize};

use super::{Cname, Dnssec, KeyProof, Micros, TlsMessage};
use crate::failure::Failure;

crate::words! {
    /// The step under way when the fetch ended.
    PolicyStage {
        /// Looking up the policy host's addresses.
        Dns = "dns",
        /// Connecting over TCP.
        Connect = "connect",
        /// The TLS handshake.
        Tls = "tls",
        /// The HTTP request and the answer's head.
        Http = "http",
        /// Reading the body.
        Body = "body",
        /// A complete HTTP answer of any status came.
        Done = "done",
        /// Not tried, for a reason of our own.
        Skipped = "skipped",
    }
}

/// One attempt at a policy fetch.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PolicyAttempt {
    /// When it began.
    pub at: Micros,
    /// The step under way when it ended.
    pub stage: PolicyStage,
    /// What ended it early.
    pub error: Option<Failure>,
    /// How long it took.
    pub ms: f64,
}

/// One row of `policies`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct PolicyRow {
    pub domain: String,
    pub policy_host: String,
    pub worker: String,
    pub policy_stage: PolicyStage,
    pub policy_error: Option<Failure>,
    pub policy_observed_at: Option<Micros>,
    pub policy_attempts: Vec<PolicyAttempt>,
    pub policy_addresses: Option<Vec<String>>,
    pub policy_addresses_truncated: bool,
    pub policy_address_dnssec: Option<Dnssec>,
    pub policy_cnames: Option<Vec<Cname>>,
    pub policy_ip: Option<String>,
    pub policy_tls_version: Option<String>,
    pub policy_cipher_suite: Option<String>,
    pub policy_key_exchange: Option<String>,
    pub policy_tls_alert: Option<String>,
    pub policy_tls_last_sent: Option<TlsMessage>,
    pub policy_client_certificate_requested: Option<bool>,
    pub policy_dh_bits: Option<u32>,
    pub policy_key_proof: Option<KeyProof>,
    pub policy_http_version: Option<String>,
    pub policy_http_status: Option<u16>,
    pub policy_content_type: Option<String>,
    pub policy_content_encoding: Option<String>,
    pub policy_location: Option<String>,
    pub policy_retry_after: Option<String>,
    #[serde(with = "serde_bytes_option")]
    pub policy_body: Option<Vec<u8>>,
    pub policy_body_truncated: bool,
    pub policy_chain: Option<Vec<String>>,
    pub policy_chain_truncated: bool,
    pub policy_legacy_version: Option<String>,
    pub policy_legacy_cipher: Option<String>,
    pub policy_legacy_key_exchange: Option<String>,
    pub policy_legacy_alert: Option<String>,
    pub policy_legacy_key_proof: Option<KeyProof>,
    pub policy_legacy_chain: Option<Vec<String>>,
    pub policy_dns_ms: Option<f64>,
    pub policy_connect_ms: Option<f64>,
    pub policy_tls_ms: Option<f64>,
    pub policy_http_ms: Option<f64>,
}

/// Bytes as bytes: without it serde writes a list of integers.
mod serde_bytes_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_deref().map(serde_bytes::Bytes::new).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<serde_bytes::ByteBuf>::deserialize(deserializer)?.map(serde_bytes::ByteBuf::into_vec))
    }
}

impl PolicyRow {
    /// The row of a policy about which nothing was seen yet.
    pub fn unseen(domain: String, policy_host: String, worker: String) -> Self {
        Self {
            domain,
            policy_host,
            worker,
            policy_stage: PolicyStage::Skipped,
            policy_error: None,
            policy_observed_at: None,
            policy_attempts: Vec::new(),
            policy_addresses: None,
            policy_addresses_truncated: false,
            policy_address_dnssec: None,
            policy_cnames: None,
            policy_ip: None,
            policy_tls_version: None,
            policy_cipher_suite: None,
            policy_key_exchange: None,
            policy_tls_alert: None,
            policy_tls_last_sent: None,
            policy_client_certificate_requested: None,
            policy_dh_bits: None,
            policy_key_proof: None,
            policy_http_version: None,
            policy_http_status: None,
            policy_content_type: None,
            policy_content_encoding: None,
            policy_location: None,
            policy_retry_after: None,
            policy_body: None,
            policy_body_truncated: false,
            policy_chain: None,
            policy_chain_truncated: false,
            policy_legacy_version: None,
            policy_legacy_cipher: None,
            policy_legacy_key_exchange: None,
            policy_legacy_alert: None,
            policy_legacy_key_proof: None,
            policy_legacy_chain: None,
            policy_dns_ms: None,
            policy_connect_ms: None,
            policy_tls_ms: None,
            policy_http_ms: None,
        }
    }
}
