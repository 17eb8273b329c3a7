use super::test_server::{Act, OpensslServer, identity, serve};
use super::*;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;

const LONG: Duration = Duration::from_secs(120);

async fn shake(script: Vec<Act>, name: &str) -> TlsLook {
    let (address, _server) = serve(script).await;
    let stream = TcpStream::connect(address).await.unwrap();
    TlsClient::new().unwrap().handshake(Wire::direct(stream), name, Purpose::Smtp, LONG).await
}

#[tokio::test]
async fn both_versions_and_any_certificate() {
    for (version, word) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        let identity = identity("mx.example", 2001);
        let look = shake(vec![Act::Tls(identity.acceptor(&[version]))], "other.example").await;
        assert_eq!(look.error, None);
        assert_eq!(look.version, Some(word));
        assert_eq!(
            look.key_proof,
            Some(KeyProof::Verified),
            "expired and for another name: the key is proven all the same"
        );
        assert_eq!(look.chain, identity.chain);
        assert_eq!(look.key_exchange.as_deref(), Some("X25519"));
        assert_eq!(look.signature_scheme.as_deref(), Some("ecdsa_secp256r1_sha256"));
        assert!(look.cipher_suite.unwrap().starts_with("TLS_"));
        assert!(look.stream.is_some());
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_leafs_is_noticed() {
    for version in [&TLS12, &TLS13] {
        let (honest, thief) = (identity("mx.example", 2100), identity("mx.example", 2100));
        let look = shake(vec![Act::Tls(thief.acceptor_showing(&honest.chain, &[version]))], "mx.example").await;
        assert_eq!((look.error, look.key_proof), (None, Some(KeyProof::Failed)));
        assert_eq!(look.chain, honest.chain);
    }
}

/// What rustls's own verifier refuses in the handshake signature: small RSA, X.509 v1, P-521.
#[tokio::test]
async fn odd_keys_and_certificates_complete() {
    let old = |bits| ["-algorithm", "RSA", "-pkeyopt", bits];
    let p521 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
    let weak = ["-cipher", "ALL:@SECLEVEL=0"];
    let servers = [
        (OpensslServer::start(&old("rsa_keygen_bits:1024"), &weak).await, KeyProof::Verified, "RSA of 1024 bits"),
        (OpensslServer::start_v1(&old("rsa_keygen_bits:2048"), &weak).await, KeyProof::Verified, "X.509 v1"),
        (OpensslServer::start(&p521, &weak).await, KeyProof::Verified, "P-521"),
    ];
    for (server, proof, why) in servers {
        let Some(server) = server else { continue };
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
        let client = TlsClient::new().unwrap();
        let look = client.handshake(Wire::direct(stream), "mx.example", Purpose::Smtp, LONG).await;
        assert_eq!((look.error, look.key_proof), (None, Some(proof)), "{why}");
        assert_eq!(look.chain, [CertificateDer::from(server.leaf())], "{why}");
    }
}

#[tokio::test]
async fn failures_have_their_words() {
    let alert = |description| vec![Act::Send(vec![21, 3, 3, 0, 2, 2, description])];
    type Case<'a> = (Vec<Act>, Failure, Option<&'a str>, bool, &'a str);
    let cases: Vec<Case> = vec![
        (alert(70), Failure::TlsVersion, Some("protocol_version"), true, "too old or too new"),
        (alert(40), Failure::TlsCipher, Some("handshake_failure"), true, "nothing in common"),
        (alert(71), Failure::TlsCipher, Some("insufficient_security"), true, "nothing strong enough in common"),
        (alert(80), Failure::TlsAlert, Some("internal_error"), true, "a server that stumbles over the hello"),
        (alert(112), Failure::TlsAlert, Some("unrecognized_name"), false, "the name would be refused again"),
        (vec![Act::Send(b"454 TLS not available\r\n".to_vec())], Failure::TlsProtocol, None, true, "no TLS at all"),
        (vec![], Failure::ConnectionClosed, None, true, "hung up: Schannel does so when nothing fits"),
        (vec![Act::Reset], Failure::ConnectReset, None, true, "reset"),
    ];
    for (script, failure, name, disagreed, why) in cases {
        let look = shake(script, "mx.example").await;
        assert_eq!((look.error, look.alert.as_deref()), (Some(failure), name), "{why}");
        assert_eq!(look.disagreed(), disagreed, "{why}");
        assert!(look.stream.is_none() && look.key_proof.is_none(), "{why}");
    }
    let (address, _server) = serve(vec![Act::Hang]).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let short = Duration::from_millis(100);
    let look = TlsClient::new().unwrap().handshake(Wire::direct(stream), "mx.example", Purpose::Smtp, short).await;
    assert_eq!(look.error, Some(Failure::TlsTimeout));
    assert!(!look.disagreed(), "a silent server is not asked again");
}

#[test]
fn names_that_can_stand_in_sni() {
    for (name, fits) in [
        ("mx.example", true),
        ("_mx.exa_mple.test", true),
        ("xn--bcher-kva.example", true),
        ("192.0.2.1", false),
        ("2001:db8::1", false),
        ("mx..example", false),
        ("", false),
    ] {
        assert_eq!(sni_name(name).is_some(), fits, "{name}");
    }
}

#[test]
fn chains_are_capped() {
    let certificate = vec![0; 1000];
    let (kept, truncated) = capped_chain(std::iter::repeat_n(&certificate[..], MAX_CHAIN));
    assert_eq!((kept.len(), truncated), (MAX_CHAIN, false));
    assert_eq!(capped_chain(std::iter::repeat_n(&certificate[..], MAX_CHAIN + 1)), (kept, true));
    let large = vec![0; MAX_CHAIN_BYTES / 2];
    assert_eq!(capped_chain([&large[..], &large, &certificate].into_iter()).0.len(), 2);
}

/// Bytes of a connection are bounded, whatever they are: here data after the handshake.
#[tokio::test]
async fn a_flood_is_cut_off() {
    use tokio::io::AsyncReadExt;
    let identity = identity("mx.example", 2001);
    let flood = vec![b'x'; 2 * wire::MAX_BYTES];
    let look = shake(vec![Act::Tls(identity.acceptor(&[&TLS13])), Act::Send(flood)], "mx.example").await;
    let mut taken = Vec::new();
    let error = look.stream.unwrap().read_to_end(&mut taken).await.unwrap_err();
    assert!(is_flood(&error), "{error}");
    assert_eq!(handshake_failure(&error), (Failure::TlsProtocol, None));
    assert!(taken.len() <= wire::MAX_BYTES && taken.len() > wire::MAX_BYTES / 2, "{} bytes", taken.len());
}
