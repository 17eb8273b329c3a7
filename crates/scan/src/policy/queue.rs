//! Stage two: the policy host's addresses, then one HTTPS GET (RFC 8461 §3.3), from one address after the other.

use std::net::IpAddr;
use std::time::Instant;

use super::attempts::{alternate_families, asked_to_wait, may_heal, merge, more_telling, remembered, was_contacted};
use super::fetch::{self, Fetched};
use crate::attempts::Note;
use crate::connectivity::gate::Belief;
use crate::frontier::{FetchItem, Permit, PolicyItem};
use crate::left_alone::{Peer, Role};
use crate::net::now;
use crate::paced::Contact;
use crate::second_look;
use crate::sink::Row;
use crate::stage::domain::{addresses, is_transient};
use crate::stage::{Crawl, after_now};
use mxcensus_dataset::input::OptOut;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DnsStatus, Dnssec, PolicyAttempt, PolicyRow, PolicyStage};

/// How many addresses are contacted when connecting fails: enough for both families and a spare of each.
pub(super) const MAX_ADDRESSES: usize = 4;

/// Addresses of one policy host that are kept and may be tried.
const ADDRESSES: usize = 16;

/// Looks the policy host up; the fetch then waits for its address.
pub(crate) async fn look_up(crawl: &Crawl, item: PolicyItem) {
    let started = (now(), Instant::now());
    let policy_host = format!("mta-sts.{}", item.domain);
    let mut row = empty(crawl, &item.domain, policy_host);
    if opted_out(&crawl.opt_out(), &item.domain, &row.policy_host) {
        finish(crawl, None, skipped(row, Failure::OptedOut)).await;
        return;
    }
    if item.begun >= crawl.limits.connections_per_endpoint {
        // Only processes that were killed time and again come here. What an attempt saw is better than nothing.
        let row = item.earlier.map_or_else(|| skipped(row, Failure::Budget), |earlier| *earlier);
        finish(crawl, None, row).await;
        return;
    }
    row.policy_observed_at = Some(started.0);
    let (a, aaaa) = crawl.dns.addresses(&row.policy_host, Role::Domain).await;
    // The host may be another name for one that is on the list.
    if [&a, &aaaa].iter().any(|answer| answer.error == Some(Failure::OptedOut)) {
        finish(crawl, None, skipped(empty(crawl, &item.domain, row.policy_host), Failure::OptedOut)).await;
        return;
    }
    row.policy_dns_ms = Some(started.1.elapsed().as_secs_f64() * 1e3);
    let found: Vec<IpAddr> = addresses(&[&a, &aaaa]).collect();
    row.policy_addresses_truncated = a.truncated || aaaa.truncated || found.len() > ADDRESSES;
    row.policy_addresses = Some(found.iter().take(ADDRESSES).map(IpAddr::to_string).collect());
    let answered = if a.status == DnsStatus::Found || found.is_empty() { &a } else { &aaaa };
    // The row has one state for both answers: the less secure of those that led to an address.
    row.policy_address_dnssec = [&a, &aaaa]
        .into_iter()
        .filter(|answer| found.is_empty() || answer.status == DnsStatus::Found)
        .filter_map(|answer| answer.dnssec)
        .max_by_key(|state| match state {
            Dnssec::Secure => 0,
            Dnssec::Insecure => 1,
            Dnssec::Indeterminate => 2,
            Dnssec::Bogus => 3,
        });
    row.policy_cnames = Some(if answered.cnames.is_empty() { aaaa.cnames.clone() } else { answered.cnames.clone() });
    let kept = found.iter().copied().take(ADDRESSES);
    let may_contact: Vec<IpAddr> = kept.filter(|&ip| !crawl.left_alone.covers_address(ip)).collect();
    let mut addresses = alternate_families(&may_contact);
    addresses.reverse();
    if let Some(&first) = addresses.last() {
        let fetch = FetchItem { policy: item, row: Box::new(row), addresses, before: None, contacted: 0 };
        crawl.frontier.wait_for_address(first, fetch);
        return;
    }
    row.policy_error = Some(match (found.is_empty(), a.error.or(aaaa.error)) {
        (false, _) => Failure::OptedOut,
        (true, Some(error)) => error,
        (true, None) if a.status == DnsStatus::Nxdomain || aaaa.status == DnsStatus::Nxdomain => Failure::Nxdomain,
        (true, None) => Failure::Nodata,
    });
    row.policy_stage = if found.is_empty() { PolicyStage::Dns } else { PolicyStage::Skipped };
    row.policy_attempts = vec![PolicyAttempt {
        at: started.0,
        stage: row.policy_stage,
        error: row.policy_error,
        ms: started.1.elapsed().as_secs_f64() * 1e3,
    }];
    if is_transient(&a) || is_transient(&aaaa) {
        retry_or_finish(crawl, item, row).await;
    } else {
        finish(crawl, item.earlier, row).await;
    }
}

