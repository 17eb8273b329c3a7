//! The observed rows of the load world: what a scan in `validate` mode writes down of it, with made-up durations.

use std::net::IpAddr;

use super::certificates::Pki;
use super::dice::Dice;
use super::domain::{Domain, Exists, Fetch, Mail, Manner, Sts, Tlsa, Zone};
use super::hosts::MxHost;
use super::model::World;
use super::providers::OPERATORS;
use super::texts;
use crate::LabError;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{
    Attempt, Cname, DnsStatus, Dnssec, DomainRow, EndpointRow, EndpointStage, HostStatus, KeyProof, Micros, Mx,
    MxHostRow, MxStatus, PolicyAttempt, PolicyRow, PolicyStage, TlsMessage, TlsaLookup, TlsaRecord,
};

/// The name in the `worker` columns.
pub(super) const WORKER: &str = "sample";
/// Time to live of what exists, and of a denial, seconds.
pub(super) const TTL: u32 = 3600;
/// Of a denial.
pub(super) const NEGATIVE_TTL: u32 = 300;
const SECOND: Micros = 1_000_000;

/// The state of what a zone holds.
pub(super) fn state(zone: Zone) -> Dnssec {
    match zone {
        Zone::Signed => Dnssec::Secure,
        Zone::Unsigned | Zone::Island => Dnssec::Insecure,
        Zone::Expired => Dnssec::Bogus,
    }
}

/// A TXT look-up in the columns of a domain.
type Texts = (Option<DnsStatus>, Option<Failure>, Option<Dnssec>, Option<Vec<String>>);

impl World {
    /// The row of a domain.
    pub(super) fn domain_row(&self, domain: &Domain, rank: i64, at: Micros) -> DomainRow {
        let name = self.name(domain.index);
        let bogus = domain.zone == Zone::Expired;
        let failing = domain.mail == Mail::Failing;
        let exists = domain.mail != Mail::Nxdomain;
        let texts = |records: Vec<String>| -> Texts {
            if !exists {
                return (None, None, None, None);
            }
            if failing {
                return (
                    Some(DnsStatus::Error),
                    Some(Failure::Servfail),
                    Some(Dnssec::Indeterminate),
                    Some(Vec::new()),
                );
            }
            let status = match records.is_empty() {
                _ if bogus => DnsStatus::Error,
                true => DnsStatus::Nxdomain,
                false => DnsStatus::Found,
            };
            (Some(status), bogus.then_some(Failure::DnssecBogus), Some(state(domain.zone)), Some(records))
        };
        let sts = texts(domain.sts.as_ref().map(texts::sts_records).unwrap_or_default());
        let tlsrpt = texts(texts::tlsrpt_record(domain.tlsrpt, &name).into_iter().collect());
        let mut spf = texts(texts::spf_record(domain).into_iter().collect());
        // The apex exists whatever it says.
        spf.0 = spf.0.map(|status| if status == DnsStatus::Nxdomain { DnsStatus::Nodata } else { status });
        let dmarc = texts(texts::dmarc_record(domain, &name).into_iter().collect());
        let mut mx: Vec<Mx> = match domain.mail {
            Mail::Null => vec![Mx { preference: 0, host: ".".to_owned() }],
            Mail::Implicit => Vec::new(),
            _ => self
                .mx(domain)
                .into_iter()
                .map(|(preference, host)| Mx { preference, host: self.mx_host(host, domain).name })
                .collect(),
        };
        mx.sort();
        let (mx_status, mx_error, mx_dnssec) = match domain.mail {
            _ if bogus => (MxStatus::Error, Some(Failure::DnssecBogus), Dnssec::Bogus),
            Mail::Failing => (MxStatus::Error, Some(Failure::Servfail), Dnssec::Indeterminate),
            Mail::Nxdomain => (MxStatus::Nxdomain, None, Dnssec::Secure),
            Mail::Nowhere => (MxStatus::None, None, state(domain.zone)),
            Mail::Null => (MxStatus::Null, None, state(domain.zone)),
            Mail::Implicit => (MxStatus::Implicit, None, state(domain.zone)),
            Mail::Provider(_) | Mail::Own => (MxStatus::Present, None, state(domain.zone)),
        };
        let ttl = |found: bool| if failing { None } else { Some(if found { TTL } else { NEGATIVE_TTL }) };
        let mut row = DomainRow {
            rank: Some(rank),
            mx_status,
            mx_error,
            mx_dnssec: Some(mx_dnssec),
            mx_ttl: ttl(!mx.is_empty()),
            mx_cnames: Some(Vec::new()),
            mx: Some(mx),
            mx_truncated: false,
            sts_txt_status: sts.0,
            sts_txt_error: sts.1,
            sts_txt_dnssec: sts.2,
            sts_txt_ttl: sts.0.and_then(|status| ttl(status == DnsStatus::Found)),
            sts_txt_cnames: sts.3.is_some().then(Vec::new),
            sts_txt: sts.3,
            sts_txt_truncated: false,
            tlsrpt_status: tlsrpt.0,
            tlsrpt_error: tlsrpt.1,
            tlsrpt_dnssec: tlsrpt.2,
            tlsrpt_txt: tlsrpt.3,
            spf_status: spf.0,
            spf_error: spf.1,
            spf_dnssec: spf.2,
            spf_txt: spf.3,
            dmarc_status: dmarc.0,
            dmarc_error: dmarc.1,
            dmarc_dnssec: dmarc.2,
            dmarc_txt: dmarc.3,
            ..DomainRow::unseen(name, WORKER.to_owned(), at)
        };
        row.set_zone(self.zone_of_domain(domain));
        row
    }

