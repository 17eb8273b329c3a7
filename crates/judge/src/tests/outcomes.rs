//! The sender table row by row, the walk over hosts, protection, sampling.

use super::world::*;
use super::{Case, case, check};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

#[test]
fn senders_and_protection() {
    check(&cases());
}

pub(super) fn cases() -> Vec<Case> {
    [table(), walk(), contact(), protection(), sampling()].into_iter().flatten().collect()
}

fn table() -> Vec<Case> {
    let plain = |why, expected, change: fn(&mut World)| {
        case(why, expected, |w| {
            w.without_sts();
            change(w);
        })
    };
    vec![
        plain(
            "nothing published, TLS works",
            "outcome_opportunistic=encrypted outcome_mta_sts=encrypted
              outcome_dane=encrypted outcome_dane_insecure_mx=encrypted outcome_both=encrypted",
            |_| {},
        ),
        plain(
            "nothing published, no STARTTLS",
            "outcome_opportunistic=plaintext outcome_mta_sts=plaintext
              outcome_dane=plaintext outcome_dane_insecure_mx=plaintext outcome_both=plaintext",
            |w| {
                w.endpoints[0].without_starttls();
            },
        ),
        plain(
            "any certificate will do for encryption",
            "outcome_opportunistic=encrypted outcome_both=encrypted
              mx0.failure=null result_types=[]",
            |w| {
                w.endpoints[0].shows(Kind::SelfSigned);
            },
        ),
        case(
            "mta_sts: the address passes",
            "outcome_mta_sts=authenticated outcome_both=authenticated
             outcome_opportunistic=encrypted outcome_dane=encrypted",
            |_| {},
        ),
        case(
            "mta_sts: it does not",
            "outcome_mta_sts=refused outcome_both=refused outcome_opportunistic=encrypted",
            |w| {
                w.endpoints[0].shows(Kind::WrongName);
            },
        ),
        case("mta_sts: testing delivers all the same", "outcome_mta_sts=encrypted", |w| {
            w.policy = Some(policy("testing"));
        }),
        plain(
            "dane: usable and matching",
            "outcome_dane=authenticated outcome_both=authenticated
              outcome_mta_sts=encrypted",
            |w| w.publish(0, &[good_tlsa()]),
        ),
        plain(
            "dane: usable and not",
            "outcome_dane=refused outcome_dane_insecure_mx=refused outcome_both=refused
              outcome_mta_sts=encrypted",
            |w| w.publish(0, &[stale_tlsa()]),
        ),
        plain(
            "dane: unusable",
            "outcome_dane=encrypted outcome_dane_insecure_mx=encrypted outcome_both=encrypted",
            |w| {
                w.publish(0, &[unusable_tlsa()]);
            },
        ),
        plain(
            "dane: unusable, without a handshake",
            "outcome_dane=refused outcome_both=refused
              outcome_opportunistic=plaintext",
            |w| {
                w.publish(0, &[unusable_tlsa()]);
                w.endpoints[0].without_starttls();
            },
        ),
        plain("dane: unusable, and nobody home", "outcome_dane=unreachable outcome_both=unreachable", |w| {
            w.publish(0, &[unusable_tlsa()]);
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
        }),
        plain(
            "dane: look-up failed",
            "outcome_dane=refused outcome_dane_insecure_mx=refused outcome_both=refused
              outcome_opportunistic=encrypted",
            |w| {
                w.hosts[0].tlsa_lookups = Some(vec![failed(MX, Failure::DnssecBogus, Some(Dnssec::Bogus))]);
            },
        ),
        plain("dane: insecure", "outcome_dane=encrypted outcome_both=encrypted", |w| {
            w.publish(0, &[stale_tlsa()]);
            w.hosts[0].a_dnssec = Some(Dnssec::Insecure);
        }),
        plain(
            "dane: unknown, could be weaker or nothing at all",
            "outcome_dane=indeterminate outcome_both=indeterminate
              outcome_dane_insecure_mx=indeterminate outcome_opportunistic=encrypted",
            |w| {
                w.hosts[0].tlsa_lookups = Some(vec![failed(MX, Failure::Cancelled, None)]);
            },
        ),
        plain("dane: unknown, and nobody home", "outcome_dane=unreachable", |w| {
            w.hosts[0].tlsa_lookups = Some(vec![failed(MX, Failure::Cancelled, None)]);
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
        }),
        case(
            "both: DANE fails, MTA-STS must not override it",
            "outcome_both=refused outcome_mta_sts=authenticated",
            |w| {
                w.publish(0, &[stale_tlsa()]);
            },
        ),
        case("both: unusable, then the policy decides", "outcome_both=authenticated", |w| {
            w.publish(0, &[unusable_tlsa()]);
        }),
        case("both: unusable, and the policy fails", "outcome_both=refused outcome_dane=encrypted", |w| {
            w.publish(0, &[unusable_tlsa()]);
            w.endpoints[0].shows(Kind::Expired);
        }),
        case(
            "both: a passing DANE is enough for a host that is not listed",
            "outcome_both=authenticated
             outcome_mta_sts=refused",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n");
            },
        ),
        case("both: without DANE it may not be used", "outcome_both=refused", |w| {
            w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n");
        }),
        case("both: DANE unknown may yet admit it", "outcome_both=indeterminate outcome_mta_sts=refused", |w| {
            w.hosts[0].tlsa_lookups = Some(vec![failed(MX, Failure::Cancelled, None)]);
            w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n");
        }),
    ]
}

