//! Where DANE looks, and with which state (RFC 7672 §2.2): insecure answers, aliases, implicit MX, and
//! TLSA look-ups that fail.

use super::super::LabError;
use super::super::answer::Fault;
use super::super::expect::{DANE, DANE_INSECURE, OPEN, TLSA_LOST};
use super::super::pki::Leaf;
use super::super::smtp::Server;
use super::super::tls::Chains;
use super::super::wire::{Kind, Name};
use super::super::world::{Cell, World};
use super::super::zone::{Link, SetFault, Signing};
use super::{mx_of, ordinary, ordinary_signed, signed, signed_nsec3};

const MATCH: &[Cell] = &[("dane", "match"), ("dane_host", "match")];

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    insecure(w)?;
    aliases(w)?;
    lost(w)
}

fn insecure(w: &mut World) -> Result<(), LabError> {
    // "with an MX RRset that is not secure anything but `none` becomes `insecure`"; Postfix uses it even then.
    let d = "lab-dane-mx-insecure.com";
    w.zone(d, None);
    w.mx(d, &[(10, "mx1.lab-signed-hoster.org")]);
    let chain = w.good_host("mx1.lab-signed-hoster.org")?;
    w.tlsa("mx1.lab-signed-hoster.org", 3, 1, 1, chain.leaf()?);
    let cells =
        &[("mx_dnssec", "insecure"), ("dane_insecure_cause", "mx"), ("outcome_dane_insecure_mx", "authenticated")];
    w.expect(d, "an unsigned customer of a signed host", &[OPEN, DANE_INSECURE], cells);
    w.expect_mx("mx1.lab-signed-hoster.org", &[("dane", "insecure"), ("dane_host", "match")]);

    // "An address RRset that is insecure at the name itself: DANE does not apply (`address`)".
    let d = "lab-dane-address-insecure.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, "mx1.lab-plain-hoster.com")]);
    let chain = w.good_host("mx1.lab-plain-hoster.com")?;
    w.tlsa("mx1.lab-plain-hoster.com", 3, 1, 1, chain.leaf()?);
    w.expect(d, "a signed customer of an unsigned host", &[OPEN, DANE_INSECURE], &[("dane_insecure_cause", "address")]);
    w.expect_mx("mx1.lab-plain-hoster.com", &[("dane", "insecure"), ("dane_host", "insecure")]);

    let d = "lab-dane-tlsa-insecure.nl";
    let chain = ordinary_signed(w, d)?;
    w.alias("_25._tcp.mx.lab-dane-tlsa-insecure.nl", "tlsa.lab-plain-hoster.com");
    let data = super::super::wire::rdata::tlsa(3, 1, 1, &chain.leaf()?.association(1, 1));
    w.record("tlsa.lab-plain-hoster.com", Kind::TLSA, data);
    w.expect(d, "TLSA is an alias into an unsigned zone", &[OPEN, DANE_INSECURE], &[("dane_insecure_cause", "tlsa")]);
    w.expect_mx(&mx_of(d), &[("dane", "insecure"), ("dane_host", "insecure")]);

    // The commonest mistake: signed, and no DS at the parent.
    let d = "lab-dane-no-ds.nl";
    w.zone(d, Some(Signing { link: Link::Missing, ..signed() }));
    w.mx(d, &[(10, &mx_of(d))]);
    let chain = w.good_host(&mx_of(d))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    // "with its cause (the first that applies of `mx`, `address`, `tlsa`)".
    w.expect(d, "signed, and no DS at the parent", &[OPEN, DANE_INSECURE], &[("dane_insecure_cause", "mx")]);
    w.expect_mx(&mx_of(d), &[("dane", "insecure"), ("dane_host", "insecure")]);

    // An implicit MX: "(or, for an implicit MX, its denial)".
    let d = "lab-dane-implicit.nl";
    w.zone(d, Some(signed_nsec3()));
    let chain = w.good_host(d)?;
    w.tlsa(d, 3, 1, 1, chain.leaf()?);
    w.expect(d, "no MX, and TLSA at the domain", &[OPEN, DANE], &[("mx_status", "implicit"), ("mx_count", "0")]);
    w.expect_mx(d, &[MATCH, &[("preference", "0")]].concat());
    Ok(())
}

