//! What rows lead to: put into the queues of this frontier, or handed to the caller, who knows which frontier it belongs to.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use tokio::sync::mpsc;

use super::{Asker, Child, EndpointItem, Frontier, HostAt, HostItem, Queue, Turn};
use crate::keys::{Once, key};

impl Frontier {
    /// From now on nothing that the stages put comes into these queues: each thing is handed out once, and comes back by
    /// [`Frontier::admit`] to the frontier that it belongs to.
    pub fn hand_out_children(&self) -> mpsc::UnboundedReceiver<Child> {
        // What the stages find is bounded by what they have under way, and they wait for the writer.
        let (sender, receiver) = mpsc::unbounded_channel();
        // A second call gives a receiver that nothing comes to.
        let _ = self.elsewhere.set(sender);
        receiver
    }

    /// Puts what a row leads to, once per crawl.
    pub fn put(&self, child: Child) {
        let Some(elsewhere) = self.elsewhere.get() else { return self.admit(child, 0) };
        if self.state().handed_out.insert(key_of(&child)) {
            // Nobody takes it where this crawl is over.
            let _ = elsewhere.send(child);
        }
    }

    /// Puts what belongs to this frontier into its queues, once. To a host that is contacted under two names so many
    /// `connections` were made before.
    pub fn admit(&self, child: Child, connections: u32) {
        match child {
            Child::Host(host) => self.put_host(host),
            Child::Policy(domain) => self.put_policy(&domain),
            Child::At(at) => self.put_at(&at, connections),
        }
    }

    /// Who named it is known elsewhere: the names below the host's own registrable domain have their budget here.
    fn put_host(&self, host: Arc<str>) {
        self.put_once(Queue::Hosts, key(Once::Host, &[host.as_bytes()]), |state| {
            let asker = Asker::of(&host);
            state.budgets.add_listed(asker);
            state.hosts.push_back(HostItem { host: host.clone(), asker, attempts: 0 });
        });
    }

    /// Whether what the stages find goes elsewhere.
    pub fn hands_out_children(&self) -> bool {
        self.elsewhere.get().is_some()
    }

    fn put_at(&self, at: &HostAt, connections: u32) {
        // The limit is on connections to the host at the address, under either name.
        let shared = (at.server_names.len() > 1).then(|| Arc::new(AtomicU32::new(connections)));
        for server_name in &at.server_names {
            self.put_endpoint(EndpointItem {
                host: at.host.clone(),
                server_name: server_name.clone(),
                ip: at.ip,
                tlsa_names: at.tlsa_names.clone(),
                aliases: at.aliases.clone(),
                shared: shared.clone(),
                turn: Turn::Look(None),
            });
        }
    }

    /// Whether there is room for more hosts and endpoints from elsewhere.
    pub fn has_room_for_children(&self) -> bool {
        let state = self.state();
        state.hosts.len() <= self.hosts_waiting && state.endpoints.len() <= self.endpoints_waiting
    }
}

fn key_of(child: &Child) -> u128 {
    match child {
        Child::Host(host) => key(Once::Host, &[host.as_bytes()]),
        Child::Policy(domain) => key(Once::Policy, &[domain.as_bytes()]),
        Child::At(at) => key(Once::Endpoint, &[at.host.as_bytes(), at.ip.to_string().as_bytes()]),
    }
}
