//! Policy hosts: HTTPS servers (RFC 9112) with one named behaviour per server name (RFC 8461 §3.3).

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::LabError;
use super::legacy_tls::{self, Legacy};
use super::smtp::{repeat, reset, swallow, wait};
use super::tls::{self, Chains, Versions};
use super::visits::Visits;

/// What a policy host does before TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Door {
    /// A handshake.
    #[default]
    Opens,
    /// Accepts and says nothing.
    Hangs,
    /// Accepts and closes.
    Closes,
    /// Accepts and resets.
    Resets,
    /// Answers the ClientHello in plain HTTP.
    SpeaksHttp,
    /// Answers the ClientHello with a fatal alert of this description (RFC 8446 §6.2).
    Alert(u8),
    /// Answers the ClientHello with these bytes.
    Sends(&'static [u8]),
    /// Answers it with these bytes over and over.
    Repeats(&'static [u8]),
}

/// What a policy host answers.
#[derive(Clone, Debug)]
pub enum Page {
    /// 200, `text/plain`, this body.
    Serves(Vec<u8>),
    /// 200, this body, with these header lines in place of the usual Content-Type.
    ServesWith(Vec<u8>, &'static str),
    /// 200 and the body in gzip, asked for or not.
    Gzip(Vec<u8>),
    /// This status line's code and reason, an empty body.
    Status(&'static str),
    /// 301 to this address.
    Redirects(&'static str),
    /// 200, then one byte of the body a second.
    Drips(Vec<u8>),
    /// 200 and this many bytes, a valid policy in front.
    Oversizes(usize),
    /// 200, then the connection is cut in the middle of the body.
    CutsShort(Vec<u8>),
    /// 200 in chunks.
    Chunked(Vec<u8>),
    /// 200 and header lines without end.
    HeaderFlood,
    /// Nothing.
    Hangs,
    /// The connection is closed.
    Closes,
    /// The connection is reset in place of an answer.
    Resets,
    /// The connection is reset in the middle of the head.
    ResetsInHead,
    /// The connection is reset in the middle of this body.
    ResetsInBody(Vec<u8>),
    /// Bytes that are not HTTP.
    Garbage,
}

/// One policy host server: one address, any number of names.
#[derive(Clone, Debug)]
pub struct Server {
    /// Before TLS.
    pub door: Door,
    /// A handshake that rustls cannot do, in place of everything that follows.
    pub legacy: Option<Legacy>,
    /// Its chains.
    pub chains: Chains,
    /// The versions it speaks.
    pub versions: Versions,
    /// By server name; any other name gets what stands under the empty one, else 404.
    pub pages: BTreeMap<String, Page>,
}

/// How long a connection may last: longer than any patience that a scanner is given.
const PATIENCE: Duration = Duration::from_secs(900);
const PATH: &str = "/.well-known/mta-sts.txt";

/// Serves one address until the task is dropped.
pub async fn serve(listener: TcpListener, server: Server, visits: Arc<Visits>) -> Result<(), LabError> {
    let config = tls::server_config(&server.chains, server.versions, &[b"http/1.1"])?;
    let server = Arc::new(server);
    let address = listener.local_addr()?.ip();
    loop {
        let (stream, _) = listener.accept().await?;
        visits.note("https", address);
        let (server, config) = (Arc::clone(&server), Arc::clone(&config));
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, open(stream, &server, config)).await });
    }
}

async fn open(mut stream: TcpStream, server: &Server, config: Arc<ServerConfig>) -> io::Result<()> {
    if let Some(legacy) = &server.legacy {
        return legacy_tls::answer(legacy, &mut stream).await;
    }
    if server.door == Door::Hangs {
        return wait(stream).await;
    }
    if !matches!(server.door, Door::Opens | Door::Repeats(_)) {
        // The hello is read first: what is left unread would turn a close into a reset.
        swallow(&mut stream).await?;
    }
    match server.door {
        Door::Opens | Door::Hangs => {}
        Door::Closes => return Ok(()),
        Door::Resets => return reset(&stream).await,
        Door::Sends(bytes) => {
            stream.write_all(bytes).await?;
            return wait(stream).await;
        }
        Door::Repeats(bytes) => return repeat(&mut stream, bytes).await,
        Door::SpeaksHttp => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await?;
            return wait(stream).await;
        }
        Door::Alert(description) => {
            stream.write_all(&legacy_tls::alert(description)).await?;
            return wait(stream).await;
        }
    }
    let stream = TlsAcceptor::from(config).accept(stream).await?;
    let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
    let mut stream = BufStream::new(stream);
    let mut target = None;
    loop {
        let mut line = String::new();
        if (&mut stream).take(8192).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim_end().is_empty() {
            break;
        }
        if target.is_none() {
            target = line.split(' ').nth(1).map(str::to_owned);
        }
    }
    let missing = Page::Status("404 Not Found");
    let page = server.pages.get(&name).or_else(|| server.pages.get(""));
    let page = page.filter(|_| target.as_deref() == Some(PATH)).unwrap_or(&missing);
    answer(&mut stream, page).await?;
    stream.flush().await?;
    if matches!(page, Page::Resets | Page::ResetsInHead | Page::ResetsInBody(_)) {
        return reset(stream.get_ref().get_ref().0).await;
    }
    if matches!(page, Page::CutsShort(_)) {
        return Ok(()); // no close_notify: a cut is a cut
    }
    stream.shutdown().await?;
    wait(stream).await
}

