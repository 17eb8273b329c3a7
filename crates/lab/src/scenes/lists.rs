//! MX hosts against the patterns of a policy, and several hosts together (RFC 8461 §4.1).

use super::super::LabError;
use super::super::expect::{ENFORCED, NOT_OFFERED, OPEN, PLAINTEXT, STS_FAILS, TESTING, UNDECIDED};
use super::super::pki::{Issued, Leaf};
use super::super::smtp::{Ehlo, Server};
use super::super::tls::Chains;
use super::super::world::{CLOSED, World};
use super::{IN_POLICY, mx_of, ordinary, policy};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    not_listed(w)?;
    several(w)?;
    backups(w)
}

fn not_listed(w: &mut World) -> Result<(), LabError> {
    let list = [("sts_failure_stage", "mx-list"), ("sts_failure", "mx-not-in-policy")];
    let out = [("sts", "fail"), ("sts_mx_match", "false"), ("failure", "mx-not-in-policy")];
    // "a host that is not in the policy fails, reached or not".
    let d = "lab-list-old.com";
    ordinary(w, d)?;
    w.policy(d, &policy("enforce", &["mail.previous-provider.example"]))?;
    w.expect(d, "the policy names a provider of before", &[OPEN, ENFORCED, STS_FAILS, &list], &[]);
    w.expect_mx(&mx_of(d), &out);

    // "`*.` stands for exactly one whole left-most label".
    let d = "lab-list-depth.com";
    w.zone(d, None);
    w.mx(d, &[(10, "a.b.lab-list-depth.com")]);
    w.good_host("a.b.lab-list-depth.com")?;
    w.policy(d, &policy("enforce", &["*.lab-list-depth.com"]))?;
    w.expect(d, "a wildcard one label short", &[OPEN, ENFORCED, STS_FAILS, &list], &[]);
    w.expect_mx("a.b.lab-list-depth.com", &out);

    // Walked by hand: "testing mode with a wrong mx list".
    let d = "lab-list-testing.com";
    ordinary(w, d)?;
    w.policy(d, &policy("testing", &["mta-sts.lab-list-testing.com"]))?;
    let cells = &[("sts_verdict", "fail"), ("sts_verdict_primary", "fail")];
    w.expect(d, "testing with a wrong list", &[OPEN, TESTING, &list], cells);
    w.expect_mx(&mx_of(d), &out);

    // "matched … case-insensitively".
    let d = "lab-list-case.com";
    ordinary(w, d)?;
    w.policy(d, &policy("enforce", &["MX.Lab-List-Case.com"]))?;
    w.expect(d, "a pattern in capitals", &[OPEN, ENFORCED], &[]);
    w.expect_mx(&mx_of(d), IN_POLICY);

    // An unreached host that is not listed: nothing else is known, and still it fails.
    let d = "lab-list-unreached.com";
    w.zone(d, None);
    w.mx(d, &[(10, &mx_of(d))]);
    w.address(&mx_of(d), CLOSED.into());
    w.policy(d, &policy("enforce", &["mail.lab-list-unreached.com"]))?;
    // "None left: `refused` when the sender's own policy ruled out some host; … else `unreachable`".
    let cells = &[
        ("outcome_opportunistic", "unreachable"),
        ("outcome_dane", "unreachable"),
        ("outcome_dane_insecure_mx", "unreachable"),
    ];
    w.expect(d, "not listed and not reached", &[OPEN, ENFORCED, STS_FAILS, &list], cells);
    w.expect_mx(&mx_of(d), &[UNDECIDED, &out].concat());
    Ok(())
}

