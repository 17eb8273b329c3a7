//! One decided address: its certificate, its standing under MTA-STS, its match against TLSA records.
//!
//! Start from [`judge_address`] (PKIX and RFC 8461 4) and [`match_address`] (RFC 7672 3). Names of hosts against policy
//! patterns are not asked here: a pattern speaks of the host, not of an address.

use std::sync::Arc;

use super::certificates::Validated;
use super::domain_validations::{Answer, DomainValidations};
use super::host_facts::{EndpointFacts, HostFacts, Starttls};
use super::parameters::Parameters;
use super::rows::{MismatchCause, StarttlsWord, StsFailureStage};
use super::rules::{self, Rule, Ruled};
use mxcensus_rules::dane::{DaneResult, Usage};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{KeyProof, TlsaRecord};
use mxcensus_rules::pkix::Verifier;

/// The certificate of an address under the host's name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pkix {
    /// Every word that applies, in deciding order; empty: valid.
    pub failures: Vec<Failure>,
    /// Every trusted root that validates the chain, the name not asked.
    pub anchors: Vec<String>,
    /// Why each word applies.
    pub details: Vec<String>,
    /// Which verifiers in use would refuse a valid chain.
    pub refused_by: Vec<Verifier>,
    /// Whole days until the leaf expires, at the instant of the judgement; negative afterwards.
    pub days_left: Option<i32>,
}

/// Whether an address gives what an enforced policy asks for, the name of the host aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AddressSts {
    /// STARTTLS with 1.2 or better, and a valid certificate for the host.
    Pass,
    /// Where along the way it fails, and by which word.
    Fail(StsFailureStage, Failure),
    /// Our own cap hides the answer, an algorithm that we lack, or a certificate that cannot be judged here.
    Undecided,
}

/// A decided address, under the host's own name.
#[derive(Clone, Debug)]
pub(crate) struct AddressView {
    /// STARTTLS as seen.
    pub starttls: Starttls,
    /// Its certificate; `None`: none was seen, or our cap hides whether it is valid.
    pub pkix: Option<Pkix>,
    /// Its standing under MTA-STS.
    pub sts: Ruled<AddressSts>,
}

impl AddressView {
    /// Whether its certificate is valid; `None`: none was seen, or it cannot be told.
    pub(crate) fn trusted(&self) -> Option<bool> {
        holds(&self.pkix.as_ref()?.failures)
    }

    /// The word of the `starttls` column.
    pub(crate) fn starttls_word(&self) -> Ruled<StarttlsWord> {
        match self.starttls {
            Starttls::NotOffered => Ruled::new(StarttlsWord::NotOffered, &rules::STARTTLS_NOT_OFFERED),
            Starttls::Failed(_) => Ruled::new(StarttlsWord::Failed, &rules::STARTTLS_FAILED),
            _ => Ruled::new(StarttlsWord::Offered, &rules::STARTTLS_OFFERED),
        }
    }
}

/// Whether a chain with these failures, in deciding order, is valid; `None`: it cannot be told.
pub(crate) fn holds(failures: &[Failure]) -> Option<bool> {
    let first = failures.first();
    first.is_none_or(|failure| !failure.is_undecided()).then_some(first.is_none())
}

/// Judges the certificate of a decided address for `host`, and with it the address under MTA-STS.
pub(crate) fn judge_address(
    facts: &EndpointFacts,
    host: &str,
    parameters: &Parameters,
    validations: &DomainValidations<'_>,
) -> AddressView {
    let pkix = judge_chain(facts, host, parameters, validations);
    let sts = judge_under_sts(facts, &pkix);
    AddressView { starttls: facts.starttls, pkix: pkix.into_seen(), sts }
}

/// What is known of a chain.
enum Chain {
    /// No certificate was seen, or the dataset lost it.
    Unseen,
    /// It does not validate, and our cap cut it: undecided, not invalid.
    CutShort,
    Judged(Pkix),
}

impl Chain {
    fn into_seen(self) -> Option<Pkix> {
        match self {
            Self::Judged(pkix) => Some(pkix),
            Self::CutShort | Self::Unseen => None,
        }
    }
}

