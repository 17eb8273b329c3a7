//! The pace: who waits, who does not, and who is contacted how often.

use std::net::IpAddr;

use mxcensus_lab::legacy_tls::{Exchange, Legacy, RSA_SUITES, Then, Version};
use mxcensus_lab::pki::{Leaf, LeafKey};
use mxcensus_lab::smtp::{Greeting, Handshake, Server};
use mxcensus_lab::tls::Chains;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{EndpointStage, MxHostRow, PolicyRow, PolicyStage};

use super::support::{Counted, QUICK, Scanned, contacts, list, rows, start, world};

fn gaps(contacts: &[(i64, i64)]) -> Vec<f64> {
    contacts.windows(2).map(|pair| (pair[1].0 - pair[0].1) as f64 / 1e6).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowded_address_holds_up_nobody() {
    let mut w = world();
    let (crowded, spacing) = (12, 0.2);
    let chain = w.pki.issue(&Leaf::good("crowd.example")).unwrap();
    let ip = w.unnamed_server(Server::good(Chains::always(chain.clone())));
    for n in 0..crowded {
        let host = format!("mx{n}.crowded.com");
        list(&mut w, &format!("crowded{n}.com"), &[(10, &host)]);
        w.address(&host, ip);
    }
    for n in 0..20 {
        let host = format!("mx.alone{n}.com");
        list(&mut w, &format!("alone{n}.com"), &[(10, &host)]);
        w.server(&host, Server::good(Chains::always(chain.clone())));
    }
    w.access_log = true;
    let lab = start(w).await;
    let limits = |spacing: f64| QUICK.replace("address_spacing_s = 0.005", &format!("address_spacing_s = {spacing}"));
    let scanned = lab.scanned("out", &(limits(spacing) + "seconds_per_progress_line = 1\n"), &[]).await;

    let queue = contacts(scanned.at(ip));
    assert_eq!(queue.len(), crowded);
    assert!(gaps(&queue).iter().all(|gap| *gap >= spacing - 0.001), "one at a time, and rested: {:?}", gaps(&queue));
    let others = |scanned: &Scanned| contacts(scanned.endpoints.iter().filter(|row| row.ip != ip.to_string())).len();
    assert_eq!(others(&scanned), 20);
    // The wait was visible while it lasted.
    let line = format!(" endpoints of crowded.com at {ip}");
    assert!(scanned.output.contains(&line), "{}", scanned.output);

    // Where the second of the crowd would wait for an hour, everybody else has been there all the same.
    let log = lab.lab.dir.join("access.log");
    let before = std::fs::read_to_string(&log).unwrap().len();
    let elsewhere = format!("smtp {ip}");
    let all_others =
        |log: &str| log[before..].lines().filter(|line| line.starts_with("smtp ") && *line != elsewhere).count() == 20;
    let held_up = lab.interrupted("held-up", &limits(3600.0), &[], all_others).await;
    assert_eq!(others(&held_up), 20);
    assert!(contacts(held_up.at(ip)).len() <= 1, "one at a time, and rested");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_has_the_limits_of_the_table() {
    let mut w = world();
    let chain = w.pki.issue(&Leaf::good("operator.example")).unwrap();
    for (operator, count) in [("slow.com", 5), ("fast.com", 5)] {
        for n in 0..count {
            let host = format!("mx{n}.{operator}");
            list(&mut w, &format!("{n}-{operator}"), &[(10, &host)]);
            w.server(&host, Server::good(Chains::always(chain.clone())));
        }
    }
    w.access_log = true;
    let lab = start(w).await;
    let table = lab.path("operators.toml");
    let write = |per_s: &str| {
        let limits = format!("per_s = {per_s}\nat_once = 1\nwhy = 'it asked'\n");
        std::fs::write(&table, format!("[[operator]]\nname = 'Slow'\ndomains = ['slow.com']\n{limits}")).unwrap();
    };
    write("5.0");
    let scanned = lab.scanned("out", QUICK, &["--operators", table.to_str().unwrap()]).await;
    let of = |scanned: &Scanned, operator: &str| {
        contacts(scanned.endpoints.iter().filter(|row| row.host.ends_with(operator)))
    };
    let slow = of(&scanned, "slow.com");
    let between: Vec<i64> = slow.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(between.iter().all(|pause| *pause >= 199_000), "five a second: {between:?}");
    assert!(gaps(&slow).iter().all(|gap| *gap >= 0.0), "one at once: {slow:?}");
    let manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(scanned.dir.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["runs"][0]["limits"]["operators"]["Slow"]["per_s"], 5.0);

    // Where it is contacted once in an hour, nobody else waits for it.
    write("0.0003");
    let before = std::fs::read_to_string(lab.lab.dir.join("access.log")).unwrap().len();
    let six_came = |log: &str| log[before..].lines().filter(|line| line.starts_with("smtp ")).count() == 6;
    let held_up = lab.interrupted("held-up", QUICK, &["--operators", table.to_str().unwrap()], six_came).await;
    assert_eq!((of(&held_up, "slow.com").len(), of(&held_up, "fast.com").len()), (1, 5));

    write("0.0");
    let refused = lab.scan("refused", QUICK, &["--operators", table.to_str().unwrap()]).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let text = super::support::text(&refused);
    assert!(text.contains("operators.toml") && text.contains("--opt-out"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_421_is_contacted_less_often_and_judged_by_its_replies_alone() {
    let mut w = world();
    let chain = w.pki.issue(&Leaf::good("*.angry.com")).unwrap();
    let greeting = Greeting::RepliesFirst(3, "421 4.7.0 too many connections");
    let ip = w.unnamed_server(Server { greeting, ..Server::good(Chains::always(chain)) });
    for n in 0..6 {
        let host = format!("mx{n}.angry.com");
        list(&mut w, &format!("angry{n}.com"), &[(10, &host)]);
        w.address(&host, ip);
    }
    let lab = start(w).await;
    let spacing = 0.1;
    let limits = QUICK.replace("address_spacing_s = 0.005", &format!("address_spacing_s = {spacing}"));
    let limits = limits + "longest_pause_s = 0.5\nseconds_per_progress_line = 1\n";
    let scanned = lab.scanned("out", &limits, &[]).await;
    let gaps = gaps(&contacts(scanned.at(ip)));
    // Three refusals double the pause to its longest; it is halved after four contacts that were borne.
    let least = [0.2, 0.4, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4];
    assert_eq!(gaps.len(), least.len(), "three refused, six borne: {gaps:?}");
    assert!(gaps.iter().zip(least).all(|(gap, least)| *gap >= least - 0.001), "{gaps:?}");
    assert!(scanned.endpoints.iter().all(|row| row.stage == EndpointStage::Done), "a retry found it in a better mood");
    let attempts = scanned.endpoints.iter().flat_map(|row| &row.attempt_log);
    assert_eq!(attempts.filter(|attempt| attempt.reply_code == Some(421)).count(), 3);
    assert!(scanned.output.contains("slowed down: 1 address"), "{}", scanned.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_connections_are_the_most_whatever_happens() {
    let mut w = world();
    // Refused three times by mood, then a handshake that needs a second look: the fourth.
    let old = w.pki.issue(&Leaf::good("mx.moody.com").key(LeafKey::Rsa2048)).unwrap();
    let legacy = Handshake::Legacy(Box::new(Legacy {
        version: Version::Tls10,
        suites: RSA_SUITES.to_vec(),
        exchange: Exchange::Rsa,
        chain: Some(old),
        bad_signature: false,
        then: Then::Waits,
    }));
    let twice = Greeting::RepliesFirst(2, "450 4.2.1 come back later");
    list(&mut w, "moody.com", &[(10, "mx.moody.com")]);
    let moody =
        w.server("mx.moody.com", Server { greeting: twice, handshake: legacy, ..Server::good(Chains::default()) });
    // Never in the mood: under its own name, and under the name where its TLSA records are.
    list(&mut w, "alias.org", &[(10, "mx.alias.org")]);
    w.alias("mx.alias.org", "real.alias.org");
    let real = w.pki.issue(&Leaf::good("real.alias.org")).unwrap();
    w.tlsa("real.alias.org", 3, 1, 1, real.leaf().unwrap());
    let never = Server { greeting: Greeting::Reply("421 4.3.2 not now"), ..Server::good(Chains::always(real)) };
    let alias = w.server("real.alias.org", never);
    let lab = start(w).await;
    let limits = QUICK.replace("retry_after_s = [0.1, 0.2]", "retry_after_s = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]");
    let scanned = lab.scanned("out", &limits, &[]).await;

    let [row] = scanned.at(moody)[..] else { panic!("one row") };
    assert_eq!((row.connections, row.legacy_version.as_deref()), (4, Some("TLSv1.0")), "{row:?}");
    let rows = scanned.at(alias);
    let names: Vec<&str> = rows.iter().map(|row| row.server_name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(rows.iter().map(|row| row.connections).sum::<u32>(), 4, "under both names together");
    assert!(gaps(&contacts(rows)).iter().all(|gap| *gap >= 0.004), "each waited its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_hosts_address_serves_one_fetch_at_a_time_even_as_the_second_choice() {
    let mut w = world();
    let (closed, open): (IpAddr, IpAddr) = ([127, 44, 9, 1].into(), [127, 44, 9, 2].into());
    for n in 0..8 {
        let domain = format!("policy{n}.com");
        list(&mut w, &domain, &[(0, ".")]);
        w.sts_record(&domain);
        // Half of them come to the open one only when the closed one has refused.
        if n % 2 == 0 {
            w.address(&format!("mta-sts.{domain}"), closed);
        }
        w.address(&format!("mta-sts.{domain}"), open);
    }
    let lab = start(w).await;
    let counted = Counted::default();
    counted.listen(open, lab.lab.https_port).await;
    let limits = QUICK.replace("retry_after_s = [0.1, 0.2]", "retry_after_s = []");
    let scanned = lab.scanned("out", &limits, &[]).await;
    // What it answers is no TLS, so each fetch looks a second time, in the same turn.
    assert_eq!(counted.seen(open), (16, 1));
    let policies: Vec<PolicyRow> = rows(&scanned.dir);
    assert_eq!(policies.len(), 8);
    for row in &policies {
        assert_eq!((row.policy_stage, row.policy_ip.as_deref()), (PolicyStage::Tls, Some("127.44.9.2")));
        assert_eq!(row.policy_attempts.len(), 1, "the addresses of one host are one attempt");
    }
    assert!(rows::<MxHostRow>(&scanned.dir).is_empty());
    assert!(policies.iter().all(|row| row.policy_error != Some(Failure::ConnectRefused)));
}
