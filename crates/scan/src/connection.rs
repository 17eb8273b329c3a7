//! An open TCP connection that remembers whether this machine ran short of something while it was used.
//!
//! The kernel may have no buffer or memory left in the midst of a session (ENOBUFS, ENOMEM). The reader or writer then
//! gets an error, which the layers above, TLS and HTTP among them, take for an end of the connection. [`Remembered`] tells
//! that the error came from this machine and not from the peer.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::shortage::Shortage;

/// A TCP connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    short: Remembered,
}

/// What was short while a connection was used, readable while others own it.
#[derive(Clone, Debug, Default)]
pub struct Remembered(Arc<OnceLock<Shortage>>);

impl Remembered {
    /// What was short first.
    pub fn shortage(&self) -> Option<Shortage> {
        self.0.get().copied()
    }

    fn note<T>(&self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &result
            && let Some(shortage) = Shortage::of(error)
        {
            let _ = self.0.set(shortage);
        }
        result
    }
}

impl From<TcpStream> for Connection {
    fn from(stream: TcpStream) -> Connection {
        Connection { stream, short: Remembered::default() }
    }
}

impl Connection {
    /// What is remembered about it, now and later.
    pub fn remembered(&self) -> Remembered {
        self.short.clone()
    }

    /// The socket itself.
    pub fn socket(&self) -> &TcpStream {
        &self.stream
    }
}

/// A fault that tests inject, as an error number (`FAILPOINTS`).
pub fn injected(number: Option<String>) -> io::Error {
    number
        .and_then(|number| number.parse().ok())
        .map_or_else(|| io::Error::other("injected"), io::Error::from_raw_os_error)
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        fail::fail_point!("receive", |number| this.short.note(Poll::Ready(Err(injected(number)))));
        this.short.note(Pin::new(&mut this.stream).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        fail::fail_point!("send", |number| this.short.note(Poll::Ready(Err(injected(number)))));
        this.short.note(Pin::new(&mut this.stream).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
