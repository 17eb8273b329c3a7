//! The two judged tables as plain data: `verdicts` and `mx_verdicts`. Fields are columns.
//!
//! The order of the words of [`Pkix`](crate::failure::Failure), [`StarttlsWord`], [`StsHost`] and
//! [`DaneHost`] matters where several addresses of one host differ: from best to worst.

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::observation::{Dnssec, MxStatus};

crate::words! {
    /// What the TXT records at `_mta-sts` amount to (RFC 8461 3.1).
    StsRecord { Absent = "absent", Valid = "valid", Multiple = "multiple", Invalid = "invalid", Error = "error", Unknown = "unknown" }
}
crate::words! {
    /// What the policy fetch amounts to (RFC 8461 3.2, 3.3).
    StsPolicy { NotAttempted = "not-attempted", Valid = "valid", Unfetchable = "unfetchable", Invalid = "invalid", Unknown = "unknown" }
}
crate::words! {
    /// Whether MTA-STS holds for the domain.
    StsVerdict {
        NoPolicy = "no-policy", Broken = "broken", ModeNone = "mode-none", Pass = "pass", Partial = "partial",
        Fail = "fail", Indeterminate = "indeterminate", NoMail = "no-mail",
    }
}
crate::words! {
    /// Where along the way MTA-STS first failed.
    StsFailureStage {
        Record = "record", Dns = "dns", Connect = "connect", Tls = "tls", Http = "http", Policy = "policy",
        MxList = "mx-list", MxTls = "mx-tls", MxCertificate = "mx-certificate",
    }
}
crate::words! {
    /// Whether DANE holds for the domain.
    DaneVerdict {
        None = "none", Insecure = "insecure", Unusable = "unusable", Pass = "pass", Partial = "partial", Fail = "fail",
        LookupFailed = "lookup-failed", Indeterminate = "indeterminate", NoMail = "no-mail",
    }
}
crate::words! {
    /// What lacks DNSSEC where DANE is `insecure`.
    DaneInsecureCause { Mx = "mx", Address = "address", Tlsa = "tlsa" }
}
crate::words! {
    /// DANE and MTA-STS contradicting each other.
    Conflict { DanePassStsFail = "dane-pass-sts-fail", DaneFailStsPass = "dane-fail-sts-pass", None = "none" }
}
crate::words! {
    /// What a sender would do today.
    Outcome {
        Authenticated = "authenticated", Encrypted = "encrypted", Plaintext = "plaintext", Refused = "refused",
        Unreachable = "unreachable", Indeterminate = "indeterminate", NoMail = "no-mail",
    }
}
crate::words! {
    /// Protection against an attacker on the path.
    Protection { Always = "always", AfterFirstContact = "after-first-contact", Never = "never", Indeterminate = "indeterminate", NoMail = "no-mail" }
}
crate::words! {
    /// What the TXT records at `_smtp._tls` amount to (RFC 8460 3).
    Tlsrpt { Absent = "absent", Valid = "valid", Multiple = "multiple", Invalid = "invalid", Error = "error" }
}
crate::words! {
    /// STARTTLS at a host, best to worst.
    StarttlsWord { Offered = "offered", NotOffered = "not-offered", Failed = "failed", Unknown = "unknown" }
}
crate::words! {
    /// A host against the policy, best to worst.
    StsHost { Pass = "pass", Partial = "partial", Fail = "fail" }
}
crate::words! {
    /// A host against its TLSA records, in the order of the dataset reference.
    DaneHost {
        None = "none", Insecure = "insecure", Unusable = "unusable", Match = "match", Partial = "partial", Mismatch = "mismatch",
        LookupFailed = "lookup-failed", NoTls = "no-tls", Unknown = "unknown",
    }
}
crate::words! {
    /// Why no usable TLSA record matches.
    MismatchCause {
        OtherCertificate = "other-certificate", WrongSelector = "wrong-selector", WrongMatchingType = "wrong-matching-type",
        EmptyDigest = "empty-digest", TextAsData = "text-as-data", AnchorNotSent = "anchor-not-sent",
        NameMismatch = "name-mismatch", ChainExpired = "chain-expired", Unknown = "unknown",
    }
}
crate::words! {
    /// The result types of RFC 8460 4.3.
    ResultType {
        StarttlsNotSupported = "starttls-not-supported", CertificateHostMismatch = "certificate-host-mismatch",
        CertificateExpired = "certificate-expired", CertificateNotTrusted = "certificate-not-trusted",
        ValidationFailure = "validation-failure", TlsaInvalid = "tlsa-invalid", DnssecInvalid = "dnssec-invalid",
        StsPolicyFetchError = "sts-policy-fetch-error", StsPolicyInvalid = "sts-policy-invalid", StsWebpkiInvalid = "sts-webpki-invalid",
    }
}

/// One row of `verdicts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct VerdictRow {
    pub domain: String,
    pub rank: Option<i64>,
    pub suffix: Option<String>,
    pub provider: Option<String>,
    pub mx_status: MxStatus,
    pub mx_dnssec: Option<Dnssec>,
    pub mx_count: u32,
    pub inferred: bool,
    pub sts_record: StsRecord,
    pub sts_id: Option<String>,
    pub sts_record_defects: Vec<Failure>,
    pub sts_record_lenient: StsRecord,
    pub sts_policy: StsPolicy,
    pub sts_mode: Option<String>,
    pub sts_max_age: Option<i64>,
    pub sts_mx_patterns: Option<Vec<String>>,
    pub sts_policy_defects: Vec<Failure>,
    pub sts_warnings: Vec<Failure>,
    pub sts_policy_lenient: StsPolicy,
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
    pub policy_anchors: Vec<String>,
    pub mx_anchors: Vec<String>,
    pub tlsrpt: Tlsrpt,
    pub tlsrpt_rua: Vec<String>,
    pub result_types: Vec<ResultType>,
}

/// One row of `mx_verdicts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct MxVerdictRow {
    pub domain: String,
    pub host: String,
    pub preference: u16,
    pub provider: Option<String>,
    pub inferred: bool,
    pub reached: bool,
    pub decided: bool,
    pub starttls: StarttlsWord,
    pub sts_mx_match: Option<bool>,
    pub sts: Option<StsHost>,
    /// `valid` or the certificate word that decides.
    pub pkix: Option<String>,
    pub pkix_failures: Option<Vec<Failure>>,
    pub dane: DaneHost,
    pub dane_host: DaneHost,
    pub tlsa_base: Option<String>,
    pub tlsa_matched: Option<u32>,
    pub agility_changed: Option<bool>,
    pub tlsa_mismatch_cause: Option<MismatchCause>,
    pub anchors: Vec<String>,
    pub days_left: Option<i32>,
    pub failure: Option<Failure>,
    pub result_type: Option<ResultType>,
}
