use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn manners() -> Manners {
    Manners {
        paced: true,
        sampled_names: 50,
        sampling_budget: 1_000,
        network: SECOND / 2,
        in_flight: 2_000,
        dns_per_s: None,
        exchanges_per_question: 1.0,
    }
}

/// The default limits.
fn operator(name: &str) -> Operator {
    Operator { name: name.to_owned(), pace: Pace { address: 30 * SECOND, operator: SECOND / 10, at_once: usize::MAX } }
}

fn ip(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x0b00_0000 + number).into()
}

fn host(operator: usize, addresses: &[u32]) -> Host {
    Host { operator, addresses: addresses.iter().copied().map(ip).collect(), questions: 3, own: false }
}

fn domain(hosts: &[usize]) -> Domain {
    Domain { mail: Mail::Hosts(hosts.to_vec()), questions: 5 }
}

/// Each domain has one host; `host` makes it from the domain's number.
fn one_each(domains: usize, operators: &[Operator], host: impl Fn(usize) -> Host) -> Sample {
    Sample {
        domains: (0..domains).map(|number| domain(&[number])).collect(),
        hosts: (0..domains).map(host).collect(),
        operators: operators.to_vec(),
    }
}

/// Addresses far apart, so that no network holds two.
fn apart(number: usize) -> u32 {
    number as u32 * 256
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-6 * expected.max(1.0)
}

#[test]
fn connections() {
    let own: Vec<Operator> = (0..100).map(|number| operator(&format!("d{number}.example"))).collect();
    let big = [operator("Big")];
    let shared = Sample {
        domains: (0..100).map(|_| domain(&[0, 1, 2, 3, 4])).collect(),
        hosts: (0..5).map(|number| host(0, &[apart(number)])).collect(),
        operators: big.to_vec(),
    };
    let crowd = one_each(100, &big, |_| host(0, &[7]));
    let six = one_each(120, &big, |_| host(0, &[1, 2, 3, 4, 5, 6]));
    let hosting = one_each(100, &own, |number| host(number, &[7]));
    let own = one_each(100, &own, |number| host(number, &[apart(number)]));
    let nowhere = Sample {
        domains: vec![Domain { mail: Mail::Nowhere, questions: 7 }, Domain { mail: Mail::Failed, questions: 6 }],
        ..Sample::default()
    };
    // hosts, addresses, endpoints, connections, at most
    let cases = [
        (&own, 1_000, [1_000.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0], "a server of one's own, each"),
        (&shared, 1_000, [5.0, 5.0, 5.0, 5.0, 5.0], "all share five"),
        (&shared, 1_000_000, [5.0, 5.0, 5.0, 5.0, 5.0], "however many they are"),
        (&crowd, 100_000, [100_000.0, 1.0, 100_000.0, 50.0, 1_050.0], "a name for each on one address"),
        (&crowd, 100, [100.0, 1.0, 100.0, 50.0, 100.0], "the whole list"),
        (&six, 1_200, [1_200.0, 6.0, 7_200.0, 300.0, 6_300.0], "on six addresses, each sampled by itself"),
        (&hosting, 1_000, [1_000.0, 1.0, 1_000.0, 50.0, 1_000.0], "names of one's own on somebody's address"),
        (&nowhere, 1_000, [0.0, 0.0, 0.0, 0.0, 0.0], "no mail"),
        (&Sample::default(), 0, [0.0, 0.0, 0.0, 0.0, 0.0], "nobody"),
    ];
    for (sample, list, expected, why) in cases {
        let e = estimate(sample, list, &manners());
        for bound in [|range: Range| range.least, |range: Range| range.most] {
            let found = [bound(e.hosts), bound(e.addresses), bound(e.endpoints), bound(e.connections)];
            assert!(found.iter().zip(expected).all(|(found, expected)| near(*found, expected)), "{why}: {found:?}");
            let by_operator: f64 = e.operators.iter().map(|operator| bound(operator.connections)).sum();
            assert!(near(by_operator + bound(e.others.connections), bound(e.connections)), "{why}");
        }
        assert!(near(e.connections_if_names_differ, expected[4]), "{why}: {}", e.connections_if_names_differ);
    }
    let unsampled = estimate(&crowd, 100_000, &Manners { sampled_names: 0, ..manners() });
    assert!(near(unsampled.connections.least, 100_000.0), "{:?}", unsampled.connections);
}

