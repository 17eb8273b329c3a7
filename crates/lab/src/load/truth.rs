//! What must be concluded about a domain, from how it was built and by the rules in docs/rules.md, written a second
//! time and without the judge: a mistake would have to be made twice to go unseen. Only the vocabularies are shared.
//!
//! The world is simpler than the internet, and so is this: every host has one address, no look-up of a host fails
//! without proof, nothing is left out for reasons of our own.

use super::domain::{
    Body, Domain, Exists, Fault, Fetch, Mail, Manner, Mode, Patterns, Record, Sts, Tlsa, Tlsrpt, Zone,
};
use super::hosts::MxHost;
use super::model::World;
use super::stores::{EVERY_ROOT, Store};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{Dnssec, MxStatus};
use mxcensus_rules::verdict::{
    Conflict, DaneHost, DaneInsecureCause, DaneVerdict, MismatchCause, Outcome, Protection, StarttlsWord,
    StsFailureStage, StsHost, StsPolicy, StsRecord, StsVerdict, Tlsrpt as TlsrptWord,
};

/// The words of one row of `verdicts`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "columns of `verdicts`")]
pub(super) struct Truth {
    pub mx_status: MxStatus,
    pub mx_dnssec: Dnssec,
    pub sts_record: StsRecord,
    pub sts_policy: StsPolicy,
    pub sts_mode: Option<&'static str>,
    pub sts_verdict: StsVerdict,
    pub sts_failure_stage: Option<StsFailureStage>,
    pub sts_failure: Option<Failure>,
    pub dane_verdict: DaneVerdict,
    pub dane_insecure_cause: Option<DaneInsecureCause>,
    pub sts_verdict_primary: StsVerdict,
    pub dane_verdict_primary: DaneVerdict,
    pub conflict: Conflict,
    pub outcome_opportunistic: Outcome,
    pub outcome_mta_sts: Outcome,
    pub outcome_dane: Outcome,
    pub outcome_dane_insecure_mx: Outcome,
    pub outcome_both: Outcome,
    pub protection_mta_sts: Protection,
    pub protection_dane: Protection,
    pub protection_both: Protection,
    pub tlsrpt: TlsrptWord,
    /// Its rows of `mx_verdicts`.
    pub hosts: Vec<HostTruth>,
}

/// The words of one row of `mx_verdicts`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "columns of `mx_verdicts`")]
pub(super) struct HostTruth {
    pub host: String,
    pub preference: u16,
    pub decided: bool,
    pub starttls: StarttlsWord,
    pub sts: Option<StsHost>,
    /// `valid` or the deciding word.
    pub pkix: Option<&'static str>,
    pub dane: DaneHost,
    pub dane_host: DaneHost,
    pub tlsa_mismatch_cause: Option<MismatchCause>,
    contact: Contact,
    contact_failure: Option<Failure>,
    sts_failure: Option<(StsFailureStage, Failure)>,
    tlsa: Tls,
    encrypts: bool,
    in_policy: Option<bool>,
}

/// Whether somebody answered EHLO.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Contact {
    Decided,
    RefusedUs,
    Unreachable,
}

/// What a DANE sender finds at a host (RFC 7672 2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tls {
    None,
    Insecure,
    Failing,
    Unusable,
    Matches,
    Mismatches,
}

/// What a sender does with a host.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Use {
    Plaintext,
    Encrypted,
    Authenticated,
    MayNot,
    RefusedUs,
    Unreachable,
}

impl World {
    /// What must be concluded about a domain.
    pub(super) fn truth(&self, domain: &Domain) -> Truth {
        self.truth_under(domain, &EVERY_ROOT)
    }

