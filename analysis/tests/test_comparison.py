"""A comparison written by hand: what is read back follows from what was written."""

import json

import polars as pl
import pytest

from mxcensus_analysis import Comparison, NotADatasetError

SUMMARY = {
    "format": 1,
    "warnings": [{"word": "new-incomplete", "meaning": "NEW is incomplete."}],
    "population": {"both": 100},
    "comparable": {"dane_verdict": 80},
    "adoption": {"dane": {"comparable": 90, "old": 30, "new": 33}},
    "counts": [
        {"subject": "domain", "kind": "verdict-changed", "aspect": "dane_verdict", "old": "none", "new": "pass", "rows": 3, "domains": 3},
        {
            "subject": "domain",
            "kind": "verdict-changed",
            "aspect": "dane_verdict",
            "old": "pass",
            "new": "insecure",
            "rows": 8,
            "domains": 8,
        },
        {"subject": "domain", "kind": "verdict-changed", "aspect": "sts_verdict", "old": "pass", "new": "fail", "rows": 1, "domains": 1},
        {"subject": "domain", "kind": "vanished", "aspect": None, "old": None, "new": None, "rows": 5, "domains": 5},
    ],
    "operators": [],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps(SUMMARY))
    (tmp_path / "changes").mkdir()
    rows = pl.DataFrame(
        {
            "name": ["b.example", "c.example", "a.example", "d.example"],
            "kind": ["vanished", "appeared", "vanished", "vanished"],
            "domains": [1, 9, 1, 2],
        }
    )
    rows.write_parquet(tmp_path / "changes" / "diff-0001-000001.parquet")
    return tmp_path


def test_counts_and_transitions(folder):
    comparison = Comparison.open(folder)
    assert comparison.warnings == ["NEW is incomplete."]
    assert comparison.counts()["rows"].to_list() == [8, 5, 3, 1]
    assert comparison.counts("vanished")["rows"].to_list() == [5]
    moved = comparison.transitions("dane_verdict")
    assert moved.drop("share", "low", "high").rows() == [("pass", "insecure", 8, 80), ("none", "pass", 3, 80)]
    assert moved["share"].to_list() == pytest.approx([0.1, 0.0375])
    assert comparison.transitions("sts_verdict")["share"].to_list() == [None], "without a denominator there is no share"
    assert comparison.adoption().rows() == [("dane", 90, 30, 33, 3)]
    assert comparison.operators().is_empty()


def test_rows(folder):
    """Of one kind, those about the most domains first."""
    assert Comparison.open(folder).rows("vanished")["name"].to_list() == ["d.example", "a.example", "b.example"]
    assert Comparison.open(folder).rows("vanished", 1)["name"].to_list() == ["d.example"]


def test_what_is_no_comparison(tmp_path):
    with pytest.raises(NotADatasetError, match="mxcensus diff OLD NEW"):
        Comparison.open(tmp_path)
    (tmp_path / "summary.json").write_text('{"format": 2}')
    with pytest.raises(NotADatasetError, match="format 2"):
        Comparison.open(tmp_path)
