//! DANE: a host against its records, the verdict over hosts, what stands beside it.

use super::world::*;
use super::{Case, case, check};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

#[test]
fn hosts_and_verdicts() {
    check(&cases());
}

pub(super) fn cases() -> Vec<Case> {
    [one_host(), verdicts(), conflicts()].into_iter().flatten().collect()
}

/// One host with records, changed.
fn with(
    why: &'static str,
    records: &[TlsaRecord],
    expected: &'static str,
    change: impl FnOnce(&mut EndpointRow),
) -> Case {
    let records = records.to_vec();
    case(why, expected, |w| {
        w.publish(0, &records);
        change(&mut w.endpoints[0]);
    })
}

fn one_host() -> Vec<Case> {
    let good = || vec![good_tlsa()];
    vec![
        with(
            "a match",
            &good(),
            "mx0.dane=match mx0.dane_host=match mx0.tlsa_matched=0 mx0.agility_changed=false
             mx0.tlsa_mismatch_cause=null mx0.failure=null dane_verdict=pass outcome_dane=authenticated
             outcome_dane_insecure_mx=authenticated outcome_both=authenticated protection_dane=always
             protection_both=always dane_insecure_cause=null",
            |_| {},
        ),
        with(
            "an expired certificate under a matching 3 1 1 and an enforced policy",
            &[PKI.tlsa(3, Kind::Expired, 0)],
            "mx0.dane=match mx0.pkix=cert-expired mx0.sts=fail mx0.failure=null mx0.result_type=null dane_verdict=pass
              sts_verdict=fail conflict=dane-pass-sts-fail outcome_mta_sts=refused outcome_dane=authenticated
              outcome_both=authenticated",
            |e| {
                e.shows(Kind::Expired);
            },
        ),
        with(
            "a mismatch",
            &[stale_tlsa()],
            "mx0.dane=mismatch mx0.failure=tlsa-mismatch mx0.result_type=tlsa-invalid
             mx0.tlsa_matched=null dane_verdict=fail sts_verdict=pass conflict=dane-fail-sts-pass
             outcome_dane=refused outcome_both=refused outcome_mta_sts=authenticated result_types=[tlsa-invalid]
             protection_dane=always",
            |_| {},
        ),
        with(
            "one match among others is enough",
            &[stale_tlsa(), good_tlsa()],
            "mx0.dane=match mx0.tlsa_matched=1",
            |_| {},
        ),
        with(
            "the record of another certificate in the chain",
            &[PKI.tlsa(3, Kind::Long, 1)],
            "mx0.dane=mismatch mx0.tlsa_mismatch_cause=other-certificate",
            |e| {
                e.shows(Kind::Long);
            },
        ),
        with(
            "no STARTTLS",
            &good(),
            "mx0.dane=no-tls mx0.failure=starttls-not-offered dane_verdict=fail
             mx0.result_type=starttls-not-supported outcome_dane=refused outcome_opportunistic=plaintext
             mx0.agility_changed=false",
            |e| {
                e.without_starttls();
            },
        ),
        with(
            "no handshake",
            &good(),
            "mx0.dane=no-tls mx0.failure=tls-alert mx0.result_type=validation-failure",
            |e| {
                e.ends(EndpointStage::Tls, Failure::TlsAlert);
            },
        ),
        with(
            "undecided",
            &good(),
            "mx0.dane=unknown dane_verdict=indeterminate mx0.failure=null protection_dane=always
             mx0.agility_changed=null",
            |e| {
                e.greets(554);
            },
        ),
        with(
            "unusable, and undecided all the same",
            &[unusable_tlsa()],
            "mx0.dane=unusable dane_verdict=unusable",
            |e| {
                e.greets(554);
            },
        ),
        with(
            "the peer does not hold the key",
            &good(),
            "mx0.dane=mismatch mx0.dane_host=mismatch mx0.failure=cert-invalid
             outcome_dane=refused",
            |e| e.key_proof = Some(KeyProof::Failed),
        ),
        with(
            "RSA key exchange: shown, and proves nothing",
            &good(),
            "mx0.dane_host=match mx0.dane=mismatch
             mx0.pkix=valid mx0.failure=key-proof-unchecked dane_verdict=fail outcome_dane=refused mx0.tlsa_matched=0
             outcome_opportunistic=encrypted outcome_dane_insecure_mx=refused",
            |e| {
                e.legacy("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", KeyProof::NotChecked);
            },
        ),
        with(
            "TLS 1.0 with a proven key is TLS to DANE",
            &good(),
            "mx0.dane=match mx0.sts=fail outcome_dane=authenticated
             outcome_both=authenticated",
            |e| {
                e.legacy("TLSv1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
            },
        ),
        with("anonymous", &good(), "mx0.dane=mismatch mx0.failure=anonymous-tls outcome_dane=refused", |e| {
            e.legacy("TLSv1.2", "TLS_DH_anon_WITH_AES_128_CBC_SHA", KeyProof::NotChecked).legacy_chain = None;
        }),
        with(
            "a handshake without a certificate in the row",
            &good(),
            "mx0.dane=mismatch mx0.failure=tlsa-mismatch",
            |e| {
                e.chain = None;
            },
        ),
        with("usage 3 needs the leaf alone", &[stale_tlsa()], "mx0.dane=mismatch", |e| e.chain_truncated = true),
        with(
            "usage 2 may have matched what was cut off",
            &[PKI.tlsa(2, Kind::Long, 1)],
            "mx0.dane=unknown
             dane_verdict=indeterminate outcome_dane=indeterminate mx0.decided=true",
            |e| {
                e.shows(Kind::WithoutIntermediate).chain_truncated = true;
            },
        ),
        with("usage 2, intermediate presented", &[PKI.tlsa(2, Kind::Long, 1)], "mx0.dane=match", |e| {
            e.shows(Kind::Long);
        }),
        with("the leaf is lost in the dataset", &good(), "mx0.dane=unknown", |e| e.chain = Some(vec!["00".repeat(32)])),
        case("records cut by our cap", "mx0.dane=unknown", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.hosts[0].tlsa_truncated = true;
        }),
        case("published between look-up and handshake", "mx0.dane=match mx0.tlsa_matched=1", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.endpoints[0].tlsa_after = Some(vec![found(MX, &[stale_tlsa(), good_tlsa()])]);
        }),
        case("taken away between look-up and handshake", "mx0.dane=match mx0.tlsa_matched=0", |w| {
            w.publish(0, &[good_tlsa()]);
            w.endpoints[0].tlsa_after = Some(vec![found(MX, &[stale_tlsa()])]);
        }),
        case("an insecure answer afterwards does not count", "mx0.dane=mismatch", |w| {
            w.publish(0, &[stale_tlsa()]);
            let after = TlsaLookup { dnssec: Some(Dnssec::Insecure), ..found(MX, &[good_tlsa()]) };
            w.endpoints[0].tlsa_after = Some(vec![after]);
        }),
        case("an answer for another name afterwards does not count", "mx0.dane=mismatch", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.endpoints[0].tlsa_after = Some(vec![found(MX2, &[good_tlsa()])]);
        }),
        case("a stale 3 1 2 beside a good 3 1 1", "mx0.dane=mismatch mx0.agility_changed=true", |w| {
            let stale = TlsaRecord { usage: 3, selector: 1, matching: 2, data: "ab".repeat(64) };
            w.publish(0, &[good_tlsa(), stale]);
        }),
        case(
            "one of two addresses",
            "mx0.dane=partial mx0.failure=tlsa-mismatch dane_verdict=partial
             mx0.tlsa_matched=0 outcome_dane=authenticated",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.add_address(IP2).shows(Kind::OtherRoot);
            },
        ),
        case(
            "one matches and one has no TLS",
            "mx0.dane=partial mx0.failure=starttls-not-offered
             outcome_dane=authenticated outcome_opportunistic=plaintext",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.add_address(IP2).without_starttls();
            },
        ),
        case("one mismatches and one has no TLS", "mx0.dane=mismatch outcome_dane=refused", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.add_address(IP2).without_starttls();
        }),
        case("an undecided address does not count", "mx0.dane=match dane_verdict=pass", |w| {
            w.publish(0, &[good_tlsa()]);
            w.add_address(IP2).greets(421);
        }),
        case("usage 2 with the next-hop domain as reference", "mx0.dane=match", |w| {
            w.publish(0, &[PKI.tlsa(2, Kind::DomainOnly, 1)]);
            w.endpoints[0].shows(Kind::DomainOnly);
        }),
        case(
            "only with a secure MX RRset",
            "mx0.dane=insecure mx0.dane_host=match dane_insecure_cause=mx
             outcome_dane_insecure_mx=refused outcome_dane=encrypted",
            |w| {
                w.publish(0, &[PKI.tlsa(2, Kind::DomainOnly, 1)]);
                w.endpoints[0].shows(Kind::DomainOnly);
                w.domain.mx_dnssec = Some(Dnssec::Insecure);
            },
        ),
        case("the expansion of the next-hop domain", "mx0.dane=match", |w| {
            w.domain.domain = "customer.example".into();
            w.domain.mx_cnames = Some(vec![Cname { target: DOMAIN.into(), dnssec: Some(Dnssec::Secure) }]);
            w.publish(0, &[PKI.tlsa(2, Kind::DomainOnly, 1)]);
            w.endpoints[0].shows(Kind::DomainOnly);
        }),
        case(
            "an anchor that has expired matches (RFC 6698 8), and OpenSSL refuses it",
            "mx0.dane=match dane_verdict=pass outcome_dane=refused",
            |w| {
                w.publish(0, &[PKI.tlsa(2, Kind::PastAnchor, 1)]);
                w.endpoints[0].shows(Kind::PastAnchor);
            },
        ),
        case("an algorithm that we do not know decides nothing", "mx0.dane=unknown dane_verdict=indeterminate", |w| {
            w.publish(0, &[PKI.tlsa(2, Kind::UnknownAlgorithm, 1)]);
            w.endpoints[0].shows(Kind::UnknownAlgorithm);
        }),
        case("nor for MTA-STS", "mx0.pkix@pkix-undecided sts_verdict=indeterminate", |w| {
            w.endpoints[0].shows(Kind::UnknownAlgorithm);
        }),
        case("another domain is no reference", "mx0.dane=mismatch mx0.tlsa_mismatch_cause=name-mismatch", |w| {
            w.domain.domain = "customer.example".into();
            w.publish(0, &[PKI.tlsa(2, Kind::DomainOnly, 1)]);
            w.endpoints[0].shows(Kind::DomainOnly);
        }),
    ]
}

