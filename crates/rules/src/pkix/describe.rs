//! One certificate as a row of `certificates`: what it says, believed or not (RFC 5280 §4.1).

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::oid_registry::OID_CT_LIST_SCT;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AttributeTypeAndValue, SubjectPublicKeyInfo, X509Name};

use super::dn::DistinguishedName;
use super::fingerprint;
use super::self_signature::own_signature_of;
use crate::observation::{CertificateRow, Micros};
use crate::signature::{Checked, Key, bits};
use crate::text::escape;

/// No more names than this are kept of one certificate; public authorities stop at about 100 to 1000.
const MAX_DNS_NAMES: usize = 1000;

/// Describes a certificate of any version. What cannot be read is null, and `parse_error` says why.
pub fn describe(der: &[u8]) -> CertificateRow {
    match X509Certificate::from_der(der) {
        Ok((rest, certificate)) => {
            let mut row = describe_parsed(der, &certificate);
            if !rest.is_empty() {
                row.parse_error = Some(format!("{} bytes follow the certificate", rest.len()));
            }
            row
        }
        Err(error) => {
            let reason = match error {
                x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
                x509_parser::nom::Err::Incomplete(_) => "the certificate is cut short".to_owned(),
            };
            CertificateRow { parse_error: Some(escape(reason.as_bytes())), ..unread(der) }
        }
    }
}

fn unread(der: &[u8]) -> CertificateRow {
    CertificateRow {
        sha256: fingerprint(der),
        der: der.to_vec(),
        subject: None,
        issuer: None,
        serial: None,
        dns_names: None,
        dns_names_truncated: false,
        ip_addresses: None,
        embedded_scts: None,
        common_name: None,
        not_before: None,
        not_after: None,
        key_type: None,
        key_bits: None,
        signature_algorithm: None,
        spki_sha256: None,
        is_ca: None,
        self_signed: None,
        parse_error: None,
    }
}

fn describe_parsed(der: &[u8], certificate: &X509Certificate<'_>) -> CertificateRow {
    let key = certificate.public_key();
    let (key_type, key_bits) = describe_key(key);
    let (dns_names, dns_names_truncated) = dns_names(certificate);
    CertificateRow {
        subject: Some(name_text(certificate.subject())),
        issuer: Some(name_text(certificate.issuer())),
        serial: Some(hex::encode(serial(certificate.raw_serial()))),
        dns_names: Some(dns_names),
        dns_names_truncated,
        ip_addresses: Some(ip_addresses(certificate)),
        embedded_scts: embedded_scts(certificate),
        // The most specific one stands last (RFC 5280 §4.1.2.4, names run from the root down).
        common_name: certificate.subject().iter_common_name().last().map(|name| escape(&attribute_text(name))),
        not_before: micros(certificate.validity().not_before),
        not_after: micros(certificate.validity().not_after),
        key_type: Some(key_type.to_owned()),
        key_bits,
        signature_algorithm: Some(algorithm_name(&certificate.signature_algorithm.algorithm)),
        spki_sha256: Some(hex::encode(Sha256::digest(key.raw))),
        is_ca: Some(certificate.is_ca()),
        self_signed: self_signed(certificate),
        ..unread(der)
    }
}

/// Null where the own key might have signed it and the signature cannot be checked.
fn self_signed(certificate: &X509Certificate<'_>) -> Option<bool> {
    if DistinguishedName::of(certificate.subject()) != DistinguishedName::of(certificate.issuer()) {
        return Some(false);
    }
    match own_signature_of(certificate) {
        Checked::Good => Some(true),
        Checked::Bad => Some(false),
        Checked::Unsupported(_) => None,
    }
}

/// The DNS-IDs as they stand in the certificate.
fn dns_names(certificate: &X509Certificate<'_>) -> (Vec<String>, bool) {
    let names = certificate.subject_alternative_name().ok().flatten().map(|extension| &extension.value.general_names);
    let mut dns_names = names.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(escape(name.as_bytes())),
        GeneralName::Invalid(Tag(2), bytes) => Some(escape(bytes)),
        _ => None,
    });
    let kept = dns_names.by_ref().take(MAX_DNS_NAMES).collect();
    (kept, dns_names.next().is_some())
}

