use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints,
};

use super::*;
use crate::failure::Failure::*;
use crate::pkix::fingerprint;
use crate::pkix::testing::{
    Authority, Date, JAN_2025, JAN_2026, JAN_2027, NOW, authority_params, borrow, dated, fixture, fixtures,
    flip_last_byte, leaf_params, seconds,
};

const MX: &str = "mx.example";

fn store(roots: &[&Authority]) -> TrustStore {
    TrustStore::from_certificates(roots.iter().map(|root| root.der()))
}

fn read(chain: &[Vec<u8>], store: &TrustStore) -> PkixReading {
    verify(&borrow(chain), MX, NOW, store)
}

fn failures(chain: &[Vec<u8>], store: &TrustStore) -> Vec<Failure> {
    read(chain, store).failures
}

fn self_signed(params: &CertificateParams) -> Vec<u8> {
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

#[test]
fn a_good_chain_is_valid_in_any_order_with_any_company() {
    let (root, stranger) = (Authority::root("Root"), Authority::root("Stranger"));
    let upper = root.intermediate("Upper");
    let lower = upper.intermediate("Lower");
    let leaf = lower.leaf(&[MX]);
    let store = store(&[&root]);
    let [u, l, r, s] = [upper.der(), lower.der(), root.der(), stranger.leaf(&["x.example"])];
    let garbage = b"not a certificate".to_vec();
    for (rest, why) in [
        (vec![l.clone(), u.clone()], "in order"),
        (vec![u.clone(), l.clone()], "in the wrong order"),
        (vec![l.clone(), u.clone(), r.clone()], "with the root"),
        (vec![r, u.clone(), l.clone(), l.clone(), leaf.clone()], "upside down, with duplicates"),
        (vec![garbage, stranger.der(), l, s, u], "among strangers and garbage"),
    ] {
        let chain: Vec<Vec<u8>> = [vec![leaf.clone()], rest].concat();
        let reading = read(&chain, &store);
        assert_eq!(reading.failures, [], "{why}");
        assert_eq!(reading.anchors, [fingerprint(&root.der())], "{why}");
        assert_eq!(reading.leaf_not_after, Some(seconds(JAN_2027)), "{why}");
        assert!(!reading.intermediate_missing, "{why}");
    }
}

#[test]
fn several_failures_are_all_listed_in_deciding_order() {
    let (root, other) = (Authority::root("Root"), Authority::root("Other"));
    let trusted = store(&[&root]);
    let nobody = store(&[&other]);
    let past = dated(leaf_params(&[MX]), (2024, 1, 1), JAN_2025);
    let future = dated(leaf_params(&[MX]), JAN_2027, (2028, 1, 1));
    let misnamed_past = dated(leaf_params(&["other.example"]), (2024, 1, 1), JAN_2025);
    let key = KeyPair::generate().unwrap();
    let backwards = dated(leaf_params(&[MX]), JAN_2027, JAN_2025);
    let mut mail_only = leaf_params(&[MX]);
    mail_only.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    let cases: &[(Vec<u8>, &TrustStore, &[Failure], &str)] = &[
        (root.leaf(&[MX]), &trusted, &[], "nothing wrong"),
        (root.leaf(&["other.example"]), &trusted, &[CertNameMismatch], "wrong name"),
        (root.sign(&leaf_params(&[]), &key), &trusted, &[CertNameMismatch], "no name at all"),
        (root.sign(&past, &key), &trusted, &[CertExpired], "expired"),
        (root.sign(&future, &key), &trusted, &[CertNotYetValid], "not yet valid"),
        (root.sign(&backwards, &key), &trusted, &[CertInvalid, CertExpired, CertNotYetValid], "ends before it begins"),
        (root.leaf(&[MX]), &nobody, &[CertUnknownIssuer], "nobody knows the issuer"),
        (
            root.sign(&misnamed_past, &key),
            &nobody,
            &[CertUnknownIssuer, CertExpired, CertNameMismatch],
            "unknown, expired and misnamed",
        ),
        (root.sign(&misnamed_past, &key), &trusted, &[CertExpired, CertNameMismatch], "expired and misnamed"),
        (self_signed(&leaf_params(&[MX])), &trusted, &[CertSelfSigned], "self-signed"),
        (self_signed(&past), &trusted, &[CertSelfSigned, CertExpired], "self-signed and expired"),
        (self_signed(&misnamed_past), &trusted, &[CertSelfSigned, CertExpired, CertNameMismatch], "all three"),
        (self_signed(&authority_params("openssl req -x509")), &trusted, &[CertSelfSigned, CertNameMismatch], "cA TRUE"),
        (root.sign(&mail_only, &key), &trusted, &[CertInvalid], "not for servers"),
        (root.sign(&mail_only, &key), &nobody, &[CertInvalid, CertUnknownIssuer], "not for servers, and unknown"),
        (self_signed(&mail_only), &trusted, &[CertInvalid, CertSelfSigned], "not for servers, and self-signed"),
        (flip_last_byte(root.leaf(&[MX])), &trusted, &[CertInvalid], "a broken signature"),
        (b"\x30\x03garbage".to_vec(), &trusted, &[CertInvalid], "garbage: nothing else can be said"),
    ];
    for (leaf, store, expected, why) in cases {
        assert_eq!(failures(std::slice::from_ref(leaf), store), *expected, "{why}");
    }
    let empty = verify(&[], MX, NOW, &trusted);
    assert_eq!((empty.failures, empty.leaf_not_after), (vec![CertInvalid], None), "no chain");
}

#[test]
fn what_cannot_be_checked_is_invalid() {
    let root = fixture(fixtures::ROOT);
    let trusted = TrustStore::from_certificates([root.clone()]);
    let nobody = TrustStore::from_certificates([]);
    let cases: &[(&str, &TrustStore, &[Failure], &str)] = &[
        (fixtures::RSA_2048_ISSUED, &trusted, &[], "the control"),
        (fixtures::RSA_1024_ISSUED, &trusted, &[CertInvalid], "RFC 9325 4.5"),
        (fixtures::RSA_1024_SELF_SIGNED, &trusted, &[CertInvalid, CertSelfSigned], "short and self-signed"),
        (fixtures::RSA_512_SELF_SIGNED, &trusted, &[CertInvalid, CertSelfSigned], "very short"),
        (fixtures::MD5_ISSUED, &trusted, &[CertInvalid], "MD5"),
        (fixtures::MD5_ISSUED, &nobody, &[CertInvalid, CertUnknownIssuer], "MD5 by an unknown issuer"),
        (fixtures::MD5_SELF_SIGNED, &trusted, &[CertSelfSigned], "its own signature matters to nobody"),
        (fixtures::SHA1_ISSUED, &trusted, &[CertInvalid], "SHA-1"),
        (fixtures::SHA1_SELF_SIGNED, &trusted, &[CertSelfSigned], "its own signature matters to nobody"),
        (fixtures::V1_ISSUED, &trusted, &[CertInvalid, CertNameMismatch], "X.509 v1 has no DNS-ID"),
        (fixtures::V1_SELF_SIGNED, &trusted, &[CertInvalid, CertSelfSigned, CertNameMismatch], "v1, self-signed"),
        (fixtures::V1_ISSUED, &nobody, &[CertInvalid, CertUnknownIssuer, CertNameMismatch], "v1, unknown"),
    ];
    for (pem, store, expected, why) in cases {
        assert_eq!(failures(&[fixture(pem), root.clone()], store), *expected, "{why}");
    }
}

#[test]
fn constraints_on_the_way_are_kept() {
    let root = Authority::root("Root");
    let trusted = store(&[&root]);
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = authority_params("Middle");
        change(&mut params);
        root.intermediate_from(params)
    };
    let subtree = |name: &str| {
        Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(name.to_owned())],
            excluded_subtrees: Vec::new(),
        })
    };
    let cases: [(Authority, &[Failure], &str); 7] = [
        (with(&|params| params.name_constraints = subtree("example")), &[], "name constraints that fit"),
        (with(&|params| params.name_constraints = subtree("other")), &[CertInvalid], "name constraints that do not"),
        (with(&|params| params.is_ca = IsCa::ExplicitNoCa), &[CertInvalid], "an issuer that is no authority"),
        (
            with(&|params| params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign]),
            &[CertInvalid],
            "an authority that may not sign certificates",
        ),
        (with(&|params| params.key_usages = Vec::new()), &[], "an authority without key usage"),
        (
            with(&|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            &[CertInvalid],
            "an authority for clients",
        ),
        (
            with(&|params| {
                let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
                extension.set_criticality(true);
                params.custom_extensions = vec![extension];
            }),
            &[CertInvalid],
            "an unknown critical extension",
        ),
    ];
    for (middle, expected, why) in cases {
        assert_eq!(failures(&[middle.leaf(&[MX]), middle.der()], &trusted), expected, "{why}");
    }
    let short = with(&|params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = short.intermediate("Below");
    assert_eq!(failures(&[below.leaf(&[MX]), below.der(), short.der()], &trusted), [CertInvalid], "path length");
    let expired = root.intermediate_from({
        let mut params = dated(authority_params("Past"), (2024, 1, 1), (2025, 6, 1));
        params.name_constraints = subtree("other");
        params
    });
    let chain = [expired.leaf(&[MX]), expired.der()];
    assert_eq!(failures(&chain, &trusted), [CertInvalid, CertExpired], "a date and more than a date");
}

