//! One case per kind and per reason why something is no change.

use proptest::prelude::*;

use super::*;
use crate::columns::{self, ColumnType};

/// A domain that does everything right and is seen by both crawls.
fn right() -> DomainFacts {
    DomainFacts {
        listed: true,
        verdict: Some(VerdictFacts {
            domain: String::new(),
            rank: Some(7),
            provider: Some("mail.example".into()),
            mx_status: MxStatus::Present,
            mx_dnssec: Some(Dnssec::Secure),
            sts_record: StsRecord::Valid,
            sts_id: Some("1".into()),
            sts_policy: StsPolicy::Valid,
            sts_mode: Some(Mode::Enforce),
            sts_max_age: Some(86_400),
            sts_mx_patterns: Some(vec!["a.mail.example".into(), "*.b.mail.example".into()]),
            sts_verdict: StsVerdict::Pass,
            sts_failure: None,
            dane_verdict: DaneVerdict::Pass,
            sts_verdict_primary: StsVerdict::Pass,
            dane_verdict_primary: DaneVerdict::Pass,
            conflict: Conflict::None,
            outcome_opportunistic: Outcome::Encrypted,
            outcome_mta_sts: Outcome::Authenticated,
            outcome_dane: Outcome::Authenticated,
            outcome_dane_insecure_mx: Outcome::Authenticated,
            outcome_both: Outcome::Authenticated,
            protection_mta_sts: Protection::AfterFirstContact,
            protection_dane: Protection::Always,
            protection_both: Protection::Always,
            tlsrpt: Tlsrpt::Valid,
        }),
        mx: Some(["a.mail.example".to_owned()].into()),
        policy_operator: Some("policies.example".into()),
    }
}

fn with(edit: impl FnOnce(&mut VerdictFacts)) -> DomainFacts {
    let mut facts = right();
    edit(facts.verdict.as_mut().unwrap());
    facts
}

fn whole(edit: impl FnOnce(&mut DomainFacts)) -> DomainFacts {
    let mut facts = right();
    edit(&mut facts);
    facts
}

/// `kind[ aspect][: old > new]`, the changes of verdicts left out unless they alone are asked for.
fn lines(old: &DomainFacts, new: &DomainFacts) -> Vec<String> {
    let text = |change: &Change| {
        let aspect = change.aspect.as_ref().map(|aspect| format!(" {aspect}")).unwrap_or_default();
        let words = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(": {old} > {new}"),
            _ => String::new(),
        };
        format!("{}{aspect}{words}", change.kind)
    };
    let changes = compare(old, new);
    changes.iter().filter(|change| change.kind != ChangeKind::VerdictChanged).map(text).collect()
}

fn check(why: &str, old: &DomainFacts, new: &DomainFacts, expected: &[&str]) {
    assert_eq!(lines(old, new), expected, "{why}");
}

#[test]
fn the_population() {
    let absent = DomainFacts::default();
    let no_row = DomainFacts { listed: true, ..DomainFacts::default() };
    let opted_out = with(|v| v.mx_status = MxStatus::OptedOut);
    let failed = with(|v| (v.mx_status, v.mx_dnssec) = (MxStatus::Error, None));
    let bogus = with(|v| (v.mx_status, v.mx_dnssec) = (MxStatus::Error, Some(Dnssec::Bogus)));
    check("new in the list", &absent, &right(), &["appeared"]);
    check("gone from the list", &right(), &absent, &["vanished"]);
    check("in the list and not looked at is not gone", &right(), &no_row, &["sight-lost: present > no-row"]);
    check("nor is it new", &no_row, &right(), &["sight-regained: no-row > present"]);
    check("opted out", &right(), &opted_out, &["sight-lost: present > opted-out"]);
    check("opted in again", &opted_out, &right(), &["sight-regained: opted-out > present"]);
    check("a look-up that failed", &right(), &failed, &["sight-lost: present > error"]);
    check("blind twice, for other reasons", &opted_out, &no_row, &[]);
    check("bogus is seen", &right(), &bogus, &[]);
    check("nowhere", &absent, &absent, &[]);
}

