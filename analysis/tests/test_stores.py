"""Questions about trust stores, on a world written by hand; what a dataset without them says."""

from __future__ import annotations

import pytest
from test_senders import _root
from world import World, rows

from mxcensus_analysis import Census, questions

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_max_age": 604800, "sts_verdict": "pass"}
STORES = ("new", "old")
ASKED = ("store_outcomes", "store_disagreements", "store_roots", "store_curve", "few_roots", "conditional_trust")


@pytest.fixture
def compared(world: World) -> World:
    """Three roots. `new` trusts A, B and C, `old` A and B, and of B nothing issued after a day.

    Every policy but that of d.nl is of A. Mail: a.nl on A; b.nl on B, of before the day; c.nl on C alone; d.nl has policy and mail on C alone; e.nl has one
    host on A and one on B, of after the day; f.nl is in testing, on C; g.nl hangs on A or B.
    """
    roots = {name: _root(f"Root {name}") for name in "ABC"}
    a, b, c = (roots[name][0] for name in "ABC")
    world.roots = b"".join(pem for _, pem in roots.values())
    world.stores = {
        "new.pem": world.roots,
        "old.pem": roots["A"][1] + roots["B"][1],
        "old.distrust": f"sct:{b}@2026-01-31\n".encode(),
    }
    good = {
        "sts_policy": "valid",
        "sts_mode": "enforce",
        "policy_trusted": True,
        "mx_trusted": "all",
        "outcome_mta_sts": "authenticated",
        "outcome_both": "authenticated",
    }
    passes, refused = (
        {**good, "sts_verdict": "pass"},
        {**good, "sts_verdict": "fail", "mx_trusted": "none", "outcome_mta_sts": "refused", "outcome_both": "refused"},
    )
    lost = {
        "sts_policy": "unfetchable",
        "policy_trusted": False,
        "mx_trusted": "none",
        "sts_verdict": "broken",
        "outcome_mta_sts": "encrypted",
        "outcome_both": "encrypted",
    }
    either = sorted([a, b])
    under = {
        "a.nl": ((passes, [a], [[a]]), (passes, [a], [[a]])),
        "b.nl": ((passes, [a], [[b]]), (passes, [a], [[b]])),
        "c.nl": ((passes, [a], [[c]]), (refused, [a], [])),
        "d.nl": ((passes, [c], [[c]]), (lost, [], [])),
        "e.nl": ((passes, [a], sorted([[a], [b]])), ({**passes, "sts_verdict": "partial", "mx_trusted": "some"}, [a], [[a]])),
        "f.nl": (
            ({**passes, "sts_mode": "testing", "outcome_mta_sts": "encrypted", "outcome_both": "encrypted"}, [a], [[c]]),
            ({**refused, "sts_mode": "testing", "outcome_mta_sts": "encrypted", "outcome_both": "encrypted"}, [a], []),
        ),
        "g.nl": ((passes, [a], [either]), (passes, [a], [either])),
    }
    for domain, each in under.items():
        world.domain(domain, **{**STS, "sts_mode": "testing" if domain == "f.nl" else "enforce"})
        for store, (judged, policy, hosts) in zip(STORES, each, strict=True):
            world.under(store, domain, policy_anchors=policy, sts_mx_anchors=hosts, **judged)
    # One that cannot be judged, and one without MTA-STS, of which no question speaks.
    world.domain("u.nl", **{**STS, "sts_verdict": "indeterminate"})
    world.domain("z.nl")
    for store in STORES:
        world.under(
            store, "u.nl", sts_policy="unknown", sts_verdict="indeterminate", outcome_mta_sts="indeterminate", outcome_both="indeterminate"
        )
        world.under(store, "z.nl")
    return world


def test_store_outcomes(compared: World) -> None:
    found = compared.census().ask("store_outcomes")
    assert rows(found, "store", "outcome", "count", "n", "unjudged") == [
        ("new", "authenticated", 6, 7, 1),
        ("new", "encrypted", 1, 7, 1),
        ("old", "authenticated", 4, 7, 1),
        ("old", "encrypted", 2, 7, 1),
        ("old", "refused", 1, 7, 1),
    ]


def test_store_disagreements(compared: World) -> None:
    found = compared.census().ask("store_disagreements")
    assert rows(found, "finding", "stores", "count", "n", "unjudged") == [
        ("refused and delivered", "old", 1, 7, 1),
        ("protected and not", "old", 1, 7, 1),
        ("otherwise different", None, 0, 7, 1),
        ("the same under every store", None, 5, 7, 1),
    ]


