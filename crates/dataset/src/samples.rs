//! Rows for tests: of every table one with every field filled and one with every field as empty as it can be.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "it is made for tests"
)]

use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;
use mxcensus_rules::pkix::Verifier;
use mxcensus_rules::verdict::*;

pub fn cname() -> Cname {
    Cname { target: "alias.example.net".into(), dnssec: Some(Dnssec::Secure) }
}

fn texts(items: &[&str]) -> Option<Vec<String>> {
    Some(items.iter().map(|item| item.to_string()).collect())
}

fn lookup() -> TlsaLookup {
    TlsaLookup {
        name: "_25._tcp.mx.example.org".into(),
        status: DnsStatus::Found,
        error: Some(Failure::DnsTimeout),
        dnssec: Some(Dnssec::Bogus),
        ttl: Some(u32::MAX),
        records: vec![TlsaRecord { usage: 255, selector: 1, matching: 1, data: "00ff".into() }],
    }
}

fn empty_lookup() -> TlsaLookup {
    TlsaLookup { name: String::new(), status: DnsStatus::Nodata, error: None, dnssec: None, ttl: None, records: vec![] }
}

pub fn domains() -> [DomainRow; 2] {
    let full = DomainRow {
        domain: "example.org".into(),
        rank: Some(i64::MAX),
        worker: "w1".into(),
        observed_at: 1_700_000_000_123_456,
        mx_status: MxStatus::NullMixed,
        mx_error: Some(Failure::Servfail),
        mx_dnssec: Some(Dnssec::Indeterminate),
        mx_ttl: Some(u32::MAX),
        mx_cnames: Some(vec![cname(), Cname { target: "b.example".into(), dnssec: None }]),
        mx: Some(vec![Mx { preference: u16::MAX, host: "mx.example.org".into() }]),
        mx_truncated: true,
        sts_txt_status: Some(DnsStatus::Found),
        sts_txt_error: Some(Failure::Refused),
        sts_txt_dnssec: Some(Dnssec::Insecure),
        sts_txt_ttl: Some(60),
        sts_txt: texts(&["v=STSv1; id=1;", ""]),
        sts_txt_truncated: true,
        sts_txt_cnames: Some(vec![cname()]),
        tlsrpt_status: Some(DnsStatus::Error),
        tlsrpt_error: Some(Failure::DnssecBogus),
        tlsrpt_dnssec: Some(Dnssec::Bogus),
        tlsrpt_txt: texts(&["v=TLSRPTv1; rua=mailto:a@example.org"]),
        spf_status: Some(DnsStatus::Nxdomain),
        spf_error: Some(Failure::Nxdomain),
        spf_dnssec: Some(Dnssec::Secure),
        spf_txt: texts(&["v=spf1 \\\\ \\027 gr\u{fc}n"]),
        dmarc_status: Some(DnsStatus::Nodata),
        dmarc_error: Some(Failure::Nodata),
        dmarc_dnssec: Some(Dnssec::Secure),
        dmarc_txt: texts(&["v=DMARC1"]),
        dmarc_org_status: Some(DnsStatus::Found),
        dmarc_org_error: Some(Failure::InvalidName),
        dmarc_org_dnssec: Some(Dnssec::Secure),
        dmarc_org_txt: texts(&["v=DMARC1"]),
    };
    let empty = DomainRow { mx_status: MxStatus::OptedOut, ..DomainRow::unseen(String::new(), String::new(), 0) };
    [full, empty]
}

