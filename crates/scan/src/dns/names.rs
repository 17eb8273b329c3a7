//! Domain names between text and wire (RFC 1035 3.1, 5.1).
//!
//! Text is what the dataset holds: lower case, no trailing dot, `.` for the root, never a U-label; odd
//! bytes as `\DDD` the way [`mxcensus_rules::text::escape`] writes them, and a dot inside a label as `\046`.
//! Anything that can be put on the wire is a name here: DNS has leading hyphens, underscores and worse.

use hickory_proto::rr::Name;

/// Reads a name. `None` when it cannot be encoded: an empty label, one above 63 octets, more than 255
/// octets in all (RFC 1035 2.3.4), or a broken escape.
pub(super) fn parse(text: &str) -> Option<Name> {
    if text == "." {
        return Some(Name::root());
    }
    let mut name = Name::root();
    let mut label: Vec<u8> = Vec::with_capacity(63);
    let mut bytes = text.bytes();
    let mut ended = false;
    while let Some(byte) = bytes.next() {
        ended = false;
        match byte {
            b'.' => {
                name = name.append_label(label.as_slice()).ok()?;
                label.clear();
                ended = true;
            }
            b'\\' => label.push(escaped(&mut bytes)?),
            _ => label.push(byte.to_ascii_lowercase()),
        }
    }
    if !ended {
        name = name.append_label(label.as_slice()).ok()?;
    }
    name.set_fqdn(true);
    Some(name)
}

/// What follows a backslash: three digits, or one character that stands for itself (RFC 1035 5.1).
fn escaped(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    let first = bytes.next()?;
    if !first.is_ascii_digit() {
        return Some(first.to_ascii_lowercase());
    }
    let mut value = u16::from(first - b'0');
    for _ in 0..2 {
        let digit = bytes.next().filter(u8::is_ascii_digit)?;
        value = value * 10 + u16::from(digit - b'0');
    }
    Some(u8::try_from(value).ok()?.to_ascii_lowercase())
}

/// Writes a name as the dataset holds it. [`parse`] is its inverse.
pub(super) fn text(name: &Name) -> String {
    if name.is_root() {
        return ".".to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for label in name.iter() {
        if !out.is_empty() {
            out.push('.');
        }
        if label.iter().all(|&b| b.is_ascii_graphic() && b != b'.' && b != b'\\') {
            out.extend(label.iter().map(|b| char::from(b.to_ascii_lowercase())));
        } else {
            let lower = label.to_ascii_lowercase();
            out.push_str(&mxcensus_rules::text::escape(&lower).replace('.', "\\046"));
        }
    }
    out
}

/// The name that a DNAME makes of one below its owner (RFC 6672 2.2); `None` when it does not apply or
/// the result is too long.
pub(super) fn substitute(name: &Name, owner: &Name, target: &Name) -> Option<Name> {
    // The owner itself is not redirected.
    if !owner.zone_of(name) || owner.iter().len() == name.iter().len() {
        return None;
    }
    let kept = name.iter().len().checked_sub(owner.iter().len())?;
    let mut out = Name::root();
    for label in name.iter().take(kept).chain(target.iter()) {
        out = out.append_label(label).ok()?;
    }
    out.set_fqdn(true);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good() {
        let long = format!("{}.test", "a".repeat(63));
        for (input, output, why) in [
            ("Example.COM", "example.com", "lower case"),
            ("example.com.", "example.com", "the root's dot is not written"),
            (".", ".", "the root"),
            ("-a.test", "-a.test", "leading hyphens exist in MX data"),
            ("_25._tcp.mx.test", "_25._tcp.mx.test", "underscores"),
            ("xn--bcher-kva.test", "xn--bcher-kva.test", "never a U-label"),
            ("a\\.b.test", "a\\046b.test", "a dot inside a label"),
            ("a\\046b.test", "a\\046b.test", "the same, as we write it"),
            ("a\\000b.test", "a\\000b.test", "a zero byte"),
            ("a\\\\b.test", "a\\\\b.test", "a backslash"),
            ("a b.test", "a b.test", "a space"),
            ("*.test", "*.test", "an asterisk is an ordinary label in a question"),
            (&long, &long, "63 octets"),
        ] {
            let name = parse(input).unwrap_or_else(|| panic!("{input}: {why}"));
            assert_eq!(text(&name), output, "{why}");
            assert_eq!(parse(&text(&name)).as_ref(), Some(&name), "{why}");
        }
    }

    #[test]
    fn bad() {
        let label = format!("{}.test", "a".repeat(64));
        let name = "a.".repeat(128);
        for (input, why) in [
            ("", "empty"),
            ("a..test", "empty label"),
            (".a", "empty label"),
            ("a\\25", "broken escape"),
            ("a\\256", "not a byte"),
            (label.as_str(), "64 octets"),
            (name.as_str(), "more than 255 octets"),
        ] {
            assert_eq!(parse(input), None, "{why}");
        }
    }

    #[test]
    fn dname_substitution() {
        for (name, owner, target, result) in [
            ("www.x.test", "x.test", "y.test", Some("www.y.test")),
            ("a.b.x.test", "x.test", ".", Some("a.b")),
            ("x.test", "x.test", "y.test", None),
            ("www.other.test", "x.test", "y.test", None),
        ] {
            let result = result.map(|r| parse(r).unwrap());
            let read = |text| parse(text).unwrap();
            assert_eq!(substitute(&read(name), &read(owner), &read(target)), result, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_wire_name_survives(labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..8)) {
            let name = Name::from_labels(labels.iter().map(|l| l.to_ascii_lowercase())).unwrap();
            let written = text(&name);
            prop_assert!(!written.chars().any(char::is_control));
            prop_assert_eq!(parse(&written), Some(name));
        }

        #[test]
        fn any_text_is_read_or_refused(input in "\\PC{0,80}") {
            if let Some(name) = parse(&input) {
                prop_assert_eq!(parse(&text(&name)), Some(name));
            }
        }
    }
}
