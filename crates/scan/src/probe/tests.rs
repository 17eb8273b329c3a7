use super::super::tls::test_server::{Act, identity, net, send, serve};
use super::*;
use mxcensus_rules::observation::KeyProof;
use rustls::version::{TLS12, TLS13};

/// Waits long for what will come, on however busy a machine. How QUIT is answered decides nothing.
fn settings() -> ProbeSettings {
    ProbeSettings { quit_timeout: Duration::from_millis(200), ..ProbeSettings::new("probe.example") }
}

/// For servers that fall silent: a thousand times as long as what comes before the silence takes.
fn impatient() -> ProbeSettings {
    let short = Duration::from_secs(4);
    ProbeSettings { banner_timeout: short, command_timeout: short, ..settings() }
}

/// Looks at a scripted server; gives what was seen and the lines that the server read.
async fn look_at(script: Vec<Act>) -> (Looked, Vec<String>) {
    look_with(script, &settings()).await
}

async fn look_with(script: Vec<Act>, settings: &ProbeSettings) -> (Looked, Vec<String>) {
    let (address, server) = serve(script).await;
    let target = Target {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: address.ip(),
        port: address.port(),
        aliases: Arc::default(),
    };
    let tls = TlsClient::new().unwrap();
    let looked = look(&net(address.port()), &tls, &target, settings, "w1").await;
    assert_eq!(looked.row.connections, 1);
    assert_eq!(looked.row.attempt_log.len(), 1);
    assert!(looked.row.total_ms.is_some());
    (looked, server.await.unwrap())
}

/// The script up to the 220 for STARTTLS.
fn opening() -> Vec<Act> {
    vec![send("220 mx\r\n"), Act::Line, send("250-mx\r\n250 STARTTLS\r\n"), Act::Line, send("220 go\r\n")]
}

#[tokio::test]
async fn a_whole_session() {
    for version in [&TLS12, &TLS13] {
        let identity = identity("mx.example", 2001);
        let script = [
            opening(),
            vec![
                Act::Tls(identity.acceptor(&[version])),
                Act::Line,
                send("250-mx\r\n250 REQUIRETLS\r\n"),
                Act::Line,
                send("221 bye\r\n"),
            ],
        ]
        .concat();
        let (looked, lines) = look_at(script).await;
        let row = looked.row;
        assert_eq!(lines[..4], ["EHLO probe.example", "STARTTLS", "EHLO probe.example", "QUIT"]);
        assert_eq!((row.stage, row.error), (EndpointStage::Done, None));
        assert_eq!(row.key_proof, Some(KeyProof::Verified));
        assert_eq!(row.ehlo_tls_capabilities.as_deref(), Some(&["REQUIRETLS".to_owned()][..]));
        assert_eq!(row.chain, Some(fingerprints(&identity.chain)));
        assert_eq!(looked.chain, identity.chain);
        assert_eq!((row.injected, row.starttls, row.reply_code), (Some(false), Some(true), Some(220)));
        assert!(row.connect_ms.is_some() && row.banner_ms.is_some() && row.tls_ms.is_some());
        assert!(!looked.wants_second_look);
    }
}

