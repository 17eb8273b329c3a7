use super::test_server::{Act, identity, serve};
use super::*;
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;

const LONG: Duration = Duration::from_secs(10);

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
async fn failures_have_their_words() {
    let alert = |description| vec![Act::Send(vec![21, 3, 3, 0, 2, 2, description])];
    let cases: Vec<(Vec<Act>, Failure, Option<&str>, bool, &str)> = vec![
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
    let (address, _server) = serve(vec![Act::Hang(LONG)]).await;
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
