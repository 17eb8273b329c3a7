//! Worlds are data: [`World`] collects what a simulated internet publishes, which servers it has, and
//! what must be concluded about each domain. The scenes fill it in; [`super::start`] brings it up.
//!
//! Nothing here knows a rule: expectations are words that a person wrote down.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

use super::answer::{Fault, Faults};
use super::legacy_tls::Legacy;
use super::pki::{Certificate, Chain, Leaf, Pki};
use super::tls::{Chains, Versions};
use super::wire::{Kind, Name, rdata};
use super::zone::{Published, SetFault, Signing, ZoneSpec};
use super::{LabError, https, smtp};

pub use super::expect::{ANY, Cell};

/// What is expected of one domain: columns of `verdicts` and, by host, of `mx_verdicts`.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// What is right or wrong about the domain, for people.
    pub about: &'static str,
    /// Columns of its row in `verdicts`.
    pub verdict: Map<String, Value>,
    /// By host, columns of its row in `mx_verdicts`.
    pub mx: BTreeMap<String, Map<String, Value>>,
    /// By host, columns of its rows in `endpoints`, at whatever address.
    pub endpoints: BTreeMap<String, Map<String, Value>>,
    /// Columns of the row in `domains`.
    pub domain: Map<String, Value>,
    /// In place of `verdict` when a validating resolver is believed (`--dnssec trust-ad`) and sees it otherwise;
    /// empty: no difference.
    pub trust_ad: Map<String, Value>,
    /// In place of `mx`.
    pub trust_ad_mx: BTreeMap<String, Map<String, Value>>,
}

/// A simulated internet under construction.
pub struct World {
    /// Its certificate authorities.
    pub pki: Pki,
    /// Its zones.
    pub zones: Vec<ZoneSpec>,
    /// Its records.
    pub published: Published,
    /// Scripted faults of its DNS.
    pub faults: Faults,
    /// Its SMTP servers.
    pub smtp: Vec<(IpAddr, smtp::Server)>,
    /// Its policy hosts.
    pub https: Vec<(IpAddr, https::Server)>,
    /// Addresses where connections are neither accepted nor refused.
    pub deaf: Vec<IpAddr>,
    /// Input domains in order, and what is expected of them.
    pub domains: Vec<(String, Expected)>,
    /// Lines of the opt-out list.
    pub opt_out: Vec<String>,
    /// What this machine can do, which decides about some scenes.
    pub vantage: Vantage,
    /// Questions and connections are logged to `access.log`.
    pub access_log: bool,
    next_address: u32,
}

/// What the machine that the lab runs on can do.
#[derive(Clone, Copy, Debug)]
pub struct Vantage {
    /// `::1` can be bound.
    pub ipv6_loopback: bool,
    /// There is a route to the IPv6 internet.
    pub ipv6_route: bool,
}

impl Vantage {
    /// Finds out without sending anything: connecting a UDP socket only asks the routing table.
    pub fn find() -> Vantage {
        let ipv6_loopback = std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        let ipv6_route = std::net::UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))
            .and_then(|socket| socket.connect((UNALLOCATED, 9)))
            .is_ok();
        Vantage { ipv6_loopback, ipv6_route }
    }
}

/// An address of global unicast space that IANA has given to nobody (2e00::/7).
pub const UNALLOCATED: Ipv6Addr = Ipv6Addr::new(0x2e00, 0x6c61, 0x62, 0, 0, 0, 0, 0x25);
/// An address of loopback that no connection can be made to: a broadcast address.
pub const UNREACHABLE: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);
/// An address of loopback where nobody listens.
pub const CLOSED: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);
/// An address of loopback whose listener has a full backlog.
pub const DEAF: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 10);

const TTL: u32 = 3600;

impl World {
    /// A world with authorities and nothing else, as of `now` (seconds since the Unix epoch).
    pub fn new(now: i64, vantage: Vantage) -> Result<World, LabError> {
        Ok(World {
            pki: Pki::new(now)?,
            zones: Vec::new(),
            published: Published::new(),
            faults: Faults::new(),
            smtp: Vec::new(),
            https: Vec::new(),
            deaf: vec![DEAF.into()],
            domains: Vec::new(),
            opt_out: Vec::new(),
            vantage,
            access_log: false,
            next_address: 0,
        })
    }

    /// A zone; `None` for an unsigned one.
    pub fn zone(&mut self, apex: &str, signing: Option<Signing>) {
        self.zones.push(ZoneSpec { apex: Name::new(apex), signing });
    }

    /// Publishes one record.
    pub fn record(&mut self, owner: &str, kind: Kind, data: Vec<u8>) {
        self.record_at(Name::new(owner), kind, data);
    }

    /// The same for a name that no text spells.
    pub fn record_at(&mut self, owner: Name, kind: Kind, data: Vec<u8>) {
        let set = self.published.entry((owner, kind)).or_default();
        set.ttl = TTL;
        set.data.push(data);
    }

