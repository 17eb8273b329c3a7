//! The shapes of answers and proofs (RFC 4035 §3.1, RFC 5155 §7.2).

use std::collections::BTreeMap;

use super::super::answer::{Fault, Faults};
use super::super::dns::{Internet, respond};
use super::super::wire::{Kind, Name, rdata};
use super::super::zone::{Denial, Published, Records, Signing, Tree, ZoneSpec};

fn internet() -> Internet {
    let nsec3 = |opt_out| Signing { denial: Denial::Nsec3 { iterations: 1, opt_out }, ..Signing::default() };
    let zones = [
        (".", Some(Signing::default())),
        ("org", Some(nsec3(false))),
        ("com", Some(nsec3(true))),
        ("nsec.org", Some(Signing::default())),
        ("nsec3.org", Some(nsec3(false))),
        ("plain.com", None),
    ];
    let specs: Vec<ZoneSpec> =
        zones.into_iter().map(|(apex, signing)| ZoneSpec { apex: Name::new(apex), signing }).collect();
    let mut published = Published::new();
    let mut add = |owner: &str, kind, data| {
        published
            .entry((Name::new(owner), kind))
            .or_insert_with(|| Records { ttl: 60, ..Records::default() })
            .data
            .push(data);
    };
    for zone in ["nsec.org", "nsec3.org", "plain.com"] {
        add(&format!("a.b.{zone}"), Kind::A, rdata::a([127, 0, 0, 9].into()));
        add(&format!("*.wild.{zone}"), Kind::A, rdata::a([127, 0, 0, 9].into()));
        add(&format!("alias.{zone}"), Kind::CNAME, Name::new("a.b.plain.com").wire());
        add(&format!("old.{zone}"), Kind::DNAME, Name::new(&format!("b.{zone}")).wire());
        add(&format!("loop.{zone}"), Kind::CNAME, Name::new(&format!("loop.{zone}")).wire());
    }
    for i in 0..40 {
        add("many.nsec.org", Kind::TXT, rdata::txt(&[format!("{i:050}").as_bytes()]));
    }
    let mut faults = Faults::new();
    faults.insert((Name::new("silent.plain.com"), None), Fault::Silent);
    faults.insert((Name::new("unproven.nsec.org"), Some(Kind::A)), Fault::Unproven);
    faults.insert((Name::new("truncated.plain.com"), None), Fault::Truncated);
    Internet {
        tree: Tree::build(&specs, &published, 1_800_000_000).unwrap(),
        faults,
        visits: std::sync::Arc::default(),
    }
}

/// A query with RD and CD, with an OPT record when `dnssec_ok` is given.
fn query(name: &str, kind: Kind, dnssec_ok: Option<bool>) -> Vec<u8> {
    let additional = u8::from(dnssec_ok.is_some());
    let mut out = vec![0xab, 0xcd, 0x01, 0x10, 0, 1, 0, 0, 0, 0, 0, additional];
    out.extend(Name::new(name).wire());
    out.extend(kind.0.to_be_bytes());
    out.extend([0, 1]);
    if let Some(dnssec_ok) = dnssec_ok {
        out.extend([0, 0, 41, 4, 208, 0, 0, u8::from(dnssec_ok) << 7, 0, 0, 0]);
    }
    out
}

/// RCODE, and how many records of each type stand in the answer and in the authority section.
type Shape = (u8, BTreeMap<u16, usize>, BTreeMap<u16, usize>);

fn shape(reply: &[u8]) -> Shape {
    let count = |at: usize| usize::from(u16::from_be_bytes([reply[at], reply[at + 1]]));
    let (_, mut at) = Name::read(reply, 12).unwrap();
    at += 4;
    let mut section = |records: usize| {
        let mut kinds = BTreeMap::new();
        for _ in 0..records {
            at = if reply[at] & 0xc0 == 0xc0 { at + 2 } else { Name::read(reply, at).unwrap().1 };
            *kinds.entry(u16::from_be_bytes([reply[at], reply[at + 1]])).or_default() += 1;
            at += 10 + usize::from(u16::from_be_bytes([reply[at + 8], reply[at + 9]]));
        }
        kinds
    };
    (reply[3] & 15, section(count(6)), section(count(8)))
}

