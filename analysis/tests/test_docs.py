"""What the docstrings promise: every example is run, everything public has one, and the page is made from them."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import pkgutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_changes import breaking, write
from test_report import town
from watched import WatchWorld
from world import World

import mxcensus_analysis
from mxcensus_analysis import reference

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
MODULES = sorted(module.name for module in pkgutil.iter_modules(mxcensus_analysis.__path__) if module.name != "report")


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What examples may name."""
    then, now = World(tmp_path / "then"), World(tmp_path / "dataset")
    then.manifest["runs"][0]["start"] = "2026-10-01T00:00:00Z"
    town(then, broken=1).write()
    census = town(now, broken=2).census()
    rows = breaking(6, provider="mail.example.net")
    counts = [
        {"subject": "domain", "kind": "verdict-changed", "aspect": "sts_verdict", "old": "pass", "new": "broken", "rows": 6, "domains": 6}
    ]
    write(tmp_path / "changes", rows, counts=counts)
    binary = tmp_path / "bin" / "mxcensus"
    binary.parent.mkdir()
    binary.touch(mode=0o755)
    monkeypatch.setenv("MXCENSUS_DATASET", str(now.folder))
    monkeypatch.setenv("PATH", str(binary.parent), prepend=os.pathsep)
    watch = WatchWorld(tmp_path / "watch").write(2)
    monkeypatch.setenv("MXCENSUS_WATCH", str(watch))
    return {"census": census, "folder": now.folder, "changes": tmp_path / "changes", "watch_folder": watch, "pl": pl}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str, names: dict[str, Any]) -> None:
    module = importlib.import_module(f"mxcensus_analysis.{name}")
    finder, runner = (
        doctest.DocTestFinder(recurse=True),
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL),
    )
    for test in finder.find(module, extraglobs=names):
        said: list[str] = []
        runner.run(test, out=said.append)
        assert not said, "".join(said)


def public() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for kind in reference._CLASSES:
        for name, member in vars(kind).items():
            inner = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            if not name.startswith("_") and inspect.isfunction(inner):
                found.append((f"{kind.__name__}.{name}", inner))
    for module in reference._MODULES:
        found += [(f"{module.__name__}.{name}", value) for name, value in vars(module).items() if reference._is_public(name, value, module)]
    return found + [(function.__name__, function) for function in reference._FUNCTIONS]


@pytest.mark.parametrize(("name", "function"), public(), ids=lambda value: value if isinstance(value, str) else "")
def test_everything_public_has_an_example(name: str, function: Any) -> None:
    assert ">>> " in (function.__doc__ or ""), name


def test_the_page_is_made_from_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.page(), "python -m mxcensus_analysis.reference > docs/python.md"


def test_what_the_package_offers_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in ("Census.open", "Census.ask", "Census.chart", "Answer.to_pandas", "Answer.to_csv", "Comparison.make"):
        assert f"### {name}\n" in page
