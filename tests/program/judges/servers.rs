//! A real Postfix and a real nginx as MX and policy host, with certificates made by OpenSSL in a zone signed by BIND's
//! tools, behind NSD and Unbound. The real program scans them as it would scan the internet, at the real pace and without
//! a flag for labs; the namespace owns the addresses. The verdicts are written by hand.

mod mail;
mod names;
mod web;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use mxcensus_rules::observation::EndpointRow;
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use serde_json::Value;

use super::lab::rows;
use crate::namespace::{Namespace, missing, text};
use crate::shared;
use crate::support::skip;

/// The zone that everything is in.
pub(super) const ZONE: &str = "servers.test";

const PROGRAMS: [&str; 12] = [
    "unshare",
    "nsenter",
    "ip",
    "openssl",
    "postfix",
    "nginx",
    "nsd",
    "unbound",
    "dnssec-keygen",
    "dnssec-signzone",
    "dnssec-dsfromkey",
    "timeout",
];

/// A column and its word: JSON where it reads as JSON, a string otherwise.
type Cell = (&'static str, &'static str);

/// A domain: how its mail server and its policy host are, the TLSA records of its MX, and what must be concluded.
pub(super) struct Scene {
    /// The first label; the MX is `mx.NAME`.
    pub name: &'static str,
    pub mail: mail::Mail,
    pub web: web::Web,
    pub tlsa: &'static [names::Tlsa],
    verdict: &'static [Cell],
    host: &'static [Cell],
    endpoint: &'static [Cell],
}

use mail::Mail;
use names::Tlsa;
use web::Web;

/// The policy is in force and every host passes; DANE is not there.
const STS: &[Cell] = &[
    ("sts_verdict", "pass"),
    ("outcome_mta_sts", "authenticated"),
    ("outcome_both", "authenticated"),
    ("protection_mta_sts", "after-first-contact"),
];

