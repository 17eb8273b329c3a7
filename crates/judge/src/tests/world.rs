//! A domain with everything in order, to be spoilt by the tests: rows, certificates and a trust store.

use std::collections::HashMap;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::{Certificates, HostFacts, Judge, Judgement, Parameters};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::*;
use mxcensus_rules::pkix::testing::{
    Authority, JAN_2025, JAN_2026, JAN_2027, NOW, authority_params, dated, fixture, fixtures, leaf_params, spki_of,
};
use mxcensus_rules::pkix::{TrustStore, fingerprint};

pub(crate) const DOMAIN: &str = "example.org";
pub(crate) const MX: &str = "mx.example.org";
pub(crate) const MX2: &str = "mx2.example.org";
pub(crate) const IP: &str = "9.9.9.1";
pub(crate) const IP2: &str = "9.9.9.2";

/// The instant of the scan, 2026-01-01.
pub(crate) const AT: Micros = NOW * 1_000_000;

/// Certificates for every test, made once: generating keys is slow.
pub(crate) struct Pki {
    pub store: TrustStore,
    pub roots: [String; 2],
    chains: Vec<(Kind, Vec<Vec<u8>>)>,
}

/// What a chain is like. Unless it says otherwise a leaf names everything that the tests use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Good,
    /// As good, under another root.
    OtherRoot,
    Expired,
    NotYetValid,
    WrongName,
    /// Names the domain and no host.
    DomainOnly,
    Untrusted,
    SelfSigned,
    /// A key of 1024 bits, and another name.
    Weak,
    /// Leaf and intermediate.
    Long,
    /// The leaf of [`Kind::Long`] alone.
    WithoutIntermediate,
    /// Under an authority of its own whose certificate has expired, and which is shown.
    PastAnchor,
    /// As [`Kind::Good`] with the root, signed by an unknown algorithm.
    UnknownAlgorithm,
}

pub(crate) const KINDS: [Kind; 13] = [
    Kind::Good,
    Kind::OtherRoot,
    Kind::Expired,
    Kind::NotYetValid,
    Kind::WrongName,
    Kind::DomainOnly,
    Kind::Untrusted,
    Kind::SelfSigned,
    Kind::Weak,
    Kind::Long,
    Kind::WithoutIntermediate,
    Kind::PastAnchor,
    Kind::UnknownAlgorithm,
];

pub(crate) static PKI: LazyLock<Pki> = LazyLock::new(|| {
    let names = [MX, MX2, "alias.example.net", "target.example.net", "mta-sts.example.org", DOMAIN];
    let (root, other, stranger) = (Authority::root("R"), Authority::root("Q"), Authority::root("S"));
    let intermediate = root.intermediate("I");
    let key = || rcgen::KeyPair::generate().unwrap();
    let past = dated(leaf_params(&names), (2024, 1, 1), JAN_2025);
    let future = dated(leaf_params(&names), (2026, 6, 1), JAN_2027);
    let own = key();
    let long = intermediate.leaf(&names);
    let gone = Authority::root_from(dated(authority_params("G"), (2020, 1, 1), JAN_2025));
    Pki {
        store: TrustStore::from_certificates([root.der(), other.der()]),
        roots: [fingerprint(&root.der()), fingerprint(&other.der())],
        chains: vec![
            (Kind::Good, vec![root.leaf(&names)]),
            (Kind::OtherRoot, vec![other.leaf(&names)]),
            (Kind::Expired, vec![root.sign(&past, &key())]),
            (Kind::NotYetValid, vec![root.sign(&future, &key())]),
            (Kind::WrongName, vec![root.leaf(&["other.example.com"])]),
            (Kind::DomainOnly, vec![root.leaf(&[DOMAIN]), root.der()]),
            (Kind::Untrusted, vec![stranger.leaf(&names)]),
            (Kind::SelfSigned, vec![leaf_params(&names).self_signed(&own).unwrap().der().to_vec()]),
            (Kind::Weak, vec![fixture(fixtures::RSA_1024_SELF_SIGNED)]),
            (Kind::WithoutIntermediate, vec![long.clone()]),
            (Kind::Long, vec![long, intermediate.der()]),
            (Kind::PastAnchor, vec![gone.leaf(&names), gone.der()]),
            (Kind::UnknownAlgorithm, vec![with_unknown_algorithm(&root.leaf(&names)), root.der()]),
        ],
    }
});

