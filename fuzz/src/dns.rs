//! Answers of resolvers: any packet.

use mxcensus_rules::observation::DnsStatus;
use mxcensus_scan::dns::{Answer, Data, Kind, read_packet};

use super::assert_harmless;

const KINDS: [(Kind, u16); 8] = [
    (Kind::A, 1),
    (Kind::Aaaa, 28),
    (Kind::Mx, 15),
    (Kind::Txt, 16),
    (Kind::Tlsa, 52),
    (Kind::Cname, 5),
    (Kind::Ns, 2),
    (Kind::Ds, 43),
];
const NAME: &str = "mx.test";

/// A kind, two bytes of flags, two counts, then what follows the question; or, with the high bit of the first byte,
/// a whole packet.
pub fn answer(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let (kind, number) = KINDS[usize::from(first & 0x7f) % KINDS.len()];
    let packet = if first & 0x80 == 0 {
        let [high, low, answers, authorities, records @ ..] = rest else { return };
        // A response to a query, with one question; the rest is the input's.
        let header = [0, 7, (high | 0x80) & 0x87, *low, 0, 1, 0, *answers, 0, *authorities, 0, 0];
        let question = [b"\x02mx\x04test\x00".as_slice(), &number.to_be_bytes(), &[0, 1]].concat();
        [&header, question.as_slice(), records].concat()
    } else {
        rest.to_vec()
    };
    let Some(answer) = read_packet(NAME, kind, &packet) else { return };
    check(&answer, kind);
    // The name's spelling is not the answer's.
    assert_eq!(read_packet("MX.Test.", kind, &packet).as_ref(), Some(&answer), "letter case and the root's dot");
    assert_eq!(read_packet(NAME, kind, &packet), Some(answer), "twice the same");
    let other = if kind == Kind::A { Kind::Mx } else { Kind::A };
    assert!(packet.len() < 64 || read_packet(NAME, other, &packet).is_none(), "no answer to another question");
}

fn check(answer: &Answer, kind: Kind) {
    assert_eq!(answer.status == DnsStatus::Error, answer.error.is_some());
    assert_eq!(answer.status == DnsStatus::Found, !answer.records.is_empty());
    assert_eq!(answer.dnssec, None, "nothing was validated");
    assert!(answer.cnames.len() <= 16 && answer.records.len() <= 1000);
    assert!(answer.status != DnsStatus::Found || answer.ttl.is_some());
    assert!(kind != Kind::Cname || answer.cnames.is_empty(), "an alias that was asked for is not followed");
    let text: usize = answer.records.iter().map(|data| if let Data::Txt(text) = data { text.len() } else { 0 }).sum();
    assert!(text <= 64 * 1024);
    for cname in &answer.cnames {
        check_name(&cname.target);
    }
    if let Some(apex) = &answer.apex {
        check_name(apex);
        assert!(answer.cnames.is_empty() && answer.records.is_empty(), "a denial that no alias led to");
    }
    for data in &answer.records {
        let fits = match data {
            Data::A(_) => kind == Kind::A,
            Data::Aaaa(_) => kind == Kind::Aaaa,
            Data::Mx { host, .. } => {
                check_name(host);
                kind == Kind::Mx
            }
            Data::Txt(_) => kind == Kind::Txt,
            Data::Tlsa(tlsa) => {
                assert!(hex::decode(&tlsa.data).is_ok() && !tlsa.data.bytes().any(|b| b.is_ascii_uppercase()));
                kind == Kind::Tlsa
            }
            Data::Cname(target) => {
                check_name(target);
                kind == Kind::Cname
            }
            Data::Ns(server) => {
                check_name(server);
                kind == Kind::Ns
            }
            Data::Ds => kind == Kind::Ds,
        };
        assert!(fits, "{data:?} is no {kind:?}");
    }
}

/// A name as the dataset holds it can be asked about, and stays as it is.
fn check_name(name: &str) {
    assert_harmless(name);
    assert!(name == "." || (!name.is_empty() && !name.ends_with('.')), "{name:?}");
    assert!(!name.bytes().any(|b| b.is_ascii_uppercase()), "{name:?} is not lower case");
    assert!(name.len() <= 4 * 255, "{name:?}");
    assert_eq!(round_trip(name).as_deref(), Some(name), "the name can be asked about, and comes back");
}

/// The name as the target of an alias in a packet that is made for it.
fn round_trip(name: &str) -> Option<String> {
    let mut target = Vec::new();
    if name != "." {
        for label in name.split('.') {
            let bytes = mxcensus_rules::text::unescape(label);
            target.push(u8::try_from(bytes.len()).ok().filter(|length| *length < 64)?);
            target.extend(bytes);
        }
    }
    target.push(0);
    let length = u16::try_from(target.len()).ok()?.to_be_bytes();
    let head = b"\0\x07\x84\0\0\x01\0\x01\0\0\0\0\x02mx\x04test\0\0\x05\0\x01\xc0\x0c\0\x05\0\x01\0\0\0\x3c";
    let packet = [head.as_slice(), &length, &target].concat();
    match read_packet(NAME, Kind::Cname, &packet)?.records.as_slice() {
        [Data::Cname(target)] => Some(target.clone()),
        _ => None,
    }
}
