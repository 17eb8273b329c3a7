//! The MTA-STS TXT record (RFC 8461 §3.1).
//!
//! [`read`] takes every TXT record at `_mta-sts.DOMAIN`, as bytes, the strings of each joined. It
//! selects the candidates, reads the one there should be, and lists what is wrong with it. Beside
//! the reading by the grammar stands the lenient one: what a reader gets who forgives a byte order
//! mark, white space around the record, its keys and values, the letter case of keys and of the
//! version, and a record that ends in `;;`.

use std::collections::BTreeSet;

use super::StsRecord;
use super::disguise::{self, Disguise, Disguised};
use super::fields::{self, Opening};
use super::{Defect, is_field_name, quote, trim, trim_end};
use crate::failure::Failure;

const VERSION: &str = "STSv1";

/// What the TXT records at `_mta-sts` amount to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordReading {
    /// By the grammar: `Absent`, `Valid`, `Multiple` or `Invalid`.
    pub status: StsRecord,
    /// The id; only of a valid record.
    pub id: Option<String>,
    /// Everything wrong, the deciding defect first. Empty when absent or valid.
    pub defects: Vec<Defect>,
    /// What is allowed and still likely to be misread, and what keeps a discarded record from being one.
    pub warnings: Vec<Defect>,
    /// As `status`, read tolerantly. A record that needs no tolerance reads the same.
    pub lenient: StsRecord,
    /// As `id`, read tolerantly.
    pub lenient_id: Option<String>,
}

/// Reads the TXT records at `_mta-sts.DOMAIN`. Their order does not matter.
pub fn read(records: &[Vec<u8>]) -> RecordReading {
    let strict = read_strict(records);
    let (lenient, lenient_id) = match strict.status {
        StsRecord::Valid | StsRecord::Multiple => (strict.status, strict.id.clone()),
        _ => {
            let forgiven: Vec<Vec<u8>> = records.iter().map(|record| forgive(record)).collect();
            let reading = read_strict(&forgiven);
            (reading.status, reading.id)
        }
    };
    let Strict { status, id, defects, warnings } = strict;
    RecordReading { status, id, defects, warnings, lenient, lenient_id }
}

struct Strict {
    status: StsRecord,
    id: Option<String>,
    defects: Vec<Defect>,
    warnings: Vec<Defect>,
}

fn read_strict(records: &[Vec<u8>]) -> Strict {
    let opened = || records.iter().map(|record| (record, fields::opening(record, VERSION)));
    let candidates: Vec<(&[u8], usize, bool)> = opened()
        .filter_map(|(record, opening)| match opening {
            Opening::Candidate { fields_at, space_before_delimiter } => {
                Some((record.as_slice(), fields_at, space_before_delimiter))
            }
            _ => None,
        })
        .collect();
    // Erratum 6285: the grammar allows white space before the semicolon, the selection text does not.
    let spaced = candidates.iter().find(|(_, _, space)| *space).map(|(record, ..)| {
        let detail = format!("white space before the first semicolon in {}", quote(record));
        Defect::new(Failure::RecordSyntax, 2 + VERSION.len(), detail)
    });
    let mut warnings: Vec<Defect> = spaced.into_iter().chain(disguises(records)).collect();
    match candidates.as_slice() {
        [] => {
            // RFC 8461 §3.1: records that do not begin with `v=STSv1;` are discarded. One that
            // plainly tries to be an MTA-STS record is told from one that never meant to.
            let mut attempts: Vec<(&[u8], Defect)> = opened()
                .filter_map(|(record, opening)| Some((record.as_slice(), failed_attempt(record, opening)?)))
                .collect();
            attempts.sort_by_key(|(record, _)| *record);
            let defects: Vec<Defect> = attempts.into_iter().map(|(_, defect)| defect).collect();
            let status = if defects.is_empty() { StsRecord::Absent } else { StsRecord::Invalid };
            Strict { status, id: None, defects, warnings }
        }
        [(record, fields_at, _)] => {
            let Fields { id, defects, repeated_id } = read_fields(record, *fields_at);
            warnings.extend(repeated_id);
            match id.filter(|_| defects.is_empty()) {
                Some(id) => Strict { status: StsRecord::Valid, id: Some(id), defects, warnings },
                None => Strict { status: StsRecord::Invalid, id: None, defects, warnings },
            }
        }
        more => {
            // RFC 8461 §3.1: if the number of resulting records is not one, there is no policy.
            let detail = format!("{} records begin with v={VERSION};", more.len());
            let defects = vec![Defect::new(Failure::RecordMultiple, 0, detail)];
            Strict { status: StsRecord::Multiple, id: None, defects, warnings }
        }
    }
}

