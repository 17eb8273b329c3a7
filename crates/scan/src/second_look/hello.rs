//! A ClientHello that asks for everything up to TLS 1.2 (RFC 5246 §7.4.1.2), and the names of what it can get.
//!
//! It is only ever answered, never completed: no secret depends on it.

use rand::Rng;

/// Every cipher suite on offer, better ones first, anonymous and export ones last, so that a server that follows the
/// client's order shows its best. Suites without encryption are not offered: getting one would tell nothing good.
pub(super) const CIPHER_SUITES: &[u16] = &[
    // ECDHE with AEAD.
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, // DHE with AEAD.
    0x009e, 0x009f, 0xccaa, 0x00a2, 0x00a3, // ECDHE with CBC: AES, Camellia.
    0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014, 0xc072, 0xc076, 0xc073, 0xc077,
    // DHE with CBC: AES, Camellia, SEED; RSA then DSS.
    0x0067, 0x006b, 0x0033, 0x0039, 0x0045, 0x0088, 0x009a, 0x0040, 0x006a, 0x0032, 0x0038, 0x0044, 0x0087,
    // RSA key exchange: AES-GCM, AES, Camellia, SEED, IDEA.
    0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x0041, 0x0084, 0x0096, 0x0007,
    // ECDH with a fixed key.
    0xc02d, 0xc031, 0xc004, 0xc00e, 0xc005, 0xc00f, // 3DES, RC4, single DES.
    0xc008, 0xc012, 0x0016, 0x0013, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004, 0x0015, 0x0012, 0x0009,
    // Anonymous.
    0xc018, 0xc019, 0x00a6, 0x00a7, 0x006c, 0x006d, 0x0034, 0x003a, 0x0046, 0x0089, 0xc017, 0x001b, 0xc016, 0x0018,
    0x001a, // Export.
    0x0014, 0x0011, 0x0008, 0x0006, 0x0003, 0x0019, 0x0017,
    // TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3): some servers demand it.
    0x00ff,
];

/// Every curve on offer. No ffdhe group: naming one would forbid a server its own prime (RFC 7919 §4).
const GROUPS: &[u16] =
    &[0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x001c, 0x001b, 0x001a, 0x0016, 0x0015, 0x0014, 0x0013, 0x0012];

/// Signature and hash pairs (RFC 5246 §7.4.1.4.1; PSS and EdDSA by RFC 8446 §4.2.3 and RFC 8422 §5.1.3).
const SIGNATURE_SCHEMES: &[u16] = &[
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202, 0x0101,
];

/// A hello and the random in it, over which the server signs.
pub(super) struct ClientHello {
    /// The record, ready to send.
    pub record: Vec<u8>,
    /// The client random.
    pub random: [u8; 32],
}

/// Makes a hello; `server_name` is for SNI (RFC 6066 §3).
pub(super) fn client_hello(server_name: Option<&str>) -> ClientHello {
    let random: [u8; 32] = rand::rng().random();
    let mut body = vec![3, 3]; // TLS 1.2 is the highest.
    body.extend_from_slice(&random);
    body.push(0); // No session to resume.
    body.extend(with_length2(&numbers(CIPHER_SUITES)));
    body.extend([1, 0]); // No compression.
    let mut extensions = Vec::new();
    if let Some(name) = server_name {
        let entry = [&[0][..], &with_length2(name.as_bytes())].concat();
        extensions.extend(extension(0, &with_length2(&entry)));
    }
    extensions.extend(extension(10, &with_length2(&numbers(GROUPS))));
    extensions.extend(extension(11, &[1, 0])); // Points uncompressed (RFC 8422 §5.1.2).
    extensions.extend(extension(13, &with_length2(&numbers(SIGNATURE_SCHEMES))));
    extensions.extend(extension(23, &[])); // Extended master secret: some servers demand it (RFC 7627).
    // RFC 7685: a hello of 256 to 511 bytes stalls some servers; ours is padded beyond.
    let size = 4 + body.len() + 2 + extensions.len();
    if (256..512).contains(&size) {
        let padding = 512_usize.saturating_sub(size + 4);
        extensions.extend(extension(21, &vec![0; padding]));
    }
    body.extend(with_length2(&extensions));
    let mut record = vec![22, 3, 1]; // The record layer says TLS 1.0, for old servers (RFC 5246 §E.1).
    let handshake = [&[1, 0][..], &with_length2(&body)].concat();
    record.extend(with_length2(&handshake));
    ClientHello { record, random }
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &with_length2(data)].concat()
}

/// The bytes behind their length in two bytes. Everything in our hello is far shorter than 64 KiB.
fn with_length2(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tls_parser::{TlsCipherEnc, TlsCipherSuite, TlsMessage, TlsMessageHandshake};

    #[test]
    fn the_hello_parses_and_offers_no_null_encryption() {
        let hello = client_hello(Some("mx.example.com"));
        let (rest, record) = tls_parser::parse_tls_plaintext(&hello.record).unwrap();
        assert!(rest.is_empty());
        let TlsMessage::Handshake(TlsMessageHandshake::ClientHello(parsed)) = &record.msg[0] else { panic!() };
        assert_eq!(parsed.random, hello.random);
        assert_eq!(parsed.ciphers.len(), CIPHER_SUITES.len());
        let (_, extensions) = tls_parser::parse_tls_client_hello_extensions(parsed.ext.unwrap()).unwrap();
        assert!(
            matches!(&extensions[0], tls_parser::TlsExtension::SNI(names) if names[0].1 == b"mx.example.com"),
            "{extensions:?}"
        );
        assert!(!(256..512).contains(&(hello.record.len() - 5)));
        let mut seen = std::collections::BTreeSet::new();
        for id in CIPHER_SUITES.iter().filter(|id| **id != 0x00ff) {
            assert!(seen.insert(id), "{id:04x} stands twice");
            let suite = TlsCipherSuite::from_id(*id).unwrap();
            assert_ne!(suite.enc, TlsCipherEnc::Null, "{}", suite.name);
        }
    }
}
