//! What every fuzz target does with its input, written once: the targets in `fuzz_targets/` call it under libFuzzer,
//! `tests/program/corpus.rs` includes this file and replays `corpus/` with it.
//!
//! Each body takes any bytes and asserts what must hold of the answer, whatever they are: it comes at all, it is
//! bounded, it holds together, the order of what has no order makes no difference, what was read prints and reads as
//! itself, and no control character gets through.

mod certificates;
mod dns;
mod eval;
mod lists;
mod smtp;
mod state;
mod text_rules;
mod wire;

/// What a target does with one input.
type Body = fn(&[u8]);

/// A name and a body for each target; the corpus of a target is the folder of its name.
pub const TARGETS: &[(&str, Body)] = &[
    ("sts_record", text_rules::sts_record),
    ("sts_policy", text_rules::sts_policy),
    ("mx_pattern", text_rules::mx_pattern),
    ("tlsrpt_record", text_rules::tlsrpt_record),
    ("names", text_rules::names),
    ("smtp_reply", smtp::reply),
    ("smtp_dialogue", smtp::dialogue),
    ("certificate", certificates::certificate),
    ("chain", certificates::chain),
    ("tlsa", certificates::tlsa),
    ("dns_answer", dns::answer),
    ("list", lists::list),
    ("manifest", state::manifest),
    ("attempts", state::attempts),
    ("flight", wire::flight),
    ("http", wire::http),
    ("eval", eval::lines),
];

/// Runs the body of a target.
pub fn run(target: &str, data: &[u8]) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of the table");
    body(data);
}

/// Between the parts of an input that holds several texts: the record separator of ASCII.
const SEPARATOR: u8 = 0x1e;

fn parts(data: &[u8]) -> Vec<Vec<u8>> {
    data.split(|&byte| byte == SEPARATOR).map(<[u8]>::to_vec).collect()
}

/// Asserts that nothing in a text can steer a terminal.
fn assert_harmless(text: &str) {
    assert!(!text.chars().any(char::is_control), "a control character in {text:?}");
}

/// Every order that a bug could tell apart cheaply: backwards, and turned by one.
fn orders<T: Clone>(items: &[T]) -> [Vec<T>; 2] {
    let mut turned = items.to_vec();
    if !turned.is_empty() {
        turned.rotate_left(1);
    }
    [items.iter().rev().cloned().collect(), turned]
}
