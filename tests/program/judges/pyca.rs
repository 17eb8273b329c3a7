//! PyCA's `cryptography` on the chain of every MX of the lab: the path builder that RFC 5280 and the CA/Browser Forum's
//! profile were turned into for Python, in which names are DNS-IDs alone.

use std::collections::HashMap;
use std::fmt::Write;

use mxcensus_rules::observation::EndpointRow;
use mxcensus_rules::verdict::MxVerdictRow;

use super::differences::Differences;
use super::lab;
use super::sts_query::python_program;
use crate::namespace::text;
use crate::support::skip;

pub(super) fn pkix_for_every_host() {
    let Some(lab) = lab::with(&[]) else { return };
    let Some(python) = python_program("python") else { return skip("cryptography is not installed") };
    let hosts: HashMap<&str, &MxVerdictRow> =
        lab.distinct_hosts().into_iter().filter(|row| row.pkix.is_some()).map(|row| (row.host.as_str(), row)).collect();
    // A key that was not proven is no matter of the chain.
    let has_proof = |row: &&EndpointRow| row.key_proof.is_none_or(|proof| proof.word() != "failed");
    let mut questions = String::new();
    for row in lab.endpoints.values().flatten().filter(has_proof) {
        let chain: Option<Vec<String>> =
            row.chain.iter().flatten().map(|sha256| lab.certificates.get(sha256).map(hex::encode)).collect();
        if let Some(chain) = chain.filter(|chain| !chain.is_empty() && row.server_name == row.host) {
            let question = serde_json::json!({"host": row.host, "at": row.observed_at, "chain": chain});
            writeln!(questions, "{question}").unwrap();
        }
    }
    let file = lab.files.join("chains.jsonl");
    std::fs::write(&file, &questions).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/judges/pyca.py");
    let (roots, file) = (lab.file("roots.pem"), file.display().to_string());
    let log = text(&lab.namespace.run(120, &python.display().to_string(), &[script, &roots, &file]));
    let mut by_host: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in log.lines() {
        let (host, said) = line.split_once(' ').unwrap_or((line, ""));
        by_host.entry(host).or_default().push(said);
    }
    let asked: usize = by_host.values().map(Vec::len).sum();
    assert_eq!(asked, questions.lines().count(), "{log}");
    let mut differences = Differences::of("cryptography pkix");
    let mut valid = 0;
    for (host, said) in by_host {
        let Some(row) = hosts.get(host) else { panic!("{host}: {said:?}") };
        // The worst address counts.
        let theirs = if said.iter().all(|said| *said == "valid") { "valid" } else { "not valid" };
        let ours = row.pkix.as_deref().unwrap_or_default();
        let agrees = (ours == "valid") == (theirs == "valid");
        differences.hold(host, ours, theirs, agrees, &said.join("\n"));
        valid += usize::from(agrees && ours == "valid");
    }
    println!("cryptography: {asked} chains, {valid} hosts valid");
    assert!(valid > 100, "too little was compared");
    differences.settle();
}