    /// Publishes one TXT record of one string.
    pub fn txt(&mut self, owner: &str, text: &str) {
        self.record(owner, Kind::TXT, rdata::txt(&[text.as_bytes()]));
    }

    /// Publishes A or AAAA.
    pub fn address(&mut self, owner: &str, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => self.record(owner, Kind::A, rdata::a(v4)),
            IpAddr::V6(v6) => self.record(owner, Kind::AAAA, rdata::aaaa(v6)),
        }
    }

    /// Publishes the MX RRset of a domain.
    pub fn mx(&mut self, domain: &str, hosts: &[(u16, &str)]) {
        for (preference, host) in hosts {
            self.record(domain, Kind::MX, rdata::mx(*preference, &Name::new(host)));
        }
    }

    /// Publishes a CNAME.
    pub fn alias(&mut self, owner: &str, target: &str) {
        self.record(owner, Kind::CNAME, Name::new(target).wire());
    }

    /// Breaks the signature over one RRset.
    pub fn break_set(&mut self, owner: &str, kind: Kind, fault: SetFault) {
        let records = self.published.entry((Name::new(owner), kind)).or_default();
        records.fault = Some(fault);
    }

    /// Scripts a fault for a question.
    pub fn fault(&mut self, name: &str, kind: Kind, fault: Fault) {
        self.faults.insert((Name::new(name), Some(kind)), fault);
    }

    fn fresh_address(&mut self, second: u8) -> IpAddr {
        self.next_address += 1;
        let [.., third, fourth] = self.next_address.to_be_bytes();
        Ipv4Addr::new(127, second, third, fourth).into()
    }

    /// Puts an SMTP server at an address of its own, without a name.
    pub fn unnamed_server(&mut self, server: smtp::Server) -> IpAddr {
        let address = self.fresh_address(25);
        self.smtp.push((address, server));
        address
    }

    /// Puts an SMTP server at an address of its own, and the address under `host`.
    pub fn server(&mut self, host: &str, server: smtp::Server) -> IpAddr {
        let address = self.unnamed_server(server);
        self.address(host, address);
        address
    }

    /// An SMTP server under `host` that does everything well and presents `leaf` whatever the name.
    pub fn host(&mut self, host: &str, leaf: &Leaf) -> Result<Chain, LabError> {
        let chain = self.pki.issue(leaf)?;
        self.server(host, smtp::Server::good(Chains::always(chain.clone())));
        Ok(chain)
    }

    /// The same with a good certificate.
    pub fn good_host(&mut self, host: &str) -> Result<Chain, LabError> {
        self.host(host, &Leaf::good(host))
    }

    /// Publishes a TLSA record that matches `certificate`.
    pub fn tlsa(&mut self, base: &str, usage: u8, selector: u8, matching: u8, certificate: &Certificate) {
        self.tlsa_data(base, usage, selector, matching, &certificate.association(selector, matching));
    }

    /// Publishes a TLSA record with any data.
    pub fn tlsa_data(&mut self, base: &str, usage: u8, selector: u8, matching: u8, data: &[u8]) {
        self.record(&format!("_25._tcp.{base}"), Kind::TLSA, rdata::tlsa(usage, selector, matching, data));
    }

    /// A record and a policy host that serves `body`, both faultless.
    pub fn policy(&mut self, domain: &str, body: &str) -> Result<(), LabError> {
        self.page(domain, https::Page::Serves(body.as_bytes().to_vec()))
    }

    /// A record and a faultless policy host that answers with `page`.
    pub fn page(&mut self, domain: &str, page: https::Page) -> Result<(), LabError> {
        let leaf = Leaf::good(&format!("mta-sts.{domain}"));
        self.policy_host(domain, &leaf, https::Door::Opens, page)
    }

    /// A record and a policy host with this certificate, door and page.
    pub fn policy_host(
        &mut self,
        domain: &str,
        leaf: &Leaf,
        door: https::Door,
        page: https::Page,
    ) -> Result<(), LabError> {
        let chains = Chains::always(self.pki.issue(leaf)?);
        self.policy_server(domain, chains, door, page);
        Ok(())
    }

    /// A record and a policy host with these chains.
    pub fn policy_server(&mut self, domain: &str, chains: Chains, door: https::Door, page: https::Page) {
        let host = format!("mta-sts.{domain}");
        self.sts_record(domain);
        self.policy_server_at(&host, &host, chains, door, page);
    }

    /// A record and a policy host that speaks TLS as `legacy` does, and serves nothing.
    pub fn policy_legacy(&mut self, domain: &str, legacy: Legacy) {
        self.sts_record(domain);
        let address = self.fresh_address(44);
        self.address(&format!("mta-sts.{domain}"), address);
        let server = https::Server {
            door: https::Door::Opens,
            legacy: Some(legacy),
            chains: Chains::default(),
            versions: Versions::Both,
            pages: BTreeMap::new(),
        };
        self.https.push((address, server));
    }

    /// A policy host whose address stands at `owner`, and that answers to the server name `name`.
    pub fn policy_server_at(&mut self, owner: &str, name: &str, chains: Chains, door: https::Door, page: https::Page) {
        let address = self.fresh_address(44);
        self.address(owner, address);
        self.policy_server_on(address, name, chains, door, page);
    }

    /// A policy host at this address, which nothing points to yet.
    pub fn policy_server_on(
        &mut self,
        address: IpAddr,
        name: &str,
        chains: Chains,
        door: https::Door,
        page: https::Page,
    ) {
        let pages = BTreeMap::from([(name.to_owned(), page)]);
        self.https.push((address, https::Server { door, legacy: None, chains, versions: Versions::Both, pages }));
    }

    /// A faultless record at `_mta-sts`, unless one is there.
    pub fn sts_record(&mut self, domain: &str) {
        let owner = format!("_mta-sts.{domain}");
        if !self.published.contains_key(&(Name::new(&owner), Kind::TXT)) {
            self.txt(&owner, "v=STSv1; id=20260101T000000;");
        }
    }

    /// Names an input domain, and what is expected of it: `base` with `cells` laid over it.
    pub fn expect(&mut self, domain: &str, about: &'static str, base: &[&[Cell]], cells: &[Cell]) {
        let mut verdict = Map::new();
        base.iter().flat_map(|cells| cells.iter()).chain(cells).for_each(|cell| lay(&mut verdict, cell));
        self.domains.push((domain.to_owned(), Expected { about, verdict, ..Expected::default() }));
    }

    /// A column of the domain named last that is a list in no order that matters, sorted here.
    pub fn expect_set(&mut self, column: &str, mut items: Vec<String>) {
        items.sort();
        if let Some((_, expected)) = self.domains.last_mut() {
            expected.verdict.insert(column.to_owned(), json!(items));
        }
    }

    /// What is expected of a host of the domain named last.
    pub fn expect_mx(&mut self, host: &str, cells: &[Cell]) {
        if let Some((_, expected)) = self.domains.last_mut() {
            let row = expected.mx.entry(host.to_owned()).or_default();
            super::expect::HOST.iter().chain(cells).for_each(|cell| lay(row, cell));
        }
    }

    /// What the exchange with every address of a host of the domain named last must have recorded.
    pub fn expect_endpoint(&mut self, host: &str, cells: &[Cell]) {
        if let Some((_, expected)) = self.domains.last_mut() {
            let row = expected.endpoints.entry(host.to_owned()).or_default();
            cells.iter().for_each(|cell| lay(row, cell));
        }
    }

    /// What the look-ups of the domain named last must have recorded.
    pub fn expect_domain(&mut self, cells: &[Cell]) {
        if let Some((_, expected)) = self.domains.last_mut() {
            cells.iter().for_each(|cell| lay(&mut expected.domain, cell));
        }
    }

    /// What differs with `--dnssec trust-ad` for the domain named last, and for its hosts.
    pub fn expect_trust_ad(&mut self, cells: &[Cell], hosts: &[(&str, &[Cell])]) {
        if let Some((_, expected)) = self.domains.last_mut() {
            expected.trust_ad = expected.verdict.clone();
            cells.iter().for_each(|cell| lay(&mut expected.trust_ad, cell));
            expected.trust_ad_mx = expected.mx.clone();
            for (host, cells) in hosts {
                let row = expected.trust_ad_mx.entry((*host).to_owned()).or_default();
                cells.iter().for_each(|cell| lay(row, cell));
            }
        }
    }
}

fn lay(row: &mut Map<String, Value>, (column, word): &Cell) {
    if *word == ANY {
        row.remove(*column);
        return;
    }
    let value = serde_json::from_str(word).unwrap_or_else(|_| Value::String((*word).to_owned()));
    row.insert((*column).to_owned(), value);
}

impl Expected {
    /// One line of `expected.jsonl`: `domain`, `about`; `verdict` (columns of its row in `verdicts`), `mx` (by host, of
    /// `mx_verdicts`), `endpoints` (by host, of every row in `endpoints`), `observed` (of `domains`). `trust_ad`, where
    /// present, holds the `verdict` and `mx` that replace them with `--dnssec trust-ad`. A column that is not
    /// mentioned may hold anything.
    pub fn to_json(&self, domain: &str) -> Value {
        let mut line = json!({
            "domain": domain, "about": self.about, "verdict": self.verdict, "mx": self.mx,
            "endpoints": self.endpoints, "observed": self.domain,
        });
        if let Some(object) = line.as_object_mut().filter(|_| !self.trust_ad.is_empty()) {
            object.insert("trust_ad".into(), json!({ "verdict": self.trust_ad, "mx": self.trust_ad_mx }));
        }
        line
    }
}
