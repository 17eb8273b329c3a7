//! `mxcensus lab --world load`: the load world as an internet on loopback, in a process of its own.
//!
//! One DNS port, one listener for all mail servers and one for all policy hosts on every address of 127/8. Everything is
//! computed from the question; what is remembered is bounded.

use std::fs;
use std::io::{BufWriter, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use mxcensus_dataset::manifest::Made;
use rustls_pki_types::CertificateDer;
use socket2::{Domain as Family, Socket, Type};
use tokio::net::TcpListener;

use super::Parameters;
use super::certificates::{Identity, Owner, Pki};
use super::changes::Changes;
use super::domain::Fault;
use super::mail::{self, Servers};
use super::model::{MONTH_DAYS, World};
use super::sample::{SampleError, write_domains, write_json};
use super::secure::{Certificates, Server, config};
use super::web;
use super::zones::Zones;
use crate::dns::{self, MAX_UDP};
use crate::legacy_tls::{Exchange, Legacy, RSA_SUITES, Then, Version};
use crate::pki::{Certificate, Chain};
use crate::{LabError, Ports, Reserved, unbound_conf, unix_seconds};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// What an Unbound needs to pass on some ten thousand questions a second.
const UNBOUND_UNDER_LOAD: &str =
    "    # Nothing is lost on loopback: what is late comes, and asking again would only make it later.
    unknown-server-time-limit: 4000
    infra-cache-min-rtt: 2000
    infra-keep-probing: yes
    outgoing-range: 8192
    num-queries-per-thread: 4096
    jostle-timeout: 10000
    so-rcvbuf: 4m
    so-sndbuf: 4m
    msg-cache-size: 64m
    rrset-cache-size: 128m
    key-cache-size: 64m
    neg-cache-size: 16m";

/// Serves the world until Ctrl-C.
pub async fn serve(
    parameters: Parameters,
    ports: Ports,
    dir: PathBuf,
    say: &mut dyn FnMut(String),
) -> Result<(), SampleError> {
    let world = parameters.world();
    let started = unix_seconds()?;
    let pki = Arc::new(Pki::new(&world, started - MONTH_DAYS * 86_400 * i64::from(world.month))?);
    let now = u32::try_from(started).map_err(LabError::crypto)?;
    let zones = Arc::new(Zones::new(world, Arc::clone(&pki), now)?);

    let (dir, _lock) = crate::own(&dir)?;
    let (udp, tcp) = crate::ports::bind_dns(ports.dns)?;
    let dns = udp.local_addr().map_err(LabError::Io)?;
    let udp = udp.into_std().and_then(|udp| udp.set_nonblocking(false).map(|()| udp)).map_err(LabError::Io)?;
    let udp = Arc::new(udp);
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let (udp, zones) = (Arc::clone(&udp), Arc::clone(&zones));
        std::thread::spawn(move || answer_questions(&udp, &zones));
    }
    tokio::spawn(crate::log("resolver, TCP", dns, dns::serve_tcp(tcp, zones.clone())));

    let mail_certificates = Arc::new(Certificates::new(world, Arc::clone(&pki), Server::Mail));
    let both: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];
    let servers = Arc::new(Servers {
        modern: config(&mail_certificates, both, &[])?,
        tls12: config(&mail_certificates, &[&rustls::version::TLS12], &[])?,
        legacy: legacy(&world, &pki)?,
        greylisted: Mutex::default(),
    });
    let (listener, smtp) = listen(ports.smtp)?;
    tokio::spawn(crate::log("mail servers", smtp, mail::serve(listener, servers)));
    let policy_certificates = Arc::new(Certificates::new(world, Arc::clone(&pki), Server::Policy));
    let (listener, https) = listen(ports.https)?;
    let https_config = config(&policy_certificates, both, &[b"http/1.1"])?;
    tokio::spawn(crate::log("policy hosts", https, web::serve(listener, world, https_config)));

    let unbound = Reserved::new(ports.unbound)?;
    let up = Up { dns, smtp: smtp.port(), https: https.port(), unbound, dir };
    up.write_files(&world, &pki, &zones)?;
    say(format!(
        "The load world is up: {} domains, resolver at {dns}, files in {}.\n",
        world.domains,
        up.dir.display()
    ));
    say(format!(
        "Scan it:\n  mxcensus scan {} --out DATASET $(cat {})\n",
        up.file("domains.csv"),
        up.file("flags.txt")
    ));
    say(format!("Hold the dataset against the truth:\n  mxcensus truth DATASET {}\n", up.file("truth.json")));
    say("Ctrl-C takes it down.".to_owned());
    tokio::signal::ctrl_c().await.map_err(LabError::Io)?;
    Ok(())
}