async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, page: &Page) -> io::Result<()> {
    match page {
        Page::Serves(body) => send(stream, "200 OK", "Content-Type: text/plain; charset=utf-8\r\n", body).await,
        Page::ServesWith(body, headers) => send(stream, "200 OK", headers, body).await,
        Page::Gzip(body) => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(body)?;
            let headers = "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n";
            send(stream, "200 OK", headers, &encoder.finish()?).await
        }
        Page::Status(status) => send(stream, status, "Content-Type: text/plain\r\n", b"").await,
        Page::Redirects(target) => send(stream, "301 Moved Permanently", &format!("Location: {target}\r\n"), b"").await,
        Page::Drips(body) => {
            head(stream, "200 OK", "Content-Type: text/plain\r\n", body.len()).await?;
            for byte in body {
                stream.write_all(&[*byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
        Page::Oversizes(length) => {
            let mut body = b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.oversized.lab\n".to_vec();
            while body.len() < *length {
                body.extend_from_slice(b"note: there is always more to say about this policy\n");
            }
            body.truncate(*length);
            send(stream, "200 OK", "Content-Type: text/plain\r\n", &body).await
        }
        Page::Resets => Ok(()),
        Page::ResetsInHead => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/").await,
        Page::CutsShort(body) | Page::ResetsInBody(body) => {
            head(stream, "200 OK", "Content-Type: text/plain\r\n", body.len()).await?;
            stream.write_all(&body[..body.len() / 2]).await
        }
        Page::Chunked(body) => {
            let start = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
            stream.write_all(start.as_bytes()).await?;
            for chunk in body.chunks(20) {
                stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
                stream.write_all(chunk).await?;
                stream.write_all(b"\r\n").await?;
            }
            stream.write_all(b"0\r\n\r\n").await
        }
        Page::HeaderFlood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(b"X-More: there is always one more thing to say\r\n").await?;
            }
        }
        Page::Hangs => {
            tokio::time::sleep(PATIENCE).await;
            Ok(())
        }
        Page::Closes => Ok(()),
        Page::Garbage => stream.write_all(b"220 mail.lab ESMTP, were you looking for port 25?\r\n").await,
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    head(stream, status, headers, body.len()).await?;
    stream.write_all(body).await
}

async fn head<S: AsyncWrite + Unpin>(stream: &mut S, status: &str, headers: &str, length: usize) -> io::Result<()> {
    let text = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await
}
