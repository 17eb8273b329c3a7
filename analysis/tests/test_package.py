"""The package around the questions: headers, parameters, duplicates, places."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import fsspec
import polars as pl
import pytest
from world import WHEN, World

from mxcensus_analysis import Census, NotADatasetError, ParameterError, QueryError, UnknownQuestionError, question, questions


@pytest.mark.parametrize("name", sorted(questions()))
def test_an_answer_carries_its_denominator(world: World, name: str) -> None:
    """On an empty crawl too: every question answers, with the columns that make a share readable."""
    frame = world.census(networks=True).ask(name).frame
    assert {"count", "n", "share", "unjudged"} <= set(frame.columns)
    for column in ("count", "n", "unjudged"):
        assert frame[column].dtype.is_integer(), column


@pytest.mark.parametrize("name", sorted(questions()))
def test_parameters_are_used_and_declared(name: str) -> None:
    asked = question(name)
    body = "\n".join(line for line in asked.sql.splitlines() if not line.startswith("--"))
    used = {word.strip("(),") for word in body.replace("(", " ").replace(",", " ").split() if word.startswith("$")}
    assert used == {f"${parameter}" for parameter in asked.parameters}
    for parameter in asked.parameters.values():
        assert not parameter.choices or parameter.default in parameter.choices


def test_a_share_is_its_count_over_n(world: World) -> None:
    for index in range(7):
        world.domain(f"d{index}.example", sts_record="valid" if index < 2 else "absent")
    answer = world.census().ask("adoption")
    for row in answer.frame.iter_rows(named=True):
        assert row["share"] == (pytest.approx(row["count"] / row["n"]) if row["n"] else None)


def test_strangers_are_refused(world: World) -> None:
    census = world.census()
    with pytest.raises(UnknownQuestionError, match="adoption"):
        census.ask("adption")
    with pytest.raises(ParameterError, match="overall, tld"):
        census.ask("adoption", by="planet")
    with pytest.raises(ParameterError, match="it has: by, bin"):
        census.ask("adoption", colour="red")
    with pytest.raises(ParameterError, match="like 10000"):
        census.ask("adoption", bin="many")


def test_what_is_no_dataset_says_so(tmp_path: Path, world: World) -> None:
    with pytest.raises(NotADatasetError, match=r"manifest\.json"):
        Census.open(tmp_path)
    world.manifest["format"] = 99
    with pytest.raises(NotADatasetError, match="format 99"):
        world.census()
    with pytest.raises(NotADatasetError, match="nothing matches"):
        Census.open_many(str(tmp_path / "none-*"))


def test_a_crawl_without_verdicts_says_what_to_do(world: World) -> None:
    folder = world.write()
    (folder / "verdicts" / "w1-1-1.parquet").unlink()
    with pytest.raises(NotADatasetError, match="mxcensus judge"):
        Census.open(folder)


def test_of_rows_written_twice_the_earliest_counts(world: World) -> None:
    """Two workers saw a.example: the earlier found SPF. Both saw b.example at one instant: the first file counts."""
    world.domain("a.example", seen={"spf_txt": ["v=spf1 -all"], "spf_status": "found", "observed_at": WHEN})
    world.domain("b.example", seen={"observed_at": WHEN})
    late = [
        {**world.rows["domains"][0], "spf_txt": None, "observed_at": WHEN + timedelta(hours=1), "worker": "w2"},
        {**world.rows["domains"][1], "spf_txt": ["v=spf1 ~all"], "worker": "w2"},
    ]
    folder = world.write()
    world.write_part("domains", "w2-1-1.parquet", late)
    answer = Census.open(folder).ask("adoption")
    assert answer.one("n", mechanism="spf") == 2
    assert answer.one("count", mechanism="spf") == 1


def test_of_attempts_without_an_instant_any_other_counts(world: World) -> None:
    world.domain("a.example", sts_record="valid", sts_policy="valid", sts_mode="enforce", sts_max_age=1)
    world.policy("a.example", policy_dns_ms=5.0, policy_connect_ms=1.0, policy_tls_ms=1.0, policy_http_ms=1.0)
    skipped = {**world.rows["policies"][0], "policy_observed_at": None, "policy_stage": "skipped", "policy_dns_ms": 99.0}
    folder = world.write()
    world.write_part("policies", "a0-1-1.parquet", [skipped])
    assert Census.open(folder).ask("https_cost").one("median_ms", phase="dns") == 5.0


def test_the_largest_operators_and_inferred_rows_can_be_left_out(world: World) -> None:
    """Big has 3 domains with a record, mid 2 without, small 1 with, of which the small one is inferred."""
    for index in range(3):
        world.domain(f"b{index}.example", provider="big.example", sts_record="valid")
    for index in range(2):
        world.domain(f"m{index}.example", provider="mid.example")
    world.domain("s.example", provider="small.example", sts_record="valid", inferred=True)
    census = world.census()

    def adopting(**scope: object) -> tuple[float | None, float | None]:
        answer = census.ask("adoption", **scope)  # type: ignore[arg-type]
        return answer.one("count", mechanism="mta-sts"), answer.one("n", mechanism="mta-sts")

    assert adopting() == (4, 6)
    assert adopting(without_top_operators=1) == (1, 3)
    assert adopting(without_top_operators=2) == (1, 1)
    assert adopting(include_inferred=False) == (3, 5)
    assert adopting(without_top_operators=1, include_inferred=False) == (0, 2)
    assert adopting() == (4, 6)
    assert "2 largest" in census.ask("adoption", without_top_operators=2).caption


def test_hosts_leave_with_their_domains(world: World) -> None:
    for domain, host in (("a.example", "mx.big.example"), ("b.example", "mx.big.example"), ("c.example", "mx.small.example")):
        world.domain(domain, provider=".".join(host.split(".")[-2:]))
        world.mx(domain, host)
    for host in ("mx.big.example", "mx.small.example"):
        world.host(host)
    census = world.census()
    assert census.ask("starttls").one("n") == 2
    assert census.ask("starttls", without_top_operators=1).one("n") == 1


def test_several_crawls_stand_in_order_of_their_start(tmp_path: Path) -> None:
    for month, adopters in (("12", 2), ("11", 1)):
        world = World(tmp_path / f"crawl-{month}")
        for index in range(4):
            world.domain(f"d{index}.example", sts_record="valid" if index < adopters else "absent")
        world.manifest["runs"][0]["start"] = f"2026-{month}-01T00:00:00Z"
        world.write()
    series = Census.open_many(str(tmp_path / "crawl-*"))
    answer = series.ask("adoption").frame.filter(pl.col("mechanism") == "mta-sts")
    assert [crawl.month for crawl in answer["crawl"]] == [11, 12]
    assert answer["count"].to_list() == [1, 2]


def test_a_dataset_may_lie_in_an_object_store(world: World) -> None:
    world.domain("a.example", sts_record="valid")
    folder = world.write()
    store = fsspec.filesystem("memory")
    store.put(str(folder), "/bucket/crawl", recursive=True)
    try:
        assert Census.open("memory://bucket/crawl").ask("adoption").one("count", mechanism="mta-sts") == 1
    finally:
        store.rm("/bucket", recursive=True)


def test_a_query_of_ones_own_sees_every_table_and_binds(world: World) -> None:
    world.domain("a.example", rank=5)
    world.domain("b.example", rank=50)
    frame = world.census().sql("SELECT count(*) AS k FROM verdicts WHERE rank < $below", {"below": 10})
    assert frame["k"].to_list() == [1]


@pytest.mark.parametrize("name", sorted(questions()))
def test_answers_come_in_an_order(name: str) -> None:
    assert "\nORDER BY " in question(name).sql


def test_an_answer_shows_itself_in_a_notebook(world: World) -> None:
    """Shares as per cent, counts with their thousands apart, strangers' text escaped and cut, the caption below."""
    world.domain("a.nl", provider=f"<script>{'x' * 60}")
    shown = world.census().ask("concentration")._repr_html_()
    assert '<td style="text-align:right">100%</td>' in shown
    assert "&lt;script&gt;xx" in shown
    assert "<script>" not in shown
    assert "…" in shown
    assert "Which operators hold how many domains?" in shown