#[test]
fn answers_and_proofs_have_the_shapes_of_the_rfcs() {
    let internet = internet();
    let (a, cname, soa, dname, sig, nsec, nsec3, ds) = (1, 5, 6, 39, 46, 47, 50, 43);
    type Counts<'a> = &'a [(u16, usize)];
    let rows: &[(&str, Kind, u8, Counts, Counts, &str)] = &[
        ("a.b.nsec.org", Kind::A, 0, &[(a, 1), (sig, 1)], &[], "positive"),
        ("b.nsec.org", Kind::A, 0, &[], &[(soa, 1), (nsec, 1), (sig, 2)], "an empty non-terminal"),
        ("b.nsec3.org", Kind::A, 0, &[], &[(soa, 1), (nsec3, 1), (sig, 2)], "an empty non-terminal has an NSEC3"),
        ("a.b.nsec.org", Kind::AAAA, 0, &[], &[(soa, 1), (nsec, 1), (sig, 2)], "NODATA"),
        ("x.wild.nsec.org", Kind::A, 0, &[(a, 1), (sig, 1)], &[(nsec, 1), (sig, 1)], "wildcard, nothing closer"),
        ("x.wild.nsec3.org", Kind::A, 0, &[(a, 1), (sig, 1)], &[(nsec3, 1), (sig, 1)], "wildcard, next closer covered"),
        ("alias.nsec.org", Kind::A, 0, &[(cname, 1), (sig, 1), (a, 1)], &[], "an alias into an unsigned zone"),
        ("a.old.nsec.org", Kind::A, 0, &[(dname, 1), (sig, 2), (cname, 1), (a, 1)], &[], "DNAME, CNAME unsigned"),
        (
            "plain.com",
            Kind::DS,
            0,
            &[],
            &[(soa, 1), (nsec3, 1), (sig, 2)],
            "opt-out: the one NSEC3 is encloser and span",
        ),
        ("nsec.org", Kind::DS, 0, &[(ds, 1), (sig, 1)], &[], "DS comes from the parent"),
        ("a.b.plain.com", Kind::AAAA, 0, &[], &[(soa, 1)], "unsigned NODATA"),
        ("nowhere.plain.com", Kind::A, 3, &[], &[(soa, 1)], "unsigned NXDOMAIN"),
        ("unproven.nsec.org", Kind::A, 3, &[], &[(soa, 1), (sig, 1)], "a denial without its proof"),
    ];
    for (name, kind, code, answers, authority, why) in rows {
        let reply = respond(&internet, &query(name, *kind, Some(true)), Some(4096)).unwrap();
        let counts = |expected: Counts| expected.iter().copied().collect::<BTreeMap<_, _>>();
        assert_eq!(shape(&reply), (*code, counts(answers), counts(authority)), "{name} {kind:?}: {why}");
        assert_eq!(reply[..2], [0xab, 0xcd], "the id");
        assert_eq!(reply[3] & 0xf0, 0x90, "RA and CD, never AD");
    }
    // NXDOMAIN: NSEC 1 or 2 (one may cover both), NSEC3 2 or 3.
    for (name, kind, most) in [("nowhere.nsec.org", nsec, 2), ("nowhere.nsec3.org", nsec3, 3)] {
        let (code, _, authority) = shape(&respond(&internet, &query(name, Kind::A, Some(true)), Some(4096)).unwrap());
        let proofs = authority[&kind];
        assert!(code == 3 && (1..=most).contains(&proofs) && authority[&sig] == proofs + 1, "{authority:?}");
    }
}

#[test]
fn transport_follows_the_query() {
    let internet = internet();
    let plain = respond(&internet, &query("a.b.nsec.org", Kind::A, None), Some(1232)).unwrap();
    assert_eq!(shape(&plain).1, BTreeMap::from([(1, 1)]), "no DO, no signatures");
    assert_eq!(plain[11], 0, "no OPT where none was sent");
    let big = query("many.nsec.org", Kind::TXT, Some(true));
    let truncated = respond(&internet, &big, Some(1232)).unwrap();
    assert_eq!((truncated[2] & 2, shape(&truncated).1.len()), (2, 0), "TC over UDP");
    assert_eq!(shape(&respond(&internet, &big, None).unwrap()).1[&16], 40, "whole over TCP");
    assert_eq!(respond(&internet, &query("silent.plain.com", Kind::A, None), Some(1232)), None);
    assert_eq!(respond(&internet, &query("truncated.plain.com", Kind::A, None), Some(1232)).unwrap()[2] & 2, 2);
    assert_eq!(respond(&internet, &query("truncated.plain.com", Kind::A, None), None), None, "closed over TCP");
    let endless = respond(&internet, &query("loop.nsec.org", Kind::A, Some(true)), None).unwrap();
    assert_eq!(endless[3] & 15, 2, "a loop of aliases ends in SERVFAIL");
    for garbage in [&b"short"[..], &[0xff; 12], &[0; 12], &[0xff; 40]] {
        let _ = respond(&internet, garbage, Some(1232)); // it must only not panic
    }
}
