//! Certificate policies (RFC 5280 §6.1, by the algorithm of RFC 9618), with any-policy as the initial set and nothing
//! inhibited at the start: a path fails where a certificate requires an explicit policy and none is left.
//!
//! With that initial set, the nodes of the last depth decide (RFC 9618 §5.5: the graph is empty, or it is not), so only they
//! are kept.

use std::collections::{BTreeMap, BTreeSet};

use super::certificate::{ANY_POLICY, Facts, Policies};

/// The state of the policy variables (RFC 5280 §6.1.2), after some certificates from the anchor down.
pub(crate) struct PolicyState {
    /// valid_policy of each node to its expected_policy_set; `None`: the graph is empty.
    nodes: Option<BTreeMap<String, BTreeSet<String>>>,
    explicit_policy: u32,
    policy_mapping: u32,
    inhibit_any_policy: u32,
}

impl PolicyState {
    /// RFC 5280 §6.1.2 for a path of so many certificates.
    pub(crate) fn new(certificates: usize) -> Self {
        let most = u32::try_from(certificates).unwrap_or(u32::MAX).saturating_add(1);
        let any = BTreeSet::from([ANY_POLICY.to_owned()]);
        Self {
            nodes: Some(BTreeMap::from([(ANY_POLICY.to_owned(), any)])),
            explicit_policy: most,
            policy_mapping: most,
            inhibit_any_policy: most,
        }
    }

    /// RFC 5280 §6.1.3 (d) to (f). Whether the path may go on.
    pub(crate) fn enter(&mut self, certificate: &Facts<'_>, is_last: bool) -> bool {
        match (&self.nodes, &certificate.policies) {
            (Some(nodes), Some(policies)) => {
                let any_counts = self.inhibit_any_policy > 0 || (!is_last && certificate.is_self_issued());
                let next = descend(nodes, policies, any_counts);
                self.nodes = (!next.is_empty()).then_some(next);
            }
            _ => self.nodes = None,
        }
        self.explicit_policy > 0 || self.nodes.is_some()
    }

    /// RFC 5280 §6.1.4 (b), (h) to (j): to the next certificate.
    pub(crate) fn leave(&mut self, certificate: &Facts<'_>) {
        if !certificate.mappings.is_empty() {
            self.map(&certificate.mappings);
        }
        if !certificate.is_self_issued() {
            for counter in [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any_policy] {
                *counter = counter.saturating_sub(1);
            }
        }
        let least =
            |counter: &mut u32, bound: Option<u32>| *counter = bound.map_or(*counter, |bound| bound.min(*counter));
        least(&mut self.explicit_policy, certificate.require_explicit_policy);
        least(&mut self.policy_mapping, certificate.inhibit_policy_mapping);
        least(&mut self.inhibit_any_policy, certificate.inhibit_any_policy);
    }

    /// RFC 5280 §6.1.5 (a), (b), (g), after the last certificate.
    pub(crate) fn holds(&self, last: &Facts<'_>) -> bool {
        let required = self.explicit_policy <= 1 || last.require_explicit_policy == Some(0);
        !required || self.nodes.is_some()
    }

    fn map(&mut self, mappings: &[(String, String)]) {
        let Some(nodes) = &mut self.nodes else { return };
        let mut targets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in mappings {
            targets.entry(from).or_default().insert(to.clone());
        }
        let has_any = nodes.contains_key(ANY_POLICY);
        for (from, to) in targets {
            if self.policy_mapping == 0 {
                nodes.remove(from);
            } else if has_any || nodes.contains_key(from) {
                nodes.insert(from.to_owned(), to);
            }
        }
        if nodes.is_empty() {
            self.nodes = None;
        }
    }
}

/// RFC 9618 §5.3 (d) (1) and (2): the nodes of the next depth.
fn descend(
    nodes: &BTreeMap<String, BTreeSet<String>>,
    policies: &Policies,
    any_counts: bool,
) -> BTreeMap<String, BTreeSet<String>> {
    let expected: BTreeSet<&String> = nodes.values().flatten().collect();
    let has_any = nodes.contains_key(ANY_POLICY);
    let node = |policy: &String| (policy.clone(), BTreeSet::from([policy.clone()]));
    let mut next: BTreeMap<_, _> =
        policies.named.iter().filter(|policy| expected.contains(policy) || has_any).map(node).collect();
    if policies.any && any_counts {
        for policy in expected {
            next.entry(policy.clone()).or_insert_with(|| BTreeSet::from([policy.clone()]));
        }
    }
    next
}
