//! TLSRPT, the TXT record at `_smtp._tls` (RFC 8460 §3).
//!
//! [`read`] takes every TXT record there, as bytes, the strings of each joined, and gives the
//! [`TlsrptReading`]: whether there is one record, and where its owner wants reports sent. Selection
//! and attempts are treated as for MTA-STS, whose record has the same shape; reporting itself, and
//! the result types of §4.3, are not here.

use std::collections::BTreeSet;

use crate::mta_sts::fields::{self, Opening};
use crate::mta_sts::{is_field_name, quote, trim, trim_end};
use crate::text;

const VERSION: &str = "TLSRPTv1";

crate::words! {
    /// What the TXT records at `_smtp._tls` amount to (RFC 8460 3).
    Tlsrpt {
        /// No record.
        Absent = "absent",
        /// Exactly one record, with an address for reports.
        Valid = "valid",
        /// More than one record.
        Multiple = "multiple",
        /// A record that breaks the grammar.
        Invalid = "invalid",
        /// The look-up failed.
        Error = "error",
    }
}
crate::words! {
    /// What can be wrong with a TLSRPT record.
    TlsrptDefectWord {
        /// It tries to be one, and its version is not TLSRPTv1.
        RecordVersion = "record-version",
        /// A field does not follow the grammar.
        RecordSyntax = "record-syntax",
        /// More than one record.
        RecordMultiple = "record-multiple",
        /// It has no rua.
        RuaMissing = "rua-missing",
        /// A rua is no `mailto:` or `https:` URI, or holds what must be percent-encoded.
        RuaInvalid = "rua-invalid",
    }
}

/// One departure from the grammar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsrptDefect {
    /// The word that it goes under.
    pub word: TlsrptDefectWord,
    /// Byte offset in the record; for something missing, the length of the record.
    pub position: usize,
    /// One sentence for a person. Text from the wire in it is escaped.
    pub detail: String,
}

/// What the TXT records at `_smtp._tls` amount to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsrptReading {
    /// `Absent`, `Valid`, `Multiple` or `Invalid`.
    pub status: Tlsrpt,
    /// The URIs of the one record, in its order, escaped; of an invalid one those that hold.
    pub rua: Vec<String>,
    /// Everything wrong, by position, then what is missing.
    pub defects: Vec<TlsrptDefect>,
}

/// Reads the TXT records at `_smtp._tls.DOMAIN`. Their order does not matter.
pub fn read(records: &[Vec<u8>]) -> TlsrptReading {
    let opened = || records.iter().map(|record| (record.as_slice(), fields::opening(record, VERSION)));
    // RFC 8460 §3: records that do not begin with `v=TLSRPTv1;` are discarded. The grammar allows
    // white space before that semicolon, as for MTA-STS.
    let candidates: Vec<(&[u8], usize)> = opened()
        .filter_map(|(record, opening)| match opening {
            Opening::Candidate { fields_at, .. } => Some((record, fields_at)),
            _ => None,
        })
        .collect();
    match candidates.as_slice() {
        [] => {
            let mut attempts: Vec<(&[u8], TlsrptDefect)> =
                opened().filter_map(|(record, opening)| Some((record, failed_attempt(record, opening)?))).collect();
            attempts.sort_by_key(|(record, _)| *record);
            let defects: Vec<TlsrptDefect> = attempts.into_iter().map(|(_, defect)| defect).collect();
            let status = if defects.is_empty() { Tlsrpt::Absent } else { Tlsrpt::Invalid };
            TlsrptReading { status, rua: Vec::new(), defects }
        }
        [(record, fields_at)] => {
            let (rua, defects) = read_fields(record, *fields_at);
            let status = if defects.is_empty() { Tlsrpt::Valid } else { Tlsrpt::Invalid };
            TlsrptReading { status, rua, defects }
        }
        more => {
            // RFC 8460 §3: if the number of resulting records is not one, there is no TLSRPT.
            let detail = format!("{} records begin with v={VERSION};", more.len());
            let defects = vec![TlsrptDefect { word: TlsrptDefectWord::RecordMultiple, position: 0, detail }];
            TlsrptReading { status: Tlsrpt::Multiple, rua: Vec::new(), defects }
        }
    }
}

