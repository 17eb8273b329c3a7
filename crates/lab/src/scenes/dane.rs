//! TLSA records against what hosts present (RFC 6698, 7671, 7672 §3).

use ring::digest;

use super::super::LabError;
use super::super::expect::{DANE, DANE_FAILS, ENFORCED, NOT_OFFERED, OPEN, UNDECIDED, UNREACHABLE};
use super::super::pki::{Certificate, Chain, Issued, Leaf, Sent};
use super::super::smtp::{Ehlo, Server};
use super::super::tls::Chains;
use super::super::world::{CLOSED, Cell, World};
use super::{IN_POLICY, mx_of, ordinary_signed, policy, signed, signed_nsec3};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    matching(w)?;
    mismatching(w)?;
    unusable(w)?;
    with_policy(w)?;
    several(w)
}

/// A signed domain with one host that presents `leaf`.
fn presents(w: &mut World, domain: &str, leaf: &Leaf) -> Result<Chain, LabError> {
    w.zone(domain, Some(signed_nsec3()));
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.host(&mx_of(domain), leaf)
}

fn issuer(chain: &Chain, nth: usize) -> Result<&Certificate, LabError> {
    chain.issuers.get(nth).ok_or_else(|| LabError::World("no such issuer".into()))
}

const MATCH: &[Cell] = &[("dane", "match"), ("dane_host", "match")];

fn matching(w: &mut World) -> Result<(), LabError> {
    for (d, about, selector, matching) in [
        ("lab-dane-300.nl", "3 0 0: the whole certificate", 0, 0),
        ("lab-dane-301.nl", "3 0 1", 0, 1),
        ("lab-dane-302.nl", "3 0 2", 0, 2),
        ("lab-dane-310.nl", "3 1 0: the bare key", 1, 0),
        ("lab-dane-312.nl", "3 1 2", 1, 2),
    ] {
        let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
        w.tlsa(&mx_of(d), 3, selector, matching, chain.leaf()?);
        w.expect(d, about, &[OPEN, DANE], &[]);
        w.expect_mx(&mx_of(d), MATCH);
    }

    // "Usage 3 matches the leaf alone: no name, no dates, no chain."
    let d = "lab-dane-ee-anything.nl";
    let leaf = Leaf::good("nobody.example").expired().issued(Issued::ByItself);
    let chain = presents(w, d, &leaf)?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.expect(d, "3 1 1 over an expired, self-signed, misnamed certificate", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("pkix", "cert-self-signed")]].concat());

    // A pre-published record beside the current one: "one matching TLSA in an RRset suffices".
    let d = "lab-dane-rollover.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.tlsa_data(&mx_of(d), 3, 1, 1, &[0x5a; 32]);
    w.expect(d, "the next key is published already", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), MATCH);

    // "Usage 2: a certificate of the presented chain …, or one carried in the record".
    type Anchor = (u8, u8, usize, Sent);
    let rows: &[(&str, &'static str, Anchor)] = &[
        ("lab-dane-ta-issuer.nl", "2 1 1 of the intermediate", (1, 1, 0, Sent::Usual)),
        ("lab-dane-ta-root.nl", "2 0 1 of a private root that is sent", (0, 1, 1, Sent::WithRoot)),
        ("lab-dane-ta-200.nl", "2 0 0: the root is in the record alone", (0, 0, 1, Sent::Usual)),
        ("lab-dane-ta-210.nl", "2 1 0: the root's bare key is in the record", (1, 0, 1, Sent::Usual)),
    ];
    for (d, about, (selector, matching, nth, sent)) in rows {
        let chain = presents(w, d, &Leaf::good(&mx_of(d)).issued(Issued::ByStranger).sent(*sent))?;
        w.tlsa(&mx_of(d), 2, *selector, *matching, issuer(&chain, *nth)?);
        w.expect(d, about, &[OPEN, DANE], &[]);
        w.expect_mx(&mx_of(d), &[MATCH, &[("pkix", "cert-unknown-issuer")]].concat());
    }

    // "a name that is a reference identifier: …; the next-hop domain; … only with a secure MX RRset".
    let d = "lab-dane-ta-domain.nl";
    let chain = presents(w, d, &Leaf::good(d))?;
    w.tlsa(&mx_of(d), 2, 1, 1, issuer(&chain, 0)?);
    // dane_insecure_mx: "the only reference identifier is then the host" holds where the MX RRset is insecure.
    w.expect(d, "2 1 1, the certificate names the domain and not the host", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("pkix", "cert-name-mismatch")]].concat());

    // "DNS-IDs, and a common name only where there is no DNS-ID (3.2.3)".
    let d = "lab-dane-ta-cn.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)).names(&[]))?;
    w.tlsa(&mx_of(d), 2, 1, 1, issuer(&chain, 0)?);
    w.expect(d, "2 1 1, the name only as common name", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("pkix", "cert-name-mismatch")]].concat());
    Ok(())
}

