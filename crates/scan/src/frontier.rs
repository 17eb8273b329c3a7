//! The frontier: what is still to be done, and when it may be.
//!
//! One narrow boundary between the stages and their queues: *put* an item (once, by a 128-bit key), *take* one,
//! *defer* one with its attempt and a not-before, *done*. The limits are asked here and nowhere else. The frontier
//! is a cache: the dataset is the truth, and re-seeding it from the rows that exist is what `--resume` does.

mod budget;
mod children;
mod earlier;
mod items;
mod permit;

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};

use self::budget::Budgets;

pub use self::budget::Asker;
pub use self::items::{Child, DomainItem, EndpointItem, FetchItem, HostAt, HostItem, PolicyItem, Turn};
pub use self::permit::Permit;

use super::attempts::Earlier;
use super::keys::{Once, endpoint_key, key};
use super::limits::Limits;
use super::operators::{Operators, per_second};
use super::paced::{Longest, Next, Paced, Rules, Slowed};
use super::sampling::{Sampling, Step};
use mxcensus_dataset::input::SeenSet;
use mxcensus_rules::observation::EndpointRow;

/// An item that can be deferred.
#[derive(Debug)]
enum Deferred {
    Domain(DomainItem),
    Policy(PolicyItem),
    Host(HostItem),
    Endpoint(EndpointItem),
}

/// The queues, each with one taker; `Input` is the reader, who waits for room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Queue {
    Input,
    Domains,
    Policies,
    Fetches,
    Hosts,
    Endpoints,
}

const QUEUES: usize = 6;

impl Deferred {
    fn queue(&self) -> Queue {
        match self {
            Deferred::Domain(_) => Queue::Domains,
            Deferred::Policy(_) => Queue::Policies,
            Deferred::Host(_) => Queue::Hosts,
            Deferred::Endpoint(_) => Queue::Endpoints,
        }
    }
}

/// Domains that wait to be looked up before the reader does.
const DOMAINS_WAITING: usize = 1_000;

struct Later {
    at: Instant,
    item: Deferred,
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl Eq for Later {}
impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Later {
    // Reversed: the heap's greatest is the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

struct State {
    seen: SeenSet,
    /// What the stages found and was handed out.
    handed_out: SeenSet,
    domains: VecDeque<DomainItem>,
    policies: VecDeque<PolicyItem>,
    hosts: VecDeque<HostItem>,
    fetches: Paced<FetchItem>,
    endpoints: Paced<EndpointItem>,
    operators: Operators,
    policy_operators: Operators,
    sampling: Option<Sampling>,
    /// What hosts are aliases of, where they are: those that wait for the samples of their address are held by name alone.
    aliases: HashMap<Arc<str>, Arc<[String]>>,
    budgets: Budgets,
    /// Endpoints that are not to be contacted any more.
    settled: VecDeque<EndpointItem>,
    deferred: BinaryHeap<Later>,
    /// What earlier runs attempted and has no row.
    earlier: Earlier,
    outstanding: usize,
    /// Distinct items put so far, by [`Queue`].
    put: [u64; QUEUES],
    input_open: bool,
    holds: usize,
    stopping: bool,
}

/// The queues of one process.
pub struct Frontier {
    state: Mutex<State>,
    changed: [Notify; QUEUES],
    hosts_waiting: usize,
    endpoints_waiting: usize,
    /// Where what the stages find goes, where it does not come into these queues.
    elsewhere: OnceLock<mpsc::UnboundedSender<Child>>,
}

/// How many items wait in each queue, for the progress display.
#[derive(Clone, Copy, Debug, Default)]
pub struct Depths {
    /// Domains that were read and are to be looked up.
    pub domains: usize,
    /// MX hosts to look up.
    pub hosts: usize,
    /// Policies to fetch.
    pub policies: usize,
    /// Endpoints waiting for their address, network or operator.
    pub endpoints: usize,
    /// Items waiting for their retry.
    pub deferred: usize,
    /// Endpoints waiting for the samples of their address.
    pub unsampled: usize,
    /// Distinct policies put so far.
    pub known_policies: u64,
    /// Distinct MX hosts put so far.
    pub known_hosts: u64,
    /// Distinct endpoints put so far.
    pub known_endpoints: u64,
}

/// What waits for limits, for the status file and the metrics.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    /// The queue of endpoints that takes longest.
    pub longest: Option<Longest>,
    /// Who asked us to slow down.
    pub slowed: Slowed,
    /// Until the last of the retries that are planned now.
    pub last_retry: Option<Duration>,
}

/// Holds the crawl while it lives; see [`Frontier::hold`].
#[must_use = "the crawl goes on when this is dropped"]
pub struct Hold(Arc<Frontier>);

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.holds = state.holds.saturating_sub(1);
        drop(state);
        self.0.wake_all();
    }
}

