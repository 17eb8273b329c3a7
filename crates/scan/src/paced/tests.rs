use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

const RULES: Rules = Rules {
    network: Duration::from_millis(500),
    one_at_a_time: true,
    longest_pause: Duration::from_secs(900),
    default_pace: PACE,
};

const PACE: Pace = Pace { address: Duration::from_secs(30), operator: Duration::from_millis(100), at_once: usize::MAX };

fn ip(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

/// An address in a /24 of its own.
fn far(n: u32) -> IpAddr {
    IpAddr::from((0x0a00_0000 + (n << 8)).to_be_bytes())
}

fn operator(id: u64) -> Operator<'static> {
    Operator { id, name: "operator.example", pace: PACE }
}

fn with_pace(id: u64, pace: Pace) -> Operator<'static> {
    Operator { pace, ..operator(id) }
}

fn item<T: std::fmt::Debug>(next: Next<T>) -> T {
    match next {
        Next::Item(_, item) => item,
        other => panic!("an item, not {other:?}"),
    }
}

fn at<T: std::fmt::Debug>(next: Next<T>) -> Instant {
    match next {
        Next::At(at) => at,
        other => panic!("an instant, not {other:?}"),
    }
}

#[test]
fn one_address_rests_while_another_goes_on() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    let other = far(1);
    paced.put(start, ip(1), operator(1), "first");
    paced.put(start, ip(1), operator(1), "second");
    paced.put(start, other, operator(2), "third");
    let mut taken = Vec::new();
    while let Next::Item(ip, item) = paced.take(start) {
        taken.push((ip, item));
    }
    taken.sort();
    assert_eq!(taken, [(other, "third"), (ip(1), "first")]);
    // Busy: nothing can come before the release.
    assert!(matches!(paced.take(start + 100 * SECOND), Next::Nothing));
    paced.release(start + 5 * SECOND, ip(1), Contact::Borne, Duration::ZERO);
    assert_eq!(at(paced.take(start + 34 * SECOND)), start + 35 * SECOND);
    assert_eq!(item(paced.take(start + 35 * SECOND)), "second");
    assert!(paced.is_empty());
}

#[test]
fn a_network_and_an_operator_have_their_own_pace() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    paced.put(start, ip(1), operator(1), 1);
    paced.put(start, ip(2), operator(2), 2);
    item(paced.take(start));
    let later = at(paced.take(start));
    assert_eq!(later, start + RULES.network);
    item(paced.take(later));

    let mut paced = Paced::new(RULES);
    paced.put(start, ip(1), operator(7), 1);
    paced.put(start, far(1), operator(7), 2);
    item(paced.take(start));
    assert_eq!(at(paced.take(start)), start + PACE.operator);
}

#[test]
fn an_operator_may_have_few_contacts_at_once() {
    let start = Instant::now();
    let pace = Pace { address: Duration::ZERO, operator: Duration::ZERO, at_once: 2 };
    let mut paced = Paced::new(RULES);
    (0..5).for_each(|n| paced.put(start, far(n), with_pace(1, pace), n));
    paced.put(start, far(100), operator(2), 100);
    let mut taken = Vec::new();
    while let Next::Item(ip, item) = paced.take(start) {
        taken.push((ip, item));
    }
    let items: Vec<u32> = taken.iter().map(|(_, item)| *item).collect();
    assert_eq!(items, [0, 1, 100], "two of the one, and the other all the same");
    paced.release(start, taken[0].0, Contact::Borne, Duration::ZERO);
    assert_eq!(item(paced.take(start)), 2);
    assert!(matches!(paced.take(start), Next::Nothing));
}

