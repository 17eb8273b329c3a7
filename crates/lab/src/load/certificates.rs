//! The certificates of the load world, each a function of whose it is and which one: the same in every process, so that
//! a host that did not renew shows the same one in two months.
//!
//! Keys are derived from the seed and signatures follow RFC 6979 (no randomness), which is why this is not ring's work.

use std::time::Duration;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePrivateKey;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};
use ring::digest;

use super::dice::Dice;
use super::domain::{Fault, Fetch, Host, Leaf, MailHost, Manner, Sts, Tlsa};
use super::hosts::MxHost;
use super::model::{MONTH_DAYS, World};
use super::months::{LIFETIME_DAYS, RENEWAL_DAYS};
use super::names;
use super::providers::PROVIDERS;
use crate::LabError;

const DAY: i64 = 86_400;
/// The authority that no trust store holds.
const STRANGER: u8 = 4;
/// Their names; the last one is not in any root store. Shares of the market are in `model`.
const AUTHORITIES: [&str; 5] = ["Let's Lab", "Lab Trust", "Lab Digital", "Lab Root Co", "Nobody's CA"];
/// Their roots.
const ROOTS: [&str; 5] =
    ["Let's Lab Root", "Lab Trust Root", "Lab Digital Root", "Lab Root Co Root", "Nobody's CA Root"];
/// The authority whose intermediate a second root has certified too.
pub(super) const CROSSED: u8 = 1;

/// Whose key, and whose certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Owner {
    /// An MX provider's, by number, for all of its hosts.
    Provider(u8),
    /// A domain's own host's.
    Own(u64, u8),
    /// A policy host's.
    Policy(u64),
    /// That of a policy operator's own site.
    Operator(u8),
    /// Old machines': all the same.
    Appliance,
}

/// One certificate: enough to make it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Identity {
    /// Whose.
    pub owner: Owner,
    /// What is wrong with it.
    pub fault: Fault,
    /// Which of the owner's.
    pub number: u32,
    /// Its place in the rhythm of renewals.
    pub phase: u8,
    /// Whether the key stays.
    pub keeps_key: bool,
    /// Who issued it.
    pub authority: u8,
}

/// A chain as it is sent, leaf first.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// DER of each.
    pub certificates: Vec<Vec<u8>>,
}

/// A TLSA record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TlsaData {
    /// Usage, selector, matching type.
    pub parameters: [u8; 3],
    /// The association data.
    pub data: Vec<u8>,
}

/// A key that is a function of a seed.
struct Key {
    secret: SigningKey,
    public: Vec<u8>,
}

impl Key {
    /// From the seed, whose it is and its number.
    fn derive(seed: u64, whose: &str, number: u64) -> Result<Key, LabError> {
        let mut dice = Dice::new(seed, whose, number);
        loop {
            let mut scalar = [0; 32];
            scalar.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&dice.roll().to_be_bytes()));
            // All but one in 2^32 are below the order of the group.
            if let Ok(secret) = SigningKey::from_slice(&scalar) {
                let public = secret.verifying_key().to_encoded_point(false).as_bytes().to_vec();
                return Ok(Key { secret, public });
            }
        }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.secret.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

struct Authority {
    issuer: Issuer<'static, Key>,
    /// What is sent behind a leaf.
    sent: Vec<Vec<u8>>,
    spki: Vec<u8>,
    root: Vec<u8>,
}

/// The authorities of a world, and what they issue.
pub(super) struct Pki {
    seed: u64,
    /// The first instant of month 0, seconds since the Unix epoch.
    epoch: i64,
    authorities: Vec<Authority>,
}

impl Pki {
    /// Makes the authorities of a world whose month 0 begins at `epoch`, seconds since the Unix epoch.
    pub(super) fn new(world: &World, epoch: i64) -> Result<Pki, LabError> {
        let key = |what: &str, number: usize| Key::derive(world.seed, what, number as u64);
        let params = |name: String, from: i64, until: i64| -> Result<CertificateParams, LabError> {
            let mut params = CertificateParams::new(Vec::<String>::new()).map_err(LabError::crypto)?;
            params.distinguished_name.push(DnType::OrganizationName, "mxcensus load world");
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            validity(&mut params, epoch, from, until);
            Ok(params)
        };
        let mut roots = Vec::new();
        for (number, name) in ROOTS.iter().enumerate() {
            let params = params((*name).to_owned(), -3000, 6000)?;
            let key = key("root key", number)?;
            let der = params.self_signed(&key).map_err(LabError::crypto)?.der().to_vec();
            roots.push((Issuer::new(params, key), der));
        }
        let mut authorities = Vec::new();
        for (number, name) in AUTHORITIES.iter().enumerate() {
            let params = params(format!("{name} E{}", number + 1), -700, 1200)?;
            let key = key("issuing key", number)?;
            let by = |root: usize| {
                params.signed_by(&key, &roots[root].0).map(|c| c.der().to_vec()).map_err(LabError::crypto)
            };
            let mut sent = vec![by(number)?];
            if number == usize::from(CROSSED) {
                sent.push(by(0)?);
            }
            let spki = key.subject_public_key_info();
            authorities.push(Authority { issuer: Issuer::new(params, key), sent, spki, root: roots[number].1.clone() });
        }
        Ok(Pki { seed: world.seed, epoch, authorities })
    }