    /// The row of a domain's policy.
    pub(super) fn policy_row(&self, domain: &Domain, sts: &Sts, chain: Option<Vec<String>>, at: Micros) -> PolicyRow {
        let mut dice = self.timing("policy", domain.index);
        let policy_host = format!("mta-sts.{}", self.name(domain.index));
        let (stage, error, attempts) = match sts.fetch {
            Fetch::NoName => (PolicyStage::Dns, Some(Failure::Nxdomain), 1),
            Fetch::Closed => (PolicyStage::Connect, Some(Failure::ConnectRefused), 3),
            Fetch::Unreachable => (PolicyStage::Connect, Some(Failure::ConnectUnreachable), 3),
            Fetch::Alert => (PolicyStage::Tls, Some(Failure::TlsAlert), 1),
            Fetch::Failing => (PolicyStage::Done, None, 3),
            _ => (PolicyStage::Done, None, 1),
        };
        let address = self.policy_address(domain.index, sts);
        let (status, location) = match sts.fetch {
            Fetch::Redirect => (301, Some(format!("https://www.{}/", self.name(domain.index)))),
            Fetch::NotFound => (404, None),
            Fetch::Failing => (503, None),
            _ => (200, None),
        };
        let connected = !matches!(sts.fetch, Fetch::NoName | Fetch::Closed | Fetch::Unreachable);
        let spoke = stage == PolicyStage::Done;
        let operator = sts.operator.and_then(|number| OPERATORS.get(usize::from(number)));
        let cnames =
            operator.map(|_| Cname { target: self.policy_alias(domain.index, sts), dnssec: Some(state(domain.zone)) });
        let own = state(domain.zone);
        let dnssec = match operator {
            Some(operator) if !operator.signed && own == Dnssec::Secure => Dnssec::Insecure,
            _ => own,
        };
        let took = |dice: &mut Dice, typical: f64| typical * (0.4 + 1.6 * dice.share() * dice.share() * 2.0);
        let log =
            (0..attempts).map(|number: i64| PolicyAttempt { at: at + 300 * SECOND * number, stage, error, ms: 80.0 });
        PolicyRow {
            domain: self.name(domain.index),
            policy_host,
            worker: WORKER.to_owned(),
            policy_stage: stage,
            policy_error: error,
            policy_observed_at: Some(at + 300 * SECOND * (attempts - 1)),
            policy_attempts: log.collect(),
            policy_addresses: Some(address.iter().map(IpAddr::to_string).collect()),
            policy_addresses_truncated: false,
            policy_address_dnssec: Some(dnssec),
            policy_cnames: Some(cnames.into_iter().collect()),
            policy_ip: address.map(|ip| ip.to_string()),
            policy_tls_version: spoke.then(|| "TLSv1.3".to_owned()),
            policy_cipher_suite: spoke.then(|| "TLS_AES_256_GCM_SHA384".to_owned()),
            policy_key_exchange: spoke.then(|| "X25519".to_owned()),
            policy_tls_alert: (sts.fetch == Fetch::Alert).then(|| "access_denied".to_owned()),
            policy_tls_last_sent: match stage {
                PolicyStage::Done => Some(TlsMessage::Finished),
                PolicyStage::Tls => Some(TlsMessage::ClientHello),
                _ => None,
            },
            policy_client_certificate_requested: spoke.then_some(false),
            policy_dh_bits: None,
            policy_key_proof: spoke.then_some(KeyProof::Verified),
            policy_http_version: spoke.then(|| "HTTP/1.1".to_owned()),
            policy_http_status: spoke.then_some(status),
            policy_content_type: spoke.then(|| "text/plain; charset=utf-8".to_owned()),
            policy_content_encoding: None,
            policy_location: location,
            policy_retry_after: None,
            policy_body: spoke.then(|| if status == 200 { self.policy_body(domain, sts) } else { Vec::new() }),
            policy_body_truncated: false,
            policy_chain: chain.filter(|_| spoke),
            policy_chain_truncated: false,
            policy_legacy_version: None,
            policy_legacy_cipher: None,
            policy_legacy_key_exchange: None,
            policy_legacy_alert: None,
            policy_legacy_key_proof: None,
            policy_legacy_chain: None,
            policy_dns_ms: Some(took(&mut dice, 24.0)),
            policy_connect_ms: address.map(|_| took(&mut dice, 38.0)),
            policy_tls_ms: connected.then(|| took(&mut dice, 61.0)),
            policy_http_ms: spoke.then(|| took(&mut dice, 47.0)),
        }
    }