fn failed_attempt(record: &[u8], opening: Opening) -> Option<TlsrptDefect> {
    let (word, position) = match opening {
        Opening::WrongVersion => (TlsrptDefectWord::RecordVersion, 0),
        Opening::NoDelimiter => (TlsrptDefectWord::RecordSyntax, 2 + VERSION.len()),
        Opening::Candidate { .. } | Opening::Unrelated => return None,
    };
    Some(TlsrptDefect { word, position, detail: format!("{} does not begin with v={VERSION};", quote(record)) })
}

/// The fields of a candidate: the URIs that hold, and the defects.
fn read_fields(record: &[u8], fields_at: usize) -> (Vec<String>, Vec<TlsrptDefect>) {
    let mut defects = Vec::new();
    let mut defect = |word, position, detail: String| defects.push(TlsrptDefect { word, position, detail });
    let mut rua = Vec::new();
    let mut has_rua = false;
    let mut extensions: BTreeSet<&[u8]> = [b"v".as_slice()].into();
    for piece in fields::split(record, fields_at) {
        if piece.bytes.is_empty() {
            defect(TlsrptDefectWord::RecordSyntax, piece.position, "nothing stands between two semicolons".into());
            continue;
        }
        let Some((name, value, value_at)) = piece.name_and_value() else {
            let detail = format!("{} is not a name, an equals sign and a value", quote(piece.bytes));
            defect(TlsrptDefectWord::RecordSyntax, piece.position, detail);
            continue;
        };
        let key = trim(name);
        let is_rua = key == b"rua";
        has_rua |= is_rua;
        // The grammar lets rua be repeated, and every one counts; of another field the first does.
        if !is_rua && !extensions.insert(key) {
            continue;
        }
        if key != name || !is_field_name(key) {
            defect(TlsrptDefectWord::RecordSyntax, piece.position, format!("{} is not a field name", quote(name)));
            continue;
        }
        let bare = trim_end(value);
        if bare.len() != value.len() {
            let position = value_at + bare.len();
            defect(TlsrptDefectWord::RecordSyntax, position, "white space at the end of the record".into());
        }
        if !is_rua {
            if !fields::is_extension_value(bare) {
                let detail = format!("{} is not a value for {}", quote(bare), quote(key));
                defect(TlsrptDefectWord::RecordSyntax, value_at, detail);
            }
            continue;
        }
        // `tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)`: white space around commas, not after the sign.
        let mut position = value_at;
        for (index, part) in bare.split(|&b| b == b',').enumerate() {
            let uri = if index == 0 { trim_end(part) } else { trim(part) };
            match check_uri(uri) {
                Ok(()) => rua.push(text::escape(uri)),
                Err(why) => defect(TlsrptDefectWord::RuaInvalid, position, format!("{} {why}", quote(uri))),
            }
            position += part.len() + 1;
        }
    }
    defects.sort_by_key(|defect| defect.position);
    if !has_rua {
        let detail = "there is no rua".to_string();
        defects.push(TlsrptDefect { word: TlsrptDefectWord::RuaMissing, position: record.len(), detail });
    }
    (rua, defects)
}

/// Whether this is a URI that reports can go to (RFC 8460 §3, RFC 3986 §3, RFC 6068 §2). Commas,
/// exclamation points and semicolons must be percent-encoded; two schemes are defined.
fn check_uri(uri: &[u8]) -> Result<(), &'static str> {
    let Some(colon) = uri.iter().position(|&b| b == b':') else { return Err("is not a URI") };
    let (scheme, rest) = (&uri[..colon], &uri[colon + 1..]);
    if rest.contains(&b'!') {
        return Err("has an exclamation point, which must be percent-encoded");
    }
    if !is_uri_text(rest) {
        return Err("has a character that no URI has, or a percent sign without two hexadecimal digits");
    }
    // RFC 3986 §3.1: schemes are case-insensitive.
    if scheme.eq_ignore_ascii_case(b"mailto") {
        let address = rest.split(|&b| b == b'?').next().unwrap_or_default();
        let mut parts = address.split(|&b| b == b'@');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(local), Some(domain), None) if !local.is_empty() && !domain.is_empty() => Ok(()),
            _ => Err("does not name one mail address"),
        }
    } else if scheme.eq_ignore_ascii_case(b"https") {
        let Some(after) = rest.strip_prefix(b"//") else { return Err("names no host") };
        let authority = after.split(|b| b"/?#".contains(b)).next().unwrap_or_default();
        let host_and_port = authority.rsplit(|&b| b == b'@').next().unwrap_or_default();
        if host_and_port.is_empty() || host_and_port.starts_with(b":") { Err("names no host") } else { Ok(()) }
    } else {
        Err("has a scheme other than mailto and https")
    }
}

