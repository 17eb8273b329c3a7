//! The fixtures were made with OpenSSL 3.0: a self-signed certificate for each key, and signatures over [`MESSAGE`].

use super::*;

const MESSAGE: &[u8] = b"signed by the server";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("testdata/", $name))
    };
}

#[test]
fn signatures_made_by_openssl() {
    use KeyProof::{NotChecked, Verified};
    use SignedBy::{OldRule, Scheme};
    type Case<'a> = (&'a [u8], SignedBy, &'a [u8], KeyProof, &'a str);
    let cases: &[Case] = &[
        (fixture!("rsa2048.der"), Scheme(0x0401), fixture!("rsa2048.0401"), Verified, "PKCS #1"),
        (fixture!("rsa2048.der"), Scheme(0x0804), fixture!("rsa2048.0804"), Verified, "PSS"),
        (fixture!("rsa2048.der"), OldRule, fixture!("rsa2048.old"), Verified, "MD5 and SHA-1, as before TLS 1.2"),
        (fixture!("rsa1024.der"), Scheme(0x0401), fixture!("rsa1024.0401"), Verified, "1024 bits"),
        (fixture!("rsa1024.der"), Scheme(0x0501), fixture!("rsa1024.0501"), Verified, "1024 bits, outside of ring"),
        (fixture!("rsa1024.der"), Scheme(0x0601), fixture!("rsa1024.0601"), Verified, "1024 bits, SHA-512"),
        (fixture!("rsa1024.der"), Scheme(0x0804), fixture!("rsa1024.0804"), Verified, "PSS outside of ring"),
        (fixture!("rsa1024v1.der"), Scheme(0x0804), fixture!("rsa1024.0804"), Verified, "an X.509 v1 certificate"),
        (fixture!("rsa1025.der"), Scheme(0x0804), fixture!("rsa1025.0804"), Verified, "PSS without spare bits"),
        (fixture!("rsa1025.der"), Scheme(0x0401), fixture!("rsa1025.0401"), Verified, "an odd size"),
        (fixture!("rsa512.der"), Scheme(0x0401), fixture!("rsa512.0401"), Verified, "512 bits"),
        (fixture!("rsa512.der"), Scheme(0x0201), fixture!("rsa512.0201"), Verified, "512 bits, SHA-1"),
        (fixture!("rsa512.der"), OldRule, fixture!("rsa512.old"), Verified, "512 bits, MD5 and SHA-1"),
        (fixture!("p384.der"), Scheme(0x0403), fixture!("p384.0403"), Verified, "P-384 with SHA-256"),
        (fixture!("p384.der"), Scheme(0x0503), fixture!("p384.0503"), Verified, "P-384 with SHA-384"),
        (fixture!("p521.der"), Scheme(0x0603), fixture!("p521.0603"), Verified, "P-521, which ring lacks"),
        (fixture!("p256.der"), Scheme(0x0203), fixture!("p256.0203"), Verified, "P-256 with SHA-1"),
        (fixture!("p256.der"), OldRule, fixture!("p256.0203"), Verified, "P-256 before TLS 1.2"),
        (fixture!("p256.der"), Scheme(0x0303), fixture!("p256.0303"), Verified, "P-256 with SHA-224"),
        (fixture!("p256.der"), Scheme(0x0503), fixture!("p256.0503"), Verified, "P-256 with SHA-384"),
        (fixture!("p256.der"), Scheme(0x0603), fixture!("p256.0603"), Verified, "P-256 with SHA-512"),
        (fixture!("p224.der"), Scheme(0x0403), fixture!("p224.0403"), Verified, "P-224, shorter than the digest"),
        (fixture!("k256.der"), Scheme(0x0403), fixture!("k256.0403"), Verified, "secp256k1, whose a is 0"),
        (fixture!("bp256.der"), Scheme(0x081a), fixture!("bp256.081a"), Verified, "Brainpool, TLS 1.3"),
        (fixture!("bp256.der"), Scheme(0x0403), fixture!("bp256.081a"), Verified, "Brainpool, TLS 1.2"),
        (fixture!("bp384.der"), Scheme(0x081b), fixture!("bp384.081b"), Verified, "Brainpool of 384 bits"),
        (fixture!("bp512.der"), Scheme(0x081c), fixture!("bp512.081c"), Verified, "Brainpool of 512 bits"),
        (fixture!("ed448.der"), Scheme(0x0808), fixture!("ed448.0808"), Verified, "Ed448"),
        (fixture!("rsaold.der"), Scheme(0x0301), fixture!("rsaold.0301"), Verified, "RSA with SHA-224"),
        (fixture!("rsaold.der"), Scheme(0x0101), fixture!("rsaold.0101"), Verified, "RSA with MD5"),
        (b"no certificate", Scheme(0x0401), fixture!("rsa512.0401"), NotChecked, "a leaf that cannot be read"),
    ];
    for (leaf, signed_by, signature, proof, why) in cases {
        assert_eq!(check(leaf, *signed_by, MESSAGE, signature), *proof, "{why}");
        if *proof == Verified {
            assert_eq!(check(leaf, *signed_by, b"another message", signature), KeyProof::Failed, "{why}: message");
            let mut bent = signature.to_vec();
            bent[signature.len() / 2] ^= 1;
            assert_eq!(check(leaf, *signed_by, MESSAGE, &bent), KeyProof::Failed, "{why}: signature");
        }
    }
}

#[test]
fn another_key_or_kind_is_a_failure() {
    let cases: &[(&[u8], u16, &[u8], &str)] = &[
        (fixture!("rsa1025.der"), 0x0401, fixture!("rsa1024.0401"), "another key's signature"),
        (fixture!("rsa2048.der"), 0x0804, fixture!("rsa2048.0401"), "PKCS #1 where PSS is named"),
        (fixture!("rsa1024.der"), 0x0806, fixture!("rsa1024.0804"), "a key too small for PSS with SHA-512"),
        (fixture!("rsa1024.der"), 0x0403, fixture!("rsa1024.0401"), "an ECDSA scheme with an RSA key"),
        (fixture!("p384.der"), 0x0804, fixture!("p384.0403"), "an RSA scheme with a curve"),
        (fixture!("rsa512.der"), 0x0401, b"", "no signature"),
        (fixture!("p256.der"), 0x0603, fixture!("p256.0503"), "another hash"),
        (fixture!("p256.der"), 0x0603, &[0x30, 6, 2, 1, 0, 2, 1, 0], "zeros for a signature"),
        (fixture!("p256.der"), 0x0808, fixture!("ed448.0808"), "an EdDSA scheme with P-256"),
        (fixture!("ed448.der"), 0x0807, fixture!("ed448.0808"), "Ed25519 with a key of Ed448"),
        (fixture!("ed448.der"), 0x0808, b"", "no signature of Ed448"),
    ];
    for (leaf, scheme, signature, why) in cases {
        assert_eq!(check(leaf, SignedBy::Scheme(*scheme), MESSAGE, signature), KeyProof::Failed, "{why}");
    }
}
