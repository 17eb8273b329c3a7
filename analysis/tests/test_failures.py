"""How MTA-STS and DANE break, and who is at fault."""

from __future__ import annotations

import pytest
from world import WHEN, World, rows

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce"}


@pytest.fixture
def broken(world: World) -> World:
    """MTA-STS: ten adopters, one undecided, six fail. DANE: nine adopters, one undecided."""
    sts = [
        ("record", "record-id-missing", "broken"),
        ("tls", "cert-expired", "broken"),
        ("tls", "cert-expired", "broken"),
        ("policy", "policy-mx", "broken"),
        ("mx-list", "mx-not-in-policy", "fail"),
        ("mx-certificate", "cert-name-mismatch", "partial"),
    ]
    for index, (stage, failure, verdict) in enumerate(sts):
        world.domain(
            f"s{index}.com",
            sts_record="invalid" if stage == "record" else "valid",
            sts_verdict=verdict,
            sts_failure_stage=stage,
            sts_failure=failure,
        )
    for index in range(3):
        world.domain(f"p{index}.com", sts_verdict="pass", **STS)
    world.domain("u.com", sts_verdict="indeterminate", sts_failure_stage="mx-tls", sts_failure="connect-refused", **STS)
    dane = [
        ("mismatch.nl", "fail", [("mismatch", "wrong-selector"), ("unusable", None)]),
        ("no-tls.nl", "partial", [("match", None), ("no-tls", None)]),
        ("missing.nl", "partial", [("match", None), ("none", None)]),
        ("unusable.nl", "unusable", [("unusable", None)]),
        ("lookup.nl", "lookup-failed", [("lookup-failed", None)]),
        ("insecure.nl", "insecure", [("insecure", None)]),
        ("fine.nl", "pass", [("match", None)]),
        ("quiet.nl", "indeterminate", [("unknown", None)]),
    ]
    for domain, verdict, hosts in dane:
        world.domain(domain, dane_verdict=verdict, dane_insecure_cause="mx" if verdict == "insecure" else None)
        for index, (word, cause) in enumerate(hosts):
            world.mx(domain, f"mx{index}.{domain}", dane=word, dane_host=word, tlsa_mismatch_cause=cause)
    world.domain("bogus.nl", mx_status="error", mx_dnssec="bogus", dane_verdict="lookup-failed")
    world.domain("timeout.nl", mx_status="error")
    return world  # fmt: skip


def test_failures_mta_sts(broken: World) -> None:
    assert rows(broken.census().ask("failures_mta_sts"), "stage", "failure", "verdict", "count", "n", "unjudged") == [
        ("tls", "cert-expired", "broken", 2, 9, 1),
        ("mx-certificate", "cert-name-mismatch", "partial", 1, 9, 1),
        ("mx-list", "mx-not-in-policy", "fail", 1, 9, 1),
        ("policy", "policy-mx", "broken", 1, 9, 1),
        ("record", "record-id-missing", "broken", 1, 9, 1),
    ]


def test_failures_dane(broken: World) -> None:
    """Of mismatch.nl's two hosts the mismatch speaks; bogus.nl's MX is proven forged and counts, timeout.nl's is not known."""
    assert set(rows(broken.census().ask("failures_dane"), "stage", "failure", "cause", "verdict", "count", "n", "unjudged")) == {
        ("TLSA records", "tlsa-mismatch", "wrong-selector", "fail", 1, 8, 1),
        ("STARTTLS at the MX", "no-tls", None, "partial", 1, 8, 1),
        ("TLSA records", "tlsa-missing-at-a-host", None, "partial", 1, 8, 1),
        ("TLSA records", "tlsa-unusable", None, "unusable", 1, 8, 1),
        ("DNSSEC", "lookup-failed", None, "lookup-failed", 1, 8, 1),
        ("DNSSEC", "mx-bogus", None, "lookup-failed", 1, 8, 1),
        ("not signed", "insecure-mx", None, "insecure", 1, 8, 1),
    }


