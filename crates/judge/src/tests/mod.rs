//! Tables of worlds and what must be concluded of them, line by line of the verdicts page; the properties beside them.
//!
//! A [`Case`] is a world with one thing changed, the reason, and the columns that must follow, as text:
//! `sts_verdict=fail mx0.sts=fail`. Each file holds the cases of one part; here they are also walked together, to see that
//! every rule, every word and every column is produced by some case.

mod dane;
mod hosts;
mod lookups;
mod oracle;
mod outcomes;
mod properties;
mod stores;
mod sts;
pub(super) mod world;

use std::collections::BTreeSet;

use serde_json::Value;

use super::rows::*;
use super::{Judgement, rules};
use world::World;

/// One world and its truth.
struct Case {
    why: &'static str,
    world: World,
    /// `column=value` for the verdict, `mxN.column=value` for the N-th row of `mx_verdicts`; `column@rule` for what decided.
    expected: &'static str,
}

fn case(why: &'static str, expected: &'static str, change: impl FnOnce(&mut World)) -> Case {
    let mut world = World::good();
    change(&mut world);
    Case { why, world, expected }
}

/// The columns of a judgement by the names that the cases use.
fn column(judgement: &Judgement, name: &str) -> Value {
    let (row, column) = match name.strip_prefix("mx").and_then(|rest| rest.split_once('.')) {
        Some((index, column)) => {
            let index: usize = index.parse().unwrap();
            let row = judgement.hosts.get(index).unwrap_or_else(|| panic!("no row {index} for {name}"));
            (serde_json::to_value(row).unwrap(), column)
        }
        None => (serde_json::to_value(&judgement.verdict).unwrap(), name),
    };
    row.get(column).unwrap_or_else(|| panic!("no column {name}")).clone()
}

/// The id of the rule behind a column.
fn deciding_rule(judgement: &Judgement, name: &str) -> &'static str {
    let (reasons, column) = match name.strip_prefix("mx").and_then(|rest| rest.split_once('.')) {
        Some((index, column)) => (&judgement.reasons.hosts[index.parse::<usize>().unwrap()].1, column),
        None => (&judgement.reasons.domain, name),
    };
    reasons.iter().find(|(named, _)| *named == column).unwrap().1.id
}

fn parse(value: &str) -> Value {
    if let Some(list) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return list.split(',').filter(|item| !item.is_empty()).map(Value::from).collect();
    }
    serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))
}

fn check(cases: &[Case]) {
    for case in cases {
        let judgement = case.world.judge();
        for expectation in case.expected.split_whitespace() {
            let Some((name, value)) = expectation.split_once('=') else {
                let (name, id) = expectation.split_once('@').unwrap();
                assert_eq!(deciding_rule(&judgement, name), id, "{}: {name}", case.why);
                continue;
            };
            assert_eq!(column(&judgement, name), parse(value), "{}: {name}\n{judgement:#?}", case.why);
        }
    }
}

fn all_cases() -> Vec<Case> {
    [sts::cases(), hosts::cases(), lookups::cases(), dane::cases(), outcomes::cases()].into_iter().flatten().collect()
}

#[test]
fn every_rule_is_produced_by_some_case() {
    let mut produced = BTreeSet::new();
    for case in all_cases() {
        let reasons = case.world.judge().reasons;
        produced.extend(reasons.domain.iter().map(|(_, rule)| rule.id));
        produced.extend(reasons.hosts.iter().flat_map(|(_, reasons)| reasons).map(|(_, rule)| rule.id));
    }
    // They decide one address or one use of a host, and no column is about that alone; cases of `dane` hold what follows.
    let inside = ["dane-undecided", "outcome-dane-anchor-refused"];
    let missing: Vec<&str> =
        rules::all().map(|rule| rule.id).filter(|id| !produced.contains(id) && !inside.contains(id)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "rules that no case produces");
}

#[test]
fn every_column_names_its_rule() {
    // What is copied from the observations is decided by no rule.
    let copied = ["domain", "rank", "suffix", "mx_status", "mx_dnssec", "host"];
    let judgement = World::good().judge();
    let decided = |row: Value| -> BTreeSet<String> {
        row.as_object().unwrap().keys().filter(|name| !copied.contains(&name.as_str())).cloned().collect()
    };
    let named = |reasons: &[super::Reason]| reasons.iter().map(|(column, _)| (*column).to_owned()).collect();
    let verdict: BTreeSet<String> = named(&judgement.reasons.domain);
    assert_eq!(decided(serde_json::to_value(&judgement.verdict).unwrap()), verdict);
    let host: BTreeSet<String> = named(&judgement.reasons.hosts[0].1);
    assert_eq!(decided(serde_json::to_value(&judgement.hosts[0]).unwrap()), host);
    assert_eq!(judgement.reasons.hosts[0].0, judgement.hosts[0].host);
}

#[test]
fn every_word_of_every_column_is_produced_by_some_case() {
    let mut seen = BTreeSet::new();
    for case in all_cases() {
        let judgement = case.world.judge();
        let rows = std::iter::once(serde_json::to_value(&judgement.verdict).unwrap())
            .chain(judgement.hosts.iter().map(|row| serde_json::to_value(row).unwrap()));
        for row in rows {
            for (name, value) in row.as_object().unwrap() {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                seen.extend(values.iter().filter_map(|v| v.as_str()).map(|word| format!("{name}={word}")));
            }
        }
    }
    let mut missing = Vec::new();
    macro_rules! want {
        ($($column:literal $words:ident),* $(,)?) => {
            $(for word in $words::ALL {
                let pair = format!("{}={word}", $column);
                if !seen.contains(&pair) {
                    missing.push(pair);
                }
            })*
        };
    }
    want!(
        "sts_record" StsRecord, "sts_policy" StsPolicy, "sts_verdict" StsVerdict, "sts_failure_stage" StsFailureStage,
        "sts_verdict_primary" StsVerdict, "dane_verdict" DaneVerdict, "dane_verdict_primary" DaneVerdict,
        "dane_insecure_cause" DaneInsecureCause, "conflict" Conflict, "outcome_opportunistic" Outcome,
        "outcome_mta_sts" Outcome, "outcome_dane" Outcome, "outcome_dane_insecure_mx" Outcome, "outcome_both" Outcome,
        "protection_mta_sts" Protection, "protection_dane" Protection, "protection_both" Protection, "tlsrpt" Tlsrpt,
        "result_types" ResultType, "starttls" StarttlsWord, "sts" StsHost, "dane" DaneHost, "dane_host" DaneHost,
    );
    // Nothing is authenticated without verification, nothing is refused without a policy of one's own, and MTA-STS protects
    // nobody from the start.
    let impossible = [
        "outcome_opportunistic=authenticated",
        "outcome_opportunistic=refused",
        "protection_mta_sts=always",
        "protection_dane=after-first-contact",
    ];
    missing.retain(|pair| !impossible.contains(&pair.as_str()));
    assert_eq!(missing, Vec::<String>::new(), "words that no case produces");
    for pair in impossible {
        assert!(!seen.contains(pair), "{pair}");
    }
}
