//! Is it them, or is it us? Loss of this machine's own connection, told from the state of the world.
//!
//! Every attempt that ends in silence passes a [`gate::Gate`], which holds it until something vouches for our own
//! connection. [`watch`](watch::watch) asks what answered before ([`known`]) when nothing does, pauses the crawl when
//! that stays silent too, and ends the pause when it answers again. A machine that was suspended counts as a pause.
//! [`closed`] is the special case of a port that was never open.
//!
//! What is lost meanwhile is an attempt, never a row: it goes back to its queue as if it had not been made.

pub mod asked;
pub mod closed;
pub mod gate;
pub mod known;
pub mod pauses;
pub mod watch;

use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use self::asked::{Asked, Server};
use self::closed::{Closed, Dialled, PortWatch};
use self::gate::{Begun, Belief, Gate, Proof, Shared};
use self::known::Known;
use self::pauses::Pauses;
use super::left_alone::Peer;
use super::limits::Limits;
use super::probe::{Looked, Target};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{EndpointRow, EndpointStage, PolicyRow};

/// Connections cannot come from a cache: one that was begun after a failure shows that the network is there
/// ([`Gate::connected`]), and others show nothing.
const TCP: Proof = Proof { at_least: u64::MAX, per_failure: 0 };

/// Rows that wait for the first mail server to answer. A crawl that tries more without being answered or stopped is
/// one in which few addresses carry many names; what is beyond is written at once.
const WITHHELD: usize = 10_000;

/// The kinds of connection that can be lost on their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// To the resolver, and through it to the DNS.
    Resolver,
    /// To mail servers over IPv4.
    SmtpV4,
    /// To mail servers over IPv6.
    SmtpV6,
    /// To policy hosts.
    Https,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Resolver, Kind::SmtpV4, Kind::SmtpV6, Kind::Https];

    /// The kind of a mail server's address.
    pub fn of_mail_server(ip: IpAddr) -> Kind {
        if ip.is_ipv4() { Kind::SmtpV4 } else { Kind::SmtpV6 }
    }

    /// What is said when it is lost, to the operator and in the manifest.
    pub fn reason(self) -> &'static str {
        match self {
            Kind::Resolver => "no answer from the resolver",
            Kind::SmtpV4 => "no mail server answered over IPv4",
            Kind::SmtpV6 => "no mail server answered over IPv6",
            Kind::Https => "no policy host answered",
        }
    }
}

/// The gates of a crawl, what is known to answer, and the pauses so far.
#[derive(Debug)]
pub struct Connectivity {
    shared: Arc<Shared>,
    resolver: Arc<Gate>,
    smtp_v4: Gate,
    smtp_v6: Gate,
    https: Gate,
    domains: Known<Arc<str>>,
    mail_servers: [Known<Server>; 2],
    policy_hosts: Known<Server>,
    asked: Asked,
    port: Arc<PortWatch>,
    closed: Arc<OnceLock<Closed>>,
    withheld: Mutex<Vec<EndpointRow>>,
    pauses: Pauses,
}

impl Connectivity {
    /// Gates beside the resolver's own.
    pub fn new(resolver: Arc<Gate>, limits: &Limits) -> Connectivity {
        let shared = resolver.shared().clone();
        let gate = || Gate::new(shared.clone(), TCP);
        Connectivity {
            smtp_v4: gate(),
            smtp_v6: gate(),
            https: gate(),
            resolver,
            domains: Known::default(),
            mail_servers: [Known::default(), Known::default()],
            policy_hosts: Known::default(),
            asked: Asked::default(),
            port: Arc::new(PortWatch::new(limits)),
            closed: Arc::default(),
            withheld: Mutex::default(),
            pauses: Pauses::default(),
            shared,
        }
    }

    /// The same for a crawl beside another one of this process: whether the port is open is one question for both.
    #[must_use]
    pub fn beside(mut self, other: &Connectivity) -> Connectivity {
        (self.port, self.closed) = (other.port.clone(), other.closed.clone());
        self
    }

    /// How many rows are kept back; see [`Connectivity::withhold`].
    pub fn withheld(&self) -> usize {
        lock(&self.withheld).len()
    }

    /// The gate of one kind.
    pub fn gate(&self, kind: Kind) -> &Gate {
        match kind {
            Kind::Resolver => &self.resolver,
            Kind::SmtpV4 => &self.smtp_v4,
            Kind::SmtpV6 => &self.smtp_v6,
            Kind::Https => &self.https,
        }
    }

    /// What all gates share.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// An attempt begins.
    pub fn begin(&self) -> Begun {
        self.resolver.begin()
    }

    /// The resolver gave an answer about this domain: names below it can be asked for in doubt.
    pub fn domain_answered(&self, domain: &Arc<str>) {
        self.domains.answered(|| domain.clone());
    }

    /// A mail server answered in an earlier run, which made so many connections to it.
    pub fn answered_earlier(&self, peer: Peer, connections: u32) {
        self.port.opened();
        self.known_mail_servers(peer.ip.is_ipv4()).add(Server::new(peer, connections));
    }

