//! The model against itself and against the judge.

use std::collections::BTreeSet;

use super::compare::compare;
use super::domain::{Mail, Tlsa, Zone};
use super::model::{CHURN, CROWD_EVERY, World};
use super::sample::sample;
use super::{Parameters, domain};
use mxcensus_dataset::columns::{ColumnType, MX_VERDICTS, Table, VERDICTS};
use mxcensus_dataset::manifest::Tool;

const WORLD: World = World { domains: 10_000, seed: 1, month: 0, adoption: 1.0, silent: 0 };

#[test]
fn a_domain_is_found_by_its_name() {
    for world in [WORLD, WORLD.in_month(2)] {
        let mut members = 0;
        for index in world.members() {
            let name = world.name(index);
            let (label, top_level) = name.split_once('.').unwrap();
            assert_eq!(world.find(label.as_bytes(), top_level.as_bytes()), Some(index));
            assert_eq!(world.find(label.as_bytes(), b"com"), None);
            members += 1;
        }
        assert_eq!(members, world.domains, "as many come as go");
    }
    let next = WORLD.in_month(1);
    assert_eq!(WORLD.members().filter(|&index| !next.is_member(index)).count() as u64, WORLD.domains / CHURN);
}

#[test]
fn the_truth_has_every_closed_column_of_the_judge() {
    let counts = World { domains: 100, ..WORLD }.count();
    let closed = |table: &Table| -> BTreeSet<&str> {
        table
            .columns
            .iter()
            .filter(|column| matches!(column.kind, ColumnType::Word(_)))
            .map(|column| column.name)
            .collect()
    };
    // What the world has no opinion on: a tolerant reader, and columns that repeat others.
    let left_out = ["sts_record_lenient", "sts_policy_lenient", "failure", "result_type"];
    for (table, counted) in [(&VERDICTS, &counts.verdicts), (&MX_VERDICTS, &counts.mx_verdicts)] {
        let counted: BTreeSet<&str> = counted.keys().copied().collect();
        let expected: BTreeSet<&str> = closed(table).into_iter().filter(|column| !left_out.contains(column)).collect();
        assert_eq!(counted, expected, "{}", table.name);
    }
}

#[test]
fn proportions_are_those_of_the_reference_world() {
    let counts = WORLD.count();
    let endpoints = counts.rows["endpoints"];
    assert!(
        (3_400..3_800).contains(&endpoints),
        "the reference world had 3,592 probes for 10,000 domains: {endpoints}"
    );
    let with_record = WORLD.domains - counts.verdicts["sts_record"]["absent"];
    assert!((70..140).contains(&with_record), "about 1 % MTA-STS: {with_record}");
    let dane = WORLD.members().map(|index| WORLD.domain(index)).filter(|domain| {
        let hosts = WORLD.mx(domain).into_iter().map(|(_, host)| WORLD.mx_host(host, domain));
        domain.zone == Zone::Signed && hosts.into_iter().any(|host| host.spec.tlsa != Tlsa::None)
    });
    let dane = dane.count();
    assert!((320..520).contains(&dane), "about 4 % signed with DANE: {dane}");
    let crowd = WORLD.members().filter(|&i| WORLD.domain(i).mail == Mail::Provider(super::providers::CROWD));
    assert_eq!(crowd.count() as u64, WORLD.domains / CROWD_EVERY);
}

#[test]
fn broken_policy_hosts_are_a_quarter() {
    let world = World { adoption: 30.0, ..WORLD };
    let sts: Vec<domain::Sts> = world.members().filter_map(|index| world.domain(index).sts).collect();
    let broken = sts.iter().filter(|sts| sts.fetch != domain::Fetch::Good).count();
    let share = broken as f64 / sts.len() as f64;
    assert!((0.17..0.25).contains(&share), "IMC 2025: some 25 % with the registrar's burst, 21 % without: {share}");
}

/// The judge over made rows against words that were derived from how the world was built.
#[test]
fn a_sample_judged_is_the_truth() {
    let dir = tempfile::tempdir().unwrap();
    for (month, adoption) in [(0, 25.0), (1, 25.0), (4, 1.0)] {
        let out = dir.path().join(format!("month-{month}"));
        let world = Parameters { domains: 2_000, seed: 5, month, adoption, silent_hosts: 2 };
        sample(world, &out, &Tool::default()).unwrap();
        let compared = compare(&out, None).unwrap();
        assert!(compared.numbers > 100, "{compared}");
        assert!(compared.differences.is_empty(), "{compared}");
    }
}
