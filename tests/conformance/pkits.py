"""NIST PKITS, as PyPI's cryptography-vectors carries it: the sections that ask for no revocation, with the default settings.

What is expected stands in the name of a case, but for those of 4.8 and 4.12.3, where the document says it.
"""

import re
import zipfile

from asking import Suite, chain_outcomes, encode

FOLDER = "cryptography_vectors/x509/PKITS_data/certs/"
AT = 1_325_376_000  # The first day of 2012: all certificates that are meant to be in date are.
# Cases without a word, and what 4.8 and 4.12 expect of them where any policy is asked for.
ACCEPTED = [
    "AllCertificatesSamePoliciesTest10", "AllCertificatesSamePoliciesTest13", "AllCertificatesSamePolicyTest1",
    "AllCertificatesanyPolicyTest11", "AnyPolicyTest14", "AllCertificatesNoPoliciesTest2", "DifferentPoliciesTest3",
    "OverlappingPoliciesTest6", "UserNoticeQualifierTest15", "UserNoticeQualifierTest16", "UserNoticeQualifierTest17",
    "UserNoticeQualifierTest18", "UserNoticeQualifierTest19", "CPSPointerQualifierTest20", "inhibitAnyPolicyTest3",
]  # fmt: skip
REFUSED = [f"DifferentPoliciesTest{number}" for number in (4, 5, 7, 8, 9, 12)]
# 4.4, 4.14, 4.15, and what of 4.5 and 4.7 is about revocation lists.
REVOCATION = re.compile(
    r"RL|Revoked|distributionPoint|onlySomeReasons|onlyContains|IDP|SerialNumber|SelfIssued(OldWithNewTest2|NewWithOldTest5)"
    r"|BasicSelfIssuedCRLSigningKey|cRLSignFalse|SeparateCertificate"
)
JUSTIFIED = {
    "DSA": "DSA is not checked here, and RFC 8446 4.2.3 has none: undecided, `cert-unsupported`",
}


def expectation(name):
    if REVOCATION.search(name) or "Test" not in name:
        return None
    if name.startswith("Valid") or name in ACCEPTED:
        return True
    return False if name.startswith("Invalid") or name in REFUSED else None


def suite(program, wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {
            name.removeprefix(FOLDER): archive.read(name)
            for name in archive.namelist()
            if name.startswith(FOLDER)
        }
    certificates = {
        name.removesuffix(".crt"): der
        for name, der in files.items()
        if name.endswith(".crt")
    }
    issuer = {name: names(der)[0] for name, der in certificates.items()}
    subject = {name: names(der)[1] for name, der in certificates.items()}
    asked = []
    for name in sorted(certificates):
        valid = expectation(name.removesuffix("EE"))
        if valid is None:
            continue
        path, wanted = [name], [issuer[name]]
        while wanted:
            above = [
                other
                for other in certificates
                if subject[other] == wanted[0] and other not in path
            ]
            path += above
            wanted = wanted[1:] + [issuer[other] for other in above]
        line = {
            "chain": [
                encode(certificates[one])
                for one in path
                if one != "TrustAnchorRootCertificate"
            ],
            "roots": [encode(certificates["TrustAnchorRootCertificate"])],
            "reference_identifier": "pkits.example",
            "names": False,
            "at": AT,
        }
        asked.append((name, line, valid))
    return Suite(
        "NIST PKITS",
        "PyPI `cryptography-vectors`",
        chain_outcomes(program, asked),
        JUSTIFIED,
    )


def names(der):
    """Issuer and subject of a certificate, loosely: the text of their attributes."""
    fields = elements(elements(elements(der)[0][1])[0][1])
    return tuple(text(fields[index][1]) for index in (3, 5))


def text(name):
    values = [
        elements(attribute)[1][1]
        for _, rdn in elements(name)
        for _, attribute in elements(rdn)
    ]
    return " ".join(b" ".join(values).decode("latin-1").casefold().split())


def elements(der):
    """The tags and contents of DER, one level deep."""
    found, at = [], 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length > 127:
            octets = length & 127
            length, at = int.from_bytes(der[at : at + octets], "big"), at + octets
        found.append((tag, der[at : at + length]))
        at += length
    return found
