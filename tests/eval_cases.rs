//! Cases of `mxcensus eval` that were written from the RFCs before the program was asked, replayed through the program
//! itself. `tests/data/eval/KIND.jsonl`: `why` begins with the section that decides (or "choice", where none does), `in`
//! is the question, `out` maps JSON pointers of the answer to what must stand there. In a question `@NAME` is a
//! certificate of `certificates.jsonl`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The kinds, and how many cases each has at least.
const KINDS: [(&str, usize); 8] = [
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/eval").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}: {line}")))
        .collect()
}

/// The lines that one run of the program answers with.
fn eval(kind: &str, input: Vec<u8>) -> Vec<String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mxcensus"))
        .args(["eval", kind])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = program.stdin.take().expect("its input");
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = program.wait_with_output().expect("the program ends");
    writer.join().expect("the writer").expect("all of the input is read");
    assert!(output.status.success(), "{kind}: {}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
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

#[test]
fn every_case_is_answered_as_the_rfcs_have_it() {
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
                if answer.pointer(pointer) != Some(expected) {
                    wrong.push(format!("{kind}: {}: {pointer} is not {expected}: {answer}", case.why));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_question_is_answered_with_an_error_and_the_stream_goes_on() {
    let huge_text = format!(r#"{{"id":"huge","txt":"{0}","name":7,"body":7,"host":"{0}"}}"#, "x".repeat(1 << 20));
    let deep = "[".repeat(100_000);
    // The line, and the id that comes back.
    let lines: &[(&[u8], &str)] = &[
        (b"", "null"),
        (b" \t", "null"),
        (b"{", "null"),
        (b"nonsense", "null"),
        (b"[]", "null"),
        (b"null", "null"),
        (b"\"text\"", "null"),
        (b"7", "null"),
        (b"{}", "null"),
        (b"\xff\xfe", "null"),
        (b"{\"id\":1,\"name\":\"\xff\"}", "null"),
        (b"{\"id\":1}{\"id\":2}", "null"),
        (deep.as_bytes(), "null"),
        (huge_text.as_bytes(), "\"huge\""),
        (b"{\"id\":1}", "1"),
        (b"{\"id\":1}\r", "1"),
        (b"{\"id\":1,\"id\":2}", "2"),
        (b"{\"id\":123456789012345678901234567890}", "123456789012345678901234567890"),
        (b"{\"id\":-0.10e+2}", "-0.10e+2"),
        (b"{\"id\":1e999}", "1e999"),
        (b"{\"id\":\"\\ud800\"}", "\"\\ud800\""),
        (b"{\"id\":{\"b\":[null, 1],\"a\":\"\\u00e9\"}}", "{\"b\":[null, 1],\"a\":\"\\u00e9\"}"),
        (b"{\"id\":true,\"name\":null,\"txt\":null,\"body\":null,\"patterns\":null,\"host\":null}", "true"),
        (b"{\"id\":1,\"tlsa\":null,\"chain\":null,\"address\":null,\"roots\":null,\"at\":null}", "1"),
        (b"{\"id\":1,\"txt\":\"a\",\"body_base64\":\"?\",\"patterns\":\"a\",\"host\":\"a\",\"address\":\"fe80::1%1\"}", "1"),
        (b"{\"id\":1,\"txt\":[[\"a\",1]],\"body\":\"a\",\"body_base64\":\"YQ==\",\"patterns\":[1],\"host\":\"a\"}", "1"),
        (
            b"{\"id\":1,\"tlsa\":[{\"usage\":256,\"selector\":1,\"matching\":1,\"data\":\"\"}],\"chain\":[],\"at\":0,\
              \"reference_identifier\":\"a\",\"roots\":[]}",
            "1",
        ),
        (
            b"{\"id\":1,\"tlsa\":[{\"usage\":3,\"selector\":1,\"matching\":1,\"data\":\"abc\"}],\"chain\":[\"AAAA\"],\
              \"at\":0,\"reference_identifier\":\"a\",\"roots\":[\"AAAA\"]}",
            "1",
        ),
        (b"{\"id\":1,\"tlsa\":[],\"chain\":[\"AAAA\"],\"at\":\"noon\",\"reference_identifier\":\"a\",\"roots\":[]}", "1"),
        (b"{\"id\":1,\"tlsa\":[],\"chain\":[\"!\"],\"at\":0,\"reference_identifier\":\"a\",\"roots\":[]}", "1"),
    ];
    for (kind, _) in KINDS {
        let input = lines.iter().map(|(line, _)| *line).collect::<Vec<_>>().join(&b'\n');
        let answers = eval(kind, input);
        assert_eq!(answers.len(), lines.len(), "{kind}");
        for ((line, id), answer) in lines.iter().zip(&answers) {
            let line = String::from_utf8_lossy(&line[..line.len().min(100)]);
            let begins = format!("{{\"id\":{id},\"error\":\"");
            assert!(answer.starts_with(&begins), "{kind}: {line}: {}", &answer[..answer.len().min(200)]);
        }
    }
}
