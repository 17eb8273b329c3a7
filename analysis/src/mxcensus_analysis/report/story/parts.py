"""What the sections share: tones of words, bases, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from ... import intervals, numbers
from ...answer import Answer
from ..blocks import Column, Table
from ..charts import Stack, Stacks

# Word to colour. One word has one colour all through the report.
OUTCOMES: Final = {
    "authenticated": "best",
    "encrypted": "good",
    "plaintext": "weak",
    "refused": "bad",
    "unreachable": "none",
}
PROTECTIONS: Final = {"always": "best", "after-first-contact": "good", "never": "none"}
VERDICTS: Final = {
    "pass": "best",
    "partial": "good",
    "broken": "weak",
    "fail": "bad",
    "lookup-failed": "odd",
    "unusable": "odd2",
    "insecure": "faint",
    "mode-none": "none",
}
STATES: Final = {"secure": "best", "insecure": "none", "bogus": "bad"}

TITLES: Final = {
    "count": ("Number", "count"),
    "n": ("n", "count"),
    "share": ("Share", "share"),
    "interval": ("95% interval", "interval"),
    "effective": ("Independent", "decimal"),
    "unjudged": ("Not judged", "count"),
    "domains": ("Domains", "count"),
    "cumulative": ("With all above", "share"),
}


def basis(answer: Answer, n: numbers.Number | None, unjudged: numbers.Number | None) -> str:
    """What a figure rests on: denominator and what could not be judged."""
    asked = answer.question
    return (
        f"n = {numbers.count(n or 0)}: {asked.denominator}. Not judged, so in no share: {numbers.count(unjudged or 0)} ({asked.unjudged})."
    )


def bar_text(value: numbers.Number, n: numbers.Number) -> str:
    """``3.5% (12)``; the count alone where there is nothing to share."""
    return f"{numbers.share(float(value) / float(n))} ({numbers.count(value)})" if n else numbers.count(value)


def basis_of(answer: Answer) -> str:
    """The same where every row has one denominator."""
    frame = answer.frame
    return basis(answer, frame["n"].max() if frame.height else 0, frame["unjudged"].max() if frame.height else 0)  # type: ignore[arg-type]


def basis_per(answer: Answer, column: str, names: Mapping[str, str] | None = None) -> str:
    """The same where each group of rows, told by a column, has a denominator of its own."""
    told: dict[str, tuple[int, int]] = {}
    for row in answer.frame.iter_rows(named=True):
        n, unjudged = told.get(row[column], (0, 0))
        told[row[column]] = (max(n, row["n"]), max(unjudged, row["unjudged"]))
    keys = [key for key in names if key in told] if names else list(told)
    groups = [f"{(names or {}).get(key, key)}: n = {numbers.count(told[key][0])}, not judged {numbers.count(told[key][1])}" for key in keys]
    asked = answer.question
    return f"{'; '.join(groups) or 'n = 0'}. n: {asked.denominator}. Not judged, so in no share: {asked.unjudged}."


def stands_out(frame: pl.DataFrame, label: str) -> str | None:
    """The label of the row with the greatest share, where its 95 % interval touches no other row's; else null."""
    ranked = sorted(frame.filter(pl.col("share").is_not_null()).iter_rows(named=True), key=lambda row: -row["share"])
    if not ranked:
        return None
    first, *others = ((row[label], intervals.of(row)) for row in ranked)
    alone = first[1] is not None and all(ends is not None and first[1].apart(ends) for _, ends in others)
    return str(first[0]) if alone else None


def table(frame: pl.DataFrame, columns: dict[str, tuple[str, str]] | None = None, *, drop: Sequence[str] = (), limit: int = 200) -> Table:
    """A frame as a table. ``columns`` gives titles and kinds where the usual ones do not do; ``low`` and ``high`` are one interval."""
    if {"low", "high"} <= set(frame.columns):
        ends = [None if low is None else (low, high) for low, high in frame.select("low", "high").iter_rows()]
        place = frame.columns.index("low")
        frame = frame.drop("low", "high").insert_column(place, pl.Series("interval", ends, dtype=pl.Object))
    shown = [name for name in frame.columns if name not in drop]
    known = {**TITLES, **(columns or {})}
    titles = [known.get(name, (name.replace("_", " ").capitalize(), _kind(frame[name].dtype))) for name in shown]
    return Table([Column(title, kind) for title, kind in titles], list(frame.select(shown).iter_rows()), limit)


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "count"
    return "share" if dtype.is_float() else "code" if dtype == pl.String else "text"


def stacks(frame: pl.DataFrame, by: str, word: str, tones: dict[str, str], *, names: dict[str, str] | None = None) -> Stacks:
    """Divided bars: one per value of ``by``, parts in the order of the tones."""
    made = []
    keys = frame[by].unique(maintain_order=True).to_list()
    for key in [name for name in names if name in keys] if names else keys:
        rows = frame.filter(pl.col(by) == key)
        held = {row[word]: row["share"] or 0.0 for row in rows.iter_rows(named=True)}
        known = [(name, held[name]) for name in tones if name in held]
        rest = [(name, value) for name, value in held.items() if name not in tones]
        made.append(Stack((names or {}).get(key, key), known + rest, f"n = {numbers.count(rows['n'].max())}"))  # type: ignore[arg-type]
    return Stacks(made, tones)