fn scenes() -> Vec<Scene> {
    let scene =
        |name, mail, web, verdict, host, endpoint| Scene { name, mail, web, tlsa: &[], verdict, host, endpoint };
    vec![
        // RSA and ECDSA, IPv4 and IPv6, TLS 1.2 and 1.3, a record for each key: a sender may be shown either.
        Scene {
            tlsa: &[Tlsa::EcdsaKey, Tlsa::RsaKey],
            ..scene(
                "modern",
                Mail::TwoKeysTwoFamilies,
                Web::TwoKeysTwoFamilies,
                &[
                    ("mx_dnssec", "secure"),
                    ("sts_verdict", "pass"),
                    ("dane_verdict", "pass"),
                    ("conflict", "none"),
                    ("outcome_opportunistic", "encrypted"),
                    ("outcome_mta_sts", "authenticated"),
                    ("outcome_dane", "authenticated"),
                    ("outcome_both", "authenticated"),
                    ("protection_dane", "always"),
                ],
                &[("pkix", "valid"), ("dane", "match"), ("sts", "pass"), ("failure", "null")],
                &[("tls_version", "TLSv1.3"), ("key_proof", "verified"), ("port", "25")],
            )
        },
        // The certificates differ by key and one has no record: who offers ECDSA is shown that one (RFC 7671 §5.1).
        Scene {
            tlsa: &[Tlsa::RsaKey],
            ..scene(
                "one-record-of-two",
                Mail::TwoKeys,
                Web::None,
                &[("sts_verdict", "no-policy"), ("dane_verdict", "fail"), ("outcome_dane", "refused")],
                &[("pkix", "valid"), ("dane", "mismatch"), ("failure", "tlsa-mismatch")],
                &[("signature_scheme", "ecdsa_secp256r1_sha256")],
            )
        },
        // TLS 1.2 alone, RSA alone, and the issuer as anchor (2 1 1).
        Scene {
            tlsa: &[Tlsa::Issuer],
            ..scene(
                "tls12",
                Mail::Tls12,
                Web::Tls12,
                &[("sts_verdict", "pass"), ("dane_verdict", "pass"), ("outcome_both", "authenticated")],
                &[("pkix", "valid"), ("dane", "match")],
                &[("tls_version", "TLSv1.2"), ("key_proof", "verified")],
            )
        },
        // Walked by hand in the lab too: DANE asks for no dates, MTA-STS does.
        Scene {
            tlsa: &[Tlsa::EcdsaKey],
            ..scene(
                "expired",
                Mail::Expired,
                Web::Tls13,
                &[
                    ("sts_verdict", "fail"),
                    ("sts_failure", "cert-expired"),
                    ("dane_verdict", "pass"),
                    ("conflict", "dane-pass-sts-fail"),
                    ("outcome_mta_sts", "refused"),
                    ("outcome_both", "authenticated"),
                ],
                &[("pkix", "cert-expired"), ("dane", "match"), ("sts", "fail")],
                &[("stage", "done")],
            )
        },
        scene(
            "misnamed",
            Mail::Misnamed,
            Web::Tls13,
            &[("sts_verdict", "fail"), ("sts_failure", "cert-name-mismatch"), ("dane_verdict", "none")],
            &[("pkix", "cert-name-mismatch"), ("result_type", "certificate-host-mismatch")],
            &[("stage", "done")],
        ),
        scene(
            "leaf-only",
            Mail::LeafOnly,
            Web::Tls13,
            &[("sts_verdict", "fail"), ("sts_failure", "cert-unknown-issuer")],
            &[("pkix", "cert-unknown-issuer")],
            &[("stage", "done")],
        ),
        // smtpd_client_restrictions = defer: 450 in place of the greeting. About us, not about its TLS.
        scene(
            "defers",
            Mail::Defers,
            Web::Tls13,
            &[("sts_verdict", "indeterminate"), ("outcome_opportunistic", "indeterminate")],
            &[("reached", "true"), ("decided", "false"), ("starttls", "unknown")],
            &[("stage", "banner"), ("error", "banner-rejected"), ("reply_code", "450")],
        ),
        scene(
            "rejects",
            Mail::Rejects,
            Web::None,
            &[("outcome_opportunistic", "indeterminate")],
            &[("reached", "true"), ("decided", "false")],
            &[("stage", "banner"), ("error", "banner-rejected"), ("reply_code", "554")],
        ),
        scene(
            "plain",
            Mail::Plain,
            Web::Tls13,
            &[("sts_verdict", "fail"), ("sts_failure", "starttls-not-offered"), ("outcome_mta_sts", "refused")],
            &[("starttls", "not-offered"), ("failure", "starttls-not-offered")],
            &[("stage", "ehlo"), ("starttls", "false")],
        ),
        // postscreen: one line of the greeting, the rest two seconds later.
        scene(
            "postscreen",
            Mail::Postscreen,
            Web::Tls13,
            STS,
            &[("pkix", "valid"), ("sts", "pass")],
            &[("stage", "done"), ("reply_code", "220")],
        ),
        // What our TLS library cannot agree to, a second look sees: Verdicts, 'second look'.
        scene(
            "cbc",
            Mail::Cbc,
            Web::Tls13,
            STS,
            &[("pkix", "valid"), ("starttls", "offered")],
            &[("error", "tls-cipher"), ("legacy_version", "TLSv1.2"), ("legacy_key_proof", "verified")],
        ),
        scene(
            "dhe",
            Mail::Dhe,
            Web::Tls13,
            STS,
            &[("pkix", "valid"), ("starttls", "offered")],
            &[("legacy_version", "TLSv1.2"), ("legacy_key_proof", "verified")],
        ),
        // Postfix asks for a client certificate and needs none.
        scene(
            "cbc-asks-for-certificate",
            Mail::CbcAsksForCertificate,
            Web::Tls13,
            STS,
            &[("pkix", "valid"), ("starttls", "offered")],
            &[("legacy_version", "TLSv1.2"), ("client_certificate_requested", "true"), ("legacy_alert", "null")],
        ),
        // Groups that our TLS library lacks by itself.
        scene(
            "p521",
            Mail::P521,
            Web::P521,
            STS,
            &[("pkix", "valid"), ("starttls", "offered")],
            &[("tls_version", "TLSv1.3"), ("key_exchange", "secp521r1"), ("tls_last_sent", "finished")],
        ),
        scene(
            "rsa-exchange",
            Mail::RsaExchange,
            Web::Tls13,
            &[
                ("sts_verdict", "fail"),
                ("sts_failure", "key-proof-unchecked"),
                ("outcome_opportunistic", "encrypted"),
                ("outcome_mta_sts", "refused"),
            ],
            &[("pkix", "valid"), ("failure", "key-proof-unchecked")],
            &[("legacy_version", "TLSv1.2"), ("legacy_key_proof", "not-checked")],
        ),
        scene(
            "tls10",
            Mail::Tls10,
            Web::Tls13,
            &[("sts_verdict", "fail"), ("sts_failure", "tls-version"), ("outcome_opportunistic", "encrypted")],
            &[("pkix", "valid"), ("failure", "tls-version")],
            &[("error", "tls-version"), ("legacy_version", "TLSv1.0")],
        ),
        scene(
            "anonymous",
            Mail::Anonymous,
            Web::Tls13,
            &[("sts_verdict", "fail"), ("sts_failure", "anonymous-tls"), ("outcome_opportunistic", "encrypted")],
            &[("pkix", "null"), ("failure", "anonymous-tls")],
            &[("stage", "tls")],
        ),
        // Policy hosts; the mail server is a good one.
        scene(
            "web-redirects",
            Mail::TwoKeys,
            Web::Redirects,
            &[("sts_verdict", "broken"), ("sts_failure", "http-redirect")],
            &[],
            &[],
        ),
        // Others fetch this policy; that we do not says nothing about it.
        scene(
            "web-cbc",
            Mail::TwoKeys,
            Web::Cbc,
            &[("sts_policy", "unknown"), ("sts_verdict", "indeterminate"), ("sts_failure", "tls-unsupported")],
            &[],
            &[],
        ),
        scene(
            "web-404",
            Mail::TwoKeys,
            Web::Missing,
            &[("sts_verdict", "broken"), ("sts_failure", "http-status")],
            &[],
            &[],
        ),
        scene(
            "web-expired",
            Mail::TwoKeys,
            Web::Expired,
            &[("sts_verdict", "broken"), ("sts_failure", "cert-expired"), ("result_types", "[\"sts-webpki-invalid\"]")],
            &[],
            &[],
        ),
        scene(
            "web-misnamed",
            Mail::TwoKeys,
            Web::Misnamed,
            &[("sts_verdict", "broken"), ("sts_failure_stage", "tls"), ("sts_failure", "cert-name-mismatch")],
            &[],
            &[],
        ),
        // nginx's default_type, and gzip though nobody asked for it: SHOULD, so a warning.
        scene(
            "web-binary",
            Mail::TwoKeys,
            Web::Binary,
            &[("sts_verdict", "pass"), ("sts_warnings", "[\"content-type\"]")],
            &[],
            &[],
        ),
        scene("web-ipv6", Mail::TwoKeys, Web::Ipv6Only, STS, &[("sts", "pass")], &[]),
    ]
}

