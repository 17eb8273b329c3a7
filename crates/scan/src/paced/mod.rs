//! Items that wait for an address: the manners of the crawl, as a data structure.
//!
//! Each address has its own queue, so a crowded one holds up nobody else. An item is handed out when its
//! address is free and rested, and its network and its operator have room. The structure holds no timer: it is asked with
//! an instant, and answers with an item or with the instant at which to ask again.
//!
//! Addresses that are rested and wait for the same operator and the same network stand in one *lane*. A lane that may not
//! go on waits at the *gate* of its operator or of its network, whichever opens later, and a gate lets one contact
//! through each time it opens: a hundred thousand addresses of one operator cost one look each time, not a hundred
//! thousand.

mod backoff;
#[cfg(test)]
mod tests;
mod waits;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backoff::Backoff;
pub use backoff::asks_to_slow_down;
pub use waits::{Longest, Slowed, WhoWaits};

/// How closely the contacts of one operator may follow each other. Zero durations lift a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Rest of one address between the end of a contact and the next.
    pub address: Duration,
    /// Between the beginnings of two contacts of the operator.
    pub operator: Duration,
    /// Contacts of the operator under way at once.
    pub at_once: usize,
}

impl Pace {
    /// Whether this pace asks for more patience than another: of the address first, then of the operator.
    fn is_stricter_than(self, other: Pace) -> bool {
        let patience = |pace: Pace| (pace.address, pace.operator, std::cmp::Reverse(pace.at_once));
        patience(self) > patience(other)
    }
}

/// What holds for everybody.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Between the beginnings of two contacts into one /24 or /48; zero lifts it.
    pub network: Duration,
    /// One contact at a time per address; false only in labs, and lifts everything else too.
    pub one_at_a_time: bool,
    /// The longest pause that a peer who asks us to slow down can bring about.
    pub longest_pause: Duration,
    /// The pace of operators that have none of their own.
    pub default_pace: Pace,
}

/// Whose address an item is about.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'n> {
    /// Any hash of the name.
    pub id: u64,
    /// For the display.
    pub name: &'n str,
    /// Its limits.
    pub pace: Pace,
}

/// How a contact went, as far as manners are concerned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contact {
    /// Nothing was sent to the address, so it needs no rest.
    None,
    /// Nobody answered.
    Unanswered,
    /// It was borne.
    Borne,
    /// The peer asked us to slow down.
    TooFast,
}

/// What [`Paced::take`] found.
#[derive(Debug)]
pub enum Next<T> {
    /// This item may be contacted now; give the address back with [`Paced::release`].
    Item(IpAddr, T),
    /// Nothing may be contacted before this instant.
    At(Instant),
    /// Nothing waits for time; an item can only come from a release or a put.
    Nothing,
}

struct Address<T> {
    waiting: VecDeque<(u64, T)>,
    /// The contact under way.
    busy: Option<Busy>,
    /// Among the due, or in a lane.
    listed: bool,
    rested_at: Instant,
    backoff: Backoff,
}

impl<T> Address<T> {
    fn new(now: Instant) -> Self {
        Address { waiting: VecDeque::new(), busy: None, listed: false, rested_at: now, backoff: Backoff::default() }
    }
}

/// A contact under way: its operator, and until when its gates were closed for it.
#[derive(Clone, Copy)]
struct Busy {
    operator: u64,
    operator_free_at: Instant,
    network_free_at: Instant,
}

/// An operator, kept.
#[derive(Clone)]
struct Owner {
    id: u64,
    name: Arc<str>,
    pace: Pace,
}

impl Owner {
    fn as_operator(&self) -> Operator<'_> {
        Operator { id: self.id, name: &self.name, pace: self.pace }
    }
}

/// The rested addresses that wait for one operator and one network. Never empty, and always at one gate.
type Lane = VecDeque<IpAddr>;
type LaneKey = (u64, IpAddr);

struct Gate {
    free_at: Instant,
    lanes: VecDeque<LaneKey>,
    /// Where it stands among the due; an entry of another instant is out of date.
    listed: Option<Instant>,
}

impl Gate {
    fn new(now: Instant) -> Self {
        Gate { free_at: now, lanes: VecDeque::new(), listed: None }
    }

    /// Whether this entry among the due is the one that counts; it is used up then.
    fn is_due(&mut self, at: Instant) -> bool {
        let counts = self.listed == Some(at);
        if counts {
            self.listed = None;
        }
        counts
    }

    /// The lane that may go on, when the gate's instant has come.
    fn open(&mut self, now: Instant, due: &mut Dues, which: Due) -> Option<LaneKey> {
        // Somebody may have gone through since it was listed.
        let lane = if self.free_at > now { None } else { self.lanes.pop_front() };
        self.list(now, due, which);
        lane
    }

