//! Sampling: fewer contacts, the same shares.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::Stdio;

use mxcensus_lab::pki::Leaf;
use mxcensus_lab::smtp::Server;
use mxcensus_lab::tls::Chains;
use mxcensus_lab::wire::{Kind, rdata};
use mxcensus_lab::world::World;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::EndpointStage;

use super::support::{QUICK, Scanned, list, start, wait_until, world};

const K: usize = 8;

fn limits(sampled_names: usize, budget: usize) -> String {
    format!("{QUICK}sampled_names = {sampled_names}\nsampling_budget = {budget}\n")
}

/// `count` domains, each with a name of its own at the addresses of one crowd.
fn crowd(world: &mut World, label: &str, count: usize, ips: &[IpAddr]) -> Vec<String> {
    let host = |n: usize| format!("mx{n}.{label}-host.com");
    for n in 0..count {
        list(world, &format!("{label}{n}.com"), &[(10, &host(n))]);
        ips.iter().for_each(|ip| world.address(&host(n), *ip));
    }
    (0..count).map(host).collect()
}

/// A crowd whose servers show one chain whatever the name.
fn uniform(world: &mut World, label: &str, count: usize, addresses: usize) -> Vec<IpAddr> {
    let name = format!("*.{label}-host.com");
    let chain = world.pki.issue(&Leaf::good(&name)).unwrap();
    let server = |world: &mut World| world.unnamed_server(Server::good(Chains::always(chain.clone())));
    let ips: Vec<IpAddr> = (0..addresses).map(|_| server(world)).collect();
    crowd(world, label, count, &ips);
    ips
}

/// A crowd at one address where `own` of the names are shown a chain of their own.
fn mixed(world: &mut World, label: &str, count: usize, own: usize) -> IpAddr {
    let otherwise = world.pki.issue(&Leaf::good("shared.example")).unwrap();
    let mut chains = Chains::always(otherwise);
    for n in 0..own {
        let name = format!("mx{n}.{label}-host.com");
        chains.by_name.insert(name.clone(), world.pki.issue(&Leaf::good(&name)).unwrap());
    }
    let ip = world.unnamed_server(Server::good(chains));
    crowd(world, label, count, &[ip]);
    ip
}

