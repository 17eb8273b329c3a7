"""What changed: of comparisons written by hand, and of two months of a made world that another program counted."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, Comparison, ComparisonError
from mxcensus_analysis.report.blocks import Figure, Report
from mxcensus_analysis.report.command import main
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.markdown import markdown
from mxcensus_analysis.report.page import page
from mxcensus_analysis.report.story import tell
from mxcensus_analysis.report.story.movers import Mover, movement

BINARY = os.environ.get("MXCENSUS")
KINDS = [
    "appeared", "vanished", "sight-lost", "sight-regained", "mail-began", "mail-ended", "sts-adopted", "sts-withdrawn", "dane-adopted",
    "dane-withdrawn", "tlsrpt-adopted", "tlsrpt-withdrawn", "dnssec-gained", "dnssec-lost", "verdict-changed", "failure-new",
    "failure-healed", "failure-persists", "policy-updated", "policy-without-new-id", "id-without-new-policy", "mode-downgraded",
    "mode-upgraded", "max-age-lowered", "max-age-raised", "policy-host-moved", "mx-moved", "mx-changed", "policy-outdated", "tlsa-added",
    "tlsa-removed", "rollover-kept", "rollover-broke", "tlsa-broke", "tlsa-stale",
]  # fmt: skip
SCHEMA = {
    "subject": pl.String, "name": pl.String, "kind": pl.String, "aspect": pl.String, "old": pl.String, "new": pl.String, "rank": pl.Int64,
    "provider": pl.String, "provider_before": pl.String, "policy_operator": pl.String, "domains": pl.Int64,
}  # fmt: skip


def changed(name: str, old: str, new: str, column: str = "sts_verdict", **more: str | None) -> dict[str, Any]:
    return {"subject": "domain", "name": name, "kind": "verdict-changed", "aspect": column, "old": old, "new": new, "domains": 1, **more}


def write(folder: Path, rows: list[dict[str, Any]], **summary: Any) -> Comparison:
    """A comparison as `mxcensus diff` leaves it."""
    (folder / "changes").mkdir(parents=True)
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(folder / "changes" / "diff-0001-000001.parquet")
    whole = {
        "format": 1,
        "old": {"begun": "2026-10-01T00:00:00Z"},
        "new": {"begun": "2026-11-01T00:00:00Z"},
        "warnings": [],
        "population": {"both": 40, "unseen_in_new": 0, "unseen_in_old": 0, "unseen_in_both": 0, "hosts_with_tlsa": 0},
        "comparable": {"sts_verdict": 40, "dane_verdict": 40},
        "adoption": {name: {"comparable": 40, "old": 0, "new": 0} for name in ("mta-sts", "dane", "tlsrpt")},
        "kinds": {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS},
        "counts": [],
        "operators": [],
    }
    (folder / "summary.json").write_text(json.dumps(whole | summary), encoding="utf-8")
    return Comparison.open(folder)


def breaking(count: int, **more: str | None) -> list[dict[str, Any]]:
    return [changed(f"d{index}.example", "pass", "broken", **more) for index in range(count)]


def test_the_operator_that_accounts_for_a_change_is_named(tmp_path: Path) -> None:
    """Of 8 that ceased to be in order 5 are at one policy operator and at one provider; one healed at the former."""
    rows = [
        *breaking(5, provider="mail.example.net", policy_operator="policies.example.org"),
        changed("x.example", "no-policy", "fail", policy_operator="policies.example.org", provider="elsewhere.example"),
        *[changed(f"y{index}.example", "pass", "partial", provider="other.example") for index in range(3)],
        changed("z.example", "broken", "pass", policy_operator="policies.example.org"),
        changed("same.example", "broken", "fail", policy_operator="policies.example.org"),
    ]
    sizes = [{"role": "policy-operator", "operator": "policies.example.org", "subject": "domain", "kind": "mx-moved", "aspect": None,
              "old": None, "new": None, "count": 1, "of": 77}]  # fmt: skip
    moved = movement(write(tmp_path / "c", rows, operators=sizes), "mta-sts in-order")
    assert (moved.gained, moved.lost) == (1, 8)
    # Of the policies' operator 5 went and 1 came; at the provider 5 went.
    assert moved.mover == Mover("mail.example.net", "provider", 5, None)
    assert moved.cause == "Of 8 that ceased to be so, 5 at mail.example.net"


def test_size_and_direction(tmp_path: Path) -> None:
    rows = [changed(f"d{index}.example", "pass", "fail", "dane_verdict", provider="p.example.net") for index in range(2)]
    rows += [changed(f"e{index}.example", "fail", "pass", "dane_verdict", provider="p.example.net") for index in range(8)]
    sizes = [{"role": "provider", "operator": "p.example.net", "subject": "domain", "kind": "mx-moved", "aspect": None,
              "old": None, "new": None, "count": 1, "of": 10}]  # fmt: skip
    moved = movement(write(tmp_path / "c", rows, operators=sizes), "dane in-order")
    assert (moved.gained, moved.lost, moved.did) == (8, 2, "came to be so")
    assert moved.mover == Mover("p.example.net", "provider", 6, 10)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (breaking(4, provider="p.example.net"), "fewer than five are chance"),
        (breaking(6, provider="p.example.net", provider_before="q.example.net"), "a change that came with a move is nobody's doing"),
        ([changed(f"h{index}.p.example.net", "pass", "broken", provider="p.example.net") for index in range(6)], "a domain's own servers"),
        (
            [changed(f"d{index}.example", "pass", "broken", provider=f"p{index // 5}.example") for index in range(25)],
            "a fifth is not a quarter",
        ),
    ],
)
def test_nobody_is_named_without_reason(tmp_path: Path, rows: list[dict[str, Any]], why: str) -> None:
    sizes = [{"role": "provider", "operator": "large.example.net", "subject": "domain", "kind": "mx-moved", "aspect": None,
              "old": None, "new": None, "count": 1, "of": 20}]  # fmt: skip
    moved = movement(write(tmp_path / "c", rows, operators=sizes), "mta-sts in-order")
    assert moved.lost == len(rows)
    assert moved.mover is None, why


def pair(folder: Path) -> tuple[World, World]:
    then, now = (World(folder / name) for name in ("then", "now"))
    then.manifest["runs"][0]["start"] = "2026-10-01T00:00:00Z"
    return town(then, broken=2), town(now, broken=4)


def test_the_report_tells_it(tmp_path: Path) -> None:
    then, now = pair(tmp_path)
    rows = breaking(6, provider="mail.example.net")
    comparison = write(tmp_path / "c", rows, warnings=[{"word": "rules-differ", "meaning": "The rules differ."}])
    report = tell(Facts(now.census(), then.census(), comparison))
    tiles = {tile.key: (tile.change, tile.cause) for tile in report.tiles}
    assert tiles["mta-sts in-order"] == ("▼ 25.0 points", "Of 6 that ceased to be so, 6 at mail.example.net")
    assert tiles["mta-sts unprotected"] == ("▲ 25.0 points", "Of 6 that came to be so, 6 at mail.example.net")
    assert "The rules differ." in report.warnings
    assert [part.title for part in report.parts] == ["Findings", "What changed", "Appendix"]
    assert [section.name for section in report.parts[1].sections] == ["changes"]
    for written in (page(report), markdown(report)):
        assert "mail.example.net" in written
        assert "None" not in written


def test_nothing_changed_is_a_report_too(tmp_path: Path) -> None:
    then, now = pair(tmp_path)
    report = tell(Facts(now.census(), then.census(), write(tmp_path / "c", [])))
    assert all(tile.cause is None for tile in report.tiles)
    assert figure(report, "Who moved the headline numbers").finding == "No single operator moved a headline number."
    page(report)


def figure(report: Report, title: str) -> Figure:
    found = [figure for section in report.sections if section.name == "changes" for figure in section.figures if figure.title == title]
    assert len(found) == 1, title
    return found[0]


def test_a_comparison_of_other_crawls_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    then, now = (world.write() for world in pair(tmp_path))
    write(tmp_path / "c", [], old={"begun": "2025-01-01T00:00:00Z"})
    out = ["--out", str(tmp_path / "r.html")]
    assert main([str(now), "--previous", str(then), "--changes", str(tmp_path / "c"), *out]) == 1
    assert "compares other crawls: its OLD began 2025-01-01" in capsys.readouterr().err
    assert main([str(now), "--changes", str(tmp_path / "c"), *out]) == 1
    assert "--previous" in capsys.readouterr().err


def test_a_program_that_is_not_there_or_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    then, now = (world.write() for world in pair(tmp_path))
    out = tmp_path / "r.html"
    command = [str(now), "--previous", str(then), "--out", str(out)]
    assert main([*command, "--mxcensus", str(tmp_path / "nowhere")]) == 1
    assert "does not start" in capsys.readouterr().err
    false = tmp_path / "false"
    false.write_text("#!/bin/sh\necho 'error: it is broken' >&2\nexit 1\n")
    false.chmod(0o755)
    assert main([*command, "--mxcensus", str(false)]) == 1
    assert "error: it is broken" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert main(command) == 0
    assert "left out: no mxcensus in PATH" in capsys.readouterr().err
    assert 'id="changes"' not in out.read_text(encoding="utf-8")
    write(tmp_path / "c", [])
    assert main([*command, "--changes", str(tmp_path / "c")]) == 0
    assert 'id="changes"' in out.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Months:
    """Two months of a made world, what the world says changed between them, and the report on both."""

    truth: dict[str, Any]
    comparison: Comparison
    report: Report


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    if BINARY is None:
        pytest.skip("MXCENSUS names no program: made worlds are not compared")
    folder = tmp_path_factory.mktemp("months")
    for month in (0, 1):
        command = [BINARY, "sample", "--domains", "5000", "--seed", "1", "--adoption", "5", "--month", str(month)]
        subprocess.run([*command, "--out", str(folder / str(month))], check=True, capture_output=True, timeout=1800)
    comparison = Comparison.make(BINARY, folder / "0", folder / "1", folder / "changes")
    truth = json.loads((folder / "1" / "changes.json").read_text(encoding="utf-8"))
    then, now = (Census.open(folder / name, threads=2) for name in ("0", "1"))
    return Months(truth, comparison, tell(Facts(now, then, comparison)))


def column(shown: Figure, label: str, title: str) -> Any:
    """A cell of a figure's table: of the row that begins with a label, under a title."""
    titles = [column.title for column in shown.table.columns]
    rows = [row for row in shown.table.rows if row[0] == label]
    assert len(rows) == 1, label
    return rows[0][titles.index(title)]


