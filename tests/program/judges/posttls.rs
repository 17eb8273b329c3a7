//! Postfix's `posttls-finger` on every MX of the lab: DANE with `-M may` and `-M dane`, and PKIX.

use std::collections::BTreeMap;

use mxcensus_rules::observation::MxStatus;
use mxcensus_rules::verdict::{DaneHost, MxVerdictRow, Outcome, StarttlsWord};

use super::differences::Differences;
use super::lab::{self, Lab};
use crate::namespace::text;

const TOOL: &str = "posttls-finger";

/// How a session without DANE, or with DANE, ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tls {
    /// Authenticated. "Trusted" is what Postfix logs in place of "Verified" when only the MX RRset is insecure.
    Authenticated,
    /// A handshake that authenticates nobody.
    Encrypted,
    /// No handshake.
    None,
}

/// What Postfix made of one host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    /// The look-up of the host's address or TLSA records failed: it may not be used.
    LookupFailed,
    /// No host with an address was found, and for want of one DANE is no question.
    NoAddress,
    /// No DANE: no TLSA records, or not secure ones.
    NoDane,
    /// TLSA records and none that can be used: encrypted without authentication.
    Unusable,
    /// DANE in force.
    Dane(Tls),
}

struct Session {
    /// The host that Postfix ended up with.
    host: Option<String>,
    seen: Seen,
    log: String,
}

/// The text after `mark`, up to any of `ends`.
fn after<'t>(log: &'t str, mark: &str, ends: &[char]) -> Option<&'t str> {
    log.split_once(mark)?.1.split(ends).next()
}

fn tls(log: &str) -> Tls {
    match log.split_once(" TLS connection established to").and_then(|(before, _)| before.rsplit(' ').next()) {
        Some("Verified" | "Trusted") => Tls::Authenticated,
        Some(_) => Tls::Encrypted,
        None => Tls::None,
    }
}

/// Connects to a destination as Postfix would at level `dane`.
fn connect(lab: &Lab, insecure_mx: &str, destination: &str) -> Session {
    let args = ["-v", "-c", "-t", "3", "-T", "3", "-l", "dane", "-M", insecure_mx, destination];
    let log = text(&lab.namespace.run(30, TOOL, &args));
    let established = after(&log, "TLS connection established to ", &['[']);
    let tried = || log.rsplit_once("trying: ").and_then(|(_, rest)| rest.split('[').next());
    let lost = after(&log, " via ", &[':']).filter(|_| log.contains("TLSA lookup error"));
    let host = lost.or(established).or_else(tried).map(str::to_owned);
    let found_nothing =
        log.contains("address lookup failed") || log.contains("valid hostname or network address required");
    let seen = if log.contains("TLSA lookup error") || (found_nothing && log.contains("try again")) {
        Seen::LookupFailed
    } else if found_nothing {
        Seen::NoAddress
    } else if log.contains("MX RRset is insecure: try to encrypt") || log.contains("no TLSA records found") {
        Seen::NoDane
    } else if log.contains("no usable TLSA records found") || log.contains("all TLSA records unusable") {
        Seen::Unusable
    } else {
        Seen::Dane(tls(&log))
    };
    Session { host, seen, log }
}

/// What our word for a host lets Postfix see; none: it says nothing about the host (it was not reached, or we left it
/// out ourselves).
fn allowed(word: DaneHost) -> &'static [Seen] {
    match word {
        // "A host without an address: `none`."
        DaneHost::None => &[Seen::NoDane, Seen::NoAddress],
        DaneHost::Insecure => &[Seen::NoDane],
        DaneHost::Unusable => &[Seen::Unusable],
        DaneHost::Match => &[Seen::Dane(Tls::Authenticated)],
        // Addresses are tried in any order.
        DaneHost::Partial => &[Seen::Dane(Tls::Authenticated), Seen::Dane(Tls::Encrypted), Seen::Dane(Tls::None)],
        // Without proof of the key (RFC 8446 §4.4.3) OpenSSL ends the handshake; we go on to look at the chain.
        DaneHost::Mismatch => &[Seen::Dane(Tls::Encrypted), Seen::Dane(Tls::None)],
        DaneHost::NoTls => &[Seen::Dane(Tls::None)],
        DaneHost::LookupFailed => &[Seen::LookupFailed],
        DaneHost::Unknown => &[],
    }
}