impl Frontier {
    /// Empty queues under these limits, for this table of operators. `paced` is false only in labs. The seed chooses who
    /// is sampled.
    pub fn new(limits: &Limits, paced: bool, operators: Operators, policy_operators: Operators, seed: u64) -> Self {
        let longest_pause = Duration::try_from_secs_f64(limits.longest_pause_s).unwrap_or_default();
        let rules = |network: f64, operators: &Operators| Rules {
            network: per_second(network),
            one_at_a_time: paced,
            longest_pause,
            default_pace: operators.default_pace(),
        };
        let smtp = rules(limits.network_per_s, &operators);
        let https = rules(limits.policy_network_per_s, &policy_operators);
        Frontier {
            state: Mutex::new(State {
                seen: SeenSet::default(),
                handed_out: SeenSet::default(),
                domains: VecDeque::new(),
                policies: VecDeque::new(),
                hosts: VecDeque::new(),
                fetches: Paced::new(https),
                endpoints: Paced::new(smtp),
                operators,
                policy_operators,
                aliases: HashMap::new(),
                budgets: Budgets::new(limits),
                sampling: Sampling::new(limits, seed).filter(|_| paced),
                settled: VecDeque::new(),
                deferred: BinaryHeap::new(),
                earlier: Earlier::default(),
                outstanding: 0,
                put: [0; QUEUES],
                input_open: true,
                holds: 0,
                stopping: false,
            }),
            changed: std::array::from_fn(|_| Notify::new()),
            hosts_waiting: limits.hosts_waiting,
            endpoints_waiting: limits.endpoints_waiting,
            elsewhere: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held is a bug of ours; the data behind it is still whole.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether a key was seen.
    pub fn is_known(&self, key: u128) -> bool {
        self.state().seen.contains(key)
    }

    /// Marks a key as seen; true the first time.
    pub fn first_sight(&self, key: u128) -> bool {
        self.state().seen.insert(key)
    }

    /// Adds a domain (the reader has removed duplicates).
    pub fn put_domain(&self, item: DomainItem) {
        let mut state = self.state();
        state.outstanding += 1;
        state.domains.push_back(item);
        drop(state);
        self.wake(Queue::Domains);
    }

    /// Adds a policy fetch, once per crawl.
    pub fn put_policy(&self, domain: &Arc<str>) {
        self.put_once(Queue::Policies, key(Once::Policy, &[domain.as_bytes()]), |state| {
            state.begin_policy(domain.clone());
        });
    }

    /// Adds an endpoint, once per crawl.
    pub fn put_endpoint(&self, item: EndpointItem) {
        let key = endpoint_key(&item.host, &item.server_name, item.ip);
        self.put_once(Queue::Endpoints, key, |state| {
            if !item.aliases.is_empty() {
                state.aliases.insert(item.host.clone(), item.aliases.clone());
            }
            state.admit(item);
        });
    }

    /// An endpoint that may be sampled has its row: what it tells about its address.
    pub fn learn_endpoint(&self, ip: IpAddr, row: &EndpointRow) {
        let mut state = self.state();
        let steps = state.sampling.as_mut().map(|sampling| sampling.finish(ip, row)).unwrap_or_default();
        let any = !steps.is_empty();
        steps.into_iter().for_each(|step| state.take_step(ip, step));
        drop(state);
        if any {
            self.wake(Queue::Endpoints);
        }
    }

    fn put_once(&self, queue: Queue, key: u128, put: impl FnOnce(&mut State)) {
        let mut state = self.state();
        if state.seen.insert(key) {
            state.outstanding += 1;
            state.put[queue as usize] += 1;
            put(&mut state);
            drop(state);
            self.wake(queue);
        }
    }

    /// Wakes the task that takes from a queue; a wake that finds no task waiting is kept for the next one.
    fn wake(&self, queue: Queue) {
        self.changed[queue as usize].notify_one();
    }

    fn wake_all(&self) {
        self.changed.iter().for_each(Notify::notify_one);
    }

    /// A policy whose addresses are known waits for its address. It stays one outstanding item.
    pub fn wait_for_address(&self, ip: IpAddr, item: FetchItem) {
        let mut state = self.state();
        let State { fetches, policy_operators, .. } = &mut *state;
        let name = item.whose().to_owned();
        fetches.put(Instant::now(), ip, policy_operators.of_peer(&name, ip), item);
        drop(state);
        self.wake(Queue::Fetches);
    }

    /// An item that is taken up again later.
    pub fn defer_domain(&self, after: Duration, item: DomainItem) {
        self.defer(after, Deferred::Domain(item));
    }

    /// See [`Frontier::defer_domain`].
    pub fn defer_policy(&self, after: Duration, item: PolicyItem) {
        self.defer(after, Deferred::Policy(item));
    }

    /// See [`Frontier::defer_domain`].
    pub fn defer_host(&self, after: Duration, item: HostItem) {
        self.defer(after, Deferred::Host(item));
    }

    /// See [`Frontier::defer_domain`].
    pub fn defer_endpoint(&self, after: Duration, item: EndpointItem) {
        self.defer(after, Deferred::Endpoint(item));
    }

    fn defer(&self, after: Duration, item: Deferred) {
        let queue = item.queue();
        self.state().deferred.push(Later { at: Instant::now() + after, item });
        // It looks again, and then sleeps no longer than until the item is due.
        self.wake(queue);
    }

    /// A first look that told nothing, because of our own trouble, is made again after this time.
    pub fn repeat_endpoint(&self, after: Duration, item: EndpointItem) {
        if matches!(item.turn, Turn::Look(None))
            && item.may_be_sampled()
            && let Some(sampling) = &mut self.state().sampling
        {
            sampling.undo(item.ip);
        }
        self.defer_endpoint(after, item);
    }

    /// An item is finished: its rows are on their way to the writer.
    pub fn done(&self) {
        let mut state = self.state();
        state.outstanding = state.outstanding.saturating_sub(1);
        let finished = state.outstanding == 0;
        drop(state);
        if finished {
            self.wake_all();
        }
    }

    /// Nothing is handed out while the guard lives: this machine has lost its connection, or cannot use it.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.state().holds += 1;
        Hold(self.clone())
    }

    /// The reader has nothing more.
    pub fn close_input(&self) {
        self.state().input_open = false;
        self.wake_all();
    }

    /// Nothing more is handed out: what is in hand is finished, the rest is left for `--resume`.
    pub fn stop(&self) {
        self.state().stopping = true;
        self.wake_all();
    }

    /// Whether [`Frontier::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    /// Whether every item that was put is done.
    pub fn is_idle(&self) -> bool {
        self.state().outstanding == 0
    }

    /// Whether the reader should wait: too many hosts are waiting already.
    pub fn input_should_wait(&self) -> bool {
        !self.has_room(&self.state(), DOMAINS_WAITING)
    }

    fn has_room(&self, state: &State, domains: usize) -> bool {
        state.hosts.len() <= self.hosts_waiting && state.domains.len() <= domains
    }

    /// Waits until there is room for more input, at most `at_most`.
    pub async fn room(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.changed[Queue::Input as usize].notified()).await;
    }

