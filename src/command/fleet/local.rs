//! `fleet local`: a broker on loopback, the workers, and the close, all on one machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use mxcensus_fleet::broker::Broker;
use mxcensus_fleet::layout::Layout;
use mxcensus_fleet::{entries, start};
use tokio::process::{Child, Command};

use super::FleetError;
use super::begin::{begin, layout_of, same_build};
use super::close::{Closed, close_crawl};
use crate::cli::fleet::LocalArgs;
use crate::logging;

/// The name of the crawl on its own broker.
const CRAWL: &str = "local";

/// How long the broker may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a crawl, or goes on with it.
pub(super) async fn run(args: LocalArgs) -> Result<Closed, FleetError> {
    let server = find_server(args.nats_server.as_deref())?;
    let goes_on = Layout::new(&args.list.out).is_begun();
    // The broker's files lie beside the crawl's, which the crawl makes itself: those of a new crawl are moved in.
    let store = if goes_on { layout_of(&args.list.out)?.broker() } else { beside(&args.list.out) };
    let mut nats = Nats::start(&server, &store).await?;
    let broker = nats.connect().await?;
    let spec = if goes_on {
        let spec = entries::spec(&broker).await?;
        same_build(&spec)?;
        spec
    } else {
        match begin(args.list.clone(), &broker, CRAWL).await {
            Ok(spec) => spec,
            Err(error) => {
                nats.stop().await;
                let _ = std::fs::remove_dir_all(&store);
                return Err(error);
            }
        }
    };
    let layout = layout_of(&args.list.out)?;
    let broker = if goes_on {
        broker
    } else {
        // Now there is a place for them.
        nats.stop().await;
        let to = layout.broker();
        std::fs::rename(&store, &to).map_err(|e| mxcensus_dataset::DatasetError::from_io(&to, e))?;
        nats = Nats::start(&server, &to).await?;
        nats.connect().await?
    };
    start::read_spec(&layout)?;
    let worked = work(&nats.url, args.workers).await;
    let closed = match worked {
        Ok(()) => close_crawl(&broker, &spec, &layout).await,
        Err(error) => Err(error),
    };
    nats.stop().await;
    closed
}

fn beside(out: &Path) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    out.with_file_name(format!(".{name}.broker"))
}

/// Starts the workers and waits until all of them have ended.
async fn work(url: &str, workers: u16) -> Result<(), FleetError> {
    let program = std::env::current_exe()
        .map_err(|e| FleetError::NotStarted { what: "a worker".to_owned(), reason: e.to_string() })?;
    let mut children = Vec::new();
    for number in 1..=workers {
        let child = Command::new(&program)
            .args(["fleet", "work", "--broker", url, "--crawl", CRAWL, "--worker"])
            .arg(format!("w{number}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| FleetError::NotStarted { what: "a worker".to_owned(), reason: e.to_string() })?;
        children.push(child);
    }
    let waiting = async {
        let mut worked = false;
        for child in &mut children {
            worked |= child.wait().await.is_ok_and(|status| status.success() || status.code() == Some(3));
        }
        worked
    };
    // Ctrl-C reaches the workers by themselves: they are in the same group, and give their slots back.
    let asked = async {
        while tokio::signal::ctrl_c().await.is_ok() {
            logging::say("Waiting for the workers to give their slots back.");
        }
    };
    tokio::select! {
        worked = waiting => if worked { Ok(()) } else { Err(FleetError::NoWorkers) },
        () = asked => Err(FleetError::NoWorkers),
    }
}

fn find_server(named: Option<&Path>) -> Result<PathBuf, FleetError> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian puts it where only the administrator's PATH looks.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nats-server")).find(|file| file.is_file()).ok_or(FleetError::NoServer)
}

/// A broker on loopback that ends with this process.
struct Nats {
    child: Child,
    url: String,
}

impl Nats {
    async fn start(server: &Path, store: &Path) -> Result<Nats, FleetError> {
        let failed = |reason: String| FleetError::NotStarted { what: server.display().to_string(), reason };
        std::fs::create_dir_all(store).map_err(|e| failed(e.to_string()))?;
        let output = Command::new(server).arg("--version").output().await.map_err(|e| failed(e.to_string()))?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        let configuration = store.join("nats.conf");
        std::fs::write(&configuration, configure(store, &version)).map_err(|e| failed(e.to_string()))?;
        let ports = store.join("ports");
        std::fs::create_dir_all(&ports).map_err(|e| failed(e.to_string()))?;
        for old in std::fs::read_dir(&ports).map_err(|e| failed(e.to_string()))?.flatten() {
            let _ = std::fs::remove_file(old.path());
        }
        let log = std::fs::File::create(store.join("nats.log")).map_err(|e| failed(e.to_string()))?;
        let errors = log.try_clone().map_err(|e| failed(e.to_string()))?;
        let mut child = Command::new(server)
            .arg("--config")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // Ctrl-C is for the workers; the broker goes last.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let begun = Instant::now();
        loop {
            if let Some(url) = url_in(&ports) {
                return Ok(Nats { child, url });
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(failed(format!("it ended with {status}; see {}", store.join("nats.log").display())));
            }
            if begun.elapsed() > PATIENCE {
                return Err(failed("it did not come up".to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn connect(&self) -> Result<Broker, FleetError> {
        let begun = Instant::now();
        loop {
            match Broker::connect(&self.url, None, CRAWL).await {
                Err(error) if begun.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                Ok(broker) => return Ok(broker),
            }
        }
    }

    /// Ends it in order: what it holds is on disk.
    async fn stop(&mut self) {
        if let Some(pid) =
            self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

/// The server's configuration: every message is synced before it is acknowledged, where the server can do that.
fn configure(store: &Path, version: &str) -> String {
    let quoted = |path: PathBuf| serde_json::Value::from(path.display().to_string()).to_string();
    let sync = match minor(version) {
        Some((major, minor)) if (major, minor) >= (2, 10) => "  sync_interval: always\n",
        _ => {
            tracing::warn!("this nats-server cannot sync each message: a loss of power may cost the last ones");
            ""
        }
    };
    format!(
        "listen: \"127.0.0.1:-1\"\nports_file_dir: {}\njetstream {{\n  store_dir: {}\n{sync}}}\n",
        quoted(store.join("ports")),
        quoted(store.to_owned())
    )
}

/// The first two numbers of what `nats-server --version` says.
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['v', ' ']).rev().find(|word| word.contains('.'))?.split('.');
    Some((numbers.next()?.trim().parse().ok()?, numbers.next()?.trim().parse().ok()?))
}

/// Where the server says that it listens.
fn url_in(ports: &Path) -> Option<String> {
    let file = std::fs::read_dir(ports)
        .ok()?
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|e| e == "ports"))?;
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(file.path()).ok()?).ok()?;
    value["nats"].get(0)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_decides_whether_each_message_is_synced() {
        assert_eq!(minor("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(minor("nats-server: v2.9.10"), Some((2, 9)));
        let store = Path::new("a \"b\"");
        assert!(configure(store, "nats-server: v2.15.1").contains("sync_interval: always"));
        assert!(!configure(store, "nats-server: v2.9.10").contains("sync_interval"));
        assert!(configure(store, "nats-server: v2.9.10").contains(r#""a \"b\"/ports""#));
    }
}