pub(super) fn dane_for_every_domain_and_host() {
    let Some(lab) = lab::with(&[TOOL]) else { return };
    let mut differences = Differences::of("posttls-finger dane");
    let domains: Vec<&String> =
        lab.mx.iter().filter(|(_, hosts)| !hosts.is_empty()).map(|(domain, _)| domain).collect();
    let sessions =
        lab::in_parallel(domains.clone(), |domain| (connect(lab, "may", domain), connect(lab, "dane", domain)));
    let mut compared: BTreeMap<DaneHost, usize> = BTreeMap::new();
    for (domain, (may, dane)) in domains.iter().zip(&sessions) {
        let verdict = &lab.verdicts[*domain];
        // With an insecure MX RRset treated as no DANE: the `dane` column.
        if let Some(row) = host_of(lab, domain, may) {
            let words = allowed(row.dane);
            if !words.is_empty() {
                *compared.entry(row.dane).or_default() += 1;
                differences.hold(
                    domain,
                    row.dane.word(),
                    &format!("{:?}", may.seen),
                    words.contains(&may.seen),
                    &may.log,
                );
            }
        }
        // With DANE even then: the `dane_host` column, and the outcome for such a sender.
        if let Some(row) = host_of(lab, domain, dane) {
            let words = allowed(row.dane_host);
            if !words.is_empty() {
                let agrees = words.contains(&dane.seen) || only_next_hop_name(lab, row, dane.seen);
                differences.hold(&row.host, row.dane_host.word(), &format!("{:?}", dane.seen), agrees, &dane.log);
            }
        }
        let authenticated = dane.seen == Seen::Dane(Tls::Authenticated);
        // Where addresses differ, a sender that tries the wrong one first comes again; Postfix is seen at one of them.
        let differ = lab.mx[*domain].iter().any(|row| row.dane_host == DaneHost::Partial);
        if verdict.outcome_dane_insecure_mx != Outcome::Indeterminate && !differ {
            let ours = verdict.outcome_dane_insecure_mx == Outcome::Authenticated;
            differences.hold(
                domain,
                verdict.outcome_dane_insecure_mx.word(),
                &format!("{:?} for outcome_dane_insecure_mx", dane.seen),
                ours == authenticated,
                &dane.log,
            );
        }
    }
    // By the domain Postfix shows the host that it would use; the others are asked for by name.
    let hosts = lab.distinct_hosts();
    let others = lab::in_parallel(hosts.clone(), |row| connect(lab, "dane", &format!("[{}]", row.host)));
    for (row, session) in hosts.iter().zip(&others) {
        let words = allowed(row.dane_host);
        if !words.is_empty() {
            let agrees = words.contains(&session.seen) || only_next_hop_name(lab, row, session.seen);
            differences.hold(&row.host, row.dane_host.word(), &format!("[] {:?}", session.seen), agrees, &session.log);
        }
    }
    println!("posttls-finger: {} domains, {} hosts; by our word: {compared:?}", domains.len(), hosts.len());
    for (word, least) in
        [(DaneHost::Match, 25), (DaneHost::Mismatch, 12), (DaneHost::LookupFailed, 5), (DaneHost::Unusable, 3)]
    {
        assert!(compared.get(&word) >= Some(&least), "{word}: too little was compared: {compared:?}");
    }
    differences.settle();
}

/// The row of the host that Postfix ended up with.
fn host_of<'l>(lab: &'l Lab, domain: &str, session: &Session) -> Option<&'l MxVerdictRow> {
    let hosts = lab.mx.get(domain)?;
    if lab.verdicts[domain].mx_status == MxStatus::Error {
        // The MX look-up failed, and what stands in our rows is for information; the outcome says the rest.
        assert_eq!(session.seen, Seen::LookupFailed, "{domain}: {}", session.log);
        return None;
    }
    match &session.host {
        Some(name) => hosts.iter().find(|row| row.host == *name),
        // No address at all was found: that is about the only host, or about all of them.
        None => hosts.first().filter(|_| hosts.len() == 1),
    }
}

