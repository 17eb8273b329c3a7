//! The answer for a postmaster: what holds, and what to do about what does not.
//!
//! Each mechanism gets one sentence, and where something can be done, a second one. Both follow from the judged words
//! alone, so they say nothing that the tables do not.

use mxcensus_judge::Judgement;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::verdict::{
    DaneInsecureCause, DaneVerdict, MismatchCause, MxVerdictRow, Outcome, StsPolicy, StsRecord, StsVerdict, Tlsrpt,
    VerdictRow,
};

/// How good the state of a mechanism is, for colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mark {
    /// It protects mail.
    Good,
    /// It is not used, or does not protect.
    Open,
    /// It is published and fails.
    Bad,
    /// It could not be found out.
    Unknown,
}

/// What there is to say about one mechanism.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Line {
    /// The mechanism.
    pub name: &'static str,
    /// For colours.
    pub mark: Mark,
    /// What holds.
    pub says: String,
    /// What to do about it, one instruction each.
    pub todo: Vec<String>,
}

/// The answer about one domain: MTA-STS, DANE, TLSRPT, and what becomes of mail today.
pub(super) fn lines(judgement: &Judgement) -> Vec<Line> {
    let row = &judgement.verdict;
    vec![mta_sts(row, &judgement.hosts), dane(row, &judgement.hosts), tlsrpt(row), mail(row)]
}

fn line(name: &'static str, mark: Mark, says: impl Into<String>, todo: Vec<String>) -> Line {
    Line { name, mark, says: says.into(), todo }
}

/// RFC 8461.
fn mta_sts(row: &VerdictRow, hosts: &[MxVerdictRow]) -> Line {
    let mode = row.sts_mode.as_deref().unwrap_or_default();
    let enforced = mode == "enforce";
    let (mark, says, todo) = match row.sts_verdict {
        StsVerdict::NoMail => {
            (Mark::Open, "the domain takes no mail, so there is nothing to protect.".to_owned(), Vec::new())
        }
        StsVerdict::NoPolicy => (
            Mark::Open,
            "not used: there is no record at _mta-sts.".to_owned(),
            vec!["Publish a record and a policy (RFC 8461 §3), first with mode: testing.".to_owned()],
        ),
        StsVerdict::Broken => (Mark::Bad, broken(row), repair_policy(row)),
        StsVerdict::ModeNone => (Mark::Open, "switched off: the policy says mode: none.".to_owned(), Vec::new()),
        StsVerdict::Pass if enforced => (
            Mark::Good,
            format!("enforced and in order; senders remember the policy for {}.", remembered(row)),
            short_age(row),
        ),
        StsVerdict::Pass => (
            Mark::Open,
            "in order, in testing mode: failures are reported, and mail is not protected yet.".to_owned(),
            vec!["Set mode: enforce, and give the record a new id (RFC 8461 §5).".to_owned()],
        ),
        StsVerdict::Partial | StsVerdict::Fail => {
            let which =
                if row.sts_verdict == StsVerdict::Fail { "no MX host passes" } else { "not every MX host passes" };
            let then = if enforced {
                "senders that honour it do not deliver to those"
            } else {
                "in testing mode, so mail is delivered all the same"
            };
            (Mark::Bad, format!("published, and {which}: {then}."), repair_hosts(hosts))
        }
        StsVerdict::Indeterminate => (Mark::Unknown, undecided(row), Vec::new()),
    };
    line("MTA-STS", mark, says, todo)
}

fn remembered(row: &VerdictRow) -> String {
    match row.sts_max_age.unwrap_or(0) {
        seconds if seconds >= 2 * 86_400 => format!("{} days", seconds / 86_400),
        seconds if seconds >= 2 * 3_600 => format!("{} hours", seconds / 3_600),
        seconds => format!("{seconds} seconds"),
    }
}

/// RFC 8461 §3.2: max_age is expected to be weeks or more.
fn short_age(row: &VerdictRow) -> Vec<String> {
    if row.sts_warnings.contains(&Failure::MaxAgeShort) {
        vec!["Raise max_age to weeks: an attacker only has to wait until senders have forgotten the policy.".to_owned()]
    } else {
        Vec::new()
    }
}

fn broken(row: &VerdictRow) -> String {
    let why = row.sts_failure.map(|failure| plain(failure.meaning())).unwrap_or_default();
    let what = match (row.sts_record, row.sts_policy) {
        (StsRecord::Valid, StsPolicy::Unfetchable) => "the policy cannot be fetched",
        (StsRecord::Valid, _) => "the policy is not valid",
        (StsRecord::Multiple, _) => "there is more than one record",
        _ => "the record is not valid",
    };
    format!("published, and without effect: {what}. {why}")
}

