"""Charts without script: HTML that flows with the page, SVG only where there are curves.

Text is text, so it wraps on a phone and can be read aloud; colours are CSS variables, so light and dark are the page's business; every
value stands beside its mark, so no colour has to be told from another to read a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from .. import numbers


@dataclass(frozen=True)
class Bar:
    """One bar: a share of 0 to 1, the text beside it, the colour's name."""

    label: str
    value: float | None
    text: str
    tone: str = "plain"
    group: str | None = None


@dataclass(frozen=True)
class Bars:
    """Horizontal bars. The longest fills the width when all are small, and the scale is printed."""

    bars: Sequence[Bar]
    legend: Mapping[str, str] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """The share that fills the width."""
        return _scale(bar.value for bar in self.bars)

    def html(self) -> str:
        rows = []
        group = None
        for bar in self.bars:
            if bar.group != group and bar.group is not None:
                rows.append(f'<p class="bar-group">{escape(bar.group)}</p>')
            group = bar.group
            rows.append(
                f'<div class="bar"><span class="bar-label">{escape(bar.label)}</span>'
                f'<span class="bar-track"><i class="t-{bar.tone}" style="width:{_width(bar.value, self.scale)}"></i></span>'
                f'<span class="bar-text">{escape(bar.text)}</span></div>'
            )
        scale = f'<p class="scale">Full width is {numbers.scale(self.scale)}.</p>' if self.scale < 1 else ""
        return f'{_legend(self.legend)}<div class="bars">{"".join(rows)}</div>{scale}'

    def words(self) -> str:
        told = []
        group = None
        for bar in self.bars:
            told.append((f"{bar.group}. " if bar.group and bar.group != group else "") + f"{bar.label}: {bar.text}")
            group = bar.group
        return "; ".join(told)


def _legend(tones: Mapping[str, str]) -> str:
    """What the colours mean, where a chart has several."""
    entries = "".join(f'<li><i class="t-{tone}"></i>{escape(word)}</li>' for word, tone in tones.items())
    return f'<ul class="legend">{entries}</ul>' if entries else ""


def _scale(values: Iterable[float | None]) -> float:
    """The round share that the greatest value fits under."""
    longest = max((value or 0 for value in values), default=0)
    return next((step for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if longest <= step), 1.0)


def _width(value: float | None, scale: float) -> str:
    return f"{min(100.0, (value or 0) / scale * 100):.2f}%"


@dataclass(frozen=True)
class Pair:
    """Two shares of one thing, each with its text."""

    label: str
    first: tuple[float | None, str]
    second: tuple[float | None, str]


@dataclass(frozen=True)
class Pairs:
    """Two bars side by side per row, on one scale. ``titles`` and ``tones`` are of the two columns."""

    pairs: Sequence[Pair]
    titles: tuple[str, str]
    tones: tuple[str, str]

    @property
    def scale(self) -> float:
        """The share that fills the width."""
        return _scale(value for pair in self.pairs for value, _ in (pair.first, pair.second))

    def html(self) -> str:
        scale = self.scale
        rows = []
        for pair in self.pairs:
            sides = "".join(
                f'<span class="pair-side"><span class="bar-track"><i class="t-{tone}" style="width:{_width(value, scale)}"></i></span>'
                f"<span>{escape(text)}</span></span>"
                for (value, text), tone in zip((pair.first, pair.second), self.tones, strict=True)
            )
            rows.append(f'<div class="pair"><span class="pair-label">{escape(pair.label)}</span>{sides}</div>')
        head = f'<div class="pair pair-head"><span></span><b>{escape(self.titles[0])}</b><b>{escape(self.titles[1])}</b></div>'
        return f'<div class="pairs">{head}{"".join(rows)}</div><p class="scale">Full width is {numbers.scale(scale)}.</p>'

    def words(self) -> str:
        first, second = self.titles
        return "; ".join(f"{pair.label}: {first} {pair.first[1]}, {second} {pair.second[1]}" for pair in self.pairs)


@dataclass(frozen=True)
class Stack:
    """One bar that is divided: its label, (word, share) from left to right, and what it is a share of."""

    label: str
    parts: Sequence[tuple[str, float]]
    basis: str