#[test]
fn what_is_shared_leaves_room_for_doubt() {
    let operators: Vec<Operator> = (0..110).map(|number| operator(&format!("d{number}.example"))).collect();
    // Ninety hosts that one domain names, ten that two name.
    let mut sample = one_each(90, &operators, |number| host(number, &[apart(number)]));
    sample.hosts.extend((90..100).map(|number| host(number, &[apart(number)])));
    sample.domains.extend((0..20).map(|number| domain(&[90 + number / 2])));
    sample.operators.truncate(100);
    let e = estimate(&sample, 110_000, &manners());
    let least = 100.0 + 90.0 * 90.0 / (2.0 * 110.0 / 109.0 * 10.0 + 90.0 / 999.0);
    assert!(near(e.hosts.least, least) && near(e.hosts.most, 100.0 + 90.0 * 999.0), "{:?}", e.hosts);
    assert!(near(e.connections.least, least) && e.others.operators == e.hosts, "{e:#?}");
    assert!(e.time_at_least < e.times[0].1);
    // As the domains' own they grow with the list.
    sample.hosts.iter_mut().take(90).for_each(|host| host.own = true);
    let e = estimate(&sample, 110_000, &manners());
    assert!(near(e.hosts.least, e.hosts.most) && near(e.hosts.most, 100.0 + 90.0 * 999.0), "{:?}", e.hosts);
    assert!(near(e.endpoints.least, e.endpoints.most) && near(e.connections.most, e.endpoints.most), "{e:#?}");
    assert!(near(e.addresses.least, least), "whose host it is says nothing of the address: {:?}", e.addresses);
}

#[test]
fn who_stands_alone() {
    let operators: Vec<Operator> = ["Five", "Four", "d.example"].into_iter().map(operator).collect();
    let sample = one_each(10, &operators, |number| match number {
        0..5 => host(0, &[apart(number)]),
        5..9 => host(1, &[apart(number)]),
        _ => host(2, &[]),
    });
    let e = estimate(&sample, 100, &manners());
    assert_eq!(e.operators.iter().map(|operator| operator.name.as_str()).collect::<Vec<_>>(), ["Five"]);
    assert!(near(e.operators[0].connections.most, 50.0) && near(e.others.connections.most, 40.0), "{e:#?}");
    assert_eq!((e.operators[0].domains, e.others.domains), (5, 5));
    assert!(
        near(e.others.hosts.least, 50.0) && near(e.others.operators.least, 11.0),
        "one of two was seen once: {e:#?}"
    );
}