/// A host that is asked for by its own name, or by an insecure MX RRset, is the only reference identifier
/// (RFC 7672 §3.2.2), while `dane_host` takes the domain as one: a certificate for the domain alone then authenticates nobody.
fn only_next_hop_name(lab: &Lab, row: &MxVerdictRow, seen: Seen) -> bool {
    let names_host =
        row.pkix_failures.as_ref().is_some_and(|words| words.iter().all(|w| w.word() != "cert-name-mismatch"));
    let usage_2 = lab
        .hosts
        .get(&row.host)
        .and_then(|host| host.tlsa_lookups.as_ref())
        .is_some_and(|lookups| lookups.iter().flat_map(|lookup| &lookup.records).any(|record| record.usage == 2));
    row.dane_host == DaneHost::Match && usage_2 && !names_host && seen == Seen::Dane(Tls::Encrypted)
}

/// Which of our certificate words an OpenSSL error stands for.
const ERRORS: [(&str, &str); 8] = [
    ("certificate has expired", "cert-expired"),
    ("certificate not yet valid", "cert-not-yet-valid"),
    ("self-signed certificate", "cert-self-signed"),
    ("self signed certificate", "cert-self-signed"),
    ("untrusted issuer", "cert-unknown-issuer"),
    ("hostname mismatch", "cert-name-mismatch"),
    ("not designated for use as a server certificate", "cert-invalid"),
    ("certificate signature failure", "cert-invalid"),
];

pub(super) fn pkix_for_every_host() {
    let Some(lab) = lab::with(&[TOOL]) else { return };
    let mut differences = Differences::of("posttls-finger pkix");
    let roots = lab.file("roots.pem");
    let asked: Vec<(&MxVerdictRow, Vec<&str>)> = lab
        .distinct_hosts()
        .into_iter()
        // Of a handshake that breaks after it was agreed we tell what its chain is worth; posttls-finger tells nothing.
        .filter(|row| row.pkix.is_some() && row.starttls == StarttlsWord::Offered)
        .map(|row| (row, lab.comparable(&row.host, &row.host).iter().map(|e| e.ip.as_str()).collect()))
        .filter(|(_, addresses): &(_, Vec<&str>)| !addresses.is_empty())
        .collect();
    let logs = lab::in_parallel(asked.clone(), |(row, addresses)| -> Vec<String> {
        let look = |ip: &&str| {
            let destination = format!("[{ip}]");
            let args =
                ["-c", "-t", "3", "-T", "3", "-l", "secure", "-F", &roots, "-s", &row.host, &destination, &row.host];
            text(&lab.namespace.run(30, TOOL, &args))
        };
        addresses.iter().map(look).collect()
    });
    let mut valid = 0;
    for ((row, _), logs) in asked.iter().zip(&logs) {
        let ours = row.pkix.as_deref().unwrap_or_default();
        // The worst address counts.
        let bad = logs.iter().find(|log| tls(log) != Tls::Authenticated);
        let all = logs.join("\n");
        let theirs = match bad {
            None => "valid",
            Some(log) => ERRORS.iter().find(|(error, _)| log.contains(error)).map_or("not valid", |(_, word)| word),
        };
        let named = row.pkix_failures.as_ref().is_some_and(|words| words.iter().any(|word| word.word() == theirs));
        // A key that is not proven ends their handshake without a word about the chain.
        let agrees = if ours == "valid" { theirs == ours } else { named || theirs == "not valid" };
        differences.hold(&row.host, ours, theirs, agrees, &all);
        valid += usize::from(agrees && ours == "valid");
    }
    println!("posttls-finger: {} hosts, {valid} of them valid", asked.len());
    assert!(valid > 100 && asked.len() - valid > 15, "too little was compared");
    differences.settle();
}
