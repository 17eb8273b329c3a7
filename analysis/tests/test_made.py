"""Made data say so, in whatever shows them; a real crawl says nothing of the kind."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, plots
from mxcensus_analysis.report.command import main

KINDS = ["lab", "demo", "sample"]


def written(world: World, made: str | None, folder: Path) -> Path:
    world.manifest["made"] = made
    assert main([str(town(world, broken=2).write()), "--out", str(folder / "report.html")]) == 0
    return folder


@pytest.mark.parametrize("made", KINDS)
def test_the_report_begins_with_it(world: World, tmp_path: Path, made: str) -> None:
    folder = written(world, made, tmp_path)
    html = (folder / "report.html").read_text(encoding="utf-8")
    body = re.sub(r"<[^>]*>", "\n", html.split("<body", 1)[1].split(">", 1)[1]).split("\n")
    assert next(line for line in body if line.strip()).startswith("Made data")
    assert f'<div class="watermark" aria-hidden="true">Made data ({made})</div>' in html
    assert "Census of" not in html
    twin = (folder / "report.md").read_text(encoding="utf-8")
    assert twin.startswith("> **Made data")
    # A blank before the closing asterisk would leave both standing.
    assert f"*Made data ({made}).*" in twin
    assert not re.search(r" \*$", twin, flags=re.MULTILINE)
    # Each figure may be copied alone.
    assert html.count(f"<figcaption><b>Made data ({made}).</b>") == html.count("<figure ")


@pytest.mark.parametrize("made", KINDS)
def test_every_exported_figure_carries_it(world: World, tmp_path: Path, made: str) -> None:
    folder = written(world, made, tmp_path)
    figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert figures["made"] == made
    assert all(figure["made"] == made for figure in figures["figures"])
    assert json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["made"] == made
    files = sorted((folder / "figures").iterdir())
    assert len(files) > 60
    for file in files:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".csv":
            rows = list(csv.DictReader(text.splitlines()))
            assert rows, file
            assert {row["made"] for row in rows} == {made}, file
        else:
            assert f"Made data ({made})" in text, file


def test_a_real_crawl_says_nothing_of_it(world: World, tmp_path: Path) -> None:
    folder = written(world, None, tmp_path)
    for file in [*folder.glob("*.*"), *(folder / "figures").iterdir()]:
        if file.is_file():
            assert "made data" not in file.read_text(encoding="utf-8").lower(), file
    assert "Census of 1 November 2026" in (folder / "report.html").read_text(encoding="utf-8")


def test_what_python_shows_carries_it(world: World) -> None:
    world.manifest["made"] = "demo"
    census = town(world, broken=2).census()
    assert repr(census).startswith("Made data: the demo")
    assert "Made data: the demo" in census._repr_html_()
    answer = census.ask("adoption")
    assert answer.caption.startswith("Made data (demo). ")
    assert "Made data (demo)" in repr(answer)
    assert "Made data (demo)" in answer._repr_html_()
    assert answer.to_csv().splitlines()[1].endswith(",demo")
    for chart in (census.chart("adoption"), census.chart(census.sql("SELECT 'x' AS name, 0.5 AS share"))):
        assert "Made data (demo)" in plots.svg(chart)
    assert repr(Census.open_many([world.folder])).startswith("Made data")


def test_one_made_crawl_of_two_makes_the_report_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then, now = (World(tmp_path / name) for name in ("then", "now"))
    then.manifest["runs"][0]["start"] = "2026-10-01T00:00:00Z"
    then.manifest["made"] = "sample"
    out = tmp_path / "out" / "report.html"
    folders = [str(town(world, broken=1).write()) for world in (then, now)]
    monkeypatch.setenv("PATH", str(tmp_path / "no-program"))
    assert main([folders[1], "--previous", folders[0], "--out", str(out)]) == 0
    assert "Made data (sample)" in out.read_text(encoding="utf-8")
