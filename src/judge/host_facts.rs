//! What the judge keeps of an MX host: a few hundred bytes in place of its rows.
//!
//! Facts hold no judgement that depends on a trust store, an instant, a policy or the domain: those come later and may be
//! many. Build them with [`HostFacts::read`], or while streaming with [`HostFacts::new`], [`HostFacts::add`] for each
//! endpoint row and [`HostFacts::finish`]. "Decided" is defined by [`Contact`].

use std::sync::Arc;

use super::base_domain::{self, TlsaChoice, TlsaState};
use super::certificates::{Certificates, ChainId};
use super::rules;
use crate::failure::{Failure, Family};
use crate::observation::{
    DnsStatus, Dnssec, EndpointRow, EndpointStage, HostStatus, KeyProof, Micros, MxHostRow, TlsaLookup, TlsaRecord,
};
use crate::{name, special_address};

/// Where the judge gets an MX host's facts from: a map in memory, or later something that streams.
pub trait HostLookup {
    /// The facts of a host by its name as it stands in the MX record. `None`: the crawl has no row for it.
    fn host(&self, host: &str) -> Option<&HostFacts>;
}

impl HostLookup for std::collections::HashMap<String, HostFacts> {
    fn host(&self, host: &str) -> Option<&HostFacts> {
        self.get(host)
    }
}

/// How far a session at one address came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contact {
    /// *Decided*: an EHLO or HELO was answered 2xx.
    Decided,
    /// An SMTP reply of 4xx or 5xx before EHLO was accepted: about us, or about the moment.
    RefusedUs(Failure),
    /// Silent, closed, unreachable, or no SMTP.
    Unreachable(Failure),
    /// A special-purpose address: no sender reaches it.
    Special,
    /// No route for its family from this vantage: takes no part where another family has an address.
    NoRoute,
    /// Not looked at, for a reason of our own.
    Ours(Failure),
}

/// What STARTTLS gave at a decided address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Starttls {
    /// Not in the EHLO reply.
    NotOffered,
    /// Offered, and then refused or without a handshake.
    Failed(Failure),
    /// A handshake without a certificate.
    Anonymous,
    /// TLS 1.0 or 1.1: encrypts, and is too old for MTA-STS (RFC 8461 7.2).
    Old,
    /// TLS 1.2 or later.
    Modern,
}

impl Starttls {
    /// Whether an opportunistic sender would send over it.
    pub fn encrypts(self) -> bool {
        matches!(self, Self::Anonymous | Self::Old | Self::Modern)
    }
}

/// One address of a host under one server name.
#[derive(Clone, Debug)]
pub struct EndpointFacts {
    /// As in the row.
    pub ip: Box<str>,
    /// The instant of the attempt that decided.
    pub observed_at: Micros,
    /// The host whose endpoint at the same address stands for this one.
    pub sampled_from: Option<Box<str>>,
    /// An SMTP reply was read.
    pub reached: bool,
    /// How far it came.
    pub contact: Contact,
    /// What STARTTLS gave; means something only where [`Contact::Decided`].
    pub starttls: Starttls,
    /// The chain shown, by whichever look.
    pub chain: Option<ChainId>,
    /// The chain was cut by our cap.
    pub chain_truncated: bool,
    /// Whether the peer holds the leaf's key.
    pub key_proof: KeyProof,
    /// The secure TLSA records at the base domain right after the handshake, where they differ from those before.
    pub tlsa_after: Option<Arc<[TlsaRecord]>>,
}

/// One MX host.
#[derive(Clone, Debug)]
pub struct HostFacts {
    /// The name as in the MX record.
    pub host: Box<str>,
    /// Whether it names something that can be contacted.
    pub status: HostStatus,
    /// Why an address look-up failed, where none succeeded.
    pub address_error: Option<Failure>,
    /// Our cap cut the list of addresses.
    pub addresses_truncated: bool,
    /// Our cap cut a list of TLSA records.
    pub tlsa_truncated: bool,
    /// The TLSA base domain and its records.
    pub tlsa: TlsaChoice,
    /// Endpoints with the host's own name in SNI, by address.
    pub endpoints: Vec<EndpointFacts>,
    /// Endpoints with the base domain in SNI (RFC 7672 8.1), where that is another name.
    pub base_endpoints: Vec<EndpointFacts>,
    addresses: Box<[Box<str>]>,
}

