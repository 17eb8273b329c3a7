//! Look-ups: one question in, one [`Answer`] out, with its aliases, its DNSSEC state and its failure
//! (RFC 1034, 1035; DNSSEC: RFC 4033–4035).
//!
//! Start from [`Dns::ask`]. `settings` holds every number, `names` the spelling, `message` what a packet
//! says, `udp` and `engine` the way to the resolvers, `look` the three modes, `validate` the validator.
//! What this module itself decides is how an answer is put together hop by hop:
//!
//! - An answer that is secure as a whole has secure aliases. Otherwise each alias is asked about on its
//!   own, because RFC 7672 2.2.3 turns on the state of the first.
//! - A chain that a resolver followed only part of the way is followed to its end.
//! - Nobody is asked about `localhost` and the names below it (RFC 6761 6.3).
//!
//! The DNS is only observed here: nothing is cached but the keys of zones.

mod engine;
mod look;
mod lookups;
mod message;
mod names;
mod packet;
mod relevant;
mod settings;
mod udp;
mod validate;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_proto::rr::{Name, RecordType};

use self::look::{Look, Looker};
pub use self::lookups::Lookups;
use self::message::{Hop, MAX_HOPS, Reading};
pub use self::packet::read_packet;
pub(crate) use self::settings::is_local;
pub use self::settings::{DnsSettings, DnsSetupError, Mode, ROOT_TRUST_ANCHORS, system_resolvers};
use crate::connectivity::gate::Gate;
use crate::left_alone::{LeftAlone, Role};
use crate::shortage::Shortages;
use mxcensus_rules::embedded_address::Nat64Prefix;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name::{LOOPBACK, is_localhost};
use mxcensus_rules::observation::{Cname, DnsStatus, Dnssec, TlsaRecord, Zone};

/// What can be asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// IPv4 addresses (RFC 1035 3.4.1).
    A,
    /// IPv6 addresses (RFC 3596).
    Aaaa,
    /// Mail exchangers (RFC 1035 3.3.9).
    Mx,
    /// Text (RFC 1035 3.3.14).
    Txt,
    /// Certificate associations (RFC 6698).
    Tlsa,
    /// The alias itself, not followed (RFC 1035 3.3.1).
    Cname,
    /// Name servers (RFC 1035 3.3.11).
    Ns,
    /// Digests of a child's keys, in its parent (RFC 4034 5).
    Ds,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 8] = [Kind::A, Kind::Aaaa, Kind::Mx, Kind::Txt, Kind::Tlsa, Kind::Cname, Kind::Ns, Kind::Ds];

    /// Its mnemonic (RFC 1035 3.2.2, RFC 3596 2.1, RFC 4034 5, RFC 6698 7.1).
    pub fn mnemonic(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Tlsa => "TLSA",
            Self::Cname => "CNAME",
            Self::Ns => "NS",
            Self::Ds => "DS",
        }
    }

    fn record_type(self) -> RecordType {
        match self {
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Mx => RecordType::MX,
            Self::Txt => RecordType::TXT,
            Self::Tlsa => RecordType::TLSA,
            Self::Cname => RecordType::CNAME,
            Self::Ns => RecordType::NS,
            Self::Ds => RecordType::DS,
        }
    }
}

/// One record of the kind asked for. Names are lower case, without a trailing dot, odd bytes as `\DDD`
/// and a dot inside a label as `\046` (RFC 1035 5.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Data {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A mail exchanger.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// `.` for the null MX (RFC 7505).
        host: String,
    },
    /// The strings of one TXT record, joined without spaces.
    Txt(Vec<u8>),
    /// A certificate association.
    Tlsa(TlsaRecord),
    /// The target of an alias.
    Cname(String),
    /// A name server.
    Ns(String),
    /// A digest of a key: that there is one is all that is read.
    Ds,
}

