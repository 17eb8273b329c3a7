//! The scenes, by theme. Each adds a few domains to the [`World`] and says what must be concluded.

use super::LabError;
use super::signing::Algorithm;
use super::wire::{Kind, rdata};
use super::world::{Vantage, World};
use super::zone::{Denial, Signing};

mod basics;

/// Every scene, as of `now` (seconds since the Unix epoch).
pub fn all(now: i64, vantage: Vantage) -> Result<World, LabError> {
    let mut world = World::new(now, vantage)?;
    top(&mut world);
    basics::add(&mut world)?;
    Ok(world)
}

/// The root and the top-level domains, named after real ones so that the public suffix list applies.
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
}

/// A zone signed as most are: ECDSA P-256, NSEC, a DS at the parent.
fn signed() -> Signing {
    Signing::default()
}

/// A zone signed with NSEC3.
fn signed_nsec3() -> Signing {
    Signing { denial: Denial::Nsec3 { iterations: 0, opt_out: false }, ..signed() }
}

/// A policy body.
fn policy(mode: &str, mx: &[&str]) -> String {
    let mx: String = mx.iter().map(|pattern| format!("mx: {pattern}\n")).collect();
    format!("version: STSv1\nmode: {mode}\nmax_age: 604800\n{mx}")
}
