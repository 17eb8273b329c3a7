"""No question without a test of its numbers and a place in the report; the page on the report names only what is there."""

from __future__ import annotations

import re
from pathlib import Path

from mxcensus_analysis import questions, watch_questions

ROOT = Path(__file__).parents[1]


def test_every_question_has_a_test() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
    )
    asked = set(re.findall(r'\.ask\("(\w+)"', tests))
    assert {*questions(), *watch_questions()} - asked == set()


STORY = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/mxcensus_analysis/report").rglob("*.py"))
PAGE = (ROOT.parent / "docs/report.md").read_text(encoding="utf-8").split("## What the field has published")[1]


def test_every_question_is_in_the_report() -> None:
    assert {name for name in (*questions(), *watch_questions()) if f'"{name}"' not in STORY} == set()


def test_the_page_on_the_report_names_what_is_there() -> None:
    rows = [line.split("|")[2:4] for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 35
    for asked, place in rows:
        if "mxcensus diff" not in asked and "CensusSeries" not in asked:
            named = {name for name in re.findall(r"`(\w+)`", asked)} & {*questions(), *watch_questions()}
            assert named or "any" in asked, asked
        for title in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", place):
            assert title in STORY or re.sub("MTA-STS|DANE", "{name}", title) in STORY, title
