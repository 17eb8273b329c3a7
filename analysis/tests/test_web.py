"""A policy without a web server: what each answer must be is worked out from how the world is made."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from world import World, rows

from mxcensus_analysis import Census
from mxcensus_analysis.preload import preload
from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.story import tell

VALID = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_max_age": 31536000, "sts_verdict": "pass"}


def name(text: str) -> bytes:
    """A name on the wire (RFC 1035 3.1)."""
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def message(domain: str, text: bytes, *, edns: bool, signature: int = 0) -> bytes:
    """A TXT answer, octet by octet: RFC 1035 4.1, with an OPT record of RFC 6891 6.1.2 and an RRSIG of RFC 4034 3.1."""
    header = struct.pack("!6H", 1, 0x8180, 1, 1 + bool(signature), 0, int(edns))
    question = name(f"_mta-sts.{domain}") + struct.pack("!HH", 16, 1)
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)] or [b""]
    strings = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    record = struct.pack("!HHHIH", 0xC00C, 16, 1, 300, len(strings)) + strings
    signed = struct.pack("!HBBIIIH", 16, 13, 3, 300, 0, 0, 0) + name(domain) + bytes(signature)
    rrsig = struct.pack("!HHHIH", 0xC00C, 46, 1, 300, len(signed)) + signed if signature else b""
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0) if edns else b""
    return header + question + record + rrsig + opt


def policy(world: World, domain: str, body: bytes, **judged: Any) -> None:
    world.domain(domain, **(VALID | {"sts_mx_patterns": ["mx.nl"]} | judged))
    world.policy(domain, policy_body=body)


def last_that_fits(domain: str, room: int, **how: Any) -> int:
    """The longest text whose message fits."""
    return max(octets for octets in range(1400) if len(message(domain, b"x" * octets, **how)) <= room)


@pytest.mark.parametrize(
    ("carrier", "room", "how"),
    [
        ("answer of 512", 512, {"edns": False}),
        ("answer of 1,232", 1232, {"edns": True}),
        ("signed answer of 1,232", 1232, {"edns": True, "signature": 64}),
    ],
)
@pytest.mark.parametrize("domain", ["a.nl", "a-longer-name.of-several.labels.example"])
def test_messages_are_counted_to_the_octet(world: World, domain: str, carrier: str, room: int, how: dict[str, Any]) -> None:
    """A body that fills the message, and one that is an octet longer."""
    fits = last_that_fits(domain, room, **how)
    for index, octets in enumerate((fits, fits + 1)):
        policy(world, f"{domain[:-1]}{index}", b"x" * octets)
    answer = world.census().ask("policy_in_dns").where(text="as served", carrier=carrier)
    assert rows(answer, "count", "n", "most_octets") == [(1, 2, len(message(domain, b"x" * (fits + 1), **how)))]


def test_one_string_holds_255(world: World) -> None:
    """Bodies of 255 and 256 octets; as records both are short. A truncated body and one that was not asked for are in no share."""
    policy(world, "a.nl", b"x" * 255)
    policy(world, "b.nl", b"x" * 256, sts_mx_patterns=["mx.one.nl", "*.two.nl"])
    policy(world, "c.nl", b"x")
    world.rows["policies"][-1]["policy_body_truncated"] = True
    world.domain("d.nl", sts_record="valid", sts_policy="unknown", sts_verdict="indeterminate")
    census = world.census()
    assert rows(census.ask("policy_in_dns").where(carrier="one string of 255"), "text", "count", "n", "unjudged") == [
        ("as served", 1, 2, 1),
        ("as a record", 2, 2, 1),
    ]
    longest = "v=STSv1; mode=enforce; max_age=31536000; mx=mx.one.nl; mx=*.two.nl;"
    assert census.ask("policy_in_dns").one("most_octets", text="as a record", carrier="one string of 255") == len(longest)
    assert census.ask("policy_in_dns").one("most_octets", text="as a record", carrier="answer of 512") == len(
        message("b.nl", longest.encode(), edns=False)
    )


def grounds(world: World, domain: str, *, record: str | None, host: str, mx: str, mx_host: str, seen: Any = None, **judged: Any) -> None:
    """A domain with a valid policy, and how the DNS is signed that it hangs on."""
    world.domain(domain, seen={"sts_txt_dnssec": record, **(seen or {})}, **(VALID | {"mx_dnssec": mx} | judged))
    world.policy(domain, policy_address_dnssec=host)
    world.host(f"mx.{domain}", a_dnssec=mx_host, aaaa_dnssec=mx_host)
    world.mx(domain, f"mx.{domain}", sts="pass", pkix="valid")


@pytest.fixture
def signed(world: World) -> World:
    """One domain per way to be signed. testing.nl does not enforce; short.nl promises a week; unknown.nl was not asked with DNSSEC."""
    yes, no = "secure", "insecure"
    grounds(world, "all.nl", record=yes, host=yes, mx=yes, mx_host=yes, dane_verdict="pass")
    grounds(world, "reach.nl", record=yes, host=yes, mx=yes, mx_host=yes)
    grounds(world, "hosted.nl", record=yes, host=no, mx=yes, mx_host=no)
    # Signed at both ends of an alias that is not: whoever forges the alias forges the record.
    grounds(world, "alias.nl", record=yes, host=yes, mx=no, mx_host=no, seen={"sts_txt_cnames": [{"target": "r.net", "dnssec": no}]})
    grounds(world, "none.nl", record=no, host=no, mx=no, mx_host=no)
    grounds(world, "testing.nl", record=no, host=no, mx=no, mx_host=yes, sts_mode="testing")
    grounds(world, "short.nl", record=no, host=yes, mx=no, mx_host=no, sts_max_age=604800)
    grounds(world, "fails.nl", record=no, host=no, mx=no, mx_host=no, sts_verdict="fail")
    grounds(world, "unknown.nl", record=None, host=yes, mx=yes, mx_host=yes)
    grounds(world, "moot.nl", record=yes, host=yes, mx=yes, mx_host="indeterminate")
    world.domain("broken.nl", sts_record="valid", sts_policy="invalid", sts_verdict="broken")
    world.policy("broken.nl", policy_address_dnssec="secure")
    return world


def test_signed_policies(signed: World) -> None:
    assert rows(signed.census().ask("signed_policies"), "signed", "count", "n", "dane", "unjudged") == [
        ("record", 3, 8, 1, 2),
        ("record and policy host", 2, 8, 1, 2),
        ("record, policy host and MX", 2, 8, 1, 2),
        ("everything", 2, 8, 1, 2),
    ]


def test_https_alone(signed: World) -> None:
    """alias.nl, none.nl, testing.nl, short.nl and fails.nl; of these three enforce and are in order."""
    assert rows(signed.census().ask("https_alone"), "policy", "dane", "count", "n", "in_force", "unjudged") == [
        ("https alone", "holds", 0, 8, 0, 2),
        ("https alone", "within reach", 0, 8, 0, 2),
        ("https alone", "domain not signed", 5, 8, 3, 2),
        ("https alone", "mx hosts not signed", 0, 8, 0, 2),
        ("signed dns too", "holds", 1, 8, 1, 2),
        ("signed dns too", "within reach", 1, 8, 1, 2),
        ("signed dns too", "domain not signed", 0, 8, 0, 2),
        ("signed dns too", "mx hosts not signed", 1, 8, 1, 2),
    ]


def test_preload(signed: World) -> None:
    """alias.nl and none.nl are left."""
    census = signed.census()
    assert rows(census.ask("preload"), "step", "count", "n", "unjudged") == [
        ("https alone", 5, 8, 2),
        ("mode enforce", 4, 8, 2),
        ("in order", 3, 8, 2),
        ("max_age of a year", 2, 8, 2),
    ]
    assert Census.open_many([signed.folder]).preload().select("step", "count", "n", "unjudged").rows() == [
        ("never failed", 2, 2, 0),
        ("in order in every crawl", 2, 2, 0),
    ]


def test_preload_by_hand() -> None:
    """a was always in order; b failed once; c came later; d was undecided once; e is no candidate."""
    seen = [
        {"a": "pass", "b": "broken", "d": "indeterminate", "e": "pass"},
        {"a": "pass", "b": "pass", "c": "pass", "d": "pass", "e": "pass"},
    ]
    frame = preload({"a", "b", "c", "d"}, seen)
    assert frame.rows() == [("never failed", 3, 4, 0.75, 2), ("in order in every crawl", 1, 4, 0.25, 2)]
    assert preload(set(), seen).rows() == [("never failed", 0, 0, None, 0), ("in order in every crawl", 0, 0, None, 0)]


def test_preload_asks_the_crawls_before(tmp_path: Path) -> None:
    """Of two candidates one failed a month before; the report says so."""
    then, now = World(tmp_path / "then"), World(tmp_path / "now")
    then.manifest["runs"][0]["start"] = "2026-10-01T00:00:00Z"
    for world in (then, now):
        for domain in ("a.nl", "b.nl"):
            failed = {"sts_verdict": "fail"} if world is then and domain == "b.nl" else {}
            grounds(world, domain, record="insecure", host="insecure", mx="insecure", mx_host="insecure", **failed)
    series = Census.open_many([then.write(), now.write()])
    assert series.preload()["count"].to_list() == [1, 1]
    report = tell(Facts(series.crawls[1], series.crawls[0]))
    shown = next(figure for section in report.sections for figure in section.figures if figure.questions == ["preload"])
    assert shown.finding.endswith("In 2 crawls 1 of them never failed, and 1 was in order each time.")
    assert shown.chart is not None
    assert "never failed (2 crawls): 50.0% (1)" in shown.chart.words()


def test_record_operators(world: World) -> None:
    """own.nl has both at home, hosted.nl both at one operator; of two whose policy host alone is let out one fails; two.nl trusts two parties."""
    alias = {"own.nl": (None, None), "hosted.nl": ("r.sts.net", "p.sts.net"), "let.nl": (None, "p.sts.net"), "lost.nl": (None, "p.sts.net"),
             "back.nl": ("r.sts.net", None), "two.nl": ("r.sts.net", "p.other.org"), "ours.nl": (None, "p.sts.net")}  # fmt: skip
    for index, (domain, (record, host)) in enumerate(alias.items()):
        judged = dict(VALID)
        if domain == "lost.nl":
            judged |= {"sts_policy": "unfetchable", "sts_verdict": "broken", "sts_failure_stage": "tls", "sts_failure": "cert-expired"}
        if domain == "ours.nl":
            judged |= {"sts_policy": "unknown", "sts_verdict": "indeterminate"}
        seen = {"sts_txt_cnames": [{"target": record, "dnssec": "insecure"}]} if record else None
        world.domain(domain, seen=seen, **judged)
        world.policy(domain, policy_ip=f"192.0.2.{index}", policy_cnames=[{"target": host, "dnssec": "insecure"}] if host else [])
    assert rows(world.census().ask("record_operators"), "operators", "count", "n", "failing", "unjudged") == [
        ("both the domain itself", 1, 6, 0, 1),
        ("both one operator", 1, 6, 0, 1),
        ("record the domain, policy an operator", 2, 6, 1, 1),
        ("record an operator, policy the domain", 1, 6, 0, 1),
        ("two operators", 1, 6, 0, 1),
    ]


def test_fetch_failures(world: World) -> None:
    """One failure per step; tls.nl's MX host would fail as well. A policy text that is none, and a limit of our own, are no failures of the fetch."""
    for stage, failure in (("dns", "nxdomain"), ("connect", "connect-refused"), ("tls", "cert-expired"), ("http", "http-status")):
        world.domain(
            f"{stage}.nl", sts_record="valid", sts_policy="unfetchable", sts_verdict="broken", sts_failure_stage=stage, sts_failure=failure
        )
        world.mx(f"{stage}.nl", f"mx.{stage}.nl", pkix="cert-expired" if stage == "tls" else "valid")
    world.domain(
        "text.nl", sts_record="valid", sts_policy="invalid", sts_verdict="broken", sts_failure_stage="policy", sts_failure="policy-mode"
    )
    world.domain("good.nl", **VALID)
    world.domain("ours.nl", sts_record="valid", sts_policy="unknown", sts_verdict="indeterminate")
    world.domain("record.nl", sts_record="invalid", sts_verdict="broken", sts_failure_stage="record", sts_failure="record-id-missing")
    assert rows(world.census().ask("fetch_failures"), "what", "count", "n", "unjudged") == [
        ("name of the policy host", 1, 6, 1),
        ("connection", 1, 6, 1),
        ("TLS and certificate", 1, 6, 1),
        ("HTTP", 1, 6, 1),
        ("at the web server", 4, 6, 1),
        ("only there", 3, 6, 1),
    ]