def test_nothing_is_drawn_on_standard_output(world: World) -> None:
    """DuckDB's progress bar would stand in the middle of a report's messages."""
    assert world.census().sql("SELECT current_setting('enable_progress_bar_print') AS bar")["bar"].to_list() == [False]


@pytest.mark.parametrize(
    ("meant", "found"),
    [("adption", "adoption"), ("failures-dane", "failures_dane"), ("Senders", "senders"), ("concentraton", "concentration")],
)
def test_a_misspelt_question_is_answered_with_the_nearest(world: World, meant: str, found: str) -> None:
    with pytest.raises(UnknownQuestionError, match=f"Did you mean '{found}'"):
        world.census().ask(meant)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("adoption", {"by": "tdl"}),
        ("adoption", {"by": ["tld"]}),
        ("adoption", {"by": None}),
        ("adoption", {"bin": 0}),
        ("adoption", {"bin": -1}),
        ("adoption", {"bin": 2.5}),
        ("adoption", {"bin": float("nan")}),
        ("adoption", {"bin": 10**30}),
        ("adoption", {"bin": True}),
        ("blast_radius", {"limit": -1}),
        ("blast_radius", {"limit": "20"}),
        ("first_contact", {"horizon_days": -5}),
        ("adoption", {"without_top_operators": -1}),
        ("adoption", {"without_top_operators": "five"}),
        ("adoption", {"without_top_operators": 1.5}),
        ("adoption", {"include_inferred": "no"}),
    ],
)
def test_a_wrong_parameter_is_no_error_of_duckdb(world: World, name: str, options: dict[str, object]) -> None:
    world.domain("a.nl", rank=1)
    with pytest.raises(ParameterError, match=next(iter(options))):
        world.census().ask(name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(questions()))
