//! Certificates of MX hosts under MTA-STS (RFC 8461 §4.2).

use super::super::LabError;
use super::super::expect::{ENFORCED, OPEN, STS_FAILS, TESTING};
use super::super::pki::{Issued, Leaf, LeafKey, Sent};
use super::super::smtp::{Handshake, Server};
use super::super::tls::{Chains, Versions};
use super::super::world::World;
use super::{IN_POLICY, mx_of, policy};

type Change = fn(Leaf) -> Leaf;

/// Domain, what it is about, the leaf, the certificate word.
const BAD: &[(&str, &str, Change, &str)] = &[
    ("lab-cert-expired.com", "an expired certificate", Leaf::expired, "cert-expired"),
    ("lab-cert-future.com", "a certificate of tomorrow", Leaf::not_yet_valid, "cert-not-yet-valid"),
    ("lab-cert-self-signed.com", "a self-signed certificate", |l| l.issued(Issued::ByItself), "cert-self-signed"),
    ("lab-cert-untrusted.com", "an unknown authority", |l| l.issued(Issued::ByStranger), "cert-unknown-issuer"),
    // "a chain that lacks its intermediate is `cert-unknown-issuer`".
    ("lab-cert-incomplete.com", "the intermediate is missing", |l| l.sent(Sent::LeafOnly), "cert-unknown-issuer"),
    (
        "lab-cert-name.com",
        "a certificate for another name",
        |l| l.names(&["mail.lab-cert-name.com"]),
        "cert-name-mismatch",
    ),
    // "The certificate must carry a DNS-ID".
    ("lab-cert-cn-only.com", "the name only as common name", |l| l.names(&[]), "cert-name-mismatch"),
    ("lab-cert-client.com", "a certificate for clients", |l| Leaf { client_only: true, ..l }, "cert-invalid"),
    ("lab-cert-bad-signature.com", "a broken signature", |l| Leaf { bad_signature: true, ..l }, "cert-invalid"),
    // "`failed` is `cert-invalid`".
    ("lab-cert-foreign-key.com", "signs with another key", |l| Leaf { foreign_key: true, ..l }, "cert-invalid"),
    (
        "lab-cert-old-issuer.com",
        "the intermediate has expired",
        |l| l.issued(Issued::ByExpiredIntermediate),
        "cert-expired",
    ),
];

