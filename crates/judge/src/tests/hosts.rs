//! MX hosts against a policy: which hosts there are, their STARTTLS and certificates, the verdict over them.

use super::world::*;
use super::{Case, case, check};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

#[test]
fn hosts_against_a_policy() {
    check(&cases());
}

pub(super) fn cases() -> Vec<Case> {
    [hosts(), primary(), addresses(), anchors()].into_iter().flatten().collect()
}

fn hosts() -> Vec<Case> {
    vec![
        case(
            "a host that is not listed fails",
            "sts_verdict=fail sts_failure_stage=mx-list sts_failure=mx-not-in-policy mx0.sts_mx_match=false mx0.sts=fail
             mx0.failure=mx-not-in-policy mx0.result_type=validation-failure result_types=[validation-failure]
             outcome_mta_sts=refused mx0.pkix=valid",
            |w| w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n"),
        ),
        case("reached or not", "sts_verdict=fail mx0.sts=fail mx0.decided=false outcome_mta_sts=refused", |w| {
            w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n");
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
        }),
        case("testing mode is judged alike, and delivers", "sts_mode=testing sts_verdict=fail sts_failure=mx-not-in-policy
             mx0.failure=mx-not-in-policy outcome_mta_sts=encrypted protection_mta_sts=never", |w| {
            w.body("version: STSv1\nmode: testing\nmax_age: 86400\nmx: other.example.org\n");
        }),
        case("listed and undecided: does not count", "sts_verdict=indeterminate sts_failure_stage=mx-tls
             sts_failure=connect-timeout mx0.sts=null mx0.sts_mx_match=true mx0.failure=null", |w| {
            w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
        }),
        case(
            "not listed, with usable TLSA, and undecided: DANE is in force, and nothing is known to fail",
            "mx0.sts=fail mx0.dane=unknown mx0.failure=null mx0.failure@failure-none",
            |w| {
                w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: other.example.org\n");
                w.publish(0, &[good_tlsa()]);
                w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
            },
        ),
        case("listed and sound: nothing fails", "mx0.sts=pass mx0.failure=null mx0.failure@failure-none", |_| ()),
        case("nothing in force", "mx0.failure=null mx0.failure@failure-none-in-force", World::without_sts),
        case("an undecided host beside one that passes", "sts_verdict=pass mx1.sts=null mx1.decided=false", |w| {
            w.add_host(20, MX2, IP2);
            w.endpoints[1].greets(451);
        }),
        case("one passes, one is not listed", "sts_verdict=partial sts_failure_stage=mx-list mx1.sts=fail
             sts_failure=mx-not-in-policy outcome_mta_sts=authenticated", |w| {
            w.add_host(20, "mx.example.net", IP2);
            w.endpoints[1].shows(Kind::WrongName);
        }),
        case("the earliest step is named, whatever the preference", "sts_failure_stage=mx-list", |w| {
            w.endpoints[0].shows(Kind::WrongName);
            w.add_host(20, "mx.example.net", IP2);
        }),
        case("an address literal matches no pattern", "sts_verdict=fail mx0.sts=fail mx0.reached=false mx0.dane=none
             mx0.provider=null provider=null outcome_opportunistic=unreachable outcome_mta_sts=refused", |w| {
            w.domain.mx = Some(vec![Mx { preference: 10, host: "192.0.2.1".into() }]);
            w.hosts.clear();
        }),
        case("localhost without a row", "mx0.reached=false mx0.decided=false mx0.decided@contact-special mx0.dane=none dane_verdict=none
             outcome_opportunistic=unreachable outcome_dane=unreachable outcome_both=unreachable", |w| {
            w.domain.mx = Some(vec![Mx { preference: 10, host: "localhost".into() }]);
            w.hosts.clear();
            w.without_sts();
        }),
        case("a name below localhost that a validating resolver could not answer", "mx0.decided@contact-special mx0.dane=none
             outcome_dane=unreachable outcome_mta_sts=unreachable", |w| {
            w.domain.mx = Some(vec![Mx { preference: 10, host: "mail.localhost".into() }]);
            w.hosts = vec![MxHostRow {
                host_status: HostStatus::Error,
                a_status: Some(DnsStatus::Error),
                a_error: Some(Failure::DnssecBogus),
                a_dnssec: Some(Dnssec::Bogus),
                addresses: None,
                tlsa_lookups: None,
                ..host("mail.localhost", &[])
            }];
            w.without_sts();
        }),
        case("an implicit MX is the domain itself", "mx0.host=example.org mx0.preference=0 mx0.sts_mx_match=true
             sts_verdict=pass mx_count=0 provider=example.org", |w| {
            w.domain.mx_status = MxStatus::Implicit;
            w.domain.mx = None;
            w.hosts = vec![host(DOMAIN, &[IP])];
            w.endpoints = vec![endpoint(DOMAIN, IP)];
            w.body("version: STSv1\nmode: enforce\nmax_age: 86400\nmx: example.org\n");
        }),
        case("an implicit MX is not covered by a wildcard", "sts_verdict=fail sts_failure=mx-not-in-policy", |w| {
            w.domain.mx_status = MxStatus::Implicit;
            w.domain.mx = None;
            w.hosts = vec![host(DOMAIN, &[IP])];
            w.endpoints = vec![endpoint(DOMAIN, IP)];
        }),
        case("a null MX and a policy", "mx_status=\"null\" sts_verdict=no-mail dane_verdict=no-mail sts_verdict_primary=no-mail
             dane_verdict_primary=no-mail outcome_opportunistic=no-mail outcome_mta_sts=no-mail outcome_dane=no-mail
             outcome_dane_insecure_mx=no-mail outcome_both=no-mail protection_mta_sts=no-mail protection_dane=no-mail
             protection_both=no-mail mx_count=0 sts_policy=valid provider=null conflict=none result_types=[]", |w| {
            w.domain.mx_status = MxStatus::Null;
            w.domain.mx = Some(vec![Mx { preference: 5, host: ".".into() }]);
        }),
        case("a null MX beside others: the others count", "mx_count=1 sts_verdict=pass mx0.host=mx.example.org", |w| {
            w.domain.mx_status = MxStatus::NullMixed;
            w.domain.mx.as_mut().unwrap().push(Mx { preference: 0, host: ".".into() });
        }),
        case("no such domain", "sts_record=absent tlsrpt=absent sts_verdict=no-mail", |w| {
            w.domain.mx_status = MxStatus::Nxdomain;
            w.domain.mx = None;
            w.domain.sts_txt_status = None;
            w.domain.sts_txt = None;
            w.domain.tlsrpt_status = None;
            w.policy = None;
        }),
        case("a domain that takes no mail", "sts_verdict=no-mail", |w| {
            w.domain.mx_status = MxStatus::None;
            w.domain.mx = None;
        }),
        case("the MX look-up failed", "sts_verdict=indeterminate dane_verdict=indeterminate sts_failure=dns-timeout
             sts_failure_stage=null
             outcome_opportunistic=indeterminate outcome_dane=indeterminate protection_mta_sts=indeterminate
             protection_dane=indeterminate protection_both=indeterminate", |w| {
            w.domain.mx_status = MxStatus::Error;
            w.domain.mx_error = Some(Failure::DnsTimeout);
            w.domain.mx_dnssec = Some(Dnssec::Indeterminate);
            w.domain.mx = None;
        }),
        case("opted out", "sts_record=unknown tlsrpt=error sts_verdict=indeterminate dane_verdict=indeterminate
             outcome_both=indeterminate", |w| {
            w.without_sts();
            w.domain.mx_status = MxStatus::OptedOut;
            w.domain.mx_error = Some(Failure::OptedOut);
            w.domain.mx_dnssec = None;
            w.domain.mx = None;
            w.domain.sts_txt_status = None;
            w.domain.tlsrpt_status = None;
        }),
        case("a host listed twice has one row, at its lowest preference", "mx_count=1 mx0.preference=5", |w| {
            w.domain.mx.as_mut().unwrap().push(Mx { preference: 5, host: MX.into() });
        }),
        case("a host that the crawl did not come to", "mx0.decided=false mx0.dane=unknown mx0.starttls=unknown
             outcome_opportunistic=indeterminate sts_verdict=indeterminate", |w| w.hosts.clear()),
    ]
}

