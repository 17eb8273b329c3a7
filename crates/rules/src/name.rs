//! Domain names: from a list to a look-up, and which of them can be a host.
//!
//! Everything else in this crate takes names as [`to_ascii`] leaves them: A-labels, lower case, no
//! trailing dot (RFC 5890 2.3.2.1, RFC 1035 2.3.3). [`is_host_name`] asks whether a name found in
//! an MX record can be looked up and named in SNI (RFC 1123 2.1); [`address_literal`] recognises
//! an IP address standing where a name must. [`suffix`] and [`registrable`] cut a name along the
//! public suffix list that is compiled in (ICANN and private section alike).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// Longest name in its presentation form without the trailing dot: 255 octets on the wire
/// (RFC 1035 2.3.4) less the first length octet and the root.
pub const NAME_MAX: usize = 253;

/// Longest label (RFC 1035 2.3.4).
pub const LABEL_MAX: usize = 63;

crate::words! {
    /// Why a text is no domain name.
    NameError {
        /// Nothing, or the root alone.
        Empty = "empty",
        /// An IPv4 or IPv6 address, bracketed or not.
        AddressLiteral = "address-literal",
        /// UTS 46 refuses it: a code point that no name may hold, or an A-label that decodes to none.
        Idna = "idna",
        /// A character other than letters, digits, hyphen and underscore.
        Character = "character",
        /// Two dots in a row, or a dot at the start.
        EmptyLabel = "empty-label",
        /// A label longer than 63 octets.
        LabelTooLong = "label-too-long",
        /// Longer than 253 octets in all.
        NameTooLong = "name-too-long",
        /// A label that begins or ends with a hyphen (RFC 5321 4.1.2, RFC 1123 2.1).
        Hyphen = "hyphen",
        /// The last label is all digits: no top-level domain is (RFC 1123 2.1, RFC 3696 2).
        NumericTopLevel = "numeric-top-level",
    }
}

impl std::error::Error for NameError {}

impl NameError {
    /// What is wrong, as a part of a sentence; the word alone is for files.
    pub fn explained(self) -> &'static str {
        match self {
            NameError::Empty => "there is nothing",
            NameError::AddressLiteral => "it is an IP address",
            NameError::Idna => {
                "it has a character that no name may hold, or a label xn--… that stands for none (UTS 46)"
            }
            NameError::Character => "it has a character other than letters, digits, hyphens and underscores",
            NameError::EmptyLabel => "it begins with a dot, or has two in a row",
            NameError::LabelTooLong => "a part between two dots is longer than 63 octets",
            NameError::NameTooLong => "it is longer than 253 octets",
            NameError::Hyphen => "a part between two dots begins or ends with a hyphen",
            NameError::NumericTopLevel => "its last part is a number, and no top-level domain is",
        }
    }
}

/// The domain that somebody meant who gave an e-mail address (RFC 5321 §4.1.2), a URL (RFC 3986 §3) or a host with a port
/// where a domain is asked for; none where the text is a domain itself, or no domain can be told from it.
pub fn meant(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['<', '>', '"']);
    let authority = match text.split_once("://") {
        Some((_, rest)) => rest,
        // RFC 6068 §2: the address stands behind the scheme.
        None => text.strip_prefix("mailto:").unwrap_or(text),
    };
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    to_ascii(host).ok().filter(|domain| domain.contains('.') && to_ascii(text).is_err())
}

/// The name to look up for a name from a list or a user: A-labels (UTS 46, non-transitional), lower
/// case, no trailing dot. A single label passes, an underscore too: both exist in lists and in DNS.
pub fn to_ascii(input: &str) -> Result<String, NameError> {
    if address_literal(input).is_some() {
        return Err(NameError::AddressLiteral);
    }
    let mapped = Uts46::new()
        .to_ascii(input.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .map_err(|_| NameError::Idna)?;
    check_decoded(&mapped)?;
    let name = mapped.strip_suffix('.').unwrap_or(&mapped);
    // UTS 46 maps full-width digits and dots: what was no address before may be one now.
    if address_literal(name).is_some() {
        return Err(NameError::AddressLiteral);
    }
    check(name)?;
    Ok(name.to_ascii_lowercase())
}

/// The rules on hyphens for A-labels as they decode (RFC 5891 §4.2.3.1; UTS 46 §4.1, criteria 2 to 4): none at either end,
/// none in both the third and the fourth place, and so no `xn--` within another. The library checks them for all labels or
/// for none, and the DNS has labels of plain ASCII with hyphens in those places.
fn check_decoded(name: &str) -> Result<(), NameError> {
    if !name.contains("xn--") {
        return Ok(());
    }
    let (decoded, _) = Uts46::new().to_unicode(name.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    for label in decoded.split('.').filter(|label| !label.is_ascii() || label.starts_with("xn--")) {
        if label.starts_with('-') || label.ends_with('-') {
            return Err(NameError::Hyphen);
        }
        if label.chars().skip(2).take(2).eq(['-', '-']) {
            return Err(NameError::Idna);
        }
    }
    Ok(())
}

/// Whether an MX record's host can be looked up and named in SNI: letters, digits, hyphens and,
/// as met in the field, underscores (RFC 1123 2.1, RFC 1035 2.3.4); no IP address.
pub fn is_host_name(name: &str) -> bool {
    check(name).is_ok() && address_literal(name).is_none()
}

/// The IP address that stands where a name must: `192.0.2.1`, `[192.0.2.1]`, `[IPv6:2001:db8::1]`
/// (RFC 5321 4.1.3), `2001:db8::1`, each also with the trailing dot that DNS adds.
pub fn address_literal(name: &str) -> Option<IpAddr> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => inner[5..].parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        _ => inner.parse::<Ipv4Addr>().map(IpAddr::V4).or_else(|_| inner.parse::<Ipv6Addr>().map(IpAddr::V6)).ok(),
    }
}

