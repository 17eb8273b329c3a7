"""What senders would do, how long they are exposed, whom they must trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from world import World, rows

STS = {"sts_record": "valid", "sts_policy": "valid", "sts_mode": "enforce", "sts_verdict": "pass"}
DAY = 86400


def test_senders(world: World) -> None:
    """An enforced policy that fails at every host: MTA-STS refuses, DANE (none) encrypts. One domain is undecided for everybody."""
    world.domain("sts.nl", outcome_mta_sts="refused", outcome_both="refused")
    world.domain("dane.nl", outcome_dane="authenticated", outcome_dane_insecure_mx="authenticated", outcome_both="authenticated")
    world.domain(
        "clear.nl", **{f"outcome_{sender}": "plaintext" for sender in ("opportunistic", "mta_sts", "dane", "dane_insecure_mx", "both")}
    )
    world.domain("unknown.nl", mx_status="error")
    world.domain("null.nl", mx_status="null")
    assert rows(world.census().ask("senders"), "sender", "outcome", "count", "n", "unjudged") == [
        ("opportunistic", "encrypted", 2, 3, 1),
        ("opportunistic", "plaintext", 1, 3, 1),
        ("mta-sts", "encrypted", 1, 3, 1),
        ("mta-sts", "plaintext", 1, 3, 1),
        ("mta-sts", "refused", 1, 3, 1),
        ("dane", "authenticated", 1, 3, 1),
        ("dane", "encrypted", 1, 3, 1),
        ("dane", "plaintext", 1, 3, 1),
        ("dane, insecure mx too", "authenticated", 1, 3, 1),
        ("dane, insecure mx too", "encrypted", 1, 3, 1),
        ("dane, insecure mx too", "plaintext", 1, 3, 1),
        ("both", "authenticated", 1, 3, 1),
        ("both", "plaintext", 1, 3, 1),
        ("both", "refused", 1, 3, 1),
    ]


def test_protection(world: World) -> None:
    world.domain("a.nl", protection_mta_sts="after-first-contact", protection_both="after-first-contact")
    world.domain("b.nl", protection_dane="always", protection_both="always")
    world.domain("c.nl", protection_dane="indeterminate", protection_both="indeterminate")
    assert rows(world.census().ask("protection"), "mechanism", "protection", "count", "n", "unjudged") == [
        ("mta-sts", "after-first-contact", 1, 3, 0),
        ("mta-sts", "never", 2, 3, 0),
        ("dane", "always", 1, 2, 1),
        ("dane", "never", 1, 2, 1),
        ("both", "always", 1, 2, 1),
        ("both", "after-first-contact", 1, 2, 1),
    ]


def test_mode_max_age(world: World) -> None:
    for index, (mode, max_age) in enumerate(
        [("enforce", 0), ("enforce", DAY), ("enforce", DAY), ("testing", 7 * DAY), ("none", 365 * DAY)]
    ):
        world.domain(f"d{index}.nl", **{**STS, "sts_mode": mode}, sts_max_age=max_age)
    world.domain("u.nl", sts_record="valid", sts_policy="unknown")
    world.domain("b.nl", sts_record="multiple", sts_policy="valid", sts_mode="enforce", sts_max_age=1)
    assert rows(world.census().ask("mode_max_age"), "mode", "max_age", "count", "n", "unjudged") == [
        ("enforce", "0", 1, 5, 1),
        ("enforce", "1 to 6 days", 2, 5, 1),
        ("testing", "1 to 3 weeks", 1, 5, 1),
        ("none", "6 months to a year", 1, 5, 1),
    ]


def test_first_contact(world: World) -> None:
    """max_age of half a day never covers daily mail; of ten days it covers daily (lives for 11 messages) and weekly (2) mail, not monthly."""
    world.domain("short.nl", sts_max_age=DAY // 2, seen={"sts_txt_ttl": 300}, **STS)
    world.domain("long.nl", sts_max_age=10 * DAY, seen={"sts_txt_ttl": 2 * DAY}, **STS)
    world.domain("testing.nl", **{**STS, "sts_mode": "testing"}, sts_max_age=1)
    lazy = world.census().ask("first_contact")
    assert rows(lazy, "mail", "count", "n") == [("daily", 1, 2), ("weekly", 1, 2), ("monthly", 2, 2)]
    assert lazy.frame["mean_exposed"].to_list() == pytest.approx([(1 + 1 / 11) / 2, (1 + 1 / 2) / 2, 1.0])
    assert lazy.one("shield_days", mail="daily") == pytest.approx((0.5 + 10) / 2)
    assert lazy.one("lag_days", mail="daily") == pytest.approx((1 + 2) / 2)
    eager = world.census().ask("first_contact", refresh="eager", horizon_days=70)
    assert eager.frame["mean_exposed"].to_list() == pytest.approx([(1 + 1 / 70) / 2, (1 + 1 / 10) / 2, 1.0])


def test_unsigned_dns(world: World) -> None:
    for index, (record, host) in enumerate([("secure", "secure"), ("insecure", "secure"), ("insecure", "insecure"), ("insecure", None)]):
        world.domain(f"d{index}.nl", seen={"sts_txt_dnssec": record}, **STS)
        world.policy(f"d{index}.nl", policy_address_dnssec=host)
    assert rows(world.census().ask("unsigned_dns"), "signed", "count", "n", "unjudged") == [
        ("record and policy host", 1, 3, 1),
        ("record only", 0, 3, 1),
        ("policy host only", 1, 3, 1),
        ("neither", 1, 3, 1),
    ]


def test_https_cost(world: World) -> None:
    for index, factor in enumerate((1, 2, 3)):
        world.domain(f"d{index}.nl", **STS)
        world.policy(
            f"d{index}.nl",
            policy_dns_ms=10.0 * factor,
            policy_connect_ms=20.0 * factor,
            policy_tls_ms=30.0 * factor,
            policy_http_ms=40.0 * factor,
        )
    world.policy("failed.nl", policy_stage="connect", policy_error="connect-timeout", policy_dns_ms=1000.0)
    world.policy("skipped.nl", policy_stage="skipped", policy_error="budget")
    found = world.census().ask("https_cost")
    assert rows(found, "phase", "median_ms", "n", "unjudged") == [
        ("dns", 20.0, 3, 1),
        ("connect", 40.0, 3, 1),
        ("tls", 60.0, 3, 1),
        ("http", 80.0, 3, 1),
        ("https", 180.0, 3, 1),
        ("whole", 200.0, 3, 1),
    ]  # fmt: skip
    assert found.one("share", phase="https") == pytest.approx(0.9)


def _root(name: str) -> tuple[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Trust Inc"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, start, start + timedelta(days=9))
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.fingerprint(hashes.SHA256()).hex(), certificate.public_bytes(Encoding.PEM)


@pytest.fixture
def rooted(world: World) -> World:
    """Roots A and B. Policies: a, b, d, e hang on A alone, c on A or B. Mail: a has two hosts on A alone; b one on A, one on B; c one on A or B; d one
    on B alone; e is in testing, so nothing is refused."""
    (a, pem_a), (b, pem_b) = _root("Root A"), _root("Root B")
    world.roots = pem_a + b"not PEM\n" + pem_b
    world.anchors = {"A": a, "B": b}  # type: ignore[attr-defined]
    domains = {
        "a.nl": ([a], [[a], [a]]),
        "b.nl": ([a], [[a], [b]]),
        "c.nl": ([a, b], [[a, b]]),
        "d.nl": ([a], [[b]]),
        "e.nl": ([a], [[a]]),
    }
    for domain, (policy, hosts) in domains.items():
        world.domain(domain, policy_anchors=policy, **{**STS, "sts_mode": "testing" if domain == "e.nl" else "enforce"})
        for index, anchors in enumerate(hosts):
            world.mx(domain, f"mx{index}.{domain}", sts="pass", anchors=anchors)
    world.mx("a.nl", "bad.a.nl", sts="fail", anchors=[b])
    return world


def test_fetch_roots(rooted: World) -> None:
    """Roots A and B carry policies and mail. Of two more one carries a policy that does not enforce, and one nothing."""
    (policies, pem), (_, pem_of_nothing) = _root("For policies"), _root("For nothing")
    rooted.roots += pem + pem_of_nothing
    rooted.domain("p.nl", **{**STS, "sts_mode": "testing"}, policy_anchors=[policies])
    rooted.mx("p.nl", "mx.p.nl", sts="pass", anchors=[policies])
    assert rows(rooted.census().ask("fetch_roots"), "used_for", "count", "n", "unjudged") == [
        ("policies", 3, 4, 0),
        ("mail", 2, 4, 0),
        ("policies alone", 1, 4, 0),
        ("neither", 1, 4, 0),
    ]


def test_roots(rooted: World) -> None:
    found = rooted.census().ask("roots")
    columns = ("root", "organisation", "policies", "count", "n", "mail", "mail_refused", "mail_degraded", "n_mail")
    assert rows(found, *columns) == [
        ("Root A", "Trust Inc", 5, 4, 5, 3, 1, 1, 4),
        ("Root B", "Trust Inc", 1, 0, 5, 3, 1, 1, 4),
    ]


def test_a_root_that_is_in_no_store_goes_by_its_fingerprint(world: World) -> None:
    world.domain("a.nl", policy_anchors=["ab" * 32], **STS)
    assert rows(world.census().ask("roots"), "root", "count") == [("ab" * 8, 1)]


def test_root_curve(rooted: World) -> None:
    """A is used by all five domains and goes first: a.nl falls (its failing host on B does not count). With B gone too everything falls."""
    assert rows(rooted.census().ask("root_curve"), "roots", "root", "count", "n", "policies", "n_policies") == [
        (1, "Root A", 1, 4, 4, 5),
        (2, "Root B", 4, 4, 5, 5),
    ]