/// Answers over UDP, for as long as the process lives.
fn answer_questions(socket: &UdpSocket, zones: &Zones) {
    let mut buffer = [0; 4096];
    loop {
        // An ICMP error of an earlier answer shows up here and says nothing about the socket.
        let Ok((length, peer)) = socket.recv_from(&mut buffer) else { continue };
        if let Some(reply) = dns::respond(zones, &buffer[..length], Some(MAX_UDP)) {
            let _ = socket.send_to(&reply, peer);
        }
    }
}

/// A listener on every IPv4 address, for want of one on 127/8 alone; who comes to another address is turned away.
fn listen(port: u16) -> Result<(TcpListener, SocketAddr), LabError> {
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let taken = |source| LabError::Address { address, source };
    let socket = Socket::new(Family::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into()).map_err(taken)?;
    socket.listen(BACKLOG).map_err(taken)?;
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket.into())?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// What old machines answer to a ClientHello.
fn legacy(world: &World, pki: &Pki) -> Result<Legacy, LabError> {
    let identity = Identity {
        owner: Owner::Appliance,
        fault: Fault::SelfSigned,
        number: 1,
        phase: 0,
        keeps_key: true,
        authority: 0,
    };
    let sent = pki.chain(world, &identity)?.certificates.into_iter();
    let sent = sent.map(|der| Certificate { der: CertificateDer::from(der), spki: Vec::new() }).collect();
    let chain = Chain { sent, issuers: Vec::new(), key: pki.private_key(&identity)? };
    Ok(Legacy {
        version: Version::Tls10,
        // The first is of TLS 1.2.
        suites: RSA_SUITES[1..].to_vec(),
        exchange: Exchange::Rsa,
        chain: Some(chain),
        bad_signature: false,
        then: Then::Waits,
    })
}

/// A world that is up.
struct Up {
    dns: SocketAddr,
    smtp: u16,
    https: u16,
    /// Kept for an Unbound.
    unbound: Reserved,
    dir: PathBuf,
}

impl Up {
    fn file(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    fn write_files(&self, world: &World, pki: &Pki, zones: &Zones) -> Result<(), SampleError> {
        let write = |name: &str, text: &str| {
            let path = self.dir.join(name);
            fs::write(&path, text).map_err(|source| SampleError::File { path, source })
        };
        write("trust-anchor", &zones.trust_anchor())?;
        write("roots.pem", &pki.roots_pem())?;
        write("opt-out.txt", "")?;
        write("unbound.conf", &unbound_conf(&self.dir, self.unbound.address(), self.dns, UNBOUND_UNDER_LOAD))?;
        let path = self.dir.join("domains.csv");
        let fail = |source| SampleError::File { path: path.clone(), source };
        let mut list = BufWriter::new(fs::File::create(&path).map_err(fail)?);
        write_domains(world, &mut list).map_err(fail)?;
        list.flush().map_err(fail)?;
        write_json(&self.dir.join("truth.json"), &world.count().to_json(world))?;
        if world.month > 0 {
            let changes = Changes::of_month(world, pki)?;
            write_json(&self.dir.join("changes.json"), &changes.to_json(world))?;
        }
        // Written last and by a rename: programs that wait for the lab wait for this file.
        let flags = [
            format!("--resolver\n{}", self.dns),
            format!("--trust-anchor\n{}", self.dir.join("trust-anchor").display()),
            format!("--ca-file\n{}", self.dir.join("roots.pem").display()),
            format!("--smtp-port\n{}", self.smtp),
            format!("--https-port\n{}", self.https),
            format!("--allow-special-addresses\n--unpaced\n--made\n{}\n", Made::Lab.word()),
        ];
        write("flags.txt.tmp", &flags.join("\n"))?;
        let flags = self.dir.join("flags.txt");
        fs::rename(self.dir.join("flags.txt.tmp"), &flags).map_err(|source| SampleError::File { path: flags, source })
    }
}
