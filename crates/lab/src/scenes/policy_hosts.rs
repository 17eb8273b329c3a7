//! Policy hosts (RFC 8461 §3.3): from the name to the last byte of the body.

use super::super::LabError;
use super::super::answer::Fault;
use super::super::expect::{BROKEN, ENFORCED, OPEN};
use super::super::https::{Door, Page};
use super::super::legacy_tls::{ANONYMOUS, DHE_RSA, ECDHE_ECDSA_CBC, Exchange, Legacy, RSA_SUITES, Then, Version};
use super::super::pki::{Issued, Leaf, LeafKey, Sent};
use super::super::tls::Chains;
use super::super::wire::Kind;
use super::super::world::{CLOSED, Cell, DEAF, UNREACHABLE, World};
use super::super::zone::SetFault;
use super::{IN_POLICY, mx_of, ordinary, ordinary_signed, policy};

const FETCH_ERROR: &str = "[\"sts-policy-fetch-error\"]";
const WEBPKI_INVALID: &str = "[\"sts-webpki-invalid\"]";

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    names(w)?;
    doors(w)?;
    other_tls(w)?;
    certificates(w)?;
    pages(w)
}

fn unfetchable(w: &mut World, domain: &str, about: &'static str, stage: &'static str, failure: &'static str) {
    let types = if stage == "tls" && failure.starts_with("cert-") { WEBPKI_INVALID } else { FETCH_ERROR };
    let cells: &[Cell] = &[("sts_failure_stage", stage), ("sts_failure", failure), ("result_types", types)];
    w.expect(domain, about, &[OPEN, BROKEN], cells);
    w.expect_mx(&mx_of(domain), &[]);
}

fn names(w: &mut World) -> Result<(), LabError> {
    for (d, about, failure) in [
        ("lab-host-nxdomain.com", "the policy host's name does not exist", "nxdomain"),
        ("lab-host-nodata.com", "the policy host's name has no address", "nodata"),
        ("lab-host-servfail.com", "SERVFAIL for the policy host's address", "servfail"),
        ("lab-host-dns-timeout.com", "no answer for the policy host's address", "dns-timeout"),
    ] {
        ordinary(w, d)?;
        w.sts_record(d);
        let host = format!("mta-sts.{d}");
        match failure {
            "nodata" => w.txt(&host, "no address here"),
            "servfail" | "dns-timeout" => {
                let fault = if failure == "servfail" { Fault::Servfail } else { Fault::Silent };
                w.fault(&host, Kind::A, fault);
                w.fault(&host, Kind::AAAA, fault);
            }
            _ => {}
        }
        unfetchable(w, d, about, "dns", failure);
        if failure == "dns-timeout" {
            w.expect_trust_ad(&[("sts_failure", "*")], &[]);
        }
    }
    let d = "lab-host-bogus.nl";
    ordinary_signed(w, d)?;
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.break_set("mta-sts.lab-host-bogus.nl", Kind::A, SetFault::Expired);
    unfetchable(w, d, "the signature over the policy host's address has expired", "dns", "dnssec-bogus");

    for (d, about, address, failure) in [
        ("lab-host-refuses.com", "nobody listens at the policy host", CLOSED, "connect-refused"),
        ("lab-host-deaf.com", "no answer to a connection", DEAF, "connect-timeout"),
        ("lab-host-unreachable.com", "no way to the policy host", UNREACHABLE, "connect-unreachable"),
        ("lab-host-private.com", "an address in this network (0/8)", [0, 0, 0, 2].into(), "special-address"),
    ] {
        ordinary(w, d)?;
        w.sts_record(d);
        w.address(&format!("mta-sts.{d}"), address.into());
        // A special address is refused as soon as it is resolved.
        let stage = if failure == "special-address" { "dns" } else { "connect" };
        unfetchable(w, d, about, stage, failure);
    }
    Ok(())
}

fn doors(w: &mut World) -> Result<(), LabError> {
    for (d, about, door, failure) in [
        ("lab-host-hangs.com", "accepts and says nothing", Door::Hangs, "tls-timeout"),
        ("lab-host-closes.com", "accepts and closes", Door::Closes, "connection-closed"),
        ("lab-host-resets.com", "accepts and resets", Door::Resets, "connect-reset"),
        ("lab-host-no-tls.com", "speaks HTTP where TLS is due", Door::SpeaksHttp, "tls-protocol"),
        ("lab-host-old-tls.com", "refuses TLS 1.2 and 1.3", Door::Alert(70), "tls-version"),
        ("lab-host-no-cipher.com", "has no cipher in common", Door::Alert(40), "tls-cipher"),
        ("lab-host-alert.com", "does not know the name", Door::Alert(112), "tls-alert"),
    ] {
        ordinary(w, d)?;
        let body = policy("enforce", &[&mx_of(d)]).into_bytes();
        w.policy_host(d, &Leaf::good(&format!("mta-sts.{d}")), door, Page::Serves(body))?;
        unfetchable(w, d, about, "tls", failure);
    }
    // A dangling customer of a provider: no certificate for the name, so an alert.
    let d = "lab-host-no-certificate.com";
    ordinary(w, d)?;
    let mut chains = Chains::default();
    chains.by_name.insert("mta-sts.someone-else.com".into(), w.pki.issue(&Leaf::good("mta-sts.someone-else.com"))?);
    w.policy_server(d, chains, Door::Opens, Page::Hangs);
    unfetchable(w, d, "a provider that has no certificate for the name", "tls", "tls-alert");
    Ok(())
}