#[test]
fn mail() {
    let none = with(|v| v.mx_status = MxStatus::Null);
    let nxdomain = with(|v| v.mx_status = MxStatus::Nxdomain);
    let implicit = with(|v| v.mx_status = MxStatus::Implicit);
    check("no more", &right(), &none, &["mail-ended: present > null"]);
    check("the name itself is gone", &implicit, &nxdomain, &["mail-ended: implicit > nxdomain"]);
    check("begins", &none, &right(), &["mail-began: null > present"]);
    check("neither takes mail", &none, &nxdomain, &[]);
    check("both do", &implicit, &right(), &[]);
}

#[test]
fn adoption_and_withdrawal() {
    let no_sts = with(|v| {
        (v.sts_record, v.sts_policy, v.sts_verdict) = (StsRecord::Absent, StsPolicy::NotAttempted, StsVerdict::NoPolicy)
    });
    let broken_sts = with(|v| {
        (v.sts_record, v.sts_policy, v.sts_verdict) = (StsRecord::Invalid, StsPolicy::Valid, StsVerdict::Broken);
        v.sts_failure = Some(Failure::RecordIdMissing);
    });
    let unknown_sts = with(|v| (v.sts_record, v.sts_verdict) = (StsRecord::Error, StsVerdict::Indeterminate));
    check("MTA-STS", &no_sts, &right(), &["sts-adopted: no-policy > pass"]);
    check("MTA-STS given up", &right(), &no_sts, &["sts-withdrawn: pass > no-policy"]);
    check(
        "adopted and wrong from the first day",
        &no_sts,
        &broken_sts,
        &["sts-adopted: no-policy > broken", "failure-new sts_verdict: no-policy > record-id-missing"],
    );
    check("a failure given up is not healed", &broken_sts, &no_sts, &["sts-withdrawn: broken > no-policy"]);
    check("not known before", &unknown_sts, &right(), &[]);
    check("not known after", &right(), &unknown_sts, &[]);

    let dane = |word| with(|v| v.dane_verdict = word);
    check("DANE", &dane(DaneVerdict::None), &right(), &["dane-adopted: none > pass"]);
    check("DANE given up", &right(), &dane(DaneVerdict::None), &["dane-withdrawn: pass > none"]);
    check(
        "TLSA without DNSSEC is published all the same, and no failure",
        &dane(DaneVerdict::None),
        &dane(DaneVerdict::Insecure),
        &["dane-adopted: none > insecure"],
    );
    check(
        "a look-up that failed tells nothing of TLSA",
        &dane(DaneVerdict::None),
        &dane(DaneVerdict::Indeterminate),
        &[],
    );

    let tlsrpt = |word| with(|v| v.tlsrpt = word);
    check("TLSRPT", &tlsrpt(Tlsrpt::Absent), &right(), &["tlsrpt-adopted: absent > valid"]);
    check("TLSRPT given up", &right(), &tlsrpt(Tlsrpt::Absent), &["tlsrpt-withdrawn: valid > absent"]);
    check("TLSRPT not seen", &right(), &tlsrpt(Tlsrpt::Error), &[]);
}

#[test]
fn dnssec_of_the_mx() {
    let state = |state| with(|v| v.mx_dnssec = state);
    let (secure, insecure) = (state(Some(Dnssec::Secure)), state(Some(Dnssec::Insecure)));
    check("DS taken away", &secure, &insecure, &["dnssec-lost mx_dnssec: secure > insecure"]);
    check("signed", &insecure, &secure, &["dnssec-gained mx_dnssec: insecure > secure"]);
    check("indeterminate is our own", &secure, &state(Some(Dnssec::Indeterminate)), &[]);
    check("a crawl without DNSSEC", &secure, &state(None), &[]);
}