pub fn policies() -> [PolicyRow; 2] {
    let attempt = |error| PolicyAttempt { at: 5, stage: PolicyStage::Http, error, ms: 1.5 };
    let full = PolicyRow {
        domain: "example.org".into(),
        policy_host: "mta-sts.example.org".into(),
        worker: "w1".into(),
        policy_stage: PolicyStage::Done,
        policy_error: Some(Failure::HttpTimeout),
        policy_observed_at: Some(1_700_000_000_000_000),
        policy_attempts: vec![attempt(Some(Failure::HttpTimeout)), attempt(None)],
        policy_addresses: texts(&["192.0.2.1", "2001:db8::1"]),
        policy_addresses_truncated: true,
        policy_address_dnssec: Some(Dnssec::Insecure),
        policy_cnames: Some(vec![cname()]),
        policy_ip: Some("192.0.2.1".into()),
        policy_tls_version: Some("TLSv1.3".into()),
        policy_cipher_suite: Some("TLS_AES_128_GCM_SHA256".into()),
        policy_key_exchange: Some("X25519".into()),
        policy_tls_alert: Some("handshake_failure".into()),
        policy_tls_last_sent: Some(TlsMessage::Finished),
        policy_client_certificate_requested: Some(true),
        policy_dh_bits: Some(2048),
        policy_key_proof: Some(KeyProof::Verified),
        policy_http_version: Some("HTTP/1.1".into()),
        policy_http_status: Some(u16::MAX),
        policy_content_type: Some("text/plain".into()),
        policy_content_encoding: Some("gzip".into()),
        policy_location: Some("https://www.example.org/".into()),
        policy_retry_after: Some("120".into()),
        policy_body: Some(vec![0, 159, 146, 150, b'\n']),
        policy_body_truncated: true,
        policy_chain: texts(&["aa", "bb"]),
        policy_chain_truncated: true,
        policy_legacy_version: Some("TLSv1.2".into()),
        policy_legacy_cipher: Some("c".into()),
        policy_legacy_key_exchange: Some("rsa".into()),
        policy_legacy_alert: Some("bad_certificate".into()),
        policy_legacy_key_proof: Some(KeyProof::NotChecked),
        policy_legacy_chain: texts(&["cc"]),
        policy_dns_ms: Some(0.25),
        policy_connect_ms: Some(f64::MAX),
        policy_tls_ms: Some(3.0),
        policy_http_ms: Some(4.0),
    };
    let empty = PolicyRow::unseen(String::new(), String::new(), String::new());
    [full, empty]
}

pub fn mx_hosts() -> [MxHostRow; 2] {
    let full = MxHostRow {
        host: "mx.example.org".into(),
        worker: "w1".into(),
        observed_at: 7,
        host_status: HostStatus::Ok,
        cnames: Some(vec![cname()]),
        a_status: Some(DnsStatus::Found),
        a_error: Some(Failure::Servfail),
        a_dnssec: Some(Dnssec::Secure),
        a_ttl: Some(1),
        aaaa_status: Some(DnsStatus::Error),
        aaaa_error: Some(Failure::DnsTimeout),
        aaaa_dnssec: Some(Dnssec::Secure),
        aaaa_ttl: Some(2),
        addresses: texts(&["192.0.2.1"]),
        addresses_truncated: true,
        tlsa_lookups: Some(vec![lookup(), empty_lookup()]),
        tlsa_truncated: true,
    };
    let empty = MxHostRow { host_status: HostStatus::Nxdomain, ..MxHostRow::unseen(String::new(), String::new(), 0) };
    [full, empty]
}

pub fn endpoints() -> [EndpointRow; 2] {
    let attempt = |error, reply_code| Attempt { at: 1, stage: EndpointStage::Starttls, error, reply_code, ms: 0.5 };
    let full = EndpointRow {
        host: "mx.example.org".into(),
        server_name: "base.example.org".into(),
        ip: "2001:db8::1".into(),
        port: u16::MAX,
        worker: "w1".into(),
        observed_at: 9,
        attempt_log: vec![attempt(Some(Failure::StarttlsRejected), Some(454)), attempt(None, None)],
        connections: u32::MAX,
        sampled_from: Some("mx2.example.org".into()),
        stage: EndpointStage::Done,
        error: Some(Failure::TlsAlert),
        banner: Some("220 mx\\013\\010".into()),
        banner_truncated: true,
        ehlo_name: Some("mx".into()),
        helo_used: Some(true),
        ehlo_capabilities: texts(&["STARTTLS", "8BITMIME"]),
        ehlo_capabilities_truncated: true,
        ehlo_tls_capabilities: texts(&["REQUIRETLS"]),
        reply_code: Some(220),
        reply_text: Some("go ahead".into()),
        reply_text_truncated: true,
        starttls: Some(true),
        injected: Some(true),
        tls_version: Some("TLSv1.2".into()),
        cipher_suite: Some("x".into()),
        key_exchange: Some("X25519".into()),
        signature_scheme: Some("ecdsa".into()),
        tls_alert: Some("alert".into()),
        tls_last_sent: Some(TlsMessage::ClientKeyExchange),
        client_certificate_requested: Some(true),
        dh_bits: Some(u32::from(u16::MAX)),
        key_proof: Some(KeyProof::Failed),
        chain: texts(&["aa"]),
        chain_truncated: true,
        legacy_version: Some("TLSv1.0".into()),
        legacy_cipher: Some("c".into()),
        legacy_key_exchange: Some("rsa".into()),
        legacy_alert: Some("handshake_failure".into()),
        legacy_last_sent: Some(TlsMessage::Certificate),
        legacy_key_proof: Some(KeyProof::NotChecked),
        legacy_chain: texts(&["bb"]),
        tlsa_after: Some(vec![lookup()]),
        tlsa_after_at: Some(10),
        connect_ms: Some(1.0),
        banner_ms: Some(2.0),
        tls_ms: Some(3.0),
        total_ms: Some(4.0),
    };
    let empty = EndpointRow::unseen(String::new(), String::new(), String::new(), 0, String::new(), 0);
    [full, empty]
}

