"""The report: its numbers are the answers' numbers, it stands alone, and no world breaks it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from world import World

from mxcensus_analysis import Census, numbers
from mxcensus_analysis.report.charts import Bar, Bars, Curves, Line, Matrix, Stack, Stacks
from mxcensus_analysis.report.command import main
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.markdown import markdown
from mxcensus_analysis.report.page import page
from mxcensus_analysis.report.story import tell

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_max_age": 604800}


def town(world: World, *, broken: int) -> World:
    """Forty domains that take mail: eight with MTA-STS, of which `broken` fail at the web host; four with DANE, of which one fails."""
    for index in range(40):
        name = f"d{index}.{'nl' if index % 2 else 'com'}"
        judged: dict[str, object] = {
            "rank": index + 1,
            "provider": f"p{index % 5}.net",
            "mx_dnssec": "secure" if index < 10 else "insecure",
        }
        if index < 8:
            judged |= STS | {"sts_verdict": "pass"}
            if index < broken:
                judged |= {
                    "sts_policy": "unfetchable",
                    "sts_mode": None,
                    "sts_max_age": None,
                    "sts_verdict": "broken",
                    "sts_failure_stage": "tls",
                    "sts_failure": "cert-expired",
                }
        if 8 <= index < 12:
            judged |= {
                "dane_verdict": "fail" if index == 8 else "pass",
                "outcome_both": "authenticated" if index > 8 else "refused",
                "outcome_dane": "authenticated" if index > 8 else "refused",
            }
        world.domain(name, **judged)
        host = f"mx.p{index % 5}.net"
        dane = {8: "mismatch"}.get(index, "match" if 8 <= index < 12 else "none")
        world.mx(
            name,
            host,
            dane=dane,
            dane_host=dane,
            pkix="valid",
            tlsa_base=host if dane != "none" else None,
            tlsa_mismatch_cause="unknown" if index == 8 else None,
            failure="tlsa-mismatch" if index == 8 else None,
            result_type="tlsa-invalid" if index == 8 else None,
            sts="pass" if index < 8 and index >= broken else None,
        )
        if index < 8:
            world.policy(name, policy_ip="192.0.2.1", policy_dns_ms=4.0, policy_connect_ms=5.0, policy_tls_ms=6.0, policy_http_ms=7.0)
    for index in range(5):
        host = f"mx.p{index}.net"
        world.host(host, addresses=["192.0.2.9"])
        world.endpoint(host, starttls=True, tls_version="TLSv1.3", chain=["aa"])
    world.certificate("aa", key_type="ecdsa", key_bits=256, issuer="O=<script>alert(1)</script> | `x`", self_signed=False)
    return world  # fmt: skip


class Reader(HTMLParser):
    """Checks that tags close in order and gathers what a page could load."""

    VOID = ("meta", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_headline_numbers_are_those_of_the_world(world: World) -> None:
    """Of MTA-STS 8 publish at one policy operator, so the interval is as of one; of DANE 4 at 4 providers, which is as of 3."""
    report = tell(Facts(town(world, broken=2).census()))
    tiles = {tile.key: (tile.value, tile.basis, tile.change) for tile in report.tiles}
    assert list(tiles) == [f"{name} {state}" for name in ("mta-sts", "dane") for state in ("refused", "unprotected", "in-order")]
    assert tiles["mta-sts refused"][:2] == ("0%", "0 of 8 that publish; 0% to 79.3%")
    assert tiles["mta-sts unprotected"][:2] == ("25.0%", "2 of 8 that publish; 1.5% to 88.2%")
    assert tiles["mta-sts in-order"][0] == "75.0%"
    assert tiles["dane refused"][:2] == ("25.0%", "1 of 4 that publish; 3.7% to 74.4%")
    assert tiles["dane in-order"][0] == "75.0%"
    assert {tile.group for tile in report.tiles} == {
        "MTA-STS, published by 8 of 40 (20.0%; 10.5% to 34.8%)",
        "DANE, published by 4 of 40 (10.0%; 4.0% to 23.1%)",
    }


def test_changes_are_against_the_previous_crawl(tmp_path: Path) -> None:
    """Broken policies went from 2 to 4 of 8."""
    then, now = (World(tmp_path / name) for name in ("then", "now"))
    then.manifest["runs"][0]["start"] = "2026-10-01T00:00:00Z"
    report = tell(Facts(town(now, broken=4).census(), town(then, broken=2).census()))
    changes = {tile.key: tile.change for tile in report.tiles}
    assert changes["mta-sts unprotected"] == "▲ 25.0 points"
    assert changes["mta-sts in-order"] == "▼ 25.0 points"
    assert changes["dane in-order"] == "± 0 points"
    assert "1 October 2026" in report.subtitle
    assert report.warnings == []


def test_another_list_and_an_unfinished_crawl_are_said(tmp_path: Path) -> None:
    then, now = (World(tmp_path / name) for name in ("then", "now"))
    town(then, broken=0).domain("one-more.com")
    then.manifest["complete"] = False
    report = tell(Facts(town(now, broken=0).census(), then.census()))
    assert any("not complete" in warning for warning in report.warnings)
    assert any("different domains" in warning for warning in report.warnings)


def test_the_page_stands_alone(world: World) -> None:
    report = tell(Facts(town(world, broken=2).census()))
    html = page(report)
    reader = read(html)
    assert "script" not in reader.tags
    assert all(source.startswith(("#", "data:")) for source in reader.sources)
    targets = {source[1:] for source in reader.sources if source.startswith("#")}
    assert targets == set(re.findall(r'<section id="([^"]+)"', html))
    assert "url(" not in html
    assert "@import" not in html


def test_what_strangers_wrote_is_text(world: World) -> None:
    census = town(world, broken=2).census()
    report = tell(Facts(census))
    html, twin = page(report), markdown(report)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "\\<script>alert(1)\\</script> \\| \\`x\\`" in twin
    assert not re.search(r"(?<!\\)<script", twin)


def test_every_figure_has_a_finding_a_basis_and_words(world: World) -> None:
    report = tell(Facts(town(world, broken=2).census()))
    figures = [figure for section in report.sections for figure in section.figures]
    assert len(figures) > 30
    for figure in figures:
        assert figure.finding.rstrip().endswith((".", ")")), figure.title
        if figure.chart is not None:
            assert len(figure.chart.words()) > 10, figure.title
            assert figure.table.rows, figure.title
            assert figure.questions, figure.title
    words = page(report)
    assert "nan" not in re.sub(r"<[^>]*>", " ", words).split()
    assert "None" not in re.sub(r"<[^>]*>", " ", words)


@pytest.mark.parametrize("kind", ["empty", "only names that take no mail", "one domain", "nobody publishes"])
def test_small_worlds_make_a_report(world: World, kind: str) -> None:
    if kind == "only names that take no mail":
        world.domain("a.nl", mx_status="nxdomain")
        world.domain("b.nl", mx_status="error")
    elif kind == "one domain":
        world.domain("a.nl", **STS, sts_verdict="pass")
    elif kind == "nobody publishes":
        for index in range(3):
            world.domain(f"d{index}.nl")
            world.mx(f"d{index}.nl", "mx.nl")
    report = tell(Facts(world.census()))
    read(page(report))
    assert markdown(report).startswith("# ")
    if kind != "nobody publishes" and kind != "one domain":
        assert "nothing to report" in report.answer[0]


def test_the_command_writes_both_files(tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    folder = town(world, broken=1).write()
    out = tmp_path / "deep" / "report.html"
    assert main([str(folder), "--previous", str(folder), "--out", str(out), "--threads", "1", "--memory-limit", "500MB"]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert out.with_suffix(".md").exists()
    assert str(out) in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "x.html")]) == 1
    assert "no mxcensus dataset" in capsys.readouterr().err


def test_open_answers_are_asked_once(world: World) -> None:
    census = town(world, broken=1).census()
    asked: list[str] = []
    ask = Census.ask

    def counting(self: Census, name: str, **options: object) -> object:
        asked.append(f"{name} {sorted(options.items())}")
        return ask(self, name, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Census, "ask", counting)
        tell(Facts(census))
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "–"),
        (0, "0%"),
        (1, "100%"),
        (0.000001, "<0.001%"),
        (0.00012, "0.012%"),
        (0.0069, "0.69%"),
        (0.25, "25.0%"),
        (0.9999, "99.99%"),
    ],
)
def test_shares(value: float | None, written: str) -> None:
    assert numbers.share(value) == written


@pytest.mark.parametrize(
    ("now", "before", "written"),
    [(0.3, None, None), (0.3, 0.3, "± 0 points"), (0.3, 0.2, "▲ 10.0 points"), (0.0012, 0.0034, "▼ 0.22 points")],
)
def test_change(now: float, before: float | None, written: str | None) -> None:
    assert numbers.change(now, before) == written


def test_charts_say_what_they_show() -> None:
    assert Bars([Bar("a", 0.1, "10%", group="g"), Bar("b", None, "–", group="g")]).words() == "g. a: 10%; b: –"
    assert Bars([Bar("a", 0.004, "0.4%")]).scale == 0.005
    assert Stacks([Stack("x", [("pass", 0.75), ("fail", 0.25)], "n = 4")], {}).words() == "x: pass 75.0% and fail 25.0%."
    assert "pass with none 3" in Matrix(["pass"], ["none"], {("pass", "none"): 3}, {("pass", "none"): "3"}, "A", "B").words()
    assert Curves([Line("l", "sts", [(0, 0.1), (1, 0.4)])], [], "x", "y").words() == "l: from 10.0% to 40.0%."
