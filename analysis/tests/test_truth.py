"""Answers against a world that another program built: its truth was derived from how each domain was made, not by any query.

The program is named by the environment variable MXCENSUS (``make analysis-test`` sets it).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import polars as pl
import pytest

from mxcensus_analysis import Census

BINARY = os.environ.get("MXCENSUS")
pytestmark = pytest.mark.skipif(BINARY is None, reason="MXCENSUS names no program: made worlds are not asked")
# Adoption is multiplied, so that a small world holds every kind of failure.
WORLD = ["--domains", "2000", "--seed", "11", "--adoption", "20"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Census, dict[str, Any]]:
    assert BINARY is not None
    folder = tmp_path_factory.mktemp("sample") / "world"
    subprocess.run([BINARY, "sample", *WORLD, "--out", str(folder)], check=True, capture_output=True, timeout=1800)
    return Census.open(folder, threads=2), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def test_mail(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    answer = census.ask("population")
    assert {row["mx_status"]: row["count"] for row in answer.frame.iter_rows(named=True)} == truth["verdicts"]["mx_status"]
    assert answer.frame["n"].unique().to_list() == [2000]


@pytest.mark.parametrize(
    ("sender", "column"),
    [
        ("opportunistic", "opportunistic"),
        ("mta-sts", "mta_sts"),
        ("dane", "dane"),
        ("dane, insecure mx too", "dane_insecure_mx"),
        ("both", "both"),
    ],
)
def test_senders(made: tuple[Census, dict[str, Any]], sender: str, column: str) -> None:
    census, truth = made
    rows = census.ask("senders").rows(sender=sender)
    known = dict(truth["verdicts"][f"outcome_{column}"])
    known.pop("no-mail", None)
    unknown = known.pop("indeterminate", 0)
    assert {row["outcome"]: row["count"] for row in rows.iter_rows(named=True)} == known
    assert rows["n"][0] == sum(known.values())
    assert rows["unjudged"][0] == unknown


@pytest.mark.parametrize(("mechanism", "column"), [("mta-sts", "mta_sts"), ("dane", "dane"), ("both", "both")])
def test_protection(made: tuple[Census, dict[str, Any]], mechanism: str, column: str) -> None:
    census, truth = made
    known = {word: count for word, count in truth["verdicts"][f"protection_{column}"].items() if word not in ("no-mail", "indeterminate")}
    rows = census.ask("protection").rows(mechanism=mechanism)
    assert {row["protection"]: row["count"] for row in rows.iter_rows(named=True)} == known


@pytest.mark.parametrize(
    ("mechanism", "column", "others"),
    [("mta-sts", "sts_verdict", {"no-policy", "no-mail", "indeterminate"}), ("dane", "dane_verdict", {"none", "no-mail", "indeterminate"})],
)
def test_verdicts(made: tuple[Census, dict[str, Any]], mechanism: str, column: str, others: set[str]) -> None:
    census, truth = made
    known = {word: count for word, count in truth["verdicts"][column].items() if word not in others}
    assert len(known) >= 4, "the world is too small to say anything"
    rows = census.ask("verdicts").rows(mechanism=mechanism)
    assert {row["verdict"]: row["count"] for row in rows.iter_rows(named=True)} == known
    assert rows["n"][0] == sum(known.values())


def test_overlap_adds_up(made: tuple[Census, dict[str, Any]]) -> None:
    """Over the rows of the matrix each verdict is as frequent as the truth has it, less what the other mechanism leaves undecided."""
    census, truth = made
    frame = census.ask("overlap").frame
    for verdict in ("pass", "partial", "fail"):
        whole = frame.filter(frame["dane_verdict"] == verdict)["count"].sum()
        assert whole <= truth["verdicts"]["dane_verdict"].get(verdict, 0)
    assert frame["count"].sum() == frame["n"][0]
    assert frame["n"][0] + frame["unjudged"][0] == sum(
        count for word, count in truth["verdicts"]["mx_status"].items() if word not in ("null", "none", "nxdomain")
    )


def test_failures(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    failing = sum(truth["verdicts"]["sts_verdict"].get(word, 0) for word in ("broken", "fail", "partial"))
    answer = census.ask("failures_mta_sts").frame
    assert answer["count"].sum() == failing
    by_stage = answer.group_by("stage").agg(pl.col("count").sum())
    known = truth["verdicts"]["sts_failure_stage"]
    assert all(row["count"] <= known[row["stage"]] for row in by_stage.iter_rows(named=True))
    assert census.ask("fault").rows(mechanism="mta-sts")["n"][0] == failing


def test_fetch_failures(made: tuple[Census, dict[str, Any]]) -> None:
    """The stages before the text are the web server's alone."""
    census, truth = made
    known = truth["verdicts"]["sts_failure_stage"]
    stages = {"name of the policy host": "dns", "connection": "connect", "TLS and certificate": "tls", "HTTP": "http"}
    found = {row["what"]: row["count"] for row in census.ask("fetch_failures").frame.iter_rows(named=True)}
    assert {what: found[what] for what in stages} == {what: known.get(stage, 0) for what, stage in stages.items()}
    assert found["at the web server"] == truth["verdicts"]["sts_policy"]["unfetchable"] > 10