/// Where the zone of a name begins, as an answer to the question for its NS records tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum At {
    /// At the name.
    Apex,
    /// At this name above it.
    Below(String),
    /// The name is an alias, which tells nothing of its zone.
    Alias,
    /// There is no answer, or one that does not tell.
    Unknown,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Found, denied, or failed.
    pub status: DnsStatus,
    /// Why it failed; `None` unless the status is `error`.
    pub error: Option<Failure>,
    /// State of the answer as a whole, aliases included, or of the denial; `None` with [`Mode::Off`], and
    /// after a failure under [`Mode::TrustAd`].
    pub dnssec: Option<Dnssec>,
    /// The lowest time to live on the way, or that of the denial (RFC 2308 5), seconds.
    pub ttl: Option<u32>,
    /// The aliases followed, first to last, each with its own state.
    pub cnames: Vec<Cname>,
    /// The records, in the order of the answer. After a bogus answer: what it held, for information.
    pub records: Vec<Data>,
    /// More records than we keep.
    pub truncated: bool,
    /// The apex of the zone that the name is in, where the answer is a denial that no alias led to.
    pub apex: Option<String>,
}

/// How long aliases of one question are followed; the look-up under way then is the last. A chain of [`MAX_HOPS`] aliases, each answered
/// just in time and validated slowly, would add up to half an hour.
const ASK_LIMIT: Duration = Duration::from_secs(90);

/// Looks things up. Share it: it is cheap to ask many things at once. Clones are one client.
#[derive(Clone)]
pub struct Dns {
    looker: Arc<Looker>,
    lookups: Arc<Lookups>,
    left_alone: LeftAlone,
}

impl Dns {
    /// Reads the trust anchor and notes the resolvers; contacts nobody yet.
    pub fn new(settings: DnsSettings) -> Result<Self, DnsSetupError> {
        if settings.resolvers.is_empty() {
            return Err(DnsSetupError::NoResolver);
        }
        let left_alone = settings.left_alone.clone();
        Ok(Self { looker: Arc::new(Looker::new(&settings)?), lookups: Arc::default(), left_alone })
    }

    /// Asks for the trust anchor's keys (the root's, without an anchor): whether the resolvers answer at
    /// all and can serve the mode. For the start of a crawl.
    pub async fn check(&self) -> Result<(), DnsSetupError> {
        self.looker.check().await
    }

