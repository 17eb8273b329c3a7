//! The columns of `endpoints`.

use super::vocabulary::{ENDPOINT_STAGE, FAILURE, KEY_PROOF, TLS_MESSAGE};
use super::{Column, ColumnType, TLSA_LOOKUP, Table, flag, float, instant, int32, int64, list, text, word};

/// One SMTP session with STARTTLS, as far as it went.
pub static ENDPOINTS: Table = Table {
    name: "endpoints",
    judged: false,
    doc: "Observed: one row per distinct MX host, server name and address, with one SMTP session as far as it went (RFC 5321, RFC 3207).",
    key: &["host", "server_name", "ip", "port"],
    observed_at: Some("observed_at"),
    columns: COLUMNS,
};

static ATTEMPT: ColumnType = ColumnType::Struct(&[
    instant("at", "When the attempt began."),
    word("stage", &ENDPOINT_STAGE, "The step under way when it ended."),
    word("error", &FAILURE, "What ended it early.").or_null(),
    int32("reply_code", "The SMTP code that ended it, where one did.").or_null(),
    float("ms", "How long it took, milliseconds."),
]);

static COLUMNS: &[Column] = &[
    text("host", "The MX host name."),
    text("server_name", "The name sent in SNI: the host; or, in a second row, the TLSA base domain where usable secure TLSA sits at a different name (RFC 7672 8.1)."),
    text("ip", "The address."),
    int32("port", "The TCP port connected to."),
    text("worker", "Which of the manifest's workers made the row."),
    instant("observed_at", "When the attempt that decided began; the instant that its chain is judged at."),
    list("attempt_log", &ATTEMPT, "Every attempt, first to last."),
    int64("connections", "TCP connections that this row cost: 1, plus retries and a second look; 0 on a copy."),
    text("sampled_from", "Not contacted: taken to be as this endpoint of the same address set.").or_null(),
    word("stage", &ENDPOINT_STAGE, "The step under way when the session ended. No STARTTLS in the EHLO reply ends at `ehlo` with `starttls-not-offered`."),
    word("error", &FAILURE, "What ended it.").or_null(),
    text("banner", "The greeting (RFC 5321 4.2), lines joined by escaped line ends.").or_null(),
    flag("banner_truncated", "The greeting was longer than is kept."),
    text("ehlo_name", "The name that the server gave for itself in its EHLO or HELO reply (RFC 5321 4.1.1.1).").or_null(),
    flag("helo_used", "EHLO was refused and HELO was used (RFC 5321 4.1.4).").or_null(),
    list("ehlo_capabilities", &ColumnType::Text, "The extension lines of the EHLO reply in clear (RFC 5321 4.1.1.1).").or_null(),
    flag("ehlo_capabilities_truncated", "There were more extension lines, or longer ones, than are kept."),
    list("ehlo_tls_capabilities", &ColumnType::Text, "The extension lines of the EHLO reply inside TLS; REQUIRETLS shows only there (RFC 8689 2).").or_null(),
    int32("reply_code", "The code of the reply that decided: the failing one, else the one to STARTTLS (RFC 5321 4.2).").or_null(),
    text("reply_text", "The text of that reply.").or_null(),
    flag("reply_text_truncated", "That text was longer than is kept."),
    flag("starttls", "STARTTLS was offered (RFC 3207 2).").or_null(),
    flag("injected", "Clear-text bytes followed the 220 to STARTTLS; recorded and dropped (RFC 3207 6).").or_null(),
    text("tls_version", "The TLS version that the server chose, as `TLSv1.3`, whether or not the handshake then completed.").or_null(),
    text("cipher_suite", "The cipher suite that it chose, by its IANA name.").or_null(),
    text("key_exchange", "The key exchange group that it chose, by its IANA name.").or_null(),
    text("signature_scheme", "The signature scheme of the server's handshake signature, by its IANA name.").or_null(),
    text("tls_alert", "The alert that ended the handshake, by its IANA name (RFC 8446 6).").or_null(),
    word("tls_last_sent", &TLS_MESSAGE, "The last handshake message that we sent.").or_null(),
    flag("client_certificate_requested", "The server asked for a client certificate, of which we have none, in either look (RFC 5246 7.4.4, RFC 8446 4.3.2).").or_null(),
    int32("dh_bits", "The size of the prime of a finite-field group, bits, in either look. OpenSSL, and Postfix and Exim with it, take 1024 to 10000.").or_null(),
    word("key_proof", &KEY_PROOF, "Whether the server proved that it holds its leaf's key.").or_null(),
    list("chain", &ColumnType::Text, "Fingerprints of the certificates as presented, leaf first; see `certificates.sha256`.").or_null(),
    flag("chain_truncated", "More certificates were presented than are kept; such a chain that does not validate is undecided."),
    text("legacy_version", "The protocol version that a second look saw, where our TLS library could not agree.").or_null(),
    text("legacy_cipher", "The cipher suite that the second look saw, by its IANA name.").or_null(),
    text("legacy_key_exchange", "The key exchange that the second look saw.").or_null(),
    text("legacy_alert", "The alert that the server answered to our empty Certificate in the second look, by its IANA name: it demands a client certificate.").or_null(),
    word("legacy_last_sent", &TLS_MESSAGE, "The last handshake message that we sent in the second look: `certificate` where one was asked for.").or_null(),
    word("legacy_key_proof", &KEY_PROOF, "Whether the ServerKeyExchange seen by the second look is signed by the leaf's key (RFC 5246 7.4.3).").or_null(),
    list("legacy_chain", &ColumnType::Text, "Fingerprints of the certificates that the second look saw, leaf first.").or_null(),
    list("tlsa_after", &TLSA_LOOKUP, "The TLSA answer looked up again right after the handshake, for every host with TLSA: records and chain must be of one moment.").or_null(),
    instant("tlsa_after_at", "When that look-up began.").or_null(),
    float("connect_ms", "Time to connect, milliseconds.").or_null(),
    float("banner_ms", "Time from the connection to the whole greeting, milliseconds.").or_null(),
    float("tls_ms", "Time for the TLS handshake, milliseconds.").or_null(),
    float("total_ms", "Time for the whole session, milliseconds.").or_null(),
];
