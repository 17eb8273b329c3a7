//! One path against RFC 5280 §6.1, its signatures and its dates aside.

use super::anchor::Anchor;
use super::certificate::{ANY_POLICY, Facts};
use super::chain::{Chain, parse_public_key};
use super::constraints::{NameConstraints, Violation};
use super::describe::name_text;
use super::finding::{Finding, Reason, Whose};
use super::meter::{Exhausted, Meter};
use super::policy::PolicyState;
use crate::signature::{Key, Unreadable};

/// The flag keyCertSign (RFC 5280 §4.2.1.3).
const KEY_CERT_SIGN: u16 = 1 << 5;

/// Which certificate a node of a chain is.
pub(crate) fn whose(chain: &Chain<'_>, node: usize) -> Whose {
    match node {
        0 => Whose::Leaf,
        _ => Whose::Intermediate(chain.node(node).x509().map(|x509| name_text(x509.subject())).unwrap_or_default()),
    }
}

/// What a certificate has against itself, whatever the path: the leaf (§6.1.3), as any other.
pub(crate) fn own_reasons(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = facts.defects.clone();
    reasons.extend(facts.purpose_defect());
    match &facts.scheme {
        Ok(scheme) if scheme.is_weak() => reasons.push(Reason::WeakAlgorithm(scheme.to_string())),
        Err(Unreadable::Weak(name)) => reasons.push(Reason::WeakAlgorithm((*name).to_owned())),
        Err(Unreadable::Malformed(what)) => reasons.push(Reason::Algorithm(what)),
        Ok(_) | Err(Unreadable::Unsupported(_)) => {}
    }
    reasons
}

/// What keeps a certificate from being an issuer above `below` intermediates that are not self-issued (§6.1.4 (k) to (n)).
pub(crate) fn issuer_reasons(facts: &Facts<'_>, below: usize) -> Vec<Reason> {
    let mut reasons = own_reasons(facts);
    match facts.authority {
        Some((true, Some(most))) if below as u64 > u64::from(most) => reasons.push(Reason::PathLength { most, below }),
        Some((true, _)) => {}
        _ => reasons.push(Reason::NoAuthority),
    }
    if facts.key_usage.is_some_and(|usage| usage & KEY_CERT_SIGN == 0) {
        reasons.push(Reason::MayNotSign);
    }
    reasons
}

/// Everything against a path: `nodes` from the leaf up, each issued by the next and the last by the anchor. Empty: it holds,
/// signatures and dates aside.
pub(crate) fn assess(chain: &Chain<'_>, nodes: &[usize], anchor: &Anchor, meter: &Meter) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut path: Vec<(usize, &Facts<'_>)> = Vec::with_capacity(nodes.len());
    let mut below = 0;
    for (depth, node) in nodes.iter().enumerate() {
        let Some(facts) = chain.node(*node).facts() else {
            return vec![Finding::new(whose(chain, *node), Reason::Unreadable)];
        };
        let reasons = if depth == 0 { own_reasons(facts) } else { issuer_reasons(facts, below) };
        findings.extend(reasons.into_iter().map(|reason| Finding::new(whose(chain, *node), reason)));
        // §6.1.4 (l): a self-issued one does not count.
        below += usize::from(depth > 0 && !facts.is_self_issued());
        path.push((*node, facts));
    }
    if let Some(bits) = weak_key(anchor) {
        findings.push(Finding::new(Whose::Anchor(anchor.name.clone()), Reason::WeakKey(bits)));
    }
    if hold_names(chain, &path, anchor, meter, &mut findings).is_err()
        || hold_policies(chain, &path, meter, &mut findings).is_err()
    {
        findings.push(Finding::new(Whose::Leaf, Reason::WorkUsedUp));
    }
    findings
}

fn weak_key(anchor: &Anchor) -> Option<u32> {
    let key = parse_public_key(&anchor.public_key)?;
    Key::of(&key).rsa_bits().filter(|bits| *bits < 2048)
}

/// §6.1.3 (b), (c) and §6.1.4 (g).
fn hold_names(
    chain: &Chain<'_>,
    path: &[(usize, &Facts<'_>)],
    anchor: &Anchor,
    meter: &Meter,
    findings: &mut Vec<Finding>,
) -> Result<(), Exhausted> {
    let of_path = path.iter().enumerate().skip(1).filter_map(|(depth, (node, facts))| {
        let text = || whose(chain, *node).to_string();
        facts.name_constraints.as_ref().map(|constraints| (depth, constraints, text()))
    });
    let of_anchor = anchor
        .name_constraints
        .iter()
        .map(|constraints| (path.len(), constraints, Whose::Anchor(anchor.name.clone()).to_string()));
    let all: Vec<(usize, &NameConstraints, String)> = of_path.chain(of_anchor).collect();
    if all.is_empty() {
        return Ok(());
    }
    for (depth, (node, facts)) in path.iter().enumerate() {
        if depth > 0 && facts.is_self_issued() {
            continue;
        }
        let names = facts.names();
        for (_, constraints, by) in all.iter().filter(|(above, ..)| *above > depth) {
            if let Err(violation) = constraints.check(&names, meter)? {
                findings.push(Finding::new(whose(chain, *node), reason_of(violation, by)));
            }
        }
    }
    Ok(())
}

fn reason_of(violation: Violation, by: &str) -> Reason {
    let by = by.to_owned();
    match violation {
        Violation::NotPermitted(form, name) => Reason::NotPermitted { form, name, by },
        Violation::Excluded(form, name) => Reason::Excluded { form, name, by },
        Violation::Unsupported(form) => Reason::Unsupported(format!("a constraint on {form} by {by}")),
    }
}

/// §6.1.3 (d) to (f), §6.1.4 (a), (b), (h) to (j), §6.1.5.
fn hold_policies(
    chain: &Chain<'_>,
    path: &[(usize, &Facts<'_>)],
    meter: &Meter,
    findings: &mut Vec<Finding>,
) -> Result<(), Exhausted> {
    let mut state = PolicyState::new(path.len());
    for (depth, (node, facts)) in path.iter().enumerate().rev() {
        let policies = facts.policies.as_ref().map_or(0, |policies| policies.named.len()) + facts.mappings.len();
        meter.spend(u64::try_from(policies).unwrap_or(u64::MAX))?;
        if !state.enter(facts, depth == 0) {
            findings.push(Finding::new(whose(chain, *node), Reason::NoPolicy));
            return Ok(());
        }
        if depth > 0 {
            if facts.mappings.iter().any(|(from, to)| [from, to].iter().any(|policy| *policy == ANY_POLICY)) {
                findings.push(Finding::new(whose(chain, *node), Reason::MapsAnyPolicy));
            }
            state.leave(facts);
        } else if !state.holds(facts) {
            findings.push(Finding::new(Whose::Leaf, Reason::NoPolicy));
        }
    }
    Ok(())
}
