//! Handshakes that fail, and those that only a second look gets (RFC 5246, RFC 8446, RFC 8461 §7.2).

use super::super::LabError;
use super::super::expect::{ENFORCED, NO_HANDSHAKE, OPEN, PLAINTEXT, STS_FAILS};
use super::super::legacy_tls::{
    ANONYMOUS, DHE_RSA, ECDHE_ECDSA_CBC, ECDHE_ECDSA_GCM, ECDHE_RSA_CBC, Exchange, Legacy, RSA_SUITES, Version,
};
use super::super::pki::{Leaf, LeafKey};
use super::super::smtp::{Handshake, Server};
use super::super::tls::Chains;
use super::super::world::{Cell, World};
use super::{IN_POLICY, mx_of, policy};

/// Adds the scenes.
pub fn add(w: &mut World) -> Result<(), LabError> {
    failures(w)?;
    legacy_passes(w)?;
    legacy_fails(w)
}

fn server(w: &mut World, domain: &str, handshake: Handshake) {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.server(&mx_of(domain), Server { handshake, ..Server::good(Chains::default()) });
}

fn failures(w: &mut World) -> Result<(), LabError> {
    for (d, about, handshake, failure) in [
        ("lab-tls-silent.com", "no answer to the ClientHello", Handshake::Silent, "tls-timeout"),
        ("lab-tls-closes.com", "closes at the ClientHello", Handshake::Closes, "connection-closed"),
        ("lab-tls-garbage.com", "SMTP where TLS is due", Handshake::Garbage, "tls-protocol"),
        ("lab-tls-no-cipher.com", "nothing in common with any hello", Handshake::Alert(40), "tls-cipher"),
        ("lab-tls-alert.com", "does not know the name", Handshake::Alert(112), "tls-alert"),
        ("lab-tls-no-version.com", "speaks no version at all", Handshake::Alert(70), "tls-version"),
    ] {
        server(w, d, handshake);
        w.expect(d, about, &[OPEN, PLAINTEXT], &[]);
        w.expect_mx(&mx_of(d), NO_HANDSHAKE);
        w.expect_endpoint(&mx_of(d), &[("stage", "tls"), ("error", failure), ("starttls", "true")]);
    }
    // The same under an enforced policy; "other TLS failures: `validation-failure`".
    let d = "lab-enforce-tls-garbage.com";
    server(w, d, Handshake::Garbage);
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_failure_stage", "mx-tls"),
        ("sts_failure", "tls-protocol"),
        ("outcome_opportunistic", "plaintext"),
        ("outcome_dane", "plaintext"),
        ("outcome_dane_insecure_mx", "plaintext"),
        ("result_types", "[\"validation-failure\"]"),
    ];
    w.expect(d, "an enforced policy, and no handshake", &[OPEN, ENFORCED, STS_FAILS], cells);
    let cells = &[("sts", "fail"), ("failure", "tls-protocol")];
    w.expect_mx(&mx_of(d), &[NO_HANDSHAKE, cells].concat());
    Ok(())
}

fn legacy(
    w: &World,
    domain: &str,
    version: Version,
    exchange: Exchange,
    suites: &[u16],
    key: LeafKey,
) -> Result<Legacy, LabError> {
    let chain = w.pki.issue(&Leaf::good(&mx_of(domain)).key(key))?;
    Ok(Legacy { version, suites: suites.to_vec(), exchange, chain: Some(chain), bad_signature: false })
}

