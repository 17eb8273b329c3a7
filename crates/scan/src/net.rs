//! The seam to the network: connecting over TCP and telling the time.
//!
//! [`Net::connect`] is the one place from which a peer is contacted, so the rules that forbid contact stand
//! here: special-purpose addresses (RFC 6890) and families without a route. Errors of this machine never
//! come out as the peer's: see [`Net::connect`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpStream;

use super::connection::Connection;
use super::left_alone::{LeftAlone, Peer};
use super::own_networks;
use super::shortage::{NoConnection, Shortage};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::Micros;
use mxcensus_rules::special_address::special;

/// The address families that may be used from here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Families {
    /// IPv4.
    pub v4: bool,
    /// IPv6.
    pub v6: bool,
}

impl Families {
    /// Both families.
    pub const BOTH: Families = Families { v4: true, v6: true };

    /// Whether an address of this family may be used.
    pub fn allow(self, ip: IpAddr) -> bool {
        if ip.is_ipv4() { self.v4 } else { self.v6 }
    }
}

/// How this scan reaches the network.
#[derive(Clone, Debug)]
pub struct Net {
    /// The port that MX hosts are contacted at: 25 outside of labs.
    pub smtp_port: u16,
    /// The port that policy hosts are contacted at: 443 outside of labs.
    pub https_port: u16,
    /// Whether special-purpose addresses may be contacted, where they are this machine's own: labs only.
    pub allow_special: bool,
    /// Who is left alone.
    pub left_alone: LeftAlone,
    /// The families that may be used. With `allow_special` leave both on: what has no route shows at connecting.
    pub families: Families,
}

impl Net {
    /// Why an address may not be contacted from here at all, if so. Nothing is sent to find out.
    pub fn refusal(&self, ip: IpAddr) -> Option<Failure> {
        if is_nobody(ip) || (special(ip).is_some() && !(self.allow_special && is_own(ip))) {
            return Some(Failure::SpecialAddress);
        }
        (!self.families.allow(ip)).then_some(Failure::NoRouteForFamily)
    }

    /// Connects to a peer, if it may be contacted.
    ///
    /// Theirs: `connect-refused`, `connect-timeout`, `connect-unreachable`, `connect-reset`; also
    /// `special-address`, for which no packet is sent. Ours: `opted-out`, `no-route-for-family` (the family is off, or
    /// this machine has no route to such an address) and `budget` (a local firewall forbids it). Where this machine is out of
    /// sockets, ports or memory there is no word: [`NoConnection::Short`].
    pub async fn connect(&self, peer: &Peer, port: u16, timeout: Duration) -> Result<Connection, NoConnection> {
        let ip = peer.ip;
        if self.left_alone.covers(peer) {
            return Err(NoConnection::Failure(Failure::OptedOut));
        }
        if let Some(refused) = self.refusal(ip) {
            return Err(NoConnection::Failure(refused));
        }
        let stream = match tokio::time::timeout(timeout, dial(SocketAddr::new(ip, port))).await {
            Err(_) => return Err(NoConnection::Failure(Failure::ConnectTimeout)),
            Ok(Err(error)) => return Err(no_connection(&error, || family_has_route(ip))),
            Ok(Ok(stream)) => stream,
        };
        // Replies and commands are short and wait for each other: Nagle's delay would only slow them. A socket that
        // refuses the option still works.
        let _ = stream.set_nodelay(true);
        Ok(stream.into())
    }
}

/// Addresses that no single host has: unspecified, multicast, broadcast (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.7).
/// A connection to one would go to this machine or to a whole network, so not even a lab may.
fn is_nobody(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets()[0] == 0 || ip.is_multicast() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unspecified() || ip.is_multicast(),
    }
}

/// Loopback, this machine, or a network that it is attached to: where a lab can be. A private address beyond a gateway
/// (10.0.0.1, say) is no more reachable for a lab's senders than for anybody else.
fn is_own(ip: IpAddr) -> bool {
    own_networks::is_attached(ip) || source_towards(ip).is_some_and(|source| source.ip() == ip)
}

