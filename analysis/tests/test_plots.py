"""Charts of notebooks: nothing is cut off in any font, and no number is without its n."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, ParameterError, plots

CHROMIUM = shutil.which("chromium")
CHARTS = [
    ("population", {}),
    ("adoption", {}),
    ("adoption", {"by": "tld"}),
    ("standing", {}),
    ("senders", {}),
    ("concentration", {"limit": 5}),
    ("failures_mta_sts", {"label": "failure", "colour": "stage", "value": "count"}),
]


@pytest.fixture
def census(world: World) -> Census:
    long = town(world, broken=2)
    for index in range(3):
        long.domain(f"x{index}.example", provider=f"a-very-long-name-of-a-provider-{index}.mail.example.net")
    return long.census()


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: charts are not looked at")
@pytest.mark.parametrize("family", ["sans-serif", "serif", "monospace", "DejaVu Sans"])
def test_nothing_is_cut_off(census: Census, tmp_path: Path, family: str) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    drawn = [plots.svg(census.chart(name, **options)) for name, options in CHARTS]
    drawn.append(plots.svg(plots.matrix(census.ask("overlap").frame, "dane_verdict", "sts_verdict", title="Domains by both verdicts")))
    page = tmp_path / "charts.html"
    page.write_text(f"<style>text {{ font-family: '{family}', {family} !important }}</style>{''.join(drawn)}", encoding="utf-8")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri())
        cut = tab.evaluate(
            """() => [...document.querySelectorAll('svg.marks')].flatMap(svg => {
                const frame = svg.getBoundingClientRect();
                return [...svg.querySelectorAll('text')].filter(text => {
                    const box = text.getBoundingClientRect();
                    return box.width && (box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom);
                }).map(text => text.textContent);
            })"""
        )
        browser.close()
    assert cut == []


@pytest.mark.parametrize(("name", "options"), CHARTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_chart_tells_n_unjudged_and_interval(census: Census, name: str, options: dict[str, Any]) -> None:
    spec = census.chart(name, **options).to_dict()
    assert len(spec["description"]) > 20
    assert "interval" in str(spec["params"])
    assert spec["usermeta"]["caption"].endswith("Scope: all domains.")
    marks = [spec, *spec.get("layer", [])]
    tips = {tip["field"] for mark in marks for tip in mark.get("encoding", {}).get("tooltip", [])}
    assert {"count", "n", "share", "unjudged", "95% interval"} <= tips


def test_a_tip_writes_numbers_as_the_report_does(census: Census) -> None:
    rows = _rows(census.chart("adoption").to_dict())
    sts = next(row for row in rows if row["label"] == "mta-sts")
    assert (sts["share"], sts["n"], sts["95% interval"]) == ("18.6%", "43", "9.7% to 32.6%")


def _rows(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return list((spec.get("data") or next(layer["data"] for layer in spec["layer"] if "data" in layer))["values"])


def test_what_is_not_there_is_named(census: Census) -> None:
    with pytest.raises(ParameterError, match=r"no column 'shore' to draw\. Did you mean 'share'\?; there are: mechanism, share"):
        plots.bars(pl.DataFrame({"mechanism": ["a"], "share": [0.1]}), value="shore")
    with pytest.raises(ParameterError, match=r"adoption has no parameter bye.*Did you mean 'by'"):
        census.chart("adoption", bye="tld")


def test_an_empty_answer_is_a_chart_too(world: World) -> None:
    census = world.census()
    for name in ("roots", "standing", "failures_dane"):
        assert "<svg" in plots.svg(census.chart(name))


def test_charts_on_one_page_do_not_cut_each_other(census: Census) -> None:
    ids = [set(re.findall(r'id="([^"]+)"', plots.svg(census.chart(name, **options)))) for name, options in CHARTS]
    assert all(ids)
    assert len(set().union(*ids)) == sum(map(len, ids))
    for name, options in CHARTS:
        drawn = plots.svg(census.chart(name, **options))
        assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(re.findall(r'id="([^"]+)"', drawn))
