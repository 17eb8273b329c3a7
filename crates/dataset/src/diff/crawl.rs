//! One of the two datasets: opened, checked, and streamed as facts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::DiffError;
use super::domain::{DomainFacts, VerdictFacts};
use super::host::{HostSight, KnownCertificates, Tlsa};
use super::stage::Deal;
use crate::columns::{CERTIFICATES, DOMAINS, ENDPOINTS, MX_HOSTS, MX_VERDICTS, POLICIES, VERDICTS};
use crate::input::Spool;
use crate::manifest::Judgement;
use crate::piles::PileError;
use crate::{Dataset, Manifest, TableReader, judged, part_files, row_count};
use mxcensus_rules::name;
use mxcensus_rules::observation::{Cname, DnsStatus, Mx, MxStatus, TlsaLookup};
use mxcensus_rules::verdict::DaneHost;

/// Which of the two.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Side {
    /// The earlier crawl.
    Old,
    /// The later one.
    New,
}

/// Something that one crawl says of one domain.
#[derive(Debug, Deserialize, Serialize)]
pub struct Statement {
    domain: String,
    side: Side,
    fact: Fact,
}

#[derive(Debug, Deserialize, Serialize)]
enum Fact {
    Listed,
    Verdict(Box<VerdictFacts>),
    Exchangers(Vec<String>),
    PolicyOperator(String),
}

/// What both crawls know of a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    /// By the earlier crawl.
    pub old: DomainFacts,
    /// By the later one.
    pub new: DomainFacts,
}

/// Puts statements together by domain.
pub fn collect(
    statements: impl Iterator<Item = Result<Statement, PileError>>,
) -> Result<BTreeMap<String, Pair>, PileError> {
    let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
    for statement in statements {
        let Statement { domain, side, fact } = statement?;
        let pair = pairs.entry(domain).or_default();
        let facts = match side {
            Side::Old => &mut pair.old,
            Side::New => &mut pair.new,
        };
        match fact {
            Fact::Listed => facts.listed = true,
            Fact::Verdict(verdict) => {
                facts.listed = true;
                facts.verdict = Some(*verdict);
            }
            Fact::Exchangers(hosts) => facts.mx = Some(hosts.into_iter().collect()),
            Fact::PolicyOperator(operator) => facts.policy_operator = Some(operator),
        }
    }
    Ok(pairs)
}

/// A dataset that was opened to be compared.
#[derive(Debug)]
pub struct ComparedCrawl {
    root: PathBuf,
    side: Side,
    /// Its manifest.
    pub manifest: Manifest,
    /// What its verdicts are of.
    pub judgement: Judgement,
    /// Rows of `verdicts`.
    pub judged_domains: u64,
    input: PathBuf,
}

#[derive(Deserialize)]
struct Exchangers {
    domain: String,
    mx_status: MxStatus,
    mx: Option<Vec<Mx>>,
    mx_truncated: bool,
}

#[derive(Deserialize)]
struct PolicyHost {
    domain: String,
    policy_host: String,
    policy_cnames: Option<Vec<Cname>>,
    policy_addresses: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct HostTlsa {
    host: String,
    tlsa_lookups: Option<Vec<TlsaLookup>>,
}

#[derive(Deserialize)]
struct HostWord {
    host: String,
    provider: Option<String>,
    dane_host: DaneHost,
    tlsa_base: Option<String>,
}

#[derive(Deserialize)]
struct Presented {
    host: String,
    server_name: String,
    chain: Option<Vec<String>>,
    legacy_chain: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Certificate {
    sha256: String,
    #[serde(with = "serde_bytes")]
    der: Vec<u8>,
    spki_sha256: Option<String>,
}

impl ComparedCrawl {
    /// Opens a dataset; it must have been judged.
    pub fn open(root: &Path, side: Side) -> Result<Self, DiffError> {
        let dataset = Dataset::open(root)?;
        let manifest = dataset.manifest()?;
        let Some(judgement) = judged::judgement(root)? else {
            return Err(DiffError::NotJudged(root.to_path_buf()));
        };
        let mut judged_domains = 0;
        for path in part_files(&root.join(VERDICTS.name))? {
            judged_domains += row_count(&path)?;
        }
        let input = dataset.input_folder();
        Ok(ComparedCrawl { root: root.to_path_buf(), side, manifest, judgement, judged_domains, input })
    }