#[test]
fn failures() {
    let sts = |word, failure| with(move |v| (v.sts_verdict, v.sts_failure) = (word, failure));
    let expired = sts(StsVerdict::Fail, Some(Failure::CertExpired));
    let unlisted = sts(StsVerdict::Partial, Some(Failure::MxNotInPolicy));
    let undecided = sts(StsVerdict::Indeterminate, Some(Failure::ConnectTimeout));
    check("new", &right(), &expired, &["failure-new sts_verdict: pass > cert-expired"]);
    check("healed", &expired, &right(), &["failure-healed sts_verdict: cert-expired > pass"]);
    check("another one", &expired, &unlisted, &["failure-persists sts_verdict: cert-expired > mx-not-in-policy"]);
    check("the same one", &expired, &expired, &["failure-persists sts_verdict: cert-expired > cert-expired"]);
    check("could not be decided before", &undecided, &expired, &[]);
    check("could not be decided after", &expired, &undecided, &[]);

    let dane = |word| with(move |v| v.dane_verdict = word);
    check("DANE", &right(), &dane(DaneVerdict::Fail), &["failure-new dane_verdict: pass > fail"]);
    check(
        "proven bogus is a failure",
        &right(),
        &dane(DaneVerdict::LookupFailed),
        &["failure-new dane_verdict: pass > lookup-failed"],
    );
    check("healed", &dane(DaneVerdict::Unusable), &right(), &["failure-healed dane_verdict: unusable > pass"]);
    check("DNSSEC taken away ends it without healing", &dane(DaneVerdict::Fail), &dane(DaneVerdict::Insecure), &[]);
    check("no mail any more", &dane(DaneVerdict::Fail), &dane(DaneVerdict::NoMail), &[]);
}

#[test]
fn policies() {
    let edited = |id: &str, mode, max_age, mx: &[&str]| {
        let patterns = mx.iter().map(|pattern| pattern.to_string()).collect();
        let id = id.to_owned();
        with(move |v| {
            (v.sts_id, v.sts_mode, v.sts_max_age, v.sts_mx_patterns) =
                (Some(id), Some(mode), Some(max_age), Some(patterns));
        })
    };
    let old = edited("1", Mode::Enforce, 86_400, &["a.mail.example", "b.mail.example"]);
    let reordered = edited("1", Mode::Enforce, 86_400, &["b.mail.example", "a.mail.example", "b.mail.example"]);
    let testing = edited("1", Mode::Testing, 86_400, &["a.mail.example", "b.mail.example"]);
    let none = edited("2", Mode::None, 86_400, &[]);
    let longer = edited("2", Mode::Enforce, 604_800, &["a.mail.example", "b.mail.example"]);
    let other_id = edited("2", Mode::Enforce, 86_400, &["a.mail.example", "b.mail.example"]);
    let text = "mode=enforce max_age=86400 mx=a.mail.example mx=b.mail.example";
    check("the order of mx is no matter", &old, &reordered, &[]);
    check(
        "changed under the same id",
        &old,
        &testing,
        &[
            &format!(
                "policy-without-new-id mode: {text} > mode=testing max_age=86400 mx=a.mail.example mx=b.mail.example"
            ),
            "mode-downgraded: enforce > testing",
        ],
    );
    check(
        "changed as it should be",
        &old,
        &longer,
        &[
            &format!(
                "policy-updated max_age: {text} > mode=enforce max_age=604800 mx=a.mail.example mx=b.mail.example"
            ),
            "max-age-raised: 86400 > 604800",
        ],
    );
    check("a new id and nothing new", &old, &other_id, &["id-without-new-policy: 1 > 2"]);
    check(
        "up and down",
        &none,
        &testing,
        &[
            "policy-updated mode mx: mode=none max_age=86400 > mode=testing max_age=86400 mx=a.mail.example mx=b.mail.example",
            "mode-upgraded: none > testing",
        ],
    );
    check(
        "shorter",
        &longer,
        &other_id,
        &[
            &format!(
                "policy-without-new-id max_age: mode=enforce max_age=604800 mx=a.mail.example mx=b.mail.example > {text}"
            ),
            "max-age-lowered: 604800 > 86400",
        ],
    );
    let mut broken = testing.clone();
    broken.verdict.as_mut().unwrap().sts_policy = StsPolicy::Unfetchable;
    check("a policy that could not be had is not compared", &old, &broken, &[]);
    let elsewhere = whole(|facts| facts.policy_operator = Some("other.example".into()));
    check("its operator is", &right(), &elsewhere, &["policy-host-moved: policies.example > other.example"]);
    check("as far as it is known", &right(), &whole(|facts| facts.policy_operator = None), &[]);
}

