"""95 % intervals of shares (Wilson 1927), and whether two shares can be told apart.

A crawl is one list on one day: the interval says how far a share could be from that of all domains like these. It takes every domain for a
fact of its own, unless the question says on how many independent ones the share rests (column ``effective``): the domains of one operator
stand or fall together.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import polars as pl

# Two-sided 95 %.
Z: Final = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """From ``low`` to ``high``, shares from 0 to 1."""

    low: float
    high: float

    def apart(self, other: Interval) -> bool:
        """The two do not touch, so the greater share is greater."""
        return self.high < other.low or other.high < self.low


def wilson(share: float, n: float) -> Interval:
    """The interval of a share of ``n`` independent facts. ``n`` need not be whole, and is above 0.

    >>> [round(end, 4) for end in wilson(0.1, 50)]
    [0.0435, 0.2136]
    """
    middle = share + Z**2 / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    scale = 1 + Z**2 / n
    # The ends of none and of all are exact; floats would miss them by a hair.
    return Interval(0.0 if share == 0 else (middle - half) / scale, 1.0 if share == 1 else (middle + half) / scale)


def of(row: Mapping[str, Any]) -> Interval | None:
    """The interval in the columns ``low`` and ``high`` of an answer's row; null where there is none.

    >>> of({"low": 0.1, "high": 0.2})
    Interval(low=0.1, high=0.2)
    """
    return None if row.get("low") is None else Interval(row["low"], row["high"])


def is_part(row: Mapping[str, Any]) -> bool:
    """The row's ``share`` is a part of ``n``, and not a share of something else, as of time.

    >>> is_part({"count": 5, "n": 50, "share": 0.1}), is_part({"count": 50, "n": 50, "share": 0.1})
    (True, False)
    """
    share, n, count = row["share"], row["n"], row.get("count")
    if share is None or not n or not 0 <= share <= 1:
        return False
    return count is None or abs(float(count) / float(n) - float(share)) < 1e-9


def with_intervals(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with ``low`` and ``high`` behind ``share``; null where the share is, or where it is no part of ``n``.

    >>> with_intervals(pl.DataFrame({"n": [50], "share": [0.1]})).columns
    ['n', 'share', 'low', 'high']
    """
    if not {"share", "n"} <= set(frame.columns):
        return frame
    rests_on = frame["effective"] if "effective" in frame.columns else frame["n"]
    made = [
        wilson(float(share), float(n)) if n and is_part(row) else None
        for row, share, n in zip(frame.iter_rows(named=True), frame["share"], rests_on, strict=True)
    ]
    ends = [
        pl.Series(name, [None if interval is None else interval[place] for interval in made], dtype=pl.Float64)
        for place, name in enumerate(Interval._fields)
    ]
    place = frame.columns.index("share") + 1
    return frame.select(*frame.columns[:place], *ends, *frame.columns[place:])
