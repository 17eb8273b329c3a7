"""Small worlds written by hand, as datasets.

A test says what the world is like, row by row, and works out by itself what a question must answer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import contract
import pyarrow as pa
import pyarrow.parquet as pq

from mxcensus_analysis import Answer, Census

WHEN = datetime(2026, 11, 1, tzinfo=UTC)
TABLES = ("domains", "policies", "mx_hosts", "endpoints", "certificates", "verdicts", "mx_verdicts")
# Of datasets where trust stores were compared.
COMPARED = "store_verdicts"
NO_MAIL = ("null", "none", "nxdomain")

# What a column that may not be null holds when a test does not care.
_ORDINARY = {
    "worker": "w1",
    "host_status": "ok",
    "port": 25,
    "stage": "done",
    "policy_stage": "done",
    "starttls": "offered",
    "dane": "none",
    "dane_host": "none",
    "reached": True,
    "decided": True,
    "connections": 1,
    "sts_record": "absent",
    "sts_record_lenient": "absent",
    "sts_policy": "not-attempted",
    "sts_policy_lenient": "not-attempted",
    "conflict": "none",
    "tlsrpt": "absent",
    "mx_status": "present",
    "sts_verdict": "no-policy",
    "dane_verdict": "none",
    "outcome": "encrypted",
    "protection": "never",
}


class World:
    """Rows of a dataset in the making."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in (*TABLES, COMPARED)}
        self.manifest: dict[str, Any] = {
            "format": 1,
            "tool": {"name": "mxcensus", "version": "0.1.0", "commit": "abc"},
            "input": {"name": "list.csv", "sha256": "0" * 64, "rows": 0, "rejected": 0, "duplicates": 0, "shuffle_seed": 1},
            "runs": [{"number": 1, "worker": "w1", "command_line": ["mxcensus", "scan"], "start": "2026-11-01T00:00:00Z",
                      "end": "2026-11-01T01:00:00Z", "limits": {}, "pauses": []}],
            "workers": [{"name": "w1", "vantage": "a test", "ehlo_name": "probe.test", "contact": "mailto:x@probe.test",
                         "source_addresses": ["192.0.2.1"], "families": ["ipv4"]}],
            "resolver": {"addresses": ["127.0.0.1:53"], "dnssec": "validate"},
            "tls": {"name": "rustls", "version": "0.23"},
            "trust_store": {"name": "test", "sha256": "1" * 64, "roots": 2},
            "public_suffix_list": "test",
            "tables": {},
            "complete": True,
        }  # fmt: skip
        self.roots = b""
        # Trust stores that were compared: their files in `stores/`.
        self.stores: dict[str, bytes] = {}

    def row(self, table: str, **values: Any) -> dict[str, Any]:
        """Adds a row; columns that are not given hold null, or something ordinary where null is not allowed."""
        schema = contract.schema(table)
        strangers = set(values) - set(schema.names)
        assert not strangers, f"{table} has no column {strangers}"
        row = {}
        for field in schema:
            value = values.get(field.name)
            if value is None and not field.nullable:
                value = _ordinary(field)
            row[field.name] = value
        for column, allowed in contract.words(table).items():
            held = row[column] if isinstance(row[column], list) else [row[column]]
            assert all(word is None or word in allowed for word in held), f"{table}.{column} cannot be {row[column]}"
        self.rows[table].append(row)
        return row

    def domain(self, domain: str, *, seen: dict[str, Any] | None = None, **judged: Any) -> None:
        """A domain as seen (``seen``: columns of domains) and as judged (columns of verdicts)."""
        status = judged.setdefault("mx_status", "present")
        if status in NO_MAIL or status in ("error", "opted-out"):
            word = "no-mail" if status in NO_MAIL else "indeterminate"
            for column in contract.schema("verdicts").names:
                if column.startswith(("outcome_", "protection_")) or column.startswith(("sts_verdict", "dane_verdict")):
                    judged.setdefault(column, word)
        judged.setdefault("suffix", domain.rsplit(".", 1)[-1])
        judged.setdefault("mx_count", 1)
        judged.setdefault("sts_verdict_primary", judged.get("sts_verdict"))
        judged.setdefault("dane_verdict_primary", judged.get("dane_verdict"))
        looked = {f"{name}_status": "nodata" for name in ("sts_txt", "tlsrpt", "spf", "dmarc")}
        self.row(
            "domains",
            **{"domain": domain, "rank": judged.get("rank"), "observed_at": WHEN, "mx_status": status, **looked, **(seen or {})},
        )
        self.row("verdicts", domain=domain, **judged)

    def mx(self, domain: str, host: str, **values: Any) -> None:
        """An MX host of a domain, as judged."""
        values.setdefault("provider", ".".join(host.split(".")[-2:]))
        values.setdefault("preference", 10)
        self.row("mx_verdicts", domain=domain, host=host, **values)

    def host(self, host: str, **values: Any) -> None:
        """An MX host as seen."""
        self.row("mx_hosts", host=host, observed_at=values.pop("observed_at", WHEN), **values)

    def endpoint(self, host: str, ip: str = "192.0.2.1", **values: Any) -> None:
        """A session with an MX host."""
        values.setdefault("observed_at", WHEN)
        values.setdefault("server_name", host)
        self.row("endpoints", host=host, ip=ip, **values)

    def policy(self, domain: str, **values: Any) -> None:
        """A policy fetch."""
        values.setdefault("policy_observed_at", WHEN)
        self.row("policies", domain=domain, policy_host=f"mta-sts.{domain}", **values)

    def under(self, store: str, domain: str, **judged: Any) -> None:
        """A domain as a trust store has it."""
        self.row(COMPARED, store=store, domain=domain, **judged)

    def certificate(self, sha256: str, **values: Any) -> None:
        """A certificate as seen."""
        self.row("certificates", sha256=sha256, der=b"", **values)

    def write(self) -> Path:
        """Writes the dataset, one part file per table, and gives its folder."""
        for table in TABLES:
            self.write_part(table, "w1-1-1.parquet", self.rows[table])
        if self.stores:
            self.write_part(COMPARED, "judge-1-1.parquet", self.rows[COMPARED])
        for name, content in self.stores.items():
            (self.folder / "stores").mkdir(exist_ok=True)
            (self.folder / "stores" / name).write_bytes(content)
        self.manifest["input"]["rows"] = len(self.rows["domains"])
        (self.folder / "manifest.json").write_text(json.dumps(self.manifest), encoding="utf-8")
        judgement = {"tool": self.manifest["tool"], "rules_version": 1, "instant": None, "trust_stores": [{"name": "test"}],
                     "deciding": "test", "distrusted": [], "lenient": False,
                     "stores": [{"name": name.removesuffix(".pem")} for name in self.stores if name.endswith(".pem")]}  # fmt: skip
        (self.folder / "judgement.json").write_text(json.dumps(judgement), encoding="utf-8")
        (self.folder / "trust-store.pem").write_bytes(self.roots)
        return self.folder

    def write_part(self, table: str, name: str, rows: list[dict[str, Any]]) -> None:
        """Writes one part file, as a worker would."""
        path = self.folder / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = contract.schema(table)
        loose = pa.schema([pa.field(field.name, field.type) for field in schema])
        pq.write_table(pa.Table.from_pylist(rows, schema=loose), path)

    def census(self, *, networks: bool = False) -> Census:
        """Writes the dataset and opens it, with a table of networks that knows 192.0.2.0/24 if one is wanted."""
        folder = self.write()
        table = folder.parent / "networks.csv"
        table.write_text("prefix,asn,country\n192.0.2.0/24,64500,NL\n", encoding="utf-8")
        return Census.open(folder, threads=2, networks=table if networks else None)


def _ordinary(field: pa.Field) -> Any:
    name = field.name
    if pa.types.is_list(field.type) and name not in _ORDINARY:
        return []
    for key in (name, name.removesuffix("_primary"), name.split("_")[0]):
        if key in _ORDINARY:
            return _ORDINARY[key]
    if pa.types.is_list(field.type):
        return []
    if pa.types.is_boolean(field.type):
        return False
    if pa.types.is_integer(field.type):
        return 0
    if pa.types.is_string(field.type):
        return name
    if pa.types.is_timestamp(field.type):
        return WHEN
    raise AssertionError(f"no ordinary value for {field}")


def rows(answer: Answer, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of an answer, row by row."""
    return list(answer.frame.select(columns).iter_rows())
