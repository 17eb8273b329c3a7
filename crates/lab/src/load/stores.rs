//! The trust stores of the load world: what five makers of senders ship, and what each must make of every domain.
//!
//! Which authority issued what is drawn with the world; which store has which root is written here. So what differs between the stores
//! follows from how the world was built.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::certificates::{self, CROSSED, Identity, Owner, Pki};
use super::counts::{Words, count};
use super::domain::{Domain, Fault};
use super::model::World;
use super::truth::{HostTruth, Truth, takes_mail};
use mxcensus_rules::pkix;
use mxcensus_rules::verdict::{MxTrusted, Outcome, StsHost, StsPolicy, StsRecord, StsVerdict};

/// One trust store.
#[derive(Debug)]
pub(super) struct Store {
    /// Its name.
    pub name: &'static str,
    /// The numbers of the authorities whose roots it has.
    roots: &'static [u8],
    /// An authority of which it refuses what was issued after a day, counted from the first of month 0.
    refused_after: Option<(u8, i64)>,
}

/// Every root: what the world's own verdicts are judged against.
pub(super) const EVERY_ROOT: Store = Store { name: "all", roots: &[0, 1, 2, 3], refused_after: None };
/// The stores that are compared, by name. `2026-09-11` is twenty days before month 0.
pub(super) const STORES: [Store; 5] = [
    EVERY_ROOT,
    Store { name: "dated", roots: &[0, 1, 2, 3], refused_after: Some((2, -20)) },
    // Without the smallest one.
    Store { name: "strict", roots: &[0, 1, 2], refused_after: None },
    // Lab Trust is still vouched for by the root that cross-signed it.
    Store { name: "uncrossed", roots: &[0, 2, 3], refused_after: None },
    // Of before the largest authority came: every policy host is of its.
    Store { name: "vintage", roots: &[1, 2, 3], refused_after: None },
];
const REFUSED_DAY: &str = "2026-09-11";

impl Store {
    /// The names of the roots that a certificate leads to.
    fn roots_of(&self, identity: &Identity) -> BTreeSet<&'static str> {
        if self
            .refused_after
            .is_some_and(|(authority, day)| authority == identity.authority && certificates::days(identity).0 > day)
        {
            return BTreeSet::new();
        }
        let crossed = (identity.authority == CROSSED).then_some(0);
        let roots = std::iter::once(identity.authority).chain(crossed);
        roots.filter(|root| self.roots.contains(root)).map(certificates::root_name).collect()
    }

    /// Whether the issuer of a certificate is trusted, where somebody trusts him at all.
    pub(super) fn vouches(&self, identity: &Identity) -> bool {
        let is_nobodys =
            matches!(identity.fault, Fault::SelfSigned | Fault::Unknown) || identity.owner == Owner::Appliance;
        is_nobodys || !self.roots_of(identity).is_empty()
    }
}

impl Pki {
    /// The files of the stores, name and content, as `mxcensus judge --stores` reads them.
    pub(super) fn store_files(&self) -> Vec<(String, String)> {
        let roots: Vec<&[u8]> = self.roots().collect();
        let root = |number: u8| roots.get(usize::from(number)).copied().unwrap_or_default();
        let mut files = Vec::new();
        for store in &STORES {
            let pem = store.roots.iter().map(|number| crate::pki::pem(root(*number))).collect();
            files.push((format!("{}.pem", store.name), pem));
            if let Some((authority, _)) = store.refused_after {
                let line = format!("{}@{REFUSED_DAY}\n", pkix::fingerprint(root(authority)));
                files.push((format!("{}.distrust", store.name), line));
            }
        }
        files
    }
}

/// Domains whose chains lead to the same roots.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Shape {
    mode: Option<&'static str>,
    /// Whether the policy is in force and some host satisfies it.
    holds: bool,
    policy: BTreeSet<&'static str>,
    /// Of each host that satisfies the policy.
    hosts: BTreeSet<BTreeSet<&'static str>>,
}

/// What `store_verdicts` must hold, and what follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StoreCounts {
    /// Words by store and column.
    words: BTreeMap<&'static str, BTreeMap<&'static str, Words>>,
    /// Domains with a policy that is valid under the store.
    shapes: BTreeMap<&'static str, BTreeMap<Shape, u64>>,
    /// Domains that publish MTA-STS, by how the stores agree.
    agreement: BTreeMap<&'static str, u64>,
}

