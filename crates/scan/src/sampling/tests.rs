use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::probe::{Target, skipped};
use mxcensus_rules::observation::KeyProof;

const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn sampling(samples: u32, budget: u32, seed: u64) -> Sampling {
    let limits = Limits { sampled_names: samples, sampling_budget: budget, ..Limits::default() };
    Sampling::new(&limits, seed).unwrap()
}

fn name(n: u32) -> Arc<str> {
    format!("mx{n}.example.com").into()
}

/// A row of one connection that ended in a handshake with this chain.
fn shows(host: &str, chain: &str) -> EndpointRow {
    let target = Target { host: host.into(), server_name: host.into(), ip: IP, port: 25, aliases: Arc::default() };
    EndpointRow {
        stage: EndpointStage::Done,
        error: None,
        connections: 1,
        starttls: Some(true),
        injected: Some(false),
        key_proof: Some(KeyProof::Verified),
        chain: Some(vec![chain.into()]),
        ..skipped(&target, "w1", Failure::Budget)
    }
}

fn fails(host: &str, stage: EndpointStage, error: Failure, connections: u32) -> EndpointRow {
    EndpointRow { stage, error: Some(error), connections, chain: None, key_proof: None, ..shows(host, "") }
}

/// What became of each name.
#[derive(Debug, Default)]
struct Outcome {
    contacted: Vec<String>,
    copied: BTreeMap<String, String>,
    over_budget: Vec<String>,
}

/// An address that answers each name in its own way, contacted one at a time, while names arrive `every` so many contacts.
fn play(sampling: &mut Sampling, names: &[Arc<str>], every: usize, answer: impl Fn(&str) -> EndpointRow) -> Outcome {
    let (mut outcome, mut turn, mut ended) = (Outcome::default(), None, false);
    let mut names = names.iter();
    let take = |outcome: &mut Outcome, turn: &mut Option<Arc<str>>, step| match step {
        Step::Contact(host) => assert!(turn.replace(host).is_none(), "one at a time"),
        Step::As(host, row) => assert!(outcome.copied.insert(host.to_string(), row.host.clone()).is_none()),
        Step::OverBudget(host) => outcome.over_budget.push(host.to_string()),
    };
    while !ended || turn.is_some() {
        for _ in 0..every {
            match names.next() {
                Some(name) => {
                    if let Some(step) = sampling.arrive(IP, name.clone()) {
                        take(&mut outcome, &mut turn, step);
                    }
                }
                None => ended = true,
            }
        }
        if let Some(host) = turn.take() {
            if let Some(step) = sampling.begin(IP) {
                take(&mut outcome, &mut turn, step);
            }
            outcome.contacted.push(host.to_string());
            for step in sampling.finish(IP, &answer(&host)) {
                take(&mut outcome, &mut turn, step);
            }
        }
    }
    assert_eq!(sampling.held(), 0, "nobody is left waiting");
    outcome
}

fn names(count: u32) -> Vec<Arc<str>> {
    (0..count).map(name).collect()
}

#[test]
fn no_more_than_the_sample_is_contacted_where_all_agree() {
    let outcome = play(&mut sampling(50, 1000, 1), &names(1000), 100, |host| shows(host, "same"));
    assert_eq!((outcome.contacted.len(), outcome.copied.len()), (50, 950));
    assert!(outcome.copied.values().all(|from| outcome.contacted.contains(from)));
}

#[test]
fn a_small_address_is_contacted_whole() {
    for count in [1, 49, 50] {
        let outcome = play(&mut sampling(50, 1000, 1), &names(count), 7, |host| shows(host, "same"));
        assert_eq!((outcome.contacted.len() as u32, outcome.copied.len()), (count, 0));
    }
    // One after the other, each long after the one before was finished.
    let outcome = play(&mut sampling(50, 1000, 1), &names(51), 1, |host| shows(host, "same"));
    assert_eq!((outcome.contacted.len(), outcome.copied.len()), (50, 1));
}

