//! What one domain of the load world is made of: plain data, the same for the DNS that is served, for the rows that
//! are written, and for the truth. [`super::model`] draws it.

use super::providers::{PROVIDERS, Provider};

/// One domain in one month.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Domain {
    /// Its number.
    pub index: u64,
    /// Its zone.
    pub zone: Zone,
    /// Where its mail goes.
    pub mail: Mail,
    /// Hosts of its own, where it has some.
    pub own: Vec<MailHost>,
    /// MTA-STS.
    pub sts: Option<Sts>,
    /// The record at `_smtp._tls` (RFC 8460 3).
    pub tlsrpt: Tlsrpt,
    /// Whether it publishes SPF.
    pub spf: bool,
    /// The policy that its DMARC record asks for.
    pub dmarc: Option<&'static str>,
}

/// How a domain's zone is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Zone {
    /// Not at all.
    Unsigned,
    /// With a DS at its parent.
    Signed,
    /// Without one: insecure to everybody (RFC 4035 4.3).
    Island,
    /// Its signatures have expired: bogus.
    Expired,
}

/// Where mail goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mail {
    /// The domain does not exist.
    Nxdomain,
    /// Its name servers fail: SERVFAIL for everything.
    Failing,
    /// It exists and takes no mail.
    Nowhere,
    /// Null MX (RFC 7505).
    Null,
    /// No MX, but an address (RFC 5321 5.1).
    Implicit,
    /// To a provider, by number.
    Provider(u8),
    /// To hosts of its own.
    Own,
}

/// A mail host: a provider's, or a domain's own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MailHost {
    /// What its name leads to.
    pub exists: Exists,
    /// How it speaks SMTP.
    pub manner: Manner,
    /// Its certificate.
    pub leaf: Leaf,
    /// Which authority issued it.
    pub authority: u8,
    /// Its TLSA records.
    pub tlsa: Tlsa,
    /// The number of the certificate that the TLSA records were made of.
    pub tlsa_of: u32,
}

/// What the name of an MX host leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Exists {
    /// An address.
    Address,
    /// The name does not exist.
    Gone,
    /// The name has no address.
    NoAddress,
    /// An IP address stands in the MX record.
    Literal,
}

/// How a mail server behaves: the only thing that its address tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manner {
    /// STARTTLS with TLS 1.3 or 1.2.
    Modern,
    /// STARTTLS with TLS 1.2 alone.
    Tls12,
    /// No STARTTLS.
    Clear,
    /// 450 at the first connection, well afterwards.
    Greylists,
    /// 450 at every connection.
    Defers,
    /// 554 at every connection.
    Blocks,
    /// Accepts and says nothing.
    Silent,
    /// Nobody listens.
    Closed,
    /// No way there.
    Unreachable,
    /// 454 to STARTTLS.
    StarttlsFails,
    /// TLS 1.0 with RSA key exchange: only a second look gets it.
    Legacy,
}

/// A certificate, by what is right or wrong about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Leaf {
    /// What.
    pub fault: Fault,
    /// The day of the month-long rhythm on which it is renewed, 0 to 59.
    pub phase: u8,
    /// Whether a renewal keeps the key.
    pub keeps_key: bool,
    /// Which certificate of this host it is; 1 for the first that the world knows, 0 for the one before.
    pub number: u32,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Fault {
    /// Nothing; renewed every 60 days, for 90.
    None,
    /// Its renewal has stopped: valid in month 0, expired from month 1 on.
    Lapsing,
    /// Expired before month 0.
    Expired,
    /// It bears another name.
    Misnamed,
    /// Signed by its own key.
    SelfSigned,
    /// It is signed by an authority that no store has.
    Unknown,
}