#[test]
fn exchangers() {
    let at = |provider: &str, hosts: &[&str]| {
        whole(|facts| {
            facts.verdict.as_mut().unwrap().provider = Some(provider.to_owned());
            facts.mx = Some(hosts.iter().map(|host| host.to_string()).collect());
        })
    };
    let old = at("mail.example", &["a.mail.example"]);
    check(
        "another host that the policy names by its wildcard",
        &old,
        &at("mail.example", &["x.b.mail.example"]),
        &["mx-changed: a.mail.example > x.b.mail.example"],
    );
    check(
        "moved, and the policy stayed",
        &old,
        &at("other.example", &["mx.other.example"]),
        &["mx-moved: mail.example > other.example", "policy-outdated: a.mail.example > mx.other.example"],
    );
    check(
        "one host is left out, and nothing is of the past",
        &old,
        &at("mail.example", &["a.mail.example", "c.mail.example"]),
        &["mx-changed: a.mail.example > a.mail.example c.mail.example"],
    );
    let mut none = at("other.example", &["mx.other.example"]);
    none.verdict.as_mut().unwrap().sts_mode = Some(Mode::None);
    assert!(!lines(&old, &none).iter().any(|line| line.starts_with("policy-outdated")), "mode none binds nobody");
    let mut invalid = at("other.example", &["mx.other.example"]);
    invalid.verdict.as_mut().unwrap().sts_record = StsRecord::Invalid;
    let outdated = lines(&old, &invalid).into_iter().any(|line| line.starts_with("policy-outdated"));
    assert!(!outdated, "a policy under an invalid record is nobody's policy");
    check("hosts that are not known", &whole(|facts| facts.mx = None), &old, &[]);
}

#[test]
fn a_change_of_every_judged_word_is_reported() {
    for column in &VERDICTS {
        let table = columns::VERDICTS.column(column.0).unwrap_or_else(|| panic!("{} is no column", column.0));
        assert!(matches!(table.kind, ColumnType::Word(_)), "{}", column.0);
    }
    let elsewhere = [
        "mx_status",
        "mx_dnssec",
        "sts_record_lenient",
        "sts_mode",
        "sts_policy_lenient",
        "sts_failure_stage",
        "sts_failure",
        "dane_insecure_cause",
        "tlsrpt",
    ];
    for column in columns::VERDICTS.columns.iter().filter(|column| matches!(column.kind, ColumnType::Word(_))) {
        let known = VERDICTS.iter().any(|(name, _)| *name == column.name) || elsewhere.contains(&column.name);
        assert!(known, "verdicts.{}: neither compared nor known to be left out", column.name);
    }
}

#[test]
fn verdict_words() {
    let of = |old: &DomainFacts, new: &DomainFacts| -> Vec<String> {
        let changes = compare(old, new).into_iter().filter(|change| change.kind == ChangeKind::VerdictChanged);
        changes.map(|c| format!("{} {} {}", c.aspect.unwrap(), c.old.unwrap(), c.new.unwrap())).collect()
    };
    let insecure = with(|v| (v.dane_verdict, v.protection_dane) = (DaneVerdict::Insecure, Protection::Never));
    assert_eq!(of(&right(), &insecure), ["dane_verdict pass insecure", "protection_dane always never"]);
    let undecided = with(|v| (v.dane_verdict, v.outcome_dane) = (DaneVerdict::Indeterminate, Outcome::Indeterminate));
    assert_eq!(of(&right(), &undecided), [""; 0], "what could not be decided is no change");
    let conflict = with(|v| v.conflict = Conflict::DanePassStsFail);
    assert_eq!(of(&right(), &conflict), ["conflict none dane-pass-sts-fail"]);
    let none_for_want_of_knowledge = with(|v| v.sts_verdict = StsVerdict::Indeterminate);
    assert_eq!(of(&conflict, &none_for_want_of_knowledge), [""; 0], "`none` is no word of a verdict that is not known");
    let silent =
        with(|v| (v.mx_status, v.sts_verdict, v.outcome_both) = (MxStatus::Null, StsVerdict::NoMail, Outcome::NoMail));
    assert_eq!(of(&right(), &silent), [""; 0], "mail-ended says it");
    assert_eq!(VERDICTS.iter().filter(|column| decided(column, silent.verdict.as_ref().unwrap()).is_none()).count(), 0);
}

