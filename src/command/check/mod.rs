//! `mxcensus check`: some domains, live, explained.
//!
//! A scan of the domains into a dataset of its own, then the same judge with its reasons: what is printed here is what the
//! tables of a census would hold. [`answer`] says it for a postmaster, [`evidence`] shows what it rests on, [`columns`]
//! lists every column.

mod answer;
mod columns;
mod evidence;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::time::Duration;

use console::{Style, Term};
use indicatif::ProgressBar;
use mxcensus_dataset::input::Source;
use mxcensus_dataset::{DatasetError, Row, TableReader};
use mxcensus_judge::{Certificates, HostFacts, Judge, Judgement, Parameters};
use mxcensus_rules::name::{self, NameError};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, MxHostRow, MxStatus, PolicyRow};
use mxcensus_rules::pkix::{self, TrustStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};

use self::answer::{Line, Mark};
use super::Ending;
use super::scan::{self, Request, ScanError, Shown};
use crate::cli::CheckArgs;
use crate::logging;
use crate::settings::SettingsError;

/// Why a domain could not be checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// Not a domain name; what may have been meant.
    #[error("{given:?} is not a domain name: {}{}", .error.explained(), guess(.meant.as_deref()))]
    Name {
        /// As it was given.
        given: String,
        /// What is wrong with it.
        error: NameError,
        /// The domain that was meant.
        meant: Option<String>,
    },
    /// No domain was given.
    #[error("there is no domain on standard input")]
    NoDomain,
    /// It took too long.
    #[error("no result within {0} seconds; give more with --timeout, or see what is wrong with --log info")]
    TimedOut(f64),
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
    #[error("nothing was observed of {0}")]
    Nothing(String),
}

fn guess(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!(". Did you mean {meant}?"))
}

/// A person waits: one retry after this many seconds, where a crawl would come back after five minutes.
const RETRY_AFTER_S: f64 = 5.0;

/// A session has some steps, and one is made again: each may take this share of the whole time.
const STEPS_IN_TIME: u32 = 6;

/// Names of roots by the SHA-256 fingerprint of their DER.
type RootNames = BTreeMap<String, String>;

/// Everything that was seen of one domain.
struct Observed {
    domain: DomainRow,
    policy: Option<PolicyRow>,
    mx_hosts: Vec<MxHostRow>,
    endpoints: Vec<EndpointRow>,
    certificates: Vec<CertificateRow>,
}

/// Looks at the domains and returns the report, text for a person or JSON, and how the command ended.
pub(super) async fn command(args: CheckArgs) -> Result<(String, Ending), CheckError> {
    let domains = domains(&args)?;
    let mut settings = args.flags.clone().resolve()?;
    let limits = &mut settings.setup.limits;
    limits.retry_after_s = limits.retry_after_s.iter().take(1).map(|s| s.min(RETRY_AFTER_S)).collect();
    let whole = Duration::try_from_secs_f64(args.timeout).unwrap_or(Duration::MAX);
    let step = whole / STEPS_IN_TIME;
    settings.setup.step_timeout = Some(settings.setup.step_timeout.map_or(step, |given| given.min(step)));
    let trust_store = settings.trust_store.clone();
    let temporary = tempfile::Builder::new().prefix("mxcensus-check-").tempdir()?;
    let list = temporary.path().join("domains");
    std::fs::write(&list, domains.join("\n") + "\n")?;
    let out = args.out.clone().unwrap_or_else(|| temporary.path().join("dataset"));
    let request = Request {
        list: Some(Source::File(list)),
        out: out.clone(),
        limit: None,
        seed: Some(0),
        resume: false,
        metrics: None,
    };
    let spinner = spinner(&domains);
    let scanning = scan::run(request, settings, steps(&spinner, &domains));
    let scanned = tokio::time::timeout(whole, scanning).await;
    spinner.finish_and_clear();
    scanned.map_err(|_| CheckError::TimedOut(args.timeout))??;
    report(&args, &domains, &out, &trust_store)
}

/// The domains asked for, as they are looked up; `-` stands for those on standard input.
fn domains(args: &CheckArgs) -> Result<Vec<String>, CheckError> {
    let mut domains: Vec<String> = Vec::new();
    for given in &args.domains {
        let texts = match given.as_str() {
            "-" => std::io::stdin().lock().lines().collect::<Result<Vec<_>, _>>()?,
            text => vec![text.to_owned()],
        };
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty() && !text.starts_with('#')) {
            let domain = name::to_ascii(text).map_err(|error| CheckError::Name {
                given: text.to_owned(),
                error,
                meant: name::meant(text),
            })?;
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
    }
    if domains.is_empty() { Err(CheckError::NoDomain) } else { Ok(domains) }
}

