//! A network and mount namespace of its own (Linux, root): real ports 25, 53 and 443, a resolver of our own in
//! `/etc/resolv.conf`, and no way out. Whatever is started in it ends with the test, however the test ends.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to come up on a busy machine.
const COMES_UP_WITHIN: Duration = Duration::from_secs(600);

/// A namespace, alive as long as this value or this process.
pub(crate) struct Namespace {
    /// `unshare`, whose child is process 1 of the namespace and waits for the end of its standard input: the pipe
    /// closes when we end, process 1 follows, and the kernel ends the rest.
    keeper: Child,
}

impl Namespace {
    /// Makes a namespace whose resolver is 127.0.0.1 and runs `setup` (shell) in it. `Err`: why this machine cannot.
    pub(crate) fn new(directory: &Path, setup: &str) -> Result<Self, String> {
        let resolv_conf = directory.join("resolv.conf");
        std::fs::write(&resolv_conf, "nameserver 127.0.0.1\noptions edns0 trust-ad\n").map_err(|e| e.to_string())?;
        let script = format!(
            "set -e\nip link set lo up\nmount --bind '{}' /etc/resolv.conf\n{setup}\necho up\nexec cat",
            resolv_conf.display()
        );
        let mut keeper = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = keeper.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).map_err(|e| e.to_string())?;
        }
        if line.trim() != "up" {
            let _ = keeper.kill();
            let output = keeper.wait_with_output().map_err(|e| e.to_string())?;
            return Err(format!("no namespace: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        Ok(Self { keeper })
    }

    /// A command to be run in the namespace, without standard input.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let proc = format!("/proc/{}/ns", self.keeper.id());
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net={proc}/net"))
            .arg(format!("--mount={proc}/mnt"))
            .arg(format!("--pid={proc}/pid_for_children"))
            // Else it is the working directory of process 1.
            .arg(format!("--wd={}", env!("CARGO_MANIFEST_DIR")))
            .arg(program)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command in the namespace, for `seconds` at most.
    pub(crate) fn run(&self, seconds: u32, program: &str, args: &[&str]) -> Output {
        let mut command = self.command("timeout");
        command.arg("--kill-after=1").arg(seconds.to_string()).arg(program).args(args);
        command.output().unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    /// Starts a server; it ends with the namespace.
    #[expect(clippy::zombie_processes, reason = "the kernel ends it with process 1 of the namespace")]
    pub(crate) fn start(&self, log: &Path, program: &str, args: &[&str]) {
        let log = std::fs::File::create(log).expect("a log file");
        let error_log = log.try_clone().expect("a log file");
        self.command(program).args(args).stdout(log).stderr(error_log).spawn().expect("a server that starts");
    }

    /// Waits until somebody accepts connections there.
    pub(crate) fn wait_for(&self, address: &str, port: u16) {
        let probe = format!("exec 3<>/dev/tcp/{address}/{port}");
        wait_for(&format!("{address} port {port}"), || self.run(5, "bash", &["-c", &probe]).status.success());
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// Waits until it is there.
pub(crate) fn wait_for(what: &str, there: impl Fn() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < COMES_UP_WITHIN, "{what} did not come up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Standard output and error together.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The first of these programs that is not installed.
pub(crate) fn missing(programs: &[&'static str]) -> Option<&'static str> {
    let folders: Vec<_> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    programs.iter().copied().find(|program| {
        !folders.iter().map(|folder| folder.join(program)).chain([program.into()]).any(|path| path.is_file())
    })
}
