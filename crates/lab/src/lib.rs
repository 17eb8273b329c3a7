//! The lab: an internet on loopback, for the demo, the tests and the benches.
//!
//! A signed DNS tree behind one resolver port ([`zone`], [`answer`], [`dns`]), policy hosts
//! ([`https`]) and mail servers ([`smtp`], [`legacy_tls`]) with one named behaviour each, certificates
//! from its own authorities ([`pki`]). The scanner is pointed at it by flags and reaches it through
//! real sockets; nothing is replaced inside the process.
//!
//! A [`world::World`] is data: what is published, what is wrong with it, and what must be concluded,
//! written by hand in the [`scenes`]. No rule of the scanner or the judge is called from here.
//! Start with [`start`].
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

pub mod answer;
pub mod demo;
pub mod dns;
pub mod expect;
pub mod https;
pub mod legacy_tls;
pub mod load;
pub mod pki;
pub mod ports;
pub mod scenes;
pub mod signing;
pub mod smtp;
pub mod tls;
pub mod visits;
pub mod wire;
pub mod world;
pub mod zone;

#[cfg(test)]
mod tests;

use std::fmt::{Display, Write as _};
use std::fs::{self, File, TryLockError};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mxcensus_dataset::manifest::Made;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use self::dns::Internet;
pub use self::ports::{Ports, Reserved};
use self::visits::Visits;
use self::world::{Vantage, World};
use self::zone::Tree;

/// Why a lab could not be built or brought up.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A key, signature or certificate could not be made.
    #[error("cannot make the lab's keys and certificates: {0}")]
    Crypto(String),
    /// The scenes contradict themselves.
    #[error("the lab's world makes no sense: {0}")]
    World(String),
    /// An address could not be bound.
    #[error(
        "cannot bring up the lab: {address} cannot be had: {source}. Choose another with --port-base or the flag of the port; without them any free ports are taken"
    )]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Another lab has its files there.
    #[error("{} belongs to a lab that is up: give another with --dir", .0.display())]
    InUse(PathBuf),
    /// A file could not be written, or the system gave no socket.
    #[error("cannot bring up the lab: {0}")]
    Io(#[from] io::Error),
}

impl LabError {
    fn crypto(error: impl Display) -> LabError {
        LabError::Crypto(error.to_string())
    }
}

/// A lab to be run in the foreground.
#[derive(Clone, Debug)]
pub struct Request {
    /// Directory for what points tools at the lab: domain list, trust anchor, roots, expected verdicts.
    pub dir: PathBuf,
    /// Log every DNS question and every connection to DIR/access.log.
    pub access_log: bool,
    /// Ports.
    pub ports: Ports,
    /// Which simulated internet.
    pub world: WhichWorld,
}

/// The simulated internets whose servers are listed one by one; [`load::serve`] brings up the one that is computed.
#[derive(Clone, Debug)]
pub enum WhichWorld {
    /// One domain for each thing that can be right or wrong, verdicts written by hand.
    Scenes,
    /// Peers that mean harm.
    Hostile {
        /// How many domains, the kinds in turn.
        domains: usize,
        /// Only the kinds whose names begin with one of these; those of `open-` come only when they are named.
        kinds: Vec<String>,
    },
}

/// A lab that is up; dropping it takes it down.
pub struct RunningLab {
    /// The resolver.
    pub dns: SocketAddr,
    /// The port of all policy hosts.
    pub https_port: u16,
    /// The port of all mail servers.
    pub smtp_port: u16,
    /// Where an Unbound started with `unbound.conf` listens; the port is kept for it.
    pub unbound: Reserved,
    /// Where the files are.
    pub dir: PathBuf,
    /// Who came.
    pub visits: Arc<Visits>,
    _servers: JoinSet<()>,
    _held: Vec<socket2::Socket>,
    _lock: File,
}

