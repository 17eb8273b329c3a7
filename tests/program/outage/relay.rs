//! A resolver that goes away and comes back: passes everything to the lab's, and once in its life does not.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use mxcensus_lab::{LabError, Reserved};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How it goes away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Loss {
    /// Questions are swallowed, as when the network is gone.
    Silent,
    /// Nobody listens any more, as when the program has died.
    Gone,
    /// Every question is answered with SERVFAIL, as a resolver does that has lost the network behind it.
    Servfail,
}

/// A relay in front of a resolver, on a port that stays its own while nobody listens there.
pub(super) struct Relay {
    port: Arc<Reserved>,
    back: Arc<Notify>,
    _task: JoinSet<()>,
}

impl Relay {
    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Ends the loss, now or when it comes.
    pub(super) fn come_back(&self) {
        self.back.notify_one();
    }
}

/// Starts one that goes away after so many questions.
pub(super) fn start(upstream: SocketAddr, loss: Loss, after: usize) -> Result<Relay, LabError> {
    let (port, back) = (Arc::new(Reserved::new(0)?), Arc::new(Notify::new()));
    let (front, listener) = port.bind()?;
    let mut task = JoinSet::new();
    let (reserved, returns) = (port.clone(), back.clone());
    task.spawn(async move {
        serve(Arc::new(front), listener, upstream, Some(after)).await;
        match loss {
            Loss::Gone => returns.notified().await,
            // What arrives meanwhile is read and thrown away, or refused.
            Loss::Silent | Loss::Servfail => {
                let (front, _listener) = reserved.bind().unwrap();
                tokio::select! {
                    () = returns.notified() => {}
                    () = turn_away(&front, loss) => {}
                }
            }
        }
        let (front, listener) = reserved.bind().unwrap();
        serve(Arc::new(front), listener, upstream, None).await;
    });
    Ok(Relay { port, back, _task: task })
}

async fn turn_away(front: &UdpSocket, loss: Loss) {
    let mut buffer = [0; 4096];
    loop {
        let Ok((length, client)) = front.recv_from(&mut buffer).await else { continue };
        if loss == Loss::Servfail && length > 12 {
            buffer[2] |= 0x80;
            buffer[3] = buffer[3] & 0xf0 | 2;
            let _ = front.send_to(&buffer[..length], client).await;
        }
    }
}

/// Passes questions on until so many have come; whatever is under way then is dropped.
async fn serve(front: Arc<UdpSocket>, listener: TcpListener, upstream: SocketAddr, until: Option<usize>) {
    let mut under_way = JoinSet::new();
    let mut buffer = [0; 4096];
    let mut count = 0;
    while until.is_none_or(|until| count < until) {
        tokio::select! {
            received = front.recv_from(&mut buffer) => {
                // An ICMP error of an earlier answer.
                let Ok((length, client)) = received else { continue };
                count += 1;
                under_way.spawn(pass(front.clone(), client, buffer[..length].to_vec(), upstream));
            }
            accepted = listener.accept() => {
                let (mut stream, _) = accepted.unwrap();
                under_way.spawn(async move {
                    let mut back = TcpStream::connect(upstream).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut back).await;
                });
            }
            _ = under_way.join_next(), if !under_way.is_empty() => {}
        }
    }
    under_way.shutdown().await;
}

async fn pass(front: Arc<UdpSocket>, client: SocketAddr, question: Vec<u8>, upstream: SocketAddr) {
    let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    back.connect(upstream).await.unwrap();
    back.send(&question).await.unwrap();
    let mut answer = [0; 4096];
    // The lab leaves some questions unanswered.
    if let Ok(Ok(length)) = tokio::time::timeout(Duration::from_secs(60), back.recv(&mut answer)).await {
        let _ = front.send_to(&answer[..length], client).await;
    }
}
