//! Judges that others wrote: each looks at the same lab as the real program, and must come to the same conclusion.
//!
//! The lab runs on real ports in a network namespace behind a real Unbound and is scanned once ([`lab`]); then every
//! judge is asked about every domain, host or answer: Postfix's [`posttls`]-finger, [`openssl`] s_client, [`pyca`]
//! (cryptography), the [`sts_query`] of postfix-mta-sts-resolver, and BIND's [`delv`].
//! [`servers`] turns it round: a real Postfix and a real nginx are scanned, with verdicts written by hand.
//! [`verifiers`] asks OpenSSL and Go about chains, without a lab.
//!
//! Needs root on Linux and the programs that `make judges` installs. Where one is missing the test says `skipped: …`, or
//! fails if MXCENSUS_REQUIRE_INTEROP is set.

mod delv;
mod differences;
mod lab;
mod lab_itself;
mod openssl;
mod posttls;
mod pyca;
mod servers;
mod sts_query;
mod verifiers;

/// One test, for the lab is brought up and scanned once: every judge is asked about what that scan saw.
#[test]
fn every_judge_agrees() {
    let judges: [(&str, fn()); 7] = [
        ("verdicts written by hand", lab_itself::every_row_agrees_on_real_ports),
        ("delv", delv::states_of_every_answer),
        ("openssl", openssl::dane_at_every_address),
        ("posttls-finger, DANE", posttls::dane_for_every_domain_and_host),
        ("posttls-finger, PKIX", posttls::pkix_for_every_host),
        ("cryptography", pyca::pkix_for_every_host),
        ("mta-sts-query", sts_query::policies_of_every_domain),
    ];
    for (name, judge) in judges {
        let begun = std::time::Instant::now();
        judge();
        println!("{name}: {:.0} s", begun.elapsed().as_secs_f64());
    }
}
