//! Every mail server of the load world behind one listener (RFC 5321, RFC 3207): the address that was connected to
//! tells its manner, the server name its certificate.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::domain::Manner;
use super::hosts::manner_at;
use super::rows::{
    BLOCKS, DEFERS, PLAIN_CAPABILITIES, SERVER, STARTTLS_FAILS, STARTTLS_READY, TLS_CAPABILITIES, banner,
};
use crate::legacy_tls::{self, Legacy};

/// How long a conversation may take, whatever the peer does.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest line that is read.
const LINE: usize = 1024;
/// Greylisted addresses remembered; when there are more, all are forgotten.
const MOST_KEPT: usize = 1_000_000;

/// What all of them share.
pub(super) struct Servers {
    /// TLS 1.2 and 1.3.
    pub modern: Arc<ServerConfig>,
    /// TLS 1.2 alone.
    pub tls12: Arc<ServerConfig>,
    /// What old machines answer.
    pub legacy: Legacy,
    /// Addresses that turned somebody away and will not do so again.
    pub greylisted: Mutex<HashSet<Ipv4Addr>>,
}

/// Serves every address until the task is dropped.
pub(super) async fn serve(listener: TcpListener, servers: Arc<Servers>) -> io::Result<()> {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Out of file descriptors, or a peer that has left: the next one may fare better.
            Err(error) => {
                tracing::warn!("a mail server of the load world could not accept: {error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let servers = Arc::clone(&servers);
        // How a conversation ends is the peer's affair.
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, converse(stream, &servers)).await });
    }
}

async fn converse(mut stream: TcpStream, servers: &Servers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let IpAddr::V4(address) = stream.local_addr()?.ip().to_canonical() else { return Ok(()) };
    if !address.is_loopback() {
        return Ok(()); // Somebody from outside: this world is on loopback.
    }
    let manner = manner_at(address);
    match manner {
        Manner::Silent => return wait(stream).await,
        Manner::Defers => return refuse(stream, DEFERS).await,
        Manner::Blocks => return refuse(stream, BLOCKS).await,
        Manner::Greylists if servers.is_first_visit(address) => return refuse(stream, DEFERS).await,
        _ => {}
    }
    say(&mut stream, &format!("220 {}\r\n", banner(address.into()))).await?;
    let offered = if manner == Manner::Clear { &PLAIN_CAPABILITIES[..1] } else { &PLAIN_CAPABILITIES[..] };
    loop {
        let Some(line) = hear(&mut stream).await? else { return Ok(()) };
        match verb(&line) {
            b"EHLO" => say(&mut stream, &capabilities(offered)).await?,
            b"HELO" => say(&mut stream, &format!("250 {SERVER}\r\n")).await?,
            b"STARTTLS" if manner == Manner::StarttlsFails => say(&mut stream, &reply(STARTTLS_FAILS)).await?,
            b"STARTTLS" if manner != Manner::Clear => break,
            b"QUIT" => return leave(stream).await,
            _ => say(&mut stream, "502 5.5.2 Command not recognized\r\n").await?,
        }
    }
    say(&mut stream, &reply(STARTTLS_READY)).await?;
    let config = match manner {
        Manner::Legacy => return legacy_tls::answer(&servers.legacy, &mut stream).await,
        Manner::Tls12 => &servers.tls12,
        _ => &servers.modern,
    };
    let mut stream = TlsAcceptor::from(Arc::clone(config)).accept(stream).await?;
    loop {
        let Some(line) = hear(&mut stream).await? else { return Ok(()) };
        match verb(&line) {
            b"EHLO" => say(&mut stream, &capabilities(&TLS_CAPABILITIES)).await?,
            b"QUIT" => return leave(stream).await,
            _ => say(&mut stream, "502 5.5.2 Command not recognized\r\n").await?,
        }
    }
}

impl Servers {
    fn is_first_visit(&self, address: Ipv4Addr) -> bool {
        let mut known = self.greylisted.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        known.insert(address)
    }
}

fn reply((code, text): (u16, &str)) -> String {
    format!("{code} {text}\r\n")
}

fn capabilities(words: &[&str]) -> String {
    let mut lines = vec![SERVER];
    lines.extend(words);
    let last = lines.len() - 1;
    lines.iter().enumerate().map(|(at, line)| format!("250{}{line}\r\n", if at == last { ' ' } else { '-' })).collect()
}

fn verb(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|octet| octet.is_ascii_whitespace()).unwrap_or(line.len());
    &line[..end]
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await
}

/// One command in capitals; `None` at the end of the connection. Peers of a lab do not pipeline.
async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::with_capacity(64);
    let mut buffer = [0; 512];
    while !line.ends_with(b"\n") && line.len() < LINE {
        match stream.read(&mut buffer).await? {
            0 => return Ok(None),
            count => line.extend_from_slice(&buffer[..count]),
        }
    }
    line.make_ascii_uppercase();
    Ok(Some(line))
}

async fn refuse(mut stream: TcpStream, with: (u16, &str)) -> io::Result<()> {
    say(&mut stream, &reply(with)).await?;
    // A peer may say QUIT; a close with that unread would be a reset.
    let _ = hear(&mut stream).await?;
    leave(stream).await
}

async fn leave<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    say(&mut stream, "221 2.0.0 Bye\r\n").await?;
    stream.shutdown().await
}

/// Says nothing and waits until the peer leaves.
async fn wait(mut stream: TcpStream) -> io::Result<()> {
    let mut rest = [0; 512];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
