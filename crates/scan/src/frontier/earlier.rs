//! What earlier runs left: rows, and attempts that have none.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use super::{Deferred, EndpointItem, Frontier, Later, PolicyItem, State, Turn};
use crate::attempts::{Earlier, Was};
use crate::keys::{Once, endpoint_key, key};
use crate::net::now;
use mxcensus_rules::observation::{EndpointRow, Micros};

impl Frontier {
    /// Takes a row of an earlier run into account. `sampled` as [`EndpointItem::may_be_sampled`] had it.
    pub fn restore_endpoint(&self, ip: IpAddr, row: &EndpointRow, sampled: bool) {
        let mut state = self.state();
        let is_at_a_known_place = sampled && state.sampling.as_ref().is_some_and(|sampling| sampling.knows(ip));
        if row.connections > 0 && !is_at_a_known_place {
            let State { budgets, operators, .. } = &mut *state;
            budgets.count(operators, &row.host, ip);
        }
        if let Some(sampling) = &mut state.sampling {
            if sampled { sampling.restore(ip, row) } else { sampling.restore_unsampled(ip, &row.host) }
        }
    }

    /// Takes the attempts of earlier runs into account, before anything is put. A server that was contacted right before
    /// the last one ended has its rest.
    pub fn go_on_from(&self, earlier: Earlier) {
        let mut state = self.state();
        for (ip, rest) in earlier.resting(now()) {
            state.endpoints.rest(Instant::now(), ip, rest);
        }
        state.earlier = earlier;
    }
}

impl State {
    /// An endpoint that is to be contacted: at once, or when and as the runs before left it.
    pub(super) fn begin_endpoint(&mut self, item: EndpointItem) {
        let was = if self.earlier.has_no_endpoints() {
            None
        } else {
            self.earlier.endpoint(endpoint_key(&item.host, &item.server_name, item.ip))
        };
        let Some(Was { made, seen, due }) = was else { return self.enqueue(Instant::now(), item) };
        let shared = item.shared.clone().unwrap_or_default();
        shared.fetch_add(made, Relaxed);
        // One that goes on with a retry was begun in the eyes of the sampling; another is when it is taken.
        let step = match &mut self.sampling {
            Some(sampling) if seen.is_some() && item.may_be_sampled() => sampling.begin(item.ip).map(|s| (item.ip, s)),
            _ => None,
        };
        self.put_off(due, Deferred::Endpoint(EndpointItem { shared: Some(shared), turn: Turn::Look(seen), ..item }));
        if let Some((ip, step)) = step {
            self.take_step(ip, step);
        }
    }

    /// The same for a policy.
    pub(super) fn begin_policy(&mut self, domain: Arc<str>) {
        match self.earlier.policy(key(Once::Policy, &[domain.as_bytes()])) {
            None => self.policies.push_back(PolicyItem { domain, earlier: None, begun: 0 }),
            Some(Was { made: begun, seen: earlier, due }) => {
                self.put_off(due, Deferred::Policy(PolicyItem { domain, earlier, begun }));
            }
        }
    }

    fn put_off(&mut self, due: Micros, item: Deferred) {
        let wait = self.earlier.wait(due, now());
        self.deferred.push(Later { at: Instant::now() + wait, item });
    }
}
