//! Items that wait for an address: the manners of the crawl, as a data structure.
//!
//! Each address has its own queue, so a crowded one holds up nobody else. An item is handed out when its
//! address is free and rested, and its network and its operator have room. The structure holds no timer: it is asked with
//! an instant, and answers with an item or with the instant at which to ask again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How closely connections may follow each other. Zero durations lift a limit.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Rest of one address between the end of a contact and the next.
    pub address: Duration,
    /// Between two contacts into one /24 or /48.
    pub network: Duration,
    /// Between two contacts of one operator.
    pub operator: Duration,
    /// One contact at a time per address; false only in labs.
    pub one_at_a_time: bool,
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
    busy: bool,
    listed: bool,
    rested_at: Instant,
}

/// The queues. `T` is what waits.
pub struct Paced<T> {
    pace: Pace,
    addresses: HashMap<IpAddr, Address<T>>,
    ready: BinaryHeap<Reverse<(Instant, IpAddr)>>,
    networks: HashMap<IpAddr, Instant>,
    operators: HashMap<u64, Instant>,
    waiting: usize,
    sweep_at: usize,
}

impl<T> Paced<T> {
    /// An empty structure.
    pub fn new(pace: Pace) -> Self {
        Paced {
            pace,
            addresses: HashMap::new(),
            ready: BinaryHeap::new(),
            networks: HashMap::new(),
            operators: HashMap::new(),
            waiting: 0,
            sweep_at: 4096,
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

    /// Adds an item for an address of an operator (any hash of its name).
    pub fn put(&mut self, now: Instant, ip: IpAddr, operator: u64, item: T) {
        let address = self.addresses.entry(ip).or_insert_with(|| Address {
            waiting: VecDeque::new(),
            busy: false,
            listed: false,
            rested_at: now,
        });
        address.waiting.push_back((operator, item));
        self.waiting += 1;
        let held = address.busy && self.pace.one_at_a_time;
        if !(address.listed || held) {
            address.listed = true;
            self.ready.push(Reverse((address.rested_at.max(now), ip)));
        }
    }

    /// Takes an address for a contact that no item stands for, if it is free and rested; give it back with
    /// [`Paced::release`].
    pub fn reserve(&mut self, now: Instant, ip: IpAddr) -> bool {
        let address = self.addresses.entry(ip).or_insert_with(|| Address {
            waiting: VecDeque::new(),
            busy: false,
            listed: false,
            rested_at: now,
        });
        let free = !(address.busy && self.pace.one_at_a_time) && address.rested_at <= now;
        address.busy |= free;
        free
    }

    /// The next item that may be contacted at `now`.
    pub fn take(&mut self, now: Instant) -> Next<T> {
        while let Some(&Reverse((at, ip))) = self.ready.peek() {
            if at > now {
                return Next::At(at);
            }
            self.ready.pop();
            let Some(address) = self.addresses.get_mut(&ip) else { continue };
            // An address that was reserved meanwhile is listed again when it is given back.
            let reserved = address.busy && self.pace.one_at_a_time;
            let Some(&(operator, _)) = address.waiting.front().filter(|_| !reserved) else {
                address.listed = false;
                continue;
            };
            let network = network_of(ip);
            let free_at = [self.networks.get(&network), self.operators.get(&operator)].into_iter().flatten().max();
            if let Some(&free_at) = free_at.filter(|&&free_at| free_at > now) {
                self.ready.push(Reverse((free_at, ip)));
                continue;
            }
            let Some((_, item)) = address.waiting.pop_front() else { continue };
            self.waiting -= 1;
            address.listed = false;
            address.busy = true;
            if !self.pace.network.is_zero() {
                self.networks.insert(network, now + self.pace.network);
            }
            if !self.pace.operator.is_zero() {
                self.operators.insert(operator, now + self.pace.operator);
            }
            if !self.pace.one_at_a_time && !address.waiting.is_empty() {
                address.listed = true;
                self.ready.push(Reverse((now, ip)));
            }
            self.sweep(now);
            return Next::Item(ip, item);
        }
        Next::Nothing
    }

    /// Gives an address back after a contact; it rests from `now` on.
    pub fn release(&mut self, now: Instant, ip: IpAddr) {
        let Some(address) = self.addresses.get_mut(&ip) else { return };
        address.busy = false;
        address.rested_at = now + self.pace.address;
        if address.waiting.is_empty() {
            if self.pace.address.is_zero() {
                self.addresses.remove(&ip);
            }
        } else if !address.listed {
            address.listed = true;
            self.ready.push(Reverse((address.rested_at, ip)));
        }
    }

    /// Forgets addresses, networks and operators that are rested: memory follows what is under way.
    fn sweep(&mut self, now: Instant) {
        let held = self.addresses.len() + self.networks.len() + self.operators.len();
        if held < self.sweep_at {
            return;
        }
        self.addresses.retain(|_, a| a.busy || !a.waiting.is_empty() || a.rested_at > now);
        self.networks.retain(|_, at| *at > now);
        self.operators.retain(|_, at| *at > now);
        self.addresses.shrink_to_fit();
        self.networks.shrink_to_fit();
        self.operators.shrink_to_fit();
        let left = self.addresses.len() + self.networks.len() + self.operators.len();
        self.sweep_at = (left * 2).max(4096);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    const PACE: Pace = Pace {
        address: Duration::from_secs(30),
        network: Duration::from_millis(500),
        operator: Duration::from_millis(100),
        one_at_a_time: true,
    };

    #[test]
    fn one_address_rests_while_another_goes_on() {
        let start = Instant::now();
        let mut paced = Paced::new(PACE);
        let other = IpAddr::from([198, 51, 100, 1]);
        paced.put(start, ip(1), 1, "first");
        paced.put(start, ip(1), 1, "second");
        paced.put(start, other, 2, "third");
        let mut taken = Vec::new();
        while let Next::Item(ip, item) = paced.take(start) {
            taken.push((ip, item));
        }
        taken.sort();
        assert_eq!(taken, [(ip(1), "first"), (other, "third")]);
        // Busy: nothing can come before the release.
        assert!(matches!(paced.take(start + Duration::from_secs(100)), Next::Nothing));
        paced.release(start + Duration::from_secs(5), ip(1));
        assert!(
            matches!(paced.take(start + Duration::from_secs(34)), Next::At(at) if at == start + Duration::from_secs(35))
        );
        assert!(matches!(paced.take(start + Duration::from_secs(35)), Next::Item(_, "second")));
        assert!(paced.is_empty());
    }

    #[test]
    fn a_network_and_an_operator_have_their_own_pace() {
        let start = Instant::now();
        let mut paced = Paced::new(PACE);
        paced.put(start, ip(1), 1, 1);
        paced.put(start, ip(2), 2, 2);
        assert!(matches!(paced.take(start), Next::Item(..)));
        let Next::At(at) = paced.take(start) else { panic!("the network rests") };
        assert_eq!(at, start + PACE.network);
        assert!(matches!(paced.take(at), Next::Item(..)));

        let mut paced = Paced::new(PACE);
        paced.put(start, ip(1), 7, 1);
        paced.put(start, IpAddr::from([198, 51, 100, 1]), 7, 2);
        assert!(matches!(paced.take(start), Next::Item(..)));
        let Next::At(at) = paced.take(start) else { panic!("the operator rests") };
        assert_eq!(at, start + PACE.operator);
    }

    #[test]
    fn a_reserved_address_is_nobody_elses_and_rests_afterwards() {
        let start = Instant::now();
        let mut paced = Paced::new(PACE);
        paced.put(start, ip(1), 1, "waiting");
        assert!(paced.reserve(start, ip(1)));
        assert!(!paced.reserve(start, ip(1)), "one at a time");
        assert!(matches!(paced.take(start), Next::Nothing));
        paced.release(start, ip(1));
        assert!(!paced.reserve(start + Duration::from_secs(29), ip(1)), "it rests");
        assert!(matches!(paced.take(start + PACE.address), Next::Item(_, "waiting")));
        assert!(!paced.reserve(start + PACE.address, ip(1)), "it is being contacted");
        assert!(paced.reserve(start, ip(2)), "another address is free");
    }

    #[test]
    fn unpaced_hands_out_everything_at_once() {
        let start = Instant::now();
        let zero = Duration::ZERO;
        let mut paced = Paced::new(Pace { address: zero, network: zero, operator: zero, one_at_a_time: false });
        (0..100).for_each(|n| paced.put(start, ip(1), 1, n));
        let mut count = 0;
        while let Next::Item(..) = paced.take(start) {
            count += 1;
        }
        assert_eq!(count, 100);
    }

    #[test]
    fn memory_follows_what_is_under_way() {
        let start = Instant::now();
        let mut paced = Paced::new(PACE);
        for n in 0..100_000u32 {
            let now = start + Duration::from_secs(u64::from(n));
            let ip = IpAddr::from(n.to_be_bytes());
            paced.put(now, ip, u64::from(n), n);
            assert!(matches!(paced.take(now), Next::Item(..)));
            paced.release(now, ip);
        }
        assert!(paced.addresses.len() + paced.networks.len() + paced.operators.len() <= 8192);
    }
}
