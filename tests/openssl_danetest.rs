//! OpenSSL's own DANE test set (`tests/data/openssl`) through our DANE rule.
//!
//! OpenSSL verifies DANE in general (RFC 6698, RFC 7671), we verify DANE for SMTP (RFC 7672). [`expected`] says what its
//! verdicts mean here; nothing else may differ.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use mxcensus_rules::dane::{self, DaneResult};
use mxcensus_rules::observation::TlsaRecord;
use mxcensus_rules::verdict::MismatchCause;

/// X509_V_OK, X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_DANE_NO_MATCH of OpenSSL.
const OK: u32 = 0;
const HOSTNAME_MISMATCH: u32 = 62;
const DANE_NO_MATCH: u32 = 65;

/// Any instant within the dates of the certificates, of which all but the "never valid" ones last for a thousand years.
const AT: i64 = 1_800_000_000;

/// A block of the test set: `<TLSA-count> <cert-count> <nonamechecks> <desired-verify-result> <desired-match-depth>`,
/// then the records, then the certificates.
struct Case {
    number: usize,
    no_name_checks: bool,
    result: u32,
    depth: Option<usize>,
    records: Vec<TlsaRecord>,
    chain: Vec<Vec<u8>>,
}

fn read(text: &str) -> Vec<Case> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut cases = Vec::new();
    while let Some(header) = lines.next() {
        let fields: Vec<i64> = header.split_whitespace().map(|field| field.parse().unwrap()).collect();
        let [records, certificates, no_name_checks, result, depth] = fields[..] else { panic!("{header}") };
        let records = (0..records).map(|_| record(lines.next().unwrap())).collect();
        let chain = (0..certificates).map(|_| certificate(&mut lines)).collect();
        cases.push(Case {
            number: cases.len() + 1,
            no_name_checks: no_name_checks == 1,
            result: u32::try_from(result).unwrap(),
            depth: usize::try_from(depth).ok(),
            records,
            chain,
        });
    }
    cases
}

fn record(line: &str) -> TlsaRecord {
    let mut fields = line.split_whitespace();
    let mut number = || fields.next().unwrap().parse().unwrap();
    let (usage, selector, matching) = (number(), number(), number());
    TlsaRecord { usage, selector, matching, data: fields.collect::<String>().to_ascii_lowercase() }
}

fn certificate<'l>(lines: &mut impl Iterator<Item = &'l str>) -> Vec<u8> {
    lines.find(|line| line.starts_with("-----BEGIN ")).expect("a certificate");
    let base64: String = lines.take_while(|line| !line.starts_with("-----END ")).map(str::trim).collect();
    BASE64.decode(base64).unwrap()
}

/// What OpenSSL's verdict means under RFC 7672, and at which depth the record matches.
fn expected(case: &Case) -> (DaneResult, Option<usize>) {
    // RFC 7672 §3.1.3: usages 0 and 1 are treated as unusable. OpenSSL uses them, with the roots in danetest.pem.
    if case.records.iter().all(|record| record.usage < 2) {
        return (DaneResult::Unusable, None);
    }
    let only_usage_3 = case.records.iter().all(|record| record.usage == 3);
    // RFC 7671 §5.1, RFC 7672 §3.1.1: usage 3 asks for no name. OpenSSL asks unless told not to (DANE_FLAG_NO_DANE_EE_NAMECHECKS),
    // for applications in which a certificate of another service could be passed off (RFC 7671 §5.1, last paragraph).
    let name_is_not_asked = only_usage_3 && case.result == HOSTNAME_MISMATCH && !case.no_name_checks;
    if case.result != OK && !name_is_not_asked {
        return (DaneResult::Mismatch, None);
    }
    // RFC 7671 §5.2.3: what the record carries has a place in the chain only if it was sent as well. OpenSSL counts the
    // places of the chain that it has built; for a bare key, the place of the last certificate that the key has signed.
    let carried = case.records.iter().all(|record| (record.usage, record.matching) == (2, 0));
    let is_sent = |depth: usize| case.chain.get(depth).is_some_and(|der| hex::encode(der) == case.records[0].data);
    let sent = |depth: &usize| !carried || is_sent(*depth);
    (DaneResult::Match, case.depth.filter(sent))
}

fn check(case: &Case, base: &str) {
    let number = case.number;
    let chain: Vec<&[u8]> = case.chain.iter().map(Vec::as_slice).collect();
    let reading = dane::verify(&case.records, &chain, &[base], AT);
    let (result, depth) = expected(case);
    assert_eq!((reading.result, reading.depth), (result, depth), "test {number}");
    match case.result {
        HOSTNAME_MISMATCH if result == DaneResult::Mismatch => {
            assert_eq!(reading.cause, Some(MismatchCause::NameMismatch), "test {number}");
        }
        DANE_NO_MATCH => assert_eq!(reading.record, None, "test {number}"),
        _ => {}
    }
}

#[test]
fn every_case_has_openssls_verdict_as_rfc_7672_reads_it() {
    let cases = read(include_str!("data/openssl/danetest.in"));
    assert_eq!(cases.len(), 54);
    cases.iter().for_each(|case| check(case, "example.com"));
    // Each kind of verdict is there, so that a reader that skips blocks would be noticed.
    let count = |result| cases.iter().filter(|case| expected(case).0 == result).count();
    assert_eq!([DaneResult::Match, DaneResult::Mismatch, DaneResult::Unusable].map(count), [28, 6, 20]);
}

#[test]
fn an_anchor_from_dns_ends_a_cross_signed_chain() {
    let cases = read(include_str!("data/openssl/dane-cross.in"));
    assert_eq!(cases.len(), 1);
    cases.iter().for_each(|case| check(case, "server.example"));
}

#[test]
fn the_host_that_openssl_was_asked_for_is_what_decides() {
    let cases = read(include_str!("data/openssl/danetest.in"));
    for case in cases.iter().filter(|case| case.records.iter().all(|record| record.usage == 2)) {
        let chain: Vec<&[u8]> = case.chain.iter().map(Vec::as_slice).collect();
        let reading = dane::verify(&case.records, &chain, &["other.example"], AT);
        assert_eq!(reading.result, DaneResult::Mismatch, "test {}", case.number);
    }
}
