//! The judged tables as plain data: `verdicts`, `mx_verdicts` and `store_verdicts`. Fields are columns.
//!
//! The order of the words of [`Pkix`](crate::failure::Failure), [`StarttlsWord`], [`StsHost`] and
//! [`DaneHost`] matters where several addresses of one host differ: from best to worst.

use serde::{Deserialize, Serialize};

pub use crate::dane::{DaneInsecureCause, MismatchCause};
pub use crate::mta_sts::StsRecord;
pub use crate::tlsrpt::Tlsrpt;

use crate::failure::Failure;
use crate::observation::{Dnssec, MxStatus};
use crate::pkix::Verifier;

crate::words! {
    /// What the policy fetch amounts to (RFC 8461 3.2, 3.3).
    StsPolicy {
        /// No record was seen, so nothing was fetched.
        NotAttempted = "not-attempted",
        /// A policy that follows the grammar.
        Valid = "valid",
        /// No complete answer of status 200 over authenticated TLS.
        Unfetchable = "unfetchable",
        /// Fetched, but not a policy.
        Invalid = "invalid",
        /// Not fetched, for a reason of our own.
        Unknown = "unknown",
    }
}
crate::words! {
    /// Whether MTA-STS holds for the domain.
    StsVerdict {
        /// There is no record: MTA-STS is not used.
        NoPolicy = "no-policy",
        /// The record or the policy cannot be used: senders go on as if there were none.
        Broken = "broken",
        /// The policy says mode none.
        ModeNone = "mode-none",
        /// Every MX host passes.
        Pass = "pass",
        /// Some MX host, or some address of one, passes.
        Partial = "partial",
        /// Something failed and nothing passed.
        Fail = "fail",
        /// Nothing failed and nothing could be decided, or a look-up failed.
        Indeterminate = "indeterminate",
        /// The domain takes no mail.
        NoMail = "no-mail",
    }
}
crate::words! {
    /// Where along the way MTA-STS first failed.
    StsFailureStage {
        /// The TXT record.
        Record = "record",
        /// Looking up the policy host.
        Dns = "dns",
        /// Connecting to the policy host.
        Connect = "connect",
        /// TLS with the policy host, its certificate included.
        Tls = "tls",
        /// The HTTP exchange.
        Http = "http",
        /// The policy itself.
        Policy = "policy",
        /// An MX host that the policy does not name.
        MxList = "mx-list",
        /// STARTTLS or the handshake at an MX host.
        MxTls = "mx-tls",
        /// The certificate of an MX host.
        MxCertificate = "mx-certificate",
    }
}
crate::words! {
    /// Whether DANE holds for the domain.
    DaneVerdict {
        /// No MX host has TLSA records that count.
        None = "none",
        /// TLSA records exist, and DNSSEC is missing somewhere on the way.
        Insecure = "insecure",
        /// TLSA records exist and none is usable.
        Unusable = "unusable",
        /// Every MX host matches, or is undecided with usable TLSA, and some match.
        Pass = "pass",
        /// Some MX host matches and some do not.
        Partial = "partial",
        /// Some MX host fails and none matches.
        Fail = "fail",
        /// A look-up failed in a way that forbids delivery.
        LookupFailed = "lookup-failed",
        /// Could not be decided.
        Indeterminate = "indeterminate",
        /// The domain takes no mail.
        NoMail = "no-mail",
    }
}
crate::words! {
    /// DANE and MTA-STS contradicting each other.
    Conflict {
        /// DANE passes where MTA-STS fails.
        DanePassStsFail = "dane-pass-sts-fail",
        /// DANE fails where MTA-STS passes.
        DaneFailStsPass = "dane-fail-sts-pass",
        /// No contradiction.
        None = "none",
    }
}
crate::words! {
    /// What a sender would do today.
    Outcome {
        /// Delivered over TLS to a host that proved who it is.
        Authenticated = "authenticated",
        /// Delivered over TLS, to a server that was not authenticated.
        Encrypted = "encrypted",
        /// Delivered in clear.
        Plaintext = "plaintext",
        /// Not delivered, because of a policy.
        Refused = "refused",
        /// Not delivered, because no host can be reached.
        Unreachable = "unreachable",
        /// Could not be decided.
        Indeterminate = "indeterminate",
        /// The domain takes no mail.
        NoMail = "no-mail",
    }
}
crate::words! {
    /// Protection against an attacker on the path.
    Protection {
        /// From the first message on.
        Always = "always",
        /// Once a sender has fetched the policy, for as long as it is cached.
        AfterFirstContact = "after-first-contact",
        /// Not at all.
        Never = "never",
        /// Could not be decided.
        Indeterminate = "indeterminate",
        /// The domain takes no mail.
        NoMail = "no-mail",
    }
}
crate::words! {
    /// STARTTLS at a host, best to worst.
    StarttlsWord {
        /// Offered, and a handshake worked.
        Offered = "offered",
        /// Not in the EHLO reply.
        NotOffered = "not-offered",
        /// Offered, then refused or no handshake.
        Failed = "failed",
        /// No address is decided.
        Unknown = "unknown",
    }
}
crate::words! {
    /// A host against the policy, best to worst.
    StsHost {
        /// Every decided address passes.
        Pass = "pass",
        /// Some decided addresses pass.
        Partial = "partial",
        /// No decided address passes, or the policy does not name the host.
        Fail = "fail",
    }
}
crate::words! {
    /// A host against its TLSA records, in the order of the dataset reference.
    DaneHost {
        /// No TLSA records that count.
        None = "none",
        /// TLSA records exist, and DNSSEC is missing somewhere on the way.
        Insecure = "insecure",
        /// TLSA records exist and none is usable.
        Unusable = "unusable",
        /// Every decided address matches.
        Match = "match",
        /// Some decided addresses match.
        Partial = "partial",
        /// No decided address matches.
        Mismatch = "mismatch",
        /// A look-up failed in a way that forbids delivery.
        LookupFailed = "lookup-failed",
        /// Usable records, and no STARTTLS or no handshake.
        NoTls = "no-tls",
        /// Undecided host, or a look-up that failed without proof.
        Unknown = "unknown",
    }
}
crate::words! {
    /// The result types of RFC 8460 4.3.
    ResultType {
        /// STARTTLS is not offered or is refused (RFC 8460 4.3.1).
        StarttlsNotSupported = "starttls-not-supported",
        /// The certificate does not bear the host's name (RFC 8460 4.3.1).
        CertificateHostMismatch = "certificate-host-mismatch",
        /// The certificate is out of date (RFC 8460 4.3.1).
        CertificateExpired = "certificate-expired",
        /// The chain leads to no trusted root (RFC 8460 4.3.1).
        CertificateNotTrusted = "certificate-not-trusted",
        /// Any other failure (RFC 8460 4.3.1).
        ValidationFailure = "validation-failure",
        /// No usable or no matching TLSA record (RFC 8460 4.3.2.1).
        TlsaInvalid = "tlsa-invalid",
        /// A DNSSEC look-up failed (RFC 8460 4.3.2.1).
        DnssecInvalid = "dnssec-invalid",
        /// The policy could not be fetched (RFC 8460 4.3.2.2).
        StsPolicyFetchError = "sts-policy-fetch-error",
        /// The policy is not valid (RFC 8460 4.3.2.2).
        StsPolicyInvalid = "sts-policy-invalid",
        /// The certificate of the policy host is not valid (RFC 8460 4.3.2.2).
        StsWebpkiInvalid = "sts-webpki-invalid",
    }
}