#[test]
fn times() {
    let big = [operator("Big")];
    let crowd = one_each(100, &big, |_| host(0, &[7]));
    let many = one_each(100, &big, |number| host(0, &[apart(number)]));
    let one_network = one_each(100, &big, |number| host(0, &[number as u32]));
    let few_at_once = [Operator { pace: Pace { at_once: 2, ..big[0].pace }, ..big[0].clone() }];
    let few_at_once = one_each(100, &few_at_once, |number| host(0, &[apart(number)]));
    let slow_few: Vec<Operator> = ["Slow", "Big"]
        .into_iter()
        .map(|name| Operator { pace: Pace { address: 60 * SECOND, ..big[0].pace }, ..operator(name) })
        .collect();
    let slow_few = one_each(2, &slow_few, |number| host(number, &[7]));
    let resolver = Manners { dns_per_s: Some(10.0), exchanges_per_question: 2.0, ..manners() };
    let unpaced = Manners { paced: false, in_flight: 10, ..manners() };
    let cases = [
        (&crowd, 100_000, manners(), Binding::Address, 50.0 * 3.0 + 49.0 * 30.0, "fifty sessions, 49 rests"),
        (&many, 100_000, manners(), Binding::Rate, 9_999.9, "ten a second to one operator"),
        (&one_network, 100_000, manners(), Binding::Network, 49_999.5, "two a second into a /24"),
        (&few_at_once, 100_000, manners(), Binding::AtOnce, 100_000.0 * 3.0 / 2.0, "two at once"),
        (&slow_few, 2, manners(), Binding::Address, 2.0 * 3.0 + 60.0, "each contact has its operator's rest"),
        (&crowd, 2_000, resolver, Binding::Resolver, 2_000.0 * (5.0 + 3.0) * 2.0 / 10.0, "the resolver"),
        (&many, 1_000, unpaced, Binding::Sessions, 1_000.0 * 3.0 / 10.0, "no manners"),
    ];
    for (sample, list, manners, binding, expected, why) in cases {
        let e = estimate(sample, list, &manners);
        let (held_by, time) = e.times[0];
        assert!(held_by == binding && near(time.as_secs_f64(), expected), "{why}: {:?}", e.times);
        assert!(e.time_at_least == time && e.times.is_sorted_by(|one, other| one.1 >= other.1), "{why}: {:?}", e.times);
    }
    let e = estimate(&crowd, 100_000, &manners());
    let slowest = e.slowest_address.unwrap();
    assert_eq!((slowest.ip, slowest.operator.as_str(), slowest.connections), (ip(7), "Big", 50.0));
    assert_eq!((e.operators[0].held_by, e.operators[0].time), (Some(Binding::Address), slowest.time));
    let e = estimate(&crowd, 100_000, &Manners { paced: false, ..manners() });
    assert_eq!((e.slowest_address, e.operators[0].held_by), (None, None));
}

/// A sample in which every host is named, and every operator has a host.
fn samples() -> impl Strategy<Value = Sample> {
    let hosts = proptest::collection::vec(
        (0_usize..6, proptest::collection::btree_set(0_u32..900, 0..4), any::<bool>()),
        1..30,
    );
    let domains = proptest::collection::vec(proptest::collection::vec(any::<proptest::sample::Index>(), 0..4), 1..60);
    (hosts, domains).prop_map(|(hosts, domains)| {
        let mut places = BTreeMap::new();
        let mut sample = Sample { operators: (0..6).map(|n| operator(&n.to_string())).collect(), ..Sample::default() };
        for names in domains {
            let named: BTreeSet<usize> = names.iter().map(|index| index.index(hosts.len())).collect();
            let named: Vec<usize> = named
                .into_iter()
                .map(|number| {
                    *places.entry(number).or_insert_with(|| {
                        let (operator, addresses, own) = &hosts[number];
                        let addresses: Vec<u32> = addresses.iter().copied().collect();
                        sample.hosts.push(Host { own: *own, ..host(*operator, &addresses) });
                        sample.hosts.len() - 1
                    })
                })
                .collect();
            let mail = if named.is_empty() { Mail::Nowhere } else { Mail::Hosts(named) };
            sample.domains.push(Domain { mail, questions: 5 });
        }
        let used: BTreeSet<usize> = sample.hosts.iter().map(|host| host.operator).collect();
        let renumbered: BTreeMap<usize, usize> = used.into_iter().zip(0..).collect();
        sample.operators.truncate(renumbered.len());
        sample.hosts.iter_mut().for_each(|host| host.operator = renumbered[&host.operator]);
        sample
    })
}

/// The same numbers, counted one by one.
fn names_by_address(sample: &Sample) -> BTreeMap<IpAddr, Vec<usize>> {
    let mut names: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
    for (place, host) in sample.hosts.iter().enumerate() {
        host.addresses.iter().for_each(|ip| names.entry(*ip).or_default().push(place));
    }
    names
}