/// A certificate whose signature is said to be made by an arc below ecdsa-with-SHA2 (RFC 5758 3.2) that is not assigned.
fn with_unknown_algorithm(der: &[u8]) -> Vec<u8> {
    const ECDSA_WITH_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let mut der = der.to_vec();
    for at in 0..der.len() - ECDSA_WITH_SHA256.len() {
        if der[at..].starts_with(&ECDSA_WITH_SHA256) {
            der[at + ECDSA_WITH_SHA256.len() - 1] = 0x7f;
        }
    }
    der
}

impl Pki {
    fn ders(&self, kind: Kind) -> &[Vec<u8>] {
        let found = self.chains.iter().find(|(k, _)| *k == kind);
        found.map(|(_, chain)| chain.as_slice()).unwrap()
    }

    /// The fingerprints of a chain as presented.
    pub(crate) fn chain(&self, kind: Kind) -> Vec<String> {
        self.ders(kind).iter().map(|der| fingerprint(der)).collect()
    }

    /// The certificates table.
    pub(crate) fn certificates(&self) -> Certificates {
        let mut certificates = Certificates::new();
        for der in self.chains.iter().flat_map(|(_, chain)| chain) {
            certificates.insert(&fingerprint(der), der);
        }
        certificates
    }

    /// `usage 1 1` over the key of the first (`depth` 0) or a later certificate of a chain.
    pub(crate) fn tlsa(&self, usage: u8, kind: Kind, depth: usize) -> TlsaRecord {
        let digest = Sha256::digest(spki_of(&self.ders(kind)[depth]));
        TlsaRecord { usage, selector: 1, matching: 1, data: hex::encode(digest) }
    }
}

/// 3 1 1 of the good chain.
pub(crate) fn good_tlsa() -> TlsaRecord {
    PKI.tlsa(3, Kind::Good, 0)
}

/// 3 1 1 of nothing that is ever presented.
pub(crate) fn stale_tlsa() -> TlsaRecord {
    TlsaRecord { usage: 3, selector: 1, matching: 1, data: "ab".repeat(32) }
}

/// A record that no SMTP client uses (RFC 7672 3.1.3).
pub(crate) fn unusable_tlsa() -> TlsaRecord {
    TlsaRecord { usage: 1, ..good_tlsa() }
}

/// The rows of one crawl about one domain.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub domain: DomainRow,
    pub policy: Option<PolicyRow>,
    pub hosts: Vec<MxHostRow>,
    pub endpoints: Vec<EndpointRow>,
    pub parameters: Parameters,
    /// A root that the trust store lacks.
    pub distrusted: Option<&'static str>,
}

impl World {
    /// One MX, secure DNS without TLSA, an enforced policy, everything valid.
    pub(crate) fn good() -> Self {
        Self {
            domain: domain(),
            policy: Some(policy("enforce")),
            hosts: vec![host(MX, &[IP])],
            endpoints: vec![endpoint(MX, IP)],
            parameters: Parameters::default(),
            distrusted: None,
        }
    }

    pub(crate) fn judge(&self) -> Judgement {
        self.judge_with(&PKI.certificates())
    }

    pub(crate) fn judge_with(&self, certificates: &Certificates) -> Judgement {
        let facts: HashMap<String, HostFacts> = self
            .hosts
            .iter()
            .map(|row| {
                let own = self.endpoints.iter().filter(|endpoint| endpoint.host == row.host);
                (row.host.clone(), HostFacts::read(row, own, certificates))
            })
            .collect();
        let store = self.distrusted.map(|root| PKI.store.clone().without(&[root]));
        Judge::new(self.parameters, store.as_ref().unwrap_or(&PKI.store), certificates).domain(
            &self.domain,
            self.policy.as_ref(),
            &facts,
        )
    }

