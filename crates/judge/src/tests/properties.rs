//! What holds for any rows: verdicts are total, the same every time, and blind to the order in which things were read.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::world::*;
use crate::rows::*;
use crate::{Judgement, UNJUDGED};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

/// Mostly what is in order, sometimes anything.
fn mostly<T: Clone + std::fmt::Debug + 'static>(usual: T, others: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop_oneof![7 => Just(usual), 1 => select(others.to_vec())]
}

fn option<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    proptest::option::of(select(values.to_vec()))
}

fn mostly_some<T: Clone + std::fmt::Debug + 'static>(
    usual: T,
    others: &[T],
) -> impl Strategy<Value = Option<T>> + use<T> {
    prop_oneof![7 => Just(Some(usual)), 1 => option(others)]
}

fn tlsa() -> impl Strategy<Value = Vec<TlsaRecord>> {
    let record = prop_oneof![
        3 => Just(good_tlsa()),
        2 => select(vec![
            stale_tlsa(),
            unusable_tlsa(),
            PKI.tlsa(2, Kind::Long, 1),
            PKI.tlsa(2, Kind::DomainOnly, 1),
            TlsaRecord { usage: 3, selector: 1, matching: 2, data: "ab".repeat(64) },
            TlsaRecord { usage: 9, selector: 9, matching: 9, data: "zz".into() },
        ]),
    ];
    proptest::collection::vec(record, 1..4)
}

fn lookup() -> BoxedStrategy<TlsaLookup> {
    let status = prop_oneof![4 => Just(DnsStatus::Found), 2 => Just(DnsStatus::Nxdomain), 1 => select(DnsStatus::ALL)];
    (status, option(Failure::ALL), mostly_some(Dnssec::Secure, Dnssec::ALL), tlsa())
        .prop_map(move |(status, error, dnssec, records)| TlsaLookup { status, error, dnssec, records, ..denied("") })
        .boxed()
}

const TARGET: &str = "target.example.net";
const HOSTS: [&str; 4] = [MX, MX2, "mx.example.net", "192.0.2.1"];
const ADDRESSES: [&str; 4] = [IP, IP2, "10.0.0.1", "2620:fe::9"];

fn host_row(name: &'static str) -> BoxedStrategy<MxHostRow> {
    let cname = mostly_some(Dnssec::Secure, Dnssec::ALL).prop_map(|dnssec| Cname { target: TARGET.into(), dnssec });
    let found = || (mostly_some(DnsStatus::Found, DnsStatus::ALL), option(Failure::ALL));
    (
        mostly(HostStatus::Ok, HostStatus::ALL),
        proptest::option::weighted(0.2, proptest::collection::vec(cname, 1..3)),
        (found(), mostly_some(Dnssec::Secure, Dnssec::ALL)),
        (found(), mostly_some(Dnssec::Secure, Dnssec::ALL)),
        proptest::option::weighted(0.95, proptest::sample::subsequence(ADDRESSES.to_vec(), 0..4)),
        proptest::option::weighted(0.95, (lookup(), lookup())),
        (mostly(false, &[true]), mostly(false, &[true])),
    )
        .prop_map(move |(status, cnames, a, aaaa, addresses, lookups, (addresses_truncated, tlsa_truncated))| {
            let mut row = host(name, &[]);
            row.host_status = status;
            row.cnames = cnames;
            ((row.a_status, row.a_error), row.a_dnssec) = a;
            ((row.aaaa_status, row.aaaa_error), row.aaaa_dnssec) = aaaa;
            row.addresses = addresses.map(|list| list.into_iter().map(Into::into).collect());
            row.tlsa_lookups = lookups.map(|(mut at_host, mut at_target)| {
                at_host.name = format!("_25._tcp.{name}");
                at_target.name = format!("_25._tcp.{TARGET}");
                vec![at_target, at_host]
            });
            row.addresses_truncated = addresses_truncated;
            row.tlsa_truncated = tlsa_truncated;
            row
        })
        .boxed()
}

fn chain() -> BoxedStrategy<Option<Vec<String>>> {
    prop_oneof![
        6 => Just(Some(PKI.chain(Kind::Good))),
        4 => select(&KINDS[..]).prop_map(|kind| Some(PKI.chain(kind))),
        1 => select(vec![None, Some(vec![]), Some(vec!["00".repeat(32)])]),
    ]
    .boxed()
}

