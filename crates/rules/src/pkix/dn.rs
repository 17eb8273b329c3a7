//! Distinguished names, compared as RFC 5280 §7.1 has it: case, spacing and string types do not matter.

use unicode_normalization::UnicodeNormalization;
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::x509::X509Name;

/// A distinguished name in a form that is equal for equal names: an entry for each RDN, from the root down.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct DistinguishedName(Vec<Vec<u8>>);

impl DistinguishedName {
    /// Prepares a name for comparison.
    pub(crate) fn of(name: &X509Name<'_>) -> Self {
        let rdns = name.iter_rdn().map(|rdn| {
            let mut attributes: Vec<Vec<u8>> = rdn
                .iter()
                .map(|attribute| {
                    let (kind, value) = prepared(attribute.attr_value());
                    let oid = attribute.attr_type().as_bytes();
                    [&length(oid), oid, &[kind], &length(&value), &value].concat()
                })
                .collect();
            // An RDN is a set (X.501 §9.3).
            attributes.sort_unstable();
            attributes.concat()
        });
        Self(rdns.collect())
    }

    /// Whether it names nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is the name `base` or below it (RFC 5280 §7.1: all RDNs of the base match, in order).
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.0.starts_with(&base.0)
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// A mark for "text" or the tag of something else, and the value to compare.
fn prepared(value: &Any<'_>) -> (u8, Vec<u8>) {
    match text(value) {
        Some(text) => (0, prepare(&text).into_bytes()),
        None => (u8::try_from(value.tag().0).unwrap_or(u8::MAX).max(1), value.data.to_vec()),
    }
}

/// The characters of a string type of X.520's DirectoryString, and of IA5String.
fn text(value: &Any<'_>) -> Option<String> {
    let bytes = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        // In practice Latin-1.
        Tag::T61String => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString if bytes.len().is_multiple_of(2) => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        Tag::UniversalString if bytes.len().is_multiple_of(4) => bytes
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        _ => None,
    }
}

/// RFC 4518 §2, as far as names of certificates need it: characters that mean nothing go, case is folded, compatible forms
/// become one (NFKC), and spaces count once and only inside.
fn prepare(text: &str) -> String {
    let mapped = text.chars().filter(|c| !means_nothing(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    let folded: String = mapped.flat_map(char::to_lowercase).nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// RFC 4518 §2.2: mapped to nothing. White space among the controls is mapped to a space.
fn means_nothing(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' | '\u{206a}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::element;
    use x509_parser::asn1_rs::FromDer;

    fn name(parts: &[&[(u8, &[u8])]]) -> DistinguishedName {
        let rdns: Vec<Vec<u8>> = parts
            .iter()
            .map(|attributes| {
                let attributes: Vec<Vec<u8>> = attributes
                    .iter()
                    .map(|(tag, value)| element(0x30, &[&[6, 3, 0x55, 4, 3], &element(*tag, &[value])]))
                    .collect();
                element(0x31, &attributes.iter().map(Vec::as_slice).collect::<Vec<_>>())
            })
            .collect();
        let der = element(0x30, &rdns.iter().map(Vec::as_slice).collect::<Vec<_>>());
        DistinguishedName::of(&X509Name::from_der(&der).unwrap().1)
    }

    #[test]
    fn names_are_equal_where_only_the_writing_differs() {
        let (utf8, printable, bmp, t61) = (12, 19, 30, 20);
        let plain = name(&[&[(printable, b"Root CA")]]);
        for (tag, value) in [
            (utf8, &b"Root CA"[..]),
            (utf8, b"ROOT ca"),
            (printable, b"  Root   CA "),
            (t61, b"root\tca"),
            (bmp, b"\0R\0o\0o\0t\0 \0C\0A"),
            (utf8, "Root\u{a0}CA".as_bytes()),
            (utf8, "Ro\u{ad}ot CA".as_bytes()),
            (utf8, "Ｒoot CA".as_bytes()),
        ] {
            assert_eq!(name(&[&[(tag, value)]]), plain, "{tag} {value:?}");
        }
        for (tag, value) in [(utf8, &b"RootCA"[..]), (utf8, b"Root CA 2"), (4, b"Root CA"), (utf8, b"\xff")] {
            assert_ne!(name(&[&[(tag, value)]]), plain, "{tag} {value:?}");
        }
    }

    #[test]
    fn an_rdn_is_a_set_and_a_name_is_a_sequence() {
        let [a, b]: [(u8, &[u8]); 2] = [(12, b"a"), (12, b"b")];
        assert_eq!(name(&[&[a, b]]), name(&[&[b, a]]));
        assert_ne!(name(&[&[a], &[b]]), name(&[&[b], &[a]]));
        assert_ne!(name(&[&[a, b]]), name(&[&[a], &[b]]));
        assert!(name(&[&[a], &[b]]).is_within(&name(&[&[a]])));
        assert!(name(&[&[a]]).is_within(&DistinguishedName::default()));
        assert!(!name(&[&[a]]).is_within(&name(&[&[a], &[b]])));
        assert!(DistinguishedName::default().is_empty());
    }
}
