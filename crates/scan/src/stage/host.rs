//! Stage three: an MX host's addresses, aliases and TLSA records (RFC 7672 2.2), and its zone.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::Crawl;
use super::domain::{addresses, is_transient, may_heal};
use crate::dns::{Answer, Data, Dns, Kind};
use crate::frontier::{Child, HostAt, HostItem};
use crate::left_alone::Role;
use crate::net::now;
use crate::setup::Lane;
use crate::sink::Row;
use mxcensus_dataset::input::OptOut;
use mxcensus_rules::dane::base_domain;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name;
use mxcensus_rules::observation::{DnsStatus, Dnssec, HostStatus, MxHostRow, TlsaLookup, Zone};

/// TLSA records of one name that are kept: more than a dozen already trouble senders.
const TLSA_PER_NAME: usize = 64;

/// Looks an MX host up, hands over its row, and puts its endpoints.
pub async fn run(crawl: &Crawl, item: HostItem) {
    let mut row = empty(crawl, &item.host);
    // RFC 7672 §2.1.2: what fails lastingly forbids delivery, so a failure is seen twice, some time apart.
    let again = crawl.limits.retry_after(item.attempts + 1).filter(|_| item.attempts == 0);
    row.host_status = if let Some(reason) = not_looked_up(&crawl.opt_out(), &item.host) {
        reason
    } else {
        let (a, aaaa) = crawl.dns.addresses(&item.host, Role::MxHost).await;
        if (is_transient(&a) || is_transient(&aaaa))
            && let Some(after) = again
        {
            crawl.frontier.defer_host(after, HostItem { attempts: item.attempts + 1, ..item });
            return;
        }
        // The host may be another name for one that is on the list.
        if [&a, &aaaa].iter().any(|answer| answer.error == Some(Failure::OptedOut)) {
            HostStatus::OptedOut
        } else {
            record_addresses(crawl, &item, a, aaaa, &mut row).await
        }
    };
    if has_failed_tlsa(&row)
        && let Some(after) = again
    {
        crawl.frontier.defer_host(after, HostItem { attempts: item.attempts + 1, ..item });
        return;
    }
    addresses_of(&item.host, &row).into_iter().for_each(|at| crawl.frontier.put(Child::At(at)));
    crawl.finish(Row::MxHost(Box::new(row))).await;
}

/// Whether a TLSA look-up failed in a way that another time may not show. Under an insecure address such a failure is
/// common and means nothing (RFC 7672 2.2.2).
fn has_failed_tlsa(row: &MxHostRow) -> bool {
    let insecure = [(row.a_status, row.a_dnssec), (row.aaaa_status, row.aaaa_dnssec)]
        .contains(&(Some(DnsStatus::Found), Some(Dnssec::Insecure)));
    let cname_is_insecure = row.cnames.iter().flatten().next().is_none_or(|first| first.dnssec != Some(Dnssec::Secure));
    let matters = !(insecure && cname_is_insecure);
    matters && row.tlsa_lookups.iter().flatten().any(|lookup| may_heal(lookup.error))
}

/// Why a name in an MX record is not looked up at all, if so.
pub(crate) fn not_looked_up(opt_out: &OptOut, host: &str) -> Option<HostStatus> {
    if opt_out.host(host) {
        Some(HostStatus::OptedOut)
    } else if name::address_literal(host).is_some() {
        // RFC 1035 3.3.9: the exchange is a host name; an address there is a defect, and no name to look up.
        Some(HostStatus::AddressLiteral)
    } else if !name::is_host_name(host) {
        Some(HostStatus::InvalidName)
    } else {
        None
    }
}

