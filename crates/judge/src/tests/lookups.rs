//! The TLSA base domain and what a look-up means (RFC 7672 2.2.2, 2.2.3), seen through `dane_host` and `tlsa_base`.

use super::world::*;
use super::{Case, case, check};
use crate::base_domain::other_server_name;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

const TARGET: &str = "target.example.net";

#[test]
fn base_domain_and_look_ups() {
    check(&cases());
}

fn hop(target: &str, dnssec: Option<Dnssec>) -> Cname {
    Cname { target: target.into(), dnssec }
}

/// The first host is an alias of [`TARGET`]; records at either name.
fn alias(world: &mut World, cname: Dnssec, target: Dnssec, at_target: &[TlsaRecord], at_host: &[TlsaRecord]) {
    let lookup = |name: &str, records: &[TlsaRecord], dnssec| TlsaLookup {
        dnssec: Some(dnssec),
        ..if records.is_empty() { denied(name) } else { found(name, records) }
    };
    world.hosts[0].cnames = Some(vec![hop(TARGET, Some(cname))]);
    world.hosts[0].a_dnssec = Some(if cname == Dnssec::Secure { target } else { cname });
    world.hosts[0].tlsa_lookups = Some(vec![lookup(TARGET, at_target, target), lookup(MX, at_host, cname)]);
}

/// The endpoint row that was sent the base domain as server name.
fn probe_at_base(world: &mut World) {
    let mut row = world.endpoints[0].clone();
    row.server_name = TARGET.into();
    world.endpoints.push(row);
}

pub(super) fn cases() -> Vec<Case> {
    [plain(), aliases(), without_address()].into_iter().flatten().collect()
}

