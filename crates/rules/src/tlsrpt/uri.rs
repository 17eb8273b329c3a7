//! The URIs of a `rua` (RFC 8460 §3): `mailto:` by RFC 6068 §2, `https:` by RFC 9110 §4.2.2, both within RFC 3986.
//!
//! The general syntax is `iri-string`'s. Here stands what the two schemes and RFC 8460 ask for beyond it.

use iri_string::types::UriStr;

/// Why a text is no URI that reports can go to. The first reason met.
pub(super) fn check(text: &[u8]) -> Result<(), &'static str> {
    // RFC 8460 §3: comma, exclamation point and semicolon must be percent-encoded; the other two cannot come here.
    if text.contains(&b'!') {
        return Err("has an exclamation point, which must be percent-encoded");
    }
    let text = std::str::from_utf8(text).map_err(|_| "is not a URI: it is not ASCII")?;
    let uri = UriStr::new(text).map_err(|_| not_a_uri(text))?;
    // RFC 3986 §3.1: schemes are case-insensitive.
    if uri.scheme_str().eq_ignore_ascii_case("mailto") {
        mailto(uri)
    } else if uri.scheme_str().eq_ignore_ascii_case("https") {
        https(uri)
    } else {
        Err("has a scheme other than mailto and https")
    }
}

fn not_a_uri(text: &str) -> &'static str {
    let is_uri_byte = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    let is_encoded =
        |at: usize| text.as_bytes().get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
    if !text.bytes().all(is_uri_byte) {
        "is not a URI: it has a character that no URI has"
    } else if !text.match_indices('%').all(|(at, _)| is_encoded(at)) {
        "is not a URI: a percent sign is not followed by two hexadecimal digits"
    } else if !text.contains(':') {
        "is not a URI: it has no scheme"
    } else {
        "is not a URI by the grammar of RFC 3986"
    }
}

fn https(uri: &UriStr) -> Result<(), &'static str> {
    let Some(authority) = uri.authority_components() else { return Err("names no host") };
    if authority.host().is_empty() {
        return Err("names no host");
    }
    match authority.port() {
        // RFC 3986 §3.2.3 allows an empty port, which is the default one.
        None | Some("") => Ok(()),
        Some(port) => port.parse::<u16>().map(|_| ()).map_err(|_| "names a port above 65535"),
    }
}

fn mailto(uri: &UriStr) -> Result<(), &'static str> {
    if uri.authority_str().is_some() {
        return Err("has slashes before the mail address");
    }
    let address = uri.path_str();
    // RFC 6068 §2, item 1, of those that can stand in the path of a URI.
    if address.bytes().any(|b| b"/&;=".contains(&b)) {
        return Err("has a character in the mail address that must be percent-encoded");
    }
    if !is_address(address) {
        return Err("does not name one mail address");
    }
    match uri.query_str() {
        Some(query) if !query.split('&').all(is_header_field) => Err("has header fields that are no name=value pairs"),
        _ => Ok(()),
    }
}

/// `hfname "=" hfvalue`, both `*qchar` (RFC 6068 §2).
fn is_header_field(field: &str) -> bool {
    let qchars = |text: &str| !text.bytes().any(|b| b"/?=".contains(&b));
    field.split_once('=').is_some_and(|(name, value)| qchars(name) && qchars(value))
}

/// `addr-spec = local-part "@" domain` (RFC 6068 §2) in its percent-encoded form.
fn is_address(text: &str) -> bool {
    // An at sign in the local part stands in a quoted string, and the last one divides.
    let Some(bytes) = decoded(text) else { return false };
    let Some(at) = bytes.iter().rposition(|c| c.value == '@') else { return false };
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    (is_dot_atom(local) || is_quoted_string(local)) && (is_dot_atom(domain) || is_domain_literal(domain))
}

/// A character of a mail address, and whether it was percent-encoded.
#[derive(Clone, Copy)]
struct Character {
    value: char,
    encoded: bool,
}

