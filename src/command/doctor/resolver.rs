//! The resolver: does it answer, does it return DNSSEC records, does it validate, does it lie?

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::base::Rtype;
use domain::base::iana::Rcode;
use domain::rdata::Rrsig;

use super::Finding;
use super::ask::{Answer, Question, ask, over_tcp, over_udp};
use crate::settings::Settings;
use mxcensus_scan::dns::{Dns, DnsSettings, DnsSetupError, Mode};

/// Checks every resolver of the settings.
pub(super) async fn check(settings: &Settings, bogus_name: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for &resolver in &settings.setup.resolvers {
        findings.extend(check_one(resolver, settings.setup.dnssec, bogus_name).await);
        findings.extend(suits(resolver, settings).await);
    }
    findings
}

/// Top-level domains that exist for as long as there is a DNS.
const TOP_LEVEL_DOMAINS: [&str; 3] = ["com", "net", "org"];

/// What a scan asks before it begins: whether the mode can work with the resolver, and whether it denies what must exist.
async fn suits(resolver: SocketAddr, settings: &Settings) -> Option<Finding> {
    let dns = Dns::new(DnsSettings { resolvers: vec![resolver], ..settings.setup.dns() }).ok()?;
    let advice = "A scan would end at once: use another resolver.";
    match dns.check().await {
        Err(DnsSetupError::Unreachable(_)) => return None,
        Err(error) if settings.setup.dnssec != Mode::Off => {
            return Some(Finding::fail("usable", error.to_string(), advice));
        }
        _ => {}
    }
    Some(match dns.denied(&TOP_LEVEL_DOMAINS.map(str::to_owned)).await {
        Some(name) => Finding::fail("usable", format!("{resolver} says that {name} does not exist."), advice),
        None => Finding::ok("usable", format!("What must exist does, and --dnssec {} works.", settings.setup.dnssec)),
    })
}

async fn check_one(resolver: SocketAddr, mode: Mode, bogus_name: Option<&str>) -> Vec<Finding> {
    let Some(plain) = ask(resolver, Question::plain(".", Rtype::SOA)).await else {
        return vec![Finding::fail(
            "resolver",
            format!("{resolver} does not answer."),
            "Start it, or name another with --resolver IP[:PORT].",
        )];
    };
    let mut findings = vec![Finding::ok("resolver", format!("{resolver} answers."))];
    let keys = Question { dnssec_ok: true, checking_disabled: true, ..Question::plain(".", Rtype::DNSKEY) };
    let signed = ask(resolver, keys).await;
    findings.push(edns(&plain));
    findings.push(dnssec_records(signed.as_ref(), mode));
    findings.push(clock(signed.as_ref(), unix_now()));
    findings.push(validation(ask(resolver, Question::plain(".", Rtype::SOA)).await.as_ref(), resolver, mode));
    if let Some(name) = bogus_name {
        findings.push(bogus(resolver, name, mode).await);
    }
    findings.push(lies(resolver).await);
    findings.push(large_answers(resolver, keys).await);
    findings
}

fn edns(plain: &Answer) -> Finding {
    if plain.edns() {
        Finding::ok("edns", "The resolver speaks EDNS (RFC 6891).")
    } else {
        Finding::fail(
            "edns",
            "The resolver, or something before it, does not speak EDNS (RFC 6891).",
            "Use another resolver: without EDNS there is no DNSSEC, and every larger answer needs TCP.",
        )
    }
}

fn dnssec_records(signed: Option<&Answer>, mode: Mode) -> Finding {
    let signatures = signed.map_or(0, |answer| answer.count(Rtype::RRSIG));
    if signatures > 0 {
        return Finding::ok("dnssec-records", "DNSSEC records come when they are asked for.");
    }
    let seen = "The root's keys come without their signatures.";
    match mode {
        Mode::Validate => Finding::fail(
            "dnssec-records",
            seen,
            "Use a resolver that returns DNSSEC records, or run one of your own with --dnssec trust-ad.",
        ),
        Mode::TrustAd | Mode::Off => {
            Finding::warn("dnssec-records", seen, "Harmless in this mode; --dnssec validate would not work.")
        }
    }
}

/// The root's signatures are valid for two weeks or so around now: a clock outside of that is wrong, and nothing would
/// validate (RFC 4035 5.3.1).
fn clock(signed: Option<&Answer>, now: u32) -> Finding {
    let window = signed.and_then(|answer| {
        let section = answer.message.answer().ok()?;
        let signature = section.limit_to_in::<Rrsig<_, _>>().flatten().next()?;
        Some((signature.data().inception().into_int(), signature.data().expiration().into_int()))
    });
    // RFC 4034 3.1.5: serial number arithmetic.
    let after = |a: u32, b: u32| a.wrapping_sub(b) as i32 >= 0;
    match window {
        None => Finding::warn("clock", "There is no signature to compare the clock with.", "See to it that NTP runs."),
        Some((inception, expiration)) if after(now, inception) && after(expiration, now) => {
            Finding::ok("clock", "The clock is within the time of the root's signatures.")
        }
        Some((inception, _)) => {
            let way = if after(now, inception) { "after" } else { "before" };
            Finding::fail(
                "clock",
                format!("By this machine's clock it is {way} the time of the root's signatures."),
                "Set the clock (NTP): nothing would validate, and certificates would be judged at the wrong instant.",
            )
        }
    }
}

