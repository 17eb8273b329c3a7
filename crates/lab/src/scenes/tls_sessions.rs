//! Handshakes that fail, and those that only a second look gets (RFC 5246, RFC 8446, RFC 8461 §7.2).

use super::super::LabError;
use super::super::expect::{ENFORCED, NO_HANDSHAKE, OPEN, PLAINTEXT, STS_FAILS};
use super::super::legacy_tls::{
    ANONYMOUS, DHE_RSA, ECDHE_ECDSA_CBC, ECDHE_ECDSA_GCM, ECDHE_RSA_CBC, Exchange, Legacy, RSA_SUITES, Then, Version,
};
use super::super::pki::{Chain, Leaf, LeafKey};
use super::super::smtp::{Handshake, Server};
use super::super::tls::{Chains, Versions};
use super::super::world::{Cell, World};
use super::{IN_POLICY, mx_of, policy};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    failures(w)?;
    legacy_passes(w)?;
    legacy_fails(w)?;
    broken(w)?;
    too_long_for_us(w)
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
    Ok(Legacy {
        version,
        suites: suites.to_vec(),
        exchange,
        chain: Some(chain),
        bad_signature: false,
        then: Then::Waits,
    })
}

fn legacy_passes(w: &mut World) -> Result<(), LabError> {
    // "checking that signature against the leaf is the key proof (`legacy_key_proof`), and at TLS 1.2 such a chain is
    // judged like any other".
    let rows: &[(&str, &'static str, Exchange, &[u16], LeafKey)] = &[
        ("lab-legacy-cbc.com", "TLS 1.2 with CBC only", Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256),
        ("lab-legacy-cbc-rsa.com", "TLS 1.2 with CBC only, RSA", Exchange::Ecdhe, &ECDHE_RSA_CBC, LeafKey::Rsa2048),
        ("lab-legacy-dhe.com", "TLS 1.2 with DHE only", Exchange::Dhe, &DHE_RSA, LeafKey::Rsa2048),
        (
            "lab-legacy-p521.com",
            "TLS 1.2 with CBC and P-521 only",
            Exchange::EcdheP521,
            &ECDHE_ECDSA_CBC,
            LeafKey::P256,
        ),
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
        then: Then::Waits,
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

/// Domain, what it is about, key exchange, suites, key, what comes then, the word that fails it, cells of its endpoint.
type Broken = (&'static str, &'static str, Exchange, &'static [u16], LeafKey, Then, &'static str, &'static [Cell]);

const BROKEN: [Broken; 6] = [
    (
        "lab-tls-client-certificate.com",
        "TLS 1.2, demands a client certificate",
        Exchange::Ecdhe,
        &ECDHE_ECDSA_GCM,
        LeafKey::P256,
        Then::DemandsCertificate,
        "tls-alert",
        &[("tls_alert", "handshake_failure"), ("client_certificate_requested", "true")],
    ),
    (
        "lab-tls-internal-error.com",
        "answers the key exchange with internal_error",
        Exchange::Ecdhe,
        &ECDHE_ECDSA_GCM,
        LeafKey::P256,
        Then::Alerts(80),
        "tls-alert",
        &[("tls_alert", "internal_error"), ("client_certificate_requested", "false")],
    ),
    (
        "lab-tls-decrypt-error.com",
        "answers the key exchange with decrypt_error",
        Exchange::Ecdhe,
        &ECDHE_ECDSA_GCM,
        LeafKey::P256,
        Then::Alerts(51),
        "tls-alert",
        &[("tls_alert", "decrypt_error")],
    ),
    (
        "lab-tls-bad-record-mac.com",
        "answers the key exchange with bad_record_mac",
        Exchange::Ecdhe,
        &ECDHE_ECDSA_GCM,
        LeafKey::P256,
        Then::Alerts(20),
        "tls-alert",
        &[("tls_alert", "bad_record_mac")],
    ),
    (
        "lab-legacy-client-certificate.com",
        "CBC only, and demands a client certificate",
        Exchange::Ecdhe,
        &ECDHE_ECDSA_CBC,
        LeafKey::P256,
        Then::DemandsCertificate,
        "tls-alert",
        &[
            ("error", "tls-cipher"),
            ("client_certificate_requested", "true"),
            ("legacy_last_sent", "certificate"),
            ("legacy_alert", "handshake_failure"),
        ],
    ),
    (
        "lab-legacy-dh512.com",
        "DHE with a prime of 512 bits",
        Exchange::DheShort,
        &DHE_RSA,
        LeafKey::Rsa2048,
        Then::Waits,
        "tls-cipher",
        &[("dh_bits", "512"), ("legacy_key_exchange", "dhe"), ("legacy_key_proof", "verified")],
    ),
];

/// What is recorded of a first look that agreed.
const AGREED: &[Cell] = &[
    ("tls_version", "TLSv1.2"),
    ("cipher_suite", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    ("key_exchange", "secp256r1"),
    ("tls_last_sent", "finished"),
    ("key_proof", "verified"),
    ("legacy_version", "null"),
    ("connections", "1"),
];

/// "What agreed and then broke (client certificate demanded, alert after our key exchange, DH group that no sender takes) is a
/// handshake that does not work."
fn broken(w: &mut World) -> Result<(), LabError> {
    for (d, about, exchange, suites, key, then, failure, endpoint) in BROKEN {
        let legacy = Legacy { then, ..legacy(w, d, Version::Tls12, exchange, suites, key)? };
        server(w, d, Handshake::Legacy(Box::new(legacy)));
        w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
        let cells = &[
            ("sts_failure_stage", "mx-tls"),
            ("sts_failure", failure),
            ("outcome_opportunistic", "plaintext"),
            ("outcome_dane", "plaintext"),
            ("outcome_dane_insecure_mx", "plaintext"),
        ];
        w.expect(d, about, &[OPEN, ENFORCED, STS_FAILS], cells);
        w.expect_mx(&mx_of(d), &[("starttls", "failed"), ("sts", "fail"), ("failure", failure), ("pkix", "*")]);
        let seen = if suites == ECDHE_ECDSA_GCM { AGREED } else { &[] };
        w.expect_endpoint(&mx_of(d), &[seen, endpoint].concat());
    }

    // RFC 5246 §7.4.6: a server may go on without one.
    let d = "lab-legacy-asks-certificate.com";
    let asks = legacy(w, d, Version::Tls12, Exchange::Ecdhe, &ECDHE_ECDSA_CBC, LeafKey::P256)?;
    server(w, d, Handshake::Legacy(Box::new(Legacy { then: Then::AsksForCertificate, ..asks })));
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.expect(d, "CBC only, and asks for a client certificate without need", &[OPEN, ENFORCED], &[]);
    w.expect_mx(&mx_of(d), IN_POLICY);
    w.expect_endpoint(&mx_of(d), &[("client_certificate_requested", "true"), ("legacy_alert", "null")]);
    Ok(())
}

/// "What our own TLS and X.509 libraries cannot do is undecided": rustls takes handshake messages of up to 64 KiB. The second
/// look reads longer ones, up to TLS 1.2.
fn too_long_for_us(w: &mut World) -> Result<(), LabError> {
    let d = "lab-tls-long-chain-12.com";
    let legacy = Legacy {
        chain: Some(long_chain(w, d)?),
        ..legacy(w, d, Version::Tls12, Exchange::Ecdhe, &ECDHE_ECDSA_GCM, LeafKey::P256)?
    };
    server(w, d, Handshake::Legacy(Box::new(legacy)));
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.expect(d, "a chain above 64 KiB, TLS 1.2", &[OPEN, ENFORCED], &[]);
    w.expect_mx(&mx_of(d), IN_POLICY);
    w.expect_endpoint(&mx_of(d), &[("error", "tls-unsupported"), ("legacy_key_proof", "verified")]);

    let d = "lab-tls-long-chain-13.com";
    let chain = long_chain(w, d)?;
    server(w, d, Handshake::Modern(Chains::always(chain), Versions::Tls13));
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_verdict", "indeterminate"),
        ("sts_verdict_primary", "indeterminate"),
        ("sts_failure_stage", "mx-tls"),
        ("sts_failure", "tls-unsupported"),
        ("outcome_opportunistic", "indeterminate"),
        ("outcome_mta_sts", "indeterminate"),
        ("outcome_dane", "indeterminate"),
        ("outcome_dane_insecure_mx", "indeterminate"),
        ("outcome_both", "indeterminate"),
    ];
    w.expect(d, "a chain above 64 KiB, TLS 1.3", &[OPEN, ENFORCED], cells);
    w.expect_mx(
        &mx_of(d),
        &[("decided", "false"), ("starttls", "unknown"), ("sts_mx_match", "true"), ("pkix", "null")],
    );
    let agreed =
        &[("stage", "tls"), ("error", "tls-unsupported"), ("tls_version", "TLSv1.3"), ("legacy_version", "null")];
    w.expect_endpoint(&mx_of(d), agreed);
    Ok(())
}

/// A chain of about 90 KB: a leaf with a thousand names, three times. What is sent twice does not matter (RFC 8446 §4.4.2).
fn long_chain(w: &World, domain: &str) -> Result<Chain, LabError> {
    let mx = mx_of(domain);
    let many: Vec<String> = (0..1000).map(|number| format!("host-{number:04}.{domain}")).collect();
    let names: Vec<&str> = std::iter::once(mx.as_str()).chain(many.iter().map(String::as_str)).collect();
    let mut chain = w.pki.issue(&Leaf::good(&mx).names(&names))?;
    let leaf = chain.leaf()?.clone();
    chain.sent.extend([leaf.clone(), leaf]);
    Ok(chain)
}
