//! Cases of `mxcensus eval` that were written from the RFCs before the program was asked. `tests/data/eval/KIND.jsonl`: `why`
//! begins with the section that decides (or "choice", where none does), `in` is the question, `out` maps JSON pointers of
//! the answer to what must stand there. In a question `@NAME` is a certificate of `certificates.jsonl`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The kinds, and how many cases each has at least.
pub(crate) const KINDS: [(&str, usize); 8] = [
    ("sts-record", 60),
    ("sts-policy", 60),
    ("mx-match", 60),
    ("tlsrpt-record", 60),
    ("dane", 60),
    ("pkix", 60),
    ("special-address", 40),
    ("domain-name", 40),
];

#[derive(Deserialize)]
struct Case {
    why: String,
    r#in: Value,
    out: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Certificate {
    name: String,
    der: String,
}

fn read<T: DeserializeOwned>(file: &str) -> Vec<T> {
    // This file is compiled at the root and in the crate of the rules.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(|path| path.join("tests/data/eval").is_dir());
    let path = root.unwrap_or(Path::new(".")).join("tests/data/eval").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}")))
        .collect()
}

fn with_certificates(question: &Value, certificates: &BTreeMap<String, String>) -> Value {
    match question {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => json!(certificates.get(name).unwrap_or_else(|| panic!("no certificate {name}"))),
            None => question.clone(),
        },
        Value::Array(items) => items.iter().map(|item| with_certificates(item, certificates)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), with_certificates(value, certificates))).collect()
        }
        _ => question.clone(),
    }
}

/// `{"contains": TEXT}` asks for a part of a text, anything else for itself.
fn is_as_expected(found: Option<&Value>, expected: &Value) -> bool {
    match expected.get("contains").and_then(Value::as_str) {
        Some(part) => found.and_then(Value::as_str).is_some_and(|text| text.contains(part)),
        None => found == Some(expected),
    }
}

/// Puts every case to `eval`, which takes a kind and the lines of its questions. What was answered otherwise than expected.
pub(crate) fn answered_wrongly(eval: impl Fn(&str, Vec<u8>) -> Vec<String>) -> Vec<String> {
    let certificates: BTreeMap<String, String> =
        read::<Certificate>("certificates.jsonl").into_iter().map(|one| (one.name, one.der)).collect();
    let mut wrong = Vec::new();
    for (kind, least) in KINDS {
        let cases: Vec<Case> = read(&format!("{kind}.jsonl"));
        assert!(cases.len() >= least, "{kind}: {} cases", cases.len());
        let mut input = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            assert!(!case.out.is_empty(), "{kind}: {}: nothing is expected", case.why);
            let mut question = match kind {
                "dane" | "pkix" => with_certificates(&case.r#in, &certificates),
                _ => case.r#in.clone(),
            };
            question["id"] = json!([index, case.why]);
            input.extend_from_slice(format!("{question}\n").as_bytes());
        }
        let answers = eval(kind, input);
        assert_eq!(answers.len(), cases.len(), "{kind}: a line is a line");
        for (index, (case, answer)) in cases.iter().zip(&answers).enumerate() {
            let answer: Value = serde_json::from_str(answer).expect("JSON");
            assert_eq!(answer["id"], json!([index, case.why]), "{kind}: {}", case.why);
            for (pointer, expected) in &case.out {
                if !is_as_expected(answer.pointer(pointer), expected) {
                    wrong.push(format!("{kind}: {}: {pointer} is not {expected}: {answer}", case.why));
                }
            }
        }
    }
    wrong
}
