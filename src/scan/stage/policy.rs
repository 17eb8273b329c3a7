//! Stage two: the policy host's addresses, then one HTTPS GET (RFC 8461 3.3).

use std::net::IpAddr;
use std::time::Instant;

use super::Crawl;
use super::domain::{addresses, is_transient};
use crate::failure::{Failure, Family};
use crate::observation::{DnsStatus, Dnssec, PolicyAttempt, PolicyRow, PolicyStage};
use crate::scan::dns::Kind;
use crate::scan::frontier::{FetchItem, PolicyItem};
use crate::scan::net::now;
use crate::scan::policy;
use crate::scan::sink::Row;

/// Addresses of one policy host that are kept and may be tried.
const ADDRESSES: usize = 16;

/// Looks the policy host up; the fetch then waits for its address.
pub async fn look_up(crawl: &Crawl, item: PolicyItem) {
    let started = (now(), Instant::now());
    let policy_host = format!("mta-sts.{}", item.domain);
    let mut row = empty(crawl, &item.domain, policy_host);
    if crawl.opt_out().domain(&row.policy_host) {
        row.policy_stage = PolicyStage::Skipped;
        row.policy_error = Some(Failure::OptedOut);
        finish(crawl, item.earlier, row).await;
        return;
    }
    row.policy_observed_at = Some(started.0);
    let (a, aaaa) = tokio::join!(crawl.dns.ask(&row.policy_host, Kind::A), crawl.dns.ask(&row.policy_host, Kind::Aaaa));
    row.policy_dns_ms = Some(started.1.elapsed().as_secs_f64() * 1e3);
    let found: Vec<IpAddr> = addresses(&[&a, &aaaa]).collect();
    row.policy_addresses_truncated = a.truncated || aaaa.truncated || found.len() > ADDRESSES;
    row.policy_addresses = Some(found.iter().take(ADDRESSES).map(IpAddr::to_string).collect());
    let answered = if a.status == DnsStatus::Found || found.is_empty() { &a } else { &aaaa };
    // The least secure of the answers that led to an address speaks for them all.
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
    let opt_out = crawl.opt_out();
    let may_contact: Vec<IpAddr> = found.iter().copied().take(ADDRESSES).filter(|&ip| !opt_out.address(ip)).collect();
    if let Some(&first) = may_contact.first() {
        crawl.frontier.wait_for_address(first, FetchItem { policy: item, row: Box::new(row), addresses: may_contact });
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

/// Fetches the policy from an address that is free now.
pub async fn fetch(crawl: &Crawl, ip: IpAddr, item: FetchItem) {
    let FetchItem { policy: item, row: before, addresses } = item;
    let fetched = policy::fetch(
        &crawl.net,
        &crawl.tls,
        &item.domain,
        &before.policy_host,
        &addresses,
        &crawl.policy,
        &crawl.worker,
    )
    .await;
    crawl.frontier.release_fetch(ip);
    crawl.put_certificates(fetched.chain).await;
    let row = PolicyRow {
        policy_addresses: before.policy_addresses,
        policy_addresses_truncated: before.policy_addresses_truncated,
        policy_address_dnssec: before.policy_address_dnssec,
        policy_cnames: before.policy_cnames,
        policy_dns_ms: before.policy_dns_ms,
        ..fetched.row
    };
    if may_heal(&row) {
        retry_or_finish(crawl, item, row).await;
    } else {
        finish(crawl, item.earlier, row).await;
    }
}

async fn retry_or_finish(crawl: &Crawl, item: PolicyItem, row: PolicyRow) {
    let row = merged(item.earlier, row);
    match crawl.limits.retry_after(row.policy_attempts.len()) {
        Some(after) => {
            crawl.frontier.defer_policy(after, PolicyItem { domain: item.domain, earlier: Some(Box::new(row)) });
        }
        None => finish(crawl, None, row).await,
    }
}

async fn finish(crawl: &Crawl, earlier: Option<Box<PolicyRow>>, row: PolicyRow) {
    let row = merged(earlier, row);
    crawl.progress.policies.finished(row.policy_error.is_some());
    crawl.sink.put(Row::Policy(Box::new(row))).await;
    crawl.frontier.done();
}

fn merged(earlier: Option<Box<PolicyRow>>, row: PolicyRow) -> PolicyRow {
    match earlier {
        Some(earlier) => policy::merge(*earlier, row),
        None => row,
    }
}

/// What another time may not show: the way there, the server's own trouble (5xx), never what the owner published.
fn may_heal(row: &PolicyRow) -> bool {
    match row.policy_error {
        Some(Failure::SpecialAddress | Failure::BodyTooLarge) => false,
        Some(Failure::TlsVersion | Failure::TlsCipher | Failure::TlsAlert | Failure::TlsProtocol) => false,
        Some(error) => !matches!(error.family(), Family::Own),
        None => row.policy_http_status.is_some_and(|status| status >= 500 || status == 429),
    }
}

fn empty(crawl: &Crawl, domain: &str, policy_host: String) -> PolicyRow {
    let row = PolicyRow::unseen(domain.to_owned(), policy_host, crawl.worker.clone());
    PolicyRow { policy_stage: PolicyStage::Dns, ..row }
}
