//! TLS records that a server must not answer a ClientHello with (RFC 8446 §5, RFC 5246 §6, §7.3).

/// A Certificate before any ServerHello.
pub(super) const CERTIFICATE_FIRST: &[u8] = &[
    22, 3, 3, 0, 14, // a handshake record
    11, 0, 0, 10, 0, 0, 7, 0, 0, 4, 0x30, 2, 5, 0, // one certificate of four bytes
];

/// Application data before any handshake.
pub(super) const DATA_FIRST: &[u8] = b"\x17\x03\x03\x00\x05hello";

/// A record of a version that there is not.
pub(super) const ANOTHER_VERSION: &[u8] = &[22, 9, 9, 0, 4, 2, 0, 0, 0];

/// An alert of warning level, user_canceled (RFC 8446 §6.1): it ends nothing.
pub(super) const WARNING: &[u8] = &[21, 3, 3, 0, 2, 1, 90];

/// A handshake record without content (RFC 8446 §5.1 forbids it).
pub(super) const EMPTY: &[u8] = &[22, 3, 3, 0, 0];

/// A change_cipher_spec, which means nothing any more (RFC 8446 §D.4).
pub(super) const CIPHER_CHANGE: &[u8] = &[20, 3, 3, 0, 1, 1];
