"""Several crawls: how numbers went, and how long failures last."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census
from mxcensus_analysis.report.blocks import Figure, Report
from mxcensus_analysis.report.charts import Matrix
from mxcensus_analysis.report.command import main
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.page import page
from mxcensus_analysis.report.story import tell
from mxcensus_analysis.survival import survival

BINARY = os.environ.get("MXCENSUS")
DAYS = [datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2, 5, 10)]


def test_survival_by_hand() -> None:
    """Worked out on paper, over crawls at days 0, 1, 4 and 9.

    a heals at day 1; b lasts to the end; c takes its record away after day 1 (followed until then); d fails from day 4 on and heals at day 9,
    5 days old; e fails from the start, is undecided at day 4; f fails only in the last crawl.
    """
    seen: list[tuple[datetime, dict[str, str]]] = [
        (DAYS[0], {"a": "broken", "b": "fail", "c": "partial", "d": "pass", "e": "fail"}),
        (DAYS[1], {"a": "pass", "b": "fail", "c": "broken", "d": "pass", "e": "fail"}),
        (DAYS[2], {"a": "pass", "b": "broken", "d": "fail", "e": "indeterminate"}),
        (DAYS[3], {"a": "pass", "b": "fail", "d": "pass", "e": "fail", "f": "fail"}),
    ]
    frame = survival(seen, "mta-sts")
    # Followed: a, b, c, d and e. e fails again in the last crawl, as does f: no second look at either.
    assert frame.drop("share").rows() == [(0, 5, 0, 2), (1, 5, 1, 2), (5, 2, 1, 0), (9, 1, 0, 1)]
    assert frame["share"].to_list() == pytest.approx([1.0, 4 / 5, 4 / 5 * 1 / 2, 4 / 5 * 1 / 2])


def test_survival_without_failures_or_a_second_look() -> None:
    assert survival([(DAYS[0], {"a": "pass"}), (DAYS[1], {"a": "pass"})], "dane").rows() == [(0, 0, 0, None, 0)]
    assert survival([(DAYS[0], {"a": "fail"})], "dane").rows() == [(0, 0, 0, None, 1)]


def figure(report: Report, title: str) -> Figure:
    found = [shown for section in report.sections if section.name == "series" for shown in section.figures if shown.title == title]
    assert len(found) == 1, title
    return found[0]


def crawls(folder: Path) -> list[Path]:
    """Three months: 4, then 2, then 1 broken policies of 8."""
    made = []
    for month, broken in (("08", 4), ("09", 2), ("10", 1)):
        world = town(World(folder / month), broken=broken)
        world.manifest["runs"][0]["start"] = f"2026-{month}-01T00:00:00Z"
        made.append(world.write())
    return made


def test_numbers_over_time(tmp_path: Path) -> None:
    first, second, third = (Census.open(folder, threads=1) for folder in crawls(tmp_path))
    report = tell(Facts(third, second, earlier=[first]))
    failing = figure(report, "Failing adopters over time")
    assert [list(row[:4]) for row in failing.table.rows] == [
        ["2026-08-01", 4, 8, 0.5],
        ["2026-09-01", 2, 8, 0.25],
        ["2026-10-01", 1, 8, 0.125],
    ]
    assert failing.finding == "Of adopters failing: MTA-STS went from 50.0% to 12.5%; DANE went from 25.0% to 25.0%."
    adoption = figure(report, "Adoption over time")
    assert [row[2] for row in adoption.table.rows] == [0.2, 0.2, 0.2]
    lasting = figure(report, "How long failures last")
    sts = [row for row in lasting.table.rows if row[0] == "MTA-STS"]
    # 4 fail in August; 2 heal after 31 days, 1 after 61; the last fails throughout.
    assert [row[1:4] for row in sts] == [(0, 4, 0), (31, 4, 2), (61, 2, 1)]
    assert sts[-1][4] == pytest.approx(0.25)
    page(report)


def test_two_crawls_are_no_series(tmp_path: Path) -> None:
    first, second, _ = (Census.open(folder, threads=1) for folder in crawls(tmp_path))
    assert "series" not in {section.name for section in tell(Facts(second, first)).sections}


def test_the_command_takes_several_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    first, second, third = map(str, crawls(tmp_path))
    out = tmp_path / "r.html"
    assert main([second, third, first, "--out", str(out), "--threads", "1"]) == 0
    written = out.read_text(encoding="utf-8")
    assert "Census of 1 October 2026" in written
    assert "Changes are against the crawl of 1 September 2026" in written
    assert 'id="series"' in written
    assert main([second, third, "--previous", first, "--out", str(out)]) == 1
    assert "leave --previous away" in capsys.readouterr().err


@pytest.mark.skipif(BINARY is None, reason="MXCENSUS names no program: made worlds are not followed")
def test_a_made_world_over_three_months(tmp_path: Path) -> None:
    """Each month's row is what that month's truth says."""
    truths: list[dict[str, Any]] = []
    for month in range(3):
        folder = tmp_path / str(month)
        command = [
            str(BINARY),
            "sample",
            "--domains",
            "1500",
            "--seed",
            "3",
            "--adoption",
            "15",
            "--month",
            str(month),
            "--out",
            str(folder),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=1800)
        truths.append(json.loads((folder / "truth.json").read_text(encoding="utf-8"))["verdicts"])
    first, second, third = (Census.open(tmp_path / str(month), threads=2) for month in range(3))
    report = tell(Facts(third, second, earlier=[first]))
    failing = figure(report, "Failing adopters over time").table.rows
    adoption = figure(report, "Adoption over time").table.rows
    assert len({row[1] for row in failing}) > 1, "nothing moves: the test says nothing"
    for index, truth in enumerate(truths):
        assert failing[index][1] == sum(truth["sts_verdict"].get(word, 0) for word in ("broken", "fail", "partial"))
        records = sum(truth["sts_record"].get(word, 0) for word in ("valid", "multiple", "invalid"))
        assert adoption[index][2] == pytest.approx(records / (adoption[index][1] or 1), abs=0.01)
        n = sum(truth["mx_status"].get(word, 0) for word in ("present", "implicit", "null-mixed"))
        assert 0 <= n - int(adoption[index][1] or 0) <= n * 0.01


def test_many_crawls_are_all_in_the_table_and_some_in_the_drawing(tmp_path: Path) -> None:
    """Eight crawls: five columns are drawn, the first and the last among them."""
    made = []
    for month in range(1, 9):
        world = town(World(tmp_path / str(month)), broken=1)
        world.manifest["runs"][0]["start"] = f"2026-{month:02}-01T00:00:00Z"
        made.append(Census.open(world.write(), threads=1))
    report = tell(Facts(made[-1], made[-2], earlier=made[:-2]))
    by_tld = figure(report, "By top-level domain, over time")
    assert [column.title for column in by_tld.table.columns][2:] == [f"2026-{month:02}-01" for month in range(1, 9)]
    assert isinstance(by_tld.chart, Matrix)
    assert len(by_tld.chart.columns) == 5
    assert (by_tld.chart.columns[0], by_tld.chart.columns[-1]) == ("2026-01-01", "2026-08-01")
    assert len(figure(report, "Adoption over time").table.rows) == 8


def test_crawls_of_one_day_are_told_apart(tmp_path: Path) -> None:
    """Three crawls an hour apart: two policies heal in the first hour, one in the second."""
    made = []
    for hour, broken in ((0, 4), (1, 2), (2, 1)):
        world = town(World(tmp_path / str(hour)), broken=broken)
        world.manifest["runs"][0]["start"] = f"2026-10-01T0{hour}:00:00Z"
        made.append(Census.open(world.write(), threads=1))
    report = tell(Facts(made[2], made[1], earlier=made[:1]))
    assert [row[0] for row in figure(report, "Failing adopters over time").table.rows] == [f"2026-10-01 0{hour}:00" for hour in range(3)]
    sts = [row[1:4] for row in figure(report, "How long failures last").table.rows if row[0] == "MTA-STS"]
    assert sts == [(0.0, 4, 0), (pytest.approx(1 / 24, abs=0.001), 4, 2), (pytest.approx(2 / 24, abs=0.001), 2, 1)]
