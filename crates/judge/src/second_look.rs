//! What a second look shows: whether what was agreed is TLS that a sender would use.
//!
//! A second look reads the server's flight and completes no handshake, so a flight counts as TLS unless it shows that no
//! sender gets through ([`read`]). Mail servers and policy hosts are read alike.

use mxcensus_rules::failure::Failure;

/// The primes of finite-field groups that senders take, bits: OpenSSL refuses a shorter one at its lowest security level
/// (`ssl_security_default_callback`, since 1.1.0 in 2016) and a longer one always (`OPENSSL_DH_MAX_MODULUS_BITS`). Postfix
/// and Exim use it; RFC 9325 §4.1 asks for 2048.
const DH_BITS: std::ops::RangeInclusive<u32> = 1024..=10_000;

/// The columns of a second look.
pub(super) struct SecondLook<'r> {
    pub version: &'r str,
    pub cipher: Option<&'r str>,
    pub key_exchange: Option<&'r str>,
    pub alert: Option<&'r str>,
    pub dh_bits: Option<u32>,
}

/// What it amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    /// No TLS that a sender would use; the word, where the second look gives one.
    Nothing(Option<Failure>),
    /// TLS without a certificate.
    Anonymous,
    /// TLS 1.0 or 1.1.
    Old,
    /// TLS 1.2 or later.
    Modern,
}

/// Reads a second look.
pub(super) fn read(look: &SecondLook<'_>) -> Shown {
    let version = read_version(look.version);
    let cipher = look.cipher.unwrap_or_default().to_ascii_uppercase();
    let key_exchange = look.key_exchange.unwrap_or_default().to_ascii_uppercase();
    // RFC 7465, RFC 9325 §4.2.1: export suites protect nothing, and NULL suites do not even encrypt.
    let worthless = cipher.contains("EXP") || cipher.contains("NULL");
    let anonymous =
        cipher.contains("ANON") || cipher.contains("ADH") || cipher.contains("AECDH") || key_exchange.contains("ANON");
    match version {
        Version::Ssl => Shown::Nothing(None),
        _ if worthless => Shown::Nothing(None),
        // RFC 5246 §7.4.6: the server demands a client certificate, and mail senders have none.
        _ if look.alert.is_some() => Shown::Nothing(Some(Failure::TlsAlert)),
        _ if look.dh_bits.is_some_and(|bits| !DH_BITS.contains(&bits)) => Shown::Nothing(Some(Failure::TlsCipher)),
        _ if anonymous => Shown::Anonymous,
        Version::Old => Shown::Old,
        Version::Modern => Shown::Modern,
    }
}

/// Whether a key exchange of this name is signed by the server (RFC 5246 §7.4.3), so that a key proof that is not
/// checked is for want of an algorithm of ours.
pub(super) fn is_signed(key_exchange: Option<&str>) -> bool {
    let name = key_exchange.unwrap_or_default().to_ascii_uppercase();
    name.starts_with("ECDHE") || name.starts_with("DHE")
}

/// A protocol version, as far as a verdict tells them apart.
#[derive(Clone, Copy)]
pub(super) enum Version {
    /// SSL 2 or 3 (RFC 7568: not TLS any more).
    Ssl,
    /// TLS 1.0 or 1.1, or a version that cannot be read.
    Old,
    /// TLS 1.2 or 1.3.
    Modern,
}

/// Reads `TLSv1.2`, `TLS1_2`, `TLSv1`, `SSLv3` and their like.
pub(super) fn read_version(text: &str) -> Version {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.to_ascii_lowercase().contains("ssl") {
        Version::Ssl
    } else if matches!(digits.as_str(), "12" | "13") {
        Version::Modern
    } else {
        Version::Old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_second_look_got() {
        let got = |cipher: &str, key_exchange: Option<&str>, dh_bits, alert| {
            read(&SecondLook { version: "TLSv1.2", cipher: Some(cipher), key_exchange, alert, dh_bits })
        };
        // IANA's names and those of OpenSSL.
        for (cipher, exchange, expected) in [
            ("TLS_RSA_WITH_AES_128_CBC_SHA", None, Shown::Modern),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", None, Shown::Nothing(None)),
            ("EXP-RC4-MD5", None, Shown::Nothing(None)),
            ("TLS_RSA_WITH_NULL_SHA256", None, Shown::Nothing(None)),
            ("NULL-SHA256", None, Shown::Nothing(None)),
            ("ECDHE-RSA-NULL-SHA", None, Shown::Nothing(None)),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", None, Shown::Anonymous),
            ("ADH-AES128-SHA", None, Shown::Anonymous),
            ("AECDH-AES128-SHA", None, Shown::Anonymous),
            ("AES128-SHA", Some("ECDH_anon"), Shown::Anonymous),
        ] {
            assert_eq!(got(cipher, exchange, None, None), expected, "{cipher}");
        }
        let dhe = |bits| got("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Some("dhe"), Some(bits), None);
        for bits in [512, 768, 1023, 10_001] {
            assert_eq!(dhe(bits), Shown::Nothing(Some(Failure::TlsCipher)), "{bits}");
        }
        assert_eq!((dhe(1024), dhe(10_000)), (Shown::Modern, Shown::Modern));
        let anonymous = got("TLS_DH_anon_WITH_AES_128_CBC_SHA", Some("dh-anon"), Some(512), None);
        assert_eq!(anonymous, Shown::Nothing(Some(Failure::TlsCipher)));
        let demands = got("TLS_RSA_WITH_AES_128_CBC_SHA", Some("rsa"), None, Some("handshake_failure"));
        assert_eq!(demands, Shown::Nothing(Some(Failure::TlsAlert)));
    }

    #[test]
    fn exchanges_that_are_signed() {
        for (name, signed) in [
            ("ecdhe-X25519", true),
            ("ecdhe-secp521r1", true),
            ("dhe", true),
            ("dhe-export", true),
            ("rsa", false),
            ("dh-anon", false),
            ("ecdh", false),
        ] {
            assert_eq!(is_signed(Some(name)), signed, "{name}");
        }
        assert!(!is_signed(None));
    }
}