#[test]
fn differing_samples_end_it() {
    let by_name = |host: &str| shows(host, host);
    let outcome = play(&mut sampling(5, 1000, 1), &names(300), 300, by_name);
    assert_eq!((outcome.contacted.len(), outcome.copied.len(), outcome.over_budget.len()), (300, 0, 0));
    let outcome = play(&mut sampling(5, 20, 1), &names(300), 300, by_name);
    assert_eq!((outcome.contacted.len(), outcome.copied.len(), outcome.over_budget.len()), (25, 0, 275));
}

#[test]
fn the_choice_is_by_seed_and_not_by_arrival() {
    let chosen = |seed, order: &dyn Fn(&mut Vec<Arc<str>>)| {
        let mut names = names(400);
        order(&mut names);
        let outcome = play(&mut sampling(20, 100, seed), &names, 400, |host| shows(host, "same"));
        // The first to arrive is given out before anybody else is known.
        let first = names[0].to_string();
        outcome.contacted.into_iter().filter(|host| *host != first).collect::<BTreeSet<_>>()
    };
    let one = chosen(1, &|_| ());
    let reversed = chosen(1, &|names| names.reverse());
    assert!(one.symmetric_difference(&reversed).count() <= 2, "{one:?} {reversed:?}");
    assert!(one.intersection(&chosen(2, &|_| ())).count() < 10, "another seed chooses others");
}

#[test]
fn a_failure_is_no_sample_and_another_takes_its_place() {
    let flaky = |host: &str| {
        let stays_silent = host.starts_with("mx1");
        if stays_silent { fails(host, EndpointStage::Banner, Failure::BannerTimeout, 2) } else { shows(host, "same") }
    };
    let outcome = play(&mut sampling(20, 1000, 3), &names(500), 500, flaky);
    let silent = outcome.contacted.iter().filter(|host| host.starts_with("mx1")).count();
    assert!(silent > 0, "the seed has some of them");
    assert_eq!(outcome.contacted.len(), 20 + silent);
    assert!(outcome.copied.values().all(|from| !from.starts_with("mx1")), "copied from one that answered");
}

#[test]
fn an_address_that_answers_nobody_is_left_alone() {
    let refused = |host: &str| fails(host, EndpointStage::Connect, Failure::ConnectRefused, 3);
    let outcome = play(&mut sampling(10, 1000, 1), &names(500), 500, refused);
    assert_eq!((outcome.contacted.len(), outcome.copied.len()), (10, 490));
    // Silent in one way today and in another tomorrow: it is not known what the others would meet.
    let moody = |host: &str| {
        let error = if host.len().is_multiple_of(2) { Failure::ConnectRefused } else { Failure::ConnectTimeout };
        fails(host, EndpointStage::Connect, error, 3)
    };
    let outcome = play(&mut sampling(10, 30, 1), &names(500), 500, moody);
    assert_eq!((outcome.contacted.len(), outcome.copied.len(), outcome.over_budget.len()), (40, 0, 460));
}

#[test]
fn what_was_not_contacted_tells_nothing_and_costs_no_budget() {
    let no_route = |host: &str| fails(host, EndpointStage::Skipped, Failure::NoRouteForFamily, 0);
    let outcome = play(&mut sampling(10, 30, 1), &names(500), 500, no_route);
    assert_eq!((outcome.contacted.len(), outcome.copied.len(), outcome.over_budget.len()), (500, 0, 0));
}

#[test]
fn names_that_are_always_contacted_have_a_budget_of_their_own() {
    let limits = Limits { sampled_names: 4, sampling_budget: 2, tlsa_names_budget: 5, ..Limits::default() };
    let mut sampling = Sampling::new(&limits, 1).unwrap();
    let made_up = |n: usize| format!("mx{n}.hostile.org");
    assert_eq!((0..24).filter(|n| sampling.arrive_unsampled(IP, &made_up(*n))).count(), 5, "one domain's names");
    assert!(sampling.arrive_unsampled(IP, "mx.honest.org"), "another domain's at the same address");
    assert!(sampling.arrive_unsampled([192, 0, 2, 2].into(), &made_up(99)), "and the first one's at another");
    let outcome = play(&mut sampling, &names(6), 6, |host| shows(host, "same"));
    assert!(outcome.over_budget.is_empty(), "the names that are sampled are counted by themselves");
    // Another run knows what was contacted.
    let mut again = Sampling::new(&limits, 1).unwrap();
    (0..5).for_each(|n| again.restore_unsampled(IP, &made_up(n)));
    assert!(!again.arrive_unsampled(IP, &made_up(5)));
}

