//! One certificate, read once: what path validation asks of it (RFC 5280 §4.1, §4.2).

use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::x509::X509Version;

use super::constraints::{NameConstraints, SubjectName};
use super::dn::DistinguishedName;
use super::finding::Reason;
use crate::signature::{Key, Scheme, Unreadable};

/// anyPolicy (RFC 5280 §4.2.1.4).
/// The purpose that stands for any (RFC 5280 §4.2.1.12).
pub(crate) const ANY_PURPOSE: &str = "anyExtendedKeyUsage";

pub(crate) const ANY_POLICY: &str = "2.5.29.32.0";

/// Below this an RSA key is too short (RFC 9325 §4.5).
const RSA_BITS_MIN: u32 = 2048;

/// A certificatePolicies extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    /// Without anyPolicy.
    pub(crate) named: Vec<String>,
    pub(crate) any: bool,
}

/// What path validation asks of a certificate.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) x509: X509Certificate<'a>,
    pub(crate) subject: DistinguishedName,
    pub(crate) issuer: DistinguishedName,
    /// How it is signed.
    pub(crate) scheme: Result<Scheme, Unreadable>,
    /// basicConstraints: cA and pathLenConstraint.
    pub(crate) authority: Option<(bool, Option<u32>)>,
    /// keyUsage: its bits, the first the lowest.
    pub(crate) key_usage: Option<u16>,
    /// extendedKeyUsage: whether serverAuth is among them, and their names.
    pub(crate) purposes: Option<(bool, String)>,
    pub(crate) name_constraints: Option<NameConstraints>,
    pub(crate) policies: Option<Policies>,
    pub(crate) mappings: Vec<(String, String)>,
    pub(crate) require_explicit_policy: Option<u32>,
    pub(crate) inhibit_policy_mapping: Option<u32>,
    pub(crate) inhibit_any_policy: Option<u32>,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) authority_key_id: Option<Vec<u8>>,
    /// What no path can mend.
    pub(crate) defects: Vec<Reason>,
}

impl<'a> Facts<'a> {
    /// Reads what a parsed certificate says.
    pub(crate) fn of(x509: X509Certificate<'a>) -> Self {
        let mut facts = Self {
            subject: DistinguishedName::of(x509.subject()),
            issuer: DistinguishedName::of(x509.issuer()),
            scheme: Scheme::of(&x509.signature_algorithm),
            authority: None,
            key_usage: None,
            purposes: None,
            name_constraints: None,
            policies: None,
            mappings: Vec::new(),
            require_explicit_policy: None,
            inhibit_policy_mapping: None,
            inhibit_any_policy: None,
            key_id: None,
            authority_key_id: None,
            defects: own_defects(&x509),
            x509,
        };
        let extensions = facts.x509.extensions().to_vec();
        for (index, extension) in extensions.iter().enumerate() {
            if extensions[..index].iter().any(|other| other.oid == extension.oid) {
                facts.defects.push(Reason::Duplicate(name_of(&extension.oid)));
            } else if let Err(reason) = facts.read(extension) {
                facts.defects.push(reason);
            }
        }
        if let Some(bits) = facts.key().rsa_bits().filter(|bits| *bits < RSA_BITS_MIN) {
            facts.defects.push(Reason::WeakKey(bits));
        }
        facts
    }

