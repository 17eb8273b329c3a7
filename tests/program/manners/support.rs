//! A lab of a test's own, the program scanning it at a pace of milliseconds, and what it left behind.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mxcensus_dataset::{Row, TableReader};
use mxcensus_lab::wire::Name;
use mxcensus_lab::world::{Vantage, World};
use mxcensus_lab::zone::Signing;
use mxcensus_lab::{self, Ports, Reserved, RunningLab};
use mxcensus_rules::observation::EndpointRow;
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use tokio::net::{TcpListener, UdpSocket};
use tokio::process::Command;

/// Quick, and paced all the same.
pub(super) const QUICK: &str =
    "address_spacing_s = 0.005\nnetwork_per_s = 1000.0\noperator_per_s = 1000.0\nretry_after_s = [0.1, 0.2]\n";

/// A world with `com` unsigned and `org` signed, where every domain and host of the test lives.
pub(super) fn world() -> World {
    let mut world = World::new(mxcensus_lab::unix_seconds().unwrap(), Vantage::find()).unwrap();
    world.zone(".", Some(Signing::default()));
    world.zone("com", None);
    world.zone("org", Some(Signing::default()));
    world
}

/// A domain of the list.
pub(super) fn list(world: &mut World, domain: &str, hosts: &[(u16, &str)]) {
    world.mx(domain, hosts);
    world.expect(domain, "", &[], &[]);
}

/// A lab with the files of one test.
pub(super) struct Lab {
    pub lab: RunningLab,
    pub dir: tempfile::TempDir,
    /// The names that were asked for, in the order of the questions.
    pub asked: Arc<Mutex<Vec<String>>>,
    resolver: SocketAddr,
}

pub(super) async fn start(world: World) -> Lab {
    let dir = tempfile::tempdir().unwrap();
    let lab = mxcensus_lab::start(world, Ports::default(), &dir.path().join("lab")).await.unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let resolver = listen_in(lab.dns, asked.clone()).await;
    Lab { lab, dir, asked, resolver }
}

