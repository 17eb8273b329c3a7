//! A slot's share of what the whole fleet may do.
//!
//! An operator's addresses may lie in every slot, so each slot paces each operator at its part of the rate: all of them together
//! never go beyond it, whichever workers own them. Policies are one slot, and have their whole rate there.

use mxcensus_scan::Setup;

use crate::slots::{Slot, Slots};

/// The settings of one slot.
pub fn of_slot(setup: &Setup, slots: Slots, slot: Slot) -> Setup {
    let mut setup = setup.clone();
    if slot.is_policies() {
        return setup;
    }
    let part = 1.0 / f64::from(slots.count());
    setup.limits.operator_per_s *= part;
    for entry in &mut setup.operators.mail {
        if let Some(per_s) = &mut entry.per_s {
            *per_s *= part;
        }
    }
    setup
}