#[test]
fn dates_of_issuers_count_and_those_of_roots_do_not() {
    let root = Authority::root("Root");
    let trusted = store(&[&root]);
    let middle = |from: Date, to: Date| root.intermediate_from(dated(authority_params("Middle"), from, to));
    for (from, to, expected, why) in [
        ((2024, 1, 1), JAN_2027, vec![], "in date"),
        ((2024, 1, 1), (2025, 6, 1), vec![CertExpired], "expired"),
        ((2026, 6, 1), JAN_2027, vec![CertNotYetValid], "not yet valid"),
        ((2020, 1, 1), (2021, 1, 1), vec![CertExpired], "expired before the leaf began"),
    ] {
        let middle = middle(from, to);
        assert_eq!(failures(&[middle.leaf(&[MX]), middle.der()], &trusted), expected, "{why}");
    }
    let old = Authority::root_from(dated(authority_params("Old root"), (2000, 1, 1), (2010, 1, 1)));
    assert_eq!(failures(&[old.leaf(&[MX])], &store(&[&old])), [], "RFC 5280 6.1.1: an anchor has no dates");

    // The first and the last second are in date (RFC 5280 §4.1.2.5).
    let leaf = [root.sign(&dated(leaf_params(&[MX]), JAN_2026, (2026, 2, 1)), &KeyPair::generate().unwrap())];
    let at = |seconds| verify(&borrow(&leaf), MX, seconds, &trusted).failures;
    assert_eq!(at(seconds(JAN_2026) - 1), [CertNotYetValid]);
    assert_eq!(at(seconds(JAN_2026)), []);
    assert_eq!(at(seconds((2026, 2, 1))), []);
    assert_eq!(at(seconds((2026, 2, 1)) + 1), [CertExpired]);
    assert_eq!(at(-1), [CertNotYetValid], "an instant before the epoch");
    let strangers = |seconds| verify(&borrow(&leaf), MX, seconds, &store(&[])).failures;
    assert_eq!(strangers(seconds(JAN_2026)), [CertUnknownIssuer]);
    assert_eq!(strangers(seconds((2026, 2, 1))), [CertUnknownIssuer]);
    assert_eq!(strangers(seconds((2026, 2, 1)) + 1), [CertUnknownIssuer, CertExpired]);
    assert_eq!((leaf_not_after(&leaf[0]), leaf_not_after(b"no certificate")), (Some(seconds((2026, 2, 1))), None));
}

