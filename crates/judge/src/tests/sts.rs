//! MTA-STS record and policy, TLSRPT record.

use super::world::*;
use super::{Case, case, check};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;

#[test]
fn records_policies_and_tlsrpt() {
    check(&cases());
}

pub(super) fn cases() -> Vec<Case> {
    [records(), policies(), tlsrpt()].into_iter().flatten().collect()
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
            "sts_policy=unknown sts_verdict=indeterminate sts_failure=key-proof-unchecked",
            |p| p.policy_key_proof = Some(KeyProof::NotChecked),
        ),
        unfetchable("TLS of today that we do not speak", "sts_policy=unknown sts_verdict=indeterminate", |p| {
            other_tls(p, "TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA");
        }),
        unfetchable(
            "the same, with a certificate that has expired",
            "sts_policy=unfetchable sts_failure_stage=tls sts_failure=cert-expired",
            |p| {
                other_tls(p, "TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA");
                p.policy_legacy_chain = Some(PKI.chain(Kind::Expired));
            },
        ),
        unfetchable("TLS 1.0 only", "sts_policy=unfetchable sts_failure=tls-version sts_verdict=broken", |p| {
            other_tls(p, "TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA");
        }),
        unfetchable("anonymous TLS only", "sts_policy=unfetchable sts_failure=anonymous-tls", |p| {
            other_tls(p, "TLSv1.2", "TLS_DH_anon_WITH_AES_128_CBC_SHA");
        }),
        unfetchable("a prime that no sender takes", "sts_policy=unfetchable sts_failure=tls-cipher", |p| {
            other_tls(p, "TLSv1.2", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA");
            p.policy_dh_bits = Some(512);
        }),
        unfetchable("demands a client certificate", "sts_policy=unfetchable sts_failure=tls-alert", |p| {
            other_tls(p, "TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA");
            p.policy_legacy_alert = Some("handshake_failure".into());
        }),
        unfetchable("a message that is too long for us", "sts_policy=unknown sts_verdict=indeterminate", |p| {
            (p.policy_stage, p.policy_error) = (PolicyStage::Tls, Some(Failure::TlsUnsupported));
        }),
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
        unfetchable("out of service, and no word about us", "sts_failure_stage=http sts_failure=http-status", |p| {
            p.policy_http_status = Some(503);
        }),
        unfetchable(
            "we came too often",
            "sts_policy=unknown sts_verdict=indeterminate sts_failure_stage=http sts_failure=http-status",
            |p| p.policy_http_status = Some(429),
        ),
        unfetchable(
            "we came too often, and are told when to come back",
            "sts_policy=unknown sts_verdict=indeterminate sts_failure_stage=http sts_failure=http-status",
            |p| {
                p.policy_http_status = Some(503);
                p.policy_retry_after = Some("30".into());
            },
        ),
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
        unfetchable("over budget", "sts_policy=unknown sts_failure_stage=connect sts_failure=budget", |p| {
            p.policy_stage = PolicyStage::Skipped;
            p.policy_error = Some(Failure::Budget);
        }),
        unfetchable("over budget before DNS", "sts_policy=unknown sts_failure_stage=dns sts_failure=budget", |p| {
            p.policy_stage = PolicyStage::Skipped;
            p.policy_error = Some(Failure::Budget);
            p.policy_addresses = None;
        }),
        unfetchable("cut by our cap", "sts_failure_stage=http sts_failure=body-too-large", |p| {
            p.policy_body_truncated = true;
        }),
        unfetchable("a whole body and an error after it", "sts_failure_stage=http sts_failure=http-protocol", |p| {
            p.policy_error = Some(Failure::HttpProtocol);
        }),
        unfetchable("a body that did not end", "sts_failure_stage=http sts_failure=http-protocol", |p| {
            p.policy_stage = PolicyStage::Body;
        }),
        case(
            "a policy that the crawl did not come to says nothing of hosts",
            "sts_policy=unknown sts_verdict=indeterminate sts_failure_stage=null sts_failure=null",
            |w| {
                w.policy = None;
                w.endpoints[0].ends(EndpointStage::Connect, Failure::ConnectTimeout);
            },
        ),
        case("the rule of a valid one", "sts_policy=valid sts_policy@policy-valid", |_| ()),
        case(
            "empty",
            "sts_policy=invalid sts_policy@policy-invalid sts_policy_defects=[policy-empty] sts_verdict=broken sts_failure_stage=policy
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

/// Only a second look agreed with the policy host.
fn other_tls(row: &mut PolicyRow, version: &str, cipher: &str) {
    (row.policy_stage, row.policy_error) = (PolicyStage::Tls, Some(Failure::TlsCipher));
    (row.policy_key_proof, row.policy_chain, row.policy_body) = (None, None, None);
    row.policy_legacy_version = Some(version.into());
    row.policy_legacy_cipher = Some(cipher.into());
    row.policy_legacy_key_proof = Some(KeyProof::NotChecked);
    row.policy_legacy_chain = Some(PKI.chain(Kind::Good));
}
