//! The stream under a handshake: a TCP connection whose clear text before the first TLS record is noted and dropped,
//! and that ends when a peer sends more than anything honest needs.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, Result};

use super::tap::Tap;
use crate::connection::Connection;
use mxcensus_rules::smtp::ClearText;

/// The most bytes taken from a peer over one connection: the largest handshake that can succeed (64 KiB), a policy at
/// its cap with its head, and as much again several times over. Without it a peer could keep a processor busy until
/// the time limit, with tickets (RFC 8446 §4.6.1) or interim answers (RFC 9110 §15.2).
pub const MAX_BYTES: usize = 1 << 20;

/// The peer sent more than [`MAX_BYTES`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the peer sent more than {MAX_BYTES} bytes")]
pub struct Flood;

/// A TCP connection, without the clear text that came where TLS was due.
#[derive(Debug)]
pub struct Wire {
    stream: Connection,
    filter: ClearText,
    /// Bytes read and not yet handed on.
    ahead: Vec<u8>,
    injection: Injection,
    tap: Tap,
    /// Bytes that may still come.
    left: usize,
}

/// What was noted about clear text, readable while a handshake owns the [`Wire`] and after it.
#[derive(Clone, Debug, Default)]
pub struct Injection(Arc<(AtomicBool, AtomicBool)>);

impl Injection {
    /// Whether clear text was dropped.
    pub fn was_seen(&self) -> bool {
        self.0.0.load(Relaxed)
    }

    /// Whether clear text was all that came.
    pub fn was_all(&self) -> bool {
        self.was_seen() && !self.0.1.load(Relaxed)
    }
}

impl Wire {
    /// A connection on which nothing but TLS was ever agreed: every byte goes through.
    pub fn direct(stream: impl Into<Connection>) -> Wire {
        Wire {
            stream: stream.into(),
            filter: ClearText::over(),
            ahead: Vec::new(),
            injection: Injection::default(),
            tap: Tap::default(),
            left: MAX_BYTES,
        }
    }

    /// A connection after STARTTLS, with the bytes that were already read behind the 220.
    pub fn after_starttls(stream: Connection, leftover: Vec<u8>) -> Wire {
        let mut wire = Wire { filter: ClearText::default(), ahead: leftover, ..Wire::direct(stream) };
        wire.drop_clear_text();
        wire
    }

    /// What is noted about clear text, now and later.
    pub fn injection(&self) -> Injection {
        self.injection.clone()
    }

    /// What reads along.
    pub fn tap(&self) -> Tap {
        self.tap.clone()
    }

    /// Reads from the connection, as much as the peer may still send.
    fn poll_stream(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::Error::other(Flood)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        Poll::Ready(Ok(()))
    }

    fn drop_clear_text(&mut self) {
        self.filter.drop_from(&mut self.ahead);
        self.injection.0.0.store(self.filter.was_seen(), Relaxed);
        self.injection.0.1.store(self.filter.is_over(), Relaxed);
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(this.poll_filtered(cx, buffer))?;
        this.tap.received(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl Wire {
    /// Reads what is not clear text.
    fn poll_filtered(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        while !self.filter.is_over() {
            let mut scratch = [0; 2048];
            let mut scratch = ReadBuf::new(&mut scratch);
            ready!(self.poll_stream(cx, &mut scratch))?;
            if scratch.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.ahead.extend_from_slice(scratch.filled());
            self.drop_clear_text();
        }
        if self.ahead.is_empty() {
            return self.poll_stream(cx, buffer);
        }
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..count]);
        self.ahead.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        let count = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        this.tap.sent(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
