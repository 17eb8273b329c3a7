//! What a comparison says: the closed list of kinds, and the row of the table `changes`.

use serde::{Deserialize, Serialize};

mxcensus_rules::words! {
    /// What a change is about.
    Subject {
        /// An input domain.
        Domain = "domain",
        /// An MX host that has TLSA records in at least one of the two crawls.
        Host = "host",
    }
}

mxcensus_rules::words! {
    /// What changed between two crawls, or did not. OLD and NEW are the two datasets.
    ChangeKind {
        /// The domain is in NEW's list only.
        Appeared = "appeared",
        /// The domain is in OLD's list only.
        Vanished = "vanished",
        /// In both lists, and only OLD could see its MX: `new` says what kept NEW from it (`opted-out`, `error`, `no-row`). Says nothing about the domain.
        SightLost = "sight-lost",
        /// In both lists, and only NEW could see its MX: `old` says what kept OLD from it.
        SightRegained = "sight-regained",
        /// The domain takes mail now; `old` and `new` are its `mx_status`.
        MailBegan = "mail-began",
        /// The domain takes no mail any more; `old` and `new` are its `mx_status`.
        MailEnded = "mail-ended",
        /// A record at `_mta-sts` is there now, good or bad; `old` and `new` are the `sts_verdict`.
        StsAdopted = "sts-adopted",
        /// The record at `_mta-sts` is gone; `old` and `new` are the `sts_verdict`.
        StsWithdrawn = "sts-withdrawn",
        /// Some MX host has TLSA records now, good or bad; `old` and `new` are the `dane_verdict`.
        DaneAdopted = "dane-adopted",
        /// No MX host has TLSA records any more; `old` and `new` are the `dane_verdict`.
        DaneWithdrawn = "dane-withdrawn",
        /// A TLSRPT record is there now; `old` and `new` are `tlsrpt`.
        TlsrptAdopted = "tlsrpt-adopted",
        /// The TLSRPT record is gone; `old` and `new` are `tlsrpt`.
        TlsrptWithdrawn = "tlsrpt-withdrawn",
        /// DNSSEC covers it now: of a domain its MX RRset (`mx_dnssec`), of a host its addresses and TLSA records (`dane_host`).
        DnssecGained = "dnssec-gained",
        /// DNSSEC does not cover it any longer: the DS record is gone, and nothing is broken.
        DnssecLost = "dnssec-lost",
        /// A judged column, named in `aspect`, has another word, and both words are decided.
        VerdictChanged = "verdict-changed",
        /// What is named in `aspect` fails and did not before; `old` the verdict, `new` the failure.
        FailureNew = "failure-new",
        /// What is named in `aspect` failed and passes now; `old` the failure, `new` the verdict.
        FailureHealed = "failure-healed",
        /// What is named in `aspect` fails in both crawls; `old` and `new` the failures.
        FailurePersists = "failure-persists",
        /// The policy reads otherwise and the record has another id, as RFC 8461 3.1 wants; `aspect` says in what.
        PolicyUpdated = "policy-updated",
        /// The policy reads otherwise under the same id: a sender that looks at the id alone keeps the old one (RFC 8461 3.1).
        PolicyWithoutNewId = "policy-without-new-id",
        /// The record has another id and the policy reads the same; `old` and `new` are the ids.
        IdWithoutNewPolicy = "id-without-new-policy",
        /// A weaker mode: `enforce`, `testing`, `none` in this order (RFC 8461 5).
        ModeDowngraded = "mode-downgraded",
        /// A stronger mode.
        ModeUpgraded = "mode-upgraded",
        /// A shorter max_age, seconds.
        MaxAgeLowered = "max-age-lowered",
        /// A longer max_age, seconds.
        MaxAgeRaised = "max-age-raised",
        /// Another operator runs the policy host (RFC 8461 8.2): registrable domain of where its aliases end.
        PolicyHostMoved = "policy-host-moved",
        /// The most preferred MX host belongs to another provider.
        MxMoved = "mx-moved",
        /// The set of MX hosts changed and the provider did not.
        MxChanged = "mx-changed",
        /// NEW's policy leaves out a host of NEW (`new`) and still names one that only OLD had (`old`): the MX moved and the policy did not.
        PolicyOutdated = "policy-outdated",
        /// The host has TLSA records now.
        TlsaAdded = "tlsa-added",
        /// The host has no TLSA records any more.
        TlsaRemoved = "tlsa-removed",
        /// Another certificate, and TLSA matches before and after; `old` and `new` are leaf fingerprints, `aspect` says what was kept.
        RolloverKept = "rollover-kept",
        /// Another certificate, and TLSA matched before and does not match every address now.
        RolloverBroke = "rollover-broke",
        /// The same certificate, and other TLSA records that do not match every address as the old ones did.
        TlsaBroke = "tlsa-broke",
        /// TLSA does not match, and a record of it names a certificate that OLD saw (`old`) and NEW does not: forgotten at renewal.
        TlsaStale = "tlsa-stale",
    }
}

impl ChangeKind {
    /// Whether `old` and `new` hold words of closed vocabularies, so that rows can be counted by them.
    pub fn has_closed_words(self) -> bool {
        use ChangeKind::*;
        match self {
            SightLost | SightRegained | MailBegan | MailEnded | StsAdopted | StsWithdrawn | DaneAdopted
            | DaneWithdrawn | TlsrptAdopted | TlsrptWithdrawn | DnssecGained | DnssecLost | VerdictChanged
            | FailureNew | FailureHealed | FailurePersists | ModeDowngraded | ModeUpgraded => true,
            Appeared | Vanished | PolicyUpdated | PolicyWithoutNewId | IdWithoutNewPolicy | MaxAgeLowered
            | MaxAgeRaised | PolicyHostMoved | MxMoved | MxChanged | PolicyOutdated | TlsaAdded | TlsaRemoved
            | RolloverKept | RolloverBroke | TlsaBroke | TlsaStale => false,
        }
    }

    /// Whether many at one operator are something that happened there: a list that grew is not, nor is what stayed.
    pub fn is_news(self) -> bool {
        use ChangeKind::*;
        !matches!(self, Appeared | Vanished | FailurePersists)
    }
}

/// One row of `changes`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[allow(missing_docs, reason = "columns are documented in dataset::columns")]
pub struct ChangeRow {
    pub subject: Subject,
    pub name: String,
    pub kind: ChangeKind,
    pub aspect: Option<String>,
    pub old: Option<String>,
    pub new: Option<String>,
    pub rank: Option<i64>,
    pub provider: Option<String>,
    pub provider_before: Option<String>,
    pub policy_operator: Option<String>,
    pub domains: u64,
}

/// A change before it is known whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// Of which column or part, where the kind leaves that open.
    pub aspect: Option<String>,
    /// As it was.
    pub old: Option<String>,
    /// As it is.
    pub new: Option<String>,
}

impl Change {
    /// A change from one text to another.
    pub fn new(kind: ChangeKind, old: impl Into<String>, new: impl Into<String>) -> Self {
        Change { kind, aspect: None, old: Some(old.into()), new: Some(new.into()) }
    }

    /// A change that needs no words.
    pub fn bare(kind: ChangeKind) -> Self {
        Change { kind, aspect: None, old: None, new: None }
    }

    /// The same, of a column or part.
    pub fn of(mut self, aspect: impl Into<String>) -> Self {
        self.aspect = Some(aspect.into());
        self
    }
}