/// Fetches the policy from an address that is free now. Where it cannot be connected to, the next address of the host
/// waits its turn.
pub(crate) async fn fetch_next(crawl: &Crawl, permit: Permit, item: FetchItem) {
    let FetchItem { policy: mut item, row: looked_up, mut addresses, before, mut contacted } = item;
    let ip = permit.ip();
    addresses.pop();
    // Somebody may have been put on the list while the fetch waited.
    let aliases = looked_up.policy_cnames.as_deref().unwrap_or_default();
    let peer = Peer::policy_host(&item.domain, &looked_up.policy_host, aliases, ip);
    if peer.names.iter().any(|name| crawl.left_alone.covers_name(peer.role, name)) {
        permit.release(Contact::None);
        finish(crawl, None, skipped(empty(crawl, &item.domain, looked_up.policy_host), Failure::OptedOut)).await;
        return;
    }
    // An attempt is noted once, however many addresses it takes.
    let is_left_alone = crawl.left_alone.covers_address(ip);
    if before.is_none() && !is_left_alone {
        if !crawl.note(&Note::Fetch { domain: item.domain.to_string(), at: now() }).await {
            return;
        }
        item.begun += 1;
    }
    let begun = crawl.connectivity.begin();
    let fetched = if is_left_alone {
        let row = skipped(empty(crawl, &item.domain, looked_up.policy_host.clone()), Failure::OptedOut);
        Fetched { row, chain: Vec::new(), short: None, wants_second_look: false }
    } else {
        fetch_and_look_again(crawl, &item, &looked_up.policy_host, &peer).await
    };
    permit.release_for(how_it_went(&fetched.row), asked_to_wait(&fetched.row).unwrap_or_default());
    let belief = match fetched.short {
        Some(_) => Belief::Again,
        None => crawl.connectivity.policy_fetch(begun, &peer, &fetched.row).await,
    };
    match belief {
        Belief::Fact | Belief::Unsure => crawl.shortages.is_over(),
        Belief::Again => {
            if let Some(shortage) = fetched.short {
                let wait = crawl.met(shortage);
                if fetched.row.policy_connect_ms.is_some() {
                    // The host has seen a connection: it counts, and the next one is begun anew.
                    crawl.frontier.defer_policy(wait, item);
                    return;
                }
                tokio::time::sleep(wait).await;
            }
            addresses.push(ip);
            item.begun = item.begun.saturating_sub(u32::from(before.is_none()));
            let fetch = FetchItem { policy: item, row: looked_up, addresses, before, contacted };
            crawl.frontier.wait_for_address(ip, fetch);
            return;
        }
        Belief::Lost => return,
    }
    crawl.put_certificates(fetched.chain).await;
    contacted += usize::from(was_contacted(&fetched.row));
    let connected = matches!(
        fetched.row.policy_stage,
        PolicyStage::Tls | PolicyStage::Http | PolicyStage::Body | PolicyStage::Done
    );
    let row = match before {
        Some(before) if !connected => more_telling(*before, fetched.row),
        _ => fetched.row,
    };
    if !connected
        && contacted < MAX_ADDRESSES
        && let Some(&next) = addresses.last()
    {
        let before = Some(Box::new(row));
        let fetch = FetchItem { policy: item, row: looked_up, addresses, before, contacted };
        crawl.frontier.wait_for_address(next, fetch);
        return;
    }
    let row = PolicyRow {
        policy_addresses: looked_up.policy_addresses,
        policy_addresses_truncated: looked_up.policy_addresses_truncated,
        policy_address_dnssec: looked_up.policy_address_dnssec,
        policy_cnames: looked_up.policy_cnames,
        policy_dns_ms: looked_up.policy_dns_ms,
        ..row
    };
    if may_heal(&row) {
        retry_or_finish(crawl, item, row).await;
    } else {
        finish(crawl, item.earlier, row).await;
    }
}

