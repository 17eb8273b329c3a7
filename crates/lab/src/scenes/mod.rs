//! The scenes, by theme. Each adds a few domains to the [`World`] and says what must be concluded.
//!
//! Names: every domain begins with `lab-`, under top-level domains of the lab's own that are named after
//! real ones, so that the public suffix list applies. `com` and `net` are signed with NSEC3 and opt-out,
//! `org` with NSEC3, `nl` and `se` with NSEC, `de` is unsigned.

use super::LabError;
use super::pki::Chain;
use super::signing::Algorithm;
use super::wire::{Kind, rdata};
use super::world::{Cell, Vantage, World};
use super::zone::{Denial, Signing};

mod basics;
mod dane;
mod dane_names;
mod dnssec;
pub mod hostile;
mod lists;
mod mail;
mod mx_certificates;
mod policies;
mod policy_hosts;
mod records;
mod smtp_sessions;
mod tls_sessions;

/// Every scene, as of `now` (seconds since the Unix epoch).
pub fn all(now: i64, vantage: Vantage) -> Result<World, LabError> {
    let mut world = World::new(now, vantage)?;
    top(&mut world);
    basics::add(&mut world)?;
    records::add(&mut world)?;
    policies::add(&mut world)?;
    policy_hosts::add(&mut world)?;
    mx_certificates::add(&mut world)?;
    lists::add(&mut world)?;
    smtp_sessions::add(&mut world)?;
    tls_sessions::add(&mut world)?;
    dane::add(&mut world)?;
    dane_names::add(&mut world)?;
    dnssec::add(&mut world)?;
    mail::add(&mut world)?;
    Ok(world)
}

/// The root, the top-level domains, and two hosting companies: one signed, one not.
fn top(w: &mut World) {
    let nsec3 = |opt_out| Signing { denial: Denial::Nsec3 { iterations: 0, opt_out }, ..signed() };
    w.zone(".", Some(Signing { algorithm: Algorithm::RsaSha256, ..signed() }));
    w.zone("com", Some(nsec3(true)));
    w.zone("net", Some(nsec3(true)));
    w.zone("org", Some(nsec3(false)));
    w.zone("nl", Some(signed()));
    w.zone("se", Some(Signing { algorithm: Algorithm::RsaSha512, ..signed() }));
    w.zone("de", None);
    w.record("ns.lab-dns.net", Kind::A, rdata::a([127, 0, 0, 1].into()));
    w.zone("lab-signed-hoster.org", Some(signed_nsec3()));
    w.zone("lab-plain-hoster.com", None);
}

/// A zone signed as most are: ECDSA P-256, NSEC, a DS at the parent.
fn signed() -> Signing {
    Signing::default()
}

/// A zone signed with NSEC3.
fn signed_nsec3() -> Signing {
    Signing { denial: Denial::Nsec3 { iterations: 0, opt_out: false }, ..signed() }
}

/// A policy body of one week.
fn policy(mode: &str, mx: &[&str]) -> String {
    let mx: String = mx.iter().map(|pattern| format!("mx: {pattern}\n")).collect();
    format!("version: STSv1\nmode: {mode}\nmax_age: 604800\n{mx}")
}

/// The name that the one host of a domain has.
fn mx_of(domain: &str) -> String {
    format!("mx.{domain}")
}

/// An unsigned domain whose one host does everything well.
fn ordinary(w: &mut World, domain: &str) -> Result<Chain, LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.good_host(&mx_of(domain))
}

/// The same, signed.
fn ordinary_signed(w: &mut World, domain: &str) -> Result<Chain, LabError> {
    w.zone(domain, Some(signed()));
    w.mx(domain, &[(10, &mx_of(domain))]);
    w.good_host(&mx_of(domain))
}

/// A host that is in a policy in force and passes.
const IN_POLICY: &[Cell] = &[("sts", "pass"), ("sts_mx_match", "true")];

/// Cells one after the other.
fn cells(parts: &[&[Cell]]) -> Vec<Cell> {
    parts.concat()
}
