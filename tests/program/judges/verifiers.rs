//! What `refused_by` says of OpenSSL and Go, held against `openssl verify`, `openssl s_client` and Go's `crypto/x509`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mxcensus_rules::dane;
use mxcensus_rules::observation::TlsaRecord;
use mxcensus_rules::pkix::{TrustStore, Verifier, verify_path};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::skip;

const CASES: &str = include_str!("../../data/eval/pkix.jsonl");
const CERTIFICATES: &str = include_str!("../../data/eval/certificates.jsonl");
const GO_VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/judges/verifier/main.go");
/// The version of Go that the facts were found with; later ones refuse more.
const GO_VERSION: &str = "go1.19";

/// A chain that holds by RFC 5280, and who refuses it as `refused_by` has it.
struct Chain {
    why: String,
    /// DER; the leaf first.
    certificates: Vec<Vec<u8>>,
    roots: Vec<Vec<u8>>,
    at: i64,
    refused_by: Vec<Verifier>,
}

/// The chains of the cases of `eval pkix` that hold.
fn chains() -> Vec<Chain> {
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let named: HashMap<String, String> = CERTIFICATES
        .lines()
        .map(line)
        .map(|one| (format!("@{}", one["name"].as_str().unwrap()), one["der"].as_str().unwrap().to_owned()))
        .collect();
    let ders = |texts: &Value| -> Vec<Vec<u8>> {
        let texts = texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap());
        texts.map(|text| STANDARD.decode(named.get(text).map_or(text, String::as_str)).unwrap()).collect()
    };
    let chain = |case: Value| {
        let at = case["in"]["at"].as_i64()?;
        let (certificates, roots) = (ders(&case["in"]["chain"]), ders(&case["in"]["roots"]));
        let borrowed: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
        let reading = verify_path(&borrowed, at, &TrustStore::from_certificates(roots.clone()));
        let why = case["why"].as_str().unwrap().to_owned();
        let holds = reading.failures.is_empty();
        holds.then_some(Chain { why, certificates, roots, at, refused_by: reading.refused_by })
    };
    CASES.lines().map(line).filter(|case| case["out"]["/result"] == "valid").filter_map(chain).collect()
}

fn pem(ders: &[Vec<u8>]) -> String {
    let mut text = String::new();
    for der in ders {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        writeln!(text, "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", lines.join("\n")).unwrap();
    }
    text
}

