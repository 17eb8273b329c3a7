"""Three things apart, for both mechanisms of whoever publishes: every verdict has its place, and the interval counts operators."""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest
from world import World

from mxcensus_analysis import intervals
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.story import opening, tell

VALID = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_max_age": 604800}


@pytest.mark.parametrize(
    ("judged", "state", "cause"),
    [
        (VALID | {"sts_verdict": "pass"}, "in-order", None),
        (VALID | {"sts_verdict": "partial"}, "in-part", None),
        (VALID | {"sts_verdict": "fail", "outcome_mta_sts": "refused"}, "refused", None),
        (VALID | {"sts_verdict": "pass", "sts_mode": "testing"}, "unprotected", "mode testing"),
        (VALID | {"sts_verdict": "fail", "sts_mode": "testing"}, "unprotected", "mode testing"),
        (VALID | {"sts_verdict": "mode-none", "sts_mode": "none"}, "unprotected", "mode none"),
        (VALID | {"sts_verdict": "pass", "sts_max_age": 0}, "unprotected", "max_age 0"),
        ({"sts_record": "invalid", "sts_verdict": "broken"}, "unprotected", "record broken"),
        ({"sts_record": "multiple", "sts_verdict": "broken"}, "unprotected", "record broken"),
        ({"sts_record": "valid", "sts_policy": "unfetchable", "sts_verdict": "broken"}, "unprotected", "policy not to be had"),
        ({"sts_record": "valid", "sts_policy": "invalid", "sts_verdict": "broken"}, "unprotected", "policy broken"),
        # Another host could not be looked at and may have passed: nobody knows whether mail is refused.
        (VALID | {"sts_verdict": "fail", "outcome_mta_sts": "indeterminate"}, None, None),
        ({"sts_record": "valid", "sts_policy": "unknown", "sts_verdict": "indeterminate"}, None, None),
    ],
)
def test_where_mta_sts_leaves_mail(world: World, judged: dict[str, Any], state: str | None, cause: str | None) -> None:
    world.domain("a.example", **judged)
    check(world, "mta-sts", state, cause)


@pytest.mark.parametrize(
    ("judged", "host", "state", "cause"),
    [
        ({"dane_verdict": "pass"}, "match", "in-order", None),
        ({"dane_verdict": "partial"}, "match", "in-part", None),
        ({"dane_verdict": "fail", "outcome_dane": "refused"}, "mismatch", "refused", None),
        ({"dane_verdict": "fail", "outcome_dane": "indeterminate"}, "mismatch", None, None),
        ({"dane_verdict": "insecure", "dane_insecure_cause": "mx"}, "match", "unprotected", "the domain is not signed"),
        (
            {"dane_verdict": "insecure", "dane_insecure_cause": "address"},
            "insecure",
            "unprotected",
            "the addresses of the MX are not signed",
        ),
        ({"dane_verdict": "insecure", "dane_insecure_cause": "tlsa"}, "insecure", "unprotected", "the TLSA records are not signed"),
        ({"dane_verdict": "unusable"}, "unusable", "unprotected", "no usable record"),
        ({"dane_verdict": "unusable", "outcome_dane": "refused"}, "unusable", "refused", None),
        # DNSSEC fails, and TLSA was seen at the host all the same.
        ({"dane_verdict": "lookup-failed", "outcome_dane": "refused"}, "match", "refused", None),
        ({"dane_verdict": "indeterminate", "outcome_dane": "indeterminate"}, "mismatch", None, None),
    ],
)
def test_where_dane_leaves_mail(world: World, judged: dict[str, Any], host: str, state: str | None, cause: str | None) -> None:
    world.domain("a.example", **judged)
    world.mx("a.example", "mx.example", dane_host=host)
    check(world, "dane", state, cause)


def check(world: World, mechanism: str, state: str | None, cause: str | None) -> None:
    census = world.census()
    answer = census.ask("standing").where(mechanism=mechanism)
    told = {row["state"]: row["count"] for row in answer.frame.iter_rows(named=True)}
    # Whoever publishes is counted once: in one state, or as not judged.
    assert {name for name, count in told.items() if count} == ({state} if state else set())
    assert census.ask("publishing").one("count", mechanism=mechanism) == 1
    causes = census.ask("unprotected").where(mechanism=mechanism).frame["cause"].to_list()
    assert causes == ([cause] if cause else [])


