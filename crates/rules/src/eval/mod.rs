//! The rules as a tool: one rule, applied to JSON Lines.
//!
//! [`run`] reads a line, applies the rule that [`Kind`] names and writes a line, for every line of
//! the input. An answer begins with the `id` of its question. A line that is not JSON of the right
//! shape is answered with `{"id": ..., "error": "..."}`, and the next one is read.
//!
//! Text from the input that could harm a terminal is escaped ([`crate::text`]) in every answer; the
//! `id` is repeated as JSON gave it.

mod crypto;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::mta_sts::mx_pattern::MxPattern;
use crate::mta_sts::{Defect, policy, record, words};
use crate::tlsrpt::{self, TlsrptDefect, TlsrptDefectWord};
use crate::{name, special_address};

crate::words! {
    /// Which rule to apply.
    Kind {
        /// The TXT records at _mta-sts (RFC 8461 3.1): `txt`, a list of records, each a list of strings.
        StsRecord = "sts-record",
        /// A policy (RFC 8461 3.2): `body`, or `body_base64`.
        StsPolicy = "sts-policy",
        /// An MX host against patterns (RFC 8461 4.1): `patterns`, `host`.
        MxMatch = "mx-match",
        /// The TXT records at _smtp._tls (RFC 8460 3): `txt`, as for sts-record.
        TlsrptRecord = "tlsrpt-record",
        /// A chain against TLSA records (RFC 7671, 7672): `tlsa`, `chain`, `reference_identifiers`, `at`.
        Dane = "dane",
        /// A chain against roots (RFC 5280, 9525): `chain`, `reference_identifier`, `at`, `roots`.
        Pkix = "pkix",
        /// Whether an address is special-purpose (RFC 6890): `address`.
        SpecialAddress = "special-address",
        /// The name to look up for a name as people write it (UTS 46): `name`.
        DomainName = "domain-name",
    }
}

/// Applies a rule to every line of `input`.
pub fn run(kind: Kind, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        serde_json::to_writer(&mut output, &answer(kind, &line))?;
        line.clear();
        output.write_all(b"\n")?;
        // Someone who asks line by line waits for the answer.
        output.flush()?;
    }
    Ok(())
}

/// An answer, with the `id` of its question to the letter: a number of thirty digits is one too.
#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    fields: Value,
}

fn answer(kind: Kind, line: &[u8]) -> Answer<'_> {
    let fields = match serde_json::from_slice(line) {
        Ok(question) => apply(kind, &question),
        Err(error) => Err(format!("not JSON: {error}")),
    };
    Answer { id: id(line), fields: fields.unwrap_or_else(|error| json!({ "error": error })) }
}

/// The `id` of a question. It is found even where another field holds what we cannot read, such as half
/// of a surrogate pair, which RFC 8259 §8.2 lets JSON have.
fn id(line: &[u8]) -> Option<&RawValue> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(line).ok()?;
    fields.get("id").copied()
}

fn apply(kind: Kind, question: &Value) -> Result<Value, String> {
    if !question.is_object() {
        return Err("not a JSON object".into());
    }
    match kind {
        Kind::StsRecord => sts_record(question),
        Kind::StsPolicy => sts_policy(question),
        Kind::MxMatch => mx_match(question),
        Kind::TlsrptRecord => tlsrpt_record(question),
        Kind::Dane => crypto::dane(question),
        Kind::Pkix => crypto::pkix(question),
        Kind::SpecialAddress => special_address(question),
        Kind::DomainName => domain_name(question),
    }
}

fn sts_record(question: &Value) -> Result<Value, String> {
    let reading = record::read(&txt(question)?);
    Ok(json!({
        "status": reading.status,
        "sts_id": reading.id,
        "defects": words(&reading.defects),
        "defect_details": details(&reading.defects),
        "warnings": words(&reading.warnings),
        "warning_details": details(&reading.warnings),
        "lenient_status": reading.lenient,
        "lenient_sts_id": reading.lenient_id,
    }))
}