/// A resolver that passes everything on and writes down the names.
async fn listen_in(upstream: SocketAddr, asked: Arc<Mutex<Vec<String>>>) -> SocketAddr {
    let kept = Reserved::new(0).unwrap();
    let (front, tcp) = kept.bind().unwrap();
    let (front, address) = (Arc::new(front), kept.address());
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, client) = front.recv_from(&mut buffer).await.unwrap();
            let query = buffer[..length].to_vec();
            if let Some((name, _)) = Name::read(&query, 12) {
                asked.lock().unwrap().push(name.to_string().trim_end_matches('.').to_owned());
            }
            let front = front.clone();
            tokio::spawn(async move {
                let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                back.send_to(&query, upstream).await.unwrap();
                let mut answer = [0; 4096];
                if let Ok(length) = back.recv(&mut answer).await {
                    let _ = front.send_to(&answer[..length], client).await;
                }
            });
        }
    });
    // Answers too long for UDP come over TCP, which needs no listening in: the question came over UDP first.
    tokio::spawn(async move {
        let _kept = kept;
        while let Ok((mut client, _)) = tcp.accept().await {
            let mut server = tokio::net::TcpStream::connect(upstream).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    address
}

impl Lab {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The command line of a paced scan with these limits.
    pub(super) fn scan(&self, out: &str, limits: &str, more: &[&str]) -> Command {
        let config = self.path(&format!("{out}.toml"));
        std::fs::write(&config, format!("[limits]\n{limits}")).unwrap();
        let mut flags: Vec<String> = self.lab.flags().into_iter().filter(|flag| flag != "--unpaced").collect();
        let at = flags.iter().position(|flag| flag == "--resolver").expect("a resolver among the flags");
        flags[at + 1] = self.resolver.to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mxcensus"));
        command.arg("scan").arg(self.lab.dir.join("domains.csv")).args(flags);
        command.args(["--step-timeout", "30", "--seed", "7", "--out"]).arg(self.path(out));
        command.arg("--config").arg(config).args(more).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Scans until the access log says so, which the world must keep, and is interrupted then.
    pub(super) async fn interrupted(
        &self,
        out: &str,
        limits: &str,
        more: &[&str],
        is_enough: impl Fn(&str) -> bool,
    ) -> Scanned {
        let scan = self.scan(out, limits, more).spawn().unwrap();
        let log = self.lab.dir.join("access.log");
        wait_until("there is enough to see", || std::fs::read_to_string(&log).is_ok_and(|log| is_enough(&log))).await;
        let pid = scan.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let output = scan.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        Scanned::read(&self.path(out), output)
    }

    /// Scans to the end.
    pub(super) async fn scanned(&self, out: &str, limits: &str, more: &[&str]) -> Scanned {
        let output = self.scan(out, limits, more).output().await.unwrap();
        assert!(output.status.success(), "{}", text(&output));
        Scanned::read(&self.path(out), output)
    }
}

/// Looks every few milliseconds until it is so.
pub(super) async fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(600), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) fn text(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a scan left behind.
pub(super) struct Scanned {
    pub endpoints: Vec<EndpointRow>,
    pub verdicts: Vec<VerdictRow>,
    pub hosts: Vec<MxVerdictRow>,
    pub output: String,
    pub dir: PathBuf,
}

pub(super) fn rows<R: Row>(dir: &Path) -> Vec<R> {
    let table = TableReader::distinct(dir, R::TABLE).expect("a table");
    table.rows::<R>().collect::<Result<_, _>>().expect("rows that can be read")
}

impl Scanned {
    pub(super) fn read(dir: &Path, output: Output) -> Scanned {
        Scanned {
            endpoints: rows(dir),
            verdicts: rows(dir),
            hosts: rows(dir),
            output: text(&output),
            dir: dir.to_owned(),
        }
    }

    pub(super) fn at(&self, ip: IpAddr) -> Vec<&EndpointRow> {
        let ip = ip.to_string();
        self.endpoints.iter().filter(|row| row.ip == ip).collect()
    }

    pub(super) fn verdict(&self, domain: &str) -> &VerdictRow {
        self.verdicts.iter().find(|row| row.domain == domain).expect("a verdict")
    }

    /// How often each word stands in each column of the verdict tables; what names the row, and what depends on the minute
    /// of the crawl, aside.
    pub(super) fn shares(&self) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        let domains = self.verdicts.iter().map(|row| serde_json::to_value(row).unwrap());
        let hosts = self.hosts.iter().map(|row| serde_json::to_value(row).unwrap());
        for row in domains.chain(hosts) {
            for (column, value) in row.as_object().unwrap() {
                if !["domain", "host", "rank", "inferred", "days_left"].contains(&column.as_str()) {
                    *shares.entry(format!("{column}={value}")).or_default() += 1;
                }
            }
        }
        shares
    }
}

/// Begin and end of every contact with an address, in microseconds, in order: each attempt of each row.
pub(super) fn contacts<'r>(rows: impl IntoIterator<Item = &'r EndpointRow>) -> Vec<(i64, i64)> {
    let mut contacts: Vec<(i64, i64)> = rows
        .into_iter()
        .filter(|row| row.sampled_from.is_none())
        .flat_map(|row| &row.attempt_log)
        .map(|attempt| (attempt.at, attempt.at + (attempt.ms * 1000.0) as i64))
        .collect();
    contacts.sort_unstable();
    contacts
}

/// Connections in all, under way, and the most that were under way at once.
type Count = (usize, usize, usize);

/// A server that says nothing useful, and counts: connections in all, and the most at once.
#[derive(Clone, Default)]
pub(super) struct Counted {
    inner: Arc<Mutex<HashMap<IpAddr, Count>>>,
}

impl Counted {
    /// Listens at an address and port; each connection is kept for a moment and closed.
    pub(super) async fn listen(&self, ip: IpAddr, port: u16) {
        let listener = TcpListener::bind((ip, port)).await.unwrap();
        let inner = self.inner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                {
                    let mut inner = inner.lock().unwrap();
                    let (all, now, most) = inner.entry(ip).or_default();
                    (*all, *now) = (*all + 1, *now + 1);
                    *most = (*most).max(*now);
                }
                let inner = inner.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(60)).await;
                    // Counted down before the peer can know.
                    if let Some((_, now, _)) = inner.lock().unwrap().get_mut(&ip) {
                        *now -= 1;
                    }
                    drop(stream);
                });
            }
        });
    }

    /// Connections in all, and the most at once.
    pub(super) fn seen(&self, ip: IpAddr) -> (usize, usize) {
        self.inner.lock().unwrap().get(&ip).map_or((0, 0), |(all, _, most)| (*all, *most))
    }
}
