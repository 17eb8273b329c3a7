"""Who publishes what, and whether it holds. Expected numbers follow from how each world was built."""

from __future__ import annotations

import pytest
from world import World, rows


@pytest.fixture
def mixed(world: World) -> World:
    """Ten names. Seven take mail, one does not, one is unknown, one opted out."""
    world.domain(
        "one.com",
        rank=1,
        sts_record="valid",
        sts_policy="valid",
        sts_mode="enforce",
        sts_verdict="pass",
        tlsrpt="valid",
        mx_dnssec="secure",
        dane_verdict="pass",
        seen={"spf_status": "found", "spf_txt": ["v=spf1 -all"], "dmarc_status": "found", "dmarc_txt": ["v=DMARC1; p=none"]},
    )
    world.domain(
        "two.com",
        rank=2,
        sts_record="invalid",
        sts_verdict="broken",
        mx_dnssec="insecure",
        seen={"dmarc_org_status": "found", "dmarc_org_txt": ["v=dmarc1; p=none"]},
    )
    world.domain(
        "three.com",
        rank=3,
        sts_record="error",
        sts_policy="unknown",
        sts_verdict="indeterminate",
        mx_dnssec="insecure",
        tlsrpt="error",
        dane_verdict="indeterminate",
        seen={"spf_status": "error", "dmarc_status": "error"},
    )
    world.domain(
        "four.nl",
        rank=12,
        sts_record="valid",
        sts_policy="valid",
        sts_mode="testing",
        sts_verdict="fail",
        mx_dnssec="secure",
        dane_verdict="fail",
        conflict="none",
    )
    world.domain("five.nl", rank=13, mx_dnssec="secure", dane_verdict="insecure", dane_insecure_cause="address")
    world.domain("six.nl", rank=14, mx_status="implicit", mx_dnssec="indeterminate", dane_verdict="unusable")
    world.domain(
        "seven.nl",
        sts_record="valid",
        sts_policy="valid",
        sts_mode="none",
        sts_verdict="mode-none",
        dane_verdict="pass",
        mx_dnssec="secure",
    )
    world.domain("null.nl", mx_status="null", mx_dnssec="secure", sts_record="valid")
    world.domain("unknown.nl", mx_status="error", sts_record="unknown", sts_policy="unknown")
    world.domain("out.nl", mx_status="opted-out", sts_record="unknown", sts_policy="unknown")
    return world  # fmt: skip


def test_adoption(mixed: World) -> None:
    """Population 9 (null takes no mail), 7 take mail; what three.com answered with an error is not in n."""
    assert rows(mixed.census().ask("adoption"), "mechanism", "count", "n", "unjudged") == [
        ("spf", 1, 6, 3),
        ("dmarc", 2, 6, 3),
        ("dnssec", 4, 6, 3),
        ("mta-sts", 4, 6, 3),
        ("mta-sts enforced", 1, 6, 3),
        ("tlsrpt", 1, 6, 3),
        ("tlsa", 5, 6, 3),
        ("dane", 4, 6, 3),
    ]


def test_adoption_by_tld_and_rank(mixed: World) -> None:
    census = mixed.census()
    by_tld = census.ask("adoption", by="tld")
    assert [by_tld.one(column, slice="nl", mechanism="mta-sts") for column in ("count", "n", "unjudged")] == [2, 4, 2]
    assert [by_tld.one(column, slice="com", mechanism="dane") for column in ("count", "n", "unjudged")] == [1, 2, 1]
    by_rank = census.ask("adoption", by="rank", bin=10)
    assert by_rank.frame["slice"].unique(maintain_order=True).to_list() == ["1-10", "11-20", "unranked"]
    assert [by_rank.one("n", slice=bin, mechanism="dane") for bin in ("1-10", "11-20", "unranked")] == [2, 3, 1]


def test_mechanism_sets(mixed: World) -> None:
    """seven.nl withdrew its policy, so it has DANE only; five.nl's TLSA are not signed."""
    assert rows(mixed.census().ask("mechanism_sets"), "publishes", "count", "n", "unjudged") == [
        ("both", 2, 6, 3),
        ("mta-sts only", 1, 6, 3),
        ("dane only", 2, 6, 3),
        ("neither", 1, 6, 3),
    ]


