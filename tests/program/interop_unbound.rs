//! The lab through a real validating resolver: Unbound (Debian's) stands between the lab and the scanner, which
//! believes its AD bit. Every row must agree with the verdicts written by hand, as for `validate`.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends with the test, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> Server {
    Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts"))
}

fn wait_for(what: &str, there: impl Fn() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(600), "{what} did not come up");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_row_agrees_behind_a_real_unbound() {
    if !["/usr/sbin/unbound", "/usr/bin/unbound"].iter().any(|path| Path::new(path).is_file()) {
        return crate::support::skip("unbound is not installed");
    }
    let dir = tempfile::tempdir().unwrap();
    let (lab_dir, dataset) = (dir.path().join("lab"), dir.path().join("dataset"));
    let program = env!("CARGO_BIN_EXE_mxcensus");
    let _lab = start(Command::new(program).args(["lab", "--dir"]).arg(&lab_dir));
    wait_for("the lab", || lab_dir.join("flags.txt").is_file());

    let configuration = std::fs::read_to_string(lab_dir.join("unbound.conf")).unwrap();
    let interface =
        configuration.lines().find_map(|line| line.trim().strip_prefix("interface: ")).expect("an interface");
    let resolver = interface.replace('@', ":");
    let _unbound = start(Command::new("unbound").args(["-d", "-c"]).arg(lab_dir.join("unbound.conf")));
    wait_for("Unbound", || std::net::TcpStream::connect(&resolver).is_ok());

    let flags = std::fs::read_to_string(lab_dir.join("flags.txt")).unwrap();
    let mut flags: Vec<&str> = flags.split_whitespace().collect();
    let at = flags.iter().position(|flag| *flag == "--resolver").expect("a resolver among the flags");
    flags[at + 1] = &resolver;
    // Unbound takes its time over the scripted silences of the lab's DNS.
    let output = Command::new(program)
        .arg("scan")
        .arg(lab_dir.join("domains.csv"))
        .arg("--out")
        .arg(&dataset)
        .args(&flags)
        .args(["--dnssec", "trust-ad", "--step-timeout", "10"])
        .output()
        .expect("the scan runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let comparison = mxcensus_lab::demo::compare(&dataset, &lab_dir.join("expected.jsonl")).unwrap();
    assert!(comparison.domains >= 80 && comparison.values > 5_000, "{comparison}");
    assert!(comparison.disagreements.is_empty(), "{comparison}");
}
