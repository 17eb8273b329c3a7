"""What the web server buys, and what it costs, told in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from ... import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars, Matrix
from ..facts import Facts
from .parts import bar_text, basis, basis_of, table

POLICY: Final = {"https alone": "HTTPS alone", "signed dns too": "signed DNS"}
DANE: Final = {
    "holds": "holds",
    "within reach": "within reach",
    "domain not signed": "domain unsigned",
    "mx hosts not signed": "hosts unsigned",
}
TEXTS: Final = {"as served": "The text as served", "as a record": "The same in the syntax of the record"}
SIGNED: Final = {
    "record": "the record",
    "record and policy host": "… and the policy host",
    "record, policy host and MX": "… and the MX records",
    "everything": "… and the addresses of every MX host",
}
PRELOAD: Final = {
    "https alone": "HTTPS alone protects the policy",
    "mode enforce": "… and it enforces",
    "in order": "… and every MX host passes",
    "max_age of a year": "… and max_age is a year",
}
USED: Final = {
    "policies": "for some policy",
    "mail": "for some MX host of an enforced policy",
    "policies alone": "for policies and for no MX host",
    "neither": "for nothing here",
}


def section(facts: Facts) -> Section:
    return Section(
        "web-server",
        "What the web server buys",
        "A policy that stood in DNS would need signed DNS, as DANE does; on a web server it needs none. So the web server serves those whose DNS is not "
        "signed, and they pay with a fetch that can fail. Where the DNS is signed, the record could carry the policy itself.",
        [_whom(facts), _signed(facts), _fits(facts), _operators(facts), _failures(facts), _roots(facts), _preload(facts)],
        notes=_time(facts),
    )


def _rows(facts: Facts, name: str, key: str) -> Mapping[str, Mapping[str, Any]]:
    return {row[key]: row for row in facts.frame(name).iter_rows(named=True)}


def _whom(facts: Facts) -> Figure:
    """Both directions in one figure: whom only HTTPS serves, and who would not need it."""
    answer = facts.ask("https_alone")
    cells = {(row["policy"], row["dane"]): row for row in answer.frame.iter_rows(named=True)}
    n = answer.frame["n"][0]
    finding = "There is no valid policy whose DNS could be judged."
    if n:
        alone = sum(row["count"] for (policy, _), row in cells.items() if policy == "https alone")
        unreachable = sum(
            row["in_force"] for (policy, dane), row in cells.items() if policy == "https alone" and dane.endswith("not signed")
        )
        finding = (
            f"{numbers.part(alone, n)} valid policies have nothing but HTTPS to authenticate them. {numbers.plural(unreachable, 'domain')} of these "
            f"{numbers.verb(unreachable, 'enforces', 'enforce')} a policy that is in order where DANE cannot be had as the DNS stands: without the web server "
            f"{numbers.verb(unreachable, 'it', 'they')} would have no protection. The record of the other {numbers.count(n - alone)} is signed, and the policy "
            "in it would be as authentic, from the first message on."
        )
    values = {(POLICY[policy], DANE[dane]): float(row["count"]) for (policy, dane), row in cells.items()}
    texts = {key: numbers.count(value) for key, value in values.items()}
    chart = (
        Matrix(list(POLICY.values()), list(DANE.values()), values, texts, "The policy is authenticated by", "DANE for this domain")
        if n
        else None
    )
    columns = {"in_force": ("Enforced and in order", "count")}
    return Figure(
        "Whom it protects, and whether DANE could", finding, chart, basis_of(answer), table(answer.frame, columns), ["https_alone"]
    )


def _signed(facts: Facts) -> Figure:
    answer = facts.ask("signed_policies")
    rows = _rows(facts, "signed_policies", "signed")
    n = answer.frame["n"][0]
    bars = [Bar(name, rows[key]["share"], bar_text(rows[key]["count"], n), "dane") for key, name in SIGNED.items() if n]
    finding = "There is no valid policy whose DNS could be judged."
    if n:
        every = rows["record, policy host and MX"]
        finding = (
            f"{numbers.part(every['count'], n)} valid policies have signed DNS at the record, the policy host and the MX: the same policy in DNS would be as "
            f"strong. DANE holds at {numbers.count(every['dane'])} of them."
        )
    columns = {"dane": ("DANE holds", "count")}
    return Figure(
        "Signed at every name", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame, columns), ["signed_policies"]
    )


def _fits(facts: Facts) -> Figure:
    answer = facts.ask("policy_in_dns")
    bars = [
        Bar(row["carrier"], row["share"], bar_text(row["count"], row["n"]), "dane", TEXTS[row["text"]])
        for row in answer.frame.iter_rows(named=True)
    ]
    finding = "There is no policy to weigh."
    if bars:
        text, small = (
            answer.rows(text="as a record", carrier=carrier).row(0, named=True) for carrier in ("one string of 255", "answer of 512")
        )
        finding = (
            f"Written as a record, {numbers.part(text['count'], text['n'])} policies fit in one string and {numbers.part(small['count'], small['n'])} in an answer of "
            f"512 octets; the median text has {numbers.count(text['median_octets'])} octets."
        )
    columns = {"text": ("Text", "text"), "carrier": ("Fits in", "text"), "median_octets": ("Median octets", "count"), "p90_octets": ("90th centile", "count"),
               "most_octets": ("Most", "count")}  # fmt: skip
    return Figure(
        "Would a policy fit in DNS?",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(answer.frame, columns),
        ["policy_in_dns"],
    )


def _operators(facts: Facts) -> Figure:
    answer = facts.ask("record_operators")
    rows = [row for row in answer.frame.iter_rows(named=True) if row["count"]]
    bars = [
        Bar(row["operators"], row["share"], f"{bar_text(row['count'], row['n'])}, failing {numbers.share(row['failing_share'])}", "sts")
        for row in rows
    ]
    finding = "There is no record whose policy host has a known operator."
    if rows:
        split = pl.col("operators").str.starts_with("both").not_()
        (apart, failing), (together, failing_too) = (
            (int(frame["count"].sum()), int(frame["failing"].sum())) for frame in (answer.frame.filter(split), answer.frame.filter(~split))
        )
        finding = f"At {numbers.part(apart, rows[0]['n'])} domains one party changes the record and another the policy."
        if apart:
            finding += f" The policy of {numbers.part(failing, apart)} of these cannot be had or is none"
            finding += f"; where one party has both, {numbers.part(failing_too, together)}." if together else "."
    columns = {
        "operators": ("Who runs record and policy", "text"),
        "failing": ("Failing", "count"),
        "failing_share": ("Share failing", "share"),
    }
    return Figure(
        "Record and policy: one operator or two",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(answer.frame, columns),
        ["record_operators"],
    )


def _failures(facts: Facts) -> Figure:
    answer = facts.ask("fetch_failures")
    rows = _rows(facts, "fetch_failures", "what")
    n = answer.frame["n"][0]
    named = {**{what: what for what in rows}, "at the web server": "together", "only there": "of these, nothing else is wrong"}
    bars = [
        Bar(named[what], row["share"], bar_text(row["count"], n), "weak" if row is rows["only there"] else "sts")
        for what, row in rows.items()
        if n
    ]
    finding = "No record asks for a policy."
    if n:
        lost, alone = rows["at the web server"]["count"], rows["only there"]["count"]
        finding = (
            f"{numbers.part(lost, n)} domains with a valid record lose their protection at the web server, after DNS has answered; at {numbers.count(alone)} of "
            "them every MX host has a valid certificate, so nothing else stands in the way but, perhaps, the mx list."
        )
    return Figure(
        "What the fetch adds in failures", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["fetch_failures"]
    )


def _roots(facts: Facts) -> Figure:
    answer = facts.ask("fetch_roots")
    rows = _rows(facts, "fetch_roots", "used_for")
    n = answer.frame["n"][0]
    bars = [Bar(name, rows[key]["share"], bar_text(rows[key]["count"], n), "sts") for key, name in USED.items() if n]
    finding = "The trust store is not in this dataset."
    if n:
        finding = (
            f"A sender trusts all {numbers.count(n)} roots of its store for any policy. {numbers.part(rows['policies']['count'], n)} {numbers.verb(rows['policies']['count'], 'is', 'are')} used for a "
            f"valid policy here, {numbers.count(rows['policies alone']['count'])} of them for no MX host of an enforced one. A policy in signed DNS would need none for itself."
        )
    columns = {"used_for": ("Used", "text")}
    return Figure(
        "What the fetch adds in roots",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(answer.frame, columns),
        ["fetch_roots"],
    )


def _preload(facts: Facts) -> Figure:
    answer = facts.ask("preload")
    rows = _rows(facts, "preload", "step")
    n = answer.frame["n"][0]
    bars = [Bar(name, rows[key]["share"], bar_text(rows[key]["count"], n), "sts") for key, name in PRELOAD.items() if n]
    finding = "There is no valid policy whose DNS could be judged."
    frame = answer.frame
    if n:
        alone, ready = rows["https alone"]["count"], rows["max_age of a year"]["count"]
        finding = (
            f"Of the {numbers.plural(alone, 'policy', 'policies')} that HTTPS alone protects, {numbers.part(ready, alone)} {numbers.verb(ready, 'is', 'are')} ready for a list "
            "that senders carry with them, which would take the first contact away: enforced, in order, and for a year."
        )
        if len(facts.series) > 1:
            past = facts.series.preload()
            held = {row["step"]: row["count"] for row in past.iter_rows(named=True)}
            crawls = numbers.plural(len(facts.series), "crawl")
            bars += [Bar(f"… and {step} ({crawls})", held[step] / n, bar_text(held[step], n), "sts") for step in held]
            frame = pl.concat([frame, past.select(frame.columns)], how="vertical_relaxed")
            finding += f" In {crawls} {numbers.count(held['never failed'])} of them never failed, and {numbers.count(held['in order in every crawl'])} {numbers.verb(held['in order in every crawl'], 'was', 'were')} in order each time."
    return Figure(
        "What a preload list would catch",
        finding,
        Bars(bars) if bars else None,
        basis(answer, n, answer.frame["unjudged"][0]),
        table(frame),
        ["preload"],
    )


def _time(facts: Facts) -> list[str]:
    rows = _rows(facts, "https_cost", "phase")
    if not rows or not rows["dns"]["median_ms"]:
        return []
    return [
        f"In time the fetch adds {numbers.milliseconds(rows['https']['median_ms'])} at the median to a look-up of {numbers.milliseconds(rows['dns']['median_ms'])}, "
        f"and {numbers.milliseconds(rows['https']['p99_ms'])} in one of a hundred cases: “What HTTPS costs in time” has the steps. A sender pays it once per max_age."
    ]