    /// A name that must exist and that the resolver says does not: the root, or else all of these top-level domains.
    pub async fn denied(&self, top_level_domains: &[String]) -> Option<String> {
        if self.denies(".").await {
            return Some("the root".to_owned());
        }
        for name in top_level_domains {
            if !self.denies(name).await {
                return None;
            }
        }
        let names: Vec<String> = top_level_domains.iter().map(|name| format!("{name}.")).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    async fn denies(&self, name: &str) -> bool {
        let Some(name) = names::parse(name) else { return false };
        let look = self.looker.look(&name, RecordType::NS, Role::Domain).await;
        look.reading.is_ok_and(|reading| reading.nxdomain)
    }

    /// Where failed look-ups wait until it is known whose failure it is; see [`super::connectivity`].
    pub fn gate(&self) -> &Arc<Gate> {
        self.looker.gate()
    }

    /// What this machine is short of, found out by its questions or by other contacts.
    pub fn shortages(&self) -> &Arc<Shortages> {
        self.looker.shortages()
    }

    /// Whether the resolver answers a question about this name at all, whatever it says.
    pub async fn reaches(&self, name: &str) -> bool {
        match names::parse(name) {
            Some(name) => self.looker.reaches(&name).await,
            None => false,
        }
    }

    /// Looks up the records of one kind at a name, following aliases. Needs a tokio runtime.
    ///
    /// No further alias is followed after `ASK_LIMIT`, unless this machine lost its connection meanwhile: the time
    /// that such an interruption takes is not theirs.
    ///
    /// A name on the opt-out list is not asked about, nor one whose aliases lead to the list: the answer is `opted-out` then.
    /// `role` is what the name is a name of.
    pub async fn ask(&self, name: &str, kind: Kind, role: Role) -> Answer {
        let started = Instant::now();
        let answer = self.follow(name, kind, role, started).await;
        self.lookups.add(kind, &answer, started.elapsed());
        answer
    }

    /// Both kinds of addresses of a name. Where somebody is left alone they are asked for one after the other: the first answer
    /// may show that the name is an alias of theirs.
    pub async fn addresses(&self, name: &str, role: Role) -> (Answer, Answer) {
        if self.left_alone.is_empty() {
            return tokio::join!(self.ask(name, Kind::A, role), self.ask(name, Kind::Aaaa, role));
        }
        let a = self.ask(name, Kind::A, role).await;
        let aaaa = match a.error {
            Some(Failure::OptedOut) => a.clone(),
            _ => self.ask(name, Kind::Aaaa, role).await,
        };
        (a, aaaa)
    }

    /// Asks how this network shows IPv4 addresses over IPv6 (RFC 7050 §3), so that who is left alone is left alone there too.
    pub async fn discover_nat64(&self) {
        let answer = self.ask("ipv4only.arpa", Kind::Aaaa, Role::Domain).await;
        let prefixes = answer.records.iter().filter_map(|data| match data {
            Data::Aaaa(ip) => Nat64Prefix::discover(*ip),
            _ => None,
        });
        self.left_alone.set_nat64(prefixes.collect());
    }

    /// What RFC 6761 §6.3 wants of `localhost` and the names below it: the loopback addresses, a denial of all else,
    /// and no question to anybody. Nothing proves it, so it is insecure.
    fn of_this_machine(&self, kind: Kind, cnames: Vec<Cname>) -> Answer {
        let loopback = LOOPBACK.into_iter().filter_map(|ip| match (ip, kind) {
            (IpAddr::V4(ip), Kind::A) => Some(Data::A(ip)),
            (IpAddr::V6(ip), Kind::Aaaa) => Some(Data::Aaaa(ip)),
            _ => None,
        });
        let records: Vec<Data> = loopback.collect();
        Answer {
            status: if records.is_empty() { DnsStatus::Nodata } else { DnsStatus::Found },
            error: None,
            dnssec: self.looker.unproven(),
            ttl: None,
            cnames,
            records,
            truncated: false,
            apex: None,
        }
    }

    /// Asks for the NS records at a name, and reads where its zone begins. Aliases are not followed. For an apex that is signed and
    /// not secure, its parent is asked for a DS as well.
    pub async fn zone_at(&self, name: &str) -> (Zone, At) {
        let Some(asked) = names::parse(name).filter(|_| !is_localhost(name)) else {
            return (Zone::default(), At::Unknown);
        };
        let started = Instant::now();
        let Look { reading, state, .. } = self.looker.look(&asked, RecordType::NS, Role::Domain).await;
        let (at, signed) =
            reading.as_ref().map_or((At::Unknown, false), |reading| (begins(&asked, reading), reading.signed));
        let answer = match reading {
            Ok(reading) => Answer::put_together(reading, state, None, Vec::new()),
            Err(failure) => Answer::failed(failure, state, Vec::new()),
        };
        self.lookups.add(Kind::Ns, &answer, started.elapsed());
        let has_records = !answer.records.is_empty();
        let signed = Some(signed).filter(|_| has_records && self.looker.validates());
        let ds = match (signed, answer.dnssec) {
            (Some(true), Some(Dnssec::Secure)) => Some(true),
            (Some(true), _) => self.has_ds(&asked).await,
            // `trust-ad`: the chain of trust goes through the parent's DS.
            (None, Some(Dnssec::Secure)) if has_records => Some(true),
            _ => None,
        };
        let servers =
            answer.records.into_iter().filter_map(|data| if let Data::Ns(name) = data { Some(name) } else { None });
        let servers: BTreeSet<String> = servers.collect();
        let zone = Zone {
            name: None,
            status: Some(answer.status),
            error: answer.error,
            dnssec: answer.dnssec,
            ns: Some(servers.into_iter().collect()),
            truncated: answer.truncated,
            signed,
            ds,
            operator: None,
        };
        (zone, at)
    }

    /// Whether the parent of a zone has a DS for it; `None` where nobody says.
    async fn has_ds(&self, apex: &Name) -> Option<bool> {
        let started = Instant::now();
        let Look { reading, state, .. } = self.looker.look(apex, RecordType::DS, Role::Domain).await;
        let (answer, told) = match reading {
            Ok(reading) => {
                let told =
                    (!reading.records.is_empty() || reading.apex.is_some()).then_some(!reading.records.is_empty());
                (Answer::put_together(reading, state, None, Vec::new()), told)
            }
            Err(failure) => (Answer::failed(failure, state, Vec::new()), None),
        };
        self.lookups.add(Kind::Ds, &answer, started.elapsed());
        told
    }

    /// Whether a name is that of somebody who is left alone, as a domain or as an MX host.
    pub fn leaves_alone(&self, name: &str) -> bool {
        [Role::Domain, Role::MxHost].into_iter().any(|role| self.left_alone.covers_name(role, name))
    }

    /// The look-ups so far.
    pub fn lookups(&self) -> &Arc<Lookups> {
        &self.lookups
    }

    async fn follow(&self, name: &str, kind: Kind, role: Role, started: Instant) -> Answer {
        let begun = self.gate().begin();
        let too_long = || started.elapsed() > ASK_LIMIT && !self.gate().interrupted_since(begun);
        let mut cnames = Vec::new();
        let Some(mut current) = names::parse(name) else {
            return Answer::failed(Failure::InvalidName, self.looker.unknown(), cnames);
        };
        let mut earlier = Dnssec::Secure;
        let mut ttl = None;
        loop {
            if is_localhost(&names::text(&current)) {
                return self.of_this_machine(kind, cnames);
            }
            if too_long() {
                return Answer::failed(Failure::DnsTimeout, self.looker.unknown(), cnames);
            }
            let Look { reading, state, is_refused } = self.looker.look(&current, kind.record_type(), role).await;
            let reading = match reading {
                Ok(reading) => reading,
                Err(failure) => return Answer::failed(failure, state, cnames),
            };
            if cnames.len() + reading.hops.len() > MAX_HOPS {
                return Answer::failed(Failure::Servfail, self.looker.unknown(), cnames);
            }
            if is_refused {
                let unasked = |hop: &Hop| Cname { target: names::text(&hop.target), dnssec: self.looker.unknown() };
                cnames.extend(reading.hops.iter().map(unasked));
                return Answer::failed(Failure::OptedOut, self.looker.unknown(), cnames);
            }
            let from = cnames.len();
            for hop in &reading.hops {
                // What is secure as a whole has no insecure part.
                let own = match state {
                    Some(Dnssec::Secure) => state,
                    _ if too_long() => self.looker.unknown(),
                    _ => self.looker.alias_state(hop, role).await,
                };
                cnames.push(Cname { target: names::text(&hop.target), dnssec: own });
            }
            ttl = [ttl, reading.ttl].into_iter().flatten().min();
            let aliases = cnames[from..].iter().map(|cname| cname.dnssec.unwrap_or(Dnssec::Insecure));
            if reading.is_partial() {
                // The answer has no end that its state could be about: its aliases decide.
                earlier = aliases.fold(earlier, worse);
                if state.is_none() || earlier != Dnssec::Bogus {
                    current = reading.last;
                    continue;
                }
            } else if state == Some(Dnssec::Insecure) && aliases.clone().any(|own| own == Dnssec::Indeterminate) {
                earlier = worse(earlier, Dnssec::Indeterminate);
            }
            return Answer::put_together(reading, state.map(|state| worse(earlier, state)), ttl, cnames);
        }
    }
}

impl Answer {
    fn failed(failure: Failure, dnssec: Option<Dnssec>, cnames: Vec<Cname>) -> Self {
        Self {
            status: DnsStatus::Error,
            error: Some(failure),
            dnssec,
            ttl: None,
            cnames,
            records: Vec::new(),
            truncated: false,
            apex: None,
        }
    }