/// Whether a lower-case name is `localhost` or stands below it: this machine itself, wherever it is said
/// (RFC 6761 6.3). Nobody is asked about such a name.
pub fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.strip_suffix("localhost").is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What `localhost` and every name below it stand for (RFC 6761 6.3).
pub const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// The public suffix of a lower-case A-label name; by the list's default rule, its last label.
pub fn suffix(name: &str) -> Option<&str> {
    psl::suffix_str(name)
}

/// The registrable domain: the public suffix and one label more. None for a suffix itself.
pub fn registrable(name: &str) -> Option<&str> {
    psl::domain_str(name)
}

/// Whether a label is a top-level domain that the public suffix list knows, so that it must exist.
pub fn is_top_level_domain(label: &str) -> bool {
    psl::suffix(label.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == label.as_bytes())
}

/// The rules common to a name to look up and a host, on ASCII without a trailing dot.
fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.len() > NAME_MAX {
        return Err(NameError::NameTooLong);
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err(NameError::EmptyLabel);
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(NameError::Character);
        }
        if label.len() > LABEL_MAX {
            return Err(NameError::LabelTooLong);
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(NameError::Hyphen);
        }
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NameError::NumericTopLevel);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whoever_gives_an_address_or_a_url_is_told_the_domain() {
        for (given, domain) in [
            ("postmaster@example.org", Some("example.org")),
            ("Post Master <postmaster@example.org>", Some("example.org")),
            ("mailto:postmaster@example.org?subject=x", Some("example.org")),
            ("https://example.org/", Some("example.org")),
            ("ftp://EXAMPLE.org/pub", Some("example.org")),
            ("https://user@example.org:8443/path?query", Some("example.org")),
            ("example.org/path", Some("example.org")),
            ("mx.example.org:25", Some("mx.example.org")),
            ("b\u{fc}cher.example/", Some("xn--bcher-kva.example")),
            ("example.org", None),
            ("a b", None),
            ("user@", None),
            ("user@localhost", None),
            ("https://192.0.2.1/", None),
            ("user@[192.0.2.1]", None),
        ] {
            assert_eq!(meant(given).as_deref(), domain, "{given}");
        }
    }

    #[test]
    fn what_is_wrong_is_a_sentence_and_not_its_word() {
        for error in NameError::ALL {
            assert!(error.explained().contains(' ') && error.explained() != error.word(), "{error}");
        }
    }

    #[test]
    fn names_that_pass() {
        let cases = [
            ("example.com", "example.com", "as it is"),
            ("Example.COM.", "example.com", "lower case, trailing dot gone"),
            ("com", "com", "one label is a name"),
            ("_dmarc.example.com", "_dmarc.example.com", "underscores exist in DNS"),
            ("b\u{fc}cher.example", "xn--bcher-kva.example", "U-label"),
            ("XN--Bcher-KVA.example", "xn--bcher-kva.example", "A-label in capitals"),
            ("fa\u{df}.de", "xn--fa-hia.de", "non-transitional: sharp s stays"),
            ("example\u{3002}com", "example.com", "UTS 46 maps the ideographic full stop"),
            ("r3---sn-4g5e6nsz.example.com", "r3---sn-4g5e6nsz.example.com", "hyphens in places three and four"),
            ("1.2.3.in-addr.arpa", "1.2.3.in-addr.arpa", "digits are fine before the last label"),
        ];
        for (input, ascii, why) in cases {
            assert_eq!(to_ascii(input).as_deref(), Ok(ascii), "{why}");
        }
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(longest.len(), NAME_MAX);
        assert_eq!(to_ascii(&longest), Ok(longest.clone()), "253 octets still fit");
    }

    #[test]
    fn names_that_do_not() {
        let label = "a".repeat(63);
        let too_long = format!("{label}.{label}.{label}.{}", "a".repeat(62));
        let long_label = format!("{}.example", "a".repeat(64));
        let cases: &[(&str, NameError)] = &[
            ("", NameError::Empty),
            (".", NameError::Empty),
            ("a..b", NameError::EmptyLabel),
            (".example.com", NameError::EmptyLabel),
            ("example.com..", NameError::EmptyLabel),
            (&long_label, NameError::LabelTooLong),
            (&too_long, NameError::NameTooLong),
            ("192.0.2.1", NameError::AddressLiteral),
            ("[192.0.2.1]", NameError::AddressLiteral),
            ("[IPv6:2001:db8::1]", NameError::AddressLiteral),
            ("2001:db8::1", NameError::AddressLiteral),
            ("\u{ff11}92.0.2.1", NameError::AddressLiteral),
            ("user@example.com", NameError::Character),
            ("https://example.com", NameError::Character),
            ("exa mple.com", NameError::Character),
            ("*.example.com", NameError::Character),
            ("exam\0ple.com", NameError::Character),
            ("-example.com", NameError::Hyphen),
            ("example-.com", NameError::Hyphen),
            ("xn--a.example", NameError::Idna),
            // It decodes to `xn--a-ä`.
            ("xn--xn--a--gua.pt", NameError::Idna),
            ("mail.XN--xn--a--gua.pt.", NameError::Idna),
            ("xn--a-\u{e4}.pt", NameError::Idna),
            // They decode to labels with a hyphen at the end.
            ("xn--ej0b.xn----d87b", NameError::Hyphen),
            ("\u{fc}-.example", NameError::Hyphen),
            ("-\u{fc}.example", NameError::Hyphen),
            ("ab--\u{fc}.example", NameError::Idna),
            ("exam\u{ad00}\u{d7ff}.example", NameError::Idna),
            ("mail.123", NameError::NumericTopLevel),
        ];
        for (input, error) in cases {
            assert_eq!(to_ascii(input), Err(*error), "{input:?}");
        }
    }

    #[test]
    fn hosts() {
        let cases = [
            ("mail.example.com", true),
            ("MAIL.example.com", true),
            ("mail_1.example.com", true),
            ("localhost", true),
            (".", false),
            ("", false),
            ("192.0.2.1", false),
            ("[192.0.2.1]", false),
            ("2001:db8::1", false),
            ("mail example.com", false),
            ("b\u{fc}cher.example", false),
            ("mail\\.example.com", false),
            ("-mail.example.com", false),
            ("192.0.2", false),
        ];
        for (name, expected) in cases {
            assert_eq!(is_host_name(name), expected, "{name:?}");
        }
    }

    #[test]
    fn this_machine_by_name() {
        for (name, expected) in [
            ("localhost", true),
            ("localhost.", true),
            ("mail.localhost", true),
            ("a.b.localhost", true),
            ("notlocalhost", false),
            ("localhost.localdomain", false),
            ("localhost.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_localhost(name), expected, "{name:?}");
        }
        assert!(LOOPBACK.iter().all(|ip| crate::special_address::special(*ip).is_some()));
    }

    #[test]
    fn literals() {
        let v6 = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
        let v4 = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let cases = [
            ("192.0.2.1", Some(v4)),
            ("192.0.2.1.", Some(v4)),
            ("[192.0.2.1]", Some(v4)),
            ("2001:db8::1", Some(v6)),
            ("[2001:db8::1]", Some(v6)),
            ("[IPv6:2001:db8::1]", Some(v6)),
            ("[ipv6:2001:DB8::1]", Some(v6)),
            ("[IPv6:192.0.2.1]", None),
            ("192.0.2.256", None),
            ("192.0.2", None),
            ("example.com", None),
            ("\u{fc}\u{fc}\u{fc}", None),
        ];
        for (name, expected) in cases {
            assert_eq!(address_literal(name), expected, "{name:?}");
        }
    }

    #[test]
    fn suffixes() {
        assert_eq!(suffix("mail.example.co.uk"), Some("co.uk"));
        assert_eq!(registrable("mail.example.co.uk"), Some("example.co.uk"));
        assert_eq!(registrable("co.uk"), None);
        assert_eq!(registrable("a.b.github.io"), Some("b.github.io"), "private section");
        assert_eq!(suffix("mail.example.unlisted"), Some("unlisted"), "default rule");
    }

    proptest! {
        #[test]
        fn ascii_names_are_stable(input in "\\PC{0,40}") {
            if let Ok(name) = to_ascii(&input) {
                prop_assert!(is_host_name(&name));
                prop_assert_eq!(to_ascii(&name), Ok(name.clone()));
                prop_assert_eq!(to_ascii(&format!("{}.", name)), Ok(name));
            }
        }

        #[test]
        fn no_text_makes_the_literal_reader_fall_over(input in any::<String>()) {
            let _ = address_literal(&input);
        }
    }
}
