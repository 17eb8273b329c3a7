//! Who owns which slot: a pure function of the members, which every worker computes alike.
//!
//! Rendezvous hashing (Thaler, Ravishankar 1998) with bounded load: a slot goes to the member that ranks highest for it and is
//! not full. So a member that joins or leaves moves few slots, and nobody has more than one share.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_64;

use crate::slots::{Slot, Slots};

/// The owner of each slot; nobody owns any where there are no members.
pub fn owners(members: &BTreeSet<String>, slots: Slots) -> BTreeMap<Slot, &str> {
    let mut owners = BTreeMap::new();
    if members.is_empty() {
        return owners;
    }
    let most = slots.all().count().div_ceil(members.len());
    let mut loads: BTreeMap<&str, usize> = BTreeMap::new();
    for slot in slots.all() {
        let free = members.iter().filter(|member| loads.get(member.as_str()).copied().unwrap_or(0) < most);
        if let Some(owner) = free.max_by_key(|member| (rank(member, slot), member.as_str())) {
            *loads.entry(owner).or_default() += 1;
            owners.insert(slot, owner.as_str());
        }
    }
    owners
}

fn rank(member: &str, slot: Slot) -> u64 {
    xxh3_64(format!("{member} {slot}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn members(count: usize) -> BTreeSet<String> {
        (0..count).map(|n| format!("worker-{n}")).collect()
    }

    proptest! {
        #[test]
        fn every_slot_has_one_owner_and_nobody_more_than_a_share(count in 1_u16..200, workers in 1_usize..40) {
            let (members, slots) = (members(workers), Slots::new(count));
            let owners = owners(&members, slots);
            prop_assert_eq!(owners.len(), slots.all().count());
            let share = slots.all().count().div_ceil(workers);
            for member in &members {
                prop_assert!(owners.values().filter(|owner| *owner == member).count() <= share);
            }
        }

        #[test]
        fn a_member_that_leaves_moves_little_more_than_its_own(workers in 2_usize..12, gone in 0_usize..12) {
            let (before, slots) = (members(workers), Slots::new(64));
            let mut after = before.clone();
            let gone = format!("worker-{}", gone % workers);
            after.remove(&gone);
            let (old, new) = (owners(&before, slots), owners(&after, slots));
            let moved = slots.all().filter(|slot| old[slot] != new[slot]).count();
            let own = old.values().filter(|owner| **owner == gone).count();
            prop_assert!(moved <= own + 65 / 2, "{moved} moved, {own} were its own");
        }
    }

    #[test]
    fn nobody_owns_a_slot_of_nobodys() {
        assert!(owners(&BTreeSet::new(), Slots::new(4)).is_empty());
    }
}
