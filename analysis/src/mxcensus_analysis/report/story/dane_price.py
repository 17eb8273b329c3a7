"""What DANE costs: signed DNS, and records that keep step with certificates."""

from __future__ import annotations

from typing import Final

from .. import numbers
from ..blocks import Figure, Section
from ..charts import Bar, Bars
from ..facts import Facts
from .parts import STATES, basis_of, stacks, table

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
        [_states(facts), _parameters(facts), _sets(facts), _mismatches(facts)],
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
        finding = f"Signed: {numbers.listed(said)}. {numbers.count(bogus)} answers are proven broken, so that a sender who validates cannot deliver."
    chart = stacks(answer.frame, "what", "state", STATES) if answer.frame.height else None
    per_row = " ".join(
        f"{what}: n = {numbers.count(answer.rows(what=what)['n'][0])}, not judged {numbers.count(answer.rows(what=what)['unjudged'][0])}."
        for what in answer.frame["what"].unique(maintain_order=True)
    )
    return Figure("Signed, unsigned, broken", finding, chart, per_row, table(answer.frame), ["dnssec"])


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
            f"{numbers.plural(pkix, 'host')} publish usage 0 or 1, which SMTP cannot use."
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
