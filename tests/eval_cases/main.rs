//! `mxcensus eval` from outside: the cases of [`cases`], and lines that are no question.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]

mod cases;

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use cases::{KINDS, answered_wrongly};

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

#[test]
fn every_case_is_answered_as_the_rfcs_have_it() {
    let wrong = answered_wrongly(eval);
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