def test_fault(broken: World) -> None:
    """DANE: eight judged, of which insecure.nl is unsigned and not at fault: seven adopters, six fail."""
    assert rows(broken.census().ask("fault"), "mechanism", "area", "part", "count", "n", "adopters", "unjudged") == [
        ("mta-sts", "web", "policy host: TLS and certificate", 2, 6, 9, 1),
        ("mta-sts", "mail server", "MX certificate", 1, 6, 9, 1),
        ("mta-sts", "text", "mx list", 1, 6, 9, 1),
        ("mta-sts", "text", "policy text", 1, 6, 9, 1),
        ("mta-sts", "text", "record", 1, 6, 9, 1),
        ("dane", "text", "TLSA records", 3, 6, 7, 1),
        ("dane", "DNSSEC", "DNSSEC", 2, 6, 7, 1),
        ("dane", "mail server", "STARTTLS at the MX", 1, 6, 7, 1),
    ]


def test_strictness(world: World) -> None:
    world.domain(
        "a.com", sts_record="valid", sts_record_lenient="valid", sts_policy="invalid", sts_policy_lenient="valid", sts_verdict="broken"
    )
    world.domain(
        "b.com", sts_record="invalid", sts_record_lenient="valid", sts_policy="valid", sts_policy_lenient="valid", sts_verdict="broken"
    )
    world.domain(
        "c.com",
        sts_record="valid",
        sts_record_lenient="valid",
        sts_policy="unfetchable",
        sts_policy_lenient="unfetchable",
        sts_verdict="broken",
    )
    world.domain(
        "d.com",
        sts_record="valid",
        sts_record_lenient="valid",
        sts_policy="unknown",
        sts_policy_lenient="unknown",
        sts_verdict="indeterminate",
    )
    assert rows(world.census().ask("strictness"), "what", "strict", "lenient", "count", "n", "unjudged") == [
        ("record", 3, 4, 1, 4, 0),
        ("policy", 1, 2, 1, 2, 1),
    ]  # fmt: skip


def test_backup_only(world: World) -> None:
    world.domain("a.com", sts_verdict="partial", sts_verdict_primary="pass", dane_verdict="partial", dane_verdict_primary="pass", **STS)
    world.domain("b.com", sts_verdict="fail", sts_verdict_primary="fail", dane_verdict="pass", **STS)
    world.domain("c.com", sts_verdict="pass", dane_verdict="indeterminate", **STS)
    assert rows(world.census().ask("backup_only"), "mechanism", "passes", "passes_primary", "count", "n", "unjudged") == [
        ("mta-sts", 1, 2, 1, 3, 0),
        ("dane", 1, 2, 1, 2, 1),
    ]


def test_mx_mismatches(world: World) -> None:
    """One domain per class; two.com has a near and a far host and counts under the far one; match.com is right."""
    cases = {
        "label.com": (["mta-sts.label.com"], ["mx.label.com"]),
        "deep.com": (["*.deep.com"], ["a.b.deep.com"]),
        "other-label.com": (["mail.other-label.com"], ["mx.other-label.com"]),
        "suffix.com": (["mx.suffix.net"], ["mx.suffix.com"]),
        "typo.com": (["mx.tyop.com"], ["mx.typo.com"]),
        "moved.com": (["mx.old-hoster.org"], ["mx.new-hoster.com"]),
        "two.com": (["mail.two.com"], ["mx.two.com", "mx.elsewhere.org"]),
    }
    for domain, (patterns, hosts) in cases.items():
        world.domain(
            domain, sts_verdict="fail", sts_failure_stage="mx-list", sts_failure="mx-not-in-policy", sts_mx_patterns=patterns, **STS
        )
        for host in hosts:
            world.mx(domain, host, sts_mx_match=False, sts="fail")
    world.domain("match.com", sts_verdict="pass", sts_mx_patterns=["mx.match.com"], **STS)
    world.mx("match.com", "mx.match.com", sts_mx_match=True, sts="pass")
    world.domain(
        "test.com",
        sts_record="valid",
        sts_policy="valid",
        sts_mode="testing",
        sts_verdict="fail",
        sts_failure_stage="mx-list",
        sts_failure="mx-not-in-policy",
        sts_mx_patterns=["mx.somewhere.org"],
    )
    world.mx("test.com", "mx.test.com", sts_mx_match=False, sts="fail")
    found = world.census().ask("mx_mismatches")
    assert set(rows(found, "class", "count", "enforced", "n")) == {
        ("domain", 3, 2, 9),
        ("3ld-mta-sts", 1, 1, 9),
        ("wildcard-depth", 1, 1, 9),
        ("3ld", 1, 1, 9),
        ("tld", 1, 1, 9),
        ("typo", 1, 1, 9),
    }  # fmt: skip
    strict = world.census().ask("mx_mismatches", distance=1)
    assert strict.one("count", **{"class": "domain"}) == 4


