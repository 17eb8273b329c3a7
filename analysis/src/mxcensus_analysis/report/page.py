"""The report as one HTML page that stands alone."""

from __future__ import annotations

import re
from html import escape
from importlib.resources import files
from typing import Final

from ..question import question
from . import numbers
from .blocks import Cell, Column, Figure, Report, Section, Table, Tile

# The page may load nothing, whatever stands in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def page(report: Report) -> str:
    """The whole page."""
    style = (files(__package__) / "style.css").read_text(encoding="utf-8")
    contents = "".join(f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in report.sections)
    warnings = "".join(f"<p>{escape(warning)}</p>" for warning in report.warnings)
    first, *rest = report.answer
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<title>{escape(report.title)}</title><link rel="icon" href="data:,"><style>{style}</style></head><body><header>'
        f'<p class="kicker">mxcensus</p><h1>{escape(report.title)}</h1><p class="subtitle">{escape(report.subtitle)}</p>'
        + (f'<div class="warning" role="note">{warnings}</div>' if warnings else "")
        + f'<p class="lead">{escape(first)}</p>{"".join(f"<p>{escape(text)}</p>" for text in rest)}'
        f'<ul class="tiles">{"".join(_tile(tile) for tile in report.tiles)}</ul></header>'
        f'<nav aria-label="Contents"><h2>Contents</h2><ol>{contents}</ol></nav>'
        f"<main>{''.join(_section(section) for section in report.sections)}</main>"
        "</body></html>\n"
    )


def _tile(tile: Tile) -> str:
    moved = f'<span class="change">{escape(tile.change)}</span>' if tile.change else ""
    moved += f'<span class="cause">{escape(tile.cause)}</span>' if tile.cause else ""
    return f"<li><strong>{escape(tile.value)}</strong><span>{escape(tile.label)}</span>{moved}<small>{escape(tile.basis)}</small></li>"


def _section(section: Section) -> str:
    figures = "".join(_figure(figure, f"{section.name}-{index}") for index, figure in enumerate(section.figures, 1))
    notes = "".join(f"<li>{escape(note)}</li>" for note in section.notes)
    return (
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2><p class="section-lead">{text(section.lead)}</p>{figures}'
        + (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "</section>"
    )


def _figure(figure: Figure, name: str) -> str:
    chart = ""
    if figure.chart is not None:
        # The drawing is read as one picture with a text of its own; its marks would only be noise.
        chart = f'<div class="chart" role="img" aria-label="{escape(figure.chart.words())}">{figure.chart.html()}</div>'
    return (
        f'<figure id="{name}"><h3>{escape(figure.title)}</h3><p class="finding">{text(figure.finding)}</p>{chart}'
        + (f"<figcaption>{text(figure.basis)}</figcaption>" if figure.basis else "")
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
        for asked in map(question, figure.questions)
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
    if isinstance(value, int | float):
        return {"count": numbers.count, "share": numbers.share, "decimal": _decimal}.get(kind, str)(value)
    return value


def _decimal(value: numbers.Number) -> str:
    return f"{value:,.1f}"
