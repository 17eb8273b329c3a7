//! MTA-STS: record, policy, hosts against the policy, TLSRPT, result types.

use super::world::*;
use super::{Case, case, check};
use crate::failure::Failure;
use crate::observation::*;

#[test]
fn records_policies_and_tlsrpt() {
    check(&cases());
}

pub(super) fn cases() -> Vec<Case> {
    [records(), policies(), hosts(), primary(), addresses(), anchors(), tlsrpt()].into_iter().flatten().collect()
}

fn records() -> Vec<Case> {
    vec![
        case(
            "everything in order",
            "sts_record=valid sts_id=\"1\" sts_record_defects=[] sts_record_lenient=valid sts_policy=valid sts_mode=enforce
             sts_max_age=604800 sts_mx_patterns=[*.example.org] sts_policy_defects=[] sts_policy_lenient=valid
             sts_warnings=[] sts_verdict=pass sts_failure_stage=null sts_failure=null sts_verdict_primary=pass
             provider=example.org suffix=org mx_count=1 inferred=false mx0.sts_mx_match=true mx0.sts=pass
             mx0.pkix=valid mx0.pkix_failures=[] mx0.starttls=offered mx0.reached=true mx0.decided=true
             mx0.failure=null mx0.result_type=null mx0.preference=10 result_types=[]",
            |_| {},
        ),
        case(
            "nothing published",
            "sts_record=absent sts_policy=not-attempted sts_verdict=no-policy sts_failure=null
             sts_failure_stage=null mx0.sts=null mx0.sts_mx_match=null",
            World::without_sts,
        ),
        case("a wildcard's SPF record is no attempt", "sts_record=absent sts_verdict=no-policy", |w| {
            w.txt(&["v=spf1 -all"]);
            w.policy = None;
        }),
        case(
            "two records",
            "sts_record=multiple sts_record_defects=[record-multiple] sts_policy=valid sts_verdict=broken
             sts_failure_stage=record sts_failure=record-multiple mx0.sts=null outcome_mta_sts=encrypted",
            |w| w.txt(&["v=STSv1; id=1", "v=STSv1; id=2"]),
        ),
        case(
            "no id: the policy is shown and does not count",
            "sts_record=invalid sts_record_defects=[record-id-missing] sts_policy=valid sts_mode=enforce sts_id=null
             sts_verdict=broken sts_failure_stage=record sts_failure=record-id-missing protection_mta_sts=never",
            |w| w.txt(&["v=STSv1;"]),
        ),
        case(
            "an invalid record and no policy file either: the record decides",
            "sts_policy=unfetchable
             sts_verdict=broken sts_failure_stage=record sts_failure=record-id-invalid result_types=[]",
            |w| {
                w.txt(&["v=STSv1; id=a-b"]);
                w.policy().policy_http_status = Some(404);
            },
        ),
        case(
            "a slip that a tolerant reader forgives",
            "sts_record=invalid sts_record_lenient=valid sts_verdict=broken",
            |w| w.txt(&["v=STSv1; id=1;;"]),
        ),
        case(
            "the same, judged tolerantly",
            "sts_record=invalid sts_record_lenient=valid sts_id=\"1\" sts_verdict=pass",
            |w| {
                w.txt(&["v=STSv1; id=1;;"]);
                w.parameters.lenient = true;
            },
        ),
        case("erratum 6285 is a warning", "sts_record=valid sts_warnings=[record-syntax] sts_verdict=pass", |w| {
            w.txt(&["v=STSv1 ; id=1"]);
        }),
        case("bytes come back from the text of the table", "sts_record=invalid sts_failure=record-id-invalid", |w| {
            w.txt(&["v=STSv1; id=\\255"]);
        }),
        case(
            "the TXT look-up failed",
            "sts_record=error sts_policy=not-attempted sts_verdict=indeterminate sts_failure_stage=record
             sts_failure=dns-timeout protection_mta_sts=indeterminate protection_both=indeterminate
             outcome_mta_sts=encrypted",
            |w| {
                w.without_sts();
                w.domain.sts_txt_status = Some(DnsStatus::Error);
                w.domain.sts_txt_error = Some(Failure::DnsTimeout);
            },
        ),
        case("cancelled before the TXT look-up", "sts_record=unknown sts_verdict=indeterminate", |w| {
            w.without_sts();
            w.domain.sts_txt_status = Some(DnsStatus::Error);
            w.domain.sts_txt_error = Some(Failure::Cancelled);
        }),
        case("not looked up", "sts_record=unknown sts_record_lenient=unknown sts_policy=not-attempted", |w| {
            w.without_sts();
            w.domain.sts_txt_status = None;
        }),
        case(
            "our cap cut the list: a second record may be behind it",
            "sts_record=unknown sts_verdict=indeterminate",
            |w| {
                w.domain.sts_txt_truncated = true;
            },
        ),
        case("our cap cut the list, and two were seen", "sts_record=multiple", |w| {
            w.txt(&["v=STSv1; id=1", "v=STSv1; id=2"]);
            w.domain.sts_txt_truncated = true;
        }),
    ]
}

