//! One MX host of one domain: what its addresses amount to together.
//!
//! Start from [`HostView`]. Over the addresses of a host the worst decided one counts, in the order in which the words of
//! [`super::rows`] are listed; `sts` and `dane` say `partial` where addresses differ.

use super::address::{AddressDane, AddressSts, AddressView, DaneView, judge_address, match_address};
use super::domain_validations::DomainValidations;
use super::host_facts::{Contact, EndpointFacts, HostFacts, HostLookup};
use super::parameters::Parameters;
use super::rows::{DaneHost, StarttlsWord, StsFailureStage, StsHost};
use super::rules::{self, Ruled};
use mxcensus_rules::dane::base_domain::TlsaState;
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::mta_sts::mx_pattern::{self, MxPattern};
use mxcensus_rules::observation::HostStatus;

/// Whether the MX RRset that names the host is secure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum MxSecurity {
    /// A chain of trust covers it.
    Secure,
    /// It does not: DANE is for senders that choose so (RFC 7672 2.2.1).
    NotSecure,
    /// Could not be found out, or DNSSEC was off.
    Unknown,
}

/// Why nothing is decided about a host.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Why {
    /// No sender could have spoken SMTP with it.
    Unreachable,
    /// It refused us with a 4xx or 5xx.
    RefusedUs,
    /// A reason of our own, or a look-up that failed without proof.
    Ours,
}

/// Whether any address of the host is decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HostContact {
    /// At least one is.
    Decided,
    /// None is: why, and by which word.
    Undecided(Why, Failure),
}

/// One MX host of one domain.
#[derive(Debug)]
pub(crate) struct HostView<'f> {
    /// The name as in the MX record; the domain itself for an implicit MX.
    pub host: &'f str,
    /// Its lowest preference; 0 for an implicit MX.
    pub preference: u16,
    /// The facts.
    pub facts: &'f HostFacts,
    /// An SMTP reply was read from some address.
    pub reached: bool,
    /// Rests on a sampled endpoint.
    pub inferred: bool,
    /// Decided under its own name.
    pub contact: Ruled<HostContact>,
    /// Decided under the name that DANE sends.
    pub dane_contact: HostContact,
    /// Decided addresses, under the host's own name.
    pub addresses: Vec<AddressView>,
    /// Decided addresses against usable TLSA records, as if the MX RRset were secure. Empty where there are none.
    pub dane_addresses: Vec<DaneView>,
    /// The same where the host is the only reference identifier, as with an insecure MX RRset (RFC 7672 3.2.2).
    pub dane_addresses_host_only: Vec<DaneView>,
    /// Whether the name matches the policy in force; `None`: there is none.
    pub in_policy: Option<bool>,
}

/// What a host is judged with.
pub(crate) struct HostContext<'c> {
    /// Instant and reading.
    pub parameters: &'c Parameters,
    /// Chains, validated once.
    pub validations: &'c DomainValidations<'c>,
    /// Facts of other hosts, for sampled endpoints.
    pub lookup: &'c dyn HostLookup,
    /// The next-hop domain, and its expansion where the MX query went over CNAMEs (RFC 7672 3.2.2).
    pub next_hop_names: &'c [&'c str],
    /// The patterns of the policy in force (mode enforce or testing).
    pub patterns: Option<&'c [MxPattern]>,
}

impl<'f> HostView<'f> {
    /// Looks at a host as the named MX of a domain.
    pub(crate) fn new(host: &'f str, preference: u16, facts: &'f HostFacts, context: &HostContext<'_>) -> Self {
        let own: Vec<&EndpointFacts> = facts.endpoints.iter().map(|e| resolve_sample(e, context.lookup)).collect();
        let dane: Vec<&EndpointFacts> =
            facts.dane_endpoints().iter().map(|e| resolve_sample(e, context.lookup)).collect();
        let addresses =
            decided(&own).map(|e| judge_address(e, host, context.parameters, context.validations)).collect();
        let base = facts.tlsa.base().unwrap_or(host);
        let host_only = [base];
        let with_next_hop: Vec<&str> = host_only.iter().chain(context.next_hop_names).copied().collect();
        let matched = |names: &[&str]| -> Vec<DaneView> {
            if facts.tlsa.state.word != TlsaState::Usable {
                return Vec::new();
            }
            decided(&dane).map(|e| match_address(e, facts, names, context.parameters, context.validations)).collect()
        };
        let all = || facts.endpoints.iter().chain(&facts.base_endpoints);
        Self {
            host,
            preference,
            facts,
            reached: all().any(|e| resolve_sample(e, context.lookup).reached),
            inferred: all().any(|e| e.sampled_from().is_some()),
            contact: host_contact(facts, &own),
            dane_contact: host_contact(facts, &dane).word,
            addresses,
            dane_addresses: matched(&with_next_hop),
            dane_addresses_host_only: matched(&host_only),
            in_policy: context.patterns.map(|patterns| mx_pattern::matching(patterns, host).is_some()),
        }
    }

    /// Whether EHLO was answered at some address, whichever name TLS would have used.
    pub(crate) fn decided(&self) -> bool {
        self.contact.word == HostContact::Decided || self.dane_contact == HostContact::Decided
    }