    /// Sees to it that a gate with lanes is among the due.
    fn list(&mut self, now: Instant, due: &mut Dues, which: Due) {
        let at = self.free_at.max(now);
        if !self.lanes.is_empty() && self.listed.is_none_or(|listed| at < listed) {
            self.listed = Some(at);
            due.push(Reverse((at, which)));
        }
    }

    /// Takes back what closed it until `free_at`, unless somebody went through since.
    fn refund(&mut self, now: Instant, free_at: Instant, due: &mut Dues, which: Due) {
        if self.free_at == free_at {
            self.free_at = now.min(free_at);
            self.list(now, due, which);
        }
    }
}

struct OperatorState {
    name: Box<str>,
    pace: Pace,
    gate: Gate,
    at_work: usize,
    waiting: usize,
    backoff: Backoff,
    complaints: backoff::Complaints,
}

impl OperatorState {
    fn new(operator: Operator<'_>, now: Instant) -> Self {
        OperatorState {
            name: operator.name.into(),
            pace: operator.pace,
            gate: Gate::new(now),
            at_work: 0,
            waiting: 0,
            backoff: Backoff::default(),
            complaints: backoff::Complaints::default(),
        }
    }

    fn is_full(&self) -> bool {
        self.at_work >= self.pace.at_once
    }
}

type Dues = BinaryHeap<Reverse<(Instant, Due)>>;

/// What happens at an instant.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Due {
    /// An address is rested.
    Address(IpAddr),
    /// A network has room.
    Network(IpAddr),
    /// An operator has room.
    Operator(u64),
}

/// The queues. `T` is what waits.
pub struct Paced<T> {
    rules: Rules,
    addresses: HashMap<IpAddr, Address<T>>,
    lanes: HashMap<LaneKey, Lane>,
    networks: HashMap<IpAddr, Gate>,
    operators: HashMap<u64, OperatorState>,
    /// Whose an address is: of those that named it, the operator with the strictest pace. Only where that is stricter than
    /// the default, so there are as many as the table's operators have addresses.
    owners: HashMap<IpAddr, Owner>,
    due: Dues,
    /// What waits where nothing is paced.
    unpaced: VecDeque<(IpAddr, T)>,
    waiting: usize,
    sweep_at: usize,
}

/// States held before the first look for some that can be forgotten.
const SWEEP_AT: usize = 4096;

