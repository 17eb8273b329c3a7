"""The report as one HTML page that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Final

from .. import numbers
from ..question import asked_in_report
from .blocks import Cell, Column, Definition, Figure, Part, Report, Section, Table, Tile

# The page may load nothing, whatever stands in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def page(report: Report) -> str:
    """The whole page."""
    style = (files(__package__) / "style.css").read_text(encoding="utf-8")
    warnings = "".join(f"<p>{escape(warning)}</p>" for warning in report.warnings)
    # Stands before everything on the screen, and across every sheet in print.
    made = (
        f'<p class="made" role="note">{escape(report.made)}</p><div class="watermark" aria-hidden="true">{escape(report.mark or "")}</div>'
        if report.made
        else ""
    )
    length = "short" if report.short else "whole"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<title>{escape(report.title)}</title><link rel="icon" href="data:,"><style>{style}</style></head><body class="{length}">{made}<header>'
        f'<p class="kicker">mxcensus</p><h1>{escape(report.title)}</h1><p class="subtitle">{escape(report.subtitle)}</p>'
        + (f'<div class="warning" role="note">{warnings}</div>' if warnings else "")
        + f'<p class="lead">{escape(report.question)}</p>{_definitions(report.definitions)}'
        f'<div class="answer">{"".join(f"<p>{text(paragraph)}</p>" for paragraph in report.answer)}</div>'
        f"{_tiles(report.tiles)}{_figure(report.chart, report.chart.name, report.mark)}</header>"
        f'<nav aria-label="Contents"><h2>Contents</h2>{"".join(_contents(part) for part in report.parts)}</nav>'
        f"<main>{''.join(_part(part, report.mark) for part in report.parts)}</main>"
        f"<footer>{''.join(f'<p>{text(line)}</p>' for line in report.cite)}</footer></body></html>\n"
    )


def _definitions(definitions: Sequence[Definition]) -> str:
    told = "".join(f"<div><dt>{escape(entry.term)}</dt><dd>{text(entry.meaning)}</dd></div>" for entry in definitions)
    return f'<dl class="definitions">{told}</dl>'


def _tiles(tiles: Sequence[Tile]) -> str:
    groups = dict.fromkeys(tile.group for tile in tiles)
    return "".join(
        f'<h2 class="tiles-of">{escape(group)}</h2><ul class="tiles">{"".join(_tile(tile) for tile in tiles if tile.group == group)}</ul>'
        for group in groups
    )


def _tile(tile: Tile) -> str:
    moved = f'<span class="change">{escape(tile.change)}</span>' if tile.change else ""
    moved += f'<span class="cause">{escape(tile.cause)}</span>' if tile.cause else ""
    return f"<li><strong>{escape(tile.value)}</strong><span>{escape(tile.label)}</span>{moved}<small>{escape(tile.basis)}</small></li>"


def _contents(part: Part) -> str:
    entries = "".join(f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in part.sections)
    return f"<h3>{escape(part.title)}</h3><ol>{entries}</ol>"


def _part(part: Part, mark: str | None) -> str:
    return f'<h2 class="part">{escape(part.title)}</h2>{"".join(_section(section, mark) for section in part.sections)}'


def _section(section: Section, mark: str | None) -> str:
    figures = "".join(_figure(figure, figure.name or f"{section.name}-{index}", mark) for index, figure in enumerate(section.figures, 1))
    notes = "".join(f"<li>{escape(note)}</li>" for note in section.notes)
    return (
        f'<section id="{section.name}"><h3 class="section-title">{escape(section.title)}</h3><p class="section-lead">{text(section.lead)}</p>{figures}'
        + (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "</section>"
    )


def _figure(figure: Figure, name: str, mark: str | None) -> str:
    chart = ""
    if figure.chart is not None:
        # The drawing is read as one picture with a text of its own; its marks would only be noise.
        chart = f'<div class="chart" role="img" aria-label="{escape(figure.chart.words())}">{figure.chart.html()}</div>'
    # A figure may be copied from the page alone.
    marked = f"<b>{escape(mark)}.</b> " if mark else ""
    return (
        f'<figure id="{name}"><h4>{escape(figure.title)}</h4><p class="finding">{text(figure.finding)}</p>{chart}'
        + (f"<figcaption>{marked}{text(figure.basis)}</figcaption>" if figure.basis or marked else "")
        + f"{_table_of(figure)}{_reading(figure)}</figure>"
    )


def _table_of(figure: Figure) -> str:
    if not figure.table.rows:
        return ""
    made = _table(figure.table)
    return made if figure.table_open else f"<details><summary>The table behind it</summary>{made}</details>"


def _reading(figure: Figure) -> str:
    """How it was counted: the headers of the SQL files."""
    told = "".join(
        f"<p><b>{text(asked.question)}</b> <code>{asked.name}</code><br>{text(asked.caveats)}</p>"
        for asked in map(asked_in_report, figure.questions)
    )
    return f'<details><summary>How it was counted</summary><div class="reading">{told}</div></details>' if told else ""


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col" class="{column.kind}">{escape(column.title)}</th>' for column in table.columns)
    lines = "".join(
        f"<tr>{''.join(_cell(value, column) for value, column in zip(row, table.columns, strict=True))}</tr>" for row in table.shown
    )
    more = len(table.rows) - len(table.shown)
    rest = f'<p class="scale">{numbers.plural(more, "more row")} in the dataset.</p>' if more else ""
    # On a phone a table of many columns becomes a list of cards.
    wide = " cards" if len(table.columns) > 4 else ""
    return f'<div class="scroll"><table class="data{wide}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>{rest}'


def _cell(value: Cell, column: Column) -> str:
    return f'<td class="{column.kind}" data-of="{escape(column.title)}">{escape(cell(value, column.kind))}</td>'


_CODE: Final = re.compile(r"`([^`]+)`")


def text(written: str) -> str:
    """A sentence of our own as HTML: what stands between backquotes is code."""
    return _CODE.sub(r"<code>\1</code>", escape(written))


def cell(value: Cell, kind: str) -> str:
    """A value as text, by the kind of its column."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return numbers.interval(value)
    if isinstance(value, int | float):
        return {"count": numbers.count, "share": numbers.share, "decimal": _decimal}.get(kind, str)(value)
    return value


def _decimal(value: numbers.Number) -> str:
    return f"{value:,.1f}"
