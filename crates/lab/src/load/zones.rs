//! The signed tree of the load world, made as it is asked for: which zone a name is in, what stands there, and the
//! answer with its signatures (RFC 1034 4.3.2, RFC 4035 3.1). Nothing is stored but signatures that many ask for.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_128;

use super::certificates::Pki;
use super::domain::{Domain, Exists, Fetch, Host, Mail, Tlsa, Zone};
use super::hosts::{MxHost, provider_of};
use super::model::World;
use super::name_servers::servers;
use super::names::{self, TOP_LEVELS};
use super::providers::{Naming, OPERATORS, PROVIDERS};
use super::rows::{NEGATIVE_TTL, TTL};
use super::texts;
use crate::LabError;
use crate::answer::{Answer, NXDOMAIN, Record, SERVFAIL};
use crate::dns::Recursor;
use crate::signing::{Algorithm, Validity, ZoneKey};
use crate::wire::{Kind, Name, rdata};

/// Aliases followed: policy hosts have one.
const MOST_ALIASES: usize = 4;
/// Signatures kept; when there are more, all are forgotten.
const MOST_KEPT: usize = 100_000;
/// Days in seconds.
const DAY: u32 = 86_400;

/// Record data by name and type.
pub(super) type Contents = BTreeMap<Name, BTreeMap<Kind, Vec<Vec<u8>>>>;

/// Which zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ZoneOf {
    Root,
    Top(usize),
    Provider(u8),
    Operator(u8),
    Domain(u64),
}

/// How a zone denies existence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Denial {
    Nsec,
    Nsec3,
}

/// The DNS of a load world.
pub(super) struct Zones {
    world: World,
    pki: std::sync::Arc<Pki>,
    now: u32,
    root: ZoneKey,
    /// One key for every top-level domain, one for every zone below: who hosts many zones often does so.
    top: ZoneKey,
    child: ZoneKey,
    kept: Mutex<HashMap<u128, Vec<u8>>>,
}

/// A zone, and as much of what is in it as one question needs.
pub(super) struct ZoneView {
    pub zone: ZoneOf,
    pub apex: Name,
    pub state: Zone,
    pub denial: Denial,
    pub contents: Contents,
}

impl Zones {
    /// Makes the keys. Signatures count around `now`, seconds since the Unix epoch.
    pub(super) fn new(world: World, pki: std::sync::Arc<Pki>, now: u32) -> Result<Zones, LabError> {
        let key = || ZoneKey::generate(Algorithm::EcdsaP256);
        Ok(Zones { world, pki, now, root: key()?, top: key()?, child: key()?, kept: Mutex::default() })
    }

    /// DS of the root in zone-file form.
    pub(super) fn trust_anchor(&self) -> String {
        let ds = self.root.ds(&Name::root());
        format!(". 86400 IN DS {} {} {} {}\n", self.root.tag(), ds[2], ds[3], hex::encode_upper(&ds[4..]))
    }

    /// Answers from one zone; the name to go on with after an alias.
    fn step(&self, name: &Name, kind: Kind, out: &mut Answer) -> Result<Option<Name>, LabError> {
        let Some(view) = self.view(name, kind)? else {
            out.code = SERVFAIL;
            return Ok(None);
        };
        if let Some(sets) = view.contents.get(name) {
            if let Some(data) = sets.get(&kind) {
                self.push(&view, name, kind, data, &mut out.answers)?;
                return Ok(None);
            }
            if let Some(data) = sets.get(&Kind::CNAME) {
                self.push(&view, name, Kind::CNAME, data, &mut out.answers)?;
                return Ok(data.first().and_then(|data| Name::read(data, 0)).map(|(target, _)| target));
            }
        } else if !view.exists(name) {
            out.code = NXDOMAIN;
        }
        self.deny(&view, name, out)?;
        Ok(None)
    }

