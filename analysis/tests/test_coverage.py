"""No question without a test of its numbers."""

from __future__ import annotations

import re
from pathlib import Path

from mxcensus_analysis import questions


def test_every_question_has_a_test() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
    )
    asked = set(re.findall(r'\.ask\("(\w+)"', tests))
    assert set(questions()) - asked == set()