def test_managers(world: World) -> None:
    """own.com runs everything; hosted domains use one provider (3 domains) and one policy host; with third parties from 3 domains on and self
    up to 1, the provider of two is unclassified."""

    def adopter(name: str, mx: str, target: str | None, ip: str, stage: str | None = None) -> None:
        verdict = "pass" if stage is None else ("fail" if stage.startswith("mx") else "broken")
        failure = {None: None, "tls": "cert-expired", "mx-list": "mx-not-in-policy"}[stage]
        world.domain(name, provider=mx, sts_verdict=verdict, sts_failure_stage=stage, sts_failure=failure, **STS)
        world.policy(name, policy_ip=ip, policy_cnames=[{"target": target, "dnssec": "insecure"}] if target else None)

    adopter("own.com", "own.com", None, "192.0.2.1", "tls")
    adopter("a.com", "big.net", "x.policies.org", "192.0.2.2")
    adopter("b.com", "big.net", "y.policies.org", "192.0.2.2", "mx-list")
    adopter("c.com", "big.net", "z.policies.org", "192.0.2.2")
    adopter("d.com", "mid.net", None, "192.0.2.3", "tls")
    adopter("e.com", "mid.net", None, "192.0.2.3")
    world.domain("u.com", provider="big.net", sts_verdict="indeterminate", **STS)
    world.policy("u.com", policy_ip="192.0.2.9")
    found = world.census().ask("managers", third_party_min=3, self_max=1)
    assert rows(found, "side", "manager", "count", "n", "failing", "unjudged") == [
        ("policy", "third-party", 3, 6, 0, 1),
        ("policy", "unclassified", 2, 6, 1, 1),
        ("policy", "self", 1, 6, 1, 1),
        ("mx", "third-party", 3, 6, 1, 1),
        ("mx", "unclassified", 2, 6, 0, 1),
        ("mx", "self", 1, 6, 0, 1),
    ]


def test_entities(world: World) -> None:
    def adopter(name: str, provider: str, target: str | None, mismatch: bool = False, verdict: str = "pass") -> None:
        world.domain(
            name,
            provider=provider,
            sts_verdict="fail" if mismatch else verdict,
            sts_failure_stage="mx-list" if mismatch else None,
            sts_failure="mx-not-in-policy" if mismatch else None,
            **STS,
        )
        world.policy(name, policy_cnames=[{"target": target, "dnssec": "insecure"}] if target else None)

    adopter("a.com", "hoster.net", "a.sts.hoster.net")
    adopter("b.com", "hoster.net", "b.policies.org", mismatch=True)
    adopter("c.com", "hoster.net", "c.policies.org")
    adopter("d.com", "hoster.net", None)
    adopter("e.com", "hoster.net", "e.policies.org", verdict="indeterminate")
    assert rows(world.census().ask("entities"), "entities", "count", "n", "mismatch", "unjudged") == [
        ("different", 2, 3, 1, 1),
        ("same", 1, 3, 0, 0),
    ]  # fmt: skip


def _tlsa(*records: tuple[int, int, int, str], status: str = "found", dnssec: str = "secure") -> list[dict[str, object]]:
    names = ("usage", "selector", "matching", "data")
    return [
        {
            "name": "_25._tcp.mx",
            "status": status,
            "dnssec": dnssec,
            "records": [dict(zip(names, record, strict=True)) for record in records],
        }
    ]


