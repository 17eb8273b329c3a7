//! What was seen on the wire, as plain data: one file per observed table.
//!
//! These structs *are* the rows: a field is a column of the same name (`crate::dataset::columns`
//! documents each). I/O code fills them in and decides nothing; verdict code reads them and looks
//! at nothing else. `None` is "not looked at"; a word says when it was looked at and not found.
//!
//! Conventions: instants are microseconds since the Unix epoch, UTC; durations are milliseconds;
//! names are lower-case A-labels without a trailing dot; fingerprints are lower-case hex SHA-256 of
//! the DER; text from the wire is escaped by [`crate::text::escape`].

pub mod certificate;
pub mod domain;
pub mod endpoint;
pub mod mx_host;
pub mod policy;
pub mod zone;

pub use certificate::CertificateRow;
pub use domain::{DomainRow, Mx, MxStatus};
pub use endpoint::{Attempt, EndpointRow, EndpointStage};
pub use mx_host::{HostStatus, MxHostRow, TlsaLookup, TlsaRecord};
pub use policy::{PolicyAttempt, PolicyRow, PolicyStage};
pub use zone::Zone;

use serde::{Deserialize, Serialize};

/// Microseconds since the Unix epoch, UTC.
pub type Micros = i64;

crate::words! {
    /// DNSSEC state of an RRset or of a denial (RFC 4035 4.3).
    Dnssec {
        /// A chain of trust from the anchor covers it.
        Secure = "secure",
        /// Proven to lie below an unsigned delegation, or below algorithms nobody can check.
        Insecure = "insecure",
        /// A chain of trust exists and the data fails it.
        Bogus = "bogus",
        /// Could not be found out.
        Indeterminate = "indeterminate",
    }
}

crate::words! {
    /// The result of a DNS question.
    DnsStatus {
        /// Records of the type were returned.
        Found = "found",
        /// The name exists without such records.
        Nodata = "nodata",
        /// The name does not exist.
        Nxdomain = "nxdomain",
        /// No answer that can be used; the failure word stands beside it.
        Error = "error",
    }
}

crate::words! {
    /// Whether the peer proved that it holds the private key of the leaf it presented.
    KeyProof {
        /// The handshake signature verified under the leaf's key.
        Verified = "verified",
        /// It was checked and did not verify.
        Failed = "failed",
        /// The handshake seen holds no such proof, or it could not be checked.
        NotChecked = "not-checked",
    }
}

crate::words! {
    /// A handshake message of the client (RFC 8446 4, RFC 5246 7.4), by its IANA name.
    TlsMessage {
        /// The hello, the first or the one after a HelloRetryRequest.
        ClientHello = "client_hello",
        /// The answer to a CertificateRequest: no certificate.
        Certificate = "certificate",
        /// The client's part of the key exchange (TLS 1.2 and before).
        ClientKeyExchange = "client_key_exchange",
        /// The end of the client's side.
        Finished = "finished",
    }
}

impl TlsMessage {
    /// The message of this handshake type, of those that this client sends.
    pub fn of(handshake_type: u8) -> Option<TlsMessage> {
        match handshake_type {
            1 => Some(TlsMessage::ClientHello),
            11 => Some(TlsMessage::Certificate),
            16 => Some(TlsMessage::ClientKeyExchange),
            20 => Some(TlsMessage::Finished),
            _ => None,
        }
    }
}

/// One alias on the way to an answer: where it points, and the state of that CNAME itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cname {
    /// The name that the alias points to.
    pub target: String,
    /// DNSSEC state of the CNAME record itself.
    pub dnssec: Option<Dnssec>,
}
