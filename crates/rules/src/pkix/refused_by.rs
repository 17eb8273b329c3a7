//! Which verifiers in use refuse what RFC 5280 allows.
//!
//! Facts, not rules of an RFC: each was found by running the verifier on a chain that shows it (`tests/data/eval/pkix.jsonl`),
//! and stands with the version that was run. The versions: OpenSSL 3.0.19 (January 2026),
//! Go 1.19.8 (March 2023), rustls-webpki 0.103 (2026), looked at on 2026-11-30.

use x509_parser::extensions::GeneralName;

use super::anchor::Anchor;
use super::certificate::Facts;
use super::chain::{parse, parse_public_key};
use crate::signature::{Curve, Hash, Key, Pss, Scheme};

crate::words! {
    /// A verifier that senders use.
    Verifier {
        /// OpenSSL 3: Postfix, Exim, Sendmail.
        OpenSsl = "openssl",
        /// Go's crypto/x509.
        Go = "go",
        /// rustls-webpki: Stalwart, mox-like senders in Rust.
        Webpki = "webpki",
    }
}

/// RFC 6698 §8 leaves it to local policy what an anchor must be; OpenSSL holds the anchor to its dates, to cA, keyCertSign and
/// server authentication (X509_V_ERR_CERT_HAS_EXPIRED, _CERT_NOT_YET_VALID, _INVALID_CA, _INVALID_PURPOSE).
pub(crate) fn openssl_refuses_anchor(anchor: &Anchor, at: i64) -> bool {
    let Some(facts) = anchor.certificate.as_deref().and_then(parse).map(Facts::of) else {
        // A bare key has nothing to refuse.
        return false;
    };
    !is_in_date(&facts, at) || !super::path::issuer_reasons(&facts, 0).is_empty()
}

