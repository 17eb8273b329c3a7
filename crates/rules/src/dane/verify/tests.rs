use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use sha2::{Digest, Sha256, Sha384, Sha512, Sha512_256};

use super::*;
use crate::dane::matching::{is_of_certificate, transform};
use crate::dane::record::{Matching, Selector};
use crate::pkix::testing::{
    Authority, JAN_2025, JAN_2027, NOW, authority_params, borrow, dated, fixture, fixtures, leaf_params, spki_of,
};

const MX: &str = "mx.example";

/// Published data for a certificate.
fn tlsa(usage: u8, selector: u8, matching: u8, der: &[u8]) -> TlsaRecord {
    let selected = if Selector::from(selector) == Selector::Spki { spki_of(der) } else { der.to_vec() };
    raw(usage, selector, matching, transform(&selected, Matching::from(matching)).unwrap())
}

fn raw(usage: u8, selector: u8, matching: u8, data: impl AsRef<[u8]>) -> TlsaRecord {
    TlsaRecord { usage, selector, matching, data: hex::encode(data) }
}

fn read(records: &[TlsaRecord], chain: &[Vec<u8>]) -> DaneReading {
    bare(verify(records, &borrow(chain), &[MX], NOW))
}

/// Without what is told beside the verdict.
fn bare(reading: DaneReading) -> DaneReading {
    DaneReading { details: Vec::new(), refused_by: Vec::new(), work: 0, ..reading }
}

const NOTHING: DaneReading = DaneReading {
    result: DaneResult::Unusable,
    record: None,
    depth: None,
    cause: None,
    agility_changed: false,
    details: Vec::new(),
    refused_by: Vec::new(),
    work: 0,
};

fn matched(record: usize, depth: Option<usize>) -> DaneReading {
    DaneReading { result: DaneResult::Match, record: Some(record), depth, ..NOTHING }
}

fn mismatch(cause: MismatchCause) -> DaneReading {
    DaneReading { result: DaneResult::Mismatch, cause: Some(cause), ..NOTHING }
}

/// Root, intermediate, leaf for mx.example.
fn world() -> (Authority, Authority, Vec<u8>) {
    let root = Authority::root("Root");
    let middle = root.intermediate("Middle");
    let leaf = middle.leaf(&[MX]);
    (root, middle, leaf)
}

fn expired_leaf(issuer: &Authority) -> Vec<u8> {
    issuer.sign(&dated(leaf_params(&[MX]), (2024, 1, 1), JAN_2025), &KeyPair::generate().unwrap())
}

#[test]
fn usage_3_is_the_leaf_and_nothing_else() {
    let (root, middle, leaf) = world();
    let chain = [leaf.clone(), middle.der(), root.der()];
    for selector in [0, 1] {
        for matching in 0..=2 {
            let record = tlsa(3, selector, matching, &leaf);
            assert_eq!(read(&[record], &chain), matched(0, Some(0)), "3 {selector} {matching}");
            let issuer = tlsa(3, selector, matching, &middle.der());
            assert_eq!(read(&[issuer], &chain), mismatch(MismatchCause::OtherCertificate), "3 {selector} {matching}");
        }
    }
    let mut params = dated(leaf_params(&["other.example"]), (2024, 1, 1), JAN_2025);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let shabby = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    for (leaf, why) in [
        (shabby, "expired, of another name, for clients, self-signed (RFC 7671 5.1)"),
        (fixture(fixtures::V1_SELF_SIGNED), "X.509 v1"),
        (fixture(fixtures::SHA1_SELF_SIGNED), "SHA-1"),
        (fixture(fixtures::RSA_1024_SELF_SIGNED), "short"),
    ] {
        assert_eq!(read(&[tlsa(3, 1, 1, &leaf)], std::slice::from_ref(&leaf)), matched(0, Some(0)), "{why}");
        assert_eq!(read(&[tlsa(3, 0, 2, &leaf)], std::slice::from_ref(&leaf)), matched(0, Some(0)), "{why}");
    }
    let nothing = bare(verify(&[tlsa(3, 0, 1, &leaf)], &[], &[MX], NOW));
    assert_eq!(nothing, mismatch(MismatchCause::Unknown), "no chain");
    let garbage = b"garbage".to_vec();
    assert_eq!(read(&[raw(3, 0, 1, Sha256::digest(&garbage))], &[garbage]), matched(0, Some(0)), "bytes are bytes");
}