fn fails(w: &mut World, domain: &str, about: &'static str, pkix: &'static str, cause: &'static str) {
    w.expect(domain, about, &[OPEN, DANE_FAILS], &[("result_types", "[\"tlsa-invalid\"]")]);
    let cells = &[
        ("dane", "mismatch"),
        ("dane_host", "mismatch"),
        ("pkix", pkix),
        ("tlsa_mismatch_cause", cause),
        ("failure", "tlsa-mismatch"),
        ("result_type", "tlsa-invalid"),
    ];
    w.expect_mx(&mx_of(domain), cells);
}

fn mismatching(w: &mut World) -> Result<(), LabError> {
    type Data = fn(&Chain) -> Result<(u8, u8, u8, Vec<u8>), LabError>;
    let rows: &[(&str, &'static str, Data, &'static str)] = &[
        ("lab-dane-stale.nl", "3 1 1 of an earlier key", |_| Ok((3, 1, 1, vec![0x17; 32])), "unknown"),
        (
            "lab-dane-other-cert.nl",
            "3 1 1 of the intermediate",
            |c| Ok((3, 1, 1, issuer(c, 0)?.association(1, 1))),
            "other-certificate",
        ),
        // "a certificate of the presented chain … and not the leaf itself".
        (
            "lab-dane-ta-leaf.nl",
            "2 1 1 of the leaf",
            |c| Ok((2, 1, 1, c.leaf()?.association(1, 1))),
            "other-certificate",
        ),
        (
            "lab-dane-selector.nl",
            "3 0 1 with the digest of the key",
            |c| Ok((3, 0, 1, c.leaf()?.association(1, 1))),
            "wrong-selector",
        ),
        (
            "lab-dane-cut-digest.nl",
            "3 1 1 with the first half of a SHA2-512",
            |c| Ok((3, 1, 1, c.leaf()?.association(1, 2)[..32].to_vec())),
            "wrong-matching-type",
        ),
        (
            "lab-dane-empty.nl",
            "3 1 1 with the digest of nothing",
            |_| Ok((3, 1, 1, digest::digest(&digest::SHA256, b"").as_ref().to_vec())),
            "empty-digest",
        ),
        (
            "lab-dane-text.nl",
            "3 1 2 with the digest as text",
            |c| Ok((3, 1, 2, hex::encode(c.leaf()?.association(1, 1)).into_bytes())),
            "text-as-data",
        ),
        (
            "lab-dane-ta-not-sent.nl",
            "2 1 1 of the root, which is not sent",
            |c| Ok((2, 1, 1, issuer(c, 1)?.association(1, 1))),
            "anchor-not-sent",
        ),
    ];
    for (d, about, data, cause) in rows {
        let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
        let (usage, selector, matching, data) = data(&chain)?;
        w.tlsa_data(&mx_of(d), usage, selector, matching, &data);
        fails(w, d, about, "valid", cause);
    }

    // "the leaf chains to it by signature, in date, with a name that is a reference identifier".
    let d = "lab-dane-ta-expired.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)).expired())?;
    w.tlsa(&mx_of(d), 2, 1, 1, issuer(&chain, 0)?);
    fails(w, d, "2 1 1, and the leaf has expired", "cert-expired", "chain-expired");
    let d = "lab-dane-ta-name.nl";
    let chain = presents(w, d, &Leaf::good("other.lab-dane-ta-name.nl"))?;
    w.tlsa(&mx_of(d), 2, 1, 1, issuer(&chain, 0)?);
    fails(w, d, "2 1 1, and the leaf is for another name", "cert-name-mismatch", "name-mismatch");

    // "Digest agility …: among usable records of one usage and selector the strongest digest counts".
    let d = "lab-dane-agility.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.tlsa_data(&mx_of(d), 3, 1, 2, &[0xB3; 64]);
    fails(w, d, "a stale 3 1 2 beside a good 3 1 1", "valid", "unknown");
    w.expect_mx(
        &mx_of(d),
        &[
            ("agility_changed", "true"),
            ("dane", "mismatch"),
            ("dane_host", "mismatch"),
            ("tlsa_mismatch_cause", "unknown"),
            ("failure", "tlsa-mismatch"),
        ],
    );

    // "`failed` is `cert-invalid`": the leaf matches, and the server does not hold its key.
    let d = "lab-dane-foreign-key.nl";
    let leaf = Leaf { foreign_key: true, ..Leaf::good(&mx_of(d)) };
    let chain = presents(w, d, &leaf)?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.expect(d, "the right certificate, and not its key", &[OPEN, DANE_FAILS], &[]);
    let cells = &[
        ("dane", "mismatch"),
        ("dane_host", "mismatch"),
        ("pkix", "cert-invalid"),
        ("tlsa_mismatch_cause", "*"),
        ("failure", "cert-invalid"),
    ];
    w.expect_mx(&mx_of(d), cells);

    // "no STARTTLS or no handshake: `no-tls`".
    let d = "lab-dane-no-tls.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    let chain = w.pki.issue(&Leaf::good(&mx_of(d)))?;
    w.server(&mx_of(d), Server { ehlo: Ehlo::Plain, ..Server::good(Chains::always(chain.clone())) });
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    let cells = &[("outcome_opportunistic", "plaintext"), ("outcome_mta_sts", "plaintext")];
    w.expect(d, "TLSA, and no STARTTLS", &[OPEN, DANE_FAILS], cells);
    let cells = &[("dane", "no-tls"), ("dane_host", "no-tls"), ("failure", "starttls-not-offered")];
    w.expect_mx(&mx_of(d), &[NOT_OFFERED, cells].concat());
    Ok(())
}

