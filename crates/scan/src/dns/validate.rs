//! DNSSEC validation (RFC 4033–4035, 5155, 6840, 9276), behind one small seam.
//!
//! [`Validator::validate`] takes an answer as received and says how far it can be trusted; nothing else
//! of the crate knows who does the work. That is NLnet Labs' `domain`, which asks for the DS and DNSKEY
//! records it needs through [`Upstream`]: our own engine, with its sockets, limits and retries, and with
//! one look-up for all who ask the same thing at once. Why not hickory's validator: it calls insecure
//! alias chains and opt-out spans secure, and sound DNAME, wildcard and alias denials bogus.
//!
//! What is told apart here that the library does not: a chain of trust that *could not be followed*
//! (a look-up failed) is `indeterminate`, never `bogus`; a zone signed only with an algorithm that others
//! can check and this build cannot (Ed448, 16) is `indeterminate`, never silently `insecure`; a denial with so
//! many NSEC3 iterations that nobody follows it is `insecure`, however many (RFC 9276 3.2).
//!
//! What an answer may cost is bounded before the library sees it: see [`super::relevant`].
//!
//! Known limits: RSA keys below 1,024 bits cannot be checked and come out `bogus`.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use domain::base::iana::{Class, ExtendedErrorCode};
use domain::base::name::ToName;
use domain::base::opt::ExtendedError;
use domain::base::{Message, MessageBuilder, Name, Rtype, Ttl};
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::dnssec::validator::context::{Config, ValidationContext, ValidationState};
use domain::net::client::request::{self, ComposeRequest, GetResponse, RequestMessage, SendRequest};
use domain::rdata::{A, ZoneRecordData};
use domain::zonefile::inplace::{Entry, Zonefile};
use hickory_proto::rr::{Name as WireName, RecordType};
use tokio::sync::OnceCell;

use super::engine::Engine;
use super::message::{Flags, MAX_HOPS, Question, Reading};
use super::names;
use super::relevant::{Unfit, is_modest, library_name, relevant};
use super::settings::{DnsSettings, DnsSetupError, ROOT_TRUST_ANCHORS};
use crate::left_alone::{LeftAlone, Role};
use mxcensus_rules::observation::Dnssec;

/// NSEC3 iterations above which a denial counts as insecure: Unbound's limit, where RFC 9276 3.2 leaves
/// the number to the validator (and `domain` would take 100).
const NSEC3_ITERATIONS: u16 = 150;
/// Signatures that may fail before an RRset is given up: Unbound's limit. An RRset in the middle of a
/// key rollover may carry several that are out of date beside a good one.
const BAD_SIGNATURES: u8 = 8;
/// How long a failed or bogus delegation is remembered: RFC 9520 3.2 wants a second at least; a short
/// time keeps one lost packet from colouring a whole zone.
const FAILURE_REMEMBERED: Duration = Duration::from_secs(5);
/// Signature checks remembered, each of the two caches: the denials of one zone share their SOA.
const SIGNATURES_CACHED: u64 = 4_096;
/// NSEC3 hashes remembered.
const NSEC3_CACHED: u64 = 4_096;
/// What one answer's validation may take, look-ups of keys included: an answer made to cost more than
/// that is not worth it.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Algorithms that exist, are checked by other validators, and cannot be checked by this build.
const UNCHECKABLE: [u8; 1] = [16];

/// What validation found, and the reason where there is one to tell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Verdict {
    /// How far the answer can be trusted.
    pub state: Dnssec,
    /// Why, in the validator's words. For logs.
    pub reason: Option<String>,
}

impl Verdict {
    fn new(state: Dnssec, reason: impl Into<String>) -> Self {
        Self { state, reason: Some(reason.into()) }
    }
}

/// Validates answers from a trust anchor.
pub(super) struct Validator {
    context: ValidationContext<Upstream>,
    anchor: WireName,
}

