//! The truth about a whole world: rows of each table, and how often each word stands in each closed column.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Value, json};

use super::certificates::{Identity, Owner};
use super::domain::{Domain, Exists, Fault, Host, Mail, Sts, Zone};
use super::model::World;
use super::stores::StoreCounts;
use super::truth::{HostTruth, Truth};
use mxcensus_rules::observation::Dnssec;

/// Words of a column and how often each stands there.
pub(super) type Words = BTreeMap<&'static str, u64>;

/// What a dataset of a world must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// `verdicts`: words by column; null is not counted.
    pub verdicts: BTreeMap<&'static str, Words>,
    /// `mx_verdicts`.
    pub mx_verdicts: BTreeMap<&'static str, Words>,
    /// `store_verdicts`, where the stores of the world are compared.
    stores: Option<StoreCounts>,
    /// Hosts and certificates that several domains share, seen so far: as many as there are providers.
    shared_hosts: BTreeSet<Host>,
    shared_certificates: HashSet<Identity>,
    authorities: BTreeSet<(bool, u8)>,
}

impl World {
    /// The policy that is fetched of a domain: whenever an attempt at a record is seen.
    pub(super) fn fetched<'d>(&self, domain: &'d Domain) -> Option<&'d Sts> {
        domain.sts.as_ref().filter(|_| domain.zone != Zone::Expired && domain.mail != Mail::Nxdomain)
    }

    /// Counts the whole world. `each` sees every domain on the way.
    pub(super) fn count(&self) -> Counts {
        let mut counts = Counts::default();
        for index in self.members() {
            let domain = self.domain(index);
            counts.add(self, &domain, &self.truth(&domain));
        }
        counts
    }
}

impl Counts {
    /// Counts what `store_verdicts` must hold, too.
    pub(super) fn comparing_stores() -> Self {
        Self { stores: Some(StoreCounts::default()), ..Self::default() }
    }

    /// Takes a domain in.
    pub(super) fn add(&mut self, world: &World, domain: &Domain, truth: &Truth) {
        if let Some(stores) = &mut self.stores {
            stores.add(world, domain);
        }
        self.row("domains", 1);
        self.row("verdicts", 1);
        self.row("mx_verdicts", truth.hosts.len() as u64);
        for (column, word) in words(truth) {
            count(&mut self.verdicts, column, word);
        }
        for host in &truth.hosts {
            for (column, word) in host_words(host) {
                count(&mut self.mx_verdicts, column, word);
            }
        }
        if let Some(sts) = world.fetched(domain) {
            self.row("policies", 1);
            if let Some(identity) = world.policy_identity(domain.index, sts) {
                self.certificate(identity);
            }
        }
        for (_, host) in world.mx(domain) {
            let is_shared = matches!(host, Host::Shared(..));
            if is_shared && !self.shared_hosts.insert(host) {
                continue;
            }
            let mx = world.mx_host(host, domain);
            self.row("mx_hosts", 1);
            if mx.spec.exists != Exists::Address {
                continue;
            }
            self.row("endpoints", 1);
            if mx.spec.manner.shows_certificate() {
                self.certificate(world.identity(host, &mx.spec));
            }
        }
    }

    fn row(&mut self, table: &'static str, count: u64) {
        *self.rows.entry(table).or_default() += count;
    }

    fn certificate(&mut self, identity: Identity) {
        let is_shared = matches!(identity.owner, Owner::Provider(_) | Owner::Operator(_) | Owner::Appliance);
        if !is_shared || self.shared_certificates.insert(identity) {
            self.row("certificates", 1);
        }
        let authority =
            (identity.fault == Fault::Unknown, if identity.fault == Fault::Unknown { 0 } else { identity.authority });
        if identity.fault != Fault::SelfSigned && self.authorities.insert(authority) {
            // The second authority sends the certificate that another root gave it, too.
            self.row("certificates", if authority == (false, super::certificates::CROSSED) { 2 } else { 1 });
        }
    }

    /// As `truth.json` has it.
    pub(super) fn to_json(&self, world: &World) -> Value {
        // A validating resolver that is believed has no word for not knowing (docs/dataset.md).
        let mut mx_dnssec = self.verdicts.get("mx_dnssec").cloned().unwrap_or_default();
        mx_dnssec.remove(Dnssec::Indeterminate.word());
        let mut truth = json!({
            "world": {
                "domains": world.domains, "seed": world.seed, "month": world.month,
                "adoption": world.adoption, "silent_hosts": world.silent,
            },
            "rows": self.rows,
            "verdicts": self.verdicts,
            "mx_verdicts": self.mx_verdicts,
            "trust_ad": { "verdicts": { "mx_dnssec": mx_dnssec } },
        });
        if let Some((words, stores)) = self.stores.as_ref().map(StoreCounts::to_json) {
            (truth["store_verdicts"], truth["stores"]) = (words, stores);
        }
        truth
    }
}

/// Counts a word of a column.
pub(super) fn count(columns: &mut BTreeMap<&'static str, Words>, column: &'static str, word: Option<&'static str>) {
    let words = columns.entry(column).or_default();
    if let Some(word) = word {
        *words.entry(word).or_default() += 1;
    }
}

/// The words of a row of `verdicts`.
pub(super) fn words(truth: &Truth) -> [(&'static str, Option<&'static str>); 22] {
    [
        ("mx_status", Some(truth.mx_status.word())),
        ("mx_dnssec", Some(truth.mx_dnssec.word())),
        ("sts_record", Some(truth.sts_record.word())),
        ("sts_policy", Some(truth.sts_policy.word())),
        ("sts_mode", truth.sts_mode),
        ("sts_verdict", Some(truth.sts_verdict.word())),
        ("sts_failure_stage", truth.sts_failure_stage.map(|word| word.word())),
        ("sts_failure", truth.sts_failure.map(|word| word.word())),
        ("dane_verdict", Some(truth.dane_verdict.word())),
        ("dane_insecure_cause", truth.dane_insecure_cause.map(|word| word.word())),
        ("sts_verdict_primary", Some(truth.sts_verdict_primary.word())),
        ("dane_verdict_primary", Some(truth.dane_verdict_primary.word())),
        ("conflict", Some(truth.conflict.word())),
        ("outcome_opportunistic", Some(truth.outcome_opportunistic.word())),
        ("outcome_mta_sts", Some(truth.outcome_mta_sts.word())),
        ("outcome_dane", Some(truth.outcome_dane.word())),
        ("outcome_dane_insecure_mx", Some(truth.outcome_dane_insecure_mx.word())),
        ("outcome_both", Some(truth.outcome_both.word())),
        ("protection_mta_sts", Some(truth.protection_mta_sts.word())),
        ("protection_dane", Some(truth.protection_dane.word())),
        ("protection_both", Some(truth.protection_both.word())),
        ("tlsrpt", Some(truth.tlsrpt.word())),
    ]
}

/// The words of a row of `mx_verdicts`.
pub(super) fn host_words(host: &HostTruth) -> [(&'static str, Option<&'static str>); 6] {
    [
        ("starttls", Some(host.starttls.word())),
        ("sts", host.sts.map(|word| word.word())),
        ("pkix", host.pkix),
        ("dane", Some(host.dane.word())),
        ("dane_host", Some(host.dane_host.word())),
        ("tlsa_mismatch_cause", host.tlsa_mismatch_cause.map(|word| word.word())),
    ]
}