/// The time, in microseconds since the Unix epoch, UTC.
pub fn now() -> Micros {
    jiff::Timestamp::now().as_microsecond()
}

/// The families with a route to the internet from here. Nothing is sent: connecting a UDP socket only asks the kernel.
pub fn routes() -> Families {
    Families { v4: has_route(ROOT_SERVER_V4), v6: has_route(ROOT_SERVER_V6) }
}

// A root name server's addresses (a.root-servers.net), as examples of what is globally reachable.
const ROOT_SERVER_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 41, 0, 4));
const ROOT_SERVER_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30));

/// The addresses that this machine would be seen with on the internet, as far as it can know. Nothing is sent.
pub fn source_addresses() -> Vec<IpAddr> {
    [ROOT_SERVER_V4, ROOT_SERVER_V6].into_iter().filter_map(source_towards).map(|source| source.ip()).collect()
}

/// Whether the kernel has a route and a source address for this destination.
fn has_route(ip: IpAddr) -> bool {
    source_towards(ip).is_some()
}

fn source_towards(ip: IpAddr) -> Option<SocketAddr> {
    let any: IpAddr = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(ip, 53)).ok()?;
    socket.local_addr().ok()
}

/// Whether this address's family has a route at all: then an address without one is the peer's trouble.
fn family_has_route(ip: IpAddr) -> bool {
    ip.is_loopback() || has_route(ip) || has_route(if ip.is_ipv4() { ROOT_SERVER_V4 } else { ROOT_SERVER_V6 })
}

async fn dial(to: SocketAddr) -> io::Result<TcpStream> {
    fail::fail_point!("dial", |number| Err(super::connection::injected(number)));
    TcpStream::connect(to).await
}

fn no_connection(error: &io::Error, has_route: impl Fn() -> bool) -> NoConnection {
    match Shortage::of(error) {
        // Without a route there is no address to take.
        Some(Shortage::Ports) if error.kind() == io::ErrorKind::AddrNotAvailable && !has_route() => {
            NoConnection::Failure(Failure::NoRouteForFamily)
        }
        Some(shortage) => NoConnection::Short(shortage),
        None => NoConnection::Failure(connect_failure(error, has_route)),
    }
}

fn connect_failure(error: &io::Error, has_route: impl Fn() -> bool) -> Failure {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Failure::ConnectRefused,
        ErrorKind::TimedOut => Failure::ConnectTimeout,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Failure::ConnectReset,
        // The same words come from the kernel (no route here) and from routers on the way (ICMP, RFC 1122 §3.2.2.1).
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable if has_route() => Failure::ConnectUnreachable,
        ErrorKind::NetworkUnreachable => Failure::NoRouteForFamily,
        ErrorKind::HostUnreachable => Failure::ConnectUnreachable,
        ErrorKind::Unsupported | ErrorKind::NetworkDown if !has_route() => Failure::NoRouteForFamily,
        // Other ways in which Linux passes on ICMP and ICMPv6 errors: EACCES (administratively prohibited), ENONET,
        // EPROTO, ENOPROTOOPT, EOPNOTSUPP, EHOSTDOWN.
        _ if matches!(error.raw_os_error(), Some(13 | 64 | 71 | 92 | 95 | 112)) => Failure::ConnectUnreachable,
        // What is left arises on this machine (EPERM by a firewall): the peer was not asked.
        _ => Failure::Budget,
    }
}

/// What an error on an established connection says about the peer.
pub(crate) fn stream_failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Failure::ConnectReset,
        _ => Failure::ConnectionClosed,
    }
}