fn endpoint_row(name: &'static str, ip: &'static str) -> BoxedStrategy<EndpointRow> {
    let texts = ["TLSv1.2", "SSLv3", "TLSv1", "?"];
    let ciphers =
        ["TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", ""];
    (
        prop_oneof![5 => Just(name), 1 => Just(TARGET)],
        prop_oneof![3 => Just((EndpointStage::Done, None)), 2 => (select(EndpointStage::ALL), option(Failure::ALL))],
        (option(&[220u16, 421, 554, 0]), option(&[true, false]), mostly_some(KeyProof::Verified, KeyProof::ALL)),
        chain(),
        (option(&texts), option(&ciphers), option(KeyProof::ALL), chain()),
        (mostly(false, &[true]), proptest::option::weighted(0.1, select(&HOSTS[..])), select(&[0i64, 0, 0, 400][..])),
        proptest::option::weighted(0.3, lookup()),
    )
        .prop_map(move |(server_name, (stage, error), smtp, chain, legacy, rest, after)| {
            let mut row = endpoint(name, ip);
            row.server_name = server_name.into();
            (row.stage, row.error) = (stage, error);
            (row.reply_code, row.starttls, row.key_proof) = smtp;
            row.chain = chain;
            row.legacy_version = legacy.0.map(Into::into);
            row.legacy_cipher = legacy.1.map(Into::into);
            row.legacy_key_proof = legacy.2;
            row.legacy_chain = legacy.3;
            row.chain_truncated = rest.0;
            row.sampled_from = rest.1.map(Into::into);
            row.observed_at = AT + rest.2 * DAY;
            row.tlsa_after = after.map(|mut lookup| {
                lookup.name = format!("_25._tcp.{name}");
                vec![lookup]
            });
            row
        })
        .boxed()
}

fn policy_row() -> BoxedStrategy<PolicyRow> {
    let enforce = "version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.example.org\n";
    let body = mostly(
        enforce,
        &[
            "version: STSv1\nmode: testing\nmax_age: 0\nmx: mx.example.org\nmx: mx.example.net\n",
            "version: STSv1\nmode: none\nmax_age: 1\n",
            "\u{feff}Version: stsv1\n\nmode: ENFORCE\nmax_age: 604800\nmx: mx.example.org.\n",
            "no policy",
            "",
        ],
    );
    (
        prop_oneof![7 => Just((PolicyStage::Done, None)), 1 => (select(PolicyStage::ALL), option(Failure::ALL))],
        mostly_some(AT, &[AT + 400 * DAY]),
        (mostly_some(KeyProof::Verified, KeyProof::ALL), chain(), mostly(false, &[true])),
        (mostly_some(200, &[301u16, 404, 204]), proptest::option::weighted(0.95, body)),
    )
        .prop_map(|((stage, error), at, tls, http)| {
            let mut row = policy("enforce");
            (row.policy_stage, row.policy_error) = (stage, error);
            row.policy_observed_at = at;
            (row.policy_key_proof, row.policy_chain, row.policy_chain_truncated) = tls;
            row.policy_http_status = http.0;
            row.policy_body = http.1.map(|body| body.as_bytes().to_vec());
            row
        })
        .boxed()
}

fn domain_row() -> BoxedStrategy<DomainRow> {
    let mx = (select(&[10u16, 20][..]), select(&HOSTS[..])).prop_map(|(p, h)| Mx { preference: p, host: h.into() });
    let null = Mx { preference: 0, host: ".".into() };
    let txt = || mostly("v=STSv1; id=1", &["v=STSv1; id=1;;", "v=STSv1;", "v=spf1", "\\255\\0"]);
    (
        (
            prop_oneof![9 => Just(MxStatus::Present), 1 => select(MxStatus::ALL)],
            proptest::option::weighted(0.05, select(Failure::ALL)),
        ),
        mostly_some(Dnssec::Secure, Dnssec::ALL),
        proptest::option::weighted(0.95, proptest::collection::vec(prop_oneof![8 => mx, 1 => Just(null)], 1..4)),
        (mostly_some(DnsStatus::Found, DnsStatus::ALL), option(Failure::ALL)),
        prop_oneof![6 => proptest::collection::vec(txt(), 1), 1 => proptest::collection::vec(txt(), 0..3)],
        (option(DnsStatus::ALL), mostly(false, &[true]), mostly(false, &[true])),
    )
        .prop_map(|((status, error), dnssec, mx, (txt_status, txt_error), txt, (tlsrpt, cut, cut_txt))| {
            let mut row = domain();
            (row.mx_status, row.mx_error) = (status, error);
            row.mx_dnssec = dnssec;
            row.mx = mx;
            row.sts_txt_status = txt_status;
            row.sts_txt_error = txt_error;
            row.sts_txt = Some(txt.into_iter().map(Into::into).collect());
            row.tlsrpt_status = tlsrpt;
            row.tlsrpt_txt = row.sts_txt.clone();
            (row.mx_truncated, row.sts_txt_truncated) = (cut, cut_txt);
            row
        })
        .boxed()
}