pub fn certificates() -> [CertificateRow; 2] {
    let full = CertificateRow {
        sha256: "ab".into(),
        der: vec![0x30, 0, 255],
        subject: Some("CN=a".into()),
        issuer: Some("CN=b".into()),
        serial: Some("01".into()),
        dns_names: texts(&["a.example", "*.example"]),
        dns_names_truncated: true,
        common_name: Some("a".into()),
        not_before: Some(-1),
        not_after: Some(253_402_300_799_000_000),
        key_type: Some("rsa".into()),
        key_bits: Some(2048),
        signature_algorithm: Some("sha256WithRSAEncryption".into()),
        spki_sha256: Some("cd".into()),
        is_ca: Some(true),
        self_signed: Some(true),
        parse_error: Some("no".into()),
    };
    let empty = CertificateRow {
        sha256: String::new(),
        der: vec![],
        subject: None,
        issuer: None,
        serial: None,
        dns_names: None,
        dns_names_truncated: false,
        common_name: None,
        not_before: None,
        not_after: None,
        key_type: None,
        key_bits: None,
        signature_algorithm: None,
        spki_sha256: None,
        is_ca: None,
        self_signed: None,
        parse_error: None,
    };
    [full, empty]
}

pub fn verdicts() -> [VerdictRow; 2] {
    let full = VerdictRow {
        domain: "example.org".into(),
        rank: Some(1),
        suffix: Some("org".into()),
        provider: Some("example.org".into()),
        mx_status: MxStatus::Present,
        mx_dnssec: Some(Dnssec::Secure),
        mx_count: 2,
        inferred: true,
        sts_record: StsRecord::Multiple,
        sts_id: Some("1".into()),
        sts_record_defects: vec![Failure::RecordMultiple, Failure::RecordSyntax],
        sts_record_lenient: StsRecord::Valid,
        sts_policy: StsPolicy::Unfetchable,
        sts_mode: Some("enforce".into()),
        sts_max_age: Some(31_557_600),
        sts_mx_patterns: texts(&["*.example.org"]),
        sts_policy_defects: vec![Failure::PolicyMx],
        sts_warnings: vec![Failure::ContentType],
        sts_policy_lenient: StsPolicy::Valid,
        sts_verdict: StsVerdict::Broken,
        sts_failure_stage: Some(StsFailureStage::MxCertificate),
        sts_failure: Some(Failure::CertExpired),
        dane_verdict: DaneVerdict::Partial,
        dane_insecure_cause: Some(DaneInsecureCause::Tlsa),
        sts_verdict_primary: StsVerdict::Pass,
        dane_verdict_primary: DaneVerdict::Pass,
        conflict: Conflict::DanePassStsFail,
        outcome_opportunistic: Outcome::Encrypted,
        outcome_mta_sts: Outcome::Authenticated,
        outcome_dane: Outcome::Refused,
        outcome_dane_insecure_mx: Outcome::Plaintext,
        outcome_both: Outcome::Unreachable,
        protection_mta_sts: Protection::AfterFirstContact,
        protection_dane: Protection::Always,
        protection_both: Protection::Never,
        policy_pkix_detail: Some("leaf: expired".into()),
        policy_anchors: vec!["aa".into()],
        mx_anchors: vec!["bb".into()],
        tlsrpt: Tlsrpt::Valid,
        tlsrpt_rua: vec!["mailto:a@example.org".into()],
        result_types: vec![ResultType::StsWebpkiInvalid],
    };
    let empty = VerdictRow {
        domain: String::new(),
        rank: None,
        suffix: None,
        provider: None,
        mx_status: MxStatus::Null,
        mx_dnssec: None,
        mx_count: 0,
        inferred: false,
        sts_record: StsRecord::Absent,
        sts_id: None,
        sts_record_defects: vec![],
        sts_record_lenient: StsRecord::Absent,
        sts_policy: StsPolicy::NotAttempted,
        sts_mode: None,
        sts_max_age: None,
        sts_mx_patterns: None,
        sts_policy_defects: vec![],
        sts_warnings: vec![],
        sts_policy_lenient: StsPolicy::NotAttempted,
        sts_verdict: StsVerdict::NoMail,
        sts_failure_stage: None,
        sts_failure: None,
        dane_verdict: DaneVerdict::NoMail,
        dane_insecure_cause: None,
        sts_verdict_primary: StsVerdict::NoMail,
        dane_verdict_primary: DaneVerdict::NoMail,
        conflict: Conflict::None,
        outcome_opportunistic: Outcome::NoMail,
        outcome_mta_sts: Outcome::NoMail,
        outcome_dane: Outcome::NoMail,
        outcome_dane_insecure_mx: Outcome::NoMail,
        outcome_both: Outcome::NoMail,
        protection_mta_sts: Protection::NoMail,
        protection_dane: Protection::NoMail,
        protection_both: Protection::NoMail,
        policy_pkix_detail: None,
        policy_anchors: vec![],
        mx_anchors: vec![],
        tlsrpt: Tlsrpt::Absent,
        tlsrpt_rua: vec![],
        result_types: vec![],
    };
    [full, empty]
}