#[test]
fn what_counts_as_the_same() {
    let base = shows("mx1.example.com", "chain");
    type Change = fn(&mut EndpointRow);
    let table: [(&str, Change, bool); 9] = [
        ("the same", |_| (), true),
        ("another greeting", |row| row.banner = Some("220 other".into()), true),
        ("another version of TLS that counts as much", |row| row.tls_version = Some("TLSv1.2".into()), true),
        ("another chain", |row| row.chain = Some(vec!["other".into()]), false),
        ("a chain cut short", |row| row.chain_truncated = true, false),
        ("a key that was not proven", |row| row.key_proof = Some(KeyProof::Failed), false),
        ("no handshake", |row| (row.stage, row.error) = (EndpointStage::Tls, Some(Failure::TlsAlert)), false),
        ("clear text after STARTTLS", |row| row.injected = Some(true), false),
        ("an old version of TLS", |row| row.legacy_version = Some("TLSv1".into()), false),
    ];
    for (what, change, same) in table {
        let mut row = base.clone();
        change(&mut row);
        assert_eq!(likeness(&row) == likeness(&base), same, "{what}");
    }
}

#[test]
fn resuming_reaches_the_same_end() {
    let all = names(300);
    let answer = |host: &str| shows(host, "same");
    let whole = play(&mut sampling(20, 100, 9), &all, 300, answer);
    for done in [0, 1, 19, 20] {
        let mut again = sampling(20, 100, 9);
        let (rows, left): (Vec<_>, Vec<_>) =
            all.iter().cloned().partition(|name| whole.contacted[..done].contains(&name.to_string()));
        rows.iter().for_each(|name| again.restore(IP, &answer(name)));
        let rest = play(&mut again, &left, 300, answer);
        assert_eq!(done + rest.contacted.len(), 20, "{done} done before");
        assert_eq!(rest.copied.len(), 280);
        if done == 20 {
            // The decision had been made: copies of an earlier run do not make another one.
            let mut again = sampling(20, 100, 9);
            let mut copy = answer("mx1.example.com");
            (copy.sampled_from, copy.connections) = (Some("mx2.example.com".into()), 0);
            (0..50).for_each(|_| again.restore(IP, &copy));
            rows.iter().for_each(|name| again.restore(IP, &answer(name)));
            assert!(play(&mut again, &left, 300, answer).contacted.is_empty());
        }
    }
}

proptest! {
    /// Whatever the peers do and in whatever order it comes: each name has one end, the limits hold, nobody waits for ever.
    #[test]
    fn every_name_has_one_end(
        samples in 1u32..6, budget in 0u32..8, count in 0u32..60, every in 1usize..70, seed: u64,
        kinds in prop::collection::vec(0u8..6, 60),
    ) {
        let mut sampling = sampling(samples, budget, seed);
        let answer = |host: &str| {
            let n: usize = host.trim_start_matches("mx").split('.').next().unwrap().parse().unwrap();
            match kinds[n] {
                0..=2 => shows(host, "same"),
                3 => shows(host, "other"),
                4 => fails(host, EndpointStage::Connect, Failure::ConnectTimeout, 2),
                _ => fails(host, EndpointStage::Skipped, Failure::NoRouteForFamily, 0),
            }
        };
        let names = names(count);
        let outcome = play(&mut sampling, &names, every, answer);
        let mut ends: Vec<&String> =
            outcome.contacted.iter().chain(outcome.copied.keys()).chain(&outcome.over_budget).collect();
        ends.sort();
        let mut expected: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        expected.sort();
        prop_assert_eq!(ends, expected.iter().collect::<Vec<_>>());
        let connected = outcome.contacted.iter().filter(|host| answer(host).connections > 0).count();
        prop_assert!(connected <= (samples + budget) as usize);
        if count as usize > connected && !outcome.copied.is_empty() {
            prop_assert!(connected >= samples as usize);
        }
    }
}
