"""An answer: the frame, and all that a reader needs to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import polars as pl

from .question import Question, Value
from .scope import Scope


@dataclass(frozen=True)
class Answer:
    """What one question yields on one crawl, or on several (column ``crawl``).

    ``frame`` holds at least ``count``, ``n``, ``share`` and ``unjudged``.
    """

    question: Question
    frame: pl.DataFrame
    parameters: Mapping[str, Value]
    scope: Scope

    def one(self, column: str, **where: Value) -> float | None:
        """The value of a column in the one row that has these values; null where there is no such row."""
        rows = self.rows(**where)
        if rows.height > 1:
            raise ValueError(f"{rows.height} rows of {self.question.name} match {where}")
        return rows[column][0] if rows.height else None

    def rows(self, **where: Value) -> pl.DataFrame:
        """The rows that have these values."""
        return self.frame.filter(*(pl.col(name) == value for name, value in where.items())) if where else self.frame

    @property
    def caption(self) -> str:
        """Question, denominator, what could not be judged, scope: to print below a table or a figure."""
        q = self.question
        return f"{q.question} n: {q.denominator}. Not judged: {q.unjudged}. Scope: {self.scope}."

    def _repr_html_(self) -> str:
        return f"{_table(self.frame)}<p><small>{escape(self.caption)}</small></p>"


ROWS: Final = 40
# Names are cut, not numbers: fingerprints are told apart by their beginnings.
LONG: Final = 48


def _table(frame: pl.DataFrame) -> str:
    """For notebooks: numbers with their thousands apart, shares as per cent."""
    numeric = [dtype.is_numeric() for dtype in frame.dtypes]
    sides = [f' style="text-align:{"right" if is_number else "left"}"' for is_number in numeric]
    head = "".join(f"<th{side}>{escape(name)}</th>" for name, side in zip(frame.columns, sides, strict=True))
    lines = []
    for row in frame.head(ROWS).iter_rows():
        cells = zip(frame.columns, row, sides, strict=True)
        lines.append("<tr>" + "".join(f"<td{side}>{escape(_cell(name, value))}</td>" for name, value, side in cells) + "</tr>")
    more = frame.height - ROWS
    rest = f"<p><small>{more:,} more rows: see <code>.frame</code></small></p>" if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{rest}"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}" if name.endswith(("_days", "_ms")) else f"{value:.3f}" if name == "hhi" else f"{value:.2%}"
    text = str(value)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
