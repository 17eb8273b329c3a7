//! Lists as they come: zip archives, addresses, publishers. The web server is one of our own on loopback, with a certificate
//! that only the program under test trusts; nobody else is asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use super::support::{Lab, program};

/// What stands at a path.
#[derive(Clone)]
enum Page {
    /// A file: its bytes, its tag.
    File(Vec<u8>, &'static str),
    /// A file whose first answer ends after so many bytes.
    CutOff(Vec<u8>, &'static str, usize),
    /// Elsewhere.
    Moved(String),
    /// Words.
    Text(&'static str),
}

struct Web {
    address: SocketAddr,
    authority: tempfile::NamedTempFile,
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    /// Of each request: path, and what part or change was asked for.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn start() -> Web {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut authority = tempfile::NamedTempFile::new().unwrap();
        authority.write_all(certified.cert.pem().as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let chain = vec![CertificateDer::from(certified.cert.der().to_vec())];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let web =
            Web { address: listener.local_addr().unwrap(), authority, pages: Arc::default(), asked: Arc::default() };
        let (pages, asked) = (web.pages.clone(), web.asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, pages, asked) = (config.clone(), pages.clone(), asked.clone());
                std::thread::spawn(move || serve(stream, config, &pages, &asked));
            }
        });
        web
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    fn put(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The program, which trusts this server and keeps its cache in a folder of the test.
    fn client(&self, cache: &Path) -> Command {
        let mut command = program();
        command.env("SSL_CERT_FILE", self.authority.path()).env("XDG_CACHE_HOME", cache);
        for proxy in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(proxy);
        }
        command
    }
}

/// One request of one connection. Whoever hangs up is let go.
fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    pages: &Mutex<BTreeMap<String, Page>>,
    asked: &Mutex<Vec<String>>,
) -> Option<()> {
    let tls = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let mut reader = BufReader::new(tls);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let notes =
        ["range", "if-range", "if-none-match"].map(|name| headers.get(name).map(|value| format!(" {name}={value}")));
    asked.lock().unwrap().push(format!("{path}{}", notes.into_iter().flatten().collect::<String>()));
    let page = pages.lock().unwrap().get(&path).cloned();
    let tls = reader.get_mut();
    let answer = |status: &str, more: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n")
    };
    match page {
        None => tls.write_all(answer("404 Not Found", "", 0).as_bytes()).ok()?,
        Some(Page::Moved(to)) => {
            tls.write_all(answer("302 Found", &format!("Location: {to}\r\n"), 0).as_bytes()).ok()?
        }
        Some(Page::Text(text)) => {
            tls.write_all(answer("200 OK", "", text.len()).as_bytes()).ok()?;
            tls.write_all(text.as_bytes()).ok()?;
        }
        Some(Page::CutOff(bytes, tag, at)) => {
            pages.lock().unwrap().insert(path, Page::File(bytes.clone(), tag));
            tls.write_all(answer("200 OK", &format!("ETag: {tag}\r\n"), bytes.len()).as_bytes()).ok()?;
            tls.write_all(&bytes[..at]).ok()?;
        }
        Some(Page::File(bytes, tag)) => {
            let range = headers.get("range").filter(|_| headers.get("if-range").is_none_or(|given| given == tag));
            let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
            let tag_line = format!("ETag: {tag}\r\nLast-Modified: Sun, 29 Nov 2026 23:00:00 GMT\r\n");
            if headers.get("if-none-match").is_some_and(|given| given == tag) {
                tls.write_all(format!("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n{tag_line}\r\n").as_bytes())
                    .ok()?;
            } else if let Some(from) = from {
                let range = format!("{tag_line}Content-Range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len());
                tls.write_all(answer("206 Partial Content", &range, bytes.len() - from).as_bytes()).ok()?;
                tls.write_all(&bytes[from..]).ok()?;
            } else {
                tls.write_all(answer("200 OK", &tag_line, bytes.len()).as_bytes()).ok()?;
                tls.write_all(&bytes).ok()?;
            }
        }
    }
    tls.flush().ok()?;
    tls.conn.send_close_notify();
    tls.flush().ok()?;
    // The other side reads to the end before the socket goes.
    let _ = tls.sock.shutdown(std::net::Shutdown::Write);
    let _ = tls.sock.read(&mut [0; 1]);
    Some(())
}

