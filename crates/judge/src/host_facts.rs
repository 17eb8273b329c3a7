//! What the judge keeps of an MX host: a few hundred bytes in place of its rows.
//!
//! Facts hold no judgement that depends on a trust store, an instant, a policy or the domain: those come later and may be
//! many. Build them with [`HostFacts::read`], or while streaming with [`HostFacts::new`] and [`HostFacts::add`] for each
//! endpoint row. "Decided" is defined by [`Contact`].

use std::net::IpAddr;
use std::sync::Arc;

use super::certificates::{Certificates, ChainId};
use super::rules;
use super::second_look::{self, SecondLook, Shown, Version, read_version};
use mxcensus_rules::dane::base_domain::{self, TlsaChoice, TlsaState};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{
    DnsStatus, Dnssec, EndpointRow, EndpointStage, HostStatus, KeyProof, Micros, MxHostRow, TlsaLookup, TlsaRecord,
};
use mxcensus_rules::{name, special_address};

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

/// One address of a host under one server name: 48 bytes.
#[derive(Clone, Debug)]
pub struct EndpointFacts {
    /// The address.
    pub ip: IpAddr,
    /// The instant of the attempt that decided; `NEVER` where there was none.
    pub observed_at: Micros,
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
    /// The peer signed the handshake, and the signature is of a kind that we cannot check.
    pub proof_beyond_us: bool,
    rare: Option<Box<RareFacts>>,
}

/// What few endpoints have.
#[derive(Clone, Debug)]
struct RareFacts {
    sampled_from: Option<Box<str>>,
    tlsa_after: Option<Arc<[TlsaRecord]>>,
}

/// The instant of what was not looked at.
const NEVER: Micros = Micros::MAX;

impl EndpointFacts {
    /// An address without an endpoint row was not looked at.
    fn without_row(ip: IpAddr) -> Self {
        let special = special_address::special(ip).is_some();
        Self {
            ip,
            observed_at: NEVER,
            reached: false,
            contact: if special { Contact::Special } else { Contact::Ours(Failure::Cancelled) },
            starttls: Starttls::NotOffered,
            chain: None,
            chain_truncated: false,
            key_proof: KeyProof::NotChecked,
            proof_beyond_us: false,
            rare: None,
        }
    }

    fn read(row: &EndpointRow, ip: IpAddr, tlsa: &TlsaChoice, certificates: &Certificates) -> Self {
        let legacy = row.legacy_version.is_some() && row.stage != EndpointStage::Done;
        let (chain, key_proof) =
            if legacy { (&row.legacy_chain, row.legacy_key_proof) } else { (&row.chain, row.key_proof) };
        let rare = RareFacts {
            sampled_from: row.sampled_from.as_deref().map(Into::into),
            tlsa_after: read_tlsa_after(row.tlsa_after.as_deref(), tlsa),
        };
        Self {
            ip,
            observed_at: row.observed_at,
            reached: has_read_a_reply(row),
            contact: read_contact(row),
            starttls: read_starttls(row),
            chain: chain.as_deref().and_then(|chain| certificates.chain(chain)),
            chain_truncated: row.chain_truncated,
            key_proof: key_proof.unwrap_or(KeyProof::NotChecked),
            // Every handshake that the first look completes is signed (RFC 8446 §4.4.3, RFC 5246 §7.4.3).
            proof_beyond_us: key_proof == Some(KeyProof::NotChecked)
                && (!legacy || second_look::is_signed(row.legacy_key_exchange.as_deref())),
            rare: (rare.sampled_from.is_some() || rare.tlsa_after.is_some()).then(|| Box::new(rare)),
        }
    }

    /// The host whose endpoint at the same address stands for this one.
    pub fn sampled_from(&self) -> Option<&str> {
        self.rare.as_ref()?.sampled_from.as_deref()
    }

    /// The secure TLSA records at the base domain right after the handshake, where they differ from those before.
    pub fn tlsa_after(&self) -> Option<&Arc<[TlsaRecord]>> {
        self.rare.as_ref()?.tlsa_after.as_ref()
    }
}

