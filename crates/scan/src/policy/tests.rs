use std::net::IpAddr;
use std::time::Duration;

use super::attempts::{alternate_families, merge, more_telling, remembered};
use super::fetch::empty_row;
use super::*;
use crate::left_alone::Peer;
use crate::net::{Families, Net};
use crate::tls::TlsClient;
use crate::tls::test_server::{Act, closed_port, identity, net, send, serve};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{KeyProof, Micros, PolicyAttempt, PolicyRow, PolicyStage};
use rustls::version::TLS13;

const BODY: &str = "version: STSv1\nmode: none\nmax_age: 86400\n";

fn peer(ip: IpAddr) -> Peer {
    Peer::policy_host("example.com", "mta-sts.example.com", &[], ip)
}

/// Waits long for what will come, on however busy a machine.
fn settings() -> PolicySettings {
    PolicySettings::new(Some("https://probe.example/".into()))
}

/// Fetches from a server that reads the request (five header lines and an empty one) and then does `acts` inside of TLS.
async fn fetch_from(acts: Vec<Act>) -> (PolicyRow, Vec<String>) {
    fetch_with(acts, &settings()).await
}

async fn fetch_with(acts: Vec<Act>, settings: &PolicySettings) -> (PolicyRow, Vec<String>) {
    let identity = identity("mta-sts.example.com", 2001);
    let script = [vec![Act::Tls(identity.acceptor(&[&TLS13]))], vec![Act::Line; 6], acts].concat();
    let (address, server) = serve(script).await;
    let tls = TlsClient::new().unwrap();
    let fetched =
        fetch(&net(address.port()), &tls, "example.com", "mta-sts.example.com", &peer(address.ip()), settings, "w1")
            .await;
    assert_eq!(fetched.chain, identity.chain, "the chain is kept, expired as it is");
    assert_eq!(fetched.row.policy_key_proof, Some(KeyProof::Verified));
    assert_eq!(fetched.row.policy_attempts.len(), 1);
    (fetched.row, server.await.unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn answer(head: &str, body: impl AsRef<[u8]>) -> Act {
    send([format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body.as_ref()].concat())
}

#[tokio::test]
async fn a_whole_fetch() {
    let head = format!("200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}", BODY.len());
    let (row, request) = fetch_from(vec![answer(&head, BODY)]).await;
    assert_eq!(request[0], "GET /.well-known/mta-sts.txt HTTP/1.1");
    assert!(request.iter().any(|line| line == "host: mta-sts.example.com"), "no port in Host: {request:?}");
    let agent = format!("user-agent: mxcensus/{} (+https://probe.example/)", env!("CARGO_PKG_VERSION"));
    assert!(request.contains(&agent) && request.iter().any(|line| line == "accept-encoding: identity"), "{request:?}");
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Done, None));
    assert_eq!((row.policy_http_status, row.policy_http_version.as_deref()), (Some(200), Some("HTTP/1.1")));
    assert_eq!(row.policy_body.as_deref(), Some(BODY.as_bytes()));
    assert_eq!(row.policy_content_type.as_deref(), Some("text/plain"));
    assert_eq!(row.policy_tls_version.as_deref(), Some("TLSv1.3"));
    assert!(row.policy_connect_ms.is_some() && row.policy_tls_ms.is_some() && row.policy_http_ms.is_some());
}

/// RFC 9110 §15.2: interim answers may come before the real one; the bytes of a connection are bounded all the same.
#[tokio::test]
async fn interim_answers_without_end_are_cut_off() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(crate::tls::wire::MAX_BYTES / 20);
    let (row, _) = fetch_from(vec![send(interim), Act::Hang]).await;
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Http, Some(Failure::HttpProtocol)));
}

#[test]
fn what_is_remembered_of_an_attempt_is_all_that_its_retry_needs() {
    let [full, other] = mxcensus_dataset::samples::policies();
    let slim = remembered(full.clone());
    assert!(slim.policy_body.is_none() && slim.policy_location.is_none());
    assert_eq!(merge(slim, other.clone()), merge(full, other));
}

