"""Mail server software by its greeting and EHLO reply: the table ``mx_software``, from the patterns in ``data/mx_software.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from .source import Source


@dataclass(frozen=True)
class Software:
    """One entry of the file: patterns of RE2, tried without regard to case."""

    name: str
    greeting: tuple[str, ...]
    capability: tuple[str, ...]
    examples: tuple[str, ...]
    others: tuple[str, ...]


@cache
def known() -> tuple[Software, ...]:
    """Every entry, in the order of the file.

    >>> known()[0].name
    'Postfix'
    """
    entries = tomllib.loads((files(__package__) / "data" / "mx_software.toml").read_text(encoding="utf-8"))["software"]
    return tuple(
        Software(
            entry["name"],
            tuple(entry.get("greeting", ())),
            tuple(entry.get("capability", ())),
            tuple(entry["examples"]),
            tuple(entry["others"]),
        )
        for entry in entries
    )


def make(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``mx_software(host, server_name, ip, port, greeted, mx_software)``: one row per endpoint; null where no product fits, or two do."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mx_software AS
        SELECT host, server_name, ip, port, banner IS NOT NULL AS greeted, CASE WHEN len(fits) = 1 THEN fits[1] END AS mx_software
        FROM (SELECT *, {fits("banner", "ehlo_capabilities")} AS fits FROM raw_endpoints)
    """)


def fits(greeting: str, capabilities: str) -> str:
    """SQL: the names of the products that fit these two columns.

    >>> fits("banner", "ehlo_capabilities").startswith("list_filter([")
    True
    """
    # Lines of EHLO are short and few: joined, one expression sees them all.
    lines = f"array_to_string({capabilities}, chr(10))"
    cases = []
    for entry in known():
        tests = [f"regexp_matches({greeting}, {_text(pattern)}, 'i')" for pattern in entry.greeting]
        tests += [f"regexp_matches({lines}, {_text('(?m)' + pattern)}, 'i')" for pattern in entry.capability]
        cases.append(f"CASE WHEN {' OR '.join(f'coalesce({test}, false)' for test in tests)} THEN {_text(entry.name)} END")
    return f"list_filter([{', '.join(cases)}], lambda name: name IS NOT NULL)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
