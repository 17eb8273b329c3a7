"""What DANE costs: signed DNS, and records that keep step with certificates."""

from __future__ import annotations

from typing import Final

from ... import numbers
from ..blocks import Cell, Column, Figure, Section, Table
from ..charts import Bar, Bars
from ..facts import Facts
from .parts import STATES, bar_text, basis_of, stacks, table

USAGES: Final = {0: "PKIX-TA", 1: "PKIX-EE", 2: "DANE-TA", 3: "DANE-EE"}
SELECTORS: Final = {0: "certificate", 1: "key"}
MATCHINGS: Final = {0: "in full", 1: "SHA-256", 2: "SHA-512"}
SETS: Final = {
    "prepared": "two or more of one kind: ready for a rollover",
    "anchored": "names a CA: survives renewals",
    "single": "one record: every new key breaks it",
    "many": "more than 12 records",
    "unusable": "nothing usable",
}
COVERAGE: Final = {
    "every host": ("every MX host", "best"),
    "primary only": ("the preferred ones; a backup without", "weak"),
    "some hosts": ("some, a preferred one without", "bad"),
}
CAUSES: Final = {
    "other-certificate": "matches another certificate of the chain",
    "wrong-selector": "would match with the other selector",
    "wrong-matching-type": "would match with another digest",
    "empty-digest": "digest of nothing",
    "text-as-data": "digest of text instead of DER",
    "anchor-not-sent": "the CA named is not in the chain sent",
    "name-mismatch": "right CA, wrong name",
    "chain-expired": "right CA, expired",
    "unknown": "none of these (a stale record, as a rule)",
    "no-tls": "no STARTTLS at all",
}


def section(facts: Facts) -> Section:
    return Section(
        "dane",
        "The price of DANE",
        "DANE needs signed DNS all the way, and TLSA records that are renewed before the certificate is.",
        [_states(facts), _coverage(facts), _providers(facts), _parameters(facts), *_anchors(facts), _sets(facts), _mismatches(facts)],
    )


def _states(facts: Facts) -> Figure:
    answer = facts.ask("dnssec")
    finding = "DNSSEC was not looked at in this crawl."
    if answer.frame.height:
        said = [
            f"{numbers.share(answer.one('share', what=what, state='secure') or 0.0)} of {name}"
            for what, name in (("MX records", "MX record sets"), ("MX host addresses", "MX hosts' addresses"))
            if answer.rows(what=what).height
        ]
        bogus = answer.rows(state="bogus")["count"].sum()
        finding = f"Signed: {numbers.listed(said)}. {numbers.plural(bogus, 'answer')} {numbers.verb(bogus, 'is', 'are')} proven broken, so that a sender who validates cannot deliver."
    chart = stacks(answer.frame, "what", "state", STATES) if answer.frame.height else None
    per_row = " ".join(
        f"{what}: n = {numbers.count(answer.rows(what=what)['n'][0])}, not judged {numbers.count(answer.rows(what=what)['unjudged'][0])}."
        for what in answer.frame["what"].unique(maintain_order=True)
    )
    return Figure("Signed, unsigned, broken", finding, chart, per_row, table(answer.frame), ["dnssec"])


def _coverage(facts: Facts) -> Figure:
    answer = facts.ask("tlsa_coverage")
    frame = answer.frame
    bars = [
        Bar(COVERAGE[row["coverage"]][0], row["share"], bar_text(row["count"], row["n"]), COVERAGE[row["coverage"]][1])
        for row in frame.iter_rows(named=True)
    ]
    finding = "No domain has secure TLSA records."
    if frame.height:
        partly = frame.filter(frame["coverage"] != "every host")["count"].sum()
        finding = f"{numbers.part(partly, frame['n'][0])} domains with secure TLSA records have an MX host without, where an attacker can steer the mail."
    return Figure(
        "At every MX host, or at some",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(frame, drop=("slice",)),
        ["tlsa_coverage"],
    )


def _providers(facts: Facts) -> Figure:
    answer = facts.ask("providers", mechanism="dane", limit=15)
    frame = answer.frame
    then = {} if facts.previous is None else {
        row["provider"]: row["count"] for row in facts.ask("providers", before=True, mechanism="dane", limit=1000).frame.iter_rows(named=True)
    }  # fmt: skip
    bars = [Bar(row["provider"], row["share"], bar_text(row["count"], row["n"]), "dane") for row in frame.head(10).iter_rows(named=True)]
    finding = "No domain has secure TLSA records."
    if frame.height:
        top = frame.row(0, named=True)
        finding = (
            f"{top['provider']} alone has {numbers.part(top['count'], top['n'])} domains with DANE: the operator decides for its customers."
        )
    rows: list[list[Cell]] = [
        [row["provider"], row["count"], *([then.get(row["provider"], 0)] if facts.previous else []), row["holds"], row["of"], row["share"]]
        for row in frame.iter_rows(named=True)
    ]
    before = [Column("Before", "count")] if facts.previous else []
    columns = [
        Column("MX provider", "code"),
        Column("With DANE", "count"),
        *before,
        Column("Holds", "count"),
        Column("Of its domains", "count"),
        Column("Share of DANE", "share"),
    ]
    return Figure("Where DANE comes from", finding, Bars(bars) if bars else None, basis_of(answer), Table(columns, rows), ["providers"])


