//! Records, policies, patterns and names: the rules on text.

use std::net::IpAddr;

use mxcensus_rules::mta_sts::mx_pattern::{MxPattern, matching};
use mxcensus_rules::mta_sts::{Defect, policy, record};
use mxcensus_rules::verdict::{StsRecord, Tlsrpt};
use mxcensus_rules::{name, special_address, text, tlsrpt};

use super::{assert_harmless, orders, parts};

/// The TXT records at `_mta-sts`, separated.
pub fn sts_record(data: &[u8]) {
    let records = parts(data);
    let reading = record::read(&records);
    assert!(!matches!(reading.status, StsRecord::Error | StsRecord::Unknown), "these words are the judge's");
    assert_eq!(reading.status == StsRecord::Valid, reading.id.is_some());
    assert_eq!(reading.lenient == StsRecord::Valid, reading.lenient_id.is_some());
    assert_eq!(matches!(reading.status, StsRecord::Valid | StsRecord::Absent), reading.defects.is_empty());
    check_defects(&reading.defects, records.iter().map(Vec::len).max().unwrap_or(0));
    if reading.status == StsRecord::Valid {
        assert_eq!(reading.lenient_id, reading.id, "tolerance takes nothing away");
    }
    if reading.status != StsRecord::Absent {
        assert_ne!(reading.lenient, StsRecord::Absent, "an attempt stays one");
    }
    for id in [&reading.id, &reading.lenient_id].into_iter().flatten() {
        let plain = record::read(&[format!("v=STSv1; id={id};").into_bytes()]);
        assert_eq!(plain.id.as_ref(), Some(id), "an id that was read is one");
    }
    for order in orders(&records) {
        assert_eq!(record::read(&order), reading, "the order of records");
    }
    let mut more = records;
    more.push(b"v=spf1 -all".to_vec());
    assert_eq!(record::read(&more), reading, "what a wildcard gives out changes nothing");
}

/// A policy body.
pub fn sts_policy(body: &[u8]) {
    let reading = policy::read(body);
    for one in [&reading.strict, &reading.lenient] {
        assert_eq!(one.policy.is_some(), one.defects.is_empty());
        check_defects(&one.defects, body.len());
        if let Some(policy) = &one.policy {
            assert!(policy.max_age_seconds <= policy::MAX_AGE_SECONDS_MAX);
            assert!(policy.mode == policy::Mode::None || !policy.mx.is_empty(), "hosts, but for mode none");
            let printed = policy.to_string();
            assert_eq!(policy::read(printed.as_bytes()).strict.policy.as_ref(), Some(policy), "print and read");
        }
    }
    if reading.strict.policy.is_some() {
        assert_eq!(reading.lenient, reading.strict, "what needs no tolerance reads the same");
        let windows = String::from_utf8_lossy(body).replace("\r\n", "\n").replace('\n', "\r\n");
        assert_eq!(policy::read(windows.as_bytes()).strict.policy, reading.strict.policy, "LF and CRLF");
        // A line of the file's own choosing at its head; `zz` so that it is no repetition of the input's.
        let extended = [b"zz-extension: x\n", body].concat();
        if !body.windows(12).any(|window| window == b"zz-extension") {
            assert_eq!(policy::read(&extended).strict.policy, reading.strict.policy, "unknown fields are ignored");
        }
    }
    // What the grammar takes is not read with tolerance. The tolerant reader would take `MX` for a key, though, where the
    // grammar has an unknown field; so a mark in front of such a text makes more of a difference than itself.
    let folds_keys = reading.strict.policy.is_some() && has_key_in_other_case(body);
    if !body.is_empty() && !body.starts_with(b"\xef\xbb\xbf") && !folds_keys {
        let marked = [b"\xef\xbb\xbf", body].concat();
        assert_eq!(policy::read(&marked).lenient.policy, reading.lenient.policy, "a byte order mark is forgiven");
    }
}

fn has_key_in_other_case(body: &[u8]) -> bool {
    let keys = body.split(|&byte| byte == b'\n').filter_map(|line| line.split(|&byte| byte == b':').next());
    keys.into_iter().any(|key| key.iter().any(u8::is_ascii_uppercase))
}

fn check_defects(defects: &[Defect], longest: usize) {
    for defect in defects {
        assert!(defect.position <= longest, "{defect:?} lies behind the text");
        assert!(defect.detail.len() < 1200, "{defect:?} is too long to show");
        assert_harmless(&defect.detail);
    }
    // What is missing stands last, at the end of the text, so positions never go back. Where there is no candidate
    // each defect belongs to a record of its own.
    let in_one_text = defects.iter().any(|defect| defect.position != 0 && defect.position != 7);
    assert!(!in_one_text || defects.is_sorted_by_key(|defect| defect.position), "{defects:?} are not in order");
}