@dataclass(frozen=True)
class Stacks:
    """Divided bars, each a whole. ``tones`` gives every word its colour and the order of the legend."""

    stacks: Sequence[Stack]
    tones: dict[str, str]

    def html(self) -> str:
        used = {word for stack in self.stacks for word, value in stack.parts if value > 0}
        legend = _legend({word: tone for word, tone in self.tones.items() if word in used})
        rows = []
        for stack in self.stacks:
            parts = "".join(
                f'<i class="t-{self.tones.get(word, "plain")}" style="width:{value * 100:.3f}%" '
                f'title="{escape(word)}: {numbers.share(value)}">{_inside(value)}</i>'
                for word, value in stack.parts
                if value > 0
            )
            rows.append(
                f'<div class="stack"><span class="stack-label">{escape(stack.label)} <small>{escape(stack.basis)}</small></span>'
                f'<span class="stack-track">{parts}</span>{_small(stack)}</div>'
            )
        return f'{legend}<div class="stacks">{"".join(rows)}</div>'

    def words(self) -> str:
        return " ".join(
            f"{stack.label}: {numbers.listed(f'{word} {numbers.share(value)}' for word, value in stack.parts if value > 0) or 'nothing'}."
            for stack in self.stacks
        )


def _small(stack: Stack) -> str:
    """The shares that are too small to stand in their parts."""
    told = ", ".join(f"{word} {numbers.share(value)}" for word, value in stack.parts if 0 < value < _ROOM)
    return f'<span class="stack-small">{escape(told)}</span>' if told else ""


# A part of this share is wide enough for its number on a phone.
_ROOM: Final = 0.12


def _inside(value: float) -> str:
    return f"<b>{numbers.share(value)}</b>" if value >= _ROOM else ""


@dataclass(frozen=True)
class Matrix:
    """Two words against each other: a table whose cells are tinted by their share (by its root, so that rare cells show)."""

    rows: Sequence[str]
    columns: Sequence[str]
    values: dict[tuple[str, str], float]
    texts: dict[tuple[str, str], str]
    row_title: str
    column_title: str

    def html(self) -> str:
        head = "".join(f'<th scope="col">{escape(column)}</th>' for column in self.columns)
        greatest = max(self.values.values(), default=0) or 1
        lines = []
        for row in self.rows:
            cells = []
            for column in self.columns:
                value = self.values.get((row, column), 0)
                weight = (value / greatest) ** 0.5
                tint = "hot" if weight > 0.55 else "warm" if value > 0 else "none"
                cells.append(f'<td class="{tint}" style="--w:{weight * 100:.0f}%">{escape(self.texts.get((row, column), "·"))}</td>')
            lines.append(f'<tr><th scope="row">{escape(row)}</th>{"".join(cells)}</tr>')
        return (
            '<div class="scroll"><table class="matrix">'
            f"<caption>Down: {escape(self.row_title)}. Across: {escape(self.column_title)}.</caption>"
            f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        )

    def words(self) -> str:
        greatest = sorted(self.values.items(), key=lambda cell: (-cell[1], cell[0]))[:6]
        cells = numbers.listed(f"{row} with {column} {self.texts[(row, column)]}" for (row, column), value in greatest if value > 0)
        return f"{self.row_title} against {self.column_title}, the largest cells: {cells or 'none'}."


@dataclass(frozen=True)
class Line:
    """One curve: its name, colour and points (x from 0 to 1, y as a share)."""

    name: str
    tone: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    steps: bool = False

    @property
    def drawn(self) -> Sequence[tuple[float, float]]:
        """The points as they are joined."""
        return _stairs(self.points) if self.steps else self.points


