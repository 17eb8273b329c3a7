//! What a sender would do, by trying: every order of hosts and addresses, and everything that the unknown could be.

use super::Address::*;
use super::{ADDRESSES, Address, Host, Policy, Scene, Tlsa};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sender {
    Opportunistic,
    MtaSts,
    Dane,
    DaneInsecureMx,
    Both,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Level {
    Plaintext,
    Encrypted,
    Authenticated,
}

/// "What a sender would do today", the table: one decided address. `None`: may not. Of a host with an unknown TLSA state:
/// what it is worth when the records turn out to be `tlsa`.
fn at_address(sender: Sender, scene: &Scene, host: &Host, tlsa: Tlsa, address: Address) -> Option<Level> {
    let opportunistic = if address.encrypts() { Level::Encrypted } else { Level::Plaintext };
    let enforced = matches!(scene.policy, Policy::Enforce | Policy::Fleeting);
    let mta_sts = match (enforced, host.listed && address == Good) {
        (true, true) => Some(Level::Authenticated),
        (true, false) => None,
        (false, _) => Some(opportunistic),
    };
    let encrypted_or_not_at_all = address.encrypts().then_some(Level::Encrypted);
    // RFC 7672 2.2.1: an insecure MX RRset is no DANE, but for those who choose otherwise.
    let tlsa = if scene.mx_secure || sender == Sender::DaneInsecureMx { tlsa } else { Tlsa::None };
    let dane = match tlsa {
        Tlsa::Match if address.shows_good_chain(true) => Some(Level::Authenticated),
        Tlsa::Match | Tlsa::Stale | Tlsa::Bogus => None,
        Tlsa::Unusable => encrypted_or_not_at_all,
        Tlsa::None | Tlsa::InsecureAddress | Tlsa::InsecureRecords => Some(opportunistic),
        Tlsa::Unknown => unreachable!("the caller decides"),
    };
    match sender {
        Sender::Opportunistic => Some(opportunistic),
        Sender::MtaSts => mta_sts,
        Sender::Dane | Sender::DaneInsecureMx => dane,
        Sender::Both => match tlsa {
            Tlsa::Match | Tlsa::Stale | Tlsa::Bogus => dane,
            Tlsa::Unusable if enforced => mta_sts,
            Tlsa::Unusable => encrypted_or_not_at_all,
            _ => mta_sts,
        },
    }
}

/// Whether a sender asks for TLSA records at all.
fn asks(sender: Sender, scene: &Scene) -> bool {
    match sender {
        Sender::Opportunistic | Sender::MtaSts => false,
        Sender::Dane | Sender::Both => scene.mx_secure,
        Sender::DaneInsecureMx => true,
    }
}

/// What is not known about a host, as everything that it could turn out to be: TLSA state and addresses.
fn possibilities(sender: Sender, scene: &Scene, host: &Host) -> Vec<(Tlsa, Vec<Address>)> {
    let tlsa = match host.tlsa {
        Tlsa::Unknown if !asks(sender, scene) => vec![Tlsa::None],
        Tlsa::Unknown => vec![Tlsa::None, Tlsa::Match, Tlsa::Stale, Tlsa::Unusable],
        known => vec![known],
    };
    let undecided = host.decided().is_empty();
    let addresses: Vec<Vec<Address>> = if undecided && host.addresses.contains(&OptedOut) {
        ADDRESSES.iter().filter(|address| address.decided()).map(|address| vec![*address]).chain([vec![]]).collect()
    } else {
        vec![host.decided()]
    };
    tlsa.iter().flat_map(|tlsa| addresses.iter().map(|list| (*tlsa, list.clone()))).collect()
}

fn orders<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(index);
        for mut order in orders(&rest) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

/// The weakest level that any order gives, every host being what `is` says.
fn weakest(sender: Sender, scene: &Scene, is: &[(Tlsa, Vec<Address>)]) -> Option<Level> {
    let indexes: Vec<usize> = (0..scene.hosts.len()).collect();
    let mut weakest: Option<Level> = None;
    for order in orders(&indexes) {
        let preferences: Vec<u16> = order.iter().map(|index| scene.hosts[*index].preference).collect();
        if !preferences.is_sorted() {
            continue;
        }
        // Each host in turn; within it the order of addresses that is worst for us.
        let delivered = order.iter().find_map(|index| {
            let (tlsa, addresses) = &is[*index];
            let tries = |list: &[Address]| {
                list.iter().find_map(|address| at_address(sender, scene, &scene.hosts[*index], *tlsa, *address))
            };
            orders(addresses).iter().filter_map(|list| tries(list)).min()
        });
        weakest = [weakest, delivered].into_iter().flatten().min();
    }
    weakest
}

/// The word of an outcome column.
pub(super) fn outcome(sender: Sender, scene: &Scene) -> &'static str {
    let all: Vec<Vec<(Tlsa, Vec<Address>)>> =
        scene.hosts.iter().map(|host| possibilities(sender, scene, host)).collect();
    // As a sender has it who passes over what is not decided.
    let passed_over: Vec<(Tlsa, Vec<Address>)> = all
        .iter()
        .map(|possible| match possible.as_slice() {
            [only] => only.clone(),
            _ => (Tlsa::None, vec![]),
        })
        .collect();
    let found = weakest(sender, scene, &passed_over);
    let Some(found) = found else {
        // Ruled out by the sender's own policy: the host as a whole, reached or not, or every decided address of it.
        let ruled = |host: &Host, (tlsa, addresses): &(Tlsa, Vec<Address>)| {
            let may_not = |address: &Address| at_address(sender, scene, host, *tlsa, *address).is_none();
            // Records that were not seen may match whatever was shown: such an address is undecided, not ruled out.
            if host.tlsa == Tlsa::Unknown && asks(sender, scene) && !addresses.is_empty() {
                return false;
            }
            unusable_as_a_whole(sender, scene, host, *tlsa) || (!addresses.is_empty() && addresses.iter().all(may_not))
        };
        let pairs = || scene.hosts.iter().zip(&all);
        if pairs().any(|(host, possible)| possible.iter().all(|one| ruled(host, one))) {
            return "refused";
        }
        let refused_us = |host: &Host| host.decided().is_empty() && host.addresses.contains(&Refuses);
        let differs = |(host, possible): (&Host, &Vec<(Tlsa, Vec<Address>)>)| {
            let worth = |one: &(Tlsa, Vec<Address>)| ruled(host, one) || !one.1.is_empty();
            refused_us(host) || possible.iter().any(worth)
        };
        return if pairs().any(differs) { "indeterminate" } else { "unreachable" };
    };
    for (index, possible) in all.iter().enumerate() {
        for one in possible {
            let mut is = passed_over.clone();
            is[index] = one.clone();
            if weakest(sender, scene, &is).is_some_and(|level| level < found) {
                return "indeterminate";
            }
        }
    }
    match found {
        Level::Plaintext => "plaintext",
        Level::Encrypted => "encrypted",
        Level::Authenticated => "authenticated",
    }
}

/// A host that may not be used, reached or not: not in an enforced policy that decides, or a failed TLSA look-up.
fn unusable_as_a_whole(sender: Sender, scene: &Scene, host: &Host, tlsa: Tlsa) -> bool {
    let tlsa = if scene.mx_secure || sender == Sender::DaneInsecureMx { tlsa } else { Tlsa::None };
    let unlisted = matches!(scene.policy, Policy::Enforce | Policy::Fleeting) && !host.listed;
    match sender {
        Sender::Opportunistic => false,
        Sender::MtaSts => unlisted,
        Sender::Dane | Sender::DaneInsecureMx => tlsa == Tlsa::Bogus,
        Sender::Both => tlsa == Tlsa::Bogus || (unlisted && !matches!(tlsa, Tlsa::Match | Tlsa::Stale | Tlsa::Unknown)),
    }
}
