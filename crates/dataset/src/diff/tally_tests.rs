//! Whose a change is, and what it is counted with.

use super::*;
use crate::change::Change;

fn row(kind: ChangeKind, aspect: Option<&str>, provider: Option<&str>) -> ChangeRow {
    let change = Change::new(kind, "pass", "fail");
    ChangeRow {
        subject: Subject::Domain,
        name: "www.own.example".into(),
        kind,
        aspect: aspect.map(str::to_owned),
        old: change.old,
        new: change.new,
        rank: None,
        provider: provider.map(str::to_owned),
        provider_before: None,
        policy_operator: None,
        domains: 1,
    }
}

fn groups(tally: &Tally) -> Vec<(&str, &str, u64)> {
    tally.groups.iter().map(|((_, role, operator), domains)| (role.word(), operator.as_str(), *domains)).collect()
}

#[test]
fn an_operator_is_somebody_else_and_stayed() {
    assert_eq!(steady(Some("a"), Some("a")), Some("a"));
    assert_eq!(steady(Some("a"), Some("b")), None, "it came with a move");
    assert_eq!(steady(Some("a"), None), Some("a"));
    assert_eq!(steady(None, Some("a")), Some("a"));
    let owners = Owners { provider: Some("own.example"), policy_operator: Some("hosting.example") };
    let of =
        |subject| named(subject, "www.own.example", &owners).map(|(_, owner)| owner.to_owned()).collect::<Vec<_>>();
    assert_eq!(of(Subject::Domain), ["hosting.example"]);
    assert_eq!(of(Subject::Host), ["own.example", "hosting.example"], "whoever runs a host is its operator");
}

#[test]
fn groups_by_role() {
    let owners = Owners { provider: Some("mail.example"), policy_operator: Some("hosting.example") };
    let mut tally = Tally::default();
    tally.add_change(&row(ChangeKind::FailureNew, Some("sts_verdict"), None), &owners);
    tally.add_change(&row(ChangeKind::FailureNew, Some("sts_verdict"), None), &owners);
    assert_eq!(groups(&tally), [("provider", "mail.example", 2), ("policy-operator", "hosting.example", 2)]);
    let mut tally = Tally::default();
    tally.add_change(&row(ChangeKind::FailureNew, Some("dane_verdict"), None), &owners);
    assert_eq!(groups(&tally), [("provider", "mail.example", 1)], "a policy host has no hand in DANE");
    let mut tally = Tally::default();
    for kind in [ChangeKind::Appeared, ChangeKind::Vanished, ChangeKind::FailurePersists] {
        tally.add_change(&row(kind, None, None), &owners);
    }
    assert_eq!(groups(&tally), [], "no news");
    let mut tally = Tally::default();
    tally.add_change(&row(ChangeKind::MxMoved, None, Some("target.example")), &Owners::default());
    assert_eq!(groups(&tally), [("provider", "target.example", 1)], "a move is news of where it went");
}

#[test]
fn words_are_counted_apart_and_texts_together() {
    let mut tally = Tally::default();
    let mut id = row(ChangeKind::IdWithoutNewPolicy, None, None);
    for number in 0..3 {
        id.new = Some(number.to_string());
        tally.add_change(&id, &Owners::default());
    }
    let mut verdict = row(ChangeKind::VerdictChanged, Some("sts_verdict"), None);
    tally.add_change(&verdict, &Owners::default());
    verdict.new = Some("partial".into());
    tally.add_change(&verdict, &Owners::default());
    let counted: Vec<_> = tally.counts.iter().map(|(key, count)| (key.kind, key.new.as_deref(), count.rows)).collect();
    assert_eq!(
        counted,
        [
            (ChangeKind::VerdictChanged, Some("fail"), 1),
            (ChangeKind::VerdictChanged, Some("partial"), 1),
            (ChangeKind::IdWithoutNewPolicy, None, 3),
        ]
    );
}

#[test]
fn every_kind_says_whether_its_words_are_closed() {
    let texts = ChangeKind::ALL.iter().filter(|kind| !kind.has_closed_words()).count();
    assert_eq!((ChangeKind::ALL.len(), texts), (35, 17));
}