fn is_there(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What `openssl verify` says at the security level of a TLS session; `None` where it accepts.
fn openssl_refusal(directory: &Path, chain: &Chain) -> Option<String> {
    let write = |name: &str, ders: &[Vec<u8>]| {
        let path = directory.join(name);
        std::fs::write(&path, pem(ders)).unwrap();
        path
    };
    let (leaf, rest) = chain.certificates.split_at(1);
    let mut command = Command::new("openssl");
    command.args(["verify", "-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-auth_level", "1"]);
    command.args(["-attime", &chain.at.to_string(), "-CAfile"]).arg(write("roots.pem", &chain.roots));
    if !rest.is_empty() {
        command.arg("-untrusted").arg(write("rest.pem", rest));
    }
    let output = command.arg(write("leaf.pem", leaf)).output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// OpenSSL follows one issuer and never turns back, and takes the second of notAfter as over: `refused_by` says neither.
fn is_left_out(chain: &Chain) -> bool {
    ["twenty of the same name", "twenty cross-signs", "beside a good one", "the last second"]
        .iter()
        .any(|part| chain.why.contains(part))
}

#[test]
fn what_is_said_of_openssl_is_so() {
    if is_there("openssl", "version").is_none_or(|version| !version.starts_with("OpenSSL 3.")) {
        return skip("OpenSSL 3 is not installed");
    }
    let directory = tempfile::tempdir().unwrap();
    let chains = chains();
    let compared: Vec<&Chain> = chains.iter().filter(|chain| !is_left_out(chain)).collect();
    let wrong: Vec<String> = compared
        .iter()
        .filter_map(|chain| {
            let refusal = openssl_refusal(directory.path(), chain);
            let agrees = refusal.is_some() == chain.refused_by.contains(&Verifier::OpenSsl);
            (!agrees).then(|| format!("{}: {:?}: {refusal:?}", chain.why, chain.refused_by))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared.len() > 100, "{}", compared.len());
}

#[test]
fn what_is_said_of_go_is_so() {
    match is_there("go", "version") {
        Some(version) if version.contains(GO_VERSION) => {}
        Some(version) => return println!("skipped: the facts are those of {GO_VERSION}, and this is {version}"),
        None => return skip("Go is not installed"),
    }
    let directory = tempfile::tempdir().unwrap();
    let verifier = directory.path().join("verifier");
    let mut build = Command::new("go");
    build
        .env("GO111MODULE", "off")
        .env("GOCACHE", directory.path())
        .args(["build", "-o"])
        .arg(&verifier)
        .arg(GO_VERIFIER);
    assert!(build.status().unwrap().success(), "the verifier compiles");
    let chains = chains();
    let encode = |ders: &[Vec<u8>]| -> Vec<String> { ders.iter().map(|der| STANDARD.encode(der)).collect() };
    let questions: Vec<String> = chains
        .iter()
        .map(|chain| {
            json!({"chain": encode(&chain.certificates), "roots": encode(&chain.roots), "at": chain.at}).to_string()
        })
        .collect();
    let input = directory.path().join("questions");
    std::fs::write(&input, questions.join("\n")).unwrap();
    let output = Command::new(&verifier).stdin(std::fs::File::open(&input).unwrap()).output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), chains.len());
    let wrong: Vec<String> = chains
        .iter()
        .zip(answers.lines())
        .filter(|(chain, answer)| (*answer == "accepts") == chain.refused_by.contains(&Verifier::Go))
        .map(|(chain, answer)| format!("{}: {:?}: {answer}", chain.why, chain.refused_by))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A TLS server of OpenSSL on loopback that ends with this value.
struct Server {
    child: Child,
    address: String,
    /// Without a reader it would end.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(directory: &Path) -> Self {
        let file = |name: &str| directory.join(name);
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-cert"]).arg(file("leaf.pem"));
        command.arg("-key").arg(file("key.pem")).arg("-cert_chain").arg(file("anchor.pem"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // "ACCEPT 127.0.0.1:PORT"
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned));
        Self { child, address: address.expect("the server listens"), _output: lines }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Anchor");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// RFC 6698 §8 leaves to local policy what an anchor of usage 2 must be. One of each kind, and whether OpenSSL takes it.
#[test]
fn the_anchors_that_openssl_refuses_are_those_that_are_listed() {
    if is_there("openssl", "version").is_none() {
        return skip("openssl is not installed");
    }
    let year = |year| rcgen::date_time_ymd(year, 1, 1);
    type Anchor = (&'static str, fn(&mut CertificateParams), bool);
    let anchors: [Anchor; 7] = [
        ("sound", |_| {}, true),
        ("expired", |params| params.not_after = rcgen::date_time_ymd(2001, 1, 1), false),
        ("of the future", |params| params.not_before = rcgen::date_time_ymd(2999, 1, 1), false),
        ("no authority", |params| params.is_ca = IsCa::ExplicitNoCa, false),
        ("without keyCertSign", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign], false),
        ("for mail", |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection], false),
        ("for servers", |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth], true),
    ];
    for (what, change, accepted) in anchors {
        let directory = tempfile::tempdir().unwrap();
        let (key, leaf_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut params = authority();
        (params.not_before, params.not_after) = (year(2000), year(3000));
        change(&mut params);
        let anchor = params.self_signed(&key).unwrap();
        let mut leaf = CertificateParams::new(vec!["mx.example".to_owned()]).unwrap();
        (leaf.not_before, leaf.not_after) = (year(2000), year(3000));
        let leaf = leaf.signed_by(&leaf_key, &Issuer::from_params(&params, &key)).unwrap();
        let write = |name: &str, text: String| std::fs::write(directory.path().join(name), text).unwrap();
        write("leaf.pem", leaf.pem());
        write("anchor.pem", anchor.pem());
        write("key.pem", leaf_key.serialize_pem());
        let digest = hex::encode(Sha256::digest(anchor.der()));

        let server = Server::start(directory.path());
        let rrdata = format!("2 0 1 {digest}");
        let mut client = Command::new("openssl");
        client.args(["s_client", "-brief", "-connect", &server.address, "-dane_tlsa_domain", "mx.example"]);
        let mut client = client
            .args(["-dane_tlsa_rrdata", &rrdata])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        client.stdin.take().unwrap().write_all(b"Q\n").unwrap();
        let output = client.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(log.contains("Verification"), "{what}: {log}");
        assert_eq!(log.contains("Verification: OK"), accepted, "{what}: {log}");

        let record = TlsaRecord { usage: 2, selector: 0, matching: 1, data: digest };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let chain: [&[u8]; 2] = [leaf.der(), anchor.der()];
        let reading = dane::verify(&[record], &chain, &["mx.example"], i64::try_from(now).unwrap());
        assert_eq!(reading.result.word(), "match", "{what}: RFC 6698 8");
        assert_eq!(reading.refused_by.contains(&Verifier::OpenSsl), !accepted, "{what}");
    }
}
