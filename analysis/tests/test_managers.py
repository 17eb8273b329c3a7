"""Who runs policy hosts, how that is known, and whose policies, certificates and TLSA fail."""

from __future__ import annotations

from typing import Any

import pytest
from world import World, rows

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_verdict": "pass"}


def alias(target: str) -> list[dict[str, str]]:
    return [{"target": target, "dnssec": "insecure"}]


def broken(stage: str, failure: str, policy: str = "unfetchable") -> dict[str, Any]:
    return {"sts_record": "valid", "sts_policy": policy, "sts_verdict": "broken", "sts_failure_stage": stage, "sts_failure": failure}


def test_a_policy_host_is_named_by_what_stands_at_its_address(world: World) -> None:
    """One domain for each way to tell."""
    places: dict[str, tuple[str, dict[str, Any]]] = {
        "a.com": ("192.0.2.1", {"policy_cnames": alias("a.policies.org")}),  # an alias
        "b.com": ("192.0.2.1", {}),  # the same address without an alias
        "c.com": ("192.0.2.2", {}),  # where an MX host of hoster.net is
        "d.com": ("192.0.2.3", {"policy_chain": ["aa"]}),  # a certificate for *.panel.net
        "e.com": ("192.0.2.4", {"policy_chain": ["bb"]}),  # a certificate for itself, nobody else there
        "f.com": ("192.0.2.5", {}),  # two strangers share an address
        "g.com": ("192.0.2.5", {}),
        "h.com": ("192.0.2.6", {"policy_cnames": alias("one.x.org")}),  # two operators' aliases at one address
        "i.com": ("192.0.2.6", {"policy_cnames": alias("one.y.org")}),
        "j.com": ("192.0.2.6", {}),  # whose neighbours disagree
    }
    for name, (address, values) in places.items():
        world.domain(name, provider="hoster.net", **STS)
        world.mx(name, "mx.hoster.net")
        world.policy(name, policy_ip=address, **values)
    world.host("mx.hoster.net", addresses=["192.0.2.2", "2001:db8::1"])
    world.certificate("aa", common_name="*.panel.net")
    world.certificate("bb", common_name="mta-sts.e.com")
    named = world.census().sql("SELECT domain, operator, named_by FROM policy_operators ORDER BY domain")
    assert named.rows() == [
        ("a.com", "policies.org", "alias"),
        ("b.com", "policies.org", "neighbour"),
        ("c.com", "hoster.net", "mail"),
        ("d.com", "panel.net", "certificate"),
        ("e.com", "e.com", "alone"),
        ("f.com", "[192.0.2.5]", "address"),
        ("g.com", "[192.0.2.5]", "address"),
        ("h.com", "x.org", "alias"),
        ("i.com", "y.org", "alias"),
        ("j.com", "[192.0.2.6]", "address"),
    ]


def test_policy_operators_follow_the_scope(world: World) -> None:
    """With the largest MX provider left out, its customers' policy hosts are gone too."""
    for index, provider in enumerate(("big.net", "big.net", "small.net")):
        world.domain(f"d{index}.com", provider=provider, **STS)
        world.mx(f"d{index}.com", f"mx.{provider}")
        world.policy(f"d{index}.com", policy_cnames=alias(f"d{index}.policies.org"))
    census = world.census()
    assert census.ask("concentration", kind="policy-operator").one("count") == 3
    assert census.ask("concentration", kind="policy-operator", without_top_operators=1).one("count") == 1


def test_policy_hosts(world: World) -> None:
    """policies.org hosts four: one enforced, one mode none, one left behind, one whose verdict nobody knows. A domain's own alias is no hosting."""
    states = {
        "a.com": STS,
        "b.com": {**STS, "sts_mode": "none", "sts_verdict": "mode-none"},
        "c.com": broken("tls", "cert-name-mismatch"),
        "d.com": {**STS, "sts_verdict": "indeterminate"},
    }
    for name, values in states.items():
        world.domain(name, **values)
        world.policy(name, policy_cnames=alias(f"{name.split('.')[0]}.sts.policies.org"))
    world.domain("own.com", **STS)
    world.policy("own.com", policy_cnames=alias("web.own.com"))
    columns = ("operator", "pattern", "domains", "count", "n", "enforce", "mode_none", "left_behind", "unjudged")
    assert rows(world.census().ask("policy_hosts"), *columns) == [("policies.org", "*.sts.policies.org", 4, 1, 3, 2, 1, 1, 1)]


