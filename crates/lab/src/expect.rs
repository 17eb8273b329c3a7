//! Ready-made expectations: what holds for an ordinary domain, to be varied by the scenes. Written by
//! hand from the rules; the comment of each block is the rule that it rests on.

/// Any word will do: the rules leave it open, or it depends on how long somebody waits.
pub const ANY: &str = "*";

/// A column and the word it must hold: JSON where it reads as JSON, a string otherwise; [`ANY`] takes an
/// expectation away.
pub type Cell = (&'static str, &'static str);

/// No MTA-STS record, no TLSA, hosts that do TLS: nothing is verified and nothing is protected.
pub const OPEN: &[Cell] = &[
    ("mx_status", "present"),
    // "No record `no-policy`."
    ("sts_record", "absent"),
    ("sts_policy", "not-attempted"),
    ("sts_verdict", "no-policy"),
    ("sts_verdict_primary", "no-policy"),
    ("sts_failure_stage", "null"),
    ("sts_failure", "null"),
    // "(2) every host `none`: `none`."
    ("dane_verdict", "none"),
    ("dane_verdict_primary", "none"),
    ("dane_insecure_cause", "null"),
    ("conflict", "none"),
    // "opportunistic: TLS handshake works: encrypted"; the others "as opportunistic" or "as mta_sts".
    ("outcome_opportunistic", "encrypted"),
    ("outcome_mta_sts", "encrypted"),
    ("outcome_dane", "encrypted"),
    ("outcome_dane_insecure_mx", "encrypted"),
    ("outcome_both", "encrypted"),
    // "else `never`", "the better of the two".
    ("protection_mta_sts", "never"),
    ("protection_dane", "never"),
    ("protection_both", "never"),
    ("tlsrpt", "absent"),
];

/// On top of [`OPEN`]: a valid policy in mode enforce that every host passes.
pub const ENFORCED: &[Cell] = &[
    ("sts_record", "valid"),
    ("sts_policy", "valid"),
    ("sts_mode", "enforce"),
    ("sts_verdict", "pass"),
    ("sts_verdict_primary", "pass"),
    // "valid policy, mode enforce: the address passes: authenticated"; both: "none: as mta_sts".
    ("outcome_mta_sts", "authenticated"),
    ("outcome_both", "authenticated"),
    // "`after-first-contact` when the policy is valid, enforced and max_age > 0".
    ("protection_mta_sts", "after-first-contact"),
    ("protection_both", "after-first-contact"),
];

/// On top of [`ENFORCED`]: no host passes. "None left: `refused` when the sender's own policy ruled out some host";
/// protection "says what an attacker can obtain, not whether mail flows".
pub const STS_FAILS: &[Cell] = &[
    ("sts_verdict", "fail"),
    ("sts_verdict_primary", "fail"),
    ("outcome_mta_sts", "refused"),
    ("outcome_both", "refused"),
];

/// On top of [`OPEN`]: a valid policy in mode testing that every host passes.
pub const TESTING: &[Cell] = &[
    ("sts_record", "valid"),
    ("sts_policy", "valid"),
    ("sts_mode", "testing"),
    // "Mode `enforce` and `testing` alike" for the verdict; senders: "testing included: as opportunistic".
    ("sts_verdict", "pass"),
    ("sts_verdict_primary", "pass"),
];

/// On top of [`OPEN`]: a record that is valid, and a policy that could not be had or is none.
/// "Record not valid, or policy `unfetchable` or `invalid`: `broken`."
pub const BROKEN: &[Cell] = &[
    ("sts_record", "valid"),
    ("sts_policy", "unfetchable"),
    ("sts_verdict", "broken"),
    ("sts_verdict_primary", "broken"),
];

/// On top of [`OPEN`]: secure usable TLSA at every host, and every host matches.
pub const DANE: &[Cell] = &[
    // "(4) some `match`: `pass` when every host is `match`".
    ("dane_verdict", "pass"),
    ("dane_verdict_primary", "pass"),
    // "usable: match: authenticated"; both: "usable: as dane".
    ("outcome_dane", "authenticated"),
    ("outcome_dane_insecure_mx", "authenticated"),
    ("outcome_both", "authenticated"),
    // "`always` when the MX RRset is secure and every MX host has usable secure TLSA".
    ("protection_dane", "always"),
    ("protection_both", "always"),
];

/// On top of [`OPEN`]: the host has usable secure TLSA and does not match, or does no TLS.
pub const DANE_FAILS: &[Cell] = &[
    // "(5) some `mismatch` or `no-tls`: `fail`".
    ("dane_verdict", "fail"),
    ("dane_verdict_primary", "fail"),
    // "usable: match: authenticated; else may not"; "None left: `refused`".
    ("outcome_dane", "refused"),
    ("outcome_dane_insecure_mx", "refused"),
    ("outcome_both", "refused"),
    // Protection "says what an attacker can obtain, not whether mail flows".
    ("protection_dane", "always"),
    ("protection_both", "always"),
];

/// On top of [`OPEN`]: the TLSA look-up failed by proof, or in a zone proven signed.
pub const TLSA_LOST: &[Cell] = &[
    // "(6) some `lookup-failed`: `lookup-failed`".
    ("dane_verdict", "lookup-failed"),
    ("dane_verdict_primary", "lookup-failed"),
    // "lookup-failed: may not"; both: "usable, or lookup-failed: as dane".
    ("outcome_dane", "refused"),
    ("outcome_dane_insecure_mx", "refused"),
    ("outcome_both", "refused"),
    // "A failed TXT or TLSA look-up that could change it: `indeterminate`".
    ("protection_dane", "indeterminate"),
    ("protection_both", "indeterminate"),
];