    fn read(&mut self, extension: &X509Extension<'a>) -> Result<(), Reason> {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(basic) => self.authority = Some((basic.ca, basic.path_len_constraint)),
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(usage.flags),
            ParsedExtension::ExtendedKeyUsage(_) => self.purposes = Some(purposes(extension)),
            ParsedExtension::NameConstraints(_) => {
                let constraints = NameConstraints::read(extension.value);
                self.name_constraints = Some(constraints.ok_or(Reason::Malformed("nameConstraints"))?);
            }
            ParsedExtension::CertificatePolicies(policies) => {
                let all = policies.iter().map(|policy| policy.policy_id.to_id_string());
                let (any, named): (Vec<String>, Vec<String>) = all.partition(|policy| policy == ANY_POLICY);
                self.policies = Some(Policies { named, any: !any.is_empty() });
            }
            ParsedExtension::PolicyMappings(mappings) => {
                let text = |oid: &Oid<'_>| oid.to_id_string();
                self.mappings = mappings
                    .mappings
                    .iter()
                    .map(|one| (text(&one.issuer_domain_policy), text(&one.subject_domain_policy)))
                    .collect();
            }
            ParsedExtension::PolicyConstraints(constraints) => {
                self.require_explicit_policy = constraints.require_explicit_policy;
                self.inhibit_policy_mapping = constraints.inhibit_policy_mapping;
            }
            ParsedExtension::InhibitAnyPolicy(inhibit) => self.inhibit_any_policy = Some(inhibit.skip_certs),
            ParsedExtension::SubjectKeyIdentifier(id) => self.key_id = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            // Read, and asking for nothing here: names are compared elsewhere, revocation is not looked at. What
            // authorityInfoAccess and subjectInfoAccess say is not used: critical, they cannot be processed (§4.2).
            ParsedExtension::SubjectAlternativeName(_)
            | ParsedExtension::IssuerAlternativeName(_)
            | ParsedExtension::CRLDistributionPoints(_) => {}
            ParsedExtension::ParseError { .. } => match processed(&extension.oid) {
                Some(name) => return Err(Reason::Malformed(name)),
                None if extension.critical => return Err(Reason::UnknownCritical(name_of(&extension.oid))),
                None => {}
            },
            _ if extension.critical => return Err(Reason::UnknownCritical(name_of(&extension.oid))),
            _ => {}
        }
        Ok(())
    }

    /// Its public key.
    pub(crate) fn key(&self) -> Key<'_> {
        Key::of(self.x509.public_key())
    }

    /// Subject and issuer are one name (RFC 5280 §3.2).
    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// notBefore and notAfter, seconds since the Unix epoch, both inclusive (RFC 5280 §4.1.2.5).
    pub(crate) fn dates(&self) -> (i64, i64) {
        let validity = self.x509.validity();
        (validity.not_before.timestamp(), validity.not_after.timestamp())
    }

    /// RFC 5280 §4.2.1.12: without the extension any purpose; with it, server authentication must be named.
    pub(crate) fn purpose_defect(&self) -> Option<Reason> {
        match &self.purposes {
            Some((false, named)) => Some(Reason::Purpose(named.clone())),
            _ => None,
        }
    }

    /// Whether an extension of one of these numbers is there and critical.
    pub(crate) fn has_critical(&self, numbers: &[&str]) -> bool {
        let mut extensions = self.x509.extensions().iter();
        extensions.any(|extension| extension.critical && numbers.contains(&extension.oid.to_id_string().as_str()))
    }

    /// Whether an extension that is not known here is critical.
    pub(crate) fn has_unknown_critical(&self) -> bool {
        self.defects.iter().any(|defect| matches!(defect, Reason::UnknownCritical(_)))
    }

    /// The names that name constraints speak of (RFC 5280 §4.2.1.10): the subject, where it is not empty, all alternative
    /// names, and without an rfc822Name among them the subject's mail addresses.
    pub(crate) fn names(&self) -> Vec<SubjectName<'_>> {
        let alternative = self.x509.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        });
        let alternative: &[GeneralName<'a>] = alternative.map_or(&[], Vec::as_slice);
        let mut names = Vec::with_capacity(alternative.len() + 1);
        if !self.subject.is_empty() {
            names.push(SubjectName::Directory(self.subject.clone(), self.x509.subject().to_string()));
        }
        if !alternative.iter().any(|name| matches!(name, GeneralName::RFC822Name(_))) {
            let mailboxes = self.x509.subject().iter_email().filter_map(|mailbox| mailbox.as_str().ok());
            names.extend(mailboxes.map(SubjectName::Mailbox));
        }
        names.extend(alternative.iter().map(SubjectName::of));
        names
    }
}

/// What the fields outside of the extensions have against it.
fn own_defects(x509: &X509Certificate<'_>) -> Vec<Reason> {
    let mut defects = Vec::new();
    if x509.version() != X509Version::V3 {
        // What says for whom a certificate stands, and what it may, are extensions.
        defects.push(Reason::Version(x509.version().0.saturating_add(1)));
    }
    if x509.signature_algorithm != x509.tbs_certificate.signature {
        defects.push(Reason::TwoAlgorithms);
    }
    if x509.validity().not_before > x509.validity().not_after {
        defects.push(Reason::Backwards);
    }
    defects
}

fn purposes(extension: &X509Extension<'_>) -> (bool, String) {
    let ParsedExtension::ExtendedKeyUsage(usage) = extension.parsed_extension() else {
        return (false, String::new());
    };
    let known = [
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
        (usage.any, ANY_PURPOSE),
    ];
    let mut names: Vec<String> = known.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()).collect();
    names.extend(usage.other.iter().take(4).map(|oid| oid.to_id_string()));
    (usage.server_auth, names.join(", "))
}

/// The extensions that are processed here, so that a malformed one is a refusal.
fn processed(oid: &Oid<'_>) -> Option<&'static str> {
    Some(match oid.to_id_string().as_str() {
        "2.5.29.14" => "subjectKeyIdentifier",
        "2.5.29.15" => "keyUsage",
        "2.5.29.17" => "subjectAltName",
        "2.5.29.19" => "basicConstraints",
        "2.5.29.30" => "nameConstraints",
        "2.5.29.32" => "certificatePolicies",
        "2.5.29.33" => "policyMappings",
        "2.5.29.35" => "authorityKeyIdentifier",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.37" => "extendedKeyUsage",
        "2.5.29.54" => "inhibitAnyPolicy",
        _ => return None,
    })
}

fn name_of(oid: &Oid<'_>) -> String {
    let id = oid.to_id_string();
    match oid2sn(oid, oid_registry()) {
        Ok(name) => format!("{name} ({id})"),
        Err(_) => id,
    }
}