    /// DER of every trusted root.
    pub(super) fn roots(&self) -> impl Iterator<Item = &[u8]> {
        self.authorities.iter().take(usize::from(STRANGER)).map(|authority| authority.root.as_slice())
    }

    /// The trusted roots in PEM.
    pub(super) fn roots_pem(&self) -> String {
        self.roots().map(crate::pki::pem).collect()
    }

    /// The chain of an identity.
    pub(super) fn chain(&self, world: &World, identity: &Identity) -> Result<Chain, LabError> {
        let name = world.certificate_name(identity.owner);
        let names = match identity.fault {
            Fault::Misnamed => vec![world.other_name(identity.owner)],
            _ => vec![name],
        };
        let mut params = CertificateParams::new(names.clone()).map_err(LabError::crypto)?;
        // X.520 ends a common name at 64 characters.
        params.distinguished_name.push(DnType::CommonName, names.concat().chars().take(64).collect::<String>());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.is_ca = IsCa::ExplicitNoCa;
        let (from, until) = days(identity);
        validity(&mut params, self.epoch, from, until);
        if identity.owner == Owner::Appliance {
            let key = appliance_key()?;
            let certificates = vec![params.self_signed(&key).map_err(LabError::crypto)?.der().to_vec()];
            return Ok(Chain { certificates });
        }
        let key = self.key(identity)?;
        let certificates = if identity.fault == Fault::SelfSigned {
            vec![params.self_signed(&key).map_err(LabError::crypto)?.der().to_vec()]
        } else {
            let authority = self.authority(identity);
            let leaf = params.signed_by(&key, &authority.issuer).map_err(LabError::crypto)?.der().to_vec();
            std::iter::once(leaf).chain(authority.sent.iter().cloned()).collect()
        };
        Ok(Chain { certificates })
    }

    /// The private key of an identity's leaf, PKCS #8.
    pub(super) fn private_key(&self, identity: &Identity) -> Result<Vec<u8>, LabError> {
        if identity.owner == Owner::Appliance {
            return Ok(appliance_key()?.serialize_der());
        }
        let document = p256::SecretKey::from(&self.key(identity)?.secret).to_pkcs8_der().map_err(LabError::crypto)?;
        Ok(document.as_bytes().to_vec())
    }

    /// The association data of the TLSA records of a host (RFC 6698 2.1), in the order that they are published in.
    pub(super) fn tlsa(&self, world: &World, host: &MxHost) -> Result<Vec<TlsaData>, LabError> {
        let spec = &host.spec;
        let identity = world.identity(host.host, spec);
        let of = Identity { number: spec.tlsa_of, ..identity };
        let sha = |bytes: &[u8]| digest::digest(&digest::SHA256, bytes).as_ref().to_vec();
        let spki = |identity: &Identity| -> Result<Vec<u8>, LabError> {
            Ok(sha(&self.key(identity)?.subject_public_key_info()))
        };
        let record = |parameters: [u8; 3], data: Vec<u8>| TlsaData { parameters, data };
        Ok(match spec.tlsa {
            Tlsa::None | Tlsa::Failing => Vec::new(),
            Tlsa::Spki => vec![record([3, 1, 1], spki(&of)?)],
            Tlsa::Pair => {
                let next = Identity { number: of.number + 1, ..of };
                let mut both = vec![record([3, 1, 1], spki(&of)?), record([3, 1, 1], spki(&next)?)];
                both.dedup();
                both
            }
            Tlsa::Whole => vec![record([3, 0, 1], sha(&self.chain(world, &of)?.certificates[0]))],
            Tlsa::Anchor => vec![record([2, 1, 1], sha(&self.authority(&identity).spki))],
            Tlsa::OtherSelector => vec![record([3, 0, 1], spki(&identity)?)],
            Tlsa::Usage1 => vec![record([1, 1, 1], spki(&identity)?)],
            Tlsa::Empty => vec![record([3, 1, 1], sha(b""))],
        })
    }

    fn authority(&self, identity: &Identity) -> &Authority {
        let number = if identity.fault == Fault::Unknown { STRANGER } else { identity.authority.min(STRANGER - 1) };
        &self.authorities[usize::from(number)]
    }

    fn key(&self, identity: &Identity) -> Result<Key, LabError> {
        let number = u64::from(if identity.keeps_key { 1 } else { identity.number });
        match identity.owner {
            Owner::Provider(provider) => Key::derive(self.seed, "provider key", u64::from(provider) << 32 | number),
            Owner::Own(index, host) => {
                Key::derive(self.seed, "host key", (index << 1 | u64::from(host)) << 24 | number)
            }
            Owner::Policy(index) => Key::derive(self.seed, "policy key", index << 24 | number),
            Owner::Operator(operator) => Key::derive(self.seed, "operator key", u64::from(operator) << 32 | number),
            Owner::Appliance => Err(LabError::World("old machines have no key of this kind".to_owned())),
        }
    }
}

