//! What is taken out of texts: the local parts of mail addresses, and our own names.

/// The text with every mail address cut to its domain: each run of letters, digits and percent-encoded octets before an at
/// sign becomes `x`, so that what was an address stays one, and what was none stays none.
pub(super) fn without_local_parts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let start = rest[..at].rfind(ends_local_part).map_or(0, |end| end + 1);
        out.push_str(&rest[..start]);
        out.push_str(&masked(&rest[start..at]));
        out.push('@');
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

/// What cannot be part of a local part where addresses stand in records: the scheme's colon, separators, white space.
fn ends_local_part(c: char) -> bool {
    c.is_ascii() && (c.is_ascii_whitespace() || ":,;<>()[]@/\"".contains(c))
}

fn masked(local: &str) -> String {
    let mut out = String::new();
    let mut chars = local.chars().peekable();
    while let Some(c) = chars.next() {
        let encoded: String = chars.clone().take(2).collect();
        let is_octet = c == '%' && encoded.len() == 2 && encoded.bytes().all(|b| b.is_ascii_hexdigit());
        if is_octet {
            chars.nth(1);
        }
        if is_octet || c.is_alphanumeric() {
            if !out.ends_with('x') {
                out.push('x');
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The text without some words, in whatever case; each becomes `redacted`.
pub(super) fn without_words(text: &str, words: &[String]) -> String {
    let mut out = text.to_owned();
    for word in words.iter().filter(|word| !word.is_empty()) {
        let mut from = 0;
        while let Some(at) = find_ignoring_case(&out, word, from) {
            out.replace_range(at..at + word.len(), "redacted");
            from = at + "redacted".len();
        }
    }
    out
}

fn find_ignoring_case(text: &str, word: &str, from: usize) -> Option<usize> {
    let (text_bytes, word) = (text.as_bytes(), word.as_bytes());
    let starts = from..(text_bytes.len() + 1).saturating_sub(word.len());
    starts
        .filter(|&at| text.is_char_boundary(at) && text.is_char_boundary(at + word.len()))
        .find(|&at| text_bytes[at..at + word.len()].eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_domain_and_their_shape() {
        let cases = [
            ("v=TLSRPTv1; rua=mailto:jane.doe+tls@example.com", "v=TLSRPTv1; rua=mailto:x.x+x@example.com"),
            ("v=TLSRPTv1; rua=mailto:a@b,mailto:c@d", "v=TLSRPTv1; rua=mailto:x@b,mailto:x@d"),
            (
                "v=DMARC1; p=none; rua=mailto:d@ag.example!10m; ruf=mailto:f@example.org",
                "v=DMARC1; p=none; rua=mailto:x@ag.example!10m; ruf=mailto:x@example.org",
            ),
            ("mailto:a%2Cb@example.com", "mailto:x@example.com"),
            ("mailto:a..b@example.com", "mailto:x..x@example.com"),
            ("mailto:@example.com", "mailto:@example.com"),
            ("mailto:a%2@example.com", "mailto:x%x@example.com"),
            ("mailto://a@example.com", "mailto://x@example.com"),
            ("write to J\u{fc}rgen@example.com now", "write to x@example.com now"),
            ("https://u:secret@example.com/x", "https://u:x@example.com/x"),
            ("nothing", "nothing"),
            ("a@b@c", "x@x@c"),
        ];
        for (text, expected) in cases {
            assert_eq!(without_local_parts(text), expected);
        }
    }

    #[test]
    fn what_is_valid_stays_valid_and_what_is_not_does_not() {
        for rua in ["a@b", "a..b@c", "a%2Cb@c", "a%zz@c", ".a@b", "%22a%20b%22@c", "//a@b", "a@b@c"] {
            let record = format!("v=TLSRPTv1; rua=mailto:{rua}");
            let status = |text: &str| mxcensus_rules::tlsrpt::read(&[text.as_bytes().to_vec()]).status;
            assert_eq!(status(&without_local_parts(&record)), status(&record), "{rua}");
        }
    }

    #[test]
    fn our_names_are_taken_out() {
        let ours = ["probe.example.org".to_owned(), "192.0.2.7".to_owned()];
        let text = "mx greets Probe.Example.ORG [192.0.2.7], gr\u{fc}\u{df}e";
        assert_eq!(without_words(text, &ours), "mx greets redacted [redacted], gr\u{fc}\u{df}e");
    }
}