fn judge_chain(
    facts: &EndpointFacts,
    host: &str,
    parameters: &Parameters,
    validations: &DomainValidations<'_>,
) -> Chain {
    let at = parameters.instant_seconds(facts.observed_at);
    let validated = match facts.chain.map(|chain| validations.pkix(chain, host, at)) {
        None => return Chain::Unseen,
        Some(Answer::Lost) => return Chain::CutShort,
        Some(Answer::TooMuchWork) => {
            let details = vec!["the work for the chains of this domain is used up".to_owned()];
            return Chain::Judged(Pkix { failures: vec![Failure::CertTooMuchWork], details, ..Pkix::default() });
        }
        Some(Answer::Known(validated)) => validated,
    };
    let Validated { reading, whole } = validated;
    let mut pkix = Pkix {
        failures: reading.failures,
        anchors: reading.anchors,
        details: reading.details,
        refused_by: reading.refused_by,
        days_left: reading.leaf_not_after.map(|not_after| days_between(at, not_after)),
    };
    if facts.key_proof == KeyProof::Failed {
        // The chain may belong to another host: a certificate whose key the peer does not hold cannot be used.
        pkix.failures.retain(|failure| *failure != Failure::CertInvalid);
        pkix.failures.insert(0, Failure::CertInvalid);
    } else if !pkix.failures.is_empty() && (facts.chain_truncated || !whole) {
        return Chain::CutShort;
    }
    Chain::Judged(pkix)
}

fn days_between(from_seconds: i64, to_seconds: i64) -> i32 {
    let days = to_seconds.saturating_sub(from_seconds).div_euclid(86_400);
    days.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// RFC 8461 §4.2, §7.2: STARTTLS, TLS 1.2 or better, a certificate for the host.
fn judge_under_sts(facts: &EndpointFacts, chain: &Chain) -> Ruled<AddressSts> {
    let fail = |stage, failure, rule: &'static Rule| Ruled::new(AddressSts::Fail(stage, failure), rule);
    let tls = |failure, rule| fail(StsFailureStage::MxTls, failure, rule);
    let certificate = |failure, rule| fail(StsFailureStage::MxCertificate, failure, rule);
    match facts.starttls {
        Starttls::NotOffered => tls(Failure::StarttlsNotOffered, &rules::STS_NO_STARTTLS),
        Starttls::Failed(failure) => tls(failure, &rules::STS_NO_HANDSHAKE),
        Starttls::Anonymous => tls(Failure::AnonymousTls, &rules::STS_ANONYMOUS),
        Starttls::Old => tls(Failure::TlsVersion, &rules::STS_TLS_VERSION),
        Starttls::Modern => match chain {
            // A handshake of this kind shows a certificate; without one there is nothing that could be valid.
            Chain::Unseen => certificate(Failure::CertInvalid, &rules::STS_CERTIFICATE),
            Chain::CutShort => Ruled::new(AddressSts::Undecided, &rules::CHAIN_CUT_SHORT),
            Chain::Judged(pkix) => match pkix.failures.first() {
                Some(failure) if failure.is_undecided() => Ruled::new(AddressSts::Undecided, &rules::PKIX_UNDECIDED),
                Some(&failure) => certificate(failure, &rules::STS_CERTIFICATE),
                // What we cannot check is not what the owner lacks.
                None if facts.proof_beyond_us => Ruled::new(AddressSts::Undecided, &rules::KEY_PROOF_BEYOND_US),
                None if facts.key_proof != KeyProof::Verified => {
                    certificate(Failure::KeyProofUnchecked, &rules::KEY_PROOF_UNCHECKED)
                }
                None => Ruled::new(AddressSts::Pass, &rules::STS_ADDRESS_PASSES),
            },
        },
    }
}

/// An address against the TLSA records of its host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AddressDane {
    /// A record matches.
    Match {
        /// Index of the record in the base domain's answer.
        record: Option<u32>,
        /// Why the match proves nothing, where the peer did not prove that it holds the key.
        unproven: Option<Failure>,
        /// OpenSSL, with which senders verify DANE, refuses the anchor (RFC 6698 8 leaves it to the sender).
        refused: bool,
    },
    /// None does.
    Mismatch {
        /// What seems to have gone wrong.
        cause: MismatchCause,
        /// The word that fails the address.
        failure: Failure,
    },
    /// No STARTTLS, or no handshake.
    NoTls(Failure),
    /// Our own cap hides the answer.
    Undecided,
}

/// A decided address, under the base domain's name.
#[derive(Clone, Debug)]
pub(crate) struct DaneView {
    /// The match.
    pub dane: Ruled<AddressDane>,
    /// Digest agility changed the answer (RFC 7671 9).
    pub agility_changed: bool,
    /// Where an anchor was found and the chain does not lead to it: why.
    pub details: Vec<String>,
    /// Which verifiers in use would refuse a match.
    pub refused_by: Vec<Verifier>,
}