/// One MX host: 80 bytes, its name and its endpoints.
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
    /// Endpoints with the host's own name in SNI, by the text of the address.
    pub endpoints: Box<[EndpointFacts]>,
    /// Endpoints with the base domain in SNI (RFC 7672 8.1), where that is another name.
    pub base_endpoints: Box<[EndpointFacts]>,
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
        facts
    }

    /// The facts of a row of `mx_hosts`: so far, no address was looked at. A host that names no address has no endpoints.
    pub fn new(row: &MxHostRow) -> Self {
        let tlsa = base_domain::choose(row);
        let asks_at_base = tlsa.state.word == TlsaState::Usable && tlsa.base().is_some_and(|base| base != row.host);
        let named = row.addresses.as_deref().filter(|_| row.host_status == HostStatus::Ok).unwrap_or_default();
        // RFC 6761 §6.3: whatever a resolver said about it, `localhost` is the machine that asks.
        if name::is_localhost(&row.host) && named.is_empty() && row.host_status != HostStatus::OptedOut {
            return Self::this_machine(&row.host);
        }
        let endpoints = unseen_endpoints(named);
        Self {
            host: row.host.as_str().into(),
            status: row.host_status,
            address_error: row.a_error.or(row.aaaa_error),
            addresses_truncated: row.addresses_truncated,
            tlsa_truncated: row.tlsa_truncated,
            tlsa,
            base_endpoints: if asks_at_base { endpoints.clone() } else { Box::default() },
            endpoints,
        }
    }

    /// `localhost`, or a name below it: special addresses that no sender reaches, and nothing for DANE to speak of.
    fn this_machine(host: &str) -> Self {
        Self {
            host: host.into(),
            status: HostStatus::Ok,
            address_error: None,
            addresses_truncated: false,
            tlsa_truncated: false,
            tlsa: TlsaChoice::without_records(TlsaState::None, &rules::TLSA_NO_ADDRESS),
            endpoints: name::LOOPBACK.map(EndpointFacts::without_row).into(),
            base_endpoints: Box::default(),
        }
    }

    /// A host without a row: either its name says enough, or the crawl did not come to it.
    pub fn without_row(host: &str) -> Self {
        if name::is_localhost(host) {
            return Self::this_machine(host);
        }
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
            endpoints: Box::default(),
            base_endpoints: Box::default(),
        }
    }

    /// Takes in a row of `endpoints` of this host. Of several about one endpoint the earliest counts, then the one that
    /// came first. Left out: a row under a server name that no rule asks for, and one that names no address.
    pub fn add(&mut self, row: &EndpointRow, certificates: &Certificates) {
        let Ok(ip) = row.ip.parse() else { return };
        if self.status != HostStatus::Ok {
            return;
        }
        let facts = EndpointFacts::read(row, ip, &self.tlsa, certificates);
        if row.server_name == *self.host {
            take_in(&mut self.endpoints, facts);
        } else if self.tlsa.base() == Some(row.server_name.as_str()) {
            take_in(&mut self.base_endpoints, facts);
        }
    }

    /// The endpoints whose chain DANE judges: those that were sent the base domain as server name (RFC 7672 8.1).
    pub fn dane_endpoints(&self) -> &[EndpointFacts] {
        match self.tlsa.base() {
            Some(base) if *base != *self.host => &self.base_endpoints,
            _ => &self.endpoints,
        }
    }
}

/// One for each distinct address; text that is no address names nothing that could be contacted.
fn unseen_endpoints(addresses: &[String]) -> Box<[EndpointFacts]> {
    let mut addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.into_iter().filter_map(|address| address.parse().ok()).map(EndpointFacts::without_row).collect()
}

