//! Paths from a leaf to anchors: which anchors suffice and, where none does, why.
//!
//! RFC 5280 says when a path holds and leaves open how one is found. Every path is tried, shortest first, that repeats no
//! certificate and no name with its key (RFC 4158 §2.4.2), until each anchor suffices or the work is used up.

use std::collections::VecDeque;

use super::anchor::Anchor;
use super::certificate::Facts;
use super::chain::Chain;
use super::finding::{Finding, Reason, Whose};
use super::links::{Link, Links};
use super::meter::Meter;
use super::path::{assess, issuer_reasons, own_reasons, whose};
use super::refused_by::{Verifier, refused_by};

/// What came of looking for a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PathReading {
    /// Each of these anchors (by index) suffices on its own.
    Valid(Vec<usize>),
    /// No path is valid at the instant.
    Broken(Broken),
}

/// Why no path is valid. Dates and the rest are looked at apart, so that both can be said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Broken {
    pub(crate) chaining: Chaining,
    /// A certificate on the path is past its notAfter; the leaf, where there is no path.
    pub(crate) expired: bool,
    /// A certificate on the path is before its notBefore; the leaf, where there is no path.
    pub(crate) not_yet_valid: bool,
    /// What is wrong, dates included.
    pub(crate) findings: Vec<Finding>,
}

/// How a chain stands when its dates are left aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chaining {
    /// Nothing but a date is wrong.
    Holds,
    /// A path may hold, and something on it cannot be checked.
    Undecided,
    /// There is a path by name and it does not hold: signature, algorithm, constraints, usages, path length.
    Invalid,
    /// Nothing leads to an anchor.
    Absent,
}

/// One chain, some anchors, one instant.
pub(crate) struct Walk<'c, 'a> {
    chain: &'c Chain<'a>,
    anchors: &'c [&'c Anchor],
    at: i64,
    meter: &'c Meter,
    links: Links<'c, 'a>,
    sufficient: Vec<usize>,
    /// A path to each of them.
    paths: Vec<Vec<usize>>,
    /// A path in date may hold and could not be checked.
    undecided: Vec<Finding>,
}

