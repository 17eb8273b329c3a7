//! Why a certificate, or a path, does not hold: in words that say which certificate and which rule.

use crate::text::escape;

/// Which certificate of a path is meant. Named by its role and its subject, so that the order in which a chain was sent makes
/// no difference.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Whose {
    Leaf,
    /// An issuer that was sent, by its subject.
    Intermediate(String),
    /// The trust anchor, by its subject.
    Anchor(String),
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Leaf => f.write_str("leaf"),
            Self::Intermediate(subject) => write!(f, "intermediate {}", short(subject)),
            Self::Anchor(subject) => write!(f, "anchor {}", short(subject)),
        }
    }
}

/// Names come from strangers: at most so many characters of one are repeated.
const SHORT: usize = 120;

/// Text of a stranger, made safe and short.
pub(crate) fn short(text: &str) -> String {
    let mut kept: String = text.chars().take(SHORT).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

/// The same for bytes.
pub(crate) fn short_bytes(bytes: &[u8]) -> String {
    short(&escape(bytes))
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, thiserror::Error)]
pub(crate) enum Reason {
    #[error("cannot be read as an X.509 certificate (RFC 5280 4.1)")]
    Unreadable,
    #[error("is of version {0}, not 3 (RFC 5280 4.1.2.1)")]
    Version(u32),
    #[error("names one signature algorithm inside and another outside (RFC 5280 4.1.1.2)")]
    TwoAlgorithms,
    #[error("ends before it begins (RFC 5280 4.1.2.5)")]
    Backwards,
    #[error("has the extension {0} twice (RFC 5280 4.2)")]
    Duplicate(String),
    #[error("has a critical extension that is not known: {0} (RFC 5280 4.2)")]
    UnknownCritical(String),
    #[error("has a malformed extension: {0} (RFC 5280 4.2.1)")]
    Malformed(&'static str),
    #[error("is for {0}, not for TLS servers: extendedKeyUsage (RFC 5280 4.2.1.12)")]
    Purpose(String),
    #[error("has an RSA key of {0} bits (RFC 9325 4.5)")]
    WeakKey(u32),
    #[error("is signed by {0}, which nobody may rely on (RFC 6151, RFC 9155)")]
    WeakAlgorithm(String),
    #[error("{0}")]
    Algorithm(&'static str),
    #[error("its signature, {0}, does not verify (RFC 5280 6.1.3 (a) (1))")]
    Signature(String),
    #[error("is no authority: basicConstraints (RFC 5280 6.1.4 (k))")]
    NoAuthority,
    #[error("may not sign certificates: keyUsage (RFC 5280 6.1.4 (n))")]
    MayNotSign,
    #[error("allows {most} intermediates below it and has {below}: pathLenConstraint (RFC 5280 6.1.4 (l))")]
    PathLength { most: u32, below: usize },
    #[error("the {form} {name} is not permitted by the nameConstraints of {by} (RFC 5280 4.2.1.10)")]
    NotPermitted { form: &'static str, name: String, by: String },
    #[error("the {form} {name} is excluded by the nameConstraints of {by} (RFC 5280 4.2.1.10)")]
    Excluded { form: &'static str, name: String, by: String },
    #[error("maps from or to anyPolicy: policyMappings (RFC 5280 6.1.4 (a))")]
    MapsAnyPolicy,
    #[error("an explicit policy is required and none holds over the path: policyConstraints (RFC 5280 6.1.5 (g))")]
    NoPolicy,
    #[error("expired at {0}: notAfter (RFC 5280 4.1.2.5)")]
    Expired(String),
    #[error("begins at {0}: notBefore (RFC 5280 4.1.2.5)")]
    NotYetValid(String),
    #[error("is signed by its own key and is no root")]
    SelfSigned,
    #[error("its issuer, {0}, is no root and was not sent (RFC 5280 6.1.3 (a) (4))")]
    UnknownIssuer(String),
    #[error("cannot be checked: {0}")]
    Unsupported(String),
    #[error("the work for this chain is used up")]
    WorkUsedUp,
}

/// What is wrong, and with which certificate.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, thiserror::Error)]
#[error("{whose}: {reason}")]
pub(crate) struct Finding {
    pub(crate) whose: Whose,
    pub(crate) reason: Reason,
}

impl Finding {
    pub(crate) fn new(whose: Whose, reason: Reason) -> Self {
        Self { whose, reason }
    }

    /// Whether it says that we do not know, not that the certificate is bad.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.reason, Reason::Unsupported(_) | Reason::WorkUsedUp)
    }
}
