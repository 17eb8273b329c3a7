//! Walking a presented chain by names and signatures alone, dates and usages aside (RFC 4158 §2.4).
//!
//! It serves two ends: to hand webpki only certificates that have to do with the leaf when a server sends very
//! many, and, when no path is valid, to say why. Each certificate is visited once and signature checks are
//! counted, so the time is bounded whatever a server sends.

use super::chain::{Chain, Presented};
use super::path::Anchor;
use super::signature::{self, Signature};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::x509::SubjectPublicKeyInfo;

/// At most so many signature checks between presented certificates; webpki's own budget for a path search is 100.
/// Checks under anchors are not counted: an anchor is asked once per certificate and walk.
const MAX_SIGNATURE_CHECKS: u32 = 400;

/// How one certificate hangs on another that bears its issuer's name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Link {
    /// Another authority of the same name, or not even that.
    None,
    /// The issuer by all marks, and the signature does not verify or cannot be checked.
    Broken,
    /// The signature verifies.
    Verified,
}

/// A way from the leaf to an anchor.
pub(super) struct Route {
    /// Indexes into [`Chain::others`], the leaf's issuer first.
    pub issuers: Vec<usize>,
}

/// The shortest way from the leaf to one of the anchors over certificates that `admit` lets pass, every link at
/// least as good as `least`.
pub(super) fn find_route(
    chain: &Chain<'_>,
    anchors: &[&Anchor<'_>],
    least: Link,
    admit: impl Fn(&Presented<'_>) -> bool,
) -> Option<Route> {
    let mut parents: Vec<Option<usize>> = vec![None; chain.others.len() + 1];
    let mut queue = vec![0];
    let mut next = 0;
    while let Some(&node) = queue.get(next) {
        next += 1;
        if anchors.iter().any(|anchor| link_to_anchor(chain, node, anchor) >= least) {
            let mut issuers = Vec::new();
            let mut at = node;
            while at != 0 {
                issuers.push(at - 1);
                at = parents[at].unwrap_or(0);
            }
            issuers.reverse();
            return Some(Route { issuers });
        }
        for (index, other) in chain.others.iter().enumerate() {
            let issuer = index + 1;
            if !queue.contains(&issuer) && admit(other) && link(chain, node, issuer) >= least {
                parents[issuer] = Some(node);
                queue.push(issuer);
            }
        }
    }
    None
}

/// Every presented certificate that the leaf hangs on, over verified links, nearest first.
pub(super) fn reach(chain: &Chain<'_>) -> Vec<usize> {
    closure(chain, Link::Verified).into_iter().skip(1).map(|node| node - 1).collect()
}

/// Whether the way up ends at a certificate whose issuer was not presented. Only asked where no anchor has the
/// name of that issuer.
pub(super) fn lacks_issuer(chain: &Chain<'_>) -> bool {
    let nodes = closure(chain, Link::Broken);
    let certificates = || nodes.iter().filter_map(|node| get(chain, *node).x509());
    let ends_at_a_root = certificates().any(is_self_issued);
    let ends_in_the_air =
        nodes.iter().any(|node| (1..=chain.others.len()).all(|issuer| link(chain, *node, issuer) == Link::None));
    !ends_at_a_root && ends_in_the_air
}

/// Subject and issuer are one name (RFC 5280 §3.2, self-issued).
pub(super) fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

fn closure(chain: &Chain<'_>, least: Link) -> Vec<usize> {
    let mut queue = vec![0];
    let mut next = 0;
    while let Some(&node) = queue.get(next) {
        next += 1;
        for issuer in 1..=chain.others.len() {
            if !queue.contains(&issuer) && link(chain, node, issuer) >= least {
                queue.push(issuer);
            }
        }
    }
    queue
}

/// Node 0 is the leaf, node `n` is `others[n - 1]`.
fn get<'c, 'a>(chain: &'c Chain<'a>, node: usize) -> &'c Presented<'a> {
    match node {
        0 => &chain.leaf,
        _ => &chain.others[node - 1],
    }
}

fn link(chain: &Chain<'_>, child: usize, issuer: usize) -> Link {
    if child == issuer {
        return Link::None;
    }
    let (Some(certificate), Some(authority)) = (get(chain, child).x509(), get(chain, issuer).x509()) else {
        return Link::None;
    };
    if certificate.issuer().as_raw() != authority.subject().as_raw() {
        return Link::None;
    }
    if let Some(known) = chain.links.borrow().get(&(child, issuer)) {
        return *known;
    }
    let checks = chain.signature_checks.get();
    if checks >= MAX_SIGNATURE_CHECKS {
        return Link::None;
    }
    chain.signature_checks.set(checks + 1);
    let found = link_under_key(certificate, authority.public_key(), subject_key_id(authority));
    chain.links.borrow_mut().insert((child, issuer), found);
    found
}

fn link_to_anchor(chain: &Chain<'_>, child: usize, anchor: &Anchor<'_>) -> Link {
    let child = get(chain, child);
    let (Some(certificate), Some(issuer)) = (child.x509(), child.issuer()) else {
        return Link::None;
    };
    if issuer != anchor.trust.subject.as_ref() {
        return Link::None;
    }
    let key = webpki::spki_for_anchor(&anchor.trust);
    match super::parse_public_key(&key) {
        Some(key) => link_under_key(certificate, &key, anchor.key_id.as_deref()),
        None => Link::None,
    }
}

/// The names agree already.
fn link_under_key(certificate: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>, key_id: Option<&[u8]>) -> Link {
    if signature::check(certificate, key) == Signature::Good {
        return Link::Verified;
    }
    // RFC 5280 §4.2.1.1: key identifiers tell apart the keys of one authority. Where they differ, or where a key
    // of this kind cannot have made the signature, it is another authority and not a broken signature.
    let another_key =
        matches!((authority_key_id(certificate), key_id), (Some(wanted), Some(offered)) if wanted != offered);
    let another_kind =
        !signature::is_of_one_family(&certificate.signature_algorithm.algorithm, &key.algorithm.algorithm);
    if another_key || another_kind { Link::None } else { Link::Broken }
}

/// The subject key identifier (RFC 5280 §4.2.1.2).
pub(super) fn subject_key_id<'c>(certificate: &'c X509Certificate<'_>) -> Option<&'c [u8]> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
        _ => None,
    })
}

fn authority_key_id<'c>(certificate: &'c X509Certificate<'_>) -> Option<&'c [u8]> {
    certificate.iter_extensions().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0),
        _ => None,
    })
}
