//! Rollovers and records, each kind with what makes it one and what does not.

use super::*;
use mxcensus_rules::observation::Dnssec;
use mxcensus_rules::pkix::fingerprint;
use mxcensus_rules::pkix::testing::Authority;

/// Two leaves of one issuer, and what is known of them.
struct World {
    known: KnownCertificates,
    issuer: Vec<u8>,
    first: Vec<u8>,
    second: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("Root");
        let [first, second] = [root.leaf(&["mx.example"]), root.leaf(&["mx.example"])];
        let mut known = KnownCertificates::default();
        for der in [&first, &second, &root.der()] {
            known.keys.insert(fingerprint(der), format!("key of {}", fingerprint(der)));
            known.ders.insert(fingerprint(der), der.clone());
        }
        World { known, issuer: root.der(), first, second }
    }

    fn host(&self, word: DaneHost, records: &[TlsaRecord], leaf: &[u8]) -> HostSight {
        HostSight {
            provider: Some("example".into()),
            domains: 1,
            dane_host: Some(word),
            tlsa_base: Some("mx.example".into()),
            tlsa: if records.is_empty() { Tlsa::Absent } else { Tlsa::Present(records.iter().cloned().collect()) },
            chains: [vec![fingerprint(leaf), fingerprint(&self.issuer)]].into(),
        }
    }

    fn check(&self, why: &str, old: &HostSight, new: &HostSight, expected: &[(ChangeKind, Option<&str>)]) {
        let changes = compare(old, new, &self.known);
        let shown: Vec<_> = changes
            .iter()
            .filter(|change| !matches!(change.kind, ChangeKind::VerdictChanged))
            .map(|change| (change.kind, change.aspect.as_deref()))
            .collect();
        assert_eq!(shown, expected, "{why}");
    }
}

/// `3 0 1` or `2 0 1` of a certificate.
fn record(usage: u8, der: &[u8]) -> TlsaRecord {
    TlsaRecord { usage, selector: 0, matching: 1, data: fingerprint(der) }
}

const NEW: (ChangeKind, Option<&str>) = (ChangeKind::FailureNew, Some("dane_host"));
const HEALED: (ChangeKind, Option<&str>) = (ChangeKind::FailureHealed, Some("dane_host"));
const PERSISTS: (ChangeKind, Option<&str>) = (ChangeKind::FailurePersists, Some("dane_host"));

#[test]
fn rollovers() {
    let world = World::new();
    let (first, second) = (&world.first, &world.second);
    let old = world.host(DaneHost::Match, &[record(3, first)], first);
    world.check(
        "a new certificate, and the records were there in time",
        &old,
        &world.host(DaneHost::Match, &[record(3, first), record(3, second)], second),
        &[(ChangeKind::RolloverKept, Some("new-key new-tlsa"))],
    );
    world.check(
        "a new certificate, and nobody thought of the records",
        &old,
        &world.host(DaneHost::Mismatch, &[record(3, first)], second),
        &[NEW, (ChangeKind::RolloverBroke, Some("new-key same-tlsa")), (ChangeKind::TlsaStale, None)],
    );
    world.check(
        "new records, wrong, and the old certificate",
        &old,
        &world.host(DaneHost::Mismatch, &[record(3, second)], first),
        &[NEW, (ChangeKind::TlsaBroke, Some("same-key new-tlsa"))],
    );
    world.check("nothing happened", &old, &old, &[]);
    world.check(
        "records pre-published, the certificate to follow",
        &old,
        &world.host(DaneHost::Match, &[record(3, first), record(3, second)], first),
        &[],
    );
    world.check(
        "mended",
        &world.host(DaneHost::Mismatch, &[record(3, second)], first),
        &world.host(DaneHost::Match, &[record(3, second)], second),
        &[HEALED],
    );
    world.check(
        "wrong twice, the record is of a certificate that OLD did not see",
        &world.host(DaneHost::Mismatch, &[record(3, second)], first),
        &world.host(DaneHost::Mismatch, &[record(3, second)], first),
        &[PERSISTS],
    );
    world.check("not seen this time", &old, &world.host(DaneHost::Unknown, &[record(3, first)], second), &[]);
}

#[test]
fn a_key_that_stays_under_another_certificate() {
    let mut world = World::new();
    let key = world.known.keys[&fingerprint(&world.first)].clone();
    world.known.keys.insert(fingerprint(&world.second), key);
    let of_the_key = [TlsaRecord { usage: 3, selector: 1, matching: 1, data: "00".repeat(32) }];
    let old = world.host(DaneHost::Match, &of_the_key, &world.first);
    let new = world.host(DaneHost::Match, &of_the_key, &world.second);
    world.check("renewed", &old, &new, &[(ChangeKind::RolloverKept, Some("same-key same-tlsa"))]);
}