def test_the_report_says_what_the_world_did(months: Months) -> None:
    kinds = months.truth["kinds"]
    assert kinds["sts-adopted"] >= 30
    adoption = figure(months.report, "Begun and given up")
    for name, kind in (("MTA-STS", "sts"), ("DANE, signed or not", "dane"), ("TLSRPT", "tlsrpt")):
        assert column(adoption, name, "Began") == kinds.get(f"{kind}-adopted", 0)
        assert column(adoption, name, "Gave up") == kinds.get(f"{kind}-withdrawn", 0)
    policies = figure(months.report, "Policies and their ids")
    for label, kind in (
        ("changed, with a new id", "policy-updated"),
        ("changed under the old id", "policy-without-new-id"),
        ("new id, same policy", "id-without-new-policy"),
        ("mode weaker", "mode-downgraded"),
        ("mode stronger", "mode-upgraded"),
        ("max_age raised", "max-age-raised"),
        ("names the MX of before, not that of now", "policy-outdated"),
    ):
        assert column(policies, label, "Policies") == kinds.get(kind, 0), kind
    failures = figure(months.report, "Failures").table.rows
    for word, kind in (("new", "failure-new"), ("healed", "failure-healed"), ("lasting", "failure-persists")):
        for name, aspect in (("MTA-STS", "sts_verdict"), ("DANE", "dane_verdict")):
            told = sum(int(row[4] or 0) for row in failures if row[0] == word and row[1] == name)
            assert told == months.truth["domain"].get(kind, {}).get(aspect, 0), (kind, aspect)
    rollovers = figure(months.report, "Certificates renewed above TLSA").table.rows
    for word, kind in (("still matches", "rollover-kept"), ("matches no more", "rollover-broke")):
        assert sum(int(row[2] or 0) for row in rollovers if row[0] == word) == kinds.get(kind, 0)
    assert next(row[2] for row in rollovers if row[1] == "TLSA names a certificate of before") == kinds.get("tlsa-stale", 0)