impl HostFacts {
    /// The facts of a host and its endpoints.
    pub fn read<'r>(
        row: &MxHostRow,
        endpoints: impl IntoIterator<Item = &'r EndpointRow>,
        certificates: &Certificates,
    ) -> Self {
        let mut facts = Self::new(row);
        for endpoint in endpoints {
            facts.add(endpoint, certificates);
        }
        facts.finish()
    }

    /// The facts of a row of `mx_hosts`.
    pub fn new(row: &MxHostRow) -> Self {
        Self {
            host: row.host.as_str().into(),
            status: row.host_status,
            address_error: row.a_error.or(row.aaaa_error),
            addresses_truncated: row.addresses_truncated,
            tlsa_truncated: row.tlsa_truncated,
            tlsa: base_domain::choose(row),
            endpoints: Vec::new(),
            base_endpoints: Vec::new(),
            addresses: row.addresses.iter().flatten().map(|address| address.as_str().into()).collect(),
        }
    }

    /// A host without a row: either its name says enough, or the crawl did not come to it.
    pub fn without_row(host: &str) -> Self {
        let (status, tlsa) = if name::address_literal(host).is_some() {
            (HostStatus::AddressLiteral, (TlsaState::None, &rules::TLSA_NO_ADDRESS))
        } else if !name::is_host_name(host) {
            (HostStatus::InvalidName, (TlsaState::None, &rules::TLSA_NO_ADDRESS))
        } else {
            (HostStatus::Error, (TlsaState::Unknown, &rules::TLSA_NOT_ASKED))
        };
        Self {
            host: host.into(),
            status,
            address_error: Some(Failure::Cancelled),
            addresses_truncated: false,
            tlsa_truncated: false,
            tlsa: TlsaChoice::without_records(tlsa.0, tlsa.1),
            endpoints: Vec::new(),
            base_endpoints: Vec::new(),
            addresses: Box::default(),
        }
    }

    /// Takes in a row of `endpoints` of this host. A row under a server name that no rule asks for is left out.
    pub fn add(&mut self, row: &EndpointRow, certificates: &Certificates) {
        let facts = read_endpoint(row, &self.tlsa, certificates);
        if row.server_name == *self.host {
            self.endpoints.push(facts);
        } else if self.tlsa.base.as_deref() == Some(row.server_name.as_str()) {
            self.base_endpoints.push(facts);
        }
    }

    /// Completes the facts: an address without an endpoint row was not looked at; of several rows about one endpoint the
    /// earliest counts, then the one added first; a host that names no address has no endpoints.
    pub fn finish(mut self) -> Self {
        if self.status != HostStatus::Ok {
            self.endpoints.clear();
            self.base_endpoints.clear();
            return self;
        }
        let asks_at_base = self.tlsa.state.word == TlsaState::Usable
            && self.tlsa.base.as_deref().is_some_and(|base| base != &*self.host);
        add_missing(&mut self.endpoints, &self.addresses);
        if asks_at_base {
            add_missing(&mut self.base_endpoints, &self.addresses);
        }
        for endpoints in [&mut self.endpoints, &mut self.base_endpoints] {
            endpoints.sort_by(|a, b| (&a.ip, a.observed_at).cmp(&(&b.ip, b.observed_at)));
            endpoints.dedup_by(|later, earlier| later.ip == earlier.ip);
            endpoints.shrink_to_fit();
        }
        self
    }

    /// The endpoints whose chain DANE judges: those that were sent the base domain as server name (RFC 7672 8.1).
    pub fn dane_endpoints(&self) -> &[EndpointFacts] {
        match &self.tlsa.base {
            Some(base) if **base != *self.host => &self.base_endpoints,
            _ => &self.endpoints,
        }
    }
}

fn add_missing(endpoints: &mut Vec<EndpointFacts>, addresses: &[Box<str>]) {
    for address in addresses {
        if endpoints.iter().any(|endpoint| endpoint.ip == *address) {
            continue;
        }
        let special = address.parse().is_ok_and(|ip| special_address::special(ip).is_some());
        endpoints.push(EndpointFacts {
            ip: address.clone(),
            observed_at: 0,
            sampled_from: None,
            reached: false,
            contact: if special { Contact::Special } else { Contact::Ours(Failure::Cancelled) },
            starttls: Starttls::NotOffered,
            chain: None,
            chain_truncated: false,
            key_proof: KeyProof::NotChecked,
            tlsa_after: None,
        });
    }
}

fn read_endpoint(row: &EndpointRow, tlsa: &TlsaChoice, certificates: &Certificates) -> EndpointFacts {
    let contact = read_contact(row);
    let legacy = row.legacy_version.is_some() && row.stage != EndpointStage::Done;
    let (chain, key_proof) =
        if legacy { (&row.legacy_chain, row.legacy_key_proof) } else { (&row.chain, row.key_proof) };
    EndpointFacts {
        ip: row.ip.as_str().into(),
        observed_at: row.observed_at,
        sampled_from: row.sampled_from.as_deref().map(Into::into),
        reached: has_read_a_reply(row),
        contact,
        starttls: read_starttls(row),
        chain: chain.as_deref().and_then(|chain| certificates.chain(chain)),
        chain_truncated: row.chain_truncated,
        key_proof: key_proof.unwrap_or(KeyProof::NotChecked),
        tlsa_after: read_tlsa_after(row.tlsa_after.as_deref(), tlsa),
    }
}