#[test]
fn the_first_matching_record_is_named() {
    let (_, middle, leaf) = world();
    let records = [raw(3, 1, 1, [0; 32]), raw(1, 1, 1, [1; 32]), tlsa(2, 0, 1, &middle.der()), tlsa(3, 1, 1, &leaf)];
    assert_eq!(read(&records, &[leaf, middle.der()]), matched(2, Some(1)), "rollover and mixed usages");
    let unusable = [raw(1, 1, 1, [1; 32]), raw(3, 1, 1, [1; 31]), raw(3, 9, 9, [1; 9])];
    let reading = read(&unusable, &[middle.der()]);
    assert_eq!((reading.result, reading.cause, reading.record), (DaneResult::Unusable, None, None));
    assert_eq!(read(&[], &[middle.der()]).result, DaneResult::Unusable);
}

#[test]
fn usage_2_is_an_issuer_in_the_chain() {
    let (root, middle, leaf) = world();
    let [m, r] = [middle.der(), root.der()];
    let stranger = Authority::root("Stranger").der();
    for selector in [0, 1] {
        for matching in 0..=2 {
            let to_root = [tlsa(2, selector, matching, &r)];
            let to_middle = [tlsa(2, selector, matching, &m)];
            let chain = [leaf.clone(), m.clone(), r.clone()];
            assert_eq!(read(&to_root, &chain), matched(0, Some(2)), "2 {selector} {matching}");
            assert_eq!(read(&to_middle, &chain), matched(0, Some(1)), "2 {selector} {matching}");
            let shuffled = [leaf.clone(), stranger.clone(), r.clone(), m.clone(), leaf.clone()];
            assert_eq!(read(&to_root, &shuffled), matched(0, Some(2)), "2 {selector} {matching}");
            assert_eq!(read(&to_middle, &shuffled), matched(0, Some(3)), "2 {selector} {matching}");
        }
        // RFC 7671 §5.2.2: a digest needs the certificate, and §5.2.3: full data brings it along.
        let sent_without = [leaf.clone(), m.clone()];
        assert_eq!(read(&[tlsa(2, selector, 1, &r)], &sent_without), mismatch(MismatchCause::AnchorNotSent));
        assert_eq!(
            read(&[tlsa(2, selector, 0, &r)], &sent_without),
            matched(0, None),
            "2 {selector} 0 from the record"
        );
        assert_eq!(
            read(&[tlsa(2, selector, 0, &m)], std::slice::from_ref(&leaf)),
            matched(0, None),
            "straight above the leaf"
        );
        let gap = read(&[tlsa(2, selector, 0, &r)], std::slice::from_ref(&leaf));
        assert_eq!(gap, mismatch(MismatchCause::Unknown), "2 {selector} 0, and the intermediate is missing");
    }
    let chain = [leaf, m, stranger.clone()];
    assert_eq!(read(&[tlsa(2, 0, 1, &stranger)], &chain), mismatch(MismatchCause::Unknown), "sent, and not its issuer");
}

#[test]
fn usage_2_is_never_the_leaf() {
    let own = leaf_params(&[MX]).self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    for (selector, matching) in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2)] {
        let reading = read(&[tlsa(2, selector, matching, &own)], &[own.clone(), own.clone()]);
        assert_eq!(reading, mismatch(MismatchCause::OtherCertificate), "2 {selector} {matching}");
    }
    let bare = [tlsa(2, 1, 0, &own)];
    assert_eq!(read(&bare, std::slice::from_ref(&own)), matched(0, None), "a bare key signed it, as OpenSSL sees it");
    let (_, middle, leaf) = world();
    let reading = read(&[tlsa(2, 1, 0, &leaf)], &[leaf, middle.der()]);
    assert_eq!(reading, mismatch(MismatchCause::OtherCertificate), "a key that did not sign it");
}

