"""One crawl judged twice: what ``mxcensus judge DIR --out DIR2`` would change, by name."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from .census import Census
from .errors import ComparisonError, ParameterError
from .question import nearest

# The columns that an answer to "what would change" is about.
COLUMNS: Final = ("sts_verdict", "dane_verdict", "outcome_mta_sts", "outcome_dane", "outcome_both", "protection_both")
# Domains that are held by name.
NAMED: Final = 10_000

_CHANGED: Final = " OR ".join(f"v.{column} IS DISTINCT FROM w.{column}" for column in COLUMNS)
_WORDS: Final = ", ".join(f"v.{column}::VARCHAR AS {column}, w.{column}::VARCHAR AS {column}_then" for column in COLUMNS)


class WhatIf:
    """A crawl, and the same crawl judged with other roots, at another date or more tolerantly."""

    def __init__(self, census: Census, other: Census) -> None:
        """Raises `ComparisonError` where the two are not judgements of one crawl."""
        for key in ("runs", "input"):
            if _begun(census, key) != _begun(other, key):
                raise ComparisonError(
                    f"{other.source.address} is no other judgement of {census.source.address}: make one with "
                    f"`mxcensus judge {census.source.address} --out DIR2`, or compare two crawls with --previous"
                )
        self.census = census
        self.other = other
        self._files = other.source.parts("verdicts")

    @property
    def asked(self) -> list[str]:
        """What was supposed, a part of a sentence each; empty where both were judged alike."""
        before, then = self.census.judgement, self.other.judgement
        said = [self._distrust(entry) for entry in then.get("distrusted", []) if entry not in before.get("distrusted", [])]
        if then.get("instant") != before.get("instant"):
            said.append(
                f"every certificate is judged as of {then['instant']}" if then.get("instant") else "each row is judged as of its own time"
            )
        if not said and _store(then) != _store(before):
            said.append(f"the trust store is {then.get('deciding')} in place of {before.get('deciding')}")
        elif then.get("deciding") != before.get("deciding"):
            said.append(f"the trust store is {then.get('deciding')}")
        if then.get("lenient") and not before.get("lenient"):
            said.append("records and policies are read tolerantly")
        if then.get("rules_version") != before.get("rules_version"):
            said.append(f"the rules are version {then.get('rules_version')} in place of {before.get('rules_version')}")
        return said

    def _distrust(self, entry: str) -> str:
        """``[sct:]FINGERPRINT[@DAY]`` with the root's name."""
        root, _, day = entry.removeprefix("sct:").partition("@")
        found = self.census.sql("SELECT root FROM roots WHERE sha256 = $root", {"root": root})
        name = str(found["root"][0]) if found.height else f"the root {root[:16]}…"
        by = " (by the earliest SCT)" if entry.startswith("sct:") else ""
        return f"{name} is distrusted for what it issues after {day}{by}" if day else f"{name} is distrusted"

    @property
    def domains(self) -> int:
        """Domains judged both times."""
        return int(self._ask("SELECT count(*) AS n FROM verdicts v JOIN read_parquet($files) w USING (domain)")["n"][0])

    @property
    def changed(self) -> int:
        """Domains with another word in any of `COLUMNS`."""
        return int(self._ask(f"SELECT count(*) AS n FROM verdicts v JOIN read_parquet($files) w USING (domain) WHERE {_CHANGED}")["n"][0])

    def transitions(self, column: str) -> pl.DataFrame:
        """From word to word of one of `COLUMNS`: ``old``, ``new``, ``count``, the greatest first. Raises `ParameterError`."""
        if column not in COLUMNS:
            raise ParameterError(f"no column {column!r}{nearest(column, COLUMNS)}; there are: {', '.join(COLUMNS)}")
        return self._ask(f"""
            SELECT v.{column}::VARCHAR AS old, w.{column}::VARCHAR AS new, count(*) AS "count"
            FROM verdicts v JOIN read_parquet($files) w USING (domain)
            WHERE v.{column} IS DISTINCT FROM w.{column}
            GROUP BY ALL ORDER BY "count" DESC, old, new
        """)

    def operators(self, limit: int = 20) -> pl.DataFrame:
        """At whose mail hosts: ``provider``, ``count`` domains that change, ``of`` so many there; the greatest first."""
        return self._ask(f"""
            SELECT coalesce(v.provider, '(none)') AS provider, count(*) FILTER ({_CHANGED}) AS "count", count(*) AS "of"
            FROM verdicts v JOIN read_parquet($files) w USING (domain)
            GROUP BY ALL HAVING count(*) FILTER ({_CHANGED}) > 0
            ORDER BY "count" DESC, provider LIMIT {int(limit)}
        """)

    def names(self, limit: int = NAMED) -> pl.DataFrame:
        """The domains that change, the best ranked first: ``domain``, ``rank``, ``provider``, and of each of `COLUMNS` the word and,
        as ``COLUMN_then``, the other one."""
        return self._ask(f"""
            SELECT v.domain, v.rank, v.provider, {_WORDS}
            FROM verdicts v JOIN read_parquet($files) w USING (domain)
            WHERE {_CHANGED} ORDER BY v.rank NULLS LAST, v.domain LIMIT {int(limit)}
        """)

    def _ask(self, text: str) -> pl.DataFrame:
        return self.census.sql(text, {"files": self._files})


def _begun(census: Census, key: str) -> Any:
    held = census.manifest.get(key) or {}
    return held[0]["start"] if isinstance(held, list) else (held.get("sha256"), held.get("rows"))


def _store(judgement: dict[str, Any]) -> str | None:
    deciding = judgement.get("deciding")
    return next((store.get("sha256") for store in judgement.get("trust_stores", []) if store["name"] == deciding), None)