    /// The row of an MX host.
    pub(super) fn mx_host_row(&self, host: &MxHost, pki: &Pki, at: Micros) -> Result<MxHostRow, LabError> {
        let status = match host.spec.exists {
            Exists::Address => HostStatus::Ok,
            Exists::Gone => HostStatus::Nxdomain,
            Exists::NoAddress => HostStatus::NoAddress,
            Exists::Literal => HostStatus::AddressLiteral,
        };
        let asked = status != HostStatus::AddressLiteral;
        let dnssec = asked.then(|| state(host.zone));
        let family = |found: bool| match status {
            HostStatus::AddressLiteral => (None, None),
            HostStatus::Nxdomain => (Some(DnsStatus::Nxdomain), Some(NEGATIVE_TTL)),
            _ if found => (Some(DnsStatus::Found), Some(TTL)),
            _ => (Some(DnsStatus::Nodata), Some(NEGATIVE_TTL)),
        };
        let (a_status, a_ttl) = family(host.address.is_some_and(|ip| ip.is_ipv4()));
        let (aaaa_status, aaaa_ttl) = family(host.address.is_some_and(|ip| ip.is_ipv6()));
        let lookup = host.address.map(|_| self.tlsa_lookup(host, pki)).transpose()?;
        let mut row = MxHostRow {
            host_status: status,
            cnames: asked.then(Vec::new),
            a_status,
            a_error: None,
            a_dnssec: dnssec,
            a_ttl,
            aaaa_status,
            aaaa_error: None,
            aaaa_dnssec: dnssec,
            aaaa_ttl,
            addresses: asked.then(|| host.address.iter().map(IpAddr::to_string).collect()),
            addresses_truncated: false,
            tlsa_lookups: lookup.map(|lookup| vec![lookup]),
            ..MxHostRow::unseen(host.name.clone(), WORKER.to_owned(), at)
        };
        row.set_zone(self.zone_of_host(host));
        Ok(row)
    }

    fn tlsa_lookup(&self, host: &MxHost, pki: &Pki) -> Result<TlsaLookup, LabError> {
        let records: Vec<TlsaRecord> = pki
            .tlsa(self, host)?
            .into_iter()
            .map(|record| TlsaRecord {
                usage: record.parameters[0],
                selector: record.parameters[1],
                matching: record.parameters[2],
                data: hex::encode(record.data),
            })
            .collect();
        let failing = host.spec.tlsa == Tlsa::Failing;
        let status = match records.is_empty() {
            _ if failing => DnsStatus::Error,
            true => DnsStatus::Nxdomain,
            false => DnsStatus::Found,
        };
        Ok(TlsaLookup {
            name: format!("_25._tcp.{}", host.name),
            status,
            error: failing.then_some(Failure::Servfail),
            dnssec: Some(if failing { Dnssec::Indeterminate } else { state(host.zone) }),
            ttl: (!failing).then_some(if records.is_empty() { NEGATIVE_TTL } else { TTL }),
            records,
        })
    }

