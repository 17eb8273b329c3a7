//! Stage four: one SMTP session per endpoint, its retries and its second look.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::host::look_up_tlsa;
use super::{Crawl, after_now};
use crate::attempts::Note;
use crate::connectivity::gate::Belief;
use crate::frontier::{EndpointItem, Permit, Turn};
use crate::net::now;
use crate::paced::{Contact, asks_to_slow_down};
use crate::probe::{self, Target};
use crate::second_look;
use crate::sink::Row;
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{EndpointRow, EndpointStage};

/// Contacts an endpoint whose turn it is, and hands over its row or defers it.
///
/// `permit` is there where the item's turn is a contact; it is given back as soon as the contact is over.
#[allow(clippy::too_many_lines, reason = "one item, from its turn to its row")]
pub async fn run(crawl: &Crawl, permit: Option<Permit>, item: EndpointItem) {
    let target = Target {
        host: item.host.to_string(),
        server_name: item.server_name.to_string(),
        ip: item.ip,
        port: crawl.net.smtp_port,
        aliases: item.aliases.clone(),
    };
    if crawl.left_alone.covers(&target.peer()) {
        skip(crawl, permit, &target, &item, Failure::OptedOut).await;
        return;
    }
    let EndpointItem { host, server_name, ip, tlsa_names, aliases, shared, turn } = item;
    let again = |turn| EndpointItem {
        host: host.clone(),
        server_name: server_name.clone(),
        ip,
        tlsa_names: tlsa_names.clone(),
        aliases: aliases.clone(),
        shared: shared.clone(),
        turn,
    };
    let sampled = again(Turn::Look(None)).may_be_sampled();
    match turn {
        Turn::As(row) => finish(crawl, probe::as_sampled(&target, &crawl.worker, &row)).await,
        Turn::OverBudget => finish(crawl, probe::skipped(&target, &crawl.worker, Failure::Budget)).await,
        // Its other name may have used up what was left when this turn was planned.
        Turn::Look(None) if connections_left(crawl, &target, &shared, 0) == 0 => {
            skip(crawl, permit, &target, &again(Turn::Look(None)), Failure::Budget).await;
        }
        Turn::Look(Some(row)) | Turn::SecondLook(row)
            if connections_left(crawl, &target, &shared, row.connections) == 0 =>
        {
            give_back(permit, Contact::None);
            learn_and_finish(crawl, ip, sampled, *row).await;
        }
        Turn::Look(earlier) => {
            if !crawl.note(&contact(&target)).await {
                return;
            }
            let begun = crawl.connectivity.begin();
            let looked = probe::look(&crawl.net, &crawl.tls, &target, &crawl.probe, &crawl.worker).await;
            give_back(permit, how_it_went(&looked.row));
            if let Some(shortage) = looked.short {
                let wait = crawl.met(shortage);
                count(&shared, looked.row.connections);
                let earlier = after_shortage(crawl, &target, earlier, looked.row.connections);
                crawl.frontier.repeat_endpoint(wait, again(Turn::Look(earlier)));
                return;
            }
            crawl.shortages.is_over();
            let made = earlier.as_ref().map_or(0, |row| row.connections) + looked.row.connections;
            match crawl.connectivity.smtp_session(begun, &target, made, &looked).await {
                Ok(Belief::Fact | Belief::Unsure) => {}
                Ok(Belief::Again) => {
                    crawl.frontier.repeat_endpoint(Duration::ZERO, again(Turn::Look(earlier)));
                    return;
                }
                Ok(Belief::Lost) => return,
                Err(closed) => {
                    tracing::error!("port {} is closed from here: {closed}", crawl.net.smtp_port);
                    crawl.connectivity.shared().lose();
                    crawl.frontier.stop();
                    return;
                }
            }
            count(&shared, looked.row.connections);
            let mut row = match earlier {
                Some(earlier) => probe::merge(*earlier, looked.row),
                None => looked.row,
            };
            crawl.put_certificates(looked.chain).await;
            if row.stage == EndpointStage::Done {
                record_tlsa_after(crawl, &tlsa_names, &mut row).await;
                learn_and_finish(crawl, ip, sampled, row).await;
                return;
            }
            let left = connections_left(crawl, &target, &shared, row.connections);
            if looked.wants_second_look && left > 0 {
                // The second look waits its turn like any other contact.
                crawl.frontier.defer_endpoint(Duration::ZERO, again(Turn::SecondLook(Box::new(row))));
            } else if let Some(after) = crawl.limits.retry_after(row.attempt_log.len())
                && left > 0
                && may_heal(&row)
                && !(is_timeout(&row) && row.attempt_log.len() > 1)
            {
                let row = Box::new(probe::remembered(row));
                // While no mail server has answered, what it says may be about our own port.
                let is_fact = !crawl.connectivity.is_port_undecided();
                if !is_fact || crawl.note(&Note::Retry { due: after_now(after), row: row.clone() }).await {
                    crawl.frontier.defer_endpoint(after, again(Turn::Look(Some(row))));
                }
            } else {
                learn_and_finish(crawl, ip, sampled, row).await;
            }
        }
        Turn::SecondLook(mut row) => {
            if !crawl.note(&contact(&target)).await {
                return;
            }
            let begun = crawl.connectivity.begin();
            let before = row.clone();
            let looked = second_look::look(&crawl.net, &target, &crawl.probe, &mut row).await;
            let made = row.connections.saturating_sub(before.connections);
            give_back(permit, if made > 0 { Contact::Unanswered } else { Contact::None });
            let chain = match looked {
                Ok(chain) => chain,
                Err(shortage) => {
                    let wait = crawl.met(shortage);
                    count(&shared, made);
                    let row = EndpointRow { connections: row.connections, ..*before };
                    crawl.frontier.defer_endpoint(wait, again(Turn::SecondLook(Box::new(row))));
                    return;
                }
            };
            crawl.shortages.is_over();
            crawl.connectivity.contacted(&target, made);
            match crawl.connectivity.second_look(begun, ip, row.legacy_chain.is_some()).await {
                Belief::Fact | Belief::Unsure => {}
                Belief::Again => {
                    crawl.frontier.defer_endpoint(Duration::ZERO, again(Turn::SecondLook(before)));
                    return;
                }
                Belief::Lost => return,
            }
            count(&shared, made);
            crawl.put_certificates(chain).await;
            if row.legacy_chain.is_some() {
                record_tlsa_after(crawl, &tlsa_names, &mut row).await;
            }
            learn_and_finish(crawl, ip, sampled, *row).await;
        }
    }
}