def test_a_share_is_of_something_and_moves_have_none(months: Months) -> None:
    rows = figure(months.report, "Many at one place").table.rows
    moved = [row for row in rows if "moved" in str(row[2])]
    stayed = [row for row in rows if "moved" not in str(row[2])]
    assert moved
    assert all(row[4] is None and row[5] is None for row in moved)
    assert stayed
    assert all(row[5] is None or 0 < float(row[5]) <= 1 for row in stayed)


@pytest.mark.parametrize(("name", "aspect"), [("MTA-STS", "sts_verdict"), ("DANE", "dane_verdict")])
def test_verdicts_that_changed_add_up(months: Months, name: str, aspect: str) -> None:
    rows = figure(months.report, f"From verdict to verdict: {name}").table.rows
    assert sum(int(row[2] or 0) for row in rows) == months.truth["domain"]["verdict-changed"][aspect]


def test_the_registrar_and_the_provider_that_the_world_made_are_named(months: Months) -> None:
    """The burst of month 1 (one registrar's customers, all broken alike) and the provider that forgot its TLSA records."""
    brought = {name: count for name, count in months.truth["sts_adopted_by_policy_operator"].items() if name}
    registrar = max(brought, key=lambda name: brought[name])
    moved = movement(months.comparison, "mta-sts")
    assert moved.gained == months.truth["kinds"]["sts-adopted"]
    assert moved.mover is not None
    assert moved.mover.operator == registrar
    assert moved.mover.count >= brought[registrar]
    assert any(tile.cause and registrar in tile.cause for tile in months.report.tiles)
    forgetful = movement(months.comparison, "dane in-order").mover
    assert forgetful is not None
    stale = {row["name"] for row in months.comparison.rows("tlsa-stale").iter_rows(named=True)}
    assert any(name.endswith(forgetful.operator) for name in stale)


def test_a_comparison_is_not_made_twice_into_one_folder(months: Months, tmp_path: Path) -> None:
    assert BINARY is not None
    with pytest.raises(ComparisonError, match="is not empty"):
        Comparison.make(BINARY, months.comparison.folder.parent / "0", months.comparison.folder.parent / "1", months.comparison.folder)