impl World {
    /// The certificate that a host presents.
    pub(super) fn identity(&self, host: Host, spec: &MailHost) -> Identity {
        if spec.manner == Manner::Legacy {
            return Identity {
                owner: Owner::Appliance,
                fault: Fault::SelfSigned,
                number: 1,
                phase: 0,
                keeps_key: true,
                authority: 0,
            };
        }
        let Leaf { fault, phase, keeps_key, number } = spec.leaf;
        let owner = match host {
            Host::Shared(provider, _) | Host::Customer(provider, _) => Owner::Provider(provider),
            Host::Own(index, number) => Owner::Own(index, number),
            Host::Implicit(index) => Owner::Own(index, 2),
        };
        Identity { owner, fault, number, phase, keeps_key, authority: spec.authority }
    }

    /// The certificate that a policy host presents; `None`: it gets no chance to, or has none for the name.
    pub(super) fn policy_identity(&self, index: u64, sts: &Sts) -> Option<Identity> {
        let number = self.certificate_number(sts.phase);
        let own = |fault| Identity {
            owner: Owner::Policy(index),
            fault,
            number,
            phase: sts.phase,
            keeps_key: false,
            authority: 0,
        };
        match (sts.fetch, sts.operator) {
            (Fetch::Alert | Fetch::NoName | Fetch::Closed | Fetch::Unreachable, _) => None,
            // A managed one shows the operator's own site.
            (Fetch::Misnamed, Some(operator)) => {
                Some(Identity { owner: Owner::Operator(operator), ..own(Fault::None) })
            }
            (Fetch::Misnamed, None) => Some(own(Fault::Misnamed)),
            (Fetch::SelfSigned, _) => Some(Identity { number: 1, ..own(Fault::SelfSigned) }),
            (Fetch::Expired, _) => Some(Identity { number: 1, ..own(Fault::Expired) }),
            _ => Some(own(Fault::None)),
        }
    }

    /// The name that a good certificate bears.
    fn certificate_name(&self, owner: Owner) -> String {
        match owner {
            Owner::Provider(provider) => format!("*.{}", PROVIDERS[usize::from(provider)].host_parent()),
            Owner::Own(index, number @ 0..=1) => format!("{}.{}", super::hosts::own_label(number), self.name(index)),
            Owner::Own(index, _) => self.name(index),
            Owner::Policy(index) => format!("mta-sts.{}", self.name(index)),
            Owner::Operator(operator) => format!("www.{}", super::providers::OPERATORS[usize::from(operator)].domain),
            Owner::Appliance => "localhost.localdomain".to_owned(),
        }
    }

    /// The name that a misnamed one bears instead.
    fn other_name(&self, owner: Owner) -> String {
        match owner {
            Owner::Provider(provider) => format!("portal.{}", PROVIDERS[usize::from(provider)].domain),
            Owner::Own(index, _) | Owner::Policy(index) => format!("www.{}", self.name(index)),
            Owner::Operator(_) | Owner::Appliance => names::TOP_LEVELS[0].1.to_owned(),
        }
    }
}

/// Old machines have an RSA key, and all the same one, as their maker shipped it. PKCS #1 signatures are not random.
fn appliance_key() -> Result<rcgen::KeyPair, LabError> {
    rcgen::KeyPair::from_pkcs8_pem_and_sign_algo(crate::pki::RSA_LEAF_KEY, &rcgen::PKCS_RSA_SHA256)
        .map_err(LabError::crypto)
}

/// The name of an authority's root.
pub(super) fn root_name(number: u8) -> &'static str {
    ROOTS.get(usize::from(number)).copied().unwrap_or_default()
}

/// The days between which a certificate is valid, counted from the first of month 0.
pub(super) fn days(identity: &Identity) -> (i64, i64) {
    let phase = i64::from(identity.phase);
    let usual = RENEWAL_DAYS * (i64::from(identity.number) - 1) - phase;
    match identity.fault {
        Fault::None | Fault::Misnamed | Fault::Unknown => (usual, usual + LIFETIME_DAYS),
        // Valid when month 0 is over but for a few days: it must outlast a crawl.
        Fault::Lapsing => (MONTH_DAYS - 3 - phase % 20 - LIFETIME_DAYS, MONTH_DAYS - 3 - phase % 20),
        Fault::Expired => (-5 - 7 * phase - LIFETIME_DAYS, -5 - 7 * phase),
        Fault::SelfSigned => (-900 - phase, 2700 - phase),
    }
}

fn validity(params: &mut CertificateParams, epoch: i64, from: i64, until: i64) {
    let instant = |days: i64| {
        let unix_seconds = (epoch + days * DAY).max(0).unsigned_abs();
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(unix_seconds)
    };
    params.not_before = instant(from);
    params.not_after = instant(until);
}
