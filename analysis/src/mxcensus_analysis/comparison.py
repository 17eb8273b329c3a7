"""Two crawls compared: what ``mxcensus diff OLD NEW --out DIR`` left in DIR."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from .errors import ComparisonError, NotADatasetError

FORMAT: Final = 1

_COUNTS: Final = {
    "subject": pl.String,
    "kind": pl.String,
    "aspect": pl.String,
    "old": pl.String,
    "new": pl.String,
    "rows": pl.Int64,
    "domains": pl.Int64,
}
_OPERATORS: Final = {
    "role": pl.String,
    "operator": pl.String,
    "subject": pl.String,
    "kind": pl.String,
    "aspect": pl.String,
    "old": pl.String,
    "new": pl.String,
    "count": pl.Int64,
    "of": pl.Int64,
}
# Who gained and who lost domains whose word is one of `words`. Not the domain's own infrastructure, and a change that came with a move
# to another provider is nobody's doing: as `mxcensus diff` counts.
_MOVERS: Final = """
    WITH moved AS (
        SELECT name, provider, provider_before, policy_operator, list_contains($words, new) AS gained
        FROM read_parquet($files)
        WHERE kind = 'verdict-changed' AND subject = 'domain' AND aspect = $column
          AND list_contains($words, old) <> list_contains($words, new)
    ), named AS (
        SELECT 'provider' AS role, provider AS operator, name, gained FROM moved WHERE provider_before IS NULL
        UNION ALL
        SELECT 'policy-operator', policy_operator, name, gained FROM moved
    )
    SELECT role, operator, count(*) FILTER (gained) AS gained, count(*) FILTER (NOT gained) AS lost
    FROM named
    WHERE operator IS NOT NULL AND name <> operator AND NOT suffix(name, '.' || operator)
    GROUP BY role, operator
    UNION ALL
    SELECT 'everybody', NULL, count(*) FILTER (gained), count(*) FILTER (NOT gained) FROM moved
    ORDER BY gained + lost DESC, role DESC, operator
"""


class Comparison:
    """A comparison of two crawls. Counts come from ``summary.json``; rows are read only when asked for."""

    def __init__(self, folder: Path, summary: dict[str, Any]) -> None:
        self.folder = folder
        self.summary = summary
        self._movers: dict[tuple[str, ...], pl.DataFrame] = {}

    @classmethod
    def open(cls, path: str | Path) -> Comparison:
        """Opens the folder that ``mxcensus diff`` wrote. Raises `NotADatasetError`."""
        folder = Path(path)
        try:
            summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NotADatasetError(f"{folder} holds no comparison: run mxcensus diff OLD NEW --out {folder} ({error})") from error
        if summary.get("format") != FORMAT:
            raise NotADatasetError(f"{folder}: comparison format {summary.get('format')}, this package reads {FORMAT}")
        return cls(folder, summary)

    @classmethod
    def make(cls, program: str | Path, old: str | Path, new: str | Path, out: str | Path) -> Comparison:
        """Runs ``mxcensus diff OLD NEW --out OUT``, ``program`` being where mxcensus is. Raises `ComparisonError`."""
        command = [str(program), "diff", str(old), str(new), "--out", str(out)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise ComparisonError(f"{program} does not start: {error.strerror}") from error
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise ComparisonError(f"{' '.join(command)} failed: {said[-1] if said else f'exit code {done.returncode}'}")
        return cls.open(out)

    def check(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Raises `ComparisonError` where this compares other crawls than those with these manifests."""
        for which, manifest in (("old", old), ("new", new)):
            begun, given = self.summary[which]["begun"], manifest["runs"][0]["start"]
            if begun != given:
                raise ComparisonError(f"{self.folder} compares other crawls: its {which.upper()} began {begun}, the crawl given {given}")

    @property
    def warnings(self) -> list[str]:
        """Why differences may come from how was looked."""
        return [warning["meaning"] for warning in self.summary["warnings"]]

    def counts(self, kind: str | None = None) -> pl.DataFrame:
        """Rows and domains per kind, aspect and words, the greatest first; of one kind where it is given."""
        frame = pl.DataFrame(self.summary["counts"], schema=_COUNTS)
        return (frame if kind is None else frame.filter(pl.col("kind") == kind)).sort("rows", descending=True, maintain_order=True)

    def kind(self, kind: str) -> int:
        """Rows of one kind."""
        return int(self.summary["kinds"][kind])

    def operators(self) -> pl.DataFrame:
        """Groups by operator, the greatest first: ``count`` domains (or hosts), ``of`` so many domains there."""
        return pl.DataFrame(self.summary["operators"], schema=_OPERATORS)

    def adoption(self) -> pl.DataFrame:
        """Per mechanism: domains comparable, and how many of them published it in OLD and in NEW."""
        rows = [{"mechanism": mechanism, **numbers} for mechanism, numbers in self.summary["adoption"].items()]
        frame = pl.DataFrame(rows, schema={"mechanism": pl.String, "comparable": pl.Int64, "old": pl.Int64, "new": pl.Int64})
        return frame.with_columns((pl.col("new") - pl.col("old")).alias("change"))

    def transitions(self, column: str) -> pl.DataFrame:
        """From word to word of one verdict column: ``count``, of ``n`` domains where both crawls could decide it."""
        n = int(self.summary["comparable"].get(column, 0))
        found = self.counts("verdict-changed").filter(pl.col("aspect") == column)
        share = pl.col("rows") / n if n else pl.lit(None, dtype=pl.Float64)
        return found.select("old", "new", pl.col("rows").alias("count"), pl.lit(n).alias("n"), share.alias("share"))

    def movers(self, column: str, words: Sequence[str]) -> pl.DataFrame:
        """Per operator: domains whose word in a verdict column became one of ``words`` (``gained``) or ceased to be (``lost``).

        ``role`` is ``provider`` or ``policy-operator``, and ``everybody`` in the one row of all domains.
        """
        key = (column, *words)
        if key not in self._movers:
            self._movers[key] = self._count_movers(column, words)
        return self._movers[key]

    def _count_movers(self, column: str, words: Sequence[str]) -> pl.DataFrame:
        files = [str(file) for file in sorted((self.folder / "changes").glob("*.parquet"))]
        with duckdb.connect(":memory:") as con:
            table = con.sql(_MOVERS, params={"files": files, "column": column, "words": list(words)}).to_arrow_table()
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def size(self, role: str, operator: str) -> int | None:
        """How many domains of both lists an operator had in both crawls; null where the summary does not say."""
        rows = self.operators().filter(pl.col("role") == role, pl.col("operator") == operator, pl.col("of").is_not_null())
        return int(rows["of"][0]) if rows.height else None

    def rows(self, kind: str, limit: int = 20) -> pl.DataFrame:
        """Rows of one kind, those about the most domains first, then by name."""
        changes = pl.scan_parquet(self.folder / "changes" / "*.parquet").filter(pl.col("kind").cast(pl.String) == kind)
        return changes.sort("domains", "name", descending=[True, False]).head(limit).collect()
