//! Stage four: one SMTP session per endpoint, its retries and its second look.

use super::Crawl;
use super::host::look_up_tlsa;
use crate::failure::{Failure, Family};
use crate::observation::{EndpointRow, EndpointStage};
use crate::scan::frontier::{EndpointItem, Turn};
use crate::scan::net::now;
use crate::scan::probe::{self, Target};
use crate::scan::second_look;
use crate::scan::sink::Row;

/// Contacts an endpoint whose turn it is, and hands over its row or defers it.
pub async fn run(crawl: &Crawl, item: EndpointItem) {
    let target = Target {
        host: item.host.to_string(),
        server_name: item.server_name.to_string(),
        ip: item.ip,
        port: crawl.net.smtp_port,
    };
    if crawl.opt_out().address(item.ip) {
        crawl.frontier.release_endpoint(item.ip);
        let row = probe::skipped(&target, &crawl.worker, Failure::OptedOut);
        finish(crawl, row).await;
        return;
    }
    let EndpointItem { host, server_name, ip, tlsa_names, turn } = item;
    let again = |turn| EndpointItem { host, server_name, ip, tlsa_names: tlsa_names.clone(), turn };
    match turn {
        Turn::Look(earlier) => {
            let looked = probe::look(&crawl.net, &crawl.tls, &target, &crawl.probe, &crawl.worker).await;
            crawl.frontier.release_endpoint(ip);
            let mut row = match earlier {
                Some(earlier) => probe::merge(*earlier, looked.row),
                None => looked.row,
            };
            if row.stage == EndpointStage::Done {
                crawl.put_certificates(looked.chain).await;
                record_tlsa_after(crawl, &tlsa_names, &mut row).await;
                finish(crawl, row).await;
                return;
            }
            crawl.put_certificates(looked.chain).await;
            let connections_left = crawl.limits.connections_per_endpoint.saturating_sub(row.connections);
            if looked.wants_second_look && connections_left > 0 {
                // The second look waits its turn like any other contact.
                crawl.frontier.defer_endpoint(std::time::Duration::ZERO, again(Turn::SecondLook(Box::new(row))));
            } else if let Some(after) = crawl.limits.retry_after(row.attempt_log.len())
                && connections_left > 0
                && may_heal(&row)
                && !(is_timeout(&row) && row.attempt_log.len() > 1)
            {
                crawl.frontier.defer_endpoint(after, again(Turn::Look(Some(Box::new(probe::remembered(row))))));
            } else {
                finish(crawl, row).await;
            }
        }
        Turn::SecondLook(mut row) => {
            let chain = second_look::look(&crawl.net, &target, &crawl.probe, &mut row).await;
            crawl.frontier.release_endpoint(ip);
            crawl.put_certificates(chain).await;
            if row.legacy_chain.is_some() {
                record_tlsa_after(crawl, &tlsa_names, &mut row).await;
            }
            finish(crawl, *row).await;
        }
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
        lookups.push(look_up_tlsa(&crawl.dns, name.clone()).await.0);
    }
    row.tlsa_after = Some(lookups);
}

async fn finish(crawl: &Crawl, row: EndpointRow) {
    crawl.progress.endpoints.finished(row.stage != EndpointStage::Done);
    crawl.sink.put(Row::Endpoint(Box::new(row))).await;
    crawl.frontier.done();
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
