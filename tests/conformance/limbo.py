#!/usr/bin/env python3
"""limbo.py BINARY LIMBO.json: puts the cases of x509-limbo (C2SP) that ask for a TLS server's chain to `BINARY eval pkix`.

Prints agree / ours wrong / justified. A case is justified by its feature or its name, with the section that decides; exit 1 if any is wrong.
"""

import base64
import datetime
import json
import re
import subprocess
import sys

# What the suite asks for and RFC 5280 §6.1 with RFC 9525 does not, or what this program does not look at.
PROFILE = "a rule for those who issue (RFC 5280 4.1, 4.2), not a step of validation (6.1)"
JUSTIFIED = {
    r"^webpki::": "CA/Browser Forum's Baseline Requirements, not RFC 5280 6.1",
    r"^crl::": "no revocation is looked at",
    r"^rfc5280::(aki|ski|pc|serial)::": PROFILE,
    r"noncritical|not-allowed-in-ee|ca-empty-subject|leaf-ku-keycertsign|ee-critical-aia-invalid": PROFILE,
    r"root": "a root is a name and a key (RFC 5280 6.1.1 (d)): its other fields do not count",
    r"nc-permits-invalid-dns-san|underscore-dns": "the DNS-ID that counts is sound, and RFC 9525 6.3 asks for one",
    r"leading-period": "not defined for dNSName (RFC 5280 4.2.1.10); OpenSSL, Go and webpki take it for the names below",
}


def pem(text):
    body = "".join(text.split("-----")[2].split())
    return base64.b64encode(base64.b64decode(body)).decode()


def question(case):
    name = case.get("expected_peer_name")
    if case["validation_kind"] != "SERVER" or not name or name["kind"] != "DNS":
        return None
    if case.get("max_chain_depth") is not None or case.get("extended_key_usage", []) not in ([], ["serverAuth"]):
        return None
    at = case.get("validation_time")
    at = datetime.datetime.fromisoformat(at.replace("Z", "+00:00")) if at else datetime.datetime.now(datetime.timezone.utc)
    return {
        "id": case["id"],
        "chain": [pem(one) for one in [case["peer_certificate"], *case["untrusted_intermediates"]]],
        "roots": [pem(one) for one in case["trusted_certs"]],
        "reference_identifier": name["value"],
        "at": int(at.timestamp()),
    }


def main():
    binary, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["testcases"]
    asked = [(case, line) for case in cases if (line := question(case))]
    text = "".join(json.dumps(line) + "\n" for _, line in asked)
    answers = subprocess.run([binary, "eval", "pkix"], input=text.encode(), capture_output=True, check=True).stdout
    counts = {"agree": 0, "ours wrong": 0, "justified": 0}
    for (case, _), line in zip(asked, answers.decode().splitlines(), strict=True):
        answer = json.loads(line)
        if (answer.get("result") == "valid") == (case["expected_result"] == "SUCCESS"):
            counts["agree"] += 1
            continue
        why = next((why for pattern, why in JUSTIFIED.items() if re.search(pattern, case["id"])), None)
        verdict = "justified" if why else "ours wrong"
        counts[verdict] += 1
        found = answer.get("detail") or answer.get("error") or answer.get("result")
        print(f"{verdict}: {case['id']}: {case['expected_result']}, ours: {found}" + (f" ({why})" if why else ""))
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    sys.exit(1 if counts["ours wrong"] else 0)


if __name__ == "__main__":
    main()
