//! NSD and Unbound as child processes on loopback ports; stopped when dropped.

use std::fmt::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mxcensus_lab::Reserved;

/// The first tool that is not installed.
pub(super) fn missing_tool() -> Option<&'static str> {
    ["unbound", "nsd", "dnssec-keygen", "dnssec-signzone", "dnssec-dsfromkey"].into_iter().find(|tool| {
        let run =
            Command::new(tool).arg("-h").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_err()
    })
}

struct Server(Child);

impl Server {
    fn start(command: &mut Command, address: SocketAddr) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let mut server = Self(child);
        let deadline = Instant::now() + Duration::from_secs(120);
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.0.try_wait().unwrap() {
                panic!("{command:?} ended: {status}");
            }
            assert!(Instant::now() < deadline, "{command:?} does not listen on {address}");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // TERM first: NSD has children of its own to stop.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(60);
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The authoritative server: serves what the files say, broken or not.
pub(super) struct Nsd {
    _server: Server,
    _port: Reserved,
}

impl Nsd {
    /// Serves `ZONE.signed` of the directory for every zone, at a port that was kept for it.
    pub(super) fn start(directory: &Path, name: &str, port: Reserved, zones: &[String]) -> Self {
        let address = port.address();
        let (path, own) = (directory.display(), directory.join(name));
        std::fs::create_dir(&own).unwrap();
        let state = own.display();
        let mut configuration = format!(
            "server:\n ip-address: {}@{}\n username: \"\"\n chroot: \"\"\n zonesdir: \"{path}\"\n database: \"\"\n \
             pidfile: \"{state}/nsd.pid\"\n zonelistfile: \"{state}/zone.list\"\n xfrdfile: \"{state}/xfrd.state\"\n \
             xfrdir: \"{state}\"\n logfile: \"{state}/nsd.log\"\n server-count: 2\n rrl-ratelimit: 0\n reuseport: yes\n\
             remote-control:\n control-enable: no\n",
            address.ip(),
            address.port()
        );
        for zone in zones {
            write!(configuration, "zone:\n name: \"{zone}.\"\n zonefile: \"{zone}.signed\"\n").unwrap();
        }
        let file = own.join("nsd.conf");
        std::fs::write(&file, configuration).unwrap();
        let server = Server::start(Command::new("nsd").arg("-d").arg("-c").arg(&file), address);
        Self { _server: server, _port: port }
    }
}

/// A resolver for the zones; validating if it has a trust anchor.
pub(super) struct Unbound {
    /// Where it listens.
    pub address: SocketAddr,
    _server: Server,
    _port: Reserved,
}

impl Unbound {
    /// Asks for each zone where `zones` says.
    pub(super) fn start(directory: &Path, name: &str, zones: &[(String, SocketAddr)], anchor: Option<&str>) -> Self {
        let port = Reserved::new(0).unwrap();
        let address = port.address();
        let own = directory.join(name);
        std::fs::create_dir(&own).unwrap();
        let path = own.display();
        let modules = if anchor.is_some() { "validator iterator" } else { "iterator" };
        let mut configuration = format!(
            "server:\n interface: {}@{}\n port: {}\n do-daemonize: no\n chroot: \"\"\n username: \"\"\n \
             directory: \"{path}\"\n pidfile: \"{path}/pid\"\n logfile: \"{path}/log\"\n use-syslog: no\n do-ip6: no\n \
             do-not-query-localhost: no\n access-control: 127.0.0.0/8 allow\n module-config: \"{modules}\"\n \
             num-threads: 1\n ede: yes\n target-fetch-policy: \"0 0 0 0 0\"\n",
            address.ip(),
            address.port(),
            address.port()
        );
        if let Some(anchor) = anchor {
            for record in anchor.lines() {
                writeln!(configuration, " trust-anchor: \"{record}\"").unwrap();
            }
        }
        writeln!(configuration, "remote-control:\n control-enable: no").unwrap();
        for (zone, nsd) in zones {
            let (ip, port) = (nsd.ip(), nsd.port());
            write!(configuration, "stub-zone:\n name: \"{zone}.\"\n stub-addr: {ip}@{port}\n stub-prime: no\n")
                .unwrap();
        }
        let file = own.join("unbound.conf");
        std::fs::write(&file, configuration).unwrap();
        let server = Server::start(Command::new("unbound").arg("-d").arg("-c").arg(&file), address);
        Self { address, _server: server, _port: port }
    }
}