def test_faults_by_manager(world: World) -> None:
    """With thresholds of 1 and 3: two own hosts, one of which fails at HTTP; a third party with three, two of which fail."""
    world.domain("a.com", **broken("http", "http-status"))
    world.policy("a.com", policy_ip="192.0.2.1")
    world.domain("b.com", **STS)
    world.policy("b.com", policy_ip="192.0.2.2")
    for index, values in enumerate((broken("tls", "tls-alert"), broken("policy", "policy-mode", "invalid"), STS)):
        world.domain(f"t{index}.com", **values)
        world.policy(f"t{index}.com", policy_cnames=alias(f"t{index}.policies.org"))
    world.domain("u.com", **STS | {"sts_policy": "unknown", "sts_verdict": "indeterminate"})
    world.policy("u.com", policy_ip="192.0.2.3")
    answer = world.census().ask("faults_by_manager", third_party_min=3, self_max=1)
    assert rows(answer, "manager", "step", "count", "n", "unjudged") == [
        ("self", "http", 1, 2, 1),
        ("third-party", "tls", 1, 3, 0),
        ("third-party", "policy", 1, 3, 0),
    ]


def test_mx_certificate_faults(world: World) -> None:
    """own.com: both hosts bad, the self-signed one first in order; half.com at the provider: one of two expired; blind.com showed nothing."""
    world.domain("own.com", provider="own.com", **STS)
    world.mx("own.com", "mx1.own.com", pkix="cert-name-mismatch")
    world.mx("own.com", "mx2.own.com", pkix="cert-self-signed")
    for name in ("half.com", "fine.com", "blind.com"):
        world.domain(name, provider="p.net", **STS | {"sts_mode": "testing"})
    world.mx("half.com", "mx1.p.net", pkix="valid")
    world.mx("half.com", "mx2.p.net", pkix="cert-expired")
    world.mx("fine.com", "mx1.p.net", pkix="valid")
    world.mx("blind.com", "mx3.p.net")
    answer = world.census().ask("mx_certificate_faults", third_party_min=2, self_max=0)
    assert rows(answer, "manager", "fault", "count", "every", "enforced", "n", "unjudged") == [
        ("self", "cert-self-signed", 1, 1, 1, 1, 0),
        ("third-party", "cert-expired", 1, 0, 0, 2, 1),
    ]


def test_dane_managers(world: World) -> None:
    for index, verdict in enumerate(("pass", "pass", "fail", "indeterminate", "insecure")):
        world.domain(f"d{index}.com", provider="p.net", dane_verdict=verdict)
    world.domain("own.com", provider="own.com", dane_verdict="partial")
    answer = world.census().ask("dane_managers", third_party_min=5, self_max=0)
    assert rows(answer, "manager", "count", "n", "unjudged") == [("self", 1, 1, 0), ("third-party", 1, 3, 1)]


def test_providers(world: World) -> None:
    for index, verdict in enumerate(("pass", "fail", "none", "insecure")):
        world.domain(f"d{index}.com", provider="p.net", dane_verdict=verdict, sts_record="valid" if index == 3 else "absent")
    world.domain("e.com", provider="e.com", dane_verdict="pass")
    world.domain("f.com", provider="f.com", dane_verdict="indeterminate", sts_record="error")
    census = world.census()
    columns = ("provider", "count", "n", "holds", "of", "unjudged")
    assert rows(census.ask("providers"), *columns) == [("p.net", 2, 3, 1, 4, 1), ("e.com", 1, 3, 1, 1, 1)]
    assert rows(census.ask("providers", mechanism="mta-sts"), *columns) == [("p.net", 1, 1, 0, 4, 1)]


def test_served_curve(world: World) -> None:
    """mx.big serves three, in order; mx.a and mx.b one, mx.b broken; mx.c undecided."""
    for index in range(3):
        world.domain(f"g{index}.com")
        world.mx(f"g{index}.com", "mx.big.net")
    for name, values in (("a", {}), ("b", {"failure": "cert-expired"}), ("c", {"decided": False})):
        world.domain(f"{name}.com")
        world.mx(f"{name}.com", f"mx.{name}.com", **values)
    answer = world.census().ask("served_curve")
    assert rows(answer, "hosts", "serves", "count", "n", "unjudged") == [
        ("in order", 1, 1, 2, 1),
        ("in order", 3, 2, 2, 1),
        ("broken", 1, 1, 1, 1),
    ]
    assert answer.frame["domains_share"].to_list() == pytest.approx([0.25, 1.0, 1.0])