/// Patterns, one a part, and in the last part a host.
pub fn mx_pattern(data: &[u8]) {
    let texts: Vec<String> = parts(data).iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let Some((host, patterns)) = texts.split_last() else { return };
    let mut read = Vec::new();
    for pattern in patterns {
        let (strict, lenient) = (MxPattern::parse(pattern), MxPattern::parse_lenient(pattern));
        if strict.is_ok() {
            assert_eq!(lenient, strict, "what needs no tolerance reads the same");
        }
        let Ok(parsed) = lenient else { continue };
        let printed = parsed.to_string();
        assert_eq!(MxPattern::parse(&printed).as_ref(), Ok(&parsed), "print and read");
        assert!(!printed.bytes().any(|b| b.is_ascii_uppercase()) && printed.is_ascii() && printed.len() <= 255);
        assert_eq!(parsed.matches(host), stands_for(&printed, host), "{printed} and {host}");
        assert_eq!(parsed.matches(host), parsed.matches(&host.to_ascii_uppercase()), "letter case");
        assert!(!parsed.matches(&format!("x.{printed}")) || printed.starts_with("*."));
        let before = matching(&read, host).is_some();
        read.push(parsed);
        assert!(!before || matching(&read, host).is_some(), "one more pattern never un-matches");
    }
}

/// RFC 8461 §4.1 once more, label by label.
fn stands_for(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(&given).all(|(one, other)| (*one == "*" && !other.is_empty()) || one == other)
}

/// The TXT records at `_smtp._tls`, separated.
pub fn tlsrpt_record(data: &[u8]) {
    let records = parts(data);
    let reading = tlsrpt::read(&records);
    assert_ne!(reading.status, Tlsrpt::Error, "this word is the judge's");
    assert_eq!(matches!(reading.status, Tlsrpt::Valid | Tlsrpt::Absent), reading.defects.is_empty());
    assert!(reading.status != Tlsrpt::Valid || !reading.rua.is_empty());
    for uri in &reading.rua {
        assert!(uri.is_ascii() && !uri.contains([' ', ',', ';', '!', '\\']), "{uri:?}");
        assert_harmless(uri);
    }
    for defect in &reading.defects {
        assert!(defect.position <= records.iter().map(Vec::len).max().unwrap_or(0));
        assert_harmless(&defect.detail);
    }
    if reading.status == Tlsrpt::Valid {
        let printed = format!("v=TLSRPTv1; rua={}", reading.rua.join(","));
        assert_eq!(tlsrpt::read(&[printed.into_bytes()]).rua, reading.rua, "print and read");
    }
    for order in orders(&records) {
        assert_eq!(tlsrpt::read(&order), reading, "the order of records");
    }
}

/// A name as people write it, and any bytes as text from the wire.
pub fn names(data: &[u8]) {
    let escaped = text::escape(data);
    assert_harmless(&escaped);
    assert_eq!(text::unescape(&escaped), data, "nothing is lost");
    assert!(escaped.len() <= 4 * data.len());

    let input = String::from_utf8_lossy(data);
    let read = name::to_ascii(&input);
    if let Ok(ascii) = &read {
        assert!(name::is_host_name(ascii), "{ascii} can be looked up");
        assert!(ascii.len() <= name::NAME_MAX && !ascii.bytes().any(|b| b.is_ascii_uppercase()));
        assert_eq!(name::to_ascii(ascii).as_ref(), Ok(ascii), "once is enough");
        assert_eq!(name::to_ascii(&format!("{ascii}.")).as_ref(), Ok(ascii), "the root's dot is no part of it");
        assert_eq!(name::to_ascii(&ascii.to_ascii_uppercase()).as_ref(), Ok(ascii), "letter case");
        let suffix = name::suffix(ascii).expect("every name has a public suffix");
        assert!(ascii.ends_with(suffix));
        if let Some(registrable) = name::registrable(ascii) {
            assert!(ascii.ends_with(registrable) && registrable.ends_with(suffix));
            assert_eq!(registrable.split('.').count(), suffix.split('.').count() + 1);
        }
    }
    if let Some(address) = name::address_literal(&input) {
        assert_eq!(read, Err(name::NameError::AddressLiteral));
        assert!(!name::is_host_name(&input));
        assert_eq!(name::address_literal(&address.to_string()), Some(address), "print and read");
        if let IpAddr::V4(v4) = address {
            assert!(special_address::special(IpAddr::V6(v4.to_ipv6_mapped())).is_some());
        }
    }
}
