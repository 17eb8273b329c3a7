//! Which verifiers in use refuse what RFC 5280 allows.
//!
//! Facts, not rules of an RFC: each was found by running the verifier on a chain that shows it (`tests/data/eval/pkix.jsonl`),
//! and stands with the version that was run. The versions: OpenSSL 3.0.19 (January 2026),
//! Go 1.19.8 (March 2023), rustls-webpki 0.103 (2026), looked at on 2026-11-30.

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::x509::X509Version;

use super::anchor::Anchor;
use super::certificate::{ANY_PURPOSE, Facts};
use super::chain::{parse, parse_public_key};
use super::meter::Meter;
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

/// RFC 6698 §8 leaves it to local policy what an anchor must be; OpenSSL holds it to its dates, to cA, keyCertSign and server
/// authentication, and to critical extensions that it knows (X509_V_ERR_CERT_HAS_EXPIRED, _CERT_NOT_YET_VALID, _INVALID_CA,
/// _INVALID_PURPOSE, _UNHANDLED_CRITICAL_EXTENSION). Its signature, and what that is made with, do not matter.
pub(crate) fn openssl_refuses_anchor(anchor: &Anchor, at: i64) -> bool {
    // A bare key has nothing to refuse.
    anchor_facts(anchor).is_some_and(|facts| openssl_refuses_authority(&facts, at))
}

fn anchor_facts(anchor: &Anchor) -> Option<Facts<'_>> {
    anchor.certificate.as_deref().and_then(parse).map(Facts::of)
}

fn openssl_refuses_authority(facts: &Facts<'_>, at: i64) -> bool {
    let may_sign = facts.key_usage.map(|usage| usage & KEY_CERT_SIGN != 0);
    // `check_ca` of v3_purp.c: without basicConstraints a keyUsage does, and so does a self-signed certificate of version 1.
    let is_authority = match facts.authority {
        Some((authority, _)) => authority && may_sign != Some(false),
        None => may_sign.unwrap_or(facts.x509.version() == X509Version::V1 && facts.is_self_issued()),
    };
    !is_in_date(facts, at) || !is_authority || facts.purpose_defect().is_some() || facts.has_unknown_critical()
}

