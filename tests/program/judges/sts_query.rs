//! `mta-sts-query` of postfix-mta-sts-resolver on every domain of the lab that has, or tries to have, a record.
//!
//! The tool reads more kindly than RFC 8461 in some places and more strictly in others. Each such place is a class of
//! [`DEVIATIONS`], with the domains of the lab where it shows; everywhere else the two must agree, values included, and a
//! domain that stands in a class without need fails the test.

use std::path::{Path, PathBuf};

use mxcensus_rules::verdict::{StsPolicy, StsRecord, VerdictRow};

use super::lab;
use crate::namespace::text;
use crate::support::skip;

/// Where the tool departs from RFC 8461, the section, and the domains that show it.
const DEVIATIONS: [(&str, &str, &[&str]); 7] = [
    (
        "an id may hold anything",
        "§3.1: 1 to 32 letters and digits",
        &["lab-record-bad-id.com", "lab-record-long-id.com"],
    ),
    (
        "what is no field is passed over",
        "§3.1: the grammar of sts-text-record",
        &["lab-record-pasted.com", "lab-record-double-end.com"],
    ),
    (
        "of repeated fields the last counts",
        "§3.1, §3.2: all but the first are ignored",
        &["lab-record-repeated.com", "lab-policy-repeated.com"],
    ),
    (
        "an mx may be anything",
        "§3.2: a domain name, or *. and one",
        &["lab-policy-mx-dot.com", "lab-policy-mx-mail.com", "lab-policy-mx-star.com", "lab-policy-mx-umlaut.com"],
    ),
    ("empty lines are passed over", "§3.2: the grammar of sts-policy-record", &["lab-policy-blank-line.com"]),
    ("a media type other than text/plain is refused", "§3.2: SHOULD", &["lab-host-html-type.com"]),
    ("a common name will do (OpenSSL)", "§3.3: a DNS-ID, RFC 9525 §2", &["lab-host-cn-only.com"]),
];

/// The programs of the judges that are written in Python (`make judges`).
pub(super) fn python_program(name: &str) -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin");
    Some(venv.join(name)).filter(|program| program.is_file())
}

/// What one of the two makes of a domain: a valid policy with its values, or none.
#[derive(Debug, Eq, PartialEq)]
struct Policy {
    id: String,
    mode: String,
    max_age: i64,
    mx: Vec<String>,
}

/// The tool prints `(<STSFetchResult.VALID: 1>, ('ID', {'mx': ['A', …], 'mode': 'enforce', 'max_age': 604800, …}))`.
fn read(log: &str) -> Option<Policy> {
    let (_, printed) = log.split_once("<STSFetchResult.VALID: 1>, ('")?;
    let (id, fields) = printed.split_once('\'')?;
    let field = |name: &str| fields.split_once(&format!("'{name}': ")).map(|(_, rest)| rest);
    let mx = field("mx")?.strip_prefix('[')?.split(']').next()?;
    let quoted = |text: &str| text.trim().trim_matches('\'').to_ascii_lowercase();
    Some(Policy {
        id: id.to_owned(),
        mode: quoted(field("mode")?.split([',', '}']).next()?),
        max_age: field("max_age")?.split([',', '}']).next()?.trim().parse().ok()?,
        // Names are compared case-insensitively, and we write them in lower case.
        mx: mx.split(',').filter(|part| !part.trim().is_empty()).map(quoted).collect(),
    })
}

fn ours(verdict: &VerdictRow) -> Option<Policy> {
    let valid = verdict.sts_record == StsRecord::Valid && verdict.sts_policy == StsPolicy::Valid;
    valid.then(|| Policy {
        id: verdict.sts_id.clone().unwrap_or_default(),
        mode: verdict.sts_mode.clone().unwrap_or_default(),
        max_age: verdict.sts_max_age.unwrap_or_default(),
        mx: verdict.sts_mx_patterns.clone().unwrap_or_default(),
    })
}

pub(super) fn policies_of_every_domain() {
    let Some(lab) = lab::with(&[]) else { return };
    let Some(tool) = python_program("mta-sts-query") else { return skip("mta-sts-query is not installed") };
    // What we left out ourselves says nothing.
    let said = |row: &&VerdictRow| {
        !matches!(row.sts_record, StsRecord::Absent | StsRecord::Unknown) && row.sts_policy != StsPolicy::Unknown
    };
    let domains: Vec<&VerdictRow> = lab.verdicts.values().filter(said).collect();
    let (tool, roots) = (tool.display().to_string(), format!("SSL_CERT_FILE={}", lab.file("roots.pem")));
    let logs = lab::in_parallel(domains.clone(), |row| {
        text(&lab.namespace.run(30, "env", &[&roots, &tool, "-v", "fatal", &row.domain]))
    });
    let mut wrong = Vec::new();
    let mut agreed = 0;
    for (row, log) in domains.iter().zip(&logs) {
        assert!(log.contains("STSFetchResult"), "{}: {log}", row.domain);
        let (ours, theirs) = (ours(row), read(log));
        let deviation = DEVIATIONS.iter().find(|(_, _, domains)| domains.contains(&row.domain.as_str()));
        match (ours == theirs, deviation) {
            (true, None) => agreed += 1,
            (false, Some(_)) => {}
            (true, Some((class, ..))) => wrong.push(format!("{}: no longer shows: {class}", row.domain)),
            (false, None) => wrong.push(format!("{}: {ours:?}, and they {log}", row.domain)),
        }
    }
    let listed: Vec<&str> = DEVIATIONS.iter().flat_map(|(_, _, domains)| domains.iter().copied()).collect();
    for domain in &listed {
        assert!(domains.iter().any(|row| row.domain == *domain), "{domain} is no domain of the lab");
    }
    println!(
        "mta-sts-query: {} domains, {agreed} agree, {} deviate in {} classes",
        domains.len(),
        listed.len(),
        DEVIATIONS.len()
    );
    assert!(agreed > 100, "too little was compared: {agreed}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
