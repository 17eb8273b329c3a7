//! The MTA-STS record and policy of a domain as observed (RFC 8461 3.1, 3.2, 3.3).
//!
//! [`StsView::read`] gives the words of both, strict and lenient, and the policy in force, if any. Grammar is
//! [`mxcensus_rules::mta_sts`]'s; here it is decided what a failed look-up or fetch means.

use super::address::holds;
use super::certificates::UnderStore;
use super::parameters::Parameters;
use super::rows::{StsFailureStage, StsPolicy, StsRecord};
use super::rules::{self, Rule, Ruled};
use super::second_look::{self, SecondLook, Shown};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::mta_sts::policy::{Mode, Policy, PolicyReading};
use mxcensus_rules::mta_sts::record::RecordReading;
use mxcensus_rules::mta_sts::{self, policy, record};
use mxcensus_rules::observation::{DnsStatus, DomainRow, KeyProof, MxStatus, PolicyRow, PolicyStage};
use mxcensus_rules::text;

/// What a fetch gave, before the body is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fetch {
    /// A complete body with status 200 over authenticated TLS.
    Fetched,
    /// Anything else that the other side did: where, and by which word.
    Unfetchable(StsFailureStage, Option<Failure>, &'static Rule),
    /// Not known, for a reason of our own.
    Unknown(Option<StsFailureStage>, Option<Failure>, &'static Rule),
}

/// Record and policy of a domain.
#[derive(Debug)]
pub(crate) struct StsView {
    /// The record by the grammar.
    pub record: Ruled<StsRecord>,
    /// The record as a tolerant reader has it.
    pub record_lenient: StsRecord,
    /// The id of the reading that decides.
    pub id: Option<String>,
    /// Every defect of the record, the first decides.
    pub record_defects: Vec<Failure>,
    /// The policy by the grammar.
    pub policy: Ruled<StsPolicy>,
    /// The policy as a tolerant reader has it.
    pub policy_lenient: StsPolicy,
    /// The mode that could be read, valid policy or not.
    pub mode: Option<Mode>,
    /// The max_age that could be read, seconds.
    pub max_age_seconds: Option<u64>,
    /// The mx patterns that could be read.
    pub patterns: Option<Vec<String>>,
    /// Every defect of the policy, the first decides.
    pub policy_defects: Vec<Failure>,
    /// What is odd without being wrong.
    pub warnings: Vec<Failure>,
    /// Every trusted root that validates the chain of the policy host.
    pub anchors: Vec<String>,
    /// Why the chain of the policy host does not hold, where it does not.
    pub detail: Option<String>,
    /// Whether the chain of the policy host holds; `None`: none was seen, or it cannot be told.
    pub trusted: Option<bool>,
    /// The record, by the reading that decides.
    pub deciding_record: StsRecord,
    /// The policy, by the reading that decides.
    pub deciding_policy: StsPolicy,
    /// A valid policy under a valid record.
    pub valid: Option<Policy>,
    /// The first reason why there is none.
    pub failure: Option<(StsFailureStage, Option<Failure>)>,
}

impl StsView {
    /// Reads what was observed of a domain's record and policy.
    pub(crate) fn read(
        domain: &DomainRow,
        policy: Option<&PolicyRow>,
        parameters: &Parameters,
        validations: &UnderStore<'_>,
    ) -> Self {
        let (record, reading) = read_record(domain);
        let record_lenient = reading.as_ref().map_or(record.word, |reading| reading.lenient);
        let deciding_record = if parameters.lenient { record_lenient } else { record.word };
        let mut view = Self {
            record,
            record_lenient,
            id: reading.as_ref().and_then(|r| if parameters.lenient { r.lenient_id.clone() } else { r.id.clone() }),
            record_defects: record_defects(reading.as_ref()),
            policy: Ruled::new(StsPolicy::NotAttempted, &rules::POLICY_NOT_ATTEMPTED),
            policy_lenient: StsPolicy::NotAttempted,
            mode: None,
            max_age_seconds: None,
            patterns: None,
            policy_defects: Vec::new(),
            warnings: reading.map(|reading| mta_sts::words(&reading.warnings)).unwrap_or_default(),
            anchors: Vec::new(),
            detail: None,
            trusted: None,
            deciding_record,
            deciding_policy: StsPolicy::NotAttempted,
            valid: None,
            failure: None,
        };
        let policy_failure = match policy {
            Some(row) => view.read_policy(row, parameters, validations),
            None => view.read_missing_policy(),
        };
        view.failure = match view.deciding_record {
            StsRecord::Multiple => Some((StsFailureStage::Record, Some(Failure::RecordMultiple))),
            StsRecord::Invalid => Some((StsFailureStage::Record, view.record_defects.first().copied())),
            StsRecord::Error | StsRecord::Unknown => Some((StsFailureStage::Record, domain.sts_txt_error)),
            StsRecord::Absent => None,
            StsRecord::Valid => policy_failure,
        };
        if view.deciding_record != StsRecord::Valid || view.deciding_policy != StsPolicy::Valid {
            view.valid = None;
        }
        view
    }

    /// The policy in force: valid, of mode enforce or testing (RFC 8461 5: none means that there is no policy).
    pub(crate) fn in_force(&self) -> Option<&Policy> {
        self.valid.as_ref().filter(|policy| policy.mode != Mode::None)
    }

    /// The policy that forbids delivery where it does not hold.
    pub(crate) fn enforced(&self) -> Option<&Policy> {
        self.valid.as_ref().filter(|policy| policy.mode == Mode::Enforce)
    }

    fn read_missing_policy(&mut self) -> Option<(StsFailureStage, Option<Failure>)> {
        let attempted = matches!(self.record.word, StsRecord::Valid | StsRecord::Multiple | StsRecord::Invalid);
        if !attempted {
            return None;
        }
        // An attempt at a record asks for a fetch: without its row the crawl did not come to it.
        self.policy = Ruled::new(StsPolicy::Unknown, &rules::POLICY_NOT_FETCHED);
        self.policy_lenient = StsPolicy::Unknown;
        self.deciding_policy = StsPolicy::Unknown;
        None
    }

    fn read_policy(
        &mut self,
        row: &PolicyRow,
        parameters: &Parameters,
        validations: &UnderStore<'_>,
    ) -> Option<(StsFailureStage, Option<Failure>)> {
        let chain = judge_policy_chain(row, parameters, validations);
        self.anchors = chain.anchors.clone();
        self.detail = (!chain.details.is_empty()).then(|| chain.details.join("; "));
        self.trusted = chain.trusted();
        let (word, rule, failure) = match read_fetch(row, &chain) {
            Fetch::Fetched => return self.read_body(row, parameters),
            Fetch::Unfetchable(stage, failure, rule) => (StsPolicy::Unfetchable, rule, Some((stage, failure))),
            Fetch::Unknown(stage, failure, rule) => (StsPolicy::Unknown, rule, stage.map(|stage| (stage, failure))),
        };
        self.policy = Ruled::new(word, rule);
        self.policy_lenient = word;
        self.deciding_policy = word;
        failure
    }

    fn read_body(&mut self, row: &PolicyRow, parameters: &Parameters) -> Option<(StsFailureStage, Option<Failure>)> {
        let PolicyReading { strict, lenient, warnings } = policy::read(row.policy_body.as_deref().unwrap_or_default());
        let word = |valid: bool| if valid { StsPolicy::Valid } else { StsPolicy::Invalid };
        let strict_word = word(strict.policy.is_some());
        let rule = if strict_word == StsPolicy::Valid { &rules::POLICY_VALID } else { &rules::POLICY_INVALID };
        self.policy = Ruled::new(strict_word, rule);
        self.policy_lenient = word(lenient.policy.is_some());
        self.policy_defects = mta_sts::words(&strict.defects);
        let http = content_warnings(row).into_iter();
        for warning in http.chain(warnings) {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        let deciding = if parameters.lenient { lenient } else { strict };
        self.deciding_policy = word(deciding.policy.is_some());
        self.mode = deciding.mode;
        self.max_age_seconds = deciding.max_age_seconds;
        self.patterns = Some(deciding.mx.iter().map(ToString::to_string).collect());
        let first = deciding.defects.first().map(|defect| defect.failure);
        self.valid = deciding.policy;
        self.valid.is_none().then_some((StsFailureStage::Policy, first))
    }
}

fn read_record(domain: &DomainRow) -> (Ruled<StsRecord>, Option<RecordReading>) {
    let plain = |word, rule| (Ruled::new(word, rule), None);
    match domain.sts_txt_status {
        // RFC 8020 §2: nothing exists below a name that does not exist.
        None if domain.mx_status == MxStatus::Nxdomain => plain(StsRecord::Absent, &rules::RECORD_ABSENT),
        None => plain(StsRecord::Unknown, &rules::RECORD_NOT_ASKED),
        Some(DnsStatus::Nodata | DnsStatus::Nxdomain) => plain(StsRecord::Absent, &rules::RECORD_ABSENT),
        Some(DnsStatus::Error) => match domain.sts_txt_error.map(Failure::family) {
            Some(Family::Own) => plain(StsRecord::Unknown, &rules::RECORD_NOT_ASKED),
            _ => plain(StsRecord::Error, &rules::RECORD_LOOKUP_FAILED),
        },
        Some(DnsStatus::Found) => {
            let records: Vec<Vec<u8>> = domain.sts_txt.iter().flatten().map(|record| text::unescape(record)).collect();
            let reading = record::read(&records);
            if domain.sts_txt_truncated && reading.status != StsRecord::Multiple {
                // What our cap cut off might be a second record, or the first one.
                return plain(StsRecord::Unknown, &rules::RECORD_TRUNCATED);
            }
            let rule = match reading.status {
                StsRecord::Valid => &rules::RECORD_VALID,
                StsRecord::Multiple => &rules::RECORD_MULTIPLE,
                StsRecord::Invalid => &rules::RECORD_INVALID,
                StsRecord::Absent | StsRecord::Error | StsRecord::Unknown => &rules::RECORD_ABSENT,
            };
            (Ruled::new(reading.status, rule), Some(reading))
        }
    }
}

fn record_defects(reading: Option<&RecordReading>) -> Vec<Failure> {
    let Some(reading) = reading else { return Vec::new() };
    let mut defects = mta_sts::words(&reading.defects);
    if reading.status == StsRecord::Multiple && !defects.contains(&Failure::RecordMultiple) {
        defects.insert(0, Failure::RecordMultiple);
    }
    defects
}

/// The chain of the policy host under its name.
struct PolicyChain {
    /// Words that apply; `None`: no chain was seen, or the dataset lost it.
    failures: Option<Vec<Failure>>,
    /// The chain does not validate, and our cap cut it.
    cut_short: bool,
    anchors: Vec<String>,
    details: Vec<String>,
}

impl PolicyChain {
    /// Whether it holds, as far as that is known.
    fn trusted(&self) -> Option<bool> {
        holds(self.failures.as_deref().filter(|_| !self.cut_short)?)
    }
}

fn judge_policy_chain(row: &PolicyRow, parameters: &Parameters, validations: &UnderStore<'_>) -> PolicyChain {
    let presented = if row.policy_legacy_version.is_some() { &row.policy_legacy_chain } else { &row.policy_chain };
    let chain = presented.as_deref().and_then(|chain| validations.certificates().chain(chain));
    let instant = parameters.at.or(row.policy_observed_at).map(|at| parameters.instant_seconds(at));
    let validated = chain.zip(instant).and_then(|(chain, at)| validations.pkix(chain, &row.policy_host, at));
    match validated {
        Some(validated) => PolicyChain {
            cut_short: !validated.reading.failures.is_empty() && (row.policy_chain_truncated || !validated.whole),
            anchors: validated.reading.anchors.clone(),
            details: validated.reading.details.clone(),
            failures: Some(validated.reading.failures.clone()),
        },
        // A chain that was seen and cannot be judged (no instant, a certificate lost) is not an invalid one.
        None => PolicyChain { failures: None, cut_short: chain.is_some(), anchors: Vec::new(), details: Vec::new() },
    }
}

/// RFC 8461 §3.3: the policy host's certificate is asked before anything that came over it.
fn read_fetch(row: &PolicyRow, chain: &PolicyChain) -> Fetch {
    let error = row.policy_error;
    let stage = match row.policy_stage {
        // Not tried: the step that would have come next.
        PolicyStage::Skipped if row.policy_addresses.is_none() => Some(StsFailureStage::Dns),
        PolicyStage::Skipped => Some(StsFailureStage::Connect),
        PolicyStage::Dns => Some(StsFailureStage::Dns),
        PolicyStage::Connect => Some(StsFailureStage::Connect),
        PolicyStage::Tls => Some(StsFailureStage::Tls),
        PolicyStage::Http | PolicyStage::Body | PolicyStage::Done => Some(StsFailureStage::Http),
    };
    if let Some(fetch) = read_second_look(row, chain) {
        return fetch;
    }
    if row.policy_stage == PolicyStage::Skipped || error.is_some_and(|error| error.family() == Family::Own) {
        return Fetch::Unknown(stage, error, &rules::POLICY_OURS);
    }
    match (row.policy_stage, stage) {
        (PolicyStage::Dns | PolicyStage::Connect | PolicyStage::Tls, Some(stage)) => {
            Fetch::Unfetchable(stage, error, &rules::POLICY_NOT_REACHED)
        }
        _ => read_authentication(row.policy_key_proof, chain).unwrap_or_else(|| read_http(row)),
    }
}

/// A policy host with which only the second look agreed. Nobody fetches from one that shows no TLS of today, or a
/// certificate that does not hold; whether others fetch from any other is not known.
fn read_second_look(row: &PolicyRow, chain: &PolicyChain) -> Option<Fetch> {
    let shown = second_look::read(&SecondLook {
        version: row.policy_legacy_version.as_deref()?,
        cipher: row.policy_legacy_cipher.as_deref(),
        key_exchange: row.policy_legacy_key_exchange.as_deref(),
        alert: row.policy_legacy_alert.as_deref(),
        dh_bits: row.policy_dh_bits,
    });
    let unfetchable = |failure| Fetch::Unfetchable(StsFailureStage::Tls, failure, &rules::POLICY_NOT_REACHED);
    Some(match shown {
        Shown::Modern => match read_authentication(row.policy_legacy_key_proof, chain) {
            Some(fetch @ Fetch::Unfetchable(..)) => fetch,
            _ => {
                let word = Some(Failure::TlsUnsupported);
                Fetch::Unknown(Some(StsFailureStage::Tls), word, &rules::POLICY_OTHER_TLS)
            }
        },
        // RFC 9325 §3.1.1: what fetches policies today speaks TLS 1.2.
        Shown::Old => unfetchable(Some(Failure::TlsVersion)),
        Shown::Anonymous => unfetchable(Some(Failure::AnonymousTls)),
        Shown::Nothing(failure) => unfetchable(failure.or(row.policy_error)),
    })
}

/// What keeps the policy host from being authenticated.
fn read_authentication(key_proof: Option<KeyProof>, chain: &PolicyChain) -> Option<Fetch> {
    let fail = |failure| Some(Fetch::Unfetchable(StsFailureStage::Tls, Some(failure), &rules::POLICY_CERTIFICATE));
    if key_proof == Some(KeyProof::Failed) {
        return fail(Failure::CertInvalid);
    }
    if chain.cut_short {
        return Some(Fetch::Unknown(Some(StsFailureStage::Tls), None, &rules::CHAIN_CUT_SHORT));
    }
    match chain.failures.as_deref() {
        None => fail(Failure::CertInvalid),
        Some([first, ..]) if first.is_undecided() => {
            Some(Fetch::Unknown(Some(StsFailureStage::Tls), Some(*first), &rules::PKIX_UNDECIDED))
        }
        Some([first, ..]) => fail(*first),
        // Signed, and in a way that we cannot check.
        Some([]) if key_proof == Some(KeyProof::NotChecked) => {
            let word = Some(Failure::KeyProofUnchecked);
            Some(Fetch::Unknown(Some(StsFailureStage::Tls), word, &rules::KEY_PROOF_BEYOND_US))
        }
        Some([]) if key_proof.is_none() => fail(Failure::KeyProofUnchecked),
        Some([]) => None,
    }
}

fn read_http(row: &PolicyRow) -> Fetch {
    let fail = |failure| Fetch::Unfetchable(StsFailureStage::Http, failure, &rules::POLICY_HTTP);
    let too_often = Fetch::Unknown(Some(StsFailureStage::Http), Some(Failure::HttpStatus), &rules::POLICY_TOO_OFTEN);
    match row.policy_http_status {
        // RFC 6585 §4; RFC 9110 §10.2.3: a word about how often we came, not about the policy.
        Some(429) => too_often,
        Some(503) if row.policy_retry_after.is_some() => too_often,
        // RFC 8461 §3.3: redirects are not followed.
        Some(300..=399) => fail(Some(Failure::HttpRedirect)),
        Some(status) if status != 200 => fail(Some(Failure::HttpStatus)),
        _ if row.policy_body_truncated => fail(Some(Failure::BodyTooLarge)),
        Some(_) if row.policy_stage == PolicyStage::Done && row.policy_error.is_none() => Fetch::Fetched,
        _ => fail(row.policy_error.or(Some(Failure::HttpProtocol))),
    }
}

/// RFC 8461 §3.2: text/plain is a SHOULD, and no content coding was asked for.
fn content_warnings(row: &PolicyRow) -> Vec<Failure> {
    let mut warnings = Vec::new();
    let media_type = row.policy_content_type.as_deref().unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("text/plain") {
        warnings.push(Failure::ContentType);
    }
    let coding = row.policy_content_encoding.as_deref().unwrap_or_default().trim();
    if !coding.is_empty() && !coding.eq_ignore_ascii_case("identity") {
        warnings.push(Failure::ContentEncoding);
    }
    warnings
}
