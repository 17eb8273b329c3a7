//! The TLS client that records and accepts.
//!
//! [`TlsClient::handshake`] completes a handshake whatever the certificate is, and gives a [`TlsLook`]: what
//! was agreed, the chain as presented, and whether the peer proved that it holds the leaf's key. Nothing is
//! judged here: no name, no date, no root. rustls speaks TLS 1.2 and 1.3 with modern suites only, and every group and
//! signature that senders have (`provider`); what it cannot agree with, [`super::second_look`] looks at. RFC 8446, RFC 5246; SNI by RFC 6066 §3.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::{CertificateDer, IpAddr, Ipv4Addr, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, InvalidMessage, PeerIncompatible, PeerMisbehaved,
    SignatureScheme,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::net::{is_silence, stream_failure};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{KeyProof, TlsMessage};

mod groups;
pub mod names;
mod provider;
pub mod signature;
pub mod tap;
pub mod wire;

use signature::SignedBy;
use tap::Tapped;
use wire::{Flood, Wire};

/// The most certificates kept of one chain. Honest chains have two to five.
pub const MAX_CHAIN: usize = 32;
/// The most bytes kept of one chain, DER together: a certificate with thousands of names fits.
pub const MAX_CHAIN_BYTES: usize = 256 * 1024;

/// What the connection is for; it decides the ALPN offer (RFC 7301).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// SMTP after STARTTLS: no ALPN.
    Smtp,
    /// HTTPS with HTTP/1.1.
    Https,
}

/// Shared client machinery: one configuration per purpose, without resumption, since a resumed session shows no chain.
#[derive(Clone, Debug)]
pub struct TlsClient {
    smtp: ClientConfig,
    https: ClientConfig,
}

/// What one handshake showed, as far as it went.
#[derive(Debug, Default)]
pub struct TlsLook {
    /// The version that the server chose.
    pub version: Option<&'static str>,
    /// IANA's name of the cipher suite that it chose.
    pub cipher_suite: Option<String>,
    /// Name of the key exchange group that it chose.
    pub key_exchange: Option<String>,
    /// Whether version and suite are chosen, and are of those that were offered.
    pub agreed: bool,
    /// The size of the prime of a finite-field group, bits.
    pub dh_bits: Option<u32>,
    /// Whether the server asked for a client certificate.
    pub certificate_requested: bool,
    /// The last handshake message that we sent.
    pub last_sent: Option<TlsMessage>,
    /// IANA's name of the scheme of the handshake signature.
    pub signature_scheme: Option<String>,
    /// Name of the alert that the peer sent.
    pub alert: Option<String>,
    /// Whether the peer proved to hold the leaf's key; `None` when it presented no chain.
    pub key_proof: Option<KeyProof>,
    /// The chain as presented, leaf first, at most [`MAX_CHAIN`] certificates.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the chain was longer.
    pub chain_truncated: bool,
    /// Why there is no connection.
    pub error: Option<Failure>,
    /// The connection, when the handshake completed.
    pub stream: Option<TlsStream<Wire>>,
}