impl Validator {
    /// Reads the trust anchor of the settings; looks up nothing yet.
    pub(super) fn new(engine: Arc<Engine>, settings: &DnsSettings) -> Result<Self, DnsSetupError> {
        let anchor = settings.trust_anchor.as_deref().unwrap_or(ROOT_TRUST_ANCHORS);
        let owner = check_anchor(anchor)?;
        let anchors =
            TrustAnchors::from_u8(anchor.as_bytes()).map_err(|error| DnsSetupError::TrustAnchor(error.to_string()))?;
        let mut config = Config::new();
        config.set_max_nsec3_cache(NSEC3_CACHED);
        config.set_max_node_cache(settings.zones_cached);
        config.set_max_isig_cache(SIGNATURES_CACHED);
        config.set_max_usig_cache(SIGNATURES_CACHED);
        config.set_max_bogus_validity(FAILURE_REMEMBERED);
        config.set_bad_signatures(BAD_SIGNATURES);
        config.set_nsec3_iter_insecure(NSEC3_ITERATIONS);
        config.set_max_cname_dname(MAX_HOPS as u8);
        let left_alone = settings.left_alone.clone();
        let upstream = Upstream { engine, left_alone, flights: Arc::default() };
        Ok(Self { context: ValidationContext::with_config(anchors, upstream, config), anchor: owner })
    }

    /// The zone of the first trust anchor.
    pub(super) fn anchor(&self) -> &WireName {
        &self.anchor
    }

    /// Validates an answer with the code NOERROR or NXDOMAIN, asked for with DO and CD, of which `reading` is the reading.
    pub(super) async fn validate(&self, answer: &Bytes, reading: &Reading) -> Verdict {
        let verdict = match relevant(answer, reading) {
            Ok(message) => self.run(message).await,
            Err(Unfit::TooMany) => Verdict::new(Dnssec::Indeterminate, "more records than are validated"),
            Err(Unfit::Malformed) => Verdict::new(Dnssec::Indeterminate, "malformed answer"),
        };
        if verdict.state == Dnssec::Bogus && is_missing_denial(verdict.reason.as_deref()) {
            // Many servers of unsigned zones leave the SOA out of a denial. Only where the name lies in
            // a signed zone does that prove anything.
            let zone = self.zone_state(&reading.last).await;
            if zone.state != Dnssec::Bogus {
                return zone;
            }
        }
        verdict
    }

    /// The state that any unsigned data at a name would have: `insecure` below an unsigned delegation,
    /// `bogus` in a signed zone.
    async fn zone_state(&self, name: &WireName) -> Verdict {
        match unsigned_answer(name) {
            Some(message) => self.run(message).await,
            None => Verdict::new(Dnssec::Indeterminate, "name too long"),
        }
    }

    async fn run(&self, mut message: Message<Bytes>) -> Verdict {
        let result = {
            let validation = pin!(self.context.validate_msg::<Bytes, Vec<u8>>(&mut message));
            tokio::time::timeout(TIME_LIMIT, without_panic(validation)).await
        };
        match result {
            Ok(Some(Ok((state, error)))) => interpret(state, error),
            Ok(Some(Err(error))) => Verdict::new(Dnssec::Indeterminate, error.to_string()),
            Ok(None) => Verdict::new(Dnssec::Indeterminate, "the validator gave up on this answer"),
            Err(_) => Verdict::new(Dnssec::Indeterminate, "validation took too long"),
        }
    }
}

/// Runs a future to its end; `None` if it panics. The data comes from strangers: a fault of the library
/// must cost one answer, not the crawl.
async fn without_panic<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// The library's verdict in our words.
fn interpret(state: ValidationState, error: Option<ExtendedError<Vec<u8>>>) -> Verdict {
    let code = error.as_ref().map(ExtendedError::code);
    let reason = error.as_ref().and_then(ExtendedError::text_slice).map(mxcensus_rules::text::escape);
    let text = reason.as_deref().unwrap_or_default();
    let state = match state {
        ValidationState::Secure => Dnssec::Secure,
        // RFC 4035 5.2: no algorithm that can be checked means insecure. Where it is only this build
        // that cannot, that would be a statement about us.
        ValidationState::Insecure
            if code == Some(ExtendedErrorCode::UNSUPPORTED_DNSKEY_ALGORITHM) && names_uncheckable(text) =>
        {
            Dnssec::Indeterminate
        }
        ValidationState::Insecure => Dnssec::Insecure,
        // The chain of trust could not be followed: nothing is proven either way.
        ValidationState::Bogus if text.starts_with(LOOKUP_FAILED) || text == NO_ANCHOR_KEYS => Dnssec::Indeterminate,
        // Said only of records whose signatures are good. RFC 9276 3.2 allows to call the denial insecure, as Unbound does, and
        // proves nothing forged.
        ValidationState::Bogus if text == TOO_MANY_ITERATIONS => Dnssec::Insecure,
        ValidationState::Bogus => Dnssec::Bogus,
        ValidationState::Indeterminate => Dnssec::Indeterminate,
    };
    Verdict { state, reason }
}