/// Whether a verifier refuses a way for one reason.
type Fact = fn(&Way<'_>) -> bool;

/// The verifiers that refuse a path that holds: the leaf first, then its issuers. `has_garbage`: something that is no
/// certificate was sent beside them. What OpenSSL refuses because it follows one issuer and
/// never turns back is not said: it hangs on the order in which a chain was sent. Nor that it takes the second of notAfter as over.
pub(crate) fn refused_by(path: &[&Facts<'_>], anchor: &Anchor, at: i64, has_garbage: bool) -> Vec<Verifier> {
    let way = Way { path, anchor, root: anchor_facts(anchor), at, has_garbage };
    let facts: &[(Verifier, Fact)] = &[
        // X509_V_ERR_CERT_HAS_EXPIRED and the like: a root that is a certificate is held to its own dates and purposes.
        (Verifier::OpenSsl, |way| way.root_above().is_some_and(|root| openssl_refuses_authority(root, way.at))),
        // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: a root that is not its own issuer is none without X509_V_FLAG_PARTIAL_CHAIN.
        (Verifier::OpenSsl, |way| way.root.as_ref().is_some_and(|root| !is_own_issuer(root))),
        // X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION; webpki: UnsupportedCriticalExtension.
        (Verifier::OpenSsl, |way| way.all().any(|facts| facts.has_critical(&["2.5.29.14", "2.5.29.18", "2.5.29.35"]))),
        // X509_V_ERR_INVALID_PURPOSE: a leaf whose keyUsage lets it do nothing that TLS asks for (RFC 8446 §4.4.2.2).
        (Verifier::OpenSsl, |way| way.path.first().is_some_and(|leaf| is_useless_to_tls(leaf))),
        // "x509: certificate has expired or is not yet valid", of a root too.
        (Verifier::Go, |way| way.root.as_ref().is_some_and(|root| !is_in_date(root, way.at))),
        // "x509: invalid signature: parent certificate cannot sign this kind of certificate", of a root too.
        (Verifier::Go, |way| way.root_above().is_some_and(go_refuses_authority)),
        // What crypto/x509 cannot parse, wherever it stands among what was sent.
        (Verifier::Go, |way| way.has_garbage || way.all().any(go_cannot_parse)),
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
        // "x509: unhandled critical extension", of a root too.
        (Verifier::Go, |way| way.path.iter().any(|facts| facts.has_critical(&["2.5.29.33", "2.5.29.36", "2.5.29.54"]))),
        (Verifier::Go, |way| way.root.as_ref().is_some_and(Facts::has_unknown_critical)),
        // "x509: a root or intermediate certificate is not authorized to sign for this name": a constraint holds for its own
        // certificate too, and one on the mailboxes or URIs of a host for the hosts below it.
        (Verifier::Go, |way| way.issuers().any(is_beyond_its_own_constraints) || way.is_excluded_below_a_host()),
        (Verifier::Go, |way| {
            way.constrains_beyond(&["dNSName", "iPAddress", "rfc822Name", "uniformResourceIdentifier"])
        }),
        // webpki: NameConstraintViolation, where another form is constrained.
        (Verifier::Webpki, |way| way.has_name_that_webpki_cannot_constrain()),
        // webpki: CaUsedAsEndEntity; MaximumPathDepthExceeded beyond six intermediates.
        (Verifier::Webpki, |way| way.path.first().is_some_and(|leaf| matches!(leaf.authority, Some((true, _))))),
        (Verifier::Webpki, |way| way.path.len() > 7),
        // webpki: UnsupportedCriticalExtension.
        (Verifier::Webpki, |way| way.path.iter().any(|facts| facts.has_critical(&UNKNOWN_TO_WEBPKI))),
    ];
    let mut verifiers: Vec<Verifier> =
        facts.iter().filter(|(_, applies)| applies(&way)).map(|(verifier, _)| *verifier).collect();
    verifiers.sort_unstable();
    verifiers.dedup();
    verifiers
}

/// The flag keyCertSign (RFC 5280 §4.2.1.3).
const KEY_CERT_SIGN: u16 = 1 << 5;
/// digitalSignature, keyEncipherment and keyAgreement.
const TLS_USAGES: u16 = 1 | 1 << 2 | 1 << 4;
/// Microseconds that comparing a certificate with its own constraints may take.
const OWN_WORK: u64 = 1_000;

/// Key identifiers, issuerAltName, and what is said of policies.
const UNKNOWN_TO_WEBPKI: [&str; 7] =
    ["2.5.29.14", "2.5.29.18", "2.5.29.32", "2.5.29.33", "2.5.29.35", "2.5.29.36", "2.5.29.54"];

/// A path that holds, and its anchor.
struct Way<'w> {
    path: &'w [&'w Facts<'w>],
    anchor: &'w Anchor,
    /// The anchor as a certificate, where it is one.
    root: Option<Facts<'w>>,
    at: i64,
    has_garbage: bool,
}

impl<'w> Way<'w> {
    /// The root, where it is another certificate than the leaf.
    fn root_above(&self) -> Option<&Facts<'w>> {
        let leaf = self.path.first().map(|leaf| leaf.x509.as_raw());
        self.root.as_ref().filter(|root| self.path.len() > 1 || leaf != Some(root.x509.as_raw()))
    }

    fn issuers(&self) -> impl Iterator<Item = &Facts<'w>> {
        self.path.iter().skip(1).copied().chain(&self.root)
    }

    fn all(&self) -> impl Iterator<Item = &Facts<'w>> {
        self.path.iter().copied().chain(&self.root)
    }

    fn is_excluded_below_a_host(&self) -> bool {
        let constraints = self.issuers().filter_map(|facts| facts.name_constraints.as_ref());
        let names = self.path.first().map(|leaf| leaf.names()).unwrap_or_default();
        constraints.into_iter().any(|constraints| constraints.excludes_below_a_host(&names))
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

    /// An issuer's key on a curve other than P-256 and P-384, or of RSA above 8192 bits or of id-RSASSA-PSS.
    fn has_key_that_webpki_lacks(&self) -> bool {
        let lacks = |key: &Key<'_>| match key {
            Key::Ec(curve, _) => matches!(curve, Curve::P521 | Curve::Other(_)),
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
        self.path.iter().any(|facts| has_alternative(facts, &is_meant))
    }

    fn names_differ(&self) -> bool {
        let differ =
            |child: &Facts<'_>, issuer: &Facts<'_>| child.x509.issuer().as_raw() != issuer.x509.subject().as_raw();
        let last = self.path.last().zip(self.root.as_ref());
        self.path.windows(2).any(|pair| differ(pair[0], pair[1])) || last.is_some_and(|(last, root)| differ(last, root))
    }
}