    /// The zone that answers for a name; for DS the parent side of a cut (RFC 4035 3.1.4.1). `None`: it fails.
    fn view(&self, name: &Name, kind: Kind) -> Result<Option<ZoneView>, LabError> {
        let labels = name.labels();
        let text = |label: &Vec<u8>| String::from_utf8_lossy(label).into_owned();
        let Some(top) = labels.first().and_then(|top| TOP_LEVELS.iter().position(|(_, t, _)| t.as_bytes() == top))
        else {
            return self.root_view(None).map(Some);
        };
        if labels.len() == 1 && kind == Kind::DS {
            return self.root_view(Some(top)).map(Some);
        }
        let Some(second) = labels.get(1) else { return self.top_view(top, None).map(Some) };
        let second_level = format!("{}.{}", text(second), TOP_LEVELS[top].1);
        let below = if let Some(number) = provider_of(&second_level) {
            Some(ZoneOf::Provider(number))
        } else if let Some(number) = OPERATORS.iter().position(|operator| operator.domain == second_level) {
            Some(ZoneOf::Operator(number as u8))
        } else {
            self.world.find(second, TOP_LEVELS[top].1.as_bytes()).map(ZoneOf::Domain)
        };
        let domain = match below {
            Some(ZoneOf::Domain(index)) => Some(self.world.domain(index)),
            _ => None,
        };
        let below = below.filter(|_| domain.as_ref().is_none_or(|domain| domain.mail != Mail::Nxdomain));
        let Some(below) = below else { return self.top_view(top, None).map(Some) };
        if labels.len() == 2 && kind == Kind::DS {
            let state = domain.map_or_else(|| shared_state(below), |domain| domain.zone);
            return self.top_view(top, Some((Name::new(&second_level), state))).map(Some);
        }
        match (below, domain) {
            (_, Some(domain)) => self.domain_view(&second_level, &domain, name, kind),
            (shared, None) => self.shared_view(shared, name).map(Some),
        }
    }

    fn root_view(&self, top: Option<usize>) -> Result<ZoneView, LabError> {
        let mut view = self.bare(ZoneOf::Root, Name::root(), Zone::Signed, Denial::Nsec, &self.root);
        if let Some(top) = top {
            let apex = Name::new(TOP_LEVELS[top].1);
            view.put(&apex, Kind::NS, server().wire());
            view.put(&apex, Kind::DS, self.top.ds(&apex));
        }
        Ok(view)
    }

    /// A top-level domain with the delegation that is asked about.
    fn top_view(&self, top: usize, cut: Option<(Name, Zone)>) -> Result<ZoneView, LabError> {
        // The largest registries use NSEC3.
        let denial = if top < 2 { Denial::Nsec3 } else { Denial::Nsec };
        let mut view = self.bare(ZoneOf::Top(top), Name::new(TOP_LEVELS[top].1), Zone::Signed, denial, &self.top);
        if let Some((child, state)) = cut {
            view.put(&child, Kind::NS, server().wire());
            if matches!(state, Zone::Signed | Zone::Expired) {
                view.put(&child, Kind::DS, self.child.ds(&child));
            }
        }
        Ok(view)
    }

    /// The zone of a provider or a policy operator; the registrar is both.
    fn shared_view(&self, zone: ZoneOf, name: &Name) -> Result<ZoneView, LabError> {
        let (domain, operator) = match zone {
            ZoneOf::Provider(number) => {
                let domain = PROVIDERS[usize::from(number)].domain;
                (domain, OPERATORS.iter().position(|operator| operator.domain == domain))
            }
            ZoneOf::Operator(number) => (OPERATORS[usize::from(number)].domain, Some(usize::from(number))),
            _ => ("", None),
        };
        let apex = Name::new(domain);
        let mut view = self.bare(zone, apex.clone(), shared_state(zone), Denial::Nsec, &self.child);
        view.put_name_servers(&servers(domain));
        if let ZoneOf::Provider(number) = zone
            && let Naming::Shared(preferences) = PROVIDERS[usize::from(number)].naming
        {
            let nobody = self.world.domain(0);
            for at in 0..preferences.len() as u8 {
                self.put_host(&mut view, &self.world.mx_host(Host::Shared(number, at), &nobody))?;
            }
        }
        let customer = name.labels().get(3).and_then(|label| names::index(label));
        let Some(index) = customer.filter(|&index| self.world.is_member(index)) else { return Ok(view) };
        let customer = self.world.domain(index);
        let parent = String::from_utf8_lossy(&name.labels()[2]).into_owned();
        match (zone, customer.mail, customer.sts, parent.as_str()) {
            (ZoneOf::Provider(number), Mail::Provider(with), _, "mail") if with == number => {
                if let Naming::PerCustomer(_) = PROVIDERS[usize::from(number)].naming {
                    self.put_host(&mut view, &self.world.mx_host(Host::Customer(number, index), &customer))?;
                }
            }
            (_, _, Some(sts), "mta-sts") if sts.operator.map(usize::from) == operator && operator.is_some() => {
                if let Some(ip) = self.world.policy_address(index, &sts) {
                    view.put_address(&Name::new(&self.world.policy_alias(index, &sts)), ip);
                }
            }
            _ => {}
        }
        Ok(view)
    }