fn legacy_passes(w: &mut World) -> Result<(), LabError> {
    // "checking that signature against the leaf is the key proof (`legacy_key_proof`), and at TLS 1.2 such a chain is
    // judged like any other".
    let rows: &[(&str, &'static str, Exchange, &[u16], LeafKey)] = &[
        ("lab-legacy-cbc.com", "TLS 1.2 with CBC only", Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256),
        ("lab-legacy-cbc-rsa.com", "TLS 1.2 with CBC only, RSA", Exchange::Ecdhe, &ECDHE_RSA_CBC, LeafKey::Rsa2048),
        ("lab-legacy-dhe.com", "TLS 1.2 with DHE only", Exchange::Dhe, &DHE_RSA, LeafKey::Rsa2048),
        ("lab-legacy-p521.com", "TLS 1.2 with P-521 only", Exchange::EcdheP521, &ECDHE_ECDSA_GCM, LeafKey::P256),
    ];
    for (d, about, exchange, suites, key) in rows {
        let legacy = legacy(w, d, Version::Tls12, *exchange, suites, *key)?;
        server(w, d, Handshake::Legacy(Box::new(legacy)));
        w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
        w.expect(d, about, &[OPEN, ENFORCED], &[]);
        w.expect_mx(&mx_of(d), IN_POLICY);
        w.expect_endpoint(&mx_of(d), &[("error", "tls-cipher"), ("legacy_key_proof", "verified")]);
    }
    Ok(())
}

fn legacy_fails(w: &mut World) -> Result<(), LabError> {
    type Row<'a> = (&'static str, &'static str, Legacy, &'a [Cell], &'a [Cell], &'a [Cell]);
    let key_proof: &[Cell] = &[("sts_failure_stage", "mx-certificate"), ("sts_failure", "key-proof-unchecked")];
    let version: &[Cell] = &[("sts_failure_stage", "mx-tls"), ("sts_failure", "tls-version")];
    let d = "lab-legacy-tls10.com";
    let tls10 = legacy(w, d, Version::Tls10, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048)?;
    let d = "lab-legacy-tls11.com";
    let tls11 = legacy(w, d, Version::Tls11, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048)?;
    let d = "lab-legacy-rsa.com";
    let rsa = legacy(w, d, Version::Tls12, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048)?;
    let d = "lab-legacy-rsa512.com";
    let rsa512 = legacy(w, d, Version::Tls12, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa512)?;
    let d = "lab-legacy-bad-signature.com";
    let unsigned = legacy(w, d, Version::Tls12, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256)?;
    let anonymous = Legacy {
        version: Version::Tls12,
        suites: ANONYMOUS.to_vec(),
        exchange: Exchange::Anonymous,
        chain: None,
        bad_signature: false,
    };
    let rows: [Row; 6] = [
        // "Below 1.2 pkix is shown and MTA-STS fails with `tls-version`".
        (
            "lab-legacy-tls10.com",
            "TLS 1.0 only",
            tls10,
            version,
            &[("pkix", "valid"), ("failure", "tls-version")],
            &[("legacy_version", "TLSv1.0"), ("legacy_key_proof", "not-checked")],
        ),
        (
            "lab-legacy-tls11.com",
            "TLS 1.1 only",
            tls11,
            version,
            &[("pkix", "valid"), ("failure", "tls-version")],
            &[("legacy_version", "TLSv1.1"), ("legacy_key_proof", "not-checked")],
        ),
        // "RSA key exchange proves nothing before Finished: `not-checked`: what its chain would give is shown in pkix …,
        // with `key-proof-unchecked` as the failure, and it counts as `encrypted`".
        (
            "lab-legacy-rsa.com",
            "TLS 1.2 with RSA key exchange only",
            rsa,
            key_proof,
            &[("pkix", "valid"), ("failure", "key-proof-unchecked")],
            &[("legacy_version", "TLSv1.2"), ("legacy_key_proof", "not-checked")],
        ),
        (
            "lab-legacy-rsa512.com",
            "a key of 512 bits",
            rsa512,
            &[("sts_failure_stage", "mx-certificate"), ("sts_failure", "*")],
            &[("pkix", "*"), ("failure", "*")],
            &[("legacy_version", "TLSv1.2"), ("legacy_key_proof", "not-checked")],
        ),
        // "`failed` is `cert-invalid`".
        (
            "lab-legacy-bad-signature.com",
            "CBC only, and the key is not proven",
            Legacy { bad_signature: true, ..unsigned },
            &[("sts_failure_stage", "mx-certificate"), ("sts_failure", "cert-invalid")],
            &[("pkix", "cert-invalid"), ("failure", "cert-invalid")],
            &[("legacy_key_proof", "failed")],
        ),
        // "Anonymous TLS is `encrypted`, and fails both mechanisms with `anonymous-tls`."
        (
            "lab-legacy-anonymous.com",
            "anonymous TLS only",
            anonymous,
            &[("sts_failure_stage", "mx-tls"), ("sts_failure", "anonymous-tls")],
            &[("pkix", "null"), ("failure", "anonymous-tls")],
            &[],
        ),
    ];
    for (d, about, legacy, verdict, host, endpoint) in rows {
        server(w, d, Handshake::Legacy(Box::new(legacy)));
        w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
        // "counts as TLS: `encrypted` when TLS 1.0 or better": opportunistic stays encrypted.
        w.expect(d, about, &[OPEN, ENFORCED, STS_FAILS], verdict);
        w.expect_mx(&mx_of(d), &[&[("sts", "fail"), ("sts_mx_match", "true")], host].concat());
        w.expect_endpoint(&mx_of(d), endpoint);
    }

    // SSL 3.0 is no TLS: "`encrypted` when TLS 1.0 or better".
    let d = "lab-legacy-ssl30.com";
    let ssl = legacy(w, d, Version::Ssl30, Exchange::Rsa, &RSA_SUITES, LeafKey::Rsa2048)?;
    server(w, d, Handshake::Legacy(Box::new(ssl)));
    w.expect(d, "SSL 3.0 only", &[OPEN, PLAINTEXT], &[]);
    w.expect_mx(&mx_of(d), &[("starttls", "failed"), ("pkix", "*")]);
    Ok(())
}
