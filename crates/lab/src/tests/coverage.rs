//! Every word of every vocabulary is expected of some domain, and no expectation uses a word that is not in its vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::scenes;
use super::super::world::{Vantage, World};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{EndpointStage, MxStatus};
use mxcensus_rules::verdict::*;

fn world() -> World {
    scenes::all(1_800_000_000, Vantage { ipv6_loopback: true, ipv6_route: false }).unwrap()
}

fn words<T: Copy + std::fmt::Display>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// The words that occur under `column`, lists taken apart.
fn used<'a>(rows: impl Iterator<Item = &'a Map<String, Value>>, column: &str) -> BTreeSet<String> {
    rows.filter_map(|row| row.get(column))
        .flat_map(|value| match value {
            Value::Array(items) => items.clone(),
            Value::Null => Vec::new(),
            other => vec![other.clone()],
        })
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect()
}

#[test]
fn every_word_of_every_verdict_column_is_expected_somewhere() {
    let world = world();
    let columns: Vec<(&str, Vec<String>)> = vec![
        ("mx_status", words(MxStatus::ALL)),
        ("sts_record", words(StsRecord::ALL)),
        ("sts_policy", words(StsPolicy::ALL)),
        ("sts_verdict", words(StsVerdict::ALL)),
        ("sts_failure_stage", words(StsFailureStage::ALL)),
        ("dane_verdict", words(DaneVerdict::ALL)),
        ("dane_insecure_cause", words(DaneInsecureCause::ALL)),
        ("conflict", words(Conflict::ALL)),
        (
            "outcome_opportunistic",
            ["encrypted", "plaintext", "unreachable", "indeterminate", "no-mail"].map(String::from).to_vec(),
        ),
        ("outcome_mta_sts", words(Outcome::ALL)),
        ("outcome_dane", words(Outcome::ALL)),
        ("outcome_dane_insecure_mx", words(Outcome::ALL)),
        ("outcome_both", words(Outcome::ALL)),
        ("protection_mta_sts", ["after-first-contact", "never", "indeterminate", "no-mail"].map(String::from).to_vec()),
        ("protection_dane", ["always", "never", "indeterminate", "no-mail"].map(String::from).to_vec()),
        ("protection_both", words(Protection::ALL)),
        ("tlsrpt", words(Tlsrpt::ALL)),
    ];
    for (column, expected) in columns {
        let found = used(world.domains.iter().map(|(_, e)| &e.verdict), column);
        assert_eq!(found, expected.into_iter().collect(), "verdicts.{column}");
    }
    let hosts: Vec<(&str, Vec<String>)> = vec![
        ("starttls", words(StarttlsWord::ALL)),
        ("sts", words(StsHost::ALL)),
        ("dane", words(DaneHost::ALL)),
        ("dane_host", words(DaneHost::ALL)),
        ("tlsa_mismatch_cause", words(MismatchCause::ALL)),
    ];
    for (column, expected) in hosts {
        let found = used(world.domains.iter().flat_map(|(_, e)| e.mx.values()), column);
        assert_eq!(found, expected.into_iter().collect(), "mx_verdicts.{column}");
    }
    let mut types = used(world.domains.iter().map(|(_, e)| &e.verdict), "result_types");
    types.extend(used(world.domains.iter().flat_map(|(_, e)| e.mx.values()), "result_type"));
    assert_eq!(types, words(ResultType::ALL).into_iter().collect());
    let stages = used(world.domains.iter().flat_map(|(_, e)| e.endpoints.values()), "stage");
    let all: BTreeSet<String> = words(EndpointStage::ALL).into_iter().collect();
    assert!(stages.is_subset(&all), "{stages:?}");
}

#[test]
fn every_failure_word_is_expected_somewhere() {
    let world = world();
    let mut found = BTreeSet::new();
    for (_, expected) in &world.domains {
        let rows = || {
            [&expected.verdict, &expected.domain]
                .into_iter()
                .chain(expected.mx.values())
                .chain(expected.endpoints.values())
        };
        for column in ["sts_failure", "sts_warnings", "failure", "error", "mx_error", "pkix"] {
            found.extend(used(rows(), column));
        }
    }
    let all: BTreeSet<String> = Failure::ALL.iter().map(|f| f.word().to_owned()).collect();
    let missing: Vec<&String> = all.difference(&found).collect();
    // Shown by the status of a host, which has no failure column; two that only flags and signals bring about; and two of
    // chains that no server of the lab holds: the tests of the judge and `tests/data/eval` have them.
    let elsewhere =
        ["address-literal", "budget", "cancelled", "cert-too-much-work", "cert-unsupported", "invalid-name"];
    assert_eq!(missing, elsewhere);
    let strangers: Vec<&String> = found.difference(&all).filter(|word| *word != "valid").collect();
    assert_eq!(strangers, Vec::<&String>::new());
}

#[test]
fn worlds_are_consistent() {
    let world = world();
    assert!(world.domains.len() >= 80, "{}", world.domains.len());
    let mut domains = BTreeMap::new();
    for (domain, expected) in &world.domains {
        assert!(domain.contains("lab-"), "{domain}: a name of the lab's own");
        assert!(domains.insert(domain, expected).is_none(), "{domain} stands twice");
        assert!(expected.verdict.len() >= 15, "{domain}: too little is expected");
    }
    let smtp: BTreeSet<_> = world.smtp.iter().map(|(ip, _)| ip).collect();
    let https: BTreeSet<_> = world.https.iter().map(|(ip, _)| ip).collect();
    assert_eq!((smtp.len(), https.len()), (world.smtp.len(), world.https.len()), "one server per address");
    assert!(smtp.iter().chain(&https).all(|ip| ip.is_loopback()));
}

#[test]
fn walked_situations_are_domains() {
    let page = include_str!("../../../../docs/testing.md");
    let (_, walked) = page.split_once("## Walked by hand").unwrap();
    let world = world();
    let rows: Vec<&str> = walked.lines().filter(|line| line.contains("| `lab-")).collect();
    assert_eq!(rows.len(), 18);
    for row in rows {
        let domain = row.split('`').nth(1).unwrap();
        // A neighbour of this machine may be 10.0.0.1: then the scene is left out.
        let stands = world.domains.iter().any(|(name, _)| name == domain);
        assert!(stands || domain == "lab-mx-private.com", "{row}");
    }
}
