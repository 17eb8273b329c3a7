"""BetterTLS (Netflix): name constraints and path building, as `bettertls export-tests --out FILE` writes them. In no registry."""

import json
import time

from asking import Suite, chain_outcomes

JUSTIFIED = {}


def suite(program, path):
    with open(path, encoding="utf-8") as file:
        exported = json.load(file)
    asked, now = [], int(time.time())
    for name, cases in exported["suites"].items():
        for case in cases["testCases"]:
            if case["hostname"].replace(".", "").isdigit() or ":" in case["hostname"]:
                continue
            # The path-building cases ask for `localhost`, a name of one label like any other.
            line = {
                "chain": case["certificates"],
                "roots": [exported["trustRoot"]],
                "reference_identifier": case["hostname"],
                "at": now,
            }
            soft = "(may differ)" if case["failureIsWarning"] else ""
            asked.append(
                (
                    f"{name} {case['id']} {','.join(case['requiredFeatures'])}{soft}",
                    line,
                    case["expected"] == "ACCEPT",
                )
            )
    return Suite(
        "BetterTLS", "`BETTERTLS=tests.json`", chain_outcomes(program, asked), JUSTIFIED
    )
