//! The zone that holds a name, and who serves it (RFC 1034 4.2; RFC 2181 6): columns of `domains` and of `mx_hosts`.

use super::{DnsStatus, Dnssec};
use crate::failure::Failure;

/// What the question for the NS records of a zone brought. All `None`: not asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Zone {
    /// The apex, where the zone cut above the name was found (RFC 2181 6.1).
    pub name: Option<String>,
    /// What came of the question for NS records at the apex, or of the last one on the way to it.
    pub status: Option<DnsStatus>,
    /// Why that question has no answer.
    pub error: Option<Failure>,
    /// State of that answer or denial.
    pub dnssec: Option<Dnssec>,
    /// The name servers, sorted, each once.
    pub ns: Option<Vec<String>>,
    /// There were more than are kept.
    pub truncated: bool,
    /// A signature came with the NS records (RFC 4034 3); `None` where signatures were not asked for.
    pub signed: Option<bool>,
    /// The parent has a DS (RFC 4034 5), where that is known.
    pub ds: Option<bool>,
    /// Who runs the name servers.
    pub operator: Option<String>,
}
