//! DNSSEC as such (RFC 4035, RFC 5155): algorithms, islands of unknown algorithms, and every way of
//! being bogus.

use super::super::LabError;
use super::super::expect::{DANE, DANE_INSECURE, MX_BOGUS, OPEN};
use super::super::signing::Algorithm;
use super::super::wire::Kind;
use super::super::world::World;
use super::super::zone::{Denial, Link, SetFault, Signing};
use super::{mx_of, signed, signed_nsec3};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    // "algorithms 8, 10, 13, 14, 15"; NSEC3 with opt-out above and without.
    let nsec3 = Denial::Nsec3 { iterations: 5, opt_out: true };
    for (d, about, signing) in [
        ("lab-algorithm-8.com", "RSASHA256, below an opt-out TLD", Algorithm::RsaSha256),
        ("lab-algorithm-10.com", "RSASHA512", Algorithm::RsaSha512),
        ("lab-algorithm-13.com", "ECDSAP256SHA256", Algorithm::EcdsaP256),
        ("lab-algorithm-14.se", "ECDSAP384SHA384", Algorithm::EcdsaP384),
        ("lab-algorithm-15.se", "ED25519", Algorithm::Ed25519),
        ("lab-nsec3-iterations.org", "NSEC3 with extra iterations and opt-out", Algorithm::EcdsaP256),
    ] {
        let denial = if d == "lab-nsec3-iterations.org" { nsec3 } else { Denial::Nsec };
        w.zone(d, Some(Signing { algorithm: signing, denial, ..signed() }));
        w.mx(d, &[(10, &mx_of(d))]);
        let chain = w.good_host(&mx_of(d))?;
        w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
        w.expect(d, about, &[OPEN, DANE], &[("mx_dnssec", "secure")]);
        w.expect_mx(&mx_of(d), &[("dane", "match"), ("dane_host", "match")]);
    }

    // An algorithm that nobody implements: insecure (RFC 4035 §5.2).
    let d = "lab-algorithm-200.nl";
    w.zone(d, Some(Signing { algorithm: Algorithm::Unknown, ..signed() }));
    w.mx(d, &[(10, &mx_of(d))]);
    let chain = w.good_host(&mx_of(d))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    let cells = &[("mx_dnssec", "insecure"), ("dane_insecure_cause", "mx")];
    w.expect(d, "an algorithm that nobody implements", &[OPEN, DANE_INSECURE], cells);
    w.expect_mx(&mx_of(d), &[("dane", "insecure"), ("dane_host", "insecure")]);

    // Signed, and no TLSA: "securely … denied: `none`", in an NSEC and in an NSEC3 zone.
    for (d, about, signing) in [
        ("lab-signed-nsec.nl", "signed with NSEC, no TLSA", signed()),
        ("lab-signed-nsec3.org", "signed with NSEC3, no TLSA", signed_nsec3()),
    ] {
        w.zone(d, Some(signing));
        w.mx(d, &[(10, &mx_of(d))]);
        w.good_host(&mx_of(d))?;
        w.expect(d, about, &[OPEN], &[("mx_dnssec", "secure")]);
        w.expect_mx(&mx_of(d), &[]);
    }

    // Below an unsigned TLD nothing can be secure, whatever the zone does.
    let d = "lab-below-unsigned.de";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.good_host(&mx_of(d))?;
    w.expect(d, "a signed zone below an unsigned one", &[OPEN], &[("mx_dnssec", "insecure")]);
    w.expect_mx(&mx_of(d), &[]);

    // "bogus", zone by zone: nothing in them can be had.
    let lost = &[("sts_record", "error"), ("tlsrpt", "error")];
    for (d, about, signing) in [
        ("lab-bogus-expired.nl", "every signature has expired", Signing { fault: Some(SetFault::Expired), ..signed() }),
        (
            "lab-bogus-future.org",
            "every signature begins next week",
            Signing { fault: Some(SetFault::NotYetValid), ..signed_nsec3() },
        ),
        ("lab-bogus-corrupt.nl", "every signature is broken", Signing { fault: Some(SetFault::Corrupted), ..signed() }),
        ("lab-bogus-stripped.nl", "a DS, and no signatures", Signing { fault: Some(SetFault::Stripped), ..signed() }),
        ("lab-bogus-ds.com", "the DS is of another key", Signing { link: Link::Mismatch, ..signed() }),
    ] {
        w.zone(d, Some(signing));
        w.mx(d, &[(10, &mx_of(d))]);
        w.good_host(&mx_of(d))?;
        w.expect(d, about, &[MX_BOGUS], lost);
        // "After a bogus answer: what CD=1 returned, for information": hosts may be listed, nothing follows from them.
    }

    // The MX RRset alone is bogus; the rest of the zone is fine.
    let d = "lab-bogus-mx.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.good_host(&mx_of(d))?;
    w.break_set(d, Kind::MX, SetFault::Expired);
    w.expect(d, "the signature over MX has expired", &[MX_BOGUS], &[("sts_record", "absent"), ("tlsrpt", "absent")]);
    Ok(())
}
