"""For notebooks: which dataset, which comparison, and charts as a notebook shows them. Needs the extra ``notebooks``."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from .comparison import Comparison
from .errors import ComparisonError, NotADatasetError
from .plots import bars, interactive, matrix, save
from .show import Shown

__all__ = ["Shown", "bars", "comparison", "interactive", "matrix", "place", "program", "save"]

_SAMPLES: Final = {"dataset": "month-1", "previous": "month-0", "watch": "hours"}

interactive()
pl.Config.set_tbl_rows(40)
pl.Config.set_tbl_hide_column_data_types(True)
pl.Config.set_tbl_hide_dataframe_shape(True)
pl.Config.set_float_precision(4)


def place(what: str = "dataset") -> Path:
    """Where the ``dataset`` is, the ``previous`` one, or the ``watch``.

    ``MXCENSUS_DATASET`` says so (``MXCENSUS_WATCH`` of the watch); else it is the sample that ``make notebooks`` makes. The previous crawl
    is the latest that began before it and lies in the same folder, unless ``MXCENSUS_PREVIOUS`` names one. Raises `NotADatasetError`.

    >>> place().name
    'dataset'
    """
    given = os.environ.get(f"MXCENSUS_{what.upper()}")
    if given:
        return Path(given)
    if what == "previous" and os.environ.get("MXCENSUS_DATASET"):
        return _before(place())
    for folder in (Path.cwd(), *Path.cwd().parents):
        found = folder / "target" / "notebook-data" / _SAMPLES[what]
        if found.is_dir():
            return found
    raise NotADatasetError(f"no {what}: set MXCENSUS_{what.upper()}, or run make notebooks, which makes a sample")


def comparison() -> Comparison:
    """What changed between the previous crawl and the dataset: as found beside them, else ``mxcensus diff`` is run now.

    Raises `NotADatasetError` and `ComparisonError`.

    >>> comparison().kind("sts-adopted")
    0
    """
    new, old = place(), place("previous")
    begun = [_begun(folder) for folder in (old, new)]
    for file in sorted(new.absolute().parent.glob("*/summary.json")):
        summary = _json(file)
        if [(summary.get(side) or {}).get("begun") for side in ("old", "new")] == begun:
            return Comparison.open(file.parent)
    return Comparison.make(program(), old, new, Path(tempfile.mkdtemp(prefix="mxcensus-notebook-")) / "changes")


def program() -> Path:
    """Where the program is: in PATH, or as the clone built it. Raises `ComparisonError`.

    >>> program().name
    'mxcensus'
    """
    found = shutil.which("mxcensus")
    if found:
        return Path(found)
    for folder in (Path.cwd(), *Path.cwd().parents):
        for built in ("release", "debug"):
            if (folder / "target" / built / "mxcensus").is_file():
                return folder / "target" / built / "mxcensus"
    raise ComparisonError("mxcensus is not in PATH: install it (pip install . in the clone), or run cargo build")


def _before(dataset: Path) -> Path:
    """The latest crawl beside this one that began before it."""
    begun = _begun(dataset)
    earlier = [(start, folder) for start, folder in _crawls(dataset.absolute().parent) if start < begun]
    if not earlier:
        raise NotADatasetError(f"no crawl beside {dataset} began before it: set MXCENSUS_PREVIOUS to compare with one that lies elsewhere")
    return max(earlier)[1]


def _crawls(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in folder.glob("*/manifest.json"):
        runs = _json(file).get("runs")
        if runs:
            yield runs[0]["start"], file.parent


def _begun(dataset: Path) -> str:
    return str(_json(dataset / "manifest.json")["runs"][0]["start"])


def _json(file: Path) -> dict[str, Any]:
    """A document of a dataset; nothing where it is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
