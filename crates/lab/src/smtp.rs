//! SMTP servers (RFC 5321, RFC 3207), each the sum of four named behaviours: how it greets, how it
//! answers EHLO, how it answers STARTTLS, and what comes after. Bytes and delays, no opinions.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::LabError;
use super::legacy_tls::{self, Legacy};
use super::tls::{self, Chains, Versions};
use super::visits::Visits;

/// How a server greets.
#[derive(Clone, Debug, Default)]
pub enum Greeting {
    /// 220.
    #[default]
    Ready,
    /// This reply, such as `554 No SMTP service here`.
    Reply(&'static str),
    /// This reply at the first connections, 220 afterwards.
    RepliesFirst(usize, &'static str),
    /// Nothing.
    Silent,
    /// The connection is closed at once.
    Closes,
    /// The connection is reset at once.
    Resets,
    /// The connection is reset in the middle of a greeting.
    ResetsInside,
    /// An HTTP answer.
    SpeaksHttp,
    /// Continuation lines for ever.
    Endless,
    /// One byte of a greeting a second.
    Drips,
    /// 220 and these bytes.
    Says(&'static [u8]),
}

/// How a server answers EHLO.
#[derive(Clone, Debug, Default)]
pub enum Ehlo {
    /// 250 with STARTTLS.
    #[default]
    OffersStarttls,
    /// 250 without STARTTLS.
    Plain,
    /// 502 to EHLO, 250 to HELO.
    HeloOnly,
    /// This reply to both.
    Rejects(&'static str),
    /// Nothing.
    Silent,
    /// 250 with STARTTLS, and a hundred extensions that hold these bytes.
    Floods(&'static [u8]),
    /// The connection is closed.
    Closes,
    /// The connection is reset.
    Resets,
    /// Bytes that are no reply.
    Garbage,
}

/// How a server answers STARTTLS.
#[derive(Clone, Debug, Default)]
pub enum Starttls {
    /// 220.
    #[default]
    Ready,
    /// This reply.
    Reply(&'static str),
    /// 220, and in the same segment a reply in clear (CVE-2011-0411 and its kin, seen from the client).
    Injects(&'static str),
    /// The connection is closed.
    Closes,
    /// The connection is reset.
    Resets,
    /// Nothing.
    Silent,
}

/// What follows the 220 to STARTTLS.
#[derive(Clone, Debug)]
pub enum Handshake {
    /// A handshake by rustls.
    Modern(Chains, Versions),
    /// A handshake that rustls cannot do.
    Legacy(Box<Legacy>),
    /// A fatal alert with this description (RFC 8446 §6.2), whatever the hello.
    Alert(u8),
    /// Bytes that are not TLS.
    Garbage,
    /// The connection is closed.
    Closes,
    /// The connection is reset.
    Resets,
    /// These bytes, whatever the hello, and then nothing.
    Sends(&'static [u8]),
    /// These bytes over and over.
    Repeats(&'static [u8]),
    /// Nothing.
    Silent,
}

/// What follows a handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Afterwards {
    /// SMTP.
    #[default]
    Serves,
    /// The connection is reset.
    Resets,
    /// Key updates without end (RFC 8446 §4.6.3).
    UpdatesKeys,
}

/// One SMTP server.
#[derive(Clone, Debug)]
pub struct Server {
    /// How it greets.
    pub greeting: Greeting,
    /// How it answers EHLO.
    pub ehlo: Ehlo,
    /// How it answers STARTTLS.
    pub starttls: Starttls,
    /// What follows.
    pub handshake: Handshake,
    /// And then.
    pub afterwards: Afterwards,
}

impl Server {
    /// A server that does everything well, with these chains.
    pub fn good(chains: Chains) -> Server {
        Server {
            greeting: Greeting::default(),
            ehlo: Ehlo::default(),
            starttls: Starttls::default(),
            handshake: Handshake::Modern(chains, Versions::default()),
            afterwards: Afterwards::default(),
        }
    }
}

struct Running {
    server: Server,
    tls: Option<Arc<ServerConfig>>,
    connections: Arc<AtomicUsize>,
}

/// How long a connection may last: longer than any patience that a scanner is given.
const PATIENCE: Duration = Duration::from_secs(900);
const NAME: &str = "mail.lab";

/// Serves one address until the task is dropped.
pub async fn serve(listener: TcpListener, server: Server, visits: Arc<Visits>) -> Result<(), LabError> {
    let tls = match &server.handshake {
        Handshake::Modern(chains, versions) => Some(tls::server_config(chains, *versions, &[])?),
        _ => None,
    };
    let running = Arc::new(Running { server, tls, connections: visits.counter() });
    let address = listener.local_addr()?.ip();
    loop {
        let (stream, _): (_, SocketAddr) = listener.accept().await?;
        visits.note("smtp", address);
        let running = Arc::clone(&running);
        // How a conversation ends is the peer's affair.
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, converse(stream, &running)).await });
    }
}

async fn converse(stream: TcpStream, running: &Running) -> io::Result<()> {
    let earlier = running.connections.fetch_add(1, Ordering::Relaxed);
    let server = &running.server;
    let mut stream = BufStream::new(stream);
    match &server.greeting {
        Greeting::Ready => say(&mut stream, &format!("220 {NAME} ESMTP")).await?,
        Greeting::RepliesFirst(count, reply) if earlier < *count => return say_and_leave(stream, reply).await,
        Greeting::RepliesFirst(..) => say(&mut stream, &format!("220 {NAME} ESMTP")).await?,
        Greeting::Reply(reply) => return say_and_leave(stream, reply).await,
        Greeting::Silent => return wait(stream).await,
        Greeting::Closes => return Ok(()),
        Greeting::Resets => return reset(stream.get_ref()).await,
        Greeting::ResetsInside => {
            stream.write_all(b"220-mail.lab is about to\r\n220-").await?;
            stream.flush().await?;
            return reset(stream.get_ref()).await;
        }
        Greeting::SpeaksHttp => {
            return say_and_leave(stream, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n").await;
        }
        Greeting::Says(bytes) => {
            stream.write_all(&[b"220 ", *bytes, b"\r\n"].concat()).await?;
            stream.flush().await?;
        }
        Greeting::Drips => loop {
            stream.write_all(b"2").await?;
            stream.flush().await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        },
        Greeting::Endless => loop {
            say(&mut stream, &format!("220-{NAME} has much to say, and says it slowly")).await?;
            tokio::time::sleep(Duration::from_millis(2)).await;
        },
    }
    loop {
        let Some(line) = hear(&mut stream).await? else { return Ok(()) };
        let verb = line.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match (verb.as_str(), &server.ehlo) {
            ("EHLO" | "HELO", Ehlo::Rejects(reply)) => say(&mut stream, reply).await?,
            ("EHLO", Ehlo::HeloOnly) => say(&mut stream, "502 5.5.2 Command not recognized").await?,
            ("EHLO" | "HELO", Ehlo::Silent) => return wait(stream).await,
            ("EHLO" | "HELO", Ehlo::Closes) => return Ok(()),
            ("EHLO" | "HELO", Ehlo::Resets) => return reset(stream.get_ref()).await,
            ("EHLO" | "HELO", Ehlo::Garbage) => say(&mut stream, "\u{1}\u{2}what is this?").await?,
            ("HELO", _) => say(&mut stream, &format!("250 {NAME}")).await?,
            ("EHLO", Ehlo::OffersStarttls) => {
                say(&mut stream, &format!("250-{NAME}\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n250 8BITMIME")).await?;
            }
            ("EHLO", Ehlo::Floods(bytes)) => {
                let line = [b"250-X-", bytes.repeat(8).as_slice(), b"\r\n"].concat();
                stream.write_all(b"250-mail.lab\r\n250-STARTTLS\r\n").await?;
                stream.write_all(&line.repeat(100)).await?;
                stream.write_all(b"250 HELP\r\n").await?;
                stream.flush().await?;
            }
            ("EHLO", _) => say(&mut stream, &format!("250-{NAME}\r\n250 SIZE 10240000")).await?,
            ("STARTTLS", Ehlo::OffersStarttls | Ehlo::Floods(_)) => match &server.starttls {
                Starttls::Ready => {
                    say(&mut stream, "220 2.0.0 Ready to start TLS").await?;
                    return handshake(stream.into_inner(), running).await;
                }
                Starttls::Injects(reply) => {
                    say(&mut stream, &format!("220 2.0.0 Ready to start TLS\r\n{reply}")).await?;
                    return handshake(stream.into_inner(), running).await;
                }
                Starttls::Reply(reply) => say(&mut stream, reply).await?,
                Starttls::Closes => return Ok(()),
                Starttls::Resets => return reset(stream.get_ref()).await,
                Starttls::Silent => return wait(stream).await,
            },
            ("QUIT", _) => return say_and_leave(stream, "221 2.0.0 Bye").await,
            _ => say(&mut stream, "502 5.5.2 Command not recognized").await?,
        }
    }
}

async fn handshake(mut stream: TcpStream, running: &Running) -> io::Result<()> {
    match &running.server.handshake {
        Handshake::Modern(..) => {
            let Some(config) = &running.tls else { return Ok(()) };
            let mut stream = TlsAcceptor::from(Arc::clone(config)).accept(stream).await?;
            match running.server.afterwards {
                Afterwards::Serves => {}
                Afterwards::Resets => return reset(stream.get_ref().0).await,
                Afterwards::UpdatesKeys => loop {
                    stream.get_mut().1.refresh_traffic_keys().map_err(io::Error::other)?;
                    stream.flush().await?;
                },
            }
            let mut stream = BufStream::new(stream);
            while let Some(line) = hear(&mut stream).await? {
                match line.get(..4).map(str::to_ascii_uppercase).as_deref() {
                    Some("EHLO") => {
                        say(&mut stream, &format!("250-{NAME}\r\n250-SIZE 10240000\r\n250 REQUIRETLS")).await?
                    }
                    Some("QUIT") => return say_and_leave(stream, "221 2.0.0 Bye").await,
                    _ => say(&mut stream, "502 5.5.2 Command not recognized").await?,
                }
            }
            Ok(())
        }
        Handshake::Legacy(legacy) => legacy_tls::answer(legacy, &mut stream).await,
        Handshake::Alert(description) => {
            swallow(&mut stream).await?;
            stream.write_all(&legacy_tls::alert(*description)).await?;
            wait(stream).await
        }
        Handshake::Garbage => {
            stream.write_all(b"500 5.5.1 I thought you would never ask\r\n").await?;
            wait(stream).await
        }
        // The hello is read first: what is left unread would turn a close into a reset.
        Handshake::Closes => swallow(&mut stream).await,
        Handshake::Resets => {
            swallow(&mut stream).await?;
            reset(&stream).await
        }
        Handshake::Sends(bytes) => {
            swallow(&mut stream).await?;
            stream.write_all(bytes).await?;
            wait(stream).await
        }
        Handshake::Repeats(bytes) => repeat(&mut stream, bytes).await,
        Handshake::Silent => wait(stream).await,
    }
}

/// Makes the close that follows a reset: lingering for no time at all does that. What was said before has time to arrive.
pub(super) async fn reset(stream: &TcpStream) -> io::Result<()> {
    tokio::time::sleep(Duration::from_millis(50)).await;
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Says the same over and over.
pub(super) async fn repeat(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    swallow(stream).await?;
    let many = bytes.repeat(100);
    loop {
        stream.write_all(&many).await?;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>, text: &str) -> io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}

async fn say_and_leave<S: AsyncRead + AsyncWrite + Unpin>(mut stream: BufStream<S>, text: &str) -> io::Result<()> {
    say(&mut stream, text).await?;
    stream.shutdown().await?;
    wait(stream).await
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let length = (&mut *stream).take(4096).read_until(b'\n', &mut line).await?;
    Ok((length > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}

/// Reads what has come, such as a ClientHello, and forgets it.
pub(super) async fn swallow(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut bytes = [0; 8192];
    stream.read(&mut bytes).await.map(|_| ())
}

/// Says nothing more and waits until the peer leaves.
pub(super) async fn wait(mut stream: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut rest = [0; 512];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