    /// The worst STARTTLS of the decided addresses.
    pub(crate) fn starttls(&self) -> Ruled<StarttlsWord> {
        let worst = self.addresses.iter().map(AddressView::starttls_word).max_by_key(|ruled| ruled.word);
        worst.unwrap_or(Ruled::new(StarttlsWord::Unknown, &rules::UNDECIDED_HOST))
    }

    /// The host against the policy in force; `None` where there is none or nothing is decided.
    pub(crate) fn sts(&self) -> Ruled<Option<StsHost>> {
        match self.in_policy {
            None => return Ruled::new(None, &rules::STS_NOT_IN_FORCE),
            // RFC 8461 §4.1: it may not be used, reached or not.
            Some(false) => return Ruled::new(Some(StsHost::Fail), &rules::STS_MX_NOT_LISTED),
            Some(true) => {}
        }
        let decided = || self.addresses.iter().filter(|address| address.sts.word != AddressSts::Undecided);
        let passes = decided().filter(|address| address.sts.word == AddressSts::Pass).count();
        match (decided().count(), passes) {
            (0, _) => Ruled::new(None, &rules::UNDECIDED_HOST),
            (all, passes) if all == passes => Ruled::new(Some(StsHost::Pass), &rules::STS_ADDRESS_PASSES),
            (_, 0) => {
                let rule = self.sts_failure().map_or(&rules::STS_CERTIFICATE, |failure| failure.rule);
                Ruled::new(Some(StsHost::Fail), rule)
            }
            _ => Ruled::new(Some(StsHost::Partial), &rules::ADDRESSES_DIFFER),
        }
    }

    /// Where MTA-STS first fails at this host: the earliest step, then the word that decides first.
    pub(crate) fn sts_failure(&self) -> Option<Ruled<(StsFailureStage, Failure)>> {
        match self.in_policy {
            None => None,
            Some(false) => {
                Some(Ruled::new((StsFailureStage::MxList, Failure::MxNotInPolicy), &rules::STS_MX_NOT_LISTED))
            }
            Some(true) => self
                .addresses
                .iter()
                .filter_map(|address| match address.sts.word {
                    AddressSts::Fail(stage, failure) => Some(Ruled::new((stage, failure), address.sts.rule)),
                    AddressSts::Pass | AddressSts::Undecided => None,
                })
                .min_by_key(|ruled| ruled.word),
        }
    }

    /// The host against its TLSA records, as if the MX RRset were secure. `proven`: a match counts only where the peer
    /// proved that it holds the key; otherwise what the chain would give is shown.
    pub(crate) fn dane_host(&self, proven: bool) -> Ruled<DaneHost> {
        let state = self.facts.tlsa.state;
        let word = match state.word {
            TlsaState::None => DaneHost::None,
            TlsaState::Insecure(_) => DaneHost::Insecure,
            TlsaState::LookupFailed(_) => DaneHost::LookupFailed,
            TlsaState::Unknown => DaneHost::Unknown,
            TlsaState::Unusable => DaneHost::Unusable,
            TlsaState::Usable => return dane_over_addresses(&self.dane_addresses, proven),
        };
        Ruled::new(word, state.rule)
    }

    /// The host against its TLSA records, as far as the MX RRset lets DANE count.
    pub(crate) fn dane(&self, security: MxSecurity) -> Ruled<DaneHost> {
        let host = self.dane_host(true);
        match security {
            _ if host.word == DaneHost::None => host,
            MxSecurity::Secure => host,
            MxSecurity::NotSecure => Ruled::new(DaneHost::Insecure, &rules::DANE_MX_INSECURE),
            MxSecurity::Unknown => Ruled::new(DaneHost::Unknown, &rules::DANE_MX_UNKNOWN),
        }
    }

    /// Usable secure TLSA records, whether or not the host could be asked for its certificate.
    pub(crate) fn has_usable_tlsa(&self) -> bool {
        self.facts.tlsa.state.word == TlsaState::Usable
    }

    /// What fails the host under DANE: over its addresses, the word that decides first.
    pub(crate) fn dane_failure(&self) -> Option<Failure> {
        match self.facts.tlsa.state.word {
            TlsaState::Unusable => Some(Failure::TlsaUnusable),
            TlsaState::LookupFailed(failure) => Some(failure),
            TlsaState::Usable => self
                .dane_addresses
                .iter()
                .filter_map(|view| match view.dane.word {
                    AddressDane::Match { unproven, .. } => unproven,
                    AddressDane::Mismatch { failure, .. } | AddressDane::NoTls(failure) => Some(failure),
                    AddressDane::Undecided => None,
                })
                .min(),
            TlsaState::None | TlsaState::Insecure(_) | TlsaState::Unknown => None,
        }
    }
}

fn decided<'e>(endpoints: &[&'e EndpointFacts]) -> impl Iterator<Item = &'e EndpointFacts> {
    endpoints.iter().copied().filter(|endpoint| endpoint.contact == Contact::Decided)
}