fn plain() -> Vec<Case> {
    use Dnssec::{Bogus, Indeterminate, Insecure, Secure};
    let address = |why, expected, dnssec, lookup: TlsaLookup| {
        case(why, expected, move |w| {
            w.hosts[0].a_dnssec = dnssec;
            w.hosts[0].tlsa_lookups = Some(vec![lookup]);
        })
    };
    let tlsa = |why, expected, lookup| address(why, expected, Some(Secure), lookup);
    let insecurely = |lookup: TlsaLookup, dnssec| TlsaLookup { dnssec: Some(dnssec), ..lookup };
    let good = || found(MX, &[good_tlsa()]);
    vec![
        tlsa("securely denied", "mx0.dane_host=none mx0.tlsa_base=null", denied(MX)),
        tlsa("insecurely denied", "mx0.dane_host=none", insecurely(denied(MX), Insecure)),
        tlsa("secure records", "mx0.dane_host=match mx0.tlsa_base=mx.example.org mx0.tlsa_matched=0", good()),
        tlsa(
            "records that are not secure",
            "mx0.dane_host=insecure mx0.dane=insecure dane_verdict=insecure
             dane_insecure_cause=tlsa mx0.tlsa_base=null",
            insecurely(good(), Insecure),
        ),
        tlsa("records nobody could judge", "mx0.dane_host=unknown", insecurely(good(), Indeterminate)),
        tlsa("a denial nobody could judge", "mx0.dane_host=unknown", insecurely(denied(MX), Indeterminate)),
        tlsa(
            "bogus",
            "mx0.dane_host=lookup-failed dane_verdict=lookup-failed mx0.failure=tlsa-lookup-failed
             mx0.result_type=dnssec-invalid",
            failed(MX, Failure::DnssecBogus, Some(Bogus)),
        ),
        tlsa("bogus by the word alone", "mx0.dane_host=lookup-failed", failed(MX, Failure::DnssecBogus, None)),
        tlsa(
            "SERVFAIL in a signed zone",
            "mx0.dane_host=lookup-failed outcome_dane=refused outcome_both=refused
             outcome_mta_sts=authenticated",
            failed(MX, Failure::Servfail, Some(Indeterminate)),
        ),
        tlsa(
            "a time-out that lasts, where the resolver gave a secure address",
            "mx0.dane_host=lookup-failed mx0.dane_host@tlsa-no-answer-signed dane_verdict=lookup-failed
             mx0.failure=tlsa-lookup-failed outcome_dane=refused outcome_dane_insecure_mx=refused outcome_both=refused
             outcome_mta_sts=authenticated",
            failed(MX, Failure::DnsTimeout, Some(Indeterminate)),
        ),
        tlsa(
            "REFUSED, where the resolver gave a secure address",
            "mx0.dane_host=lookup-failed mx0.dane_host@tlsa-no-answer-signed outcome_dane=refused outcome_both=refused",
            failed(MX, Failure::Refused, Some(Indeterminate)),
        ),
        tlsa(
            "REFUSED under trust-ad, which gives no state",
            "mx0.dane_host=lookup-failed",
            failed(MX, Failure::Refused, None),
        ),
        tlsa(
            "no name can be so long as the owner would be",
            "mx0.dane_host=none mx0.dane_host@tlsa-denied",
            failed(MX, Failure::InvalidName, Some(Indeterminate)),
        ),
        tlsa("cancelled", "mx0.dane_host=unknown mx0.dane_host@tlsa-not-asked", failed(MX, Failure::Cancelled, None)),
        tlsa("a denial that is bogus", "mx0.dane_host=lookup-failed", insecurely(denied(MX), Bogus)),
        case("not asked", "mx0.dane_host=unknown dane_verdict=indeterminate", |w| w.hosts[0].tlsa_lookups = None),
        case("asked under another name only", "mx0.dane_host=unknown", |w| {
            w.hosts[0].tlsa_lookups = Some(vec![found("other.example.org", &[good_tlsa()])]);
        }),
        address(
            "records under an insecure address",
            "mx0.dane_host=insecure dane_verdict=insecure
                dane_insecure_cause=address outcome_dane=encrypted",
            Some(Insecure),
            good(),
        ),
        address(
            "a failure under an insecure address is no finding",
            "mx0.dane_host=none dane_verdict=none
             mx0.dane_host@tlsa-failed-under-insecure-address",
            Some(Insecure),
            failed(MX, Failure::Servfail, Some(Indeterminate)),
        ),
        address("a denial under an insecure address", "mx0.dane_host=none", Some(Insecure), denied(MX)),
        address(
            "a broken denial under an insecure address stops no mail",
            "mx0.dane_host=none mx0.dane_host@tlsa-denied",
            Some(Insecure),
            insecurely(denied(MX), Bogus),
        ),
        case("no question under an insecure address", "mx0.dane_host=none", |w| {
            w.hosts[0].a_dnssec = Some(Insecure);
            w.hosts[0].tlsa_lookups = Some(vec![]);
        }),
        address("an address nobody could judge, and records", "mx0.dane_host=unknown", Some(Indeterminate), good()),
        address("an address nobody could judge, and none", "mx0.dane_host=none", Some(Indeterminate), denied(MX)),
        address(
            "an address nobody could judge, and records that are insecure",
            "mx0.dane_host=insecure",
            Some(Indeterminate),
            insecurely(good(), Insecure),
        ),
        address(
            "SERVFAIL where nothing proves the zone signed",
            "mx0.dane_host=unknown",
            Some(Indeterminate),
            failed(MX, Failure::Servfail, Some(Indeterminate)),
        ),
        address(
            "REFUSED where nothing proves the zone signed",
            "mx0.dane_host=unknown mx0.dane_host@tlsa-failed-unproven dane_verdict=indeterminate outcome_dane=indeterminate",
            Some(Indeterminate),
            failed(MX, Failure::Refused, Some(Indeterminate)),
        ),
        address(
            "a time-out where nothing proves the zone signed",
            "mx0.dane_host=unknown",
            Some(Indeterminate),
            failed(MX, Failure::DnsTimeout, Some(Indeterminate)),
        ),
        address(
            "a time-out under an insecure address is no finding",
            "mx0.dane_host=none",
            Some(Insecure),
            failed(MX, Failure::DnsTimeout, Some(Indeterminate)),
        ),
        case("A secure and AAAA not", "mx0.dane_host=insecure dane_insecure_cause=address", |w| {
            w.publish(0, &[good_tlsa()]);
            w.hosts[0].aaaa_status = Some(DnsStatus::Found);
            w.hosts[0].aaaa_dnssec = Some(Insecure);
        }),
        case("an insecure denial of AAAA is no matter", "mx0.dane_host=match", |w| {
            w.publish(0, &[good_tlsa()]);
            w.hosts[0].aaaa_dnssec = Some(Insecure);
        }),
        case("a failed AAAA look-up beside a found A is no matter", "mx0.dane_host=match", |w| {
            w.publish(0, &[good_tlsa()]);
            w.hosts[0].aaaa_status = Some(DnsStatus::Error);
            w.hosts[0].aaaa_error = Some(Failure::DnssecBogus);
            w.hosts[0].aaaa_dnssec = Some(Bogus);
        }),
        case(
            "only unusable records",
            "mx0.dane_host=unusable dane_verdict=unusable mx0.failure=tlsa-unusable
             mx0.result_type=tlsa-invalid outcome_dane=encrypted outcome_both=authenticated protection_dane=never
             mx0.tlsa_base=mx.example.org",
            |w| w.publish(0, &[unusable_tlsa()]),
        ),
        case("an empty digest is unusable", "mx0.dane_host=unusable", |w| {
            w.publish(0, &[TlsaRecord { data: String::new(), ..good_tlsa() }]);
        }),
        case("an unusable one beside a good one", "mx0.dane_host=match mx0.tlsa_matched=1", |w| {
            w.publish(0, &[unusable_tlsa(), good_tlsa()]);
        }),
        case(
            "--dnssec off, records",
            "mx0.dane_host=unknown mx0.dane=unknown dane_verdict=indeterminate
             dane_verdict_primary=indeterminate outcome_dane=indeterminate outcome_both=indeterminate
             outcome_dane_insecure_mx=indeterminate protection_dane=indeterminate protection_both=indeterminate
             outcome_mta_sts=authenticated protection_mta_sts=after-first-contact sts_verdict=pass",
            |w| {
                w.publish(0, &[good_tlsa()]);
                dnssec_off(w);
            },
        ),
        case(
            "--dnssec off, none",
            "mx0.dane_host=none mx0.dane=none dane_verdict=indeterminate
             outcome_dane=indeterminate outcome_both=indeterminate outcome_dane@dnssec-off",
            dnssec_off,
        ),
    ]
}