fn walk() -> Vec<Case> {
    // Two hosts, no policy: 10 mx, 20 mx2, or both 10.
    let two = |why, preference, expected, change: fn(&mut World)| {
        case(why, expected, move |w| {
            w.without_sts();
            w.add_host(preference, MX2, IP2);
            change(w);
        })
    };
    vec![
        two("the first host counts", 20, "outcome_opportunistic=encrypted", |w| {
            w.endpoints[1].without_starttls();
        }),
        two("of equal preferences the weakest", 10, "outcome_opportunistic=plaintext", |w| {
            w.endpoints[1].without_starttls();
        }),
        two("a host that is down is passed over", 20, "outcome_opportunistic=plaintext outcome_dane=plaintext", |w| {
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
            w.endpoints[1].without_starttls();
        }),
        two("so is one that refused us", 20, "outcome_opportunistic=encrypted", |w| {
            w.endpoints[0].greets(554);
        }),
        two("one that we did not look at could be weaker", 20, "outcome_opportunistic=indeterminate", |w| {
            w.endpoints[0].ends(EndpointStage::Skipped, Failure::Budget);
        }),
        two("but not weaker than plaintext", 20, "outcome_opportunistic=plaintext", |w| {
            w.endpoints[0].ends(EndpointStage::Skipped, Failure::Budget);
            w.endpoints[1].without_starttls();
        }),
        two("one that comes later does not matter", 20, "outcome_opportunistic=encrypted", |w| {
            w.endpoints[1].ends(EndpointStage::Skipped, Failure::OptedOut);
        }),
        two("of equal preference it could come first", 10, "outcome_opportunistic=indeterminate", |w| {
            w.endpoints[1].ends(EndpointStage::Skipped, Failure::OptedOut);
        }),
        two(
            "an address look-up that failed counts with our own reasons",
            10,
            "outcome_opportunistic=indeterminate",
            |w| {
                w.hosts[1].host_status = HostStatus::Error;
                w.hosts[1].a_error = Some(Failure::DnsTimeout);
                w.hosts[1].addresses = None;
                w.endpoints.pop();
            },
        ),
        case("an address look-up that we gave up", "mx0.decided=false mx0.decided@contact-ours", |w| {
            w.hosts[0].host_status = HostStatus::Error;
            w.hosts[0].a_error = Some(Failure::Cancelled);
        }),
        case("an address look-up that failed", "mx0.decided=false mx0.decided@contact-lookup-failed", |w| {
            w.hosts[0].host_status = HostStatus::Error;
            w.hosts[0].a_error = Some(Failure::DnsTimeout);
        }),
        two(
            "with usable TLSA it could not be weaker",
            10,
            "outcome_dane=authenticated
            outcome_opportunistic=indeterminate",
            |w| {
                w.publish(0, &[good_tlsa()]);
                w.publish(1, &[good_tlsa()]);
                w.endpoints[1].ends(EndpointStage::Skipped, Failure::Budget);
            },
        ),
        two("nor with unusable, beside encryption", 10, "outcome_dane=encrypted", |w| {
            w.publish(1, &[unusable_tlsa()]);
            w.endpoints[1].ends(EndpointStage::Skipped, Failure::Budget);
        }),
        two("a decided host whose TLSA is unknown is no weaker than in clear", 10, "outcome_dane=encrypted", |w| {
            w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::Cancelled, None)]);
        }),
        two("it would be, in clear", 10, "outcome_dane=indeterminate", |w| {
            w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::Cancelled, None)]);
            w.endpoints[1].without_starttls();
        }),
        two(
            "none left: ruled out by one's own policy",
            20,
            "outcome_dane=refused outcome_opportunistic=encrypted",
            |w| {
                w.publish(0, &[stale_tlsa()]);
                w.endpoints[1].ends(EndpointStage::Connect, Failure::ConnectRefused);
            },
        ),
        two("none left: one refused us", 20, "outcome_opportunistic=indeterminate", |w| {
            w.endpoints[0].greets(554);
            w.endpoints[1].ends(EndpointStage::Connect, Failure::ConnectRefused);
        }),
        two("none left: one over budget", 20, "outcome_opportunistic=indeterminate", |w| {
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
            w.endpoints[1].ends(EndpointStage::Skipped, Failure::Budget);
        }),
        two(
            "none left: nobody home",
            20,
            "outcome_opportunistic=unreachable outcome_mta_sts=unreachable
            outcome_dane=unreachable outcome_dane_insecure_mx=unreachable outcome_both=unreachable",
            |w| {
                w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
                w.endpoints[1].ends(EndpointStage::Banner, Failure::BannerTimeout);
            },
        ),
        case(
            "under an enforced policy an undecided host is no weaker",
            "outcome_mta_sts=authenticated
             outcome_opportunistic=indeterminate",
            |w| {
                w.add_host(10, MX2, IP2);
                w.endpoints[1].ends(EndpointStage::Skipped, Failure::Budget);
            },
        ),
        case(
            "a host that is not listed and whose TLSA is unknown: no weaker than authenticated",
            "outcome_both=authenticated outcome_both@outcome-sts-passes",
            |w| {
                w.add_host(10, "mx.example.net", IP2);
                w.hosts[1].tlsa_lookups = Some(vec![failed("mx.example.net", Failure::Cancelled, None)]);
            },
        ),
        case(
            "a host's addresses: what we did not look at counts before what refused us",
            "mx0.decided=false mx0.decided@contact-ours outcome_opportunistic=indeterminate",
            |w| {
                w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
                w.add_address(IP2).ends(EndpointStage::Skipped, Failure::Budget);
            },
        ),
        case("a host's addresses: the weakest", "outcome_opportunistic=plaintext", |w| {
            w.add_address(IP2).without_starttls();
        }),
        case("a host's addresses: one that may not is skipped", "outcome_mta_sts=authenticated", |w| {
            w.add_address(IP2).without_starttls();
        }),
        case(
            "one host, four addresses, one of them expired",
            "mx0.sts=partial sts_verdict=partial
             outcome_mta_sts=authenticated mx0.pkix=cert-expired",
            |w| {
                w.add_address("9.9.9.3");
                w.add_address("9.9.9.4");
                w.add_address(IP2).shows(Kind::Expired);
            },
        ),
        case("the list of hosts was cut, and nobody home", "outcome_opportunistic=indeterminate", |w| {
            w.domain.mx_truncated = true;
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
        }),
    ]
}

