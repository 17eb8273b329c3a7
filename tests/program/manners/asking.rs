//! How much a listed name may ask for, and which zones are not asked for their keys.

use std::net::IpAddr;

use mxcensus_lab::zone::Signing;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{Dnssec, DomainRow, HostStatus, MxHostRow};

use super::support::{QUICK, list, rows, start, world};

/// MX hosts of the domain that asks for too much, at two addresses each.
const HOSTS: u8 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_name_cannot_ask_for_what_it_likes() {
    let mut w = world();
    let names: Vec<String> = (0..HOSTS).map(|n| format!("mx{n}.horde{n}.com")).collect();
    let hosts: Vec<(u16, &str)> = names.iter().map(|name| (10, name.as_str())).collect();
    list(&mut w, "hostile.com", &hosts);
    for (n, name) in (0..HOSTS).zip(&names) {
        w.address(name, IpAddr::from([127, 90, n, 1]));
        w.address(name, IpAddr::from([127, 91, n, 1]));
    }
    // Somebody else names one of them too, whichever of the two comes first.
    let shared = names.last().unwrap();
    list(&mut w, "honest.com", &[(10, shared)]);
    let lab = start(w).await;
    let limits = format!("{}contacts_per_listed_name = 10\n", QUICK.replace("[0.1, 0.2]", "[]"));
    let scanned = lab.scanned("out", &limits, &[]).await;

    let hosts: Vec<MxHostRow> = rows(&scanned.dir);
    assert_eq!(hosts.len(), usize::from(HOSTS), "each has its row");
    let (looked_up, left_out): (Vec<_>, Vec<_>) = hosts.iter().partition(|row| row.host_status == HostStatus::Ok);
    assert!((10..=11).contains(&looked_up.len()), "{}", looked_up.len());
    let budget = Some(Failure::Budget);
    for row in left_out {
        assert_eq!((row.host_status, row.a_error, row.aaaa_error), (HostStatus::Error, budget, budget), "{}", row.host);
        assert!(!lab.asked.lock().unwrap().contains(&row.host), "{} was asked for", row.host);
    }
    let of_both = looked_up.iter().find(|row| row.host == *shared).expect("the one that another domain names too");
    assert_eq!(of_both.addresses.as_ref().map(Vec::len), Some(2), "the other domain's budget pays for it");
    assert!(scanned.endpoints.len() <= 12, "{}", scanned.endpoints.len());
    assert!(scanned.output.contains("MX hosts were not looked up"), "{}", scanned.output);
    // The first hosts were looked at, and the ones left out decide nothing.
    assert_eq!(scanned.verdict("honest.com").outcome_opportunistic.word(), "unreachable");
    assert_eq!(scanned.verdict("hostile.com").outcome_opportunistic.word(), "indeterminate");
    let verify = std::process::Command::new(env!("CARGO_BIN_EXE_mxcensus")).arg("verify").arg(&scanned.dir).output();
    let verify = verify.unwrap();
    assert!(verify.status.success(), "{}", super::support::text(&verify));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_a_zone_on_the_list_are_not_asked_for() {
    let mut w = world();
    for zone in ["gone.org", "stays.org"] {
        w.zone(zone, Some(Signing::default()));
        list(&mut w, &format!("sub.{zone}"), &[(0, ".")]);
    }
    let lab = start(w).await;
    std::fs::write(lab.lab.dir.join("opt-out.txt"), "gone.org\n").unwrap();
    let scanned = lab.scanned("out", QUICK, &["--dnssec", "validate"]).await;
    let asked = lab.asked.lock().unwrap().clone();
    assert!(asked.iter().any(|name| name == "sub.gone.org") && asked.iter().any(|name| name == "stays.org"));
    assert!(!asked.iter().any(|name| name == "gone.org"), "its DS and DNSKEY records are questions about it");
    let domains: Vec<DomainRow> = rows(&scanned.dir);
    let state = |domain: &str| domains.iter().find(|row| row.domain == domain).and_then(|row| row.mx_dnssec);
    assert_eq!(state("sub.stays.org"), Some(Dnssec::Secure));
    assert_eq!(state("sub.gone.org"), Some(Dnssec::Indeterminate), "nothing is proven, for a reason of ours");
}