def test_tlsa_parameters_and_sets(world: World) -> None:
    """Six hosts with secure records; the host that serves two domains counts two."""
    hosts = {
        "one.nl": _tlsa((3, 1, 1, "aa")),
        "two.nl": _tlsa((3, 1, 1, "aa"), (3, 1, 1, "bb")),
        "ta.nl": _tlsa((3, 1, 1, "aa"), (2, 1, 1, "cc")),
        "old.nl": _tlsa((1, 1, 1, "aa")),
        "many.nl": _tlsa(*[(3, 1, 1, f"{index:02x}") for index in range(13)]),
        "odd.nl": _tlsa((3, 1, 7, "aa")),
        "insecure.nl": _tlsa((3, 1, 1, "aa"), dnssec="insecure"),
        "failed.nl": _tlsa(status="error", dnssec="bogus"),
        "none.nl": _tlsa(status="nodata"),
    }
    for name, lookups in hosts.items():
        world.host(f"mx.{name}", tlsa_lookups=lookups)
        world.domain(name)
        world.mx(name, f"mx.{name}")
    world.domain("guest.nl")
    world.mx("guest.nl", "mx.two.nl")
    census = world.census()
    assert rows(census.ask("tlsa_parameters"), "usage", "selector", "matching", "usable", "count", "n", "domains", "unjudged") == [
        (3, 1, 1, True, 4, 6, 5, 1),
        (3, 1, 7, False, 1, 6, 1, 1),
        (2, 1, 1, True, 1, 6, 1, 1),
        (1, 1, 1, False, 1, 6, 1, 1),
    ]
    assert set(rows(census.ask("tlsa_sets"), "class", "count", "n", "domains", "unjudged")) == {
        ("unusable", 2, 6, 2, 1),
        ("single", 1, 6, 1, 1),
        ("prepared", 1, 6, 2, 1),
        ("anchored", 1, 6, 1, 1),
        ("many", 1, 6, 1, 1),
    }


def test_tlsa_mismatches(world: World) -> None:
    """mx.ta.nl matches for its own domain and misses the name for a guest: it matches."""

    def mx(domain: str, host: str, word: str, cause: str | None = None) -> None:
        world.domain(domain)
        world.mx(domain, host, dane=word, dane_host=word, tlsa_mismatch_cause=cause, tlsa_base=host)

    mx("a.nl", "mx.a.nl", "match")
    mx("b.nl", "mx.b.nl", "mismatch", "wrong-selector")
    mx("b2.nl", "mx.b.nl", "mismatch", "wrong-selector")
    mx("c.nl", "mx.c.nl", "partial", "unknown")
    mx("d.nl", "mx.d.nl", "no-tls")
    mx("e.nl", "mx.e.nl", "unknown")
    mx("ta.nl", "mx.ta.nl", "match")
    mx("guest.nl", "mx.ta.nl", "mismatch", "name-mismatch")
    assert rows(world.census().ask("tlsa_mismatches"), "cause", "count", "n", "domains", "unjudged") == [
        ("no-tls", 1, 5, 1, 1),
        ("unknown", 1, 5, 1, 1),
        ("wrong-selector", 1, 5, 2, 1),
    ]


def test_broken_hosts(world: World) -> None:
    for index in range(3):
        world.domain(f"a{index}.com")
        world.mx(
            f"a{index}.com",
            "mx.hoster.net",
            failure="cert-expired" if index < 2 else None,
            result_type="certificate-expired" if index < 2 else None,
        )
    world.domain("b.com")
    world.mx("b.com", "mx.b.com", failure="tlsa-mismatch", result_type="tlsa-invalid", tlsa_mismatch_cause="empty-digest")
    world.mx("b.com", "mx2.b.com", failure="starttls-not-offered", result_type="starttls-not-supported")
    # The policy leaves a host out: the policy is broken, the host is not.
    world.domain("c.com")
    world.mx("c.com", "mx.c.com", failure="mx-not-in-policy", result_type="validation-failure")
    census = world.census()
    expected = [
        ("mx.hoster.net", "hoster.net", "cert-expired", None, "certificate-expired", 2, 3),
        ("mx.b.com", "b.com", "tlsa-mismatch", "empty-digest", "tlsa-invalid", 1, 1),
        ("mx2.b.com", "b.com", "starttls-not-offered", None, "starttls-not-supported", 1, 1),
    ]
    assert rows(census.ask("broken_hosts"), "host", "provider", "failure", "cause", "result_type", "count", "n") == expected
    assert rows(census.ask("broken_hosts", limit=1), "host", "broken", "affected") == [("mx.hoster.net", 3, 3)]  # fmt: skip


