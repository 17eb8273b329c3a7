//! Policy bodies (RFC 8461 §3.2), served faultlessly.

use super::super::LabError;
use super::super::expect::{BROKEN, ENFORCED, OPEN, TESTING};
use super::super::https::Page;
use super::super::world::{Cell, World};
use super::{IN_POLICY, mx_of, ordinary};

/// Domain, what it is about, body (`@` stands for the domain's host), the deciding defect, the tolerant reading.
type Row = (&'static str, &'static str, &'static [u8], &'static str, &'static str);

const INVALID: &[Row] = &[
    ("lab-policy-empty.com", "an empty body", b"", "policy-empty", "invalid"),
    // "a BOM … are defects"; lenient: "forgives exactly: a BOM …".
    (
        "lab-policy-bom.com",
        "a byte order mark",
        b"\xef\xbb\xbfversion: STSv1\nmode: enforce\nmax_age: 604800\nmx: @\n",
        "policy-encoding",
        "valid",
    ),
    (
        "lab-policy-latin1.com",
        "a byte that is not UTF-8",
        b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: @\nnote: caf\xe9\n",
        "policy-encoding",
        "invalid",
    ),
    // "by position in the text": the first line is none.
    (
        "lab-policy-html.com",
        "a web page",
        b"<!DOCTYPE html>\n<html><body>Hello</body></html>\n",
        "policy-line",
        "invalid",
    ),
    (
        "lab-policy-version.com",
        "version STSv2",
        b"version: STSv2\nmode: enforce\nmax_age: 604800\nmx: @\n",
        "policy-version",
        "invalid",
    ),
    // "then what is missing, in the order version, mode, max_age, mx".
    (
        "lab-policy-no-version.com",
        "no version",
        b"mode: enforce\nmax_age: 604800\nmx: @\n",
        "policy-version",
        "invalid",
    ),
    (
        "lab-policy-version-case.com",
        "version in lower case",
        b"version: stsv1\nmode: enforce\nmax_age: 604800\nmx: @\n",
        "policy-version",
        "valid",
    ),
    (
        "lab-policy-mode.com",
        "an unknown mode",
        b"version: STSv1\nmode: enforced\nmax_age: 604800\nmx: @\n",
        "policy-mode",
        "invalid",
    ),
    ("lab-policy-no-mode.com", "no mode", b"version: STSv1\nmax_age: 604800\nmx: @\n", "policy-mode", "invalid"),
    // "Keys and values are case-sensitive": `Mode` is an unknown key, so the mode is missing.
    (
        "lab-policy-key-case.com",
        "a key with a capital",
        b"version: STSv1\nMode: enforce\nmax_age: 604800\nmx: @\n",
        "policy-mode",
        "valid",
    ),
    ("lab-policy-no-age.com", "no max_age", b"version: STSv1\nmode: enforce\nmx: @\n", "policy-max-age", "invalid"),
    // "`max_age` 0 to 31557600"; lenient: "max_age above the maximum (capped; erratum 7282)".
    (
        "lab-policy-long-age.com",
        "a max_age of three years",
        b"version: STSv1\nmode: enforce\nmax_age: 99999999\nmx: @\n",
        "policy-max-age",
        "valid",
    ),
    (
        "lab-policy-age-text.com",
        "a max_age with an exponent",
        b"version: STSv1\nmode: enforce\nmax_age: 1e5\nmx: @\n",
        "policy-max-age",
        "invalid",
    ),
    // "at least one valid `mx` unless the mode is `none`".
    ("lab-policy-no-mx.com", "no mx", b"version: STSv1\nmode: enforce\nmax_age: 604800\n", "policy-mx", "invalid"),
    (
        "lab-policy-mx-dot.com",
        "an mx with a trailing dot",
        b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: @.\n",
        "policy-mx",
        "valid",
    ),
    (
        "lab-policy-mx-mail.com",
        "an e-mail address as mx",
        b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: postmaster@@\n",
        "policy-mx",
        "invalid",
    ),
    (
        "lab-policy-mx-star.com",
        "a bare star as mx",
        b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *\n",
        "policy-mx",
        "invalid",
    ),
    (
        "lab-policy-mx-umlaut.com",
        "a U-label as mx",
        b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: mx.b\xc3\xbccher.example\nmx: @\n",
        "policy-mx",
        "valid",
    ),
    // "white space before the colon", "an empty line in the middle": defects that lenient forgives.
    (
        "lab-policy-space.com",
        "white space before a colon",
        b"version: STSv1\nmode : enforce\nmax_age: 604800\nmx: @\n",
        "policy-line",
        "valid",
    ),
    (
        "lab-policy-blank-line.com",
        "an empty line in the middle",
        b"version: STSv1\nmode: enforce\n\nmax_age: 604800\nmx: @\n",
        "policy-line",
        "valid",
    ),
];

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    for (domain, about, body, failure, lenient) in INVALID {
        publish(w, domain, body)?;
        // "`invalid` (fetched, but not a policy)": `broken`.
        let cells: &[Cell] = &[
            ("sts_policy", "invalid"),
            ("sts_failure_stage", "policy"),
            ("sts_failure", failure),
            ("sts_policy_lenient", lenient),
            ("result_types", "[\"sts-policy-invalid\"]"),
        ];
        w.expect(domain, about, &[OPEN, BROKEN], cells);
        w.expect_mx(&mx_of(domain), &[]);
    }

    // "fields in any order; … unknown keys are ignored when well formed"; CRLF, and no end of the last line.
    let d = "lab-policy-crlf.com";
    publish(w, d, b"max_age: 86400\r\nnote: hello\r\nmx: nowhere.example\r\nmx: @\r\nmode: enforce\r\nversion: STSv1")?;
    w.expect(
        d,
        "CRLF, any order, an unknown key",
        &[OPEN, ENFORCED],
        &[("sts_policy_defects", "[]"), ("sts_max_age", "86400")],
    );
    w.expect_mx(&mx_of(d), IN_POLICY);

    // "of repeated keys other than `mx` the first counts, later ones are ignored even when malformed".
    let d = "lab-policy-repeated.com";
    publish(w, d, b"version: STSv1\nmode: testing\nmode: enforce!\nmax_age: 604800\nmax_age: never\nmx: @\n")?;
    w.expect(d, "mode and max_age twice", &[OPEN, TESTING], &[("sts_max_age", "604800")]);
    w.expect_mx(&mx_of(d), IN_POLICY);

    // "mode none: `mode-none`", and no `mx` is needed.
    let d = "lab-policy-none.com";
    publish(w, d, b"version: STSv1\nmode: none\nmax_age: 86400\n")?;
    let cells: &[Cell] = &[
        ("sts_record", "valid"),
        ("sts_policy", "valid"),
        ("sts_mode", "none"),
        ("sts_verdict", "mode-none"),
        ("sts_verdict_primary", "mode-none"),
    ];
    w.expect(d, "mode none", &[OPEN], cells);
    w.expect_mx(&mx_of(d), &[]);

    // "`after-first-contact` when … max_age > 0; else `never`"; a delivery today still follows the policy.
    let d = "lab-policy-age-zero.com";
    publish(w, d, b"version: STSv1\nmode: enforce\nmax_age: 0\nmx: @\n")?;
    let cells: &[Cell] = &[
        ("protection_mta_sts", "never"),
        ("protection_both", "never"),
        ("sts_max_age", "0"),
        ("sts_warnings", "[\"max-age-short\"]"),
    ];
    w.expect(d, "enforce with max_age 0", &[OPEN, ENFORCED], cells);
    w.expect_mx(&mx_of(d), IN_POLICY);
    Ok(())
}

fn publish(w: &mut World, domain: &str, body: &[u8]) -> Result<(), LabError> {
    ordinary(w, domain)?;
    // `@@` is an address at the host.
    let host = mx_of(domain);
    let mut filled = Vec::new();
    let mut rest = body;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (*first, tail) {
            (b'@', [b'@', tail @ ..]) => {
                filled.extend_from_slice(format!("@{host}").as_bytes());
                rest = tail;
            }
            (b'@', _) => filled.extend_from_slice(host.as_bytes()),
            (byte, _) => filled.push(byte),
        }
    }
    w.page(domain, Page::Serves(filled))
}