#[tokio::test]
async fn where_sessions_end() {
    use EndpointStage::{Banner, Done, Ehlo, Starttls, Tls};
    let hang = || Act::Hang;
    let with = |more: Vec<Act>| [opening(), more].concat();
    let upto = |count: usize, more: Vec<Act>| [opening()[..count].to_vec(), more].concat();
    let good = identity("mx.example", 2100);
    let drip = |bytes: &[u8]| Act::Drip(bytes.to_vec(), Duration::from_millis(200));
    type Case<'a> = (Vec<Act>, EndpointStage, Option<Failure>, Option<u16>, &'a str);
    let cases: Vec<Case> = vec![
        (vec![send("451 greylisted\r\n"), Act::Line], Banner, Some(Failure::BannerRejected), Some(451), "greylisting"),
        (vec![send("554 no\r\n"), Act::Line], Banner, Some(Failure::BannerRejected), Some(554), "refused"),
        (vec![hang()], Banner, Some(Failure::BannerTimeout), None, "silent"),
        (vec![drip(&[b'2'; 60])], Banner, Some(Failure::BannerTimeout), None, "a byte at a time"),
        (vec![send(b"220-x\r\n".repeat(2000))], Banner, Some(Failure::SmtpProtocol), None, "an endless banner"),
        (vec![send("HTTP/1.1 400 Bad Request\r\n\r\n")], Banner, Some(Failure::SmtpProtocol), None, "not SMTP"),
        (
            vec![send([0x16, 3, 1, 0, 5]), hang()],
            Banner,
            Some(Failure::SmtpProtocol),
            None,
            "foreign bytes, then silence",
        ),
        (vec![], Banner, Some(Failure::ConnectionClosed), None, "closes at once"),
        (vec![Act::Reset], Banner, Some(Failure::ConnectReset), None, "resets at once"),
        (upto(2, vec![]), Ehlo, Some(Failure::ConnectionClosed), None, "closes at EHLO"),
        (upto(2, vec![Act::Reset]), Ehlo, Some(Failure::ConnectReset), None, "resets at EHLO"),
        (upto(2, vec![hang()]), Ehlo, Some(Failure::SmtpTimeout), None, "hangs at EHLO"),
        (upto(2, vec![send("421 later\r\n")]), Ehlo, Some(Failure::EhloRejected), Some(421), "busy"),
        (
            upto(2, vec![send("502 eh\r\n"), Act::Line, send("250 mx\r\n"), Act::Line]),
            Ehlo,
            Some(Failure::StarttlsNotOffered),
            Some(250),
            "HELO only",
        ),
        (
            upto(2, vec![send("250-mx\r\n250 SIZE\r\n"), Act::Line]),
            Ehlo,
            Some(Failure::StarttlsNotOffered),
            Some(250),
            "no STARTTLS",
        ),
        (
            upto(4, vec![send("454 not now\r\n"), Act::Line]),
            Starttls,
            Some(Failure::StarttlsRejected),
            Some(454),
            "454",
        ),
        (upto(4, vec![]), Starttls, Some(Failure::ConnectionClosed), None, "closes at STARTTLS"),
        (upto(4, vec![hang()]), Starttls, Some(Failure::SmtpTimeout), None, "hangs at STARTTLS"),
        (
            with(vec![send("554 just kidding\r\n")]),
            Tls,
            Some(Failure::TlsProtocol),
            Some(220),
            "speaks SMTP instead of TLS",
        ),
        (with(vec![send([21, 3, 3, 0, 2, 2, 40])]), Tls, Some(Failure::TlsCipher), Some(220), "nothing in common"),
        (with(vec![Act::Reset]), Tls, Some(Failure::ConnectReset), Some(220), "resets in the handshake"),
        (with(vec![Act::Tls(good.acceptor(&[&TLS13]))]), Done, None, Some(220), "closes after the handshake"),
        (
            with(vec![Act::Tls(good.acceptor(&[&TLS12])), Act::Line, hang()]),
            Done,
            None,
            Some(220),
            "hangs after the handshake",
        ),
    ];
    let outcomes = cases.into_iter().map(|(script, stage, error, code, why)| async move {
        let silent = matches!(error, Some(Failure::BannerTimeout | Failure::SmtpTimeout)) || why.starts_with("hangs");
        let settings = if silent { impatient() } else { settings() };
        let looking = tokio::time::timeout(Duration::from_secs(120), look_with(script, &settings));
        let (looked, _) = looking.await.expect("it is bounded");
        let row = looked.row;
        assert_eq!((row.stage, row.error, row.reply_code), (stage, error, code), "{why}");
        assert_eq!(looked.wants_second_look, stage == Tls, "{why}");
        let attempt = &row.attempt_log[0];
        assert_eq!((attempt.stage, attempt.error), (stage, error), "{why}");
    });
    futures_util::future::join_all(outcomes).await;
}

#[tokio::test]
async fn injections_are_seen_and_survived() {
    let good = identity("mx.example", 2100);
    let tls = Act::Tls(good.acceptor(&[&TLS13]));
    let same_segment = [opening()[..4].to_vec(), vec![send("220 go\r\n250-evil\r\n"), tls.clone()]].concat();
    let next_segment = [opening(), vec![send("250-evil\r\n"), tls]].concat();
    for script in [same_segment, next_segment] {
        let (looked, _) = look_at(script).await;
        assert_eq!((looked.row.stage, looked.row.injected), (EndpointStage::Done, Some(true)));
    }
}

