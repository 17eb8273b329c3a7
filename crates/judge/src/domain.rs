//! One domain: its rows of `verdicts` and `mx_verdicts`, and the rule behind each column.

use super::certificates::UnderStore;
use super::dane_verdict::dane_verdict;
use super::domain_validations::DomainValidations;
use super::host::{HostContext, HostView};
use super::host_facts::{HostFacts, HostLookup};
use super::mail::{self, Mail};
use super::mx_row::{mx_row, provider};
use super::outcome::{Sender, Walk, outcome};
use super::record_and_policy::StsView;
use super::rows::{Conflict, DaneVerdict, MxVerdictRow, ResultType, StsVerdict, VerdictRow};
use super::rules;
use super::stores::StoreFacts;
use super::sts_verdict::{sts_failure, sts_verdict};
use super::{Judge, Judgement, Reason, Reasons, protection, tlsrpt_types};
use mxcensus_rules::name;
use mxcensus_rules::observation::{DomainRow, MxStatus, PolicyRow};

/// What one domain is judged by.
pub(crate) struct Inputs<'i> {
    /// Its row.
    pub domain: &'i DomainRow,
    /// The row of its policy.
    pub policy: Option<&'i PolicyRow>,
    /// The facts of MX hosts.
    pub lookup: &'i dyn HostLookup,
}

/// Judges one domain as one trust store has it.
#[allow(clippy::too_many_lines, reason = "one row, column by column")]
pub(crate) fn judge_domain(judge: &Judge<'_>, under: &UnderStore<'_>, inputs: &Inputs<'_>) -> (Judgement, StoreFacts) {
    let Inputs { domain, policy, lookup } = *inputs;
    let mail = mail::read(domain);
    let security = mail::security(domain);
    let sts = StsView::read(domain, policy, &judge.parameters, under);
    let in_force = sts.in_force();

    let named = mail::hosts(domain);
    let stand_ins: Vec<Option<HostFacts>> =
        named.iter().map(|(_, host)| lookup.host(host).is_none().then(|| HostFacts::without_row(host))).collect();
    let expansion = domain.mx_cnames.as_deref().unwrap_or_default().last();
    let mut next_hop_names = vec![domain.domain.as_str()];
    next_hop_names.extend(expansion.map(|cname| cname.target.as_str()));
    let validations = DomainValidations::new(under);
    let context = HostContext {
        parameters: &judge.parameters,
        validations: &validations,
        lookup,
        next_hop_names: &next_hop_names,
        patterns: in_force.map(|policy| policy.mx.as_slice()),
    };
    let views: Vec<HostView<'_>> = named
        .iter()
        .zip(&stand_ins)
        .filter_map(|((preference, host), stand_in)| {
            let facts = lookup.host(host).or(stand_in.as_ref())?;
            Some(HostView::new(host, *preference, facts, &context))
        })
        .collect();
    let hosts: Vec<&HostView<'_>> = views.iter().collect();
    let primary: Vec<&HostView<'_>> =
        hosts.iter().copied().filter(|host| Some(host.preference) == hosts.first().map(|h| h.preference)).collect();

    let (rows, host_reasons): (Vec<MxVerdictRow>, Vec<(String, Vec<Reason>)>) = views
        .iter()
        .map(|host| {
            let (row, reasons) = mx_row(&domain.domain, host, security);
            let name = row.host.clone();
            (row, (name, reasons))
        })
        .unzip();

    let dnssec_off = mail::is_dnssec_off(domain);
    let walk =
        Walk { mail, dnssec_off, mx_truncated: domain.mx_truncated, security, enforced: sts.enforced().is_some() };
    let sts_word = sts_verdict(mail, &sts, &hosts);
    let sts_primary = sts_verdict(mail, &sts, &primary);
    let (dane_word, dane_insecure_cause) = dane_verdict(mail, dnssec_off, security, &hosts);
    let (dane_primary, _) = dane_verdict(mail, dnssec_off, security, &primary);
    let (sts_failure_stage, sts_failure) = sts_failure(sts_word.word, domain, &sts, &hosts);
    let outcomes = [Sender::Opportunistic, Sender::MtaSts, Sender::Dane, Sender::DaneInsecureMx, Sender::Both]
        .map(|sender| outcome(sender, walk, &hosts));
    let by_mta_sts = protection::by_mta_sts(mail, &sts);
    let by_dane = protection::by_dane(mail, dnssec_off, domain.mx_truncated, security, &hosts);
    let by_both = protection::by_both(by_dane, by_mta_sts, dnssec_off);
    let (tlsrpt, tlsrpt_rua) = tlsrpt_types::read_record(domain);

    let reasons = vec![
        ("provider", &rules::PROVIDER),
        ("mx_count", &rules::MX_NAMED),
        ("inferred", &rules::INFERRED),
        ("sts_record", sts.record.rule),
        ("sts_id", &rules::STS_FIELDS),
        ("sts_record_defects", &rules::STS_FIELDS),
        ("sts_record_lenient", &rules::STS_LENIENT),
        ("sts_policy", sts.policy.rule),
        ("sts_mode", &rules::STS_FIELDS),
        ("sts_max_age", &rules::STS_FIELDS),
        ("sts_mx_patterns", &rules::STS_FIELDS),
        ("sts_policy_defects", &rules::STS_FIELDS),
        ("sts_warnings", &rules::STS_FIELDS),
        ("sts_policy_lenient", &rules::STS_LENIENT),
        ("sts_verdict", sts_word.rule),
        ("sts_failure_stage", &rules::STS_FIRST_FAILURE),
        ("sts_failure", &rules::STS_FIRST_FAILURE),
        ("dane_verdict", dane_word.rule),
        ("dane_insecure_cause", &rules::DANE_INSECURE_CAUSE),
        ("sts_verdict_primary", sts_primary.rule),
        ("dane_verdict_primary", dane_primary.rule),
        ("conflict", &rules::CONFLICT),
        ("outcome_opportunistic", outcomes[0].rule),
        ("outcome_mta_sts", outcomes[1].rule),
        ("outcome_dane", outcomes[2].rule),
        ("outcome_dane_insecure_mx", outcomes[3].rule),
        ("outcome_both", outcomes[4].rule),
        ("protection_mta_sts", by_mta_sts.rule),
        ("protection_dane", by_dane.rule),
        ("protection_both", by_both.rule),
        ("policy_pkix_detail", sts.policy.rule),
        ("policy_anchors", &rules::ANCHORS),
        ("mx_anchors", &rules::ANCHORS),
        ("tlsrpt", tlsrpt.rule),
        ("tlsrpt_rua", tlsrpt.rule),
        ("result_types", &rules::RESULT_TYPES),
    ];
    let verdict = VerdictRow {
        domain: domain.domain.clone(),
        rank: domain.rank,
        suffix: name::suffix(&domain.domain).map(str::to_owned),
        provider: hosts.first().filter(|_| mail != Mail::None).and_then(|host| provider(host.host)),
        mx_status: domain.mx_status,
        mx_dnssec: domain.mx_dnssec,
        mx_count: match domain.mx_status {
            MxStatus::Implicit => 0,
            _ => u32::try_from(hosts.len()).unwrap_or(u32::MAX),
        },
        inferred: rows.iter().any(|row| row.inferred),
        sts_record: sts.record.word,
        sts_id: sts.id.clone(),
        sts_record_defects: sts.record_defects.clone(),
        sts_record_lenient: sts.record_lenient,
        sts_policy: sts.policy.word,
        sts_mode: sts.mode.map(|mode| mode.word().to_owned()),
        sts_max_age: sts.max_age_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
        sts_mx_patterns: sts.patterns.clone(),
        sts_policy_defects: sts.policy_defects.clone(),
        sts_warnings: sts.warnings.clone(),
        sts_policy_lenient: sts.policy_lenient,
        sts_verdict: sts_word.word,
        sts_failure_stage,
        sts_failure,
        dane_verdict: dane_word.word,
        dane_insecure_cause,
        sts_verdict_primary: sts_primary.word,
        dane_verdict_primary: dane_primary.word,
        conflict: conflict(dane_word.word, sts_word.word),
        outcome_opportunistic: outcomes[0].word,
        outcome_mta_sts: outcomes[1].word,
        outcome_dane: outcomes[2].word,
        outcome_dane_insecure_mx: outcomes[3].word,
        outcome_both: outcomes[4].word,
        protection_mta_sts: by_mta_sts.word,
        protection_dane: by_dane.word,
        protection_both: by_both.word,
        policy_pkix_detail: sts.detail.clone(),
        policy_anchors: sts.anchors.clone(),
        mx_anchors: mx_anchors(&rows),
        tlsrpt: tlsrpt.word,
        tlsrpt_rua,
        result_types: result_types(mail, &sts, &rows),
    };
    let facts = StoreFacts::read(&sts, &views);
    let reasons = Reasons { domain: reasons, hosts: host_reasons };
    (Judgement { verdict, hosts: rows, stores: Vec::new(), reasons }, facts)
}