/// Hosts with which only a second look agrees: what senders have and we have not is undecided, what nobody takes is not.
fn other_tls(w: &mut World) -> Result<(), LabError> {
    let legacy = |w: &World, d: &str, exchange, suites: &[u16], spoil: fn(Leaf) -> Leaf| -> Result<Legacy, LabError> {
        let chain = Some(w.pki.issue(&spoil(Leaf::good(&format!("mta-sts.{d}"))))?);
        let (version, suites) = (Version::Tls12, suites.to_vec());
        Ok(Legacy { version, suites, exchange, chain, bad_signature: false, then: Then::Waits })
    };
    type Row = (&'static str, &'static str, Exchange, &'static [u16], fn(Leaf) -> Leaf);
    let rows: [Row; 3] = [
        ("lab-host-cbc.com", "TLS 1.2 with CBC only", Exchange::Ecdhe, &ECDHE_ECDSA_CBC, |leaf| leaf),
        ("lab-host-dhe.com", "TLS 1.2 with DHE only", Exchange::Dhe, &DHE_RSA, |leaf| leaf.key(LeafKey::Rsa2048)),
        ("lab-host-rsa-exchange.com", "RSA key exchange only", Exchange::Rsa, &RSA_SUITES, |leaf| {
            leaf.key(LeafKey::Rsa2048)
        }),
    ];
    for (d, about, exchange, suites, spoil) in rows {
        ordinary(w, d)?;
        let legacy = legacy(w, d, exchange, suites, spoil)?;
        w.policy_legacy(d, legacy);
        let cells: &[Cell] = &[
            ("sts_policy", "unknown"),
            ("sts_verdict", "indeterminate"),
            ("sts_verdict_primary", "indeterminate"),
            ("sts_failure_stage", "tls"),
            ("sts_failure", "tls-unsupported"),
            ("protection_mta_sts", "indeterminate"),
            ("protection_both", "indeterminate"),
            ("result_types", "[]"),
        ];
        w.expect(d, about, &[OPEN, BROKEN], cells);
        w.expect_mx(&mx_of(d), &[]);
    }

    let d = "lab-host-cbc-expired.com";
    ordinary(w, d)?;
    let expired = legacy(w, d, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, Leaf::expired)?;
    w.policy_legacy(d, expired);
    unfetchable(w, d, "CBC only, and an expired certificate", "tls", "cert-expired");

    let d = "lab-host-dh512.com";
    ordinary(w, d)?;
    let short = legacy(w, d, Exchange::DheShort, &DHE_RSA, |leaf| leaf.key(LeafKey::Rsa2048))?;
    w.policy_legacy(d, short);
    unfetchable(w, d, "DHE with a prime of 512 bits", "tls", "tls-cipher");

    let d = "lab-host-client-certificate.com";
    ordinary(w, d)?;
    let demands = legacy(w, d, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, |leaf| leaf)?;
    w.policy_legacy(d, Legacy { then: Then::DemandsCertificate, ..demands });
    unfetchable(w, d, "CBC only, and demands a client certificate", "tls", "tls-alert");

    let d = "lab-host-tls10.com";
    ordinary(w, d)?;
    let old = legacy(w, d, Exchange::Rsa, &RSA_SUITES, |leaf| leaf.key(LeafKey::Rsa2048))?;
    w.policy_legacy(d, Legacy { version: Version::Tls10, ..old });
    unfetchable(w, d, "TLS 1.0 only", "tls", "tls-version");

    let d = "lab-host-anonymous.com";
    ordinary(w, d)?;
    let anonymous = legacy(w, d, Exchange::Anonymous, &ANONYMOUS, |leaf| leaf)?;
    w.policy_legacy(d, Legacy { chain: None, ..anonymous });
    unfetchable(w, d, "anonymous TLS only", "tls", "anonymous-tls");
    Ok(())
}

fn certificates(w: &mut World) -> Result<(), LabError> {
    type Spoil = fn(Leaf) -> Leaf;
    let rows: &[(&str, &'static str, Spoil, &'static str)] = &[
        ("lab-host-name.com", "a certificate for www", |l| l.names(&["www.lab-host-name.com"]), "cert-name-mismatch"),
        // "carries the policy host as DNS-ID (no common name)".
        ("lab-host-cn-only.com", "the name only as common name", |l| l.names(&[]), "cert-name-mismatch"),
        ("lab-host-expired.com", "an expired certificate", Leaf::expired, "cert-expired"),
        ("lab-host-future.com", "a certificate of tomorrow", Leaf::not_yet_valid, "cert-not-yet-valid"),
        ("lab-host-self-signed.com", "a self-signed certificate", |l| l.issued(Issued::ByItself), "cert-self-signed"),
        ("lab-host-untrusted.com", "an unknown authority", |l| l.issued(Issued::ByStranger), "cert-unknown-issuer"),
        ("lab-host-incomplete.com", "the intermediate is missing", |l| l.sent(Sent::LeafOnly), "cert-unknown-issuer"),
        ("lab-host-client.com", "a certificate for clients", |l| Leaf { client_only: true, ..l }, "cert-invalid"),
        // "the deciding one is the first in this order (cannot be used, chain, time, name)".
        (
            "lab-host-expired-name.com",
            "expired, and for another name",
            |l| l.expired().names(&["www.lab-host-expired-name.com"]),
            "cert-expired",
        ),
        // "TLS whose key proof is `verified`"; "`failed` is `cert-invalid`".
        ("lab-host-foreign-key.com", "signs with another key", |l| Leaf { foreign_key: true, ..l }, "cert-invalid"),
    ];
    for (d, about, spoil, failure) in rows {
        ordinary(w, d)?;
        let body = policy("enforce", &[&mx_of(d)]).into_bytes();
        let leaf = spoil(Leaf::good(&format!("mta-sts.{d}")));
        w.policy_host(d, &leaf, Door::Opens, Page::Serves(body))?;
        unfetchable(w, d, about, "tls", failure);
    }
    let good: &[(&str, &'static str, Spoil)] = &[
        ("lab-host-wildcard.com", "a wildcard certificate", |l| l.names(&["*.lab-host-wildcard.com"])),
        ("lab-host-cross.com", "a cross-signed chain", |l| l.issued(Issued::Cross)),
        ("lab-host-rsa.com", "an RSA key", |l| l.key(LeafKey::Rsa2048)),
    ];
    for (d, about, change) in good {
        ordinary(w, d)?;
        let body = policy("enforce", &[&mx_of(d)]).into_bytes();
        w.policy_host(d, &change(Leaf::good(&format!("mta-sts.{d}"))), Door::Opens, Page::Serves(body))?;
        let anchors = match *d {
            "lab-host-cross.com" => w.pki.root_fingerprints().to_vec(),
            _ => w.pki.root_fingerprints()[..1].to_vec(),
        };
        w.expect(d, about, &[OPEN, ENFORCED], &[]);
        w.expect_set("policy_anchors", anchors);
        w.expect_mx(&mx_of(d), IN_POLICY);
    }
    Ok(())
}

fn pages(w: &mut World) -> Result<(), LabError> {
    let body = |d: &str| policy("enforce", &[&mx_of(d)]).into_bytes();
    type Wrap = fn(Vec<u8>) -> Page;
    let rows: &[(&str, &'static str, Wrap, &'static str)] = &[
        // "redirects recorded and never followed".
        (
            "lab-host-redirects.com",
            "a redirect to a good policy",
            |_| Page::Redirects("https://mta-sts.lab-sts-pass.com/.well-known/mta-sts.txt"),
            "http-redirect",
        ),
        ("lab-host-404.com", "404", |_| Page::Status("404 Not Found"), "http-status"),
        ("lab-host-500.com", "500", |_| Page::Status("500 Internal Server Error"), "http-status"),
        ("lab-host-silent.com", "no answer to the request", |_| Page::Hangs, "http-timeout"),
        ("lab-host-drips.com", "one byte a second", Page::Drips, "http-timeout"),
        ("lab-host-garbage.com", "an answer that is not HTTP", |_| Page::Garbage, "http-protocol"),
        // "64 KiB".
        ("lab-host-oversized.com", "a body of 70,000 bytes", |_| Page::Oversizes(70_000), "body-too-large"),
    ];
    for (d, about, page, failure) in rows {
        ordinary(w, d)?;
        w.page(d, page(body(d)))?;
        unfetchable(w, d, about, "http", failure);
    }
    for (d, about, page) in [
        ("lab-host-hangs-up.com", "closes after the request", Page::Closes),
        ("lab-host-cut-short.com", "closes in the middle of the body", Page::CutsShort(body("lab-host-cut-short.com"))),
    ] {
        ordinary(w, d)?;
        w.page(d, page)?;
        unfetchable(w, d, about, "http", "*");
    }

    let good: &[(&str, &'static str, Wrap, &'static str)] = &[
        // "A media type other than `text/plain` is a warning (RFC: SHOULD)."
        (
            "lab-host-html-type.com",
            "a policy as text/html",
            |b| Page::ServesWith(b, "Content-Type: text/html\r\n"),
            "[\"content-type\"]",
        ),
        ("lab-host-gzip.com", "a policy in gzip, unasked", Page::Gzip, "[\"content-encoding\"]"),
        ("lab-host-chunked.com", "a policy in chunks", Page::Chunked, "[]"),
    ];
    for (d, about, wrap, warnings) in good {
        ordinary(w, d)?;
        w.page(d, wrap(body(d)))?;
        w.expect(d, about, &[OPEN, ENFORCED], &[("sts_warnings", warnings)]);
        w.expect_mx(&mx_of(d), IN_POLICY);
    }
    Ok(())
}
