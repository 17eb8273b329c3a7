//! What a domain is worth under other trust stores than the one that decides.
//!
//! A sender trusts the roots that its maker ships. A judgement depends on them through the answers about chains alone, so stores
//! that gave the same answers share one judgement, and most do.

use super::address::AddressSts;
use super::certificates::UnderStore;
use super::domain::{Inputs, judge_domain};
use super::host::HostView;
use super::record_and_policy::StsView;
use super::rows::{MxTrusted, StoreVerdictRow, VerdictRow};
use super::{Judge, Judgement};

/// What a store's row has that a row of `verdicts` has not.
#[derive(Clone, Debug)]
pub(crate) struct StoreFacts {
    policy_trusted: Option<bool>,
    mx_trusted: Option<MxTrusted>,
    sts_mx_anchors: Vec<Vec<String>>,
}

impl StoreFacts {
    /// From the policy and the hosts as a store has them.
    pub(crate) fn read(sts: &StsView, hosts: &[HostView<'_>]) -> Self {
        Self { policy_trusted: sts.trusted, mx_trusted: mx_trusted(hosts), sts_mx_anchors: sts_mx_anchors(hosts) }
    }
}

/// Judges a domain under the deciding store, and makes its row for each store that is compared.
pub(crate) fn judge_under_stores(judge: &Judge<'_>, inputs: &Inputs<'_>) -> Judgement {
    let mut rows: Vec<Option<StoreVerdictRow>> = vec![None; judge.compared.len()];
    // The deciding store has the place 0 among the validations, the compared ones follow.
    let mut judge_under = |place: usize| {
        let under = UnderStore::new(&judge.validations, place);
        let (judgement, facts) = judge_domain(judge, &under, inputs);
        let alike = under.alike();
        for (number, row) in rows.iter_mut().enumerate().filter(|(number, row)| row.is_none() && alike[number + 1]) {
            *row = Some(store_row(judge.compared[number], &judgement.verdict, &facts));
        }
        (judgement, rows.iter().position(Option::is_none))
    };
    let (mut judgement, mut next) = judge_under(0);
    while let Some(number) = next {
        // A store is like itself: each turn makes a row at least.
        next = judge_under(number + 1).1;
    }
    judgement.stores = rows.into_iter().flatten().collect();
    judgement
}

fn store_row(store: &str, verdict: &VerdictRow, facts: &StoreFacts) -> StoreVerdictRow {
    StoreVerdictRow {
        domain: verdict.domain.clone(),
        store: store.to_owned(),
        policy_trusted: facts.policy_trusted,
        mx_trusted: facts.mx_trusted,
        sts_policy: verdict.sts_policy,
        sts_mode: verdict.sts_mode.clone(),
        sts_verdict: verdict.sts_verdict,
        sts_failure_stage: verdict.sts_failure_stage,
        sts_failure: verdict.sts_failure,
        outcome_mta_sts: verdict.outcome_mta_sts,
        outcome_both: verdict.outcome_both,
        protection_mta_sts: verdict.protection_mta_sts,
        protection_both: verdict.protection_both,
        policy_anchors: verdict.policy_anchors.clone(),
        sts_mx_anchors: facts.sts_mx_anchors.clone(),
    }
}

/// Over the hosts of which a certificate was seen and could be judged: a host counts when every such address of it is valid.
fn mx_trusted(hosts: &[HostView<'_>]) -> Option<MxTrusted> {
    let of_host = |host: &HostView<'_>| {
        let known = host.addresses.iter().filter_map(|address| address.trusted());
        known.reduce(|all, one| all && one)
    };
    let known: Vec<bool> = hosts.iter().filter_map(of_host).collect();
    match (known.contains(&true), known.contains(&false)) {
        (false, false) => None,
        (true, false) => Some(MxTrusted::All),
        (true, true) => Some(MxTrusted::Some),
        (false, true) => Some(MxTrusted::None),
    }
}

/// For each host that satisfies the policy in force, the roots that lead to it.
fn sts_mx_anchors(hosts: &[HostView<'_>]) -> Vec<Vec<String>> {
    let of_host = |host: &HostView<'_>| {
        let passing = host.addresses.iter().filter(|address| address.sts.word == AddressSts::Pass);
        let mut anchors: Vec<String> =
            passing.filter_map(|address| address.pkix.as_ref()).flat_map(|pkix| pkix.anchors.iter().cloned()).collect();
        anchors.sort_unstable();
        anchors.dedup();
        anchors
    };
    let mut sets: Vec<Vec<String>> = hosts.iter().filter(|host| host.in_policy == Some(true)).map(of_host).collect();
    sets.retain(|set| !set.is_empty());
    sets.sort_unstable();
    sets.dedup();
    sets
}
