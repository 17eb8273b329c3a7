//! What holds for any rows: verdicts are total, the same every time, and blind to the order in which things were read.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;

use super::world::*;
use crate::failure::Failure;
use crate::judge::Judgement;
use crate::judge::rows::*;
use crate::observation::*;

fn option<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    proptest::option::of(select(values.to_vec()))
}

fn tlsa() -> impl Strategy<Value = Vec<TlsaRecord>> {
    let record = select(vec![
        good_tlsa(),
        stale_tlsa(),
        unusable_tlsa(),
        PKI.tlsa(2, Kind::Long, 1),
        PKI.tlsa(2, Kind::DomainOnly, 1),
        TlsaRecord { usage: 3, selector: 1, matching: 2, data: "ab".repeat(64) },
        TlsaRecord { usage: 9, selector: 9, matching: 9, data: "zz".into() },
    ]);
    proptest::collection::vec(record, 0..4)
}

fn lookup(name: &'static str) -> impl Strategy<Value = TlsaLookup> {
    (select(DnsStatus::ALL), option(Failure::ALL), option(Dnssec::ALL), tlsa())
        .prop_map(move |(status, error, dnssec, records)| TlsaLookup { status, error, dnssec, records, ..denied(name) })
}

const HOSTS: [&str; 5] = [MX, MX2, "mx.example.net", "192.0.2.1", "target.example.net"];
const ADDRESSES: [&str; 4] = [IP, IP2, "10.0.0.1", "2620:fe::9"];

fn host_row() -> impl Strategy<Value = MxHostRow> {
    let cname =
        (option(Dnssec::ALL), select(&HOSTS[..])).prop_map(|(dnssec, target)| Cname { target: target.into(), dnssec });
    (
        (select(&HOSTS[..]), prop_oneof![4 => Just(HostStatus::Ok), 1 => select(HostStatus::ALL)]),
        proptest::option::weighted(0.3, proptest::collection::vec(cname, 0..3)),
        (option(DnsStatus::ALL), option(Failure::ALL), option(Dnssec::ALL)),
        (option(DnsStatus::ALL), option(Failure::ALL), option(Dnssec::ALL)),
        proptest::option::weighted(0.9, proptest::sample::subsequence(ADDRESSES.to_vec(), 0..4)),
        proptest::option::weighted(0.9, (lookup("h"), lookup("t"))),
        any::<(bool, bool)>(),
    )
        .prop_map(
            |((name, status), cnames, a, aaaa, addresses, lookups, (addresses_truncated, tlsa_truncated))| {
                let mut row = host(name, &[]);
                row.host_status = status;
                row.cnames = cnames;
                (row.a_status, row.a_error, row.a_dnssec) = a;
                (row.aaaa_status, row.aaaa_error, row.aaaa_dnssec) = aaaa;
                row.addresses = addresses.map(|list| list.into_iter().map(Into::into).collect());
                row.tlsa_lookups = lookups.map(|(mut at_host, mut at_target)| {
                    at_host.name = format!("_25._tcp.{name}");
                    at_target.name = "_25._tcp.target.example.net".into();
                    vec![at_target, at_host]
                });
                row.addresses_truncated = addresses_truncated;
                row.tlsa_truncated = tlsa_truncated;
                row
            },
        )
}

fn chain() -> impl Strategy<Value = Option<Vec<String>>> {
    prop_oneof![
        6 => select(&KINDS[..]).prop_map(|kind| Some(PKI.chain(kind))),
        1 => Just(None),
        1 => Just(Some(vec![])),
        1 => Just(Some(vec!["00".repeat(32)])),
    ]
}

