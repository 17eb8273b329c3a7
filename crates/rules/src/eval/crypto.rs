//! `mxcensus eval dane` and `mxcensus eval pkix`: one chain, one answer.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::observation::TlsaRecord;
use crate::pkix::TrustStore;
use crate::{dane, pkix};

/// Base64 with or without padding, as people paste it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An instant: seconds since the Unix epoch, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
enum At {
    Seconds(i64),
    Fraction(f64),
    Text(String),
}

#[derive(Deserialize)]
struct DaneCase {
    tlsa: Vec<TlsaRecord>,
    chain: Vec<String>,
    #[serde(default)]
    reference_identifiers: Vec<String>,
    at: At,
}

#[derive(Deserialize)]
struct PkixCase {
    chain: Vec<String>,
    reference_identifier: String,
    at: At,
    roots: Vec<String>,
}

/// `tlsa`, `chain`, `reference_identifiers`, `at` to `result`, `record`, `depth`, `cause`, `agility_changed`,
/// `detail`, `refused_by` (see [`dane::verify`]).
pub(super) fn dane(input: &Value) -> Result<Value, String> {
    let mut case = DaneCase::deserialize(input).map_err(|error| error.to_string())?;
    for (index, record) in case.tlsa.iter_mut().enumerate() {
        record.data.retain(|c| !c.is_ascii_whitespace());
        record.data.make_ascii_lowercase();
        hex::decode(&record.data).map_err(|error| format!("tlsa[{index}].data: {error}"))?;
    }
    let chain = certificates("chain", &case.chain)?;
    let references: Vec<&str> = case.reference_identifiers.iter().map(String::as_str).collect();
    let reading = dane::verify(&case.tlsa, &borrow(&chain), &references, instant(&case.at)?);
    Ok(json!({
        "result": reading.result,
        "record": reading.record,
        "depth": reading.depth,
        "cause": reading.cause,
        "agility_changed": reading.agility_changed,
        "detail": detail(&reading.details),
        "refused_by": reading.refused_by,
    }))
}

/// `chain`, `reference_identifier`, `at`, `roots` to `result`, `failures`, `anchors`, `intermediate_missing`,
/// `detail`, `refused_by` (see [`pkix::verify`]).
pub(super) fn pkix(input: &Value) -> Result<Value, String> {
    let case = PkixCase::deserialize(input).map_err(|error| error.to_string())?;
    let chain = certificates("chain", &case.chain)?;
    if chain.is_empty() {
        return Err("chain: no certificate".to_owned());
    }
    let store = TrustStore::from_certificates(certificates("roots", &case.roots)?);
    if let Some(reason) = store.rejected().first() {
        return Err(format!("roots: {reason}"));
    }
    let reading = pkix::verify(&borrow(&chain), &case.reference_identifier, instant(&case.at)?, &store);
    Ok(json!({
        "result": reading.failures.first().map_or("valid", |failure| failure.word()),
        "failures": reading.failures,
        "anchors": reading.anchors,
        "intermediate_missing": reading.intermediate_missing,
        "detail": detail(&reading.details),
        "refused_by": reading.refused_by,
    }))
}

/// Sentences as one text; null where there is nothing to say.
fn detail(sentences: &[String]) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn certificates(field: &str, texts: &[String]) -> Result<Vec<Vec<u8>>, String> {
    let decode = |(index, text): (usize, &String)| {
        let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        BASE64.decode(text).map_err(|error| format!("{field}[{index}]: {error}"))
    };
    texts.iter().enumerate().map(decode).collect()
}

fn borrow(ders: &[Vec<u8>]) -> Vec<&[u8]> {
    ders.iter().map(Vec::as_slice).collect()
}