fn copies(scanned: &Scanned, ip: IpAddr) -> usize {
    scanned.at(ip).iter().filter(|row| row.sampled_from.is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shares_are_those_of_contacting_everybody() {
    let mut w = world();
    let same = uniform(&mut w, "same", 40, 2);
    let different = mixed(&mut w, "differ", 24, 12);
    let few = uniform(&mut w, "few", K, 1);
    // Policies: one that names the crowd's hosts, and one that does not.
    for (n, pattern) in (0..6).map(|n| (n, if n % 2 == 0 { "*.same-host.com" } else { "mx.other.com" })) {
        let body = format!("version: STSv1\nmode: enforce\nmax_age: 604800\nmx: {pattern}\n");
        w.policy(&format!("same{n}.com"), &body).unwrap();
    }
    // One that has TLSA records at the crowd's address is contacted itself.
    let tlsa_host = "mx.withtlsa.org";
    list(&mut w, "withtlsa.org", &[(10, tlsa_host)]);
    w.address(tlsa_host, same[0]);
    w.record(&format!("_25._tcp.{tlsa_host}"), Kind::TLSA, rdata::tlsa(3, 1, 1, &[7; 32]));
    let lab = start(w).await;

    let everybody = lab.scanned("everybody", &limits(0, 0), &[]).await;
    let sampled = lab.scanned("sampled", &limits(K, 1000), &[]).await;

    assert_eq!(everybody.endpoints.len(), sampled.endpoints.len());
    assert!(everybody.endpoints.iter().all(|row| row.connections == 1 && row.sampled_from.is_none()));
    for ip in &same {
        assert_eq!(copies(&sampled, *ip), 40 - K, "all but the samples, at each address of the set");
    }
    assert_eq!((copies(&sampled, different), copies(&sampled, few[0])), (0, 0));
    for row in &sampled.endpoints {
        let Some(from) = &row.sampled_from else {
            assert_eq!(row.connections, 1);
            continue;
        };
        assert_eq!((row.connections, &row.host), (0, &row.server_name));
        let named = sampled.at(row.ip.parse().unwrap());
        let named = named.iter().find(|other| other.host == *from).expect("the named endpoint is at the same address");
        assert_eq!((named.connections, named.sampled_from.as_ref()), (1, None));
        let alike = mxcensus_rules::observation::EndpointRow {
            host: named.host.clone(),
            server_name: named.server_name.clone(),
            connections: named.connections,
            sampled_from: None,
            ..row.clone()
        };
        assert_eq!(&alike, *named, "everything else is as there");
    }
    // Names that share the whole address set share their samples.
    let chosen = |ip: &IpAddr| -> BTreeSet<String> {
        let rows = sampled.at(*ip).into_iter().filter(|row| row.sampled_from.is_none() && row.host != tlsa_host);
        rows.map(|row| row.host.clone()).collect()
    };
    assert!(chosen(&same[0]).intersection(&chosen(&same[1])).count() >= K - 2);
    let own: Vec<_> = sampled.endpoints.iter().filter(|row| row.host == tlsa_host).collect();
    assert!(own.iter().all(|row| row.connections == 1 && row.tlsa_after.is_some()), "records and chain of one moment");

    let shares = sampled.shares();
    assert_eq!(everybody.shares(), shares);
    assert_eq!((shares["sts_verdict=\"pass\""], shares["sts_verdict=\"fail\""]), (3, 3));
    for row in &sampled.verdicts {
        let rests_on_it = sampled.endpoints.iter().any(|endpoint| {
            endpoint.sampled_from.is_some()
                && sampled.hosts.iter().any(|host| host.domain == row.domain && host.host == endpoint.host)
        });
        assert_eq!(row.inferred, rests_on_it, "{}", row.domain);
    }
    assert!(everybody.verdicts.iter().all(|row| !row.inferred));
    assert!(sampled.output.contains("rest on a sampled endpoint"), "{}", sampled.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sample_can_miss_is_within_its_error() {
    let (count, own) = (80, 4);
    let mut w = world();
    let ip = mixed(&mut w, "rare", count, own);
    let lab = start(w).await;
    let everybody = lab.scanned("everybody", &limits(0, 0), &[]).await;
    let sampled = lab.scanned("sampled", &limits(K, 1000), &[]).await;
    let valid = |scanned: &Scanned| scanned.hosts.iter().filter(|row| row.pkix.as_deref() == Some("valid")).count();
    assert_eq!(valid(&everybody), own);
    // The formula of docs/sampling.md, at 95 %.
    let error = 1.0 - 0.05f64.powf(1.0 / K as f64);
    let difference = valid(&everybody).abs_diff(valid(&sampled)) as f64 / count as f64;
    assert!(difference <= error, "{difference} > {error}");
    assert!(copies(&sampled, ip) == count - K || copies(&sampled, ip) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn differing_samples_end_in_the_budget() {
    let mut w = world();
    let ip = mixed(&mut w, "differ", 40, 20);
    let lab = start(w).await;
    let scanned = lab.scanned("out", &limits(K, 10), &[]).await;
    let rows = scanned.at(ip);
    let contacted = rows.iter().filter(|row| row.connections == 1).count();
    let left: Vec<_> = rows.iter().filter(|row| row.connections == 0).collect();
    assert_eq!((rows.len(), contacted, left.len()), (40, K + 10, 40 - K - 10));
    for row in left {
        assert_eq!((row.stage, row.error), (EndpointStage::Skipped, Some(Failure::Budget)));
        assert_eq!(row.sampled_from, None);
    }
    let undecided = scanned.verdicts.iter().filter(|row| row.outcome_mta_sts.word() == "indeterminate").count();
    assert_eq!(undecided, 40 - K - 10, "a reason of ours decides nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_crawl_reaches_the_same_end() {
    let mut w = world();
    let ips = uniform(&mut w, "same", 40, 1);
    let lab = start(w).await;
    let slow =
        limits(K, 1000).replace("address_spacing_s = 0.005", "address_spacing_s = 30.0") + "seconds_per_part = 1\n";
    let mut first = lab.scan("out", &slow, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Interrupted when one of the samples is known, half a minute before the next.
    let endpoints = lab.path("out").join("endpoints");
    let has_parts = || {
        std::fs::read_dir(&endpoints).is_ok_and(|mut files| {
            files.any(|file| file.is_ok_and(|file| file.path().extension().is_some_and(|end| end == "parquet")))
        })
    };
    wait_until("there is a row", has_parts).await;
    first.kill().await.unwrap();
    let before: Vec<mxcensus_rules::observation::EndpointRow> = super::support::rows(&lab.path("out"));
    assert!(!before.is_empty() && before.len() < K, "{} rows before", before.len());

    let scanned = lab.scanned("out", &limits(K, 1000), &["--resume"]).await;
    assert_eq!(scanned.at(ips[0]).len(), 40);
    assert_eq!(copies(&scanned, ips[0]), 40 - K, "no more contacts than one run makes");
    for row in &before {
        let now = scanned.endpoints.iter().find(|other| other.host == row.host).unwrap();
        assert_eq!(now, row, "what was finished stays");
    }
    let whole = lab.scanned("whole", &limits(K, 1000), &[]).await;
    assert_eq!(whole.shares(), scanned.shares());
}
