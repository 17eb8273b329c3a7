//! ML-KEM (FIPS 203), alone and beside a curve. The client's share is an encapsulation key, the server's a ciphertext.

use ml_kem::array::Array;
use ml_kem::{Decapsulate, KeyExport};
use rustls::Error;

use super::{SECP256R1, SECP384R1, Started, X25519, classical, hybrid, random};

/// The bytes of a ciphertext of ML-KEM-768 (FIPS 203 §8).
const CIPHERTEXT_768: usize = 1088;
/// The bytes of an uncompressed point of P-256 and of P-384.
const P256_POINT: usize = 65;
const P384_POINT: usize = 97;

macro_rules! kem {
    ($name:ident, $set:ident) => {
        /// The parameter set alone (draft-ietf-tls-mlkem).
        pub(super) fn $name() -> Result<Started, Error> {
            let key = ml_kem::$set::DecapsulationKey::from_seed(Array::from(random::<64>()?));
            let share = key.encapsulation_key().to_bytes().to_vec();
            let finish = move |peer: &[u8]| {
                let ciphertext = ml_kem::$set::Ciphertext::try_from(peer).ok()?;
                Some(key.decapsulate(&ciphertext).to_vec())
            };
            Ok(Started { share, finish: Box::new(finish) })
        }
    };
}

kem!(mlkem512, ml_kem_512);
kem!(mlkem768, ml_kem_768);
kem!(mlkem1024, ml_kem_1024);

/// draft-ietf-tls-ecdhe-mlkem §3: ML-KEM comes first here, and second in the others.
pub(super) fn x25519_mlkem768() -> Result<Started, Error> {
    Ok(hybrid(mlkem768()?, classical(X25519)?, CIPHERTEXT_768))
}

/// draft-ietf-tls-ecdhe-mlkem §3.
pub(super) fn p256_mlkem768() -> Result<Started, Error> {
    Ok(hybrid(classical(SECP256R1)?, mlkem768()?, P256_POINT))
}

/// draft-ietf-tls-ecdhe-mlkem §3.
pub(super) fn p384_mlkem1024() -> Result<Started, Error> {
    Ok(hybrid(classical(SECP384R1)?, mlkem1024()?, P384_POINT))
}
