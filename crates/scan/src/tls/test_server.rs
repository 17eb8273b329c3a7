//! Servers on loopback that do exactly what a test tells them, for the tests of the neighbouring modules.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::left_alone::LeftAlone;
use crate::net::{Families, Net};

/// A network on which loopback may be contacted at these ports.
pub(crate) fn net(port: u16) -> Net {
    Net {
        smtp_port: port,
        https_port: port,
        allow_special: true,
        left_alone: LeftAlone::default(),
        families: Families::BOTH,
    }
}

/// A certificate and its key.
pub(crate) struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    key: rcgen::KeyPair,
}

/// A self-signed certificate for `name`, which ended on the last day of `year`.
pub(crate) fn identity(name: &str, year: i32) -> Identity {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, 12, 31);
    let certificate = params.self_signed(&key).unwrap();
    Identity { chain: vec![certificate.der().clone()], key }
}

impl Identity {
    /// A TLS server with this identity and these versions.
    pub(crate) fn acceptor(&self, versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsAcceptor {
        self.acceptor_showing(&self.chain, versions)
    }

    /// A TLS server that shows `chain` and signs with the key of this identity.
    pub(crate) fn acceptor_showing(
        &self,
        chain: &[CertificateDer<'static>],
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> TlsAcceptor {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let shown = rustls::sign::CertifiedKey::new(chain.to_vec(), key);
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)));
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A TCP port of 127.0.0.1 at which nobody listens, and which nobody else is given while the socket lives. A server that
/// sets SO_REUSEADDR can still have it (`socket(7)`).
pub(crate) fn closed_port() -> (socket2::Socket, u16) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.set_reuse_address(true).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    (socket, port)
}

/// One thing that a scripted server does.
#[derive(Clone)]
pub(crate) enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Reads a line.
    Line,
    /// Says nothing until the peer is gone.
    Hang,
    /// Resets the connection.
    Reset,
    /// Makes a TLS handshake; what follows happens inside.
    Tls(TlsAcceptor),
}

pub(crate) fn send(text: impl AsRef<[u8]>) -> Act {
    Act::Send(text.as_ref().to_vec())
}

/// Serves one connection by a script, then closes. Gives the address, and the lines that it read.
pub(crate) async fn serve(script: Vec<Act>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut lines = Vec::new();
        let mut script = script.into_iter();
        while let Some(act) = script.next() {
            match act {
                Act::Reset => {
                    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                    return lines;
                }
                Act::Tls(acceptor) => {
                    if let Ok(mut inner) = acceptor.accept(&mut stream).await {
                        for act in script.by_ref() {
                            play(&mut inner, act, &mut lines).await;
                        }
                        let _ = inner.shutdown().await;
                    }
                }
                act => play(&mut stream, act, &mut lines).await,
            }
        }
        // What the peer still says is read, so that closing is a FIN and not a reset.
        let _ = stream.shutdown().await;
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
        lines.extend(String::from_utf8_lossy(&rest).lines().map(str::to_owned));
        lines
    });
    (address, task)
}

async fn play<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, act: Act, lines: &mut Vec<String>) {
    match act {
        Act::Send(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
        }
        Act::Drip(bytes, pause) => {
            for byte in bytes {
                tokio::time::sleep(pause).await;
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
        Act::Line => {
            let (mut line, mut byte) = (Vec::new(), [0]);
            while stream.read(&mut byte).await.is_ok_and(|n| n == 1) && byte[0] != b'\n' {
                line.push(byte[0]);
            }
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        Act::Hang => while stream.read(&mut [0; 512]).await.is_ok_and(|count| count > 0) {},
        Act::Reset | Act::Tls(_) => panic!("not inside of TLS"),
    }
}

/// A running `openssl s_server`, ended on drop.
pub(crate) struct OpensslServer {
    child: Child,
    pub port: u16,
    directory: tempfile::TempDir,
    _kept: socket2::Socket,
}

impl OpensslServer {
    /// Makes a key with `key` (arguments of `openssl genpkey`), a self-signed certificate for it, and starts a server
    /// with `options`. `None` where there is no openssl, or it cannot do that; says so on standard error.
    pub(crate) async fn start(key: &[&str], options: &[&str]) -> Option<OpensslServer> {
        let certificate = ["req", "-new", "-x509", "-key", "key.pem", "-subj", "/CN=mx.example", "-out", "leaf.pem"];
        OpensslServer::start_with(key, &[&certificate], options).await
    }

    /// The same with a certificate of X.509 version 1.
    pub(crate) async fn start_v1(key: &[&str], options: &[&str]) -> Option<OpensslServer> {
        let request = ["req", "-new", "-key", "key.pem", "-subj", "/CN=mx.example", "-out", "request.pem"];
        let certificate = ["x509", "-req", "-in", "request.pem", "-signkey", "key.pem", "-out", "leaf.pem"];
        OpensslServer::start_with(key, &[&request, &certificate], options).await
    }

    async fn start_with(key: &[&str], certificate: &[&[&str]], options: &[&str]) -> Option<OpensslServer> {
        let directory = tempfile::tempdir().unwrap();
        let openssl = |arguments: &[&str]| {
            let status = Command::new("openssl")
                .current_dir(directory.path())
                .args(arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            status.is_ok_and(|status| status.success())
        };
        let made = openssl(&[&["genpkey", "-out", "key.pem"], key].concat())
            && certificate.iter().all(|arguments| openssl(arguments))
            && openssl(&["x509", "-in", "leaf.pem", "-outform", "DER", "-out", "leaf.der"]);
        if !made {
            let is_absent = Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err();
            let required = std::env::var_os("MXCENSUS_REQUIRE_INTEROP").is_some();
            assert!(!(is_absent && required), "openssl is not installed");
            eprintln!("skipped: openssl is absent or cannot make {key:?}");
            return None;
        }
        let kept = closed_port();
        let port = kept.1;
        let child = Command::new("openssl")
            .current_dir(directory.path())
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-cert", "leaf.pem", "-key", "key.pem"])
            .args(["-quiet"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut server = OpensslServer { child, port, directory, _kept: kept.0 };
        for _ in 0..2400 {
            if let Ok(Some(_)) = server.child.try_wait() {
                eprintln!("skipped: openssl s_server does not take {options:?}");
                return None;
            }
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("openssl s_server does not listen");
    }

    /// The server's certificate.
    pub(crate) fn leaf(&self) -> Vec<u8> {
        std::fs::read(self.directory.path().join("leaf.der")).unwrap()
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An SMTP server that answers EHLO and STARTTLS, then joins each connection to a TLS server at `tls_port`: openssl's
/// s_server has no STARTTLS of its own.
pub(crate) async fn starttls_front(tls_port: u16) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut lines = Vec::new();
                for act in [
                    send("220 mx.example ESMTP\r\n"),
                    Act::Line,
                    send("250-mx.example\r\n250 STARTTLS\r\n"),
                    Act::Line,
                    send("220 go\r\n"),
                ] {
                    play(&mut stream, act, &mut lines).await;
                }
                let mut behind = TcpStream::connect(("127.0.0.1", tls_port)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    address
}
