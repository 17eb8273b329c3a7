//! The closed vocabularies that columns draw their words from.

use crate::change;
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation as observed;
use mxcensus_rules::pkix;
use mxcensus_rules::verdict as judged;

/// One word of a closed vocabulary.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Word {
    /// As it stands in the tables.
    pub word: &'static str,
    /// What it says, in one sentence.
    pub meaning: &'static str,
}

/// A closed vocabulary: the words that a column may hold.
#[derive(Debug)]
pub struct Vocabulary {
    /// What the reference calls it.
    pub name: &'static str,
    words: fn() -> Vec<Word>,
}

impl Vocabulary {
    /// Its words, in their documented order.
    pub fn words(&self) -> Vec<Word> {
        (self.words)()
    }
}

macro_rules! vocabularies {
    ($($constant:ident $name:literal $enumeration:ty;)*) => {
        $(pub(super) static $constant: Vocabulary = Vocabulary {
            name: $name,
            words: || <$enumeration>::ALL.iter().map(|w| Word { word: w.word(), meaning: w.meaning() }).collect(),
        };)*
    };
}

vocabularies! {
    FAILURE "failure" Failure;
    DNSSEC "dnssec" observed::Dnssec;
    DNS_STATUS "dns-status" observed::DnsStatus;
    KEY_PROOF "key-proof" observed::KeyProof;
    TLS_MESSAGE "tls-message" observed::TlsMessage;
    MX_STATUS "mx-status" observed::MxStatus;
    POLICY_STAGE "policy-stage" observed::PolicyStage;
    HOST_STATUS "host-status" observed::HostStatus;
    ENDPOINT_STAGE "endpoint-stage" observed::EndpointStage;
    STS_RECORD "sts-record" judged::StsRecord;
    STS_POLICY "sts-policy" judged::StsPolicy;
    STS_MODE "sts-mode" mxcensus_rules::mta_sts::policy::Mode;
    STS_VERDICT "sts-verdict" judged::StsVerdict;
    STS_FAILURE_STAGE "sts-failure-stage" judged::StsFailureStage;
    DANE_VERDICT "dane-verdict" judged::DaneVerdict;
    DANE_INSECURE_CAUSE "dane-insecure-cause" judged::DaneInsecureCause;
    CONFLICT "conflict" judged::Conflict;
    OUTCOME "outcome" judged::Outcome;
    PROTECTION "protection" judged::Protection;
    TLSRPT "tlsrpt" judged::Tlsrpt;
    STARTTLS "starttls" judged::StarttlsWord;
    STS_HOST "sts-host" judged::StsHost;
    DANE_HOST "dane-host" judged::DaneHost;
    MISMATCH_CAUSE "mismatch-cause" judged::MismatchCause;
    RESULT_TYPE "result-type" judged::ResultType;
    MX_TRUSTED "mx-trusted" judged::MxTrusted;
    VERIFIER "verifier" pkix::Verifier;
    CHANGE_SUBJECT "change-subject" change::Subject;
    CHANGE_KIND "change-kind" change::ChangeKind;
}

/// `valid`, or the certificate word that decides.
pub(super) static PKIX: Vocabulary = Vocabulary {
    name: "pkix",
    words: || {
        let valid =
            Word { word: "valid", meaning: "The chain leads to a trusted root, is in date and bears the host's name." };
        let failures =
            Failure::ALL.iter().filter(|failure| failure.family() == Family::Certificate || failure.is_undecided());
        std::iter::once(valid).chain(failures.map(|f| Word { word: f.word(), meaning: f.meaning() })).collect()
    },
};