impl<'c, 'a> Walk<'c, 'a> {
    /// Looks for paths from the leaf to each of the anchors, at an instant in seconds since the Unix epoch, for a TLS server
    /// (RFC 5280 §4.2.1.12: server authentication where a certificate restricts its purposes).
    pub(crate) fn new(chain: &'c Chain<'a>, anchors: &'c [&'c Anchor], at: i64, meter: &'c Meter) -> Self {
        let links = Links::new(chain, meter);
        let mut walk =
            Self { chain, anchors, at, meter, links, sufficient: Vec::new(), paths: Vec::new(), undecided: Vec::new() };
        walk.search();
        walk
    }

    /// What the walk gave for some of its anchors, by index.
    pub(crate) fn reading(&self, anchors: &[usize]) -> PathReading {
        let sufficient: Vec<usize> = anchors.iter().copied().filter(|index| self.sufficient.contains(index)).collect();
        if !sufficient.is_empty() && self.chain.leaf.is_in_date(self.at) {
            return PathReading::Valid(sufficient);
        }
        PathReading::Broken(self.broken(anchors, !sufficient.is_empty()))
    }

    /// The verifiers in use that refuse the path to each of the anchors that suffice.
    pub(crate) fn refused_by(&self) -> Vec<Verifier> {
        let has_garbage = self.chain.others.iter().any(|other| other.facts().is_none());
        let refusals = self.sufficient.iter().zip(&self.paths).map(|(index, nodes)| {
            let path: Vec<&Facts<'_>> = nodes.iter().filter_map(|node| self.chain.node(*node).facts()).collect();
            refused_by(&path, self.anchors[*index], self.at, has_garbage)
        });
        refusals
            .reduce(|all, one| all.into_iter().filter(|verifier| one.contains(verifier)).collect())
            .unwrap_or_default()
    }

    /// Whether the way up ends at a certificate whose issuer was not presented. Only asked where no anchor has the
    /// name of that issuer.
    pub(crate) fn lacks_issuer(&self) -> bool {
        let nodes = self.reach();
        let ends_at_a_root = nodes.iter().filter_map(|node| self.chain.node(*node).facts()).any(Facts::is_self_issued);
        !ends_at_a_root && self.end_of(&nodes).is_some()
    }

    /// The first certificate on the way up whose issuer was not presented.
    fn end_of(&self, nodes: &[usize]) -> Option<usize> {
        let is_end = |node: &&usize| {
            (1..=self.chain.others.len()).all(|issuer| self.links.between(**node, issuer) == Link::None)
        };
        nodes.iter().find(is_end).copied()
    }

    fn reach(&self) -> Vec<usize> {
        let mut queue = vec![0];
        let mut next = 0;
        while let Some(&node) = queue.get(next) {
            next += 1;
            for issuer in 1..=self.chain.others.len() {
                if !queue.contains(&issuer) && self.links.between(node, issuer) != Link::None {
                    queue.push(issuer);
                }
            }
        }
        queue
    }

    /// Every path that may hold, the leaf's own dates aside.
    fn search(&mut self) {
        match self.chain.leaf.facts() {
            Some(leaf) if own_reasons(leaf).is_empty() => {}
            _ => return,
        }
        let reaching = self.reaching();
        let mut queue = VecDeque::from([(vec![0], false)]);
        while let Some((nodes, is_unchecked)) = queue.pop_front() {
            let step = 1 + u64::try_from(self.chain.others.len() / 8).unwrap_or(u64::MAX);
            if self.meter.spend(step).is_err() {
                self.undecided.push(Finding::new(Whose::Leaf, Reason::WorkUsedUp));
                return;
            }
            self.try_anchors(&nodes, is_unchecked);
            if self.sufficient.len() == self.anchors.len() {
                return;
            }
            for issuer in self.issuers_of(&nodes).into_iter().filter(|issuer| reaching.contains(issuer)) {
                if let Some(unchecked) = self.may_go_on(&nodes, issuer) {
                    queue.push_back(([nodes.as_slice(), &[issuer]].concat(), is_unchecked || unchecked));
                }
            }
        }
    }

    /// The nodes from which links that may hold lead to an anchor, found from the anchors down: a crowd that signs itself
    /// and leads nowhere is not searched.
    fn reaching(&self) -> Vec<usize> {
        let nodes = 0..=self.chain.others.len();
        let holds = |node: &usize| {
            let mut anchors = self.anchors.iter().enumerate();
            anchors.any(|(index, anchor)| self.links.to_anchor(*node, index, anchor).may_hold())
        };
        let mut reaching: Vec<usize> = nodes.clone().filter(holds).collect();
        let mut next = 0;
        while let Some(&issuer) = reaching.get(next) {
            next += 1;
            for child in nodes.clone() {
                if issuer != 0 && !reaching.contains(&child) && self.links.between(child, issuer).may_hold() {
                    reaching.push(child);
                }
            }
        }
        reaching
    }

    /// The others, those first whose key identifier is the one that the certificate names (RFC 5280 §4.2.1.1): what a chain
    /// with many authorities of one name is meant to cost.
    fn issuers_of(&self, nodes: &[usize]) -> Vec<usize> {
        let child = nodes.last().and_then(|node| self.chain.node(*node).facts());
        let wanted = child.and_then(|child| child.authority_key_id.as_ref());
        let is_meant = |issuer: &usize| {
            let offered = self.chain.node(*issuer).facts().and_then(|facts| facts.key_id.as_ref());
            wanted.is_some() && offered == wanted
        };
        let (meant, rest): (Vec<usize>, Vec<usize>) = (1..=self.chain.others.len()).partition(is_meant);
        [meant, rest].concat()
    }

    fn try_anchors(&mut self, nodes: &[usize], is_unchecked: bool) {
        let node = nodes.last().copied().unwrap_or(0);
        for (index, anchor) in self.anchors.iter().enumerate() {
            if self.sufficient.contains(&index) {
                continue;
            }
            let link = self.links.to_anchor(node, index, anchor);
            if !link.may_hold() {
                continue;
            }
            let mut findings = assess(self.chain, nodes, anchor, self.meter);
            if findings.iter().any(|finding| !finding.is_undecided()) {
                continue;
            }
            findings.extend(link.reason().map(|reason| Finding::new(whose(self.chain, node), reason)));
            if is_unchecked {
                findings.extend(self.link_findings(nodes));
            }
            if findings.is_empty() {
                self.sufficient.push(index);
                self.paths.push(nodes.to_vec());
            }
            self.undecided.extend(findings);
        }
    }

    /// Whether a path may go on to an issuer, and whether its signature could not be checked.
    fn may_go_on(&self, nodes: &[usize], issuer: usize) -> Option<bool> {
        let node = nodes.last().copied().unwrap_or(0);
        let presented = self.chain.node(issuer);
        let facts = presented.facts()?;
        if nodes.contains(&issuer) || !presented.is_in_date(self.at) {
            return None;
        }
        let repeats = |other: &usize| {
            self.chain.node(*other).facts().is_some_and(|other| {
                other.subject == facts.subject && other.x509.public_key().raw == facts.x509.public_key().raw
            })
        };
        if nodes.iter().skip(1).any(repeats) {
            return None;
        }
        let counts = |other: &&usize| self.chain.node(**other).facts().is_some_and(|other| !other.is_self_issued());
        let below = nodes.iter().skip(1).filter(counts).count();
        if !issuer_reasons(facts, below).is_empty() {
            return None;
        }
        match self.links.between(node, issuer) {
            Link::Verified => Some(false),
            Link::Unchecked(_) => Some(true),
            Link::None | Link::Broken(_) => None,
        }
    }

    fn link_findings(&self, nodes: &[usize]) -> Vec<Finding> {
        let pairs = nodes.windows(2);
        pairs
            .filter_map(|pair| {
                let reason = self.links.between(pair[0], pair[1]).reason()?;
                Some(Finding::new(whose(self.chain, pair[0]), reason))
            })
            .collect()
    }

    /// Why none of the anchors suffices. `but_for_the_leaf`: one would, were it not for the leaf's dates.
    fn broken(&self, anchors: &[usize], but_for_the_leaf: bool) -> Broken {
        let Some(leaf) = self.chain.leaf.facts() else {
            let findings = vec![Finding::new(Whose::Leaf, Reason::Unreadable)];
            return Broken { chaining: Chaining::Invalid, expired: false, not_yet_valid: false, findings };
        };
        if but_for_the_leaf {
            return self.dated(Chaining::Holds, Vec::new(), &[0]);
        }
        let own: Vec<Finding> = own_reasons(leaf).into_iter().map(|reason| Finding::new(Whose::Leaf, reason)).collect();
        if own.is_empty() && !self.undecided.is_empty() {
            return self.dated(Chaining::Undecided, sorted(self.undecided.clone()), &[0]);
        }
        match self.route(anchors) {
            Some((nodes, index)) => self.blame(&nodes, index),
            None => self.dated(Chaining::Absent, self.absence(own), &[0]),
        }
    }

    fn absence(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let nodes = self.reach();
        if let Some(end) = self.end_of(&nodes)
            && let Some(x509) = self.chain.node(end).x509()
        {
            let issuer = super::describe::name_text(x509.issuer());
            findings.push(Finding::new(whose(self.chain, end), Reason::UnknownIssuer(super::finding::short(&issuer))));
        }
        findings
    }

    /// What is wrong with a path to an anchor.
    fn blame(&self, nodes: &[usize], index: usize) -> Broken {
        let node = nodes.last().copied().unwrap_or(0);
        let anchor = self.anchors[index];
        let mut findings = assess(self.chain, nodes, anchor, self.meter);
        findings.extend(self.link_findings(nodes));
        let last = self.links.to_anchor(node, index, anchor).reason();
        findings.extend(last.map(|reason| Finding::new(whose(self.chain, node), reason)));
        let (undecided, wrong): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(Finding::is_undecided);
        let (chaining, findings) = match (undecided.is_empty(), wrong.is_empty()) {
            (_, false) => (Chaining::Invalid, wrong),
            (false, true) => (Chaining::Undecided, undecided),
            (true, true) => (Chaining::Holds, Vec::new()),
        };
        self.dated(chaining, sorted(findings), nodes)
    }

    /// Adds what the dates of some certificates say.
    fn dated(&self, chaining: Chaining, mut findings: Vec<Finding>, nodes: &[usize]) -> Broken {
        let (mut expired, mut not_yet_valid) = (false, false);
        for node in nodes {
            let Some((from, to)) = self.chain.node(*node).facts().map(Facts::dates) else { continue };
            if to < self.at {
                expired = true;
                findings.push(Finding::new(whose(self.chain, *node), Reason::Expired(date(to))));
            }
            if from > self.at {
                not_yet_valid = true;
                findings.push(Finding::new(whose(self.chain, *node), Reason::NotYetValid(date(from))));
            }
        }
        Broken { chaining, expired, not_yet_valid, findings }
    }

    /// The way to blame: the shortest over links that may hold and issuers in date, else over any that may hold, else over
    /// any by name. A path whose issuers are in date comes first: an expired cross-sign beside it is not to blame.
    fn route(&self, anchors: &[usize]) -> Option<(Vec<usize>, usize)> {
        let in_date = |node: usize| self.chain.node(node).is_in_date(self.at);
        self.shortest(anchors, Link::may_hold, in_date)
            .or_else(|| self.shortest(anchors, Link::may_hold, |_| true))
            .or_else(|| self.shortest(anchors, |link| *link != Link::None, |_| true))
    }

    fn shortest(
        &self,
        anchors: &[usize],
        accept: impl Fn(&Link) -> bool,
        admit: impl Fn(usize) -> bool,
    ) -> Option<(Vec<usize>, usize)> {
        let mut parents: Vec<Option<usize>> = vec![None; self.chain.others.len() + 1];
        let mut queue = vec![0];
        let mut next = 0;
        while let Some(&node) = queue.get(next) {
            next += 1;
            let found =
                anchors.iter().find(|index| accept(&self.links.to_anchor(node, **index, self.anchors[**index])));
            if let Some(index) = found {
                let mut nodes: Vec<usize> = std::iter::successors(Some(node), |node| parents[*node]).collect();
                nodes.reverse();
                return Some((nodes, *index));
            }
            for (issuer, parent) in parents.iter_mut().enumerate().skip(1) {
                if !queue.contains(&issuer) && admit(issuer) && accept(&self.links.between(node, issuer)) {
                    *parent = Some(node);
                    queue.push(issuer);
                }
            }
        }
        None
    }
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}

/// An instant for people.
fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| format!("{seconds} seconds after 1970"), |at| at.to_string())
}