    /// The zone of a domain; `None`: it fails.
    fn domain_view(&self, name: &str, domain: &Domain, asked: &Name, kind: Kind) -> Result<Option<ZoneView>, LabError> {
        if domain.mail == Mail::Failing {
            return Ok(None);
        }
        let apex = Name::new(name);
        let denial = if domain.index.is_multiple_of(2) { Denial::Nsec } else { Denial::Nsec3 };
        let mut view = self.bare(ZoneOf::Domain(domain.index), apex.clone(), domain.zone, denial, &self.child);
        view.put_name_servers(&servers(&self.world.dns_operator(domain)));
        let below = |labels: &str| Name::new(&format!("{labels}.{name}"));
        if domain.mail == Mail::Null {
            view.put(&apex, Kind::MX, rdata::mx(0, &Name::root()));
        }
        for (preference, host) in self.world.mx(domain) {
            let host = self.world.mx_host(host, domain);
            if domain.mail != Mail::Implicit {
                view.put(&apex, Kind::MX, rdata::mx(preference, &Name::new(&host.name)));
            }
            let owner = Name::new(&host.name);
            if owner.is_within(&apex) {
                let about_tlsa = kind == Kind::TLSA && asked.is_within(&owner) && asked.depth() > owner.depth();
                if about_tlsa && host.spec.tlsa == Tlsa::Failing {
                    return Ok(None);
                }
                if asked.is_within(&owner) {
                    self.put_host(&mut view, &host)?;
                }
            }
        }
        if let Some(text) = texts::spf_record(domain) {
            view.put(&apex, Kind::TXT, rdata::txt(&[text.as_bytes()]));
        }
        for text in domain.sts.iter().flat_map(texts::sts_records) {
            view.put(&below("_mta-sts"), Kind::TXT, rdata::txt(&[text.as_bytes()]));
        }
        if let Some(text) = texts::tlsrpt_record(domain.tlsrpt, name) {
            view.put(&below("_smtp._tls"), Kind::TXT, rdata::txt(&[text.as_bytes()]));
        }
        if let Some(text) = texts::dmarc_record(domain, name) {
            view.put(&below("_dmarc"), Kind::TXT, rdata::txt(&[text.as_bytes()]));
        }
        if let Some(sts) = domain.sts.filter(|sts| sts.fetch != Fetch::NoName) {
            let owner = below("mta-sts");
            match sts.operator {
                Some(_) => {
                    let target = Name::new(&self.world.policy_alias(domain.index, &sts));
                    view.put(&owner, Kind::CNAME, target.wire());
                }
                None => self
                    .world
                    .policy_address(domain.index, &sts)
                    .into_iter()
                    .for_each(|ip| view.put_address(&owner, ip)),
            }
        }
        Ok(Some(view))
    }

    fn bare(&self, zone: ZoneOf, apex: Name, state: Zone, denial: Denial, key: &ZoneKey) -> ZoneView {
        let mut view = ZoneView { zone, apex: apex.clone(), state, denial, contents: Contents::new() };
        view.put(&apex, Kind::SOA, rdata::soa(&server(), &Name::new("hostmaster.load-dns.net-lab")));
        if matches!(zone, ZoneOf::Root | ZoneOf::Top(_)) {
            view.put(&apex, Kind::NS, server().wire());
        }
        if state != Zone::Unsigned {
            view.put(&apex, Kind::DNSKEY, key.dnskey().to_vec());
        }
        view
    }

    fn put_host(&self, view: &mut ZoneView, host: &MxHost) -> Result<(), LabError> {
        let owner = Name::new(&host.name);
        match (host.spec.exists, host.address) {
            (_, Some(ip)) => view.put_address(&owner, ip),
            (Exists::NoAddress, None) => view.put(&owner, Kind::TXT, rdata::txt(&[b"no address here"])),
            _ => {}
        }
        let tlsa = owner.child("_tcp").child("_25");
        for record in self.pki.tlsa(&self.world, host)? {
            let [usage, selector, matching] = record.parameters;
            view.put(&tlsa, Kind::TLSA, rdata::tlsa(usage, selector, matching, &record.data));
        }
        Ok(())
    }

