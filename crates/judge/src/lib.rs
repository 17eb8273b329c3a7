//! From observations to verdicts: pure functions of rows, a trust store and an instant.
//!
//! Start from [`Judge`]. It reads no clock, no file and no network; the same rows give the same verdicts, in whatever order
//! hosts and endpoints were read. The grammar of records, chains and TLSA matching is left to [`mxcensus_rules::mta_sts`],
//! [`mxcensus_rules::tlsrpt`], [`mxcensus_rules::pkix`] and [`mxcensus_rules::dane`]; here is what their answers mean together.
//!
//! In reading order:
//!
//! 1. [`host_facts`]: what is kept of an MX host and its endpoints; "decided" and "reached". [`base_domain`]: the TLSA base
//!    domain (RFC 7672 2.2). [`certificates`]: chains, validated once.
//! 2. `address`, then `host`: one address, and a host over its addresses.
//! 3. `record_and_policy`: the MTA-STS record and policy (RFC 8461 3).
//! 4. `stores`: the same domain under other trust stores. `sts_verdict`, `dane_verdict`: the first rule that fits. `outcome`: what each sender would do. `protection`.
//!    `tlsrpt_types` (RFC 8460).
//! 5. [`rows`]: the result as plain data; [`rules`]: the rule behind each column.
#![cfg_attr(test, allow(clippy::too_many_lines, reason = "a table of cases is as long as it is"))]

mod address;
pub mod certificates;
mod dane_verdict;
mod domain;
mod domain_validations;
mod host;
pub mod host_facts;
mod mail;
mod mx_row;
mod outcome;
pub mod parameters;
mod protection;
mod record_and_policy;
pub mod rules;
mod second_look;
mod stores;
mod sts_verdict;
mod tlsrpt_types;
mod unjudged;

#[cfg(test)]
mod tests;

pub use certificates::Certificates;
pub use host_facts::{HostFacts, HostLookup};
pub use mxcensus_rules::dane::base_domain;
pub use mxcensus_rules::verdict as rows;
pub use parameters::{Parameters, RULES_VERSION};
pub use unjudged::UNJUDGED;

use certificates::Validations;
use mxcensus_rules::observation::{DomainRow, PolicyRow};
use mxcensus_rules::pkix::TrustStore;
use rows::{MxVerdictRow, StoreVerdictRow, VerdictRow};
use rules::Rule;

/// A column and the rule that decided it.
pub type Reason = (&'static str, &'static Rule);

/// The rule behind each column of a domain's rows.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    /// Columns of `verdicts`, in their order.
    pub domain: Vec<Reason>,
    /// Columns of `mx_verdicts`, by host, in the order of the rows.
    pub hosts: Vec<(String, Vec<Reason>)>,
}

/// What is concluded about one domain.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Its row of `verdicts`.
    pub verdict: VerdictRow,
    /// Its rows of `mx_verdicts`: by preference, then by name.
    pub hosts: Vec<MxVerdictRow>,
    /// Its rows of `store_verdicts`: one for each store that is compared, in their order.
    pub stores: Vec<StoreVerdictRow>,
    /// Why.
    pub reasons: Reasons,
}

/// Judges domains with one set of parameters against one trust store, and compares others with it.
pub struct Judge<'c> {
    parameters: Parameters,
    /// Of the deciding store, then of those that are compared.
    validations: Validations<'c>,
    /// The names of these.
    compared: Vec<&'c str>,
}

impl<'c> Judge<'c> {
    /// A judge. Several may share the certificates.
    pub fn new(parameters: Parameters, trust_store: &'c TrustStore, certificates: &'c Certificates) -> Self {
        Self::comparing(parameters, trust_store, &[], certificates)
    }

    /// A judge who also makes the rows of `store_verdicts`: for each named store what [`new`](Self::new) with it would say.
    pub fn comparing(
        parameters: Parameters,
        trust_store: &'c TrustStore,
        compared: &[(&'c str, &'c TrustStore)],
        certificates: &'c Certificates,
    ) -> Self {
        let stores = std::iter::once(trust_store).chain(compared.iter().map(|(_, store)| *store)).collect();
        let compared = compared.iter().map(|(name, _)| *name).collect();
        Self { parameters, validations: Validations::new(certificates, stores), compared }
    }

    /// Judges one domain from its row, the row of its policy where there is one, and the facts of its MX hosts.
    pub fn domain(&self, domain: &DomainRow, policy: Option<&PolicyRow>, hosts: &dyn HostLookup) -> Judgement {
        stores::judge_under_stores(self, &domain::Inputs { domain, policy, lookup: hosts })
    }
}
