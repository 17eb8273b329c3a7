"""Figures as SVG that stand alone: title, finding, drawing, what it rests on, and whether the data are made.

For papers and slides. Colours are those of the page's light theme; text is text, wrapped so that a wide font does not cut it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from .. import numbers
from .blocks import Chart, Figure
from .charts import Bars, Curves, Matrix, Pairs, Ranges, Stacks

WIDTH: Final = 760
_EDGE: Final = 20
# A letter's width in ems, on the wide side.
_EM: Final = 0.62
_LABEL: Final = 250
_TRACK: Final = 280
_LEFT: Final = _EDGE + _LABEL + 10
_ROW: Final = 22
_PLOT: Final = 230


class Canvas:
    """Marks from top to bottom; ``y`` is where the next one goes."""

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.y = float(_EDGE)

    def text(
        self, x: float, y: float, written: str, size: float = 12, *, anchor: str = "start", weight: str = "normal", fill: str = "ink"
    ) -> None:
        """One line."""
        self.marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" font-weight="{weight}" text-anchor="{anchor}" fill="{_colour(fill)}">{escape(written)}</text>'
        )

    def box(self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1) -> None:
        """A rectangle."""
        faded = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        self.marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{_colour(fill)}"{faded}/>'
        )

    def paragraph(self, written: str, size: float = 12, *, weight: str = "normal", fill: str = "ink", space: float = 6) -> None:
        """Wrapped lines over the whole width."""
        for line in textwrap.wrap(written.replace("`", ""), int((WIDTH - 2 * _EDGE) / (size * _EM))):
            self.y += size * 1.35
            self.text(_EDGE, self.y, line, size, weight=weight, fill=fill)
        self.y += space

    def legend(self, entries: Iterator[tuple[str, str]]) -> None:
        """Coloured squares with words, in as many lines as they need."""
        x = float(_EDGE)
        self.y += 14
        for tone, word in entries:
            width = 26 + len(word) * 11 * _EM
            if x + width > WIDTH - _EDGE:
                x, self.y = float(_EDGE), self.y + 16
            self.box(x, self.y - 9, 10, 10, tone)
            self.text(x + 15, self.y, word, 11)
            x += width
        self.y += 8


def svg(figure: Figure, mark: str | None, source: str) -> str:
    """The figure; ``mark`` says that the data are made, ``source`` where it comes from."""
    canvas = Canvas()
    if mark:
        canvas.paragraph(f"{mark}: not measured on the internet", 13, weight="bold", fill="bad", space=2)
    canvas.paragraph(figure.title, 17, weight="bold", space=2)
    canvas.paragraph(figure.finding, 12, space=8)
    if figure.chart is not None:
        _draw(canvas, figure.chart)
    canvas.y += 6
    canvas.paragraph(figure.basis, 10, fill="soft", space=2)
    canvas.paragraph(source, 10, fill="soft", space=2)
    height = canvas.y + _EDGE
    words = figure.chart.words() if figure.chart else ""
    said = f"{f'{mark}. ' if mark else ''}{figure.title}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="img" '
        f'font-family="sans-serif"><title>{escape(said)}</title><desc>{escape(words)}</desc>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(canvas.marks)}</svg>\n'
    )


def _draw(canvas: Canvas, chart: Chart) -> None:
    match chart:
        case Bars():
            _bars(canvas, chart)
        case Pairs():
            _pairs(canvas, chart)
        case Stacks():
            _stacks(canvas, chart)
        case Matrix():
            _matrix(canvas, chart)
        case Curves():
            _curves(canvas, chart)
        case Ranges():
            _ranges(canvas, chart)
        case _:
            raise TypeError(f"no drawing for {type(chart).__name__}")


def _bars(canvas: Canvas, chart: Bars) -> None:
    if chart.legend:
        canvas.legend((tone, word) for word, tone in chart.legend.items())
    group = None
    for bar in chart.bars:
        group = _group(canvas, bar.group, group)
        _row(canvas, bar.label, bar.text)
        canvas.box(_LEFT, canvas.y, _TRACK * min(1.0, (bar.value or 0) / chart.scale), 14, bar.tone)
        canvas.y += _ROW
    _scale(canvas, chart.scale)


def _ranges(canvas: Canvas, chart: Ranges) -> None:
    group = None
    for entry in chart.ranges:
        group = _group(canvas, entry.group, group)
        _row(canvas, entry.label, entry.text)
        left, middle, right = (_LEFT + _TRACK * value / chart.longest for value in (entry.low, entry.middle, entry.high))
        canvas.box(left, canvas.y, max(right - left, 1.5), 14, entry.tone)
        canvas.box(middle - 1.5, canvas.y, 3, 14, "ink")
        canvas.y += _ROW
    if chart.meaning:
        canvas.paragraph(chart.meaning, 10, fill="soft", space=0)
    if chart.whole:
        _scale(canvas, 1.0)


def _group(canvas: Canvas, group: str | None, before: str | None) -> str | None:
    if group is not None and group != before:
        canvas.y += 16
        canvas.text(_EDGE, canvas.y, group, 12, weight="bold")
        canvas.y += 6
    return group


def _row(canvas: Canvas, label: str, told: str) -> None:
    """Label, track and number of one bar; the bar itself comes on top."""
    canvas.text(_LEFT - 10, canvas.y + 11, _cut(label, _LABEL, 12), 12, anchor="end")
    canvas.box(_LEFT, canvas.y, _TRACK, 14, "track")
    canvas.text(_LEFT + _TRACK + 10, canvas.y + 11, _cut(told, WIDTH - _EDGE - _LEFT - _TRACK - 10, 12), 12)


def _cut(written: str, width: float, size: float) -> str:
    room = int(width / (size * _EM))
    return written if len(written) <= room else f"{written[: room - 1]}…"


def _scale(canvas: Canvas, scale: float) -> None:
    canvas.y += 8
    canvas.text(_LEFT, canvas.y, f"Full width is {numbers.scale(scale)}.", 10, fill="soft")
    canvas.y += 6


def _pairs(canvas: Canvas, chart: Pairs) -> None:
    scale = chart.scale
    label, track = 130, 150
    lefts = (_EDGE + label, _EDGE + label + track + 150)
    canvas.y += 14
    for left, title in zip(lefts, chart.titles, strict=True):
        canvas.text(left, canvas.y, title, 12, weight="bold")
    canvas.y += 8
    for pair in chart.pairs:
        canvas.text(_EDGE + label - 10, canvas.y + 11, _cut(pair.label, label - 10, 12), 12, anchor="end")
        for left, tone, (value, told) in zip(lefts, chart.tones, (pair.first, pair.second), strict=True):
            canvas.box(left, canvas.y, track, 14, "track")
            canvas.box(left, canvas.y, track * min(1.0, (value or 0) / scale), 14, tone)
            canvas.text(left + track + 8, canvas.y + 11, _cut(told, 140, 12), 12)
        canvas.y += _ROW
    canvas.y += 8
    canvas.text(lefts[0], canvas.y, f"Full width is {numbers.scale(scale)}.", 10, fill="soft")
    canvas.y += 6


def _stacks(canvas: Canvas, chart: Stacks) -> None:
    used = {word for stack in chart.stacks for word, value in stack.parts if value > 0}
    canvas.legend((tone, word) for word, tone in chart.tones.items() if word in used)
    width = WIDTH - 2 * _EDGE
    for stack in chart.stacks:
        canvas.y += 14
        canvas.text(_EDGE, canvas.y, f"{stack.label}  ({stack.basis})", 12)
        canvas.y += 5
        x = float(_EDGE)
        for word, value in stack.parts:
            tone = chart.tones.get(word, "plain")
            canvas.box(x, canvas.y, width * value - (1 if value < 1 else 0), 22, tone)
            told = numbers.share(value)
            if width * value > len(told) * 11 * _EM + 6:
                canvas.text(x + width * value / 2, canvas.y + 15, told, 11, anchor="middle", fill=f"on-{tone}")
            x += width * value
        canvas.y += 24
        small = "; ".join(f"{word} {numbers.share(value)}" for word, value in stack.parts if value > 0)
        canvas.paragraph(small, 10, fill="soft", space=2)


def _matrix(canvas: Canvas, chart: Matrix) -> None:
    label = 190
    width = min(110.0, (WIDTH - 2 * _EDGE - label) / max(len(chart.columns), 1))
    canvas.paragraph(f"Down: {chart.row_title}. Across: {chart.column_title}.", 10, fill="soft", space=2)
    longest = max((len(column) for column in chart.columns), default=0)
    slanted = longest * 11 * _EM > width - 6
    canvas.y += longest * 11 * _EM * 0.72 + 10 if slanted else 16
    for place, column in enumerate(chart.columns):
        x = _EDGE + label + width * (place + 0.5)
        if slanted:
            canvas.marks.append(
                f'<text transform="translate({x:.1f} {canvas.y:.1f}) rotate(-45)" font-size="11" fill="{_colour("ink")}">{escape(column)}</text>'
            )
        else:
            canvas.text(x, canvas.y, column, 11, anchor="middle")
    canvas.y += 6
    greatest = max(chart.values.values(), default=0) or 1
    for row in chart.rows:
        canvas.text(_EDGE + label - 8, canvas.y + 16, _cut(row, label - 8, 12), 12, anchor="end")
        for place, column in enumerate(chart.columns):
            weight = (chart.values.get((row, column), 0) / greatest) ** 0.5
            x = _EDGE + label + width * place
            if weight:
                canvas.box(x + 1, canvas.y + 1, width - 2, 22, "heat", weight)
            told = chart.texts.get((row, column), "·")
            canvas.text(x + width / 2, canvas.y + 16, told, 11, anchor="middle", fill="hot-ink" if weight > 0.55 else "ink")
        canvas.y += 24


def _curves(canvas: Canvas, chart: Curves) -> None:
    canvas.legend((line.tone, f"{line.name}{' (dashed)' if line.dashed else ''}") for line in chart.lines)
    canvas.text(_EDGE, canvas.y + 10, chart.y_title, 10, fill="soft")
    canvas.y += 24
    left, width = _EDGE + 60, WIDTH - 2 * _EDGE - 90
    for part in (0, 0.5, 1):
        y = canvas.y + _PLOT * part
        canvas.box(left, y, width, 0.8, "rule")
        canvas.text(left - 8, y + 4, numbers.scale(chart.top * (1 - part)), 10, anchor="end", fill="soft")
    for line in chart.lines:
        points = " ".join(f"{left + x * width:.1f},{canvas.y + _PLOT * (1 - y / chart.top):.1f}" for x, y in line.drawn)
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        canvas.marks.append(f'<polyline points="{points}" fill="none" stroke="{_colour(line.tone)}" stroke-width="2.2"{dash}/>')
        for x, y in line.drawn if len(line.drawn) == 1 else ():
            canvas.marks.append(
                f'<circle cx="{left + x * width:.1f}" cy="{canvas.y + _PLOT * (1 - y / chart.top):.1f}" r="3.5" fill="{_colour(line.tone)}"/>'
            )
    canvas.y += _PLOT + 16
    for x, told in chart.x_ticks:
        anchor = "start" if x < 0.06 else "end" if x > 0.94 else "middle"
        canvas.text(left + x * width, canvas.y, told, 10, anchor=anchor, fill="soft")
    canvas.y += 14
    canvas.text(left + width, canvas.y, chart.x_title, 10, anchor="end", fill="soft")
    canvas.y += 6


@cache
def _colours() -> dict[str, str]:
    """The light theme's colours, as the style sheet has them."""
    light = (files(__package__) / "style.css").read_text(encoding="utf-8").split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", light))


def _colour(name: str) -> str:
    return _colours()[name]


def caption(figure: Figure, mark: str | None, source: str, words: Sequence[str] = ()) -> str:
    """What belongs below the figure, as plain text."""
    told = [f"{f'{mark}. ' if mark else ''}{figure.title}. {figure.finding}", figure.basis, *words, source]
    return "\n\n".join(part.replace("`", "") for part in told if part) + "\n"