def test_policies_are_weighed_and_counted_once(made: tuple[Census, dict[str, Any]]) -> None:
    """Every valid policy of a domain that takes mail is in each question on them; a policy of one that takes none may be valid too."""
    census, truth = made
    valid = truth["verdicts"]["sts_policy"]["valid"]
    for name in ("policy_in_dns", "signed_policies", "https_alone", "preload"):
        frame = census.ask(name).frame
        assert valid * 0.95 <= frame["n"][0] + frame["unjudged"][0] <= valid, name
    assert census.ask("https_alone").frame["count"].sum() == census.ask("https_alone").frame["n"][0]


def test_tlsrpt(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    assert census.ask("tlsrpt").one("count", publishes="all") == truth["verdicts"]["tlsrpt"]["valid"]


def test_contradictions(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    against = {word: count for word, count in truth["verdicts"]["conflict"].items() if word != "none"}
    answer = census.ask("agreement")
    for word in ("dane-pass-sts-fail", "dane-fail-sts-pass"):
        assert answer.one("count", finding=f"contradict: {word}") == against.get(word, 0)


def test_rows(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    for table, count in truth["rows"].items():
        assert census.sql(f"SELECT count(*) AS k FROM {table}")["k"][0] == count


# Of each store, domains with a valid policy by the roots that their chains lead to.
Shapes = list[dict[str, Any]]


def _all(shape: dict[str, Any]) -> list[set[str]]:
    """The chains of a domain: the policy host's, and each MX host's."""
    return [chain for chain in (set(shape["policy"]), *map(set, shape["hosts"])) if chain]


def _holding(shapes: Shapes, *, enforce: bool = False) -> Shapes:
    return [shape for shape in shapes if shape["holds"] and (shape["mode"] == "enforce" or not enforce)]


def _count(shapes: Iterable[dict[str, Any]]) -> int:
    return sum(shape["domains"] for shape in shapes)


def test_stores_outcomes(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    found = census.sql("SELECT store, outcome_mta_sts AS outcome, count(*) AS k FROM store_verdicts GROUP BY ALL")
    for store, columns in truth["store_verdicts"].items():
        rows = {row["outcome"]: row["k"] for row in found.filter(found["store"] == store).iter_rows(named=True)}
        assert rows == columns["outcome_mta_sts"], store
    answer = census.ask("store_outcomes")
    assert answer.frame["store"].unique().sort().to_list() == sorted(truth["stores"]["roots"])
    refused = answer.rows(outcome="refused")
    assert dict(refused.select("store", "count").iter_rows()) == {
        store: columns["outcome_mta_sts"]["refused"]
        for store, columns in truth["store_verdicts"].items()
        if "refused" in columns["outcome_mta_sts"]
    }


def test_stores_disagree(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    frame = census.ask("store_disagreements").frame
    known = dict(truth["stores"]["agreement"])
    assert frame["unjudged"][0] == known.pop("unknown", 0)
    assert frame["n"][0] == sum(known.values())
    sums = dict(frame.group_by("finding").agg(pl.col("count").sum()).iter_rows())
    assert {finding: count for finding, count in sums.items() if count} == known
    assert known["refused and delivered"] > 0
    assert known["protected and not"] > 0


def test_stores_roots(made: tuple[Census, dict[str, Any]]) -> None:
    """`vintage` lacks the root of every policy host: whatever holds under another store is lost there."""
    census, truth = made
    answer = census.ask("store_roots")
    stores = truth["stores"]["roots"]
    some = {root for roots in stores.values() for root in roots if any(root not in roots for roots in stores.values())}
    assert set(answer.frame["root"]) == some | {"Lab Digital Root"}
    assert (
        answer.one("count", root="Let's Lab Root")
        == answer.one("n", root="Let's Lab Root")
        == answer.one("policies_lost", root="Let's Lab Root")
    )
    assert answer.one("trusting", root="Lab Root Co Root") == "all dated uncrossed vintage"
    assert "dated@2026-09-11" in str(answer.one("refused_after", root="Lab Digital Root"))
    enforced = [shape for shape in _holding(truth["stores"]["chains"]["all"]) if ["Lab Root Co Root"] in shape["hosts"]]
    assert answer.one("can_use", root="Lab Root Co Root") == _count(enforced)


def test_stores_curve(made: tuple[Census, dict[str, Any]]) -> None:
    census, truth = made
    frame = census.ask("store_curve").frame
    for store, shapes in truth["stores"]["chains"].items():
        enforced = _holding(shapes, enforce=True)
        gone: set[str] = set()
        for row in frame.filter(frame["store"] == store).sort("roots").iter_rows(named=True):
            gone.add(row["root"])
            fallen = [shape for shape in enforced if not set().union(*shape["hosts"]) - gone]
            lost = [shape for shape in shapes if shape["policy"] and not set(shape["policy"]) - gone]
            assert (row["count"], row["n"]) == (_count(fallen), _count(enforced)), (store, row)
            assert (row["policies"], row["n_policies"]) == (_count(lost), _count(shape for shape in shapes if shape["policy"]))


@pytest.mark.parametrize("roots", [1, 2, 10])
def test_stores_few(made: tuple[Census, dict[str, Any]], roots: int) -> None:
    census, truth = made
    answer = census.ask("few_roots", roots=roots)
    compared = 0
    for store, shapes in truth["stores"]["chains"].items():
        holding = _holding(shapes)
        uses = {
            root: _count(shape for shape in holding if any(root in chain for chain in _all(shape)))
            for root in truth["stores"]["roots"][store]
        }
        ranked = sorted((count for count in uses.values() if count), reverse=True)
        if len(ranked) > roots and ranked[roots - 1] == ranked[roots]:
            continue  # A tie at the cut is broken by the fingerprint, which the truth does not know.
        compared += 1
        largest = set(sorted(uses, key=lambda root: -uses[root])[:roots])
        for change, kept in (("largest distrusted", set(uses) - largest), ("largest alone trusted", largest)):
            both = [shape for shape in holding if set(shape["policy"]) & kept and any(set(host) & kept for host in shape["hosts"])]
            assert answer.one("count", store=store, change=change) == _count(both), (store, change)
            assert answer.one("n", store=store, change=change) == _count(holding)
    assert compared


def test_stores_conditional_trust(made: tuple[Census, dict[str, Any]]) -> None:
    """The smallest set of roots that meets every chain, found by trying all, lies between the bounds."""
    census, truth = made
    answer = census.ask("conditional_trust")
    for store, shapes in truth["stores"]["chains"].items():
        chains = [chain for shape in _holding(shapes) for chain in _all(shape)]
        roots = truth["stores"]["roots"][store]
        sizes = [
            len(chosen)
            for size in range(len(roots) + 1)
            for chosen in combinations(roots, size)
            if all(chain & set(chosen) for chain in chains)
        ]
        assert answer.one("n", store=store) == len(roots)
        assert answer.one("used", store=store) == len(set().union(*chains))
        least, most = answer.one("least", store=store), answer.one("count", store=store)
        assert least is not None
        assert most is not None
        assert least <= min(sizes) <= most, store
