"""An answer: the frame, and all that a reader needs to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        body: str = self.frame._repr_html_()
        return f"{body}<p><small>{self.caption}</small></p>"
