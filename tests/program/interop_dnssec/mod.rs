//! DNSSEC states against outside judges: zones signed by BIND's tools, served by NSD, asked through two
//! Unbounds.
//!
//! One Unbound does not validate: over it `validate` has to find every state itself. The other does:
//! over it `trust-ad` reports Unbound's verdict. Each name is asked in both modes, and the two must
//! agree, except for what [`questions::KNOWN_DIFFERENCES`] lists. A third run validates over the
//! validating Unbound (CD=1). Agreement is not enough, both could be wrong: [`world::ZONES`] says what
//! each zone's own names must be.
//!
//! Needs `unbound`, `nsd`, `dnssec-keygen`, `dnssec-signzone`, `dnssec-dsfromkey` (Debian: unbound, nsd,
//! bind9-utils). Without them the test says `skipped: …`, or fails if MXCENSUS_REQUIRE_INTEROP is set.

mod proxy;
mod questions;
mod servers;
mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mxcensus_lab::Reserved;
use mxcensus_rules::observation::{DnsStatus, Dnssec};
use mxcensus_scan::dns::{Answer, Dns, DnsSettings, Kind, Mode};
use mxcensus_scan::left_alone::Role;

use self::questions::{KNOWN_DIFFERENCES, Question};

type Answers = BTreeMap<Question, Answer>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_agree_with_unbound() {
    if let Some(missing) = servers::missing_tool() {
        return crate::support::skip(&format!("{missing} is not installed"));
    }
    let directory = tempfile::tempdir().unwrap();
    let built = world::build(directory.path());
    let anchor = built.anchor.clone();
    let (brief, names): (Vec<_>, Vec<_>) = world::zone_names().into_iter().partition(|name| name == world::BRIEF_ZONE);
    let [port, brief_port] = [0, 0].map(|any| Reserved::new(any).unwrap());
    let at = |zones: &[String], port: &Reserved| -> Vec<_> {
        zones.iter().map(|zone| (zone.clone(), port.address())).collect()
    };
    let zones = [at(&names, &port), at(&brief, &brief_port)].concat();
    let _nsd = servers::Nsd::start(directory.path(), "nsd", port, &names);
    let plain = servers::Unbound::start(directory.path(), "plain", &zones, None);
    let validating = servers::Unbound::start(directory.path(), "validating", &zones, Some(&anchor));

    built.sign_brief(directory.path());
    let _brief_nsd = servers::Nsd::start(directory.path(), "nsd-brief", brief_port, &brief);
    a_signature_expires_while_we_look(plain.address, &anchor).await;
    a_careless_resolver(plain.address, &anchor).await;

    let questions = questions::all();
    let ours = ask_all(plain.address, Mode::Validate, &anchor, &questions).await;
    let theirs = ask_all(validating.address, Mode::TrustAd, &anchor, &questions).await;
    let over_validating = ask_all(validating.address, Mode::Validate, &anchor, &questions).await;

    let mut wrong = Vec::new();
    let mut agreed: BTreeMap<&str, usize> = BTreeMap::new();
    for question in &questions {
        let (mine, unbound) = (&ours[question], &theirs[question]);
        let seen = (word(mine.dnssec), word(unbound.dnssec));
        match KNOWN_DIFFERENCES.iter().find(|difference| difference.covers(question)) {
            Some(known) if seen.0 == known.ours && known.theirs.contains(&seen.1) => continue,
            // A difference that has gone must leave the list.
            Some(known) => wrong.push(format!("{question}: {seen:?}, listed as {}: {}", known.ours, known.why)),
            None if mine.dnssec != unbound.dnssec => wrong.push(format!("{question}: ours, Unbound's: {seen:?}")),
            None => *agreed.entry(seen.0).or_default() += 1,
        }
        if mine.status != unbound.status || sorted(mine) != sorted(unbound) {
            wrong.push(format!("{question}: ours {mine:?}\n    Unbound's {unbound:?}"));
        }
        // In a zone that we cannot check the aliases differ as the answers do.
        let known = KNOWN_DIFFERENCES.iter().any(|difference| difference.within(question));
        if mine.cnames != unbound.cnames && !known {
            wrong.push(format!("{question}: aliases {:?}\n    Unbound's {:?}", mine.cnames, unbound.cnames));
        }
        if mine.dnssec != over_validating[question].dnssec {
            let other = word(over_validating[question].dnssec);
            wrong.push(format!("{question}: {} over the plain resolver, {other} over the validating one", seen.0));
        }
        if let Some(must) = question.must_be
            && mine.dnssec != Some(must)
        {
            wrong.push(format!("{question}: {} where it must be {must}", seen.0));
        }
    }
    println!("{} questions, agreed: {agreed:?}", questions.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), questions.len(), wrong.join("\n"));
    for state in ["secure", "insecure", "bogus"] {
        assert!(agreed.get(state).is_some_and(|&count| count >= 30), "too few {state} names to prove anything");
    }
}