/// The addresses among the names (RFC 5280 §4.2.1.6: four octets or sixteen; others are none). As many as DNS names.
fn ip_addresses(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject_alternative_name().ok().flatten().map(|extension| &extension.value.general_names);
    let addresses = names.into_iter().flatten().filter_map(|name| match name {
        GeneralName::IPAddress(octets) => <[u8; 4]>::try_from(*octets)
            .map(IpAddr::from)
            .or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from))
            .ok(),
        _ => None,
    });
    addresses.take(MAX_DNS_NAMES).map(|ip| ip.to_string()).collect()
}

/// How many signed certificate timestamps stand in the certificate (RFC 6962 §3.3); null where their list cannot be read.
fn embedded_scts(certificate: &X509Certificate<'_>) -> Option<u32> {
    let mut lists = certificate.extensions().iter().filter(|extension| extension.oid == OID_CT_LIST_SCT);
    match lists.next().map(|extension| extension.parsed_extension()) {
        None => Some(0),
        Some(ParsedExtension::SCT(timestamps)) => u32::try_from(timestamps.len()).ok(),
        Some(_) => None,
    }
}

fn micros(time: ASN1Time) -> Option<Micros> {
    time.timestamp().checked_mul(1_000_000)
}

/// The number without the zero byte that only says that it is positive.
fn serial(raw: &[u8]) -> &[u8] {
    match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => raw,
    }
}

fn describe_key(key: &SubjectPublicKeyInfo<'_>) -> (&'static str, Option<u32>) {
    let parameter = key.algorithm.parameters.as_ref();
    match key.algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => ("rsa", Key::of(key).rsa_bits()),
        "1.2.840.113549.1.1.10" => ("rsa-pss", first_integer_bits(&key.subject_public_key.data)),
        "1.2.840.10045.2.1" => ("ecdsa", parameter.and_then(curve_bits)),
        // The size of a DSA key is that of its prime p, the first of its parameters (RFC 3279 §2.3.2).
        "1.2.840.10040.4.1" => ("dsa", parameter.and_then(|any| integer_bits(any.data))),
        "1.3.101.112" => ("ed25519", Some(256)),
        "1.3.101.113" => ("ed448", Some(456)),
        _ => ("other", None),
    }
}

/// Named curves (RFC 5480 §2.1.1.1, RFC 5639 §3).
fn curve_bits(parameter: &Any<'_>) -> Option<u32> {
    match parameter.as_oid().ok()?.to_id_string().as_str() {
        "1.3.132.0.33" => Some(224),
        "1.2.840.10045.3.1.7" | "1.3.132.0.10" | "1.3.36.3.3.2.8.1.1.7" => Some(256),
        "1.3.132.0.34" | "1.3.36.3.3.2.8.1.1.11" => Some(384),
        "1.3.36.3.3.2.8.1.1.13" => Some(512),
        "1.3.132.0.35" => Some(521),
        _ => None,
    }
}

/// Bits of the first INTEGER in a SEQUENCE.
fn first_integer_bits(der: &[u8]) -> Option<u32> {
    integer_bits(super::chain::sequence_content(der)?)
}

fn integer_bits(der: &[u8]) -> Option<u32> {
    let (_, any) = Any::from_der(der).ok()?;
    (any.tag() == Tag::Integer).then(|| bits(any.data))
}

/// Its short name in x509-parser's registry, but for four that are spelt otherwise there; else the number.
fn algorithm_name(oid: &Oid<'_>) -> String {
    let id = oid.to_id_string();
    let name = match id.as_str() {
        "1.2.840.113549.1.1.10" => "rsassaPss",
        "1.2.840.10040.4.3" => "dsa-with-SHA1",
        "2.16.840.1.101.3.4.3.2" => "dsa-with-SHA256",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        _ => return oid2sn(oid, oid_registry()).map_or(id, str::to_owned),
    };
    name.to_owned()
}