    /// The same under a trust store.
    pub(super) fn truth_under(&self, domain: &Domain, store: &Store) -> Truth {
        let sts = read_sts(domain, self.trusts_policy(domain, store));
        let patterns = sts.in_force.map(|sts| (sts, domain));
        let mx: Vec<(u16, MxHost)> =
            self.mx(domain).into_iter().map(|(preference, host)| (preference, self.mx_host(host, domain))).collect();
        let secure = domain.zone == Zone::Signed;
        let hosts: Vec<HostTruth> = mx
            .iter()
            .enumerate()
            .map(|(at, (preference, host))| {
                let trusted = store.vouches(&self.identity(host.host, &host.spec));
                host_truth(at, *preference, host, secure, trusted, patterns)
            })
            .collect();
        let primary: Vec<HostTruth> = hosts.iter().filter(|h| h.preference == hosts[0].preference).cloned().collect();
        let (sts_verdict, failure) = sts_verdict(domain, &sts, &hosts);
        let (dane_verdict, cause) = dane_verdict(domain, secure, &hosts);
        let enforced = sts.in_force.is_some_and(|sts| sts.mode == Mode::Enforce);
        let outcome = |sender: Sender| outcome(sender, domain, secure, enforced, &hosts);
        let (by_mta_sts, by_dane) = protections(domain, secure, enforced, &sts, &hosts);
        Truth {
            mx_status: mx_status(domain),
            mx_dnssec: mx_dnssec(domain),
            sts_record: sts.record,
            sts_policy: sts.policy,
            sts_mode: sts.mode,
            sts_verdict,
            sts_failure_stage: failure.map(|(stage, _)| stage),
            sts_failure: failure.map(|(_, failure)| failure).or(lookup_failure(domain)),
            dane_verdict,
            dane_insecure_cause: cause,
            sts_verdict_primary: self::sts_verdict(domain, &sts, &primary).0,
            dane_verdict_primary: self::dane_verdict(domain, secure, &primary).0,
            conflict: match (dane_verdict, sts_verdict) {
                (DaneVerdict::Pass, StsVerdict::Fail) => Conflict::DanePassStsFail,
                (DaneVerdict::Fail, StsVerdict::Pass) => Conflict::DaneFailStsPass,
                _ => Conflict::None,
            },
            outcome_opportunistic: outcome(Sender::Opportunistic),
            outcome_mta_sts: outcome(Sender::MtaSts),
            outcome_dane: outcome(Sender::Dane),
            outcome_dane_insecure_mx: outcome(Sender::DaneInsecureMx),
            outcome_both: outcome(Sender::Both),
            protection_mta_sts: by_mta_sts,
            protection_dane: by_dane,
            protection_both: better(by_dane, by_mta_sts),
            tlsrpt: match (domain.zone, domain.mail, domain.tlsrpt) {
                (Zone::Expired, ..) | (_, Mail::Failing, _) => TlsrptWord::Error,
                (_, Mail::Nxdomain, _) => TlsrptWord::Absent,
                (.., Tlsrpt::Absent) => TlsrptWord::Absent,
                (.., Tlsrpt::Valid) => TlsrptWord::Valid,
                (.., Tlsrpt::Invalid) => TlsrptWord::Invalid,
            },
            hosts,
        }
    }
}

/// A failed MX look-up leaves its word without a stage.
fn lookup_failure(domain: &Domain) -> Option<Failure> {
    match (domain.zone, domain.mail) {
        (Zone::Expired, _) => Some(Failure::DnssecBogus),
        (_, Mail::Failing) => Some(Failure::Servfail),
        _ => None,
    }
}

/// Whether mail for a domain goes to hosts that can be judged.
pub(super) fn takes_mail(domain: &Domain) -> bool {
    matches!(domain.mail, Mail::Implicit | Mail::Provider(_) | Mail::Own)
}

fn is_unknown(domain: &Domain) -> bool {
    domain.zone == Zone::Expired || domain.mail == Mail::Failing
}

fn mx_status(domain: &Domain) -> MxStatus {
    if is_unknown(domain) {
        return MxStatus::Error;
    }
    match domain.mail {
        Mail::Nxdomain => MxStatus::Nxdomain,
        Mail::Failing => MxStatus::Error,
        Mail::Nowhere => MxStatus::None,
        Mail::Null => MxStatus::Null,
        Mail::Implicit => MxStatus::Implicit,
        Mail::Provider(_) | Mail::Own => MxStatus::Present,
    }
}

fn mx_dnssec(domain: &Domain) -> Dnssec {
    match (domain.mail, domain.zone) {
        // The top-level domain denies it, and every one of them is signed.
        (Mail::Nxdomain, _) => Dnssec::Secure,
        (Mail::Failing, _) => Dnssec::Indeterminate,
        (_, Zone::Signed) => Dnssec::Secure,
        (_, Zone::Expired) => Dnssec::Bogus,
        (_, Zone::Unsigned | Zone::Island) => Dnssec::Insecure,
    }
}

/// Record and policy (docs/rules.md, "The MTA-STS record", "The policy").
struct StsTruth<'d> {
    record: StsRecord,
    policy: StsPolicy,
    mode: Option<&'static str>,
    failure: Option<(StsFailureStage, Failure)>,
    in_force: Option<&'d Sts>,
    mode_none: bool,
}