#[test]
fn an_expired_cross_sign_beside_a_good_path_does_no_harm() {
    let (root, old) = (Authority::root("Root"), Authority::root("Old"));
    let middle = root.intermediate("Middle");
    let crossed = old.cross_sign(&middle, (2020, 1, 1), (2025, 6, 1));
    let both = store(&[&root, &old]);
    let leaf = middle.leaf(&[MX]);
    let reading = read(&[leaf.clone(), crossed.clone(), middle.der()], &both);
    assert_eq!((reading.failures, reading.anchors), (vec![], vec![fingerprint(&root.der())]));
    assert_eq!(failures(&[leaf.clone(), crossed], &both), [CertExpired], "alone it does");

    // And an expired leaf is the only thing wrong, whatever the cross-sign.
    let params = dated(leaf_params(&[MX]), (2024, 1, 1), JAN_2025);
    let expired = middle.sign(&params, &KeyPair::generate().unwrap());
    let future = old.cross_sign(&middle, (2026, 6, 1), JAN_2027);
    assert_eq!(failures(&[expired, future, middle.der()], &both), [CertExpired]);
}

#[test]
fn every_root_that_suffices_alone_is_listed_whatever_the_name() {
    let (root, other, unused) = (Authority::root("Root"), Authority::root("Other"), Authority::root("Unused"));
    let middle = root.intermediate("Middle");
    let crossed = other.cross_sign(&middle, JAN_2025, JAN_2027);
    // Another certificate of the same name and key is another root.
    let again = root.params.self_signed(&root.key).unwrap().der().to_vec();
    let mut ders: Vec<Vec<u8>> = [&root, &other, &unused].iter().map(|one| one.der()).collect();
    ders.push(again.clone());
    let trusted = TrustStore::from_certificates(ders);
    let chain = [middle.leaf(&["other.example"]), middle.der(), crossed];
    let reading = read(&chain, &trusted);
    let mut expected: Vec<String> = [root.der(), other.der(), again].iter().map(|der| fingerprint(der)).collect();
    expected.sort();
    expected.dedup();
    assert_eq!(reading.failures, [CertNameMismatch]);
    assert_eq!(reading.anchors, expected);
    let less = trusted.without(&[fingerprint(&other.der())]);
    assert_eq!(read(&chain, &less).anchors.len(), expected.len() - 1);
    let none = less.without(&expected);
    assert_eq!(failures(&chain, &none), [CertUnknownIssuer, CertNameMismatch]);
}

