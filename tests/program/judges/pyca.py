"""Verifies chains with PyCA's `cryptography`, a path builder that shares no code with webpki or OpenSSL.

Arguments: roots (PEM), questions (JSON Lines of host, at (microseconds since the Unix epoch), chain (list of DER in hex)).
Prints a line per question: the host, and `valid` or why not.
"""

import datetime
import json
import sys

from cryptography import x509
from cryptography.x509 import verification

roots, questions = sys.argv[1:]
with open(roots, "rb") as file:
    store = verification.Store(x509.load_pem_x509_certificates(file.read()))
with open(questions, encoding="utf-8") as file:
    for line in file:
        question = json.loads(line)
        at = datetime.datetime.fromtimestamp(question["at"] / 1e6, datetime.timezone.utc)
        try:
            leaf, *others = [x509.load_der_x509_certificate(bytes.fromhex(der)) for der in question["chain"]]
            builder = verification.PolicyBuilder().store(store).time(at.replace(tzinfo=None))
            builder.build_server_verifier(x509.DNSName(question["host"])).verify(leaf, others)
            print(question["host"], "valid")
        except (verification.VerificationError, ValueError) as error:
            print(question["host"], str(error).replace("\n", " "))