/// What the library says when a look-up of DS or DNSKEY brought nothing usable.
const LOOKUP_FAILED: &str = "request for DS or DNSKEY failed";
/// What it says when the trust anchor's own keys did not come.
const NO_ANCHOR_KEYS: &str = "No DNSKEY RRset for trust anchor";

/// What it says of a denial with more than 500 NSEC3 iterations.
const TOO_MANY_ITERATIONS: &str = "NSEC3 with too high iteration count";

/// Whether the reason is a denial without a SOA record of the name's zone.
fn is_missing_denial(reason: Option<&str>) -> bool {
    reason.is_some_and(|reason| {
        reason == "Missing SOA record for NODATA or NXDOMAIN" || reason.starts_with("SOA with wrong")
    })
}

/// Whether the text, "…: [5, 16]", names an algorithm of [`UNCHECKABLE`].
fn names_uncheckable(text: &str) -> bool {
    let Some((_, list)) = text.split_once('[') else { return false };
    list.trim_end_matches(']')
        .split(',')
        .filter_map(|number| number.trim().parse::<u8>().ok())
        .any(|number| UNCHECKABLE.contains(&number))
}

/// A trust anchor must be DS and DNSKEY records and nothing else: the library would pass over the rest.
/// Returns the zone of the first.
fn check_anchor(text: &str) -> Result<WireName, DnsSetupError> {
    let mut zone = Zonefile::new();
    zone.set_default_class(Class::IN);
    zone.extend_from_slice(text.as_bytes());
    zone.extend_from_slice(b"\n");
    let mut found = None;
    for entry in zone {
        match entry.map_err(|error| DnsSetupError::TrustAnchor(error.to_string()))? {
            Entry::Record(record) => match record.data() {
                ZoneRecordData::Ds(_) | ZoneRecordData::Dnskey(_) => {
                    found = found.or_else(|| wire_name(&record.owner().to_name()));
                }
                _ => {
                    let kind = record.rtype();
                    return Err(DnsSetupError::TrustAnchor(format!("a {kind} record where DS or DNSKEY must stand")));
                }
            },
            Entry::Include { .. } => {
                return Err(DnsSetupError::TrustAnchor("$INCLUDE is not followed".to_owned()));
            }
        }
    }
    found.ok_or_else(|| DnsSetupError::TrustAnchor("neither DS nor DNSKEY in it".to_owned()))
}

/// An answer that holds one unsigned address at a name.
fn unsigned_answer(name: &WireName) -> Option<Message<Bytes>> {
    let name = library_name(name)?;
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_qr(true);
    let mut builder = builder.question();
    builder.push((&name, Rtype::A)).ok()?;
    let mut builder = builder.answer();
    builder.push((&name, Class::IN, Ttl::ZERO, A::from_octets(192, 0, 2, 1))).ok()?;
    Message::from_octets(Bytes::from(builder.finish())).ok()
}

/// Look-ups under way, by what is asked.
type Flights = HashMap<(WireName, RecordType), Arc<OnceCell<Option<Bytes>>>>;

/// The library's way to our engine.
struct Upstream {
    engine: Arc<Engine>,
    left_alone: LeftAlone,
    flights: Arc<Mutex<Flights>>,
}

impl SendRequest<RequestMessage<Vec<u8>>> for Upstream {
    fn send_request(&self, request: RequestMessage<Vec<u8>>) -> Box<dyn GetResponse + Send + Sync> {
        Box::new(Lookup {
            engine: self.engine.clone(),
            left_alone: self.left_alone.clone(),
            flights: self.flights.clone(),
            question: question(&request),
        })
    }
}

fn question(request: &RequestMessage<Vec<u8>>) -> Option<(WireName, RecordType)> {
    let message = request.to_message().ok()?;
    let question = message.sole_question().ok()?;
    Some((wire_name(&question.qname().to_name())?, RecordType::from(question.qtype().to_int())))
}

fn wire_name(name: &Name<Vec<u8>>) -> Option<WireName> {
    let labels = name.iter().filter(|label| !label.is_root()).map(|label| label.as_slice().to_ascii_lowercase());
    WireName::from_labels(labels).ok()
}

/// One look-up for the validator.
struct Lookup {
    engine: Arc<Engine>,
    left_alone: LeftAlone,
    flights: Arc<Mutex<Flights>>,
    question: Option<(WireName, RecordType)>,
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("question", &self.question).finish_non_exhaustive()
    }
}

