//! Stage one: a domain's MX and TXT records (RFC 5321 5.1, RFC 7505, RFC 8461 3.1, RFC 8460 3), and its zone.

use std::net::IpAddr;
use std::sync::Arc;

use super::Crawl;
use crate::dns::{Answer, Data, Dns, Kind};
use crate::frontier::{Child, DomainItem};
use crate::left_alone::Role;
use crate::limits::Limits;
use crate::net::now;
use crate::setup::Lane;
use crate::sink::Row;
use mxcensus_dataset::input::OptOut;
use mxcensus_rules::due::{hosts_of, wants_policy};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name;
use mxcensus_rules::observation::{DnsStatus, Dnssec, DomainRow, Mx, MxStatus, Zone};
use mxcensus_rules::text::escape;

/// Looks a domain up, hands over its row, and puts its policy and its MX hosts.
pub async fn run(crawl: &Crawl, item: DomainItem) {
    let mut row = empty(crawl, &item);
    if crawl.opt_out().domain(&item.domain) {
        row.mx_status = MxStatus::OptedOut;
        finish(crawl, row).await;
        return;
    }
    let mx = crawl.dns.ask(&item.domain, Kind::Mx, Role::Domain).await;
    if is_transient(&mx)
        && let Some(after) = crawl.limits.retry_after(item.attempts + 1).filter(|_| item.attempts == 0)
    {
        crawl.frontier.defer_domain(after, DomainItem { attempts: item.attempts + 1, ..item });
        return;
    }
    // The domain may be another name for one that is on the list.
    if mx.error == Some(Failure::OptedOut) {
        row.mx_status = MxStatus::OptedOut;
        finish(crawl, row).await;
        return;
    }
    if mx.error.is_none() {
        crawl.connectivity.domain_answered(&item.domain);
    }
    record_mx(&crawl.dns, &crawl.limits, &item.domain, mx, &mut row).await;
    // RFC 8020: nothing exists below a name that does not exist, so the other names are not asked.
    if row.mx_status != MxStatus::Nxdomain {
        match crawl.lane {
            Lane::Census => look_around(crawl, &item.domain, &mut row).await,
            Lane::Watch => record_sts(&mut row, crawl.dns.ask(&sts_name(&item.domain), Kind::Txt, Role::Domain).await),
        }
    }
    follow(crawl, &item.domain, &row);
    finish(crawl, row).await;
}

async fn finish(crawl: &Crawl, row: DomainRow) {
    crawl.finish(Row::Domain(Box::new(row))).await;
}

/// What a census records beside mail: the texts and the zone.
async fn look_around(crawl: &Crawl, domain: &Arc<str>, row: &mut DomainRow) {
    let zone = async {
        // A resolver that gave no answer about MX gives none about the zone, and takes as long.
        if may_heal(row.mx_error) { Zone::default() } else { crawl.zones.of(&crawl.dns, domain, None).await }
    };
    let (texts, zone) = tokio::join!(ask_texts(crawl, domain), zone);
    texts.record(row);
    row.set_zone(zone);
}

/// Puts what the row leads to. Also used to re-seed the queues from rows that exist.
pub fn follow(crawl: &Crawl, domain: &Arc<str>, row: &DomainRow) {
    if crawl.frontier.hands_out_children() {
        return children(domain, row).for_each(|child| crawl.frontier.put(child));
    }
    for host in crawl.frontier.put_hosts(domain, hosts_of(row)) {
        if !crawl.attempts.leave_out(host) {
            crawl.frontier.stop();
        }
    }
    if wants_policy(row) {
        crawl.frontier.put_policy(domain);
    }
}

/// What a row leads to: its MX hosts, and the policy that it announces.
pub fn children<'r>(domain: &'r Arc<str>, row: &'r DomainRow) -> impl Iterator<Item = Child> + 'r {
    let policy = wants_policy(row).then(|| Child::Policy(domain.clone()));
    hosts_of(row).map(|host| Child::Host(host.into())).chain(policy)
}

/// A failure that another time may not show: not a proof, and not an answer.
pub(crate) fn is_transient(answer: &Answer) -> bool {
    may_heal(answer.error)
}