fn sts_policy(question: &Value) -> Result<Value, String> {
    let body = match (question.get("body"), question.get("body_base64")) {
        (Some(Value::String(body)), None) => body.clone().into_bytes(),
        (None, Some(Value::String(body))) => {
            STANDARD.decode(body).map_err(|error| format!("body_base64 is not base64: {error}"))?
        }
        _ => return Err("either body or body_base64 must be there, as a string".into()),
    };
    let reading = policy::read(&body);
    let mut answer = policy_fields(&reading.strict);
    answer.insert("defect_details".into(), details(&reading.strict.defects));
    answer.insert("warnings".into(), json!(reading.warnings));
    answer.insert("lenient".into(), Value::Object(policy_fields(&reading.lenient)));
    Ok(Value::Object(answer))
}

/// The fields that both readings of a policy have. Of an invalid one, what could be read or null.
fn policy_fields(reading: &policy::Reading) -> Map<String, Value> {
    let valid = reading.policy.is_some();
    let mx: Vec<String> = reading.mx.iter().map(MxPattern::to_string).collect();
    let fields = [
        ("status", json!(if valid { "valid" } else { "invalid" })),
        ("mode", json!(reading.mode)),
        ("max_age", json!(reading.max_age_seconds)),
        ("mx", json!((valid || !mx.is_empty()).then_some(mx))),
        ("defects", json!(words(&reading.defects))),
    ];
    fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
}

fn mx_match(question: &Value) -> Result<Value, String> {
    let Some(patterns) = question.get("patterns").and_then(strings) else {
        return Err("patterns must be a list of strings".into());
    };
    let host = string(question, "host")?;
    // A malformed pattern matches nothing.
    let matching = patterns.into_iter().find(|text| MxPattern::parse(text).is_ok_and(|pattern| pattern.matches(host)));
    Ok(json!({ "match": matching.is_some(), "pattern": matching }))
}

fn tlsrpt_record(question: &Value) -> Result<Value, String> {
    let reading = tlsrpt::read(&txt(question)?);
    let (defects, defect_details) = tlsrpt_details(&reading.defects);
    let (warnings, warning_details) = tlsrpt_details(&reading.warnings);
    Ok(json!({
        "status": reading.status,
        "rua": reading.rua,
        "defects": defects,
        "defect_details": defect_details,
        "warnings": warnings,
        "warning_details": warning_details,
    }))
}

fn tlsrpt_details(defects: &[TlsrptDefect]) -> (Vec<TlsrptDefectWord>, Vec<Value>) {
    let mut words = Vec::new();
    let mut details = Vec::new();
    for defect in defects {
        if !words.contains(&defect.word) {
            words.push(defect.word);
        }
        details.push(json!({ "word": defect.word, "position": defect.position, "detail": defect.detail }));
    }
    (words, details)
}

fn special_address(question: &Value) -> Result<Value, String> {
    let address = string(question, "address")?;
    let ip: IpAddr = address.parse().map_err(|_| "address is not an IPv4 or IPv6 address".to_string())?;
    let why = special_address::special(ip);
    Ok(json!({ "special": why.is_some(), "why": why }))
}

fn domain_name(question: &Value) -> Result<Value, String> {
    let (ascii, error) = match name::to_ascii(string(question, "name")?) {
        Ok(ascii) => (Some(ascii), None),
        Err(error) => (None, Some(error)),
    };
    Ok(json!({ "ascii": ascii, "error": error }))
}