def test_every_number_may_be_the_least_and_the_greatest(world: World, name: str) -> None:
    """Whatever a parameter's check lets through, DuckDB takes."""
    world.domain("a.nl", rank=1, sts_record="valid", sts_policy="valid", sts_mode="enforce", sts_max_age=86400, sts_verdict="pass")
    world.mx("a.nl", "mx.nl")
    census = world.census(networks=True)
    for key, parameter in question(name).parameters.items():
        for value in parameter.choices or (parameter.least, 10**9):
            census.ask(name, **{key: value})


def test_other_names_are_checked_too(world: World) -> None:
    census = world.census()
    with pytest.raises(ParameterError, match=r"memory_limit cannot be 'much'"):
        Census.open(world.folder, memory_limit="much")
    with pytest.raises(ParameterError, match="threads cannot be 0"):
        Census.open(world.folder, threads=0)
    with pytest.raises(ParameterError, match=r"not of 'mtasts'\. Did you mean 'mta-sts'"):
        Census.open_many([world.folder]).survival("mtasts")
    with pytest.raises(ParameterError, match=r"no column 'mechnism'\. Did you mean 'mechanism'"):
        census.ask("adoption").rows(mechnism="dane")
    with pytest.raises(QueryError, match="nothing_of_the_kind"):
        census.sql("SELECT * FROM nothing_of_the_kind")


def test_intervals_are_columns(world: World) -> None:
    for index in range(10):
        world.domain(f"d{index}.nl", sts_record="valid" if index < 3 else "absent")
    answer = world.census().ask("adoption")
    assert answer.frame.columns[answer.frame.columns.index("share") :][:3] == ["share", "low", "high"]
    row = answer.to_pandas().set_index("mechanism").loc["mta-sts"]
    # Wilson (1927) of 3 in 10.
    assert (row["low"], row["high"]) == (pytest.approx(0.1078, abs=1e-4), pytest.approx(0.6032, abs=1e-4))
    assert answer.to_csv().splitlines()[0] == "slice,mechanism,count,n,share,low,high,unjudged"


def test_a_share_of_something_else_has_no_interval(world: World) -> None:
    """`https_cost`: the share is of time, not of n."""
    world.domain("a.nl", sts_record="valid", sts_policy="valid", sts_mode="enforce", sts_max_age=1)
    world.policy("a.nl", policy_dns_ms=5.0, policy_connect_ms=1.0, policy_tls_ms=1.0, policy_http_ms=1.0)
    answer = world.census().ask("https_cost")
    assert answer.one("low", phase="dns") is None
    assert "1 of 1" not in answer.where(phase="dns").reading


def test_people_are_told_in_words(world: World, tmp_path: Path) -> None:
    for index in range(1000):
        world.domain(f"d{index}.nl", tlsrpt="valid" if index < 123 else "absent")
    census = world.census()
    assert repr(census).splitlines()[0] == "Census of 1 November 2026, 1,000 domains from list.csv."
    told = repr(census.ask("tlsrpt").where(publishes="all"))
    assert "publishes all: 123 of 1,000 (12.3%, 95% interval 10.4% to 14.5%). Not judged: 0." in told
    assert "How many" in told
    assert "shape:" not in told
    census.ask("tlsrpt").to_csv(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").startswith("publishes,")