fn verdicts() -> Vec<Case> {
    let two = |why, expected, change: fn(&mut World)| {
        case(why, expected, |w| {
            w.add_host(20, MX2, IP2);
            change(w);
        })
    };
    let insecure_mx = |w: &mut World| w.domain.mx_dnssec = Some(Dnssec::Insecure);
    vec![
        two("(2) no TLSA anywhere", "dane_verdict=none dane_insecure_cause=null", |_| {}),
        two("(2) under an insecure MX as well", "dane_verdict=none", |w| w.domain.mx_dnssec = Some(Dnssec::Insecure)),
        two(
            "(3) an insecure MX",
            "dane_verdict=insecure dane_insecure_cause=mx mx0.dane=insecure mx0.dane_host=match
            mx1.dane=none outcome_dane=encrypted outcome_dane_insecure_mx=authenticated protection_dane=never",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.domain.mx_dnssec = Some(Dnssec::Insecure);
            },
        ),
        two(
            "(3) mx comes before address, address before tlsa",
            "dane_verdict=insecure dane_insecure_cause=address",
            |w| {
                for host in [0, 1] {
                    w.publish(host, &[good_tlsa()]);
                }
                w.hosts[0].tlsa_lookups.as_mut().unwrap()[0].dnssec = Some(Dnssec::Insecure);
                w.hosts[1].a_dnssec = Some(Dnssec::Insecure);
            },
        ),
        two("(4) all match", "dane_verdict=pass protection_dane=always", |w| {
            for host in [0, 1] {
                w.publish(host, &[good_tlsa()]);
            }
        }),
        two("(4) a match, and an undecided host with usable TLSA", "dane_verdict=pass", |w| {
            for host in [0, 1] {
                w.publish(host, &[good_tlsa()]);
            }
            w.endpoints[1].greets(450);
        }),
        two(
            "(4) TLSA only on the primary",
            "dane_verdict=partial dane_verdict_primary=pass protection_dane=never",
            |w| {
                w.publish(0, &[good_tlsa()]);
            },
        ),
        two(
            "(4) TLSA only on the backup",
            "dane_verdict=partial dane_verdict_primary=none outcome_dane=encrypted",
            |w| {
                w.publish(1, &[good_tlsa()]);
            },
        ),
        two(
            "(4) a match and a mismatch",
            "dane_verdict=partial dane_verdict_primary=fail outcome_dane=authenticated",
            |w| {
                w.publish(0, &[stale_tlsa()]);
                w.publish(1, &[good_tlsa()]);
            },
        ),
        two(
            "(4) a match, and an undecided host whose TLSA is not known",
            "dane_verdict=partial
            protection_dane=indeterminate",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::Cancelled, None)]);
            },
        ),
        two("(5) a mismatch and none", "dane_verdict=fail outcome_dane=encrypted", |w| w.publish(0, &[stale_tlsa()])),
        two("(5) before (6)", "dane_verdict=fail outcome_dane=refused", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::DnssecBogus, Some(Dnssec::Bogus))]);
        }),
        two(
            "(6) a failed look-up and none",
            "dane_verdict=lookup-failed dane_verdict_primary=none
            protection_dane=never",
            |w| {
                w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::DnssecBogus, Some(Dnssec::Bogus))]);
            },
        ),
        two("(6) before (7)", "dane_verdict=lookup-failed", |w| {
            w.publish(0, &[unusable_tlsa()]);
            w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::DnssecBogus, Some(Dnssec::Bogus))]);
        }),
        two("(7) unusable and none", "dane_verdict=unusable", |w| w.publish(0, &[unusable_tlsa()])),
        two("(8) nothing decided", "dane_verdict=indeterminate", |w| {
            w.publish(0, &[good_tlsa()]);
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
        }),
        case(
            "an MX RRset nobody could judge",
            "mx0.dane=unknown mx0.dane_host=match dane_verdict=indeterminate
             outcome_dane=indeterminate outcome_dane_insecure_mx=authenticated protection_dane=indeterminate
             mx0.failure=null",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.domain.mx_dnssec = Some(Dnssec::Indeterminate);
            },
        ),
        case(
            "with an MX RRset nobody could judge MTA-STS is in force",
            "mx0.dane=unknown mx0.failure=cert-expired",
            |w| {
                w.publish(0, &[PKI.tlsa(3, Kind::Expired, 0)]);
                w.endpoints[0].shows(Kind::Expired);
                w.domain.mx_dnssec = Some(Dnssec::Indeterminate);
            },
        ),
        case(
            "under an insecure MX RRset MTA-STS is the mechanism in force",
            "mx0.dane=insecure mx0.failure=null
             mx0.dane_host=mismatch",
            move |w| {
                w.publish(0, &[stale_tlsa()]);
                insecure_mx(w);
            },
        ),
        case(
            "a bogus MX",
            "dane_verdict=lookup-failed sts_verdict=indeterminate outcome_dane=refused
             outcome_dane_insecure_mx=refused outcome_both=refused outcome_opportunistic=indeterminate
             outcome_mta_sts=indeterminate protection_mta_sts=indeterminate protection_dane=indeterminate
             protection_both=indeterminate result_types=[dnssec-invalid]",
            |w| {
                w.domain.mx_status = MxStatus::Error;
                w.domain.mx_error = Some(Failure::DnssecBogus);
                w.domain.mx_dnssec = Some(Dnssec::Bogus);
            },
        ),
        case("a bogus MX by the word alone", "dane_verdict=lookup-failed outcome_dane=refused", |w| {
            w.domain.mx_status = MxStatus::Error;
            w.domain.mx_error = Some(Failure::DnssecBogus);
            w.domain.mx_dnssec = None;
        }),
        case("a bogus MX by its state alone", "dane_verdict=lookup-failed outcome_dane=refused", |w| {
            w.domain.mx_status = MxStatus::Error;
            w.domain.mx_error = Some(Failure::Servfail);
            w.domain.mx_dnssec = Some(Dnssec::Bogus);
        }),
        case(
            "an implicit MX: its denial is the security",
            "dane_verdict=pass protection_dane=always mx0.host=example.org",
            |w| {
                implicit(w);
                w.publish(0, &[good_tlsa()]);
            },
        ),
        case("an implicit MX under an insecure denial", "dane_verdict=insecure dane_insecure_cause=mx", |w| {
            implicit(w);
            w.publish(0, &[good_tlsa()]);
            w.domain.mx_dnssec = Some(Dnssec::Insecure);
        }),
        case(
            "MX records that name nobody",
            "dane_verdict=indeterminate sts_verdict=indeterminate
             protection_dane=indeterminate outcome_opportunistic=indeterminate provider=null",
            |w| {
                w.domain.mx = Some(vec![]);
            },
        ),
    ]
}

fn implicit(w: &mut World) {
    w.domain.mx_status = MxStatus::Implicit;
    w.domain.mx = None;
    w.hosts = vec![host(DOMAIN, &[IP])];
    w.endpoints = vec![endpoint(DOMAIN, IP)];
}

fn conflicts() -> Vec<Case> {
    vec![
        case("both pass", "conflict=none dane_verdict=pass sts_verdict=pass", |w| w.publish(0, &[good_tlsa()])),
        case("both fail", "conflict=none dane_verdict=fail sts_verdict=fail mx0.failure=tlsa-mismatch", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.endpoints[0].shows(Kind::Expired);
        }),
        case("testing mode contradicts as well", "conflict=dane-fail-sts-pass", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.policy = Some(policy("testing"));
        }),
        case("no policy, no conflict", "conflict=none", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.without_sts();
        }),
        case("a broken policy is no failing one", "conflict=none sts_verdict=broken", |w| {
            w.publish(0, &[good_tlsa()]);
            w.policy().policy_http_status = Some(500);
        }),
    ]
}