@dataclass(frozen=True)
class Curves:
    """Curves over one axis. The drawing stretches, the labels beside it do not."""

    lines: Sequence[Line]
    x_ticks: Sequence[tuple[float, str]]
    x_title: str
    y_title: str

    @property
    def top(self) -> float:
        """The share at the upper edge."""
        return _scale(y for line in self.lines for _, y in line.points)

    def html(self) -> str:
        drawn = []
        for line in self.lines:
            points = line.drawn
            path = " ".join(f"{x * 100:.2f},{100 - y / self.top * 100:.2f}" for x, y in points)
            dash = ' stroke-dasharray="6 4"' if line.dashed else ""
            drawn.append(f'<polyline class="s-{line.tone}" points="{path}" vector-effect="non-scaling-stroke"{dash}/>')
            # A single point has no line: a stroke of no length with round ends is a dot.
            for x, y in points if len(points) == 1 else ():
                at = f"M{x * 100:.2f} {100 - y / self.top * 100:.2f}h.01"
                drawn.append(f'<path class="s-{line.tone} dot" d="{at}" vector-effect="non-scaling-stroke"/>')
        grid = "".join(f'<path class="grid" d="M0 {y}H100" vector-effect="non-scaling-stroke"/>' for y in (0, 50, 100))
        ys = "".join(f'<span style="top:{y}%">{numbers.scale(self.top * (100 - y) / 100)}</span>' for y in (0, 50, 100))
        xs = "".join(f'<span class="{_side(x)}" style="left:{x * 100:.1f}%">{escape(label)}</span>' for x, label in self.x_ticks)
        legend = "".join(
            f'<li><i class="t-{line.tone}{" dashed" if line.dashed else ""}"></i>{escape(line.name)}</li>' for line in self.lines
        )
        return (
            f'<ul class="legend">{legend}</ul><p class="axis-title">{escape(self.y_title)}</p>'
            f'<div class="plot"><div class="ys">{ys}</div>'
            f'<div class="canvas"><svg viewBox="0 0 100 100" preserveAspectRatio="none">{grid}{"".join(drawn)}</svg></div>'
            f'<div class="xs">{xs}</div></div><p class="axis-title end">{escape(self.x_title)}</p>'
        )

    def words(self) -> str:
        return " ".join(
            f"{line.name}: from {numbers.share(line.points[0][1])} to {numbers.share(line.points[-1][1])}."
            for line in self.lines
            if line.points
        )


def _side(x: float) -> str:
    return "first" if x < 0.06 else "last" if x > 0.94 else "middle"


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    made: list[tuple[float, float]] = []
    for x, y in points:
        if made:
            made.append((x, made[-1][1]))
        made.append((x, y))
    return made


@dataclass(frozen=True)
class Range:
    """One measured quantity: its low, middle and high value."""

    label: str
    low: float
    middle: float
    high: float
    text: str
    tone: str = "plain"
    group: str | None = None


@dataclass(frozen=True)
class Ranges:
    """A band from low to high with a tick at the middle, on one linear axis from 0; of shares that are parts of a ``whole`` to 100 %."""

    ranges: Sequence[Range]
    meaning: str = ""
    whole: bool = False

    @property
    def longest(self) -> float:
        """The value at the right edge."""
        return 1.0 if self.whole else max((entry.high for entry in self.ranges), default=0) or 1

    def html(self) -> str:
        rows = []
        group = None
        for entry in self.ranges:
            if entry.group != group and entry.group is not None:
                rows.append(f'<p class="bar-group">{escape(entry.group)}</p>')
            group = entry.group
            left, middle, right = (value / self.longest * 100 for value in (entry.low, entry.middle, entry.high))
            rows.append(
                f'<div class="bar"><span class="bar-label">{escape(entry.label)}</span><span class="bar-track range">'
                f'<i class="t-{entry.tone}" style="left:{left:.2f}%;width:{max(right - left, 0.4):.2f}%"></i>'
                f'<u style="left:{middle:.2f}%"></u></span><span class="bar-text">{escape(entry.text)}</span></div>'
            )
        meaning = f'<p class="scale">{escape(self.meaning)}</p>' if self.meaning else ""
        return f'<div class="bars">{"".join(rows)}</div>{meaning}'

    def words(self) -> str:
        told = []
        for entry in self.ranges:
            between = f" ({numbers.share(entry.low)} to {numbers.share(entry.high)})" if self.whole else ""
            told.append(f"{f'{entry.group}, ' if entry.group else ''}{entry.label}: {entry.text}{between}")
        return "; ".join(told)