fn read_sts(domain: &Domain, trusted: bool) -> StsTruth<'_> {
    let without = |record| StsTruth {
        record,
        policy: StsPolicy::NotAttempted,
        mode: None,
        failure: None,
        in_force: None,
        mode_none: false,
    };
    if is_unknown(domain) {
        return without(StsRecord::Error);
    }
    let Some(sts) = domain.sts.as_ref().filter(|_| domain.mail != Mail::Nxdomain) else {
        return without(StsRecord::Absent);
    };
    let (record, record_failure) = match sts.record {
        Record::Valid => (StsRecord::Valid, None),
        Record::BadId => (StsRecord::Invalid, Some(Failure::RecordIdInvalid)),
        Record::NoId => (StsRecord::Invalid, Some(Failure::RecordIdMissing)),
        Record::BadVersion => (StsRecord::Invalid, Some(Failure::RecordVersion)),
        Record::Twice => (StsRecord::Multiple, Some(Failure::RecordMultiple)),
    };
    let (policy, policy_failure) = read_policy(sts, trusted);
    let valid = record == StsRecord::Valid && policy == StsPolicy::Valid;
    let mode = match (policy, sts.body) {
        (StsPolicy::Valid | StsPolicy::Invalid, Body::Empty | Body::BadMode | Body::Html) => None,
        (StsPolicy::Valid | StsPolicy::Invalid, _) => Some(sts.mode.word()),
        _ => None,
    };
    StsTruth {
        record,
        policy,
        mode,
        failure: record_failure.map(|failure| (StsFailureStage::Record, failure)).or(policy_failure),
        in_force: Some(sts).filter(|sts| valid && sts.mode != Mode::None),
        mode_none: valid && sts.mode == Mode::None,
    }
}

fn read_policy(sts: &Sts, trusted: bool) -> (StsPolicy, Option<(StsFailureStage, Failure)>) {
    let unfetchable = |stage, failure| (StsPolicy::Unfetchable, Some((stage, failure)));
    let invalid = |failure| (StsPolicy::Invalid, Some((StsFailureStage::Policy, failure)));
    if !trusted {
        return unfetchable(StsFailureStage::Tls, Failure::CertUnknownIssuer);
    }
    match sts.fetch {
        Fetch::NoName => unfetchable(StsFailureStage::Dns, Failure::Nxdomain),
        Fetch::Closed => unfetchable(StsFailureStage::Connect, Failure::ConnectRefused),
        Fetch::Unreachable => unfetchable(StsFailureStage::Connect, Failure::ConnectUnreachable),
        Fetch::Misnamed => unfetchable(StsFailureStage::Tls, Failure::CertNameMismatch),
        Fetch::SelfSigned => unfetchable(StsFailureStage::Tls, Failure::CertSelfSigned),
        Fetch::Expired => unfetchable(StsFailureStage::Tls, Failure::CertExpired),
        Fetch::Alert => unfetchable(StsFailureStage::Tls, Failure::TlsAlert),
        Fetch::Redirect => unfetchable(StsFailureStage::Http, Failure::HttpRedirect),
        Fetch::NotFound | Fetch::Failing => unfetchable(StsFailureStage::Http, Failure::HttpStatus),
        Fetch::Good => match sts.body {
            Body::Good => (StsPolicy::Valid, None),
            Body::Empty => invalid(Failure::PolicyEmpty),
            Body::MailAddress | Body::TrailingDot => invalid(Failure::PolicyMx),
            Body::NoMaxAge => invalid(Failure::PolicyMaxAge),
            Body::BadMode => invalid(Failure::PolicyMode),
            Body::Html => invalid(Failure::PolicyLine),
        },
    }
}

/// Whether the policy names a host: by how it was written, not by its text.
fn is_named(at: usize, sts: &Sts, domain: &Domain) -> bool {
    let written_for_these = sts.written_for == domain.mail;
    match sts.patterns {
        Patterns::Right => written_for_these,
        Patterns::FirstOnly => written_for_these && at == 0,
        // A domain that went back to the state before.
        Patterns::Former(provider) => domain.mail == Mail::Provider(provider),
        Patterns::ExtraLabel | Patterns::Typo | Patterns::TopLevel => false,
    }
}

