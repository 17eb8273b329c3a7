//! The cases of `tests/eval_cases`, put to the rules in this process: a changed rule must change an answer.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says in the plainest way what it expects"
)]

#[path = "../../../tests/eval_cases/cases.rs"]
mod cases;

use mxcensus_rules::eval::{self, Kind};

#[test]
fn every_case_is_answered_as_the_rfcs_have_it() {
    let wrong = cases::answered_wrongly(|kind, input| {
        let kind = Kind::ALL.iter().copied().find(|known| known.word() == kind).expect("a kind");
        let mut output = Vec::new();
        eval::run(kind, input.as_slice(), &mut output).expect("memory takes it all");
        String::from_utf8(output).expect("UTF-8").lines().map(str::to_owned).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