#[test]
fn stale_by_usage() {
    let world = World::new();
    let other = Authority::root("Other").der();
    let old = world.host(DaneHost::Match, &[record(2, &world.issuer)], &world.first);
    let mut moved = world.host(DaneHost::Mismatch, &[record(2, &world.issuer)], &world.second);
    moved.chains = [vec![fingerprint(&world.second), fingerprint(&other)]].into();
    let stale =
        |new: &HostSight| compare(&old, new, &world.known).into_iter().find(|c| c.kind == ChangeKind::TlsaStale);
    let found = stale(&moved).expect("usage 2 names the issuer of the past");
    assert_eq!(found.old, Some(fingerprint(&world.issuer)));
    assert_eq!(found.new, Some(fingerprint(&world.second)));
    let mut still_sent = moved.clone();
    still_sent.chains = [vec![fingerprint(&world.second), fingerprint(&world.issuer)]].into();
    assert_eq!(stale(&still_sent), None, "the issuer is still sent: the mismatch has another reason");
    let mut wrong_usage = moved.clone();
    wrong_usage.tlsa = Tlsa::Present([record(2, &world.first)].into());
    assert_eq!(stale(&wrong_usage), None, "usage 2 never meant the leaf");
    let mut unusable = moved.clone();
    unusable.tlsa = Tlsa::Present([TlsaRecord { usage: 0, ..record(2, &world.issuer) }].into());
    assert_eq!(stale(&unusable), None, "a record that nobody uses");
}

#[test]
fn records_and_dnssec() {
    let world = World::new();
    let with = |word| world.host(word, &[record(3, &world.first)], &world.first);
    let without = world.host(DaneHost::None, &[], &world.first);
    let mut unknown = without.clone();
    unknown.tlsa = Tlsa::Unknown;
    world.check("added", &without, &with(DaneHost::Match), &[(ChangeKind::TlsaAdded, None)]);
    world.check("added and wrong", &without, &with(DaneHost::Mismatch), &[NEW, (ChangeKind::TlsaAdded, None)]);
    world.check("removed", &with(DaneHost::Match), &without, &[(ChangeKind::TlsaRemoved, None)]);
    world.check("not known before", &unknown, &with(DaneHost::Match), &[]);
    world.check("not known after", &with(DaneHost::Match), &unknown, &[]);
    let lost = (ChangeKind::DnssecLost, Some("dane_host"));
    let gained = (ChangeKind::DnssecGained, Some("dane_host"));
    world.check("the DS is gone", &with(DaneHost::Match), &with(DaneHost::Insecure), &[lost]);
    world.check("signed", &with(DaneHost::Insecure), &with(DaneHost::Match), &[gained]);
    world.check("signed, and wrong all along", &with(DaneHost::Insecure), &with(DaneHost::Mismatch), &[gained, NEW]);
    world.check("broken DNSSEC is no loss of it", &with(DaneHost::Match), &with(DaneHost::LookupFailed), &[NEW]);
}

#[test]
fn which_records_count() {
    let lookup = |name: &str, status, records: &[TlsaRecord]| TlsaLookup {
        name: name.into(),
        status,
        error: None,
        dnssec: Some(Dnssec::Secure),
        ttl: None,
        records: records.to_vec(),
    };
    let (a, b) = (record(3, b"a"), record(3, b"b"));
    let expanded = lookup("_25._tcp.real.example", DnsStatus::Found, std::slice::from_ref(&a));
    let original = lookup("_25._tcp.mx.example", DnsStatus::Found, std::slice::from_ref(&b));
    let denied = lookup("_25._tcp.mx.example", DnsStatus::Nodata, &[]);
    let failed = lookup("_25._tcp.mx.example", DnsStatus::Error, &[]);
    let both = [expanded.clone(), original];
    assert_eq!(Tlsa::of(Some(&both), Some("mx.example")), Tlsa::Present([b].into()), "the base that counts");
    assert_eq!(Tlsa::of(Some(&both), None), Tlsa::Present([a.clone()].into()), "else the first");
    assert_eq!(Tlsa::of(Some(&[denied.clone(), expanded]), None), Tlsa::Present([a].into()));
    assert_eq!(Tlsa::of(Some(std::slice::from_ref(&denied)), None), Tlsa::Absent);
    assert_eq!(Tlsa::of(Some(&[denied, failed]), None), Tlsa::Unknown, "one of two is not known");
    assert_eq!(Tlsa::of(None, None), Tlsa::Unknown, "not asked");
}

#[test]
fn the_best_word_of_a_host_counts() {
    let mut facts = HostSight::default();
    for word in [DaneHost::Unknown, DaneHost::Mismatch, DaneHost::Match, DaneHost::Partial] {
        facts.add_word(word);
    }
    assert_eq!(facts.dane_host, Some(DaneHost::Match));
}
