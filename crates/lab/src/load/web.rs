//! Every policy host of the load world behind one listener (RFC 9112, RFC 8461 3.3): the server name tells whose policy is
//! wanted, and what is wrong with it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::domain::Fetch;
use super::model::World;

/// How long a request may take, whatever the peer does.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest request that is read.
const REQUEST: usize = 8192;
const TARGET: &[u8] = b"GET /.well-known/mta-sts.txt ";

/// Serves every address until the task is dropped.
pub(super) async fn serve(listener: TcpListener, world: World, config: Arc<ServerConfig>) -> io::Result<()> {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("a policy host of the load world could not accept: {error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let config = Arc::clone(&config);
        // How an exchange ends is the peer's affair.
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, answer(stream, &world, config)).await });
    }
}

async fn answer(stream: TcpStream, world: &World, config: Arc<ServerConfig>) -> io::Result<()> {
    if !stream.local_addr()?.ip().to_canonical().is_loopback() {
        return Ok(()); // Somebody from outside: this world is on loopback.
    }
    stream.set_nodelay(true)?;
    let mut stream = TlsAcceptor::from(config).accept(stream).await?;
    let name = stream.get_ref().1.server_name().unwrap_or_default().to_ascii_lowercase();
    let mut request = Vec::with_capacity(512);
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let found = world.domain_by_policy_host(&name).filter(|_| request.starts_with(TARGET));
    let (status, more, body) = match found {
        None => ("404 Not Found", String::new(), Vec::new()),
        Some((domain, sts)) => match sts.fetch {
            Fetch::NotFound => ("404 Not Found", String::new(), Vec::new()),
            Fetch::Failing => ("503 Service Unavailable", String::new(), Vec::new()),
            Fetch::Redirect => {
                let location = format!("Location: https://www.{}/\r\n", world.name(domain.index));
                ("301 Moved Permanently", location, Vec::new())
            }
            _ => ("200 OK", String::new(), world.policy_body(&domain, &sts)),
        },
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).await?;
    stream.shutdown().await?;
    // What the peer still has to say must not turn the close into a reset.
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