/// Facts with any words, seen or not.
fn any_facts() -> impl Strategy<Value = DomainFacts> {
    fn word<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
        proptest::sample::select(all)
    }
    let sts =
        (word(StsRecord::ALL), word(StsPolicy::ALL), word(StsVerdict::ALL), proptest::option::of(word(Mode::ALL)));
    let rest =
        (word(DaneVerdict::ALL), word(Tlsrpt::ALL), word(MxStatus::ALL), proptest::option::of(word(Dnssec::ALL)));
    let owners = (0..3u8, 0..2u8, 0..3i64, proptest::option::of(0..3u8), proptest::bool::ANY);
    (proptest::bool::weighted(0.9), proptest::bool::weighted(0.9), sts, rest, owners).prop_map(
        |(listed, has_row, sts, rest, (provider, id, max_age, operator, has_mx))| {
            let mut facts = with(|v| {
                (v.sts_record, v.sts_policy, v.sts_verdict, v.sts_mode) = sts;
                (v.dane_verdict, v.tlsrpt, v.mx_status, v.mx_dnssec) = rest;
                v.provider = Some(format!("p{provider}.example"));
                v.sts_id = Some(id.to_string());
                v.sts_max_age = Some(max_age);
            });
            facts.listed = listed;
            facts.mx = has_mx.then(|| [format!("mx.p{provider}.example")].into());
            facts.policy_operator = operator.map(|operator| format!("o{operator}.example"));
            if !listed || !has_row {
                facts.verdict = None;
            }
            facts
        },
    )
}

/// The kind that the same pair gives the other way round, where that is known.
fn mirrored(kind: ChangeKind) -> Option<ChangeKind> {
    use ChangeKind::*;
    let pairs = [
        (Appeared, Vanished),
        (SightLost, SightRegained),
        (MailBegan, MailEnded),
        (StsAdopted, StsWithdrawn),
        (DaneAdopted, DaneWithdrawn),
        (TlsrptAdopted, TlsrptWithdrawn),
        (DnssecGained, DnssecLost),
        (ModeDowngraded, ModeUpgraded),
        (MaxAgeLowered, MaxAgeRaised),
    ];
    let same = [
        VerdictChanged,
        FailurePersists,
        PolicyUpdated,
        PolicyWithoutNewId,
        IdWithoutNewPolicy,
        PolicyHostMoved,
        MxMoved,
        MxChanged,
    ];
    let swapped = pairs.iter().find_map(|&(a, b)| (kind == a).then_some(b).or((kind == b).then_some(a)));
    swapped.or(same.contains(&kind).then_some(kind))
}

proptest! {
    #[test]
    fn a_crawl_differs_from_itself_by_its_lasting_failures_alone(facts in any_facts()) {
        prop_assert!(compare(&facts, &facts).iter().all(|change| change.kind == ChangeKind::FailurePersists));
    }

    #[test]
    fn the_other_way_round_everything_is_mirrored(old in any_facts(), new in any_facts()) {
        let there = compare(&old, &new);
        let back = compare(&new, &old);
        for change in &there {
            let Some(kind) = mirrored(change.kind) else { continue };
            let mirror = Change { kind, aspect: change.aspect.clone(), old: change.new.clone(), new: change.old.clone() };
            prop_assert!(back.contains(&mirror), "{change:?} has no mirror in {back:?}");
        }
    }

    #[test]
    fn kind_and_aspect_are_a_key(old in any_facts(), new in any_facts()) {
        let mut keys: Vec<_> = compare(&old, &new).into_iter().map(|change| (change.kind, change.aspect)).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), all);
    }
}
