//! IANA's names for what TLS writes as numbers (TLS Parameters registries, 2025).

use tls_parser::TlsCipherSuite;

/// The name of an alert description (RFC 8446 §6); `alert_N` where the registry has none.
pub fn alert(description: u8) -> String {
    let name = match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        other => return format!("alert_{other}"),
    };
    name.to_owned()
}

/// The name of a signature scheme (RFC 8446 §4.2.3; hash and signature pairs of RFC 5246 §7.4.1.4.1).
pub fn signature_scheme(scheme: u16) -> String {
    let name = match scheme {
        0x0101 => "rsa_pkcs1_md5",
        0x0201 => "rsa_pkcs1_sha1",
        0x0202 => "dsa_sha1",
        0x0203 => "ecdsa_sha1",
        0x0301 => "rsa_pkcs1_sha224",
        0x0303 => "ecdsa_sha224",
        0x0401 => "rsa_pkcs1_sha256",
        0x0403 => "ecdsa_secp256r1_sha256",
        0x0501 => "rsa_pkcs1_sha384",
        0x0503 => "ecdsa_secp384r1_sha384",
        0x0601 => "rsa_pkcs1_sha512",
        0x0603 => "ecdsa_secp521r1_sha512",
        0x0804 => "rsa_pss_rsae_sha256",
        0x0805 => "rsa_pss_rsae_sha384",
        0x0806 => "rsa_pss_rsae_sha512",
        0x0807 => "ed25519",
        0x0808 => "ed448",
        0x0809 => "rsa_pss_pss_sha256",
        0x080a => "rsa_pss_pss_sha384",
        0x080b => "rsa_pss_pss_sha512",
        0x081a => "ecdsa_brainpoolP256r1tls13_sha256",
        0x081b => "ecdsa_brainpoolP384r1tls13_sha384",
        0x081c => "ecdsa_brainpoolP512r1tls13_sha512",
        other => return format!("0x{other:04x}"),
    };
    name.to_owned()
}

/// The name of a group (supported groups registry): curves as `secp256r1`, and `X25519`, `X448` as rustls writes them.
pub fn group(group: u16) -> String {
    let name = match group {
        0x0012 => "secp192k1",
        0x0013 => "secp192r1",
        0x0014 => "secp224k1",
        0x0015 => "secp224r1",
        0x0016 => "secp256k1",
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001a => "brainpoolP256r1",
        0x001b => "brainpoolP384r1",
        0x001c => "brainpoolP512r1",
        0x001d => "X25519",
        0x001e => "X448",
        0x0100 => "ffdhe2048",
        0x0101 => "ffdhe3072",
        0x0102 => "ffdhe4096",
        0x0103 => "ffdhe6144",
        0x0104 => "ffdhe8192",
        0x0200 => "MLKEM512",
        0x0201 => "MLKEM768",
        0x0202 => "MLKEM1024",
        0x11eb => "SecP256r1MLKEM768",
        0x11ec => "X25519MLKEM768",
        0x11ed => "SecP384r1MLKEM1024",
        other => return format!("0x{other:04x}"),
    };
    name.to_owned()
}

/// The size of the prime of a finite-field group, bits (RFC 7919 §A); `None` for any other group.
pub fn finite_field_bits(group: u16) -> Option<u32> {
    match group {
        0x0100 => Some(2048),
        0x0101 => Some(3072),
        0x0102 => Some(4096),
        0x0103 => Some(6144),
        0x0104 => Some(8192),
        _ => None,
    }
}

/// The name of a cipher suite (RFC 5246 §A.5 and its successors), as `TLS_RSA_WITH_AES_128_CBC_SHA`.
pub fn cipher_suite(suite: u16) -> String {
    TlsCipherSuite::from_id(suite).map_or_else(|| format!("0x{suite:04x}"), |suite| suite.name.to_owned())
}

/// The word for a protocol version number, of those that the tables know.
pub fn version(version: u16) -> Option<&'static str> {
    match version {
        0x0300 => Some("SSLv3"),
        0x0301 => Some("TLSv1.0"),
        0x0302 => Some("TLSv1.1"),
        0x0303 => Some("TLSv1.2"),
        0x0304 => Some("TLSv1.3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ianas() {
        assert_eq!(alert(40), "handshake_failure");
        assert_eq!(alert(251), "alert_251");
        assert_eq!(cipher_suite(0x1301), "TLS_AES_128_GCM_SHA256");
        assert_eq!(cipher_suite(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(cipher_suite(0xcca8), "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
        assert_eq!(cipher_suite(0x000a), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
        assert_eq!(cipher_suite(0xeeee), "0xeeee");
        assert_eq!(signature_scheme(0x0403), "ecdsa_secp256r1_sha256");
        assert_eq!(version(0x0301), Some("TLSv1.0"));
        for suite in rustls::crypto::ring::ALL_CIPHER_SUITES {
            let name = cipher_suite(suite.suite().into());
            assert_eq!(format!("{:?}", suite.suite()).replace("TLS13_", "TLS_"), name, "ours agrees with rustls");
        }
    }
}
