//! The TXT record at `_mta-sts` (RFC 8461 §3.1). The policy host is faultless everywhere.

use super::super::LabError;
use super::super::answer::Fault;
use super::super::expect::{BROKEN, ENFORCED, OPEN};
use super::super::https::{Door, Page};
use super::super::pki::Leaf;
use super::super::tls::Chains;
use super::super::wire::{Kind, rdata};
use super::super::world::{Cell, World};
use super::super::zone::SetFault;
use super::{IN_POLICY, mx_of, ordinary, ordinary_signed, policy};

/// Domain, what it is about, TXT records, whether MTA-STS passes, and what else is expected.
type Row = (&'static str, &'static str, &'static [&'static str], bool, &'static [Cell]);

const ROWS: &[Row] = &[
    // "`v=STSv1 ;` is one too, with a warning (erratum 6285)".
    (
        "lab-record-space.com",
        "a space before the first semicolon",
        &["v=STSv1 ; id=2026;"],
        true,
        &[("sts_id", "\"2026\""), ("sts_warnings", "[\"record-syntax\"]")],
    ),
    // "Those that begin with `v=STSv1;` are candidates": what else stands there does not count.
    (
        "lab-record-noise.com",
        "unrelated TXT records beside a good one",
        &["v=spf1 -all", "v=STSv1; id=a1b2c3;", "some-verification=v=STSv1;"],
        true,
        &[("sts_id", "a1b2c3")],
    ),
    // "of a repeated field the first counts and later ones are ignored even when malformed".
    (
        "lab-record-repeated.com",
        "a second, malformed id",
        &["v=STSv1; id=first; id=not-valid;"],
        true,
        &[("sts_id", "first"), ("sts_warnings", "[\"record-id-repeated\"]")],
    ),
    // "Unknown fields are ignored when well formed".
    ("lab-record-extension.com", "an unknown field", &["v=STSv1; id=7; future=soon-1;"], true, &[("sts_id", "\"7\"")]),
    // "begins `v=sts`, in any case: `invalid`, with `record-version` for a wrong version".
    (
        "lab-record-version.com",
        "version STSv2",
        &["v=STSv2; id=2026;"],
        false,
        &[("sts_failure", "record-version"), ("sts_record_lenient", "invalid")],
    ),
    // Lenient: "letter case of … `version`".
    (
        "lab-record-case.com",
        "version in lower case",
        &["v=stsv1; id=2026;"],
        false,
        &[("sts_failure", "record-version"), ("sts_record_lenient", "valid")],
    ),
    // "and `record-syntax` for the right one without its semicolon".
    (
        "lab-record-no-semicolon.com",
        "no semicolon behind the version",
        &["v=STSv1 id=2026"],
        false,
        &[("sts_failure", "record-syntax")],
    ),
    // "`id`: 1 to 32 letters and digits".
    (
        "lab-record-no-id.com",
        "no id",
        &["v=STSv1;"],
        false,
        &[("sts_failure", "record-id-missing"), ("sts_record_defects", "[\"record-id-missing\"]")],
    ),
    (
        "lab-record-bad-id.com",
        "an id with hyphens",
        &["v=STSv1; id=2026-01-01;"],
        false,
        &[("sts_failure", "record-id-invalid"), ("sts_record_lenient", "invalid")],
    ),
    (
        "lab-record-long-id.com",
        "an id of 33 characters",
        &["v=STSv1; id=012345678901234567890123456789012;"],
        false,
        &[("sts_failure", "record-id-invalid")],
    ),
    // A field is a name, `=` and a value.
    (
        "lab-record-pasted.com",
        "the policy pasted into the record",
        &["v=STSv1; id=2026; mx: a.example; mode: testing"],
        false,
        &[("sts_failure", "record-syntax")],
    ),
    // Lenient: "a record that ends in `;;`".
    (
        "lab-record-double-end.com",
        "two semicolons at the end",
        &["v=STSv1; id=2026;;"],
        false,
        &[("sts_failure", "record-syntax"), ("sts_record_lenient", "valid")],
    ),
];