/// A sign of life on a terminal.
fn spinner(domains: &[String]) -> ProgressBar {
    if !std::io::stderr().is_terminal() || logging::is_quiet() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    spinner.set_message(format!("{}: asking the resolver", whom(domains)));
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// The spinner says which step is waited for.
fn steps(spinner: &ProgressBar, domains: &[String]) -> Shown {
    let (spinner, whom) = (spinner.clone(), whom(domains));
    Shown::Steps(Box::new(move |step| spinner.set_message(format!("{whom}: {step}"))))
}

fn whom(domains: &[String]) -> String {
    match domains {
        [one] => one.clone(),
        several => format!("{} domains", several.len()),
    }
}

/// Judges what was seen of each domain, and tells it.
fn report(
    args: &CheckArgs,
    domains: &[String],
    dataset: &Path,
    trust_store: &TrustStore,
) -> Result<(String, Ending), CheckError> {
    let mut observed = read(dataset)?;
    let roots = root_names(trust_store);
    let mut texts = Vec::new();
    let mut values = Vec::new();
    let mut missing = false;
    for domain in domains {
        let observed = observed.remove(domain).ok_or_else(|| CheckError::Nothing(domain.clone()))?;
        let judgement = judge(&observed, trust_store);
        missing |= observed.domain.mx_status == MxStatus::Nxdomain;
        if args.json {
            values.push(as_json(&observed, &judgement)?);
        } else {
            texts.push(as_text(args, &observed, &judgement, &roots));
        }
    }
    let text = match values.len() {
        0 => texts.join("\n"),
        1 => serde_json::to_string_pretty(&values[0])? + "\n",
        _ => serde_json::to_string_pretty(&values)? + "\n",
    };
    Ok((text, if missing { Ending::Incomplete } else { Ending::Done }))
}

fn judge(observed: &Observed, trust_store: &TrustStore) -> Judgement {
    let mut certificates = Certificates::new();
    for certificate in &observed.certificates {
        certificates.insert(&certificate.sha256, &certificate.der);
    }
    let mut hosts = std::collections::HashMap::new();
    for row in &observed.mx_hosts {
        let own = observed.endpoints.iter().filter(|endpoint| endpoint.host == row.host);
        hosts.insert(row.host.clone(), HostFacts::read(row, own, &certificates));
    }
    let judge = Judge::new(Parameters::default(), trust_store, &certificates);
    judge.domain(&observed.domain, observed.policy.as_ref(), &hosts)
}

/// The subject of every root, so that a person reads a name in place of a fingerprint.
fn root_names(trust_store: &TrustStore) -> RootNames {
    let pem = trust_store.to_pem();
    let roots = CertificateDer::pem_slice_iter(pem.as_bytes()).flatten();
    roots
        .map(|der| pkix::describe(&der))
        .map(|row| (row.sha256.clone(), row.subject.or(row.common_name).unwrap_or(row.sha256)))
        .collect()
}

fn as_text(args: &CheckArgs, observed: &Observed, judgement: &Judgement, roots: &RootNames) -> String {
    let domain = &observed.domain.domain;
    if observed.domain.mx_status == MxStatus::Nxdomain {
        return format!("{domain}: there is no such domain (RFC 1035 §4.1.1, RCODE 3).\n");
    }
    let mut out = format!("{}\n", Style::new().bold().apply_to(domain));
    for Line { name, mark, says, todo } in answer::lines(judgement) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {}  {}", style(mark).apply_to(format!("{name:<8}")), wrapped(&says, "            "));
        for instruction in todo {
            let _ = writeln!(out, "            → {}", wrapped(&instruction, "              "));
        }
    }
    let _ = write!(out, "\n{}", evidence::text(observed, roots, judgement));
    if args.all {
        let _ = write!(out, "\n{}", columns::text(judgement));
    }
    out
}

/// Text that fits the terminal, its further lines indented; as it is where nobody looks at a terminal.
fn wrapped(text: &str, indent: &str) -> String {
    let terminal = Term::stdout();
    if !terminal.is_term() {
        return text.to_owned();
    }
    let width = usize::from(terminal.size().1).clamp(40, 120);
    let options = textwrap::Options::new(width.saturating_sub(indent.len())).break_words(false);
    textwrap::wrap(text, options).join(&format!("\n{indent}"))
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Good => Style::new().green().bold(),
        Mark::Open => Style::new().bold(),
        Mark::Bad => Style::new().red().bold(),
        Mark::Unknown => Style::new().yellow().bold(),
    }
}

/// Everything that was seen, by domain.
fn read(root: &Path) -> Result<BTreeMap<String, Observed>, CheckError> {
    fn all<R: Row>(root: &Path) -> Result<Vec<R>, DatasetError> {
        TableReader::distinct(root, R::TABLE)?.rows().collect()
    }
    let (policies, mx_hosts, endpoints) = (all::<PolicyRow>(root)?, all::<MxHostRow>(root)?, all::<EndpointRow>(root)?);
    let certificates: Vec<CertificateRow> = all(root)?;
    let mut observed = BTreeMap::new();
    for domain in all::<DomainRow>(root)? {
        let names: Vec<&str> = match &domain.mx {
            Some(records) if !records.is_empty() => records.iter().map(|mx| mx.host.as_str()).collect(),
            // RFC 5321 §5.1: the domain itself is the implicit MX host.
            _ => vec![domain.domain.as_str()],
        };
        let hosts: Vec<MxHostRow> = mx_hosts.iter().filter(|row| names.contains(&row.host.as_str())).cloned().collect();
        let sessions = endpoints.iter().filter(|row| names.contains(&row.host.as_str())).cloned().collect();
        let policy = policies.iter().find(|row| row.domain == domain.domain).cloned();
        observed.insert(
            domain.domain.clone(),
            Observed { policy, mx_hosts: hosts, endpoints: sessions, certificates: certificates.clone(), domain },
        );
    }
    Ok(observed)
}

fn as_json(observed: &Observed, judgement: &Judgement) -> Result<Value, CheckError> {
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
    Ok(json!({
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
    }))
}