impl RunningLab {
    /// The flags that point `mxcensus scan` and `mxcensus check` at this lab.
    pub fn flags(&self) -> Vec<String> {
        let file = |name: &str| self.dir.join(name).display().to_string();
        [
            "--resolver",
            &self.dns.to_string(),
            "--trust-anchor",
            &file("trust-anchor"),
            "--ca-file",
            &file("roots.pem"),
            "--opt-out",
            &file("opt-out.txt"),
            "--smtp-port",
            &self.smtp_port.to_string(),
            "--https-port",
            &self.https_port.to_string(),
            "--allow-special-addresses",
            "--unpaced",
            "--made",
            Made::Lab.word(),
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// Runs a lab until Ctrl-C. SIGHUP makes the servers of the scenes forget who came before. What a person should know is
/// told line by line through `say`.
pub async fn run(args: Request, say: &mut dyn FnMut(String)) -> Result<(), LabError> {
    let (now, vantage) = (unix_seconds()?, Vantage::find());
    let mut world = match args.world {
        WhichWorld::Scenes => scenes::all(now, vantage)?,
        WhichWorld::Hostile { domains, kinds } => scenes::hostile::world(now, vantage, domains, &kinds)?,
    };
    world.access_log = args.access_log;
    let domains = world.domains.len();
    let lab = start(world, args.ports, &args.dir).await?;
    say(format!("The lab is up: {domains} domains, resolver at {}, files in {}.\n", lab.dns, lab.dir.display()));
    say(format!(
        "Scan it:\n  mxcensus scan {} --out DATASET {}\n",
        lab.dir.join("domains.csv").display(),
        lab.flags().join(" ")
    ));
    say(format!("Ask it:\n  dig @{} -p {} +dnssec MX lab-sts-pass.com\n", lab.dns.ip(), lab.dns.port()));
    say(format!(
        "Put a validating resolver in front of it (it will be at {}):\n  unbound -d -c {}\n",
        lab.unbound.address(),
        lab.dir.join("unbound.conf").display()
    ));
    say("Ctrl-C takes it down.".to_owned());
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => return Ok(interrupted?),
            _ = hang_up.recv() => lab.visits.forget(),
        }
    }
}

/// Seconds since the Unix epoch.
pub fn unix_seconds() -> Result<i64, LabError> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| LabError::World(e.to_string()))?;
    Ok(elapsed.as_secs() as i64)
}

/// Brings a world up and writes into `dir` what tools need to know about it.
pub async fn start(world: World, ports: Ports, dir: &Path) -> Result<RunningLab, LabError> {
    let now = u32::try_from(unix_seconds()?).map_err(LabError::crypto)?;
    let tree = Tree::build(&world.zones, &world.published, now)?;
    let (dir, lock) = own(dir)?;
    fs::write(dir.join("trust-anchor"), &tree.trust_anchor)?;
    let visits = Arc::new(if world.access_log { Visits::logged(&dir.join("access.log"))? } else { Visits::default() });
    let mut servers = JoinSet::new();

    let (udp, tcp) = ports::bind_dns(ports.dns)?;
    let dns = udp.local_addr()?;
    let internet = Arc::new(Internet { tree, faults: world.faults.clone(), visits: Arc::clone(&visits) });
    servers.spawn(log("resolver, UDP", dns, dns::serve_udp(udp, Arc::clone(&internet))));
    servers.spawn(log("resolver, TCP", dns, dns::serve_tcp(tcp, internet)));

    let closed = [world::CLOSED.into()];
    let smtp_addresses: Vec<IpAddr> = world.smtp.iter().map(|(ip, _)| *ip).collect();
    let smtp = ports::bind_all(&smtp_addresses, &world.deaf, &closed, ports.smtp)?;
    for (listener, (ip, server)) in smtp.listeners.into_iter().zip(world.smtp.clone()) {
        servers.spawn(log("mail server", ip, smtp::serve(listener, server, Arc::clone(&visits))));
    }
    let https_addresses: Vec<IpAddr> = world.https.iter().map(|(ip, _)| *ip).collect();
    let https = ports::bind_all(&https_addresses, &world.deaf, &closed, ports.https)?;
    for (listener, (ip, server)) in https.listeners.into_iter().zip(world.https.clone()) {
        servers.spawn(log("policy host", ip, https::serve(listener, server, Arc::clone(&visits))));
    }
    let unbound = Reserved::new(ports.unbound)?;
    let (https_port, smtp_port) = (https.port, smtp.port);
    let held = smtp.held.into_iter().chain(https.held).collect();
    let lab =
        RunningLab { dns, https_port, smtp_port, unbound, dir, visits, _servers: servers, _held: held, _lock: lock };
    write_files(&world, &lab)?;
    Ok(lab)
}

