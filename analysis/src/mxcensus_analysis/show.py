"""Frames for people: on a terminal and in a notebook, numbers written as the report writes them."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import polars as pl

from . import numbers

ROWS: Final = 40
# Names are cut, not numbers: fingerprints are told apart by their beginnings.
LONG: Final = 48


def cell(name: str, value: Any) -> str:
    """A value as text, by the name of its column.

    >>> cell("share", 0.123), cell("count", 1234)
    ('12.3%', '1,234')
    """
    if value is None:
        return "–"
    if isinstance(value, list):
        return _cut(", ".join(str(part) for part in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return (
            f"{value:,.1f}"
            if name.endswith(("days", "hours", "hours_left", "_ms", "effective", "per_domain"))
            else f"{value:.3f}"
            if name == "hhi"
            else numbers.share(value)
        )
    return _cut(numbers.plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def text(frame: pl.DataFrame) -> str:
    """The frame as lines of text, columns below each other.

    >>> print(text(pl.DataFrame({"mechanism": ["dane"], "share": [0.5]})))
    mechanism  share
    dane       50.0%
    """
    lines = [list(frame.columns)] + [
        [cell(name, value) for name, value in zip(frame.columns, row, strict=True)] for row in frame.head(ROWS).iter_rows()
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(frame.width)]
    right = [dtype.is_numeric() for dtype in frame.dtypes]
    made = [
        "  ".join(
            word.rjust(width) if to_right else word.ljust(width) for word, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join(made + ([f"… {frame.height - ROWS:,} more rows: see .frame"] if frame.height > ROWS else []))


def html(frame: pl.DataFrame, reading: str = "", caption: str = "") -> str:
    """The frame as a table, what it says above it, what it rests on below.

    >>> html(pl.DataFrame({"share": [0.5]}), "Half.").startswith("<p>Half.</p><table>")
    True
    """
    sides = [f' style="text-align:{"right" if dtype.is_numeric() else "left"}"' for dtype in frame.dtypes]
    head = "".join(f"<th{side}>{escape(name)}</th>" for name, side in zip(frame.columns, sides, strict=True))
    lines = []
    for row in frame.head(ROWS).iter_rows():
        cells = zip(frame.columns, row, sides, strict=True)
        lines.append("<tr>" + "".join(f"<td{side}>{escape(cell(name, value))}</td>" for name, value, side in cells) + "</tr>")
    more = frame.height - ROWS
    rest = f"<p><small>{more:,} more rows: see <code>.frame</code></small></p>" if more > 0 else ""
    above = f"<p>{escape(reading)}</p>" if reading else ""
    below = f"<p><small>{escape(caption)}</small></p>" if caption else ""
    return f"{above}<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{rest}{below}"


class Shown:
    """A frame that shows itself so, in a notebook and on a terminal.

    >>> print(Shown(pl.DataFrame({"share": [0.25]})))
    share
    25.0%
    """

    def __init__(self, frame: pl.DataFrame, reading: str = "", caption: str = "") -> None:
        self.frame = frame
        self.reading = reading
        self.caption = caption

    def __repr__(self) -> str:
        return "\n".join(part for part in (self.reading, text(self.frame), self.caption) if part)

    def _repr_html_(self) -> str:
        return html(self.frame, self.reading, self.caption)
