//! What a sender would do today: a walk over the MX hosts (RFC 5321 5.1) with a sender's own rules.
//!
//! Senders at first contact, with an empty cache, that fetched what we fetched. [`outcome`] is the walk, [`host_use`] what
//! one sender makes of one host.

use super::address::{AddressDane, AddressSts, AddressView, DaneView};
use super::host::{HostContact, HostView, MxSecurity, Why};
use super::mail::Mail;
use super::rows::Outcome;
use super::rules::{self, Rule, Ruled};
use mxcensus_rules::dane::base_domain::TlsaState;
use mxcensus_rules::failure::Failure;

/// A kind of sender.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sender {
    /// TLS when offered, nothing verified (RFC 7435).
    Opportunistic,
    /// RFC 8461.
    MtaSts,
    /// RFC 7672, an insecure MX RRset treated as no DANE.
    Dane,
    /// RFC 7672 with DANE even then (2.2.1, MAY), as Postfix does by default.
    DaneInsecureMx,
    /// RFC 7672 and RFC 8461, DANE first.
    Both,
}

/// How well a message is protected on its way, from worst to best.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Level {
    /// In clear.
    Plaintext,
    /// To any server that answers, unauthenticated.
    Encrypted,
    /// To the right peer.
    Authenticated,
}

/// What a sender makes of a host, or of one address of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Use {
    /// Delivers, at this level.
    Delivers(Level),
    /// The sender's own policy rules it out.
    MayNot,
    /// Not known: why, and the weakest level it could turn out to be.
    Undecided(Why, Level),
}

/// What a sender is walked with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// What the MX look-up means.
    pub mail: Mail,
    /// The crawl ran with `--dnssec off`.
    pub dnssec_off: bool,
    /// Our cap cut the list of hosts.
    pub mx_truncated: bool,
    /// State of the MX RRset.
    pub security: MxSecurity,
    /// A valid policy of mode enforce is there.
    pub enforced: bool,
}

