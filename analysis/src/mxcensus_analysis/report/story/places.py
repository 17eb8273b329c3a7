"""What differs by where one looks from, and by the address that one comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ... import numbers
from ..blocks import Figure
from ..charts import Bar, Bars
from ..facts import Facts
from .parts import bar_text, basis_per, stacks, table

RESULTS: Final = {"TLS": "best", "answers without TLS": "bad", "no EHLO answered": "none"}


def addresses(facts: Facts) -> Figure:
    answer = facts.ask("addresses_apart")
    rows = {row["difference"]: row for row in answer.frame.iter_rows(named=True)}
    bars = [Bar(name, row["share"], bar_text(row["count"], row["n"]), "bad") for name, row in rows.items() if row["n"]]
    finding = "No MX host answers at several addresses."
    if bars:
        some, six = rows["TLS at some"], rows["IPv6 alone fails"]
        finding = (
            f"{numbers.part(some['count'], some['n'])} MX hosts that answer at several addresses complete TLS at some of them only: whether mail is "
            f"encrypted depends on the address that a sender takes. {numbers.part(six['count'], six['n'])} hosts with both families work over IPv4 and not over IPv6."
        )
    return Figure(
        "Addresses of one host",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "difference"),
        table(answer.frame),
        ["addresses_apart"],
    )


def vantages(facts: Facts) -> Sequence[Figure]:
    """Only where a crawl had several."""
    answer = facts.ask("vantages")
    names = answer.frame["vantage"].unique(maintain_order=True).to_list()
    if len(names) < 2:
        return []
    ends = {name: answer.interval(vantage=name, result="TLS") for name in names}
    known = [found for found in ends.values() if found]
    apart = any(one.apart(other) for one in known for other in known)
    shares = numbers.listed(f"{numbers.share(answer.one('share', vantage=name, result='TLS'))} from {name}" for name in names)
    said = "Some stand apart by more than their intervals." if apart else "Their intervals touch, so the vantages cannot be told apart."
    return [
        Figure(
            "From each vantage",
            f"TLS completes at {shares} of the addresses contacted there. {said}",
            stacks(answer.frame, "vantage", "result", RESULTS),
            basis_per(answer, "vantage"),
            table(answer.frame),
            ["vantages"],
        )
    ]
