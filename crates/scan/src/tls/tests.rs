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

/// What ring lacks and senders have: groups, and keys that sign.
#[tokio::test]
async fn groups_and_signatures_that_ring_lacks() {
    let p256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let p521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];
    let ed448: &[&str] = &["-algorithm", "ED448"];
    let pss: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, &'a str);
    let cases: &[Case] = &[
        (p256, &["-tls1_3", "-groups", "P-521"], "secp521r1", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_2", "-groups", "P-521"], "secp521r1", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "X448"], "X448", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_2", "-groups", "X448"], "X448", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "ffdhe2048"], "ffdhe2048", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "ffdhe3072"], "ffdhe3072", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "X25519MLKEM768"], "X25519MLKEM768", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "SecP256r1MLKEM768"], "SecP256r1MLKEM768", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "SecP384r1MLKEM1024"], "SecP384r1MLKEM1024", "ecdsa_secp256r1_sha256"),
        (p256, &["-tls1_3", "-groups", "MLKEM768"], "MLKEM768", "ecdsa_secp256r1_sha256"),
        (ed448, &["-tls1_3"], "X25519", "ed448"),
        (ed448, &["-tls1_2"], "X25519", "ed448"),
        (p521, &["-tls1_3"], "X25519", "ecdsa_secp521r1_sha512"),
        (p256, &["-tls1_2", "-sigalgs", "ECDSA+SHA512"], "X25519", "ecdsa_secp521r1_sha512"),
        (p256, &["-tls1_2", "-sigalgs", "ECDSA+SHA384"], "X25519", "ecdsa_secp384r1_sha384"),
        (p256, &["-tls1_2", "-cipher", "ALL:@SECLEVEL=0", "-sigalgs", "ECDSA+SHA1"], "X25519", "ecdsa_sha1"),
        (pss, &["-tls1_3"], "X25519", "rsa_pss_pss_sha256"),
    ];
    for (key, options, group, scheme) in cases {
        let Some(server) = OpensslServer::start(key, options).await else { continue };
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
        let client = TlsClient::new().unwrap();
        let look = client.handshake(Wire::direct(stream), "mx.example", Purpose::Smtp, LONG).await;
        assert_eq!((look.error, look.key_proof), (None, Some(KeyProof::Verified)), "{options:?}");
        assert_eq!(look.key_exchange.as_deref(), Some(*group), "{options:?}");
        assert_eq!(look.signature_scheme.as_deref(), Some(*scheme), "{options:?}");
        assert_eq!(look.last_sent, Some(TlsMessage::Finished), "{options:?}");
        assert_eq!(look.dh_bits.is_some(), group.starts_with("ffdhe"), "{options:?}");
        assert!(look.agreed && !look.certificate_requested, "{options:?}");
    }
}

/// Once version and suite are agreed, no alert is a reason to look again.
#[tokio::test]
async fn what_agreed_and_then_broke() {
    let p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let Some(server) = OpensslServer::start(&p256, &["-tls1_2", "-Verify", "1"]).await else { return };
    let stream = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let client = TlsClient::new().unwrap();
    let look = client.handshake(Wire::direct(stream), "mx.example", Purpose::Smtp, LONG).await;
    assert_eq!((look.error, look.alert.as_deref()), (Some(Failure::TlsAlert), Some("handshake_failure")));
    assert_eq!((look.version, look.key_proof), (Some("TLSv1.2"), Some(KeyProof::Verified)));
    assert!(look.agreed && look.certificate_requested && !look.disagreed());
    let Some(asks) = OpensslServer::start(&p256, &["-tls1_2", "-verify", "1"]).await else { return };
    let stream = TcpStream::connect(("127.0.0.1", asks.port)).await.unwrap();
    let look = client.handshake(Wire::direct(stream), "mx.example", Purpose::Smtp, LONG).await;
    assert_eq!((look.error, look.certificate_requested), (None, true), "asked for, and not needed");
}

/// The hello carries one share, that of X25519: others are asked for. It stays in one segment.
#[tokio::test]
async fn the_hello_is_small() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    let client = TlsClient::new().unwrap();
    let short = Duration::from_millis(500);
    let name = "a-mail-exchanger-with-a-long-name.mail.example.com";
    let read = async {
        use tokio::io::AsyncReadExt;
        let mut hello = vec![0; 4096];
        let count = server.read(&mut hello).await.unwrap();
        hello.truncate(count);
        hello
    };
    let (_, hello) = tokio::join!(client.handshake(Wire::direct(stream), name, Purpose::Smtp, short), read);
    assert!(hello.len() < 512, "{} bytes", hello.len());
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
