//! A lab beside another: each keeps what it names, and says which address it cannot have.

use std::collections::BTreeSet;
use std::process::Output;

use crate::support::{Lab, program};

/// Runs a lab that cannot come up.
fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = program().arg("lab").args(arguments).output().expect("the program starts");
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(1), "{arguments:?}: {text}");
    assert_eq!(text.trim().lines().count(), 1, "{text}");
    text
}

/// The value of a flag that points a scan at a lab.
fn flag(lab: &Lab, name: &str) -> String {
    let flags = lab.flags();
    let at = flags.iter().position(|flag| flag == name).expect("a flag of the lab");
    flags[at + 1].clone()
}

/// The port that is kept for an Unbound.
fn unbound(lab: &Lab) -> String {
    let configuration = std::fs::read_to_string(lab.file("unbound.conf")).expect("its configuration");
    let interface = configuration.lines().find_map(|line| line.trim().strip_prefix("interface: "));
    interface.expect("an interface").replace('@', ":")
}

#[test]
fn labs_of_every_kind_stand_beside_each_other() {
    let hostile = ["--world", "hostile", "--hostile-domains", "30"];
    let load = ["--world", "load", "--domains", "100"];
    let labs = [Lab::start(&[]), Lab::start(&[]), Lab::start(&hostile), Lab::start(&load), Lab::start(&load)];
    let resolvers: BTreeSet<String> = labs.iter().flat_map(|lab| [flag(lab, "--resolver"), unbound(lab)]).collect();
    assert_eq!(resolvers.len(), 2 * labs.len(), "{resolvers:?}");

    let other = tempfile::tempdir().expect("a directory");
    let dir = other.path().to_str().expect("UTF-8");
    let resolver = flag(&labs[0], "--resolver");
    let port = resolver.rsplit(':').next().expect("a port");
    for taken in [&["--dns-port", port][..], &["--port-base", port], &["--world", "load", "--dns-port", port]] {
        let text = refused(&[&["--dir", dir], taken].concat());
        assert!(text.contains(&resolver) && text.contains("--port-base"), "{text}");
    }
    let smtp = flag(&labs[1], "--smtp-port");
    let text = refused(&["--dir", dir, "--smtp-port", &smtp]);
    assert!(text.contains(&format!(":{smtp} ")) && text.contains("127.25."), "{text}");

    for lab in &labs {
        let dir = lab.file("");
        let text = refused(&["--dir", dir.to_str().expect("UTF-8")]);
        assert!(text.contains("belongs to a lab that is up") && text.contains("--dir"), "{text}");
        assert!(!lab.flags().is_empty(), "the lab that is up is untouched");
    }
}