impl StoreCounts {
    /// Takes a domain in.
    pub(super) fn add(&mut self, world: &World, domain: &Domain) {
        let (mut outcomes, mut publishes) = (Vec::new(), false);
        for store in &STORES {
            let truth = world.truth_under(domain, store);
            for (column, word) in words(&truth) {
                count(self.words.entry(store.name).or_default(), column, word);
            }
            if takes_mail(domain) && truth.sts_policy == StsPolicy::Valid {
                let shape = shape(world, domain, store, &truth);
                *self.shapes.entry(store.name).or_default().entry(shape).or_default() += 1;
            }
            outcomes.push(truth.outcome_mta_sts);
            publishes = matches!(truth.sts_record, StsRecord::Valid | StsRecord::Multiple | StsRecord::Invalid);
        }
        if takes_mail(domain) && publishes {
            *self.agreement.entry(agreement(&outcomes)).or_default() += 1;
        }
    }

    /// As `truth.json` has it.
    pub(super) fn to_json(&self) -> (Value, Value) {
        let shapes: BTreeMap<&str, Vec<Value>> = self
            .shapes
            .iter()
            .map(|(store, shapes)| {
                let one = |(shape, domains): (&Shape, &u64)| {
                    let Shape { mode, holds, policy, hosts } = shape;
                    json!({ "mode": mode, "holds": holds, "policy": policy, "hosts": hosts, "domains": domains })
                };
                (*store, shapes.iter().map(one).collect())
            })
            .collect();
        let roots: BTreeMap<&str, Vec<&str>> = STORES
            .iter()
            .map(|store| (store.name, store.roots.iter().map(|root| certificates::root_name(*root)).collect()))
            .collect();
        (json!(self.words), json!({ "roots": roots, "chains": shapes, "agreement": self.agreement }))
    }
}

fn shape(world: &World, domain: &Domain, store: &Store, truth: &Truth) -> Shape {
    let policy = domain.sts.as_ref().and_then(|sts| world.policy_identity(domain.index, sts));
    let passing = world.mx(domain).into_iter().zip(&truth.hosts).filter(|(_, host)| host.sts == Some(StsHost::Pass));
    let hosts: BTreeSet<_> = passing
        .map(|((_, host), _)| store.roots_of(&world.identity(host, &world.mx_host(host, domain).spec)))
        .collect();
    Shape {
        mode: truth.sts_mode,
        holds: matches!(truth.sts_verdict, StsVerdict::Pass | StsVerdict::Partial) && !hosts.is_empty(),
        policy: policy.map(|identity| store.roots_of(&identity)).unwrap_or_default(),
        hosts,
    }
}

/// How a domain fares over the stores.
fn agreement(outcomes: &[Outcome]) -> &'static str {
    let any = |wanted: &[Outcome]| outcomes.iter().any(|outcome| wanted.contains(outcome));
    let differs = outcomes.iter().any(|outcome| Some(outcome) != outcomes.first());
    if any(&[Outcome::Indeterminate]) {
        "unknown"
    } else if any(&[Outcome::Refused]) && any(&[Outcome::Authenticated, Outcome::Encrypted, Outcome::Plaintext]) {
        "refused and delivered"
    } else if differs && any(&[Outcome::Authenticated]) {
        "protected and not"
    } else if differs {
        "otherwise different"
    } else {
        "the same under every store"
    }
}

/// The words of a row of `store_verdicts`.
fn words(truth: &Truth) -> [(&'static str, Option<&'static str>); 10] {
    [
        ("mx_trusted", mx_trusted(&truth.hosts).map(MxTrusted::word)),
        ("sts_policy", Some(truth.sts_policy.word())),
        ("sts_mode", truth.sts_mode),
        ("sts_verdict", Some(truth.sts_verdict.word())),
        ("sts_failure_stage", truth.sts_failure_stage.map(|word| word.word())),
        ("sts_failure", truth.sts_failure.map(|word| word.word())),
        ("outcome_mta_sts", Some(truth.outcome_mta_sts.word())),
        ("outcome_both", Some(truth.outcome_both.word())),
        ("protection_mta_sts", Some(truth.protection_mta_sts.word())),
        ("protection_both", Some(truth.protection_both.word())),
    ]
}

fn mx_trusted(hosts: &[HostTruth]) -> Option<MxTrusted> {
    let shown: Vec<bool> = hosts.iter().filter_map(|host| host.pkix).map(|pkix| pkix == "valid").collect();
    match (shown.contains(&true), shown.contains(&false)) {
        (false, false) => None,
        (true, false) => Some(MxTrusted::All),
        (true, true) => Some(MxTrusted::Some),
        (false, true) => Some(MxTrusted::None),
    }
}

impl World {
    /// Whether a store trusts the issuer of a policy host's certificate, where one is shown.
    pub(super) fn trusts_policy(&self, domain: &Domain, store: &Store) -> bool {
        let identity = domain.sts.as_ref().and_then(|sts| self.policy_identity(domain.index, sts));
        identity.is_none_or(|identity| store.vouches(&identity))
    }
}