/// Whether a look-up failed for want of an answer.
pub(super) fn may_heal(error: Option<Failure>) -> bool {
    matches!(error, Some(Failure::Servfail | Failure::DnsTimeout | Failure::Refused))
}

/// Records what the question for MX brought; whether the domain's own addresses were asked for as well.
pub(crate) async fn record_mx(dns: &Dns, limits: &Limits, domain: &str, answer: Answer, row: &mut DomainRow) -> bool {
    let is_implicit = answer.status == DnsStatus::Nodata;
    row.mx_error = answer.error;
    row.mx_dnssec = answer.dnssec;
    row.mx_ttl = answer.ttl;
    row.mx_truncated = answer.truncated;
    let mut published: Vec<Mx> = answer
        .records
        .into_iter()
        .filter_map(|data| match data {
            Data::Mx { preference, host } => Some(Mx { preference, host }),
            _ => None,
        })
        .collect();
    published.sort();
    if published.len() > limits.mx_per_domain {
        published.truncate(limits.mx_per_domain);
        row.mx_truncated = true;
    }
    row.mx_cnames = Some(answer.cnames);
    row.mx_status = match answer.status {
        DnsStatus::Error => MxStatus::Error,
        DnsStatus::Nxdomain => MxStatus::Nxdomain,
        DnsStatus::Found => {
            let nulls = published.iter().filter(|mx| mx.host == ".").count();
            // RFC 7505 3: a null MX is alone; beside others it is a mistake and the others count.
            match (nulls, published.len() - nulls) {
                (0, _) => MxStatus::Present,
                (_, 0) => MxStatus::Null,
                _ => MxStatus::NullMixed,
            }
        }
        // RFC 5321 5.1: only an empty list of MX records makes the domain its own MX.
        DnsStatus::Nodata => implicit_mx(dns, domain, row).await,
    };
    row.mx = Some(published);
    is_implicit
}

async fn implicit_mx(dns: &Dns, domain: &str, row: &mut DomainRow) -> MxStatus {
    let (a, aaaa) = dns.addresses(domain, Role::Domain).await;
    if addresses(&[&a, &aaaa]).next().is_some() {
        return MxStatus::Implicit;
    }
    match a.error.or(aaaa.error) {
        Some(error) => {
            row.mx_error = Some(error);
            // Beside an error the state is bogus where there is proof (dataset.md).
            let bogus = [&a, &aaaa].iter().any(|answer| answer.dnssec == Some(Dnssec::Bogus));
            row.mx_dnssec = if bogus { Some(Dnssec::Bogus) } else { a.dnssec.and(aaaa.dnssec) };
            MxStatus::Error
        }
        None => MxStatus::None,
    }
}

/// The addresses in answers that came, both families in the order given.
pub(crate) fn addresses<'a>(answers: &'a [&'a Answer]) -> impl Iterator<Item = IpAddr> + 'a {
    answers.iter().filter(|answer| answer.status == DnsStatus::Found).flat_map(|answer| {
        answer.records.iter().filter_map(|data| match data {
            Data::A(ip) => Some(IpAddr::V4(*ip)),
            Data::Aaaa(ip) => Some(IpAddr::V6(*ip)),
            _ => None,
        })
    })
}

/// The organisational domain, where it is another. It may be one that is not to be looked at, though this one is.
fn organisational<'d>(opt_out: &OptOut, domain: &'d str) -> Option<&'d str> {
    name::registrable(domain).filter(|&registrable| registrable != domain && !opt_out.domain(registrable))
}

/// How many questions follow the one for MX about a domain that exists: those of [`ask_texts`], and the one for its zone.
pub(crate) fn further_questions(opt_out: &OptOut, row: &DomainRow) -> u32 {
    4 + u32::from(organisational(opt_out, &row.domain).is_some()) + u32::from(!may_heal(row.mx_error))
}

/// The answers to the questions for TXT records.
struct TextAnswers {
    sts: Answer,
    tlsrpt: Answer,
    spf: Answer,
    dmarc: Answer,
    dmarc_org: Option<Answer>,
}

