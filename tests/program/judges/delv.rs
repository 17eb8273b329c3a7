//! `delv`, BIND's validator, on every answer whose DNSSEC state the scan of the lab recorded.

use std::collections::{BTreeMap, BTreeSet};

use mxcensus_rules::observation::{DnsStatus, Dnssec, MxStatus};

use super::lab;
use crate::namespace::text;

/// Owner, type, and the state that was recorded.
type Question = (String, &'static str, Dnssec);

/// Every question that was answered with records, and those that were proven bogus. What a denial is worth is Unbound's to
/// judge: delv calls one below an opt-out span validated (against RFC 5155 §9.2).
fn questions(lab: &lab::Lab) -> BTreeSet<Question> {
    let mut all = BTreeSet::new();
    let mut put = |name: &str, kind, state: Option<Dnssec>, status: Option<DnsStatus>| {
        if let Some(state) = state.filter(|state| status == Some(DnsStatus::Found) || *state == Dnssec::Bogus) {
            all.insert((name.to_owned(), kind, state));
        }
    };
    for row in &lab.domains {
        let named = matches!(row.mx_status, MxStatus::Present | MxStatus::Null | MxStatus::NullMixed);
        put(&row.domain, "MX", row.mx_dnssec, named.then_some(DnsStatus::Found));
        put(&format!("_mta-sts.{}", row.domain), "TXT", row.sts_txt_dnssec, row.sts_txt_status);
    }
    // RFC 6761 §6.3: names below localhost are never asked, so there is no answer to compare.
    let asked = |host: &str| host != "localhost" && !host.ends_with(".localhost");
    for row in lab.hosts.values().filter(|row| asked(&row.host)) {
        put(&row.host, "A", row.a_dnssec, row.a_status);
        put(&row.host, "AAAA", row.aaaa_dnssec, row.aaaa_status);
        for lookup in row.tlsa_lookups.iter().flatten() {
            put(&lookup.name, "TLSA", lookup.dnssec, Some(lookup.status));
        }
    }
    all
}

/// What delv says: the worst state of what it prints, since an answer over aliases has a line for each RRset.
fn read(log: &str) -> Option<Dnssec> {
    if log.contains("; unsigned answer") {
        return Some(Dnssec::Insecure);
    }
    if log.contains("; fully validated") {
        return Some(Dnssec::Secure);
    }
    log.contains("resolution failed").then_some(Dnssec::Bogus)
}

pub(super) fn states_of_every_answer() {
    let Some(lab) = lab::with(&["delv"]) else { return };
    let anchor = std::fs::read_to_string(lab.files.join("trust-anchor")).unwrap();
    let fields: Vec<&str> = anchor.split_whitespace().collect();
    let [_, _, _, "DS", tag, algorithm, digest_type, digest] = fields[..] else { panic!("{anchor}") };
    let keys = format!("trust-anchors {{ . static-ds {tag} {algorithm} {digest_type} \"{digest}\"; }};\n");
    std::fs::write(lab.files.join("delv.keys"), keys).unwrap();
    let keys = lab.file("delv.keys");

    let questions: Vec<Question> = questions(lab).into_iter().collect();
    let logs = lab::in_parallel(questions.clone(), |(name, kind, _)| {
        let args = ["@127.0.0.1", "-p", "5300", "-a", &keys, "+root=.", &name, kind];
        text(&lab.namespace.run(30, "delv", &args))
    });
    let mut agreed: BTreeMap<Dnssec, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for ((name, kind, ours), log) in questions.iter().zip(&logs) {
        let theirs = read(log);
        if theirs == Some(*ours) {
            *agreed.entry(*ours).or_default() += 1;
        } else {
            wrong.push(format!("{name} {kind}: we say {ours}, delv {theirs:?}\n{log}"));
        }
    }
    println!("delv: {} answers, {agreed:?}", questions.len());
    for (state, least) in [(Dnssec::Secure, 80), (Dnssec::Insecure, 200), (Dnssec::Bogus, 5)] {
        assert!(agreed.get(&state) >= Some(&least), "{state}: too little was compared: {agreed:?}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), questions.len(), wrong.join("\n"));
}