/// What a sampled endpoint that was not contacted stands for: the endpoint of the named host at the same address. A row
/// that carries a copy of what was seen there is judged by that copy.
fn resolve_sample<'e>(endpoint: &'e EndpointFacts, lookup: &'e dyn HostLookup) -> &'e EndpointFacts {
    let Some(from) = endpoint.sampled_from() else { return endpoint };
    if !matches!(endpoint.contact, Contact::Ours(_)) {
        return endpoint;
    }
    let named = lookup.host(from).and_then(|facts| {
        facts.endpoints.iter().find(|named| named.ip == endpoint.ip && named.sampled_from().is_none())
    });
    named.unwrap_or(endpoint)
}

fn host_contact(facts: &HostFacts, endpoints: &[&EndpointFacts]) -> Ruled<HostContact> {
    let undecided = |why, failure, rule| Ruled::new(HostContact::Undecided(why, failure), rule);
    match facts.status {
        HostStatus::Ok => {}
        HostStatus::AddressLiteral => {
            return undecided(Why::Unreachable, Failure::AddressLiteral, &rules::CONTACT_NO_ADDRESS);
        }
        HostStatus::InvalidName => {
            return undecided(Why::Unreachable, Failure::InvalidName, &rules::CONTACT_NO_ADDRESS);
        }
        HostStatus::Nxdomain => return undecided(Why::Unreachable, Failure::Nxdomain, &rules::CONTACT_NO_ADDRESS),
        HostStatus::NoAddress => return undecided(Why::Unreachable, Failure::Nodata, &rules::CONTACT_NO_ADDRESS),
        HostStatus::OptedOut => return undecided(Why::Ours, Failure::OptedOut, &rules::CONTACT_OURS),
        HostStatus::Error => {
            // A look-up that failed without proof is undecided, and counts with reasons of our own.
            let failure = facts.address_error.unwrap_or(Failure::Servfail);
            let ours = failure.family() == Family::Own;
            let rule = if ours { &rules::CONTACT_OURS } else { &rules::CONTACT_LOOKUP_FAILED };
            return undecided(Why::Ours, failure, rule);
        }
    }
    let contacts = || endpoints.iter().map(|endpoint| endpoint.contact);
    if contacts().any(|contact| contact == Contact::Decided) {
        return Ruled::new(HostContact::Decided, &rules::CONTACT_DECIDED);
    }
    let ours = contacts().find_map(|contact| match contact {
        Contact::Ours(failure) => Some(failure),
        _ => None,
    });
    if let Some(failure) = ours.or(facts.addresses_truncated.then_some(Failure::Budget)) {
        return undecided(Why::Ours, failure, &rules::CONTACT_OURS);
    }
    if let Some(failure) = contacts().find_map(|contact| match contact {
        Contact::RefusedUs(failure) => Some(failure),
        _ => None,
    }) {
        return undecided(Why::RefusedUs, failure, &rules::CONTACT_REFUSED_US);
    }
    if let Some(failure) = contacts().find_map(|contact| match contact {
        Contact::Unreachable(failure) => Some(failure),
        _ => None,
    }) {
        return undecided(Why::Unreachable, failure, &rules::CONTACT_UNREACHABLE);
    }
    if contacts().any(|contact| contact == Contact::NoRoute) {
        return undecided(Why::Ours, Failure::NoRouteForFamily, &rules::CONTACT_NO_ROUTE);
    }
    if contacts().any(|contact| contact == Contact::Special) {
        return undecided(Why::Unreachable, Failure::SpecialAddress, &rules::CONTACT_SPECIAL);
    }
    undecided(Why::Ours, Failure::Cancelled, &rules::CONTACT_OURS)
}

/// RFC 7672 §2.2: any address may be the one that a sender reaches.
fn dane_over_addresses(views: &[DaneView], proven: bool) -> Ruled<DaneHost> {
    let decided = || views.iter().filter(|view| view.dane.word != AddressDane::Undecided);
    let is_match = |view: &&DaneView| match view.dane.word {
        AddressDane::Match { unproven, .. } => unproven.is_none() || !proven,
        _ => false,
    };
    let all = decided().count();
    let matches = decided().filter(is_match).count();
    let without_tls = decided().filter(|view| matches!(view.dane.word, AddressDane::NoTls(_))).count();
    if all == 0 {
        return Ruled::new(DaneHost::Unknown, &rules::UNDECIDED_HOST);
    }
    if without_tls == all {
        return Ruled::new(DaneHost::NoTls, &rules::DANE_NO_TLS);
    }
    if matches == all {
        return Ruled::new(DaneHost::Match, &rules::DANE_MATCH);
    }
    if matches > 0 {
        return Ruled::new(DaneHost::Partial, &rules::ADDRESSES_DIFFER);
    }
    // None matches, though some may have no TLS at all: the rule of the mismatch says more.
    let rule = decided()
        .filter(|view| !matches!(view.dane.word, AddressDane::NoTls(_)))
        .map(|view| view.dane.rule)
        .min_by_key(|rule| rule.id)
        .unwrap_or(&rules::DANE_MISMATCH);
    Ruled::new(DaneHost::Mismatch, rule)
}