/// On top of [`OPEN`]: DANE that does not apply for want of DNSSEC. "(3) hosts other than `none`, all `insecure`";
/// senders: "none, insecure: as opportunistic".
pub const DANE_INSECURE: &[Cell] = &[("dane_verdict", "insecure"), ("dane_verdict_primary", "insecure")];

/// Replaces [`OPEN`]: the answer for MX is bogus. "MX look-up bogus: `lookup-failed`"; "Bogus MX: `refused` for dane,
/// dane_insecure_mx and both; `indeterminate` for the others"; protection: "bogus MX: `indeterminate`".
pub const MX_BOGUS: &[Cell] = &[
    ("mx_status", "error"),
    ("mx_dnssec", "bogus"),
    ("sts_policy", "not-attempted"),
    ("sts_verdict", "indeterminate"),
    ("sts_verdict_primary", "indeterminate"),
    ("dane_verdict", "lookup-failed"),
    ("dane_verdict_primary", "lookup-failed"),
    ("dane_insecure_cause", "null"),
    ("conflict", "none"),
    ("outcome_opportunistic", "indeterminate"),
    ("outcome_mta_sts", "indeterminate"),
    ("outcome_dane", "refused"),
    ("outcome_dane_insecure_mx", "refused"),
    ("outcome_both", "refused"),
    ("protection_mta_sts", "indeterminate"),
    ("protection_dane", "indeterminate"),
    ("protection_both", "indeterminate"),
];

/// On top of [`OPEN`]: every outcome is the same word.
macro_rules! every_outcome {
    ($name:ident, $word:literal, $doc:literal) => {
        #[doc = $doc]
        pub const $name: &[Cell] = &[
            ("outcome_opportunistic", $word),
            ("outcome_mta_sts", $word),
            ("outcome_dane", $word),
            ("outcome_dane_insecure_mx", $word),
            ("outcome_both", $word),
        ];
    };
}
every_outcome!(PLAINTEXT, "plaintext", "On top of [`OPEN`]: mail goes in clear.");
every_outcome!(UNREACHABLE, "unreachable", "On top of [`OPEN`]: nobody answers (\"else `unreachable`\").");
every_outcome!(
    INDETERMINATE_OUTCOMES,
    "indeterminate",
    "On top of [`OPEN`]: a server refused us, or the reason is ours (\"else `indeterminate` when some host gave an SMTP reply that refused *us*\")."
);

/// Replaces [`OPEN`]: "`nxdomain`, `null` and `none` give `no-mail` in every verdict, outcome and protection".
pub const NO_MAIL: &[Cell] = &[
    ("sts_record", "absent"),
    ("sts_policy", "not-attempted"),
    ("sts_failure_stage", "null"),
    ("sts_failure", "null"),
    ("dane_insecure_cause", "null"),
    ("conflict", "none"),
    ("tlsrpt", "absent"),
    ("sts_verdict", "no-mail"),
    ("sts_verdict_primary", "no-mail"),
    ("dane_verdict", "no-mail"),
    ("dane_verdict_primary", "no-mail"),
    ("outcome_opportunistic", "no-mail"),
    ("outcome_mta_sts", "no-mail"),
    ("outcome_dane", "no-mail"),
    ("outcome_dane_insecure_mx", "no-mail"),
    ("outcome_both", "no-mail"),
    ("protection_mta_sts", "no-mail"),
    ("protection_dane", "no-mail"),
    ("protection_both", "no-mail"),
];

/// Replaces [`OPEN`]: "an MX look-up that failed without proof gives `indeterminate` in all of them".
pub const MX_FAILED: &[Cell] = &[
    ("mx_status", "error"),
    ("sts_record", "absent"),
    ("sts_policy", "not-attempted"),
    ("dane_insecure_cause", "null"),
    ("conflict", "none"),
    ("tlsrpt", "absent"),
    ("sts_verdict", "indeterminate"),
    ("sts_verdict_primary", "indeterminate"),
    ("dane_verdict", "indeterminate"),
    ("dane_verdict_primary", "indeterminate"),
    ("outcome_opportunistic", "indeterminate"),
    ("outcome_mta_sts", "indeterminate"),
    ("outcome_dane", "indeterminate"),
    ("outcome_dane_insecure_mx", "indeterminate"),
    ("outcome_both", "indeterminate"),
    ("protection_mta_sts", "indeterminate"),
    ("protection_dane", "indeterminate"),
    ("protection_both", "indeterminate"),
];

/// On top of [`HOST`]: nobody answered, or nothing that decides.
pub const UNDECIDED: &[Cell] = &[("reached", "false"), ("decided", "false"), ("starttls", "unknown"), ("pkix", "null")];

/// On top of [`HOST`]: it takes mail, and does not do STARTTLS.
pub const NOT_OFFERED: &[Cell] = &[("starttls", "not-offered"), ("pkix", "null")];

/// On top of [`HOST`]: "offered, then refused or no handshake", and no certificate was seen.
pub const NO_HANDSHAKE: &[Cell] = &[("starttls", "failed"), ("pkix", "null")];

/// A host that answers, does TLS with a valid certificate, and has neither policy nor TLSA.
pub const HOST: &[Cell] = &[
    ("reached", "true"),
    ("decided", "true"),
    ("starttls", "offered"),
    ("sts", "null"),
    ("pkix", "valid"),
    ("dane", "none"),
    ("dane_host", "none"),
    ("tlsa_mismatch_cause", "null"),
    ("failure", "null"),
];
