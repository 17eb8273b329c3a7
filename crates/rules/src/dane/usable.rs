//! Which TLSA records count (RFC 7672 §3.1, RFC 7671 §9).

use super::record::{Matching, Selector, Tlsa, Usage};
use crate::observation::TlsaRecord;
use crate::pkix::{parse, parse_public_key};

/// The records that count, as indexes into the records given, ascending.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Those that a client can use.
    pub usable: Vec<usize>,
    /// Of these, those that digest agility leaves.
    pub selected: Vec<usize>,
}

/// Whether a client can use the record: usage, selector and matching type are known and allowed, and the data can
/// be what it says.
pub fn is_usable(record: &TlsaRecord) -> bool {
    is_usable_once_decoded(&record.into())
}

fn is_usable_once_decoded(record: &Tlsa) -> bool {
    // RFC 7672 §3.1.3: PKIX-TA and PKIX-EE may be treated as unusable, and are.
    if !matches!(record.usage, Usage::DaneTa | Usage::DaneEe) {
        return false;
    }
    let Some(data) = &record.data else {
        return false;
    };
    match (record.selector, record.matching) {
        (Selector::Cert, Matching::Full) => parse(data).is_some(),
        (Selector::Spki, Matching::Full) => parse_public_key(data).is_some(),
        (Selector::Cert | Selector::Spki, Matching::Sha2_256) => data.len() == 32,
        (Selector::Cert | Selector::Spki, Matching::Sha2_512) => data.len() == 64,
        _ => false,
    }
}

/// Tells which records count.
pub fn select(records: &[TlsaRecord]) -> Selection {
    select_decoded(&records.iter().map(Tlsa::from).collect::<Vec<_>>())
}

/// The same for records that are decoded already.
pub(super) fn select_decoded(records: &[Tlsa]) -> Selection {
    let usable: Vec<usize> = (0..records.len()).filter(|index| is_usable_once_decoded(&records[*index])).collect();
    // RFC 7671 §9: for each usage and selector the strongest digest alone counts; full data is no digest.
    let is_outdone = |weak: &Tlsa| {
        weak.matching == Matching::Sha2_256
            && usable.iter().map(|index| &records[*index]).any(|strong| {
                strong.matching == Matching::Sha2_512 && (strong.usage, strong.selector) == (weak.usage, weak.selector)
            })
    };
    let selected = usable.iter().copied().filter(|index| !is_outdone(&records[*index])).collect();
    Selection { usable, selected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::Authority;

    fn record(usage: u8, selector: u8, matching: u8, data: impl AsRef<[u8]>) -> TlsaRecord {
        TlsaRecord { usage, selector, matching, data: hex::encode(data) }
    }

    #[test]
    fn usable_or_not() {
        let root = Authority::root("Root");
        let (certificate, key) = (root.der(), root.spki());
        let mut longer = certificate.clone();
        longer.push(0);
        for (usage, selector, matching, data, usable, why) in [
            (3, 1, 1, vec![1; 32], true, "the common one"),
            (3, 0, 1, vec![1; 32], true, ""),
            (3, 1, 2, vec![1; 64], true, ""),
            (2, 0, 1, vec![1; 32], true, ""),
            (2, 1, 2, vec![1; 64], true, ""),
            (2, 0, 0, certificate.clone(), true, "a certificate in the record"),
            (2, 1, 0, key.clone(), true, "a bare key in the record"),
            (3, 0, 0, certificate.clone(), true, ""),
            (3, 1, 0, key.clone(), true, ""),
            (0, 1, 1, vec![1; 32], false, "PKIX-TA: RFC 7672 3.1.3"),
            (1, 1, 1, vec![1; 32], false, "PKIX-EE: RFC 7672 3.1.3"),
            (4, 1, 1, vec![1; 32], false, "unknown usage"),
            (255, 1, 1, vec![1; 32], false, "PrivCert"),
            (3, 2, 1, vec![1; 32], false, "unknown selector"),
            (3, 1, 3, vec![1; 32], false, "unknown matching type"),
            (3, 1, 1, vec![1; 31], false, "too short for SHA-256"),
            (3, 1, 1, vec![1; 64], false, "too long for SHA-256"),
            (3, 1, 2, vec![1; 32], false, "too short for SHA-512"),
            (3, 1, 1, vec![], false, "no data"),
            (3, 0, 0, vec![], false, "no data"),
            (3, 0, 0, vec![1; 32], false, "a digest is no certificate"),
            (3, 0, 0, key.clone(), false, "a key is no certificate"),
            (3, 1, 0, certificate.clone(), false, "a certificate is no key"),
            (2, 0, 0, longer, false, "a byte too many"),
        ] {
            assert_eq!(
                is_usable(&record(usage, selector, matching, data)),
                usable,
                "{usage} {selector} {matching} {why}"
            );
        }
        let odd = TlsaRecord { usage: 3, selector: 1, matching: 1, data: "abc".into() };
        assert!(!is_usable(&odd), "not hexadecimal");
    }

    #[test]
    fn the_strongest_digest_of_each_usage_and_selector_counts() {
        let root = Authority::root("Root");
        let records = [
            record(3, 1, 1, [1; 32]),     // outdone by 1
            record(3, 1, 2, [2; 64]),     //
            record(3, 0, 1, [3; 32]),     // another selector
            record(2, 1, 1, [4; 32]),     // another usage
            record(3, 1, 0, root.spki()), // full data stays
            record(1, 1, 2, [5; 64]),     // unusable
            record(2, 1, 2, [6; 32]),     // unusable, so it outdoes nothing
        ];
        let selection = select(&records);
        assert_eq!(selection.usable, [0, 1, 2, 3, 4]);
        assert_eq!(selection.selected, [1, 2, 3, 4]);
        assert_eq!(select(&[]), Selection::default());
    }
}