impl TlsClient {
    /// Prepares the client.
    pub fn new() -> Result<TlsClient, rustls::Error> {
        let mut smtp = ClientConfig::builder_with_provider(Arc::new(provider::provider()))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Recorder::default()))
            .with_no_client_auth();
        smtp.resumption = Resumption::disabled();
        let mut https = smtp.clone();
        https.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsClient { smtp, https })
    }

    /// Makes a handshake and records what it shows. `server_name` goes into SNI when it can stand there
    /// (RFC 6066 §3: a DNS name, no address).
    pub async fn handshake(&self, stream: Wire, server_name: &str, purpose: Purpose, timeout: Duration) -> TlsLook {
        let recorder = Arc::new(Recorder::default());
        let mut config = match purpose {
            Purpose::Smtp => self.smtp.clone(),
            Purpose::Https => self.https.clone(),
        };
        config.dangerous().set_certificate_verifier(recorder.clone());
        config.client_auth_cert_resolver = recorder.clone();
        let (provider, tap) = (config.crypto_provider().clone(), stream.tap());
        let connector = TlsConnector::from(Arc::new(config));
        let connected = tokio::time::timeout(timeout, connector.connect(sni(server_name), stream)).await;
        let mut look = recorder.take();
        look.tell(&tap.seen(), |suite| {
            provider.cipher_suites.iter().any(|offered| u16::from(offered.suite()) == suite)
        });
        match connected {
            Err(_) => look.error = Some(Failure::TlsTimeout),
            Ok(Err(error)) => {
                let (failure, alert) = handshake_failure(&error);
                look.error = Some(match failure {
                    // What had been agreed is not what the alert is about.
                    Failure::TlsVersion | Failure::TlsCipher if look.agreed && alert.is_some() => Failure::TlsAlert,
                    failure => failure,
                });
                look.alert = alert;
            }
            Ok(Ok(stream)) => look.stream = Some(stream),
        }
        look
    }
}

impl TlsLook {
    /// Writes down what was chosen in clear. `offered`: whether a suite was in our hello.
    fn tell(&mut self, seen: &Tapped, offered: impl Fn(u16) -> bool) {
        (self.dh_bits, self.last_sent) = (seen.dh_bits, seen.last_sent);
        let Some(chosen) = &seen.chosen else { return };
        self.agreed = chosen.version >= 0x0303 && offered(chosen.suite);
        self.version = names::version(chosen.version);
        self.cipher_suite = Some(names::cipher_suite(chosen.suite));
        self.key_exchange = chosen.group.map(names::group);
    }

    /// Whether the peer and rustls may have failed to agree on how to speak, rather than on anything else: then
    /// another hello may find out what the peer does speak.
    ///
    /// Once the server has chosen a version and a suite of those on offer there is nothing to find out: what breaks after
    /// that breaks for every sender. Only where our library is at its end ([`Failure::TlsUnsupported`]) may the other
    /// look, which reads more and completes less, still tell.
    pub fn disagreed(&self) -> bool {
        match self.error {
            Some(Failure::TlsUnsupported) => true,
            _ if self.agreed => false,
            Some(Failure::TlsVersion | Failure::TlsCipher | Failure::TlsProtocol) => true,
            // Alerts about names, certificates and protocols would come again.
            Some(Failure::TlsAlert) => !matches!(
                self.alert.as_deref(),
                Some(
                    "unrecognized_name"
                        | "access_denied"
                        | "user_canceled"
                        | "no_application_protocol"
                        | "certificate_required"
                        | "unknown_ca"
                        | "bad_certificate"
                        | "certificate_unknown"
                        | "certificate_expired"
                        | "certificate_revoked"
                        | "unsupported_certificate"
                )
            ),
            // Some stacks (Schannel among them) hang up without an alert when nothing fits.
            Some(Failure::ConnectionClosed | Failure::ConnectReset) => true,
            _ => false,
        }
    }
}

/// The name for SNI, when it can stand there: a DNS name (underscores included), not an address.
pub(crate) fn sni_name(server_name: &str) -> Option<&str> {
    matches!(ServerName::try_from(server_name), Ok(ServerName::DnsName(_))).then_some(server_name)
}

/// What rustls needs for SNI. A name that cannot stand there is replaced by an address, for which it sends no SNI.
fn sni(server_name: &str) -> ServerName<'static> {
    sni_name(server_name)
        .and_then(|name| ServerName::try_from(name.to_owned()).ok())
        .unwrap_or(ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0, 0, 0, 0]))))
}

/// Keeps the first certificates of a chain within the caps; true when some were left out.
pub(crate) fn capped_chain<'a>(chain: impl Iterator<Item = &'a [u8]>) -> (Vec<CertificateDer<'static>>, bool) {
    let (mut kept, mut bytes) = (Vec::new(), 0);
    for certificate in chain {
        bytes += certificate.len();
        if kept.len() == MAX_CHAIN || bytes > MAX_CHAIN_BYTES {
            return (kept, true);
        }
        kept.push(CertificateDer::from(certificate.to_vec()));
    }
    (kept, false)
}