    /// The watcher of an earlier run asked a server.
    pub fn asked_earlier(&self, host: &str, ip: IpAddr) {
        self.asked.add(host, ip);
    }

    /// How often the watcher has asked a host at an address.
    pub fn asked(&self, host: &str, ip: IpAddr) -> u32 {
        self.asked.count(host, ip)
    }

    /// The crawl's own work made so many connections to a mail server, which may be one that the watcher would ask.
    pub fn contacted(&self, target: &Target, connections: u32) {
        let known = self.known_mail_servers(target.ip.is_ipv4());
        if let Some(server) = known.find(|server| server.peer.ip == target.ip && server.host() == target.host) {
            server.made.fetch_add(connections, Relaxed);
        }
    }

    fn known_mail_servers(&self, v4: bool) -> &Known<Server> {
        &self.mail_servers[usize::from(v4)]
    }

    /// What a session with a mail server is to be taken for; `made` connections to it so far, this one included. `Err` when it
    /// shows that port 25 is closed.
    pub async fn smtp_session(
        &self,
        begun: Begun,
        target: &Target,
        made: u32,
        looked: &Looked,
    ) -> Result<Belief, Closed> {
        let (row, ip) = (&looked.row, target.ip);
        self.contacted(target, row.connections);
        let gate = self.gate(Kind::of_mail_server(ip));
        if let Some(dialled) = dialled(row)
            && let Some(closed) = self.port.note(ip, dialled)
        {
            return Err(*self.closed.get_or_init(|| closed));
        }
        match heard(row.error, row.connect_ms.is_some()) {
            // The peer was heard, and then fell silent: that says nothing about the time since. A session that lost the capabilities
            // after the handshake to silence lacks something, and so does one that lost the handshake after a line in clear.
            Heard::Them if looked.in_silence => {
                let lacks = match row.stage {
                    EndpointStage::Tls => true,
                    EndpointStage::Done => row.ehlo_tls_capabilities.is_none(),
                    _ => false,
                };
                Ok(if lacks { gate.failed(begun, Some(ip)).await } else { Belief::Fact })
            }
            Heard::Them => {
                self.known_mail_servers(ip.is_ipv4()).answered(|| Server::new(target.peer(), made));
                gate.connected(begun);
                self.https.connected(begun);
                Ok(Belief::Fact)
            }
            Heard::Reset => Ok(Belief::Fact),
            Heard::Nobody => Ok(gate.failed(begun, Some(ip)).await),
            Heard::NotAsked => Ok(Belief::Fact),
        }
    }

    /// What a second look that brought nothing is to be taken for.
    pub async fn second_look(&self, begun: Begun, ip: IpAddr, saw_something: bool) -> Belief {
        let gate = self.gate(Kind::of_mail_server(ip));
        if saw_something {
            gate.connected(begun);
            return Belief::Fact;
        }
        gate.failed(begun, Some(ip)).await
    }

    /// What a policy fetch is to be taken for.
    pub async fn policy_fetch(&self, begun: Begun, peer: &Peer, row: &PolicyRow) -> Belief {
        match heard(row.policy_error, row.policy_connect_ms.is_some()) {
            Heard::Them => {
                self.policy_hosts.answered(|| Server::new(peer.clone(), 1));
                self.https.connected(begun);
                Belief::Fact
            }
            Heard::Reset | Heard::NotAsked => Belief::Fact,
            Heard::Nobody => self.https.failed(begun, Some(peer.ip)).await,
        }
    }

    /// Whether no mail server has answered yet, so that port 25 may be closed here.
    pub fn is_port_undecided(&self) -> bool {
        self.port.is_undecided()
    }

    /// Keeps back a row that says that a mail server was not reached, while none ever was: should the port turn out
    /// to be closed, it was no observation. Gives the row back where it may be written.
    pub fn withhold(&self, row: EndpointRow) -> Option<EndpointRow> {
        if !self.port.is_undecided() || heard(row.error, false) == Heard::NotAsked || row.connect_ms.is_some() {
            return Some(row);
        }
        let mut withheld = lock(&self.withheld);
        if withheld.len() >= WITHHELD {
            return Some(row);
        }
        withheld.push(row);
        None
    }

    /// The rows that were kept back, once they may be written: when a mail server has answered, or at the end of a
    /// crawl that was too small to tell.
    pub fn take_withheld(&self, at_end: bool) -> Vec<EndpointRow> {
        if self.closed().is_some() || (self.port.is_undecided() && !at_end) {
            return Vec::new();
        }
        std::mem::take(&mut lock(&self.withheld))
    }

    /// Whether port 25 was found to be closed.
    pub fn closed(&self) -> Option<Closed> {
        self.closed.get().copied()
    }