    /// How deep the queues are.
    pub fn depths(&self) -> Depths {
        let state = self.state();
        Depths {
            domains: state.domains.len(),
            hosts: state.hosts.len(),
            policies: state.policies.len() + state.fetches.len(),
            endpoints: state.endpoints.len(),
            deferred: state.deferred.len(),
            unsampled: state.sampling.as_ref().map_or(0, Sampling::held),
            known_policies: state.put[Queue::Policies as usize],
            known_hosts: state.put[Queue::Hosts as usize],
            known_endpoints: state.put[Queue::Endpoints as usize],
        }
    }

    /// What waits for limits. Looks at every address: for a display.
    pub fn waits(&self) -> Waits {
        let (now, state) = (Instant::now(), self.state());
        let (longest, slowed) = state.endpoints.waits(now);
        let last_retry = state.deferred.iter().map(|later| later.at.saturating_duration_since(now)).max();
        Waits { longest, slowed, last_retry }
    }

    /// The next domain; `None` when there will be none.
    pub async fn take_domain(&self) -> Option<DomainItem> {
        self.take(Queue::Domains, |state| state.domains.pop_front().ok_or(None)).await
    }

    /// The next policy whose host is to be looked up; `None` when there will be none.
    pub async fn take_policy(&self) -> Option<PolicyItem> {
        self.take(Queue::Policies, |state| state.policies.pop_front().ok_or(None)).await
    }

