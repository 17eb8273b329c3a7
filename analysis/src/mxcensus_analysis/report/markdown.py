"""The report as Markdown: the same story and numbers, for mail, repositories and diffs."""

from __future__ import annotations

from .blocks import Figure, Report, Table
from .page import cell

ROWS = 30


def markdown(report: Report) -> str:
    """The whole report; of long tables the first rows."""
    out = [f"> **{_safe(report.made)}**", ""] if report.made else []
    out += [f"# {report.title}", "", report.subtitle, ""]
    out += [f"> {_safe(warning)}" for warning in report.warnings]
    out += [_safe(report.question), "", *(f"- **{entry.term}**: {_own(entry.meaning)}" for entry in report.definitions), ""]
    for paragraph in report.answer:
        out += [_safe(paragraph), ""]
    for group in dict.fromkeys(tile.group for tile in report.tiles):
        out += [f"**{_safe(group)}**", "", "| | | | change | |", "| ---: | --- | --- | --- | --- |"]
        out += [
            f"| **{tile.value}** | {_safe(tile.label)} | {_safe(tile.basis)} | {tile.change or ''} | {_safe(tile.cause or '')} |"
            for tile in report.tiles
            if tile.group == group
        ]
        out.append("")
    out += _figure(report.chart, report.mark)
    for part in report.parts:
        out += ["", f"## {part.title}"]
        for section in part.sections:
            out += ["", f"### {section.title}", "", _safe(section.lead)]
            for figure in section.figures:
                out += ["", *_figure(figure, report.mark)]
            if section.notes:
                out += ["", *(f"- {_safe(note)}" for note in section.notes)]
    out += ["", "---", "", *(f"{_own(line)}\n" for line in report.cite)]
    return "\n".join(out) + "\n"


def _figure(figure: Figure, mark: str | None) -> list[str]:
    out = [f"#### {figure.title}", "", _safe(figure.finding), ""]
    if figure.table.rows:
        out += [*_table(figure.table), ""]
    told = " ".join(filter(None, (f"{mark}." if mark else "", figure.basis)))
    if told:
        out.append(f"*{_safe(told)}*")
    return out


def _table(table: Table) -> list[str]:
    right = ("count", "share", "decimal")
    out = [
        "| " + " | ".join(column.title for column in table.columns) + " |",
        "| " + " | ".join("---:" if column.kind in right else "---" for column in table.columns) + " |",
    ]
    for row in table.rows[:ROWS]:
        out.append(
            "| " + " | ".join(_cell(cell(value, column.kind), column.kind) for column, value in zip(table.columns, row, strict=True)) + " |"
        )
    if len(table.rows) > ROWS:
        out += ["", f"{len(table.rows) - ROWS} more rows."]
    return out


def _cell(text: str, kind: str) -> str:
    """Names and words come from strangers: as code, nothing in them is markup."""
    if kind == "code" and text != "–":
        return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`"
    return _safe(text)


def _own(text: str) -> str:
    """A sentence of our own, whose backquotes mean code."""
    return "`".join(part if place % 2 else _safe(part) for place, part in enumerate(text.split("`")))


def _safe(text: str) -> str:
    for sign in ("\\", "|", "`", "*", "_", "<", "["):
        text = text.replace(sign, f"\\{sign}")
    return text
