//! Tables of good and bad policies, with the reason beside each line.

use proptest::prelude::*;

use super::*;
use crate::mta_sts::words;

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n";

/// `mode max_age mx,mx` of a valid reading, or the words of its defects.
fn summary(reading: &Reading) -> Result<String, Vec<Failure>> {
    match &reading.policy {
        Some(policy) => {
            let mx: Vec<String> = policy.mx.iter().map(MxPattern::to_string).collect();
            Ok(format!("{} {} {}", policy.mode, policy.max_age_seconds, mx.join(",")).trim_end().to_string())
        }
        None => Err(words(&reading.defects)),
    }
}

#[test]
fn valid() {
    let ext32 = format!("version: STSv1\nmode: none\nmax_age: 1\n{}: x", "n".repeat(32));
    let cases: &[(&str, &str, &str)] = &[
        (GOOD, "enforce 604800 mail.example.com", "plain"),
        (
            "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n",
            "enforce 604800 mail.example.com,*.example.net,backupmx.example.com",
            "the example of RFC 8461 3.2, CRLF",
        ),
        (
            "version: STSv1\r\nmode: testing\nmx: a.b\r\nmax_age: 0\n",
            "testing 0 a.b",
            "erratum 6253: LF or CRLF, even mixed",
        ),
        (
            "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 86400",
            "enforce 86400 a.b",
            "the last terminator is optional",
        ),
        ("max_age: 86400\nmx: a.b\nmode: enforce\nversion: STSv1\n", "enforce 86400 a.b", "fields in any order"),
        ("version:STSv1\nmode:\tenforce\nmx:  a.b\nmax_age: 86400\n", "enforce 86400 a.b", "any WSP after the colon"),
        (
            "version: STSv1  \nmode: enforce\t\nmx: a.b \r\nmax_age: 86400 \n",
            "enforce 86400 a.b",
            "any WSP after a field",
        ),
        ("version: STSv1\nmode: none\nmax_age: 86400\n", "none 86400", "mode none needs no mx"),
        ("version: STSv1\nmode: none\nmx: a.b\nmax_age: 86400\n", "none 86400 a.b", "and may have one"),
        ("version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 31557600\n", "enforce 31557600 a.b", "the maximum itself"),
        (
            "version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 0000086400\n",
            "enforce 86400 a.b",
            "ten digits, zeros included",
        ),
        (
            "version: STSv1\nmode: enforce\nmode: none\nmx: a.b\nmax_age: 1\nmax_age: 2\n",
            "enforce 1 a.b",
            "the first counts",
        ),
        (
            "version: STSv1\nversion: 2\nmode: enforce\nmode: x\nmode:\nmx: a.b\nmax_age: 1\nmax_age: -\n",
            "enforce 1 a.b",
            "later ones are ignored even when malformed",
        ),
        ("version: STSv1\nmode: none\nmax_age: 1\nx: a\nx:\nx: \u{7}\n", "none 1", "that holds for unknown keys too"),
        ("version: STSv1\nmode: none\nmax_age: 1\nx-1._y: a b: c=d;\u{fc}\n", "none 1", "unknown keys are ignored"),
        (
            "version: STSv1\nmode: none\nmax_age: 1\nMode: enforce\n",
            "none 1",
            "keys are case-sensitive: Mode is unknown",
        ),
        (&ext32, "none 1", "32 octets of key"),
        (
            "version: STSv1\nmode: enforce\nmx: A.Example\nmx: a.example\nmax_age: 1\n",
            "enforce 1 a.example,a.example",
            "mx repeats",
        ),
    ];
    for (body, expected, why) in cases {
        let reading = read(body.as_bytes());
        assert_eq!(summary(&reading.strict), Ok(expected.to_string()), "{why}: {:?}", reading.strict.defects);
        assert_eq!(reading.lenient, reading.strict, "{why}: nothing to forgive");
    }
}

