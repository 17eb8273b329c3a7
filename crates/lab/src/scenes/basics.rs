//! One of each: the shapes that most domains have.

use super::super::LabError;
use super::super::expect::{DANE, ENFORCED, NO_MAIL, OPEN};
use super::super::world::World;
use super::{policy, signed, signed_nsec3};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    let d = "lab-sts-pass.com";
    w.zone(d, None);
    w.mx(d, &[(10, "mx.lab-sts-pass.com")]);
    w.good_host("mx.lab-sts-pass.com")?;
    w.policy(d, &policy("enforce", &["mx.lab-sts-pass.com"]))?;
    w.txt(
        "_smtp._tls.lab-sts-pass.com",
        "v=TLSRPTv1; rua=mailto:tls@lab-sts-pass.com,https://report.lab-sts-pass.com/v1",
    );
    w.expect(d, "MTA-STS as it should be", &[OPEN, ENFORCED], &[("tlsrpt", "valid"), ("result_types", "[]")]);
    w.expect_mx("mx.lab-sts-pass.com", &[("sts", "pass"), ("sts_mx_match", "true")]);

    let d = "lab-dane-pass.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, "mx.lab-dane-pass.nl")]);
    let chain = w.good_host("mx.lab-dane-pass.nl")?;
    w.tlsa("mx.lab-dane-pass.nl", 3, 1, 1, chain.leaf()?);
    w.expect(d, "DANE as it should be", &[OPEN, DANE], &[("mx_dnssec", "secure")]);
    w.expect_mx("mx.lab-dane-pass.nl", &[("dane", "match"), ("dane_host", "match"), ("tlsa_matched", "0")]);

    let d = "lab-both-pass.org";
    w.zone(d, Some(signed_nsec3()));
    w.mx(d, &[(10, "mx.lab-both-pass.org")]);
    let chain = w.good_host("mx.lab-both-pass.org")?;
    w.tlsa("mx.lab-both-pass.org", 3, 1, 1, chain.leaf()?);
    w.policy(d, &policy("enforce", &["*.lab-both-pass.org"]))?;
    w.expect(d, "MTA-STS and DANE together", &[OPEN, ENFORCED, DANE], &[("protection_both", "always")]);
    w.expect_mx(
        "mx.lab-both-pass.org",
        &[("sts", "pass"), ("sts_mx_match", "true"), ("dane", "match"), ("dane_host", "match")],
    );

    let d = "lab-null-mx.com";
    w.zone(d, None);
    w.mx(d, &[(0, ".")]);
    w.expect(d, "null MX (RFC 7505)", &[NO_MAIL], &[("mx_status", "\"null\""), ("mx_count", "0")]);
    Ok(())
}
