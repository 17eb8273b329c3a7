"""Two crawls compared: what ``mxcensus diff OLD NEW --out DIR`` left in DIR."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import polars as pl

from .errors import NotADatasetError

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


class Comparison:
    """A comparison of two crawls. Counts come from ``summary.json``; rows are read only when asked for."""

    def __init__(self, folder: Path, summary: dict[str, Any]) -> None:
        self.folder = folder
        self.summary = summary

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

    @property
    def warnings(self) -> list[str]:
        """Why differences may come from how was looked."""
        return [warning["meaning"] for warning in self.summary["warnings"]]

    def counts(self, kind: str | None = None) -> pl.DataFrame:
        """Rows and domains per kind, aspect and words, the greatest first; of one kind where it is given."""
        frame = pl.DataFrame(self.summary["counts"], schema=_COUNTS)
        return (frame if kind is None else frame.filter(pl.col("kind") == kind)).sort("rows", descending=True, maintain_order=True)

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

    def rows(self, kind: str, limit: int = 20) -> pl.DataFrame:
        """The first rows of one kind, by name."""
        changes = pl.scan_parquet(self.folder / "changes" / "*.parquet")
        return changes.filter(pl.col("kind").cast(pl.String) == kind).head(limit).collect()
