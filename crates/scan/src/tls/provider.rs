//! The cryptography behind the client: ring's, with the groups and signatures that senders have besides.

use std::sync::LazyLock;

use rustls::crypto::{CipherSuiteCommon, CryptoProvider, ring};
use rustls::{SignatureScheme, SupportedCipherSuite, Tls12CipherSuite};

use super::groups::GROUPS;

/// Schemes that a server with an elliptic-curve key may sign with under TLS 1.2 (RFC 8422 §5.4): rustls asks a suite for
/// the kinds of key that fit it, and ring's suites leave out Ed448.
const CURVE_SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
];

/// ring's suites, those of TLS 1.2 with Ed448. Made once: rustls wants them for ever.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> = LazyLock::new(|| {
    ring::default_provider()
        .cipher_suites
        .into_iter()
        .map(|suite| match suite {
            SupportedCipherSuite::Tls12(suite) if suite.sign.contains(&SignatureScheme::ED25519) => {
                SupportedCipherSuite::Tls12(Box::leak(Box::new(with_ed448(suite))))
            }
            other => other,
        })
        .collect()
});

fn with_ed448(suite: &'static Tls12CipherSuite) -> Tls12CipherSuite {
    let CipherSuiteCommon { suite: name, hash_provider, confidentiality_limit } = suite.common;
    Tls12CipherSuite {
        common: CipherSuiteCommon { suite: name, hash_provider, confidentiality_limit },
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: CURVE_SCHEMES,
        aead_alg: suite.aead_alg,
    }
}

/// The provider. Only the first group, X25519, is shared in the hello; a server that wants another asks for it by a
/// HelloRetryRequest (RFC 8446 §4.1.4).
pub(super) fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.clone_from(&SUITES);
    provider.kx_groups.extend(GROUPS);
    provider
}