#[test]
fn a_missing_intermediate_is_noted() {
    let (root, private) = (Authority::root("Root"), Authority::root("Private"));
    let trusted = store(&[&root]);
    let upper = root.intermediate("Upper");
    let lower = upper.intermediate("Lower");
    let stray = private.intermediate("Stray");
    let (leaf, lonely) = (lower.leaf(&[MX]), private.leaf(&[MX]));
    for (chain, missing, why) in [
        (vec![leaf.clone()], true, "the leaf alone"),
        (vec![leaf.clone(), upper.der()], true, "the wrong half"),
        (vec![leaf.clone(), lower.der()], true, "the upper one lacks"),
        (vec![leaf, stray.der()], true, "a stranger instead"),
        (vec![lonely.clone(), private.der()], false, "complete up to a root of its own"),
        (vec![lonely], true, "whether the missing one is a root cannot be seen"),
        (vec![stray.leaf(&[MX]), stray.der(), private.der()], false, "complete, three long"),
    ] {
        let reading = read(&chain, &trusted);
        assert_eq!((reading.failures, reading.intermediate_missing), (vec![CertUnknownIssuer], missing), "{why}");
    }
    assert!(!read(&[self_signed(&leaf_params(&[MX]))], &trusted).intermediate_missing, "self-signed lacks nobody");
}

#[test]
fn authorities_that_sign_each_other_lack_nobody() {
    // Neither hangs in the air, and no root is there: an unknown issuer, and no intermediate that is missing.
    let (one, other) = (Authority::root("One"), Authority::root("Other"));
    let chain =
        [one.leaf(&[MX]), other.cross_sign(&one, JAN_2025, JAN_2027), one.cross_sign(&other, JAN_2025, JAN_2027)];
    let reading = read(&chain, &store(&[]));
    assert_eq!((reading.failures, reading.intermediate_missing), (vec![CertUnknownIssuer], false));
    let reading = read(&chain[..2], &store(&[]));
    assert_eq!((reading.failures, reading.intermediate_missing), (vec![CertUnknownIssuer], true));
}

#[test]
fn work_that_is_used_up_decides_nothing() {
    let root = Authority::root("Root");
    let (one, two) = (root.intermediate("Middle"), root.intermediate("Middle"));
    let ders = [one.leaf(&[MX]), one.der(), two.der()];
    let chain = Chain::new(&borrow(&ders)).unwrap();
    let anchor = Anchor::from_certificate(&root.der()).unwrap();
    let with = |most| {
        let meter = Meter::new(most);
        let reading = Walk::new(&chain, &[&anchor], NOW, &meter).reading(&[0]);
        assert!(meter.spent() <= most);
        reading
    };
    assert_eq!(with(WORK_MAX), PathReading::Valid(vec![0]));
    for most in [0, 1, 100, 150, 200] {
        match with(most) {
            PathReading::Valid(_) => panic!("{most} is not enough for two signatures"),
            PathReading::Broken(broken) => assert_eq!(broken.chaining, Chaining::Undecided, "{most}"),
        }
    }
}