def test_tlsa_coverage(world: World) -> None:
    """Every host; only the preferred one; a preferred one without; one whose look-up failed; one with nothing."""
    cases: dict[str, list[tuple[str, int]]] = {
        "a.nl": [("match", 10), ("mismatch", 20)],
        "b.nl": [("match", 10), ("none", 20)],
        "c.nl": [("none", 10), ("match", 10)],
        "d.nl": [("match", 10), ("unknown", 20)],
        "e.nl": [("none", 10)],
    }
    for name, hosts in cases.items():
        world.domain(name, dane_verdict="none" if name == "e.nl" else "partial")
        for index, (word, preference) in enumerate(hosts):
            world.mx(name, f"mx{index}.{name}", dane=word, preference=preference)
    assert rows(world.census().ask("tlsa_coverage"), "coverage", "count", "n", "unjudged") == [
        ("every host", 1, 3, 1),
        ("primary only", 1, 3, 1),
        ("some hosts", 1, 3, 1),
    ]


def test_tlsa_anchors(world: World) -> None:
    """mx.a names a CA by key, mx.b the same by certificate and one that nobody showed; mx.c uses usage 3 alone; mx.d's look-up failed."""

    def looked(*records: tuple[int, int, int, str], status: str = "found") -> list[dict[str, Any]]:
        return [{"name": "_25._tcp.mx", "status": status, "error": "servfail" if status == "error" else None, "dnssec": "secure", "ttl": 60,
                 "records": [dict(zip(("usage", "selector", "matching", "data"), record, strict=True)) for record in records]}]  # fmt: skip

    found = {
        "mx.a.nl": looked((2, 1, 1, "99")),
        "mx.b.nl": looked((2, 0, 1, "ca"), (2, 1, 1, "77")),
        "mx.c.nl": looked((3, 1, 1, "99")),
        "mx.d.nl": looked(status="error"),
    }
    for host, lookups in found.items():
        world.domain(host[3:])
        world.mx(host[3:], host)
        world.host(host, tlsa_lookups=lookups)
    world.certificate("ca", subject="CN=R10", spki_sha256="99")
    assert rows(world.census().ask("tlsa_anchors"), "ca", "count", "n", "domains", "unjudged") == [
        ("CN=R10", 2, 2, 2, 1),
        ("not seen in this crawl", 1, 2, 1, 1),
    ]


def test_id_age(world: World) -> None:
    """The crawl looks on 1 November 2026."""
    ids = {"20261015T120000": "under 30 days", "20250101": "1 to 2 years", "1700000000": "over 2 years", "20269901": "no date", "v7": "no date",
           "20270601120000Z": "in the future", "2026101599999999": "no date"}  # fmt: skip
    for index, sts_id in enumerate(ids):
        world.domain(f"d{index}.nl", sts_id=sts_id, **STS)
    world.domain("u.nl", sts_record="valid", sts_policy="unknown", sts_verdict="indeterminate")
    answer = world.census().ask("id_age")
    assert {row["age"]: row["count"] for row in answer.frame.iter_rows(named=True)} == {
        age: list(ids.values()).count(age) for age in set(ids.values())
    }
    assert (answer.frame["n"][0], answer.frame["unjudged"][0]) == (7, 1)


def test_untestable(world: World) -> None:
    """Of two with MTA-STS one is turned away by a blocklist; of three with nothing one is refused without a word about lists."""
    for name, values, error, text in (
        ("a.nl", {"sts_record": "valid"}, "banner-rejected", "554 5.7.1 blocked using a blocklist"),
        ("b.nl", {"sts_record": "valid"}, None, None),
        ("c.nl", {}, "banner-rejected", "554 No SMTP service here"),
        ("d.nl", {}, None, None),
        ("e.nl", {}, "connect-refused", None),
    ):
        world.domain(name, **values)
        world.mx(name, f"mx.{name}", decided=error is None)
        world.endpoint(f"mx.{name}", error=error, stage="banner" if error else "done", reply_text=text)
    assert rows(world.census().ask("untestable"), "publishes", "count", "n", "turned_away", "listed") == [
        ("mta-sts only", 1, 2, 1, 1),
        ("neither", 2, 3, 1, 0),
    ]