fn unusable(w: &mut World) -> Result<(), LabError> {
    // "Usages 0 and 1 are unusable here"; senders: "unusable: encrypted"; protection wants "usable secure TLSA".
    let word = &[("dane_verdict", "unusable"), ("dane_verdict_primary", "unusable")];
    let host =
        &[("dane", "unusable"), ("dane_host", "unusable"), ("failure", "tlsa-unusable"), ("tlsa_mismatch_cause", "*")];
    let d = "lab-dane-pkix-usages.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 1, 1, 1, chain.leaf()?);
    w.tlsa(&mx_of(d), 0, 1, 1, issuer(&chain, 0)?);
    w.expect(d, "usages 0 and 1 only", &[OPEN, word], &[("result_types", "[\"tlsa-invalid\"]")]);
    w.expect_mx(&mx_of(d), host);

    // "data that can be what it says (32 bytes for 1, …)".
    let d = "lab-dane-short.nl";
    presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa_data(&mx_of(d), 3, 1, 1, &[0x44; 20]);
    w.tlsa_data(&mx_of(d), 3, 1, 7, &[0x45; 32]);
    w.expect(d, "a digest of 20 bytes, and an unknown matching type", &[OPEN, word], &[]);
    w.expect_mx(&mx_of(d), host);

    // Unusable ones beside a good one do not count.
    let d = "lab-dane-mixed-usages.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa_data(&mx_of(d), 1, 1, 1, &[0x46; 32]);
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.expect(d, "1 1 1 beside a good 3 1 1", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), MATCH);
    Ok(())
}

fn with_policy(w: &mut World) -> Result<(), LabError> {
    // Walked by hand: "expired certificate under a matching 3 1 1 and an enforced policy".
    let d = "lab-conflict-dane.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)).expired())?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_verdict", "fail"),
        ("sts_verdict_primary", "fail"),
        ("sts_failure_stage", "mx-certificate"),
        ("sts_failure", "cert-expired"),
        ("conflict", "dane-pass-sts-fail"),
        ("outcome_mta_sts", "refused"),
        // "RFC 8461 2: … a passing one is enough".
        ("outcome_both", "authenticated"),
    ];
    w.expect(d, "expired under a matching 3 1 1 and an enforced policy", &[OPEN, ENFORCED, DANE], cells);
    // "under the strictest mechanism in force (DANE where its TLSA is secure …)": nothing fails.
    w.expect_mx(&mx_of(d), &[MATCH, &[("sts", "fail"), ("pkix", "cert-expired"), ("failure", "null")]].concat());

    let d = "lab-conflict-sts.nl";
    presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa_data(&mx_of(d), 3, 1, 1, &[0xC7; 32]);
    w.policy(d, &policy("testing", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_record", "valid"),
        ("sts_policy", "valid"),
        ("sts_mode", "testing"),
        ("sts_verdict", "pass"),
        ("sts_verdict_primary", "pass"),
        ("conflict", "dane-fail-sts-pass"),
    ];
    w.expect(d, "a stale TLSA under a policy that holds", &[OPEN, DANE_FAILS], cells);
    let cells = &[
        ("sts", "pass"),
        ("dane", "mismatch"),
        ("dane_host", "mismatch"),
        ("tlsa_mismatch_cause", "unknown"),
        ("failure", "tlsa-mismatch"),
    ];
    w.expect_mx(&mx_of(d), cells);

    // both: "unusable: as mta_sts, and never below encrypted".
    let d = "lab-both-unusable.nl";
    let chain = presents(w, d, &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 1, 1, 1, chain.leaf()?);
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[("dane_verdict", "unusable"), ("dane_verdict_primary", "unusable")];
    w.expect(d, "unusable TLSA under an enforced policy", &[OPEN, ENFORCED], cells);
    let host =
        &[("dane", "unusable"), ("dane_host", "unusable"), ("failure", "tlsa-unusable"), ("tlsa_mismatch_cause", "*")];
    w.expect_mx(&mx_of(d), &[IN_POLICY, host].concat());
    Ok(())
}