    fn put_together(reading: Reading, dnssec: Option<Dnssec>, ttl: Option<u32>, cnames: Vec<Cname>) -> Self {
        let (status, error) = if dnssec == Some(Dnssec::Bogus) {
            (DnsStatus::Error, Some(Failure::DnssecBogus))
        } else if !reading.records.is_empty() {
            (DnsStatus::Found, None)
        } else if reading.nxdomain {
            (DnsStatus::Nxdomain, None)
        } else {
            (DnsStatus::Nodata, None)
        };
        let apex = reading.apex.filter(|_| cnames.is_empty()).map(|apex| names::text(&apex));
        Self { status, error, dnssec, ttl, cnames, records: reading.records, truncated: reading.truncated, apex }
    }
}

/// Where the zone of a name begins, by the answer to the question for its NS records.
fn begins(asked: &Name, reading: &Reading) -> At {
    match &reading.apex {
        _ if !reading.hops.is_empty() => At::Alias,
        _ if !reading.records.is_empty() => At::Apex,
        Some(apex) if apex == asked => At::Apex,
        Some(apex) => At::Below(names::text(apex)),
        None => At::Unknown,
    }
}

/// The state of a chain of two parts.
fn worse(one: Dnssec, other: Dnssec) -> Dnssec {
    let rank = |state| match state {
        Dnssec::Secure => 0,
        Dnssec::Insecure => 1,
        Dnssec::Indeterminate => 2,
        Dnssec::Bogus => 3,
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod zone_tests;
