//! `--metrics ADDR:PORT`: how a crawl stands, for Prometheus.
//!
//! One page, `GET /metrics`, in the text format (`text`) over HTTP/1.1. A client is bounded in what it may send, in
//! time and in number: a scraper that misbehaves costs a crawl nothing.

mod text;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::status::Watcher;

/// Connections at once; others wait to be accepted.
const CONNECTIONS: usize = 16;

/// The most that is read of a request's head.
const HEAD_BYTES: usize = 8 << 10;

/// How long a request may take to arrive.
const HEAD_TIME: Duration = Duration::from_secs(5);

/// How long a connection may last: an answer is a few KiB.
const CONNECTION_TIME: Duration = Duration::from_secs(15);

/// After a connection could not be accepted (no file descriptor is left, as a rule).
const BREATH: Duration = Duration::from_secs(1);

/// Answers until the task is dropped.
pub async fn serve(listener: TcpListener, watcher: Arc<Watcher>) {
    let page = move || {
        let _vigil = watcher.alarm().watch("the task that serves metrics");
        fail::fail_point!("metrics", |_| String::new());
        text::page(&watcher)
    };
    answer_all(listener, Arc::new(page)).await;
}

/// What makes the page.
type Page = Arc<dyn Fn() -> String + Send + Sync>;

async fn answer_all(listener: TcpListener, page: Page) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    // Connections end with this task.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let page = page.clone();
                connections.spawn(async move {
                    let _ = tokio::time::timeout(CONNECTION_TIME, converse(stream, page)).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!("a request for metrics could not be accepted: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// One request and its answer.
async fn converse(stream: TcpStream, page: Page) {
    let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
        let response = answer(request.method(), request.uri().path(), &*page);
        async { Ok::<_, Infallible>(response) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES).keep_alive(false);
    if let Err(error) = server.serve_connection(TokioIo::new(stream), answer).await {
        tracing::debug!("a request for metrics: {error}");
    }
}

fn answer(method: &Method, path: &str, page: impl Fn() -> String) -> Response<Full<Bytes>> {
    let is_known = method == Method::GET && path == "/metrics";
    let (status, kind, body) = if is_known {
        (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", page())
    } else {
        (StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "mxcensus answers GET /metrics.\n".to_owned())
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Takes the port.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn server() -> (SocketAddr, tokio::task::JoinHandle<()>) {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        (address, tokio::spawn(answer_all(listener, Arc::new(|| "mxcensus_run 1\n".to_owned()))))
    }

    /// What comes back for these bytes until the server closes.
    async fn say(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may have hung up on what is too long.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        let _ = tokio::time::timeout(Duration::from_secs(60), reading).await.expect("the server closes");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn one_page_and_nothing_else() {
        let (address, server) = server().await;
        let good = say(address, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(good.starts_with("HTTP/1.1 200 OK\r\n") && good.ends_with("\r\n\r\nmxcensus_run 1\n"), "{good}");
        assert!(good.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{good}");
        assert!(say(address, b"GET /metrics?x=1 HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200"));
        for other in ["GET / HTTP/1.1", "POST /metrics HTTP/1.1", "GET /metrics/.. HTTP/1.1", "HEAD /metrics HTTP/1.1"]
        {
            let answer = say(address, format!("{other}\r\nHost: x\r\n\r\n").as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{other}: {answer}");
        }
        assert!(say(address, b"\x16\x03\x01 no HTTP at all\r\n\r\n").await.starts_with("HTTP/1.1 400"));
        let long = format!("GET /metrics HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
        let answer = say(address, long.as_bytes()).await;
        assert!(!answer.contains("mxcensus_run"), "{answer}");
        server.abort();
    }

    #[tokio::test]
    async fn who_says_nothing_keeps_out_nobody_for_long() {
        let (address, server) = server().await;
        let (begun, mut silent) = (std::time::Instant::now(), Vec::new());
        for _ in 0..CONNECTIONS {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /metr").await.unwrap();
            silent.push(stream);
        }
        let next = tokio::spawn(say(address, b"GET /metrics HTTP/1.1\r\n\r\n"));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let found_a_place = next.is_finished();
        assert!(!found_a_place || begun.elapsed() >= HEAD_TIME, "there is no place for it yet");
        assert!(next.await.unwrap().contains("mxcensus_run 1"), "the silent ones were let go");
        for mut stream in silent {
            let mut rest = Vec::new();
            let closed = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
            assert!(closed.is_ok(), "a silent one is closed");
        }
        server.abort();
    }
}
