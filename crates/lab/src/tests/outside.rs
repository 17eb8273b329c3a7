//! The lab against programs that others wrote: Unbound and delv for DNSSEC, OpenSSL for TLS. A program
//! that is not installed is not asked.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};

use super::super::legacy_tls::{DHE_RSA, ECDHE_ECDSA_CBC, ECDHE_RSA_CBC, Exchange, Legacy, RSA_SUITES, Then, Version};
use super::super::pki::{Issued, Leaf, LeafKey, Pki, Sent};
use super::super::signing::Algorithm;
use super::super::smtp::{self, Handshake, Server};
use super::super::tls::Chains;
use super::super::wire::{Kind, Name};
use super::super::world::{Vantage, World};
use super::super::zone::{Denial, Link, SetFault, Signing};
use super::super::{Ports, RunningLab, scenes, start, unix_seconds};

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Secure,
    Insecure,
    Bogus,
}

/// A question, the state that its answer must have, and why.
type Question = (Name, Kind, State);

/// The state of what a zone says, by the chain of zones above it. Written from RFC 4035 §4.3 alone.
fn zone_state(world: &World, apex: &Name) -> State {
    for depth in 0..=apex.depth() {
        let Some(zone) = world.zones.iter().find(|zone| zone.apex == apex.ancestor(depth)) else { continue };
        let Some(signing) = zone.signing else { return State::Insecure };
        match signing.link {
            Link::Missing => return State::Insecure,
            Link::Mismatch => return State::Bogus,
            Link::Ds if signing.algorithm == Algorithm::Unknown => return State::Insecure,
            Link::Ds if signing.fault.is_some() => return State::Bogus,
            Link::Ds => {}
        }
    }
    State::Secure
}

