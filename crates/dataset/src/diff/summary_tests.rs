//! How it reads.

use super::*;

#[test]
fn numbers_are_grouped() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
        assert_eq!(grouped(number), text);
    }
}

#[test]
fn a_name_from_a_file_cannot_reach_the_terminal_raw() {
    let key = CountKey {
        subject: Subject::Domain,
        kind: ChangeKind::FailureNew,
        aspect: Some("sts_verdict".into()),
        old: Some("pass".into()),
        new: Some("\x1b[31mred".into()),
    };
    assert_eq!(described(&key), "failure-new, sts_verdict: pass → \\027[31mred");
    assert_eq!(printable("mail.example"), "mail.example");
}

#[test]
fn days_are_shown_once() {
    let mut side = Side {
        made: None,
        directory: "2026-11".into(),
        domains: 1_000,
        begun: Some("2026-11-01T08:00:00Z".into()),
        ended: Some("2026-11-01T20:00:00Z".into()),
        complete: true,
        rules_version: "1".into(),
        trust_store: None,
        dnssec: None,
        judged_otherwise: false,
    };
    assert_eq!(side.line(), "1,000 domains, 2026-11-01  2026-11");
    side.ended = Some("2026-11-03T01:00:00Z".into());
    side.complete = false;
    assert_eq!(side.line(), "1,000 domains, 2026-11-01 to 2026-11-03, INCOMPLETE  2026-11");
    side.begun = None;
    side.ended = None;
    assert_eq!(side.line(), "1,000 domains, INCOMPLETE  2026-11");
}

#[test]
fn the_page_names_every_kind_and_warning() {
    let page = include_str!("../../../../docs/diff.md");
    let words = ChangeKind::ALL.iter().map(|kind| kind.word()).chain(Warning::ALL.iter().map(|warning| warning.word()));
    for word in words {
        assert!(page.contains(&format!("`{word}`")), "docs/diff.md does not explain {word}");
    }
}
