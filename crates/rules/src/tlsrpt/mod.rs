//! TLSRPT, the TXT record at `_smtp._tls` (RFC 8460 §3).
//!
//! [`read`] takes every TXT record there, as bytes, the strings of each joined, and gives the
//! [`TlsrptReading`]: whether there is one record, and where its owner wants reports sent. Selection
//! and attempts are treated as for MTA-STS, whose record has the same shape; reporting itself, and
//! the result types of §4.3, are not here.

mod uri;

use std::collections::BTreeSet;

use crate::mta_sts::disguise::{self, Disguise, Disguised};
use crate::mta_sts::fields::{self, Opening};
use crate::mta_sts::{is_field_name, quote, trim, trim_end};
use crate::text::escape;

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
        /// It tries to be one, and its version is not TLSRPTv1; a warning, for such a record is discarded.
        RecordVersion = "record-version",
        /// A field does not follow the grammar; as a warning: no semicolon follows the version, so the record is discarded.
        RecordSyntax = "record-syntax",
        /// A warning: a record that is discarded stands in quotation marks, which were published with it.
        RecordQuoted = "record-quoted",
        /// A warning: white space or a character that is not seen stands before or within the version of a record that is discarded.
        RecordHiddenCharacter = "record-hidden-character",
        /// A warning: white space stands around the equals sign of the version of a record that is discarded.
        RecordSpacedVersion = "record-spaced-version",
        /// More than one record.
        RecordMultiple = "record-multiple",
        /// It has no rua.
        RuaMissing = "rua-missing",
        /// A rua is no `mailto:` (RFC 6068) or `https:` URI (RFC 3986), or holds what must be percent-encoded.
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
    /// Everything wrong, by position, then what is missing. Empty when absent or valid.
    pub defects: Vec<TlsrptDefect>,
    /// Why records that plainly try to be one were discarded.
    pub warnings: Vec<TlsrptDefect>,
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
    let mut discarded: Vec<(&[u8], Opening)> = opened().collect();
    discarded.sort_unstable_by_key(|(record, _)| *record);
    let warnings = discarded.into_iter().flat_map(|(record, opening)| why_discarded(record, opening)).collect();
    match candidates.as_slice() {
        [] => TlsrptReading { status: Tlsrpt::Absent, rua: Vec::new(), defects: Vec::new(), warnings },
        [(record, fields_at)] => {
            let (rua, defects) = read_fields(record, *fields_at);
            let status = if defects.is_empty() { Tlsrpt::Valid } else { Tlsrpt::Invalid };
            TlsrptReading { status, rua, defects, warnings }
        }
        more => {
            // RFC 8460 §3: if the number of resulting records is not one, there is no TLSRPT.
            let detail = format!("{} records begin with v={VERSION};", more.len());
            let defects = vec![TlsrptDefect { word: TlsrptDefectWord::RecordMultiple, position: 0, detail }];
            TlsrptReading { status: Tlsrpt::Multiple, rua: Vec::new(), defects, warnings }
        }
    }
}

/// RFC 8460 §3: records that do not begin with `v=TLSRPTv1;` are discarded, whatever they were meant to be. Where one plainly
/// tries to be one, this says what it lacks.
fn why_discarded(record: &[u8], opening: Opening) -> Vec<TlsrptDefect> {
    let (word, position) = match opening {
        Opening::Candidate { .. } => return Vec::new(),
        Opening::WrongVersion => (TlsrptDefectWord::RecordVersion, 0),
        Opening::NoDelimiter => (TlsrptDefectWord::RecordSyntax, 2 + VERSION.len()),
        Opening::Unrelated => return disguise::disguise(record, VERSION).into_iter().map(disguised).collect(),
    };
    vec![TlsrptDefect { word, position, detail: format!("{} does not begin with v={VERSION};", quote(record)) }]
}

fn disguised(Disguised { word, position, detail }: Disguised) -> TlsrptDefect {
    let word = match word {
        Disguise::Quoted => TlsrptDefectWord::RecordQuoted,
        Disguise::Hidden => TlsrptDefectWord::RecordHiddenCharacter,
        Disguise::Spaced => TlsrptDefectWord::RecordSpacedVersion,
    };
    TlsrptDefect { word, position, detail }
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
            let text = if index == 0 { trim_end(part) } else { trim(part) };
            match uri::check(text) {
                Ok(()) => rua.push(escape(text)),
                Err(why) => defect(TlsrptDefectWord::RuaInvalid, position, format!("{} {why}", quote(text))),
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
        use TlsrptDefectWord::{RecordSyntax as Syntax, RuaInvalid as Bad, RuaMissing as NoRua};
        // Record, defects with their positions, the URIs that hold, why.
        type Case<'a> = (&'a str, &'a [(TlsrptDefectWord, usize)], &'a [&'a str], &'a str);
        let cases: &[Case] = &[
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
    fn what_does_not_begin_with_the_version_is_discarded() {
        use TlsrptDefectWord::{
            RecordHiddenCharacter as Hidden, RecordQuoted as Quoted, RecordSpacedVersion as Spaced,
            RecordSyntax as Syntax, RecordVersion as Version,
        };
        type Case<'a> = (&'a str, &'a [(TlsrptDefectWord, usize)], &'a str);
        let cases: &[Case<'_>] = &[
            ("v=TLSRPTv2; rua=mailto:a@b", &[(Version, 0)], "another version"),
            ("v=TLSRPTv2;", &[(Version, 0)], "another version and nothing else"),
            ("v=TLSRPTv10; rua=mailto:a@b", &[(Version, 0)], "the version goes on"),
            ("v=tlsrptv1; rua=mailto:a@b", &[(Version, 0)], "case of the version"),
            ("v=TLSRPTv1", &[(Syntax, 10)], "no semicolon"),
            ("v=TLSRPTv1 rua=mailto:a@b", &[(Syntax, 10)], "a space for a semicolon"),
            ("\"v=TLSRPTv1; rua=mailto:a@b\"", &[(Quoted, 0)], "quotation marks that were published"),
            ("\u{200b}v=TLSRPTv1; rua=mailto:a@b", &[(Hidden, 0)], "ZERO WIDTH SPACE"),
            (" v=TLSRPTv1; rua=mailto:a@b", &[(Hidden, 0)], "a space"),
            ("v = TLSRPTv1; rua=mailto:a@b", &[(Spaced, 1)], "white space around the equals sign"),
            ("v=STSv1; id=1", &[], "the record of another kind"),
        ];
        for (record, warnings, why) in cases {
            let reading = reading(&[record]);
            let found: Vec<_> = reading.warnings.iter().map(|d| (d.word, d.position)).collect();
            assert_eq!((reading.status, found.as_slice()), (Tlsrpt::Absent, *warnings), "{why}");
            assert_eq!((reading.rua, reading.defects), (vec![], vec![]), "{why}");
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
