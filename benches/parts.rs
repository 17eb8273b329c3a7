//! The parts that need no network: parsers, the validator of certificates, the judge, the writer. `cargo bench --bench parts`.
//!
//! Times are of the clock on the wall: on a busy machine the column `fastest` is the one to compare.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]

#[allow(dead_code, reason = "each bench uses its part of it")]
mod support;

use std::time::Duration;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use mxcensus_dataset::{Author, PartSize, Row, TableReader, TableWriter};
use mxcensus_judge::{Certificates, HostFacts, Judge, Parameters};
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, PolicyRow};
use mxcensus_rules::pkix::{self, TrustStore};
use mxcensus_rules::smtp::{Action, Dialogue};
use mxcensus_rules::{mta_sts, text, tlsrpt};
use mxcensus_scan::dns::{Kind, read_packet};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::Identity;

fn main() {
    divan::main();
}

const HOST: &str = "mx.bench.example";
/// 2025-11-25, inside the dates of rcgen's certificates.
const AT: i64 = 1_764_064_800;

#[divan::bench]
fn sts_record(bencher: Bencher) {
    let records = vec![b"v=spf1 -all".to_vec(), b"v=STSv1; id=20261125T120000;".to_vec()];
    bencher.bench(|| mta_sts::record::read(black_box(&records)));
}

#[divan::bench]
fn sts_policy(bencher: Bencher) {
    let body =
        b"version: STSv1\r\nmode: enforce\r\nmx: mx1.example.org\r\nmx: *.mail.example.net\r\nmax_age: 604800\r\n";
    bencher.counter(BytesCount::of_slice(body)).bench(|| mta_sts::policy::read(black_box(body)));
}

#[divan::bench]
fn tlsrpt_record(bencher: Bencher) {
    let records = vec![b"v=TLSRPTv1; rua=mailto:tls@example.org,https://example.org/report".to_vec()];
    bencher.bench(|| tlsrpt::read(black_box(&records)));
}

/// A whole session up to STARTTLS, as its bytes come in.
#[divan::bench]
fn smtp_dialogue() -> Action {
    let mut dialogue = Dialogue::new("probe.bench.example");
    dialogue.receive(black_box(support::GREETING.as_bytes()));
    dialogue.receive(black_box(support::EHLO.as_bytes()));
    dialogue.receive(black_box(b"220 2.0.0 Ready\r\n"))
}

#[divan::bench]
fn escape_text(bencher: Bencher) {
    let bytes = b"v=spf1 include:_spf.example.net ip4:192.0.2.0/24 ip6:2001:db8::/32 -all";
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| text::escape(black_box(bytes)));
}

/// A DNS answer of one MX record and one of two TXT records, from bytes to what the stages work with.
#[divan::bench(args = ["mx", "txt"])]
fn dns_answer(bencher: Bencher, kind: &str) {
    let name = b"\x07example\x03org\x00";
    let (number, kind, data): (u8, Kind, Vec<&[u8]>) = match kind {
        "mx" => (15, Kind::Mx, vec![b"\x00\x0a\x02mx\xc0\x0c"]),
        _ => (16, Kind::Txt, vec![b"\x0bv=spf1 -all", b"\x1cv=STSv1; id=20261125T120000;"]),
    };
    let mut packet = vec![0, 7, 0x81, 0x80, 0, 1, 0, data.len() as u8, 0, 0, 0, 0];
    packet.extend_from_slice(name);
    packet.extend([0, number, 0, 1]);
    for data in data {
        packet.extend([0xc0, 12, 0, number, 0, 1, 0, 0, 14, 16, 0, data.len() as u8]);
        packet.extend_from_slice(data);
    }
    assert!(read_packet("example.org", kind, &packet).is_some_and(|answer| !answer.records.is_empty()));
    bencher.bench(|| read_packet("example.org", kind, black_box(&packet)));
}

#[divan::bench]
fn describe_certificate(bencher: Bencher) {
    let identity = Identity::new(HOST);
    bencher.bench(|| pkix::describe(black_box(&identity.chain[0])));
}

/// Two signatures, the name and the dates: what the judge does once per distinct chain and name.
#[divan::bench]
fn verify_chain(bencher: Bencher) {
    let identity = Identity::new(HOST);
    let store = TrustStore::from_certificates([identity.root.to_vec()]);
    let chain: Vec<&[u8]> = identity.chain.iter().map(AsRef::as_ref).collect();
    assert!(pkix::verify(&chain, HOST, AT, &store).failures.is_empty());
    bencher.bench(|| pkix::verify(black_box(&chain), HOST, AT, &store));
}

/// Domains that share one host, as most do: chains are validated once, so this is the judge itself.
#[divan::bench]
fn judge_domain(bencher: Bencher) {
    let identity = Identity::new(HOST);
    let store = TrustStore::from_certificates([identity.root.to_vec()]);
    let mut certificates = Certificates::new();
    let fingerprints: Vec<String> = identity.chain.iter().map(|der| pkix::fingerprint(der)).collect();
    for (fingerprint, der) in fingerprints.iter().zip(&identity.chain) {
        certificates.insert(fingerprint, der);
    }
    let facts = HostFacts::read(&host_row(), &[endpoint_row(&fingerprints)], &certificates);
    let hosts = std::collections::HashMap::from([(HOST.to_owned(), facts)]);
    let (domain, policy): (DomainRow, PolicyRow) = (domain_row(7), policy_row(&fingerprints));
    let judge = Judge::new(Parameters { at: Some(AT * 1_000_000), lenient: false }, &store, &certificates);
    let judged = judge.domain(&domain, Some(&policy), &hosts);
    assert_eq!(judged.verdict.sts_verdict.word(), "pass", "{judged:?}");
    bencher.counter(ItemsCount::new(1u32)).bench(|| judge.domain(black_box(&domain), Some(&policy), &hosts));
}

