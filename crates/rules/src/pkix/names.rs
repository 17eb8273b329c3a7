//! Does a certificate name a host? (RFC 9525 §6, RFC 8461 §4.2, RFC 7672 §3.2.3)

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::chain::Presented;

/// Which identifiers of a certificate may name the host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Identifiers {
    /// DNS-IDs alone (RFC 9525 §6.3; RFC 8461 §4.2).
    DnsIds,
    /// DNS-IDs, and a common name where there is no DNS-ID at all (RFC 7672 §3.2.3).
    DnsIdsElseCommonName,
}

/// Whether the certificate names the reference identifier, an A-label; upper case and a trailing dot are no
/// matter. An IP address is named by nothing here: an MX host has a name.
pub(crate) fn is_named(leaf: &Presented<'_>, reference: &str, identifiers: Identifiers) -> bool {
    let reference = reference.strip_suffix('.').unwrap_or(reference);
    if reference.parse::<IpAddr>().is_ok() {
        return false;
    }
    if has_dns_id(leaf, reference) {
        return true;
    }
    identifiers == Identifiers::DnsIdsElseCommonName && leaf.x509().is_some_and(|x509| has_common_name(x509, reference))
}

fn has_dns_id(leaf: &Presented<'_>, reference: &str) -> bool {
    leaf.x509().is_some_and(|x509| dns_ids(x509).any(|presented| matches(presented, reference)))
}

fn has_common_name(x509: &X509Certificate<'_>, reference: &str) -> bool {
    dns_ids(x509).next().is_none()
        && x509
            .subject()
            .iter_common_name()
            .filter_map(|name| std::str::from_utf8(name.as_slice()).ok())
            .any(|presented| matches(presented, reference))
}

/// The DNS-IDs of a certificate, as they stand there.
fn dns_ids<'c>(x509: &'c X509Certificate<'_>) -> impl Iterator<Item = &'c str> {
    let names = x509.subject_alternative_name().ok().flatten().map(|extension| &extension.value.general_names);
    names.into_iter().flatten().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(*name),
        _ => None,
    })
}

/// RFC 9525 §6.3, by webpki's rules: case does not matter, `*` stands for exactly one whole left-most label, and two labels at least must follow it.
fn matches(presented: &str, reference: &str) -> bool {
    if !is_host_name(reference) {
        return false;
    }
    match presented.strip_prefix("*.") {
        Some(parent) => {
            is_host_name(parent)
                && parent.contains('.')
                && reference.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
        }
        None => is_host_name(presented) && presented.eq_ignore_ascii_case(reference),
    }
}

/// Letters, digits, hyphens and underscores in labels of 1 to 63, no hyphen at an end, not an IPv4 address.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last_is_number = name.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= 253 && !last_is_number && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pkix::testing::leaf_params;
    use proptest::prelude::*;
    use rcgen::{KeyPair, SanType};
    use rustls_pki_types::{DnsName, ServerName};

    fn certificate(presented: &str) -> Vec<u8> {
        let mut params = leaf_params(&[]);
        params.subject_alt_names = vec![SanType::DnsName(presented.try_into().unwrap())];
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    /// The second opinion.
    fn webpki_matches(presented: &str, reference: &str) -> bool {
        let der = certificate(presented).into();
        let leaf = webpki::EndEntityCert::try_from(&der).unwrap();
        DnsName::try_from(reference)
            .is_ok_and(|name| leaf.verify_is_valid_for_subject_name(&ServerName::DnsName(name)).is_ok())
    }

    #[test]
    fn limits() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        let long = format!("{longest}c");
        let wide = format!("{label}a.example");
        for (presented, reference, holds) in [
            ("mx.example", "mx.example", true),
            ("mx.example.", "mx.example", false),
            ("*.a.example", "mx.a.example", true),
            ("*.example", "mx.example", false),
            ("m*.a.example", "mx.a.example", false),
            ("mx.*.example", "mx.a.example", false),
            ("mx-1.example", "mx-1.example", true),
            ("m_x.example", "m_x.example", true),
            ("m!x.example", "m!x.example", false),
            ("*", "example", false),
            ("*.*.example", "a.b.example", false),
            ("-mx.example", "-mx.example", false),
            ("mx-.example", "mx-.example", false),
            ("mx..example", "mx..example", false),
            ("", "", false),
            ("192.0.2.1", "192.0.2.1", false),
            (&longest, &longest, true),
            (&long, &long, false),
            (&wide, &wide, false),
        ] {
            assert_eq!(matches(presented, reference), holds, "{presented} {reference}");
            assert_eq!(webpki_matches(presented, reference), holds, "webpki: {presented} {reference}");
            let der = certificate(presented);
            assert_eq!(is_named(&Presented::new(0, &der), reference, Identifiers::DnsIds), holds, "{presented}");
        }
    }

    proptest! {
        #[test]
        fn our_rule_is_that_of_webpki(presented in "(\\*\\.)?[aAb1-]{1,2}(\\.[aB*_]{1,2}){0,2}\\.?", reference in "[ab1-]{1,2}(\\.[ab_]{1,2}){0,3}") {
            prop_assert_eq!(matches(&presented, &reference), webpki_matches(&presented, &reference));
        }
    }
}