#[test]
fn a_reserved_address_is_nobody_elses_and_rests_afterwards() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    paced.put(start, ip(1), operator(1), "waiting");
    assert!(paced.reserve(start, ip(1), operator(9)));
    assert!(!paced.reserve(start, ip(1), operator(9)), "one at a time");
    assert!(matches!(paced.take(start), Next::Nothing));
    paced.release(start, ip(1), Contact::Unanswered, Duration::ZERO);
    assert!(!paced.reserve(start + 29 * SECOND, ip(1), operator(9)), "it rests");
    assert_eq!(item(paced.take(start + PACE.address)), "waiting");
    assert!(!paced.reserve(start + PACE.address, ip(1), operator(9)), "it is being contacted");
    assert!(!paced.reserve(start + PACE.address, ip(2), operator(9)), "its network rests");
    assert!(!paced.reserve(start + PACE.address, far(1), operator(1)), "its operator rests");
    assert!(paced.reserve(start + PACE.address, far(1), operator(9)), "another address is free");

    // Reserved while it stands in a lane behind others of its network.
    let mut paced = Paced::new(RULES);
    (1..=3).for_each(|last| paced.put(start, ip(last), operator(1), last));
    assert_eq!(item(paced.take(start)), 1);
    assert_eq!(at(paced.take(start)), start + RULES.network);
    assert!(paced.reserve(start + RULES.network, ip(2), operator(9)));
    assert_eq!(item(paced.take(start + RULES.network * 2)), 3, "the next one goes on");
    paced.release(start + SECOND, ip(2), Contact::Unanswered, Duration::ZERO);
    assert_eq!(item(paced.take(start + SECOND + PACE.address)), 2);
}

#[test]
fn an_address_keeps_the_strictest_pace_of_anyone_who_named_it() {
    let slow = with_pace(7, Pace { address: 6 * PACE.address, ..PACE });
    for order in [[operator(1), slow], [slow, operator(1)]] {
        let start = Instant::now();
        let mut paced = Paced::new(RULES);
        order.into_iter().for_each(|whose| paced.put(start, ip(1), whose, whose.id));
        let mut now = start;
        // Later names are those of others; the address is forgotten in between, its pace is not.
        for n in 0..3 {
            let Next::Item(..) = paced.take(now) else { panic!("contact {n} is due") };
            paced.release(now, ip(1), Contact::Borne, Duration::ZERO);
            if n > 0 {
                paced.addresses.clear();
                paced.due.clear();
                now += 6 * PACE.address;
                paced.rest(now, ip(1), Duration::ZERO);
                paced.put(now, ip(1), operator(100 + n), n);
                continue;
            }
            now = at(paced.take(now));
            assert_eq!(now, start + 6 * PACE.address);
        }
    }
    // Names of others count among the contacts of the operator whose address it is.
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    let few = with_pace(7, Pace { address: PACE.address, operator: PACE.operator, at_once: 1 });
    paced.put(start, far(1), few, 1);
    paced.put(start, far(2), few, 2);
    item(paced.take(start));
    paced.put(start, far(2), operator(1), 3);
    assert!(matches!(paced.take(start + SECOND), Next::Nothing), "one at once");
}

#[test]
fn a_peer_may_name_its_rest_within_the_longest_pause() {
    let start = Instant::now();
    for (asked, rest) in [(5, 30), (120, 120), (86_400, 900)] {
        let mut paced = Paced::new(RULES);
        (0..2).for_each(|n| paced.put(start, ip(1), operator(1), n));
        item(paced.take(start));
        paced.release(start, ip(1), Contact::Borne, asked * SECOND);
        assert_eq!(at(paced.take(start)), start + rest * SECOND, "{asked}");
    }
}

#[test]
fn unpaced_hands_out_everything_at_once() {
    let start = Instant::now();
    let mut paced = Paced::new(Rules { one_at_a_time: false, ..RULES });
    (0..100).for_each(|n| paced.put(start, ip(1), operator(1), n));
    let mut count = 0;
    while let Next::Item(..) = paced.take(start) {
        count += 1;
    }
    assert_eq!((count, paced.len()), (100, 0));
}

