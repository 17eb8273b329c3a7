//! Permits: an address that is being contacted, as a value.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Frontier, Queue, State};
use crate::paced::Contact;

/// An address that may be contacted now, and by nobody else. Dropping it gives the address back: its rest begins then, and
/// what waits for it goes on. Without a word about how the contact went it counts as one that nobody answered.
#[must_use = "the address is given back when the permit is dropped"]
pub struct Permit {
    frontier: Arc<Frontier>,
    kind: Kind,
    ip: IpAddr,
    contact: Contact,
    rest: Duration,
}

/// Whose address it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    MailServer,
    PolicyHost,
}

impl Permit {
    pub(super) fn new(frontier: &Arc<Frontier>, kind: Kind, ip: IpAddr) -> Permit {
        let contact = Contact::Unanswered;
        Permit { frontier: frontier.clone(), kind, ip, contact, rest: Duration::ZERO }
    }

    /// The address.
    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    /// Gives the address back after a contact that went like this.
    pub fn release(mut self, contact: Contact) {
        self.contact = contact;
    }

    /// The same, where the peer named the time that it wants to be left alone for.
    pub fn release_for(mut self, contact: Contact, rest: Duration) {
        (self.contact, self.rest) = (contact, rest);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (now, mut state) = (Instant::now(), self.frontier.state());
        let queue = match self.kind {
            Kind::MailServer => {
                state.endpoints.release(now, self.ip, self.contact, self.rest);
                Queue::Endpoints
            }
            Kind::PolicyHost => {
                state.fetches.release(now, self.ip, self.contact, self.rest);
                Queue::Fetches
            }
        };
        drop(state);
        self.frontier.wake(queue);
    }
}

impl Frontier {
    /// Takes a mail server's address for a contact that no item stands for, if it is free and rested, and its network and
    /// its operator have room.
    pub fn reserve_endpoint(self: &Arc<Self>, ip: IpAddr, host: &str) -> Option<Permit> {
        let mut state = self.state();
        let State { endpoints, operators, .. } = &mut *state;
        let reserved = endpoints.reserve(Instant::now(), ip, operators.of(host));
        drop(state);
        reserved.then(|| Permit::new(self, Kind::MailServer, ip))
    }

    /// The same for a policy host's address.
    pub fn reserve_fetch(self: &Arc<Self>, ip: IpAddr, host: &str) -> Option<Permit> {
        let mut state = self.state();
        let State { fetches, policy_operators, .. } = &mut *state;
        let reserved = fetches.reserve(Instant::now(), ip, policy_operators.of_peer(host, ip));
        drop(state);
        reserved.then(|| Permit::new(self, Kind::PolicyHost, ip))
    }
}