fn contact() -> Vec<Case> {
    let one = |why, expected, change: fn(&mut EndpointRow)| case(why, expected, |w| change(&mut w.endpoints[0]));
    vec![
        one(
            "silent",
            "mx0.reached=false mx0.decided=false mx0.starttls=unknown outcome_opportunistic=unreachable",
            |e| {
                e.ends(EndpointStage::Connect, Failure::ConnectTimeout);
            },
        ),
        one(
            "greylisted",
            "mx0.reached=true mx0.decided=false mx0.starttls=unknown outcome_opportunistic=indeterminate",
            |e| {
                e.greets(451);
            },
        ),
        one("EHLO refused", "mx0.reached=true mx0.decided=false outcome_opportunistic=indeterminate", |e| {
            e.ends(EndpointStage::Ehlo, Failure::EhloRejected).reply_code = Some(550);
        }),
        one(
            "hung up after the greeting",
            "mx0.reached=true mx0.decided=false outcome_opportunistic=unreachable",
            |e| {
                e.ends(EndpointStage::Ehlo, Failure::ConnectionClosed);
            },
        ),
        one("an earlier attempt read a reply", "mx0.reached=true mx0.decided=false", |e| {
            e.ends(EndpointStage::Connect, Failure::ConnectTimeout);
            e.attempt_log = vec![Attempt {
                at: AT,
                stage: EndpointStage::Banner,
                error: Some(Failure::BannerRejected),
                reply_code: Some(421),
                ms: 1.0,
            }];
        }),
        one("421 and gone, in the middle of EHLO", "mx0.decided=false outcome_opportunistic=indeterminate", |e| {
            e.ends(EndpointStage::Ehlo, Failure::ConnectionClosed).reply_code = Some(421);
        }),
        one("no SMTP", "mx0.reached=false outcome_opportunistic=unreachable", |e| {
            e.ends(EndpointStage::Banner, Failure::SmtpProtocol);
        }),
        case(
            "MX at 10.0.0.1",
            "mx0.decided=false outcome_opportunistic=unreachable outcome_mta_sts=unreachable
             sts_verdict=indeterminate sts_failure=special-address",
            |w| {
                w.hosts[0].addresses = Some(vec!["10.0.0.1".into()]);
                w.endpoints[0].ip = "10.0.0.1".into();
                w.endpoints[0].ends(EndpointStage::Skipped, Failure::SpecialAddress);
            },
        ),
        case("a special address without a row", "outcome_opportunistic=unreachable", |w| {
            w.hosts[0].addresses = Some(vec!["127.0.0.1".into()]);
            w.endpoints.clear();
        }),
        case("a special address beside a real one", "outcome_opportunistic=encrypted mx0.sts=pass", |w| {
            w.add_address("10.0.0.1").ends(EndpointStage::Skipped, Failure::SpecialAddress);
        }),
        case(
            "a dual-stack host without a route for IPv6",
            "mx0.decided=true mx0.sts=pass outcome_mta_sts=authenticated
             outcome_opportunistic=encrypted",
            |w| {
                w.add_address("2620:fe::9").ends(EndpointStage::Connect, Failure::NoRouteForFamily);
            },
        ),
        case(
            "a family without a route takes no part beside one that is down",
            "outcome_opportunistic=unreachable",
            |w| {
                w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
                w.add_address("2620:fe::9").ends(EndpointStage::Connect, Failure::NoRouteForFamily);
            },
        ),
        one("only a family without a route", "mx0.decided=false outcome_opportunistic=indeterminate", |e| {
            e.ends(EndpointStage::Connect, Failure::NoRouteForFamily);
        }),
        case("an address without a row was not looked at", "outcome_opportunistic=indeterminate", |w| {
            w.endpoints.clear()
        }),
        case("our cap cut the list of addresses, and nobody home", "outcome_opportunistic=indeterminate", |w| {
            w.hosts[0].addresses_truncated = true;
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectRefused);
        }),
        one("skipped without a word", "mx0.decided=false", |e| {
            e.ends(EndpointStage::Skipped, Failure::Cancelled);
            e.error = None;
        }),
        case(
            "a host row of status ok without any address",
            "outcome_opportunistic=indeterminate mx0.decided=false",
            |w| {
                w.hosts[0].addresses = None;
                w.endpoints.clear();
            },
        ),
    ]
}

