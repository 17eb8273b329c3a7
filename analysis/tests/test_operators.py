"""Who holds how much, and what breaks with them."""

from __future__ import annotations

import pytest
from world import World, rows

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_verdict": "pass"}


@pytest.fixture
def market(world: World) -> World:
    """MX: big.net has 6 domains (one with a backup at mid.net), mid.net 3, own.com 1. Policies: 3 at policies.org (one in testing), 2 at one address."""
    for index in range(6):
        world.domain(f"b{index}.com", provider="big.net")
        world.mx(f"b{index}.com", "mx.big.net")
    world.mx("b0.com", "mx.mid.net", preference=20)
    for index in range(3):
        world.domain(f"m{index}.com", provider="mid.net", **{**STS, "sts_mode": "testing" if index == 0 else "enforce"})
        world.mx(f"m{index}.com", "mx.mid.net")
        world.policy(f"m{index}.com", policy_cnames=[{"target": f"m{index}.sts.policies.org", "dnssec": "insecure"}])
    world.domain("own.com", provider="own.com", **STS)
    world.mx("own.com", "mx.own.com")
    world.policy("own.com", policy_ip="192.0.2.7")
    world.domain("unknown.com", mx_status="error")
    return world


def test_concentration(market: World) -> None:
    census = market.census()
    assert rows(census.ask("concentration"), "operator", "count", "n", "unjudged") == [
        ("big.net", 6, 10, 1),
        ("mid.net", 3, 10, 1),
        ("own.com", 1, 10, 1),
    ]
    assert census.ask("concentration").frame["cumulative"].to_list() == pytest.approx([0.6, 0.9, 1.0])
    assert rows(census.ask("concentration", kind="mx-host", limit=2), "operator", "count", "n") == [
        ("mx.big.net", 6, 10),
        ("mx.mid.net", 4, 10),
    ]
    assert rows(census.ask("concentration", kind="policy-operator"), "operator", "count", "n") == [
        ("policies.org", 3, 4),
        ("own.com", 1, 4),
    ]


def test_concentration_index(market: World) -> None:
    found = market.census().ask("concentration_index")
    assert rows(found, "kind", "operators", "count", "n", "half", "unjudged") == [
        ("mx-provider", 3, 6, 10, 1, 1),
        ("policy-operator", 2, 3, 4, 1, 0),
    ]
    assert found.one("hhi", kind="mx-provider") == pytest.approx(0.36 + 0.09 + 0.01)
    assert found.one("hhi", kind="policy-operator") == pytest.approx(0.75**2 + 0.25**2)


def test_blast_radius(market: World) -> None:
    """b0.com has a backup elsewhere, so it loses no mail with either."""
    census = market.census()
    assert rows(census.ask("blast_radius"), "operator", "count", "partly", "n", "unjudged") == [
        ("big.net", 5, 1, 10, 1),
        ("mid.net", 3, 1, 10, 1),
        ("own.com", 1, 0, 10, 1),
    ]
    assert rows(census.ask("blast_radius", kind="policy-operator"), "operator", "count", "partly", "n") == [
        ("policies.org", 3, 2, 4),
        ("own.com", 1, 1, 4),
    ]


def test_posture(world: World) -> None:
    """Of the provider's three domains one is undecided; the backup's bad certificate does not count."""
    world.domain("a.com", provider="p.net", sts_record="valid", dane_verdict="pass", tlsrpt="valid")
    world.mx("a.com", "mx1.p.net", pkix="valid")
    world.mx("a.com", "mx2.p.net", preference=20, pkix="cert-expired", starttls="not-offered")
    world.domain("b.com", provider="p.net")
    world.mx("b.com", "mx3.p.net", pkix="cert-self-signed")
    world.domain("c.com", provider="p.net")
    world.mx("c.com", "mx4.p.net", decided=False, starttls="unknown")
    columns = ("provider", "domains", "count", "n", "valid_certificate", "dane", "mta_sts", "tlsrpt", "unjudged")
    assert rows(world.census().ask("posture"), *columns) == [("p.net", 3, 2, 2, 0.5, 0.5, 0.5, 0.5, 1)]