pub fn mx_verdicts() -> [MxVerdictRow; 2] {
    let full = MxVerdictRow {
        domain: "example.org".into(),
        host: "mx.example.org".into(),
        preference: u16::MAX,
        provider: Some("example.org".into()),
        inferred: true,
        reached: true,
        decided: true,
        starttls: StarttlsWord::Failed,
        sts_mx_match: Some(true),
        sts: Some(StsHost::Partial),
        pkix: Some("valid".into()),
        pkix_failures: Some(vec![Failure::CertExpired]),
        pkix_detail: Some("leaf: expired".into()),
        pkix_refused_by: vec![Verifier::OpenSsl],
        dane: DaneHost::NoTls,
        dane_host: DaneHost::Match,
        tlsa_base: Some("mx.example.org".into()),
        tlsa_matched: Some(3),
        agility_changed: Some(true),
        tlsa_mismatch_cause: Some(MismatchCause::TextAsData),
        dane_detail: Some("leaf: expired".into()),
        dane_refused_by: vec![Verifier::Webpki],
        anchors: vec!["aa".into()],
        days_left: Some(-3),
        failure: Some(Failure::TlsaMismatch),
        result_type: Some(ResultType::TlsaInvalid),
    };
    let empty = MxVerdictRow {
        domain: String::new(),
        host: String::new(),
        preference: 0,
        provider: None,
        inferred: false,
        reached: false,
        decided: false,
        starttls: StarttlsWord::Unknown,
        sts_mx_match: None,
        sts: None,
        pkix: None,
        pkix_failures: None,
        pkix_detail: None,
        pkix_refused_by: vec![],
        dane: DaneHost::Unknown,
        dane_host: DaneHost::Unknown,
        tlsa_base: None,
        tlsa_matched: None,
        agility_changed: None,
        tlsa_mismatch_cause: None,
        dane_detail: None,
        dane_refused_by: vec![],
        anchors: vec![],
        days_left: None,
        failure: None,
        result_type: None,
    };
    [full, empty]
}

/// `store_verdicts`.
pub fn store_verdicts() -> [StoreVerdictRow; 2] {
    let full = StoreVerdictRow {
        domain: "example.org".into(),
        store: "a store".into(),
        policy_trusted: Some(true),
        mx_trusted: Some(MxTrusted::Some),
        sts_policy: StsPolicy::Valid,
        sts_mode: Some("enforce".into()),
        sts_verdict: StsVerdict::Partial,
        sts_failure_stage: Some(StsFailureStage::MxCertificate),
        sts_failure: Some(Failure::CertUnknownIssuer),
        outcome_mta_sts: Outcome::Authenticated,
        outcome_both: Outcome::Refused,
        protection_mta_sts: Protection::AfterFirstContact,
        protection_both: Protection::Always,
        policy_anchors: vec!["aa".into()],
        sts_mx_anchors: vec![vec!["aa".into(), "bb".into()], vec!["cc".into()]],
    };
    let empty = StoreVerdictRow {
        domain: String::new(),
        store: String::new(),
        policy_trusted: None,
        mx_trusted: None,
        sts_policy: StsPolicy::NotAttempted,
        sts_mode: None,
        sts_verdict: StsVerdict::NoPolicy,
        sts_failure_stage: None,
        sts_failure: None,
        outcome_mta_sts: Outcome::NoMail,
        outcome_both: Outcome::NoMail,
        protection_mta_sts: Protection::NoMail,
        protection_both: Protection::NoMail,
        policy_anchors: vec![],
        sts_mx_anchors: vec![],
    };
    [full, empty]
}
