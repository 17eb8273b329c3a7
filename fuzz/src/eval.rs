//! The rules as a tool: any lines.

use std::collections::BTreeMap;

use mxcensus_rules::eval::{self, Kind};
use serde_json::Value;
use serde_json::value::RawValue;

use super::assert_harmless;

/// A kind, then JSON Lines.
pub fn lines(data: &[u8]) {
    const KINDS: [Kind; 8] = [
        Kind::StsRecord,
        Kind::StsPolicy,
        Kind::MxMatch,
        Kind::TlsrptRecord,
        Kind::Dane,
        Kind::Pkix,
        Kind::SpecialAddress,
        Kind::DomainName,
    ];
    let Some((&first, lines)) = data.split_first() else { return };
    let kind = KINDS[usize::from(first) % KINDS.len()];
    let mut output = Vec::new();
    eval::run(kind, lines, &mut output).expect("memory can be read and written");
    let output = String::from_utf8(output).expect("answers are UTF-8");
    let questions = lines.split_inclusive(|&byte| byte == b'\n');
    assert_eq!(output.lines().count(), questions.clone().count(), "an answer for each line");
    for (question, answer) in questions.zip(output.lines()) {
        let answer: BTreeMap<String, &RawValue> = serde_json::from_str(answer).expect("answers are JSON objects");
        let id = serde_json::from_slice::<BTreeMap<String, &RawValue>>(question)
            .ok()
            .and_then(|question| question.get("id").map(|id| id.get()))
            .unwrap_or("null");
        assert_eq!(answer.get("id").map(|id| id.get()), Some(id), "the id is repeated");
        assert!(answer.len() > 1, "and something is said");
        for (_, value) in answer.iter().filter(|(key, _)| *key != "id") {
            harmless(&serde_json::from_str(value.get()).expect("what is said is JSON that anyone can read"));
        }
    }
}

/// All text of an answer but the `id`, which is the asker's own.
fn harmless(value: &Value) {
    match value {
        Value::String(text) => assert_harmless(text),
        Value::Array(items) => items.iter().for_each(harmless),
        Value::Object(fields) => fields.values().for_each(harmless),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
