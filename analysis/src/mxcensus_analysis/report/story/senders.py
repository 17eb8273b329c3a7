"""What senders would do, and what an attacker could."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..facts import Facts
from .parts import OUTCOMES, PROTECTIONS, basis, stacks, table

SENDERS = {
    "opportunistic": "verifies nothing",
    "mta-sts": "MTA-STS",
    "dane": "DANE",
    "dane, insecure mx too": "DANE, even below an unsigned MX",
    "both": "both",
}
MECHANISMS = {"mta-sts": "MTA-STS", "dane": "DANE", "both": "both"}


def section(facts: Facts) -> Section:
    return Section(
        "senders",
        "What a sender would do",
        "The same domains through the eyes of five senders at first contact. Authenticated is what this is all for; refused is the price of a mistake.",
        [_outcomes(facts), _protection(facts)],
    )


def _outcomes(facts: Facts) -> Figure:
    answer = facts.ask("senders")
    frame = answer.frame
    finding = "No outcome is known."
    if frame.height:
        authenticated, refused = (
            {sender: answer.one("share", sender=sender, outcome=outcome) or 0.0 for sender in SENDERS}
            for outcome in ("authenticated", "refused")
        )
        finding = (
            f"A sender with MTA-STS authenticates {numbers.share(authenticated['mta-sts'])} of domains and refuses {numbers.share(refused['mta-sts'])}; "
            f"one with DANE authenticates {numbers.share(authenticated['dane'])} and refuses {numbers.share(refused['dane'])}; one with both, "
            f"{numbers.share(authenticated['both'])} and {numbers.share(refused['both'])}."
        )
    both = answer.rows(sender="both")
    foundation = basis(answer, both["n"][0] if both.height else 0, both["unjudged"][0] if both.height else 0)
    chart = stacks(frame, "sender", "outcome", OUTCOMES, names=SENDERS) if frame.height else None
    return Figure("Five senders, one message each", finding, chart, f"For the sender with both: {foundation}", table(frame), ["senders"])


def _protection(facts: Facts) -> Figure:
    answer = facts.ask("protection")
    frame = answer.frame
    finding = "No protection is known."
    if frame.height:
        always = answer.one("share", mechanism="dane", protection="always") or 0.0
        later = answer.one("share", mechanism="mta-sts", protection="after-first-contact") or 0.0
        never = answer.one("share", mechanism="both", protection="never") or 0.0
        finding = (
            f"DANE protects {numbers.share(always)} of domains from the first message on, MTA-STS {numbers.share(later)} once a policy has been fetched. "
            f"{numbers.share(never)} have neither."
        )
    both = frame.filter(pl.col("mechanism") == "both")
    chart = stacks(frame, "mechanism", "protection", PROTECTIONS, names=MECHANISMS) if frame.height else None
    foundation = basis(answer, both["n"][0] if both.height else 0, both["unjudged"][0] if both.height else 0)
    return Figure(
        "Protected against an attacker on the path",
        finding,
        chart,
        f"For both: {foundation}",
        table(frame),
        ["protection"],
    )
