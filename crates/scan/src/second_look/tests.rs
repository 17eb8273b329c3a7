//! Against a real `openssl s_server` with one old habit each. Where openssl is absent, or this build of it cannot do
//! that, the test says `skipped` on standard error.

use super::super::policy;
use super::super::probe;
use super::super::tls::TlsClient;
use super::super::tls::test_server::{OpensslServer, net, starttls_front};
use super::*;
use KeyProof::{NotChecked, Verified};
use std::net::SocketAddr;

const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const RSA_512: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:512"];
const ED448: &[&str] = &["-algorithm", "ED448"];
const BRAINPOOL: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"];
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P521: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"];

fn target(front: SocketAddr) -> Target {
    Target {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: front.ip(),
        port: front.port(),
        aliases: std::sync::Arc::default(),
    }
}

/// Both looks at a server with this key and these options.
async fn both_looks(key: &[&str], options: &[&str]) -> Option<(EndpointRow, Vec<CertificateDer<'static>>, Vec<u8>)> {
    let server = OpensslServer::start(key, options).await?;
    let front = starttls_front(server.port).await;
    let (net, settings) = (net(front.port()), ProbeSettings::new("probe.example"));
    let first = probe::look(&net, &TlsClient::new().unwrap(), &target(front), &settings, "w1").await;
    assert!(first.wants_second_look, "{options:?}: {:?}", first.row);
    let mut row = first.row;
    let chain = look(&net, &target(front), &settings, &mut row).await.unwrap();
    assert_eq!(row.connections, 2);
    Some((row, chain, server.leaf()))
}

#[tokio::test]
async fn old_servers() {
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, &'a str, &'a str, KeyProof);
    let cases: &[Case] = &[
        (RSA, &["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "TLSv1.0", "TLS_ECDHE_RSA_WITH_AES", "ecdhe-", Verified),
        (RSA, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "TLSv1.1", "TLS_ECDHE_RSA_WITH_AES", "ecdhe-", Verified),
        (P256, &["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "TLSv1.0", "TLS_ECDHE_ECDSA_WITH_AES", "ecdhe-", Verified),
        (
            RSA,
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "ecdhe-x25519",
            Verified,
        ),
        (
            P256,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
            "ecdhe-x25519",
            Verified,
        ),
        (
            RSA,
            &["-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
            "dhe",
            Verified,
        ),
        (
            RSA,
            &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "rsa",
            NotChecked,
        ),
        (
            RSA,
            &["-tls1_2", "-groups", "P-521", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_RSA_WITH_AES",
            "ecdhe-secp521r1",
            Verified,
        ),
        (
            P521,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "ecdhe-",
            Verified,
        ),
        (
            ED448,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "ecdhe-",
            Verified,
        ),
        (
            BRAINPOOL,
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "ecdhe-",
            Verified,
        ),
        (
            RSA_512,
            &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"],
            "TLSv1.2",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "ecdhe-x25519",
            Verified,
        ),
    ];
    for (key, options, version, cipher, exchange, proof) in cases {
        let Some((row, chain, leaf)) = both_looks(key, options).await else { continue };
        assert_eq!(row.legacy_version.as_deref(), Some(*version), "{options:?}");
        assert!(row.legacy_cipher.as_ref().unwrap().starts_with(cipher), "{options:?}: {:?}", row.legacy_cipher);
        let exchange_seen = row.legacy_key_exchange.unwrap();
        assert!(exchange_seen.to_lowercase().starts_with(exchange), "{options:?}: {exchange_seen}");
        assert_eq!(row.legacy_key_proof, Some(*proof), "{options:?}");
        assert_eq!(chain, [CertificateDer::from(leaf)], "{options:?}");
        assert_eq!(row.legacy_chain, Some(fingerprints(&chain)));
    }
}

/// A server that demands a client certificate is told from one that only asks for it.
#[tokio::test]
async fn client_certificates() {
    for (verify, alert) in [("-Verify", Some("handshake_failure")), ("-verify", None)] {
        let options = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", verify, "1"];
        let Some((row, ..)) = both_looks(P256, &options).await else { continue };
        assert_eq!(row.client_certificate_requested, Some(true), "{verify}");
        assert_eq!(row.legacy_last_sent, Some(TlsMessage::Certificate), "{verify}");
        assert_eq!(row.legacy_alert.as_deref(), alert, "{verify}");
        assert_eq!(row.legacy_key_proof, Some(Verified), "{verify}");
    }
    let Some((row, ..)) = both_looks(RSA, &["-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"]).await else {
        return;
    };
    assert_eq!((row.client_certificate_requested, row.legacy_alert), (Some(false), None));
    assert_eq!(row.legacy_last_sent, Some(TlsMessage::ClientHello));
    assert!(row.dh_bits.is_some_and(|bits| bits >= 1024), "{:?}", row.dh_bits);
}

#[tokio::test]
async fn policy_hosts_are_looked_at_again() {
    let options = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"];
    let Some(server) = OpensslServer::start(P256, &options).await else { return };
    let (net, settings) = (net(server.port), PolicySettings::new(None));
    let peer = Peer::policy_host("example.com", "mta-sts.example.com", &[], [127, 0, 0, 1].into());
    let tls = TlsClient::new().unwrap();
    let fetched = policy::fetch(&net, &tls, "example.com", "mta-sts.example.com", &peer, &settings, "w1").await;
    assert!(fetched.wants_second_look);
    let mut row = fetched.row;
    let chain = look_at_policy_host(&net, &peer, &settings, &mut row).await.unwrap();
    assert_eq!(row.policy_legacy_version.as_deref(), Some("TLSv1.2"));
    assert_eq!(row.policy_legacy_cipher.as_deref(), Some("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"));
    assert_eq!(row.policy_legacy_key_proof, Some(Verified));
    assert_eq!(chain, [CertificateDer::from(server.leaf())]);
}

#[tokio::test]
async fn anonymous_servers() {
    for (cipher, name, exchange) in [
        ("ADH-AES128-SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "dh-anon"),
        ("AECDH-AES256-SHA", "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "ecdh-anon"),
    ] {
        let cipher = format!("{cipher}:@SECLEVEL=0");
        let Some((row, chain, _)) = both_looks(RSA, &["-tls1_2", "-cipher", &cipher]).await else { continue };
        assert_eq!(row.legacy_cipher.as_deref(), Some(name));
        assert_eq!(row.legacy_key_exchange.as_deref(), Some(exchange));
        assert_eq!((row.legacy_chain, row.legacy_key_proof), (Some(Vec::new()), None));
        assert!(chain.is_empty());
    }
}

#[tokio::test]
async fn a_server_of_today_alone_tells_nothing_more() {
    let Some(server) = OpensslServer::start(P256, &["-tls1_3"]).await else { return };
    let front = starttls_front(server.port).await;
    let (net, settings) = (net(front.port()), ProbeSettings::new("probe.example"));
    let mut row = probe::look(&net, &TlsClient::new().unwrap(), &target(front), &settings, "w1").await.row;
    assert_eq!(row.tls_version.as_deref(), Some("TLSv1.3"));
    let before = row.clone();
    assert!(look(&net, &target(front), &settings, &mut row).await.unwrap().is_empty());
    assert_eq!(row, EndpointRow { connections: 2, ..before }, "an alert again: only the connection counts");
}
