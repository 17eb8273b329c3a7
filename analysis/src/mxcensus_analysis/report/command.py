"""``mxcensus-report DIR``: writes the report of a dataset."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..census import Census
from ..errors import AnalysisError
from .facts import Facts
from .markdown import markdown
from .page import page
from .story import tell


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Gives the exit code: 0 written, 1 could not."""
    parser = argparse.ArgumentParser(
        prog="mxcensus-report", description="Writes the report of a dataset: one HTML file and its Markdown twin."
    )
    parser.add_argument("dataset", help="the folder that `mxcensus scan --out` wrote, or a URL that fsspec knows")
    parser.add_argument("--previous", metavar="DIR", help="an earlier crawl: changes since then are shown")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("report.html"),
        help="the HTML file; the twin is beside it as .md (default: %(default)s)",
    )
    parser.add_argument(
        "--memory-limit", metavar="SIZE", help="the most memory that DuckDB may use, as 2GB (default: 80%% of the machine's)"
    )
    parser.add_argument("--threads", metavar="N", type=int, help="the most threads that DuckDB may use (default: one per core)")
    given = parser.parse_args(arguments)
    limits = {"memory_limit": given.memory_limit, "threads": given.threads}
    try:
        census = Census.open(given.dataset, **limits)
        previous = Census.open(given.previous, **limits) if given.previous else None
        report = tell(Facts(census, previous))
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(page(report), encoding="utf-8")
        twin = given.out.with_suffix(".md")
        twin.write_text(markdown(report), encoding="utf-8")
    except (AnalysisError, OSError) as error:
        print(f"mxcensus-report: {error}", file=sys.stderr)
        return 1
    print(f"{given.out}\n{twin}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
