//! One question to the resolvers, and how far its answer can be trusted: the three modes.
//!
//! | mode | the question | the state |
//! | --- | --- | --- |
//! | `off` | plain | none |
//! | `trust-ad` | AD=1, CD=0 | AD set: secure; not set: insecure; SERVFAIL, and an answer with CD=1: bogus |
//! | `validate` | DO=1, CD=1 | what [`super::validate`] finds; AD is not looked at |
//!
//! `trust-ad` leans on RFC 6840 5.7 (AD in a question asks for AD in the answer, without the records that
//! prove it) and RFC 4035 3.2.2 (CD asks for the data even when it is bogus). CD is only set after a
//! SERVFAIL: with it, a resolver may answer AD from a cache that it would not vouch for.

use std::sync::Arc;

use hickory_proto::rr::{Name, RecordType};

use super::engine::{Engine, Reply};
use super::message::{self, Flags, Hop, Question, Reading};
use super::names;
use super::settings::{DnsSettings, DnsSetupError, Mode};
use super::validate::Validator;
use crate::connectivity::gate::Gate;
use crate::left_alone::{LeftAlone, Role};
use crate::shortage::Shortages;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::Dnssec;

/// What one question brought.
pub(super) struct Look {
    /// The answer, or why there is none.
    pub reading: Result<Reading, Failure>,
    /// State of the answer as a whole; `None` where the mode has nothing to say.
    pub state: Option<Dnssec>,
    /// The answer leads to somebody who is left alone: nothing more is asked about it, keys of zones included.
    pub is_refused: bool,
}

impl Look {
    fn failed(failure: Failure, state: Option<Dnssec>) -> Self {
        Self { reading: Err(failure), state, is_refused: false }
    }

    /// An alias chain without end is no answer.
    fn read(name: &Name, record_type: RecordType, reply: &Reply, state: Option<Dnssec>) -> Self {
        let reading = message::read(name, record_type, &reply.message).map_err(|_| Failure::Servfail);
        Self { reading, state, is_refused: false }
    }
}

/// Asks single questions in one of the modes.
pub(super) struct Looker {
    engine: Arc<Engine>,
    source: Source,
    left_alone: LeftAlone,
}

/// Where states come from: [`Mode`], ready for use.
enum Source {
    Validate(Box<Validator>),
    TrustAd,
    Off,
}

impl Looker {
    /// Reads the trust anchor; contacts nobody yet.
    pub(super) fn new(settings: &DnsSettings) -> Result<Self, DnsSetupError> {
        let engine = Arc::new(Engine::new(settings));
        let source = match settings.mode {
            Mode::Validate => Source::Validate(Box::new(Validator::new(engine.clone(), settings)?)),
            Mode::TrustAd => Source::TrustAd,
            Mode::Off => Source::Off,
        };
        Ok(Self { engine, source, left_alone: settings.left_alone.clone() })
    }

    /// The state beside a failure: only `validate` has a word for not knowing.
    pub(super) fn unknown(&self) -> Option<Dnssec> {
        match self.source {
            Source::Validate(_) => Some(Dnssec::Indeterminate),
            Source::TrustAd | Source::Off => None,
        }
    }

    /// The state of what is known without asking: insecure in every mode that has states.
    pub(super) fn unproven(&self) -> Option<Dnssec> {
        match self.source {
            Source::Validate(_) | Source::TrustAd => Some(Dnssec::Insecure),
            Source::Off => None,
        }
    }

    /// Whether signatures are asked for.
    pub(super) fn validates(&self) -> bool {
        matches!(self.source, Source::Validate(_))
    }

    /// Whether a name is that of somebody who is left alone.
    pub(super) fn refuses(&self, role: Role, name: &Name) -> bool {
        !self.left_alone.is_empty() && self.left_alone.covers_name(role, &names::text(name))
    }

    /// Asks for the records of one type at a name, unless it is that of somebody who is left alone. Aliases in the answer are
    /// read, not asked about.
    pub(super) async fn look(&self, name: &Name, record_type: RecordType, role: Role) -> Look {
        if self.refuses(role, name) {
            return Look { is_refused: true, ..Look::failed(Failure::OptedOut, self.unknown()) };
        }
        let mut look = self.look_up(name, record_type, role).await;
        look.is_refused |= look.reading.as_ref().is_ok_and(|reading| self.leads_astray(role, reading));
        look
    }

    /// Whether the aliases of an answer lead to somebody who is left alone.
    fn leads_astray(&self, role: Role, reading: &Reading) -> bool {
        reading.hops.iter().any(|hop| self.refuses(role, &hop.target))
    }

    async fn look_up(&self, name: &Name, record_type: RecordType, role: Role) -> Look {
        match &self.source {
            Source::Off => match self.exchange(name, record_type, Flags::default(), true).await {
                Ok(reply) => Look::read(name, record_type, &reply, None),
                Err(failure) => Look::failed(failure, None),
            },
            Source::TrustAd => self.trusting(name, record_type).await,
            // Boxed: four fifths of a question's memory, which those who do not validate need not carry.
            Source::Validate(validator) => Box::pin(self.validating(validator, name, record_type, role)).await,
        }
    }