def test_who_is_not_known_to_publish_is_no_publisher(world: World) -> None:
    """Of three domains with failing DNSSEC one shows TLSA. Counting the others too, three of four would be refused."""
    for name in ("a", "b", "c"):
        world.domain(f"{name}.example", dane_verdict="lookup-failed", outcome_dane="refused")
        world.mx(f"{name}.example", "mx.example", dane_host="match" if name == "a" else "lookup-failed")
    world.domain("d.example", dane_verdict="pass")
    world.mx("d.example", "mx.example", dane_host="match")
    census = world.census()
    assert census.ask("standing").one("count", mechanism="dane", state="refused") == 1
    assert census.ask("standing").one("n", mechanism="dane", state="refused") == 2
    assert census.ask("publishing").one("unjudged", mechanism="dane") == 2
    assert census.ask("dnssec_failures").frame.select("count", "n", "share_of_publishers").row(0) == (2, 4, 0.75)


def by_hand(share: float, n: float) -> tuple[float, float]:
    """Wilson (1927), as textbooks write it."""
    z = 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def test_one_operator_is_one_fact(world: World) -> None:
    """A hundred customers of one provider fail together, a hundred others pass one by one: as of far fewer than 200."""
    for index in range(200):
        broken = index < 100
        provider = "big.example" if broken else f"own{index}.example"
        judged = {"dane_verdict": "insecure", "dane_insecure_cause": "mx"} if broken else {"dane_verdict": "pass"}
        world.domain(f"d{index}.example", provider=provider, **judged)
        world.mx(f"d{index}.example", f"mx.{provider}", dane_host="match")
    row = world.census().ask("standing").rows(mechanism="dane", state="unprotected").row(0, named=True)
    # 101 operators; the sum of (x - p n)^2 over them is 50^2 + 100 / 4 = 2525.
    variance = 101 / 100 * 2525 / 200**2
    effective = 0.25 / variance
    assert row["effective"] == pytest.approx(effective)
    assert effective < 4
    assert (row["low"], row["high"]) == pytest.approx(by_hand(0.5, effective))
    assert row["operators"] == 101


def test_of_two_ways_to_group_the_one_that_says_less_counts(world: World) -> None:
    """Forty policies at forty mail providers and one policy host: as of one operator."""
    for index in range(40):
        world.domain(f"d{index}.example", provider=f"p{index}.example", **VALID, sts_verdict="pass" if index < 30 else "broken")
        world.mx(f"d{index}.example", f"mx.p{index}.example")
        world.policy(f"d{index}.example", policy_ip="192.0.2.7")
    row = world.census().ask("standing").rows(mechanism="mta-sts", state="in-order").row(0, named=True)
    assert (row["operators"], row["effective"]) == (1, 1.0)


@pytest.mark.parametrize(("count", "n"), [(0, 10), (10, 10), (3, 10), (1, 1000), (500, 1000)])
def test_wilson(count: int, n: int) -> None:
    made = intervals.wilson(count / n, n)
    assert tuple(made) == pytest.approx(by_hand(count / n, n), abs=1e-12)
    assert 0 <= made.low <= count / n <= made.high <= 1


def pair(world: World, *, sts: int, dane: int) -> str:
    """Two hundred publish each, all with servers of their own; so many are in order. Gives the answer."""
    for index in range(200):
        world.domain(f"s{index}.example", provider=f"s{index}.example", **VALID, sts_verdict="pass" if index < sts else "broken")
        judged = {"dane_verdict": "pass"} if index < dane else {"dane_verdict": "insecure", "dane_insecure_cause": "mx"}
        world.domain(f"d{index}.example", provider=f"d{index}.example", **judged)
        world.mx(f"d{index}.example", f"d{index}.example", dane_host="match")
    return " ".join(tell(Facts(world.census())).answer)


def test_nobody_is_called_better_while_intervals_touch(world: World) -> None:
    """150 of 200 against 160 of 200: 68.6 to 80.5 % and 73.9 to 84.9 %."""
    said = pair(world, sts=150, dane=160)
    assert "The intervals touch in all three, so on this list neither mechanism can be called the better bargain." in said
    assert "more often" not in said


def test_who_stands_apart_is_named(world: World) -> None:
    said = pair(world, sts=100, dane=180)
    assert "DANE is in order more often" in said
    assert "MTA-STS leaves publishers unprotected more often" in said
    assert "In the other one the intervals touch." in said


def test_the_words_of_the_answer_are_defined() -> None:
    defined = {entry.term for entry in opening.DEFINITIONS}
    assert {begins for begins, _ in opening.STATES.values()} <= defined
    assert "95% interval" in defined