/// Whether an error on an established connection tells of the way and not of the peer: the kernel gave up waiting for an
/// acknowledgement, or this machine or a router on the way says that there is no way (RFC 1122 §4.2.3.9: a soft error, which
/// Linux passes on where it was about to give up). For the task that waits that is silence.
pub(crate) fn is_silence(error: &io::Error) -> bool {
    use io::ErrorKind::{HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut};
    matches!(error.kind(), TimedOut | HostUnreachable | NetworkUnreachable | NetworkDown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mxcensus_dataset::input::OptOut;

    #[test]
    fn what_the_way_says_is_no_word_of_the_peer() {
        let cases = [
            (110, true, "ETIMEDOUT"),
            (113, true, "EHOSTUNREACH"),
            (101, true, "ENETUNREACH"),
            (100, true, "ENETDOWN"),
            (104, false, "ECONNRESET: the peer's word"),
            (32, false, "EPIPE: the peer had closed"),
        ];
        for (code, silence, why) in cases {
            assert_eq!(is_silence(&io::Error::from_raw_os_error(code)), silence, "{why}");
        }
    }

    fn net(allow_special: bool) -> Net {
        Net {
            smtp_port: 25,
            https_port: 443,
            allow_special,
            left_alone: LeftAlone::default(),
            families: Families::BOTH,
        }
    }

    #[test]
    fn whose_failure_it_is() {
        use io::ErrorKind::*;
        let cases = [
            (ConnectionRefused, true, Failure::ConnectRefused, "a reset in answer to SYN"),
            (TimedOut, true, Failure::ConnectTimeout, "the kernel gave up first"),
            (NetworkUnreachable, true, Failure::ConnectUnreachable, "a router said so"),
            (NetworkUnreachable, false, Failure::NoRouteForFamily, "this machine said so"),
            (HostUnreachable, true, Failure::ConnectUnreachable, "a router, or no ARP answer"),
            (PermissionDenied, true, Failure::Budget, "a local firewall"),
            (Other, true, Failure::Budget, "whatever else this machine says"),
        ];
        for (kind, route, failure, why) in cases {
            assert_eq!(connect_failure(&io::Error::from(kind), || route), failure, "{why}");
        }
        let raw = |code| connect_failure(&io::Error::from_raw_os_error(code), || true);
        assert_eq!(raw(13), Failure::ConnectUnreachable, "EACCES: ICMPv6, administratively prohibited");
        assert_eq!(raw(1), Failure::Budget, "EPERM: the firewall on this machine");
        let raw = |code, route| no_connection(&io::Error::from_raw_os_error(code), || route);
        assert_eq!(raw(24, true), NoConnection::Short(Shortage::Descriptors), "EMFILE");
        assert_eq!(raw(99, true), NoConnection::Short(Shortage::Ports), "no port left");
        assert_eq!(raw(99, false), NoConnection::Failure(Failure::NoRouteForFamily), "no source address of the family");
    }

    #[tokio::test]
    async fn contact_is_refused_before_a_packet() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let peer = |ip| Peer::mail_server("mx.example.net", &["real.example.org".to_owned()], ip);
        let connect =
            async |net: Net, port| net.connect(&peer(there.ip()), port, Duration::from_secs(60)).await.map(drop);
        let refused = |failure| Err(NoConnection::Failure(failure));
        assert_eq!(connect(net(false), there.port()).await, refused(Failure::SpecialAddress));
        let v6_only = Net { families: Families { v4: false, v6: true }, ..net(true) };
        assert_eq!(connect(v6_only, there.port()).await, refused(Failure::NoRouteForFamily));
        for entry in ["mx:mx.example.net", "real.example.org", "127.0.0.0/8"] {
            let left_alone = LeftAlone::new(OptOut::parse(entry).unwrap());
            assert_eq!(
                connect(Net { left_alone, ..net(true) }, there.port()).await,
                refused(Failure::OptedOut),
                "{entry}"
            );
        }
        assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err(), "nobody came");
        assert_eq!(connect(net(true), there.port()).await, Ok(()));
        let (_kept, port) = crate::tls::test_server::closed_port();
        assert_eq!(connect(net(true), port).await, refused(Failure::ConnectRefused));
    }
}