#[tokio::test]
async fn a_refused_client_is_no_success() {
    // A TLS 1.3 server that says certificate_required after our side of the handshake (RFC 8446 4.4.2.4).
    let Some(server) = super::super::tls::test_server::OpensslServer::start(
        &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        &["-Verify", "1", "-tls1_3"],
    )
    .await
    else {
        return;
    };
    let front = super::super::tls::test_server::starttls_front(server.port).await;
    let target = Target {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: front.ip(),
        port: front.port(),
        aliases: Arc::default(),
    };
    let looked = look(&net(front.port()), &TlsClient::new().unwrap(), &target, &settings(), "w1").await;
    assert_eq!((looked.row.stage, looked.row.error), (EndpointStage::Tls, Some(Failure::TlsAlert)));
    assert_eq!(looked.row.tls_alert.as_deref(), Some("certificate_required"));
    assert_eq!(looked.chain, [server.leaf().into()]);
    assert!(!looked.wants_second_look);
}

#[tokio::test]
async fn the_whole_session_is_bounded() {
    let (address, _server) = serve(vec![Act::Drip(b"220-x\r\n".repeat(1000), Duration::from_millis(20))]).await;
    let settings = ProbeSettings {
        banner_timeout: Duration::from_secs(3600),
        total_timeout: Duration::from_secs(3),
        ..settings()
    };
    let target = Target {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: address.ip(),
        port: address.port(),
        aliases: Arc::default(),
    };
    let begun = Instant::now();
    let looked = look(&net(address.port()), &TlsClient::new().unwrap(), &target, &settings, "w1").await;
    assert_eq!(looked.row.error, Some(Failure::BannerTimeout));
    assert!(looked.row.reply_text.unwrap().starts_with("220-x"), "what came is kept");
    assert!(begun.elapsed() < Duration::from_secs(120), "the server would go on for longer");
}

#[tokio::test]
async fn what_is_not_contacted_costs_nothing() {
    let tls = TlsClient::new().unwrap();
    let target = Target {
        host: "mx.example".into(),
        server_name: "mx.example".into(),
        ip: [127, 0, 0, 1].into(),
        port: 9,
        aliases: Arc::default(),
    };
    let net = Net { allow_special: false, ..net(9) };
    let row = look(&net, &tls, &target, &settings(), "w1").await.row;
    assert_eq!((row.stage, row.error, row.connections), (EndpointStage::Connect, Some(Failure::SpecialAddress), 0));
    let localhost = Target { host: "mail.localhost".into(), ..target.clone() };
    let lab = Net { allow_special: true, ..net.clone() };
    let row = look(&lab, &tls, &localhost, &settings(), "w1").await.row;
    assert_eq!((row.stage, row.error, row.connections), (EndpointStage::Connect, Some(Failure::SpecialAddress), 0));
    let net = Net { allow_special: true, families: super::super::net::Families { v4: false, v6: true }, ..net };
    let row = look(&net, &tls, &target, &settings(), "w1").await.row;
    assert_eq!((row.stage, row.error, row.connections), (EndpointStage::Skipped, Some(Failure::NoRouteForFamily), 0));
}

#[tokio::test]
async fn a_retry_joins_the_logs() {
    let (first, _) = look_at(vec![send("451 greylisted\r\n"), Act::Line]).await;
    let (second, _) = look_at(vec![send("220 mx\r\n"), Act::Line, send("250 mx\r\n"), Act::Line]).await;
    let merged = merge(first.row, second.row);
    assert_eq!((merged.connections, merged.error), (2, Some(Failure::StarttlsNotOffered)));
    let codes: Vec<_> = merged.attempt_log.iter().map(|attempt| attempt.reply_code).collect();
    assert_eq!(codes, [Some(451), Some(250)]);
}

#[test]
fn what_is_remembered_of_an_attempt_is_all_that_its_retry_needs() {
    let [full, other] = mxcensus_dataset::samples::endpoints();
    let slim = remembered(full.clone());
    assert!(slim.banner.is_none() && slim.ehlo_capabilities.is_none());
    assert_eq!(merge(slim, other.clone()), merge(full, other));
}