    /// The next policy fetch that may be made; `None` when there will be none.
    pub async fn take_fetch(self: &Arc<Self>) -> Option<(Permit, FetchItem)> {
        let (ip, item) = self.take(Queue::Fetches, |state| paced(state.fetches.take(Instant::now()))).await?;
        Some((Permit::new(self, permit::Kind::PolicyHost, ip), item))
    }

    /// The next MX host; `None` when there will be none.
    pub async fn take_host(&self) -> Option<HostItem> {
        self.take(Queue::Hosts, |state| state.hosts.pop_front().ok_or(None)).await
    }

    /// The next endpoint, with a permit where it may be contacted; `None` when there will be none.
    pub async fn take_endpoint(self: &Arc<Self>) -> Option<(Option<Permit>, EndpointItem)> {
        let (is_settled, item) = self.pick_endpoint().await?;
        Some(((!is_settled).then(|| Permit::new(self, permit::Kind::MailServer, item.ip)), item))
    }

    async fn pick_endpoint(&self) -> Option<(bool, EndpointItem)> {
        self.take(Queue::Endpoints, |state| {
            if let Some(item) = state.settled.pop_front() {
                return Ok((true, item));
            }
            let (ip, item) = paced(state.endpoints.take(Instant::now()))?;
            if matches!(item.turn, Turn::Look(None))
                && item.may_be_sampled()
                && let Some(step) = state.sampling.as_mut().and_then(|sampling| sampling.begin(ip))
            {
                state.take_step(ip, step);
            }
            Ok((false, item))
        })
        .await
    }

