"""What a report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Chart(Protocol):
    """A drawing that says in words what it shows."""

    def html(self) -> str:
        """The drawing: HTML and SVG that need neither script nor file."""
        ...

    def words(self) -> str:
        """The same in a sentence or two, for those who cannot see it."""
        ...


Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column of a table. ``kind``: text, count, share, ms or code (names and words from the dataset)."""

    title: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """The numbers behind a figure, or a list that stands by itself."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    limit: int = 200

    @property
    def shown(self) -> Sequence[Sequence[Cell]]:
        """The rows that are printed."""
        return self.rows[: self.limit]


@dataclass(frozen=True)
class Figure:
    """One chart: what was found, the drawing, what it rests on, the table behind it.

    ``questions`` names the SQL files, whose headers say how it was counted.
    """

    title: str
    finding: str
    chart: Chart | None
    basis: str
    table: Table
    questions: list[str]
    table_open: bool = False


@dataclass(frozen=True)
class Section:
    """One step of the story."""

    name: str
    title: str
    lead: str
    figures: Sequence[Figure] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Tile:
    """A headline number, what it is a share of, its change since the crawl before (``points`` as a number), and whose doing that is."""

    value: str
    label: str
    basis: str
    change: str | None = None
    points: float | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Report:
    """All of it."""

    title: str
    subtitle: str
    answer: Sequence[str]
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    warnings: Sequence[str] = field(default=())