#[test]
fn who_asks_for_it_is_contacted_less_often() {
    let mut now = Instant::now();
    let mut paced = Paced::new(RULES);
    (0..20).for_each(|n| paced.put(now, ip(1), operator(1), n));
    let mut rests = Vec::new();
    for contact in [Contact::Borne, Contact::TooFast, Contact::TooFast, Contact::None, Contact::Borne] {
        item(paced.take(now));
        paced.release(now, ip(1), contact, Duration::ZERO);
        let next = match paced.take(now) {
            Next::At(at) => at,
            // Not contacted: it is handed out again at once.
            Next::Item(ip, _) => {
                paced.release(now, ip, Contact::Unanswered, Duration::ZERO);
                now
            }
            Next::Nothing => panic!("items wait"),
        };
        rests.push((next - now).as_millis());
        now = next.max(now + 1000 * SECOND);
    }
    assert_eq!(rests, [30_000, 60_000, 120_000, 0, 120_000]);
    assert_eq!(paced.waits(now).1, Slowed { addresses: 1, operators: 0 });
}

#[test]
fn three_addresses_slow_their_operator_down() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    (0..8).for_each(|n| paced.put(start, far(n), operator(1), n));
    let mut now = start;
    for n in 0..4 {
        let Next::Item(ip, taken) = paced.take(now) else { panic!("an item") };
        assert_eq!(taken, n);
        paced.release(now, ip, if n < 3 { Contact::TooFast } else { Contact::Unanswered }, Duration::ZERO);
        let next = at(paced.take(now));
        // The pause that a contact brings is set when it begins.
        assert_eq!((next - now).as_millis(), if n < 3 { 100 } else { 200 }, "after {n}");
        now = next;
    }
    assert_eq!(paced.waits(now).1, Slowed { addresses: 3, operators: 1 });
}

#[test]
fn the_longest_wait_has_a_name_and_a_time() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    assert_eq!(paced.waits(start), (None, Slowed::default()));
    (0..101).for_each(|n| paced.put(start, ip(1), Operator { name: "crowded.example", ..operator(1) }, n));
    (0..500).for_each(|n| paced.put(start, far(n), operator(2), n));
    let (longest, _) = paced.waits(start);
    let who = WhoWaits::Address(ip(1), "crowded.example".into());
    assert_eq!(longest, Some(Longest { who, waiting: 101, left: 3000 * SECOND }));
    let slow = Pace { operator: 100 * SECOND, ..PACE };
    (0..100).for_each(|n| paced.put(start, far(1000 + n), Operator { name: "slow.example", ..with_pace(3, slow) }, n));
    let (longest, _) = paced.waits(start);
    assert_eq!(longest.map(|l| (l.who.to_string(), l.left)), Some(("slow.example".to_owned(), 9900 * SECOND)));
}

#[test]
fn memory_follows_what_is_under_way() {
    let start = Instant::now();
    let mut paced = Paced::new(RULES);
    for n in 0..100_000u32 {
        let now = start + n * SECOND;
        let ip = IpAddr::from(n.to_be_bytes());
        paced.put(now, ip, operator(u64::from(n)), n);
        item(paced.take(now));
        paced.release(now, ip, if n % 10 == 0 { Contact::TooFast } else { Contact::Borne }, Duration::ZERO);
    }
    assert!(paced.addresses.len() + paced.networks.len() + paced.operators.len() <= 8192);
    assert!(paced.due.len() <= 8192 && paced.lanes.is_empty());
}

/// Looks at the due, in all, until everything was handed out.
fn looks(paced: &mut Paced<u32>, start: Instant, items: u32) -> usize {
    let (mut now, mut looks, mut given) = (start, 0, 0);
    while given < items {
        looks += 1;
        match paced.take(now) {
            Next::Item(ip, _) => {
                given += 1;
                paced.release(now, ip, Contact::Borne, Duration::ZERO);
            }
            Next::At(at) => now = at,
            Next::Nothing => panic!("{given} of {items}"),
        }
    }
    looks
}