fn dnssec_off(w: &mut World) {
    w.domain.mx_dnssec = None;
    w.hosts[0].a_dnssec = None;
    w.hosts[0].aaaa_dnssec = None;
    for lookup in w.hosts[0].tlsa_lookups.iter_mut().flatten() {
        lookup.dnssec = None;
    }
}

fn aliases() -> Vec<Case> {
    use Dnssec::{Indeterminate, Insecure, Secure};
    vec![
        case(
            "every hop secure: the expanded name first",
            "mx0.tlsa_base=target.example.net mx0.dane_host=match",
            |w| {
                alias(w, Secure, Secure, &[good_tlsa()], &[stale_tlsa()]);
                probe_at_base(w);
            },
        ),
        case("then the original", "mx0.tlsa_base=mx.example.org mx0.dane_host=match", |w| {
            alias(w, Secure, Secure, &[], &[good_tlsa()]);
        }),
        case("neither", "mx0.dane_host=none mx0.tlsa_base=null", |w| alias(w, Secure, Secure, &[], &[])),
        case("a failure at the expanded name ends the search", "mx0.dane_host=lookup-failed", |w| {
            alias(w, Secure, Secure, &[], &[good_tlsa()]);
            w.hosts[0].tlsa_lookups.as_mut().unwrap()[0] = failed(TARGET, Failure::Servfail, Some(Indeterminate));
        }),
        case(
            "insecure records at the expanded name, secure ones at the original",
            "mx0.tlsa_base=mx.example.org",
            |w| {
                alias(w, Secure, Secure, &[good_tlsa()], &[good_tlsa()]);
                w.hosts[0].tlsa_lookups.as_mut().unwrap()[0].dnssec = Some(Insecure);
            },
        ),
        case(
            "insecure records at the expanded name, none at the original",
            "mx0.dane_host=insecure
             dane_insecure_cause=tlsa",
            |w| {
                alias(w, Secure, Secure, &[good_tlsa()], &[]);
                w.hosts[0].tlsa_lookups.as_mut().unwrap()[0].dnssec = Some(Insecure);
            },
        ),
        case(
            "a secure CNAME with an insecure target keeps DANE at the alias",
            "mx0.tlsa_base=mx.example.org
             mx0.dane_host=match dane_verdict=pass",
            |w| {
                alias(w, Secure, Insecure, &[stale_tlsa()], &[good_tlsa()]);
            },
        ),
        case("an insecure CNAME: DANE does not apply", "mx0.dane_host=insecure dane_insecure_cause=address", |w| {
            alias(w, Insecure, Insecure, &[good_tlsa()], &[good_tlsa()]);
        }),
        case("an insecure CNAME into a signed zone: the host itself counts, and has none", "mx0.dane_host=none", |w| {
            alias(w, Insecure, Secure, &[good_tlsa()], &[]);
        }),
        case("a CNAME nobody could judge", "mx0.dane_host=unknown", |w| {
            alias(w, Indeterminate, Insecure, &[], &[good_tlsa()]);
        }),
        case("two hops, the second insecure", "mx0.tlsa_base=mx.example.org mx0.dane_host=match", |w| {
            alias(w, Secure, Insecure, &[], &[good_tlsa()]);
            w.hosts[0].cnames = Some(vec![hop("middle.example", Some(Secure)), hop(TARGET, Some(Insecure))]);
        }),
        case("a whole answer that is secure vouches for its hops", "mx0.tlsa_base=target.example.net", |w| {
            alias(w, Secure, Secure, &[good_tlsa()], &[]);
            w.hosts[0].cnames = Some(vec![hop(TARGET, None)]);
        }),
        case("a hop that is said to be insecure is, whatever the whole", "mx0.dane_host=insecure", |w| {
            alias(w, Secure, Secure, &[good_tlsa()], &[good_tlsa()]);
            w.hosts[0].cnames = Some(vec![hop(TARGET, Some(Insecure))]);
        }),
        case(
            "the columns rest on the row with the base domain in SNI",
            "mx0.dane_host=mismatch mx0.sts=pass
             mx0.tlsa_base=target.example.net",
            |w| {
                alias(w, Secure, Secure, &[good_tlsa()], &[]);
                probe_at_base(w);
                w.endpoints[1].shows(Kind::OtherRoot);
            },
        ),
        case(
            "without that row nothing is known",
            "mx0.dane_host=unknown mx0.decided=true outcome_dane=indeterminate",
            |w| {
                alias(w, Secure, Secure, &[good_tlsa()], &[]);
            },
        ),
        case("a row under a name that nobody asks for is left out", "mx0.dane_host=match", |w| {
            w.publish(0, &[good_tlsa()]);
            probe_at_base(w);
            w.endpoints[1].shows(Kind::OtherRoot);
        }),
    ]
}

