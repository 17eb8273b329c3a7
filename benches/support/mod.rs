//! Peers on loopback for the benches, on threads of their own, and a clock that counts only the calling thread's CPU.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

/// CPU time of the calling thread so far, user and system, in microseconds: unlike a clock on the wall it means
/// something on a busy machine.
pub(crate) fn cpu_us() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux with scheduler statistics");
    let nanos: u64 = text.split(' ').next().and_then(|first| first.parse().ok()).expect("the first field is a time");
    nanos as f64 / 1e3
}

/// A resolver that answers any question at once: see [`reply`].
pub(crate) fn resolver() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port on loopback");
    let address = socket.local_addr().expect("a bound socket has an address");
    std::thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, peer)) = socket.recv_from(&mut query) {
            if let Some(reply) = reply(&query[..length]) {
                let _ = socket.send_to(&reply, peer);
            }
        }
    });
    address
}

/// The reply to one question, with EDNS (RFC 6891 7): every name has an IPv4 address of its own; every third domain a
/// mail host of its own and the others one of twenty that they share; an SPF record at the domain; everything else is
/// denied.
fn reply(query: &[u8]) -> Option<Vec<u8>> {
    let name_end = 12 + query.get(12..)?.iter().position(|&byte| byte == 0)? + 1;
    let question = query.get(12..name_end + 4)?;
    let name = &query[12..name_end];
    let digits = name
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0u32, |n, digit| n.wrapping_mul(10).wrapping_add(u32::from(digit - b'0')));
    let kind = question[question.len() - 3];
    let data: Option<Vec<u8>> = match kind {
        1 => Some(vec![127, 1 + (digits >> 14) as u8, (digits >> 7) as u8 & 127, digits as u8 & 127]),
        15 if digits % 3 == 0 => Some(b"\x00\x0a\x02mx\xc0\x0c".to_vec()),
        15 => {
            Some([b"\x00\x0a\x03mx".as_slice(), &[b'a' + (digits % 20) as u8], b"\x06shared\x07example\x00"].concat())
        }
        16 if !name.contains(&b'_') => Some(b"\x0bv=spf1 -all".to_vec()),
        _ => None,
    };
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(&query[..2]);
    out.extend([0x81, 0x80, 0, 1, 0, u8::from(data.is_some()), 0, u8::from(data.is_none()), 0, 1]);
    out.extend_from_slice(question);
    match data {
        Some(data) => {
            out.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 14, 16, 0, data.len() as u8]);
            out.extend_from_slice(&data);
        }
        // RFC 2308 2.2: the SOA of the zone stands in a denial.
        None => {
            out.extend([0xc0, 12, 0, 6, 0, 1, 0, 0, 14, 16, 0, 24, 0xc0, 12, 0xc0, 12]);
            out.extend([0; 20]);
        }
    }
    out.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    Some(out)
}

/// A chain of leaf and intermediate, the root that issued it, and the leaf's key.
pub(crate) struct Identity {
    /// Leaf and intermediate.
    pub chain: Vec<CertificateDer<'static>>,
    /// The root.
    pub root: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Makes a fresh one for a host name: P-256 throughout.
    pub(crate) fn new(name: &str) -> Self {
        let key = || KeyPair::generate().expect("ring makes keys");
        let authority = |common_name: &str| {
            let mut params = CertificateParams::new(Vec::new()).expect("no names, no errors");
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
            params
        };
        let (root_params, root_key) = (authority("Bench Root"), key());
        let root = root_params.self_signed(&root_key).expect("a root");
        let root_issuer = Issuer::new(root_params, root_key);
        let (middle_params, middle_key) = (authority("Bench Issuer"), key());
        let middle = middle_params.signed_by(&middle_key, &root_issuer).expect("an intermediate");
        let middle_issuer = Issuer::new(middle_params, middle_key);
        let leaf_key = key();
        let leaf = CertificateParams::new(vec![name.to_owned()])
            .and_then(|params| params.signed_by(&leaf_key, &middle_issuer))
            .expect("a leaf");
        Identity {
            chain: vec![leaf.der().clone(), middle.der().clone()],
            root: root.der().clone(),
            key: PrivateKeyDer::try_from(leaf_key.serialize_der()).expect("PKCS #8"),
        }
    }
}

/// What the mail server of the bench says; a client that knows it need not parse.
pub(crate) const GREETING: &str = "220 mx.bench.example ESMTP\r\n";
/// Its answer to EHLO.
pub(crate) const EHLO: &str =
    "250-mx.bench.example\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 STARTTLS\r\n";

/// The port of a mail server with STARTTLS on every IPv4 address of loopback; four threads serve it.
pub(crate) fn mail_server(identity: &Identity) -> u16 {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has both versions")
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())
        .expect("key and certificate belong together");
    let mut config = config;
    config.send_tls13_tickets = 0;
    let config = Arc::new(config);
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port on loopback");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    for _ in 0..4 {
        let (listener, config) = (listener.try_clone().expect("a second handle"), config.clone());
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let _ = serve(stream, &config);
            }
        });
    }
    port
}

fn serve(mut stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(GREETING.as_bytes())?;
    converse(&mut stream)?;
    let mut connection = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
    converse(&mut Stream::new(&mut connection, &mut stream))
}

/// Answers commands until STARTTLS or QUIT.
fn converse<S: Read + Write>(stream: &mut S) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        BufReader::with_capacity(1, &mut *stream).read_until(b'\n', &mut line)?;
        match line.get(..4) {
            Some(b"EHLO") => stream.write_all(EHLO.as_bytes())?,
            Some(b"STAR") => return stream.write_all(b"220 2.0.0 Ready\r\n"),
            Some(b"QUIT") => return stream.write_all(b"221 2.0.0 Bye\r\n"),
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