#[test]
fn usage_2_wants_dates_a_name_and_a_purpose() {
    let (root, middle, _) = world();
    let record = [tlsa(2, 1, 1, &root.der())];
    let with = |leaf: Vec<u8>| vec![leaf, middle.der(), root.der()];
    assert_eq!(read(&record, &with(expired_leaf(&middle))), mismatch(MismatchCause::ChainExpired));
    assert_eq!(read(&record, &with(middle.leaf(&["x.example"]))), mismatch(MismatchCause::NameMismatch));
    let mut for_clients = leaf_params(&[MX]);
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let for_clients = middle.sign(&for_clients, &KeyPair::generate().unwrap());
    assert_eq!(read(&record, &with(for_clients)), mismatch(MismatchCause::Unknown), "RFC 5280 4.2.1.12");

    let past = root.intermediate_from(dated(authority_params("Past"), (2024, 1, 1), (2025, 6, 1)));
    let chain = [past.leaf(&[MX]), past.der(), root.der()];
    assert_eq!(read(&record, &chain), mismatch(MismatchCause::ChainExpired), "an issuer on the way");
    assert_eq!(read(&[tlsa(2, 0, 1, &past.der())], &chain), matched(0, Some(1)), "as the anchor it has no dates");
    let old = Authority::root_from(dated(authority_params("Old"), (2000, 1, 1), (2010, 1, 1)));
    assert_eq!(read(&[tlsa(2, 0, 1, &old.der())], &[old.leaf(&[MX]), old.der()]), matched(0, Some(1)));
    let ancient = root.intermediate_from(dated(authority_params("Ancient"), (2000, 1, 1), (2010, 1, 1)));
    let chain = [ancient.leaf(&[MX]), ancient.der(), root.der()];
    assert_eq!(read(&record, &chain), mismatch(MismatchCause::ChainExpired), "never in date together");
}

#[test]
fn usage_2_accepts_any_reference_identifier() {
    let root = Authority::root("Root");
    let record = [tlsa(2, 0, 1, &root.der())];
    let named = |sans: &[&str], common_name: Option<&str>| {
        let mut params = leaf_params(sans);
        if let Some(name) = common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        [root.sign(&params, &KeyPair::generate().unwrap()), root.der()]
    };
    for (sans, common_name, references, holds, why) in [
        (&["mx.example"][..], None, &["mx.example", "example"][..], true, "the base domain"),
        (&["example"], None, &["mx.example", "example"], true, "the next hop"),
        (&["other.example"], None, &["mx.example", "example"], false, "neither"),
        (&["*.example.org"], None, &["mx.example.org"], true, "a wildcard"),
        (&["mx.example"], None, &[], false, "no reference identifier, no match"),
        (&[], Some("mx.example"), &["mx.example"], true, "RFC 7672 3.2.3: a common name where there is no DNS-ID"),
        (&[], Some("*.example.org"), &["mx.example.org"], true, "with a wildcard too"),
        (&[], Some("*.org"), &["example.org"], false, "two labels must follow the asterisk"),
        (&[], Some("mx.example "), &["mx.example"], false, "not a name"),
        (&["other.example"], Some("mx.example"), &["mx.example"], false, "but there is a DNS-ID"),
        (&["192.0.2.1"], Some("mx.example"), &["mx.example"], true, "an address is no DNS-ID"),
        (&[], Some("192.0.2.1"), &["192.0.2.1"], false, "an address is no reference identifier"),
    ] {
        let result = bare(verify(&record, &borrow(&named(sans, common_name)), references, NOW));
        let expected = if holds { matched(0, Some(1)) } else { mismatch(MismatchCause::NameMismatch) };
        assert_eq!(result, expected, "{why}");
    }
}