fn validation(answer: Option<&Answer>, resolver: SocketAddr, mode: Mode) -> Finding {
    let validates = answer.is_some_and(Answer::authentic);
    match (mode, validates) {
        (Mode::TrustAd, true) if !resolver.ip().to_canonical().is_loopback() => Finding::warn(
            "validation",
            "The resolver validates, but whoever is on the way to it can set the AD bit too.",
            "With --dnssec trust-ad use a resolver on this machine.",
        ),
        (Mode::TrustAd, true) => Finding::ok("validation", "The resolver validates: AD for the root."),
        (Mode::TrustAd, false) => Finding::fail(
            "validation",
            "The resolver does not validate: no AD for the root.",
            "Turn validation on, or use --dnssec validate.",
        ),
        (_, true) => Finding::ok("validation", "The resolver validates; mxcensus does not rely on it in this mode."),
        (_, false) => Finding::ok("validation", "The resolver does not validate, and need not in this mode."),
    }
}

/// A name whose signatures are broken on purpose: SERVFAIL where the resolver checks (RFC 4035 5.5), data with CD.
async fn bogus(resolver: SocketAddr, name: &str, mode: Mode) -> Finding {
    let checked = ask(resolver, Question::plain(name, Rtype::A)).await;
    let unchecked = ask(resolver, Question { checking_disabled: true, ..Question::plain(name, Rtype::A) }).await;
    let code = |answer: &Option<Answer>| answer.as_ref().map(Answer::code);
    match (mode, code(&checked), code(&unchecked)) {
        (Mode::TrustAd, Some(Rcode::SERVFAIL), Some(Rcode::NOERROR)) => {
            Finding::ok("bogus", format!("{name} is refused as bogus, and shown when asked for with CD."))
        }
        (Mode::TrustAd, Some(Rcode::NOERROR), _) => Finding::fail(
            "bogus",
            format!("{name} is bogus, and the resolver answers as if it were not."),
            "Turn validation on, or use --dnssec validate.",
        ),
        (Mode::Validate, _, Some(Rcode::NOERROR)) => {
            Finding::ok("bogus", format!("What is bogus at {name} is returned with CD, for mxcensus to see."))
        }
        (Mode::Off, ..) => Finding::ok("bogus", "Not looked at with --dnssec off."),
        _ => Finding::warn(
            "bogus",
            format!("{name} cannot be had with CD, so a bogus domain looks like one that is down."),
            "Use a resolver that honours CD (RFC 4035 3.2.2), or name another with --bogus-name.",
        ),
    }
}

/// Names that do not exist: a resolver that gives them addresses (RFC 8020, RFC 2308) makes up the world.
async fn lies(resolver: SocketAddr) -> Finding {
    let random = || format!("mxcensus-{:016x}", rand::random::<u64>());
    for name in [random(), format!("{}.com", random())] {
        let Some(answer) = ask(resolver, Question::plain(&name, Rtype::A)).await else {
            return Finding::warn("lies", format!("A name that does not exist ({name}) gets no answer."), "Try again.");
        };
        let addresses = answer.addresses();
        if !addresses.is_empty() {
            let seen = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Finding::fail(
                "lies",
                format!("The resolver invents addresses for a name that does not exist ({name}: {seen})."),
                "Use another resolver: with this one every dead name would look alive.",
            );
        }
        if answer.code() != Rcode::NXDOMAIN {
            return Finding::warn(
                "lies",
                format!("A name that does not exist ({name}) gets {} instead of NXDOMAIN.", answer.code()),
                "Use a resolver that passes on what the DNS says.",
            );
        }
    }
    Finding::ok("lies", "Names that do not exist are denied.")
}

/// An answer that does not fit must come over TCP (RFC 7766 5).
async fn large_answers(resolver: SocketAddr, keys: Question<'_>) -> Finding {
    let small = over_udp(resolver, Question { payload: 512, ..keys }).await;
    let whole = over_tcp(resolver, keys).await;
    match (small, whole) {
        (_, Some(answer)) if answer.count(keys.kind) > 0 => {
            Finding::ok("large-answers", "Large answers come over TCP.")
        }
        (Some(answer), _) if !answer.truncated() && answer.count(keys.kind) > 0 => Finding::warn(
            "large-answers",
            "The resolver does not answer over TCP.",
            "Open TCP port 53 towards it: answers that do not fit a packet would be lost.",
        ),
        _ => Finding::fail(
            "large-answers",
            "Answers that do not fit a packet are lost: the resolver does not answer over TCP.",
            "Open TCP port 53 towards it, or use another resolver.",
        ),
    }
}

fn unix_now() -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs() as u32)
}
