"""A watch: events of rounds written by hand, and those of a made one against its truth."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_report import town
from watched import WatchWorld
from world import World

from mxcensus_analysis import NotADatasetError, QueryError, UnknownQuestionError, Watch, watch_questions
from mxcensus_analysis.report.command import main
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.story import tell

BINARY = os.environ.get("MXCENSUS")
HOST = "mx.a.example"


def tlsa(*data: str) -> list[dict[str, Any]]:
    records = [{"usage": 3, "selector": 1, "matching": 1, "data": one} for one in data]
    return [{"name": f"_25._tcp.{HOST}", "status": "found", "error": None, "dnssec": "secure", "ttl": 60, "records": records}]


def rollover(folder: Path, steps: dict[int, tuple[list[str], str, str]], rounds: int = 12) -> Watch:
    """A host whose records, leaf and state change at those hours; what does not change is not kept."""
    made = WatchWorld(folder)
    before: tuple[list[str], str, str] = ([], "", "")
    for hour, now in steps.items():
        records, leaf, state = now
        if records != before[0]:
            made.at(hour).host(HOST, tlsa_lookups=tlsa(*records))
        if leaf != before[1]:
            made.at(hour).endpoint(HOST, chain=[leaf, "ca"])
        if state != before[2]:
            made.at(hour).mx("a.example", HOST, dane_host=state)
        before = now
    return Watch.open(made.write(rounds))


def events(watch: Watch) -> list[tuple[str, float | None]]:
    return list(watch.sql("SELECT kind, hours FROM rollovers ORDER BY seen_at").iter_rows())


def test_a_rollover_that_is_kept(tmp_path: Path) -> None:
    watch = rollover(
        tmp_path, {0: (["a"], "A", "match"), 3: (["a", "b"], "A", "match"), 8: (["a", "b"], "B", "match"), 9: (["b"], "B", "match")}
    )
    assert events(watch) == [("kept", 5.0)]
    assert watch.ask("rollovers").one("share", kind="kept") == 1


def test_a_rollover_that_needs_no_new_record(tmp_path: Path) -> None:
    assert events(rollover(tmp_path, {0: (["ca"], "A", "match"), 8: (["ca"], "B", "match")})) == [("kept", None)]


def test_records_too_early(tmp_path: Path) -> None:
    watch = rollover(tmp_path, {0: (["a"], "A", "match"), 3: (["b"], "A", "mismatch"), 7: (["b"], "B", "match")})
    assert events(watch) == [("early", 4.0)]


def test_records_too_late(tmp_path: Path) -> None:
    watch = rollover(tmp_path, {0: (["a"], "A", "match"), 3: (["a"], "B", "mismatch"), 9: (["b"], "B", "match")})
    assert events(watch) == [("late", 6.0)]


def test_records_that_never_come(tmp_path: Path) -> None:
    watch = rollover(tmp_path, {0: (["a"], "A", "match"), 3: (["a"], "B", "mismatch")})
    assert events(watch) == [("late", None)]
    assert watch.ask("rollovers").one("open", kind="late") == 1


def test_what_could_not_be_judged_is_in_no_share(tmp_path: Path) -> None:
    watch = rollover(
        tmp_path, {0: (["a"], "A", "match"), 3: (["a"], "B", "unknown"), 4: (["a"], "C", "mismatch"), 5: (["c"], "C", "match")}
    )
    assert events(watch) == [("undecided", None), ("late", 1.0)]
    assert watch.ask("rollovers").frame.select("kind", "n", "unjudged").rows() == [("late", 1, 1)]


def test_no_records_no_rollover(tmp_path: Path) -> None:
    assert events(rollover(tmp_path, {0: ([], "A", "none"), 3: ([], "B", "none")})) == []


def test_refusals(tmp_path: Path) -> None:
    made = WatchWorld(tmp_path)
    made.at(0).domain("a.example", outcome_dane="authenticated", outcome_mta_sts="refused")
    made.at(0).domain("b.example", outcome_dane="authenticated", outcome_mta_sts="authenticated")
    made.at(2).domain("a.example", outcome_dane="refused", outcome_mta_sts="encrypted")
    # A new day keeps every row again: no spell ends or begins.
    made.at(5).domain("a.example", outcome_dane="refused", outcome_mta_sts="encrypted")
    made.at(10).domain("a.example", outcome_dane="authenticated", outcome_mta_sts="encrypted")
    made.at(11).domain("b.example", outcome_dane="authenticated", outcome_mta_sts="refused")
    watch = Watch.open(made.write(13))
    spells = "SELECT domain, mechanism, hours, began_before FROM refusals ORDER BY domain, mechanism"
    assert list(watch.sql(spells).iter_rows()) == [
        ("a.example", "dane", 8.0, False),
        ("a.example", "mta-sts", 2.0, True),
        ("b.example", "mta-sts", None, False),
    ]
    answer = watch.ask("refusals").frame.select("mechanism", "length", "count", "n", "unjudged").rows()
    assert answer == [("dane", "7 to 24 hours", 1, 1, 0), ("mta-sts", "lasts", 1, 1, 1)]


def step(folder: Path, ids: dict[int, str], bodies: dict[int, bytes]) -> list[tuple[str, float | None]]:
    made = WatchWorld(folder)
    for hour, sts_id in ids.items():
        made.at(hour).domain("a.example", sts_id=sts_id)
    for hour, body in bodies.items():
        made.at(hour).policy("a.example", policy_http_status=200, policy_body=body)
    return list(Watch.open(made.write(60)).sql("SELECT kind, hours FROM policy_steps ORDER BY seen_at").iter_rows())


@pytest.mark.parametrize(
    ("ids", "bodies", "found"),
    [
        ({0: "1", 5: "2"}, {0: b"x", 5: b"y"}, [("together", 0.0)]),
        ({0: "1", 5: "2"}, {0: b"x", 9: b"y"}, [("id-first", 4.0)]),
        ({0: "1", 9: "2"}, {0: b"x", 5: b"y"}, [("policy-first", 4.0)]),
        ({0: "1"}, {0: b"x", 5: b"y"}, [("policy-only", None)]),
        ({0: "1", 5: "2"}, {0: b"x"}, [("id-only", None)]),
        ({0: "1", 2: "2"}, {0: b"x", 55: b"y"}, [("id-only", None), ("policy-only", None)]),
        ({0: "1", 5: "1"}, {0: b"x", 5: b"x"}, []),
    ],
)
def test_policies_and_ids(tmp_path: Path, ids: dict[int, str], bodies: dict[int, bytes], found: list[Any]) -> None:
    assert step(tmp_path, ids, bodies) == found


def test_renewals(tmp_path: Path) -> None:
    made = WatchWorld(tmp_path)
    made.at(0).endpoint(HOST, chain=["old"])
    made.at(0).certificate("old", not_after=datetime(2026, 11, 1, 12, tzinfo=UTC))
    made.at(0).policy("a.example", policy_chain=["past"])
    made.at(0).certificate("past", not_after=datetime(2026, 11, 1, 1, tzinfo=UTC))
    made.at(4).endpoint(HOST, chain=["new"])
    made.at(4).policy("a.example", policy_chain=["next"])
    made.at(6).endpoint(HOST, chain=["unread"])
    watch = Watch.open(made.write(8))
    assert list(watch.sql("SELECT place, hours_left FROM renewals ORDER BY seen_at, place").iter_rows()) == [
        ("mail server", 8.0),
        ("policy host", -3.0),
        ("mail server", None),
    ]
    answer = watch.ask("renewals").frame.select("place", "renewed", "count", "n", "unjudged").rows()
    assert answer == [("mail server", "in its last day", 1, 1, 1), ("policy host", "after its end", 1, 1, 0)]


def test_what_is_no_watch(tmp_path: Path) -> None:
    with pytest.raises(NotADatasetError, match="no rounds"):
        Watch.open(tmp_path)
    watch = Watch.open(WatchWorld(tmp_path).write(2))
    assert all(not watch.ask(name).frame.height for name in watch_questions())
    with pytest.raises(UnknownQuestionError, match="Did you mean 'rollovers'"):
        watch.ask("rollover")
    with pytest.raises(QueryError):
        watch.sql("SELECT nothing FROM nowhere")
    assert "2 rounds" in repr(watch)
    WatchWorld(tmp_path).write(1, format=2)
    with pytest.raises(NotADatasetError, match="another format"):
        Watch.open(tmp_path)


def test_the_report_has_a_section(tmp_path: Path) -> None:
    watch = rollover(tmp_path / "watch", {0: (["a"], "A", "match"), 3: (["a"], "B", "mismatch"), 9: (["b"], "B", "match")})
    census = town(World(tmp_path / "dataset"), broken=1).census()
    sections = {section.name: section for section in tell(Facts(census, watch=watch)).sections}
    figures = {figure.title: figure for figure in sections["hours"].figures}
    assert "too late (half of them for 6 hours or longer)" in figures["Rollovers, to the hour"].finding
    assert "hours" not in {section.name for section in tell(Facts(census)).sections}


def test_the_report_is_written_with_every_figure(tmp_path: Path) -> None:
    rollover(tmp_path / "watch", {0: (["a"], "A", "match"), 3: (["a"], "B", "mismatch"), 9: (["b"], "B", "match")})
    town(World(tmp_path / "dataset"), broken=1).write()
    out = tmp_path / "report" / "report.html"
    assert main([str(tmp_path / "dataset"), "--watch", str(tmp_path / "watch"), "--out", str(out)]) == 0
    page, twin = out.read_text(encoding="utf-8"), out.with_suffix(".md").read_text(encoding="utf-8")
    assert "Do TLSA records change before the certificate" in page, "how it was counted is told"
    assert "By the hour" in twin
    assert "hours-1.csv" in {file.name for file in (out.parent / "figures").iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Watch, dict[str, Any]]:
    if BINARY is None:
        pytest.skip("MXCENSUS names no program: made watches are not asked")
    folder = tmp_path_factory.mktemp("sample") / "hours"
    world = ["--domains", "1500", "--seed", "3", "--adoption", "20", "--hours", "48"]
    subprocess.run([BINARY, "sample", *world, "--out", str(folder)], check=True, capture_output=True, timeout=3000)
    return Watch.open(folder), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def sorted_rows(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def test_the_truth_of_rollovers(made: tuple[Watch, dict[str, Any]]) -> None:
    watch, truth = made
    known = sorted_rows((one["host"], one["kind"], float(one["hours"])) for one in truth["rollovers"])
    assert {kind for _, kind, _ in known} == {"kept", "early", "late"}, "the world is too small to say anything"
    assert sorted_rows(watch.sql("SELECT host, kind, hours FROM rollovers").iter_rows()) == known
    for row in watch.ask("rollovers").frame.iter_rows(named=True):
        assert row["count"] == sum(kind == row["kind"] for _, kind, _ in known)
        assert row["n"] == len(known)


def test_the_truth_of_refusals(made: tuple[Watch, dict[str, Any]]) -> None:
    watch, truth = made
    known = sorted_rows((one["domain"], one["mechanism"], one["from"], float(one["hours"])) for one in truth["refusals"])
    assert {mechanism for _, mechanism, _, _ in known} == {"dane", "mta-sts"}
    start = watch.start.isoformat()
    found = watch.sql(f"SELECT domain, mechanism, hours(begun, TIMESTAMPTZ '{start}')::INTEGER, hours FROM refusals WHERE NOT began_before")
    assert sorted_rows(found.iter_rows()) == known
    assert watch.ask("refusals").frame["count"].sum() == len(known)


def test_the_truth_of_policies(made: tuple[Watch, dict[str, Any]]) -> None:
    watch, truth = made
    known = sorted_rows(
        (one["domain"], one["kind"], None if one["hours"] is None else float(one["hours"])) for one in truth["policy_steps"]
    )
    assert {kind for _, kind, _ in known} == {"together", "id-first", "policy-first", "policy-only", "id-only"}
    assert sorted_rows(watch.sql("SELECT domain, kind, hours FROM policy_steps").iter_rows()) == known
    assert watch.ask("policy_steps").frame["count"].sum() == len(known)


def test_the_truth_of_renewals(made: tuple[Watch, dict[str, Any]]) -> None:
    watch, truth = made
    known = sorted_rows((one["host"], float(one["hours_left"])) for one in truth["renewals"])
    assert any(left < 0 for _, left in known)
    assert sorted_rows(watch.sql("SELECT host, hours_left FROM renewals").iter_rows()) == known
    assert watch.ask("renewals").frame["count"].sum() == len(known)


def test_only_what_changed_is_kept(made: tuple[Watch, dict[str, Any]]) -> None:
    watch, truth = made
    assert len(watch.rounds) == truth["rounds"] == 48
    assert sum(told["whole"] for told in watch.rounds) == 2, "one a day"
    seen = sum(table["rows"] for told in watch.rounds for table in told["tables"].values())
    kept = sum(table["kept"] for told in watch.rounds if not told["whole"] for table in told["tables"].values())
    assert kept < seen / 100
