"""An answer: the frame, and all that a reader needs to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from . import intervals, made, numbers, show
from .errors import ParameterError
from .question import Question, Value, nearest
from .scope import Scope

if TYPE_CHECKING:
    import altair
    import pandas

# Columns that hold numbers of an answer; the others name its rows.
_NUMBERS: Final = ("count", "n", "share", "low", "high", "unjudged")


@dataclass(frozen=True, repr=False)
class Answer:
    """What one question yields on one crawl, or on several (column ``crawl``).

    ``frame`` holds at least ``count``, ``n``, ``share``, ``low`` and ``high`` (the ends of the share's 95 % interval, see
    `mxcensus_analysis.intervals`) and ``unjudged``. ``made`` says which kind of made data this is about, and is null of a real crawl.
    ``missing`` says what the dataset lacks for an answer, and is null where it lacks nothing.

    >>> answer = census.ask("adoption")
    >>> answer.one("count", mechanism="mta-sts")
    8
    """

    question: Question
    frame: pl.DataFrame
    parameters: Mapping[str, Value]
    scope: Scope
    made: str | None = None
    missing: str | None = None

    def one(self, column: str, **where: Value | None) -> float | None:
        """The value of a column in the one row that has these values; null where there is no such row.

        Raises `ParameterError` where there is no such column, or where several rows have these values.

        >>> census.ask("adoption").one("share", mechanism="mta-sts")
        0.2
        """
        self._known(column)
        row = self._one(where)
        return row[column] if row else None

    def rows(self, **where: Value | None) -> pl.DataFrame:
        """The rows that have these values, as a polars frame; ``None`` stands for none. Raises `ParameterError` where there is no such
        column, or where it holds values of another kind.

        >>> census.ask("standing").rows(mechanism="dane")["state"].to_list()
        ['refused', 'unprotected', 'in-part', 'in-order']
        """
        for name, value in where.items():
            self._known(name)
            if value is not None and not _compares(self.frame[name].dtype, value):
                raise ParameterError(f"{self.question.name}: {name} holds values of type {self.frame[name].dtype}, not {value!r}")
        return self.frame.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in where.items())) if where else self.frame

    def where(self, **where: Value | None) -> Answer:
        """The same answer with only the rows that have these values.

        >>> census.ask("adoption", by="tld").where(mechanism="dane").frame.height
        2
        """
        return replace(self, frame=self.rows(**where))

    def interval(self, **where: Value | None) -> intervals.Interval | None:
        """The 95 % interval of the share in the one row that has these values; null where there is no such row.

        Raises `ParameterError` as `Answer.one` does.

        >>> census.ask("adoption").interval(mechanism="mta-sts").low < 0.2
        True
        """
        row = self._one(where)
        return intervals.of(row) if row else None

    @property
    def caption(self) -> str:
        """Question, denominator, what could not be judged, scope: to print below a table or a figure.

        >>> census.ask("adoption").caption.startswith("How many domains publish each mechanism?")
        True
        """
        q = self.question
        warning = made.words(self.made)
        told = f"{q.question} n: {q.denominator}. Not judged: {q.unjudged}. Scope: {self.scope}."
        return " ".join([*([f"{warning}."] if warning else []), *([self.missing] if self.missing else []), told])

    @property
    def reading(self) -> str:
        """The answer read aloud: the rows with the greatest and the least share, with n, interval and what could not be judged.

        >>> census.ask("tlsrpt").where(publishes="all").reading
        'publishes all: 0 of 40 (0%, 95% interval 0% to 8.8%). Not judged: 0.'
        """
        if self.missing:
            return self.missing
        known = (
            self.frame.filter(pl.col("share").is_not_null() & (pl.col("n") > 0)) if "share" in self.frame.columns else self.frame.clear()
        )
        if not known.height:
            return "There is nothing to read: no row has a denominator."
        ranked = known.sort("share", descending=True, maintain_order=True)
        ends = [ranked.row(0, named=True)]
        if ranked.height > 1:
            ends.append(ranked.row(-1, named=True))
        unjudged = sorted({row["unjudged"] for row in ends})
        missing = " and ".join(numbers.count(value) for value in unjudged)
        said = "; ".join(f"{self._name(row)}{_share(row)}{which}" for row, which in zip(ends, _which(ranked.height), strict=False))
        return f"{said}. Not judged: {missing}."

    @property
    def labels(self) -> list[str]:
        """The columns that name the rows.

        >>> census.ask("standing").labels
        ['mechanism', 'state']
        """
        names = []
        for name, dtype in zip(self.frame.columns, self.frame.dtypes, strict=True):
            if name in _NUMBERS:
                break
            if not dtype.is_numeric():
                names.append(name)
        return names

    def to_pandas(self) -> pandas.DataFrame:
        """The frame for pandas, which must be installed; intervals are the columns ``low`` and ``high``.

        >>> list(census.ask("tlsrpt").to_pandas().columns)[:2]
        ['publishes', 'count']
        """
        return self.frame.to_arrow().to_pandas()

    def to_csv(self, path: str | Path | None = None) -> str:
        """The frame as CSV, and written to ``path`` where one is given. Of made data the last column, ``made``, says so.

        >>> census.ask("tlsrpt").to_csv().splitlines()[0].startswith("publishes,count,n,share,low,high")
        True
        """
        flat = self.frame.with_columns(pl.col(pl.List(pl.String)).list.join(" "))
        if self.made:
            flat = flat.with_columns(pl.lit(self.made).alias("made"))
        text = flat.write_csv()
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def chart(self, **options: Any) -> altair.Chart:
        """A chart of the shares, see `mxcensus_analysis.plots`. Needs the extra ``notebooks``.

        >>> census.ask("adoption").chart().to_dict()["width"]
        400
        """
        from . import plots

        return plots.of_answer(self, **options)

    def __repr__(self) -> str:
        """For people: reading, rows, caption."""
        return "\n".join([self.question.question, self.reading, show.text(self.frame), self.caption])

    def _repr_html_(self) -> str:
        return show.html(self.frame, self.reading, self.caption)

    def _one(self, where: Mapping[str, Value | None]) -> dict[str, Any] | None:
        rows = self.rows(**where)
        if rows.height > 1:
            more = ", ".join(self.labels)
            raise ParameterError(f"{rows.height} rows of {self.question.name} match {dict(where)}; what tells them apart: {more}")
        return rows.row(0, named=True) if rows.height else None

    def _known(self, name: str) -> None:
        if name not in self.frame.columns:
            known = self.frame.columns
            raise ParameterError(f"{self.question.name} has no column {name!r}{nearest(name, known)}; there are: {', '.join(known)}")

    def _name(self, row: Mapping[str, Any]) -> str:
        # Fingerprints say nothing when read aloud; a slice that is everything neither.
        told = [name for name in self.labels if row[name] is not None and name != "sha256" and (name, row[name]) != ("slice", "all")]
        named = [f"{name} {numbers.plain(row[name])}" for name in told]
        return f"{', '.join(named)}: " if named else ""


def _compares(dtype: pl.DataType, value: Value) -> bool:
    """A column of that type can hold the value."""
    if isinstance(value, bool) or dtype == pl.Boolean:
        return isinstance(value, bool) and dtype == pl.Boolean
    if isinstance(value, int | float):
        return dtype.is_numeric()
    return (dtype == pl.String and isinstance(value, str)) or (dtype.is_temporal() and isinstance(value, date))


def _share(row: Mapping[str, Any]) -> str:
    if not intervals.is_part(row):
        return f"{numbers.share(row['share'])} (n = {numbers.count(row['n'])})"
    ends = intervals.of(row)
    bounds = f", 95% interval {numbers.interval(ends)}" if ends else ""
    return f"{numbers.count(row['count'])} of {numbers.count(row['n'])} ({numbers.share(row['share'])}{bounds})"


def _which(rows: int) -> tuple[str, ...]:
    return ("",) if rows == 1 else (", the greatest share", ", the least")