crate::words! {
    /// How many of a domain's MX hosts a trust store vouches for.
    MxTrusted {
        /// Every host that showed a certificate shows a valid one.
        All = "all",
        /// Some do.
        Some = "some",
        /// None does.
        None = "none",
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
    pub policy_pkix_detail: Option<String>,
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
    pub pkix_detail: Option<String>,
    pub pkix_refused_by: Vec<Verifier>,
    pub dane: DaneHost,
    pub dane_host: DaneHost,
    pub tlsa_base: Option<String>,
    pub tlsa_matched: Option<u32>,
    pub agility_changed: Option<bool>,
    pub tlsa_mismatch_cause: Option<MismatchCause>,
    pub dane_detail: Option<String>,
    pub dane_refused_by: Vec<Verifier>,
    pub anchors: Vec<String>,
    pub days_left: Option<i32>,
    pub failure: Option<Failure>,
    pub result_type: Option<ResultType>,
}

/// One row of `store_verdicts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct StoreVerdictRow {
    pub domain: String,
    pub store: String,
    pub policy_trusted: Option<bool>,
    pub mx_trusted: Option<MxTrusted>,
    pub sts_policy: StsPolicy,
    pub sts_mode: Option<String>,
    pub sts_verdict: StsVerdict,
    pub sts_failure_stage: Option<StsFailureStage>,
    pub sts_failure: Option<Failure>,
    pub outcome_mta_sts: Outcome,
    pub outcome_both: Outcome,
    pub protection_mta_sts: Protection,
    pub protection_both: Protection,
    pub policy_anchors: Vec<String>,
    pub sts_mx_anchors: Vec<Vec<String>>,
}