#[test]
fn invalid() {
    use Failure::{
        PolicyEmpty as Empty, PolicyEncoding as Encoding, PolicyLine as Line, PolicyMaxAge as MaxAge,
        PolicyMode as Mode, PolicyMx as Mx, PolicyVersion as Version,
    };
    let ext33 = format!("version: STSv1\nmode: none\nmax_age: 1\n{}: x", "n".repeat(33));
    let with = |line: &str| format!("version: STSv1\nmode: testing\nmax_age: 86400\n{line}\n");
    // Body, defects with their positions, the lenient reading, why.
    type Case<'a> = (String, &'a [(Failure, usize)], Result<&'a str, &'a [Failure]>, &'a str);
    let cases: &[Case] = &[
        (String::new(), &[(Empty, 0)], Err(&[Empty]), "no body"),
        (
            "\n \n".into(),
            &[(Line, 0), (Line, 1), (Version, 3), (Mode, 3), (MaxAge, 3), (Mx, 3)],
            Err(&[Empty]),
            "only white space",
        ),
        (
            "<html>\n</html>".into(),
            &[(Line, 0), (Line, 7), (Version, 14), (Mode, 14), (MaxAge, 14), (Mx, 14)],
            Err(&[Line, Version, Mode, MaxAge, Mx]),
            "a web page",
        ),
        // What is missing, in the order version, mode, max_age, mx.
        ("mode: enforce\nmx: a.b\nmax_age: 1\n".into(), &[(Version, 33)], Err(&[Version]), "no version"),
        ("version: STSv1\nmx: a.b\nmax_age: 1\n".into(), &[(Mode, 34)], Err(&[Mode]), "no mode"),
        ("version: STSv1\nmode: enforce\nmx: a.b\n".into(), &[(MaxAge, 37)], Err(&[MaxAge]), "no max_age"),
        ("version: STSv1\nmode: enforce\nmax_age: 1\n".into(), &[(Mx, 40)], Err(&[Mx]), "no mx"),
        (
            "x: y\n".into(),
            &[(Version, 5), (Mode, 5), (MaxAge, 5), (Mx, 5)],
            Err(&[Version, Mode, MaxAge, Mx]),
            "nothing but unknown keys",
        ),
        // Values.
        ("version: STSv2\nmode: none\nmax_age: 1\n".into(), &[(Version, 9)], Err(&[Version]), "another version"),
        ("version: stsv1\nmode: none\nmax_age: 1\n".into(), &[(Version, 9)], Ok("none 1"), "case of the version"),
        (
            "version: STSv2\nversion: STSv1\nmode: none\nmax_age: 1\n".into(),
            &[(Version, 9)],
            Err(&[Version]),
            "the first one counts",
        ),
        (
            "version: STSv1\nmode: Enforce\nmx: a.b\nmax_age: 1\n".into(),
            &[(Mode, 21)],
            Ok("enforce 1 a.b"),
            "case of the mode",
        ),
        (
            "version: STSv1\nmode: report\nmx: a.b\nmax_age: 1\n".into(),
            &[(Mode, 21)],
            Err(&[Mode]),
            "a mode of early drafts",
        ),
        ("version: STSv1\nmode:\nmx: a.b\nmax_age: 1\n".into(), &[(Mode, 20)], Err(&[Mode]), "an empty mode"),
        (
            "version: STSv1\nmode: none\nmax_age: 31557601\n".into(),
            &[(MaxAge, 35)],
            Ok("none 31557600"),
            "one second above the maximum",
        ),
        (
            "version: STSv1\nmode: none\nmax_age: 9999999999\n".into(),
            &[(MaxAge, 35)],
            Ok("none 31557600"),
            "ten digits",
        ),
        ("version: STSv1\nmode: none\nmax_age: 00000086400\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "eleven digits"),
        ("version: STSv1\nmode: none\nmax_age: +86400\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "a sign"),
        ("version: STSv1\nmode: none\nmax_age: -1\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "a sign"),
        ("version: STSv1\nmode: none\nmax_age: 86_400\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "what Python takes"),
        ("version: STSv1\nmode: none\nmax_age: 1e5\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "what JavaScript takes"),
        (
            "version: STSv1\nmode: none\nmax_age: 0x10\n".into(),
            &[(MaxAge, 35)],
            Err(&[MaxAge]),
            "what JavaScript takes",
        ),
        ("version: STSv1\nmode: none\nmax_age: 86400s\n".into(), &[(MaxAge, 35)], Err(&[MaxAge]), "a unit"),
        (
            "version: STSv1\nmode: none\nmax_age: \u{661}\u{662}\n".into(),
            &[(MaxAge, 35)],
            Err(&[MaxAge]),
            "Arabic digits",
        ),
        ("version: STSv1\nmode: none\nmax_age:\n".into(), &[(MaxAge, 34)], Err(&[MaxAge]), "an empty max_age"),
        // Patterns.
        (with("mx: *"), &[(Mx, 48)], Err(&[Mx]), "a bare asterisk"),
        (with("mx:"), &[(Mx, 47)], Err(&[Mx]), "an empty mx"),
        (with("mx: a.b."), &[(Mx, 48)], Ok("testing 86400 a.b"), "a trailing dot"),
        (with("mx: b\u{fc}.example"), &[(Mx, 48)], Ok("testing 86400 xn--b-eha.example"), "a U-label"),
        (with("mx: 192.0.2.1"), &[(Mx, 48)], Err(&[Mx]), "an address"),
        (with("mx: me@a.b"), &[(Mx, 48)], Err(&[Mx]), "an e-mail address"),
        (with("mx: .a.b"), &[(Mx, 48)], Err(&[Mx]), "a leading dot"),
        (with("mx: a.b, c.d"), &[(Mx, 48)], Err(&[Mx]), "a list"),
        (
            with("mx: a.b\nmx: *.*.b\nmx: a@b"),
            &[(Mx, 56), (Mx, 66)],
            Err(&[Mx]),
            "one good mx does not heal the others",
        ),
        // Lines.
        (format!("\u{feff}{GOOD}"), &[(Encoding, 0)], Ok("enforce 604800 mail.example.com"), "a byte order mark"),
        (with("\nmx: a.b"), &[(Line, 44)], Ok("testing 86400 a.b"), "an empty line in the middle"),
        (with("mx: a.b\n"), &[(Line, 52)], Ok("testing 86400 a.b"), "an empty line at the end"),
        (with("mx: a.b\n "), &[(Line, 52)], Ok("testing 86400 a.b"), "a blank line at the end"),
        (
            format!("{GOOD} "),
            &[(Line, 66)],
            Ok("enforce 604800 mail.example.com"),
            "white space after the last terminator",
        ),
        (format!("\r\n{GOOD}"), &[(Line, 0)], Ok("enforce 604800 mail.example.com"), "an empty line at the start"),
        (with(" mx: a.b"), &[(Line, 44)], Ok("testing 86400 a.b"), "white space before the key"),
        (with("mx : a.b"), &[(Line, 46)], Ok("testing 86400 a.b"), "white space before the colon"),
        (
            "Version: STSv1\nMODE: none\nMax_Age: 1\n".into(),
            &[(Version, 37), (Mode, 37), (MaxAge, 37), (Mx, 37)],
            Ok("none 1"),
            "case of keys",
        ),
        (with("mx= a.b"), &[(Line, 44), (Mx, 52)], Err(&[Line, Mx]), "an equals sign for the colon"),
        (with("mx: a.b\n# a comment"), &[(Line, 52)], Err(&[Line]), "a comment"),
        (with("mx: a.b\n_x: y"), &[(Line, 52)], Err(&[Line]), "a key that begins with an underscore"),
        (with("mx: a.b\n: y"), &[(Line, 52)], Err(&[Line]), "no key"),
        (with("mx: a.b\nx:"), &[(Line, 54)], Err(&[Line]), "an unknown key without a value"),
        (with("mx: a.b\nx: a\tb"), &[(Line, 55)], Err(&[Line]), "a tab within a value"),
        (ext33, &[(Line, 37)], Err(&[Line]), "33 octets of key"),
        (with("mx: a.b\r\r"), &[(Line, 51)], Err(&[Line]), "CR CR LF"),
        (with("mx: a.b\0"), &[(Line, 51)], Err(&[Line]), "a NUL"),
        (
            GOOD.replace('\n', "\r"),
            &[(Line, 14), (Mode, 66), (MaxAge, 66), (Mx, 66)],
            Err(&[Line, Mode, MaxAge, Mx]),
            "bare CR ends no line",
        ),
        // All are listed: by position, then what is missing.
        (
            "mx: *\nmode: x\nversion: y".into(),
            &[(Mx, 4), (Mode, 12), (Version, 23), (MaxAge, 24)],
            Err(&[Mx, Mode, Version, MaxAge]),
            "several",
        ),
    ];
    for (body, defects, lenient, why) in cases {
        let reading = read(body.as_bytes());
        let found: Vec<_> = reading.strict.defects.iter().map(|d| (d.failure, d.position)).collect();
        assert_eq!(found, *defects, "{why}");
        assert_eq!(reading.strict.policy, None, "{why}");
        let expected = lenient.map(str::to_string).map_err(<[Failure]>::to_vec);
        assert_eq!(summary(&reading.lenient), expected, "{why}, leniently");
    }
}

#[test]
fn bytes_that_are_not_utf8() {
    use Failure::{PolicyEncoding as Encoding, PolicyMx as Mx};
    type Case<'a> = (&'a [u8], &'a [(Failure, usize)], &'a str);
    let cases: &[Case] = &[
        (b"version: STSv1\nmode: none\nmax_age: 1\nx: \xe4\n", &[(Encoding, 40)], "Latin-1 in an unknown value"),
        (
            b"version: STSv1\nmode: none\xff\nmax_age: 1\n",
            &[(Encoding, 25), (Mx, 38)],
            "in a mode: it is there, and unknown",
        ),
        (b"version: STSv1\n\xc3mode: none\nmode: none\nmax_age: 1\n", &[(Encoding, 15)], "in a key"),
        (
            b"version: STSv1\nmode: none\nmax_age: 1\nmode: \xff\n",
            &[(Encoding, 43)],
            "in a repeated field: it is the body's fault",
        ),
    ];
    for (body, defects, why) in cases {
        let reading = read(body);
        let found: Vec<_> = reading.strict.defects.iter().map(|d| (d.failure, d.position)).collect();
        assert_eq!(found, *defects, "{why}");
        assert_eq!(reading.lenient.policy, None, "{why}: not forgiven");
    }
    let utf16: Vec<u8> = "\u{feff}version: STSv1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16).strict.defects[0].failure, Failure::PolicyEncoding, "UTF-16");
}

#[test]
fn what_could_be_read_of_an_invalid_policy() {
    let reading = read(b"mode : testing\nmx: a.b\nmx: *\nmax_age: 40000000\n mode: none\n").strict;
    assert_eq!(reading.policy, None);
    assert_eq!(reading.mode, Some(Mode::Testing), "the first one, in spite of its white space");
    assert_eq!(reading.max_age_seconds, Some(40_000_000));
    assert_eq!(reading.mx, [MxPattern::parse("a.b").unwrap()]);

    let doubled = read(b"version: STSv1\r\r\nmode: enforce\r\r\nmode: t\x00esting\r\n").strict;
    assert_eq!(doubled.mode, Some(Mode::Enforce), "CR CR LF ends the value before it");
    let torn = read(b"mode: t\x00esting\r\n").strict;
    assert_eq!(torn.mode, None, "a control character within it leaves none");
}

#[test]
fn a_short_max_age_is_a_warning() {
    let with = |seconds: &str| read(GOOD.replace("604800", seconds).as_bytes()).warnings;
    assert_eq!(with("86399"), [Failure::MaxAgeShort]);
    assert_eq!(with("0"), [Failure::MaxAgeShort]);
    assert_eq!(with("86400"), []);
    assert_eq!(with("x"), []);
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::sample::select(vec![
        "version: STSv1",
        "version: stsv1",
        "Version:STSv1",
        "mode: enforce",
        "mode: Testing",
        "mode: none",
        " mode: none",
        "mx: a.b",
        "mx: *.c.d",
        "MX: e.f.",
        "mx: \u{fc}.g",
        "mx: *",
        "mx : a.b",
        "max_age: 86400",
        "max_age: 99999999",
        "max_age: x",
        "x: y",
        "x:",
        "",
        " ",
        "\u{feff}",
        "\0",
        "y",
    ]);
    let end = proptest::sample::select(vec!["\n", "\r\n", "\r", "\r\r\n", " \n", ""]);
    let lines = proptest::collection::vec((line, end), 0..8)
        .prop_map(|lines| lines.iter().flat_map(|(line, end)| [*line, *end]).collect::<String>().into_bytes());
    let most = lines.clone().prop_map(|rest| [GOOD.as_bytes(), &rest].concat());
    prop_oneof![lines, most, proptest::collection::vec(any::<u8>(), 0..80)]
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let mode = proptest::sample::select(Mode::ALL.to_vec());
    let label = "[a-z0-9]([a-z0-9-]{0,5}[a-z])?";
    let pattern = format!("(\\*\\.)?({label}\\.){{1,3}}[a-z]{{2,5}}");
    let pattern = proptest::string::string_regex(&pattern).unwrap().prop_map(|text| MxPattern::parse(&text).unwrap());
    (mode, 0..=MAX_AGE_SECONDS_MAX, proptest::collection::vec(pattern, 1..5))
        .prop_map(|(mode, max_age_seconds, mx)| Policy { mode, max_age_seconds, mx })
}

proptest! {
    #[test]
    fn readings_hold_together(body in any_body()) {
        let PolicyReading { strict, lenient, .. } = read(&body);
        for reading in [&strict, &lenient] {
            prop_assert_eq!(reading.policy.is_some(), reading.defects.is_empty());
            prop_assert!(reading.defects.iter().all(|defect| defect.position <= body.len()));
            prop_assert!(!reading.defects.iter().any(|defect| defect.detail.chars().any(char::is_control)));
            if let Some(policy) = &reading.policy {
                prop_assert!(policy.mode == Mode::None || !policy.mx.is_empty());
                prop_assert_eq!(read(policy.to_string().as_bytes()).strict.policy, Some(policy.clone()));
            }
        }
        if strict.policy.is_some() {
            prop_assert_eq!(strict, lenient);
        }
    }

    #[test]
    fn print_and_read(policy in any_policy()) {
        let text = policy.to_string();
        prop_assert_eq!(read(text.as_bytes()).strict.policy, Some(policy.clone()));
        prop_assert_eq!(read(text.replace('\n', "\r\n").as_bytes()).strict.policy, Some(policy));
    }
}
