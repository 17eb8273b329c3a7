//! Names that DNS can carry and text can not: control bytes, dots and backslashes inside labels, 255 octets.

use super::super::super::LabError;
use super::super::super::smtp::Server;
use super::super::super::tls::Chains;
use super::super::super::wire::{Kind, Name, rdata};
use super::super::super::world::World;
use super::super::{mx_of, ordinary, signed};
use super::OBEYED;
use crate::pki::Leaf;

/// Labels that cannot be host names.
const ODD: &[&[u8]] = &[OBEYED, b"a\0b", b"a.b", b"a\\b", b"\\027[31m", b" ", b"\n", b"\x1b]0;title\x07", b"\xff\xfe"];

/// A label below a domain.
fn below(domain: &str, label: &[u8]) -> Name {
    let mut labels = Name::new(domain).labels().to_vec();
    labels.push(label.to_ascii_lowercase());
    Name::from_labels(labels)
}

/// The longest name below a domain: 255 octets (RFC 1035 §2.3.4).
fn longest(domain: &str) -> Name {
    let mut labels = Name::new(domain).labels().to_vec();
    loop {
        let room = 255 - Name::from_labels(labels.clone()).wire().len();
        match room {
            0..=1 => return Name::from_labels(labels),
            // A label takes an octet more than it has, and none may be left that nothing fits into.
            65 => labels.push(vec![b'x'; 62]),
            _ => labels.push(vec![b'x'; 63.min(room - 1)]),
        }
    }
}

/// MX records that point to such names.
pub(super) fn in_mx(w: &mut World, domain: &str) -> Result<(), LabError> {
    w.zone(domain, None);
    for label in ODD {
        w.record(domain, Kind::MX, rdata::mx(10, &below(domain, label)));
    }
    w.record(domain, Kind::MX, rdata::mx(20, &longest(domain)));
    Ok(())
}

/// A signed domain whose MX host, and its TLSA records, are reached over aliases of such names.
pub(super) fn in_aliases(w: &mut World, domain: &str) -> Result<(), LabError> {
    w.zone(domain, Some(signed()));
    let (host, odd) = (mx_of(domain), below(domain, OBEYED));
    w.mx(domain, &[(10, &host)]);
    w.record(&host, Kind::CNAME, odd.wire());
    let chain = w.pki.issue(&Leaf::good(&host))?;
    let data = rdata::tlsa(3, 1, 1, &chain.leaf()?.association(1, 1));
    let address = w.unnamed_server(Server::good(Chains::always(chain)));
    if let std::net::IpAddr::V4(v4) = address {
        w.record_at(odd.clone(), Kind::A, rdata::a(v4));
    }
    // _25._tcp below the odd name is an alias too, of another odd one.
    let owner = odd.child("_tcp").child("_25");
    let records = below(domain, b"tlsa\x1b[2J\0");
    w.record_at(owner, Kind::CNAME, records.wire());
    w.record_at(records, Kind::TLSA, data);
    Ok(())
}

/// TXT and policy host behind aliases of such names; nothing fits in front of the longest.
pub(super) fn in_policy(w: &mut World, domain: &str) -> Result<(), LabError> {
    ordinary(w, domain)?;
    let odd = below(domain, OBEYED);
    w.record(&format!("_mta-sts.{domain}"), Kind::CNAME, odd.wire());
    w.record_at(odd, Kind::TXT, rdata::txt(&[b"v=STSv1; id=1;"]));
    w.record(&format!("mta-sts.{domain}"), Kind::CNAME, longest(domain).wire());
    w.record_at(longest(domain), Kind::A, rdata::a([127, 9, 9, 9].into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_has_255_octets() {
        for domain in ["a.com", "ab.com", "lab-names-in-mx-12345.com", &format!("{}.com", "a".repeat(60))] {
            assert_eq!(longest(domain).wire().len(), 255, "{domain}");
        }
    }
}
