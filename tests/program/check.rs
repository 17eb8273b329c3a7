//! `mxcensus check` as a postmaster uses it: answers, instructions, several domains, exit codes.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use super::support::{Lab, program};

fn check(lab: &Lab, arguments: &[&str]) -> Output {
    program().arg("check").args(arguments).args(lab.flags()).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn each_mechanism_is_answered_with_what_to_do() {
    let lab = Lab::start(&[]);
    let output = check(&lab, &["lab-sts-pass.com", "lab-dane-stale.nl", "lab-host-expired.com", "no-such-name.com"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(3), "one does not exist: {said}");
    for sentence in [
        "enforced and in order; senders remember the policy for 7 days.",
        "no MX host shows what its TLSA records promise",
        "Publish at _25._tcp.mx.lab-dane-stale.nl",
        "Renew the certificate of mta-sts.lab-host-expired.com.",
        "no-such-name.com: there is no such domain",
        "root        O=mxcensus lab,CN=Lab Root A",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    assert!(!said.contains("outcome_mta_sts"), "columns only with --all: {said}");
    let all = check(&lab, &["lab-sts-pass.com", "--all"]);
    assert_eq!(all.status.code(), Some(0));
    assert!(text(&all).contains("outcome_mta_sts"), "{}", text(&all));

    let one: Value = serde_json::from_slice(&check(&lab, &["lab-sts-pass.com", "--json"]).stdout).expect("JSON");
    assert_eq!(one["verdicts"]["sts_verdict"], "pass");
    let both = check(&lab, &["lab-sts-pass.com", "lab-dane-stale.nl", "--json"]);
    let both: Value = serde_json::from_slice(&both.stdout).expect("JSON");
    assert_eq!(both[1]["verdicts"]["dane_verdict"], "fail");
    assert_eq!(both[0]["observed"]["mx_hosts"].as_array().map(Vec::len), Some(1), "each has its own hosts");
}

#[test]
fn domains_come_from_standard_input_and_slips_are_named() {
    let lab = Lab::start(&[]);
    let mut child = program()
        .args(["check", "-"])
        .args(lab.flags())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let list = b"# mine\nlab-sts-pass.com\n\nlab-sts-pass.com\n";
    child.stdin.take().expect("its input").write_all(list).expect("all of the list is read");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(text(&output).matches("enforced and in order").count(), 1, "{}", text(&output));

    let output = check(&lab, &["postmaster@lab-sts-pass.com"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Did you mean lab-sts-pass.com?"), "{said}");
}