#[test]
fn digest_agility() {
    let (_, middle, leaf) = world();
    let chain = [leaf.clone(), middle.der()];
    let good = tlsa(3, 1, 1, &leaf);
    let stale = raw(3, 1, 2, [7; 64]);
    let reading = read(&[stale.clone(), good.clone()], &chain);
    assert_eq!(reading, DaneReading { agility_changed: true, ..mismatch(MismatchCause::Unknown) }, "RFC 7671 9");
    let stale_too = raw(3, 1, 1, [7; 32]);
    assert_eq!(read(&[stale.clone(), stale_too], &chain), mismatch(MismatchCause::Unknown), "stale either way");
    assert_eq!(read(&[stale.clone(), tlsa(3, 0, 1, &leaf)], &chain), matched(1, Some(0)), "of another selector");
    assert_eq!(read(&[stale.clone(), tlsa(2, 1, 1, &middle.der())], &chain), matched(1, Some(1)), "of another usage");
    assert_eq!(read(&[stale, tlsa(3, 1, 0, &leaf)], &chain), matched(1, Some(0)), "full data is no digest");
    assert_eq!(read(&[good, tlsa(3, 1, 2, &leaf)], &chain), matched(1, Some(0)), "the strong one is named");
}

#[test]
fn records_of_a_certificate_whatever_their_usage() {
    let (_, middle, leaf) = world();
    for (usage, selector, matching) in [(3, 1, 1), (2, 0, 2), (0, 0, 0), (1, 1, 2)] {
        let record = tlsa(usage, selector, matching, &leaf);
        assert!(is_of_certificate(&record, &leaf) && !is_of_certificate(&record, &middle.der()));
    }
    assert!(!is_of_certificate(&tlsa(3, 1, 1, &leaf), b"no certificate"));
}

#[test]
fn causes() {
    let (root, middle, leaf) = world();
    let [m, r] = [middle.der(), root.der()];
    let chain = [leaf.clone(), m.clone(), r];
    let key = spki_of(&leaf);
    let stale = raw(3, 1, 1, [7; 32]);
    let sha256 = |bytes: &[u8]| Sha256::digest(bytes).to_vec();
    let pem = |text: &str| text.replace("LEAF", fixtures::RSA_2048_ISSUED.trim());
    let fixed = fixture(fixtures::RSA_2048_ISSUED);
    use MismatchCause::*;
    for (records, expected, why) in [
        (vec![stale.clone()], Unknown, "an earlier certificate"),
        (vec![raw(3, 1, 1, sha256(&leaf))], WrongSelector, "digest of the certificate as that of the key"),
        (vec![raw(3, 0, 2, Sha512::digest(&key))], WrongSelector, "the other way round"),
        (vec![raw(2, 1, 1, sha256(&m))], WrongSelector, "the same for an issuer"),
        (vec![raw(3, 1, 1, sha256(&m))], OtherCertificate, "another certificate goes before the selector"),
        (vec![tlsa(2, 1, 1, &leaf)], OtherCertificate, "usage 2 with the leaf"),
        (vec![stale.clone(), raw(3, 1, 2, sha256(&key))], WrongMatchingType, "unusable, and it explains"),
        (vec![stale.clone(), raw(3, 1, 1, Sha512::digest(&key))], WrongMatchingType, ""),
        (vec![stale.clone(), raw(3, 1, 0, sha256(&key))], WrongMatchingType, "a digest said to be full data"),
        (vec![stale.clone(), raw(3, 0, 0, &key)], WrongSelector, "a key said to be a certificate"),
        (vec![raw(3, 1, 1, &Sha512::digest(&key)[..32])], WrongMatchingType, "cut to fit"),
        (vec![raw(3, 0, 1, &Sha384::digest(&leaf)[..32])], WrongMatchingType, "SHA-384 cut to fit"),
        (vec![raw(3, 1, 1, Sha512_256::digest(&key))], WrongMatchingType, "SHA-512/256"),
        (vec![raw(3, 1, 2, [sha256(&key), vec![0; 32]].concat())], WrongMatchingType, "padded to fit"),
        (vec![raw(3, 1, 2, [sha256(&key), sha256(&key)].concat())], WrongMatchingType, "written twice to fit"),
        (vec![raw(3, 1, 2, [sha256(&key), vec![7; 32]].concat())], Unknown, "half of it is anybody's guess"),
        (vec![raw(3, 1, 1, sha256(b""))], EmptyDigest, "the digest of nothing"),
        (vec![raw(3, 0, 2, Sha512::digest(b""))], EmptyDigest, ""),
        (vec![raw(2, 1, 1, sha256(b""))], EmptyDigest, "goes before the missing anchor"),
        (vec![raw(3, 1, 2, hex::encode(sha256(&key)))], TextAsData, "the digest in hex letters, 64 of them"),
        (vec![stale.clone(), raw(3, 1, 1, hex::encode(sha256(&key)))], TextAsData, "the same, unusable"),
        (vec![stale.clone(), raw(3, 0, 0, pem("LEAF"))], TextAsData, "PEM pasted"),
        (vec![raw(2, 1, 1, [7; 32])], AnchorNotSent, ""),
        (vec![raw(2, 1, 1, [7; 32]), stale.clone()], AnchorNotSent, ""),
        (vec![raw(2, 1, 1, [7; 32]), raw(3, 1, 1, sha256(&leaf))], WrongSelector, "the closest to a match wins"),
        (vec![stale.clone(), raw(1, 1, 1, sha256(&leaf))], Unknown, "usages 0 and 1 explain nothing"),
    ] {
        assert_eq!(read(&records, &chain), mismatch(expected), "{why}");
        let reversed: Vec<TlsaRecord> = records.into_iter().rev().collect();
        assert_eq!(read(&reversed, &chain), mismatch(expected), "{why}, reversed");
    }
    for text in ["LEAF", "LEAF\n"] {
        for (usage, matching, data) in [
            (3, 1, sha256(pem(text).as_bytes())),
            (3, 2, Sha512::digest(pem(text)).to_vec()),
            (3, 1, sha256(pem(text).replace('\n', "\r\n").as_bytes())),
            (2, 1, sha256(pem(text).as_bytes())),
        ] {
            let reading = read(&[raw(usage, 0, matching, data)], &[fixed.clone(), m.clone()]);
            assert_eq!(reading, mismatch(TextAsData), "the digest of a PEM file");
        }
    }
}

