"""The dataset's columns and words, read from the project's own dataset reference, so that worlds built here cannot drift from it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyarrow as pa

REFERENCE = Path(__file__).parents[2] / "docs" / "dataset.md"
_COLUMN = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*) \| (.*) \|$")
_SIMPLE = {
    "string": pa.string(),
    "word": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "binary": pa.binary(),
    "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
}


@cache
def _sections() -> dict[str, list[tuple[str, str, str, str]]]:
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    name = ""
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            name = line.lstrip("# ").strip()
        elif found := _COLUMN.match(line):
            sections.setdefault(name, []).append((found[1], found[2].strip(), found[3].strip(), found[4]))
    return sections


def _type(path: str, written: str, rows: dict[str, str]) -> pa.DataType:
    if written in _SIMPLE:
        return _SIMPLE[written]
    if written.startswith("list of list of "):
        return pa.list_(_type(path, written.removeprefix("list of "), rows))
    inner = written.removeprefix("list of ")
    if inner in _SIMPLE:
        return pa.list_(_SIMPLE[inner])
    names = [name.strip() for name in inner.strip("{}").split(",")]
    return pa.list_(pa.struct([(name, _type(f"{path}[].{name}", rows[f"{path}[].{name}"], rows)) for name in names]))


@cache
def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table."""
    rows = {path: written for path, written, _, _ in _sections()[table]}
    return pa.schema(
        [
            pa.field(path, _type(path, written, rows), nullable=null == "yes")
            for path, written, null, _ in _sections()[table]
            if "[]" not in path
        ]
    )


@cache
def words(table: str) -> dict[str, frozenset[str]]:
    """The closed vocabulary of each column of words."""
    found = {}
    for path, written, _, meaning in _sections()[table]:
        link = re.search(r"Words: \[[^\]]+\]\(#([a-z-]+)\)", meaning)
        if "[]" not in path and link and "word" in written:
            found[path] = frozenset(_vocabulary(link[1]))
    return found


@cache
def _vocabulary(name: str) -> list[str]:
    text = REFERENCE.read_text(encoding="utf-8")
    heading = {"failure-words": "Failure words"}.get(name, name)
    section = re.split(rf"^#+ {re.escape(heading)}$", text, maxsplit=1, flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE)
