//! The addresses of a lab: which ports it has, and how they are taken.
//!
//! A lab keeps every port that it names for as long as it is up, the one of the Unbound before it included
//! ([`Reserved`]): two labs on one machine never meet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use super::LabError;

/// The ports of a lab; 0 is any free one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ports {
    /// Port of the resolver at 127.0.0.1, UDP and TCP.
    pub dns: u16,
    /// Port of all policy hosts.
    pub https: u16,
    /// Port of all mail servers.
    pub smtp: u16,
    /// Port of an Unbound in front of the lab at 127.0.0.1, UDP and TCP.
    pub unbound: u16,
}

/// How often a free port is looked for that is free everywhere it is needed.
const ATTEMPTS: usize = 50;

/// Says which address cannot be had.
fn at(address: impl Into<SocketAddr>) -> impl FnOnce(io::Error) -> LabError {
    let address = address.into();
    move |source| LabError::Address { address, source }
}

/// Tries until a port is free, where any will do; once where it was given.
fn until_free<T>(port: u16, mut take: impl FnMut() -> Result<T, LabError>) -> Result<T, LabError> {
    for _ in 1..if port == 0 { ATTEMPTS } else { 1 } {
        match take() {
            Err(LabError::Address { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {}
            taken => return taken,
        }
    }
    take()
}

/// One port of 127.0.0.1 for UDP and TCP; 0: any. Their receive buffer is as large as the system allows, so that a burst
/// of questions is not lost.
pub(super) fn bind_dns(port: u16) -> Result<(UdpSocket, TcpListener), LabError> {
    let (udp, tcp) = until_free(port, || {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let udp = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        // Less than what is asked for is a smaller buffer, and no failure.
        let _ = udp.set_recv_buffer_size(8 << 20);
        udp.bind(&address.into()).map_err(at(address))?;
        let udp = std::net::UdpSocket::from(udp);
        let tcp = listening(udp.local_addr()?, BACKLOG)?;
        Ok((udp, tcp))
    })?;
    udp.set_nonblocking(true)?;
    Ok((UdpSocket::from_std(udp)?, listener(tcp)?))
}

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// What is bound at one port of many addresses.
pub(super) struct Bound {
    /// The port.
    pub port: u16,
    /// One for each address at which somebody answers.
    pub listeners: Vec<TcpListener>,
    /// What makes the other addresses silent or closed; they stay so while these are held.
    pub held: Vec<Socket>,
}

/// Binds one port on every address; 0: any. Addresses in `deaf` never answer a connection, those in `closed` refuse it.
pub(super) fn bind_all(open: &[IpAddr], deaf: &[IpAddr], closed: &[IpAddr], port: u16) -> Result<Bound, LabError> {
    let (port, sockets) = until_free(port, || {
        let chosen = match port {
            0 => bound((Ipv4Addr::LOCALHOST, 0).into())?.local_addr()?.as_socket().map_or(0, |address| address.port()),
            port => port,
        };
        let each =
            |ips: &[IpAddr], take: fn(SocketAddr) -> Result<Socket, LabError>| -> Result<Vec<Socket>, LabError> {
                ips.iter().map(|ip| take(SocketAddr::new(*ip, chosen))).collect()
            };
        let open = each(open, |address| listening(address, BACKLOG))?;
        let deaf = each(deaf, |address| listening(address, 0))?;
        Ok((chosen, (open, deaf, each(closed, bound)?)))
    })?;
    let (open, deaf, mut held) = sockets;
    for socket in deaf {
        fill(&socket, &mut held)?;
        held.push(socket);
    }
    Ok(Bound { port, listeners: open.into_iter().map(listener).collect::<io::Result<_>>()?, held })
}

/// A TCP socket that is bound and does not listen: nobody else can have the address, and who connects is refused.
fn bound(address: SocketAddr) -> Result<Socket, LabError> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of a lab that was taken down a moment ago do not count.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into()).map_err(at(address))?;
    Ok(socket)
}

/// A TCP socket that listens. Two can be bound to one address as long as neither listens: that shows here.
fn listening(address: SocketAddr, backlog: i32) -> Result<Socket, LabError> {
    let socket = bound(address)?;
    socket.listen(backlog).map_err(at(address))?;
    Ok(socket)
}

fn listener(socket: Socket) -> io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Fills the queue of a listener that accepts nothing, so that the system drops further attempts: to a client this address
/// is silent for as long as what is held is held.
fn fill(listener: &Socket, held: &mut Vec<Socket>) -> io::Result<()> {
    let address = listener.local_addr()?;
    // One fills a queue of length 0; the others are spare, and stay unanswered.
    for _ in 0..3 {
        let filler = Socket::new(address.domain(), Type::STREAM, None)?;
        // A silent address is what is wanted: a time-out here is a success.
        let _ = filler.connect_timeout(&address, Duration::from_millis(100));
        held.push(filler);
    }
    Ok(())
}