/// Whether a verifier refuses a way for one reason.
type Fact = fn(&Way<'_>) -> bool;

/// The verifiers that refuse a path that holds: the leaf first, then its issuers.
pub(crate) fn refused_by(path: &[&Facts<'_>], anchor: &Anchor, at: i64) -> Vec<Verifier> {
    let way = Way { path, anchor, at };
    let facts: &[(Verifier, Fact)] = &[
        // X509_V_ERR_CERT_HAS_EXPIRED and the like: a root that is a certificate is held to its own dates and purposes.
        (Verifier::OpenSsl, |way| openssl_refuses_anchor(way.anchor, way.at)),
        // "x509: certificate has expired or is not yet valid", of a root too.
        (Verifier::Go, |way| way.anchor_facts().is_some_and(|facts| !is_in_date(&facts, way.at))),
        // "x509: certificate signed by unknown authority": names are compared octet by octet; webpki: UnknownIssuer.
        (Verifier::Go, |way| way.names_differ()),
        (Verifier::Webpki, |way| way.names_differ()),
        // "x509: cannot verify signature: algorithm unimplemented"; webpki: UnsupportedSignatureAlgorithm.
        (Verifier::Go, |way| way.schemes().any(|scheme| *scheme == Scheme::Ed448 || is_other_salt(scheme))),
        (Verifier::Webpki, |way| way.schemes().any(|scheme| *scheme == Scheme::Ed448 || is_other_salt(scheme))),
        (Verifier::Go, |way| way.schemes().any(|scheme| scheme.hash() == Some(Hash::Sha224))),
        (Verifier::Webpki, |way| way.has_hash_that_webpki_lacks()),
        // webpki over *ring*: UnsupportedSignatureAlgorithmForPublicKey, and BadDerTime before 1970.
        (Verifier::Webpki, |way| way.has_key_that_webpki_lacks()),
        (Verifier::Webpki, |way| way.path.iter().any(|facts| facts.dates().0 < 0)),
        // "x509: too many intermediates for path length constraint", webpki: PathLenConstraintViolated: self-issued ones count.
        (Verifier::Go, |way| way.is_short_by_self_issued()),
        (Verifier::Webpki, |way| way.is_short_by_self_issued()),
        // "x509: unhandled critical extension".
        (Verifier::Go, |way| way.path.iter().any(|facts| facts.has_critical(&["2.5.29.33", "2.5.29.36", "2.5.29.54"]))),
        (Verifier::Go, |way| {
            way.constrains_beyond(&["dNSName", "iPAddress", "rfc822Name", "uniformResourceIdentifier"])
        }),
        // webpki: NameConstraintViolation, where another form is constrained.
        (Verifier::Webpki, |way| way.has_name_that_webpki_cannot_constrain()),
        // webpki: CaUsedAsEndEntity; MaximumPathDepthExceeded beyond six intermediates.
        (Verifier::Webpki, |way| way.path.first().is_some_and(|leaf| matches!(leaf.authority, Some((true, _))))),
        (Verifier::Webpki, |way| way.path.len() > 7),
        // webpki: UnsupportedCriticalExtension.
        (Verifier::Webpki, |way| {
            way.path.iter().any(|facts| facts.has_critical(&["2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"]))
        }),
    ];
    let mut verifiers: Vec<Verifier> =
        facts.iter().filter(|(_, applies)| applies(&way)).map(|(verifier, _)| *verifier).collect();
    verifiers.sort_unstable();
    verifiers.dedup();
    verifiers
}

/// A path that holds, and its anchor.
struct Way<'w> {
    path: &'w [&'w Facts<'w>],
    anchor: &'w Anchor,
    at: i64,
}

impl Way<'_> {
    fn anchor_facts(&self) -> Option<Facts<'_>> {
        self.anchor.certificate.as_deref().and_then(parse).map(Facts::of)
    }

    fn schemes(&self) -> impl Iterator<Item = &Scheme> {
        self.path.iter().filter_map(|facts| facts.scheme.as_ref().ok())
    }

    /// webpki over *ring*: P-256 and P-384 with SHA-256 and SHA-384, RSA with SHA-256 to SHA-512, Ed25519.
    fn has_hash_that_webpki_lacks(&self) -> bool {
        self.schemes().any(|scheme| match scheme {
            Scheme::Ecdsa(hash) => !matches!(hash, Hash::Sha256 | Hash::Sha384),
            Scheme::RsaPkcs1(hash) | Scheme::RsaPss(Pss { hash, .. }) => {
                !matches!(hash, Hash::Sha256 | Hash::Sha384 | Hash::Sha512)
            }
            Scheme::Ed25519 | Scheme::Ed448 => false,
        })
    }

    /// An issuer's key on P-521, or of RSA above 8192 bits or of id-RSASSA-PSS.
    fn has_key_that_webpki_lacks(&self) -> bool {
        let lacks = |key: &Key<'_>| match key {
            Key::Ec(curve, _) => *curve == Curve::P521,
            Key::Rsa(rsa) => rsa.pss.is_some() || key.rsa_bits().is_some_and(|bits| bits > 8192),
            _ => false,
        };
        let of_anchor = parse_public_key(&self.anchor.public_key);
        self.path.iter().skip(1).any(|facts| lacks(&facts.key())) || of_anchor.is_some_and(|key| lacks(&Key::of(&key)))
    }

    /// A path length that holds because self-issued intermediates do not count (RFC 5280 §6.1.4 (l)).
    fn is_short_by_self_issued(&self) -> bool {
        let issuers = self.path.iter().enumerate().skip(1);
        issuers.into_iter().any(
            |(depth, facts)| matches!(facts.authority, Some((_, Some(most))) if depth as u64 > u64::from(most) + 1),
        )
    }

    /// Name constraints, the anchor's too, on other forms than these.
    fn constrains_beyond(&self, forms: &[&str]) -> bool {
        let of_path = self.path.iter().filter_map(|facts| facts.name_constraints.as_ref());
        of_path
            .chain(&self.anchor.name_constraints)
            .any(|constraints| constraints.forms().any(|form| !forms.contains(&form)))
    }

    /// webpki knows subtrees of DNS names and addresses alone, and meets another one only where a name of its form is: the
    /// subject always is a directoryName, a mailbox or a URI counts as alternative name.
    fn has_name_that_webpki_cannot_constrain(&self) -> bool {
        let of_path = self.path.iter().filter_map(|facts| facts.name_constraints.as_ref());
        let forms = of_path.chain(&self.anchor.name_constraints).flat_map(|constraints| constraints.forms());
        let mut beyond = forms.filter(|form| !["dNSName", "iPAddress"].contains(form));
        beyond.any(|form| match form {
            "rfc822Name" => self.has_alternative(|name| matches!(name, GeneralName::RFC822Name(_))),
            "uniformResourceIdentifier" => self.has_alternative(|name| matches!(name, GeneralName::URI(_))),
            "directoryName" => true,
            _ => self.has_alternative(is_of_another_form),
        })
    }

    fn has_alternative(&self, is_meant: impl Fn(&GeneralName<'_>) -> bool) -> bool {
        self.path.iter().any(|facts| {
            let names = facts.x509.subject_alternative_name().ok().flatten();
            names.is_some_and(|names| names.value.general_names.iter().any(&is_meant))
        })
    }

    fn names_differ(&self) -> bool {
        let differ =
            |child: &Facts<'_>, issuer: &Facts<'_>| child.x509.issuer().as_raw() != issuer.x509.subject().as_raw();
        let last = self.path.last().zip(self.anchor_facts());
        self.path.windows(2).any(|pair| differ(pair[0], pair[1]))
            || last.is_some_and(|(last, anchor)| differ(last, &anchor))
    }
}