def _name(row: dict[str, int]) -> str:
    usage, selector, matching = (
        names.get(row[key], "unassigned") for names, key in ((USAGES, "usage"), (SELECTORS, "selector"), (MATCHINGS, "matching"))
    )
    return f"{row['usage']} {row['selector']} {row['matching']}: {usage}, {selector}, {matching}"


def _parameters(facts: Facts) -> Figure:
    answer = facts.ask("tlsa_parameters")
    bars = [
        Bar(_name(row), row["share"], f"{numbers.share(row['share'])} ({numbers.count(row['count'])})", "dane" if row["usable"] else "bad")
        for row in answer.frame.head(12).iter_rows(named=True)
    ]
    finding = "No MX host has secure TLSA records."
    if answer.frame.height:
        top = answer.frame.row(0, named=True)
        pkix = answer.frame.filter(answer.frame["usage"] < 2)["count"].sum()
        finding = f"{_name(top).split(':')[0]} is the usual choice, at {numbers.part(top['count'], top['n'])} hosts. "
        finding += (
            f"{numbers.plural(pkix, 'host')} {numbers.verb(pkix, 'publishes', 'publish')} usage 0 or 1, which SMTP cannot use."
            if pkix
            else "Nobody publishes usage 0 or 1, which SMTP cannot use."
        )
    return Figure(
        "TLSA parameters",
        finding,
        Bars(bars) if bars else None,
        basis_of(answer),
        table(answer.frame, {"usable": ("Usable", "text")}),
        ["tlsa_parameters"],
    )


def _anchors(facts: Facts) -> list[Figure]:
    answer = facts.ask("tlsa_anchors")
    frame = answer.frame
    if not frame.height:
        return []
    bars = [Bar(row["ca"], row["share"], bar_text(row["count"], row["n"]), "dane") for row in frame.head(12).iter_rows(named=True)]
    domains = frame["domains"].max()
    finding = (
        f"{numbers.plural(frame['n'][0], 'host')} {numbers.verb(frame['n'][0], 'names', 'name')} a CA in DANE-TA records, most often {frame['ca'][0]} "
        f"({numbers.plural(frame['count'][0], 'host')}, serving {numbers.plural(domains, 'domain')}). If that CA signs with another key, they fail."  # type: ignore[arg-type]
    )
    return [
        Figure("CAs that TLSA records name", finding, Bars(bars), basis_of(answer), table(frame, {"ca": ("CA", "text")}), ["tlsa_anchors"])
    ]


def _sets(facts: Facts) -> Figure:
    answer = facts.ask("tlsa_sets")
    bars = [
        Bar(
            SETS[row["class"]],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "bad" if row["class"] == "unusable" else "dane",
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    finding = "No MX host has secure TLSA records."
    if answer.frame.height:
        n = answer.frame["n"][0]
        finding = f"{numbers.part(answer.one('count', **{'class': 'single'}) or 0, n)} hosts have a single record that a new key breaks, unless the key is kept."
    return Figure(
        "Ready for the next certificate?", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["tlsa_sets"]
    )


def _mismatches(facts: Facts) -> Figure:
    answer = facts.ask("tlsa_mismatches")
    bars = [
        Bar(
            CAUSES[row["cause"]],
            row["share"],
            f"{numbers.share(row['share'])} ({numbers.count(row['count'])})",
            "dane",
        )
        for row in answer.frame.iter_rows(named=True)
    ]
    finding = "Every decided host with usable TLSA records matches them."
    if answer.frame.height:
        n, total, domains = answer.frame["n"][0], answer.frame["count"].sum(), answer.frame["domains"].sum()
        finding = f"{numbers.part(total, n)} hosts with usable TLSA records do not match them; {numbers.plural(domains, 'domain')} {'hangs' if domains == 1 else 'hang'} on those hosts."
    return Figure(
        "Why records do not match", finding, Bars(bars) if bars else None, basis_of(answer), table(answer.frame), ["tlsa_mismatches"]
    )