/// Without percent-encoding, which stands for UTF-8 (RFC 6068 §2, item 2). `None` where it does not.
fn decoded(text: &str) -> Option<Vec<Character>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, encoded, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (hex(*high)? << 4 | hex(*low)?, true, tail),
            (b'%', _) => return None,
            (byte, tail) => (*byte, false, tail),
        };
        bytes.push((byte, encoded));
        rest = tail;
    }
    let plain: Vec<u8> = bytes.iter().map(|(byte, _)| *byte).collect();
    let text = std::str::from_utf8(&plain).ok()?;
    let character = |(at, value): (usize, char)| Some(Character { value, encoded: bytes.get(at)?.1 });
    text.char_indices().map(character).collect()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// `dot-atom-text` (RFC 5322 §3.2.3); what is not ASCII by RFC 6532 §3.2. A comma or a semicolon counts where it is
/// percent-encoded: RFC 8460 §3 foresees both in a URI, and says how to write them.
fn is_dot_atom(text: &[Character]) -> bool {
    let is_atext = |c: &Character| match c.value {
        ',' | ';' => c.encoded,
        value => value.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(value) || is_utf8_text(value),
    };
    text.split(|c| c.value == '.').all(|atom| !atom.is_empty() && atom.iter().all(is_atext))
}

/// `quoted-string` (RFC 5322 §3.2.4) without folding white space.
fn is_quoted_string(text: &[Character]) -> bool {
    let Some(inner) = text.len().checked_sub(1).and_then(|last| text.get(1..last)) else { return false };
    if text.first().is_none_or(|c| c.value != '"') || text.last().is_none_or(|c| c.value != '"') {
        return false;
    }
    let mut escaped = false;
    for c in inner {
        let printable = matches!(c.value, ' '..='~') || is_utf8_text(c.value);
        if !printable || (c.value == '"' && !escaped) {
            return false;
        }
        escaped = c.value == '\\' && !escaped;
    }
    !escaped
}

/// `"[" *dtext-no-obs "]"` (RFC 6068 §2).
fn is_domain_literal(text: &[Character]) -> bool {
    match text {
        [open, inner @ .., close] => {
            let is_dtext = |c: &Character| matches!(c.value, '!'..='Z' | '^'..='~');
            open.value == '[' && close.value == ']' && inner.iter().all(is_dtext)
        }
        _ => false,
    }
}

