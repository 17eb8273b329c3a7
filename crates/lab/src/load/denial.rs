//! Denials made as they are asked for: minimally covering NSEC records (RFC 4470) and their kin in NSEC3 (RFC 7129,
//! appendix B). A server of ten million domains can neither sort nor sign a chain, and need not.

use super::zones::{Denial, ZoneView, Zones};
use crate::LabError;
use crate::answer::Answer;
use crate::wire::{Kind, Name};
use crate::zone::{base32hex, nsec3_hash, type_bitmap};

/// The longest label (RFC 1035 2.3.4).
const LONGEST: usize = 63;

impl Zones {
    /// Denies the type at a name that exists, or the name itself.
    pub(super) fn deny(&self, view: &ZoneView, name: &Name, out: &mut Answer) -> Result<(), LabError> {
        if let Some(soa) = view.contents.get(&view.apex).and_then(|sets| sets.get(&Kind::SOA)) {
            self.push(view, &view.apex, Kind::SOA, soa, &mut out.authority)?;
        }
        if view.state == super::domain::Zone::Unsigned {
            return Ok(());
        }
        if view.exists(name) {
            return self.match_name(view, name, out);
        }
        let encloser = (view.apex.depth()..name.depth())
            .rev()
            .map(|depth| name.ancestor(depth))
            .find(|above| view.exists(above))
            .unwrap_or_else(|| view.apex.clone());
        let next_closer = name.ancestor(encloser.depth() + 1);
        if view.denial == Denial::Nsec3 {
            // RFC 5155 §7.2.2: the closest encloser, the next closer name, the wildcard.
            self.match_name(view, &encloser, out)?;
        }
        self.cover_name(view, &next_closer, out)?;
        self.cover_name(view, &encloser.child("*"), out)
    }

    /// A record at the name itself, with the types that are there.
    fn match_name(&self, view: &ZoneView, name: &Name, out: &mut Answer) -> Result<(), LabError> {
        let kinds: Vec<Kind> = view.contents.get(name).map(|sets| sets.keys().copied().collect()).unwrap_or_default();
        match view.denial {
            Denial::Nsec => {
                let mut labels = name.labels().to_vec();
                labels.push(vec![0]);
                let types = kinds.into_iter().chain([Kind::RRSIG, Kind::NSEC]);
                self.put_nsec(view, name, &Name::from_labels(labels), types, out)
            }
            Denial::Nsec3 => {
                let hash = nsec3_hash(name, 0);
                let is_cut = *name != view.apex && kinds.contains(&Kind::NS) && !kinds.contains(&Kind::DS);
                let signed = (!kinds.is_empty() && !is_cut).then_some(Kind::RRSIG);
                self.put_nsec3(view, &hash, &after(&hash), kinds.into_iter().chain(signed), out)
            }
        }
    }

    /// A record that spans the name, all below it, and nothing else.
    fn cover_name(&self, view: &ZoneView, name: &Name, out: &mut Answer) -> Result<(), LabError> {
        match view.denial {
            Denial::Nsec => {
                let (before, behind) = neighbours(name);
                self.put_nsec(view, &before, &behind, [Kind::RRSIG, Kind::NSEC].into_iter(), out)
            }
            Denial::Nsec3 => {
                let hash = nsec3_hash(name, 0);
                self.put_nsec3(view, &before(&hash), &after(&hash), std::iter::empty(), out)
            }
        }
    }

    fn put_nsec(
        &self,
        view: &ZoneView,
        owner: &Name,
        next: &Name,
        kinds: impl Iterator<Item = Kind>,
        out: &mut Answer,
    ) -> Result<(), LabError> {
        let data = [next.wire(), type_bitmap(kinds)].concat();
        self.push(view, owner, Kind::NSEC, &[data], &mut out.authority)
    }

    fn put_nsec3(
        &self,
        view: &ZoneView,
        hash: &[u8],
        next: &[u8],
        kinds: impl Iterator<Item = Kind>,
        out: &mut Answer,
    ) -> Result<(), LabError> {
        // RFC 5155 §3.2; RFC 9276 §3.1: no extra rounds, no salt.
        let data = [&[1, 0, 0, 0, 0, next.len() as u8][..], next, &type_bitmap(kinds)].concat();
        self.push(view, &view.apex.child(&base32hex(hash)), Kind::NSEC3, &[data], &mut out.authority)
    }
}

/// Names right before a name, and right behind it and all below it (RFC 4470 3, in the order of RFC 4034 6.1).
fn neighbours(name: &Name) -> (Name, Name) {
    let with_last = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut labels = name.labels().to_vec();
        if let Some(last) = labels.last_mut() {
            change(last);
        }
        Name::from_labels(labels)
    };
    let before = with_last(&|label| match label.pop() {
        // The last octet one less, and as late as can be below that.
        Some(last) if last > 0 => {
            label.push(last - 1);
            if label.len() < LONGEST {
                label.push(0xff);
            }
        }
        _ => {}
    });
    let behind = with_last(&|label| {
        if label.len() < LONGEST {
            label.push(0);
        } else if let Some(last) = label.last_mut() {
            *last = last.saturating_add(1);
        }
    });
    (before, behind)
}

fn after(hash: &[u8]) -> Vec<u8> {
    let mut hash = hash.to_vec();
    for octet in hash.iter_mut().rev() {
        *octet = octet.wrapping_add(1);
        if *octet != 0 {
            break;
        }
    }
    hash
}

fn before(hash: &[u8]) -> Vec<u8> {
    let mut hash = hash.to_vec();
    for octet in hash.iter_mut().rev() {
        let borrow = *octet == 0;
        *octet = octet.wrapping_sub(1);
        if !borrow {
            break;
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_and_all_below_lie_between_its_neighbours(label in "[a-z0-9_-]{1,63}", below in "[a-z]{1,8}") {
            let name = Name::new("zone.com-lab").child(&label);
            let (before, behind) = neighbours(&name);
            prop_assert!(before < name && name < behind);
            prop_assert!(name.child(&below) < behind);
            prop_assert_eq!(before.depth(), name.depth());
        }

        #[test]
        fn hashes_have_neighbours(hash in proptest::collection::vec(any::<u8>(), 20)) {
            prop_assert_eq!(after(&before(&hash)), hash.clone());
            if hash.iter().any(|octet| *octet != 0) {
                prop_assert!(before(&hash) < hash);
            }
        }
    }
}