/// A port of 127.0.0.1, UDP and TCP, that is kept for a server which another program will run.
///
/// While this value lives the system gives the port to nobody. Who asks there before the server is up, or after its end, is
/// refused. The server binds beside it, which Linux allows where both sides say so: with SO_REUSEADDR over TCP, with that
/// or SO_REUSEPORT over UDP (`socket(7)`). Unbound does so by itself, NSD with `reuseport: yes` and two servers.
#[derive(Debug)]
pub struct Reserved {
    address: SocketAddr,
    _udp: std::net::UdpSocket,
    _tcp: Socket,
}

impl Reserved {
    /// Keeps a port; 0: any free one. Fails where it is in use.
    pub fn new(port: u16) -> Result<Reserved, LabError> {
        until_free(port, || {
            let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let udp = std::net::UdpSocket::bind(wanted).map_err(at(wanted))?;
            let address = udp.local_addr()?;
            let tcp = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            tcp.bind(&address.into()).map_err(at(address))?;
            // Only now: who is told to share before it binds may be given a port that is shared.
            for socket in [SockRef::from(&udp), SockRef::from(&tcp)] {
                socket.set_reuse_address(true)?;
                socket.set_reuse_port(true)?;
            }
            // It hears only itself from now on, and it says nothing.
            udp.connect(address)?;
            Ok(Reserved { address, _udp: udp, _tcp: tcp })
        })
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Binds beside the reservation, within this process.
    pub fn bind(&self) -> io::Result<(UdpSocket, TcpListener)> {
        let address = self.address.into();
        let sockets = [Type::DGRAM, Type::STREAM].map(|kind| -> io::Result<Socket> {
            let socket = Socket::new(Domain::IPV4, kind, None)?;
            socket.set_reuse_address(true)?;
            socket.bind(&address)?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        let [udp, tcp] = sockets;
        let tcp = tcp?;
        tcp.listen(BACKLOG)?;
        Ok((UdpSocket::from_std(udp?.into())?, TcpListener::from_std(tcp.into())?))
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpStream, UdpSocket as StdUdpSocket};

    use super::*;

    #[test]
    fn a_reserved_port_is_closed_and_nobody_elses() {
        let reserved = Reserved::new(0).unwrap();
        let address = reserved.address();
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let client = StdUdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        client.connect(address).unwrap();
        client.send(b"anybody there?").unwrap();
        let heard = client.recv(&mut [0; 16]).unwrap_err();
        assert_eq!(heard.kind(), io::ErrorKind::ConnectionRefused, "ICMP says that nobody is there");
        assert!(
            matches!(Reserved::new(address.port()), Err(LabError::Address { address: taken, .. }) if taken == address)
        );
        assert!(StdUdpSocket::bind(address).is_err(), "who does not share cannot have it");
    }

    #[tokio::test]
    async fn who_binds_beside_the_reservation_hears_everything() {
        let reserved = Reserved::new(0).unwrap();
        for _ in 0..3 {
            let (udp, tcp) = reserved.bind().unwrap();
            for _ in 0..50 {
                let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                client.send_to(b"question", reserved.address()).await.unwrap();
                let (length, from) = udp.recv_from(&mut [0; 16]).await.unwrap();
                assert_eq!((length, from), (8, client.local_addr().unwrap()));
            }
            let (client, server) = tokio::join!(tokio::net::TcpStream::connect(reserved.address()), tcp.accept());
            assert!(client.is_ok() && server.is_ok());
        }
    }

    #[tokio::test]
    async fn what_is_taken_is_named() {
        let ip = IpAddr::from([127, 83, 0, 1]);
        let first = bind_all(&[ip], &[], &[], 0).unwrap();
        let address = SocketAddr::new(ip, first.port);
        for taken in [bind_all(&[ip], &[], &[], first.port), bind_all(&[], &[ip], &[], first.port)] {
            let text = taken.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains(&address.to_string()) && text.contains("--port-base"), "{text}");
        }
        let others = bind_all(&[ip], &[], &[], 0).unwrap();
        assert_ne!(others.port, first.port);
    }

    #[tokio::test]
    async fn some_are_silent_and_some_refuse() {
        let [open, deaf, closed] = [1, 2, 3].map(|last| IpAddr::from([127, 83, 1, last]));
        let bound = bind_all(&[open], &[deaf], &[closed], 0).unwrap();
        let connect = |ip, patience| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.connect_timeout(&SocketAddr::new(ip, bound.port).into(), patience)
        };
        assert!(connect(open, Duration::from_secs(60)).is_ok());
        assert_eq!(connect(deaf, Duration::from_millis(200)).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(connect(closed, Duration::from_secs(60)).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}