def test_store_roots(compared: World) -> None:
    """C is in one store: c.nl is refused and d.nl loses its policy without it; f.nl is in testing and loses nothing. B is in both, and `old` refuses what it
    issued later: b.nl, e.nl and g.nl can use it and are neither refused nor without a policy."""
    found = compared.census().ask("store_roots")
    columns = ("root", "trusting", "refused_after", "trusted_by", "can_use", "count", "n", "refused", "policies_lost", "unjudged")
    assert rows(found, *columns) == [
        ("Root C", "new", None, 1, 3, 2, 7, 1, 1, 1),
        ("Root B", "new old", "old@2026-01-31", 2, 3, 0, 7, 0, 0, 1),
    ]


def test_store_curve(compared: World) -> None:
    """Enforced are all but f.nl. `new`: A is used by six domains, B by b, e and g, C by c and d. Without A only a.nl falls, and of policies all but d.nl's."""
    columns = ("store", "roots", "root", "count", "n", "policies", "n_policies")
    assert rows(compared.census().ask("store_curve"), *columns) == [
        ("new", 1, "Root A", 1, 6, 6, 7),
        ("new", 2, "Root B", 4, 6, 6, 7),
        ("new", 3, "Root C", 6, 6, 7, 7),
        ("old", 1, "Root A", 2, 4, 6, 6),
        ("old", 2, "Root B", 4, 4, 6, 6),
    ]


def test_few_roots(compared: World) -> None:
    """With A alone gone only d.nl keeps a policy under `new`, and its mail with it; with A alone trusted, a, e and g keep both."""
    columns = ("store", "change", "count", "n", "policy_alone", "used")
    census = compared.census()
    assert rows(census.ask("few_roots", roots=1), *columns) == [
        ("new", "largest distrusted", 1, 7, 0, 3),
        ("new", "largest alone trusted", 3, 7, 3, 3),
        ("old", "largest distrusted", 0, 4, 0, 2),
        ("old", "largest alone trusted", 3, 4, 1, 2),
    ]
    assert set(rows(census.ask("few_roots"), "change", "count")) == {
        ("largest distrusted", 0),
        ("largest alone trusted", 7),
        ("largest alone trusted", 4),
    }


def test_conditional_trust(compared: World) -> None:
    """Some chain hangs on each of A, B and C alone, so all that are used are needed. Under `new`, b, c, e and f name two roots each, a, d and g one; g.nl's host
    names A, which more chains can use."""
    found = compared.census().ask("conditional_trust")
    assert rows(found, "store", "domains", "used", "least", "count", "n", "at_most", "unjudged") == [
        ("new", 7, 3, 3, 3, 3, 2, 0),
        ("old", 4, 2, 2, 2, 2, 2, 1),
    ]
    assert found.one("per_domain", store="new") == pytest.approx(11 / 7)


def test_a_chain_that_hangs_on_no_root_alone_takes_one_more(world: World) -> None:
    """The policy hangs on A, the host on B or C: two roots are needed, and two suffice."""
    roots = [_root(f"Root {name}") for name in "ABC"]
    (a, _), (b, _), (c, _) = roots
    world.stores = {"one.pem": b"".join(pem for _, pem in roots)}
    world.domain("a.nl", **STS)
    world.under(
        "one", "a.nl", sts_policy="valid", sts_mode="enforce", sts_verdict="pass", policy_anchors=[a], sts_mx_anchors=[sorted([b, c])]
    )
    assert rows(world.census().ask("conditional_trust"), "least", "count", "n") == [(2, 2, 3)]


def test_a_root_that_a_store_refuses_altogether_is_not_in_it(world: World) -> None:
    (a, pem_a), (b, pem_b) = _root("Root A"), _root("Root B")
    world.stores = {"one.pem": pem_a + pem_b, "one.distrust": f"{b}\n".encode(), "two.pem": pem_a}
    world.domain("a.nl", **STS)
    census = world.census()
    assert census.ask("store_roots").frame.height == 0
    assert census.sql("SELECT store, sha256 FROM store_roots ORDER BY store").rows() == [("one", a), ("two", a)]


@pytest.mark.parametrize("name", ASKED)
def test_without_stores_the_answer_says_what_is_missing(world: World, name: str) -> None:
    world.domain("a.nl", **STS)
    answer = world.census().ask(name)
    assert answer.frame.height == 0
    assert "mxcensus judge" in (answer.missing or "")
    assert answer.reading == answer.missing
    assert answer.missing in answer.caption


def test_with_stores_nothing_is_missing(compared: World) -> None:
    census = compared.census()
    asked = [name for name, question in questions().items() if "store_verdicts" in question.tables]
    assert sorted(asked) == sorted(ASKED)
    assert all(census.ask(name).missing is None for name in asked)


def test_the_scope_leaves_out_rows_of_stores_too(compared: World) -> None:
    compared.rows["verdicts"][0]["provider"] = "big.nl"
    census = Census.open(compared.write())
    assert census.ask("store_outcomes", without_top_operators=1).one("count", store="new", outcome="authenticated") == 5
