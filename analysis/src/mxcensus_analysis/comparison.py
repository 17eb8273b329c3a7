"""Two crawls compared: what ``mxcensus diff OLD NEW --out DIR`` left in DIR."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl

from . import intervals, made
from .errors import ComparisonError, NotADatasetError, ParameterError
from .question import nearest

if TYPE_CHECKING:
    import altair

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
        """Opens the folder that ``mxcensus diff`` wrote. Raises `NotADatasetError`.

        >>> Comparison.open(changes).summary["population"]["both"]
        40
        """
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
        """Runs ``mxcensus diff OLD NEW --out OUT``, ``program`` being where mxcensus is. Raises `ComparisonError`.

        >>> Comparison.make("no-such-program", folder, folder, changes)
        Traceback (most recent call last):
            ...
        mxcensus_analysis.errors.ComparisonError: no-such-program does not start: No such file or directory
        """
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
        """Raises `ComparisonError` where this compares other crawls than those with these manifests.

        >>> Comparison.open(changes).check({"runs": [{"start": "2026-10-01T00:00:00Z"}]}, census.manifest)
        """
        for which, manifest in (("old", old), ("new", new)):
            begun, given = self.summary[which]["begun"], manifest["runs"][0]["start"]
            if begun != given:
                raise ComparisonError(f"{self.folder} compares other crawls: its {which.upper()} began {begun}, the crawl given {given}")

    @property
    def warnings(self) -> list[str]:
        """Why differences may come from how was looked.

        >>> Comparison.open(changes).warnings
        []
        """
        return [warning["meaning"] for warning in self.summary["warnings"]]

    def counts(self, kind: str | None = None) -> pl.DataFrame:
        """Rows and domains per kind, aspect and words, the greatest first; of one kind where it is given.

        >>> Comparison.open(changes).counts("failure-new").height
        0
        """
        frame = pl.DataFrame(self.summary["counts"], schema=_COUNTS)
        return (frame if kind is None else frame.filter(pl.col("kind") == kind)).sort("rows", descending=True, maintain_order=True)

    def kind(self, kind: str) -> int:
        """How many rows there are of one kind. Raises `ParameterError`.

        >>> Comparison.open(changes).kind("verdict-changed")
        6
        """
        self._known(kind)
        return int(self.summary["kinds"][kind])

    def _known(self, kind: str) -> None:
        kinds = self.summary.get("kinds")
        if kinds is not None and kind not in kinds:
            meant = nearest(kind.replace("_", "-"), kinds)
            raise ParameterError(f"no kind {kind!r}{meant}; there are: {', '.join(kinds)}")

    @property
    def made(self) -> str | None:
        """As `Census.made`, of either crawl.

        >>> Comparison.open(changes).made is None
        True
        """
        return made.of_all(self.summary[side].get("made") for side in ("old", "new"))

    def chart(self, frame: pl.DataFrame, **options: Any) -> altair.Chart:
        """Bars of one of these frames, see `mxcensus_analysis.plots.bars`. Needs the extra ``notebooks``.

        >>> compared = Comparison.open(changes)
        >>> compared.chart(compared.transitions("sts_verdict"), label="new", value="count").to_dict()["width"]
        400
        """
        from . import plots

        return plots.bars(frame, marked=self.made, **options)

    def matrix(self, column: str) -> altair.LayerChart:
        """From word to word of one verdict column, as a table that is shaded. Needs the extra ``notebooks``.

        >>> Comparison.open(changes).matrix("sts_verdict").to_dict()["width"]
        400
        """
        from . import plots

        return plots.matrix(self.transitions(column), "new", "old", title=f"{column}: from (down) to (across)", marked=self.made)

    def __repr__(self) -> str:
        """For people: which crawls, how much changed."""
        old, new = (self.summary[side].get("begun") for side in ("old", "new"))
        both = self.summary["population"]["both"]
        told = (
            f"What changed from the crawl of {old} to that of {new}: {self.kind('verdict-changed'):,} verdicts; {both:,} domains in both."
        )
        return "\n".join([*filter(None, [made.sentence(self.made)]), told, f"{self.folder}; .counts() has every kind."])

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())

    def operators(self) -> pl.DataFrame:
        """Groups by operator, the greatest first: ``count`` domains (or hosts), ``of`` so many domains there.

        >>> Comparison.open(changes).operators().height
        0
        """
        return pl.DataFrame(self.summary["operators"], schema=_OPERATORS)

    def adoption(self) -> pl.DataFrame:
        """Per mechanism: domains comparable, and how many of them published it in OLD and in NEW.

        >>> Comparison.open(changes).adoption()["mechanism"].to_list()
        ['mta-sts', 'dane', 'tlsrpt']
        """
        rows = [{"mechanism": mechanism, **numbers} for mechanism, numbers in self.summary["adoption"].items()]
        frame = pl.DataFrame(rows, schema={"mechanism": pl.String, "comparable": pl.Int64, "old": pl.Int64, "new": pl.Int64})
        return frame.with_columns((pl.col("new") - pl.col("old")).alias("change"))

    def transitions(self, column: str) -> pl.DataFrame:
        """From word to word of one verdict column: ``count``, of ``n`` domains where both crawls could decide it. Raises `ParameterError`.

        >>> Comparison.open(changes).transitions("sts_verdict").select("old", "new", "count").rows()
        [('pass', 'broken', 6)]
        """
        known = list(dict.fromkeys((*self.summary["comparable"], "sts_verdict", "dane_verdict")))
        if column not in known:
            raise ParameterError(f"no verdict column {column!r}{nearest(column, known)}; there are: {', '.join(known)}")
        n = int(self.summary["comparable"].get(column, 0))
        found = self.counts("verdict-changed").filter(pl.col("aspect") == column)
        share = pl.col("rows") / n if n else pl.lit(None, dtype=pl.Float64)
        frame = found.select("old", "new", pl.col("rows").alias("count"), pl.lit(n).alias("n"), share.alias("share"))
        return intervals.with_intervals(frame)

    def movers(self, column: str, words: Sequence[str]) -> pl.DataFrame:
        """Per operator: domains whose word in a verdict column became one of ``words`` (``gained``) or ceased to be (``lost``).

        ``role`` is ``provider`` or ``policy-operator``, and ``everybody`` in the one row of all domains.

        >>> Comparison.open(changes).movers("sts_verdict", ["broken"]).select("role", "gained").rows()
        [('provider', 6), ('everybody', 6)]
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
        """How many domains of both lists an operator had in both crawls; null where the summary does not say.

        >>> Comparison.open(changes).size("provider", "mail.example.net") is None
        True
        """
        rows = self.operators().filter(pl.col("role") == role, pl.col("operator") == operator, pl.col("of").is_not_null())
        return int(rows["of"][0]) if rows.height else None

    def rows(self, kind: str, limit: int = 20) -> pl.DataFrame:
        """Rows of one kind, those about the most domains first, then by name. Raises `ParameterError`.

        >>> Comparison.open(changes).rows("verdict-changed", limit=1)["name"].to_list()
        ['d0.example']
        """
        self._known(kind)
        changes = pl.scan_parquet(self.folder / "changes" / "*.parquet").filter(pl.col("kind").cast(pl.String) == kind)
        return changes.sort("domains", "name", descending=[True, False]).head(limit).collect()