/// A host with a row for most of its addresses.
fn host_with_endpoints(name: &'static str) -> BoxedStrategy<(MxHostRow, Vec<EndpointRow>)> {
    let endpoints = ADDRESSES.map(|ip| proptest::option::weighted(0.9, endpoint_row(name, ip)));
    (host_row(name), endpoints)
        .prop_map(|(row, endpoints)| {
            let known = row.addresses.clone().unwrap_or_default();
            let endpoints = endpoints.into_iter().flatten().filter(|endpoint| known.contains(&endpoint.ip));
            (row, endpoints.collect())
        })
        .boxed()
}

fn world() -> BoxedStrategy<World> {
    let hosts = HOSTS.map(|name| proptest::option::weighted(0.9, host_with_endpoints(name)));
    (domain_row(), proptest::option::weighted(0.95, policy_row()), hosts, any::<bool>())
        .prop_map(|(domain, policy, hosts, lenient)| {
            let (hosts, endpoints): (Vec<_>, Vec<_>) = hosts.into_iter().flatten().unzip();
            let mut world = World::good();
            (world.domain, world.policy, world.hosts) = (domain, policy, hosts);
            world.endpoints = endpoints.into_iter().flatten().collect();
            world.parameters.lenient = lenient;
            world
        })
        .boxed()
}

/// The index of a record moves with the records; everything else must not.
fn without_indexes(mut judgement: Judgement) -> (VerdictRow, Vec<MxVerdictRow>) {
    for row in &mut judgement.hosts {
        row.tlsa_matched = row.tlsa_matched.map(|_| 0);
    }
    (judgement.verdict, judgement.hosts)
}

/// Some order (Fisher and Yates), drawn from a generator of our own so that the seed alone decides.
fn shuffle<T>(list: &mut [T], random: &mut u64) {
    for at in (1..list.len()).rev() {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(at, (*random >> 33) as usize % (at + 1));
    }
}

/// Gives every column that no rule looks at the first of these values that it can take.
fn fill_unjudged<Row: Serialize + DeserializeOwned>(row: &mut Row, table: &str) {
    let values = [
        json!(7),
        json!(true),
        json!("servfail"),
        json!("found"),
        json!("secure"),
        json!("finished"),
        json!(["v=spf1 -all"]),
        json!([{ "target": "a.example", "dnssec": "bogus" }]),
    ];
    let mut fields = serde_json::to_value(&*row).unwrap();
    for (_, column) in UNJUDGED.iter().filter(|(of, _)| *of == table) {
        assert!(fields.get(column).is_some(), "{table} has no column {column}");
        let fits = values.iter().any(|value| {
            fields[column] = value.clone();
            Row::deserialize(&fields).is_ok()
        });
        assert!(fits, "no value for {table}.{column}");
    }
    *row = Row::deserialize(&fields).unwrap();
}

