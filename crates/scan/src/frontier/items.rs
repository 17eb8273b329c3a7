//! What waits in the queues: one type for each stage.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::budget::Asker;
use mxcensus_rules::observation::{EndpointRow, PolicyRow};

/// A domain to look up.
#[derive(Clone, Debug)]
pub struct DomainItem {
    /// The A-label name.
    pub domain: Arc<str>,
    /// Its rank in the input, where it has one.
    pub rank: Option<i64>,
    /// Attempts so far.
    pub attempts: usize,
}

/// A policy to fetch.
#[derive(Debug)]
pub struct PolicyItem {
    /// The policy domain.
    pub domain: Arc<str>,
    /// What earlier attempts saw.
    pub earlier: Option<Box<PolicyRow>>,
    /// Fetches begun so far, those included that a killed process did not bring to an end.
    pub begun: u32,
}

/// A policy host whose addresses are known and that waits for its address.
#[derive(Debug)]
pub struct FetchItem {
    /// The policy and what earlier attempts saw.
    pub policy: PolicyItem,
    /// What DNS said, as a row to be completed.
    pub row: Box<PolicyRow>,
    /// The addresses that may be tried, the next one last.
    pub addresses: Vec<IpAddr>,
    /// What the addresses before told, of those that could not be connected to.
    pub before: Option<Box<PolicyRow>>,
    /// Addresses that were contacted in this attempt.
    pub contacted: usize,
}

impl FetchItem {
    /// The name that tells who runs the policy host: that which its aliases end at, or its own.
    pub fn whose(&self) -> &str {
        let alias = self.row.policy_cnames.as_deref().and_then(<[_]>::last);
        alias.map_or(&self.row.policy_host, |alias| &alias.target)
    }
}

/// An MX host to look up.
#[derive(Clone, Debug)]
pub struct HostItem {
    /// The host name as it stands in the MX record.
    pub host: Arc<str>,
    /// Whose listed name named it first.
    pub asker: Asker,
    /// Attempts so far.
    pub attempts: usize,
}

/// An MX host at one of its addresses: an endpoint for each name that it is contacted under.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostAt {
    /// The MX host.
    pub host: Arc<str>,
    /// The address.
    pub ip: IpAddr,
    /// The names for SNI: its own, and where it differs its TLSA base domain.
    pub server_names: Vec<Arc<str>>,
    /// The owner names of the host's TLSA answers, to be asked again after the handshake; empty where it has none.
    pub tlsa_names: Arc<[String]>,
    /// The names that the host is an alias of.
    pub aliases: Arc<[String]>,
}

impl HostAt {
    /// Whether its endpoint may be sampled; see [`EndpointItem::may_be_sampled`].
    pub fn may_be_sampled(&self) -> bool {
        self.tlsa_names.is_empty()
    }
}

/// What a row leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Child {
    /// An MX host to look up.
    Host(Arc<str>),
    /// A policy domain.
    Policy(Arc<str>),
    /// A host at an address.
    At(HostAt),
}

/// An SMTP endpoint to contact.
#[derive(Debug)]
pub struct EndpointItem {
    /// The MX host.
    pub host: Arc<str>,
    /// The name for SNI.
    pub server_name: Arc<str>,
    /// The address.
    pub ip: IpAddr,
    /// The owner names of the host's TLSA answers, to be asked again after the handshake; empty where it has none.
    pub tlsa_names: Arc<[String]>,
    /// The names that the host is an alias of.
    pub aliases: Arc<[String]>,
    /// Connections so far to this address under either server name, where the host is contacted under two, or those that a
    /// killed process made included.
    pub shared: Option<Arc<AtomicU32>>,
    /// What is to be done now.
    pub turn: Turn,
}

impl EndpointItem {
    /// Whether another name at the address may stand for this one: not where the host has TLSA records, because records
    /// and chain must be of one moment, and for the same reason not under a TLSA base domain as server name.
    pub fn may_be_sampled(&self) -> bool {
        self.tlsa_names.is_empty() && self.server_name == self.host
    }
}

/// What an endpoint's next connection is for.
#[derive(Debug)]
pub enum Turn {
    /// The first look, or a retry of it after what earlier attempts saw.
    Look(Option<Box<EndpointRow>>),
    /// The second look: our TLS library could not agree.
    SecondLook(Box<EndpointRow>),
    /// No connection: the samples of the address all showed what this row shows.
    As(Arc<EndpointRow>),
    /// No connection: the budget of the address is used up.
    OverBudget,
}