/// RFC 4514: the most specific part first, special characters after a backslash; then made safe as all text from
/// the wire is, which doubles the backslashes.
pub(super) fn name_text(name: &X509Name<'_>) -> String {
    let rdns: Vec<_> = name.iter_rdn().collect();
    let mut text = Vec::new();
    for (index, rdn) in rdns.iter().rev().enumerate() {
        for (part, attribute) in rdn.iter().enumerate() {
            match (index, part) {
                (0, 0) => {}
                (_, 0) => text.push(b','),
                _ => text.push(b'+'),
            }
            text.extend_from_slice(attribute_type(attribute.attr_type()).as_bytes());
            text.push(b'=');
            push_value(&mut text, &attribute_text(attribute));
        }
    }
    escape(&text)
}

/// RFC 4514 §2.4.
fn push_value(text: &mut Vec<u8>, value: &[u8]) {
    let last = value.len().saturating_sub(1);
    for (index, byte) in value.iter().enumerate() {
        let special = match byte {
            b',' | b'+' | b'"' | b'\\' | b'<' | b'>' | b';' => true,
            b' ' => index == 0 || index == last,
            b'#' => index == 0,
            _ => false,
        };
        if special {
            text.push(b'\\');
        }
        text.push(*byte);
    }
}

/// The short names of RFC 4514 §3, else the number.
fn attribute_type(oid: &Oid<'_>) -> String {
    let id = oid.to_id_string();
    let name = match id.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => return id,
    };
    name.to_owned()
}

