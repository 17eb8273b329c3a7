//! Which scheme an AlgorithmIdentifier names (RFC 4055, RFC 5758, RFC 8410, RFC 8017 appendix A).

use x509_parser::asn1_rs::Any;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::AlgorithmIdentifier;

use super::Hash;

/// How a signature is made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS (RFC 8017 §8.1).
    RsaPss(Pss),
    /// ECDSA (FIPS 186-5 §6).
    Ecdsa(Hash),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 (RFC 8032).
    Ed448,
}

/// Parameters of RSASSA-PSS (RFC 4055 §3.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pss {
    /// The hash of the message.
    pub hash: Hash,
    /// The hash of the mask, MGF1.
    pub mask: Hash,
    /// Octets of salt; in a key: the least.
    pub salt_length: usize,
}

/// Why an AlgorithmIdentifier gives no scheme.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unreadable {
    /// Its parameters are not what its definition asks for.
    Malformed(&'static str),
    /// MD2, MD4 or MD5: nobody may rely on it (RFC 6149, RFC 6150, RFC 6151).
    Weak(&'static str),
    /// It cannot be checked here: its name or its number.
    Unsupported(String),
}

impl Scheme {
    /// Reads an AlgorithmIdentifier of a signature.
    pub fn of(algorithm: &AlgorithmIdentifier<'_>) -> Result<Self, Unreadable> {
        let oid = algorithm.algorithm.to_id_string();
        let plain = |scheme| match &algorithm.parameters {
            // RFC 5758 §3.2, RFC 8410 §3: parameters are absent. RFC 4055 §5: NULL, and absent ones are met.
            None => Ok(scheme),
            Some(any) if any.tag().0 == 5 && any.data.is_empty() => Ok(scheme),
            Some(_) => Err(Unreadable::Malformed("parameters of the signature algorithm where none belong")),
        };
        match oid.as_str() {
            "1.2.840.113549.1.1.2" => Err(Unreadable::Weak("RSA with MD2")),
            "1.2.840.113549.1.1.3" => Err(Unreadable::Weak("RSA with MD4")),
            "1.2.840.113549.1.1.4" => Err(Unreadable::Weak("RSA with MD5")),
            // The second is the number that OIW gave it.
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => plain(Self::RsaPkcs1(Hash::Sha1)),
            "1.2.840.113549.1.1.14" => plain(Self::RsaPkcs1(Hash::Sha224)),
            "1.2.840.113549.1.1.11" => plain(Self::RsaPkcs1(Hash::Sha256)),
            "1.2.840.113549.1.1.12" => plain(Self::RsaPkcs1(Hash::Sha384)),
            "1.2.840.113549.1.1.13" => plain(Self::RsaPkcs1(Hash::Sha512)),
            "1.2.840.113549.1.1.15" => plain(Self::RsaPkcs1(Hash::Sha512_224)),
            "1.2.840.113549.1.1.16" => plain(Self::RsaPkcs1(Hash::Sha512_256)),
            "1.2.840.113549.1.1.10" => match &algorithm.parameters {
                Some(any) => Pss::read(any).map(Self::RsaPss),
                None => Err(Unreadable::Malformed("RSASSA-PSS without parameters (RFC 4055 3.1)")),
            },
            "1.2.840.10045.4.1" => plain(Self::Ecdsa(Hash::Sha1)),
            "1.2.840.10045.4.3.1" => plain(Self::Ecdsa(Hash::Sha224)),
            "1.2.840.10045.4.3.2" => plain(Self::Ecdsa(Hash::Sha256)),
            "1.2.840.10045.4.3.3" => plain(Self::Ecdsa(Hash::Sha384)),
            "1.2.840.10045.4.3.4" => plain(Self::Ecdsa(Hash::Sha512)),
            "1.3.101.112" => plain(Self::Ed25519),
            "1.3.101.113" => plain(Self::Ed448),
            _ => Err(Unreadable::Unsupported(name_of(&oid))),
        }
    }

    /// The hash that it rests on; `None` where it is part of the scheme.
    pub fn hash(&self) -> Option<Hash> {
        match self {
            Self::RsaPkcs1(hash) | Self::Ecdsa(hash) => Some(*hash),
            Self::RsaPss(pss) => Some(pss.hash),
            Self::Ed25519 | Self::Ed448 => None,
        }
    }

    /// Whether nobody may rely on it (RFC 9155 §2: SHA-1).
    pub fn is_weak(&self) -> bool {
        self.hash() == Some(Hash::Sha1)
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "RSA with {hash}"),
            Self::RsaPss(Pss { hash, salt_length, .. }) => {
                write!(f, "RSASSA-PSS with {hash} and {salt_length} octets of salt")
            }
            Self::Ecdsa(hash) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
        }
    }
}

impl Pss {
    /// RSASSA-PSS-params, of a signature or of a key (RFC 4055 §3.1).
    pub(super) fn read(parameters: &Any<'_>) -> Result<Self, Unreadable> {
        let params = RsaSsaPssParams::try_from(parameters)
            .map_err(|_| Unreadable::Malformed("malformed parameters of RSASSA-PSS (RFC 4055 3.1)"))?;
        if params.trailer_field() != 1 {
            return Err(Unreadable::Malformed("RSASSA-PSS with another trailer than 1 (RFC 4055 3.1)"));
        }
        let mask = params
            .mask_gen_algorithm()
            .map_err(|_| Unreadable::Malformed("malformed mask generation of RSASSA-PSS (RFC 4055 2.2)"))?;
        let hash = |oid: String| {
            Hash::by_oid(&oid).ok_or_else(|| Unreadable::Unsupported(format!("RSASSA-PSS with the hash {oid}")))
        };
        if mask.mgf.to_id_string() != "1.2.840.113549.1.1.8" {
            return Err(Unreadable::Unsupported(format!("RSASSA-PSS with the mask {}", mask.mgf.to_id_string())));
        }
        Ok(Self {
            hash: hash(params.hash_algorithm_oid().to_id_string())?,
            mask: hash(mask.hash.to_id_string())?,
            salt_length: usize::try_from(params.salt_length()).unwrap_or(usize::MAX),
        })
    }
}

/// Names of what is met and cannot be checked, else the number.
fn name_of(oid: &str) -> String {
    let name = match oid {
        "1.2.840.10040.4.3" => "DSA with SHA-1",
        "2.16.840.1.101.3.4.3.1" => "DSA with SHA-224",
        "2.16.840.1.101.3.4.3.2" => "DSA with SHA-256",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        "1.2.156.10197.1.501" => "SM2 with SM3",
        "1.2.643.7.1.1.3.2" => "GOST R 34.10-2012, 256 bits",
        "1.2.643.7.1.1.3.3" => "GOST R 34.10-2012, 512 bits",
        _ => return format!("the signature algorithm {oid}"),
    };
    name.to_owned()
}