    /// The dataset's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Deals everything that is compared of domains.
    pub fn deal(&self, deal: &mut Deal<Statement>) -> Result<(), DiffError> {
        let mut say = |domain: String, fact: Fact| {
            let statement = Statement { domain, side: self.side, fact };
            deal.push(&statement.domain, &statement)
        };
        // The list of a crawl that is incomplete is longer than its verdicts.
        if !self.manifest.complete {
            for entry in Spool::open(&self.input)?.read_in_order()? {
                say(entry?.domain, Fact::Listed)?;
            }
        }
        let verdicts = TableReader::distinct(&self.root, &VERDICTS)?;
        for row in verdicts.project::<VerdictFacts>() {
            let mut row = row?;
            say(std::mem::take(&mut row.domain), Fact::Verdict(Box::new(row)))?;
        }
        let domains = TableReader::distinct(&self.root, &DOMAINS)?;
        for row in domains.project::<Exchangers>() {
            let row = row?;
            if let Some(hosts) = exchangers(&row) {
                say(row.domain, Fact::Exchangers(hosts))?;
            }
        }
        let policies = TableReader::distinct(&self.root, &POLICIES)?;
        for row in policies.project::<PolicyHost>() {
            let row = row?;
            if let Some(operator) = policy_operator(&row) {
                say(row.domain, Fact::PolicyOperator(operator))?;
            }
        }
        Ok(())
    }

    /// Adds the names of the hosts that have TLSA records.
    pub fn add_hosts_with_tlsa(&self, names: &mut HashSet<String>) -> Result<(), DiffError> {
        for row in self.tlsa()? {
            let row = row?;
            let mut lookups = row.tlsa_lookups.iter().flatten();
            if lookups.any(|lookup| lookup.status == DnsStatus::Found && !lookup.records.is_empty()) {
                names.insert(row.host);
            }
        }
        Ok(())
    }

    fn tlsa(&self) -> Result<impl Iterator<Item = Result<HostTlsa, crate::DatasetError>>, DiffError> {
        Ok(TableReader::distinct(&self.root, &MX_HOSTS)?.project::<HostTlsa>())
    }

    /// What this crawl knows of the named hosts.
    pub fn hosts(&self, names: &HashSet<String>) -> Result<HashMap<String, HostSight>, DiffError> {
        let mut hosts: HashMap<String, HostSight> = HashMap::new();
        let judged = TableReader::open(&self.root, &MX_VERDICTS)?;
        for row in judged.project::<HostWord>() {
            let row = row?;
            if names.contains(&row.host) {
                let facts = hosts.entry(row.host).or_default();
                facts.domains += 1;
                facts.add_word(row.dane_host);
                facts.provider = row.provider;
                facts.tlsa_base = row.tlsa_base;
            }
        }
        for row in self.tlsa()? {
            let row = row?;
            if let Some(facts) = hosts.get_mut(&row.host) {
                facts.tlsa = Tlsa::of(row.tlsa_lookups.as_deref(), facts.tlsa_base.as_deref());
            }
        }
        let endpoints = TableReader::distinct(&self.root, &ENDPOINTS)?;
        for row in endpoints.project::<Presented>() {
            let row = row?;
            let Some(facts) = hosts.get_mut(&row.host) else { continue };
            // RFC 7672 §8.1: DANE is judged over the session that named the base domain.
            let counts = facts.tlsa_base.as_deref().unwrap_or(&row.host) == row.server_name;
            let chain = row.chain.or(row.legacy_chain).filter(|chain| !chain.is_empty());
            if let (true, Some(chain)) = (counts, chain) {
                facts.chains.insert(chain);
            }
        }
        Ok(hosts)
    }

    /// Adds what is known of certificates: the keys of `leaves`, the DER of `wanted`.
    pub fn add_certificates(
        &self,
        leaves: &BTreeSet<&str>,
        wanted: &BTreeSet<&str>,
        known: &mut KnownCertificates,
    ) -> Result<(), DiffError> {
        if leaves.is_empty() && wanted.is_empty() {
            return Ok(());
        }
        let certificates = TableReader::open(&self.root, &CERTIFICATES)?;
        for row in certificates.project::<Certificate>() {
            let row = row?;
            if let Some(key) = row.spki_sha256.filter(|_| leaves.contains(row.sha256.as_str())) {
                known.keys.insert(row.sha256.clone(), key);
            }
            if wanted.contains(row.sha256.as_str()) {
                known.ders.insert(row.sha256, row.der);
            }
        }
        Ok(())
    }
}

/// The MX hosts as a set; none where they are not known, or not all.
fn exchangers(row: &Exchangers) -> Option<Vec<String>> {
    match row.mx_status {
        MxStatus::Present | MxStatus::NullMixed if !row.mx_truncated => {
            let hosts = row.mx.iter().flatten().map(|mx| mx.host.clone()).filter(|host| host != ".");
            Some(hosts.collect())
        }
        // RFC 5321 §5.1: the domain itself.
        MxStatus::Implicit => Some(vec![row.domain.clone()]),
        _ => None,
    }
}

/// Registrable domain of where the aliases of the policy host end; none where they lead to no address.
fn policy_operator(row: &PolicyHost) -> Option<String> {
    row.policy_addresses.as_ref().filter(|addresses| !addresses.is_empty())?;
    let end = row.policy_cnames.as_ref()?.last().map_or(row.policy_host.as_str(), |cname| cname.target.as_str());
    name::registrable(end).map(str::to_owned)
}
