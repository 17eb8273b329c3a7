"""Tables of a dataset as DuckDB views, each row once.

A crawl that several workers shared, or one that was killed and resumed, may hold a row twice: of rows with one key the earliest
observation counts, at a tie the first file by name, then the first row in it (dataset reference). Only rows with a repeated key are
looked at twice, so a table without repeats costs one pass over its keys; a table whose files come from one run cannot have any.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

import duckdb

from .source import COMPARED, TABLES, Source

# Key and instant of the observed tables that several workers may write.
SHARED: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "domains": (("domain",), "observed_at"),
    "policies": (("domain",), "policy_observed_at"),
    "mx_hosts": (("host",), "observed_at"),
    "endpoints": (("host", "server_name", "ip", "port"), "observed_at"),
    "certificates": (("sha256",), "not_before"),
}

# Columns of later versions that questions look at.
_ZONE: Final = {
    "ns_zone": "VARCHAR",
    "ns_status": "VARCHAR",
    "ns_error": "VARCHAR",
    "ns_dnssec": "VARCHAR",
    "ns": "VARCHAR[]",
    "zone_signed": "BOOLEAN",
    "zone_ds": "BOOLEAN",
    "dns_operator": "VARCHAR",
}
ADDED: Final[dict[str, dict[str, str]]] = {
    "domains": _ZONE,
    "mx_hosts": _ZONE,
    "certificates": {"ip_addresses": "VARCHAR[]", "embedded_scts": "INTEGER"},
}

_RUN: Final = re.compile(r"^(.*-\d+)-\d+\.parquet$")


def attach(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Makes a view ``raw_TABLE`` of every table."""
    if not source.is_local:
        con.register_filesystem(source.filesystem)
    for table in TABLES:
        parts = source.parts(table)
        if table in SHARED and len({_run(part) for part in parts}) > 1:
            con.read_parquet(parts, filename=True, file_row_number=True).create_view(f"every_{table}")
            _leave_out_repeats(con, table)
        else:
            con.read_parquet(parts).create_view(f"raw_{table}")
        _add_missing(con, table)
    if compared := source.found(COMPARED):
        con.read_parquet(compared).create_view(f"raw_{COMPARED}")
    else:
        con.execute((files(__package__) / "views" / "no_stores.sql").read_text(encoding="utf-8"))


def _add_missing(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Columns that an older crawl does not have hold null: not looked at."""
    there = {row[0] for row in con.execute(f"DESCRIBE raw_{table}").fetchall()}
    missing = [f"NULL::{kind} AS {column}" for column, kind in ADDED.get(table, {}).items() if column not in there]
    if missing:
        con.execute(f"ALTER VIEW raw_{table} RENAME TO older_{table}")
        con.execute(f"CREATE VIEW raw_{table} AS SELECT *, {', '.join(missing)} FROM older_{table}")


def _run(part: str) -> str:
    """The worker and run that wrote a part file; the whole name where it follows another pattern."""
    name = part.rsplit("/", 1)[-1]
    found = _RUN.match(name)
    return found[1] if found else name


def _leave_out_repeats(con: duckdb.DuckDBPyConnection, table: str) -> None:
    # The names pasted here are the constants above.
    keys, instant = SHARED[table]
    key = ", ".join(keys)
    con.execute(f"""
        CREATE TEMP TABLE repeats_{table} AS
        SELECT filename, file_row_number
        FROM every_{table} SEMI JOIN (FROM every_{table} SELECT {key} GROUP BY {key} HAVING count(*) > 1) USING ({key})
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {instant} NULLS LAST, filename, file_row_number) > 1
    """)
    con.execute(f"""
        CREATE VIEW raw_{table} AS
        SELECT * EXCLUDE (filename, file_row_number)
        FROM every_{table} ANTI JOIN repeats_{table} USING (filename, file_row_number)
    """)
