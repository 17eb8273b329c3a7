//! The lab on real ports, from a place that IPv6 does not reach: every row agrees with the verdict written by hand. There
//! the scenes without a route for a family are always present, whatever machine the tests run on.

use super::lab;

pub(super) fn every_row_agrees_on_real_ports() {
    let Some(lab) = lab::with(&[]) else { return };
    let comparison = mxcensus_lab::demo::compare(&lab.dataset, &lab.files.join("expected.jsonl")).unwrap();
    assert!(comparison.domains > 250 && comparison.values > 7_000, "{comparison}");
    assert!(comparison.disagreements.is_empty(), "{comparison}");
    for domain in ["lab-no-route-dual.com", "lab-no-route-policy.com", "lab-no-route-mx.com", "lab-mx-private.com"] {
        assert!(lab.verdicts.contains_key(domain), "{domain} is not in this lab");
    }
}