fn protection() -> Vec<Case> {
    vec![
        case(
            "enforce",
            "protection_mta_sts=after-first-contact protection_dane=never protection_both=after-first-contact",
            |_| {},
        ),
        case(
            "enforce with max_age 0",
            "sts_policy=valid sts_verdict=pass protection_mta_sts=never protection_both=never
             outcome_mta_sts=authenticated",
            |w| {
                w.body("version: STSv1\nmode: enforce\nmax_age: 0\nmx: mx.example.org\n");
            },
        ),
        case(
            "mail that does not flow is protected all the same",
            "protection_mta_sts=after-first-contact
             sts_verdict=fail",
            |w| {
                w.endpoints[0].shows(Kind::Expired);
            },
        ),
        case("unfetchable", "protection_mta_sts=never", |w| w.policy().policy_http_status = Some(404)),
        case("DANE everywhere", "protection_dane=always protection_both=always", |w| w.publish(0, &[good_tlsa()])),
        case(
            "a failed TLSA look-up could hide it",
            "protection_dane=indeterminate protection_both=indeterminate
             protection_mta_sts=after-first-contact",
            |w| {
                w.hosts[0].tlsa_lookups = Some(vec![failed(MX, Failure::Servfail, None)]);
            },
        ),
        case(
            "one host without it is where the mail goes, whatever the failed look-up hides",
            "protection_dane=never",
            |w| {
                w.add_host(20, MX2, IP2);
                w.hosts[1].tlsa_lookups = Some(vec![failed(MX2, Failure::Servfail, None)]);
            },
        ),
        case("the list of hosts was cut", "protection_dane=indeterminate", |w| {
            w.publish(0, &[good_tlsa()]);
            w.domain.mx_truncated = true;
        }),
        case("DANE always, whatever MTA-STS", "protection_both=always protection_mta_sts=indeterminate", |w| {
            w.publish(0, &[good_tlsa()]);
            w.policy = None;
        }),
    ]
}

