//! What a row leads to: the rows that a crawl must have because another one is there.
//!
//! The scan asks what to look at next, and `verify` asks whether every row is there.

use std::net::IpAddr;

use crate::dane::base_domain;
use crate::mta_sts::{StsRecord, record};
use crate::observation::{DnsStatus, DomainRow, MxHostRow, MxStatus};
use crate::text;

/// The MX host names that a domain row names: the domain itself for an implicit MX (RFC 5321 5.1).
pub fn hosts_of(row: &DomainRow) -> impl Iterator<Item = &str> {
    let implicit = (row.mx_status == MxStatus::Implicit).then_some(row.domain.as_str());
    let named = row.mx.iter().flatten().map(|mx| mx.host.as_str()).filter(|&host| host != ".");
    implicit.into_iter().chain(named)
}

/// Whether a policy is fetched: whenever an attempt at a record is seen, valid or not, by a strict reader or a tolerant one.
pub fn wants_policy(row: &DomainRow) -> bool {
    let Some(texts) = row.sts_txt.as_deref().filter(|_| row.sts_txt_status == Some(DnsStatus::Found)) else {
        return false;
    };
    let records: Vec<Vec<u8>> = texts.iter().map(|text| text::unescape(text)).collect();
    // Read tolerantly too: a judgement that forgives may find a record where the grammar sees none.
    let reading = record::read(&records);
    reading.status != StsRecord::Absent || reading.lenient != StsRecord::Absent
}

/// The endpoints that a host row names, each as server name and address: under the host's own name, and under the TLSA
/// base domain where that is another (RFC 7672 8.1).
pub fn endpoints_of(row: &MxHostRow) -> Vec<(String, IpAddr)> {
    let base = base_domain::other_server_name(row);
    let names = || [Some(&row.host), base.as_ref()].into_iter().flatten();
    let addresses = row.addresses.iter().flatten().filter_map(|ip| ip.parse::<IpAddr>().ok());
    addresses.flat_map(|ip| names().map(move |name| (name.clone(), ip)).collect::<Vec<_>>()).collect()
}