    /// Adds an MX host as good as the first one.
    pub(crate) fn add_host(&mut self, preference: u16, name: &str, ip: &str) {
        self.domain.mx.get_or_insert_default().push(Mx { preference, host: name.into() });
        self.hosts.push(host(name, &[ip]));
        self.endpoints.push(endpoint(name, ip));
    }

    /// Adds an address as good as the first one to the first host.
    pub(crate) fn add_address(&mut self, ip: &str) -> &mut EndpointRow {
        self.hosts[0].addresses.get_or_insert_default().push(ip.into());
        self.endpoints.push(endpoint(&self.hosts[0].host.clone(), ip));
        self.endpoints.last_mut().unwrap()
    }

    /// Secure TLSA records at a host.
    pub(crate) fn publish(&mut self, host: usize, records: &[TlsaRecord]) {
        let name = self.hosts[host].host.clone();
        self.hosts[host].tlsa_lookups = Some(vec![found(&name, records)]);
    }

    /// Neither record nor policy, as if nobody had heard of MTA-STS.
    pub(crate) fn without_sts(&mut self) {
        self.domain.sts_txt_status = Some(DnsStatus::Nodata);
        self.domain.sts_txt = None;
        self.policy = None;
    }

    pub(crate) fn policy(&mut self) -> &mut PolicyRow {
        self.policy.as_mut().unwrap()
    }

    pub(crate) fn body(&mut self, body: &str) {
        self.policy().policy_body = Some(body.into());
    }

    pub(crate) fn txt(&mut self, records: &[&str]) {
        self.domain.sts_txt = Some(records.iter().map(|record| (*record).to_owned()).collect());
    }
}

pub(crate) fn domain() -> DomainRow {
    DomainRow {
        rank: Some(1),
        mx_status: MxStatus::Present,
        mx_dnssec: Some(Dnssec::Secure),
        mx_ttl: Some(3600),
        mx: Some(vec![Mx { preference: 10, host: MX.into() }]),
        sts_txt_status: Some(DnsStatus::Found),
        sts_txt_dnssec: Some(Dnssec::Secure),
        sts_txt: Some(vec!["v=STSv1; id=1".into()]),
        tlsrpt_status: Some(DnsStatus::Nodata),
        tlsrpt_dnssec: Some(Dnssec::Secure),
        ..DomainRow::unseen(DOMAIN.into(), "w".into(), AT)
    }
}

pub(crate) fn policy(mode: &str) -> PolicyRow {
    let host = "mta-sts.example.org";
    PolicyRow {
        policy_stage: PolicyStage::Done,
        policy_observed_at: Some(AT),
        policy_addresses: Some(vec!["9.9.9.9".into()]),
        policy_address_dnssec: Some(Dnssec::Secure),
        policy_ip: Some("9.9.9.9".into()),
        policy_tls_version: Some("TLSv1.3".into()),
        policy_key_proof: Some(KeyProof::Verified),
        policy_http_version: Some("HTTP/1.1".into()),
        policy_http_status: Some(200),
        policy_content_type: Some("text/plain; charset=utf-8".into()),
        policy_body: Some(format!("version: STSv1\nmode: {mode}\nmax_age: 604800\nmx: *.example.org\n").into_bytes()),
        policy_chain: Some(PKI.chain(Kind::Good)),
        ..PolicyRow::unseen(DOMAIN.into(), host.into(), "w".into())
    }
}

pub(crate) fn host(name: &str, addresses: &[&str]) -> MxHostRow {
    MxHostRow {
        host_status: HostStatus::Ok,
        a_status: Some(DnsStatus::Found),
        a_dnssec: Some(Dnssec::Secure),
        aaaa_status: Some(DnsStatus::Nodata),
        aaaa_dnssec: Some(Dnssec::Secure),
        addresses: Some(addresses.iter().map(|ip| (*ip).to_owned()).collect()),
        tlsa_lookups: Some(vec![denied(name)]),
        ..MxHostRow::unseen(name.into(), "w".into(), AT)
    }
}

pub(crate) fn denied(base: &str) -> TlsaLookup {
    TlsaLookup {
        name: format!("_25._tcp.{base}"),
        status: DnsStatus::Nxdomain,
        error: None,
        dnssec: Some(Dnssec::Secure),
        ttl: None,
        records: vec![],
    }
}