fn several(w: &mut World) -> Result<(), LabError> {
    // Equal preferences: "a host that is not in an enforced policy may not be used"; the other can.
    let d = "lab-equal-list.com";
    w.zone(d, None);
    w.mx(d, &[(10, "mx1.lab-equal-list.com"), (10, "mx2.lab-equal-list.com")]);
    w.good_host("mx1.lab-equal-list.com")?;
    w.good_host("mx2.lab-equal-list.com")?;
    w.policy(d, &policy("enforce", &["mx1.lab-equal-list.com"]))?;
    let cells = &[
        ("sts_verdict", "partial"),
        ("sts_verdict_primary", "partial"),
        ("sts_failure_stage", "mx-list"),
        ("sts_failure", "mx-not-in-policy"),
    ];
    w.expect(d, "two equal hosts, one not in the policy", &[OPEN, ENFORCED], cells);
    w.expect_mx("mx1.lab-equal-list.com", IN_POLICY);
    let out = &[("sts", "fail"), ("sts_mx_match", "false"), ("failure", "mx-not-in-policy")];
    w.expect_mx("mx2.lab-equal-list.com", out);

    // "within one preference the order is random, so the weakest that any order can give".
    let d = "lab-equal-plain.com";
    w.zone(d, None);
    w.mx(d, &[(10, "mx1.lab-equal-plain.com"), (10, "mx2.lab-equal-plain.com"), (20, "mx3.lab-equal-plain.com")]);
    w.good_host("mx1.lab-equal-plain.com")?;
    plain_host(w, "mx2.lab-equal-plain.com")?;
    w.good_host("mx3.lab-equal-plain.com")?;
    w.expect(d, "one of two equal hosts without STARTTLS", &[OPEN, PLAINTEXT], &[("mx_count", "3")]);
    w.expect_mx("mx2.lab-equal-plain.com", NOT_OFFERED);

    // "the same host listed twice": "one row, at its lowest preference".
    let d = "lab-twice.com";
    w.zone(d, None);
    w.mx(d, &[(20, &mx_of(d)), (10, &mx_of(d))]);
    w.good_host(&mx_of(d))?;
    w.expect(d, "the same host twice", &[OPEN], &[("mx_count", "1")]);
    w.expect_mx(&mx_of(d), &[("preference", "10")]);
    Ok(())
}

fn backups(w: &mut World) -> Result<(), LabError> {
    // "backup-only breakage is a finding of its own".
    let d = "lab-backup-broken.com";
    pair(w, d)?;
    w.good_host("mx1.lab-backup-broken.com")?;
    w.host("mx2.lab-backup-broken.com", &Leaf::good("mx2.lab-backup-broken.com").issued(Issued::ByItself))?;
    let cells =
        &[("sts_verdict", "partial"), ("sts_failure_stage", "mx-certificate"), ("sts_failure", "cert-self-signed")];
    w.expect(d, "only the backup is broken", &[OPEN, ENFORCED], cells);
    w.expect_mx("mx1.lab-backup-broken.com", IN_POLICY);
    let cells = &[("sts", "fail"), ("pkix", "cert-self-signed"), ("failure", "cert-self-signed")];
    w.expect_mx("mx2.lab-backup-broken.com", cells);

    // A sender skips the host that may not be used: "the next".
    let d = "lab-primary-broken.com";
    pair(w, d)?;
    plain_host(w, "mx1.lab-primary-broken.com")?;
    w.good_host("mx2.lab-primary-broken.com")?;
    let cells = &[
        ("sts_verdict", "partial"),
        ("sts_verdict_primary", "fail"),
        ("sts_failure_stage", "mx-tls"),
        ("sts_failure", "starttls-not-offered"),
        ("outcome_opportunistic", "plaintext"),
        ("outcome_dane", "plaintext"),
        ("outcome_dane_insecure_mx", "plaintext"),
    ];
    w.expect(d, "only the backup does STARTTLS", &[OPEN, ENFORCED], cells);
    let failure = &[("sts", "fail"), ("failure", "starttls-not-offered"), ("result_type", "starttls-not-supported")];
    w.expect_mx("mx1.lab-primary-broken.com", &[NOT_OFFERED, failure].concat());
    w.expect_mx("mx2.lab-primary-broken.com", IN_POLICY);

    // "nolisting": a dead first MX. "the others count when decided. All pass: `pass`."
    let d = "lab-nolisting.com";
    pair(w, d)?;
    w.address("mx1.lab-nolisting.com", CLOSED.into());
    w.good_host("mx2.lab-nolisting.com")?;
    // Over the primary alone: "Nothing failed and nothing decided: `indeterminate`."
    w.expect(d, "the first host is dead on purpose", &[OPEN, ENFORCED], &[("sts_verdict_primary", "indeterminate")]);
    w.expect_mx("mx1.lab-nolisting.com", &[UNDECIDED, &[("sts_mx_match", "true")]].concat());
    w.expect_mx("mx2.lab-nolisting.com", IN_POLICY);
    Ok(())
}

fn pair(w: &mut World, domain: &str) -> Result<(), LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &format!("mx1.{domain}")), (20, &format!("mx2.{domain}"))]);
    w.policy(domain, &policy("enforce", &[&format!("*.{domain}")]))
}

fn plain_host(w: &mut World, host: &str) -> Result<(), LabError> {
    let chain = w.pki.issue(&Leaf::good(host))?;
    w.server(host, Server { ehlo: Ehlo::Plain, ..Server::good(Chains::always(chain)) });
    Ok(())
}
