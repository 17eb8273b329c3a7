//! The columns of `certificates`.

use super::{Column, ColumnType, Table, binary, flag, instant, int32, int64, list, text};

/// Every distinct certificate seen.
pub static CERTIFICATES: Table = Table {
    name: "certificates",
    judged: false,
    doc: "Observed: one row per distinct certificate that any policy host or MX host presented, with what its DER says (RFC 5280 4.1).",
    key: &["sha256"],
    observed_at: None,
    columns: COLUMNS,
};

static COLUMNS: &[Column] = &[
    text("sha256", "Fingerprint: lower-case hex SHA-256 of the DER."),
    binary("der", "The certificate exactly as presented."),
    text("subject", "Subject as RFC 4514 text, which is then escaped as all text from the wire.").or_null(),
    text("issuer", "Issuer as RFC 4514 text, which is then escaped as all text from the wire.").or_null(),
    text("serial", "Serial number in lower-case hex (RFC 5280 4.1.2.2).").or_null(),
    list(
        "dns_names",
        &ColumnType::Text,
        "DNS names of the subjectAltName extension, as they stand (RFC 5280 4.2.1.6).",
    )
    .or_null(),
    flag("dns_names_truncated", "There were more names than are kept; the DER has them all."),
    list("ip_addresses", &ColumnType::Text, "Addresses in the subjectAltName extension (RFC 5280 4.2.1.6), as many as are kept of names.").or_null(),
    int32(
        "embedded_scts",
        "Signed certificate timestamps in the certificate (RFC 6962 3.3): 0 where it has no such list, null where the list cannot be read. \
         Those that a server sends in the handshake or in an OCSP response are not asked for.",
    )
    .or_null(),
    text("common_name", "The last common name of the subject.").or_null(),
    instant("not_before", "Valid from (RFC 5280 4.1.2.5).").or_null(),
    instant("not_after", "Valid until (RFC 5280 4.1.2.5).").or_null(),
    text(
        "key_type",
        "Type of the public key, as `rsa`, `ecdsa`, `ed25519`; `other` where it is none of the usual ones.",
    )
    .or_null(),
    int64("key_bits", "Size of the public key, bits: of an RSA modulus, a DSA prime, an elliptic curve.").or_null(),
    text(
        "signature_algorithm",
        "Algorithm that the issuer signed with, by the name in its RFC, as `sha256WithRSAEncryption`; else its OID.",
    )
    .or_null(),
    text(
        "spki_sha256",
        "Lower-case hex SHA-256 of the SubjectPublicKeyInfo: what a TLSA record of selector 1 names (RFC 6698 2.1.2).",
    )
    .or_null(),
    flag("is_ca", "The basic constraints say CA (RFC 5280 4.2.1.9).").or_null(),
    flag(
        "self_signed",
        "Signed by its own key; null where it names itself as issuer and the signature cannot be checked.",
    )
    .or_null(),
    text("parse_error", "Why the DER could not be read; the fields above are null then.").or_null(),
];