#[test]
fn a_crowd_costs_one_look_for_each_item() {
    let start = Instant::now();
    let n = 100_000;
    type Place = fn(u32) -> IpAddr;
    let crowds: [(&str, Place); 3] = [
        ("names of one address", |_| IpAddr::from([192, 0, 2, 1])),
        ("addresses of one operator, each in a network of its own", far),
        ("addresses of one operator, in ten networks", |n| {
            let [_, _, c, d] = n.to_be_bytes();
            let network = 0xfd00 + (n % 10) as u16;
            IpAddr::from([0x2001, 0xdb8, network, (n >> 16) as u16, u16::from(c), u16::from(d), 0, 1])
        }),
    ];
    for (what, place) in crowds {
        let mut paced = Paced::new(RULES);
        (0..n).for_each(|i| paced.put(start, place(i), operator(1), i));
        let looks = looks(&mut paced, start, n);
        assert!(looks <= 3 * n as usize, "{what}: {looks} looks");
        assert!(paced.is_empty() && paced.lanes.is_empty(), "{what}");
    }
}

proptest! {
    /// Whatever comes in whatever order: every item is handed out once, and no limit is broken.
    #[test]
    fn limits_hold_and_nothing_is_lost(
        items in prop::collection::vec((0u8..6, 0u8..3, 0u64..4, 0u32..40, 0u8..3), 1..80),
        at_once in 1usize..3,
    ) {
        let start = Instant::now();
        let pace = Pace { address: 3 * SECOND, operator: SECOND, at_once };
        let mut paced = Paced::new(RULES);
        let mut expected: Vec<usize> = (0..items.len()).collect();
        let mut arrivals: Vec<_> = items.iter().enumerate().map(|(n, item)| (start + item.3 * SECOND / 4, n)).collect();
        arrivals.sort();
        let mut arrivals = arrivals.into_iter().peekable();
        let mut now = start;
        // Contacts under way: their end, address, operator, and how they end.
        let mut under_way: Vec<(Instant, IpAddr, u64, Contact)> = Vec::new();
        let mut begun: Vec<(Instant, IpAddr, u64)> = Vec::new();
        let mut ended: HashMap<IpAddr, Instant> = HashMap::new();
        let mut given = Vec::new();
        while given.len() < items.len() {
            while let Some((_, n)) = arrivals.next_if(|(at, _)| *at <= now) {
                let (host, network, operator, ..) = items[n];
                paced.put(now, IpAddr::from([10, 0, network, host]), with_pace(operator, pace), n);
            }
            under_way.retain(|&(end, ip, _, contact)| {
                if end <= now {
                    paced.release(now, ip, contact, Duration::ZERO);
                    if contact != Contact::None { ended.insert(ip, now); }
                }
                end > now
            });
            let next = match paced.take(now) {
                Next::Item(ip, n) => {
                    let operator = items[n].2;
                    prop_assert!(under_way.iter().all(|busy| busy.1 != ip), "one at a time");
                    prop_assert!(under_way.iter().filter(|busy| busy.2 == operator).count() < at_once);
                    prop_assert!(ended.get(&ip).is_none_or(|end| now >= *end + pace.address), "rested");
                    for &(at, other, other_operator) in &begun {
                        prop_assert!(network_of(other) != network_of(ip) || now >= at + RULES.network);
                        prop_assert!(other_operator != operator || now >= at + pace.operator);
                    }
                    begun.push((now, ip, operator));
                    let contact = [Contact::Borne, Contact::TooFast, Contact::None][usize::from(items[n].4)];
                    under_way.push((now + SECOND, ip, operator, contact));
                    given.push(n);
                    continue;
                }
                Next::At(at) => Some(at),
                Next::Nothing => None,
            };
            let arrival = arrivals.peek().map(|(at, _)| *at);
            let release = under_way.iter().map(|busy| busy.0).min();
            let Some(next) = [next, arrival, release].into_iter().flatten().min() else {
                return Err(TestCaseError::fail("nothing will ever come"));
            };
            prop_assert!(next > now, "time goes on");
            now = next;
        }
        given.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(given, expected);
        prop_assert!(paced.is_empty());
    }
}
