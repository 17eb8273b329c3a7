"""Who runs it: concentration, and what one failure breaks."""

from __future__ import annotations

import polars as pl

from ...answer import Answer
from .. import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars, Matrix
from ..facts import Facts
from .parts import basis_of, stacks, table

TOP = 10
MANAGERS = {"self": "dane", "unclassified": "none", "third-party": "sts", "unknown": "faint"}
SIDES = {"mx": "mail servers", "policy": "policy hosts"}


def section(facts: Facts) -> Section:
    return Section(
        "operators",
        "Who runs it",
        "A few operators decide for many. Their care protects whole markets; their mistake breaks them.",
        [_operators(facts, "mx-provider"), _operators(facts, "policy-operator"), _posture(facts), _managers(facts), *_entities(facts)],
    )


def _operators(facts: Facts, kind: str) -> Figure:
    answer, blast = facts.ask("concentration", kind=kind), facts.ask("blast_radius", kind=kind)
    index = {row["kind"]: row for row in facts.frame("concentration_index").iter_rows(named=True)}.get(kind)
    mail = kind == "mx-provider"
    tone = "plain" if mail else "sts"
    bars = [
        Bar(row["operator"], row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", tone)
        for row in answer.frame.head(TOP).iter_rows(named=True)
    ]
    finding = "No MX provider is known." if mail else "No policy host has an address."
    if index and bars:
        what = "MX providers" if mail else "policy hosts' operators"
        finding = (
            f"Of {numbers.count(index['operators'])} {what} the five largest hold {numbers.share(index['top_5'])} of domains "
            f"(Herfindahl-Hirschman index {index['hhi']:.3f}). "
        )
        if blast.frame.height:
            top = blast.frame.row(0, named=True)
            broken = (
                f"{numbers.part(top['count'], top['n'])} domains would get no mail"
                if mail
                else f"{numbers.part(top['count'], top['n'])} policies could not be fetched"
            )
            finding += f"If {top['operator']} failed, {broken}."
    columns = {"operator": ("Operator", "code")}
    return Figure(
        "MX providers" if mail else "Operators of policy hosts",
        finding,
        Bars(bars) if bars else None,
        _basis(answer, mail),
        table(answer.frame, columns),
        ["concentration", "concentration_index", "blast_radius"],
    )


def _basis(answer: Answer, mail: bool) -> str:
    frame = answer.frame
    n, unjudged = (frame["n"][0], frame["unjudged"][0]) if frame.height else (0, 0)
    of, unknown = (
        ("domains that take mail and name an MX host", "not known whether they take mail, or from whom")
        if mail
        else ("domains with an MTA-STS record whose policy host has an address", "the policy host's name could not be looked up")
    )
    return f"n = {numbers.count(n)}: {of}. Not judged, so in no share: {numbers.count(unjudged)} ({unknown})."


def _posture(facts: Facts) -> Figure:
    answer = facts.ask("posture", limit=15)
    columns = {"provider": ("Provider", "code"), "share": ("STARTTLS", "share"), "valid_certificate": ("Valid certificate", "share"), "dane": ("DANE", "share"),
               "mta_sts": ("MTA-STS", "share"), "tlsrpt": ("TLSRPT", "share")}  # fmt: skip
    frame = answer.frame.select("provider", "domains", "n", "share", "valid_certificate", "dane", "mta_sts", "tlsrpt", "unjudged")
    finding = "No MX provider is known."
    offers = {"share": "STARTTLS", "valid_certificate": "valid certificate", "dane": "DANE", "mta_sts": "MTA-STS", "tlsrpt": "TLSRPT"}
    shares = {(row["provider"], title): row[key] for row in frame.iter_rows(named=True) for key, title in offers.items()}
    chart = Matrix(
        frame["provider"].to_list(),
        list(offers.values()),
        {key: value or 0.0 for key, value in shares.items()},
        {key: numbers.share(value) for key, value in shares.items()},
        "Provider",
        "share of its domains with",
    )
    if frame.height:
        both = frame.filter((pl.col("dane") > 0.5) & (pl.col("valid_certificate") > 0.5))
        finding = (
            f"Of the {numbers.plural(frame.height, 'largest provider')}, {numbers.count(both.height)} {numbers.verb(both.height, 'gives', 'give')} most of their domains DANE with a publicly valid certificate besides. "
            "DANE comes with the provider; MTA-STS each domain must publish for itself."
        )
    return Figure(
        "What the largest providers offer",
        finding,
        chart if frame.height else None,
        "n is each provider's own. STARTTLS, certificate and DANE at the most preferred hosts that were decided.",
        table(frame, columns),
        ["posture"],
    )


def _managers(facts: Facts) -> Figure:
    answer = facts.ask("managers")
    frame = answer.frame
    finding = "Nobody publishes MTA-STS."
    if frame.height:
        own, third = (answer.rows(side="policy", manager=manager) for manager in ("self", "third-party"))
        if own.height and third.height:
            finding = (
                f"Policies on hosts of one's own cannot be had in {numbers.share(own['failing_share'][0])} of cases, those at third parties in "
                f"{numbers.share(third['failing_share'][0])}."
            )
        else:
            finding = f"{numbers.part(own['count'].sum(), frame.filter(pl.col('side') == 'policy')['n'].max())} policy hosts are the domain's own; third parties cannot be compared in a list this small."  # type: ignore[arg-type]
    chart = stacks(frame, "side", "manager", MANAGERS, names=SIDES) if frame.height else None
    columns = {"failing": ("Of these, failing", "count"), "failing_share": ("Failing share", "share")}
    thresholds = f"Third party: {answer.parameters['third_party_min']} domains or more; self: the domain's own name, or {answer.parameters['self_max']} domains or fewer."
    return Figure("One's own or a third party's", finding, chart, f"{basis_of(answer)} {thresholds}", table(frame, columns), ["managers"])


def _entities(facts: Facts) -> list[Figure]:
    answer = facts.ask("entities")
    if answer.frame.height < 2:
        return []
    bars = [
        Bar({"same": "mail and policy with one operator", "different": "with two"}[row["entities"]], row["mismatch_share"],
            f"{numbers.share(row['mismatch_share'])} ({numbers.count(row['mismatch'])} of {numbers.count(row['count'])})", "sts")
        for row in answer.frame.iter_rows(named=True)
    ]  # fmt: skip
    rows = {row["entities"]: row for row in answer.frame.iter_rows(named=True)}
    finding = (
        f"Where policy and mail are with two operators, the mx list misses a host in {numbers.share(rows['different']['mismatch_share'])} of cases; with one "
        f"operator in {numbers.share(rows['same']['mismatch_share'])}."
    )
    columns = {"mismatch": ("List misses a host", "count"), "mismatch_share": ("Share of these", "share")}
    return [Figure("Split between two operators", finding, Bars(bars), basis_of(answer), table(answer.frame, columns), ["entities"])]