def test_overlap(mixed: World) -> None:
    found = mixed.census().ask("overlap")
    assert set(rows(found, "sts_verdict", "dane_verdict", "count", "n", "unjudged")) == {
        ("pass", "pass", 1, 6, 3),
        ("broken", "none", 1, 6, 3),
        ("fail", "fail", 1, 6, 3),
        ("no-policy", "insecure", 1, 6, 3),
        ("no-policy", "unusable", 1, 6, 3),
        ("mode-none", "pass", 1, 6, 3),
    }


def test_agreement_and_contradictions(world: World) -> None:
    """Five domains publish both; one cannot be judged. A look-up that failed with proof is a DANE failure."""
    both = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce"}
    world.domain("a.nl", sts_verdict="pass", dane_verdict="pass", **both)
    world.domain("b.nl", sts_verdict="fail", sts_failure="cert-expired", dane_verdict="pass", conflict="dane-pass-sts-fail", rank=2, **both)
    world.domain("c.nl", sts_verdict="pass", dane_verdict="lookup-failed", conflict="dane-fail-sts-pass", rank=1, **both)
    world.domain("d.nl", sts_verdict="partial", dane_verdict="partial", **both)
    world.domain("e.nl", sts_verdict="indeterminate", dane_verdict="pass", **both)
    world.domain("f.nl", sts_verdict="pass", dane_verdict="none", **both)
    census = world.census()
    assert rows(census.ask("agreement"), "finding", "count", "n", "unjudged") == [
        ("both hold", 1, 4, 1),
        ("only dane holds", 1, 4, 1),
        ("only mta-sts holds", 1, 4, 1),
        ("neither holds", 1, 4, 1),
        ("contradict: dane-pass-sts-fail", 1, 4, 1),
        ("contradict: dane-fail-sts-pass", 1, 4, 1),
    ]
    assert rows(census.ask("contradictions"), "domain", "conflict", "n", "unjudged") == [
        ("c.nl", "dane-fail-sts-pass", 4, 1),
        ("b.nl", "dane-pass-sts-fail", 4, 1),
    ]
    assert rows(census.ask("contradictions", limit=1), "domain") == [("c.nl",)]


def test_verdicts(mixed: World) -> None:
    """three.com's record could not be looked up, so it does not count as publishing; its DANE is undecided."""
    found = mixed.census().ask("verdicts")
    assert set(rows(found, "mechanism", "verdict", "count", "n", "unjudged")) == {
        ("mta-sts", "pass", 1, 4, 0),
        ("mta-sts", "broken", 1, 4, 0),
        ("mta-sts", "fail", 1, 4, 0),
        ("mta-sts", "mode-none", 1, 4, 0),
        ("dane", "pass", 2, 5, 1),
        ("dane", "fail", 1, 5, 1),
        ("dane", "insecure", 1, 5, 1),
        ("dane", "unusable", 1, 5, 1),
    }


def test_population(mixed: World) -> None:
    assert set(rows(mixed.census().ask("population"), "mx_status", "takes_mail", "count", "n", "unjudged")) == {
        ("present", True, 6, 10, 2),
        ("implicit", True, 1, 10, 2),
        ("null", False, 1, 10, 2),
        ("error", False, 1, 10, 2),
        ("opted-out", False, 1, 10, 2),
    }


def test_tlsrpt(world: World) -> None:
    world.domain("a.nl", tlsrpt="valid", tlsrpt_rua=["mailto:x@a.nl", "https://a.nl/"], sts_record="valid", dane_verdict="pass")
    world.domain("b.nl", tlsrpt="valid", tlsrpt_rua=["https://b.nl/"])
    world.domain("c.nl", tlsrpt="multiple", sts_record="valid")
    world.domain("d.nl", tlsrpt="error", dane_verdict="fail")
    world.domain("e.nl")
    assert rows(world.census().ask("tlsrpt"), "publishes", "count", "n", "defective", "mail", "web", "unjudged") == [
        ("all", 2, 4, 1, 1, 2, 1),
        ("mta-sts", 1, 2, 1, 1, 1, 0),
        ("dane", 1, 1, 0, 1, 1, 1),
        ("neither", 1, 2, 0, 0, 1, 0),
    ]