fn zip(name: &str, content: &str) -> Vec<u8> {
    let mut archive = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(content.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn tranco_is_fetched_with_its_name_and_scanned_with_its_origin() {
    let (web, lab, dir) = (Web::start(), Lab::start(&[]), tempfile::tempdir().unwrap());
    let list =
        zip("top-1m.csv", "1,lab-sts-pass.com\r\n2,lab-dane-stale.nl\r\n3,postmaster@a.example\r\n4,a b\r\n5,b/c\r\n");
    web.put("/daily_list_id?date=2026-11-29", Page::Text("K25GW\n"));
    web.put("/download_daily/K25GW", Page::Moved(web.url("/elsewhere/top-1m.csv.zip")));
    web.put("/elsewhere/top-1m.csv.zip", Page::CutOff(list.clone(), "\"one\"", 40));
    let out = dir.path().join("top-1m.csv.zip");
    let fetch = || {
        let base = web.url("/");
        let mut command = web.client(dir.path());
        command.args(["list", "tranco", "--date", "2026-11-29", "--base", &base, "--out"]).arg(&out);
        command.output().expect("the program starts")
    };
    let output = fetch();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("tranco K25GW of 2026-11-29"), "{}", said(&output));
    assert_eq!(std::fs::read(&out).unwrap(), list, "cut off, and gone on with");
    let asked = web.asked();
    assert!(asked.contains(&"/elsewhere/top-1m.csv.zip range=bytes=40- if-range=\"one\"".to_owned()), "{asked:?}");

    let source = json(&dir.path().join("top-1m.csv.zip.source.json"));
    let digest = mxcensus_dataset::files::digest_of(&out).unwrap().sha256;
    assert_eq!(source["url"], web.url("/download_daily/K25GW"));
    assert_eq!((&source["list"], &source["list_id"]), (&"tranco".into(), &"K25GW".into()));
    assert_eq!((&source["date"], &source["sha256"]), (&"2026-11-29".into(), &digest.into()));
    assert!(source["licence"].as_str().unwrap().contains("tranco-list.eu"));

    let again = fetch();
    assert!(again.status.success() && said(&again).contains("unchanged"), "{}", said(&again));
    assert!(web.asked().contains(&"/elsewhere/top-1m.csv.zip if-none-match=\"one\"".to_owned()));

    let source = json(&dir.path().join("top-1m.csv.zip.source.json"));
    let dataset = dir.path().join("dataset");
    let output = program().arg("scan").arg(&out).arg("--out").arg(&dataset).args(lab.flags()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let input = &json(&dataset.join("manifest.json"))["input"];
    assert_eq!((&input["rows"], &input["rejected"]), (&2.into(), &3.into()));
    assert_eq!(input["source"], source);
    assert_eq!(input["rejected_reasons"]["character"], 3);
    assert!(
        said(&output).contains("3 lines of the list are no domain (input/rejected.csv): character 3."),
        "{}",
        said(&output)
    );
    let rejected = std::fs::read_to_string(dataset.join("input/rejected.csv")).unwrap();
    assert!(rejected.contains("a.example"), "{rejected}");
}

#[test]
fn a_list_is_scanned_from_its_address_and_gone_on_with_without_it() {
    let (web, lab, dir) = (Web::start(), Lab::start(&[]), tempfile::tempdir().unwrap());
    web.put("/list.csv", Page::File(b"# two\nlab-sts-pass.com # the first\nlab-dane-stale.nl\n".to_vec(), "\"a\""));
    let (url, out) = (web.url("/list.csv"), dir.path().join("dataset"));
    let scan = |more: &[&str]| {
        let mut command = web.client(dir.path());
        command.args(["scan", &url, "--out"]).arg(&out).args(lab.flags()).args(more);
        command.output().expect("the program starts")
    };
    let output = scan(&[]);
    assert!(output.status.success(), "{}", said(&output));
    let input = &json(&out.join("manifest.json"))["input"];
    assert_eq!(
        (&input["name"], &input["rows"], &input["source"]["url"]),
        (&url.clone().into(), &2.into(), &url.clone().into())
    );
    web.asked();
    web.put("/list.csv", Page::File(b"other.example\n".to_vec(), "\"b\""));
    let output = scan(&["--resume"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(web.asked(), Vec::<String>::new(), "it was read already");
}

#[test]
fn the_other_publishers_and_what_goes_wrong() {
    let (web, dir) = (Web::start(), tempfile::tempdir().unwrap());
    let text = b"a.example\n".to_vec();
    web.put("/top-1m-2026-11-03.csv.zip", Page::File(text.clone(), "\"u\""));
    web.put("/majestic_million.csv", Page::File(text.clone(), "W/\"m\""));
    web.put("/202610.csv.gz", Page::File(text.clone(), "\"c\""));
    web.put("/loop", Page::Moved(web.url("/loop")));
    web.put("/down", Page::Moved("http://localhost/list.csv".to_owned()));
    web.put("/download_daily/NEW01", Page::File(text, "\"n\""));
    let run = |arguments: &[&str]| {
        let out = dir.path().join("list");
        let mut command = web.client(dir.path());
        command.args(["list"]).args(arguments).args(["--base", &web.url("")]).arg("--out").arg(&out);
        let output = command.output().expect("the program starts");
        (
            output.status.code(),
            said(&output),
            output.status.success().then(|| json(&dir.path().join("list.source.json"))),
        )
    };
    for (arguments, date) in [
        (&["umbrella", "--date", "2026-11-03"][..], "2026-11-03"),
        (&["majestic"], "2026-11-29"),
        (&["crux", "--date", "2026-10"], "2026-10"),
    ] {
        let (code, said, source) = run(arguments);
        assert_eq!(code, Some(0), "{said}");
        let source = source.unwrap();
        assert_eq!((source["date"].as_str(), source["list"].as_str()), (Some(date), Some(arguments[0])));
    }
    for (arguments, code, sentence) in [
        (&["majestic", "--date", "2026-11-03"][..], 1, "publishes its present list only"),
        (&["umbrella"], 1, "answers with HTTP status 404"),
        (&["tranco", "--date", "2026-11-30"], 1, "tranco has no list of 2026-11-30 (yet)"),
        (&["crux", "--date", "October"], 2, "write it as 2026-11-30, or 2026-11"),
        (&["alexa"], 2, "possible values: tranco, umbrella, majestic, crux"),
    ] {
        let (found, said, _) = run(arguments);
        assert_eq!(found, Some(code), "{said}");
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    let scan = |list: &str| {
        let mut command = web.client(dir.path());
        command.args(["scan", list, "--resolver", "127.0.0.1:9", "--out"]).arg(dir.path().join("dataset"));
        said(&command.output().expect("the program starts"))
    };
    for (list, sentence) in [
        ("http://localhost/list.csv".to_owned(), "only https:// is fetched"),
        (web.url("/down"), "cannot be reached"),
        (web.url("/loop"), "too many redirects"),
        (web.url("/nothing"), "404"),
    ] {
        let said = scan(&list);
        assert!(said.contains(sentence), "{list}: {said}");
        assert!(!dir.path().join("dataset").exists(), "nothing was begun");
    }
    // Nobody vouches for the server.
    let output = program()
        .args(["scan", &web.url("/down"), "--resolver", "127.0.0.1:9", "--out"])
        .arg(dir.path().join("x"))
        .env("XDG_CACHE_HOME", dir.path())
        .output()
        .unwrap();
    assert!(said(&output).contains("certificate"), "{}", said(&output));
}

#[test]
fn lists_are_fetched_through_a_proxy() {
    let (web, dir) = (Web::start(), tempfile::tempdir().unwrap());
    web.put("/majestic_million.csv", Page::File(b"a.example\n".to_vec(), "\"m\""));
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (at, to) = (proxy.local_addr().unwrap(), web.address);
    let tunnel = std::thread::spawn(move || {
        let (stream, _) = proxy.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        let mut line = first.clone();
        while line.trim() != "" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let server = TcpStream::connect(to).unwrap();
        let mut client = stream;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        let mut to_server = server;
        std::thread::spawn(move || std::io::copy(&mut reader, &mut to_server));
        first
    });
    // A name that only the proxy knows the way to.
    let base = format!("https://localhost:{}/", web.address.port());
    let output = web
        .client(dir.path())
        .args(["list", "majestic", "--base", &base, "--out"])
        .arg(dir.path().join("list"))
        .env("HTTPS_PROXY", format!("http://{at}"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(tunnel.join().unwrap().trim(), format!("CONNECT localhost:{} HTTP/1.1", web.address.port()));
}