/// Rows of a table written as Parquet: to Arrow, compressed, synced.
#[divan::bench(args = ["domains", "endpoints"])]
fn write_rows(bencher: Bencher, table: &str) {
    match table {
        "domains" => write(bencher, (0..ROWS).map(domain_row).collect()),
        _ => write(bencher, (0..ROWS).map(|_| endpoint_row(&["00".repeat(32)])).collect()),
    }
}

/// The same rows read back.
#[divan::bench]
fn read_domains(bencher: Bencher) {
    let dir = folder::<DomainRow>();
    let mut writer = TableWriter::new(dir.path(), &author(), whole()).expect("a writer");
    (0..ROWS).for_each(|n| drop(writer.push(domain_row(n)).expect("written")));
    writer.finish().expect("closed");
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let table = TableReader::distinct(dir.path(), DomainRow::TABLE).expect("a table");
        assert_eq!(table.rows::<DomainRow>().filter(Result::is_ok).count(), ROWS);
    });
}

const ROWS: usize = 8192;

fn write<R: Row + Clone + Send + Sync>(bencher: Bencher, rows: Vec<R>) {
    let dir = folder::<R>();
    bencher.counter(ItemsCount::new(rows.len())).with_inputs(|| rows.clone()).bench_values(|rows| {
        let mut writer = TableWriter::new(dir.path(), &author(), whole()).expect("a writer");
        for row in rows {
            writer.push(row).expect("written");
        }
        writer.finish().expect("closed")
    });
}

fn folder<R: Row>() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join(R::TABLE.name)).expect("a folder in it");
    dir
}

fn author() -> Author {
    Author { worker: "w1".to_owned(), run: 1 }
}

fn whole() -> PartSize {
    PartSize { rows: usize::MAX, age: Duration::MAX }
}

fn row<R: DeserializeOwned>(value: Value) -> R {
    serde_json::from_value(value).expect("fields of the row")
}

fn domain_row(n: usize) -> DomainRow {
    row(json!({
        "domain": format!("bench-{n}.example"), "rank": n, "worker": "w1", "observed_at": AT * 1_000_000,
        "mx_status": "present", "mx_dnssec": "insecure", "mx_ttl": 3600, "mx_cnames": [],
        "mx": [{"preference": 10, "host": HOST}], "mx_truncated": false,
        "sts_txt_status": "found", "sts_txt_dnssec": "insecure", "sts_txt_ttl": 300, "sts_txt": ["v=STSv1; id=1;"],
        "sts_txt_truncated": false, "sts_txt_cnames": [],
        "tlsrpt_status": "nxdomain", "tlsrpt_dnssec": "insecure", "tlsrpt_txt": [],
        "spf_status": "found", "spf_dnssec": "insecure", "spf_txt": ["v=spf1 include:_spf.bench.example -all"],
        "dmarc_status": "found", "dmarc_dnssec": "insecure", "dmarc_txt": ["v=DMARC1; p=none"],
    }))
}

fn policy_row(chain: &[String]) -> PolicyRow {
    let body = b"version: STSv1\nmode: enforce\nmx: mx.bench.example\nmax_age: 604800\n";
    row(json!({
        "domain": "bench-7.example", "policy_host": HOST, "worker": "w1", "policy_stage": "done",
        "policy_observed_at": AT * 1_000_000, "policy_attempts": [], "policy_addresses": ["127.0.0.1"],
        "policy_addresses_truncated": false, "policy_key_proof": "verified", "policy_http_status": 200,
        "policy_content_type": "text/plain", "policy_body": body.as_slice(), "policy_body_truncated": false, "policy_chain": chain,
        "policy_chain_truncated": false,
    }))
}

fn host_row() -> MxHostRow {
    row(json!({
        "host": HOST, "worker": "w1", "observed_at": AT * 1_000_000, "host_status": "ok", "cnames": [],
        "a_status": "found", "a_dnssec": "insecure", "aaaa_status": "nodata", "aaaa_dnssec": "insecure",
        "addresses": ["127.0.0.1"], "addresses_truncated": false, "tlsa_truncated": false,
        "tlsa_lookups": [{"name": format!("_25._tcp.{HOST}"), "status": "nxdomain", "dnssec": "insecure", "records": []}],
    }))
}

fn endpoint_row(chain: &[String]) -> EndpointRow {
    row(json!({
        "host": HOST, "server_name": HOST, "ip": "127.0.0.1", "port": 25, "worker": "w1",
        "observed_at": AT * 1_000_000, "connections": 1, "stage": "done",
        "attempt_log": [{"at": AT * 1_000_000, "stage": "done", "ms": 12.5}],
        "banner": "mx.bench.example ESMTP", "banner_truncated": false, "ehlo_name": HOST, "helo_used": false,
        "ehlo_capabilities": ["SIZE 52428800", "8BITMIME", "PIPELINING", "STARTTLS"],
        "ehlo_capabilities_truncated": false, "ehlo_tls_capabilities": ["SIZE 52428800", "8BITMIME"],
        "reply_code": 220, "reply_text": "2.0.0 Ready", "reply_text_truncated": false, "starttls": true,
        "injected": false, "tls_version": "TLSv1.3", "cipher_suite": "TLS_AES_256_GCM_SHA384",
        "key_exchange": "X25519", "signature_scheme": "ecdsa_secp256r1_sha256", "key_proof": "verified",
        "chain": chain, "chain_truncated": false, "connect_ms": 1.0, "banner_ms": 2.0, "tls_ms": 3.0, "total_ms": 9.0,
    }))
}