fn questions(world: &World) -> Vec<Question> {
    let apex_of = |name: &Name| {
        (0..=name.depth()).rev().map(|d| name.ancestor(d)).find(|n| world.zones.iter().any(|z| z.apex == *n)).unwrap()
    };
    let aliased = |name: &Name| {
        (0..=name.depth()).any(|depth| {
            [Kind::CNAME, Kind::DNAME].iter().any(|kind| world.published.contains_key(&(name.ancestor(depth), *kind)))
        })
    };
    let mut out = Vec::new();
    for ((name, kind), records) in &world.published {
        let scripted = world.faults.keys().any(|(faulty, _)| faulty == name);
        if scripted || name.is_wildcard() || aliased(name) && *kind != Kind::CNAME && *kind != Kind::DNAME {
            continue;
        }
        let state = match (zone_state(world, &apex_of(name)), records.fault) {
            (State::Secure, Some(_)) => State::Bogus,
            (state, _) => state,
        };
        out.push((name.clone(), *kind, state));
    }
    for zone in &world.zones {
        let state = zone_state(world, &zone.apex);
        out.push((zone.apex.clone(), Kind(257), state)); // NODATA
        let opt_out = matches!(zone.signing, Some(Signing { denial: Denial::Nsec3 { opt_out: true, .. }, .. }));
        // RFC 5155 §9.2: an opt-out span proves no more than that there is no signed name.
        let state = if state == State::Secure && opt_out { State::Insecure } else { state };
        out.push((zone.apex.child("nowhere-at-all"), Kind::A, state));
    }
    out
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says that a judge is missing; where the judges have to be there, the test fails.
fn not_asked(program: &str) {
    assert!(std::env::var_os("MXCENSUS_REQUIRE_INTEROP").is_none(), "{program} is not installed");
    eprintln!("skipped: {program} is not installed");
}

fn spawn(program: &str, arguments: &[&str]) -> Option<Killed> {
    match Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    {
        Ok(child) => Some(Killed(child)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            not_asked(program);
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

async fn lab(dir: &Path) -> (RunningLab, Vec<Question>) {
    let world = scenes::all(unix_seconds().unwrap(), Vantage::find()).unwrap();
    let questions = questions(&world);
    (start(world, Ports::default(), dir).await.unwrap(), questions)
}

/// Asks with AD set, and tells how a validating resolver sees the answer.
async fn ask(socket: &UdpSocket, server: SocketAddr, name: &Name, kind: Kind) -> Option<State> {
    let mut query = vec![7, 7, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend(name.wire());
    query.extend(kind.0.to_be_bytes());
    query.extend([0, 1]);
    let mut reply = [0; 4096];
    for _ in 0..3 {
        socket.send_to(&query, server).await.unwrap();
        let received = tokio::time::timeout(Duration::from_secs(60), socket.recv_from(&mut reply)).await;
        if let Ok(Ok((length, _))) = received
            && reply[12..length].starts_with(&query[12..])
        {
            return Some(match (reply[3] & 15, reply[3] & 0x20) {
                (2, _) => State::Bogus,
                (_, 0) => State::Insecure,
                _ => State::Secure,
            });
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unbound_sees_every_name_as_intended() {
    let dir = tempfile::tempdir().unwrap();
    let (lab, questions) = lab(dir.path()).await;
    let Some(_unbound) = spawn("unbound", &["-d", "-c", lab.dir.join("unbound.conf").to_str().unwrap()]) else {
        return;
    };
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    for _ in 0..2400 {
        if ask(&socket, lab.unbound.address(), &Name::root(), Kind::SOA).await.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut counts = [0; 3];
    for (name, kind, expected) in &questions {
        let state = ask(&socket, lab.unbound.address(), name, *kind).await;
        assert_eq!(state, Some(*expected), "{name} {kind:?}");
        counts[*expected as usize] += 1;
    }
    assert!(counts.iter().all(|count| *count > 10), "all three states are met: {counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delv_validates_over_the_lab_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (lab, _) = lab(dir.path()).await;
    let anchor = std::fs::read_to_string(lab.dir.join("trust-anchor")).unwrap();
    let [_, _, _, _, tag, algorithm, digest_type, digest] = anchor.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{anchor}")
    };
    let keys = format!("trust-anchors {{ . static-ds {tag} {algorithm} {digest_type} \"{digest}\"; }};\n");
    let file = lab.dir.join("delv.keys");
    std::fs::write(&file, keys).unwrap();
    for (name, kind, word) in [
        ("lab-dane-pass.nl", "MX", "; fully validated"),
        ("_25._tcp.mx.lab-both-pass.org", "TLSA", "; fully validated"),
        ("lab-algorithm-8.com", "MX", "; fully validated"),
        ("lab-algorithm-14.se", "MX", "; fully validated"),
        ("lab-algorithm-15.se", "MX", "; fully validated"),
        ("_25._tcp.mx.lab-dane-wildcard.nl", "TLSA", "; fully validated"),
        ("_25._tcp.mx.lab-signed-nsec3.org", "TLSA", "; negative response, fully validated"),
        ("mx.lab-signed-nsec.nl", "AAAA", "; negative response, fully validated"),
        ("lab-sts-pass.com", "MX", "; unsigned answer"),
        ("lab-below-unsigned.de", "MX", "; unsigned answer"),
        ("lab-bogus-ds.com", "MX", "resolution failed"),
        ("lab-bogus-expired.nl", "MX", "resolution failed"),
        ("_25._tcp.mx.lab-tlsa-unproven.nl", "TLSA", "resolution failed"),
    ] {
        let port = lab.dns.port().to_string();
        let mut delv = tokio::task::spawn_blocking({
            let file = file.clone();
            move || {
                let arguments = ["@127.0.0.1", "-p", &port, "-a", file.to_str().unwrap(), "+root=.", name, kind];
                Command::new("delv").args(arguments).output()
            }
        });
        let output = match (&mut delv).await.unwrap() {
            Ok(output) => String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return not_asked("delv"),
            Err(error) => panic!("{error}"),
        };
        assert!(output.contains(word), "{name} {kind}: {word} in\n{output}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_takes_the_legacy_handshakes_as_far_as_they_go() {
    let pki = Pki::new(unix_seconds().unwrap()).unwrap();
    type Row = (Version, Exchange, &'static [u16], LeafKey, bool, &'static str);
    let rows: &[Row] = &[
        (Version::Tls12, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256, false, "-tls1_2"),
        (Version::Tls12, Exchange::Ecdhe, &ECDHE_RSA_CBC, LeafKey::Rsa2048, false, "-tls1_2"),
        (Version::Tls12, Exchange::Dhe, &DHE_RSA, LeafKey::Rsa2048, false, "-tls1_2"),
        (Version::Tls12, Exchange::DheShort, &DHE_RSA, LeafKey::Rsa2048, false, "-tls1_2"),
        (Version::Tls12, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048, false, "-tls1_2"),
        (Version::Tls10, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048, false, "-tls1"),
        (Version::Tls12, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256, true, "-tls1_2"),
    ];
    for (version, exchange, suites, key, bad_signature, flag) in rows {
        let chain = pki.issue(&Leaf::good("mx.lab").key(*key)).unwrap();
        let legacy = Legacy {
            version: *version,
            suites: suites.to_vec(),
            exchange: *exchange,
            chain: Some(chain),
            bad_signature: *bad_signature,
            then: Then::Alerts(80),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let handshake = Handshake::Legacy(Box::new(legacy));
        let server = tokio::spawn(smtp::serve(
            listener,
            Server { handshake, ..Server::good(Chains::default()) },
            Default::default(),
        ));
        let output = tokio::task::spawn_blocking({
            let flag = flag.to_string();
            move || {
                let arguments =
                    ["120", "openssl", "s_client", "-starttls", "smtp", "-connect", &address, "-msg", &flag];
                let more = ["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"];
                Command::new("timeout").args(arguments).args(more).stdin(Stdio::null()).output()
            }
        });
        let output = match output.await.unwrap() {
            Ok(output) => String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return not_asked("openssl");
            }
            Err(error) => panic!("{error}"),
        };
        server.abort();
        // A client that goes on with its key exchange has found everything before it in order. At its lowest level OpenSSL
        // takes no prime below 1024 bits.
        let in_order = !bad_signature && *exchange != Exchange::DheShort;
        assert_eq!(output.contains("ClientKeyExchange"), in_order, "{version:?} {exchange:?}:\n{output}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_finds_in_each_certificate_the_fault_that_was_asked_for() {
    let pki = Pki::new(unix_seconds().unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let roots = dir.path().join("roots.pem");
    std::fs::write(&roots, pki.roots_pem()).unwrap();
    let good = || Leaf::good("mx.mail.lab");
    let rows: Vec<(Leaf, &str)> = vec![
        (good(), "code: 0 "),
        (good().key(LeafKey::Rsa2048), "code: 0 "),
        (good().issued(Issued::ByB), "code: 0 "),
        (good().issued(Issued::Cross), "code: 0 "),
        (good().sent(Sent::WithExtra), "code: 0 "),
        (good().sent(Sent::WithRoot), "code: 0 "),
        (good().names(&["*.mail.lab"]), "code: 0 "),
        (good().expired(), "certificate has expired"),
        (good().not_yet_valid(), "certificate is not yet valid"),
        (good().issued(Issued::ByExpiredIntermediate), "certificate has expired"),
        (good().issued(Issued::ByItself), "self-signed certificate"),
        (good().issued(Issued::ByStranger), "unable to get local issuer certificate"),
        (good().sent(Sent::LeafOnly), "unable to get local issuer certificate"),
        (good().names(&["other.lab"]), "hostname mismatch"),
        (Leaf { client_only: true, ..good() }, "unsuitable certificate purpose"),
        (Leaf { bad_signature: true, ..good() }, "certificate signature failure"),
        (Leaf { foreign_key: true, ..good() }, "bad signature"),
    ];
    for (leaf, word) in rows {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let chains = Chains::always(pki.issue(&leaf).unwrap());
        let server = tokio::spawn(smtp::serve(listener, Server::good(chains), Default::default()));
        let roots = roots.to_str().unwrap().to_owned();
        let output = tokio::task::spawn_blocking(move || {
            let arguments =
                ["120", "openssl", "s_client", "-starttls", "smtp", "-connect", &address, "-CAfile", &roots];
            let more = ["-verify_hostname", "mx.mail.lab", "-verify_return_error", "-purpose", "sslserver"];
            Command::new("timeout").args(arguments).args(more).stdin(Stdio::null()).output()
        });
        let output = match output.await.unwrap() {
            Ok(output) => String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return not_asked("openssl");
            }
            Err(error) => panic!("{error}"),
        };
        server.abort();
        assert!(output.to_lowercase().contains(word), "{leaf:?}: {word} in\n{output}");
    }
}

#[test]
fn faults_are_counted() {
    // So that a fault that is added without a scene shows up here.
    let all = [SetFault::Expired, SetFault::NotYetValid, SetFault::Corrupted, SetFault::Stripped];
    let world = scenes::all(1_800_000_000, Vantage { ipv6_loopback: false, ipv6_route: true }).unwrap();
    for fault in all {
        let zones = world.zones.iter().any(|z| z.signing.is_some_and(|s| s.fault == Some(fault)));
        let sets = world.published.values().any(|records| records.fault == Some(fault));
        assert!(zones || sets, "{fault:?} is used by no scene");
    }
}