#[test]
fn a_namesake_is_not_the_issuer() {
    let (real, fake) = (Authority::root("Root"), Authority::root("Root"));
    let trusted = store(&[&real]);
    let mut marked = leaf_params(&[MX]);
    marked.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().unwrap();
    assert_eq!(failures(&[fake.sign(&marked, &key)], &trusted), [CertUnknownIssuer], "the key identifiers differ");
    assert_eq!(failures(&[fake.sign(&leaf_params(&[MX]), &key)], &trusted), [CertInvalid], "nothing tells them apart");
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let other_kind = real.params.clone().self_signed(&key).unwrap().der().to_vec();
    let trusted = TrustStore::from_certificates([other_kind]);
    assert_eq!(failures(&[fake.leaf(&[MX])], &trusted), [CertUnknownIssuer], "such a key does not sign like that");
}

#[test]
fn leaves_in_the_store_and_leaves_that_are_authorities() {
    let root = Authority::root("Root");
    let trusted = store(&[&root]);
    let own = self_signed(&leaf_params(&[MX]));
    let alone = TrustStore::from_certificates([own.clone()]);
    assert_eq!(failures(&[own], &alone), [], "self-signed and trusted");

    let named_authority = |from, to| {
        let mut params = dated(authority_params("Both"), from, to);
        params.subject_alt_names = leaf_params(&[MX]).subject_alt_names;
        params
    };
    let own = self_signed(&named_authority(JAN_2025, JAN_2027));
    let alone = TrustStore::from_certificates([own.clone()]);
    let reading = read(std::slice::from_ref(&own), &alone);
    assert_eq!((reading.failures, reading.anchors), (vec![], vec![fingerprint(&own)]), "and with cA TRUE");
    let own = self_signed(&named_authority((2024, 1, 1), JAN_2025));
    let alone = TrustStore::from_certificates([own.clone()]);
    assert_eq!(failures(&[own], &alone), [CertExpired], "as a leaf it has dates");

    let key = KeyPair::generate().unwrap();
    let issued = root.sign(&named_authority(JAN_2025, JAN_2027), &key);
    assert_eq!(
        failures(std::slice::from_ref(&issued), &trusted),
        [],
        "RFC 5280 6.1.5 does not ask for cA on the target"
    );
    let alone = TrustStore::from_certificates([issued.clone()]);
    assert_eq!(failures(&[issued], &alone), [CertUnknownIssuer], "trusting a leaf is not trusting its issuer");

    let mut bent = authority_params("Bent");
    bent.is_ca = IsCa::ExplicitNoCa;
    let bent = root.intermediate_from(bent);
    let chain = [bent.sign(&named_authority(JAN_2025, JAN_2027), &key), bent.der()];
    assert_eq!(failures(&chain, &trusted), [CertInvalid], "but on the issuer");
    let mut short = authority_params("Short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = root.intermediate_from(short);
    let below = short.intermediate("Below");
    let chain = [below.sign(&named_authority(JAN_2025, JAN_2027), &key), below.der(), short.der()];
    assert_eq!(failures(&chain, &trusted), [CertInvalid], "and path lengths count");
    let middle = root.intermediate("Middle");
    let chain = |leaf: &CertificateParams, issuer: &Authority| [issuer.sign(leaf, &key), issuer.der()];
    let both = named_authority(JAN_2025, JAN_2027);
    assert_eq!(failures(&chain(&both, &middle), &trusted), [], "below an authority");
    let past = root.intermediate_from(dated(authority_params("Past"), (2024, 1, 1), (2025, 6, 1)));
    assert_eq!(failures(&chain(&both, &past), &trusted), [CertExpired], "dates of issuers count");
    let fits = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let mut constrained = both.clone();
    constrained.name_constraints.clone_from(&fits);
    assert_eq!(failures(&chain(&constrained, &middle), &trusted), [], "within name constraints");
    let mut narrow = authority_params("Narrow");
    narrow.name_constraints = fits;
    let narrow = root.intermediate_from(narrow);
    assert_eq!(failures(&chain(&both, &narrow), &trusted), [], "and of an issuer on the way (RFC 5280 6.1.3 (b))");
    let sha1 = [fixture(fixtures::SHA1_AUTHORITY_ISSUED), fixture(fixtures::SHA1_AUTHORITY_ROOT)];
    let store = TrustStore::from_certificates([sha1[1].clone()]);
    assert_eq!(verify(&borrow(&sha1), MX, seconds((2030, 1, 1)), &store).failures, [CertInvalid], "and signatures");
    let mut clients = named_authority(JAN_2025, JAN_2027);
    clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    assert_eq!(failures(&[root.sign(&clients, &key)], &trusted), [CertInvalid], "and purposes");
}

#[test]
fn names() {
    let root = Authority::root("Root");
    let trusted = store(&[&root]);
    let mut common_name_only = leaf_params(&[]);
    common_name_only.distinguished_name.push(DnType::CommonName, MX);
    let plain = root.leaf(&["mx.example", "192.0.2.1", "_dmarc.u.example"]);
    let wild = root.leaf(&["*.example.org", "*.test"]);
    let idn = root.leaf(&["xn--bcher-kva.example"]);
    let cn = root.sign(&common_name_only, &KeyPair::generate().unwrap());
    for (leaf, reference, holds, why) in [
        (&plain, "mx.example", true, ""),
        (&plain, "MX.Example", true, "case does not matter"),
        (&plain, "mx.example.", true, "a trailing dot is no part of the name"),
        (&plain, "_dmarc.u.example", true, "underscores occur"),
        (&plain, "example", false, ""),
        (&plain, "a.mx.example", false, ""),
        (&plain, "192.0.2.1", false, "an address is never named"),
        (&plain, "", false, ""),
        (&wild, "mx.example.org", true, "one label"),
        (&wild, "a.mx.example.org", false, "not two"),
        (&wild, "example.org", false, "not none"),
        (&wild, "mx.test", false, "two labels must follow the asterisk"),
        (&idn, "xn--bcher-kva.example", true, "A-labels on both sides"),
        (&idn, "b\u{fc}cher.example", false, "a U-label is no reference identifier"),
        (&cn, MX, false, "RFC 8461 4.2: no common name"),
    ] {
        let expected: &[Failure] = if holds { &[] } else { &[CertNameMismatch] };
        let failures = verify(&[leaf], reference, NOW, &trusted).failures;
        assert_eq!(failures, expected, "{reference} {why}");
    }
}

/// Trying every way would take years: that it ends is what is shown.
#[test]
fn a_huge_chain_is_judged() {
    let root = Authority::root("Same");
    let trusted = store(&[&root]);
    let middle = root.intermediate("Same");
    // Authorities of one name, the root's, each signed by each: every way is open and none ends.
    let crowd: Vec<Authority> = (0..8).map(|_| Authority::root("Same")).collect();
    let mut chain = vec![middle.leaf(&[MX])];
    for issuer in &crowd {
        chain.extend(crowd.iter().map(|subject| issuer.cross_sign(subject, JAN_2025, JAN_2027)));
    }
    assert!(chain.len() > 60);
    assert_eq!(failures(&chain, &trusted), [CertInvalid], "signed by none of its namesakes");
    chain.push(middle.der());
    assert_eq!(failures(&chain, &trusted), [], "the one that matters is found at the end");
    chain[0] = crowd[0].leaf(&[MX]);
    assert_eq!(failures(&chain, &trusted), [CertInvalid], "the leaf belongs to the crowd");
}

/// Between two turning points the answer is one, and at each of them it may change: what remembers answers relies on it.
#[test]
fn answers_change_only_at_turning_points() {
    let root = Authority::root("Root");
    let params = dated(authority_params("Short"), (2025, 6, 1), (2026, 3, 1));
    let middle = root.intermediate_from(params);
    let leaf = middle.sign(&dated(leaf_params(&[MX]), (2025, 9, 1), (2026, 1, 15)), &KeyPair::generate().unwrap());
    let chain = [leaf, middle.der()];
    let (chain, store) = (borrow(&chain), store(&[&root]));
    let points = turning_points(&chain).unwrap();
    assert_eq!(points.len(), 4, "two certificates of two dates");
    let edges = [vec![seconds((2024, 1, 1))], points, vec![seconds((2028, 1, 1))]].concat();
    let mut spans = Vec::new();
    for span in edges.windows(2) {
        let readings = [span[0], (span[0] + span[1]) / 2, span[1] - 1].map(|at| verify_path(&chain, at, &store));
        assert!(readings.iter().all(|reading| *reading == readings[0]), "{span:?}: {readings:?}");
        spans.push(readings[0].failures.clone());
    }
    assert_eq!(spans, [vec![CertNotYetValid], vec![CertNotYetValid], vec![], vec![CertExpired], vec![CertExpired]]);
    assert_eq!(turning_points(&[b"not a certificate"]), None);
}

#[test]
fn a_path_and_a_name_make_the_whole() {
    let root = Authority::root("Root");
    let store = store(&[&root]);
    for (leaf, why) in [
        (root.leaf(&[MX]), "named"),
        (root.leaf(&["other.example"]), "another name"),
        (b"not a certificate".to_vec(), "nothing can be said about its name"),
        (fixture(fixtures::V1_SELF_SIGNED), "a common name is no name here"),
    ] {
        let chain = [leaf.as_slice()];
        let path = verify_path(&chain, NOW, &store);
        assert!(!path.failures.contains(&CertNameMismatch), "{why}");
        assert_eq!(path.under_name(leaf_names(&leaf, MX)), verify(&chain, MX, NOW, &store), "{why}");
    }
}

/// Another certificate of the same issuer, now expired, once ended a good path; the one in date may not sign.
#[test]
fn a_path_that_held_once_does_not_excuse_the_one_in_date() {
    let root = Authority::root("Root");
    let issuer = Authority::root("Issuer");
    let mut no_authority = authority_params("Issuer");
    no_authority.is_ca = IsCa::ExplicitNoCa;
    let in_date = root.sign(&no_authority, &issuer.key);
    let past = root.cross_sign(&issuer, JAN_2025, (2025, 6, 1));
    let (leaf, trusted) = (issuer.leaf(&[MX]), store(&[&root]));
    let chain = [leaf.clone(), past.clone()];
    assert_eq!(verify(&borrow(&chain), MX, seconds((2025, 3, 1)), &trusted).failures, [], "it held in March");
    assert_eq!(failures(&chain, &trusted), [CertExpired], "and does no longer");
    assert_eq!(failures(&[leaf, in_date, past], &trusted), [CertInvalid], "RFC 5280 6.1.4 (k)");
}

/// Under several stores at once a chain is worth what it is worth under each alone, and costs as much: whatever other stores there are.
#[test]
fn each_of_several_stores_says_what_it_would_say_alone() {
    let (root, cross, stranger) = (Authority::root("Root"), Authority::root("Cross"), Authority::root("Stranger"));
    let twin = Authority::root("Root");
    let lower = root.intermediate("Lower");
    let chains = [
        vec![lower.leaf(&[MX]), lower.der()],
        vec![lower.leaf(&[MX])],
        vec![root.leaf(&[MX]), root.der()],
        vec![twin.leaf(&[MX])],
        vec![flip_last_byte(root.leaf(&[MX]))],
        vec![stranger.leaf(&[MX]), stranger.der()],
        vec![self_signed(&leaf_params(&[MX]))],
        vec![fixture(fixtures::RSA_1024_SELF_SIGNED)],
        vec![b"no certificate".to_vec()],
        vec![],
    ];
    let stores = [
        store(&[&root, &cross]),
        store(&[&root, &twin]),
        store(&[&cross]),
        store(&[&twin]),
        store(&[&root, &cross, &twin, &stranger]),
        store(&[&root, &cross]),
    ];
    let borrowed: Vec<&TrustStore> = stores.iter().collect();
    for chain in &chains {
        for at in [NOW, seconds(JAN_2025) - 1, seconds((2100, 1, 1))] {
            let together = verify_path_under(&borrow(chain), at, &borrowed);
            for (number, store) in stores.iter().enumerate() {
                assert_eq!(together.of(number), Some(&verify_path(&borrow(chain), at, store)), "store {number}");
            }
            assert!(together.is_alike(0, 5), "stores of the same roots share an answer");
        }
    }
    let leaf = [lower.leaf(&[MX]), lower.der()];
    let together = verify_path_under(&borrow(&leaf), NOW, &borrowed);
    assert!(!together.is_alike(0, 1) && !together.is_alike(0, 2));
    assert!(together.of(6).is_none());
}