fn endpoint_row() -> impl Strategy<Value = EndpointRow> {
    let texts = ["TLSv1.2", "SSLv3", "TLSv1", "?"];
    let ciphers =
        ["TLS_RSA_EXPORT_WITH_RC4_40_MD5", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", ""];
    (
        (select(&HOSTS[..]), select(&HOSTS[..]), select(&ADDRESSES[..]), any::<bool>()),
        prop_oneof![3 => Just(EndpointStage::Done), 2 => select(EndpointStage::ALL)],
        proptest::option::weighted(0.4, select(Failure::ALL)),
        (option(&[220u16, 421, 554, 0]), option(&[true, false]), option(KeyProof::ALL)),
        chain(),
        (option(&texts), option(&ciphers), option(KeyProof::ALL), chain()),
        (any::<bool>(), proptest::option::weighted(0.2, select(&HOSTS[..])), 0i64..1000),
        proptest::option::weighted(0.3, lookup("a")),
    )
        .prop_map(|((name, other, ip, own), stage, error, smtp, chain, legacy, rest, after)| {
            let mut row = endpoint(name, ip);
            row.server_name = if own { name } else { other }.into();
            row.stage = stage;
            row.error = error;
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
}

fn policy_row() -> impl Strategy<Value = PolicyRow> {
    let body = select(vec![
        "version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.example.org\n",
        "version: STSv1\nmode: testing\nmax_age: 0\nmx: mx.example.org\nmx: mx.example.net\n",
        "version: STSv1\nmode: none\nmax_age: 1\n",
        "\u{feff}Version: stsv1\n\nmode: ENFORCE\nmax_age: 604800\nmx: mx.example.org.\n",
        "no policy",
        "",
    ]);
    (
        prop_oneof![4 => Just(PolicyStage::Done), 1 => select(PolicyStage::ALL)],
        proptest::option::weighted(0.2, select(Failure::ALL)),
        proptest::option::weighted(0.9, Just(AT)),
        (prop_oneof![4 => Just(Some(KeyProof::Verified)), 1 => option(KeyProof::ALL)], chain(), any::<bool>()),
        (prop_oneof![4 => Just(Some(200)), 1 => option(&[301u16, 404, 204])], proptest::option::weighted(0.9, body)),
    )
        .prop_map(|(stage, error, at, tls, http)| {
            let mut row = policy("enforce");
            row.policy_stage = stage;
            row.policy_error = error;
            row.policy_observed_at = at;
            (row.policy_key_proof, row.policy_chain, row.policy_chain_truncated) = tls;
            row.policy_http_status = http.0;
            row.policy_body = http.1.map(|body| body.as_bytes().to_vec());
            row
        })
}

fn domain_row() -> impl Strategy<Value = DomainRow> {
    let mx = (select(&[5u16, 10, 20][..]), select(&HOSTS[..])).prop_map(|(p, h)| Mx { preference: p, host: h.into() });
    let null = Mx { preference: 0, host: ".".into() };
    let txt = select(&["v=STSv1; id=1", "v=STSv1; id=1;;", "v=STSv1;", "v=spf1", "\\255\\0"][..]);
    (
        prop_oneof![5 => Just(MxStatus::Present), 1 => select(MxStatus::ALL)],
        proptest::option::weighted(0.1, select(Failure::ALL)),
        prop_oneof![4 => Just(Some(Dnssec::Secure)), 1 => option(Dnssec::ALL)],
        proptest::option::weighted(0.95, proptest::collection::vec(prop_oneof![8 => mx, 1 => Just(null)], 0..5)),
        (prop_oneof![4 => Just(Some(DnsStatus::Found)), 1 => option(DnsStatus::ALL)], option(Failure::ALL)),
        proptest::collection::vec(txt, 0..3),
        (option(DnsStatus::ALL), any::<(bool, bool)>()),
    )
        .prop_map(|(status, error, dnssec, mx, (txt_status, txt_error), txt, (tlsrpt, (cut, cut_txt)))| {
            let mut row = domain();
            row.mx_status = status;
            row.mx_error = error;
            row.mx_dnssec = dnssec;
            row.mx = mx;
            row.sts_txt_status = txt_status;
            row.sts_txt_error = txt_error;
            row.sts_txt = Some(txt.into_iter().map(Into::into).collect());
            row.tlsrpt_status = tlsrpt;
            row.tlsrpt_txt = row.sts_txt.clone();
            (row.mx_truncated, row.sts_txt_truncated) = (cut && cut_txt, cut_txt && !cut);
            row
        })
}

fn world() -> impl Strategy<Value = World> {
    (
        domain_row(),
        proptest::option::weighted(0.9, policy_row()),
        proptest::collection::vec(host_row(), 0..6),
        proptest::collection::vec(endpoint_row(), 0..12),
        any::<bool>(),
    )
        .prop_map(|(domain, policy, mut hosts, endpoints, lenient)| {
            hosts.sort_by(|a, b| a.host.cmp(&b.host));
            hosts.dedup_by(|a, b| a.host == b.host);
            let mut world = World::good();
            (world.domain, world.policy, world.hosts, world.endpoints) = (domain, policy, hosts, endpoints);
            world.parameters.lenient = lenient;
            world
        })
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
    fn another_mx_pattern_never_unmatches(world in world(), pattern in select(&HOSTS[..3])) {
        let mut more = world.clone();
        if let Some(body) = more.policy.as_mut().and_then(|policy| policy.policy_body.as_mut()) {
            if body.starts_with(b"version: STSv1") {
                body.extend(format!("mx: {pattern}\n").bytes());
            }
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