/// TLSA records of a host (RFC 6698).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tlsa {
    /// None.
    None,
    /// `3 1 1`.
    Spki,
    /// `3 0 1`.
    Whole,
    /// `3 1 1` of the present key and of the next.
    Pair,
    /// `2 1 1` of the issuing authority.
    Anchor,
    /// `3 0 1` with the digest of the key.
    OtherSelector,
    /// `1 1 1`, which SMTP does not use (RFC 7672 3.1.3).
    Usage1,
    /// `3 1 1` of nothing.
    Empty,
    /// The name servers fail at the question.
    Failing,
}

/// MTA-STS of a domain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sts {
    /// The TXT record.
    pub record: Record,
    /// Number behind the `id`.
    pub id: u32,
    /// Who runs the policy host, by number; `None`: the domain itself.
    pub operator: Option<u8>,
    /// How far a fetch comes.
    pub fetch: Fetch,
    /// What the certificate of the policy host is like in time.
    pub phase: u8,
    /// The body, once fetched.
    pub body: Body,
    /// Its mode.
    pub mode: Mode,
    /// Its max_age in seconds.
    pub max_age: u32,
    /// Which hosts it names.
    pub patterns: Patterns,
    /// The mail that it was written for.
    pub written_for: Mail,
}

/// The TXT record at `_mta-sts` (RFC 8461 3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Record {
    /// By the grammar.
    Valid,
    /// An id with hyphens.
    BadId,
    /// No id.
    NoId,
    /// `v=STS1`.
    BadVersion,
    /// Two records.
    Twice,
}

/// How far a policy fetch comes (RFC 8461 3.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fetch {
    /// To the body.
    Good,
    /// The policy host has no name.
    NoName,
    /// Nobody listens.
    Closed,
    /// No way there.
    Unreachable,
    /// The certificate bears another name.
    Misnamed,
    /// The certificate is signed by its own key.
    SelfSigned,
    /// The certificate has expired.
    Expired,
    /// No certificate for the name: an alert.
    Alert,
    /// A redirect.
    Redirect,
    /// 404.
    NotFound,
    /// 503.
    Failing,
}

/// What is wrong with a policy (RFC 8461 3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Body {
    /// Nothing.
    Good,
    /// Empty.
    Empty,
    /// An e-mail address as mx.
    MailAddress,
    /// A trailing dot behind the mx.
    TrailingDot,
    /// No max_age.
    NoMaxAge,
    /// An unknown mode.
    BadMode,
    /// A web page.
    Html,
}

/// The mode of a policy (RFC 8461 3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    /// `enforce`
    Enforce,
    /// `testing`
    Testing,
    /// `none`
    None,
}

/// Which hosts a policy names, beside those that it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Patterns {
    /// Those of [`Sts::written_for`].
    Right,
    /// Those of the provider that the domain was with before, by number.
    Former(u8),
    /// The right ones with the label `mta-sts` in front.
    ExtraLabel,
    /// One letter is wrong.
    Typo,
    /// Another top-level domain.
    TopLevel,
    /// The most preferred host alone.
    FirstOnly,
}

/// The TLSRPT record (RFC 8460 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tlsrpt {
    /// None.
    Absent,
    /// By the grammar.
    Valid,
    /// An address without `mailto:`.
    Invalid,
}

/// An MX host: whose it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Host {
    /// One of a provider's, by its place in the order of preference.
    Shared(u8, u8),
    /// A provider's host for one customer.
    Customer(u8, u64),
    /// One of the domain's own, by its place in the order of preference.
    Own(u64, u8),
    /// The domain itself.
    Implicit(u64),
}

impl Domain {
    /// The provider that its mail goes to.
    pub(super) fn provider(&self) -> Option<&'static Provider> {
        match self.mail {
            Mail::Provider(number) => PROVIDERS.get(usize::from(number)),
            _ => None,
        }
    }
}

impl Manner {
    /// Whether a session gets as far as a certificate.
    pub(super) fn shows_certificate(self) -> bool {
        matches!(self, Manner::Modern | Manner::Tls12 | Manner::Greylists | Manner::Legacy)
    }
}

impl Mode {
    /// As the policy says it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        }
    }
}
