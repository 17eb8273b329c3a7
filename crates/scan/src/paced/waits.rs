//! What waits for limits, for the status file and the metrics.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::Paced;

/// Who holds a queue up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WhoWaits {
    /// One address, of this operator.
    Address(IpAddr, Box<str>),
    /// An operator as a whole.
    Operator(Box<str>),
}

impl std::fmt::Display for WhoWaits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WhoWaits::Address(ip, operator) => write!(f, "{operator} at {ip}"),
            WhoWaits::Operator(operator) => write!(f, "{operator}"),
        }
    }
}

/// The queue that takes longest at the present pace.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Longest {
    /// Whose.
    pub who: WhoWaits,
    /// Items in it.
    pub waiting: usize,
    /// Until the last of them may be contacted; the contacts' own time comes on top.
    pub left: Duration,
}

/// How many asked us to slow down and have not calmed down yet.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Slowed {
    /// Addresses.
    pub addresses: usize,
    /// Operators.
    pub operators: usize,
}

impl<T> Paced<T> {
    /// The queue that takes longest at the present pace, if anything waits, and who is slowed down. Looks at every address
    /// and operator: for a display, not for a loop.
    pub fn waits(&self, now: Instant) -> (Option<Longest>, Slowed) {
        let longest_pause = self.rules.longest_pause;
        let mut slowed = Slowed::default();
        let mut longest: Option<(Duration, usize, Option<IpAddr>, u64)> = None;
        let mut consider = |candidate: (Duration, usize, Option<IpAddr>, u64)| {
            if longest.is_none_or(|best| candidate > best) {
                longest = Some(candidate);
            }
        };
        for (&ip, address) in &self.addresses {
            slowed.addresses += usize::from(!address.backoff.is_calm());
            let Some((operator, _)) = address.waiting.front() else { continue };
            let Some(state) = self.operators.get(operator) else { continue };
            let pause = address.backoff.stretch(state.pace.address, longest_pause);
            // A contact under way is followed by a whole pause.
            let first = if address.busy.is_some() { pause } else { address.rested_at.saturating_duration_since(now) };
            let count = address.waiting.len();
            let left = first.saturating_add(pause.saturating_mul(u32::try_from(count - 1).unwrap_or(u32::MAX)));
            consider((left, count, Some(ip), *operator));
        }
        for (&id, state) in &self.operators {
            slowed.operators += usize::from(!state.backoff.is_calm());
            let Some(others) = state.waiting.checked_sub(1) else { continue };
            let pause = state.backoff.stretch(state.pace.operator, longest_pause);
            let first = state.gate.free_at.saturating_duration_since(now);
            let left = first.saturating_add(pause.saturating_mul(u32::try_from(others).unwrap_or(u32::MAX)));
            consider((left, state.waiting, None, id));
        }
        let longest = longest.and_then(|(left, waiting, ip, operator)| {
            let name = self.operators.get(&operator)?.name.clone();
            let who = match ip {
                Some(ip) => WhoWaits::Address(ip, name),
                None => WhoWaits::Operator(name),
            };
            Some(Longest { who, waiting, left })
        });
        (longest, slowed)
    }
}
