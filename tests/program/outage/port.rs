//! Port 25 is closed from the beginning: the crawl stops, and says nothing about anybody's mail servers.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use mxcensus_lab::pki::Leaf;
use mxcensus_lab::smtp::Server;
use mxcensus_lab::tls::Chains;
use mxcensus_lab::world::{Vantage, World};
use mxcensus_lab::zone::Signing;
use mxcensus_lab::{Ports, RunningLab, start, unix_seconds};
use mxcensus_rules::observation::{EndpointRow, MxHostRow};

use super::{manifest, mxcensus, rows, scan, stderr};

/// Mail servers, each in a network of its own.
const SERVERS: u8 = 24;

/// What a mail server does.
#[derive(Clone, Copy)]
enum Door {
    Silent,
    Refuses,
    Opens,
}

fn address(server: u8) -> IpAddr {
    Ipv4Addr::new(127, 66, server, 1).into()
}

/// A world of unsigned domains with one mail server each, behind the door that `door` gives it.
async fn world(dir: &Path, door: impl Fn(u8) -> Door) -> RunningLab {
    start(build(door), Ports::default(), dir).await.expect("the lab")
}

fn build(door: impl Fn(u8) -> Door) -> World {
    let vantage = Vantage { ipv6_loopback: false, ipv6_route: false };
    let mut world = World::new(unix_seconds().expect("a clock"), vantage).expect("a world");
    world.zone(".", Some(Signing::default()));
    world.zone("com", None);
    let chains = Chains::always(world.pki.issue(&Leaf::good("mx.com")).expect("a chain"));
    for server in 0..SERVERS {
        let domain = format!("server{server}.com");
        let host = format!("mx.{domain}");
        world.mx(&domain, &[(10, &host)]);
        world.address(&host, address(server));
        match door(server) {
            Door::Silent => world.deaf.push(address(server)),
            Door::Refuses => {}
            Door::Opens => world.smtp.push((address(server), Server::good(chains.clone()))),
        }
        world.expect(&domain, "one of many", &[], &[]);
    }
    // The port is chosen among those free at somebody's address.
    world.smtp.push((Ipv4Addr::new(127, 67, 0, 1).into(), Server::good(chains)));
    world
}

/// Limits that fit so small a world.
fn config(dir: &Path) -> PathBuf {
    let path = dir.join("mxcensus.toml");
    std::fs::write(&path, "[limits]\nclosed_after_addresses = 20\nclosed_after_networks = 10\n").expect("a file");
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_stops_the_crawl_before_a_row_says_so() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path());
    let more = ["--config", config.to_str().expect("a UTF-8 path"), "--dnssec", "off"];
    // Silence is waited for, and nothing else is met.
    let closed = [&more[..], &["--step-timeout", "1"]].concat();
    for (name, door) in [("silent", Door::Silent), ("refuses", Door::Refuses)] {
        let lab = world(&dir.path().join(name), |_| door).await;
        let (list, out) = (lab.dir.join("domains.csv"), dir.path().join(format!("{name}-dataset")));
        let output = mxcensus(scan(&lab, &list, &out, &closed)).await;
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains("is closed from this network") && text.contains("--resume"), "{name}: {text}");
        assert!(rows::<EndpointRow>(&out).is_empty(), "{name}: a row was written");
        assert!(!manifest(&out).complete);

        // The servers can be reached, and the same dataset goes on as if nothing had been.
        let lab = world(&dir.path().join(format!("{name}-opened")), |_| Door::Opens).await;
        // Another lab is another internet: what was kept of the one before does not bind.
        let begun = mxcensus_dataset::Dataset::open(&out).expect("a dataset");
        let kept = begun.manifest().expect("a manifest");
        begun.write_manifest(&mxcensus_dataset::Manifest { settings: None, ..kept }).expect("the manifest is written");
        let mut args = scan(&lab, &list, &out, &more);
        args.push("--resume".to_owned());
        let output = mxcensus(args).await;
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert!(manifest(&out).complete, "{name}");
        let endpoints = rows::<EndpointRow>(&out);
        assert_eq!(endpoints.len(), usize::from(SERVERS), "{name}");
        assert_eq!(rows::<MxHostRow>(&out).len(), usize::from(SERVERS), "{name}");
        for row in endpoints {
            assert_eq!(row.stage.word(), "done", "{name}: {}", row.host);
            assert_eq!(row.attempt_log.len(), 1, "{name}: {} remembers the closed port", row.host);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_that_answers_is_enough_to_go_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = config(dir.path());
    let lab = world(&dir.path().join("lab"), |n| if n == 7 { Door::Opens } else { Door::Silent }).await;
    let out = dir.path().join("dataset");
    let more = ["--config", config.to_str().expect("a UTF-8 path"), "--step-timeout", "1", "--dnssec", "off"];
    let output = mxcensus(scan(&lab, &lab.dir.join("domains.csv"), &out, &more)).await;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(manifest(&out).complete);
    let endpoints = rows::<EndpointRow>(&out);
    assert_eq!(endpoints.len(), usize::from(SERVERS));
    let silent = endpoints.iter().filter(|row| row.error.is_some_and(|error| error.word() == "connect-timeout"));
    assert_eq!(silent.count(), usize::from(SERVERS) - 1, "what is silent among others is silent by itself");
}