/// A verdict of pass on one side and of fail on the other; both verdicts exist only under mode enforce or testing.
fn conflict(dane: DaneVerdict, sts: StsVerdict) -> Conflict {
    match (dane, sts) {
        (DaneVerdict::Pass, StsVerdict::Fail) => Conflict::DanePassStsFail,
        (DaneVerdict::Fail, StsVerdict::Pass) => Conflict::DaneFailStsPass,
        _ => Conflict::None,
    }
}

/// The union over the valid hosts.
fn mx_anchors(rows: &[MxVerdictRow]) -> Vec<String> {
    let valid = rows.iter().filter(|row| row.pkix.as_deref() == Some("valid"));
    let mut anchors: Vec<String> = valid.flat_map(|row| row.anchors.iter().cloned()).collect();
    anchors.sort_unstable();
    anchors.dedup();
    anchors
}

fn result_types(mail: Mail, sts: &StsView, rows: &[MxVerdictRow]) -> Vec<ResultType> {
    let mut types: Vec<ResultType> = match mail {
        Mail::None | Mail::Unknown => Vec::new(),
        // RFC 8460 §4.3.1: no valid records were returned from the recursive resolver.
        Mail::Bogus => vec![ResultType::DnssecInvalid],
        Mail::Hosts => rows.iter().filter_map(|row| row.result_type).chain(tlsrpt_types::of_policy(sts)).collect(),
    };
    types.sort_unstable();
    types.dedup();
    types
}