fn host_truth(
    at: usize,
    preference: u16,
    host: &MxHost,
    mx_secure: bool,
    trusted: bool,
    policy: Option<(&Sts, &Domain)>,
) -> HostTruth {
    let spec = &host.spec;
    let contact = match spec.manner {
        _ if spec.exists != Exists::Address => Contact::Unreachable,
        Manner::Defers | Manner::Blocks => Contact::RefusedUs,
        Manner::Silent | Manner::Closed | Manner::Unreachable => Contact::Unreachable,
        _ => Contact::Decided,
    };
    let contact_failure = match (spec.exists, spec.manner) {
        (Exists::Gone, _) => Some(Failure::Nxdomain),
        (Exists::NoAddress, _) => Some(Failure::Nodata),
        (Exists::Literal, _) => Some(Failure::AddressLiteral),
        (_, Manner::Defers | Manner::Blocks) => Some(Failure::BannerRejected),
        (_, Manner::Silent) => Some(Failure::BannerTimeout),
        (_, Manner::Closed) => Some(Failure::ConnectRefused),
        (_, Manner::Unreachable) => Some(Failure::ConnectUnreachable),
        _ => None,
    };
    let decided = contact == Contact::Decided;
    let shows_certificate = decided && !matches!(spec.manner, Manner::Clear | Manner::StarttlsFails);
    let starttls = match spec.manner {
        _ if !decided => StarttlsWord::Unknown,
        Manner::Clear => StarttlsWord::NotOffered,
        Manner::StarttlsFails => StarttlsWord::Failed,
        _ => StarttlsWord::Offered,
    };
    let invalid = match (spec.manner, spec.leaf.fault) {
        // What old machines show was made by them.
        (Manner::Legacy, _) | (_, Fault::SelfSigned) => Some(Failure::CertSelfSigned),
        _ if !trusted => Some(Failure::CertUnknownIssuer),
        (_, Fault::Expired) => Some(Failure::CertExpired),
        (_, Fault::Lapsing) if host.lapsed => Some(Failure::CertExpired),
        (_, Fault::Misnamed) => Some(Failure::CertNameMismatch),
        (_, Fault::Unknown) => Some(Failure::CertUnknownIssuer),
        (_, Fault::None | Fault::Lapsing) => None,
    };
    let in_policy = policy.map(|(sts, domain)| is_named(at, sts, domain));
    let sts_failure = match (in_policy, spec.manner) {
        (None, _) => None,
        (Some(false), _) => Some((StsFailureStage::MxList, Failure::MxNotInPolicy)),
        _ if !decided => None,
        (_, Manner::Clear) => Some((StsFailureStage::MxTls, Failure::StarttlsNotOffered)),
        (_, Manner::StarttlsFails) => Some((StsFailureStage::MxTls, Failure::StarttlsRejected)),
        (_, Manner::Legacy) => Some((StsFailureStage::MxTls, Failure::TlsVersion)),
        _ => invalid.map(|failure| (StsFailureStage::MxCertificate, failure)),
    };
    let sts = match in_policy {
        None => None,
        Some(_) if sts_failure.is_some() => Some(StsHost::Fail),
        Some(_) => decided.then_some(StsHost::Pass),
    };
    let tlsa = tlsa_truth(host);
    let dane_host = match tlsa {
        Tls::None => DaneHost::None,
        Tls::Insecure => DaneHost::Insecure,
        Tls::Failing => DaneHost::LookupFailed,
        Tls::Unusable => DaneHost::Unusable,
        _ if !decided => DaneHost::Unknown,
        _ if !shows_certificate => DaneHost::NoTls,
        Tls::Matches => DaneHost::Match,
        Tls::Mismatches => DaneHost::Mismatch,
    };
    HostTruth {
        host: host.name.clone(),
        preference,
        decided,
        starttls,
        sts,
        pkix: shows_certificate.then(|| invalid.map_or("valid", Failure::word)),
        dane: if mx_secure || dane_host == DaneHost::None { dane_host } else { DaneHost::Insecure },
        dane_host,
        tlsa_mismatch_cause: (dane_host == DaneHost::Mismatch).then_some(match spec.tlsa {
            Tlsa::OtherSelector => MismatchCause::WrongSelector,
            Tlsa::Empty => MismatchCause::EmptyDigest,
            _ => MismatchCause::Unknown,
        }),
        contact,
        contact_failure,
        sts_failure,
        tlsa,
        encrypts: shows_certificate,
        in_policy,
    }
}