/// Names of the forms that are hardly ever seen in certificates of servers.
fn is_of_another_form(name: &GeneralName<'_>) -> bool {
    use GeneralName::{DNSName, DirectoryName, IPAddress, RFC822Name, URI};
    !matches!(name, DNSName(_) | DirectoryName(_) | IPAddress(_) | RFC822Name(_) | URI(_))
}

/// RSASSA-PSS with other parameters than TLS 1.3 knows (RFC 8446 §4.2.3).
fn is_other_salt(scheme: &Scheme) -> bool {
    matches!(scheme, Scheme::RsaPss(pss) if pss.mask != pss.hash || pss.salt_length != pss.hash.length())
}

fn is_in_date(facts: &Facts<'_>, at: i64) -> bool {
    let (from, to) = facts.dates();
    from <= at && at <= to
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rustls_pki_types::{CertificateDer, UnixTime};
    use serde_json::Value;
    use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

    use super::*;
    use crate::pkix::{TrustStore, verify_path};

    const CASES: &str = include_str!("../../../../tests/data/eval/pkix.jsonl");
    const CERTIFICATES: &str = include_str!("../../../../tests/data/eval/certificates.jsonl");

    fn webpki_accepts(chain: &[&[u8]], roots: &[Vec<u8>], at: u64) -> bool {
        let ders: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(*der)).collect();
        let roots: Vec<CertificateDer<'_>> = roots.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let anchors: Vec<_> = roots.iter().filter_map(|root| anchor_from_trusted_cert(root).ok()).collect();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(at));
        EndEntityCert::try_from(&ders[0]).is_ok_and(|leaf| {
            let usage = KeyUsage::server_auth();
            leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &ders[1..], now, usage, None, None).is_ok()
        })
    }

    /// webpki is at hand: what is said of it is so for every chain of the cases that holds.
    #[test]
    fn what_is_said_of_webpki_is_so() {
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let named: HashMap<String, String> = CERTIFICATES
            .lines()
            .map(line)
            .map(|one| (format!("@{}", one["name"].as_str().unwrap()), one["der"].as_str().unwrap().to_owned()))
            .collect();
        let mut checked = 0;
        for case in CASES.lines().map(line).filter(|case| case["out"]["/result"] == "valid") {
            let Some(at) = case["in"]["at"].as_i64() else { continue };
            let ders = |field: &str| -> Vec<Vec<u8>> {
                let texts = case["in"][field].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
                texts.map(|text| STANDARD.decode(named.get(text).map_or(text, String::as_str)).unwrap()).collect()
            };
            let (chain, roots) = (ders("chain"), ders("roots"));
            let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
            let reading = verify_path(&chain, at, &TrustStore::from_certificates(roots.clone()));
            let accepts = webpki_accepts(&chain, &roots, u64::try_from(at).unwrap());
            assert_eq!(!reading.refused_by.contains(&Verifier::Webpki), accepts, "{}", case["why"]);
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    }
}
