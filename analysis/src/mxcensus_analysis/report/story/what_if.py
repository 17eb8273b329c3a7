"""What another judgement of the same crawl would change: roots distrusted, another store, another date."""

from __future__ import annotations

from typing import Final

from ... import numbers
from ...what_if import WhatIf
from ..blocks import Column, Figure, Section, Table

TITLES: Final = {
    "sts_verdict": "MTA-STS",
    "dane_verdict": "DANE",
    "outcome_mta_sts": "A sender of MTA-STS",
    "outcome_dane": "A sender of DANE",
    "outcome_both": "A sender of both",
    "protection_both": "Protection, both",
}


def section(what_if: WhatIf) -> Section:
    """The answer, at whose place, and which domains."""
    supposed = "; ".join(what_if.asked) or "nothing is changed"
    changed, of = what_if.changed, what_if.domains
    lead = (
        f"Supposed that {supposed}: {numbers.plural(changed, 'domain')} of {numbers.count(of)} would be judged otherwise. Nothing was looked at again; "
        "these are the same observations under `mxcensus judge`."
    )
    return Section("what-if", "What if", lead, [_words(what_if), _operators(what_if), _names(what_if)] if changed else [])


def _words(what_if: WhatIf) -> Figure:
    rows = [
        [title, row["old"], row["new"], row["count"]]
        for column, title in TITLES.items()
        for row in what_if.transitions(column).iter_rows(named=True)
    ]
    refused = sum(row["count"] for row in what_if.transitions("outcome_both").iter_rows(named=True) if row["new"] == "refused")
    finding = f"A sender that does both would refuse mail to {numbers.plural(refused, 'domain')} that it delivers to now."
    columns = [Column("Of"), Column("Now", "code"), Column("Then", "code"), Column("Domains", "count")]
    return Figure(
        "What would change", finding, None, "Words as the dataset reference defines them.", Table(columns, rows), [], table_open=True
    )


def _operators(what_if: WhatIf) -> Figure:
    frame = what_if.operators()
    rows = [[row["provider"], row["count"], row["of"], row["count"] / row["of"]] for row in frame.iter_rows(named=True)]
    first = frame.row(0, named=True)
    finding = f"Most at {first['provider']}: {numbers.count(first['count'])} of its {numbers.plural(first['of'], 'domain')}."
    columns = [
        Column("Mail hosts of", "code"),
        Column("Domains that change", "count"),
        Column("Its domains", "count"),
        Column("Share", "share"),
    ]
    return Figure("At whose place", finding, None, "By the provider of a domain's MX hosts.", Table(columns, rows), [], table_open=True)


def _names(what_if: WhatIf) -> Figure:
    frame = what_if.names()
    rows = [
        [row["domain"], row["rank"], row["provider"], *(_move(row[column], row[f"{column}_then"]) for column in TITLES)]
        for row in frame.iter_rows(named=True)
    ]
    finding = f"First by rank: {', '.join(f'`{name}`' for name in frame['domain'].head(5))}."
    columns = [
        Column("Domain", "code"),
        Column("Rank", "count"),
        Column("Mail hosts of", "code"),
        *(Column(title) for title in TITLES.values()),
    ]
    return Figure(
        "Which domains", finding, None, "The best ranked first; – where nothing changes.", Table(columns, rows), [], table_open=True
    )


def _move(old: str | None, new: str | None) -> str | None:
    return None if old == new else f"{old or 'null'} → {new or 'null'}"