fn failed_attempt(record: &[u8], opening: Opening) -> Option<Defect> {
    match opening {
        Opening::WrongVersion => {
            Some(Defect::new(Failure::RecordVersion, 0, format!("{} does not begin with v={VERSION}", quote(record))))
        }
        Opening::NoDelimiter => {
            let detail = format!("no semicolon follows v={VERSION} in {}", quote(record));
            Some(Defect::new(Failure::RecordSyntax, 2 + VERSION.len(), detail))
        }
        Opening::Candidate { .. } | Opening::Unrelated => None,
    }
}

/// Records that are discarded and were plainly meant to be one; in an order that does not depend on that of the records.
fn disguises(records: &[Vec<u8>]) -> Vec<Defect> {
    let mut disguised: Vec<&Vec<u8>> = records.iter().collect();
    disguised.sort_unstable();
    let found = disguised.into_iter().flat_map(|record| disguise::disguise(record, VERSION));
    found
        .map(|Disguised { word, position, detail }| {
            let failure = match word {
                Disguise::Quoted => Failure::RecordQuoted,
                Disguise::Hidden => Failure::RecordHiddenCharacter,
                Disguise::Spaced => Failure::RecordSpacedVersion,
            };
            Defect::new(failure, position, detail)
        })
        .collect()
}

/// The fields of a candidate.
struct Fields {
    /// The id, if it is one.
    id: Option<String>,
    /// By position.
    defects: Vec<Defect>,
    /// A warning about the second id.
    repeated_id: Option<Defect>,
}

fn read_fields(record: &[u8], fields_at: usize) -> Fields {
    let mut defects = Vec::new();
    let mut syntax = |position, detail: String| defects.push(Defect::new(Failure::RecordSyntax, position, detail));
    let mut seen: BTreeSet<&[u8]> = [b"v".as_slice()].into();
    let mut id = None;
    let mut id_defect = None;
    let mut repeated_id = None;
    for piece in fields::split(record, fields_at) {
        if piece.bytes.is_empty() {
            syntax(piece.position, "nothing stands between two semicolons".into());
            continue;
        }
        let Some((name, value, value_at)) = piece.name_and_value() else {
            syntax(piece.position, format!("{} is not a name, an equals sign and a value", quote(piece.bytes)));
            continue;
        };
        let key = trim(name);
        // RFC 8461 §3.2, end: of a duplicated field all entries but the first are ignored.
        if !seen.insert(key) {
            if key == b"id" && repeated_id.is_none() {
                let detail = format!("{} is not the first id, and does not count", quote(piece.bytes));
                repeated_id = Some(Defect::new(Failure::RecordIdRepeated, piece.position, detail));
            }
            continue;
        }
        if key != name {
            syntax(piece.position + key.len(), format!("white space before the equals sign after {}", quote(key)));
            continue;
        }
        if !is_field_name(key) {
            syntax(piece.position, format!("{} is not a field name", quote(key)));
            continue;
        }
        // Only the last piece can end in white space: no delimiter follows that it would belong to.
        let bare = trim_end(value);
        if bare.len() != value.len() {
            syntax(value_at + bare.len(), "white space at the end of the record".into());
        }
        if key == b"id" {
            match identifier(bare) {
                Some(read) => id = Some(read),
                None => {
                    let detail = format!("the id {} is not 1 to 32 letters and digits", quote(bare));
                    id_defect = Some(Defect::new(Failure::RecordIdInvalid, value_at, detail));
                }
            }
        } else if !fields::is_extension_value(bare) {
            syntax(value_at, format!("{} is not a value for {}", quote(bare), quote(key)));
        }
    }
    defects.extend(id_defect);
    defects.sort_by_key(|defect| defect.position);
    if !seen.contains(b"id".as_slice()) {
        defects.push(Defect::new(Failure::RecordIdMissing, record.len(), "there is no id"));
    }
    Fields { id, defects, repeated_id }
}