    async fn validating(&self, validator: &Validator, name: &Name, record_type: RecordType, role: Role) -> Look {
        let flags = Flags { dnssec_ok: true, checking_disabled: true, authentic_data: false };
        let reply = match self.exchange(name, record_type, flags, true).await {
            Ok(reply) => reply,
            Err(failure) => return Look::failed(failure, self.unknown()),
        };
        let mut look = Look::read(name, record_type, &reply, self.unknown());
        // Validation would ask for the keys of the alias's zone.
        if let Ok(reading) = &look.reading
            && !self.leads_astray(role, reading)
        {
            let verdict = validator.validate(&reply.bytes, reading).await;
            if let Some(reason) = &verdict.reason {
                tracing::debug!(name = %name.to_ascii(), %record_type, state = %verdict.state, reason, "validated");
            }
            look.state = Some(verdict.state);
        }
        look
    }

    async fn trusting(&self, name: &Name, record_type: RecordType) -> Look {
        let checked = Flags { dnssec_ok: false, checking_disabled: false, authentic_data: true };
        match self.exchange(name, record_type, checked, false).await {
            Ok(reply) => return Look::read(name, record_type, &reply, Some(by_ad(&reply))),
            Err(Failure::Servfail) => {}
            Err(failure) => return Look::failed(failure, None),
        }
        let unchecked = Flags { dnssec_ok: false, checking_disabled: true, authentic_data: false };
        let bogus = match self.exchange(name, record_type, unchecked, true).await {
            Ok(reply) => reply,
            Err(failure) => return Look::failed(failure, None),
        };
        // The first failure may have had another cause, now gone: only what fails with checks again, and
        // works without, is bogus.
        match self.exchange(name, record_type, checked, false).await {
            Ok(reply) => Look::read(name, record_type, &reply, Some(by_ad(&reply))),
            Err(_) => Look::read(name, record_type, &bogus, Some(Dnssec::Bogus)),
        }
    }

    /// The state of one alias itself; `None` when it is not known and the mode cannot say "indeterminate".
    pub(super) async fn alias_state(&self, hop: &Hop, role: Role) -> Option<Dnssec> {
        if matches!(self.source, Source::Off) {
            return None;
        }
        // RFC 6672 5.3.1: an alias made from a DNAME is not signed; the DNAME is.
        let look = match &hop.dname {
            Some(owner) => self.look(owner, RecordType::DNAME, role).await,
            None => self.look(&hop.owner, RecordType::CNAME, role).await,
        };
        look.state
    }

    /// Whether the resolvers answer at all and can serve the mode.
    pub(super) async fn check(&self) -> Result<(), DnsSetupError> {
        let (owner, mode) = match &self.source {
            Source::Validate(validator) => (validator.anchor().clone(), Mode::Validate),
            Source::TrustAd => (Name::root(), Mode::TrustAd),
            Source::Off => (Name::root(), Mode::Off),
        };
        let resolver = self.engine.resolvers();
        match self.look(&owner, RecordType::DNSKEY, Role::Domain).await {
            Look { reading: Err(Failure::DnsTimeout), .. } => Err(DnsSetupError::Unreachable(resolver)),
            Look { state: Some(state), .. } if state != Dnssec::Secure => {
                Err(DnsSetupError::Unsuitable { resolver, mode, state: state.word() })
            }
            Look { reading: Err(failure), .. } => {
                Err(DnsSetupError::Unsuitable { resolver, mode, state: failure.word() })
            }
            Look { .. } => Ok(()),
        }
    }

    /// The gate at which failed exchanges wait.
    pub(super) fn gate(&self) -> &Arc<Gate> {
        self.engine.gate()
    }

    /// What this machine is short of.
    pub(super) fn shortages(&self) -> &Arc<Shortages> {
        self.engine.shortages()
    }

    /// Whether a question is answered at all, whatever the answer; asked past the gate, and never about somebody who is left
    /// alone.
    pub(super) async fn reaches(&self, name: &Name) -> bool {
        !self.refuses(Role::Domain, name)
            && self.engine.reaches(&Question::new(name, RecordType::TXT, Flags::default())).await
    }

    async fn exchange(
        &self,
        name: &Name,
        record_type: RecordType,
        flags: Flags,
        again: bool,
    ) -> Result<Reply, Failure> {
        let question = Question::new(name, record_type, flags);
        self.engine.exchange(&question, again).await
    }
}

/// RFC 6840 5.8: AD in an answer from a resolver that is trusted.
fn by_ad(reply: &Reply) -> Dnssec {
    if reply.message.metadata.authentic_data { Dnssec::Secure } else { Dnssec::Insecure }
}
