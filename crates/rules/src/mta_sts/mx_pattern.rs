//! The pattern of an `mx` field, and which hosts it stands for (RFC 8461 §3.2, §4.1).
//!
//! `sts-policy-mx-value = ["*."] Domain`, with `Domain` from RFC 5321 §4.1.2. [`MxPattern::parse`]
//! keeps to that, except that an IPv4 address is refused although it has the form of a Domain: no MX
//! host is one. Every way to get it wrong that is seen in the field has its own
//! [`MxPatternError`]. [`matching`] finds the pattern that covers a host.

use std::fmt;

use crate::name::{self, LABEL_MAX, NAME_MAX};

/// A host name, or all names one label below a domain. Lower case.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MxPattern {
    wildcard: bool,
    domain: String,
}

/// Why a text is no pattern. The first that applies, in this order.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MxPatternError {
    /// Nothing after the colon.
    #[error("is empty")]
    Empty,
    /// It holds an `@`.
    #[error("is an e-mail address, not a host name")]
    EmailAddress,
    /// Several names, or a preference and a name, on one line: each mx has its own.
    #[error("holds white space or a comma; each host needs an mx line of its own")]
    List,
    /// RFC 8461 §3.2: the A-label must be given, not the U-label.
    #[error("is not ASCII; a U-label must be written as its A-label")]
    ULabel,
    /// An IPv4 or IPv6 address, bracketed or not.
    #[error("is an IP address, not a host name")]
    AddressLiteral,
    /// `*` alone, or `*.` with nothing after it.
    #[error("is a bare asterisk, which stands for no domain")]
    BareWildcard,
    /// RFC 8461 §4.1: the wildcard is the whole left-most label.
    #[error("has an asterisk that is not the whole left-most label")]
    MisplacedWildcard,
    /// Absolute names are no Domain (RFC 5321 §4.1.2).
    #[error("ends in a dot")]
    TrailingDot,
    /// How early drafts wrote a wildcard.
    #[error("begins with a dot; a wildcard is written with an asterisk")]
    LeadingDot,
    /// Two dots in a row.
    #[error("has an empty label")]
    EmptyLabel,
    /// RFC 5321 §4.1.2: letters, digits and hyphens.
    #[error("has an underscore")]
    Underscore,
    /// Anything else that no host name holds: a colon and a port, a slash, a quotation mark.
    #[error("has a character that no host name has")]
    Character,
    /// RFC 5321 §4.1.2: Let-dig at both ends of a sub-domain.
    #[error("has a label that begins or ends with a hyphen")]
    Hyphen,
    /// RFC 1035 §2.3.4.
    #[error("has a label longer than 63 octets, or is longer than 253 in all")]
    TooLong,
}

impl MxPattern {
    /// Reads a pattern by the grammar. Letter case does not matter (RFC 8461 §4.1).
    pub fn parse(text: &str) -> Result<MxPattern, MxPatternError> {
        if text.is_empty() {
            return Err(MxPatternError::Empty);
        }
        if text.contains('@') {
            return Err(MxPatternError::EmailAddress);
        }
        if text.contains([' ', '\t', ',']) {
            return Err(MxPatternError::List);
        }
        if !text.is_ascii() {
            return Err(MxPatternError::ULabel);
        }
        let (wildcard, domain) = match text.strip_prefix("*.") {
            Some(domain) => (true, domain),
            None => (false, text),
        };
        if name::address_literal(domain).is_some() {
            return Err(MxPatternError::AddressLiteral);
        }
        if text == "*" || (wildcard && domain.is_empty()) {
            return Err(MxPatternError::BareWildcard);
        }
        if domain.contains('*') {
            return Err(MxPatternError::MisplacedWildcard);
        }
        check_domain(domain)?;
        Ok(MxPattern { wildcard, domain: domain.to_ascii_lowercase() })
    }

    /// Reads a pattern as a tolerant reader does: a U-label is converted, one trailing dot dropped.
    pub fn parse_lenient(text: &str) -> Result<MxPattern, MxPatternError> {
        if text.is_ascii() {
            return MxPattern::parse(text.strip_suffix('.').unwrap_or(text));
        }
        let (star, domain) = match text.strip_prefix("*.") {
            Some(domain) => ("*.", domain),
            None => ("", text),
        };
        match name::to_ascii(domain) {
            Ok(ascii) => MxPattern::parse(&format!("{star}{ascii}")),
            // It cannot be converted: say what is wrong with the text as it stands.
            Err(_) => MxPattern::parse(text),
        }
    }