/// `sts-id = %s"id=" 1*32(ALPHA / DIGIT)` (RFC 8461 §3.1).
fn identifier(value: &[u8]) -> Option<String> {
    let fits = (1..=32).contains(&value.len()) && value.iter().all(u8::is_ascii_alphanumeric);
    fits.then(|| String::from_utf8_lossy(value).into_owned())
}

/// The record without the slips that the lenient reading forgives; any other stays.
fn forgive(record: &[u8]) -> Vec<u8> {
    let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
    let mut pieces: Vec<Vec<u8>> = record.split(|&b| b == b';').map(forgive_field).collect();
    let delimited = pieces.len() > 1;
    while pieces.last().is_some_and(Vec::is_empty) {
        pieces.pop();
    }
    let versioned = format!("v={VERSION}").into_bytes();
    if let Some(first) = pieces.first_mut()
        && first.eq_ignore_ascii_case(&versioned)
    {
        *first = versioned;
    }
    let mut forgiven = pieces.join(&b';');
    // The semicolon after the version is not among what is forgiven.
    if delimited {
        forgiven.push(b';');
    }
    forgiven
}

fn forgive_field(field: &[u8]) -> Vec<u8> {
    let field = trim(field);
    match field.iter().position(|&b| b == b'=') {
        Some(equals) => {
            let (name, value) = (trim(&field[..equals]), trim(&field[equals + 1..]));
            [&name.to_ascii_lowercase(), b"=".as_slice(), value].concat()
        }
        None => field.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(records: &[&str]) -> RecordReading {
        let records: Vec<Vec<u8>> = records.iter().map(|record| record.as_bytes().to_vec()).collect();
        read(&records)
    }

    #[test]
    fn valid() {
        let id32 = "a".repeat(32);
        let name32 = format!("v=STSv1; id=1; {}=x", "n".repeat(32));
        let cases: &[(&str, &str, &str)] = &[
            ("v=STSv1; id=20160831085700Z;", "20160831085700Z", "the example of RFC 8461 §3.1"),
            ("v=STSv1; id=1", "1", "the delimiter at the end is optional"),
            ("v=STSv1;id=1", "1", "white space is optional"),
            ("v=STSv1;\t id=1 \t; ", "1", "any WSP around a semicolon"),
            ("v=STSv1; a=1; id=1", "1", "unknown fields are ignored, wherever they stand"),
            ("v=STSv1; id=1; x=a:b/c?d!", "1", "visible ASCII in an unknown value"),
            (&name32, "1", "32 octets of name"),
            ("v=STSv1; id=1; a=1; a= =", "1", "that holds for unknown fields too"),
            ("v=STSv1; v=STSv2; id=1", "1", "and for the version"),
            ("v=STSv1; ID=2; id=1", "1", "keys are case-sensitive: ID is unknown"),
        ];
        for (record, id, why) in cases {
            let reading = reading(&[record]);
            assert_eq!(reading.status, StsRecord::Valid, "{why}: {:?}", reading.defects);
            assert_eq!(reading.id.as_deref(), Some(*id), "{why}");
            assert_eq!(reading.warnings, [], "{why}");
            assert_eq!((reading.lenient, reading.lenient_id), (StsRecord::Valid, reading.id), "{why}");
        }
        assert_eq!(reading(&[&format!("v=STSv1; id={id32}")]).id, Some(id32), "32 octets of id");
    }

    fn warned(reading: &RecordReading) -> Vec<(Failure, usize)> {
        reading.warnings.iter().map(|warning| (warning.failure, warning.position)).collect()
    }

    #[test]
    fn of_a_repeated_id_the_first_counts() {
        for (record, at) in [
            ("v=STSv1; id=1; id=2", 15),
            ("v=STSv1; id=1; id=not-good!; id=", 15),
            ("v=STSv1; id=1; a=b; id=1", 20),
            ("v=STSv1; id=1; id =2", 15),
        ] {
            let reading = reading(&[record]);
            assert_eq!((reading.status, reading.id.as_deref()), (StsRecord::Valid, Some("1")), "{record}");
            assert_eq!(warned(&reading), [(Failure::RecordIdRepeated, at)], "{record}");
        }
    }

    #[test]
    fn what_disguises_a_record_is_a_warning() {
        let good = "v=STSv1; id=1";
        let cases: &[(&[&str], StsRecord, &[Failure])] = &[
            (&["\"v=STSv1; id=1\""], StsRecord::Absent, &[Failure::RecordQuoted]),
            (&["\u{200b}v=STSv1; id=1"], StsRecord::Absent, &[Failure::RecordHiddenCharacter]),
            (&["\u{a0}v=STSv1; id=1"], StsRecord::Absent, &[Failure::RecordHiddenCharacter]),
            (&["v = STSv1; id=1"], StsRecord::Absent, &[Failure::RecordSpacedVersion]),
            (&[good, "'v=STSv1; id=2'"], StsRecord::Valid, &[Failure::RecordQuoted]),
            (&["v=spf1 -all", "\"v=spf1 -all\""], StsRecord::Absent, &[]),
        ];
        for (records, status, warnings) in cases {
            let reading = reading(records);
            assert_eq!(reading.status, *status, "{records:?}");
            assert_eq!(super::super::words(&reading.warnings), *warnings, "{records:?}");
        }
    }

    #[test]
    fn invalid() {
        use Failure::{
            RecordIdInvalid as BadId, RecordIdMissing as NoId, RecordSyntax as Syntax, RecordVersion as Version,
        };
        let id33 = format!("v=STSv1; id={}", "a".repeat(33));
        let name33 = format!("v=STSv1; id=1; {}=x", "n".repeat(33));
        // Record, defects with their positions, the lenient status, why.
        type Case<'a> = (&'a str, &'a [(Failure, usize)], StsRecord, &'a str);
        let cases: &[Case] = &[
            ("v=STSv2; id=1", &[(Version, 0)], StsRecord::Invalid, "another version"),
            ("v=STSv10; id=1", &[(Version, 0)], StsRecord::Invalid, "the version goes on"),
            ("v=STS; id=1", &[(Version, 0)], StsRecord::Invalid, "an attempt without a number"),
            ("v=stsv1; id=1", &[(Version, 0)], StsRecord::Valid, "the version is case-sensitive"),
            ("V=STSv1; id=1", &[(Version, 0)], StsRecord::Valid, "so is its key"),
            ("v=STSv1", &[(Syntax, 7)], StsRecord::Invalid, "nothing after the version"),
            ("v=STSv1, id=1", &[(Syntax, 7)], StsRecord::Invalid, "a comma for a semicolon"),
            ("v=STSv1 id=1;", &[(Syntax, 7)], StsRecord::Invalid, "a space for a semicolon"),
            ("v=STSv1;", &[(NoId, 8)], StsRecord::Invalid, "no fields at all"),
            ("v=STSv1; a=1", &[(NoId, 12)], StsRecord::Invalid, "no id among them"),
            ("v=STSv1; id=", &[(BadId, 12)], StsRecord::Invalid, "an empty id"),
            ("v=STSv1; id=2024-01-01", &[(BadId, 12)], StsRecord::Invalid, "a hyphen in the id"),
            ("v=STSv1; id=\u{e9}", &[(BadId, 12)], StsRecord::Invalid, "letters are ASCII"),
            (&id33, &[(BadId, 12)], StsRecord::Invalid, "33 octets of id"),
            ("v=STSv1; id=a b", &[(BadId, 12)], StsRecord::Invalid, "a space within the id"),
            ("v=STSv1; id= 1", &[(BadId, 12)], StsRecord::Valid, "white space before the id"),
            ("v=STSv1; id =1", &[(Syntax, 11)], StsRecord::Valid, "white space before the equals sign"),
            ("v=STSv1; id=1 ", &[(Syntax, 13)], StsRecord::Valid, "white space at the end"),
            ("v=STSv1; id=1;;", &[(Syntax, 14)], StsRecord::Valid, "two semicolons at the end"),
            ("v=STSv1;; id=1;", &[(Syntax, 8)], StsRecord::Invalid, "two semicolons in the middle"),
            ("v=STSv1; ID=1", &[(NoId, 13)], StsRecord::Valid, "the key in capitals"),
            ("v=STSv1; id", &[(Syntax, 9), (NoId, 11)], StsRecord::Invalid, "no equals sign"),
            ("v=STSv1; id:1", &[(Syntax, 9), (NoId, 13)], StsRecord::Invalid, "a colon for it"),
            (
                "v=STSv1; id=1; mx: a.com; mode: testing",
                &[(Syntax, 15), (Syntax, 26)],
                StsRecord::Invalid,
                "policy keys",
            ),
            ("v=STSv1; id=1; a=b=c", &[(Syntax, 17)], StsRecord::Invalid, "an equals sign in a value"),
            ("v=STSv1; id=1; a=", &[(Syntax, 17)], StsRecord::Invalid, "an empty value"),
            ("v=STSv1; id=1; mx:=a", &[(Syntax, 15)], StsRecord::Invalid, "a colon in a name"),
            ("v=STSv1; id=1; _a=1", &[(Syntax, 15)], StsRecord::Invalid, "a name that begins with an underscore"),
            (&name33, &[(Syntax, 15)], StsRecord::Invalid, "33 octets of name"),
            ("v=STSv1; id=1; a=\u{e9}", &[(Syntax, 17)], StsRecord::Invalid, "a value that is not ASCII"),
            ("v=STSv1; a=\0; id=!", &[(Syntax, 11), (BadId, 17)], StsRecord::Invalid, "all are listed, by position"),
            ("v=STSv1; id=!; a=\0", &[(BadId, 12), (Syntax, 17)], StsRecord::Invalid, "the first decides"),
        ];
        for (record, defects, lenient, why) in cases {
            let reading = reading(&[record]);
            assert_eq!(reading.status, StsRecord::Invalid, "{why}");
            assert_eq!(reading.id, None, "{why}");
            let found: Vec<_> = reading.defects.iter().map(|d| (d.failure, d.position)).collect();
            assert_eq!(found, *defects, "{why}");
            assert_eq!(reading.lenient, *lenient, "{why}");
            let lenient_id = (*lenient == StsRecord::Valid).then_some("1");
            assert_eq!(reading.lenient_id.as_deref(), lenient_id, "{why}");
        }
    }

    #[test]
    fn selection() {
        use StsRecord::{Absent, Invalid, Multiple, Valid};
        let good = "v=STSv1; id=1";
        let cases: &[(&[&str], StsRecord, StsRecord, &str)] = &[
            (&[], Absent, Absent, "nothing there"),
            (&["v=spf1 -all"], Absent, Absent, "what a wildcard gives out"),
            (&[""], Absent, Absent, "an empty TXT record"),
            (&["v"], Absent, Absent, "shorter than any attempt"),
            (&["v=st"], Absent, Absent, "not yet an attempt"),
            (&["\"v=STSv1; id=1\""], Absent, Absent, "quotation marks that were published"),
            (&[" v=STSv1; id=1"], Absent, Valid, "discarded for the space; a tolerant reader trims"),
            (&["v = STSv1; id=1"], Absent, Valid, "likewise"),
            (&["\u{feff}v=STSv1; id=1"], Absent, Valid, "a byte order mark"),
            (&["v=spf1 -all", good], Valid, Valid, "others are discarded"),
            (&["v=STSv2; id=2", good], Valid, Valid, "another version is another record"),
            (&["v=stsv1; id=2", good], Valid, Valid, "what is valid is not made worse by tolerance"),
            (&[good, "v=STSv1; id=2"], Multiple, Multiple, "two candidates"),
            (&[good, "v=STSv1;"], Multiple, Multiple, "a broken one is a candidate all the same"),
            (&["v=stsv1; id=1", "v=STSV1; id=2"], Invalid, Multiple, "two for a tolerant reader"),
            (&["v=stsv1; id=1", "v=STSV1;"], Invalid, Multiple, "one of them broken"),
            (
                &["v=stsv1; id=1", "v=STSV1"],
                Invalid,
                Valid,
                "without its semicolon it is no candidate for a tolerant reader either",
            ),
            (&[";"], Absent, Absent, "a semicolon alone"),
        ];
        for (records, status, lenient, why) in cases {
            let there = reading(records);
            assert_eq!((there.status, there.lenient), (*status, *lenient), "{why}");
            let reversed: Vec<&str> = records.iter().rev().copied().collect();
            assert_eq!(reading(&reversed), there, "{why}: order");
        }
        assert_eq!(super::super::words(&reading(&[good, good]).defects), [Failure::RecordMultiple]);
    }

    #[test]
    fn space_before_the_first_semicolon_is_a_warning() {
        // Erratum 6285.
        for record in ["v=STSv1 ; id=1", "v=STSv1 \t; id=1;"] {
            let reading = reading(&[record]);
            assert_eq!((reading.status, reading.id.as_deref()), (StsRecord::Valid, Some("1")));
            assert_eq!(warned(&reading), [(Failure::RecordSyntax, 7)]);
        }
    }

    #[test]
    fn details_are_safe_to_print() {
        let reading = reading(&["v=STSv1; id=\x1b[31m"]);
        assert!(reading.defects[0].detail.contains("\\027[31m"), "{}", reading.defects[0].detail);
    }

    fn any_record() -> impl Strategy<Value = Vec<u8>> {
        let token = proptest::sample::select(vec![
            "v=STSv1", "v=stsv1", "v=STSv2", "V", ";", ";", "; ", " ;", " ", "\t", "id=", "id", "ID=", "=", "abc123",
            "a=b", "-", "\u{feff}", "\u{e9}", "mx: x",
        ]);
        let tokens = proptest::collection::vec(token, 0..10).prop_map(|tokens| tokens.concat().into_bytes());
        prop_oneof![
            tokens.clone(),
            tokens.prop_map(|rest| [b"v=STSv1;".as_slice(), &rest].concat()),
            proptest::collection::vec(any::<u8>(), 0..40)
        ]
    }

    proptest! {
        #[test]
        fn readings_hold_together(records in proptest::collection::vec(any_record(), 0..4)) {
            let reading = read(&records);
            prop_assert_eq!(reading.status == StsRecord::Valid, reading.id.is_some());
            prop_assert_eq!(matches!(reading.status, StsRecord::Valid | StsRecord::Absent), reading.defects.is_empty());
            prop_assert_eq!(reading.lenient == StsRecord::Valid, reading.lenient_id.is_some());
            if reading.status == StsRecord::Valid {
                prop_assert_eq!(&reading.lenient_id, &reading.id);
            }
            if reading.status != StsRecord::Absent {
                prop_assert_ne!(reading.lenient, StsRecord::Absent);
            }
            for defect in &reading.defects {
                prop_assert!(!defect.detail.chars().any(char::is_control));
            }
            let mut turned = records.clone();
            turned.reverse();
            prop_assert_eq!(read(&turned), reading);
        }

        #[test]
        fn a_good_id_is_read_back(id in "[A-Za-z0-9]{1,32}", gap in "[ \t]{0,3}", end in "([ \t]{0,2};[ \t]{0,2})?") {
            let record = format!("v=STSv1;{gap}id={id}{end}");
            let reading = read(&[record.into_bytes()]);
            prop_assert_eq!(reading.id, Some(id));
        }
    }
}
