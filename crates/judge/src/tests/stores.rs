//! Several trust stores at once: each says what it would say alone.

use super::world::{KINDS, Kind, MX2, PKI, World};
use crate::rows::{MxTrusted, Outcome, StoreVerdictRow, StsPolicy, StsVerdict};
use crate::{Certificates, HostFacts, Judge, Judgement};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::pkix::testing::JAN_2025;
use mxcensus_rules::pkix::testing::seconds;
use mxcensus_rules::pkix::{DistrustAfter, IssuedBy, TrustStore};
use std::collections::HashMap;

/// Both roots, each alone, none, and one of which nothing is good that was issued after a day.
fn stores() -> Vec<(&'static str, TrustStore)> {
    let [first, second] = &PKI.roots;
    let after = DistrustAfter { by: IssuedBy::NotBefore, last_second: seconds(JAN_2025) - 1 };
    vec![
        ("both", PKI.store.clone()),
        ("first", PKI.store.without(&[second])),
        ("second", PKI.store.without(&[first])),
        ("none", PKI.store.without(&PKI.roots)),
        ("both again", PKI.store.clone()),
        ("dated", PKI.store.distrusting(first, after)),
    ]
}

fn judge(world: &World, judge: &Judge<'_>, certificates: &Certificates) -> Judgement {
    let facts: HashMap<String, HostFacts> = world
        .hosts
        .iter()
        .map(|row| {
            let own = world.endpoints.iter().filter(|endpoint| endpoint.host == row.host);
            (row.host.clone(), HostFacts::read(row, own, certificates))
        })
        .collect();
    judge.domain(&world.domain, world.policy.as_ref(), &facts)
}

/// Two hosts and a policy host, each with a chain of its kind.
fn world(policy: Kind, first: Kind, second: Kind) -> World {
    let mut world = World::good();
    world.add_host(20, MX2, "9.9.9.3");
    world.policy.as_mut().unwrap().policy_chain = Some(PKI.chain(policy));
    for (endpoint, kind) in world.endpoints.iter_mut().zip([first, second]) {
        endpoint.chain = Some(PKI.chain(kind));
    }
    world
}

#[test]
fn each_store_says_what_it_would_say_alone() {
    let (certificates, stores) = (PKI.certificates(), stores());
    let compared: Vec<(&str, &TrustStore)> = stores.iter().map(|(name, store)| (*name, store)).collect();
    let together = Judge::comparing(Default::default(), &PKI.store, &compared, &certificates);
    let alone: Vec<Judge<'_>> = compared
        .iter()
        .map(|&(name, store)| Judge::comparing(Default::default(), store, &[(name, store)], &certificates))
        .collect();
    for policy in [Kind::Good, Kind::OtherRoot, Kind::Long, Kind::WrongName, Kind::UnknownAlgorithm] {
        for (first, second) in KINDS.iter().flat_map(|first| KINDS.iter().map(move |second| (*first, *second))) {
            let world = world(policy, first, second);
            let found = judge(&world, &together, &certificates);
            let plain = judge(&world, &Judge::new(Default::default(), &PKI.store, &certificates), &certificates);
            assert_eq!((&found.verdict, &found.hosts), (&plain.verdict, &plain.hosts), "the deciding store decides");
            assert!(plain.stores.is_empty());
            assert_eq!(found.stores.len(), stores.len());
            for (row, alone) in found.stores.iter().zip(&alone) {
                let alone = judge(&world, alone, &certificates);
                assert_eq!(alone.stores, std::slice::from_ref(row), "{policy:?} {first:?} {second:?}");
                // And the row says of the domain what its verdict says.
                let verdict = &alone.verdict;
                assert_eq!((row.sts_policy, row.sts_verdict), (verdict.sts_policy, verdict.sts_verdict));
                assert_eq!((row.sts_failure_stage, row.sts_failure), (verdict.sts_failure_stage, verdict.sts_failure));
                assert_eq!((row.outcome_mta_sts, row.outcome_both), (verdict.outcome_mta_sts, verdict.outcome_both));
                assert_eq!(row.policy_anchors, verdict.policy_anchors);
            }
        }
    }
}

#[test]
fn what_a_domain_is_under_each() {
    let (certificates, stores) = (PKI.certificates(), stores());
    let compared: Vec<(&str, &TrustStore)> = stores.iter().map(|(name, store)| (*name, store)).collect();
    let together = Judge::comparing(Default::default(), &PKI.store, &compared, &certificates);
    // The policy is of the first root, the first MX host of it too, the second of the other.
    let found = judge(&world(Kind::Good, Kind::Good, Kind::OtherRoot), &together, &certificates);
    let [first, second] = &PKI.roots;
    let mut both = vec![vec![first.clone()], vec![second.clone()]];
    both.sort();
    type Row<'r> = (&'r str, Option<bool>, Option<MxTrusted>, StsPolicy, StsVerdict, Option<Failure>, Outcome);
    let read =
        |row: &StoreVerdictRow| -> (Option<bool>, Option<MxTrusted>, StsPolicy, StsVerdict, Option<Failure>, Outcome) {
            (row.policy_trusted, row.mx_trusted, row.sts_policy, row.sts_verdict, row.sts_failure, row.outcome_mta_sts)
        };
    let unknown = Some(Failure::CertUnknownIssuer);
    let expected: [Row<'_>; 6] = [
        ("both", Some(true), Some(MxTrusted::All), StsPolicy::Valid, StsVerdict::Pass, None, Outcome::Authenticated),
        (
            "first",
            Some(true),
            Some(MxTrusted::Some),
            StsPolicy::Valid,
            StsVerdict::Partial,
            unknown,
            Outcome::Authenticated,
        ),
        (
            "second",
            Some(false),
            Some(MxTrusted::Some),
            StsPolicy::Unfetchable,
            StsVerdict::Broken,
            unknown,
            Outcome::Encrypted,
        ),
        (
            "none",
            Some(false),
            Some(MxTrusted::None),
            StsPolicy::Unfetchable,
            StsVerdict::Broken,
            unknown,
            Outcome::Encrypted,
        ),
        (
            "both again",
            Some(true),
            Some(MxTrusted::All),
            StsPolicy::Valid,
            StsVerdict::Pass,
            None,
            Outcome::Authenticated,
        ),
        (
            "dated",
            Some(false),
            Some(MxTrusted::Some),
            StsPolicy::Unfetchable,
            StsVerdict::Broken,
            unknown,
            Outcome::Encrypted,
        ),
    ];
    for (row, (store, policy, mx, policy_word, verdict, failure, outcome)) in found.stores.iter().zip(expected) {
        assert_eq!(row.store, store);
        assert_eq!(read(row), (policy, mx, policy_word, verdict, failure, outcome), "{store}");
    }
    let anchors = |at: usize| &found.stores[at].sts_mx_anchors;
    assert_eq!((anchors(0), anchors(1)), (&both, &vec![vec![first.clone()]]));
    assert!(anchors(2).is_empty(), "no policy is in force");
}