/// The value as UTF-8, as far as its type tells how to read it (X.520 DirectoryString); else its bytes.
fn attribute_text(attribute: &AttributeTypeAndValue<'_>) -> Vec<u8> {
    let bytes = attribute.attr_value().data;
    match attribute.attr_value().tag() {
        Tag::BmpString if bytes.len() % 2 == 0 => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into()
        }
        // In practice Latin-1.
        Tag::T61String => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
        _ => bytes.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::{Authority, JAN_2025, JAN_2027, element, fixture, fixtures, leaf_params, oid, seconds};
    use proptest::prelude::*;
    use rcgen::{CertificateParams, CustomExtension, DnType, DnValue, IsCa, KeyPair};

    #[test]
    fn a_leaf_is_described() {
        let authority = Authority::root("Root, Inc. +1");
        let mut params = leaf_params(&["mx.example", "*.MX.example"]);
        params.serial_number = Some(vec![0x00, 0xab, 0x01].into());
        params.distinguished_name.push(DnType::OrganizationName, "first");
        params.distinguished_name.push(DnType::CommonName, "mx\u{1b}.example");
        let der = authority.sign(&params, &KeyPair::generate().unwrap());
        let row = describe(&der);
        assert_eq!(row.sha256, fingerprint(&der));
        assert_eq!(row.der, der);
        assert_eq!(row.issuer.as_deref(), Some(r"CN=Root\\, Inc. \\+1"));
        assert_eq!(row.subject.as_deref(), Some(r"CN=mx\027.example,O=first"));
        assert_eq!(row.common_name.as_deref(), Some(r"mx\027.example"));
        assert_eq!(row.serial.as_deref(), Some("ab01"));
        assert_eq!(row.dns_names, Some(vec!["mx.example".to_owned(), "*.MX.example".to_owned()]));
        assert_eq!(row.not_before, Some(seconds(JAN_2025) * 1_000_000));
        assert_eq!(row.not_after, Some(seconds(JAN_2027) * 1_000_000));
        assert_eq!((row.key_type.as_deref(), row.key_bits), (Some("ecdsa"), Some(256)));
        assert_eq!(row.signature_algorithm.as_deref(), Some("ecdsa-with-SHA256"));
        assert_eq!((row.is_ca, row.self_signed, row.parse_error), (Some(false), Some(false), None));
        let root = describe(&authority.der());
        assert_eq!((root.is_ca, root.self_signed), (Some(true), Some(true)));
        let key = super::super::parse(&der).map(|x509| hex::encode(Sha256::digest(x509.public_key().raw)));
        assert_eq!(row.spki_sha256, key);
    }

    #[test]
    fn keys_of_other_kinds() {
        for (algorithm, key_type, key_bits, signature) in [
            (&rcgen::PKCS_ECDSA_P384_SHA384, "ecdsa", 384, "ecdsa-with-SHA384"),
            (&rcgen::PKCS_ED25519, "ed25519", 256, "ed25519"),
        ] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let row = describe(leaf_params(&["a.example"]).self_signed(&key).unwrap().der());
            assert_eq!((row.key_type.as_deref(), row.key_bits), (Some(key_type), Some(key_bits)));
            assert_eq!((row.signature_algorithm.as_deref(), row.self_signed), (Some(signature), Some(true)));
        }
    }

    #[test]
    fn algorithms_have_the_names_of_their_rfcs() {
        for (id, name) in [
            ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
            ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
            ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
            ("1.2.840.113549.1.1.10", "rsassaPss"),
            ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
            ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
            ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
            ("1.2.840.10040.4.3", "dsa-with-SHA1"),
            ("2.16.840.1.101.3.4.3.2", "dsa-with-SHA256"),
            ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
            ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
            ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
            ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
            ("1.3.101.112", "ed25519"),
            ("1.3.101.113", "ed448"),
            ("1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(algorithm_name(&oid(id)), name);
        }
    }

    #[test]
    fn attributes_have_the_names_of_rfc_4514() {
        for (id, name) in [
            ("2.5.4.3", "CN"),
            ("2.5.4.5", "serialNumber"),
            ("2.5.4.6", "C"),
            ("2.5.4.7", "L"),
            ("2.5.4.8", "ST"),
            ("2.5.4.9", "STREET"),
            ("2.5.4.10", "O"),
            ("2.5.4.11", "OU"),
            ("2.5.4.97", "organizationIdentifier"),
            ("0.9.2342.19200300.100.1.1", "UID"),
            ("0.9.2342.19200300.100.1.25", "DC"),
            ("1.2.840.113549.1.9.1", "emailAddress"),
            ("2.5.4.12", "2.5.4.12"),
        ] {
            assert_eq!(attribute_type(&oid(id)), name);
        }
    }

    #[test]
    fn values_are_escaped_as_rfc_4514_has_it() {
        for (value, expected) in [
            ("a b", "a b"),
            (" ab ", r"\ ab\ "),
            (" ", r"\ "),
            ("a#b", "a#b"),
            ("#ab", r"\#ab"),
            (r#"a,b+c"d\e<f>g;h=i"#, r#"a\,b\+c\"d\\e\<f\>g\;h=i"#),
            ("", ""),
        ] {
            let mut text = Vec::new();
            push_value(&mut text, value.as_bytes());
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn strings_are_read_by_their_type() {
        for (tag, bytes, expected) in [
            (Tag::T61String, &b"Caf\xe9"[..], "Caf\u{e9}".as_bytes()),
            (Tag::Utf8String, "Caf\u{e9}".as_bytes(), "Caf\u{e9}".as_bytes()),
            (Tag::BmpString, b"\0C\0a\0f\0\xe9", "Caf\u{e9}".as_bytes()),
            (Tag::BmpString, b"\0C\0", b"\0C\0"),
            (Tag::PrintableString, b"Caf\xe9", b"Caf\xe9"),
        ] {
            let attribute = AttributeTypeAndValue::new(oid("2.5.4.3"), Any::from_tag_and_data(tag, bytes));
            assert_eq!(attribute_text(&attribute), expected);
        }
    }

    #[test]
    fn keys_by_their_information() {
        const INTEGER: u8 = 2;
        const SEQUENCE: u8 = 0x30;
        // A positive number of 64 bits, and small ones (RFC 3279 §2.3.2, RFC 4055 §1.2).
        let large = element(INTEGER, &[&[0, 0x80, 0, 0, 0, 0, 0, 0, 1]]);
        let small = element(INTEGER, &[&[3]]);
        let dsa = element(SEQUENCE, &[&large, &small, &small]);
        let rsa = element(SEQUENCE, &[&large, &small]);
        let curve = |id: &str| element(6, &[oid(id).as_bytes()]);
        let cases = [
            ("1.2.840.10040.4.1", dsa, vec![], "dsa", Some(64)),
            ("1.2.840.10040.4.1", element(5, &[]), vec![], "dsa", None),
            ("1.2.840.113549.1.1.10", vec![], rsa.clone(), "rsa-pss", Some(64)),
            ("1.2.840.113549.1.1.10", vec![], curve("1.3.132.0.33"), "rsa-pss", None),
            ("1.2.840.113549.1.1.10", vec![], element(SEQUENCE, &[&element(4, &[&[9]])]), "rsa-pss", None),
            ("1.2.840.113549.1.1.1", element(5, &[]), rsa, "rsa", Some(64)),
            ("1.3.101.112", vec![], vec![0; 32], "ed25519", Some(256)),
            ("1.3.101.113", vec![], vec![0; 57], "ed448", Some(456)),
            ("1.2.3.4", vec![], vec![], "other", None),
            ("1.2.840.10045.2.1", curve("1.3.132.0.33"), vec![4], "ecdsa", Some(224)),
            ("1.2.840.10045.2.1", curve("1.2.840.10045.3.1.7"), vec![4], "ecdsa", Some(256)),
            ("1.2.840.10045.2.1", curve("1.3.132.0.10"), vec![4], "ecdsa", Some(256)),
            ("1.2.840.10045.2.1", curve("1.3.36.3.3.2.8.1.1.7"), vec![4], "ecdsa", Some(256)),
            ("1.2.840.10045.2.1", curve("1.3.132.0.34"), vec![4], "ecdsa", Some(384)),
            ("1.2.840.10045.2.1", curve("1.3.36.3.3.2.8.1.1.11"), vec![4], "ecdsa", Some(384)),
            ("1.2.840.10045.2.1", curve("1.3.36.3.3.2.8.1.1.13"), vec![4], "ecdsa", Some(512)),
            ("1.2.840.10045.2.1", curve("1.3.132.0.35"), vec![4], "ecdsa", Some(521)),
            ("1.2.840.10045.2.1", curve("1.2.3.4"), vec![4], "ecdsa", None),
            ("1.2.840.10045.2.1", vec![], vec![4], "ecdsa", None),
        ];
        for (algorithm, parameters, key, key_type, key_bits) in cases {
            let identifier = element(SEQUENCE, &[&element(6, &[oid(algorithm).as_bytes()]), &parameters]);
            let information = element(SEQUENCE, &[&identifier, &element(3, &[&[0], &key])]);
            let (_, read) = SubjectPublicKeyInfo::from_der(&information).unwrap();
            assert_eq!(describe_key(&read), (key_type, key_bits), "{algorithm} {parameters:?}");
        }
    }

    #[test]
    fn serial_numbers_are_without_their_sign() {
        for (raw, expected) in
            [(&[0, 0xab][..], &[0xab][..]), (&[0], &[0]), (&[0x7f, 0], &[0x7f, 0]), (&[], &[]), (&[0, 0], &[0])]
        {
            assert_eq!(serial(raw), expected);
        }
    }

    #[test]
    fn a_dns_name_that_is_no_ascii_is_shown_escaped() {
        let mut params = leaf_params(&[]);
        // subjectAltName (RFC 5280 §4.2.1.6) with two dNSNames.
        let names = element(0x30, &[&element(0x82, &[b"m\xfcx"]), &element(0x82, &[b"mx.example"])]);
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], names)];
        let row = describe(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der());
        assert_eq!(row.dns_names.unwrap(), [r"m\252x", "mx.example"]);
    }

    #[test]
    fn addresses_and_timestamps_are_counted() {
        let names = [&[192, 0, 2, 1][..], &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], &[1, 2, 3]];
        let names = names.map(|octets| element(0x87, &[octets]));
        let names = element(0x30, &[&names[0], &names[1], &names[2], &element(0x82, &[b"mx.example"])]);
        // RFC 6962 §3.2: version, log, time, extensions, a signature of one octet.
        let timestamp = [&[0][..], &[7; 32], &[1; 8], &[0, 0], &[4, 3, 0, 1, 9]].concat();
        let item = [&[0, timestamp.len() as u8][..], &timestamp].concat();
        let list = |items: usize| [&[0, (items * item.len()) as u8][..], &item.repeat(items)].concat();
        let sct = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];
        for (content, expected) in
            [(None, Some(0)), (Some(element(4, &[&list(2)])), Some(2)), (Some(element(4, &[&[9]])), None)]
        {
            let mut params = leaf_params(&[]);
            params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], names.clone())];
            params.custom_extensions.extend(content.map(|content| CustomExtension::from_oid_content(&sct, content)));
            let row = describe(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der());
            assert_eq!(row.embedded_scts, expected);
            assert_eq!(row.ip_addresses.unwrap(), ["192.0.2.1", "2001:db8::1"], "three octets are no address");
        }
    }

    #[test]
    fn old_certificates_are_described_too() {
        use fixtures::*;
        for (der, algorithm, bits, self_signed, why) in [
            (V1_SELF_SIGNED, "sha256WithRSAEncryption", 2048, Some(true), "X.509 v1"),
            (RSA_1024_SELF_SIGNED, "sha256WithRSAEncryption", 1024, Some(true), "short, still checkable"),
            (RSA_512_SELF_SIGNED, "sha256WithRSAEncryption", 512, Some(true), "very short, still checkable"),
            (MD5_SELF_SIGNED, "md5WithRSAEncryption", 2048, None, "MD5 cannot be checked"),
            (SHA1_SELF_SIGNED, "sha1WithRSAEncryption", 2048, Some(true), "SHA-1 can"),
        ] {
            let row = describe(&fixture(der));
            assert_eq!(row.parse_error, None, "{why}");
            assert_eq!(row.signature_algorithm.as_deref(), Some(algorithm), "{why}");
            assert_eq!((row.key_type.as_deref(), row.key_bits), (Some("rsa"), Some(bits)), "{why}");
            assert_eq!(row.self_signed, self_signed, "{why}");
        }
    }

    #[test]
    fn names_are_capped_and_strings_of_old_kinds_read() {
        let names: Vec<String> = (0..1001).map(|n| format!("n{n}.example")).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.is_ca = IsCa::NoCa;
        let bmp = rcgen::string::BmpString::try_from("Caf\u{e9}").unwrap();
        params.distinguished_name.push(DnType::CommonName, DnValue::BmpString(bmp));
        let row = describe(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der());
        assert_eq!(row.dns_names.map(|names| names.len()), Some(1000));
        assert!(row.dns_names_truncated);
        assert_eq!(row.common_name.as_deref(), Some("Caf\u{e9}"));
    }

    #[test]
    fn garbage_is_said_to_be_garbage() {
        let good = Authority::root("Root").der();
        for der in [&b""[..], b"\x30", b"hello", &good[..good.len() - 1]] {
            let row = describe(der);
            assert!(row.parse_error.is_some_and(|reason| !reason.is_empty()));
            assert_eq!((row.subject, row.not_after, row.is_ca), (None, None, None));
        }
        let mut longer = good;
        longer.push(0);
        assert_eq!(describe(&longer).parse_error.as_deref(), Some("1 bytes follow the certificate"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_input_makes_it_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6)) {
            let mut der = fixture(fixtures::RSA_2048_ISSUED);
            for (index, value) in flips {
                let at = index.index(der.len());
                der[at] = value;
            }
            let row = describe(&der);
            prop_assert_eq!(row.sha256, fingerprint(&der));
            let store = super::super::TrustStore::from_certificates([der.clone()]);
            let _ = super::super::verify(&[&der, &der], "mx.example", 1_767_225_600, &store);
        }
    }
}