#[tokio::test]
async fn answers_of_every_kind() {
    use PolicyStage::{Body, Done, Http};
    let ok = |extra: &str| format!("200 OK\r\n{extra}");
    let bomb = gzip(&vec![b'x'; 10_000_000]);
    let zlib = {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(BODY.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let flood: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X-Long: {}", "y".repeat(200_000));
    let large = vec![b'x'; MAX_BODY + 1];
    type Case<'a> = (Vec<Act>, PolicyStage, Option<Failure>, Option<u16>, Option<&'a [u8]>, bool, &'a str);
    let cases: Vec<Case> = vec![
        (
            vec![answer("301 Moved\r\nLocation: https://www.example.com/\r\nContent-Length: 0", "")],
            Done,
            None,
            Some(301),
            Some(b""),
            false,
            "a redirect is an answer",
        ),
        (vec![answer("404 Not Found\r\nContent-Length: 2", "no")], Done, None, Some(404), Some(b"no"), false, "404"),
        (vec![answer("204 No Content", "")], Done, None, Some(204), Some(b""), false, "no body"),
        (
            vec![answer(&ok("Content-Length: 65536"), &large[1..])],
            Done,
            None,
            Some(200),
            Some(&large[1..]),
            false,
            "exactly 64 KiB",
        ),
        (
            vec![answer(&ok("Content-Length: 65537"), &large)],
            Body,
            Some(Failure::BodyTooLarge),
            Some(200),
            Some(&large[1..]),
            true,
            "one byte more",
        ),
        (
            vec![answer(&ok("Transfer-Encoding: chunked"), "5\r\nversi\r\n3\r\non:\r\n0\r\n\r\n")],
            Done,
            None,
            Some(200),
            Some(b"version:"),
            false,
            "chunked",
        ),
        (
            vec![answer(&ok("Transfer-Encoding: chunked"), "5\r\nversiXX\r\n")],
            Body,
            Some(Failure::HttpProtocol),
            Some(200),
            Some(b"versi"),
            false,
            "broken chunks",
        ),
        (
            vec![send("HTTP/1.0 200 OK\r\n\r\nabc")],
            Done,
            None,
            Some(200),
            Some(b"abc"),
            false,
            "HTTP/1.0: the body ends with the connection",
        ),
        (
            vec![answer(&ok("Content-Length: 100"), "short")],
            Body,
            Some(Failure::ConnectionClosed),
            Some(200),
            Some(b"short"),
            false,
            "a body cut short",
        ),
        (
            vec![answer(&ok("Content-Encoding: gzip"), gzip(BODY.as_bytes()))],
            Done,
            None,
            Some(200),
            Some(BODY.as_bytes()),
            false,
            "gzip, though not asked for",
        ),
        (
            vec![answer(&ok("Content-Encoding: deflate"), zlib)],
            Done,
            None,
            Some(200),
            Some(BODY.as_bytes()),
            false,
            "deflate",
        ),
        (
            vec![answer(&ok("Content-Encoding: br"), "as it came")],
            Done,
            None,
            Some(200),
            Some(b"as it came"),
            false,
            "an encoding that is not undone",
        ),
        (
            vec![answer(&ok("Content-Encoding: gzip"), "not gzip")],
            Body,
            Some(Failure::HttpProtocol),
            Some(200),
            Some(b"not gzip"),
            false,
            "a broken encoding: the bytes stay",
        ),
        (
            vec![answer(&ok("Content-Encoding: gzip"), bomb)],
            Body,
            Some(Failure::BodyTooLarge),
            Some(200),
            Some(&large[1..]),
            true,
            "a compression bomb",
        ),
        (vec![answer(&ok(&flood), "")], Http, Some(Failure::HttpProtocol), None, None, false, "a flood of headers"),
        (vec![answer(&ok(&long), "")], Http, Some(Failure::HttpProtocol), None, None, false, "an endless header"),
        (vec![send("220 mx ESMTP\r\n")], Http, Some(Failure::HttpProtocol), None, None, false, "not HTTP"),
        (vec![], Http, Some(Failure::ConnectionClosed), None, None, false, "closes without an answer"),
        (vec![Act::Hang], Http, Some(Failure::HttpTimeout), None, None, false, "silent"),
        (
            vec![answer(&ok("Content-Length: 99"), ""), Act::Drip(vec![b'x'; 99], Duration::from_millis(500))],
            Body,
            Some(Failure::HttpTimeout),
            Some(200),
            None,
            false,
            "a byte at a time",
        ),
    ];
    for (acts, stage, error, status, body, truncated, why) in cases {
        // A thousand times as long as what comes before the silence takes.
        let impatient = PolicySettings { total_timeout: Duration::from_secs(4), ..settings() };
        let settings = if error == Some(Failure::HttpTimeout) { impatient } else { settings() };
        let fetching = tokio::time::timeout(Duration::from_secs(120), fetch_with(acts, &settings));
        let (row, _) = fetching.await.expect("it is bounded");
        assert_eq!((row.policy_stage, row.policy_error, row.policy_http_status), (stage, error, status), "{why}");
        if error != Some(Failure::HttpTimeout) {
            assert!(row.policy_body.as_deref() == body, "{why}: {:?}", row.policy_body.map(|b| b.len()));
        }
        assert_eq!(row.policy_body_truncated, truncated, "{why}");
    }
}

#[tokio::test]
async fn redirects_and_headers_are_kept_as_escaped_text() {
    let head = "302 Found\r\nLocation: https://x.example/\\\x1b[31m\r\nContent-Length: 0";
    let (row, _) = fetch_from(vec![answer(head, "")]).await;
    // hyper refuses control bytes in a header value, so the worst that arrives is a backslash or a high byte.
    assert_eq!(row.policy_error, Some(Failure::HttpProtocol));
    let (row, _) =
        fetch_from(vec![send(b"HTTP/1.1 302 Found\r\nLocation: /\\\xff\r\nContent-Length: 0\r\n\r\n")]).await;
    assert_eq!(row.policy_location.as_deref(), Some("/\\\\\\255"));
}

#[tokio::test]
async fn before_http() {
    let tls = TlsClient::new().unwrap();
    let run = async |net: &Net, ip: IpAddr| {
        fetch(net, &tls, "example.com", "mta-sts.example.com", &peer(ip), &settings(), "w1").await.row
    };
    let (address, _server) = serve(vec![Act::Send(vec![21, 3, 3, 0, 2, 2, 40])]).await;
    let row = run(&net(address.port()), address.ip()).await;
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Tls, Some(Failure::TlsCipher)));
    assert_eq!(row.policy_tls_alert.as_deref(), Some("handshake_failure"));

    let loopback = IpAddr::from([127, 0, 0, 1]);
    let (_kept, free) = closed_port();
    let row = run(&net(free), loopback).await;
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Connect, Some(Failure::ConnectRefused)));

    let no_v4 = Net { families: Families { v4: false, v6: false }, ..net(free) };
    let row = run(&no_v4, loopback).await;
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Skipped, Some(Failure::NoRouteForFamily)));

    let strict = Net { allow_special: false, ..net(free) };
    let row = run(&strict, loopback).await;
    assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Dns, Some(Failure::SpecialAddress)));
}