/// The outcome of a sender over the hosts, which come sorted by preference.
pub(crate) fn outcome(sender: Sender, walk: Walk, hosts: &[&HostView<'_>]) -> Ruled<Outcome> {
    let asks_dane = matches!(sender, Sender::Dane | Sender::DaneInsecureMx | Sender::Both);
    match walk.mail {
        Mail::None => return Ruled::new(Outcome::NoMail, &rules::NO_MAIL),
        // RFC 7672 §2.1.1, §2.2.1: a DANE sender does not use a bogus MX RRset; whether another one gets it is not known.
        Mail::Bogus if asks_dane => return Ruled::new(Outcome::Refused, &rules::OUTCOME_MX_BOGUS),
        Mail::Bogus | Mail::Unknown => return Ruled::new(Outcome::Indeterminate, &rules::MX_LOOKUP_FAILED),
        Mail::Hosts if walk.dnssec_off && asks_dane => {
            return Ruled::new(Outcome::Indeterminate, &rules::DNSSEC_OFF);
        }
        Mail::Hosts => {}
    }
    let uses: Vec<(u16, Ruled<Use>)> =
        hosts.iter().map(|host| (host.preference, host_use(sender, &walk, host))).collect();
    walk_hosts(&uses, walk.mx_truncated)
}

/// The walk proper: by preference, equal preferences in any order, so the weakest that any order can give.
fn walk_hosts(uses: &[(u16, Ruled<Use>)], mx_truncated: bool) -> Ruled<Outcome> {
    let mut could_come_first: Option<Level> = None;
    for group in uses.chunk_by(|a, b| a.0 == b.0) {
        for (_, host) in group {
            if let Use::Undecided(Why::Ours, weakest) = host.word {
                could_come_first = Some(could_come_first.map_or(weakest, |level| level.min(weakest)));
            }
        }
        let delivered = group
            .iter()
            .filter_map(|(_, host)| match host.word {
                Use::Delivers(level) => Some(Ruled::new(level, host.rule)),
                Use::MayNot | Use::Undecided(..) => None,
            })
            .min_by_key(|ruled| (ruled.word, ruled.rule.id));
        if let Some(found) = delivered {
            return if could_come_first.is_some_and(|level| level < found.word) {
                Ruled::new(Outcome::Indeterminate, &rules::OUTCOME_WEAKER_HOST_UNKNOWN)
            } else {
                Ruled::new(outcome_of(found.word), found.rule)
            };
        }
    }
    let any = |wanted: fn(Use) -> bool| uses.iter().any(|(_, host)| wanted(host.word));
    if any(|host| host == Use::MayNot) {
        Ruled::new(Outcome::Refused, &rules::OUTCOME_REFUSED)
    } else if uses.is_empty() || mx_truncated || any(|host| matches!(host, Use::Undecided(Why::Ours, _))) {
        Ruled::new(Outcome::Indeterminate, &rules::OUTCOME_NOT_LOOKED_AT)
    } else if any(|host| matches!(host, Use::Undecided(Why::RefusedUs, _))) {
        Ruled::new(Outcome::Indeterminate, &rules::OUTCOME_REFUSED_US)
    } else {
        Ruled::new(Outcome::Unreachable, &rules::OUTCOME_UNREACHABLE)
    }
}

fn outcome_of(level: Level) -> Outcome {
    match level {
        Level::Plaintext => Outcome::Plaintext,
        Level::Encrypted => Outcome::Encrypted,
        Level::Authenticated => Outcome::Authenticated,
    }
}

/// What a sender makes of a host: the rows of the sender table.
fn host_use(sender: Sender, walk: &Walk, host: &HostView<'_>) -> Ruled<Use> {
    match sender {
        Sender::Opportunistic => opportunistic(host),
        Sender::MtaSts => mta_sts(walk, host),
        Sender::Dane => dane(tlsa_for(walk, host), host, &host.dane_addresses),
        Sender::DaneInsecureMx => {
            // RFC 7672 §3.2.2: with an insecure MX RRset the host is the only reference identifier.
            let addresses = match walk.security {
                MxSecurity::Secure => &host.dane_addresses,
                MxSecurity::NotSecure | MxSecurity::Unknown => &host.dane_addresses_host_only,
            };
            dane(host.facts.tlsa.state.word, host, addresses)
        }
        Sender::Both => both(walk, host),
    }
}

/// The TLSA state as a sender sees it that wants a secure MX RRset.
fn tlsa_for(walk: &Walk, host: &HostView<'_>) -> TlsaState {
    match (walk.security, host.facts.tlsa.state.word) {
        (MxSecurity::Secure, state) => state,
        (MxSecurity::NotSecure, _) | (_, TlsaState::None) => TlsaState::None,
        (MxSecurity::Unknown, _) => TlsaState::Unknown,
    }
}

fn opportunistic(host: &HostView<'_>) -> Ruled<Use> {
    over_addresses(host.contact.word, Level::Plaintext, host.addresses.iter().map(opportunistic_address))
}

fn opportunistic_address(address: &AddressView) -> Ruled<Use> {
    if address.starttls.encrypts() {
        Ruled::new(Use::Delivers(Level::Encrypted), &rules::OUTCOME_TLS_WORKS)
    } else {
        // RFC 7435 §3: retried in clear.
        Ruled::new(Use::Delivers(Level::Plaintext), &rules::OUTCOME_IN_CLEAR)
    }
}

fn mta_sts(walk: &Walk, host: &HostView<'_>) -> Ruled<Use> {
    if !walk.enforced {
        // RFC 8461 §5: testing, none, and no policy at all leave delivery as it is.
        return opportunistic(host);
    }
    if host.in_policy == Some(false) {
        return Ruled::new(Use::MayNot, &rules::STS_MX_NOT_LISTED);
    }
    let of_address = |address: &AddressView| match address.sts.word {
        AddressSts::Pass => Ruled::new(Use::Delivers(Level::Authenticated), &rules::OUTCOME_STS_PASSES),
        AddressSts::Fail(..) => Ruled::new(Use::MayNot, address.sts.rule),
        AddressSts::Undecided => Ruled::new(Use::Undecided(Why::Ours, Level::Authenticated), address.sts.rule),
    };
    over_addresses(host.contact.word, Level::Authenticated, host.addresses.iter().map(of_address))
}

fn dane(state: TlsaState, host: &HostView<'_>, matches: &[DaneView]) -> Ruled<Use> {
    match state {
        TlsaState::Usable => over_addresses(host.dane_contact, Level::Authenticated, matches.iter().map(dane_address)),
        TlsaState::Unusable => {
            over_addresses(host.contact.word, Level::Encrypted, host.addresses.iter().map(encrypted_address))
        }
        TlsaState::LookupFailed(_) => Ruled::new(Use::MayNot, host.facts.tlsa.state.rule),
        TlsaState::None | TlsaState::Insecure(_) => opportunistic(host),
        TlsaState::Unknown => undecided_tlsa(opportunistic(host), host),
    }
}

fn dane_address(view: &DaneView) -> Ruled<Use> {
    let word = match view.dane.word {
        AddressDane::Match { unproven: None, refused: true, .. } => {
            return Ruled::new(Use::MayNot, &rules::OUTCOME_DANE_ANCHOR_REFUSED);
        }
        AddressDane::Match { unproven: None, .. } => Use::Delivers(Level::Authenticated),
        AddressDane::Match { .. } | AddressDane::Mismatch { .. } | AddressDane::NoTls(_) => Use::MayNot,
        AddressDane::Undecided => Use::Undecided(Why::Ours, Level::Authenticated),
    };
    Ruled::new(word, view.dane.rule)
}

/// RFC 7672 §2.2: unusable records still ask for TLS.
fn encrypted_address(address: &AddressView) -> Ruled<Use> {
    if address.starttls.encrypts() {
        Ruled::new(Use::Delivers(Level::Encrypted), &rules::OUTCOME_DANE_UNUSABLE)
    } else {
        Ruled::new(Use::MayNot, &rules::OUTCOME_DANE_UNUSABLE)
    }
}

/// RFC 8461 §2: MTA-STS must not override a failing DANE; a passing one is enough.
fn both(walk: &Walk, host: &HostView<'_>) -> Ruled<Use> {
    match tlsa_for(walk, host) {
        state @ (TlsaState::Usable | TlsaState::LookupFailed(_)) => dane(state, host, &host.dane_addresses),
        TlsaState::Unusable if walk.enforced => mta_sts(walk, host),
        TlsaState::Unusable => dane(TlsaState::Unusable, host, &host.dane_addresses),
        TlsaState::None | TlsaState::Insecure(_) => mta_sts(walk, host),
        TlsaState::Unknown => undecided_tlsa(mta_sts(walk, host), host),
    }
}

/// A host whose TLSA records could not be found out: undecided, no weaker than it would be without DANE. A host that no
/// sender gets through to stays what it is.
fn undecided_tlsa(without_dane: Ruled<Use>, host: &HostView<'_>) -> Ruled<Use> {
    let weakest = match without_dane.word {
        Use::Delivers(level) | Use::Undecided(Why::Ours, level) => level,
        Use::Undecided(..) => return without_dane,
        // DANE may yet admit what the policy rules out.
        Use::MayNot => Level::Authenticated,
    };
    Ruled::new(Use::Undecided(Why::Ours, weakest), host.facts.tlsa.state.rule)
}

/// A host's addresses are tried in any order: one that may not is skipped, the weakest level among the rest counts.
fn over_addresses(contact: HostContact, weakest: Level, uses: impl Iterator<Item = Ruled<Use>>) -> Ruled<Use> {
    if let HostContact::Undecided(why, failure) = contact {
        return Ruled::new(Use::Undecided(why, weakest), undecided_rule(why, failure));
    }
    let uses: Vec<Ruled<Use>> = uses.collect();
    let delivered = uses
        .iter()
        .filter_map(|ruled| match ruled.word {
            Use::Delivers(level) => Some(Ruled::new(level, ruled.rule)),
            Use::MayNot | Use::Undecided(..) => None,
        })
        .min_by_key(|ruled| (ruled.word, ruled.rule.id));
    if let Some(found) = delivered {
        return Ruled::new(Use::Delivers(found.word), found.rule);
    }
    let undecided = uses.iter().find(|ruled| matches!(ruled.word, Use::Undecided(..)));
    let first = undecided.or_else(|| uses.iter().min_by_key(|ruled| ruled.rule.id));
    first.copied().unwrap_or(Ruled::new(Use::Undecided(Why::Ours, weakest), &rules::CONTACT_OURS))
}

fn undecided_rule(why: Why, failure: Failure) -> &'static Rule {
    match (why, failure) {
        (Why::Ours, Failure::NoRouteForFamily) => &rules::CONTACT_NO_ROUTE,
        (Why::Ours, _) => &rules::CONTACT_OURS,
        (Why::RefusedUs, _) => &rules::CONTACT_REFUSED_US,
        (Why::Unreachable, Failure::SpecialAddress) => &rules::CONTACT_SPECIAL,
        (Why::Unreachable, _) => &rules::CONTACT_UNREACHABLE,
    }
}