/// Matches a decided address against the usable secure TLSA records of its host.
pub(crate) fn match_address(
    facts: &EndpointFacts,
    host: &HostFacts,
    reference_identifiers: &[&str],
    parameters: &Parameters,
    validations: &DomainValidations<'_>,
) -> DaneView {
    let view = |dane, rule, agility_changed| DaneView {
        dane: Ruled::new(dane, rule),
        agility_changed,
        details: Vec::new(),
        refused_by: Vec::new(),
    };
    let mismatch = |cause, failure| AddressDane::Mismatch { cause, failure };
    match facts.starttls {
        Starttls::NotOffered => {
            return view(AddressDane::NoTls(Failure::StarttlsNotOffered), &rules::DANE_NO_TLS, false);
        }
        Starttls::Failed(failure) => return view(AddressDane::NoTls(failure), &rules::DANE_NO_TLS, false),
        Starttls::Anonymous => {
            // RFC 7672 §2.2: usable records ask for a certificate, and none was shown.
            let dane = mismatch(MismatchCause::Unknown, Failure::AnonymousTls);
            return view(dane, &rules::DANE_ANONYMOUS, false);
        }
        Starttls::Old | Starttls::Modern => {}
    }
    let at = parameters.instant_seconds(facts.observed_at);
    let read = |records: &Arc<[TlsaRecord]>| {
        facts.chain.map(|chain| validations.dane(records, chain, reference_identifiers, at))
    };
    let records = host.tlsa.records();
    let before = match read(&records) {
        None => return view(mismatch(MismatchCause::Unknown, Failure::TlsaMismatch), &rules::DANE_MISMATCH, false),
        Some(Answer::Lost) => return view(AddressDane::Undecided, &rules::CHAIN_CUT_SHORT, false),
        Some(Answer::TooMuchWork) => return view(AddressDane::Undecided, &rules::DANE_UNDECIDED, false),
        Some(Answer::Known(before)) => before,
    };
    let mut counted = &before;
    let after = facts.tlsa_after().and_then(read);
    if let Some(Answer::Known(after)) = &after
        && before.reading.result != DaneResult::Match
        && after.reading.result == DaneResult::Match
    {
        // Records and chain must be of one moment: a record published between look-up and handshake counts.
        counted = after;
    }
    let reading = &counted.reading;
    let agility_changed = reading.agility_changed;
    let view = |dane, rule, agility_changed| DaneView {
        details: reading.details.clone(),
        refused_by: reading.refused_by.clone(),
        ..view(dane, rule, agility_changed)
    };
    if facts.key_proof == KeyProof::Failed {
        let dane = mismatch(reading.cause.unwrap_or(MismatchCause::Unknown), Failure::CertInvalid);
        return view(dane, &rules::DANE_KEY_PROOF_FAILED, agility_changed);
    }
    if reading.result == DaneResult::Match {
        if facts.proof_beyond_us {
            return view(AddressDane::Undecided, &rules::KEY_PROOF_BEYOND_US, agility_changed);
        }
        let record = reading.record.and_then(|record| u32::try_from(record).ok());
        let refused = reading.refused_by.contains(&Verifier::OpenSsl);
        return if facts.key_proof == KeyProof::Verified {
            view(AddressDane::Match { record, unproven: None, refused }, &rules::DANE_MATCH, agility_changed)
        } else {
            let dane = AddressDane::Match { record, unproven: Some(Failure::KeyProofUnchecked), refused };
            view(dane, &rules::KEY_PROOF_UNCHECKED, agility_changed)
        };
    }
    // Usage 3 needs the leaf alone (RFC 7671 §5.1); usage 2 may have matched what our cap cut off.
    let chain_cut =
        (facts.chain_truncated || !counted.whole) && records.iter().any(|record| record.usage() == Usage::DaneTa);
    if chain_cut || host.tlsa_truncated {
        return view(AddressDane::Undecided, &rules::CHAIN_CUT_SHORT, agility_changed);
    }
    if reading.result == DaneResult::Undecided {
        return view(AddressDane::Undecided, &rules::DANE_UNDECIDED, agility_changed);
    }
    let cause = reading.cause.unwrap_or(MismatchCause::Unknown);
    view(mismatch(cause, Failure::TlsaMismatch), &rules::DANE_MISMATCH, agility_changed)
}