const GOOD: &[(&str, &str, Change)] = &[
    // RFC 5280 §6.1.4, §6.1.5: what makes an authority is asked of issuers, and forbidden to no leaf.
    ("lab-cert-ca.com", "a leaf that is an authority too", |l| Leaf { is_ca: true, ..l }),
    ("lab-cert-wildcard.com", "a wildcard certificate", |l| l.names(&["*.lab-cert-wildcard.com"])),
    ("lab-cert-extra.com", "an unrelated intermediate in between", |l| l.sent(Sent::WithExtra)),
    ("lab-cert-with-root.com", "the root is sent too", |l| l.sent(Sent::WithRoot)),
    ("lab-cert-rsa.com", "an RSA key", |l| l.key(LeafKey::Rsa2048)),
    ("lab-cert-cross.com", "a cross-signed chain: either root will do", |l| l.issued(Issued::Cross)),
    ("lab-cert-root-b.com", "everything hangs on root B", |l| l.issued(Issued::ByB)),
];

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    for (d, about, change, failure) in BAD {
        publish(w, d, "enforce", &change(Leaf::good(&mx_of(d))))?;
        let cells = &[("sts_failure_stage", "mx-certificate"), ("sts_failure", *failure)];
        w.expect(d, about, &[OPEN, ENFORCED, STS_FAILS], cells);
        // "Map of our words to types".
        let result_type = match *failure {
            "cert-expired" | "cert-not-yet-valid" => "certificate-expired",
            "cert-self-signed" | "cert-unknown-issuer" => "certificate-not-trusted",
            "cert-name-mismatch" => "certificate-host-mismatch",
            _ => "*",
        };
        let cells = &[
            ("sts", "fail"),
            ("sts_mx_match", "true"),
            ("pkix", *failure),
            ("failure", *failure),
            ("result_type", result_type),
        ];
        w.expect_mx(&mx_of(d), cells);
    }
    for (d, about, change) in GOOD {
        publish(w, d, "enforce", &change(Leaf::good(&mx_of(d))))?;
        let [a, b] = w.pki.root_fingerprints();
        let anchors = match *d {
            "lab-cert-cross.com" => vec![a, b],
            "lab-cert-root-b.com" => vec![b],
            _ => vec![a],
        };
        w.expect(d, about, &[OPEN, ENFORCED], &[]);
        w.expect_set("mx_anchors", anchors);
        w.expect_mx(&mx_of(d), IN_POLICY);
    }

    // "Mode `enforce` and `testing` alike" for the verdict; senders: "testing included: as opportunistic".
    let d = "lab-cert-testing.com";
    publish(w, d, "testing", &Leaf::good(&mx_of(d)).expired().names(&["other.lab-cert-testing.com"]))?;
    let cells = &[
        ("sts_verdict", "fail"),
        ("sts_verdict_primary", "fail"),
        ("sts_failure_stage", "mx-certificate"),
        ("sts_failure", "cert-expired"),
    ];
    w.expect(d, "expired and misnamed, in testing", &[OPEN, TESTING], cells);
    let cells = &[
        ("sts", "fail"),
        ("pkix", "cert-expired"),
        ("pkix_failures", "[\"cert-expired\",\"cert-name-mismatch\"]"),
        ("failure", "cert-expired"),
        ("result_type", "certificate-expired"),
    ];
    w.expect_mx(&mx_of(d), cells);

    // "SNI is the MX host name (RFC 8461 7.1)": without it, this server shows another certificate.
    let d = "lab-cert-sni.com";
    w.zone(d, None);
    w.mx(d, &[(10, &mx_of(d))]);
    let mut chains = Chains::always(w.pki.issue(&Leaf::good("default.lab-cert-sni.com").issued(Issued::ByItself))?);
    chains.by_name.insert(mx_of(d), w.pki.issue(&Leaf::good(&mx_of(d)))?);
    w.server(&mx_of(d), Server::good(chains));
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.expect(d, "the right certificate only for the right server name", &[OPEN, ENFORCED], &[]);
    w.expect_mx(&mx_of(d), IN_POLICY);

    for (d, about, versions, version) in [
        ("lab-tls-13.com", "TLS 1.3 alone", Versions::Tls13, "TLSv1.3"),
        ("lab-tls-12.com", "TLS 1.2 alone", Versions::Tls12, "TLSv1.2"),
    ] {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let chains = Chains::always(w.pki.issue(&Leaf::good(&mx_of(d)))?);
        let handshake = Handshake::Modern(chains.clone(), versions);
        w.server(&mx_of(d), Server { handshake, ..Server::good(chains) });
        w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
        w.expect(d, about, &[OPEN, ENFORCED], &[]);
        w.expect_mx(&mx_of(d), IN_POLICY);
        w.expect_endpoint(&mx_of(d), &[("stage", "done"), ("tls_version", version)]);
    }

    // "one host, four addresses, one of them expired": "the worst decided address"; "one that may not is skipped".
    let d = "lab-cert-one-of-four.com";
    publish(w, d, "enforce", &Leaf::good(&mx_of(d)))?;
    for expired in [false, true, false] {
        let leaf = Leaf::good(&mx_of(d));
        w.host(&mx_of(d), &if expired { leaf.expired() } else { leaf })?;
    }
    let cells = &[
        ("sts_verdict", "partial"),
        ("sts_verdict_primary", "partial"),
        ("sts_failure_stage", "mx-certificate"),
        ("sts_failure", "cert-expired"),
    ];
    w.expect(d, "one of four addresses has an expired certificate", &[OPEN, ENFORCED], cells);
    let cells = &[("sts", "partial"), ("pkix", "cert-expired"), ("failure", "cert-expired")];
    w.expect_mx(&mx_of(d), cells);
    Ok(())
}

fn publish(w: &mut World, domain: &str, mode: &str, leaf: &Leaf) -> Result<(), LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.host(&mx_of(domain), leaf)?;
    w.policy(domain, &policy(mode, &[&mx_of(domain)]))
}