fn sampling() -> Vec<Case> {
    vec![
        case("a copy speaks for itself, under its own name", "inferred=true mx0.inferred=true mx0.pkix=valid", |w| {
            w.endpoints[0].sampled_from = Some("other.example.com".into());
            w.endpoints[0].connections = 0;
        }),
        case(
            "a copy speaks for itself, whatever the named endpoint shows",
            "mx0.pkix=cert-expired mx1.pkix=valid",
            |w| {
                w.add_host(20, MX2, IP);
                w.endpoints[0].shows(Kind::Expired);
                w.endpoints[1].sampled_from = Some(MX.into());
            },
        ),
        case(
            "a row that refers to another host's endpoint",
            "inferred=true mx1.inferred=true mx0.inferred=false
             mx1.pkix=cert-expired mx1.decided=true mx1.reached=true",
            |w| {
                w.add_host(20, MX2, IP);
                w.endpoints[0].shows(Kind::Expired);
                w.endpoints[1].sampled_from = Some(MX.into());
                w.endpoints[1].stage = EndpointStage::Skipped;
            },
        ),
        case(
            "which is judged under its own name",
            "mx0.pkix=valid mx1.pkix=cert-name-mismatch mx1.sts_mx_match=false",
            |w| {
                w.add_host(20, "mx.elsewhere.example", IP);
                w.endpoints[1].sampled_from = Some(MX.into());
                w.endpoints[1].stage = EndpointStage::Skipped;
            },
        ),
        case("of the named host the endpoint at the same address", "mx1.pkix=valid mx1.decided=true", |w| {
            w.endpoints[0].shows(Kind::Expired);
            w.add_address(IP2);
            w.add_host(20, MX2, IP2);
            w.endpoints[2].sampled_from = Some(MX.into());
            w.endpoints[2].stage = EndpointStage::Skipped;
        }),
        case("a reference to what is itself a reference leads nowhere", "mx1.decided=false mx1.pkix=null", |w| {
            w.add_host(20, MX2, IP);
            w.endpoints[0].sampled_from = Some("mx3.example.org".into());
            w.endpoints[1].sampled_from = Some(MX.into());
            w.endpoints[1].stage = EndpointStage::Skipped;
        }),
        case("a reference that leads nowhere was not looked at", "mx0.decided=false mx0.inferred=true", |w| {
            w.endpoints[0].sampled_from = Some("nobody.example.com".into());
            w.endpoints[0].stage = EndpointStage::Skipped;
        }),
    ]
}
