"""The report in a real browser: Debian's Chromium, at phone and desk width, light and dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_changes import breaking, write
from test_report import town
from world import World

from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.page import page
from mxcensus_analysis.report.story import tell

CHROMIUM = shutil.which("chromium")
api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: the report is not looked at")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of three crawls, with what changed: every section that there is."""
    folder = tmp_path_factory.mktemp("report")
    crawls = []
    for month, broken in (("09", 1), ("10", 2), ("11", 3)):
        world = town(World(folder / month), broken=broken)
        world.manifest["made"] = "sample"
        world.manifest["runs"][0]["start"] = f"2026-{month}-01T00:00:00Z"
        crawls.append(world.census())
    earlier, previous, census = crawls
    comparison = write(folder / "changes", breaking(6, provider="a-long-name-of-a-mail-provider.example.net"))
    facts = Facts(census, previous, comparison, [earlier])
    (folder / "short.html").write_text(page(tell(facts, short=True)), encoding="utf-8")
    file = folder / "report.html"
    file.write_text(page(tell(facts)), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 390, 1280])
def test_it_renders_loads_nothing_and_fits(browser: Any, report: Path, width: int, scheme: str) -> None:
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requests: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(report.as_uri())
    assert tab.locator("figure").count() > 50
    assert tab.locator("#changes figure").count() >= 7
    assert tab.locator("#series figure").count() >= 5
    assert requests == [report.as_uri()]
    # With every table open too, nothing is wider than the window.
    tab.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    tab.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_bars_of_a_chart_share_one_track_and_labels_do_not_overlap(browser: Any, report: Path, width: int) -> None:
    """A bar twice as long must mean twice as much; what stands below an axis must be legible."""
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(report.as_uri())
    uneven = tab.evaluate(
        """() => [...document.querySelectorAll('.bars, .pairs')].filter(chart => {
            const widths = [...chart.querySelectorAll('.bar-track')].map(track => Math.round(track.getBoundingClientRect().width));
            return Math.max(...widths) - Math.min(...widths) > 1;
        }).map(chart => chart.textContent.slice(0, 60))"""
    )
    assert uneven == []
    overlapping = tab.evaluate(
        """() => [...document.querySelectorAll('.xs')].filter(axis => {
            const boxes = [...axis.children].map(label => label.getBoundingClientRect()).sort((a, b) => a.left - b.left);
            return boxes.some((box, index) => index > 0 && box.left < boxes[index - 1].right);
        }).map(axis => axis.textContent)"""
    )
    assert overlapping == []
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser: Any, report: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 between text and what is behind it, for page text and for the numbers inside bars."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    tab.goto(report.as_uri())
    faint = tab.evaluate(
        """() => {
            const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
            const parse = c => c.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
            const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
                if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
            const found = [];
            for (const e of document.querySelectorAll('p, li, h1, h2, h3, small, figcaption, summary, .bar-label, .bar-text, .stack-track b, th, td:not(.warm)')) {
                if (!e.offsetParent || !e.textContent.trim() || getComputedStyle(e).backgroundColor.startsWith('color(')) continue;
                const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) found.push([e.className || e.tagName, e.textContent.slice(0, 30), ratio.toFixed(2)]);
            }
            return found;
        }"""
    )
    assert faint == []
    tab.close()


def pages(printed: bytes) -> int:
    return printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")


def test_it_prints(browser: Any, report: Path) -> None:
    tab = browser.new_page()
    tab.goto(report.as_uri())
    printed = tab.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert 5 <= pages(printed) <= 30
    tab.goto((report.parent / "short.html").as_uri())
    assert pages(tab.pdf(prefer_css_page_size=True, print_background=True)) <= 4
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_and_marked(browser: Any, report: Path, scheme: str) -> None:
    """Black on white whatever the theme; made data say so across the sheet; the first page holds all that it should."""
    # A4 less the margins of the style sheet, at 96 dots an inch.
    width, height = 680, 1016
    tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    tab.goto(report.as_uri())
    assert not tab.locator(".watermark").is_visible()
    tab.emulate_media(media="print", color_scheme=scheme)
    colours = tab.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert tab.locator(".watermark").is_visible()
    assert tab.locator(".watermark").evaluate("element => getComputedStyle(element).position") == "fixed"
    assert tab.evaluate("document.querySelector('header').getBoundingClientRect().bottom") <= height
    assert tab.locator("header .tiles li").count() == 6
    assert tab.locator("header figure").count() == 1
    # No heading may stand at the foot of a sheet without what it is about.
    loose = tab.evaluate(
        """() => [...document.querySelectorAll('h2.part, .section-title, h4, .section-lead, .finding')]
            .filter(element => getComputedStyle(element).breakAfter !== 'avoid').map(element => element.textContent)"""
    )
    assert loose == []
    tab.close()