async fn ask_texts(crawl: &Crawl, domain: &str) -> TextAnswers {
    let opt_out = crawl.opt_out();
    let organisational = organisational(&opt_out, domain);
    let below = |label: &str, base: &str| format!("{label}.{base}");
    let (sts_name, tlsrpt_name, dmarc_name) = (sts_name(domain), below("_smtp._tls", domain), below("_dmarc", domain));
    let (sts, tlsrpt, spf, dmarc, dmarc_org) = tokio::join!(
        crawl.dns.ask(&sts_name, Kind::Txt, Role::Domain),
        crawl.dns.ask(&tlsrpt_name, Kind::Txt, Role::Domain),
        crawl.dns.ask(domain, Kind::Txt, Role::Domain),
        crawl.dns.ask(&dmarc_name, Kind::Txt, Role::Domain),
        async {
            match organisational {
                Some(base) => Some(crawl.dns.ask(&below("_dmarc", base), Kind::Txt, Role::Domain).await),
                None => None,
            }
        },
    );
    TextAnswers { sts, tlsrpt, spf, dmarc, dmarc_org }
}

impl TextAnswers {
    fn record(self, row: &mut DomainRow) {
        let Self { sts, tlsrpt, spf, dmarc, dmarc_org } = self;
        record_sts(row, sts);
        (row.tlsrpt_status, row.tlsrpt_error, row.tlsrpt_dnssec, row.tlsrpt_txt) = columns(&tlsrpt, &texts(&tlsrpt));
        // The domain's own TXT records serve many purposes: only the SPF ones are kept (RFC 7208 4.5).
        let spf_texts: Vec<String> = texts(&spf).into_iter().filter(|text| is_spf(text)).collect();
        (row.spf_status, row.spf_error, row.spf_dnssec, row.spf_txt) = columns(&spf, &spf_texts);
        if row.spf_status == Some(DnsStatus::Found) && spf_texts.is_empty() {
            row.spf_status = Some(DnsStatus::Nodata);
        }
        (row.dmarc_status, row.dmarc_error, row.dmarc_dnssec, row.dmarc_txt) = columns(&dmarc, &texts(&dmarc));
        if let Some(answer) = dmarc_org {
            (row.dmarc_org_status, row.dmarc_org_error, row.dmarc_org_dnssec, row.dmarc_org_txt) =
                columns(&answer, &texts(&answer));
        }
    }
}

/// Where the MTA-STS record of a domain is (RFC 8461 3.1).
fn sts_name(domain: &str) -> String {
    format!("_mta-sts.{domain}")
}

fn record_sts(row: &mut DomainRow, sts: Answer) {
    row.sts_txt_status = Some(sts.status);
    row.sts_txt_error = sts.error;
    row.sts_txt_dnssec = sts.dnssec;
    row.sts_txt_ttl = sts.ttl;
    row.sts_txt_truncated = sts.truncated;
    row.sts_txt = Some(texts(&sts));
    row.sts_txt_cnames = Some(sts.cnames);
}

type TextColumns = (Option<DnsStatus>, Option<Failure>, Option<Dnssec>, Option<Vec<String>>);

fn columns(answer: &Answer, texts: &[String]) -> TextColumns {
    (Some(answer.status), answer.error, answer.dnssec, Some(texts.to_vec()))
}

fn texts(answer: &Answer) -> Vec<String> {
    let records = answer.records.iter();
    records.filter_map(|data| if let Data::Txt(bytes) = data { Some(escape(bytes)) } else { None }).collect()
}

/// RFC 7208 4.5: the record begins with `v=spf1`, ended by a space or by the end.
fn is_spf(text: &str) -> bool {
    let (version, rest) = text.split_at_checked(6).unwrap_or((text, ""));
    version.eq_ignore_ascii_case("v=spf1") && (rest.is_empty() || rest.starts_with(' '))
}

fn empty(crawl: &Crawl, item: &DomainItem) -> DomainRow {
    DomainRow { rank: item.rank, ..DomainRow::unseen(item.domain.to_string(), crawl.worker.clone(), now()) }
}

#[cfg(test)]
mod tests {
    use super::is_spf;

    #[test]
    fn spf_records() {
        assert!(is_spf("v=spf1 -all"));
        assert!(is_spf("V=SPF1"));
        assert!(!is_spf("v=spf10 -all"));
        assert!(!is_spf("spf2.0/pra"));
        assert!(!is_spf("v=sp"));
    }
}