fn several(w: &mut World) -> Result<(), LabError> {
    // Walked by hand: "TLSA only on the backup". "(4) some `match` …, else `partial`"; protection: "one that lacks it is
    // where an attacker steers the mail".
    let d = "lab-dane-backup-only.nl";
    pair(w, d)?;
    w.good_host("mx1.lab-dane-backup-only.nl")?;
    let chain = w.good_host("mx2.lab-dane-backup-only.nl")?;
    w.tlsa("mx2.lab-dane-backup-only.nl", 3, 1, 1, chain.leaf()?);
    let cells = &[("dane_verdict", "partial"), ("dane_verdict_primary", "none")];
    w.expect(d, "TLSA only on the backup", &[OPEN], cells);
    w.expect_mx("mx1.lab-dane-backup-only.nl", &[]);
    w.expect_mx("mx2.lab-dane-backup-only.nl", MATCH);

    // Only the backup is broken.
    let d = "lab-dane-backup-stale.nl";
    pair(w, d)?;
    let chain = w.good_host("mx1.lab-dane-backup-stale.nl")?;
    w.tlsa("mx1.lab-dane-backup-stale.nl", 3, 1, 1, chain.leaf()?);
    w.good_host("mx2.lab-dane-backup-stale.nl")?;
    w.tlsa_data("mx2.lab-dane-backup-stale.nl", 3, 1, 1, &[0xC8; 32]);
    w.expect(d, "a stale TLSA on the backup", &[OPEN, DANE], &[("dane_verdict", "partial")]);
    w.expect_mx("mx1.lab-dane-backup-stale.nl", MATCH);
    let stale = &[
        ("dane", "mismatch"),
        ("dane_host", "mismatch"),
        ("tlsa_mismatch_cause", "unknown"),
        ("failure", "tlsa-mismatch"),
    ];
    w.expect_mx("mx2.lab-dane-backup-stale.nl", stale);

    // "`pass` when every host is `match` or undecided with usable TLSA".
    let d = "lab-dane-backup-down.nl";
    pair(w, d)?;
    let chain = w.good_host("mx1.lab-dane-backup-down.nl")?;
    w.tlsa("mx1.lab-dane-backup-down.nl", 3, 1, 1, chain.leaf()?);
    w.address("mx2.lab-dane-backup-down.nl", CLOSED.into());
    w.tlsa_data("mx2.lab-dane-backup-down.nl", 3, 1, 1, &[0xC9; 32]);
    w.expect(d, "the backup is down", &[OPEN, DANE], &[]);
    w.expect_mx("mx1.lab-dane-backup-down.nl", MATCH);
    let unknown = [("dane", "unknown"), ("dane_host", "unknown")];
    w.expect_mx("mx2.lab-dane-backup-down.nl", &[UNDECIDED, &unknown].concat());

    // Nothing decided: "(8) else `indeterminate`"; what an attacker can obtain does not depend on that.
    let d = "lab-dane-down.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.address(&mx_of(d), CLOSED.into());
    w.tlsa_data(&mx_of(d), 3, 1, 1, &[0x4a; 32]);
    let cells = &[
        ("dane_verdict", "indeterminate"),
        ("dane_verdict_primary", "indeterminate"),
        ("protection_dane", "always"),
        ("protection_both", "always"),
    ];
    w.expect(d, "usable TLSA, and the host is down", &[OPEN, UNREACHABLE], cells);
    w.expect_mx(&mx_of(d), &[UNDECIDED, &unknown].concat());

    // Two addresses, one of them with another key: `partial`, and a sender uses the other.
    let d = "lab-dane-two-addresses.nl";
    let chain = ordinary_signed(w, d)?;
    w.good_host(&mx_of(d))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    let cells = &[("dane_verdict", "partial"), ("dane_verdict_primary", "partial")];
    w.expect(d, "one of two addresses has another key", &[OPEN, DANE], cells);
    let cells = &[
        ("dane", "partial"),
        ("dane_host", "partial"),
        ("tlsa_mismatch_cause", "unknown"),
        ("failure", "tlsa-mismatch"),
    ];
    w.expect_mx(&mx_of(d), cells);
    Ok(())
}

fn pair(w: &mut World, domain: &str) -> Result<(), LabError> {
    w.zone(domain, Some(signed()));
    w.mx(domain, &[(10, &format!("mx1.{domain}")), (20, &format!("mx2.{domain}"))]);
    Ok(())
}
