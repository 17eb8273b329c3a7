"""Numbers as text, the same way everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

# Decimal: what polars gives as the sum of wide integers.
Number = int | float | Decimal


def count(value: Number | None) -> str:
    """A whole number with its thousands apart; a dash where there is none."""
    return "–" if value is None else f"{round(value):,}"


def share(value: Number | None) -> str:
    """A share as per cent, with as many digits as say something."""
    if value is None:
        return "–"
    percent = value * 100
    if percent in (0, 100):
        return f"{percent:.0f}%"
    if percent < 0.1:
        return f"{percent:.3f}%" if percent >= 0.001 else "<0.001%"
    if percent < 1:
        return f"{percent:.2f}%"
    if percent < 99.9 or percent > 100:
        return f"{percent:.1f}%"
    return f"{percent:.2f}%"


def scale(value: Number) -> str:
    """A round share, as axes have them."""
    return f"{float(value) * 100:g}%"


def part(value: Number | None, whole: Number | None) -> str:
    """``12 of 345 (3.5%)``."""
    if value is None or not whole:
        return f"{count(value)} of {count(whole)}"
    return f"{count(value)} of {count(whole)} ({share(float(value) / float(whole))})"


def milliseconds(value: Number | None) -> str:
    """A duration given in milliseconds, in the unit that suits it."""
    if value is None:
        return "–"
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def days(value: Number | None) -> str:
    """A duration given in days."""
    if value is None:
        return "–"
    if value < 1:
        return f"{value * 24:.0f} hours"
    return "1 day" if round(value) == 1 else f"{value:.0f} days"


def change(now: Number | None, before: Number | None) -> str | None:
    """The change of a share in percentage points, with an arrow; null where there is nothing to compare with."""
    if now is None or before is None:
        return None
    points = (float(now) - float(before)) * 100
    if abs(points) < 0.005:
        return "± 0 points"
    digits = 2 if abs(points) < 1 else 1
    return f"{'▲' if points > 0 else '▼'} {abs(points):.{digits}f} points"


def change_of_count(now: Number | None, before: Number | None) -> str | None:
    """The change of a count, with an arrow."""
    if now is None or before is None:
        return None
    if now == before:
        return "± 0"
    return f"{'▲' if now > before else '▼'} {count(abs(float(now) - float(before)))}"


def listed(words: Iterable[str]) -> str:
    """``a, b and c``."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""


def verb(value: Number, one: str, many: str) -> str:
    """The verb's form that goes with a number."""
    return one if value == 1 else many


def plural(value: Number, one: str, many: str | None = None) -> str:
    """``1 domain``, ``2 domains``."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def interval(ends: tuple[float, float] | None) -> str:
    """``2.0% to 6.0%``; a dash where there is none."""
    return "–" if ends is None else f"{share(ends[0])} to {share(ends[1])}"


def plain(value: object) -> str:
    """Any other value: yes or no, an instant to the minute, the rest as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