impl<T> Paced<T> {
    /// An empty structure.
    pub fn new(rules: Rules) -> Self {
        Paced {
            rules,
            addresses: HashMap::new(),
            lanes: HashMap::new(),
            networks: HashMap::new(),
            operators: HashMap::new(),
            owners: HashMap::new(),
            due: BinaryHeap::new(),
            unpaced: VecDeque::new(),
            waiting: 0,
            sweep_at: SWEEP_AT,
        }
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Adds an item for an address that an operator's name led to. The address keeps the strictest pace of all who named it:
    /// a name of a customer's own at an operator's address goes at that operator's pace, and counts as one of its contacts.
    pub fn put(&mut self, now: Instant, ip: IpAddr, operator: Operator<'_>, item: T) {
        self.waiting += 1;
        if !self.rules.one_at_a_time {
            self.unpaced.push_back((ip, item));
            return;
        }
        let owner = self.owner(ip, operator);
        let operator = owner.as_ref().map_or(operator, Owner::as_operator);
        self.operators.entry(operator.id).or_insert_with(|| OperatorState::new(operator, now)).waiting += 1;
        let address = self.addresses.entry(ip).or_insert_with(|| Address::new(now));
        address.waiting.push_back((operator.id, item));
        if !address.listed && address.busy.is_none() {
            address.listed = true;
            self.due.push(Reverse((address.rested_at.max(now), Due::Address(ip))));
        }
    }

    /// Whose the address is now that `operator` has named it, where somebody with a pace stricter than the default has.
    fn owner(&mut self, ip: IpAddr, operator: Operator<'_>) -> Option<Owner> {
        let default = self.rules.default_pace;
        match self.owners.get(&ip) {
            Some(owner) if !operator.pace.is_stricter_than(owner.pace) => Some(owner.clone()),
            Some(_) | None if operator.pace.is_stricter_than(default) => {
                let owner = Owner { id: operator.id, name: operator.name.into(), pace: operator.pace };
                self.owners.insert(ip, owner.clone());
                Some(owner)
            }
            owner => owner.cloned(),
        }
    }

    /// An address was contacted before there was this structure: it rests for so long.
    pub fn rest(&mut self, now: Instant, ip: IpAddr, rest: Duration) {
        if self.rules.one_at_a_time && !rest.is_zero() {
            self.addresses.entry(ip).or_insert_with(|| Address::new(now)).rested_at = now + rest;
        }
    }

    /// Takes an address for a contact that no item stands for, if it is free and rested and its network and its operator have
    /// room; give it back with [`Paced::release`]. It goes at the pace of any other contact.
    pub fn reserve(&mut self, now: Instant, ip: IpAddr, operator: Operator<'_>) -> bool {
        if !self.rules.one_at_a_time {
            return true;
        }
        let owner = self.owner(ip, operator);
        let operator = owner.as_ref().map_or(operator, Owner::as_operator);
        let address = self.addresses.entry(ip).or_insert_with(|| Address::new(now));
        let state = self.operators.entry(operator.id).or_insert_with(|| OperatorState::new(operator, now));
        let network_rests = self.networks.get(&network_of(ip)).is_some_and(|gate| gate.free_at > now);
        if address.busy.is_some()
            || address.rested_at > now
            || state.gate.free_at > now
            || state.is_full()
            || network_rests
        {
            return false;
        }
        state.at_work += 1;
        state.gate.free_at = now + state.backoff.stretch(state.pace.operator, self.rules.longest_pause);
        let network_free_at = now + self.rules.network;
        address.busy = Some(Busy { operator: operator.id, operator_free_at: state.gate.free_at, network_free_at });
        if !self.rules.network.is_zero() {
            self.networks.entry(network_of(ip)).or_insert_with(|| Gate::new(now)).free_at = network_free_at;
        }
        true
    }

    /// The next item that may be contacted at `now`.
    pub fn take(&mut self, now: Instant) -> Next<T> {
        if let Some((ip, item)) = self.unpaced.pop_front() {
            self.waiting -= 1;
            return Next::Item(ip, item);
        }
        while let Some(&Reverse((at, due))) = self.due.peek() {
            if at > now {
                return Next::At(at);
            }
            self.due.pop();
            let lane = match due {
                Due::Address(ip) => self.enter_lane(ip),
                Due::Network(network) => self
                    .networks
                    .get_mut(&network)
                    .and_then(|gate| if gate.is_due(at) { gate.open(now, &mut self.due, due) } else { None }),
                Due::Operator(id) => self.operators.get_mut(&id).and_then(|operator| {
                    // A full one is listed again by a release.
                    let may_open = operator.gate.is_due(at) && !operator.is_full();
                    if may_open { operator.gate.open(now, &mut self.due, due) } else { None }
                }),
            };
            let Some(lane) = lane else { continue };
            if self.must_wait(lane, now) {
                self.park(lane, now);
            } else if let Some((ip, item)) = self.hand_out(lane, now) {
                self.sweep(now);
                return Next::Item(ip, item);
            }
        }
        Next::Nothing
    }

    /// A rested address joins its lane; the lane, where it is new.
    fn enter_lane(&mut self, ip: IpAddr) -> Option<LaneKey> {
        let address = self.addresses.get_mut(&ip)?;
        // An address that was reserved meanwhile is listed again when it is given back.
        let Some(&(operator, _)) = address.waiting.front().filter(|_| address.busy.is_none()) else {
            address.listed = false;
            return None;
        };
        let key = (operator, network_of(ip));
        let lane = self.lanes.entry(key).or_default();
        lane.push_back(ip);
        (lane.len() == 1).then_some(key)
    }

    fn must_wait(&self, (operator, network): LaneKey, now: Instant) -> bool {
        let operator_rests = self.operators.get(&operator).is_some_and(|o| o.gate.free_at > now || o.is_full());
        operator_rests || self.networks.get(&network).is_some_and(|gate| gate.free_at > now)
    }

    /// Puts a lane at the gate that opens later.
    fn park(&mut self, lane: LaneKey, now: Instant) {
        let (id, network) = lane;
        let network_gate = self.networks.get_mut(&network);
        let Some(operator) = self.operators.get_mut(&id) else { return };
        match network_gate {
            Some(gate) if !operator.is_full() && gate.free_at > operator.gate.free_at => {
                gate.lanes.push_back(lane);
                gate.list(now, &mut self.due, Due::Network(network));
            }
            _ => {
                let full = operator.is_full();
                operator.gate.lanes.push_back(lane);
                if !full {
                    operator.gate.list(now, &mut self.due, Due::Operator(id));
                }
            }
        }
    }

    /// Hands out the first item of a lane's first address. What is left of the lane goes to a gate.
    fn hand_out(&mut self, lane: LaneKey, now: Instant) -> Option<(IpAddr, T)> {
        let (id, network) = lane;
        let addresses = self.lanes.get_mut(&lane)?;
        let (ip, address, lane_is_left) = loop {
            let Some(ip) = addresses.pop_front() else {
                self.lanes.remove(&lane);
                return None;
            };
            let Some(address) = self.addresses.get_mut(&ip) else { continue };
            if address.busy.is_some() {
                // Reserved while it stood here.
                address.listed = false;
            } else if address.rested_at > now {
                // Reserved and given back.
                self.due.push(Reverse((address.rested_at, Due::Address(ip))));
            } else {
                break (ip, address, !addresses.is_empty());
            }
        };
        let (_, item) = address.waiting.pop_front()?;
        address.listed = false;
        self.waiting -= 1;
        let mut busy = Busy { operator: id, operator_free_at: now, network_free_at: now + self.rules.network };
        if let Some(operator) = self.operators.get_mut(&id) {
            operator.waiting = operator.waiting.saturating_sub(1);
            operator.at_work += 1;
            busy.operator_free_at += operator.backoff.stretch(operator.pace.operator, self.rules.longest_pause);
            operator.gate.free_at = busy.operator_free_at;
        }
        if !self.rules.network.is_zero() {
            self.networks.entry(network).or_insert_with(|| Gate::new(now)).free_at = busy.network_free_at;
        }
        address.busy = Some(busy);
        if lane_is_left {
            self.park(lane, now);
        } else {
            self.lanes.remove(&lane);
        }
        Some((ip, item))
    }

    /// Gives an address back after a contact; it rests from `now` on, `at_least` for so long (the longest pause at most).
    pub fn release(&mut self, now: Instant, ip: IpAddr, contact: Contact, at_least: Duration) {
        let Some(address) = self.addresses.get_mut(&ip) else { return };
        let Some(busy) = address.busy.take() else { return };
        let id = busy.operator;
        let mut rest = Duration::ZERO;
        if contact == Contact::None
            && let Some(gate) = self.networks.get_mut(&network_of(ip))
        {
            gate.refund(now, busy.network_free_at, &mut self.due, Due::Network(network_of(ip)));
        }
        if let Some(operator) = self.operators.get_mut(&id) {
            operator.at_work = operator.at_work.saturating_sub(1);
            if contact == Contact::None {
                operator.gate.refund(now, busy.operator_free_at, &mut self.due, Due::Operator(id));
            }
            operator.gate.list(now, &mut self.due, Due::Operator(id));
            address.backoff.note(contact);
            if operator.complaints.note(ip, contact) {
                operator.backoff.note(Contact::TooFast);
            } else if contact == Contact::Borne {
                operator.backoff.note(contact);
            }
            if contact != Contact::None {
                let owned = self.owners.get(&ip).map_or(Duration::ZERO, |owner| owner.pace.address);
                rest = address.backoff.stretch(operator.pace.address.max(owned), self.rules.longest_pause);
                rest = rest.max(at_least.min(self.rules.longest_pause));
            }
        }
        address.rested_at = now + rest;
        if address.waiting.is_empty() {
            if rest.is_zero() && address.backoff.is_calm() {
                self.addresses.remove(&ip);
            }
        } else if !address.listed {
            address.listed = true;
            self.due.push(Reverse((address.rested_at, Due::Address(ip))));
        }
    }

    /// Forgets addresses, networks and operators that are rested: memory follows what is under way.
    fn sweep(&mut self, now: Instant) {
        let held = |paced: &Self| paced.addresses.len() + paced.networks.len() + paced.operators.len();
        if held(self) < self.sweep_at {
            return;
        }
        // Who asked us to slow down is remembered for as long again as the pause that it can bring about.
        let forget = self.rules.longest_pause;
        self.addresses.retain(|_, a| {
            let remembered = if a.backoff.is_calm() { a.rested_at } else { a.rested_at + forget };
            a.busy.is_some() || !a.waiting.is_empty() || remembered > now
        });
        self.networks.retain(|_, gate| gate.free_at > now || !gate.lanes.is_empty());
        self.operators.retain(|_, o| {
            let remembered = if o.backoff.is_calm() { o.gate.free_at } else { o.gate.free_at + forget };
            o.at_work > 0 || o.waiting > 0 || remembered > now
        });
        self.addresses.shrink_to_fit();
        self.networks.shrink_to_fit();
        self.operators.shrink_to_fit();
        self.sweep_at = (held(self) * 2).max(SWEEP_AT);
    }
}

/// The first address of the /24 or /48 that holds `ip`.
pub fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}
