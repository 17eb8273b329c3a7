"""IdnaTestV2 of Unicode's UTS 46, as the crate idna carries it: column toAsciiN, put to `eval domain-name`."""

import pathlib
import re

from asking import Outcome, Suite

ROOT, HYPHENS, LATER = (
    "a dot at the end",
    "hyphens in a label of ASCII",
    "a later character",
)
# What Unicode 17 and 18 assigned and the file has: CJK Unified Ideographs Extension J, Seal.
ASSIGNED = [("\U000323b0", "\U00033479"), ("\U0003d000", "\U0003fc3f")]
JUSTIFIED = {
    f"^{ROOT}": "the dot at the end is the root (RFC 1034 3.1): a name may have it, and it goes",
    f"^{HYPHENS}": "the DNS has labels of plain ASCII with hyphens in places three and four (UTS 46 4.1: CheckHyphens off)",
    f"^{LATER}": "the file is of Unicode 16, and a later version has the character (UTS 46 4.1, criterion 7)",
}


def unescaped(text):
    text = re.sub(
        r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text.strip()
    )
    text = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda found: chr(int(found[1], 16)), text)
    return "" if text == '""' else text


def suite(program, path):
    cases = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) < 7:
            continue
        source, unicode, status, ascii_, ascii_status = fields[:5]
        if any("\ud800" <= one <= "\udfff" for one in unescaped(source)):
            continue
        unicode = unescaped(unicode) if unicode else unescaped(source)
        ascii_ = unescaped(ascii_) if ascii_ else unicode
        status = set(re.findall(r"\w+", ascii_status if ascii_status else status))
        cases.append((unescaped(source), unicode, ascii_, status))
    answers = program.eval("domain-name", [{"name": source} for source, *_ in cases])
    outcomes = []
    for (source, unicode, ascii_, status), answer in zip(cases, answers, strict=True):
        ours = answer["ascii"] or f"error: {answer['error']}"
        agrees = (
            bool(status)
            if answer["ascii"] is None
            else not status and answer["ascii"] == ascii_
        )
        expected = f"error: {' '.join(sorted(status))}" if status else ascii_
        outcomes.append(
            Outcome(
                f"{kind(unicode, ascii_, status, answer['ascii'])} {source!a}",
                ascii(expected),
                ascii(ours),
                agrees,
            )
        )
    return Suite("IdnaTestV2", "crate `idna`", outcomes, JUSTIFIED)


def kind(unicode, ascii_, status, ours):
    """What a difference is about, where the DNS or a later Unicode decides."""
    if ours is None:
        return ""
    if "A4_2" in status and ascii_ == f"{ours}.":
        return ROOT
    if status == {"V2"} and any(
        label[2:4] == "--" and label.isascii() for label in unicode.split(".")
    ):
        return HYPHENS
    return (
        LATER
        if status <= {"V7", "A4_2"}
        and any(first <= one <= last for first, last in ASSIGNED for one in unicode)
        else ""
    )