#[test]
fn of_addresses_that_fail_the_most_telling_counts() {
    let row = |stage, error, at: Micros, ms: f64| PolicyRow {
        policy_stage: stage,
        policy_error: Some(error),
        policy_observed_at: Some(at),
        policy_attempts: vec![PolicyAttempt { at, stage, error: Some(error), ms }],
        ..empty_row("a", "b", "w")
    };
    let refused = |at| row(PolicyStage::Connect, Failure::ConnectRefused, at, 4.0);
    let silent = |at| row(PolicyStage::Connect, Failure::ConnectTimeout, at, 4.0);
    let no_route = |at| row(PolicyStage::Skipped, Failure::NoRouteForFamily, at, 4.0);
    let special = |at| row(PolicyStage::Dns, Failure::SpecialAddress, at, 4.0);
    let table = [
        (no_route(1), refused(2), Failure::ConnectRefused, "what the network did says more than what we lack"),
        (refused(1), no_route(2), Failure::ConnectRefused, "in whatever order"),
        (special(1), no_route(2), Failure::NoRouteForFamily, "an address of nobody says least"),
        (silent(1), refused(2), Failure::ConnectTimeout, "the earlier one"),
    ];
    for (earlier, later, expected, why) in table {
        let row = more_telling(earlier, later);
        assert_eq!(row.policy_error, Some(expected), "{why}");
        let [attempt] = &row.policy_attempts[..] else { panic!("{why}: one attempt") };
        assert_eq!((attempt.at, attempt.ms, attempt.error, row.policy_observed_at), (1, 8.0, Some(expected), Some(1)));
    }
}

#[test]
fn families_take_turns() {
    let ips = |list: &[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
    let mixed = ips(&["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]);
    assert_eq!(alternate_families(&mixed), ips(&["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"]));
    assert!(alternate_families(&[]).is_empty());
}

#[test]
fn a_retry_keeps_what_dns_showed() {
    let earlier = PolicyRow {
        policy_addresses: Some(vec!["192.0.2.1".into()]),
        policy_dns_ms: Some(1.0),
        ..empty_row("a", "b", "w")
    };
    let merged = merge(earlier, PolicyRow { policy_http_status: Some(200), ..empty_row("a", "b", "w") });
    assert_eq!(merged.policy_addresses.unwrap(), ["192.0.2.1"]);
    assert_eq!((merged.policy_http_status, merged.policy_dns_ms), (Some(200), Some(1.0)));
}