    /// One taker per queue: a change between its look and its wait is remembered by the queue's notice.
    async fn take<T>(&self, queue: Queue, mut pick: impl FnMut(&mut State) -> Result<T, Option<Instant>>) -> Option<T> {
        loop {
            let until = {
                let mut state = self.state();
                if state.stopping || (state.outstanding == 0 && !state.input_open) {
                    return None;
                }
                if state.holds > 0 || (queue == Queue::Hosts && state.endpoints.len() > self.endpoints_waiting) {
                    // Hosts lead to more endpoints: they wait for room, which comes when an endpoint is taken.
                    None
                } else {
                    let due = state.wake_deferred(Instant::now());
                    due.into_iter().filter(|&due| due != queue).for_each(|due| self.wake(due));
                    match pick(&mut state) {
                        Ok(item) => {
                            if queue == Queue::Endpoints && state.endpoints.len() <= self.endpoints_waiting {
                                self.wake(Queue::Hosts);
                            }
                            // Woken when half of what may wait is left, so that the reader works in batches.
                            if state.input_open && self.has_room(&state, DOMAINS_WAITING / 2) {
                                self.wake(Queue::Input);
                            }
                            return Some(item);
                        }
                        Err(at) => [at, state.deferred.peek().map(|later| later.at)].into_iter().flatten().min(),
                    }
                }
            };
            let changed = self.changed[queue as usize].notified();
            match until {
                Some(at) => {
                    let _ = tokio::time::timeout_at(at.into(), changed).await;
                }
                None => changed.await,
            }
        }
    }
}

impl State {
    /// Moves what is due from the deferred items to its queue; returns the queues that got something.
    fn wake_deferred(&mut self, now: Instant) -> Vec<Queue> {
        let mut due = Vec::new();
        while self.deferred.peek().is_some_and(|later| later.at <= now) {
            let Some(Later { item, .. }) = self.deferred.pop() else { break };
            if !due.contains(&item.queue()) {
                due.push(item.queue());
            }
            match item {
                Deferred::Domain(item) => self.domains.push_back(item),
                Deferred::Policy(item) => self.policies.push_back(item),
                Deferred::Host(item) => self.hosts.push_back(item),
                Deferred::Endpoint(item) => self.enqueue(now, item),
            }
        }
        due
    }

    /// A new endpoint: to be contacted, or to wait for the samples of its address.
    fn admit(&mut self, item: EndpointItem) {
        // Names at an address that is known already have the budget of their address.
        let is_at_a_known_place =
            item.may_be_sampled() && self.sampling.as_ref().is_some_and(|sampling| sampling.knows(item.ip));
        if !is_at_a_known_place {
            if self.budgets.are_spent(&self.operators, &item.host, item.ip) {
                return self.settled.push_back(EndpointItem { turn: Turn::OverBudget, ..item });
            }
            self.budgets.count(&self.operators, &item.host, item.ip);
        }
        let Some(sampling) = &mut self.sampling else { return self.begin_endpoint(item) };
        if item.may_be_sampled() {
            if let Some(step) = sampling.arrive(item.ip, item.host) {
                self.take_step(item.ip, step);
            }
        } else if sampling.arrive_unsampled(item.ip, &item.host) {
            self.begin_endpoint(item);
        } else {
            self.settled.push_back(EndpointItem { turn: Turn::OverBudget, ..item });
        }
    }

    fn take_step(&mut self, ip: IpAddr, step: Step) {
        let item = |host: Arc<str>, turn| EndpointItem {
            server_name: host.clone(),
            aliases: self.aliases.get(&host).cloned().unwrap_or_default(),
            host,
            ip,
            tlsa_names: Arc::default(),
            shared: None,
            turn,
        };
        match step {
            Step::Contact(host) => {
                let item = item(host, Turn::Look(None));
                self.begin_endpoint(item);
            }
            Step::As(host, row) => {
                let item = item(host, Turn::As(row));
                self.settled.push_back(item);
            }
            Step::OverBudget(host) => {
                let item = item(host, Turn::OverBudget);
                self.settled.push_back(item);
            }
        }
    }

    fn enqueue(&mut self, now: Instant, item: EndpointItem) {
        let host = item.host.clone();
        self.endpoints.put(now, item.ip, self.operators.of(&host), item);
    }
}

fn paced<T>(next: Next<T>) -> Result<(IpAddr, T), Option<Instant>> {
    match next {
        Next::Item(ip, item) => Ok((ip, item)),
        Next::At(at) => Err(Some(at)),
        Next::Nothing => Err(None),
    }
}

#[cfg(test)]
mod tests;