def test_domains_per_host(world: World) -> None:
    """mx.big.net serves ten and fails for one of them; two small hosts serve one, one fails; a third is undecided; a policy leaves the fourth out."""
    for index in range(10):
        world.domain(f"g{index}.com")
        world.mx(f"g{index}.com", "mx.big.net", failure="cert-expired" if index == 0 else None)
    for name, values in (
        ("a", {"failure": "starttls-not-offered"}),
        ("b", {}),
        ("c", {"decided": False}),
        ("d", {"failure": "mx-not-in-policy"}),
    ):
        world.domain(f"{name}.com")
        world.mx(f"{name}.com", f"mx.{name}.com", **values)
    assert rows(world.census().ask("domains_per_host"), "serves", "count", "n", "domains", "unjudged") == [
        ("1 domain", 1, 3, 4, 1),
        ("10 to 99", 1, 1, 10, 0),
    ]


def test_result_types(world: World) -> None:
    world.domain("a.nl", sts_record="valid", sts_verdict="fail", result_types=["certificate-expired", "validation-failure"])
    world.domain("b.nl", dane_verdict="fail", result_types=["tlsa-invalid", "certificate-expired"])
    world.domain("c.nl", sts_record="valid", sts_verdict="indeterminate")
    world.domain("d.nl")
    assert rows(world.census().ask("result_types"), "result_type", "count", "n", "unjudged") == [
        ("certificate-expired", 2, 3, 1),
        ("tlsa-invalid", 1, 3, 1),
        ("validation-failure", 1, 3, 1),
    ]


def test_transient(world: World) -> None:
    """Refused once, then fine; refused twice; refused and never retried; a policy that timed out, then came."""

    def log(*errors: str | None, at: str = "connect") -> list[dict[str, object]]:
        return [{"at": WHEN, "stage": at if error else "done", "error": error, "ms": 1.0} for error in errors]

    world.domain("a.nl", sts_record="valid")
    for host, attempts in {
        "m1": log("connect-refused", None),
        "m2": log("connect-refused", "connect-refused"),
        "m3": log("connect-refused"),
    }.items():
        world.mx("a.nl", f"{host}.a.nl")
        world.endpoint(f"{host}.a.nl", attempt_log=attempts, stage=attempts[-1]["stage"], error=attempts[-1]["error"])
    world.policy("a.nl", policy_attempts=log("http-timeout", None, at="http"), policy_stage="done")
    assert rows(world.census().ask("transient"), "side", "stage", "failure", "count", "n", "unjudged") == [
        ("mx", "connect", "connect-refused", 1, 2, 1),
        ("policy", "http", "http-timeout", 1, 1, 0),
    ]


def test_unjudged(world: World) -> None:
    world.domain("fine.nl", mx_dnssec="insecure")
    world.domain("timeout.nl", mx_status="error", seen={"mx_error": "dns-timeout"})
    world.domain("out.nl", mx_status="opted-out")
    world.domain("record.nl", mx_dnssec="insecure", sts_record="error", sts_verdict="indeterminate", seen={"sts_txt_error": "servfail"})
    world.domain("budget.nl", mx_dnssec="insecure", sts_record="valid", sts_policy="unknown", sts_verdict="indeterminate")
    world.policy("budget.nl", policy_stage="skipped", policy_error="budget")
    world.domain(
        "quiet.nl", mx_dnssec="secure", sts_record="valid", sts_policy="valid", sts_verdict="indeterminate", dane_verdict="indeterminate"
    )
    world.mx("quiet.nl", "mx.quiet.nl", decided=False, dane="unknown")
    world.endpoint("mx.quiet.nl", stage="connect", error="connect-timeout")
    world.domain("lookup.nl", mx_dnssec="secure", dane_verdict="indeterminate")
    world.mx("lookup.nl", "mx.lookup.nl", dane="unknown")
    world.domain("off.nl", mx_dnssec=None, dane_verdict="indeterminate")
    assert rows(world.census().ask("unjudged"), "what", "reason", "count", "n") == [
        ("does it take mail?", "mx look-up: dns-timeout", 1, 8),
        ("does it take mail?", "opted-out", 1, 8),
        ("MTA-STS", "no MX host decided", 1, 6),
        ("MTA-STS", "policy: budget", 1, 6),
        ("MTA-STS", "record look-up: servfail", 1, 6),
        ("DANE", "TLSA look-up", 1, 6),
        ("DANE", "dnssec off", 1, 6),
        ("DANE", "no MX host decided", 1, 6),
        ("MX hosts", "connect: connect-timeout", 1, 2),
    ]