/// What the TLSA look-up of a host amounts to (RFC 7672 2.2.2).
fn tlsa_truth(host: &MxHost) -> Tls {
    let spec = &host.spec;
    if spec.exists != Exists::Address || spec.tlsa == Tlsa::None {
        return Tls::None;
    }
    if host.zone != Zone::Signed {
        // A failed look-up under an insecure address is no finding.
        return if spec.tlsa == Tlsa::Failing { Tls::None } else { Tls::Insecure };
    }
    let (now, then, same_key) = (spec.leaf.number, spec.tlsa_of, spec.leaf.keeps_key);
    let matches = match spec.tlsa {
        Tlsa::Failing => return Tls::Failing,
        Tlsa::Usage1 => return Tls::Unusable,
        // A machine that made its own certificate made one that no record is about.
        _ if spec.manner == Manner::Legacy => false,
        Tlsa::Spki => same_key || now == then,
        Tlsa::Pair => same_key || now == then || now == then + 1,
        Tlsa::Whole => now == then,
        Tlsa::Anchor => true,
        Tlsa::None | Tlsa::OtherSelector | Tlsa::Empty => false,
    };
    if matches { Tls::Matches } else { Tls::Mismatches }
}

fn sts_verdict(
    domain: &Domain,
    sts: &StsTruth<'_>,
    hosts: &[HostTruth],
) -> (StsVerdict, Option<(StsFailureStage, Failure)>) {
    if is_unknown(domain) {
        return (StsVerdict::Indeterminate, None);
    }
    if !takes_mail(domain) {
        return (StsVerdict::NoMail, None);
    }
    if sts.record == StsRecord::Absent {
        return (StsVerdict::NoPolicy, None);
    }
    if sts.failure.is_some() {
        return (StsVerdict::Broken, sts.failure);
    }
    if sts.mode_none {
        return (StsVerdict::ModeNone, None);
    }
    let passes = hosts.iter().any(|host| host.sts == Some(StsHost::Pass));
    // The earliest step, the most preferred host first.
    let failure = hosts.iter().filter_map(|h| h.sts_failure.map(|(s, f)| (s, h.preference, &h.host, f))).min();
    let failure = failure.map(|(stage, _, _, failure)| (stage, failure));
    match (passes, failure) {
        (true, None) => (StsVerdict::Pass, None),
        (true, failure) => (StsVerdict::Partial, failure),
        (false, Some(failure)) => (StsVerdict::Fail, Some(failure)),
        // Nothing decided: what keeps everybody from the certificate of the most preferred host.
        (false, None) => {
            let kept = hosts.iter().find_map(|host| host.contact_failure);
            (StsVerdict::Indeterminate, kept.map(|failure| (StsFailureStage::MxTls, failure)))
        }
    }
}

fn dane_verdict(domain: &Domain, secure: bool, hosts: &[HostTruth]) -> (DaneVerdict, Option<DaneInsecureCause>) {
    // (1)
    if domain.zone == Zone::Expired {
        return (DaneVerdict::LookupFailed, None);
    }
    if domain.mail == Mail::Failing {
        return (DaneVerdict::Indeterminate, None);
    }
    if !takes_mail(domain) {
        return (DaneVerdict::NoMail, None);
    }
    let words: Vec<DaneHost> = hosts.iter().map(|host| host.dane).collect();
    let any = |wanted: &[DaneHost]| words.iter().any(|word| wanted.contains(word));
    // (2), (3)
    if words.iter().all(|word| *word == DaneHost::None) {
        return (DaneVerdict::None, None);
    }
    if words.iter().all(|word| matches!(word, DaneHost::None | DaneHost::Insecure)) {
        let cause = if secure { DaneInsecureCause::Address } else { DaneInsecureCause::Mx };
        return (DaneVerdict::Insecure, Some(cause));
    }
    // (4): undecided hosts count as passing where usable records are there.
    let verdict = if any(&[DaneHost::Match]) {
        let all = hosts.iter().all(|host| matches!(host.dane, DaneHost::Match | DaneHost::Unknown));
        if all { DaneVerdict::Pass } else { DaneVerdict::Partial }
    } else if any(&[DaneHost::Mismatch, DaneHost::NoTls]) {
        DaneVerdict::Fail
    } else if any(&[DaneHost::LookupFailed]) {
        DaneVerdict::LookupFailed
    } else if any(&[DaneHost::Unusable]) {
        DaneVerdict::Unusable
    } else {
        DaneVerdict::Indeterminate
    };
    (verdict, None)
}

/// The five senders.
#[derive(Clone, Copy, PartialEq)]
enum Sender {
    Opportunistic,
    MtaSts,
    Dane,
    DaneInsecureMx,
    Both,
}

