//! What `make conformance` asks of the library and `mxcensus eval` does not answer. `conformance signature` and `conformance
//! registrable` read JSON Lines and write one word for each.
//!
//! - `signature`: `algorithm` (AlgorithmIdentifier), `key` (SubjectPublicKeyInfo), `message` and `signature`, DER and octets in
//!   hexadecimal; `good`, `bad` or `unsupported`.
//! - `registrable`: `name`, as people write it; its registrable domain as A-labels, or `null`.

use std::error::Error;
use std::io::{self, BufRead, Write};

use mxcensus_rules::name;
use mxcensus_rules::signature::{Checked, Key, Scheme, check};
use serde_json::Value;
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

#[allow(clippy::disallowed_methods, reason = "a program around the rules, which names one of them on its command line")]
fn main() -> Result<(), Box<dyn Error>> {
    let answer = match std::env::args().nth(1).as_deref() {
        Some("signature") => signature,
        Some("registrable") => registrable,
        _ => return Err("signature or registrable".into()),
    };
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        writeln!(output, "{}", answer(&question)?)?;
    }
    Ok(())
}

fn signature(question: &Value) -> Result<String, Box<dyn Error>> {
    let octets = |member: &str| hex::decode(question[member].as_str().unwrap_or_default());
    let (algorithm, key) = (octets("algorithm")?, octets("key")?);
    let (message, signature) = (octets("message")?, octets("signature")?);
    let (_, algorithm) = AlgorithmIdentifier::from_der(&algorithm)?;
    let (Ok(scheme), Ok(([], key))) = (Scheme::of(&algorithm), SubjectPublicKeyInfo::from_der(&key)) else {
        return Ok("unsupported".to_owned());
    };
    let word = match check(&scheme, &Key::of(&key), &message, &signature) {
        Checked::Good => "good",
        Checked::Bad => "bad",
        Checked::Unsupported(_) => "unsupported",
    };
    Ok(word.to_owned())
}

fn registrable(question: &Value) -> Result<String, Box<dyn Error>> {
    let ascii = name::to_ascii(question["name"].as_str().unwrap_or_default()).ok();
    Ok(ascii.as_deref().and_then(name::registrable).unwrap_or("null").to_owned())
}
