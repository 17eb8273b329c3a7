//! Whether port 25 is closed from here: a world in which no mail server ever answers is a fact about this network.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::limits::Limits;
use crate::paced::network_of;

/// How a connection attempt ended, as far as this question goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialled {
    /// It was accepted.
    Accepted,
    /// It was refused by a reset.
    Refused,
    /// Nothing came back, or only word from the way there.
    Silent,
}

/// That port 25 is closed, and what says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Closed {
    /// Distinct addresses that were tried.
    pub addresses: usize,
    /// How every one of them ended.
    pub how: Dialled,
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = if self.how == Dialled::Refused { "refused the connection" } else { "stayed silent" };
        write!(f, "each of the first {} addresses {how}, and none ever accepted one", self.addresses)
    }
}

/// Watches the first attempts of a crawl, until one is accepted or enough say that the port is closed.
#[derive(Debug)]
pub struct PortWatch {
    addresses: usize,
    networks: usize,
    decided: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    silent: HashSet<IpAddr>,
    refused: HashSet<IpAddr>,
    networks: HashSet<IpAddr>,
}

impl PortWatch {
    /// Nothing seen yet.
    pub fn new(limits: &Limits) -> PortWatch {
        PortWatch {
            addresses: limits.closed_after_addresses,
            networks: limits.closed_after_networks,
            decided: AtomicBool::new(limits.closed_after_addresses == 0),
            seen: Mutex::default(),
        }
    }

    /// Whether the question is still open.
    pub fn is_undecided(&self) -> bool {
        !self.decided.load(Relaxed)
    }

    /// A mail server accepted a connection, now or in an earlier run.
    pub fn opened(&self) {
        self.decided.store(true, Relaxed);
    }

    /// Notes an attempt. `Some` once: when the port is evidently closed. Both ways of being closed are whole: where
    /// some refuse and others are silent, there is an internet behind them.
    pub fn note(&self, ip: IpAddr, dialled: Dialled) -> Option<Closed> {
        if !self.is_undecided() {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match dialled {
            Dialled::Accepted => {
                self.opened();
                *seen = Seen::default();
                return None;
            }
            Dialled::Refused => seen.refused.insert(ip),
            Dialled::Silent => seen.silent.insert(ip),
        };
        seen.networks.insert(network_of(ip));
        let tried = seen.silent.len() + seen.refused.len();
        let whole = seen.silent.is_empty() || seen.refused.is_empty();
        if tried >= self.addresses && seen.networks.len() >= self.networks && whole {
            self.opened();
            return Some(Closed { addresses: tried, how: dialled });
        }
        // Both happen: somebody out there answers, so what is silent is silent by itself.
        if !whole && tried >= self.addresses {
            self.opened();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> PortWatch {
        PortWatch::new(&Limits { closed_after_addresses: 4, closed_after_networks: 2, ..Limits::default() })
    }

    fn ip(network: u8, host: u8) -> IpAddr {
        IpAddr::from([192, 0, network, host])
    }

    /// What a series of attempts leads to.
    fn after(attempts: &[(IpAddr, Dialled)]) -> Option<Closed> {
        let watch = watch();
        attempts.iter().filter_map(|&(ip, dialled)| watch.note(ip, dialled)).next()
    }

    #[test]
    fn closed_and_not() {
        use Dialled::*;
        let silent = [(ip(1, 1), Silent), (ip(1, 2), Silent), (ip(2, 1), Silent), (ip(2, 2), Silent)];
        assert_eq!(after(&silent), Some(Closed { addresses: 4, how: Silent }));
        assert_eq!(after(&silent.map(|(ip, _)| (ip, Refused))), Some(Closed { addresses: 4, how: Refused }));
        assert_eq!(after(&silent[..3]), None, "too few");
        let one_network = [1, 2, 3, 4, 5].map(|host| (ip(1, host), Silent));
        assert_eq!(after(&one_network), None, "one network may be down as a whole");
        assert_eq!(after(&[silent[0]; 9]), None, "one address, however often");
        let with = |dialled| [&[(ip(3, 1), dialled)][..], &silent].concat();
        assert_eq!(after(&with(Accepted)), None, "somebody answered");
        assert_eq!(after(&with(Refused)), None, "somebody answered, if with a reset");
    }

    #[test]
    fn an_earlier_run_that_was_answered_settles_it() {
        let watch = watch();
        watch.opened();
        assert!((1..100).all(|host| watch.note(ip(host, host), Dialled::Silent).is_none()));
    }
}