proptest! {
    #[test]
    fn the_estimate_of_a_whole_list_is_its_count(sample in samples(), limit in 1_u32..4) {
        let manners = Manners { sampled_names: limit, sampling_budget: 1, ..manners() };
        let list = sample.domains.len() as u64;
        let e = estimate(&sample, list, &manners);
        let names = names_by_address(&sample);
        let contacted = |limit: u32| names.values().map(|names| names.len().min(limit as usize)).sum::<usize>() as f64;
        let exactly = |number: f64| Range { least: number, most: number };
        prop_assert_eq!(e.hosts, exactly(sample.hosts.len() as f64));
        prop_assert_eq!(e.addresses, exactly(names.len() as f64));
        prop_assert_eq!(e.endpoints, exactly(names.values().map(Vec::len).sum::<usize>() as f64));
        prop_assert!(near(e.connections.least, contacted(limit)) && near(e.connections.most, contacted(limit)));
        prop_assert!(near(e.connections_if_names_differ, contacted(limit + 1)));
        prop_assert_eq!(e.questions, exactly((5 * sample.domains.len() + 3 * sample.hosts.len()) as f64));
        prop_assert_eq!(e.time_at_least, e.times[0].1);
        prop_assert_eq!(e.drawn.share(e.take_mail).unwrap().error, 0.0);

        // Without sampling each operator's numbers are counts, too.
        let e = estimate(&sample, list, &Manners { sampled_names: 0, ..manners });
        let mut others = (0, 0, 0);
        for (place, operator) in sample.operators.iter().enumerate() {
            let hosts: Vec<&Host> = sample.hosts.iter().filter(|host| host.operator == place).collect();
            let pairs = hosts.iter().map(|host| host.addresses.len()).sum::<usize>();
            let addresses: BTreeSet<&IpAddr> = hosts.iter().flat_map(|host| &host.addresses).collect();
            match e.operators.iter().find(|load| load.name == operator.name) {
                Some(load) => {
                    let found = [load.hosts.least, load.addresses.most, load.connections.least];
                    let expected = [hosts.len() as f64, addresses.len() as f64, pairs as f64];
                    prop_assert!(found.into_iter().zip(expected).all(|(one, other)| near(one, other)), "{:?}", load);
                }
                None => others = (others.0 + 1, others.1 + hosts.len(), others.2 + pairs),
            }
        }
        let found = [e.others.operators.most, e.others.hosts.least, e.others.connections.most];
        let expected = [others.0 as f64, others.1 as f64, others.2 as f64];
        prop_assert!(found.into_iter().zip(expected).all(|(one, other)| near(one, other)), "{:?}", e.others);

        let longest = names.values().map(Vec::len).max().unwrap_or_default();
        let expected = longest as f64 * 3.0 + longest.saturating_sub(1) as f64 * 30.0;
        prop_assert!(near(e.slowest_address.map_or(0.0, |slowest| slowest.time.as_secs_f64()), expected));
        let mut networks: BTreeMap<IpAddr, usize> = BTreeMap::new();
        names.iter().for_each(|(ip, names)| *networks.entry(crate::paced::network_of(*ip)).or_default() += names.len());
        let busiest = networks.values().max().copied().unwrap_or_default();
        prop_assert!(near(e.slowest_network.map_or(0.0, |slowest| slowest.connections), busiest as f64));
    }

    #[test]
    fn a_sample_is_neither_shrunk_nor_blown_up(sample in samples(), times in 1_u64..1_000) {
        let drawn = sample.domains.len() as u64;
        let (whole, e) = (estimate(&sample, drawn, &manners()), estimate(&sample, drawn * times, &manners()));
        let room = 1.0 + 1e-9;
        for (seen, Range { least, most }) in [
            (whole.hosts.most, e.hosts),
            (whole.addresses.most, e.addresses),
            (whole.endpoints.most, e.endpoints),
            (whole.connections.most, e.connections),
        ] {
            prop_assert!(seen <= least * room && least <= most * room, "{} {} {}", seen, least, most);
            prop_assert!(most <= seen * times as f64 * room, "{} {} {}", seen, most, times);
        }
        prop_assert!(e.connections.most <= e.endpoints.most * room);
        prop_assert!(e.connections.most <= e.connections_if_names_differ * room);
        prop_assert!(e.time_at_least <= e.times[0].1 && whole.times[0].1 <= e.times[0].1);
        prop_assert!(e.times.is_sorted_by(|one, other| one.1 >= other.1));
    }
}