#[test]
fn a_real_postfix_and_a_real_nginx() {
    if let Some(program) = missing(&PROGRAMS) {
        return skip(&format!("{program} is not installed"));
    }
    let directory = shared::folder("servers", |_| {});
    let scenes = scenes();
    let namespace = match Namespace::new(&directory, &names::addresses(&scenes)) {
        Ok(namespace) => namespace,
        Err(why) => return skip(&why),
    };
    let certificates = names::certificates(&directory, &scenes);
    names::serve(&namespace, &directory, &scenes, &certificates);
    mail::serve(&namespace, &directory, &scenes);
    web::serve(&namespace, &directory, &scenes);

    let list: String = scenes.iter().map(|scene| format!("{}.{ZONE}\n", scene.name)).collect();
    std::fs::write(directory.join("domains.csv"), list).unwrap();
    // The retries of a crawl come after minutes; these seconds are what a test has. The pace is the real one.
    std::fs::write(directory.join("scan.toml"), "[limits]\nretry_after_s = [1.0]\naddress_spacing_s = 2.0\n").unwrap();
    let file = |name: &str| directory.join(name).display().to_string();
    let (out, list, config, roots) = (file("dataset"), file("domains.csv"), file("scan.toml"), file("root.pem"));
    let args = ["scan", &list, "--out", &out, "--config", &config, "--ca-file", &roots, "--resolver", "127.0.0.1:53"];
    let more = ["--dnssec", "trust-ad", "--ehlo-name", "probe.servers.test"];
    let output = namespace.run(1800, env!("CARGO_BIN_EXE_mxcensus"), &[&args[..], &more[..]].concat());
    assert!(output.status.success(), "{}", text(&output));
    hold(&scenes, Path::new(&out));
}

fn hold(scenes: &[Scene], dataset: &Path) {
    let verdicts = by_domain(rows::<VerdictRow>(dataset), |row| &row.domain);
    let hosts = by_domain(rows::<MxVerdictRow>(dataset), |row| &row.domain);
    let endpoints = by_domain(rows::<EndpointRow>(dataset), |row| row.host.strip_prefix("mx.").unwrap_or_default());
    let mut wrong = Vec::new();
    let mut values = 0;
    for scene in scenes {
        let domain = format!("{}.{ZONE}", scene.name);
        for (table, rows, cells) in [
            ("verdicts", &verdicts, scene.verdict),
            ("mx_verdicts", &hosts, scene.host),
            ("endpoints", &endpoints, scene.endpoint),
        ] {
            let rows = rows.get(&domain).map(Vec::as_slice).unwrap_or_default();
            assert!(!rows.is_empty(), "{domain} has no row in {table}");
            for (row, (column, word)) in rows.iter().flat_map(|row| cells.iter().map(move |cell| (row, cell))) {
                let expected = serde_json::from_str(word).unwrap_or_else(|_| Value::from(*word));
                values += 1;
                if row[column] != expected {
                    wrong.push(format!("{domain}: {table}.{column} is {}, expected {expected}\n  {row}", row[column]));
                }
            }
        }
    }
    println!("Postfix and nginx: {values} values of {} domains", scenes.len());
    assert!(wrong.is_empty(), "{} of {values} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn by_domain<R: serde::Serialize>(rows: Vec<R>, domain: impl Fn(&R) -> &str) -> BTreeMap<String, Vec<Value>> {
    let mut map: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in &rows {
        map.entry(domain(row).to_owned()).or_default().push(serde_json::to_value(row).unwrap());
    }
    map
}

/// Runs a tool that has to succeed; gives its standard output.
pub(super) fn tool(directory: &Path, program: &str, args: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(args).current_dir(directory).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {}", text(&output));
    output.stdout
}