/// A greeting or a reply, by any attempt. Beyond the greeting there must have been one.
fn has_read_a_reply(row: &EndpointRow) -> bool {
    row.banner.is_some()
        || row.reply_code.is_some()
        || row.attempt_log.iter().any(|attempt| attempt.reply_code.is_some())
        || !matches!(row.stage, EndpointStage::Skipped | EndpointStage::Connect | EndpointStage::Banner)
}

fn read_contact(row: &EndpointRow) -> Contact {
    let error = row.error.unwrap_or(Failure::SmtpProtocol);
    let done = row.stage == EndpointStage::Done;
    match row.error {
        Some(Failure::NoRouteForFamily) if !done => return Contact::NoRoute,
        Some(Failure::SpecialAddress) if !done => return Contact::Special,
        // Cut short by ourselves, even after EHLO: what the peer would have done is not known.
        Some(error) if error.family() == Family::Own && !done => return Contact::Ours(error),
        _ => {}
    }
    match row.stage {
        EndpointStage::Starttls | EndpointStage::Tls | EndpointStage::Done => Contact::Decided,
        EndpointStage::Ehlo if row.error == Some(Failure::StarttlsNotOffered) || row.starttls.is_some() => {
            Contact::Decided
        }
        EndpointStage::Skipped => Contact::Ours(Failure::Cancelled),
        EndpointStage::Connect => Contact::Unreachable(error),
        EndpointStage::Banner | EndpointStage::Ehlo => {
            let refused = matches!(error, Failure::BannerRejected | Failure::EhloRejected)
                || row.reply_code.is_some_and(|code| (400..600).contains(&code));
            if refused { Contact::RefusedUs(error) } else { Contact::Unreachable(error) }
        }
    }
}

fn read_starttls(row: &EndpointRow) -> Starttls {
    match row.stage {
        EndpointStage::Done => match row.tls_version.as_deref().map(read_version) {
            Some(Version::Old) => Starttls::Old,
            Some(Version::Ssl) => Starttls::Failed(Failure::TlsVersion),
            // Our TLS library completes nothing below 1.2.
            Some(Version::Modern) | None => Starttls::Modern,
        },
        EndpointStage::Starttls => Starttls::Failed(row.error.unwrap_or(Failure::StarttlsRejected)),
        EndpointStage::Tls => read_second_look(row),
        _ => Starttls::NotOffered,
    }
}

/// A handshake that only the second look got counts as TLS, when it encrypts at all.
fn read_second_look(row: &EndpointRow) -> Starttls {
    let failed = Starttls::Failed(row.error.unwrap_or(Failure::TlsProtocol));
    let Some(version) = row.legacy_version.as_deref().map(read_version) else {
        return if row.error == Some(Failure::AnonymousTls) { Starttls::Anonymous } else { failed };
    };
    let cipher = row.legacy_cipher.as_deref().unwrap_or_default().to_ascii_uppercase();
    let key_exchange = row.legacy_key_exchange.as_deref().unwrap_or_default().to_ascii_uppercase();
    // RFC 7465, RFC 9325 §4.2.1: export suites protect nothing, and NULL suites do not even encrypt.
    let worthless = cipher.contains("EXP") || cipher.contains("WITH_NULL") || cipher.starts_with("NULL");
    let anonymous =
        cipher.contains("ANON") || cipher.contains("ADH") || cipher.contains("AECDH") || key_exchange.contains("ANON");
    match version {
        Version::Ssl => failed,
        _ if worthless => failed,
        _ if anonymous || row.error == Some(Failure::AnonymousTls) => Starttls::Anonymous,
        Version::Old => Starttls::Old,
        Version::Modern => Starttls::Modern,
    }
}

#[derive(Clone, Copy)]
enum Version {
    /// SSL 2 or 3 (RFC 7568: not TLS any more).
    Ssl,
    /// TLS 1.0 or 1.1, or a version that cannot be read.
    Old,
    /// TLS 1.2 or 1.3.
    Modern,
}

/// Reads `TLSv1.2`, `TLS1_2`, `TLSv1`, `SSLv3` and their like.
fn read_version(text: &str) -> Version {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.to_ascii_lowercase().contains("ssl") {
        Version::Ssl
    } else if matches!(digits.as_str(), "12" | "13") {
        Version::Modern
    } else {
        Version::Old
    }
}

/// The secure records at the base domain after the handshake. Records and chain must be of one moment, and this is the
/// other end of it; an answer that is not secure, or is the same, adds nothing.
fn read_tlsa_after(after: Option<&[TlsaLookup]>, tlsa: &TlsaChoice) -> Option<Arc<[TlsaRecord]>> {
    let owner = base_domain::owner_name(tlsa.base.as_deref()?);
    let lookup = after?.iter().find(|lookup| lookup.name == owner)?;
    let counts = lookup.status == DnsStatus::Found && lookup.dnssec == Some(Dnssec::Secure);
    (counts && *lookup.records != *tlsa.records).then(|| lookup.records.as_slice().into())
}