#[test]
fn a_leaf_of_an_authority_kind_passes_under_its_anchor() {
    let root = Authority::root("Root");
    let mut params: CertificateParams = authority_params("Leaf and authority");
    params.subject_alt_names = leaf_params(&[MX]).subject_alt_names;
    let leaf = root.sign(&dated(params, JAN_2025, JAN_2027), &KeyPair::generate().unwrap());
    assert_eq!(read(&[tlsa(2, 0, 1, &root.der())], &[leaf, root.der()]), matched(0, Some(1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_order_of_records_and_chain_changes_no_verdict(
        choice in proptest::collection::vec(0usize..9, 1..6),
        seed in any::<prop::sample::Index>(),
    ) {
        let (root, middle, leaf) = world();
        let [m, r] = [middle.der(), root.der()];
        let menu = [
            tlsa(3, 1, 1, &leaf), raw(3, 1, 2, [7; 64]), raw(3, 1, 1, [7; 32]), tlsa(2, 0, 1, &r), tlsa(2, 1, 0, &r),
            tlsa(2, 1, 2, &m), raw(2, 1, 1, [7; 32]), raw(1, 1, 1, [7; 32]), raw(3, 0, 1, Sha256::digest(b"")),
        ];
        let records: Vec<TlsaRecord> = choice.iter().map(|index| menu[*index].clone()).collect();
        let mut turned = records.clone();
        turned.rotate_left(seed.index(records.len()));
        let one = read(&records, &[leaf.clone(), m.clone(), r.clone()]);
        let two = read(&turned, &[leaf, r, m]);
        prop_assert_eq!((one.result, one.cause, one.agility_changed), (two.result, two.cause, two.agility_changed));
        prop_assert_eq!(one.cause.is_some(), one.result == DaneResult::Mismatch);
        prop_assert_eq!(one.record.is_some(), one.result == DaneResult::Match);
    }

    #[test]
    fn any_record_gets_a_verdict(usage: u8, selector in 0u8..4, matching in 0u8..4, data: Vec<u8>, chain: Vec<Vec<u8>>) {
        let reading = read(&[raw(usage, selector, matching, &data)], &chain);
        prop_assert_eq!(reading.result == DaneResult::Unusable, !crate::dane::is_usable(&raw(usage, selector, matching, &data)));
    }
}
