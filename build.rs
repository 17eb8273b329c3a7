//! Tells the program what the manifest names: the versions of two libraries as Cargo.lock has them, and the commit.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    for (name, variable) in [("rustls", "MXCENSUS_RUSTLS_VERSION"), ("psl", "MXCENSUS_PSL_VERSION")] {
        let entry = format!("name = \"{name}\"\nversion = \"");
        let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("unknown");
        println!("cargo:rustc-env={variable}={version}");
    }
    // The log of HEAD changes with every commit; without a repository there is no commit to tell.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| std::path::Path::new(log).exists()) {
        println!("cargo:rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_default();
    println!("cargo:rustc-env=MXCENSUS_COMMIT={commit}");
    let shown = if commit.is_empty() { String::new() } else { format!(" ({commit})") };
    println!("cargo:rustc-env=MXCENSUS_VERSION={}{shown}", env!("CARGO_PKG_VERSION"));
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
