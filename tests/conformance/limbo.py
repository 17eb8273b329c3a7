"""x509-limbo (C2SP): the cases that ask for a TLS server's chain. In no registry: `limbo.json` is given."""

import base64
import datetime
import json

from asking import Suite, chain_outcomes, encode

ISSUERS = (
    "a rule for those who issue (RFC 5280 4.1, 4.2), not a step of validation (6.1)"
)
JUSTIFIED = {
    r"^webpki::": "CA/Browser Forum's Baseline Requirements, not RFC 5280 6.1",
    r"^crl::": "no revocation is looked at",
    r"^rfc5280::(aki|ski|pc|serial)::": ISSUERS,
    r"noncritical|not-allowed-in-ee|ca-empty-subject|leaf-ku-keycertsign|ee-critical-aia-invalid": ISSUERS,
    r"root": "a root is a name and a key (RFC 5280 6.1.1 (d)): its other fields do not count",
    r"nc-permits-invalid-dns-san|underscore-dns": "the DNS-ID that counts is sound, and RFC 9525 6.3 asks for one",
    r"leading-period": "not defined for dNSName (RFC 5280 4.2.1.10); OpenSSL, Go and webpki take it for the names below",
}


def der(pem):
    return encode(base64.b64decode("".join(pem.split("-----")[2].split())))


def question(case):
    name = case.get("expected_peer_name")
    if case["validation_kind"] != "SERVER" or not name or name["kind"] != "DNS":
        return None
    if case.get("max_chain_depth") is not None or case.get(
        "extended_key_usage", []
    ) not in ([], ["serverAuth"]):
        return None
    at = case.get("validation_time")
    at = (
        datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
        if at
        else datetime.datetime.now(datetime.UTC)
    )
    return {
        "chain": [
            der(one)
            for one in [case["peer_certificate"], *case["untrusted_intermediates"]]
        ],
        "roots": [der(one) for one in case["trusted_certs"]],
        "reference_identifier": name["value"],
        "at": int(at.timestamp()),
    }


def suite(program, path):
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["testcases"]
    asked = [
        (case["id"], line, case["expected_result"] == "SUCCESS")
        for case in cases
        if (line := question(case))
    ]
    return Suite(
        "x509-limbo", "`LIMBO=limbo.json`", chain_outcomes(program, asked), JUSTIFIED
    )
