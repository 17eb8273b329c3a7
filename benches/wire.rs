//! What one look-up and one endpoint cost, beside the floor under each, in one run: `cargo bench --bench wire`.
//!
//! CPU time of the client's thread alone, in microseconds; the peers have threads of their own. The ratio to the floor
//! is what to compare between machines. `BENCH_SCALE=10` makes the runs ten times as long.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]

#[allow(dead_code, reason = "each bench uses its part of it")]
mod support;

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mxcensus_scan::dns::{Dns, DnsSettings, Kind, Mode};
use mxcensus_scan::left_alone::{LeftAlone, Role};
use mxcensus_scan::net::{Families, Net};
use mxcensus_scan::probe::{self, ProbeSettings, Target};
use mxcensus_scan::tls::TlsClient;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use support::{Identity, cpu_us};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Look-ups under way at once.
const LOOKUPS_AT_ONCE: usize = 256;
/// Sessions under way at once.
const SESSIONS_AT_ONCE: usize = 64;
const HOST: &str = "mx.bench.example";

fn main() {
    let scale: usize = std::env::var("BENCH_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1);
    let resolver = support::resolver();
    let count = 50_000 * scale;
    let floor = best(|| bare_exchanges(resolver, count) / count as f64);
    report("bare UDP exchange", floor, floor);
    for mode in [Mode::Off, Mode::TrustAd] {
        let cost = best(|| look_ups(resolver, mode, count) / count as f64);
        report(&format!("look-up, {mode}"), cost, floor);
    }

    let identity = Identity::new(HOST);
    let server = SocketAddr::from(([127, 0, 0, 1], support::mail_server(&identity)));
    let count = 1_000 * scale;
    let (recording, verifying) = (recording_client(), verifying_client(&identity));
    let floor = best(|| bare_sessions(server, &recording, count) / count as f64);
    report("tokio + rustls + ring, chain not verified", floor, floor);
    let verified = best(|| bare_sessions(server, &verifying, count) / count as f64);
    report("tokio + rustls + ring, chain verified", verified, floor);
    let cost = best(|| endpoints(server, count) / count as f64);
    report("endpoint", cost, floor);
}

/// The best of three: on a shared machine the others only add noise.
fn best(mut run: impl FnMut() -> f64) -> f64 {
    (0..3).map(|_| run()).fold(f64::INFINITY, f64::min)
}

fn report(what: &str, cost: f64, floor: f64) {
    println!("{what:<44} {cost:>8.1} us CPU   {:>5.2} of the floor", cost / floor);
}

fn client(work: impl Future<Output = ()>) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let before = cpu_us();
    runtime.block_on(work);
    cpu_us() - before
}

/// `count` jobs, `at_once` of them under way at any time.
async fn jobs<F: Future<Output = ()> + 'static>(
    count: usize,
    at_once: usize,
    job: impl Fn(usize) -> F + Clone + 'static,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let local = tokio::task::LocalSet::new();
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (next, job) = (next.clone(), job.clone());
        workers.spawn_local_on(
            async move {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    job(index).await;
                }
            },
            &local,
        );
    }
    local.run_until(async { while workers.join_next().await.is_some() {} }).await;
}

/// System calls and nothing else: 64 questions sent, 64 answers received.
fn bare_exchanges(resolver: SocketAddr, count: usize) -> f64 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(resolver).expect("loopback");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let query = [&[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5][..], b"bench\x04test\x00", &[0, 15, 0, 1]].concat();
    let mut answer = [0; 512];
    let before = cpu_us();
    for _ in 0..count / 64 {
        for _ in 0..64 {
            socket.send(&query).expect("sent");
        }
        for _ in 0..64 {
            socket.recv(&mut answer).expect("answered");
        }
    }
    cpu_us() - before
}

fn look_ups(resolver: SocketAddr, mode: Mode, count: usize) -> f64 {
    let dns = Arc::new(Dns::new(DnsSettings::new(vec![resolver], mode)).expect("settings"));
    client(jobs(count, LOOKUPS_AT_ONCE, move |index| {
        let dns = dns.clone();
        async move {
            // The proportions of a crawl: one MX, the rest mostly denials.
            let kind = if index % 5 == 0 { Kind::Mx } else { Kind::Txt };
            let answer = dns.ask(&format!("_dmarc.bench-{index}.example"), kind, Role::Domain).await;
            assert!(answer.error.is_none(), "{answer:?}");
        }
    }))
}

fn endpoints(server: SocketAddr, count: usize) -> f64 {
    let net = Net {
        smtp_port: server.port(),
        https_port: 443,
        allow_special: true,
        families: Families::BOTH,
        left_alone: LeftAlone::default(),
    };
    let tls = TlsClient::new().expect("ring");
    let settings = ProbeSettings::new("probe.bench.example");
    let shared = Arc::new((net, tls, settings));
    client(jobs(count, SESSIONS_AT_ONCE, move |_| {
        let shared = shared.clone();
        async move {
            let (net, tls, settings) = &*shared;
            let target = Target {
                host: HOST.into(),
                server_name: HOST.into(),
                ip: server.ip(),
                port: server.port(),
                aliases: Arc::default(),
            };
            let looked = probe::look(net, tls, &target, settings, "w1").await;
            assert_eq!((looked.row.error, looked.chain.len()), (None, 2));
        }
    }))
}

/// The same session by hand, for a peer whose every byte is known.
fn bare_sessions(server: SocketAddr, config: &Arc<ClientConfig>, count: usize) -> f64 {
    let config = config.clone();
    client(jobs(count, SESSIONS_AT_ONCE, move |_| {
        let config = config.clone();
        async move { bare_session(server, config).await.expect("a session") }
    }))
}

/// This peer sends a reply in one piece.
async fn reply(stream: &mut (impl AsyncRead + Unpin), buffer: &mut [u8]) -> std::io::Result<()> {
    match stream.read(buffer).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

async fn bare_session(server: SocketAddr, config: Arc<ClientConfig>) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 2048];
    reply(&mut stream, &mut buffer).await?;
    for command in ["EHLO probe.bench.example\r\n", "STARTTLS\r\n"] {
        stream.write_all(command.as_bytes()).await?;
        reply(&mut stream, &mut buffer).await?;
    }
    let name = ServerName::try_from(HOST).map_err(std::io::Error::other)?;
    let mut stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await?;
    for command in ["EHLO probe.bench.example\r\n", "QUIT\r\n"] {
        stream.write_all(command.as_bytes()).await?;
        stream.flush().await?;
        reply(&mut stream, &mut buffer).await?;
    }
    stream.shutdown().await
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().expect("ring has both versions")
}

fn recording_client() -> Arc<ClientConfig> {
    let verifier = Arc::new(Accepting(ring::default_provider()));
    let mut config = builder().dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

fn verifying_client(identity: &Identity) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.root.clone()).expect("a root");
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().expect("a verifier");
    let mut config = builder().with_webpki_verifier(verifier).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

/// Takes any chain and checks the handshake signature.
#[derive(Debug)]
struct Accepting(CryptoProvider);

impl ServerCertVerifier for Accepting {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