    /// The times in which nothing is observed.
    pub fn pauses(&self) -> &Pauses {
        &self.pauses
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who spoke last in an exchange.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Heard {
    /// The other side did.
    Them,
    /// A reset came in place of a connection. It is what was observed, and it vouches for nothing: a firewall beside this
    /// machine sends the same while the way to everybody else is lost.
    Reset,
    /// Nobody: it ended in silence, or this machine has no way there.
    Nobody,
    /// Nobody was asked, for a reason that has nothing to do with the connection.
    NotAsked,
}

fn heard(error: Option<Failure>, connected: bool) -> Heard {
    use Failure::{
        BannerTimeout, ConnectRefused, ConnectReset, ConnectTimeout, ConnectUnreachable, HttpTimeout, NoRouteForFamily,
        SmtpTimeout, SpecialAddress, TlsTimeout, TlsUnsupported,
    };
    match error {
        Some(ConnectRefused | ConnectReset) if !connected => Heard::Reset,
        Some(
            ConnectTimeout | ConnectUnreachable | NoRouteForFamily | BannerTimeout | SmtpTimeout | TlsTimeout
            | HttpTimeout,
        ) => Heard::Nobody,
        Some(SpecialAddress) => Heard::NotAsked,
        // Our library was at its end, not the connection.
        Some(TlsUnsupported) => Heard::Them,
        Some(error) if matches!(error.family(), Family::Own | Family::Dns) => Heard::NotAsked,
        _ => Heard::Them,
    }
}

/// How the connection attempt of a session ended; `None` where there was none.
fn dialled(row: &EndpointRow) -> Option<Dialled> {
    match row.error {
        _ if row.connect_ms.is_some() => Some(Dialled::Accepted),
        Some(Failure::ConnectRefused) => Some(Dialled::Refused),
        Some(error) if heard(Some(error), false) == Heard::Nobody => Some(Dialled::Silent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Dns, DnsSettings, Mode};
    use mxcensus_rules::observation::{EndpointStage, PolicyStage};

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn connectivity() -> Connectivity {
        let dns = Dns::new(DnsSettings::new(vec!["127.0.0.1:53".parse().unwrap()], Mode::Off)).unwrap();
        Connectivity::new(dns.gate().clone(), &Limits::default())
    }

    fn target() -> Target {
        Target { host: "mx.a".into(), server_name: "mx.a".into(), ip: IP, port: 25, aliases: Arc::default() }
    }

    /// A session that ended so, on a connection or before there was one.
    fn session(error: Option<Failure>, connected: bool) -> Looked {
        let mut row = EndpointRow::unseen("mx.a".into(), "mx.a".into(), IP.to_string(), 25, "w1".into(), 0);
        (row.stage, row.error) = (EndpointStage::Connect, error);
        row.connect_ms = connected.then_some(1.0);
        Looked { row, chain: Vec::new(), wants_second_look: false, in_silence: false, short: None }
    }

    fn fetch(error: Option<Failure>, connected: bool) -> PolicyRow {
        let mut row = PolicyRow::unseen("a.example".into(), "mta-sts.a.example".into(), "w1".into());
        (row.policy_stage, row.policy_error) = (PolicyStage::Connect, error);
        row.policy_ip = Some(IP.to_string());
        row.policy_connect_ms = connected.then_some(1.0);
        row
    }

    /// After the 220 to STARTTLS came a line in clear and then nothing: a line too many, or our loss in the handshake.
    #[tokio::test]
    async fn a_handshake_that_was_lost_behind_a_line_in_clear_is_made_again() {
        let connectivity = connectivity();
        connectivity.smtp_v4.set_watched(true);
        let begun = connectivity.begin();
        connectivity.shared().next_epoch();
        for (stage, in_silence, belief) in [
            (EndpointStage::Tls, true, Belief::Again),
            (EndpointStage::Tls, false, Belief::Fact),
            (EndpointStage::Banner, true, Belief::Fact),
        ] {
            let mut looked = session(Some(Failure::TlsProtocol), true);
            (looked.row.stage, looked.in_silence) = (stage, in_silence);
            assert_eq!(
                connectivity.smtp_session(begun, &target(), 1, &looked).await,
                Ok(belief),
                "{stage:?} {in_silence}"
            );
        }
    }

    #[tokio::test]
    async fn a_connection_vouches_for_ours_and_a_reset_in_its_place_does_not() {
        for (error, connected, vouches) in [
            (Failure::ConnectRefused, false, false),
            (Failure::ConnectReset, false, false),
            (Failure::ConnectReset, true, true),
            (Failure::ConnectionClosed, true, true),
            (Failure::SpecialAddress, false, false),
        ] {
            let connectivity = connectivity();
            let begun = connectivity.begin();
            let belief = connectivity.smtp_session(begun, &target(), 1, &session(Some(error), connected)).await;
            let belief = belief.unwrap();
            assert_eq!(belief, Belief::Fact, "{error:?}: it is what was seen");
            assert_eq!(connectivity.smtp_v4.successes() > 0, vouches, "{error:?}");
            assert_eq!(!connectivity.known_mail_servers(true).is_empty(), vouches, "{error:?}");
            let before = connectivity.https.successes();
            let peer = Peer::policy_host("a.example", "mta-sts.a.example", &[], IP);
            assert_eq!(connectivity.policy_fetch(begun, &peer, &fetch(Some(error), connected)).await, Belief::Fact);
            assert_eq!(connectivity.https.successes() > before, vouches, "{error:?}");
        }
    }
}