fn policies() -> Vec<Case> {
    let unfetchable = |why, expected, change: fn(&mut PolicyRow)| case(why, expected, |w| change(w.policy()));
    vec![
        case(
            "the crawl did not come to the policy",
            "sts_policy=unknown sts_policy_lenient=unknown
             sts_verdict=indeterminate protection_mta_sts=indeterminate",
            |w| w.policy = None,
        ),
        unfetchable(
            "no such name",
            "sts_policy=unfetchable sts_policy_lenient=unfetchable sts_verdict=broken
             sts_failure_stage=dns sts_failure=nxdomain result_types=[sts-policy-fetch-error] policy_anchors=[]",
            |p| {
                p.policy_stage = PolicyStage::Dns;
                p.policy_error = Some(Failure::Nxdomain);
                p.policy_chain = None;
            },
        ),
        unfetchable("nobody listens", "sts_failure_stage=connect sts_failure=connect-refused", |p| {
            p.policy_stage = PolicyStage::Connect;
            p.policy_error = Some(Failure::ConnectRefused);
            p.policy_chain = None;
        }),
        unfetchable(
            "the handshake fails",
            "sts_failure_stage=tls sts_failure=tls-alert
             result_types=[sts-policy-fetch-error]",
            |p| {
                p.policy_stage = PolicyStage::Tls;
                p.policy_error = Some(Failure::TlsAlert);
                p.policy_chain = None;
            },
        ),
        unfetchable(
            "a certificate for another name; its root is listed all the same",
            "sts_policy=unfetchable
             sts_verdict=broken sts_failure_stage=tls sts_failure=cert-name-mismatch result_types=[sts-webpki-invalid]
             outcome_mta_sts=encrypted",
            |p| p.policy_chain = Some(PKI.chain(Kind::WrongName)),
        ),
        unfetchable("expired", "sts_failure_stage=tls sts_failure=cert-expired", |p| {
            p.policy_chain = Some(PKI.chain(Kind::Expired));
        }),
        unfetchable(
            "the certificate comes before the status",
            "sts_failure_stage=tls sts_failure=cert-unknown-issuer",
            |p| {
                p.policy_chain = Some(PKI.chain(Kind::Untrusted));
                p.policy_http_status = Some(404);
            },
        ),
        unfetchable("the peer does not hold the key", "sts_failure_stage=tls sts_failure=cert-invalid", |p| {
            p.policy_key_proof = Some(KeyProof::Failed);
        }),
        unfetchable(
            "nobody checked whether it does",
            "sts_policy=unfetchable sts_failure=key-proof-unchecked
             result_types=[sts-webpki-invalid]",
            |p| p.policy_key_proof = Some(KeyProof::NotChecked),
        ),
        unfetchable("no certificate at all", "sts_policy=unfetchable sts_failure=cert-invalid", |p| {
            p.policy_chain = None
        }),
        unfetchable(
            "cut by our cap and without its intermediate: not known",
            "sts_policy=unknown
             sts_verdict=indeterminate sts_failure_stage=tls sts_failure=null",
            |p| {
                p.policy_chain = Some(PKI.chain(Kind::WithoutIntermediate));
                p.policy_chain_truncated = true;
            },
        ),
        unfetchable("cut by our cap and valid all the same", "sts_policy=valid", |p| p.policy_chain_truncated = true),
        unfetchable("the dataset lost the leaf", "sts_policy=unknown", |p| {
            p.policy_chain = Some(vec!["00".repeat(32)])
        }),
        unfetchable(
            "not found",
            "sts_failure_stage=http sts_failure=http-status result_types=[sts-policy-fetch-error]",
            |p| {
                p.policy_http_status = Some(404);
            },
        ),
        unfetchable("another 2xx is not 200", "sts_failure_stage=http sts_failure=http-status", |p| {
            p.policy_http_status = Some(204);
        }),
        unfetchable("a redirect is not followed", "sts_failure_stage=http sts_failure=http-redirect", |p| {
            p.policy_http_status = Some(301);
        }),
        unfetchable("too large", "sts_policy=unfetchable sts_failure_stage=http sts_failure=body-too-large", |p| {
            p.policy_stage = PolicyStage::Body;
            p.policy_error = Some(Failure::BodyTooLarge);
            p.policy_body_truncated = true;
        }),
        unfetchable("an endless error page is an error page", "sts_failure=http-status", |p| {
            p.policy_stage = PolicyStage::Body;
            p.policy_error = Some(Failure::BodyTooLarge);
            p.policy_http_status = Some(500);
        }),
        unfetchable("the body drips", "sts_policy=unfetchable sts_failure_stage=http sts_failure=http-timeout", |p| {
            p.policy_stage = PolicyStage::Body;
            p.policy_error = Some(Failure::HttpTimeout);
        }),
        unfetchable("no HTTP", "sts_failure_stage=http sts_failure=http-protocol", |p| {
            p.policy_stage = PolicyStage::Http;
            p.policy_error = Some(Failure::HttpProtocol);
            p.policy_http_status = None;
        }),
        unfetchable(
            "only IPv6 from where there is none",
            "sts_policy=unknown sts_verdict=indeterminate
             sts_failure_stage=connect sts_failure=no-route-for-family outcome_mta_sts=encrypted
             protection_mta_sts=indeterminate result_types=[]",
            |p| {
                p.policy_stage = PolicyStage::Connect;
                p.policy_error = Some(Failure::NoRouteForFamily);
                p.policy_chain = None;
            },
        ),
        unfetchable("over budget", "sts_policy=unknown sts_failure_stage=null", |p| {
            p.policy_stage = PolicyStage::Skipped;
            p.policy_error = Some(Failure::Budget);
        }),
        case(
            "empty",
            "sts_policy=invalid sts_policy_defects=[policy-empty] sts_verdict=broken sts_failure_stage=policy
             sts_failure=policy-empty result_types=[sts-policy-invalid]",
            |w| w.body(""),
        ),
        case(
            "no mode, and what can be read is shown",
            "sts_policy=invalid sts_mode=null sts_max_age=86400 sts_mx_patterns=[a.example] sts_failure=policy-mode",
            |w| w.body("version: STSv1\nmax_age: 86400\nmx: a.example\n"),
        ),
        case(
            "an empty line in the middle",
            "sts_policy=invalid sts_policy_lenient=valid sts_failure=policy-line sts_verdict=broken",
            |w| w.body("version: STSv1\nmode: enforce\n\nmax_age: 86400\nmx: mx.example.org\n"),
        ),
        case(
            "the same, judged tolerantly",
            "sts_policy=invalid sts_policy_lenient=valid sts_mode=enforce
             sts_verdict=pass outcome_mta_sts=authenticated",
            |w| {
                w.body("version: STSv1\nmode: enforce\n\nmax_age: 86400\nmx: mx.example.org\n");
                w.parameters.lenient = true;
            },
        ),
        case(
            "warnings stop nothing",
            "sts_policy=valid sts_verdict=pass
             sts_warnings=[content-type,content-encoding,max-age-short]",
            |w| {
                w.body("version: STSv1\nmode: enforce\nmax_age: 60\nmx: mx.example.org\n");
                w.policy().policy_content_type = Some("text/html".into());
                w.policy().policy_content_encoding = Some("gzip".into());
            },
        ),
        case("a media type in capitals is the same one", "sts_warnings=[]", |w| {
            w.policy().policy_content_type = Some("TEXT/PLAIN".into());
            w.policy().policy_content_encoding = Some("identity".into());
        }),
        case(
            "mode none",
            "sts_policy=valid sts_mode=none sts_verdict=mode-none mx0.sts=null mx0.sts_mx_match=null
             outcome_mta_sts=encrypted protection_mta_sts=never",
            |w| w.policy = Some(policy("none")),
        ),
        case("mode none without mx", "sts_policy=valid sts_verdict=mode-none", |w| {
            w.body("version: STSv1\nmode: none\nmax_age: 86400\n");
        }),
    ]
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
        case("a null MX and a policy", "mx_status=null sts_verdict=no-mail dane_verdict=no-mail sts_verdict_primary=no-mail
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
        case("the MX look-up failed", "sts_verdict=indeterminate dane_verdict=indeterminate sts_failure=null
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
        one(
            "nobody checked whether it does",
            "mx0.pkix=valid mx0.pkix_failures=[] mx0.sts=fail
             sts_failure_stage=mx-certificate sts_failure=key-proof-unchecked mx0.failure=key-proof-unchecked
             outcome_opportunistic=encrypted outcome_mta_sts=refused",
            |e| e.key_proof = Some(KeyProof::NotChecked),
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

fn tlsrpt() -> Vec<Case> {
    let records = |why, expected, records: &[&str]| {
        let txt = records.iter().map(|record| (*record).to_owned()).collect();
        case(why, expected, |w| {
            w.domain.tlsrpt_status = Some(DnsStatus::Found);
            w.domain.tlsrpt_txt = Some(txt);
        })
    };
    vec![
        case("none", "tlsrpt=absent tlsrpt_rua=[]", |_| {}),
        records("one", "tlsrpt=valid tlsrpt_rua=[mailto:a@example.org]", &["v=TLSRPTv1; rua=mailto:a@example.org"]),
        records(
            "two",
            "tlsrpt=multiple",
            &["v=TLSRPTv1; rua=mailto:a@example.org", "v=TLSRPTv1; rua=mailto:b@example.org"],
        ),
        records("without rua", "tlsrpt=invalid", &["v=TLSRPTv1;"]),
        records("something else", "tlsrpt=absent", &["v=spf1 -all"]),
        case("failed", "tlsrpt=error", |w| {
            w.domain.tlsrpt_status = Some(DnsStatus::Error);
            w.domain.tlsrpt_error = Some(Failure::Servfail);
        }),
    ]
}