/// What is remembered of an attempt in which this machine ran short of something: nothing but the connections, which the peer
/// has seen.
fn after_shortage(
    crawl: &Crawl,
    target: &Target,
    earlier: Option<Box<EndpointRow>>,
    connections: u32,
) -> Option<Box<EndpointRow>> {
    if connections == 0 {
        return earlier;
    }
    let mut row = earlier.unwrap_or_else(|| Box::new(probe::skipped(target, &crawl.worker, Failure::Budget)));
    row.connections += connections;
    Some(row)
}

fn give_back(permit: Option<Permit>, contact: Contact) {
    if let Some(permit) = permit {
        permit.release(contact);
    }
}

fn contact(target: &Target) -> Note {
    let (host, server_name) = (target.host.clone(), target.server_name.clone());
    Note::Contact { host, server_name, ip: target.ip, at: now() }
}

/// A row for an endpoint that is not contacted, whatever its turn was.
async fn skip(crawl: &Crawl, permit: Option<Permit>, target: &Target, item: &EndpointItem, reason: Failure) {
    let row = probe::skipped(target, &crawl.worker, reason);
    if matches!(item.turn, Turn::As(_) | Turn::OverBudget) {
        finish(crawl, row).await;
    } else {
        give_back(permit, Contact::None);
        learn_and_finish(crawl, item.ip, item.may_be_sampled(), row).await;
    }
}

/// Connections that may still be made to a host at an address, under whichever server name, and those counted that the
/// watcher of our own connection made.
fn connections_left(crawl: &Crawl, target: &Target, shared: &Option<Arc<AtomicU32>>, own: u32) -> u32 {
    let made = shared.as_ref().map_or(own, |shared| shared.load(Ordering::Relaxed));
    let asked = crawl.connectivity.asked(&target.host, target.ip);
    crawl.limits.connections_per_endpoint.saturating_sub(made.saturating_add(asked))
}

fn count(shared: &Option<Arc<AtomicU32>>, connections: u32) {
    if let Some(shared) = shared {
        shared.fetch_add(connections, Ordering::Relaxed);
    }
}

/// What an attempt means for the pace.
fn how_it_went(row: &EndpointRow) -> Contact {
    if row.connections == 0 {
        Contact::None
    } else if asks_to_slow_down(row) {
        Contact::TooFast
    } else if matches!(row.stage, EndpointStage::Connect | EndpointStage::Banner) {
        Contact::Unanswered
    } else {
        Contact::Borne
    }
}

/// Records and chain must be of one moment: the TLSA answer is asked again right after the handshake.
async fn record_tlsa_after(crawl: &Crawl, names: &[String], row: &mut EndpointRow) {
    if names.is_empty() {
        return;
    }
    let mut lookups = Vec::with_capacity(names.len());
    row.tlsa_after_at = Some(now());
    for name in names {
        lookups.push(look_up_tlsa(&crawl.dns, name.clone()).await.lookup);
    }
    row.tlsa_after = Some(lookups);
}

/// What the row tells about its address is learnt before it is handed over: the names that wait for it follow it.
async fn learn_and_finish(crawl: &Crawl, ip: IpAddr, sampled: bool, row: EndpointRow) {
    if sampled {
        crawl.frontier.learn_endpoint(ip, &row);
    }
    finish(crawl, row).await;
}

async fn finish(crawl: &Crawl, row: EndpointRow) {
    for row in crawl.connectivity.take_withheld(false) {
        crawl.sink.put(Row::Endpoint(Box::new(row))).await;
    }
    match crawl.connectivity.withhold(row) {
        Some(row) => crawl.finish(Row::Endpoint(Box::new(row))).await,
        None => crawl.frontier.done(),
    }
}

/// Silence: each attempt holds a place for up to a minute, so one retry has to do.
fn is_timeout(row: &EndpointRow) -> bool {
    matches!(
        row.error,
        Some(Failure::BannerTimeout | Failure::SmtpTimeout | Failure::TlsTimeout | Failure::ConnectTimeout)
    )
}

/// One failure is not a fact: what another time may not show is tried again. A 5xx is the server's word
/// (RFC 5321 4.2.1), a server without STARTTLS has answered, and TLS that cannot agree has its second look.
fn may_heal(row: &EndpointRow) -> bool {
    match row.error {
        None | Some(Failure::SpecialAddress | Failure::StarttlsNotOffered | Failure::SmtpProtocol) => false,
        Some(Failure::TlsTimeout | Failure::TlsProtocol) => true,
        Some(Failure::BannerRejected | Failure::EhloRejected | Failure::StarttlsRejected) => {
            row.reply_code.is_none_or(|code| (400..500).contains(&code))
        }
        Some(error) => matches!(error.family(), Family::Connect | Family::Smtp),
    }
}