fn repair_policy(row: &VerdictRow) -> Vec<String> {
    let host = format!("mta-sts.{}", row.domain);
    let Some(failure) = row.sts_failure else { return Vec::new() };
    let todo = match failure {
        Failure::RecordMultiple => "Leave exactly one TXT record at _mta-sts (RFC 8461 §3.1).".to_owned(),
        failure if row.sts_record != StsRecord::Valid => {
            format!("Mend the record at _mta-sts to the form v=STSv1; id=20260101; ({failure}, RFC 8461 §3.1).")
        }
        Failure::HttpRedirect => {
            format!("Serve the policy at {host} itself: a redirect is not followed (RFC 8461 §3.3).")
        }
        Failure::HttpStatus => format!("Answer https://{host}/.well-known/mta-sts.txt with status 200."),
        Failure::Nxdomain | Failure::Nodata => format!("Give {host} an address."),
        failure if row.sts_policy == StsPolicy::Invalid => format!("Mend the policy text ({failure}, RFC 8461 §3.2)."),
        failure => {
            certificate(failure, &host).unwrap_or_else(|| format!("Look at the web server of {host} ({failure})."))
        }
    };
    vec![todo]
}

/// What to do about a certificate.
fn certificate(failure: Failure, host: &str) -> Option<String> {
    Some(match failure {
        Failure::CertExpired => format!("Renew the certificate of {host}."),
        Failure::CertNotYetValid => format!("Install at {host} a certificate that is already valid; check its clock."),
        Failure::CertNameMismatch => format!("Get a certificate that names {host} as DNS name (RFC 9525 §6.3)."),
        Failure::CertSelfSigned | Failure::CertUnknownIssuer => {
            format!("Serve at {host} a certificate of a public CA, with its intermediate certificates.")
        }
        Failure::CertInvalid => format!("Replace the certificate of {host}: it, or one above it, cannot be used."),
        _ => return None,
    })
}

fn repair_hosts(hosts: &[MxVerdictRow]) -> Vec<String> {
    let mut todo = Vec::new();
    for host in hosts {
        let Some(failure) = host.failure.filter(|_| host.sts.is_some()) else { continue };
        let name = host.host.as_str();
        let instruction = match failure {
            Failure::MxNotInPolicy => {
                format!("Add the line mx: {name} to the policy, or take the host out of the MX records.")
            }
            Failure::StarttlsNotOffered | Failure::StarttlsRejected => {
                format!("Switch STARTTLS on at {name} (RFC 3207).")
            }
            Failure::TlsVersion => format!("Allow TLS 1.2 or 1.3 at {name} (RFC 8461 §7.2)."),
            failure => {
                certificate(failure, name).unwrap_or_else(|| format!("Look at {name}: {}", plain(failure.meaning())))
            }
        };
        if !todo.contains(&instruction) {
            todo.push(instruction);
        }
    }
    todo
}

fn undecided(row: &VerdictRow) -> String {
    match row.sts_failure {
        Some(failure) => format!("could not be decided. {}", plain(failure.meaning())),
        None => "could not be decided: no MX host gave an answer that decides.".to_owned(),
    }
}

/// RFC 7672.
fn dane(row: &VerdictRow, hosts: &[MxVerdictRow]) -> Line {
    let (mark, says, todo) = match row.dane_verdict {
        DaneVerdict::NoMail => (Mark::Open, "the domain takes no mail, so there is nothing to protect.", Vec::new()),
        DaneVerdict::None => (
            Mark::Open,
            "not used: no MX host has TLSA records.",
            vec!["Publish TLSA records 3 1 1 for the MX hosts; it needs DNSSEC for the domain and for them (RFC 7672 §3.1).".to_owned()],
        ),
        DaneVerdict::Insecure => insecure(row.dane_insecure_cause),
        DaneVerdict::Unusable => (
            Mark::Bad,
            "published, and no record is usable: senders encrypt and authenticate nobody.",
            vec!["Replace the TLSA records with 3 1 1 (RFC 7672 §3.1).".to_owned()],
        ),
        DaneVerdict::Pass => (Mark::Good, "in order: every MX host shows what its TLSA records promise.", Vec::new()),
        DaneVerdict::Partial => {
            (Mark::Bad, "some MX hosts do not show what their TLSA records promise: senders skip those.", repair_tlsa(hosts))
        }
        DaneVerdict::Fail => (
            Mark::Bad,
            "no MX host shows what its TLSA records promise: senders that honour DANE do not deliver.",
            repair_tlsa(hosts),
        ),
        DaneVerdict::LookupFailed => (
            Mark::Bad,
            "a DNSSEC look-up fails: senders that honour DANE do not deliver.",
            vec!["Let the name servers answer TLSA questions, signed and in time (RFC 7672 §2.1).".to_owned()],
        ),
        DaneVerdict::Indeterminate => (Mark::Unknown, "could not be decided.", Vec::new()),
    };
    line("DANE", mark, says, todo)
}

