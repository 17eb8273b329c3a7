//! Judges that others wrote: each looks at the same lab as the real program, and must come to the same conclusion.
//!
//! The lab runs on real ports in a network namespace behind a real Unbound and is scanned once ([`lab`]); then every
//! judge is asked about every domain, host or answer: Postfix's [`posttls`]-finger, [`openssl`] s_client, [`pyca`]
//! (cryptography), the [`sts_query`] of postfix-mta-sts-resolver, and BIND's [`delv`].
//! [`servers`] turns it round: a real Postfix and a real nginx are scanned, with verdicts written by hand.
//!
//! Needs root on Linux and the programs that `make judges` installs. Where one is missing the test says `skipped: …`, or
//! fails if MXCENSUS_REQUIRE_INTEROP is set.

mod delv;
mod differences;
mod lab;
mod lab_itself;
mod namespace;
mod openssl;
mod posttls;
mod pyca;
mod servers;
mod sts_query;
