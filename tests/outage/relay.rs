//! A resolver that goes away and comes back: passes everything to the lab's, and once in its life does not.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// How it goes away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// Questions are swallowed, as when the network is gone.
    Silent,
    /// Nobody listens any more, as when the program has died.
    Gone,
    /// Every question is answered with SERVFAIL, as a resolver does that has lost the network behind it.
    Servfail,
}

/// A relay in front of a resolver.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    _task: JoinSet<()>,
}

/// Starts one that goes away for a while after so many questions.
pub async fn start(upstream: SocketAddr, loss: Loss, after: usize, length: Duration) -> Relay {
    let (front, listener) = bind((Ipv4Addr::LOCALHOST, 0).into()).await;
    let address = front.local_addr().unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        serve(front, listener, upstream, Some(after)).await;
        match loss {
            Loss::Gone => tokio::time::sleep(length).await,
            // What arrives meanwhile is read and thrown away, or refused.
            Loss::Silent | Loss::Servfail => {
                let (front, _listener) = bind(address).await;
                let _ = tokio::time::timeout(length, turn_away(&front, loss)).await;
            }
        }
        let (front, listener) = bind(address).await;
        serve(front, listener, upstream, None).await;
    });
    Relay { address, _task: task }
}

/// One port for UDP and TCP. Another program may hold either for a moment.
async fn bind(address: SocketAddr) -> (Arc<UdpSocket>, TcpListener) {
    for _ in 0..100 {
        if let Ok(front) = UdpSocket::bind(address).await
            && let Ok(listener) = TcpListener::bind(front.local_addr().unwrap()).await
        {
            return (Arc::new(front), listener);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{address} stays taken");
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
    if let Ok(Ok(length)) = tokio::time::timeout(Duration::from_secs(5), back.recv(&mut answer)).await {
        let _ = front.send_to(&answer[..length], client).await;
    }
}