/// Unreserved, reserved and percent-encoded characters (RFC 3986 §2), less those that RFC 8460
/// wants encoded.
fn is_uri_text(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += match byte {
            b'%' if text.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit)) => 3,
            b if b.is_ascii_alphanumeric() || b"-._~:/?#[]@$&'()*+=".contains(&b) => 1,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(records: &[&str]) -> TlsrptReading {
        let records: Vec<Vec<u8>> = records.iter().map(|record| record.as_bytes().to_vec()).collect();
        read(&records)
    }

    #[test]
    fn valid() {
        let cases: &[(&str, &[&str], &str)] = &[
            (
                "v=TLSRPTv1;rua=mailto:reports@example.com",
                &["mailto:reports@example.com"],
                "the example of RFC 8460 §3.1.1",
            ),
            (
                "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt",
                &["https://reporting.example.com/v1/tlsrpt"],
                "§3.1.2",
            ),
            ("v=TLSRPTv1 ;\trua=mailto:a@b ; ", &["mailto:a@b"], "any WSP around semicolons"),
            ("v=TLSRPTv1; rua=mailto:a@b,https://c/d", &["mailto:a@b", "https://c/d"], "several URIs"),
            (
                "v=TLSRPTv1; rua=mailto:a@b \t, MAILTO:c@d",
                &["mailto:a@b", "MAILTO:c@d"],
                "WSP around commas, scheme in capitals",
            ),
            ("v=TLSRPTv1; rua=mailto:a@b; rua=https://c", &["mailto:a@b", "https://c"], "rua may be repeated"),
            (
                "v=TLSRPTv1; ext=1; rua=mailto:a@b; ext=",
                &["mailto:a@b"],
                "other fields are ignored, repeated ones wholly",
            ),
            ("v=TLSRPTv1; rua=mailto:a%2Cb%21c@d?subject=x", &["mailto:a%2Cb%21c@d?subject=x"], "percent-encoded"),
            (
                "v=TLSRPTv1; rua=https://[2001:db8::1]:8443/x?y=z#f",
                &["https://[2001:db8::1]:8443/x?y=z#f"],
                "all of a URI",
            ),
        ];
        for (record, rua, why) in cases {
            let reading = reading(&[record]);
            assert_eq!(reading.status, Tlsrpt::Valid, "{why}: {:?}", reading.defects);
            assert_eq!(reading.rua, *rua, "{why}");
        }
    }

    #[test]
    fn invalid() {
        use TlsrptDefectWord::{
            RecordSyntax as Syntax, RecordVersion as Version, RuaInvalid as Bad, RuaMissing as NoRua,
        };
        // Record, defects with their positions, the URIs that hold, why.
        type Case<'a> = (&'a str, &'a [(TlsrptDefectWord, usize)], &'a [&'a str], &'a str);
        let cases: &[Case] = &[
            ("v=TLSRPTv2; rua=mailto:a@b", &[(Version, 0)], &[], "another version"),
            ("v=tlsrptv1; rua=mailto:a@b", &[(Version, 0)], &[], "case of the version"),
            ("v=TLSRPTv1", &[(Syntax, 10)], &[], "no semicolon"),
            ("v=TLSRPTv1;", &[(NoRua, 11)], &[], "no fields"),
            ("v=TLSRPTv1; RUA=mailto:a@b", &[(NoRua, 26)], &[], "keys are case-sensitive: RUA is unknown"),
            ("v=TLSRPTv1; rua=", &[(Bad, 16)], &[], "an empty rua"),
            ("v=TLSRPTv1; rua=a@b", &[(Bad, 16)], &[], "an address without a scheme"),
            ("v=TLSRPTv1; rua=mailto:", &[(Bad, 16)], &[], "a scheme without an address"),
            ("v=TLSRPTv1; rua=mailto:a", &[(Bad, 16)], &[], "no domain"),
            ("v=TLSRPTv1; rua=mailto:a@", &[(Bad, 16)], &[], "an empty domain"),
            ("v=TLSRPTv1; rua=mailto:@b", &[(Bad, 16)], &[], "an empty local part"),
            ("v=TLSRPTv1; rua=mailto:@", &[(Bad, 16)], &[], "an at sign alone"),
            ("v=TLSRPTv1; rua=mailto:a@b@c", &[(Bad, 16)], &[], "two at signs"),
            ("v=TLSRPTv1; rua=http://a/b", &[(Bad, 16)], &[], "not over TLS"),
            ("v=TLSRPTv1; rua=https:a", &[(Bad, 16)], &[], "no authority"),
            ("v=TLSRPTv1; rua=https:///a", &[(Bad, 16)], &[], "no host"),
            ("v=TLSRPTv1; rua=https://:443/a", &[(Bad, 16)], &[], "a port alone"),
            ("v=TLSRPTv1; rua=mailto:a@b!10m", &[(Bad, 16)], &[], "a size limit as in DMARC"),
            ("v=TLSRPTv1; rua=mailto:a%2@b", &[(Bad, 16)], &[], "half a percent-encoding"),
            ("v=TLSRPTv1; rua=mailto:a b@c", &[(Bad, 16)], &[], "a space"),
            ("v=TLSRPTv1; rua= mailto:a@b", &[(Bad, 16)], &[], "white space after the equals sign"),
            ("v=TLSRPTv1; rua=mailto:\u{fc}@b", &[(Bad, 16)], &[], "not ASCII"),
            ("v=TLSRPTv1; rua=mailto:a@b,", &[(Bad, 27)], &["mailto:a@b"], "a comma at the end"),
            ("v=TLSRPTv1; rua=mailto:a@b, c@d", &[(Bad, 27)], &["mailto:a@b"], "one of two"),
            ("v=TLSRPTv1; rua =mailto:a@b", &[(Syntax, 12)], &[], "white space before the equals sign"),
            ("v=TLSRPTv1; rua=mailto:a@b ", &[(Syntax, 26)], &["mailto:a@b"], "white space at the end"),
            ("v=TLSRPTv1; rua=mailto:a@b;;", &[(Syntax, 27)], &["mailto:a@b"], "two semicolons"),
            ("v=TLSRPTv1; rua=mailto:a@b; x", &[(Syntax, 28)], &["mailto:a@b"], "no equals sign"),
            ("v=TLSRPTv1; rua=mailto:a@b; x=a=b", &[(Syntax, 30)], &["mailto:a@b"], "an equals sign in a value"),
        ];
        for (record, defects, rua, why) in cases {
            let reading = reading(&[record]);
            let found: Vec<_> = reading.defects.iter().map(|d| (d.word, d.position)).collect();
            assert_eq!(found, *defects, "{why}");
            assert_eq!(reading.status, Tlsrpt::Invalid, "{why}");
            assert_eq!(reading.rua, *rua, "{why}");
        }
    }

    #[test]
    fn selection() {
        let good = "v=TLSRPTv1; rua=mailto:a@b";
        let cases: &[(&[&str], Tlsrpt, &str)] = &[
            (&[], Tlsrpt::Absent, "nothing there"),
            (&["v=spf1 -all", ""], Tlsrpt::Absent, "what a wildcard gives out"),
            (&[" v=TLSRPTv1; rua=mailto:a@b"], Tlsrpt::Absent, "discarded for the space"),
            (&["v=spf1 -all", good], Tlsrpt::Valid, "others are discarded"),
            (&["v=TLSRPTv2; x=y", good], Tlsrpt::Valid, "another version too"),
            (&[good, "v=TLSRPTv1;"], Tlsrpt::Multiple, "two candidates, broken or not"),
        ];
        for (records, status, why) in cases {
            let there = reading(records);
            assert_eq!(there.status, *status, "{why}");
            let reversed: Vec<&str> = records.iter().rev().copied().collect();
            assert_eq!(reading(&reversed), there, "{why}: order");
        }
    }

    proptest! {
        #[test]
        fn readings_hold_together(rest in proptest::collection::vec(any::<u8>(), 0..60), known in any::<bool>()) {
            let record = if known { [b"v=TLSRPTv1; rua=mailto:a@b;".as_slice(), &rest].concat() } else { rest };
            let reading = read(&[record]);
            let fine = matches!(reading.status, Tlsrpt::Valid | Tlsrpt::Absent);
            prop_assert_eq!(fine, reading.defects.is_empty());
            prop_assert!(reading.status != Tlsrpt::Valid || !reading.rua.is_empty());
            prop_assert!(!reading.rua.iter().any(|uri| uri.chars().any(|c| c.is_control() || c == ' ')));
        }
    }
}