fn insecure(cause: Option<DaneInsecureCause>) -> (Mark, &'static str, Vec<String>) {
    let (says, todo) = match cause {
        Some(DaneInsecureCause::Mx) | None => (
            "published, but the MX answer is not signed, so nobody uses it.",
            "Sign the domain's own zone with DNSSEC (RFC 7672 §2.2.1).",
        ),
        Some(DaneInsecureCause::Address) => (
            "published, but the addresses of the MX hosts are not signed, so nobody uses it.",
            "Sign the zone of the MX hosts with DNSSEC (RFC 7672 §2.2.2).",
        ),
        Some(DaneInsecureCause::Tlsa) => (
            "published, but the TLSA answer is not signed, so nobody uses it.",
            "Sign the zone that holds the TLSA records with DNSSEC (RFC 7672 §2.2).",
        ),
    };
    (Mark::Open, says, vec![todo.to_owned()])
}

fn repair_tlsa(hosts: &[MxVerdictRow]) -> Vec<String> {
    let failing = hosts.iter().filter_map(|host| host.tlsa_mismatch_cause.map(|cause| (host, cause)));
    failing
        .map(|(host, cause)| {
            let base = host.tlsa_base.as_deref().unwrap_or(&host.host);
            let why = match cause {
                MismatchCause::Unknown => "they are most likely of an earlier certificate".to_owned(),
                cause => lower_first(&plain(cause.meaning())).trim_end_matches('.').to_owned(),
            };
            format!(
                "Publish at _25._tcp.{base} the digest of the certificate or key that {} shows now; {why}.",
                host.host
            )
        })
        .collect()
}

/// RFC 8460.
fn tlsrpt(row: &VerdictRow) -> Line {
    let todo = |text: &str| vec![text.to_owned()];
    match row.tlsrpt {
        Tlsrpt::Valid => {
            line("TLSRPT", Mark::Good, format!("reports go to {}.", row.tlsrpt_rua.join(", ")), Vec::new())
        }
        Tlsrpt::Absent => line(
            "TLSRPT",
            Mark::Open,
            "no record, so senders report failures to nobody.",
            todo("Publish v=TLSRPTv1; rua=mailto:… at _smtp._tls (RFC 8460 §3)."),
        ),
        Tlsrpt::Multiple => {
            line("TLSRPT", Mark::Bad, "more than one record, so none counts.", todo("Leave exactly one (RFC 8460 §3)."))
        }
        Tlsrpt::Invalid => line(
            "TLSRPT",
            Mark::Bad,
            "the record is not valid, so senders report to nobody.",
            todo("Mend it to v=TLSRPTv1; rua=mailto:… (RFC 8460 §3)."),
        ),
        Tlsrpt::Error => line("TLSRPT", Mark::Unknown, "the look-up failed.", Vec::new()),
    }
}

/// What becomes of mail today, by the sender who verifies most.
fn mail(row: &VerdictRow) -> Line {
    let (mark, says) = match row.outcome_both {
        Outcome::Authenticated => (Mark::Good, "a sender that honours both delivers encrypted, to the right host."),
        Outcome::Encrypted => (Mark::Open, "delivered encrypted, and nobody checks to whom."),
        Outcome::Plaintext => (Mark::Bad, "some of it is delivered in clear."),
        Outcome::Refused => (Mark::Bad, "a sender that honours both does not deliver."),
        Outcome::Unreachable => (Mark::Bad, "no MX host could be reached from here."),
        Outcome::Indeterminate => (Mark::Unknown, "could not be decided from here."),
        Outcome::NoMail => (Mark::Open, "the domain takes none."),
    };
    line("Mail", mark, says, Vec::new())
}

/// A sentence without the sections in brackets at its end.
fn plain(sentence: &str) -> String {
    match sentence.rfind(" (") {
        Some(bracket) if sentence.ends_with(").") => format!("{}.", &sentence[..bracket]),
        _ => sentence.to_owned(),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_lose_their_sections_and_nothing_else() {
        assert_eq!(plain("It failed (RFC 1 2)."), "It failed.");
        assert_eq!(plain("It (all of it) failed."), "It (all of it) failed.");
        assert_eq!(plain("See tls_alert."), "See tls_alert.");
        assert_eq!(lower_first("It is."), "it is.");
    }

    #[test]
    fn every_certificate_word_has_an_instruction_that_names_the_host() {
        let words = [
            Failure::CertExpired,
            Failure::CertNotYetValid,
            Failure::CertNameMismatch,
            Failure::CertSelfSigned,
            Failure::CertUnknownIssuer,
            Failure::CertInvalid,
        ];
        for word in words {
            assert!(certificate(word, "mx.example").is_some_and(|todo| todo.contains("mx.example")), "{word}");
        }
        assert_eq!(certificate(Failure::Nxdomain, "mx.example"), None);
    }
}
