"""Promises inside TLS: what the one session tells beyond whether it is encrypted."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars
from ..facts import Facts
from .parts import bar_text, basis_of, basis_per, table

TOP = 10
PROMISES = {
    "requiretls": ("REQUIRETLS by operator", "offers REQUIRETLS", "best"),
    "tls-1.3": ("TLS 1.3 by operator", "agreed on TLS 1.3", "good"),
    "post-quantum": ("Post-quantum key exchange by operator", "chose a hybrid with ML-KEM when it was offered", "best"),
    "old-tls": ("Nothing above TLS 1.1, by operator", "knows nothing above TLS 1.1", "bad"),
}
SIDES = {"mx": "mail servers", "policy": "policy hosts"}


def section(facts: Facts) -> Section:
    return Section(
        "promises",
        "Promises inside TLS",
        "All of it from the session that is held anyway; nobody was contacted once more for it. Whether a host takes TLS 1.3 alone, or still takes TLS 1.0 "
        "beside it, would need another session and is not known.",
        [*(_promise(facts, promise) for promise in PROMISES), _certificates(facts), _keys(facts), _software(facts)],
    )


def _promise(facts: Facts, promise: str) -> Figure:
    title, does, tone = PROMISES[promise]
    answer = facts.ask("tls_promises", promise=promise, limit=200)
    frame = answer.frame.filter(pl.col("n") > 0)
    finding = "No MX host had a TLS session that tells."
    bars = []
    if frame.height:
        count, n = frame["count"].sum(), frame["n"].sum()
        finding = f"{numbers.part(count, n)} MX hosts of the {numbers.plural(frame.height, 'operator')} counted here {does.replace('knows', 'know').replace('offers', 'offer')}."
        shown = frame.filter(pl.col("count") > 0).sort("count", "who", descending=[True, False])
        bars = [Bar(row["who"], row["share"], bar_text(row["count"], row["n"]), tone) for row in shown.head(TOP).iter_rows(named=True)]
    columns = {"who": ("Operator", "code")}
    return Figure(
        title,
        finding,
        Bars(bars) if bars else None,
        basis_of(answer)
        if frame.height == 1
        else f"n: {answer.question.denominator}. Not judged, so in no share: {answer.question.unjudged}.",
        table(answer.frame, columns, limit=50),
        ["tls_promises"],
    )


def _certificates(facts: Facts) -> Figure:
    answer = facts.ask("special_certificates")
    frame = answer.frame.filter(pl.col("n") > 0)
    bars = [
        Bar(row["kind"], row["share"], bar_text(row["count"], row["n"]), "plain", SIDES[row["side"]]) for row in frame.iter_rows(named=True)
    ]
    finding = "Nobody showed a certificate."
    if bars:
        short, address = (frame.filter(pl.col("kind") == kind)["count"].sum() for kind in ("under 10 days", "for an address"))
        unlogged = answer.one("share", side="mx", kind="without SCT")
        finding = f"{numbers.plural(short, 'host')} showed a certificate of under ten days and {numbers.plural(address, 'host')} one for an IP address"
        finding += (
            f"; {numbers.share(unlogged)} of mail servers with an issued certificate showed one without a timestamp of a log."
            if unlogged is not None
            else "."
        )
    return Figure("Short, for an address, in no log", finding, Bars(bars) if bars else None, basis_per(answer, "side", SIDES), table(answer.frame), ["special_certificates"])  # fmt: skip


def _keys(facts: Facts) -> Figure:
    answer = facts.ask("shared_keys")
    frame = answer.frame
    across = frame.filter(pl.col("operators") > 1)
    bars = [
        Bar(row["key"], row["share"], f"{numbers.plural(row['count'], 'host')}, {numbers.plural(row['operators'], 'operator')}", "bad" if row["operators"] > 1 else "plain")
        for row in frame.head(TOP).iter_rows(named=True)
    ]  # fmt: skip
    finding = "No key stands behind two MX hosts."
    if bars:
        finding = (
            f"Of the {numbers.count(frame.height)} keys that stand behind most MX hosts, {numbers.count(across.height)} {numbers.verb(across.height, 'is', 'are')} shared by hosts of "
            "several operators: whoever holds such a key can pass for all of them."
        )
    return Figure("One key, many names", finding, Bars(bars) if bars else None, basis_of(answer), table(frame), ["shared_keys"])


def _software(facts: Facts) -> Figure:
    answer = facts.ask("software_failures")
    frame = answer.frame
    bars = [Bar(row["software"], row["share"], bar_text(row["count"], row["n"]), "bad") for row in frame.iter_rows(named=True)]
    finding = "No MX host greeted."
    if bars:
        unsure, n = int(answer.one("n", software="unsure") or 0), int(frame["n"].sum())
        finding = f"Of {numbers.part(n - unsure, n)} greetings the software can be told. The shares are those whose STARTTLS or certificate a strict client refuses."
    columns = {"software": ("Greets as", "code")}
    return Figure(
        "Failures by mail server software",
        finding,
        Bars(bars) if bars else None,
        basis_per(answer, "software"),
        table(frame, columns),
        ["software_failures"],
    )
