//! What several attempts at one policy say together, and whether another one is worth making.

use std::net::IpAddr;
use std::time::Duration;

use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{PolicyRow, PolicyStage};

/// A retry after an earlier attempt: the later one decides and the logs are joined. What DNS showed stays from the
/// earlier one where the later row does not say.
pub(super) fn merge(earlier: PolicyRow, later: PolicyRow) -> PolicyRow {
    let mut policy_attempts = earlier.policy_attempts;
    policy_attempts.extend(later.policy_attempts);
    let dns_again = later.policy_addresses.is_some();
    PolicyRow {
        policy_attempts,
        policy_addresses: later.policy_addresses.or(earlier.policy_addresses),
        policy_addresses_truncated: if dns_again {
            later.policy_addresses_truncated
        } else {
            earlier.policy_addresses_truncated
        },
        policy_address_dnssec: later.policy_address_dnssec.or(earlier.policy_address_dnssec),
        policy_cnames: later.policy_cnames.or(earlier.policy_cnames),
        policy_dns_ms: later.policy_dns_ms.or(earlier.policy_dns_ms),
        ..later
    }
}

/// What [`merge`] needs of an attempt that is to be repeated: a row may wait for half an hour, and a body is up to 64 KiB.
pub(super) fn remembered(row: PolicyRow) -> PolicyRow {
    PolicyRow {
        policy_content_type: None,
        policy_content_encoding: None,
        policy_location: None,
        policy_body: None,
        policy_chain: None,
        ..row
    }
}

/// The longest time that a policy host can ask to be left alone for: a crawl of hours can wait so long, and not a day.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// How long the host asked to be left alone for (RFC 9110 §10.2.3): only beside 429 and 503, an hour at most. A date is
/// reckoned from when the answer came.
pub(super) fn asked_to_wait(row: &PolicyRow) -> Option<Duration> {
    let value = row.policy_retry_after.as_deref().filter(|_| matches!(row.policy_http_status, Some(429 | 503)))?;
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp().as_microsecond();
            Duration::from_micros(u64::try_from(until.saturating_sub(row.policy_observed_at?)).ok()?)
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Whether the row tells of an address that was contacted.
pub(super) fn was_contacted(row: &PolicyRow) -> bool {
    !matches!(row.policy_stage, PolicyStage::Dns | PolicyStage::Skipped)
}

/// Two addresses of one attempt, neither of which could be connected to: the reason that says most about the host counts,
/// the earlier one where both say as much. They are one attempt, as long as both together.
pub(super) fn more_telling(earlier: PolicyRow, later: PolicyRow) -> PolicyRow {
    let ms = |row: &PolicyRow| row.policy_attempts.iter().map(|attempt| attempt.ms).sum::<f64>();
    let (together, at) = (ms(&earlier) + ms(&later), earlier.policy_observed_at);
    let mut row = if weight(&later) > weight(&earlier) { later } else { earlier };
    row.policy_observed_at = at;
    for attempt in &mut row.policy_attempts {
        (attempt.at, attempt.ms) = (at.unwrap_or(attempt.at), together);
    }
    row
}

/// How much a row says about the host: what the network did says most; a reason of our own leaves open whether the host
/// could be reached, so it comes before an address that nobody reaches.
fn weight(row: &PolicyRow) -> u8 {
    match row.policy_stage {
        PolicyStage::Dns => 0,
        PolicyStage::Skipped => 1,
        _ => 2,
    }
}

/// One of each family in turn, each family in its own order, so that a dead family does not use up the attempts.
pub(super) fn alternate_families(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let is_first = |ip: &IpAddr| addresses.first().is_some_and(|first| first.is_ipv4() == ip.is_ipv4());
    let (first, second): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|ip| is_first(ip));
    let longest = first.len().max(second.len());
    (0..longest).flat_map(|at| [first.get(at), second.get(at)]).flatten().copied().collect()
}

/// What another time may not show: the way there, the server's own trouble (5xx), never what the owner published.
pub(super) fn may_heal(row: &PolicyRow) -> bool {
    match row.policy_error {
        Some(Failure::SpecialAddress | Failure::BodyTooLarge) => false,
        Some(Failure::TlsVersion | Failure::TlsCipher | Failure::TlsAlert | Failure::TlsProtocol) => false,
        Some(error) => !matches!(error.family(), Family::Own),
        None => row.policy_http_status.is_some_and(|status| status >= 500 || status == 429),
    }
}