impl GetResponse for Lookup {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Message<Bytes>, request::Error>> + Send + Sync + '_>> {
        Box::pin(async {
            let question = self.question.as_ref().ok_or(request::Error::FormError)?;
            let answer = self.shared(question).await.ok_or(request::Error::NoTransportAvailable)?;
            Message::from_octets(answer).map_err(|_| request::Error::ShortMessage)
        })
    }
}

impl Lookup {
    /// One look-up for all who want the same at the same time. `None`: no answer that could prove or
    /// deny anything.
    async fn shared(&self, question: &(WireName, RecordType)) -> Option<Bytes> {
        let flight = self.flights().entry(question.clone()).or_default().clone();
        // If the task that asks is dropped, the next in line asks.
        let answer = flight.get_or_init(|| self.ask(question)).await.clone();
        let mut flights = self.flights();
        if flights.get(question).is_some_and(|current| Arc::ptr_eq(current, &flight)) {
            flights.remove(question);
        }
        answer
    }

    /// The keys and the delegation of a zone that is left alone are not asked for either: its own servers have the keys. What
    /// stands in it, or below it, is `indeterminate` then.
    async fn ask(&self, (name, kind): &(WireName, RecordType)) -> Option<Bytes> {
        if self.left_alone.covers_name(Role::Domain, &names::text(name)) {
            return None;
        }
        let flags = Flags { dnssec_ok: true, checking_disabled: true, authentic_data: false };
        let question = Question::new(name, *kind, flags);
        let answer = self.engine.exchange(&question, true).await.ok()?.bytes;
        is_modest(&answer).then_some(answer)
    }

    fn flights(&self) -> MutexGuard<'_, Flights> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors() {
        for (text, good, why) in [
            (ROOT_TRUST_ANCHORS, true, "the built-in anchors"),
            (". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D", true, "no TTL"),
            (
                "; a comment\ntest. DS 1 13 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n",
                true,
                "another zone",
            ),
            ("", false, "nothing"),
            (". IN A 192.0.2.1", false, "an address is no anchor"),
            (". IN DS 20326 8", false, "cut short"),
            ("<xml>", false, "IANA's XML is not zone-file form"),
        ] {
            assert_eq!(check_anchor(text).is_ok(), good, "{why}: {:?}", check_anchor(text));
            if good {
                assert!(TrustAnchors::from_u8(text.as_bytes()).is_ok(), "{why}");
            }
        }
    }

    #[test]
    fn states_in_our_words() {
        let ede = |code, text| ExtendedError::new_with_str(code, text).ok();
        let unsupported = ExtendedErrorCode::UNSUPPORTED_DNSKEY_ALGORITHM;
        let bogus = ExtendedErrorCode::DNSSEC_BOGUS;
        for (state, error, expected, why) in [
            (ValidationState::Secure, None, Dnssec::Secure, "as it is"),
            (ValidationState::Insecure, None, Dnssec::Insecure, "as it is"),
            (
                ValidationState::Insecure,
                ede(unsupported, "No supported algorithm in DS RRset: [16]"),
                Dnssec::Indeterminate,
                "Ed448 exists",
            ),
            (
                ValidationState::Insecure,
                ede(unsupported, "No supported algorithm in DS RRset: [160, 253]"),
                Dnssec::Insecure,
                "RFC 4035 5.2: nobody can check these",
            ),
            (ValidationState::Bogus, ede(bogus, "No signature"), Dnssec::Bogus, "proof"),
            (ValidationState::Bogus, None, Dnssec::Bogus, "proof without words"),
            (
                ValidationState::Bogus,
                ede(bogus, "request for DS or DNSKEY failed"),
                Dnssec::Indeterminate,
                "a lost packet proves nothing",
            ),
            (
                ValidationState::Bogus,
                ede(bogus, "No DNSKEY RRset for trust anchor"),
                Dnssec::Indeterminate,
                "neither does one at the anchor",
            ),
            (
                ValidationState::Bogus,
                ede(bogus, "NSEC3 with too high iteration count"),
                Dnssec::Insecure,
                "RFC 9276 3.2: what nobody follows proves nothing forged",
            ),
            (ValidationState::Indeterminate, None, Dnssec::Indeterminate, "as it is"),
        ] {
            assert_eq!(interpret(state, error).state, expected, "{why}");
        }
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer() {
        assert_eq!(without_panic(pin!(async { panic!("expected by the test") as u8 })).await, None);
        assert_eq!(without_panic(pin!(async { 7 })).await, Some(7));
    }
}
