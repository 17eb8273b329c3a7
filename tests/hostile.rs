//! Peers that mean harm cost a bounded time and memory, show in the data as what they were, and put nothing on a terminal
//! that it would obey; addresses of special purpose are not contacted at all.

mod support;

use std::process::Command;

use mxcensus::observation::{DomainRow, EndpointRow, PolicyRow};
use support::{Lab, Scan, judged, program};

/// Peak resident memory of a scan of a hundred hostile domains, MiB. See docs/hostile.md.
const PEAK_MIB: u64 = 150;

/// Only characters that a terminal shows, and line feeds.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c))
}

fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn each_kind_ends_in_time_and_shows_as_what_it_was() {
    let lab = Lab::start(&["--world", "hostile", "--hostile-domains", "100"]);
    let dir = tempfile::tempdir().unwrap();
    let (out, log) = (dir.path().join("out"), dir.path().join("log"));
    let mut command = program();
    command.arg("scan").arg(lab.file("domains.csv")).arg("--out").arg(&out).args(lab.flags());
    command.args(["--step-timeout", "4", "--log", "debug", "--log-file"]).arg(&log);
    let mut child = Scan::start(&mut command);
    let mut peak = 0;
    // The support's own patience is the bound on time.
    support::wait_until("the scan ends", || {
        peak = peak_kib(child.id()).unwrap_or(0).max(peak);
        child.has_ended()
    });
    let (status, stdout, stderr) = child.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    println!("peak {} MiB", peak >> 10);
    assert!(peak > 0 && peak >> 10 < PEAK_MIB, "peak {} MiB", peak >> 10);
    assert!(is_harmless(&stdout) && is_harmless(&stderr), "{stdout:?} {stderr:?}");
    assert!(is_harmless(&std::fs::read_to_string(&log).unwrap()), "the log holds what a terminal obeys");

    let endpoints: Vec<EndpointRow> = judged(&out);
    let of = |kind: &str| {
        let start = format!("mx.lab-{kind}-");
        let rows: Vec<&EndpointRow> = endpoints.iter().filter(|row| row.host.starts_with(&start)).collect();
        assert_eq!(rows.len(), 5, "{kind}");
        rows
    };
    let error = |kind: &str, word: &str| {
        for row in of(kind) {
            assert_eq!(row.error.map(|error| error.word()), Some(word), "{kind}: {row:?}");
        }
    };
    error("banner-endless", "smtp-protocol");
    error("banner-drips", "banner-timeout");
    error("banner-resets", "connect-reset");
    error("ehlo-closes", "connection-closed");
    error("tls-stalls", "tls-timeout");
    error("tls-garbage", "tls-protocol");
    error("names-5000", "tls-protocol");
    for row in of("banner-obeyed") {
        assert!(row.banner.as_ref().is_some_and(|banner| banner.starts_with("\\027[31mred") && is_harmless(banner)));
        assert_eq!(row.error, None);
    }
    assert!(of("ehlo-flood").iter().all(|row| row.error.is_none() && row.ehlo_capabilities_truncated));
    for row in of("chain-60") {
        assert!(row.chain_truncated && row.chain.as_ref().is_some_and(|chain| chain.len() == 32), "{row:?}");
    }

    let policies: Vec<PolicyRow> = judged(&out);
    for (kind, word) in [
        ("policy-large", Some("body-too-large")),
        ("policy-bomb", Some("body-too-large")),
        ("policy-drips", Some("http-timeout")),
        ("policy-header-flood", Some("http-protocol")),
        ("policy-obeyed", None),
    ] {
        let start = format!("lab-{kind}-");
        let rows: Vec<&PolicyRow> = policies.iter().filter(|row| row.domain.starts_with(&start)).collect();
        assert_eq!(rows.len(), 5, "{kind}");
        for row in rows {
            assert_eq!(row.policy_error.map(|error| error.word()), word, "{kind}");
            assert!(row.policy_body.as_ref().is_none_or(|body| body.len() <= 64 * 1024), "{kind}");
        }
    }

    let domains: Vec<DomainRow> = judged(&out);
    for row in &domains {
        let kind = row.domain.as_str();
        match kind {
            _ if kind.starts_with("lab-mx-thousand-") => {
                assert!(row.mx_truncated && row.mx.as_ref().is_some_and(|mx| mx.len() == 100), "{kind}");
            }
            _ if kind.starts_with("lab-txt-64k-") => {
                let text = &row.sts_txt.as_ref().unwrap()[0];
                assert!(text.len() > 64 * 1024 && is_harmless(text), "{kind}");
            }
            _ if kind.starts_with("lab-dns-") => {
                assert!(row.mx_error.is_some(), "{kind}: {row:?}");
            }
            _ => {}
        }
    }
    // A person looks: nothing reaches the terminal there either.
    for kind in ["banner-obeyed", "policy-obeyed", "ehlo-flood"] {
        let domain = domains.iter().find(|row| row.domain.starts_with(&format!("lab-{kind}-"))).unwrap();
        let mut check = program();
        let output =
            check.arg("check").arg(&domain.domain).args(lab.flags()).args(["--log", "debug"]).output().unwrap();
        assert!(output.status.success());
        assert!(is_harmless(&String::from_utf8(output.stdout).unwrap()), "{kind}");
        assert!(is_harmless(&String::from_utf8(output.stderr).unwrap()), "{kind}");
    }
}

/// Every address of the lab is of special purpose. Without the flag for labs nobody there is contacted: neither a mail
/// server nor a policy host.
#[test]
fn addresses_of_special_purpose_are_not_contacted() {
    let lab = Lab::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let (out, config) = (dir.path().join("out"), dir.path().join("config.toml"));
    let limits = "address_spacing_s = 0.0\nnetwork_per_s = 1e9\noperator_per_s = 1e9\nretry_after_s = [0.1]\n";
    std::fs::write(&config, format!("step-timeout = 2.0\n[limits]\n{limits}")).unwrap();
    let flags: Vec<String> = lab
        .flags()
        .into_iter()
        .filter(|flag| !["--allow-special-addresses", "--unpaced"].contains(&flag.as_str()))
        .collect();
    let mut command: Command = program();
    command.arg("scan").arg(lab.file("domains.csv")).arg("--out").arg(&out).arg("--config").arg(&config).args(flags);
    let (status, _, stderr) = Scan::start(&mut command).end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    let log = lab.log_since(0);
    assert!(log.iter().any(|line| line.starts_with("dns ")));
    let contacted: Vec<&String> = log.iter().filter(|line| !line.starts_with("dns ")).collect();
    assert!(contacted.is_empty(), "{contacted:?}");
    let endpoints: Vec<EndpointRow> = judged(&out);
    let refused = endpoints.iter().filter(|row| row.error.is_some_and(|error| error.word() == "special-address"));
    assert!(refused.clone().count() > 200 && refused.clone().all(|row| row.connections == 0));
    let policies: Vec<PolicyRow> = judged(&out);
    let refused = policies.iter().filter(|row| row.policy_error.is_some_and(|error| error.word() == "special-address"));
    assert!(refused.count() > 50);
}
