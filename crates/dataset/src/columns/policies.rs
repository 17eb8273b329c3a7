//! The columns of `policies`.

use super::vocabulary::{DNSSEC, FAILURE, KEY_PROOF, POLICY_STAGE, TLS_MESSAGE};
use super::{CNAME, Column, ColumnType, Table, binary, flag, float, instant, int32, list, text, word};

/// One HTTPS GET of a policy, as far as it went.
pub static POLICIES: Table = Table {
    name: "policies",
    judged: false,
    doc: "Observed: one row per domain whose MTA-STS policy was to be fetched, with the one HTTPS GET as far as it went (RFC 8461 3.3). \
          A certificate never ends the fetch: chain and body are kept whatever it is, so that another trust store can judge them later.",
    key: &["domain"],
    observed_at: Some("policy_observed_at"),
    columns: COLUMNS,
};

static ATTEMPT: ColumnType = ColumnType::Struct(&[
    instant("at", "When the attempt began."),
    word("stage", &POLICY_STAGE, "The step under way when it ended."),
    word("error", &FAILURE, "What ended it early.").or_null(),
    float("ms", "How long it took, milliseconds."),
]);

static COLUMNS: &[Column] = &[
    text("domain", "The domain that the policy is for."),
    text("policy_host", "The host asked: `mta-sts.DOMAIN` (RFC 8461 3.3)."),
    text("worker", "Which of the manifest's workers made the row."),
    word(
        "policy_stage",
        &POLICY_STAGE,
        "The step under way when the fetch ended; `done` is a complete HTTP answer of any status.",
    ),
    word(
        "policy_error",
        &FAILURE,
        "What ended the exchange early. An HTTP status is no error here, and a certificate never is.",
    )
    .or_null(),
    instant("policy_observed_at", "When the attempt that decided began; the instant that its chain is judged at.")
        .or_null(),
    list("policy_attempts", &ATTEMPT, "Every attempt, first to last."),
    list("policy_addresses", &ColumnType::Text, "The addresses of the policy host, both families.").or_null(),
    flag("policy_addresses_truncated", "There were more addresses than are kept."),
    word("policy_address_dnssec", &DNSSEC, "DNSSEC state of the address answers, the weaker of the two.").or_null(),
    list(
        "policy_cnames",
        &CNAME,
        "Aliases on the way to those addresses, in order (delegated policy hosting, RFC 8461 8.2).",
    )
    .or_null(),
    text("policy_ip", "The address that was connected to.").or_null(),
    text(
        "policy_tls_version",
        "The TLS version that the host chose, as `TLSv1.3`, whether or not the handshake then completed.",
    )
    .or_null(),
    text("policy_cipher_suite", "The cipher suite that it chose, by its IANA name.").or_null(),
    text("policy_key_exchange", "The key exchange group that it chose, by its IANA name.").or_null(),
    text("policy_tls_alert", "The alert that ended the handshake, by its IANA name (RFC 8446 6).").or_null(),
    word("policy_tls_last_sent", &TLS_MESSAGE, "The last handshake message that we sent.").or_null(),
    flag(
        "policy_client_certificate_requested",
        "The host asked for a client certificate, of which we have none, in either look.",
    )
    .or_null(),
    int32("policy_dh_bits", "The size of the prime of a finite-field group, bits, in either look.").or_null(),
    word("policy_key_proof", &KEY_PROOF, "Whether the policy host proved that it holds its leaf's key.").or_null(),
    text("policy_http_version", "The HTTP version of the answer, as `HTTP/1.1`.").or_null(),
    int32("policy_http_status", "The HTTP status code (RFC 9110 15).").or_null(),
    text("policy_content_type", "The Content-Type field as received; RFC 8461 3.2 wants `text/plain`.").or_null(),
    text("policy_content_encoding", "The Content-Encoding field as received; none was asked for.").or_null(),
    text(
        "policy_location",
        "The Location field as received; redirects are recorded and never followed (RFC 8461 3.3).",
    )
    .or_null(),
    text("policy_retry_after", "The Retry-After field as received (RFC 9110 10.2.3).").or_null(),
    binary("policy_body", "The body after transfer and content decoding, at most 64 KiB.").or_null(),
    flag("policy_body_truncated", "The body went on beyond 64 KiB."),
    list(
        "policy_chain",
        &ColumnType::Text,
        "Fingerprints of the certificates as presented, leaf first; see `certificates.sha256`.",
    )
    .or_null(),
    flag(
        "policy_chain_truncated",
        "More certificates were presented than are kept; such a chain that does not validate is undecided.",
    ),
    text(
        "policy_legacy_version",
        "The protocol version that a second look saw, where our TLS library and the host could not agree.",
    )
    .or_null(),
    text("policy_legacy_cipher", "The cipher suite that the second look saw, by its IANA name.").or_null(),
    text("policy_legacy_key_exchange", "The key exchange that the second look saw.").or_null(),
    text(
        "policy_legacy_alert",
        "The alert that the host answered to our empty Certificate in the second look, by its IANA name.",
    )
    .or_null(),
    word(
        "policy_legacy_key_proof",
        &KEY_PROOF,
        "Whether the ServerKeyExchange seen by the second look is signed by the leaf's key (RFC 5246 7.4.3).",
    )
    .or_null(),
    list(
        "policy_legacy_chain",
        &ColumnType::Text,
        "Fingerprints of the certificates that the second look saw, leaf first.",
    )
    .or_null(),
    float("policy_dns_ms", "Time for the address look-ups, milliseconds.").or_null(),
    float("policy_connect_ms", "Time to connect, milliseconds.").or_null(),
    float("policy_tls_ms", "Time for the TLS handshake, milliseconds.").or_null(),
    float("policy_http_ms", "Time from the request to the end of the answer, milliseconds.").or_null(),
];