fn aliases(w: &mut World) -> Result<(), LabError> {
    // "every hop is secure: ask at the expanded name, then at the original"; SNI is the base domain.
    let d = "lab-dane-alias.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.alias(&mx_of(d), "mail1.lab-signed-hoster.org");
    let expanded = w.pki.issue(&Leaf::good("mail1.lab-signed-hoster.org"))?;
    let mut chains = Chains::always(w.pki.issue(&Leaf::good(&mx_of(d)))?);
    chains.by_name.insert("mail1.lab-signed-hoster.org".into(), expanded.clone());
    w.server("mail1.lab-signed-hoster.org", Server::good(chains));
    w.tlsa("mail1.lab-signed-hoster.org", 3, 1, 1, expanded.leaf()?);
    w.expect(d, "TLSA at the name that the MX host is an alias of", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("tlsa_base", "mail1.lab-signed-hoster.org")]].concat());

    // "then at the original": nothing at the expanded name.
    let d = "lab-dane-alias-original.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.alias(&mx_of(d), "mail2.lab-signed-hoster.org");
    let chain = w.host("mail2.lab-signed-hoster.org", &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.expect(d, "TLSA at the alias alone", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("tlsa_base", "mx.lab-dane-alias-original.nl")]].concat());

    // Walked by hand: "MX at a CNAME whose target is insecure with TLSA at the alias".
    let d = "lab-dane-alias-insecure.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    w.alias(&mx_of(d), "mail3.lab-plain-hoster.com");
    let chain = w.host("mail3.lab-plain-hoster.com", &Leaf::good(&mx_of(d)))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.expect(d, "the alias is secure, its target is not", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), &[MATCH, &[("tlsa_base", "mx.lab-dane-alias-insecure.nl")]].concat());

    // The MX host lies below a DNAME (RFC 6672).
    let d = "lab-dane-dname.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, "mx.old.lab-dane-dname.nl")]);
    w.record("old.lab-dane-dname.nl", Kind::DNAME, Name::new("new.lab-dane-dname.nl").wire());
    let chain = w.host("mx.new.lab-dane-dname.nl", &Leaf::good("mx.old.lab-dane-dname.nl"))?;
    w.tlsa("mx.new.lab-dane-dname.nl", 3, 1, 1, chain.leaf()?);
    w.expect(d, "the MX host lies below a DNAME", &[OPEN, DANE], &[]);
    w.expect_mx("mx.old.lab-dane-dname.nl", &[MATCH, &[("tlsa_base", "mx.new.lab-dane-dname.nl")]].concat());

    // The domain itself is an alias: "the expanded next-hop where the MX query went over CNAMEs".
    let d = "mail.lab-dane-alias-domain.nl";
    w.zone("lab-dane-alias-domain.nl", Some(signed()));
    w.alias(d, "lab-dane-pass.nl");
    w.expect(d, "the domain is an alias of another", &[OPEN, DANE], &[("mx_dnssec", "secure")]);
    w.expect_mx("mx.lab-dane-pass.nl", MATCH);

    // TLSA behind a wildcard (RFC 4592): the denial of the name itself must be proven too.
    let d = "lab-dane-wildcard.nl";
    let chain = ordinary_signed(w, d)?;
    let data = super::super::wire::rdata::tlsa(3, 1, 1, &chain.leaf()?.association(1, 1));
    w.record("*._tcp.mx.lab-dane-wildcard.nl", Kind::TLSA, data);
    w.expect(d, "TLSA by a wildcard", &[OPEN, DANE], &[]);
    w.expect_mx(&mx_of(d), MATCH);
    Ok(())
}

fn lost(w: &mut World) -> Result<(), LabError> {
    let host = [("dane", "lookup-failed"), ("dane_host", "lookup-failed"), ("failure", "tlsa-lookup-failed")];
    // "look-up bogus by proof, or SERVFAIL in a zone proven signed: `lookup-failed`".
    for (d, about, fault) in [
        ("lab-tlsa-expired.nl", "the signature over TLSA has expired", SetFault::Expired),
        ("lab-tlsa-corrupt.nl", "a bad signature over TLSA", SetFault::Corrupted),
        ("lab-tlsa-stripped.nl", "no signature over TLSA", SetFault::Stripped),
    ] {
        let chain = ordinary_signed(w, d)?;
        w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
        w.break_set(&format!("_25._tcp.{}", mx_of(d)), Kind::TLSA, fault);
        w.expect(d, about, &[OPEN, TLSA_LOST], &[("result_types", "[\"dnssec-invalid\"]")]);
        w.expect_mx(&mx_of(d), &host);
    }
    // "A broken denial of TLSA on a signed MX zone is its own finding", even though no TLSA is wanted.
    for (d, about, fault) in [
        ("lab-tlsa-unproven.nl", "TLSA is denied without proof", Fault::Unproven),
        ("lab-tlsa-servfail.nl", "SERVFAIL for TLSA in a signed zone", Fault::Servfail),
        // "below a secure address, SERVFAIL, REFUSED or a time-out that lasts".
        ("lab-tlsa-refused.nl", "REFUSED for TLSA in a signed zone", Fault::Refused),
        ("lab-tlsa-timeout.nl", "no answer for TLSA in a signed zone", Fault::Silent),
    ] {
        ordinary_signed(w, d)?;
        w.fault(&format!("_25._tcp.{}", mx_of(d)), Kind::TLSA, fault);
        w.expect(d, about, &[OPEN, TLSA_LOST], &[]);
        w.expect_mx(&mx_of(d), &host);
    }

    // "and a failed TLSA look-up there is no finding (`none`)": a load balancer that fails on TLSA, unsigned.
    let d = "lab-tlsa-unsigned-servfail.com";
    ordinary(w, d)?;
    w.fault(&format!("_25._tcp.{}", mx_of(d)), Kind::TLSA, Fault::Servfail);
    w.expect(d, "SERVFAIL for TLSA in an unsigned zone", &[OPEN], &[]);
    w.expect_mx(&mx_of(d), &[]);

    // "one whose address look-up is bogus: `lookup-failed`".
    let d = "lab-address-bogus.nl";
    let chain = ordinary_signed(w, d)?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.break_set(&mx_of(d), Kind::A, SetFault::Corrupted);
    let cells = &[("outcome_opportunistic", "*"), ("outcome_mta_sts", "*")];
    w.expect(d, "a bad signature over the host's address", &[OPEN, TLSA_LOST], cells);
    let cells = &[
        ("reached", "false"),
        ("decided", "false"),
        ("starttls", "unknown"),
        ("pkix", "null"),
        ("dane", "lookup-failed"),
        ("dane_host", "lookup-failed"),
        ("failure", "*"),
    ];
    w.expect_mx(&mx_of(d), cells);
    Ok(())
}