/// The bytes of each TXT record: a list of records, each a list of strings to join, or one string.
fn txt(question: &Value) -> Result<Vec<Vec<u8>>, String> {
    let shape = || "txt must be a list of records, each a list of strings".to_string();
    let records = question.get("txt").and_then(Value::as_array).ok_or_else(shape)?;
    let join = |record: &Value| match record {
        Value::String(text) => Some(text.clone().into_bytes()),
        // RFC 8461 §3.1, RFC 7208 §3.3: joined without adding spaces.
        _ => strings(record).map(|parts| parts.concat().into_bytes()),
    };
    records.iter().map(join).collect::<Option<_>>().ok_or_else(shape)
}

fn strings(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

fn string<'a>(question: &'a Value, key: &str) -> Result<&'a str, String> {
    question.get(key).and_then(Value::as_str).ok_or_else(|| format!("{key} must be there, as a string"))
}

fn details(defects: &[Defect]) -> Value {
    let detail = |defect: &Defect| {
        let word: Failure = defect.failure;
        json!({ "word": word, "position": defect.position, "detail": defect.detail })
    };
    defects.iter().map(detail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_named(word: &str) -> Kind {
        Kind::ALL.iter().copied().find(|kind| kind.word() == word).unwrap()
    }

    fn ask(kind: &str, input: &str) -> Vec<Value> {
        let mut output = Vec::new();
        run(kind_named(kind), input.as_bytes(), &mut output).unwrap();
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_kind_answers() {
        let cases = [
            (
                "sts-record",
                r#"{"id":1,"txt":[["v=STSv1; ","id=7"],["v=spf1 -all"]]}"#,
                json!({"id":1,"status":"valid","sts_id":"7","defects":[],"defect_details":[],"warnings":[],
                       "warning_details":[],"lenient_status":"valid","lenient_sts_id":"7"}),
            ),
            (
                "sts-record",
                r#"{"id":"x","txt":["v=STSv1 ; id=7;;"]}"#,
                json!({"id":"x","status":"invalid","sts_id":null,"defects":["record-syntax"],
                       "defect_details":[{"word":"record-syntax","position":15,"detail":"nothing stands between two semicolons"}],
                       "warnings":["record-syntax"],
                       "warning_details":[{"word":"record-syntax","position":7,
                           "detail":"white space before the first semicolon in \"v=STSv1 ; id=7;;\""}],
                       "lenient_status":"valid","lenient_sts_id":"7"}),
            ),
            (
                "sts-policy",
                r#"{"id":2,"body":"version: STSv1\nmode: none\nmax_age: 60\n"}"#,
                json!({"id":2,"status":"valid","mode":"none","max_age":60,"mx":[],"defects":[],"defect_details":[],
                       "warnings":["max-age-short"],
                       "lenient":{"status":"valid","mode":"none","max_age":60,"mx":[],"defects":[]}}),
            ),
            (
                "sts-policy",
                r#"{"id":3,"body_base64":"dmVyc2lvbjogU1RTdjEK"}"#,
                json!({"id":3,"status":"invalid","mode":null,"max_age":null,"mx":null,
                       "defects":["policy-mode","policy-max-age","policy-mx"],
                       "defect_details":[{"word":"policy-mode","position":15,"detail":"there is no mode"},
                                         {"word":"policy-max-age","position":15,"detail":"there is no max_age"},
                                         {"word":"policy-mx","position":15,"detail":"there is no mx"}],
                       "warnings":[],
                       "lenient":{"status":"invalid","mode":null,"max_age":null,"mx":null,
                                  "defects":["policy-mode","policy-max-age","policy-mx"]}}),
            ),
            (
                "mx-match",
                r#"{"id":4,"patterns":["*","*.Example.com"],"host":"mail.example.com"}"#,
                json!({"id":4,"match":true,"pattern":"*.Example.com"}),
            ),
            ("mx-match", r#"{"id":5,"patterns":["*"],"host":"a"}"#, json!({"id":5,"match":false,"pattern":null})),
            (
                "tlsrpt-record",
                r#"{"id":6,"txt":[["v=TLSRPTv1; rua=mailto:a@b"]]}"#,
                json!({"id":6,"status":"valid","rua":["mailto:a@b"],"defects":[],"defect_details":[],"warnings":[],
                       "warning_details":[]}),
            ),
            ("special-address", r#"{"id":7,"address":"10.0.0.1"}"#, json!({"id":7,"special":true,"why":"private-use"})),
            ("special-address", r#"{"id":8,"address":"8.8.8.8"}"#, json!({"id":8,"special":false,"why":null})),
            ("domain-name", r#"{"id":9,"name":"Fa\u00df.de."}"#, json!({"id":9,"ascii":"xn--fa-hia.de","error":null})),
            ("domain-name", r#"{"id":10,"name":"a..b"}"#, json!({"id":10,"ascii":null,"error":"empty-label"})),
        ];
        for (kind, question, expected) in cases {
            assert_eq!(ask(kind, question), [expected], "{kind} {question}");
        }
    }

    #[test]
    fn the_id_stands_first() {
        let mut output = Vec::new();
        run(Kind::DomainName, &br#"{"name":"a","id":[1]}"#[..], &mut output).unwrap();
        assert!(output.starts_with(br#"{"id":[1],"#), "{}", String::from_utf8_lossy(&output));
    }

    #[test]
    fn the_id_comes_back_to_the_letter() {
        let ids = ["123456789012345678901234567890", "-9223372036854775809", "1.10", "1E3", "-0", "1e400"];
        let others = [r#""\u00e9\ud800""#, "null", "false", r#"{"b":[1], "a":{}}"#, r#"{"a":1,"a":2}"#];
        for id in ids.into_iter().chain(others) {
            // The second is JSON that we cannot take, the third is not what is asked for.
            for rest in [r#""name":"a""#, r#""name":"\udc00""#, r#""name":1e400"#] {
                let mut output = Vec::new();
                run(Kind::DomainName, format!("{{ \"id\" : {id} , {rest}}}\r\n").as_bytes(), &mut output).unwrap();
                let output = String::from_utf8(output).unwrap();
                assert!(output.starts_with(&format!("{{\"id\":{id},")), "{id} {rest} {output}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_answered_and_the_stream_goes_on() {
        let cases = [
            ("domain-name", "nonsense", json!(null)),
            ("domain-name", "", json!(null)),
            ("domain-name", "[1]", json!(null)),
            ("domain-name", r#"{"id":1}"#, json!(1)),
            ("domain-name", r#"{"id":1,"name":7}"#, json!(1)),
            ("sts-record", r#"{"id":1,"txt":"v=STSv1;"}"#, json!(1)),
            ("sts-record", r#"{"id":1,"txt":[[1]]}"#, json!(1)),
            ("sts-policy", r#"{"id":1}"#, json!(1)),
            ("sts-policy", r#"{"id":1,"body":"a","body_base64":"YQ=="}"#, json!(1)),
            ("sts-policy", r#"{"id":1,"body_base64":"?"}"#, json!(1)),
            ("mx-match", r#"{"id":1,"patterns":"*.a","host":"b.a"}"#, json!(1)),
            ("mx-match", r#"{"id":1,"patterns":["*.a"]}"#, json!(1)),
            ("special-address", r#"{"id":1,"address":"example.com"}"#, json!(1)),
            ("tlsrpt-record", r#"{"id":1}"#, json!(1)),
        ];
        for (kind, question, id) in cases {
            let answers = ask(kind, &format!("{question}\n{{\"id\":\"next\"}}\n"));
            assert_eq!(answers.len(), 2, "{question}");
            assert_eq!(answers[0]["id"], id, "{question}");
            assert!(answers[0]["error"].is_string(), "{question}");
            assert_eq!(answers[1]["id"], "next", "{question}");
        }
        let mut output = Vec::new();
        run(Kind::DomainName, &b"\xff\n"[..], &mut output).unwrap();
        assert!(output.starts_with(br#"{"id":null,"error":"#), "not UTF-8");
    }
}