fn is_utf8_text(c: char) -> bool {
    !c.is_ascii() && !crate::text::is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good() {
        for uri in [
            "mailto:a@b",
            "MailTo:a@example.com",
            "mailto:a.b+c_d@example.com",
            "mailto:tls-reports@sub.example.co.uk",
            "mailto:a%21b@example.com",
            "mailto:a%2Cb@example.com",
            "mailto:a%3bb@example.com",
            "mailto:a%2Fb@example.com",
            "mailto:%22not%40me%22@example.org",
            "mailto:%22a%20b%22@example.org",
            "mailto:%22oh%5C%5Cno%22@example.org",
            "mailto:gorby%25kremvax@example.com",
            "mailto:unlikely%3Faddress@example.com",
            "mailto:Mike%26family@example.org",
            "mailto:user@%E7%B4%8D%E8%B1%86.example.org",
            "mailto:a@%5B192.0.2.1%5D",
            "mailto:a@example.com?subject=TLS%20report",
            "mailto:a@example.com?subject=x&body=a:b@c",
            "mailto:a$b'*c@example.com",
            "mailto:a@example.com#x",
            "https://example.com",
            "https://example.com/",
            "HTTPS://EXAMPLE.com/v1?x=1&y=/?#f",
            "https://example.com:8443/x",
            "https://example.com:/x",
            "https://192.0.2.1/x",
            "https://[2001:db8::1]/x",
            "https://[2001:db8::1]:8443",
            "https://[::ffff:192.0.2.1]/",
            "https://u:p@example.com/x",
            "https://example.com/a%20b%2Cc",
            "https://example.com/a:b@c=d",
        ] {
            assert_eq!(check(uri.as_bytes()), Ok(()), "{uri}");
        }
    }

    #[test]
    fn bad() {
        for uri in [
            // RFC 3986.
            "",
            ":",
            "a@b",
            "example.com/x",
            "//example.com/x",
            "1mailto:a@b",
            "mail_to:a@b",
            " mailto:a@b",
            "mailto: a@b",
            "mailto:a@b c",
            "mailto:a@b%",
            "mailto:a@b%2",
            "mailto:a%zz@b",
            "mailto:<a@b>",
            "mailto:\"a\"@b",
            "mailto:a|b@c",
            "mailto:a\\b@c",
            "mailto:a^b@c",
            "mailto:{a}@b",
            "mailto:\u{fc}@b",
            "mailto:a@[192.0.2.1]",
            "https://[2001:db8::1/x",
            "https://2001:db8::1/x",
            "https://[2001:db8::1]x/",
            "https://[2001:db8:::1]/",
            "https://[2001:db8::g]/",
            "https://[1:2:3:4:5:6:7:8:9]/",
            "https://[192.0.2.1]/",
            "https://[]/",
            "https://example.com]/x",
            "https://example.com:80a/x",
            "https://example.com:-1/x",
            "https://example.com:80:80/x",
            "https://example.com/[x]",
            "https://example.com/x?y=[1]",
            "https://example.com/x#a#b",
            "https://exam ple.com/",
            "https://a@b@c/",
            "https://example.com/\u{e4}",
            // RFC 6068.
            "mailto:",
            "mailto:a",
            "mailto:@",
            "mailto:@b",
            "mailto:a@",
            "mailto:?to=a@b",
            "mailto://a@example.com",
            "mailto:///a@example.com",
            "mailto:/a@example.com",
            "mailto:a/b@example.com",
            "mailto:a&b@example.com",
            "mailto:a=b@example.com",
            "mailto:a@example.com/x",
            "mailto:a@example..com",
            "mailto:a@.example.com",
            "mailto:a@example.com.",
            "mailto:.a@example.com",
            "mailto:a.@example.com",
            "mailto:a..b@example.com",
            "mailto:a@b@c",
            "mailto:a%40b@c",
            "mailto:a%20b@c",
            "mailto:a%00@c",
            "mailto:a%ff@c",
            "mailto:a%E2%80%8Bb@c",
            "mailto:%22a@c",
            "mailto:%22a%22b%22@c",
            "mailto:%22a%5C%22@c",
            "mailto:a@b:25",
            "mailto:a:b@c",
            "mailto:(a)b@c",
            "mailto:a@%5B192.0.2.1",
            "mailto:a@b?",
            "mailto:a@b?subject",
            "mailto:a@b?subject=x&",
            "mailto:a@b?subject=x/y",
            "mailto:a@b?subject=x?y",
            "mailto:a@b?a=b=c",
            // RFC 8460.
            "mailto:a@b!10m",
            "https://example.com/x!y",
            "http://example.com/x",
            "ftp://example.com/x",
            "tel:+1",
            // RFC 9110.
            "https:",
            "https:example.com",
            "https:/example.com",
            "https://",
            "https:///x",
            "https://:443/x",
            "https://u@/x",
            "https://example.com:65536/x",
            "https://?x",
        ] {
            assert!(check(uri.as_bytes()).is_err(), "{uri}");
        }
        assert!(check(b"mailto:a\xff@b").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..60), scheme in "(mailto:|https://|)") {
            let _ = check(&[scheme.as_bytes(), &bytes].concat());
        }

        #[test]
        fn an_encoded_address_holds(local in "[a-z0-9!#$&'*+/=?^_`{|}~-]{1,9}", domain in "[a-z0-9]{1,5}(\\.[a-z]{2,5}){0,2}") {
            let encoded: String = local.bytes().map(|b| format!("%{b:02X}")).collect();
            prop_assert_eq!(check(format!("mailto:{encoded}@{domain}").as_bytes()), Ok(()));
        }
    }
}