    /// The row of a host's one endpoint.
    pub(super) fn endpoint_row(
        &self,
        host: &MxHost,
        ip: IpAddr,
        chain: Option<Vec<String>>,
        row: &MxHostRow,
        at: Micros,
    ) -> EndpointRow {
        let mut dice = self.timing(&host.name, 0);
        let session = Session::of(host.spec.manner);
        let tlsa = row.tlsa_lookups.clone().filter(|lookups| lookups.iter().any(|lookup| !lookup.records.is_empty()));
        let reached_banner = session.banner;
        let spoke = matches!(session.stage, EndpointStage::Done);
        let legacy = host.spec.manner == Manner::Legacy;
        let encrypts = spoke || legacy;
        let ms = |dice: &mut Dice, typical: f64| typical * (0.4 + 3.2 * dice.share() * dice.share());
        let connect_ms = ms(&mut dice, 36.0);
        let decided_at = at + 300 * SECOND * (session.log.len() as i64 - 1);
        let modern = |word: &'static str| spoke.then(|| word.to_owned());
        let tls12 = host.spec.manner == Manner::Tls12;
        let (reply_code, reply_text) =
            session.reply.map_or((None, None), |(code, text)| (Some(code), Some(text.to_owned())));
        let past_banner = !matches!(session.stage, EndpointStage::Connect | EndpointStage::Banner);
        let offers = host.spec.manner != Manner::Clear;
        let capabilities = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        EndpointRow {
            host: host.name.clone(),
            server_name: host.name.clone(),
            ip: ip.to_string(),
            port: 25,
            worker: WORKER.to_owned(),
            observed_at: decided_at,
            attempt_log: session
                .log
                .iter()
                .zip(0..)
                .map(|((stage, error, code), number)| Attempt {
                    at: at + 300 * SECOND * number,
                    stage: *stage,
                    error: *error,
                    reply_code: *code,
                    ms: connect_ms * 4.0,
                })
                .collect(),
            connections: session.log.len() as u32 + u32::from(legacy),
            sampled_from: None,
            stage: session.stage,
            error: session.error,
            banner: reached_banner.map(|said| if said == BANNER { banner(ip) } else { said.to_owned() }),
            banner_truncated: false,
            ehlo_name: past_banner.then(|| SERVER.to_owned()),
            helo_used: past_banner.then_some(false),
            ehlo_capabilities: past_banner
                .then(|| if offers { &PLAIN_CAPABILITIES[..] } else { &PLAIN_CAPABILITIES[..1] })
                .and_then(capabilities),
            ehlo_capabilities_truncated: false,
            ehlo_tls_capabilities: spoke.then_some(&TLS_CAPABILITIES[..]).and_then(capabilities),
            reply_code,
            reply_text,
            reply_text_truncated: false,
            starttls: past_banner.then_some(offers),
            injected: (encrypts).then_some(false),
            tls_version: modern(if tls12 { "TLSv1.2" } else { "TLSv1.3" }),
            cipher_suite: modern(if tls12 {
                "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
            } else {
                "TLS_AES_256_GCM_SHA384"
            }),
            key_exchange: modern("X25519"),
            signature_scheme: modern("ecdsa_secp256r1_sha256"),
            tls_alert: legacy.then(|| "protocol_version".to_owned()),
            tls_last_sent: match (spoke, legacy) {
                (true, _) => Some(TlsMessage::Finished),
                (false, true) => Some(TlsMessage::ClientHello),
                (false, false) => None,
            },
            client_certificate_requested: encrypts.then_some(false),
            dh_bits: None,
            key_proof: spoke.then_some(KeyProof::Verified),
            chain: chain.clone().filter(|_| spoke),
            chain_truncated: false,
            legacy_version: legacy.then(|| "TLSv1.0".to_owned()),
            legacy_cipher: legacy.then(|| "TLS_RSA_WITH_AES_128_CBC_SHA".to_owned()),
            legacy_key_exchange: legacy.then(|| "rsa".to_owned()),
            legacy_alert: None,
            legacy_last_sent: legacy.then_some(TlsMessage::ClientHello),
            legacy_key_proof: legacy.then_some(KeyProof::NotChecked),
            legacy_chain: chain.filter(|_| legacy),
            tlsa_after_at: tlsa.as_ref().filter(|_| encrypts).map(|_| decided_at + SECOND),
            tlsa_after: tlsa.filter(|_| encrypts),
            connect_ms: (session.stage != EndpointStage::Connect).then_some(connect_ms),
            banner_ms: reached_banner.map(|_| ms(&mut dice, 55.0)),
            tls_ms: encrypts.then(|| ms(&mut dice, 80.0)),
            total_ms: Some(connect_ms * 6.0),
        }
    }