/// The word for a failed handshake, and the peer's alert where it sent one.
pub(crate) fn handshake_failure(error: &io::Error) -> (Failure, Option<String>) {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error {
            _ if is_flood(error) => (Failure::TlsProtocol, None),
            _ if is_silence(error) => (Failure::TlsTimeout, None),
            _ => (stream_failure(error), None),
        };
    };
    match error {
        rustls::Error::AlertReceived(description) => {
            let failure = match description {
                AlertDescription::ProtocolVersion => Failure::TlsVersion,
                AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => Failure::TlsCipher,
                _ => Failure::TlsAlert,
            };
            (failure, Some(names::alert((*description).into())))
        }
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => (Failure::TlsVersion, None),
        rustls::Error::PeerIncompatible(_) => (Failure::TlsCipher, None),
        // Limits of the library, where those of OpenSSL and Go are wider: 64 KiB for a message, 64 KiB for a chain, and a
        // signature scheme that only others offer.
        rustls::Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge,
        )
        | rustls::Error::PeerMisbehaved(
            PeerMisbehaved::SignedKxWithWrongAlgorithm | PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme,
        ) => (Failure::TlsUnsupported, None),
        _ => (Failure::TlsProtocol, None),
    }
}

/// Whether the connection ended because the peer sent too much.
fn is_flood(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Flood>())
}

/// Takes every chain, remembers it, and checks the handshake signature without letting the outcome end the handshake.
#[derive(Debug, Default)]
struct Recorder(Mutex<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    chain: Vec<CertificateDer<'static>>,
    truncated: bool,
    signature: Option<(SignatureScheme, KeyProof)>,
    certificate_requested: bool,
}

impl Recorder {
    fn take(&self) -> TlsLook {
        let recorded = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let unchecked = (!recorded.chain.is_empty()).then_some(KeyProof::NotChecked);
        TlsLook {
            signature_scheme: recorded.signature.map(|(scheme, _)| names::signature_scheme(scheme.into())),
            key_proof: recorded.signature.map(|(_, proof)| proof).or(unchecked),
            chain: recorded.chain,
            chain_truncated: recorded.truncated,
            certificate_requested: recorded.certificate_requested,
            ..TlsLook::default()
        }
    }

    fn signed(&self, message: &[u8], leaf: &[u8], signed: &DigitallySignedStruct) -> HandshakeSignatureValid {
        let proof = signature::check(leaf, SignedBy::Scheme(signed.scheme.into()), message, signed.signature());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).signature = Some((signed.scheme, proof));
        HandshakeSignatureValid::assertion()
    }
}

/// There is no client certificate; that one was asked for is remembered.
impl ResolvesClientCert for Recorder {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).certificate_requested = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let presented = std::iter::once(end_entity).chain(intermediates).map(AsRef::as_ref);
        let (chain, truncated) = capped_chain(presented);
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (recorded.chain, recorded.truncated) = (chain, truncated);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.signed(message, leaf, signed))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(self.signed(message, leaf, signed))
    }

    /// Modern schemes first. What costs us most, and SHA-1, come last, so that a peer that has nothing else still
    /// completes the handshake. Those without a name in rustls are for keys of RSASSA-PSS (RFC 8446 §4.2.3) and on
    /// Brainpool curves (RFC 8734 §3).
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ED25519,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED448,
            SignatureScheme::Unknown(0x0809),
            SignatureScheme::Unknown(0x080a),
            SignatureScheme::Unknown(0x080b),
            SignatureScheme::Unknown(0x081a),
            SignatureScheme::Unknown(0x081b),
            SignatureScheme::Unknown(0x081c),
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ]
    }
}

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