fn outcome(sender: Sender, domain: &Domain, secure: bool, enforced: bool, hosts: &[HostTruth]) -> Outcome {
    if domain.zone == Zone::Expired {
        let asks_dane = !matches!(sender, Sender::Opportunistic | Sender::MtaSts);
        return if asks_dane { Outcome::Refused } else { Outcome::Indeterminate };
    }
    if domain.mail == Mail::Failing {
        return Outcome::Indeterminate;
    }
    if !takes_mail(domain) {
        return Outcome::NoMail;
    }
    let uses: Vec<(u16, Use)> =
        hosts.iter().map(|host| (host.preference, host_use(sender, secure, enforced, host))).collect();
    for group in uses.chunk_by(|a, b| a.0 == b.0) {
        // The weakest that any order among equals can give.
        match group.iter().map(|(_, word)| *word).min() {
            Some(Use::Plaintext) => return Outcome::Plaintext,
            Some(Use::Encrypted) => return Outcome::Encrypted,
            Some(Use::Authenticated) => return Outcome::Authenticated,
            _ => {}
        }
    }
    let any = |wanted: Use| uses.iter().any(|(_, word)| *word == wanted);
    if any(Use::MayNot) {
        Outcome::Refused
    } else if any(Use::RefusedUs) {
        Outcome::Indeterminate
    } else {
        Outcome::Unreachable
    }
}

fn host_use(sender: Sender, secure: bool, enforced: bool, host: &HostTruth) -> Use {
    let undecided = match host.contact {
        Contact::Decided => None,
        Contact::RefusedUs => Some(Use::RefusedUs),
        Contact::Unreachable => Some(Use::Unreachable),
    };
    let opportunistic = || undecided.unwrap_or(if host.encrypts { Use::Encrypted } else { Use::Plaintext });
    let mta_sts = || match host.in_policy {
        _ if !enforced => opportunistic(),
        Some(false) => Use::MayNot,
        _ => undecided.unwrap_or(if host.sts == Some(StsHost::Pass) { Use::Authenticated } else { Use::MayNot }),
    };
    let dane = |tlsa: Tls| match tlsa {
        Tls::None | Tls::Insecure => None,
        Tls::Failing => Some(Use::MayNot),
        Tls::Unusable => Some(undecided.unwrap_or(if host.encrypts { Use::Encrypted } else { Use::MayNot })),
        Tls::Matches if host.encrypts => Some(undecided.unwrap_or(Use::Authenticated)),
        Tls::Matches | Tls::Mismatches => Some(undecided.unwrap_or(Use::MayNot)),
    };
    let as_seen = if secure { host.tlsa } else { Tls::None };
    match sender {
        Sender::Opportunistic => opportunistic(),
        Sender::MtaSts => mta_sts(),
        Sender::Dane => dane(as_seen).unwrap_or_else(opportunistic),
        Sender::DaneInsecureMx => dane(host.tlsa).unwrap_or_else(opportunistic),
        Sender::Both if as_seen == Tls::Unusable && enforced => mta_sts(),
        Sender::Both => dane(as_seen).unwrap_or_else(mta_sts),
    }
}

fn protections(
    domain: &Domain,
    secure: bool,
    enforced: bool,
    sts: &StsTruth<'_>,
    hosts: &[HostTruth],
) -> (Protection, Protection) {
    if is_unknown(domain) {
        return (Protection::Indeterminate, Protection::Indeterminate);
    }
    if !takes_mail(domain) {
        return (Protection::NoMail, Protection::NoMail);
    }
    let max_age = sts.in_force.map_or(0, |sts| sts.max_age);
    let by_mta_sts = if enforced && max_age > 0 { Protection::AfterFirstContact } else { Protection::Never };
    let lacks = |host: &HostTruth| matches!(host.tlsa, Tls::None | Tls::Insecure | Tls::Unusable);
    let by_dane = if !secure || hosts.iter().any(lacks) {
        Protection::Never
    } else if hosts.iter().any(|host| host.tlsa == Tls::Failing) {
        Protection::Indeterminate
    } else {
        Protection::Always
    };
    (by_mta_sts, by_dane)
}

/// The better of the two; what is not known could be the better.
fn better(dane: Protection, mta_sts: Protection) -> Protection {
    match (dane, mta_sts) {
        (Protection::NoMail, _) => Protection::NoMail,
        (Protection::Always, _) => Protection::Always,
        (Protection::Indeterminate, _) | (_, Protection::Indeterminate) => Protection::Indeterminate,
        (_, mta_sts) => mta_sts,
    }
}
