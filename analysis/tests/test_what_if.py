"""The same crawl judged twice: what is supposed, what would change, at whose place, by name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, ComparisonError, ParameterError
from mxcensus_analysis.report.command import main
from mxcensus_analysis.what_if import WhatIf

ROOT = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return _town(tmp_path / "now", broken=2)


@pytest.fixture
def supposed(tmp_path: Path) -> Path:
    """Three more policies fail, and a root is distrusted."""
    folder = _town(tmp_path / "then", broken=5)
    return _judged(folder, distrusted=[ROOT, f"sct:{'cd' * 32}@2026-12-31"])


def _town(folder: Path, *, broken: int) -> Path:
    return town(World(folder), broken=broken).write()


def _judged(folder: Path, **parameters: object) -> Path:
    path = folder / "judgement.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | parameters), encoding="utf-8")
    return folder


def test_what_would_change_is_counted_and_named(folder: Path, supposed: Path) -> None:
    with Census.open(folder) as now, Census.open(supposed) as then:
        what_if = WhatIf(now, then)
        assert (what_if.changed, what_if.domains) == (3, 40)
        assert what_if.transitions("sts_verdict").rows() == [("pass", "broken", 3)]
        assert what_if.transitions("dane_verdict").height == 0
        assert what_if.names()["domain"].to_list() == ["d2.com", "d3.nl", "d4.com"]
        assert what_if.names(1)["sts_verdict_then"].to_list() == ["broken"]
        assert what_if.operators().rows() == [("p2.net", 1, 8), ("p3.net", 1, 8), ("p4.net", 1, 8)]
        with pytest.raises(ParameterError, match=r"did you mean sts_verdict|sts_verdict"):
            what_if.transitions("sts_verdit")


def test_what_is_supposed_is_said(folder: Path, supposed: Path) -> None:
    with Census.open(folder) as now:
        told = WhatIf(now, Census.open(supposed)).asked
        assert told[0].endswith("is distrusted")
        assert "abababab" in told[0]
        assert told[1].endswith("after 2026-12-31 (by the earliest SCT)")
        _judged(supposed, distrusted=[], instant="2027-06-01T00:00:00Z", lenient=True)
        assert WhatIf(now, Census.open(supposed)).asked == [
            "every certificate is judged as of 2027-06-01T00:00:00Z",
            "records and policies are read tolerantly",
        ]
        _judged(supposed, instant=None, lenient=False, deciding="apple", trust_stores=[{"name": "apple", "sha256": "2" * 64}])
        assert WhatIf(now, Census.open(supposed)).asked == ["the trust store is apple in place of test"]
        _judged(supposed, deciding="test", trust_stores=[{"name": "test"}])
        assert WhatIf(now, Census.open(supposed)).asked == []


def test_another_crawl_is_refused(folder: Path, supposed: Path) -> None:
    manifest = json.loads((supposed / "manifest.json").read_text(encoding="utf-8"))
    manifest["runs"][0]["start"] = "2026-12-01T00:00:00Z"
    (supposed / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with Census.open(folder) as now, pytest.raises(ComparisonError, match="no other judgement"):
        WhatIf(now, Census.open(supposed))


@pytest.mark.parametrize("short", [[], ["--short"]])
def test_the_report_answers(folder: Path, supposed: Path, tmp_path: Path, short: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    assert main([str(folder), "--what-if", str(supposed), "--out", str(out), *short]) == 0
    twin = out.with_suffix(".md").read_text(encoding="utf-8")
    assert "3 domains of 40 would be judged otherwise" in twin
    assert re.search(r"d2\.com.*pass → broken", twin)
    assert 'id="what-if"' in out.read_text(encoding="utf-8")
    # Judged alike: said, and no empty table.
    assert main([str(folder), "--what-if", str(folder), "--out", str(out), *short]) == 0
    assert "nothing is changed: 0 domains of 40" in out.with_suffix(".md").read_text(encoding="utf-8")