fn config() -> Config {
    Config { cases: 192, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn total_and_the_same_every_time(world in world()) {
        let certificates = PKI.certificates();
        let (first, second) = (world.judge_with(&certificates), world.judge_with(&certificates));
        prop_assert_eq!(&first.verdict, &second.verdict);
        prop_assert_eq!(&first.hosts, &second.hosts);
        let names: std::collections::BTreeSet<_> = first.hosts.iter().map(|row| &row.host).collect();
        prop_assert_eq!(names.len(), first.hosts.len(), "a host has one row");
    }

    #[test]
    fn blind_to_order(world in world(), seed in any::<u64>()) {
        let before = without_indexes(world.judge());
        let mut shuffled = world;
        let random = &mut seed.clone();
        if let Some(mx) = &mut shuffled.domain.mx {
            shuffle(mx, random);
        }
        if let Some(txt) = &mut shuffled.domain.sts_txt {
            shuffle(txt, random);
        }
        shuffle(&mut shuffled.endpoints, random);
        shuffle(&mut shuffled.hosts, random);
        for host in &mut shuffled.hosts {
            if let Some(addresses) = &mut host.addresses {
                shuffle(addresses, random);
            }
            for lookup in host.tlsa_lookups.iter_mut().flatten() {
                shuffle(&mut lookup.records, random);
            }
        }
        prop_assert_eq!(before, without_indexes(shuffled.judge()));
    }

    #[test]
    fn blind_to_what_no_rule_looks_at(world in world()) {
        let mut filled = world.clone();
        fill_unjudged(&mut filled.domain, "domains");
        filled.policy.iter_mut().for_each(|row| fill_unjudged(row, "policies"));
        filled.hosts.iter_mut().for_each(|row| fill_unjudged(row, "mx_hosts"));
        filled.endpoints.iter_mut().for_each(|row| fill_unjudged(row, "endpoints"));
        let (plain, filled) = (world.judge(), filled.judge());
        prop_assert_eq!(plain.verdict, filled.verdict);
        prop_assert_eq!(plain.hosts, filled.hosts);
    }

    #[test]
    fn another_mx_pattern_never_unmatches(world in world(), pattern in select(&HOSTS[..3])) {
        let mut more = world.clone();
        let body = more.policy.as_mut().and_then(|policy| policy.policy_body.as_mut());
        if let Some(body) = body.filter(|body| body.starts_with(b"version: STSv1")) {
            body.extend(format!("mx: {pattern}\n").bytes());
        }
        let (before, after) = (world.judge(), more.judge());
        for (old, new) in before.hosts.iter().zip(&after.hosts) {
            prop_assert!(old.sts_mx_match != Some(true) || new.sts_mx_match == Some(true));
            prop_assert!(old.sts != Some(StsHost::Pass) || new.sts == Some(StsHost::Pass));
        }
    }

    #[test]
    fn a_sender_that_checks_more_never_settles_for_less(world in world()) {
        let verdict = world.judge().verdict;
        let level = |outcome| match outcome {
            Outcome::Plaintext => Some(0),
            Outcome::Encrypted => Some(1),
            Outcome::Authenticated => Some(2),
            _ => None,
        };
        // Where the policy is enforced MTA-STS delivers authenticated or not at all.
        if verdict.protection_mta_sts == Protection::AfterFirstContact {
            prop_assert!(level(verdict.outcome_mta_sts).is_none_or(|level| level == 2));
        }
        if verdict.protection_dane == Protection::Always {
            prop_assert!(level(verdict.outcome_dane).is_none_or(|level| level == 2));
            prop_assert!(level(verdict.outcome_both).is_none_or(|level| level == 2));
        }
        prop_assert_eq!(verdict.sts_failure_stage.is_some() && verdict.sts_verdict == StsVerdict::Pass, false);
        prop_assert_eq!(verdict.dane_insecure_cause.is_some(), verdict.dane_verdict == DaneVerdict::Insecure);
    }
}
/// A generator that only makes wreckage would prove nothing: these words must all come up.
#[test]
fn worlds_reach_every_verdict() {
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..600 {
        let judgement = world().new_tree(&mut runner).unwrap().current().judge();
        let verdict = judgement.verdict;
        seen.extend([verdict.sts_verdict.word(), verdict.dane_verdict.word(), verdict.outcome_both.word()]);
        seen.extend(judgement.hosts.iter().map(|host| host.dane_host.word()));
    }
    let wanted = StsVerdict::ALL.iter().map(|word| word.word());
    let wanted = wanted.chain(DaneVerdict::ALL.iter().map(|word| word.word()));
    let wanted = wanted.chain(Outcome::ALL.iter().map(|word| word.word()));
    let wanted = wanted.chain(DaneHost::ALL.iter().map(|word| word.word()));
    assert_eq!(wanted.filter(|word| !seen.contains(word)).collect::<Vec<_>>(), Vec::<&str>::new());
}
