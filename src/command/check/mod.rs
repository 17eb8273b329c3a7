//! `mxcensus check`: one domain, live, explained.
//!
//! A scan of one domain into a dataset of its own, then the same judge with its reasons: what is printed here is
//! what the tables of a census would hold.

mod explain;

use std::path::Path;

use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::{Value, json};

use crate::cli::CheckArgs;
use crate::command::scan::{self, Request, ScanError};
use crate::settings::SettingsError;
use mxcensus_dataset::{DatasetError, Row, TableReader};
use mxcensus_judge::{Certificates, HostFacts, Judge, Judgement, Parameters};
use mxcensus_rules::name::NameError;
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow};

/// Why a domain could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Not a domain name.
    #[error("{0:?} is not a domain name: {1}")]
    Name(String, NameError),
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The domain could not be looked at.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The observations could not be read back.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// No place for the observations.
    #[error("no temporary directory: {0}")]
    Temporary(#[from] std::io::Error),
    /// A row that is no JSON: a bug.
    #[error("the rows cannot be shown: {0}")]
    Json(#[from] serde_json::Error),
    /// Interrupted before there was anything to judge.
    #[error("nothing was observed")]
    Nothing,
}

/// A person waits: one retry after this many seconds, where a crawl would come back after five minutes.
const RETRY_AFTER_S: f64 = 5.0;

/// Everything that was seen of one domain.
pub struct Observed {
    /// Its row.
    pub domain: DomainRow,
    /// Its policy's row, if one was to be fetched.
    pub policy: Option<PolicyRow>,
    /// Its MX hosts.
    pub mx_hosts: Vec<MxHostRow>,
    /// Their endpoints.
    pub endpoints: Vec<EndpointRow>,
    /// All certificates that were shown.
    pub certificates: Vec<CertificateRow>,
}

/// Looks at a domain and returns the report: text for a person, or JSON.
pub async fn command(args: CheckArgs) -> Result<String, CheckError> {
    let domain =
        mxcensus_rules::name::to_ascii(&args.domain).map_err(|error| CheckError::Name(args.domain.clone(), error))?;
    let mut settings = args.flags.resolve()?;
    settings.setup.limits.retry_after_s =
        settings.setup.limits.retry_after_s.iter().take(1).map(|s| s.min(RETRY_AFTER_S)).collect();
    let trust_store = settings.trust_store.clone();
    let temporary = tempfile::Builder::new().prefix("mxcensus-check-").tempdir()?;
    let list = temporary.path().join("domain");
    std::fs::write(&list, format!("{domain}\n"))?;
    let out = args.out.unwrap_or_else(|| temporary.path().join("dataset"));
    let request =
        Request { list: Some(list), out: out.clone(), limit: None, seed: Some(0), resume: false, metrics: None };
    scan::run(request, settings, MultiProgress::with_draw_target(ProgressDrawTarget::hidden())).await?;

    let observed = read(&out)?;
    let mut certificates = Certificates::new();
    for certificate in &observed.certificates {
        certificates.insert(&certificate.sha256, &certificate.der);
    }
    let mut hosts = std::collections::HashMap::new();
    for row in &observed.mx_hosts {
        let own = observed.endpoints.iter().filter(|endpoint| endpoint.host == row.host);
        hosts.insert(row.host.clone(), HostFacts::read(row, own, &certificates));
    }
    let judge = Judge::new(Parameters::default(), &trust_store, &certificates);
    let judgement = judge.domain(&observed.domain, observed.policy.as_ref(), &hosts);
    if args.json { as_json(&observed, &judgement) } else { Ok(explain::text(&observed, &judgement)) }
}

fn read(root: &Path) -> Result<Observed, CheckError> {
    fn all<R: Row>(root: &Path) -> Result<Vec<R>, DatasetError> {
        TableReader::distinct(root, R::TABLE)?.rows().collect()
    }
    Ok(Observed {
        domain: all(root)?.pop().ok_or(CheckError::Nothing)?,
        policy: all(root)?.pop(),
        mx_hosts: all(root)?,
        endpoints: all(root)?,
        certificates: all(root)?,
    })
}

fn as_json(observed: &Observed, judgement: &Judgement) -> Result<String, CheckError> {
    let mut certificates = Vec::new();
    for row in &observed.certificates {
        let mut value = serde_json::to_value(row)?;
        value["der"] = json!(base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &row.der));
        certificates.push(value);
    }
    let mut policy = serde_json::to_value(&observed.policy)?;
    if let Some(body) = observed.policy.as_ref().and_then(|policy| policy.policy_body.as_ref()) {
        policy["policy_body"] = json!(mxcensus_rules::text::escape(body));
    }
    let reasons = |reasons: &[mxcensus_judge::Reason]| -> Value {
        let each = reasons.iter().map(|(column, rule)| {
            ((*column).to_owned(), json!({"rule": rule.id, "citation": rule.citation, "sentence": rule.sentence}))
        });
        Value::Object(each.collect())
    };
    let hosts: serde_json::Map<String, Value> =
        judgement.reasons.hosts.iter().map(|(host, why)| (host.clone(), reasons(why))).collect();
    let report = json!({
        "domain": observed.domain.domain,
        "observed": {
            "domains": observed.domain,
            "policies": policy,
            "mx_hosts": observed.mx_hosts,
            "endpoints": observed.endpoints,
            "certificates": certificates,
        },
        "verdicts": judgement.verdict,
        "mx_verdicts": judgement.hosts,
        "reasons": {"verdicts": reasons(&judgement.reasons.domain), "mx_verdicts": hosts},
    });
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}