/// Names of the forms that are hardly ever seen in certificates of servers.
fn is_of_another_form(name: &GeneralName<'_>) -> bool {
    use GeneralName::{DNSName, DirectoryName, IPAddress, RFC822Name, URI};
    !matches!(name, DNSName(_) | DirectoryName(_) | IPAddress(_) | RFC822Name(_) | URI(_))
}

/// OpenSSL's `X509_check_issued` of a certificate with itself: one name, and an authority key identifier that is its own.
fn is_own_issuer(facts: &Facts<'_>) -> bool {
    let x509 = &facts.x509;
    let identifiers = x509.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(identifiers) => Some(identifiers),
        _ => None,
    });
    facts.is_self_issued()
        && identifiers.is_none_or(|ids| {
            let key_ids = facts.key_id.as_ref().zip(ids.key_identifier.as_ref());
            let serial = ids.authority_cert_serial;
            let issuers = ids.authority_cert_issuer.iter().flatten();
            let mut names = issuers.filter_map(|name| match name {
                GeneralName::DirectoryName(name) => Some(name.as_raw()),
                _ => None,
            });
            key_ids.is_none_or(|(own, named)| own == named.0)
                && serial.is_none_or(|serial| serial == x509.raw_serial())
                && names.next().is_none_or(|name| name == x509.issuer().as_raw())
        })
}

fn is_useless_to_tls(leaf: &Facts<'_>) -> bool {
    leaf.key_usage.is_some_and(|usage| usage & TLS_USAGES == 0)
}

/// Go's `CheckSignatureFrom`, and "x509: certificate specifies an incompatible key usage".
fn go_refuses_authority(facts: &Facts<'_>) -> bool {
    let is_authority = match facts.authority {
        Some((authority, _)) => authority,
        None => facts.x509.version() != X509Version::V3,
    };
    let is_for_others = facts.purposes.as_ref().is_some_and(|(server, named)| !server && !named.contains(ANY_PURPOSE));
    !is_authority || is_for_others || facts.key_usage.is_some_and(|usage| usage != 0 && usage & KEY_CERT_SIGN == 0)
}

/// "x509: unsupported elliptic curve", "x509: SAN dNSName is malformed", "x509: empty name constraints extension", "x509: invalid
/// authority info access" and the like.
fn go_cannot_parse(facts: &Facts<'_>) -> bool {
    // secp224r1 is known to Go.
    let has_strange_curve = matches!(facts.key(), Key::Ec(Curve::Other(curve), _) if curve != "1.3.132.0.33");
    let malformed = facts.x509.extensions().iter().any(|extension| {
        let number = extension.oid.to_id_string();
        matches!(extension.parsed_extension(), ParsedExtension::ParseError { .. })
            && ["1.3.6.1.5.5.7.1.1", "2.5.29.31"].contains(&number.as_str())
    });
    let says_nothing = facts.name_constraints.as_ref().is_some_and(|constraints| constraints.forms().next().is_none());
    has_strange_curve || malformed || says_nothing || has_alternative(facts, |name| !is_ascii(name))
}

fn is_ascii(name: &GeneralName<'_>) -> bool {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => text.is_ascii(),
        GeneralName::Invalid(tag, _) => ![1, 2, 6].contains(&tag.0),
        _ => true,
    }
}

fn is_beyond_its_own_constraints(facts: &Facts<'_>) -> bool {
    let names = facts.names();
    let constraints = facts.name_constraints.as_ref();
    constraints.is_some_and(|constraints| matches!(constraints.check(&names, &Meter::new(OWN_WORK)), Ok(Err(_))))
}

fn has_alternative(facts: &Facts<'_>, is_meant: impl Fn(&GeneralName<'_>) -> bool) -> bool {
    let names = facts.x509.subject_alternative_name().ok().flatten();
    names.is_some_and(|names| names.value.general_names.iter().any(is_meant))
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
