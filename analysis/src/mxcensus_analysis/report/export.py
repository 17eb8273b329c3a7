"""What others need to use a report's figures: ``figures.json``, a CSV per table, an SVG and a caption per figure, ``datapackage.json``.

The data package follows Frictionless Data's Data Package v1 (https://specs.frictionlessdata.io/data-package/).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from .. import citation, numbers
from ..question import asked_in_report
from .blocks import Cell, Column, Figure, Report
from .facts import Facts
from .story import cite
from .svg import caption, svg

FORMAT: Final = 1
FOLDER: Final = "figures"
INDEX: Final = "figures.json"
PACKAGE: Final = "datapackage.json"
_TYPES: Final = {"count": "integer", "share": "number", "decimal": "number"}


def write(report: Report, facts: Facts, folder: Path) -> list[Path]:
    """Writes everything into the folder and gives the files. What an earlier report left there and this one does not have is removed."""
    _clear(folder)
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    source = f"{report.cite[0].replace('`', '')} {report.cite[1]}"
    written = []
    told = []
    for name, section, figure in report.figures:
        files = dict(_files(figure, name, report.mark, source, facts.made))
        for path, text in files.items():
            (folder / path).write_text(text, encoding="utf-8")
            written.append(folder / path)
        told.append(_told(figure, name, section, files, facts))
    index = {
        "format": FORMAT,
        "title": report.title,
        "made": facts.made,
        **_about(report, facts),
        "numbers": _numbers(report),
        "figures": told,
    }
    for name, document in ((INDEX, index), (PACKAGE, _package(report, facts, told))):
        (folder / name).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(folder / name)
    return written


def _clear(folder: Path) -> None:
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = [name for figure in index["figures"] for name in figure["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in names:
        # Only what such a file can have named: never anything outside.
        if isinstance(name, str) and Path(name).parent == Path(FOLDER):
            (folder / name).unlink(missing_ok=True)


def _files(figure: Figure, name: str, mark: str | None, source: str, made: str | None) -> Iterable[tuple[str, str]]:
    if figure.chart is not None:
        yield f"{FOLDER}/{name}.svg", svg(figure, mark, source)
    yield f"{FOLDER}/{name}.txt", caption(figure, mark, source, [asked_in_report(asked).caveats for asked in figure.questions])
    if figure.table.rows:
        yield f"{FOLDER}/{name}.csv", _csv(figure, made)


def _fields(column: Column) -> list[tuple[str, str]]:
    """Names and types of a column in CSV: an interval is two."""
    if column.kind == "interval":
        return [("low", "number"), ("high", "number")]
    return [(column.title, _TYPES.get(column.kind, "string"))]


def _values(value: Cell, column: Column) -> list[Any]:
    if column.kind == "interval":
        return list(value) if isinstance(value, tuple) else [None, None]
    return [str(value).lower() if isinstance(value, bool) else value]


def _schema(figure: Figure, made: str | None) -> list[tuple[str, str]]:
    fields: dict[str, str] = {}
    for name, kind in (field for column in figure.table.columns for field in _fields(column)):
        # A table may head several columns alike; in a file their names differ.
        same = sum(known == name or (known.startswith(f"{name} ") and known[len(name) + 1 :].isdigit()) for known in fields)
        fields[f"{name} {same + 1}" if same else name] = kind
    return [*fields.items(), ("made", "string")] if made else list(fields.items())


def _csv(figure: Figure, made: str | None) -> str:
    """Numbers as they are, not as they are printed; every row of made data says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(name for name, _ in _schema(figure, made))
    for row in figure.table.rows:
        values = [value for cell, column in zip(row, figure.table.columns, strict=True) for value in _values(cell, column)]
        writer.writerow([*values, made] if made else values)
    return out.getvalue()


def _told(figure: Figure, name: str, section: str, files: Mapping[str, str], facts: Facts) -> dict[str, Any]:
    return {
        "name": name,
        "section": section,
        "title": figure.title,
        "finding": figure.finding.replace("`", ""),
        "words": figure.chart.words() if figure.chart else None,
        "basis": figure.basis.replace("`", ""),
        "made": facts.made,
        "questions": list(figure.questions),
        "files": list(files),
        "columns": [{"name": field, "type": kind} for field, kind in _schema(figure, facts.made)] if figure.table.rows else [],
        "rows": len(figure.table.rows),
    }


def _numbers(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "name": tile.key,
            "value": tile.value,
            "label": tile.label,
            "of": tile.group,
            "basis": tile.basis,
            "change": tile.change,
            "cause": tile.cause,
        }
        for tile in report.tiles
    ]


def _about(report: Report, facts: Facts) -> dict[str, Any]:
    manifest = facts.census.manifest
    return {
        "dataset": {
            "id": citation.dataset_id(manifest),
            "begun": facts.census.start.isoformat(),
            "list": citation.list_name((manifest.get("input") or {}).get("name")),
            "domains": (manifest.get("input") or {}).get("rows"),
            "complete": facts.census.is_complete,
            "rules_version": facts.census.judgement.get("rules_version"),
        },
        "compared_with": facts.previous.start.isoformat() if facts.previous else None,
        "question": report.question,
        "definitions": {entry.term: entry.meaning.replace("`", "") for entry in report.definitions},
        "answer": list(report.answer),
        "citation": report.cite[0].replace("`", ""),
        "licence": cite.licence(facts),
    }


def _package(report: Report, facts: Facts, figures: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    software = citation.software()
    resources = []
    for figure in figures:
        for path in figure["files"]:
            if path.endswith(".csv"):
                resources.append(
                    {
                        "name": figure["name"],
                        "path": path,
                        "title": figure["title"],
                        "description": f"{figure['finding']} {figure['basis']}".strip(),
                        "profile": "tabular-data-resource",
                        "format": "csv",
                        "mediatype": "text/csv",
                        "encoding": "utf-8",
                        "schema": {"fields": figure["columns"], "missingValues": [""]},
                    }
                )
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"mxcensus-report-{facts.census.name}",
        "id": citation.dataset_id(facts.census.manifest),
        "title": report.title,
        "description": report.made or report.question,
        "made": facts.made,
        "created": f"{facts.census.start:%Y-%m-%dT%H:%M:%SZ}",
        "version": software.version,
        "keywords": ["MTA-STS", "DANE", "SMTP", "STARTTLS", "DNSSEC"],
        "contributors": [{"title": author, "role": "author"} for author in software.authors],
        "sources": [{"title": f"{numbers.count((facts.census.manifest.get('input') or {}).get('rows') or 0)} domains from {_list(facts)}"}],
        "resources": resources,
    }
    if facts.licence:
        package["licenses"] = [{"name": facts.licence}]
    return package


def _list(facts: Facts) -> str:
    return citation.list_name((facts.census.manifest.get("input") or {}).get("name"))