fn without_address() -> Vec<Case> {
    let status = |why, expected, status| {
        case(why, expected, move |w: &mut World| {
            w.hosts[0].host_status = status;
            w.hosts[0].a_status = Some(DnsStatus::Nxdomain);
            w.hosts[0].a_dnssec = None;
            w.hosts[0].addresses = None;
            w.endpoints.clear();
        })
    };
    vec![
        status(
            "all MX names gone",
            "mx0.dane_host=none dane_verdict=none mx0.reached=false mx0.decided=false
               outcome_opportunistic=unreachable outcome_dane=unreachable outcome_mta_sts=unreachable
               sts_verdict=indeterminate sts_failure=nxdomain",
            HostStatus::Nxdomain,
        ),
        status("no address", "mx0.dane_host=none outcome_both=unreachable", HostStatus::NoAddress),
        status("not a name", "mx0.dane_host=none outcome_opportunistic=unreachable", HostStatus::InvalidName),
        status(
            "an address literal",
            "mx0.dane_host=none outcome_opportunistic=unreachable",
            HostStatus::AddressLiteral,
        ),
        status("opted out", "mx0.dane_host=unknown outcome_opportunistic=indeterminate", HostStatus::OptedOut),
        status(
            "the address look-up failed",
            "mx0.dane_host=unknown outcome_opportunistic=indeterminate
               outcome_dane=indeterminate dane_verdict=indeterminate",
            HostStatus::Error,
        ),
        case(
            "the address look-up is bogus",
            "mx0.dane_host=lookup-failed mx0.failure=dnssec-bogus
             mx0.result_type=dnssec-invalid dane_verdict=lookup-failed outcome_dane=refused
             outcome_opportunistic=indeterminate",
            |w| {
                w.hosts[0].host_status = HostStatus::Error;
                w.hosts[0].a_status = Some(DnsStatus::Error);
                w.hosts[0].a_error = Some(Failure::DnssecBogus);
                w.hosts[0].a_dnssec = Some(Dnssec::Bogus);
                w.hosts[0].addresses = None;
                w.endpoints.clear();
            },
        ),
        case("bogus by the state of AAAA alone", "mx0.dane_host=lookup-failed", |w| {
            address_error(w, Failure::Servfail);
            w.hosts[0].aaaa_dnssec = Some(Dnssec::Bogus);
        }),
        case("bogus by the word alone", "mx0.dane_host=lookup-failed", |w| address_error(w, Failure::DnssecBogus)),
        case("a name that cannot be one, without a row", "mx0.dane=none outcome_opportunistic=unreachable", |w| {
            w.domain.mx = Some(vec![Mx { preference: 10, host: "not a name".into() }]);
        }),
    ]
}

fn address_error(w: &mut World, error: Failure) {
    w.hosts[0].host_status = HostStatus::Error;
    w.hosts[0].a_status = Some(DnsStatus::Error);
    w.hosts[0].a_error = Some(error);
    w.hosts[0].a_dnssec = None;
    w.hosts[0].addresses = None;
    w.endpoints.clear();
}

/// RFC 7672 8.1: the base domain in SNI, where it is another name and there is something to match.
#[test]
fn a_second_server_name() {
    let other = |change: fn(&mut World)| {
        let mut world = World::good();
        change(&mut world);
        other_server_name(&world.hosts[0])
    };
    assert_eq!(other(|_| ()), None);
    assert_eq!(other(|w| w.publish(0, &[good_tlsa()])), None);
    assert_eq!(other(|w| alias(w, Dnssec::Secure, Dnssec::Secure, &[good_tlsa()], &[])).as_deref(), Some(TARGET));
    assert_eq!(other(|w| alias(w, Dnssec::Secure, Dnssec::Secure, &[], &[good_tlsa()])), None);
    assert_eq!(other(|w| alias(w, Dnssec::Secure, Dnssec::Secure, &[unusable_tlsa()], &[])), None);
}
