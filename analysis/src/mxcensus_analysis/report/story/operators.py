"""Who runs it: concentration, and what one failure breaks."""

from __future__ import annotations

import polars as pl

from ... import numbers
from ...answer import Answer
from ..blocks import Figure, Section
from ..charts import Bar, Bars, Matrix
from ..facts import Facts
from . import managers
from .parts import bar_text, table

TOP = 10
NAMED_BY = {
    "alias": "its alias",
    "neighbour": "a neighbour's alias",
    "mail": "an MX host there",
    "certificate": "the certificate",
    "alone": "the domain",
    "address": "nothing",
}


def section(facts: Facts) -> Section:
    return Section(
        "operators",
        "Who runs it",
        "A few operators decide for many. Their care protects whole markets; their mistake breaks them.",
        [
            _operators(facts, "mx-provider"),
            _operators(facts, "policy-operator"),
            *_policy_hosts(facts),
            _posture(facts),
            *managers.figures(facts),
        ],
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
    columns = {"operator": ("Operator", "code"), "named_by": ("Named by", "text")}
    shown = answer.frame.drop("named_by") if mail else answer.frame.with_columns(pl.col("named_by").replace(NAMED_BY))
    return Figure(
        "MX providers" if mail else "Operators of policy hosts",
        finding,
        Bars(bars) if bars else None,
        _basis(answer, mail),
        table(shown, columns),
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


def _policy_hosts(facts: Facts) -> list[Figure]:
    answer = facts.ask("policy_hosts")
    frame = answer.frame
    if not frame.height:
        return []
    columns = {"operator": ("Operator", "code"), "pattern": ("Alias", "code"), "domains": ("Domains", "count"), "enforce": ("Enforced", "count"),
               "mode_none": ("Mode none", "count"), "count": ("No policy to be had", "count"), "share": ("Share", "share"),
               "left_behind": ("No certificate or page", "count")}  # fmt: skip
    shown = frame.select("operator", "pattern", "domains", "enforce", "mode_none", "count", "share", "left_behind")
    bars = [Bar(row["operator"], row["share"], bar_text(row["count"], row["n"]), "sts") for row in frame.head(TOP).iter_rows(named=True)]
    worst = frame.sort("count", "operator", descending=[True, False]).row(0, named=True)
    finding = "Every policy at the largest hosting operators can be had."
    if worst["count"]:
        finding = (
            f"At {worst['operator']} no policy could be had for {numbers.part(worst['count'], worst['n'])} domains; for {numbers.count(worst['left_behind'])} of these "
            "the alias stands and the host shows no certificate for the name or no page, as when a contract has ended or a registrar's default is half done."
        )
    return [
        Figure(
            "Policies hosted for others",
            finding,
            Bars(bars),
            f"n per operator: {answer.question.denominator}.",
            table(shown, columns),
            ["policy_hosts"],
        )
    ]