pub(crate) fn found(base: &str, records: &[TlsaRecord]) -> TlsaLookup {
    TlsaLookup { status: DnsStatus::Found, ttl: Some(3600), records: records.to_vec(), ..denied(base) }
}

pub(crate) fn failed(base: &str, error: Failure, dnssec: Option<Dnssec>) -> TlsaLookup {
    TlsaLookup { status: DnsStatus::Error, error: Some(error), dnssec, ..denied(base) }
}

pub(crate) fn endpoint(host: &str, ip: &str) -> EndpointRow {
    EndpointRow {
        connections: 1,
        stage: EndpointStage::Done,
        banner: Some("220 there".into()),
        ehlo_name: Some(host.into()),
        helo_used: Some(false),
        ehlo_capabilities: Some(vec!["STARTTLS".into()]),
        reply_code: Some(220),
        starttls: Some(true),
        injected: Some(false),
        tls_version: Some("TLSv1.3".into()),
        key_proof: Some(KeyProof::Verified),
        chain: Some(PKI.chain(Kind::Good)),
        ..EndpointRow::unseen(host.into(), host.into(), ip.into(), 25, "w".into(), AT)
    }
}

/// How a session can end, as changes of a good row.
pub(crate) trait Spoil {
    fn ends(&mut self, stage: EndpointStage, error: Failure) -> &mut Self;
    fn greets(&mut self, code: u16) -> &mut Self;
    fn shows(&mut self, kind: Kind) -> &mut Self;
    fn legacy(&mut self, version: &str, cipher: &str, proof: KeyProof) -> &mut Self;
    fn without_starttls(&mut self) -> &mut Self;
}

impl Spoil for EndpointRow {
    fn ends(&mut self, stage: EndpointStage, error: Failure) -> &mut Self {
        self.stage = stage;
        self.error = Some(error);
        self.tls_version = None;
        self.key_proof = None;
        self.chain = None;
        if stage != EndpointStage::Tls {
            self.reply_code = None;
        }
        if matches!(stage, EndpointStage::Skipped | EndpointStage::Connect | EndpointStage::Banner) {
            self.banner = None;
            self.ehlo_name = None;
            self.helo_used = None;
            self.ehlo_capabilities = None;
        }
        if !matches!(stage, EndpointStage::Starttls | EndpointStage::Tls | EndpointStage::Done) {
            self.starttls = None;
        }
        self
    }

    fn greets(&mut self, code: u16) -> &mut Self {
        self.ends(EndpointStage::Banner, Failure::BannerRejected).reply_code = Some(code);
        self
    }

    fn shows(&mut self, kind: Kind) -> &mut Self {
        self.chain = Some(PKI.chain(kind));
        self
    }

    fn legacy(&mut self, version: &str, cipher: &str, proof: KeyProof) -> &mut Self {
        self.ends(EndpointStage::Tls, Failure::TlsCipher);
        self.legacy_version = Some(version.into());
        self.legacy_cipher = Some(cipher.into());
        self.legacy_key_proof = Some(proof);
        self.legacy_chain = Some(PKI.chain(Kind::Good));
        self
    }

    fn without_starttls(&mut self) -> &mut Self {
        self.ends(EndpointStage::Ehlo, Failure::StarttlsNotOffered);
        self.starttls = Some(false);
        self
    }
}

/// For tests of dates: a day, in the instants of rows.
pub(crate) const DAY: Micros = 86_400_000_000;

/// Keeps the fixed dates of the certificates in view: they are valid in 2025 and 2026.
pub(crate) const VALID_UNTIL: (i32, u8, u8) = JAN_2027;

#[test]
fn the_instant_of_the_scan_is_in_the_middle_of_the_dates() {
    assert_eq!(mxcensus_rules::pkix::testing::seconds(JAN_2026) * 1_000_000, AT);
    assert_eq!(mxcensus_rules::pkix::testing::seconds(VALID_UNTIL) * 1_000_000, AT + 365 * DAY);
}
