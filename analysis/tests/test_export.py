"""What stands beside the report for others to use: complete, readable by machines, and true to the page."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_report import town
from world import World

from mxcensus_analysis import citation
from mxcensus_analysis.report import svg
from mxcensus_analysis.report.blocks import Column, Figure, Table
from mxcensus_analysis.report.charts import Bar, Bars, Curves, Line, Matrix, Pair, Pairs, Range, Ranges, Stack, Stacks
from mxcensus_analysis.report.command import main
from mxcensus_analysis.report.export import _schema
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.story import tell


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    out = tmp_path / "out" / "report.html"
    assert main([str(town(world, broken=2).write()), "--licence", "CC-BY-4.0", "--out", str(out)]) == 0
    return out.parent


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_figure_of_the_page_is_there(folder: Path, world: World) -> None:
    report = tell(Facts(world.census()))
    index = read(folder / "figures.json")
    assert [figure["name"] for figure in index["figures"]] == [name for name, _, _ in report.figures]
    assert len({figure["name"] for figure in index["figures"]}) == len(index["figures"])
    for told, (_, _, figure) in zip(index["figures"], report.figures, strict=True):
        suffixes = {Path(file).suffix for file in told["files"]}
        assert suffixes == {".txt"} | ({".svg"} if figure.chart else set()) | ({".csv"} if figure.table.rows else set())
        assert all((folder / file).is_file() for file in told["files"])
    assert {Path(file) for figure in index["figures"] for file in figure["files"]} == {
        file.relative_to(folder) for file in (folder / "figures").iterdir()
    }
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert all(f'<figure id="{figure["name"]}">' in html for figure in index["figures"])
    assert [number["value"] for number in index["numbers"]] == [tile.value for tile in report.tiles]


def test_tables_are_numbers_with_their_interval(folder: Path, world: World) -> None:
    rows = list(csv.DictReader((folder / "figures/standing.csv").read_text(encoding="utf-8").splitlines()))
    answer = world.census().ask("standing").frame
    assert [float(row["Share"]) for row in rows] == answer["share"].to_list()
    assert [float(row["low"]) for row in rows] == answer["low"].to_list()
    assert [float(row["high"]) for row in rows] == answer["high"].to_list()
    assert "made" not in rows[0]


def test_the_data_package_describes_its_files(folder: Path) -> None:
    """As https://specs.frictionlessdata.io has it: names, paths, fields with types, licences."""
    package = read(folder / "datapackage.json")
    assert package["profile"] == "tabular-data-package"
    assert package["licenses"] == [{"name": "CC-BY-4.0"}]
    assert datetime.fromisoformat(package["created"])
    assert len(package["resources"]) > 30
    assert len({resource["name"] for resource in package["resources"]}) == len(package["resources"])
    types = {"integer": int, "number": float, "string": str}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"]
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == [field["name"] for field in fields]
        assert len(set(head)) == len(head)
        for row in rows:
            for value, field in zip(row, fields, strict=True):
                assert value == "" or types[field["type"]](value) is not None


def test_columns_that_are_headed_alike_are_told_apart() -> None:
    table = Table([Column("Share", "share"), Column("Share", "share"), Column("x"), Column("Share", "share")], [[0.1, 0.2, "a", 0.3]])
    names = [name for name, _ in _schema(Figure("t", "f.", None, "", table, []), "demo")]
    assert names == ["Share", "Share 2", "x", "Share 3", "made"]


def test_the_next_report_leaves_nothing_stale(folder: Path, world: World) -> None:
    mine = folder / "figures" / "mine.svg"
    mine.write_text("not the report's", encoding="utf-8")
    outside = folder.parent / "outside.txt"
    outside.write_text("keep", encoding="utf-8")
    index = read(folder / "figures.json")
    index["figures"][0]["files"].append("figures/../../outside.txt")
    (folder / "figures.json").write_text(json.dumps(index), encoding="utf-8")
    assert main([str(world.folder), "--short", "--out", str(folder / "report.html")]) == 0
    kept = {name for figure in read(folder / "figures.json")["figures"] for name in figure["files"]}
    assert {f"figures/{file.name}" for file in (folder / "figures").iterdir()} == kept | {"figures/mine.svg"}
    assert outside.exists()


def test_the_page_says_how_to_cite_and_the_licence(folder: Path) -> None:
    html = (folder / "report.html").read_text(encoding="utf-8")
    told = yaml.safe_load((Path(citation.__file__).parent / "CITATION.cff").read_text(encoding="utf-8"))
    for word in (told["title"], str(told["version"]), "2026-11-01T00:00:00Z/0000000000000000", "Licence of the data: CC-BY-4.0."):
        assert word in html
    assert "How to cite" in (folder / "report.md").read_text(encoding="utf-8")


ROOT = Path(__file__).parents[2]


def test_the_citation_is_the_projects() -> None:
    """The package carries a copy of the file at the root, so that an installed one can say it."""
    root = ROOT / "CITATION.cff"
    if not root.exists():
        pytest.skip("no CITATION.cff at the root")
    assert (Path(citation.__file__).parent / "CITATION.cff").read_bytes() == root.read_bytes()


LONG = "a-very-long-name-of-an-operator-that-runs-mail.example.net"


@pytest.mark.parametrize(
    "chart",
    [
        Bars([Bar(LONG, 0.5, "50% (12)", group="g"), Bar("b", None, "–", group="h")], {"web server": "weak"}),
        Pairs([Pair(LONG, (0.2, "20% of 5"), (None, "–"))], ("MTA-STS", "DANE"), ("sts", "dane")),
        Stacks([Stack(LONG, [("pass", 0.9), ("fail", 0.1)], "n = 10")], {"pass": "best", "fail": "bad"}),
        Matrix(["pass", "fail"], ["mx-certificate", "y"], {("pass", "y"): 3}, {("pass", "y"): "3"}, "Down", "across"),
        Curves(
            [Line("l", "sts", [(0, 0.1), (1, 0.4)], dashed=True, steps=True), Line("m", "dane", [(0.5, 0.2)])],
            [(0, "0"), (1, "9")],
            "x",
            "y",
        ),
        Ranges([Range("DANE", 0.1, 0.2, 0.3, "20%", "dane", "In order")], "m", whole=True),
    ],
    ids=lambda chart: type(chart).__name__,
)
def test_every_kind_of_chart_is_drawn_and_told(chart: Any) -> None:
    """Well-formed, within its frame by a generous measure of letters, with words for those who cannot see it, nothing loaded."""
    figure = Figure("A <title> & more", "What was found `here`.", chart, "n = 3.", Table([], []), [])
    drawn = ET.fromstring(svg.svg(figure, "Made data (lab)", "From somewhere."))
    space = "{http://www.w3.org/2000/svg}"
    width, height = (float(drawn.attrib[name]) for name in ("width", "height"))
    assert drawn.find(f"{space}desc").text == chart.words()  # type: ignore[union-attr]
    assert not [element for element in drawn.iter() if "href" in str(element.attrib)]
    for mark in drawn.iter(f"{space}text"):
        if "transform" in mark.attrib:
            continue
        x, y, size = (float(mark.attrib[name]) for name in ("x", "y", "font-size"))
        long = len(mark.text or "") * size * 0.6
        left = {"start": x, "middle": x - long / 2, "end": x - long}[mark.attrib["text-anchor"]]
        assert left >= 0, mark.text
        assert left + long <= width, mark.text
        assert size <= y <= height, mark.text
    for box in drawn.iter(f"{space}rect"):
        if "x" in box.attrib:
            assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
