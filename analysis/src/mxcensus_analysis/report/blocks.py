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


# A pair of numbers is an interval.
Cell = str | int | float | bool | tuple[float, float] | None


@dataclass(frozen=True)
class Column:
    """A column of a table. ``kind``: text, count, share, interval, decimal or code (names and words from the dataset)."""

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

    ``questions`` names the SQL files, whose headers say how it was counted. ``name`` is its place in a link and its file's name; without
    one it goes by its section and number.
    """

    title: str
    finding: str
    chart: Chart | None
    basis: str
    table: Table
    questions: list[str]
    table_open: bool = False
    name: str = ""


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
    """A headline number, what it is a share of, its change since the crawl before (``points`` as a number), and whose doing that is.

    ``key`` tells it from the others; tiles of one ``group`` stand together below its name.
    """

    value: str
    label: str
    basis: str
    change: str | None = None
    points: float | None = None
    cause: str | None = None
    key: str = ""
    group: str = ""


@dataclass(frozen=True)
class Definition:
    """What a word of the answer means."""

    term: str
    meaning: str


@dataclass(frozen=True)
class Part:
    """Sections that belong together: findings, what changed, appendix."""

    title: str
    sections: Sequence[Section]


@dataclass(frozen=True)
class Report:
    """All of it. ``made`` warns that no crawl of the internet made the data; ``mark`` is the same in two words, for every figure.
    ``short``: meant for four pages."""

    title: str
    subtitle: str
    question: str
    definitions: Sequence[Definition]
    answer: Sequence[str]
    tiles: Sequence[Tile]
    chart: Figure
    parts: Sequence[Part]
    cite: Sequence[str]
    warnings: Sequence[str] = field(default=())
    made: str | None = None
    mark: str | None = None
    short: bool = False

    @property
    def sections(self) -> Sequence[Section]:
        """The sections of every part."""
        return [section for part in self.parts for section in part.sections]

    @property
    def figures(self) -> Sequence[tuple[str, str, Figure]]:
        """Every figure with its name and the title of its section, the first page's first."""
        named = [(self.chart.name, self.question, self.chart)]
        for section in self.sections:
            named += [(figure.name or f"{section.name}-{index}", section.title, figure) for index, figure in enumerate(section.figures, 1)]
        return named