/// The distinct addresses of a host, in their order.
pub(crate) fn distinct_addresses(a: &Answer, aaaa: &Answer) -> Vec<IpAddr> {
    addresses(&[a, aaaa]).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Re-seeds the queues with the endpoints of a row that exists: `connections` were made already to an address under one of two
/// server names.
pub fn follow(crawl: &Crawl, host: &Arc<str>, row: &MxHostRow, connections: impl Fn(IpAddr) -> u32) {
    for at in addresses_of(host, row) {
        let made = connections(at.ip);
        crawl.frontier.admit(Child::At(at), made);
    }
}

/// The host at each of its addresses: the endpoints that its row leads to.
pub fn addresses_of(host: &Arc<str>, row: &MxHostRow) -> Vec<HostAt> {
    let lookups = row.tlsa_lookups.as_deref().unwrap_or_default();
    let tlsa_names: Arc<[String]> =
        if has_tlsa(lookups) { lookups.iter().map(|lookup| lookup.name.clone()).collect() } else { Arc::default() };
    let aliases: Arc<[String]> = row.cnames.iter().flatten().map(|cname| cname.target.clone()).collect();
    let base: Option<Arc<str>> = base_domain::other_server_name(row).map(Arc::from);
    let server_names: Vec<Arc<str>> = [Some(host), base.as_ref()].into_iter().flatten().cloned().collect();
    let addresses = row.addresses.iter().flatten().filter_map(|ip| ip.parse::<IpAddr>().ok());
    addresses
        .map(|ip| HostAt {
            host: host.clone(),
            ip,
            server_names: server_names.clone(),
            tlsa_names: tlsa_names.clone(),
            aliases: aliases.clone(),
        })
        .collect()
}

/// Whether some look-up found TLSA records, secure or not.
pub fn has_tlsa(lookups: &[TlsaLookup]) -> bool {
    lookups.iter().any(|lookup| !lookup.records.is_empty())
}

async fn record_addresses(crawl: &Crawl, item: &HostItem, a: Answer, aaaa: Answer, row: &mut MxHostRow) -> HostStatus {
    let (host, found) = (&*item.host, distinct_addresses(&a, &aaaa));
    let kept = crawl.frontier.grant_addresses(item, found.len().min(crawl.limits.addresses_per_host));
    row.addresses_truncated = a.truncated || aaaa.truncated || found.len() > kept;
    row.addresses = Some(found.iter().take(kept).map(IpAddr::to_string).collect());
    (row.a_status, row.a_error, row.a_dnssec, row.a_ttl) = (Some(a.status), a.error, a.dnssec, a.ttl);
    (row.aaaa_status, row.aaaa_error, row.aaaa_dnssec, row.aaaa_ttl) =
        (Some(aaaa.status), aaaa.error, aaaa.dnssec, aaaa.ttl);
    let mut shown: Vec<String> = [&a.apex, &aaaa.apex].into_iter().flatten().cloned().collect();
    let secure = match (a.status, aaaa.status) {
        (DnsStatus::Found, _) => a.dnssec,
        _ => aaaa.dnssec,
    };
    // Both families go over the same aliases; the one that was answered shows them best.
    let cnames = match (a.status, aaaa.status) {
        (DnsStatus::Found, _) => a.cnames,
        (_, DnsStatus::Found) => aaaa.cnames,
        _ if a.cnames.is_empty() => aaaa.cnames,
        _ => a.cnames,
    };
    let mut zone = Zone::default();
    let status = if !found.is_empty() {
        let expanded = cnames.last().map(|cname| cname.target.clone());
        // RFC 7672 2.2.3: the fully expanded name first where every hop is secure, then the original name.
        let all_secure = secure == Some(Dnssec::Secure) && cnames.iter().all(|hop| hop.dnssec == Some(Dnssec::Secure));
        let bases = expanded.filter(|_| all_secure || secure.is_none()).into_iter().chain([host.to_owned()]);
        let mut lookups = Vec::new();
        for base in bases {
            let Tlsa { lookup, truncated, apex } = look_up_tlsa(&crawl.dns, format!("_25._tcp.{base}")).await;
            row.tlsa_truncated |= truncated;
            lookups.push(lookup);
            shown.extend(apex);
        }
        row.tlsa_lookups = Some(lookups);
        if crawl.lane == Lane::Census {
            let apex = shown.iter().find(|apex| is_at_or_below(host, apex));
            zone = crawl.zones.of(&crawl.dns, host, apex.map(String::as_str)).await;
        }
        HostStatus::Ok
    } else if row.a_status == Some(DnsStatus::Nxdomain) || row.aaaa_status == Some(DnsStatus::Nxdomain) {
        HostStatus::Nxdomain
    } else if row.a_error.is_some() || row.aaaa_error.is_some() {
        HostStatus::Error
    } else {
        HostStatus::NoAddress
    };
    row.cnames = Some(cnames);
    row.set_zone(zone);
    status
}

/// Whether a zone that a denial showed holds the host name. For a name below the host it does unless it is below the host too.
fn is_at_or_below(host: &str, apex: &str) -> bool {
    host.strip_suffix(apex).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What came of a question for TLSA records.
pub(super) struct Tlsa {
    /// The question and its answer, as a row has it.
    pub lookup: TlsaLookup,
    /// Some records were left out.
    truncated: bool,
    /// The apex of the zone that denies them.
    apex: Option<String>,
}

/// Asks for the TLSA records at an owner name (RFC 7672 2.2.2).
pub(super) async fn look_up_tlsa(dns: &Dns, name: String) -> Tlsa {
    let answer = dns.ask(&name, Kind::Tlsa, Role::MxHost).await;
    let mut records: Vec<_> = answer
        .records
        .into_iter()
        .filter_map(|data| if let Data::Tlsa(record) = data { Some(record) } else { None })
        .collect();
    let truncated = answer.truncated || records.len() > TLSA_PER_NAME;
    records.truncate(TLSA_PER_NAME);
    let lookup = TlsaLookup {
        name,
        status: answer.status,
        error: answer.error,
        dnssec: answer.dnssec,
        ttl: answer.ttl,
        records,
    };
    Tlsa { lookup, truncated, apex: answer.apex }
}

/// The row of a host that is not looked up: the listed names that lead to it ask for too much.
pub(crate) fn left_out(crawl: &Crawl, host: &str) -> MxHostRow {
    let row = empty(crawl, host);
    if let Some(host_status) = not_looked_up(&crawl.opt_out(), host) {
        return MxHostRow { host_status, ..row };
    }
    let (status, budget) = (Some(DnsStatus::Error), Some(Failure::Budget));
    MxHostRow {
        host_status: HostStatus::Error,
        a_status: status,
        a_error: budget,
        aaaa_status: status,
        aaaa_error: budget,
        ..row
    }
}

fn empty(crawl: &Crawl, host: &str) -> MxHostRow {
    MxHostRow::unseen(host.to_owned(), crawl.worker.clone(), now())
}