async fn log<E: Display>(what: &str, at: impl Display, server: impl Future<Output = Result<(), E>>) {
    if let Err(error) = server.await {
        tracing::error!("the lab's {what} at {at} stopped: {error}");
    }
}

/// Makes the directory of a lab and keeps it: a second lab would point tools at the first with the files of the second.
fn own(dir: &Path) -> Result<(PathBuf, File), LabError> {
    fs::create_dir_all(dir)?;
    let dir = dir.canonicalize()?;
    let lock = File::create(dir.join(".lock"))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(LabError::InUse(dir)),
        // Where files cannot be locked there is a risk, and the lab all the same.
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => Err(error.into()),
        _ => {
            // Programs that wait for the lab wait for this file, so the file of an earlier lab must go.
            let _ = fs::remove_file(dir.join("flags.txt"));
            Ok((dir, lock))
        }
    }
}

fn write_files(world: &World, lab: &RunningLab) -> Result<(), LabError> {
    let mut domains = String::from("rank,domain\n");
    let mut expected = String::new();
    for (i, (domain, expectation)) in world.domains.iter().enumerate() {
        let _ = writeln!(domains, "{},{domain}", i + 1);
        let _ = writeln!(expected, "{}", expectation.to_json(domain));
    }
    fs::write(lab.dir.join("domains.csv"), domains)?;
    fs::write(lab.dir.join("expected.jsonl"), expected)?;
    fs::write(lab.dir.join("roots.pem"), world.pki.roots_pem())?;
    fs::write(lab.dir.join("opt-out.txt"), world.opt_out.join("\n") + "\n")?;
    fs::write(
        lab.dir.join("unbound.conf"),
        unbound_conf(&lab.dir, lab.unbound.address(), lab.dns, UNBOUND_BEFORE_SCENES),
    )?;
    // Written last and by a rename: programs that wait for the lab wait for this file.
    let staged = lab.dir.join("flags.txt.tmp");
    fs::write(&staged, lab.flags().join("\n") + "\n")?;
    fs::rename(staged, lab.dir.join("flags.txt"))?;
    Ok(())
}

/// What an Unbound before the scenes needs beside the usual.
const UNBOUND_BEFORE_SCENES: &str =
    "    # Scripted silence of one name must not count against the one upstream that there is.
    infra-host-ttl: 1
    infra-keep-probing: yes
    val-bogus-ttl: 5";

/// The configuration of an Unbound at `unbound` that asks the resolver at `dns`, with these lines of its own.
fn unbound_conf(dir: &Path, unbound: SocketAddr, dns: SocketAddr, more: &str) -> String {
    let dir = dir.display();
    format!(
        "# A validating resolver in front of the lab: unbound -d -c {dir}/unbound.conf
server:
    directory: \"{dir}\"
    chroot: \"\"
    username: \"\"
    pidfile: \"{dir}/unbound.pid\"
    use-syslog: no
    logfile: \"\"
    interface: {ip}@{port}
    do-daemonize: no
    do-not-query-localhost: no
    trust-anchor-file: \"{dir}/trust-anchor\"
    module-config: \"validator iterator\"
    aggressive-nsec: no
    qname-minimisation: no
    ede: yes
{more}
remote-control:
    control-enable: no
forward-zone:
    name: \".\"
    forward-addr: {dns_ip}@{dns_port}
",
        ip = unbound.ip(),
        port = unbound.port(),
        dns_ip = dns.ip(),
        dns_port = dns.port(),
    )
}