    fn timing(&self, what: &str, who: u64) -> Dice {
        Dice::new(self.seed ^ u64::from(self.month) << 40, what, who)
    }
}

/// The name that every mail server gives.
pub(super) const SERVER: &str = "mail.load-world";
/// What they offer in clear: the first one alone where there is no STARTTLS.
pub(super) const PLAIN_CAPABILITIES: [&str; 3] = ["SIZE 10240000", "STARTTLS", "8BITMIME"];
/// And over TLS.
pub(super) const TLS_CAPABILITIES: [&str; 2] = ["SIZE 10240000", "REQUIRETLS"];
/// The reply to EHLO without STARTTLS, as rows have it.
const CLEAR_EHLO: &str = "mail.load-world\\010SIZE 10240000";
/// The reply of the server that is not ready for STARTTLS (RFC 3207 4).
pub(super) const STARTTLS_FAILS: (u16, &str) = (454, "4.7.0 TLS not available due to temporary reason");
/// The reply that lets STARTTLS begin.
pub(super) const STARTTLS_READY: (u16, &str) = (220, "2.0.0 Ready to start TLS");
/// Greetings that are refusals.
pub(super) const DEFERS: (u16, &str) = (450, "4.2.0 Greylisted, try again later");
/// For ever.
pub(super) const BLOCKS: (u16, &str) = (554, "5.7.1 No mail from your network");

type Try = (EndpointStage, Option<Failure>, Option<u16>);

/// How a session with a manner of server ends.
struct Session {
    stage: EndpointStage,
    error: Option<Failure>,
    banner: Option<&'static str>,
    reply: Option<(u16, &'static str)>,
    log: Vec<Try>,
}

impl Session {
    fn of(manner: Manner) -> Session {
        let ends = |stage, error: Failure, reply: Option<(u16, &'static str)>, tries: usize| {
            let banner = match (stage, reply) {
                (EndpointStage::Connect, _) => None,
                (EndpointStage::Banner, reply) => reply.map(|(_, text)| text),
                _ => Some(BANNER),
            };
            let log = vec![(stage, Some(error), reply.map(|(code, _)| code)); tries];
            Session { stage, error: Some(error), banner, reply, log }
        };
        let done = |log| Session {
            stage: EndpointStage::Done,
            error: None,
            banner: Some(BANNER),
            reply: Some(STARTTLS_READY),
            log,
        };
        let works: Try = (EndpointStage::Done, None, None);
        match manner {
            Manner::Modern | Manner::Tls12 => done(vec![works]),
            Manner::Greylists => {
                done(vec![(EndpointStage::Banner, Some(Failure::BannerRejected), Some(DEFERS.0)), works])
            }
            Manner::Clear => ends(EndpointStage::Ehlo, Failure::StarttlsNotOffered, Some((250, CLEAR_EHLO)), 1),
            Manner::Defers => ends(EndpointStage::Banner, Failure::BannerRejected, Some(DEFERS), 3),
            Manner::Blocks => ends(EndpointStage::Banner, Failure::BannerRejected, Some(BLOCKS), 1),
            Manner::Silent => ends(EndpointStage::Banner, Failure::BannerTimeout, None, 2),
            Manner::Closed => ends(EndpointStage::Connect, Failure::ConnectRefused, None, 3),
            Manner::Unreachable => ends(EndpointStage::Connect, Failure::ConnectUnreachable, None, 3),
            Manner::StarttlsFails => ends(EndpointStage::Starttls, Failure::StarttlsRejected, Some(STARTTLS_FAILS), 3),
            Manner::Legacy => Session {
                reply: Some(STARTTLS_READY),
                log: vec![(EndpointStage::Tls, Some(Failure::TlsVersion), None)],
                ..ends(EndpointStage::Tls, Failure::TlsVersion, None, 1)
            },
        }
    }
}

/// How the greeting of every server that is ready begins.
pub(super) const BANNER: &str = "mail.load-world ESMTP";

/// The whole greeting of the server at an address: two in four tell what they run.
pub(super) fn banner(ip: IpAddr) -> String {
    let last = match ip {
        IpAddr::V4(ip) => ip.octets()[3],
        IpAddr::V6(ip) => ip.octets()[15],
    };
    let software = [" Postfix", " Exim 4.98 Sun, 01 Nov 2026 00:00:00 +0000", "", " ready"][usize::from(last % 4)];
    format!("{BANNER}{software}")
}
