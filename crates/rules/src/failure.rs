//! The closed vocabulary of failures: one word, one meaning, one place.
//!
//! Every table uses these words and no others. A word carries the family it belongs to (which
//! layer speaks) and a sentence with the rule it comes from; the dataset reference is generated
//! from here. Whether a word decides a verdict is for the judge to say.

use serde::{Deserialize, Serialize};

/// The layer that a failure word speaks about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// The Domain Name System, DNSSEC included.
    Dns,
    /// TCP.
    Connect,
    /// SMTP up to and including the reply to STARTTLS.
    Smtp,
    /// The TLS handshake.
    Tls,
    /// The certificate chain, judged against a trust store, a name and an instant.
    Certificate,
    /// HTTP, for the policy host.
    Http,
    /// The MTA-STS TXT record.
    Record,
    /// The MTA-STS policy body.
    Policy,
    /// An MX host against an MTA-STS policy.
    Sts,
    /// An MX host against its TLSA records.
    Dane,
    /// A reason of our own: the network was never asked, or we gave up for our own reasons.
    Own,
}

macro_rules! failures {
    ($($variant:ident $word:literal $family:ident $doc:literal;)*) => {
        /// Why something ended early or does not hold. Serialised as its kebab-case word.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        pub enum Failure {
            $(#[doc = $doc] #[serde(rename = $word)] $variant,)*
        }

        impl Failure {
            /// Every word, in the order of the documentation.
            pub const ALL: &'static [Failure] = &[$(Failure::$variant),*];

            /// The word as it stands in the tables.
            pub fn word(self) -> &'static str {
                match self { $(Failure::$variant => $word),* }
            }

            /// Whether it says that a certificate could not be judged, for a reason of our own.
            pub fn is_undecided(self) -> bool {
                matches!(self, Self::CertUnsupported | Self::CertTooMuchWork)
            }

            /// The layer that the word speaks about.
            pub fn family(self) -> Family {
                match self { $(Failure::$variant => Family::$family),* }
            }

            /// One sentence: what was seen, and the rule that makes it a failure.
            pub fn meaning(self) -> &'static str {
                match self { $(Failure::$variant => $doc),* }
            }
        }
    };
}

