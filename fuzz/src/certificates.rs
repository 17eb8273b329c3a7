//! Certificates, chains of them, and TLSA records against chains.

use mxcensus_rules::dane::{self, DaneResult};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::TlsaRecord;
use mxcensus_rules::pkix::{self, TrustStore};
use sha2::{Digest, Sha256, Sha512};

use super::{assert_harmless, orders};

/// Instants that make a difference: the ends of the type, the epoch, within and after the certificates of the corpus.
const INSTANTS: [i64; 8] = [1_750_000_000, 1_800_000_000, 4_000_000_000, 0, -1, i64::MIN, i64::MAX, 253_402_300_800];

/// One certificate.
pub fn certificate(der: &[u8]) {
    let row = pkix::describe(der);
    assert_eq!(row.sha256, pkix::fingerprint(der));
    assert_eq!(row.der, der);
    assert!(row.subject.is_some() || row.parse_error.is_some(), "read, or a reason why not");
    assert_eq!(row.subject.is_some(), row.spki_sha256.is_some());
    let names = row.dns_names.iter().flatten();
    let texts = [&row.subject, &row.issuer, &row.serial, &row.common_name, &row.signature_algorithm, &row.parse_error];
    for text in texts.into_iter().flatten().chain(names) {
        assert_harmless(text);
        assert!(text.len() <= 8 * der.len() + 200, "{text:?} is longer than what it tells");
    }
    if row.parse_error.is_none() {
        assert_eq!(
            row.not_after.map(|micros| micros.div_euclid(1_000_000)),
            pkix::leaf_not_after(der).filter(|_| row.not_after.is_some()),
            "two ways to the same date"
        );
    }
}

/// An instant, which certificates are roots (one bit each), and certificates back to back, the leaf first.
pub fn chain(data: &[u8]) {
    let [at, roots, ders @ ..] = data else { return };
    let at = INSTANTS[usize::from(*at) % INSTANTS.len()];
    let certificates = cut(ders);
    let roots = certificates.iter().enumerate().filter(|(index, _)| *index < 8 && roots & (1 << index) != 0);
    let store = TrustStore::from_certificates(roots.map(|(_, der)| der.to_vec()));
    let reading = pkix::verify(&certificates, "mx.example", at, &store);

    assert!(reading.failures.is_sorted_by_key(|word| DECIDING_ORDER.iter().position(|one| one == word)));
    assert!(reading.failures.iter().all(|word| DECIDING_ORDER.contains(word)), "{:?}", reading.failures);
    assert!(reading.failures.windows(2).all(|pair| pair[0] != pair[1]), "each word once");
    let has = |word| reading.failures.contains(&word);
    assert!(!(has(Failure::CertSelfSigned) && has(Failure::CertUnknownIssuer)));
    assert!(!reading.failures.is_empty() || !reading.anchors.is_empty(), "valid by some root");
    let chain_words =
        [Failure::CertSelfSigned, Failure::CertUnknownIssuer, Failure::CertExpired, Failure::CertNotYetValid];
    assert!(reading.anchors.is_empty() || !chain_words.into_iter().any(has), "a root suffices: {reading:?}");
    assert!(!reading.intermediate_missing || has(Failure::CertUnknownIssuer));
    assert!(reading.anchors.is_sorted() && reading.anchors.iter().all(|anchor| store.contains(anchor)));

    let Some((leaf, others)) = certificates.split_first() else { return };
    for mut order in orders(others) {
        order.insert(0, leaf);
        assert_eq!(pkix::verify(&order, "mx.example", at, &store), reading, "the order behind the leaf");
    }
    let doubled = [&certificates[..], others, &[leaf]].concat();
    assert_eq!(pkix::verify(&doubled, "mx.example", at, &store), reading, "duplicates");
    let renamed = pkix::verify(&certificates, "other.example", at, &store);
    assert_eq!(renamed.anchors, reading.anchors, "anchors do not ask for the name");
    // Each root that is said to suffice does so alone.
    for anchor in &reading.anchors {
        let gone: Vec<&str> = store.fingerprints().filter(|one| one != anchor).collect();
        let alone = pkix::verify(&certificates, "mx.example", at, &store.without(&gone));
        assert_eq!((&alone.anchors, &alone.failures), (&vec![anchor.clone()], &reading.failures));
    }
    let none = pkix::verify(&certificates, "mx.example", at, &store.without(&reading.anchors));
    assert!(none.anchors.is_empty(), "without them nothing is left");
}

const DECIDING_ORDER: [Failure; 8] = [
    Failure::CertInvalid,
    Failure::CertSelfSigned,
    Failure::CertUnknownIssuer,
    Failure::CertExpired,
    Failure::CertNotYetValid,
    Failure::CertNameMismatch,
    Failure::CertUnsupported,
    Failure::CertTooMuchWork,
];