    /// Whether `host` is one that the pattern stands for (RFC 8461 §4.1): compared without regard
    /// to case, and `*.` is exactly one whole label. A trailing dot of the host does not count.
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        if !self.wildcard {
            return host.eq_ignore_ascii_case(&self.domain);
        }
        matches!(host.split_once('.'), Some((label, rest)) if !label.is_empty() && rest.eq_ignore_ascii_case(&self.domain))
    }
}

impl fmt::Display for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.wildcard { "*." } else { "" }, self.domain)
    }
}

/// The first pattern that matches `host`.
pub fn matching<'a>(patterns: &'a [MxPattern], host: &str) -> Option<&'a MxPattern> {
    patterns.iter().find(|pattern| pattern.matches(host))
}

/// `Domain = sub-domain *("." sub-domain)`, `sub-domain = Let-dig [Ldh-str]` (RFC 5321 §4.1.2).
fn check_domain(domain: &str) -> Result<(), MxPatternError> {
    if domain.ends_with('.') {
        return Err(MxPatternError::TrailingDot);
    }
    if domain.starts_with('.') {
        return Err(MxPatternError::LeadingDot);
    }
    if domain.contains("..") {
        return Err(MxPatternError::EmptyLabel);
    }
    if domain.contains('_') {
        return Err(MxPatternError::Underscore);
    }
    if !domain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        return Err(MxPatternError::Character);
    }
    if domain.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(MxPatternError::Hyphen);
    }
    if domain.len() > NAME_MAX || domain.split('.').any(|label| label.len() > LABEL_MAX) {
        return Err(MxPatternError::TooLong);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        use MxPatternError as E;
        let long_label = format!("{}.example", "a".repeat(64));
        let longest_label = format!("{}.example", "a".repeat(63));
        let longest = format!("{}.{}", ["a"; 100].join("."), ["a"; 27].join("."));
        let long = format!("*.{}.{}", ["a"; 100].join("."), ["a"; 28].join("."));
        let cases: &[(&str, Result<&str, E>)] = &[
            ("mail.example.com", Ok("mail.example.com")),
            ("Mail.Example.COM", Ok("mail.example.com")),
            ("*.example.com", Ok("*.example.com")),
            ("*.com", Ok("*.com")),
            ("localhost", Ok("localhost")),
            (&longest_label, Ok(&longest_label)),
            (&longest, Ok(&longest)),
            ("1.example.com", Ok("1.example.com")),
            ("xn--bcher-kva.example", Ok("xn--bcher-kva.example")),
            ("", Err(E::Empty)),
            ("postmaster@example.com", Err(E::EmailAddress)),
            ("a.example.com, b.example.com", Err(E::List)),
            ("a.example.com,b.example.com", Err(E::List)),
            ("10 mail.example.com", Err(E::List)),
            ("b\u{fc}cher.example", Err(E::ULabel)),
            ("*.b\u{fc}cher.example", Err(E::ULabel)),
            ("192.0.2.1", Err(E::AddressLiteral)),
            ("[192.0.2.1]", Err(E::AddressLiteral)),
            ("[IPv6:2001:db8::1]", Err(E::AddressLiteral)),
            ("2001:db8::1", Err(E::AddressLiteral)),
            ("*.192.0.2.1", Err(E::AddressLiteral)),
            ("*", Err(E::BareWildcard)),
            ("*.", Err(E::BareWildcard)),
            ("mail.*.example.com", Err(E::MisplacedWildcard)),
            ("mx*.example.com", Err(E::MisplacedWildcard)),
            ("*mx.example.com", Err(E::MisplacedWildcard)),
            ("*.*.example.com", Err(E::MisplacedWildcard)),
            ("**.example.com", Err(E::MisplacedWildcard)),
            ("mail.example.com.", Err(E::TrailingDot)),
            (".", Err(E::TrailingDot)),
            (".example.com", Err(E::LeadingDot)),
            ("*..example.com", Err(E::LeadingDot)),
            ("mail..example.com", Err(E::EmptyLabel)),
            ("mail_1.example.com", Err(E::Underscore)),
            ("mail.example.com:25", Err(E::Character)),
            ("https://example.com/", Err(E::Character)),
            ("\"mail.example.com\"", Err(E::Character)),
            ("mail\0.example.com", Err(E::Character)),
            ("-mail.example.com", Err(E::Hyphen)),
            ("mail-.example.com", Err(E::Hyphen)),
            (&long_label, Err(E::TooLong)),
            (&long, Err(E::TooLong)),
        ];
        for (text, expected) in cases {
            let read = MxPattern::parse(text);
            assert_eq!(read.map(|pattern| pattern.to_string()), expected.map(str::to_string), "{text:?}");
        }
    }

    #[test]
    fn tolerance() {
        use MxPatternError as E;
        let cases: &[(&str, Result<&str, E>)] = &[
            ("mail.example.com.", Ok("mail.example.com")),
            ("b\u{fc}cher.example", Ok("xn--bcher-kva.example")),
            ("*.B\u{fc}cher.example.", Ok("*.xn--bcher-kva.example")),
            ("mail.example.com..", Err(E::TrailingDot)),
            ("*", Err(E::BareWildcard)),
            ("*.", Err(E::BareWildcard)),
            (".example.com", Err(E::LeadingDot)),
            ("\u{fc}@example.com", Err(E::EmailAddress)),
            ("\u{ff11}92.0.2.1", Err(E::ULabel)),
            ("m\u{fc}_x.example", Err(E::Underscore)),
        ];
        for (text, expected) in cases {
            let read = MxPattern::parse_lenient(text);
            assert_eq!(read.map(|pattern| pattern.to_string()), expected.map(str::to_string), "{text:?}");
        }
    }

    #[test]
    fn hosts() {
        let cases = [
            ("mail.example.com", "mail.example.com", true, "the name itself"),
            ("mail.example.com", "MAIL.example.com", true, "case does not matter"),
            ("MAIL.EXAMPLE.COM", "mail.example.com", true, "on either side"),
            ("mail.example.com", "mail.example.com.", true, "the root's dot is no part of it"),
            ("mail.example.com", "evil-mail.example.com", false, "not a suffix match"),
            ("mail.example.com", "a.mail.example.com", false, "not a suffix match"),
            ("*.example.com", "mail.example.com", true, "one label"),
            ("*.example.com", "_x.example.com", true, "whatever that label is"),
            ("*.example.com", "a.mail.example.com", false, "not two"),
            ("*.example.com", "example.com", false, "not none"),
            ("*.example.com", ".example.com", false, "not an empty one"),
            ("*.mx.microsoft", "x.h-v1.mx.microsoft", false, "the case of 2024"),
            ("*.example.com", "mail.example.com.evil.test", false, "anchored at the end"),
        ];
        for (pattern, host, expected, why) in cases {
            assert_eq!(MxPattern::parse(pattern).unwrap().matches(host), expected, "{pattern} {host}: {why}");
        }
    }

    proptest! {
        #[test]
        fn parse_and_print(text in "(\\*\\.)?[a-zA-Z0-9.-]{1,30}") {
            if let Ok(pattern) = MxPattern::parse(&text) {
                prop_assert_eq!(MxPattern::parse(&pattern.to_string()), Ok(pattern.clone()));
                prop_assert_eq!(MxPattern::parse_lenient(&text), Ok(pattern));
            }
        }

        #[test]
        fn any_text_is_read(text in any::<String>(), host in any::<String>()) {
            if let Ok(pattern) = MxPattern::parse_lenient(&text) {
                let _ = pattern.matches(&host);
            }
        }

        #[test]
        fn one_more_pattern_never_unmatches(
            patterns in proptest::collection::vec("(\\*\\.)?[ab]\\.[ab]", 0..4), more in "(\\*\\.)?[ab]\\.[ab]", host in "([ab]\\.){1,2}[ab]"
        ) {
            let mut patterns: Vec<MxPattern> = patterns.iter().map(|p| MxPattern::parse(p).unwrap()).collect();
            let before = matching(&patterns, &host).is_some();
            patterns.push(MxPattern::parse(&more).unwrap());
            prop_assert!(!before || matching(&patterns, &host).is_some());
        }
    }
}