failures! {
    Nxdomain "nxdomain" Dns "The name does not exist (RFC 1035 4.1.1, RCODE 3).";
    Nodata "nodata" Dns "The name exists and has no records of the type asked for (RFC 2308 2.2).";
    Servfail "servfail" Dns "The resolver answered SERVFAIL, or another code that says it could not answer (RFC 1035 4.1.1).";
    Refused "refused" Dns "The resolver answered REFUSED (RFC 1035 4.1.1, RCODE 5).";
    DnsTimeout "dns-timeout" Dns "No usable DNS answer within the time and the attempts allowed.";
    DnssecBogus "dnssec-bogus" Dns "The answer is proven forged or broken: a chain of trust exists and the data does not verify (RFC 4035 4.3).";
    InvalidName "invalid-name" Dns "Not a host name that could be looked up (RFC 1035 2.3.4, RFC 1123 2.1).";
    AddressLiteral "address-literal" Dns "An IP address stands where a host name must (RFC 5321 5.1, RFC 1035 3.3.9).";
    SpecialAddress "special-address" Dns "The address is special-purpose (IANA registries, RFC 6890): no sender reaches it and it is never contacted by default.";
    ConnectRefused "connect-refused" Connect "The TCP connection was refused by a reset (RFC 9293 3.5.2).";
    ConnectTimeout "connect-timeout" Connect "No answer to the TCP connection attempt in the time allowed.";
    ConnectUnreachable "connect-unreachable" Connect "The network or the host is unreachable (ICMP, RFC 1122 3.2.2.1).";
    ConnectReset "connect-reset" Connect "The connection was reset after it was established (RFC 9293 3.10.7).";
    BannerTimeout "banner-timeout" Smtp "No SMTP greeting in the time allowed (RFC 5321 4.5.3.2.1).";
    BannerRejected "banner-rejected" Smtp "The greeting was a 4xx or 5xx reply (RFC 5321 3.1).";
    EhloRejected "ehlo-rejected" Smtp "EHLO, and HELO after it, were refused (RFC 5321 4.1.4).";
    StarttlsNotOffered "starttls-not-offered" Smtp "The EHLO reply does not list STARTTLS (RFC 3207 4).";
    StarttlsRejected "starttls-rejected" Smtp "STARTTLS was offered and then refused (RFC 3207 4).";
    SmtpProtocol "smtp-protocol" Smtp "What came is not SMTP, or exceeds what SMTP allows by far (RFC 5321 4.2, 4.5.3.1).";
    ConnectionClosed "connection-closed" Smtp "The peer closed the connection before the step was complete.";
    SmtpTimeout "smtp-timeout" Smtp "No complete SMTP reply in the time allowed, after the greeting (RFC 5321 4.5.3.2).";
    TlsTimeout "tls-timeout" Tls "The TLS handshake did not complete in the time allowed.";
    TlsVersion "tls-version" Tls "The peer speaks no TLS version that counts; TLS 1.2 is the least for MTA-STS (RFC 8461 7.2).";
    TlsCipher "tls-cipher" Tls "No cipher suite, group or signature scheme in common.";
    TlsAlert "tls-alert" Tls "The peer ended the handshake with an alert (RFC 8446 6.2); see tls_alert.";
    TlsProtocol "tls-protocol" Tls "What came after the start of TLS is not a valid handshake.";
    AnonymousTls "anonymous-tls" Tls "The peer offers only TLS without a certificate (anonymous key exchange, RFC 5246 F.1.1.1).";
    CertInvalid "cert-invalid" Certificate "A certificate that cannot be used: malformed, of the wrong kind or purpose, badly signed, or whose key the peer could not prove to hold (RFC 5280 6.1).";
    CertSelfSigned "cert-self-signed" Certificate "The leaf is signed by its own key and is no trust anchor.";
    CertUnknownIssuer "cert-unknown-issuer" Certificate "No path from the leaf to a trust anchor with the certificates presented (RFC 5280 6.1).";
    CertExpired "cert-expired" Certificate "A certificate on the path is past its notAfter (RFC 5280 4.1.2.5).";
    CertNotYetValid "cert-not-yet-valid" Certificate "A certificate on the path is before its notBefore (RFC 5280 4.1.2.5).";
    CertNameMismatch "cert-name-mismatch" Certificate "No DNS-ID of the leaf is the reference identifier (RFC 9525 6.3, RFC 8461 4.2).";
    CertUnsupported "cert-unsupported" Own "Nothing is known to be wrong with the chain, and something on it cannot be checked here: an algorithm, or a constraint on names that nobody applies. Undecided.";
    CertTooMuchWork "cert-too-much-work" Own "Nothing is known to be wrong with the chain, and validating it costs more than one chain may: our own limit. Undecided.";
    KeyProofUnchecked "key-proof-unchecked" Certificate "The handshake seen does not prove that the peer holds the leaf's key, so the chain supports no verdict above encrypted.";
    HttpRedirect "http-redirect" Http "The policy host answered with a redirect, which must not be followed (RFC 8461 3.3).";
    HttpStatus "http-status" Http "The policy host answered with a status other than 200 (RFC 8461 3.3).";
    HttpTimeout "http-timeout" Http "No complete HTTP answer in the time allowed (RFC 8461 3.3 suggests a minute).";
    HttpProtocol "http-protocol" Http "What came over TLS is not a valid HTTP answer, or exceeds its caps (RFC 9112).";
    BodyTooLarge "body-too-large" Http "The policy body is larger than 64 KiB (RFC 8461 3.3 suggests 64 KB).";
    ContentType "content-type" Http "A warning: the media type is not text/plain (RFC 8461 3.3, SHOULD).";
    ContentEncoding "content-encoding" Http "A warning: a content encoding was used that was not asked for (RFC 9110 12.5.3).";
    RecordVersion "record-version" Record "The record tries to be an MTA-STS record and its version is not STSv1 (RFC 8461 3.1).";
    RecordIdMissing "record-id-missing" Record "The record has no id field (RFC 8461 3.1).";
    RecordIdInvalid "record-id-invalid" Record "The id is not 1 to 32 letters and digits (RFC 8461 3.1).";
    RecordSyntax "record-syntax" Record "A field of the record does not follow the grammar (RFC 8461 3.1).";
    RecordMultiple "record-multiple" Record "More than one MTA-STS record at the name (RFC 8461 3.1).";
    RecordQuoted "record-quoted" Record "A warning: a record stands in quotation marks that were published with it, so it does not begin with v=STSv1; and is discarded (RFC 8461 3.1).";
    RecordHiddenCharacter "record-hidden-character" Record "A warning: white space or a character that is not seen stands before or within a record's version, so it is discarded (RFC 8461 3.1).";
    RecordSpacedVersion "record-spaced-version" Record "A warning: white space stands around the equals sign of a record's version, so it is discarded (RFC 8461 3.1).";
    RecordIdRepeated "record-id-repeated" Record "A warning: the record has more than one id; the first counts (RFC 8461 3.2).";
    PolicyEmpty "policy-empty" Policy "The policy body is empty (RFC 8461 3.2).";
    PolicyEncoding "policy-encoding" Policy "The body is not UTF-8, or begins with a byte order mark (RFC 8461 3.2).";
    PolicyLine "policy-line" Policy "A line is not a key, a colon and a value by the grammar (RFC 8461 3.2).";
    PolicyVersion "policy-version" Policy "The version is missing or is not STSv1 (RFC 8461 3.2).";
    PolicyMode "policy-mode" Policy "The mode is missing or is none of enforce, testing, none (RFC 8461 3.2).";
    PolicyMaxAge "policy-max-age" Policy "The max_age is missing, is not 1 to 10 digits, or exceeds 31557600 seconds (RFC 8461 3.2).";
    PolicyMx "policy-mx" Policy "An mx is not a valid pattern, or none is there though the mode is not none (RFC 8461 3.2).";
    MaxAgeShort "max-age-short" Policy "A warning: max_age is below one day; RFC 8461 3.2 expects weeks or more.";
    MxNotInPolicy "mx-not-in-policy" Sts "The MX host matches no mx pattern of the policy (RFC 8461 4.1).";
    TlsaMismatch "tlsa-mismatch" Dane "Usable TLSA records exist and none matches what the peer presented (RFC 7672 2.2).";
    TlsaUnusable "tlsa-unusable" Dane "TLSA records exist and none is usable (RFC 7672 2.2, 3.1.3).";
    TlsaLookupFailed "tlsa-lookup-failed" Dane "The TLSA look-up failed in a way that forbids delivery (RFC 7672 2.1.3, 2.2).";
    OptedOut "opted-out" Own "On the operator's opt-out list: not looked at.";
    Budget "budget" Own "Our own limit on work for this peer was reached: not looked at.";
    Cancelled "cancelled" Own "The crawl was stopped before this was done.";
    TlsUnsupported "tls-unsupported" Own "The peer chose TLS that this program cannot carry to its end, such as a message above 64 KiB: other senders may.";
    NoRouteForFamily "no-route-for-family" Own "This vantage has no route for the address family: the peer was never asked.";
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_kebab_case_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for failure in Failure::ALL {
            let word = failure.word();
            assert!(seen.insert(word), "{word} stands twice");
            assert!(word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{word}");
            assert!(failure.meaning().ends_with('.') || failure.meaning().ends_with("tls_alert."), "{word}");
            assert_eq!(serde_json::to_value(failure).unwrap(), serde_json::json!(word));
        }
    }
}