def test_dnssec(world: World) -> None:
    for name, state in (("a.nl", "secure"), ("b.nl", "insecure"), ("c.nl", None)):
        world.domain(name, mx_dnssec=state)
    world.domain("bogus.nl", mx_status="error", mx_dnssec="bogus")
    world.host(
        "mx1.nl",
        a_dnssec="secure",
        aaaa_dnssec="secure",
        tlsa_lookups=[{"name": "_25._tcp.mx1.nl", "status": "nodata", "dnssec": "secure", "records": []}],
    )
    world.host(
        "mx2.nl",
        a_dnssec="secure",
        aaaa_dnssec="insecure",
        tlsa_lookups=[
            {"name": "_25._tcp.x.nl", "status": "found", "dnssec": "secure", "records": []},
            {"name": "_25._tcp.mx2.nl", "status": "error", "dnssec": "bogus", "records": []},
        ],
    )
    world.host("mx3.nl", a_dnssec="secure", aaaa_dnssec=None)
    world.host("mx4.nl", a_dnssec="indeterminate", aaaa_dnssec="secure")
    world.host("gone.nl", host_status="nxdomain", a_dnssec="secure")
    for host in ("mx1.nl", "mx2.nl", "mx3.nl", "mx4.nl", "gone.nl"):
        world.mx("a.nl", host)
    assert rows(world.census().ask("dnssec"), "what", "state", "count", "n", "unjudged") == [
        ("MX records", "bogus", 1, 3, 1),
        ("MX records", "insecure", 1, 3, 1),
        ("MX records", "secure", 1, 3, 1),
        ("MX host addresses", "secure", 2, 3, 1),
        ("MX host addresses", "insecure", 1, 3, 1),
        ("TLSA answers", "bogus", 1, 2, 0),
        ("TLSA answers", "secure", 1, 2, 0),
    ]  # fmt: skip


def test_ready(world: World) -> None:
    """MTA-STS: good.nl is ready, old.nl speaks TLS 1.1, mixed.nl has one bad certificate, quiet.nl is undecided. DANE: only good.nl's zone and
    hosts are signed. near.nl has matching TLSA below an unsigned zone."""

    def host(name: str, **values: object) -> None:
        world.host(name, **{"a_dnssec": "insecure", "aaaa_dnssec": "insecure", **values})

    host("mx.good.nl", a_dnssec="secure", aaaa_dnssec="secure")
    host("mx.old.nl")
    world.endpoint("mx.old.nl", tls_version=None, legacy_version="TLSv1.1")
    host("mx.bad.nl")
    host("mx.quiet.nl")
    host("mx.signed.nl", a_dnssec="secure", aaaa_dnssec="secure")
    world.domain("good.nl", mx_dnssec="secure")
    world.mx("good.nl", "mx.good.nl", pkix="valid")
    world.domain("old.nl", mx_dnssec="secure")
    world.mx("old.nl", "mx.old.nl", pkix="valid")
    world.domain("mixed.nl")
    world.mx("mixed.nl", "mx.good.nl", pkix="valid")
    world.mx("mixed.nl", "mx.bad.nl", pkix="cert-expired")
    world.domain("quiet.nl")
    world.mx("quiet.nl", "mx.quiet.nl", decided=False, starttls="unknown")
    world.domain("has.nl", sts_record="valid")
    world.mx("has.nl", "mx.good.nl", pkix="valid")
    world.domain("near.nl", dane_verdict="insecure", dane_insecure_cause="mx", mx_dnssec="insecure", sts_record="valid")
    world.mx("near.nl", "mx.signed.nl", dane="insecure", dane_host="match", pkix="cert-self-signed")
    world.domain("far.nl", dane_verdict="insecure", dane_insecure_cause="address", mx_dnssec="secure", sts_record="valid")
    world.mx("far.nl", "mx.bad.nl", dane="insecure", dane_host="insecure")
    assert rows(world.census().ask("ready"), "mechanism", "count", "n", "unjudged") == [
        ("mta-sts", 1, 3, 1),
        ("dane", 1, 4, 1),
        ("dane by signing", 1, 2, 0),
    ]
