//! The `certificates` table: every distinct certificate seen, once.

use serde::{Deserialize, Serialize};

use super::Micros;

/// One row of `certificates`. Filled by [`crate::pkix::describe`] from the DER alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct CertificateRow {
    pub sha256: String,
    #[serde(with = "serde_bytes")]
    pub der: Vec<u8>,
    pub subject: Option<String>,
    pub issuer: Option<String>,
    pub serial: Option<String>,
    pub dns_names: Option<Vec<String>>,
    pub dns_names_truncated: bool,
    pub ip_addresses: Option<Vec<String>>,
    pub embedded_scts: Option<u32>,
    pub common_name: Option<String>,
    pub not_before: Option<Micros>,
    pub not_after: Option<Micros>,
    pub key_type: Option<String>,
    pub key_bits: Option<u32>,
    pub signature_algorithm: Option<String>,
    pub spki_sha256: Option<String>,
    pub is_ca: Option<bool>,
    pub self_signed: Option<bool>,
    pub parse_error: Option<String>,
}
