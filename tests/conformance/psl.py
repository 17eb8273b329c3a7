"""The Public Suffix List's own tests, as PyPI's publicsuffixlist carries them."""

import re
import zipfile

from asking import Outcome, Suite

CASE = re.compile(r"^checkPublicSuffix\((null|'(.*)'), (null|'(.*)')\);", re.MULTILINE)
JUSTIFIED = {}


def suite(program, wheel):
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("publicsuffixlist/test_psl.txt").decode()
    cases = [
        (found[2], found[4]) for found in CASE.finditer(text) if found[2] is not None
    ]
    expected = program.eval(
        "domain-name", [{"name": wanted or ""} for _, wanted in cases]
    )
    answers = program.ask("registrable", [{"name": name} for name, _ in cases])
    outcomes = []
    for (name, _), wanted, ours in zip(cases, expected, answers, strict=True):
        wanted = wanted["ascii"] or "null"
        outcomes.append(Outcome(name, wanted, ours, wanted == ours))
    return Suite("Public Suffix List", "PyPI `publicsuffixlist`", outcomes, JUSTIFIED)