fn take_in(endpoints: &mut Box<[EndpointFacts]>, facts: EndpointFacts) {
    match endpoints.iter_mut().find(|known| known.ip == facts.ip) {
        Some(known) if facts.observed_at < known.observed_at => *known = facts,
        Some(_) => {}
        // An address that the host's row does not name: another machine of the crawl was told of it.
        None => {
            let text = facts.ip.to_string();
            let at = endpoints.partition_point(|known| known.ip.to_string() < text);
            let mut longer = std::mem::take(endpoints).into_vec();
            longer.insert(at, facts);
            *endpoints = longer.into_boxed_slice();
        }
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
    match (row.stage, row.error) {
        (EndpointStage::Done, _) => Contact::Decided,
        (_, Some(Failure::NoRouteForFamily)) => Contact::NoRoute,
        (_, Some(Failure::SpecialAddress)) => Contact::Special,
        // Our library could not go on, and the second look could.
        (EndpointStage::Tls, Some(Failure::TlsUnsupported)) if row.legacy_version.is_some() => Contact::Decided,
        // Cut short by ourselves, even after EHLO: what the peer would have done is not known.
        (_, Some(error)) if error.family() == Family::Own => Contact::Ours(error),
        (EndpointStage::Starttls | EndpointStage::Tls, _) => Contact::Decided,
        (EndpointStage::Ehlo, Some(Failure::StarttlsNotOffered)) => Contact::Decided,
        (EndpointStage::Ehlo, _) if row.starttls.is_some() => Contact::Decided,
        (EndpointStage::Skipped, _) => Contact::Ours(Failure::Cancelled),
        (EndpointStage::Connect, _) => Contact::Unreachable(error),
        (EndpointStage::Banner | EndpointStage::Ehlo, _) => {
            // RFC 5321 §4.2.1: 4yz and 5yz are refusals.
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

/// A handshake that only the second look got counts as TLS, when it encrypts at all. The second look may only decide where
/// the first ended before the server had chosen version and suite, or where our library could not go on: without its columns
/// the first one stands.
fn read_second_look(row: &EndpointRow) -> Starttls {
    let error = row.error.unwrap_or(Failure::TlsProtocol);
    let Some(version) = row.legacy_version.as_deref() else {
        return if error == Failure::AnonymousTls { Starttls::Anonymous } else { Starttls::Failed(error) };
    };
    let shown = second_look::read(&SecondLook {
        version,
        cipher: row.legacy_cipher.as_deref(),
        key_exchange: row.legacy_key_exchange.as_deref(),
        alert: row.legacy_alert.as_deref(),
        dh_bits: row.dh_bits,
    });
    match shown {
        Shown::Nothing(Some(failure)) => Starttls::Failed(failure),
        // What only we could not do is not the word for it.
        Shown::Nothing(None) if error.family() == Family::Own => Starttls::Failed(Failure::TlsCipher),
        Shown::Nothing(None) => Starttls::Failed(error),
        _ if error == Failure::AnonymousTls => Starttls::Anonymous,
        Shown::Anonymous => Starttls::Anonymous,
        Shown::Old => Starttls::Old,
        Shown::Modern => Starttls::Modern,
    }
}

/// The secure records at the base domain after the handshake. Records and chain must be of one moment, and this is the
/// other end of it; an answer that is not secure, or is the same, adds nothing.
fn read_tlsa_after(after: Option<&[TlsaLookup]>, tlsa: &TlsaChoice) -> Option<Arc<[TlsaRecord]>> {
    let owner = base_domain::owner_name(tlsa.base()?);
    let lookup = after?.iter().find(|lookup| lookup.name == owner)?;
    let counts = lookup.status == DnsStatus::Found && lookup.dnssec == Some(Dnssec::Secure);
    (counts && *lookup.records != *tlsa.records()).then(|| lookup.records.as_slice().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::world::{PKI, endpoint, host};

    #[test]
    fn what_millions_are_kept_of_is_small() {
        // The figures of docs/performance.md.
        assert_eq!((size_of::<HostFacts>(), size_of::<EndpointFacts>()), (80, 48));
    }

    #[test]
    fn how_far_a_session_came() {
        use EndpointStage::{Connect, Done, Ehlo, Starttls, Tls};
        type Case<'a> = (EndpointStage, Option<Failure>, Option<bool>, Contact, &'a str);
        let cases: &[Case] = &[
            (Done, None, Some(true), Contact::Decided, "a handshake"),
            (Done, Some(Failure::Cancelled), Some(true), Contact::Decided, "a handshake, and then we were stopped"),
            (Tls, Some(Failure::Cancelled), Some(true), Contact::Ours(Failure::Cancelled), "stopped in the handshake"),
            (Tls, Some(Failure::TlsProtocol), Some(true), Contact::Decided, "a handshake that failed"),
            (Starttls, Some(Failure::StarttlsRejected), Some(true), Contact::Decided, "a 454 to STARTTLS"),
            (
                Ehlo,
                Some(Failure::StarttlsNotOffered),
                None,
                Contact::Decided,
                "an EHLO reply of which no flag was kept",
            ),
            (Ehlo, Some(Failure::ConnectionClosed), Some(false), Contact::Decided, "closed after its EHLO reply"),
            (
                Ehlo,
                Some(Failure::ConnectionClosed),
                None,
                Contact::Unreachable(Failure::ConnectionClosed),
                "closed instead of one",
            ),
            (Connect, Some(Failure::NoRouteForFamily), None, Contact::NoRoute, "no route"),
        ];
        for (stage, error, starttls, contact, why) in cases {
            let row = EndpointRow {
                stage: *stage,
                error: *error,
                starttls: *starttls,
                reply_code: None,
                ..endpoint("mx.example", "192.0.2.1")
            };
            assert_eq!(read_contact(&row), *contact, "{why}");
        }
    }

    #[test]
    fn of_two_rows_about_one_endpoint_the_earlier_counts() {
        let certificates = PKI.certificates();
        let row = |ip: &str, observed_at: i64, error: Failure| EndpointRow {
            stage: EndpointStage::Connect,
            error: Some(error),
            observed_at,
            ..endpoint("mx.example", ip)
        };
        let (early, late) =
            (row("192.0.2.9", 1, Failure::ConnectRefused), row("192.0.2.9", 2, Failure::ConnectTimeout));
        let twin = row("192.0.2.9", 1, Failure::ConnectReset);
        let contact = |rows: [&EndpointRow; 2]| {
            HostFacts::read(&host("mx.example", &["192.0.2.9"]), rows, &certificates).endpoints[0].contact
        };
        let refused = Contact::Unreachable(Failure::ConnectRefused);
        assert_eq!((contact([&early, &late]), contact([&late, &early])), (refused, refused));
        assert_eq!(contact([&early, &twin]), refused, "of one instant: the first");
        // Addresses that the host's row does not name take their place by their text.
        let others = ["192.0.2.8", "2001:db8::1", "192.0.2.10"].map(|ip| row(ip, 1, Failure::ConnectRefused));
        let facts = HostFacts::read(&host("mx.example", &["192.0.2.9"]), &others, &certificates);
        let order: Vec<String> = facts.endpoints.iter().map(|endpoint| endpoint.ip.to_string()).collect();
        assert_eq!(order, ["192.0.2.10", "192.0.2.8", "192.0.2.9", "2001:db8::1"]);
    }
}