    /// Puts a set and its signature into a section.
    pub(super) fn push(
        &self,
        view: &ZoneView,
        owner: &Name,
        kind: Kind,
        data: &[Vec<u8>],
        section: &mut Vec<Record>,
    ) -> Result<(), LabError> {
        let ttl = if matches!(kind, Kind::SOA | Kind::NSEC | Kind::NSEC3) { NEGATIVE_TTL } else { TTL };
        let record = |kind: Kind, data: Vec<u8>| Record { owner: owner.clone(), kind, ttl, data };
        section.extend(data.iter().map(|data| record(kind, data.clone())));
        // RFC 4035 §2.2: the NS RRset of a delegation is not signed.
        let is_cut = kind == Kind::NS && *owner != view.apex;
        if view.state != Zone::Unsigned && !is_cut {
            section.push(record(Kind::RRSIG, self.signature(view, owner, kind, ttl, data)?));
        }
        Ok(())
    }

    fn signature(
        &self,
        view: &ZoneView,
        owner: &Name,
        kind: Kind,
        ttl: u32,
        data: &[Vec<u8>],
    ) -> Result<Vec<u8>, LabError> {
        let sign = || {
            let key = match view.zone {
                ZoneOf::Root => &self.root,
                ZoneOf::Top(_) => &self.top,
                _ => &self.child,
            };
            let validity = match view.state {
                Zone::Expired => Validity { from: self.now - 60 * DAY, until: self.now - 7 * DAY },
                _ => Validity::around(self.now),
            };
            key.sign(&view.apex, owner, kind, ttl, data, validity)
        };
        // What stands in a zone of many is asked for again; a domain's own, and each denial, only once.
        let is_shared = !matches!(view.zone, ZoneOf::Domain(_))
            && (*owner == view.apex || matches!(view.zone, ZoneOf::Provider(_) | ZoneOf::Operator(_)))
            && !matches!(kind, Kind::NSEC | Kind::NSEC3);
        if !is_shared {
            return sign();
        }
        let mut text = owner.wire();
        text.extend_from_slice(&kind.0.to_be_bytes());
        let about = xxh3_128(&text);
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&about) {
            return Ok(known.clone());
        }
        let made = sign()?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(about, made.clone());
        Ok(made)
    }
}

impl Recursor for Zones {
    fn answer(&self, name: &Name, kind: Kind) -> Answer {
        let mut out = Answer::default();
        let mut name = name.clone();
        for _ in 0..=MOST_ALIASES {
            match self.step(&name, kind, &mut out) {
                Ok(Some(target)) => name = target,
                Ok(None) => return out,
                Err(error) => {
                    tracing::error!("the load world's DNS cannot answer for {name}: {error}");
                    return Answer { code: SERVFAIL, ..Answer::default() };
                }
            }
        }
        out
    }
}

impl ZoneView {
    fn put(&mut self, owner: &Name, kind: Kind, data: Vec<u8>) {
        let set = self.contents.entry(owner.clone()).or_default().entry(kind).or_default();
        if !set.contains(&data) {
            set.push(data);
        }
    }

    fn put_address(&mut self, owner: &Name, ip: IpAddr) {
        match ip {
            IpAddr::V4(ip) => self.put(owner, Kind::A, rdata::a(ip)),
            IpAddr::V6(ip) => self.put(owner, Kind::AAAA, rdata::aaaa(ip)),
        }
    }

    fn put_name_servers(&mut self, servers: &[String]) {
        let apex = self.apex.clone();
        servers.iter().for_each(|server| self.put(&apex, Kind::NS, Name::new(server).wire()));
    }

    /// Whether a name exists, if only because something exists below it.
    pub(super) fn exists(&self, name: &Name) -> bool {
        self.contents.range(name.clone()..).next().is_some_and(|(node, _)| node.is_within(name))
    }
}

fn shared_state(zone: ZoneOf) -> Zone {
    let signed = match zone {
        ZoneOf::Provider(number) => PROVIDERS[usize::from(number)].signed,
        ZoneOf::Operator(number) => OPERATORS[usize::from(number)].signed,
        _ => true,
    };
    if signed { Zone::Signed } else { Zone::Unsigned }
}

fn server() -> Name {
    Name::new("ns.load-dns.net-lab")
}