fn primary() -> Vec<Case> {
    vec![
        case("only the backup is broken", "sts_verdict=partial sts_verdict_primary=pass", |w| {
            w.add_host(20, MX2, IP2);
            w.endpoints[1].shows(Kind::Expired);
        }),
        case("only the backup works", "sts_verdict=partial sts_verdict_primary=fail", |w| {
            w.add_host(20, MX2, IP2);
            w.endpoints[0].shows(Kind::Expired);
        }),
        case("equal preferences are primary together", "sts_verdict_primary=partial", |w| {
            w.add_host(10, MX2, IP2);
            w.endpoints[0].shows(Kind::Expired);
        }),
    ]
}

fn addresses() -> Vec<Case> {
    let one = |why, expected, change: fn(&mut EndpointRow)| case(why, expected, |w| change(&mut w.endpoints[0]));
    vec![
        one(
            "no STARTTLS",
            "mx0.starttls=not-offered mx0.decided=true mx0.sts=fail mx0.pkix=null mx0.days_left=null
             sts_failure_stage=mx-tls sts_failure=starttls-not-offered mx0.failure=starttls-not-offered
             mx0.result_type=starttls-not-supported outcome_opportunistic=plaintext outcome_mta_sts=refused",
            |e| {
                e.without_starttls();
            },
        ),
        one(
            "offered, then refused",
            "mx0.starttls=failed mx0.decided=true sts_failure_stage=mx-tls
             sts_failure=starttls-rejected mx0.result_type=starttls-not-supported outcome_opportunistic=plaintext",
            |e| {
                e.ends(EndpointStage::Starttls, Failure::StarttlsRejected).reply_code = Some(454);
            },
        ),
        one(
            "no handshake",
            "mx0.starttls=failed sts_failure_stage=mx-tls sts_failure=tls-timeout
             mx0.result_type=validation-failure outcome_opportunistic=plaintext",
            |e| {
                e.ends(EndpointStage::Tls, Failure::TlsTimeout);
            },
        ),
        one(
            "cut short by ourselves after EHLO",
            "mx0.decided=false mx0.reached=true outcome_opportunistic=indeterminate",
            |e| {
                e.ends(EndpointStage::Tls, Failure::Cancelled);
            },
        ),
        one(
            "self-signed, and without a trusted issuer",
            "mx0.pkix=cert-self-signed sts_failure_stage=mx-certificate
             sts_failure=cert-self-signed mx0.result_type=certificate-not-trusted outcome_opportunistic=encrypted
             mx0.starttls=offered mx0.anchors=[]",
            |e| {
                e.shows(Kind::SelfSigned);
            },
        ),
        one("unknown issuer", "mx0.pkix=cert-unknown-issuer mx0.result_type=certificate-not-trusted", |e| {
            e.shows(Kind::Untrusted);
        }),
        one(
            "expired",
            "mx0.pkix=cert-expired mx0.pkix_failures=[cert-expired] mx0.days_left=-365
             mx0.result_type=certificate-expired",
            |e| {
                e.shows(Kind::Expired);
            },
        ),
        one("not yet valid", "mx0.pkix=cert-not-yet-valid mx0.result_type=certificate-expired", |e| {
            e.shows(Kind::NotYetValid);
        }),
        one(
            "wrong name",
            "mx0.pkix=cert-name-mismatch mx0.result_type=certificate-host-mismatch mx0.days_left=365
             result_types=[certificate-host-mismatch]",
            |e| {
                e.shows(Kind::WrongName);
            },
        ),
        case(
            "valid at the scan, expired at another instant",
            "mx0.pkix=cert-expired sts_policy=unfetchable
             mx0.days_left=-35",
            |w| w.parameters.at = Some(AT + 400 * DAY),
        ),
        case("a day less a second before the end is no whole day", "mx0.days_left=0 mx0.pkix=valid", |w| {
            w.parameters.at = Some(AT + 364 * DAY + 1_000_000);
        }),
        one(
            "the peer does not hold the key",
            "mx0.pkix=cert-invalid mx0.pkix_failures=[cert-invalid]
             mx0.sts=fail sts_failure=cert-invalid mx0.result_type=validation-failure",
            |e| {
                e.key_proof = Some(KeyProof::Failed);
            },
        ),
        one("a key that is too short", "mx0.pkix=cert-invalid mx0.sts@sts-certificate", |e| {
            e.shows(Kind::Weak);
        }),
        one(
            "too short, and not held: one word for both",
            "mx0.pkix_failures=[cert-invalid,cert-self-signed,cert-name-mismatch]",
            |e| {
                e.shows(Kind::Weak).key_proof = Some(KeyProof::Failed);
            },
        ),
        one("what a second look left beside a finished handshake does not count", "mx0.pkix=valid mx0.sts=pass", |e| {
            e.legacy_version = Some("TLSv1.0".into());
            e.legacy_chain = Some(PKI.chain(Kind::Expired));
        }),
        case("two machines wrote a row about one endpoint: the earliest counts", "mx0.pkix=valid mx0.sts=pass", |w| {
            w.endpoints.insert(0, endpoint(MX, IP));
            w.endpoints[0].shows(Kind::Expired).observed_at = AT + DAY;
        }),
        one(
            "signed in a way that nobody here can check: undecided",
            "mx0.pkix=valid mx0.pkix_failures=[] mx0.sts=null sts_verdict=indeterminate
             outcome_opportunistic=encrypted outcome_mta_sts=indeterminate",
            |e| e.key_proof = Some(KeyProof::NotChecked),
        ),
        one(
            "the same by the second look",
            "mx0.pkix=valid mx0.sts=null outcome_opportunistic=encrypted outcome_mta_sts=indeterminate",
            |e| {
                e.legacy("TLSv1.2", "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", KeyProof::NotChecked);
                e.legacy_key_exchange = Some("dhe".into());
            },
        ),
        one(
            "a message that is too long for us, and no second look that tells more: undecided",
            "mx0.sts=null mx0.starttls=unknown sts_verdict=indeterminate outcome_opportunistic=indeterminate",
            |e| {
                e.ends(EndpointStage::Tls, Failure::TlsUnsupported);
            },
        ),
        one("the same, read by the second look", "mx0.pkix=valid mx0.sts=pass outcome_mta_sts=authenticated", |e| {
            e.legacy("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", KeyProof::Verified);
            e.error = Some(Failure::TlsUnsupported);
        }),
        one(
            "agreed, and then an alert: the handshake does not work",
            "mx0.starttls=failed mx0.sts=fail sts_failure_stage=mx-tls sts_failure=tls-alert
             outcome_opportunistic=plaintext outcome_mta_sts=refused",
            |e| {
                e.ends(EndpointStage::Tls, Failure::TlsAlert).shows(Kind::Good);
                (e.tls_version, e.tls_alert) = (Some("TLSv1.2".into()), Some("internal_error".into()));
                e.key_proof = Some(KeyProof::Verified);
            },
        ),
        one(
            "the second look is asked for a client certificate and turned away",
            "mx0.starttls=failed mx0.sts=fail sts_failure=tls-alert outcome_opportunistic=plaintext",
            |e| {
                e.legacy("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
                e.legacy_alert = Some("handshake_failure".into());
            },
        ),
        one(
            "a prime of 512 bits",
            "mx0.starttls=failed mx0.sts=fail sts_failure=tls-cipher outcome_opportunistic=plaintext",
            |e| {
                e.legacy("TLSv1.2", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
                e.dh_bits = Some(512);
            },
        ),
        one("a handshake and no certificate in the row", "mx0.pkix=null mx0.sts=fail sts_failure=cert-invalid", |e| {
            e.chain = None;
        }),
        one(
            "a truncated chain that does not validate is undecided",
            "mx0.pkix=null mx0.sts=null sts_verdict=indeterminate
             outcome_mta_sts=indeterminate outcome_opportunistic=encrypted mx0.decided=true",
            |e| {
                e.shows(Kind::WithoutIntermediate).chain_truncated = true;
            },
        ),
        one("a whole chain without its intermediate is not", "mx0.pkix=cert-unknown-issuer", |e| {
            e.shows(Kind::WithoutIntermediate);
        }),
        one("a truncated chain that validates is valid", "mx0.pkix=valid mx0.sts=pass", |e| {
            e.shows(Kind::Long).chain_truncated = true;
        }),
        one("the dataset lost an intermediate: undecided", "mx0.pkix=null mx0.sts=null", |e| {
            e.shows(Kind::WithoutIntermediate).chain.as_mut().unwrap().push("00".repeat(32));
        }),
        one("the dataset lost the leaf: an intermediate does not pass for it", "mx0.pkix=null mx0.sts=null", |e| {
            e.shows(Kind::Long).chain.as_mut().unwrap()[0] = "00".repeat(32);
        }),
        one(
            "TLS 1.2 by the second look, key proven: like any other",
            "mx0.pkix=valid mx0.sts=pass mx0.starttls=offered
             sts_verdict=pass outcome_mta_sts=authenticated",
            |e| {
                e.legacy("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
            },
        ),
        one(
            "TLS 1.2 with RSA key exchange",
            "mx0.pkix=valid mx0.sts=fail mx0.failure=key-proof-unchecked
             outcome_opportunistic=encrypted outcome_mta_sts=refused",
            |e| {
                e.legacy("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", KeyProof::NotChecked);
            },
        ),
        one(
            "TLS 1.1, key proven",
            "mx0.pkix=valid mx0.sts=fail sts_failure_stage=mx-tls sts_failure=tls-version
             mx0.starttls=offered outcome_opportunistic=encrypted",
            |e| {
                e.legacy("TLSv1.1", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", KeyProof::Verified);
            },
        ),
        one("TLS 1.0, written otherwise", "sts_failure=tls-version outcome_opportunistic=encrypted", |e| {
            e.legacy("TLSv1", "ECDHE-RSA-AES128-SHA", KeyProof::Verified);
        }),
        one(
            "SSL 3 is no TLS",
            "mx0.starttls=failed sts_failure=tls-cipher outcome_opportunistic=plaintext mx0.pkix=valid",
            |e| {
                e.legacy("SSLv3", "TLS_RSA_WITH_RC4_128_SHA", KeyProof::NotChecked);
            },
        ),
        one("export ciphers are no TLS", "mx0.starttls=failed outcome_opportunistic=plaintext", |e| {
            e.legacy("TLSv1.0", "TLS_RSA_EXPORT_WITH_RC4_40_MD5", KeyProof::NotChecked);
        }),
        one("NULL ciphers do not encrypt", "mx0.starttls=failed outcome_opportunistic=plaintext", |e| {
            e.legacy("TLSv1.2", "TLS_RSA_WITH_NULL_SHA", KeyProof::NotChecked);
        }),
        one(
            "anonymous",
            "mx0.starttls=offered mx0.sts=fail sts_failure_stage=mx-tls sts_failure=anonymous-tls
             mx0.pkix=null outcome_opportunistic=encrypted mx0.result_type=validation-failure",
            |e| {
                e.legacy("TLSv1.2", "TLS_DH_anon_WITH_AES_128_CBC_SHA", KeyProof::NotChecked).legacy_chain = None;
            },
        ),
        one("anonymous, by the word of the scan", "sts_failure=anonymous-tls outcome_opportunistic=encrypted", |e| {
            e.ends(EndpointStage::Tls, Failure::AnonymousTls);
        }),
        case("HELO counts as EHLO", "mx0.decided=true mx0.starttls=not-offered", |w| {
            let row = w.endpoints[0].without_starttls();
            row.helo_used = Some(true);
            row.ehlo_capabilities = None;
        }),
        case(
            "one of two addresses expired",
            "mx0.sts=partial mx0.pkix=cert-expired mx0.days_left=-365
             sts_verdict=partial mx0.failure=cert-expired outcome_mta_sts=authenticated mx0.starttls=offered",
            |w| {
                w.add_address(IP2).shows(Kind::Expired);
            },
        ),
        case(
            "one of two addresses without STARTTLS",
            "mx0.starttls=not-offered mx0.sts=partial mx0.pkix=valid
             outcome_opportunistic=plaintext outcome_mta_sts=authenticated",
            |w| {
                w.add_address(IP2).without_starttls();
            },
        ),
        case("offered and failed is worse than not offered", "mx0.starttls=failed mx0.sts=fail", |w| {
            w.endpoints[0].without_starttls();
            w.add_address(IP2).ends(EndpointStage::Tls, Failure::TlsProtocol);
        }),
        case("an undecided address does not count", "mx0.starttls=offered mx0.sts=pass sts_verdict=pass", |w| {
            w.add_address(IP2).greets(421);
        }),
        case("the worst certificate is the one that decides first", "mx0.pkix=cert-expired", |w| {
            w.endpoints[0].shows(Kind::WrongName);
            w.add_address(IP2).shows(Kind::Expired);
        }),
    ]
}

fn anchors() -> Vec<Case> {
    let [root, other] = &PKI.roots;
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let mut both = [root.as_str(), other.as_str()];
    both.sort_unstable();
    vec![
        case(
            "each root by its fingerprint",
            leaked(format!("policy_anchors=[{root}] mx_anchors=[{root}] mx0.anchors=[{root}]")),
            |_| {},
        ),
        case("the union over addresses and hosts", leaked(format!("mx_anchors=[{}]", both.join(","))), |w| {
            w.add_host(20, MX2, IP2);
            w.endpoints[1].shows(Kind::OtherRoot);
        }),
        case(
            "the name is not asked; a host that is not valid adds nothing to the domain",
            leaked(format!("mx_anchors=[] mx0.anchors=[{root}]")),
            |w| {
                w.endpoints[0].shows(Kind::WrongName);
            },
        ),
        case("a root taken away", "mx0.pkix=cert-unknown-issuer mx_anchors=[] sts_policy=unfetchable", |w| {
            w.distrusted = Some(&PKI.roots[0]);
        }),
    ]
}