/// An instant, up to seven records, and certificates back to back. A record is usage, selector, matching type and a
/// length, then data; from 0x80 on the length stands for the right data of a certificate of the chain.
pub fn tlsa(data: &[u8]) {
    let [at, rest @ ..] = data else { return };
    let count = usize::from(at >> 5);
    let at = INSTANTS[usize::from(at & 0x1f) % INSTANTS.len()];
    let mut rest = rest;
    let mut heads = Vec::new();
    for _ in 0..count {
        let [usage, selector, matching, length, after @ ..] = rest else { break };
        let taken = if *length < 0x80 { usize::from(*length).min(after.len()) } else { 0 };
        heads.push((*usage, *selector, *matching, *length, &after[..taken]));
        rest = &after[taken..];
    }
    let certificates = cut(rest);
    let record = |(usage, selector, matching, length, data): (u8, u8, u8, u8, &[u8])| {
        let data = if length < 0x80 {
            hex::encode(data)
        } else {
            certificates
                .get(usize::from(length & 0x7f))
                .and_then(|der| association(der, selector, matching))
                .unwrap_or_default()
        };
        TlsaRecord { usage, selector, matching, data }
    };
    let records: Vec<TlsaRecord> = heads.into_iter().map(record).collect();
    check_tlsa(&records, &certificates, at);
}

fn check_tlsa(records: &[TlsaRecord], certificates: &[&[u8]], at: i64) {
    const NAMES: [&str; 2] = ["mx.example", "next-hop.example"];
    let selection = dane::select(records);
    assert!(selection.usable.is_sorted() && selection.selected.iter().all(|index| selection.usable.contains(index)));
    assert_eq!(selection.usable.is_empty(), selection.selected.is_empty(), "agility leaves one at least");
    for (index, record) in records.iter().enumerate() {
        assert_eq!(selection.usable.contains(&index), dane::is_usable(record));
        assert!(matches!(record.usage, 2 | 3) || !dane::is_usable(record), "RFC 7672 3.1.3");
    }
    let reading = dane::verify(records, certificates, &NAMES, at);
    assert_eq!(reading.result == DaneResult::Unusable, selection.usable.is_empty());
    assert_eq!(reading.result == DaneResult::Match, reading.record.is_some());
    assert_eq!(reading.result == DaneResult::Mismatch, reading.cause.is_some());
    let unmatched = matches!(reading.result, DaneResult::Mismatch | DaneResult::Undecided);
    assert!(!reading.agility_changed || unmatched);
    assert!(reading.record.is_none_or(|index| selection.selected.contains(&index)));
    assert!(reading.depth.is_none_or(|depth| depth < certificates.len() && reading.record.is_some()));

    // Usage 3 by our own comparison: that, and nothing else, decides (RFC 7671 5.1).
    if let Some(leaf) = certificates.first() {
        let equal = |index: &usize| {
            let TlsaRecord { usage, selector, matching, data } = &records[*index];
            *usage == 3 && association(leaf, *selector, *matching).is_some_and(|own| own == *data)
        };
        if selection.selected.iter().any(equal) {
            assert_eq!(reading.result, DaneResult::Match);
        }
        if let Some(index) = reading.record {
            // The digest of a key under SHA-512, and a bare key, are not within reach of this check.
            let checked = records[index].selector == 0 || records[index].matching == 1;
            assert!(records[index].usage == 2 || !checked || equal(&index), "{records:?} {reading:?}");
            assert!(records[index].usage == 3 || reading.depth != Some(0), "usage 2 is about an issuer");
        }
        if !certificates.is_empty() && selection.usable.iter().all(|index| records[*index].usage == 3) {
            for instant in INSTANTS {
                assert_eq!(dane::verify(records, certificates, &[], instant), reading, "neither name nor date");
            }
        }
    }

    let same = |other: dane::DaneReading, why: &str| {
        assert_eq!(
            (other.result, other.cause, other.agility_changed),
            (reading.result, reading.cause, reading.agility_changed),
            "{why}"
        );
    };
    for order in orders(records) {
        same(dane::verify(&order, certificates, &NAMES, at), "the order of records");
    }
    if let Some((leaf, others)) = certificates.split_first() {
        for mut order in orders(others) {
            order.insert(0, leaf);
            same(dane::verify(records, &order, &NAMES, at), "the order behind the leaf");
        }
    }
    let doubled = [records, records].concat();
    same(dane::verify(&doubled, certificates, &NAMES, at), "records twice");
    same(dane::verify(records, certificates, &["next-hop.example", "mx.example"], at), "the order of names");
    let more: Vec<&str> = [&NAMES[..], &["third.example"]].concat();
    let wider = dane::verify(records, certificates, &more, at);
    assert!(reading.result != DaneResult::Match || wider.result == DaneResult::Match, "a name more never un-matches");
}

/// RFC 6698 2.1.4 once more, as far as it goes without reading keys: hex.
fn association(der: &[u8], selector: u8, matching: u8) -> Option<String> {
    match (selector, matching) {
        (0, 0) => Some(hex::encode(der)),
        (0, 1) => Some(hex::encode(Sha256::digest(der))),
        (0, 2) => Some(hex::encode(Sha512::digest(der))),
        (1, 1) => pkix::describe(der).spki_sha256,
        _ => None,
    }
}

/// Cuts bytes into DER elements by their own lengths; what is no element is the last one.
fn cut(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    // More would only make each execution slow: cut off, not refused, so that every input does something.
    while !bytes.is_empty() && elements.len() < 6 {
        let (element, rest) = bytes.split_at(element_length(bytes).unwrap_or(bytes.len()).min(bytes.len()));
        elements.push(element);
        bytes = rest;
    }
    elements
}

fn element_length(bytes: &[u8]) -> Option<usize> {
    let first = usize::from(*bytes.get(1)?);
    if first < 0x80 {
        return Some(2 + first);
    }
    let octets = bytes.get(2..2 + (first & 0x7f).min(3))?;
    let length = octets.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    Some(2 + octets.len() + length)
}
