"""What an analyst gets wrong is answered with an error of this package that says what to do, never with one of a library below it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest
from test_report import town
from world import World

from mxcensus_analysis import (
    AnalysisError,
    Census,
    CensusSeries,
    NotADatasetError,
    ParameterError,
    QueryError,
    StoreError,
    UnknownQuestionError,
)


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Census:
    return town(World(tmp_path_factory.mktemp("mistakes")), broken=2).census()


MISTAKES: dict[str, tuple[Callable[[Census], Any], type[AnalysisError], str]] = {
    "a question that is no name": (lambda c: c.ask(["adoption"]), UnknownQuestionError, "no question"),  # type: ignore[arg-type]
    "a misspelt question": (lambda c: c.ask("adopton"), UnknownQuestionError, "Did you mean 'adoption'"),
    "a misspelt parameter": (lambda c: c.ask("adoption", bi="tld"), ParameterError, "Did you mean 'b"),
    "a parameter of another type": (lambda c: c.ask("adoption", bin="x"), ParameterError, "bin is a number"),
    "a misspelt column": (lambda c: c.ask("adoption").one("cont", mechanism="dane"), ParameterError, "Did you mean 'count'"),
    "a misspelt label": (lambda c: c.ask("adoption").rows(mechanim="dane"), ParameterError, "Did you mean 'mechanism'"),
    "too many rows": (lambda c: c.ask("adoption").one("count"), ParameterError, "tells them apart: slice, mechanism"),
    "too many rows for an interval": (lambda c: c.ask("adoption").interval(), ParameterError, "rows of adoption match"),
    "text for a number": (lambda c: c.ask("adoption").where(count="8"), ParameterError, "count holds values of type Int64, not '8'"),
    "a number for text": (lambda c: c.ask("adoption").where(mechanism=8), ParameterError, "mechanism holds values of type String"),
    "a list": (lambda c: c.ask("adoption").where(mechanism=["dane"]), ParameterError, "mechanism holds values of type String"),  # type: ignore[arg-type]
    "yes for a number": (lambda c: c.ask("adoption").where(count=True), ParameterError, "not True"),
    "a misspelt option of a chart": (lambda c: c.chart("adoption", tite="x"), ParameterError, "no parameter tite"),
    "the same of an answer": (lambda c: c.ask("adoption").chart(tite="x"), ParameterError, "Did you mean 'title'"),
    "a question's option for a frame": (lambda c: c.chart(pl.DataFrame({"a": ["x"], "share": [1]}), by="tld"), ParameterError, "no option 'by'"),
    "a title that is no text": (lambda c: c.chart("adoption", title=3), ParameterError, "title is text"),
    "words to draw": (lambda c: c.chart("adoption", value="mechanism"), ParameterError, "holds no numbers to draw; these do: count"),
    "nothing to draw": (lambda c: c.chart(pl.DataFrame()), ParameterError, "without columns"),
    "a frame of pandas": (lambda c: c.chart(pd.DataFrame({"a": [1]})), ParameterError, "from_pandas"),  # type: ignore[arg-type]
    "an empty query": (lambda c: c.sql(""), QueryError, "empty"),
    "two columns of one name": (lambda c: c.sql("SELECT 1 AS a, 2 AS a"), QueryError, "alias"),
    "a query that is none": (lambda c: c.sql("SELEC 1"), QueryError, "syntax"),
    "a table that is not there": (lambda c: c.sql("FROM verdict"), QueryError, "verdict"),
    "no crawl at all": (lambda c: CensusSeries([]), NotADatasetError, "at least one crawl"),
    "an empty list of crawls": (lambda c: Census.open_many([]), NotADatasetError, "at least one crawl"),
    "a misspelt option of a folder": (lambda c: Census.open(c.source.root, thread=1), ParameterError, "thread"),
    "a server that is not there": (lambda c: Census.open("http://127.0.0.1:1/x"), StoreError, "127.0.0.1:1"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_it_says_what_to_do(census: Census, what: str) -> None:
    mistake, kind, told = MISTAKES[what]
    with pytest.raises(AnalysisError, match=re.escape(told)) as raised:
        mistake(census)
    assert type(raised.value) is kind


def test_a_closed_census_says_so(world: World) -> None:
    census = town(world, broken=1).census()
    census.close()
    for asked in (lambda: census.ask("adoption"), lambda: census.sql("SELECT 1")):
        with pytest.raises(AnalysisError, match="is closed: open it again"):
            asked()
    assert "40 domains" in repr(census)


def test_none_finds_what_has_no_value(world: World) -> None:
    """Nobody enforces, so no row has a share."""
    world.domain("a.nl")
    assert world.census().ask("first_contact").rows(share=None)["mail"].to_list() == ["daily", "weekly", "monthly"]


def test_a_table_of_a_dataset_opens_it(world: World) -> None:
    folder = town(world, broken=1).write()
    assert Census.open(folder / "verdicts").ask("adoption").one("count", mechanism="mta-sts") == 8
    assert Census.open(next((folder / "domains").iterdir())).ask("adoption").one("count", mechanism="mta-sts") == 8