fn instant(at: &At) -> Result<i64, String> {
    match at {
        At::Seconds(seconds) => Ok(*seconds),
        At::Fraction(seconds) if seconds.is_finite() && seconds.abs() < 1e15 => Ok(seconds.floor() as i64),
        At::Fraction(_) => Err("at: out of range".to_owned()),
        At::Text(text) => {
            let instant: jiff::Timestamp = text.parse().map_err(|error| format!("at: {error}"))?;
            Ok(instant.as_second())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::{Authority, NOW};
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use sha2::{Digest, Sha256};

    #[test]
    fn pkix_answers() {
        let root = Authority::root("Root");
        let leaf = root.leaf(&["mx.example"]);
        let case = |name: &str, at: Value, root: &[u8]| {
            let chain = [STANDARD.encode(&leaf)];
            pkix(
                &json!({"chain": chain, "reference_identifier": name, "at": at, "roots": [STANDARD_NO_PAD.encode(root)]}),
            )
        };
        let anchor = pkix::fingerprint(&root.der());
        let valid = json!({"result": "valid", "failures": [], "anchors": [anchor], "intermediate_missing": false, "detail": null, "refused_by": []});
        assert_eq!(case("mx.example", json!(NOW), &root.der()), Ok(valid.clone()));
        assert_eq!(case("mx.example", json!("2026-01-01T00:00:00Z"), &root.der()), Ok(valid.clone()));
        assert_eq!(case("MX.example.", json!(NOW as f64 + 0.5), &root.der()), Ok(valid));
        let expired = json!({
            "result": "cert-expired", "failures": ["cert-expired", "cert-name-mismatch"], "anchors": [],
            "intermediate_missing": false, "refused_by": [],
            "detail": "leaf: expired at 2027-01-01T00:00:00Z: notAfter (RFC 5280 4.1.2.5); \
                       leaf: no DNS-ID is the reference identifier (RFC 9525 6.3)",
        });
        assert_eq!(case("other.example", json!("2030-01-01T02:00:00+02:00"), &root.der()), Ok(expired));
        let unknown = json!({
            "result": "cert-unknown-issuer", "failures": ["cert-unknown-issuer"], "anchors": [],
            "intermediate_missing": true, "refused_by": [],
            "detail": "leaf: its issuer, CN=Root, is no root and was not sent (RFC 5280 6.1.3 (a) (4))",
        });
        assert_eq!(case("mx.example", json!(NOW), &Authority::root("Other").der()), Ok(unknown));
        assert!(case("mx.example", json!("yesterday"), &root.der()).unwrap_err().starts_with("at: "));
        assert!(case("mx.example", json!(NOW), b"garbage").unwrap_err().starts_with("roots: "));
    }

    #[test]
    fn dane_answers() {
        let root = Authority::root("Root");
        let leaf = root.leaf(&["mx.example"]);
        let case = |data: String| {
            dane(&json!({
                "tlsa": [{"usage": 3, "selector": 0, "matching": 1, "data": data}],
                "chain": [STANDARD.encode(&leaf)], "reference_identifiers": [], "at": NOW,
            }))
        };
        let matched = json!({"result": "match", "record": 0, "depth": 0, "cause": null, "agility_changed": false, "detail": null, "refused_by": []});
        assert_eq!(case(hex::encode_upper(Sha256::digest(&leaf))), Ok(matched));
        let empty = json!({
            "result": "mismatch", "record": null, "depth": null, "cause": "empty-digest", "agility_changed": false, "detail": null,
            "refused_by": [],
        });
        assert_eq!(case(hex::encode(Sha256::digest(b""))), Ok(empty));
        let unusable = json!({
            "result": "unusable", "record": null, "depth": null, "cause": null, "agility_changed": false, "detail": null,
            "refused_by": [],
        });
        assert_eq!(case("00".to_owned()), Ok(unusable));
        assert!(case("0".to_owned()).unwrap_err().starts_with("tlsa[0].data: "));
    }

    #[test]
    fn input_of_another_shape_is_an_error() {
        for input in
            [json!(null), json!({}), json!({"chain": []}), json!({"chain": "x", "at": 1, "tlsa": [], "roots": []})]
        {
            assert!(dane(&input).is_err());
            assert!(pkix(&input).is_err());
        }
        let no_chain = json!({"chain": [], "reference_identifier": "a.example", "at": 0, "roots": []});
        assert_eq!(pkix(&no_chain), Err("chain: no certificate".to_owned()));
    }
}
