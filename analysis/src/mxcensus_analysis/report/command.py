"""``mxcensus-report DIR``: writes the report of a dataset."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from ..census import Census
from ..comparison import Comparison
from ..errors import AnalysisError
from ..watch import Watch
from ..what_if import WhatIf
from . import export
from .facts import Facts
from .markdown import markdown
from .page import page
from .story import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Gives the exit code: 0 written, 1 could not."""
    parser = argparse.ArgumentParser(
        prog="mxcensus-report",
        description="Writes the report of a dataset: one HTML file and its Markdown twin; beside them figures.json, datapackage.json and a "
        "folder figures/ with each figure as SVG with its caption and each table as CSV.",
    )
    parser.add_argument(
        "datasets",
        metavar="DATASET",
        nargs="+",
        help="the folder that `mxcensus scan --out` wrote, or a URL that fsspec knows. Of several the latest is reported on, compared with "
        "the one before; from three on the report has a section on how the numbers went",
    )
    parser.add_argument("--previous", metavar="DIR", help="an earlier crawl: changes since then are shown")
    parser.add_argument(
        "--what-if",
        metavar="DIR2",
        help="the same crawl judged otherwise, as `mxcensus judge DATASET --distrust ROOT --out DIR2` makes it: what that would "
        "change, by name",
    )
    changes = parser.add_mutually_exclusive_group()
    changes.add_argument("--changes", metavar="DIR", help="what `mxcensus diff PREVIOUS DATASET --out DIR` found, where it has run already")
    changes.add_argument(
        "--mxcensus",
        metavar="FILE",
        default=shutil.which("mxcensus"),
        help="the program that compares the two crawls (default: the one in PATH: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("report.html"),
        help="the HTML file; the twin is beside it as .md (default: %(default)s)",
    )
    parser.add_argument("--short", action="store_true", help="four pages: the answer, what fails, what senders would do, what is missing")
    parser.add_argument("--watch", metavar="DIR", help="a series that watches by the hour: what it saw is a section of its own")
    parser.add_argument("--licence", metavar="TEXT", help="under what licence you publish the data, as CC-BY-4.0; the report states it")
    parser.add_argument(
        "--networks",
        metavar="FILE",
        action="append",
        help="a database in MaxMind's format, or a table of prefix, asn, country (Parquet, CSV), by which the report shows networks and "
        "countries; may be repeated",
    )
    parser.add_argument(
        "--memory-limit", metavar="SIZE", help="the most memory that DuckDB may use, as 2GB (default: 80%% of the machine's)"
    )
    parser.add_argument("--threads", metavar="N", type=int, help="the most threads that DuckDB may use (default: one per core)")
    given = parser.parse_args(arguments)
    limits = {"memory_limit": given.memory_limit, "threads": given.threads, "networks": given.networks}
    try:
        census, previous, earlier = _open(given.datasets, given.previous, limits)
        with tempfile.TemporaryDirectory(prefix="mxcensus-report-") as scratch:
            comparison = _compare(census, previous, given.changes, given.mxcensus, Path(scratch) / "changes")
            supposed = WhatIf(census, Census.open(given.what_if, **limits)) if given.what_if else None
            watch = Watch.open(given.watch) if given.watch else None
            facts = Facts(census, previous, comparison, earlier, given.licence, supposed, watch)
            report = tell(facts, short=given.short)
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(page(report), encoding="utf-8")
        twin = given.out.with_suffix(".md")
        twin.write_text(markdown(report), encoding="utf-8")
        others = export.write(report, facts, given.out.parent)
    except (AnalysisError, OSError, duckdb.Error) as error:
        print(f"mxcensus-report: {error}", file=sys.stderr)
        return 1
    print(f"{given.out}\n{twin}\n{others[-2]}\n{others[-1]}\n{given.out.parent / export.FOLDER}: {len(others) - 2} files")
    return 0


def _open(datasets: Sequence[str], previous: str | None, limits: dict[str, Any]) -> tuple[Census, Census | None, list[Census]]:
    """The crawl to report on, the one before, and those before that."""
    if len(datasets) == 1:
        return Census.open(datasets[0], **limits), Census.open(previous, **limits) if previous else None, []
    if previous:
        raise AnalysisError("of several datasets the latest is compared with the one before: leave --previous away, or name one dataset")
    *earlier, before, latest = Census.open_many(datasets, **limits)
    return latest, before, earlier


def _compare(census: Census, previous: Census | None, changes: str | None, program: str | None, out: Path) -> Comparison | None:
    """What changed, as found before or by running the program now; null, and said, where neither is to be had."""
    if changes:
        if previous is None:
            raise AnalysisError("--changes says what changed since the crawl before: name that with --previous")
        comparison = Comparison.open(changes)
        comparison.check(previous.manifest, census.manifest)
        return comparison
    if previous is None:
        return None
    if program is None or not (previous.source.is_local and census.source.is_local):
        why = "no mxcensus in PATH; name it with --mxcensus" if program is None else "mxcensus diff reads local folders only"
        print(f"mxcensus-report: the section on what changed is left out: {why}, or give --changes DIR", file=sys.stderr)
        return None
    return Comparison.make(program, previous.source.root, census.source.root, out)


if __name__ == "__main__":
    sys.exit(main())
