//! `openssl s_client` with the TLSA records that we recorded, at every address of every MX of the lab that has some.

use mxcensus_rules::observation::{EndpointRow, TlsaRecord};
use mxcensus_rules::verdict::{DaneHost, MxVerdictRow};

use super::differences::Differences;
use super::lab::{self, Lab};
use crate::namespace::text;

/// What OpenSSL made of one address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    /// A record matches, and what its usage asks for holds.
    Match,
    /// Records were used and none matches.
    Mismatch,
    /// Every record was turned down.
    Unusable,
    /// No handshake.
    NoTls,
}

/// The records that count, with the base domain that they stand at.
fn records<'l>(lab: &'l Lab, row: &MxVerdictRow) -> (String, &'l [TlsaRecord]) {
    let base = row.tlsa_base.clone().unwrap_or_else(|| row.host.clone());
    let owner = format!("_25._tcp.{base}");
    let lookups = lab.hosts.get(&row.host).and_then(|host| host.tlsa_lookups.as_deref()).unwrap_or_default();
    let records = lookups.iter().find(|lookup| lookup.name == owner).map(|lookup| lookup.records.as_slice());
    (base, records.unwrap_or_default())
}

/// A TLS session with one address; `reference` is the name that usage 2 asks for.
fn connect(lab: &Lab, endpoint: &EndpointRow, records: &[TlsaRecord], reference: &str) -> (Seen, String) {
    let address = format!("{}:25", endpoint.ip);
    let mut args = vec!["s_client", "-starttls", "smtp", "-name", "probe.example", "-connect", &address];
    args.extend(["-servername", &endpoint.server_name, "-dane_tlsa_domain", reference]);
    // RFC 7672 §3.1.1: no name checks for usage 3.
    args.extend(["-dane_ee_no_namechecks", "-brief"]);
    // RFC 7672 §3.1.3: usages 0 and 1 are unusable; OpenSSL leaves that to the application.
    let data: Vec<String> = records
        .iter()
        .filter(|record| record.usage > 1)
        .map(|record| format!("{} {} {} {}", record.usage, record.selector, record.matching, record.data))
        .collect();
    args.extend(data.iter().flat_map(|data| ["-dane_tlsa_rrdata", data.as_str()]));
    let log = text(&lab.namespace.run(60, "openssl", &args));
    let turned_down = log.matches("unusable TLSA rrdata").count();
    let seen = if turned_down == data.len() {
        Seen::Unusable
    } else if log.contains("Verification: OK") && log.contains("DANE TLSA") {
        Seen::Match
    } else if !log.contains("Verification") {
        Seen::NoTls
    } else {
        Seen::Mismatch
    };
    (seen, log)
}

pub(super) fn dane_at_every_address() {
    let Some(lab) = lab::with(&["openssl"]) else { return };
    let mut differences = Differences::of("openssl s_client dane");
    let has_words = |row: &&MxVerdictRow| {
        let words = [DaneHost::Match, DaneHost::Partial, DaneHost::Mismatch, DaneHost::NoTls, DaneHost::Unusable];
        words.contains(&row.dane_host)
    };
    // Usages 0 and 1 are for the application to leave out, so where there is no other nothing is left to ask.
    let has_records = |row: &&MxVerdictRow| records(lab, row).1.iter().any(|record| record.usage > 1);
    let hosts: Vec<&MxVerdictRow> = lab.distinct_hosts().into_iter().filter(has_words).filter(has_records).collect();
    let answers = lab::in_parallel(hosts.clone(), |row| {
        let (base, records) = records(lab, row);
        let look = |endpoint: &EndpointRow| {
            let first = connect(lab, endpoint, records, &base);
            // RFC 7672 §3.2.2: the next-hop domain is a reference identifier too.
            if first.0 == Seen::Mismatch { connect(lab, endpoint, records, &row.domain) } else { first }
        };
        let answers: Vec<(Seen, String)> = lab.comparable(&row.host, &base).into_iter().map(look).collect();
        answers
    });
    let mut matches = 0;
    for (row, answers) in hosts.iter().zip(&answers) {
        let seen: Vec<Seen> = answers.iter().map(|(seen, _)| *seen).collect();
        let all = |wanted: &[Seen]| !seen.is_empty() && seen.iter().all(|seen| wanted.contains(seen));
        let agrees = match row.dane_host {
            DaneHost::Match => all(&[Seen::Match]),
            DaneHost::Partial => seen.contains(&Seen::Match) && !all(&[Seen::Match]),
            // A key that is not proven (RFC 8446 §4.4.3) ends the handshake of OpenSSL; ours goes on to see the chain.
            DaneHost::Mismatch if row.failure.is_some_and(|failure| failure.word() == "cert-invalid") => {
                all(&[Seen::NoTls])
            }
            DaneHost::Mismatch => all(&[Seen::Mismatch]),
            DaneHost::NoTls => all(&[Seen::NoTls]),
            DaneHost::Unusable => all(&[Seen::Unusable]),
            other => panic!("{other} was not asked for"),
        };
        let logs: Vec<&str> = answers.iter().map(|(_, log)| log.as_str()).collect();
        differences.hold(&row.host, row.dane_host.word(), &format!("{seen:?}"), agrees, &logs.join("\n"));
        matches += usize::from(agrees && row.dane_host == DaneHost::Match);
    }
    println!("openssl s_client: {} hosts with TLSA records, {matches} of them match", hosts.len());
    assert!(matches > 30 && hosts.len() - matches > 15, "too little was compared");
    differences.settle();
}