/// Records that are discarded for what stands around their first letters: no attempt, so no fetch, and a warning.
const DISGUISED: &[(&str, &str, &str, &[Cell])] = &[
    (
        "lab-record-quoted.com",
        "quotation marks that were published",
        "\"v=STSv1; id=2026;\"",
        &[("sts_warnings", "[\"record-quoted\"]")],
    ),
    (
        "lab-record-zero-width.com",
        "ZERO WIDTH SPACE before v=",
        "\u{200b}v=STSv1; id=2026;",
        &[("sts_warnings", "[\"record-hidden-character\"]")],
    ),
    (
        "lab-record-no-break.com",
        "NO-BREAK SPACE before v=",
        "\u{a0}v=STSv1; id=2026;",
        &[("sts_warnings", "[\"record-hidden-character\"]")],
    ),
    // Lenient: "white space around keys, values". So a policy is asked for, and none is there.
    (
        "lab-record-spaced.com",
        "spaces around the equals sign",
        "v = STSv1; id=2026;",
        &[
            ("sts_warnings", "[\"record-spaced-version\"]"),
            ("sts_record_lenient", "valid"),
            ("sts_policy", "unfetchable"),
            ("result_types", "*"),
        ],
    ),
];

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    for (domain, about, text, more) in DISGUISED {
        ordinary(w, domain)?;
        w.txt(&format!("_mta-sts.{domain}"), text);
        w.expect(domain, about, &[OPEN], more);
    }
    for (domain, about, texts, passes, more) in ROWS {
        ordinary(w, domain)?;
        texts.iter().for_each(|text| w.txt(&format!("_mta-sts.{domain}"), text));
        w.policy(domain, &policy("enforce", &[&mx_of(domain)]))?;
        if *passes {
            w.expect(domain, about, &[OPEN, ENFORCED], more);
            w.expect_mx(&mx_of(domain), IN_POLICY);
        } else {
            // "A policy is fetched whenever an attempt at a record is seen"; "Only a `valid` record leads to anything
            // but `broken`".
            let record: &[Cell] =
                &[("sts_record", "invalid"), ("sts_policy", "valid"), ("sts_failure_stage", "record")];
            w.expect(domain, about, &[OPEN, BROKEN, record], more);
            w.expect_mx(&mx_of(domain), &[]);
        }
    }

    // "More than one candidate: `multiple`."
    let d = "lab-record-multiple.com";
    ordinary(w, d)?;
    w.txt("_mta-sts.lab-record-multiple.com", "v=STSv1; id=1;");
    w.txt("_mta-sts.lab-record-multiple.com", "v=STSv1; id=2;");
    w.policy(d, &policy("enforce", &["mx.lab-record-multiple.com"]))?;
    let cells: &[Cell] = &[
        ("sts_record", "multiple"),
        ("sts_policy", "valid"),
        ("sts_failure_stage", "record"),
        ("sts_failure", "record-multiple"),
    ];
    w.expect(d, "two records", &[OPEN, BROKEN], cells);

    // "each one's strings joined without spaces".
    let d = "lab-record-split.com";
    ordinary(w, d)?;
    w.record("_mta-sts.lab-record-split.com", Kind::TXT, rdata::txt(&[b"v=STS", b"v1; i", b"d=split;"]));
    w.policy(d, &policy("enforce", &["mx.lab-record-split.com"]))?;
    w.expect(d, "one record in three strings", &[OPEN, ENFORCED], &[("sts_id", "split")]);

    // "An unrelated TXT, such as a wildcard's SPF record, is `absent`."
    let d = "lab-record-wildcard.com";
    ordinary(w, d)?;
    w.txt("*.lab-record-wildcard.com", "v=spf1 -all");
    w.expect(d, "a wildcard answers for _mta-sts with SPF", &[OPEN], &[]);

    // "CNAMEs on `_mta-sts` and on the policy host recorded": delegated to a provider.
    let d = "lab-record-delegated.com";
    ordinary(w, d)?;
    w.alias("_mta-sts.lab-record-delegated.com", "customer7._mta-sts.lab-signed-hoster.org");
    w.alias("mta-sts.lab-record-delegated.com", "customer7.mta-sts.lab-signed-hoster.org");
    w.txt("customer7._mta-sts.lab-signed-hoster.org", "v=STSv1; id=provider;");
    let chain = w.pki.issue(&Leaf::good("mta-sts.lab-record-delegated.com"))?;
    let body = policy("enforce", &["mx.lab-record-delegated.com"]).into_bytes();
    w.policy_server_at(
        "customer7.mta-sts.lab-signed-hoster.org",
        "mta-sts.lab-record-delegated.com",
        Chains::always(chain),
        Door::Opens,
        Page::Serves(body),
    );
    w.expect(d, "record and policy host are aliases into a provider", &[OPEN, ENFORCED], &[("sts_id", "provider")]);

    // "MX or TXT look-up failed `indeterminate`"; "A failed TXT … look-up that could change it: `indeterminate`".
    let lost: &[Cell] = &[
        ("sts_record", "error"),
        ("sts_verdict", "indeterminate"),
        ("sts_verdict_primary", "indeterminate"),
        ("sts_failure_stage", "record"),
        ("protection_mta_sts", "indeterminate"),
        ("protection_both", "indeterminate"),
    ];
    for (d, about, fault, word) in [
        ("lab-record-servfail.com", "SERVFAIL for _mta-sts", Fault::Servfail, "servfail"),
        ("lab-record-refused.com", "REFUSED for _mta-sts", Fault::Refused, "refused"),
        ("lab-record-timeout.com", "no answer for _mta-sts", Fault::Silent, "dns-timeout"),
    ] {
        ordinary(w, d)?;
        w.sts_record(d);
        w.fault(&format!("_mta-sts.{d}"), Kind::TXT, fault);
        w.expect(d, about, &[OPEN, lost], &[("sts_failure", word)]);
        if word != "servfail" {
            // A resolver in between says SERVFAIL, or nothing, for whatever happens behind it.
            w.expect_trust_ad(&[("sts_failure", "*")], &[]);
        }
    }

    let d = "lab-record-bogus.nl";
    ordinary_signed(w, d)?;
    w.sts_record(d);
    w.break_set("_mta-sts.lab-record-bogus.nl", Kind::TXT, SetFault::Corrupted);
    w.expect(d, "a bad signature over the record", &[OPEN, lost], &[("sts_failure", "dnssec-bogus")]);
    Ok(())
}