/// Fetches, and looks again where rustls and the host could not agree.
async fn fetch_and_look_again(crawl: &Crawl, item: &PolicyItem, policy_host: &str, peer: &Peer) -> Fetched {
    let (domain, settings) = (&item.domain, &crawl.policy);
    let mut fetched = fetch::fetch(&crawl.net, &crawl.tls, domain, policy_host, peer, settings, &crawl.worker).await;
    if fetched.wants_second_look && may_look_again(crawl, item, &fetched.row) {
        match second_look::look_at_policy_host(&crawl.net, peer, settings, &mut fetched.row).await {
            Ok(chain) => fetched.chain.extend(chain),
            Err(shortage) => fetched.short = Some(shortage),
        }
    }
    fetched
}

/// Whether a second look is worth a connection: no retry will be made, which would be one too, and the host has not had
/// its share.
fn may_look_again(crawl: &Crawl, item: &PolicyItem, row: &PolicyRow) -> bool {
    let attempts = item.earlier.as_ref().map_or(0, |earlier| earlier.policy_attempts.len()) + 1;
    let retried = may_heal(row) && crawl.limits.retry_after(attempts).is_some();
    !retried && item.begun < crawl.limits.connections_per_endpoint
}

/// Whether the domain or its policy host is on the list.
fn opted_out(opt_out: &OptOut, domain: &str, policy_host: &str) -> bool {
    opt_out.domain(domain) || opt_out.domain(policy_host)
}

/// What a fetch means for the pace: 429 (RFC 6585 §4) and 503 (RFC 9110 §15.6.4) ask us to slow down.
fn how_it_went(row: &PolicyRow) -> Contact {
    match (row.policy_stage, row.policy_http_status) {
        (PolicyStage::Dns | PolicyStage::Skipped, _) => Contact::None,
        (_, Some(429 | 503)) => Contact::TooFast,
        (PolicyStage::Connect | PolicyStage::Tls, _) => Contact::Unanswered,
        _ => Contact::Borne,
    }
}

/// Left alone, and nothing else about it.
fn skipped(row: PolicyRow, reason: Failure) -> PolicyRow {
    PolicyRow { policy_stage: PolicyStage::Skipped, policy_error: Some(reason), ..row }
}

async fn retry_or_finish(crawl: &Crawl, mut item: PolicyItem, row: PolicyRow) {
    let row = merged(item.earlier.take(), row);
    match crawl.limits.retry_after(row.policy_attempts.len()) {
        Some(after) => {
            // Not before the time that the host named.
            let after = after.max(asked_to_wait(&row).unwrap_or_default());
            let row = Box::new(remembered(row));
            if crawl.note(&Note::Refetch { due: after_now(after), row: row.clone() }).await {
                crawl.frontier.defer_policy(after, PolicyItem { earlier: Some(row), ..item });
            }
        }
        None => finish(crawl, None, row).await,
    }
}

async fn finish(crawl: &Crawl, earlier: Option<Box<PolicyRow>>, row: PolicyRow) {
    let row = merged(earlier, row);
    crawl.finish(Row::Policy(Box::new(row))).await;
}

fn merged(earlier: Option<Box<PolicyRow>>, row: PolicyRow) -> PolicyRow {
    match earlier {
        Some(earlier) => merge(*earlier, row),
        None => row,
    }
}

fn empty(crawl: &Crawl, domain: &str, policy_host: String) -> PolicyRow {
    let row = PolicyRow::unseen(domain.to_owned(), policy_host, crawl.worker.clone());
    PolicyRow { policy_stage: PolicyStage::Dns, ..row }
}