/// What was secure a moment ago is bogus once its signatures are out of date, whatever was remembered.
async fn a_signature_expires_while_we_look(resolver: SocketAddr, anchor: &str) {
    let mut settings = DnsSettings::new(vec![resolver], Mode::Validate);
    settings.trust_anchor = Some(anchor.to_owned());
    let dns = Dns::new(settings).unwrap();
    assert_eq!(dns.ask("www.brief.lab", Kind::A, Role::Domain).await.dnssec, Some(Dnssec::Secure));
    tokio::time::sleep(Duration::from_secs(world::BRIEF + 1)).await;
    assert_eq!(dns.ask("www.brief.lab", Kind::A, Role::Domain).await.dnssec, Some(Dnssec::Bogus));
}

/// What a resolver leaves out, adds or cannot get is not held against the zone, unless it proves something.
async fn a_careless_resolver(resolver: SocketAddr, anchor: &str) {
    let mut settings = DnsSettings::new(vec![proxy::start(resolver).await], Mode::Validate);
    settings.trust_anchor = Some(anchor.to_owned());
    let dns = Dns::new(settings).unwrap();
    for (name, kind, status, state, why) in [
        ("nowhere.unsigned.lab", Kind::A, DnsStatus::Nxdomain, Dnssec::Insecure, "an unsigned zone owes no proof"),
        ("www.unsigned.lab", Kind::Mx, DnsStatus::Nodata, Dnssec::Insecure, "an unsigned zone owes no proof"),
        ("nowhere.a13.lab", Kind::A, DnsStatus::Error, Dnssec::Bogus, "a signed zone does"),
        ("www.a13.lab", Kind::Mx, DnsStatus::Error, Dnssec::Bogus, "a signed zone does"),
        ("www.a13.lab", Kind::A, DnsStatus::Found, Dnssec::Secure, "untouched"),
        ("www.a14.lab", Kind::A, DnsStatus::Found, Dnssec::Indeterminate, "the keys could not be had"),
        ("mail.a13.lab", Kind::A, DnsStatus::Found, Dnssec::Secure, "unsigned NS records beside the answer"),
        ("alias2.a13.lab", Kind::A, DnsStatus::Found, Dnssec::Secure, "followed to its end"),
        ("toinsecure.a13.lab", Kind::A, DnsStatus::Found, Dnssec::Insecure, "followed into an unsigned zone"),
        ("tobogus.a13.lab", Kind::A, DnsStatus::Error, Dnssec::Bogus, "followed into a bogus zone"),
    ] {
        let answer = dns.ask(name, kind, Role::Domain).await;
        assert_eq!((answer.status, answer.dnssec), (status, Some(state)), "{name} {kind:?}: {why}");
        for cname in &answer.cnames[..answer.cnames.len().min(1)] {
            assert_eq!(cname.dnssec, Some(Dnssec::Secure), "{name}: the first alias itself is signed");
        }
    }
}

fn word(state: Option<Dnssec>) -> &'static str {
    state.map_or("none", Dnssec::word)
}

fn sorted(answer: &Answer) -> Vec<String> {
    let mut records: Vec<String> = answer.records.iter().map(|record| format!("{record:?}")).collect();
    records.sort();
    records
}

async fn ask_all(resolver: SocketAddr, mode: Mode, anchor: &str, questions: &[Question]) -> Answers {
    let mut settings = DnsSettings::new(vec![resolver], mode);
    settings.trust_anchor = Some(anchor.to_owned());
    let dns = Arc::new(Dns::new(settings).unwrap());
    dns.check().await.unwrap();
    let mut answers = Answers::new();
    // A few at a time, so that zones are met both cold and while others ask about them.
    for batch in questions.chunks(24) {
        let tasks: Vec<_> = batch
            .iter()
            .cloned()
            .map(|question| {
                let dns = dns.clone();
                tokio::spawn(async move {
                    let answer = dns.ask(&question.name, question.kind, Role::Domain).await;
                    (question, answer)
                })
            })
            .collect();
        for task in tasks {
            let (question, answer) = task.await.unwrap();
            answers.insert(question, answer);
        }
    }
    answers
}

/// The kinds of record that the questions are about.
const KINDS: [Kind; 5] = [Kind::A, Kind::Aaaa, Kind::Mx, Kind::Txt, Kind::Tlsa];
